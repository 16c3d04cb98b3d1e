"""Affine forms of all units of a layer on all cells of a partition, as exact integers.

On cell i, unit j is ``(slopes[i, j] x + intercepts[i, j]) / scale``.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Protocol

import numpy as np

from verifier.networks.activations import Activation
from verifier.networks.model import Layer
from verifier.networks.numbers.integers import (
    Array,
    common_divisor,
    integers,
    largest,
    lowest_terms,
    narrow,
    quotients,
    signs,
    within,
)


@dataclass(frozen=True)
class Cells:
    """A partition of an interval into N consecutive cells, by N + 1 cuts.

    Cut i is at ``numerators[i] / denominators[i]``, in lowest terms, denominator 0 at infinity;
    ``closed[i]`` says that the cell on its left owns it. The first and the last cut are the
    ends of the domain. A cell whose two cuts are at one place is a single point.
    """

    numerators: Array
    denominators: Array
    closed: Array

    @property
    def count(self) -> int:
        """The number of cells."""
        return len(self.numerators) - 1

    @cached_property
    def approximate(self) -> Array:
        """Floats near the cuts."""
        return quotients(self.numerators, self.denominators)

    @cached_property
    def points(self) -> Array:
        """Which cells are single points."""
        p, q = self.numerators, self.denominators
        return np.asarray((p[1:] == p[:-1]) & (q[1:] == q[:-1]))


@dataclass(frozen=True)
class Crossings:
    """Where units pass from one piece of the activation to the next, from left to right.

    One entry a passage: ``cell`` and ``unit`` say where; ``piece`` p and ``rise`` say that the
    unit goes from piece p to p + 1 (rise 1) or back (rise -1). ``owner[i, j]`` is the piece that
    owns unit j at the very left of cell i. ``child`` is the refined cell that begins there,
    ``first[i]`` the first refined cell of cell i, ``parent`` the cell each refined one lies in.
    """

    owner: Array
    cell: Array
    unit: Array
    piece: Array
    rise: Array
    child: Array
    first: Array
    parent: Array

    @property
    def groups(self) -> Array:
        """The position of the first crossing of each refined cell that begins with one."""
        return np.flatnonzero(np.diff(self.child, prepend=-1))


class Forms(Protocol):
    """What propagation through the layers needs to know about the forms of a layer's units."""

    def signs(self, cells: Cells, at: Fraction) -> tuple[Array, Array]:
        """Return the exact signs of unit minus ``at`` at the left and right end of each cell.

        At an infinite end, the sign far out. Both have shape (cells, units).
        """

    def roots(self, cell: Array, unit: Array, at: Fraction) -> tuple[Array, Array]:
        """Return where the given units take the value ``at``, as numerators, denominators."""

    def exact(self) -> ExactForms:
        """Return all forms as integers."""


