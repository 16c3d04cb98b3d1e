"""Kernel theorems about given networks of several inputs, from trees of splits.

Where the tree splits a region, the proof is by cases: the affine form that a unit has there lies
before the breakpoint of its activation, or it does not. In each case the unit is an affine form
again, by a leaf of linear arithmetic. The multipliers of the tree say which of the conditions
that leaf needs; that they are right, nobody has to believe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice
from typing import Final

from verifier.errors import VerifierError
from verifier.kernel import Theorem
from verifier.logic import Term
from verifier.networks.certificates.regions_tree import (
    Closed,
    Node,
    Place,
    Question,
    Settled,
    Tree,
    Unit,
)
from verifier.networks.model import Network
from verifier.networks.numbers.inequalities import Form, Multipliers
from verifier.networks.property import Conjunction, Property
from verifier.networks.regions.points import points
from verifier.networks.regions.search import (
    bend,
    narrowed,
    pieces_at_first,
    preactivation,
    root,
    settle,
)
from verifier.proving import Proof, ProofFailed, Real, conjunction
from verifier.proving.leaves import room_to_recurse
from verifier.theory import MOST_LEAVES
from verifier.theory.concrete import (
    FRAMES_A_CELL,
    UNITS_A_LEAF,
    Graph,
    Proved,
    TooManyLeaves,
    applied,
    proved,
    rational,
)
from verifier.theory.concrete import preactivation as weighted_sum
from verifier.theory.safety import safe

SAMPLES: Final = 50
# Questions of linear arithmetic, to find a tree, for each leaf allowed.
QUESTIONS_A_LEAF: Final = 2


@dataclass(frozen=True)
class Affine:
    """A unit is a form of the inputs, which follows from the conditions with these numbers."""

    unit: Unit
    form: Form
    needs: tuple[int, ...]


@dataclass(frozen=True)
class Units:
    """Units that are affine on a region, by one leaf."""

    units: tuple[Affine, ...]


@dataclass(frozen=True)
class Halves:
    """A case split: a form lies before a breakpoint, which closed says the lower half owns."""

    form: Form
    at: Fraction
    closed: bool


@dataclass(frozen=True)
class End:
    """The claim, from the conditions with these numbers and the outputs as forms."""

    needs: tuple[int, ...]


Step = Units | Halves | End


@dataclass(frozen=True)
class State:
    """How far the tree is followed on a region.

    Attributes
    ----------
    conditions:
        How many conditions there are: sides of the box, then one for each split above.
    values:
        The inputs and the units computed so far, as forms.
    pieces, needs:
        The pieces the next unit may lie on, and the conditions that say so.
    waiting:
        Units computed for which no leaf is planned yet.
    """

    conditions: int
    values: tuple[Form, ...]
    pieces: tuple[int, int] | None = None
    needs: tuple[int, ...] = ()
    waiting: tuple[Affine, ...] = ()


class Plan:
    """The steps of a proof that follows a tree.

    Attributes
    ----------
    steps:
        Root first; after a case split all of its lower half, then its upper half.
    """

    def __init__(self, question: Question, tree: Tree) -> None:
        self.question, self.nodes = question, iter(tree.nodes)
        self.steps: list[Step] = []
        self.stack = [State(len(question.domain), root(question).values)]
        while self.stack:
            state: State | None = self.stack.pop()
            while state is not None:
                state = self.advanced(state)

    @property
    def leaves(self) -> int:
        """How many leaves the proof takes."""
        return sum(not isinstance(step, Halves) for step in self.steps)

    @property
    def depth(self) -> int:
        """No fewer than the case splits above any leaf."""
        return sum(isinstance(step, Halves) for step in self.steps)

    def advanced(self, state: State) -> State | None:
        """Plan a step on a region; None at its end."""
        index = len(state.values) - self.question.inputs
        if index == len(self.question.units):
            self.flush(state)
            node = self.node()
            if not isinstance(node, Closed):
                raise VerifierError(f"the tree asks about {node.at}, where all units are known")
            why = [i for each in node.why for i in used(each, state.conditions)]
            self.steps.append(End(tuple(dict.fromkeys(why))))
            return None
        unit = self.question.units[index]
        form = preactivation(unit, state.values)
        pieces = state.pieces or pieces_at_first(unit, form)
        if pieces[0] == pieces[1]:
            return self.computed(state, unit, bend(form, unit.activation, pieces[0]))
        node = self.node()
        if isinstance(node, Closed) or node.at != unit.at:
            raise VerifierError(f"the tree does not ask about {unit.at} where it may bend")
        if isinstance(node, Settled):
            needs = (*state.needs, *used(node.why, state.conditions))
            return replace(state, pieces=narrowed(pieces, node.cut, node.above), needs=needs)
        self.flush(state)
        self.steps.append(Halves(form, unit.cuts[node.cut].at, node.closed))
        for above in (True, False):
            half = State(
                state.conditions + 1,
                state.values,
                narrowed(pieces, node.cut, above),
                (*state.needs, state.conditions),
            )
            self.stack.append(half)
        return None

    def node(self) -> Node:
        """The next node of the tree."""
        node = next(self.nodes, None)
        if node is None:
            raise VerifierError("the tree is cut short")
        return node

    def computed(self, state: State, unit: Unit, value: Form) -> State:
        """Go on to the next unit."""
        affine = Affine(unit, value, tuple(dict.fromkeys(state.needs)))
        first = len(state.values) - len(state.waiting)
        if len(state.waiting) == UNITS_A_LEAF or any(i >= first for i, _ in unit.reads):
            self.flush(state)
            state = replace(state, waiting=())
        return State(state.conditions, (*state.values, value), waiting=(*state.waiting, affine))

    def flush(self, state: State) -> None:
        """Plan the leaf of the units that wait."""
        if state.waiting:
            self.steps.append(Units(state.waiting))


def used(why: Multipliers, conditions: int) -> list[int]:
    """Return the conditions of a region that multipliers use, what they refute left out."""
    return [i for i, factor in why.parts if factor and i < conditions]


class RegionProof:
    """That a claim holds at all inputs of a box, by a plan.

    Parameters
    ----------
    claim:
        Of the inputs, what is to be shown.
    """

    def __init__(
        self, plan: Plan, graphs: Sequence[Graph], claim: Callable[[Sequence[Term]], Term]
    ) -> None:
        self.plan, self.graphs, self.claim = plan, graphs, claim

    def prove(self, p: Proof) -> Theorem:
        """For all inputs in the box, the claim."""
        question = self.plan.question
        steps = iter(self.plan.steps)

        def at(*x: Term) -> Theorem:
            ends = sides(question, x)
            if not ends:
                return self.on(p, x, steps, (), {})
            return p.suppose(
                conjunction(*ends), lambda here: self.on(p, x, steps, tuple(p.parts(here)), {})
            )

        names = " ".join(str(x.data) for x in self.graphs[0].inputs)
        with room_to_recurse(FRAMES_A_CELL * self.plan.depth):
            return p.for_all(names, Real, at)

    def on(
        self,
        p: Proof,
        x: Sequence[Term],
        steps: Iterator[Step],
        conditions: tuple[Theorem, ...],
        known: dict[Place, Theorem],
    ) -> Theorem:
        """The claim at x, given conditions and what units are there."""
        for step in steps:
            match step:
                case Units(units):
                    known = known | self.units(p, x, units, conditions, known)
                case Halves():
                    return self.halves(p, x, steps, conditions, known, step)
                case End(needs):
                    outputs = [known[at] for at in self.plan.question.outputs if at in known]
                    return p.have(self.claim(x), outputs, [conditions[i] for i in needs])
        raise VerifierError("the plan of a proof has no end")

    def halves(
        self,
        p: Proof,
        x: Sequence[Term],
        steps: Iterator[Step],
        conditions: tuple[Theorem, ...],
        known: dict[Place, Theorem],
        step: Halves,
    ) -> Theorem:
        """The claim at x by cases."""
        value, at = line(step.form, x), rational(step.at)

        def half(here: Theorem) -> Theorem:
            return self.on(p, x, steps, (*conditions, here), known)

        # The steps are in the order in which the cases are proved.
        return p.cases(value <= at if step.closed else value < at, half, half)

    def units(
        self,
        p: Proof,
        x: Sequence[Term],
        units: Sequence[Affine],
        conditions: Sequence[Theorem],
        known: dict[Place, Theorem],
    ) -> dict[Place, Theorem]:
        """Each of some units is a form of the inputs, by one leaf."""
        claims, facts = [], []
        for affine in units:
            at = affine.unit.at
            graph = self.graphs[at.network]
            layer = graph.network.layers[at.layer]
            previous = graph.layers[at.layer - 1] if at.layer else None
            sum_ = weighted_sum(layer, at.unit, previous, x)
            whole = graph.layers[at.layer][at.unit].symbol(*x)
            claims.append(whole == line(affine.form, x))
            facts += [p.meaning(whole), *applied(p, layer.activation, sum_).meaning]
            if previous:
                reads = graph.layers[at.layer][at.unit].reads
                facts += [known[Place(at.network, at.layer - 1, j)] for j in reads]
            facts += [conditions[i] for i in affine.needs]
        parts = p.parts(p.have(conjunction(*claims), facts))
        return {affine.unit.at: part for affine, part in zip(units, parts, strict=True)}


def sides(question: Question, x: Sequence[Term]) -> list[Term]:
    """That x lies in the box, in the order of the question's conditions."""
    return [
        side
        for entry, low, high in zip(x, question.low, question.high, strict=True)
        for side in (
            None if low is None else rational(low) <= entry,
            None if high is None else entry <= rational(high),
        )
        if side is not None
    ]


