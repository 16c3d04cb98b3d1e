"""Exact networks: rational weights, piecewise-affine activations, immutable.

Values are computed over integers with one common denominator for a whole layer, which is
exact and several times faster than adding fractions one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import gcd, lcm
from numbers import Rational
from operator import mul
from typing import NamedTuple

from verifier.errors import BadInput
from verifier.networks.activations import IDENTITY, RELU, Activation

Vector = tuple[Fraction, ...]


class NetworkError(BadInput):
    """A network whose parts do not fit together; ``place`` says which part."""

    def __init__(self, expected: str, place: str, where: str = "network") -> None:
        super().__init__(where, expected, place)
        self.expected = expected


class ScaledLayer(NamedTuple):
    """The affine part of a layer times ``scale``, which makes every entry an integer."""

    scale: int
    weights: tuple[tuple[int, ...], ...]
    bias: tuple[int, ...]


@dataclass(frozen=True)
class Layer:
    """One layer: x becomes ``activation(weights @ x + bias)``, entry by entry.

    Parameters
    ----------
    weights:
        One row a unit, one column an input; rationals.
    bias:
        One rational a unit.
    activation:
        Applied to every unit; None for an affine layer.

    Raises
    ------
    NetworkError
        If the layer has no unit or no input, rows differ in length, the bias does not have one
        entry a unit, or an entry is not a rational number.

    Examples
    --------
    >>> Layer(((Fraction(2), Fraction(-4)),), (Fraction(1),)).outputs
    1
    """

    weights: tuple[tuple[Fraction, ...], ...]
    bias: tuple[Fraction, ...]
    activation: Activation | None = None

    def __post_init__(self) -> None:
        rows = tuple(
            vector(row, f"weights[{i}]", where="layer") for i, row in enumerate(self.weights)
        )
        object.__setattr__(self, "weights", rows)
        object.__setattr__(self, "bias", vector(self.bias, "bias", where="layer"))
        if not rows or not rows[0]:
            raise NetworkError("expected at least one unit and one input", "weights", "layer")
        for i, row in enumerate(rows):
            if len(row) != len(rows[0]):
                raise NetworkError(
                    f"expected {len(rows[0])} numbers as in row 0, found {len(row)}",
                    f"weights[{i}]",
                    "layer",
                )
        if len(self.bias) != len(rows):
            raise NetworkError(
                f"expected {len(rows)} numbers, one a unit, found {len(self.bias)}", "bias", "layer"
            )

    @property
    def inputs(self) -> int:
        """How many numbers the layer reads."""
        return len(self.weights[0])

    @property
    def outputs(self) -> int:
        """How many units the layer has."""
        return len(self.weights)

    @cached_property
    def scaled(self) -> ScaledLayer:
        """The affine part over integers with one common denominator."""
        scale = lcm(
            *(entry.denominator for row in self.weights for entry in row),
            *(entry.denominator for entry in self.bias),
        )
        return ScaledLayer(
            scale,
            tuple(scale_up(row, scale) for row in self.weights),
            scale_up(self.bias, scale),
        )


@dataclass(frozen=True)
class Network:
    """A feed-forward network: layers applied in turn to a vector of ``inputs`` reals.

    Raises
    ------
    NetworkError
        If there is no layer, or a layer does not read as many numbers as it is given.

    Examples
    --------
    >>> from verifier.networks.activations import RELU
    >>> ramp = Network(1, (Layer(((Fraction(3),),), (Fraction(-1),), RELU),))
    >>> ramp.evaluate([Fraction(1, 2)])
    (Fraction(1, 2),)
    >>> ramp.outputs, ramp.widths, ramp.parameters
    (1, (1,), 2)
    """

    inputs: int
    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        if self.inputs < 1:
            raise NetworkError(f"expected a positive number, found {self.inputs}", "inputs")
        if not self.layers:
            raise NetworkError("expected at least one layer", "layers")
        width = self.inputs
        for i, layer in enumerate(self.layers):
            if layer.inputs != width:
                raise NetworkError(
                    f"expected {width} columns, found {layer.inputs}", f"layers[{i}].weights"
                )
            width = layer.outputs

    @property
    def outputs(self) -> int:
        """How many numbers the network returns."""
        return self.layers[-1].outputs

    @property
    def widths(self) -> tuple[int, ...]:
        """The number of units of each layer, affine layers included."""
        return tuple(layer.outputs for layer in self.layers)

    @property
    def parameters(self) -> int:
        """The number of weights and biases, zeros included."""
        return sum(layer.outputs * (layer.inputs + 1) for layer in self.layers)

    def evaluate(self, point: Sequence[Fraction]) -> Vector:
        """Return the exact outputs at a point of ``inputs`` rationals.

        Raises
        ------
        NetworkError
            If the point has the wrong length or holds something that is no rational number.
        """
        values, scale = self.start(point)
        for layer in self.layers:
            _, values, scale = forward(layer, values, scale)
        return scale_down(values, scale)

    def trace(self, point: Sequence[Fraction]) -> tuple[tuple[Vector, Vector], ...]:
        """Return, for each layer, its values before and after the activation.

        >>> from verifier.networks.activations import RELU
        >>> Network(1, (Layer(((Fraction(1),),), (Fraction(-1),), RELU),)).trace([Fraction(0)])
        (((Fraction(-1, 1),), (Fraction(0, 1),)),)
        """
        values, scale = self.start(point)
        steps = []
        for layer in self.layers:
            (before, before_scale), values, scale = forward(layer, values, scale)
            steps.append((scale_down(before, before_scale), scale_down(values, scale)))
        return tuple(steps)

    def start(self, point: Sequence[Fraction]) -> tuple[list[int], int]:
        """Return the point as integers over one common denominator."""
        entries = vector(point, "point")
        if len(entries) != self.inputs:
            raise NetworkError(
                f"expected {self.inputs} numbers, one an input, found {len(entries)}", "point"
            )
        scale = lcm(*(entry.denominator for entry in entries))
        return list(scale_up(entries, scale)), scale


def vector(entries: Sequence[Fraction], place: str, where: str = "network") -> Vector:
    """Return rationals as a tuple of fractions, or say which entry is none."""
    out = []
    for i, entry in enumerate(entries):
        if isinstance(entry, Fraction):
            out.append(entry)
        elif isinstance(entry, Rational) and not isinstance(entry, bool):
            out.append(Fraction(entry))
        else:
            raise NetworkError(
                f"expected a rational number, found {entry!r}", f"{place}[{i}]", where
            )
    return tuple(out)


def scale_up(entries: Sequence[Fraction], scale: int) -> tuple[int, ...]:
    """Return the entries times ``scale``, a multiple of every denominator."""
    return tuple(entry.numerator * (scale // entry.denominator) for entry in entries)


def scale_down(values: Sequence[int], scale: int) -> Vector:
    """Return the integers over ``scale`` as fractions."""
    return tuple(Fraction(value, scale) for value in values)


def forward(
    layer: Layer, values: list[int], scale: int
) -> tuple[tuple[list[int], int], list[int], int]:
    """Return a layer's (values, denominator) before its activation, then both after it."""
    factor, rows, bias = layer.scaled
    before = [
        sum(map(mul, row, values)) + entry * scale for row, entry in zip(rows, bias, strict=True)
    ]
    after, after_scale = reduced(*activate(layer.activation, before, factor * scale))
    return (before, factor * scale), after, after_scale


