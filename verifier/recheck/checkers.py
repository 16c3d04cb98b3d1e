"""The checkers, and what each has to say about a library of derivation files.

A checker takes derivation files as JSON values by name and gives a :class:`Report`.
"""

from __future__ import annotations

import importlib.util
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from verifier.errors import BadInput
from verifier.recheck import cvc5_check, store
from verifier.recheck.certificates import check
from verifier.recheck.document import Document, read
from verifier.recheck.errors import BadCertificate, Rejected
from verifier.recheck.polynomials import Problem, address
from verifier.recheck.structure import Leaf, check_document, check_library, leaves


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
        Names of the results that were not accepted.
    statements:
        Names of the textbook statements that were proved again, by a checker that does so.
    """

    leaves: int
    accepted: int
    rejected: int
    unknown: int
    seconds: float
    messages: tuple[str, ...] = ()
    refused: frozenset[str] = frozenset()
    statements: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    """Where certificates are, and where files may be written."""

    certificates: Path
    folder: Path | None = None
    jobs: int = 1


NO_CVC5: Final = "cvc5 is not installed: pip install 'depth-verifier[cvc5]'"

Contents = Mapping[str, Any]
Checker = Callable[[Contents, Settings], Report]
# A leaf's fate: accepted, rejected or unknown, and why.
Fate = tuple[str, str]


def load_folder(folder: Path) -> dict[str, Any]:
    """The derivation files of a folder, as JSON values by name.

    Raises
    ------
    BadInput
        If there are none, or one is not JSON.
    """
    contents = {}
    for path in sorted(folder.glob("*.json")):
        try:
            contents[path.stem] = json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError) as error:
            raise BadInput(str(path), f"not a JSON file: {error}") from error
    if not contents:
        raise BadInput(str(folder), "no derivation files (NAME.json) in it")
    return contents


def structure(contents: Contents, _: Settings) -> Report:
    """Every step but the leaves, and how the files fit together."""
    start = time.perf_counter()
    documents: dict[str, Document] = {}
    faults: list[Rejected] = []
    steps = 0
    for name, content in contents.items():
        try:
            documents[name] = read(name, content)
            check_document(documents[name])
        except Rejected as error:
            faults.append(error)
    for document in documents.values():
        steps += sum(s.rule != "leaf" for s in document.steps)
    try:
        check_library(documents)
    except Rejected as error:
        faults.append(error)
    refused = frozenset(f.name for f in faults)
    lost = sum(len(documents[n].steps) if n in documents else 1 for n in refused)
    return Report(
        max(steps, lost), max(steps - lost, 0), lost, 0, time.perf_counter() - start,
        tuple(map(str, faults)), refused,
    )  # fmt: skip


def axioms(contents: Contents) -> list[str]:
    """Names of the axioms the files assume."""
    found = set()
    for name, content in contents.items():
        for step in read(name, content).steps:
            if step.rule == "axiom":
                found.add(step.parameters["name"])
    return sorted(found)


def cvc5(contents: Contents, _: Settings) -> Report:
    """Every leaf, decided by cvc5; unknown, all of them, where it is not installed."""
    if importlib.util.find_spec("cvc5") is None:
        missing = _each_leaf(contents, lambda *_: ("unknown", ""))
        return replace(missing, messages=(NO_CVC5,))

    def decide(leaf: Leaf, __: str) -> Fate:
        verdict = cvc5_check.decide(leaf.premises, leaf.goal)
        if verdict.status == "proved":
            return "accepted", ""
        if verdict.status == "refuted":
            return "rejected", f"the file says {text(leaf)}; cvc5 says not, at {verdict.detail}"
        return "unknown", f"cvc5 gave up ({verdict.detail}) on {text(leaf)}"

    return _each_leaf(contents, decide)


def certificates(contents: Contents, settings: Settings) -> Report:
    """Every leaf, by its certificate, without any solver."""
    known = store.load(settings.certificates)

    def decide(leaf: Leaf, key: str) -> Fate:
        if key not in known:
            return "unknown", "no certificate is kept; run with --find"
        try:
            check(Problem(leaf.premises, leaf.goal), known[key])
        except BadCertificate as error:
            return "rejected", f"the certificate of {text(leaf)} is refused: {error}"
        return "accepted", ""

    return _each_leaf(contents, decide)


def text(leaf: Leaf) -> str:
    """A leaf for a reader."""
    return f"{', '.join(map(str, leaf.premises))} ⊢ {leaf.goal}".lstrip()


def _each_leaf(contents: Contents, decide: Callable[[Leaf, str], Fate]) -> Report:
    """A report on every leaf; leaves of equal content are decided once."""
    start = time.perf_counter()
    fates: dict[str, Fate] = {}
    counts = {"accepted": 0, "rejected": 0, "unknown": 0}
    messages: list[str] = []
    refused: set[str] = set()
    for name, content in contents.items():
        try:
            document = read(name, content)
        except Rejected as error:
            counts["rejected"] += 1
            messages.append(str(error))
            refused.add(name)
            continue
        for leaf in leaves(document):
            key = address(leaf.premises, leaf.goal)
            if key not in fates:
                fates[key] = decide(leaf, key)
            fate, reason = fates[key]
            counts[fate] += 1
            if fate != "accepted":
                messages.append(f"{name}: step {leaf.step}: {reason}")
                refused.add(name)
    return Report(
        sum(counts.values()), counts["accepted"], counts["rejected"], counts["unknown"],
        time.perf_counter() - start, tuple(messages), frozenset(refused),
    )  # fmt: skip


def coq(contents: Contents, settings: Settings) -> Report:
    """Everything again, by Coq's kernel."""
    from verifier.recheck.coq import run as exporter

    if settings.folder is None:
        raise BadInput("--with coq", "needs a folder to write its files to")
    found = exporter.check(contents, settings.folder, settings.jobs)
    return Report(
        found.leaves, found.accepted, found.rejected, found.unknown, found.seconds,
        tuple(found.messages),
        frozenset(name for name, fate in found.results.items() if fate != "accepted"),
        found.statements,
    )  # fmt: skip


CHECKERS: Final[dict[str, Checker]] = {
    "structure": structure,
    "cvc5": cvc5,
    "certificates": certificates,
    "coq": coq,
}


def run(name: str, contents: Contents, settings: Settings) -> Report:
    """One checker on files: a function of the module, so that processes may run it."""
    return CHECKERS[name](contents, settings)


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
                cited = step.get("parameters", {})
                todo += [cited["name"]] if isinstance(cited.get("name"), str) else []
    return {name: contents[name] for name in contents if name in found}
