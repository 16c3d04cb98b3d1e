"""Substitution: one iterative walk, from which the four operations on variables are made.

De Bruijn indices make capture impossible: a free variable is never below a binder of its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from verifier.logic.errors import IllFormed, SortMismatch
from verifier.logic.terms import BINDERS, Term, apply, bound, divide, make, rebind


def rebuild(
    term: Term, skip: Callable[[Term, int], bool], change: Callable[[Term, int], Term]
) -> Term:
    """Copy ``term`` with its variables changed; the walk is iterative and shares equal parts.

    Parameters
    ----------
    skip:
        Of a node and the number of binders above it: whether nothing below it changes.
    change:
        Of a free or bound variable and that number: what stands in its place.
    """
    # By identity: nodes live as long as the walk, and looking at numbers is what takes time here.
    done: dict[tuple[int, int], Term] = {}
    todo = [(term, 0, False)]
    while todo:
        node, depth, ready = todo.pop()
        place = (id(node), depth)
        if place in done:
            continue
        operator = node.operator
        if ready:
            below = depth + len(node.data[0]) if operator in BINDERS else depth
            done[place] = _like(node, tuple([done[id(a), below] for a in node.arguments]))
        elif skip(node, depth):
            done[place] = node
        elif operator in ("variable", "bound"):
            done[place] = change(node, depth)
        else:
            below = depth + len(node.data[0]) if operator in BINDERS else depth
            todo.append((node, depth, True))
            todo.extend([(a, below, False) for a in node.arguments])
    return done[id(term), 0]


def _like(node: Term, parts: tuple[Term, ...]) -> Term:
    if node.operator == "apply":
        return apply(parts[0], parts[1:])
    if node.operator == "/":
        return divide(*parts)
    if node.operator in BINDERS:
        return rebind(node.operator, node.data, parts[0])
    return make(node.operator, parts, node.data, node.sort)


def substitute(term: Term, values: Mapping[Term, Term]) -> Term:
    """Replace free variables by closed terms of their sorts, all at once.

    A function variable may be replaced by a lambda; its applications are reduced.

    Raises
    ------
    SortMismatch
        If a value has another sort than its variable.
    IllFormed
        If a key is no variable, or a value has loose indices.
    """
    for v, value in values.items():
        if v.operator != "variable" or value.loose:
            raise IllFormed(f"cannot put {value} for {v}")
        if v.sort != value.sort:
            raise SortMismatch(f"{v} is of sort {v.sort}, {value} of sort {value.sort}")
    keys = frozenset(values)
    return rebuild(
        term, lambda node, _: node.free.isdisjoint(keys), lambda node, _: values.get(node, node)
    )


def shift(term: Term, by: int) -> Term:
    """Move a term below ``by`` more binders."""
    if not by or not term.loose:
        return term
    return rebuild(
        term,
        lambda node, depth: node.loose <= depth,
        lambda node, depth: bound(node.data + by, node.sort),
    )


def instantiate(body: Term, values: tuple[Term, ...]) -> Term:
    """Put values for the variables of the outermost binder, whose body this is."""
    size = len(values)

    def change(node: Term, depth: int) -> Term:
        index = node.data - depth
        if index >= size:
            return bound(node.data - size, node.sort)
        value = values[size - 1 - index]
        if value.sort != node.sort:
            raise SortMismatch(f"expected {node.sort}, found {value} of sort {value.sort}")
        return shift(value, depth)

    return rebuild(body, lambda node, depth: node.loose <= depth, change)


def abstract(body: Term, variables: tuple[Term, ...]) -> Term:
    """The body of a binder over ``variables``: instantiating it with them gives ``body``."""
    place = {v: len(variables) - 1 - i for i, v in enumerate(variables)}
    keys = frozenset(place)

    def change(node: Term, depth: int) -> Term:
        if node in place:
            return bound(depth + place[node], node.sort)
        return node

    # A body may hang below binders of its own caller, never have loose indices here.
    if body.loose:
        raise IllFormed("a body with loose indices cannot be bound")
    return rebuild(body, lambda node, _: node.free.isdisjoint(keys), change)


def replace(term: Term, old: Term, new: Term) -> Term:
    """Replace every occurrence of one closed term by another, bound names aside."""
    done: dict[Term, Term] = {}
    todo = [(term, False)]
    while todo:
        node, ready = todo.pop()
        if node in done:
            continue
        if node.canonical is old.canonical:
            done[node] = new
        elif not node.arguments:
            done[node] = node
        elif ready:
            done[node] = _like(node, tuple(done[a] for a in node.arguments))
        else:
            todo.append((node, True))
            todo.extend((a, False) for a in node.arguments)
    return done[term]


def opened(quantified: Term, value: Term) -> Term:
    """The body of a quantified formula at ``value``."""
    if quantified.operator not in ("forall", "exists"):
        raise IllFormed(f"not a quantified formula: {quantified}")
    (sort,) = quantified.data[1]
    if value.sort != sort:
        raise SortMismatch(f"{quantified.data[0][0]} is of sort {sort}, {value} is {value.sort}")
    return instantiate(quantified.arguments[0], (value,))
