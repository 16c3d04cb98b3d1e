"""``verifier verify``: prove a VNN-LIB property of a network, or refute it."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from verifier.cli import DONE, REFUTED, UNKNOWN
from verifier.commands.resting import (
    Support,
    proof_options,
    safety_rests_on,
    support_data,
    support_line,
    write_derivation,
)
from verifier.errors import BadInput
from verifier.networks import format_of, load_network
from verifier.networks.formats.nnet_reader import NNet, read_contents
from verifier.networks.formats.vnnlib import read_vnnlib
from verifier.networks.model import Network
from verifier.networks.property import Property
from verifier.output import write_output

if TYPE_CHECKING:
    from verifier.networks.boxes.verify import Outcome

SHOWN_BOXES = 20


@click.command(name="verify")
@click.argument("net", type=click.Path(path_type=Path))
@click.argument("property_file", metavar="PROPERTY.vnnlib", type=click.Path(path_type=Path))
@click.option("--timeout", type=click.FloatRange(min=0), help="Seconds to try for.")
@click.option("--jobs", type=click.IntRange(1, 256), default=1, help="Processes. Default 1.")
@click.option(
    "--units",
    type=click.Choice(["auto", "physical", "normalised"]),
    default="auto",
    help="For .nnet files: what the property speaks of. Default: whichever its box fits.",
)
@click.option("--certificate", type=click.Path(path_type=Path), help="Write the proof here.")
@proof_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    net: Path,
    property_file: Path,
    timeout: float | None,
    jobs: int,
    units: str,
    certificate: Path | None,
    prove: bool | None,
    derivation: Path | None,
    as_json: bool,
) -> int:
    """Prove that no input of PROPERTY is unsafe for NET, or show one that is.

    The property file describes the unsafe set. Exit code 0: proved; 1: refuted, the unsafe
    input is printed and was evaluated exactly; 3: unknown, the boxes that remain are printed.
    """
    # The products are small: threads inside each cost more than they give. Set before numpy
    # loads; the cores are for --jobs.
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    from verifier.networks.boxes.verify import verify

    with interruptible():
        prop = read_vnnlib(property_file)
        network, units = choose(net, prop, units)
        try:
            with progress_bar() as progress:
                outcome = verify(network, prop, timeout=timeout, jobs=jobs, progress=progress)
        except BadInput as error:
            raise BadInput(str(property_file), error.expected) from error
    if certificate is not None:
        write_certificate(certificate, net, property_file, units, outcome)
    support = safety_rests_on(network, prop, outcome, True if derivation else prove)
    if outcome.status == "proved":
        write_derivation(support, derivation)
    if as_json:
        rests_on = {"rests_on": support_data(support, derivation)}
        click.echo(json.dumps(summary(outcome, units) | rests_on))
    else:
        click.echo(text(outcome, units, support))
    return {"proved": DONE, "refuted": REFUTED, "unknown": UNKNOWN}[outcome.status]


def choose(net: Path, prop: Property, units: str) -> tuple[Network, str]:
    """Read the network; an NNet file in the units the property's boxes fit."""
    if format_of(net) != ".nnet":
        return load_network(net), ""
    contents = read_contents(net)
    if units == "auto":
        units = fitting(net, contents, prop)
    return (contents.bare if units == "normalised" else contents.physical()), units


def fitting(net: Path, contents: NNet, prop: Property) -> str:
    """Say in which units the property's boxes lie within the file's minima and maxima."""
    count = contents.bare.inputs
    if prop.inputs != count:
        return "physical"
    means, ranges = contents.means[:count], contents.ranges[:count]
    physical = list(zip(contents.minima, contents.maxima, strict=True))
    scaled = [
        tuple(sorted(((low - mean) / size, (high - mean) / size)))
        for (low, high), mean, size in zip(physical, means, ranges, strict=True)
    ]
    for name, limits in (("physical", physical), ("normalised", scaled)):
        if all(
            low - (high - low) / 1000 <= a and b <= high + (high - low) / 1000
            for case in prop.cases
            for a, b, (low, high) in zip(case.lower, case.upper, limits, strict=True)
        ):
            return name
    raise BadInput(
        str(net),
        "the property's box is outside the file's minima and maxima, in physical and in"
        " normalised units; say which with --units",
    )


@contextmanager
def interruptible() -> Iterator[None]:
    """Make a termination signal end the search as Ctrl-C does."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def progress_bar() -> Iterator[Any]:
    """Yield a function that shows boxes closed and open, on a terminal only."""
    console = Console(stderr=True)
    if not (console.is_terminal and sys.stderr.isatty()):
        yield None
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.fields[closed]} boxes closed, {task.fields[left]} open"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None, closed=0, left=1)
        yield lambda closed, left: bar.update(task, closed=closed, left=left)


def summary(outcome: Outcome, units: str) -> dict[str, Any]:
    """Return the answer as a JSON object; numbers that must be exact are text."""
    found = outcome.counterexample
    return {
        "status": outcome.status,
        "counterexample": None if found is None else found.as_json(),
        "boxes": outcome.boxes,
        "boxes_by_linear_arithmetic": outcome.regions,
        "remaining": [boxed(box) for box in outcome.remaining],
        "seconds": round(outcome.seconds, 3),
        "reason": outcome.reason,
    } | ({"units": units} if units else {})


def boxed(box: tuple[tuple[Fraction, ...], tuple[Fraction, ...]]) -> dict[str, list[str]]:
    """Return a box as text."""
    low, high = box
    return {"lower": [str(a) for a in low], "upper": [str(b) for b in high]}


def text(outcome: Outcome, units: str, support: Support) -> str:
    """Return the answer for people."""
    lines = [f"{outcome.status} in {outcome.seconds:.2f} s"]
    if outcome.status == "proved":
        lines.append(support_line(support))
    if units:
        lines.append(f"the property is read in {units} units")
    if outcome.counterexample is not None:
        lines += named("X", outcome.counterexample.inputs)
        lines += named("Y", outcome.counterexample.outputs)
        return "\n".join(lines)
    lines.append(f"boxes closed: {outcome.boxes} ({outcome.regions} by affine regions)")
    if outcome.status == "unknown":
        lines.append(f"{outcome.reason}; boxes not settled: {len(outcome.remaining)}")
        for low, high in outcome.remaining[:SHOWN_BOXES]:
            sides = zip(low, high, strict=True)
            lines.append("  " + " × ".join(f"[{float(a):g}, {float(b):g}]" for a, b in sides))
        if len(outcome.remaining) > SHOWN_BOXES:
            lines.append("  … (all of them with --json)")
    return "\n".join(lines)


def named(letter: str, values: tuple[Fraction, ...]) -> list[str]:
    """Return exact values line by line, each with a float beside it."""
    return [f"{letter}_{i} = {value} (≈ {float(value):.6g})" for i, value in enumerate(values)]


def write_certificate(
    path: Path, net: Path, property_file: Path, units: str, outcome: Outcome
) -> None:
    """Write what the answer rests on."""
    content: dict[str, Any] = {
        "format": "verifier-certificate/2",
        "network": str(net),
        "property": str(property_file),
        "units": units,
        "status": outcome.status,
    } | outcome.certificate()
    write_output(path, json.dumps(content) + "\n")
