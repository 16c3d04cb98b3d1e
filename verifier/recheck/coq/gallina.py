"""Terms as Gallina: Int is Z, Real is R, formulas are propositions.

Every comparison and every arithmetic expression names its scope where the sort changes, so that
no reading depends on what scope happens to be open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from verifier.recheck.coq.names import bound_name, symbol_name, variable_name
from verifier.recheck.coq.terms import COMPARISONS, Sort, Term

SORTS: Final[Mapping[str, str]] = {"Int": "Z", "Real": "R", "Bool": "Prop"}
SCOPES: Final[Mapping[str, str]] = {"Int": "Z", "Real": "R"}
DECIDE: Final[Mapping[tuple[str, str], str]] = {
    ("<=", "Int"): "Z_le_dec",
    ("<", "Int"): "Z_lt_dec",
    ("=", "Int"): "Z.eq_dec",
    ("<=", "Real"): "Rle_dec",
    ("<", "Real"): "Rlt_dec",
    ("=", "Real"): "Req_EM_T",
}
INFIX: Final[Mapping[str, str]] = {
    "+": "+", "-": "-", "*": "*", "/": "/", "div": "/", "mod": "mod",
    "<=": "<=", "<": "<", "=": "=",
}  # fmt: skip


def sort_type(sort: Sort) -> str:
    """The type of a sort: ``R -> R`` for functions of the reals."""
    if isinstance(sort, str):
        return SORTS[sort]
    return " -> ".join([*(SORTS[s] for s in sort[0]), SORTS[sort[1]]])


def number(value: Fraction, sort: Sort, scope: str) -> str:
    """A literal; a fraction is a quotient of two integers cast to reals."""
    if sort == "Int":
        digits = str(value) if value >= 0 else f"({value})"
        return digits if scope == "Int" else f"{digits}%Z"
    over, under = (f"IZR ({n})" for n in (value.numerator, value.denominator))
    if value.denominator != 1:
        return _scoped(f"{over} / {under}", "Real", scope)
    if value >= 0:
        return str(value) if scope == "Real" else f"{value}%R"
    return f"({over})"


def _scoped(text: str, wanted: str, scope: str) -> str:
    return f"({text})" if wanted == scope else f"({text})%{SCOPES[wanted]}"


@dataclass
class Printer:
    """Prints terms; every name follows from what it names (:mod:`~verifier.recheck.coq.names`).

    Attributes
    ----------
    known:
        Terms printed as a name of their own, whatever they are.
    """

    known: dict[Term, str] = field(default_factory=dict)

    def name(self, variable: Term) -> str:
        """The name of a free variable."""
        return variable_name(str(variable.data), variable.sort)

    def binder(self, variable: Term) -> str:
        """``(x : R)``."""
        return f"({self.name(variable)} : {sort_type(variable.sort)})"

    def term(self, term: Term, bound: tuple[str, ...] = (), scope: str = "Real") -> str:
        """A term, in parentheses unless it is one word."""
        if term in self.known:
            return self.known[term]
        head, arguments = term.operator, term.arguments
        if head == "variable":
            return self.name(term)
        if head == "bound":
            return bound[-1 - int(term.data)]
        if head == "number":
            return number(term.data, term.sort, scope)
        if head in ("true", "false"):
            return head.capitalize()
        if head in ("forall", "exists", "lambda"):
            return self._binder(term, bound, scope)
        if head == "ite":
            decided = self.decision(arguments[0], bound, scope)
            then, otherwise = (self.term(a, bound, scope) for a in arguments[1:])
            return f"(if {decided} then {then} else {otherwise})"
        if head == "=" and arguments[0].sort == "Bool":
            return self._joined("<->", arguments, bound, scope)
        if head in INFIX:
            sort = str(arguments[0].sort)
            inner = f" {INFIX[head]} ".join(self.term(a, bound, sort) for a in arguments)
            return _scoped(inner, sort, scope)
        if head == "=>":
            return self._joined("->", arguments, bound, scope)
        if head in ("and", "or"):
            return self._joined("/\\" if head == "and" else "\\/", arguments, bound, scope)
        if head == "not":
            return f"(~ {self.term(arguments[0], bound, scope)})"
        return self._application(term, bound, scope)

    def _application(self, term: Term, bound: tuple[str, ...], scope: str) -> str:
        words = [self.term(a, bound, scope) for a in term.arguments]
        if term.operator == "to_real":
            words.insert(0, "IZR")
        elif term.operator == "symbol":
            words.insert(0, symbol_name(term.data))
        return f"({' '.join(words)})" if len(words) > 1 else words[0]

    def _joined(
        self, joint: str, parts: tuple[Term, ...], bound: tuple[str, ...], scope: str
    ) -> str:
        # Joints associate to the right; the parentheses of each part say the rest.
        return f"({f' {joint} '.join(self.term(p, bound, scope) for p in parts)})"

    def _binder(self, term: Term, bound: tuple[str, ...], scope: str) -> str:
        names = [bound_name(len(bound) + i, sort) for i, sort in enumerate(term.data)]
        binders = " ".join(f"({n} : {sort_type(s)})" for n, s in zip(names, term.data, strict=True))
        body = self.term(term.arguments[0], (*bound, *names), scope)
        if term.operator == "lambda":
            return f"(fun {binders} => {body})"
        return f"({term.operator} {binders}, {body})"

    def decision(self, condition: Term, bound: tuple[str, ...] = (), scope: str = "Real") -> str:
        """The decision procedure of a condition, a term of type ``{condition} + {~ condition}``."""
        head, parts = condition.operator, condition.arguments
        if head in ("true", "false"):
            return f"{head}_dec"
        if head in COMPARISONS and parts[0].sort != "Bool":
            return self._decided(DECIDE[head, str(parts[0].sort)], parts, bound, scope)
        inner = [self.decision(p, bound, scope) for p in parts]
        joint = {"and": "and_dec", "or": "or_dec", "not": "not_dec", "=>": "imp_dec"}.get(
            head, "iff_dec"
        )
        text = inner[-1] if head != "not" else f"(not_dec {inner[0]})"
        for part in reversed(inner[:-1]):
            text = f"({joint} {part} {text})"
        return text

    def _decided(
        self, name: str, parts: tuple[Term, ...], bound: tuple[str, ...], scope: str
    ) -> str:
        sort = str(parts[0].sort)
        inner = " ".join(self.term(p, bound, sort) for p in parts)
        return _scoped(f"{name} {inner}", sort, scope)
