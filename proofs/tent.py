"""D. The deep network: tent maps iterated, their closed form, and the networks that compute them.

``hat(x) = 2 relu(x) − 4 relu(x − 1/2)`` and ``tent(x) = relu(hat(x))``.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from proofs.arithmetic import below, parity_mirror, power, power_positive, total, total_one_or_two
from proofs.networks import compute, layered, network, output, uniform, value
from proofs.sawtooth import relu
from verifier.proving import (
    Fact,
    Formula,
    Integer,
    IntegerSequence,
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
    forall,
    function,
    if_then_else,
    implies,
    integer,
    integers,
    lemma,
    real,
    reals,
    recursion,
    theorem,
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
            return p.have(iterate(k + 1 + 1, x) == tent(iterate(k + 1, x)), left, inner, right)

        return p.for_all("x", Real, at)

    return p.by_induction(k, natural, claim, base, step)


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
                    before = p.apply(hypothesis, i, 2 * x, given=[[here, first, twice]])
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

    return p.by_induction(k, natural, claim, base, step)


def real_times(x: Real) -> Callable[[Term], Term]:
    """The function that casts an integer and multiplies it by x."""
    return lambda v: real(v) * x


@lemma("iterate-at-zero")
def iterate_at_zero(p: Proof, k: Integer) -> Theorem:
    """tent^k(0) = 0."""
    natural = p.given(0 <= k)
    p.show(iterate(k, real(0)) == 0)
    fixed = p.have(tent(real(0)) == 0, p.at(tent_closed_form.fact, real(0)))
    return p.by_induction(
        k,
        natural,
        lambda k: iterate(k, real(0)) == 0,
        lambda: p.meaning(iterate(integer(0), real(0))),
        lambda k, natural, hypothesis: p.have(
            iterate(k + 1, real(0)) == 0,
            hypothesis,
            p.successor(iterate(k + 1, real(0)), natural),
            p.equal_values(lambda v: iterate(k, v), fixed),
        ),
    )


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
        below(i, power(2, k)), real(i) / two_to(k) <= x, x <= real(i + 1) / two_to(k)
    )
    closed = if_then_else(i % 2 == 0, two_to(k) * x - real(i), real(i) + 1 - two_to(k) * x)
    outside = conjunction(1 <= k, disjunction(x < 0, x > 1))
    p.show(
        conjunction(implies(cell, iterate(k, x) == closed), implies(outside, iterate(k, x) == 0))
    )
    positive = natural_power(p, k, natural)
    nonzero = p.have(two_to(k) != 0, positive)
    left = p.quotient(real(i), two_to(k), nonzero)
    right = p.quotient(real(i + 1), two_to(k), nonzero)
    every = iterate_on_cell(p, given=[natural])

    def inside(here: Theorem) -> Theorem:
        low = p.have(real(i) <= two_to(k) * x, left, here, positive)
        high = p.have(two_to(k) * x <= real(i) + 1, right, here, positive)
        return p.apply(every, i, x, given=[[here, low, high]])

    return p.both(
        p.suppose(cell, inside),
        p.suppose(outside, lambda away: iterate_outside(p, x=x, given=[away, away])),
    )


@lemma("iterate-grid-point")
def iterate_grid_point(p: Proof, k: Integer, i: Integer, x: Real) -> Theorem:
    """tent^k(x) = i mod 2 where 2^k x = i, 0 ≤ i ≤ 2^k."""
    natural, inside, at = p.given(
        0 <= k, conjunction(0 <= i, i <= power(2, k)), two_to(k) * x == real(i)
    )
    p.show(iterate(k, x) == real(i % 2))
    every = iterate_on_cell(p, given=[natural])
    # The last point belongs to the cell on its left.
    return p.cases(
        i < power(2, k),
        lambda first: p.have(
            p.goal, p.apply(every, i, x, given=[[inside, first, at]]), at, name="a cell's left end"
        ),
        lambda last: p.have(
            p.goal,
            p.apply(every, i - 1, x, given=[[inside, last, at, natural_power(p, k, natural)]]),
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
    return iterate_grid_point(p, given=[natural, inside, at])


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
    double = p.rewrite(p.successor(power(2, k - 1 + 1), p.have(0 <= k - 1, positive)), one_more)
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


# The networks that compute the iterates.  All weights are explicit.


@definition
def deep_weight(i: Integer, unit: Integer, l: Integer) -> Term:
    """Odd layers copy the first unit before; even layers combine their inputs to 2u − 4v."""
    copy = if_then_else(l == 0, real(1), real(0))
    combine = if_then_else(l == 0, real(2), if_then_else(l == 1, real(-4), real(0)))
    return if_then_else(i % 2 == 1, copy, if_then_else(unit == 0, combine, real(0)))


@definition
def deep_bias(i: Integer, unit: Integer) -> Term:
    """−1/2 for the second unit of each odd layer, else 0."""
    shifted = conjunction(i % 2 == 1, unit == 1)
    return if_then_else(shifted, real(-HALF), real(0))


@definition
def first_unit(l: Integer) -> Term:
    """The read-out that picks the first unit."""
    return if_then_else(l == 0, real(1), real(0))


@definition
def alternating_width(i: Integer) -> Term:
    """Widths 2, 1, 2, 1, … after one input."""
    return if_then_else(i % 2 == 1, integer(2), integer(1))


DEEP_WEIGHT = function(deep_weight, RealTensor)
DEEP_BIAS = function(deep_bias, RealMatrix)
FIRST_UNIT = function(first_unit, RealSequence)
ALTERNATING = function(alternating_width, IntegerSequence)
RELU = function(relu)


def deep_value(w: IntegerSequence, i: Integer, unit: Integer, x: Real) -> Real:
    """The units of the deep network."""
    return value(DEEP_WEIGHT, DEEP_BIAS, RELU, w, i, unit, x)


@lemma("deep-network-values")
def deep_network_values(p: Proof, w: IntegerSequence, k: Integer, x: Real) -> Theorem:
    """In the deep network the first unit of layer 2k is tent^k of the input, whether its even
    layers have one unit or a second that is not used."""
    natural, odd, even = p.given(
        0 <= k,
        forall(i, implies(0 <= i, w(2 * i + 1) == 2)),
        forall(i, implies(0 <= i, disjunction(w(2 * i) == 1, w(2 * i) == 2))),
    )

    def claim(k: Integer) -> Formula:
        return deep_value(w, 2 * k, integer(0), x) == iterate(k, x)

    p.show(claim(k))
    zero, one = integer(0), integer(1)

    def base() -> Theorem:
        start = p.equal_values(
            lambda n: deep_value(w, n, integer(0), x), p.have(integer(2) * zero == zero)
        )
        return p.have(
            claim(zero), start, p.meaning(deep_value(w, zero, zero, x)), p.meaning(iterate(zero, x))
        )

    def step(k: Integer, natural: Theorem, hypothesis: Theorem) -> Theorem:
        before = deep_value(w, 2 * k, zero, x)

        def summed(layer: Integer, unit: Integer, width: Theorem) -> Fact:
            """The weighted inputs of a unit, written out for one or two inputs."""

            def terms(l: Integer) -> Real:
                return deep_weight(layer + 1, unit, l) * deep_value(w, layer, l, x)

            return [
                p.equal_values(lambda n: total(terms, n), width),
                total_one_or_two(p, terms),
                p.meaning(deep_weight(layer + 1, unit, zero)),
                p.meaning(deep_weight(layer + 1, unit, one)),
                p.meaning(deep_bias(layer + 1, unit)),
            ]

        def odd_unit(unit: Integer, shift: Fraction) -> Theorem:
            """A unit of layer 2k + 1 is relu of the one before, shifted."""
            unrolled = p.successor(deep_value(w, 2 * k + 1, unit, x), natural)
            widths = p.apply(even, given=[natural])
            inputs = total(
                lambda l: deep_weight(2 * k + 1, unit, l) * deep_value(w, 2 * k, l, x), w(2 * k)
            )
            parity = p.have((2 * k + 1) % 2 == 1)

            def of_width(width: Theorem) -> Theorem:
                return p.have(
                    inputs + deep_bias(2 * k + 1, unit) == before - real(shift),
                    summed(2 * k, unit, width),
                    parity,
                )

            argument = p.cases(
                w(2 * k) == 1,
                of_width,
                lambda other: of_width(p.have(w(2 * k) == 2, other, widths)),
            )
            return p.have(
                deep_value(w, 2 * k + 1, unit, x) == relu(before - real(shift)),
                unrolled,
                p.equal_values(lambda v: relu(v), argument),
            )

        first, second = odd_unit(zero, Fraction(0)), odd_unit(one, HALF)
        unrolled = p.successor(
            deep_value(w, 2 * k + 1 + 1, zero, x), p.have(0 <= 2 * k + 1, natural)
        )
        inputs = total(
            lambda l: deep_weight(2 * k + 1 + 1, zero, l) * deep_value(w, 2 * k + 1, l, x),
            w(2 * k + 1),
        )
        width = p.apply(odd, given=[natural])
        parity = p.have((2 * k + 1 + 1) % 2 == 0)
        plain = p.equal_values(lambda v: relu(v), p.have(before - real(0) == before))
        argument = p.have(
            inputs + deep_bias(2 * k + 1 + 1, zero) == hat(before),
            summed(2 * k + 1, zero, width),
            parity,
            first,
            second,
            plain,
            p.meanings(hat, before),
        )
        above = p.equal_values(
            lambda n: deep_value(w, n, zero, x), p.have(2 * (k + 1) == 2 * k + 1 + 1)
        )
        outer = p.at(iterate_outer(p, given=[natural]), x)
        return p.have(
            claim(k + 1),
            above,
            unrolled,
            p.equal_values(lambda v: relu(v), argument),
            p.meanings(tent, before),
            p.equal_values(lambda v: tent(v), hypothesis),
            outer,
        )

    return p.by_induction(k, natural, claim, base, step)


def deep_output(w: IntegerSequence, k: Integer, x: Real) -> Real:
    """The output of the deep network with 2k layers: all weights explicit."""
    return output(DEEP_WEIGHT, DEEP_BIAS, RELU, w, 2 * k, FIRST_UNIT, real(0), x)


@lemma("deep-network-output")
def deep_network_output(p: Proof, w: IntegerSequence, k: Integer) -> Theorem:
    """The deep network computes tent^k, with widths 2, 1, 2, 1, … or with uniform width 2."""
    natural, odd, even = p.given(
        0 <= k,
        forall(i, implies(0 <= i, w(2 * i + 1) == 2)),
        forall(i, implies(0 <= i, disjunction(w(2 * i) == 1, w(2 * i) == 2))),
    )
    p.show(forall(x, iterate(k, x) == deep_output(w, k, x)))

    def computed(x: Real) -> Theorem:
        def terms(l: Integer) -> Real:
            return first_unit(l) * deep_value(w, 2 * k, l, x)

        facts = [
            p.meaning(deep_output(w, k, x)),
            *p.meanings(first_unit, integer(0), integer(1)),
            deep_network_values(p, w, x=x, given=[natural, odd, even]),
            total_one_or_two(p, terms),
        ]

        def of_width(width: Theorem) -> Theorem:
            fixed = p.equal_values(lambda n: total(terms, n), width)
            return p.have(iterate(k, x) == deep_output(w, k, x), facts, fixed)

        last = p.apply(even, given=[natural])
        return p.cases(
            w(2 * k) == 1, of_width, lambda other: of_width(p.have(w(2 * k) == 2, other, last))
        )

    return p.for_all("x", Real, computed)


def is_network(p: Proof, claim: Formula, widths: Theorem, computed: Theorem) -> Theorem:
    """A function is computed by the deep network, whose weights are exhibited."""
    return compute(p, claim, widths, (DEEP_WEIGHT, DEEP_BIAS, FIRST_UNIT, real(0)), computed)


@theorem("exact-representation", source=f"{SECTION_2}, the 2k-layer network")
def exact_representation(p: Proof, k: Integer) -> Theorem:
    """The network with widths 2, 1, 2, 1, …, 2k layers and explicit weights computes tent^k."""
    natural = p.given(0 <= k)
    w = ALTERNATING
    claim = network(lambda x: iterate(k, x), RELU, w, 2 * k)
    p.show(conjunction(forall(x, iterate(k, x) == deep_output(w, k, x)), claim))
    odd, even, widths = known_widths(p, w, 2 * k, natural)
    computed = deep_network_output(p, w, given=[natural, odd, even])
    return p.both(computed, is_network(p, claim, widths, computed))


@lemma("exact-representation-uniform")
def exact_representation_uniform(p: Proof, k: Integer) -> Theorem:
    """tent^k is computed by a network of 2k layers of uniform width 2."""
    natural = p.given(0 <= k)
    w = uniform(integer(2))
    p.show(network(lambda x: iterate(k, x), RELU, w, 2 * k))
    odd, even, widths = known_widths(p, w, 2 * k, natural)
    computed = deep_network_output(p, w, given=[natural, odd, even])
    return is_network(p, p.goal, widths, computed)


def known_widths(p: Proof, w: IntegerSequence, depth: Integer, natural: Theorem) -> list[Theorem]:
    """The facts about explicit widths that the deep network asks for."""

    def odd_width(i: Integer) -> Theorem:
        return p.have(implies(0 <= i, w(2 * i + 1) == 2), meanings(p, w(2 * i + 1)))

    def even_width(i: Integer) -> Theorem:
        one_or_two = disjunction(w(2 * i) == 1, w(2 * i) == 2)
        return p.have(implies(0 <= i, one_or_two), meanings(p, w(2 * i)))

    odd = p.for_all("i", Integer, odd_width)
    even = p.for_all("i", Integer, even_width)
    return [odd, even, layered_widths(p, w, depth, natural)]


def layered_widths(p: Proof, w: IntegerSequence, depth: Integer, natural: Fact) -> Theorem:
    """Explicit widths are the widths of a network."""
    deep, one_input, positive = p.clauses(layered(w, depth))
    parts = [
        p.have(deep, natural),
        p.have(one_input, meanings(p, w(integer(0)))),
        p.prove(positive, lambda i: [natural, meanings(p, w(i))]),
    ]
    return p.fold(layered(w, depth), p.both(parts))


def meanings(p: Proof, width: Integer) -> list[Theorem]:
    """The definition of a width, where it is a defined one."""
    return [p.meaning(width)] if width.operator == "symbol" else []


@recursion("k", zero=lambda weight, bias, φ, w, depth, readout, offset, x: x)
def recurrent(
    recurrent: Callable[..., Term],
    weight: RealTensor,
    bias: RealMatrix,
    φ: RealMap,
    w: IntegerSequence,
    depth: Integer,
    readout: RealSequence,
    offset: Real,
    k: Integer,
    x: Real,
) -> Term:
    """A network applied k times to its own output: a recurrent cell."""
    before = recurrent(weight, bias, φ, w, depth, readout, offset, k, x)
    return output(weight, bias, φ, w, depth, readout, offset, before)


@theorem("exact-representation-recurrent", source=f"{SECTION_2}, the recurrent network")
def exact_representation_recurrent(p: Proof, k: Integer, x: Real) -> Theorem:
    """One cell of three nodes, iterated k times, computes tent^k."""
    natural = p.given(0 <= k)
    w = ALTERNATING
    cell = (DEEP_WEIGHT, DEEP_BIAS, RELU, w, integer(2), FIRST_UNIT, real(0))

    def state(k: Integer, x: Real) -> Real:
        return recurrent(*cell, k, x)

    def claim(k: Integer) -> Formula:
        return state(k, x) == iterate(k, x)

    p.show(claim(k))
    zero, one = integer(0), integer(1)

    def cell_is_tent(v: Real) -> Theorem:
        """The cell's output is the tent map."""
        odd, even, _ = known_widths(p, w, integer(2), natural)
        values = deep_network_values(p, w, one, v, given=[[], odd, even])
        layer = p.equal_values(
            lambda n: deep_value(w, n, zero, v), p.have(integer(2) * one == integer(2))
        )

        def terms(l: Integer) -> Real:
            return first_unit(l) * deep_value(w, integer(2), l, v)

        width = p.have(w(integer(2)) == 1, p.meanings(alternating_width, integer(2)))
        once = p.equal_values(lambda n: iterate(n, v), p.have(zero + 1 == one))
        return p.have(
            output(*cell, v) == tent(v),
            p.meaning(output(*cell, v)),
            values,
            layer,
            total_one_or_two(p, terms),
            p.equal_values(lambda n: total(terms, n), width),
            p.meanings(first_unit, zero),
            once,
            p.successor(iterate(zero + 1, v), []),
            p.meaning(iterate(zero, tent(v))),
        )

    return p.by_induction(
        k,
        natural,
        claim,
        lambda: p.have(claim(zero), p.meaning(state(zero, x)), p.meaning(iterate(zero, x))),
        lambda k, natural, hypothesis: p.have(
            claim(k + 1),
            p.successor(state(k + 1, x), natural),
            cell_is_tent(state(k, x)),
            p.equal_values(lambda v: tent(v), hypothesis),
            p.at(iterate_outer(p, given=[natural]), x),
        ),
    )


