"""Bounds on boxes in plain floats, with everything that rounding may change added to them.

The quicker of two checks behind the answer *proved*; ``boxes_check`` does the same by exact
steps and has the last word where this one's allowance for rounding is too much, as where a
bound is exactly zero. Like it, this shares no code with the search.

Why the bounds hold. u = 2⁻⁵³. A product of a row and a matrix, summed in whatever order, is off
by at most n u Σ|r||w| in an entry of n terms (Higham, Accuracy and Stability of Numerical
Algorithms, §3.1; the factor 1/(1 - n u) is well within what follows). An error e in what is
multiplied with a value v changes the form by at most |e||v|, so with magnitudes A ≥ |a| of a
layer's inputs each unit j with weights w and bias b has a magnitude M_j = Σ|w_j|A + |b_j|, and

- replacing the unit, times r, by its line and that by the layer's inputs changes the form by at
  most (n + 6) u |r||slope| M_j;
- adding the lines' values at zero, by at most n u Σ|r||value|;
- weights are off by u|w| themselves;
- adding p to a unit's multiplier before its activation, by at most (n + 6) u |p| M_j, which goes
  to the bound itself (``sums``).

All of that is at most |r| times ``share`` · (|slope| M_j + |value at zero|), four times over, as
``share`` is 8 (n + 32) u; and that is added to the lines' values at zero beforehand, upward on
the line above and downward on the one below. So the descent itself is plain arithmetic. Sums
into the bound are rounded up (``total``). What underflow loses is at most 2⁻¹⁰⁷⁴ a product:
``TINY`` times the largest magnitude covers it. Whatever is not finite makes the bound infinite.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

import numpy as np
import numpy.typing as npt

from verifier.networks.boxes.exact_check import Checker
from verifier.networks.boxes.lines import TINY, Shape, enclose, round_up, shape_of, slopes
from verifier.networks.boxes.questions import Pushes, Sides, Sums, part_of
from verifier.networks.model import Network
from verifier.networks.property import Constraint

Array = npt.NDArray[np.float64]

# How many boxes are bounded together: their forms should fit the processor's cache.
CHUNK: Final = 32
FORWARD: Final = 64


@dataclass(frozen=True)
class NearLayer:
    """A layer rounded to the nearest floats, and magnitudes that cover rounding to zero."""

    weights: Array
    bias: Array
    sizes: Array
    bias_sizes: Array
    shape: Shape

    def magnitudes(self, before: Array) -> Array:
        """Bound what adds up to each unit, for inputs of magnitude ``before``."""
        out: Array = before @ self.sizes.T + self.bias_sizes
        return out


@dataclass(frozen=True)
class Lines:
    """Lines around a layer's activation, moved apart by what rounding may change below them."""

    up: Array
    up_at_zero: Array
    low: Array
    low_at_zero: Array
    after: Array


@dataclass(frozen=True)
class Forms:
    """Affine forms of the inputs below and above each unit, shapes (boxes, inputs + 1, units).

    ``sizes`` bounds the magnitude of what adds up to a form's value anywhere in the box.
    """

    lower: Array
    upper: Array
    sizes: Array


@dataclass(frozen=True)
class Boxes:
    """Boxes by their corners, and the magnitudes of their points."""

    low: Array
    high: Array
    reach: Array

    @staticmethod
    def of(low: Array, high: Array) -> Boxes:
        """Return boxes by their corners."""
        return Boxes(low, high, np.maximum(np.abs(low), np.abs(high)))


@dataclass
class Known:
    """What is known of some boxes, layer by layer.

    ``sizes`` are the units' magnitudes M; a box is ``sane`` if all numbers were finite, and
    ``vacant`` if no input of it has its units where they are said to be; ``largest`` is the
    largest magnitude of any layer's inputs.
    """

    boxes: Boxes
    sides: Sides | None
    lines: list[Lines]
    sizes: list[Array]
    sane: npt.NDArray[np.bool_]
    largest: Array
    vacant: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))


