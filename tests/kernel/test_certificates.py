"""Certificates of leaves: what the kernel accepts, and its refused twins."""

from __future__ import annotations

import random
import subprocess
import sys
from fractions import Fraction
from typing import Any

import pytest

from verifier import kernel
from verifier.kernel.errors import BadCertificate
from verifier.logic import (
    BOOL,
    FALSE,
    INT,
    REAL,
    FunctionSort,
    Term,
    conjunction,
    forall,
    if_then_else,
    implies,
    negation,
    number,
    variable,
)
from verifier.logic.terms import compare, make
from verifier.proving.leaves import KEEPER
from verifier.solving.finder import find
from verifier.solving.smt import script
from verifier.solving.solver import solve
from verifier.solving.store import Kept

n = variable("n", INT)
x, y = variable("x", REAL), variable("y", REAL)
# 0 ≤ x, 0 ≤ y ⊢ 0 ≤ x + y: polynomials x, y and x + y.
SUM = ([x >= 0, y >= 0], x + y >= 0)


def check(premises: list[Term], goal: Term, *certificate: Any) -> kernel.Theorem:
    return kernel.leaf([kernel.assume(p) for p in premises], goal, certificate)


def sums(*summands: Any) -> tuple[Any, ...]:
    inner = ("sign", 2, 6, 0, 1, ("sum", summands))
    return ((), ("sign", 0, 1, 0, 6, ("sign", 1, 1, 0, 6, inner)))


def test_a_combination_by_hand() -> None:
    made = check(*SUM, *sums((1, (0,), ()), (1, (1,), ()), (1, (2,), ())))
    assert (made.rule, made.conclusion) == ("leaf", SUM[1])
    assert len(made.hypotheses) == 2


@pytest.mark.parametrize(
    ("summands", "words"),
    [
        ([(1, (0,), ())], "not absurd"),
        ([(2, (0,), ()), (1, (1,), ()), (1, (2,), ())], "not absurd"),
        ([(-1, (0,), ()), (1, (1,), ()), (1, (2,), ())], "not positive"),
        ([(0, (0,), ()), (1, (1,), ()), (1, (2,), ())], "not positive"),
        ([(1, (0,), (1,)), (1, (1,), ()), (1, (2,), ())], "a factor of unknown sign"),
        ([("1e3", (0,), ()), (1, (1,), ()), (1, (2,), ())], "not an exact number"),
        ([(1, (9,), ()), (1, (1,), ()), (1, (2,), ())], "a number of nothing"),
        ([(1, (-1,), ()), (1, (1,), ()), (1, (2,), ())], "a number of nothing"),
        ([], "not absurd"),
    ],
)
def test_combinations_that_prove_nothing(summands: list[Any], words: str) -> None:
    with pytest.raises(BadCertificate, match=words):
        check(*SUM, *sums(*summands))


def test_only_integers_are_rounded() -> None:
    tree = ("sign", 0, 3, 0, 4, ("sign", 1, 6, 0, 1, 0))
    assert check([n > 0, n < 1], FALSE, (), tree).rule == "leaf"
    with pytest.raises(BadCertificate):
        check([x > 0, x < 1], FALSE, (), tree)


MAP = FunctionSort((REAL,), REAL)
f, g = variable("f", MAP), variable("g", MAP)
ONES, TWOS = forall(x, x == 1), forall(x, x == 2)
CHOICE = if_then_else(x <= 0, number(1, REAL), number(2, REAL))


