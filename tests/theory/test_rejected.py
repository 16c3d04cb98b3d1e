"""What must be rejected: each false neighbour of a theorem is stated, tried, and turned down."""

from __future__ import annotations

import pytest

from tests.false_neighbours import (
    COUNTEREXAMPLE,
    FALSE_NEIGHBOURS,
    FalseNeighbour,
    bend_needs_two_labels,
    clauses_without,
    intercept,
    label,
    slope,
)
from verifier.proving import (
    Integer,
    Proof,
    Real,
    RealMap,
    Result,
    StepFailed,
    exists,
    function,
    integer,
    real,
)


@pytest.mark.parametrize("neighbour", FALSE_NEIGHBOURS, ids=lambda n: n.name)
def test_false_neighbour_is_turned_down(neighbour: FalseNeighbour) -> None:
    outcome = neighbour.result._run()
    assert outcome.theorem is None
    assert isinstance(outcome.error, StepFailed)
    assert outcome.statement is not None
    assert outcome.error.counterexample is not None
    assert outcome.error.counterexample.confirmed == (neighbour.turned_down_by == COUNTEREXAMPLE)


def prove(function):
    """Prove a statement outside the registry."""
    return Result("local", "test", "", function)._run()


@pytest.mark.parametrize("dropped", ["nothing", "range", "monotone", "affine", "constant"])
def test_which_clauses_of_a_structure_a_bend_needs(dropped: str) -> None:
    """With every clause a function through 0, 1, 0 has two pieces; without one it may have one."""

    def bent(p: Proof, f: RealMap, t: Integer):
        return bend_needs_two_labels(p, f, t, dropped)

    outcome = prove(bent)
    # Without the order the two labels are still needed here: three points already tell them apart.
    assert (outcome.theorem is not None) == (dropped in ("nothing", "monotone"))


def test_without_constancy_everything_is_1_sawtooth() -> None:
    """The reason the clause is there, proved for every function."""

    def everything(p: Proof, f: RealMap):
        bundle = (label, slope, intercept)
        weak = exists(*bundle, clauses_without("constant", f, integer(1), *bundle))
        p.show(weak)
        witnesses = (
            function_of_label(),
            function(lambda x: real(0)),
            function(lambda x: f(x)),
        )
        from verifier.logic import opened

        clauses = weak
        for witness in witnesses:
            clauses = opened(clauses, witness)
        proved = p.for_all("x y", Real, lambda x, y: p.have(opened(opened(clauses, x), y)))
        return p.exhibit(weak, *witnesses, fact=proved)

    assert prove(everything).theorem is not None


def function_of_label():
    from verifier.proving import Labelling

    return function(lambda x: integer(1), Labelling)
