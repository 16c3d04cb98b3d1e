"""However a term is made, it is one of the logic: nodes are checked where they are interned."""

from __future__ import annotations

from fractions import Fraction

import pytest

from verifier.logic import (
    BOOL,
    FALSE,
    INT,
    REAL,
    FunctionSort,
    IllFormed,
    NotDecidable,
    disjunction,
    exists,
    forall,
    function,
    if_then_else,
    negation,
    number,
    substitute,
    symbol,
    variable,
)
from verifier.logic.terms import make

n, m = variable("n", INT), variable("m", INT)
x = variable("x", REAL)
f = variable("f", FunctionSort((REAL,), REAL))
REALS = FunctionSort((REAL,), REAL)


@pytest.mark.parametrize(
    ("operator", "arguments", "data", "sort"),
    [
        ("number", (), Fraction(1, 2), INT),
        ("number", (), 0.3, REAL),
        ("number", (), 987654321, INT),
        ("number", (), Fraction(1), BOOL),
        ("variable", (), "p", BOOL),
        ("bound", (), 0, FunctionSort((BOOL,), REAL)),
        ("+", (n, x), None, INT),
        ("+", (n, m), None, REAL),
        ("+", (n, m, m), None, INT),
        ("/", (n, m), None, INT),
        ("/", (x, number(0, REAL)), None, REAL),
        ("div", (n, m), None, INT),
        ("mod", (n, number(0, INT)), None, INT),
        ("mod", (n, number(-2, INT)), None, INT),
        ("to_real", (x,), None, REAL),
        ("ite", (FALSE, n, x), None, INT),
        ("ite", (make("exists", (FALSE,), (("x",), (REAL,)), BOOL), x, x), None, REAL),
        ("=", (n, x), None, BOOL),
        ("=", (f, f), None, BOOL),
        ("=", (n, m), None, INT),
        ("<", (FALSE, FALSE), None, BOOL),
        ("and", (FALSE, n), None, BOOL),
        ("and", (FALSE,), None, BOOL),
        ("not", (FALSE, FALSE), None, BOOL),
        ("=>", (FALSE,), None, BOOL),
        ("apply", (f, n), None, REAL),
        ("apply", (f, x), None, INT),
        ("apply", (x, x), None, REAL),
        ("symbol", (n,), symbol("s", (REAL,), REAL), REAL),
        ("symbol", (x,), "s", REAL),
        ("forall", (n,), (("n",), (INT,)), BOOL),
        ("forall", (FALSE,), (("p",), (BOOL,)), BOOL),
        ("exists", (FALSE,), (("n", "m"), (INT, INT)), BOOL),
        ("lambda", (FALSE,), (("x",), (REAL,)), REALS),
        ("lambda", (x,), (("x",), (INT,)), REALS),
        ("power", (x, x), None, REAL),
    ],
)
def test_an_ill_sorted_node_is_refused(operator, arguments, data, sort) -> None:
    with pytest.raises(IllFormed):
        make(operator, arguments, data, sort)


def test_a_condition_may_compare_sums_over_functions() -> None:
    """A function put for a variable leaves a comparison of numbers what it was."""
    a = variable("a", FunctionSort((INT,), REAL))
    total = symbol("total_of", (FunctionSort((INT,), REAL), INT), REAL)
    chosen = if_then_else(total(a, n) <= 0, x, x + 1)
    put = substitute(chosen, {a: function(lambda j: x, a.sort)})
    assert put.arguments[0].binds
    assert put is if_then_else(total(lambda j: x, n) <= 0, x, x + 1)


def test_a_condition_is_no_predicate_and_no_quantifier() -> None:
    predicate = symbol("holds_of", (FunctionSort((REAL,), REAL),), BOOL)
    for condition in (forall(x, x <= 1), exists(x, x <= 1), predicate(lambda y: y)):
        for part in (condition, disjunction(x <= 1, condition), negation(condition)):
            with pytest.raises(NotDecidable):
                if_then_else(part, x, x + 1)
