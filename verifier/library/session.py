"""Running the library: which results, with which cache, in how many processes."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from verifier import kernel
from verifier.kernel import Verdict
from verifier.library.catalogue import PROOFS, find, load, stated_in
from verifier.library.entries import Entry, State, entries
from verifier.library.graph import above
from verifier.library.record import Records, standing
from verifier.library.schedule import plan, prove, prove_ahead
from verifier.logic.smt import Script
from verifier.proving import REGISTRY
from verifier.proving.results import running

# Told the name of each finished result, how many are finished and how many there are.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Obligation:
    """A leaf as it was asked for.

    Attributes
    ----------
    result:
        The result whose proof asked first.
    script:
        The obligation.
    """

    result: str
    script: Script


@dataclass(frozen=True)
class Report:
    """What a run found.

    Attributes
    ----------
    entries:
        Every result that was run, by name.
    others:
        Results that were not run and that the records know to be obsolete.
    obligations:
        Every distinct leaf, in order.
    remembered:
        How many of them had a verdict from an earlier run.
    """

    entries: dict[str, Entry]
    others: dict[str, Entry]
    obligations: tuple[Obligation, ...]
    remembered: int
    seconds: float

    @property
    def failed(self) -> list[Entry]:
        """Results whose own proof fails."""
        return [e for e in self.entries.values() if e.status is State.FAILED]

    @property
    def ok(self) -> bool:
        """Whether everything that was run is proved."""
        return all(e.proved for e in self.entries.values())

    @property
    def limits_only(self) -> bool:
        """Whether every failure is a limit of the solver, so that nothing is refuted."""
        return not self.ok and all(e.failure and e.failure.limit for e in self.failed)

    @property
    def assumptions(self) -> list[str]:
        """Axioms anything rests on."""
        return sorted({a for e in self.entries.values() for a in e.assumptions})

    @property
    def definitions(self) -> list[str]:
        """Defined symbols anything speaks of."""
        return sorted({d for e in self.entries.values() for d in e.definitions})

    @property
    def leaves(self) -> int:
        """Leaves of all derivations together."""
        return sum(e.leaves for e in self.entries.values())

    def falls_with(self, name: str) -> list[str]:
        """What is not proved because ``name`` is not."""
        return above(self.entries, name)


def check(
    names: Sequence[str] = (),
    packages: Sequence[str] = PROOFS,
    folder: Path | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Report:
    """Prove the packages' results, or those named, and what they need.

    Parameters
    ----------
    folder:
        Where verdicts and records are kept; None remembers nothing.
    jobs:
        Processes that prove ahead; 1 does everything here.

    Raises
    ------
    BadInput
        If a package cannot be imported or a name is unknown.

    Examples
    --------
    >>> report = check(["sawtooth-affine"])
    >>> report.ok, list(report.entries)
    (True, ['sawtooth-affine'])
    """
    start = time.perf_counter()
    load(packages)
    wanted = find(names) if names else stated_in(packages)
    records = Records(folder) if folder else None
    tally = _Tally(progress)
    fresh = {r.name for r in REGISTRY.values() if r.outcome is None}
    with _verdicts(folder, jobs) as verdicts:
        if jobs > 1:
            generations = plan(wanted, records)
            tally.total += sum(map(len, generations))
            prove_ahead(generations, packages, verdicts, jobs, tally.finish)
        tally.total += len(wanted)
        kernel.listen(tally.hear)
        try:
            for result in wanted:
                prove(result)
                tally.finish(result.name)
        finally:
            kernel.listen(None)
    run = [
        r for r in REGISTRY.values() if r.outcome is not None and (r in wanted or r.name in fresh)
    ]
    found = entries(run)
    others: dict[str, Entry] = {}
    if records:
        records.write(found)
        rest = standing(REGISTRY.values(), found, records)
        others = {n: e for n, e in rest.items() if e.status is State.OBSOLETE}
    return Report(
        found, others, tuple(tally.obligations.values()), tally.remembered,
        time.perf_counter() - start,
    )  # fmt: skip


@contextmanager
def _verdicts(folder: Path | None, jobs: int) -> Iterator[Path]:
    """Let the kernel remember verdicts: for good, for this run, or not at all."""
    with tempfile.TemporaryDirectory(prefix="verifier-") as passing:
        used = folder or Path(passing)
        keep = folder is not None or jobs > 1
        kernel.keep_verdicts(kernel.Verdicts(used) if keep else None)
        try:
            yield used
        finally:
            kernel.keep_verdicts(None)


class _Tally:
    """What happens during a run."""

    def __init__(self, progress: Progress | None) -> None:
        self.progress = progress
        self.total = self.done = self.remembered = 0
        self.obligations: dict[str, Obligation] = {}

    def hear(self, script: Script, verdict: Verdict, remembered: bool) -> None:
        if script.text not in self.obligations:
            self.obligations[script.text] = Obligation(running(), script)
            self.remembered += remembered and verdict.proved

    def finish(self, name: str) -> None:
        self.done += 1
        if self.progress:
            self.progress(name, self.done, self.total)
