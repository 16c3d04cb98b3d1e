"""Definitions give their equations and nothing more."""

from __future__ import annotations

import pytest

from verifier import kernel
from verifier.kernel import errors
from verifier.logic import FALSE, INT, REAL, FunctionSort, Symbol, number, same, variable
from verifier.proving.leaves import leaf
from verifier.solving.solver import LeafRefused

n, x = variable("n", INT), variable("x", REAL)


def test_an_explicit_definition() -> None:
    double = kernel.define("test_double", (x,), 2 * x)
    (equation,) = kernel.definition(double)
    assert str(equation) == "⊢ ∀ x:Real. test_double(x) = 2·x"
    assert kernel.DEFINED["test_double"].symbol is double


def test_a_predicate() -> None:
    small = kernel.define("test_small", (x,), x <= 1)
    (equation,) = kernel.definition(small)
    assert str(equation) == "⊢ ∀ x:Real. test_small(x) ↔ x ≤ 1"


def test_a_recursion_says_nothing_below_zero() -> None:
    count = kernel.define_recursive("test_count", (n,), n, number(0, INT), lambda f: f(n) + 1)
    zero, above = kernel.definition(count)
    assert str(zero) == "⊢ test_count(0) = 0"
    assert str(above) == "⊢ ∀ n:Int. 0 ≤ n → test_count(n + 1) = test_count(n) + 1"
    at_minus_one = kernel.instantiate(above, number(-1, INT))
    with pytest.raises(LeafRefused):
        leaf((zero, at_minus_one), count(-1) == -1)


def test_a_recursion_may_change_its_other_arguments() -> None:
    m = variable("m", INT)
    shifted = kernel.define_recursive("test_shift", (n, m), n, m, lambda f: f(n, m + f(n, m)))
    assert len(kernel.definition(shifted)) == 2


def test_a_refused_definition_defines_nothing() -> None:
    with pytest.raises(errors.FreeVariables):
        kernel.define("test_refused", (), x)
    assert "test_refused" not in kernel.DEFINED
    kernel.define("test_refused", (), number(1, REAL))


def test_the_table_of_definitions_is_read_only() -> None:
    kernel.define("test_first", (), number(1, REAL))
    with pytest.raises(TypeError):
        kernel.DEFINED["test_second"] = kernel.DEFINED["test_first"]  # type: ignore[index]


def test_a_symbol_kept_from_a_refused_recursion_is_not_defined() -> None:
    kept: list[Symbol] = []
    with pytest.raises(errors.NoDecreasingMeasure):
        kernel.define_recursive(
            "test_kept",
            (n,),
            n,
            number(0, INT),
            lambda f: kept.append(f) or f(n + 1),  # type: ignore[func-returns-value]
        )
    with pytest.raises(errors.CircularDefinition):
        kernel.assume(kept[0](n) == 0)


def test_a_functional_keeps_functions_apart() -> None:
    f = variable("f", FunctionSort((REAL,), REAL))
    at_one = kernel.define("test_at_one", (f,), f(1))
    equation = kernel.definition(at_one)[0]
    theorem = kernel.instantiate(equation, variable("g", f.sort))
    assert same(theorem.conclusion, at_one(variable("g", f.sort)) == variable("g", f.sort)(1))
    with pytest.raises(LeafRefused):
        leaf((), at_one(lambda t: t) == at_one(lambda t: 2 * t))


@pytest.mark.parametrize(
    "name", ["abs", "pi", "sin", "cos", "exp", "to_int", "to_real", "select", "distinct", "let"]
)
def test_names_the_solver_knows_mean_what_is_defined(name: str) -> None:
    symbol = kernel.define(name, (x,), number(7, REAL))
    equation = kernel.instantiate(kernel.definition(symbol)[0], number(0, REAL))
    assert str(leaf((equation,), symbol(0) == 7)) == f"⊢ {name}(0) = 7"
    with pytest.raises(LeafRefused):
        leaf((equation,), FALSE)


def test_a_definition_keeps_its_parameters() -> None:
    parameters = [x]
    symbol = kernel.define("test_kept", parameters, x + 1)  # type: ignore[arg-type]
    parameters.clear()
    assert kernel.DEFINED["test_kept"].parameters == (x,)
    (equation,) = kernel.definition(symbol)
    assert equation.conclusion.operator == "forall"
