"""Every derivation checked by Coq's kernel.

:func:`check` writes one ``.v`` file a result, compiles them in order of dependence, lists the
axioms each theorem rests on, and lets ``coqchk`` read the compiled files again.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from verifier.errors import BadInput, LimitReached
from verifier.recheck.coq.export import CoqFile, collect, definitions_file, export
from verifier.recheck.coq.names import result_name
from verifier.recheck.coq.terms import Document, Terms, read
from verifier.recheck.outside import processes

# What the standard library's real numbers rest on; a theorem may rest on nothing else.
ALLOWED_AXIOMS: Final = frozenset(
    {
        "ClassicalDedekindReals.sig_forall_dec",
        "ClassicalDedekindReals.sig_not_dec",
        "FunctionalExtensionality.functional_extensionality_dep",
    }
)
# What Coq says when the machine, not the file, is at its end.
EXHAUSTED: Final = re.compile(r"Stack overflow|Out of memory|Fatal error: out of memory")
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
    unfinished:
        How many of the unknown Coq did not finish on this machine.
    left_out:
        Which textbook statements were not proved again, and why.
    sound:
        Whether nothing was found against the whole: axioms, textbook statements, ``coqchk``.
    finished:
        Whether all of that was looked at; if not, nothing is accepted yet.
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
    unfinished: int = 0
    left_out: str = ""
    sound: bool = True
    finished: bool = True

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


class Unfinished(LimitReached):
    """Coq was ended, or the machine's memory was: nothing is known of what it was to check."""


