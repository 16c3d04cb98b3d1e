"""Terms: interned, sealed, and honest about sorts and names; their text can be read one way."""

from __future__ import annotations

import copy
import pickle
from fractions import Fraction
from threading import Thread
from typing import Any

import pytest

from verifier.kernel import define
from verifier.logic import (
    BOOL,
    FALSE,
    INT,
    REAL,
    TRUE,
    FunctionSort,
    IllFormed,
    SortMismatch,
    Term,
    conjunction,
    disjunction,
    exists,
    forall,
    function,
    if_then_else,
    implies,
    negation,
    number,
    real,
    same,
    variable,
)
from verifier.logic.terms import make
from verifier.notation import latex, text

n, x, y, z = variable("n", INT), *(variable(v, REAL) for v in "xyz")
MAP = FunctionSort((REAL,), REAL)
f = variable("f", MAP)


def test_terms_built_alike_are_one_object() -> None:
    assert (x + 1) is (variable("x", REAL) + Fraction(2, 2))
    assert number(1, INT) is not number(1, REAL)


def test_canonical_terms_forget_bound_names_alone() -> None:
    assert same(forall(x, exists(y, x <= y)), forall(y, exists(x, y <= x)))
    assert not same(forall(x, exists(y, x <= y)), forall(x, exists(y, y <= x)))
    assert not same(forall(x, x == x), forall(n, n == n))
    assert not same(forall(x, x <= y), forall(x, x <= z))


@pytest.mark.parametrize("copier", [copy.copy, copy.deepcopy, pickle.dumps])
def test_terms_are_not_copied(copier: Any) -> None:
    with pytest.raises(IllFormed):
        copier(x + 1)


@pytest.mark.parametrize("field", [s for s in Term.__slots__ if s != "__weakref__"])
def test_no_field_can_be_written(field: str) -> None:
    term = x + 1
    before = getattr(term, field)
    for write in (setattr, object.__setattr__):
        with pytest.raises(IllFormed):
            write(term, field, None)
    with pytest.raises(IllFormed):
        delattr(term, field)
    assert getattr(term, field) is before


@pytest.mark.parametrize("value", [True, 0.5, "1", None, 1j, Fraction(1, 2)], ids=repr)
def test_what_is_no_integer(value: Any) -> None:
    with pytest.raises(SortMismatch):
        number(value, INT)


def test_a_literal_is_a_copy_of_the_number_given() -> None:
    half = Fraction(1, 2)
    literal = number(half, REAL)
    half._numerator = 7  # type: ignore[attr-defined]
    assert literal.data == Fraction(1, 2)


@pytest.mark.parametrize(
    "name",
    ["", " ", "x y", "a|b", "a\\b", 'a"b', "a;b", "(", "x,y", "0", "1x", "x·y", "−x", "true",
     "div", "if", "x\0", "\ud800", "∀", "a.b", "$x", "'", 7, None],
    ids=ascii,
)  # fmt: skip
def test_names_that_would_be_misread(name: Any) -> None:
    with pytest.raises(IllFormed):
        variable(name, REAL)


@pytest.mark.parametrize("name", ["x", "x'", "x_1", "ℓ", "k!3", "let", "assert", "Real", "abs"])
def test_names_that_are_fine(name: str) -> None:
    assert text(variable(name, REAL)) == name


@pytest.mark.parametrize(
    ("build", "error"),
    [
        (lambda: variable("p", BOOL), SortMismatch),
        (lambda: variable("g", FunctionSort((BOOL,), REAL)), SortMismatch),
        (lambda: variable("g", FunctionSort((), REAL)), SortMismatch),
        (lambda: x(1), SortMismatch),
        (lambda: f(1, 2), SortMismatch),
        (lambda: f(n), SortMismatch),
        (lambda: x + n, SortMismatch),
        (lambda: x + True, SortMismatch),
        (lambda: conjunction(x, y), SortMismatch),
        (lambda: negation(True), SortMismatch),  # type: ignore[arg-type]
        (lambda: real(x), SortMismatch),
        (lambda: real(True), SortMismatch),
        (lambda: (x <= 0) == True, SortMismatch),  # noqa: E712
        (lambda: (x <= 0) <= (y <= 0), SortMismatch),
        (lambda: if_then_else(x <= 0, TRUE, FALSE), SortMismatch),
        (lambda: forall(x, x, TRUE) if False else forall(x + 1, TRUE), IllFormed),
        (lambda: function(lambda a, b: a, MAP), SortMismatch),
        (lambda: function(lambda a: n, MAP), SortMismatch),
    ],
)  # fmt: skip
def test_ill_sorted_terms(build: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        build()


def test_threads_build_the_same_terms() -> None:
    found: list[list[Term]] = []

    def work() -> None:
        v = variable("threaded", REAL)
        found.append([forall(v, v * i <= i) for i in range(300)])

    threads = [Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert all(same(a, b) for other in found[1:] for a, b in zip(found[0], other, strict=True))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (x - (y - z), x - y - z),
        (x - (y + z), x - y + z),
        (x * (y + z), x * y + z),
        (x / (y * z), x / y * z),
        (x / (y / z), x / y / z),
        ((n + 1) % 2, n + number(1, INT) % 2),
        (real(n + 1), real(n) + 1),
        (-(x + y), -x + y),
        (number(-2, REAL) * x, number(0, REAL) - x * 2),
        (negation(conjunction(x <= 0, y <= 0)), conjunction(negation(x <= 0), y <= 0)),
        (implies(implies(x <= 0, y <= 0), z <= 0), implies(x <= 0, implies(y <= 0, z <= 0))),
        (disjunction(conjunction(x <= 0, y <= 0), z <= 0),
         conjunction(x <= 0, disjunction(y <= 0, z <= 0))),
        (forall(x, implies(x <= 0, y <= 0)), implies(forall(x, x <= 0), y <= 0)),
        (conjunction(forall(x, x <= 0), y <= 0), forall(x, conjunction(x <= 0, y <= 0))),
        ((x == y) == (y == z), (x == z) == (y == y)),
        (if_then_else(x <= 0, x, y) + z, if_then_else(x <= 0, x, y + z)),
        (number(Fraction(1, 2), REAL) * x, 1 / (2 * x)),
        (forall(x, forall(y, x <= y)), forall(x, forall(x, x <= x))),
        (forall(x, x <= y), forall(y, y <= y)),
        (forall(n, TRUE), forall(x, TRUE)),
    ],
    ids=lambda t: str(t),
)  # fmt: skip
def test_different_terms_print_differently(one: Term, other: Term) -> None:
    assert not same(one, other)
    assert text(one) != text(other)
    assert latex(one) != latex(other)


def test_a_bound_name_is_not_printed_like_a_defined_symbol() -> None:
    symbol = define("printed", (x,), x)
    bound = forall(variable("printed", MAP), variable("printed", MAP)(x) == symbol(x))
    assert text(bound) == "∀ (printed' : Real → Real). printed'(x) = printed(x)"


def test_a_literal_is_a_copy_that_nobody_else_holds() -> None:
    value = Fraction(9241, 7177)
    literal = make("number", (), value, REAL)
    value._numerator = 5  # type: ignore[attr-defined]
    assert literal.data == Fraction(9241, 7177)
