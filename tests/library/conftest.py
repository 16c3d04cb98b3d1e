"""A registry of the test's own, and a small family of results."""

from __future__ import annotations

import pytest

from proofs.arithmetic import count
from verifier import kernel
from verifier.proving import (
    REGISTRY,
    Integer,
    IntegerSequence,
    Proof,
    Theorem,
    integer,
    lemma,
    theorem,
)


@pytest.fixture
def own_registry():
    """Take away, after the test, what it stated; let what others stated be proved anew."""
    before = dict(REGISTRY)
    outcomes = {name: result.outcome for name, result in before.items()}
    yield REGISTRY
    REGISTRY.clear()
    REGISTRY.update(before)
    for name, result in before.items():
        result.outcome = outcomes[name]


@pytest.fixture
def family(own_registry):
    """State ``base``, ``middle`` (uses it), ``top`` (uses that) and ``apart``.

    ``base`` says that the empty sum, which is 0, is below ``gap``; the others follow from it and
    not without it, for a leaf does not know what a sum is.
    """

    def state(gap: int, roundabout: bool = False):
        for name in ("base", "middle", "top", "apart"):
            own_registry.pop(name, None)

        @lemma("base")
        def base(p: Proof, a: IntegerSequence) -> Theorem:
            p.show(count(a, 0) < gap)
            fact = p.have(p.goal, p.meaning(count(a, integer(0))))
            return kernel.conjunct(kernel.conjoin(fact, fact), 0) if roundabout else fact

        @lemma("middle")
        def middle(p: Proof, a: IntegerSequence) -> Theorem:
            p.show(count(a, 0) < gap + 1)
            return p.have(p.goal, base(p, a))

        @theorem("top", source="A Paper, 1")
        def top(p: Proof, a: IntegerSequence) -> Theorem:
            p.show(count(a, 0) - 1 < gap + 1)
            return p.have(p.goal, middle(p, a))

        @theorem("apart")
        def apart(p: Proof, n: Integer) -> Theorem:
            p.show(n <= n + 0)
            return p.have(p.goal)

        return base, middle, top, apart

    return state
