"""Terms of derivation files, as the Coq export reads them.

Terms are interned up to the names of bound variables, so that formulas the format calls equal
are one object.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, TypeAlias

from verifier.errors import BadInput

Sort: TypeAlias = str | tuple[tuple[str, ...], str]

CONNECTIVES: Final = frozenset({"and", "or", "not", "=>"})
ARITHMETIC: Final = frozenset({"+", "-", "*", "/", "div", "mod"})
COMPARISONS: Final = frozenset({"<=", "<", "="})
RULES: Final[Mapping[str, tuple[str, ...]]] = {
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
    "leaf": ("goal",),
    "oracle": ("goal",),
    "axiom": ("name", "formula"),
    "named": ("name",),
    "cite": ("name",),
}


@dataclass(frozen=True, eq=False)
class Term:
    """One term; ``operator`` is the first word of its entry in the file.

    Attributes
    ----------
    operator:
        ``variable``, ``bound``, ``number``, ``apply``, ``symbol``, a binder or an operation.
    data:
        A variable's or symbol's name, a bound variable's index, a number's value, a binder's
        sorts; else None.
    arguments:
        Its children; of ``apply`` the function first.
    sort:
        Its sort.
    names:
        For a binder the names readers see.
    free:
        Its free variables.
    """

    operator: str
    data: Any
    arguments: tuple[Term, ...]
    sort: Sort
    names: tuple[str, ...]
    free: frozenset[Term]

    def __repr__(self) -> str:
        parts = [self.operator] + ([] if self.data is None else [str(self.data)])
        return f"({' '.join(parts + [repr(a) for a in self.arguments])})"


@dataclass(frozen=True)
class Meaning:
    """A defined symbol's entry."""

    name: str
    sort: Sort
    parameters: tuple[Term, ...]
    body: Term
    measure: Term | None
    successor: Term | None


@dataclass(frozen=True)
class Step:
    """One step: the sequent it claims and the rule that gives it."""

    rule: str
    premises: tuple[int, ...]
    parameters: Mapping[str, Any]
    hypotheses: tuple[Term, ...]
    conclusion: Term

    @property
    def free(self) -> tuple[Term, ...]:
        """The free variables of the sequent, in a fixed order."""
        found = self.conclusion.free.union(*(h.free for h in self.hypotheses))
        return tuple(sorted(found, key=lambda v: (v.data, str(v.sort))))


@dataclass(frozen=True)
class Document:
    """One derivation file."""

    name: str
    symbols: tuple[Meaning, ...]
    steps: tuple[Step, ...]

    @property
    def cited(self) -> tuple[str, ...]:
        """Names of the results it uses directly."""
        found = [s.parameters["name"] for s in self.steps if s.rule == "cite"]
        return tuple(dict.fromkeys(found))

    @property
    def leaves(self) -> int:
        """How many of its steps are leaves."""
        return sum(step.rule in ("leaf", "oracle") for step in self.steps)


class Terms:
    """The interning table of a set of documents."""

    def __init__(self) -> None:
        self._known: dict[object, Term] = {}

    def make(
        self,
        operator: str,
        arguments: Sequence[Term] = (),
        data: Any = None,
        sort: Sort = "Bool",
        names: tuple[str, ...] = (),
    ) -> Term:
        """The term of these parts."""
        key = (operator, data, tuple(id(a) for a in arguments), sort)
        found = self._known.get(key)
        if found is None:
            free: frozenset[Term] = frozenset().union(*(a.free for a in arguments))
            found = Term(operator, data, tuple(arguments), sort, names, free)
            if operator == "variable":
                # A variable is free in itself: the only set that must be built after the term.
                object.__setattr__(found, "free", frozenset({found}))
            self._known[key] = found
        return found

    def opened(self, binder: Term, value: Term) -> Term:
        """The body of ``forall`` or ``exists`` with a variable in the bound variable's place."""
        return self._open(binder.arguments[0], value, 0, {})

    def _open(self, term: Term, value: Term, depth: int, done: dict[tuple[int, int], Term]) -> Term:
        key = (id(term), depth)
        if key not in done:
            if term.operator == "bound":
                done[key] = value if term.data == depth else term
            else:
                width = len(term.data) if term.operator in ("forall", "exists", "lambda") else 0
                inner = [self._open(a, value, depth + width, done) for a in term.arguments]
                made = self.make(term.operator, inner, term.data, term.sort, term.names)
                done[key] = made
        return done[key]

    def negation(self, formula: Term) -> Term:
        """Not ``formula``."""
        return self.make("not", (formula,))


