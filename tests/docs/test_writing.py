"""The worked lemma of docs/writing.md: it fails as the page says, and the mend proves it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from verifier.proving import REGISTRY, StepFailed

PAGE = (Path(__file__).parents[2] / "docs" / "writing.md").read_text()
NAME = "maximum-of-ordered"


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Load a version of the page's module as a user's package would be."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def loaded(source: str, module: str):
        (tmp_path / f"{module}.py").write_text(source)
        __import__(module)
        return REGISTRY[NAME]

    yield loaded
    REGISTRY.pop(NAME, None)
    for module in ("ordered_first", "ordered_mended"):
        sys.modules.pop(module, None)


def test_the_lemma_fails_and_is_mended_as_described(load) -> None:
    (source,) = (b for b in re.findall(r"```python\n(.*?)```", PAGE, re.S) if NAME in b)
    ((old, new),) = re.findall(r"```diff\n-(.*?)\n\+(.*?)\n```", PAGE, re.S)
    (message,) = (b.strip() for b in re.findall(r"```text\n(.*?)```", PAGE, re.S))
    assert old in source

    outcome = load(source, "ordered_first").run()
    assert isinstance(outcome.error, StepFailed)
    assert str(outcome.error).splitlines()[0] == message
    # A candidate only: the solver gave the defined function another value than it has.
    assert outcome.error.counterexample is not None
    assert not outcome.error.counterexample.confirmed

    REGISTRY.pop(NAME)
    renamed = source.replace("def larger", "def larger_mended").replace("larger(", "larger_mended(")
    renamed = renamed.replace("def larger_mended_mended", "def larger_mended")
    mended = renamed.replace(
        old.replace("larger(", "larger_mended("), new.replace("larger(", "larger_mended(")
    )
    assert load(mended, "ordered_mended").run().theorem is not None
