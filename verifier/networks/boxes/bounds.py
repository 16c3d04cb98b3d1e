"""Float proposals for the search: bounds of linear forms over many boxes at once.

Nothing here is trusted: what these bounds close is bounded again by ``bounds_check``, and a
point they suggest is evaluated exactly before it is called a counterexample.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import numpy.typing as npt

from verifier.networks.boxes.questions import Sides
from verifier.networks.model import Layer, Network
from verifier.networks.property import Constraint

Array = npt.NDArray[np.float64]


FORWARD: Final = 64


@dataclass(frozen=True)
class FloatLayer:
    """A layer in float64: cuts between the activation's pieces, their slopes and intercepts."""

    weights: Array
    bias: Array
    cuts: Array
    slopes: Array
    intercepts: Array
    continuous: bool

    def apply(self, z: Array) -> tuple[Array, Array]:
        """Return the activation's values and slopes."""
        piece = np.searchsorted(self.cuts, z, side="right")
        return self.slopes[piece] * z + self.intercepts[piece], self.slopes[piece]


@dataclass(frozen=True)
class Bounds:
    """What the search learns about boxes (rows) and forms (columns).

    ``upper`` bounds the forms from above; ``gradient`` has the linear bound's slopes, shape
    (boxes, forms, inputs); ``unstable`` counts the units whose range holds a breakpoint.
    ``influence``, shaped as ``gradient``, estimates how much of the bound a unit of width of an
    input costs: the slope, and what that input adds to the gap between each unit's two lines;
    ``lines`` has these, layer by layer, and ``rows`` the linear bounds' multipliers of the units
    after their activations, shapes (boxes, forms, units).
    """

    upper: Array
    gradient: Array
    unstable: npt.NDArray[np.int64]
    influence: Array
    lines: tuple[Lines, ...]
    rows: tuple[Array, ...]


