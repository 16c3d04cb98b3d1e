"""Substitution, binding and equality up to bound names, against a logic with named variables."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.logic.naive import Tree, alike, free, substitute
from verifier.kernel.definitions import define
from verifier.logic import (
    FALSE,
    INT,
    REAL,
    FunctionSort,
    IllFormed,
    SortMismatch,
    Term,
    bind,
    exists,
    forall,
    function,
    implies,
    instantiate,
    number,
    opened,
    same,
    variable,
)
from verifier.logic import substitute as substitute_terms
from verifier.logic.terms import apply, bound, eta_reduct, make, rebind

MAP = FunctionSort((REAL,), REAL)
NAMES = st.sampled_from("xyz")
LIGHT = settings(max_examples=60, deadline=None)
x, y, z = (variable(v, REAL) for v in "xyz")
f = variable("f", MAP)


def joined(operators: list[str], parts: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    return st.tuples(st.sampled_from(operators), parts, parts)


leaves = st.tuples(st.just("var"), NAMES) | st.tuples(st.just("num"), st.integers(-2, 2))
numbers = st.recursive(
    leaves,
    lambda inner: joined(["+", "-", "*"], inner) | st.tuples(st.just("sum"), NAMES, inner),
    max_leaves=6,
)
formulas = st.recursive(
    joined(["=", "<=", "<"], numbers),
    lambda inner: (
        joined(["and", "or", "=>"], inner)
        | st.tuples(st.sampled_from(["forall", "exists"]), NAMES, inner)
    ),
    max_leaves=5,
)


@pytest.fixture(scope="module", autouse=True)
def total() -> Any:
    from verifier.kernel.definitions import _DEFINED

    yield define("naive_sum", (f,), f(1) + f(2))
    del _DEFINED["naive_sum"]


def built(tree: Tree) -> Term:
    """The same in the logic under test."""
    from verifier.kernel import DEFINED
    from verifier.logic import conjunction, disjunction
    from verifier.logic.terms import arithmetic, compare

    head, *rest = tree
    if head == "var":
        return variable(rest[0], REAL)
    if head == "num":
        return number(rest[0], REAL)
    if head == "sum":
        name, body = rest
        lam = bind("lambda", (variable(name, REAL),), built(body))
        return DEFINED["naive_sum"].symbol(lam)
    if head in ("forall", "exists"):
        return bind(head, (variable(rest[0], REAL),), built(rest[1]))
    left, right = map(built, rest)
    if head in ("+", "-", "*"):
        return arithmetic(head, left, right)
    if head in ("=", "<=", "<"):
        return compare(head, left, right)
    if head == "=>":
        return implies(left, right)
    return (conjunction if head == "and" else disjunction)(left, right)


@LIGHT
@given(formulas)
def test_free_variables(tree: Tree) -> None:
    assert {v.data for v in built(tree).free} == free(tree)
    assert built(tree).loose == 0


@LIGHT
@given(formulas, formulas)
def test_equality_up_to_bound_names(left: Tree, right: Tree) -> None:
    assert same(built(left), built(right)) == alike(left, right)


@LIGHT
@given(formulas, NAMES)
def test_renaming_a_bound_variable_changes_nothing(tree: Tree, name: str) -> None:
    fresh = "w"
    renamed = forall(variable(fresh, REAL), built(substitute(tree, name, ("var", fresh))))
    assert same(renamed, forall(variable(name, REAL), built(tree)))


@LIGHT
@given(formulas, NAMES, numbers)
def test_substitution_is_the_textbook_one(tree: Tree, name: str, value: Tree) -> None:
    ours = substitute_terms(built(tree), {variable(name, REAL): built(value)})
    assert same(ours, built(substitute(tree, name, value)))


@LIGHT
@given(formulas, NAMES, numbers)
def test_instantiation_is_substitution(tree: Tree, name: str, value: Tree) -> None:
    v = variable(name, REAL)
    body, at = built(tree), built(value)
    assert same(opened(forall(v, body), at), substitute_terms(body, {v: at}))
    assert same(instantiate(exists(v, body).arguments[0], (v,)), body)


@LIGHT
@given(formulas, numbers, numbers)
def test_substitutions_compose(tree: Tree, first: Tree, second: Tree) -> None:
    # t[a/x][b/y] = t[b/y][a[b/y]/x] where x is not free in b.
    term, a, b = built(tree), built(first), built(substitute(second, "x", ("num", 0)))
    left = substitute_terms(substitute_terms(term, {x: a}), {y: b})
    right = substitute_terms(substitute_terms(term, {y: b}), {x: substitute_terms(a, {y: b})})
    assert same(left, right)


@LIGHT
@given(formulas, numbers, numbers)
def test_simultaneous_substitution(tree: Tree, first: Tree, second: Tree) -> None:
    # Both at once is one after the other over a name that occurs nowhere.
    a, b = built(first), built(second)
    w = variable("w", REAL)
    both = substitute_terms(built(tree), {x: a, y: b})
    apart = substitute_terms(built(tree), {y: w})
    apart = substitute_terms(substitute_terms(apart, {x: a}), {w: b})
    assert same(both, apart)


@LIGHT
@given(numbers, numbers)
def test_a_function_applied_is_reduced(body: Tree, value: Tree) -> None:
    lam, at = bind("lambda", (x,), built(body)), built(value)
    assert same(substitute_terms(f(y), {f: lam, y: at}), substitute_terms(built(body), {x: at}))


@LIGHT
@given(formulas)
def test_printing_keeps_different_formulas_apart(tree: Tree) -> None:
    # Swapping two free names must show, unless it changes nothing.
    swapped = substitute_terms(built(tree), {x: y, y: x})
    assert (str(swapped) == str(built(tree))) == same(swapped, built(tree))


def test_a_function_put_below_a_binder_keeps_its_free_variables() -> None:
    term = forall(y, f(y) <= x)
    put = substitute_terms(term, {f: bind("lambda", (z,), z + y)})
    w = variable("w", REAL)
    assert same(put, forall(w, w + y <= x))


def test_nested_lambdas_with_one_parameter_name() -> None:
    from verifier.kernel import DEFINED

    total = DEFINED["naive_sum"].symbol
    nested = function(lambda s: s + total(lambda s: s * s), MAP)
    assert same(nested(x), x + total(lambda t: t * t))


def test_a_parameter_is_not_captured_by_a_function_of_the_same_parameter_name() -> None:
    from verifier.kernel import DEFINED

    total = DEFINED["naive_sum"].symbol

    def plus(t: Term) -> Any:
        return lambda s: t + s

    outer = function(lambda s: total(plus(s)), MAP)
    assert same(outer(x), total(lambda w: x + w))


def test_one_name_two_sorts() -> None:
    n = variable("x", INT)
    assert forall(n, implies(n <= 0, x <= 0)).free == frozenset({x})


def test_shadowing_binds_innermost() -> None:
    assert same(forall(x, forall(x, x <= 0)), forall(y, forall(x, x <= 0)))


@pytest.mark.parametrize(
    ("values", "error"),
    [({x: number(0, INT)}, SortMismatch), ({x + 1: x}, IllFormed), ({f: x}, SortMismatch)],
)
def test_refused_substitutions(values: dict[Term, Term], error: type[Exception]) -> None:
    with pytest.raises(error):
        substitute_terms(x <= 0, values)


def test_loose_bodies_are_refused() -> None:
    loose = forall(x, x <= 0).arguments[0]
    with pytest.raises(IllFormed):
        forall(y, loose)
    with pytest.raises(IllFormed):
        substitute_terms(x <= 0, {x: loose.arguments[0]})
    with pytest.raises(IllFormed):
        bind("and", (x,), FALSE)


def test_deep_terms_do_not_overflow() -> None:
    deep = x
    for _ in range(5000):
        deep = deep + 1
    assert substitute_terms(deep <= 0, {x: y}).free == frozenset({y})


def test_shared_terms_stay_small() -> None:
    shared = x
    for _ in range(200):
        shared = shared * shared + y
    assert substitute_terms(shared <= 0, {y: z}).free == frozenset({x, z})


MAP2 = FunctionSort((REAL, REAL), REAL)
g, h, pair = variable("g", MAP), variable("h", MAP), variable("p", MAP2)


def test_a_function_of_its_own_variables_is_the_function() -> None:
    assert bind("lambda", (x,), f(x)) is f
    assert function(lambda s: f(s), MAP) is f
    assert function(lambda s, t: pair(s, t), MAP2) is pair
    assert function(lambda s: pair(y, s), MAP).operator == "lambda"


@pytest.mark.parametrize(
    "lam",
    [
        lambda s, t: pair(t, s),
        lambda s, t: pair(s, s),
        lambda s, t: pair(x, t),
        lambda s, t: f(s),
        lambda s, t: pair(s, t) + 0,
        lambda s, t: 0 + pair(s, t),
    ],
)
def test_functions_that_only_look_like_another(lam: Any) -> None:
    assert function(lam, MAP2).operator == "lambda"


def test_a_function_of_another_sort_is_not_reduced() -> None:
    # The cast between the sorts stays where it is.
    from verifier.logic import real

    n = variable("n", INT)
    assert bind("lambda", (n,), f(real(n))).operator == "lambda"
    assert bind("lambda", (x, y), f(x)).operator == "lambda"


def test_a_bound_function_is_reduced_below_its_binder() -> None:
    from verifier.kernel import DEFINED

    total = DEFINED["naive_sum"].symbol
    reduced = forall(f, x, total(lambda s: f(s)) <= x)
    assert same(reduced, forall(g, y, total(g) <= y))
    assert same(opened(opened(reduced, h), y), total(h) <= y)
    # Between the function and its application stands a binder that is not in its way.
    deep = forall(f, exists(x, total(lambda s: f(s)) <= total(lambda s: f(s) + x)))
    assert same(opened(deep, h), exists(x, total(h) <= total(lambda s: h(s) + x)))


def test_substitution_reduces_what_it_makes() -> None:
    from verifier.kernel import DEFINED

    total = DEFINED["naive_sum"].symbol
    identity = bind("lambda", (z,), z)
    composed = total(lambda s: f(g(s)))
    assert substitute_terms(composed, {f: identity}) is total(g)
    assert substitute_terms(composed, {g: identity}) is total(f)
    assert same(opened(forall(f, composed <= 0), identity), total(g) <= 0)
    section = bind("lambda", (z,), pair(x, z))
    assert same(substitute_terms(total(f), {f: section}), total(lambda s: pair(x, s)))
    # Where the function is bound outside, its index is one less without the lambda.
    outside = forall(f, x, total(lambda s: g(f(s))) <= x)
    assert same(substitute_terms(outside, {g: identity}), forall(h, y, total(h) <= y))
    # The parameter of the section is captured by nothing on its way under a binder.
    below = forall(x, total(lambda s: f(g(s))) <= x)
    assert same(
        substitute_terms(below, {f: section}), forall(y, total(lambda s: pair(x, g(s))) <= y)
    )


def test_no_term_holds_a_lambda_that_is_a_function() -> None:
    body = forall(x, f(x) <= 0).arguments[0].arguments[0]
    with pytest.raises(SortMismatch):
        make("lambda", (body,), (("x",), (REAL,)), MAP)
    assert rebind("lambda", (("x",), (REAL,)), body) is f
    assert eta_reduct(body, MAP) is f
    assert eta_reduct(body, FunctionSort((INT,), REAL)) is None


def test_the_head_of_a_function_is_never_one_of_its_own_variables() -> None:
    # An open body whose head sits at an index the lambda binds: no function at all.
    strange = apply(bound(0, MAP), (bound(0, REAL),))
    assert eta_reduct(strange, MAP) is None
