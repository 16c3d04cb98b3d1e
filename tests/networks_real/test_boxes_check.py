"""The checker's bounds hold, and are attained where they should be."""

import random
from fractions import Fraction

import numpy as np
import pytest
import z3

from tests.networks_real.helpers import DATA, random_network
from verifier.networks import load_network
from verifier.networks.activations import ABS, HARDTANH, RELU, STEP, leaky_relu
from verifier.networks.bounds import FloatNetwork
from verifier.networks.boxes_check import Checker, add_up, rounded, short_up
from verifier.networks.model import Layer, Network
from verifier.networks.smt import to_z3
from verifier.networks.vnnlib import Constraint

ACTIVATIONS = [RELU, ABS, HARDTANH, STEP, leaky_relu(Fraction(1, 100)), leaky_relu(Fraction(-1, 3))]


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
        bound = Checker(network, [form]).upper([low], [high])[0, 0]
        truth = maximum(network, low, high, form)
        if truth is not None:
            assert Fraction(bound) >= truth


def test_bounds_cover_sampled_values_of_a_trained_network():
    network = load_network(DATA / "scores.onnx")
    forms = [
        Constraint(
            (Fraction(0),) * 4, tuple(Fraction(i == j) for j in range(3)), Fraction(0), False
        )
        for i in range(3)
    ]
    checker, generator = Checker(network, forms), np.random.default_rng(3)
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


def test_exact_zero_is_reached_on_dyadic_data():
    one = Fraction(1)
    size = Network(2, (Layer(((one, 0), (-one, 0), (0, one), (0, -one)), (0,) * 4, RELU),
                       Layer(((one,) * 4,), (Fraction(0),), None)))  # fmt: skip
    form = Constraint((Fraction(0),) * 2, (one,), -2 * one, strict=True)
    bound = Checker(size, [form]).upper([[Fraction(0)] * 2], [[one] * 2])[0, 0]
    assert bound == 0


def test_weights_beyond_floats_close_nothing():
    huge = Network(1, (Layer(((Fraction(10) ** 400,),), (Fraction(0),), RELU),))
    form = Constraint((Fraction(0),), (Fraction(1),), Fraction(-1), strict=False)
    assert Checker(huge, [form]).upper([[Fraction(0)]], [[Fraction(1, 10**400)]])[0, 0] == np.inf


def test_float_steps_are_exact_or_upward():
    generator = np.random.default_rng(0)
    a = generator.normal(size=1000) * 10.0 ** generator.integers(-20, 20, 1000)
    b = generator.normal(size=1000) * 10.0 ** generator.integers(-20, 20, 1000)
    for x, y, total in zip(a, b, add_up(a, b), strict=True):
        assert Fraction(total) >= Fraction(x) + Fraction(y)
    near, error = rounded(a[None], 23)
    for x, y, e in zip(a, near[0], error[0], strict=True):
        assert abs(Fraction(x) - Fraction(y)) == Fraction(e)
    assert np.all(short_up(a, 23) >= a)
