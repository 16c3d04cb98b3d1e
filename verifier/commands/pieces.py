"""``verifier pieces``: count and list the exact affine pieces of a network."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

import click

import verifier.commands.one_thread  # noqa: F401 - before numpy
from verifier.cli import DONE
from verifier.commands.resting import (
    pieces_rest_on,
    proof_options,
    support_data,
    support_line,
    write_derivation,
)
from verifier.errors import BadInput
from verifier.networks import load_network
from verifier.networks.certificates.pieces_file import certificate_text
from verifier.networks.pieces.answers import (
    PiecesAnswer,
    along_line,
    answer_pieces,
    exact,
    function_data,
    read_line,
)
from verifier.networks.piecewise import Sawtooth
from verifier.output import write_output

SHOWN: Final = 40


@click.command()
@click.argument("net", type=click.Path(path_type=Path))
@click.option("--from", "low", help="Left end of the interval; default: unbounded.")
@click.option("--to", "high", help="Right end of the interval; default: unbounded.")
@click.option(
    "--line",
    type=click.Path(path_type=Path),
    help='A segment of the input space, {"from": [...], "to": [...]}, run through by t in [0, 1].',
)
@click.option("--list/--no-list", "listed", default=None, help="List the pieces, or only count.")
@click.option(
    "--check/--no-check",
    "checked",
    default=None,
    help="Check the list and the count apart; default: where that is quick.",
)
@click.option(
    "--certificate",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write what was checked, the list or else the count, here; implies --check.",
)
@proof_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    net: Path,
    low: str | None,
    high: str | None,
    line: Path | None,
    listed: bool | None,
    checked: bool | None,
    certificate: Path | None,
    prove: bool | None,
    derivation: Path | None,
    as_json: bool,
) -> int:
    """Count and list the exact affine pieces of a network, as few as possible.

    On the whole line, on an interval, or along a segment of the input space. By default up to
    2,097,152 pieces are listed, and the list is checked apart where that is cheap. A count of more
    is checked apart as well. `verifier certificate FILE` checks what --certificate wrote.
    """
    sys.set_int_max_str_digits(0)
    network = load_network(net)
    start = None if low is None else exact(low, "--from")
    end = None if high is None else exact(high, "--to")
    if line is not None:
        network = along_line(network, line)
        start, end = start if low else exact("0", "--from"), end if high else exact("1", "--to")
    elif network.inputs != 1:
        raise BadInput(str(net), f"expected 1 input or --line, found {network.inputs} inputs")
    if certificate is not None:
        if checked is False:
            raise BadInput(
                "--certificate", "expected no --no-check, for what is written is checked"
            )
        checked = True
    answer = answer_pieces(network, start, end, listed=listed, checked=checked)
    if certificate is not None and answer.certificate is not None:
        ends = None if line is None else read_line(line)
        text = certificate_text(answer.certificate, start, end, str(net), ends)
        write_output(certificate, text)
    support = pieces_rest_on(network, start, end, answer, True if derivation else prove)
    write_derivation(support, derivation)
    if as_json:
        data = {
            "pieces": answer.count,
            "from": None if start is None else str(start),
            "to": None if end is None else str(end),
            "method": answer.method,
            "checked": answer.checked,
            "rests_on": support_data(support, derivation),
            "breakpoints": None,
            "slopes": None,
        }
        click.echo(json.dumps(data | listing(answer)))
    else:
        click.echo(f"{answer.count} pieces: {answer.method}")
        click.echo(support_line(support))
        if answer.function is not None:
            show(answer.function)
    return DONE


def listing(answer: PiecesAnswer) -> dict[str, Any]:
    """Return the columns of the list, if there is one."""
    return {} if answer.function is None else function_data(answer.function)


def show(function: Sawtooth) -> None:
    """Print the first pieces, one a line: where, and the affine function there."""
    for piece in range(min(function.count, SHOWN)):
        form = function.forms(piece)
        slopes = " ".join(str(entry.slope) for entry in form)
        intercepts = " ".join(str(entry.intercept) for entry in form)
        click.echo(f"{interval_text(function, piece)}  slope {slopes}  intercept {intercepts}")
    if function.count > SHOWN:
        click.echo(f"... and {function.count - SHOWN} more; --json lists all")


def interval_text(function: Sawtooth, piece: int) -> str:
    """Return a piece's interval in the usual notation."""
    left, right = function.left_end(piece), function.right_end(piece)
    owns_left = left is not None and (piece == 0 or not function.closed[piece - 1])
    owns_right = right is not None and (piece == function.count - 1 or function.closed[piece])
    low = "-oo" if left is None else str(left)
    high = "oo" if right is None else str(right)
    return f"{'[' if owns_left else '('}{low}, {high}{']' if owns_right else ')'}"
