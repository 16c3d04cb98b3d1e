"""``verifier check``: prove the library."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from verifier.cli import DONE, REFUTED, UNKNOWN
from verifier.commands.options import cache_folder, library_options, progress_bar


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
    help="Also decide every leaf again under N seeds of the solver.",
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
    derivations: Path | None,
    as_json: bool,
    packages: tuple[str, ...],
    cache: Path | None,
    no_cache: bool,
) -> int:
    """Prove the library, or the results named NAME and what they need.

    Exit code 0 if everything is proved, 1 if something is not, 2 for bad input, 3 if all that
    stands in the way is a limit of the solver.
    """  # fmt: skip
    from verifier.kernel import solver_version
    from verifier.library.session import check
    from verifier.library.stability import steadiness
    from verifier.report import documents

    folder = cache_folder(cache, no_cache)
    with progress_bar("proving") as progress:
        report = check(names, packages, folder, jobs or 1, progress)
    steady = None
    if seeds:
        cores = jobs or os.cpu_count() or 1
        with progress_bar("stability") as progress:
            steady = steadiness(report.obligations, range(seeds), cores, progress)
    if derivations:
        write_derivations(list(report.entries), derivations)
    unsteady = seeds is not None and any(s.proved < seeds for s in steady or ())
    if as_json:
        document = documents.of_report(report, solver_version())
        if seeds:
            document["ok"] = report.ok and not unsteady
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
        console.print(tables.foundations(report, solver_version()))
        if seeds:
            console.print(tables.steadiness(steady or (), seeds))
    if report.limits_only or (report.ok and unsteady):
        return UNKNOWN
    return DONE if report.ok else REFUTED


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
