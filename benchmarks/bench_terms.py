"""Terms of our own against z3's: what walking and substituting cost.

    python benchmarks/bench_terms.py

Both hold the same formula, a sum of products with n nodes, as a shared graph.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import z3

from verifier.logic import INT, FunctionSort, forall, function, opened, substitute, variable

SIZES = (100, 1_000, 10_000)


def least(work: Callable[[], object], rounds: int = 5) -> float:
    """The least seconds of several rounds."""
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)


def chain(x: Any, size: int) -> Any:
    """A term of about ``size`` nodes around x, without shared parts of any depth."""
    total = x
    for i in range(size // 4):
        total = total + x * (i + 2)
    return total


def walk(root: Any, children: Callable[[Any], Any], key: Callable[[Any], Any]) -> int:
    """Visit each node once."""
    seen = set()
    todo = [root]
    while todo:
        node = todo.pop()
        if key(node) not in seen:
            seen.add(key(node))
            todo.extend(children(node))
    return len(seen)


def figures(size: int) -> tuple[int, dict[str, tuple[Callable[[], object], ...]]]:
    """The number of nodes, and what is measured on our term and on z3's."""
    x, y = variable("x", INT), variable("y", INT)
    zx, zy = z3.Ints("x y")
    own, theirs = chain(x, size), chain(zx, size)

    def walk_own() -> int:
        return walk(own, lambda t: t.arguments, id)

    def walk_theirs() -> int:
        return walk(theirs, lambda t: t.children(), lambda t: t.get_id())

    return walk_own(), {
        "build": (lambda: chain(y, size), lambda: chain(zy, size)),
        "walk": (walk_own, walk_theirs),
        "free variables": (lambda: own.free, walk_theirs),
        "substitute": (
            lambda: substitute(own, {x: y}),
            lambda: z3.substitute(theirs, (zx, zy)),
        ),
    }


def main() -> None:
    """Measure and print microseconds a node."""
    print(f"{'nodes':>7} {'':24} {'own':>9} {'z3':>9}   microseconds a node")
    for size in SIZES:
        nodes, measured = figures(size)
        for what, both in measured.items():
            own, theirs = (1e6 * least(work) / nodes for work in both)
            print(f"{nodes:>7} {what:24} {own:>9.3f} {theirs:>9.3f}")
    f, x = variable("f", FunctionSort((INT,), INT)), variable("x", INT)
    law = forall(f, x, f(x) <= f(x + 1))
    print("\nz3's terms have no variables for functions to quantify over; ours:")
    print(f"  {law}\n  {opened(law, function(lambda n: 2 * n, f.sort))}")


if __name__ == "__main__":
    main()