def _sort(code: Any) -> Sort:
    if isinstance(code, str):
        return code
    return tuple(code[0]), code[1]


class _Reader:
    def __init__(self, terms: Terms, document: Mapping[str, Any]) -> None:
        self.terms, self.document = terms, document
        self.results = {s["name"]: _sort(s["sort"]) for s in document["symbols"]}
        self.table: list[Term] = []
        for entry in document["terms"]:
            self.table.append(self.term(entry))

    def term(self, entry: Sequence[Any]) -> Term:
        head, make = entry[0], self.terms.make
        if head == "variable":
            return make(head, (), entry[1], _sort(entry[2]))
        if head == "bound":
            return make(head, (), entry[1], _sort(entry[2]))
        if head == "number":
            return make(head, (), Fraction(entry[1]), entry[2])
        if head in ("forall", "exists", "lambda"):
            names = tuple(name for name, _ in entry[1])
            sorts = tuple(_sort(sort) for _, sort in entry[1])
            body = self.table[entry[2]]
            domain = tuple(str(s) for s in sorts)
            sort: Sort = (domain, str(body.sort)) if head == "lambda" else "Bool"
            return make(head, (body,), sorts, sort, names)
        if head == "symbol":
            arguments = [self.table[i] for i in entry[2:]]
            return make(head, arguments, entry[1], self.results[entry[1]])
        arguments = [self.table[i] for i in entry[1:]]
        return make(head, arguments, None, self._result(head, arguments))

    def _result(self, head: str, arguments: Sequence[Term]) -> Sort:
        if head == "apply":
            return arguments[0].sort[1]
        if head == "to_real":
            return "Real"
        if head == "ite":
            return arguments[1].sort
        return arguments[0].sort if head in ARITHMETIC else "Bool"

    def meaning(self, entry: Mapping[str, Any]) -> Meaning:
        def term(index: int | None) -> Term | None:
            return None if index is None else self.table[index]

        return Meaning(
            entry["name"],
            _sort(entry["sort"]),
            tuple(self.table[i] for i in entry["parameters"]),
            self.table[entry["body"]],
            term(entry["measure"]),
            term(entry["successor"]),
        )

    def step(self, entry: Mapping[str, Any], number: int) -> Step:
        rule = entry["rule"]
        plain = ("index", "name", "symbol", "equation")
        parameters = {
            key: entry["parameters"][key] if key in plain else self.table[entry["parameters"][key]]
            for key in RULES[rule]
        }
        for key in ("index", "equation"):
            if key in parameters and (type(parameters[key]) is not int or parameters[key] < 0):
                raise ValueError(f"step {number}: {key} {parameters[key]!r}")
        premises = tuple(entry["premises"])
        if any(not 0 <= p < number for p in premises):
            raise ValueError(f"step {number} rests on a later step")
        hypotheses = tuple(dict.fromkeys(self.table[h] for h in entry["hypotheses"]))
        return Step(rule, premises, parameters, hypotheses, self.table[entry["conclusion"]])


def read(document: Mapping[str, Any], terms: Terms) -> Document:
    """A derivation file's content.

    Raises
    ------
    BadInput
        If it is not in the format; the check itself is Coq's.
    """
    try:
        if document["format"] != "verifier-derivation/2":
            raise ValueError(f"format {document['format']!r}")
        reader = _Reader(terms, document)
        symbols = tuple(reader.meaning(s) for s in document["symbols"])
        steps = tuple(reader.step(s, n) for n, s in enumerate(document["steps"]))
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        name = document.get("name", "derivation")
        raise BadInput(str(name), f"not a verifier-derivation/2 document: {error}") from error
    return Document(document["name"], symbols, steps)
