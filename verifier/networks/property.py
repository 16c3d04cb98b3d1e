"""Properties of networks: what makes an input unsafe.

A property is the *unsafe* set: inputs in a box (or in one of several), with outputs that satisfy
linear constraints. A network is safe when no input reaches that set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

Vector = tuple[Fraction, ...]


@dataclass(frozen=True)
class Constraint:
    """The condition ``inputs · x + outputs · y + constant >= 0``, or ``> 0`` if strict.

    Examples
    --------
    >>> positive = Constraint((Fraction(0),), (Fraction(1),), Fraction(0), strict=True)
    >>> positive.holds([Fraction(5)], [Fraction(0)])
    False
    """

    inputs: Vector
    outputs: Vector
    constant: Fraction
    strict: bool

    def value(self, x: Sequence[Fraction], y: Sequence[Fraction]) -> Fraction:
        """Return the left-hand side at inputs ``x`` and outputs ``y``."""
        return self.constant + dot(self.inputs, x) + dot(self.outputs, y)

    def holds(self, x: Sequence[Fraction], y: Sequence[Fraction]) -> bool:
        """Whether the condition holds at inputs ``x`` and outputs ``y``."""
        value = self.value(x, y)
        return value > 0 or (value == 0 and not self.strict)


Conjunction = tuple[Constraint, ...]


@dataclass(frozen=True)
class Case:
    """A box of inputs, and what makes an input in it unsafe: that some conjunction holds."""

    lower: Vector
    upper: Vector
    unsafe: tuple[Conjunction, ...]

    def holds(self, x: Sequence[Fraction], y: Sequence[Fraction]) -> bool:
        """Whether ``x`` lies in the box and makes some conjunction true with outputs ``y``."""
        inside = all(
            low <= entry <= high for low, entry, high in zip(self.lower, x, self.upper, strict=True)
        )
        return inside and any(
            all(part.holds(x, y) for part in conjunction) for conjunction in self.unsafe
        )


@dataclass(frozen=True)
class Property:
    """An unsafe set: the union of its cases."""

    inputs: int
    outputs: int
    cases: tuple[Case, ...]

    def holds(self, x: Sequence[Fraction], y: Sequence[Fraction]) -> bool:
        """Whether inputs ``x`` with outputs ``y`` are unsafe."""
        return any(case.holds(x, y) for case in self.cases)


def dot(row: Sequence[Fraction], point: Sequence[Fraction]) -> Fraction:
    """Return the inner product."""
    return sum((a * b for a, b in zip(row, point, strict=True) if a), Fraction(0))
