"""A failed proof says which step failed, and what breaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

import pytest

from verifier.logic import INT, REAL
from verifier.proving import (
    REGISTRY,
    Integer,
    Proof,
    ProofFailed,
    Real,
    RealMap,
    StepFailed,
    Term,
    Theorem,
    forall,
    integer,
    number,
    recursion,
    theorem,
)


@pytest.fixture(autouse=True)
def own_results() -> Iterator[None]:
    before = dict(REGISTRY)
    yield
    REGISTRY.clear()
    REGISTRY.update(before)


def failure(prove: Callable[..., Theorem]) -> ProofFailed:
    outcome = theorem("failing")(prove).run()
    assert outcome.theorem is None
    assert outcome.error is not None
    return outcome.error


def broken_step(prove: Callable[..., Theorem]) -> StepFailed:
    error = failure(prove)
    assert isinstance(error, StepFailed), error
    return error


def test_the_path_names_every_step() -> None:
    def prove(p: Proof, n: Integer) -> Theorem:
        p.show(n >= 0)
        with p.step("outer"), p.step("inner"):
            return p.have(n >= 0, name="claim")

    error = broken_step(prove)
    assert error.path == ("outer", "inner", "claim")
    assert str(error).startswith("failing / outer / inner / claim: cannot prove 0 ≤ n")


def test_the_path_names_induction_and_cases() -> None:
    def prove(p: Proof, x: Real) -> Theorem:
        p.show(forall(x, x == x))
        one = number(1, REAL)

        def base() -> Theorem:
            return p.cases(x <= 0, lambda _: p.have(one == 1), lambda _: p.have(one == 2))

        return p.induction("k", lambda k: one == 1, base, lambda k, natural, claim: claim)

    error = broken_step(prove)
    assert error.path == ("base k = 0", "case not x ≤ 0")


def test_the_step_of_an_induction_fails_by_its_name() -> None:
    def prove(p: Proof, x: Real) -> Theorem:
        p.show(x == x)
        return p.induction(
            "k", lambda k: k == 0, lambda: p.have(integer(0) == 0),
            lambda k, natural, claim: p.have(k + 1 == 0, claim),
        )  # fmt: skip

    assert broken_step(prove).path == ("step to k + 1",)


def test_a_counterexample_is_confirmed_exactly() -> None:
    def prove(p: Proof, x: Real, f: RealMap) -> Theorem:
        fact = p.given(f(x) == x)
        p.show(f(f(x)) <= 1)
        return p.have(p.goal, fact)

    broken = broken_step(prove).counterexample
    assert broken is not None
    assert broken.confirmed
    values = dict(broken.values)
    assert Fraction(values["x"]) > 1
    assert "counterexample:" in str(broken)


def test_a_model_with_irrational_values_is_a_candidate() -> None:
    def prove(p: Proof, x: Real) -> Theorem:
        fact = p.given(x * x == 2)
        p.show(x <= 0)
        return p.have(p.goal, fact)

    broken = broken_step(prove).counterexample
    assert broken is not None
    assert not broken.confirmed
    assert "candidate, not confirmed exactly" in str(broken)


@recursion("n", zero=lambda: integer(1))
def failing_power(power: Callable[..., Term], n: Integer) -> Term:
    return 2 * power(n)


def test_values_of_defined_symbols_are_computed_not_chosen() -> None:
    # True of all n, but the solver, to which failing_power is a name, finds a model.
    def prove(p: Proof, n: Integer) -> Theorem:
        natural = p.given(n >= 0)
        p.show(failing_power(n) >= 1)
        return p.have(p.goal, natural)

    broken = broken_step(prove).counterexample
    assert broken is not None
    assert not broken.confirmed


def test_a_counterexample_through_a_definition_is_confirmed_by_it() -> None:
    def prove(p: Proof, n: Integer, x: Real) -> Theorem:
        size = p.given(n == 3, x == 2)
        p.show(failing_power(n) * 0 + n * 0 == 1)
        return p.have(p.goal, size)

    broken = broken_step(prove).counterexample
    assert broken is not None
    assert broken.confirmed
    assert dict(broken.values)["failing_power(3)"] == "8"


def test_a_quotient_in_a_counterexample_is_computed() -> None:
    # The solver may take 1 / x at x = 2 to be anything; here that decides nothing.
    def prove(p: Proof, x: Real) -> Theorem:
        fact = p.given(x == 2)
        p.show(1 / x == number(1, REAL) / 2)
        return p.have(p.goal, fact)

    broken = broken_step(prove).counterexample
    assert broken is not None
    assert not broken.confirmed


def test_a_quantified_fact_makes_a_model_a_candidate() -> None:
    def prove(p: Proof, x: Real, y: Real) -> Theorem:
        fact = p.given(forall(y, y <= x))
        p.show(y <= x)
        return p.have(p.goal, fact)

    broken = broken_step(prove).counterexample
    assert broken is not None
    assert not broken.confirmed


def test_a_limit_is_named() -> None:
    def prove(p: Proof, a: Integer, b: Integer, c: Integer) -> Theorem:
        cubes = p.given(a * a * a + b * b * b + c * c * c == 114)
        p.show(a < a)
        return p.have(p.goal, cubes)

    error = broken_step(prove)
    assert error.counterexample is None
    assert "the solver gave up: resource limit" in str(error)


def test_a_refused_rule_says_where() -> None:
    def prove(p: Proof, x: Real) -> Theorem:
        p.show(x == x)
        with p.step("instantiate"):
            return p.at(p.have(x == x), 1)

    error = failure(prove)
    assert error.path == ("instantiate",)
    assert "nothing to instantiate" in str(error)


def test_a_proof_of_something_else_fails() -> None:
    def prove(p: Proof, x: Real) -> Theorem:
        p.show(x <= 1)
        return p.have(x * x >= 0)

    assert "cannot prove x ≤ 1" in str(broken_step(prove))


def test_a_python_error_is_one_failed_result() -> None:
    def prove(p: Proof, x: Real) -> Theorem:
        p.show(x <= 1)
        raise KeyError("missing")

    error = failure(prove)
    assert "KeyError" in str(error)
    assert isinstance(error.__cause__, KeyError)


def test_a_proof_without_a_goal() -> None:
    def prove(p: Proof, x: Real) -> Theorem:
        return p.have(x == x)

    assert "call show first" in str(failure(prove))


def test_a_second_goal() -> None:
    def prove(p: Proof, x: Real) -> Theorem:
        p.show(x == x)
        p.show(x <= x)
        return p.have(x == x)

    assert "one goal" in str(failure(prove))


def test_integers_are_not_taken_for_reals() -> None:
    def prove(p: Proof, n: Integer) -> Theorem:
        p.show(n == number(1, INT) / 2)
        return p.have(p.goal)

    assert isinstance(failure(prove), ProofFailed)
