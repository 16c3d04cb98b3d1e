"""Algebra by sympy, proved again: it proposes a form, the kernel shows the two forms equal.

sympy takes as long to import as the whole library takes to prove again, so it is imported when
one of these functions is called and not before.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from verifier.kernel import Theorem
from verifier.logic import INT, REAL, Sort, Term, number
from verifier.logic.sorts import NUMBERS
from verifier.proving.errors import ProofFailed
from verifier.proving.proof import Fact, Proof


def expanded(p: Proof, term: Term) -> Theorem:
    """``term = its polynomial normal form``.

    What is no sum, difference, product or literal is a variable of the polynomial.

    Examples
    --------
    >>> from verifier.proving import reals
    >>> x, y = reals("x y")
    >>> print(expanded(Proof("doc"), (x + y) * (x - y)).conclusion)
    (x + y)·(x − y) = x·x − y·y
    """
    import sympy

    return _proposed(p, term, sympy.expand)


def factored(p: Proof, term: Term) -> Theorem:
    """``term = its factors``, over the rationals.

    Examples
    --------
    >>> from verifier.proving import reals
    >>> x, y = reals("x y")
    >>> print(factored(Proof("doc"), x * x - y * y).conclusion)
    x·x − y·y = (x − y)·(x + y)
    """
    import sympy

    return _proposed(p, term, sympy.factor)


def sum_closed_form(
    p: Proof,
    sums: Callable[[Term], Term],
    term: Callable[[Term], Term],
    n: Term,
    natural: Fact,
) -> Theorem:
    """``sums(n) = a closed form``, found by sympy and proved by induction.

    Parameters
    ----------
    sums:
        Of an integer n, a defined recursion with value 0 at 0 that adds ``term(n)`` at n + 1.
    term:
        A polynomial in its argument.
    natural:
        Facts that give ``0 ≤ n``.

    Raises
    ------
    ProofFailed
        If sympy finds no polynomial with integer values at integers, or it is not the sum.
    """
    import sympy

    j, m = sympy.Symbol("j", integer=True), sympy.Symbol("m", integer=True, nonnegative=True)
    one = p.fresh("j", INT)
    atoms: dict[Term, Any] = {one: j}
    summed = sympy.summation(_to_sympy(term(one), atoms), (j, 0, m - 1))
    numerator, denominator = sympy.fraction(sympy.together(sympy.expand(summed)))
    if not denominator.is_Integer or not numerator.is_polynomial(m):
        raise ProofFailed(f"no polynomial closed form: {summed}", p.name)
    back = {symbol: atom for atom, symbol in atoms.items()}

    # Multiplied out, so that the claim stays one about integers.
    def claim(i: Term) -> Term:
        value = _from_sympy(sympy.expand(numerator), {**back, m: i}, INT)
        return int(denominator) * sums(i) == value

    zero = number(0, INT)
    return p.by_induction(
        n,
        natural,
        claim,
        lambda: p.have(claim(zero), p.meaning(sums(zero))),
        lambda i, natural, hypothesis: p.have(
            claim(i + 1), hypothesis, p.successor(sums(i + 1), natural)
        ),
    )


def _proposed(p: Proof, term: Term, rewrite: Callable[[Any], Any]) -> Theorem:
    if term.sort not in NUMBERS or not isinstance(term.sort, Sort):
        raise ProofFailed(f"algebra is about numbers, not {term.sort}", p.name)
    atoms: dict[Term, Any] = {}
    form = rewrite(_to_sympy(term, atoms))
    back = {symbol: atom for atom, symbol in atoms.items()}
    return p.have(term == _from_sympy(form, back, term.sort), name="algebra")


def _to_sympy(term: Term, atoms: dict[Term, Any]) -> Any:
    import sympy

    if term.operator == "number":
        return sympy.Rational(term.data.numerator, term.data.denominator)
    if term.operator in ("+", "-", "*"):
        left, right = (_to_sympy(a, atoms) for a in term.arguments)
        return {"+": left + right, "-": left - right, "*": left * right}[term.operator]
    if term not in atoms:
        # Names in order of appearance, so that sympy's own order follows the reader's.
        atoms[term] = sympy.Symbol(f"a{len(atoms):04d}", integer=term.sort == INT, real=True)
    return atoms[term]


def _from_sympy(form: Any, atoms: dict[Any, Term], sort: Sort) -> Term:
    if form.is_Add:
        return _sum([_from_sympy(a, atoms, sort) for a in form.as_ordered_terms()])
    if form.is_Mul:
        sign, size = (-1, -form) if form.could_extract_minus_sign() else (1, form)
        if sign < 0:
            return -_from_sympy(size, atoms, sort)
        return _product([_from_sympy(a, atoms, sort) for a in form.as_ordered_factors()])
    if form.is_Pow and form.exp.is_Integer and form.exp > 0:
        return _product([_from_sympy(form.base, atoms, sort)] * int(form.exp))
    if form.is_Rational:
        return number(Fraction(int(form.p), int(form.q)), sort)
    if form in atoms:
        return atoms[form]
    raise ProofFailed(f"outside the algebra of {REAL} and {INT}: {form}")


def _sum(parts: list[Term]) -> Term:
    total = parts[0]
    for part in parts[1:]:
        if part.operator == "-" and part.arguments[0] is number(0, _base(part)):
            total = total - part.arguments[1]
        elif part.operator == "number" and part.data < 0:
            total = total - number(-part.data, _base(part))
        else:
            total = total + part
    return total


def _base(term: Term) -> Sort:
    if not isinstance(term.sort, Sort):
        raise ProofFailed(f"not a number: {term}")
    return term.sort


def _product(parts: list[Term]) -> Term:
    total = parts[0]
    for part in parts[1:]:
        total = total * part
    return total
