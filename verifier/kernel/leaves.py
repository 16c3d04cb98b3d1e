"""Leaves: quantifier-free obligations, each with a certificate that is checked here.

Whoever finds the certificate is not asked how.  A leaf without one can only be assumed, and
every result that rests on it says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from verifier.kernel.certificates import check, frozen
from verifier.kernel.definitions import formula_of
from verifier.kernel.polynomials import Problem
from verifier.kernel.theorem import Theorem, conclude, genuine


def leaf(premises: Iterable[Theorem], goal: Any, certificate: Any) -> Theorem:
    """A quantifier-free consequence.

    ::

        Γ₁ ⊢ A₁   …   Γₙ ⊢ Aₙ
        ───────────────────────     the certificate refutes A₁ ∧ … ∧ Aₙ ∧ ¬C
             ∪Γᵢ ⊢ C

    Quantified subformulas, terms under functionals and quotients by anything but a literal are
    opaque atoms.

    Raises
    ------
    BadCertificate
        If the certificate is none, or leaves a case open.
    """
    facts, conclusion = tuple(map(genuine, premises)), formula_of(goal)
    tree = frozen(certificate)
    check(Problem([f.conclusion for f in facts], conclusion), tree)
    hypotheses = [h for f in facts for h in f.hypotheses]
    return conclude(hypotheses, conclusion, "leaf", facts, (conclusion, tree))


def oracle(premises: Iterable[Theorem], goal: Any) -> Theorem:
    """::

        Γ₁ ⊢ A₁   …   Γₙ ⊢ Aₙ
        ───────────────────────     nobody is asked: like an axiom, and counted as one
             ∪Γᵢ ⊢ C
    """
    facts, conclusion = tuple(map(genuine, premises)), formula_of(goal)
    hypotheses = [h for f in facts for h in f.hypotheses]
    return conclude(hypotheses, conclusion, "oracle", facts, (conclusion,))
