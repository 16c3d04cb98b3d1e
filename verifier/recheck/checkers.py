"""The checkers, and what each has to say about a library of derivation files.

A checker takes derivation files as JSON values by name and gives a :class:`Report`.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from verifier.errors import BadInput
from verifier.recheck import cvc5_check
from verifier.recheck.certificates import check
from verifier.recheck.document import Document, Unreadable, read
from verifier.recheck.errors import BadCertificate, IllFormed, Rejected, TooLarge
from verifier.recheck.outside.processes import CLOCK, FILE_CLOCK
from verifier.recheck.polynomials import Problem, address
from verifier.recheck.reports.printing import text as formula_text
from verifier.recheck.strict import load
from verifier.recheck.structure import (
    LEAVES,
    Leaf,
    check_document,
    check_ending,
    conflicts,
    leaves,
    resting_on,
)
from verifier.recheck.terms import Term, subterms


@dataclass(frozen=True)
class Report:
    """What a checker found.

    Attributes
    ----------
    leaves, accepted, rejected, unknown:
        How many leaves there are, and what became of them; the structural checker counts steps
        that are no leaves.
    seconds:
        Time it took.
    messages:
        One for each that was not accepted.
    refused:
        Names of the results that were not accepted, or that rest on one that was not.
    statements:
        Names of the textbook statements that were proved again, by a checker that does so.
    unfinished:
        How many of the unknown the clock ended: not finished on this machine.
    present:
        Whether the checker could be run at all.
    sound:
        Whether the whole is in order: no audit failed.
    proved, refuted:
        The leaves, by result and step, that are proved, and those that are shown to be false.
    pending:
        Of the refused, those against which nothing was found: a clock ended the checker.
    left_out:
        Which textbook statements were not proved again, and why.
    oracles:
        How many of the unknown the files themselves assume.
    """

    leaves: int
    accepted: int
    rejected: int
    unknown: int
    seconds: float
    messages: tuple[str, ...] = ()
    refused: frozenset[str] = frozenset()
    statements: tuple[str, ...] = ()
    unfinished: int = 0
    present: bool = True
    sound: bool = True
    proved: frozenset[tuple[str, int]] = frozenset()
    refuted: frozenset[tuple[str, int]] = frozenset()
    pending: frozenset[str] = frozenset()
    left_out: str = ""
    oracles: int = 0


@dataclass(frozen=True)
class Settings:
    """Where files may be written, and when the clock ends a solver."""

    folder: Path | None = None
    jobs: int = 1
    seconds: float = CLOCK


NO_CVC5: Final = "cvc5 is not installed: pip install 'depth-verifier[cvc5]'"

Contents = Mapping[str, Any]
Checker = Callable[["Admitted", Settings], Report]
# A leaf's fate: accepted, rejected, unknown or unfinished, and why.
Fate = tuple[str, str]
# Frames of recursion a term of the deepest kind may need, whoever calls.
FRAMES: Final = 20_000
# Nodes of the longest formula that is written for Coq; the library's has 500.
WRITTEN: Final = 100_000
# Digits of the longest literal that is: Coq's procedures are slow with numbers.
LITERAL: Final = 200
# How many messages a report has.
MESSAGES: Final = 200
# Characters of a message of Coq's.
LONGEST: Final = 1000


@dataclass(frozen=True)
class Admitted:
    """Files that went through the reader that stands in front of every checker.

    Attributes
    ----------
    contents, documents:
        Those that were read: as JSON values, and as documents.
    faults:
        What is wrong with the others.
    """

    contents: Contents
    documents: Mapping[str, Document]
    faults: tuple[Rejected, ...]


def admit(contents: Contents) -> Admitted:
    """Read files: whatever is ill-formed in any way is refused here, for every checker alike."""
    documents: dict[str, Document] = {}
    faults: list[Rejected] = []
    for name, content in contents.items():
        try:
            document = read(name, content)
            check_ending(document)
            documents[name] = document
        except Rejected as error:
            faults.append(error)
    read_ones = {name: contents[name] for name in documents}
    return Admitted(read_ones, documents, tuple(faults))


def load_folder(folder: Path) -> dict[str, Any]:
    """The derivation files of a folder, as JSON values by name.

    Raises
    ------
    BadInput
        If there are none, or one is not JSON.
    """
    contents: dict[str, Any] = {}
    for path in sorted(folder.glob("*.json")):
        try:
            contents[path.stem] = load(path)
        except IllFormed as error:
            contents[path.stem] = Unreadable(str(error))
    if not contents:
        raise BadInput(str(folder), "no derivation files (NAME.json) in it")
    return contents


def structure(admitted: Admitted, _: Settings) -> Report:
    """Every step but the leaves, and how the files fit together."""
    start = time.perf_counter()
    documents = admitted.documents
    faults: list[Rejected] = list(admitted.faults)
    concerned = {fault.name for fault in faults}
    for document in documents.values():
        try:
            check_document(document)
        except Rejected as error:
            faults.append(error)
            concerned.add(document.name)
    for conflict in conflicts(documents):
        faults.append(conflict)
        concerned |= conflict.concerned
    # A file without steps, or one that cannot be read, still counts as something rejected.
    sizes = {n: sum(s.rule not in LEAVES for s in d.steps) for n, d in documents.items()}
    lost = sum(max(sizes.get(name, 1), 1) for name in concerned)
    accepted = sum(size for name, size in sizes.items() if name not in concerned)
    return Report(
        accepted + lost, accepted, lost, 0, time.perf_counter() - start,
        tuple(map(str, faults)), resting_on(documents, concerned),
    )  # fmt: skip


def cvc5(admitted: Admitted, settings: Settings) -> Report:
    """Every leaf, decided by cvc5; unknown, all of them, where it is not installed."""
    if importlib.util.find_spec("cvc5") is None:
        missing = _each_leaf(admitted, lambda _: ("unknown", ""))
        return replace(missing, messages=(NO_CVC5,), present=False)

    def decide(leaf: Leaf) -> Fate:
        try:
            # Powers of powers fit in a thousand bytes, and in no solver: it would run to its clock.
            Problem(leaf.premises, leaf.goal)
        except TooLarge as error:
            return "unknown", f"{error}: {text(leaf)}"
        verdict = cvc5_check.decide(leaf.premises, leaf.goal, settings.seconds, solver)
        if verdict.status == "proved":
            return "accepted", ""
        if verdict.status == "refuted":
            return "rejected", f"the file says {text(leaf)}; cvc5 says not, at {verdict.detail}"
        if verdict.status == "unfinished":
            return "unfinished", f"not finished on this machine ({verdict.detail}): {text(leaf)}"
        return "unknown", f"cvc5 gave up ({verdict.detail}) on {text(leaf)}"

    with cvc5_check.Cvc5() as solver:
        return _each_leaf(admitted, decide)


def certificates(admitted: Admitted, _: Settings) -> Report:
    """Every leaf, by its certificate, without any solver."""

    def decide(leaf: Leaf) -> Fate:
        if leaf.assumed:
            return "unknown", f"assumed without a certificate: {text(leaf)}"
        try:
            check(Problem(leaf.premises, leaf.goal), leaf.certificate)
        except BadCertificate as error:
            return "rejected", f"the certificate of {text(leaf)} is refused: {error}"
        except TooLarge as error:
            return "unknown", f"{error}: {text(leaf)}"
        return "accepted", ""

    # That a certificate is bad does not show that its leaf is false.
    found = _each_leaf(admitted, decide, lambda leaf: json.dumps([leaf.assumed, leaf.certificate]))
    return replace(found, refuted=frozenset())


def text(leaf: Leaf) -> str:
    """A leaf for a reader."""
    premises = ", ".join(formula_text(p, parts=100) for p in leaf.premises[:10])
    more = ", …" if len(leaf.premises) > 10 else ""
    return f"{premises}{more} ⊢ {formula_text(leaf.goal, parts=100)}".lstrip()


def _each_leaf(
    admitted: Admitted,
    decide: Callable[[Leaf], Fate],
    beside: Callable[[Leaf], str] = lambda _: "",
) -> Report:
    """A report on every leaf; leaves of equal content are decided once.

    Parameters
    ----------
    beside:
        What else than premises and goal the fate of a leaf depends on.
    """
    start = time.perf_counter()
    fates: dict[str, Fate] = {}
    counts = {"accepted": 0, "rejected": len(admitted.faults), "unknown": 0, "unfinished": 0}
    messages = list(map(str, admitted.faults))
    refused = {fault.name for fault in admitted.faults}
    worst: dict[str, set[str]] = {}
    oracles = 0
    places: dict[str, set[tuple[str, int]]] = {"accepted": set(), "rejected": set()}
    for name, document in admitted.documents.items():
        for leaf in leaves(document):
            key = address(leaf.premises, leaf.goal) + beside(leaf)
            if key not in fates:
                fates[key] = decide(leaf)
            fate, reason = fates[key]
            counts[fate] += 1
            places.setdefault(fate, set()).add((name, leaf.step))
            oracles += leaf.assumed and fate == "unknown"
            if fate != "accepted":
                messages.append(f"{name}: step {leaf.step}: {reason}")
                refused.add(name)
                worst.setdefault(name, set()).add(fate)
    return Report(
        sum(counts.values()), counts["accepted"], counts["rejected"],
        counts["unknown"] + counts["unfinished"], time.perf_counter() - start, tuple(messages),
        resting_on(admitted.documents, refused), unfinished=counts["unfinished"],
        proved=frozenset(places["accepted"]), refuted=frozenset(places["rejected"]),
        pending=frozenset(name for name, found in worst.items() if found == {"unfinished"}),
        oracles=oracles,
    )  # fmt: skip


def coq(admitted: Admitted, settings: Settings) -> Report:
    """Everything again, by Coq's kernel."""
    from verifier.recheck.coq import run as exporter

    if settings.folder is None:
        raise BadInput("--with coq", "needs a folder to write its files to")
    nothing = exporter.Report(0, 0, 0, 0, 0.0)
    documents = admitted.documents
    # Coq's files need what they cite; whatever does not fit together is not written at all.
    misfits = conflicts(documents)
    concerned = frozenset({f.name for f in admitted.faults}.union(*(c.concerned for c in misfits)))
    # Coq reads trees: what is shared in a file would be written out as often as it is used.
    long = {name for name, d in documents.items() if not writable(d)} - concerned
    left_out = resting_on(documents, concerned | long)
    contents = {name: c for name, c in admitted.contents.items() if name not in left_out}
    found = nothing
    if contents:
        # With nothing left there is nothing to ask Coq, which takes its time to say so.
        clock = settings.seconds * FILE_CLOCK / CLOCK
        try:
            found = exporter.check(contents, settings.folder, settings.jobs, clock)
        except OSError as error:
            # A full disk is no fault of a derivation.
            raise BadInput.unwritable(settings.folder, error) from error
    fates = dict(found.results)
    if not found.finished:
        fates = {n: "unfinished" if fate == "accepted" else fate for n, fate in fates.items()}
    refused = resting_on(documents, [*left_out, *(n for n in fates if fates[n] != "accepted")])
    said = [f"{name}: too large to be written for Coq" for name in sorted(long)]
    depending = left_out - concerned - long
    said += [f"{name}: not checked: it cites what was not" for name in sorted(depending)]
    lost = len(admitted.faults) + len(concerned & documents.keys())
    unsure = len(long) + len(depending)
    return Report(
        found.leaves + lost + unsure, found.accepted, found.rejected + lost, found.unknown + unsure,
        found.seconds,
        tuple(_cut(str(m)) for m in (*admitted.faults, *misfits, *said, *found.messages)), refused,
        found.statements, found.unfinished, exporter.present(), found.sound,
        left_out=found.left_out,
        pending=frozenset(n for n, fate in fates.items() if fate == "unfinished"),
        proved=frozenset(
            (name, leaf.step)
            for name, fate in fates.items()
            if fate == "accepted"
            for leaf in leaves(documents[name])
        ),
    )  # fmt: skip


