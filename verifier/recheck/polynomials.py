"""A leaf as polynomials: formulas over signs of polynomials, polynomials over opaque atoms.

``to_real`` disappears (the integers are among the reals), ``mod`` becomes ``a - n*div(a, n)``,
and an application is an atom known by its head and the normal forms of its arguments, so that
``f(x + 1)`` and ``f(1 + x)`` are one atom.  An if-then-else is an atom with two known cases.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import Any, Final

from verifier.recheck.errors import IllFormed, TooLarge
from verifier.recheck.terms import Term

# A monomial is its atoms' numbers in order; a polynomial maps monomials to coefficients.
Monomial = tuple[int, ...]
Polynomial = Mapping[Monomial, Fraction]
# The hashable form: scaled to primitive integers apart from the constant, first one positive.
Normal = tuple[tuple[Monomial, Fraction], ...]

# Which signs a polynomial may have, as bits.
NEGATIVE: Final = 1
ZERO: Final = 2
POSITIVE: Final = 4
ANY: Final = 7

# ("sign", normal, mask), ("truth", atom), ("constant", bool), or a connective with its parts.
Formula = tuple[Any, ...]

# What one leaf may ask for: products of monomials, and bits of a coefficient.  These count work,
# not time, so that the answer is the same on every machine.
WORK: Final = 500_000
BITS: Final = 200_000


class Connective(tuple[Any, ...]):
    """A connective with its parts; equal ones are one object.

    Parts are shared: compared or hashed as trees, a leaf of a thousand bytes takes for ever.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other

    def __hash__(self) -> int:
        return id(self)


@dataclass(frozen=True)
class Atom:
    """What a solver need not look into.

    Attributes
    ----------
    head, arguments:
        Equal heads and equal arguments make equal values.
    integer:
        Whether its values are integers.
    cases:
        Of an if-then-else: the condition and the two values.
    quotient:
        Of ``div``: dividend and divisor.
    """

    head: tuple[Any, ...]
    arguments: tuple[Normal | tuple[()], ...]
    shown: tuple[Polynomial, ...]
    integer: bool
    cases: tuple[Formula, Polynomial, Polynomial] | None = None
    quotient: tuple[Polynomial, int] | None = None


def add(left: Polynomial, right: Polynomial, factor: Fraction | int = 1) -> Polynomial:
    """``left + factor*right``."""
    total = dict(left)
    for m, c in right.items():
        total[m] = total.get(m, Fraction(0)) + factor * c
        if not total[m]:
            del total[m]
    return total


def multiply(left: Polynomial, right: Polynomial) -> Polynomial:
    """The product."""
    total: dict[Monomial, Fraction] = {}
    for m, c in left.items():
        for n, d in right.items():
            key = tuple(sorted(m + n))
            total[key] = total.get(key, Fraction(0)) + c * d
    return {m: c for m, c in total.items() if c}


def scale(p: Polynomial) -> tuple[Normal, bool]:
    """The normal form of a polynomial that is not constant, and whether the sign was turned."""
    ordered = sorted(p.items())
    proper = [c for m, c in ordered if m]
    size = Fraction(gcd(*(c.numerator for c in proper)), lcm(*(c.denominator for c in proper)))
    turned = proper[0] < 0
    factor = -size if turned else size
    return tuple((m, c / factor) for m, c in ordered), turned


def turn(mask: int) -> int:
    """The signs of ``-p``."""
    return (
        (mask & ZERO) | (POSITIVE if mask & NEGATIVE else 0) | (NEGATIVE if mask & POSITIVE else 0)
    )


def sign_of(value: Fraction) -> int:
    """The sign of a number."""
    return NEGATIVE if value < 0 else POSITIVE if value > 0 else ZERO


