"""Pieces are exact and as few as possible, also where floats are wrong and nets degenerate."""

from __future__ import annotations

import random
from fractions import Fraction as F

import pytest

from tests.networks import reference
from tests.seeds import seeds
from verifier.errors import BadInput, LimitReached
from verifier.networks.activations import RELU, Activation, Affine, Cut
from verifier.networks.examples import merged, shallow_sawtooth, skewed_tent, tent, tent_iterate
from verifier.networks.model import Layer, Network, iterate, on_segment
from verifier.networks.pieces import partition as engine
from verifier.networks.pieces.partition import pieces_of


def network(net):
    layers = []
    for rows, bias, (cuts, pieces) in net:
        activation = Activation(
            "pieces", tuple(Cut(*cut) for cut in cuts), tuple(Affine(*piece) for piece in pieces)
        )
        if (cuts, pieces) == reference.RELU:
            activation = RELU
        layers.append(Layer(tuple(map(tuple, rows)), tuple(bias), activation))
    return Network(1, tuple(layers))


def sample_points(function, low, high):
    """Breakpoints, points inside every piece, and a few more."""
    points = list(function.breakpoints)
    points += [function.inner_point(i) for i in range(function.count)]
    points += [end for end in (low, high) if end is not None]
    points += [point + shift for point in points[:6] for shift in (F(-1, 97), F(1, 89))]
    return [x for x in points if (low is None or x >= low) and (high is None or x <= high)]


def agrees_with_reference(seed):
    net, rng = reference.random_network(seed)
    low, high = reference.random_interval(rng)
    function = pieces_of(network(net), low, high).function
    assert function.count == reference.minimal_count(net, low, high)
    for x in sample_points(function, low, high):
        value = tuple(reference.layer_values(net, x)[-1])
        assert function(x) == value
        assert network(net).evaluate([x]) == value


@pytest.mark.parametrize("block", seeds(8, 16))
def test_random_networks_agree_with_the_reference(block):
    for seed in range(50 * block, 50 * block + 50):
        agrees_with_reference(seed)


@pytest.mark.parametrize("block", seeds(3, 6))
def test_residues_agree_with_the_reference(block, monkeypatch):
    monkeypatch.setattr(engine, "expensive", lambda forms, layer: True)
    for seed in range(10_000 + 50 * block, 10_050 + 50 * block):
        agrees_with_reference(seed)


@pytest.mark.parametrize("peak", [F(1, 3), F(3, 7), F(1, 10), F(1, 2)])
@pytest.mark.parametrize("k", [1, 8, 12])
def test_skewed_tents_have_two_to_the_k_pieces(peak, k):
    function = pieces_of(iterate(skewed_tent(peak), k), F(0), F(1)).function
    assert function.count == 2**k
    assert {function(x)[0] for x in function.breakpoints[::2]} == {F(1)}
    assert {function(x)[0] for x in function.breakpoints[1::2]} <= {F(0)}


def test_tent_iterates_on_the_line_and_on_an_interval():
    function = pieces_of(tent_iterate(10)).function
    assert function.count == 2**10 + 2
    assert function.breakpoints == tuple(F(i, 2**10) for i in range(2**10 + 1))
    assert pieces_of(tent_iterate(60), F(0), F(1, 2**58)).function.count == 4
    assert pieces_of(tent_iterate(6), F(1, 3), F(1, 3)).function.count == 1


def test_neighbouring_breakpoints_that_floats_cannot_tell_apart_stay_apart():
    gap = F(1, 10**40)
    layer = Layer(((F(1),),) * 3, (F(-1), -1 - gap, -1 + gap), RELU)
    read_out = Layer(((F(1), F(-5), F(7)),), (F(0),))
    function = pieces_of(Network(1, (layer, read_out))).function
    assert function.breakpoints == (1 - gap, F(1), 1 + gap)


