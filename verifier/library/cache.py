"""Where verdicts and records are kept."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def default_folder() -> Path:
    """``$VERIFIER_CACHE``, or ``verifier`` in the user's cache folder."""
    own = os.environ.get("VERIFIER_CACHE")
    if own:
        return Path(own)
    shared = os.environ.get("XDG_CACHE_HOME")
    return Path(shared) / "verifier" if shared else Path.home() / ".cache" / "verifier"


def write_whole(path: Path, content: str) -> None:
    """Write a file so that a reader, or a kill, at any moment finds the old one or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(content)
    os.replace(draft, path)
