"""Check a certificate of ``verifier verify`` without the search that found it.

A tree of cuts covers the box by construction: each cut parts the box above it, across an input or
by whether a unit lies below a breakpoint or above. So only the leaves are checked: on each, for
every conjunction, a sum of its constraints is bounded below zero. On a segment the cells are
checked to be affine, by their ends, and then decided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from verifier.errors import BadInput
from verifier.networks.boxes.lines import round_down, round_up
from verifier.networks.boxes.questions import Phase, Pushes, Sides, Sums
from verifier.networks.boxes.rounding_check import BothCheckers
from verifier.networks.model import Network
from verifier.networks.property import Case, Constraint, Property
from verifier.networks.regions.safety import find_unsafe

Array = npt.NDArray[np.float64]
Vector = tuple[Fraction, ...]
BATCH: Final = 128
QUESTIONS: Final = 10_000


@dataclass(frozen=True)
class Checked:
    """How many boxes bounds closed, how many linear arithmetic, and cells of segments."""

    bounds: int
    regions: int
    cells: int


@dataclass(frozen=True)
class Leaf:
    """A box by its corners, on which sides units lie, and the multipliers that close it.

    ``weights`` has the shape (sums, forms in a sum), ``pushes`` for each layer (sums, units).
    """

    low: Vector
    high: Vector
    phases: tuple[Phase, ...] = ()
    weights: Array | None = None
    pushes: Pushes | None = None


def check_certificate(network: Network, prop: Property, content: Mapping[str, Any]) -> Checked:
    """Check that a certificate proves a property of a network.

    Raises
    ------
    BadInput
        With the case and the leaf that do not hold, if it does not.
    """
    cases = content.get("cases")
    if not isinstance(cases, list) or len(cases) != len(prop.cases):
        raise BadInput("certificate", f"expected {len(prop.cases)} cases")
    counts = [0, 0, 0]
    for i, (case, entry) in enumerate(zip(prop.cases, cases, strict=True)):
        try:
            if entry["method"] == "segment":
                counts[2] += check_segment(network, case, entry["stages"])
            else:
                closed, regions = check_tree(network, case, entry["tree"])
                counts[0], counts[1] = counts[0] + closed, counts[1] + regions
        except (KeyError, TypeError, ValueError, IndexError, ArithmeticError) as error:
            place = f"cases[{i}]"
            raise BadInput("certificate", f"is damaged or does not hold: {error}", place) from error
    return Checked(*counts)


def check_counterexample(network: Network, prop: Property, content: Mapping[str, Any]) -> Vector:
    """Return the unsafe input of a certificate, if it is one.

    Raises
    ------
    BadInput
        If it is not, or has other outputs than the certificate says.
    """
    try:
        found = content["counterexample"]
        inputs, outputs = (
            tuple(Fraction(entry) for entry in found[key]) for key in ("inputs", "outputs")
        )
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise BadInput("certificate", f"has no counterexample that can be read: {error}") from error
    if len(inputs) != network.inputs or prop.inputs != network.inputs:
        raise BadInput("certificate", f"its counterexample has {len(inputs)} inputs")
    if network.evaluate(inputs) != outputs:
        raise BadInput("certificate", "the counterexample has other outputs")
    if not prop.holds(inputs, outputs):
        raise BadInput("certificate", "the counterexample is not unsafe")
    return inputs


def check_tree(network: Network, case: Case, tree: Sequence[Sequence[Any]]) -> tuple[int, int]:
    """Check the leaves of a tree of cuts, given root first, lower halves before upper ones."""
    forms = [part for conjunction in case.unsafe for part in conjunction]
    numbers = iter(range(len(forms)))
    conjunctions = [[next(numbers) for _ in conjunction] for conjunction in case.unsafe]
    sums = Sums.of(conjunctions, [form.strict for form in forms])
    checker = BothCheckers(network, forms)
    stack: list[Leaf] = [Leaf(case.lower, case.upper)]
    leaves: list[Leaf] = []
    regions = 0
    for kind, *rest in tree:
        part = stack.pop()
        low, high = part.low, part.high
        match kind:
            case "cut":
                axis, at = int(rest[0]), Fraction(rest[1])
                upper_low, lower_high = list(low), list(high)
                upper_low[axis] = max(at, low[axis])
                lower_high[axis] = min(at, high[axis])
                stack.append(replace(part, low=tuple(upper_low)))
                stack.append(replace(part, high=tuple(lower_high)))
            case "split":
                layer, unit, cut = rest
                check_breakpoint(network, layer, unit, cut)
                for above in (True, False):
                    phase = Phase(layer, unit, cut, above)
                    stack.append(replace(part, phases=(*part.phases, phase)))
            case "closed":
                weights = multipliers(rest[0], sums, conjunctions)
                pushes = pushes_of(network, rest[2], part.phases) if len(rest) > 2 else None
                leaves.append(replace(part, weights=weights, pushes=pushes))
            case "regions":
                regions += 1
                empty = any(a > b for a, b in zip(low, high, strict=True))
                if not empty and find_unsafe(network, low, high, case.unsafe, limit=QUESTIONS):
                    raise ValueError(f"an input of the box {low}, {high} is unsafe")
            case _:
                raise ValueError(f"a box is {kind}")
    if stack:
        raise ValueError("the tree is cut short")
    for first in range(0, len(leaves), BATCH):
        check_leaves(network, checker, sums, leaves[first : first + BATCH])
    return len(leaves), regions


def check_breakpoint(network: Network, layer: Any, unit: Any, cut: Any) -> None:
    """Check that a unit and its breakpoint exist."""
    if any(type(number) is not int or number < 0 for number in (layer, unit, cut)):
        raise ValueError("a split does not name a unit and a breakpoint")
    activation = network.layers[layer].activation
    if activation is None or cut >= len(activation.cuts) or unit >= network.widths[layer]:
        raise ValueError(f"there is no breakpoint {cut} of unit {unit} in layer {layer}")


def pushes_of(network: Network, named: Sequence[Any], phases: Sequence[Phase]) -> Pushes:
    """Return the multipliers of phases that a leaf names, shapes (sums, units), by layer."""
    pushes = tuple(np.zeros((len(named), width)) for width in network.widths)
    for c, entry in enumerate(named):
        for number, share in entry:
            if type(number) is not int or not 0 <= number < len(phases):
                raise ValueError("a leaf names a phase that is not its own")
            layer, unit, _, above = phases[number]
            pushes[layer][c, unit] += float(Fraction(share)) if above else -float(Fraction(share))
    return pushes


def multipliers(named: Sequence[Any], sums: Sums, conjunctions: Sequence[Sequence[int]]) -> Array:
    """Return the multipliers that a leaf names: for each conjunction a constraint, or several."""
    if len(named) != len(conjunctions):
        raise ValueError("a leaf does not name constraints for each conjunction")
    weights = np.zeros(sums.members.shape)
    for entry, conjunction, row in zip(named, conjunctions, weights, strict=True):
        for number, share in [(entry, 1)] if isinstance(entry, int) else entry:
            if type(number) is not int or not 0 <= number < len(conjunction):
                raise ValueError("a leaf names a constraint of another conjunction")
            row[number] = float(Fraction(share))
        if not (0 <= row.min() and 0 < row.max() < np.inf):
            raise ValueError("multipliers are not non-negative, or all zero")
    return weights


def check_leaves(
    network: Network, checker: BothCheckers, sums: Sums, leaves: Sequence[Leaf]
) -> None:
    """Check on each box, given by its corners, that its sums are negative."""
    lows = np.array([[round_down(entry) for entry in leaf.low] for leaf in leaves])
    highs = np.array([[round_up(entry) for entry in leaf.high] for leaf in leaves])
    weights = np.array([leaf.weights for leaf in leaves])
    sides = Sides.of(network, [leaf.phases for leaf in leaves])
    pushes: Pushes | None = None
    if sides is not None:
        none = tuple(np.zeros((weights.shape[1], width)) for width in network.widths)
        parts = [none if leaf.pushes is None else leaf.pushes for leaf in leaves]
        pushes = tuple(np.array(layer) for layer in zip(*parts, strict=True))
    bounds = checker.upper_floats(lows, highs, sums, weights, sides, pushes)
    for i in np.flatnonzero(~sums.close(bounds, weights))[:1]:
        found = ", ".join(str(bound) for bound in bounds[i])
        where = f"{leaves[i].low}, {leaves[i].high}"
        raise ValueError(f"the box {where} is not closed: bounds {found}")


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
