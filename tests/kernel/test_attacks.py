"""Attempts on the kernel: each would give a false theorem, each is refused by a named error.

Runs as a script too, so that it can be run without assertions: ``python -O test_attacks.py``.
"""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest
import z3

from verifier import kernel
from verifier.errors import VerifierError
from verifier.kernel import Theorem, errors
from verifier.logic import (
    BOOL,
    FALSE,
    INT,
    REAL,
    TRUE,
    DivisionByZero,
    FunctionSort,
    IllFormed,
    NotAPositiveModulus,
    NotDecidable,
    NoTruthValue,
    Sort,
    SortMismatch,
    Symbol,
    Term,
    bind,
    exists,
    forall,
    function,
    if_then_else,
    implies,
    negation,
    number,
    real,
    symbol,
    variable,
)
from verifier.logic.terms import bound, compare, make
from verifier.proving.leaves import leaf
from verifier.solving.smt import from_z3
from verifier.solving.solver import LeafRefused

MAP = FunctionSort((REAL,), REAL)
n, m = variable("n", INT), variable("m", INT)
x, y = variable("x", REAL), variable("y", REAL)
f = variable("f", MAP)
ZERO = number(0, INT)


@dataclass(frozen=True)
class Attack:
    """What is tried, and the error that must refuse it."""

    name: str
    attempt: Callable[[], object]
    refused_by: type[VerifierError]


ATTACKS: list[Attack] = []


def refused_by(error: type[VerifierError]) -> Callable[[Callable[[], object]], None]:
    def enter(attempt: Callable[[], object]) -> None:
        ATTACKS.append(Attack(attempt.__name__, attempt, error))

    return enter


def truth() -> Theorem:
    return leaf((), TRUE)


# Theorems without a rule.


@refused_by(errors.ForgedTheorem)
def construct_a_theorem() -> object:
    return Theorem((), FALSE)


@refused_by(errors.ForgedTheorem)
def use_a_blank_theorem() -> object:
    return kernel.discharge(object.__new__(Theorem), TRUE)


@refused_by(errors.ForgedTheorem)
def change_a_conclusion() -> object:
    theorem = truth()
    theorem.conclusion = FALSE
    return theorem


@refused_by(errors.ForgedTheorem)
def change_a_conclusion_past_the_class() -> object:
    theorem = kernel.assume(FALSE)
    object.__setattr__(theorem, "hypotheses", ())
    return kernel.discharge(theorem, TRUE)


@refused_by(errors.ForgedTheorem)
def delete_hypotheses() -> object:
    theorem = kernel.assume(FALSE)
    del theorem.hypotheses
    return theorem


@refused_by(errors.ForgedTheorem)
def subclass_theorem() -> object:
    return type("Loose", (Theorem,), {})


@refused_by(errors.ForgedTheorem)
def copy_a_theorem() -> object:
    return copy.copy(truth())


@refused_by(errors.ForgedTheorem)
def pickle_a_theorem() -> object:
    return pickle.dumps(truth())


@refused_by(errors.ForgedTheorem)
def dress_up_as_a_theorem() -> object:
    class Lookalike:
        hypotheses, conclusion, rule, premises, parameters = (), FALSE, "axiom", (), ()

    return kernel.named("lookalike", Lookalike())  # type: ignore[arg-type]


# Terms without a constructor.


@refused_by(IllFormed)
def construct_a_term() -> object:
    return Term()


@refused_by(IllFormed)
def change_a_literal() -> object:
    object.__setattr__(ZERO, "data", Fraction(1))
    return ZERO


@refused_by(IllFormed)
def hide_the_variables_of_a_hypothesis() -> object:
    theorem = kernel.assume(x == 0)
    object.__setattr__(theorem.conclusion, "free", frozenset())
    return kernel.generalise(theorem, x)


@refused_by(IllFormed)
def use_a_blank_term() -> object:
    return kernel.assume(object.__new__(Term))


@refused_by(IllFormed)
def bind_with_a_connective() -> object:
    return kernel.assume(bind("true", (x,), FALSE))


@refused_by(errors.NotAFormula)
def assume_a_body_without_its_binder() -> object:
    return kernel.assume(forall(x, x == 0).arguments[0])


@refused_by(errors.NotAFormula)
def assume_a_number() -> object:
    return kernel.assume(x + 1)


