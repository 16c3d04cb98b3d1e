"""What ``check`` prints."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from verifier.library.entries import Entry, State
from verifier.library.opinions import MARK
from verifier.library.session import Report
from verifier.library.stability import Steadiness

COLOURS: Final = {
    State.PROVED: "green",
    State.CONDITIONAL: "yellow",
    State.FAILED: "bold red",
    State.OBSOLETE: "magenta",
    State.OPEN: "dim",
}
# Wide enough for a table in a file or a pipe, where nothing says how wide a line may be.
PIPE_WIDTH: Final = 120
LINE: Final = 100


def console() -> Console:
    """Standard output; plain and of one width where it is no terminal."""
    plain = Console(highlight=False)
    return plain if plain.is_terminal else Console(highlight=False, width=PIPE_WIDTH)


def table(entries: Sequence[Entry], marks: Mapping[str, Mapping[str, str]] | None = None) -> Table:
    """Name, status, source, leaves and time of results.

    Parameters
    ----------
    marks:
        More columns: a title, and a word for each result's name.
    """
    made = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("name", "status", "source"):
        made.add_column(title, overflow="fold", no_wrap=title != "source")
    for title in ("leaves", "time"):
        made.add_column(title, justify="right", no_wrap=True)
    more = marks or {}
    for title in more:
        made.add_column(title, no_wrap=True)
    for e in entries:
        made.add_row(
            Text(e.name),
            Text(str(e.status), style=COLOURS[e.status]),
            Text(e.source),
            str(e.leaves),
            f"{1000 * e.seconds:.0f} ms",
            *(column.get(e.name, "") for column in more.values()),
        )
    return made


def explained(marks: Mapping[str, Mapping[str, str]]) -> Text:
    """What the columns of marks mean, if there are any."""
    if not marks:
        return Text("")
    columns = ", ".join(marks)
    return Text(f"\n{MARK} under {columns}: verifier recheck accepted this derivation.  "
                "Blank: not asked since it changed.")  # fmt: skip


def failures(report: Report) -> Group:
    """Which step of which proof failed, the values that break it, and what falls with it."""
    parts: list[RenderableType] = []
    for e in report.failed:
        if e.failure is None:
            continue
        parts.append(Text.assemble("\n", (f"{e.name} is not proved", "bold red"),
                                   f"  ({e.failure.place})"))  # fmt: skip
        if e.failure.path:
            parts.append(Text(f"  step: {' / '.join(e.failure.path)}"))
        parts.append(Text("\n".join(f"  {line}" for line in e.failure.message.splitlines())))
        fallen = report.falls_with(e.name)
        if fallen:
            parts.append(Text(f"  with it falls: {', '.join(fallen)}"))
    return Group(*parts)


def foundations(report: Report) -> Group:
    """What everything rests on."""
    proved = sum(e.proved for e in report.entries.values())
    axioms = ", ".join(report.assumptions) or "none"
    checked = f"{report.leaves - report.oracles}, each checked by its certificate"
    if report.oracles:
        checked += f"; {report.oracles} assumed, for no certificate of them is known"
    lines = [
        "",
        f"{proved} of {len(report.entries)} results proved in {report.seconds:.2f} s.",
        "They rest on",
        *_item("axioms", axioms),
        *_item("definitions", f"{len(report.definitions)}: {', '.join(report.definitions)}"),
        *_item("solver", "none"),
        *_item("leaves", checked),
    ]
    unused = [f"{h} in {e.name}" for e in report.entries.values() for h in e.unused]
    if unused:
        lines.append(f"Hypotheses that no proof needed: {'; '.join(unused)}")
    if report.others:
        lines.append(f"Obsolete until proved again: {', '.join(report.others)}")
    return Group(*(Text(line) for line in lines))


def _item(title: str, value: str) -> list[str]:
    indent = " " * 15
    return textwrap.wrap(value, LINE, initial_indent=f"  {title:<13}", subsequent_indent=indent)


def steadiness(steady: Sequence[Steadiness], seeds: int) -> Group:
    """How every leaf fared under many seeds."""
    least = min((s.proved for s in steady), default=seeds)
    slowest = max((s.slowest for s in steady), default=0.0)
    lines = [
        "",
        f"Stability: {len(steady)} leaves under {seeds} seeds each; the least steady was proved "
        f"{least} times of {seeds}, the slowest run took {slowest:.3f} s.",
    ]
    for s in steady:
        if s.proved < seeds:
            lines.append(f"  {s.obligation.result}: proved {s.proved} times of {seeds}")
            lines.extend(f"    {line}" for line in s.obligation.script.text.splitlines())
    return Group(*(Text(line) for line in lines))
