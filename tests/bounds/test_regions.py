"""Theorems about networks of several inputs: what they say, that false ones fail."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest

from tests.bounds.test_concrete import documents
from verifier.errors import VerifierError
from verifier.kernel import genuine
from verifier.networks.activations import ABS, RELU, STEP, Activation, Affine, Cut
from verifier.networks.certificates.regions_tree import Closed, Settled, Split, Tree
from verifier.networks.formats.json_format import write_json
from verifier.networks.formats.vnnlib import parse_vnnlib
from verifier.networks.model import Layer, Network
from verifier.networks.regions.equality import difference, equal_on_box
from verifier.networks.regions.search import settle
from verifier.proving import Proof, ProofFailed, conjunction
from verifier.recheck.document import read
from verifier.recheck.structure import check_library
from verifier.theory.concrete import Graph, TooManyLeaves
from verifier.theory.regions import (
    Halves,
    Plan,
    RegionProof,
    Units,
    equal_on_box_theorem,
    safe_on_box_theorem,
)


def row(*entries):
    return tuple(Fraction(entry) for entry in entries)


def layer(weights, bias, activation=None):
    return Layer(tuple(row(*entries) for entries in weights), row(*bias), activation)


# The greater of two numbers, two ways; the second is so in the quadrant x, y >= 0 only.
RAMPS = Network(
    2, (layer([[1, -1], [0, 1], [0, -1]], [0] * 3, RELU), layer([[1, 1, -1]], [0]))
)  # fmt: skip
SUM_AND_SIZE = Network(
    2,
    (
        layer([[1, 1], [-1, -1], [1, -1]], [0, 0, 0], ABS),
        layer([["1/4", "1/4", "1/2"]], [0]),
    ),
)
SQUARE = (row(0, 0), row(3, 3))


def widened(network: Network, activation=RELU) -> Network:
    """The same function, its last layer's inputs scaled and one unit more that counts nothing."""
    first, last = network.layers[-2:]
    scaled = layer(
        [[3 * w for w in weights] for weights in first.weights] + [[1] * first.inputs],
        [3 * b for b in first.bias] + [1],
        first.activation,
    )
    above = layer([[w / 3 for w in weights] + [0] for weights in last.weights], last.bias)
    return Network(network.inputs, (*network.layers[:-2], scaled, above))


def random_network(seed: int, inputs: int, activation) -> Network:
    r = random.Random(seed)
    number = lambda: Fraction(r.randrange(-3, 4), 2)  # noqa: E731
    widths = (inputs, 3, 2)
    layers = [
        layer([[number() for _ in range(a)] for _ in range(b)], [number() for _ in range(b)],
              activation)
        for a, b in pairwise(widths)
    ]  # fmt: skip
    return Network(inputs, (*layers, layer([[1, -1]], [0])))


DENTED = Activation(
    "pieces",
    (Cut(Fraction(0), False), Cut(Fraction(0), True)),
    (Affine(*row(1, 0)), Affine(*row(0, 1)), Affine(*row(1, 0))),
)


def theorem(left, right, low=None, high=None, limit=20_000):
    found = equal_on_box(left, right, low, high, tree=True)
    assert found.equal
    return equal_on_box_theorem(found.question, found.tree, limit)


@pytest.mark.parametrize(("inputs", "activation"), [(2, RELU), (2, DENTED), (3, ABS), (4, RELU)])
def test_equal_networks_are_proved_equal(inputs, activation):
    network = random_network(inputs, inputs, activation)
    copy = random_network(inputs, inputs, activation)
    if activation is not DENTED:
        copy = widened(network)
    low, high = (Fraction(-1),) * inputs, (Fraction(2),) * inputs
    found = theorem(network, copy, low, high)
    assert genuine(found.theorem) is found.theorem
    assert not found.theorem.hypotheses
    assert found.assumptions == []
    names = " ".join(f"x{i + 1}" for i in range(inputs))
    assert found.statement.startswith(f"∀ {names}:Real. −1 ≤ x1 ∧ x1 ≤ 2 ∧ ")
    check_library(documents(found))


def test_without_a_box_the_theorem_has_no_premise():
    found = theorem(RAMPS, widened(RAMPS))
    one, other = (Graph(network).outputs[0].name for network in (RAMPS, widened(RAMPS)))
    assert found.statement == f"∀ x1 x2:Real. {one}(x1, x2) = {other}(x1, x2)"
    check_library(documents(found))


def test_equal_on_a_box_only():
    assert "0 ≤ x1 ∧ x1 ≤ 3 ∧ 0 ≤ x2" in theorem(RAMPS, SUM_AND_SIZE, *SQUARE).statement
    found = equal_on_box(RAMPS, SUM_AND_SIZE, *SQUARE, tree=True)
    for wider in ((row("-1e-9", 0), row(3, 3)), (row(-1, -1), row(3, 3)), ((None,) * 2,) * 2):
        question = replace(found.question, low=wider[0], high=wider[1])
        with pytest.raises((ProofFailed, IndexError)):
            equal_on_box_theorem(question, found.tree)


