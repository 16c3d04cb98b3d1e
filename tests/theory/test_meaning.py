"""The evaluator of statements agrees with functions written apart from it, and can say no."""

from __future__ import annotations

from fractions import Fraction

import pytest

from proofs import arithmetic, counting, networks, sawtooth, tent
from tests.theory.instances import (
    DEEP,
    FOLDS,
    HINGES,
    constant,
    deep_weight,
    grid,
    hat,
    instance,
    iterated,
    odd_wide,
    parity,
    relu,
    step,
    two_hinges,
    uniform,
    zigzag_network,
)
from tests.theory.instances import tent as independent_tent
from tests.theory.meaning import (
    Network,
    Undecided,
    constant_runs,
    fewest_affine_runs,
    take_apart,
)
from verifier.logic import INT, REAL, exists, forall, implies, variable
from verifier.proving import IntegerSequence, RealMap, function, integer, real, variables

x, y = variable("x", REAL), variable("y", REAL)
n = variable("n", INT)
(f,) = variables("f", RealMap)
POINTS = [Fraction(i, 7) for i in range(-9, 12)]


@pytest.mark.parametrize("point", POINTS)
def test_defined_functions_are_computed_from_their_definitions(point: Fraction) -> None:
    model = instance(x=point)
    for defined, plain in [
        (sawtooth.relu(x), relu),
        (sawtooth.absolute(x), abs),
        (sawtooth.step(x), step),
        (tent.hat(x), hat),
        (tent.tent(x), independent_tent),
        (tent.iterate(integer(3), x), iterated(independent_tent, 3)),
        (tent.hat_iterate(integer(3), x), iterated(hat, 3)),
    ]:
        assert model.with_values(y=plain(point)).holds(defined == y)
        assert not model.with_values(y=plain(point) + Fraction(1, 1000)).holds(defined == y)


def test_recursions_are_unrolled() -> None:
    model = instance(n=5)
    assert model.holds(arithmetic.power(3, n) == 243)
    assert model.holds(arithmetic.count(lambda i: i % 2, n) == 2)
    assert model.holds(arithmetic.total(lambda i: real(i) / 2, n) == 5)
    assert not model.holds(arithmetic.product(lambda i: i + 1, n) == 119)
    assert model.holds(counting.errors(lambda v: integer(0), real, lambda i: i % 2, n) == 2)


def test_networks_are_evaluated_alike_by_definition_and_layer_by_layer() -> None:
    net = Network(
        lambda i, u, l: Fraction(i + 2 * u - 3 * l, 5), lambda i, u: Fraction(u - i, 3),
        lambda l: l + 1, Fraction(1, 9),
    )  # fmt: skip
    free = variables("weight", networks.RealTensor)[0], variables("bias", networks.RealMatrix)[0]
    (w,) = variables("w", IntegerSequence)
    out = networks.output(*free, sawtooth.relu, w, 3, lambda l: real(l + 1), Fraction(1, 9), x)
    for point in POINTS:
        widths = uniform(3)
        value = net.output(relu, widths, 3, point)
        model = instance(weight=net.weight, bias=net.bias, w=widths, x=point, y=value)
        assert model.holds(out == y)


def test_explicit_networks_compute_what_they_should() -> None:
    for point in POINTS:
        assert DEEP.output(relu, odd_wide, 6, point) == iterated(independent_tent, 3)(point)
        assert HINGES.output(relu, uniform(2), 1, point) == two_hinges(point)
        if 0 <= point <= 1:
            folded = iterated(independent_tent, 3)(point)
            assert zigzag_network(3).output(relu, uniform(8), 1, point) == folded
            assert FOLDS.output(abs, uniform(1), 3, point) == folded
    assert deep_weight(2, 0, 1) == -4


