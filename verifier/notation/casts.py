r"""Which casts from ℤ to ℝ are left out, and how they are found again.

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

from verifier.logic import INT, REAL, Term
from verifier.notation.grammar import FIELD


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
