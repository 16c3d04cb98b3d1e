"""Each rule gives what its figure says; the refused twins are in ``test_attacks``."""

from __future__ import annotations

import pytest

from verifier import kernel
from verifier.kernel import Theorem, errors
from verifier.logic import (
    FALSE,
    INT,
    REAL,
    TRUE,
    FunctionSort,
    Term,
    bind,
    conjunction,
    exists,
    forall,
    implies,
    negation,
    number,
    same,
    variable,
)
from verifier.proving.leaves import leaf

n, m = variable("n", INT), variable("m", INT)
x, y = variable("x", REAL), variable("y", REAL)
f = variable("f", FunctionSort((REAL,), REAL))
ZERO = number(0, INT)
A, B = x <= 0, y <= 0


def sequent(theorem: Theorem) -> tuple[set[Term], Term]:
    return {h.canonical for h in theorem.hypotheses}, theorem.conclusion.canonical


def test_assume() -> None:
    assert sequent(kernel.assume(A)) == ({A}, A)


def test_discharge_takes_the_hypothesis_up_to_bound_names() -> None:
    theorem = kernel.discharge(kernel.assume(forall(x, x == x)), forall(y, y == y))
    assert theorem.hypotheses == ()
    assert same(theorem.conclusion, implies(forall(x, x == x), forall(x, x == x)))


def test_discharge_keeps_other_hypotheses() -> None:
    assert sequent(kernel.discharge(kernel.assume(A), B)) == ({A}, implies(B, A))


def test_modus_ponens_joins_hypotheses() -> None:
    implication = kernel.assume(implies(A, B))
    assert sequent(kernel.modus_ponens(implication, kernel.assume(A))) == (
        {A, implies(A, B)}, B
    )  # fmt: skip


def test_modus_ponens_wants_an_implication() -> None:
    with pytest.raises(errors.WrongShape):
        kernel.modus_ponens(kernel.assume(A), kernel.assume(A))


def test_conjoin_and_conjunct() -> None:
    both = kernel.conjoin(kernel.assume(A), kernel.assume(B))
    assert sequent(both) == ({A, B}, conjunction(A, B))
    assert sequent(kernel.conjunct(both, 1)) == ({A, B}, B)
    with pytest.raises(errors.WrongShape):
        kernel.conjunct(both, 2)
    with pytest.raises(errors.WrongShape):
        kernel.conjunct(both, True)
    with pytest.raises(errors.WrongShape):
        kernel.conjoin(kernel.assume(A))


def test_generalise_a_variable_no_hypothesis_mentions() -> None:
    theorem = kernel.generalise(kernel.assume(A), y)
    assert sequent(theorem) == ({A}, forall(y, A).canonical)


def test_generalise_distinguishes_sorts() -> None:
    # x:Int is another variable than the x:Real of the hypothesis.
    theorem = kernel.generalise(kernel.assume(A), variable("x", INT))
    assert theorem.conclusion.free == frozenset({x})


def test_generalise_wants_a_variable() -> None:
    with pytest.raises(errors.WrongShape):
        kernel.generalise(leaf((), x == x), x + 1)


def test_instantiate_avoids_capture() -> None:
    some = kernel.assume(forall(x, exists(y, negation(y == x))))
    theorem = kernel.instantiate(some, y)
    other = variable("other", REAL)
    assert same(theorem.conclusion, exists(other, negation(other == y)))


def test_instantiate_a_function_reduces() -> None:
    positive = kernel.assume(forall(f, exists(y, f(f(y)) == x)))
    theorem = kernel.instantiate(positive, bind("lambda", (y,), y + x))
    other = variable("other", REAL)
    assert same(theorem.conclusion, exists(other, other + x + x == x))


def test_instantiate_wants_a_universal() -> None:
    with pytest.raises(errors.WrongShape):
        kernel.instantiate(kernel.assume(exists(x, A)), x)


def test_exhibit_and_obtain() -> None:
    some = kernel.exhibit(leaf((), number(2, INT) > 1), exists(n, n > 1), number(2, INT))
    assert sequent(some) == (set(), exists(n, n > 1).canonical)
    used = kernel.exhibit(
        leaf((kernel.assume(n > 1),), n > 0), exists(m, m > 0), n
    )  # fmt: skip
    theorem = kernel.obtain(some, used, n)
    assert sequent(theorem) == (set(), exists(m, m > 0).canonical)