def test_pieces_are_counted() -> None:
    fine = grid(-1, 2, Fraction(1, 64))
    assert fewest_affine_runs(fine, [iterated(independent_tent, 3)]) == 10
    assert fewest_affine_runs(fine, [abs, lambda v: relu(v - 1)]) == 3
    assert fewest_affine_runs(fine, [step]) == 2
    assert fewest_affine_runs([], [abs]) == 0
    assert fewest_affine_runs([Fraction(0)], [abs]) == 1
    assert constant_runs(fine, step) == 2
    assert constant_runs([], step) == 0


def test_predicates_can_fail() -> None:
    model = instance(f=abs, guess=step, networks=[HINGES])
    assert model.holds(sawtooth.sawtooth(f, 2))
    assert not model.holds(sawtooth.sawtooth(f, 1))
    assert not model.with_values(f=lambda v: v * v).holds(sawtooth.sawtooth(f, 48))
    g = function(lambda v: f(v))
    one_layer = networks.network(g, sawtooth.relu, networks.uniform(integer(2)), integer(1))
    assert model.with_values(f=two_hinges).holds(one_layer)
    assert not model.holds(one_layer)
    no_layer = networks.network(g, sawtooth.relu, lambda i: integer(2), integer(0))
    assert not model.holds(no_layer)


def test_an_empty_interval_has_no_pieces_to_count() -> None:
    from proofs.pieces import sawtooth_on

    assert instance(f=abs).holds(sawtooth_on(f, 0, 1, -1))
    assert not instance(f=abs).holds(sawtooth_on(f, 1, -1, 1))


def test_quantifiers_range_over_the_sample() -> None:
    model = instance(points=[-1, 0, 2], integers=[0, 3])
    assert model.holds(forall(x, x <= 2))
    assert not model.holds(forall(x, x < 2))
    assert model.holds(exists(n, n == 3))
    assert not model.holds(exists(n, n == 2))


def test_functions_exist_only_by_a_witness() -> None:
    claim = exists(f, f(real(1)) == 2)
    with pytest.raises(Undecided):
        instance().holds(claim)
    assert instance(witnesses={"f": lambda v: 2 * v}).holds(claim)
    assert not instance(witnesses={"f": lambda v: v}).holds(claim)
    with pytest.raises(Undecided):
        instance(witnesses={"f": relu}).holds(forall(f, f(real(1)) == 2))


def test_below_zero_a_recursion_has_the_value_the_instance_gives_it() -> None:
    claim = arithmetic.power(2, n) == 5
    with pytest.raises(Undecided):
        instance(n=-1).holds(claim)
    assert instance(n=-1, below={"power": constant(5)}).holds(claim)


@pytest.mark.parametrize("value", [0.5, True, "1", None])
def test_only_exact_numbers_are_values(value: object) -> None:
    with pytest.raises(TypeError):
        instance(x=value).holds(x == x)


def test_an_integer_is_no_fraction_and_a_function_no_number() -> None:
    with pytest.raises(TypeError):
        instance(n=Fraction(1, 2)).holds(n == n)
    with pytest.raises(TypeError):
        instance(f=3).holds(f(real(1)) == 1)
    with pytest.raises(TypeError):
        instance(f=lambda v: 0.5).holds(f(real(1)) == 1)


def test_nothing_is_divided_by_zero() -> None:
    with pytest.raises(ZeroDivisionError):
        instance(x=1, y=0).holds(x / y == 0)


def test_a_premise_is_read_before_its_conclusion() -> None:
    assert instance(x=1, y=0).holds(implies(y != 0, x / y == 0))


def test_statements_are_taken_apart() -> None:
    statement = take_apart(forall(n, implies(0 <= n, implies(n <= 1, forall(x, x == x)))))
    assert [str(v) for v in statement.variables] == ["n"]
    assert len(statement.hypotheses) == 2
    assert statement.conclusion.operator == "forall"
    with pytest.raises(ValueError, match="share a name"):
        take_apart(forall(n, forall(variable("n", REAL), 0 <= n)))
    assert parity(3) == 1
