"""Leaves decided by cvc5, in process.

A leaf goes to cvc5 with opaque subterms abstracted: a quantified formula is a truth value, a
symbol under functions an uninterpreted function of its numbers, a quotient by anything but a
literal a real number.  Division with remainder becomes two integers, ``a = n*q + r`` with
``0 <= r < n``: cvc5 then branches on the remainder, and not on the numbers it is taken of.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from verifier.recheck.terms import Sort, Term

if TYPE_CHECKING:
    import cvc5

MILLISECONDS: Final = 10_000
# Tried in turn: first a short run of the defaults, which decide nearly everything.
CONFIGURATIONS: Final[tuple[tuple[int, dict[str, str]], ...]] = (
    (1000, {}),
    (2000, {"nl-ext": "full", "nl-ext-tplanes": "true"}),
    (3000, {"nl-cov": "true", "nl-ext": "none"}),
    (
        MILLISECONDS,
        {"nl-ext": "full", "nl-ext-tplanes": "true", "nl-ext-tplanes-interleave": "true"},
    ),
)


@dataclass(frozen=True)
class Verdict:
    """``proved``, ``refuted`` or ``unknown``, and what cvc5 said beyond that."""

    status: str
    detail: str = ""


def decide(premises: Sequence[Term], goal: Term) -> Verdict:
    """Whether the premises force the goal.

    ``refuted`` comes with a model: values of the leaf's variables and opaque terms at which the
    premises hold and the goal does not.
    """
    import cvc5

    reason = ""
    for milliseconds, options in CONFIGURATIONS:
        terms = cvc5.TermManager()
        solver = cvc5.Solver(terms)
        for key, value in {"produce-models": "true", **options}.items():
            solver.setOption(key, value)
        solver.setOption("tlimit-per", str(milliseconds))
        solver.setLogic("ALL")
        writer = _Writer(terms)
        for premise in premises:
            solver.assertFormula(writer.term(premise))
        solver.assertFormula(terms.mkTerm(cvc5.Kind.NOT, writer.term(goal)))
        for meaning in writer.meanings:
            solver.assertFormula(meaning)
        answer = solver.checkSat()
        if answer.isUnsat():
            return Verdict("proved")
        if answer.isSat():
            constants = [c for c in writer.atoms.values() if not c.getSort().isFunction()]
            values = ", ".join(f"{c} = {solver.getValue(c)}" for c in constants)
            return Verdict("refuted", values)
        reason = str(answer)
    return Verdict("unknown", reason)


class _Writer:
    def __init__(self, terms: cvc5.TermManager) -> None:
        self.terms = terms
        self.atoms: dict[Hashable, Any] = {}
        self.written: dict[Term, Any] = {}
        self.meanings: list[Any] = []

    def term(self, term: Term) -> Any:
        if term not in self.written:
            self.written[term] = self.write(term)
        return self.written[term]

    def write(self, term: Term) -> Any:
        operator, parts, terms = term.operator, term.arguments, self.terms
        if operator == "number":
            text = str(term.data)
            return terms.mkInteger(text) if term.sort == "Int" else terms.mkReal(text)
        if operator in ("true", "false"):
            return terms.mkBoolean(operator == "true")
        if operator == "variable":
            return self.constant(term, term.data, (), term.sort)
        if operator in ("forall", "exists") or (operator == "/" and parts[1].operator != "number"):
            return self.constant(term, "opaque", (), term.sort)
        if operator in ("apply", "symbol"):
            functions = tuple(a for a in parts if isinstance(a.sort, tuple))
            plain = [a for a in parts if not isinstance(a.sort, tuple)]
            name = str(parts[0].data if operator == "apply" else term.data.name)
            sorts = tuple(str(a.sort) for a in plain)
            head = self.constant((operator, term.data, functions), name, sorts, term.sort)
            if not plain:
                return head
            return terms.mkTerm(_kind("APPLY_UF"), head, *map(self.term, plain))
        if operator in ("div", "mod"):
            return self.division(*parts)[operator == "mod"]
        return terms.mkTerm(_kind(KINDS[operator]), *map(self.term, parts))

    def division(self, dividend: Term, divisor: Term) -> tuple[Any, Any]:
        """Quotient and remainder, with what they mean asserted once."""
        known = ("div", dividend, divisor) in self.atoms
        q = self.constant(("div", dividend, divisor), "quotient", (), "Int")
        r = self.constant(("mod", dividend, divisor), "remainder", (), "Int")
        if not known:
            n, make = self.term(divisor), self.terms.mkTerm
            whole = make(_kind("ADD"), make(_kind("MULT"), n, q), r)
            self.meanings += [
                make(_kind("EQUAL"), self.term(dividend), whole),
                make(_kind("LEQ"), self.terms.mkInteger("0"), r),
                make(_kind("LT"), r, n),
            ]
        return q, r

    def constant(self, key: Hashable, name: str, domain: tuple[str, ...], sort: Sort) -> Any:
        if key not in self.atoms:
            result = self.sort(str(sort))
            if domain:
                result = self.terms.mkFunctionSort([self.sort(s) for s in domain], result)
            self.atoms[key] = self.terms.mkConst(result, name)
        return self.atoms[key]

    def sort(self, name: str) -> Any:
        makers: dict[str, Callable[[], Any]] = {
            "Int": self.terms.getIntegerSort,
            "Real": self.terms.getRealSort,
            "Bool": self.terms.getBooleanSort,
        }
        return makers[name]()


def _kind(name: str) -> Any:
    import cvc5

    return getattr(cvc5.Kind, name)


KINDS: Final[dict[str, str]] = {
    "+": "ADD", "-": "SUB", "*": "MULT", "/": "DIVISION", "to_real": "TO_REAL", "ite": "ITE",
    "=": "EQUAL", "<=": "LEQ", "<": "LT", "and": "AND", "or": "OR", "not": "NOT",
    "=>": "IMPLIES",
}  # fmt: skip
