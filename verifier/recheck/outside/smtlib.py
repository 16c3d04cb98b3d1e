"""A leaf as SMT-LIB 2, in names of our own: no name of a file reaches a solver.

Opaque parts become uninterpreted: a quantified formula a truth value, a symbol under functions a
function of its numbers, a quotient by anything but a literal a real number.  Division with
remainder becomes two integers, ``a = n*q + r`` with ``0 <= r < n``: a solver then branches on the
remainder, and not on the numbers it is taken of.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from fractions import Fraction
from typing import Final

from verifier.recheck.terms import Term

# How many values of a model are asked for.
VALUES: Final = 20


class Script:
    """The assertions that premises hold and a goal does not.

    Attributes
    ----------
    lines:
        Declarations, definitions and assertions, in order.
    values:
        What a model gives values to: the name in the script, and the term.
    """

    def __init__(self, premises: Sequence[Term], goal: Term) -> None:
        self.lines: list[str] = []
        self.values: dict[str, Term] = {}
        self._written: dict[Term, str] = {}
        self._constants: dict[Hashable, str] = {}
        self._count = 0
        for premise in premises:
            self.lines.append(f"(assert {self.term(premise)})")
        self.lines.append(f"(assert (not {self.term(goal)}))")

    def text(self) -> str:
        """The whole script, up to the question."""
        return "\n".join(["(set-logic ALL)", *self.lines, "(check-sat)"])

    def term(self, wanted: Term) -> str:
        """The name of a term, those below it first."""
        todo = [wanted]
        while todo:
            term = todo[-1]
            below = [] if self._opaque(term) else list(term.arguments)
            missing = [a for a in below if isinstance(a.sort, str) and a not in self._written]
            if term in self._written:
                todo.pop()
            elif missing:
                todo += missing
            else:
                self._written[term] = self._write(term)
                todo.pop()
        return self._written[wanted]

    @staticmethod
    def _opaque(term: Term) -> bool:
        quotient = term.operator == "/" and term.arguments[1].operator != "number"
        return quotient or term.operator in ("forall", "exists")

    def _write(self, term: Term) -> str:
        operator, parts = term.operator, term.arguments
        if operator == "number":
            return _number(term.data, str(term.sort))
        if operator in ("true", "false"):
            return operator
        if operator == "variable" or self._opaque(term):
            return self._seen(self._constant(term, (), term), term)
        if operator in ("apply", "symbol"):
            functions = tuple(a for a in parts if isinstance(a.sort, tuple))
            plain = [a for a in parts if not isinstance(a.sort, tuple)]
            key = (operator, term.data, functions)
            head = self._constant(key, tuple(str(a.sort) for a in plain), term)
            words = " ".join(self._written[a] for a in plain)
            return self._seen(self._define(f"({head} {words})", term) if plain else head, term)
        if operator in ("div", "mod"):
            return self._division(term)
        head = "to_real" if operator == "to_real" else operator
        return self._define(f"({head} {' '.join(self._written[a] for a in parts)})", term)

    def _division(self, term: Term) -> str:
        """Quotient or remainder, with what the two mean asserted once."""
        dividend, divisor = term.arguments
        known = ("div", dividend, divisor) in self._constants
        q = self._constant(("div", dividend, divisor), (), term)
        r = self._constant(("mod", dividend, divisor), (), term)
        if not known:
            a, n = self._written[dividend], self._written[divisor]
            self.lines.append(f"(assert (= {a} (+ (* {n} {q}) {r})))")
            self.lines.append(f"(assert (and (<= 0 {r}) (< {r} {n})))")
        return q if term.operator == "div" else r

    def _constant(self, key: Hashable, domain: tuple[str, ...], term: Term) -> str:
        if key not in self._constants:
            self._constants[key] = f"c{len(self._constants)}"
            declared = f"{self._constants[key]} ({' '.join(domain)}) {term.sort}"
            self.lines.append(f"(declare-fun {declared})")
        return self._constants[key]

    def _define(self, body: str, term: Term) -> str:
        self._count += 1
        self.lines.append(f"(define-fun t{self._count} () {term.sort} {body})")
        return f"t{self._count}"

    def _seen(self, name: str, term: Term) -> str:
        if len(self.values) < VALUES and isinstance(term.sort, str):
            self.values.setdefault(name, term)
        return name


def _number(value: Fraction, sort: str) -> str:
    point = ".0" if sort == "Real" else ""
    over = f"{abs(value.numerator)}{point}"
    text = over if value.denominator == 1 else f"(/ {over} {value.denominator}{point})"
    return f"(- {text})" if value < 0 else text
