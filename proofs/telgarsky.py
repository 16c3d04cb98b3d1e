"""E. The theorems: depth separation for all depths, widths, activations and weights.

The labelled points are i/2^k with label i mod 2, for i = 0, …, n − 1.  The paper takes n = 2^k of
them, the lecture n = 2^k + 1; each theorem covers both.
"""

from __future__ import annotations

from fractions import Fraction

from proofs.arithmetic import below, count, power, power_positive, real_power
from proofs.counting import (
    classify,
    errors,
    errors_fewest,
    fewest_errors,
    increasing,
    lecture_bound,
    rate,
    rate_sharp,
    runs_general,
)
from proofs.networks import (
    network,
    network_depth,
    network_pieces_sharp,
    pieces,
    pieces_below_lecture,
    pieces_uniform,
    uniform,
)
from proofs.pieces import iterate_pieces_at_least, sawtooth_on, sawtooth_restrict
from proofs.sawtooth import Structure, relu_sawtooth, sawtooth, sawtooth_positive
from proofs.tent import (
    ALTERNATING,
    RELU,
    alternating_width,
    exact_representation_uniform,
    iterate,
    iterate_grid,
    natural_power,
    two_to,
)
from verifier.logic import REAL
from verifier.proving import (
    Fact,
    Formula,
    Integer,
    IntegerSequence,
    Labelling,
    Proof,
    Real,
    RealMap,
    RealSequence,
    Term,
    Theorem,
    conjunction,
    definition,
    disjunction,
    exists,
    forall,
    function,
    implies,
    integer,
    integers,
    lemma,
    number,
    real,
    reals,
    theorem,
    variables,
)

i, j = integers("i j")
(x,) = reals("x")
(deep,) = variables("deep", RealMap)


def grid(k: Integer) -> RealSequence:
    """The points i/2^k."""
    return function(lambda i: real(i) / two_to(k), RealSequence)


def alternating() -> IntegerSequence:
    """The labels i mod 2."""
    return function(lambda i: i % 2, IntegerSequence)


def point_count(k: Integer, n: Integer) -> Formula:
    """n is 2^k, as in the paper, or 2^k + 1, as in the lecture."""
    return disjunction(n == power(2, k), n == power(2, k) + 1)


def grid_rate(g: RealMap, k: Integer, n: Integer) -> Real:
    """R(g) on the first n grid points with alternating labels."""
    return rate(g, grid(k), alternating(), n)


@lemma("grid-increasing")
def grid_increasing(p: Proof, k: Integer, n: Integer) -> Theorem:
    """The grid points increase."""
    natural = p.given(0 <= k)
    p.show(increasing(grid(k), n))
    nonzero = p.have(two_to(k) != 0, natural_power(p, k, natural))

    def next_point(i: Integer) -> Theorem:
        here, there = grid(k)(i), grid(k)(i + 1)
        quotients = [
            p.quotient(real(i), two_to(k), nonzero),
            p.quotient(real(i + 1), two_to(k), nonzero),
        ]
        gap = p.have((there - here) * two_to(k) == 1, quotients)
        larger = p.have(here <= there, gap, natural_power(p, k, natural))
        return p.suppose(conjunction(0 <= i, i + 1 < n), lambda _: larger)

    return p.fold(p.goal, p.for_all("i", Integer, next_point))


@lemma("grid-nonempty")
def grid_nonempty(p: Proof, k: Integer, n: Integer) -> Theorem:
    """There is at least one point."""
    natural, points = p.given(0 <= k, point_count(k, n))
    p.show(1 <= n)
    return p.have(p.goal, points, natural_power(p, k, natural))


