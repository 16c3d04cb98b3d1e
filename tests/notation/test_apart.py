"""The notation stands outside the trusted base: nothing below knows it or heeds what it says."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import proofs.networks
import verifier
from verifier import kernel, notation
from verifier.kernel.errors import Refused
from verifier.logic import INT, REAL, Term, forall, number, same, variable
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


@pytest.fixture
def defined() -> Iterator[dict[str, kernel.definitions.Definition]]:
    """The table of definitions, put back afterwards."""
    table = kernel.definitions._DEFINED
    before = dict(table)
    yield table
    table.clear()
    table.update(before)


def test_a_power_is_written_so_only_if_it_is_one(
    defined: dict[str, kernel.definitions.Definition],
) -> None:
    b, n = variable("b", INT), variable("n", INT)
    for zero, step, written in [
        (1, lambda f: f(b, n) * b, "b^n"),
        (2, lambda f: f(b, n) * b, "power(b, n)"),
        (1, lambda f: f(b, n) + b, "power(b, n)"),
        (1, lambda f: b * f(b, n), "power(b, n)"),
    ]:
        defined.pop("power", None)
        made = kernel.define_recursive("power", (b, n), n, number(zero, INT), step)
        assert notation.text(made(b, n)) == written
        assert same(notation.parse(written, {"b": INT, "n": INT}), made(b, n))
    with pytest.raises(notation.NotNotation):
        notation.parse("b^n", {"b": INT, "n": INT})


def test_a_class_of_networks_is_written_so_only_if_it_is_the_librarys(
    defined: dict[str, kernel.definitions.Definition],
) -> None:
    theirs = proofs.networks.network.symbol
    g, m, depth = theirs.parameters[0], variable("m", INT), variable("depth", INT)
    f = variable("f", g)
    claim = theirs(f, f, proofs.networks.uniform(m), depth)
    written = notation.text(claim)
    assert written == "f ∈ F(f; m, depth)"
    free = {"f": g, "m": INT, "depth": INT}
    assert same(notation.parse(written, free), claim)
    w = variable("w", theirs.parameters[2])
    del defined["network"]
    other = kernel.define("network", (f, variable("φ", g), w, depth), depth <= depth)
    plainly = notation.text(other(f, f, proofs.networks.uniform(m), depth))
    assert plainly == "network(f, f, i ↦ if i ≤ 0 then 1 else m, depth)"
    with pytest.raises(notation.NotNotation):
        notation.parse(written, free)
