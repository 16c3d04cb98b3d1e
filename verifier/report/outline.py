"""A derivation as a proof one can read: the kernel's bookkeeping steps folded into words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from verifier.kernel import Theorem
from verifier.logic import Term, negation
from verifier.notation import text


@dataclass(frozen=True)
class Line:
    """One line of an outline, ``depth`` levels in."""

    depth: int
    text: str

    def __str__(self) -> str:
        return f"{'  ' * self.depth}{self.text}"


def outline(theorem: Theorem) -> list[Line]:
    """The proof of a named result, its statement's quantifiers and hypotheses first.

    Facts decided by the solver are numbered; what they follow from is named: hypotheses,
    definitions, cited results and earlier facts.

    Examples
    --------
    >>> from proofs.sawtooth import identity_sawtooth
    >>> for line in outline(identity_sawtooth.fact)[3:]:
    ...     print(line)
    (4) x = 1·x + 0
    take label := x ↦ 1, slope := x ↦ 1, intercept := x ↦ 0
    the claim, by (1), (2), (3), (4)
    """
    return _Reader().read(theorem)


@dataclass
class _Reader:
    lines: list[Line] = field(default_factory=list)
    depth: int = 0
    facts: int = 0
    # How a step is cited once it is told, and what a hypothesis is called.
    cited: dict[Theorem, str] = field(default_factory=dict)
    called: dict[Term, str] = field(default_factory=dict)

    def read(self, theorem: Theorem) -> list[Line]:
        (step,) = theorem.premises if theorem.rule == "named" else (theorem,)
        variables: list[str] = []
        while step.rule == "generalise":
            variables.append(text(step.parameters[0]))
            (step,) = step.premises
        if variables:
            self.say(f"for all {', '.join(variables)}")
        given: list[Term] = []
        while step.rule == "discharge":
            given.append(step.parameters[0])
            (step,) = step.premises
        for i, hypothesis in enumerate(given, 1):
            name = "the hypothesis" if len(given) == 1 else f"hypothesis {i}"
            self.called[hypothesis.canonical] = name
            self.say(f"given {i if len(given) > 1 else ''}".strip() + f": {text(hypothesis)}")
        reason = self.visit(step)
        if not _is_number(reason):
            self.say(f"the claim, by {reason}")
        return self.lines

    def say(self, line: str) -> None:
        self.lines.append(Line(self.depth, line))

    def inside(self, step: Theorem) -> str:
        self.depth += 1
        reason = self.visit(step)
        if not _is_number(reason):
            self.say(f"{text(step.conclusion)}   by {reason}")
        self.depth -= 1
        return reason

    def visit(self, step: Theorem) -> str:
        """Tell how a step is proved, if it needs telling; gives how to cite it."""
        if step not in self.cited:
            tell: Callable[[_Reader, Theorem], str] = TELLERS[step.rule]
            self.cited[step] = tell(self, step)
        return self.cited[step]

    def number(self, step: Theorem, reasons: list[str]) -> str:
        self.facts += 1
        known = list(dict.fromkeys(r for r in reasons if r))
        because = f"   by {', '.join(known)}" if known else ""
        self.say(f"({self.facts}) {text(step.conclusion)}{because}")
        return f"({self.facts})"

    def leaf(self, step: Theorem) -> str:
        if _is_reflexive(step.conclusion):
            return ""
        return self.number(step, [self.visit(p) for p in step.premises])

    def assume(self, step: Theorem) -> str:
        return self.called.get(step.conclusion.canonical, text(step.conclusion))

    def through(self, step: Theorem) -> str:
        return _joined([self.visit(p) for p in step.premises])

    def instantiate(self, step: Theorem) -> str:
        values: list[Term] = []
        head = step
        while head.rule == "instantiate":
            values.insert(0, head.parameters[0])
            (head,) = head.premises
        reason = self.visit(head)
        if head.rule == "definition":
            return reason
        return f"{reason} at {', '.join(map(text, values))}"

    def modus_ponens(self, step: Theorem) -> str:
        premises: list[Theorem] = []
        head = step
        while head.rule == "modus_ponens":
            head, premise = head.premises
            premises.insert(0, premise)
        before = [self.visit(p) for p in premises]
        reason = self.visit(head)
        facts = _joined(before)
        return f"{reason} with {facts}" if facts else reason

    def definition(self, step: Theorem) -> str:
        return f"the definition of {step.parameters[0].name}"

    def named(self, step: Theorem) -> str:
        return str(step.parameters[0])

    def axiom(self, step: Theorem) -> str:
        return f"the axiom {step.parameters[0]}"

    def quotient(self, _: Theorem) -> str:
        return "division by what is not zero"

    def transport(self, step: Theorem) -> str:
        equation, theorem = step.premises
        while equation.rule in ("instantiate", "conjunct"):
            (equation,) = equation.premises
        if equation.rule == "definition":
            return self.visit(theorem)
        return _joined([self.visit(equation), self.visit(theorem)])

    def rewrite(self, step: Theorem) -> str:
        equation, theorem = step.premises
        return _joined([self.visit(theorem), self.visit(equation)])

    def discharge(self, step: Theorem) -> str:
        assumed, (premise,) = step.parameters[0], step.premises
        self.say(f"suppose {text(assumed)}")
        self.called.setdefault(assumed.canonical, "the supposition")
        self.inside(premise)
        self.facts += 1
        self.say(f"({self.facts}) so the one implies the other")
        return f"({self.facts})"

    def obtain(self, step: Theorem) -> str:
        witnesses: list[str] = []
        reason = self.visit(step.premises[0])
        choice = f"the choice of {text(step.parameters[0])}"
        head = step
        while head.rule == "obtain" and (not witnesses or self.visit(head.premises[0]) == choice):
            witness, head = head.parameters[0], head.premises[1]
            witnesses.append(text(witness))
            for hypothesis in head.hypotheses:
                if witness in hypothesis.free:
                    self.called.setdefault(hypothesis.canonical, choice)
        self.say(f"obtain {', '.join(witnesses)} from {reason}")
        return self.visit(head)

    def exhibit(self, step: Theorem) -> str:
        values: list[str] = []
        head = step
        while head.rule == "exhibit":
            claim, witness = head.parameters
            values.append(f"{claim.data[0][0]} := {text(witness, witness.sort)}")
            (head,) = head.premises
        reason = self.visit(head)
        self.say(f"take {', '.join(values)}")
        return reason

    def generalise(self, step: Theorem) -> str:
        return self.visit(step.premises[0])

    def cases(self, step: Theorem) -> str:
        split, (when, otherwise) = step.parameters[0], step.premises
        for condition, part in ((split, when), (negation(split), otherwise)):
            self.say(f"case {text(condition)}")
            self.called[condition.canonical] = "the case"
            self.inside(part)
        self.facts += 1
        self.say(f"({self.facts}) so it holds in both cases")
        return f"({self.facts})"

    def induction(self, step: Theorem) -> str:
        claim, (base, rise) = step.parameters[0], step.premises
        name = claim.data[0][0]
        self.say(f"induction on {name}: {text(step.conclusion)}")
        self.depth += 1
        self.say(f"base {name} = 0")
        self.inside(base)
        inner = rise
        variable = name
        if inner.rule == "generalise":
            variable = text(inner.parameters[0])
            (inner,) = inner.premises
        self.say(f"step from {variable} to {variable} + 1")
        for called in (f"0 ≤ {variable}", "the induction hypothesis"):
            if inner.rule == "discharge":
                self.called[inner.parameters[0].canonical] = called
                (inner,) = inner.premises
        self.inside(inner)
        self.depth -= 1
        self.facts += 1
        self.say(f"({self.facts}) so it holds for every {name} ≥ 0")
        return f"({self.facts})"


TELLERS: Final[dict[str, Any]] = {
    "assume": _Reader.assume,
    "axiom": _Reader.axiom,
    "cases": _Reader.cases,
    "conjoin": _Reader.through,
    "conjunct": _Reader.through,
    "definition": _Reader.definition,
    "discharge": _Reader.discharge,
    "exhibit": _Reader.exhibit,
    "generalise": _Reader.generalise,
    "induction": _Reader.induction,
    "instantiate": _Reader.instantiate,
    "leaf": _Reader.leaf,
    "modus_ponens": _Reader.modus_ponens,
    "named": _Reader.named,
    "obtain": _Reader.obtain,
    "quotient": _Reader.quotient,
    "rewrite": _Reader.rewrite,
    "transport": _Reader.transport,
}


def _joined(reasons: list[str]) -> str:
    return ", ".join(dict.fromkeys(r for r in reasons if r))


def _is_number(reason: str) -> bool:
    return reason.startswith("(") and reason.endswith(")") and reason[1:-1].isdigit()


def _is_reflexive(formula: Term) -> bool:
    if formula.operator != "=":
        return False
    left, right = formula.arguments
    return left.canonical is right.canonical