@lemma("iterate-has-no-errors")
def iterate_has_no_errors(p: Proof, k: Integer, n: Integer) -> Theorem:
    """tent^k classifies every grid point correctly."""
    natural, points = p.given(0 <= k, point_count(k, n))
    g = function(lambda x: iterate(k, x))
    p.show(grid_rate(g, k, n) == 0)

    def made(i: Integer) -> Integer:
        return errors(lambda x: classify(g(x)), grid(k), alternating(), i)

    def step(i: Integer, natural_i: Theorem, hypothesis: Theorem) -> Theorem:
        def within(bound: Theorem) -> Theorem:
            value = iterate_grid(p, i=i, given=[natural, [natural_i, bound, points]])
            point = grid(k)(i)
            parity = p.have(disjunction(i % 2 == 0, i % 2 == 1))
            return p.have(
                made(i + 1) == 0,
                hypothesis,
                bound,
                value,
                parity,
                p.meanings(classify, iterate(k, point)),
                p.successor(made(i + 1), natural_i),
            )

        return p.suppose(i + 1 <= n, within)

    some = grid_nonempty(p, given=[natural, points])
    reached = p.by_induction(
        n,
        some,
        lambda i: implies(i <= n, made(i) == 0),
        lambda: p.have(implies(0 <= n, made(integer(0)) == 0), p.meaning(made(integer(0)))),
        step,
    )
    none = p.have(made(n) == 0, reached)
    quotient = p.quotient(real(made(n)), real(n), p.have(real(n) != 0, some))
    zero = p.have(real(made(n)) / real(n) * real(n) == 0, none, quotient)
    return p.have(
        p.goal, p.have(real(made(n)) / real(n) == 0, zero, some), p.meaning(grid_rate(g, k, n))
    )


@lemma("alternating-labels")
def alternating_labels(p: Proof, n: Integer) -> Theorem:
    """The labels are i mod 2."""
    labels = alternating()
    p.show(forall(i, implies(below(i, n), labels(i) == i % 2)))
    return p.for_all("i", Integer, lambda i: p.have(implies(below(i, n), labels(i) == i % 2)))


def grid_facts(p: Proof, k: Integer, n: Integer, natural: Fact, points: Fact) -> list[Theorem]:
    """What the error counts ask of the points: increasing, alternating, at least one."""
    return [
        grid_increasing(p, k, n, given=[natural]),
        alternating_labels(p, n),
        grid_nonempty(p, k, n, given=[natural, points]),
    ]


@theorem("depth-separation-nonuniform", source="sharpens Telgarsky 2015, Theorem 1.2")
def depth_separation_nonuniform(
    p: Proof,
    k: Integer,
    n: Integer,
    g: RealMap,
    φ: RealMap,
    t: Integer,
    w: IntegerSequence,
    depth: Integer,
) -> Theorem:
    """A network of widths m_i with a t-sawtooth activation errs at a rate of at least
    1/2 − ∏ (m_i(t − 1) + 1)/n."""
    natural, points, computed, activation = p.given(
        0 <= k, point_count(k, n), network(g, φ, w, depth), sawtooth(φ, t)
    )
    p.show(grid_rate(g, k, n) >= Fraction(1, 2) - real(pieces(w, t, depth)) / real(n))
    few = network_pieces_sharp(p, given=[computed, activation])
    return rate_sharp(p, given=[few, *grid_facts(p, k, n, natural, points)])


@theorem("depth-separation-sharp", source="sharpens Telgarsky 2015, Theorem 1.2")
def depth_separation_sharp(
    p: Proof, k: Integer, n: Integer, g: RealMap, φ: RealMap, t: Integer, m: Integer, depth: Integer
) -> Theorem:
    """A network of depth ℓ and uniform width m with a t-sawtooth activation errs at a rate of at
    least 1/2 − (m(t − 1) + 1)^ℓ/n."""
    natural, points, computed, activation = p.given(
        0 <= k, point_count(k, n), network(g, φ, uniform(m), depth), sawtooth(φ, t)
    )
    bound = power(m * (t - 1) + 1, depth)
    p.show(grid_rate(g, k, n) >= Fraction(1, 2) - real(bound) / real(n))
    general = depth_separation_nonuniform(p, given=[natural, points, computed, activation])
    same = pieces_uniform(p, m, t, given=[network_depth(p, computed)])
    return p.have(p.goal, general, p.equal_values(lambda v: real(v) / real(n), same))


