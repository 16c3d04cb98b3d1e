"""``verifier recheck``: second opinions on every derivation."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import click

from verifier.cli import CONTRADICTION, DONE, REFUTED, UNKNOWN
from verifier.commands.options import cache_folder, library_options, progress_bar
from verifier.errors import BadInput, LimitReached

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from verifier.recheck.checkers import Report
    from verifier.recheck.reports.standing import Standing

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
@click.option(
    "--derivations",
    type=FOLDER,
    metavar="DIR",
    help="Read derivation files from DIR instead of proving the library.",
)
@click.option("--write", type=FOLDER, metavar="DIR", help="Keep the files that were checked here.")
@click.option(
    "--allow-axiom",
    "allowed",
    multiple=True,
    metavar="NAME",
    help="An axiom that may be assumed; repeatable.",
)
@click.option(
    "--allow-oracle",
    is_flag=True,
    help="Leaves may be assumed, as a solver's word, without a certificate.",
)
@click.option(
    "--statements",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    help="The file of statements to compare with. [default: the library's own]",
)
@click.option(
    "--write-statements",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write what the checked files state, for --statements.",
)
@click.option(
    "--clock",
    type=click.FloatRange(min=0.1),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="When a solver is ended; what it was asked is then unknown, whatever it would have said.",
)
@click.option("--jobs", type=click.IntRange(1), help="Processes. [default: all cores]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
@library_options
def command(
    names: tuple[str, ...],
    wanted: str,
    derivations: Path | None,
    write: Path | None,
    allowed: tuple[str, ...],
    allow_oracle: bool,
    statements: Path | None,
    write_statements: Path | None,
    clock: float,
    jobs: int | None,
    as_json: bool,
    packages: tuple[str, ...],
    cache: Path | None,
    no_cache: bool,
) -> int:
    """Check derivations again with programs that share nothing with the kernel.

    All results, or those named NAME and what they need.  Exit code 0 if every checker accepts
    everything; 1 if one rejects something, a name of the library carries another statement or
    definition, or an axiom is used that is not allowed; 2 for bad input; 3 if something stays
    unknown, or leaves are assumed; 4 if two checkers contradict each other.
    """  # fmt: skip
    from verifier.recheck.checkers import (
        CHECKERS,
        Settings,
        admit,
        closure,
        contradictions,
        load_folder,
        room,
    )
    from verifier.recheck.reports import statements as stated
    from verifier.recheck.reports.standing import standings

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
    processes = jobs or os.cpu_count() or 1
    with room():
        # Who writes the file anew compares with nothing: the old one may be stale, or not there.
        library = stated.Statements()
        if not write_statements:
            library = stated.read_statements(statements or stated.beside_the_proofs())
        documents = admit(contents).documents
        files = standings(documents, library)
    with TemporaryDirectory() as scratch:
        settings = Settings(write or Path(scratch), processes, clock)
        reports = run_all(checkers, contents, settings)
    conflicts = contradictions(reports)
    faults = [fault for standing in files.values() for fault in standing.faults(allowed)]
    if home:
        mark(home, reports, digests, bool(conflicts))
    if write_statements:
        stated.write_statements({n: contents[n] for n in files}, write_statements)
    rejected = bool(faults) or any(r.rejected for r in reports.values())
    oracles = sum(s.rule == "oracle" for d in documents.values() for s in d.steps)
    unknown = bool(oracles) and not allow_oracle
    # Who allows oracles does not ask for their certificates.
    unknown |= any(r.unknown - (r.oracles if allow_oracle else 0) for r in reports.values())
    if as_json:
        document = {
            "ok": not (rejected or unknown or conflicts),
            "results": len(contents),
            "axioms": sorted({a.name for standing in files.values() for a in standing.axioms}),
            "oracles": oracles,
            "faults": faults,
            "contradictions": conflicts,
            "checkers": {name: of_report(r) for name, r in reports.items()},
            "files": [of_standing(s, reports) for s in files.values()],
        }
        click.echo(json.dumps(document, ensure_ascii=False))
    else:
        show(reports, files, [*conflicts, *faults], len(contents), bool(derivations or names))
    if conflicts:
        return CONTRADICTION
    return REFUTED if rejected else UNKNOWN if unknown else DONE


def mark(
    home: Path, reports: Mapping[str, Report], digests: Mapping[str, str], conflict: bool
) -> None:
    """Remember which checkers accepted which derivations, and forget what no longer holds.

    A checker that is not there says nothing.  Where an audit failed, or two checkers contradict
    each other, somebody is wrong, and nothing is marked.
    """
    from verifier.library.opinions import remember

    for checker, report in reports.items():
        if not report.present:
            continue
        doubtful = conflict or not report.sound
        refused = {name for name in digests if doubtful or name in report.refused}
        accepted = [digest for name, digest in digests.items() if name not in refused]
        # What a clock ended says nothing, neither for a mark nor against it.
        forgotten = refused if doubtful else refused - report.pending
        remember(home, checker, accepted, [digests[name] for name in forgotten])


def prove(
    names: tuple[str, ...], packages: tuple[str, ...], folder: Path | None
) -> tuple[dict[str, Any], dict[str, str]]:
    """The derivations of the library, proved now, and their digests.

    Other packages than the library are imported by another process, and only its files are read.

    Raises
    ------
    BadInput
        If a result is not proved: only whole derivations can be checked again.
    """
    from verifier.library.apart import derive_apart
    from verifier.library.apart import digests as digests_of
    from verifier.library.catalogue import PROOFS
    from verifier.library.derivations import derivation
    from verifier.library.session import check
    from verifier.proving import REGISTRY
    from verifier.recheck.checkers import load_folder

    if packages != PROOFS:
        with TemporaryDirectory() as scratch:
            derive_apart(names, packages, folder, Path(scratch))
            found = load_folder(Path(scratch))
        return found, digests_of(found)
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
    from verifier.output import write_output

    for name, content in contents.items():
        write_output(folder / f"{name}.json", to_json(content) + "\n", make_folder=True)


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
        try:
            return {name: tasks[name].result() for name in checkers}
        except BrokenProcessPool as error:
            raise LimitReached(
                "a checker was ended from outside, perhaps for want of memory; "
                "run them one at a time, with --with NAME"
            ) from error


def of_report(report: Report) -> dict[str, Any]:
    """A report as JSON."""
    return {
        "leaves": report.leaves,
        "accepted": report.accepted,
        "rejected": report.rejected,
        "unknown": report.unknown,
        "unfinished": report.unfinished,
        "seconds": round(report.seconds, 3),
        "messages": list(report.messages),
        "statements": list(report.statements),
        "left_out": report.left_out,
    }


def of_standing(standing: Standing, reports: Mapping[str, Report]) -> dict[str, Any]:
    """What is known of a file, as JSON."""
    return {
        "name": standing.name,
        "statement": standing.statement,
        "library": standing.library,
        "definitions": [
            {"name": d.name, "definition": d.text, "library": d.library}
            for d in standing.definitions
        ],
        "axioms": [
            {"name": a.name, "formula": a.text, "stated_in": a.stated_in} for a in standing.axioms
        ],
        "oracles": standing.oracles,
        "missing": list(standing.missing),
        "accepted_by": accepted_by(standing.name, reports),
        "confirmed": confirmed(accepted_by(standing.name, reports)),
    }


def accepted_by(name: str, reports: Mapping[str, Report]) -> list[str]:
    """The checkers that found nothing against a result or what it rests on."""
    return [c for c, r in reports.items() if r.present and r.sound and name not in r.refused]


def confirmed(accepted: Sequence[str]) -> bool:
    """Whether these checkers together saw all of a derivation: its steps, and its leaves.

    Examples
    --------
    >>> confirmed(["structure", "cvc5"]), confirmed(["cvc5", "certificates"]), confirmed(["coq"])
    (True, False, True)
    """
    leaves = "cvc5" in accepted or "certificates" in accepted
    return "coq" in accepted or ("structure" in accepted and leaves)


def show(
    reports: Mapping[str, Report],
    files: Mapping[str, Standing],
    faults: Sequence[str],
    results: int,
    each: bool,
) -> None:
    """Print what each file says, if wanted or if it needs saying, the table, and what is wrong."""
    from verifier.report import tables

    console = tables.console()
    for standing in files.values():
        if each or standing.library == "differs":
            show_standing(console, standing, accepted_by(standing.name, reports))
    console.print(table(reports))
    for name, report in reports.items():
        for message in report.messages:
            console.print(f"{name}: {message}", style="red", markup=False, highlight=False)
        if report.statements:
            proved = ", ".join(report.statements)
            console.print(f"{name} also proves, in textbook terms: {proved}", markup=False)
        if report.left_out:
            console.print(f"{name}: {report.left_out}", markup=False, highlight=False)
    for fault in faults:
        console.print(fault, style="red", markup=False, highlight=False)
    console.print(f"{results} derivations. The structural checker counts steps, the others leaves.")
    console.print(summary(files), markup=False, highlight=False)


def show_standing(console: Console, standing: Standing, accepted: Sequence[str]) -> None:
    """Print one file's statement, definitions and axioms."""
    said = {
        "same": "the same as in the library",
        "differs": "DIFFERS from what the library states under this name",
    }.get(standing.library, standing.library)

    def line(text: str, style: str = "") -> None:
        console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)

    line(f"{standing.name}: {said}", "bold")
    line(f"  {standing.statement}")
    for d in standing.definitions:
        mark = {"same": "", "differs": "  [DIFFERS from the library's]"}.get(
            d.library, "  [not in the library]"
        )
        line(f"    {d.text}{mark}")
    axioms = [f"{a.name}: {a.text} (in {a.stated_in})" for a in standing.axioms]
    line(f"  axioms: {'; '.join(axioms) or 'none'}")
    if standing.oracles:
        line(f"  leaves assumed without a certificate: {standing.oracles}")
    if standing.missing:
        line(f"  rests on what is not here: {', '.join(standing.missing)}")
    whole = "" if confirmed(accepted) else "; not confirmed, for some of it nobody accepted"
    line(f"  accepted by: {', '.join(accepted) or 'no checker'}{whole}")
    line("")


def summary(files: Mapping[str, Standing]) -> str:
    """How the statements stand to the library's, in one line."""
    counts = Counter(standing.library for standing in files.values())
    axioms = sorted({a.name for standing in files.values() for a in standing.axioms})
    parts = [
        f"{counts[key]} {words}"
        for key, words in (
            ("same", "state what the library states"),
            ("differs", "differ from the library"),
            ("not in the library", "are not in the library"),
        )
        if counts[key]
    ]
    read = ", ".join(parts) or "none could be read"
    return f"Of them {read}. Axioms: {', '.join(axioms) or 'none'}."


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