# Quantifiers.


@refused_by(errors.VariableInHypotheses)
def generalise_a_variable_of_a_hypothesis() -> object:
    return kernel.generalise(kernel.assume(x == 0), x)


@refused_by(errors.VariableInHypotheses)
def generalise_a_function_of_a_hypothesis() -> object:
    return kernel.generalise(kernel.assume(f(0) == 0), f)


@refused_by(errors.Mismatch)
def capture_in_instantiation() -> object:
    # ∀x ∃y. y ≠ x at x := y must not become ∃y. y ≠ y.
    some = forall(x, exists(y, negation(y == x)))
    captured = exists(y, negation(y == y))
    theorem = kernel.instantiate(kernel.assume(some), y)
    return kernel.modus_ponens(kernel.assume(implies(captured, FALSE)), theorem)


@refused_by(errors.Mismatch)
def capture_in_function_instantiation() -> object:
    # ∀f ∃y. y ≠ f(y) at f := (x ↦ y) must not become ∃y. y ≠ y.
    some = forall(f, exists(y, negation(y == f(x))))
    captured = exists(y, negation(y == y))
    theorem = kernel.instantiate(kernel.assume(some), bind("lambda", (x,), y))
    return kernel.modus_ponens(kernel.assume(implies(captured, FALSE)), theorem)


@refused_by(errors.Mismatch)
def capture_a_parameter_of_a_nested_function() -> object:
    def added_to(t: Term) -> Callable[[Term], Term]:
        return lambda s: t + s

    outer = variable("g", MAP)
    total = kernel.define("attack_total", (outer,), outer(1))
    # Both Python functions name their parameter s.
    inner = function(lambda s: total(added_to(s)), MAP)
    return kernel.modus_ponens(
        kernel.assume(implies(inner(x) == total(lambda s: s + s), FALSE)),
        leaf((), inner(x) == inner(x)),
    )


@refused_by(errors.Mismatch)
def capture_when_reading_z3() -> object:
    a, b = z3.Reals("a b")
    v = variable("a", REAL)
    # z3 prints this as ForAll(a, a <= a), but only the left a is bound.
    open_claim = z3.substitute(z3.ForAll([a], a <= b), (b, a))
    trivial = kernel.generalise(leaf((), v <= v), v)
    return kernel.modus_ponens(kernel.assume(implies(from_z3(open_claim), FALSE)), trivial)


@refused_by(SortMismatch)
def instantiate_a_real_by_an_integer() -> object:
    return kernel.instantiate(kernel.assume(forall(x, x == x)), n)


@refused_by(SortMismatch)
def instantiate_a_function_by_another_arity() -> object:
    two = bind("lambda", (x, y), x + y)
    return kernel.instantiate(kernel.assume(forall(f, f(0) == f(0))), two)


@refused_by(errors.Mismatch)
def exhibit_a_wrong_witness() -> object:
    return kernel.exhibit(leaf((), number(1, REAL) > 0), exists(x, x > 0), number(2, REAL))


@refused_by(errors.WitnessEscapes)
def let_a_witness_escape_by_the_conclusion() -> object:
    return kernel.obtain(kernel.assume(exists(n, n == 1)), kernel.assume(n == 1), n)


@refused_by(errors.WitnessEscapes)
def let_a_witness_escape_by_a_hypothesis() -> object:
    existence = kernel.assume(exists(n, n == 1))
    absurd = leaf((kernel.assume(n == 1), kernel.assume(n == 2)), FALSE)
    return kernel.obtain(existence, absurd, n)


@refused_by(errors.WitnessEscapes)
def let_a_witness_be_a_variable_of_the_existence() -> object:
    existence = kernel.assume(exists(m, m == n + 1))
    return kernel.obtain(existence, leaf((kernel.assume(n == n + 1),), FALSE), n)


# Induction and cases.


def step(claim: Callable[[Term], Term]) -> Theorem:
    shown = leaf((kernel.assume(claim(n)), kernel.assume(n >= 0)), claim(n + 1))
    guarded = kernel.discharge(kernel.discharge(shown, claim(n)), 0 <= n)
    return kernel.generalise(guarded, n)