def line(form: Form, x: Sequence[Term]) -> Term:
    """A form of the inputs as a term."""
    whole = rational(form[-1])
    for coefficient, entry in zip(form, x, strict=False):
        if coefficient:
            whole = whole + rational(coefficient) * entry
    return whole


def within(plans: Sequence[Plan], limit: int) -> None:
    """Refuse proofs of more than ``limit`` leaves.

    Raises
    ------
    TooManyLeaves
        If there are more.
    """
    if (leaves := sum(plan.leaves for plan in plans)) > limit:
        raise TooManyLeaves(f"{leaves} leaves are more than {limit}")


def equal_on_box_theorem(question: Question, tree: Tree, limit: int = MOST_LEAVES) -> Proved:
    """Prove that two networks are equal at every point of a box, from a tree that shows it.

    Raises
    ------
    TooManyLeaves
        If that takes more than ``limit`` leaves.
    ProofFailed
        If the tree does not show it.

    Examples
    --------
    >>> from verifier.networks.activations import ABS, RELU
    >>> from verifier.networks.regions.equality import equal_on_box
    >>> from verifier.networks.model import Layer
    >>> row = lambda *entries: tuple(map(Fraction, entries))
    >>> size = Network(2, (Layer((row(1, -1),), row(0), ABS),))
    >>> ramps = Layer((row(1, -1), row(-1, 1)), row(0, 0), RELU)
    >>> both = Network(2, (ramps, Layer((row(1, 1),), row(0))))
    >>> found = equal_on_box(size, both, tree=True)
    >>> equal_on_box_theorem(found.question, found.tree).statement.startswith("∀ x1 x2:Real. unit")
    True
    """
    steps = Plan(question, tree)
    within([steps], limit)
    graphs = [Graph(network) for network in question.networks]
    one, other = (graph.outputs for graph in graphs)

    def claim(x: Sequence[Term]) -> Term:
        return conjunction(*(f(*x) == g(*x) for f, g in zip(one, other, strict=True)))

    return proved("equal", RegionProof(steps, graphs, claim).prove)


