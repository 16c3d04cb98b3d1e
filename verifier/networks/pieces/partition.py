"""Exact pieces of a network of one variable: a common partition, refined layer by layer.

On each cell of the partition every unit of the current layer is affine. A layer's activation
refines the partition where a unit crosses a breakpoint of the activation. All decisions (which
units cross where, in which order, which neighbours agree) are taken on integers.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np

from verifier.errors import BadInput, LimitReached
from verifier.networks.activations import IDENTITY, Activation
from verifier.networks.model import Layer, Network
from verifier.networks.numbers.integers import Array, integers, largest, quotients, within
from verifier.networks.pieces.cells import Cells, Crossings, ExactForms
from verifier.networks.pieces.residues import ResidueForms
from verifier.networks.piecewise import Pieces, Sawtooth

CELL_LIMIT: Final = 5_000_000
# Slopes and intercepts held at once, 8 bytes each if they fit machine words.
MOST_NUMBERS: Final = 2**28
# From this many multiplications of long integers on, residues are faster.
RESIDUES_PAY: Final = 300_000


def pieces_of(
    network: Network,
    low: Fraction | None = None,
    high: Fraction | None = None,
    limit: int = CELL_LIMIT,
) -> Pieces:
    """Return the exact pieces of a network with one input on [low, high]; None is unbounded.

    Examples
    --------
    >>> from verifier.networks.examples import tent_iterate
    >>> pieces_of(tent_iterate(3), Fraction(0), Fraction(1)).function.count
    8

    Raises
    ------
    BadInput
        If the network has several inputs, or low > high.
    LimitReached
        If the partition has more than ``limit`` cells.
    """
    if network.inputs != 1:
        raise BadInput("network", f"expected 1 input, found {network.inputs}; give a line")
    if low is not None and high is not None and low > high:
        raise BadInput("interval", f"expected A <= B, found {low} > {high}")
    cells, forms = propagate(network, low, high, limit)
    refinement = sawtooth(cells, forms, low, high)
    return Pieces(refinement, refinement.merged())


def propagate(
    network: Network, low: Fraction | None, high: Fraction | None, limit: int
) -> tuple[Cells, ExactForms]:
    """Return the partition of [low, high] and the exact outputs on its cells."""
    cells = domain(low, high)
    forms: ExactForms | ResidueForms = ExactForms.of_first(network.layers[0])
    steps = stages(network)
    for i, (activation, layer) in enumerate(steps):
        cells, crossings = refine(cells, forms, activation, limit)
        if isinstance(forms, ExactForms) and expensive(forms, layer):
            forms = ResidueForms.of(forms, steps[i:]) or forms
        copies = len(forms.moduli) if isinstance(forms, ResidueForms) else 1
        if 2 * copies * cells.count * layer.outputs > MOST_NUMBERS:
            raise LimitReached(
                f"{cells.count} pieces of {layer.outputs} units need too much memory"
            )
        forms = forms.advance(crossings, activation, layer)
    return cells, forms.exact()


def stages(network: Network) -> list[tuple[Activation, Layer]]:
    """Return each layer's activation with the affine part that follows it."""
    width = network.outputs
    unit = tuple(tuple(Fraction(i == j) for i in range(width)) for j in range(width))
    read_out = Layer(unit, (Fraction(0),) * width)
    activations = [layer.activation or IDENTITY for layer in network.layers]
    following = [*network.layers[1:], read_out]
    if activations[-1] == IDENTITY:
        activations, following = activations[:-1], following[:-1]
    return list(zip(activations, following, strict=True))


def expensive(forms: ExactForms, layer: Layer) -> bool:
    """Say whether the next layer takes many products of integers beyond machine size."""
    work = forms.slopes.size * layer.outputs
    size = max(largest(forms.slopes), largest(forms.intercepts)) * layer.scaled.scale
    return work > RESIDUES_PAY and layer.inputs > 2 and size > 2**30


def domain(low: Fraction | None, high: Fraction | None) -> Cells:
    """Return the partition of [low, high] into one cell."""
    ends = [
        (-1, 0) if low is None else low.as_integer_ratio(),
        (1, 0) if high is None else high.as_integer_ratio(),
    ]
    return Cells(
        integers([p for p, _ in ends]),
        integers([q for _, q in ends]),
        np.array([False, True]),
    )


@dataclass(frozen=True)
class Events:
    """Crossings as found, in any order: where, which way, and the cut each one makes."""

    cell: Array
    unit: Array
    piece: Array
    rise: Array
    numerators: Array
    denominators: Array
    closed: Array

    def take(self, order: Array) -> Events:
        """Return the events in another order."""
        return Events(*(column[order] for column in self.columns()))

    def columns(self) -> tuple[Array, ...]:
        """Return the columns in the order of the fields."""
        return (
            self.cell,
            self.unit,
            self.piece,
            self.rise,
            self.numerators,
            self.denominators,
            self.closed,
        )


