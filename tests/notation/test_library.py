"""Every formula of the library reads back as itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from verifier.kernel import DEFINED, Theorem, definition
from verifier.library.catalogue import load
from verifier.library.derivations import walk
from verifier.logic import Symbol, Term, same
from verifier.notation import declared, displayed, latex, parse, text


@pytest.fixture(scope="module")
def theorems() -> list[Theorem]:
    found = [result.run().theorem for result in load().values()]
    assert len(found) > 100
    return [theorem for theorem in found if theorem is not None]


def formulas(theorems: list[Theorem]) -> Iterator[Term]:
    """Conclusions, hypotheses and parameters of all steps of all proofs."""
    seen: set[Term] = set()
    for theorem in theorems:
        for step in walk(theorem):
            terms = [*step.hypotheses, step.conclusion]
            for parameter in step.parameters:
                terms += [parameter] if isinstance(parameter, Term) else []
                if isinstance(parameter, Symbol):
                    terms += [e.conclusion for e in definition(DEFINED[parameter.name].symbol)]
            for term in terms:
                if term not in seen:
                    seen.add(term)
                    yield term


def test_every_formula_reads_back(theorems: list[Theorem]) -> None:
    found: dict[str, Term] = {}
    in_latex: dict[str, Term] = {}
    renamed = total = 0
    for term in formulas(theorems):
        written = declared(term)
        back = parse(written)
        assert same(back, term), written
        # A bound name differs only where it had to: it then differs from what is printed too.
        renamed += back is not term
        total += 1
        assert found.setdefault(written, term.canonical) is term.canonical
        if not term.free:
            assert in_latex.setdefault(latex(term), term.canonical) is term.canonical
    assert total > 4_000
    assert renamed < total / 50


def test_every_statement_on_lines_reads_back(theorems: list[Theorem]) -> None:
    for theorem in theorems:
        shown = displayed(text(theorem.conclusion), 60)
        assert same(parse("\n".join(shown)), theorem.conclusion)
        assert all(len(line) <= 100 for line in displayed(text(theorem.conclusion)))


def test_theorem_1_1_is_read_at_once() -> None:
    theorem = load()["telgarsky-1.1"].run().theorem
    assert theorem is not None
    assert displayed(text(theorem.conclusion)) == [
        "∀ k n:Int (g : Real → Real) m depth:Int r:Real.",
        "  0 ≤ k → n = 2^k ∨ n = 2^k + 1 → g ∈ F(relu; m, depth) → 1 ≤ m → 0 ≤ r → "
        "r^depth = 2^k / 8 →",
        "  2·m ≤ r →",
        "  (∃ (deep : Real → Real). deep ∈ F(relu; 2, 2·k) ∧ "
        "rate(deep, i ↦ i / 2^k, i ↦ i mod 2, n) = 0) ∧",
        "  1/6 ≤ rate(g, i ↦ i / 2^k, i ↦ i mod 2, n)",
    ]