@dataclass(frozen=True)
class ExactForms:
    """Forms held as integers: machine integers where they provably fit, Python's otherwise."""

    slopes: Array
    intercepts: Array
    scale: int

    @staticmethod
    def of_first(layer: Layer) -> ExactForms:
        """Return the forms of the first layer's units, before activation, on one cell."""
        scale, rows, bias = layer.scaled
        return ExactForms(integers([[row[0] for row in rows]]), integers([bias]), scale)

    def exact(self) -> ExactForms:
        """Return all forms as integers."""
        return self

    def signs(self, cells: Cells, at: Fraction) -> tuple[Array, Array]:
        """Return the exact signs of unit minus ``at`` at the left and right end of each cell."""
        slopes, intercepts = self.shifted(at)
        p, q = cells.numerators, cells.denominators
        bound = largest(slopes) * largest(p) + largest(intercepts) * largest(q)
        slopes, intercepts, p, q = within(bound, slopes, intercepts, p, q)
        left = signs(slopes * p[:-1, None] + intercepts * q[:-1, None])
        right = signs(slopes * p[1:, None] + intercepts * q[1:, None])
        # Far out a constant unit keeps its sign, which the slope alone does not show.
        for end, row in ((left, 0), (right, -1)):
            if q[row] == 0:
                end[row] = np.where(end[row] == 0, signs(intercepts[row]), end[row])
        return left, right

    def shifted(self, at: Fraction) -> tuple[Array, Array]:
        """Return integer slopes and intercepts of a positive multiple of unit minus ``at``."""
        if not at:
            return self.slopes, self.intercepts
        shift, factor = at.numerator * self.scale, at.denominator
        bound = max(largest(self.slopes), largest(self.intercepts)) * factor + abs(shift)
        slopes, intercepts = within(bound, self.slopes, self.intercepts)
        return slopes * factor, intercepts * factor - shift

    def roots(self, cell: Array, unit: Array, at: Fraction) -> tuple[Array, Array]:
        """Return where the given units take the value ``at``, as numerators, denominators."""
        picked = ExactForms(self.slopes[cell, unit], self.intercepts[cell, unit], self.scale)
        slopes, intercepts = within(0, *picked.shifted(at))
        return lowest_terms(-intercepts, slopes)

    def advance(self, crossings: Crossings, activation: Activation, layer: Layer) -> ExactForms:
        """Return the forms of the next layer's units, before activation, on the refined cells.

        On the first refined cell of each cell they are a matrix product; from each refined cell
        to the next only the units that cross contribute, which keeps wide layers cheap.
        """
        factor, rises, lifts = activation.scaled
        scale_weights, rows, offsets = layer.scaled
        weights, bias = integers(rows).T, integers(offsets)
        slope_of, lift_of = integers(rises), integers([lift * self.scale for lift in lifts])
        scale = self.scale * factor
        unit_bound = largest(slope_of) * max(largest(self.slopes), largest(self.intercepts))
        unit_bound += largest(lift_of)
        events = len(crossings.cell)
        bound = unit_bound * largest(weights) * (2 * events + len(weights) + 1)
        bound = max(bound + largest(bias) * scale, scale)
        slopes, intercepts, weights, bias, slope_of, lift_of = within(
            bound, self.slopes, self.intercepts, weights, bias, slope_of, lift_of
        )
        owner, cell, unit, piece = crossings.owner, crossings.cell, crossings.unit, crossings.piece
        base_slopes = (slope_of[owner] * slopes) @ weights
        base = (slope_of[owner] * intercepts + lift_of[owner]) @ weights + bias * scale
        step = (slope_of[piece + 1] - slope_of[piece]) * crossings.rise
        lift = (lift_of[piece + 1] - lift_of[piece]) * crossings.rise
        slope_steps = (step * slopes[cell, unit])[:, None] * weights[unit]
        steps = (step * intercepts[cell, unit] + lift)[:, None] * weights[unit]
        return ExactForms(
            accumulate(base_slopes, slope_steps, crossings),
            accumulate(base, steps, crossings),
            scale * scale_weights,
        ).reduced()

    def reduced(self) -> ExactForms:
        """Cancel the common divisor of scale, slopes and intercepts."""
        common = common_divisor(self.scale, self.slopes, self.intercepts)
        if common == 1:
            return ExactForms(narrow(self.slopes), narrow(self.intercepts), self.scale)
        return ExactForms(
            narrow(self.slopes // common), narrow(self.intercepts // common), self.scale // common
        )


def accumulate(base: Array, steps: Array, crossings: Crossings) -> Array:
    """Return, for each refined cell, its parent's base plus all steps up to that cell."""
    if not len(steps):
        return base
    total = np.zeros((len(crossings.parent), base.shape[1]), dtype=base.dtype)
    groups = crossings.groups
    total[crossings.child[groups]] = np.add.reduceat(steps, groups, axis=0)
    np.cumsum(total, axis=0, out=total)
    result = base[crossings.parent]
    result += total
    result -= total[crossings.first][crossings.parent]
    return np.asarray(result)
