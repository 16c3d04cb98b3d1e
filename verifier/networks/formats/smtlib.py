"""Compile networks to SMT-LIB 2: linear size, every number exact.

Inputs are the constants ``X_i``, outputs ``Y_j``; every unit has its own constant before
(``z_layer_unit``) and after (``a_layer_unit``) its activation, so that the text is a flat list
of assertions, as long as the network has weights. Three encodings of an activation, here relu:

``ite``
    ``a = (ite (< z 0) 0 z)``: the shortest.
``disjunctive``
    ``(or (and (< z 0) (= a 0)) (and (>= z 0) (= a z)))``: for solvers that split on clauses.
``phase``
    a Boolean ``p`` with ``p = (>= z 0)``, then ``p => a = z`` and ``not p => a = 0``: the phase
    of a unit can be fixed or asked for from outside.

With a box of inputs, exact interval bounds come first: a unit that stays on one piece of its
activation becomes affine, and its cases vanish.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal, get_args

import z3

from verifier.errors import BadInput
from verifier.networks.activations import Activation, Affine
from verifier.networks.model import Network

Encoding = Literal["ite", "disjunctive", "phase"]
ENCODINGS: Final[tuple[Encoding, ...]] = get_args(Encoding)
Box = Sequence[tuple[Fraction, Fraction]]
Interval = tuple[Fraction, Fraction]
SAME: Final = Affine(Fraction(1), Fraction(0))


@dataclass(frozen=True)
class Compiled:
    """A network in z3: its inputs and outputs, and what ties them together."""

    inputs: tuple[z3.ArithRef, ...]
    outputs: tuple[z3.ArithRef, ...]
    constraints: tuple[z3.BoolRef, ...]


def to_smtlib(network: Network, encoding: Encoding = "ite", box: Box | None = None) -> str:
    """Return the network as SMT-LIB 2 text (logic QF_LRA), without a query.

    Parameters
    ----------
    box:
        One interval an input; it is asserted, and units that are stable on it are affine.

    Raises
    ------
    BadInput
        If the box has another number of intervals than the network inputs, or an empty one.

    Examples
    --------
    >>> from verifier.networks.activations import RELU
    >>> from verifier.networks.model import Layer
    >>> ramp = Network(1, (Layer(((Fraction(1, 3),),), (-1,), RELU),))
    >>> print(to_smtlib(ramp).splitlines()[-3])
    (assert (= a_0_0 (ite (< z_0_0 0) 0 z_0_0)))
    """
    return "\n".join(lines(network, encoding, box)) + "\n"


def to_z3(network: Network, encoding: Encoding = "ite", box: Box | None = None) -> Compiled:
    """Return the network as z3 terms over the constants ``X_i`` and ``Y_j``."""
    parsed = z3.parse_smt2_string(to_smtlib(network, encoding, box))
    return Compiled(
        tuple(z3.Real(f"X_{i}") for i in range(network.inputs)),
        tuple(z3.Real(f"Y_{j}") for j in range(network.outputs)),
        tuple(parsed),
    )


def lines(network: Network, encoding: Encoding, box: Box | None) -> Iterator[str]:
    """Go through the text line by line."""
    yield "(set-logic QF_LRA)"
    names = [f"X_{i}" for i in range(network.inputs)]
    yield from (f"(declare-const {name} Real)" for name in names)
    if box is not None:
        check(network, box)
        for name, (low, high) in zip(names, box, strict=True):
            yield f"(assert (and (<= {number(low)} {name}) (<= {name} {number(high)})))"
    ranges = None if box is None else list(box)
    for i, layer in enumerate(network.layers):
        befores = None if ranges is None else affine_ranges(layer.weights, layer.bias, ranges)
        after = []
        for j, (row, constant) in enumerate(zip(layer.weights, layer.bias, strict=True)):
            z, a = f"z_{i}_{j}", f"a_{i}_{j}"
            reach = None if befores is None else befores[j]
            yield f"(declare-const {z} Real)"
            yield f"(assert (= {z} {affine(row, names, constant)}))"
            piece = only_piece(layer.activation, reach)
            if piece == SAME:
                after.append(z)
                continue
            yield f"(declare-const {a} Real)"
            after.append(a)
            if piece is not None:
                yield f"(assert (= {a} {on_piece(piece, z)}))"
            elif layer.activation is not None:
                yield from bent(layer.activation, encoding, z, a, f"p_{i}_{j}")
        names = after
        if befores is not None:
            ranges = [image(layer.activation, reach) for reach in befores]
    for j, name in enumerate(names):
        yield f"(declare-const Y_{j} Real)"
        yield f"(assert (= Y_{j} {name}))"


def check(network: Network, box: Box) -> None:
    """Refuse a box that is none of the network's."""
    if len(box) != network.inputs:
        raise BadInput("box", f"expected {network.inputs} intervals, found {len(box)}")
    for i, (low, high) in enumerate(box):
        if low > high:
            raise BadInput("box", f"expected A <= B, found {low} > {high}", f"X_{i}")


