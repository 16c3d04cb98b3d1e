"""Theorems: sealed, and they remember how they were made."""

from __future__ import annotations

import gc

import pytest

from verifier import kernel
from verifier.kernel import errors
from verifier.logic import INT, TRUE, forall, same, variable
from verifier.proving.leaves import leaf

n = variable("n", INT)


def test_a_theorem_names_its_rule_premises_and_parameters() -> None:
    premise = kernel.assume(n == 0)
    theorem = kernel.discharge(premise, n == 0)
    assert (theorem.rule, theorem.premises, theorem.parameters) == (
        "discharge", (premise,), premise.hypotheses
    )  # fmt: skip
    assert str(theorem) == "⊢ n = 0 → n = 0"


def test_hypotheses_are_a_set_up_to_bound_names() -> None:
    m = variable("m", INT)
    both = kernel.conjoin(
        kernel.assume(forall(n, n == 0)), kernel.assume(forall(m, m == 0)), kernel.assume(n == 0)
    )
    assert len(both.hypotheses) == 2


def test_premises_live_as_long_as_what_rests_on_them() -> None:
    theorem = kernel.discharge(kernel.discharge(kernel.assume(n == 0), n == 0), TRUE)
    gc.collect()
    assert kernel.genuine(theorem.premises[0].premises[0]).rule == "assume"


@pytest.mark.parametrize("field", ["hypotheses", "conclusion", "rule", "premises", "parameters"])
def test_no_field_can_be_written(field: str) -> None:
    theorem = leaf((), n == n)
    before = getattr(theorem, field)
    with pytest.raises(errors.ForgedTheorem):
        object.__setattr__(theorem, field, ())
    with pytest.raises(errors.ForgedTheorem):
        setattr(theorem, field, ())
    with pytest.raises(errors.ForgedTheorem):
        delattr(theorem, field)
    with pytest.raises(errors.ForgedTheorem):
        theorem.note = field  # type: ignore[attr-defined]
    assert getattr(theorem, field) is before
    assert same(kernel.genuine(theorem).conclusion, n == n)
