"""Bounds at numbers: their values, what excludes them, their order, and that no network breaks
one."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise
from math import prod

import pytest

from verifier.errors import BadInput
from verifier.library.catalogue import load, stated_in
from verifier.networks.activations import RELU
from verifier.networks.examples import merged, tent_iterate
from verifier.networks.model import Layer, Network
from verifier.networks.pieces.partition import pieces_of
from verifier.theory.bounds import RATE, Shape, bounds, instance
from verifier.theory.values import value_of

# A distance, an error, continuity, or what can be computed: no quantity of `bounds`.
OTHER_QUANTITIES = frozenset(
    [
        "sup-gap",
        "sup-gap-network",
        "sup-gap-continuous",
        "sup-gap-relu",
        "runs-continuous",
        "errors-continuous",
        "network-continuous",
        "depth-hierarchy",
        "depth-width-trade",
        "depth-hierarchy-uniform",
        "square-approximation",
        "square-approximation-error",
        "square-needs-pieces",
        "square-needs-units",
    ]
)

# They hold for relu alone, and a shape knows only how many pieces its activation has.
ABOUT_RELU = frozenset(["depth-separation-relu", "telgarsky-1.1-sharp"])

# Theorems that have no numbers k, m, l, t, n of their own; what bounds something is in `bounds`.
WITHOUT_NUMBERS = frozenset(
    [
        "sawtooth-affine",
        "sawtooth-weaken",
        "sawtooth-scale",
        "sawtooth-sum-sharp",
        "sawtooth-sum",
        "sawtooth-compose",
        "sawtooth-sum-finite",
        "identity-sawtooth",
        "relu-sawtooth",
        "abs-sawtooth",
        "leaky-relu-sawtooth",
        "step-sawtooth",
        "hard-tanh-sawtooth",
        "sawtooth-sum-tight",
        "sawtooth-compose-tight",
        "layer-step",
        "errors-fewest",
        "network-node-output",
        "tent-closed-form",
        "iterate-closed-form",
        "iterate-grid",
        "iterate-self-similar",
        "exact-representation-recurrent",
        "exact-representation-merged",
        "deep-equals-shallow",
    ]
)


def found(shape):
    """Values of bounds that apply, by theorem; of theorems with two, the first."""
    values = {}
    for bound in bounds(shape):
        if bound.applies:
            values.setdefault(bound.theorem, bound.value)
    return values


@pytest.mark.parametrize("k", [3, 8])
@pytest.mark.parametrize("widths", [(1,), (3, 3), (2, 2, 2), (4, 1, 2)])
@pytest.mark.parametrize("t", [1, 2, 3])
@pytest.mark.parametrize("extra", [0, 1])
def test_values_are_those_of_the_formulas(k, widths, t, extra):
    n, depth, m = 2**k + extra, len(widths), widths[0]
    values = found(Shape(k, widths, t, n))
    pieces = prod(w * (t - 1) + 1 for w in widths)
    assert values["network-pieces-sharp"] == pieces
    assert values["runs-general"] == 2 * pieces
    assert values["depth-separation-nonuniform"] == Fraction(1, 2) - Fraction(pieces, n)
    assert values["rate-sharp"] == Fraction(1, 2) - Fraction(pieces, n)
    assert values["rate"] == Fraction(n - 4 * pieces, 3 * n)
    assert values["errors-alternating"] == Fraction(n - 2 * pieces, 2)
    assert values["iterate-pieces-lower"] == 2**k
    assert values["iterate-pieces-line"] == 2**k + 2
    assert values["exact-representation"] == 2 * k
    assert values["exact-representation-half"] == k
    assert values["exact-width-lower-shallow"] == 2**k - 1
    assert values["shallow-representation"] == 2**k
    if len(set(widths)) > 1:
        assert not {"depth-separation-sharp", "telgarsky-1.2", "unit-pieces"} & set(values)
        return
    assert values["depth-separation-sharp"] == Fraction(1, 2) - Fraction(pieces, n)
    assert values["telgarsky-1.2"] == Fraction(n - 4 * (t * m) ** depth, 3 * n)
    assert values["network-pieces"] == (t * m) ** depth
    assert values["unit-pieces"] == Fraction((t * m) ** depth, m)
    assert ("telgarsky-1.1" in values) == (t == 2 and 8 * (2 * m) ** depth <= 2**k)
    assert ("network-pieces-relu" in values) == (t == 2)


@pytest.mark.parametrize(
    ("k", "m", "depth", "applies"), [(3, 1, 1, False), (4, 1, 1, True), (5, 1, 2, True)]
)
def test_theorem_1_1_applies_at_the_very_edge_of_its_hypothesis(k, m, depth, applies):
    (bound,) = [b for b in bounds(Shape(k, (m,) * depth, 2, 2**k)) if b.theorem == "telgarsky-1.1"]
    assert bound.applies is applies
    assert bound.value == (Fraction(1, 6) if applies else None)
    assert bool(bound.why_not) is not applies


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("t", [2, 3])
def test_the_least_width_is_the_first_that_is_not_excluded(depth, t):
    k = 7
    least = found(Shape(k, (1,) * depth, t, 2**k))["exact-width-lower"]
    assert (least * (t - 1) + 1) ** depth >= 2**k > ((least - 1) * (t - 1) + 1) ** depth


def test_one_affine_piece_computes_no_iterate():
    (bound,) = [b for b in bounds(Shape(2, (9,), 1, 4)) if b.theorem == "exact-width-lower"]
    assert not bound.applies
    assert found(Shape(0, (9,), 1, 1))["exact-width-lower"] == 1


def test_other_numbers_of_points_leave_the_theorems_about_any_points():
    values = found(Shape(9, (2, 2), 2, 60))
    assert values["rate-sharp"] == Fraction(7, 20)
    assert values["network-errors-fewest"] == 21
    for name in ("depth-separation-sharp", "telgarsky-1.2", "telgarsky-1.1"):
        assert name not in values


def test_strongest_first_within_a_quantity():
    listed = bounds(Shape(10, (3, 3), 2, 1024))
    rates = [b.value for b in listed if b.quantity == RATE and b.applies]
    assert rates == sorted(rates, reverse=True)
    pieces = [b.value for b in listed if b.quantity.startswith("affine pieces of the net")]
    assert pieces == sorted(pieces)


def test_each_bound_is_a_theorem_of_the_kernel_at_the_numbers():
    from verifier.kernel import genuine

    for bound in bounds(Shape(5, (3, 3), 2, 32)):
        if bound.applies:
            assert genuine(bound.at) is bound.at
            assert not bound.at.hypotheses
            assert bound.statement


def test_every_theorem_that_bounds_something_is_listed():
    load()
    listed = {b.theorem for b in bounds(Shape(5, (2, 2), 2, 32))}
    theorems = {r.name for r in stated_in() if r.kind == "theorem"}
    missing = theorems - listed - WITHOUT_NUMBERS - OTHER_QUANTITIES - ABOUT_RELU
    assert not missing, f"say in verifier.theory.bounds what these give at numbers: {missing}"


@pytest.mark.parametrize("seed", range(20))
def test_no_network_beats_the_bounds(seed):
    r = random.Random(seed)
    k, m, depth = r.randrange(2, 5), r.randrange(1, 4), r.randrange(1, 3)
    widths = [1] + [m] * depth
    layers = [
        Layer(
            tuple(tuple(Fraction(r.randrange(-4, 5)) for _ in range(a)) for _ in range(b)),
            tuple(Fraction(r.randrange(-8, 9), 8) for _ in range(b)),
            RELU,
        )
        for a, b in pairwise(widths)
    ]
    read_out = Layer((tuple(Fraction(r.randrange(-4, 5)) for _ in range(m)),), (Fraction(1, 2),))
    network = Network(1, (*layers, read_out))
    values = found(Shape(k, (m,) * depth, 2, 2**k))
    wrong = sum(
        (network.evaluate([Fraction(i, 2**k)])[0] >= Fraction(1, 2)) != i % 2 for i in range(2**k)
    )
    assert Fraction(wrong, 2**k) >= max(values[name] for name in values if name in RATES)
    assert wrong >= values["network-errors-fewest"]
    assert pieces_of(network).function.count <= values["network-pieces-sharp"]


RATES = frozenset(
    ["depth-separation-nonuniform", "depth-separation-sharp", "telgarsky-1.2", "rate-sharp", "rate"]
)


def test_the_constructions_are_as_deep_as_said():
    values = found(Shape(6, (2,), 2, 64))
    assert len(tent_iterate(6).layers) == values["exact-representation"]
    assert len(merged(6).layers) - 1 == values["exact-representation-half"]


def test_widths_as_the_library_writes_them():
    sequence = Shape(1, (3, 5, 2), 2, 2).sequence
    from verifier.proving import integer

    assert [int(value_of(sequence(integer(i)))) for i in range(5)] == [1, 3, 5, 2, 2]


def test_an_instance_names_its_variables():
    from verifier.errors import VerifierError

    with pytest.raises(VerifierError, match="no variable z"):
        instance("sawtooth-affine", z=1)


@pytest.mark.parametrize(
    "numbers", [(-1, (1,), 2, 4), (2, (), 2, 4), (2, (0,), 2, 4), (2, (1,), 0, 4), (2, (1,), 2, 0)]
)
def test_numbers_out_of_range_are_refused(numbers):
    with pytest.raises(BadInput):
        Shape(*numbers)
