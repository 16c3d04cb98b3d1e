"""Answers about properties: right where floats are wrong, exact, and with proofs that check."""

import json
import random
from fractions import Fraction
from itertools import product

import pytest
import z3

from tests.networks.helpers import DATA, random_network, spec, tent_iterate
from tests.seeds import seeds
from verifier.errors import BadInput
from verifier.networks import load_network
from verifier.networks.activations import ABS, HARDTANH, RELU, STEP
from verifier.networks.boxes.verify import verify
from verifier.networks.certificates.property_check import check_certificate
from verifier.networks.formats.smtlib import to_z3
from verifier.networks.model import Layer, Network


def certificate(outcome):
    """The certificate as it is after a file."""
    return json.loads(json.dumps({"cases": [record.as_json() for record in outcome.records]}))


def confirm(network, prop, outcome):
    """Check the counterexample or the certificate, then return the status."""
    if outcome.status == "refuted":
        inputs, outputs = outcome.counterexample.inputs, outcome.counterexample.outputs
        assert network.evaluate(inputs) == outputs
        assert prop.holds(inputs, outputs)
    elif outcome.status == "proved":
        check_certificate(network, prop, certificate(outcome))
        assert not outcome.remaining
    return outcome.status


def around_a_peak(k):
    """A box of width 2 / 4^k (never wider than 1e-12) around a point where tent^k is 1."""
    radius = min(Fraction(1, 4**k), Fraction(1, 2 * 10**12))
    peak = Fraction(2 ** (k - 1) + 1 - 2 ** (k - 1) % 2, 2**k)
    return peak - radius, peak + radius


@pytest.mark.parametrize("k", [1, 17, 30, 55, 60])
@pytest.mark.parametrize(
    ("claim", "answer"),
    [
        ("(>= Y_0 1)", "refuted"),
        ("(> Y_0 1)", "proved"),
        ("(>= Y_0 1.000000000000001)", "proved"),
        ("(> Y_0 0.999999999999999)", "refuted"),
    ],
)
def test_tents_on_narrow_boxes_with_narrow_margins(k, claim, answer):
    low, high = around_a_peak(k)
    prop = spec(1, 1, f"(<= (/ {low.numerator} {low.denominator}) X_0)",
                f"(<= X_0 (/ {high.numerator} {high.denominator}))", claim)  # fmt: skip
    network = tent_iterate(k)
    assert confirm(network, prop, verify(network, prop)) == answer


@pytest.mark.parametrize("k", [17, 60])
@pytest.mark.parametrize(
    ("claim", "answer"),
    [
        ("(>= Y_0 1)", "refuted"),
        ("(> Y_0 1)", "proved"),
        ("(< Y_0 0)", "proved"),
        ("(<= Y_0 0)", "refuted"),
    ],
)
def test_tents_on_the_whole_interval(k, claim, answer):
    prop = spec(1, 1, "(<= 0 X_0 1)", claim)
    network = tent_iterate(k)
    assert confirm(network, prop, verify(network, prop)) == answer


def test_strict_input_bounds_on_a_segment():
    network = tent_iterate(1)
    closed = spec(1, 1, "(<= 0 X_0 0.5)", "(>= Y_0 1)")
    half_open = spec(1, 1, "(<= 0 X_0)", "(< X_0 0.5)", "(>= Y_0 1)")
    assert confirm(network, closed, verify(network, closed)) == "refuted"
    assert confirm(network, half_open, verify(network, half_open)) == "proved"


def two_tents(k):
    """(x, y) to tent^k(x) + tent^k(y)."""
    tent = tent_iterate(k)
    layers = []
    for i, layer in enumerate(tent.layers):
        zeros = (Fraction(0),) * layer.inputs
        rows = tuple(row + zeros for row in layer.weights)
        rows += tuple(zeros + row for row in layer.weights)
        layers.append(Layer(rows, layer.bias * 2, layer.activation))
        assert i or layer.inputs == 1
    layers.append(Layer(((Fraction(1), Fraction(1)),), (Fraction(0),), None))
    return Network(2, tuple(layers))


