"""Certificates: small trees that refute the negation of a leaf, checked with fractions alone.

A branch of a tree is a state: which signs each polynomial may still have, and which opaque
formulas are known.  A certificate is a pair of more polynomials and a node; a node is

====================================  ==========================================================
``0``                                 the signs make a formula of the leaf false: closed
``("sign", i, m, node, m', node')``   polynomial ``i`` has a sign in one of the masks
``("truth", a, node, node')``         the opaque formula ``a`` holds, or not
``("sum", summands, node)``           a combination of facts, with products, is a fact;
                                      without ``node`` it is absurd: closed
``("ite", a, node)``                  the condition of ``a`` is known, so ``a`` is that value
``("div", a, node)``                  ``n*a <= dividend <= n*a + n - 1``
``("equal", a, b, node)``             equal arguments, equal values
====================================  ==========================================================

A summand ``(c, (i, …), (atom, …))`` is ``c`` times the product of what is known of polynomials
``i, …``, each turned to be positive; one that is known to be zero allows any sign of ``c`` and
any atoms as factors.  Facts about integers are rounded as they are learned.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor
from typing import Any, Final

from verifier.kernel.errors import BadCertificate
from verifier.kernel.polynomials import (
    ANY,
    NEGATIVE,
    POSITIVE,
    ZERO,
    Formula,
    Normal,
    Number,
    Polynomial,
    Problem,
    add,
    exact,
    multiply,
    scale,
    sign_of,
    turn,
)

NUMBER: Final = re.compile(r"-?[0-9]+(/[0-9]*[1-9][0-9]*)?")
# How many parts a node has behind its name; a combination that is absurd has no node below.
PARTS: Final = {"sum": (1, 2), "ite": (2,), "div": (2,), "equal": (3,), "truth": (3,)}


def frozen(value: Any) -> Any:
    """A certificate as tuples all the way down, whatever sequences it was written with.

    Raises
    ------
    BadCertificate
        If there is anything in it but sequences, whole numbers and texts.
    """
    if type(value) in (int, str):
        return value
    if type(value) not in (list, tuple):
        raise BadCertificate(f"a {type(value).__name__} in a certificate")
    try:
        return tuple(map(frozen, value))
    except RecursionError:
        raise BadCertificate("a certificate nested too deep") from None


class State:
    """What is known in a branch."""

    def __init__(self, problem: Problem, signs: dict[Normal, int], truth: dict[int, bool]) -> None:
        self.problem, self.signs, self.truth = problem, signs, truth

    def copy(self) -> State:
        return State(self.problem, dict(self.signs), dict(self.truth))

    def learn(self, p: Polynomial, mask: int) -> bool:
        """Add that the sign of ``p`` is in ``mask``; False if that is absurd."""
        if not any(p):
            return bool(sign_of(p.get((), 0)) & mask)
        normal, turned = scale(p)
        known = self.signs.get(normal, ANY) & (turn(mask) if turned else mask)
        self.signs[normal] = known
        return bool(known) and (not self.problem.integral(normal) or self._round(normal, known))

    def _round(self, p: Normal, known: int) -> bool:
        """Sharpen a fact about an integer: ``L + k < 0`` is ``L + ceil(k) <= -1`` and so on."""
        proper = {m: c for m, c in p if m}
        k = dict(p).get((), 0)
        if k.denominator != 1 and known == ZERO:
            return False
        if known in (NEGATIVE, NEGATIVE | ZERO) and (k.denominator != 1 or known == NEGATIVE):
            return self.learn(add(proper, {(): floor(k) + 1}), NEGATIVE | ZERO)
        if known in (POSITIVE, POSITIVE | ZERO) and (k.denominator != 1 or known == POSITIVE):
            return self.learn(add(proper, {(): ceil(k) - 1}), POSITIVE | ZERO)
        return True

    def holds(self, formula: Formula, met: dict[int, bool | None] | None = None) -> bool | None:
        """Whether a formula is true, false, or open; ``met`` tells it of parts met before."""
        kind = formula[0]
        if kind == "sign":
            known = self.signs.get(formula[1], ANY)
            return None if known & formula[2] and known & ~formula[2] else bool(known & formula[2])
        if kind == "truth":
            return self.truth.get(formula[1])
        if kind == "constant":
            return bool(formula[1])
        met = {} if met is None else met
        if id(formula) not in met:
            met[id(formula)] = _decided(kind, [self.holds(f, met) for f in formula[1:]])
        return met[id(formula)]


def _decided(kind: str, parts: list[bool | None]) -> bool | None:
    """The truth value of a connective, from those of its parts."""
    if kind == "iff":
        return None if None in parts else parts[0] == parts[1]
    if kind == "not":
        return None if parts[0] is None else not parts[0]
    if kind == "=>":
        kind, parts[0] = "or", None if parts[0] is None else not parts[0]
    decisive = kind == "or"
    return decisive if decisive in parts else None if None in parts else not decisive


class _Checker:
    def __init__(self, problem: Problem, table: list[Normal]) -> None:
        self.problem, self.table = problem, table

    def check(self, node: Any, state: State) -> None:
        """That a node closes a branch."""
        while node != 0:
            _require(type(node) is tuple and bool(node), "not a node")
            kind, rest = node[0], node[1:]
            if kind == "sign":
                return self.split(rest, state)
            _require(len(rest) in PARTS.get(kind, ()), "a node of no known form")
            if kind == "truth":
                number, *branches = rest
                for value, branch in zip((True, False), branches, strict=True):
                    below = state.copy()
                    if state.truth.get(number, value) == value:
                        below.truth[number] = value
                        self.check(branch, below)
                return None
            if kind == "sum":
                p, mask = self.combination(rest[0], state)
                if not state.learn(p, mask):
                    return None
                _require(len(rest) == 2, "the combination is not absurd")
            elif kind == "ite":
                if not self.choose(rest[0], state):
                    return None
            elif kind == "div":
                if not self.divide(rest[0], state):
                    return None
            elif not self.congruence(rest[0], rest[1], state):
                return None
            node = rest[-1]
        closed = any(state.holds(f) is False for f in self.problem.formulas)
        _require(closed, "a branch is not closed")
        return None

    def split(self, rest: Sequence[Any], state: State) -> None:
        normal = _pick(self.table, rest[0])
        masks, branches = rest[1::2], rest[2::2]
        _require(len(masks) == len(branches), "a mask without its branch")
        covered = 0
        for mask, branch in zip(masks, branches, strict=True):
            _require(type(mask) is int and 1 <= mask <= ANY, "not a mask")
            covered |= mask
            below = state.copy()
            if below.learn(dict(normal), mask):
                self.check(branch, below)
        _require(not state.signs.get(normal, ANY) & ~covered, "a sign is left out")

    def combination(self, summands: Sequence[Any], state: State) -> tuple[Polynomial, int]:
        """A nonnegative or zero polynomial, and its possible signs."""
        total: Polynomial = {}
        equation, strict = True, False
        for coefficient, references, factors in summands:
            p: Polynomial = {(): _number(coefficient)}
            zero, positive = False, True
            for reference in references:
                normal = _pick(self.table, reference)
                known = state.signs.get(normal, ANY)
                upward = known in (ZERO, POSITIVE, POSITIVE | ZERO)
                _require(upward or known in (NEGATIVE, NEGATIVE | ZERO), "a fact of unknown sign")
                p = multiply(p, dict(normal) if upward else add({}, dict(normal), -1))
                zero, positive = zero or known == ZERO, positive and not known & ZERO
            _require(zero or _number(coefficient) > 0, "a coefficient not positive")
            _require(zero or not factors, "a factor of unknown sign")
            for factor in factors:
                _pick(self.problem.atoms, factor)
            total = add(total, multiply(p, {tuple(sorted(factors)): 1}))
            equation, strict = equation and zero, strict or (positive and not zero)
        return total, ZERO if equation else POSITIVE if strict else POSITIVE | ZERO

    def choose(self, number: Any, state: State) -> bool:
        cases = _pick(self.problem.atoms, number).cases
        _require(cases is not None, "not an if-then-else")
        condition = state.holds(cases[0])
        _require(condition is not None, "the condition is open")
        value = cases[1] if condition else cases[2]
        return state.learn(add({(number,): 1}, value, -1), ZERO)

    def divide(self, number: Any, state: State) -> bool:
        quotient = _pick(self.problem.atoms, number).quotient
        _require(quotient is not None, "not a quotient")
        dividend, n = quotient
        rest = add(dividend, {(number,): n}, -1)
        above = add(rest, {(): 1 - n})
        return state.learn(rest, ZERO | POSITIVE) and state.learn(above, NEGATIVE | ZERO)

    def congruence(self, a: Any, b: Any, state: State) -> bool:
        left, right = _pick(self.problem.atoms, a), _pick(self.problem.atoms, b)
        same = left.head == right.head and len(left.arguments) == len(right.arguments)
        _require(same, "not the same function")
        for p, q in zip(left.arguments, right.arguments, strict=True):
            difference = add(p, q, -1)
            if any(difference):
                known = state.signs.get(scale(difference)[0], ANY)
                _require(known == ZERO, "arguments not known to be equal")
            else:
                _require(not difference, "different arguments")
        if left.predicate:
            _require(a in state.truth, "not known to hold or fail")
            conflict = state.truth.get(b, state.truth[a]) != state.truth[a]
            state.truth[b] = state.truth[a]
            return not conflict
        return state.learn(add({(a,): 1}, {(b,): 1}, -1), ZERO)


def check(problem: Problem, certificate: Any) -> None:
    """Check that a frozen certificate refutes a leaf's negation.

    Raises
    ------
    BadCertificate
        With the first thing that is wrong.
    """
    try:
        more, tree = certificate
        table = list(problem.polynomials)
        for entry in more:
            p: Polynomial = {}
            for coefficient, *atoms in entry:
                for number in atoms:
                    _pick(problem.atoms, number)
                p = add(p, {tuple(sorted(atoms)): _number(coefficient)})
            _require(any(p), "a constant polynomial")
            table.append(scale(p)[0])
        _Checker(problem, table).check(tree, State(problem, {}, {}))
    except (TypeError, ValueError, IndexError, ZeroDivisionError, RecursionError) as error:
        raise BadCertificate(f"not a certificate: {type(error).__name__}") from None


def _number(value: Any) -> Number:
    if type(value) is int:
        return value
    _require(type(value) is str and NUMBER.fullmatch(value) is not None, "not an exact number")
    return exact(Fraction(value))


def _pick(table: Sequence[Any], number: Any) -> Any:
    _require(type(number) is int and 0 <= number < len(table), "a number of nothing")
    return table[number]


def _require(condition: bool, otherwise: str) -> None:
    if not condition:
        raise BadCertificate(otherwise)
