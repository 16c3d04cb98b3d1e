"""Unsafe inputs that random points miss are climbed to, and only where there may be any."""

import random
from fractions import Fraction

import numpy as np
import pytest

from tests.networks.helpers import random_network, spec
from verifier.networks.activations import ABS, RELU
from verifier.networks.boxes.attack import WORK, promising
from verifier.networks.boxes.branch_and_bound import Worker
from verifier.networks.boxes.verify import verify
from verifier.networks.model import Layer, Network

CENTRE = [Fraction(n, 7) for n in (1, -2, 3, -4, 5, -6)]
BOX = [f"(<= -1 X_{i} 1)" for i in range(6)]


def distances():
    """|x_i - c_i| for six inputs, behind a layer that mixes them."""
    one = Fraction(1)
    mixed = tuple(
        tuple(one * (i == j) - one * (j == (i + 1) % 6) / 2 for j in range(6)) for i in range(6)
    )
    start = tuple(-sum(m * c for m, c in zip(row, CENTRE, strict=True)) for row in mixed)
    return Layer(mixed, start, ABS)


def total():
    return Network(6, (distances(), Layer(((Fraction(1),) * 6,), (Fraction(0),), None)))


def each():
    rows = tuple(tuple(Fraction(i == j) for j in range(6)) for i in range(6))
    return Network(6, (distances(), Layer(rows, (Fraction(0),) * 6, None)))


@pytest.mark.parametrize(
    ("network", "unsafe"),
    [(total(), ["(<= Y_0 0.001)"]), (each(), [f"(<= Y_{i} 0.0001)" for i in range(6)])],
    ids=["one constraint", "six constraints"],
)
def test_a_needle_is_found(network, unsafe):
    prop = spec(6, network.outputs, *BOX, *unsafe)
    case = prop.cases[0]
    worker = Worker(network, case)
    low, high = np.full(6, -1.0), np.full(6, 1.0)
    first = next(promising(worker.floats, worker.conjunctions, low, high))
    assert worker.convict(first) is None
    point = worker.attack()
    assert point is not None
    assert case.holds(point, network.evaluate(point))


def test_points_stay_in_the_box_and_do_not_depend_on_the_day():
    network = each()
    worker = Worker(network, spec(6, 6, *BOX, "(>= Y_0 100)").cases[0])
    low, high = np.full(6, -1.0), np.linspace(-1.0, 1.0, 6)
    found = [
        np.concatenate(list(promising(worker.floats, worker.conjunctions, low, high, WORK // 100)))
        for _ in range(2)
    ]
    assert np.array_equal(*found)
    assert np.all((low <= found[0]) & (found[0] <= high))


def test_what_fails_on_the_whole_box_is_not_searched(monkeypatch):
    network = each()
    worker = Worker(network, spec(6, 6, *BOX, "(or (<= Y_0 -100) (>= Y_1 100))").cases[0])
    monkeypatch.setattr("verifier.networks.boxes.branch_and_bound.promising", None)
    assert worker.attack() is None


def test_an_unsafe_case_is_found_before_another_is_split():
    found = np.random.default_rng(3)
    layers = tuple(
        Layer(
            tuple(tuple(Fraction(v) for v in row) for row in found.normal(size=(40, before))),
            tuple(Fraction(v) for v in found.normal(size=40)),
            RELU,
        )
        for before in (6, 40, 40)
    )
    network = Network(6, (*layers, Layer(((Fraction(1),) * 40,), (Fraction(0),), None)))
    first = "(and (>= X_0 0) (<= X_0 1) (>= Y_0 1e9))"
    second = "(and (>= X_0 -1) (<= X_0 -0.5) (>= Y_0 -1))"
    prop = spec(6, 1, *BOX[1:], f"(or {first} {second})")
    outcome = verify(network, prop, timeout=60)
    assert (outcome.status, outcome.boxes) == ("refuted", 0)


def test_an_equation_is_met_exactly_between_inputs_where_its_sign_differs():
    network = random_network(random.Random(5), 6, (20, 20, 3))
    box = [f"(<= -1 X_{i} 1)" for i in range(6)]
    prop = spec(6, 3, *box, "(= Y_0 Y_1)")
    found = Worker(network, prop.cases[0]).crossing(-np.ones(6), np.ones(6))
    outputs = network.evaluate(found)
    assert outputs[0] == outputs[1]
    assert verify(network, prop, timeout=60).status == "refuted"
