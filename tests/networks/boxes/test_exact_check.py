"""The checkers' bounds hold, and are attained where they should be."""

import random
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import z3

from tests.networks.helpers import DATA, random_network
from verifier.networks import load_network
from verifier.networks.activations import ABS, HARDTANH, RELU, STEP, leaky_relu
from verifier.networks.boxes import rounding_check
from verifier.networks.boxes.bounds import FloatNetwork
from verifier.networks.boxes.exact_check import Checker, add_up, rounded, short_up
from verifier.networks.boxes.lines import round_down, round_up
from verifier.networks.boxes.questions import Sums
from verifier.networks.boxes.rounding_check import BothCheckers, RoundingChecker, total
from verifier.networks.formats.smtlib import to_z3
from verifier.networks.model import Layer, Network
from verifier.networks.property import Constraint

CHECKERS = [Checker, RoundingChecker]
ACTIVATIONS = [RELU, ABS, HARDTANH, STEP, leaky_relu(Fraction(1, 100)), leaky_relu(Fraction(-1, 3))]


def outward(low, high):
    """A box as float corners, rounded outward."""
    return (
        np.array([[round_down(entry) for entry in low]]),
        np.array([[round_up(entry) for entry in high]]),
    )


def maximum(network, low, high, form):
    """The exact maximum of a form on a box, by z3."""
    compiled = to_z3(network, box=list(zip(low, high, strict=True)))
    solver = z3.Optimize()
    solver.add(*compiled.constraints)
    number = lambda q: z3.RealVal(str(q))  # noqa: E731
    objective = z3.Sum(
        [number(c) * x for c, x in zip(form.inputs, compiled.inputs, strict=True)]
        + [number(c) * y for c, y in zip(form.outputs, compiled.outputs, strict=True)]
        + [number(form.constant)]
    )
    handle = solver.maximize(objective)
    assert solver.check() == z3.sat
    value = solver.upper(handle)
    return None if not z3.is_rational_value(value) else Fraction(str(value))


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda a: a.name)
def test_no_bound_is_below_the_true_maximum(activation):
    found = random.Random(activation.name)
    for _ in range(12):
        network = random_network(
            found, 2, [found.randint(1, 4), found.randint(1, 3), 2], activation
        )
        low = [Fraction(found.randint(-9, 8), found.choice([7, 8])) for _ in range(2)]
        high = [a + Fraction(found.randint(0, 12), found.choice([5, 8])) for a in low]
        entry = lambda: Fraction(found.randint(-5, 5), found.choice([1, 3]))  # noqa: E731
        form = Constraint((entry(), entry()), (entry(), entry()), entry(), strict=False)
        truth = maximum(network, low, high, form)
        if truth is not None:
            for checker in CHECKERS:
                bound = checker(network, [form]).upper_floats(*outward(low, high))[0, 0]
                assert Fraction(bound) >= truth


@pytest.mark.parametrize("make", CHECKERS)
def test_bounds_cover_sampled_values_of_a_trained_network(make):
    network = load_network(DATA / "scores.onnx")
    forms = [
        Constraint(
            (Fraction(0),) * 4, tuple(Fraction(i == j) for j in range(3)), Fraction(0), False
        )
        for i in range(3)
    ]
    checker, generator = make(network, forms), np.random.default_rng(3)
    for width in (0.5, 1e-2, 1e-6, 1e-13):
        low = generator.uniform(-0.5, 0.5, (20, 4))
        high = low + width
        bounds = checker.upper_floats(low, high)
        proposed = FloatNetwork(network, forms).bounds(low, high).upper
        # The checker reaches the float proposal up to its own short numbers.
        assert np.all(bounds >= proposed - 1e-9)
        assert np.all(bounds <= proposed + 1e-2)
        for a, b, row in zip(low, high, bounds, strict=True):
            point = [Fraction(p) for p in generator.uniform(a, b)]
            for value, bound in zip(network.evaluate(point), row, strict=True):
                assert value <= Fraction(bound)


