"""Networks as sums of ramps and steps: a form that does not change with how they are written.

A piecewise-affine activation with pieces p₀, p₁, … that meet at c₁, c₂, … is

    p₀(z) + Σᵢ (slope of pᵢ - slope of pᵢ₋₁) ramp(z - cᵢ) + (jump at cᵢ) [z reaches cᵢ],

where ramp(z) = max(z, 0), and z reaches cᵢ where z ≥ cᵢ, or z > cᵢ if pᵢ₋₁ owns cᵢ. So each value
of a network is a constant plus multiples of inputs, of ramps and of steps of such sums. Ramps are
scaled so that the first coefficient inside is 1, by ramp(-z) = ramp(z) - z, and equal ones are
one. What is left does not depend on the order of units, on positive factors moved from a layer
to the next, on units split in two, units that are constant, affine or read by none, or on affine
layers in between. Networks whose outputs are the same sums are equal; the converse is not true.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal, NamedTuple

from verifier.networks.activations import Activation
from verifier.networks.model import Network

ZERO: Final = Fraction(0)
ONE: Final = Fraction(1)
# Least and greatest value; None if there is none.
Range = tuple[Fraction | None, Fraction | None]


class Sum(NamedTuple):
    """A constant plus multiples of atoms: their numbers, increasing, and factors, not zero."""

    terms: tuple[tuple[int, Fraction], ...]
    constant: Fraction


class Atom(NamedTuple):
    """max(of, 0), or 1 where ``of`` is at least 0 and 0 elsewhere."""

    kind: Literal["ramp", "step"]
    of: Sum


def combined(parts: Iterable[tuple[Fraction, Sum]], constant: Fraction = ZERO) -> Sum:
    """Return multiples of sums, added up."""
    factors: dict[int, Fraction] = {}
    for scale, part in parts:
        constant += scale * part.constant
        for number, factor in part.terms:
            factors[number] = factors.get(number, ZERO) + scale * factor
    return Sum(tuple(sorted((n, f) for n, f in factors.items() if f)), constant)


@dataclass(frozen=True)
class Value:
    """What a unit is: before its activation, the pieces it meets there, and after it."""

    before: Sum
    pieces: tuple[int, int]
    after: Sum


class NormalForms:
    """Networks over one table of atoms, on a box.

    Parameters
    ----------
    low, high:
        The corners of the box, None where it is unbounded.

    Attributes
    ----------
    atoms:
        All ramps and steps; the first has the number that comes after those of the inputs.
    ranges:
        Bounds of each input, then of each atom.

    Examples
    --------
    >>> from verifier.networks.activations import ABS, RELU
    >>> from verifier.networks.model import Layer
    >>> size = Network(1, (Layer(((-ONE,),), (ZERO,), ABS),))
    >>> ramps = Layer(((ONE,), (-2 * ONE,)), (ZERO, ZERO), RELU)
    >>> both = Network(1, (ramps, Layer(((ONE, ONE / 2),), (ZERO,))))
    >>> forms = NormalForms([None], [None])
    >>> forms.outputs(size) == forms.outputs(both)
    True
    >>> [(atom.kind, atom.of.terms) for atom in forms.atoms]
    [('ramp', ((0, Fraction(1, 1)),))]
    >>> forms.outputs(size)[0].terms
    ((0, Fraction(-1, 1)), (1, Fraction(2, 1)))
    """

    def __init__(self, low: Sequence[Fraction | None], high: Sequence[Fraction | None]) -> None:
        self.inputs = len(low)
        self.atoms: list[Atom] = []
        self.numbers: dict[Atom, int] = {}
        self.ranges: list[Range] = list(zip(low, high, strict=True))

    def outputs(self, network: Network) -> list[Sum]:
        """Return the outputs of a network."""
        return [value.after for value in self.layers(network)[-1]]

    def layers(self, network: Network) -> list[list[Value]]:
        """Return the units of a network, layer by layer."""
        values = [Sum(((j, ONE),), ZERO) for j in range(self.inputs)]
        found = []
        for layer in network.layers:
            sums = [
                combined(((w, value) for w, value in zip(row, values, strict=True) if w), bias)
                for row, bias in zip(layer.weights, layer.bias, strict=True)
            ]
            found.append([self.activated(layer.activation, sum_) for sum_ in sums])
            values = [value.after for value in found[-1]]
        return found

    def activated(self, activation: Activation | None, z: Sum) -> Value:
        """Return an activation of a sum."""
        if activation is None:
            return Value(z, (0, 0), z)
        low, high = self.range(z)
        first = 0 if low is None else activation.index(low)
        last = len(activation.cuts) if high is None else activation.index(high)
        slope, intercept = activation.pieces[first]
        parts = [(slope, z)]
        for i in range(first, last):
            cut, here, after = activation.cuts[i], *activation.pieces[i : i + 2]
            beyond = Sum(z.terms, z.constant - cut.at)
            if bend := after.slope - here.slope:
                parts.append((bend, self.ramp(beyond)))
            if jump := after(cut.at) - here(cut.at):
                parts.append((jump, self.reached(beyond, strictly=cut.closed)))
        return Value(z, (first, last), combined(parts, intercept))

    def ramp(self, z: Sum) -> Sum:
        """Return max(z, 0) as a multiple of one atom, plus z if that has the other sign."""
        lead = z.terms[0][1]
        atom = self.atom("ramp", combined([(1 / lead, z)]))
        return combined([(abs(lead), atom)] if lead > 0 else [(-lead, atom), (ONE, z)])

    def reached(self, z: Sum, *, strictly: bool) -> Sum:
        """Return 1 where z ≥ 0, or z > 0 if strictly, and 0 elsewhere."""
        size = abs(z.terms[0][1])
        if strictly:
            return combined([(-ONE, self.atom("step", combined([(-1 / size, z)])))], ONE)
        return self.atom("step", combined([(1 / size, z)]))

    def atom(self, kind: Literal["ramp", "step"], of: Sum) -> Sum:
        """Return an atom, which is made if there is none like it."""
        atom = Atom(kind, of)
        if atom not in self.numbers:
            self.numbers[atom] = self.inputs + len(self.atoms)
            self.atoms.append(atom)
            low, high = self.range(of)
            above = None if high is None else max(high, ZERO)
            self.ranges.append((max(low or ZERO, ZERO), above) if kind == "ramp" else (ZERO, ONE))
        return Sum(((self.numbers[atom], ONE),), ZERO)

    def range(self, z: Sum) -> Range:
        """Return bounds of a sum, from those of its atoms one by one."""
        low: Fraction | None = z.constant
        high: Fraction | None = z.constant
        for number, factor in z.terms:
            ends = self.ranges[number]
            least, most = ends if factor > 0 else ends[::-1]
            low = None if low is None or least is None else low + factor * least
            high = None if high is None or most is None else high + factor * most
        return low, high


def same_form(
    left: Network,
    right: Network,
    low: Sequence[Fraction | None],
    high: Sequence[Fraction | None],
) -> bool:
    """Whether two networks are the same sums of ramps and steps on a box, and hence equal."""
    forms = NormalForms(low, high)
    return forms.outputs(left) == forms.outputs(right)
