"""What ``show`` prints of one result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from verifier.kernel import Theorem
from verifier.library.entries import Entry, source_place
from verifier.library.graph import above, below
from verifier.library.replay import Derived
from verifier.library.session import Report
from verifier.logic import Term
from verifier.notation import displayed, latex, meanings, needed
from verifier.proving import REGISTRY
from verifier.report.documents import of_entry
from verifier.report.outline import Line, outline
from verifier.report.tables import COLOURS


@dataclass(frozen=True)
class Page:
    """All there is to say of one result.

    Attributes
    ----------
    used_by:
        Results whose derivations use it directly.
    ancestry:
        All it rests on, however far below.
    falls:
        All that rests on it, however far above.
    meanings:
        The defining equations of all symbols that its statement needs, down to arithmetic; each
        uses only symbols that are explained before it.
    """

    entry: Entry
    doc: str
    place: str
    latex: str
    used_by: list[str]
    ancestry: list[str]
    falls: list[str]
    meanings: list[str]
    leaves_below: int
    proof: list[Line]


def page(report: Report, name: str, derived: Derived | None = None) -> Page:
    """The page of a result of a run, or of a theorem that was read from a file."""
    entry = report.entries[name]
    theorem: Theorem | None
    statement: Term | None
    if derived is not None:
        theorem, statement = derived.theorem, derived.statement
        doc, place = "", entry.source
    else:
        result = REGISTRY[name]
        outcome = result.run()
        theorem, statement = outcome.theorem or outcome.conditional, outcome.statement
        doc, place = result.doc, source_place(result)
    ancestry = below(report.entries, name)
    return Page(
        entry=entry,
        doc=doc,
        place=place,
        latex="" if statement is None else latex(statement),
        used_by=[e.name for e in report.entries.values() if name in e.uses],
        ancestry=ancestry,
        falls=above(report.entries, name),
        meanings=[] if statement is None else meanings(needed(statement)),
        leaves_below=sum(report.entries[n].leaves for n in ancestry),
        proof=[] if theorem is None else outline(theorem),
    )


def document(shown: Page) -> dict[str, Any]:
    """The page as JSON."""
    return {
        **of_entry(shown.entry),
        "doc": shown.doc,
        "place": shown.place,
        "latex": shown.latex,
        "used_by": shown.used_by,
        "rests_on": shown.ancestry,
        "definitions": list(shown.entry.definitions),
        "meanings": shown.meanings,
        "proof": [{"depth": line.depth, "text": line.text} for line in shown.proof],
    }


def render(shown: Page, with_latex: bool) -> Group:
    """The page for a terminal."""
    e = shown.entry
    head = Text.assemble(
        (e.name, "bold"), f"  {e.kind}, ", (str(e.status), COLOURS[e.status]),
        f"  {shown.place}",
    )  # fmt: skip
    parts: list[Any] = [head]
    if e.source and e.source != shown.place:
        parts.append(Text(e.source, style="italic"))
    if shown.doc:
        parts += ["", Text(shown.doc)]
    parts += section("Statement", displayed(e.statement) if e.statement else ["never stated"])
    if with_latex:
        parts += section("LaTeX", [shown.latex])
    if shown.meanings:
        parts += explained(shown.meanings)
    axioms = ", ".join(e.assumptions) or "no axiom"
    parts += section("Uses", [", ".join(e.uses) or "no other result"])
    parts += section("Used by", [", ".join(shown.used_by) or "no other result"])
    parts += section(
        "Rests on",
        [
            f"{axioms}; results: {len(shown.ancestry)}; "
            f"leaves: {e.leaves} of its own, {shown.leaves_below} below"
        ],
    )
    if e.unused:
        parts += section("Hypotheses the proof does not need", list(e.unused))
    if e.failure:
        where = " / ".join(e.failure.path)
        parts += section("Not proved", [*([f"step: {where}"] if where else []),
                                         *e.failure.message.splitlines()])  # fmt: skip
        if shown.falls:
            parts += section("With it falls", [", ".join(shown.falls)])
    elif e.unproved:
        parts += section("Proved only from", [f"{', '.join(e.unproved)}, not proved"])
    if shown.proof:
        parts += section("Proof", [])
        parts += [_hanging(line) for line in shown.proof]
    return Group(*parts)


def explained(equations: list[str]) -> list[Any]:
    """Definitions, each after those of what it is made of."""
    return section("where", [line for e in equations for line in displayed(e)])


def section(title: str, lines: list[str]) -> list[Any]:
    """A title, and lines below it."""
    return [
        "",
        Text(title, style="bold"),
        *(Padding(Text(line), (0, 0, 0, 2), expand=False) for line in lines),
    ]


def _hanging(line: Line) -> Padding:
    return Padding(Text(line.text), (0, 0, 0, 2 + 2 * line.depth), expand=False)
