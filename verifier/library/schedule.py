"""Proving ahead in processes, by topological generations.

Theorems cannot cross processes, and should not: what workers leave behind is certificates of
leaves, shared on disk.  The main process then proves everything itself and finds every
certificate there.  The order is only a plan, so it may come from the last records or from the
names a proof mentions; the true graph is read off the derivations afterwards.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing.connection import wait
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from verifier.errors import VerifierError
from verifier.library.catalogue import load
from verifier.library.record import Records
from verifier.proving import REGISTRY, Result
from verifier.proving.errors import ProofFailed
from verifier.proving.leaves import KEEPER
from verifier.proving.results import Outcome

Progress = Callable[[str], None]


def prove(result: Result) -> Outcome:
    """Run one result; a proof that cannot even run is a failed proof."""
    try:
        return result.run()
    except VerifierError as error:
        failed = error if isinstance(error, ProofFailed) else ProofFailed(str(error), result.name)
        result.outcome = Outcome(error=failed)
        return result.outcome


def plan(results: Iterable[Result], records: Records | None) -> list[list[str]]:
    """Names in generations: what a result is expected to use is in an earlier one."""
    import networkx

    graph = networkx.DiGraph()
    todo = [r.name for r in results]
    seen: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            uses = expected_uses(REGISTRY[name], records)
            graph.add_node(name)
            graph.add_edges_from((used, name) for used in uses)
            todo.extend(uses)
    # What is mentioned in a ring is planned together; whether it is used so, the proofs tell.
    rings = networkx.condensation(graph)
    members = rings.nodes(data="members")
    return [
        sorted(name for ring in generation for name in members[ring])
        for generation in networkx.topological_generations(rings)
    ]


def expected_uses(result: Result, records: Records | None = None) -> list[str]:
    """What a result used last time, else the results its proof mentions by name."""
    record = records.read(result.name) if records else None
    if record is not None and record.uses:
        return [name for name in record.uses if name in REGISTRY]
    found: dict[str, None] = {}
    seen: set[FunctionType] = set()
    todo: list[FunctionType] = [result.prove]  # type: ignore[list-item]
    while todo:
        function = todo.pop()
        if function in seen or not isinstance(function, FunctionType):
            continue
        seen.add(function)
        for name in _global_names(function.__code__):
            value: Any = function.__globals__.get(name)
            if isinstance(value, Result):
                found[value.name] = None
            elif isinstance(value, FunctionType):
                todo.append(value)
            elif isinstance(value, type) and value.__module__ == function.__module__:
                todo.extend(v for v in vars(value).values() if isinstance(v, FunctionType))
    return [name for name in found if name in REGISTRY]


def _global_names(code: CodeType) -> Iterable[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _global_names(constant)


def prove_ahead(
    generations: Sequence[Sequence[str]],
    packages: Sequence[str],
    folder: Path,
    jobs: int,
    progress: Progress | None = None,
) -> None:
    """Fill ``folder`` with certificates of every leaf, in ``jobs`` processes."""
    with workers(packages, folder, jobs) as pool:
        for generation in generations:
            for done in as_completed([pool.submit(_prove_named, name) for name in generation]):
                name = done.result()
                if progress:
                    progress(name)


def workers(packages: Sequence[str], folder: Path | None, jobs: int) -> ProcessPoolExecutor:
    """Processes that know the catalogue and share the certificates in ``folder``."""
    # Forking shares what is imported; elsewhere each worker imports it again.
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    return ProcessPoolExecutor(jobs, context, _start_worker, (tuple(packages), folder))


def _start_worker(packages: Sequence[str], folder: Path | None) -> None:
    load(packages)
    KEEPER.begin(folder)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for work forever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _prove_named(name: str) -> str:
    prove(REGISTRY[name])
    return name
