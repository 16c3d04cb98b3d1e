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

from verifier.networks.bounds import FloatNetwork, Lines
from verifier.networks.questions import Pushes, Sides, Sums

Array = npt.NDArray[np.float64]

ROUNDS: Final = 16
# The length of a step, in the largest multiplier the sum has in the layer, and how it shrinks.
STEP: Final = 0.2
SHRINK: Final = 0.9
# How slowly means of the subgradient and of its square change (Kingma and Ba, ICLR 2015).
MEMORY: Final = (0.9, 0.99)


def push(
    floats: FloatNetwork,
    lines: Sequence[Lines],
    low: Array,
    high: Array,
    sides: Sides,
    sums: Sums,
    weights: Array,
) -> tuple[Array, Pushes]:
    """Propose multipliers: bounds of the sums (boxes, sums), and the multipliers by layer."""
    parts = (floats.rows, floats.inputs, floats.constants[:, None])
    rows, inputs, start = (np.einsum("bsk,skn->bsn", weights, part[sums.members]) for part in parts)
    chosen = [np.zeros((*weights.shape[:2], floor.shape[1])) for floor in sides.floors]
    signs = [
        np.where(floor > -np.inf, 1.0, np.where(ceiling < np.inf, -1.0, 0.0))
        for floor, ceiling in zip(sides.floors, sides.ceilings, strict=True)
    ]
    breaks = [
        np.where(sign > 0, floor, np.where(sign < 0, ceiling, 0.0))
        for sign, floor, ceiling in zip(signs, sides.floors, sides.ceilings, strict=True)
    ]
    best = np.full(weights.shape[:2], np.inf)
    kept = [part.copy() for part in chosen]
    means = [(np.zeros_like(part), np.zeros_like(part)) for part in chosen]
    pace = STEP
    for number in range(1, ROUNDS + 1):
        value, excess, sizes = evaluate(
            floats, lines, low, high, (rows, inputs, start[..., 0]), chosen, breaks
        )
        better = value < best
        best = np.where(better, value, best)
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
        pace *= SHRINK
        if (best < 0).all():
            break
    return best, tuple(kept)


def evaluate(
    floats: FloatNetwork,
    lines: Sequence[Lines],
    low: Array,
    high: Array,
    sums: tuple[Array, Array, Array],
    chosen: Sequence[Array],
    breaks: Sequence[Array],
) -> tuple[Array, list[Array], list[Array]]:
    """Bound sums with multipliers.

    Returned are the bounds, what units exceed their breakpoints by where the bounds are attained,
    and the largest multiplier of each layer.
    """
    row, inputs, constants = sums
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
        values = np.where(row > 0, high[:, None], low[:, None])
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
    return np.where(np.isnan(bounds), np.inf, bounds), excess, sizes[::-1]
