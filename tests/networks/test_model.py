"""Networks are exact, immutable, and checked when they are made."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from dataclasses import FrozenInstanceError
from fractions import Fraction as F

import pytest

import verifier.networks
from tests.networks import reference
from tests.networks.pieces.test_partition import network
from verifier.errors import BadInput
from verifier.networks.activations import (
    ABS,
    HARDTANH,
    IDENTITY,
    RELU,
    STEP,
    Activation,
    Affine,
    Cut,
    leaky_relu,
)
from verifier.networks.examples import merged, shallow_sawtooth, skewed_tent, tent, tent_iterate
from verifier.networks.model import Layer, Network, NetworkError, compose, iterate, parallel

# Readers of optional libraries are tested where these are installed.
OPTIONAL = ("onnx_operators", "onnx_reader", "onnx_shapes", "torch_reader")
MODULES = [
    module.name
    for module in pkgutil.walk_packages(verifier.networks.__path__, "verifier.networks.")
    if not module.ispkg and not module.name.endswith(OPTIONAL)
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


def layer(*rows, activation=None):
    return Layer(rows, (F(0),) * len(rows), activation)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Layer((), ()), "weights: expected at least one unit"),
        (lambda: Layer(((),), (F(0),)), "weights: expected at least one unit"),
        (lambda: Layer(((F(1),), (F(1), F(2))), (F(0), F(0))), "weights[1]: expected 1 numbers"),
        (lambda: Layer(((F(1),),), (F(0), F(1))), "bias: expected 1 numbers, one a unit, found 2"),
        (lambda: Layer(((0.5,),), (F(0),)), "weights[0][0]: expected a rational number, found 0.5"),
        (lambda: Layer(((F(1),),), ("0",)), "bias[0]: expected a rational number"),
        (lambda: Layer(((True,),), (F(0),)), "weights[0][0]: expected a rational number"),
        (lambda: Network(1, ()), "layers: expected at least one layer"),
        (lambda: Network(0, (layer((F(1),)),)), "inputs: expected a positive number, found 0"),
        (lambda: Network(2, (layer((F(1),)),)), "layers[0].weights: expected 2 columns, found 1"),
        (lambda: Network(1, (layer((F(1),)), layer((F(1), F(1))))), "layers[1].weights"),
        (lambda: tent().evaluate([F(1), F(2)]), "point: expected 1 numbers"),
        (lambda: tent().evaluate([0.5]), "point[0]: expected a rational number"),
        (lambda: iterate(tent(), 0), "iteration: expected at least 1 copy"),
        (lambda: iterate(Network(1, (layer((F(1),), (F(1),)),)), 2), "as many outputs as inputs"),
        (lambda: compose(Network(2, (layer((F(1), F(1))),)), tent()), "composition"),
        (lambda: parallel(tent(), tent_iterate(2)), "parallel: expected equal numbers"),
        (lambda: parallel(Network(1, (layer((F(1),)),)), ramp(RELU)), "the same activation"),
    ],
)
def test_parts_that_do_not_fit_are_named(make, message):
    with pytest.raises(NetworkError) as refusal:
        make()
    assert message in str(refusal.value)


def ramp(activation):
    return Network(1, (layer((F(1),), activation=activation),))


def test_networks_are_immutable():
    with pytest.raises(FrozenInstanceError):
        tent().inputs = 2
    with pytest.raises(FrozenInstanceError):
        tent().layers[0].bias = ()
    assert hash(tent()) == hash(tent())


@pytest.mark.parametrize("seed", range(100))
def test_evaluation_agrees_with_the_reference(seed):
    net, rng = reference.random_network(seed)
    for _ in range(5):
        x = reference.random_number(rng)
        seen = reference.layer_values(net, x)
        assert network(net).evaluate([x]) == tuple(seen[-1])
        assert [list(before) for before, _ in network(net).trace([x])] == seen[:-1]
        assert network(net).trace([x])[-1][1] == tuple(seen[-1])


def test_named_activations():
    table = {
        RELU: (0, 0, F(1, 2), 2),
        ABS: (2, 0, F(1, 2), 2),
        STEP: (0, 1, 1, 1),
        IDENTITY: (-2, 0, F(1, 2), 2),
        HARDTANH: (-1, 0, F(1, 2), 1),
        leaky_relu(F(1, 10)): (F(-1, 5), 0, F(1, 2), 2),
    }
    for activation, values in table.items():
        points = (F(-2), F(0), F(1, 2), F(2))
        assert tuple(activation(x) for x in points) == values
        assert tuple(ramp(activation).evaluate([x])[0] for x in points) == values
        assert activation.continuous == (activation is not STEP)


def test_closed_ends_and_single_points():
    pieces = (Affine(F(0), F(0)), Affine(F(0), F(1)), Affine(F(0), F(2)))
    point = Activation("pieces", (Cut(F(0), False), Cut(F(0), True)), pieces)
    assert [point(F(x)) for x in (-1, 0, 1)] == [0, 1, 2]
    with pytest.raises(BadInput, match="not empty"):
        Activation("pieces", (Cut(F(0), True), Cut(F(0), False)), pieces)
    with pytest.raises(BadInput, match="one more piece than cuts"):
        Activation("pieces", (), pieces)


def test_a_custom_activation_called_relu_is_still_itself():
    liar = Activation("relu", (), (Affine(F(3), F(0)),))
    assert ramp(liar).evaluate([F(-1)]) == (F(-3),)


def test_tent_where_floats_are_wrong():
    deep = tent_iterate(60)
    assert deep.evaluate([1 - F(1, 2**60)]) == (F(1),)
    assert deep.evaluate([F(1, 3)]) == (F(2, 3),)
    assert merged(60).evaluate([F(1, 3)]) == (F(2, 3),)


def test_lecture_networks_have_the_stated_shapes():
    assert tent_iterate(5).widths == (2, 1) * 5
    assert merged(5).widths == (2,) * 5 + (1,)
    assert shallow_sawtooth(5).widths == (32, 1)
    assert skewed_tent(F(1, 2)) == tent()
    for bad in (lambda: tent_iterate(0), lambda: merged(1), lambda: shallow_sawtooth(21)):
        with pytest.raises(BadInput, match="expected"):
            bad()
    for peak in (F(0), F(1), F(-1, 2)):
        with pytest.raises(BadInput, match="strictly between 0 and 1"):
            skewed_tent(peak)


def test_compose_parallel_and_iterate_mean_what_they_say():
    double = Network(1, (layer((F(2),)),))
    both = parallel(tent_iterate(2), iterate(skewed_tent(F(1, 3)), 2))
    for x in (F(-1), F(1, 5), F(3, 4), F(2)):
        inner = skewed_tent(F(1, 3)).evaluate([x])
        assert compose(double, tent()).evaluate([x]) == (2 * tent().evaluate([x])[0],)
        assert both.evaluate([x]) == tent_iterate(2).evaluate([x]) + skewed_tent(F(1, 3)).evaluate(
            inner
        )
