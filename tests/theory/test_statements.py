"""The theorems say what they said: statements and definitions, word for word.

A change here is a change of what is claimed, so ``statements.txt`` and ``definitions.txt`` are to
be read again and edited by hand.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from verifier.kernel import DEFINED, definition
from verifier.logic import Symbol
from verifier.notation import text
from verifier.proving import Result

HERE = Path(__file__).parent


def entries(file: str) -> dict[str, list[str]]:
    """Name and lines of each paragraph."""
    paragraphs = (HERE / file).read_text().strip().split("\n\n")
    split = [p.splitlines() for p in paragraphs]
    return {name: [line.strip() for line in lines] for name, *lines in split}


STATEMENTS = entries("statements.txt")
DEFINITIONS = entries("definitions.txt")


@pytest.mark.parametrize("name", STATEMENTS)
def test_statement(name: str, library: dict[str, Result]) -> None:
    theorem = library[name].run().theorem
    assert theorem is not None
    assert [text(theorem.conclusion)] == STATEMENTS[name]


@pytest.mark.parametrize("name", DEFINITIONS)
def test_definition(name: str) -> None:
    equations = [text(e.conclusion) for e in definition(DEFINED[name].symbol)]
    assert equations == DEFINITIONS[name]


def test_every_symbol_of_the_statements_has_its_definition_here(
    library: dict[str, Result],
) -> None:
    todo: list[Symbol] = []
    for name in STATEMENTS:
        theorem = library[name].run().theorem
        assert theorem is not None
        todo.extend(theorem.conclusion.symbols)
    reached: set[str] = set()
    while todo:
        symbol = todo.pop()
        if symbol.name not in reached:
            reached.add(symbol.name)
            meaning = DEFINED[symbol.name]
            todo.extend(meaning.body.symbols)
            todo.extend(meaning.successor.symbols if meaning.successor is not None else ())
    assert reached == set(DEFINITIONS)


def test_the_names_of_the_theory_are_all_here() -> None:
    from tests.theory.test_leaves import NAMES

    assert set(STATEMENTS) >= NAMES
