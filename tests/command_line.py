"""The command line run in this process, leaving the process as it was.

Starting Python and proving the library cost most of a command's time.  A test whose point is not
the process itself calls the command here instead.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from verifier.cli import main
from verifier.kernel.definitions import _DEFINED
from verifier.library.catalogue import load
from verifier.proving import REGISTRY


@dataclass(frozen=True)
class Done:
    """A finished command, with the names that a finished process has."""

    returncode: int
    stdout: str
    stderr: str


def run_here(
    *arguments: object,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    proved: bool = False,
) -> Done:
    """Run ``verifier arguments`` as a new process would.

    Parameters
    ----------
    cwd, environment:
        The working folder, by default this process's, and variables to add to its own.
    proved:
        Whether results that this process has proved count as proved; a new process has proved
        none.
    """
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with (
        as_it_was(cwd, proved),
        contextlib.chdir(cwd or Path.cwd()),
        patch.dict(os.environ, environment or {}),
        patch.object(sys, "argv", ["verifier", *map(str, arguments)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as exit_:
            code: Any = exit_.code
        else:
            raise AssertionError("main returned instead of exiting")
    return Done(code, _text(out), _text(err))


@contextlib.contextmanager
def as_it_was(folder: Path | None, proved: bool = False) -> Iterator[None]:
    """Undo what a command leaves behind: results, definitions, modules of the user's folder."""
    load()
    results, definitions = dict(REGISTRY), dict(_DEFINED)
    outcomes = {name: result.outcome for name, result in results.items()}
    modules, path = set(sys.modules), list(sys.path)
    if not proved:
        for result in results.values():
            result.outcome = None
    try:
        yield
    finally:
        REGISTRY.clear()
        REGISTRY.update(results)
        for name, outcome in outcomes.items():
            # What was proved on the way stays proved for commands that may see it.
            if not proved or outcome is not None:
                results[name].outcome = outcome
        _DEFINED.clear()
        _DEFINED.update(definitions)
        sys.path[:] = path
        for name in set(sys.modules) - modules if folder else ():
            file = getattr(sys.modules[name], "__file__", None)
            # A user's file may change; the verifier's own modules and libraries do not.
            if file is not None and folder in Path(file).parents:
                del sys.modules[name]


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode("utf-8")
