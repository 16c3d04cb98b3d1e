"""Floats next to an exact number, below and above."""

from __future__ import annotations

from fractions import Fraction

import numpy as np


def round_up(number: Fraction) -> float:
    """Return a float no smaller than the number, equal where there is one."""
    try:
        near = float(number)
    except OverflowError:
        return float("inf") if number > 0 else -np.finfo(np.float64).max
    return near if Fraction(near) >= number else float(np.nextafter(near, np.inf))


def round_down(number: Fraction) -> float:
    """Return a float no larger than the number, equal where there is one."""
    return -round_up(-number)
