"""Statements that look like theorems of the library and are false, each with its natural proof.

A verifier that proves one of them is broken.  They are not in the registry of results.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from proofs.arithmetic import below, power
from proofs.counting import (
    classify,
    errors,
    errors_alternating,
    increasing,
    rate,
    runs,
    runs_general,
    runs_structure,
)
from proofs.distance import far_from_tent, runs_gap
from proofs.networks import layered, network, uniform, unit_pieces, value
from proofs.pieces import iterate_pieces_on_line, sawtooth_on
from proofs.sawtooth import Structure, construct, sawtooth, sawtooth_weaken
from proofs.squares import near_square, square_needs_pieces
from proofs.telgarsky import ALTERNATING, deep_parameters, linear_below_power, parameters
from proofs.tent import (
    RELU,
    exact_representation_uniform,
    hat_iterate,
    iterate,
    iterate_grid,
    two_to,
)
from verifier.logic import opened
from verifier.proving import (
    Formula,
    Integer,
    IntegerSequence,
    Labelling,
    Proof,
    Real,
    RealMap,
    RealMatrix,
    RealSequence,
    RealTensor,
    Result,
    Theorem,
    conjunction,
    exists,
    forall,
    function,
    implies,
    integer,
    integers,
    real,
    reals,
    variables,
)

COUNTEREXAMPLE = "counterexample"
"""Values that break the failed step, evaluated again exactly."""
CANDIDATE = "candidate"
"""Values that break the failed step but for sums, networks or counts the solver knows as names.
The statement itself is evaluated to false at an instance in ``tests/theory/instances.py``."""

x, y = reals("x y")
(i,) = integers("i")
(label,) = variables("label", Labelling)
slope, intercept, g_ = variables("slope intercept g", RealMap)


@dataclass(frozen=True)
class FalseNeighbour:
    """A false statement, its attempted proof, and how the attempt is turned down."""

    result: Result
    turned_down_by: str

    @property
    def name(self) -> str:
        return self.result.name


FALSE_NEIGHBOURS: list[FalseNeighbour] = []


def false(name: str, by: str = COUNTEREXAMPLE):
    """Record a false neighbour; its function has the form of a theorem's."""

    def decorate(prove):
        made = FalseNeighbour(Result(name, "false", "", prove), by)
        FALSE_NEIGHBOURS.append(made)
        return made

    return decorate


@false("false-sum-one-less")
def sum_one_less(p: Proof, f: RealMap, g: RealMap, k: Integer, l: Integer) -> Theorem:
    """f + g is (k + l − 2)-sawtooth."""
    f_sawtooth, g_sawtooth = p.given(sawtooth(f, k), sawtooth(g, l))
    p.show(sawtooth(lambda x: f(x) + g(x), k + l - 2))
    F, G = Structure.of(p, f_sawtooth), Structure.of(p, g_sawtooth)
    return construct(
        p,
        p.goal,
        label=lambda x: F.label(x) + G.label(x) - 2,
        slope=lambda x: F.slope(x) + G.slope(x),
        intercept=lambda x: F.intercept(x) + G.intercept(x),
        because=lambda x, y: [F.at(x, y), F.at(y, x), G.at(x, y), G.at(y, x)],
    )


@false("false-compose-additive")
def compose_additive(p: Proof, f: RealMap, g: RealMap, k: Integer, l: Integer) -> Theorem:
    """f∘g is (k + l − 1)-sawtooth."""
    f_sawtooth, g_sawtooth = p.given(sawtooth(f, k), sawtooth(g, l))
    composed = function(lambda x: f(g(x)))
    p.show(sawtooth(composed, k + l - 1))
    F, G = Structure.of(p, f_sawtooth), Structure.of(p, g_sawtooth)
    return construct(
        p,
        p.goal,
        label=lambda x: G.label(x) + F.label(g(x)) - 1,
        slope=lambda x: F.slope(g(x)) * G.slope(x),
        intercept=lambda x: F.slope(g(x)) * G.intercept(x) + F.intercept(g(x)),
        because=lambda x, y: [
            *(G.at(u, v) for u, v in ((x, y), (y, x))),
            *(F.at(g(u), g(v)) for u, v in ((x, y), (y, x))),
        ],
    )


@false("false-rate-doubled", by=CANDIDATE)
def rate_doubled(
    p: Proof, g: RealMap, t: Integer, points: RealSequence, labels: IntegerSequence, n: Integer
) -> Theorem:
    """R(g) ≥ 1/2 − t/(2n)."""
    is_sawtooth, ordered, alternating, some = p.given(
        sawtooth(g, t),
        increasing(points, n),
        forall(i, implies(below(i, n), labels(i) == i % 2)),
        1 <= n,
    )
    p.show(rate(g, points, labels, n) >= Fraction(1, 2) - real(t) / (2 * real(n)))

    def guess(x: Real) -> Integer:
        return classify(g(x))

    has_runs = runs_general(p, g, t, given=[is_sawtooth])
    many = errors_alternating(
        p, guess, points, labels, n, 2 * t, given=[has_runs, ordered, alternating, some]
    )
    made = errors(guess, points, labels, n)
    nonzero = p.have(real(n) != 0, some)
    error_rate = p.quotient(real(made), real(n), nonzero)
    piece_rate = p.quotient(real(t), 2 * real(n), p.have(2 * real(n) != 0, some))
    R, T = real(made) / real(n), real(t) / (2 * real(n))
    product = p.have((2 * R - 1 + 2 * T) * real(n) >= 0, many, error_rate, piece_rate)
    bound = p.have(2 * R - 1 + 2 * T >= 0, product, some)
    return p.have(p.goal, bound, p.meaning(rate(g, points, labels, n)))


