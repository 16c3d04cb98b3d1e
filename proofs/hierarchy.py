"""I. Depth against width: what ℓ layers of 2^s units can do, and what fewer layers cannot.

ℓ layers of 2^s units compute tent^(sℓ), each layer s steps of it by the zigzag of one wide layer;
and every relu network of few layers is 1/2 away from one of a few more.
"""

from __future__ import annotations

from collections.abc import Callable

from proofs.arithmetic import (
    power,
    power_monotone,
    total,
    total_affine,
    total_congruence,
)
from proofs.continuity import sup_gap_relu
from proofs.distance import far_from_tent
from proofs.networks import (
    compute,
    network,
    network_depth,
    output,
    pieces,
    pieces_uniform,
    uniform,
    value,
)
from proofs.sawtooth import relu
from proofs.shallow import hinge, turn, zigzag_is_iterate
from proofs.tent import (
    RELU,
    exact_representation_half,
    iterate,
    iterate_outer,
    layered_widths,
    natural_power,
    tent,
    tent_closed_form,
    two_to,
)
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
    Theorem,
    conjunction,
    exists,
    forall,
    function,
    if_then_else,
    implies,
    integer,
    lemma,
    real,
    reals,
    theorem,
    variables,
)

(x,) = reals("x")
(deep,) = variables("deep", RealMap)


@lemma("power-of-sum")
def power_of_sum(p: Proof, b: Integer, k: Integer, l: Integer) -> Theorem:
    """b^(k + l) = b^k · b^l."""
    first, second = p.given(0 <= k, 0 <= l)

    def claim(l: Integer) -> Formula:
        return power(b, k + l) == power(b, k) * power(b, l)

    p.show(claim(l))
    zero = integer(0)

    def base() -> Fact:
        start = p.equal_values(lambda n: power(b, n), p.have(k + zero == k))
        return [start, p.equal_values(lambda v: power(b, k) * v, p.meaning(power(b, zero)))]

    def step(l: Integer, natural: Theorem, before: Theorem) -> Fact:
        moved = p.equal_values(lambda n: power(b, n), p.have(k + (l + 1) == k + l + 1))
        above = p.successor(power(b, k + l + 1), [first, natural])
        left = p.have(power(b, k + (l + 1)) == power(b, k + l) * b, moved, above)
        split = p.equal_values(lambda v: v * b, before)
        right = p.equal_values(lambda v: power(b, k) * v, p.successor(power(b, l + 1), natural))
        # Without the product of two powers by a third in sight, each fact is linear.
        return p.have(claim(l + 1), left, split, right)

    return p.by_induction(l, second, claim, base, step)


@lemma("power-of-power")
def power_of_power(p: Proof, b: Integer, k: Integer, l: Integer) -> Theorem:
    """(b^k)^l = b^(k·l)."""
    first, second = p.given(0 <= k, 0 <= l)

    def claim(l: Integer) -> Formula:
        return power(power(b, k), l) == power(b, k * l)

    p.show(claim(l))
    zero = integer(0)

    def base() -> Fact:
        start = p.equal_values(lambda n: power(b, n), p.have(k * zero == zero))
        return [start, p.meaning(power(b, zero))]

    def step(l: Integer, natural: Theorem, before: Theorem) -> Fact:
        return [
            p.equal_values(lambda v: v * power(b, k), before),
            p.equal_values(lambda n: power(b, n), p.have(k * (l + 1) == k * l + k)),
            power_of_sum(p, b, k * l, k, given=[p.have(0 <= k * l, first, natural), first]),
        ]

    return p.by_induction(l, second, claim, base, step)


@theorem("depth-hierarchy", source="Telgarsky 2016, Theorem 1.1, in the uniform distance")
def depth_hierarchy(
    p: Proof, k: Integer, g: RealMap, w: IntegerSequence, depth: Integer
) -> Theorem:
    """Some network of k² + 1 layers of two units is 1/2 away, somewhere on [0, 1], from every relu
    network of widths m_i with ∏ (m_i + 1) ≤ 2^(k²)."""
    some, computed, narrow = p.given(
        1 <= k, network(g, RELU, w, depth), pieces(w, integer(2), depth) <= power(2, k * k)
    )
    top = k * k + 1
    deep_network = network(lambda x: iterate(top, x), RELU, uniform(integer(2)), top)
    p.show(conjunction(deep_network, far_from_tent(g, top)))
    square = p.have(1 <= k * k, some)
    double = p.successor(power(2, top), square)
    few = [narrow, double, natural_power(p, k * k, square)]
    return p.both(
        exact_representation_half(p, top, given=[square]),
        sup_gap_relu(p, g, top, w, depth, given=[square, computed, few]),
    )


