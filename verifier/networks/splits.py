"""Questions about networks of several inputs, decided one affine region at a time.

Where every unit keeps to one piece of its activation the networks are affine, and whether some
input is unsafe is a question of linear arithmetic. A region on which a unit may lie on either
side of a breakpoint is split in two there; what comes out is a tree of splits, and multipliers
that refute whatever is claimed to be empty. ``splits_check`` checks the tree apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from verifier.networks.activations import Activation, Cut
from verifier.networks.linear import (
    ONE,
    ZERO,
    Arithmetic,
    Condition,
    Form,
    Multipliers,
    Vector,
)
from verifier.networks.model import Network
from verifier.networks.vnnlib import Conjunction, Constraint


class Place(NamedTuple):
    """Where a unit stands, each number from 0."""

    network: int
    layer: int
    unit: int


@dataclass(frozen=True)
class Split:
    """A region is cut in two where a unit meets a breakpoint; the lower part comes first.

    Parameters
    ----------
    cut:
        The number of the breakpoint of the unit's activation, from 0.
    closed:
        Whether the lower part owns the points of the breakpoint. Where the activation jumps
        there, whoever owns them in the activation does here.
    """

    at: Place
    cut: int
    closed: bool


@dataclass(frozen=True)
class Settled:
    """A unit lies on one side of a breakpoint all over a region.

    Parameters
    ----------
    cut, closed:
        As in :class:`Split`.
    above:
        Whether it lies in the upper part.
    why:
        Refutes the region's conditions and, as the last one, that of the other part.
    """

    at: Place
    cut: int
    closed: bool
    above: bool
    why: Multipliers


@dataclass(frozen=True)
class Closed:
    """A region without unsafe inputs.

    Parameters
    ----------
    why:
        For each conjunction of the unsafe set, what refutes it: together with the region's
        conditions, which come before its own.
    """

    why: tuple[Multipliers, ...]


Node = Split | Settled | Closed


@dataclass(frozen=True)
class Tree:
    """What shows that no input of a box is unsafe.

    Parameters
    ----------
    nodes:
        Root first; after a split all of its lower part, then its upper part.
    """

    nodes: tuple[Node, ...]

    @property
    def regions(self) -> int:
        """On how many regions the conjunctions are refuted."""
        return sum(isinstance(node, Closed) for node in self.nodes)


class Unit(NamedTuple):
    """A unit: which earlier values it reads, the inputs counted first, and what it does."""

    at: Place
    reads: tuple[tuple[int, Fraction], ...]
    bias: Fraction
    activation: Activation | None

    @property
    def cuts(self) -> tuple[Cut, ...]:
        """The breakpoints of its activation."""
        return self.activation.cuts if self.activation else ()


@dataclass(frozen=True)
class Question:
    """Whether some input of a box makes the outputs of networks unsafe.

    Parameters
    ----------
    networks:
        All read the same inputs.
    low, high:
        The corners of the box, None where it is unbounded.
    unsafe:
        What is asked for: that some conjunction holds, of constraints on the inputs and on the
        outputs of all networks, one after the other.
    """

    networks: tuple[Network, ...]
    low: tuple[Fraction | None, ...]
    high: tuple[Fraction | None, ...]
    unsafe: tuple[Conjunction, ...]

    @property
    def inputs(self) -> int:
        """How many numbers the networks read."""
        return self.networks[0].inputs

    @cached_property
    def domain(self) -> tuple[Condition, ...]:
        """The sides of the box: for each input the lower one, then the upper one, if any."""
        sides = []
        for i, ends in enumerate(zip(self.low, self.high, strict=True)):
            for end, sign in zip(ends, (1, -1), strict=True):
                if end is not None:
                    row = [ZERO] * self.inputs
                    row[i] = Fraction(sign)
                    sides.append(Condition((*row, -sign * end), False))
        return tuple(sides)

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """The units that the unsafe set depends on, layer by layer through all networks."""
        places = list(self.places())
        number = {at: self.inputs + i for i, at in enumerate(places)}
        units: list[Unit] = []
        for at in places:
            layer = self.networks[at.network].layers[at.layer]
            reads = tuple(
                (number[Place(at.network, at.layer - 1, j)] if at.layer else j, weight)
                for j, weight in enumerate(layer.weights[at.unit])
                if weight
            )
            units.append(Unit(at, reads, layer.bias[at.unit], layer.activation))
        needed = {number[at] for at, used in zip(self.outputs, self.used, strict=True) if used}
        for at, unit in zip(reversed(places), reversed(units), strict=True):
            if number[at] in needed:
                needed.update(i for i, _ in unit.reads)
        kept = [at for at in places if number[at] in needed]
        again = {number[at]: self.inputs + i for i, at in enumerate(kept)}
        again |= {i: i for i in range(self.inputs)}
        return tuple(
            unit._replace(reads=tuple((again[i], weight) for i, weight in unit.reads))
            for unit in units
            if number[unit.at] in needed
        )

    def places(self) -> Iterator[Place]:
        """All units, layer by layer through all networks."""
        for layer in range(max(len(network.layers) for network in self.networks)):
            for k, network in enumerate(self.networks):
                if layer < len(network.layers):
                    yield from (Place(k, layer, i) for i in range(network.layers[layer].outputs))

    @property
    def outputs(self) -> list[Place]:
        """The units whose values are the outputs."""
        return [
            Place(k, len(network.layers) - 1, i)
            for k, network in enumerate(self.networks)
            for i in range(network.outputs)
        ]

    @cached_property
    def used(self) -> list[bool]:
        """Whether the unsafe set depends on each output."""
        parts = list(chain.from_iterable(self.unsafe))
        return [any(part.outputs[i] for part in parts) for i in range(len(self.outputs))]

    def contains(self, point: Sequence[Fraction]) -> bool:
        """Whether a point lies in the box."""
        return all(side.holds(point) for side in self.domain)

    def is_unsafe(self, point: Sequence[Fraction]) -> bool:
        """Whether an input is unsafe, the networks evaluated there."""
        outputs = tuple(chain.from_iterable(n.evaluate(point) for n in self.networks))
        return any(all(part.holds(point, outputs) for part in parts) for parts in self.unsafe)

    def pulled_back(self, values: Sequence[Form]) -> list[list[Condition]]:
        """The conjunctions as conditions on the inputs, where all values are affine."""
        number = {unit.at: self.inputs + i for i, unit in enumerate(self.units)}
        outputs = [
            values[number[at]] if used else None
            for at, used in zip(self.outputs, self.used, strict=True)
        ]
        return [
            [Condition(form_of(part, outputs), part.strict) for part in parts]
            for parts in self.unsafe
        ]


def form_of(part: Constraint, outputs: Sequence[Form | None]) -> Form:
    """Return a constraint's left-hand side as a form of the inputs."""
    total = [*part.inputs, part.constant]
    for weight, form in zip(part.outputs, outputs, strict=True):
        if weight and form:
            total = [a + weight * b for a, b in zip(total, form, strict=True)]
    return tuple(total)


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
    >>> from verifier.networks.model import Layer
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
