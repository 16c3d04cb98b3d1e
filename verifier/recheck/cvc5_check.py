"""Leaves decided by cvc5, an SMT solver that shares no code with z3.

cvc5 runs as a process of its own (:mod:`~verifier.recheck.outside.cvc5_child`), for its limits do
not reach everywhere and it cannot be stopped from within.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from verifier.recheck.outside import cvc5_child
from verifier.recheck.outside.processes import CLOCK, Ended, Worker
from verifier.recheck.outside.smtlib import Script
from verifier.recheck.terms import Term

# Tried in turn: a limit in cvc5's own units, about 200,000 a second, and options.  The defaults
# decide nearly everything.  The last two methods can run on without spending units.
CONFIGURATIONS: Final[tuple[tuple[int, dict[str, str]], ...]] = (
    (200_000, {}),
    (400_000, {"nl-ext": "full", "nl-ext-tplanes": "true"}),
    (600_000, {"nl-cov": "true", "nl-ext": "none"}),
    (
        400_000,
        {"nl-ext": "full", "nl-ext-tplanes": "true", "nl-ext-tplanes-interleave": "true"},
    ),
)


@dataclass(frozen=True)
class Verdict:
    """``proved``, ``refuted``, ``unknown`` or ``unfinished``, and what was said beyond that.

    ``unfinished`` is no verdict: the clock ended cvc5 before its own limits did.
    """

    status: str
    detail: str = ""


class Cvc5(Worker):
    """A running cvc5."""

    def __init__(self) -> None:
        super().__init__([sys.executable, "-P", str(Path(cvc5_child.__file__))])


@cache
def shared() -> Cvc5:
    """The cvc5 of this process; it ends when its input does."""
    return Cvc5()


def decide(
    premises: Sequence[Term], goal: Term, seconds: float = CLOCK, solver: Worker | None = None
) -> Verdict:
    """Whether the premises force the goal.

    ``refuted`` comes with a model: values of the leaf's variables and opaque terms at which the
    premises hold and the goal does not.

    Parameters
    ----------
    seconds:
        When the process is ended, for each configuration; the answers do not depend on it, only
        whether there is one.
    """
    script = Script(premises, goal)
    reason, ended = "", ""
    for resources, options in CONFIGURATIONS:
        question = {
            "script": script.text(), "values": list(script.values), "options": options,
            "resources": resources, "seconds": seconds,
        }  # fmt: skip
        answer = (solver or shared()).ask(question, seconds)
        if isinstance(answer, Ended):
            ended = answer.cause
        elif answer["said"] == "unsat":
            return Verdict("proved")
        elif answer["said"] == "sat":
            values = answer["values"].items()
            named = [f"{script.values[name]} = {value[:80]}" for name, value in values]
            return Verdict("refuted", ", ".join(named))
        else:
            reason = answer["said"] or "unknown"
    return Verdict("unfinished", ended) if ended else Verdict("unknown", reason[:200])
