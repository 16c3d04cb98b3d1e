"""Theorems from normal forms: true ones are proved, false sums and other boxes are refused."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise

import pytest

from tests.bounds.conftest import ACTIVATIONS
from tests.bounds.test_concrete import documents
from tests.bounds.test_regions import layer, row, widened
from verifier.kernel import genuine
from verifier.networks.activations import ABS, HARDTANH, RELU, STEP, leaky_relu
from verifier.networks.model import Network
from verifier.networks.regions.normal_form import NormalForms
from verifier.proving import Proof, ProofFailed, Real
from verifier.recheck.structure import check_library
from verifier.theory.concrete import Graph, TooManyLeaves
from verifier.theory.normal_form import Atoms, Point, equal_by_form_theorem

EVERYWHERE = ((None, None), (None, None))


def network(seed, activation, widths=(2, 3, 2, 1)):
    r = random.Random(seed)
    layers = [
        layer(
            [[Fraction(r.randrange(-3, 4), 2) for _ in range(a)] for _ in range(b)],
            [Fraction(r.randrange(-3, 4), 2) for _ in range(b)],
            activation,
        )
        for a, b in pairwise(widths[:-1])
    ]
    last = layer([[r.randrange(1, 4) for _ in range(widths[-2])]], [r.randrange(-3, 4)])
    return Network(2, (*layers, last))


def reversed_units(net: Network) -> Network:
    """The same function, the units of each hidden layer in the opposite order."""
    layers = list(net.layers)
    for i, (lower, upper) in enumerate(pairwise(net.layers)):
        lower = layers[i]
        layers[i] = layer(lower.weights[::-1], lower.bias[::-1], lower.activation)
        layers[i + 1] = layer([w[::-1] for w in upper.weights], upper.bias, upper.activation)
    return Network(net.inputs, tuple(layers))


def shifted(net: Network, by) -> Network:
    *below, last = net.layers
    return Network(net.inputs, (*below, layer(last.weights, [last.bias[0] + Fraction(by)])))


@pytest.mark.parametrize("number", range(len(ACTIVATIONS)))
@pytest.mark.parametrize("box", [EVERYWHERE, (row(-1, 0), row(1, 2))])
def test_copies_are_proved_equal_and_shifted_ones_not(number, box):
    one = network(number, ACTIVATIONS[number])
    other = reversed_units(one)
    found = equal_by_form_theorem(one, other, *box)
    assert genuine(found.theorem) is found.theorem
    assert not found.theorem.hypotheses
    assert found.assumptions == []
    check_library(documents(found))
    with pytest.raises(ProofFailed, match="normal forms differ"):
        equal_by_form_theorem(one, shifted(other, "1e-12"), *box)


@pytest.mark.parametrize("activation", [RELU, ABS, leaky_relu(Fraction(1, 10))])
def test_rescaled_units_are_proved_equal(activation):
    one = network(5, activation)
    assert equal_by_form_theorem(one, widened(one), *EVERYWHERE).leaves > 0


def test_a_false_sum_is_not_proved():
    """The form is believed in nothing: another constant, factor or piece makes a leaf fail."""
    net = network(3, HARDTANH)
    forms = NormalForms(*EVERYWHERE)
    values = forms.layers(net)

    def prove(rows):
        graph = Graph(net)
        atoms = Atoms(forms, graph.inputs)
        p = Proof("false")

        def at(*x):
            return p.both(*Point(p, atoms, x, [[], []]).layers(graph, rows))

        return p.for_all("x1 x2", Real, at)

    assert not prove(values).hypotheses
    for i, row_ in enumerate(values):
        value = row_[0]
        (first, factor), *rest = value.after.terms
        for after in (
            value.after._replace(constant=value.after.constant + Fraction(1, 10**9)),
            value.after._replace(terms=((first, factor + 1), *rest)),
            value.after._replace(terms=tuple(rest)),
        ):
            changed = [type(value)(value.before, value.pieces, after), *row_[1:]]
            with pytest.raises(ProofFailed):
                prove([*values[:i], changed, *values[i + 1 :]])


def test_a_form_that_holds_on_a_box_is_proved_with_its_sides_only():
    bent = Network(2, (layer([[1, 1]], [0], RELU), layer([[2]], [1], RELU)))
    sum_ = Network(2, (layer([[2, 2]], [1]),))
    inside = (row(0, 0), row(1, 1))
    found = equal_by_form_theorem(bent, sum_, *inside)
    assert found.statement.startswith("∀ x1 x2:Real. 0 ≤ x1 ∧ x1 ≤ 1 ∧ 0 ≤ x2 ∧ x2 ≤ 1 → ")
    with pytest.raises(ProofFailed):
        equal_by_form_theorem(bent, sum_, row("-1e-9", 0), row(1, 1))
    forms = NormalForms(*inside)
    values, graph = forms.layers(bent), Graph(bent)
    p = Proof("no sides")
    with pytest.raises(ProofFailed):
        p.for_all(
            "x1 x2",
            Real,
            lambda *x: p.both(
                *Point(p, Atoms(forms, graph.inputs), x, [[], []]).layers(graph, values)
            ),
        )


def test_bounds_of_atoms_are_proved_where_they_are_needed():
    """relu(3 - min(x, 2)) with min(x, 2) = x - relu(x - 2) does not bend where x <= 3."""
    cap = layer([[1, 0], [1, 0]], [-2, 5], RELU)
    one = Network(2, (cap, layer([[-1, 0]], [2], RELU)))
    other = Network(2, (cap, layer([[-1, 0]], [2])))
    assert equal_by_form_theorem(one, other, row(0, 0), row(4, 4)).leaves > 0
    with pytest.raises(ProofFailed):
        equal_by_form_theorem(one, other, row(0, 0), row("4.001", 4))


def test_who_owns_a_jump_matters():
    upward = Network(2, (layer([[1, 1]], [0], STEP),))
    downward = Network(2, (layer([[-1, -1]], [0], STEP), layer([[-1]], [1])))
    again = Network(2, (layer([[-2, -2]], [0], STEP), layer([[-1]], [1])))
    assert equal_by_form_theorem(downward, again, *EVERYWHERE).leaves > 0
    with pytest.raises(ProofFailed):
        equal_by_form_theorem(upward, downward, *EVERYWHERE)


def test_too_large_a_proof_is_not_begun():
    one = network(1, RELU)
    with pytest.raises(TooManyLeaves):
        equal_by_form_theorem(one, reversed_units(one), *EVERYWHERE, limit=9)
