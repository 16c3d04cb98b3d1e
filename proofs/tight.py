"""A, continued: the bounds for sums and compositions are attained, for all numbers of pieces."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from proofs.arithmetic import below, division, total
from proofs.pieces import bends, pieces_at_bends, sawtooth_restrict
from proofs.sawtooth import (
    LEMMA_2_3,
    identity_sawtooth,
    relu,
    relu_sawtooth,
    sawtooth,
    sawtooth_affine,
    sawtooth_compose,
    sawtooth_congruence,
    sawtooth_scale,
    sawtooth_sum_finite,
    sawtooth_sum_sharp,
    step,
    step_sawtooth,
)
from verifier.proving import (
    Defined,
    Fact,
    Formula,
    Integer,
    Proof,
    Real,
    RealMap,
    Result,
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
    theorem,
    variables,
)

HALF = Fraction(1, 2)
(t,) = integers("t")
f, g = variables("f g", RealMap)


def shifted_sum(φ: Defined, spacing: Integer, start: Integer, n: Integer, x: Real) -> Real:
    """φ(x − spacing·start) + … with n summands, each shifted by one spacing more."""
    return total(lambda j: φ(x - real(spacing * (start + j))), n)


def shifted_sum_sawtooth(
    p: Proof,
    φ: Defined,
    two_pieces: Result,
    spacing: Integer,
    start: Integer,
    n: Integer,
    natural: Fact,
) -> Theorem:
    """A sum of n shifted copies of a 2-sawtooth function is (n + 1)-sawtooth."""

    def summand(j: Integer) -> Theorem:
        def shifted(x: Real) -> Real:
            return x - real(spacing * (start + j))

        def line(x: Real) -> Real:
            return 1 * x + -real(spacing * (start + j))

        one = sawtooth_affine(p, real(1), -real(spacing * (start + j)))
        equal = p.for_all("x", Real, lambda x: p.have(line(x) == shifted(x)))
        moved = sawtooth_congruence(p, given=[one, equal])
        composed = sawtooth_compose(p, given=[two_pieces(p), moved])
        copy = p.have(sawtooth(lambda x: φ(shifted(x)), 2), composed)
        return p.suppose(below(j, n), lambda _: copy)

    whole = sawtooth_sum_finite(p, given=[natural, p.for_all("j", Integer, summand)])
    return p.have(sawtooth(lambda x: shifted_sum(φ, spacing, start, n, x), n + 1), whole)


def attained(
    combined: Callable[[Real], Real], first: Integer, second: Integer, least: Integer
) -> Formula:
    """f is first-, g second-sawtooth, and the combined function has no fewer pieces than least."""
    fewest = forall(t, implies(sawtooth(combined, t), least <= t))
    return conjunction(sawtooth(f, first), sawtooth(g, second), fewest)


@lemma("hinges-bend")
def hinges_bend(p: Proof, start: Integer, n: Integer, i: Integer) -> Theorem:
    """relu(x − start) + … with n hinges bends at the integer i if there is a hinge, else not."""
    natural = p.given(0 <= n)

    def bend(n: Integer) -> Real:
        at = [
            shifted_sum(relu, integer(1), start, n, x)
            for x in (real(i) + HALF, real(i), real(i) - HALF)
        ]
        return at[0] - 2 * at[1] + at[2]

    def claim(n: Integer) -> Formula:
        hinge = conjunction(start <= i, i < start + n)
        return bend(n) == if_then_else(hinge, real(HALF), real(0))

    p.show(claim(n))
    zero = integer(0)

    def sums(n: Integer) -> list[Real]:
        return [
            shifted_sum(relu, integer(1), start, n, x)
            for x in (real(i) + HALF, real(i), real(i) - HALF)
        ]

    def above(n: Integer, natural: Theorem, hypothesis: Theorem) -> Theorem:
        hinge = real(integer(1) * (start + n))
        points = [x - hinge for x in (real(i) + HALF, real(i), real(i) - HALF)]
        one = p.have(
            relu(points[0]) - 2 * relu(points[1]) + relu(points[2])
            == if_then_else(i == start + n, real(HALF), real(0)),
            p.meanings(relu, *points),
        )
        return p.have(
            claim(n + 1), hypothesis, natural, one, [p.successor(s, natural) for s in sums(n + 1)]
        )

    return p.by_induction(
        n, natural, claim, lambda: p.have(claim(zero), [p.meaning(s) for s in sums(zero)]), above
    )


@theorem("sawtooth-sum-tight", source=f"{LEMMA_2_3}, first half: the sharp bound is attained")
def sawtooth_sum_tight(p: Proof, k: Integer, l: Integer) -> Theorem:
    """For all k and l some k-sawtooth f and l-sawtooth g have a sum with k + l − 1 pieces.

    f has hinges at 0, …, k − 2 and g at k − 1, …, k + l − 3.
    """
    first, second = p.given(1 <= k, 1 <= l)
    p.show(exists(f, g, attained(lambda x: f(x) + g(x), k, l, k + l - 1)))
    zero, one = integer(0), integer(1)
    left = function(lambda x: shifted_sum(relu, one, zero, k - 1, x))
    right = function(lambda x: shifted_sum(relu, one, k - 1, l - 1, x))
    both = function(lambda x: left(x) + right(x))
    left_sawtooth = shifted_sum_sawtooth(p, relu, relu_sawtooth, one, zero, k - 1, first)
    right_sawtooth = shifted_sum_sawtooth(p, relu, relu_sawtooth, one, k - 1, l - 1, second)

    def fewest(t: Integer, here: Theorem) -> Theorem:
        low, high, n = real(-1), real(k + l), k + l - 1
        on_interval = sawtooth_restrict(p, a=low, b=high, given=[here])

        def point(i: Integer) -> Real:
            return real(i) - HALF

        def middle(i: Integer) -> Real:
            return real(i)

        def inside(i: Integer) -> Theorem:
            return p.have(implies(below(i, n), conjunction(low <= point(i), point(i) <= high)))

        def bend(i: Integer) -> Theorem:
            def within(here: Theorem) -> Theorem:
                hinge = [
                    hinges_bend(p, zero, k - 1, i, given=[first]),
                    hinges_bend(p, k - 1, l - 1, i, given=[second]),
                ]
                next_point = p.have(point(i + 1) == real(i) + HALF)
                values = [
                    p.equal_values(lambda x, h=h: h(x), next_point)  # type: ignore[misc]
                    for h in (left, right)
                ]
                curved = bends(both, point(i), middle(i), point(i + 1))
                return p.fold(curved, p.have(p.says(curved), hinge, values, here))

            return p.suppose(conjunction(0 <= i, i + 1 < n), within)

        return pieces_at_bends(
            p,
            given=[
                on_interval,
                [first, second],
                p.for_all("i", Integer, inside),
                p.for_all("i", Integer, bend),
            ],
        )

    least = p.for_all("t", Integer, lambda t: p.suppose(sawtooth(both, t), lambda h: fewest(t, h)))
    parts = p.both(
        p.have(sawtooth(left, k), left_sawtooth), p.have(sawtooth(right, l), right_sawtooth), least
    )
    return p.exhibit(p.goal, left, right, fact=parts)


@lemma("steps-count")
def steps_count(p: Proof, spacing: Integer, j: Integer, n: Integer, x: Real) -> Theorem:
    """n steps at spacing, 2·spacing, … make a staircase of height j on its j-th tread."""
    positive, inside, left, right = p.given(
        1 <= spacing,
        conjunction(0 <= j, j <= n),
        real(spacing * j) <= x,
        x < real(spacing * (j + 1)),
    )

    def stairs(n: Integer) -> Real:
        return shifted_sum(step, spacing, integer(1), n, x)

    def claim(m: Integer) -> Formula:
        return stairs(m) == if_then_else(m <= j, real(m), real(j))

    p.show(stairs(n) == real(j))
    zero = integer(0)

    def above(m: Integer, natural: Theorem, hypothesis: Theorem) -> Theorem:
        tread = integer(1) + m
        rise = step(x - real(spacing * tread))
        facts = [hypothesis, p.successor(stairs(m + 1), natural)]
        meaning = p.meaning(rise)

        def climbed(before: Theorem) -> Theorem:
            lower = p.have(spacing * tread <= spacing * j, before, positive)
            return p.have(claim(m + 1), facts, before, p.have(rise == 1, meaning, lower, left))

        def ahead(after: Theorem) -> Theorem:
            higher = p.have(spacing * (j + 1) <= spacing * tread, after, positive)
            return p.have(claim(m + 1), facts, after, p.have(rise == 0, meaning, higher, right))

        return p.cases(m + 1 <= j, climbed, ahead)

    reached = p.by_induction(
        n, inside, claim, lambda: p.have(claim(zero), inside, p.meaning(stairs(zero))), above
    )
    return p.have(p.goal, reached, inside)


def teeth(k: Integer, l: Integer) -> RealMap:
    """x, set back by k at k, 2k, …, (l − 1)k: l pieces, each onto [0, k)."""
    return function(lambda x: x + (-real(k) * shifted_sum(step, k, integer(1), l - 1, x) + 0))


def staircase(k: Integer) -> RealMap:
    """y, lifted by 1 at 1, 2, …, k − 1: k pieces."""
    return function(lambda y: y + shifted_sum(step, integer(1), integer(1), k - 1, y))


@lemma("staircase-of-teeth")
def staircase_of_teeth(
    p: Proof, k: Integer, l: Integer, j: Integer, i: Integer, x: Real
) -> Theorem:
    """On [kj + i, kj + i + 1) the staircase of the teeth is x − kj + i."""
    digits, left, right = p.given(
        conjunction(below(j, l), below(i, k)), real(k * j + i) <= x, x < real(k * j + i + 1)
    )
    p.show(staircase(k)(teeth(k, l)(x)) == x - real(k * j) + real(i))
    positive = p.have(1 <= k, digits)
    low = p.have(real(k * j) <= x, left, digits)
    high = p.have(x < real(k * (j + 1)), right, digits)
    height = steps_count(p, n=l - 1, given=[positive, digits, low, high])
    scaled = p.equal_values(lambda v: real(k) * v, height)
    place = teeth(k, l)(x)
    inner = p.have(place == x - real(k * j), scaled, p.have(real(k) * real(j) == real(k * j)))
    tread = steps_count(
        p, integer(1), i, k - 1, place, given=[[], digits, [inner, left], [inner, right]]
    )
    return p.have(p.goal, inner, tread)


@theorem("sawtooth-compose-tight", source=f"{LEMMA_2_3}, second half: the bound is attained")
def sawtooth_compose_tight(p: Proof, k: Integer, l: Integer) -> Theorem:
    """For all k and l some k-sawtooth f and l-sawtooth g have a composition with k·l pieces.

    g runs l times over [0, k), and f has a jump at each integer there.
    """
    first, second = p.given(1 <= k, 1 <= l)
    p.show(exists(f, g, attained(lambda x: f(g(x)), k, l, k * l)))
    one = integer(1)
    outer, inner = staircase(k), teeth(k, l)
    composed = function(lambda x: outer(inner(x)))
    identity = identity_sawtooth(p)

    def lifted(x: Real) -> Real:
        return shifted_sum(step, one, one, k - 1, x)

    def set_back(x: Real) -> Real:
        return shifted_sum(step, k, one, l - 1, x)

    rising = shifted_sum_sawtooth(p, step, step_sawtooth, one, one, k - 1, first)
    outer_sawtooth = sawtooth_sum_sharp(p, given=[identity, rising])
    falling = sawtooth_scale(
        p,
        α=-real(k),
        β=real(0),
        given=[shifted_sum_sawtooth(p, step, step_sawtooth, k, one, l - 1, second)],
    )
    inner_sawtooth = sawtooth_sum_sharp(p, given=[identity, falling])

    def fewest(t: Integer, here: Theorem) -> Theorem:
        low, high, n = real(0), real(k * l), k * l
        on_interval = sawtooth_restrict(p, a=low, b=high, given=[here])

        def point(i: Integer) -> Real:
            return real(i)

        def middle(i: Integer) -> Real:
            return real(i) + HALF

        def inside(i: Integer) -> Theorem:
            return p.have(implies(below(i, n), conjunction(low <= point(i), point(i) <= high)))

        def bend(m: Integer) -> Theorem:
            def within(here: Theorem) -> Theorem:
                j, i, digits = p.obtain(division(p, given=[here, first]), "j", "i")
                row = p.have(j < l, p.have(k * j < k * l, digits, here), first)
                curved = bends(composed, point(m), middle(m), point(m + 1))
                meaning = p.says(curved)

                def value(j: Integer, i: Integer, x: Real, facts: Fact) -> Theorem:
                    return staircase_of_teeth(p, k, l, j, i, x, given=[facts, facts, facts])

                here_and_half = [
                    value(j, i, point(m), [digits, row]),
                    value(j, i, middle(m), [digits, row]),
                ]

                def same_tooth(room: Theorem) -> Theorem:
                    after = value(j, i + 1, point(m + 1), [digits, row, room])
                    return p.fold(curved, p.have(meaning, here_and_half, after, digits))

                def next_tooth(full: Theorem) -> Theorem:
                    carried = p.have(k * (j + 1) == m + 1, digits, full)
                    more = p.have(j + 1 < l, p.have(k * (j + 1) < k * l, carried, here), first)
                    after = value(j + 1, integer(0), point(m + 1), [digits, carried, more, first])
                    return p.fold(curved, p.have(meaning, here_and_half, after, digits, carried))

                return p.cases(i + 1 < k, same_tooth, next_tooth)

            return p.suppose(conjunction(0 <= m, m + 1 < n), within)

        some = p.have(1 <= k * l, first, second)
        return pieces_at_bends(
            p,
            given=[
                on_interval,
                some,
                p.for_all("i", Integer, inside),
                p.for_all("m", Integer, bend),
            ],
        )

    least = p.for_all(
        "t", Integer, lambda t: p.suppose(sawtooth(composed, t), lambda h: fewest(t, h))
    )
    parts = p.both(
        p.have(sawtooth(outer, k), outer_sawtooth),
        p.have(sawtooth(inner, l), inner_sawtooth),
        least,
    )
    return p.exhibit(p.goal, outer, inner, fact=parts)
