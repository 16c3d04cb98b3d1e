"""Lay units out as layers, one after the other; what skips a layer is carried through it.

A layer has one activation. A value y passes a layer of

- identity as it is,
- relu as relu(y) - relu(-y), and a leaky relu f of slope a as (f(y) - f(-y)) / (1 + a),
- these and abs as f(y - m) + m, one unit, where y is known to be at least m.

Where the units of a layer differ in activation, or what passes cannot, all become relu units:
a continuous piecewise-affine function is a sum of them. If one of the activations jumps, the
layer's activation is g(x) = relu(x) + step(x), for relu(x) = g(2x) - g(x) and
step(x) = 2 g(x) - g(2x).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

from verifier.networks.activations import (
    AT_ZERO,
    IDENTITY,
    RELU,
    SAME,
    ZERO,
    Activation,
    Affine,
)
from verifier.networks.formats.tensors import MAX_SIZE, NOTHING, ONE, Block, Form, Refused, Units
from verifier.networks.model import Layer, Network

RELU_AND_STEP: Final = Activation("pieces", (AT_ZERO,), (ZERO, Affine(ONE, ONE)))
NEGATIVE: Final = -ONE
TWO: Final = Fraction(2)


def network(units: Units, outputs: Sequence[Form]) -> Network:
    """Return the network whose outputs are forms in the units.

    Raises
    ------
    Refused
        If a layer has more than ``MAX_SIZE`` weights.

    Examples
    --------
    The skip connection x + relu(x - 1) takes three units: relu(x - 1), relu(x), relu(-x).

    >>> units = Units(1)
    >>> x = Form({0: ONE}, NOTHING)
    >>> kink = Form({1: ONE}, NOTHING)
    >>> units.blocks = [Block(1, (x + Form({}, -ONE),), RELU)]
    >>> units.heights = [0, 1]
    >>> found = network(units, [x + kink])
    >>> found.widths, found.evaluate([Fraction(-5)]), found.evaluate([Fraction(3)])
    ((3, 1), (Fraction(-5, 1),), (Fraction(5, 1),))
    """
    blocks = needed(units.blocks, outputs)
    rows: dict[int, list[Block]] = defaultdict(list)
    last = dict.fromkeys(range(units.inputs), 0)
    for block in blocks:
        height = 1 + max(map(units.height, block.forms))
        rows[height].append(block)
        for form in block.forms:
            for unit in form.terms:
                last[unit] = max(last.get(unit, 0), height)
    depth = len(rows)
    for form in outputs:
        last |= dict.fromkeys(form.terms, depth + 1)
    lowest: dict[int, Fraction | None] = dict.fromkeys(range(units.inputs))
    places = {unit: Form({unit: ONE}, NOTHING) for unit in range(units.inputs)}
    layers: list[Layer] = []
    for height in range(1, depth + 1):
        passing = [unit for unit in places if last[unit] > height]
        layer = Row(rows[height], {unit: lowest[unit] for unit in passing}, places)
        for block in rows[height]:
            bound = least(block.activation or IDENTITY)
            lowest |= dict.fromkeys(range(block.first, block.first + len(block.forms)), bound)
        layers.append(layer.layer(layers[-1].outputs if layers else units.inputs))
        places = {unit: form for unit, form in layer.values.items() if last.get(unit, 0) > height}
    width = layers[-1].outputs if layers else units.inputs
    if layers and is_last_layer(outputs, places, width):
        return Network(units.inputs, tuple(layers))
    readout = Row((), {}, places)
    readout.affine = list(outputs)
    return Network(units.inputs, (*layers, readout.layer(width)))


def needed(blocks: Sequence[Block], outputs: Sequence[Form]) -> list[Block]:
    """Return the blocks the outputs depend on."""
    used = {unit for form in outputs for unit in form.terms}
    kept = []
    for block in reversed(blocks):
        if not used.isdisjoint(range(block.first, block.first + len(block.forms))):
            kept.append(block)
            used.update(unit for form in block.forms for unit in form.terms)
    return kept[::-1]


def is_last_layer(outputs: Sequence[Form], places: Mapping[int, Form], width: int) -> bool:
    """Whether the outputs are the last layer's units in order, so that no read-out is needed."""
    if len(outputs) != width:
        return False
    for i, form in enumerate(outputs):
        if len(form.terms) != 1 or form.constant or ONE not in form.terms.values():
            return False
        (unit,) = form.terms
        place = places[unit]
        if dict(place.terms) != {i: ONE} or place.constant:
            return False
    return True


