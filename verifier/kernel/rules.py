"""The inference rules, one function each.

In the figures Γ and Δ are sets of hypotheses, and side conditions stand to the right of the bar.
Formulas are compared up to the names of bound variables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from verifier.kernel.definitions import formula_of, term_of
from verifier.kernel.errors import (
    InductionRefused,
    Mismatch,
    NotClosed,
    NotDecided,
    NotPrintable,
    VariableInHypotheses,
    WitnessEscapes,
    WrongShape,
)
from verifier.kernel.theorem import Theorem, conclude, genuine
from verifier.logic import (
    BOOL,
    INT,
    REAL,
    Term,
    decidable,
    forall,
    implies,
    negation,
    number,
    opened,
    same,
    substitute,
    variable,
)
from verifier.logic import conjunction as all_of
from verifier.logic.terms import make

RESULT_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")
_ZERO: Final = number(0, INT)


def assume(formula: Any) -> Theorem:
    """::

    ───────
     A ⊢ A
    """
    assumed = formula_of(formula)
    return conclude((assumed,), assumed, "assume", (), (assumed,))


def discharge(theorem: Theorem, formula: Any) -> Theorem:
    """::

        Γ ⊢ C
    ───────────────
     Γ∖A ⊢ A → C
    """
    genuine(theorem)
    assumed = formula_of(formula)
    rest = _without(theorem.hypotheses, assumed)
    return conclude(rest, implies(assumed, theorem.conclusion), "discharge", (theorem,), (assumed,))


def modus_ponens(implication: Theorem, premise: Theorem) -> Theorem:
    """::

     Γ ⊢ A → C    Δ ⊢ A
    ────────────────────
         Γ ∪ Δ ⊢ C
    """
    genuine(implication)
    genuine(premise)
    if implication.conclusion.operator != "=>":
        raise WrongShape("not an implication: {}", implication.conclusion)
    expected, conclusion = implication.conclusion.arguments
    _expect(premise.conclusion, expected)
    return conclude(
        implication.hypotheses + premise.hypotheses,
        conclusion,
        "modus_ponens",
        (implication, premise),
    )


def conjoin(*theorems: Theorem) -> Theorem:
    """::

     Γ₁ ⊢ A₁  …  Γₙ ⊢ Aₙ
    ──────────────────────
      Γ ⊢ A₁ ∧ … ∧ Aₙ         n ≥ 2
    """
    if len(theorems) < 2:
        raise WrongShape("a conjunction has at least two parts")
    parts = [genuine(t) for t in theorems]
    hypotheses = [h for t in parts for h in t.hypotheses]
    return conclude(hypotheses, all_of(*(t.conclusion for t in parts)), "conjoin", tuple(parts))


def conjunct(theorem: Theorem, index: int) -> Theorem:
    """::

     Γ ⊢ A₀ ∧ … ∧ Aₙ
    ──────────────────
         Γ ⊢ Aᵢ           0 ≤ i ≤ n
    """
    whole = genuine(theorem).conclusion
    if whole.operator != "and":
        raise WrongShape("not a conjunction: {}", whole)
    if type(index) is not int or not 0 <= index < len(whole.arguments):
        raise WrongShape(f"no part {index} in a conjunction of {len(whole.arguments)}")
    return conclude(theorem.hypotheses, whole.arguments[index], "conjunct", (theorem,), (index,))


def generalise(theorem: Theorem, of: Any) -> Theorem:
    """::

        Γ ⊢ C
    ────────────     x not free in Γ
     Γ ⊢ ∀x. C
    """
    genuine(theorem)
    x = _variable(of)
    for hypothesis in theorem.hypotheses:
        if x in hypothesis.free:
            raise VariableInHypotheses("{} is free in the hypothesis {}", x, hypothesis)
    return conclude(
        theorem.hypotheses, forall(x, theorem.conclusion), "generalise", (theorem,), (x,)
    )


def instantiate(theorem: Theorem, value: Any) -> Theorem:
    """::

     Γ ⊢ ∀x. C
    ────────────     t of the sort of x; a function may be a lambda, and is applied
     Γ ⊢ C[t/x]
    """
    whole = genuine(theorem).conclusion
    if whole.operator != "forall":
        raise WrongShape("not universal: {}", whole)
    t = term_of(value)
    return conclude(theorem.hypotheses, opened(whole, t), "instantiate", (theorem,), (t,))


def exhibit(theorem: Theorem, claim: Any, witness: Any) -> Theorem:
    """::

     Γ ⊢ C[t/x]
    ────────────     t of the sort of x
     Γ ⊢ ∃x. C
    """
    genuine(theorem)
    whole, t = formula_of(claim), term_of(witness)
    if whole.operator != "exists":
        raise WrongShape("not existential: {}", whole)
    _expect(theorem.conclusion, opened(whole, t))
    return conclude(theorem.hypotheses, whole, "exhibit", (theorem,), (whole, t))


def obtain(existence: Theorem, theorem: Theorem, witness: Any) -> Theorem:
    """::

     Γ ⊢ ∃x. A     Δ, A[v/x] ⊢ C
    ─────────────────────────────     v not free in Γ ⊢ ∃x. A, in Δ or in C
            Γ ∪ Δ ⊢ C
    """
    genuine(existence)
    genuine(theorem)
    if existence.conclusion.operator != "exists":
        raise WrongShape("not existential: {}", existence.conclusion)
    v = _variable(witness)
    rest = _without(theorem.hypotheses, opened(existence.conclusion, v))
    outside = (existence.conclusion, *existence.hypotheses, *rest, theorem.conclusion)
    for formula in outside:
        if v in formula.free:
            raise WitnessEscapes("the witness {} occurs in {}", v, formula)
    return conclude(
        existence.hypotheses + rest, theorem.conclusion, "obtain", (existence, theorem), (v,)
    )


def cases(formula: Any, when: Theorem, otherwise: Theorem) -> Theorem:
    """::

     Γ, A ⊢ C    Δ, ¬A ⊢ C
    ───────────────────────     A built from comparisons of numbers
          Γ ∪ Δ ⊢ C
    """
    genuine(when)
    genuine(otherwise)
    split = formula_of(formula)
    if not decidable(split):
        raise NotDecided("no case split on {}", split)
    _expect(otherwise.conclusion, when.conclusion)
    hypotheses = _without(when.hypotheses, split) + _without(otherwise.hypotheses, negation(split))
    return conclude(hypotheses, when.conclusion, "cases", (when, otherwise), (split,))


def induction(claim: Any, base: Theorem, step: Theorem) -> Theorem:
    """::

     Γ ⊢ P(0)    Δ ⊢ ∀n. 0 ≤ n → P(n) → P(n + 1)
    ──────────────────────────────────────────────     n an integer
             Γ ∪ Δ ⊢ ∀n. 0 ≤ n → P(n)
    """
    genuine(base)
    genuine(step)
    whole = formula_of(claim)
    if whole.operator != "forall" or whole.data[1] != (INT,):
        raise InductionRefused("not a claim about every natural number: {}", whole)
    n = _fresh(whole.data[0][0], whole)
    guarded, natural = opened(whole, n), make("<=", (_ZERO, n), None, BOOL)
    if guarded.operator != "=>" or not same(guarded.arguments[0], natural):
        raise InductionRefused("a claim about natural numbers starts with 0 ≤ n: {}", whole)
    property_ = guarded.arguments[1]
    at_zero = substitute(property_, {n: _ZERO})
    if not same(base.conclusion, at_zero):
        raise InductionRefused("the base proves {}, not {}", base.conclusion, at_zero)
    next_one = make("+", (n, number(1, INT)), None, INT)
    above = implies(property_, substitute(property_, {n: next_one}))
    expected = forall(n, implies(natural, above))
    if not same(step.conclusion, expected):
        raise InductionRefused("the step proves {}, not {}", step.conclusion, expected)
    return conclude(base.hypotheses + step.hypotheses, whole, "induction", (base, step), (whole,))


def rewrite(equation: Theorem, theorem: Theorem, template: Any, at: Any) -> Theorem:
    """::

         Γ ⊢ s = t    Δ ⊢ A[s/z]
        ─────────────────────────     s, t and z numbers of one sort
             Γ ∪ Δ ⊢ A[t/z]

    ``template`` is A and ``at`` is z.
    """
    genuine(equation)
    genuine(theorem)
    pattern, z = formula_of(template), _variable(at)
    if equation.conclusion.operator != "=" or equation.conclusion.arguments[0].sort != z.sort:
        raise WrongShape(f"no equation of terms of sort {z.sort}: {{}}", equation.conclusion)
    left, right = equation.conclusion.arguments
    _expect(theorem.conclusion, substitute(pattern, {z: left}))
    return conclude(
        equation.hypotheses + theorem.hypotheses,
        substitute(pattern, {z: right}),
        "rewrite",
        (equation, theorem),
        (pattern, z),
    )


def transport(equivalence: Theorem, theorem: Theorem) -> Theorem:
    """::

         Γ ⊢ A ↔ B    Δ ⊢ A             Γ ⊢ A ↔ B    Δ ⊢ B
        ────────────────────    and    ────────────────────
             Γ ∪ Δ ⊢ B                      Γ ∪ Δ ⊢ A
    """
    genuine(equivalence)
    genuine(theorem)
    both = equivalence.conclusion
    if both.operator != "=" or both.arguments[0].sort != BOOL:
        raise WrongShape("not an equivalence: {}", both)
    left, right = both.arguments
    forward = same(theorem.conclusion, left)
    if not forward:
        _expect(theorem.conclusion, right)
    hypotheses = equivalence.hypotheses + theorem.hypotheses
    return conclude(hypotheses, right if forward else left, "transport", (equivalence, theorem))


def quotient() -> Theorem:
    """::

    ───────────────────────────────────
     ⊢ ∀ a b:Real. b ≠ 0 → a / b · b = a
    """
    a, b = variable("a", REAL), variable("b", REAL)
    product = make("*", (make("/", (a, b), None, REAL), b), None, REAL)
    nonzero = negation(make("=", (b, number(0, REAL)), None, BOOL))
    law = forall(a, b, implies(nonzero, make("=", (product, a), None, BOOL)))
    return conclude((), law, "quotient")


def axiom(name: str, formula: Any) -> Theorem:
    """::

    ─────     A closed; every result that rests on it says so by this name
     ⊢ A
    """
    stated = formula_of(formula)
    _check_name(name)
    if stated.free:
        raise NotClosed(f"the axiom {name} has free variables: {{}}", stated)
    return conclude((), stated, "axiom", (), (name, stated))


def named(name: str, theorem: Theorem) -> Theorem:
    """::

     ⊢ A
    ─────     A closed; from here on the result is cited by its name
     ⊢ A
    """
    genuine(theorem)
    _check_name(name)
    if theorem.hypotheses:
        raise NotClosed(f"{name} still rests on the hypothesis {{}}", theorem.hypotheses[0])
    if theorem.conclusion.free:
        loose = ", ".join(sorted(v.data for v in theorem.conclusion.free))
        raise NotClosed(f"{name} has free variables: {loose}")
    return conclude((), theorem.conclusion, "named", (theorem,), (name,))


def _check_name(name: str) -> None:
    if type(name) is not str or not RESULT_NAME.fullmatch(name):
        raise NotPrintable(f"a result's name is letters, digits, - and ., not {name!r}")


def _variable(value: Any) -> Term:
    x = term_of(value)
    if x.operator != "variable":
        raise WrongShape("not a variable: {}", x)
    return x


def _fresh(name: str, formula: Term) -> Term:
    taken = {v.data for v in formula.free}
    while name in taken:
        name += "'"
    return variable(name, INT)


def _without(hypotheses: Iterable[Term], dropped: Term) -> tuple[Term, ...]:
    return tuple(h for h in hypotheses if not same(h, dropped))


def _expect(found: Term, expected: Term) -> None:
    if not same(found, expected):
        raise Mismatch("expected {}, found {}", expected, found)


__all__ = [
    "assume", "axiom", "cases", "conjoin", "conjunct", "discharge", "exhibit",
    "generalise", "induction", "instantiate", "modus_ponens", "named", "obtain", "quotient",
    "rewrite", "transport",
]  # fmt: skip
