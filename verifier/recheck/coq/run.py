"""Every derivation checked by Coq's kernel.

:func:`check` writes one ``.v`` file a result, compiles them in order of dependence, lists the
axioms each theorem rests on, and lets ``coqchk`` read the compiled files again.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from verifier.errors import BadInput
from verifier.recheck.coq.export import CoqFile, collect, definitions_file, export
from verifier.recheck.coq.names import result_name
from verifier.recheck.coq.terms import Document, Terms, read

# What the standard library's real numbers rest on; a theorem may rest on nothing else.
ALLOWED_AXIOMS: Final = frozenset(
    {
        "ClassicalDedekindReals.sig_forall_dec",
        "ClassicalDedekindReals.sig_not_dec",
        "FunctionalExtensionality.functional_extensionality_dep",
    }
)
SECONDS_A_FILE: Final = 300
SLOW_LEAF_SECONDS: Final = 2.0
BASE_MODULES: Final = ("Prelude", "Definitions")
# The statements in textbook terms: a page of definitions, and their proofs.
TEXTBOOK_MODULES: Final = ("Statements", "Bridge")
TEXTBOOK_THEOREMS: Final = (
    "lemma_2_3_sum", "lemma_2_3_composition", "lemma_2_1", "theorem_1_1", "theorem_1_2",
    "depth_separation_sharp",
)  # fmt: skip
INSTALL: Final = (
    "Coq is not installed: coqc is not on the path "
    "(Debian, Ubuntu: apt-get install --no-install-recommends coq)"
)


@dataclass(frozen=True)
class Report:
    """What Coq said of a set of derivations.

    Attributes
    ----------
    leaves:
        How many leaves there are.  Whatever else is wrong (an axiom nobody named, a file without
        leaves that Coq refuses, a complaint of ``coqchk``) counts as one more, rejected.
    accepted, rejected, unknown:
        Of them: proved; in a file Coq refuses, or refuted; without a proof found, or not tried.
    seconds:
        Wall-clock time of everything.
    messages:
        One line for each thing that is not as it should be.
    results:
        ``accepted``, ``rejected`` or ``unknown`` for each result.
    timings:
        Seconds Coq spent on each leaf, by result and step.
    statements:
        The theorems of ``Statements.v`` that were proved: all, or none if some result they rest
        on is not among the files.
    axioms:
        Names of the axioms that the files themselves state.
    """

    leaves: int
    accepted: int
    rejected: int
    unknown: int
    seconds: float
    messages: tuple[str, ...] = ()
    results: Mapping[str, str] = field(default_factory=dict)
    timings: Mapping[tuple[str, int], float] = field(default_factory=dict)
    statements: tuple[str, ...] = ()
    axioms: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether everything is accepted."""
        return not self.messages and self.accepted == self.leaves

    @property
    def slow(self) -> tuple[tuple[str, int, float], ...]:
        """Leaves that took long: result, step, seconds, the slowest first."""
        found = [(n, s, t) for (n, s), t in self.timings.items() if t > SLOW_LEAF_SECONDS]
        return tuple(sorted(found, key=lambda entry: -entry[2]))


@dataclass
class _Outcome:
    """What became of one file."""

    status: str = "accepted"
    failed: dict[int, str] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    timings: dict[int, float] = field(default_factory=dict)


def present() -> bool:
    """Whether Coq can be run here."""
    return shutil.which("coqc") is not None and shutil.which("coqchk") is not None


def by_hand(module: str) -> str:
    """The text of a file of ``proofs/coq``, written by hand."""
    return (files("proofs") / "coq" / f"{module}.v").read_text(encoding="utf-8")