def activate(activation: Activation | None, values: list[int], scale: int) -> tuple[list[int], int]:
    """Apply an activation to integers over ``scale``."""
    if activation is None or activation == IDENTITY:
        return values, scale
    if activation == RELU:
        return [max(value, 0) for value in values], scale
    factor, slopes, intercepts = activation.scaled
    owners = [activation.index(Fraction(value, scale)) for value in values]
    after = [
        slopes[owner] * value + intercepts[owner] * scale
        for owner, value in zip(owners, values, strict=True)
    ]
    return after, factor * scale


def reduced(values: list[int], scale: int) -> tuple[list[int], int]:
    """Cancel what all values and their denominator share."""
    common = gcd(scale, *values)
    if common == 1:
        return values, scale
    return [value // common for value in values], scale // common


def compose(outer: Network, inner: Network) -> Network:
    """Return the network x ↦ outer(inner(x)), its layers those of ``inner``, then ``outer``.

    Raises
    ------
    NetworkError
        If ``outer`` does not read as many numbers as ``inner`` returns.
    """
    if outer.inputs != inner.outputs:
        raise NetworkError(
            f"expected an outer network with {inner.outputs} inputs, found {outer.inputs}",
            "composition",
        )
    return Network(inner.inputs, inner.layers + outer.layers)


def parallel(left: Network, right: Network) -> Network:
    """Return the network x ↦ (left(x), right(x)), both reading the same input.

    Layer by layer, so both need the same number of layers and the same activations.

    Raises
    ------
    NetworkError
        If inputs, numbers of layers, or activations differ.
    """
    if left.inputs != right.inputs or len(left.layers) != len(right.layers):
        raise NetworkError("expected equal numbers of inputs and of layers", "parallel")
    layers = []
    for i, (a, b) in enumerate(zip(left.layers, right.layers, strict=True)):
        if a.activation != b.activation:
            raise NetworkError("expected the same activation in both", f"layers[{i}]")
        zeros_a, zeros_b = (Fraction(0),) * a.inputs, (Fraction(0),) * b.inputs
        rows = (
            a.weights + b.weights
            if i == 0
            else tuple(row + zeros_b for row in a.weights)
            + tuple(zeros_a + row for row in b.weights)
        )
        layers.append(Layer(rows, a.bias + b.bias, a.activation))
    return Network(left.inputs, tuple(layers))


def iterate(cell: Network, times: int) -> Network:
    """Return the recurrent cell unrolled: ``cell`` composed with itself, ``times`` >= 1 copies.

    Layers are shared, so unrolling costs no memory for weights.

    Raises
    ------
    NetworkError
        If ``times`` is not positive, or the cell returns not as many numbers as it reads.
    """
    if times < 1:
        raise NetworkError(f"expected at least 1 copy, found {times}", "iteration")
    if cell.inputs != cell.outputs:
        raise NetworkError(
            f"expected as many outputs as inputs, found {cell.outputs} and {cell.inputs}",
            "iteration",
        )
    return Network(cell.inputs, cell.layers * times)


def on_segment(network: Network, start: list[Fraction], end: list[Fraction]) -> Network:
    """Return the network along a segment of its input space, as a function of t in [0, 1].

    >>> from verifier.networks.examples import tent
    >>> on_segment(tent(), [Fraction(1)], [Fraction(0)]).evaluate([Fraction(1, 4)])
    (Fraction(1, 2),)

    Raises
    ------
    BadInput
        If an end does not have one number an input.
    """
    for name, point in (("from", start), ("to", end)):
        if len(point) != network.inputs:
            raise BadInput("line", f"expected {network.inputs} numbers, found {len(point)}", name)
    direction = tuple((b - a,) for a, b in zip(start, end, strict=True))
    return Network(1, (Layer(direction, tuple(start)), *network.layers))
