"""Build a network from a graph of operators: affine maps stay pending until an activation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import isfinite, prod

from verifier.errors import BadInput
from verifier.networks.activations import Activation
from verifier.networks.model import Layer, Network

Row = tuple[Fraction, ...]


@dataclass(frozen=True)
class Signal:
    """A tensor that depends on the input: affine in the values of layer ``state``.

    Entry i, in row-major order, is ``scale[i] * source[i] + shift[i]``, where ``source`` is the
    layer's values if ``rows`` is None, else ``rows`` times them.
    """

    state: int
    shape: tuple[int, ...]
    rows: tuple[Row, ...] | None
    scale: Row | None
    shift: Row

    @property
    def size(self) -> int:
        """How many numbers the tensor has."""
        return len(self.shift)


class Refused(ValueError):
    """An operator that the chain cannot take, with the reason."""


class Chain:
    """The layers built so far, and operations on signals."""

    def __init__(self, shape: Sequence[int]) -> None:
        self.layers: list[Layer] = []
        self.inputs = prod(shape)
        self.input = self.fresh(tuple(shape))

    def fresh(self, shape: tuple[int, ...]) -> Signal:
        return Signal(len(self.layers), shape, None, None, (Fraction(0),) * prod(shape))

    def dense(self, signal: Signal) -> tuple[Row, ...]:
        """Return the matrix of a signal's linear part."""
        one, zero = Fraction(1), Fraction(0)
        scale = signal.scale or (one,) * signal.size
        if signal.rows is None:
            return tuple(
                tuple(factor if i == j else zero for j in range(signal.size))
                for i, factor in enumerate(scale)
            )
        if signal.scale is None:
            return signal.rows
        return tuple(
            tuple(factor * entry for entry in row)
            for factor, row in zip(scale, signal.rows, strict=True)
        )

    def close(self, signal: Signal, activation: Activation | None) -> Signal:
        """End the pending affine map with an activation: a layer."""
        if signal.state != len(self.layers):
            raise Refused(
                "found a branch past an activation (a skip connection); expected a chain of layers"
            )
        self.layers.append(Layer(self.dense(signal), signal.shift, activation))
        return self.fresh(signal.shape)

    def linear(self, signal: Signal, rows: Sequence[Row], shape: tuple[int, ...]) -> Signal:
        """Multiply by a constant matrix."""
        if signal.rows is not None:
            # Two matrices in a row stay two layers: their product may be dear and is not needed.
            signal = self.close(signal, None)
        if signal.scale is not None:
            scaled = [tuple(a * b for a, b in zip(row, signal.scale, strict=True)) for row in rows]
        else:
            scaled = [tuple(row) for row in rows]
        shift = tuple(
            sum((a * b for a, b in zip(row, signal.shift, strict=True) if b), Fraction(0))
            for row in rows
        )
        return Signal(signal.state, shape, tuple(scaled), None, shift)

    def stretch(self, signal: Signal, factors: Row) -> Signal:
        """Multiply entry by entry."""
        scale = signal.scale or (Fraction(1),) * signal.size
        return replace(
            signal,
            scale=tuple(a * b for a, b in zip(scale, factors, strict=True)),
            shift=tuple(a * b for a, b in zip(signal.shift, factors, strict=True)),
        )

    def move(self, signal: Signal, offsets: Row) -> Signal:
        """Add entry by entry."""
        return replace(
            signal, shift=tuple(a + b for a, b in zip(signal.shift, offsets, strict=True))
        )

    def join(self, signals: Sequence[Signal], shape: tuple[int, ...]) -> Signal:
        """Put signals one after the other."""
        self.same_state(signals)
        return Signal(
            signals[0].state,
            shape,
            tuple(row for signal in signals for row in self.dense(signal)),
            None,
            tuple(entry for signal in signals for entry in signal.shift),
        )

    def total(self, left: Signal, right: Signal) -> Signal:
        """Add two signals of one shape."""
        self.same_state([left, right])
        if left.shape != right.shape:
            raise Refused(f"expected equal shapes, found {left.shape} and {right.shape}")
        rows = tuple(
            tuple(a + b for a, b in zip(row, other, strict=True))
            for row, other in zip(self.dense(left), self.dense(right), strict=True)
        )
        shift = tuple(a + b for a, b in zip(left.shift, right.shift, strict=True))
        return Signal(left.state, left.shape, rows, None, shift)

    def reorder(self, signal: Signal, order: Sequence[int], shape: tuple[int, ...]) -> Signal:
        """Take entries in another order."""
        if list(order) == list(range(signal.size)):
            return replace(signal, shape=shape)
        dense = self.dense(signal)
        return Signal(
            signal.state,
            shape,
            tuple(dense[i] for i in order),
            None,
            tuple(signal.shift[i] for i in order),
        )

    def same_state(self, signals: Sequence[Signal]) -> None:
        if len({signal.state for signal in signals}) > 1:
            raise Refused(
                "found a branch past an activation (a skip connection); expected a chain of layers"
            )

    def network(self, output: Signal) -> Network:
        """Return the network whose outputs are the signal."""
        plain = output.rows is None and output.scale is None and not any(output.shift)
        if not self.layers or not plain or output.state != len(self.layers):
            self.close(output, None)
        return Network(self.inputs, tuple(self.layers))


def exact(numbers: Sequence[float], where: str, place: str) -> Row:
    """Return floats as the rationals they are.

    Raises
    ------
    BadInput
        If one is infinite or not a number.

    Examples
    --------
    >>> exact([0.5, 0.1], "net", "weights")[0]
    Fraction(1, 2)
    """
    for i, number in enumerate(numbers):
        if not isfinite(number):
            raise BadInput(where, f"expected a finite number, found {number}", f"{place}[{i}]")
    return tuple(Fraction(number) for number in numbers)


def rows_of(numbers: Row, columns: int) -> tuple[Row, ...]:
    """Cut a row-major list into rows."""
    return tuple(numbers[i : i + columns] for i in range(0, len(numbers), columns))
