"""Values are read off where they can be, and a wrong reading proves nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from verifier.logic import Term, substitute
from verifier.proving import (
    Integer,
    Local,
    NameClash,
    Proof,
    ProofFailed,
    Real,
    RealMap,
    Result,
    Theorem,
    exists,
    forall,
    function,
    if_then_else,
    implies,
    integer,
    integers,
    real,
    reals,
    recursion,
    variables,
)
from verifier.proving.matching import match

x, y, z = reals("x y z")
n, i = integers("n i")
f, g = variables("f g", RealMap)


@recursion("n", zero=lambda a: real(0))
def matched_sum(matched_sum: Callable[..., Term], a: Real, n: Integer) -> Term:
    """n·a."""
    return matched_sum(a, n) + a


def found(pattern: Term, target: Term, *unknown: Term) -> dict[Term, Term]:
    return match(pattern, target, frozenset(unknown), {})


@pytest.mark.parametrize(
    ("pattern", "target", "unknown"),
    [
        (x <= y + x, z <= 1 + z, (x, y)),
        (forall(x, f(x) <= g(x)), forall(y, y * y <= y + z), (f, g)),
        (forall(x, f(x) == 0), forall(y, g(y) == 0), (f,)),
        (forall(x, f(x) <= y), forall(x, real(0) <= z), (f, y)),
    ],
)
def test_what_is_found_makes_the_pattern_the_target(
    pattern: Term, target: Term, unknown: tuple[Term, ...]
) -> None:
    values = found(pattern, target, *unknown)
    assert set(values) == set(unknown)
    assert substitute(pattern, values).canonical is target.canonical


@pytest.mark.parametrize(
    ("pattern", "target", "unknown"),
    [
        # No value may mention a variable bound in the target.
        (forall(x, x <= y), forall(x, x <= x + 1), (y,)),
        # One unknown, two values.
        (x <= x, y <= z, (x,)),
        (x < y, y <= z, (x,)),
        (f(x) <= x, z * z <= z, (x,)),
        (forall(x, f(x) <= f(x)), forall(x, x <= x + 1), (f,)),
    ],
)
def test_what_does_not_match_gives_nothing(
    pattern: Term, target: Term, unknown: tuple[Term, ...]
) -> None:
    assert found(pattern, target, *unknown) == {}


def test_a_function_at_a_place_waits_until_it_is_known() -> None:
    pattern = implies(f(integer_as_real()) <= 0, forall(x, f(x) <= x))
    target = implies(integer_as_real() * 2 <= 0, forall(x, x * 2 <= x))
    values = found(pattern, target, f)
    assert values[f].canonical is function(lambda x: x * 2).canonical


def integer_as_real() -> Term:
    return real(n)


def test_values_come_from_facts_then_from_what_is_wanted() -> None:
    def prove(p: Proof, a: Real, b: Real) -> Theorem:
        less = p.given(a < b)
        p.show(a < b + 1)
        between = p.prove(
            forall(x, y, z, implies(x < y, implies(y < z, x < z))), lambda *facts: facts[3:]
        )
        return p.apply(between, given=[less, []])

    assert outcome(prove).theorem is not None


def outcome(prove: Callable[..., Theorem]):
    return Result("local", "test", "", prove)._run()


def test_a_value_that_cannot_be_read_off_is_asked_for() -> None:
    def prove(p: Proof, a: Real) -> Theorem:
        p.show(a <= a)
        law = p.prove(forall(x, y, implies(x <= x, y <= y)), lambda: [])
        return p.apply(law, given=[[]])

    error = outcome(prove).error
    assert error is not None
    assert "cannot read off x: say x=…" in str(error)


def test_a_wrong_reading_is_a_premise_that_does_not_follow() -> None:
    def prove(p: Proof, a: Real, b: Real) -> Theorem:
        first, _ = p.given(a <= b, b <= 0)
        p.show(a <= a)
        law = p.prove(forall(x, y, implies(x <= y, implies(y <= 1, x <= 1))), lambda *_: [])
        # The second premise does not follow from a ≤ b.
        return p.apply(law, given=[first, first])

    error = outcome(prove).error
    assert error is not None
    assert "cannot prove b ≤ 1" in str(error)


def test_a_name_no_variable_has_is_refused() -> None:
    def prove(p: Proof, a: Real) -> Theorem:
        p.show(a <= a)
        law = p.prove(forall(x, x <= x), lambda: [])
        return p.apply(law, w=a)

    assert "no value is wanted for w" in str(outcome(prove).error)


def test_a_local_lemma_is_proved_once() -> None:
    runs = []

    def prove(p: Proof, a: Real) -> Theorem:
        p.show(0 <= a * a + (a + 1) * (a + 1))

        @p.lemma
        def square(b: Real) -> Theorem:
            runs.append(1)
            return p.have(0 <= b * b)

        assert isinstance(square, Local)
        return p.have(p.goal, square(a), square(a + 1))

    assert outcome(prove).theorem is not None
    assert runs == [1]


def test_an_induction_unrolls_its_recursions() -> None:
    def prove(p: Proof, a: Real, n: Integer) -> Theorem:
        positive, natural = p.given(0 <= a, 0 <= n)
        p.show(0 <= matched_sum(a, n))
        return p.by_induction(n, natural, lambda i: 0 <= matched_sum(a, i), step=lambda: [positive])

    assert outcome(prove).theorem is not None


def test_an_induction_of_a_false_claim_fails() -> None:
    def prove(p: Proof, a: Real, n: Integer) -> Theorem:
        natural = p.given(0 <= n)
        p.show(0 <= matched_sum(a, n))
        return p.by_induction(n, natural, lambda i: 0 <= matched_sum(a, i))

    error = outcome(prove).error
    assert error is not None
    assert error.path == ("step to n + 1",)


def test_recursions_are_unrolled_at_numbers() -> None:
    p = Proof("doc")
    three = p.unrolled(matched_sum(x, 3)).conclusion
    assert str(three) == "matched_sum(x, 3) = 0 + x + x + x"
    assert str(p.unrolled(matched_sum(x, integer(1) + 0)).conclusion).endswith("= 0 + x")
    width = if_then_else(integer(0) <= 0, integer(1), n)
    assert str(p.unrolled(matched_sum(x, width)).conclusion).endswith("= 0 + x")
    # What equals the index elsewhere stays as it is.
    one = real(integer(0) + 1)
    assert str(p.unrolled(matched_sum(one, 1)).conclusion).endswith(f"= 0 + {one}")
    assert str(p.unrolled(matched_sum(x, n)).conclusion) == "matched_sum(x, n) = matched_sum(x, n)"


def test_no_binder_takes_a_witness() -> None:
    def prove(p: Proof, a: Real) -> Theorem:
        some = p.given(exists(z, a <= z))
        p.show(exists(y, a <= y))
        witness, _ = p.obtain(some, "z")
        assert witness is z
        # Meant: some number is at least the witness.  Said: some number is at least itself.
        exists(z, witness <= z)
        return p.have(p.goal)

    error = outcome(prove).error
    assert isinstance(error, NameClash)
    assert "z stands for something in this proof" in str(error)


def test_a_binder_is_free_again_where_the_proof_of_it_ends() -> None:
    def prove(p: Proof, a: Real) -> Theorem:
        p.show(forall(z, z <= z))
        p.for_all("z", Real, lambda z: p.have(z <= z))
        return p.prove(forall(z, z <= z), lambda: [])

    assert outcome(prove).theorem is not None


def test_a_failure_names_file_and_line() -> None:
    def prove(p: Proof, a: Real) -> Theorem:
        p.show(a <= a + 1)
        p.have(a <= a + 1)
        return helper(p, a)

    error = outcome(prove).error
    assert error is not None
    line = helper.__code__.co_firstlineno + 2
    inside = prove.__code__.co_firstlineno + 3
    place = "proving/test_matching.py"
    assert error.places == (f"{place}:{line}", f"{place}:{inside}") or error.places == (
        f"{place}:{line}",
    )
    assert str(error).endswith("at " + ", from ".join(error.places))


def helper(p: Proof, a: Real) -> Theorem:
    """A step that is false."""
    return p.have(a <= a - 1)


def test_a_missing_return_says_so() -> None:
    def prove(p: Proof, a: Real) -> Theorem:
        p.show(a <= a)
        p.have(a <= a)
        return None  # type: ignore[return-value]

    assert "is a return missing?" in str(outcome(prove).error)
    assert isinstance(outcome(prove).error, ProofFailed)


def test_a_helper_without_a_return_says_so() -> None:
    def prove(p: Proof, a: Real) -> Theorem:
        p.show(a <= a)
        return p.have(a <= a + 1, p.step)  # type: ignore[arg-type]

    def nothing(p: Proof, a: Real) -> Theorem:
        p.show(a <= a)
        return p.have(a <= a + 1, None)  # type: ignore[arg-type]

    for proof in (prove, nothing):
        error = outcome(proof).error
        assert "a fact is wanted here, found" in str(error)
        assert "is a return missing?" in str(error)
        assert error is not None
        assert "test_matching.py:" in str(error.places)


@pytest.mark.parametrize(
    "slip", [lambda a: 0 <= a and a <= 1, lambda a: 0 <= a or a <= 1, lambda a: not 0 <= a]
)
def test_python_s_own_connectives_say_what_to_write(slip) -> None:
    def prove(p: Proof, a: Real) -> Theorem:
        p.show(slip(a))
        return p.have(p.goal)

    error = outcome(prove).error
    assert error is not None
    for word in ("conjunction stands for and", "disjunction for or", "negation for not"):
        assert word in str(error)
    assert "test_matching.py:" in str(error.places)


def test_a_double_comparison_says_how_to_write_it() -> None:
    def prove(p: Proof, a: Real) -> Theorem:
        p.show(0 <= a <= 1)  # type: ignore[arg-type]
        return p.have(p.goal)

    assert "conjunction(0 <= x, x <= 1)" in str(outcome(prove).error)
