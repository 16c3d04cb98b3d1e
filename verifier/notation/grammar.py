"""What printer and reader agree on: how tightly each construction binds, and which are special.

A part that is looser than its place asks for stands in brackets.  ``docs/notation.md`` gives the
grammar in full.
"""

from __future__ import annotations

from typing import Final

from verifier.kernel import DEFINED
from verifier.logic import INT, REAL, FunctionSort, Sort, Symbol, Term
from verifier.logic.terms import BINDERS, bound, make, number, rebind

# Looser before tighter.
OPEN, ARROW, OR, AND, NOT, COMPARISON, QUOTIENT, SUM, RATIONAL, PRODUCT, POWER, ATOM = range(12)

# Between two parts: its own tightness, and what it asks of its left and right part.
INFIX: Final[dict[str, tuple[int, int, int]]] = {
    "=>": (ARROW, OR, ARROW), "iff": (ARROW, OR, OR),
    "or": (OR, AND, AND), "and": (AND, NOT, NOT),
    "=": (COMPARISON, QUOTIENT, QUOTIENT), "<=": (COMPARISON, QUOTIENT, QUOTIENT),
    "<": (COMPARISON, QUOTIENT, QUOTIENT), "≠": (COMPARISON, QUOTIENT, QUOTIENT),
    "/": (QUOTIENT, POWER, POWER), "div": (QUOTIENT, POWER, POWER),
    "mod": (QUOTIENT, POWER, POWER),
    "+": (SUM, SUM, RATIONAL), "-": (SUM, SUM, RATIONAL), "*": (PRODUCT, PRODUCT, POWER),
}  # fmt: skip

NEGATED: Final = PRODUCT
"""What a minus sign in front asks of its part."""

FIELD: Final = frozenset({"+", "-", "*", "/", "ite"})
"""Operators through which a cast is understood."""

_WIDTHS: Final = FunctionSort((INT,), INT)
_MAP: Final = FunctionSort((REAL,), REAL)
CLASS: Final = "network"
"""The predicate that is written g ∈ F(φ; m, ℓ) where all widths are m."""
CLASS_MEANING: Final = (
    f"∀ (g φ : Real → Real) m ℓ:Int. g ∈ F(φ; m, ℓ) ↔ {CLASS}(g, φ, i ↦ if i ≤ 0 then 1 else m, ℓ)"
)
_POWERS: Final = {INT: "power", REAL: "real_power"}


def power_symbol(sort: Sort) -> Symbol | None:
    """The symbol that ``b^n`` stands for, if it is defined, and defined as the power."""
    found = DEFINED.get(_POWERS[sort])
    if found is None or len(found.parameters) != 2:
        return None
    b, n = found.parameters
    if b.sort != sort or n.sort != INT or found.measure is not n:
        return None
    step = make("*", (found.symbol(b, n), b), None, sort)
    return found.symbol if found.body is number(1, sort) and found.successor is step else None


def class_symbol() -> Symbol | None:
    """The symbol that ``g ∈ F(φ; m, ℓ)`` stands for, if it is defined."""
    found = DEFINED.get(CLASS)
    fits = found is not None and found.symbol.parameters == (_MAP, _MAP, _WIDTHS, INT)
    return found.symbol if found is not None and fits else None


def widths(m: Term) -> Term:
    """One input and every layer of width m: ``i ↦ if i ≤ 0 then 1 else m``.

    ``m`` is as it stands below the binder.
    """
    i, zero, one = bound(0, INT), number(0, INT), number(1, INT)
    first = i <= zero
    return rebind("lambda", (("i",), (INT,)), make("ite", (first, one, m), None, INT))


def width(term: Term) -> Term | None:
    """The ``m`` of :func:`widths`, as it stands below the binder; None if there is none."""
    if term.operator != "lambda" or term.sort != _WIDTHS:
        return None
    body = term.arguments[0]
    if body.operator != "ite":
        return None
    wanted = widths(body).arguments[0].arguments
    same = all(a is b for a, b in zip(body.arguments[:2], wanted[:2], strict=True))
    return body.arguments[2] if same and not uses(body.arguments[2], 0) else None


def uses(term: Term, index: int) -> bool:
    """Whether the variable bound ``index`` binders further out occurs in a term."""
    seen: set[tuple[Term, int]] = set()
    todo = [(term, index)]
    while todo:
        node, at = todo.pop()
        if node.loose <= at or (node, at) in seen:
            continue
        seen.add((node, at))
        if node.operator == "bound" and node.data == at:
            return True
        below = at + len(node.data[0]) if node.operator in BINDERS else at
        todo.extend((a, below) for a in node.arguments)
    return False
