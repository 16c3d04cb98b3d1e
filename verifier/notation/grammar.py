"""What printer and reader agree on: how tightly each construction binds, and which casts show.

A part that is looser than its place asks for stands in brackets.  ``docs/notation.md`` gives the
grammar in full.

An *arithmetic tree* is a largest part of a term made of ``+ − · /``, numerals and the branches of
``if``; the two sides of a comparison are one tree.  What hangs below it, a variable, an
application, a power, a ``div`` or ``mod``, a cast written ``↑``, is a *leaf*.  The tree is of
reals if one thing in it shows that it is: a leaf of reals, a division, a numeral p/q, a written
cast, or its place, where that wants a real.  In a tree of reals each leaf of integers is cast.

So the cast of a leaf is left out where something else shows that the tree is of reals, and a cast
of anything but a leaf is always written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from verifier.logic import INT, REAL, Term

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


def is_leaf(term: Term) -> bool:
    """Whether a number hangs below an arithmetic tree."""
    return term.operator not in FIELD and term.operator not in ("number", "to_real")


def branches(term: Term) -> tuple[Term, ...]:
    """The parts of an inner node that belong to its tree, as they are printed."""
    if term.operator == "ite":
        return term.arguments[1:]
    if is_minus(term):
        return term.arguments[1:]
    return term.arguments


def is_minus(term: Term) -> bool:
    """Whether a term is ``0 − t``, which is written −t."""
    first = term.arguments[0] if term.operator == "-" else term
    return first.operator == "number" and term.operator == "-" and bool(first.data == 0)


def understood(roots: Sequence[Term], real_wanted: bool) -> tuple[bool, bool]:
    """Whether casts of leaves are left out, and whether the first numeral must tell its sort.

    Parameters
    ----------
    roots:
        The tree, or both sides of a comparison.
    real_wanted:
        Whether its place wants a real.
    """
    if roots[0].sort == INT or real_wanted:
        return True, False
    seen: set[Term] = set()
    todo = list(roots)
    any_cast = False
    while todo:
        node = todo.pop()
        if node in seen:
            continue
        seen.add(node)
        if node.operator == "number":
            if node.data.denominator != 1:
                return True, False
        elif node.operator == "to_real":
            if not is_leaf(node.arguments[0]):
                return True, False
            any_cast = True
        elif node.operator in FIELD:
            if node.operator == "/":
                return True, False
            todo.extend(branches(node))
        elif node.sort == REAL:
            return True, False
    return False, not any_cast