@pytest.mark.parametrize(("claim", "answer"), [("(>= Y_0 2)", "refuted"), ("(> Y_0 2)", "proved")])
def test_two_inputs_on_a_narrow_box(claim, answer):
    network = two_tents(60)
    low, high = around_a_peak(60)
    sides = [f"(<= (/ {low.numerator} {low.denominator}) X_{i} (/ {high.numerator}"
             f" {high.denominator}))" for i in (0, 1)]  # fmt: skip
    prop = spec(2, 1, *sides, claim)
    assert confirm(network, prop, verify(network, prop, timeout=60)) == answer


@pytest.mark.parametrize(("claim", "answer"), [("(>= Y_0 2)", "refuted"), ("(> Y_0 2)", "proved")])
def test_two_inputs_at_a_touching_bound(claim, answer):
    network = two_tents(3)
    prop = spec(2, 1, "(<= 0 X_0 1)", "(<= 0 X_1 1)", claim)
    assert confirm(network, prop, verify(network, prop, timeout=60)) == answer


def z3_says(network, prop):
    """The reference: the whole network at once in z3."""
    for case in prop.cases:
        compiled = to_z3(network, box=list(zip(case.lower, case.upper, strict=True)))
        number = lambda q: z3.RealVal(str(q))  # noqa: E731
        alternatives = []
        for conjunction in case.unsafe:
            parts = []
            for part in conjunction:
                terms = [number(c) * v for c, v in zip(part.inputs, compiled.inputs, strict=True)]
                terms += [
                    number(c) * v for c, v in zip(part.outputs, compiled.outputs, strict=True)
                ]
                value = z3.Sum([*terms, number(part.constant)])
                parts.append(value > 0 if part.strict else value >= 0)
            alternatives.append(z3.And(parts))
        solver = z3.Solver()
        solver.add(*compiled.constraints, z3.Or(alternatives))
        if solver.check() == z3.sat:
            return "refuted"
    return "proved"


@pytest.mark.parametrize("seed", seeds(24, 40))
def test_random_networks_agree_with_z3(seed):
    found = random.Random(seed)
    inputs = found.choice([1, 2, 3])
    activation = found.choice([RELU, RELU, ABS, HARDTANH, STEP])
    network = random_network(
        found, inputs, [found.randint(3, 8), found.randint(3, 8), 2], activation
    )
    middle = network.evaluate([Fraction(0)] * inputs)[0]
    threshold = middle + Fraction(found.randint(-4, 12), 8)
    relation = found.choice(["<=", "<", ">=", ">"])
    prop = spec(
        inputs, 2, *(f"(<= -1 X_{i} 1)" for i in range(inputs)),
        f"({relation} Y_0 {float(threshold)})", found.choice(["(>= Y_1 Y_0)", "true", "(< Y_1 0)"]),
    )  # fmt: skip
    outcome = verify(network, prop, timeout=20)
    if outcome.status == "proved" and activation is STEP and inputs == 1:
        assert z3_says(network, prop) == "proved"
    else:
        assert confirm(network, prop, outcome) == z3_says(network, prop)


def test_a_trained_network_is_proved_by_splitting_and_the_proof_is_refused_when_forged():
    network = load_network(DATA / "scores.onnx")
    box = [f"(<= -0.2 X_{i} 0.2)" for i in range(4)]
    corners = product([Fraction(-1, 5), Fraction(0), Fraction(1, 5)], repeat=4)
    most = max(float(network.evaluate(corner)[0]) for corner in corners)
    prop = spec(4, 3, *box, f"(>= Y_0 {most + 0.2})")
    outcome = verify(network, prop, timeout=60)
    assert confirm(network, prop, outcome) == "proved"
    assert outcome.boxes > 1
    lower = spec(4, 3, *box, f"(>= Y_0 {most - 0.2})")
    with pytest.raises(BadInput, match="stays open"):
        check_certificate(network, lower, certificate(outcome))
    cut_short = certificate(outcome)
    cut_short["cases"][0]["tree"].pop()
    with pytest.raises(BadInput, match="cut short"):
        check_certificate(network, prop, cut_short)
    opened = certificate(outcome)
    opened["cases"][0]["tree"][-1] = ["open"]
    with pytest.raises(BadInput, match="is open"):
        check_certificate(network, prop, opened)
    assert confirm(network, lower, verify(network, lower, timeout=60)) == "refuted"