@refused_by(errors.InductionRefused)
def induct_from_a_wrong_base() -> object:
    claim = forall(n, implies(0 <= n, n >= 1))
    base = leaf((), number(1, INT) >= 1)
    return kernel.induction(claim, base, step(lambda k: k >= 1))


@refused_by(errors.InductionRefused)
def induct_over_all_integers() -> object:
    claim = forall(n, n >= 0)
    return kernel.induction(claim, leaf((), ZERO >= 0), step(lambda k: k >= 0))


@refused_by(errors.InductionRefused)
def induct_from_minus_one() -> object:
    claim = forall(n, implies(-1 <= n, n >= 0))
    return kernel.induction(claim, leaf((), ZERO >= 0), step(lambda k: k >= 0))


@refused_by(errors.InductionRefused)
def induct_over_the_reals() -> object:
    claim = forall(x, implies(0 <= x, x == 0))
    return kernel.induction(claim, leaf((), number(0, REAL) == 0), truth())


@refused_by(errors.InductionRefused)
def induct_without_a_step() -> object:
    claim = forall(n, implies(0 <= n, n == 0))
    return kernel.induction(claim, leaf((), ZERO == 0), truth())


@refused_by(errors.InductionRefused)
def induct_with_a_step_at_one_number() -> object:
    shown = leaf((kernel.assume(n == 0), kernel.assume(n >= 0)), n + 0 == 0)
    guarded = kernel.discharge(kernel.discharge(shown, n == 0), 0 <= n)
    claim = forall(n, implies(0 <= n, n == 0))
    return kernel.induction(claim, leaf((), ZERO == 0), kernel.generalise(guarded, n))


@refused_by(errors.NotDecided)
def split_on_a_quantified_formula() -> object:
    return kernel.cases(forall(x, x == 0), truth(), truth())


@refused_by(errors.Mismatch)
def split_with_two_conclusions() -> object:
    return kernel.cases(x <= 0, kernel.assume(x <= 0), kernel.assume(negation(x <= 0)))


@refused_by(errors.Mismatch)
def apply_an_implication_to_another_premise() -> object:
    return kernel.modus_ponens(kernel.assume(implies(x == 0, FALSE)), truth())


@refused_by(errors.WrongShape)
def take_a_part_from_the_end() -> object:
    return kernel.conjunct(kernel.conjoin(truth(), truth()), -1)


@refused_by(errors.WrongShape)
def take_a_part_of_a_disjunction() -> object:
    return kernel.conjunct(leaf((), (x <= 0) == (x <= 0)), 0)


@refused_by(errors.Mismatch)
def transport_along_another_equivalence() -> object:
    return kernel.transport(leaf((), (x < y) == (y > x)), truth())


@refused_by(errors.WrongShape)
def rewrite_across_sorts() -> object:
    return kernel.rewrite(leaf((), n == n), truth(), x == x, x)


# Definitions.


@refused_by(errors.CircularDefinition)
def define_by_an_undefined_symbol() -> object:
    loose = symbol("attack_circular", (REAL,), REAL)
    return kernel.define("attack_circular", (x,), loose(x) + 1)


@refused_by(errors.CircularDefinition)
def use_a_homemade_symbol_of_a_defined_name() -> object:
    kernel.define("attack_copied", (x,), x)
    return kernel.assume(symbol("attack_copied", (REAL,), REAL)(x) == 0)


@refused_by(errors.CircularDefinition)
def define_in_terms_of_the_function_being_defined() -> object:
    def above(itself: Symbol) -> Term:
        kernel.define("attack_mutual", (n,), itself(n + 1) + 1)
        return itself(n)

    return kernel.define_recursive("attack_half", (n,), n, ZERO, above)


@refused_by(errors.Redefinition)
def define_a_name_twice() -> object:
    kernel.define("attack_twice", (), number(0, INT))
    return kernel.define("attack_twice", (), number(1, INT))


@refused_by(errors.Redefinition)
def define_the_name_inside_its_own_recursion() -> object:
    def above(itself: Symbol) -> Term:
        kernel.define("attack_nested", (n,), number(1, INT))
        return itself(n)

    return kernel.define_recursive("attack_nested", (n,), n, ZERO, above)


@refused_by(errors.FreeVariables)
def define_with_a_free_variable() -> object:
    return kernel.define("attack_free", (x,), x + y)


