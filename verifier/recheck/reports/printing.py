"""Terms and definitions for a reader, bounded, and never two of them alike.

``/``, ``div`` and ``mod`` stand in brackets beside any other operator, a binder inside anything
does too, and a bound variable has a name that nothing else in the formula has.  Integers among the
reals are written ``(n : ℝ)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from verifier.recheck.terms import Sort, Term, literal, subterms

if TYPE_CHECKING:
    from verifier.recheck.document import Definition

# How many parts of a formula are shown; no statement that a person reads has as many.
PARTS: Final = 3000
SORTS: Final = {"Int": "ℤ", "Real": "ℝ", "Bool": "truth value"}
HINTS: Final = {"Int": "n", "Real": "x"}

# How tightly an operator binds: its own strength, and what it asks of left and right.
ATOM, PRODUCT, SUM, DIVISION, COMPARISON, NEGATION, CONNECTIVE, ARROW, BINDER = range(9, 0, -1)
INFIX: Final[dict[str, tuple[str, int, int, int]]] = {
    "*": (" · ", PRODUCT, PRODUCT, ATOM),
    "+": (" + ", SUM, SUM, PRODUCT),
    "-": (" − ", SUM, SUM, PRODUCT),
    "/": (" / ", DIVISION, ATOM, ATOM),
    "div": (" div ", DIVISION, ATOM, ATOM),
    "mod": (" mod ", DIVISION, ATOM, ATOM),
    "=": (" = ", COMPARISON, DIVISION, DIVISION),
    "<=": (" ≤ ", COMPARISON, DIVISION, DIVISION),
    "<": (" < ", COMPARISON, DIVISION, DIVISION),
    "and": (" ∧ ", CONNECTIVE, NEGATION, NEGATION),
    "or": (" ∨ ", CONNECTIVE, NEGATION, NEGATION),
    "=>": (" → ", ARROW, CONNECTIVE, CONNECTIVE),
    "iff": (" ↔ ", ARROW, CONNECTIVE, CONNECTIVE),
}

Names = Mapping[Term, tuple[str, ...]]


def text(term: Term, names: Names | None = None, parts: int = PARTS) -> str:
    """A term as a mathematician writes it; ``…`` stands for what is beyond the limit.

    Parameters
    ----------
    names:
        What the variables of binders are to be called, where that is free.

    Examples
    --------
    >>> from verifier.recheck.terms import make, number
    >>> n = make("variable", (), "n", "Int")
    >>> half = make("div", (n, number(2, "Int")))
    >>> text(make("<=", (make("*", (half, number(2, "Int"))), n)))
    '(n div 2) · 2 ≤ n'
    """
    return _Printer([term], names or {}, parts).within(term, (), BINDER)


def definition_text(definition: Definition, names: Names | None = None, parts: int = PARTS) -> str:
    """What a symbol means, on one line.

    Examples
    --------
    >>> from verifier.recheck.document import Definition
    >>> from verifier.recheck.terms import Signature, make
    >>> x = make("variable", (), "x", "Real")
    >>> definition_text(Definition(Signature("twice", ("Real",), "Real"), (x,), make("+", (x, x))))
    'twice(x: ℝ) := x + x'
    """
    d = definition
    roots = [*d.parameters, d.body, *([] if d.successor is None else [d.successor])]
    printer = _Printer(roots, names or {}, parts, d.signature.name)
    joint = " :⇔ " if d.signature.sort == "Bool" else " := "

    def call(measure: str | None) -> str:
        shown = [
            measure if measure and p is d.measure else printer.within(p, (), ATOM)
            if measure else f"{printer.within(p, (), ATOM)}: {sort_text(p.sort)}"
            for p in d.parameters
        ]  # fmt: skip
        return f"{d.signature.name}({', '.join(shown)})" if shown else d.signature.name

    body = printer.within(d.body, (), BINDER)
    if d.measure is None or d.successor is None:
        return f"{call(None)}{joint}{body}"
    n = printer.within(d.measure, (), ATOM)
    above = printer.within(d.successor, (), BINDER)
    return (
        f"{call(None)}, where {call('0')}{joint}{body}"
        f" and, for 0 ≤ {n}, {call(f'{n} + 1')}{joint}{above}"
    )


def sort_text(sort: Sort) -> str:
    """A sort for a reader.

    Examples
    --------
    >>> sort_text((("Int", "Real"), "Real"))
    'ℤ × ℝ → ℝ'
    """
    if isinstance(sort, str):
        return SORTS.get(sort, sort)
    return f"{' × '.join(SORTS[s] for s in sort[0])} → {SORTS[sort[1]]}"


class _Printer:
    def __init__(self, roots: list[Term], names: Names, parts: int, *symbols: str) -> None:
        self.names, self.left = names, parts
        everything = subterms(*roots)
        free = [t for t in everything if t.operator == "variable"]
        self.taken = {str(t.data) for t in free} | set(symbols)
        self.taken |= {t.data.name for t in everything if t.operator == "symbol"}
        said = [str(t.data) for t in free]
        self.twins = {t for t in free if said.count(str(t.data)) > 1} if len(free) < 500 else set()

    def within(self, term: Term, scope: tuple[str, ...], least: int) -> str:
        """A term as an operand: in brackets if it binds less tightly than ``least``."""
        self.left -= 1
        if self.left < 0:
            return "…"
        said, strength = self.term(term, scope)
        return said if strength >= least else f"({said})"

    def term(self, term: Term, scope: tuple[str, ...]) -> tuple[str, int]:
        operator, parts = term.operator, term.arguments
        if operator == "variable":
            name = str(term.data)
            return (f"({name}: {sort_text(term.sort)})" if term in self.twins else name), ATOM
        if operator == "bound":
            inside = term.data < len(scope)
            return (scope[-1 - term.data] if inside else f"#{term.data}"), ATOM
        if operator == "number":
            whole = term.data.denominator == 1 and term.data >= 0
            return literal(term.data), ATOM if whole else DIVISION
        if operator in ("true", "false"):
            return operator, ATOM
        if operator in ("forall", "exists", "lambda"):
            return self.binder(term, scope), BINDER
        if operator == "ite":
            c, a, b = (self.within(p, scope, ARROW) for p in parts)
            return f"if {c} then {a} else {b}", BINDER
        if operator == "to_real":
            return f"({self.within(parts[0], scope, DIVISION)} : ℝ)", ATOM
        if operator == "not":
            return f"¬{self.within(parts[0], scope, ATOM)}", NEGATION
        if operator in ("apply", "symbol"):
            arguments = parts[1:] if operator == "apply" else parts
            head = self.within(parts[0], scope, ATOM) if operator == "apply" else term.data.name
            shown = ", ".join(self.within(a, scope, BINDER) for a in self.first(arguments))
            return (f"{head}({shown})" if arguments else head), ATOM
        equivalence = operator == "=" and parts[0].sort == "Bool"
        joint, strength, left, right = INFIX["iff" if equivalence else operator]
        first, *others = self.first(parts)
        words = [self.within(first, scope, left), *(self.within(p, scope, right) for p in others)]
        return joint.join(words), strength

    def first(self, parts: tuple[Term, ...]) -> tuple[Term, ...]:
        """As many parts as there is room for, and one more to show that some are left out."""
        return parts[: max(self.left, 0) + 1]

    def binder(self, term: Term, scope: tuple[str, ...]) -> str:
        hints = self.names.get(term, ())
        inner, bound = scope, []
        for i, sort in enumerate(term.data):
            hint = hints[i] if i < len(hints) else HINTS.get(str(sort), "f")
            name, count = hint, 0
            while name in self.taken or name in inner:
                count += 1
                name = f"{hint}_{count}"
            inner = (*inner, name)
            bound.append(f"{name}: {sort_text(sort)}")
        body = self.within(term.arguments[0], inner, ARROW if term.operator == "lambda" else BINDER)
        if term.operator == "lambda":
            return f"({', '.join(bound)}) ↦ {body}"
        return f"{'∀' if term.operator == 'forall' else '∃'}{bound[0]}. {body}"
