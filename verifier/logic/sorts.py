"""Sorts: integers, reals, truth values, and functions between numbers.

Functions take numbers and give a number; there are no functions of functions to quantify over.
Truth values are the sort of formulas only: no variable ranges over them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Sort:
    """One of the base sorts :data:`INT`, :data:`REAL`, :data:`BOOL`."""

    name: str

    def __str__(self) -> str:
        return self.name


INT: Final = Sort("Int")
REAL: Final = Sort("Real")
BOOL: Final = Sort("Bool")
NUMBERS: Final = (INT, REAL)


@dataclass(frozen=True)
class FunctionSort:
    """The sort of functions from numbers to a number, such as ``Int × Real → Real``."""

    domain: tuple[Sort, ...]
    range: Sort

    def __str__(self) -> str:
        return f"{' × '.join(map(str, self.domain))} → {self.range}"


AnySort = Sort | FunctionSort
