"""Systems of linear inequalities over the rationals: a point, or multipliers that refute them.

By Farkas' lemma (Motzkin's, for strict inequalities) a system without solution has non-negative
multipliers under which its inequalities add up to 0 ≥ c with c > 0, or to 0 > 0. z3 says which
few inequalities contradict each other; the multipliers are then the only solution of a system of
equations, found here by elimination.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, NamedTuple

Vector = tuple[Fraction, ...]
# An affine form of the inputs: coefficients, then the constant.
Form = tuple[Fraction, ...]

ZERO: Final = Fraction(0)
ONE: Final = Fraction(1)


class Condition(NamedTuple):
    """The condition ``form >= 0``, or ``form > 0`` if strict."""

    form: Form
    strict: bool

    def holds(self, point: Sequence[Fraction]) -> bool:
        """Whether a point meets the condition."""
        value = value_at(self.form, point)
        return value > 0 or (value == 0 and not self.strict)

    @property
    def opposite(self) -> Condition:
        """The condition that holds where this one does not."""
        return Condition(tuple(-c for c in self.form), not self.strict)


@dataclass(frozen=True)
class Multipliers:
    """What shows that conditions contradict each other.

    Parameters
    ----------
    parts:
        Numbers of conditions and what these are multiplied by; the sum is a contradiction.
    """

    parts: tuple[tuple[int, Fraction], ...]

    def refute(self, conditions: Sequence[Condition]) -> bool:
        """Whether the conditions times the multipliers add up to 0 ≥ c > 0 or 0 > 0."""
        total = [ZERO] * len(conditions[0].form)
        strict = False
        for i, factor in self.parts:
            if factor < 0:
                return False
            form = conditions[i].form
            strict = strict or (factor > 0 and conditions[i].strict)
            total = [a + factor * b if b else a for a, b in zip(total, form, strict=True)]
        return not any(total[:-1]) and (total[-1] < 0 or (total[-1] == 0 and strict))


def value_at(form: Form, point: Sequence[Fraction]) -> Fraction:
    """Return the value of an affine form at a point."""
    return sum((c * x for c, x in zip(form, point, strict=False) if c and x), form[-1])