# Without the second relu: half as many layers.


@lemma("hat-iterate-inside")
def hat_iterate_inside(p: Proof, k: Integer) -> Theorem:
    """hat^k = tent^k on [0, 1]."""
    natural = p.given(0 <= k)

    def claim(k: Integer) -> Formula:
        inside = conjunction(0 <= x, x <= 1)
        return forall(x, implies(inside, hat_iterate(k, x) == iterate(k, x)))

    p.show(claim(k))
    zero = integer(0)

    def base() -> Theorem:
        return p.for_all(
            "x",
            Real,
            lambda x: p.have(
                implies(conjunction(0 <= x, x <= 1), hat_iterate(zero, x) == iterate(zero, x)),
                p.meaning(hat_iterate(zero, x)),
                p.meaning(iterate(zero, x)),
            ),
        )

    def step(k: Integer, natural: Theorem, hypothesis: Theorem) -> Theorem:
        def at(x: Real) -> Theorem:
            def inside(here: Theorem) -> Theorem:
                facts: Fact = [here, tent_facts(p, x)]
                stays = p.have(conjunction(0 <= hat(x), hat(x) <= 1), facts)
                same = p.have(hat(x) == tent(x), facts)
                return p.have(
                    hat_iterate(k + 1, x) == iterate(k + 1, x),
                    p.successor(hat_iterate(k + 1, x), natural),
                    p.successor(iterate(k + 1, x), natural),
                    p.apply(hypothesis, given=[stays]),
                    p.equal_values(lambda v: iterate(k, v), same),
                )

            return p.suppose(conjunction(0 <= x, x <= 1), inside)

        return p.for_all("x", Real, at)

    return p.by_induction(k, natural, claim, base, step)


