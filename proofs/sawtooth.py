"""A. Sawtooth calculus: how many affine pieces sums and compositions have.

A partition of the line into consecutive intervals is the same thing as a monotone labelling.  So
f is t-sawtooth exactly when a *sawtooth structure* exists: a label, a slope and an intercept at
each point such that labels lie in 1..t and never decrease, points with one label share slope and
intercept, and f is slope · x + intercept.  The proofs construct the structure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from proofs.arithmetic import digits_increase, total
from verifier.proving import (
    Fact,
    Formula,
    Integer,
    Labelling,
    Proof,
    Real,
    RealMap,
    RealMapSequence,
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
    theorem,
    variables,
)

LEMMA_2_3 = "Telgarsky 2015, Lemma 2.3"


@definition
def relu(x: Real) -> Term:
    """max(0, x)."""
    return if_then_else(x >= 0, x, 0)


@definition
def absolute(x: Real) -> Term:
    """|x|."""
    return if_then_else(x >= 0, x, -x)


@definition
def leaky_relu(a: Real, x: Real) -> Term:
    """x for x ≥ 0, and a·x below."""
    return if_then_else(x >= 0, x, a * x)


@definition
def step(x: Real) -> Term:
    """1 for x ≥ 0, and 0 below: discontinuous."""
    return if_then_else(x >= 0, real(1), real(0))


@definition
def hard_tanh(x: Real) -> Term:
    """x cut off at −1 and 1."""
    return if_then_else(x < -1, real(-1), if_then_else(x > 1, real(1), x))


x, y = reals("x y")
(label,) = variables("label", Labelling)
slope, intercept = variables("slope intercept", RealMap)


@definition
def sawtooth_structure(
    f: RealMap, t: Integer, label: Labelling, slope: RealMap, intercept: RealMap
) -> Formula:
    """The labelling, slopes and intercepts show that f has at most t affine pieces."""
    in_range = conjunction(1 <= label(x), label(x) <= t)
    monotone = implies(x <= y, label(x) <= label(y))
    constant = implies(
        label(x) == label(y), conjunction(slope(x) == slope(y), intercept(x) == intercept(y))
    )
    affine = f(x) == slope(x) * x + intercept(x)
    return forall(x, y, conjunction(in_range, monotone, constant, affine))


@definition
def sawtooth(f: RealMap, t: Integer) -> Formula:
    """f is t-sawtooth: the line splits into at most t intervals on which f is affine."""
    return exists(label, slope, intercept, sawtooth_structure(f, t, label, slope, intercept))


@dataclass(frozen=True)
class Structure:
    """Labels, slopes and intercepts inside a proof: on the line, on a set, or of many functions."""

    proof: Proof
    label: Labelling
    slope: Term
    intercept: Term
    clauses: Theorem

    @classmethod
    def of(cls, proof: Proof, fact: Theorem) -> Structure:
        """The structure behind the fact that something is sawtooth."""
        label, slope, intercept, clauses = proof.obtain(
            proof.unfold(fact), "label", "slope", "intercept"
        )
        if clauses.conclusion.operator == "symbol":
            clauses = proof.unfold(clauses)
        return cls(proof, label, slope, intercept, clauses)

    def at(self, *points: Term, given: Fact | None = None) -> Theorem:
        """What the structure says of two points, and of one of many functions.

        On a set it asks for facts that put the points there.
        """
        return self.proof.apply(self.clauses, *points, given=[] if given is None else [given])


CLAUSES = ("labels in range", "labels monotone", "constant on pieces", "affine on pieces")


def construct(
    p: Proof,
    claim: Formula,
    *,
    label: Callable[[Real], Integer],
    slope: Callable[..., Real],
    intercept: Callable[..., Real],
    because: Callable[..., Fact],
    constant: Callable[..., Fact] | None = None,
    affine: Callable[..., Fact] | None = None,
) -> Theorem:
    """Something is sawtooth by an explicit structure.

    Parameters
    ----------
    claim:
        That a function is sawtooth, on the line or on a set, or that many jointly are.
    because:
        Of two points, of the number of a function if there are many, and of the fact that the
        points are in the set if there is one: facts from which the clauses follow.
    constant, affine:
        Facts for the last two clauses, if they need others; the last is about the first point.
    """

    def clauses(x: Real, y: Real, *others: Any) -> Theorem:
        shared = because(x, y, *others)
        here = [other for other in others if isinstance(other, Theorem)]
        facts = [
            shared,
            shared,
            constant(x, y, *others) if constant else shared,
            affine(x, *others) if affine else shared,
        ]
        parts = zip(p.wanted.arguments, facts, CLAUSES, strict=True)
        return p.both(*(p.have(part, fact, here, name=name) for part, fact, name in parts))

    return p.exhibit(claim, label, slope, intercept, fact=clauses)


@theorem("sawtooth-affine", source="elementary")
def sawtooth_affine(p: Proof, a: Real, b: Real) -> Theorem:
    """a·x + b is 1-sawtooth."""
    line = function(lambda x: a * x + b)
    p.show(sawtooth(line, 1))
    return construct(
        p,
        p.goal,
        label=lambda x: integer(1),
        slope=lambda x: a,
        intercept=lambda x: b,
        because=lambda x, y: [],
    )


@theorem("sawtooth-weaken", source="elementary")
def sawtooth_weaken(p: Proof, f: RealMap, t: Integer, bound: Integer) -> Theorem:
    """A t-sawtooth function is t'-sawtooth for every t' ≥ t."""
    is_sawtooth, larger = p.given(sawtooth(f, t), t <= bound)
    p.show(sawtooth(f, bound))
    F = Structure.of(p, is_sawtooth)
    return construct(
        p,
        p.goal,
        label=F.label,
        slope=F.slope,
        intercept=F.intercept,
        because=lambda x, y: [F.at(x, y), larger],
    )


@lemma("sawtooth-positive")
def sawtooth_positive(p: Proof, f: RealMap, t: Integer) -> Theorem:
    """A t-sawtooth function has t ≥ 1."""
    is_sawtooth = p.given(sawtooth(f, t))
    p.show(1 <= t)
    F = Structure.of(p, is_sawtooth)
    return p.have(p.goal, F.at(real(0), real(0)))


@lemma("sawtooth-congruence")
def sawtooth_congruence(p: Proof, f: RealMap, g: RealMap, t: Integer) -> Theorem:
    """A function equal to a t-sawtooth one is t-sawtooth."""
    is_sawtooth, equal = p.given(sawtooth(f, t), forall(x, f(x) == g(x)))
    p.show(sawtooth(g, t))
    F = Structure.of(p, is_sawtooth)
    return construct(
        p,
        p.goal,
        label=F.label,
        slope=F.slope,
        intercept=F.intercept,
        because=lambda x, y: [F.at(x, y), p.at(equal, x)],
    )


@theorem("sawtooth-scale", source="elementary")
def sawtooth_scale(p: Proof, f: RealMap, t: Integer, α: Real, β: Real) -> Theorem:
    """α·f + β is t-sawtooth if f is."""
    is_sawtooth = p.given(sawtooth(f, t))
    scaled = function(lambda x: α * f(x) + β)
    p.show(sawtooth(scaled, t))
    F = Structure.of(p, is_sawtooth)

    def affine(x: Real) -> Fact:
        value = p.have(f(x) == F.slope(x) * x + F.intercept(x), F.at(x, x))
        return p.equal_values(lambda v: α * v + β, value)

    return construct(
        p,
        p.goal,
        label=F.label,
        slope=lambda x: α * F.slope(x),
        intercept=lambda x: α * F.intercept(x) + β,
        because=lambda x, y: F.at(x, y),
        affine=affine,
    )


@theorem("sawtooth-sum-sharp", source=f"{LEMMA_2_3}, first half, sharpened")
def sawtooth_sum_sharp(p: Proof, f: RealMap, g: RealMap, k: Integer, l: Integer) -> Theorem:
    """If f is k-sawtooth and g is l-sawtooth, then f + g is (k + l − 1)-sawtooth."""
    f_sawtooth, g_sawtooth = p.given(sawtooth(f, k), sawtooth(g, l))
    p.show(sawtooth(lambda x: f(x) + g(x), k + l - 1))
    F, G = Structure.of(p, f_sawtooth), Structure.of(p, g_sawtooth)
    return construct(
        p,
        p.goal,
        label=lambda x: F.label(x) + G.label(x) - 1,
        slope=lambda x: F.slope(x) + G.slope(x),
        intercept=lambda x: F.intercept(x) + G.intercept(x),
        because=lambda x, y: [F.at(x, y), F.at(y, x), G.at(x, y), G.at(y, x)],
    )


@theorem("sawtooth-sum", source=f"{LEMMA_2_3}, first half")
def sawtooth_sum(p: Proof, f: RealMap, g: RealMap, k: Integer, l: Integer) -> Theorem:
    """If f is k-sawtooth and g is l-sawtooth, then f + g is (k + l)-sawtooth."""
    f_sawtooth, g_sawtooth = p.given(sawtooth(f, k), sawtooth(g, l))
    h = function(lambda x: f(x) + g(x))
    p.show(sawtooth(h, k + l))
    sharp = sawtooth_sum_sharp(p, given=[f_sawtooth, g_sawtooth])
    return sawtooth_weaken(p, given=[sharp, []])


@theorem("sawtooth-compose", source=f"{LEMMA_2_3}, second half")
def sawtooth_compose(p: Proof, f: RealMap, g: RealMap, k: Integer, l: Integer) -> Theorem:
    """If f is k-sawtooth and g is l-sawtooth, then f∘g is k·l-sawtooth.

    On a piece of g the label of f at g(x) runs up where g rises and down where it falls; counted
    from the matching end it is the last digit of the new label, and g's label is the leading one.
    """
    f_sawtooth, g_sawtooth = p.given(sawtooth(f, k), sawtooth(g, l))
    composed = function(lambda x: f(g(x)))
    p.show(sawtooth(composed, k * l))
    F, G = Structure.of(p, f_sawtooth), Structure.of(p, g_sawtooth)

    def digit(x: Real) -> Integer:
        inner = F.label(g(x))
        return if_then_else(G.slope(x) >= 0, inner, k + 1 - inner)

    def because(x: Real, y: Real) -> Fact:
        inside = [G.at(x, y), G.at(y, x), F.at(g(x), g(y)), F.at(g(y), g(x))]
        ranges = p.have(
            conjunction(1 <= digit(x), digit(x) <= k, 1 <= digit(y), digit(y) <= k), inside
        )
        same_piece = p.have(
            implies(
                conjunction(G.label(x) == G.label(y), x <= y),
                disjunction(
                    conjunction(G.slope(x) >= 0, g(x) <= g(y)),
                    conjunction(G.slope(x) < 0, g(x) >= g(y)),
                ),
            ),
            G.at(x, y),
            G.at(y, x),
            name="g is monotone on a piece",
        )
        larger = [
            p.suppose(
                G.label(a) < G.label(b),
                lambda less, a=a, b=b: digits_increase(  # type: ignore[misc]
                    p, s=digit(a), r=digit(b), given=[less, *[ranges] * 3]
                ),
            )
            for a, b in ((x, y), (y, x))
        ]
        return [inside, ranges, same_piece, larger]

    def affine(x: Real) -> Fact:
        outer = p.have(f(g(x)) == F.slope(g(x)) * g(x) + F.intercept(g(x)), F.at(g(x), g(x)))
        inner = p.have(g(x) == G.slope(x) * x + G.intercept(x), G.at(x, x))
        return [outer, p.equal_values(lambda v: F.slope(g(x)) * v, inner)]

    return construct(
        p,
        p.goal,
        label=lambda x: (G.label(x) - 1) * k + digit(x),
        slope=lambda x: F.slope(g(x)) * G.slope(x),
        intercept=lambda x: F.slope(g(x)) * G.intercept(x) + F.intercept(g(x)),
        because=because,
        affine=affine,
    )


@theorem("sawtooth-sum-finite", source=f"{LEMMA_2_3}, for m summands, sharpened")
def sawtooth_sum_finite(p: Proof, f: RealMapSequence, t: Integer, m: Integer) -> Theorem:
    """A sum of m t-sawtooth functions f(0, ·), …, f(m − 1, ·) is (m(t − 1) + 1)-sawtooth."""
    j = integers("j")[0]
    natural, summands = p.given(
        0 <= m, forall(j, implies(conjunction(0 <= j, j < m), sawtooth(lambda x: f(j, x), t)))
    )

    def partial_sum(n: Integer) -> RealMap:
        return function(lambda x: total(lambda j: f(j, x), n))

    def claim(n: Integer) -> Formula:
        return implies(n <= m, sawtooth(partial_sum(n), n * (t - 1) + 1))

    p.show(sawtooth(partial_sum(m), m * (t - 1) + 1))

    def base() -> Theorem:
        nothing = partial_sum(integer(0))
        zero = sawtooth_affine(p, real(0), real(0))
        equal = p.for_all(
            "x", Real, lambda x: p.have(0 * x + 0 == nothing(x), p.meaning(nothing(x)))
        )
        one_piece = sawtooth_congruence(p, given=[zero, equal])
        return p.have(claim(integer(0)), one_piece)

    def step(n: Integer, natural: Theorem, hypothesis: Theorem) -> Theorem:
        def bounded(within: Theorem) -> Theorem:
            before = p.have(sawtooth(partial_sum(n), n * (t - 1) + 1), hypothesis, within)
            last = p.apply(summands, n, given=[[natural, within]])
            added = function(lambda x: partial_sum(n)(x) + f(n, x))
            both = sawtooth_sum_sharp(p, given=[before, last])
            equal = p.for_all(
                "x",
                Real,
                lambda x: p.have(
                    added(x) == partial_sum(n + 1)(x), p.successor(partial_sum(n + 1)(x), natural)
                ),
            )
            grown = sawtooth_congruence(p, given=[both, equal])
            return p.have(sawtooth(partial_sum(n + 1), (n + 1) * (t - 1) + 1), grown)

        return p.suppose(n + 1 <= m, bounded)

    reached = p.by_induction(m, natural, claim, base, step)
    return p.have(p.goal, reached)


@theorem("identity-sawtooth", source="elementary")
def identity_sawtooth(p: Proof) -> Theorem:
    """The identity is 1-sawtooth."""
    p.show(sawtooth(lambda x: x, 1))
    return construct(
        p,
        p.goal,
        label=lambda x: integer(1),
        slope=lambda x: real(1),
        intercept=lambda x: real(0),
        because=lambda x, y: [],
    )


@theorem("relu-sawtooth", source="elementary")
def relu_sawtooth(p: Proof) -> Theorem:
    """relu is 2-sawtooth."""
    p.show(sawtooth(lambda x: relu(x), 2))
    return construct(
        p,
        p.goal,
        label=lambda x: if_then_else(x >= 0, integer(2), 1),
        slope=lambda x: if_then_else(x >= 0, real(1), 0),
        intercept=lambda x: real(0),
        because=lambda x, y: p.meanings(relu, x),
    )


@theorem("abs-sawtooth", source="elementary")
def abs_sawtooth(p: Proof) -> Theorem:
    """The absolute value is 2-sawtooth."""
    p.show(sawtooth(lambda x: absolute(x), 2))
    return construct(
        p,
        p.goal,
        label=lambda x: if_then_else(x >= 0, integer(2), 1),
        slope=lambda x: if_then_else(x >= 0, real(1), -1),
        intercept=lambda x: real(0),
        because=lambda x, y: p.meanings(absolute, x),
    )


@theorem("leaky-relu-sawtooth", source="elementary")
def leaky_relu_sawtooth(p: Proof, a: Real) -> Theorem:
    """Every leaky relu is 2-sawtooth."""
    p.show(sawtooth(lambda x: leaky_relu(a, x), 2))
    return construct(
        p,
        p.goal,
        label=lambda x: if_then_else(x >= 0, integer(2), 1),
        slope=lambda x: if_then_else(x >= 0, real(1), a),
        intercept=lambda x: real(0),
        because=lambda x, y: p.meaning(leaky_relu(a, x)),
    )


@theorem("step-sawtooth", source="elementary")
def step_sawtooth(p: Proof) -> Theorem:
    """The step function, which is discontinuous, is 2-sawtooth."""
    p.show(sawtooth(lambda x: step(x), 2))
    return construct(
        p,
        p.goal,
        label=lambda x: if_then_else(x >= 0, integer(2), 1),
        slope=lambda x: real(0),
        intercept=lambda x: if_then_else(x >= 0, real(1), 0),
        because=lambda x, y: p.meanings(step, x),
    )


@theorem("hard-tanh-sawtooth", source="elementary")
def hard_tanh_sawtooth(p: Proof) -> Theorem:
    """hard tanh is 3-sawtooth."""
    p.show(sawtooth(lambda x: hard_tanh(x), 3))

    def by_range(x: Real, below: object, above: object, between: object) -> Term:
        return if_then_else(x < -1, below, if_then_else(x > 1, above, between))

    return construct(
        p,
        p.goal,
        label=lambda x: by_range(x, integer(1), integer(3), integer(2)),
        slope=lambda x: by_range(x, real(0), real(0), real(1)),
        intercept=lambda x: by_range(x, real(-1), real(1), real(0)),
        because=lambda x, y: p.meanings(hard_tanh, x),
    )
