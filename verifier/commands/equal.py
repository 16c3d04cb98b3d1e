"""``verifier equal``: prove two networks equal, or show where they differ."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

import verifier.commands.one_thread  # noqa: F401 - before numpy
from verifier.cli import DONE, REFUTED
from verifier.commands.resting import (
    equality_rests_on,
    proof_options,
    support_data,
    support_line,
    write_derivation,
)
from verifier.networks import load_network
from verifier.networks.answers import exact, vector_text
from verifier.networks.equality import equal_networks


@click.command()
@click.argument("a", type=click.Path(path_type=Path))
@click.argument("b", type=click.Path(path_type=Path))
@click.option("--from", "low", help="Left end of the interval; default: unbounded.")
@click.option("--to", "high", help="Right end of the interval; default: unbounded.")
@proof_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    a: Path,
    b: Path,
    low: str | None,
    high: str | None,
    prove: bool | None,
    derivation: Path | None,
    as_json: bool,
) -> int:
    """Prove two networks of one input equal, or show where they differ.

    On the whole line, or on an interval with --from and --to. Exit code 0 equal, 1 not.
    """
    sys.set_int_max_str_digits(0)
    networks = load_network(a), load_network(b)
    start = None if low is None else exact(low, "--from")
    end = None if high is None else exact(high, "--to")
    result = equal_networks(*networks, start, end)
    prove = True if derivation else prove
    support = equality_rests_on(*networks, start, end, result, prove)
    write_derivation(support, derivation)
    if as_json:
        data = {
            "equal": result.equal,
            "at": None if result.at is None else str(result.at),
            "left": vector_text(result.left),
            "right": vector_text(result.right),
            "method": result.method,
            "pieces": None if result.certificate is None else result.certificate.count,
            "rests_on": support_data(support, derivation),
        }
        click.echo(json.dumps(data))
    elif result.equal:
        click.echo(f"equal: {result.method}")
        click.echo(support_line(support))
    else:
        left, right = (" ".join(map(str, value or ())) for value in (result.left, result.right))
        click.echo(f"not equal: at {result.at} the first is {left}, the second {right}")
    return DONE if result.equal else REFUTED