@lemma("hat-iterate-below")
def hat_iterate_below(p: Proof, k: Integer) -> Theorem:
    """hat^k(y) = 0 for y ≤ 0 and k ≥ 1."""
    natural = p.given(0 <= k)

    def claim(k: Integer) -> Formula:
        return forall(x, implies(x <= 0, hat_iterate(k + 1, x) == 0))

    p.show(claim(k))
    zero = integer(0)

    def lands(x: Real, here: Theorem) -> Theorem:
        return p.have(hat(x) == 0, here, hat_facts(p, x))

    def base() -> Theorem:
        def at(x: Real) -> Theorem:
            return p.suppose(
                x <= 0,
                lambda here: p.have(
                    hat_iterate(zero + 1, x) == 0,
                    p.successor(hat_iterate(zero + 1, x), []),
                    p.meaning(hat_iterate(zero, hat(x))),
                    lands(x, here),
                ),
            )

        return p.for_all("x", Real, at)

    def step(k: Integer, natural: Theorem, hypothesis: Theorem) -> Theorem:
        def at(x: Real) -> Theorem:
            return p.suppose(
                x <= 0,
                lambda here: p.have(
                    hat_iterate(k + 1 + 1, x) == 0,
                    p.successor(hat_iterate(k + 1 + 1, x), p.have(0 <= k + 1, natural)),
                    p.apply(hypothesis, hat(x), given=[lands(x, here)]),
                ),
            )

        return p.for_all("x", Real, at)

    return p.by_induction(k, natural, claim, base, step)


