"""What each derivation file states, on what it rests, and how that stands to the library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from verifier.recheck.document import Definition, Document
from verifier.recheck.reports.printing import definition_text, text
from verifier.recheck.reports.statements import Statements
from verifier.recheck.terms import Term, subterms

SAME: Final = "same"
DIFFERS: Final = "differs"
ABSENT: Final = "not in the library"


@dataclass(frozen=True)
class Meaning:
    """A definition: its symbol, for a reader, and how it stands to the library's."""

    name: str
    text: str
    library: str


@dataclass(frozen=True)
class Axiom:
    """What was assumed, and in whose file."""

    name: str
    text: str
    stated_in: str


@dataclass(frozen=True)
class Standing:
    """One file.

    Attributes
    ----------
    name:
        The result it is about.
    statement:
        What it states, for a reader.
    library:
        ``same`` if the library states this under this name, definitions included; ``differs``, or
        ``not in the library``.
    definitions:
        All that the statement needs, in order of dependence; and any other the file makes that
        differs from the library's.
    axioms:
        All that it assumes, itself or through what it cites.
    oracles:
        How many leaves it assumes, itself or through what it cites: nothing in a file shows them.
    missing:
        What it cites, itself or through others, that is not among the files.
    """

    name: str
    statement: str
    library: str
    definitions: tuple[Meaning, ...]
    axioms: tuple[Axiom, ...]
    oracles: int = 0
    missing: tuple[str, ...] = ()

    def faults(self, allowed: Iterable[str]) -> list[str]:
        """Why it does not count, whatever its steps are; empty if nothing is wrong."""
        found = []
        if self.library == DIFFERS:
            found.append(f"{self.name}: the library states something else under this name")
        found += [
            f"{self.name}: {d.name} is defined otherwise in the library"
            for d in self.definitions
            if d.library == DIFFERS
        ]
        found += [
            f"{self.name}: assumes the axiom {a.name} ({a.text})"
            + (f", in {a.stated_in}" if a.stated_in != self.name else "")
            for a in self.axioms
            if a.name not in set(allowed)
        ]
        return found


def standings(documents: Mapping[str, Document], library: Statements) -> dict[str, Standing]:
    """How each document stands, by name; one without steps states nothing and is left out."""
    return {
        name: _standing(document, documents, library)
        for name, document in documents.items()
        if document.steps
    }


def _standing(
    document: Document, documents: Mapping[str, Document], library: Statements
) -> Standing:
    statement = document.steps[-1].conclusion
    needed = _needed(statement, document.definitions)
    meanings = [
        _meaning(name, definition, document, library)
        for name, definition in document.definitions.items()
        if name in needed or _compare(name, definition, library) == DIFFERS
    ]
    known = library.results.get(document.name)
    same = known is statement and all(m.library == SAME for m in meanings if m.name in needed)
    below, missing = _below(document, documents)
    axioms = {
        (step.parameters["name"], step.conclusion): Axiom(
            step.parameters["name"], text(step.conclusion, other.bound_names), other.name
        )
        for other in below
        for step in other.steps
        if step.rule == "axiom"
    }
    return Standing(
        document.name,
        text(statement, document.bound_names),
        ABSENT if known is None else SAME if same else DIFFERS,
        tuple(meanings),
        tuple(axioms.values()),
        sum(step.rule == "oracle" for other in below for step in other.steps),
        tuple(sorted(missing)),
    )


def _meaning(name: str, definition: Definition, document: Document, library: Statements) -> Meaning:
    shown = definition_text(definition, document.bound_names)
    return Meaning(name, shown, _compare(name, definition, library))


def _compare(name: str, definition: Definition, library: Statements) -> str:
    known = library.definitions.get(name)
    return ABSENT if known is None else SAME if known == definition else DIFFERS


def _needed(statement: Term, definitions: Mapping[str, Definition]) -> set[str]:
    """The symbols a statement needs, down to arithmetic."""
    found: set[str] = set()
    todo = [statement]
    while todo:
        for term in subterms(todo.pop()):
            if term.operator == "symbol" and term.data.name not in found:
                found.add(term.data.name)
                meaning = definitions[term.data.name]
                todo.append(meaning.body)
                todo += [] if meaning.successor is None else [meaning.successor]
    return found


def _below(
    document: Document, documents: Mapping[str, Document]
) -> tuple[list[Document], set[str]]:
    """A document and those it cites, however far below, and the names that are missing."""
    found, missing, todo = {document.name: document}, set(), [document]
    while todo:
        for name in sorted(todo.pop().cited):
            if name not in documents:
                missing.add(name)
            elif name not in found:
                found[name] = documents[name]
                todo.append(documents[name])
    return list(found.values()), missing