def check(documents: Mapping[str, Mapping[str, Any]], folder: Path, jobs: int = 1) -> Report:
    """Let Coq check derivation files.

    Parameters
    ----------
    documents:
        Derivation documents by result name; what one cites must be among them.
    folder:
        Where the ``.v`` files and what Coq makes of them go; made if it does not exist.
    jobs:
        How many ``coqc`` run at a time.

    Returns
    -------
    Report
        With every leaf unknown and one message if Coq is not installed.

    Raises
    ------
    BadInput
        If a document is not in the format, or what it cites is missing or circular.
    """
    start = time.perf_counter()
    terms = Terms()
    read_documents = {name: read(document, terms) for name, document in documents.items()}
    leaves = sum(document.leaves for document in read_documents.values())
    order = in_order(read_documents)
    if not present():
        nothing = dict.fromkeys(documents, "unknown")
        return Report(leaves, 0, 0, leaves, time.perf_counter() - start, (INSTALL,), nothing)
    coq_files = write(terms, read_documents, order, folder)
    faults = [problem for name in BASE_MODULES if (problem := _compile_by_hand(name, folder))]
    outcomes: dict[str, _Outcome] = {}
    statements: tuple[str, ...] = ()
    if not faults:
        outcomes = _compile_all(read_documents, coq_files, folder, jobs)
        compiled = [result_name(n) for n in order if outcomes[n].status == "accepted"]
        theorems = [(name, name) for name in compiled]
        modules = [*BASE_MODULES, *compiled]
        if textbook_needs() <= set(compiled):
            faults = [f for name in TEXTBOOK_MODULES if (f := _compile_by_hand(name, folder))]
            if not faults:
                statements = TEXTBOOK_THEOREMS
                theorems += [("Bridge", name) for name in statements]
                modules += TEXTBOOK_MODULES
        stated = {f"{file.name}.{axiom}" for file in coq_files.values() for axiom in file.axioms}
        faults += audit(theorems, folder, ALLOWED_AXIOMS | stated) + recheck(modules, folder)
    report = _report(read_documents, outcomes, faults, time.perf_counter() - start)
    named = [
        s.parameters["name"] for d in read_documents.values() for s in d.steps if s.rule == "axiom"
    ]
    return replace(report, statements=statements, axioms=tuple(sorted(set(named))))


def textbook_needs() -> frozenset[str]:
    """The Coq names of the results that ``Bridge.v`` proves the textbook statements from."""
    required = re.search(
        r"^\(\* exported \*\)\s*From Derivations Require ([^.]*)\.", by_hand("Bridge"), re.M
    )
    if required is None:
        raise BadInput("Bridge.v", "the line that requires the exported results is not marked")
    return frozenset(required.group(1).split())


def in_order(documents: Mapping[str, Document]) -> tuple[str, ...]:
    """The results' names, what is cited first.

    Raises
    ------
    BadInput
        If something cited is missing or circular.
    """
    for name, document in documents.items():
        if document.name != name:
            raise BadInput(name, f"the file is about {document.name}")
        for cited in document.cited:
            if cited not in documents:
                raise BadInput(name, f"cites {cited}, which is not among the files")
    try:
        return tuple(TopologicalSorter({n: d.cited for n, d in documents.items()}).static_order())
    except CycleError as error:
        raise BadInput(str(error.args[1][0]), "cites itself through other results") from error


def write(
    terms: Terms, documents: Mapping[str, Document], order: tuple[str, ...], folder: Path
) -> dict[str, CoqFile]:
    """Write the ``.v`` files of all documents."""
    folder.mkdir(parents=True, exist_ok=True)
    symbols = collect(documents[name] for name in order)
    (folder / "Definitions.v").write_text(definitions_file(symbols), encoding="utf-8")
    made = {name: _exported(terms, documents[name]) for name in order}
    for file in made.values():
        (folder / f"{file.name}.v").write_text(file.text(), encoding="utf-8")
    return made


def _exported(terms: Terms, document: Document) -> CoqFile:
    """The file of a result; one whose steps do not even have their rules' shape says why."""
    try:
        return export(terms, document)
    except (BadInput, LookupError, TypeError, AttributeError, ValueError, RecursionError) as error:
        why = f"not an instance of its rules: {type(error).__name__}: {error}"
        head = ""
        return CoqFile(result_name(document.name), head, (), "", document.leaves, why)


