"""``verifier show``: one result, with all it rests on."""

from __future__ import annotations

import json
from pathlib import Path

import click

from verifier.cli import DONE, REFUTED, UNKNOWN
from verifier.commands.derived import derived_option, with_derived
from verifier.commands.options import cache_folder, library_options, progress_bar


@click.command()
@click.argument("name")
@click.option("--latex", "with_latex", is_flag=True, help="Also print the statement in LaTeX.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@derived_option
@library_options
def command(
    name: str,
    with_latex: bool,
    as_json: bool,
    paths: tuple[Path, ...],
    packages: tuple[str, ...],
    cache: Path | None,
    no_cache: bool,
) -> int:
    """Show the result NAME: statement, source, what it uses and rests on, an outline of its proof.

    Exit code 0 if it is proved, 1 if it is not, 3 if a limit of the solver stands in the way.
    """
    from verifier.library.catalogue import find, load
    from verifier.library.replay import read_files
    from verifier.library.session import check
    from verifier.report import pages

    files = read_files(paths)
    load(packages)
    find([] if name in files else [name])
    folder = cache_folder(cache, no_cache)
    with progress_bar("proving") as progress:
        # The whole library, for what uses the result is above it.
        report = check((), packages, folder, 1, progress)
    report, derived = with_derived(report, files, packages, folder)
    if name not in report.entries:
        report = check((name,), packages, folder)
    shown = pages.page(report, name, derived.get(name))
    if as_json:
        click.echo(json.dumps(pages.document(shown), ensure_ascii=False))
    else:
        from verifier.report.tables import console

        console().print(pages.render(shown, with_latex))
    if shown.entry.proved:
        return DONE
    failure = shown.entry.failure
    return UNKNOWN if failure is not None and failure.limit else REFUTED
