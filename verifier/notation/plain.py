"""Terms written node by node: no notation, nothing to misread, and no longer than the term.

Also the digits of numbers of any length: Python refuses to write or read more than some thousand
at once, so they are written and read in shorter parts.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from verifier.logic import Term
from verifier.logic.terms import BINDERS

AT_ONCE: Final = 2_000
"""Digits that are written or read at once."""
LARGEST: Final = 200_000
"""Nodes of the largest term that is written out; equal parts count as often as they stand."""


def size(term: Term, enough: int) -> int:
    """Nodes of a term written out, equal parts as often as they stand; at most ``enough``."""
    sizes: dict[Term, int] = {}
    todo = [(term, False)]
    while todo:
        node, ready = todo.pop()
        if node in sizes:
            continue
        if ready:
            sizes[node] = min(enough, 1 + sum(sizes[a] for a in node.arguments))
        else:
            todo.append((node, True))
            todo.extend((a, False) for a in node.arguments)
    return sizes[term]


def plain(term: Term) -> str:
    """One node a line, numbered; a node names the numbers of its parts.

    Examples
    --------
    >>> from verifier.logic import REAL, variable
    >>> x = variable("x", REAL)
    >>> print(plain(x * x <= x))
    0: variable x of Real
    1: * 0 0
    2: <= 1 0
    """
    numbers: dict[Term, int] = {}
    found: list[str] = []
    todo = [(term, False)]
    while todo:
        node, ready = todo.pop()
        if node in numbers:
            continue
        if ready:
            numbers[node] = len(numbers)
            words = [_head(node), *(str(numbers[a]) for a in node.arguments)]
            found.append(f"{numbers[node]}: {' '.join(words)}")
        else:
            todo.append((node, True))
            todo.extend((a, False) for a in reversed(node.arguments))
    return "\n".join(found)


def _head(node: Term) -> str:
    operator = node.operator
    if operator == "number":
        sign = "-" if node.data < 0 else ""
        return f"number {sign}{magnitude(node.data)} of {node.sort}"
    if operator in ("variable", "bound"):
        return f"{operator} {node.data} of {node.sort}"
    if operator == "symbol":
        return f"symbol {node.data.name} of"
    if operator in BINDERS:
        names, sorts = node.data
        listed = ", ".join(f"{n} of {s}" for n, s in zip(names, sorts, strict=True))
        return f"{operator} {listed}:"
    return operator


def digits(value: int) -> str:
    """The decimal digits of an integer that is not negative.

    Examples
    --------
    >>> len(digits(10**12_345))
    12346
    """
    if value.bit_length() < 3 * AT_ONCE:
        return str(value)
    # A power of ten of about half the length.
    half = value.bit_length() // 7
    high, low = divmod(value, 10**half)
    return digits(high) + digits(low).rjust(half, "0")


def integer(numeral: str) -> int:
    """The integer that decimal digits denote.

    Examples
    --------
    >>> integer(digits(7**9_999)) == 7**9_999
    True
    """
    if len(numeral) <= AT_ONCE:
        return int(numeral)
    half = len(numeral) // 2
    shift: int = 10**half
    return integer(numeral[:-half]) * shift + integer(numeral[-half:])


def magnitude(value: Fraction) -> str:
    """``p`` or ``p/q``, the sign left out."""
    above = digits(abs(value.numerator))
    return above if value.denominator == 1 else f"{above}/{digits(value.denominator)}"