@lemma("shallow-rate")
def shallow_rate(
    p: Proof, k: Integer, n: Integer, g: RealMap, φ: RealMap, t: Integer, m: Integer, depth: Integer
) -> Theorem:
    """R(g) ≥ (n − 4(tm)^ℓ)/(3n) for a network of depth ℓ and uniform width m ≥ 1."""
    natural, points, computed, activation, units = p.given(
        0 <= k, point_count(k, n), network(g, φ, uniform(m), depth), sawtooth(φ, t), 1 <= m
    )
    lecture = power(t * m, depth)
    sharp_bound = power(m * (t - 1) + 1, depth)
    p.show(grid_rate(g, k, n) >= real(n - 4 * lecture) / (3 * real(n)))
    sharp = depth_separation_sharp(p, given=[natural, points, computed, activation])
    some = grid_nonempty(p, given=[natural, points])
    deep_enough = network_depth(p, computed)
    cuts = sawtooth_positive(p, given=[activation])
    fewer = pieces_below_lecture(p, given=[units, cuts, deep_enough])
    scale = p.have(1 <= t * m, units, cuts)
    positive = power_positive(p, given=[scale, deep_enough])
    nonzero = p.have(real(n) != 0, some)
    parts = [
        p.quotient(real(sharp_bound), real(n), nonzero),
        p.quotient(real(lecture), real(n), nonzero),
    ]
    less = p.have(
        real(sharp_bound) / real(n) <= real(lecture) / real(n),
        p.have(
            0 <= (real(lecture) / real(n) - real(sharp_bound) / real(n)) * real(n), parts, fewer
        ),
        some,
    )
    half = number(Fraction(1, 2), REAL)
    return p.chain(
        real(n - 4 * lecture) / (3 * real(n)),
        ("<=", half - real(lecture) / real(n), lecture_bound(p, lecture, given=[positive, some])),
        ("<=", half - real(sharp_bound) / real(n), less),
        ("<=", grid_rate(g, k, n), sharp),
    )


@theorem("telgarsky-1.2", source="Telgarsky 2015, Theorem 1.2")
def telgarsky_1_2(
    p: Proof, k: Integer, n: Integer, g: RealMap, φ: RealMap, t: Integer, m: Integer, depth: Integer
) -> Theorem:
    """Some relu network of 2k layers of width 2 makes no error, and every network of depth ℓ and
    width m with a t-sawtooth activation errs at a rate of at least (n − 4(tm)^ℓ)/(3n)."""
    natural, points, computed, activation, units = p.given(
        0 <= k, point_count(k, n), network(g, φ, uniform(m), depth), sawtooth(φ, t), 1 <= m
    )
    perfect = perfect_network(k, n)
    p.show(
        conjunction(
            perfect, grid_rate(g, k, n) >= real(n - 4 * power(t * m, depth)) / (3 * real(n))
        )
    )
    shallow = shallow_rate(p, given=[natural, points, computed, activation, units])
    return p.both(deep_is_perfect(p, given=[natural, points]), shallow)


def perfect_network(k: Integer, n: Integer) -> Formula:
    """Some network in F(relu; 2, 2k) makes no error."""
    return exists(
        deep,
        conjunction(network(deep, RELU, uniform(integer(2)), 2 * k), grid_rate(deep, k, n) == 0),
    )


@lemma("deep-is-perfect")
def deep_is_perfect(p: Proof, k: Integer, n: Integer) -> Theorem:
    """Some relu network of 2k layers of width 2 makes no error."""
    natural, points = p.given(0 <= k, point_count(k, n))
    p.show(perfect_network(k, n))
    both = p.both(
        exact_representation_uniform(p, given=[natural]),
        iterate_has_no_errors(p, given=[natural, points]),
    )
    return p.exhibit(p.goal, lambda x: iterate(k, x), fact=both)