@theorem("exact-representation-merged", source="sharpens the 2k-layer network to k layers")
def exact_representation_merged(p: Proof, k: Integer, x: Real) -> Theorem:
    """hat^k = tent^k on the whole line for k ≥ 2: k layers of width 2 suffice."""
    twice = p.given(2 <= k)
    p.show(hat_iterate(k, x) == iterate(k, x))

    def outside(away: Theorem) -> Theorem:
        below_zero = p.have(hat(x) <= 0, away, hat_facts(p, x))
        flat = p.apply(hat_iterate_below(p, k - 2, given=[twice]), given=[below_zero])
        unrolled = p.successor(hat_iterate(k - 1 + 1, x), p.have(0 <= k - 1, twice))
        one_more = p.equal_values(lambda n: hat_iterate(n, x), p.have(k - 1 + 1 == k))
        one_less = p.equal_values(lambda n: hat_iterate(n, hat(x)), p.have(k - 2 + 1 == k - 1))
        gone = p.have(disjunction(x <= 0, x >= 1), away)
        return p.have(
            p.goal, unrolled, one_more, one_less, flat, iterate_outside(p, k, given=[twice, gone])
        )

    return p.cases(
        conjunction(0 <= x, x <= 1),
        lambda here: p.apply(hat_iterate_inside(p, k, given=[twice]), given=[here]),
        outside,
    )


