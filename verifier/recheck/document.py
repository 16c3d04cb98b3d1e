"""Reading derivation files: JSON in, well-sorted terms and definitions out.

The format is ``docs/derivations.md``.  Nothing is taken on trust: sorts, numbering, shapes and
the side conditions of definitions are checked here, the steps in
:mod:`verifier.recheck.structure`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from verifier.recheck.errors import IllFormed, IllFormedFile
from verifier.recheck.strict import shown
from verifier.recheck.terms import (
    DIGITS,
    NUMBERS,
    Signature,
    Sort,
    Term,
    allowance,
    make,
    require,
    subterms,
)

FORMAT: Final = "verifier-derivation/2"
NUMBER: Final = re.compile(r"-?[0-9]+(/[1-9][0-9]*)?")
# Greek letters that are drawn like Latin ones are left out: no two names look alike.
LETTERS: Final = r"A-Za-zα-νξπ-ωΓΔΘΛΞΠΣΦΨΩℓ"
NAME: Final = re.compile(rf"[{LETTERS}_][{LETTERS}0-9_'!]*")
RESULT: Final = re.compile(r"[A-Za-z0-9][-.A-Za-z0-9]*")
LONGEST_NAME: Final = 200
# Words of the printed notation, which a variable of that name would change.
WORDS: Final = frozenset({"true", "false", "if", "then", "else", "div", "mod"})

# What each rule's parameters are: a term, or plain JSON.
PARAMETERS: Final[dict[str, dict[str, str]]] = {
    "assume": {"formula": "formula"},
    "discharge": {"formula": "formula"},
    "modus_ponens": {},
    "conjoin": {},
    "conjunct": {"index": "natural"},
    "generalise": {"variable": "variable"},
    "instantiate": {"value": "term"},
    "exhibit": {"claim": "formula", "witness": "term"},
    "obtain": {"witness": "variable"},
    "cases": {"formula": "formula"},
    "induction": {"claim": "formula"},
    "rewrite": {"template": "formula", "at": "variable"},
    "transport": {},
    "quotient": {},
    "definition": {"symbol": "name", "equation": "natural"},
    "leaf": {"goal": "formula", "certificate": "certificate"},
    "oracle": {"goal": "formula"},
    "axiom": {"name": "result", "formula": "formula"},
    "named": {"name": "result"},
    "cite": {"name": "result"},
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
    """A derivation file, read.

    Attributes
    ----------
    bound_names:
        What the file calls the variables of each binder: for readers, and no part of its meaning.
    """

    name: str
    definitions: Mapping[str, Definition]
    steps: tuple[Step, ...]
    bound_names: Mapping[Term, tuple[str, ...]] = field(default_factory=dict, compare=False)

    @property
    def cited(self) -> frozenset[str]:
        """Names of the results it cites."""
        return frozenset(s.parameters["name"] for s in self.steps if s.rule == "cite")


@dataclass(frozen=True)
class Unreadable:
    """Stands for a file that is JSON, but that no two readers need read alike."""

    cause: str


def read(name: str, content: Any) -> Document:
    """A derivation file's JSON value as a document.

    Raises
    ------
    IllFormedFile
        With the entry that is not in the format.
    """
    reader = Reader()
    try:
        if isinstance(content, Unreadable):
            raise IllFormed(content.cause)
        with allowance():
            return reader.document(name, content)
    except IllFormed as error:
        raise IllFormedFile(name, reader.step, f"{reader.place}{error}") from None


class Reader:
    """Reads the entries of one table of terms; ``place`` and ``step`` say where it stands."""

    def __init__(self) -> None:
        self.place = ""
        self.step: int | None = None
        self.terms: list[Term] = []
        self.bound_names: dict[Term, tuple[str, ...]] = {}

    def document(self, name: str, content: Any) -> Document:
        keys(content, "format", "name", "symbols", "terms", "steps")
        anew = "verifier check --derivations DIR makes files anew"
        require(content["format"] == FORMAT, "the format is not {}; {}", FORMAT, anew)
        result_name(name)
        require(content["name"] == name, "the file is about {}", content["name"])
        raw, steps = sequence(content["terms"]), sequence(content["steps"])
        definitions = self.symbols(sequence(content["symbols"]), raw)
        self.place = ""
        read_steps = []
        for i, entry in enumerate(steps):
            self.step = i
            read_steps.append(self.read_step(entry, i))
        self.step = None
        return Document(name, definitions, tuple(read_steps), self.bound_names)

    def symbols(self, symbols: list[Any], raw: list[Any]) -> dict[str, Definition]:
        """The terms, and the definitions of the symbols that they apply."""
        signatures = self.signatures(symbols, raw)
        self.read_terms(raw, signatures)
        definitions: dict[str, Definition] = {}
        for i, entry in enumerate(symbols):
            self.place = f"symbols[{i}]: "
            definitions[entry["name"]] = self.definition(entry, signatures, definitions)
        return definitions

    def read_terms(self, raw: list[Any], signatures: Mapping[str, Signature]) -> None:
        """All terms, in order; a term's children have smaller numbers."""
        for i, entry in enumerate(raw):
            self.place = f"terms[{i}]: "
            self.terms.append(self.term(sequence(entry), signatures))

    def signatures(self, symbols: list[Any], raw: list[Any]) -> dict[str, Signature]:
        """Names and sorts, read ahead of the terms that apply the symbols."""
        found: dict[str, Signature] = {}
        for i, entry in enumerate(symbols):
            self.place = f"symbols[{i}]: "
            keys(entry, "name", "sort", "parameters", "body", "measure", "successor")
            name = variable_name(entry["name"])
            require(name not in found, "{} is defined twice", name)
            sorts = []
            for p in sequence(entry["parameters"]):
                variable = raw[index(p, len(raw))]
                shape = isinstance(variable, list) and len(variable) == 3
                require(shape and variable[0] == "variable", "parameters are variables")
                sorts.append(read_sort(variable[2]))
            sort = entry["sort"]
            require(sort in (*NUMBERS, "Bool"), "a symbol gives no {}", sort)
            found[name] = Signature(name, tuple(sorts), sort)
        return found

    def term(self, entry: list[Any], signatures: Mapping[str, Signature]) -> Term:
        require(bool(entry) and isinstance(entry[0], str), "a term is a list, its operator first")
        operator, rest = entry[0], entry[1:]
        if operator in ("variable", "bound", "number"):
            require(len(rest) == 2, "a {} has a value and a sort", operator)
            value, sort = rest[0], read_sort(rest[1])
            if operator == "bound":
                require(type(value) is int and value >= 0, "no index: {}", value)
            elif operator == "variable":
                variable_name(value)
            else:
                value = read_number(value)
            return make(operator, (), value, sort)
        if operator == "symbol":
            require(bool(rest) and isinstance(rest[0], str), "a symbol has a name")
            require(rest[0] in signatures, "{} is not defined", rest[0])
            return make(operator, self.below(rest[1:]), signatures[rest[0]])
        if operator in ("forall", "exists", "lambda"):
            require(len(rest) == 2, "a {} has variables and a body", operator)
            binders = [sequence(b, 2) for b in sequence(rest[0])]
            names = tuple(variable_name(name) for name, _ in binders)
            sorts = tuple(read_sort(sort) for _, sort in binders)
            made = make(operator, self.below(rest[1:]), sorts)
            if made.operator == operator:
                self.bound_names.setdefault(made, names)
            return made
        return make(operator, self.below(rest))

    def below(self, numbers: list[Any]) -> tuple[Term, ...]:
        """Children: terms with smaller numbers."""
        return tuple(self.terms[index(n, len(self.terms))] for n in numbers)

    def closed(self, n: Any) -> Term:
        term = self.terms[index(n, len(self.terms))]
        require(not term.loose, "a bound variable without its binder in terms[{}]", n)
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
                require(call.arguments[place] is measure, "called at {}", call.arguments[place])
        return Definition(signature, parameters, body, measure, successor)

    def read_step(self, entry: Any, number: int) -> Step:
        keys(entry, "rule", "premises", "parameters", "hypotheses", "conclusion")
        rule = entry["rule"]
        require(isinstance(rule, str) and rule in PARAMETERS, "no rule is called {}", rule)
        premises = tuple(index(p, number) for p in sequence(entry["premises"]))
        kinds = PARAMETERS[rule]
        keys(entry["parameters"], *kinds)
        values = {k: self.parameter(kind, entry["parameters"][k]) for k, kind in kinds.items()}
        claimed = [self.closed(t) for t in (*sequence(entry["hypotheses"]), entry["conclusion"])]
        require(all(t.sort == "Bool" for t in claimed), "a sequent of formulas")
        return Step(rule, premises, values, frozenset(claimed[:-1]), claimed[-1])

    def parameter(self, kind: str, value: Any) -> Any:
        if kind in ("name", "result"):
            return variable_name(value) if kind == "name" else result_name(value)
        if kind == "natural":
            require(type(value) is int and value >= 0, "not a number from 0 on: {}", value)
            return value
        if kind == "certificate":
            # What is in it is for the checker of certificates; this one knows its outline.
            keys(value, "polynomials", "tree")
            return value
        term = self.closed(value)
        require(kind != "formula" or term.sort == "Bool", "not a formula: {}", term)
        require(kind != "variable" or term.operator == "variable", "not a variable: {}", term)
        return term


