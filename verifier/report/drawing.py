"""The graph of results as SVG and as Graphviz source, drawn without other programs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Any, Final

from verifier.library.replay import CONCRETE
from verifier.report.layout import Layout, layered


@dataclass(frozen=True)
class Colour:
    """Fill and line of one status."""

    fill: str
    line: str


COLOURS: Final = {
    "proved": Colour("#e3f4e8", "#2f855a"),
    "conditional": Colour("#fff3d1", "#b7791f"),
    "failed": Colour("#fde2e2", "#c53030"),
    "obsolete": Colour("#efe4fb", "#6b46c1"),
    "open": Colour("#edf0f3", "#718096"),
}
# Fill of what is proved, by kind; what is not proved has the fill of its status.
FILLS: Final = {"theorem": "#e3f4e8", "lemma": "#ffffff", CONCRETE: "#dbe9fb"}
# How far the ends of a hexagon, a theorem about given networks, are pointed.
POINT: Final = 10.0
# Other kinds are drawn as lemmas are.
SHAPES: Final = {"theorem": "box", CONCRETE: "hexagon"}
BOLD: Final = frozenset(SHAPES)
ROW: Final = 38.0
BOX: Final = 26.0
GAP: Final = 72.0
LETTER: Final = 6.9
BOLD_LETTER: Final = 7.6
PADDING: Final = 13.0
MARGIN: Final = 32.0
HEAD: Final = 64.0
INK: Final = "#1a2530"
FONT: Final = "ui-sans-serif, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"


def svg(graph: Any, marked: Collection[str] = ()) -> str:
    """The graph as an SVG document: premises left, what they prove right.

    Parameters
    ----------
    graph:
        A ``networkx.DiGraph`` with the attributes of :func:`verifier.library.graph.dag`.
    marked:
        Nodes to set off.
    """
    layout = layered(graph)
    return _Picture(graph, layout, frozenset(marked)).document()


class _Picture:
    def __init__(self, graph: Any, layout: Layout, marked: frozenset[str]) -> None:
        self.graph, self.layout, self.marked = graph, layout, marked
        self.ids = {name: f"r{i}" for i, name in enumerate(graph)}
        layers = max(layout.layer.values(), default=-1) + 1
        self.widths = [
            max(self.width(n) for n, i in layout.layer.items() if i == layer)
            for layer in range(layers)
        ]
        self.left = [MARGIN]
        for width in self.widths:
            self.left.append(self.left[-1] + width + GAP)
        lowest = max((h for route in layout.routes.values() for h in route), default=-1.0)
        self.bottom = HEAD + MARGIN + ROW * lowest + ROW

    def document(self) -> str:
        edges = [self.edge(*edge) for edge in self.layout.routes]
        nodes = [
            self.node(n, self.left[i], self.y(self.layout.height[n]), self.widths[i])
            for n, i in self.layout.layer.items()
        ]
        full = max(self.left[-1] - GAP + MARGIN, 860.0)
        nodes += self.apart(full)
        rules = [
            f"svg:has(#{i}:hover) .{i}{{stroke:#dd6b20;stroke-opacity:1;stroke-width:2.2}}"
            for i in self.ids.values()
        ]
        height = self.bottom + MARGIN
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {full:.0f} {height:.0f}" '
                f'width="{full:.0f}" height="{height:.0f}" font-family="{FONT}" font-size="12.5">',
                "<style>",
                ".e{fill:none;stroke:#8795a6;stroke-opacity:.62;stroke-width:1.25}",
                "g.n:hover rect,g.n:hover path{stroke-width:2.6}",
                *rules,
                "</style>",
                f'<rect width="{full:.0f}" height="{height:.0f}" fill="#fdfdfc"/>',
                self.legend(),
                *edges,
                *nodes,
                "</svg>",
                "",
            ]
        )

    def width(self, name: Any) -> float:
        kind = self.graph.nodes[name]["kind"]
        letter = BOLD_LETTER if kind in BOLD else LETTER
        return letter * len(str(name)) + 2 * (PADDING + (POINT if kind == CONCRETE else 0))

    def y(self, height: float) -> float:
        return HEAD + MARGIN + ROW * height

    def edge(self, start: Any, end: Any) -> str:
        first = self.layout.layer[start]
        heights = [self.y(h) for h in self.layout.routes[start, end]]
        x = self.left[first] + self.widths[first]
        path = [f"M{x:.1f} {heights[0]:.1f}"]
        for step, (a, b) in enumerate(pairwise(heights), 1):
            into = self.left[first + step]
            bend = (into - x) / 2
            path.append(f"C{x + bend:.1f} {a:.1f} {into - bend:.1f} {b:.1f} {into:.1f} {b:.1f}")
            x = into + self.widths[first + step]
            if step < len(heights) - 1:
                path.append(f"H{x:.1f}")
        classes = f"e {self.ids[start]} {self.ids[end]}"
        end_x, end_y = self.left[self.layout.layer[end]], heights[-1]
        tip = f"M{end_x - 6:.1f} {end_y - 3.2:.1f}L{end_x:.1f} {end_y:.1f}l-6 3.2"
        return f'<path class="{classes}" d="{"".join(path)}{tip}"/>'

    def node(self, name: Any, x: float, y: float, width: float) -> str:
        about = self.graph.nodes[name]
        colour = COLOURS[about["status"]]
        kind = about["kind"]
        bold = kind in BOLD
        thick = 2.4 if name in self.marked else 1.5 if bold else 1.0
        fill = FILLS.get(kind, "#ffffff") if about["status"] == "proved" else colour.fill
        style = f'fill="{fill}" stroke="{colour.line}" stroke-width="{thick}"'
        title = "\n".join(
            part
            for part in (
                f"{name} ({about['kind']}, {about['status']})",
                about["source"],
                about["statement"],
            )
            if part
        )
        return (
            f'<g class="n" id="{self.ids[name]}"><title>{escape(title)}</title>'
            f"{outline(kind, x, y, width, BOX, style)}"
            f'<text x="{x + width / 2:.1f}" y="{y + 4.3:.1f}" text-anchor="middle" fill="{INK}"'
            f"{' font-weight=' + chr(34) + '600' + chr(34) if bold else ''}>"
            f"{escape(name)}</text></g>"
        )

    def apart(self, full: float) -> list[str]:
        """Nodes without edges, in lines below the rest."""
        if not self.layout.alone:
            return []
        self.bottom += ROW / 2
        shown = [self.note(MARGIN, self.bottom, "used by none, using none")]
        x, y = MARGIN, self.bottom + ROW * 0.8
        for node in self.layout.alone:
            width = self.width(node)
            if x + width > full - MARGIN and x > MARGIN:
                x, y = MARGIN, y + ROW
            shown.append(self.node(str(node), x, y, width))
            x += width + 16
        self.bottom = y + BOX / 2
        return shown

    def note(self, x: float, y: float, words: str) -> str:
        return f'<text x="{x:.1f}" y="{y:.1f}" fill="#5b6875">{escape(words)}</text>'

    def legend(self) -> str:
        x, y = MARGIN, MARGIN
        parts = []
        kinds = {self.graph.nodes[n]["kind"] for n in self.graph}
        for kind, fill in FILLS.items():
            if kind == CONCRETE and kind not in kinds:
                continue
            style = f'fill="{fill}" stroke="{COLOURS["proved"].line}"'
            label = "theorem about given networks" if kind == CONCRETE else kind
            parts.append(outline(kind, x, y, 30.0, 16.0, style) + self.note(x + 38, y + 4.5, label))
            x += 62 + LETTER * len(label)
        present = {self.graph.nodes[n]["status"] for n in self.graph}
        for status, colour in COLOURS.items():
            if status in present:
                parts.append(
                    f'<circle cx="{x + 7:.1f}" cy="{y:.1f}" r="7" fill="{colour.fill}" '
                    f'stroke="{colour.line}" stroke-width="1.5"/>'
                    + self.note(x + 21, y + 4.5, status)
                )
                x += 46 + LETTER * len(status)
        words = (
            "arrows run from what is used to what uses it; those a longer path implies are left out"
        )
        parts.append(self.note(x + 10, y + 4.5, words))
        return "".join(parts)


def outline(kind: str, x: float, y: float, width: float, height: float, style: str) -> str:
    """The shape of a kind, its left end at x and its middle at y: as in Graphviz, more or less."""
    if kind == CONCRETE:
        half, point = height / 2, min(POINT, height / 2)
        return (
            f'<path d="M{x:.1f} {y:.1f}l{point:.1f} {-half:.1f}h{width - 2 * point:.1f}'
            f'l{point:.1f} {half:.1f}l{-point:.1f} {half:.1f}h{2 * point - width:.1f}z" {style}/>'
        )
    radius = 4 if kind == "theorem" else height / 2
    return (
        f'<rect x="{x:.1f}" y="{y - height / 2:.1f}" width="{width:.1f}" height="{height}" '
        f'rx="{radius}" {style}/>'
    )


def dot(graph: Any) -> str:
    """The graph as Graphviz source."""
    lines = [
        "digraph library {",
        "  rankdir=LR;",
        '  node [fontname="Helvetica", style="filled,rounded"];',
    ]
    for name, about in graph.nodes(data=True):
        colour = COLOURS[about["status"]]
        shape = SHAPES.get(about["kind"], "ellipse")
        style = "filled,rounded" if shape == "box" else "filled"
        concrete = about["kind"] == CONCRETE and about["status"] == "proved"
        fill = FILLS[CONCRETE] if concrete else colour.fill
        lines.append(
            f"  {_quoted(name)} [shape={shape}, style={_quoted(style)}, "
            f"fillcolor={_quoted(fill)}, color={_quoted(colour.line)}, "
            f"tooltip={_quoted(about['statement'])}];"
        )
    lines += [f"  {_quoted(a)} -> {_quoted(b)};" for a, b in graph.edges]
    return "\n".join([*lines, "}", ""])


def _quoted(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
