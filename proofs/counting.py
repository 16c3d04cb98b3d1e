"""C. Counting errors: a function with few pieces errs often on alternating labels."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from proofs.arithmetic import below
from proofs.sawtooth import Structure, sawtooth, sawtooth_positive
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
    if_then_else,
    implies,
    integer,
    integers,
    lemma,
    negation,
    real,
    reals,
    recursion,
    theorem,
    variables,
)

LEMMA_2_2 = "Telgarsky 2015, Lemma 2.2"

x, y = reals("x y")
i, j = integers("i j")
(run,) = variables("run", Labelling)


@definition
def classify(v: Real) -> Term:
    """The class of an output: 1 if it is at least 1/2, else 0."""
    return if_then_else(v >= Fraction(1, 2), integer(1), integer(0))


@recursion("n", zero=lambda guess, points, labels: integer(0))
def errors(
    errors: Callable[..., Term],
    guess: Labelling,
    points: RealSequence,
    labels: IntegerSequence,
    n: Integer,
) -> Term:
    """How many of the first n points ``guess`` puts in another class than their label."""
    wrong = if_then_else(guess(points(n)) == labels(n), integer(0), integer(1))
    return errors(guess, points, labels, n) + wrong


@definition
def rate(g: RealMap, points: RealSequence, labels: IntegerSequence, n: Integer) -> Term:
    """R(g): the fraction of the n points that g classifies wrongly."""
    return real(errors(lambda x: classify(g(x)), points, labels, n)) / real(n)


@definition
def runs_structure(guess: Labelling, r: Integer, run: Labelling) -> Formula:
    """The labelling shows that a classifier is constant on at most r consecutive intervals."""
    in_range = conjunction(1 <= run(x), run(x) <= r)
    monotone = implies(x <= y, run(x) <= run(y))
    constant = implies(run(x) == run(y), guess(x) == guess(y))
    return forall(x, y, conjunction(in_range, monotone, constant))


@definition
def runs(guess: Labelling, r: Integer) -> Formula:
    """A classifier is constant on each of at most r consecutive intervals of the line."""
    return exists(run, runs_structure(guess, r, run))


@definition
def increasing(points: RealSequence, n: Integer) -> Formula:
    """The first n points are in increasing order; equal neighbours are allowed."""
    return forall(i, implies(conjunction(0 <= i, i + 1 < n), points(i) <= points(i + 1)))


def one_way(p: Proof, structure: Structure, g: RealMap, x: Real, y: Real) -> Theorem:
    """On a piece g rises from x to y or falls, by the sign of its slope."""
    label, slope = structure.label, structure.slope
    return p.have(
        implies(
            conjunction(label(x) == label(y), x <= y),
            conjunction(
                slope(x) == slope(y),
                implies(slope(x) >= 0, g(x) <= g(y)),
                implies(slope(x) < 0, g(y) <= g(x)),
            ),
        ),
        structure.at(x, y),
        structure.at(y, x),
        name="g is monotone on a piece",
    )


@theorem("runs-general", source=f"{LEMMA_2_2}, its first step")
def runs_general(p: Proof, g: RealMap, t: Integer) -> Theorem:
    """The classifier of a t-sawtooth function has at most 2t runs.

    On a piece the class changes at most once, from 0 to 1 where g rises, from 1 to 0 where it
    falls.
    """
    is_sawtooth = p.given(sawtooth(g, t))

    def guess(x: Real) -> Integer:
        return classify(g(x))

    p.show(runs(guess, 2 * t))
    G = Structure.of(p, is_sawtooth)

    def label(x: Real) -> Integer:
        rising = 2 * G.label(x) - 1 + guess(x)
        return if_then_else(G.slope(x) >= 0, rising, 2 * G.label(x) - guess(x))

    def clauses(x: Real, y: Real) -> Theorem:
        classes = p.meanings(classify, g(x), g(y))
        facts: Fact = [G.at(x, y), G.at(y, x), one_way(p, G, g, x, y), classes]
        return p.both(*(p.have(clause, facts) for clause in p.wanted.arguments))

    return p.exhibit(p.goal, label, fact=clauses)


@theorem("errors-alternating", source=f"{LEMMA_2_2}, its second step, sharpened")
def errors_alternating(
    p: Proof,
    guess: Labelling,
    points: RealSequence,
    labels: IntegerSequence,
    n: Integer,
    r: Integer,
) -> Theorem:
    """A classifier with at most r runs errs on alternating labels so often that
    2·errors ≥ n − r."""
    has_runs, ordered, alternating, some = p.given(
        runs(guess, r),
        increasing(points, n),
        forall(i, implies(below(i, n), labels(i) == i % 2)),
        1 <= n,
    )

    def wrong(i: Integer) -> Integer:
        return if_then_else(guess(points(i)) == labels(i), integer(0), integer(1))

    def made(i: Integer) -> Integer:
        return errors(guess, points, labels, i)

    p.show(2 * made(n) >= n - r)
    Q, structure = p.obtain(p.unfold(has_runs), "run")
    structure = p.unfold(structure)
    in_order = p.unfold(ordered)

    # Each new run allows one correct answer more than each second point.
    def claim(i: Integer) -> Formula:
        return implies(i < n, 2 * made(i + 1) - wrong(i) + Q(points(i)) >= i + 1)

    def base() -> Theorem:
        first = integer(0)
        return p.have(
            claim(first),
            p.successor(made(first + 1), []),
            p.meaning(made(first)),
            p.at(structure, points(first), points(first)),
        )

    def step(i: Integer, natural: Theorem, hypothesis: Theorem) -> Theorem:
        def within(bound: Theorem) -> Theorem:
            neighbours = p.at(structure, points(i), points(i + 1))
            order = p.apply(in_order, i, given=[[natural, bound]])
            other_label = p.have(
                negation(labels(i) == labels(i + 1)),
                p.apply(alternating, i, given=[[natural, bound]]),
                p.apply(alternating, i + 1, given=[[natural, bound]]),
            )
            progress = p.have(
                wrong(i) + wrong(i + 1) + Q(points(i + 1)) - Q(points(i)) >= 1,
                neighbours,
                order,
                other_label,
            )
            return p.have(
                2 * made(i + 1 + 1) - wrong(i + 1) + Q(points(i + 1)) >= i + 1 + 1,
                progress,
                hypothesis,
                bound,
                p.successor(made(i + 1 + 1), natural),
            )

        return p.suppose(i + 1 < n, within)

    reached = p.by_induction(n - 1, some, claim, base, step)
    last = reached
    whole = p.equal_values(lambda m: made(m), p.have(n - 1 + 1 == n))
    return p.have(p.goal, last, whole, p.at(structure, points(n - 1), points(n - 1)))


@recursion("n", zero=lambda labels, r, c: integer(0))
def fewest_errors(
    fewest_errors: Callable[..., Term], labels: IntegerSequence, r: Integer, c: Integer, n: Integer
) -> Term:
    """The fewest errors on n labels with at most r runs, the last of class c: a dynamic programme.

    The point before the last is in the same run, or in one before it of the other class.
    """
    wrong = if_then_else(c == labels(n), integer(0), integer(1))
    same = fewest_errors(labels, r, c, n)
    other = fewest_errors(labels, r - 1, 1 - c, n)
    return wrong + if_then_else(conjunction(2 <= r, other <= same), other, same)


@lemma("fewest-errors-monotone")
def fewest_errors_monotone(p: Proof, labels: IntegerSequence, n: Integer) -> Theorem:
    """More runs never force more errors."""
    natural = p.given(0 <= n)
    r, s, c = integers("r s c")

    def least(r: Integer, c: Integer, n: Integer) -> Integer:
        return fewest_errors(labels, r, c, n)

    def claim(n: Integer) -> Formula:
        return forall(r, s, c, implies(r <= s, least(s, c, n) <= least(r, c, n)))

    p.show(claim(n))
    zero = integer(0)

    def base() -> Theorem:
        return p.for_all(
            "r s c",
            Integer,
            lambda r, s, c: p.have(
                implies(r <= s, least(s, c, zero) <= least(r, c, zero)),
                p.meaning(least(s, c, zero)),
                p.meaning(least(r, c, zero)),
            ),
        )

    def step(n: Integer, natural: Theorem, hypothesis: Theorem) -> Theorem:
        return p.for_all(
            "r s c",
            Integer,
            lambda r, s, c: p.have(
                implies(r <= s, least(s, c, n + 1) <= least(r, c, n + 1)),
                p.successor(least(s, c, n + 1), natural),
                p.successor(least(r, c, n + 1), natural),
                p.at(hypothesis, r, s, c),
                p.at(hypothesis, r - 1, s - 1, 1 - c),
            ),
        )

    return p.by_induction(n, natural, claim, base, step)


@theorem("errors-fewest", source=f"{LEMMA_2_2}, its second step, for all labels")
def errors_fewest(
    p: Proof,
    guess: Labelling,
    points: RealSequence,
    labels: IntegerSequence,
    n: Integer,
    r: Integer,
) -> Theorem:
    """A classifier with at most r runs makes at least the errors of the dynamic programme,
    whatever the labels; its last class is the one it gives the last point."""
    has_runs, binary, ordered, some = p.given(
        runs(guess, r),
        forall(x, disjunction(guess(x) == 0, guess(x) == 1)),
        increasing(points, n),
        1 <= n,
    )

    def made(i: Integer) -> Integer:
        return errors(guess, points, labels, i)

    def least(r: Integer, c: Integer, n: Integer) -> Integer:
        return fewest_errors(labels, r, c, n)

    p.show(disjunction(made(n) >= least(r, integer(0), n), made(n) >= least(r, integer(1), n)))
    Q, structure = p.obtain(p.unfold(has_runs), "run")
    structure = p.unfold(structure)
    in_order = p.unfold(ordered)

    def claim(i: Integer) -> Formula:
        here = points(i)
        return implies(i < n, made(i + 1) >= least(Q(here), guess(here), i + 1))

    def base() -> Theorem:
        zero = integer(0)
        q, c = Q(points(zero)), guess(points(zero))
        return p.have(
            claim(zero),
            p.successor(made(zero + 1), []),
            p.meaning(made(zero)),
            p.successor(least(q, c, zero + 1), []),
            p.meaning(least(q, c, zero)),
            p.meaning(least(q - 1, 1 - c, zero)),
        )

    def step(i: Integer, natural: Theorem, hypothesis: Theorem) -> Theorem:
        here, there = points(i), points(i + 1)
        q, c = Q(there), guess(there)

        def within(bound: Theorem) -> Theorem:
            before = p.have(made(i + 1) >= least(Q(here), guess(here), i + 1), hypothesis, bound)
            order = p.apply(in_order, i, given=[[natural, bound]])
            neighbours = [p.at(structure, here, there), p.at(structure, here, here), order]
            monotone = fewest_errors_monotone(p, labels, i + 1, given=[natural])
            unrolled = [
                p.successor(made(i + 1 + 1), p.have(0 <= i + 1, natural)),
                p.successor(least(q, c, i + 1 + 1), p.have(0 <= i + 1, natural)),
            ]
            goal = made(i + 1 + 1) >= least(q, c, i + 1 + 1)

            def same_class(same: Theorem) -> Theorem:
                swapped = p.equal_values(lambda v: least(Q(here), v, i + 1), same)
                fewer = p.at(monotone, Q(here), q, c)
                return p.have(goal, before, neighbours, swapped, fewer, unrolled)

            def other_class(other: Theorem) -> Theorem:
                opposite = p.have(
                    guess(here) == 1 - c, other, p.at(binary, here), p.at(binary, there)
                )
                swapped = p.equal_values(lambda v: least(Q(here), v, i + 1), opposite)
                fewer = p.at(monotone, Q(here), q - 1, 1 - c)
                new_run = p.have(Q(here) + 1 <= q, other, neighbours)
                return p.have(goal, before, neighbours, new_run, swapped, fewer, unrolled)

            return p.cases(guess(here) == c, same_class, other_class)

        return p.suppose(i + 1 < n, within)

    reached = p.by_induction(n - 1, [some, p.have(n - 1 < n)], claim, base, step)
    last = points(n - 1)
    whole = p.have(n - 1 + 1 == n)
    reached = p.rewrite(reached, whole)
    monotone = fewest_errors_monotone(p, labels, n, given=[some])
    fewer = p.at(monotone, Q(last), r, guess(last))
    bound = p.have(made(n) >= least(r, guess(last), n), reached, fewer, p.at(structure, last, last))
    return p.cases(
        guess(last) == 0,
        lambda zero: p.have(p.goal, bound, p.equal_values(lambda v: least(r, v, n), zero)),
        lambda other: p.have(
            p.goal,
            bound,
            p.equal_values(
                lambda v: least(r, v, n), p.have(guess(last) == 1, other, p.at(binary, last))
            ),
        ),
    )


@theorem("rate-sharp", source=f"{LEMMA_2_2}, sharpened")
def rate_sharp(
    p: Proof, g: RealMap, t: Integer, points: RealSequence, labels: IntegerSequence, n: Integer
) -> Theorem:
    """A t-sawtooth function errs on n alternating points at a rate of at least 1/2 − t/n."""
    is_sawtooth, ordered, alternating, some = p.given(
        sawtooth(g, t),
        increasing(points, n),
        forall(i, implies(below(i, n), labels(i) == i % 2)),
        1 <= n,
    )
    p.show(rate(g, points, labels, n) >= Fraction(1, 2) - real(t) / real(n))

    def guess(x: Real) -> Integer:
        return classify(g(x))

    has_runs = runs_general(p, given=[is_sawtooth])
    many = errors_alternating(p, labels=labels, given=[has_runs, ordered, alternating, some])
    made = errors(guess, points, labels, n)
    nonzero = p.have(real(n) != 0, some)
    error_rate = p.quotient(real(made), real(n), nonzero)
    piece_rate = p.quotient(real(t), real(n), nonzero)
    meaning = p.meaning(rate(g, points, labels, n))
    R, T = real(made) / real(n), real(t) / real(n)
    product = p.have((2 * R - 1 + 2 * T) * real(n) >= 0, many, error_rate, piece_rate)
    bound = p.have(2 * R - 1 + 2 * T >= 0, product, some)
    return p.have(p.goal, bound, meaning)


@theorem("rate", source=LEMMA_2_2)
def rate_lecture(
    p: Proof, g: RealMap, t: Integer, points: RealSequence, labels: IntegerSequence, n: Integer
) -> Theorem:
    """A t-sawtooth function errs on n alternating points at a rate of at least
    (n − 4t)/(3n)."""
    is_sawtooth, ordered, alternating, some = p.given(
        sawtooth(g, t),
        increasing(points, n),
        forall(i, implies(below(i, n), labels(i) == i % 2)),
        1 <= n,
    )
    p.show(rate(g, points, labels, n) >= real(n - 4 * t) / (3 * real(n)))
    sharp = rate_sharp(p, labels=labels, given=[is_sawtooth, ordered, alternating, some])
    weaker = lecture_bound(p, t, given=[sawtooth_positive(p, given=[is_sawtooth]), some])
    return p.have(p.goal, sharp, weaker)


@lemma("lecture-bound")
def lecture_bound(p: Proof, t: Integer, n: Integer) -> Theorem:
    """(n − 4t)/(3n) ≤ 1/2 − t/n for t ≥ 0: the sharp rate is larger than the lecture's."""
    natural, some = p.given(0 <= t, 1 <= n)
    p.show(real(n - 4 * t) / (3 * real(n)) <= Fraction(1, 2) - real(t) / real(n))
    whole = p.quotient(real(n - 4 * t), 3 * real(n), p.have(3 * real(n) != 0, some))
    part = p.quotient(real(t), real(n), p.have(real(n) != 0, some))
    A, T = real(n - 4 * t) / (3 * real(n)), real(t) / real(n)
    product = p.have((Fraction(1, 2) - T - A) * real(n) >= 0, whole, part, natural, some)
    bound = p.have(Fraction(1, 2) - T - A >= 0, product, some)
    return p.have(p.goal, bound)
