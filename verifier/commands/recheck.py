"""``verifier recheck``: second opinions on every derivation."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import click

from verifier.cli import DONE, REFUTED, UNKNOWN
from verifier.commands.options import cache_folder, library_options, progress_bar
from verifier.errors import BadInput

if TYPE_CHECKING:
    from rich.table import Table

    from verifier.recheck.checkers import Report

# Those that run without a program of their own being installed.
USUAL: Final = ("structure", "cvc5", "certificates")
FOLDER: Final = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--with",
    "wanted",
    default=",".join(USUAL),
    show_default=True,
    metavar="A,B",
    help="Which checkers: structure, cvc5, certificates, coq.",
)
@click.option("--find", is_flag=True, help="Find the certificates that are missing, and keep them.")
@click.option(
    "--seconds",
    type=click.FloatRange(min=1),
    default=60.0,
    show_default=True,
    help="With --find: the limit for one leaf.",
)
@click.option(
    "--certificates",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file of certificates. [default: the one beside the proofs]",
)
@click.option(
    "--derivations",
    type=FOLDER,
    metavar="DIR",
    help="Read derivation files from DIR instead of proving the library.",
)
@click.option("--write", type=FOLDER, metavar="DIR", help="Keep the files that were checked here.")
@click.option("--jobs", type=click.IntRange(1), help="Processes. [default: all cores]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
@library_options
def command(
    names: tuple[str, ...],
    wanted: str,
    find: bool,
    seconds: float,
    certificates: Path | None,
    derivations: Path | None,
    write: Path | None,
    jobs: int | None,
    as_json: bool,
    packages: tuple[str, ...],
    cache: Path | None,
    no_cache: bool,
) -> int:
    """Check derivations again with programs that share nothing with the kernel.

    All results, or those named NAME and what they need.  Exit code 0 if every checker accepts
    everything, 1 if one rejects something, 2 for bad input, 3 if something stays unknown.
    """  # fmt: skip
    from verifier.library.opinions import accept
    from verifier.recheck.checkers import CHECKERS, Settings, axioms, closure, load_folder

    home: Path | None = None
    digests: dict[str, str] = {}
    checkers = list(dict.fromkeys(part.strip() for part in wanted.split(",") if part.strip()))
    for checker in checkers:
        if checker not in CHECKERS:
            raise BadInput("--with", f"no checker is called {checker!r}; {', '.join(CHECKERS)}")
    if not checkers:
        raise BadInput("--with", f"names no checker; {', '.join(CHECKERS)}")
    if derivations:
        contents = load_folder(derivations)
        contents = closure(contents, names) if names else contents
    else:
        home = cache_folder(cache, no_cache)
        contents, digests = prove(names, packages, home)
    if write:
        keep(contents, write)
    path = certificates or beside_the_proofs()
    processes = jobs or os.cpu_count() or 1
    if find:
        find_certificates(contents, path, processes, seconds)
    with TemporaryDirectory() as scratch:
        reports = run_all(checkers, contents, Settings(path, write or Path(scratch), processes))
    if home:
        for name, r in reports.items():
            accept(home, name, [d for result, d in digests.items() if result not in r.refused])
    rejected = any(r.rejected for r in reports.values())
    unknown = any(r.unknown for r in reports.values())
    if as_json:
        document = {
            "ok": not rejected and not unknown,
            "results": len(contents),
            "axioms": None if rejected or unknown else axioms(contents),
            "checkers": {name: of_report(r) for name, r in reports.items()},
        }
        click.echo(json.dumps(document, ensure_ascii=False))
    else:
        show(reports, len(contents))
    return REFUTED if rejected else UNKNOWN if unknown else DONE


def prove(
    names: tuple[str, ...], packages: tuple[str, ...], folder: Path | None
) -> tuple[dict[str, Any], dict[str, str]]:
    """The derivations of the library, proved now, and their digests.

    Raises
    ------
    BadInput
        If a result is not proved: only whole derivations can be checked again.
    """
    from verifier.library.derivations import derivation
    from verifier.library.session import check
    from verifier.proving import REGISTRY

    with progress_bar("proving") as progress:
        report = check(names, packages, folder, 1, progress)
    contents = {}
    for name in report.entries:
        theorem = REGISTRY[name].run().theorem
        if theorem is None:
            raise BadInput(name, "is not proved, so there is no derivation to check again")
        contents[name] = derivation(theorem)
    return contents, {name: entry.digest for name, entry in report.entries.items()}


def keep(contents: Mapping[str, Any], folder: Path) -> None:
    """Write derivation files."""
    from verifier.library.derivations import to_json

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            (folder / f"{name}.json").write_text(to_json(content) + "\n", encoding="utf-8")
    except OSError as error:
        raise BadInput(str(folder), f"cannot write there: {error.strerror}") from error


def beside_the_proofs() -> Path:
    """Where the certificates of the library are kept."""
    import proofs

    return Path(proofs.__path__[0]) / "certificates.json.xz"


def find_certificates(contents: Mapping[str, Any], path: Path, jobs: int, seconds: float) -> None:
    """Find what is missing and rewrite the file."""
    from verifier.recheck import store
    from verifier.recheck.document import read
    from verifier.recheck.errors import Rejected
    from verifier.recheck.search import find_all, missing

    documents = {}
    for name, content in contents.items():
        # A file that cannot be read is for the checkers to report.
        with suppress(Rejected):
            documents[name] = read(name, content)
    known = store.load(path)
    wanted = missing(documents, known)
    if not wanted:
        return
    with progress_bar("certificates") as progress:
        found = find_all(contents, wanted, jobs, seconds, progress)
    store.save(path, {**known, **found})


def run_all(checkers: list[str], contents: Mapping[str, Any], settings: Any) -> dict[str, Report]:
    """The reports of the checkers, each in a process of its own if there are several."""
    from verifier.recheck.checkers import run

    if len(checkers) == 1:
        return {checkers[0]: run(checkers[0], contents, settings)}
    workers = min(len(checkers), settings.jobs)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        # cvc5 takes longest, so it starts first.
        order = sorted(checkers, key=lambda name: name != "cvc5")
        tasks = {name: pool.submit(run, name, dict(contents), settings) for name in order}
        return {name: tasks[name].result() for name in checkers}


def of_report(report: Report) -> dict[str, Any]:
    """A report as JSON."""
    return {
        "leaves": report.leaves,
        "accepted": report.accepted,
        "rejected": report.rejected,
        "unknown": report.unknown,
        "seconds": round(report.seconds, 3),
        "messages": list(report.messages),
        "statements": list(report.statements),
    }


def show(reports: Mapping[str, Report], results: int) -> None:
    """Print the table, and every message below it."""
    from verifier.report import tables

    console = tables.console()
    console.print(table(reports))
    for name, report in reports.items():
        for message in report.messages:
            console.print(f"{name}: {message}", style="red", markup=False)
        if report.statements:
            proved = ", ".join(report.statements)
            console.print(f"{name} also proves, in textbook terms: {proved}", markup=False)
    console.print(f"{results} derivations. The structural checker counts steps, the others leaves.")


def table(reports: Mapping[str, Report]) -> Table:
    """What each checker found, a line each."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False, header_style="bold")
    made.add_column("checker")
    for title in ("checked", "accepted", "rejected", "unknown", "time"):
        made.add_column(title, justify="right")
    for name, r in reports.items():
        counts = (r.leaves, r.accepted, r.rejected, r.unknown)
        made.add_row(name, *map(str, counts), f"{r.seconds:.2f} s")
    return made
