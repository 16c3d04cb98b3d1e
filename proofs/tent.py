"""D. The deep network: tent maps iterated, their closed form, and the networks that compute them.

``hat(x) = 2 relu(x) − 4 relu(x − 1/2)`` and ``tent(x) = relu(hat(x))``.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from proofs.arithmetic import (
    below,
    parity_mirror,
    power,
    power_positive,
    total,
    total_one_or_two,
)
from proofs.networks import layered, network, output, uniform, value
from proofs.sawtooth import relu, sawtooth, sawtooth_affine, sawtooth_congruence, sawtooth_weaken
from verifier.logic import opened
from verifier.proving import (
    Fact,
    Formula,
    Integer,
    IntegerSequence,
    Labelling,
    Proof,
    Real,
    RealMap,
    RealMatrix,
    RealSequence,
    RealTensor,
    Term,
    Theorem,
    conjunction,
    definition,
    disjunction,
    exists,
    forall,
    function,
    if_then_else,
    implies,
    integer,
    integers,
    lemma,
    negation,
    number,
    real,
    reals,
    recursion,
    theorem,
    variables,
)

SECTION_2 = "Telgarsky 2015, Section 2"
HALF = Fraction(1, 2)

x, y = reals("x y")
(i,) = integers("i")


@definition
def hat(x: Real) -> Term:
    """2 relu(x) − 4 relu(x − 1/2): the tent on [0, 1], but negative beyond 1."""
    return 2 * relu(x) - 4 * relu(x - HALF)


@definition
def tent(x: Real) -> Term:
    """The tent map: it rises from 0 to 1 on [0, 1/2], falls to 0 on [1/2, 1], and is 0 outside."""
    return relu(hat(x))


@recursion("k", zero=lambda x: x)
def iterate(iterate: Callable[..., Term], k: Integer, x: Real) -> Term:
    """tent^k(x)."""
    return iterate(k, tent(x))


@recursion("k", zero=lambda x: x)
def hat_iterate(hat_iterate: Callable[..., Term], k: Integer, x: Real) -> Term:
    """hat^k(x)."""
    return hat_iterate(k, hat(x))


def two_to(k: Integer) -> Real:
    """2^k as a real number."""
    return real(power(2, k))


def hat_facts(p: Proof, x: Real) -> list[Theorem]:
    """The definitions behind hat(x)."""
    return [*p.meanings(hat, x), *p.meanings(relu, x, x - HALF)]


def tent_facts(p: Proof, x: Real) -> list[Theorem]:
    """The definitions behind tent(x)."""
    return [*p.meanings(tent, x), *p.meanings(relu, hat(x)), *hat_facts(p, x)]


def natural_power(p: Proof, k: Integer, natural: Fact) -> Theorem:
    """2^k ≥ 1."""
    return power_positive(p, integer(2), k, given=[[], natural])


@theorem("tent-closed-form", source=SECTION_2)
def tent_closed_form(p: Proof, x: Real) -> Theorem:
    """tent is 2x on [0, 1/2], 2 − 2x on [1/2, 1], and 0 elsewhere."""
    p.show(
        conjunction(
            implies(conjunction(0 <= x, x <= HALF), tent(x) == 2 * x),
            implies(conjunction(HALF <= x, x <= 1), tent(x) == 2 - 2 * x),
            implies(disjunction(x <= 0, x >= 1), tent(x) == 0),
        )
    )
    return p.have(p.goal, tent_facts(p, x))


@lemma("iterate-outer")
def iterate_outer(p: Proof, k: Integer) -> Theorem:
    """tent^(k+1) = tent∘tent^k: the two ways to build the iterate agree."""
    natural = p.given(0 <= k)

    def claim(k: Integer) -> Formula:
        return forall(x, iterate(k + 1, x) == tent(iterate(k, x)))

    p.show(claim(k))
    zero = integer(0)

    def base() -> Theorem:
        def at(x: Real) -> Theorem:
            one = p.successor(iterate(zero + 1, x), [])
            inner = p.meaning(iterate(zero, tent(x)))
            outer = p.equal_values(lambda v: tent(v), p.meaning(iterate(zero, x)))
            return p.have(iterate(zero + 1, x) == tent(iterate(zero, x)), one, inner, outer)

        return p.for_all("x", Real, at)

    def step(k: Integer, natural: Theorem, hypothesis: Theorem) -> Theorem:
        def at(x: Real) -> Theorem:
            left = p.successor(iterate(k + 1 + 1, x), p.have(0 <= k + 1, natural))
            inner = p.at(hypothesis, tent(x))
            right = p.equal_values(lambda v: tent(v), p.successor(iterate(k + 1, x), natural))
            return p.have(
                iterate(k + 1 + 1, x) == tent(iterate(k + 1, x)), left, inner, right
            )

        return p.for_all("x", Real, at)

    return p.apply(p.induction("k", claim, base, step), k, given=[natural])


@lemma("iterate-on-cell")
def iterate_on_cell(p: Proof, k: Integer) -> Theorem:
    """On the i-th cell of width 2^(−k), tent^k is 2^k x − i for even i, i + 1 − 2^k x for odd i."""
    natural = p.given(0 <= k)

    def cell(k: Integer, i: Integer, x: Real) -> Formula:
        return conjunction(
            below(i, power(2, k)), real(i) <= two_to(k) * x, two_to(k) * x <= real(i) + 1
        )

    def closed(k: Integer, i: Integer, x: Real) -> Real:
        return if_then_else(i % 2 == 0, two_to(k) * x - real(i), real(i) + 1 - two_to(k) * x)

    def claim(k: Integer) -> Formula:
        return forall(i, x, implies(cell(k, i, x), iterate(k, x) == closed(k, i, x)))

    p.show(claim(k))
    zero = integer(0)

    def base() -> Theorem:
        def at(i: Integer, x: Real) -> Theorem:
            one = p.meaning(power(2, zero))
            scaled = p.have(two_to(zero) * x == x, p.equal_values(real_times(x), one))
            return p.have(
                implies(cell(zero, i, x), iterate(zero, x) == closed(zero, i, x)),
                one,
                scaled,
                p.meaning(iterate(zero, x)),
            )

        return p.for_all_sorted([("i", Integer), ("x", Real)], at)

    def step(k: Integer, natural: Theorem, hypothesis: Theorem) -> Theorem:
        P = power(2, k)
        positive = natural_power(p, k, natural)
        double = p.successor(power(2, k + 1), natural)

        def at(i: Integer, x: Real) -> Theorem:
            scaled = p.equal_values(real_times(x), double)
            twice = p.have(two_to(k + 1) * x == 2 * (two_to(k) * x), scaled)
            unrolled = p.successor(iterate(k + 1, x), natural)
            form = p.at(tent_closed_form.fact, x)

            def inside(here: Theorem) -> Theorem:
                def rising(first: Theorem) -> Theorem:
                    low = p.have(real(P) * (2 * x) <= real(P), here, twice, first)
                    left = p.have(2 * x <= 1, low, positive)
                    right = p.have(0 <= x, p.have(0 <= real(P) * x, here, twice), positive)
                    value = p.have(tent(x) == 2 * x, form, left, right)
                    same = p.equal_values(lambda v: iterate(k, v), value)
                    before = p.apply(
                        hypothesis, i, 2 * x, given=[[here, first, twice]]
                    )
                    return p.have(
                        iterate(k + 1, x) == closed(k + 1, i, x), unrolled, same, before, twice
                    )

                def falling(second: Theorem) -> Theorem:
                    mirrored = 2 * P - 1 - i
                    high = p.have(real(P) <= real(P) * (2 * x), here, twice, second)
                    right = p.have(1 <= 2 * x, high, positive)
                    most = p.have(real(P) * x <= real(P), here, twice, double)
                    left = p.have(x <= 1, most, positive)
                    value = p.have(tent(x) == 2 - 2 * x, form, left, right)
                    same = p.equal_values(lambda v: iterate(k, v), value)
                    before = p.apply(
                        hypothesis, mirrored, 2 - 2 * x, given=[[here, second, twice, double]]
                    )
                    return p.have(
                        iterate(k + 1, x) == closed(k + 1, i, x),
                        unrolled,
                        same,
                        before,
                        twice,
                        parity_mirror(p, P, i),
                    )

                return p.cases(i < P, rising, falling)

            return p.suppose(cell(k + 1, i, x), inside)

        return p.for_all_sorted([("i", Integer), ("x", Real)], at)

    return p.apply(p.induction("k", claim, base, step), k, given=[natural])


def real_times(x: Real) -> Callable[[Term], Term]:
    """The function that casts an integer and multiplies it by x."""
    return lambda v: real(v) * x


@lemma("iterate-at-zero")
def iterate_at_zero(p: Proof, k: Integer) -> Theorem:
    """tent^k(0) = 0."""
    natural = p.given(0 <= k)
    p.show(iterate(k, real(0)) == 0)
    fixed = p.have(tent(real(0)) == 0, p.at(tent_closed_form.fact, real(0)))
    every = p.induction(
        "k",
        lambda k: iterate(k, real(0)) == 0,
        lambda: p.meaning(iterate(integer(0), real(0))),
        lambda k, natural, hypothesis: p.have(
            iterate(k + 1, real(0)) == 0,
            hypothesis,
            p.successor(iterate(k + 1, real(0)), natural),
            p.equal_values(lambda v: iterate(k, v), fixed),
        ),
    )
    return p.apply(every, k, given=[natural])


@lemma("iterate-outside")
def iterate_outside(p: Proof, k: Integer, x: Real) -> Theorem:
    """tent^k is 0 outside [0, 1], for k ≥ 1."""
    positive, outside = p.given(1 <= k, disjunction(x <= 0, x >= 1))
    p.show(iterate(k, x) == 0)
    flat = p.have(tent(x) == 0, p.at(tent_closed_form.fact, x), outside)
    one_more = p.have(k - 1 + 1 == k)
    unrolled = p.successor(iterate(k - 1 + 1, x), p.have(0 <= k - 1, positive))
    return p.have(
        p.goal,
        p.rewrite(unrolled, one_more),
        p.equal_values(lambda v: iterate(k - 1, v), flat),
        iterate_at_zero(p, k - 1, given=[positive]),
    )


@theorem("iterate-closed-form", source=SECTION_2)
def iterate_closed_form(p: Proof, k: Integer, i: Integer, x: Real) -> Theorem:
    """On [i/2^k, (i+1)/2^k], 0 ≤ i < 2^k, tent^k(x) is 2^k x − i for even i and i + 1 − 2^k x
    for odd i; outside [0, 1] it is 0 for k ≥ 1."""
    natural = p.given(0 <= k)
    cell = conjunction(
        below(i, power(2, k)),
        real(i) / two_to(k) <= x,
        x <= real(i + 1) / two_to(k),
    )
    closed = if_then_else(
        i % 2 == 0, two_to(k) * x - real(i), real(i) + 1 - two_to(k) * x
    )
    outside = conjunction(1 <= k, disjunction(x < 0, x > 1))
    p.show(
        conjunction(
            implies(cell, iterate(k, x) == closed), implies(outside, iterate(k, x) == 0)
        )
    )
    positive = natural_power(p, k, natural)
    nonzero = p.have(two_to(k) != 0, positive)
    left = p.quotient(real(i), two_to(k), nonzero)
    right = p.quotient(real(i + 1), two_to(k), nonzero)
    every = iterate_on_cell(p, k, given=[natural])

    def inside(here: Theorem) -> Theorem:
        low = p.have(real(i) <= two_to(k) * x, left, here, positive)
        high = p.have(two_to(k) * x <= real(i) + 1, right, here, positive)
        return p.apply(every, i, x, given=[[here, low, high]])

    return p.both(
        p.suppose(cell, inside),
        p.suppose(outside, lambda away: iterate_outside(p, k, x, given=[away, away])),
    )


@lemma("iterate-grid-point")
def iterate_grid_point(p: Proof, k: Integer, i: Integer, x: Real) -> Theorem:
    """tent^k(x) = i mod 2 where 2^k x = i, 0 ≤ i ≤ 2^k."""
    natural, inside, at = p.given(
        0 <= k, conjunction(0 <= i, i <= power(2, k)), two_to(k) * x == real(i)
    )
    p.show(iterate(k, x) == real(i % 2))
    every = iterate_on_cell(p, k, given=[natural])
    # The last point belongs to the cell on its left.
    return p.cases(
        i < power(2, k),
        lambda first: p.have(
            p.goal, p.apply(every, i, x, given=[[inside, first, at]]), at, name="a cell's left end"
        ),
        lambda last: p.have(
            p.goal,
            p.apply(
                every,
                i - 1,
                x,
                given=[[inside, last, at, natural_power(p, k, natural)]],
            ),
            at,
            p.have((i - 1) % 2 == 1 - i % 2),
            name="the last cell's right end",
        ),
    )


@theorem("iterate-grid", source=SECTION_2)
def iterate_grid(p: Proof, k: Integer, i: Integer) -> Theorem:
    """tent^k(i/2^k) = i mod 2 for 0 ≤ i ≤ 2^k."""
    natural, inside = p.given(0 <= k, conjunction(0 <= i, i <= power(2, k)))
    point = real(i) / two_to(k)
    p.show(iterate(k, point) == real(i % 2))
    nonzero = p.have(two_to(k) != 0, natural_power(p, k, natural))
    at = p.quotient(real(i), two_to(k), nonzero)
    return iterate_grid_point(p, k, i, point, given=[natural, inside, at])


@theorem("iterate-self-similar", source=SECTION_2)
def iterate_self_similar(p: Proof, k: Integer, i: Integer, z: Real) -> Theorem:
    """tent^k((i + z)/2^(k−1)) = tent(z) for z in [0, 1] and 0 ≤ i < 2^(k−1): every tooth of the
    sawtooth is a small tent."""
    positive, tooth, inside = p.given(
        1 <= k, below(i, power(2, k - 1)), conjunction(0 <= z, z <= 1)
    )
    at = (real(i) + z) / two_to(k - 1)
    p.show(iterate(k, at) == tent(z))
    teeth = natural_power(p, k - 1, p.have(0 <= k - 1, positive))
    quotient = p.quotient(real(i) + z, two_to(k - 1), p.have(two_to(k - 1) != 0, teeth))
    one_more = p.have(k - 1 + 1 == k)
    double = p.rewrite(
        p.successor(power(2, k - 1 + 1), p.have(0 <= k - 1, positive)), one_more
    )
    scaled = p.have(
        two_to(k) * at == 2 * (two_to(k - 1) * at), p.equal_values(real_times(at), double)
    )
    place = p.have(two_to(k) * at == 2 * real(i) + 2 * z, scaled, quotient)
    every = iterate_on_cell(p, k, given=[positive])
    form = p.at(tent_closed_form.fact, z)
    return p.cases(
        z <= HALF,
        lambda rising: p.have(
            p.goal,
            p.apply(every, 2 * i, at, given=[[tooth, double, place, inside, rising]]),
            place,
            form,
            inside,
            rising,
        ),
        lambda falling: p.have(
            p.goal,
            p.apply(every, 2 * i + 1, at, given=[[tooth, double, place, inside, falling]]),
            place,
            form,
            inside,
            falling,
        ),
    )