@pytest.mark.parametrize("nudge", ["1e-12", "-1"])
def test_a_tree_proves_nothing_about_other_networks(nudge):
    found = equal_on_box(RAMPS, SUM_AND_SIZE, *SQUARE, tree=True)
    *below, last = SUM_AND_SIZE.layers
    for changed in (
        layer(last.weights, row(nudge)),
        layer([[last.weights[0][0] + Fraction(nudge), *last.weights[0][1:]]], last.bias),
    ):
        other = Network(2, (*below, changed))
        with pytest.raises(ProofFailed):
            equal_on_box_theorem(replace(found.question, networks=(RAMPS, other)), found.tree)


def proof_of(steps, plan, left=RAMPS, right=SUM_AND_SIZE):
    """Run a proof by other steps than planned."""
    plan.steps = steps
    graphs = [Graph(left), Graph(right)]
    one, other = (graph.outputs for graph in graphs)

    def claim(x):
        return conjunction(*(f(*x) == g(*x) for f, g in zip(one, other, strict=True)))

    return RegionProof(plan, graphs, claim).prove(Proof("changed"))


def test_a_changed_plan_proves_nothing():
    """The plan is believed in nothing: a wrong form, a condition or a case left out is refused."""
    found = equal_on_box(RAMPS, SUM_AND_SIZE, *SQUARE, tree=True)
    plan = Plan(found.question, found.tree)
    planned = list(plan.steps)
    assert not proof_of(planned, plan).hypotheses
    for i, step in enumerate(planned):
        changes = []
        match step:
            case Units(units):
                first = units[0]
                wrong = replace(first, form=(*first.form[:-1], first.form[-1] + 1))
                changes.append(Units((wrong, *units[1:])))
                if any(unit.needs for unit in units):
                    changes.append(Units(tuple(replace(unit, needs=()) for unit in units)))
            case Halves(form, at, closed):
                changes.append(Halves(form, at + 1, closed))
        for change in changes:
            with pytest.raises(ProofFailed):
                proof_of([*planned[:i], change, *planned[i + 1 :]], plan)
    with pytest.raises(VerifierError):
        proof_of(planned[:-1], plan)


def test_who_owns_the_points_of_a_jump_matters():
    """Equal everywhere but at the jump, and a plan that puts the jump on the wrong side."""
    upward = Network(2, (layer([[1, 1]], [0], STEP),))
    downward = Network(2, (layer([[-1, -1]], [0], STEP), layer([[-1]], [1])))
    question = difference(upward, downward)
    assert not equal_on_box(upward, downward).equal
    plan = Plan(*jumping(upward))
    planned = list(plan.steps)
    assert not proof_of(planned, plan, upward, upward).hypotheses
    flipped = [replace(s, closed=True) if isinstance(s, Halves) else s for s in planned]
    with pytest.raises(ProofFailed):
        proof_of(flipped, plan, upward, upward)
    for tree in (
        jumping(upward)[1],
        Tree((Split(question.units[0].at, 0, False), Closed(()), Closed(()))),
    ):
        with pytest.raises(VerifierError):
            equal_on_box_theorem(question, tree)


def jumping(network):
    question = difference(network, network)
    return question, settle(question, limit=100)


def test_a_tree_with_the_wrong_side_settled_proves_nothing():
    found = equal_on_box(RAMPS, SUM_AND_SIZE, *SQUARE, tree=True)
    nodes = found.tree.nodes
    settled = [i for i, node in enumerate(nodes) if isinstance(node, Settled)]
    assert settled
    for i in settled:
        changed = replace(nodes[i], above=not nodes[i].above)
        with pytest.raises(ProofFailed):
            equal_on_box_theorem(found.question, Tree((*nodes[:i], changed, *nodes[i + 1 :])))


def test_a_unit_that_reads_nothing_is_a_function_of_all_inputs():
    two, three = (Network(n, (layer([[0] * n], [1], RELU), layer([[2]], [0]))) for n in (2, 3))
    for network, inputs in ((two, "x1, x2"), (three, "x1, x2, x3")):
        constant = Network(network.inputs, (layer([[0] * network.inputs], [2]),))
        assert f"({inputs}) = " in theorem(network, constant).statement


def test_too_large_a_proof_is_not_begun():
    found = equal_on_box(RAMPS, SUM_AND_SIZE, *SQUARE, tree=True)
    needed = Plan(found.question, found.tree).leaves
    assert equal_on_box_theorem(found.question, found.tree, needed).leaves <= needed
    with pytest.raises(TooManyLeaves):
        equal_on_box_theorem(found.question, found.tree, needed - 1)