def _run(command: list[str], folder: Path) -> tuple[int, str, str]:
    """Run a Coq program; a timeout is exit code 124."""
    try:
        done = subprocess.run(  # noqa: S603 - the programs are Coq's, the arguments our own
            command, cwd=folder, capture_output=True, text=True, timeout=SECONDS_A_FILE,
            encoding="utf-8",
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return 124, "", f"stopped after {SECONDS_A_FILE} s"
    return done.returncode, done.stdout, done.stderr


def coqc(name: str, folder: Path) -> tuple[int, str, str]:
    """Compile ``name.v``; gives exit code, standard output with each sentence's time, errors."""
    return _run(["coqc", "-q", "-time", "-Q", ".", "Derivations", f"{name}.v"], folder)


def _compile_by_hand(name: str, folder: Path) -> str:
    """Compile a file that is not a result's; gives what is wrong."""
    if name != "Definitions":
        (folder / f"{name}.v").write_text(by_hand(name), encoding="utf-8")
    code, _, errors = coqc(name, folder)
    return f"{name}.v: {errors.strip()}" if code else ""


def _compile_all(
    documents: Mapping[str, Document], coq_files: Mapping[str, CoqFile], folder: Path, jobs: int
) -> dict[str, _Outcome]:
    """Compile every file after what it cites."""
    sorter = TopologicalSorter({n: d.cited for n, d in documents.items()})
    sorter.prepare()
    outcomes: dict[str, _Outcome] = {}
    running: dict[Future[_Outcome], str] = {}
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        while sorter.is_active():
            for name in sorter.get_ready():
                below = [c for c in documents[name].cited if not _usable(outcomes[c])]
                if below:
                    said = f"{name}: not checked, it cites {', '.join(below)}"
                    outcomes[name] = _Outcome("unknown", messages=[said])
                    sorter.done(name)
                else:
                    running[pool.submit(_compile, coq_files[name], name, folder)] = name
            finished, _ = wait(running, return_when=FIRST_COMPLETED) if running else ((), ())
            for future in finished:
                name = running.pop(future)
                outcomes[name] = future.result()
                sorter.done(name)
    return outcomes


def _usable(outcome: _Outcome) -> bool:
    """Whether a compiled file exists: leaves may be lacking, but every other step is right."""
    return outcome.status == "accepted" or bool(outcome.failed)


def _compile(file: CoqFile, name: str, folder: Path) -> _Outcome:
    """Compile one file; a leaf that fails is admitted, so that the others are still tried."""
    outcome = _Outcome()
    if file.fault:
        return _Outcome("rejected", messages=[f"{name}: {file.fault}"])
    for part in file.parts:
        if part.problem:
            outcome.failed[part.step] = "rejected" if part.refuted else "unknown"
            outcome.messages.append(f"{name}: step {part.step}: {part.problem}")
    leaves = {p.step for p in file.parts if p.text.startswith(f"Lemma leaf_{p.step} ")}
    while True:
        text = file.text(outcome.failed)
        (folder / f"{file.name}.v").write_text(text, encoding="utf-8")
        code, out, errors = coqc(file.name, folder)
        if not code:
            outcome.timings = _times(text, out)
            break
        step = _failing_step(text, errors)
        if code == 124 or step not in leaves or step in outcome.failed:
            outcome.status = "unknown" if code == 124 else "rejected"
            outcome.failed.clear()
            place = "" if step is None else f"step {step}: "
            outcome.messages.append(f"{name}: {place}{' '.join(errors.split())[:600]}")
            return outcome
        outcome.failed[step] = "unknown"
        said = " ".join(errors.split())[:300]
        outcome.messages.append(f"{name}: step {step}: Coq does not accept the leaf: {said}")
    if outcome.failed:
        outcome.status = "rejected" if "rejected" in outcome.failed.values() else "unknown"
    return outcome


_SENTENCE: Final = re.compile(r"^(?:Lemma leaf|Definition step|Lemma step|Axiom step)_(\d+)", re.M)


def _step_at(text: str, position: int) -> int | None:
    """The step whose sentences stand at a position of a file."""
    found = None
    for match in _SENTENCE.finditer(text):
        if match.start() > position:
            break
        found = int(match.group(1))
    return found


def _failing_step(text: str, errors: str) -> int | None:
    where = re.search(r'^File "[^"]*", line (\d+), characters', errors, re.M)
    if where is None:
        return None
    line = int(where.group(1))
    return _step_at(text, sum(len(s) for s in text.splitlines(keepends=True)[:line]) - 1)


def _times(text: str, out: str) -> dict[int, float]:
    """Seconds of each leaf's lemma, from the times of a file's sentences."""
    data = text.encode()
    starts = [
        (len(text[: m.start()].encode()), int(m.group(1)), m.group(0).startswith("Lemma leaf"))
        for m in _SENTENCE.finditer(text)
    ]
    totals: dict[int, float] = {}
    index = 0
    for place, seconds in _sentence_times(out):
        while index + 1 < len(starts) and starts[index + 1][0] <= place < len(data):
            index += 1
        if starts and starts[index][2] and starts[index][0] <= place:
            step = starts[index][1]
            totals[step] = totals.get(step, 0.0) + seconds
    return totals


def _sentence_times(out: str) -> Iterator[tuple[int, float]]:
    for match in re.finditer(r"^Chars (\d+) - \d+ .* ([\d.]+) secs", out, re.M):
        yield int(match.group(1)), float(match.group(2))


def audit(
    theorems: Sequence[tuple[str, str]], folder: Path, allowed: frozenset[str] = ALLOWED_AXIOMS
) -> list[str]:
    """What is wrong with the axioms that theorems rest on.

    Parameters
    ----------
    theorems:
        Module and name of each.
    allowed:
        The axioms they may rest on, as Coq prints them.
    """
    if not theorems:
        return []
    # Coq walks through what a term rests on once: asked about all theorems together it is quick.
    together = [f"{module}.{name}" for module, name in theorems]
    whole = together[-1]
    for one in reversed(together[:-1]):
        whole = f"(conj {one} {whole})"
    said, fault = _assumptions(
        theorems, [f"Definition everything := {whole}."], ["everything"], folder
    )
    if fault or not said[0] - allowed:
        return [fault] if fault else []
    said, fault = _assumptions(theorems, [], together, folder)
    if fault:
        return [fault]
    return [
        f"{name} rests on {', '.join(sorted(axioms - allowed))}"
        for (_, name), axioms in zip(theorems, said, strict=True)
        if axioms - allowed
    ]


def _assumptions(
    theorems: Sequence[tuple[str, str]], before: list[str], asked: list[str], folder: Path
) -> tuple[list[frozenset[str]], str]:
    """The axioms of each name asked for, and what went wrong."""
    modules = dict.fromkeys(module for module, _ in theorems)
    lines = [f"From Derivations Require {module}." for module in modules]
    lines += [*before, *(f"Print Assumptions {name}." for name in asked)]
    (folder / "Audit.v").write_text("\n".join(lines) + "\n", encoding="utf-8")
    code, out, errors = _run(["coqc", "-q", "-Q", ".", "Derivations", "Audit.v"], folder)
    if code:
        return [], f"Audit.v: {errors.strip()}"
    answers = [a for a in re.split(r"^(?=Axioms:|Closed under)", out, flags=re.M) if a.strip()]
    if len(answers) != len(asked):
        return [], f"Audit.v: {len(answers)} answers about {len(asked)} theorems"
    return [axioms_in(answer) for answer in answers], ""


def axioms_in(answer: str) -> frozenset[str]:
    """The names that one answer of ``Print Assumptions`` lists.

    Examples
    --------
    >>> sorted(axioms_in("Axioms:\\nA.b : forall x,\\n  x = x\\nc\\n  : nat\\n"))
    ['A.b', 'c']
    """
    return frozenset(re.findall(r"^(?!Axioms:|Closed under)([^\s:]+)", answer, re.M))


def recheck(modules: list[str], folder: Path) -> list[str]:
    """What ``coqchk`` says against compiled files; the standard library is taken as it is."""
    named = [word for module in modules for word in ("-norec", f"Derivations.{module}")]
    code, out, errors = _run(["coqchk", "-silent", "-Q", ".", "Derivations", *named], folder)
    return [f"coqchk: {' '.join((out + errors).split())[:600]}"] if code else []


def _report(
    documents: Mapping[str, Document],
    outcomes: Mapping[str, _Outcome],
    faults: Sequence[str],
    seconds: float,
) -> Report:
    """Count leaves; ``faults`` are what is wrong with other things than one file."""
    counts = {"accepted": 0, "rejected": len(faults), "unknown": 0}
    timings: dict[tuple[str, int], float] = {}
    messages: list[str] = []
    for name, document in documents.items():
        outcome = outcomes.get(name, _Outcome("unknown"))
        bad = list(outcome.failed.values())
        for status in bad:
            counts[status] += 1
        whole = "accepted" if bad else outcome.status
        counts[whole] += document.leaves - len(bad)
        if outcome.status != "accepted" and not document.leaves:
            counts[outcome.status] += 1
        timings.update({(name, step): t for step, t in outcome.timings.items()})
        messages += outcome.messages
    results = {n: outcomes.get(n, _Outcome("unknown")).status for n in documents}
    return Report(
        sum(counts.values()), counts["accepted"], counts["rejected"], counts["unknown"],
        seconds, (*messages, *faults), results, timings,
    )  # fmt: skip