def bent(activation: Activation, encoding: Encoding, z: str, a: str, phase: str) -> Iterator[str]:
    """Assert that ``a`` is the activation's value at ``z``."""
    below = [f"({'<=' if cut.closed else '<'} {z} {number(cut.at)})" for cut in activation.cuts]
    values = [on_piece(piece, z) for piece in activation.pieces]
    match encoding:
        case "ite":
            term = values[-1]
            for left, value in zip(reversed(below), reversed(values[:-1]), strict=True):
                term = f"(ite {left} {value} {term})"
            yield f"(assert (= {a} {term}))"
        case "disjunctive":
            cases = []
            for k, value in enumerate(values):
                parts = [f"(= {a} {value})"]
                parts += [f"(not {below[k - 1]})"] if k > 0 else []
                parts += [below[k]] if k < len(below) else []
                cases.append(f"(and {' '.join(parts)})")
            yield f"(assert (or {' '.join(cases)}))"
        case "phase":
            # Phase k says that z lies right of cut k.
            for k, left in enumerate(below):
                yield f"(declare-const {phase}_{k} Bool)"
                yield f"(assert (= {phase}_{k} (not {left})))"
            for k, value in enumerate(values):
                parts = [f"{phase}_{k - 1}"] if k > 0 else []
                parts += [f"(not {phase}_{k})"] if k < len(below) else []
                premise = parts[0] if len(parts) == 1 else f"(and {' '.join(parts)})"
                yield f"(assert (=> {premise} (= {a} {value})))"


def only_piece(activation: Activation | None, reach: Interval | None) -> Affine | None:
    """Return the piece a unit never leaves, or None if it may bend."""
    if activation is None:
        return SAME
    if len(activation.pieces) == 1:
        return activation.pieces[0]
    if reach is None:
        return None
    first, last = activation.index(reach[0]), activation.index(reach[1])
    return activation.pieces[first] if first == last else None


def affine_ranges(
    weights: Sequence[Sequence[Fraction]], bias: Sequence[Fraction], ranges: Sequence[Interval]
) -> list[Interval]:
    """Return the range of each unit before its activation, by exact interval arithmetic."""
    out = []
    for row, constant in zip(weights, bias, strict=True):
        low = high = constant
        for weight, (a, b) in zip(row, ranges, strict=True):
            if weight > 0:
                low, high = low + weight * a, high + weight * b
            elif weight < 0:
                low, high = low + weight * b, high + weight * a
        out.append((low, high))
    return out


def image(activation: Activation | None, reach: Interval) -> Interval:
    """Return an interval that holds the activation's values on another."""
    if activation is None:
        return reach
    first, last = activation.index(reach[0]), activation.index(reach[1])
    cuts = [cut.at for cut in activation.cuts[first:last]]
    ends = [reach[0], *cuts, reach[1]]
    values = [
        activation.pieces[piece](end)
        for k, piece in enumerate(range(first, last + 1))
        for end in ends[k : k + 2]
    ]
    return min(values), max(values)


def affine(row: Sequence[Fraction], names: Sequence[str], constant: Fraction) -> str:
    """Return the text of ``row · names + constant``."""
    terms = [
        name if weight == 1 else f"(* {number(weight)} {name})"
        for weight, name in zip(row, names, strict=True)
        if weight
    ]
    if constant or not terms:
        terms.append(number(constant))
    return terms[0] if len(terms) == 1 else f"(+ {' '.join(terms)})"


def on_piece(piece: Affine, name: str) -> str:
    """Return the text of a piece's value."""
    return affine([piece.slope], [name], piece.intercept)


def number(value: Fraction) -> str:
    """Return an exact real.

    >>> number(Fraction(-1, 3)), number(Fraction(2))
    ('(- (/ 1 3))', '2')
    """
    size = abs(value)
    text = str(size) if size.denominator == 1 else f"(/ {size.numerator} {size.denominator})"
    return f"(- {text})" if value < 0 else text
