"""Arrays of exact integers: machine integers where a bound proves they fit, Python's otherwise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

# One bit of slack, so that a sum of two bounded results still fits 64 bits.
MACHINE_LIMIT: Final = 2**62


def integers(values: Sequence[Any]) -> Array:
    """Return integers, nested to any depth, as an array of the narrowest exact type.

    >>> integers([1, -2]).dtype.name, integers([2**70]).dtype.name
    ('int64', 'object')
    """
    return narrow(np.array(values, dtype=object))


def largest(array: Array) -> int:
    """Return the largest absolute value as a Python integer, 0 for an empty array."""
    if not array.size:
        return 0
    return max(abs(int(array.min())), abs(int(array.max())))


def narrow(array: Array) -> Array:
    """Return machine integers if every entry fits, the array itself otherwise."""
    if array.dtype == object and largest(array) < MACHINE_LIMIT:
        return array.astype(np.int64)
    return array


def within(bound: int, *arrays: Array) -> tuple[Array, ...]:
    """Return arrays fit for a computation whose every intermediate result is at most ``bound``.

    Machine integers stay if the bound proves that nothing overflows; otherwise all arrays
    become Python integers.
    """
    if bound < MACHINE_LIMIT and all(array.dtype != object for array in arrays):
        return arrays
    return tuple(array.astype(object) for array in arrays)


def signs(array: Array) -> Array:
    """Return -1, 0 or 1 for every entry."""
    return np.asarray((array > 0).astype(np.int8) - (array < 0).astype(np.int8))


def quotients(numerators: Array, denominators: Array) -> Array:
    """Return floats near p / q, infinite where q = 0 or the quotient is beyond float range."""
    if numerators.dtype != object and denominators.dtype != object:
        with np.errstate(divide="ignore"):
            return np.asarray(numerators.astype(np.float64) / denominators.astype(np.float64))
    pairs = zip(numerators.tolist(), denominators.tolist(), strict=True)
    return np.array([quotient(p, q) for p, q in pairs], dtype=np.float64)


def quotient(p: int, q: int) -> float:
    """Return a float near p / q, infinite where q = 0 or the quotient is beyond float range."""
    try:
        return p / q
    except (OverflowError, ZeroDivisionError):
        return math.inf if p > 0 else -math.inf


def lowest_terms(numerators: Array, denominators: Array) -> tuple[Array, Array]:
    """Return p / q with common factors cancelled and q > 0; no q may be 0."""
    common = np.gcd(numerators, denominators)
    common = np.where(denominators < 0, -common, common)
    return narrow(numerators // common), narrow(denominators // common)


def common_divisor(scale: int, *arrays: Array) -> int:
    """Return the greatest common divisor of ``scale`` and every entry."""
    for array in arrays:
        # Most often a few entries already settle that nothing cancels.
        scale = math.gcd(scale, *array.flat[:8].tolist())
        if scale == 1:
            return 1
        scale = math.gcd(scale, int(np.gcd.reduce(array, axis=None)))
    return scale