def _check_value(signature: Signature, value: Term, free: set[Term], known: set[str]) -> None:
    require(value.sort == signature.sort, "{} where {} is declared", value.sort, signature.sort)
    extra = sorted(str(v.data) for v in value.free - free)
    require(not extra, "the definition also mentions {}", ", ".join(extra))
    used = {t.data.name for t in subterms(value) if t.operator == "symbol"}
    late = sorted(used - known)
    require(not late, "uses {}, not defined before", ", ".join(late))


def variable_name(value: Any) -> str:
    """A name of a variable, a bound variable or a symbol.

    Examples
    --------
    >>> variable_name("x_1'")
    "x_1'"
    >>> variable_name("x y")
    Traceback (most recent call last):
    verifier.recheck.errors.IllFormed: not a name of a variable or symbol: x y
    """
    return _name(NAME, value, "a variable or symbol")


def result_name(value: Any) -> str:
    """A name of a result or an axiom: letters, digits, ``-`` and ``.``, and no file's path."""
    return _name(RESULT, value, "a result")


def _name(grammar: re.Pattern[str], value: Any, what: str) -> str:
    require(isinstance(value, str), "not a name of {}: {}", what, value)
    fits = 0 < len(value) <= LONGEST_NAME and grammar.fullmatch(value) is not None
    require(fits and value not in WORDS, "not a name of {}: {}", what, value)
    return str(value)


