"""z3 alone on "deep = shallow" at single values of k, beside the library's proof for all k.

    python benchmarks/bench_scale.py [--depths 6 7 8 9 10] [--limit 60] [--runs 3]

The plain encoding: the networks' layer equations with if-then-else for relu, and one question,
whether some x in [0, 1] tells them apart.  Each question runs in a process of its own, whole
processes are timed, and the ratio is taken of medians of one run.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

QUESTION = """
import sys
import z3
k = int(sys.argv[1])
relu = lambda x: z3.If(x >= 0, x, z3.RealVal(0))
x = z3.Real("x")
deep = x
for _ in range(k):
    deep = relu(2 * relu(deep) - 4 * relu(deep - z3.Q(1, 2)))
n = 2**k
turn = lambda j: 1 if j == 0 else (2 if j % 2 == 0 else -2)
shallow = z3.Sum([turn(j) * relu(n * x - j) for j in range(n)])
solver = z3.Solver()
solver.add(0 <= x, x <= 1, deep != shallow)
print(solver.check())
"""
LIBRARY = ["-m", "verifier", "check", "deep-equals-shallow", "--no-cache", "--jobs", "1"]


def seconds(arguments: list[str], limit: float) -> tuple[float, str]:
    """Wall time of one process, and its last word; ``timeout`` past the limit."""
    start = time.perf_counter()
    try:
        done = subprocess.run(
            [sys.executable, *arguments], capture_output=True, text=True, timeout=limit, check=True
        )
        answer = done.stdout.split()[0] if done.stdout.split() else "done"
    except subprocess.TimeoutExpired:
        answer = "timeout"
    return time.perf_counter() - start, answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--depths", type=int, nargs="+", default=[6, 7, 8, 9, 10])
    parser.add_argument("--limit", type=float, default=60.0)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    proof = statistics.median(seconds(LIBRARY, 600)[0] for _ in range(options.runs))
    print(f"library, all k: {proof:.2f} s (median of {options.runs}, whole process, no cache)")
    for k in options.depths:
        spent, answer = seconds(["-c", QUESTION, str(k)], options.limit)
        print(f"z3 alone, k = {k}: {spent:.2f} s, {answer}; ratio {spent / proof:.1f}")


if __name__ == "__main__":
    main()
