"""Properties on a segment of the input space, exactly and completely.

Along a segment every unit is a piecewise-affine function of one parameter, so the segment
falls into finitely many cells (points and open intervals) on which all units are affine. At a
layer of one unit nothing but that unit's value matters any more: its reachable set, a union of
intervals, replaces the cells. That keeps iterated maps small: sixty tents on [0, 1] are sixty
times five cells, not 2^60 pieces.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, pairwise

from verifier.errors import LimitReached
from verifier.networks.model import Layer, Network
from verifier.networks.property import Case, Constraint

Vector = tuple[Fraction, ...]
# slope and intercept of an affine function of the parameter
Line = tuple[Fraction, Fraction]


@dataclass(frozen=True, order=True)
class Interval:
    """A non-empty interval; ``low_open`` and ``high_open`` say which ends are left out."""

    low: Fraction
    low_open: bool
    high: Fraction
    high_open: bool

    def sample(self) -> Fraction:
        """Return a number inside."""
        if not self.low_open:
            return self.low
        return (self.low + self.high) / 2

    def holds(self, value: Fraction) -> bool:
        """Whether a number lies inside."""
        above = self.low < value or (self.low == value and not self.low_open)
        below = value < self.high or (value == self.high and not self.high_open)
        return above and below


@dataclass(frozen=True)
class Cell:
    """An interval of the parameter on which every unit of a layer is affine."""

    where: Interval
    units: tuple[Line, ...]


@dataclass(frozen=True)
class Stage:
    """Layers ``first`` to ``last`` - 1 on a union of intervals of their one parameter."""

    first: int
    last: int
    domain: tuple[Interval, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Answer:
    """What was found on a segment: an unsafe input, or none, and the stages that show it."""

    unsafe: Vector | None
    stages: tuple[Stage, ...]


def decide(network: Network, case: Case, *, limit: int) -> Answer:
    """Decide a case whose box has at most one side of positive length.

    Parameters
    ----------
    limit:
        How many cells may be held at once.

    Raises
    ------
    LimitReached
        If there are more cells.

    Examples
    --------
    >>> from verifier.networks.activations import RELU
    >>> one, half = Fraction(1), Fraction(1, 2)
    >>> hat = Network(1, (Layer(((2,), (4,)), (0, -2), RELU), Layer(((1, -1),), (0,), RELU)))
    >>> at_least = lambda bound: Constraint((Fraction(0),), (one,), -bound, strict=False)
    >>> decide(hat, Case((-one,), (one,), ((at_least(one),),)), limit=100).unsafe
    (Fraction(1, 2),)
    >>> decide(hat, Case((-one,), (one,), ((at_least(one + half),),)), limit=100).unsafe
    """
    free = [i for i, (a, b) in enumerate(zip(case.lower, case.upper, strict=True)) if a < b]
    axis = free[0] if free else 0
    start = tuple(
        (Fraction(1), Fraction(0)) if i == axis else (Fraction(0), value)
        for i, value in enumerate(case.lower)
    )
    domain: tuple[Interval, ...] = (Interval(case.lower[axis], False, case.upper[axis], False),)
    # Constraints on the inputs need the parameter to the end, so nothing may replace it.
    linked = any(any(part.inputs) for part in chain(*case.unsafe))
    stages: list[Stage] = []
    cells = [Cell(domain[0], start)]
    first = 0
    for i, layer in enumerate(network.layers):
        cells = [new for cell in cells for new in through(cell, layer)]
        if len(cells) > limit:
            raise LimitReached(f"more than {limit} affine pieces on the segment")
        end = i + 1 == len(network.layers)
        if end or (layer.outputs == 1 and not linked):
            stages.append(Stage(first, i + 1, domain, tuple(cells)))
            first = i + 1
        if layer.outputs == 1 and not linked and not end:
            domain = union([image(cell.where, cell.units[0]) for cell in cells])
            cells = [Cell(part, ((Fraction(1), Fraction(0)),)) for part in domain]
    for cell in stages[-1].cells:
        for conjunction in case.unsafe:
            found = meet(cell, conjunction, start if linked or len(stages) == 1 else None)
            if found is not None:
                at = trace_back(stages, found)
                return Answer(tuple(a * at + b for a, b in start), tuple(stages))
    return Answer(None, tuple(stages))


def through(cell: Cell, layer: Layer) -> list[Cell]:
    """Push a cell through a layer, split where an activation changes piece."""
    before = [
        (
            sum((w * a for w, (a, _) in zip(row, cell.units, strict=True) if w), Fraction(0)),
            sum((w * b for w, (_, b) in zip(row, cell.units, strict=True) if w), constant),
        )
        for row, constant in zip(layer.weights, layer.bias, strict=True)
    ]
    activation = layer.activation
    if activation is None:
        return [Cell(cell.where, tuple(before))]
    breaks = sorted(
        {
            (cut.at - intercept) / slope
            for slope, intercept in before
            if slope
            for cut in activation.cuts
        }
    )
    cells = []
    for part in split(cell.where, breaks):
        at = (part.low + part.high) / 2
        units = []
        for slope, intercept in before:
            piece = activation.pieces[activation.index(slope * at + intercept)]
            units.append((piece.slope * slope, piece.slope * intercept + piece.intercept))
        cells.append(Cell(part, tuple(units)))
    return cells


def split(where: Interval, breaks: Sequence[Fraction]) -> list[Interval]:
    """Cut an interval at the breaks inside it into points and open intervals."""
    if where.low == where.high:
        return [where]
    inside = [value for value in breaks if where.low < value < where.high]
    ends = [where.low, *inside, where.high]
    parts = []
    # An end of the interval that is a break is a cell of its own, like any other break.
    for i, (low, high) in enumerate(pairwise(ends)):
        if i > 0 or (low in breaks and not where.low_open):
            parts.append(Interval(low, False, low, False))
        low_open = True if parts or i > 0 else where.low_open
        parts.append(Interval(low, low_open, high, True))
    if where.high_open:
        return parts
    if where.high in breaks:
        return [*parts, Interval(where.high, False, where.high, False)]
    last = parts[-1]
    return [*parts[:-1], Interval(last.low, last.low_open, where.high, False)]


def image(where: Interval, line: Line) -> Interval:
    """Return the values of an affine function on an interval."""
    slope, intercept = line
    low, high = slope * where.low + intercept, slope * where.high + intercept
    if slope == 0:
        return Interval(low, False, low, False)
    if slope > 0:
        return Interval(low, where.low_open, high, where.high_open)
    return Interval(high, where.high_open, low, where.low_open)


def union(parts: Sequence[Interval]) -> tuple[Interval, ...]:
    """Return the union as disjoint intervals that do not touch, in order."""
    out: list[Interval] = []
    for part in sorted(parts):
        if out:
            last = out[-1]
            touching = part.low < last.high or (
                part.low == last.high and not (part.low_open and last.high_open)
            )
            if touching:
                high, closed = max((last.high, not last.high_open), (part.high, not part.high_open))
                out[-1] = Interval(last.low, last.low_open, high, not closed)
                continue
        out.append(part)
    return tuple(out)


def meet(
    cell: Cell, conjunction: Sequence[Constraint], start: Sequence[Line] | None
) -> Fraction | None:
    """Return a parameter of the cell that satisfies every constraint, or None."""
    low, high = (cell.where.low, cell.where.low_open), (cell.where.high, not cell.where.high_open)
    for part in conjunction:
        slope, value = Fraction(0), part.constant
        forms = list(zip(part.outputs, cell.units, strict=True))
        if start is not None:
            forms += zip(part.inputs, start, strict=True)
        for weight, (a, b) in forms:
            slope, value = slope + weight * a, value + weight * b
        if slope == 0:
            if value < 0 or (value == 0 and part.strict):
                return None
        elif slope > 0:
            low = max(low, (-value / slope, part.strict))
        else:
            high = min(high, (-value / slope, not part.strict))
    found = Interval(low[0], low[1], high[0], not high[1])
    empty = found.low > found.high or (
        found.low == found.high and (found.low_open or found.high_open)
    )
    return None if empty else found.sample()


def trace_back(stages: Sequence[Stage], value: Fraction) -> Fraction:
    """Return a parameter of the first stage that leads to a parameter of the last."""
    for stage in reversed(stages[:-1]):
        value = preimage(stage.cells, value)
    return value


def preimage(cells: Sequence[Cell], value: Fraction) -> Fraction:
    """Return a parameter at which the one unit takes a value it is known to take."""
    for cell in cells:
        slope, intercept = cell.units[0]
        if slope == 0:
            if value == intercept:
                return cell.where.sample()
        elif cell.where.holds((value - intercept) / slope):
            return (value - intercept) / slope
    raise ArithmeticError(f"{value} is not reached")