def test_obtain_wants_an_existential() -> None:
    with pytest.raises(errors.WrongShape):
        kernel.obtain(kernel.assume(forall(n, n > 1)), leaf((), TRUE), m)


def test_cases() -> None:
    goal = x * x >= 0
    when = leaf((kernel.assume(A),), goal)
    otherwise = leaf((kernel.assume(negation(A)),), goal)
    assert sequent(kernel.cases(A, when, otherwise)) == (set(), goal)


def test_cases_in_the_wrong_order_keep_their_hypotheses() -> None:
    contradiction = kernel.assume(A), kernel.assume(negation(A))
    one, other = (leaf((c,), c.conclusion) for c in contradiction)
    left = kernel.discharge(one, TRUE), kernel.discharge(other, TRUE)
    with pytest.raises(errors.Mismatch):
        kernel.cases(A, *left)
    absurd = leaf(contradiction, FALSE)
    assert sequent(kernel.cases(A, absurd, absurd)) == ({A, negation(A)}, FALSE)


def test_induction() -> None:
    claim = forall(n, implies(0 <= n, n * n >= n))
    base = leaf((), ZERO * ZERO >= ZERO)
    above = leaf(
        (kernel.assume(n * n >= n), kernel.assume(0 <= n)), (n + 1) * (n + 1) >= n + 1
    )
    step = kernel.generalise(
        kernel.discharge(kernel.discharge(above, n * n >= n), 0 <= n), n
    )  # fmt: skip
    assert sequent(kernel.induction(claim, base, step)) == (set(), claim.canonical)


def test_induction_with_a_free_variable_named_like_the_bound_one() -> None:
    # The claim is about n:Real too; its bound n:Int must not be confused with that.
    real_n = variable("n", REAL)
    claim = forall(n, implies(0 <= n, real_n == real_n))
    base = leaf((), real_n == real_n)
    step = kernel.generalise(
        kernel.discharge(kernel.discharge(base, real_n == real_n), 0 <= n), n
    )  # fmt: skip
    assert kernel.induction(claim, base, step).conclusion.free == frozenset({real_n})


def test_rewrite_everywhere_the_template_says() -> None:
    equation, fact = kernel.assume(x == y), kernel.assume(x + x <= x)
    theorem = kernel.rewrite(
        equation, fact, variable("z", REAL) + x <= variable("z", REAL), variable("z", REAL)
    )
    assert sequent(theorem) == ({x == y, x + x <= x}, y + x <= y)


def test_rewrite_refuses_another_template() -> None:
    z = variable("z", REAL)
    with pytest.raises(errors.Mismatch):
        kernel.rewrite(kernel.assume(x == y), kernel.assume(x <= 0), z <= 1, z)
    with pytest.raises(errors.WrongShape):
        kernel.rewrite(kernel.assume(x <= y), kernel.assume(x <= 0), z <= 0, z)


def test_rewrite_under_a_binder_does_not_capture() -> None:
    z = variable("z", REAL)
    theorem = kernel.rewrite(
        kernel.assume(x == y), kernel.assume(exists(y, y == x)), exists(y, y == z), z
    )
    other = variable("other", REAL)
    assert same(theorem.conclusion, exists(other, other == y))


def test_transport_both_ways() -> None:
    both = kernel.assume(A == B)
    assert sequent(kernel.transport(both, kernel.assume(A)))[1] is B
    assert sequent(kernel.transport(both, kernel.assume(B)))[1] is A
    with pytest.raises(errors.WrongShape):
        kernel.transport(kernel.assume(x == y), kernel.assume(A))


def test_quotient() -> None:
    law = kernel.instantiate(kernel.instantiate(kernel.quotient(), x), y)
    assert sequent(law) == (set(), implies(negation(y == 0), x / y * y == x))


def test_axioms_are_named_by_what_rests_on_them() -> None:
    theorem = kernel.axiom("choice", forall(n, n == n))
    assert (theorem.rule, theorem.parameters[0]) == ("axiom", "choice")


def test_named() -> None:
    theorem = kernel.named("trivial.one", leaf((), TRUE))
    assert (theorem.rule, theorem.parameters) == ("named", ("trivial.one",))


@pytest.mark.parametrize("name", ["", "-", "a b", "é", "a/b", "a\n", None])
def test_names_other_programs_could_not_carry(name: str) -> None:
    with pytest.raises(errors.NotPrintable):
        kernel.named(name, leaf((), TRUE))
