"""Arithmetic the theory rests on: powers, finite sums and products, digits."""

from __future__ import annotations

from collections.abc import Callable

from verifier.proving import (
    Fact,
    Formula,
    Integer,
    IntegerSequence,
    Proof,
    Real,
    RealSequence,
    Term,
    Theorem,
    conjunction,
    exists,
    forall,
    if_then_else,
    implies,
    integer,
    integers,
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


@recursion("n", zero=lambda a: integer(0))
def count(count: Callable[..., Term], a: IntegerSequence, n: Integer) -> Term:
    """The finite sum a(0) + … + a(n − 1) of integers."""
    return count(a, n) + a(n)


@recursion("n", zero=lambda a: integer(1))
def product(product: Callable[..., Term], a: IntegerSequence, n: Integer) -> Term:
    """The finite product a(0) · … · a(n − 1) of integers."""
    return product(a, n) * a(n)


@recursion("n", zero=lambda b: real(1))
def real_power(real_power: Callable[..., Term], b: Real, n: Integer) -> Term:
    """b^n for a real b and n ≥ 0."""
    return real_power(b, n) * b


def below(j: Integer, n: Integer) -> Formula:
    """0 ≤ j < n."""
    return conjunction(0 <= j, j < n)


(j,) = integers("j")


@lemma("digits-increase")
def digits_increase(
    p: Proof, a: Integer, b: Integer, s: Integer, r: Integer, base: Integer
) -> Theorem:
    """A larger leading digit makes a larger number, whatever the last digits in 1..base."""
    digits = p.given(a < b, 1 <= s, s <= base, 1 <= r)
    p.show((a - 1) * base + s < (b - 1) * base + r)
    gap = p.have(base <= (b - a) * base, digits, name="the gap is at least one base")
    return p.have(p.goal, digits, gap)


# Finite sums of reals.


@lemma("total-congruence")
def total_congruence(p: Proof, a: RealSequence, b: RealSequence, n: Integer) -> Theorem:
    """Sums of equal terms are equal."""
    natural, equal = p.given(0 <= n, forall(j, implies(below(j, n), a(j) == b(j))))
    p.show(total(a, n) == total(b, n))

    def claim(i: Integer) -> Formula:
        return implies(i <= n, total(a, i) == total(b, i))

    return p.by_induction(n, natural, claim, step=lambda i: p.at(equal, i))


@lemma("total-affine")
def total_affine(p: Proof, a: RealSequence, b: RealSequence, x: Real, n: Integer) -> Theorem:
    """Σ (a(j)·x + b(j)) = (Σ a(j))·x + Σ b(j)."""
    natural = p.given(0 <= n)

    def claim(i: Integer) -> Formula:
        return total(lambda j: a(j) * x + b(j), i) == total(a, i) * x + total(b, i)

    p.show(claim(n))

    def step(i: Integer, natural: Theorem) -> Fact:
        return p.equal_values(lambda v: v * x, p.successor(total(a, i + 1), natural))

    def base() -> Fact:
        return p.equal_values(lambda v: v * x, p.meaning(total(a, integer(0))))

    return p.by_induction(n, natural, claim, base, step)


# Finite sums of integers.


@lemma("count-between")
def count_between(p: Proof, a: IntegerSequence, n: Integer, low: Integer, high: Integer) -> Theorem:
    """A sum of n integers between low and high lies between n·low and n·high."""
    bounds = conjunction(low <= a(j), a(j) <= high)
    natural, within = p.given(0 <= n, forall(j, implies(below(j, n), bounds)))

    def claim(i: Integer) -> Formula:
        return conjunction(i * low <= count(a, i), count(a, i) <= i * high)

    p.show(claim(n))
    return p.by_induction(
        n, natural, lambda i: implies(i <= n, claim(i)), step=lambda i: p.at(within, i)
    )


@lemma("count-monotone")
def count_monotone(p: Proof, a: IntegerSequence, b: IntegerSequence, n: Integer) -> Theorem:
    """Sums of larger integers are larger."""
    natural, larger = p.given(0 <= n, forall(j, implies(below(j, n), a(j) <= b(j))))
    p.show(count(a, n) <= count(b, n))

    def claim(i: Integer) -> Formula:
        return implies(i <= n, count(a, i) <= count(b, i))

    return p.by_induction(n, natural, claim, step=lambda i: p.at(larger, i))


@lemma("count-equal")
def count_equal(
    p: Proof, a: IntegerSequence, b: IntegerSequence, n: Integer, i: Integer
) -> Theorem:
    """If a(j) ≤ b(j) for all j < n and the sums are equal, then a(i) = b(i) for each i < n."""
    inside, larger, equal = p.given(
        below(i, n), forall(j, implies(below(j, n), a(j) <= b(j))), count(a, n) == count(b, n)
    )
    p.show(a(i) == b(i))

    # Once one term is strictly larger, so is every later partial sum.
    def claim(m: Integer) -> Formula:
        return implies(
            m <= n,
            conjunction(
                count(a, m) <= count(b, m),
                implies(conjunction(i < m, a(i) < b(i)), count(a, m) < count(b, m)),
            ),
        )

    def step(m: Integer) -> Fact:
        same_term = p.suppose(
            m == i, lambda now: p.both(p.equal_values(a, now), p.equal_values(b, now))
        )
        return [inside, p.at(larger, m), same_term]

    reached = p.by_induction(n, inside, claim, lambda: inside, step)
    return p.have(p.goal, reached, inside, equal, p.at(larger, i))


# Products and powers.


@lemma("product-congruence")
def product_congruence(p: Proof, a: IntegerSequence, b: IntegerSequence, n: Integer) -> Theorem:
    """Products of equal factors are equal."""
    natural, equal = p.given(0 <= n, forall(j, implies(below(j, n), a(j) == b(j))))
    p.show(product(a, n) == product(b, n))

    def step(i: Integer, natural: Theorem, hypothesis: Theorem, within: Theorem) -> Fact:
        before = p.apply(hypothesis, given=[within])
        factor = p.apply(equal, i, given=[[natural, within]])
        return [
            p.equal_values(lambda v: v * a(i), before),
            p.equal_values(lambda v: product(b, i) * v, factor),
        ]

    def claim(i: Integer) -> Formula:
        return implies(i <= n, product(a, i) == product(b, i))

    return p.by_induction(n, natural, claim, step=step)


@lemma("product-monotone")
def product_monotone(p: Proof, a: IntegerSequence, b: IntegerSequence, n: Integer) -> Theorem:
    """If 0 ≤ a(j) ≤ b(j) for all j < n, then 0 ≤ ∏ a ≤ ∏ b."""
    natural, larger = p.given(
        0 <= n, forall(j, implies(below(j, n), conjunction(0 <= a(j), a(j) <= b(j))))
    )
    p.show(conjunction(0 <= product(a, n), product(a, n) <= product(b, n)))

    def ordered(i: Integer) -> Formula:
        return conjunction(0 <= product(a, i), product(a, i) <= product(b, i))

    def step(i: Integer, natural: Theorem, hypothesis: Theorem, within: Theorem) -> Fact:
        before = p.apply(hypothesis, given=[within])
        factor = p.apply(larger, i, given=[[natural, within]])
        return [
            p.have(0 <= product(a, i) * a(i), before, factor),
            p.have(product(a, i) * a(i) <= product(b, i) * a(i), before, factor),
            p.have(product(b, i) * a(i) <= product(b, i) * b(i), before, factor),
        ]

    return p.by_induction(n, natural, lambda i: implies(i <= n, ordered(i)), step=step)


@lemma("product-constant")
def product_constant(p: Proof, b: Integer, n: Integer) -> Theorem:
    """A product of n equal factors is a power."""
    natural = p.given(0 <= n)

    def claim(i: Integer) -> Formula:
        return product(lambda j: b, i) == power(b, i)

    p.show(claim(n))
    return p.by_induction(
        n,
        natural,
        claim,
        step=lambda i, natural, before: p.equal_values(lambda v: v * b, before),
    )


@lemma("power-monotone")
def power_monotone(p: Proof, a: Integer, b: Integer, n: Integer) -> Theorem:
    """0 ≤ a^n ≤ b^n for 0 ≤ a ≤ b."""
    positive, larger, natural = p.given(0 <= a, a <= b, 0 <= n)
    p.show(conjunction(0 <= power(a, n), power(a, n) <= power(b, n)))
    factors = p.for_all(
        "j",
        Integer,
        lambda j: p.have(implies(below(j, n), conjunction(0 <= a, a <= b)), positive, larger),
    )
    ordered = product_monotone(p, given=[natural, factors])
    return p.have(
        p.goal,
        ordered,
        product_constant(p, a, given=[natural]),
        product_constant(p, b, given=[natural]),
    )


@lemma("power-of-product")
def power_of_product(p: Proof, a: Integer, b: Integer, n: Integer) -> Theorem:
    """(a·b)^n = a^n · b^n."""
    natural = p.given(0 <= n)

    def claim(i: Integer) -> Formula:
        return power(a * b, i) == power(a, i) * power(b, i)

    p.show(claim(n))
    zero = integer(0)

    def step(i: Integer, natural: Theorem, hypothesis: Theorem) -> Fact:
        left = p.rewrite(p.successor(power(a * b, i + 1), natural), hypothesis)
        right = p.have(
            power(a, i + 1) * power(b, i + 1) == power(a, i) * a * (power(b, i) * b),
            p.equal_values(lambda v: v * power(b, i + 1), p.successor(power(a, i + 1), natural)),
            p.equal_values(lambda v: power(a, i) * a * v, p.successor(power(b, i + 1), natural)),
        )
        return p.have(claim(i + 1), left, right)

    def base() -> Fact:
        return p.equal_values(lambda v: v * power(b, zero), p.meaning(power(a, zero)))

    return p.by_induction(n, natural, claim, base, step)


@lemma("power-positive")
def power_positive(p: Proof, b: Integer, n: Integer) -> Theorem:
    """b^n ≥ 1 for b ≥ 1."""
    base, natural = p.given(1 <= b, 0 <= n)
    p.show(1 <= power(b, n))
    return p.by_induction(n, natural, lambda i: 1 <= power(b, i), step=lambda: base)


@lemma("total-one-or-two")
def total_one_or_two(p: Proof, a: RealSequence) -> Theorem:
    """A sum of one term is that term, and a sum of two is both."""
    one, two = (total(a, integer(n)) for n in (1, 2))
    p.show(conjunction(one == a(integer(0)), two == a(integer(0)) + a(integer(1))))
    return p.have(p.goal, p.unrolled(one), p.unrolled(two))


@lemma("parity-mirror")
def parity_mirror(p: Proof, n: Integer, i: Integer) -> Theorem:
    """2n − i has the parity of i, and 2n − 1 − i the other."""
    p.show(conjunction((2 * n - i) % 2 == i % 2, (2 * n - 1 - i) % 2 == 1 - i % 2))
    return p.have(p.goal)


@lemma("total-pick")
def total_pick(p: Proof, a: RealSequence, i: Integer, n: Integer) -> Theorem:
    """Σ_j [j = i]·a(j) = a(i) for 0 ≤ i < n."""
    inside = p.given(below(i, n))

    def picked(m: Integer) -> Real:
        return total(lambda j: if_then_else(j == i, real(1), real(0)) * a(j), m)

    def claim(m: Integer) -> Formula:
        return picked(m) == if_then_else(i < m, a(i), 0)

    p.show(picked(n) == a(i))

    def step(m: Integer) -> Fact:
        return p.suppose(m == i, lambda now: p.equal_values(a, now))

    reached = p.by_induction(n, inside, claim, lambda: inside, step)
    return p.have(p.goal, reached, inside)


@lemma("division")
def division(p: Proof, n: Integer, base: Integer) -> Theorem:
    """Every n ≥ 0 is base·j + i with j ≥ 0 and 0 ≤ i < base."""
    natural, positive = p.given(0 <= n, 1 <= base)
    q, r = integers("q r")

    def digits(n: Integer, q: Integer, r: Integer) -> Formula:
        return conjunction(n == base * q + r, 0 <= q, below(r, base))

    def claim(n: Integer) -> Formula:
        return exists(q, r, digits(n, q, r))

    p.show(claim(n))
    zero = integer(0)

    def step(n: Integer, natural: Theorem, hypothesis: Theorem) -> Theorem:
        high, low, here = p.obtain(hypothesis, "high", "low")

        def carry(full: Theorem) -> Theorem:
            above = p.have(digits(n + 1, high + 1, zero), here, full, positive)
            return p.exhibit(claim(n + 1), high + 1, zero, fact=above)

        def room(free: Theorem) -> Theorem:
            return p.exhibit(
                claim(n + 1), high, low + 1, fact=p.have(digits(n + 1, high, low + 1), here, free)
            )

        return p.cases(low + 1 == base, carry, room)

    return p.by_induction(
        n,
        natural,
        claim,
        lambda: p.exhibit(claim(zero), zero, zero, fact=p.have(digits(zero, zero, zero), positive)),
        step,
    )
