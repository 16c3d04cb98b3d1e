"""Theorems about given networks: what they say, that false ones fail, that they are checked."""

from __future__ import annotations

import inspect
import json
import sys
from dataclasses import replace
from fractions import Fraction

import pytest

from tests.seeds import seeds
from verifier.kernel import DEFINED, genuine
from verifier.library.derivations import derivation, to_json
from verifier.networks.activations import RELU, STEP, Activation
from verifier.networks.examples import merged, shallow_sawtooth, skewed_tent, tent, tent_iterate
from verifier.networks.formats.vnnlib import parse_vnnlib
from verifier.networks.model import Layer, Network, iterate
from verifier.networks.pieces.partition import pieces_of
from verifier.proving import Proof, ProofFailed
from verifier.recheck.document import read
from verifier.recheck.structure import check_library
from verifier.theory.concrete import (
    Description,
    Graph,
    TooManyLeaves,
    cited_below,
    describe,
    equal_theorem,
    pieces_theorem,
    samples,
)
from verifier.theory.safety import safety_theorem
from verifier.theory.tents import tent_equal, tent_pieces

ZERO, ONE = Fraction(0), Fraction(1)
DOMAINS = ((None, None), (Fraction(-2), Fraction(3)), (ZERO, None), (None, ONE / 2), (ONE, ONE))


def documents(found):
    """The derivations of a theorem and of all it rests on, read back from their text."""
    theorems = {**cited_below(found), found.name: found.theorem}
    return {
        name: read(name, json.loads(to_json(derivation(theorem))))
        for name, theorem in theorems.items()
    }


@pytest.mark.parametrize("seed", seeds(15, 30))
def test_the_theorem_says_the_number_of_pieces(random_network, seed):
    network, domain = random_network(seed), DOMAINS[seed % 5]
    count = pieces_of(network, *domain).function.count
    found = pieces_theorem(network, *domain)
    assert genuine(found.theorem) is found.theorem
    assert not found.theorem.hypotheses
    assert found.assumptions == []
    statement = found.statement
    if domain == (None, None):
        assert f", {count}) ∧" in statement
        assert statement.endswith(f"{count} ≤ t)")
    elif None not in domain:
        low, high = domain
        assert statement.startswith("sawtooth_on(")
        assert f", {count}, {low}, {high})".replace("-", "−") in statement
        assert "needs_pieces(" in statement
    else:
        assert f", {count}) ∧ needs_pieces" in statement


def test_the_structure_of_derivations_is_accepted_by_the_independent_checker():
    whole = documents(pieces_theorem(skewed_tent(ONE / 3)))
    whole |= documents(equal_theorem(tent_iterate(2), merged(2)))
    whole |= documents(tent_pieces(tent_iterate(700), ZERO, ONE)[0])
    check_library(whole)


@pytest.mark.parametrize("seed", range(8))
def test_a_wrong_function_is_not_proved(random_network, seed):
    network = random_network(seed, activations=(RELU, STEP))
    found = pieces_of(network, Fraction(-2), Fraction(3))
    right = found.function
    wrong = replace(right, intercepts=((right.intercepts[0][0] + 1, *right.intercepts[0][1:]),))
    with pytest.raises(ProofFailed):
        describe(network, wrong, found.refinement).prove(Proof("wrong"))


def test_a_partition_that_is_too_coarse_is_not_proved():
    found = pieces_of(tent(), ZERO, ONE)
    task = describe(tent(), found.function, found.refinement)
    coarse = replace(task.partition, cuts=())
    with pytest.raises(ProofFailed):
        Description(Graph(tent()), coarse, task.functions, [0]).prove(Proof("coarse"))


def test_who_owns_a_jump_matters():
    jump = Network(1, (Layer(((ONE,),), (ZERO,), STEP),))
    found = pieces_of(jump)
    assert found.function.closed == (False,)
    moved = describe(jump, replace(found.function, closed=(True,)), found.refinement)
    with pytest.raises(ProofFailed):
        moved.prove(Proof("moved"))


def test_an_activation_is_known_by_its_pieces_not_by_its_name():
    false_relu = Activation("relu", STEP.cuts, STEP.pieces)
    network = Network(1, (Layer(((ONE,),), (ZERO,), false_relu),))
    found = pieces_theorem(network)
    (symbol,) = Graph(network).outputs
    assert "relu" not in {inner.name for inner in DEFINED[symbol.name].body.symbols}
    assert (
        found.statement != pieces_theorem(Network(1, (Layer(((ONE,),), (ZERO,), RELU),))).statement
    )