class RoundingChecker:
    """Upper bounds of linear forms of a network's inputs and outputs over boxes.

    Examples
    --------
    >>> from verifier.networks.activations import RELU
    >>> from verifier.networks.model import Layer
    >>> one, half = Fraction(1), Fraction(1, 2)
    >>> ramp = Network(1, (Layer(((one,),), (-half,), RELU),))
    >>> form = Constraint((Fraction(0),), (one,), Fraction(0), strict=False)
    >>> bound = RoundingChecker(ramp, [form]).upper_floats(np.zeros((1, 1)), np.ones((1, 1)))
    >>> bool(0.5 <= bound[0, 0] < 0.5 + 1e-12)
    True
    """

    def __init__(self, network: Network, forms: Sequence[Constraint]) -> None:
        self.share = share_of(max(network.inputs, *network.widths))
        # With many inputs, forms of these cost more than they save.
        self.forward = network.inputs <= FORWARD
        self.layers = [
            NearLayer(
                weights := near(layer.weights),
                bias := near([layer.bias])[0],
                np.abs(weights) + TINY,
                np.abs(bias) + TINY,
                shape_of(layer.activation),
            )
            for layer in network.layers
        ]
        self.take(forms)

    def of_forms(self, forms: Sequence[Constraint]) -> RoundingChecker:
        """Return a checker of other forms of the same network."""
        other = copy(self)
        other.take(forms)
        return other

    def take(self, forms: Sequence[Constraint]) -> None:
        self.rows = near([form.outputs for form in forms])
        self.inputs = near([form.inputs for form in forms])
        self.constants = np.array([round_up(form.constant) for form in forms])

    def upper_floats(self, low: Array, high: Array) -> Array:
        """Return an upper bound of each form (columns) on each box (rows) with float corners."""
        members = np.arange(len(self.constants))[:, None]
        return self.upper_sums(low, high, members, np.ones((len(low), *members.shape)))

    def upper_sums(
        self,
        low: Array,
        high: Array,
        members: npt.NDArray[np.int64],
        weights: Array,
        sides: Sides | None = None,
        pushes: Pushes | None = None,
    ) -> Array:
        """Return upper bounds (boxes, sums) of sums of forms, with each box's own multipliers.

        Parameters
        ----------
        members, weights:
            The numbers of each sum's forms, and their non-negative multipliers, shape (boxes,
            sums, forms in a sum).
        sides, pushes:
            What is known of units, so that the bounds hold only for inputs where it is true; and
            multipliers of that, which add to the sums what is then at least 0. A bound is minus
            infinity where nothing of a box is left.
        """
        parts = []
        with np.errstate(all="ignore"):
            for first in range(0, len(low), CHUNK):
                chunk = slice(first, first + CHUNK)
                part = sides.part(chunk) if sides else None
                boxes = Boxes.of(low[chunk], high[chunk])
                known = self.propagate(boxes, part)
                parts.append(self.sums(known, members, weights[chunk], part_of(pushes, chunk)))
        return np.concatenate(parts)

    def propagate(self, boxes: Boxes, sides: Sides | None) -> Known:
        """Bound every unit, layer after layer."""
        known = Known(boxes, sides, [], [], np.ones(len(boxes.low), bool), boxes.reach.max(axis=1))
        before, vacant = boxes.reach, np.zeros(len(boxes.low), bool)
        for top, layer in enumerate(self.layers):
            sizes = layer.magnitudes(before)
            if top == 0:
                forms = self.first(layer, boxes)
                z_low, z_high = self.ranges(forms, boxes)
            elif self.forward:
                forms = self.affine(forms, layer, boxes)
                z_low, z_high = self.ranges(forms, boxes)
            else:
                z_high = np.full((len(boxes.low), len(layer.bias)), np.inf)
                z_low = -z_high
            if sides is not None:
                z_low = np.maximum(z_low, sides.floors[top])
                z_high = np.minimum(z_high, sides.ceilings[top])
            # Units whose piece is not yet settled deserve the dearer, tighter bound.
            unsettled = layer.shape.unsettled(z_low, z_high) | ~np.isfinite(z_high - z_low)
            open_units = np.flatnonzero(unsettled.any(axis=0))
            if top and len(open_units):
                rows, start = layer.weights[open_units], layer.bias[open_units]
                bound = self.descend(
                    known, np.concatenate([rows, -rows]), np.concatenate([start, -start])
                )
                doubt = self.share * sizes[:, open_units] + TINY * (1 + known.largest[:, None])
                half = len(open_units)
                above, below = total(bound[:, :half], doubt), -total(bound[:, half:], doubt)
                z_high[:, open_units] = np.minimum(z_high[:, open_units], above)
                z_low[:, open_units] = np.maximum(z_low[:, open_units], below)
            known.sane &= np.isfinite(z_low).all(axis=1) & np.isfinite(z_high).all(axis=1)
            if sides is not None:
                # No number is at least the one and at most the other.
                vacant |= known.sane & (z_low > z_high).any(axis=1)
                z_low = np.minimum(z_low, z_high)
            known.sizes.append(sizes)
            known.lines.append(self.around(layer.shape, z_low, z_high, sizes))
            if self.forward:
                forms = self.activate(forms, known.lines[-1])
            before = known.lines[-1].after
            known.largest = np.maximum(known.largest, before.max(axis=1))
        known.vacant = vacant
        return known

    def sums(
        self,
        known: Known,
        members: npt.NDArray[np.int64],
        weights: Array,
        pushes: Pushes | None,
    ) -> Array:
        """Bound sums of forms where every unit is bounded."""
        share = weights[..., None]
        rows, inputs = ((share * part[members]).sum(axis=2) for part in (self.rows, self.inputs))
        start = (weights * self.constants[members]).sum(axis=2)
        sizes = (
            known.lines[-1].after @ np.abs(self.rows).T
            + known.boxes.reach @ np.abs(self.inputs).T
            + np.abs(self.constants)
        )
        doubt = share_of(members.shape[1]) * (weights * sizes[:, members]).sum(axis=2)
        heaviest = weights.max(axis=(1, 2))
        if pushes is not None and known.sides is not None:
            for push, floor, ceiling, size in zip(
                pushes, known.sides.floors, known.sides.ceilings, known.sizes, strict=True
            ):
                held = np.where(push > 0, floor[:, None], np.where(push < 0, ceiling[:, None], 0.0))
                start = total(start, -(push * held).sum(axis=2))
                doubt += self.share * (np.abs(push) * (np.abs(held) + size[:, None])).sum(axis=2)
                heaviest = np.maximum(heaviest, np.abs(push).max(axis=(1, 2)))
        bounds = self.descend(known, rows, start, inputs, pushes)
        tiny = TINY * (1 + heaviest) * (1 + known.largest)
        bounds = total(bounds, doubt, tiny[:, None])
        bounds = np.where(known.sane[:, None] & np.isfinite(bounds), bounds, np.inf)
        return np.where(known.vacant[:, None], -np.inf, bounds)

    def descend(
        self,
        known: Known,
        rows: Array,
        start: Array,
        inputs: Array | None = None,
        pushes: Pushes | None = None,
    ) -> Array:
        """Bound ``rows · a + start (+ inputs · x)``, a what the layers bounded so far give.

        The rows may be the same for all boxes, or each box's own; ``pushes`` are added to the
        rows of values before activations.
        """
        boxes, top = known.boxes, len(known.lines)
        row = np.broadcast_to(rows, (len(boxes.low), *rows.shape[-2:]))
        constants = np.broadcast_to(start, row.shape[:2])
        for i in range(top - 1, -1, -1):
            layer, line = self.layers[i], known.lines[i]
            positive, negative = np.maximum(row, 0), np.minimum(row, 0)
            rise, fall = inner(positive, line.up_at_zero), inner(negative, line.low_at_zero)
            positive *= line.up[:, None]
            negative *= line.low[:, None]
            # One of the two is zero in each entry, so the sum is exact.
            positive += negative
            if pushes is not None:
                positive += pushes[i]
            flat = positive.reshape(-1, positive.shape[-1])
            constants = total(constants, rise, fall, (flat @ layer.bias).reshape(row.shape[:2]))
            row = (flat @ layer.weights).reshape(*row.shape[:2], -1)
        if inputs is not None:
            row = row + inputs
        positive, negative = np.maximum(row, 0), np.minimum(row, 0)
        ends = inner(positive, boxes.high), inner(negative, boxes.low)
        doubt = self.share * inner(positive - negative, boxes.reach)
        return total(constants, *ends, doubt)

    def around(self, shape: Shape, low: Array, high: Array, sizes: Array) -> Lines:
        """Enclose an activation between lines that leave room for rounding."""
        if shape.lines:
            drawn = enclose(shape, low, high, *slopes(shape, low, high))
            up, above, bottom, below = drawn.up, drawn.up_at_zero, drawn.low, drawn.low_at_zero
            after = drawn.after
        else:
            up = bottom = np.ones_like(low)
            above = below = np.zeros_like(low)
            after = np.maximum(np.abs(low), np.abs(high))
        above = above + self.share * (np.abs(up) * sizes + np.abs(above)) + TINY
        below = below - self.share * (np.abs(bottom) * sizes + np.abs(below)) - TINY
        return Lines(up, above, bottom, below, after)

    def first(self, layer: NearLayer, boxes: Boxes) -> Forms:
        """Return the first layer's forms of the inputs: its weights and its bias."""
        sizes = layer.magnitudes(boxes.reach)
        doubt = self.share * sizes + TINY
        whole = np.concatenate([layer.weights.T, layer.bias[None]])
        lower, upper = (np.repeat(whole[None], len(boxes.low), axis=0) for _ in range(2))
        lower[:, -1] -= doubt
        upper[:, -1] += doubt
        return Forms(lower, upper, sizes)

    def affine(self, forms: Forms, layer: NearLayer, boxes: Boxes) -> Forms:
        """Push forms of a layer's inputs through its weights and bias."""
        shape = (*forms.upper.shape[:2], len(layer.bias))
        middle, radius = (forms.upper + forms.lower) / 2, (forms.upper - forms.lower) / 2
        centre = (middle.reshape(-1, middle.shape[-1]) @ layer.weights.T).reshape(shape)
        spread = (radius.reshape(-1, middle.shape[-1]) @ layer.sizes.T).reshape(shape)
        doubt = self.share * layer.magnitudes(forms.sizes) + TINY
        lower, upper = centre - spread, centre + spread
        lower[:, -1] += layer.bias - doubt
        upper[:, -1] += layer.bias + doubt
        reach = boxes.reach[:, None]
        sizes = [
            (reach @ np.abs(part[:, :-1]))[:, 0] + np.abs(part[:, -1]) for part in (lower, upper)
        ]
        return Forms(lower, upper, np.maximum(*sizes))

    def ranges(self, forms: Forms, boxes: Boxes) -> tuple[Array, Array]:
        """Return the least and the greatest value of each unit, rounded outward."""
        low, high = boxes.low[:, None], boxes.high[:, None]
        slope = forms.upper[:, :-1]
        top = (high @ np.maximum(slope, 0) + low @ np.minimum(slope, 0))[:, 0]
        slope = forms.lower[:, :-1]
        bottom = (low @ np.maximum(slope, 0) + high @ np.minimum(slope, 0))[:, 0]
        doubt = self.share * forms.sizes + TINY
        return bottom + forms.lower[:, -1] - doubt, top + forms.upper[:, -1] + doubt

    def activate(self, forms: Forms, lines: Lines) -> Forms:
        """Push forms through an activation that lies between lines."""
        up, low = lines.up[:, None], lines.low[:, None]
        upper = np.where(up >= 0, forms.upper, forms.lower) * up
        lower = np.where(low >= 0, forms.lower, forms.upper) * low
        steep = np.maximum(np.abs(lines.up), np.abs(lines.low)) * forms.sizes
        sizes = steep + np.maximum(np.abs(lines.up_at_zero), np.abs(lines.low_at_zero))
        doubt = self.share * sizes + TINY
        upper[:, -1] += lines.up_at_zero + doubt
        lower[:, -1] += lines.low_at_zero - doubt
        return Forms(lower, upper, sizes)


