"""Recursion without Python's stack: a nested text is as deep as it is long."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any


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
