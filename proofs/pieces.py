"""D, continued: how many pieces the iterated tent has, exactly, and that the sawtooth bounds are
attained."""

from __future__ import annotations

from fractions import Fraction

from proofs.arithmetic import below, power, power_positive
from proofs.sawtooth import Structure, construct, sawtooth, sawtooth_affine, sawtooth_weaken
from proofs.tent import (
    SECTION_2,
    iterate,
    iterate_at_zero,
    iterate_grid_point,
    iterate_on_cell,
    iterate_outside,
    natural_power,
    real_times,
    tent,
    tent_closed_form,
    two_to,
)
from verifier.logic import opened
from verifier.proving import (
    Fact,
    Formula,
    Integer,
    Labelling,
    Proof,
    Real,
    RealMap,
    RealSequence,
    Term,
    Theorem,
    conjunction,
    definition,
    exists,
    forall,
    function,
    if_then_else,
    implies,
    integer,
    integers,
    lemma,
    negation,
    real,
    reals,
    theorem,
    variables,
)

HALF = Fraction(1, 2)

x, y, a, b = reals("x y a b")
i, t = integers("i t")
(label,) = variables("label", Labelling)
slope, intercept = variables("slope intercept", RealMap)


@definition
def sawtooth_on(f: RealMap, t: Integer, a: Real, b: Real) -> Formula:
    """f is affine on each of at most t consecutive intervals that cover [a, b]."""
    inside = conjunction(a <= x, x <= b, a <= y, y <= b)
    in_range = conjunction(1 <= label(x), label(x) <= t)
    monotone = implies(x <= y, label(x) <= label(y))
    constant = implies(
        label(x) == label(y), conjunction(slope(x) == slope(y), intercept(x) == intercept(y))
    )
    affine = f(x) == slope(x) * x + intercept(x)
    clauses = conjunction(in_range, monotone, constant, affine)
    return exists(label, slope, intercept, forall(x, y, implies(inside, clauses)))


@lemma("sawtooth-restrict")
def sawtooth_restrict(p: Proof, f: RealMap, t: Integer, a: Real, b: Real) -> Theorem:
    """A function t-sawtooth on the line is t-sawtooth on every interval."""
    is_sawtooth = p.given(sawtooth(f, t))
    p.show(sawtooth_on(f, t, a, b))
    F = Structure.of(p, is_sawtooth)
    existence = p.meaning(p.goal).conclusion.arguments[1]
    witnesses = (F.label, F.slope, F.intercept)
    clauses = existence
    for witness in witnesses:
        clauses = opened(clauses, witness)
    proved = p.for_all(
        "x y", Real, lambda x, y: p.have(opened(opened(clauses, x), y), F.at(x, y))
    )
    return p.fold(p.goal, p.exhibit(existence, *witnesses, fact=proved))


@definition
def bends(f: RealMap, left: Real, middle: Real, right: Real) -> Formula:
    """f is on no line through left ≤ middle ≤ right."""
    return conjunction(
        left <= middle,
        middle <= right,
        negation(
            (f(middle) - f(left)) * (right - middle) == (f(right) - f(middle)) * (middle - left)
        ),
    )


@lemma("pieces-at-bends")
def pieces_at_bends(
    p: Proof,
    f: RealMap,
    t: Integer,
    a: Real,
    b: Real,
    points: RealSequence,
    middles: RealSequence,
    n: Integer,
) -> Theorem:
    """If f bends between each of n points of [a, b] and the next, it has at least n pieces
    there."""
    is_sawtooth, some, inside, bending = p.given(
        sawtooth_on(f, t, a, b),
        1 <= n,
        forall(i, implies(below(i, n), conjunction(a <= points(i), points(i) <= b))),
        forall(
            i,
            implies(
                conjunction(0 <= i, i + 1 < n), bends(f, points(i), middles(i), points(i + 1))
            ),
        ),
    )
    p.show(n <= t)
    L, S, C, clauses = p.obtain(p.unfold(is_sawtooth), "label", "slope", "intercept")

    def claim(i: Integer) -> Formula:
        return implies(i < n, i + 1 <= L(points(i)))

    def base() -> Theorem:
        first = points(integer(0))
        within = p.apply(inside, integer(0), given=[some])
        return p.have(claim(integer(0)), p.at(clauses, first, first), within)

    def step(i: Integer, natural: Theorem, hypothesis: Theorem) -> Theorem:
        left, middle, right = points(i), middles(i), points(i + 1)

        def within(bound: Theorem) -> Theorem:
            ends = [
                p.apply(inside, i, given=[[natural, bound]]),
                p.apply(inside, i + 1, given=[[natural, bound]]),
            ]
            here = p.unfold(p.apply(bending, i, given=[[natural, bound]]))
            between = [
                p.apply(clauses, u, v, given=[[ends, here]])
                for u, v in ((left, middle), (middle, right), (left, right))
            ]
            last = p.apply(clauses, right, right, given=[ends])
            distinct = p.suppose(
                L(left) == L(right),
                lambda same: on_one_line(same, here, between, last),
            )
            return p.have(i + 1 + 1 <= L(right), hypothesis, bound, here, between, distinct)

        def on_one_line(same: Theorem, here: Theorem, between: Fact, last: Theorem) -> Theorem:
            """One label at both ends would put all three points on one line."""
            one_label = p.have(
                conjunction(L(left) == L(middle), L(middle) == L(right)), same, here, between
            )
            s, c = S(left), C(left)
            one_slope = p.have(
                conjunction(S(middle) == s, S(right) == s, C(middle) == c, C(right) == c),
                one_label,
                between,
            )
            scaled = [
                p.equal_values(lambda v, u=u: v * u, p.have(S(u) == s, one_slope))  # type: ignore[misc]
                for u in (middle, right)
            ]
            rises = p.have(
                conjunction(
                    f(middle) - f(left) == s * (middle - left),
                    f(right) - f(middle) == s * (right - middle),
                ),
                between,
                last,
                one_slope,
                scaled,
            )
            first, second = p.parts(rises)
            line = p.have(
                (f(middle) - f(left)) * (right - middle)
                == (f(right) - f(middle)) * (middle - left),
                p.equal_values(lambda v: v * (right - middle), first),
                p.equal_values(lambda v: v * (middle - left), second),
            )
            return p.have(integer(1) <= 0, line, here)

        return p.suppose(i + 1 < n, within)

    every = p.induction("i", claim, base, step)
    last = points(n - 1)
    within = p.apply(inside, n - 1, given=[some])
    return p.have(
        p.goal,
        p.apply(every, n - 1, given=[some]),
        p.apply(clauses, last, last, given=[within]),
        some,
    )