@refused_by(errors.FreeVariables)
def use_the_measure_at_zero() -> object:
    return kernel.define_recursive("attack_zero", (n,), n, n + 1, lambda itself: itself(n))


@refused_by(errors.DefinitionRefused)
def define_with_one_parameter_twice() -> object:
    return kernel.define("attack_same", (x, x), x)


@refused_by(SortMismatch)
def define_by_a_function() -> object:
    return kernel.define("attack_function", (), bind("lambda", (x,), x))


@refused_by(IllFormed)
def define_by_no_term() -> object:
    return kernel.define("attack_number", (), 1)  # type: ignore[arg-type]


@refused_by(errors.DefinitionRefused)
def change_sort_above_zero() -> object:
    return kernel.define_recursive("attack_sorts", (n,), n, ZERO, lambda _: real(n))


@refused_by(errors.NoDecreasingMeasure)
def recur_at_the_same_number() -> object:
    return kernel.define_recursive("attack_same_n", (n,), n, ZERO, lambda f: f(n + 1) + 1)


@refused_by(errors.NoDecreasingMeasure)
def recur_under_a_lambda() -> object:
    sequence = variable("s", FunctionSort((INT,), INT))
    first = kernel.define("attack_first", (sequence,), sequence(0))
    return kernel.define_recursive(
        "attack_lambda", (n,), n, ZERO, lambda f: first(lambda k: f(k)) + 1
    )


@refused_by(errors.NoDecreasingMeasure)
def recur_inside_a_recursive_call() -> object:
    return kernel.define_recursive("attack_inside", (n, m), n, m, lambda f: f(n, f(n + 1, m)) + 1)


@refused_by(errors.NoDecreasingMeasure)
def recur_with_swapped_arguments() -> object:
    return kernel.define_recursive("attack_swap", (n, m), n, m, lambda f: f(m, n) + 1)


@refused_by(errors.NoDecreasingMeasure)
def recur_on_a_real() -> object:
    return kernel.define_recursive("attack_real", (x,), x, ZERO, lambda f: f(x))


@refused_by(IllFormed)
def define_a_connective() -> object:
    return kernel.define("true", (), FALSE)


@refused_by(IllFormed)
def define_a_name_with_a_quote() -> object:
    return kernel.define("a| Int (assert false) |", (), TRUE)


# Leaves.


@refused_by(LeafRefused)
def look_into_a_quantifier() -> object:
    # It follows, but only for a reader of ∀: to the solver it is an atom.
    return leaf((kernel.assume(forall(x, x > y)),), x > y)


@refused_by(LeafRefused)
def prove_a_quantified_goal() -> object:
    return leaf((), forall(x, x * x >= 0))


@refused_by(LeafRefused)
def divide_by_zero() -> object:
    zero = x - x
    return leaf((), 1 / zero * zero == 1)


@refused_by(LeafRefused)
def take_a_quotient_by_a_variable_for_a_quotient() -> object:
    return leaf((kernel.assume(negation(x == 0)),), x / x == 1)


@refused_by(DivisionByZero)
def divide_by_the_literal_zero() -> object:
    return x / 0


@refused_by(DivisionByZero)
def instantiate_a_quotient_at_zero() -> object:
    law = kernel.instantiate(kernel.quotient(), number(1, REAL))
    return kernel.instantiate(law, number(0, REAL))


