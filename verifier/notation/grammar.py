"""What printer and reader agree on: how tightly each construction binds.

A part that is looser than its place asks for stands in brackets.  ``docs/notation.md`` gives the
grammar in full.
"""

from __future__ import annotations

from typing import Final

# Looser before tighter.
OPEN, ARROW, OR, AND, NOT, COMPARISON, QUOTIENT, SUM, RATIONAL, PRODUCT, POWER, ATOM = range(12)

# Between two parts: its own tightness, and what it asks of its left and right part.
INFIX: Final[dict[str, tuple[int, int, int]]] = {
    "=>": (ARROW, OR, ARROW), "iff": (ARROW, OR, OR),
    "or": (OR, AND, AND), "and": (AND, NOT, NOT),
    "=": (COMPARISON, QUOTIENT, QUOTIENT), "<=": (COMPARISON, QUOTIENT, QUOTIENT),
    "<": (COMPARISON, QUOTIENT, QUOTIENT), "≠": (COMPARISON, QUOTIENT, QUOTIENT),
    "/": (QUOTIENT, POWER, POWER), "div": (QUOTIENT, POWER, POWER),
    "mod": (QUOTIENT, POWER, POWER),
    "+": (SUM, SUM, RATIONAL), "-": (SUM, SUM, RATIONAL), "*": (PRODUCT, PRODUCT, POWER),
}  # fmt: skip

NEGATED: Final = PRODUCT
"""What a minus sign in front asks of its part."""

FIELD: Final = frozenset({"+", "-", "*", "/", "ite"})
"""Operators through which a cast is understood."""
