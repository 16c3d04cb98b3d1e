"""Multipliers for the constraints of a conjunction, so that their sum is negative on a box.

Where no constraint of a conjunction fails on a whole box, a sum of some may. On each box each
constraint's left-hand side is bounded by an affine form of the inputs; the multipliers that bring
the greatest value of the forms' sum down are one player's best play in a matrix game against the
corners of the box, and multiplicative weights come near it (Freund and Schapire, 1999). The sum
is then bounded as one form of the network's outputs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from verifier.networks.boxes.bounds import Bounds, FloatNetwork
from verifier.networks.boxes.questions import Sums

Array = npt.NDArray[np.float64]

ROUNDS: Final = 50
# Multipliers below this part of the greatest are dropped.
LEAST: Final = 1e-3


def combine(
    floats: FloatNetwork,
    bounds: Bounds,
    conjunctions: Sequence[npt.NDArray[np.int64]],
    sums: Sums,
    low: Array,
    high: Array,
) -> tuple[Array, Array]:
    """Propose multipliers: the bounds of the sums (boxes, sums), and the multipliers."""
    values = np.empty((len(low), len(conjunctions)))
    weights = np.zeros((len(low), *sums.members.shape))
    played = weights.copy()
    for c, group in enumerate(conjunctions):
        upper = bounds.upper[:, group]
        best = upper.argmin(axis=1)
        values[:, c] = np.take_along_axis(upper, best[:, None], axis=1)[:, 0]
        np.put_along_axis(weights[:, c], best[:, None], 1.0, axis=1)
        # Zero may do for a strict constraint.
        rest = np.flatnonzero((values[:, c] >= 0) & np.isfinite(upper).all(axis=1))
        if len(group) > 1 and len(rest):
            slopes = bounds.gradient[rest][:, group]
            played[rest, c, : len(group)] = play(slopes, upper[rest], low[rest], high[rest])
    if played.any():
        # Bounded together, the forms may cancel layer by layer.
        together = floats.sums(bounds, low, high, sums.members, played)
        better = (together < values) & played.any(axis=2)
        values = np.where(better, together, values)
        weights = np.where(better[..., None], played, weights)
    return values, weights


def play(slopes: Array, upper: Array, low: Array, high: Array) -> Array:
    """Return multipliers under which affine forms' sum has nearly its least greatest value.

    Parameters
    ----------
    slopes, upper:
        The forms' slopes (boxes, forms, inputs) and greatest values on their boxes.
    """
    radius = ((high - low) / 2)[:, None]
    sway = slopes * radius
    # Values in the middle of the box; a corner, as signs, adds its part of the sway.
    middle = upper - np.abs(sway).sum(axis=2)
    scale = np.abs(upper - middle).max(axis=1, keepdims=True) + 1e-300
    shares = np.full(upper.shape, 1 / upper.shape[1])
    best, chosen = np.full(len(upper), np.inf), shares
    for number in range(ROUNDS):
        corner = np.sign(np.matmul(shares[:, None], sway)[:, 0])
        values = middle + np.matmul(sway, corner[..., None])[..., 0]
        value = (shares * values).sum(axis=1)
        better = value < best
        best = np.where(better, value, best)
        chosen = np.where(better[:, None], shares, chosen)
        above = values - values.min(axis=1, keepdims=True)
        shares = shares * np.exp(-above / scale / np.sqrt(1 + number))
        shares = shares / shares.sum(axis=1, keepdims=True)
    chosen = np.where(chosen < LEAST * chosen.max(axis=1, keepdims=True), 0.0, chosen)
    out: Array = chosen / chosen.sum(axis=1, keepdims=True)
    return out
