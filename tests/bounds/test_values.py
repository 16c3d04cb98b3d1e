"""Closed terms have the values their definitions give them, and no others have any."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from itertools import product as every

import pytest

from proofs.arithmetic import count, power, product, real_power, total
from proofs.counting import classify, errors, fewest_errors
from proofs.networks import pieces, uniform
from proofs.tent import iterate, tent
from verifier.errors import LimitReached
from verifier.logic import INT, REAL, forall, number, variable
from verifier.proving import Integer, integer, real, recursion
from verifier.theory.values import NotClosed, number_of, value_of


def listed(values):
    """A sequence of integers as a function term's body."""

    def at(i):
        term = integer(values[-1])
        for j in range(len(values) - 1):
            term = _choose(i, j, values[j], term)
        return term

    return at


def _choose(i, j, value, otherwise):
    from verifier.proving import if_then_else

    return if_then_else(i == j, integer(value), otherwise)


@pytest.mark.parametrize(("base", "n"), [(2, 0), (0, 0), (0, 3), (-3, 5), (7, 60)])
def test_powers(base, n):
    assert number_of(power(base, n)) == base**n
    assert number_of(real_power(number(Fraction(base, 2), REAL), n)) == Fraction(base, 2) ** n


def test_sums_and_products():
    assert number_of(total(lambda i: real(i) / 2, 10)) == Fraction(45, 2)
    assert number_of(count(lambda i: i * i, 10)) == 285
    assert number_of(product(lambda i: i + 1, 6)) == 720
    assert number_of(count(lambda i: count(lambda j: j + i, i), 5)) == 0 + 1 + 5 + 12 + 22
    assert number_of(pieces(uniform(integer(3)), integer(4), integer(2))) == 100


def test_the_tent_and_its_iterates():
    third = number(Fraction(1, 3), REAL)
    assert number_of(tent(third)) == Fraction(2, 3)
    assert [number_of(iterate(k, third)) for k in range(4)] == [
        Fraction(1, 3), Fraction(2, 3), Fraction(2, 3), Fraction(2, 3),
    ]  # fmt: skip


def test_error_counts():
    guess = lambda x: classify(x)  # noqa: E731 - stands for a function term
    made = errors(guess, lambda i: real(i) / 4, lambda i: i % 2, 5)
    # 0, 1/4 are class 0; 1/2, 3/4, 1 class 1: wrong at 1/4, 1/2 and 1.
    assert number_of(made) == 3


@pytest.mark.parametrize("labels", list(every((0, 1), repeat=4)))
def test_the_dynamic_programme_is_the_best_labelling_with_few_runs(labels):
    n = len(labels)
    for runs, last in every(range(1, 5), (0, 1)):
        best = min(
            sum(a != b for a, b in zip(classes, labels, strict=True))
            for classes in every((0, 1), repeat=n)
            if classes[-1] == last and 1 + sum(a != b for a, b in pairwise(classes)) <= runs
        )
        assert number_of(fewest_errors(listed(labels), runs, last, n)) == best


def test_truth_of_closed_formulas():
    assert value_of(power(2, 3) == 8) is True
    assert value_of(power(2, 3) < 8) is False


def test_what_is_not_closed_has_no_value():
    n, x = variable("n", INT), variable("x", REAL)
    for term in (n + 1, power(2, n), forall(x, x == x), total(lambda i: x, 3)):
        with pytest.raises(NotClosed):
            value_of(term)


def test_nothing_is_known_below_zero():
    with pytest.raises(NotClosed, match="below 0"):
        value_of(power(2, -1))


def test_a_recursion_may_not_run_for_ever():
    with pytest.raises(LimitReached):
        value_of(power(1, 10**9))


@recursion("n", zero=lambda a, b: a)
def bounds_test_swapped(itself, a: Integer, b: Integer, n: Integer):
    """Calls itself with its other arguments exchanged and shifted by the measure."""
    return 2 * itself(b + n, a, n) + itself(a, b, n)


def test_recursions_that_change_their_arguments():
    def plain(a, b, n):
        if n == 0:
            return a
        return 2 * plain(b + n - 1, a, n - 1) + plain(a, b, n - 1)

    for a, b, n in every((0, 2), (-1, 3), range(6)):
        assert number_of(bounds_test_swapped(a, b, n)) == plain(a, b, n)
