"""Prove a property of a network, or refute it: every answer is checked exactly."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from multiprocessing import get_context
from time import monotonic
from typing import Any, Final, Literal

from verifier.errors import BadInput, Contradiction, LimitReached
from verifier.networks.boxes import branch_and_bound as splitting
from verifier.networks.boxes import segments
from verifier.networks.boxes.branch_and_bound import (
    Closed,
    Cut,
    Node,
    Regions,
    Split,
    Stuck,
    Unsafe,
    Verdict,
    Worker,
)
from verifier.networks.boxes.rounding import round_down, round_up
from verifier.networks.certificates.property_check import check_certificate
from verifier.networks.certificates.regions_file import node_data
from verifier.networks.certificates.regions_tree import Tree
from verifier.networks.model import Network
from verifier.networks.property import Case, Property
from verifier.networks.regions.safety import find_unsafe

Vector = tuple[Fraction, ...]
Status = Literal["proved", "refuted", "unknown"]
# Called with the number of boxes settled and of boxes still open.
Progress = Callable[[int, int], None]

BATCH: Final = 64
BATCH_NUMBERS: Final = 4_000_000
CELLS: Final = 50_000
SMALL: Final = 12
# Seconds that a case is searched here before other processes are started.
ALONE: Final = 0.5


@dataclass(frozen=True)
class Counterexample:
    """An unsafe input and its outputs, both exact."""

    inputs: Vector
    outputs: Vector

    def as_json(self) -> dict[str, list[str]]:
        """Return both as text, exact."""
        return {
            "inputs": [str(entry) for entry in self.inputs],
            "outputs": [str(entry) for entry in self.outputs],
        }


@dataclass
class CaseRecord:
    """How one case of the property was settled, or how far the search came.

    For a search by boxes: a binary tree in ``verdicts``, the root at 0, ``children`` the two
    boxes of each cut; a verdict None is a box still open. On a segment: ``stages``.
    """

    case: Case
    verdicts: list[Verdict | None] = field(default_factory=list)
    children: dict[int, tuple[int, int]] = field(default_factory=dict)
    stages: tuple[segments.Stage, ...] = ()

    @property
    def settled(self) -> int:
        """How many boxes are closed; a segment counts as one."""
        leaves = sum(isinstance(verdict, Closed | Regions) for verdict in self.verdicts)
        return leaves + bool(self.stages)

    def open_boxes(self) -> list[tuple[Vector, Vector]]:
        """Return the boxes of inputs that nothing is known about."""
        if self.stages:
            return []
        if not self.verdicts:
            return [(self.case.lower, self.case.upper)]
        out = []
        for number, node in self.walk():
            verdict = self.verdicts[number]
            if verdict is None or isinstance(verdict, Stuck):
                out.append(splitting.exact_box(self.case, node))
        # Parts of one box that differ in the sides units lie on are one box.
        return list(dict.fromkeys(out))

    def walk(self) -> Iterator[tuple[int, Node]]:
        """Go through the tree, each box before its halves, the lower half first."""
        if not self.verdicts:
            return
        root = Node(
            tuple(round_down(entry) for entry in self.case.lower),
            tuple(round_up(entry) for entry in self.case.upper),
            0,
        )
        stack = [(0, root)]
        while stack:
            number, node = stack.pop()
            yield number, node
            verdict = self.verdicts[number]
            if isinstance(verdict, Cut | Split):
                left, right = splitting.halves(node, verdict)
                first, second = self.children[number]
                stack += [(second, right), (first, left)]

    def as_json(self) -> dict[str, Any]:
        """Return the record as it is written to a certificate file; numbers as text, exact."""
        head = {
            "lower": [str(entry) for entry in self.case.lower],
            "upper": [str(entry) for entry in self.case.upper],
        }
        if self.stages:
            return head | {"method": "segment", "stages": [stage_json(s) for s in self.stages]}
        tree = [verdict_json(self.verdicts[number]) for number, _ in self.walk()]
        whole = {"method": "boxes", "scale": splitting.SCALE}
        return head | whole | {"tree": tree or [verdict_json(None)]}


@dataclass(frozen=True)
class Outcome:
    """The answer, and what it rests on.

    Attributes
    ----------
    status:
        ``proved``: no input of the property's boxes is unsafe; ``refuted``: the counterexample
        is; ``unknown``: the boxes in ``remaining`` were not settled.
    boxes:
        How many boxes were closed; of these ``regions`` by trees of affine regions, all others
        by bounds in whole numbers.
    reason:
        Why the answer is unknown.
    """

    status: Status
    counterexample: Counterexample | None
    records: tuple[CaseRecord, ...]
    boxes: int
    regions: int
    remaining: tuple[tuple[Vector, Vector], ...]
    seconds: float
    reason: str = ""

    def certificate(self) -> dict[str, Any]:
        """Return what shows the answer, as it is written to a file."""
        if self.counterexample is not None:
            return {"counterexample": self.counterexample.as_json()}
        return {"cases": [record.as_json() for record in self.records]}


def verify(
    network: Network,
    prop: Property,
    *,
    timeout: float | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Outcome:
    """Decide whether some input of the property's boxes is unsafe.

    Parameters
    ----------
    timeout:
        Seconds after which the answer is ``unknown``; None for no limit.
    jobs:
        Processes that judge boxes.

    Raises
    ------
    BadInput
        If the property speaks of another number of inputs or outputs than the network has.
    Contradiction
        If the search and the check of its proof disagree.

    Notes
    -----
    An interrupt (KeyboardInterrupt) ends the search; what was settled is returned.

    Examples
    --------
    >>> from verifier.networks.activations import RELU
    >>> from verifier.networks.model import Layer
    >>> from verifier.networks.formats.vnnlib import parse_vnnlib
    >>> ramp = Network(1, (Layer(((1,),), (-1,), RELU),))
    >>> spec = parse_vnnlib('''
    ...     (declare-const X_0 Real) (declare-const Y_0 Real)
    ...     (assert (<= 0 X_0 1.5)) (assert (> Y_0 0.5))''')
    >>> verify(ramp, spec).status
    'proved'
    """
    for kind, wanted, found in (
        ("inputs", prop.inputs, network.inputs),
        ("outputs", prop.outputs, network.outputs),
    ):
        if wanted != found:
            raise BadInput("property", f"speaks of {wanted} {kind}, the network has {found}")
    run = Run(network, prop, timeout, jobs, progress)
    reason = ""
    try:
        point = run.search()
    except KeyboardInterrupt:
        point, reason = None, "interrupted"
    outcome = run.outcome(point, reason)
    if outcome.status == "proved":
        # The search is not believed: what it found is checked as the file is.
        try:
            check_certificate(network, prop, outcome.certificate())
        except BadInput as error:
            raise Contradiction(f"the search proved what its check refuses: {error}") from error
    return outcome


class Run:
    """One search over all cases of a property; its records survive an interrupt."""

    def __init__(
        self,
        network: Network,
        prop: Property,
        timeout: float | None,
        jobs: int,
        progress: Progress | None,
    ) -> None:
        self.network, self.prop, self.jobs = network, prop, jobs
        self.start = monotonic()
        self.deadline = self.start + timeout if timeout is not None else float("inf")
        self.records = [CaseRecord(case) for case in prop.cases]
        self.progress = progress
        self.pool: ProcessPoolExecutor | None = None

    def search(self) -> Vector | None:
        """Settle the cases; return an unsafe input if there is one.

        Each case gets a quick look before the first is searched: one of them may be unsafe.
        """
        worker: Worker | None = None
        rest: list[int] = []
        for number, record in enumerate(self.records):
            if monotonic() > self.deadline:
                return None
            point, settled = self.glance(record)
            if point is None and not settled:
                try:
                    worker = worker or Worker(self.network, record.case)
                    point, settled = self.look(record, worker.on(record.case))
                except OverflowError:
                    # Numbers beyond float64: the search by boxes has no say.
                    point, settled = self.exactly(record)
                    if point is None and not settled:
                        continue
            if point is not None:
                return point
            if not settled:
                rest.append(number)
        with ExitStack() as stack:
            for number in rest:
                if worker is None or monotonic() > self.deadline:
                    return None
                point = self.split(number, worker.on(self.records[number].case), stack)
                if point is not None:
                    return point
        return None

    def glance(self, record: CaseRecord) -> tuple[Vector | None, bool]:
        """Decide a case that is plain or lies on a segment: an unsafe input, whether settled."""
        case = record.case
        if () in case.unsafe:
            return case.lower, True
        sides = sum(a < b for a, b in zip(case.lower, case.upper, strict=True))
        # Segments are checked where activations are continuous.
        if sides <= 1 and all(x.activation is None or x.activation.continuous
                              for x in self.network.layers):  # fmt: skip
            try:
                answer = segments.decide(self.network, case, limit=CELLS)
            except LimitReached:
                return None, False
            record.stages = answer.stages if answer.unsafe is None else ()
            return answer.unsafe, True
        return None, False

    def look(self, record: CaseRecord, worker: Worker) -> tuple[Vector | None, bool]:
        """Decide a case on a small network, or look for unsafe inputs."""
        bends = sum(layer.outputs for layer in self.network.layers if layer.activation)
        if bends <= SMALL:
            verdict = worker.regions(worker.root(), limit=5000, seconds=self.seconds(20.0))
            if isinstance(verdict, Unsafe):
                return verdict.point, True
            if isinstance(verdict, Regions):
                record.verdicts.append(verdict)
                return None, True
        return worker.attack(self.deadline, len(self.records)), False

    def exactly(self, record: CaseRecord) -> tuple[Vector | None, bool]:
        """Decide a case by affine regions alone, without any float."""
        case = record.case
        try:
            found = find_unsafe(
                self.network, case.lower, case.upper, case.unsafe,
                limit=5000, seconds=self.seconds(20.0),
            )  # fmt: skip
        except LimitReached:
            return None, False
        if isinstance(found, Tree):
            record.verdicts.append(Regions(found))
            return None, True
        return found, True

    def seconds(self, most: float) -> float:
        return max(0.0, min(most, self.deadline - monotonic()))

    def split(self, case: int, worker: Worker, stack: ExitStack) -> Vector | None:
        """Split the case's box until all parts are settled or time is up."""
        record = self.records[case]
        record.verdicts.append(None)
        frontier = [(0, worker.root())]
        widest = max(self.network.inputs, *self.network.widths)
        batch = max(1, min(BATCH, BATCH_NUMBERS // (widest * widest)))
        for numbers, nodes, verdicts in self.judged(case, worker, stack, frontier, batch):
            for number, node, verdict in zip(numbers, nodes, verdicts, strict=True):
                record.verdicts[number] = verdict
                if isinstance(verdict, Unsafe):
                    return verdict.point
                if isinstance(verdict, Cut | Split):
                    first = len(record.verdicts)
                    record.verdicts += [None, None]
                    record.children[number] = (first, first + 1)
                    left, right = splitting.halves(node, verdict)
                    frontier += [(first + 1, right), (first, left)]
            if self.progress is not None:
                self.progress(sum(r.settled for r in self.records), len(frontier))
        return None

    def judged(
        self, case: int, worker: Worker, stack: ExitStack, frontier: Frontier, batch: int
    ) -> Iterator[Judged]:
        """Judge the frontier batch after batch, in other processes too if it takes long."""
        alone = self.deadline if self.jobs == 1 else min(self.deadline, monotonic() + ALONE)
        yield from judge_here(worker, frontier, batch, alone)
        if frontier and monotonic() < self.deadline:
            if self.pool is None:
                cases = [record.case for record in self.records]
                self.pool = stack.enter_context(processes(self.network, cases, self.jobs))
            yield from judge_there(self.pool, self.jobs, case, frontier, batch, self.deadline)

    def outcome(self, point: Vector | None, reason: str) -> Outcome:
        counterexample = None
        if point is not None:
            counterexample = Counterexample(point, self.network.evaluate(point))
            if not self.prop.holds(point, counterexample.outputs):
                raise ArithmeticError(f"{point} is not unsafe")
        remaining = tuple(box for record in self.records for box in record.open_boxes())
        leaves = [verdict for record in self.records for verdict in record.verdicts]
        status: Status = "unknown" if remaining else "proved"
        if counterexample is not None:
            status, remaining = "refuted", ()
        if status == "unknown" and not reason:
            late = monotonic() > self.deadline
            reason = "the time limit was hit" if late else "boxes too small to cut are left"
        return Outcome(
            status,
            counterexample,
            tuple(self.records),
            sum(record.settled for record in self.records),
            sum(isinstance(verdict, Regions) for verdict in leaves),
            remaining,
            monotonic() - self.start,
            "" if status != "unknown" else reason,
        )


# ---------------------------------------------------------------- one process or several

Judged = tuple[list[int], list[Node], list[Verdict]]
Frontier = list[tuple[int, Node]]

WORKERS: dict[int, Worker] = {}


@contextmanager
def processes(network: Network, cases: Sequence[Case], jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Yield a pool of processes that judge boxes of these cases."""
    # Each process gets one thread: more would fight for the same cores.
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    pool = ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=prepare, initargs=(network, cases)
    )
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


THREADS: Final = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def take(frontier: Frontier, batch: int) -> tuple[list[int], list[Node]]:
    """Remove the newest boxes: going deep first keeps the frontier short."""
    newest = frontier[-batch:]
    del frontier[-batch:]
    return [number for number, _ in newest], [node for _, node in newest]


def judge_here(worker: Worker, frontier: Frontier, batch: int, deadline: float) -> Iterator[Judged]:
    while frontier and monotonic() < deadline:
        numbers, nodes = take(frontier, batch)
        yield numbers, nodes, worker.judge(nodes)


def judge_there(
    pool: ProcessPoolExecutor,
    jobs: int,
    case: int,
    frontier: Frontier,
    batch: int,
    deadline: float,
) -> Iterator[Judged]:
    running: dict[Future[list[Verdict]], tuple[list[int], list[Node]]] = {}
    while (frontier or running) and monotonic() < deadline:
        while frontier and len(running) < 2 * jobs:
            numbers, nodes = take(frontier, max(1, min(batch, len(frontier) // jobs)))
            running[pool.submit(judge_remote, case, nodes)] = (numbers, nodes)
        left = None if deadline == float("inf") else max(0.0, deadline - monotonic())
        done, _ = wait(running, timeout=left, return_when=FIRST_COMPLETED)
        for future in done:
            numbers, nodes = running.pop(future)
            yield numbers, nodes, future.result()


def prepare(network: Network, cases: Sequence[Case]) -> None:
    """Set up a worker process; an interrupt is the parent's to handle."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    first = Worker(network, cases[0])
    WORKERS.update((number, first.on(case)) for number, case in enumerate(cases))


def judge_remote(case: int, nodes: Sequence[Node]) -> list[Verdict]:
    """Judge boxes in a worker process."""
    return WORKERS[case].judge(nodes)


# ---------------------------------------------------------------- certificates


def verdict_json(verdict: Verdict | None) -> list[Any]:
    """Return one box of the tree as it is written."""
    match verdict:
        case Cut(axis, at):
            return ["cut", axis, str(Fraction(at))]
        case Split(layer, unit, cut):
            return ["split", layer, unit, cut]
        case Closed(parts, pushes):
            named = [part[0][0] if lone(part) else [list(pair) for pair in part] for part in parts]
            known = [[[list(pair) for pair in part] for part in pushes]] if pushes else []
            return ["closed", named, *known]
        case Regions(tree):
            return ["regions", [node_data(node) for node in tree.nodes] if tree else []]
    return ["open"]


def lone(part: Sequence[tuple[int, int]]) -> bool:
    """Whether a sum is one constraint alone."""
    return len(part) == 1 and part[0][1] == 2**splitting.SCALE


def stage_json(stage: segments.Stage) -> dict[str, Any]:
    """Return one stage of a segment as it is written."""
    return {
        "layers": [stage.first, stage.last],
        "cells": [
            [str(cell.where.low), cell.where.low_open, str(cell.where.high), cell.where.high_open]
            for cell in stage.cells
        ],
    }