@definition
def merged_weight(i: Integer, unit: Integer, l: Integer) -> Term:
    """The first layer copies the input; every later one combines two units to 2u − 4v."""
    return if_then_else(
        i <= 1, real(1), if_then_else(l == 0, real(2), if_then_else(l == 1, real(-4), real(0)))
    )


@definition
def merged_bias(i: Integer, unit: Integer) -> Term:
    """−1/2 for the second unit of each layer."""
    return if_then_else(unit == 1, real(-HALF), real(0))


@definition
def merged_readout(l: Integer) -> Term:
    """The read-out 2u − 4v."""
    return if_then_else(l == 0, real(2), if_then_else(l == 1, real(-4), real(0)))


MERGED_WEIGHT = function(merged_weight, RealTensor)
MERGED_BIAS = function(merged_bias, RealMatrix)
MERGED_READOUT = function(merged_readout, RealSequence)


@lemma("hat-iterate-outer")
def hat_iterate_outer(p: Proof, k: Integer) -> Theorem:
    """hat^(k+1) = hat∘hat^k."""
    natural = p.given(0 <= k)

    def claim(k: Integer) -> Formula:
        return forall(x, hat_iterate(k + 1, x) == hat(hat_iterate(k, x)))

    p.show(claim(k))
    zero = integer(0)

    def base() -> Theorem:
        return p.for_all(
            "x",
            Real,
            lambda x: p.have(
                hat_iterate(zero + 1, x) == hat(hat_iterate(zero, x)),
                p.successor(hat_iterate(zero + 1, x), []),
                p.meaning(hat_iterate(zero, hat(x))),
                p.equal_values(lambda v: hat(v), p.meaning(hat_iterate(zero, x))),
            ),
        )

    def step(k: Integer, natural: Theorem, hypothesis: Theorem) -> Theorem:
        def at(x: Real) -> Theorem:
            unrolled = p.successor(hat_iterate(k + 1, x), natural)
            return p.have(
                hat_iterate(k + 1 + 1, x) == hat(hat_iterate(k + 1, x)),
                p.successor(hat_iterate(k + 1 + 1, x), p.have(0 <= k + 1, natural)),
                p.at(hypothesis, hat(x)),
                p.equal_values(lambda v: hat(v), unrolled),
            )

        return p.for_all("x", Real, at)

    return p.by_induction(k, natural, claim, base, step)