@lemma("iterate-pieces-at-least")
def iterate_pieces_at_least(p: Proof, k: Integer, t: Integer) -> Theorem:
    """If tent^k is t-sawtooth on [0, 1], then t ≥ 2^k: midpoints of neighbouring teeth never
    share a piece."""
    natural, is_sawtooth = p.given(
        0 <= k, sawtooth_on(lambda x: iterate(k, x), t, real(0), real(1))
    )
    P = power(2, k)
    p.show(P <= t)
    positive = natural_power(p, k, natural)
    nonzero = p.have(two_to(k) != 0, positive)

    def midpoint(i: Integer) -> Real:
        return (real(i) + HALF) / two_to(k)

    def end(i: Integer) -> Real:
        return real(i + 1) / two_to(k)

    def midway(i: Integer) -> Theorem:
        return p.quotient(real(i) + HALF, two_to(k), nonzero)

    def at_midpoint(i: Integer, inside: Fact) -> Theorem:
        """tent^k is 1/2 there."""
        on_cell = p.apply(
            iterate_on_cell(p, k, given=[natural]), i, midpoint(i), given=[[inside, midway(i)]]
        )
        return p.have(iterate(k, midpoint(i)) == HALF, on_cell, midway(i))

    def inside_unit(i: Integer) -> Theorem:
        def within(here: Theorem) -> Theorem:
            low = p.have(0 <= midpoint(i), midway(i), here, positive)
            most = p.have(two_to(k) * midpoint(i) <= two_to(k), midway(i), here)
            return p.both(low, p.have(midpoint(i) <= 1, most, positive))

        return p.suppose(below(i, P), within)

    def bend(i: Integer) -> Theorem:
        def within(here: Theorem) -> Theorem:
            at_end = p.quotient(real(i + 1), two_to(k), nonzero)
            value = iterate_grid_point(p, k, i + 1, end(i), given=[natural, here, at_end])
            left, right = midpoint(i), midpoint(i + 1)
            gaps = [
                p.have(two_to(k) * (end(i) - left) == HALF, at_end, midway(i)),
                p.have(two_to(k) * (right - end(i)) == HALF, at_end, midway(i + 1)),
            ]
            equal = p.have((right - end(i)) * two_to(k) == (end(i) - left) * two_to(k), gaps)
            same_gap = p.have(right - end(i) == end(i) - left, equal, positive)
            positive_gap = p.have(end(i) - left > 0, gaps, positive)
            jump = p.have(
                disjunction_of_values(iterate(k, end(i))), value, p.have((i + 1) % 2 <= 1)
            )
            f_left = at_midpoint(i, here)
            f_right = at_midpoint(i + 1, here)
            rise = p.have(
                negation(
                    iterate(k, end(i)) - iterate(k, left) == iterate(k, right) - iterate(k, end(i))
                ),
                jump,
                f_left,
                f_right,
            )
            curved = bends(lambda x: iterate(k, x), left, end(i), right)
            first, second = iterate(k, end(i)) - iterate(k, left), iterate(k, right) - iterate(
                k, end(i)
            )
            gap = end(i) - left
            crossed = p.have(negation(first * gap == second * gap), rise, positive_gap)
            swapped = p.equal_values(lambda v: first * v, same_gap)
            unequal = p.have(
                negation(first * (right - end(i)) == second * gap), crossed, swapped
            )
            ordered = p.have(conjunction(left <= end(i), end(i) <= right), positive_gap, same_gap)
            return p.fold(curved, p.both(p.parts(ordered), unequal))

        return p.suppose(conjunction(0 <= i, i + 1 < P), within)

    return pieces_at_bends(
        p,
        lambda x: iterate(k, x),
        t,
        real(0),
        real(1),
        midpoint,
        end,
        P,
        given=[
            is_sawtooth,
            positive,
            p.for_all("i", Integer, inside_unit),
            p.for_all("i", Integer, bend),
        ],
    )


def disjunction_of_values(v: Real) -> Formula:
    """v is 0 or 1."""
    return negation(conjunction(v != 0, v != 1))
