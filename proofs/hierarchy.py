"""I. A hierarchy of depths: every relu network of k layers is 1/2 away from one of k² + 1."""

from __future__ import annotations

from proofs.arithmetic import (
    power,
    power_monotone,
)
from proofs.continuity import sup_gap_relu
from proofs.distance import far_from_tent
from proofs.networks import (
    network,
    network_depth,
    pieces,
    pieces_uniform,
    uniform,
)
from proofs.tent import (
    RELU,
    exact_representation_half,
    iterate,
    natural_power,
)
from verifier.proving import (
    Fact,
    Formula,
    Integer,
    IntegerSequence,
    Proof,
    RealMap,
    Theorem,
    conjunction,
    integer,
    lemma,
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
        return [
            p.equal_values(lambda n: power(b, n), p.have(k + (l + 1) == k + l + 1)),
            p.successor(power(b, k + l + 1), [first, natural]),
            p.equal_values(lambda v: v * b, before),
            p.equal_values(lambda v: power(b, k) * v, p.successor(power(b, l + 1), natural)),
        ]

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
