"""The check behind every answer *proved*: a bound on a box, by exact arithmetic.

It shares no code with the search that found the boxes. It takes a network, a box and linear
forms, and returns numbers that no input of the box exceeds, by back-substitution: a linear
form of a layer's values is replaced by one of the layer below, each activation by a straight
line above or below it, until the inputs are reached (Singh et al., POPL 2019; Zhang et al.,
NeurIPS 2018).

Why floats may hold an exact proof. Every array is float64, read as the dyadic rational it is.

- Matrix products are *exact*: entries of a row are multiples of one unit, at most
  ``2**bits`` units large, and ``2 * bits + log2(terms) <= 53``, so that every partial sum, in
  whatever order, is an integer number of units below 2**53.
- What ``rounded`` cuts off a row is not lost: the difference, exact too, times the largest
  magnitude of the value it multiplies is added to the bound.
- Sums into the bound are rounded up, and only where they are not exact (``add_up``).
- Whatever is not finite makes the bound infinite, which closes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
import numpy.typing as npt

from verifier.networks.activations import Activation
from verifier.networks.boxes.lines import (
    DOUBT,
    INFLATE,
    TINY,
    Shape,
    enclose,
    round_down,
    round_up,
    shape_of,
    slopes,
)
from verifier.networks.model import Network
from verifier.networks.property import Constraint

Array = npt.NDArray[np.float64]

SLOPE_UNIT: Final = 2.0**-20
# How many boxes are bounded together: their forms should fit the processor's cache.
CHUNK: Final = 32


@dataclass(frozen=True)
class RoundedLayer:
    """A layer with short entries, and how far each is from the exact one at most."""

    weights: Array
    weights_error: Array
    bias: Array
    bias_error: Array
    shape: Shape

    def doubt(self, reach: Array) -> Array:
        """Bound what the short entries change, for inputs of magnitude ``reach``."""
        doubt = slack(self.weights_error[None], reach) + self.bias_error
        return np.where(doubt > 0, doubt * INFLATE, 0.0)


@dataclass(frozen=True)
class Forms:
    """Affine forms of the inputs below and above each unit, shapes (boxes, inputs, units)."""

    lower: Array
    lower_at_zero: Array
    upper: Array
    upper_at_zero: Array

    def ranges(self, corners: Corners) -> tuple[Array, Array]:
        """Return the least and the greatest value of each unit, rounded outward."""
        low = at_corners(-self.lower.swapaxes(1, 2), -self.lower_at_zero, corners)
        high = at_corners(self.upper.swapaxes(1, 2), self.upper_at_zero, corners)
        return -low, high


# A corner as short vectors that sum to it: first the high one, then the low one.
Corners = tuple[list[Array], list[Array]]


@dataclass(frozen=True)
class Relaxation:
    """Lines with ``low <= activation <= up`` on each unit's range, and magnitudes there."""

    up: Array
    up_at_zero: Array
    low: Array
    low_at_zero: Array
    before: Array
    after: Array


