"""VNN-LIB properties mean what they say, to the last digit."""

import gzip
from fractions import Fraction
from itertools import pairwise
from operator import add, eq, ge, gt, le, lt, mul, sub, truediv

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.networks.helpers import spec
from verifier.errors import BadInput
from verifier.networks.formats.vnnlib import parse_vnnlib, read_vnnlib


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


# ---------------------------------------------------------------- the competition's forms


def declared(inputs, outputs, form="(declare-const {} Real)"):
    names = [f"X_{i}" for i in range(inputs)] + [f"Y_{j}" for j in range(outputs)]
    return "\n".join(form.format(name) for name in names) + "\n"


UNIT = "\n".join(f"(assert (<= X_{i} 0.5))\n(assert (>= X_{i} -0.5))" for i in range(5))
ACAS = {
    # Output part in the form of each ACAS Xu property, unsafe outputs, safe outputs.
    "1: a threshold": ("(assert (>= Y_0 3.991125645861615))", "4 0 0 0 0", "3.99 9 9 9 9"),
    "2: the greatest": (
        "(assert (<= Y_1 Y_0))\n(assert (<= Y_2 Y_0))\n(assert (<= Y_3 Y_0))\n"
        "(assert (<= Y_4 Y_0))",
        "1 1 0 0 0", "1 1 1 2 1",
    ),
    "3: the least": (
        "(assert (<= Y_0 Y_1))(assert (<= Y_0 Y_2))(assert (<= Y_0 Y_3))(assert (<= Y_0 Y_4))",
        "0 0 1 1 1", "0 -1 1 1 1",
    ),
    "5: any of": (
        "(assert (or\n    (and (<= Y_0 Y_4))\n    (and (<= Y_1 Y_4))\n    (and (<= Y_2 Y_4))\n"
        "    (and (<= Y_3 Y_4))\n))", "1 1 1 0 0", "1 1 1 1 0",
    ),
    "7: two conjunctions": (
        "(assert (or\n    (and (<= Y_3 Y_0) (<= Y_3 Y_1) (<= Y_3 Y_2))\n"
        "    (and (<= Y_4 Y_0) (<= Y_4 Y_1) (<= Y_4 Y_2))\n))", "1 1 1 0 5", "1 0 1 0.5 0.5",
    ),
    "8: or within and": (
        "(assert (or (and (<= Y_2 Y_0) (<= Y_2 Y_1)) (and (<= Y_3 Y_0) (<= Y_3 Y_1))"
        " (and (<= Y_4 Y_0) (<= Y_4 Y_1))))", "1 1 2 1 2", "1 0 0.5 0.5 1",
    ),
    "plain or": ("(assert (or (<= Y_0 Y_1) (>= Y_2 1e1)))", "1 0 10 0 0", "1 0 9.999 0 0"),
    "nested": (
        "(assert (or (or (<= Y_0 0)) (and (or (<= Y_1 0) (<= Y_2 0)) (and (<= Y_3 0)))))",
        "1 1 0 0 1", "1 1 0 1 0",
    ),
    "sums": ("(assert (<= (+ (* 2.0 Y_0) (* (- 1) Y_1) 1) (- Y_2 (- 0.5))))", "0 1 0 0 0",
             "1 1 1 0 0"),
    "scaled": ("(assert (<= (* -1.0 Y_0) 0.0))", "0 0 0 0 0", "-1e-9 0 0 0 0"),
}  # fmt: skip


def numbers(text):
    return [Fraction(entry) for entry in text.split()]


@pytest.mark.parametrize("form", ["(declare-const {} Real)", "(declare-fun {} () Real)"])
@pytest.mark.parametrize("name", ACAS)
def test_forms_of_output_constraints(name, form):
    text, unsafe, safe = ACAS[name]
    head = "; a property\n(set-logic QF_LRA)\n" + declared(5, 5, form)
    prop = parse_vnnlib(f"{head}; Input bounds:\n{UNIT}\n\n; Unsafe outputs:\n{text}\n")
    (case,) = prop.cases
    assert (case.lower, case.upper) == ((Fraction(-1, 2),) * 5, (Fraction(1, 2),) * 5)
    inside = [Fraction(1, 2)] * 5
    assert prop.holds(inside, numbers(unsafe))
    assert not prop.holds(inside, numbers(safe))
    assert not prop.holds([Fraction(1), *inside[1:]], numbers(unsafe))


def test_two_boxes_and_a_disjunction_of_outputs():
    """The form of ACAS Xu property 6."""
    box = "(and (<= X_0 {}) (>= X_0 {}) (<= X_1 0.2) (>= X_1 -0.2))"
    text = (
        f"(assert (or\n{box.format(-0.1, -0.2)}\n{box.format(0.2, 0.1)}\n))\n"
        "(assert (or (and (<= Y_1 Y_0)) (and (<= Y_2 Y_0))))"
    )
    prop = parse_vnnlib(declared(2, 3) + text)
    assert [case.lower[0] for case in prop.cases] == [Fraction(-1, 5), Fraction(1, 10)]
    assert [len(case.unsafe) for case in prop.cases] == [2, 2]
    # Between the boxes nothing is unsafe.
    assert not prop.holds([Fraction(0), Fraction(0)], numbers("0 0 0"))
    assert prop.holds([Fraction(1, 10), Fraction(0)], numbers("0 1 0"))


def test_alternatives_of_inputs_and_outputs_together():
    """Each alternative has its own box and its own unsafe outputs."""
    text = (
        "(assert (or (and (>= X_0 0) (<= X_0 1) (>= Y_0 5))"
        " (and (>= X_0 1) (<= X_0 2) (<= Y_0 -5))))"
    )
    prop = parse_vnnlib(declared(1, 1) + text)
    assert len(prop.cases) == 2
    assert prop.holds([Fraction(1)], [Fraction(5)])
    assert prop.holds([Fraction(1)], [Fraction(-5)])
    assert not prop.holds([Fraction(2)], [Fraction(5)])


