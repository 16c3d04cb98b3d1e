"""Programs of others, run where they can be ended.

A clock ends a program here, and decides nothing: what was ended is *not finished on this machine*,
which is no verdict and is remembered nowhere.  What decides is a limit on the program's own work.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

# How long one question to a solver, and one file of Coq, may take on a slow or busy machine.
CLOCK: Final = 60.0
FILE_CLOCK: Final = 900.0


@dataclass(frozen=True)
class Ended:
    """What a program left behind.

    Attributes
    ----------
    code:
        Its exit code; None if it did not come to its end.
    cause:
        What ended it, if it did not.
    """

    code: int | None
    output: str = ""
    errors: str = ""
    cause: str = ""


def run(command: Sequence[str], folder: Path, seconds: float) -> Ended:
    """Run a program to its end, or end it and whatever it started."""
    with subprocess.Popen(  # noqa: S603 - programs we name, with arguments of our own
        list(command), cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=True,
    ) as process:  # fmt: skip
        try:
            output, errors = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            return Ended(None, cause=f"ended after {seconds:g} s")
        finally:
            _end(process)
    if process.returncode < 0:
        return Ended(None, cause=f"ended by signal {-process.returncode}")
    return Ended(process.returncode, *(t.decode("utf-8", "replace") for t in (output, errors)))


class Worker:
    """A program that answers questions, one line of JSON each; a new one after one was ended."""

    def __init__(self, command: Sequence[str]) -> None:
        self.command = list(command)
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the program."""
        if self.process is not None:
            _end(self.process)
            for pipe in (self.process.stdin, self.process.stdout):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()
            self.process = None

    def ask(self, question: Any, seconds: float) -> Any:
        """The answer; an :class:`Ended` without a code if the program did not give one."""
        process = self._started()
        try:
            line = _exchange(process, json.dumps(question).encode() + b"\n", seconds)
        except TimeoutError:
            self.close()
            return Ended(None, cause=f"ended after {seconds:g} s")
        except OSError:
            line = b""
        if not line.endswith(b"\n"):
            code = process.wait()
            self.close()
            return Ended(None, cause=f"ended by signal {-code}" if code < 0 else "it broke off")
        return json.loads(line)

    def _started(self) -> subprocess.Popen[bytes]:
        if self.process is None:
            self.process = subprocess.Popen(  # noqa: S603 - a program we name
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
            for pipe in (self.process.stdin, self.process.stdout):
                if pipe is not None:
                    os.set_blocking(pipe.fileno(), False)
        return self.process


def _exchange(process: subprocess.Popen[bytes], question: bytes, seconds: float) -> bytes:
    """Send a line and wait for one; what came until the program's end, if it ends before."""
    if process.stdin is None or process.stdout is None:
        raise OSError("no pipes to the program")
    into, out = process.stdin.fileno(), process.stdout.fileno()
    until = time.monotonic() + seconds
    answer = b""
    while not answer.endswith(b"\n"):
        left = until - time.monotonic()
        # A program that stands still does not even read: neither may writing wait for ever.
        readable, writable, _ = select.select([out], [into] if question else [], [], max(left, 0))
        if writable:
            question = question[os.write(into, question[:65536]) :]
        elif readable:
            part = os.read(out, 65536)
            if not part:
                return answer
            answer += part
        elif left <= 0:
            raise TimeoutError
    return answer


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program and what it started; nothing if it has ended."""
    if process.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
