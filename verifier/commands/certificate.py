"""``verifier certificate``: check a certificate that ``pieces`` or ``verify`` wrote."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

import verifier.commands.one_thread  # noqa: F401 - before numpy
from verifier.cli import DONE, REFUTED
from verifier.errors import BadInput
from verifier.networks import load_network
from verifier.networks.certificates.pieces_check import CertificateError
from verifier.networks.formats.json_format import parse_json


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--net", type=click.Path(path_type=Path), help="The network, if it is elsewhere.")
@click.option(
    "--property",
    "property_file",
    type=click.Path(path_type=Path),
    help="The property, if it is elsewhere.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(file: Path, net: Path | None, property_file: Path | None, as_json: bool) -> int:
    """Check the certificate in FILE against the network that it names, without any search.

    Exit code 0: it shows what it claims; 1: it does not, and the place that fails is printed.
    """
    sys.set_int_max_str_digits(0)
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput.unreadable(file, error) from error
    except UnicodeDecodeError as error:
        raise BadInput(str(file), "cannot be read as text") from error
    shown, failure = "", ""
    try:
        shown = accepted(file, text, net, property_file)
    except CertificateError as error:
        failure = str(error)
    if as_json:
        click.echo(json.dumps({"accepted": not failure, "shown": shown, "failure": failure}))
    else:
        click.echo(f"refused: {failure}" if failure else f"accepted: {shown}")
    return REFUTED if failure else DONE


def accepted(file: Path, text: str, net: Path | None, property_file: Path | None) -> str:
    """Return what a certificate shows.

    Raises
    ------
    BadInput
        If a file is not what was expected.
    CertificateError
        If the certificate does not show what it claims.
    """
    content = parse_json(text, str(file))
    if not isinstance(content, dict) or not isinstance(content.get("network"), str):
        raise BadInput(str(file), "expected a certificate that names its network")
    net = net or Path(content["network"])
    if content.get("format") == "verifier-pieces/1":
        from verifier.networks.certificates.pieces_file import check_pieces_certificate

        count = check_pieces_certificate(load_network(net), text, str(file))
        ends = [content[key] or infinite for key, infinite in (("from", "-oo"), ("to", "oo"))]
        where = " along the line" if content["line"] else ""
        return f"{net} has {count} pieces from {ends[0]} to {ends[1]}{where}, and no fewer do"
    if content.get("format") == "verifier-certificate/2":
        return accepted_property(text, net, property_file)
    raise BadInput(str(file), "expected the format verifier-pieces/1 or verifier-certificate/2")


def accepted_property(text: str, net: Path, property_file: Path | None) -> str:
    """Return what a certificate of ``verify`` shows."""
    from verifier.commands.verify import choose
    from verifier.networks.certificates.property_check import (
        check_certificate,
        check_counterexample,
    )
    from verifier.networks.formats.vnnlib import read_vnnlib

    content = json.loads(text)
    property_file = property_file or Path(str(content.get("property")))
    prop = read_vnnlib(property_file)
    network, _ = choose(net, prop, str(content.get("units")))
    status = content.get("status")
    try:
        if status == "refuted":
            point = check_counterexample(network, prop, content)
            return f"unsafe for {net} by {property_file}: {', '.join(map(str, point))}"
        if status == "proved":
            checked = check_certificate(network, prop, content)
            parts = f"{checked.bounds} boxes by bounds, {checked.regions} by affine regions"
            parts = f"{parts}, {checked.cells} cells"
            return f"no input of {property_file} is unsafe for {net}: {parts}"
    except BadInput as error:
        raise CertificateError(str(error)) from error
    raise CertificateError(f"it is of an answer that is {status}, neither proved nor refuted")
