"""What reaches a solver, and what a derivation is made of, over the whole library."""

from __future__ import annotations

import re

import pytest

from verifier.kernel import Theorem, genuine
from verifier.library.derivations import PARAMETERS, assumptions, walk
from verifier.logic import INT, REAL, Term, forall, negation, variable
from verifier.proving import Result
from verifier.solving.smt import INTERPRETED, Script, script

RULES = {
    "assume", "discharge", "modus_ponens", "conjoin", "conjunct", "generalise", "instantiate",
    "exhibit", "obtain", "cases", "induction", "rewrite", "transport", "quotient", "definition",
    "leaf", "named",
}  # fmt: skip
SORTS = {"Int", "Real", "Bool"}
COMMANDS = {"declare-fun", "declare-const", "define-fun", "assert"}
CONSTANTS = {"true", "false"}

NAMES = {
    "sawtooth-affine", "sawtooth-weaken", "sawtooth-scale", "sawtooth-sum-sharp", "sawtooth-sum",
    "sawtooth-compose", "sawtooth-sum-finite", "relu-sawtooth", "abs-sawtooth",
    "leaky-relu-sawtooth", "step-sawtooth", "hard-tanh-sawtooth", "identity-sawtooth",
    "sawtooth-sum-tight", "sawtooth-compose-tight",
    "layer-step", "network-pieces-sharp", "network-pieces", "unit-pieces",
    "runs-general", "errors-alternating", "rate-sharp", "rate",
    "tent-closed-form", "iterate-grid", "iterate-closed-form", "iterate-self-similar",
    "exact-representation", "exact-representation-recurrent", "exact-representation-merged",
    "iterate-pieces-lower", "iterate-pieces-line",
    "telgarsky-1.2", "telgarsky-1.1", "depth-separation-sharp", "exact-width-lower",
    "parameter-gap",
}  # fmt: skip

Expression = str | list["Expression"]


def read(source: str) -> list[Expression]:
    """S-expressions; quoted names keep their bars."""
    stack: list[list[Expression]] = [[]]
    for token in re.findall(r"\|[^|]*\||[()]|[^\s()|]+", source):
        if token == "(":
            stack.append([])
        elif token == ")":
            closed = stack.pop()
            stack[-1].append(closed)
        else:
            stack[-1].append(token)
    assert len(stack) == 1
    return stack[0]


def atoms(expression: Expression) -> set[str]:
    """The words of an expression."""
    if isinstance(expression, str):
        return {expression}
    return {word for part in expression for word in atoms(part)}


def check(obligation: Script) -> None:
    """Every word is declared, a number, or of the quantifier-free language; nothing else."""
    known = INTERPRETED | CONSTANTS
    for command in read(obligation.text):
        assert isinstance(command, list)
        assert command[0] in COMMANDS
        if command[0] == "assert":
            (body,) = command[1:]
        else:
            name, *signature = command[1:]
            assert isinstance(name, str)
            body = signature.pop() if command[0] == "define-fun" else []
            if command[0] == "define-fun":
                # A definition without parameters abbreviates; one with parameters would bind.
                assert signature[0] == []
            assert atoms(signature) <= SORTS
            known = known | {name}
        for word in atoms(body):
            assert word in known or re.fullmatch(r"[0-9]+(\.[0-9]+)?", word), word


def leaves(result: Result) -> list[Theorem]:
    theorem = result.run().theorem
    assert theorem is not None
    return [step for step in walk(theorem) if step.rule == "leaf"]


def obligation(leaf: Theorem) -> tuple[list[Term], Term]:
    return [p.conclusion for p in leaf.premises], leaf.conclusion


def test_no_quantifier_and_no_function_reaches_the_solver(library: dict[str, Result]) -> None:
    found = 0
    for result in library.values():
        for leaf in leaves(result):
            check(script(*obligation(leaf)))
            found += 1
    assert found > 400


def test_every_premise_of_a_leaf_is_recorded(library: dict[str, Result]) -> None:
    """The premises a leaf records are theorems of the same derivation, its hypotheses theirs."""
    for result in library.values():
        theorem = result.run().theorem
        assert theorem is not None
        seen: set[Theorem] = set()
        for step in walk(theorem):
            genuine(step)
            if step.rule == "leaf":
                assert set(step.premises) <= seen
                assert step.parameters[0] is step.conclusion
                hypotheses = {h.canonical for p in step.premises for h in p.hypotheses}
                assert {h.canonical for h in step.hypotheses} == hypotheses
                assert len(script(*obligation(step)).premises) == len(step.premises)
            seen.add(step)


def test_the_rules_are_a_closed_set(library: dict[str, Result]) -> None:
    assert set(PARAMETERS) == RULES | {"axiom", "oracle"}
    used = {
        step.rule for r in library.values() for step in walk(r.run().theorem, through_names=True)
    }
    assert used == RULES


def test_every_name_is_proved_from_nothing(library: dict[str, Result]) -> None:
    assert set(library) >= NAMES
    for result in library.values():
        theorem = result.run().theorem
        assert theorem is not None
        assert theorem.hypotheses == ()
        assert not theorem.conclusion.free
        assert assumptions(theorem) == []


# The checks above can fail.


def test_a_quantifier_becomes_a_name() -> None:
    n = variable("n", INT)
    inside = script([forall(n, n <= n)], n <= n)
    check(inside)
    assert "n <= n" not in inside.text
    assert [atom.term.operator for atom in inside.atoms.values() if not atom.domain][:1] == [
        "forall"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "(assert (forall ((x Int)) (<= x x)))",
        "(assert (exists ((x Int)) (<= x 0)))",
        "(assert (let ((a true)) a))",
        "(define-fun f ((x Int)) Int x)",
        "(declare-fun |a| () (Array Int Int))",
        "(assert |undeclared|)",
        "(check-sat)",
        "(assert (lambda ((x Int)) x))",
    ],
)
def test_what_a_script_may_not_hold_is_found(text: str) -> None:
    with pytest.raises(AssertionError):
        check(Script(text, (), {}))


def test_what_a_script_may_hold_is_not() -> None:
    x = variable("x", REAL)
    check(script([x <= 1, negation(x * x == 2)], x / 2 <= 1))
