"""G. The square: x² on [0, 1] as x minus scaled teeth, and what few pieces cannot do for it.

f_k(x) = x − tent(x)/4 − … − tent^k(x)/4^k misses x² by exactly tent^k(x)(1 − tent^k(x))/4^k.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from proofs.arithmetic import power, real_power
from proofs.networks import network, network_pieces_relu, uniform
from proofs.pieces import bends_midway, pieces_at_bends, sawtooth_on, sawtooth_restrict
from proofs.sawtooth import Structure
from proofs.tent import HALF, RELU, iterate, iterate_outer, tent, tent_closed_form
from verifier.proving import (
    Fact,
    Formula,
    Integer,
    Proof,
    Real,
    RealMap,
    Term,
    Theorem,
    conjunction,
    forall,
    implies,
    integer,
    lemma,
    negation,
    real,
    reals,
    recursion,
    theorem,
)

YAROTSKY = "Yarotsky 2017, Proposition 2"
QUARTER = Fraction(1, 4)
(x,) = reals("x")


@recursion("k", zero=lambda x: x)
def square_sum(square_sum: Callable[..., Term], k: Integer, x: Real) -> Term:
    """x − tent(x)/4 − … − tent^k(x)/4^k."""
    return square_sum(k, x) - real_power(real(QUARTER), k + 1) * iterate(k + 1, x)


def scale(k: Integer) -> Real:
    """4^(−k)."""
    return real_power(real(QUARTER), k)


def bump(v: Real) -> Real:
    """v(1 − v)."""
    return v - v * v


def near_square(g: RealMap, ε: Real) -> Formula:
    """g is within ε of x² on [0, 1]."""
    close = conjunction(-ε <= g(x) - x * x, g(x) - x * x <= ε)
    return forall(x, implies(conjunction(0 <= x, x <= 1), close))


@lemma("tent-bump")
def tent_bump(p: Proof, x: Real) -> Theorem:
    """4x(1 − x) = tent(x) + tent(x)(1 − tent(x)) on [0, 1], where tent stays."""
    inside = p.given(conjunction(0 <= x, x <= 1))
    v = tent(x)
    p.show(conjunction(4 * bump(x) == v + bump(v), 0 <= v, v <= 1))

    def side(value: Real) -> Callable[[Theorem], Theorem]:
        def prove(here: Theorem) -> Theorem:
            equal = p.have(v == value, tent_closed_form(p, x), inside, here)
            square = p.equal_values(lambda u: u * u, equal)
            return p.have(p.goal, equal, square, inside, here)

        return prove

    return p.cases(x <= HALF, side(2 * x), side(2 - 2 * x))


@lemma("quarter-power-positive")
def quarter_power_positive(p: Proof, k: Integer) -> Theorem:
    """4^(−k) ≥ 0."""
    natural = p.given(0 <= k)
    p.show(0 <= scale(k))
    return p.by_induction(k, natural, lambda k: 0 <= scale(k))


@theorem("square-approximation", source=f"{YAROTSKY}, as an equation")
def square_approximation(p: Proof, k: Integer, x: Real) -> Theorem:
    """f_k(x) − x² = tent^k(x)(1 − tent^k(x))/4^k on [0, 1], and tent^k(x) lies in [0, 1]."""
    natural, inside = p.given(0 <= k, conjunction(0 <= x, x <= 1))

    def claim(k: Integer) -> Formula:
        v = iterate(k, x)
        return conjunction(square_sum(k, x) - x * x == scale(k) * bump(v), 0 <= v, v <= 1)

    p.show(claim(k))
    zero = integer(0)

    def base() -> Fact:
        return [
            inside,
            p.equal_values(lambda u: u * u, p.meaning(iterate(zero, x))),
            p.equal_values(lambda u: u * bump(iterate(zero, x)), p.meaning(scale(zero))),
        ]

    def step(k: Integer, natural: Theorem, hypothesis: Theorem) -> Theorem:
        v, w = iterate(k, x), iterate(k + 1, x)
        outer = p.at(iterate_outer(p, k, given=[natural]), x)
        before = tent_bump(p, v, given=[hypothesis])
        equation, *stays = p.parts(p.rewrite(before, p.have(tent(v) == w, outer)))
        scaled = p.equal_values(lambda u: scale(k) * u, equation)
        quarter = p.equal_values(lambda u: u * (w + bump(w)), p.successor(scale(k + 1), natural))
        unrolled = p.successor(square_sum(k + 1, x), natural)
        return p.have(claim(k + 1), unrolled, hypothesis, scaled, quarter, stays)

    return p.by_induction(k, natural, claim, base, step)


@theorem("square-approximation-error", source=YAROTSKY)
def square_approximation_error(p: Proof, k: Integer, x: Real) -> Theorem:
    """0 ≤ f_k(x) − x² ≤ 4^(−k−1) on [0, 1]."""
    natural, inside = p.given(0 <= k, conjunction(0 <= x, x <= 1))
    gap, v, s = square_sum(k, x) - x * x, iterate(k, x), scale(k)
    p.show(conjunction(0 <= gap, gap <= s * QUARTER))
    exact = square_approximation(p, k, x, given=[natural, inside])
    positive = quarter_power_positive(p, k, given=[natural])

    @p.lemma
    def monotone(a: Real, b: Real, c: Real) -> Theorem:
        return p.prove(implies(0 <= c, implies(a <= b, c * a <= c * b)), list)

    @p.lemma
    def square(u: Real) -> Theorem:
        claim = 0 <= u * u
        return p.cases(u >= 0, lambda up: p.have(claim, up), lambda down: p.have(claim, down))

    @p.lemma
    def below_quarter(a: Real, square: Real) -> Theorem:
        return p.prove(implies(0 <= square, implies(a == QUARTER - square, a <= QUARTER)), list)

    low = p.have(0 <= bump(v), p.have(0 <= v * (1 - v), exact))
    high = below_quarter(bump(v), given=[square(v - HALF), []])
    return p.both(
        p.have(0 <= gap, exact, p.have(0 <= s * bump(v), low, positive)),
        p.have(gap <= s * QUARTER, exact, monotone(given=[positive, high])),
    )


@lemma("square-bends")
def square_bends(p: Proof, g: RealMap, t: Integer, ε: Real, l: Real, m: Real, r: Real) -> Theorem:
    """A function within ε of x² at l, m = l + 1/(2t) and r = l + 1/t bends there if 8t²ε < 1."""
    some, small, first, second, *near = p.given(
        1 <= t,
        8 * real(t) * real(t) * ε < 1,
        (m - l) * real(t) == HALF,
        (r - m) * real(t) == HALF,
        *(conjunction(-ε <= g(u) - u * u, g(u) - u * u <= ε) for u in (l, m, r)),
    )
    T, h = real(t), m - l

    @p.lemma
    def positive_factor(a: Real, b: Real) -> Theorem:
        return p.prove(implies(0 < a * b, implies(0 <= b, 0 < a)), list)

    p.show(conjunction(l < m, r - m == m - l, negation(g(m) - g(l) == g(r) - g(m))))
    gap = p.have((r - m) * T == (m - l) * T, first, second)
    equal = p.have(r - m == m - l, gap, some)
    ordered = p.have(l < m, first, some)
    squared = p.equal_values(lambda v: v * v, p.have(r == l + 2 * h, equal))
    middle = p.have(m * m == l * l + 2 * (l * h) + h * h)
    curve = p.have(l * l - 2 * (m * m) + r * r == 2 * (h * h), squared, middle)
    quarter = p.have(4 * (T * T) * (h * h) == 1, p.equal_values(lambda v: v * v, first))
    scaled = p.have((h * h - 2 * ε) * (4 * (T * T)) > 0, quarter, small)
    large = p.have(h * h > 2 * ε, positive_factor(given=[scaled, p.have(0 <= 4 * (T * T))]))
    rise = p.have(negation(g(m) - g(l) == g(r) - g(m)), near, curve, large)
    return p.both(ordered, equal, rise)


@theorem("square-needs-pieces", source="the least error of t pieces for x² is 1/(8t²)")
def square_needs_pieces(p: Proof, g: RealMap, t: Integer, ε: Real) -> Theorem:
    """A function of t pieces on [0, 1], jumps allowed, within ε of x² there has 8t²·ε ≥ 1."""
    is_sawtooth, near = p.given(sawtooth_on(g, t, real(0), real(1)), near_square(g, ε))
    T = real(t)
    p.show(8 * T * T * ε >= 1)
    some = p.have(1 <= t, Structure.of(p, is_sawtooth).at(real(0), real(0), given=[]))
    nonzero = p.have(T != 0, some)

    @p.lemma
    def place(i: Integer) -> Theorem:
        return p.quotient(real(i), T, nonzero)

    @p.lemma
    def halfway(i: Integer) -> Theorem:
        return p.quotient(real(i) + HALF, T, nonzero)

    def point(i: Integer) -> Real:
        return real(i) / T

    def middle(i: Integer) -> Real:
        return (real(i) + HALF) / T

    def within(u: Real, scaled: Theorem, here: Fact) -> Theorem:
        """u lies in [0, 1], for 0 ≤ u·t ≤ t."""
        low, high = p.parts(p.have(conjunction(0 <= u * T, u * T <= T), scaled, here))
        return p.both(p.have(0 <= u, low, some), p.have(u <= 1, high, some))

    def narrow(small: Theorem) -> Theorem:
        def bend(i: Integer, here: Theorem) -> Theorem:
            ends = [(point(i), place(i)), (middle(i), halfway(i)), (point(i + 1), place(i + 1))]
            l, m, r = (u for u, _ in ends)
            close = [p.apply(near, u, given=[within(u, scaled, here)]) for u, scaled in ends]
            halves = [
                p.have((m - l) * T == HALF, place(i), halfway(i)),
                p.have((r - m) * T == HALF, place(i + 1), halfway(i)),
            ]
            curved = square_bends(p, g, t, ε, l, m, r, given=[some, small, *halves, *close])
            return bends_midway(p, given=p.parts(curved))

        more = pieces_at_bends(
            p,
            g,
            t,
            real(0),
            real(1),
            point,
            middle,
            t + 1,
            given=[is_sawtooth, some, lambda i, here: within(point(i), place(i), here), bend],
        )
        return p.have(p.goal, more)

    return p.cases(8 * T * T * ε < 1, narrow, lambda far: p.have(p.goal, far))


@theorem("square-needs-units", source="the rate relu networks cannot beat for x²")
def square_needs_units(p: Proof, g: RealMap, m: Integer, depth: Integer, ε: Real) -> Theorem:
    """A relu network of depth ℓ and width m within ε of x² on [0, 1] has 8·((m + 1)^ℓ)²·ε ≥ 1."""
    computed, near = p.given(network(g, RELU, uniform(m), depth), near_square(g, ε))
    t = power(m + 1, depth)
    p.show(8 * real(t) * real(t) * ε >= 1)
    few = network_pieces_relu(p, given=[computed])
    on_unit = sawtooth_restrict(p, a=real(0), b=real(1), given=[few])
    return square_needs_pieces(p, given=[on_unit, near])
