"""No theorem is empty: each has an instance, and an instance can fail."""

from __future__ import annotations

import pytest

from tests.false_neighbours import FALSE_NEIGHBOURS, FalseNeighbour
from tests.theory.instances import FALSE_INSTANCES, INSTANCES
from tests.theory.meaning import take_apart
from tests.theory.sharpening import sharpened
from verifier.proving import Result

# Conclusions of which no claim one step stronger fails at the instance.
LOOSE = {
    **dict.fromkeys(
        ("polygonal-through", "polygonal-combined", "polygonal-congruence", "polygonal-relu-one",
         "polygonal-relu", "layers-polygonal", "polygonal-intermediate", "network-continuous"),
        "the conclusion has no bound",
    ),
    "division": "quotient and remainder are claimed to exist, for no number in particular",
    "sawtooth-sum": "k + l is not attained: the sharp bound is k + l − 1",
    "bends-midway": "the conclusion has no bound",
    "grid-increasing": "the conclusion has no bound",
    "some-error": "some point is claimed to be wrong, no one in particular",
    "exact-width-lower-shallow": "no layer of 2^k − 1 relus is tent^k for k ≥ 1",
    "network-errors-fewest": "2·pieces runs need a jump on every piece",
}


def test_every_result_with_hypotheses_has_an_instance(library: dict[str, Result]) -> None:
    wanted = {name for name, r in library.items() if take_apart(r.run().statement).hypotheses}
    assert set(INSTANCES) == wanted


@pytest.mark.parametrize("name", INSTANCES)
def test_instance(name: str, library: dict[str, Result]) -> None:
    statement, model = take_apart(library[name].run().statement), INSTANCES[name]
    for hypothesis in statement.hypotheses:
        assert model.holds(hypothesis)
    assert model.holds(statement.conclusion)


@pytest.mark.parametrize("name", INSTANCES)
def test_a_sharper_conclusion_fails_at_the_instance(name: str, library: dict[str, Result]) -> None:
    conclusion = take_apart(library[name].run().statement).conclusion
    fails = any(not INSTANCES[name].holds(claim) for claim in sharpened(conclusion))
    assert fails == (name not in LOOSE)


@pytest.mark.parametrize(
    "name", [n for n, m in INSTANCES.items() if not m.networks and len(m.points) <= 97]
)
def test_a_finer_sample_says_the_same(name: str, library: dict[str, Result]) -> None:
    statement, finer = take_apart(library[name].run().statement), INSTANCES[name].refined()
    assert all(finer.holds(h) for h in statement.hypotheses)
    assert finer.holds(statement.conclusion)


@pytest.mark.parametrize("neighbour", FALSE_NEIGHBOURS, ids=lambda n: n.name)
def test_false_neighbour_fails_at_an_instance(neighbour: FalseNeighbour) -> None:
    statement = take_apart(neighbour.result.run().statement)
    model = FALSE_INSTANCES[neighbour.name]
    assert all(model.holds(h) for h in statement.hypotheses)
    assert not model.holds(statement.conclusion)


def test_a_wide_enough_layer_is_not_refuted() -> None:
    """The procedure behind the narrow layer can also say yes."""
    from tests.theory.instances import one_layer_is_too_narrow

    assert one_layer_is_too_narrow(2, 3).procedure()
    assert not one_layer_is_too_narrow(2, 2).procedure()
