"""docs/notation.md says what is true: its examples run, and what it writes reads back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from verifier.kernel import DEFINED
from verifier.logic import INT, REAL, FunctionSort, Term, number, real, same, variable
from verifier.notation import parse, text

PAGE = (Path(__file__).parents[2] / "docs" / "notation.md").read_text(encoding="utf-8")
i, k, m, n = (variable(v, INT) for v in "ikmn")
x, f = variable("x", REAL), variable("f", FunctionSort((REAL,), REAL))


def test_the_example_runs() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(example, {})


def casts() -> dict[str, Term]:
    power = DEFINED["power"].symbol
    return {
        "i / 2^k ≤ x": real(i) / real(power(2, k)) <= x,
        "f(n) = n mod 2": f(real(n)) == real(n % 2),
        "↑(n + 1) / 2^k": real(n + 1) / real(power(2, k)),
        "(n + 1) / 2^k": (real(n) + 1) / real(power(2, k)),
        "↑n ≤ ↑m": real(n) <= real(m),
        "(1 : Real) ≤ 2": number(1, REAL) <= number(2, REAL),
    }


@pytest.mark.parametrize(
    "written", re.findall(r"^\| `([^`]*)`[^|]*\| [^|]*[↑1][^|]* \| [^|]* \|$", PAGE, re.MULTILINE)
)
def test_casts_are_as_the_table_says(written: str) -> None:
    import proofs.arithmetic  # noqa: F401

    term = casts()[written]
    assert text(term) == written
    free = {v.data: v.sort for v in (i, k, m, n, x, f)}
    assert same(parse(written, free), term)


def test_the_table_of_casts_is_read() -> None:
    import proofs.arithmetic  # noqa: F401

    for written in casts():
        assert f"| `{written}`" in PAGE
