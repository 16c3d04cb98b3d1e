"""Pieces are exact and as few as possible, also where floats are wrong and nets degenerate."""

from __future__ import annotations

import random
from fractions import Fraction as F

import pytest
import reference

from verifier.errors import BadInput, LimitReached
from verifier.networks import pieces as engine
from verifier.networks.activations import RELU, Activation, Affine, Cut
from verifier.networks.lecture import merged, shallow_sawtooth, skewed_tent, tent, tent_iterate
from verifier.networks.model import Layer, Network, iterate
from verifier.networks.pieces import on_segment, pieces_of


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
    return [
        x for x in points if (low is None or x >= low) and (high is None or x <= high)
    ]


def agrees_with_reference(seed):
    net, rng = reference.random_network(seed)
    low, high = reference.random_interval(rng)
    function = pieces_of(network(net), low, high).function
    assert function.count == reference.minimal_count(net, low, high)
    for x in sample_points(function, low, high):
        value = tuple(reference.layer_values(net, x)[-1])
        assert function(x) == value
        assert network(net).evaluate([x]) == value


@pytest.mark.parametrize("block", range(16))
def test_random_networks_agree_with_the_reference(block):
    for seed in range(50 * block, 50 * block + 50):
        agrees_with_reference(seed)


@pytest.mark.parametrize("block", range(6))
def test_residues_agree_with_the_reference(block, monkeypatch):
    monkeypatch.setattr(engine, "expensive", lambda forms, layer: True)
    for seed in range(10_000 + 50 * block, 10_050 + 50 * block):
        agrees_with_reference(seed)
