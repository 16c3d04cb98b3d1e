"""How many random cases a test draws: a few in every run, all where `VERIFIER_SEEDS=all`."""

from __future__ import annotations

import os


def seeds(few: int, many: int) -> range:
    """The first seeds; CI draws all of them."""
    return range(many if os.environ.get("VERIFIER_SEEDS") == "all" else few)
