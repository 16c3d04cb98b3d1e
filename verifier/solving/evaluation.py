"""Exact evaluation of quantifier-free terms at rational values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from verifier.logic.errors import IllFormed
from verifier.logic.terms import Term

Value = Fraction | bool
# How to evaluate what is no arithmetic: variables, applications, opaque atoms.
Lookup = Callable[[Term, tuple[Value, ...]], Value]


def evaluate(term: Term, lookup: Lookup, children: Callable[[Term], tuple[Term, ...]]) -> Value:
    """The value of a term.

    Parameters
    ----------
    lookup:
        The value of a node that is no arithmetic, given the values of its children.
    children:
        The subterms to evaluate first; of an atom none.

    Raises
    ------
    ZeroDivisionError
        At a quotient by zero.
    """
    done: dict[Term, Value] = {}
    todo = [(term, False)]
    while todo:
        node, ready = todo.pop()
        if node in done:
            continue
        if not ready:
            todo.append((node, True))
            todo.extend((a, False) for a in children(node))
            continue
        values = tuple(done[a] for a in children(node))
        if node.operator in _ARITHMETIC and len(values) == len(node.arguments):
            done[node] = _ARITHMETIC[node.operator](*values)
        elif node.operator == "number":
            done[node] = node.data
        elif node.operator in ("true", "false"):
            done[node] = node.operator == "true"
        else:
            done[node] = lookup(node, values)
    return done[term]


def _number(value: Value) -> Fraction:
    if isinstance(value, bool):
        raise IllFormed("a truth value where a number is wanted")
    return value


_ARITHMETIC: Mapping[str, Callable[..., Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: Fraction(a) / _number(b),
    "div": lambda a, b: Fraction(a // b),
    "mod": lambda a, b: Fraction(a % b),
    "to_real": lambda a: a,
    "=": lambda a, b: a == b,
    "<=": lambda a, b: a <= b,
    "<": lambda a, b: a < b,
    "and": lambda *parts: all(parts),
    "or": lambda *parts: any(parts),
    "not": lambda a: not a,
    "=>": lambda a, b: not a or b,
    "ite": lambda c, a, b: a if c else b,
}
