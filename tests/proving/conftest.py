"""Definitions of one test do not outlive it: other tests load the library's own."""

from collections.abc import Iterator

import pytest

from verifier.kernel.definitions import _DEFINED


@pytest.fixture(autouse=True)
def own_definitions() -> Iterator[None]:
    before = dict(_DEFINED)
    yield
    _DEFINED.clear()
    _DEFINED.update(before)