@pytest.mark.parametrize(
    ("premises", "goal", "tree", "words"),
    [
        # Only tuples, ints and texts, exactly.
        ([], x <= x, 0.0, "a float in a certificate"),
        ([], x <= x, False, "a bool in a certificate"),
        ([], x <= x, {}, "a dict in a certificate"),
        # An equation between integers is absurd only if a fraction is in it.
        ([n == 0], FALSE, ("sign", 0, 2, 0, 5, 0), "not closed"),
        ([x == y], f(x) == f(y), ("sign", 0, 5, 0, 2, ("admit", 3, 4, 0)), "no known form"),
        ([x == y], f(x) == f(y), ("sign", 0, 5, 0, 2, ("equal", 3, 4, 0, 0)), "no known form"),
        ([], x <= y, ("sign", 0, 15, 0), "not a mask"),
        ([], x <= y, ("sign", 0, 0, 0), "not a mask"),
        # Both truth values.
        ([], ONES, ("truth", 0, 0, 0), "not closed"),
        ([], negation(ONES), ("truth", 0, 0, 0), "not closed"),
        ([], x <= y, ("sum", ((1, (0,), ()),), 0), "unknown sign"),
        ([x >= 0], x > 0, ("sign", 0, 1, 0, 6, ("sum", ((1, (0,), ()),), 0)), "not closed"),
        ([], x <= y, ("ite", 0, 0), "not an if-then-else"),
        ([], x <= y, ("div", 0, 0), "not a quotient"),
        ([], compare("=", CHOICE, 2), ("ite", 1, 0), "the condition is open"),
        ([], f(x) == g(x), ("equal", 1, 2, 0), "not the same function"),
        ([], f(x) == f(y), ("equal", 1, 3, 0), "not known to be equal"),
        ([], f(x) == f(x + 1), ("equal", 1, 2, 0), "different arguments"),
        # A part that is open leaves an equivalence open.
        ([compare("=", x <= 0, y <= 0)], FALSE, ("sign", 1, 4, 0, 3, 0), "not closed"),
        # The divisor belongs to a quotient, the body to a quantified formula.
        ([], n // 2 == n // 3, 0, "not closed"),
        ([ONES], TWOS, ("truth", 0, ("truth", 1, 0, 0), 0), "not closed"),
    ],
)
def test_certificates_that_prove_nothing(
    premises: list[Term], goal: Term, tree: Any, words: str
) -> None:
    with pytest.raises(BadCertificate, match=words):
        check(premises, goal, (), tree)


def test_their_twins_that_prove_something() -> None:
    assert check([], x <= x, (), 0).rule == "leaf"
    assert check([2 * n == 1], FALSE, (), ("sign", 0, 2, 0, 5, 0)).rule == "leaf"
    same = ("sign", 0, 5, 0, 2, ("equal", 2, 3, 0))
    assert check([x == y], f(x) == f(y), (), same).rule == "leaf"
    assert check([ONES], ONES, (), ("truth", 0, 0, 0)).rule == "leaf"
    known = ("sign", 0, 4, 0, 3, ("ite", 1, 0))
    assert check([x <= 0], compare("=", CHOICE, 1), (), known).rule == "leaf"
    assert check([], f(x + 1) == f(1 + x), (), 0).rule == "leaf"
    assert check([ONES], compare("=", ONES, ONES), (), ("truth", 0, 0, 0)).rule == "leaf"


def test_equal_arguments_carry_what_is_known_of_a_predicate() -> None:
    predicate = kernel.define("test_certified", (x,), forall(y, x <= y * y))
    p, q = (make("symbol", (v,), predicate, BOOL) for v in (x, y))
    # Polynomial 0 is x − y; atoms are x, y, p and q.
    carried = ("sign", 0, 5, 0, 2, ("truth", 2, ("equal", 2, 3, 0), 0))
    assert check([compare("=", x, y), p], q, (), carried).rule == "leaf"
    for premises, goal, tree, words in (
        ([x == y], p, ("sign", 0, 5, 0, 2, ("equal", 2, 2, 0)), "not known to hold"),
        ([x == y, p], conjunction(FALSE, q), carried, "not closed"),
    ):
        with pytest.raises(BadCertificate, match=words):
            check(premises, goal, (), tree)


def test_a_certificate_cannot_be_changed_afterwards() -> None:
    tree: list[Any] = ["sign", 0, 3, 0, 4, ["sign", 1, 6, 0, 1, 0]]
    made = check([n > 0, n < 1], FALSE, [], tree)
    tree[0] = "truth"
    assert made.parameters[1] == ((), ("sign", 0, 3, 0, 4, ("sign", 1, 6, 0, 1, 0)))


def test_an_oracle_is_not_a_leaf() -> None:
    assumed = kernel.oracle([kernel.assume(x >= 0)], x >= 1)
    assert (assumed.rule, assumed.parameters) == ("oracle", (assumed.conclusion,))


def mutated(chance: random.Random, node: Any) -> Any:
    """A certificate with one number changed."""
    places: list[tuple[int, ...]] = []

    def walk(value: Any, path: tuple[int, ...]) -> None:
        if isinstance(value, tuple):
            for i, part in enumerate(value):
                walk(part, (*path, i))
        elif isinstance(value, int):
            places.append(path)

    walk(node, ())
    path = chance.choice(places)

    def change(value: Any, rest: tuple[int, ...]) -> Any:
        if not rest:
            return value + chance.choice([-2, -1, 1, 2])
        return (*value[: rest[0]], change(value[rest[0]], rest[1:]), *value[rest[0] + 1 :])

    return change(node, path)


def test_mutated_certificates_prove_nothing_false() -> None:
    """500 of them, each for a leaf made false: all are refused."""
    chance = random.Random(20)
    leaves = [
        ([x <= y, y <= x], x == y, x == y + 1),
        ([x >= 0, y >= 0], x * y >= 0, x * y >= 1),
        ([n > 0], n >= 1, n >= 2),
        ([n % 2 == 0], (n + 1) % 2 == 1, (n + 1) % 2 == 0),
        ([x <= 1], x * 2 <= 2, x * 2 < 2),
    ]
    for premises, goal, false in leaves:
        assert not solve(script(premises, false)).proved
        certificate = find(premises, goal)
        assert check(premises, goal, *certificate).rule == "leaf"
        with pytest.raises(BadCertificate):
            check(premises, false, *certificate)
        for _ in range(100):
            changed = mutated(chance, certificate)
            with pytest.raises(BadCertificate):
                check(premises, false, *changed)


def test_the_library_is_checked_without_a_solver() -> None:
    program = (
        "import sys\n"
        "class Blocked:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name.split('.')[0] == 'z3' or name == 'verifier.solving.finder':\n"
        "            raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Blocked())\n"
        "from verifier.library.session import check\n"
        "report = check()\n"
        "print(report.ok, report.oracles, len(report.entries) > 100)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.split() == ["True", "0", "True"], done.stderr


def test_parts_that_are_shared_are_looked_at_once() -> None:
    """As trees these have 2^200 parts."""
    claim, value = x >= 0, x
    for _ in range(200):
        claim = conjunction(claim, implies(claim, claim))
        value = if_then_else(conjunction(value <= 0, value <= 1), value, real_one(value))
    assert check([claim], implies(claim, claim), (), ("sign", 0, 6, 0, 1, 0)).rule == "leaf"
    with pytest.raises(BadCertificate):
        check([claim], value <= x, (), 0)


def real_one(value: Term) -> Term:
    return if_then_else(value <= 2, value, number(1, REAL))


def test_a_premise_that_z3_does_without_may_serve_the_finder() -> None:
    from verifier.proving.leaves import leaf

    middle = x - Fraction(1, 2)
    premises = [0 <= middle * middle, 0 <= x * (1 - x), conjunction(0 <= x, x <= 1)]
    gap = x - Fraction(1, 8) - x * x
    goal = conjunction(-Fraction(1, 8) <= gap, gap <= Fraction(1, 8))
    # Were all needed, the test would show nothing.
    assert solve(script(premises, goal)).needed == (2,)
    made = leaf(list(map(kernel.assume, premises)), goal)
    assert (made.rule, len(made.premises)) == ("leaf", 3)


def test_who_counts_no_oracles_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports that do not count what is assumed could call it proved."""
    from verifier.proving import leaves
    from verifier.solving.solver import NoCertificate

    monkeypatch.setattr(leaves, "_found", lambda *_: Kept((), None))
    premises = [kernel.assume(x >= 51)]
    with pytest.raises(NoCertificate, match="unknown"):
        leaves.leaf(premises, x >= 50)
    KEEPER.begin(None, counted=True)
    try:
        assert leaves.leaf(premises, x >= 50).rule == "oracle"
    finally:
        KEEPER.begin(None)


def test_a_run_without_finding_counts_what_it_assumes() -> None:
    from verifier.proving.leaves import leaf

    KEEPER.begin(None, quick=True)
    try:
        assert leaf([kernel.assume(x >= 41)], x >= 40).rule == "oracle"
    finally:
        KEEPER.begin(None)
    assert leaf([kernel.assume(x >= 41)], x >= 40).rule == "leaf"
