"""Counts by images of intervals are those of the listed pieces, and reach k = 10,000."""

from __future__ import annotations

import time
from fractions import Fraction as F

import pytest

from tests.networks import reference
from tests.networks.pieces.test_partition import network
from tests.seeds import seeds
from verifier.errors import BadInput, LimitReached
from verifier.networks.activations import STEP, Activation, Affine, Cut
from verifier.networks.examples import merged, shallow_sawtooth, skewed_tent, tent, tent_iterate
from verifier.networks.model import Layer, Network, compose, iterate
from verifier.networks.pieces.counting import count_iterate, find_iteration
from verifier.networks.pieces.partition import pieces_of


def random_cell(seed):
    net, rng = reference.random_network(seed)
    last_rows, last_bias, activation = net[-1]
    return [*net[:-1], (last_rows[:1], last_bias[:1], activation)], rng


@pytest.mark.parametrize("block", seeds(4, 8))
def test_random_cells_agree_with_listing(block):
    for seed in range(50 * block, 50 * block + 50):
        cell, rng = random_cell(seed)
        low, high = reference.random_interval(rng)
        for times in (1, 2, 3, 4):
            counted = count_iterate(network(cell), times, low, high).count
            assert counted == pieces_of(iterate(network(cell), times), low, high).function.count


@pytest.mark.parametrize("seed", seeds(30, 60))
def test_random_activations_as_cells_agree_with_the_reference(seed):
    """Cells with jumps and isolated points, whose iterates fuse pieces in many ways."""
    rng = reference.random.Random(seed)
    activation = reference.random_activation(rng)
    cell = [([[F(rng.choice([-1, 1]))]], [reference.random_number(rng)], activation)]
    low, high = reference.random_interval(rng)
    for times in (1, 2, 3):
        counted = count_iterate(network(cell), times, low, high).count
        assert counted == reference.minimal_count(cell * times, low, high)


@pytest.mark.parametrize("peak", [F(1, 2), F(1, 3), F(3, 7), F(1, 10)])
def test_skewed_tents_at_ten_thousand(peak):
    start = time.perf_counter()
    assert count_iterate(skewed_tent(peak), 10_000, F(0), F(1)).count == 2**10_000
    assert time.perf_counter() - start < 5


def test_doubling_map_has_two_to_the_k_pieces():
    halves = Activation("pieces", (Cut(F(1, 2), False),), (Affine(F(2), F(0)), Affine(F(2), F(-1))))
    doubling = Network(1, (Layer(((F(1),),), (F(0),), halves),))
    assert count_iterate(doubling, 500, F(0), F(1)).count == 2**500


def cell_of(*pieces):
    """A cell from (slope, intercept, end, closed) of each piece; the last has no end."""
    cuts = tuple(Cut(F(at), closed) for _, _, at, closed in pieces[:-1])
    forms = tuple(Affine(F(piece[0]), F(piece[1])) for piece in pieces)
    return Network(1, (Layer(((F(1),),), (F(0),), Activation("pieces", cuts, forms)),))


@pytest.mark.parametrize(
    ("cell", "low", "high"),
    [
        # f jumps away at 0, but f^2 is continuous there, with different slopes on both sides.
        (cell_of((1, 1, 0, False), (0, 5, 0, True), (-2, 1, 4, False), (0, -1)), None, None),
        # The left piece of f owns 0, but the value of f^2 there joins the right one.
        (cell_of((1, 1, 0, True), (2, 3, 1, False), (1, 5, 3, False), (1, 3)), F(-1, 2), F(1, 4)),
    ],
)
def test_pieces_fuse_through_single_points(cell, low, high):
    for times in (1, 2, 3, 4):
        listed = pieces_of(iterate(cell, times), low, high).function.count
        assert count_iterate(cell, times, low, high).count == listed


def test_constant_and_identity_cells():
    constant = Network(1, (Layer(((F(0),),), (F(3),)),))
    identity = Network(1, (Layer(((F(1),),), (F(0),)),))
    assert count_iterate(constant, 100).count == count_iterate(identity, 10_000).count == 1


def test_limits_and_bad_cells_are_named():
    plane = Network(2, (Layer(((F(1), F(1)),), (F(0),)),))
    with pytest.raises(BadInput, match="one input"):
        count_iterate(plane, 3)
    with pytest.raises(BadInput, match="at least 1"):
        count_iterate(tent(), 0)
    stretched = Network(
        1,
        (
            tent().layers[0],
            Layer(((F(3, 2), F(-3)),), (F(0),)),
        ),
    )
    with pytest.raises(LimitReached, match="too many different intervals"):
        count_iterate(stretched, 10_000, F(0), F(1))


@pytest.mark.parametrize(
    ("net", "times"),
    [(tent_iterate(7), 7), (merged(7), 7), (iterate(skewed_tent(F(1, 3)), 4), 4)],
)
def test_iterations_are_found(net, times):
    found = find_iteration(net)
    assert found.times == times
    again = iterate(found.cell, times)
    for x in (F(-1), F(1, 3), F(2, 7), F(5, 11)):
        assert again.evaluate([x]) == net.evaluate([x])


def test_iterations_before_a_read_out_are_found():
    read_out = Network(1, (Layer(((F(-2),),), (F(1),)),))
    found = find_iteration(compose(read_out, tent_iterate(5)))
    assert (found.times, found.read_out) == (5, read_out.layers[0])


def test_what_is_no_iteration_is_not_taken_for_one():
    steps = Network(1, (Layer(((F(1),),), (F(0),), STEP),))
    nearly = merged(4).layers
    changed = Layer(nearly[1].weights, (F(0), F(-1, 3)), nearly[1].activation)
    for net in (
        tent(),
        shallow_sawtooth(3),
        Network(1, (*tent_iterate(3).layers, *skewed_tent(F(1, 3)).layers)),
        Network(1, (nearly[0], changed, *nearly[2:])),
        Network(1, (nearly[0], changed, changed, changed, nearly[-1])),
        compose(steps, tent_iterate(3)),
    ):
        assert find_iteration(net) is None
