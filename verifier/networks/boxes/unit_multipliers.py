"""Multipliers for what is known of units, so that sums of constraints come down.

Where a unit is known to lie at least at a breakpoint, what it exceeds this by can be added to a
form that should be shown to be negative, times any positive number (Wang et al., NeurIPS 2021).
Good numbers are found by descent: at the point where the linear bound of the sum is attained,
the units take values, in the sense of the lines that replace them, and these are a subgradient
of the bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from verifier.networks.boxes.bounds import FloatNetwork, Lines
from verifier.networks.boxes.questions import Pushes, Sides, Sums

Array = npt.NDArray[np.float64]

# Rounds of descent, and how steps shrink: few where units are left to part, many where not.
SHORT: Final = (16, 0.9)
LONG: Final = (300, 0.985)
# The length of a step, in the largest multiplier the sum has in the layer.
STEP: Final = 0.2
# How slowly means of the subgradient and of its square change (Kingma and Ba, ICLR 2015).
MEMORY: Final = (0.9, 0.99)


def push(
    floats: FloatNetwork,
    lines: Sequence[Lines],
    low: Array,
    high: Array,
    sides: Sides,
    conjunctions: Sequence[npt.NDArray[np.int64]],
    sums: Sums,
    weights: Array,
    effort: tuple[int, float] = SHORT,
) -> tuple[Array, Array, Pushes]:
    """Propose multipliers: bounds of the sums (boxes, sums), those of the forms, of the units."""
    chosen = [np.zeros((*weights.shape[:2], floor.shape[1])) for floor in sides.floors]
    signs = [
        np.where(floor > -np.inf, 1.0, np.where(ceiling < np.inf, -1.0, 0.0))
        for floor, ceiling in zip(sides.floors, sides.ceilings, strict=True)
    ]
    breaks = [
        np.where(sign > 0, floor, np.where(sign < 0, ceiling, 0.0))
        for sign, floor, ceiling in zip(signs, sides.floors, sides.ceilings, strict=True)
    ]
    best, shares = np.full(weights.shape[:2], np.inf), weights
    kept = [part.copy() for part in chosen]
    means = [(np.zeros_like(part), np.zeros_like(part)) for part in chosen]
    # Rows are filled up with forms that are not theirs.
    known = np.zeros(sums.members.shape, bool)
    for conjunction, row in zip(conjunctions, known, strict=True):
        row[: len(conjunction)] = True
    pace = STEP
    for number in range(1, effort[0] + 1):
        value, found, excess, sizes = evaluate(
            floats, lines, low, high, (sums.members, weights), chosen, breaks
        )
        better = value < best
        best = np.where(better, value, best)
        shares = np.where(better[..., None], weights, shares)
        weights = reweighted(weights, found, known, pace)
        for k, part in enumerate(chosen):
            kept[k] = np.where(better[..., None], part, kept[k])
            slope = np.where(signs[k][:, None] != 0, excess[k], 0.0)
            first = MEMORY[0] * means[k][0] + (1 - MEMORY[0]) * slope
            second = MEMORY[1] * means[k][1] + (1 - MEMORY[1]) * slope * slope
            means[k] = first, second
            direction = first / (1 - MEMORY[0] ** number)
            direction /= np.sqrt(second / (1 - MEMORY[1] ** number)) + 1e-300
            moved = part - pace * sizes[k][..., None] * direction
            # Positive above a breakpoint, negative below.
            sign = signs[k][:, None]
            chosen[k] = np.where(moved * sign > 0, moved, 0.0)
        pace *= effort[1]
        if (best < 0).all():
            break
    return best, shares, tuple(kept)


def reweighted(weights: Array, values: Array, known: npt.NDArray[np.bool_], pace: float) -> Array:
    """Return the forms' multipliers, larger for forms with smaller values."""
    if weights.shape[2] == 1:
        return weights
    count = known.sum(axis=1)[:, None]
    # No multiplier is nothing for good.
    weights = np.where(known, np.maximum(weights, 0.01 / count), 0.0)
    scale = np.abs(values).max(axis=2, keepdims=True) + 1e-300
    above = values - np.where(known, values, np.inf).min(axis=2, keepdims=True)
    weights = weights * np.exp(-5 * pace * np.maximum(above, 0) / scale)
    out: Array = weights / weights.sum(axis=2, keepdims=True)
    return out


def evaluate(
    floats: FloatNetwork,
    lines: Sequence[Lines],
    low: Array,
    high: Array,
    sums: tuple[npt.NDArray[np.int64], Array],
    chosen: Sequence[Array],
    breaks: Sequence[Array],
) -> tuple[Array, Array, list[Array], list[Array]]:
    """Bound sums, given by the numbers of their forms and multipliers.

    Returned are the bounds; where these are attained, the forms' values and what units exceed
    their breakpoints by; and the largest multiplier of each layer.
    """
    members, weights = sums
    parts = (floats.rows, floats.inputs, floats.constants[:, None])
    row, inputs, constants = (np.einsum("bsk,skn->bsn", weights, part[members]) for part in parts)
    constants = constants[..., 0]
    signs, sizes = [], []
    with np.errstate(all="ignore"):
        for i in range(len(floats.layers) - 1, -1, -1):
            layer, line, positive = floats.layers[i], lines[i], row > 0
            signs.append(positive)
            up, low_line = line.up_at_zero[:, None], line.low_at_zero[:, None]
            constants = constants + (row * np.where(positive, up, low_line)).sum(axis=2)
            row = row * np.where(positive, line.up[:, None], line.low[:, None])
            sizes.append(np.abs(row).max(axis=2))
            constants = constants - (chosen[i] * breaks[i][:, None]).sum(axis=2)
            row = row + chosen[i]
            constants = constants + row @ layer.bias
            row = row @ layer.weights
        row = row + inputs
        values = corner = np.where(row > 0, high[:, None], low[:, None])
        bounds = constants + (row * values).sum(axis=2)
        excess = []
        for layer, line, positive, at in zip(
            floats.layers, lines, reversed(signs), breaks, strict=True
        ):
            before = values @ layer.weights.T + layer.bias
            excess.append(np.nan_to_num(before - at[:, None]))
            above = line.up[:, None] * before + line.up_at_zero[:, None]
            below = line.low[:, None] * before + line.low_at_zero[:, None]
            values = np.where(positive, above, below)
        found = np.einsum("bsn,skn->bsk", values, floats.rows[members])
        found += np.einsum("bsn,skn->bsk", corner, floats.inputs[members])
        found = np.nan_to_num(found + floats.constants[members])
    return np.where(np.isnan(bounds), np.inf, bounds), found, excess, sizes[::-1]