class Checker:
    """Upper bounds of linear forms of a network's inputs and outputs over boxes.

    Examples
    --------
    >>> from verifier.networks.activations import RELU
    >>> from verifier.networks.model import Layer
    >>> one, half = Fraction(1), Fraction(1, 2)
    >>> ramp = Network(1, (Layer(((one,),), (-half,), RELU),))
    >>> form = Constraint((Fraction(0),), (one,), Fraction(0), strict=False)
    >>> Checker(ramp, [form]).upper_floats(np.zeros((1, 1)), np.ones((1, 1)))
    array([[0.5]])
    """

    def __init__(self, network: Network, forms: Sequence[Constraint]) -> None:
        widest = max(network.inputs, *network.widths)
        # Twice the width: forms above and below are multiplied in one product.
        self.bits = (53 - (2 * widest).bit_length()) // 2
        # Numbers beyond float64 become infinite, and then close nothing.
        with np.errstate(all="ignore"):
            self.layers = [
                round_layer(layer.weights, layer.bias, layer.activation, self.bits)
                for layer in network.layers
            ]
        self.take(forms)

    def of_forms(self, forms: Sequence[Constraint]) -> Checker:
        """Return a checker of other forms of the same network."""
        other = copy(self)
        other.take(forms)
        return other

    def take(self, forms: Sequence[Constraint]) -> None:
        self.rows, self.rows_error = self.short([form.outputs for form in forms])
        self.inputs, self.inputs_error = self.short([form.inputs for form in forms])
        self.constants = np.array([round_up(form.constant) for form in forms])

    def short(self, rows: Sequence[Sequence[Fraction]]) -> tuple[Array, Array]:
        return short(rows, self.bits)

    def upper_floats(self, low: Array, high: Array) -> Array:
        """Return an upper bound of each form (columns) on each box (rows) with float corners."""
        with np.errstate(all="ignore"):
            parts = [
                self.propagate(low[i : i + CHUNK], high[i : i + CHUNK])
                for i in range(0, len(low), CHUNK)
            ]
        bounds = np.concatenate(parts)
        return np.where(np.isfinite(bounds), bounds, np.inf)

    def propagate(self, low: Array, high: Array) -> Array:
        boxes, inputs = low.shape
        corners = split_corners(low, high, self.bits)
        reach = np.maximum(np.abs(low), np.abs(high))
        identity = np.broadcast_to(np.eye(inputs), (boxes, inputs, inputs))
        forms = Forms(identity, np.zeros((boxes, inputs)), identity, np.zeros((boxes, inputs)))
        relaxations: list[Relaxation] = []
        sane = np.ones(boxes, dtype=bool)
        for top, layer in enumerate(self.layers):
            before = relaxations[-1].after if top else reach
            forms = affine(forms, layer, reach, before, self.bits)
            z_low, z_high = forms.ranges(corners)
            sane &= np.isfinite(z_low).all(axis=1) & np.isfinite(z_high).all(axis=1)
            z_low, z_high = short_down(z_low, self.bits), short_up(z_high, self.bits)
            # Units whose piece is not yet settled deserve the dearer, tighter bound.
            open_units = np.flatnonzero(layer.shape.unsettled(z_low, z_high).any(axis=0))
            if top and len(open_units):
                rows = np.eye(len(layer.bias))[open_units]
                rows = np.concatenate([rows, -rows])
                rows = np.broadcast_to(rows, (boxes, *rows.shape))
                start = np.zeros(rows.shape[:2])
                bound = self.descend(top, rows, start, relaxations, corners, reach)
                sane &= np.isfinite(bound).all(axis=1)
                bound = short_up(bound, self.bits)
                half = len(open_units)
                z_high[:, open_units] = np.minimum(z_high[:, open_units], bound[:, :half])
                z_low[:, open_units] = np.maximum(z_low[:, open_units], -bound[:, half:])
            relaxations.append(relax(layer, z_low, z_high, self.bits))
            forms = activate(forms, relaxations[-1], reach, self.bits)
        row = np.broadcast_to(self.rows, (boxes, *self.rows.shape))
        constants = np.broadcast_to(self.constants, (boxes, len(self.constants)))
        last = relaxations[-1]
        constants = add_up(constants, slack(self.rows_error[None], last.after))
        row, constants = self.through(last, row, constants)
        top = len(self.layers) - 1
        bounds = self.descend(top, row, constants, relaxations, corners, reach, last=True)
        return np.where(sane[:, None], bounds, np.inf)

    def descend(
        self,
        top: int,
        row: Array,
        constants: Array,
        relaxations: Sequence[Relaxation],
        corners: Corners,
        reach: Array,
        last: bool = False,
    ) -> Array:
        """Bound ``row · z + constants``, z layer ``top`` before its activation.

        At the end, if ``last``, the forms' own coefficients of the inputs are added.
        """
        for i in range(top, -1, -1):
            layer = self.layers[i]
            before = relaxations[i - 1].after if i else reach
            constants = add_up(constants, product(row, layer.bias[:, None])[..., 0])
            constants = add_up(constants, slack(np.abs(row), layer.doubt(before)))
            row, error = rounded(product(row, layer.weights), self.bits)
            constants = add_up(constants, slack(error, before))
            if i:
                row, constants = self.through(relaxations[i - 1], row, constants)
        if last:
            total, cut = two_sum(row, np.broadcast_to(self.inputs, row.shape))
            row, error = rounded(total, self.bits)
            constants = add_up(constants, slack(np.abs(cut) + self.inputs_error, reach))
            constants = add_up(constants, slack(error, reach))
        return at_corners(row, constants, corners)

    def through(self, relaxation: Relaxation, row: Array, constants: Array) -> tuple[Array, Array]:
        """Replace values after an activation by lines in the values before it."""
        positive, negative = np.maximum(row, 0), np.minimum(row, 0)
        constants = add_up(constants, inner(positive, relaxation.up_at_zero))
        constants = add_up(constants, inner(negative, relaxation.low_at_zero))
        # One of the two is zero in each entry, so the sum is exact.
        positive *= relaxation.up[:, None]
        negative *= relaxation.low[:, None]
        positive += negative
        row, error = rounded(positive, self.bits)
        return row, add_up(constants, slack(error, relaxation.before))


