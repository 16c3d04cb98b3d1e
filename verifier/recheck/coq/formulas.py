"""Formulas as connectives over atoms, and proof terms of what an assignment of atoms decides."""

from __future__ import annotations

from typing import TypeAlias

from verifier.recheck.coq.terms import CONNECTIVES, Term

Assignment: TypeAlias = dict[Term, bool]


def is_equivalence(formula: Term) -> bool:
    """Whether it is an equality of truth values."""
    return formula.operator == "=" and formula.arguments[0].sort == "Bool"


def structured(formula: Term) -> bool:
    """Whether the formula is built by a connective."""
    return (
        formula.operator in CONNECTIVES
        or formula.operator in ("true", "false")
        or is_equivalence(formula)
    )


def comparison(formula: Term) -> bool:
    """Whether the formula compares numbers."""
    return formula.operator in ("<=", "<", "=") and formula.arguments[0].sort != "Bool"


def atoms_of(formula: Term) -> tuple[Term, ...]:
    """The comparisons and opaque propositions it is built from, each once."""
    if not structured(formula):
        return (formula,)
    return tuple(dict.fromkeys(a for part in formula.arguments for a in atoms_of(part)))


def value_of(formula: Term, given: Assignment) -> bool | None:
    """Its truth value, or None where the assignment leaves it open."""
    if not structured(formula):
        return given.get(formula)
    head = formula.operator
    if head in ("true", "false"):
        return head == "true"
    parts = [value_of(p, given) for p in formula.arguments]
    if head == "not":
        return None if parts[0] is None else not parts[0]
    if head == "=":
        return None if None in parts else parts[0] == parts[1]
    if head == "=>":
        parts = [None if parts[0] is None else not parts[0], parts[1]]
    decisive = head != "and"
    if decisive in parts:
        return decisive
    return None if None in parts else not decisive


class Witness:
    """Proof terms that a formula holds, or not, from what is assigned; they record what it uses."""

    def __init__(self, given: Assignment, hypothesis: dict[Term, str]) -> None:
        self.given, self.hypothesis = given, hypothesis
        self.used: set[Term] = set()
        self.count = 0

    def _name(self) -> str:
        self.count += 1
        return f"h_{self.count}"

    def holds(self, formula: Term) -> str:
        """A proof of a formula whose value is true."""
        if not structured(formula):
            self.used.add(formula)
            return self.hypothesis[formula]
        head, parts = formula.operator, formula.arguments
        if head == "true":
            return "I"
        if head == "not":
            h = self._name()
            return f"(fun {h} => {self.fails(parts[0], h)})"
        if head == "and":
            return self._nest("conj", [self.holds(p) for p in parts])
        if head == "or":
            return self._some(parts)
        if head == "=>":
            return self._implied(*parts)
        return f"(conj {self._implied(*parts)} {self._implied(*reversed(parts))})"

    def _nest(self, joint: str, parts: list[str]) -> str:
        text = parts[-1]
        for part in reversed(parts[:-1]):
            text = f"({joint} {part} {text})"
        return text

    def _some(self, parts: tuple[Term, ...]) -> str:
        chosen = next(i for i, p in enumerate(parts) if value_of(p, self.given))
        text = self.holds(parts[chosen])
        if chosen < len(parts) - 1:
            text = f"(or_introl {text})"
        for _ in range(chosen):
            text = f"(or_intror {text})"
        return text

    def _implied(self, premise: Term, conclusion: Term) -> str:
        h = self._name()
        if value_of(conclusion, self.given):
            return f"(fun _ => {self.holds(conclusion)})"
        return f"(fun {h} => False_ind _ {self.fails(premise, h)})"

    def fails(self, formula: Term, proof: str) -> str:
        """A proof of absurdity from a proof of a formula whose value is false."""
        if not structured(formula):
            self.used.add(formula)
            return f"({self.hypothesis[formula]} {proof})"
        head, parts = formula.operator, formula.arguments
        if head == "false":
            return proof
        if head == "not":
            return f"({proof} {self.holds(parts[0])})"
        if head == "and":
            chosen = next(i for i, p in enumerate(parts) if value_of(p, self.given) is False)
            return self.fails(parts[chosen], projection(proof, chosen, len(parts)))
        if head == "or":
            return self._none(parts, proof)
        if head == "=" and not value_of(parts[0], self.given):
            return self.fails(parts[0], f"(proj2 {proof} {self.holds(parts[1])})")
        onwards = proof if head == "=>" else f"proj1 {proof}"
        return self.fails(parts[1], f"({onwards} {self.holds(parts[0])})")

    def _none(self, parts: tuple[Term, ...], proof: str) -> str:
        if len(parts) == 1:
            return self.fails(parts[0], proof)
        a, b = self._name(), self._name()
        first, rest = self.fails(parts[0], a), self._none(parts[1:], b)
        return f"match {proof} with or_introl {a} => {first} | or_intror {b} => {rest} end"


def projection(proof: str, index: int, width: int) -> str:
    """The part ``index`` of a proof of a conjunction of ``width`` parts nested to the right."""
    for _ in range(index):
        proof = f"(proj2 {proof})"
    return f"(proj1 {proof})" if index < width - 1 else proof
