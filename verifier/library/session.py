"""Running the library: which results, with which cache, in how many processes."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from verifier.library.catalogue import PROOFS, find, load, stated_in
from verifier.library.entries import Entry, State, entries
from verifier.library.graph import above
from verifier.library.record import Records, standing
from verifier.library.schedule import plan, prove, prove_ahead
from verifier.proving import REGISTRY
from verifier.proving.leaves import KEEPER, Obligation
from verifier.solving.store import Kept

# Told the name of each finished result, how many are finished and how many there are.
Progress = Callable[[str, int, int], None]


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
        Every distinct leaf, by address, in order.
    found:
        How many of them had no certificate yet, and got one now.
    certificates:
        The certificates that the kernel accepted, by address.
    """

    entries: dict[str, Entry]
    others: dict[str, Entry]
    obligations: dict[str, Obligation]
    found: int
    certificates: dict[str, Kept]
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
        """Whether every failure is a limit, so that nothing is refuted."""
        return not self.ok and all(e.failure and e.failure.limit for e in self.failed)

    @property
    def assumed_only(self) -> bool:
        """Whether all that stands in the way is leaves without certificates."""
        return not self.ok and all(e.proved or e.granted for e in self.entries.values())

    @property
    def oracles(self) -> int:
        """Leaves without certificates, of all derivations together."""
        return sum(e.own_oracles for e in self.entries.values())

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

    def certificates_of(self, package: str) -> dict[str, Kept]:
        """The certificates that a package's own proofs asked for."""
        own = {r.name for r in stated_in([package])}
        asked = {key for key, o in self.obligations.items() if o.result in own}
        return {key: kept for key, kept in self.certificates.items() if key in asked}

    def falls_with(self, name: str) -> list[str]:
        """What is not proved because ``name`` is not."""
        return above(self.entries, name)


def check(
    names: Sequence[str] = (),
    packages: Sequence[str] = PROOFS,
    folder: Path | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
    quick: bool = False,
) -> Report:
    """Prove the packages' results, or those named, and what they need.

    Parameters
    ----------
    folder:
        Where certificates that are found, and records, are kept; None remembers nothing.
    jobs:
        Processes that prove ahead; 1 does everything here.
    quick:
        Whether to look for no certificates: a leaf without one is then assumed, and said so.

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
    with _certificates(folder, jobs, quick) as shared:
        if shared is not None and jobs > 1:
            generations = plan(wanted, records)
            tally.total += sum(map(len, generations))
            prove_ahead(generations, packages, shared, jobs, tally.finish)
        tally.total += len(wanted)
        for result in wanted:
            prove(result)
            tally.finish(result.name)
        obligations = dict(KEEPER.asked)
        found_now, used = KEEPER.found, dict(KEEPER.used)
    run = [
        r for r in REGISTRY.values() if r.outcome is not None and (r in wanted or r.name in fresh)
    ]
    found = entries(run)
    others: dict[str, Entry] = {}
    if records:
        # Records serve display alone: where none can be written, nothing is lost.
        with suppress(OSError):
            records.write(found)
        rest = standing(REGISTRY.values(), found, records)
        others = {n: e for n, e in rest.items() if e.status is State.OBSOLETE}
    return Report(found, others, obligations, found_now, used, time.perf_counter() - start)


@contextmanager
def _certificates(folder: Path | None, jobs: int, quick: bool) -> Iterator[Path | None]:
    """Where certificates that are found are kept: for good, for this run, or not at all."""
    passing = None
    if folder is None and jobs > 1:
        passing = tempfile.TemporaryDirectory(prefix="verifier-")
    used = Path(passing.name) if passing else folder
    KEEPER.begin(used, counted=True, quick=quick)
    try:
        yield used
    finally:
        KEEPER.begin(None)
        if passing:
            passing.cleanup()


class _Tally:
    """What happens during a run."""

    def __init__(self, progress: Progress | None) -> None:
        self.progress = progress
        self.total = self.done = 0

    def finish(self, name: str) -> None:
        self.done += 1
        if self.progress:
            self.progress(name, self.done, self.total)
