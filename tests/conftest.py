"""What tests of every part share: the command line, in this process or in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from tests.command_line import Done, run_here

# The same examples in every run: what a run says depends on the code alone.
settings.register_profile("fixed", derandomize=True, deadline=None)
settings.load_profile("fixed")


@pytest.fixture
def cache(tmp_path) -> Path:
    """The cache folder of the test."""
    return tmp_path / "cache"


@pytest.fixture
def verifier(tmp_path, cache):
    """Run a command in this process, which counts as new; gives what it printed and its code."""

    def run(*arguments: object, cwd: Path = tmp_path, proved: bool = False, **more: str) -> Done:
        environment = {"VERIFIER_CACHE": str(cache), **more}
        return run_here(*arguments, cwd=cwd, environment=environment, proved=proved)

    return run


@pytest.fixture
def verifier_process(tmp_path, cache):
    """Run a command in a process of its own, where that is the point."""

    def run(*arguments: object, flags: tuple[str, ...] = (), **more):
        return subprocess.run(
            [sys.executable, *flags, "-m", "verifier", *map(str, arguments)],
            capture_output=True, text=True, cwd=more.pop("cwd", tmp_path), check=False,
            env={**os.environ, "VERIFIER_CACHE": str(cache), **more},
        )  # fmt: skip

    return run
