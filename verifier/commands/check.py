"""``verifier check``: prove the library."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from verifier.cli import DONE, REFUTED, UNKNOWN
from verifier.commands.options import cache_folder, library_options, progress_bar

if TYPE_CHECKING:
    from verifier.library.session import Report


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--jobs", type=click.IntRange(1), help="Processes. [default: 1; with --stability all cores]"
)
@click.option(
    "--stability",
    "seeds",
    type=click.IntRange(1),
    metavar="N",
    help="Also decide every leaf again by the solver, under N seeds.",
)
@click.option("--solver", is_flag=True, help="Also decide every leaf again by the solver.")
@click.option(
    "--allow-oracle",
    is_flag=True,
    help="Let leaves that have no certificate pass; they are counted all the same.",
)
@click.option(
    "--quick",
    is_flag=True,
    help="Look for no certificates: leaves that the solver proves are assumed, and counted.",
)
@click.option(
    "--write-certificates",
    is_flag=True,
    help="Keep the certificates of each package beside its proofs, and no others.",
)
@click.option(
    "--derivations",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write the derivation file of every proved result here.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
@library_options
def command(
    names: tuple[str, ...],
    jobs: int | None,
    seeds: int | None,
    solver: bool,
    allow_oracle: bool,
    quick: bool,
    write_certificates: bool,
    derivations: Path | None,
    as_json: bool,
    packages: tuple[str, ...],
    cache: Path | None,
    no_cache: bool,
) -> int:
    """Prove the library, or the results named NAME and what they need.

    Exit code 0 if everything is proved, 1 if something is not, 2 for bad input, 3 if all that
    stands in the way is a limit of the solver, or leaves for which no certificate is known.
    """  # fmt: skip
    from verifier.library.session import check
    from verifier.library.stability import steadiness
    from verifier.proving.leaves import KEEPER
    from verifier.report import documents

    folder = cache_folder(cache, no_cache)
    with progress_bar("proving") as progress:
        report = check(names, packages, folder, jobs or 1, progress, quick)
    warn(KEEPER.damaged)
    steady = None
    seeds = seeds or (1 if solver else None)
    if seeds:
        cores = jobs or os.cpu_count() or 1
        with progress_bar("stability") as progress:
            steady = steadiness(tuple(report.obligations.values()), range(seeds), cores, progress)
    if write_certificates:
        keep_certificates(report, packages, names)
    if derivations:
        write_derivations(list(report.entries), derivations)
    unsteady = seeds is not None and any(s.proved < seeds for s in steady or ())
    passed = report.ok or (allow_oracle and report.assumed_only)
    if as_json:
        document = documents.of_report(report)
        document["ok"] = passed and not unsteady
        if seeds:
            document["stability"] = documents.of_steadiness(steady or (), seeds)
        click.echo(json.dumps(document, ensure_ascii=False))
    else:
        from verifier.library.opinions import marks
        from verifier.report import tables

        console = tables.console()
        entries = report.entries
        opinions = marks(folder, {name: e.digest for name, e in entries.items()})
        console.print(tables.table(list(entries.values()), opinions))
        console.print(tables.explained(opinions))
        console.print(tables.failures(report), soft_wrap=True)
        console.print(tables.foundations(report))
        if seeds:
            console.print(tables.steadiness(steady or (), seeds))
    if passed:
        return UNKNOWN if unsteady else DONE
    return UNKNOWN if report.limits_only or report.assumed_only else REFUTED


def warn(messages: list[str]) -> None:
    """What is amiss but stops nothing, on standard error."""
    for message in messages:
        click.echo(f"warning: {message}", err=True)


def keep_certificates(report: Report, packages: tuple[str, ...], names: tuple[str, ...]) -> None:
    """Write the file of each package.

    Raises
    ------
    BadInput
        If only some results were proved, or a file cannot be written.
    """
    from verifier.errors import BadInput
    from verifier.library.catalogue import certificates_of
    from verifier.solving.store import save

    if names:
        raise BadInput("--write-certificates", "keeps those of whole packages, so name no results")
    for package in packages:
        mine = report.certificates_of(package)
        save(certificates_of(package), mine)


def write_derivations(names: list[str], folder: Path) -> None:
    """Write ``NAME.json`` for each proved result.

    Raises
    ------
    BadInput
        If the folder cannot be written to.
    """
    from verifier.library.derivations import derivation, to_json
    from verifier.output import write_output
    from verifier.proving import REGISTRY

    for name in names:
        outcome = REGISTRY[name].run()
        if outcome.theorem is None:
            continue
        text = to_json(derivation(outcome.theorem)) + "\n"
        write_output(folder / f"{name}.json", text, make_folder=True)
