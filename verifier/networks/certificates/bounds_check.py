"""Bounds of a network on parts of a box, in whole numbers alone.

``docs/certificates.md`` defines every number here and says why the bounds hold. They are carried
in machine words, and through products with weights in floats below 2^53; before each step that
could leave these, a guard raises :class:`TooLarge`, and the part is done again in Python's own
integers. The result does not depend on the carrier.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from verifier.networks.certificates.whole_numbers import (
    SLICE,
    Whole,
    WholeActivation,
    WholeLayer,
    WholeNetwork,
    longs,
)

Indices = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

# Slopes are over 2 ** SLOPE.
SLOPE: Final = 10
# Words hold less than 2^63, and floats every whole number up to 2^53.
MOST: Final = 2.0**62
MOST_FLOAT: Final = 2.0**53
# Rows that are taken through the layers together: they should fit the processor's cache.
ROWS: Final = 1024


class TooLarge(Exception):
    """A number may not fit the words that carry it."""


class Side(NamedTuple):
    """What a split says: a unit lies on a piece up to ``cut``, or ``above`` on a later one."""

    layer: int
    unit: int
    cut: int
    above: bool


@dataclass(frozen=True)
class Ranges:
    """Bounds of units on parts, shapes (parts, units), one entry a layer."""

    low: tuple[Whole, ...]
    high: tuple[Whole, ...]

    def of_parts(self, chosen: Indices) -> Ranges:
        """Return the bounds on some parts."""
        return Ranges(tuple(x[chosen] for x in self.low), tuple(x[chosen] for x in self.high))


@dataclass(frozen=True)
class Parts:
    """Parts of a box: corners (parts, inputs) over 2 ** scale, what splits say, what is known."""

    low: Whole
    high: Whole
    sides: tuple[tuple[Side, ...], ...]
    inherited: Ranges | None = None

    def of_parts(self, chosen: Indices) -> Parts:
        """Return some of the parts."""
        known = None if self.inherited is None else self.inherited.of_parts(chosen)
        return Parts(
            self.low[chosen], self.high[chosen], tuple(self.sides[i] for i in chosen), known
        )

    def as_longs(self) -> Parts:
        """Return the same parts in Python's integers."""
        known = self.inherited
        if known is not None:
            known = Ranges(tuple(map(longs_of, known.low)), tuple(map(longs_of, known.high)))
        return Parts(longs_of(self.low), longs_of(self.high), self.sides, known)


@dataclass(frozen=True)
class Sums:
    """Forms to be bounded at the end, shapes (parts, sums, …), for each part its own.

    ``pushes`` has for each layer signed multipliers of what splits say, and ``held`` what their
    breakpoints take away: shapes (parts, sums, units) and (parts, sums).
    """

    rows: Whole
    inputs: Whole
    constants: Whole
    pushes: tuple[Whole | None, ...]
    held: Whole

    def as_longs(self) -> Sums:
        """Return the same sums in Python's integers."""
        return self.changed(object)

    def as_words(self) -> Sums:
        """Return the same sums in words, which they are known to fit."""
        return self.changed(np.int64)

    def changed(self, kind: type) -> Sums:
        return Sums(
            self.rows.astype(kind),
            self.inputs.astype(kind),
            self.constants.astype(kind),
            tuple(None if push is None else push.astype(kind) for push in self.pushes),
            self.held.astype(kind),
        )


@dataclass
class Relaxation:
    """How forms go through one layer's activation on each part, shapes (parts, units).

    ``ends`` are points and the activation's values there, times its denominator; ``below_zero``
    is how far values may lie below zero; a form's constant grows by at most the sum of its row's
    magnitudes times ``sizes``.
    """

    above: Whole
    below: Whole
    ends: list[tuple[Whole, Whole]]
    below_zero: Whole | None
    denominator: int
    relu: bool
    sizes: npt.NDArray[np.float64]


@dataclass
class Known:
    """What has been computed of parts, layer by layer."""

    parts: Parts
    relaxations: list[Relaxation] = field(default_factory=list)
    low: list[Whole] = field(default_factory=list)
    high: list[Whole] = field(default_factory=list)
    empty: Mask = field(default_factory=lambda: np.zeros(0, bool))


def upper_bounds(whole: WholeNetwork, parts: Parts, sums: Sums) -> tuple[Whole, Mask]:
    """Return upper bounds (parts, sums), over 4 ** scale, and which parts are empty."""
    known = bound_units(whole, parts)
    count = sums.rows.shape[1]
    owners = np.repeat(np.arange(len(parts.low)), count)
    flat = [None if push is None else push.reshape(-1, push.shape[2]) for push in sums.pushes]
    values = descend(
        whole,
        known,
        len(whole.layers),
        sums.rows.reshape(-1, sums.rows.shape[2]),
        (guarded(sums.constants) - guarded(sums.held)).reshape(-1),
        owners,
        flat,
        sums.inputs.reshape(-1, sums.inputs.shape[2]),
    )
    return values.reshape(-1, count), known.empty