class FloatNetwork:
    """A network and linear forms of its inputs and outputs, in float64."""

    def __init__(self, network: Network, forms: Sequence[Constraint]) -> None:
        self.layers = [float_layer(layer) for layer in network.layers]
        # With many inputs, forms of these cost more than they save.
        self.forward = network.inputs <= FORWARD
        self.take(forms)

    def of_forms(self, forms: Sequence[Constraint]) -> FloatNetwork:
        """Return the same network with other forms."""
        other = copy(self)
        other.take(forms)
        return other

    def take(self, forms: Sequence[Constraint]) -> None:
        self.rows = np.array([[float(entry) for entry in form.outputs] for form in forms])
        self.inputs = np.array([[float(entry) for entry in form.inputs] for form in forms])
        self.constants = np.array([float(form.constant) for form in forms])

    def forms(self, points: Array) -> Array:
        """Return the forms' values (columns) at points (rows)."""
        values = points
        for layer in self.layers:
            values, _ = layer.apply(values @ layer.weights.T + layer.bias)
        out: Array = values @ self.rows.T + points @ self.inputs.T + self.constants
        return out

    def gradients(self, points: Array, weights: Array) -> Array:
        """Return, for each point, the gradient of its sum of forms, weights (points, forms)."""
        values, slopes = points, []
        for layer in self.layers:
            values, slope = layer.apply(values @ layer.weights.T + layer.bias)
            slopes.append(slope)
        row = weights @ self.rows
        for layer, slope in zip(reversed(self.layers), reversed(slopes), strict=True):
            row = (row * slope) @ layer.weights
        out: Array = row + weights @ self.inputs
        return out

    def bounds(self, low: Array, high: Array, sides: Sides | None = None) -> Bounds:
        """Bound every form over boxes given by their corners, shapes (boxes, inputs).

        With ``sides``, only inputs count where the units are as these say.
        """
        vacant = np.zeros(len(low), dtype=bool)
        with np.errstate(all="ignore"):
            lines: list[Lines] = []
            reach: list[Array] = []
            unstable = np.zeros(len(low), dtype=np.int64)
            forms = Forms.of_inputs(self.layers[0], len(low))
            for top, layer in enumerate(self.layers):
                if top == 0 or self.forward:
                    forms = forms.affine(layer) if top else forms
                    z_low, z_high = forms.ranges(low, high)
                    reach.append(forms.steepness())
                else:
                    z_high = np.full((len(low), len(layer.bias)), np.inf)
                    z_low = -z_high
                    reach.append(np.zeros((*z_high.shape, low.shape[1])))
                if sides is not None:
                    z_low = np.maximum(z_low, sides.floors[top])
                    z_high = np.minimum(z_high, sides.ceilings[top])
                first = np.searchsorted(layer.cuts, z_low, side="right")
                last = np.searchsorted(layer.cuts, z_high, side="left")
                # Units that may bend in no box of the batch keep the cheap bound.
                units = np.flatnonzero(((last > first) | ~np.isfinite(z_high - z_low)).any(axis=0))
                if top and len(units):
                    both = np.concatenate([layer.weights[units], -layer.weights[units]])
                    start = np.concatenate([layer.bias[units], -layer.bias[units]])
                    row = np.broadcast_to(both, (len(low), *both.shape))
                    bound, slopes, _ = self.descend(top - 1, row, start[None], lines, low, high)
                    half = len(units)
                    reach[-1][:, units] = (np.abs(slopes[:, :half]) + np.abs(slopes[:, half:])) / 2
                    z_low[:, units] = np.maximum(z_low[:, units], -bound[:, half:])
                    z_high[:, units] = np.minimum(z_high[:, units], bound[:, :half])
                    first = np.searchsorted(layer.cuts, z_low, side="right")
                    last = np.searchsorted(layer.cuts, z_high, side="left")
                unstable += (last > first).sum(axis=1)
                if sides is not None:
                    vacant |= (z_low > z_high).any(axis=1)
                lines.append(enclose(layer, z_low, np.maximum(z_low, z_high)))
                if self.forward:
                    forms = forms.activate(lines[-1])
            top = len(self.layers) - 1
            row = np.broadcast_to(self.rows, (len(low), *self.rows.shape))
            constants = self.constants[None]
            upper, row, rows = self.descend(top, row, constants, lines, low, high, self.inputs)
            influence = np.abs(row)
            for weight, line, steep in zip(rows, reversed(lines), reversed(reach), strict=True):
                influence = influence + np.abs(weight) * line.bend[:, None] @ steep
        upper = np.where(np.isfinite(upper), upper, np.inf)
        upper = np.where(vacant[:, None], -np.inf, upper)
        influence = np.nan_to_num(influence, posinf=0.0)
        return Bounds(upper, row, unstable, influence, tuple(lines), tuple(reversed(rows)))

    def sums(
        self,
        bounds: Bounds,
        low: Array,
        high: Array,
        members: npt.NDArray[np.int64],
        weights: Array,
    ) -> Array:
        """Bound sums of forms ``members`` (sums, forms), with each box's own multipliers."""
        parts = (self.rows, self.inputs, self.constants[:, None])
        with np.errstate(all="ignore"):
            rows, extra, start = (
                np.einsum("bsk,skn->bsn", weights, part[members]) for part in parts
            )
            top, lines = len(self.layers) - 1, bounds.lines
            upper, _, _ = self.descend(top, rows, start[..., 0], lines, low, high, extra)
        return np.where(np.isfinite(upper), upper, np.inf)

    def descend(
        self,
        top: int,
        row: Array,
        constants: Array,
        lines: Sequence[Lines],
        low: Array,
        high: Array,
        extra: Array | None = None,
    ) -> tuple[Array, Array, list[Array]]:
        """Bound ``row · a + constants (+ extra · x)``, a layer ``top`` after its activation.

        Returned are the bound, the linear bound's slopes, and the rows after each activation.
        """
        rows = []
        for i in range(top, -1, -1):
            rows.append(row)
            row, constants = through(lines[i], row, constants)
            layer = self.layers[i]
            shape = (*row.shape[:-1], layer.weights.shape[1])
            constants = constants + row @ layer.bias
            row = (row.reshape(-1, row.shape[-1]) @ layer.weights).reshape(shape)
        if extra is not None:
            row = row + extra
        middle, radius = (low + high) / 2, (high - low) / 2
        spread = np.matmul(np.abs(row), radius[..., None]) + np.matmul(row, middle[..., None])
        return constants + spread[..., 0], row, rows


@dataclass(frozen=True)
class Lines:
    """Lines above and below an activation on each unit's range.

    ``gap`` is the distance between them in the middle of the range, ``bend`` the same in units of
    a quarter of its width: for a ReLU at most 1. ``cut`` is the number of the middle breakpoint
    inside, -1 if there is none, or the activation jumps.
    """

    up: Array
    up_at_zero: Array
    low: Array
    low_at_zero: Array
    bend: Array
    gap: Array
    cut: npt.NDArray[np.int64]

    def part(self, chosen: npt.NDArray[np.int64]) -> Lines:
        """Return the lines on some boxes."""
        return Lines(*(getattr(self, entry.name)[chosen] for entry in fields(self)))


