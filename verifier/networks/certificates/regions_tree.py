"""Trees of affine regions, and the questions about networks that they answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from verifier.networks.activations import Activation, Cut
from verifier.networks.model import Network
from verifier.networks.numbers.inequalities import ZERO, Condition, Form, Multipliers
from verifier.networks.property import Conjunction, Constraint


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
