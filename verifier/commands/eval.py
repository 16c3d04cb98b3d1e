"""``verifier eval``: evaluate a network exactly."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from verifier.cli import DONE
from verifier.errors import BadInput
from verifier.networks import load_network
from verifier.networks.pieces.answers import exact, vector_text


@click.command()
@click.argument("net", type=click.Path(path_type=Path))
@click.option("--at", required=True, help="The point: numbers such as 1/3 or 0.1, with commas.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(net: Path, at: str, as_json: bool) -> int:
    """Evaluate a network exactly."""
    # Exact values of deep networks have more digits than Python prints by default.
    sys.set_int_max_str_digits(0)
    network = load_network(net)
    point = [exact(text, "--at") for text in at.split(",")]
    if len(point) != network.inputs:
        raise BadInput("--at", f"expected {network.inputs} numbers, found {len(point)}")
    value = network.evaluate(point)
    if as_json:
        data = {"at": [str(entry) for entry in point], "value": vector_text(value)}
        click.echo(json.dumps(data))
    else:
        click.echo(" ".join(map(str, value)))
    return DONE
