"""Proofs: a forward language over the kernel's rules.

A proof works in a scope: what is given, supposed or obtained there is taken back when the scope
ends, so that the theorem that leaves it is closed.  The language is untrusted; each of its words
only calls rules of the kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from inspect import Parameter, signature
from typing import Any

from verifier import kernel
from verifier.kernel import Refused, Theorem
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
from verifier.proving.inferring import inferred
from verifier.proving.language import Defined, hold, holding, parameters_of, sort_of
from verifier.proving.leaves import leaf
from verifier.proving.unrolling import index_of, recursions, unroll
from verifier.solving.solver import LeafRefused


@dataclass(frozen=True)
class Local:
    """A lemma of one proof: proved once, and called to be cited.

    Attributes
    ----------
    fact:
        The lemma, universal in its parameters.
    """

    proof: Proof
    fact: Theorem

    def __call__(self, *values: Any, given: Sequence[Premise] = (), **named: Any) -> Theorem:
        """The lemma at given values, its premises proved from facts, one fact a premise."""
        return self.proof.apply(self.fact, *values, given=given, **named)


# A fact is a theorem, or several.
Fact = Theorem | Local | Sequence["Fact"]
# What proves a formula: a fact, or for a universal one or an implication a function of its
# variables and premises that gives facts.
Premise = Fact | Callable[..., Fact]


def flat(facts: Sequence[Fact] | Fact) -> list[Theorem]:
    """Theorems of nested facts, each once, in order."""
    if isinstance(facts, Theorem):
        return [facts]
    if isinstance(facts, Local):
        return [facts.fact]
    if not isinstance(facts, Iterable):
        raise ProofFailed(f"a fact is wanted here, found {facts!r}: is a return missing?")
    return list(dict.fromkeys(theorem for fact in facts for theorem in flat(fact)))


def _called(function: Callable[..., Any], values: Sequence[Any]) -> Any:
    """A Python function at as many of the values as it takes."""
    places = signature(function).parameters.values()
    if any(p.kind is Parameter.VAR_POSITIONAL for p in places):
        return function(*values)
    wanted = [p for p in places if p.default is Parameter.empty]
    return function(*values[: len(wanted)])


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
        self._wanted: list[Term] = []
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
    def wanted(self) -> Term:
        """What is to be shown here: the innermost formula :meth:`prove` has opened, or the goal."""
        return self._wanted[-1] if self._wanted else self.goal

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
                return leaf(theorems, claim, self.name)
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

    def apply(
        self,
        theorem: Theorem,
        *values: Any,
        given: Sequence[Premise] = (),
        to: Term | None = None,
        most: int | None = None,
        **named: Any,
    ) -> Theorem:
        """A theorem at given values, with its premises proved from facts, one fact a premise.

        Values that are not given are read off: from ``to``, what the theorem is wanted to say;
        from those of the facts that say what a premise says; and from what is being proved.

        Parameters
        ----------
        values, named:
            Values for the outer universal variables, in order or by name.
        given:
            For each premise a fact, or a function of its variables and premises that gives facts.
        most:
            How many outer variables get a value; all of them, unless said.

        Raises
        ------
        ProofFailed
            If a value is neither given nor to be read off, or there are more facts than premises.
        """
        if given or named or to is not None or most is not None:
            known = [
                [] if callable(f) and not isinstance(f, Local) else [t.conclusion for t in flat(f)]
                for f in given
            ]
            values = tuple(
                inferred(theorem.conclusion, values, named, known, self._likely(to), most)
            )
        theorem = self.at(theorem, *values)
        for fact in given:
            if theorem.conclusion.operator != "=>":
                raise ProofFailed(
                    f"no premise left in {theorem.conclusion}", self.name, tuple(self._path)
                )
            premise = theorem.conclusion.arguments[0]
            theorem = kernel.modus_ponens(theorem, self.grant(premise, fact))
        return theorem

    def grant(self, claim: Term, premise: Premise) -> Theorem:
        """A claim from facts, or from a function of its variables and premises that gives facts."""
        if callable(premise) and not isinstance(premise, Local):
            return self.prove(claim, premise)
        return self.have(claim, premise)

    def prove(self, formula: Term, because: Callable[..., Fact], name: str = "") -> Theorem:
        """A formula, its universal variables and premises opened.

        A defined predicate is read as its meaning.

        Parameters
        ----------
        because:
            Of the variables and then the premises, as many as it takes: facts from which the
            rest follows.
        """
        if formula.operator == "symbol":
            return self.fold(formula, self.prove(self.says(formula), because, name))
        names: list[Term] = []
        premises: list[Theorem] = []
        layers: list[Term] = []
        rest = formula
        while rest.operator in ("forall", "=>"):
            if rest.operator == "forall":
                layers.append(self.fresh(rest.data[0][0], rest.data[1][0]))
                names.append(layers[-1])
                rest = opened(rest, layers[-1])
            else:
                layers.append(rest.arguments[0])
                premises.append(kernel.assume(rest.arguments[0]))
                rest = rest.arguments[1]

        def within() -> Theorem:
            facts = _called(because, [*names, *premises])
            if facts is None:
                raise ProofFailed(
                    "a step gave no facts: is a return missing?", self.name, tuple(self._path)
                )
            if isinstance(facts, Theorem) and same(facts.conclusion, rest):
                return facts
            return self.have(rest, facts, premises)

        with self._wanting(rest):
            theorem = self._within(within, name, names)
        for layer in reversed(layers):
            if layer.operator == "variable":
                theorem = kernel.generalise(theorem, layer)
            else:
                theorem = kernel.discharge(theorem, layer)
        return theorem

    def lemma(self, prove: Callable[..., Theorem]) -> Local:
        """Prove something once, for all values of annotated parameters; call it to cite it.

        Examples
        --------
        >>> from verifier.proving import Real, function, reals
        >>> p = Proof("doc")
        >>> @p.lemma
        ... def square(x: Real) -> Theorem:
        ...     return p.have(x * x >= 0)
        >>> square.fact
        ⊢ ∀ x:Real. 0 ≤ x·x
        """
        binders = [(str(v.data), v.sort) for v in parameters_of(prove)]
        fresh = [self.fresh(n, sort) for n, sort in binders]
        theorem = self._within(lambda: prove(*fresh), prove.__name__, fresh)
        for v in reversed(fresh):
            theorem = kernel.generalise(theorem, v)
        return Local(self, theorem)

    def parts(self, theorem: Theorem) -> list[Theorem]:
        """The parts of a conjunction, nested ones too; of anything else, itself."""
        if theorem.conclusion.operator != "and":
            return [theorem]
        count = len(theorem.conclusion.arguments)
        return [p for i in range(count) for p in self.parts(kernel.conjunct(theorem, i))]

    def unfold(self, theorem: Theorem, natural: Fact | None = None) -> Theorem:
        """A theorem about a defined predicate, with the predicate replaced by its meaning.

        A recursive one is unfolded at 0, or at n + 1 with facts that give ``0 ≤ n``.
        """
        return kernel.transport(self._equivalence(theorem.conclusion, natural), theorem)

    def fold(self, claim: Term, theorem: Theorem, natural: Fact | None = None) -> Theorem:
        """A theorem of a predicate's meaning, as one of the predicate ``claim``."""
        return kernel.transport(self._equivalence(claim, natural), theorem)

    def _equivalence(self, predicate: Term, natural: Fact | None) -> Theorem:
        return self.meaning(predicate) if natural is None else self.successor(predicate, natural)

    def says(self, predicate: Term, natural: Fact | None = None) -> Term:
        """What a defined predicate means, as a formula; see :meth:`unfold`."""
        return self._equivalence(predicate, natural).conclusion.arguments[1]

    def clauses(self, predicate: Term) -> tuple[Term, ...]:
        """The parts of what a defined predicate means, as formulas."""
        meaning = self.says(predicate)
        return meaning.arguments if meaning.operator == "and" else (meaning,)

    def open(self, theorem: Theorem) -> list[Theorem]:
        """The parts of what a theorem about a defined predicate says."""
        return self.parts(self.unfold(theorem))

    def meaning(self, term: Term) -> Theorem:
        """The defining equation of a defined term at its arguments; of a recursion, at 0."""
        if term.operator != "symbol":
            raise ProofFailed(f"not a defined term: {term}", self.name, tuple(self._path))
        position = kernel.DEFINED[term.data.name].position
        values = [a for i, a in enumerate(term.arguments) if i != position]
        return self.at(kernel.definition(term.data)[0], *values)

    def successor(self, term: Term, natural: Fact) -> Theorem:
        """The defining equation of a recursion one step up, from facts that give ``0 ≤ n``.

        Written ``f(…, n + 1, …)`` it is the equation itself; at any other index, a literal for
        instance, it is rewritten to that.
        """
        symbol = term.data
        position = kernel.DEFINED[symbol.name].position if term.operator == "symbol" else None
        if position is None:
            raise ProofFailed(f"not a recursion: {term}", self.name, tuple(self._path))
        index = term.arguments[position]
        one = number(1, INT)
        above = index.operator == "+" and index.arguments[1] is one
        literal = index.operator == "number"
        before = (
            index.arguments[0] if above else number(index.data - 1, INT) if literal else index - 1
        )
        values = [before if i == position else a for i, a in enumerate(term.arguments)]
        equation = self.apply(kernel.definition(symbol)[1], *values, given=[natural])
        if above:
            return equation
        # At the index alone: n + 1 may stand in the other arguments too.
        z = self.fresh("z", INT)
        left = symbol(*(z if i == position else a for i, a in enumerate(term.arguments)))
        template = left == equation.conclusion.arguments[1]
        return kernel.rewrite(self.have(before + 1 == index), equation, template, z)

    def unrolled(self, term: Term) -> Theorem:
        """``term = its value``, with recursions at literal indices unrolled, innermost first."""
        return unroll(self, term)

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
            hold(witness)
            source = existence
            existence = kernel.assume(opened(claim, witness))
            self._scopes[-1].closers.append(
                lambda theorem, source=source, witness=witness: kernel.obtain(  # type: ignore[misc]
                    source, theorem, witness
                )
            )
        return (*witnesses, existence)

    def exhibit(self, claim: Term, *witnesses: Any, fact: Premise) -> Theorem:
        """An existential claim from a fact about given witnesses.

        A defined predicate is read as its meaning, and the fact may be a function of the
        variables and premises of what is left, as in :meth:`prove`.
        """
        if claim.operator == "symbol":
            return self.fold(claim, self.exhibit(self.says(claim), *witnesses, fact=fact))
        levels, terms = [claim], []
        for witness in witnesses:
            term = self._fit(levels[-1], witness)
            terms.append(term)
            levels.append(opened(levels[-1], term))
        proved = self.grant(levels[-1], fact)
        for level, term in zip(reversed(levels[:-1]), reversed(terms), strict=True):
            proved = kernel.exhibit(proved, level, term)
        return proved

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
            [n],
        )
        proved_step = kernel.discharge(kernel.discharge(proved_step, hypothesis), natural)
        whole = forall(n, implies(natural, hypothesis))
        return kernel.induction(whole, proved_base, kernel.generalise(proved_step, n))

    def by_induction(
        self,
        n: Term,
        natural: Fact,
        claim: Callable[[Term], Term],
        base: Callable[[], Fact] = list,
        step: Callable[..., Fact] = lambda: [],
    ) -> Theorem:
        """``claim(n)`` for a given n, from facts that give ``0 ≤ n``.

        Parameters
        ----------
        base:
            Facts from which ``claim(0)`` follows.  The values at 0 of the recursions in it need
            no mention.
        step:
            Of n, the fact ``0 ≤ n``, the induction hypothesis ``claim(n)``, and then of the
            variables and premises of ``claim(n + 1)``: facts from which it follows.  The
            hypothesis, the premises and the recursions one step up need no mention.
        """
        name = str(n.data) if n.operator == "variable" else "n"
        return self.apply(
            self.induction(
                name,
                claim,
                lambda: self._level(claim(number(0, INT)), base, ()),
                lambda i, least, before: self._level(claim(i + 1), step, (i, least, before)),
            ),
            n,
            given=[natural],
        )

    def _level(self, claim: Term, because: Callable[..., Fact], known: tuple[Any, ...]) -> Theorem:
        """The base or the step of an induction, its recursions unrolled."""
        whole: Fact | None = None
        if len(signature(because).parameters) <= len(known):
            with self._wanting(claim):
                whole = _called(because, known)
            if isinstance(whole, Theorem) and same(whole.conclusion, claim):
                return whole
        facts = [k for k in known if isinstance(k, Theorem)]

        def rest(*opened_: Any) -> Fact:
            found = _called(because, [*known, *opened_]) if whole is None else whole
            wanted = self.wanted
            if isinstance(found, Theorem) and same(found.conclusion, wanted):
                return found
            supposed = [o.conclusion for o in opened_ if isinstance(o, Theorem)]
            return [found, *facts, *self._one_step([wanted, *supposed], known)]

        return self.prove(claim, rest)

    def _one_step(self, formulas: list[Term], known: tuple[Any, ...]) -> list[Theorem]:
        """The recursions of formulas at 0, or at n + 1 for the n of an induction."""
        found = list(dict.fromkeys(r for f in formulas for r in recursions(f)))
        if not known:
            zero = number(0, INT)
            return [self.meaning(r) for r in found if index_of(r) is zero]
        n, natural, _ = known
        above = n + 1
        return [self.successor(r, natural) for r in found if index_of(r) is above]

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
        theorem = self._within(lambda: prove(*fresh), name, fresh)
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

    def _likely(self, to: Term | None) -> list[Term]:
        """What a theorem that is cited may be wanted to say."""
        wanted = self._wanted[-1:] or ([self._goal] if self._goal is not None else [])
        return [*([] if to is None else [to]), *(wanted if to is None else [to])]

    @contextmanager
    def _wanting(self, claim: Term) -> Iterator[None]:
        """What is being proved inside."""
        self._wanted.append(claim)
        try:
            yield
        finally:
            self._wanted.pop()

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
        theorem = self._theorem(theorem)
        return theorem if same(theorem.conclusion, claim) else self.have(claim, theorem)

    def _theorem(self, found: Any) -> Theorem:
        if not isinstance(found, Theorem):
            message = f"a theorem is wanted here, found {found!r}: is a return missing?"
            raise ProofFailed(message, self.name, tuple(self._path))
        return found

    def _within(
        self, prove: Callable[[], Theorem], name: str, fresh: Sequence[Term] = ()
    ) -> Theorem:
        scope = _Scope()
        self._scopes.append(scope)
        try:
            with self.step(name), holding(*fresh):
                return self._end(prove(), scope)
        finally:
            self._scopes.pop()

    def _end(self, theorem: Theorem, scope: _Scope) -> Theorem:
        theorem = self._theorem(theorem)
        while scope.closers:
            theorem = scope.closers.pop()(theorem)
        return theorem

    def _fit(self, quantified: Term, value: Any) -> Term:
        if quantified.operator not in ("forall", "exists"):
            raise ProofFailed(
                f"nothing to instantiate in {quantified}", self.name, tuple(self._path)
            )
        return argument_of(value, quantified.data[1][0], self.name)