class Row:
    """One layer under construction."""

    def __init__(
        self,
        blocks: Sequence[Block],
        passing: Mapping[int, Fraction | None],
        before: Mapping[int, Form],
    ) -> None:
        # Forms in units; ``before`` says what units are in the values of the layer before.
        self.before = before
        self.affine: list[Form] = []
        self.known: dict[object, Form] = {}
        self.activation = choose({block.activation or IDENTITY for block in blocks}, passing)
        self.values: dict[int, Form] = {}
        for block in blocks:
            for i, form in enumerate(block.forms):
                self.values[block.first + i] = self.value(block.activation or IDENTITY, form)
        for unit, low in passing.items():
            form = Form({unit: ONE}, NOTHING)
            if low is None or self.activation == IDENTITY:
                self.values[unit] = self.value(IDENTITY, form)
            else:
                moved = self.value(RELU, form + Form({}, -low))
                self.values[unit] = moved + Form({}, low)

    def layer(self, width: int) -> Layer:
        """Return the layer, on a layer of ``width`` values."""
        if len(self.affine) * width > MAX_SIZE:
            raise Refused(
                f"expected at most {MAX_SIZE} weights a layer, found {len(self.affine)} x {width}"
            )
        rows, bias = [], []
        for form in self.affine:
            row, constant = [NOTHING] * width, form.constant
            for unit, factor in form.terms.items():
                place = self.before[unit]
                for at, old in place.terms.items():
                    part = factor if old is ONE else factor * old
                    row[at] = part if row[at] is NOTHING else row[at] + part
                if place.constant:
                    constant += factor * place.constant
            rows.append(tuple(row))
            bias.append(constant)
        activation = None if self.activation == IDENTITY else self.activation
        return Layer(tuple(rows), tuple(bias), activation)

    def unit(self, form: Form, factor: Fraction, at: Fraction) -> Form:
        """Return the unit that bends ``factor * (form - at)``; the same one if asked again."""
        # Forms of a block live as long as the block, so that their id names them.
        key: object = ("form", id(form), factor, at)
        if len(form.terms) == 1:
            ((unit, slope),) = form.terms.items()
            key = (unit, slope * factor, (form.constant - at) * factor)
        if key not in self.known:
            moved = form + Form({}, -at) if at else form
            self.known[key] = Form({len(self.affine): ONE}, NOTHING)
            self.affine.append(moved if factor == 1 else moved * factor)
        return self.known[key]

    def value(self, activation: Activation, form: Form) -> Form:
        """Return ``activation(form)`` in the layer's units."""
        if activation == self.activation:
            return self.unit(form, ONE, NOTHING)
        if self.activation not in (RELU, RELU_AND_STEP):
            if activation == RELU:
                # Of a form that is not negative: ``choose`` saw that this is the identity.
                return self.unit(form, ONE, NOTHING)
            slope = self.activation.pieces[0].slope
            both = self.unit(form, ONE, NOTHING) - self.unit(form, NEGATIVE, NOTHING)
            return both * (1 / (1 + slope))
        total, bends, steps = decompose(activation)
        out = Form({}, total)
        for (sign, at), factor in bends.items():
            if self.activation == RELU:
                out += self.unit(form, sign, at) * factor
            else:
                out += (self.unit(form, TWO * sign, at) - self.unit(form, sign, at)) * factor
        for (sign, at), factor in steps.items():
            out += (self.unit(form, sign, at) * TWO - self.unit(form, TWO * sign, at)) * factor
        return out


def choose(kinds: set[Activation], passing: Mapping[int, Fraction | None]) -> Activation:
    """Return a layer's activation, from its units' and the lower bounds of what passes."""
    bent = kinds - {IDENTITY}
    if len(bent) < 2:
        kind = next(iter(bent), IDENTITY)
        lows = [*passing.values(), *(None for _ in kinds - bent)]
        if all(passes(kind, low) for low in lows):
            return kind
    return RELU if all(kind.continuous for kind in kinds) else RELU_AND_STEP


def passes(kind: Activation, low: Fraction | None) -> bool:
    """Whether a value with this lower bound, if it has one, passes units of one kind."""
    if kind == IDENTITY:
        return True
    if kind.pieces[-1] != SAME or kind.cuts[-1].at > 0 or not kind.continuous:
        return False
    (first, *others) = kind.pieces
    return low is not None or (
        len(others) == 1 and kind.cuts[0] == AT_ZERO and first.slope != NEGATIVE
    )


def least(activation: Activation) -> Fraction | None:
    """Return a lower bound of the values, or None if there is none.

    >>> from verifier.networks.activations import ABS, HARDTANH, STEP
    >>> least(ABS), least(HARDTANH), least(STEP), least(IDENTITY)
    (Fraction(0, 1), Fraction(-1, 1), Fraction(0, 1), None)
    """
    first, last = activation.pieces[0], activation.pieces[-1]
    if first.slope > 0 or last.slope < 0:
        return None
    ends = [
        piece(cut.at)
        for left, right, cut in zip(
            activation.pieces, activation.pieces[1:], activation.cuts, strict=False
        )
        for piece in (left, right)
    ]
    return min(ends, default=first.intercept)


Kinks = dict[tuple[Fraction, Fraction], Fraction]


def decompose(activation: Activation) -> tuple[Fraction, Kinks, Kinks]:
    """Write f(x) as a constant and multiples of relu(s (x - t)) and of step(s (x - t)).

    The multiples are by (s, t), with s = 1 or -1.

    >>> from verifier.networks.activations import HARDTANH
    >>> total, bends, steps = decompose(HARDTANH)
    >>> str(total), {(int(s), int(t)): int(by) for (s, t), by in bends.items()}, steps
    ('-1', {(1, -1): 1, (1, 1): -1}, {})
    """
    first = activation.pieces[0]
    start = activation.cuts[0].at if activation.cuts else NOTHING
    total = first(start)
    bends: Kinks = defaultdict(
        Fraction, {(ONE, start): first.slope, (NEGATIVE, start): -first.slope}
    )
    steps: Kinks = defaultdict(Fraction)
    pairs = zip(activation.pieces, activation.pieces[1:], activation.cuts, strict=False)
    for left, right, cut in pairs:
        bends[ONE, cut.at] += right.slope - left.slope
        jump = right(cut.at) - left(cut.at)
        if cut.closed:
            # Beyond the cut, its point left out, is where step(t - x) is 0.
            total += jump
            steps[NEGATIVE, cut.at] -= jump
        else:
            steps[ONE, cut.at] += jump
    bends, steps = ({key: by for key, by in part.items() if by} for part in (bends, steps))
    return total, bends, steps
