"""Recursions at literal indices, unrolled to their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from verifier import kernel
from verifier.kernel import Theorem
from verifier.logic import INT, Term, number
from verifier.logic.substitution import replace
from verifier.proving.errors import ProofFailed
from verifier.solving.evaluation import evaluate

if TYPE_CHECKING:
    from verifier.proving.proof import Proof

MOST_STEPS: Final = 10_000
_COMPUTED: Final = frozenset(
    {"number", "+", "-", "*", "div", "mod", "ite", "=", "<=", "<", "and", "or", "not", "=>"}
)


def index_of(term: Term) -> Term | None:
    """What a recursion is taken at; of anything else, None."""
    if term.operator != "symbol":
        return None
    position = kernel.DEFINED[term.data.name].position
    return None if position is None else term.arguments[position]


def recursions(term: Term) -> list[Term]:
    """The recursions in a term that mention no variable bound in it, each once."""
    found: dict[Term, None] = {}
    seen: set[Term] = set()
    todo = [term]
    while todo:
        node = todo.pop()
        if node in seen:
            continue
        seen.add(node)
        if not node.loose and index_of(node) is not None:
            found[node] = None
        todo.extend(reversed(node.arguments))
    return list(found)


def unroll(p: Proof, term: Term) -> Theorem:
    """``term = its value``: every recursion in it at a literal index is unrolled.

    An index that can be computed, such as the width of a layer, counts as the literal it is.
    """
    equation = p.have(term == term)
    for _ in range(MOST_STEPS):
        value = equation.conclusion.arguments[1]
        step = next((s for r in recursions(value) if (s := _step(p, r)) is not None), None)
        if step is None:
            return equation
        z = p.fresh("z", step.conclusion.arguments[0].sort)
        template = term == replace(value, step.conclusion.arguments[0], z)
        equation = kernel.rewrite(step, equation, template, z)
    raise ProofFailed(f"more than {MOST_STEPS} steps to unroll {term}", p.name)


def _step(p: Proof, recursion: Term) -> Theorem | None:
    """The equation that takes a recursion one step on, or None if its index is no number."""
    index = index_of(recursion)
    literal = None if index is None else _literal(index)
    if index is None or literal is None:
        return None
    if index.operator != "number":
        return p.have(index == literal)
    if index.data < 0:
        return None
    return p.successor(recursion, []) if index.data else p.meaning(recursion)


def _literal(term: Term) -> Term | None:
    """The number a term is, whatever stands in the branches that are not taken."""
    while term.operator == "ite" and _ground(term.arguments[0]):
        taken = evaluate(term.arguments[0], _no_value, lambda t: t.arguments)
        term = term.arguments[1 if taken else 2]
    if not _ground(term):
        return None
    return number(evaluate(term, _no_value, lambda t: t.arguments), INT)


def _ground(term: Term) -> bool:
    todo = [term]
    while todo:
        node = todo.pop()
        if node.operator not in _COMPUTED:
            return False
        todo.extend(node.arguments)
    return True


def _no_value(node: Term, _: object) -> bool:
    raise ProofFailed(f"no number: {node}")