def _cut(message: str) -> str:
    """A message of a length that a page can show; Coq repeats what it was given."""
    return message if len(message) <= LONGEST else f"{message[:LONGEST]} …"


def writable(document: Document) -> bool:
    """Whether Coq can take a document written out: no formula is long, and no literal is."""
    terms = [
        t
        for step in document.steps
        for t in (step.conclusion, *step.hypotheses, *step.parameters.values())
        if isinstance(t, Term)
    ]
    for meaning in document.definitions.values():
        terms += [t for t in (meaning.body, meaning.successor) if t is not None]
    if any(t.size > WRITTEN for t in terms):
        return False
    literals = (t.data for t in subterms(*terms) if t.operator == "number")
    return all(max(abs(v.numerator), v.denominator) < 10**LITERAL for v in literals)


CHECKERS: Final[dict[str, Checker]] = {
    "structure": structure,
    "cvc5": cvc5,
    "certificates": certificates,
    "coq": coq,
}


def run(name: str, contents: Contents, settings: Settings) -> Report:
    """One checker on files: a function of the module, so that processes may run it."""
    with room():
        report = CHECKERS[name](admit(contents), settings)
    more = len(report.messages) - MESSAGES
    if more <= 0:
        return report
    # A file of a megabyte can have a fault in each of its hundred thousand steps.
    return replace(report, messages=(*report.messages[:MESSAGES], f"and {more} more like these"))


