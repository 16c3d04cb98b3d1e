"""Compiled networks are read, and understood alike, by z3 and cvc5."""

import random
import time
from fractions import Fraction

import pytest
import z3

from tests.networks.helpers import random_network, tent_iterate
from verifier.errors import BadInput
from verifier.networks.activations import ABS, HARDTANH, RELU, STEP, leaky_relu
from verifier.networks.formats.smtlib import ENCODINGS, number, to_smtlib, to_z3

ACTIVATIONS = [RELU, ABS, HARDTANH, STEP, leaky_relu(Fraction(1, 3))]


def cvc5_says(text):
    cvc5 = pytest.importorskip("cvc5")
    solver = cvc5.Solver()
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "net.smt2")
    symbols, answer = parser.getSymbolManager(), ""
    while not (command := parser.nextCommand()).isNull():
        answer = str(command.invoke(solver, symbols)).strip() or answer
    return answer


def z3_says(text):
    solver = z3.Solver()
    solver.from_string(text)
    return str(solver.check())


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda a: a.name)
def test_both_solvers_find_the_exact_value_and_no_other(encoding, activation):
    found = random.Random(f"{encoding} {activation.name}")
    for boxed in (False, True):
        network = random_network(found, 2, [3, 3, 1], activation)
        point = [Fraction(found.randint(-8, 8), 3) for _ in range(2)]
        (value,) = network.evaluate(point)
        box = [(x - found.randint(0, 2), x + found.randint(0, 1)) for x in point] if boxed else None
        text = to_smtlib(network, encoding, box)
        text += "".join(f"(assert (= X_{i} {number(x)}))" for i, x in enumerate(point))
        for claim, answer in ((f"(= Y_0 {number(value)})", "sat"),
                              (f"(not (= Y_0 {number(value)}))", "unsat")):  # fmt: skip
            query = f"{text}(assert {claim})(check-sat)\n"
            assert z3_says(query) == answer
            assert cvc5_says(query) == answer


def test_stable_units_vanish_on_a_box():
    network = tent_iterate(1)
    assert to_smtlib(network).count("ite") == 3
    box = [(Fraction(1, 8), Fraction(1, 4))]
    assert "ite" not in to_smtlib(network, box=box)
    assert "p_" not in to_smtlib(network, "phase", box)


def test_z3_terms_stand_for_the_network():
    compiled = to_z3(tent_iterate(2))
    solver = z3.Solver()
    solver.add(*compiled.constraints, compiled.inputs[0] >= 0, compiled.inputs[0] <= 1)
    assert solver.check(compiled.outputs[0] > 1) == z3.unsat
    assert solver.check(compiled.outputs[0] >= 1) == z3.sat


def test_a_thousand_layers_in_two_seconds_and_in_linear_size():
    start = time.process_time()
    text = to_smtlib(tent_iterate(500))
    assert time.process_time() - start < 2
    assert len(text) < 2.5 * len(to_smtlib(tent_iterate(250)))


def test_boxes_that_do_not_fit():
    one = Fraction(1)
    with pytest.raises(BadInput, match="expected 1 intervals, found 2"):
        to_smtlib(tent_iterate(1), box=[(one, one)] * 2)
    with pytest.raises(BadInput, match="X_0: expected A <= B"):
        to_smtlib(tent_iterate(1), box=[(one, one - 1)])
