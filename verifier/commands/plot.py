"""``verifier plot``: draw networks' functions with their breakpoints."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Final

import click

import verifier.commands.one_thread  # noqa: F401 - before numpy
from verifier.cli import DONE
from verifier.errors import BadInput
from verifier.networks import load_network
from verifier.networks.model import Network
from verifier.networks.pieces.answers import exact
from verifier.networks.pieces.partition import pieces_of
from verifier.networks.pieces.plotting import Panel, draw

MOST_PIECES: Final = 100_000
MOST_PANELS: Final = 6
SHOWN_WIDTHS: Final = 6


@click.command()
@click.argument("nets", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--from", "low", help="Left end of the interval; default: as far as breakpoints go.")
@click.option("--to", "high", help="Right end of the interval; default: as far.")
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help="A .svg or .png file."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    nets: tuple[Path, ...], low: str | None, high: str | None, output: Path, as_json: bool
) -> int:
    """Draw the functions of networks of one input, with their exact breakpoints, side by side."""
    if len(nets) > MOST_PANELS:
        raise BadInput("plot", f"expected at most {MOST_PANELS} networks, found {len(nets)}")
    start = None if low is None else exact(low, "--from")
    end = None if high is None else exact(high, "--to")
    panels = [panel(net, start, end) for net in nets]
    draw(panels, output)
    if as_json:
        counts = [part.function.count for part in panels]
        click.echo(json.dumps({"file": str(output), "pieces": counts}))
    else:
        click.echo(str(output))
    return DONE


def panel(net: Path, low: Fraction | None, high: Fraction | None) -> Panel:
    """Return a network's function with a title that says its widths and number of pieces."""
    network = load_network(net)
    if network.inputs != 1:
        raise BadInput(str(net), f"expected 1 input, found {network.inputs}")
    if low is not None and low == high:
        raise BadInput("interval", f"expected A < B, found {low} twice")
    function = pieces_of(network, low, high, limit=MOST_PIECES).function
    title = f"{net.stem}: {plural(function.count, 'piece')}\n{shape(network)}"
    return Panel(title, function)


def shape(network: Network) -> str:
    """Return the widths of a network in a few words."""
    widths = network.widths
    shown = ", ".join(map(str, widths[:SHOWN_WIDTHS]))
    more = ", ..." if len(widths) > SHOWN_WIDTHS else ""
    return f"{plural(len(widths), 'layer')} of width {shown}{more}"


def plural(count: int, noun: str) -> str:
    """Return a count with its noun."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