# Properties.

PROPERTY = """(declare-const X_0 Real) (declare-const X_1 Real) (declare-const Y_0 Real)
(assert (<= 0 X_0 1)) (assert (<= -1 X_1 {high})) (assert {unsafe})"""


@pytest.mark.parametrize(
    ("high", "unsafe", "safe"),
    [
        ("1", "(> Y_0 1)", True),
        ("1", "(>= Y_0 1)", False),
        ("1.000000001", "(> Y_0 1)", False),
        ("0.5", "(or (> Y_0 1) (< Y_0 0) (< Y_0 X_0) (< Y_0 X_1))", True),
        ("0.5", "(or (> Y_0 1) (<= Y_0 X_0))", False),
        ("1", "(and (> Y_0 X_0) (> Y_0 X_1))", True),
        ("1", "(and (> Y_0 X_0) (>= Y_0 X_1))", False),
    ],
)
def test_safe_means_proved_and_unsafe_means_not(high, unsafe, safe):
    spec = parse_vnnlib(PROPERTY.format(high=high, unsafe=unsafe))
    if safe:
        found = safe_on_box_theorem(RAMPS, spec)
        assert "→ ¬(" in found.statement
        check_library(documents(found))
    else:
        with pytest.raises(ProofFailed, match="is unsafe"):
            safe_on_box_theorem(RAMPS, spec)


def test_each_box_of_a_property_is_proved():
    spec = parse_vnnlib(
        """(declare-const X_0 Real) (declare-const X_1 Real) (declare-const Y_0 Real)
        (assert (or (and (<= 0 X_0 1) (<= 0 X_1 1) (> Y_0 1))
                    (and (<= 2 X_0 3) (<= 0 X_1 1) (< Y_0 X_0))))"""
    )
    found = safe_on_box_theorem(RAMPS, spec)
    assert found.statement.count("∀") == 2
    with pytest.raises(TooManyLeaves):
        safe_on_box_theorem(RAMPS, spec, found.leaves - 1)


# The commands.


@pytest.fixture
def networks(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, network in (("ramps", RAMPS), ("size", SUM_AND_SIZE), ("wide", widened(RAMPS))):
        write_json(network, tmp_path / f"{name}.json")
    for name, unsafe in (("safe", "(> Y_0 1)"), ("unsafe", "(>= Y_0 1)")):
        text = PROPERTY.format(high="1", unsafe=unsafe)
        (tmp_path / f"{name}.vnnlib").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "command",
    [
        ("equal", "ramps.json", "size.json", "--from", "0,0", "--to", "3,3"),
        ("equal", "ramps.json", "wide.json"),
        ("equal", "ramps.json", "wide.json", "--certificate", "tree.json"),
        ("verify", "ramps.json", "safe.vnnlib"),
    ],
)
def test_answers_rest_on_a_theorem_whose_derivation_is_whole(run, networks, command):
    code, data, _ = run(*command, "--derivation", networks / "out")
    assert (code, data["rests_on"]["kind"]) == (0, "kernel theorem")
    texts = {file.stem: file.read_text("utf-8") for file in (networks / "out").iterdir()}
    assert data["rests_on"]["theorem"] in texts
    check_library({name: read(name, json.loads(text)) for name, text in texts.items()})
    _, data, _ = run(*command, "--no-prove")
    assert data["rests_on"]["theorem"] is None


def test_false_claims_rest_on_a_witness(run, networks):
    for command in (
        ("equal", "ramps.json", "size.json"),
        ("verify", "ramps.json", "unsafe.vnnlib"),
    ):
        code, data, _ = run(*command, "--derivation", networks / "out")
        assert (code, data["rests_on"]["kind"]) == (1, "exact witness")
        assert not (networks / "out").exists()


def test_a_long_proof_is_made_only_when_asked_for(run, networks, monkeypatch):
    monkeypatch.setattr("verifier.commands.resting.CHEAP", 3)
    box = ("--from", "0,0", "--to", "3,3")
    for command, kind in (
        (("equal", "ramps.json", "wide.json"), "exact computation"),
        (("equal", "ramps.json", "size.json", *box, "--certificate", "c"), "checked certificate"),
    ):
        _, data, _ = run(*command)
        assert data["rests_on"]["kind"] == kind
        assert "--prove" in data["rests_on"]["note"]
        _, data, _ = run(*command, "--prove")
        assert data["rests_on"]["kind"] == "kernel theorem"
    _, data, _ = run("verify", "ramps.json", "safe.vnnlib")
    assert data["status"] == "proved"
    assert data["rests_on"]["kind"] != "kernel theorem"