@contextmanager
def room() -> Iterator[None]:
    """Terms are walked by recursion to a depth of their own, wherever the caller stands."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def contradictions(reports: Mapping[str, Report]) -> list[str]:
    """Leaves that one checker proves and another shows to be false: one of the two is wrong."""
    return sorted(
        f"{name}: step {step}: {yes} accepts the leaf, {no} shows that it is false"
        for yes, one in reports.items()
        for no, other in reports.items()
        for name, step in one.proved & other.refuted
    )


def closure(contents: Contents, names: Iterable[str]) -> dict[str, Any]:
    """The files of the named results, and of all they cite, however far below.

    Raises
    ------
    BadInput
        If there is no file of a named result.
    """
    todo, found = list(names), {}
    for name in todo:
        if name not in contents:
            raise BadInput(name, "there is no derivation of this name")
    while todo:
        name = todo.pop()
        if name in found or name not in contents:
            continue
        found[name] = contents[name]
        steps = contents[name].get("steps", []) if isinstance(contents[name], dict) else []
        for step in steps if isinstance(steps, list) else []:
            if isinstance(step, dict) and step.get("rule") == "cite":
                cited = step.get("parameters")
                wanted = cited.get("name") if isinstance(cited, dict) else None
                todo += [wanted] if isinstance(wanted, str) else []
    return {name: contents[name] for name in contents if name in found}
