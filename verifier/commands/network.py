"""``verifier network``: write one of the lecture's networks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click

from verifier.cli import DONE
from verifier.errors import BadInput
from verifier.networks.examples import merged, shallow_sawtooth, skewed_tent, tent_iterate
from verifier.networks.formats.json_format import network_text, write_json
from verifier.networks.model import Network, iterate
from verifier.networks.pieces.answers import exact

# An iterate has 2k layers; a file beyond this would take gigabytes.
MOST_COPIES = 1_000_000
KINDS: dict[str, Callable[[int], Network]] = {
    "tent": tent_iterate,
    "shallow": shallow_sawtooth,
    "merged": merged,
}


@click.command()
@click.argument("kind", type=click.Choice([*KINDS, "skewed"]))
@click.option("--k", required=True, type=int, help="How many iterates of the tent.")
@click.option("--peak", help="Where the skewed tent is 1: a number between 0 and 1.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file to write.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(kind: str, k: int, peak: str | None, output: Path | None, as_json: bool) -> int:
    """Write one of the lecture's networks.

    tent: the k-th iterate of the tent, 2k relu layers of widths 2, 1, 2, 1, ... merged: the same
    with k layers of width 2. shallow: one layer of 2^k units, equal to it on [0, 1]. skewed: the
    k-th iterate of the tent with its peak elsewhere. Without -o the network goes to stdout.
    """
    if not 1 <= k <= MOST_COPIES:
        raise BadInput("--k", f"expected 1 to {MOST_COPIES}, found {k}")
    if kind == "skewed" and peak is None:
        raise BadInput("--peak", "expected with skewed: where it is 1, such as --peak 1/3")
    if kind != "skewed" and peak is not None:
        raise BadInput("--peak", "expected with skewed only")
    network = KINDS[kind](k) if peak is None else iterate(skewed_tent(exact(peak, "--peak")), k)
    if output is None:
        click.echo(network_text(network), nl=False)
        return DONE
    write_json(network, output)
    facts = {"file": str(output), "layers": len(network.layers), "parameters": network.parameters}
    if as_json:
        click.echo(json.dumps(facts))
    else:
        click.echo(f"{output}: {facts['layers']} layers, {facts['parameters']} parameters")
    return DONE
