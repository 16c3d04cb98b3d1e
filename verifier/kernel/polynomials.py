"""A leaf as polynomials: formulas over signs of polynomials, polynomials over opaque atoms.

``to_real`` disappears (the integers are among the reals), ``mod`` becomes ``a - n*div(a, n)``,
and an application is an atom known by its head and the normal forms of its arguments, so that
``f(x + 1)`` and ``f(1 + x)`` are one atom.  An if-then-else is an atom with two known cases.
Atoms and polynomials are numbered as they are met, the premises first, parts before wholes and
left before right: certificates speak of them by these numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import gcd, lcm
from typing import Any, Final, NamedTuple

from verifier.kernel.errors import WrongShape
from verifier.logic import BOOL, INT, FunctionSort, Term

# An int where the value is whole: much faster, and equal to the fraction in every respect.
Number = int | Fraction
# A monomial is its atoms' numbers in order; a polynomial maps monomials to coefficients, not 0.
Monomial = tuple[int, ...]
Polynomial = Mapping[Monomial, Number]
# The hashable form: scaled to primitive integers apart from the constant, first one positive.
Normal = tuple[tuple[Monomial, Number], ...]
# ("sign", normal, mask), ("truth", atom), ("constant", bool), or a connective with its parts.
Formula = tuple[Any, ...]

# Which signs a polynomial may have, as bits.
NEGATIVE: Final = 1
ZERO: Final = 2
POSITIVE: Final = 4
ANY: Final = 7
MASKS: Final = {"=": ZERO, "<": NEGATIVE, "<=": NEGATIVE | ZERO}


class Connective(tuple[Any, ...]):
    """A connective and its parts; one object however often it is met, and compared as one.

    Parts are shared: looked at as a tree, a leaf of a thousand letters may take for ever.
    """

    __eq__, __hash__ = object.__eq__, object.__hash__


class Atom(NamedTuple):
    """What a leaf does not look into.

    Attributes
    ----------
    head, arguments:
        Equal heads and equal arguments make equal values.
    integer:
        Whether its values are integers.
    predicate:
        Whether it is a defined predicate, with truth values.
    cases:
        Of an if-then-else: the condition and the two values.
    quotient:
        Of ``div``: dividend and divisor.
    """

    head: tuple[Any, ...]
    arguments: tuple[Polynomial, ...]
    integer: bool
    predicate: bool = False
    cases: tuple[Formula, Polynomial, Polynomial] | None = None
    quotient: tuple[Polynomial, int] | None = None


def exact(value: Fraction) -> Number:
    """A fraction, as an int where it is whole."""
    return value.numerator if value.denominator == 1 else value


def add(left: Polynomial, right: Polynomial, factor: Number = 1) -> dict[Monomial, Number]:
    """``left + factor*right``."""
    total = dict(left)
    for m, c in right.items():
        total[m] = total.get(m, 0) + factor * c
        if not total[m]:
            del total[m]
    return total


def multiply(left: Polynomial, right: Polynomial) -> dict[Monomial, Number]:
    """The product."""
    total: dict[Monomial, Number] = {}
    for m, c in left.items():
        for n, d in right.items():
            key = tuple(sorted(m + n))
            total[key] = total.get(key, 0) + c * d
    return {m: c for m, c in total.items() if c}


def scale(p: Polynomial) -> tuple[Normal, bool]:
    """The normal form of a polynomial that is not constant, and whether the sign was turned."""
    ordered = sorted(p.items())
    proper = [c for m, c in ordered if m]
    below, above = lcm(*[c.denominator for c in proper]), gcd(*[c.numerator for c in proper])
    turned = proper[0] < 0
    if below == above == 1 and not turned:
        return tuple(ordered), False
    factor = Fraction(-below if turned else below, above)
    return tuple([(m, exact(c * factor)) for m, c in ordered]), turned


def turn(mask: int) -> int:
    """The signs of ``-p``."""
    return (
        (mask & ZERO) | (POSITIVE if mask & NEGATIVE else 0) | (NEGATIVE if mask & POSITIVE else 0)
    )


def sign_of(value: Number) -> int:
    """The sign of a number."""
    return NEGATIVE if value < 0 else POSITIVE if value > 0 else ZERO


def seen(term: Term) -> tuple[Term, ...]:
    """The subterms a leaf looks at below a term."""
    if term.operator in ("forall", "exists"):
        return ()
    return tuple([a for a in term.arguments if type(a.sort) is not FunctionSort])


class Problem:
    """A leaf, translated: its atoms, its polynomials in order of occurrence, and its formulas.

    Attributes
    ----------
    formulas:
        The premises and the negated goal.  The leaf holds if they are not all true at once.
    polynomials:
        Those whose signs the formulas speak of.
    """

    def __init__(self, premises: Iterable[Term], goal: Term) -> None:
        self.atoms: list[Atom] = []
        self._numbers: dict[Any, int] = {}
        # In order of insertion.
        self._polynomials: dict[Normal, None] = {}
        self._done: dict[Term, Any] = {}
        self._connectives: dict[Any, Connective] = {}
        self.formulas: list[Formula] = [self._translated(p) for p in premises]
        self.formulas.append(("not", self._translated(goal)))
        self.polynomials: list[Normal] = list(self._polynomials)

    def integral(self, p: Normal) -> bool:
        """Whether a normal form without its constant has integer values."""
        return all(self.atoms[a].integer for m, _ in p for a in m)

    def _translated(self, wanted: Term) -> Any:
        """A formula, or the polynomial of a number; iterative, for terms may be deep."""
        todo = [(wanted, False)]
        while todo:
            term, ready = todo.pop()
            if term in self._done:
                continue
            if ready:
                parts = [self._done[a] for a in seen(term)]
                make = self._formula if term.sort == BOOL else self._value
                self._done[term] = make(term, parts)
            else:
                todo.append((term, True))
                todo.extend([(a, False) for a in reversed(seen(term))])
        return self._done[wanted]

    def _formula(self, term: Term, parts: list[Any]) -> Formula:
        operator = term.operator
        if operator in ("true", "false"):
            return ("constant", operator == "true")
        if operator in ("and", "or", "not", "=>"):
            return self._connective(operator, *parts)
        if operator == "=" and term.arguments[0].sort == BOOL:
            return self._connective("iff", *parts)
        if operator in MASKS:
            return self._sign(add(parts[0], parts[1], -1), MASKS[operator])
        if operator == "symbol":
            return ("truth", self._application(term, parts))
        if operator in ("forall", "exists"):
            return ("truth", self._atom((operator, term.canonical.serial), (), False))
        raise WrongShape("no formula of a leaf: {}", term)

    def _connective(self, *whole: Any) -> Connective:
        return self._connectives.setdefault(whole, Connective(whole))

    def _sign(self, p: Polynomial, mask: int) -> Formula:
        if not any(p):
            return ("constant", bool(sign_of(p.get((), 0)) & mask))
        normal, turned = scale(p)
        self._polynomials.setdefault(normal)
        return ("sign", normal, turn(mask) if turned else mask)

    def _value(self, term: Term, parts: list[Any]) -> Polynomial:
        operator = term.operator
        if operator == "number":
            return {(): exact(term.data)} if term.data else {}
        if operator == "to_real":
            return parts[0]  # type: ignore[no-any-return]
        if operator in ("+", "-"):
            return add(parts[0], parts[1], 1 if operator == "+" else -1)
        if operator == "*":
            return multiply(parts[0], parts[1])
        if operator == "/" and term.arguments[1].operator == "number":
            return add({}, parts[0], exact(1 / term.arguments[1].data))
        if operator in ("div", "mod"):
            dividend, divisor = parts[0], term.arguments[1].data.numerator
            quotient = self._atom(
                ("div", divisor), (dividend,), True, quotient=(dividend, divisor)
            )
            if operator == "div":
                return {(quotient,): 1}
            return add(dividend, {(quotient,): 1}, -divisor)
        whole = term.sort == INT
        if operator == "ite":
            then, otherwise = (tuple(sorted(p.items())) for p in parts[1:])
            head = ("ite", parts[0], then, otherwise)
            return {(self._atom(head, (), whole, cases=tuple(parts)),): 1}
        if operator == "variable":
            return {(self._atom(("variable", term.serial), (), whole),): 1}
        if operator in ("apply", "symbol", "/"):
            return {(self._application(term, parts),): 1}
        raise WrongShape("no number of a leaf: {}", term)

    def _application(self, term: Term, parts: list[Any]) -> int:
        """The atom of a function, a symbol or a quotient at its arguments."""
        functions = [a.canonical.serial for a in term.arguments if type(a.sort) is FunctionSort]
        head = (term.operator, term.data, *functions)
        return self._atom(head, parts, term.sort == INT, predicate=term.sort == BOOL)

    def _atom(
        self, head: tuple[Any, ...], arguments: Iterable[Polynomial], integer: bool, **more: Any
    ) -> int:
        shown = tuple(arguments)
        key = (head, tuple([tuple(sorted(p.items())) for p in shown]))
        number = self._numbers.setdefault(key, len(self.atoms))
        if number == len(self.atoms):
            self.atoms.append(Atom(head, shown, integer, **more))
        return number
