"""The library as whole processes: seconds, memory, leaves, and z3 alone for scale.

    python benchmarks/bench_check.py [--rounds N] [--plain K] [--json]

Each figure is the least of the rounds, for other work on the machine only ever adds.  The targets
are for two cores of an ordinary machine.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMPARED = "deep-equals-shallow"
PLAIN_LIMIT = 60


def run(arguments: list[str], cache: Path) -> tuple[float, float]:
    """Seconds and peak megabytes of one process of the command line."""
    environment = {**os.environ, "VERIFIER_CACHE": str(cache)}
    # A middleman, for the peak of children is kept for all of them together.
    code = (
        "import resource, subprocess, sys, time\n"
        "begun = time.perf_counter()\n"
        "subprocess.run([sys.executable, '-m', 'verifier', *sys.argv[1:]],"
        " check=True, stdout=subprocess.DEVNULL)\n"
        "peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss\n"
        "print(time.perf_counter() - begun, peak)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    seconds, peak = done.stdout.split()
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return float(seconds), float(peak) / unit


def least(rounds: int, arguments: list[str], cache: Path) -> tuple[float, float]:
    """The least seconds and megabytes of several rounds."""
    found = [run(arguments, cache) for _ in range(rounds)]
    return min(s for s, _ in found), min(m for _, m in found)


def leaves() -> dict[str, float]:
    """How long the leaves take, each alone and afresh."""
    from verifier.library.session import check
    from verifier.solving.solver import solve

    times = []
    for obligation in check().obligations.values():
        begun = time.perf_counter()
        solve(obligation.script)
        times.append(time.perf_counter() - begun)
    return {"count": len(times), "slowest": max(times), "all": sum(times)}


def plain(k: int) -> tuple[str, float]:
    """z3 alone: the k-fold tent equals one layer of 2^k units on [0, 1], for this one k."""
    import z3

    def relu(value: z3.ArithRef) -> z3.ArithRef:
        return z3.If(value >= 0, value, 0)

    x = z3.Real("x")
    deep = x
    for _ in range(k):
        deep = relu(2 * relu(deep) - 4 * relu(deep - z3.Q(1, 2)))
    n = 2**k
    units = [(1 if j == 0 else 2 if j % 2 == 0 else -2) * relu(n * x - j) for j in range(n)]
    solver = z3.Solver()
    solver.set(timeout=1000 * PLAIN_LIMIT)
    solver.add(0 <= x, x <= 1, deep != z3.Sum(units))
    begun = time.perf_counter()
    answer = solver.check()
    return str(answer), time.perf_counter() - begun


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--plain", type=int, default=10, help="largest k for z3 alone; 0: none")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows: list[dict[str, object]] = []

    def row(what: str, value: float, unit: str, target: str = "") -> None:
        rows.append({"what": what, "value": round(value, 3), "unit": unit, "target": target})
        if not options.json:
            print(f"{what:<54} {value:>9.3f} {unit:<3} {target}", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        help_seconds, _ = least(options.rounds, ["--help"], cache)
        row("verifier --help", help_seconds, "s", "0.4")
        cold, memory = least(options.rounds, ["check", "--no-cache", "--jobs", "1"], cache)
        row("check --no-cache --jobs 1", cold, "s", "5")
        row("  its peak memory", memory, "MB", "400")
        two, _ = least(options.rounds, ["check", "--no-cache", "--jobs", "2"], cache)
        row("check --no-cache --jobs 2", two, "s")
        run(["check"], cache)
        warm, _ = least(options.rounds, ["check"], cache)
        row("check, every leaf remembered", warm, "s", "1.5")
        found = leaves()
        row(f"slowest of {found['count']:.0f} leaves", found["slowest"], "s", "0.5")
        row("all leaves, solver only", found["all"], "s")
        if options.plain:
            one, _ = least(options.rounds, ["check", "--no-cache", COMPARED], cache)
            row(f"check --no-cache {COMPARED}, for all k", one, "s")
            for k in range(max(1, options.plain - 4), options.plain + 1):
                answer, seconds = plain(k)
                row(f"z3 alone, plain encoding, k = {k}: {answer}", seconds, "s")
                row("  against the proof for all k", seconds / one, "x")
    if options.json:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(json.dumps({"rows": rows, "own_peak": peak}))


if __name__ == "__main__":
    main()