@lemma("power-below-root")
def power_below_root(p: Proof, b: Integer, r: Real, n: Integer) -> Theorem:
    """b^n ≤ r^n for an integer b and a real r with 0 ≤ b ≤ r."""
    positive, larger, natural = p.given(0 <= b, real(b) <= r, 0 <= n)

    def claim(i: Integer) -> Formula:
        return conjunction(0 <= real(power(b, i)), real(power(b, i)) <= real_power(r, i))

    p.show(claim(n))
    zero = integer(0)

    def step(i: Integer, natural: Theorem, hypothesis: Theorem) -> Theorem:
        integer_step = p.successor(power(b, i + 1), natural)
        cast = p.have(real(power(b, i + 1)) == real(power(b, i)) * real(b), integer_step)
        real_step = p.successor(real_power(r, i + 1), natural)
        lower = p.have(0 <= real(power(b, i)) * real(b), hypothesis, positive)
        first = p.have(
            real(power(b, i)) * real(b) <= real_power(r, i) * real(b), hypothesis, positive
        )
        second = p.have(
            real_power(r, i) * real(b) <= real_power(r, i) * r, hypothesis, larger, positive
        )
        return p.have(claim(i + 1), cast, real_step, lower, first, second)

    return p.by_induction(
        n,
        natural,
        claim,
        lambda: p.have(claim(zero), p.meaning(power(b, zero)), p.meaning(real_power(r, zero))),
        step,
    )


@theorem("telgarsky-1.1", source="Telgarsky 2015, Theorem 1.1")
def telgarsky_1_1(
    p: Proof, k: Integer, n: Integer, g: RealMap, m: Integer, depth: Integer, r: Real
) -> Theorem:
    """If m ≤ 2^((k−3)/ℓ − 1), a relu network of depth ℓ and width m errs at a rate of at least
    1/6, where one of 2k layers of width 2 makes no error.

    The hypothesis on m is written with the ℓ-th root r of 2^(k−3): 2m ≤ r.
    """
    natural, points, computed, units, _, root, narrow = p.given(
        0 <= k,
        point_count(k, n),
        network(g, RELU, uniform(m), depth),
        1 <= m,
        0 <= r,
        real_power(r, depth) == two_to(k) / 8,
        2 * real(m) <= r,
    )
    p.show(conjunction(perfect_network(k, n), grid_rate(g, k, n) >= Fraction(1, 6)))
    general = telgarsky_1_2(p, given=[natural, points, computed, relu_sawtooth(p), units])
    perfect, shallow = p.parts(general)
    lecture = power(2 * m, depth)
    deep_enough = network_depth(p, computed)
    few = power_below_root(p, 2 * m, r, given=[units, narrow, deep_enough])
    bound = p.have(8 * real(lecture) <= real(n), few, root, points)
    some = grid_nonempty(p, given=[natural, points])
    numerator = real(n - 4 * lecture)
    quotient = p.quotient(numerator, 3 * real(n), p.have(3 * real(n) != 0, some))
    R = numerator / (3 * real(n))
    product = p.have((6 * R - 1) * real(n) >= 0, quotient, bound, some)
    sixth = p.have(R >= Fraction(1, 6), product, some)
    errs = p.have(grid_rate(g, k, n) >= Fraction(1, 6), shallow, sixth)
    return p.both(perfect, errs)


@theorem("exact-width-lower", source="the width an exact representation needs")
def exact_width_lower(
    p: Proof, k: Integer, g: RealMap, φ: RealMap, t: Integer, w: IntegerSequence, depth: Integer
) -> Theorem:
    """A network equal to tent^k on [0, 1] has ∏ (m_i(t − 1) + 1) ≥ 2^k."""
    natural, computed, activation, equal = p.given(
        0 <= k,
        network(g, φ, w, depth),
        sawtooth(φ, t),
        forall(x, implies(conjunction(0 <= x, x <= 1), g(x) == iterate(k, x))),
    )
    p.show(pieces(w, t, depth) >= power(2, k))
    few = network_pieces_sharp(p, given=[computed, activation])
    on_unit = sawtooth_restrict(p, a=real(0), b=real(1), given=[few])
    tent_k = sawtooth_on_congruence(p, given=[on_unit, equal])
    return iterate_pieces_at_least(p, given=[natural, tent_k])


