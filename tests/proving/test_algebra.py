"""sympy proposes, the kernel disposes: what algebra says is a theorem or a failure."""

from __future__ import annotations

import pytest

from proofs.arithmetic import count
from verifier.kernel import assume
from verifier.logic import INT, Term, variable
from verifier.notation import text
from verifier.proving import Integer, Proof, ProofFailed, Theorem, algebra, reals
from verifier.proving.results import Result

x, y = reals("x y")
n = variable("n", INT)


@pytest.mark.parametrize(
    ("term", "form"),
    [
        ((x + y) * (x - y), "x·x − y·y"),
        ((x + 1) * (x + 1), "x·x + 2·x + 1"),
        (x * (y / 2) - y / 2 * x, "0"),
        ((n - 1) * (n + 1), "n·n − 1"),
    ],
)
def test_expanded(term: Term, form: str) -> None:
    equation = algebra.expanded(Proof("test"), term)
    assert equation.hypotheses == ()
    assert equation.conclusion.arguments[0] is term
    assert text(equation.conclusion.arguments[1], term.sort) == form


def test_factored() -> None:
    equation = algebra.factored(Proof("test"), x * x - 2 * x + 1)
    assert text(equation.conclusion) == "x·x − 2·x + 1 = (x − 1)·(x − 1)"


def test_a_closed_form_is_proved_by_induction() -> None:
    def gauss(p: Proof, n: Integer) -> Theorem:
        natural = p.given(0 <= n)
        p.show(2 * count(lambda j: j, n) == n * n - n)
        return algebra.sum_closed_form(p, lambda n: count(lambda j: j, n), lambda j: j, n, natural)

    assert Result("gauss", "test", "", gauss).run().theorem is not None


def test_a_closed_form_of_another_sum_fails() -> None:
    p = Proof("test")
    with pytest.raises(ProofFailed):
        algebra.sum_closed_form(
            p, lambda n: count(lambda j: j + 1, n), lambda j: j, n, assume(0 <= n)
        )


def test_a_wrong_proposal_is_refused(monkeypatch) -> None:
    import sympy

    monkeypatch.setattr(sympy, "expand", lambda form: form + 1)
    with pytest.raises(ProofFailed):
        algebra.expanded(Proof("test"), x * y)


def test_algebra_is_about_numbers() -> None:
    with pytest.raises(ProofFailed):
        algebra.expanded(Proof("test"), x <= y)