def test_a_forged_segment_is_refused():
    network = tent_iterate(3)
    prop, false = spec(1, 1, "(<= 0 X_0 1)", "(> Y_0 1)"), spec(1, 1, "(<= 0 X_0 1)", "(>= Y_0 1)")
    proof = certificate(verify(network, prop))
    check_certificate(network, prop, proof)
    with pytest.raises(BadInput, match="may hold"):
        check_certificate(network, false, proof)
    proof["cases"][0]["stages"][0]["cells"] = [["0", False, "1", False]]
    with pytest.raises(BadInput, match="not affine"):
        check_certificate(network, prop, proof)


def test_several_processes_give_the_same_answer():
    network = load_network(DATA / "scores.onnx")
    prop = spec(4, 3, *(f"(<= -0.25 X_{i} 0.25)" for i in range(4)), "(>= Y_0 2.6)")
    assert confirm(network, prop, verify(network, prop, jobs=2, timeout=60)) == "proved"


def test_no_time_leaves_the_whole_box():
    network = load_network(DATA / "scores.onnx")
    prop = spec(4, 3, *(f"(<= -0.5 X_{i} 0.5)" for i in range(4)), "(>= Y_0 1.9)")
    outcome = verify(network, prop, timeout=0)
    assert outcome.status == "unknown"
    assert outcome.remaining == (((Fraction(-1, 2),) * 4, (Fraction(1, 2),) * 4),)


def test_a_property_of_another_network_is_refused():
    with pytest.raises(BadInput, match="speaks of 2 inputs, the network has 1"):
        verify(tent_iterate(1), spec(2, 1, "(<= 0 X_0 1)", "(<= 0 X_1 1)", "(> Y_0 1)"))


def opposite(slack):
    """Some twenty bends, outputs z and slack - z: both positive nowhere, each somewhere."""
    found = random.Random(7)
    hidden = random_network(found, 2, [20, 20, 1], RELU)
    last = Layer(((Fraction(1),), (Fraction(-1),)), (Fraction(0), Fraction(slack)), None)
    return Network(2, (*hidden.layers, last))


def test_two_constraints_fail_together_where_neither_does():
    network = opposite(Fraction(-1, 10))
    box = [f"(<= -1 X_{i} 1)" for i in range(2)]
    for relation in (">=", ">"):
        prop = spec(2, 2, *box, f"({relation} Y_0 0)", "(>= Y_1 0)")
        outcome = verify(network, prop, timeout=60)
        assert confirm(network, prop, outcome) == "proved"
        proof = certificate(outcome)
        tree = proof["cases"][0]["tree"]
        assert any(kind == "closed" and isinstance(rest[0][0], list) for kind, *rest in tree)
    weaker = opposite(Fraction(1, 10))
    prop = spec(2, 2, *box, "(>= Y_0 0.001)", "(>= Y_1 0.001)")
    with pytest.raises(BadInput, match="stays open"):
        check_certificate(weaker, prop, proof)


@pytest.mark.parametrize(
    "forged",
    [
        True,
        2,
        -1,
        "0",
        0.0,
        None,
        [],
        [[0, "1"], [2, "1"]],
        [[0, "-1"]],
        [[0, "0"]],
        [[True, "1"]],
        [[0.0, "1"]],
        [[0, "1/0"]],
        [[0, "1" + "0" * 400]],
        [[0, None]],
    ],
)
def test_forged_multipliers_are_refused(forged):
    network = opposite(Fraction(-1, 10))
    prop = spec(2, 2, "(<= -1 X_0 1)", "(<= -1 X_1 1)", "(>= Y_0 0)", "(>= Y_1 0)")
    proof = {"cases": [{"method": "boxes", "tree": [["closed", [forged], ["-1"]]]}]}
    with pytest.raises(BadInput):
        check_certificate(network, prop, proof)