def read_number(value: Any) -> Fraction:
    """A literal, ``p/q`` or ``p``."""
    require(isinstance(value, str), "not p/q: {}", value)
    require(NUMBER.fullmatch(value) is not None, "not p/q: {}", value)
    parts = value.removeprefix("-").split("/")
    require(all(len(p) <= DIGITS for p in parts), "a literal of more than {} digits", DIGITS)
    return Fraction(value)


def read_sort(value: Any) -> Sort:
    """A sort as the file writes it."""
    if isinstance(value, str):
        require(value in (*NUMBERS, "Bool"), "no sort is called {}", value)
        return value
    domain, range_ = sequence(value, 2)
    sorts = (*sequence(domain), range_)
    require(all(isinstance(s, str) and s in NUMBERS for s in sorts), "not a sort: {}", value)
    return (tuple(domain), range_)


def sequence(value: Any, size: int | None = None) -> list[Any]:
    """A JSON list, of a size."""
    require(isinstance(value, list), "expected a list, found {}", type(value).__name__)
    require(size is None or len(value) == size, "expected {} entries, found {}", size, len(value))
    return list(value)


def index(value: Any, below: int) -> int:
    """The number of an earlier entry."""
    fits = type(value) is int and 0 <= value < below
    require(fits, "{} is not the number of an earlier entry", value)
    return int(value)


def keys(value: Any, *wanted: str) -> None:
    """A JSON object with exactly these keys."""
    require(isinstance(value, dict), "expected an object, found {}", type(value).__name__)
    if set(value) != set(wanted):
        extra = sorted(set(value) - set(wanted))
        missing = sorted(set(wanted) - set(value))
        said = [f"no key {shown(k)}" for k in missing] + [f"a key {shown(k)}" for k in extra[:3]]
        raise IllFormed(f"expected the keys {', '.join(sorted(wanted))}; it has {', '.join(said)}")
