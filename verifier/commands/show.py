"""``verifier show``: one result with all it rests on, one definition, or a statement explained."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from verifier.cli import DONE, REFUTED, UNKNOWN
from verifier.commands.derived import derived_option, with_derived
from verifier.commands.options import cache_folder, library_options, progress_bar

if TYPE_CHECKING:
    from rich.console import Group


@click.command()
@click.argument("name", required=False)
@click.option(
    "--statement",
    metavar="TEXT",
    help="Instead of NAME: read a statement, print it back, and say which results state it.",
)
@click.option("--latex", "with_latex", is_flag=True, help="Also print the statement in LaTeX.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@derived_option
@library_options
def command(
    name: str | None,
    statement: str | None,
    with_latex: bool,
    as_json: bool,
    paths: tuple[Path, ...],
    packages: tuple[str, ...],
    cache: Path | None,
    no_cache: bool,
) -> int:
    """Show the result NAME: statement, source, what it uses and rests on, an outline of its proof.

    NAME may also be a defined symbol, such as relu. Everything that a statement needs is explained
    down to arithmetic. The notation is described in docs/notation.md.

    Exit code 0 if it is proved, 1 if it is not, 3 if a limit of the solver stands in the way.
    """
    if (name is None) == (statement is None):
        raise click.UsageError("give the NAME of a result or symbol, or a --statement")
    from verifier.kernel import DEFINED
    from verifier.library.catalogue import find, load
    from verifier.library.replay import read_files
    from verifier.library.session import check
    from verifier.notation import parse
    from verifier.proving import REGISTRY
    from verifier.report import glossary, pages

    files = read_files(paths)
    load(packages)
    term = None if statement is None else parse(statement)
    symbol = name not in REGISTRY and name not in files and name in DEFINED
    if name is not None and not symbol:
        find([] if name in files else [name])
    folder = cache_folder(cache, no_cache)
    with progress_bar("proving") as progress:
        # The whole library, for what uses the result is above it.
        report = check((), packages, folder, 1, progress)
    report, derived = with_derived(report, files, packages, folder)
    if term is not None or symbol:
        found = (
            glossary.of_symbol(str(name), report.entries)
            if term is None
            else glossary.of_statement(term, report.entries)
        )
        return _tell(glossary.document(found), glossary.render(found, with_latex), as_json)
    name = str(name)
    if name not in report.entries:
        report = check((name,), packages, folder)
    shown = pages.page(report, name, derived.get(name))
    _tell(pages.document(shown), pages.render(shown, with_latex), as_json)
    if shown.entry.proved:
        return DONE
    failure = shown.entry.failure
    return UNKNOWN if failure is not None and failure.limit else REFUTED


def _tell(document: dict[str, Any], page: Group, as_json: bool) -> int:
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False))
    else:
        from verifier.report.tables import console

        console().print(page)
    return DONE