def refine(
    cells: Cells, forms: ExactForms | ResidueForms, activation: Activation, limit: int
) -> tuple[Cells, Crossings]:
    """Cut the cells wherever a unit crosses a breakpoint of the activation."""
    owner, found = find_events(cells, forms, activation)
    events = found.take(ordered(found))
    p, q, closed = events.numerators, events.denominators, events.closed
    same = (events.cell[1:] == events.cell[:-1]) & (closed[1:] == closed[:-1])
    same &= (p[1:] == p[:-1]) & (q[1:] == q[:-1])
    new = np.ones(len(p), dtype=bool)
    new[1:] = ~same
    rank = np.cumsum(new) - 1
    child = events.cell + rank + 1
    added = np.bincount(events.cell[new], minlength=cells.count)
    if cells.count + int(added.sum()) > limit:
        raise LimitReached(f"more than {limit} pieces; a shorter interval has fewer")
    first = np.arange(cells.count) + np.cumsum(added) - added
    old = np.append(first, cells.count + len(rank[new]))
    columns = []
    for outer, inner in (
        (cells.numerators, p),
        (cells.denominators, q),
        (cells.closed, closed),
    ):
        kind = object if object in (outer.dtype, inner.dtype) else outer.dtype
        column = np.empty(old[-1] + 1, dtype=kind)
        column[old], column[child[new]] = outer, inner[new]
        columns.append(column)
    crossings = Crossings(
        owner=owner,
        cell=events.cell,
        unit=events.unit,
        piece=events.piece,
        rise=events.rise,
        child=child,
        first=first,
        parent=np.repeat(np.arange(cells.count), added + 1),
    )
    return Cells(*columns), crossings


def find_events(
    cells: Cells, forms: ExactForms | ResidueForms, activation: Activation
) -> tuple[Array, Events]:
    """Return the owner of each unit at the left of each cell, and all crossings inside cells.

    Where the activation is continuous at a breakpoint, who owns the cut does not matter, and the
    right piece does; so continuous networks never get pieces that are single points. Where it
    jumps, a crossing at the very end of a cell may cut that end off.
    """
    owner: Array | None = None
    found: list[Events] = []
    for piece, cut in enumerate(activation.cuts):
        left, right = forms.signs(cells, cut.at)
        beyond = np.where(left != 0, left, right)
        passed = np.where(beyond != 0, beyond > 0, not cut.closed)
        cell, unit = np.nonzero(left * right < 0)
        rise = right[cell, unit]
        jumps = activation.pieces[piece](cut.at) != activation.pieces[piece + 1](cut.at)
        closed = (rise > 0) == cut.closed if jumps else np.zeros(len(cell), dtype=bool)
        p, q = forms.roots(cell, unit, cut.at)
        found.append(Events(cell, unit, np.full_like(cell, piece), rise, p, q, closed))
        if jumps:
            # A crossing at the left end leaves that point behind if the cell owns it.
            cell, unit = np.nonzero((left == 0) & (right != 0) & ~cells.closed[:-1, None])
            rise = right[cell, unit]
            kept = (rise > 0) == cut.closed
            at_left = ends(cells, cell, unit, rise, piece, at_right=False).take(kept)
            passed[at_left.cell, at_left.unit] = at_left.rise < 0
            cell, unit = np.nonzero((right == 0) & (left != 0) & cells.closed[1:, None])
            rise = -left[cell, unit]
            kept = (rise > 0) != cut.closed
            found += [at_left, ends(cells, cell, unit, rise, piece, at_right=True).take(kept)]
        owner = passed.astype(np.int64) if owner is None else owner + passed
    if owner is None:
        shape = (cells.count, shape_of(forms))
        return np.zeros(shape, dtype=np.int64), no_events()
    columns = zip(*(events.columns() for events in found), strict=True)
    return owner, Events(*(np.concatenate(column) for column in columns))


def ends(
    cells: Cells, cell: Array, unit: Array, rise: Array, piece: int, *, at_right: bool
) -> Events:
    """Return crossings at the very end of cells, which cut that end off."""
    at = cell + at_right
    closed = np.full(len(cell), not at_right)
    return Events(
        cell,
        unit,
        np.full_like(cell, piece),
        rise,
        cells.numerators[at],
        cells.denominators[at],
        closed,
    )


def shape_of(forms: ExactForms | ResidueForms) -> int:
    """Return the number of units."""
    array = forms.slopes if isinstance(forms, ExactForms) else forms.residues
    return int(array.shape[-1])


def no_events() -> Events:
    """Return no events."""
    none = np.zeros(0, dtype=np.int64)
    return Events(none, none, none, none, none, none, none.astype(bool))


def ordered(events: Events) -> Array:
    """Return the order of events by cell, place and owner of the cut.

    Floats propose the order; comparing neighbours exactly confirms it, cell by cell, and the
    events of a cell where it fails are sorted as fractions.
    """
    p, q = events.numerators, events.denominators
    order = np.lexsort((events.closed, quotients(p, q), events.cell))
    sorted_events = events.take(order)
    p, q = within(2 * largest(p) * largest(q), sorted_events.numerators, sorted_events.denominators)
    cell, closed = sorted_events.cell, sorted_events.closed
    order_of_neighbours = p[:-1] * q[1:] - p[1:] * q[:-1]
    wrong = (order_of_neighbours > 0) | ((order_of_neighbours == 0) & (closed[:-1] & ~closed[1:]))
    wrong = (cell[:-1] == cell[1:]) & wrong
    for bad in np.unique(cell[:-1][wrong]).tolist():
        start, stop = np.searchsorted(cell, [bad, bad + 1]).tolist()
        keys = [(Fraction(int(p[i]), int(q[i])), bool(closed[i]), i) for i in range(start, stop)]
        order[start:stop] = order[[i for _, _, i in sorted(keys)]]
    return order


def sawtooth(
    cells: Cells, forms: ExactForms, low: Fraction | None, high: Fraction | None
) -> Sawtooth:
    """Return the outputs on the cells as a sawtooth structure."""
    return Sawtooth(
        low,
        high,
        tuple(cells.numerators[1:-1].tolist()),
        tuple(cells.denominators[1:-1].tolist()),
        tuple(cells.closed[1:-1].tolist()),
        forms.scale,
        tuple(tuple(column) for column in forms.slopes.T.tolist()),
        tuple(tuple(column) for column in forms.intercepts.T.tolist()),
    )