def check(
    documents: Mapping[str, Mapping[str, Any]],
    folder: Path,
    jobs: int = 1,
    seconds: float = processes.FILE_CLOCK,
) -> Report:
    """Let Coq check derivation files.

    Parameters
    ----------
    documents:
        Derivation documents by result name; what one cites must be among them.
    folder:
        Where the ``.v`` files and what Coq makes of them go; made if it does not exist.
    jobs:
        How many ``coqc`` run at a time.
    seconds:
        When a Coq program is ended; what it was to check is then unknown.

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
    outcomes: dict[str, _Outcome] = {}
    whole = _Whole()
    try:
        whole.faults += _compile_by_hand(BASE_MODULES, folder, seconds)
        if not whole.faults:
            outcomes = _compile_all(read_documents, coq_files, folder, jobs, seconds)
            _check_whole(whole, read_documents, coq_files, outcomes, folder, seconds)
    except Unfinished as error:
        whole.doubts.append(str(error))
    report = _report(read_documents, outcomes, whole, time.perf_counter() - start)
    named = [
        s.parameters["name"] for d in read_documents.values() for s in d.steps if s.rule == "axiom"
    ]
    return replace(report, axioms=tuple(sorted(set(named))))


@dataclass
class _Whole:
    """What is found of more than one file: faults, what was not finished, textbook statements."""

    faults: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    statements: tuple[str, ...] = ()
    left_out: str = ""


def _check_whole(
    whole: _Whole,
    documents: Mapping[str, Document],
    coq_files: Mapping[str, CoqFile],
    outcomes: Mapping[str, _Outcome],
    folder: Path,
    seconds: float,
) -> None:
    """The axioms of everything accepted, the textbook statements, and ``coqchk``."""
    accepted = [name for name, outcome in outcomes.items() if outcome.status == "accepted"]
    # What rests on a leaf that was only admitted is accepted by nobody.
    for name in in_order(documents):
        below = [c for c in documents[name].cited if c not in accepted]
        if name in accepted and below:
            accepted.remove(name)
            outcomes[name].status = "unknown"
            said = f"{name}: it rests on {', '.join(below)}, which is not proved"
            outcomes[name].messages.append(said)
    names = [result_name(name) for name in accepted]
    stated = {f"{file.name}.{axiom}" for file in coq_files.values() for axiom in file.axioms}
    modules = [*BASE_MODULES, *names]
    whole.faults += audit([(n, n) for n in names], folder, ALLOWED_AXIOMS | stated, seconds)
    missing = sorted(_result_of(name) for name in textbook_needs() - set(names))
    if missing:
        whole.left_out = (
            f"the textbook statements {', '.join(TEXTBOOK_THEOREMS)} are left out: "
            f"not among what was accepted: {', '.join(missing)}"
        )
    else:
        faults = _compile_by_hand(TEXTBOOK_MODULES, folder, seconds)
        faults = faults or textbook_audit(TEXTBOOK_THEOREMS, folder, seconds)
        if not faults:
            whole.statements = TEXTBOOK_THEOREMS
        whole.faults += faults
        modules += TEXTBOOK_MODULES
    whole.faults += recheck(modules, folder, seconds)


def textbook_audit(
    theorems: Sequence[str], folder: Path, seconds: float = processes.FILE_CLOCK
) -> list[str]:
    """What is wrong with the theorems of ``Bridge.v``: Coq is asked, and not their text.

    Each must have the type that ``Statements.v`` gives it, and rest on nothing but what the
    standard library's reals rest on, whatever axioms the derivation files state.
    """
    typed = [f"Definition typed_{name} : Statements.{name} := Bridge.{name}." for name in theorems]
    modules = [("Statements", ""), ("Bridge", "")]
    asked = [f"typed_{name}" for name in theorems]
    said, fault = _assumptions(modules, typed, asked, folder, seconds)
    if fault:
        return [fault]
    return [
        f"the textbook statement {name} rests on {', '.join(sorted(axioms - ALLOWED_AXIOMS))}"
        for name, axioms in zip(theorems, said, strict=True)
        if axioms - ALLOWED_AXIOMS
    ]


def _result_of(coq_name: str) -> str:
    """The result of a Coq name: what :func:`result_name` makes of it is the name again.

    Examples
    --------
    >>> _result_of("t_telgarsky_1'2e'1")
    'telgarsky-1.1'
    """
    plain = re.sub(
        r"'([0-9a-f]+)'", lambda m: chr(int(m.group(1), 16)), coq_name.removeprefix("t_")
    )
    return plain.translate(str.maketrans("-_", "_-"))


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


def _run(command: list[str], folder: Path, seconds: float) -> tuple[int, str, str]:
    """Run a Coq program to its end.

    Raises
    ------
    Unfinished
        If it was ended, by the clock or for want of memory.
    """
    done = processes.run(command, folder, seconds)
    exhausted = EXHAUSTED.search(done.errors)
    if done.code is None or exhausted:
        cause = exhausted.group() if exhausted else done.cause
        raise Unfinished(f"{command[0]} did not finish on this machine: {cause}")
    return done.code, done.output, done.errors


def coqc(name: str, folder: Path, seconds: float) -> tuple[int, str, str]:
    """Compile ``name.v``; gives exit code, standard output with each sentence's time, errors."""
    # What an earlier run left must not stand in for what this one does not make.
    (folder / f"{name}.vo").unlink(missing_ok=True)
    return _run(["coqc", "-q", "-time", "-Q", ".", "Derivations", f"{name}.v"], folder, seconds)


def _compile_by_hand(names: Sequence[str], folder: Path, seconds: float) -> list[str]:
    """Compile files that are not results'; gives what is wrong."""
    for name in names:
        if name != "Definitions":
            (folder / f"{name}.v").write_text(by_hand(name), encoding="utf-8")
        code, _, errors = coqc(name, folder, seconds)
        if code:
            return [f"{name}.v: {' '.join(errors.split())[:600]}"]
    return []


