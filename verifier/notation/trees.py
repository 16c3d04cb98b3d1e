"""Trees of words, between the text and its terms, and walks over them.

Recursion is without Python's stack: a nested text is as deep as it is long.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any


@dataclass(eq=False)
class Tree:
    """What a piece of text is made of, its sorts not yet known.

    Attributes
    ----------
    operator:
        An operator of the logic, or ``name``, ``typed`` (a free variable with its sort),
        ``literal`` (a numeral with its sort), ``minus``, ``cast``, ``power``, ``member``, ``iff``
        or ``≠``.
    parts:
        What it is made of; of an application the function first.
    data:
        Its name, value, or bound names and sorts.
    place:
        Where in the text it stands.
    """

    operator: str
    parts: list[Tree]
    data: Any
    place: int


def run(first: Generator[Any, Any, Any]) -> Any:
    """What a generator returns that yields the generators whose results it is sent.

    Examples
    --------
    >>> def depth(n):
    ...     return 0 if n == 0 else 1 + (yield depth(n - 1))
    >>> run(depth(100_000))
    100000
    """
    stack, result = [first], None
    while stack:
        try:
            stack.append(stack[-1].send(result))
            result = None
        except StopIteration as stop:
            stack.pop()
            result = stop.value
    return result
