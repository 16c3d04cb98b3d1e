"""Equality is proved on all points, and refuted at a point that can be re-evaluated."""

from __future__ import annotations

from fractions import Fraction as F

import pytest

from tests.networks import reference
from tests.networks.pieces.test_partition import network
from verifier.errors import BadInput
from verifier.networks.activations import ABS, RELU, Activation, Affine, Cut
from verifier.networks.examples import merged, shallow_sawtooth, skewed_tent, tent, tent_iterate
from verifier.networks.model import Layer, Network, compose, iterate
from verifier.networks.pieces.equality import equal_networks


@pytest.mark.parametrize("k", [1, 2, 9])
def test_deep_equals_shallow_on_the_unit_interval_only(k):
    deep, shallow = tent_iterate(k), shallow_sawtooth(k)
    assert equal_networks(deep, shallow, F(0), F(1)).equal
    result = equal_networks(deep, shallow)
    assert not result.equal
    assert result.left == deep.evaluate([result.at]) != result.right
    assert result.right == shallow.evaluate([result.at])


@pytest.mark.parametrize("k", [2, 11, 12, 13, 1000])
def test_merged_form_equals_the_tent_iterate_on_the_line(k):
    assert equal_networks(tent_iterate(k), merged(k)).equal


@pytest.mark.parametrize("k", [3, 14])
def test_false_neighbours_are_refuted(k):
    other = iterate(skewed_tent(F(1, 2) + F(1, 10**30)), k)
    result = equal_networks(tent_iterate(k), other, F(0), F(1))
    assert not result.equal
    assert result.left != result.right
    assert not equal_networks(tent_iterate(k), tent_iterate(k + 1)).equal
    doubled = Network(1, (Layer(((F(2),),), (F(0),)),))
    assert not equal_networks(tent_iterate(k), compose(doubled, tent_iterate(k))).equal


def test_long_iterates_with_different_read_outs_are_not_proved_equal():
    shift = Network(1, (Layer(((F(1),),), (F(1, 10**9),)),))
    one = compose(shift, tent_iterate(14))
    result = equal_networks(one, tent_iterate(14), F(0), F(1))
    assert not result.equal


def test_cells_that_agree_only_where_the_iterate_never_goes():
    """tent and its rival differ beyond 2, where no value of the first copy lies."""
    cap = Layer(((F(1),), (F(1),), (F(1),)), (F(0), F(-1, 2), F(-2)), RELU)
    rival = Network(1, (cap, Layer(((F(2), F(-4), F(9)),), (F(0),), RELU)))
    assert not equal_networks(tent(), rival).equal
    assert not equal_networks(tent_iterate(13), iterate(rival, 13)).equal
    assert equal_networks(tent_iterate(13), iterate(rival, 13), F(-5), F(2)).equal


def test_cells_that_agree_on_an_interval_they_leave():
    double = Layer(((F(2),),), (F(0),))
    bent = Network(
        1,
        (
            Layer(((F(1),), (F(-1),), (F(1),)), (F(0), F(0), F(-9)), RELU),
            Layer(((F(2), F(-2), F(1)),), (F(0),)),
        ),
    )
    straight = iterate(Network(1, (double,)), 13)
    result = equal_networks(straight, iterate(bent, 13), F(0), F(1))
    assert not result.equal
    assert result.left == (2**13 * result.at,)


def test_a_single_point_is_enough_to_differ():
    dented = Activation(
        "pieces",
        (Cut(F(0), False), Cut(F(0), True)),
        (Affine(F(1), F(0)), Affine(F(0), F(1)), Affine(F(1), F(0))),
    )
    left = Network(1, (Layer(((F(3),),), (F(-1),), dented),))
    right = Network(1, (Layer(((F(3),),), (F(-1),)),))
    result = equal_networks(left, right)
    assert (result.at, result.left, result.right) == (F(1, 3), (F(1),), (F(0),))
    assert equal_networks(left, right, F(1, 2), F(1)).equal


def test_witness_is_not_put_where_different_pieces_meet():
    left = Network(1, (Layer(((F(1),),), (F(0),), ABS),))
    right = Network(1, (Layer(((F(-1),),), (F(0),)),))
    result = equal_networks(left, right, F(-1), F(1))
    assert result.at > 0


@pytest.mark.parametrize("seed", range(80))
def test_random_networks_equal_their_disguises(seed):
    """Scaling a relu layer up and the next one down changes no value; changing a bias does."""
    net, _ = reference.random_network(seed)
    disguised = network(
        [
            *net,
            (
                [[F(i == j) for j in range(len(net[-1][0]))] for i in range(len(net[-1][0]))],
                [F(0)] * len(net[-1][0]),
                reference.IDENTITY,
            ),
        ]
    )
    assert equal_networks(network(net), disguised).equal
    last = disguised.layers[-1]
    shifted = Layer(last.weights, (last.bias[0] + F(1, 10**20), *last.bias[1:]))
    assert not equal_networks(network(net), Network(1, (*disguised.layers[:-1], shifted))).equal


def test_bad_questions_are_named():
    plane = Network(2, (Layer(((F(1), F(1)),), (F(0),)),))
    two = Network(1, (Layer(((F(1),), (F(1),)), (F(0), F(0))),))
    with pytest.raises(BadInput, match="1 input"):
        equal_networks(plane, tent())
    with pytest.raises(BadInput, match="numbers of outputs"):
        equal_networks(two, tent())
    with pytest.raises(BadInput, match="A <= B"):
        equal_networks(tent(), tent(), F(1), F(0))
