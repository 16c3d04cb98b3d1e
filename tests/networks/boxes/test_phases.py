"""Boxes of many inputs are parted by units; what is known of these is used, and only that."""

import json
import random
from fractions import Fraction

import numpy as np
import pytest

from tests.networks.boxes.test_verify import certificate, confirm, z3_says
from tests.networks.helpers import random_network, spec
from tests.seeds import seeds
from verifier.errors import BadInput
from verifier.networks.activations import ABS, HARDTANH, RELU, STEP
from verifier.networks.boxes.branch_and_bound import MANY
from verifier.networks.boxes.verify import verify
from verifier.networks.certificates.property_check import check_certificate
from verifier.networks.model import Layer, Network


def widened(network, inputs):
    """The network behind a layer that sums so many inputs to its own."""
    groups = [[j for j in range(inputs) if j % network.inputs == i] for i in range(network.inputs)]
    rows = tuple(tuple(Fraction(j in group) for j in range(inputs)) for group in groups)
    return Network(inputs, (Layer(rows, (Fraction(0),) * network.inputs), *network.layers))


@pytest.mark.parametrize("seed", seeds(12, 30))
def test_random_networks_of_many_inputs_agree_with_z3(seed):
    found = random.Random(seed)
    activation = found.choice([RELU, ABS, HARDTANH, STEP])
    small = random_network(found, 2, [found.randint(8, 12), found.randint(6, 9), 2], activation)
    middle = small.evaluate([Fraction(0)] * 2)[0]
    threshold = middle + Fraction(found.randint(2, 14), 8)
    claim = [f"({found.choice(['>=', '>'])} Y_0 {float(threshold)})",
             found.choice(["(>= Y_1 Y_0)", "true", "(< Y_1 0)"])]  # fmt: skip
    prop = spec(2, 2, *(f"(<= -1 X_{i} 1)" for i in range(2)), *claim)
    # The same question of many inputs.
    count = (MANY + 2) // 2
    wide = widened(small, 2 * count)
    sides = [f"(<= (/ -1 {count}) X_{i} (/ 1 {count}))" for i in range(2 * count)]
    wide_prop = spec(2 * count, 2, *sides, *claim)
    outcome = verify(wide, wide_prop, timeout=0.5 if activation is STEP else 60)
    if activation is STEP and outcome.status == "unknown":
        # Units that jump are not parted, and cutting many inputs settles little.
        assert outcome.remaining
    else:
        assert confirm(wide, wide_prop, outcome) == z3_says(small, prop)


def parted():
    """A network of many inputs with a property that needs units to be parted, and its proof."""
    found = random.Random(3)
    network = random_network(found, MANY + 4, [14, 10, 2], RELU)
    box = [f"(<= -1 X_{i} 1)" for i in range(MANY + 4)]
    points = np.random.default_rng(0).choice([-1.0, 1.0], size=(400, MANY + 4))
    most = max(network.evaluate([Fraction(x) for x in point])[0] for point in points)
    return network, spec(MANY + 4, 2, *box, f"(>= Y_0 {float(most) * 5})")


@pytest.fixture(scope="module")
def proved():
    network, prop = parted()
    outcome = verify(network, prop, timeout=120)
    assert outcome.status == "proved"
    return network, prop, certificate(outcome)


def test_a_proof_by_units_is_checked(proved):
    network, prop, proof = proved
    tree = proof["cases"][0]["tree"]
    kinds = [entry[0] for entry in tree]
    assert kinds.count("split") > 3
    assert kinds.count("closed") == kinds.count("split") + kinds.count("cut") + 1
    assert any(len(entry) > 2 and any(entry[2]) for entry in tree if entry[0] == "closed")
    assert check_certificate(network, prop, proof).bounds == kinds.count("closed")


def test_multipliers_of_units_are_needed(proved):
    network, prop, proof = proved[0], proved[1], json.loads(json.dumps(proved[2]))
    for entry in proof["cases"][0]["tree"]:
        if entry[0] == "closed":
            del entry[2:]
    with pytest.raises(BadInput, match="stays open"):
        check_certificate(network, prop, proof)


@pytest.mark.parametrize(
    "forge",
    [
        lambda entry: [*entry[:2], [[[99, 1]]]],
        lambda entry: [*entry[:2], [[[-1, 1]]]],
        lambda entry: [*entry[:2], [[[True, 1]]]],
        lambda entry: [*entry[:2], [[["0", 1]]]],
        lambda entry: [*entry[:2], [[[0, "1"]]]],
        lambda entry: [*entry[:2], [[[0, 1.0]]]],
        lambda entry: [*entry[:2], [[[0, 0]]]],
        lambda entry: [*entry[:2], [[[n, -m] for n, m in entry[2][0]]]],
        lambda entry: [*entry[:2], [[[0, 10**400]]]],
        lambda entry: [*entry[:2], [[], []]],
        lambda entry: [*entry[:2], 7],
        lambda entry: [*entry[:2], [], 21.0],
        lambda entry: [*entry[:2], [], -1],
        lambda entry: [*entry[:2], [], 10**9],
    ],
)
def test_forged_multipliers_of_units_are_refused(proved, forge):
    network, prop, proof = proved[0], proved[1], json.loads(json.dumps(proved[2]))
    tree = proof["cases"][0]["tree"]
    at = next(i for i, e in enumerate(tree) if e[0] == "closed" and len(e) > 2 and any(e[2]))
    tree[at] = forge(tree[at])
    with pytest.raises(BadInput):
        check_certificate(network, prop, proof)


@pytest.mark.parametrize(
    "split",
    [
        ["split", 0, 0, 1],
        ["split", 0, 0, -1],
        ["split", 0, 14, 0],
        ["split", 0, -1, 0],
        ["split", 2, 0, 0],
        ["split", 3, 0, 0],
        ["split", -3, 0, 0],
        ["split", True, 0, 0],
        ["split", 0, "0", 0],
        ["split", 0, 0],
    ],
)
def test_splits_at_no_breakpoint_are_refused(proved, split):
    network, prop, proof = proved[0], proved[1], json.loads(json.dumps(proved[2]))
    leaf = ["closed", [0]]
    proof["cases"][0]["tree"] = [split, leaf, leaf]
    with pytest.raises(BadInput):
        check_certificate(network, prop, proof)


def test_a_part_left_out_is_missed(proved):
    network, prop, proof = proved[0], proved[1], json.loads(json.dumps(proved[2]))
    tree = proof["cases"][0]["tree"]
    assert tree[0][0] == "split"
    for shorter in (tree[1:], tree[:-1]):
        proof["cases"][0]["tree"] = shorter
        with pytest.raises(BadInput):
            check_certificate(network, prop, proof)
