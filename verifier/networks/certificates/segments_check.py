"""Check stages of a segment of the input space, in exact fractions.

On a segment every unit is a piecewise-affine function of one parameter. The cells listed are
checked to be affine, by their ends, and on each no conjunction of the unsafe set holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from verifier.networks.model import Network
from verifier.networks.property import Case, Constraint

Vector = tuple[Fraction, ...]


def check_segment(network: Network, case: Case, stages: Sequence[Mapping[str, Any]]) -> int:
    """Check the stages of a segment; activations must be continuous."""
    if not all(layer.activation is None or layer.activation.continuous for layer in network.layers):
        raise ValueError("a segment is checked for continuous activations only")
    free = [i for i, (a, b) in enumerate(zip(case.lower, case.upper, strict=True)) if a < b]
    axis = free[0] if free else 0
    if len(free) > 1 or [s["layers"][1] for s in stages[:-1]] != [
        s["layers"][0] for s in stages[1:]
    ]:
        raise ValueError("the stages do not fit together")
    if stages[0]["layers"][0] != 0 or stages[-1]["layers"][1] != len(network.layers):
        raise ValueError("the stages leave layers out")
    reach = (case.lower[axis], case.upper[axis])
    count = 0
    for number, stage in enumerate(stages):
        first, last = stage["layers"]
        part = Network(network.layers[first].inputs, network.layers[first:last])
        ends = sorted({Fraction(cell[k]) for cell in stage["cells"] for k in (0, 2)})
        if ends[0] > reach[0] or ends[-1] < reach[1]:
            raise ValueError(f"stage {number} does not cover {reach}")
        final = number + 1 == len(stages)
        if not final and (part.outputs != 1 or any(any(c.inputs) for u in case.unsafe for c in u)):
            raise ValueError(f"stage {number} forgets the input")
        points = [
            tuple(end if i == axis else a for i, a in enumerate(case.lower)) if first == 0 else
            (end,) for end in ends
        ]  # fmt: skip
        traces = [part.trace(point) for point in points]
        values = [trace[-1][1] for trace in traces]
        for left, right in pairwise(traces):
            if not same_pieces(part, left, right):
                raise ValueError(f"stage {number} has a cell that is not affine")
        count += max(1, len(ends) - 1)
        if final:
            inputs = points if first == 0 else [case.lower] * len(points)
            check_cells(case, list(zip(inputs, values, strict=True)))
        else:
            reach = min(v[0] for v in values), max(v[0] for v in values)
    return count


def same_pieces(network: Network, left: Any, right: Any) -> bool:
    """Whether each unit stays on one closed piece between two traces."""
    for layer, (z_left, _), (z_right, _) in zip(network.layers, left, right, strict=True):
        for a, b in zip(z_left, z_right, strict=True):
            low, high = min(a, b), max(a, b)
            if layer.activation and any(low < cut.at < high for cut in layer.activation.cuts):
                return False
    return True


def check_cells(case: Case, ends: Sequence[tuple[Vector, Vector]]) -> None:
    """Check that no conjunction holds anywhere between neighbouring ends."""
    pairs = list(pairwise(ends)) or [(ends[0], ends[0])]
    for (x, y), (x_next, y_next) in pairs:
        for conjunction in case.unsafe:
            if not contradictory(
                [(part, part.value(x, y), part.value(x_next, y_next)) for part in conjunction]
            ):
                raise ValueError(f"a conjunction may hold between {x} and {x_next}")


def contradictory(parts: Sequence[tuple[Constraint, Fraction, Fraction]]) -> bool:
    """Whether forms, affine from t = 0 to t = 1 with given ends, cannot all hold at one t."""
    low, high = (Fraction(0), False), (Fraction(1), True)
    for part, start, end in parts:
        if start == end:
            if start < 0 or (start == 0 and part.strict):
                return True
        elif end > start:
            low = max(low, (start / (start - end), part.strict))
        else:
            high = min(high, (start / (start - end), not part.strict))
    return low[0] > high[0] or (low[0] == high[0] and (low[1] or not high[1]))
