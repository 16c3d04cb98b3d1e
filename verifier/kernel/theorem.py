"""Theorems: sealed sequents that remember how they were made.

Python cannot seal an object against its own interpreter.  What holds: no accident makes a
theorem, and the proof is the derivation file, which other programs check.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from weakref import WeakSet

from verifier.kernel.errors import ForgedTheorem
from verifier.logic import Term
from verifier.logic.sealed import seal


class Theorem:
    """``hypotheses ⊢ conclusion``, with the rule, premises and parameters that made it.

    Free variables stand for every value of their sort.  Only the rules of
    :mod:`verifier.kernel` make theorems.
    """

    __slots__ = ("__weakref__", "conclusion", "hypotheses", "parameters", "premises", "rule")

    hypotheses: tuple[Term, ...]
    conclusion: Term
    rule: str
    premises: tuple[Theorem, ...]
    parameters: tuple[Any, ...]

    def __repr__(self) -> str:
        return f"{', '.join(map(str, self.hypotheses))} ⊢ {self.conclusion}".lstrip()


_PUT: Final = seal(Theorem, ForgedTheorem)
_MADE: Final[WeakSet[Theorem]] = WeakSet()


def conclude(
    hypotheses: Iterable[Term],
    conclusion: Term,
    rule: str,
    premises: tuple[Theorem, ...] = (),
    parameters: tuple[Any, ...] = (),
) -> Theorem:
    """Make a theorem.  For the rules of this package alone: it checks nothing."""
    theorem: Theorem = object.__new__(Theorem)
    _PUT["hypotheses"](theorem, tuple({h.canonical: h for h in hypotheses}.values()))
    _PUT["conclusion"](theorem, conclusion)
    _PUT["rule"](theorem, rule)
    _PUT["premises"](theorem, premises)
    _PUT["parameters"](theorem, parameters)
    _MADE.add(theorem)
    return theorem


def genuine(theorem: Theorem) -> Theorem:
    """The theorem itself, once it is known to be one.

    Raises
    ------
    ForgedTheorem
        If no rule made it.
    """
    if type(theorem) is not Theorem or theorem not in _MADE:
        raise ForgedTheorem(f"not made by a rule of the kernel: {type(theorem).__name__}")
    return theorem