def bound_units(whole: WholeNetwork, parts: Parts) -> Known:
    """Bound every unit that forms need bounds of, layer after layer."""
    known = Known(parts, empty=np.zeros(len(parts.low), bool))
    for top, layer in enumerate(whole.layers):
        first, last, least, most = what_sides_say(layer, parts, top)
        if top + 1 == len(whole.layers) and not layer.activation.lefts:
            # Nothing is rounded above the last layer, and nothing bends in it.
            known.low.append(least)
            known.high.append(most)
            known.relaxations.append(same(least))
            continue
        low, high = least, most
        if parts.inherited is not None:
            low = np.maximum(low, parts.inherited.low[top])
            high = np.minimum(high, parts.inherited.high[top])
            bent = meeting(layer.activation, low, high, first, last)
            undecided = bent[0] != bent[1]
        else:
            undecided = np.ones(low.shape, bool)
        owners, units = np.nonzero(undecided)
        if len(owners):
            upper, lower = unit_bounds(whole, known, top, owners, units)
            if parts.inherited is None and not any(parts.sides):
                low, high = lower.reshape(low.shape), upper.reshape(low.shape)
            else:
                low, high = low.copy(), high.copy()
                low[owners, units] = np.maximum(low[owners, units], lower)
                high[owners, units] = np.minimum(high[owners, units], upper)
        known.empty |= (low > high).any(axis=1)
        # No number is at least the one and at most the other; what follows is of no matter.
        high = np.maximum(low, high)
        known.low.append(low)
        known.high.append(high)
        known.relaxations.append(relaxation(whole, layer, low, high, first, last))
    return known


def what_sides_say(
    layer: WholeLayer, parts: Parts, top: int
) -> tuple[Indices, Indices, Whole, Whole]:
    """Return the first and last pieces units may lie on, and bounds, shapes (parts, units)."""
    shape = len(parts.low), len(layer.bias)
    pieces = len(layer.activation.slopes)
    first, last = np.zeros(shape, np.int64), np.full(shape, pieces - 1)
    far: int | float = 2**61 if not is_long(parts.low) else float("inf")
    least, most = np.full(shape, -far, parts.low.dtype), np.full(shape, far, parts.low.dtype)
    for part, sides in enumerate(parts.sides):
        for place, unit, cut, above in sides:
            if place != top:
                continue
            at = part, unit
            if above:
                first[at] = max(first[at], cut + 1)
                least[at] = max(least[at], layer.activation.lefts[cut])
            else:
                last[at] = min(last[at], cut)
                most[at] = min(most[at], layer.activation.rights[cut])
    return first, last, least, most


def meeting(
    activation: WholeActivation, low: Whole, high: Whole, first: Indices, last: Indices
) -> tuple[Indices, Indices]:
    """Narrow ranges of pieces to those that meet [low, high]."""
    start, stop = first.copy(), last.copy()
    for k, (left, right) in enumerate(zip(activation.lefts, activation.rights, strict=True)):
        # Piece k ends at right, piece k + 1 begins at left.
        start[(start == k) & (low > right).astype(bool)] += 1
        stop[(high < left).astype(bool)] = np.minimum(stop[(high < left).astype(bool)], k)
    return np.minimum(start, last), np.maximum(np.minimum(stop, last), np.minimum(start, last))


def same(like: Whole) -> Relaxation:
    """Return what leaves forms as they are: no activation."""
    one = np.full(like.shape, 2**SLOPE, like.dtype)
    return Relaxation(one, one, [], None, 1, False, np.zeros(like.shape))