@dataclass(frozen=True)
class Forms:
    """Affine forms of the inputs below and above each unit, shapes (boxes, units, inputs + 1)."""

    lower: Array
    upper: Array

    @staticmethod
    def of_inputs(layer: FloatLayer, boxes: int) -> Forms:
        """Return the forms of the first layer's units before its activation."""
        whole = np.concatenate([layer.weights, layer.bias[:, None]], axis=1)
        forms = np.broadcast_to(whole, (boxes, *whole.shape))
        return Forms(forms, forms)

    def affine(self, layer: FloatLayer) -> Forms:
        """Return the forms of a layer's units before its activation."""
        positive, negative = np.maximum(layer.weights, 0), np.minimum(layer.weights, 0)
        lower = positive @ self.lower + negative @ self.upper
        upper = positive @ self.upper + negative @ self.lower
        lower[..., -1] += layer.bias
        upper[..., -1] += layer.bias
        return Forms(lower, upper)

    def activate(self, lines: Lines) -> Forms:
        """Return the forms after an activation between lines."""
        up, low = lines.up[..., None], lines.low[..., None]
        upper = np.where(up >= 0, self.upper, self.lower) * up
        lower = np.where(low >= 0, self.lower, self.upper) * low
        upper[..., -1] += lines.up_at_zero
        lower[..., -1] += lines.low_at_zero
        return Forms(lower, upper)

    def steepness(self) -> Array:
        """Return how steeply each unit depends on each input, shape (boxes, units, inputs)."""
        out: Array = (np.abs(self.lower[..., :-1]) + np.abs(self.upper[..., :-1])) / 2
        return out

    def ranges(self, low: Array, high: Array) -> tuple[Array, Array]:
        """Return the least and the greatest value of each unit."""
        middle, radius = (low + high)[..., None] / 2, (high - low)[..., None] / 2
        ends = []
        for form, sign in ((self.lower, -1.0), (self.upper, 1.0)):
            slopes = form[..., :-1]
            centre = np.matmul(slopes, middle)[..., 0] + form[..., -1]
            ends.append(centre + sign * np.matmul(np.abs(slopes), radius)[..., 0])
        return ends[0], ends[1]


def through(lines: Lines, row: Array, constants: Array) -> tuple[Array, Array]:
    """Replace values after an activation by lines in the values before it."""
    positive, negative = np.maximum(row, 0), np.minimum(row, 0)
    if lines.up_at_zero.any():
        constants = constants + np.matmul(positive, lines.up_at_zero[..., None])[..., 0]
    if lines.low_at_zero.any():
        constants = constants + np.matmul(negative, lines.low_at_zero[..., None])[..., 0]
    positive *= lines.up[:, None]
    negative *= lines.low[:, None]
    positive += negative
    return positive, constants


def enclose(layer: FloatLayer, low: Array, high: Array) -> Lines:
    """Return the chord's direction on one side, the middle piece's on the other if convex."""
    middle = layer.slopes[np.searchsorted(layer.cuts, (low + high) / 2, side="left")]
    rise = layer.apply(high)[0] - layer.apply(low)[0]
    chord = np.where(high > low, rise / (high - low), middle)
    steps = np.diff(layer.slopes)
    up = middle if (steps < 0).all() else chord
    bottom = middle if (steps > 0).all() else chord
    ends = [low, high, *(np.clip(cut, low, high) for cut in layer.cuts)]
    values = [layer.apply(end)[0] for end in ends]
    # A jump has another value just left of its cut.
    for i, cut in enumerate(layer.cuts):
        ends.append(np.clip(cut, low, high))
        left = layer.slopes[i] * ends[-1] + layer.intercepts[i]
        values.append(np.where((low <= cut) & (cut <= high), left, values[0]))
        ends[-1] = np.where((low <= cut) & (cut <= high), ends[-1], low)
    above = np.max([v - up * end for v, end in zip(values, ends, strict=True)], axis=0)
    below = np.min([v - bottom * end for v, end in zip(values, ends, strict=True)], axis=0)
    gap = (up - bottom) * (low + high) / 2 + above - below
    bend = np.where(high > low, 4 * gap / (high - low), 0.0)
    first = np.searchsorted(layer.cuts, low, side="right")
    last = np.searchsorted(layer.cuts, high, side="left")
    # Where there is a jump, both its ends belong to the closed sides: nothing would be settled.
    inside = (first < last) & layer.continuous
    cut = np.where(inside, (first + last - 1) // 2, -1)
    return Lines(up, above, bottom, below, bend, gap, cut)


def float_layer(layer: Layer) -> FloatLayer:
    """Return a layer rounded to float64."""
    weights = np.array([[float(entry) for entry in row] for row in layer.weights])
    bias = np.array([float(entry) for entry in layer.bias])
    cuts: list[float] = []
    slopes, intercepts = [1.0], [0.0]
    if layer.activation is not None:
        cuts = [float(cut.at) for cut in layer.activation.cuts]
        slopes = [float(piece.slope) for piece in layer.activation.pieces]
        intercepts = [float(piece.intercept) for piece in layer.activation.pieces]
    continuous = layer.activation is None or layer.activation.continuous
    return FloatLayer(
        weights, bias, np.array(cuts), np.array(slopes), np.array(intercepts), continuous
    )
