"""Which results feed which, as a networkx graph read off the derivations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from verifier.library.entries import Entry

# A ``networkx.DiGraph``; networkx is imported where one is made.
Graph = Any


def dag(entries: Mapping[str, Entry]) -> Graph:
    """The graph with an edge L → T where the derivation of T uses L directly.

    Node attributes are ``kind``, ``status``, ``source``, ``statement`` and ``seconds``.
    """
    import networkx

    graph = networkx.DiGraph()
    for e in entries.values():
        graph.add_node(
            e.name,
            kind=e.kind,
            status=str(e.status),
            source=e.source,
            statement=e.statement,
            seconds=round(e.seconds, 4),
        )
    for e in entries.values():
        graph.add_edges_from((used, e.name) for used in e.uses)
    return graph


def part(graph: Graph, names: Iterable[str], up: bool = True, down: bool = True) -> Graph:
    """The part of the graph around some nodes.

    Parameters
    ----------
    up:
        Whether to keep all that uses them, however far above.
    down:
        Whether to keep all they rest on.
    """
    import networkx

    kept = set(names)
    for name in tuple(kept):
        if up:
            kept |= networkx.descendants(graph, name)
        if down:
            kept |= networkx.ancestors(graph, name)
    return graph.subgraph(kept)


def above(entries: Mapping[str, Entry], name: str) -> list[str]:
    """Everything that uses a result, however far above, in the order of ``entries``."""
    reached = {name}
    grown = True
    while grown:
        new = {e.name for e in entries.values() if not reached.isdisjoint(e.uses)}
        grown = not new <= reached
        reached |= new
    return [e for e in entries if e in reached and e != name]


def below(entries: Mapping[str, Entry], name: str) -> list[str]:
    """Everything a result rests on, however far below, in the order of ``entries``."""
    reached: set[str] = set()
    todo = list(entries[name].uses)
    while todo:
        used = todo.pop()
        if used not in reached:
            reached.add(used)
            todo.extend(entries[used].uses)
    return [e for e in entries if e in reached]
