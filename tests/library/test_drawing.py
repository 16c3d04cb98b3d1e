"""The drawing: layers, heights and routes, and the documents made of them."""

from __future__ import annotations

import random
from itertools import pairwise
from xml.etree import ElementTree

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.report.drawing import dot, svg
from verifier.report.layout import _spread, layered


def random_graph(seed: int, size: int = 40, edges: int = 70) -> networkx.DiGraph:
    chance = random.Random(seed)
    graph = networkx.DiGraph()
    for i in range(size):
        graph.add_node(
            f"result-{i}",
            kind=("lemma", "theorem")[i % 2],
            status="proved",
            source="<source> & co",
            statement='∀ x. "x" < x',
            seconds=0.0,
        )
    for _ in range(edges):
        a, b = sorted(chance.sample(range(size), 2))
        graph.add_edge(f"result-{a}", f"result-{b}")
    return graph


@pytest.mark.parametrize("seed", range(8))
def test_a_layout_keeps_its_promises(seed) -> None:
    graph = random_graph(seed)
    layout = layered(graph)
    assert set(layout.layer) | set(layout.alone) == set(graph)
    assert not set(layout.layer) & set(layout.alone)
    assert set(layout.routes) == set(networkx.transitive_reduction(graph).edges)
    for (start, end), route in layout.routes.items():
        assert layout.layer[start] < layout.layer[end]
        assert len(route) == layout.layer[end] - layout.layer[start] + 1
        assert (route[0], route[-1]) == (layout.height[start], layout.height[end])
    for layer in set(layout.layer.values()):
        heights = sorted(layout.height[n] for n, i in layout.layer.items() if i == layer)
        assert all(b - a > 1 - 1e-9 for a, b in pairwise(heights))


def test_a_layout_is_the_same_every_time() -> None:
    assert layered(random_graph(3)) == layered(random_graph(3))


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=8), st.data())
def test_heights_are_the_nearest_in_order(wanted, data) -> None:
    """No small move of one node, or of a run of them, comes nearer to what was wanted."""
    n = len(wanted)
    weights = data.draw(st.lists(st.sampled_from([1.0, 4.0]), min_size=n, max_size=n))
    gaps = data.draw(st.lists(st.sampled_from([0.45, 1.0]), min_size=n - 1, max_size=n - 1))
    placed = _spread(wanted, weights, gaps)

    def distance(heights):
        return sum(w * (h - x) ** 2 for w, h, x in zip(weights, heights, wanted, strict=True))

    def allowed(heights):
        return all(b - a >= g - 1e-9 for (a, b), g in zip(pairwise(heights), gaps, strict=True))

    assert allowed(placed)
    for i in range(n):
        for j in range(i, n):
            for move in (-1e-3, 1e-3):
                moved = [h + move * (i <= k <= j) for k, h in enumerate(placed)]
                assert not allowed(moved) or distance(moved) >= distance(placed) - 1e-7


def test_svg_shows_every_node_and_edge_and_no_boxes_overlap() -> None:
    graph = random_graph(5)
    root = ElementTree.fromstring(svg(graph, ["result-7"]))
    space = "{http://www.w3.org/2000/svg}"
    groups = root.findall(f"{space}g")
    assert sorted(g.find(f"{space}text").text for g in groups) == sorted(graph)
    assert len(root.findall(f"{space}path")) == len(layered(graph).routes)
    boxes = []
    for group in groups:
        rect = group.find(f"{space}rect")
        boxes.append([float(rect.get(k)) for k in ("x", "y", "width", "height")])
        assert "<source> & co" in group.find(f"{space}title").text
    _, _, width, height = map(float, root.get("viewBox").split())
    for i, (x, y, w, h) in enumerate(boxes):
        assert 0 <= x <= x + w <= width
        assert 0 <= y <= y + h <= height
        for x2, y2, w2, h2 in boxes[:i]:
            assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y


@pytest.mark.parametrize("size", [0, 1, 2])
def test_small_graphs_are_drawn_too(size) -> None:
    assert ElementTree.fromstring(svg(random_graph(0, size, edges=size // 2))) is not None


def test_dot_escapes_what_it_quotes() -> None:
    text = dot(random_graph(0, 2, edges=1))
    assert r"\"x\" < x" in text
    assert '"result-0" -> "result-1";' in text


@pytest.mark.parametrize(
    ("kind", "shape", "element"),
    [
        ("theorem", "box", "rect"),
        ("lemma", "ellipse", "rect"),
        ("corollary", "ellipse", "rect"),
        ("concrete theorem", "hexagon", "path"),
    ],
)
@pytest.mark.parametrize("status", ["proved", "failed"])
def test_a_kind_has_its_shape_and_a_failure_its_colour(kind, shape, element, status) -> None:
    graph = random_graph(0, 1, edges=0)
    graph.add_node("result-0", kind=kind, status=status)
    assert f"shape={shape}," in dot(graph)
    root = ElementTree.fromstring(svg(graph))
    (group,) = root.findall("{http://www.w3.org/2000/svg}g")
    (drawn,) = group.findall(f"{{http://www.w3.org/2000/svg}}{element}")
    assert (drawn.get("fill") == "#fde2e2") == (status == "failed")
    assert ("#fde2e2" in dot(graph)) == (status == "failed")
