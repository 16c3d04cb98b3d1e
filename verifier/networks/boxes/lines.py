"""Straight lines above and below an activation on a range, in floats, rounded outward.

Both checks of bounds on boxes use these; see ``boxes_check`` and ``rounding_check``.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
import numpy.typing as npt

from verifier.networks.activations import Activation

Array = npt.NDArray[np.float64]

# Covers the roundings of a line's value, which are at most eight of 2**-53 each.
DOUBT: Final = 2.0**-48
# Covers the roundings of a sum of up to 2**20 non-negative terms, and of underflow.
INFLATE: Final = 1 + 2.0**-30
TINY: Final = 1e-300


@dataclass(frozen=True)
class Line:
    """One affine piece of an activation on [left, right], its numbers as floats."""

    left: float
    right: float
    slope: float
    intercept: float


@dataclass(frozen=True)
class Shape:
    """An activation as pieces; none for the identity.

    ``convex`` is 1 for a convex activation, -1 for a concave one, 0 for others. ``exact`` says
    that all slopes are -1, 0 or 1 and all pieces and cuts at 0, so that short numbers suffice.
    """

    lines: tuple[Line, ...]
    convex: int
    exact: bool

    def unsettled(self, low: Array, high: Array) -> npt.NDArray[np.bool_]:
        """Whether a breakpoint lies inside the range of a unit."""
        inside = np.zeros(low.shape, dtype=bool)
        for line in self.lines[1:]:
            inside |= (low < line.left) & (high > line.left)
        return inside

    def value(self, z: Array) -> Array:
        """Return the activation's value, near enough to propose a slope."""
        out = self.lines[0].slope * z + self.lines[0].intercept
        for line in self.lines[1:]:
            out = np.where(z >= line.left, line.slope * z + line.intercept, out)
        return out

    def slope(self, z: Array) -> Array:
        """Return the slope of the piece at ``z``."""
        out = np.full_like(z, self.lines[0].slope)
        for line in self.lines[1:]:
            out = np.where(z > line.left, line.slope, out)
        return out


@dataclass(frozen=True)
class Enclosure:
    """Lines with ``low <= activation <= up`` on each unit's range, and magnitudes there."""

    up: Array
    up_at_zero: Array
    low: Array
    low_at_zero: Array
    after: Array


def slopes(shape: Shape, low: Array, high: Array) -> tuple[Array, Array]:
    """Propose slopes of a line above and one below on [low, high]: the chord's, the middle's."""
    middle = shape.slope((low + high) / 2)
    chord = (shape.value(high) - shape.value(low)) / (high - low)
    chord = np.where(np.isfinite(chord), chord, middle)
    return (middle if shape.convex < 0 else chord), (middle if shape.convex > 0 else chord)


def enclose(
    shape: Shape, low: Array, high: Array, up: Array, bottom: Array, doubt: float = DOUBT
) -> Enclosure:
    """Return lines of the given slopes around an activation on [low, high].

    An affine function's maximum on a range is at an end, so on each piece only ends are looked
    at. ``doubt`` may be 0 where all numbers are so short that products and sums are exact.
    """
    up_at_zero, low_at_zero = np.full_like(low, -np.inf), np.full_like(low, np.inf)
    after = np.zeros_like(low)
    tiny = TINY if doubt else 0.0
    for line in shape.lines:
        left, right = np.maximum(low, line.left), np.minimum(high, line.right)
        inside = left <= right
        for end in (left, right):
            size = abs(line.slope) * np.abs(end) + abs(line.intercept) + tiny
            above = (line.slope - up) * end + line.intercept
            below = (line.slope - bottom) * end + line.intercept
            if doubt:
                above += doubt * (size + np.abs(up * end)) + tiny
                below -= doubt * (size + np.abs(bottom * end)) + tiny
            up_at_zero = np.where(inside, np.maximum(up_at_zero, above), up_at_zero)
            low_at_zero = np.where(inside, np.minimum(low_at_zero, below), low_at_zero)
            after = np.where(inside, np.maximum(after, size * INFLATE), after)
    return Enclosure(up, up_at_zero, bottom, low_at_zero, after)


def shape_of(activation: Activation | None) -> Shape:
    """Return an activation's pieces; ends that are no floats are moved outward."""
    if activation is None:
        return Shape((), 0, exact=True)
    cuts = [cut.at for cut in activation.cuts]
    lefts = [-np.inf, *(round_down(cut) for cut in cuts)]
    rights = [*(round_up(cut) for cut in cuts), np.inf]
    lines = tuple(
        Line(float(left), float(right), float(piece.slope), float(piece.intercept))
        for left, right, piece in zip(lefts, rights, activation.pieces, strict=True)
    )
    rises = [piece.slope for piece in activation.pieces]
    convex = 0
    if activation.continuous:
        convex = (rises == sorted(rises)) - (rises == sorted(rises, reverse=True))
    exact = all(piece.intercept == 0 and abs(piece.slope) in (0, 1) for piece in activation.pieces)
    return Shape(lines, convex, exact and not any(cuts))


def round_up(number: Fraction) -> float:
    """Return a float no smaller than the number, equal where there is one."""
    try:
        near = float(number)
    except OverflowError:
        return float("inf") if number > 0 else -np.finfo(np.float64).max
    return near if Fraction(near) >= number else float(np.nextafter(near, np.inf))


def round_down(number: Fraction) -> float:
    """Return a float no larger than the number, equal where there is one."""
    return -round_up(-number)
