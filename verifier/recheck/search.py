"""Finding the certificates of many leaves, in several processes."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Mapping
from typing import Any

from verifier.recheck.document import Document, read
from verifier.recheck.finder import NotFound, find
from verifier.recheck.polynomials import address
from verifier.recheck.structure import Leaf, leaves

_documents: dict[str, Any] = {}


def missing(documents: Mapping[str, Document], known: Mapping[str, Any]) -> dict[str, Leaf]:
    """The leaves that no certificate is kept for, by address."""
    wanted = {
        address(leaf.premises, leaf.goal): leaf for d in documents.values() for leaf in leaves(d)
    }
    return {a: leaf for a, leaf in sorted(wanted.items()) if a not in known}


def find_all(
    contents: Mapping[str, Any],
    wanted: Mapping[str, Leaf],
    jobs: int,
    seconds: float,
    advance: Callable[[str, int, int], None] | None = None,
) -> dict[str, Any]:
    """Certificates of the wanted leaves, those that were found.

    Parameters
    ----------
    contents:
        The derivation files the leaves stand in, as JSON values.
    seconds:
        The limit for one leaf.
    """
    tasks = [(a, leaf.name, leaf.step, seconds) for a, leaf in wanted.items()]
    found: dict[str, Any] = {}
    # Terms are interned in each process, so files travel, not terms.
    context = multiprocessing.get_context("spawn")
    with context.Pool(min(jobs, max(1, len(tasks))), _start, (dict(contents),)) as pool:
        for done, (key, certificate) in enumerate(pool.imap_unordered(_find, tasks), 1):
            if certificate is not None:
                found[key] = certificate
            if advance:
                advance(wanted[key].name, done, len(tasks))
    return found


def _start(contents: dict[str, Any]) -> None:
    _documents.update(contents)


def _find(task: tuple[str, str, int, float]) -> tuple[str, Any]:
    key, name, step, seconds = task
    found = next(leaf for leaf in leaves(read(name, _documents[name])) if leaf.step == step)
    try:
        return key, find(found.premises, found.goal, seconds)
    except NotFound:
        return key, None
