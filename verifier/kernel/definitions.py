"""Definitions: fresh names for terms, and recursion over the natural numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from verifier.kernel.errors import (
    CircularDefinition,
    DefinitionRefused,
    FreeVariables,
    NoDecreasingMeasure,
    NotAFormula,
    NotPrintable,
    Redefinition,
)
from verifier.kernel.theorem import Theorem, conclude
from verifier.logic import BOOL, INT, Sort, Symbol, Term, forall, implies, number
from verifier.logic.smt import from_z3
from verifier.logic.terms import WORDS, known


@dataclass(frozen=True, eq=False)
class Definition:
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


def define(name: str, parameters: tuple[Term, ...], body: Term, latex: str = "") -> Symbol:
    """Define ``name(parameters) = body``; for a predicate the body is a formula.

    Raises
    ------
    Redefinition, CircularDefinition, FreeVariables, DefinitionRefused
        If the name is taken, the body uses an undefined symbol, or other variables.
    """
    # A tuple of the definition's own: the caller's list may change later.
    parameters = tuple(parameters)
    symbol = _symbol(name, parameters, _sort(name, body), latex)
    _check_body(name, body, frozenset(parameters), None)
    return _enter(Definition(symbol, parameters, body))


def define_recursive(
    name: str,
    parameters: tuple[Term, ...],
    measure: Term,
    zero: Term,
    successor: Callable[[Symbol], Term],
    latex: str = "",
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
    symbol = _symbol(name, parameters, _sort(name, zero), latex)
    if measure not in frozenset(parameters) or measure.sort != INT:
        raise NoDecreasingMeasure(f"{name}: the measure must be an integer parameter")
    position = next(i for i, p in enumerate(parameters) if p is measure)
    others = frozenset(parameters) - {measure}
    _check_body(name, zero, others, None)
    step = successor(symbol)
    if _sort(name, step) != zero.sort:
        raise DefinitionRefused(f"{name}: {zero.sort} at 0, {step.sort} above")
    _check_body(name, step, frozenset(parameters), symbol)
    for call in _calls(step, symbol):
        if call.arguments[position] is not measure:
            raise NoDecreasingMeasure(f"{name}: {call} is not a call at {measure}")
    return _enter(Definition(symbol, parameters, zero, measure, step))


def definition(symbol: Symbol) -> tuple[Theorem, ...]:
    """The defining equations.

    ::

        ⊢ ∀ parameters. f(parameters) = body                           explicit, one theorem
        ⊢ ∀ others. f(…, 0, …) = zero                                  recursive, two theorems
        ⊢ ∀ parameters. 0 ≤ n → f(…, n + 1, …) = successor
    """
    _check_symbols((symbol,))
    meaning = _DEFINED[symbol.name]
    if meaning.measure is None or meaning.successor is None:
        equation = symbol(*meaning.parameters) == meaning.body
        return (conclude((), forall(*meaning.parameters, equation), "definition", (), (symbol, 0)),)
    n = meaning.measure
    others = tuple(p for p in meaning.parameters if p is not n)
    at_zero = symbol(*(number(0, INT) if p is n else p for p in meaning.parameters)) == meaning.body
    above = implies(
        number(0, INT) <= n,
        symbol(*(n + 1 if p is n else p for p in meaning.parameters)) == meaning.successor,
    )
    return (
        conclude((), forall(*others, at_zero), "definition", (), (symbol, 0)),
        conclude((), forall(*meaning.parameters, above), "definition", (), (symbol, 1)),
    )


def term_of(value: Any) -> Term:
    """A closed term over defined symbols; z3 expressions are read.

    Raises
    ------
    IllFormed
        If no function of the logic made it, or it is outside the logic.
    NotAFormula
        If a bound variable stands outside its binder.
    CircularDefinition
        If a symbol in it is not defined.
    """
    term = known(value) if isinstance(value, Term) else from_z3(value)
    if term.loose:
        raise NotAFormula(f"a bound variable without its binder: {term}")
    _check_symbols(term.symbols)
    return term


def formula_of(value: Any) -> Term:
    """A closed formula over defined symbols; z3 expressions are read."""
    formula = term_of(value)
    if formula.sort != BOOL:
        raise NotAFormula(f"not a formula: {formula} of sort {formula.sort}")
    return formula


def _check_symbols(symbols: Iterable[Symbol]) -> None:
    for symbol in symbols:
        found = _DEFINED.get(symbol.name)
        if found is None or found.symbol is not symbol:
            raise CircularDefinition(f"{symbol.name} is used but not defined")


def _sort(name: str, body: Any) -> object:
    if not isinstance(body, Term):
        raise DefinitionRefused(f"{name}: the body is not a term: {body!r}")
    return known(body).sort


def _symbol(name: str, parameters: tuple[Term, ...], sort: object, latex: str) -> Symbol:
    if not name.isidentifier() or not name.isascii() or name in WORDS:
        raise NotPrintable(f"a symbol's name is letters, digits and _, not {name!r}")
    if not isinstance(sort, Sort):
        raise DefinitionRefused(f"{name}: a symbol gives a number or a truth value, not {sort}")
    if name in _DEFINED:
        raise Redefinition(f"{name} is already defined")
    if any(not isinstance(p, Term) or known(p).operator != "variable" for p in parameters):
        raise DefinitionRefused(f"{name}: parameters are variables")
    if len(frozenset(parameters)) != len(parameters):
        raise DefinitionRefused(f"{name}: parameters are distinct")
    return Symbol(name, tuple(p.sort for p in parameters), sort, latex)


def _check_body(name: str, body: Term, allowed: frozenset[Term], itself: Symbol | None) -> None:
    if body.loose:
        raise DefinitionRefused(f"{name}: a bound variable without its binder in {body}")
    if not body.free <= allowed:
        extra = ", ".join(sorted(str(v.data) for v in body.free - allowed))
        raise FreeVariables(f"{name}: the body also mentions {extra}")
    _check_symbols(body.symbols - {itself})


def _enter(new: Definition) -> Symbol:
    # Asked again, in one step: the successor of a recursion or another thread may have defined it.
    if _DEFINED.setdefault(new.symbol.name, new) is not new:
        raise Redefinition(f"{new.symbol.name} is already defined")
    return new.symbol


def _calls(term: Term, symbol: Symbol) -> Iterator[Term]:
    seen: set[Term] = set()
    todo = [term]
    while todo:
        node = todo.pop()
        if node not in seen and symbol in node.symbols:
            seen.add(node)
            todo.extend(node.arguments)
            if node.operator == "symbol" and node.data is symbol:
                yield node