def test_robustness_of_an_image():
    count = 784
    bounds = "".join(
        f"(assert (<= X_{i} 0.{i:04}1))\n(assert (>= X_{i} -{i}e-05))\n" for i in range(count)
    )
    rest = " ".join(f"(and (>= Y_{j} Y_7))" for j in range(10) if j != 7)
    prop = parse_vnnlib(f"{declared(count, 10)}{bounds}(assert (or {rest}))")
    (case,) = prop.cases
    assert case.upper[500] == Fraction(5001, 10**5)
    assert case.lower[783] == Fraction(-783, 10**5)
    assert len(case.unsafe) == 9


def test_scaled_bounds_are_bounds():
    prop = spec(1, 1, "(<= (* 2.0 X_0) 1)", "(<= (* -4 X_0) 1)", "(>= Y_0 0)")
    (case,) = prop.cases
    assert (case.lower, case.upper) == ((Fraction(-1, 4),), (Fraction(1, 2),))


def test_an_equality_is_a_box_of_one_point():
    (case,) = spec(1, 1, "(= X_0 0.25)", "(>= Y_0 0)").cases
    assert case.lower == case.upper == (Fraction(1, 4),)


def test_a_chain_holds_link_by_link():
    prop = spec(1, 2, "(<= 0 X_0 1)", "(< Y_0 Y_1 3)")
    assert prop.holds([Fraction(0)], numbers("1 2"))
    assert not prop.holds([Fraction(0)], numbers("1 1"))
    assert not prop.holds([Fraction(0)], numbers("1 3"))


# The names of tests are fixed here: gzip writes the time into what it packs.
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(None, id="whole"),
        pytest.param(b"", id="empty"),
        pytest.param(b"\x1f\x8bno", id="damaged"),
        pytest.param(gzip.compress(b"(assert", mtime=0), id="no property"),
    ],
)
def test_compressed_properties(tmp_path, content):
    path = tmp_path / "p.vnnlib.gz"
    text = declared(1, 1) + "(assert (<= 0 X_0 1))(assert (>= Y_0 0))"
    path.write_bytes(gzip.compress(text.encode()) if content is None else content)
    if content is None:
        assert read_vnnlib(path) == parse_vnnlib(text)
    else:
        with pytest.raises(BadInput) as refusal:
            read_vnnlib(path)
        assert "\n" not in str(refusal.value)


def test_windows_line_ends_and_mark(tmp_path):
    path = tmp_path / "p.vnnlib"
    text = declared(1, 1) + "(assert (<= 0 X_0 1))\n(assert (>= Y_0 0))\n"
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert read_vnnlib(path) == parse_vnnlib(text)


# ---------------------------------------------------------------- an exact reference


TERM = st.recursive(
    st.sampled_from(["X_0", "Y_0", "Y_1", "0", "1.5", "-2", "25e-1"]),
    lambda inner: (
        st.tuples(st.sampled_from("+-"), inner, inner)
        | st.tuples(st.just("-"), inner)
        | st.tuples(st.just("*"), st.sampled_from(["0", "-1", "2.5"]), inner)
        | st.tuples(st.just("/"), inner, st.sampled_from(["-2", "4"]))
    ),
    max_leaves=5,
)
RELATION = st.sampled_from(["<=", "<", ">", ">=", "="])
FORMULA = st.recursive(
    st.tuples(RELATION, TERM, TERM) | st.tuples(RELATION, TERM, TERM, TERM),
    lambda inner: (
        st.tuples(st.sampled_from(["and", "or", "=>"]), inner, inner)
        | st.tuples(st.just("not"), inner)
    ),
    max_leaves=5,
)


def written(tree):
    return tree if isinstance(tree, str) else f"({' '.join(map(written, tree))})"


def value(tree, at):
    """The value of a term or formula, straight from its definition."""
    if isinstance(tree, str):
        return at[tree] if tree in at else Fraction(tree)
    head, *parts = tree[0], *(value(part, at) for part in tree[1:])
    if head in ("<=", "<", ">", ">=", "="):
        relation = {"<=": le, "<": lt, ">": gt, ">=": ge, "=": eq}[head]
        return all(relation(a, b) for a, b in pairwise(parts))
    match head, parts:
        case "and", _:
            return all(parts)
        case "or", _:
            return any(parts)
        case "not", [part]:
            return not part
        case "=>", [a, b]:
            return b or not a
        case "-", [part]:
            return -part
        case _, [a, b]:
            return {"+": add, "-": sub, "*": mul, "/": truediv}[head](a, b)


POINT = st.tuples(*[st.sampled_from(["0", "1", "-1", "3/2", "-2", "5/2", "1/3"]).map(Fraction)] * 3)


@settings(max_examples=300, deadline=None)
@given(FORMULA, st.lists(POINT, min_size=1, max_size=6))
def test_a_property_means_its_formula(formula, points):
    text = f"{declared(1, 2)}(assert (<= -9 X_0 9))(assert {written(formula)})"
    try:
        prop = parse_vnnlib(text)
    except BadInput as error:
        prop, refusal = None, str(error)
    # Only a formula that nothing in the box satisfies is refused.
    assert prop is not None or "leave no value" in refusal or "false whatever" in refusal
    for x, *y in points:
        expected = value(formula, {"X_0": x, "Y_0": y[0], "Y_1": y[1]})
        assert (prop is not None and prop.holds([x], y)) == expected