def test_one_sample_a_piece():
    function = pieces_of(tent_iterate(3), ZERO, ONE).function
    points = samples(function)
    assert [function.index(point) for point in points] == list(range(8))
    assert (points[0], points[-1]) == (0, 1)


@pytest.mark.parametrize(
    ("left", "right", "domain"),
    [
        (tent_iterate(3), merged(3), (None, None)),
        (tent_iterate(3), shallow_sawtooth(3), (ZERO, ONE)),
        (tent(), Network(1, (*tent().layers, Layer(((ONE,),), (ZERO,), RELU))), (None, ONE)),
    ],
)
def test_equal_networks_are_proved_equal(left, right, domain):
    found = equal_theorem(left, right, *domain)
    assert found.theorem.conclusion.operator == "forall"
    check_library(documents(found))


def test_different_networks_are_not():
    with pytest.raises(ProofFailed):
        equal_theorem(tent_iterate(2), shallow_sawtooth(2), ZERO, Fraction(2))


def test_two_outputs_are_equal_together():
    both = Network(1, (Layer(((ONE,), (-ONE,)), (ZERO, ZERO), RELU),))
    twice = Network(1, (*both.layers, Layer(((ONE, ZERO), (ZERO, ONE)), (ZERO, ZERO))))
    assert " ∧ " in equal_theorem(both, twice).statement


def test_a_unit_means_the_same_in_every_network():
    one, other = Graph(tent_iterate(2)), Graph(tent_iterate(3))
    assert one.outputs[0] is other.layers[3][0].symbol
    assert one.outputs[0] is not other.outputs[0]


@pytest.mark.parametrize("network", [tent_iterate(900), merged(900)])
def test_iterates_of_the_tent_are_instances_of_the_theorem(network):
    found, count = tent_pieces(network, ZERO, ONE)
    assert count == 2**900
    assert "iterate-pieces-lower" in found.uses
    found, count = tent_pieces(network)
    assert count == 2**900 + 2
    assert "iterate-pieces-line" in found.uses
    assert found.statement.count("2^900 + 2") == 2
    check_library(documents(found))


def test_other_iterates_and_intervals_are_not():
    assert tent_pieces(iterate(skewed_tent(ONE / 3), 5), ZERO, ONE) is None
    assert tent_pieces(tent_iterate(5), ZERO, ONE / 2) is None
    assert tent_equal(tent_iterate(5), tent_iterate(6)) is None
    assert tent_equal(tent_iterate(5), tent()) is None


def test_a_cell_that_only_looks_like_the_tent_is_not_taken_for_it():
    ramps, height = tent().layers
    bent = Layer(
        ((Fraction(2), Fraction(-4) + Fraction(1, 10**9)),), height.bias, height.activation
    )
    assert tent_pieces(iterate(Network(1, (ramps, bent)), 50), ZERO, ONE) is None


def test_both_forms_of_the_iterates_are_equal():
    found = tent_equal(tent_iterate(500), merged(500))
    assert "500" in found.statement
    check_library(documents(found))


PROPERTY = """(declare-const X_0 Real) (declare-const Y_0 Real)
(assert (<= 0 X_0 {high})) (assert ({relation} Y_0 {bound}))"""


@pytest.mark.parametrize(
    ("high", "relation", "bound", "safe"),
    [
        ("0.25", ">", "0.5", True),
        ("0.25", ">=", "0.5", False),
        ("0.2500000000000001", ">", "0.5", False),
        ("1", ">", "1", True),
        ("1", "<", "0", True),
        ("1", "<=", "0", False),
    ],
)
def test_safe_means_proved_and_unsafe_means_not(high, relation, bound, safe):
    spec = parse_vnnlib(PROPERTY.format(high=high, relation=relation, bound=bound))
    if safe:
        assert "¬" in safety_theorem(tent(), spec).statement
    else:
        with pytest.raises(ProofFailed):
            safety_theorem(tent(), spec)


def test_too_large_a_proof_is_not_begun():
    for call in (
        lambda: pieces_theorem(tent_iterate(10), ZERO, ONE, limit=100),
        lambda: equal_theorem(tent_iterate(4), merged(4), limit=10),
    ):
        with pytest.raises(TooManyLeaves):
            call()


def test_case_splits_may_nest_deeper_than_python_s_stack():
    layer = Layer(((ONE,),), (Fraction(-1, 100),), RELU)
    staircase = Network(1, (layer,) * 24)
    used = len(inspect.stack())
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(used + 100)
    try:
        found = pieces_theorem(staircase, ZERO, ONE)
        assert sys.getrecursionlimit() == used + 100
    finally:
        sys.setrecursionlimit(before)
    assert ", 2, 0, 1)" in found.statement
