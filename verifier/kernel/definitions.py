"""Definitions: fresh names for terms, and recursion over the natural numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from verifier.kernel.errors import (
    CircularDefinition,
    DefinitionRefused,
    FreeVariables,
    NoDecreasingMeasure,
    NotAFormula,
    Redefinition,
)
from verifier.kernel.theorem import Theorem, conclude
from verifier.logic import BOOL, INT, Symbol, Term, forall, implies, number, symbol
from verifier.logic.terms import known, make


class Definition(NamedTuple):
    """What a symbol means.

    Attributes
    ----------
    symbol:
        The defined symbol.
    parameters:
        The variables that stand for its arguments.
    body:
        Its value; for a recursion its value at 0.
    measure:
        For a recursion the integer parameter it runs on, else None.
    successor:
        For a recursion its value at ``measure + 1`` in terms of calls at ``measure``.
    """

    symbol: Symbol
    parameters: tuple[Term, ...]
    body: Term
    measure: Term | None = None
    successor: Term | None = None

    @property
    def position(self) -> int | None:
        """Where the measure stands among the parameters."""
        places = (i for i, p in enumerate(self.parameters) if p is self.measure)
        return next(places, None)

_DEFINED: Final[dict[str, Definition]] = {}
DEFINED: Final = MappingProxyType(_DEFINED)


def define(name: str, parameters: tuple[Term, ...], body: Term) -> Symbol:
    """Define ``name(parameters) = body``; for a predicate the body is a formula.

    Raises
    ------
    Redefinition, CircularDefinition, FreeVariables, DefinitionRefused
        If the name is taken, the body uses an undefined symbol, or other variables.
    """
    # A tuple of the definition's own: the caller's list may change later.
    parameters = tuple(parameters)
    fresh = _symbol(name, parameters, body)
    _check_body(name, body, frozenset(parameters), None)
    return _enter(Definition(fresh, parameters, body))


def define_recursive(
    name: str,
    parameters: tuple[Term, ...],
    measure: Term,
    zero: Term,
    successor: Callable[[Symbol], Term],
) -> Symbol:
    """Define ``f`` by ``f(…, 0, …) = zero`` and ``f(…, n + 1, …) = successor`` for n ≥ 0.

    Below zero ``f`` is some function nothing is known of.

    Parameters
    ----------
    measure:
        The integer parameter ``n`` the recursion runs on.
    successor:
        Given ``f``, the value at ``n + 1``.  Every call of ``f`` in it is at ``n``; its other
        arguments are free.

    Raises
    ------
    NoDecreasingMeasure
        If ``f`` is called at anything but ``n``.
    """
    parameters = tuple(parameters)
    fresh = _symbol(name, parameters, zero)
    if measure not in frozenset(parameters) or measure.sort != INT:
        raise NoDecreasingMeasure(f"{name}: the measure must be an integer parameter")
    position = next(i for i, p in enumerate(parameters) if p is measure)
    others = frozenset(parameters) - {measure}
    _check_body(name, zero, others, None)
    step = known(successor(fresh))
    if step.sort != zero.sort:
        raise DefinitionRefused(f"{name}: {zero.sort} at 0, {step.sort} above")
    _check_body(name, step, frozenset(parameters), fresh)
    for call in _calls(step, fresh):
        if call.arguments[position] is not measure:
            raise NoDecreasingMeasure(f"{name}: called at {call.arguments[position]}")
    return _enter(Definition(fresh, parameters, zero, measure, step))


def definition(defined: Symbol) -> tuple[Theorem, ...]:
    """The defining equations.

    ::

        ⊢ ∀ parameters. f(parameters) = body                           explicit, one theorem
        ⊢ ∀ others. f(…, 0, …) = zero                                  recursive, two theorems
        ⊢ ∀ parameters. 0 ≤ n → f(…, n + 1, …) = successor
    """
    _check_symbols((defined,))
    meaning = _DEFINED[defined.name]
    n, zero = meaning.measure, number(0, INT)

    def equation(at: Term | None, value: Term) -> Term:
        arguments = tuple(at if p is n and at is not None else p for p in meaning.parameters)
        left = make("symbol", arguments, defined, defined.sort)
        return make("=", (left, value), None, BOOL)

    if n is None or meaning.successor is None:
        whole = forall(*meaning.parameters, equation(None, meaning.body))
        return (conclude((), whole, "definition", (), (defined, 0)),)
    others = tuple(p for p in meaning.parameters if p is not n)
    next_one = make("+", (n, number(1, INT)), None, INT)
    natural = make("<=", (zero, n), None, BOOL)
    above = implies(natural, equation(next_one, meaning.successor))
    return (
        conclude((), forall(*others, equation(zero, meaning.body)), "definition", (), (defined, 0)),
        conclude((), forall(*meaning.parameters, above), "definition", (), (defined, 1)),
    )


def term_of(value: Any) -> Term:
    """A closed term over defined symbols.

    Raises
    ------
    IllFormed
        If no function of the logic made it.
    NotAFormula
        If a bound variable stands outside its binder.
    CircularDefinition
        If a symbol in it is not defined.
    """
    term = known(value)
    if term.loose:
        raise NotAFormula("a bound variable without its binder: {}", term)
    _check_symbols(term.symbols)
    return term


def formula_of(value: Any) -> Term:
    """A closed formula over defined symbols."""
    formula = term_of(value)
    if formula.sort != BOOL:
        raise NotAFormula(f"not a formula, but a term of sort {formula.sort}: {{}}", formula)
    return formula


def _check_symbols(symbols: Iterable[Symbol]) -> None:
    for used in symbols:
        found = _DEFINED.get(used.name)
        if found is None or found.symbol is not used:
            raise CircularDefinition(f"{used.name} is used but not defined")


def _symbol(name: str, parameters: tuple[Term, ...], body: Term) -> Symbol:
    if any(known(p).operator != "variable" for p in parameters):
        raise DefinitionRefused(f"{name}: parameters are variables")
    if len(frozenset(parameters)) != len(parameters):
        raise DefinitionRefused(f"{name}: parameters are distinct")
    return symbol(name, [p.sort for p in parameters], known(body).sort)  # type: ignore[arg-type]


def _check_body(name: str, body: Term, allowed: frozenset[Term], itself: Symbol | None) -> None:
    if body.loose:
        raise DefinitionRefused(f"{name}: a bound variable without its binder in {{}}", body)
    if not body.free <= allowed:
        extra = ", ".join(sorted(v.data for v in body.free - allowed))
        raise FreeVariables(f"{name}: the body also mentions {extra}")
    _check_symbols(body.symbols - {itself})


def _enter(new: Definition) -> Symbol:
    # Asked again, in one step: the successor of a recursion or another thread may have defined it.
    if _DEFINED.setdefault(new.symbol.name, new) is not new:
        raise Redefinition(f"{new.symbol.name} is already defined")
    return new.symbol


def _calls(term: Term, itself: Symbol) -> Iterator[Term]:
    seen: set[Term] = set()
    todo = [term]
    while todo:
        node = todo.pop()
        if node not in seen and itself in node.symbols:
            seen.add(node)
            todo.extend(node.arguments)
            if node.operator == "symbol" and node.data is itself:
                yield node
