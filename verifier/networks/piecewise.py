"""Sawtooth structures: exact piecewise-affine functions of one variable, listed piece by piece."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import compress
from operator import ne

from verifier.errors import BadInput
from verifier.networks.activations import Activation, Affine, Cut


@dataclass(frozen=True)
class Sawtooth:
    """A function from an interval to vectors, affine on each of finitely many pieces.

    The pieces partition the domain from left to right; between piece i and piece i + 1 lies cut
    i, at ``numerators[i] / denominators[i]``, owned by piece i if ``closed[i]`` and by piece
    i + 1 if not. Output j on piece i is ``(slopes[j][i] x + intercepts[j][i]) / scale``.
    Integers rather than fractions, so that a million pieces stay cheap.

    Parameters
    ----------
    low, high:
        The ends of the domain, which they belong to; None if it is unbounded there.
    """

    low: Fraction | None
    high: Fraction | None
    numerators: tuple[int, ...]
    denominators: tuple[int, ...]
    closed: tuple[bool, ...]
    scale: int
    slopes: tuple[tuple[int, ...], ...]
    intercepts: tuple[tuple[int, ...], ...]

    @property
    def count(self) -> int:
        """The number of pieces."""
        return len(self.numerators) + 1

    @property
    def outputs(self) -> int:
        """The number of outputs."""
        return len(self.slopes)

    @cached_property
    def cuts(self) -> tuple[Cut, ...]:
        """The cuts between the pieces."""
        places = map(Fraction, self.numerators, self.denominators)
        return tuple(map(Cut, places, self.closed))

    @property
    def breakpoints(self) -> tuple[Fraction, ...]:
        """The places of the cuts; one that comes twice encloses a single-point piece."""
        return tuple(cut.at for cut in self.cuts)

    def forms(self, piece: int) -> tuple[Affine, ...]:
        """Return the affine function of each output on a piece."""
        return tuple(
            Affine(Fraction(slope[piece], self.scale), Fraction(intercept[piece], self.scale))
            for slope, intercept in zip(self.slopes, self.intercepts, strict=True)
        )

    def index(self, x: Fraction) -> int:
        """Return the number, from 0, of the piece that owns ``x``."""
        return bisect_left(self.cuts, Cut(x, True))

    def __call__(self, x: Fraction) -> tuple[Fraction, ...]:
        """Return the outputs at ``x``.

        Raises
        ------
        BadInput
            If ``x`` is outside the domain.
        """
        if (self.low is not None and x < self.low) or (self.high is not None and x > self.high):
            raise BadInput("point", f"expected a point of the domain, found {x}")
        return tuple(form(x) for form in self.forms(self.index(x)))

    def is_point(self, piece: int) -> bool:
        """Say whether a piece is a single point."""
        left, right = self.left_end(piece), self.right_end(piece)
        return left is not None and left == right

    def left_end(self, piece: int) -> Fraction | None:
        """Return the left end of a piece, None if it is unbounded."""
        return self.place(piece - 1) if piece else self.low

    def right_end(self, piece: int) -> Fraction | None:
        """Return the right end of a piece, None if it is unbounded."""
        return self.place(piece) if piece < len(self.numerators) else self.high

    def place(self, cut: int) -> Fraction:
        """Return the place of a cut."""
        return Fraction(self.numerators[cut], self.denominators[cut])

    def inner_point(self, piece: int) -> Fraction:
        """Return a point inside a piece, or its only one."""
        return inside(self.left_end(piece), self.right_end(piece), Fraction(1, 2))

    @cached_property
    def has_points(self) -> bool:
        """Whether some piece is a single point."""
        p, q = self.numerators, self.denominators
        if any(a == b and c == d for a, b, c, d in zip(p, p[1:], q, q[1:], strict=False)):
            return True
        return self.is_point(0) or self.is_point(self.count - 1)

    def jumps(self) -> Iterator[Jump]:
        """Yield the places where the function is not continuous, from left to right.

        >>> from verifier.networks.activations import STEP
        >>> next(sawtooth_of(STEP).jumps()).right
        (Fraction(1, 1),)
        """
        last = None
        for i, (p, q) in enumerate(zip(self.numerators, self.denominators, strict=True)):
            if any(
                (slope[i] - slope[i + 1]) * p + (intercept[i] - intercept[i + 1]) * q
                for slope, intercept in zip(self.slopes, self.intercepts, strict=True)
            ):
                at = Fraction(p, q)
                if at != last:
                    yield self.jump(at)
                last = at

    def jump(self, at: Fraction) -> Jump:
        """Return the value at a place and the limits from both sides."""
        left, right = self.index_of(Cut(at, False)), self.index_of(Cut(at, True), after=True)
        limits = [
            None if self.is_point(piece) else tuple(form(at) for form in self.forms(piece))
            for piece in (left, right)
        ]
        return Jump(at, limits[0], self(at), limits[1])

    def index_of(self, cut: Cut, after: bool = False) -> int:
        """Return the piece just before a place in the order of cuts, or just after it."""
        return bisect_right(self.cuts, cut) if after else bisect_left(self.cuts, cut)

    def image_hull(self) -> tuple[Fraction | None, Fraction | None]:
        """Return the least closed interval around all values of the first output.

        >>> from verifier.networks.activations import HARDTANH
        >>> sawtooth_of(HARDTANH).image_hull()
        (Fraction(-1, 1), Fraction(1, 1))
        """
        lows: list[Fraction | None] = []
        highs: list[Fraction | None] = []
        for piece in range(self.count):
            form = self.forms(piece)[0]
            ends = (self.left_end(piece), self.right_end(piece))
            values = [
                form.intercept if not form.slope else None if end is None else form(end)
                for end in (ends if form.slope >= 0 else ends[::-1])
            ]
            lows.append(values[0])
            highs.append(values[1])
        low = None if None in lows else min(value for value in lows if value is not None)
        high = None if None in highs else max(value for value in highs if value is not None)
        return low, high

    def merged(self) -> Sawtooth:
        """Return the same function with as few pieces as possible.

        Going from left to right, a piece swallows the next one while the function stays affine
        on both together. That greedy choice is optimal, because a function affine on an interval
        is affine on every part of it. A single point fits every piece that takes its value there.

        >>> from verifier.networks.activations import Activation
        >>> zero = Affine(Fraction(0), Fraction(0))
        >>> two = Activation("pieces", (Cut(Fraction(1), True),), (zero, zero))
        >>> sawtooth_of(two).merged().count
        1
        """
        if self.has_points:
            return self.merged_with_points()
        differs = [False] * (self.count - 1)
        for column in (*self.slopes, *self.intercepts):
            changes = map(ne, column, column[1:])
            differs = [known or change for known, change in zip(differs, changes, strict=True)]
        return self.keep(differs, [0, *compress(range(1, self.count), differs)])

    def merged_with_points(self) -> Sawtooth:
        """Merge greedily where some pieces are single points."""
        kept, chosen = [], [0]
        for i in range(1, self.count):
            joins = self.agree(chosen[-1], i)
            kept.append(not joins)
            if not joins:
                chosen.append(i)
            elif self.is_point(chosen[-1]):
                chosen[-1] = i
        return self.keep(kept, chosen)

    def agree(self, left: int, right: int) -> bool:
        """Say whether one affine function fits both pieces."""
        for single in (left, right):
            if self.is_point(single):
                x = self.inner_point(single)
                values = [[form(x) for form in self.forms(piece)] for piece in (left, right)]
                return values[0] == values[1]
        return self.forms(left) == self.forms(right)

    def keep(self, kept: list[bool], chosen: list[int]) -> Sawtooth:
        """Return the function with only the kept cuts; ``chosen`` gives the pieces' forms."""
        if all(kept):
            return self
        return replace(
            self,
            numerators=tuple(compress(self.numerators, kept)),
            denominators=tuple(compress(self.denominators, kept)),
            closed=tuple(compress(self.closed, kept)),
            slopes=tuple(tuple(map(column.__getitem__, chosen)) for column in self.slopes),
            intercepts=tuple(tuple(map(column.__getitem__, chosen)) for column in self.intercepts),
        )


