"""Derivations as files: everything another program needs to check a result.

The format is described, versioned, in ``docs/derivations.md``.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

from verifier.kernel import DEFINED, Theorem
from verifier.logic import AnySort, FunctionSort, Symbol, Term

FORMAT: Final = "verifier-derivation/2"

# Names of each rule's parameters, in the order the kernel keeps them.
PARAMETERS: Final[dict[str, tuple[str, ...]]] = {
    "assume": ("formula",),
    "discharge": ("formula",),
    "modus_ponens": (),
    "conjoin": (),
    "conjunct": ("index",),
    "generalise": ("variable",),
    "instantiate": ("value",),
    "exhibit": ("claim", "witness"),
    "obtain": ("witness",),
    "cases": ("formula",),
    "induction": ("claim",),
    "rewrite": ("template", "at"),
    "transport": (),
    "quotient": (),
    "definition": ("symbol", "equation"),
    "leaf": ("goal", "certificate"),
    "oracle": ("goal",),
    "axiom": ("name", "formula"),
    "named": ("name",),
}


def walk(theorem: Theorem, through_names: bool = False) -> list[Theorem]:
    """The steps of a derivation, premises first; cited results are not entered.

    Parameters
    ----------
    through_names:
        Whether to enter cited results too.
    """
    order: list[Theorem] = []
    seen: set[Theorem] = set()
    todo = [(theorem, False)]
    while todo:
        step, ready = todo.pop()
        if ready:
            order.append(step)
        elif step not in seen:
            seen.add(step)
            todo.append((step, True))
            if step is theorem or step.rule != "named" or through_names:
                todo.extend((premise, False) for premise in reversed(step.premises))
    return order


def cited(theorem: Theorem) -> list[str]:
    """Names of the results a derivation uses directly, in order of first use."""
    steps = walk(theorem)
    return [s.parameters[0] for s in steps if s.rule == "named" and s is not theorem]


def assumptions(theorem: Theorem) -> list[str]:
    """Names of the axioms a result rests on, however far below."""
    found = [s.parameters[0] for s in walk(theorem, through_names=True) if s.rule == "axiom"]
    return sorted(set(found))


def oracles(theorem: Theorem) -> int:
    """How many leaves without a certificate a result rests on, however far below."""
    return sum(s.rule == "oracle" for s in walk(theorem, through_names=True))


def _lists(value: Any) -> Any:
    """Tuples as JSON has them."""
    return list(map(_lists, value)) if isinstance(value, tuple) else value


class _Table:
    """Terms and symbols, numbered in order of first use."""

    def __init__(self) -> None:
        self.terms: list[list[Any]] = []
        self.numbers: dict[Term, int] = {}
        self.symbols: list[dict[str, Any]] = []
        self.known: set[Symbol] = set()

    def term(self, wanted: Term) -> int:
        todo = [(wanted, False)]
        while todo:
            node, ready = todo.pop()
            if node in self.numbers:
                continue
            if ready:
                self.numbers[node] = len(self.terms)
                self.terms.append(self.encode(node))
            else:
                todo.append((node, True))
                todo.extend((a, False) for a in reversed(node.arguments))
        for symbol in sorted(wanted.symbols, key=lambda s: s.name):
            self.symbol(symbol)
        return self.numbers[wanted]

    def encode(self, node: Term) -> list[Any]:
        below = [self.numbers[a] for a in node.arguments]
        if node.operator == "variable":
            return ["variable", node.data, sort_code(node.sort)]
        if node.operator == "bound":
            return ["bound", node.data, sort_code(node.sort)]
        if node.operator == "number":
            return ["number", str(node.data), sort_code(node.sort)]
        if node.operator == "symbol":
            return ["symbol", node.data.name, *below]
        if node.operator in ("forall", "exists", "lambda"):
            names, sorts = node.data
            binders = [[n, sort_code(s)] for n, s in zip(names, sorts, strict=True)]
            return [node.operator, binders, *below]
        return [node.operator, *below]

    def symbol(self, symbol: Symbol) -> None:
        if symbol in self.known:
            return
        self.known.add(symbol)
        meaning = DEFINED[symbol.name]
        measure = meaning.measure
        entry = {
            "name": symbol.name,
            "sort": sort_code(symbol.sort),
            "parameters": [self.term(p) for p in meaning.parameters],
            "body": self.term(meaning.body),
            "measure": None if measure is None else self.term(measure),
            "successor": None if meaning.successor is None else self.term(meaning.successor),
        }
        # A body's own symbols were entered on the way, so the list is in order of dependence.
        self.symbols.append(entry)


def sort_code(sort: AnySort) -> Any:
    """A sort in a derivation file: its name, or ``[[domain …], range]`` for functions."""
    if isinstance(sort, FunctionSort):
        return [[s.name for s in sort.domain], sort.range.name]
    return sort.name


def derivation(theorem: Theorem) -> dict[str, Any]:
    """The derivation of a named result as a JSON document.

    Raises
    ------
    ValueError
        If the theorem carries no name.
    """
    if theorem.rule != "named":
        raise ValueError("only named results have a derivation file")
    table = _Table()
    numbers: dict[Theorem, int] = {}
    steps: list[dict[str, Any]] = []
    for step in walk(theorem):
        numbers[step] = len(steps)
        is_cited = step.rule == "named" and step is not theorem
        entry: dict[str, Any] = {
            "rule": "cite" if is_cited else step.rule,
            "premises": [] if is_cited else [numbers[p] for p in step.premises],
            "parameters": {
                key: _value(table, key, value)
                for key, value in zip(PARAMETERS[step.rule], step.parameters, strict=True)
            },
            "hypotheses": [table.term(h) for h in step.hypotheses],
            "conclusion": table.term(step.conclusion),
        }
        steps.append(entry)
    return {
        "format": FORMAT,
        "name": theorem.parameters[0],
        "symbols": table.symbols,
        "terms": table.terms,
        "steps": steps,
    }


def _value(table: _Table, key: str, value: Any) -> Any:
    if key == "certificate":
        polynomials, tree = value
        return {"polynomials": _lists(polynomials), "tree": _lists(tree)}
    if isinstance(value, Term):
        return table.term(value)
    return value.name if isinstance(value, Symbol) else value


def to_json(document: dict[str, Any]) -> str:
    """A derivation document as canonical text."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def digest(theorem: Theorem) -> str:
    """SHA-256 of a named result's derivation file."""
    return hashlib.sha256(to_json(derivation(theorem)).encode()).hexdigest()