@lemma("merged-network-values")
def merged_network_values(p: Proof, k: Integer, x: Real) -> Theorem:
    """Layer k + 1 of the merged network holds relu(hat^k) and relu(hat^k − 1/2)."""
    natural = p.given(0 <= k)
    w = uniform(integer(2))

    def unit_value(i: Integer, unit: Integer) -> Real:
        return value(MERGED_WEIGHT, MERGED_BIAS, RELU, w, i, unit, x)

    def claim(k: Integer) -> Formula:
        before = hat_iterate(k, x)
        return conjunction(
            unit_value(k + 1, integer(0)) == relu(before),
            unit_value(k + 1, integer(1)) == relu(before - HALF),
        )

    p.show(claim(k))
    zero, one = integer(0), integer(1)

    def layer(i: Integer, natural: Fact, width: Integer, before: Real, facts: Fact) -> Theorem:
        """Both units of layer i + 1, once their weighted inputs are known to be ``before``."""

        def unit(unit: Integer, shifted: Real) -> Theorem:
            def terms(l: Integer) -> Real:
                return merged_weight(i + 1, unit, l) * unit_value(i, l)

            argument = p.have(
                total(terms, w(i)) + merged_bias(i + 1, unit) == shifted,
                p.equal_values(lambda n: total(terms, n), p.have(w(i) == width, natural)),
                total_one_or_two(p, terms),
                p.meaning(merged_weight(i + 1, unit, zero)),
                p.meaning(merged_weight(i + 1, unit, one)),
                p.meaning(merged_bias(i + 1, unit)),
                natural,
                facts,
            )
            return p.have(
                unit_value(i + 1, unit) == relu(shifted),
                p.successor(unit_value(i + 1, unit), natural),
                p.equal_values(lambda v: relu(v), argument),
            )

        return p.both(unit(zero, before), unit(one, before - HALF))

    def base() -> Theorem:
        start = hat_iterate(zero, x)
        inputs = [p.meaning(unit_value(zero, zero)), p.meaning(start)]
        return layer(zero, [], one, start, inputs)

    def step(k: Integer, natural: Theorem, hypothesis: Theorem) -> Theorem:
        above = p.have(0 <= k + 1, natural)
        combined: Fact = [
            hypothesis,
            p.meanings(hat, hat_iterate(k, x)),
            p.at(hat_iterate_outer(p, given=[natural]), x),
        ]
        return layer(k + 1, [natural, above], integer(2), hat_iterate(k + 1, x), combined)

    return p.by_induction(k, natural, claim, base, step)