@false("false-runs-halved")
def runs_halved(p: Proof, g: RealMap, t: Integer) -> Theorem:
    """The classifier of a t-sawtooth function has at most t runs."""
    is_sawtooth = p.given(sawtooth(g, t))

    def guess(x: Real) -> Integer:
        return classify(g(x))

    p.show(runs(guess, t))
    G = Structure.of(p, is_sawtooth)
    # With the labels of g as run labels.
    structure = runs_structure(guess, t, G.label)

    def clauses(x: Real, y: Real) -> Theorem:
        wanted = opened(opened(p.meaning(structure).conclusion.arguments[1], x), y).arguments
        facts = [G.at(x, y), G.at(y, x), p.meanings(classify, g(x), g(y))]
        return p.both(*(p.have(clause, facts) for clause in wanted))

    proved = p.fold(structure, p.for_all("x y", Real, clauses))
    existence = p.meaning(p.goal).conclusion.arguments[1]
    return p.fold(p.goal, p.exhibit(existence, G.label, fact=proved))


@false("false-unit-pieces-index", by=CANDIDATE)
def unit_pieces_index(
    p: Proof,
    weight: RealTensor,
    bias: RealMatrix,
    φ: RealMap,
    t: Integer,
    m: Integer,
    depth: Integer,
    i: Integer,
    unit: Integer,
    bound: Integer,
) -> Theorem:
    """Each unit of layer i is m⁻¹(tm)^(i−1)-sawtooth: the lecture's index."""
    widths, activation, layer, inside, bounded = p.given(
        layered(uniform(m), depth),
        sawtooth(φ, t),
        conjunction(1 <= i, i <= depth),
        below(unit, m),
        m * bound == power(t * m, i - 1),
    )
    here = function(lambda x: value(weight, bias, φ, uniform(m), i, unit, x))
    p.show(sawtooth(here, bound))
    true_bound = t * m * bound
    one_more = p.have(i - 1 + 1 == i)
    unrolled = p.rewrite(p.successor(power(t * m, i - 1 + 1), p.have(0 <= i - 1, layer)), one_more)
    whole = p.have(
        m * true_bound == power(t * m, i),
        unrolled,
        p.equal_values(lambda v: v * (t * m), bounded),
    )
    right = unit_pieces(
        p, weight, bias, φ, t, m, depth, i, unit, true_bound,
        given=[widths, activation, layer, inside, whole],
    )  # fmt: skip
    return sawtooth_weaken(p, here, true_bound, bound, given=[right, [inside, bounded]])


@false("false-grid-parity")
def grid_parity(p: Proof, k: Integer, i: Integer) -> Theorem:
    """tent^k(i/2^k) = (i + 1) mod 2."""
    natural, inside = p.given(0 <= k, conjunction(0 <= i, i <= power(2, k)))
    p.show(iterate(k, real(i) / two_to(k)) == real((i + 1) % 2))
    return p.have(p.goal, iterate_grid(p, k, i, given=[natural, inside]))


@false("false-merged-once")
def merged_once(p: Proof, x: Real) -> Theorem:
    """hat^1 = tent^1 on the line."""
    one = integer(0) + 1
    p.show(hat_iterate(one, x) == iterate(one, x))
    from proofs.tent import tent_facts

    return p.have(
        p.goal,
        p.successor(hat_iterate(one, x), []),
        p.successor(iterate(one, x), []),
        *(p.meaning(f(integer(0), v)) for f in (hat_iterate, iterate) for v in hat_and_tent(x)),
        tent_facts(p, x),
    )


@false("false-line-one-less")
def line_one_less(p: Proof, k: Integer) -> Theorem:
    """tent^k is (2^k + 1)-sawtooth on the line."""
    some = p.given(1 <= k)
    tent_k = function(lambda x: iterate(k, x))
    p.show(sawtooth(tent_k, power(2, k) + 1))
    F = Structure.of(p, iterate_pieces_on_line(p, k, given=[some]))
    return construct(
        p,
        p.goal,
        label=lambda x: F.label(x) - 1,
        slope=F.slope,
        intercept=F.intercept,
        because=lambda x, y: [F.at(x, y), F.at(y, x)],
    )


def hat_and_tent(x: Real) -> list[Real]:
    from proofs.tent import hat, tent

    return [hat(x), tent(x)]


