"""Derivation files made theorems again: every step runs through the kernel's own rules.

A file is a claim.  What it proves is what its steps give when the kernel takes them one by one:
its symbols are defined anew or must mean what they mean already, its leaves are checked by the
certificates it holds, and what it cites is the theorem of that name, the library's own or one
replayed before.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, Final, NoReturn

from verifier import kernel
from verifier.errors import BadInput, VerifierError
from verifier.kernel import DEFINED, Theorem
from verifier.kernel.errors import BadCertificate
from verifier.library.derivations import FORMAT, PARAMETERS
from verifier.library.entries import Entry, Failure, State, deep_digest
from verifier.logic import (
    BOOL,
    INT,
    REAL,
    AnySort,
    FunctionSort,
    Sort,
    Symbol,
    Term,
    number,
    same,
    variable,
)
from verifier.logic.terms import BINDERS, apply, bound, divide, make, rebind
from verifier.notation import shown as as_text
from verifier.proving import REGISTRY
from verifier.recheck import checkers, strict
from verifier.recheck.document import read
from verifier.recheck.errors import IllFormed, Rejected

# How much of a value of a file a message shows.
LONGEST: Final = 120
CONCRETE: Final = "concrete theorem"
NUMBER: Final = re.compile(r"-?\d+(/[1-9]\d*)?", re.ASCII)
SORTS: Final = {sort.name: sort for sort in (INT, REAL, BOOL)}
# What a step of each rule has under "parameters"; the last is for files alone.
KEYS: Final = {**PARAMETERS, "cite": ("name",)}
# Parameters that are no terms.
PLAIN: Final = frozenset({"index", "equation", "name", "symbol", "certificate"})
PARAMETERS_FIRST: Final = frozenset({"cases", "induction", "named"})


@dataclass(frozen=True)
class File:
    """A derivation file whose outline is right; its terms and steps are still to be read."""

    path: Path
    name: str
    content: dict[str, Any]

    @property
    def cited(self) -> tuple[str, ...]:
        """Names of the results it cites, in order of first use."""
        steps = self.content["steps"]
        names = (s["parameters"]["name"] for s in steps if s["rule"] == "cite")
        return tuple(dict.fromkeys(names))


@dataclass(frozen=True)
class Derived:
    """A theorem that was read from a file.

    Attributes
    ----------
    entry:
        How it stands: *proved* if every step was replayed, *failed* if a leaf's certificate is
        refused, *conditional* if it assumes an axiom or a leaf or uses what is not proved.
    statement:
        What the file claims.
    theorem:
        The kernel's theorem; for a conditional one it may have hypotheses and no name, for a
        failed one it is None.
    """

    entry: Entry
    statement: Term
    theorem: Theorem | None


def read_files(paths: Iterable[Path]) -> dict[str, File]:
    """Derivation files, and those of folders, by the names of their results.

    Raises
    ------
    BadInput
        If a file is not one, a folder has none, or two files of one name differ.
    """
    found: dict[str, File] = {}
    for path in paths:
        files = sorted(path.glob("*.json")) if path.is_dir() else [path]
        if not files:
            raise BadInput(str(path), "no derivation files (NAME.json) in it")
        for file in map(_outline, files):
            other = found.setdefault(file.name, file)
            if other.content != file.content:
                message = f"another derivation of {file.name} than {other.path}"
                raise BadInput(str(file.path), message)
    return found


def replay(
    files: Mapping[str, File], entries: Mapping[str, Entry]
) -> dict[str, Derived]:
    """Replay the files that are not about results of the library.

    Parameters
    ----------
    entries:
        The library's results, all that the files cite among them.

    Raises
    ------
    BadInput
        If a file is damaged: the message names the file and the place in it.  Also if a file says
        something else than the library under the same name, or cites what is not there.
    """
    own = {name: file for name, file in files.items() if name not in REGISTRY}
    for name, file in files.items():
        if name in REGISTRY:
            _check_statement(file)
    for file in own.values():
        _check_citations(file, own)
    sorter = TopologicalSorter({n: [c for c in f.cited if c in own] for n, f in own.items()})
    try:
        order = list(sorter.static_order())
    except CycleError as error:
        circle = error.args[1]
        path = str(own[circle[0]].path)
        raise BadInput(path, f"circular citations: {', '.join(circle)}") from error
    found: dict[str, Derived] = {}
    for name in order:
        known = {**entries, **{n: d.entry for n, d in found.items()}}
        found[name] = _replay(own[name], known, found)
    return {name: found[name] for name in own}


def _outline(path: Path) -> File:
    try:
        content = strict.load(path)
    except IllFormed as error:
        raise BadInput(str(path), str(error)) from error

    def fail(place: str, message: str) -> NoReturn:
        raise BadInput(str(path), message, place)

    def keys(value: Any, place: str, *wanted: str) -> None:
        if not isinstance(value, dict) or set(value) != set(wanted):
            found = sorted(value) if isinstance(value, dict) else type(value).__name__
            fail(place, f"expected the keys {sorted(wanted)}, found {brief(found)}")

    keys(content, "", "format", "name", "symbols", "terms", "steps")
    if content["format"] != FORMAT:
        fail("format", f"expected {FORMAT!r}, found {brief(content['format'])}")
    for key in ("symbols", "terms", "steps"):
        if not isinstance(content[key], list):
            fail(key, f"expected a list, found {type(content[key]).__name__}")
    for i, symbol in enumerate(content["symbols"]):
        keys(symbol, f"symbols[{i}]", "name", "sort", "parameters", "body", "measure", "successor")
    for i, step in enumerate(content["steps"]):
        place = f"steps[{i}]"
        keys(step, place, "rule", "premises", "parameters", "hypotheses", "conclusion")
        rule = step["rule"]
        if not isinstance(rule, str) or rule not in KEYS:
            fail(place, f"no rule is called {brief(rule)}")
        keys(step["parameters"], f"{place}.parameters", *KEYS[rule])
        if rule in ("named", "cite") and not isinstance(step["parameters"]["name"], str):
            fail(f"{place}.parameters", "expected a name")
        if (rule == "named") != (i == len(content["steps"]) - 1):
            fail(place, "the last step, and no other, names the result")
    if not content["steps"] or content["steps"][-1]["parameters"]["name"] != content["name"]:
        fail("steps", f"the last step does not name {brief(content['name'])}")
    _check_form(path, content)
    return File(path, content["name"], content)


def brief(value: object) -> str:
    """A value of a file in a message: it may be of any kind and any length."""
    text = ascii(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _check_form(path: Path, content: dict[str, Any]) -> None:
    """That the reader in front of the second opinions reads the file: it is the strictest.

    The kernel would refuse the rest too, but not before it has made a number of a million digits.
    """
    name = content["name"]
    try:
        with checkers.room():
            read(name if isinstance(name, str) else "", content)
    except Rejected as error:
        place = "" if error.step is None else f"steps[{error.step}]"
        raise BadInput(str(path), error.cause, place) from error


def _check_citations(file: File, own: Mapping[str, File]) -> None:
    """That all a file cites is in the library or among the files."""
    for i, step in enumerate(file.content["steps"]):
        if step["rule"] == "cite":
            name = step["parameters"]["name"]
            if name not in REGISTRY and name not in own:
                message = f"cites {name}, which is neither in the library nor among the files"
                raise BadInput(str(file.path), message, f"steps[{i}]")


def _check_statement(file: File) -> None:
    """That a file says what the library says under the same name."""
    claimed, known = _Reader(file).statement, REGISTRY[file.name].run().statement
    if known is None or not same(claimed, known):
        raise BadInput(
            str(file.path), f"{file.name} says {claimed}; in the library it says {known}"
        )


def _replay(file: File, entries: Mapping[str, Entry], derived: Mapping[str, Derived]) -> Derived:
    start = time.perf_counter()
    reader = _Reader(file)
    theorem, failure = None, None
    try:
        theorem = reader.theorem(derived)
    except BadCertificate as refusal:
        goal = reader.term(file.content["steps"][reader.step]["parameters"]["goal"])
        message = f"cannot prove {as_text(goal)} by its certificate: {refusal}"
        failure = Failure(str(file.path), (f"steps[{reader.step}]",), message, False)
    steps = file.content["steps"]
    axioms = {s["parameters"]["name"] for s in steps if s["rule"] == "axiom"}
    unproved = [f"the axiom {name}" for name in sorted(axioms)]
    assumed = sum(step["rule"] == "oracle" for step in steps)
    unproved += [f"{assumed} leaves without a certificate"] if assumed else []
    unproved += [name for name in file.cited if not entries[name].proved]
    whole = theorem is not None and theorem.rule == "named" and not unproved
    state = State.FAILED if failure else State.PROVED if whole else State.CONDITIONAL
    entry = Entry(
        name=file.name,
        kind=CONCRETE,
        status=state,
        source=str(file.path),
        statement=as_text(reader.statement),
        uses=file.cited,
        assumptions=tuple(sorted(axioms.union(*(entries[n].assumptions for n in file.cited)))),
        unproved=tuple(unproved),
        definitions=tuple(sorted(reader.symbols)),
        leaves=sum(step["rule"] in ("leaf", "oracle") for step in steps),
        oracles=assumed + sum(entries[n].oracles for n in file.cited),
        own_oracles=assumed,
        missing=tuple(n for n in file.cited if not entries[n].proved and not entries[n].granted),
        seconds=time.perf_counter() - start,
        digest=deep_digest(theorem if state is State.PROVED else None, file.cited, entries),
        failure=failure,
    )
    return Derived(entry, reader.statement, theorem)


class _Reader:
    """The terms, symbols and steps of one file."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.raw: list[Any] = file.content["terms"]
        self.terms: dict[int, Term] = {}
        self.symbols: dict[str, Symbol] = {}
        self.step = 0
        for i, entry in enumerate(file.content["symbols"]):
            with self.at(f"symbols[{i}]"):
                self.define(entry)
        with self.at("steps"):
            self.statement = self.term(file.content["steps"][-1]["conclusion"])

    @contextmanager
    def at(self, place: str) -> Iterator[None]:
        """Say where the file is wrong, whatever it is that refuses it."""
        try:
            yield
        except (BadInput, BadCertificate):
            raise
        except (VerifierError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise BadInput(str(self.file.path), str(error), place) from error

    def define(self, entry: dict[str, Any]) -> None:
        """Define a symbol, or find that it means the same already."""
        name, recursive = entry["name"], entry["measure"] is not None
        require(isinstance(name, str) and name not in self.symbols, f"a second symbol {name!r}")
        require(recursive == (entry["successor"] is not None), "a measure or a successor alone")
        parameters = tuple(self.term(p) for p in entry["parameters"])
        body = self.term(entry["body"])
        require(_sort(entry["sort"]) == body.sort, f"the body is of sort {body.sort}")
        if name in DEFINED:
            known = DEFINED[name]
            self.symbols[name] = known.symbol
            here = [*parameters, body]
            if recursive:
                here += [self.term(entry["measure"]), self.term(entry["successor"])]
            there = [*known.parameters, known.body]
            if known.measure is not None and known.successor is not None:
                there += [known.measure, known.successor]
            agree = len(here) == len(there) and all(map(same, here, there))
            require(agree, f"{name} is defined as something else")
        elif not recursive:
            self.symbols[name] = kernel.define(name, parameters, body)
        else:

            def successor(itself: Symbol) -> Term:
                self.symbols[name] = itself
                return self.term(entry["successor"])

            measure = self.term(entry["measure"])
            kernel.define_recursive(name, parameters, measure, body, successor)

    def term(self, wanted: Any) -> Term:
        """The term of a number, those below it first."""
        todo = [_index(wanted, len(self.raw))]
        while todo:
            n = todo[-1]
            with self.at(f"terms[{n}]"):
                entry = self.raw[n]
                require(isinstance(entry, list) and bool(entry), "not a term")
                below = [_index(m, n) for m in _children(entry)]
                later = [m for m in below if m not in self.terms]
                if not later and n not in self.terms:
                    self.terms[n] = self.made(entry, tuple(self.terms[m] for m in below))
            if later:
                todo += later
            else:
                todo.pop()
        return self.terms[wanted]

    def made(self, entry: list[Any], parts: tuple[Term, ...]) -> Term:
        """A term from its entry and its children."""
        operator = entry[0]
        if operator == "variable":
            _, name, sort = entry
            return variable(name, _sort(sort))
        if operator == "bound":
            _, i, sort = entry
            require(type(i) is int and i >= 0, f"no index: {i!r}")
            return bound(i, _sort(sort))
        if operator == "number":
            _, value, sort = entry
            require(isinstance(value, str) and bool(NUMBER.fullmatch(value)), f"not p/q: {value!r}")
            require(isinstance(sort, str) and sort in SORTS, f"no sort is called {sort!r}")
            return number(Fraction(value), SORTS[sort])
        if operator == "symbol":
            require(entry[1] in self.symbols, f"{entry[1]!r} is not defined")
            symbol = self.symbols[entry[1]]
            return make("symbol", parts, symbol, symbol.sort)
        if operator in BINDERS:
            _, binders, _ = entry
            # As free variables, so that no name reads as something else.
            names = [variable(name, _sort(sort)) for name, sort in binders]
            data = tuple(str(v.data) for v in names), tuple(v.sort for v in names)
            return rebind(operator, data, parts[0])
        if operator == "apply":
            return apply(parts[0], parts[1:])
        if operator == "/":
            return divide(*parts)
        return make(operator, parts, None, _sort_of(operator, parts))

    def theorem(self, derived: Mapping[str, Derived]) -> Theorem:
        """The last step's theorem, every step made by the kernel.

        Raises
        ------
        BadCertificate
            If a leaf is not proved by its certificate, that of step ``self.step``.
        """
        made: list[Theorem] = []
        assumed: set[Term] = set()
        for i, step in enumerate(self.file.content["steps"]):
            self.step = i
            with self.at(f"steps[{i}]"):
                premises = [made[_index(p, i)] for p in step["premises"]]
                if step["rule"] == "cite":
                    require(not premises, "a citation with premises")
                    found = self.cite(step["parameters"]["name"], derived)
                    if found.rule == "assume":
                        assumed.add(found.conclusion.canonical)
                elif step["rule"] == "named" and premises and premises[0].hypotheses and assumed:
                    # Without what it assumes it has no name.
                    (found,) = premises
                    require({h.canonical for h in found.hypotheses} <= assumed, "not closed")
                else:
                    found = self.inferred(step["rule"], premises, step["parameters"])
                claim = self.term(step["conclusion"])
                require(
                    same(found.conclusion, claim),
                    f"claims {claim}, where {step['rule']} gives {found.conclusion}",
                )
                allowed = {self.term(h).canonical for h in step["hypotheses"]} | assumed
                for hypothesis in found.hypotheses:
                    require(
                        hypothesis.canonical in allowed, f"does not say that it needs {hypothesis}"
                    )
                made.append(found)
        return made[-1]

    def cite(self, name: str, derived: Mapping[str, Derived]) -> Theorem:
        """The theorem of a name; where it is not proved, its statement as a hypothesis."""
        theorem: Theorem | None
        statement: Term | None
        if name in derived:
            theorem, statement = derived[name].theorem, derived[name].statement
        else:
            outcome = REGISTRY[name].run()
            theorem, statement = outcome.theorem, outcome.statement
        if theorem is not None and theorem.rule == "named":
            return theorem
        require(statement is not None, f"{name} could not be stated")
        return kernel.assume(statement)

    def inferred(
        self, rule: str, premises: Sequence[Theorem], parameters: Mapping[str, Any]
    ) -> Theorem:
        """What a rule of the kernel gives."""
        values = [
            parameters[key] if key in PLAIN else self.term(parameters[key]) for key in KEYS[rule]
        ]
        if rule == "leaf":
            return kernel.leaf(premises, values[0], _certificate(values[1]))
        if rule == "oracle":
            return kernel.oracle(premises, values[0])
        if rule == "definition":
            require(not premises, "a definition with premises")
            symbol = parameters["symbol"]
            require(symbol in self.symbols, f"{symbol!r} is not defined")
            equations = kernel.definition(self.symbols[symbol])
            return equations[_index(parameters["equation"], len(equations))]
        first, then = (values, premises) if rule in PARAMETERS_FIRST else (premises, values)
        found: Theorem = getattr(kernel, rule)(*first, *then)
        return found


def require(condition: bool, message: str) -> None:
    """Refuse what a file says.

    Raises
    ------
    ValueError
        If the condition does not hold; the reader adds the file and the place.
    """
    if not condition:
        raise ValueError(message)


def _index(value: Any, below: int) -> int:
    whole = type(value) is int and 0 <= value < below
    require(whole, f"{value!r} is not the number of an earlier entry")
    return int(value)


def _certificate(value: Any) -> tuple[Any, Any]:
    fine = isinstance(value, dict) and set(value) == {"polynomials", "tree"}
    require(fine, "a certificate has polynomials and a tree")
    return value["polynomials"], value["tree"]


def _children(entry: list[Any]) -> list[Any]:
    if entry[0] in ("variable", "bound", "number"):
        return []
    return entry[2:] if entry[0] == "symbol" or entry[0] in BINDERS else entry[1:]


def _sort(value: Any) -> AnySort:
    if isinstance(value, str):
        require(value in SORTS, f"no sort is called {value!r}")
        return SORTS[value]
    domain, range_ = value
    sorts = [_sort(s) for s in (*domain, range_)]
    base = tuple(s for s in sorts if isinstance(s, Sort))
    require(len(base) == len(sorts), "a function of functions")
    return FunctionSort(base[:-1], base[-1])


def _sort_of(operator: str, parts: Sequence[Term]) -> AnySort:
    if operator in ("+", "-", "*"):
        return parts[0].sort
    if operator == "ite":
        return parts[1].sort
    return {"div": INT, "mod": INT, "to_real": REAL}.get(operator, BOOL)