class UnsafeInput(ProofFailed):
    """What should be proved is false: some input is unsafe."""


def safe_on_box_theorem(network: Network, prop: Property, limit: int = MOST_LEAVES) -> Proved:
    """Prove that no input of a property's boxes is unsafe, by affine regions.

    Raises
    ------
    TooManyLeaves
        If that takes more than ``limit`` leaves.
    LimitReached
        If finding the regions takes too long.
    ProofFailed
        If an input is unsafe.
    """
    graph = Graph(network)
    tasks = []
    for case in prop.cases:
        question = Question((network,), case.lower, case.upper, case.unsafe)
        samples = list(islice(points(question), SAMPLES))
        tree = settle(question, samples, limit=QUESTIONS_A_LEAF * limit)
        if not isinstance(tree, Tree):
            raise UnsafeInput(f"the input {', '.join(map(str, tree))} is unsafe", "safe")
        steps = Plan(question, tree)

        def claim(x: Sequence[Term], unsafe: tuple[Conjunction, ...] = case.unsafe) -> Term:
            return safe(unsafe, x, [symbol(*x) for symbol in graph.outputs])

        tasks.append(RegionProof(steps, [graph], claim))
        within([task.plan for task in tasks], limit)
    return proved("safe", lambda p: p.both(*(task.prove(p) for task in tasks)))