def _compile_all(
    documents: Mapping[str, Document],
    coq_files: Mapping[str, CoqFile],
    folder: Path,
    jobs: int,
    seconds: float,
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
                    task = pool.submit(_compile, coq_files[name], name, folder, seconds)
                    running[task] = name
            finished, _ = wait(running, return_when=FIRST_COMPLETED) if running else ((), ())
            for future in finished:
                name = running.pop(future)
                outcomes[name] = future.result()
                sorter.done(name)
    return outcomes


def _usable(outcome: _Outcome) -> bool:
    """Whether a compiled file exists: leaves may be lacking, but every other step is right."""
    return outcome.status == "accepted" or bool(outcome.failed)


def _compile(file: CoqFile, name: str, folder: Path, seconds: float) -> _Outcome:
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
        try:
            code, out, errors = coqc(file.name, folder, seconds)
        except Unfinished as error:
            return _Outcome("unfinished", messages=[f"{name}: {error}"])
        if not code:
            outcome.timings = _times(text, out)
            break
        step = _failing_step(text, errors)
        if step not in leaves or step in outcome.failed:
            outcome.status = "rejected"
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
    theorems: Sequence[tuple[str, str]],
    folder: Path,
    allowed: frozenset[str] = ALLOWED_AXIOMS,
    seconds: float = processes.FILE_CLOCK,
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
        theorems, [f"Definition everything := {whole}."], ["everything"], folder, seconds
    )
    if fault or not said[0] - allowed:
        return [fault] if fault else []
    said, fault = _assumptions(theorems, [], together, folder, seconds)
    if fault:
        return [fault]
    return [
        f"{name} rests on {', '.join(sorted(axioms - allowed))}"
        for (_, name), axioms in zip(theorems, said, strict=True)
        if axioms - allowed
    ]


def _assumptions(
    theorems: Sequence[tuple[str, str]],
    before: list[str],
    asked: list[str],
    folder: Path,
    seconds: float,
) -> tuple[list[frozenset[str]], str]:
    """The axioms of each name asked for, and what went wrong."""
    modules = dict.fromkeys(module for module, _ in theorems)
    lines = [f"From Derivations Require {module}." for module in modules]
    lines += [*before, *(f"Print Assumptions {name}." for name in asked)]
    (folder / "Audit.v").write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = ["coqc", "-q", "-Q", ".", "Derivations", "Audit.v"]
    code, out, errors = _run(command, folder, seconds)
    if code:
        return [], f"Audit.v: {' '.join(errors.split())[:600]}"
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


def recheck(modules: list[str], folder: Path, seconds: float) -> list[str]:
    """What ``coqchk`` says against compiled files; the standard library is taken as it is."""
    named = [word for module in modules for word in ("-norec", f"Derivations.{module}")]
    command = ["coqchk", "-silent", "-Q", ".", "Derivations", *named]
    code, out, errors = _run(command, folder, seconds)
    return [f"coqchk: {' '.join((out + errors).split())[:600]}"] if code else []


def _report(
    documents: Mapping[str, Document],
    outcomes: Mapping[str, _Outcome],
    whole: _Whole,
    seconds: float,
) -> Report:
    """Count leaves; what is wrong with more than one file counts as one more each."""
    counts = {"accepted": 0, "rejected": len(whole.faults), "unknown": 0}
    counts["unfinished"] = len(whole.doubts)
    timings: dict[tuple[str, int], float] = {}
    messages: list[str] = []
    unasked = "unfinished" if whole.doubts else "unknown"
    for name, document in documents.items():
        outcome = outcomes.get(name, _Outcome(unasked))
        bad = list(outcome.failed.values())
        for status in bad:
            counts[status] += 1
        rest = "accepted" if bad else outcome.status
        counts[rest] += document.leaves - len(bad)
        if outcome.status != "accepted" and not document.leaves:
            counts[outcome.status] += 1
        timings.update({(name, step): t for step, t in outcome.timings.items()})
        messages += outcome.messages
    results = {n: outcomes.get(n, _Outcome(unasked)).status for n in documents}
    return Report(
        sum(counts.values()), counts["accepted"], counts["rejected"],
        counts["unknown"] + counts["unfinished"], seconds,
        (*messages, *whole.faults, *whole.doubts), results, timings,
        statements=whole.statements, unfinished=counts["unfinished"], left_out=whole.left_out,
        sound=not whole.faults, finished=not whole.doubts,
    )  # fmt: skip
