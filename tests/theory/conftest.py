"""The library, proved once for all tests of the theory."""

from __future__ import annotations

import pytest

from verifier.library.catalogue import load, stated_in
from verifier.proving import Result


@pytest.fixture(scope="session")
def library() -> dict[str, Result]:
    """The results stated in ``proofs``, each one run."""
    load()
    results = {r.name: r for r in stated_in()}
    for result in results.values():
        result.run()
    return results
