"""Activations: piecewise-affine functions of one real variable, with their sawtooth structure.

The real line is cut into consecutive pieces, each affine; a piece may be open, closed,
half-open or a single point, and the function may jump where two pieces meet.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Final, NamedTuple

from verifier.errors import BadInput


class Cut(NamedTuple):
    """Where one piece ends and the next begins.

    ``at`` is the breakpoint. ``closed`` says who owns it: the piece on the left if true,
    the piece on the right if false. Cuts are ordered as tuples, so that two cuts at one
    breakpoint, ``(v, False) < (v, True)``, enclose the single point ``v``.
    """

    at: Fraction
    closed: bool


class Affine(NamedTuple):
    """The function ``slope * x + intercept``."""

    slope: Fraction
    intercept: Fraction

    def __call__(self, x: Fraction) -> Fraction:
        """Return the value at ``x``."""
        return self.slope * x + self.intercept


class ScaledActivation(NamedTuple):
    """An activation over integers: piece i sends n/d to (slope_i n + intercept_i d) / (scale d)."""

    scale: int
    slopes: tuple[int, ...]
    intercepts: tuple[int, ...]


@dataclass(frozen=True)
class Activation:
    """A piecewise-affine function of one real.

    Parameters
    ----------
    name:
        How it is written in a network file, ``pieces`` for one given by its pieces.
    cuts:
        Where the pieces meet, strictly increasing; n - 1 cuts for n pieces.
    pieces:
        The affine function on each piece, from left to right.

    Raises
    ------
    BadInput
        If the number of pieces is not one more than that of cuts, or the cuts do not increase.

    Examples
    --------
    >>> STEP(Fraction(0)), STEP(Fraction(-1, 9))
    (Fraction(1, 1), Fraction(0, 1))
    """

    name: str
    cuts: tuple[Cut, ...]
    pieces: tuple[Affine, ...]

    def __post_init__(self) -> None:
        if len(self.pieces) != len(self.cuts) + 1:
            raise BadInput(
                "activation",
                f"expected one more piece than cuts, found {len(self.pieces)} and {len(self.cuts)}",
                place="pieces",
            )
        for i, (left, right) in enumerate(zip(self.cuts, self.cuts[1:], strict=False)):
            if not left < right:
                raise BadInput(
                    "activation",
                    f"expected pieces that are not empty, but the one up to {right.at} is",
                    place=f"pieces[{i + 1}].to",
                )

    def __call__(self, x: Fraction) -> Fraction:
        """Return the value at ``x``."""
        return self.pieces[self.index(x)](x)

    def index(self, x: Fraction) -> int:
        """Return the number, from 0, of the piece that owns ``x``.

        >>> STEP.index(Fraction(-1)), STEP.index(Fraction(0))
        (0, 1)
        """
        # Cuts before the point: those at a smaller breakpoint, and an unowned one at x itself.
        return bisect_left(self.cuts, Cut(x, True))

    @cached_property
    def continuous(self) -> bool:
        """Whether neighbouring pieces agree where they meet."""
        return all(
            left(cut.at) == right(cut.at)
            for left, right, cut in zip(self.pieces, self.pieces[1:], self.cuts, strict=False)
        )

    @cached_property
    def scaled(self) -> ScaledActivation:
        """The same function over integers with one common denominator."""
        scale = lcm(*(part.denominator for piece in self.pieces for part in piece))
        return ScaledActivation(
            scale,
            tuple(int(piece.slope * scale) for piece in self.pieces),
            tuple(int(piece.intercept * scale) for piece in self.pieces),
        )


ZERO: Final = Affine(Fraction(0), Fraction(0))
ONE: Final = Affine(Fraction(0), Fraction(1))
SAME: Final = Affine(Fraction(1), Fraction(0))
OPPOSITE: Final = Affine(Fraction(-1), Fraction(0))
AT_ZERO: Final = Cut(Fraction(0), False)

RELU: Final = Activation("relu", (AT_ZERO,), (ZERO, SAME))
ABS: Final = Activation("abs", (AT_ZERO,), (OPPOSITE, SAME))
STEP: Final = Activation("step", (AT_ZERO,), (ZERO, ONE))
IDENTITY: Final = Activation("identity", (), (SAME,))
HARDTANH: Final = Activation(
    "hardtanh",
    (Cut(Fraction(-1), False), Cut(Fraction(1), False)),
    (Affine(Fraction(0), Fraction(-1)), SAME, ONE),
)
NAMED: Final[dict[str, Activation]] = {
    activation.name: activation for activation in (RELU, ABS, STEP, IDENTITY, HARDTANH)
}


def leaky_relu(slope: Fraction) -> Activation:
    """Return the function ``slope * x`` for x < 0 and ``x`` for x >= 0.

    >>> leaky_relu(Fraction(1, 100))(Fraction(-2))
    Fraction(-1, 50)
    """
    negative = Affine(slope, Fraction(0))
    return Activation(f"leaky_relu:{slope}", (AT_ZERO,), (negative, SAME))
