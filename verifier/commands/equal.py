"""``verifier equal``: prove two networks equal, or show where they differ."""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import verifier.commands.one_thread  # noqa: F401 - before numpy
from verifier.cli import DONE, REFUTED
from verifier.commands.resting import (
    Support,
    equality_on_box_rests_on,
    equality_rests_on,
    proof_options,
    support_data,
    support_line,
    write_derivation,
)
from verifier.errors import BadInput
from verifier.networks import load_network
from verifier.networks.model import Network
from verifier.networks.pieces.answers import exact, vector_text
from verifier.networks.pieces.equality import Equality, equal_networks

if TYPE_CHECKING:
    from verifier.networks.regions.equality import EqualityOnBox


@click.command()
@click.argument("a", type=click.Path(path_type=Path))
@click.argument("b", type=click.Path(path_type=Path))
@click.option(
    "--from", "low", help="Left end; with several inputs, one number each: 0,-1/2. Default: none."
)
@click.option("--to", "high", help="Right end, likewise.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0),
    help="Seconds to compare affine regions for, with several inputs.",
)
@click.option(
    "--certificate",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the tree of affine regions here, with several inputs.",
)
@proof_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    a: Path,
    b: Path,
    low: str | None,
    high: str | None,
    timeout: float | None,
    certificate: Path | None,
    prove: bool | None,
    derivation: Path | None,
    as_json: bool,
) -> int:
    """Prove two networks equal, or show where they differ.

    Everywhere, or on an interval or box with --from and --to. Exit code 0: equal; 1: not, the
    point shown was evaluated exactly; 3: a limit was hit.
    """
    sys.set_int_max_str_digits(0)
    networks = load_network(a), load_network(b)
    start, end = corner(low, "--from", networks[0]), corner(high, "--to", networks[0])
    prove = True if derivation else prove
    if networks[0].inputs == 1 == networks[1].inputs:
        if certificate is not None:
            raise BadInput("--certificate", "expected networks of several inputs")
        data, support = on_interval(*networks, start[0], end[0], prove)
    else:
        data, support = on_box(*networks, start, end, prove, timeout, certificate)
    write_derivation(support, derivation)
    if as_json:
        click.echo(json.dumps(data | {"rests_on": support_data(support, derivation)}))
    elif data["equal"]:
        click.echo(f"equal: {data['method']}")
        click.echo(support_line(support))
    else:
        # As eval reads points and prints values.
        at = joined(data["at"], ",")
        left, right = (joined(data[key], " ") for key in ("left", "right"))
        click.echo(f"not equal: at {at} the first is {left}, the second {right}")
    return DONE if data["equal"] else REFUTED


def corner(text: str | None, option: str, network: Network) -> tuple[Fraction | None, ...]:
    """Return the numbers of an option, one an input; without it, all unbounded."""
    if text is None:
        return (None,) * network.inputs
    numbers = tuple(exact(part, option) for part in text.split(","))
    if len(numbers) != network.inputs:
        raise BadInput(option, f"expected {network.inputs} numbers, found {len(numbers)}")
    return numbers


def joined(text: str | list[str], by: str) -> str:
    """Return a vector, which is text if it has one entry, in one line."""
    return text if isinstance(text, str) else by.join(text)


def on_interval(
    left: Network, right: Network, low: Fraction | None, high: Fraction | None, prove: bool | None
) -> tuple[dict[str, Any], Support]:
    """Return the answer about networks of one input, and what it rests on."""
    found = equal_networks(left, right, low, high)
    at = None if found.at is None else (found.at,)
    pieces = None if found.certificate is None else found.certificate.count
    support = equality_rests_on(left, right, low, high, found, prove)
    return answer(found, at) | {"pieces": pieces}, support


def on_box(
    left: Network,
    right: Network,
    low: tuple[Fraction | None, ...],
    high: tuple[Fraction | None, ...],
    prove: bool | None,
    timeout: float | None,
    certificate: Path | None,
) -> tuple[dict[str, Any], Support]:
    """Return the answer about networks of several inputs, and what it rests on."""
    from verifier.networks.certificates.regions_file import write_tree
    from verifier.networks.regions.equality import equal_on_box

    found = equal_on_box(left, right, low, high, seconds=timeout, tree=certificate is not None)
    if certificate is not None and found.tree is not None:
        write_tree(certificate, found.tree)
    support = equality_on_box_rests_on(found, prove)
    return answer(found, found.at) | {"regions": found.regions}, support


def answer(found: Equality | EqualityOnBox, at: tuple[Fraction, ...] | None) -> dict[str, Any]:
    """Return what all answers say as JSON."""
    return {
        "equal": found.equal,
        "at": vector_text(at),
        "left": vector_text(found.left),
        "right": vector_text(found.right),
        "method": found.method,
    }
