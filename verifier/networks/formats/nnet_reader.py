"""Read NNet files (Stanford Intelligent Systems Laboratory), decimals exactly as written.

The format lists, after comment lines that start with ``//``: numbers of layers, inputs,
outputs and the widest layer; all layer sizes; an unused flag; each input's minimum and maximum;
means and ranges of the inputs and of the outputs; then weights and biases of each layer.

A network in this format computes, from an input in physical units,
``(network((x - mean) / range)) * range_out + mean_out``. That is what ``read_nnet`` returns by
default. Properties published for such networks are often stated for the bare network, inputs
and outputs normalised: ``normalised=True`` reads that one.

Programs that evaluate such files first clip inputs to the minima and maxima, and do not agree on
how: one takes the minimum for a smaller input and then subtracts the mean, another does not
subtract it. Between minima and maxima all agree. Clipping is left out here: properties are to be
stated inside them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

from verifier.errors import BadInput
from verifier.networks.activations import RELU
from verifier.networks.formats.files import read_text
from verifier.networks.formats.vnnlib import DECIMAL, MAX_EXPONENT
from verifier.networks.model import Layer, Network

MAX_UNITS: Final = 100_000
MAX_LAYERS: Final = 10_000

Vector = tuple[Fraction, ...]


@dataclass(frozen=True)
class NNet:
    """A file's contents: the bare network, and its physical units."""

    bare: Network
    minima: Vector
    maxima: Vector
    means: Vector
    ranges: Vector

    def physical(self) -> Network:
        """Return the network from physical inputs to physical outputs."""
        count = self.bare.inputs
        first, *others = self.bare.layers
        weights = tuple(
            tuple(w / r for w, r in zip(row, self.ranges, strict=False)) for row in first.weights
        )
        shifts = (
            sum((w * m for w, m in zip(row, self.means, strict=False)), Fraction(0))
            for row in weights
        )
        bias = tuple(b - shift for b, shift in zip(first.bias, shifts, strict=True))
        layers = [Layer(weights, bias, first.activation), *others]
        last = layers[-1]
        scale, mean = self.ranges[count], self.means[count]
        layers[-1] = Layer(
            tuple(tuple(scale * w for w in row) for row in last.weights),
            tuple(scale * b + mean for b in last.bias),
            None,
        )
        return Network(count, tuple(layers))


def read_nnet(path: str | Path, *, normalised: bool = False) -> Network:
    """Read an NNet file as a network.

    Parameters
    ----------
    normalised:
        Leave out the file's normalisation of inputs and outputs.

    Raises
    ------
    BadInput
        With the line, if the file is not of this form.
    """
    contents = read_contents(path)
    return contents.bare if normalised else contents.physical()


def read_contents(path: str | Path) -> NNet:
    """Read an NNet file with its normalisation."""
    path = Path(path)
    return Reader(str(path), read_text(path)).read()


class Reader:
    """Reads the lines of one file in turn."""

    def __init__(self, where: str, text: str) -> None:
        self.where, self.number = where, 0
        self.lines = self.content(text)

    def content(self, text: str) -> Iterator[tuple[int, list[str]]]:
        for number, line in enumerate(text.splitlines(), 1):
            bare = line.strip()
            if bare and not bare.startswith("//"):
                entries = [entry.strip() for entry in bare.split(",")]
                yield number, entries[:-1] if entries[-1] == "" else entries

    def fail(self, expected: str) -> BadInput:
        return BadInput(self.where, expected, f"line {self.number}")

    def line(self, what: str, count: int | None = None) -> list[str]:
        try:
            self.number, entries = next(self.lines)
        except StopIteration:
            raise BadInput(self.where, f"ends before {what}: the file may be truncated") from None
        if count is not None and len(entries) != count:
            raise self.fail(f"expected {count} numbers for {what}, found {len(entries)}")
        return entries

    def integers(self, what: str, count: int | None = None) -> list[int]:
        entries = self.line(what, count)
        for entry in entries:
            if not (entry.lstrip("+-").isdecimal() and entry.isascii() and len(entry) < 10):
                raise self.fail(f"expected integers for {what}, found {entry}")
        return [int(entry) for entry in entries]

    def numbers(self, what: str, count: int) -> Vector:
        return tuple(self.decimal(entry, what) for entry in self.line(what, count))

    def decimal(self, entry: str, what: str) -> Fraction:
        match = DECIMAL.fullmatch(entry)
        if match is None:
            raise self.fail(f"expected a finite decimal number for {what}, found {entry}")
        if len(entry) > MAX_EXPONENT or abs(int(match.group(3) or 0)) > MAX_EXPONENT:
            raise self.fail(f"expected an exponent of at most {MAX_EXPONENT} for {what}")
        return Fraction(entry)

    def read(self) -> NNet:
        layers, inputs, outputs, _ = self.integers("numbers of layers, inputs, outputs, width", 4)
        if not 1 <= layers <= MAX_LAYERS:
            raise self.fail(f"expected 1 to {MAX_LAYERS} layers, found {layers}")
        sizes = self.integers("layer sizes", layers + 1)
        if any(not 1 <= size <= MAX_UNITS for size in sizes):
            raise self.fail(f"expected layer sizes from 1 to {MAX_UNITS}, found {sizes}")
        if sizes[0] != inputs or sizes[-1] != outputs:
            raise self.fail(f"expected sizes from {inputs} to {outputs}, found {sizes}")
        self.line("the unused flag")
        minima, maxima = self.numbers("minima", inputs), self.numbers("maxima", inputs)
        if any(low > high for low, high in zip(minima, maxima, strict=True)):
            raise self.fail("expected no minimum above its maximum")
        means, ranges = self.numbers("means", inputs + 1), self.numbers("ranges", inputs + 1)
        if not all(ranges):
            raise self.fail("expected ranges that are not 0")
        built = []
        for i in range(layers):
            weights = tuple(
                self.numbers(f"weights of layer {i}", sizes[i]) for _ in range(sizes[i + 1])
            )
            bias = tuple(self.numbers(f"biases of layer {i}", 1)[0] for _ in range(sizes[i + 1]))
            built.append(Layer(weights, bias, RELU if i + 1 < layers else None))
        left = next(self.lines, None)
        if left is not None:
            self.number = left[0]
            raise self.fail("expected the end of the file after the last bias")
        return NNet(Network(inputs, tuple(built)), minima, maxima, means, ranges)
