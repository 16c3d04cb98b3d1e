"""Named results: circles, duplicates, conditions, and hypotheses nobody needed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from verifier.logic import FALSE, INT, REAL
from verifier.proving import (
    REGISTRY,
    CircularProof,
    DependencyFailed,
    DuplicateName,
    Integer,
    Proof,
    ProofFailed,
    Real,
    Result,
    Theorem,
    UnknownResult,
    exists,
    forall,
    implies,
    integers,
    lemma,
    number,
    reals,
    result,
    theorem,
)
from verifier.proving.leaves import leaf

(n,) = integers("n")
x, y = reals("x y")


@pytest.fixture(autouse=True)
def own_results() -> Iterator[None]:
    before = dict(REGISTRY)
    yield
    REGISTRY.clear()
    REGISTRY.update(before)


def error_of(made: Result) -> ProofFailed:
    error = made.run().error
    assert error is not None
    return error


def test_a_result_is_proved_once_and_named() -> None:
    runs = []

    @theorem("square", source="Euclid")
    def square(p: Proof, x: Real) -> Theorem:
        """x² ≥ 0."""
        runs.append(1)
        p.show(x * x >= 0)
        return p.have(p.goal)

    assert str(square.fact) == "⊢ ∀ x:Real. 0 ≤ x·x"
    assert square.fact is square.fact
    assert runs == [1]
    assert (square.kind, square.source, square.doc) == ("theorem", "Euclid", "x² ≥ 0.")
    assert result("square") is square


def test_unknown_names() -> None:
    with pytest.raises(UnknownResult):
        result("no-such-result")


def test_a_result_used_at_values() -> None:
    @lemma("order")
    def order(p: Proof, x: Real, y: Real) -> Theorem:
        less = p.given(x < y)
        p.show(x <= y)
        return p.have(p.goal, less)

    @theorem("use")
    def use(p: Proof, x: Real) -> Theorem:
        p.show(x <= x + 1)
        return order(p, x, x + 1, given=[[]])

    assert use.run().theorem is not None
    assert order.kind == "lemma"


def test_a_circle_of_two_is_refused() -> None:
    @theorem("first")
    def first(p: Proof, x: Real) -> Theorem:
        p.show(x <= 0)
        return second(p, x)

    @theorem("second")
    def second(p: Proof, x: Real) -> Theorem:
        p.show(x <= 0)
        return first(p, x)

    with pytest.raises(CircularProof, match="uses the result itself"):
        first.run()
    # Asking again does not turn the circle into a proof.
    with pytest.raises(CircularProof):
        second.run()


def test_a_proof_by_itself_is_refused() -> None:
    @theorem("itself")
    def itself(p: Proof, x: Real) -> Theorem:
        p.show(x <= 0)
        return itself(p, x)

    with pytest.raises(CircularProof):
        itself.run()


def test_two_results_of_one_name_are_refused() -> None:
    @theorem("twice")
    def one(p: Proof, x: Real) -> Theorem:
        p.show(x == x)
        return p.have(p.goal)

    with pytest.raises(DuplicateName):

        @theorem("twice")
        def two(p: Proof, x: Real) -> Theorem:
            p.show(x <= 0)
            return p.have(p.goal)

    assert result("twice") is one


def test_what_rests_on_a_failed_result_is_conditional() -> None:
    @lemma("false-lemma")
    def broken(p: Proof, x: Real) -> Theorem:
        p.show(x <= 0)
        return p.have(p.goal)

    @theorem("on-sand")
    def above(p: Proof, x: Real) -> Theorem:
        p.show(x <= 1)
        return p.have(p.goal, broken(p, x))

    outcome = above.run()
    assert outcome.theorem is None
    assert outcome.error is None
    assert outcome.conditional is not None
    assert [str(h) for h in outcome.conditional.hypotheses] == ["∀ x:Real. x ≤ 0"]


def test_a_result_that_could_not_be_stated_cannot_be_used() -> None:
    @lemma("unstated")
    def unstated(p: Proof, x: Real) -> Theorem:
        raise ValueError("no statement")

    @theorem("uses-unstated")
    def above(p: Proof, x: Real) -> Theorem:
        p.show(x <= 1)
        return unstated(p, x)

    assert isinstance(error_of(above), DependencyFailed)


def test_unused_hypotheses_are_listed_and_stay_in_the_statement() -> None:
    @theorem("too-much")
    def too_much(p: Proof, x: Real, y: Real) -> Theorem:
        needed, _ = p.given(x >= 1, y >= 1)
        p.show(x >= 0)
        return p.have(p.goal, needed)

    outcome = too_much.run()
    assert outcome.unused == (y >= 1,)
    assert str(outcome.theorem) == "⊢ ∀ x y:Real. 1 ≤ x → 1 ≤ y → 0 ≤ x"


def test_a_hypothesis_not_given_is_not_dropped() -> None:
    from verifier import kernel

    @theorem("smuggled")
    def smuggled(p: Proof, x: Real) -> Theorem:
        p.show(x <= 0)
        return leaf((kernel.assume(FALSE),), x <= 0)

    outcome = smuggled.run()
    assert outcome.theorem is None
    assert outcome.conditional is not None
    assert outcome.conditional.hypotheses == (FALSE,)


def test_a_hypothesis_about_a_parameter_is_not_dropped() -> None:
    from verifier import kernel

    @theorem("smuggled-parameter")
    def smuggled(p: Proof, x: Real) -> Theorem:
        p.show(x <= 0)
        return kernel.assume(x <= 0)

    assert "free in the hypothesis" in str(error_of(smuggled))


def test_a_free_variable_in_the_statement_is_refused() -> None:
    @theorem("open")
    def open_(p: Proof, x: Real) -> Theorem:
        p.show(x + y == y + x)
        return p.have(p.goal)

    assert "free variables: y" in str(error_of(open_))


def test_witnesses_end_with_their_scope() -> None:
    @theorem("scopes")
    def scopes(p: Proof, x: Real) -> Theorem:
        existence = p.given(exists(n, y, y > x))
        p.show(exists(y, y >= x))
        m, v, fact = p.obtain(existence, "m", "v")
        assert m.sort == INT
        assert v.sort == REAL
        return p.exhibit(p.goal, v, fact=p.have(v >= x, fact))

    assert str(scopes.fact).endswith("(∃ n:Int y:Real. x < y) → (∃ y:Real. x ≤ y)")


def test_a_witness_cannot_leave_its_scope() -> None:
    @theorem("escape")
    def escape(p: Proof, x: Real) -> Theorem:
        existence = p.given(exists(y, y > x))
        p.show(x <= x)
        kept = []

        def inside() -> Theorem:
            v, fact = p.obtain(existence, "v")
            kept.append(v)
            return p.have(v > x, fact)

        p.suppose(x <= 0, lambda _: inside())
        return p.have(p.goal)

    assert "the witness v occurs in" in str(error_of(escape))


def test_witnesses_have_names_of_their_own() -> None:
    @theorem("own-names")
    def own_names(p: Proof, x: Real) -> Theorem:
        existence = p.given(exists(y, y > x))
        p.show(x <= x)
        first, _ = p.obtain(existence, "v")
        second, _ = p.obtain(existence, "v")
        third, _ = p.obtain(existence, "x")
        assert len({first, second, third, x}) == 4
        return p.have(p.goal)

    assert own_names.run().theorem is not None


def test_obtaining_from_a_universal_is_refused() -> None:
    @theorem("no-witness")
    def no_witness(p: Proof, x: Real) -> Theorem:
        fact = p.given(forall(y, y > x))
        p.show(x <= x)
        p.obtain(fact, "v")
        return p.have(p.goal)

    assert "not existential" in str(error_of(no_witness))


def test_induction_and_cases() -> None:
    @theorem("parity")
    def parity(p: Proof, m: Integer) -> Theorem:
        p.show(forall(n, implies(0 <= n, n * (n + 1) % 2 == 0)))

        def step(k: Integer, natural: Theorem, claim: Theorem) -> Theorem:
            even = p.have((k + 1) * (k + 2) == k * (k + 1) + 2 * (k + 1))
            return p.cases(
                k % 2 == 0,
                lambda c: p.have((k + 1) * (k + 1 + 1) % 2 == 0, even, claim, c),
                lambda c: p.have((k + 1) * (k + 1 + 1) % 2 == 0, even, claim, c),
            )

        zero = number(0, INT)
        return p.induction(
            "k", lambda k: k * (k + 1) % 2 == 0, lambda: p.have(zero * (zero + 1) % 2 == 0), step
        )

    assert parity.fact.rule == "named", parity.run().error


def test_rewriting() -> None:
    @theorem("rewriting")
    def rewriting(p: Proof, x: Real, y: Real) -> Theorem:
        equation, fact = p.given(x == y, exists(n, x <= 0))
        p.show(exists(n, y <= 0))
        assert str(p.equal_values(lambda t: t * t, equation)) == "x = y ⊢ x·x = y·y"
        return p.rewrite(fact, equation)

    assert rewriting.run().theorem is not None