@refused_by(LeafRefused)
def round_towards_zero() -> object:
    return leaf((), number(-7, INT) // 2 == -3)


@refused_by(LeafRefused)
def give_a_remainder_the_sign_of_the_dividend() -> object:
    return leaf((), number(-7, INT) % 2 == -1)


@refused_by(NotAPositiveModulus)
def take_a_remainder_by_zero() -> object:
    return n % 0


@refused_by(NotAPositiveModulus)
def take_a_remainder_by_a_negative_number() -> object:
    return n % -2


@refused_by(NotAPositiveModulus)
def take_a_quotient_by_a_variable_integer() -> object:
    return n // m


@refused_by(SortMismatch)
def add_an_integer_to_a_real() -> object:
    return n + x


@refused_by(SortMismatch)
def compare_an_integer_with_a_real() -> object:
    return n == x


@refused_by(LeafRefused)
def take_an_integer_and_a_real_of_one_name_for_equal() -> object:
    return leaf((), real(variable("x", INT)) == x)


@refused_by(SortMismatch)
def put_a_half_for_an_integer() -> object:
    return n == Fraction(1, 2)


@refused_by(SortMismatch)
def put_a_float_for_a_real() -> object:
    return x == 0.1


@refused_by(SortMismatch)
def put_true_for_one() -> object:
    return n == True  # noqa: E712


@refused_by(SortMismatch)
def let_a_variable_range_over_truth_values() -> object:
    return variable("p", BOOL)


@refused_by(SortMismatch)
def compare_functions() -> object:
    return bind("lambda", (x,), x) == f


@refused_by(NoTruthValue)
def chain_comparisons() -> object:
    return kernel.assume(0 <= n <= 5)


@refused_by(NotDecidable)
def choose_by_a_quantified_formula() -> object:
    return if_then_else(exists(x, x == 0), x, y)


@refused_by(LeafRefused)
def define_what_the_solver_has_built_in() -> object:
    # z3 has a sine of its own: under the plain name this gave sin(0) = 0 and sin(0) = 7.
    sine = kernel.define("sin", (x,), number(7, REAL))
    at_zero = kernel.instantiate(kernel.definition(sine)[0], number(0, REAL))
    return leaf((at_zero,), FALSE)


@refused_by(LeafRefused)
def change_a_list_of_parameters_after_the_definition() -> object:
    parameters = [x]
    symbol = kernel.define("attack_list", parameters, x)  # type: ignore[arg-type]
    parameters[0] = y
    # With the changed list the equation was ∀y. attack_list(y) = x, for every x.
    (equation,) = kernel.definition(symbol)
    at_zero = kernel.instantiate(equation, number(0, REAL))
    return leaf((at_zero,), symbol(0) == 1)


@refused_by(LeafRefused)
def take_equal_arguments_under_a_functional_for_granted() -> object:
    g = variable("g", MAP)
    total = kernel.define("attack_functional", (g,), g(0))
    premise = kernel.assume(x == y)
    return leaf((premise,), total(lambda t: t + x) == total(lambda t: t + y))


@refused_by(LeafRefused)
def name_variables_like_the_scripts_own_names() -> object:
    names = ("premise!0", "premise!1", "shared!2", "shared!9", "shared!10", "abs", "pi", "let")
    long = sum((variable(v, REAL) for v in names), start=number(0, REAL))
    return leaf((kernel.assume(long * long <= long),), long * long == long)


@refused_by(IllFormed)
def break_out_of_a_quoted_name() -> object:
    return variable("x| () Real) (assert false) (declare-fun |y", REAL)


@refused_by(IllFormed)
def end_the_script_inside_a_name() -> object:
    return variable("x\0", REAL)


@refused_by(IllFormed)
def name_a_variable_like_a_number() -> object:
    return variable("0", REAL)


@refused_by(IllFormed)
def name_a_variable_like_a_truth_value() -> object:
    return variable("true", REAL)


# Names, axioms, stores of verdicts, z3 expressions.


@refused_by(errors.NotClosed)
def name_a_result_with_a_hypothesis() -> object:
    return kernel.named("false", kernel.assume(FALSE))


@refused_by(errors.NotClosed)
def name_a_result_with_a_free_variable() -> object:
    return kernel.named("open", leaf((), x == x))


@refused_by(errors.NotClosed)
def state_an_open_axiom() -> object:
    return kernel.axiom("open", x == 0)


@refused_by(errors.NotPrintable)
def name_a_result_like_a_path() -> object:
    return kernel.named("../other", truth())


class Impostor:
    """What looks like a theorem of false."""

    hypotheses, conclusion, rule = (), FALSE, "leaf"
    premises, parameters = (), ()


@refused_by(errors.ForgedTheorem)
def close_a_leaf_by_an_impostor() -> object:
    return kernel.leaf([Impostor()], x > x, ((), 0))  # type: ignore[list-item]


@refused_by(errors.ForgedTheorem)
def assume_a_leaf_from_an_impostor() -> object:
    return kernel.oracle([Impostor()], x > x)  # type: ignore[list-item]


@refused_by(errors.BadCertificate)
def close_a_false_leaf_at_once() -> object:
    return kernel.leaf((), FALSE, ((), 0))


@refused_by(errors.BadCertificate)
def certify_by_an_object_that_says_yes() -> object:
    class Yes(tuple[object, ...]):
        def __iter__(self) -> Any:
            return iter(((), 0))

    return kernel.leaf((), FALSE, Yes())


@refused_by(errors.BadCertificate)
def add_facts_with_a_negative_factor() -> object:
    fact = kernel.assume(x <= 0)
    return kernel.leaf((fact,), FALSE, ((), ("sign", 0, 3, ("sum", ((-1, (0,), ()),)), 4, 0)))


@refused_by(errors.BadCertificate)
def write_a_number_with_an_exponent() -> object:
    return kernel.leaf((), FALSE, (((("1e9", 0),),), 0))


@refused_by(errors.BadCertificate)
def leave_out_a_sign() -> object:
    return kernel.leaf((), x <= 0, ((), ("sign", 0, 3, 0)))


@refused_by(IllFormed)
def change_the_arguments_of_a_term_afterwards() -> object:
    parts = [TRUE, FALSE, TRUE, x == 0, FALSE]
    return make("and", parts, None, BOOL)  # type: ignore[arg-type]


@refused_by(IllFormed)
def end_the_solvers_script_by_a_name() -> object:
    return make("variable", (), "x| () Real) (assert false)\0", REAL)


@refused_by(IllFormed)
def put_an_object_of_ones_own_into_a_term() -> object:
    class Fake:
        sort, operator, data, arguments = BOOL, "true", None, ()
        free = symbols = dangling = frozenset[Any]()
        binds, canonical = False, TRUE

    return make("not", (Fake(),), None, BOOL)  # type: ignore[arg-type]


@refused_by(IllFormed)
def bind_a_name_that_is_none() -> object:
    return make("exists", (TRUE,), (("x) (assert false",), (REAL,)), BOOL)


@refused_by(IllFormed)
def pass_a_subclass_of_sort() -> object:
    class Mine(Sort):
        pass

    return make("variable", (), "of_another_sort", Mine("Int"))


@refused_by(IllFormed)
def use_a_bound_variable_at_another_sort() -> object:
    body = compare("<=", bound(0, REAL), number(0, REAL))
    return make("forall", (body,), (("n",), (INT,)), BOOL)


@refused_by(IllFormed)
def pass_a_subclass_of_fraction() -> object:
    class Mine(Fraction):
        pass

    return make("number", (), Mine(31415, 27182), REAL)


@refused_by(IllFormed)
def pass_a_sort_off_as_the_integers() -> object:
    impostor = z3.DeclareSort("Int")
    return from_z3(z3.Const("a", impostor) == z3.Const("b", impostor))


@refused_by(IllFormed)
def join_two_declarations_of_one_name() -> object:
    return from_z3(z3.Const(3, z3.IntSort()) == z3.Int("k!3"))


@refused_by(IllFormed)
def pass_a_truth_value_variable() -> object:
    return from_z3(z3.Bool("p"))


@refused_by(IllFormed)
def pass_an_array() -> object:
    return from_z3(z3.K(z3.IntSort(), z3.IntVal(0))[z3.Int("n")] == 0)


@refused_by(DivisionByZero)
def divide_by_zero_in_z3() -> object:
    return from_z3(z3.Real("x") / 0 == 1)


@refused_by(NotAPositiveModulus)
def take_a_remainder_by_minus_two_in_z3() -> object:
    return from_z3(z3.Int("n") % -2 == 1)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_refused(attack: Attack) -> None:
    with pytest.raises(attack.refused_by) as caught:
        attack.attempt()
    assert str(caught.value).strip(), "a refusal says what it refuses"


def test_refused_without_assertions() -> None:
    done = subprocess.run(
        [sys.executable, "-O", __file__], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.split() == [str(len(ATTACKS)), "refused,", "assertions", "off"]


def survivors() -> list[str]:
    """Attacks that are not refused, or by another error."""
    found = []
    for attack in ATTACKS:
        try:
            found.append(f"{attack.name} gave {attack.attempt()}")
        except attack.refused_by:
            continue
        except VerifierError as error:
            found.append(f"{attack.name} met {type(error).__name__}")
    return found


if __name__ == "__main__":
    alive = survivors()
    print("\n".join(alive) or f"{len(ATTACKS)} refused, assertions {'on' if __debug__ else 'off'}")
    sys.exit(bool(alive))
