"""Random networks of several inputs, copies of them that look different, and z3 on whole pairs."""

from __future__ import annotations

import random
from fractions import Fraction as F

import z3

from verifier.networks.activations import (
    ABS,
    HARDTANH,
    IDENTITY,
    RELU,
    STEP,
    Activation,
    Affine,
    Cut,
    leaky_relu,
)  # fmt: skip
from verifier.networks.model import Layer, Network

# A single point with a value of its own at 0, then a jump that the lower piece owns.
SPOTS = Activation(
    "pieces",
    (Cut(F(0), False), Cut(F(0), True), Cut(F(1), True)),
    (Affine(F(1), F(0)), Affine(F(0), F(3)), Affine(F(-1), F(1)), Affine(F(0), F(2))),
)
HOMOGENEOUS = (RELU, ABS, leaky_relu(F(1, 10)), IDENTITY, None)
ACTIVATIONS = (*HOMOGENEOUS, STEP, HARDTANH, SPOTS)


def row(*entries) -> tuple[F, ...]:
    return tuple(F(entry) for entry in entries)


def layer(weights, bias, activation=None) -> Layer:
    return Layer(tuple(row(*weights_) for weights_ in weights), row(*bias), activation)


def random_network(chance, inputs, widths, activations=ACTIVATIONS) -> Network:
    """Small weights, zeros among them; the last layer is affine."""
    layers, before = [], inputs
    for i, width in enumerate(widths):
        weights = [[F(chance.randint(-4, 4), 2) for _ in range(before)] for _ in range(width)]
        bias = [F(chance.randint(-3, 3), 2) for _ in range(width)]
        last = i + 1 == len(widths)
        layers.append(layer(weights, bias, None if last else chance.choice(activations)))
        before = width
    return Network(inputs, tuple(layers))


def disguised(chance, network: Network) -> Network:
    """The same function: units permuted, rescaled where that is allowed, one of them split."""
    layers = list(network.layers)
    for i in range(len(layers) - 1):
        lower, upper = layers[i], layers[i + 1]
        order = list(range(lower.outputs))
        chance.shuffle(order)
        split = chance.choice(order)
        order.append(split)
        scales = [
            F(chance.randint(1, 5), 3) if lower.activation in HOMOGENEOUS else F(1) for _ in order
        ]
        share = {k: F(1) for k in order} | {split: F(1, 3)}
        weights = [[c * w for w in lower.weights[k]] for k, c in zip(order, scales, strict=True)]
        bias = [c * lower.bias[k] for k, c in zip(order, scales, strict=True)]
        shares = [share[k] for k in order[:-1]] + [F(2, 3)]
        above = [
            [r[k] * s / c for k, s, c in zip(order, shares, scales, strict=True)]
            for r in upper.weights
        ]
        layers[i] = layer(weights, bias, lower.activation)
        layers[i + 1] = layer(above, upper.bias, upper.activation)
    return Network(network.inputs, tuple(layers))


def nudged(chance, network: Network, by=F(1, 10**12)) -> Network:
    """One bias of the last layer changed."""
    *layers, last = network.layers
    at = chance.randrange(last.outputs)
    bias = [entry + by * (j == at) for j, entry in enumerate(last.bias)]
    return Network(network.inputs, (*layers, layer(last.weights, bias, last.activation)))


def differ_by_z3(left: Network, right: Network, low=None, high=None):
    """Whether two networks differ somewhere, as one formula with a case for each piece."""
    x = [z3.Real(f"x{i}") for i in range(left.inputs)]
    solver = z3.Solver()
    for bound, sign in ((low, 1), (high, -1)):
        for name, end in zip(x, bound or (), strict=False):
            solver.add(sign * name >= sign * number(end))
    one, other = outputs(left, x), outputs(right, x)
    solver.add(z3.Or(*(a != b for a, b in zip(one, other, strict=True))))
    return solver.check() == z3.sat


def number(value):
    return z3.RealVal(str(value))


def outputs(network: Network, x):
    values = x
    for part in network.layers:
        sums = [
            z3.Sum(*(number(w) * v for w, v in zip(r, values, strict=True)), number(b))
            for r, b in zip(part.weights, part.bias, strict=True)
        ]
        values = [by_cases(part.activation, z) for z in sums]
    return values


def by_cases(activation, z):
    if activation is None:
        return z
    lines = [number(p.slope) * z + number(p.intercept) for p in activation.pieces]
    value = lines[-1]
    for cut, line in reversed(list(zip(activation.cuts, lines, strict=False))):
        at = number(cut.at)
        value = z3.If(z <= at if cut.closed else z < at, line, value)
    return value


def seeded(seed) -> random.Random:
    return random.Random(str(seed))