@theorem("depth-hierarchy-uniform", source="Telgarsky 2016, Theorem 1.1, in the uniform distance")
def depth_hierarchy_uniform(
    p: Proof, k: Integer, g: RealMap, m: Integer, depth: Integer
) -> Theorem:
    """Some network of k² + 1 layers of two units is 1/2 away, somewhere on [0, 1], from every relu
    network of at most k layers of fewer than 2^k units each."""
    some, computed, units, narrow, shallow = p.given(
        1 <= k, network(g, RELU, uniform(m), depth), 0 <= m, m < power(2, k), depth <= k
    )
    top = k * k + 1
    deep_network = network(lambda x: iterate(top, x), RELU, uniform(integer(2)), top)
    p.show(conjunction(deep_network, far_from_tent(g, top)))
    natural = network_depth(p, computed)
    used = p.have(0 <= k * depth, some, natural)
    left = p.have(0 <= k * k - k * depth, p.have(0 <= k * (k - depth), some, shallow))
    wide = power_monotone(p, m + 1, power(2, k), depth, given=[units, narrow, natural])
    same = power_of_power(p, integer(2), k, depth, given=[some, natural])
    more = power_of_sum(p, integer(2), k * depth, k * k - k * depth, given=[used, left])
    whole = p.equal_values(lambda n: power(2, n), p.have(k * depth + (k * k - k * depth) == k * k))
    larger = p.have(
        power(2, k * depth) * 1 <= power(2, k * depth) * power(2, k * k - k * depth),
        natural_power(p, k * k - k * depth, left),
        natural_power(p, k * depth, used),
    )
    units_each = p.have(m * (integer(2) - 1) + 1 == m + 1)
    count = p.equal_values(lambda b: power(b, depth), units_each)
    equal = pieces_uniform(p, m, integer(2), depth, given=[natural])
    few = p.have(
        pieces(uniform(m), integer(2), depth) <= power(2, k * k),
        equal, count, wide, same, more, whole, larger,
    )  # fmt: skip
    return depth_hierarchy(p, given=[some, computed, few])


@lemma("iterate-stays")
def iterate_stays(p: Proof, k: Integer, x: Real) -> Theorem:
    """tent^k maps [0, 1] into itself."""
    natural, inside = p.given(0 <= k, conjunction(0 <= x, x <= 1))

    def claim(k: Integer) -> Formula:
        return conjunction(0 <= iterate(k, x), iterate(k, x) <= 1)

    p.show(claim(k))

    def step(k: Integer, natural: Theorem, before: Theorem) -> Theorem:
        outer = p.at(iterate_outer(p, k, given=[natural]), x)
        return p.have(claim(k + 1), before, outer, tent_closed_form(p, iterate(k, x)))

    return p.by_induction(k, natural, claim, lambda: inside, step)


@lemma("iterate-add")
def iterate_add(p: Proof, a: Integer, b: Integer, x: Real) -> Theorem:
    """tent^(b + a) = tent^a∘tent^b."""
    first, second = p.given(0 <= a, 0 <= b)

    def claim(a: Integer) -> Formula:
        return iterate(b + a, x) == iterate(a, iterate(b, x))

    p.show(claim(a))
    zero = integer(0)

    def base() -> Fact:
        return p.equal_values(lambda n: iterate(n, x), p.have(b + zero == b))

    def step(a: Integer, natural: Theorem, before: Theorem) -> Theorem:
        return p.have(
            claim(a + 1),
            p.equal_values(lambda n: iterate(n, x), p.have(b + (a + 1) == b + a + 1)),
            p.at(iterate_outer(p, b + a, given=[[natural, second]]), x),
            p.at(iterate_outer(p, a, given=[natural]), iterate(b, x)),
            p.equal_values(lambda v: tent(v), before),
        )

    return p.by_induction(a, first, claim, base, step)


def block_weight(s: Integer) -> RealTensor:
    """2^s for the input, and 2^s times the read-out of the layer before."""
    return function(
        lambda i, unit, l: if_then_else(i <= 1, two_to(s), two_to(s) * turn(l)), RealTensor
    )


BLOCK_BIAS = function(lambda i, unit: -real(unit), RealMatrix)
TURN = function(lambda l: turn(l), RealSequence)


