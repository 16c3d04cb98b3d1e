"""Arithmetic the theory rests on: powers, finite sums and products, digits."""

from __future__ import annotations

from collections.abc import Callable

from verifier.proving import (
    Integer,
    Proof,
    RealSequence,
    Term,
    Theorem,
    integer,
    lemma,
    real,
    recursion,
)


@recursion("n", zero=lambda b: integer(1))
def power(power: Callable[..., Term], b: Integer, n: Integer) -> Term:
    """b^n for an integer b and n ≥ 0."""
    return power(b, n) * b


@recursion("n", zero=lambda a: real(0))
def total(total: Callable[..., Term], a: RealSequence, n: Integer) -> Term:
    """The finite sum a(0) + … + a(n − 1)."""
    return total(a, n) + a(n)


@lemma("digits-increase")
def digits_increase(
    p: Proof, a: Integer, b: Integer, s: Integer, r: Integer, base: Integer
) -> Theorem:
    """A larger leading digit makes a larger number, whatever the last digits in 1..base."""
    digits = p.given(a < b, 1 <= s, s <= base, 1 <= r)
    p.show((a - 1) * base + s < (b - 1) * base + r)
    gap = p.have(base <= (b - a) * base, digits, name="the gap is at least one base")
    return p.have(p.goal, digits, gap)