@false("false-fewer-parameters-at-2", by=CANDIDATE)
def fewer_parameters_at_2(p: Proof, k: Integer) -> Theorem:
    """The deep network has fewer parameters at k = 2."""
    two = p.given(k == 2)
    p.show(parameters(ALTERNATING, lambda i: 2 * (i % 2), 2 * k) < 3 * power(2, k))
    natural = p.have(0 <= k, two)
    return p.have(
        p.goal,
        two,
        deep_parameters(p, k, given=[natural]),
        linear_below_power(p, k, given=[natural]),
    )


@false("false-narrow-layer", by=CANDIDATE)
def narrow_layer(p: Proof, k: Integer) -> Theorem:
    """One relu layer of width 2^k − 2 represents tent^k on [0, 1]."""
    natural = p.given(2 <= k)
    width = uniform(power(2, k) - 2)
    tent_k = function(lambda x: iterate(k, x))
    on_unit = forall(x, implies(conjunction(0 <= x, x <= 1), g_(x) == iterate(k, x)))
    p.show(exists(g_, conjunction(network(g_, RELU, width, integer(1)), on_unit)))
    computed = p.have(
        network(tent_k, RELU, width, integer(1)),
        exact_representation_uniform(p, k, given=[natural]),
    )
    equal = p.for_all(
        "x",
        Real,
        lambda x: p.have(implies(conjunction(0 <= x, x <= 1), tent_k(x) == iterate(k, x))),
    )
    return p.exhibit(p.goal, tent_k, fact=p.both(computed, equal))


def clauses_without(
    dropped: str, f: RealMap, t: Integer, label: Labelling, slope: RealMap, intercept: RealMap
) -> Formula:
    """A sawtooth structure without one of its clauses."""
    clauses = {
        "range": conjunction(1 <= label(x), label(x) <= t),
        "monotone": implies(x <= y, label(x) <= label(y)),
        "constant": implies(
            label(x) == label(y),
            conjunction(slope(x) == slope(y), intercept(x) == intercept(y)),
        ),
        "affine": f(x) == slope(x) * x + intercept(x),
    }
    return forall(x, y, conjunction(*(c for name, c in clauses.items() if name != dropped)))


def bend_needs_two_labels(p: Proof, f: RealMap, t: Integer, dropped: str) -> Theorem:
    """A function that takes 0, 1, 0 at 0, 1, 2 has at least 2 pieces, from weaker structures."""
    weak = exists(label, slope, intercept, clauses_without(dropped, f, t, label, slope, intercept))
    has_structure, values = p.given(
        weak, conjunction(f(real(0)) == 0, f(real(1)) == 1, f(real(2)) == 0)
    )
    p.show(2 <= t)
    *_, clauses = p.obtain(has_structure, "label", "slope", "intercept")
    points = [real(0), real(1), real(2)]
    facts = [p.at(clauses, u, v) for u in points for v in points]
    return p.have(p.goal, facts, values)


@false("false-order-dropped")
def order_dropped(p: Proof, f: RealMap, t: Integer) -> Theorem:
    """tent^2 needs four pieces where labels need not be monotone: its rising halves then share
    a label, and so do its falling halves, wherever they happen to lie on one line."""
    weak = exists(
        label, slope, intercept, clauses_without("monotone", f, t, label, slope, intercept)
    )
    has_structure, values = p.given(
        weak,
        conjunction(f(real(0)) == 0, f(real(1)) == 1, f(real(2)) == 2, f(real(3)) == 0),
    )
    # On an ordered structure 0, 1, 2 on one line and 3 off it, then 4 on it again: three pieces.
    back = p.given(f(real(4)) == 4)
    p.show(3 <= t)
    *_, clauses = p.obtain(has_structure, "label", "slope", "intercept")
    points = [real(n) for n in range(5)]
    facts = [p.at(clauses, u, v) for u in points for v in points]
    return p.have(p.goal, facts, values, back)


@false("false-constancy-dropped")
def constancy_dropped(p: Proof, f: RealMap, t: Integer) -> Theorem:
    """A bent function needs two pieces where slopes may vary on a piece."""
    return bend_needs_two_labels(p, f, t, "constant")


@false("false-sup-gap-doubled")
def sup_gap_doubled(p: Proof, g: RealMap, k: Integer, t: Integer) -> Theorem:
    """2^k pieces with jumps are 1/2 away from tent^k, as fewer continuous ones are."""
    natural, is_sawtooth, few = p.given(0 <= k, sawtooth(g, t), t <= power(2, k))
    p.show(far_from_tent(g, k))
    has_runs = runs_general(p, given=[is_sawtooth])
    return runs_gap(p, given=[natural, has_runs, [few, natural]])


@false("false-square-rate-doubled")
def square_rate_doubled(p: Proof, g: RealMap, t: Integer, ε: Real) -> Theorem:
    """t pieces within ε of x² on [0, 1] have 8t²·ε ≥ 2."""
    is_sawtooth, near = p.given(sawtooth_on(g, t, real(0), real(1)), near_square(g, ε))
    p.show(8 * real(t) * real(t) * ε >= 2)
    return p.have(p.goal, square_needs_pieces(p, given=[is_sawtooth, near]))
