"""Questions about networks of several inputs, decided one affine region at a time.

Where every unit keeps to one piece of its activation the networks are affine, and whether some
input is unsafe is a question of linear arithmetic. A region on which a unit may lie on either
side of a breakpoint is split in two there; what comes out is a tree of splits, and multipliers
that refute whatever is claimed to be empty. ``splits_check`` checks the tree apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from verifier.networks.activations import Activation
from verifier.networks.certificates.regions_tree import (
    Closed,
    Node,
    Question,
    Settled,
    Split,
    Tree,
    Unit,
)
from verifier.networks.numbers.inequalities import ONE, ZERO, Condition, Form, Multipliers, Vector
from verifier.networks.regions.arithmetic import Arithmetic


@dataclass(frozen=True)
class Region:
    """A part of the box, and the values that are known to be affine there.

    Attributes
    ----------
    conditions:
        What cuts the region out: the sides of the box first.
    values:
        Forms of the inputs, then of the units in order.
    pieces:
        The first and the last piece of its activation that the next unit may lie on; None if
        nothing is known of it yet.
    samples:
        Points of the region.
    planes:
        For each hyperplane among the conditions, by its form with leading coefficient 1, the
        number of a condition there, and its leading coefficient.
    """

    conditions: tuple[Condition, ...]
    values: tuple[Form, ...]
    pieces: tuple[int, int] | None
    samples: tuple[Vector, ...]
    planes: dict[Form, tuple[int, Fraction]]

    def within(self, side: Condition, samples: Sequence[Vector]) -> Region:
        """The part of the region that lies on one side."""
        key, lead = plane(side.form)
        planes = self.planes | {key: (len(self.conditions), lead)}
        return replace(
            self, conditions=(*self.conditions, side), samples=tuple(samples), planes=planes
        )


def root(question: Question, samples: Sequence[Vector] = ()) -> Region:
    """Return the whole box."""
    size = question.inputs
    identity = tuple(tuple(Fraction(i == j) for j in range(size + 1)) for i in range(size))
    planes = {}
    for i, side in enumerate(question.domain):
        key, lead = plane(side.form)
        planes[key] = (i, lead)
    return Region(question.domain, identity, None, tuple(samples), planes)


def preactivation(unit: Unit, values: Sequence[Form]) -> Form:
    """Return the form of a unit before its activation."""
    total = [ZERO] * len(values[0])
    for i, weight in unit.reads:
        total = [a + weight * b if b else a for a, b in zip(total, values[i], strict=True)]
    total[-1] += unit.bias
    return tuple(total)


def bend(form: Form, activation: Activation | None, piece: int) -> Form:
    """Return a form after one piece of an activation."""
    if activation is None:
        return form
    slope, intercept = activation.pieces[piece]
    return (*(slope * c for c in form[:-1]), slope * form[-1] + intercept)


def pieces_at_first(unit: Unit, form: Form) -> tuple[int, int]:
    """Return the pieces that a unit may lie on as far as its form alone tells."""
    if unit.activation is None:
        return 0, 0
    if any(form[:-1]):
        return 0, len(unit.activation.cuts)
    owner = unit.activation.index(form[-1])
    return owner, owner


def cut_between(pieces: tuple[int, int]) -> int:
    """Return the number of the breakpoint in the middle of a range of pieces."""
    return (pieces[0] + pieces[1] - 1) // 2


def narrowed(pieces: tuple[int, int], cut: int, above: bool) -> tuple[int, int]:
    """Return the pieces on one side of a breakpoint."""
    return (cut + 1, pieces[1]) if above else (pieces[0], cut)


def sides(form: Form, at: Fraction, closed: bool) -> tuple[Condition, Condition]:
    """Return the conditions for a form to lie before a breakpoint, and after it."""
    after = Condition((*form[:-1], form[-1] - at), closed)
    return after.opposite, after


def plane(form: Form) -> tuple[Form, Fraction]:
    """Return a form with leading coefficient 1, and the coefficient it had."""
    lead = next((c for c in form[:-1] if c), ONE)
    return tuple(c / lead for c in form), lead


def continuous_at(activation: Activation, cut: int) -> bool:
    """Whether the pieces on both sides of a breakpoint agree there."""
    at = activation.cuts[cut].at
    return activation.pieces[cut](at) == activation.pieces[cut + 1](at)


def settle(
    question: Question,
    samples: Sequence[Vector] = (),
    *,
    limit: int,
    seconds: float | None = None,
) -> Vector | Tree:
    """Return an unsafe input of the box, or the tree that shows that there is none.

    Parameters
    ----------
    samples:
        Points of the box; each that is known in a region saves a question there.
    limit:
        How many systems of inequalities z3 may be asked about.
    seconds:
        How long it may take; None for no limit.

    Raises
    ------
    LimitReached
        If a limit is hit, or z3 gives up.

    Examples
    --------
    >>> from verifier.networks.activations import ABS
    >>> from verifier.networks.model import Layer, Network
    >>> from verifier.networks.property import Constraint
    >>> size = Network(1, (Layer(((ONE,),), (ZERO,), ABS),))
    >>> above = Constraint((ZERO,), (ONE,), -ONE, strict=True)
    >>> settle(Question((size,), (None,), (ONE,), ((above,),)), limit=20)
    (Fraction(-2, 1),)
    >>> settle(Question((size,), (-ONE,), (ONE,), ((above,),)), limit=20).regions
    2
    """
    return Search(question, samples, limit, seconds).run()


class Search:
    """One depth-first walk over the affine regions of a question."""

    def __init__(
        self,
        question: Question,
        samples: Sequence[Vector],
        limit: int,
        seconds: float | None,
    ) -> None:
        self.question = question
        self.arithmetic = Arithmetic(question.inputs, limit, seconds)
        self.unsafe_at: Vector | None = None
        self.nodes: list[Node] = []
        self.stack = [root(question, samples)]
        # For each input, the numbers of the sides of the box below and above it.
        numbers = iter(range(len(question.domain)))
        self.ends = [
            tuple(None if end is None else next(numbers) for end in ends)
            for ends in zip(question.low, question.high, strict=True)
        ]

    def run(self) -> Vector | Tree:
        """Return an unsafe input, or the tree that shows that there is none."""
        units = self.question.units
        while self.stack and self.unsafe_at is None:
            region: Region | None = self.stack.pop()
            while region is not None and len(region.values) < len(units) + self.question.inputs:
                region = self.advanced(region, units[len(region.values) - self.question.inputs])
            if region is not None:
                self.close(region)
        return Tree(tuple(self.nodes)) if self.unsafe_at is None else self.unsafe_at

    def advanced(self, region: Region, unit: Unit) -> Region | None:
        """Compute the next unit on a region, or split the region and return None."""
        form = preactivation(unit, region.values)
        pieces = region.pieces or pieces_at_first(unit, form)
        while pieces[0] < pieces[1]:
            cut = cut_between(pieces)
            closed = lower_part_owns(unit, cut, form, region)
            halves = sides(form, unit.cuts[cut].at, closed)
            parts = [self.part(region, side) for side in halves]
            empty = [i for i, part in enumerate(parts) if isinstance(part, Multipliers)]
            for above, part in reversed(list(enumerate(parts))):
                if isinstance(part, Multipliers):
                    self.nodes.append(Settled(unit.at, cut, closed, not above, part))
                    pieces = narrowed(pieces, cut, not above)
                elif not empty:
                    narrow = narrowed(pieces, cut, bool(above))
                    self.stack.append(replace(part, pieces=narrow))
            if not empty:
                self.nodes.append(Split(unit.at, cut, closed))
                return None
        value = bend(form, unit.activation, pieces[0])
        return replace(region, values=(*region.values, value), pieces=None)

    def part(self, region: Region, side: Condition) -> Region | Multipliers:
        """Return the part of a region on one side, or what shows that it is empty."""
        inside = [point for point in region.samples if side.holds(point)]
        if not inside:
            found = self.decide(region, [side])
            if isinstance(found, Multipliers):
                return found
            inside.append(found)
        return region.within(side, inside)

    def close(self, region: Region) -> None:
        """Refute each conjunction of the unsafe set on a region, or find an unsafe input."""
        why = []
        for parts in self.question.pulled_back(region.values):
            inside = (p for p in region.samples if all(part.holds(p) for part in parts))
            found = next(inside, None) or self.decide(region, parts)
            if not isinstance(found, Multipliers):
                self.unsafe_at = found
                return
            why.append(found)
        self.nodes.append(Closed(tuple(why)))

    def decide(self, region: Region, more: Sequence[Condition]) -> Vector | Multipliers:
        """Return a point of a region that meets more conditions, or what refutes them."""
        conditions = (*region.conditions, *more)
        for i, side in enumerate(more, len(region.conditions)):
            for proposal in (self.on_the_box(i, side), on_its_plane(region, i, side)):
                if proposal is not None and proposal.refute(conditions):
                    return proposal
        return self.arithmetic.decide(conditions)

    def on_the_box(self, number: int, side: Condition) -> Multipliers | None:
        """Multipliers that refute a condition if it holds nowhere in the box."""
        parts = [(number, ONE)]
        for i, coefficient in enumerate(side.form[:-1]):
            if coefficient:
                end = self.ends[i][coefficient > 0]
                if end is None:
                    return None
                parts.append((end, abs(coefficient)))
        return Multipliers(tuple(parts))


def on_its_plane(region: Region, number: int, side: Condition) -> Multipliers | None:
    """Multipliers that refute a condition if one on the same hyperplane contradicts it."""
    key, lead = plane(side.form)
    if key not in region.planes:
        return None
    known, known_lead = region.planes[key]
    return Multipliers(((known, abs(lead / known_lead)), (number, ONE)))


def lower_part_owns(unit: Unit, cut: int, form: Form, region: Region) -> bool:
    """Say to which part the points of a breakpoint go.

    Where the activation is continuous there, so that it may split on a hyperplane as the region
    has been split on it before.
    """
    known = unit.cuts[cut]
    if unit.activation is not None and continuous_at(unit.activation, cut):
        key, lead = plane((*form[:-1], form[-1] - known.at))
        if key in region.planes:
            return lead / region.planes[key][1] < 0
    return known.closed
