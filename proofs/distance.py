"""F. Uniform distance: few pieces are 1/2 away from the iterated tent, and continuity halves the
runs.

A rate of errors says that a function is wrong at many points; these theorems say that it is far
away at one of them.  Continuity is the intermediate value property.
"""

from __future__ import annotations

from proofs.arithmetic import below, power
from proofs.counting import (
    LEMMA_2_2,
    classify,
    errors,
    errors_alternating,
    increasing,
    one_way,
    runs,
    runs_general,
)
from proofs.networks import network, network_pieces_sharp, pieces
from proofs.sawtooth import Structure, absolute, sawtooth
from proofs.telgarsky import alternating, alternating_labels, grid, grid_increasing
from proofs.tent import HALF, iterate, iterate_grid, natural_power, two_to
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
    Theorem,
    conjunction,
    definition,
    disjunction,
    exists,
    forall,
    function,
    if_then_else,
    implies,
    integers,
    lemma,
    negation,
    real,
    reals,
    theorem,
)

x, y, z, c = reals("x y z c")
(i,) = integers("i")


@definition
def intermediate(f: RealMap) -> Formula:
    """f takes every value between two of its values somewhere between the two places."""
    between = disjunction(conjunction(f(x) <= c, c <= f(y)), conjunction(f(y) <= c, c <= f(x)))
    found = exists(z, conjunction(x <= z, z <= y, f(z) == c))
    return forall(x, y, c, implies(conjunction(x <= y, between), found))


def far_from_tent(g: RealMap, k: Integer) -> Formula:
    """Somewhere on [0, 1] g is at least 1/2 away from tent^k."""
    return exists(x, conjunction(0 <= x, x <= 1, absolute(g(x) - iterate(k, x)) >= HALF))


@lemma("some-error")
def some_error(
    p: Proof, guess: Labelling, points: RealSequence, labels: IntegerSequence, n: Integer
) -> Theorem:
    """Where an error is counted, there is a point that is wrong."""
    natural, many = p.given(0 <= n, 1 <= errors(guess, points, labels, n))

    def found(m: Integer) -> Formula:
        return exists(i, conjunction(below(i, m), negation(guess(points(i)) == labels(i))))

    p.show(found(n))

    def step(m: Integer, natural: Theorem, hypothesis: Theorem, some: Theorem) -> Theorem:
        unrolled = p.successor(errors(guess, points, labels, m + 1), natural)

        def earlier(right: Theorem) -> Theorem:
            j, here = p.obtain(p.apply(hypothesis, given=[[some, unrolled, right]]), "j")
            return p.exhibit(found(m + 1), j, fact=here)

        return p.cases(
            guess(points(m)) == labels(m),
            earlier,
            lambda wrong: p.exhibit(found(m + 1), m, fact=[wrong, natural]),
        )

    reached = p.by_induction(
        n,
        natural,
        lambda m: implies(1 <= errors(guess, points, labels, m), found(m)),
        step=step,
    )
    return p.apply(reached, given=[many])


@lemma("runs-gap")
def runs_gap(p: Proof, g: RealMap, k: Integer, r: Integer) -> Theorem:
    """A function whose classifier has at most 2^k runs is 1/2 away from tent^k at a grid point."""
    natural, has_runs, few = p.given(0 <= k, runs(lambda x: classify(g(x)), r), r <= power(2, k))
    p.show(far_from_tent(g, k))
    positive = natural_power(p, k, natural)
    n = power(2, k) + 1
    ordered, labels = grid_increasing(p, k, n, given=[natural]), alternating_labels(p, n)
    many = errors_alternating(p, given=[has_runs, ordered, labels, positive])
    guess = function(lambda x: classify(g(x)), Labelling)
    found = some_error(p, guess, grid(k), alternating(), n, given=[positive, [many, few]])
    j, here = p.obtain(found, "j")
    at = grid(k)(j)
    quotient = p.quotient(real(j), two_to(k), p.have(two_to(k) != 0, positive))
    scaled = p.have(conjunction(0 <= at * two_to(k), at * two_to(k) <= two_to(k)), quotient, here)
    value = iterate_grid(p, k, j, given=[natural, here])
    far = p.have(
        absolute(g(at) - iterate(k, at)) >= HALF,
        value,
        here,
        p.meaning(classify(g(at))),
        p.meaning(absolute(g(at) - iterate(k, at))),
        p.have(disjunction(j % 2 == 0, j % 2 == 1)),
    )
    low, high = p.have(0 <= at, scaled, positive), p.have(at <= 1, scaled, positive)
    return p.exhibit(p.goal, at, fact=p.both(low, high, far))


@theorem("sup-gap", source="uniform form of Telgarsky 2015, Theorem 1.1; jumps allowed")
def sup_gap(p: Proof, g: RealMap, k: Integer, t: Integer) -> Theorem:
    """A function with at most 2^(k−1) pieces, jumps allowed, is 1/2 away from tent^k somewhere on
    [0, 1]."""
    natural, is_sawtooth, few = p.given(0 <= k, sawtooth(g, t), 2 * t <= power(2, k))
    p.show(far_from_tent(g, k))
    return runs_gap(p, given=[natural, runs_general(p, given=[is_sawtooth]), few])