@lemma("sawtooth-on-congruence")
def sawtooth_on_congruence(
    p: Proof, f: RealMap, g: RealMap, t: Integer, a: Real, b: Real
) -> Theorem:
    """A function equal on [a, b] to one that is t-sawtooth there is t-sawtooth there."""
    is_sawtooth, equal = p.given(
        sawtooth_on(f, t, a, b), forall(x, implies(conjunction(a <= x, x <= b), f(x) == g(x)))
    )
    p.show(sawtooth_on(g, t, a, b))
    F = Structure.of(p, is_sawtooth)
    return p.exhibit(
        p.goal,
        F.label,
        F.slope,
        F.intercept,
        fact=lambda x, y, inside: [F.at(x, y, given=inside), p.at(equal, x)],
    )


@theorem("exact-width-lower-shallow", source="the width an exact representation needs")
def exact_width_lower_shallow(p: Proof, k: Integer, g: RealMap, m: Integer) -> Theorem:
    """One relu layer that equals tent^k on [0, 1] has at least 2^k − 1 units."""
    natural, computed, equal = p.given(
        0 <= k,
        network(g, RELU, uniform(m), integer(1)),
        forall(x, implies(conjunction(0 <= x, x <= 1), g(x) == iterate(k, x))),
    )
    p.show(m >= power(2, k) - 1)
    enough = exact_width_lower(p, given=[natural, computed, relu_sawtooth(p), equal])
    base = m * (integer(2) - 1) + 1
    same = pieces_uniform(p, m, integer(2), integer(1), given=[[]])
    one = p.successor(power(base, integer(0) + 1), [])
    first = p.equal_values(lambda n: power(base, n), p.have(integer(0) + 1 == integer(1)))
    start = p.equal_values(lambda v: v * base, p.meaning(power(base, integer(0))))
    return p.have(p.goal, enough, same, one, first, start)


@theorem("network-errors-fewest", source="Telgarsky 2015, Lemma 2.2, for all labelled points")
def network_errors_fewest(
    p: Proof,
    g: RealMap,
    φ: RealMap,
    t: Integer,
    w: IntegerSequence,
    depth: Integer,
    points: RealSequence,
    labels: IntegerSequence,
    n: Integer,
) -> Theorem:
    """Whatever the points and labels, a network makes at least the errors that the dynamic
    programme over 2·∏ (m_i(t − 1) + 1) runs finds."""
    computed, activation, ordered, some = p.given(
        network(g, φ, w, depth), sawtooth(φ, t), increasing(points, n), 1 <= n
    )
    guess = function(lambda x: classify(g(x)), Labelling)
    run_count = 2 * pieces(w, t, depth)
    made = errors(guess, points, labels, n)
    p.show(
        disjunction(
            made >= fewest_errors(labels, run_count, integer(0), n),
            made >= fewest_errors(labels, run_count, integer(1), n),
        )
    )
    few = network_pieces_sharp(p, given=[computed, activation])
    has_runs = runs_general(p, given=[few])

    def two_classes(x: Real) -> Theorem:
        return p.have(disjunction(guess(x) == 0, guess(x) == 1), p.meanings(classify, g(x)))

    binary = p.for_all("x", Real, two_classes)
    return errors_fewest(p, given=[has_runs, binary, ordered, some])


# Parameters.


@definition
def parameters(w: IntegerSequence, bias: IntegerSequence, depth: Integer) -> Term:
    """Weights and biases of a network's layers 1, …, depth, of which layer i has bias(i)."""
    return count(lambda i: w(i + 1) * w(i) + bias(i + 1), depth)