class Problem:
    """A leaf, translated: its atoms, its polynomials in order of occurrence, and its formulas.

    Attributes
    ----------
    formulas:
        The premises and the negated goal.  The leaf holds if they are not all true at once.
    polynomials:
        Those whose signs the formulas speak of.
    size:
        What it costs to look through the formulas once.

    Raises
    ------
    TooLarge
        If its polynomials are.
    """

    def __init__(self, premises: Iterable[Term], goal: Term) -> None:
        self.atoms: list[Atom] = []
        self.numbers: dict[Any, int] = {}
        self.polynomials: list[Normal] = []
        self._known: set[Normal] = set()
        self._values: dict[Term, Polynomial] = {}
        self._formulas: dict[Term, Formula] = {}
        self._connectives: dict[Formula, Connective] = {}
        self._work = WORK
        self.size = 0
        self.formulas = [self.formula(p) for p in premises]
        self.formulas.append(self.connective("not", self.formula(goal)))

    def product(self, left: Polynomial, right: Polynomial) -> Polynomial:
        """The product of two polynomials, if there is enough work left for it."""
        self.spend(len(left) * len(right) * (1 + self._degree(left) + self._degree(right)))
        return self.bounded(multiply(left, right))

    def sum(self, left: Polynomial, right: Polynomial, factor: Fraction | int = 1) -> Polynomial:
        """``left + factor*right``, if there is enough work left for it."""
        self.spend(len(left) + len(right))
        return self.bounded(add(left, right, factor))

    def spend(self, amount: int) -> None:
        self._work -= amount
        if self._work < 0:
            raise TooLarge("the leaf's polynomials are too large to check")

    def bounded(self, p: Polynomial) -> Polynomial:
        for c in p.values():
            if c.numerator.bit_length() + c.denominator.bit_length() > BITS:
                raise TooLarge("the leaf's coefficients are too large to check")
        return p

    @staticmethod
    def _degree(p: Polynomial) -> int:
        return max(map(len, p), default=0)

    def connective(self, kind: str, *parts: Formula) -> Formula:
        """The formula of these parts, one object however often it is made."""
        key = (kind, *parts)
        cost = sum(len(part[1]) if part[0] == "sign" else 1 for part in parts)
        self.size += cost
        self.spend(cost)
        return self._connectives.setdefault(key, Connective(key))

    def sign(self, p: Polynomial, mask: int) -> Formula:
        """The formula that the sign of ``p`` is in ``mask``."""
        if not any(p):
            return ("constant", bool(sign_of(p.get((), Fraction(0))) & mask))
        self.spend(len(p))
        normal, turned = scale(p)
        if normal not in self._known:
            self._known.add(normal)
            self.polynomials.append(normal)
        return ("sign", normal, turn(mask) if turned else mask)

    def formula(self, term: Term) -> Formula:
        if term not in self._formulas:
            self._formulas[term] = self._formula(term)
        return self._formulas[term]

    def _formula(self, term: Term) -> Formula:
        operator, parts = term.operator, term.arguments
        if operator in ("true", "false"):
            return ("constant", operator == "true")
        if operator in ("and", "or", "not", "=>"):
            return self.connective(operator, *(self.formula(a) for a in parts))
        if operator in ("=", "<=", "<"):
            if parts[0].sort == "Bool":
                return self.connective("iff", self.formula(parts[0]), self.formula(parts[1]))
            difference = self.sum(self.value(parts[0]), self.value(parts[1]), -1)
            masks = {"=": ZERO, "<": NEGATIVE, "<=": NEGATIVE | ZERO}
            return self.sign(difference, masks[operator])
        if operator == "symbol":
            return ("truth", self.application(term))
        if operator in ("forall", "exists"):
            return ("truth", self.atom((operator, term), (), False))
        raise IllFormed("no formula")

    def value(self, term: Term) -> Polynomial:
        if term not in self._values:
            self._values[term] = self._value(term)
        return self._values[term]

    def _value(self, term: Term) -> Polynomial:
        operator, parts = term.operator, term.arguments
        if operator == "number":
            return {(): term.data} if term.data else {}
        if operator == "to_real":
            return self.value(parts[0])
        if operator in ("+", "-"):
            sign = 1 if operator == "+" else -1
            return self.sum(self.value(parts[0]), self.value(parts[1]), sign)
        if operator == "*":
            return self.product(self.value(parts[0]), self.value(parts[1]))
        if operator == "/" and parts[1].operator == "number":
            return self.sum({}, self.value(parts[0]), 1 / parts[1].data)
        if operator in ("div", "mod"):
            dividend, divisor = self.value(parts[0]), int(parts[1].data)
            quotient = self.atom(("div", divisor), (dividend,), True, quotient=(dividend, divisor))
            if operator == "div":
                return {(quotient,): Fraction(1)}
            return self.sum(dividend, {(quotient,): Fraction(divisor)}, -1)
        if operator == "ite":
            condition = self.formula(parts[0])
            cases = (condition, self.value(parts[1]), self.value(parts[2]))
            head = ("ite", condition, *(tuple(sorted(p.items())) for p in cases[1:]))
            return {(self.atom(head, (), term.sort == "Int", cases=cases),): Fraction(1)}
        if operator == "variable":
            return {(self.atom(("variable", term), (), term.sort == "Int"),): Fraction(1)}
        return {(self.application(term),): Fraction(1)}

    def application(self, term: Term) -> int:
        """The atom of a function, a symbol or a quotient at its arguments."""
        functions = tuple(a for a in term.arguments if isinstance(a.sort, tuple))
        plain = [self.value(a) for a in term.arguments if not isinstance(a.sort, tuple)]
        return self.atom((term.operator, term.data, functions), plain, term.sort == "Int")

    def atom(
        self, head: tuple[Any, ...], arguments: Iterable[Polynomial], integer: bool, **more: Any
    ) -> int:
        shown = tuple(arguments)
        normals = tuple(tuple(sorted(p.items())) for p in shown)
        if (head, normals) not in self.numbers:
            self.numbers[head, normals] = len(self.atoms)
            self.atoms.append(Atom(head, normals, shown, integer, **more))
        return self.numbers[head, normals]

    def integral(self, p: Normal) -> bool:
        """Whether a normal form without its constant has integer values."""
        return all(self.atoms[a].integer for m, _ in p for a in m)


def address(premises: Iterable[Term], goal: Term) -> str:
    """SHA-256 of a leaf's content; the names of its free variables do not matter.

    Examples
    --------
    >>> from verifier.recheck.terms import make
    >>> x, y = (make("variable", (), name, "Real") for name in "xy")
    >>> address([], make("<=", (x, x))) == address([], make("<=", (y, y)))
    True
    >>> address([], make("<=", (x, x))) == address([], make("<=", (x, y)))
    False
    """
    numbers: dict[Term, int] = {}
    lines: list[Any] = []
    names: dict[Term, int] = {}

    def write(term: Term) -> int:
        if term not in numbers:
            below = [write(a) for a in term.arguments]
            data = names.setdefault(term, len(names)) if term.operator == "variable" else term.data
            sort = term.sort if term.operator in ("variable", "number", "bound") else ""
            numbers[term] = len(lines)
            lines.append([term.operator, below, str(getattr(data, "name", data)), sort])
        return numbers[term]

    roots = [write(t) for t in (*premises, goal)]
    return hashlib.sha256(json.dumps([roots, lines]).encode()).hexdigest()
