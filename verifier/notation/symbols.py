"""Symbols with a notation of their own, and what symbols are made of.

A notation of ours stands for what we say it does: it is used only while the symbol is defined so.
"""

from __future__ import annotations

import hashlib
from typing import Final

from verifier.kernel import DEFINED, definition
from verifier.logic import INT, REAL, FunctionSort, Sort, Symbol, Term
from verifier.logic.terms import BINDERS, bound, make, number, rebind
from verifier.notation.plain import plain

_WIDTHS: Final = FunctionSort((INT,), INT)
CLASS: Final = "network"
"""The predicate that is written g ∈ F(φ; m, ℓ) where all widths are m."""
CLASS_MEANING: Final = (
    f"∀ (g φ : Real → Real) m ℓ:Int. g ∈ F(φ; m, ℓ) ↔ {CLASS}(g, φ, i ↦ if i ≤ 0 then 1 else m, ℓ)"
)
CLASS_FINGERPRINT: Final = "d8de36ec0b6dc21a6c3a11fff902b48a"
_IS_CLASS: Final[dict[Symbol, bool]] = {}
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
    """The symbol that ``g ∈ F(φ; m, ℓ)`` stands for, if it is defined as the library defines it."""
    found = DEFINED.get(CLASS)
    if found is None:
        return None
    if found.symbol not in _IS_CLASS:
        _IS_CLASS[found.symbol] = fingerprint(found.symbol) == CLASS_FINGERPRINT
    return found.symbol if _IS_CLASS[found.symbol] else None


def fingerprint(symbol: Symbol) -> str:
    """A hash of all that a symbol is made of, down to arithmetic."""
    equations = [
        plain(equation.conclusion)
        for below in needed(*(e.conclusion for e in definition(symbol)))
        for equation in definition(below)
    ]
    return hashlib.sha256("\n\n".join(equations).encode()).hexdigest()[:32]


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


def needed(*terms: Term) -> list[Symbol]:
    """The defined symbols that terms need, down to arithmetic: each after all it is made of."""
    found: dict[Symbol, None] = {}
    todo = [(symbol, False) for term in reversed(terms) for symbol in _symbols(term)[::-1]]
    while todo:
        symbol, ready = todo.pop()
        if symbol in found:
            continue
        if ready:
            found[symbol] = None
            continue
        todo.append((symbol, True))
        meaning = DEFINED[symbol.name]
        inside = [] if meaning.successor is None else _symbols(meaning.successor)
        below = [*_symbols(meaning.body), *(s for s in inside if s is not symbol)]
        todo.extend((s, False) for s in reversed(below) if s not in found)
    return list(found)


def _symbols(term: Term) -> list[Symbol]:
    """The symbols of a term, in the order in which they stand."""
    found: dict[Symbol, None] = {}
    seen: set[Term] = set()
    todo = [term]
    while todo:
        node = todo.pop()
        if node in seen or not node.symbols:
            continue
        seen.add(node)
        if node.operator == "symbol":
            found[node.data] = None
        todo.extend(reversed(node.arguments))
    return list(found)
