"""What became of each result, read off its derivation."""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from verifier.kernel import Theorem
from verifier.library.derivations import cited, digest, oracles, walk
from verifier.notation import shown, text
from verifier.proving import Outcome, ProofFailed, Result, StepFailed


class State(StrEnum):
    """How far a result is proved."""

    PROVED = "proved"
    """It and all it uses are proved."""
    CONDITIONAL = "conditional"
    """Proved from results that are not."""
    FAILED = "failed"
    """Its own proof fails."""
    OBSOLETE = "obsolete"
    """Something below it changed since it was last proved."""
    OPEN = "open"
    """Never proved with this cache."""


@dataclass(frozen=True)
class Failure:
    """Why a proof failed.

    Attributes
    ----------
    place:
        ``file:line`` of the result, or of the statement that raised.
    path:
        Names of the steps, from the outermost inwards.
    message:
        The obligation and the values that break it.
    limit:
        Whether the solver hit its limit, so that the step may still be true.
    """

    place: str
    path: tuple[str, ...]
    message: str
    limit: bool


@dataclass(frozen=True)
class Entry:
    """One result as the library shows it.

    Attributes
    ----------
    statement:
        The whole statement, as text that reads back as it; empty if the proof never stated it.
    uses:
        Results its derivation cites directly.
    assumptions:
        Axioms it rests on, however far below.
    unproved:
        For a conditional result, the results it uses that are not proved.
    own_oracles:
        Those of its own derivation.
    missing:
        For a conditional result, the results it uses that are not proved, not even with those
        leaves granted.
    unused:
        Hypotheses its proof did not need.
    definitions:
        Defined symbols of its statement and its derivation's own steps.
    leaves:
        Leaves of its derivation, those of what it uses left out.
    oracles:
        Leaves without a certificate that it rests on, however far below: assumed, not proved.
    digest:
        Hash of its derivation and of the digests of all it uses; empty if it is not proved.
    """

    name: str
    kind: str
    status: State
    source: str
    statement: str
    uses: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    unproved: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    definitions: tuple[str, ...] = ()
    leaves: int = 0
    oracles: int = 0
    own_oracles: int = 0
    missing: tuple[str, ...] = ()
    seconds: float = 0.0
    digest: str = ""
    failure: Failure | None = None

    @property
    def proved(self) -> bool:
        """Whether its whole ancestry is proved."""
        return self.status is State.PROVED

    @property
    def granted(self) -> bool:
        """Whether it is proved but for leaves without certificates."""
        return self.status is State.CONDITIONAL and bool(self.oracles) and not self.missing


def entries(results: Iterable[Result]) -> dict[str, Entry]:
    """Entries of results that were run, in order, with entries of all they use."""
    wanted = [r for r in results if r.outcome is not None]
    known = _by_name(wanted)
    made: dict[str, Entry] = {}
    for result in wanted:
        _enter(result.name, known, made)
    return {r.name: made[r.name] for r in wanted} | made


def _by_name(wanted: list[Result]) -> dict[str, Result]:
    from verifier.proving import REGISTRY

    return {**REGISTRY, **{r.name: r for r in wanted}}


def _enter(name: str, results: Mapping[str, Result], made: dict[str, Entry]) -> None:
    # Iterative, for a chain of results may be longer than Python's stack.
    todo = [(name, False)]
    uses: dict[str, tuple[str, ...]] = {}
    while todo:
        current, ready = todo.pop()
        if current in made:
            continue
        if ready:
            made[current] = _entry(results[current], uses[current], made)
            continue
        uses[current] = _uses(results[current].run())
        todo.append((current, True))
        todo.extend((used, False) for used in uses[current])


def _uses(outcome: Outcome) -> tuple[str, ...]:
    found = outcome.theorem or outcome.conditional
    cited_here = cited(found) if found else []
    return tuple(dict.fromkeys([*cited_here, *outcome.missing]))


def _entry(result: Result, uses: tuple[str, ...], made: Mapping[str, Entry]) -> Entry:
    outcome = result.run()
    found = outcome.theorem or outcome.conditional
    if found is None:
        status = State.FAILED
    else:
        # What rests on a leaf without a certificate rests on an assumption.
        whole = outcome.theorem is not None and not oracles(outcome.theorem)
        status = State.PROVED if whole else State.CONDITIONAL
    steps = walk(found) if found else []
    symbols = set() if outcome.statement is None else set(outcome.statement.symbols)
    symbols.update(s.parameters[0] for s in steps if s.rule == "definition")
    axioms = {s.parameters[0] for s in steps if s.rule == "axiom"}
    axioms.update(axiom for used in uses for axiom in made[used].assumptions)
    return Entry(
        name=result.name,
        kind=result.kind,
        status=status,
        source=result.source,
        statement="" if outcome.statement is None else shown(outcome.statement),
        uses=uses,
        assumptions=tuple(sorted(axioms)),
        unproved=tuple(u for u in uses if not made[u].proved),
        unused=tuple(text(h) for h in outcome.unused),
        definitions=tuple(sorted(s.name for s in symbols)),
        leaves=sum(step.rule in ("leaf", "oracle") for step in steps),
        oracles=oracles(found) if found else 0,
        own_oracles=sum(step.rule == "oracle" for step in steps),
        missing=tuple(u for u in uses if not (made[u].proved or made[u].granted)),
        seconds=outcome.seconds,
        digest=deep_digest(outcome.theorem, uses, made),
        failure=None if outcome.error is None else failure(result, outcome.error),
    )


def deep_digest(theorem: Theorem | None, uses: tuple[str, ...], made: Mapping[str, Entry]) -> str:
    """Hash of a named theorem's derivation and of the digests of all it uses; empty for None."""
    if theorem is None:
        return ""
    parts = [digest(theorem), *(made[used].digest for used in sorted(uses))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def failure(result: Result, error: ProofFailed) -> Failure:
    """What to tell the reader of a failed proof."""
    limit = isinstance(error, StepFailed) and error.refusal.status == "unknown"
    return Failure(_place(result, error), error.path, error.message, limit)


def source_place(result: Result) -> str:
    """``file:line`` of a result, relative to the working folder where it lies below it."""
    return _relative(result.prove.__code__.co_filename, result.line)


def _place(result: Result, error: ProofFailed) -> str:
    # The last frame in the result's own file is the line of the proof that went wrong.
    file = result.prove.__code__.co_filename
    cause = error if error.__cause__ is None else error.__cause__
    own = [f for f in traceback.extract_tb(cause.__traceback__) if f.filename == file]
    line = own[-1].lineno if own else None
    return _relative(file, result.line if line is None else line)


def _relative(file: str, line: int) -> str:
    path = Path(file)
    here = Path.cwd()
    shown = path.relative_to(here) if path.is_relative_to(here) else path
    return f"{shown}:{line}"
