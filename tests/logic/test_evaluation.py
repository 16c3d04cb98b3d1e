"""Exact evaluation, the solver's reading of scripts, and z3's own expressions agree."""

from __future__ import annotations

from fractions import Fraction

import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.logic import (
    FALSE,
    INT,
    REAL,
    TRUE,
    FunctionSort,
    IllFormed,
    Term,
    conjunction,
    disjunction,
    exists,
    forall,
    if_then_else,
    implies,
    negation,
    number,
    real,
    variable,
)
from verifier.logic.terms import compare
from verifier.proving.leaves import KEEPER, leaf
from verifier.solving.evaluation import Value, evaluate
from verifier.solving.smt import children, from_z3, script, to_z3
from verifier.solving.solver import LeafRefused

n, x = variable("n", INT), variable("x", REAL)
f = variable("f", FunctionSort((REAL,), REAL))
COMPARED = st.sampled_from(["=", "<=", "<"])
MODULI = st.integers(1, 7)

Terms = st.SearchStrategy[Term]


def integer_terms(leaves: Terms) -> Terms:
    return st.recursive(
        leaves,
        lambda inner: (
            st.tuples(inner, inner).map(lambda p: p[0] + p[1])
            | st.tuples(inner, inner).map(lambda p: p[0] - p[1])
            | st.tuples(inner, inner).map(lambda p: p[0] * p[1])
            | st.tuples(inner, MODULI).map(lambda p: p[0] // p[1])
            | st.tuples(inner, MODULI).map(lambda p: p[0] % p[1])
        ),
        max_leaves=5,
    )


def real_terms(leaves: Terms, integers: Terms) -> Terms:
    return st.recursive(
        leaves | integers.map(real),
        lambda inner: (
            st.tuples(inner, inner).map(lambda p: p[0] + p[1])
            | st.tuples(inner, inner).map(lambda p: p[0] - p[1])
            | st.tuples(inner, inner).map(lambda p: p[0] * p[1])
            | st.tuples(inner, st.sampled_from([-3, 2, Fraction(5, 7)])).map(lambda p: p[0] / p[1])
            | st.tuples(inner, inner, inner).map(lambda p: if_then_else(p[0] <= p[1], p[1], p[2]))
        ),
        max_leaves=5,
    )


def formulas(integers: Terms, reals: Terms) -> Terms:
    atoms = st.tuples(COMPARED, integers, integers).map(lambda p: compare(*p)) | st.tuples(
        COMPARED, reals, reals
    ).map(lambda p: compare(*p))
    return st.recursive(
        atoms | st.sampled_from([TRUE, FALSE]),
        lambda inner: (
            st.lists(inner, min_size=2, max_size=3).map(lambda p: conjunction(*p))
            | st.lists(inner, min_size=2, max_size=3).map(lambda p: disjunction(*p))
            | inner.map(negation)
            | st.tuples(inner, inner).map(lambda p: implies(*p))
            | st.tuples(inner, inner).map(lambda p: p[0] == p[1])
        ),
        max_leaves=4,
    )


LITERALS = st.integers(-9, 9).map(lambda i: number(i, INT))
FRACTIONS = st.fractions(-3, 3, max_denominator=6).map(lambda q: number(q, REAL))
GROUND_INTEGERS = integer_terms(LITERALS)
GROUND = formulas(GROUND_INTEGERS, real_terms(FRACTIONS, GROUND_INTEGERS))
OPEN_INTEGERS = integer_terms(LITERALS | st.just(n))
OPEN_REALS = real_terms(FRACTIONS | st.sampled_from([x, f(x), f(x + 1)]), OPEN_INTEGERS)
OPEN = formulas(OPEN_INTEGERS, OPEN_REALS)


def no_lookup(term: Term, _: tuple[Value, ...]) -> Value:
    raise AssertionError(f"not ground: {term}")


@settings(max_examples=60, deadline=None)
@given(GROUND)
def test_leaves_prove_exactly_the_true_ground_formulas(formula: Term) -> None:
    # The solver tells true ones from false ones; not all true ones get a certificate.
    KEEPER.begin(None, counted=True)
    try:
        proved_exactly_if_true(formula)
    finally:
        KEEPER.begin(None)


def proved_exactly_if_true(formula: Term) -> None:
    if evaluate(formula, no_lookup, children):
        assert leaf((), formula).hypotheses == ()
    else:
        with pytest.raises(LeafRefused) as caught:
            leaf((), formula)
        assert caught.value.status == "refuted"
        assert leaf((), negation(formula)).premises == ()


@settings(max_examples=60, deadline=None)
@given(OPEN)
def test_z3_expressions_are_read_back_as_written(formula: Term) -> None:
    assert from_z3(to_z3(formula)) is formula


@settings(max_examples=60, deadline=None)
@given(OPEN, st.integers(-5, 5), st.fractions(-3, 3, max_denominator=4))
def test_evaluation_is_z3s(formula: Term, at_n: int, at_x: Fraction) -> None:
    # f is x ↦ x² − 1.
    def lookup(term: Term, values: tuple[Value, ...]) -> Value:
        if term.operator == "apply":
            return Fraction(values[0] * values[0] - 1)
        return Fraction(at_n) if term is n else at_x

    argument = z3.Var(0, z3.RealSort())
    square = z3.Function("f", z3.RealSort(), z3.RealSort())
    there = z3.substitute_funs(to_z3(formula), (square, argument * argument - 1))
    there = z3.substitute(
        there, (z3.Int("n"), z3.IntVal(at_n)), (z3.Real("x"), z3.RealVal(str(at_x)))
    )
    assert z3.is_true(z3.simplify(there)) == evaluate(formula, lookup, children)


@pytest.mark.parametrize("dividend", range(-8, 9))
@pytest.mark.parametrize("modulus", [1, 2, 3, 7])
def test_division_is_euclidean(dividend: int, modulus: int) -> None:
    quotient, remainder = divmod(dividend, modulus)
    a = number(dividend, INT)
    leaf((), conjunction(a // modulus == quotient, a % modulus == remainder))
    assert evaluate(a // modulus, no_lookup, children) == quotient
    assert evaluate(a % modulus, no_lookup, children) == remainder


a, b = z3.Reals("a b")
k = z3.Int("k")
ra, rb = variable("a", REAL), variable("b", REAL)
ik = variable("k", INT)


@pytest.mark.parametrize(
    ("expression", "term"),
    [
        (a - b - 1 <= 0, ra - rb - 1 <= 0),
        (z3.Sum(a, b, a) == 0, ra + rb + ra == 0),
        (z3.Product(a, b, a) == 0, ra * rb * ra == 0),
        (-a < b, 0 - ra < rb),
        (a > b, rb < ra),
        (a >= b, rb <= ra),
        (a != b, negation(ra == rb)),
        (k % 3 == k / 2, ik % 3 == ik // 2),
        (z3.ToReal(k) == a, real(ik) == ra),
        (k + a == 0, real(ik) + ra == 0),
        (a <= z3.Q(-1, 3), ra <= Fraction(-1, 3)),
        (z3.If(a < b, a, b) == 0, if_then_else(ra < rb, ra, rb) == 0),
        (
            z3.Distinct(a, b, a + 1),
            conjunction(
                negation(ra == rb), negation(ra == ra + 1), negation(rb == ra + 1)
            ),
        ),
        (z3.ForAll([a, k], z3.Exists([b], b > a)), forall(ra, ik, exists(rb, ra < rb))),
        (z3.ForAll([a, b], a < b), forall(ra, rb, ra < rb)),
        (z3.ForAll([a], z3.ForAll([a], a < b)), forall(ra, ra, ra < rb)),
    ],
    ids=str,
)  # fmt: skip
def test_reading_z3(expression: z3.ExprRef, term: Term) -> None:
    assert from_z3(expression).canonical is term.canonical


@pytest.mark.parametrize(
    "expression",
    [
        a**b <= 0, z3.ToInt(a) == 0, z3.IsInt(a), z3.Bool("p"), z3.Lambda([a], a),
        z3.BitVec("v", 8) == 0, z3.Array("v", z3.IntSort(), z3.IntSort())[k] == 0,
        z3.Xor(a < b, b < a), z3.Const("c", z3.DeclareSort("Real")), 5, "a", None,
        z3.Function("g", z3.IntSort(), z3.BoolSort())(k),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_outside_the_logic_is_refused(expression: object) -> None:
    with pytest.raises(IllFormed):
        from_z3(expression)


def test_reading_shared_z3_expressions_takes_linear_time() -> None:
    shared = a
    for _ in range(300):
        shared = shared * shared + b
    term = from_z3(shared <= 0)
    assert from_z3(to_z3(term)) is term


def test_scripts_write_shared_terms_once() -> None:
    shared = x
    for _ in range(100):
        shared = shared * shared + number(Fraction(1, 3), REAL)
    assert len(script([], shared <= 0).text) < 20_000


def test_variables_that_differ_in_sort_alone_are_two_constants() -> None:
    obligation = script([], real(variable("x", INT)) == x)
    assert {(a.name, a.range) for a in obligation.atoms.values()} == {("a0", INT), ("a1", REAL)}
