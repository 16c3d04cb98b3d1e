"""A run may be killed at any moment, and several may share a cache."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time

from tests.cli.conftest import derivations, without_times

# CI asks for more.
KILLS = int(os.environ.get("VERIFIER_KILLS", "4"))
NAME = "network-pieces"


def start(cache, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "verifier", "check", NAME, "--json", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, "VERIFIER_CACHE": str(cache)},
    )  # fmt: skip


def group_is_gone(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def test_killed_runs_leave_nothing_wrong_behind(tmp_path) -> None:
    clean = start(tmp_path / "clean", "--no-cache", "--derivations", tmp_path / "expected")
    begun = time.monotonic()
    expected, _ = clean.communicate()
    whole = time.monotonic() - begun
    moments = random.Random(1)
    cache = tmp_path / "cache"
    killed = 0
    for i in range(KILLS):
        running = start(cache, "--jobs", str(1 + i % 2))
        try:
            running.wait(moments.uniform(0.0, whole))
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGKILL)
            killed += 1
        running.communicate()
        deadline = time.monotonic() + 20
        while not group_is_gone(running.pid):
            assert time.monotonic() < deadline, "a worker outlived its parent"
            time.sleep(0.02)
    assert killed > 0
    ended = start(cache, "--derivations", tmp_path / "found")
    found, errors = ended.communicate()
    assert ended.returncode == 0, errors
    assert without_times(found) == without_times(expected)
    assert derivations(tmp_path / "found") == derivations(tmp_path / "expected")


def test_two_runs_at_once_on_one_cache(tmp_path) -> None:
    cache = tmp_path / "cache"
    runs = [start(cache), start(cache, "--jobs", "2")]
    reports = [run.communicate()[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    alone = start(tmp_path / "other")
    expected, _ = alone.communicate()
    assert [without_times(r) for r in reports] == [without_times(expected)] * 2