def affine(forms: Forms, layer: RoundedLayer, reach: Array, before: Array, bits: int) -> Forms:
    """Push forms of a layer's inputs through its weights and bias."""
    positive, negative = np.maximum(layer.weights, 0), np.minimum(layer.weights, 0)
    up = np.concatenate([positive, negative], axis=1).T
    down = np.concatenate([negative, positive], axis=1).T
    both = np.concatenate([forms.upper, forms.lower], axis=2)
    at_zero = np.concatenate(
        [short_row(forms.upper_at_zero, bits), -short_row(-forms.lower_at_zero, bits)], axis=1
    )
    doubt = layer.doubt(before)
    upper_at_zero = add_up(add_up(product(at_zero, up), layer.bias), doubt)
    lower_at_zero = add_up(add_up(-product(at_zero, down), -layer.bias), doubt)
    return shortened(
        product(both, down), -lower_at_zero, product(both, up), upper_at_zero, reach, bits
    )


def activate(forms: Forms, lines: Relaxation, reach: Array, bits: int) -> Forms:
    """Push forms through an activation that lies between lines."""
    up, low = lines.up[:, None], lines.low[:, None]
    upper = np.where(up >= 0, forms.upper, forms.lower) * up
    lower = np.where(low >= 0, forms.lower, forms.upper) * low
    top = np.where(lines.up >= 0, forms.upper_at_zero, forms.lower_at_zero)
    bottom = np.where(lines.low >= 0, forms.lower_at_zero, forms.upper_at_zero)
    top, bottom = scale_up(top, lines.up, bits), scale_up(bottom, -lines.low, bits)
    return shortened(
        lower,
        -add_up(bottom, -lines.low_at_zero),
        upper,
        add_up(top, lines.up_at_zero),
        reach,
        bits,
    )


def scale_up(values: Array, factors: Array, bits: int) -> Array:
    """Return a number no smaller than values times short factors."""
    high = np.where(factors >= 0, short_up(values, bits), short_down(values, bits))
    return np.where(np.abs(factors) == 1, values * factors, high * factors)


def shortened(
    lower: Array, lower_at_zero: Array, upper: Array, upper_at_zero: Array, reach: Array, bits: int
) -> Forms:
    """Round the coefficients of each box to one unit; what is cut off goes to the constants."""
    boxes, inputs, units = lower.shape
    both, error = rounded(np.concatenate([lower, upper], axis=2).reshape(boxes, -1), bits)
    both = both.reshape(boxes, inputs, 2 * units)
    cut = slack(error.reshape(both.shape).swapaxes(1, 2), reach)
    return Forms(
        both[..., :units],
        -add_up(-lower_at_zero, cut[:, :units]),
        both[..., units:],
        add_up(upper_at_zero, cut[:, units:]),
    )


def split_corners(low: Array, high: Array, bits: int) -> Corners:
    """Return the corners as sums of short vectors."""
    out: Corners = ([], [])
    for parts, rest in zip(out, (high, low), strict=True):
        while np.isfinite(rest).all() and rest.any():
            near, _ = rounded(rest, bits)
            parts.append(near)
            rest = rest - near
    return out


def at_corners(row: Array, constants: Array, corners: Corners) -> Array:
    """Return the maximum over the box of ``row · x + constants``, rounded up."""
    for part, vectors in zip((np.maximum(row, 0), np.minimum(row, 0)), corners, strict=True):
        for vector in vectors:
            constants = add_up(constants, inner(part, vector))
    return constants


