"""A second, slower logic: terms as nested tuples with named variables, written from a textbook.

``("var", name)``, ``("num", value)``, ``(operator, left, right)`` and
``("forall" | "exists" | "sum", name, body)``; all variables are reals.
"""

from __future__ import annotations

from typing import Any

Tree = tuple[Any, ...]
BINDERS = ("forall", "exists", "sum")


def free(tree: Tree) -> frozenset[str]:
    """Names that occur outside a binder of theirs."""
    if tree[0] == "var":
        return frozenset((tree[1],))
    if tree[0] == "num":
        return frozenset()
    if tree[0] in BINDERS:
        return free(tree[2]) - {tree[1]}
    return frozenset[str]().union(*map(free, tree[1:]))


def substitute(tree: Tree, name: str, value: Tree) -> Tree:
    """``tree[value/name]``, bound variables renamed where they would capture."""
    if tree[0] == "var":
        return value if tree[1] == name else tree
    if tree[0] == "num":
        return tree
    if tree[0] not in BINDERS:
        return (tree[0], *(substitute(t, name, value) for t in tree[1:]))
    binder, inner, body = tree
    if inner == name:
        return tree
    if inner in free(value):
        other = inner + "_"
        while other in free(value) | free(body) | {name}:
            other += "_"
        inner, body = other, substitute(body, inner, ("var", other))
    return (binder, inner, substitute(body, name, value))


def alike(left: Tree, right: Tree, pairs: tuple[tuple[str, str], ...] = ()) -> bool:
    """Equality up to the names of bound variables."""
    if left[0] != right[0]:
        return False
    if left[0] == "num":
        return bool(left[1] == right[1])
    if left[0] == "var":
        for one, other in reversed(pairs):
            if left[1] == one or right[1] == other:
                return bool(left[1] == one and right[1] == other)
        return bool(left[1] == right[1])
    if left[0] in BINDERS:
        return alike(left[2], right[2], (*pairs, (left[1], right[1])))
    return all(alike(a, b, pairs) for a, b in zip(left[1:], right[1:], strict=True))
