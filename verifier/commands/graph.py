"""``verifier graph``: which results feed which."""

from __future__ import annotations

import json
from pathlib import Path

import click

from verifier.cli import DONE
from verifier.commands.derived import derived_option, with_derived
from verifier.commands.options import cache_folder, library_options, progress_bar

FORMATS = ("dot", "svg", "json")


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="[default: as FILE's ending says, or dot]"
)
@click.option("--up", is_flag=True, help="With NAME: what uses it, however far above.")
@click.option("--down", is_flag=True, help="With NAME: what it rests on, however far below.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write here instead of to standard output.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@derived_option
@library_options
def command(
    names: tuple[str, ...],
    form: str | None,
    up: bool,
    down: bool,
    output: Path | None,
    as_json: bool,
    paths: tuple[Path, ...],
    packages: tuple[str, ...],
    cache: Path | None,
    no_cache: bool,
) -> int:
    """Draw the graph of results, or the part of it above and below NAME."""  # fmt: skip
    import networkx

    from verifier.library.catalogue import find, load
    from verifier.library.graph import dag, part
    from verifier.library.replay import read_files
    from verifier.library.session import check
    from verifier.output import write_output
    from verifier.report.drawing import dot, svg

    files = read_files(paths)
    load(packages)
    find(name for name in names if name not in files)
    folder = cache_folder(cache, no_cache)
    with progress_bar("proving") as progress:
        report = check((), packages, folder, 1, progress)
    report, _ = with_derived(report, files, packages, folder)
    missing = [name for name in names if name not in report.entries]
    entries = report.entries
    if missing:
        entries = entries | check(missing, packages, folder).entries
    graph = dag(entries)
    if names:
        graph = part(graph, names, up=up or not down, down=down or not up)
    chosen = "json" if as_json else form
    if chosen is None:
        ending = output.suffix.lstrip(".") if output else ""
        chosen = ending if ending in FORMATS else "dot"
    if chosen == "json":
        data = networkx.node_link_data(graph, edges="edges")
        shown = json.dumps(data, ensure_ascii=False) + "\n"
    else:
        shown = svg(graph, names) if chosen == "svg" else dot(graph)
    if output is None:
        click.echo(shown, nl=False)
        return DONE
    write_output(output, shown)
    return DONE
