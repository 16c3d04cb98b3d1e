"""The notation stands outside the trusted base: nothing below knows it or heeds what it says."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import verifier
from verifier import kernel, notation
from verifier.kernel.errors import Refused
from verifier.logic import REAL, Term, forall, variable
from verifier.logic.terms import prefix, write_by
from verifier.notation.statements import message

ROOT = Path(verifier.__file__).parent
x, y = variable("x", REAL), variable("y", REAL)


@pytest.mark.parametrize("folder", ["logic", "kernel"])
def test_nothing_below_imports_it(folder: str) -> None:
    files = list((ROOT / folder).rglob("*.py"))
    assert len(files) > 3
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            named = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            named += [a.name for a in node.names] if isinstance(node, ast.Import) else []
            assert not any(name.startswith("verifier.notation") for name in named), file


@pytest.fixture
def lying() -> Iterator[None]:
    write_by(lambda _: "0 = 0")
    yield
    write_by(message)


@pytest.mark.usefixtures("lying")
def test_what_a_term_is_written_as_changes_nothing() -> None:
    assert str(x <= y) == str(forall(x, x <= y)) == "0 = 0"
    given = kernel.assume(x <= y)
    with pytest.raises(Refused):
        kernel.modus_ponens(given, kernel.assume(y <= x))
    with pytest.raises(Refused):
        kernel.named("lie", given)
    assert kernel.discharge(given, x <= y).hypotheses == ()
    assert kernel.discharge(given, y <= x).hypotheses == (x <= y,)


def test_a_term_has_a_short_form_without_it() -> None:
    assert prefix(x + 1 <= y) == "(<= (+ x 1) y)"
    assert prefix(forall(x, x <= y)) == "(forall (<= #0 y))"
    assert str(forall(x, x <= y)) == notation.text(forall(x, x <= y)) == "∀ x:Real. x ≤ y"


def test_a_message_says_the_start_of_a_long_term() -> None:
    long: Term = x
    for _ in range(5_000):
        long = long + y
    assert str(long).startswith("(+ (+")
    assert str(long).endswith("…")
    assert len(str(long)) < 1_000
