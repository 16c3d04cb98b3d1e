"""Files and streams written so that a full disk or a reader that left does no harm.

A file is written whole or not at all.  A stream that can take no more is remembered and told at
the end, in one line; what a command found does not depend on who reads it.
"""

from __future__ import annotations

import codecs
import io
import os
import secrets
import select
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TextIO

from verifier.errors import BadInput

# What a terminal without Unicode shows instead.
PLAIN: Final = {
    "↑": "real", "∀": "for all ",
    "∃": "there is ", "∧": "and", "∨": "or", "¬": "not ", "→": "->", "↔": "<->",
    "↦": "|->", "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~", "·": "*", "×": "x", "−": "-", "–": "-",
    "—": "-", "…": "...", "∈": "in", "ℕ": "N", "ℤ": "Z", "ℝ": "R", "φ": "phi", "∏": "product",
    "∑": "sum", "ℓ": "l", "σ": "sigma", "✓": "ok", "✗": "no", "⊢": "|-", "∞": "oo", "²": "^2",
    "’": "'", "‘": "'", "“": '"', "”": '"', "•": "*", "├": "|-", "└": "`-", "│": "|", "─": "-",
}  # fmt: skip


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that a reader, or a kill, at any moment finds the old one or the new.

    The file has the permissions of the one it replaces, or those the user's mask gives a new one.
    What is no regular file, such as a device or a pipe, is written to as it is.

    Raises
    ------
    OSError
        If it cannot be written; then nothing is left of it.
    """
    data = content.encode() if isinstance(content, str) else content
    # A link stays a link: what it leads to is written.
    target = Path(os.path.realpath(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = target.stat().st_mode if target.exists() else None
    if mode is not None and not stat.S_ISREG(mode):
        with open(target, "wb", buffering=0) as file:
            _write_all(file.fileno(), data)
        return
    draft = target.with_name(f".draft-{secrets.token_hex(8)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    handle = os.open(draft, flags, 0o666)
    try:
        try:
            _write_all(handle, data)
        finally:
            os.close(handle)
        if mode is not None:
            os.chmod(draft, stat.S_IMODE(mode))
        os.replace(draft, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(draft)
        raise


def write_output(path: Path, content: str | bytes, make_folder: bool = False) -> None:
    """Write a file that a user asked for.

    Parameters
    ----------
    make_folder:
        Whether to make its folder, where there is none.

    Raises
    ------
    BadInput
        If it cannot be written; then nothing is left of it.
    """
    try:
        if not make_folder and not path.parent.exists():
            raise FileNotFoundError(2, "No such file or directory")
        write_whole(path, content)
    except OSError as error:
        raise BadInput.unwritable(path, error) from error


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


class Sink(io.RawIOBase):
    """A descriptor that takes everything; the first thing that went wrong is kept."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.error: OSError | None = None

    def writable(self) -> bool:
        """It is written to."""
        return True

    def fileno(self) -> int:
        """The descriptor."""
        return self.descriptor

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return os.isatty(self.descriptor)

    def write(self, data: object, /) -> int:
        """Write, or drop what nobody can take."""
        view = memoryview(data)  # type: ignore[arg-type]
        if self.error is None:
            try:
                return os.write(self.descriptor, view)
            except BlockingIOError:
                select.select([], [self.descriptor], [])
                return 0
            except OSError as error:
                self.error = error
        return view.nbytes


def plain(error: UnicodeError) -> tuple[str, int]:
    """Characters that a stream does not know: escapes in JSON and SVG, words elsewhere."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    begun = error.object.lstrip()[:1]
    if begun == "{":
        units = lost.encode("utf-16-be", "surrogatepass")
        escapes = (units[i : i + 2].hex() for i in range(0, len(units), 2))
        return "".join(rf"\u{unit}" for unit in escapes), error.end
    if begun == "<":
        return "".join(f"&#{ord(c)};" for c in lost), error.end
    return "".join(PLAIN.get(c, "?") for c in lost), error.end


codecs.register_error("verifier.plain", plain)


@contextmanager
def steady_streams() -> Iterator[None]:
    """Standard output and error that never raise.

    Raises
    ------
    BadInput
        At the end, if standard output took not all of it and its reader did not simply leave.
    """
    out, err = sys.stdout, sys.stderr
    sinks: list[Sink] = []
    sys.stdout, sys.stderr = _steady(out, sys.__stdout__, sinks), _steady(err, sys.__stderr__, [])
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        sys.stdout, sys.stderr = out, err
    for sink in sinks:
        if sink.error is not None and not isinstance(sink.error, BrokenPipeError):
            raise BadInput.unwritable("standard output", sink.error) from sink.error


def _steady(stream: TextIO | None, own: TextIO | None, sinks: list[Sink]) -> TextIO:
    """The stream over a sink, if it is the process's own; tests and notebooks have others."""
    if stream is not own:
        return stream  # type: ignore[return-value]
    if stream is None:
        # Closed before we began: the first thing written says so.
        sink, encoding, lines = Sink(-1), "utf-8", False
    else:
        stream.flush()
        sink, encoding, lines = Sink(stream.fileno()), stream.encoding, stream.isatty()
    sinks.append(sink)
    return io.TextIOWrapper(
        io.BufferedWriter(sink), encoding=encoding, errors="verifier.plain", line_buffering=lines
    )