def ill_conditioned(found, depth):
    """A network of numbers of very different magnitudes that nearly cancel, and a form."""
    size = 10 ** found.choice([0, 3, 9])

    def entry():
        near = Fraction(found.choice([-1, 1]) * size, found.choice([1, 3, 7, 10]))
        return near + Fraction(found.randint(-9, 9), 10 ** found.randint(1, 14))

    widths = [2, *(found.randint(2, 6) for _ in range(depth)), 2]
    layers = tuple(
        Layer(
            tuple(tuple(entry() for _ in range(before)) for _ in range(width)),
            tuple(entry() for _ in range(width)),
            found.choice(ACTIVATIONS) if number < depth else None,
        )
        for number, (before, width) in enumerate(pairwise(widths))
    )
    form = Constraint((entry(), entry()), (entry(), -entry()), entry(), strict=False)
    return Network(2, layers), form


def excess(seeds):
    """Bounds at single points less the exact values there, least first."""
    out = []
    for seed in range(seeds):
        found = random.Random(seed)
        network, form = ill_conditioned(found, found.randint(1, 4))
        checker = RoundingChecker(network, [form])
        point = [found.uniform(-1, 1), found.uniform(-1, 1)]
        exact = [Fraction(x) for x in point]
        bound = checker.upper_floats(np.array([point]), np.array([point]))[0, 0]
        if np.isfinite(bound):
            out.append(Fraction(bound) - form.value(exact, network.evaluate(exact)))
    return sorted(out)


def test_rounding_never_leads_below_the_truth(monkeypatch):
    found = excess(400)
    assert len(found) == 400
    assert found[0] >= 0
    # Without its allowance for rounding, it would.
    monkeypatch.setattr(rounding_check, "share_of", lambda terms: 0.0)
    assert excess(400)[0] < 0


@pytest.mark.parametrize("make", CHECKERS)
@pytest.mark.parametrize("exponent", [-330, -310, -200, 150, 300])
def test_numbers_near_the_ends_of_floats(make, exponent):
    scale = Fraction(10) ** exponent
    steep = leaky_relu(scale) if exponent < 0 else leaky_relu(Fraction(1, 3))
    network = Network(2, (Layer(((scale, -scale), (scale / 3, Fraction(1))), (scale, scale), steep),
                          Layer(((scale, scale / 7),), (-scale * scale,), None)))  # fmt: skip
    form = Constraint((Fraction(0),) * 2, (Fraction(1),), Fraction(0), strict=False)
    generator = np.random.default_rng(0)
    for _ in range(20):
        point = generator.uniform(-1, 1, 2) * 10.0 ** generator.integers(-300, 1)
        exact = [Fraction(x) for x in point]
        bound = make(network, [form]).upper_floats(point[None], point[None])[0, 0]
        assert bound == np.inf or Fraction(bound) >= network.evaluate(exact)[0]


def test_sums_are_rounded_up():
    generator = np.random.default_rng(0)
    parts = generator.normal(size=(6, 500)) * 10.0 ** generator.integers(-20, 20, (6, 500))
    for sum_up, *entries in zip(total(*parts), *parts, strict=True):
        assert Fraction(sum_up) >= sum(map(Fraction, entries))


def test_the_exact_checker_has_the_last_word():
    """|x| + |y| - 2 is at most 0 on the box: no bound with room for rounding can say so."""
    one = Fraction(1)
    size = Network(2, (Layer(((one, 0), (-one, 0), (0, one), (0, -one)), (0,) * 4, RELU),
                       Layer(((one,) * 4,), (Fraction(0),), None)))  # fmt: skip
    form = Constraint((Fraction(0),) * 2, (one,), -2 * one, strict=True)
    box = np.zeros((1, 2)), np.ones((1, 2))
    assert 0 < RoundingChecker(size, [form]).upper_floats(*box)[0, 0] < 1e-12
    sums = Sums.of([[0]], [True])
    assert BothCheckers(size, [form]).upper_floats(*box, sums, np.ones((1, 1, 1)))[0, 0] == 0


