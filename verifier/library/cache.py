"""Where certificates and records are kept."""

from __future__ import annotations

import os
from pathlib import Path


def default_folder() -> Path:
    """``$VERIFIER_CACHE``, or ``verifier`` in the user's cache folder."""
    own = os.environ.get("VERIFIER_CACHE")
    if own:
        return Path(own)
    shared = os.environ.get("XDG_CACHE_HOME")
    return Path(shared) / "verifier" if shared else Path.home() / ".cache" / "verifier"
