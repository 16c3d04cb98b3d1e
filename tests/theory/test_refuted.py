"""The false neighbours are not only unproved: the kernel proves their negations."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest

from proofs.arithmetic import power, total, total_one_or_two
from proofs.counting import classify, rate
from proofs.networks import uniform, value
from proofs.pieces import iterate_pieces_line, sawtooth_restrict
from proofs.sawtooth import (
    Structure,
    absolute,
    identity_sawtooth,
    relu,
    relu_sawtooth,
    sawtooth_affine,
    sawtooth_congruence,
)
from proofs.telgarsky import (
    alternating,
    exact_width_lower_shallow,
    grid,
    grid_facts,
    iterate_has_no_errors,
    parameter_gap,
)
from proofs.tent import RELU, iterate, iterate_grid, layered_widths, tent_facts
from proofs.tight import sawtooth_compose_tight, sawtooth_sum_tight
from tests.false_neighbours import FALSE_NEIGHBOURS
from verifier import kernel
from verifier.kernel import Theorem
from verifier.logic import Term, opened
from verifier.proving import (
    Labelling,
    Proof,
    ProofFailed,
    Real,
    RealMap,
    Result,
    conjunction,
    function,
    if_then_else,
    integer,
    negation,
    real,
)

STATEMENTS = {n.name: n.result for n in FALSE_NEIGHBOURS}
ABSURD = integer(1) <= 0

Contradiction = Callable[[Proof, Theorem], Theorem]


def refute(statement: Term, contradiction: Contradiction) -> Theorem:
    """⊢ ¬statement, from a proof of 1 ≤ 0 that supposes it."""

    def prove(p: Proof) -> Theorem:
        p.show(negation(statement))
        return p.have(p.goal, p.suppose(statement, lambda s: contradiction(p, s)))

    outcome = Result("local", "test", "", prove)._run()
    if outcome.error is not None:
        raise outcome.error
    assert outcome.theorem is not None
    return outcome.theorem


def sum_one_less(p: Proof, claim: Theorem) -> Theorem:
    tight = sawtooth_sum_tight(p, integer(2), integer(2), given=[[], []])
    f, g, facts = p.obtain(tight, "f", "g")
    left, right, fewest = p.parts(facts)
    two = p.apply(claim, f, g, integer(2), integer(2), given=[left, right])
    return p.have(ABSURD, p.apply(fewest, integer(2) + 2 - 2, given=[two]))


def compose_additive(p: Proof, claim: Theorem) -> Theorem:
    tight = sawtooth_compose_tight(p, integer(2), integer(2), given=[[], []])
    f, g, facts = p.obtain(tight, "f", "g")
    left, right, fewest = p.parts(facts)
    three = p.apply(claim, f, g, integer(2), integer(2), given=[left, right])
    return p.have(ABSURD, p.apply(fewest, integer(2) + 2 - 1, given=[three]))


def rate_doubled(p: Proof, claim: Theorem) -> Theorem:
    """tent^0 is the identity: one piece, no error on the two points of the grid."""
    zero, two = integer(0), integer(2)
    one = p.meaning(power(2, zero))
    points = [p.have(negation(conjunction(two != power(2, zero), two != power(2, zero) + 1)), one)]
    tent_0 = function(lambda x: iterate(zero, x))
    line = function(lambda x: real(1) * x + 0)
    equal = p.for_all(
        "x", Real, lambda x: p.have(line(x) == tent_0(x), p.meaning(iterate(zero, x)))
    )
    one_piece = sawtooth_congruence(
        p, line, tent_0, integer(1), given=[sawtooth_affine(p, real(1), real(0)), equal]
    )
    order, labels, some = grid_facts(p, zero, two, [], points)
    perfect = iterate_has_no_errors(p, zero, two, given=[[], points])
    bound = p.apply(
        claim, tent_0, integer(1), grid(zero), alternating(), two,
        given=[one_piece, order, labels, some],
    )  # fmt: skip
    quarter = p.quotient(real(integer(1)), 2 * real(two), p.have(2 * real(two) != 0))
    assert rate(tent_0, grid(zero), alternating(), two) is perfect.conclusion.arguments[0]
    return p.have(ABSURD, bound, perfect, quarter)


def grid_parity(p: Proof, claim: Theorem) -> Theorem:
    zero = integer(0)
    inside = p.have(conjunction(0 <= zero, zero <= power(2, zero)), p.meaning(power(2, zero)))
    right = iterate_grid(p, zero, zero, given=[[], inside])
    return p.have(ABSURD, right, p.apply(claim, zero, zero, given=[[], inside]))


def merged_once(p: Proof, claim: Theorem) -> Theorem:
    two = real(2)
    wrong = p.at(claim, two)
    left, right = wrong.conclusion.arguments
    once = [p.successor(side, []) for side in (left, right)]
    inner = [p.meaning(unrolled.conclusion.arguments[1]) for unrolled in once]
    return p.have(ABSURD, wrong, once, inner, tent_facts(p, two))


def line_one_less(p: Proof, claim: Theorem) -> Theorem:
    one = integer(1)
    _, fewest = p.parts(iterate_pieces_line(p, one, given=[[]]))
    return p.have(
        ABSURD, p.apply(fewest, power(2, one) + 1, given=[p.apply(claim, one, given=[[]])])
    )


def fewer_parameters_at_2(p: Proof, claim: Theorem) -> Theorem:
    two = integer(2)
    return p.have(ABSURD, parameter_gap(p, two, given=[[]]), p.apply(claim, two, given=[[]]))


def narrow_layer(p: Proof, claim: Theorem) -> Theorem:
    two = integer(2)
    g, facts = p.obtain(p.apply(claim, two, given=[[]]), "g")
    enough = exact_width_lower_shallow(p, two, g, power(2, two) - 2, given=[[], *p.parts(facts)])
    return p.have(ABSURD, enough)


def unit_pieces_index(p: Proof, claim: Theorem) -> Theorem:
    """One relu unit in one layer is relu, which has two pieces."""
    zero, one = integer(0), integer(1)
    weight, bias = lambda i, u, l: real(1), lambda i, u: real(0)
    powers = p.rewrite(p.meaning(power(2 * one, zero)), p.have(one == one))
    whole = p.have(
        one * one == power(2 * one, one - 1),
        powers,
        p.equal_values(lambda n: power(2 * one, n), p.have(zero == one - 1)),
    )
    here = p.apply(
        claim, weight, bias, RELU, integer(2), one, one, one, zero, one,
        given=[layered_widths(p, uniform(one), one, []), relu_sawtooth(p), [], [], whole],
    )  # fmt: skip
    unit = here.conclusion.arguments[0]
    G = Structure.of(p, here)

    def is_relu(x: Term) -> list[Theorem]:
        value_0 = value(weight, bias, RELU, uniform(one), zero, zero, x)

        def terms(l: Term) -> Term:
            return 1 * value(weight, bias, RELU, uniform(one), zero, l, x)

        argument = p.have(
            total(terms, uniform(one)(zero)) + 0 == x,
            total_one_or_two(p, terms),
            p.equal_values(lambda n: total(terms, n), p.have(uniform(one)(zero) == one)),
            p.meaning(value_0),
        )
        unrolled = p.successor(value(weight, bias, RELU, uniform(one), zero + 1, zero, x), [])
        same = p.equal_values(
            lambda i: value(weight, bias, RELU, uniform(one), i, zero, x),
            p.have(zero + 1 == one),
        )
        relu_at = p.equal_values(lambda v: relu(v), argument)
        return [p.have(unit(x) == relu(x), unrolled, same, relu_at), *p.meanings(relu, x)]

    points = [real(-1), real(0), real(1)]
    facts = [is_relu(x) for x in points] + [G.at(x, y) for x in points for y in points]
    return p.have(ABSURD, facts)


def runs_halved(p: Proof, claim: Theorem) -> Theorem:
    """The identity has one piece and two classes."""
    one_run = p.apply(claim, lambda x: x, integer(1), given=[identity_sawtooth(p)])
    _, structure = p.obtain(p.unfold(one_run), "run")
    values = p.at(p.unfold(structure), real(0), real(1))
    return p.have(ABSURD, values, p.at(p.unfold(structure), real(1), real(0)), [
        *p.meanings(classify, real(0), real(1))
    ])  # fmt: skip


def weakly_structured(p: Proof, claim: Theorem, f: RealMap, t: int, *bundle: object) -> Theorem:
    """The claim at a function with a structure that lacks a clause: its hypotheses are leaves."""
    here = p.at(claim, f, integer(t))
    existence = clauses = here.conclusion.arguments[0]
    for witness in bundle:
        clauses = opened(clauses, witness)
    proved = p.for_all("x y", Real, lambda x, y: p.have(opened(opened(clauses, x), y)))
    facts = [p.exhibit(existence, *bundle, fact=proved)]
    while here.conclusion.operator == "=>":
        here = kernel.modus_ponens(here, p.have(here.conclusion.arguments[0], *facts))
        facts = []
    return p.have(ABSURD, here)


def order_dropped(p: Proof, claim: Theorem) -> Theorem:
    """The points on the line share a label, whatever lies between them."""

    def at_three(there: object, elsewhere: object, sort: object = RealMap) -> Term:
        return function(lambda x: if_then_else(x == 3, there, elsewhere), sort)

    f = function(lambda x: if_then_else(x == 3, real(0), x))
    label = at_three(integer(2), integer(1), Labelling)
    slope, intercept = at_three(real(0), real(1)), function(lambda x: real(0))
    return weakly_structured(p, claim, f, 2, label, slope, intercept)


def constancy_dropped(p: Proof, claim: Theorem) -> Theorem:
    """Any function is its own intercept."""
    f = function(lambda x: if_then_else(x == 1, real(1), real(0)))
    label = function(lambda x: integer(1), Labelling)
    return weakly_structured(p, claim, f, 1, label, function(lambda x: real(0)), f)


def sup_gap_doubled(p: Proof, claim: Theorem) -> Theorem:
    """tent^0 is the identity, of one piece."""
    zero, one = integer(0), integer(1)
    power_, line = p.meaning(power(2, zero)), function(lambda x: x)
    far = p.apply(claim, line, zero, one, given=[[], identity_sawtooth(p), power_])
    x, here = p.obtain(far, "x")
    gap = x - iterate(zero, x)
    return p.have(ABSURD, here, p.meaning(iterate(zero, x)), p.meaning(absolute(gap)))


def square_rate_doubled(p: Proof, claim: Theorem) -> Theorem:
    """x − 1/8 is within 1/8 of x²."""
    eighth = real(Fraction(1, 8))
    line = sawtooth_affine(p, real(1), -eighth)
    on_unit = sawtooth_restrict(p, a=real(0), b=real(1), given=[line])
    squares = p.for_all("u", Real, lambda u: p.have(0 <= u * u))

    def near(x: Term, inside: Theorem) -> list[Theorem]:
        middle = p.at(squares, x - real(Fraction(1, 2)))
        return [middle, p.have(0 <= x * (1 - x), inside)]

    return p.have(ABSURD, p.apply(claim, ε=eighth, given=[on_unit, near]))


REFUTATIONS: dict[str, Contradiction] = {
    "false-sup-gap-doubled": sup_gap_doubled,
    "false-square-rate-doubled": square_rate_doubled,
    "false-sum-one-less": sum_one_less,
    "false-compose-additive": compose_additive,
    "false-rate-doubled": rate_doubled,
    "false-runs-halved": runs_halved,
    "false-unit-pieces-index": unit_pieces_index,
    "false-grid-parity": grid_parity,
    "false-merged-once": merged_once,
    "false-line-one-less": line_one_less,
    "false-fewer-parameters-at-2": fewer_parameters_at_2,
    "false-narrow-layer": narrow_layer,
    "false-order-dropped": order_dropped,
    "false-constancy-dropped": constancy_dropped,
}


@pytest.mark.parametrize("name", REFUTATIONS)
def test_the_negation_is_proved(name: str) -> None:
    statement = STATEMENTS[name].run().statement
    assert statement is not None
    theorem = refute(statement, REFUTATIONS[name])
    assert theorem.hypotheses == ()
    assert theorem.conclusion is negation(statement)


def test_every_false_neighbour_is_refuted() -> None:
    assert set(REFUTATIONS) == set(STATEMENTS)


@pytest.mark.parametrize("name", REFUTATIONS)
def test_a_refutation_needs_its_false_statement(name: str) -> None:
    """From 0 ≤ 0 in its place nothing is refuted."""
    with pytest.raises(ProofFailed):
        refute(integer(0) <= 0, REFUTATIONS[name])
