"""Networks and constraints as whole numbers over a power of two, rounded so that bounds hold.

``docs/certificates.md`` defines all of these numbers; K there is 2 ** ``scale`` here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import lcm
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from verifier.networks.activations import IDENTITY, Activation
from verifier.networks.model import Layer, Network
from verifier.networks.property import Case, Conjunction

# Whole numbers: machine words where they are known to fit, Python's integers otherwise.
Whole = npt.NDArray[Any]
Vector = tuple[Fraction, ...]

# Weights up to this size may be carried in words: two slices of 2 ** SLICE times less.
MOST_WORD: Final = 2**40
SLICE: Final = 13


def floor_over(number: Fraction, scale: int) -> int:
    """Return the largest whole number, over 2 ** scale, that is at most ``number``."""
    return (number.numerator << scale) // number.denominator


def ceil_over(number: Fraction, scale: int) -> int:
    """Return the smallest whole number, over 2 ** scale, that is at least ``number``."""
    return -((-number.numerator << scale) // number.denominator)


@dataclass(frozen=True)
class WholeActivation:
    """An activation's pieces, with one common denominator of slopes and intercepts.

    Parameters
    ----------
    denominator, slopes, intercepts:
        Piece k is (slopes[k] z + intercepts[k]) / denominator.
    lefts, rights:
        Ends of the pieces over 2 ** scale, moved outward; those of the line are left out, so
        ``lefts[k]`` is the left end of piece k + 1 and ``rights[k]`` the right end of piece k.
    bend:
        1 if it is convex, -1 if concave, 0 if neither, or if it is affine.
    """

    denominator: int
    slopes: tuple[int, ...]
    intercepts: tuple[int, ...]
    lefts: tuple[int, ...]
    rights: tuple[int, ...]
    bend: int

    @property
    def is_small(self) -> bool:
        """Whether all of its numbers fit words, with room."""
        numbers = (*self.slopes, *self.intercepts, *self.lefts, *self.rights, self.denominator)
        return all(abs(number) < 2**50 for number in numbers)

    @property
    def is_relu(self) -> bool:
        """Whether it is the greater of z and 0."""
        return (self.denominator, self.slopes, self.intercepts) == (1, (0, 1), (0, 0)) and (
            self.lefts == (0,) == self.rights
        )


def whole_activation(activation: Activation | None, scale: int) -> WholeActivation:
    """Return an activation's pieces as whole numbers; none is one piece."""
    activation = activation or IDENTITY
    parts = [part for piece in activation.pieces for part in piece]
    denominator = lcm(*(part.denominator for part in parts))
    slopes = tuple(int(piece.slope * denominator) for piece in activation.pieces)
    bend = 0
    if activation.continuous and len(slopes) > 1:
        bend = (list(slopes) == sorted(slopes)) - (list(slopes) == sorted(slopes, reverse=True))
    return WholeActivation(
        denominator,
        slopes,
        tuple(int(piece.intercept * denominator) for piece in activation.pieces),
        tuple(floor_over(cut.at, scale) for cut in activation.cuts),
        tuple(ceil_over(cut.at, scale) for cut in activation.cuts),
        bend,
    )


