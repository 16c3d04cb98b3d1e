"""The search: split the box of inputs until every part is closed, or an unsafe input is found.

Boxes are handled many at once. Floats say which boxes look closed, where to cut the others
and which points look unsafe; the checker of certificates closes boxes, in whole numbers, and exact
evaluation convicts points.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm
from time import monotonic
from typing import Final

import numpy as np
import numpy.typing as npt

from verifier.errors import LimitReached
from verifier.networks.boxes import segments
from verifier.networks.boxes.attack import WORK, promising
from verifier.networks.boxes.bounds import Bounds, FloatNetwork
from verifier.networks.boxes.constraint_multipliers import combine
from verifier.networks.boxes.questions import Phase, Pushes, Sides, Sums
from verifier.networks.boxes.rounding import round_down, round_up
from verifier.networks.boxes.unit_multipliers import LONG, SHORT, push
from verifier.networks.certificates.bounds_check import Side
from verifier.networks.certificates.property_check import CaseCheck, Leaf
from verifier.networks.certificates.regions_tree import Tree
from verifier.networks.certificates.whole_numbers import WholeNetwork
from verifier.networks.model import Network, on_segment
from verifier.networks.property import Case, Conjunction, Constraint, dot
from verifier.networks.regions.safety import find_unsafe

Array = npt.NDArray[np.float64]
Vector = tuple[Fraction, ...]

# Exact evaluations of suspicious points that one batch may cost.
SUSPECTS: Final = 4
# Affine regions are tried on boxes where few units bend, or which are this deep.
FEW_UNITS: Final = 6
DEEP: Final = 40
REGIONS: Final = 400
# From so many inputs on, boxes are parted by units, not cut.
MANY: Final = 12
# Points between which an equation is looked for, and cells of one segment.
CROSSINGS: Final = 256
CELLS: Final = 5_000
# Certificates are over 2 ** SCALE: words carry networks the size of ACAS Xu's so far.
SCALE: Final = 20


@dataclass(frozen=True)
class Node:
    """A box of the search: its corners as floats, how often it was cut, and where units lie."""

    low: tuple[float, ...]
    high: tuple[float, ...]
    depth: int
    phases: tuple[Phase, ...] = ()


@dataclass(frozen=True)
class Cut:
    """The box was cut in two at ``at`` along input ``axis``."""

    axis: int
    at: float


@dataclass(frozen=True)
class Split:
    """The box's inputs were parted by whether a unit lies below a breakpoint or above."""

    layer: int
    unit: int
    cut: int


@dataclass(frozen=True)
class Closed:
    """No input of the box is unsafe: for each conjunction, some constraint fails anywhere there.

    ``parts`` has, for each conjunction, numbers of its constraints and positive multipliers,
    ``pushes`` numbers of the box's phases with theirs; multipliers are over 2 ** SCALE.
    """

    parts: tuple[tuple[tuple[int, int], ...], ...]
    pushes: tuple[tuple[tuple[int, int], ...], ...] = ()


@dataclass(frozen=True)
class Regions:
    """No input of the box is unsafe, as a checked tree of affine regions shows.

    The tree is None where the box holds no input of the case.
    """

    tree: Tree | None


@dataclass(frozen=True)
class Unsafe:
    """An unsafe input, evaluated exactly."""

    point: Vector


@dataclass(frozen=True)
class Stuck:
    """The box is too small to cut, and its affine regions too many to decide."""


Verdict = Cut | Split | Closed | Regions | Unsafe | Stuck


@dataclass(frozen=True)
class Proposal:
    """What floats say of boxes: bounds of the sums, and the multipliers that these take."""

    low: Array
    high: Array
    values: Array
    weights: Array
    sides: Sides | None
    pushes: Pushes | None


