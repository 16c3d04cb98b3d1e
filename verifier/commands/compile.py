"""``verifier compile``: write a network as SMT-LIB 2."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import click

from verifier.cli import DONE
from verifier.errors import BadInput
from verifier.networks import load_network
from verifier.networks.formats.smtlib import ENCODINGS, Encoding, to_smtlib
from verifier.output import write_output


@click.command(name="compile")
@click.argument("net", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Default: standard output.")
@click.option("--encoding", type=click.Choice(ENCODINGS), default="ite", show_default=True)
@click.option("--box", help="Intervals of the inputs: A:B[,A:B…]; stable units become affine.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    net: Path, output: Path | None, encoding: Encoding, box: str | None, as_json: bool
) -> int:
    """Write NET as SMT-LIB 2: inputs X_i, outputs Y_j, every number exact.

    Add your own assertions about X_i and Y_j and (check-sat); z3 and cvc5 read the result.
    """
    network = load_network(net)
    text = to_smtlib(network, encoding, None if box is None else read_box(box))
    if output is not None:
        write_output(output, text)
    if as_json:
        facts = {"encoding": encoding, "bytes": len(text), "units": sum(network.widths)}
        place = {"smt2": text} if output is None else {"file": str(output)}
        click.echo(json.dumps(facts | place))
    elif output is None:
        click.echo(text, nl=False)
    return DONE


def read_box(text: str) -> list[tuple[Fraction, Fraction]]:
    """Read ``A:B,A:B``, rationals or decimals, exactly."""
    box = []
    for i, part in enumerate(text.split(",")):
        try:
            low, high = (Fraction(end.strip()) for end in part.split(":"))
        except (ValueError, ZeroDivisionError) as error:
            raise BadInput("--box", f"expected A:B, found {part!r}", f"X_{i}") from error
        box.append((low, high))
    return box