@dataclass(frozen=True)
class WholeLayer:
    """Weights over 2 ** scale, rounded down; ``slack`` is 1 if some were changed, else 0.

    ``slices`` has the weights as floats, high parts and low parts: weights are high times
    2 ** SLICE plus low. It is None where words are too short.
    """

    weights: Whole
    bias: Whole
    slack: int
    activation: WholeActivation
    slices: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]] | None = None
    steep: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class WholeNetwork:
    """A network as whole numbers over 2 ** scale, its inputs counted from a corner."""

    scale: int
    layers: tuple[WholeLayer, ...]
    network: Network = field(repr=False)

    @property
    def fits_words(self) -> bool:
        """Whether words can carry its numbers."""
        return all(layer.slices is not None for layer in self.layers)

    @staticmethod
    def of(network: Network, lower: Sequence[Fraction], scale: int) -> WholeNetwork:
        """Return a network whose inputs count from ``lower``.

        >>> from verifier.networks.examples import tent
        >>> whole = WholeNetwork.of(tent(), [Fraction(0)], 1)
        >>> whole.layers[0].weights.tolist(), whole.layers[0].bias.tolist()
        ([[2], [2]], [0, -1])
        """
        first, *rest = network.layers
        layers = (whole_layer(moved(first, lower), scale), *(whole_layer(x, scale) for x in rest))
        return WholeNetwork(scale, layers, network)

    def from_corner(self, lower: Sequence[Fraction]) -> WholeNetwork:
        """Return the same network with inputs that count from another corner."""
        first = whole_layer(moved(self.network.layers[0], lower), self.scale)
        return replace(self, layers=(first, *self.layers[1:]))


def moved(layer: Layer, lower: Sequence[Fraction]) -> Layer:
    """Return a layer that reads x - lower in place of x, exactly."""
    bias = tuple(
        b + sum((w * a for w, a in zip(row, lower, strict=True) if w and a), Fraction(0))
        for row, b in zip(layer.weights, layer.bias, strict=True)
    )
    return replace(layer, bias=bias)


def whole_layer(layer: Layer, scale: int) -> WholeLayer:
    """Return a layer's weights, rounded down, and whether that changed any."""
    rows = [[floor_over(w, scale) for w in row] for row in layer.weights]
    bias = [floor_over(b, scale) for b in layer.bias]
    power = 2**scale
    slack = any(
        power % entry.denominator for row in (*layer.weights, layer.bias) for entry in row
    )
    weights, biases = whole(rows), whole([bias])[0]
    made = WholeLayer(weights, biases, int(slack), whole_activation(layer.activation, scale))
    if weights.dtype == object or biases.dtype == object or not made.activation.is_small:
        return made
    if np.abs(weights).max() > MOST_WORD:
        return made
    slices = (weights >> SLICE).astype(float), (weights & (2**SLICE - 1)).astype(float)
    high, low = (float(np.abs(part).max()) for part in slices)
    return replace(made, slices=slices, steep=(high, low))


def whole(rows: Sequence[Sequence[int]]) -> Whole:
    """Return a matrix of integers, of machine words if all fit well."""
    if all(-(2**61) < entry < 2**61 for row in rows for entry in row):
        return np.array(rows, dtype=np.int64)
    return longs(rows)


def longs(numbers: Any) -> Whole:
    """Return nested lists of integers as an array of Python's integers."""
    return np.array(numbers, dtype=object)


@dataclass(frozen=True)
class WholeConstraint:
    """A constraint times a positive number that makes its factors of outputs whole.

    It says inputs · x' + outputs · y + constant >= 0, x' the inputs counted from a corner; > 0 if
    strict.
    """

    inputs: Vector
    outputs: tuple[int, ...]
    constant: Fraction
    strict: bool


def whole_conjunctions(case: Case) -> tuple[tuple[WholeConstraint, ...], ...]:
    """Return a case's conjunctions, with inputs that count from the box's lower corner."""
    return tuple(whole_conjunction(conjunction, case.lower) for conjunction in case.unsafe)


def whole_conjunction(conjunction: Conjunction, lower: Vector) -> tuple[WholeConstraint, ...]:
    """Return a conjunction's constraints, with inputs that count from a corner."""
    out = []
    for part in conjunction:
        factor = lcm(*(entry.denominator for entry in part.outputs))
        at_corner = sum((a * b for a, b in zip(part.inputs, lower, strict=True)), part.constant)
        out.append(
            WholeConstraint(
                tuple(entry * factor for entry in part.inputs),
                tuple(int(entry * factor) for entry in part.outputs),
                at_corner * factor,
                part.strict,
            )
        )
    return tuple(out)
