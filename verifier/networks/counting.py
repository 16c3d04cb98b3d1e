"""Counting the pieces of an iterated map without listing them.

For a piecewise-affine map f of the line, cut an interval I at the breakpoints of f into parts
J. On a part where f is constant f^n is constant; on any other, f is an affine bijection onto the
image f(J), so that f^n has as many pieces on J as f^(n-1) has on f(J). Only few intervals come up
as images, so all counts follow from a small system of recurrences.

Where two parts meet, one affine function may fit both neighbours. Whether it does follows from
the limits and slopes of f^n at that breakpoint from both sides, and its value there, all of
which come from following three orbits. Hence the count is the least possible one, exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from math import gcd
from typing import Final, NamedTuple

from verifier.errors import BadInput, LimitReached
from verifier.networks.activations import Affine, Cut
from verifier.networks.model import Layer, Network
from verifier.networks.pieces import pieces_of
from verifier.networks.piecewise import Sawtooth

WORK_LIMIT: Final = 2_000_000


@dataclass(frozen=True)
class Iteration:
    """A network that is ``cell`` iterated ``times`` times, then an injective affine read-out.

    ``read_out`` is None if there is none.
    """

    cell: Network
    times: int
    read_out: Layer | None = None


class Interval(NamedTuple):
    """An interval; an end that is None is infinite, ``owns_low`` and so on say what is closed."""

    low: Fraction | None
    high: Fraction | None
    owns_low: bool
    owns_high: bool

    @property
    def is_point(self) -> bool:
        """Whether the interval is a single point."""
        return self.low is not None and self.low == self.high

    def image(self, form: Affine) -> Interval:
        """Return the image under an affine function that is not constant."""
        low = None if self.low is None else form(self.low)
        high = None if self.high is None else form(self.high)
        if form.slope > 0:
            return Interval(low, high, self.owns_low, self.owns_high)
        return Interval(high, low, self.owns_high, self.owns_low)


class Joint(NamedTuple):
    """Where two parts of an interval meet: at which cut of the map, and what is a point.

    ``left_is_point`` says that all of the interval left of the cut is a point, ``right_is_point``
    that the next part is.
    """

    cut: int
    left_is_point: bool
    right_is_point: bool


@dataclass(frozen=True)
class Split:
    """An interval cut at the map's breakpoints: the images of its parts, and the joints.

    An image is the number of an interval, or None where every iterate has one piece.
    """

    images: tuple[int | None, ...]
    joints: tuple[Joint, ...]


@dataclass(frozen=True)
class IterateCount:
    """The exact number of pieces of an iterated map, and the recurrences it follows from.

    Interval 0 is the domain; ``splits[i]`` says how interval i splits. Intervals that are met
    only after the last step have no split.
    """

    cell: Sawtooth
    times: int
    count: int
    intervals: tuple[Interval, ...]
    splits: dict[int, Split]


def count_iterate(
    cell: Network, times: int, low: Fraction | None = None, high: Fraction | None = None
) -> IterateCount:
    """Return the least number of pieces of ``cell`` iterated ``times`` times on [low, high].

    Examples
    --------
    >>> from verifier.networks.lecture import skewed_tent
    >>> count = count_iterate(skewed_tent(Fraction(1, 3)), 1000, Fraction(0), Fraction(1)).count
    >>> count == 2**1000
    True

    Raises
    ------
    BadInput
        If the cell does not map one number to one number, or low > high, or times < 1.
    LimitReached
        If too many different intervals come up as images.
    """
    if (cell.inputs, cell.outputs) != (1, 1):
        raise BadInput("cell", "expected one input and one output")
    if times < 1:
        raise BadInput("iteration", f"expected at least 1 copy, found {times}")
    if low is not None and high is not None and low > high:
        raise BadInput("interval", f"expected A <= B, found {low} > {high}")
    function = pieces_of(cell).function
    domain = Interval(low, high, low is not None, high is not None)
    intervals, splits, levels = explore(function, times, domain)
    counts = dict.fromkeys(levels[times], 1)
    germs = Germs(function)
    for n in range(1, times + 1):
        germs.advance()
        fused: dict[Joint, bool] = {}
        counts = {
            i: sum(1 if image is None else counts[image] for image in splits[i].images)
            - sum(germs.fuse(joint, fused) for joint in splits[i].joints)
            for i in levels[times - n]
        }
    return IterateCount(function, times, counts[0], tuple(intervals), splits)


def explore(
    function: Sawtooth, times: int, domain: Interval
) -> tuple[list[Interval], dict[int, Split], list[list[int]]]:
    """Return all intervals that are images of the domain, how they split, and the levels.

    Level t lists the intervals met after exactly t steps; interval 0 is the domain.
    """
    numbers = {domain: 0}
    intervals, splits, levels = [domain], dict[int, Split](), [[0]]
    forms = [function.forms(piece)[0] for piece in range(function.count)]
    work = 0
    for _ in range(times):
        level: dict[int, None] = {}
        for i in levels[-1]:
            if i not in splits:
                parts, joints = split(function, intervals[i])
                images: list[int | None] = []
                for piece, part in parts:
                    if part.is_point or not forms[piece].slope:
                        images.append(None)
                        continue
                    image = part.image(forms[piece])
                    if numbers.setdefault(image, len(intervals)) == len(intervals):
                        intervals.append(image)
                    images.append(numbers[image])
                splits[i] = Split(tuple(images), tuple(joints))
            level |= dict.fromkeys(image for image in splits[i].images if image is not None)
        work += len(level)
        if work > WORK_LIMIT:
            raise LimitReached("too many different intervals come up; lower the iterate")
        levels.append(list(level))
    return intervals, splits, levels


def split(function: Sawtooth, interval: Interval) -> tuple[list[tuple[int, Interval]], list[Joint]]:
    """Cut an interval at the breakpoints; return (piece, part) pairs, and where parts meet."""
    cuts = function.cuts
    low, high = interval.low, interval.high
    first = 0 if low is None else sum(cut <= Cut(low, not interval.owns_low) for cut in cuts)
    last = len(cuts)
    if high is not None:
        last = sum(cut < Cut(high, interval.owns_high) for cut in cuts)
    parts, left, owns_left = [], low, interval.owns_low
    for number in range(first, last):
        cut = cuts[number]
        parts.append((number, Interval(left, cut.at, owns_left, cut.closed)))
        left, owns_left = cut.at, not cut.closed
    parts.append((last, Interval(left, high, owns_left, interval.owns_high)))
    joints = [
        Joint(cut, cut == first and here.is_point, after.is_point)
        for (cut, here), (_, after) in pairwise(parts)
    ]
    return parts, joints


class Germ(NamedTuple):
    """What f^n does just beside a breakpoint: its limit there, the side from which the limit is
    approached (0 if it is constant there), and its slope as a product of slopes of f."""

    limit: Fraction
    side: int
    slope: tuple[int, ...]


class Germs:
    """Follows the left limit, the right limit and the value of f^n at every breakpoint of f."""

    def __init__(self, function: Sawtooth) -> None:
        self.function = function
        self.forms = [function.forms(piece)[0] for piece in range(function.count)]
        base = coprime_base([form.slope for form in self.forms if form.slope])
        self.factors = [exponents(form.slope, base) for form in self.forms]
        self.values: dict[Fraction, Fraction] = {}
        self.owners: dict[tuple[Fraction, int], int] = {}
        zero = (0,) * (len(base) + 1)
        places = [cut.at for cut in function.cuts]
        self.left = [Germ(at, -1, zero) for at in places]
        self.right = [Germ(at, 1, zero) for at in places]
        self.value = places

    def advance(self) -> None:
        """Go from f^n to f^(n+1)."""
        self.left = [self.next_germ(germ) for germ in self.left]
        self.right = [self.next_germ(germ) for germ in self.right]
        self.value = [self.at(x) for x in self.value]

    def at(self, x: Fraction) -> Fraction:
        """Return f(x)."""
        if x not in self.values:
            (self.values[x],) = self.function(x)
        return self.values[x]

    def next_germ(self, germ: Germ) -> Germ:
        """Return the germ one step further along the orbit."""
        if not germ.side:
            return Germ(self.at(germ.limit), 0, ())
        place = (germ.limit, germ.side)
        if place not in self.owners:
            self.owners[place] = self.owner(*place)
        piece = self.owners[place]
        form = self.forms[piece]
        if not form.slope:
            # From here on the iterates are constant beside the breakpoint.
            return Germ(form.intercept, 0, ())
        side = germ.side if form.slope > 0 else -germ.side
        slope = tuple(a + b for a, b in zip(germ.slope, self.factors[piece], strict=True))
        return Germ(form(germ.limit), side, (slope[0] % 2, *slope[1:]))

    def owner(self, x: Fraction, side: int) -> int:
        """Return the piece of f just left (side -1) or right (side 1) of ``x``."""
        return self.function.index_of(Cut(x, side > 0), after=side > 0)

    def fuse(self, joint: Joint, known: dict[Joint, bool]) -> bool:
        """Say whether the pieces of f^n beside a joint are one, in the fewest pieces."""
        if joint not in known:
            known[joint] = self.fits(joint)
        return known[joint]

    def fits(self, joint: Joint) -> bool:
        """Say whether one affine function fits the last piece on the left and the first right.

        The part that owns the breakpoint ends in a piece that is a single point if it is one, or
        if its limit is not its value there; any affine function through the value fits that.
        """
        left, right = self.left[joint.cut], self.right[joint.cut]
        value = self.value[joint.cut]
        if self.function.closed[joint.cut]:
            owner, other, is_point = left, right, joint.left_is_point
        else:
            owner, other, is_point = right, left, joint.right_is_point
        if is_point or owner.limit != value:
            return other.limit == value
        return owner.limit == other.limit and owner.slope == other.slope


def coprime_base(numbers: list[Fraction]) -> list[int]:
    """Return pairwise coprime integers > 1 of whose powers all the numbers are products.

    >>> coprime_base([Fraction(12, 5), Fraction(2)])
    [2, 3, 5]
    """
    pending = [part for number in numbers for part in (abs(number.numerator), number.denominator)]
    base: list[int] = []
    while pending:
        entry = pending.pop()
        for i, known in enumerate(base):
            common = gcd(entry, known)
            if common > 1:
                del base[i]
                pending += [common, known // common, entry // common]
                break
        else:
            if entry > 1:
                base.append(entry)
    return sorted(base)


def exponents(number: Fraction, base: list[int]) -> tuple[int, ...]:
    """Return the sign (1 if negative) and the exponents of a number over a coprime base.

    Products of such numbers are equal just when the sums of their exponents are.
    """
    if not number:
        return ()
    powers = []
    for prime in base:
        power, top, bottom = 0, number.numerator, number.denominator
        while top % prime == 0:
            power, top = power + 1, top // prime
        while bottom % prime == 0:
            power, bottom = power - 1, bottom // prime
        powers.append(power)
    return (int(number < 0), *powers)


def find_iteration(network: Network) -> Iteration | None:
    """Return the cell that the network iterates at least twice, or None.

    Found are repeated blocks of layers from one number to one number, possibly before an affine
    read-out that is not constant; and blocks whose read-out is merged into the next block's first
    layer, as in the merged form of the tent iterates.

    >>> from verifier.networks.lecture import merged, tent_iterate
    >>> find_iteration(tent_iterate(1000)).times, find_iteration(merged(500)).times
    (1000, 500)
    """
    if network.inputs != 1 or network.outputs != 1:
        return None
    last = network.layers[-1]
    found = repeated(network.layers) or merged_blocks(network.layers)
    if found is None and len(network.layers) > 1 and is_injective(last):
        found = repeated(network.layers[:-1])
        return found and replace(found, read_out=last)
    return found


def is_injective(layer: Layer) -> bool:
    """Say whether a layer is an affine map of the line that is not constant."""
    if layer.activation is not None or layer.inputs != 1 or layer.outputs != 1:
        return False
    return layer.weights[0][0] != 0


def repeated(layers: tuple[Layer, ...]) -> Iteration | None:
    """Return the shortest block whose repetition gives all layers."""
    numbers: dict[Layer, int] = {}
    by_identity: dict[int, int] = {}
    for layer in layers:
        if id(layer) not in by_identity:
            by_identity[id(layer)] = numbers.setdefault(layer, len(numbers))
    word = [by_identity[id(layer)] for layer in layers]
    for period in range(1, len(word) // 2 + 1):
        ends = (layers[0].inputs, layers[period - 1].outputs)
        if len(word) % period == 0 and ends == (1, 1) and word[period:] == word[:-period]:
            return Iteration(Network(1, layers[:period]), len(word) // period)
    return None


def merged_blocks(layers: tuple[Layer, ...]) -> Iteration | None:
    """Return the cell if every inner layer is the first one after the read-out."""
    if len(layers) < 3:
        return None
    first, *inner, last = layers
    if last.activation is not None or last.inputs != first.outputs:
        return None
    joined = Layer(
        tuple(tuple(a * b for b in last.weights[0]) for (a,) in first.weights),
        tuple(a * last.bias[0] + b for (a,), b in zip(first.weights, first.bias, strict=True)),
        first.activation,
    )
    if any(layer is not inner[0] and layer != inner[0] for layer in inner) or inner[0] != joined:
        return None
    return Iteration(Network(1, (first, last)), len(inner) + 1)
