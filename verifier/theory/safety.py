"""Kernel theorems about properties: no input of a box is unsafe for a network of one input."""

from __future__ import annotations

from collections.abc import Sequence

from verifier.kernel import Theorem
from verifier.logic import Term, disjunction, negation
from verifier.networks.model import Network
from verifier.networks.pieces.partition import pieces_of
from verifier.networks.property import Case, Conjunction, Constraint, Property
from verifier.proving import Proof, conjunction
from verifier.theory import MOST_LEAVES
from verifier.theory.concrete import (
    Description,
    Ends,
    Graph,
    Partition,
    Proved,
    affordable,
    proved,
    rational,
)


class Safety(Description):
    """That a network is safe at every point of a case's box, by cases over its pieces."""

    def __init__(self, graph: Graph, partition: Partition, case: Case) -> None:
        super().__init__(graph, partition, (), (0,) * partition.count)
        self.case = case

    def claim(self, x: Term) -> Term:
        """No conjunction of the unsafe set holds at x and the outputs there."""
        return safe(self.case.unsafe, [x], [symbol(x) for symbol in self.graph.outputs])

    def conclude(
        self, p: Proof, x: Term, ends: Ends, cell: int, outputs: Sequence[Theorem]
    ) -> Theorem:
        """The claim, on a cell where the outputs are known to be affine."""
        return p.have(self.claim(x), *ends, *outputs)


def safe(unsafe: Sequence[Conjunction], inputs: Sequence[Term], outputs: Sequence[Term]) -> Term:
    """No conjunction of an unsafe set holds."""
    return negation(
        disjunction(
            *(conjunction(*(holds(part, inputs, outputs) for part in parts)) for parts in unsafe)
        )
    )


def holds(constraint: Constraint, inputs: Sequence[Term], outputs: Sequence[Term]) -> Term:
    """A linear constraint on the inputs and the outputs."""
    whole = rational(constraint.constant)
    for factors, terms in ((constraint.inputs, inputs), (constraint.outputs, outputs)):
        for factor, term in zip(factors, terms, strict=True):
            if factor:
                whole = whole + rational(factor) * term
    return whole > 0 if constraint.strict else whole >= 0


def safety_theorem(network: Network, prop: Property, limit: int = MOST_LEAVES) -> Proved:
    """Prove that no input of a property's boxes is unsafe, for a network of one input.

    Raises
    ------
    TooManyLeaves
        If that takes more than ``limit`` leaves.
    StepFailed
        If an input is unsafe: no proof goes through.

    Examples
    --------
    >>> from verifier.networks.examples import tent
    >>> from verifier.networks.formats.vnnlib import parse_vnnlib
    >>> spec = parse_vnnlib('''(declare-const X_0 Real) (declare-const Y_0 Real)
    ...     (assert (<= 0 X_0 0.25)) (assert (> Y_0 0.5))''')
    >>> safety_theorem(tent(), spec).statement.startswith("∀ x:Real. 0 ≤ x ∧ x ≤ 1/4 → ¬")
    True
    """
    tasks = []
    for case in prop.cases:
        low, high = case.lower[0], case.upper[0]
        refinement = pieces_of(network, low, high).refinement
        affordable(network, refinement.count, limit)
        task = Safety(Graph(network), Partition(low, high, refinement.cuts), case)
        task.within(limit)
        tasks.append(task)
    return proved("safe", lambda p: p.both(*(task.prove(p) for task in tasks)))
