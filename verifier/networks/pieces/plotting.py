"""Pictures of exact piecewise-affine functions with their breakpoints; needs matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from verifier.errors import BadInput
from verifier.networks.piecewise import Jump, Sawtooth
from verifier.output import write_output

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS: Final = ("#1f5fa8", "#b3541e", "#3c7d3c", "#7a4a9c")
# With more breakpoints than this, marks would only blacken the picture.
MOST_MARKS: Final = 300
FORMATS: Final = (".svg", ".png")


@dataclass(frozen=True)
class Panel:
    """One function to draw, with a title of up to a few lines."""

    title: str
    function: Sawtooth


def draw(panels: Sequence[Panel], path: Path) -> None:
    """Draw functions side by side on common scales and write an SVG or PNG file.

    Raises
    ------
    BadInput
        If matplotlib is missing, the suffix is neither .svg nor .png, or the file cannot be
        written.
    """
    if path.suffix.lower() not in FORMATS:
        raise BadInput(str(path), f"expected a name ending in .svg or .png, found {path.suffix!r}")
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise BadInput("plot", "needs matplotlib: pip install 'depth-verifier[plot]'") from error
    # A fixed salt and no date make the same picture the same file.
    with mpl.rc_context({"svg.hashsalt": "verifier", "font.size": 10}):
        figure = Figure(figsize=(1.2 + 4.6 * len(panels), 4.2), layout="constrained")
        grid = figure.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False)
        low, high = window([panel.function for panel in panels])
        for axes, panel in zip(grid[0], panels, strict=True):
            draw_panel(axes, panel, low, high)
        form = path.suffix.lower()[1:]
        metadata: dict[str, Any] = {"Date": None} if form == "svg" else {}
        picture = BytesIO()
        figure.savefig(picture, format=form, dpi=160, metadata=metadata)
    write_output(path, picture.getvalue())


def window(functions: Sequence[Sawtooth]) -> tuple[Fraction, Fraction]:
    """Return the interval to draw: the common domain, or all breakpoints with a margin.

    >>> from verifier.networks.activations import HARDTANH
    >>> from verifier.networks.piecewise import sawtooth_of
    >>> window([sawtooth_of(HARDTANH)])
    (Fraction(-2, 1), Fraction(2, 1))
    """
    places = [place for function in functions for place in function.breakpoints]
    first, last = min(places, default=Fraction(0)), max(places, default=Fraction(0))
    margin = (last - first) / 2 or Fraction(1)
    low, high = functions[0].low, functions[0].high
    if low is None:
        low = first - margin if high is None else min(first, high) - margin
    if high is None:
        high = max(last, low) + margin
    return low, high


def draw_panel(axes: Axes, panel: Panel, low: Fraction, high: Fraction) -> None:
    """Draw one function: pieces as lines, breakpoints as dots, jumps as open and full circles."""
    function = panel.function
    marks = function.count - 1 <= MOST_MARKS
    inside = [x for x in dict.fromkeys(function.breakpoints) if low <= x <= high]
    jumps = list(function.jumps())
    for output in range(function.outputs):
        style: dict[str, Any] = {"color": COLOURS[output % len(COLOURS)], "marker": "o"}
        ends = {jump.at: open_ends(jump, output) for jump in jumps if low <= jump.at <= high}
        broken = {at for at, heights in ends.items() if heights}
        for xs, ys in lines(function, output, low, high, broken):
            axes.plot(xs, ys, color=style["color"], linewidth=1.3)
        dots = [x for x in inside if marks or x in broken]
        heights = [float(function(x)[output]) for x in dots]
        axes.plot([*map(float, dots)], heights, linestyle="none", markersize=4, **style)
        for at, limits in ends.items():
            at_limits = [float(at)] * len(limits)
            axes.plot(
                at_limits,
                limits,
                linestyle="none",
                markersize=4.5,
                markerfacecolor="white",
                **style,
            )
    axes.set_title(panel.title)
    axes.set_xlabel("x")
    axes.grid(visible=True, color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def open_ends(jump: Jump, output: int) -> list[float]:
    """Return the limits at a jump that one output does not take there."""
    limits = [limit[output] for limit in (jump.left, jump.right) if limit is not None]
    return [float(limit) for limit in limits if limit != jump.value[output]]


def lines(
    function: Sawtooth, output: int, low: Fraction, high: Fraction, jumps: set[Fraction]
) -> list[tuple[list[float], list[float]]]:
    """Return polylines, one for each stretch without a jump."""
    stretches: list[tuple[list[float], list[float]]] = [([], [])]
    for piece in range(function.count):
        left, right = function.left_end(piece), function.right_end(piece)
        start = low if left is None else max(left, low)
        end = high if right is None else min(right, high)
        if start >= end:
            continue
        form = function.forms(piece)[output]
        if start in jumps or not stretches[-1][0]:
            stretches.append(([float(start)], [float(form(start))]))
        stretches[-1][0].append(float(end))
        stretches[-1][1].append(float(form(end)))
    return [stretch for stretch in stretches if stretch[0]]