def relaxation(
    whole: WholeNetwork,
    layer: WholeLayer,
    low: Whole,
    high: Whole,
    first: Indices,
    last: Indices,
) -> Relaxation:
    """Return how forms go through a layer's activation where its units are bounded."""
    activation, power = layer.activation, 2**whole.scale
    if not is_long(low):
        steepest = float(max(map(abs, activation.slopes)))
        fits(low, high, factor=(steepest + 1) * 2.0 ** (SLOPE + 2))
        fits(low, high, factor=4.0 * activation.denominator)
        highest = float(max(map(abs, activation.intercepts)))
        fits_number((highest + 1) * 2.0 ** min(whole.scale + SLOPE + 2, 1000))
    first, last = meeting(activation, low, high, first, last)
    kind = low.dtype
    slopes = np.array(activation.slopes, dtype=kind)
    values = np.array([t * power for t in activation.intercepts], dtype=kind)
    at_low = slopes[first] * low + values[first]
    at_high = slopes[last] * high + values[last]
    flat = (slopes * 2**SLOPE // activation.denominator)[first]
    straight = (first == last) | (low == high).astype(bool)
    width = np.where(straight, 1, high - low) * activation.denominator
    chord = np.where(straight, flat, (at_high - at_low) * 2**SLOPE // width)
    centre = first.copy()
    for k, left in enumerate(activation.lefts):
        centre += (first <= k) & (k < last) & (2 * left < low + high).astype(bool)
    middle = np.where(straight, flat, (slopes * 2**SLOPE // activation.denominator)[centre])
    above = middle if activation.bend < 0 else chord
    below = middle if activation.bend > 0 else chord
    if activation.is_relu:
        ends = [(np.minimum(low, 0), np.maximum(high, 0))]
        lowest = None
    else:
        ends = [(low, at_low), (high, at_high)]
        for k, (left, right) in enumerate(zip(activation.lefts, activation.rights, strict=True)):
            for piece, end in ((k, right), (k + 1, left)):
                # Outside the pieces that count, an end that is looked at anyway stands in.
                inside = (first <= piece) & (piece <= last)
                inside &= ((low <= end) & (end <= high)).astype(bool)
                z = np.where(inside, end, low)
                ends.append((z, np.where(inside, slopes[piece] * end + values[piece], at_low)))
        lowest = -(np.min([value for _, value in ends], axis=0) // activation.denominator)
        lowest = np.maximum(lowest, 0)
    relu, denominator = activation.is_relu, activation.denominator
    made = Relaxation(above, below, ends, lowest, denominator, relu, np.zeros(low.shape))
    if not is_long(low):
        steep = np.maximum(np.abs(above), np.abs(below)) / 2.0**SLOPE * denominator
        sizes = [
            np.maximum(-a, b) if relu else np.abs(a) * steep + np.abs(b).astype(float)
            for a, b in ends
        ]
        made.sizes = np.max(sizes, axis=0).astype(float)
    return made


def unit_bounds(
    whole: WholeNetwork, known: Known, top: int, owners: Indices, units: Indices
) -> tuple[Whole, Whole]:
    """Return upper and lower bounds of units before their activation, each on its own part."""
    layer, kind = whole.layers[top], known.parts.low.dtype
    weights, bias, slack = layer.weights.astype(kind), layer.bias.astype(kind), layer.slack
    rounding = np.zeros(len(known.parts.low), kind)
    if slack and top and (lowest := known.relaxations[top - 1].below_zero) is not None:
        rounding = slack * lowest.sum(axis=1)
    if not is_long(bias):
        fits(bias, factor=2.0 ** min(whole.scale + 2, 1000))
        fits(rounding, factor=4.0)
    power = 2**whole.scale
    tops = (bias + slack)[units] * power + rounding[owners]
    bottoms = -bias[units] * power + rounding[owners]
    upper = descend(whole, known, top, (weights + slack)[units], tops, owners)
    lower = descend(whole, known, top, -weights[units], bottoms, owners)
    return -(-upper >> whole.scale), lower_of(lower, whole.scale)


def lower_of(value: Whole, scale: int) -> Whole:
    """Return the lower bound that the upper bound of the opposite gives."""
    out: Whole = -value >> scale
    return out


def descend(
    whole: WholeNetwork,
    known: Known,
    top: int,
    rows: Whole,
    constants: Whole,
    owners: Indices,
    pushes: Sequence[Whole | None] = (),
    inputs: Whole | None = None,
) -> Whole:
    """Bound forms of the values of layer ``top`` - 1, each on its own part; 0 means the inputs."""
    out = np.empty(len(rows), constants.dtype)
    for chunk in chunks(len(rows)):
        r, c, mine = rows[chunk], constants[chunk], owners[chunk]
        for i in range(top - 1, -1, -1):
            r, c = relax(known.relaxations[i], r, c, mine)
            if pushes and (push := pushes[i]) is not None:
                r = guarded(r) + guarded(push[chunk])
            lowest = known.relaxations[i - 1].below_zero if i else None
            r, c = through(whole, whole.layers[i], r, c, None if lowest is None else lowest[mine])
        if inputs is not None:
            r = guarded(r) + guarded(inputs[chunk])
        out[chunk] = over_box(r, c, known.parts.low[mine], known.parts.high[mine])
    return out


def chunks(count: int) -> Iterator[slice]:
    """Divide rows among steps."""
    for first in range(0, count, ROWS):
        yield slice(first, first + ROWS)


def relax(way: Relaxation, r: Whole, c: Whole, mine: Indices) -> tuple[Whole, Whole]:
    """Replace values after an activation by values before it: step 1."""
    if not way.ends:
        return r, c
    above, below = way.above[mine], way.below[mine]
    steep = max(largest_of(way.above), largest_of(way.below), 1.0)
    fits_number(largest_of(r) * steep)
    fits_sums(r, way.sizes, mine)
    fits(c, factor=2.0)
    if way.relu:
        low, high = (part[mine] for part in way.ends[0])
        up = np.maximum(r, 0)
        risen = up * above >> SLOPE
        added = np.maximum(-risen * low, (up - risen) * high)
        return risen - (-np.minimum(r, 0) * below >> SLOPE), c + added.sum(axis=1)
    turned = (np.maximum(r, 0) * above >> SLOPE) - (-np.minimum(r, 0) * below >> SLOPE)
    most = np.max(
        [r * value[mine] - turned * z[mine] * way.denominator for z, value in way.ends], axis=0
    )
    return turned, c + (-(-most // way.denominator)).sum(axis=1)


def through(
    whole: WholeNetwork, layer: WholeLayer, r: Whole, c: Whole, lowest: Whole | None
) -> tuple[Whole, Whole]:
    """Replace values before an activation by those of the layer below: step 3."""
    scale = whole.scale
    fits_sums(r, np.full((1, r.shape[1]), 2 * largest_of(layer.bias) + 2))
    fits(c, factor=2.0)
    c = c + (r * layer.bias).sum(axis=1)
    rounded: Whole | int = 0
    if layer.slack:
        positive = np.maximum(r, 0).sum(axis=1)
        c = c + positive
        rounded = positive[:, None]
    if lowest is not None:
        spread = np.abs(r).sum(axis=1) * layer.slack
        if not is_long(r):
            rise = largest_of(spread) / 2.0**scale + 4
            fits_number(rise * largest_of(lowest) * lowest.shape[1] * 4)
        c = c + ((spread >> scale) + 2) * lowest.sum(axis=1)
    total: Whole = product(layer, r) + rounded
    out: Whole = -(-total >> scale)
    return out, c


def product(layer: WholeLayer, r: Whole) -> Whole:
    """Return rows times weights, exactly."""
    if is_long(r):
        out: Whole = r @ layer.weights.astype(object)
        return out
    if layer.slices is None:
        raise TooLarge
    high, low = layer.slices
    size: float = largest_of(r) * r.shape[1]
    if size * max(layer.steep) > MOST_FLOAT:
        size = float(np.abs(r).sum(axis=1).max())
    # Sums of whole numbers are exact in whatever order if magnitudes add up to so much.
    if size * max(layer.steep) > MOST_FLOAT or size * layer.steep[0] * 2.0**SLICE > MOST / 2:
        raise TooLarge
    floats = r.astype(np.float64)
    above = (floats @ high).astype(np.int64)
    below = (floats @ low).astype(np.int64)
    return (above << SLICE) + below


def over_box(r: Whole, c: Whole, low: Whole, high: Whole) -> Whole:
    """Return the largest value of forms of the inputs: step 4."""
    if not is_long(r):
        fits_sums(r, np.maximum(np.abs(low), np.abs(high)).astype(float))
    fits(c, factor=2.0)
    out: Whole = c + np.maximum(r * low, r * high).sum(axis=1)
    return out


# ---------------------------------------------------------------- guards


def largest_of(array: Whole) -> float:
    """Return the largest magnitude, 0 of Python's integers: these are never too large."""
    if is_long(array) or not array.size:
        return 0.0
    return max(float(array.max()), -float(array.min()))


def is_long(array: Whole) -> bool:
    """Whether an array holds Python's integers."""
    return array.dtype.kind == "O"


def fits(*arrays: Whole, factor: float) -> None:
    """Raise TooLarge if some number times a factor may not fit a word."""
    for array in arrays:
        fits_number(largest_of(array) * factor)


def fits_sums(r: Whole, sizes: npt.NDArray[np.float64], mine: Indices | None = None) -> None:
    """Raise TooLarge if rows' magnitudes times ``sizes`` may not add up within a word."""
    if is_long(r) or largest_of(r) * r.shape[1] * sizes.max() <= MOST:
        return
    terms = np.abs(r) * (sizes if mine is None else sizes[mine])
    # Half of the room is left to the roundings of this sum.
    fits_number(2 * float(terms.sum(axis=1).max()))


def fits_number(size: float) -> None:
    """Raise TooLarge if numbers of this magnitude may not fit a word."""
    # Not `size > MOST`: what is no number must not pass.
    if not size <= MOST:
        raise TooLarge


def guarded(array: Whole) -> Whole:
    """Return an array of which two can be added or subtracted."""
    fits(array, factor=2.0)
    return array


def longs_of(array: Whole) -> Whole:
    """Return an array in Python's integers."""
    return longs(array.tolist()) if array.size else array.astype(object)
