"""Whole statements: shown as text only where the text reads back as the very statement."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from verifier.kernel import definition
from verifier.logic import Symbol, Term, same
from verifier.logic.terms import prefix
from verifier.notation.errors import NotNotation
from verifier.notation.layout import lines
from verifier.notation.plain import LARGEST, plain, size
from verifier.notation.printing import groups, text
from verifier.notation.reading import parse
from verifier.notation.symbols import CLASS_MEANING, class_symbol

SAID: Final = 2_000
"""Nodes of the largest term that a message writes out."""


def declared(term: Term) -> str:
    """A term as text, after a line that declares its free variables if it has any.

    Examples
    --------
    >>> from verifier.logic import INT, variable
    >>> n = variable("n", INT)
    >>> print(declared(n + 1 <= 2 * n))
    for n:Int:
    n + 1 ≤ 2·n
    """
    names = [v.data for v in term.free]
    symbols = {s.name for s in term.symbols}
    variables = [
        (v.data, v.sort)
        for v in sorted(term.free, key=lambda v: str(v.data))
        if names.count(v.data) == 1 and v.data not in symbols
    ]
    return f"for {groups(variables)}:\n{text(term)}" if variables else text(term)


def reads_back(term: Term, shown: str) -> bool:
    """Whether a text says this term, names of bound variables aside."""
    try:
        return same(parse(shown), term)
    except NotNotation:
        return False


def shown(term: Term) -> str:
    """A statement as text that reads back as it, or else written out node by node.

    Examples
    --------
    >>> from verifier.logic import REAL, forall, variable
    >>> x = variable("x", REAL)
    >>> print(shown(forall(x, (x / 2) * 3 <= x)))
    ∀ x:Real. (x / 2)·3 ≤ x
    """
    if size(term, LARGEST) >= LARGEST:
        return plain(term)
    written = declared(term)
    return written if reads_back(term, written) else plain(term)


def meanings(symbols: Iterable[Symbol]) -> list[str]:
    """The defining equations of symbols, as they are shown, and what F(φ; m, ℓ) stands for."""
    found: list[str] = []
    for symbol in symbols:
        found += [shown(equation.conclusion) for equation in definition(symbol)]
        if symbol is class_symbol():
            found.append(CLASS_MEANING)
    return found


def message(term: Term) -> str:
    """A term inside a message: as text, or only how it starts if it is long."""
    if size(term, SAID) >= SAID:
        return prefix(term)
    # A message need not say of which sort a bare 0 is.
    return text(term, term.sort if term.operator in ("number", "lambda") else None)


def displayed(statement: str, width: int = 100) -> list[str]:
    """A statement on lines, broken after its binder and where it binds loosest.

    Blanks and lines mean nothing to the reader of text, so the lines say what the one line said.
    """
    # Written node by node it is on lines already.
    return statement.split("\n") if statement.startswith("0: ") else lines(statement, width)
