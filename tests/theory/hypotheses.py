"""Hypotheses a statement could do without, for the tests and for ``docs/hypotheses.md``.

``python -m tests.theory.hypotheses`` prints both tables of that page.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.theory.counter_instances import COUNTER_INSTANCES
from tests.theory.meaning import take_apart
from verifier.notation import text
from verifier.proving import Result

Row = tuple[str, str, str]


def redundant(library: Mapping[str, Result]) -> tuple[list[Row], list[Row]]:
    """Result, hypothesis, reason: of those no proof uses, and of those used but not needed."""
    unused: list[Row] = []
    used: list[Row] = []
    # By name, for the library's own order depends on what was imported first.
    for name, result in sorted(library.items()):
        outcome = result.run()
        if outcome.statement is None:
            continue
        idle = {text(h) for h in outcome.unused}
        hypotheses = take_apart(outcome.statement).hypotheses
        for hypothesis, found in zip(hypotheses, COUNTER_INSTANCES.get(name, ()), strict=False):
            if isinstance(found, str):
                place = unused if text(hypothesis) in idle else used
                place.append((name, text(hypothesis), found))
    return unused, used


def table(rows: list[Row]) -> str:
    """A Markdown table of rows."""
    lines = [
        "| result | hypothesis | why the statement is true without it |",
        "| --- | --- | --- |",
    ]
    lines += [f"| `{name}` | `{hypothesis}` | {why} |" for name, hypothesis, why in rows]
    return "\n".join(lines)


if __name__ == "__main__":
    import sys

    from verifier.library.catalogue import load, stated_in

    load()
    for rows in redundant({r.name: r for r in stated_in()}):
        sys.stdout.write(table(rows) + "\n\n")
