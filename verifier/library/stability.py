"""Every leaf again, under many seeds of the solver."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from time import perf_counter

from verifier.library.schedule import workers
from verifier.proving.leaves import Obligation
from verifier.solving.smt import Script
from verifier.solving.solver import solve

# Told whose leaf is finished, how many are and how many there are.
Progress = Callable[[str, int, int], None]
_Case = tuple[str, tuple[str, ...]]


@dataclass(frozen=True)
class Steadiness:
    """How often one leaf was proved.

    Attributes
    ----------
    proved:
        Under how many seeds.
    slowest:
        Seconds of the slowest of those runs.
    """

    obligation: Obligation
    proved: int
    slowest: float


def steadiness(
    obligations: Sequence[Obligation],
    seeds: Iterable[int],
    jobs: int = 1,
    progress: Progress | None = None,
) -> list[Steadiness]:
    """Decide each obligation under each seed, afresh."""
    tried = tuple(seeds)
    scripts = [o.script for o in obligations]
    cases = [(s.text, s.premises) for s in scripts]
    if jobs == 1:
        counts = _told(map(_count, cases, [tried] * len(cases)), obligations, progress)
    else:
        with workers((), None, jobs) as pool:
            runs = pool.map(_count, cases, [tried] * len(cases), chunksize=8)
            counts = _told(runs, obligations, progress)
    return [Steadiness(o, *c) for o, c in zip(obligations, counts, strict=True)]


def _told(
    runs: Iterable[tuple[int, float]], obligations: Sequence[Obligation], progress: Progress | None
) -> list[tuple[int, float]]:
    counts = []
    for done, count in enumerate(runs, 1):
        counts.append(count)
        if progress:
            progress(obligations[done - 1].result, done, len(obligations))
    return counts


def _count(case: _Case, seeds: Sequence[int]) -> tuple[int, float]:
    text, premises = case
    proved, slowest = 0, 0.0
    for seed in seeds:
        start = perf_counter()
        proved += solve(Script(text, premises, {}), seed).proved
        slowest = max(slowest, perf_counter() - start)
    return proved, slowest
