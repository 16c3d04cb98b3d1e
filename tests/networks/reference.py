"""A slow and simple reference for pieces, in plain fractions, sharing no code with the verifier.

A network is a list of (rows, bias, activation); an activation is a list of thresholds with
(place, owned by the left) and one (slope, intercept) more.
"""

from __future__ import annotations

import random
from fractions import Fraction as F
from itertools import pairwise

RELU = ([(F(0), False)], [(F(0), F(0)), (F(1), F(0))])
ABS = ([(F(0), False)], [(F(-1), F(0)), (F(1), F(0))])
STEP = ([(F(0), False)], [(F(0), F(0)), (F(0), F(1))])
HARDTANH = (
    [(F(-1), False), (F(1), False)],
    [(F(0), F(-1)), (F(1), F(0)), (F(0), F(1))],
)
LEAKY = ([(F(0), False)], [(F(1, 10), F(0)), (F(1), F(0))])
IDENTITY = ([], [(F(1), F(0))])


def apply(activation, x):
    thresholds, pieces = activation
    for (at, closed), (slope, intercept) in zip(thresholds, pieces, strict=False):
        if x < at or (closed and x == at):
            return slope * x + intercept
    slope, intercept = pieces[-1]
    return slope * x + intercept


def layer_values(net, x):
    """All pre-activations, layer by layer, and the outputs last."""
    values, seen = [x], []
    for rows, bias, activation in net:
        before = [
            sum(w * v for w, v in zip(row, values, strict=True)) + b
            for row, b in zip(rows, bias, strict=True)
        ]
        seen.append(before)
        values = [apply(activation, v) for v in before]
    return [*seen, values]


def between(low, high):
    """Two points of the open interval; None is infinite."""
    if low is None and high is None:
        return F(0), F(1)
    if low is None:
        return high - 2, high - 1
    if high is None:
        return low + 1, low + 2
    return low + (high - low) / 3, low + 2 * (high - low) / 3


def affine(net, layer, low, high):
    """(slope, intercept) of each entry of a layer on an open interval where all are affine."""
    x, y = between(low, high)
    left, right = layer_values(net, x)[layer], layer_values(net, y)[layer]
    forms = []
    for a, b in zip(left, right, strict=True):
        slope = (b - a) / (y - x)
        forms.append((slope, a - slope * x))
    return forms


def elementary(net, low, high):
    """Open intervals, in order, on which every unit is affine."""
    places = set()
    for layer, (_, _, activation) in enumerate(net):
        marks = gaps(places, low, high)
        for left, right in marks:
            for slope, intercept in affine(net, layer, left, right):
                for at, _ in activation[0]:
                    if slope:
                        root = (at - intercept) / slope
                        if (left is None or root > left) and (right is None or root < right):
                            places.add(root)
    return gaps(places, low, high)


def gaps(places, low, high):
    if low is not None and low == high:
        return []
    ends = [low, *sorted(places), high]
    return list(pairwise(ends))


def minimal_count(net, low, high):
    """The least number of pieces by dynamic programming over all ways to cut."""
    if low is not None and low == high:
        return 1
    opens = elementary(net, low, high)
    cells = []
    for i, (left, right) in enumerate(opens):
        if left is not None:
            cells.append(("point", left, layer_values(net, left)[-1]))
        cells.append(("open", None, affine(net, -1, left, right)))
        if i == len(opens) - 1 and right is not None:
            cells.append(("point", right, layer_values(net, right)[-1]))
    best = [0]
    for end in range(1, len(cells) + 1):
        best.append(min(best[s] + 1 for s in range(end) if fits(cells[s:end])))
    return best[-1]


def fits(cells):
    """Whether one affine function (a vector of them) fits all these cells."""
    forms = [data for kind, _, data in cells if kind == "open"]
    if not forms:
        return True
    if any(form != forms[0] for form in forms):
        return False
    return all(
        [slope * at + intercept for slope, intercept in forms[0]] == data
        for kind, at, data in cells
        if kind == "point"
    )


def random_number(rng, sizes=(0, 1, 1, 2, 3)):
    return F(rng.choice([-1, 1]) * rng.choice(sizes), rng.choice([1, 1, 2, 3]))


def random_activation(rng):
    kind = rng.randrange(8)
    if kind < 6:
        return [RELU, RELU, ABS, STEP, HARDTANH, LEAKY][kind]
    cuts = sorted({(random_number(rng), rng.random() < 0.5) for _ in range(rng.randint(0, 3))})
    pieces = [(random_number(rng), random_number(rng)) for _ in range(len(cuts) + 1)]
    return cuts, pieces


def random_network(seed):
    """Small, with many coincidences; some seeds are degenerate on purpose."""
    rng = random.Random(seed)
    depth, width = rng.randint(1, 3), rng.randint(1, 3)
    outputs = rng.choice([1, 1, 1, 2])
    net, before = [], 1
    zero_rate = rng.choice([0, 0, 0.3, 0.9])
    shared = random_activation(rng)
    for layer in range(depth):
        units = outputs if layer == depth - 1 else rng.randint(1, width)
        rows = [
            [F(0) if rng.random() < zero_rate else random_number(rng) for _ in range(before)]
            for _ in range(units)
        ]
        bias = [random_number(rng) for _ in range(units)]
        mode = rng.randrange(6)
        if mode == 0 and units > 1:
            # Twins: breakpoints coincide, and opposite read-outs would cancel slopes.
            rows[1], bias[1] = rows[0], bias[0]
        if mode == 1:
            # Dead units: nothing passes a relu.
            rows[0], bias[0] = [F(0)] * before, F(-1)
        if mode == 2 and units > 1:
            rows[1], bias[1] = [-w for w in rows[0]], -bias[0]
        activation = rng.choice([shared, random_activation(rng), RELU])
        if layer == depth - 1 and rng.random() < 0.6:
            activation = IDENTITY
        net.append((rows, bias, activation))
        before = units
    return net, rng


def random_interval(rng):
    low, high = sorted([random_number(rng), random_number(rng)])
    return rng.choice([(None, None), (low, high), (None, high), (low, None), (F(0), F(1))])
