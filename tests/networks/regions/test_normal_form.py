"""Normal forms have the network's values, and do not depend on how it is written."""

from __future__ import annotations

from fractions import Fraction as F

import pytest

from tests.networks.several import (
    ABS,
    ACTIVATIONS,
    HARDTANH,
    RELU,
    SPOTS,
    STEP,
    disguised,
    layer,
    nudged,
    random_network,
    row,
    seeded,
)
from verifier.networks.model import Network
from verifier.networks.regions.equality import difference, equal_on_box
from verifier.networks.regions.normal_form import NormalForms, same_form
from verifier.networks.regions.points import points

EVERYWHERE = ((None, None), (None, None))


def value(forms, sum_, known):
    return sum_.constant + sum(factor * known[number] for number, factor in sum_.terms)


def values(forms, x):
    """The inputs and all atoms at a point."""
    known = list(x)
    for atom in forms.atoms:
        inside = value(forms, atom.of, known)
        known.append(max(inside, F(0)) if atom.kind == "ramp" else F(inside >= 0))
    return known


@pytest.mark.parametrize("seed", range(60))
def test_the_form_has_the_networks_values_and_bounds_hold(seed):
    """At random points, corners, and points where units meet breakpoints."""
    chance = seeded(f"form {seed}")
    network = random_network(chance, 2, (3, 3, 2))
    low, high = (row(-1, 0), row(1, 2)) if seed % 2 else EVERYWHERE
    forms = NormalForms(low, high)
    outputs = forms.outputs(network)
    for x in points(difference(network, network, low, high)):
        known = values(forms, x)
        assert tuple(value(forms, sum_, known) for sum_ in outputs) == network.evaluate(x)
        for entry, (least, most) in zip(known, forms.ranges, strict=True):
            assert least is None or least <= entry
            assert most is None or entry <= most


@pytest.mark.parametrize("seed", range(40))
def test_the_form_of_a_disguised_copy_is_the_same_and_that_of_a_changed_one_not(seed):
    chance = seeded(f"copy {seed}")
    network = random_network(chance, 3, (4, 3, 2))
    copy = disguised(chance, network)
    assert same_form(network, copy, (None,) * 3, (None,) * 3)
    assert not same_form(network, nudged(chance, copy), (None,) * 3, (None,) * 3)


@pytest.mark.parametrize("activation", [RELU, ABS, STEP, HARDTANH, SPOTS])
def test_layers_that_change_nothing_are_seen_through(activation):
    first = layer([[1, 2], [-1, 1]], [1, 0], activation)
    read_out = layer([[1, -1]], [2])
    plain = Network(2, (first, read_out))
    doubled = Network(
        2,
        (
            layer([[2, 0], [0, 1]], [0, 3]),
            layer([["1/2", 2], ["-1/2", 1], [0, 0], [1, 1]], [-5, -3, "1/2", 0], activation),
            layer([[1, 0, 0, 0], [0, 1, 0, 0]], [1, 1]),
            layer([[1, -1]], [2]),
        ),
    )
    assert same_form(plain, doubled, *EVERYWHERE)
    assert not same_form(plain, nudged(seeded(0), doubled), *EVERYWHERE)


def test_signs_are_known_where_a_ramp_is_never_negative():
    once = Network(2, (layer([[1, 1]], [0], RELU),))
    twice = Network(2, (*once.layers, layer([[3]], [1], RELU), layer([["1/3"]], ["-1/3"])))
    below = Network(2, (*once.layers, layer([[3]], [-1], RELU), layer([["1/3"]], ["1/3"])))
    assert same_form(once, twice, *EVERYWHERE)
    assert not same_form(once, below, *EVERYWHERE)
    assert not equal_on_box(once, below).equal


def test_units_that_cannot_bend_in_the_box_are_affine():
    bent = Network(2, (layer([[1, 1]], [0], RELU),))
    sum_ = Network(2, (layer([[1, 1]], [0]),))
    assert same_form(bent, sum_, row(0, 0), row(1, 1))
    assert same_form(bent, sum_, row(0, 0), (None, None))
    assert not same_form(bent, sum_, row(0, "-1e-9"), row(1, 1))
    step, one = Network(2, (layer([[1, 1]], [0], STEP),)), Network(2, (layer([[0, 0]], [1]),))
    assert same_form(step, one, row(0, 0), row(1, 1))
    lower_owns = Network(2, (layer([[-1, -1]], [0], STEP), layer([[-1]], [1])))
    assert not same_form(lower_owns, one, row(0, 0), row(1, 1))
    assert equal_on_box(lower_owns, one, row(0, 0), row(1, 1)).at == (0, 0)


def test_jumps_differ_by_who_owns_them():
    upward = Network(2, (layer([[1, 1]], [0], STEP),))
    downward = Network(2, (layer([[-1, -1]], [0], STEP), layer([[-1]], [1])))
    assert not same_form(upward, downward, *EVERYWHERE)
    again = Network(2, (layer([[-2, -2]], [0], STEP), layer([[-1]], [1])))
    assert same_form(downward, again, *EVERYWHERE)


def test_wide_networks_need_no_regions():
    chance = seeded("wide")
    network = random_network(chance, 12, (24, 16, 3), activations=ACTIVATIONS[:1])
    copy = disguised(chance, network)
    found = equal_on_box(network, copy)
    assert found.equal
    assert found.tree is None
    assert not equal_on_box(network, nudged(chance, copy)).equal