@lemma("deep-parameters")
def deep_parameters(p: Proof, k: Integer) -> Theorem:
    """The 2k-layer network has 6k parameters: output nodes (every second layer) have no bias."""
    natural = p.given(0 <= k)
    w = ALTERNATING
    bias = function(lambda i: 2 * (i % 2), IntegerSequence)

    def counted(n: Integer) -> Integer:
        return count(lambda i: w(i + 1) * w(i) + bias(i + 1), n)

    p.show(parameters(w, bias, 2 * k) == 6 * k)
    zero = integer(0)

    def step(k: Integer, natural: Theorem, hypothesis: Theorem) -> Theorem:
        widths = [
            p.have(w(2 * k + offset) == width, p.meanings(alternating_width, 2 * k + offset))
            if offset
            else p.have(w(2 * k) == width, p.meanings(alternating_width, 2 * k))
            for offset, width in ((0, 1), (1, 2))
        ]
        last = p.have(w(2 * k + 1 + 1) == 1, p.meanings(alternating_width, 2 * k + 1 + 1))
        odd = p.have(w(2 * k + 1) * w(2 * k) + bias(2 * k + 1) == 4, widths)
        even = p.have(w(2 * k + 1 + 1) * w(2 * k + 1) + bias(2 * k + 1 + 1) == 2, widths, last)
        return p.have(
            counted(2 * (k + 1)) == 6 * (k + 1),
            hypothesis,
            p.successor(counted(2 * k + 1), p.have(0 <= 2 * k, natural)),
            p.successor(counted(2 * k + 1 + 1), p.have(0 <= 2 * k + 1, natural)),
            odd,
            even,
            p.equal_values(lambda n: counted(n), p.have(2 * (k + 1) == 2 * k + 1 + 1)),
        )

    reached = p.by_induction(
        k,
        natural,
        lambda k: counted(2 * k) == 6 * k,
        lambda: p.have(
            counted(2 * zero) == 6 * zero,
            p.meaning(counted(zero)),
            p.equal_values(lambda n: counted(n), p.have(integer(2) * zero == zero)),
        ),
        step,
    )
    return p.have(p.goal, reached, p.meaning(parameters(w, bias, 2 * k)))


@lemma("linear-below-power")
def linear_below_power(p: Proof, k: Integer) -> Theorem:
    """2k < 2^k for k ≥ 3, with equality at 1 and 2."""
    natural = p.given(0 <= k)

    def claim(k: Integer) -> Formula:
        return conjunction(
            implies(k == 0, power(2, k) == 1),
            implies(k == 1, power(2, k) == 2),
            implies(k == 2, power(2, k) == 4),
            implies(k >= 3, 2 * k < power(2, k)),
        )

    p.show(claim(k))
    return p.by_induction(
        k,
        natural,
        claim,
        lambda: p.have(claim(integer(0)), p.meaning(power(2, integer(0)))),
        lambda k, natural, hypothesis: p.have(
            claim(k + 1), natural, hypothesis, p.successor(power(2, k + 1), natural)
        ),
    )


@theorem("parameter-gap", source="the deep network's parameters against the shallow one's")
def parameter_gap(p: Proof, k: Integer) -> Theorem:
    """6k parameters, of the deep network, against 3·2^k, of 2^k units in one layer: equal at
    k = 1 and 2, and the deep network has fewer for every k ≥ 3."""
    some = p.given(1 <= k)
    deep_count = parameters(ALTERNATING, lambda i: 2 * (i % 2), 2 * k)
    shallow_count = 3 * power(2, k)
    p.show(
        conjunction(
            deep_count == 6 * k,
            implies(k == 1, deep_count == shallow_count),
            implies(k == 2, deep_count == shallow_count),
            implies(k >= 3, deep_count < shallow_count),
        )
    )
    return p.have(
        p.goal, deep_parameters(p, k, given=[some]), linear_below_power(p, k, given=[some])
    )
