"""Named results as pytest items.

``pytest proofs/`` collects each result stated with ``@theorem`` or ``@lemma`` as an item of its
name.  A result that is not proved fails with the obligation and the values that break it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

# Nothing else is imported here: this module loads in every run of pytest on the machine.
if TYPE_CHECKING:
    from verifier.proving import Result

STATES_RESULTS: Final = re.compile(rb"^@(\w+\.)*(theorem|lemma)\(", re.MULTILINE)
IMPORTS_LANGUAGE: Final = b"verifier.proving"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the cache, as in ``verifier check``."""
    group = parser.getgroup("verifier", "results proved with verifier")
    group.addoption("--verifier-no-cache", action="store_true", help="Remember no certificates.")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a Python file whose source states results at its top level."""
    if file_path.suffix != ".py":
        return None
    source = file_path.read_bytes()
    if IMPORTS_LANGUAGE not in source or not STATES_RESULTS.search(source):
        return None
    return ProofFile.from_parent(parent, path=file_path)


class NotProved(Exception):
    """A result whose proof failed, or rests on one whose did."""


class ProofFile(pytest.Module):
    """A Python file that states results; pytest imports it as it imports its test modules."""

    def collect(self) -> Iterator[pytest.Item]:
        """One item for each result the file states itself."""
        from verifier.proving import Result

        for value in vars(self.obj).values():
            if isinstance(value, Result) and value.module == self.obj.__name__:
                yield ResultItem.from_parent(self, name=value.name, result=value)


class ResultItem(pytest.Item):
    """One named result."""

    def __init__(self, *, result: Result, **others: Any) -> None:
        super().__init__(**others)
        self.result = result

    def runtest(self) -> None:
        """Prove the result and what it needs."""
        from verifier.library.cache import default_folder
        from verifier.library.schedule import prove
        from verifier.proving.leaves import KEEPER

        remember = not self.config.getoption("verifier_no_cache")
        KEEPER.begin(default_folder() if remember else None)
        try:
            outcome = prove(self.result)
        finally:
            KEEPER.begin(None)
        if outcome.theorem is None:
            raise NotProved

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *_: Any, **__: Any) -> Any:
        """The obligation and its counterexample instead of a traceback."""
        if not isinstance(excinfo.value, NotProved):
            return super().repr_failure(excinfo)
        from verifier.library.entries import failure

        outcome = self.result.run()
        if outcome.error is None:
            return f"{self.name} is proved only from {', '.join(outcome.missing)}, not proved"
        why = failure(self.result, outcome.error)
        step = f"\nstep: {' / '.join(why.path)}" if why.path else ""
        return f"{self.name} is not proved  ({why.place}){step}\n{why.message}"

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the result is stated."""
        return self.path, self.result.line - 1, self.name
