"""D, continued: one layer of 2^k units that equals the deep network on [0, 1]."""

from __future__ import annotations

from collections.abc import Callable

from proofs.arithmetic import below, power, total, total_congruence, total_one_or_two
from proofs.networks import compute, network, output, uniform, value
from proofs.sawtooth import relu
from proofs.tent import (
    ALTERNATING,
    RELU,
    deep_network_output,
    deep_output,
    iterate,
    iterate_on_cell,
    known_widths,
    layered_widths,
    natural_power,
    two_to,
)
from verifier.proving import (
    Fact,
    Formula,
    Integer,
    Proof,
    Real,
    RealMap,
    Theorem,
    conjunction,
    exists,
    forall,
    function,
    if_then_else,
    implies,
    integer,
    integers,
    lemma,
    real,
    reals,
    theorem,
    variables,
)

(x,) = reals("x")
(i,) = integers("i")
(shallow,) = variables("shallow", RealMap)


def hinge(k: Integer, j: Integer, x: Real) -> Real:
    """Unit j of the layer: relu(2^k x − j)."""
    return relu(two_to(k) * x - real(j))


def turn(j: Integer) -> Real:
    """The read-out: 1, then −2 and 2 in turn."""
    return if_then_else(j == 0, real(1), if_then_else(j % 2 == 0, real(2), real(-2)))


def zigzag(k: Integer, n: Integer, x: Real) -> Real:
    """The first n hinges, each turning the function back."""
    return total(lambda j: turn(j) * hinge(k, j, x), n)


@lemma("zigzag-on-cell")
def zigzag_on_cell(p: Proof, k: Integer, i: Integer, n: Integer, x: Real) -> Theorem:
    """On the i-th cell n > i hinges make 2^k x − i for even i, and i + 1 − 2^k x for odd i."""
    start, more, left, right = p.given(
        0 <= i, i < n, real(i) <= two_to(k) * x, two_to(k) * x <= real(i) + 1
    )
    u = two_to(k) * x

    def closed(i: Integer) -> Real:
        return if_then_else(i % 2 == 0, u - real(i), real(i) + 1 - u)

    # The hinges up to the i-th turn the function; those beyond are still 0.
    def claim(m: Integer) -> Formula:
        reached = if_then_else(m == 0, real(0), if_then_else(m <= i, closed(m - 1), closed(i)))
        return zigzag(k, m, x) == reached

    p.show(zigzag(k, n, x) == closed(i))

    def step(m: Integer, natural: Theorem, hypothesis: Theorem) -> Theorem:
        parity = p.have((m - 1) % 2 == 1 - m % 2)
        at_hinge = p.have(
            hinge(k, m, x) == if_then_else(m <= i, u - real(m), real(0)),
            p.meanings(relu, u - real(m)),
            left,
            right,
        )
        unrolled = p.successor(zigzag(k, m + 1, x), natural)
        same = p.have(m + 1 - 1 == m)
        return p.cases(
            m <= i,
            lambda turning: p.have(
                claim(m + 1), hypothesis, unrolled, at_hinge, parity, same, turning, natural
            ),
            lambda beyond: p.have(
                claim(m + 1), hypothesis, unrolled, at_hinge, beyond, natural, start
            ),
        )

    zero = integer(0)
    reached = p.by_induction(
        n,
        p.have(0 <= n, start, more),
        claim,
        lambda: p.have(claim(zero), p.meaning(zigzag(k, zero, x))),
        step,
    )
    return p.have(p.goal, reached, start, more)


@lemma("unit-interval-cell")
def unit_interval_cell(p: Proof, n: Integer, u: Real) -> Theorem:
    """Every number of [0, n] lies in [i, i + 1] for some integer 0 ≤ i < n, n ≥ 1."""
    some, inside = p.given(1 <= n, conjunction(0 <= u, u <= real(n)))

    def cell(i: Integer, n: Integer) -> Formula:
        return conjunction(below(i, n), real(i) <= u, u <= real(i) + 1)

    def claim(m: Integer) -> Formula:
        return implies(u <= real(m + 1), exists(i, cell(i, m + 1)))

    p.show(exists(i, cell(i, n)))
    zero = integer(0)

    def found(m: Integer, i_here: Integer, facts: Fact) -> Theorem:
        return p.exhibit(exists(i, cell(i, m + 1)), i_here, fact=p.have(cell(i_here, m + 1), facts))

    def base() -> Theorem:
        return p.suppose(u <= real(zero + 1), lambda here: found(zero, zero, [here, inside]))

    def step(m: Integer, natural: Theorem, hypothesis: Theorem) -> Theorem:
        def within(bound: Theorem) -> Theorem:
            def lower(low: Theorem) -> Theorem:
                before = p.apply(hypothesis, given=[low])
                j, here = p.obtain(before, "j")
                return found(m + 1, j, here)

            return p.cases(
                u <= real(m + 1), lower, lambda high: found(m + 1, m + 1, [bound, high, natural])
            )

        return p.suppose(u <= real(m + 1 + 1), within)

    last = p.have(n - 1 + 1 == n)
    reached = p.by_induction(n - 1, p.have(0 <= n - 1, some), claim, base, step)
    return p.apply(p.rewrite(reached, last), given=[inside])


