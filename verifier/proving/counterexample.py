"""Counterexamples: a solver's model of a failed leaf, evaluated again in exact rationals.

The solver is free to choose what a defined symbol is, since to it that is a name.  So the values
are confirmed by the definitions: only the variables are the solver's, all else is computed.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from verifier.kernel import DEFINED
from verifier.logic import FunctionSort, Symbol, Term, number
from verifier.logic.terms import make
from verifier.notation import text
from verifier.solving.evaluation import Value, evaluate
from verifier.solving.smt import Atom, Script, children
from verifier.solving.solver import RESOURCE_LIMIT, LeafRefused

# A recursion is computed no further than this, and no number longer than this.
MOST_STEPS: Final = 100
MOST_BITS: Final = 10_000


@dataclass(frozen=True)
class Counterexample:
    """Values that make every fact true and the claim false.

    Attributes
    ----------
    values:
        What each variable, application and opaque term is, in the user's symbols.
    confirmed:
        Whether exact evaluation, by the definitions of all symbols, made the facts true and the
        claim false.  If not, the solver's model is only a candidate.
    """

    values: tuple[tuple[str, str], ...]
    confirmed: bool

    def __str__(self) -> str:
        kind = "counterexample" if self.confirmed else "candidate, not confirmed exactly"
        lines = [f"      {name} = {value}" for name, value in self.values]
        return "\n".join([f"  {kind}:", *lines])


def find_counterexample(refusal: LeafRefused) -> Counterexample | None:
    """Values that break a refuted leaf, or None if the solver found none."""
    if refusal.status != "refuted":
        return None
    script = refusal.script
    model = _model(script)
    if model is None:
        return None
    formulas = (*refusal.premises, refusal.goal)
    exact = _Exact(model, script.atoms)
    try:
        *facts, claim = [evaluate(f, exact.lookup, _parts) for f in formulas]
        if all(facts) and not claim:
            return Counterexample(tuple(exact.seen.items()), confirmed=True)
    except (ZeroDivisionError, _NotExact):
        pass
    chosen = _Model(model, script.atoms)
    with suppress(ZeroDivisionError, _NotExact):
        for f in formulas:
            evaluate(f, chosen.lookup, children)
    return Counterexample(tuple(chosen.seen.items()), confirmed=False)


class _NotExact(Exception):
    """A value that is no rational, such as the square root of 2, or that cannot be computed."""


def _parts(term: Term) -> tuple[Term, ...]:
    """The subterms whose values give a term's; unlike a solver, a quotient has some."""
    return term.arguments if term.operator == "/" else children(term)


@dataclass
class _Model:
    model: Any
    atoms: dict[str, Atom]

    def __post_init__(self) -> None:
        self.seen: dict[str, str] = {}

    def lookup(self, node: Term, values: tuple[Value, ...]) -> Value:
        import z3

        context = self.model.ctx
        atom = self.atoms[self._name(node)]
        arguments = [_literal(v, s.name, context) for v, s in zip(values, atom.domain, strict=True)]
        sorts = {
            "Int": z3.IntSort(context),
            "Real": z3.RealSort(context),
            "Bool": z3.BoolSort(context),
        }
        signature = [sorts[s.name] for s in (*atom.domain, atom.range)]
        if arguments:
            expression = z3.Function(atom.name, *signature)(*arguments)
        else:
            expression = z3.Const(atom.name, signature[0])
        value = _value(self.model.eval(expression, model_completion=True))
        shown = self._shown(node, values)
        self.seen[shown] = _text(value)
        return value

    def _name(self, node: Term) -> str:
        for name, atom in self.atoms.items():
            if _same_atom(atom.term, node):
                return name
        raise KeyError(str(node))

    @staticmethod
    def _shown(node: Term, values: tuple[Value, ...]) -> str:
        if not values:
            return text(node)
        plain = iter(values)
        inside = tuple(
            a if isinstance(a.sort, FunctionSort) else number(Fraction(next(plain)), a.sort)
            for a in node.arguments
        )
        return text(make(node.operator, inside, node.data, node.sort))


@dataclass
class _Exact(_Model):
    """A model whose variables count and whose defined symbols are computed."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.known: dict[tuple[Symbol, tuple[Value, ...]], Value] = {}

    def lookup(self, node: Term, values: tuple[Value, ...]) -> Value:
        if node.operator in ("variable", "apply"):
            return super().lookup(node, values)
        value = self.computed(node, values)
        self.seen[self._shown(node, values)] = _text(value)
        return value

    def computed(self, node: Term, values: tuple[Value, ...]) -> Value:
        """The value of a defined symbol at numbers."""
        if node.operator != "symbol" or len(values) != len(node.arguments):
            raise _NotExact(str(node))
        key = (node.data, values)
        if key not in self.known:
            self.known[key] = self._unfolded(node.data, values)
        return self.known[key]

    def _unfolded(self, symbol: Symbol, values: tuple[Value, ...]) -> Value:
        meaning = DEFINED[symbol.name]
        place = dict(zip(meaning.parameters, values, strict=True))
        body = meaning.body
        if meaning.measure is not None and meaning.successor is not None:
            n = place[meaning.measure]
            if not 0 <= n <= MOST_STEPS:
                raise _NotExact(f"{symbol.name} at {n}")
            if n:
                body, place[meaning.measure] = meaning.successor, Fraction(n - 1)

        def within(node: Term, inner: tuple[Value, ...]) -> Value:
            return place[node] if node.operator == "variable" else self.computed(node, inner)

        value = evaluate(body, within, _parts)
        if isinstance(value, Fraction) and value.numerator.bit_length() > MOST_BITS:
            raise _NotExact(f"{symbol.name} is too large to compute")
        return value


def _same_atom(known: Term, node: Term) -> bool:
    if node.operator == "apply":
        return known is node.arguments[0]
    if node.operator != "symbol":
        return known.canonical is node.canonical
    if known.operator != "symbol" or known.data is not node.data:
        return False
    return _functions(known) == _functions(node)


def _functions(term: Term) -> list[int]:
    return [a.canonical.serial for a in term.arguments if isinstance(a.sort, FunctionSort)]


def _model(script: Script) -> Any:
    import z3

    context = z3.Context()
    solver = z3.SimpleSolver(ctx=context)
    solver.set(rlimit=RESOURCE_LIMIT)
    solver.from_string(script.text)
    answer = solver.check(*(z3.Bool(p, ctx=context) for p in script.premises))
    return solver.model() if answer == z3.sat else None


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _literal(value: Value, sort: str, context: Any) -> Any:
    import z3

    return z3.IntVal(int(value), context) if sort == "Int" else z3.RealVal(str(value), context)


def _value(expression: Any) -> Value:
    import z3

    if z3.is_true(expression) or z3.is_false(expression):
        return bool(z3.is_true(expression))
    if z3.is_int_value(expression):
        return Fraction(expression.as_long())
    if z3.is_rational_value(expression):
        return Fraction(expression.numerator_as_long(), expression.denominator_as_long())
    raise _NotExact(str(expression))