@lemma("block-values")
def block_values(p: Proof, s: Integer, i: Integer, x: Real) -> Theorem:
    """In the network of layers of 2^s units the read-out of layer i + 1 is tent^(s(i + 1)) on
    [0, 1]."""
    steps, natural, inside = p.given(0 <= s, 0 <= i, conjunction(0 <= x, x <= 1))
    P, W, w = power(2, s), block_weight(s), uniform(power(2, s))
    units = natural_power(p, s, steps)
    zero = integer(0)

    def unit(i: Integer, j: Integer) -> Real:
        return value(W, BLOCK_BIAS, RELU, w, i, j, x)

    def read(i: Integer) -> Real:
        return total(lambda l: turn(l) * unit(i, l), P)

    def claim(i: Integer) -> Formula:
        return read(i + 1) == iterate(s * (i + 1), x)

    p.show(claim(i))

    def block(
        i: Integer, natural: Fact, y: Real, given_to: Callable[[Integer], Theorem], stays: Theorem
    ) -> Theorem:
        """The read-out of layer i + 1 where unit j is given 2^s y − j."""

        def term(j: Integer) -> Theorem:
            cut = p.equal_values(lambda v: relu(v), given_to(j))
            relued = p.have(
                unit(i + 1, j) == hinge(s, j, y), p.successor(unit(i + 1, j), natural), cut
            )
            return p.equal_values(lambda v: turn(j) * v, relued)

        same = total_congruence(
            p,
            lambda l: turn(l) * unit(i + 1, l),
            lambda l: turn(l) * hinge(s, l, y),
            P,
            given=[units, term],
        )
        return p.have(
            read(i + 1) == iterate(s, y), same, zigzag_is_iterate(p, s, y, given=[steps, stays])
        )

    def base() -> Theorem:
        def given_to(j: Integer) -> Theorem:
            def terms(l: Integer) -> Real:
                return W(zero + 1, j, l) * unit(zero, l)

            weight = p.have(W(zero + 1, j, zero) == two_to(s))
            first = p.equal_values(lambda t: t * x, weight)
            return p.have(
                total(terms, w(zero)) + BLOCK_BIAS(zero + 1, j) == two_to(s) * x - real(j),
                p.unrolled(total(terms, w(zero))),
                first,
            )

        here = block(zero, [], x, given_to, inside)
        once = p.equal_values(lambda n: iterate(n, x), p.have(s * (zero + 1) == s))
        return p.have(claim(zero), here, once)

    def step(i: Integer, natural: Theorem, before: Theorem) -> Theorem:
        above = p.have(0 <= i + 1, natural)
        exponent = p.have(0 <= s * (i + 1), steps, natural)
        y = iterate(s * (i + 1), x)

        def given_to(j: Integer) -> Theorem:
            def terms(l: Integer) -> Real:
                return W(i + 1 + 1, j, l) * unit(i + 1, l)

            def term(l: Integer) -> Fact:
                weight = p.have(W(i + 1 + 1, j, l) == two_to(s) * turn(l), natural)
                return p.equal_values(lambda t: t * unit(i + 1, l), weight)

            same = total_congruence(
                p,
                terms,
                lambda l: turn(l) * unit(i + 1, l) * two_to(s) + real(0),
                P,
                given=[units, term],
            )
            linear = total_affine(
                p,
                lambda l: turn(l) * unit(i + 1, l),
                lambda l: real(0),
                two_to(s),
                P,
                given=[units],
            )
            nothing = p.by_induction(P, units, lambda n: total(lambda l: real(0), n) == 0)
            scaled = p.equal_values(lambda t: t * two_to(s), before)
            width = p.equal_values(lambda n: total(terms, n), p.have(w(i + 1) == P, natural))
            return p.have(
                total(terms, w(i + 1)) + BLOCK_BIAS(i + 1 + 1, j) == two_to(s) * y - real(j),
                width, same, linear, nothing, scaled,
            )  # fmt: skip

        stays = iterate_stays(p, s * (i + 1), x, given=[exponent, inside])
        here = block(i + 1, above, y, given_to, stays)
        added = iterate_add(p, s, s * (i + 1), x, given=[steps, exponent])
        whole = p.have(s * (i + 1 + 1) == s * (i + 1) + s)
        return p.have(claim(i + 1), here, added, p.equal_values(lambda n: iterate(n, x), whole))

    return p.by_induction(i, natural, claim, base, step)


@theorem("depth-width-trade", source="every depth between 1 and k")
def depth_width_trade(p: Proof, s: Integer, depth: Integer) -> Theorem:
    """ℓ relu layers of width 2^s compute a function equal to tent^(sℓ) on [0, 1]."""
    steps, some = p.given(0 <= s, 1 <= depth)
    P, W, w = power(2, s), block_weight(s), uniform(power(2, s))
    computed = function(lambda x: output(W, BLOCK_BIAS, RELU, w, depth, TURN, real(0), x))
    equal = implies(conjunction(0 <= x, x <= 1), deep(x) == iterate(s * depth, x))
    p.show(exists(deep, conjunction(network(deep, RELU, w, depth), forall(x, equal))))
    widths = layered_widths(p, w, depth, [some, natural_power(p, s, steps)])
    weights = (W, BLOCK_BIAS, TURN, real(0))
    is_network = compute(p, network(computed, RELU, w, depth), widths, weights, lambda x: [])
    last = p.have(depth - 1 + 1 == depth)

    def same(x: Real, inside: Theorem) -> Fact:
        values = p.rewrite(block_values(p, s, depth - 1, x, given=[steps, some, inside]), last)
        read = function(
            lambda l: turn(l) * value(W, BLOCK_BIAS, RELU, w, depth, l, x), RealSequence
        )
        width = p.equal_values(lambda n: total(read, n), p.have(w(depth) == P, some))
        return [p.meaning(computed(x)), values, width]

    here = implies(conjunction(0 <= x, x <= 1), computed(x) == iterate(s * depth, x))
    return p.exhibit(p.goal, computed, fact=p.both(is_network, p.prove(forall(x, here), same)))
