"""H. Relu networks are continuous, and what that halves.

A function is *polygonal* if every interval is finitely many stretches in a row on each of which
it is affine.  Layers keep that, stretch by stretch: an affine combination needs no new end, and
one relu at most one more.  A polygonal function takes every value between two of its values.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from proofs.arithmetic import (
    below,
    j,
    power,
    power_monotone,
    real_power,
    total,
    total_affine,
    total_congruence,
)
from proofs.counting import classify, errors
from proofs.distance import errors_continuous, far_from_tent, intermediate, sup_gap_continuous
from proofs.networks import (
    Network,
    layered,
    layered_width,
    network,
    network_depth,
    network_pieces_relu,
    network_pieces_sharp,
    output,
    pieces,
    uniform,
    value,
)
from proofs.sawtooth import relu, relu_sawtooth
from proofs.telgarsky import (
    alternating,
    deep_is_perfect,
    grid,
    grid_facts,
    grid_nonempty,
    grid_rate,
    perfect_network,
    point_count,
    power_below_root,
)
from proofs.tent import HALF, RELU, two_to
from verifier.proving import (
    Fact,
    Formula,
    Integer,
    IntegerSequence,
    Proof,
    Real,
    RealMap,
    RealMapSequence,
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
    real,
    reals,
    recursion,
    theorem,
    variables,
)

x, y, z, c = reals("x y z c")
(stretches,) = integers("stretches")
slope, intercept = variables("slope intercept", RealSequence)


@definition
def affine_on(v: RealMapSequence, m: Integer, x: Real, y: Real) -> Formula:
    """v(0, ·), …, v(m − 1, ·) are affine on [x, y]."""
    here = conjunction(below(j, m), x <= z, z <= y)
    line = v(j, z) == slope(j) * z + intercept(j)
    return exists(slope, intercept, forall(j, z, implies(here, line)))


@recursion("n", zero=lambda v, m, x, y: affine_on(v, m, x, y))
def broken_line(
    broken_line: Callable[..., Term], v: RealMapSequence, m: Integer, n: Integer, x: Real, y: Real
) -> Formula:
    """[x, y] is n + 1 stretches in a row on which v(0, ·), …, v(m − 1, ·) are affine."""
    return exists(z, conjunction(x <= z, z <= y, broken_line(v, m, n, x, z), affine_on(v, m, z, y)))


def is_broken(v: RealMapSequence, m: Integer, x: Real, y: Real) -> Formula:
    """[x, y] is finitely many such stretches."""
    line = broken_line(v, m, stretches, x, y)
    return exists(stretches, conjunction(0 <= stretches, line))


@definition
def polygonal(v: RealMapSequence, m: Integer) -> Formula:
    """v(0, ·), …, v(m − 1, ·) are continuous and piecewise affine on every interval."""
    return forall(x, y, implies(x <= y, is_broken(v, m, x, y)))


def two_stretches(v: RealMapSequence, m: Integer, x: Real, y: Real) -> Formula:
    """[x, y] is two stretches in a row on which v(0, ·), …, v(m − 1, ·) are affine."""
    return exists(z, conjunction(x <= z, z <= y, affine_on(v, m, x, z), affine_on(v, m, z, y)))


def wherever_affine(
    v: RealMapSequence, a: Integer, result: Callable[[Real, Real], Formula]
) -> Formula:
    """The result holds of every interval on which v(0, ·), …, v(a − 1, ·) are affine."""
    return forall(x, y, implies(x <= y, implies(affine_on(v, a, x, y), result(x, y))))


def one_stretch(p: Proof, affine: Theorem) -> Theorem:
    """What is affine is a broken line."""
    zero = integer(0)
    v, m, x, y = affine.conclusion.arguments
    start = p.fold(broken_line(v, m, zero, x, y), affine)
    return p.exhibit(is_broken(v, m, x, y), zero, fact=p.both(p.have(0 <= zero), start))


def one_more(p: Proof, broken: Theorem, affine: Theorem, ordered: Fact) -> Theorem:
    """A broken line and one more stretch."""
    links, before = p.obtain(broken, "links")
    natural, line = p.parts(before)
    v, m, _, x, z = line.conclusion.arguments
    y = affine.conclusion.arguments[-1]
    longer = broken_line(v, m, links + 1, x, y)
    inside = [p.have(x <= z, ordered), p.have(z <= y, ordered)]
    there = p.exhibit(p.says(longer, natural), z, fact=p.both(*inside, line, affine))
    whole = p.fold(longer, there, natural)
    return p.exhibit(
        is_broken(v, m, x, y),
        links + 1,
        fact=p.both(p.have(0 <= links + 1, natural), whole),
    )


def unbroken(
    p: Proof, affine: Callable[[Real, Real], Theorem], x: Real, y: Real, ordered: Fact
) -> Theorem:
    """What is affine on every part of [x, y] is two stretches there, the second a point."""
    whole, point = affine(x, y), affine(y, y)
    v, m, *_ = whole.conclusion.arguments
    return p.exhibit(
        two_stretches(v, m, x, y), y, fact=p.both(ordered, p.have(y <= y), whole, point)
    )


def times(w: Real) -> Callable[[Term], Term]:
    """Multiplication by w."""
    return lambda t: t * w


@lemma("polygonal-through")
def polygonal_through(
    p: Proof, v: RealMapSequence, a: Integer, u: RealMapSequence, b: Integer
) -> Theorem:
    """If u is two stretches wherever v is affine, u is polygonal if v is."""
    broken, along = p.given(
        polygonal(v, a), wherever_affine(v, a, lambda x, y: two_stretches(u, b, x, y))
    )
    p.show(polygonal(u, b))

    def claim(n: Integer) -> Formula:
        line = broken_line(v, a, n, x, y)
        return forall(x, y, implies(x <= y, implies(line, is_broken(u, b, x, y))))

    def base(x: Real, y: Real, ordered: Theorem, line: Theorem) -> Theorem:
        halves = p.apply(along, x, y, given=[ordered, p.unfold(line)])
        _, split = p.obtain(halves, "z'")
        *inside, left, right = p.parts(split)
        return one_more(p, one_stretch(p, left), right, inside)

    def step(
        n: Integer, natural: Theorem, before: Theorem, x: Real, y: Real, _: Theorem, line: Theorem
    ) -> Theorem:
        w, split = p.obtain(p.unfold(line, natural), "w'")
        low, high, start, last = p.parts(split)
        first = p.apply(before, x, w, given=[low, start])
        _, inner = p.obtain(p.apply(along, w, y, given=[high, last]), "z'")
        after, end, left, right = p.parts(inner)
        second = one_more(p, first, left, [low, after])
        return one_more(p, second, right, [low, after, end])

    every = p.induction(
        "n",
        claim,
        lambda: p.prove(claim(integer(0)), base),
        lambda n, *known: p.prove(claim(n + 1), lambda *here: step(n, *known, *here)),
    )

    def stretches(x: Real, y: Real, ordered: Theorem) -> Theorem:
        n, line = p.obtain(p.apply(p.unfold(broken), x, y, given=[ordered]), "n'")
        natural, start = p.parts(line)
        return p.apply(p.apply(every, n, given=[natural]), x, y, given=[ordered, start])

    return p.prove(p.goal, stretches)


@lemma("polygonal-combined")
def polygonal_combined(
    p: Proof,
    v: RealMapSequence,
    a: Integer,
    u: RealMapSequence,
    b: Integer,
    weight: RealMatrix,
    bias: RealSequence,
) -> Theorem:
    """Affine combinations of polygonal functions are polygonal."""
    natural, broken, equal = p.given(
        0 <= a,
        polygonal(v, a),
        forall(j, x, u(j, x) == total(lambda l: weight(j, l) * v(l, x), a) + bias(j)),
    )
    p.show(polygonal(u, b))

    def along(x: Real, y: Real, ordered: Theorem, line: Theorem) -> Theorem:
        S, C, lines = p.obtain(p.unfold(line), "S", "C")

        def value_at(j: Integer, z: Real, inside: Fact) -> Fact:
            def one(l: Integer, low: Theorem) -> Fact:
                here = p.apply(lines, l, z, given=[[low, inside]])
                return p.equal_values(lambda s: weight(j, l) * s, here)

            same = total_congruence(
                p,
                lambda l: weight(j, l) * v(l, z),
                lambda l: weight(j, l) * S(l) * z + weight(j, l) * C(l),
                a,
                given=[natural, one],
            )
            linear = total_affine(
                p,
                lambda l: weight(j, l) * S(l),
                lambda l: weight(j, l) * C(l),
                z,
                a,
                given=[natural],
            )
            return [same, linear, p.at(equal, j, z)]

        def affine(low: Real, high: Real) -> Theorem:
            return p.exhibit(
                affine_on(u, b, low, high),
                lambda j: total(lambda l: weight(j, l) * S(l), a),
                lambda j: total(lambda l: weight(j, l) * C(l), a) + bias(j),
                fact=lambda j, z, inside: value_at(j, z, [inside, ordered]),
            )

        return unbroken(p, affine, x, y, ordered)

    return polygonal_through(p, given=[broken, along])


@lemma("polygonal-congruence")
def polygonal_congruence(p: Proof, v: RealMapSequence, m: Integer, u: RealMapSequence) -> Theorem:
    """Functions equal to polygonal ones are polygonal."""
    broken, equal = p.given(polygonal(v, m), forall(j, x, implies(below(j, m), u(j, x) == v(j, x))))
    p.show(polygonal(u, m))

    def along(x: Real, y: Real, ordered: Theorem, line: Theorem) -> Theorem:
        S, C, lines = p.obtain(p.unfold(line), "S", "C")

        def affine(low: Real, high: Real) -> Theorem:
            return p.exhibit(
                affine_on(u, m, low, high),
                S,
                C,
                fact=lambda j, z, inside: [p.at(equal, j, z), p.at(lines, j, z), ordered],
            )

        return unbroken(p, affine, x, y, ordered)

    return polygonal_through(p, given=[broken, along])


@lemma("polygonal-relu-one")
def polygonal_relu_one(
    p: Proof, v: RealMapSequence, m: Integer, u: RealMapSequence, unit: Integer
) -> Theorem:
    """If one of polygonal functions is replaced by its relu, they are polygonal."""
    broken, equal = p.given(
        polygonal(v, m),
        forall(j, x, u(j, x) == if_then_else(j == unit, relu(v(j, x)), v(j, x))),
    )
    p.show(polygonal(u, m))

    @p.lemma
    def no_sign_change(s: Real, c: Real, a: Real, b: Real, z: Real) -> Theorem:
        """A line that is nowhere negative at two ends is nowhere negative between them."""
        ends = conjunction(0 <= s * a + c, 0 <= s * b + c)

        def between(inside: Theorem, signs: Theorem) -> Theorem:
            claim = 0 <= s * z + c
            return p.cases(
                s >= 0,
                lambda up: p.have(claim, p.have(s * a <= s * z, up, inside), signs),
                lambda down: p.have(claim, p.have(s * b <= s * z, down, inside), signs),
            )

        return p.prove(implies(conjunction(a <= z, z <= b), implies(ends, 0 <= s * z + c)), between)

    def along(x: Real, y: Real, ordered: Theorem, line: Theorem) -> Theorem:
        S, C, lines = p.obtain(p.unfold(line), "S", "C")
        s, c = S(unit), C(unit)

        def stretch(a: Real, b: Real, positive: bool, facts: Fact) -> Theorem:
            """u is affine on [a, b], at whose ends the unit has one sign."""
            sign = 1 if positive else -1
            signs = conjunction(0 <= sign * s * a + sign * c, 0 <= sign * s * b + sign * c)
            ends = p.have(signs, facts)

            def kept(j: Integer, line: Real) -> Real:
                return line if positive else if_then_else(j == unit, real(0), line)

            def value_at(j: Integer, z: Real, inside: Theorem) -> Theorem:
                _, *between = p.parts(inside)
                on_line = p.apply(lines, j, z, given=[[inside, facts, ordered]])
                slopes, start = kept(j, S(j)), kept(j, C(j))
                claim = u(j, z) == slopes * z + start

                def now(same: Theorem) -> Theorem:
                    signed = no_sign_change(sign * s, sign * c, a, b, z, given=[between, ends])
                    own = [p.equal_values(S, same), p.equal_values(C, same)]
                    scaled = p.equal_values(lambda t: t * z, own[0])
                    raised = p.have(u(j, z) == relu(v(j, z)), p.at(equal, j, z), same)
                    level = p.have(0 <= sign * v(j, z), signed, on_line, own, scaled)
                    cut = p.have(
                        u(j, z) == (v(j, z) if positive else real(0)),
                        raised,
                        p.meaning(relu(v(j, z))),
                        level,
                    )
                    return p.have(claim, cut, on_line, flat_line(same))

                def flat_line(where: Theorem) -> Fact:
                    if positive:
                        return []
                    flat = p.have(slopes == if_then_else(j == unit, real(0), S(j)))
                    value = real(0) if where.conclusion.operator == "=" else S(j)
                    level = real(0) if where.conclusion.operator == "=" else C(j)
                    return [
                        p.equal_values(lambda t: t * z, p.have(slopes == value, where, flat)),
                        p.have(start == level, where),
                    ]

                def other(apart: Theorem) -> Theorem:
                    kept_value = p.have(u(j, z) == v(j, z), p.at(equal, j, z), apart)
                    return p.have(claim, kept_value, on_line, flat_line(apart))

                return p.cases(j == unit, now, other)

            return p.exhibit(
                affine_on(u, m, a, b),
                lambda j: kept(j, S(j)),
                lambda j: kept(j, C(j)),
                fact=value_at,
            )

        def whole(positive: bool) -> Callable[[Theorem], Theorem]:
            return lambda signs: unbroken(
                p, lambda a, b: stretch(a, b, positive, [signs, ordered]), x, y, ordered
            )

        goal = two_stretches(u, m, x, y)

        def crossing(rising: bool, facts: list[Theorem]) -> Theorem:
            """The unit changes its sign once, at its zero."""
            steep, *signs = facts
            order = p.have(s * x <= s * y if rising else s * y <= s * x, steep, ordered)
            root = -c / s
            zero = p.have(s * root + c == 0, p.quotient(-c, s, p.have(s != 0, steep)))
            left = p.have(s * x + c <= 0 if rising else 0 <= s * x + c, order, signs)
            right = p.have(0 <= s * y + c if rising else s * y + c <= 0, order, signs)
            low, high = p.have(x <= root, zero, left, steep), p.have(root <= y, zero, right, steep)
            inside = [low, high, ordered, zero]
            first = stretch(x, root, not rising, [left, inside])
            second = stretch(root, y, rising, [right, inside])
            return p.exhibit(goal, root, fact=p.both(low, high, first, second))

        def mixed(first: Theorem, second: Theorem) -> Theorem:
            def level(up: Theorem, down: Theorem) -> Theorem:
                flat = p.have(s == 0, up, down)
                values = [p.equal_values(times(w), flat) for w in (x, y)]
                return p.have(goal, values, first, second)

            return p.cases(
                s > 0,
                lambda up: crossing(True, [up, first, second]),
                lambda not_up: p.cases(
                    s < 0,
                    lambda down: crossing(False, [down, first, second]),
                    lambda not_down: level(not_up, not_down),
                ),
            )

        return p.cases(
            conjunction(s * x + c >= 0, s * y + c >= 0),
            whole(True),
            lambda first: p.cases(
                conjunction(s * x + c <= 0, s * y + c <= 0),
                whole(False),
                lambda second: mixed(first, second),
            ),
        )

    return polygonal_through(p, given=[broken, along])


@lemma("polygonal-relu")
def polygonal_relu(p: Proof, v: RealMapSequence, m: Integer, u: RealMapSequence) -> Theorem:
    """The relu of each of polygonal functions is polygonal, one after the other."""
    natural, broken, equal = p.given(
        0 <= m, polygonal(v, m), forall(j, x, implies(below(j, m), u(j, x) == relu(v(j, x))))
    )
    p.show(polygonal(u, m))

    def first(i: Integer) -> RealMapSequence:
        return function(lambda j, x: if_then_else(j < i, relu(v(j, x)), v(j, x)), RealMapSequence)

    def claim(i: Integer) -> Formula:
        return implies(i <= m, polygonal(first(i), m))

    def base() -> Fact:
        return polygonal_congruence(p, v, m, first(integer(0)), given=[broken, lambda: []])

    def step(i: Integer, natural: Theorem, hypothesis: Theorem, bound: Theorem) -> Theorem:
        before = p.have(polygonal(first(i), m), hypothesis, bound)
        return polygonal_relu_one(p, first(i), m, first(i + 1), i, given=[before, lambda: []])

    done = p.have(polygonal(first(m), m), p.by_induction(m, natural, claim, base, step))
    return polygonal_congruence(p, given=[done, lambda j, x, inside: [p.at(equal, j, x), inside]])


@lemma("layers-polygonal")
def layers_polygonal(
    p: Proof, weight: RealTensor, bias: RealMatrix, w: IntegerSequence, depth: Integer, i: Integer
) -> Theorem:
    """The units of layer i of a relu network are polygonal."""
    widths, inside = p.given(layered(w, depth), conjunction(0 <= i, i <= depth))

    def layer(i: Integer) -> RealMapSequence:
        return function(lambda unit, x: value(weight, bias, RELU, w, i, unit, x), RealMapSequence)

    def claim(i: Integer) -> Formula:
        return implies(i <= depth, polygonal(layer(i), w(i)))

    p.show(polygonal(layer(i), w(i)))
    zero = integer(0)

    def base() -> Theorem:
        def stretches(x: Real, y: Real) -> Theorem:
            line = p.exhibit(
                affine_on(layer(zero), w(zero), x, y),
                lambda j: real(1),
                lambda j: real(0),
                fact=lambda j, z: p.meaning(layer(zero)(j, z)),
            )
            return one_stretch(p, line)

        return p.prove(polygonal(layer(zero), w(zero)), stretches)

    def step(i: Integer, natural: Theorem, hypothesis: Theorem, bound: Theorem) -> Theorem:
        def given_to(unit: Integer, x: Real) -> Real:
            sums = total(lambda l: weight(i + 1, unit, l) * layer(i)(l, x), w(i))
            return sums + bias(i + 1, unit)

        before = p.have(polygonal(layer(i), w(i)), hypothesis, bound)
        here = layered_width(p, i=i, given=[widths, [natural, bound]])
        above = layered_width(p, i=i + 1, given=[widths, [natural, bound]])
        combined = polygonal_combined(
            p,
            layer(i),
            w(i),
            given_to,
            w(i + 1),
            lambda unit, l: weight(i + 1, unit, l),
            lambda unit: bias(i + 1, unit),
            given=[here, before, lambda: []],
        )
        return polygonal_relu(
            p,
            given_to,
            w(i + 1),
            layer(i + 1),
            given=[above, combined, lambda j, x: p.successor(layer(i + 1)(j, x), natural)],
        )

    reached = p.by_induction(i, inside, claim, base, step)
    return p.have(p.goal, reached, inside)


@lemma("polygonal-intermediate")
def polygonal_intermediate(p: Proof, v: RealMapSequence) -> Theorem:
    """A polygonal function takes every value between two of its values."""
    zero, one = integer(0), integer(1)
    broken = p.given(polygonal(v, one))
    f = function(lambda x: v(zero, x))
    p.show(intermediate(f))

    def between(x: Real, y: Real, c: Real) -> Formula:
        return disjunction(conjunction(f(x) <= c, c <= f(y)), conjunction(f(y) <= c, c <= f(x)))

    def found(x: Real, y: Real, c: Real) -> Formula:
        return exists(z, conjunction(x <= z, z <= y, f(z) == c))

    def on_line(x: Real, y: Real, c: Real, line: Theorem, known: list[Theorem]) -> Theorem:
        """An affine function reaches the value where its line does."""
        ordered, here = known
        S, C, lines = p.obtain(p.unfold(line), "S", "C")
        s, d = S(zero), C(zero)
        ends = [p.apply(lines, zero, w, given=[ordered]) for w in (x, y)]

        def sloped(steep: Theorem) -> Theorem:
            rising = steep.conclusion.arguments[0] is real(0)
            order = p.have(s * x <= s * y if rising else s * y <= s * x, steep, ordered)
            root = (c - d) / s
            there = p.have(s * root + d == c, p.quotient(c - d, s, p.have(s != 0, steep)))
            left = p.have(s * x + d <= c if rising else c <= s * x + d, ends, here, order)
            right = p.have(c <= s * y + d if rising else s * y + d <= c, ends, here, order)
            low, high = (
                p.have(x <= root, there, left, steep),
                p.have(root <= y, there, right, steep),
            )
            level = p.have(f(root) == c, p.apply(lines, zero, root, given=[[low, high]]), there)
            return p.exhibit(found(x, y, c), root, fact=p.both(low, high, level))

        def flat(not_up: Theorem, not_down: Theorem) -> Theorem:
            level = p.have(s == 0, not_up, not_down)
            same = [p.equal_values(times(w), level) for w in (x, y)]
            start = p.have(f(x) == c, ends, here, same)
            return p.exhibit(found(x, y, c), x, fact=p.both(p.have(x <= x), ordered, start))

        return p.cases(
            s > 0, sloped, lambda up: p.cases(s < 0, sloped, lambda down: flat(up, down))
        )

    def claim(n: Integer) -> Formula:
        line = broken_line(v, one, n, x, y)
        premises = implies(line, implies(between(x, y, c), found(x, y, c)))
        return forall(x, y, c, implies(x <= y, premises))

    def base(x: Real, y: Real, c: Real, ordered: Theorem, line: Theorem, here: Theorem) -> Theorem:
        return on_line(x, y, c, p.unfold(line), [ordered, here])

    def step(
        n: Integer, natural: Theorem, hypothesis: Theorem, x: Real, y: Real, c: Real,
        _: Theorem, line: Theorem, here: Theorem,
    ) -> Theorem:  # fmt: skip
        w, split = p.obtain(p.unfold(line, natural), "w")
        low, high, before, last = p.parts(split)

        def wider(place: Theorem) -> Theorem:
            at, inside = p.obtain(place, "at")
            return p.exhibit(found(x, y, c), at, fact=[inside, low, high])

        def right(not_left: Theorem) -> Theorem:
            rest = p.have(between(w, y, c), not_left, here)
            return wider(on_line(w, y, c, last, [high, rest]))

        return p.cases(
            between(x, w, c),
            lambda left: wider(p.apply(hypothesis, x, w, c, given=[low, before, left])),
            right,
        )

    every = p.induction(
        "n",
        claim,
        lambda: p.prove(claim(zero), base),
        lambda n, *known: p.prove(claim(n + 1), lambda *here: step(n, *known, *here)),
    )

    def somewhere(x: Real, y: Real, c: Real, here: Theorem) -> Theorem:
        ordered, level = p.have(x <= y, here), p.have(between(x, y, c), here)
        n, line = p.obtain(p.apply(p.unfold(broken), x, y, given=[ordered]), "n'")
        natural, start = p.parts(line)
        return p.apply(p.apply(every, n, given=[natural]), x, y, c, given=[ordered, start, level])

    return p.prove(p.goal, somewhere)


@theorem("network-continuous", source="relu networks are continuous")
def network_continuous(p: Proof, g: RealMap, w: IntegerSequence, depth: Integer) -> Theorem:
    """A relu network takes every value between two of its values."""
    computed = p.given(network(g, RELU, w, depth))
    p.show(intermediate(g))
    net = Network.of(p, computed)
    weight, bias, readout, offset = net.weight, net.bias, net.readout, net.offset
    layer = function(lambda unit, x: value(weight, bias, RELU, w, depth, unit, x), RealMapSequence)
    units = layers_polygonal(p, weight, bias, i=depth, given=[net.widths, net.natural])
    read = function(lambda unit, x: g(x), RealMapSequence)
    combined = polygonal_combined(
        p,
        layer,
        w(depth),
        read,
        integer(1),
        lambda unit, l: readout(l),
        lambda unit: offset,
        given=[
            layered_width(p, i=depth, given=[net.widths, net.natural]),
            units,
            lambda j, x: [
                p.at(net.equal, x),
                p.meaning(output(weight, bias, RELU, w, depth, readout, offset, x)),
            ],
        ],
    )
    return polygonal_intermediate(p, read, given=[combined])


@theorem("sup-gap-relu", source="uniform form of Telgarsky 2015, Theorem 1.1, for relu")
def sup_gap_relu(p: Proof, g: RealMap, k: Integer, w: IntegerSequence, depth: Integer) -> Theorem:
    """A relu network of widths m_i with ∏ (m_i + 1) < 2^k is 1/2 away from tent^k somewhere on
    [0, 1]."""
    natural, computed, few = p.given(
        0 <= k, network(g, RELU, w, depth), pieces(w, integer(2), depth) < power(2, k)
    )
    p.show(far_from_tent(g, k))
    sharp = network_pieces_sharp(p, given=[computed, relu_sawtooth(p)])
    smooth = network_continuous(p, given=[computed])
    return sup_gap_continuous(p, given=[natural, sharp, smooth, few])


@theorem("depth-separation-relu", source="sharpens Telgarsky 2015, Theorem 1.2, for relu")
def depth_separation_relu(
    p: Proof, k: Integer, n: Integer, g: RealMap, m: Integer, depth: Integer
) -> Theorem:
    """A relu network of depth ℓ and width m errs at a rate of at least 1/2 − ((m + 1)^ℓ + 1)/(2n):
    continuity halves what is subtracted."""
    natural, points, computed = p.given(
        0 <= k, point_count(k, n), network(g, RELU, uniform(m), depth)
    )
    t = power(m + 1, depth)
    p.show(grid_rate(g, k, n) >= HALF - real(t + 1) / (2 * real(n)))
    few = network_pieces_relu(p, given=[computed])
    smooth = network_continuous(p, given=[computed])
    ordered, labels, some = grid_facts(p, k, n, natural, points)
    many = errors_continuous(p, given=[few, smooth, ordered, labels, some])
    made = errors(lambda x: classify(g(x)), grid(k), alternating(), n)
    error_rate = p.quotient(real(made), real(n), p.have(real(n) != 0, some))
    piece_rate = p.quotient(real(t + 1), 2 * real(n), p.have(2 * real(n) != 0, some))
    R, T = real(made) / real(n), real(t + 1) / (2 * real(n))
    product = p.have((2 * R - 1 + 2 * T) * real(n) >= 0, many, error_rate, piece_rate)
    bound = p.have(2 * R - 1 + 2 * T >= 0, product, some)
    return p.have(p.goal, bound, p.meaning(grid_rate(g, k, n)))


@theorem("telgarsky-1.1-sharp", source="sharpens Telgarsky 2015, Theorem 1.1")
def telgarsky_1_1_sharp(
    p: Proof, k: Integer, n: Integer, g: RealMap, m: Integer, depth: Integer, r: Real
) -> Theorem:
    """If m ≤ 2^((k−3)/ℓ − 1), a relu network of depth ℓ and width m errs at a rate of at least
    7/16 − 1/(2n), where one of 2k layers of width 2 makes no error.

    The hypothesis on m is written with the ℓ-th root r of 2^(k−3): 2m ≤ r.
    """
    natural, points, computed, units, root, narrow = p.given(
        0 <= k,
        point_count(k, n),
        network(g, RELU, uniform(m), depth),
        1 <= m,
        real_power(r, depth) == two_to(k) / 8,
        2 * real(m) <= r,
    )
    bound = Fraction(7, 16) - 1 / (2 * real(n))
    p.show(conjunction(perfect_network(k, n), grid_rate(g, k, n) >= bound))
    sharp = depth_separation_relu(p, given=[natural, points, computed])
    deep = network_depth(p, computed)
    t = power(m + 1, depth)
    wide = power_monotone(p, m + 1, 2 * m, depth, given=[units, units, deep])
    few = power_below_root(p, 2 * m, r, depth, given=[units, narrow, deep])
    some = grid_nonempty(p, k, n, given=[natural, points])
    eighth = p.have(8 * real(t) <= real(n), wide, few, root, points)
    nonzero = p.have(2 * real(n) != 0, some)
    T, U = real(t + 1) / (2 * real(n)), 1 / (2 * real(n))
    quotients = [
        p.quotient(real(t + 1), 2 * real(n), nonzero),
        p.quotient(real(1), 2 * real(n), nonzero),
    ]
    scaled = p.have((Fraction(1, 16) + U - T) * real(n) >= 0, quotients, eighth)
    less = p.have(Fraction(1, 16) + U - T >= 0, scaled, some)
    errs = p.have(grid_rate(g, k, n) >= bound, sharp, less)
    return p.both(deep_is_perfect(p, given=[natural, points]), errs)
