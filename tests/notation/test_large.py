"""Long and deep terms: no recursion, no limit of Python's, no more text than one can read."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest

from verifier.library.entries import entries
from verifier.logic import (
    INT,
    REAL,
    FunctionSort,
    Term,
    bind,
    conjunction,
    exists,
    forall,
    if_then_else,
    implies,
    negation,
    number,
    real,
    same,
    variable,
)
from verifier.notation import declared, displayed, latex, parse, reads_back, shown, statements, text
from verifier.notation.plain import plain
from verifier.proving import Proof, Real, Result, Theorem

DEEP = 2_000
n, x, y = variable("n", INT), variable("x", REAL), variable("y", REAL)
f = variable("f", FunctionSort((REAL,), REAL))

STEPS: dict[str, tuple[Term, Callable[[Term, int], Term]]] = {
    "sums to the left": (x, lambda t, i: t + i),
    "sums to the right": (x, lambda t, i: i + t),
    "differences": (x, lambda t, i: y - t),
    "minus signs": (x, lambda t, i: -t),
    "quotients": (x, lambda t, i: y / t),
    "applications": (x, lambda t, i: f(t)),
    "choices": (x, lambda t, i: if_then_else(x <= i, y, t)),
    "conditions": (x, lambda t, i: if_then_else(t <= 0, y, x)),
    "casts of remainders": (n, lambda t, i: (t + i) % 7),
    "arrows": (x <= 0, lambda t, i: implies(y <= i, t)),
    "arrows to the left": (x <= 0, lambda t, i: implies(t, y <= i)),
    "conjunctions": (x <= 0, lambda t, i: conjunction(t, y <= i)),
    "negations": (x <= 0, lambda t, i: negation(t)),
    "equivalences": (x <= 0, lambda t, i: t == (y <= i)),
    "binders": (x <= 0, lambda t, i: (forall if i % 2 else exists)(variable(f"v{i}", REAL), t)),
}


@pytest.mark.parametrize("case", STEPS)
def test_deep_terms(case: str) -> None:
    term, step = STEPS[case]
    for i in range(DEEP):
        term = step(term, i)
    written = declared(term)
    assert same(parse(written), term)
    assert len(latex(term)) > DEEP
    assert len(str(term)) < 1_000
    assert "".join(" ".join(displayed(written)).split()) == "".join(written.split())


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("below", [1, 7**12_000], ids=["whole", "fraction"])
def test_literals_of_ten_thousand_digits(sign: int, below: int) -> None:
    value = Fraction(sign * (10**10_000 + 123_456_789), below)
    term = number(value, REAL) <= x
    assert parse(declared(term)) is term
    assert len(latex(term)) > 10_000
    assert len(str(term)) < 30_000
    assert len(plain(term)) > 10_000
    assert shown(term) == declared(term)


def test_a_small_term_that_is_enormous_as_text_is_written_node_by_node() -> None:
    shared = x
    for _ in range(200):
        shared = shared * shared
    term = forall(x, shared <= y)
    assert len(shown(term).splitlines()) == 204
    assert len(str(term)) < 1_000
    assert len(text(term)) < 1_000
    assert len(latex(term)) < 1_000
    assert displayed(shown(term)) == shown(term).splitlines()


def test_node_by_node_different_terms_look_different() -> None:
    i, j = variable("i", INT), variable("j", INT)
    terms = [
        x <= y, y <= x, real(n) <= x, real(i) <= x, n <= i, i <= n, x < y, forall(n, n <= i),
        forall(i, n <= i), forall(i, i <= i), exists(i, i <= i), forall(i, forall(j, i <= j)),
        forall(i, forall(j, j <= i)), number(1, INT) <= number(2, INT),
        number(1, REAL) <= number(2, REAL), bind("lambda", (x,), x + 1),
    ]  # fmt: skip
    assert len({plain(t) for t in terms}) == len(terms)


def claim(p: Proof, z: Real) -> Theorem:
    p.show((z / 2) * 3 == z + z / 2)
    return p.have(p.goal)


def test_a_statement_is_shown_only_as_text_that_reads_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    result = Result("half-times", "theorem", "", claim)
    result.run()
    entry = entries([result])["half-times"]
    assert entry.statement == "∀ z:Real. (z / 2)·3 = z + (z / 2)"
    term = result.run().statement
    assert term is not None
    for lie in ("true", "∀ z:Real. z / 2·3 = z", "∀ z:Real. (z / 2)·3 = z + (z / 3)"):
        monkeypatch.setattr(statements, "text", lambda _, lie=lie: lie)
        assert not reads_back(term, lie)
        assert entries([result])["half-times"].statement == plain(term)
