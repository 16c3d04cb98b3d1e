"""Bytes of a file, unpacked if it is compressed."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import Final

from verifier.errors import BadInput

MAX_BYTES: Final = 256 * 2**20


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes, unpacked if its suffix is .gz.

    Raises
    ------
    BadInput
        If the file cannot be read, is no gzip file though its suffix says so, or has more than
        ``MAX_BYTES``, unpacked.
    """
    packed = path.suffix.lower() == ".gz"
    try:
        with gzip.open(path) if packed else path.open("rb") as file:
            # One byte more tells a file that is too long; no more than that is unpacked.
            content = file.read(MAX_BYTES + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BadInput(str(path), f"is no gzip file, or a damaged one ({error})") from error
    except OSError as error:
        raise BadInput.unreadable(path, error) from error
    if len(content) > MAX_BYTES:
        raise BadInput(str(path), f"expected at most {MAX_BYTES} bytes")
    return bytes(content)


def read_text(path: Path) -> str:
    """Return a file's text.

    Raises
    ------
    BadInput
        As ``read_bytes`` does, and if the bytes are no UTF-8.
    """
    try:
        # Editors of one operating system put a mark before the first character.
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(str(path), "expected text in UTF-8", f"byte {error.start}") from error
