"""How long the second opinions take on the whole library.

Run with ``pytest benchmarks/bench_recheck.py``; the limit for all three together, cold, is 30 s.
"""

import time

import pytest

from tests.recheck.library import contents
from verifier.commands.recheck import beside_the_proofs, run_all
from verifier.recheck.checkers import CHECKERS, Settings


@pytest.mark.parametrize("name", ["structure", "certificates", "cvc5"])
def test_one_checker(benchmark, name):
    settings = Settings(beside_the_proofs())
    files = contents()
    report = benchmark.pedantic(CHECKERS[name], (files, settings), rounds=1)
    assert report.accepted == report.leaves


def test_all_three_cold():
    files = contents()
    start = time.perf_counter()
    reports = run_all(
        ["structure", "cvc5", "certificates"], files, Settings(beside_the_proofs(), jobs=2)
    )
    assert time.perf_counter() - start < 30
    assert all(r.accepted == r.leaves for r in reports.values())
