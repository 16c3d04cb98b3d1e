"""Leaves: what the solver is asked, what it needed, and when a refusal counts."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import z3

from verifier import kernel
from verifier.logic import FALSE, INT, REAL, Term, exists, forall, negation, variable
from verifier.proving.leaves import leaf
from verifier.solving.smt import Script, script
from verifier.solving.solver import LeafRefused, solve

n = variable("n", INT)
x, y = variable("x", REAL), variable("y", REAL)


def test_unneeded_premises_and_their_hypotheses_are_left_out() -> None:
    needed, idle = kernel.assume(x >= 1), kernel.assume(y >= 1)
    theorem = leaf((idle, needed), x >= 0)
    assert theorem.premises == (needed,)
    assert theorem.hypotheses == needed.hypotheses


def test_every_needed_premise_stays() -> None:
    parts = (kernel.assume(x <= y), kernel.assume(y <= n_as_real()), kernel.assume(n <= 0))
    theorem = leaf(parts, x <= 0)
    assert set(theorem.premises) == set(parts)
    for left_out in parts:
        with pytest.raises(LeafRefused):
            leaf(tuple(p for p in parts if p is not left_out), x <= 0)


def n_as_real() -> Term:
    from verifier.logic import real

    return real(n)


def test_a_refusal_says_what_was_asked() -> None:
    with pytest.raises(LeafRefused) as caught:
        leaf((kernel.assume(x >= 0),), x >= 1)
    refusal = caught.value
    assert (refusal.status, refusal.premises, refusal.goal) == ("refuted", (x >= 0,), x >= 1)


def test_a_limit_is_unknown_not_proved() -> None:
    a, b, c = (variable(v, INT) for v in "abc")
    cubes = kernel.assume(a * a * a + b * b * b + c * c * c == 114)
    with pytest.raises(LeafRefused) as caught:
        leaf((cubes,), FALSE)
    assert caught.value.status == "unknown"
    assert caught.value.reason


def test_equal_quantified_formulas_are_one_atom() -> None:
    premise = kernel.assume(forall(x, x == x))
    assert leaf((premise,), forall(y, y == y)).hypotheses == premise.hypotheses


def test_no_quantifier_reaches_the_solver() -> None:
    text = script([forall(x, x > 0), negation(exists(x, x > y))], x > 0).text
    assert re.findall(r"forall|exists", text) == []


def test_how_the_user_prints_z3_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    # Were the names of the core read off str(), every premise would seem unneeded.
    monkeypatch.setattr(z3.BoolRef, "__str__", lambda _: "…")
    premise = kernel.assume(x == 1)
    assert leaf((premise,), x > 0).hypotheses == premise.hypotheses


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("unsat_core", False), ("rlimit", 1), ("timeout", 1), ("smt.arith.nl", False),
        ("smt.arith.ignore_int", True), ("type_check", False), ("smtlib2_compliant", True),
        ("smt.core.minimize", False),
    ],
)  # fmt: skip
def test_parameters_of_all_of_z3_make_nothing_false_true(parameter: str, value: Any) -> None:
    z3.set_param(parameter, value)
    try:
        premise = kernel.assume(x == 1)
        assert leaf((premise,), x > 0).hypotheses == premise.hypotheses
        with pytest.raises(LeafRefused):
            leaf((kernel.assume(2 * n >= 1),), n >= 2)
    finally:
        z3.reset_params()


def test_threads_take_turns() -> None:
    def prove(i: int) -> bool:
        goal = x * x >= 0 if i % 2 else x * x > 0
        try:
            leaf((kernel.assume(x <= i),), goal)
        except LeafRefused:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(prove, range(40))) == [i % 2 == 1 for i in range(40)]


def test_a_script_no_solver_reads_proves_nothing() -> None:
    for text in ("", "(assert", "(assert (= 1", "p cnf 1 1\n1 0\n", "(assert undeclared)\n"):
        try:
            verdict = solve(Script(text, (), {}))
        except z3.Z3Exception:
            continue
        assert not verdict.proved
