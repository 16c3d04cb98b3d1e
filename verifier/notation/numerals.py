"""Decimal digits of integers of any length.

Python refuses to write or read more than some thousand digits at once; these parts are shorter.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

AT_ONCE: Final = 2_000


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