@theorem("sup-gap-network", source="uniform form of Telgarsky 2015, Theorem 1.2")
def sup_gap_network(
    p: Proof, g: RealMap, k: Integer, φ: RealMap, t: Integer, w: IntegerSequence, depth: Integer
) -> Theorem:
    """A network of widths m_i with a t-sawtooth activation and 2·∏ (m_i(t − 1) + 1) ≤ 2^k is 1/2
    away from tent^k somewhere on [0, 1]."""
    natural, computed, activation, few = p.given(
        0 <= k, network(g, φ, w, depth), sawtooth(φ, t), 2 * pieces(w, t, depth) <= power(2, k)
    )
    p.show(far_from_tent(g, k))
    sharp = network_pieces_sharp(p, given=[computed, activation])
    return sup_gap(p, given=[natural, sharp, few])


@theorem("runs-continuous", source=f"{LEMMA_2_2}, its first step, for continuous functions")
def runs_continuous(p: Proof, g: RealMap, t: Integer) -> Theorem:
    """The classifier of a continuous t-sawtooth function has at most t + 1 runs.

    On each piece the class changes at most once, and between neighbouring pieces it does not: the
    late part of a piece and the early part of the next share a class.
    """
    is_sawtooth, darboux = p.given(sawtooth(g, t), intermediate(g))
    guess = function(lambda x: classify(g(x)), Labelling)
    p.show(runs(guess, t + 1))
    G = Structure.of(p, is_sawtooth)
    between = p.unfold(darboux)

    def run(x: Real) -> Integer:
        late = if_then_else(G.slope(x) >= 0, guess(x), 1 - guess(x))
        return G.label(x) + late

    def no_break(x: Real, y: Real) -> Theorem:
        """The late part of a piece and the early part of the next share a class."""

        def same_class(here: Theorem) -> Theorem:
            classes = p.meanings(classify, g(x), g(y))
            ordered = p.have(x <= y, here, G.at(y, x))
            next_piece = p.have(G.label(y) == G.label(x) + 1, here, classes)

            def skipped(unequal: Theorem) -> Theorem:
                """Halfway between 1/2 and the value below it lies a value no piece takes."""
                lower = if_then_else(g(x) < HALF, g(x), g(y))
                level = (lower + HALF) * HALF
                places = p.apply(between, x, y, level, given=[[ordered, unequal, classes]])
                place, found = p.obtain(places, "place")
                facts = [here, next_piece, classes, unequal, found]
                ways = [one_way(p, G, g, x, place), one_way(p, G, g, place, y)]
                return p.have(
                    guess(x) == guess(y),
                    facts,
                    ways,
                    G.at(x, place),
                    G.at(place, y),
                    name="a level is skipped",
                )

            return p.cases(guess(x) == guess(y), lambda same: same, skipped)

        touching = conjunction(G.label(x) < G.label(y), run(x) == run(y))
        return p.suppose(touching, same_class)

    def clauses(x: Real, y: Real) -> Theorem:
        classes = p.meanings(classify, g(x), g(y))
        facts: Fact = [G.at(x, y), G.at(y, x), one_way(p, G, g, x, y), classes]
        *ranges, constant = p.wanted.arguments
        return p.both(
            *(p.have(clause, facts) for clause in ranges),
            p.have(constant, facts, no_break(x, y), no_break(y, x), one_way(p, G, g, y, x)),
        )

    return p.exhibit(p.goal, run, fact=clauses)


@theorem("errors-continuous", source=f"{LEMMA_2_2}, sharpened for continuous functions")
def errors_continuous(
    p: Proof, g: RealMap, t: Integer, points: RealSequence, labels: IntegerSequence, n: Integer
) -> Theorem:
    """A continuous t-sawtooth function errs on n alternating points at least (n − t − 1)/2
    times."""
    is_sawtooth, darboux, ordered, alternate, some = p.given(
        sawtooth(g, t),
        intermediate(g),
        increasing(points, n),
        forall(i, implies(below(i, n), labels(i) == i % 2)),
        1 <= n,
    )
    p.show(2 * errors(lambda x: classify(g(x)), points, labels, n) >= n - t - 1)
    has_runs = runs_continuous(p, given=[is_sawtooth, darboux])
    return p.have(p.goal, errors_alternating(p, given=[has_runs, ordered, alternate, some]))


@theorem("sup-gap-continuous", source="uniform form of Telgarsky 2015, Theorem 1.1, sharp")
def sup_gap_continuous(p: Proof, g: RealMap, k: Integer, t: Integer) -> Theorem:
    """A continuous function with fewer than 2^k pieces is 1/2 away from tent^k somewhere on
    [0, 1]; with 2^k pieces it can be tent^k there."""
    natural, is_sawtooth, darboux, few = p.given(
        0 <= k, sawtooth(g, t), intermediate(g), t < power(2, k)
    )
    p.show(far_from_tent(g, k))
    has_runs = runs_continuous(p, given=[is_sawtooth, darboux])
    return runs_gap(p, given=[natural, has_runs, few])