class BothCheckers:
    """The quick check, and the exact one on boxes that it leaves open."""

    def __init__(self, network: Network, forms: Sequence[Constraint]) -> None:
        self.network, self.forms = network, forms
        self.quick = RoundingChecker(network, forms)
        # Made when it is first asked.
        self.exact: Checker | None = None

    def of_forms(self, forms: Sequence[Constraint]) -> BothCheckers:
        """Return the checkers of other forms of the same network."""
        other = copy(self)
        other.forms, other.quick = forms, self.quick.of_forms(forms)
        other.exact = self.exact.of_forms(forms) if self.exact else None
        return other

    def upper_floats(
        self,
        low: Array,
        high: Array,
        sums: Sums,
        weights: Array,
        sides: Sides | None = None,
        pushes: Pushes | None = None,
    ) -> Array:
        """Return upper bounds (boxes, sums) of sums of forms, with each box's own multipliers."""
        bounds = self.quick.upper_sums(low, high, sums.members, weights, sides, pushes)
        rest = np.flatnonzero(~sums.close(bounds, weights))
        # The exact check bounds forms alone, on whole boxes.
        if len(rest) and sides is None:
            self.exact = self.exact or Checker(self.network, self.forms)
            exact = self.exact.upper_floats(low[rest], high[rest])
            alone = (weights[rest] != 0).sum(axis=2) == 1
            alone &= weights[rest].max(axis=2) == 1
            pick = np.take_along_axis(
                sums.members[None], weights[rest].argmax(axis=2)[..., None], axis=2
            )
            single = np.take_along_axis(exact, pick[..., 0], axis=1)
            bounds[rest] = np.where(alone, np.minimum(bounds[rest], single), bounds[rest])
        return bounds


def share_of(terms: int) -> float:
    """Return four times what rounding may change a sum of up to twice so many terms, per term."""
    return (terms + 32) * 2.0**-50


def near(rows: Sequence[Sequence[Fraction]]) -> Array:
    """Return the matrix of nearest floats; beyond floats, of what makes every bound infinite."""
    return np.array([[nearest(entry) for entry in row] for row in rows])


def nearest(number: Fraction) -> float:
    """Return the nearest float, if there is one."""
    try:
        return float(number)
    except OverflowError:
        return float("nan")


def inner(rows: Array, points: Array) -> Array:
    """Return each box's rows times its own point."""
    out: Array = np.matmul(rows, points[..., None])[..., 0]
    return out


def total(*parts: Array) -> Array:
    """Return a number no smaller than the sum of up to eight parts."""
    out, size = parts[0], np.abs(parts[0])
    for part in parts[1:]:
        out = out + part
        size = size + np.abs(part)
    return out + size * 2.0**-49
