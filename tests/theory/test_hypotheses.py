"""Each hypothesis is used and needed, but for those the page on hypotheses lists and explains."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from proofs.arithmetic import power
from proofs.networks import (
    layered_width,
    network,
    network_pieces,
    network_pieces_uniform,
    uniform,
)
from proofs.sawtooth import sawtooth, step
from proofs.telgarsky import linear_below_power
from proofs.tight import shifted_sum, steps_count
from tests.theory.counter_instances import COUNTER_INSTANCES
from tests.theory.hypotheses import redundant, table
from tests.theory.meaning import Model, take_apart
from verifier import kernel
from verifier.kernel import Theorem
from verifier.kernel.errors import NotClosed
from verifier.logic import same
from verifier.notation import text
from verifier.proving import (
    Integer,
    Proof,
    Real,
    RealMap,
    Result,
    conjunction,
    implies,
    integer,
    real,
)
from verifier.proving.language import parameters_of

PAGE = Path(__file__).parents[2] / "docs" / "hypotheses.md"
HEADLINES = (
    "sawtooth-sum-sharp", "sawtooth-compose", "network-pieces", "errors-alternating",
    "rate-sharp", "depth-separation-sharp", "telgarsky-1.2", "telgarsky-1.1",
    "exact-width-lower", "exact-width-lower-shallow",
)  # fmt: skip
CASES = [(name, i) for name, found in COUNTER_INSTANCES.items() for i in range(len(found))]


def test_every_hypothesis_is_attacked(library: dict[str, Result]) -> None:
    counts = {n: len(take_apart(r.run().statement).hypotheses) for n, r in library.items()}
    assert {n: len(found) for n, found in COUNTER_INSTANCES.items()} == {
        n: count for n, count in counts.items() if count
    }


@pytest.mark.parametrize(
    ("name", "i"), [(n, i) for n, i in CASES if isinstance(COUNTER_INSTANCES[n][i], Model)]
)
def test_without_the_hypothesis_the_statement_is_false(
    name: str, i: int, library: dict[str, Result]
) -> None:
    statement, model = take_apart(library[name].run().statement), COUNTER_INSTANCES[name][i]
    assert isinstance(model, Model)
    truths = [model.holds(h) for h in statement.hypotheses]
    assert truths == [j != i for j in range(len(truths))]
    assert not model.holds(statement.conclusion)


def test_the_page_lists_what_is_not_used_and_what_is_not_needed(
    library: dict[str, Result],
) -> None:
    page = PAGE.read_text()
    unused, used = redundant(library)
    assert f"## Hypotheses no proof uses\n\n{table(unused)}\n" in page
    assert page.endswith(f"{table(used)}\n")


def test_only_explained_hypotheses_are_unused(library: dict[str, Result]) -> None:
    idle = {(n, text(h)) for n, r in library.items() for h in r.run().unused}
    assert idle == {(name, hypothesis) for name, hypothesis, _ in redundant(library)[0]}


@pytest.mark.parametrize("name", HEADLINES)
def test_the_proof_does_not_close_without_a_hypothesis(
    name: str, library: dict[str, Result]
) -> None:
    """Run the proof; then take every hypothesis back but one."""
    result = library[name]
    parameters = parameters_of(result.prove, skip=1)
    proof = Proof(name, parameters)
    reached = proof._end(result.prove(proof, *parameters), proof._scopes[0])
    unused = result.run().unused
    for dropped in proof.hypotheses:
        kept = [h for h in proof.hypotheses if h is not dropped]
        closed = reached
        for hypothesis in reversed(kept):
            closed = kernel.discharge(closed, hypothesis)
        if any(same(dropped, u) for u in unused):
            assert closed.hypotheses == ()
        else:
            with pytest.raises(NotClosed, match="still rests on the hypothesis"):
                kernel.named(name, closed)


# Some statements proved without the hypothesis they do not need.


def network_pieces_without_units(
    p: Proof, g: RealMap, φ: RealMap, t: Integer, m: Integer, depth: Integer
) -> Theorem:
    """network-pieces for every m: without units there is no layer, and g is affine."""
    computed, activation = p.given(network(g, φ, uniform(m), depth), sawtooth(φ, t))
    p.show(sawtooth(g, power(t * m, depth)))
    sharp = network_pieces_uniform(p, g, φ, t, m, depth, given=[computed, activation])
    layers = p.parts(p.unfold(computed))[0]
    natural = p.parts(p.unfold(layers))[0]

    def no_layer(none: Theorem) -> Theorem:
        bases = (m * (t - 1) + 1, t * m)
        at_zero = [p.equal_values(lambda n, b=b: power(b, n), none) for b in bases]
        return p.have(p.goal, sharp, at_zero, [p.meaning(power(b, 0)) for b in bases])

    def some_layer(some: Theorem) -> Theorem:
        last = layered_width(p, uniform(m), depth, depth, given=[layers, natural])
        units = p.have(1 <= m, last, some, natural)
        return network_pieces(p, g, φ, t, m, depth, given=[computed, activation, units])

    return p.cases(depth == 0, no_layer, some_layer)


def steps_count_without_spacing(
    p: Proof, spacing: Integer, j: Integer, n: Integer, x: Real
) -> Theorem:
    """steps-count for every spacing: the interval x lies in has a positive length."""
    inside, left, right = p.given(
        conjunction(0 <= j, j <= n), real(spacing * j) <= x, x < real(spacing * (j + 1))
    )
    p.show(shifted_sum(step, spacing, integer(1), n, x) == real(j))
    positive = p.have(1 <= spacing, left, right)
    return steps_count(p, spacing, j, n, x, given=[positive, inside, left, right])


def linear_below_power_everywhere(p: Proof, k: Integer) -> Theorem:
    """linear-below-power for every k."""
    P = power(2, k)
    p.show(
        conjunction(
            implies(k == 0, P == 1),
            implies(k == 1, P == 2),
            implies(k == 2, P == 4),
            implies(k >= 3, 2 * k < P),
        )
    )
    return p.cases(
        0 <= k,
        lambda natural: p.have(p.goal, linear_below_power(p, k, given=[natural])),
        lambda below: p.have(p.goal, below),
    )


@pytest.mark.parametrize(
    "prove",
    [network_pieces_without_units, steps_count_without_spacing, linear_below_power_everywhere],
)
def test_proved_without_the_hypothesis(prove: Callable[..., Any]) -> None:
    outcome = Result("local", "test", "", prove)._run()
    assert outcome.error is None
    assert outcome.theorem is not None