@lemma("zigzag-is-iterate")
def zigzag_is_iterate(p: Proof, k: Integer, x: Real) -> Theorem:
    """2^k hinges equal tent^k on [0, 1]."""
    natural, inside = p.given(0 <= k, conjunction(0 <= x, x <= 1))
    P = power(2, k)
    p.show(zigzag(k, P, x) == iterate(k, x))
    positive = natural_power(p, k, natural)
    scaled = p.have(conjunction(0 <= two_to(k) * x, two_to(k) * x <= real(P)), inside, positive)
    cell = unit_interval_cell(p, given=[positive, scaled])
    _, here = p.obtain(cell, "i")
    zigzag_value = zigzag_on_cell(p, given=[here, here, here, here])
    iterate_value = p.apply(iterate_on_cell(p, given=[natural]), given=[here])
    return p.have(p.goal, zigzag_value, iterate_value)


@theorem("shallow-representation", source="the shallow counterpart of the 2k-layer network")
def shallow_representation(p: Proof, k: Integer) -> Theorem:
    """One relu layer of 2^k units computes a function equal to tent^k on [0, 1]."""
    natural = p.given(0 <= k)
    P = power(2, k)
    w, one, zero = uniform(P), integer(1), integer(0)
    zigzag_map = function(lambda x: zigzag(k, P, x))
    computed = network(zigzag_map, RELU, w, one)
    on_unit = forall(x, implies(conjunction(0 <= x, x <= 1), zigzag_map(x) == iterate(k, x)))
    p.show(conjunction(computed, on_unit))
    equal = p.for_all(
        "x",
        Real,
        lambda x: p.suppose(
            conjunction(0 <= x, x <= 1),
            lambda inside: zigzag_is_iterate(p, given=[natural, inside]),
        ),
    )

    weights: tuple[Callable[..., Real], ...] = (
        lambda i, unit, l: two_to(k),
        lambda i, unit: -real(unit),
        turn,
    )
    weight, bias, readout = weights

    def unit_value(layer: Integer, unit: Integer, x: Real) -> Real:
        return value(weight, bias, RELU, w, layer, unit, x)

    def is_hinge(j: Integer, x: Real) -> Theorem:
        def terms(l: Integer) -> Real:
            return two_to(k) * unit_value(zero, l, x)

        one_input = p.equal_values(lambda n: total(terms, n), p.have(w(zero) == 1))
        start = p.equal_values(lambda v: two_to(k) * v, p.meaning(unit_value(zero, zero, x)))
        argument = p.have(
            total(terms, w(zero)) + -real(j) == two_to(k) * x - real(j),
            one_input,
            total_one_or_two(p, terms),
            start,
        )
        layer = p.equal_values(lambda n: unit_value(n, j, x), p.have(zero + 1 == one))
        return p.have(
            unit_value(one, j, x) == hinge(k, j, x),
            p.successor(unit_value(zero + 1, j, x), []),
            layer,
            p.equal_values(lambda v: relu(v), argument),
        )

    def is_output(x: Real) -> Theorem:
        out = output(weight, bias, RELU, w, one, readout, real(0), x)
        width = p.have(w(one) == P)

        def one_term(j: Integer) -> Theorem:
            scaled = p.equal_values(lambda v: turn(j) * v, is_hinge(j, x))
            return p.suppose(below(j, P), lambda _: p.have(scaled.conclusion, scaled))

        same = total_congruence(
            p, given=[natural_power(p, k, natural), p.for_all("j", Integer, one_term)]
        )
        return p.have(
            zigzag_map(x) == out,
            p.meaning(out),
            p.equal_values(lambda n: total(lambda j: turn(j) * unit_value(one, j, x), n), width),
            same,
        )

    widths = layered_widths(p, w, one, natural_power(p, k, natural))
    weights = (weight, bias, readout, real(0))
    return p.both(compute(p, computed, widths, weights, is_output), equal)


@theorem("deep-equals-shallow", source="the 2k-layer network against one layer of 2^k units")
def deep_equals_shallow(p: Proof, k: Integer) -> Theorem:
    """For every k some relu network with one layer of 2^k units equals the deep network with 2k
    layers and explicit weights on [0, 1]."""
    natural = p.given(0 <= k)
    inside = conjunction(0 <= x, x <= 1)
    p.show(
        exists(
            shallow,
            conjunction(
                network(shallow, RELU, uniform(power(2, k)), integer(1)),
                forall(x, implies(inside, shallow(x) == deep_output(ALTERNATING, k, x))),
            ),
        )
    )
    computed, equal = p.parts(shallow_representation(p, given=[natural]))
    odd, even, _ = known_widths(p, ALTERNATING, 2 * k, natural)
    deep = deep_network_output(p, ALTERNATING, given=[natural, odd, even])
    zigzag_map = function(lambda x: zigzag(k, power(2, k), x))

    def same(x: Real) -> Theorem:
        return p.suppose(
            conjunction(0 <= x, x <= 1),
            lambda here: p.have(
                zigzag_map(x) == deep_output(ALTERNATING, k, x),
                p.apply(equal, given=[here]),
                p.at(deep, x),
            ),
        )

    return p.exhibit(p.goal, zigzag_map, fact=p.both(computed, p.for_all("x", Real, same)))