class Worker:
    """Judges batches of boxes of one case of a property.

    Parameters
    ----------
    network, case:
        What is to be proved: no input of the case's box is unsafe.
    """

    def __init__(self, network: Network, case: Case) -> None:
        self.network = network
        self.forms: tuple[Constraint, ...] = forms_of(case)
        self.floats = FloatNetwork(network, self.forms)
        self.made: dict[int, WholeNetwork] = {}
        self.take(case)

    def on(self, case: Case) -> Worker:
        """Return a worker for another case; what concerns the network alone is shared."""
        other = copy(self)
        other.forms = forms_of(case)
        other.floats = self.floats.of_forms(other.forms)
        other.take(case)
        return other

    def take(self, case: Case) -> None:
        self.case = case
        self.checker = CaseCheck(self.network, case, SCALE, self.made)
        position = {form: i for i, form in enumerate(self.forms)}
        self.conjunctions = [
            np.array([position[part] for part in conjunction], dtype=np.int64)
            for conjunction in case.unsafe
        ]
        self.sums = Sums.of(self.conjunctions, [form.strict for form in self.forms])

    def root(self) -> Node:
        """Return the whole box, its corners moved outward to floats."""
        return Node(
            tuple(round_down(entry) for entry in self.case.lower),
            tuple(round_up(entry) for entry in self.case.upper),
            0,
        )

    @np.errstate(all="ignore")
    def judge(self, nodes: Sequence[Node]) -> list[Verdict]:
        """Return a verdict for every box."""
        low = np.array([node.low for node in nodes])
        high = np.array([node.high for node in nodes])
        sides = Sides.of(self.network, [node.phases for node in nodes])
        bounds = self.floats.bounds(low, high, sides)
        values, weights = combine(self.floats, bounds, self.conjunctions, self.sums, low, high)
        pushes: Pushes | None = None
        if sides is not None:
            values, weights, pushes = self.push(low, high, bounds, sides, values, weights)
        verdicts: list[Verdict | None] = [None] * len(nodes)
        proposal = Proposal(low, high, values, weights, sides, pushes)
        self.close(nodes, verdicts, proposal)
        rest = np.array([i for i, verdict in enumerate(verdicts) if verdict is None], dtype=int)
        if not len(rest):
            return [verdict for verdict in verdicts if verdict is not None]
        # The conjunction farthest from failing is brought down first.
        worst = np.argmax(values[rest], axis=1)
        chosen, share = self.sums.members[worst], weights[rest, worst][..., None]
        slopes = (share * bounds.gradient[rest[:, None], chosen]).sum(axis=1)
        influence = (share * bounds.influence[rest[:, None], chosen]).sum(axis=1)
        costs = [
            np.abs((share * rows[rest[:, None], chosen]).sum(axis=1)) * line.gap[rest]
            for rows, line in zip(bounds.rows, bounds.lines, strict=True)
        ]
        found = self.suspects(low[rest], high[rest], slopes)
        if found is not None:
            verdicts[rest[0]] = Unsafe(found)
        for k, i in enumerate(rest):
            if verdicts[i] is None:
                verdicts[i] = self.split(
                    nodes[i], [cost[k] for cost in costs], [line.cut[i] for line in bounds.lines]
                ) or self.cut(nodes[i], influence[k], int(bounds.unstable[i]))
        return [verdict for verdict in verdicts if verdict is not None]

    def push(
        self, low: Array, high: Array, bounds: Bounds, sides: Sides, values: Array, weights: Array
    ) -> tuple[Array, Array, Pushes]:
        """Bring sums down by what is known of units; longer where no unit is left to part."""
        about = (self.conjunctions, self.sums)
        lower, shares, pushes = push(
            self.floats, bounds.lines, low, high, sides, *about, weights, SHORT
        )
        last = (bounds.unstable == 0) & ~self.sums.close(lower, shares)
        rest = np.flatnonzero(last & np.isfinite(lower).all(axis=1))
        if len(rest):
            lines = [line.part(rest) for line in bounds.lines]
            lower[rest], shares[rest], found = push(
                self.floats, lines, low[rest], high[rest], sides.part(rest), *about,
                weights[rest], LONG,
            )  # fmt: skip
            for part, entry in zip(pushes, found, strict=True):
                part[rest] = entry
        better = lower < values
        return (
            np.where(better, lower, values),
            np.where(better[..., None], shares, weights),
            tuple(np.where(better[..., None], part, 0.0) for part in pushes),
        )

    def close(
        self, nodes: Sequence[Node], verdicts: list[Verdict | None], proposal: Proposal
    ) -> None:
        """Close the boxes that float bounds would close, if the checker agrees."""
        likely = np.flatnonzero(self.sums.close(proposal.values, proposal.weights))
        if not len(likely):
            return
        leaves, asked = [], []
        for i in map(int, likely):
            try:
                leaves.append(self.leaf(nodes[i], proposal, i))
            except (OverflowError, ValueError):
                # Multipliers beyond floats: the box is cut.
                continue
            asked.append(i)
        for i, leaf, done in zip(asked, leaves, self.checker.closes_all(leaves), strict=True):
            if done:
                verdicts[i] = Closed(leaf.shares, leaf.pushes if any(leaf.pushes) else ())

    def leaf(self, node: Node, proposal: Proposal, i: int) -> Leaf:
        """Return a box with the multipliers that floats propose, as whole numbers."""
        shares, pushes = [], []
        for c, conjunction in enumerate(self.case.unsafe):
            row = proposal.weights[i, c]
            # The checker makes factors of outputs whole; multipliers are of what comes out.
            factors = [lcm(*(a.denominator for a in part.outputs)) for part in conjunction]
            scaled = {k: float(row[k]) / factors[k] for k in range(len(factors)) if row[k] > 0}
            unit = 2**SCALE / max(scaled.values())
            shares.append(tuple((k, m) for k, x in scaled.items() if (m := round(x * unit)) > 0))
            found: tuple[tuple[int, float], ...] = ()
            if proposal.pushes is not None and node.phases:
                found = named_pushes(node.phases, [part[i, c] for part in proposal.pushes])
            pushes.append(tuple((n, m) for n, x in found if (m := round(x * unit)) > 0))
        low, high = exact_box(self.case, node)
        sides = tuple(Side(*phase) for phase in node.phases)
        return Leaf(0, low, high, sides, -1, SCALE, tuple(shares), tuple(pushes))

    def suspects(self, low: Array, high: Array, slopes: Array) -> Vector | None:
        """Try centres, and the corners the linear bounds point to."""
        corners = np.where(slopes > 0, high, low)
        points = np.concatenate([(low + high) / 2, corners])
        return self.convict(points)

    def convict(self, points: Array) -> Vector | None:
        """Return an unsafe input near one of the points, exactly evaluated, or None."""
        with np.errstate(all="ignore"):
            values = self.floats.forms(points)
        scores = np.max([values[:, group].min(axis=1) for group in self.conjunctions], axis=0)
        for i in np.argsort(-scores)[:SUSPECTS]:
            # A float a little below zero may be an exact zero.
            if scores[i] >= -1e-9:
                point = self.clamp(points[i])
                if self.case.holds(point, self.network.evaluate(point)):
                    return point
        return None

    def clamp(self, point: Array) -> Vector:
        """Return the point as rationals, moved into the exact box."""
        return tuple(
            min(max(Fraction(float(entry)), a), b)
            for entry, a, b in zip(point, self.case.lower, self.case.upper, strict=True)
        )

    def split(
        self, node: Node, costs: Sequence[Array], cuts: Sequence[npt.NDArray[np.int64]]
    ) -> Split | None:
        """Part a box of many inputs by the unit whose bend costs its bound most."""
        free = sum(a < b for a, b in zip(node.low, node.high, strict=True))
        if free < MANY:
            return None
        gains = [
            np.where(cut >= 0, np.nan_to_num(cost), 0.0)
            for cost, cut in zip(costs, cuts, strict=True)
        ]
        layer = int(np.argmax([gain.max() for gain in gains]))
        unit = int(gains[layer].argmax())
        if gains[layer][unit] <= 0:
            return None
        return Split(layer, unit, int(cuts[layer][unit]))

    def cut(self, node: Node, influence: Array, units: int) -> Verdict:
        """Cut a box where its bound depends most on an input, or decide it exactly."""
        low, high = np.array(node.low), np.array(node.high)
        middle = low + (high - low) / 2
        possible = (low < middle) & (middle < high)
        if node.phases:
            if not possible.any():
                return Stuck()
        elif units == 0 or (units <= FEW_UNITS and node.depth >= DEEP) or not possible.any():
            verdict = self.regions(node)
            if not isinstance(verdict, Stuck) or not possible.any():
                return verdict
        gain = np.where(possible, (influence + 1e-300) * (high - low), -1.0)
        axis = int(np.argmax(gain))
        return Cut(axis, float(middle[axis]))

    def regions(self, node: Node, limit: int = REGIONS, seconds: float = 5.0) -> Verdict:
        """Decide a box by its affine regions."""
        low, high = exact_box(self.case, node)
        if any(a > b for a, b in zip(low, high, strict=True)):
            # Rounding the corners outward made a sliver that holds no input of the case.
            return Regions(None)
        try:
            found = find_unsafe(
                self.network, low, high, self.case.unsafe, limit=limit, seconds=seconds
            )
        except LimitReached:
            return Stuck()
        if isinstance(found, Tree):
            return Regions(found)
        if not self.case.holds(found, self.network.evaluate(found)):
            raise ArithmeticError(f"z3's point {found} is not unsafe")
        return Unsafe(found)

    @np.errstate(all="ignore")
    def attack(self, deadline: float = float("inf"), cases: int = 1) -> Vector | None:
        """Look for an unsafe input until ``monotonic()`` passes the deadline.

        The more cases share the time, the less is spent on one.
        """
        root = self.root()
        low, high = np.array(root.low), np.array(root.high)
        bounds = self.floats.bounds(low[None], high[None])
        values, _ = combine(
            self.floats, bounds, self.conjunctions, self.sums, low[None], high[None]
        )
        # What fails on the whole box needs no search.
        groups = [self.conjunctions[c] for c in np.flatnonzero(values[0] >= 0)]
        if not groups:
            return None
        for points in promising(self.floats, groups, low, high, WORK // cases):
            found = self.convict(points)
            if found is not None or monotonic() > deadline:
                return found
        return self.crossing(low, high)

    def crossing(self, low: Array, high: Array) -> Vector | None:
        """Return an input where an equation holds exactly, between two where its sides differ.

        No float point need meet an equation. Between inputs where its sign differs it holds
        somewhere, if activations are continuous, and on a segment that place is found exactly.
        """
        points = low + (high - low) * np.random.default_rng(0).random((CROSSINGS, len(low)))
        values = self.floats.forms(points)
        for group, conjunction in zip(self.conjunctions, self.case.unsafe, strict=True):
            equations = [k for k, part in enumerate(conjunction) if opposed(part, conjunction)]
            if not equations:
                continue
            column = values[:, group[equations[0]]]
            above, below = np.flatnonzero(column > 0), np.flatnonzero(column < 0)
            for i, j in zip(above[:SUSPECTS], below[:SUSPECTS], strict=False):
                found = self.between(self.clamp(points[i]), self.clamp(points[j]), conjunction)
                if found is not None:
                    return found
        return None

    def between(self, start: Vector, end: Vector, conjunction: Conjunction) -> Vector | None:
        """Return an input of a segment that meets all constraints of a conjunction."""
        step = tuple(b - a for a, b in zip(start, end, strict=True))
        along = tuple(
            Constraint(
                (dot(part.inputs, step),),
                part.outputs,
                part.constant + dot(part.inputs, start),
                part.strict,
            )
            for part in conjunction
        )
        line = on_segment(self.network, list(start), list(end))
        unit = (Fraction(0),), (Fraction(1),)
        try:
            found = segments.decide(line, Case(*unit, (along,)), limit=CELLS).unsafe
        except LimitReached:
            return None
        if found is None:
            return None
        point = tuple(a + found[0] * b for a, b in zip(start, step, strict=True))
        return point if self.case.holds(point, self.network.evaluate(point)) else None


def opposed(part: Constraint, conjunction: Conjunction) -> bool:
    """Whether a conjunction also says the opposite of a constraint, so that its form is zero."""
    opposite = Constraint(
        tuple(-a for a in part.inputs), tuple(-a for a in part.outputs), -part.constant, False
    )
    return not part.strict and opposite in conjunction


def forms_of(case: Case) -> tuple[Constraint, ...]:
    """Return the different constraints of a case, in order."""
    return tuple(dict.fromkeys(part for conjunction in case.unsafe for part in conjunction))


def exact_box(case: Case, node: Node) -> tuple[Vector, Vector]:
    """Return the part of a node's box inside the case's exact box."""
    low = tuple(max(Fraction(a), b) for a, b in zip(node.low, case.lower, strict=True))
    high = tuple(min(Fraction(a), b) for a, b in zip(node.high, case.upper, strict=True))
    return low, high


def halves(node: Node, cut: Cut | Split) -> tuple[Node, Node]:
    """Return the two boxes a cut makes."""
    if isinstance(cut, Split):
        below, above = (
            replace(node, depth=node.depth + 1, phases=(*node.phases, Phase(*part)))
            for part in (
                (cut.layer, cut.unit, cut.cut, False),
                (cut.layer, cut.unit, cut.cut, True),
            )
        )
        return below, above
    high, low = list(node.high), list(node.low)
    high[cut.axis] = low[cut.axis] = cut.at
    return (
        replace(node, high=tuple(high), depth=node.depth + 1),
        replace(node, low=tuple(low), depth=node.depth + 1),
    )


def named_pushes(phases: Sequence[Phase], pushes: Sequence[Array]) -> tuple[tuple[int, float], ...]:
    """Return the multipliers as those of phases: each multiplier belongs to the tightest."""
    out = []
    for layer, part in enumerate(pushes):
        for unit in map(int, np.flatnonzero(part)):
            share = float(part[unit])
            # Of several breakpoints the last to be split at is the tightest.
            number = max(
                n
                for n, phase in enumerate(phases)
                if (phase.layer, phase.unit, phase.above) == (layer, unit, share > 0)
            )
            out.append((number, abs(share)))
    return tuple(sorted(out))
