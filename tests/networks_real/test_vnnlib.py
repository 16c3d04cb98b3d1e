"""VNN-LIB properties mean what they say, to the last digit."""

from fractions import Fraction

import pytest

from tests.networks_real.helpers import spec
from verifier.errors import BadInput
from verifier.networks.vnnlib import parse_vnnlib


def test_decimals_are_exact():
    case = spec(1, 1, "(<= X_0 0.1)", "(>= X_0 -1.5e-20)", "(>= Y_0 0)").cases[0]
    assert (case.lower, case.upper) == ((Fraction(-15, 10**21),), (Fraction(1, 10),))


def test_a_float_just_above_the_bound_is_outside():
    prop = spec(1, 1, "(<= 0 X_0 0.1)", "(>= Y_0 0)")
    assert not prop.holds([Fraction(0.1)], [Fraction(1)])
    assert prop.holds([Fraction(1, 10)], [Fraction(1)])


@pytest.mark.parametrize(
    ("relation", "at_equality"), [("<=", True), (">=", True), ("<", False), (">", False)]
)
def test_strictness_is_kept_as_written(relation, at_equality):
    prop = spec(1, 1, "(<= 0 X_0 1)", f"({relation} Y_0 2.5)")
    assert prop.holds([Fraction(1)], [Fraction(5, 2)]) is at_equality


def test_strict_input_bounds_exclude_their_ends():
    prop = spec(1, 1, "(< X_0 1)", "(>= X_0 0)", "(>= Y_0 0)")
    assert not prop.holds([Fraction(1)], [Fraction(0)])
    assert prop.holds([Fraction(0)], [Fraction(0)])


def test_boxes_in_a_disjunction_become_cases_that_share_the_output_part():
    prop = spec(
        1, 2, "(or (and (<= X_0 1) (>= X_0 0)) (and (<= X_0 3) (>= X_0 2)))",
        "(or (<= Y_1 Y_0) (>= Y_1 7))",
    )  # fmt: skip
    assert len(prop.cases) == 2
    assert all(len(case.unsafe) == 2 for case in prop.cases)


def test_linear_terms():
    prop = spec(1, 2, "(<= 0 X_0 1)", "(>= (+ (* 2 Y_0) (- Y_1) (/ X_0 4) -1) (- 3))")
    part = prop.cases[0].unsafe[0][0]
    assert part.outputs == (2, -1)
    assert (part.inputs, part.constant) == ((Fraction(1, 4),), 2)


def test_negation_and_implication():
    prop = spec(1, 1, "(<= 0 X_0 1)", "(not (=> (>= Y_0 1) (< Y_0 5)))")
    assert prop.holds([Fraction(0)], [Fraction(5)])
    assert not prop.holds([Fraction(0)], [Fraction(3)])


HEAD = "(declare-const X_0 Real)\n(declare-const Y_0 Real)\n"
BOX = "(assert (<= X_0 1))\n(assert (>= X_0 0))\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no variable X_0"),
        (HEAD, "at least one assertion"),
        (HEAD + "(assert (<= X_0 1))\n(assert (>= Y_0 0))", "X_0 has no lower bound"),
        (HEAD + BOX + "(assert (<= Y_3 0))", "line 5: Y_3 is used but not declared"),
        (HEAD + "(assert (<= X_0 1))(assert (>= X_0 2))", "leave no value: from 2 to 1"),
        (HEAD + "(assert (< X_0 1))(assert (>= X_0 1))", "leave no value"),
        (HEAD + BOX + "(assert (<= (* X_0 Y_0) 1))", "no product of variables"),
        (HEAD + BOX + "(assert (<= (/ Y_0 0) 1))", "divisor that is not 0"),
        (HEAD + BOX + "(assert (<= Y_0 nan))", "expected a number or a variable, found nan"),
        (HEAD + BOX + "(assert (<= Y_0 inf))", "found inf"),
        (HEAD + BOX + "(assert (<= Y_0 1e999999))", "exponent"),
        (HEAD + BOX + "(assert (<= Y_0 1)", "never closed"),
        (HEAD + BOX + "(assert (<= Y_0 1)))", "without its ("),
        (HEAD + BOX + "(assert (xor (<= Y_0 1) (<= Y_0 2)))", "found xor"),
        (HEAD + BOX + "(assert)", "one formula"),
        (HEAD + BOX + "(frob)", "found frob"),
        (HEAD + HEAD, "declared twice"),
        ("(declare-const X_1 Real)(declare-const Y_0 Real)(assert (<= X_1 1))", "not X_0"),
        ("(declare-const X_0 Int)", "of sort Real"),
        ("(declare-const Z Real)", "expected X_i or Y_j"),
        ("(vnnlib-version <2.0>)", "version 2"),
        ("hello", "expected a command"),
        ("(" * 5000, "nesting"),
        (HEAD + BOX + "(assert false)", "false whatever the input"),
        (HEAD + BOX + "(assert (and " + "(or (<= Y_0 1) (<= Y_0 2))" * 40 + "))", "alternatives"),
    ],
)
def test_malformed_properties_are_refused_with_their_place(text, says):
    with pytest.raises(BadInput) as refusal:
        parse_vnnlib(text, "p.vnnlib")
    assert says in str(refusal.value)
    assert str(refusal.value).startswith("p.vnnlib")