def relax(layer: RoundedLayer, low: Array, high: Array, bits: int) -> Relaxation:
    """Enclose a layer's activation on ranges [low, high] of its units between two lines."""
    before = np.maximum(np.abs(low), np.abs(high))
    if not layer.shape.lines:
        one, zero = np.ones_like(low), np.zeros_like(low)
        return Relaxation(one, zero, one, zero, before, before)
    up, bottom = slopes(layer.shape, low, high)
    doubt = 0.0 if layer.shape.exact else DOUBT
    lines = enclose(layer.shape, low, high, to_grid(up), to_grid(bottom), doubt)
    up_at_zero = short_row(lines.up_at_zero, bits)
    low_at_zero = -short_row(-lines.low_at_zero, bits)
    return Relaxation(lines.up, up_at_zero, lines.low, low_at_zero, before, lines.after)


# ---------------------------------------------------------------- exact steps in floats


def rounded(values: Array, bits: int) -> tuple[Array, Array]:
    """Return each row rounded to multiples of one unit, at most 2**bits, and the exact errors."""
    top = np.maximum(values.max(axis=-1, keepdims=True), -values.min(axis=-1, keepdims=True))
    exponent = np.frexp(top)[1] - bits
    near = values * np.ldexp(1.0, -exponent)
    np.rint(near, out=near)
    near *= np.ldexp(1.0, exponent)
    error = values - near
    return near, np.abs(error, out=error)


def product(rows: Array, matrix: Array) -> Array:
    """Return ``rows @ matrix``, exact when both are ``rounded``; the matrix is one for all."""
    flat = rows.reshape(-1, rows.shape[-1]) @ matrix
    return flat.reshape(*rows.shape[:-1], matrix.shape[1])


def inner(rows: Array, points: Array) -> Array:
    """Return each box's rows times its own point, exact when both are ``rounded``."""
    out: Array = np.matmul(rows, points[..., None])[..., 0]
    return out


def slack(errors: Array, magnitudes: Array) -> Array:
    """Return a number no smaller than the sum of errors times magnitudes, both non-negative."""
    total = inner(errors, magnitudes)
    # TINY covers products that underflow; exact zeros keep exact bounds exact.
    vanish = np.logical_not(errors.any(axis=-1) & np.asarray(magnitudes.any(axis=-1))[:, None])
    return np.where((total == 0) & vanish, 0.0, total * INFLATE + TINY)


def two_sum(a: Array, b: Array) -> tuple[Array, Array]:
    """Return the rounded sum and its exact error (Knuth)."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def add_up(a: Array, b: Array) -> Array:
    """Return the sum, rounded up where it is not exact."""
    total, error = two_sum(a, b)
    return np.where(error == 0, total, np.nextafter(total, np.inf))


def short_row(values: Array, bits: int) -> Array:
    """Round each row up to multiples of one unit, at most 2**bits."""
    near, _ = rounded(values, bits - 1)
    top = np.abs(values).max(axis=-1, keepdims=True)
    unit = np.ldexp(1.0, np.frexp(top)[1] - (bits - 1))
    return np.where(near < values, near + unit, near)


def short_up(values: Array, bits: int) -> Array:
    """Round each entry up to ``bits`` bits."""
    return short_row(values[..., None], bits)[..., 0]


def short_down(values: Array, bits: int) -> Array:
    """Round each entry down to ``bits`` bits."""
    return -short_up(-values, bits)


def to_grid(slopes: Array) -> Array:
    """Return slopes as multiples of 2**-20 of at most 23 bits, for exact products with rows."""
    near, _ = rounded((np.rint(slopes / SLOPE_UNIT) * SLOPE_UNIT)[..., None], 23)
    return near[..., 0]


def short(rows: Sequence[Sequence[Fraction]], bits: int) -> tuple[Array, Array]:
    """Return a matrix of short floats near the rationals, and bounds on the differences."""
    up = np.array([[round_up(entry) for entry in row] for row in rows])
    exact = np.array([[round_down(entry) for entry in row] for row in rows]) == up
    # One unit for the whole matrix: columns, too, must be multiples of it.
    near, error = (part.reshape(up.shape) for part in rounded(up.reshape(1, -1), bits))
    beyond = np.where(exact, 0.0, np.abs(np.spacing(up)))
    return near, np.where(exact, error, (error + beyond) * INFLATE + TINY)


def round_layer(
    weights: Sequence[Sequence[Fraction]],
    bias: Sequence[Fraction],
    activation: Activation | None,
    bits: int,
) -> RoundedLayer:
    """Return a layer in short floats."""
    matrix, matrix_error = short(weights, bits)
    vector, vector_error = short([bias], bits)
    return RoundedLayer(matrix, matrix_error, vector[0], vector_error[0], shape_of(activation))
