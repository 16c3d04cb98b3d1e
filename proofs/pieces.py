"""D, continued: how many pieces the iterated tent has, exactly, and that the sawtooth bounds are
attained."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from proofs.arithmetic import below, power
from proofs.sawtooth import (
    Structure,
    construct,
    sawtooth,
    sawtooth_affine,
    sawtooth_congruence,
    sawtooth_weaken,
)
from proofs.tent import (
    SECTION_2,
    iterate,
    iterate_grid_point,
    iterate_on_cell,
    iterate_outside,
    natural_power,
    tent,
    tent_closed_form,
    two_to,
)
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
    return p.exhibit(p.goal, F.label, F.slope, F.intercept, fact=lambda x, y, inside: F.at(x, y))


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


@lemma("bends-midway")
def bends_midway(p: Proof, f: RealMap, left: Real, middle: Real, right: Real) -> Theorem:
    """f bends at the midpoint of two points if it does not rise as much after as before."""
    ordered, same_gap, unequal = p.given(
        left < middle,
        right - middle == middle - left,
        negation(f(middle) - f(left) == f(right) - f(middle)),
    )
    p.show(bends(f, left, middle, right))
    before, after, gap = f(middle) - f(left), f(right) - f(middle), middle - left
    crossed = p.have(negation(before * gap == after * gap), unequal, ordered)
    swapped = p.equal_values(lambda v: before * v, same_gap)
    off_line = p.have(negation(before * (right - middle) == after * gap), crossed, swapped)
    inside = p.have(conjunction(left <= middle, middle <= right), ordered, same_gap)
    return p.fold(p.goal, p.both(p.parts(inside), off_line))


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
            implies(conjunction(0 <= i, i + 1 < n), bends(f, points(i), middles(i), points(i + 1))),
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
                L(left) == L(right), lambda same: on_one_line(same, here, between, last)
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

    reached = p.by_induction(n - 1, some, claim, base, step)
    last = points(n - 1)
    within = p.apply(inside, n - 1, given=[some])
    return p.have(p.goal, reached, p.apply(clauses, last, last, given=[within]), some)


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
            iterate_on_cell(p, given=[natural]), i, midpoint(i), given=[[inside, midway(i)]]
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
            value = iterate_grid_point(p, i=i + 1, x=end(i), given=[natural, here, at_end])
            left, right = midpoint(i), midpoint(i + 1)
            gaps = [
                p.have(two_to(k) * (end(i) - left) == HALF, at_end, midway(i)),
                p.have(two_to(k) * (right - end(i)) == HALF, at_end, midway(i + 1)),
            ]
            equal = p.have((right - end(i)) * two_to(k) == (end(i) - left) * two_to(k), gaps)
            same_gap = p.have(right - end(i) == end(i) - left, equal, positive)
            ordered = p.have(left < end(i), gaps, positive)
            jump = p.have(
                disjunction_of_values(iterate(k, end(i))), value, p.have((i + 1) % 2 <= 1)
            )
            rise = p.have(
                negation(
                    iterate(k, end(i)) - iterate(k, left) == iterate(k, right) - iterate(k, end(i))
                ),
                jump,
                at_midpoint(i, here),
                at_midpoint(i + 1, here),
            )
            return bends_midway(p, lambda x: iterate(k, x), given=[ordered, same_gap, rise])

        return p.suppose(conjunction(0 <= i, i + 1 < P), within)

    return pieces_at_bends(
        p,
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


def unit_interval(f: RealMap | Callable[[Real], Real], t: Integer) -> Formula:
    """f is t-sawtooth on [0, 1]."""
    return sawtooth_on(f, t, real(0), real(1))


@lemma("iterate-pieces-at-most")
def iterate_pieces_at_most(p: Proof, k: Integer) -> Theorem:
    """tent^k is 2^k-sawtooth on [0, 1].

    The label on the falling half of the tent is the label on the rising half, counted backwards.
    """
    natural = p.given(0 <= k)

    def claim(k: Integer) -> Formula:
        return unit_interval(lambda x: iterate(k, x), power(2, k))

    p.show(claim(k))
    zero = integer(0)

    def build(
        k: Integer, bundle: tuple[Callable[[Real], Term], ...], prove: Callable[..., Fact]
    ) -> Theorem:
        """The claim for k from a structure, each clause proved at two points of [0, 1]."""
        label, slope, intercept = bundle
        return construct(p, claim(k), label=label, slope=slope, intercept=intercept, because=prove)

    def base() -> Theorem:
        bundle = (lambda x: integer(1), lambda x: real(1), lambda x: real(0))
        return build(
            zero,
            bundle,
            lambda x, y, here: [p.meaning(iterate(zero, x)), p.meaning(power(2, zero))],
        )

    def step(k: Integer, natural: Theorem, hypothesis: Theorem) -> Theorem:
        L, S, C, clauses = p.obtain(p.unfold(hypothesis), "label", "slope", "intercept")
        double = p.successor(power(2, k + 1), natural)

        def by_half(x: Real, rising: Term, falling: Term) -> Term:
            return if_then_else(x <= HALF, rising, falling)

        def folded(x: Real) -> Real:
            return by_half(x, 2 * x, 2 - 2 * x)

        bundle = (
            lambda x: by_half(x, L(2 * x), power(2, k + 1) + 1 - L(2 - 2 * x)),
            lambda x: by_half(x, 2 * S(2 * x), -2 * S(2 - 2 * x)),
            lambda x: by_half(x, C(2 * x), 2 * S(2 - 2 * x) + C(2 - 2 * x)),
        )

        def prove(x: Real, y: Real, here: Theorem) -> Fact:
            def at(u: Real, v: Real, a: Real, b: Real) -> Theorem:
                """The old structure at the folded points, where they are folded that way."""
                both = conjunction(*(side(u, a), side(v, b)))
                return p.suppose(
                    both, lambda halves: p.apply(clauses, a, b, given=[[halves, here]])
                )

            def side(x: Real, image: Real) -> Formula:
                return x <= HALF if image.operator == "*" else x > HALF

            images = {u: (2 * u, 2 - 2 * u) for u in (x, y)}
            old = [
                at(u, v, image_u, image_v)
                for u, v in ((x, y), (y, x), (x, x), (y, y))
                for image_u in images[u]
                for image_v in images[v]
            ]
            form = p.at(tent_closed_form.fact, x)
            fold = p.have(tent(x) == folded(x), form, here)
            value = [
                p.successor(iterate(k + 1, x), natural),
                p.equal_values(lambda v: iterate(k, v), fold),
                rising_value(x),
            ]
            return [old, double, here, value]

        def rising_value(x: Real) -> Theorem:
            """iterate(k, ·) at the folded point, as one of two."""
            return p.cases(
                x <= HALF,
                lambda rising: p.have(
                    iterate(k, folded(x)) == by_half(x, iterate(k, 2 * x), iterate(k, 2 - 2 * x)),
                    p.equal_values(lambda v: iterate(k, v), p.have(folded(x) == 2 * x, rising)),
                    rising,
                ),
                lambda falling: p.have(
                    iterate(k, folded(x)) == by_half(x, iterate(k, 2 * x), iterate(k, 2 - 2 * x)),
                    p.equal_values(
                        lambda v: iterate(k, v), p.have(folded(x) == 2 - 2 * x, falling)
                    ),
                    falling,
                ),
            )

        return build(k + 1, bundle, prove)

    return p.by_induction(k, natural, claim, base, step)


@lemma("iterate-pieces-on-line")
def iterate_pieces_on_line(p: Proof, k: Integer) -> Theorem:
    """tent^k is (2^k + 2)-sawtooth on the line: it is 0 on both sides of [0, 1]."""
    natural = p.given(0 <= k)
    P = power(2, k)
    tent_k = function(lambda x: iterate(k, x))
    p.show(sawtooth(tent_k, P + 2))
    positive = natural_power(p, k, natural)

    def identity(zero: Theorem) -> Theorem:
        one_piece = sawtooth_affine(p, real(1), real(0))

        def same(x: Real) -> Theorem:
            unrolled = p.equal_values(lambda n: iterate(n, x), zero)
            return p.have(1 * x + 0 == iterate(k, x), unrolled, p.meaning(iterate(integer(0), x)))

        here = sawtooth_congruence(p, given=[one_piece, p.for_all("x", Real, same)])
        return sawtooth_weaken(p, bound=P + 2, given=[here, positive])

    def teeth(nonzero: Theorem) -> Theorem:
        structure = p.unfold(iterate_pieces_at_most(p, given=[natural]))
        L, S, C, clauses = p.obtain(structure, "label", "slope", "intercept")
        some = p.have(1 <= k, natural, nonzero)

        def by_place(x: Real, left: Term, right: Term, inside: Term) -> Term:
            return if_then_else(x < 0, left, if_then_else(x > 1, right, inside))

        def because(x: Real, y: Real) -> Fact:
            outside = p.suppose(
                disjunction(x < 0, x > 1),
                lambda away: iterate_outside(
                    p, given=[some, p.have(disjunction(x <= 0, x >= 1), away)]
                ),
            )
            return [
                *(p.at(clauses, u, v) for u, v in ((x, y), (y, x), (x, x), (y, y))),
                outside,
                positive,
            ]

        return construct(
            p,
            sawtooth(tent_k, P + 2),
            label=lambda x: by_place(x, integer(1), P + 2, L(x) + 1),
            slope=lambda x: by_place(x, real(0), real(0), S(x)),
            intercept=lambda x: by_place(x, real(0), real(0), C(x)),
            because=because,
        )

    return p.cases(k == 0, identity, teeth)


@theorem("iterate-pieces-lower", source=f"{SECTION_2}, exactly")
def iterate_pieces_lower(p: Proof, k: Integer) -> Theorem:
    """tent^k has exactly 2^k pieces on [0, 1], and at most 2^k + 2 on the line."""
    natural = p.given(0 <= k)
    tent_k = function(lambda x: iterate(k, x))
    p.show(
        conjunction(
            forall(t, implies(unit_interval(tent_k, t), power(2, k) <= t)),
            unit_interval(tent_k, power(2, k)),
            sawtooth(tent_k, power(2, k) + 2),
        )
    )

    def fewest(t: Integer) -> Theorem:
        return p.suppose(
            unit_interval(tent_k, t), lambda here: iterate_pieces_at_least(p, given=[natural, here])
        )

    return p.both(
        p.for_all("t", Integer, fewest),
        iterate_pieces_at_most(p, given=[natural]),
        iterate_pieces_on_line(p, given=[natural]),
    )


@lemma("iterate-pieces-line-at-least")
def iterate_pieces_line_at_least(p: Proof, k: Integer, t: Integer) -> Theorem:
    """If tent^k is t-sawtooth on the line and k ≥ 1, then t ≥ 2^k + 2: it bends at each multiple
    of 2^(−k) in [0, 1], both ends included."""
    some, is_sawtooth = p.given(1 <= k, sawtooth(lambda x: iterate(k, x), t))
    P = power(2, k)
    p.show(P + 2 <= t)
    natural = p.have(0 <= k, some)
    positive = natural_power(p, k, natural)
    nonzero = p.have(two_to(k) != 0, positive)
    on_cell = iterate_on_cell(p, given=[natural])

    def grid(i: Integer) -> Real:
        return real(i) / two_to(k)

    def before(i: Integer) -> Real:
        """The point halfway between grid point i − 1 and grid point i."""
        return (real(i) - HALF) / two_to(k)

    def at_grid(i: Integer) -> Theorem:
        return p.quotient(real(i), two_to(k), nonzero)

    def halfway(i: Integer) -> Theorem:
        return p.quotient(real(i) - HALF, two_to(k), nonzero)

    def zero_outside(x: Real, *facts: Fact) -> Theorem:
        outside = p.have(disjunction(x <= 0, x >= 1), facts, positive)
        return iterate_outside(p, given=[some, outside])

    def value_before(i: Integer) -> Theorem:
        """tent^k is 0 before the first cell and after the last, and 1/2 halfway through a cell."""
        x = before(i)
        beyond = disjunction(i <= 0, i > P)
        return p.both(
            p.suppose(beyond, lambda away: zero_outside(x, away, halfway(i))),
            p.suppose(
                negation(beyond),
                lambda here: p.have(
                    iterate(k, x) == HALF,
                    p.apply(on_cell, i - 1, x, given=[[here, halfway(i)]]),
                    halfway(i),
                ),
            ),
        )

    def value_at(i: Integer, here: Fact) -> Theorem:
        """tent^k is 0 or 1 at a grid point, and 0 at the first and the last."""
        x = grid(i)
        parity = iterate_grid_point(p, i=i, x=x, given=[natural, here, at_grid(i)])
        return p.both(
            p.have(iterate(k, x) == if_then_else(i % 2 == 0, real(0), real(1)), parity),
            p.suppose(disjunction(i == 0, i == P), lambda end: zero_outside(x, end, at_grid(i))),
        )

    def inside(i: Integer) -> Theorem:
        x = before(i)

        def within(here: Theorem) -> Theorem:
            scaled = p.have(
                conjunction(-1 * two_to(k) <= two_to(k) * x, two_to(k) * x <= 2 * two_to(k)),
                halfway(i),
                here,
                positive,
            )
            low, high = p.parts(scaled)
            return p.both(p.have(-1 <= x, low, positive), p.have(x <= 2, high, positive))

        return p.suppose(below(i, P + 2), within)

    def bend(i: Integer) -> Theorem:
        left, middle, right = before(i), grid(i), before(i + 1)

        def within(here: Theorem) -> Theorem:
            gaps = [
                p.have(two_to(k) * (middle - left) == HALF, at_grid(i), halfway(i)),
                p.have(two_to(k) * (right - middle) == HALF, at_grid(i), halfway(i + 1)),
            ]
            scaled = p.have((right - middle) * two_to(k) == (middle - left) * two_to(k), gaps)
            values = [value_before(i), value_at(i, here), value_before(i + 1)]
            rise = p.have(
                negation(
                    iterate(k, middle) - iterate(k, left) == iterate(k, right) - iterate(k, middle)
                ),
                values,
                here,
                positive,
            )
            return bends_midway(
                p,
                lambda x: iterate(k, x),
                given=[
                    p.have(left < middle, gaps, positive),
                    p.have(right - middle == middle - left, scaled, positive),
                    rise,
                ],
            )

        return p.suppose(conjunction(0 <= i, i + 1 < P + 2), within)

    ends = real(-1), real(2)
    restricted = sawtooth_restrict(p, lambda x: iterate(k, x), t, *ends, given=[is_sawtooth])
    return pieces_at_bends(
        p,
        lambda x: iterate(k, x),
        t,
        *ends,
        before,
        grid,
        P + 2,
        given=[
            restricted,
            positive,
            p.for_all("i", Integer, inside),
            p.for_all("i", Integer, bend),
        ],
    )


@theorem("iterate-pieces-line", source=f"{SECTION_2}, exactly, on the whole line")
def iterate_pieces_line(p: Proof, k: Integer) -> Theorem:
    """tent^k has exactly 2^k + 2 pieces on the line, for k ≥ 1."""
    some = p.given(1 <= k)
    tent_k = function(lambda x: iterate(k, x))
    p.show(
        conjunction(
            sawtooth(tent_k, power(2, k) + 2),
            forall(t, implies(sawtooth(tent_k, t), power(2, k) + 2 <= t)),
        )
    )

    def fewest(t: Integer) -> Theorem:
        return p.suppose(
            sawtooth(tent_k, t), lambda here: iterate_pieces_line_at_least(p, given=[some, here])
        )

    return p.both(iterate_pieces_on_line(p, k, given=[some]), p.for_all("t", Integer, fewest))