@theorem("exact-representation-half", source="sharpens the 2k-layer network to k layers")
def exact_representation_half(p: Proof, k: Integer) -> Theorem:
    """A network of k layers of width 2 computes tent^k, for k ≥ 2."""
    twice = p.given(2 <= k)
    w = uniform(integer(2))
    p.show(network(lambda x: iterate(k, x), RELU, w, k))

    def computed(x: Real) -> Theorem:
        def terms(l: Integer) -> Real:
            return merged_readout(l) * value(MERGED_WEIGHT, MERGED_BIAS, RELU, w, k, l, x)

        out = output(MERGED_WEIGHT, MERGED_BIAS, RELU, w, k, MERGED_READOUT, real(0), x)
        one_more = p.have(k - 1 + 1 == k)
        return p.have(
            iterate(k, x) == out,
            p.meaning(out),
            p.equal_values(lambda n: total(terms, n), p.have(w(k) == 2, twice)),
            total_one_or_two(p, terms),
            p.meanings(merged_readout, integer(0), integer(1)),
            p.rewrite(merged_network_values(p, k - 1, x, given=[twice]), one_more),
            p.meanings(hat, hat_iterate(k - 1, x)),
            p.rewrite(p.at(hat_iterate_outer(p, k - 1, given=[twice]), x), one_more),
            exact_representation_merged(p, x=x, given=[twice]),
        )

    weights = (MERGED_WEIGHT, MERGED_BIAS, MERGED_READOUT, real(0))
    return compute(p, p.goal, layered_widths(p, w, k, twice), weights, computed)
