"""Proofs: a forward language over the kernel's rules.

A proof works in a scope: what is given, supposed or obtained there is taken back when the scope
ends, so that the theorem that leaves it is closed.  The language is untrusted; each of its words
only calls rules of the kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from verifier import kernel
from verifier.kernel import LeafRefused, Refused, Theorem
from verifier.logic import (
    INT,
    AnySort,
    Symbol,
    Term,
    forall,
    implies,
    negation,
    number,
    opened,
    same,
    substitute,
    variable,
)
from verifier.logic.substitution import replace
from verifier.logic.terms import argument_of
from verifier.proving.counterexample import find_counterexample
from verifier.proving.errors import ProofFailed, StepFailed
from verifier.proving.language import Defined, sort_of

# A fact is a theorem, or several.
Fact = Theorem | Sequence["Fact"]


def flat(facts: Sequence[Fact] | Fact) -> list[Theorem]:
    """Theorems of nested facts, each once, in order."""
    if isinstance(facts, Theorem):
        return [facts]
    return list(dict.fromkeys(theorem for fact in facts for theorem in flat(fact)))


@dataclass
class _Scope:
    """What has to be taken back when a part of a proof ends: newest last."""

    closers: list[Callable[[Theorem], Theorem]] = field(default_factory=list)


class Proof:
    """The proof of one result.

    Attributes
    ----------
    name:
        The result's name.
    parameters:
        The variables the result is about, in the order of its outer quantifiers.
    hypotheses:
        What was given, in order.
    needed:
        The hypotheses the proof used, once it is closed.
    """

    def __init__(self, name: str, parameters: tuple[Term, ...] = ()) -> None:
        self.name, self.parameters = name, parameters
        self.hypotheses: list[Term] = []
        self.needed: tuple[Term, ...] = ()
        self._goal: Term | None = None
        self._scopes: list[_Scope] = [_Scope()]
        self._path: list[str] = []
        self._names: set[str] = {str(p.data) for p in parameters}

    # The statement.

    def given(self, *formulas: Term) -> Any:
        """State hypotheses; gives the facts they are, one or a tuple."""
        self.hypotheses.extend(formulas)
        facts = tuple(kernel.assume(f) for f in formulas)
        return facts[0] if len(facts) == 1 else facts

    def show(self, goal: Term) -> None:
        """State what is to be shown."""
        if self._goal is not None:
            raise ProofFailed("a result has one goal", self.name)
        self._goal = goal

    @property
    def goal(self) -> Term:
        """What is to be shown."""
        if self._goal is None:
            raise ProofFailed("the statement has no goal yet: call show first", self.name)
        return self._goal

    @property
    def statement(self) -> Term:
        """The whole statement, closed."""
        whole = self.goal
        for hypothesis in reversed(self.hypotheses):
            whole = implies(hypothesis, whole)
        return forall(*self.parameters, whole)

    def close(self, theorem: Theorem) -> Theorem:
        """The statement as a theorem, from a theorem of its goal."""
        closed = self._end(self._reach(self.goal, theorem), self._scopes[0])
        self.needed = closed.hypotheses
        for hypothesis in reversed(self.hypotheses):
            closed = kernel.discharge(closed, hypothesis)
        for parameter in reversed(self.parameters):
            closed = kernel.generalise(closed, parameter)
        return closed

    @property
    def stated(self) -> bool:
        """Whether the goal is stated."""
        return self._goal is not None

    # Steps.

    def have(self, claim: Term, *facts: Fact, name: str = "") -> Theorem:
        """A quantifier-free consequence of the facts, by the solver.

        Raises
        ------
        StepFailed
            With values that break the claim, if there are some.
        """
        theorems = flat(facts)
        for theorem in theorems:
            if same(theorem.conclusion, claim):
                return theorem
        with self.step(name):
            try:
                return kernel.leaf(tuple(theorems), claim)
            except LeafRefused as refusal:
                broken = find_counterexample(refusal)
                raise StepFailed(refusal, broken, self.name, tuple(self._path)) from None

    def chain(self, start: Term, *links: tuple[str, Term, Fact]) -> Theorem:
        """A calculation: start = a ≤ b < c …, each link from its own facts.

        Parameters
        ----------
        links:
            ``("=", "<=" or "<", next term, facts)`` in order.  The result joins the first term
            and the last, strictly if some link is strict.

        Raises
        ------
        StepFailed
            Naming the link that does not follow.
        """
        relations: dict[str, Callable[[Term, Term], Term]] = {
            "=": lambda a, b: a == b,
            "<=": lambda a, b: a <= b,
            "<": lambda a, b: a < b,
        }
        here, steps = start, []
        for number_, (relation, after, facts) in enumerate(links, 1):
            if relation not in relations:
                known = ", ".join(relations)
                raise ProofFailed(f"a chain is made of {known}, not {relation!r}", self.name)
            claim = relations[relation](here, after)
            steps.append(self.have(claim, facts, name=f"link {number_} of the chain"))
            here = after
        used = {relation for relation, _, _ in links}
        whole = "<" if "<" in used else "<=" if "<=" in used else "="
        return self.have(relations[whole](start, here), steps)

    def at(self, theorem: Theorem, *values: Any) -> Theorem:
        """A universal theorem at given values; numbers and Python functions are read."""
        for value in values:
            theorem = kernel.instantiate(theorem, self._fit(theorem.conclusion, value))
        return theorem

    def apply(self, theorem: Theorem, *values: Any, given: Sequence[Fact] = ()) -> Theorem:
        """A theorem at given values, with its premises proved from facts, one fact a premise."""
        theorem = self.at(theorem, *values)
        for fact in given:
            if theorem.conclusion.operator != "=>":
                raise ProofFailed(
                    f"no premise left in {theorem.conclusion}", self.name, tuple(self._path)
                )
            premise = theorem.conclusion.arguments[0]
            theorem = kernel.modus_ponens(theorem, self.have(premise, fact))
        return theorem

    def parts(self, theorem: Theorem) -> list[Theorem]:
        """The parts of a conjunction, nested ones too; of anything else, itself."""
        if theorem.conclusion.operator != "and":
            return [theorem]
        count = len(theorem.conclusion.arguments)
        return [p for i in range(count) for p in self.parts(kernel.conjunct(theorem, i))]

    def unfold(self, theorem: Theorem) -> Theorem:
        """A theorem about a defined predicate, with the predicate replaced by its meaning."""
        return kernel.transport(self.meaning(theorem.conclusion), theorem)

    def fold(self, claim: Term, theorem: Theorem) -> Theorem:
        """A theorem of a predicate's meaning, as one of the predicate ``claim``."""
        return kernel.transport(self.meaning(claim), theorem)

    def meaning(self, term: Term) -> Theorem:
        """The defining equation of a defined term at its arguments; of a recursion, at 0."""
        if term.operator != "symbol":
            raise ProofFailed(f"not a defined term: {term}", self.name, tuple(self._path))
        position = kernel.DEFINED[term.data.name].position
        values = [a for i, a in enumerate(term.arguments) if i != position]
        return self.at(kernel.definition(term.data)[0], *values)

    def successor(self, term: Term, natural: Fact) -> Theorem:
        """The defining equation of ``f(…, n + 1, …)``, from a fact that gives ``0 ≤ n``."""
        symbol = term.data
        position = kernel.DEFINED[symbol.name].position
        if position is None or term.arguments[position].operator != "+":
            raise ProofFailed(f"not a recursion at n + 1: {term}", self.name, tuple(self._path))
        predecessor = term.arguments[position].arguments[0]
        values = [predecessor if i == position else a for i, a in enumerate(term.arguments)]
        return self.apply(kernel.definition(symbol)[1], *values, given=[natural])

    def meanings(self, symbol: Defined | Symbol, *points: Term) -> list[Theorem]:
        """The defining equation of a function of one number at each point."""
        plain = symbol.symbol if isinstance(symbol, Defined) else symbol
        (equation,) = kernel.definition(plain)
        return [self.at(equation, point) for point in points]

    def obtain(self, existence: Theorem, *names: str) -> tuple[Any, ...]:
        """Witnesses of an existential theorem, and the fact about them, last.

        Parameters
        ----------
        names:
            One name for each quantifier to open.
        """
        witnesses = []
        for name in names:
            claim = existence.conclusion
            if claim.operator != "exists":
                raise ProofFailed(f"not existential: {claim}", self.name, tuple(self._path))
            witness = self.fresh(name, claim.data[1][0])
            witnesses.append(witness)
            source = existence
            existence = kernel.assume(opened(claim, witness))
            self._scopes[-1].closers.append(
                lambda theorem, source=source, witness=witness: kernel.obtain(  # type: ignore[misc]
                    source, theorem, witness
                )
            )
        return (*witnesses, existence)

    def exhibit(self, claim: Term, *witnesses: Any, fact: Theorem) -> Theorem:
        """An existential claim from a fact about given witnesses."""
        levels, terms = [claim], []
        for witness in witnesses:
            term = self._fit(levels[-1], witness)
            terms.append(term)
            levels.append(opened(levels[-1], term))
        for level, term in zip(reversed(levels[:-1]), reversed(terms), strict=True):
            fact = kernel.exhibit(fact, level, term)
        return fact

    def rewrite(self, theorem: Theorem, equation: Theorem) -> Theorem:
        """A theorem with the left side of an equation replaced by the right, everywhere."""
        left = equation.conclusion.arguments[0]
        z = self.fresh("z", left.sort)
        template = replace(theorem.conclusion, left, z)
        return kernel.rewrite(equation, theorem, template, z)

    def equal_values(self, term: Callable[[Term], Term], equation: Theorem) -> Theorem:
        """``term(s) = term(t)`` from ``s = t``."""
        left = equation.conclusion.arguments[0]
        z = self.fresh("z", left.sort)
        reflexive = self.have(term(left) == term(left))
        return kernel.rewrite(equation, reflexive, term(left) == term(z), z)

    def cases(
        self,
        condition: Term,
        when: Callable[[Theorem], Theorem],
        otherwise: Callable[[Theorem], Theorem],
    ) -> Theorem:
        """One conclusion, proved where a comparison holds and where it does not."""
        one = self._within(lambda: when(kernel.assume(condition)), f"case {condition}")
        other = self._within(
            lambda: otherwise(kernel.assume(negation(condition))), f"case not {condition}"
        )
        if not same(one.conclusion, other.conclusion):
            other = self.have(one.conclusion, other)
        return kernel.cases(condition, one, other)

    def induction(
        self,
        variable_name: str,
        claim: Callable[[Term], Term],
        base: Callable[[], Theorem],
        step: Callable[[Term, Theorem, Theorem], Theorem],
    ) -> Theorem:
        """``∀n ≥ 0. claim(n)``.

        Parameters
        ----------
        claim:
            Of an integer term, the property.
        base:
            Proves ``claim(0)``.
        step:
            Of ``n``, the fact ``0 ≤ n`` and the induction hypothesis ``claim(n)``, proves
            ``claim(n + 1)``.
        """
        n = self.fresh(variable_name, INT)
        natural, hypothesis = number(0, INT) <= n, claim(n)
        at_zero, above = substitute(hypothesis, {n: number(0, INT)}), n + 1
        proved_base = self._within(
            lambda: self._reach(at_zero, base()), f"base {variable_name} = 0"
        )
        next_claim = substitute(hypothesis, {n: above})
        proved_step = self._within(
            lambda: self._reach(
                next_claim, step(n, kernel.assume(natural), kernel.assume(hypothesis))
            ),
            f"step to {variable_name} + 1",
        )
        proved_step = kernel.discharge(kernel.discharge(proved_step, hypothesis), natural)
        whole = forall(n, implies(natural, hypothesis))
        return kernel.induction(whole, proved_base, kernel.generalise(proved_step, n))

    def by_induction(
        self,
        n: Term,
        natural: Fact,
        claim: Callable[[Term], Term],
        base: Callable[[], Theorem],
        step: Callable[[Term, Theorem, Theorem], Theorem],
    ) -> Theorem:
        """``claim(n)`` for a given n, from facts that give ``0 ≤ n``; see :meth:`induction`."""
        name = str(n.data) if n.operator == "variable" else "n"
        return self.apply(self.induction(name, claim, base, step), n, given=[natural])

    def for_all(
        self, names: str, sort: Any, prove: Callable[..., Theorem], name: str = ""
    ) -> Theorem:
        """A universal theorem, proved at fresh variables of one sort."""
        return self.for_all_sorted([(n, sort) for n in names.split()], prove, name)

    def for_all_sorted(
        self, binders: Sequence[tuple[str, Any]], prove: Callable[..., Theorem], name: str = ""
    ) -> Theorem:
        """A universal theorem, proved at fresh variables of given names and sorts."""
        fresh = [self.fresh(n, sort_of(sort, n)) for n, sort in binders]
        theorem = self._within(lambda: prove(*fresh), name)
        for v in reversed(fresh):
            theorem = kernel.generalise(theorem, v)
        return theorem

    def suppose(
        self, formula: Term, prove: Callable[[Theorem], Theorem], name: str = ""
    ) -> Theorem:
        """An implication, its conclusion proved from its premise."""
        theorem = self._within(lambda: prove(kernel.assume(formula)), name)
        return kernel.discharge(theorem, formula)

    def both(self, *facts: Fact) -> Theorem:
        """The conjunction of facts."""
        theorems = flat(facts)
        return theorems[0] if len(theorems) == 1 else kernel.conjoin(*theorems)

    def quotient(self, numerator: Term, denominator: Term, nonzero: Fact) -> Theorem:
        """``numerator / denominator · denominator = numerator``, from facts that give ``≠ 0``."""
        return self.apply(kernel.quotient(), numerator, denominator, given=[nonzero])

    def fresh(self, name: str, sort: AnySort) -> Term:
        """A variable whose name this proof has not used."""
        wanted, i = name, 1
        while wanted in self._names:
            wanted, i = f"{name}_{i}", i + 1
        self._names.add(wanted)
        return variable(wanted, sort)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Name what happens inside, for messages."""
        if name:
            self._path.append(name)
        try:
            yield
        except Refused as refusal:
            raise ProofFailed(str(refusal), self.name, tuple(self._path)) from refusal
        finally:
            if name:
                self._path.pop()

    def _reach(self, claim: Term, theorem: Theorem) -> Theorem:
        return theorem if same(theorem.conclusion, claim) else self.have(claim, theorem)

    def _within(self, prove: Callable[[], Theorem], name: str) -> Theorem:
        scope = _Scope()
        self._scopes.append(scope)
        try:
            with self.step(name):
                return self._end(prove(), scope)
        finally:
            self._scopes.pop()

    @staticmethod
    def _end(theorem: Theorem, scope: _Scope) -> Theorem:
        while scope.closers:
            theorem = scope.closers.pop()(theorem)
        return theorem

    def _fit(self, quantified: Term, value: Any) -> Term:
        if quantified.operator not in ("forall", "exists"):
            raise ProofFailed(
                f"nothing to instantiate in {quantified}", self.name, tuple(self._path)
            )
        return argument_of(value, quantified.data[1][0], self.name)
