"""The value of a closed term: defined symbols are unrolled from the kernel's own definitions.

A bound printed for given numbers is read off a theorem and evaluated here; it is not computed a
second time by a formula of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final

from verifier.errors import LimitReached, VerifierError
from verifier.kernel import DEFINED, Definition
from verifier.logic import AnySort, FunctionSort, Sort, Symbol, Term, number, substitute
from verifier.logic.terms import BINDERS
from verifier.solving.evaluation import Value, evaluate

MOST_STEPS: Final = 200_000
State = tuple[Value, ...]


class NotClosed(VerifierError):
    """A term whose value depends on a variable, or on all values of one."""


def value_of(term: Term) -> Value:
    """Return the exact value of a closed term or the truth of a closed, quantifier-free formula.

    Raises
    ------
    NotClosed
        If it has free variables, or a quantifier decides.
    LimitReached
        If a recursion runs for more than ``MOST_STEPS`` steps.

    Examples
    --------
    >>> from proofs.arithmetic import power
    >>> value_of(power(3, 4))
    Fraction(81, 1)
    """
    return _value(term, {})


def number_of(term: Term) -> Fraction:
    """Return the exact value of a closed number.

    Raises
    ------
    NotClosed
        As :func:`value_of`, or if the term is a formula.
    """
    value = value_of(term)
    if isinstance(value, bool):
        raise NotClosed(f"not a number: {term}")
    return Fraction(value)


def literal(value: Value, sort: AnySort) -> Term:
    """Return a value as a literal of a sort of numbers."""
    if not isinstance(sort, Sort):
        raise NotClosed(f"no literal is of sort {sort}")
    return number(Fraction(value), sort)


def _value(term: Term, known: Mapping[Term, Value]) -> Value:
    """The value of a term whose free variables, and some subterms, have known values."""

    def children(node: Term) -> tuple[Term, ...]:
        if node in known or node.operator in BINDERS:
            return ()
        if node.operator == "symbol":
            return tuple(a for a in node.arguments if isinstance(a.sort, Sort))
        return node.arguments

    def lookup(node: Term, values: State) -> Value:
        if node in known:
            return known[node]
        if node.operator != "symbol":
            raise NotClosed(f"{node} has no value of its own")
        return _applied(node, values, known)

    return evaluate(term, lookup, children)


def _applied(node: Term, values: State, known: Mapping[Term, Value]) -> Value:
    """The value of a defined symbol at plain arguments of known values."""
    closing = {v: literal(x, v.sort) for v, x in known.items() if v.operator == "variable"}
    functions = tuple(
        substitute(a, closing) for a in node.arguments if isinstance(a.sort, FunctionSort)
    )
    if any(f.free for f in functions):
        raise NotClosed(f"{node} depends on a variable")
    return _call(node.data, functions, values)


# One power of two stands in several hypotheses and conclusions.
@lru_cache(maxsize=4096)
def _call(symbol: Symbol, functions: tuple[Term, ...], values: State) -> Value:
    """The value of a symbol at closed functions and plain values, each in order."""
    meaning = DEFINED[symbol.name]
    maps = [p for p in meaning.parameters if isinstance(p.sort, FunctionSort)]
    numbers = [p for p in meaning.parameters if isinstance(p.sort, Sort)]
    closing = dict(zip(maps, functions, strict=True))
    plain = dict(zip(numbers, values, strict=True))
    if meaning.measure is None or meaning.successor is None:
        return _value(substitute(meaning.body, closing), plain)
    steps = plain.pop(meaning.measure)
    if steps < 0:
        raise NotClosed(f"nothing is known of {symbol.name} below 0")
    if steps > MOST_STEPS:
        raise LimitReached(f"{symbol.name} at {steps}: expected at most {MOST_STEPS} steps")
    return _Recursion.of(meaning, closing).value(int(steps), tuple(plain.values()))


@dataclass(frozen=True)
class _Recursion:
    """A recursion with its functions put in; a state is what its other arguments are.

    ``calls`` pairs each call in the successor with its arguments but the measure.
    """

    zero: Term
    above: Term
    measure: Term
    others: tuple[Term, ...]
    calls: tuple[tuple[Term, tuple[Term, ...]], ...]

    @classmethod
    def of(cls, meaning: Definition, closing: Mapping[Term, Term]) -> _Recursion:
        measure, successor = meaning.measure, meaning.successor
        if measure is None or successor is None:
            raise NotClosed(f"{meaning.symbol.name} is no recursion")
        calls = []
        for call in _calls(successor, meaning.symbol):
            pairs = list(zip(meaning.parameters, call.arguments, strict=True))
            if any(isinstance(p.sort, FunctionSort) and p is not a for p, a in pairs):
                raise NotClosed(f"{meaning.symbol.name} calls itself at another function")
            rest = [a for p, a in pairs if isinstance(p.sort, Sort) and p is not measure]
            calls.append((substitute(call, closing), tuple(substitute(a, closing) for a in rest)))
        others = [p for p in meaning.parameters if isinstance(p.sort, Sort) and p is not measure]
        zero, above = substitute(meaning.body, closing), substitute(successor, closing)
        return cls(zero, above, measure, tuple(others), tuple(calls))

    def value(self, steps: int, start: State) -> Value:
        """Unroll level by level: first which states are asked for, then their values."""
        levels: list[dict[State, list[State]]] = []
        wanted = {start}
        for n in reversed(range(steps)):
            levels.append({state: self.asks(state, n) for state in wanted})
            wanted = {ask for asks in levels[-1].values() for ask in asks}
        found = {state: _value(self.zero, self.known(state)) for state in wanted}
        for n, level in enumerate(reversed(levels)):
            found = {s: self.next_value(s, n, asks, found) for s, asks in level.items()}
        return found[start]

    def known(self, state: State) -> dict[Term, Value]:
        return dict(zip(self.others, state, strict=True))

    def asks(self, state: State, n: int) -> list[State]:
        """The state of each call in the value at n + 1."""
        if not self.others:
            return [()] * len(self.calls)
        known = {**self.known(state), self.measure: Fraction(n)}
        return [tuple(_value(a, known) for a in rest) for _, rest in self.calls]

    def next_value(
        self, state: State, n: int, asks: list[State], found: Mapping[State, Value]
    ) -> Value:
        known = {**self.known(state), self.measure: Fraction(n)}
        for (call, _), ask in zip(self.calls, asks, strict=True):
            known[call] = found[ask]
        return _value(self.above, known)


def _calls(term: Term, symbol: Symbol) -> list[Term]:
    """Calls of a symbol in a term."""
    found: dict[Term, None] = {}
    todo = [term]
    while todo:
        node = todo.pop()
        if symbol in node.symbols:
            todo.extend(node.arguments)
            if node.operator == "symbol" and node.data is symbol:
                found[node] = None
    if any(call.loose for call in found):
        raise NotClosed(f"{symbol.name} calls itself below a binder")
    return list(found)