def test_exact_zero_is_reached_on_dyadic_data():
    one = Fraction(1)
    size = Network(2, (Layer(((one, 0), (-one, 0), (0, one), (0, -one)), (0,) * 4, RELU),
                       Layer(((one,) * 4,), (Fraction(0),), None)))  # fmt: skip
    form = Constraint((Fraction(0),) * 2, (one,), -2 * one, strict=True)
    bound = Checker(size, [form]).upper_floats(np.zeros((1, 2)), np.ones((1, 2)))[0, 0]
    assert bound == 0


def test_weights_beyond_floats_close_nothing():
    huge = Network(1, (Layer(((Fraction(10) ** 400,),), (Fraction(0),), RELU),))
    form = Constraint((Fraction(0),), (Fraction(1),), Fraction(-1), strict=False)
    box = outward([Fraction(0)], [Fraction(1, 10**400)])
    for checker in CHECKERS:
        assert checker(huge, [form]).upper_floats(*box)[0, 0] == np.inf


def test_float_steps_are_exact_or_upward():
    generator = np.random.default_rng(0)
    a = generator.normal(size=1000) * 10.0 ** generator.integers(-20, 20, 1000)
    b = generator.normal(size=1000) * 10.0 ** generator.integers(-20, 20, 1000)
    for x, y, sum_up in zip(a, b, add_up(a, b), strict=True):
        assert Fraction(sum_up) >= Fraction(x) + Fraction(y)
    near, error = rounded(a[None], 23)
    for x, y, e in zip(a, near[0], error[0], strict=True):
        assert abs(Fraction(x) - Fraction(y)) == Fraction(e)
    assert np.all(short_up(a, 23) >= a)


def test_sums_are_bounded_with_each_box_s_own_multipliers():
    found, generator = random.Random(5), np.random.default_rng(5)
    for _ in range(60):
        network, first = ill_conditioned(found, 2)
        _, second = ill_conditioned(found, 2)
        forms = [first, second]
        point = generator.uniform(-1, 1, 2)
        weights = generator.uniform(0, 3, (1, 1, 2)) * 10.0 ** generator.integers(-9, 9, (1, 1, 2))
        members = np.array([[1, 0]])
        checker, box = RoundingChecker(network, forms), (point[None], point[None])
        bound = checker.upper_sums(*box, members, weights)
        exact = [Fraction(x) for x in point]
        outputs = network.evaluate(exact)
        truth = sum(
            Fraction(weight) * forms[k].value(exact, outputs)
            for weight, k in zip(weights[0, 0], members[0], strict=True)
        )
        assert bound[0, 0] == np.inf or Fraction(bound[0, 0]) >= truth


def test_the_exact_checker_bounds_no_sum_of_several():
    """Where the multipliers are not one alone, its bound of one form is not taken for theirs."""
    one = Fraction(1)
    line = Network(1, (Layer(((one,), (-one,)), (0, 0), None),))
    forms = [Constraint((Fraction(0),), (one * (i == 0), one * (i == 1)), Fraction(0), True)
             for i in (0, 1)]  # fmt: skip
    sums = Sums.of([[0, 1]], [True, True])
    box = np.zeros((1, 1)), np.ones((1, 1))
    both = BothCheckers(line, forms)
    assert both.upper_floats(*box, sums, np.array([[[1.0, 1.0]]]))[0, 0] > 0
    assert both.upper_floats(*box, sums, np.array([[[0.0, 1.0]]]))[0, 0] == 0
    # Twice a form is not the form.
    assert both.upper_floats(*box, sums, np.array([[[0.0, 2.0]]]))[0, 0] > 0
