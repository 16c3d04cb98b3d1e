"""Layered drawing of a directed acyclic graph: who stands where, and how edges run.

The steps are the usual ones: layers by longest paths, edges cut into pieces of one layer each,
crossings reduced by barycentres, heights by least squares.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

SWEEPS: Final = 24
# An edge that passes a layer wants to run straight more than a node wants its neighbours near.
STRAIGHTNESS: Final = 4.0
PART_GAP: Final = 1.6
Node = Hashable


@dataclass(frozen=True)
class Layout:
    """Places in units of rows and layers.

    Attributes
    ----------
    layer:
        The layer of each node, from 0.
    height:
        The height of each node; nodes of one layer are at least one unit apart.
    routes:
        For each edge the heights it passes, one for each layer from its start to its end.
    alone:
        Nodes without edges; they have no place.
    """

    layer: dict[Node, int]
    height: dict[Node, float]
    routes: dict[tuple[Node, Node], list[float]]
    alone: list[Node]


def layered(graph: Any) -> Layout:
    """Lay out a ``networkx.DiGraph`` without cycles.

    Edges that a longer path implies are left out.

    Examples
    --------
    >>> import networkx
    >>> layout = layered(networkx.DiGraph([("a", "b"), ("b", "c"), ("a", "c")]))
    >>> layout.layer, list(layout.routes)
    ({'a': 0, 'b': 1, 'c': 2}, [('a', 'b'), ('b', 'c')])
    """
    import networkx

    alone = [n for n in graph if not graph.degree(n)]
    whole = Layout({}, {}, {}, alone)
    parts = list(networkx.weakly_connected_components(graph))
    # The largest part first; equals in the order of the graph.
    order = {n: i for i, n in enumerate(graph)}
    for part in sorted(parts, key=lambda p: (-len(p), min(order[n] for n in p))):
        if len(part) > 1:
            inside = graph.subgraph(part)
            ordered = networkx.DiGraph()
            ordered.add_nodes_from(n for n in graph if n in part)
            ordered.add_edges_from(e for e in graph.edges if e in inside.edges)
            _lay_out(ordered, whole)
    return whole


def _lay_out(graph: Any, whole: Layout) -> None:
    """Lay out one connected graph below what is laid out already."""
    import networkx

    sparse = networkx.transitive_reduction(graph)
    layer = _layers(sparse)
    chains = {edge: _chain(edge, layer) for edge in graph.edges if edge in sparse.edges}
    rows: list[list[Node]] = [[] for _ in range(max(layer.values()) + 1)]
    for node, i in layer.items():
        rows[i].append(node)
    passing = dict.fromkeys(n for chain in chains.values() for n in chain[1:-1])
    for way in passing:
        rows[way[1]].append(way)
    joined = _neighbours(chains.values())
    height = _heights(_uncrossed(rows, joined), joined)
    start = max((h + PART_GAP for h in _all_heights(whole)), default=0.0)
    whole.layer.update(layer)
    whole.height.update({n: start + height[n] for n in layer})
    whole.routes.update(
        {edge: [start + height[n] for n in chain] for edge, chain in chains.items()}
    )


def _all_heights(layout: Layout) -> list[float]:
    return [*layout.height.values(), *(h for route in layout.routes.values() for h in route)]


def _layers(graph: Any) -> dict[Node, int]:
    import networkx

    generations = list(networkx.topological_generations(graph))
    layer = {n: i for i, generation in enumerate(generations) for n in generation}
    # A node that only serves others stands close to the first it serves.
    for node in reversed(list(networkx.topological_sort(graph))):
        served = [layer[s] for s in graph.successors(node)]
        if served and graph.in_degree(node) < graph.out_degree(node) + (not graph.pred[node]):
            layer[node] = min(served) - 1
    return {n: layer[n] for n in graph}


def _chain(edge: tuple[Node, Node], layer: Mapping[Node, int]) -> list[Any]:
    # Edges from one node share their way as far as they go together.
    start, end = edge
    return [start, *((start, i) for i in range(layer[start] + 1, layer[end])), end]


def _neighbours(chains: Any) -> dict[Node, tuple[list[Node], list[Node]]]:
    """For each node its neighbours one layer before and one after."""
    joined: dict[Node, tuple[list[Node], list[Node]]] = {}
    pieces = dict.fromkeys(piece for chain in chains for piece in pairwise(chain))
    for a, b in pieces:
        joined.setdefault(a, ([], []))[1].append(b)
        joined.setdefault(b, ([], []))[0].append(a)
    return joined


def _uncrossed(
    rows: list[list[Node]], joined: Mapping[Node, tuple[list[Node], list[Node]]]
) -> list[list[Node]]:
    best, fewest = rows, _crossings(rows, joined)
    for sweep in range(SWEEPS):
        rows = [list(row) for row in rows]
        forward = sweep % 2 == 0
        order = range(1, len(rows)) if forward else range(len(rows) - 2, -1, -1)
        for i in order:
            other = rows[i - 1] if forward else rows[i + 1]
            place = {n: j for j, n in enumerate(other)}
            own = {n: j for j, n in enumerate(rows[i])}
            side = 0 if forward else 1

            centre = {}
            for n in rows[i]:
                near = [place[m] for m in joined[n][side]]
                centre[n] = sum(near) / len(near) if near else float(own[n])
            rows[i].sort(key=centre.__getitem__)
        _swap_neighbours(rows, joined)
        found = _crossings(rows, joined)
        if found < fewest:
            best, fewest = rows, found
    return best


def _swap_neighbours(
    rows: list[list[Node]], joined: Mapping[Node, tuple[list[Node], list[Node]]]
) -> None:
    for i, row in enumerate(rows):
        places = [
            {n: j for j, n in enumerate(rows[k])} if 0 <= k < len(rows) else {}
            for k in (i - 1, i + 1)
        ]
        for j in range(len(row) - 1):
            a, b = row[j], row[j + 1]
            gain = 0
            for side in (0, 1):
                left = [places[side][m] for m in joined[a][side]]
                right = [places[side][m] for m in joined[b][side]]
                gain += sum((p > q) - (p < q) for p in left for q in right)
            if gain > 0:
                row[j], row[j + 1] = b, a


def _crossings(
    rows: Sequence[Sequence[Node]], joined: Mapping[Node, tuple[list[Node], list[Node]]]
) -> int:
    total = 0
    for upper, lower in pairwise(rows):
        place = {n: j for j, n in enumerate(lower)}
        ends = [e for n in upper for e in sorted(place[m] for m in joined[n][1])]
        total += sum(p > q for i, p in enumerate(ends) for q in ends[i + 1 :])
    return total


def _heights(
    rows: Sequence[Sequence[Node]], joined: Mapping[Node, tuple[list[Node], list[Node]]]
) -> dict[Node, float]:
    height: dict[Node, float] = {}
    for row in rows:
        for j, n in enumerate(row):
            height[n] = j - (len(row) - 1) / 2
    for sweep in range(SWEEPS):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            wanted, weights = [], []
            for n in row:
                near = [height[m] for side in joined[n] for m in side]
                wanted.append(sum(near) / len(near) if near else height[n])
                weights.append(STRAIGHTNESS if _passing(n) else 1.0)
            placed = _spread(wanted, weights, [_gap(a, b) for a, b in pairwise(row)])
            height.update(zip(row, placed, strict=True))
    least = min(height.values(), default=0.0)
    return {n: h - least for n, h in height.items()}


def _passing(node: Node) -> bool:
    return isinstance(node, tuple)


def _gap(a: Node, b: Node) -> float:
    # Edges that pass side by side may run closer than boxes stand.
    both = _passing(a) + _passing(b)
    return (1.0, 0.75, 0.45)[both]


def _spread(
    wanted: Sequence[float], weights: Sequence[float], gaps: Sequence[float]
) -> list[float]:
    """Heights nearest to the wanted ones, in order and with gaps (pool adjacent violators).

    Examples
    --------
    >>> _spread([0, 0, 5], [1, 1, 1], [1, 1])
    [-0.5, 0.5, 5.0]
    """
    offset = [0.0]
    for gap in gaps:
        offset.append(offset[-1] + gap)
    # Blocks of nodes that touch: mean, weight, size.
    blocks: list[tuple[float, float, int]] = []
    for want, weight, shift in zip(wanted, weights, offset, strict=False):
        blocks.append((want - shift, weight, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (m, w, n), (m2, w2, n2) = blocks[-2:]
            blocks[-2:] = [((m * w + m2 * w2) / (w + w2), w + w2, n + n2)]
    flat = [mean for mean, _, size in blocks for _ in range(size)]
    return [mean + shift for mean, shift in zip(flat, offset, strict=False)]
