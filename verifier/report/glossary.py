"""What ``show`` prints of a symbol, and of a statement that somebody wrote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Group
from rich.text import Text

from verifier.kernel import DEFINED
from verifier.library.entries import Entry
from verifier.logic import BOOL, Symbol, Term, same
from verifier.notation import declared, displayed, latex, meanings, needed, shown
from verifier.proving import REGISTRY
from verifier.report.pages import explained, section


@dataclass(frozen=True)
class Glossary:
    """A symbol or a statement, explained down to arithmetic.

    Attributes
    ----------
    title:
        The symbol's name; empty for a statement.
    text, latex:
        The statement, or the symbol's defining equations.
    meanings:
        Defining equations of all that it needs, each after those of what it is made of.
    results:
        Results that state it, or that speak of the symbol, and how they stand.
    """

    title: str
    text: tuple[str, ...]
    latex: tuple[str, ...]
    meanings: tuple[str, ...]
    results: tuple[tuple[str, str], ...]


def of_symbol(name: str, entries: Mapping[str, Entry]) -> Glossary:
    """A symbol's definition, and the results that speak of it."""
    symbol = DEFINED[name].symbol
    equations = _equations(symbol)
    below = [s for s in needed(*equations) if s is not symbol]
    return Glossary(
        name,
        tuple(map(shown, equations)),
        tuple(map(latex, equations)),
        tuple(meanings(below)),
        _results(entries, lambda term: symbol in term.symbols),
    )


def of_statement(term: Term, entries: Mapping[str, Entry]) -> Glossary:
    """A statement, printed back, and the results that state it up to bound names."""
    return Glossary(
        "",
        (shown(term) if term.sort == BOOL else declared(term),),
        (latex(term),),
        tuple(meanings(needed(term))),
        _results(entries, lambda stated: same(stated, term)),
    )


def _equations(symbol: Symbol) -> list[Term]:
    from verifier.kernel import definition

    return [equation.conclusion for equation in definition(symbol)]


def _results(entries: Mapping[str, Entry], wanted: Any) -> tuple[tuple[str, str], ...]:
    found = []
    for name, entry in entries.items():
        statement = REGISTRY[name].run().statement if name in REGISTRY else None
        if statement is not None and wanted(statement):
            found.append((name, str(entry.status)))
    return tuple(found)


def document(found: Glossary) -> dict[str, Any]:
    """The same as JSON."""
    results = [{"name": name, "status": status} for name, status in found.results]
    kind = "statement" if not found.title else "definition"
    return {
        "kind": kind,
        "name": found.title,
        kind: found.text[0] if kind == "statement" else list(found.text),
        "latex": list(found.latex),
        "meanings": list(found.meanings),
        "stated_by" if kind == "statement" else "results": results,
    }


def render(found: Glossary, with_latex: bool) -> Group:
    """The same for a terminal."""
    lines = [line for text in found.text for line in displayed(text)]
    if found.title:
        parts: list[Any] = [Text.assemble((found.title, "bold"), "  definition")]
        parts += section("Definition", lines)
    else:
        parts = section("Statement", lines)[1:]
    if with_latex:
        parts += section("LaTeX", list(found.latex))
    if found.meanings:
        parts += explained(list(found.meanings))
    shown_results = [f"{name}, {status}" for name, status in found.results]
    none = "no result of the library"
    title = "Results that speak of it" if found.title else "Stated by"
    parts += section(title, shown_results or [none])
    return Group(*parts)