def test_pieces_merge_exactly_when_slopes_cancel():
    twins = Layer(((F(1),), (F(1),)), (F(-1, 3), F(-1, 3)), RELU)
    nearly = F(1) - F(1, 10**30)
    for weight, count in ((F(1), 1), (nearly, 2)):
        network = Network(1, (twins, Layer(((F(1), -weight),), (F(2),))))
        assert pieces_of(network).function.count == count


def wide_network(seed, width, depth, scale=1.0):
    rng = random.Random(seed)
    layers, before = [], 1
    for units in [width] * depth + [2]:
        spread = scale * (2 / before) ** 0.5
        rows = tuple(tuple(F(rng.gauss(0, spread)) for _ in range(before)) for _ in range(units))
        bias = tuple(F(rng.gauss(0, scale / 2)) for _ in range(units))
        layers.append(Layer(rows, bias, RELU if units == width else None))
        before = units
    return Network(1, tuple(layers))


@pytest.mark.parametrize("scale", [1.0, 1e-40, 1e40, 1e-120])
def test_residues_give_what_integers_give(scale, monkeypatch):
    """Also where the floats that propose are useless, because weights are huge or tiny."""
    network = wide_network(3, 12, 4, scale)
    monkeypatch.setattr(engine, "expensive", lambda forms, layer: False)
    plain = pieces_of(network)
    monkeypatch.setattr(engine, "expensive", lambda forms, layer: True)
    assert pieces_of(network) == plain
    assert plain.function.count > 10


def test_wide_network_matches_its_own_values():
    network = wide_network(5, 64, 4)
    function = pieces_of(network, F(-3), F(3)).function
    assert function.count > 100
    for piece in range(0, function.count, 7):
        x = function.inner_point(piece)
        assert function(x) == network.evaluate([x])
    for x in function.breakpoints[::11]:
        assert function(x) == network.evaluate([x])


def test_segment_of_a_plane():
    corner = Layer(((F(1), F(1)), (F(1), F(-1))), (F(0), F(0)), RELU)
    network = Network(2, (corner, Layer(((F(1), F(1)),), (F(0),))))
    line = on_segment(network, [F(-1), F(0)], [F(1), F(1)])
    function = pieces_of(line, F(0), F(1)).function
    assert function.breakpoints == (F(1, 3),)
    assert function(F(1)) == network.evaluate([F(1), F(1)])
    with pytest.raises(BadInput, match="expected 2 numbers, found 1"):
        on_segment(network, [F(0)], [F(1), F(1)])


def test_limits_and_bad_intervals_are_named(monkeypatch):
    monkeypatch.setattr(engine, "MOST_NUMBERS", 1000)
    with pytest.raises(LimitReached, match="too much memory"):
        pieces_of(tent_iterate(12))
    monkeypatch.undo()
    with pytest.raises(LimitReached, match="more than 100 pieces"):
        pieces_of(tent_iterate(20), limit=100)
    with pytest.raises(BadInput, match="A <= B"):
        pieces_of(tent(), F(1), F(0))
    with pytest.raises(BadInput, match="1 input"):
        pieces_of(Network(2, (Layer(((F(1), F(1)),), (F(0),)),)))


def test_shallow_and_merged_networks_have_the_pieces_of_the_tent_iterate():
    deep = pieces_of(tent_iterate(7), F(0), F(1)).function
    assert pieces_of(shallow_sawtooth(7), F(0), F(1)).function.count == deep.count == 128
    assert (
        pieces_of(merged(7)).function.breakpoints == pieces_of(tent_iterate(7)).function.breakpoints
    )


def test_jumps_and_isolated_points():
    point = Activation(
        "pieces",
        (Cut(F(0), False), Cut(F(0), True)),
        (Affine(F(1), F(0)), Affine(F(0), F(5)), Affine(F(1), F(0))),
    )
    network = Network(1, (Layer(((F(-2),),), (F(1),), point),))
    function = pieces_of(network).function
    assert function.count == 3
    assert function.breakpoints == (F(1, 2), F(1, 2))
    (jump,) = function.jumps()
    assert (jump.at, jump.left, jump.value, jump.right) == (F(1, 2), (F(0),), (F(5),), (F(0),))
