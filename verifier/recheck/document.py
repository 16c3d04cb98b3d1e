"""Reading derivation files: JSON in, well-sorted terms and definitions out.

The format is ``docs/derivations.md``.  Nothing is taken on trust: sorts, numbering, shapes and
the side conditions of definitions are checked here, the steps in
:mod:`verifier.recheck.structure`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from verifier.recheck.errors import IllFormed, IllFormedFile
from verifier.recheck.terms import NUMBERS, Signature, Sort, Term, make, require, subterms

FORMAT: Final = "verifier-derivation/1"
NUMBER: Final = re.compile(r"-?\d+(/[1-9]\d*)?", re.ASCII)
SYMBOL: Final = re.compile(r"[A-Za-z_]\w*", re.ASCII)
RESULT: Final = re.compile(r"[-.A-Za-z0-9]*[A-Za-z0-9][-.A-Za-z0-9]*", re.ASCII)

# What each rule's parameters are: a term, or plain JSON.
PARAMETERS: Final[dict[str, dict[str, str]]] = {
    "assume": {"formula": "formula"},
    "discharge": {"formula": "formula"},
    "modus_ponens": {},
    "conjoin": {},
    "conjunct": {"index": "integer"},
    "generalise": {"variable": "variable"},
    "instantiate": {"value": "term"},
    "exhibit": {"claim": "formula", "witness": "term"},
    "obtain": {"witness": "variable"},
    "cases": {"formula": "formula"},
    "induction": {"claim": "formula"},
    "rewrite": {"template": "formula", "at": "variable"},
    "transport": {},
    "quotient": {},
    "definition": {"symbol": "name", "equation": "integer"},
    "leaf": {"goal": "formula"},
    "axiom": {"name": "name", "formula": "formula"},
    "named": {"name": "name"},
    "cite": {"name": "name"},
}


@dataclass(frozen=True)
class Definition:
    """What a symbol means; ``measure`` and ``successor`` belong to recursions."""

    signature: Signature
    parameters: tuple[Term, ...]
    body: Term
    measure: Term | None = None
    successor: Term | None = None


@dataclass(frozen=True)
class Step:
    """One step and the sequent it claims."""

    rule: str
    premises: tuple[int, ...]
    parameters: Mapping[str, Any]
    hypotheses: frozenset[Term]
    conclusion: Term


@dataclass(frozen=True)
class Document:
    """A derivation file, read."""

    name: str
    definitions: Mapping[str, Definition]
    steps: tuple[Step, ...]

    @property
    def cited(self) -> frozenset[str]:
        """Names of the results it cites."""
        return frozenset(s.parameters["name"] for s in self.steps if s.rule == "cite")


def read(name: str, content: Any) -> Document:
    """A derivation file's JSON value as a document.

    Raises
    ------
    IllFormedFile
        With the entry that is not in the format.
    """
    reader = _Reader()
    try:
        return reader.document(name, content)
    except IllFormed as error:
        raise IllFormedFile(name, reader.step, f"{reader.place}{error}") from None


class _Reader:
    def __init__(self) -> None:
        self.place = ""
        self.step: int | None = None
        self.terms: list[Term] = []

    def document(self, name: str, content: Any) -> Document:
        keys(content, "format", "name", "symbols", "terms", "steps")
        require(content["format"] == FORMAT, f"the format is not {FORMAT}")
        require(content["name"] == name, f"the file is about {content['name']!r}")
        require(RESULT.fullmatch(name) is not None, "not a result's name")
        raw = sequence(content["terms"])
        signatures = self.signatures(sequence(content["symbols"]), raw)
        for i, entry in enumerate(raw):
            self.place = f"terms[{i}]: "
            self.terms.append(self.term(sequence(entry), signatures))
        definitions: dict[str, Definition] = {}
        for entry in content["symbols"]:
            self.place = f"symbol {entry['name']}: "
            definitions[entry["name"]] = self.definition(entry, signatures, definitions)
        self.place = ""
        steps = []
        for i, entry in enumerate(sequence(content["steps"])):
            self.step = i
            steps.append(self.read_step(entry, i))
        self.step = None
        return Document(name, definitions, tuple(steps))

    def signatures(self, symbols: list[Any], raw: list[Any]) -> dict[str, Signature]:
        """Names and sorts, read ahead of the terms that apply the symbols."""
        found: dict[str, Signature] = {}
        for i, entry in enumerate(symbols):
            self.place = f"symbols[{i}]: "
            keys(entry, "name", "sort", "parameters", "body", "measure", "successor")
            name = entry["name"]
            require(isinstance(name, str) and SYMBOL.fullmatch(name) is not None, "not a name")
            require(name not in found, f"{name} is defined twice")
            sorts = []
            for p in sequence(entry["parameters"]):
                variable = raw[index(p, len(raw))]
                shape = isinstance(variable, list) and len(variable) == 3
                require(shape and variable[0] == "variable", "parameters are variables")
                sorts.append(read_sort(variable[2]))
            sort = entry["sort"]
            require(sort in (*NUMBERS, "Bool"), f"a symbol gives no {sort}")
            found[name] = Signature(name, tuple(sorts), sort)
        return found

    def term(self, entry: list[Any], signatures: Mapping[str, Signature]) -> Term:
        require(bool(entry) and isinstance(entry[0], str), "a term is a list, its operator first")
        operator, rest = entry[0], entry[1:]
        if operator in ("variable", "bound", "number"):
            require(len(rest) == 2, f"a {operator} has a value and a sort")
            value, sort = rest[0], read_sort(rest[1])
            if operator == "bound":
                require(type(value) is int and value >= 0, f"no index: {value!r}")
            else:
                require(isinstance(value, str) and value != "", f"no name or number: {value!r}")
            if operator == "number":
                require(NUMBER.fullmatch(value) is not None, f"not p/q: {value!r}")
                value = Fraction(value)
            return make(operator, (), value, sort)
        if operator == "symbol":
            require(bool(rest) and isinstance(rest[0], str), "a symbol has a name")
            require(rest[0] in signatures, f"{rest[0]!r} is not defined")
            return make(operator, self.below(rest[1:]), signatures[rest[0]])
        if operator in ("forall", "exists", "lambda"):
            require(len(rest) == 2, f"a {operator} has variables and a body")
            binders = [sequence(b) for b in sequence(rest[0])]
            require(all(len(b) == 2 and isinstance(b[0], str) for b in binders), "[name, sort]")
            return make(operator, self.below(rest[1:]), tuple(read_sort(b[1]) for b in binders))
        return make(operator, self.below(rest))

    def below(self, numbers: list[Any]) -> tuple[Term, ...]:
        """Children: terms with smaller numbers."""
        return tuple(self.terms[index(n, len(self.terms))] for n in numbers)

    def closed(self, n: Any) -> Term:
        term = self.terms[index(n, len(self.terms))]
        require(not term.loose, f"a bound variable without its binder in terms[{n}]")
        return term

    def definition(
        self, entry: Any, signatures: Mapping[str, Signature], earlier: Mapping[str, Definition]
    ) -> Definition:
        signature = signatures[entry["name"]]
        parameters = tuple(self.closed(p) for p in entry["parameters"])
        require(len(set(parameters)) == len(parameters), "parameters are not distinct")
        body = self.closed(entry["body"])
        if entry["measure"] is None:
            require(entry["successor"] is None, "a successor without a measure")
            _check_value(signature, body, set(parameters), set(earlier))
            return Definition(signature, parameters, body)
        measure, successor = self.closed(entry["measure"]), self.closed(entry["successor"])
        require(measure in parameters and measure.sort == "Int", "the measure is no Int parameter")
        _check_value(signature, body, set(parameters) - {measure}, set(earlier))
        _check_value(signature, successor, set(parameters), {*earlier, signature.name})
        place = parameters.index(measure)
        for call in subterms(successor):
            if call.operator == "symbol" and call.data == signature:
                require(call.arguments[place] is measure, f"called at {call.arguments[place]}")
        return Definition(signature, parameters, body, measure, successor)

    def read_step(self, entry: Any, number: int) -> Step:
        keys(entry, "rule", "premises", "parameters", "hypotheses", "conclusion")
        rule = entry["rule"]
        require(isinstance(rule, str) and rule in PARAMETERS, f"no rule is called {rule!r}")
        premises = tuple(index(p, number) for p in sequence(entry["premises"]))
        kinds = PARAMETERS[rule]
        keys(entry["parameters"], *kinds)
        values = {k: self.parameter(kind, entry["parameters"][k]) for k, kind in kinds.items()}
        claimed = [self.closed(t) for t in (*sequence(entry["hypotheses"]), entry["conclusion"])]
        require(all(t.sort == "Bool" for t in claimed), "a sequent of formulas")
        return Step(rule, premises, values, frozenset(claimed[:-1]), claimed[-1])

    def parameter(self, kind: str, value: Any) -> Any:
        if kind == "name":
            require(isinstance(value, str), f"not a name: {value!r}")
            return value
        if kind == "integer":
            require(type(value) is int, f"not an integer: {value!r}")
            return value
        term = self.closed(value)
        require(kind != "formula" or term.sort == "Bool", f"not a formula: {term}")
        require(kind != "variable" or term.operator == "variable", f"not a variable: {term}")
        return term


def _check_value(signature: Signature, value: Term, free: set[Term], known: set[str]) -> None:
    require(value.sort == signature.sort, f"{value.sort} where {signature.sort} is declared")
    extra = sorted(str(v) for v in value.free - free)
    require(not extra, f"the definition also mentions {', '.join(extra)}")
    used = {t.data.name for t in subterms(value) if t.operator == "symbol"}
    late = sorted(used - known)
    require(not late, f"uses {', '.join(late)}, not defined before")


def read_sort(value: Any) -> Sort:
    """A sort as the file writes it."""
    if isinstance(value, str):
        return value
    domain, range_ = sequence(value, 2)
    require(isinstance(range_, str), f"not a sort: {value}")
    require(all(isinstance(s, str) for s in sequence(domain)), f"not a sort: {value}")
    return (tuple(domain), range_)


def sequence(value: Any, size: int | None = None) -> list[Any]:
    """A JSON list, of a size."""
    require(isinstance(value, list), f"expected a list, found {type(value).__name__}")
    require(size is None or len(value) == size, f"expected {size} entries, found {len(value)}")
    return list(value)


def index(value: Any, below: int) -> int:
    """The number of an earlier entry."""
    require(
        type(value) is int and 0 <= value < below,
        f"{value!r} is not the number of an earlier entry",
    )
    return int(value)


def keys(value: Any, *wanted: str) -> None:
    """A JSON object with exactly these keys."""
    require(isinstance(value, dict), f"expected an object, found {type(value).__name__}")
    require(set(value) == set(wanted), f"expected the keys {sorted(wanted)}, found {sorted(value)}")
