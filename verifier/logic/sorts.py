"""Sorts: integers, reals, truth values, and functions between numbers.

Functions take numbers and give a number; there are no functions of functions to quantify over.
Truth values are the sort of formulas only: no variable ranges over them.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple


class Sort(NamedTuple):
    """One of the base sorts :data:`INT`, :data:`REAL`, :data:`BOOL`."""

    name: str

    def __str__(self) -> str:
        return self.name


INT: Final = Sort("Int")
REAL: Final = Sort("Real")
BOOL: Final = Sort("Bool")
NUMBERS: Final = (INT, REAL)


class FunctionSort(NamedTuple):
    """The sort of functions from numbers to a number, such as ``Int × Real → Real``."""

    domain: tuple[Sort, ...]
    range: Sort

    def __str__(self) -> str:
        return f"{' × '.join(map(str, self.domain))} → {self.range}"


AnySort = Sort | FunctionSort


def is_base(sort: Any) -> bool:
    """Whether a sort is one of the three base sorts; a subclass of Sort or str is none."""
    return type(sort) is Sort and type(sort.name) is str and sort in (INT, REAL, BOOL)


def is_number(sort: Any) -> bool:
    """Whether a sort is that of integers or reals."""
    return is_base(sort) and sort != BOOL


def is_ranged_over(sort: Any) -> bool:
    """Whether variables range over a sort: numbers, and functions of numbers."""
    if type(sort) is not FunctionSort:
        return is_number(sort)
    return type(sort.domain) is tuple and bool(sort.domain) and all(
        map(is_number, (*sort.domain, sort.range))
    )