@dataclass(frozen=True)
class Pieces:
    """The exact pieces of a network of one variable.

    Parameters
    ----------
    refinement:
        The output on a partition on whose cells every unit is affine: what a checker needs.
    function:
        The output with as few pieces as possible.
    """

    refinement: Sawtooth
    function: Sawtooth


@dataclass(frozen=True)
class Jump:
    """A discontinuity: limits from both sides (None at an end of the domain) and the value."""

    at: Fraction
    left: tuple[Fraction, ...] | None
    value: tuple[Fraction, ...]
    right: tuple[Fraction, ...] | None


def sawtooth_of(activation: Activation) -> Sawtooth:
    """Return an activation as a function on the whole line.

    >>> from verifier.networks.activations import ABS
    >>> sawtooth_of(ABS)(Fraction(-1, 2))
    (Fraction(1, 2),)
    """
    scale, slopes, intercepts = activation.scaled
    return Sawtooth(
        None,
        None,
        tuple(cut.at.numerator for cut in activation.cuts),
        tuple(cut.at.denominator for cut in activation.cuts),
        tuple(cut.closed for cut in activation.cuts),
        scale,
        (slopes,),
        (intercepts,),
    )


def first_difference(left: Sawtooth, right: Sawtooth) -> Fraction | None:
    """Return a point where two functions on one domain differ, or None if they are equal.

    Raises
    ------
    ValueError
        If the domains or the numbers of outputs differ.

    Examples
    --------
    >>> from verifier.networks.activations import ABS, RELU
    >>> first_difference(sawtooth_of(ABS), sawtooth_of(RELU))
    Fraction(-1, 1)
    """
    if (left.low, left.high, left.outputs) != (right.low, right.high, right.outputs):
        raise ValueError("expected functions on one domain with equally many outputs")
    i = j = 0
    start = left.low
    while True:
        # The common part of piece i and piece j, up to the earlier of the two next cuts.
        cut = min((*left.cuts[i : i + 1], *right.cuts[j : j + 1]), default=None)
        end = left.high if cut is None else cut.at
        at = difference_on(left.forms(i), right.forms(j), start, end)
        if at is not None:
            return at
        if cut is None:
            return None
        start = cut.at
        i, j = i + (left.cuts[i : i + 1] == (cut,)), j + (right.cuts[j : j + 1] == (cut,))


def difference_on(
    left: tuple[Affine, ...],
    right: tuple[Affine, ...],
    start: Fraction | None,
    end: Fraction | None,
) -> Fraction | None:
    """Return a point where two affine functions differ, inside an interval or its only one."""
    if left == right:
        return None
    # Different affine functions agree in at most one point, so one of two inner points will do.
    for share in (Fraction(1, 2), Fraction(1, 3)):
        x = inside(start, end, share)
        if [form(x) for form in left] != [form(x) for form in right]:
            return x
    return None


def inside(start: Fraction | None, end: Fraction | None, share: Fraction) -> Fraction:
    """Return a point inside an interval, or its only one; different shares, different points."""
    if start is None:
        return 1 - 2 * share if end is None else end - 2 * share
    return start + 2 * share if end is None else start + share * (end - start)
