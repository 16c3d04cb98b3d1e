"""Trees of words, between the text and its terms."""

from __future__ import annotations

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
