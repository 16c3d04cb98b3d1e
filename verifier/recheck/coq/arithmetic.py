"""Comparisons as polynomials, and what a solver says of them.  It proposes; Coq decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Any, Final, TypeAlias

import z3

from verifier.errors import VerifierError
from verifier.recheck.coq.formulas import Assignment, comparison
from verifier.recheck.coq.terms import Term

Monomial: TypeAlias = tuple[int, ...]
Polynomial: TypeAlias = dict[Monomial, Fraction]
# A comparison and whether it is to hold.
Literal: TypeAlias = tuple[Term, bool]

# Work, not seconds, of one question to the proposing solver.
RESOURCE_LIMIT: Final = 4_000_000


class NoProofFound(VerifierError):
    """The search for a Coq proof of a leaf ended without one; ``refuted`` if it saw a model."""

    def __init__(self, why: str, refuted: bool = False) -> None:
        self.refuted = refuted
        super().__init__(why)


def plus(a: Polynomial, b: Polynomial, factor: Fraction = Fraction(1)) -> Polynomial:
    """a + factor·b."""
    total = dict(a)
    for m, c in b.items():
        total[m] = total.get(m, Fraction(0)) + factor * c
        if not total[m]:
            del total[m]
    return total


def times(a: Polynomial, b: Polynomial) -> Polynomial:
    """a·b."""
    total: Polynomial = {}
    for m, c in a.items():
        total = plus(total, {tuple(sorted(m + n)): c * d for n, d in b.items()})
    return total


class Arithmetic:
    """Comparisons as polynomials over numbered atoms, and z3 as their judge.

    Monomials are unknowns of their own, so what the judge refutes, linear tactics refute.
    """

    def __init__(self) -> None:
        self.numbers: list[Term] = []
        self.index: dict[Term, int] = {}
        self.known: dict[Term, Polynomial] = {}
        self.solver = z3.SimpleSolver(ctx=z3.Context())
        self.solver.set("core.minimize", True)
        self.solver.set("rlimit", RESOURCE_LIMIT)
        self.switches: dict[object, Any] = {}
        self.model: Any = None

    def polynomial(self, term: Term) -> Polynomial:
        """The term as a polynomial over atoms; casts are left out."""
        if term not in self.known:
            self.known[term] = self._polynomial(term)
        return self.known[term]

    def _polynomial(self, term: Term) -> Polynomial:
        head, parts = term.operator, term.arguments
        if head == "number":
            return {(): term.data} if term.data else {}
        if head == "to_real":
            return self.polynomial(parts[0])
        if head in ("+", "-"):
            sign = Fraction(1 if head == "+" else -1)
            total = self.polynomial(parts[0])
            for part in parts[1:]:
                total = plus(total, self.polynomial(part), sign)
            return total
        if head == "*":
            total = self.polynomial(parts[0])
            for part in parts[1:]:
                total = times(total, self.polynomial(part))
            return total
        if head == "/" and parts[1].operator == "number" and parts[1].data:
            return times(self.polynomial(parts[0]), {(): 1 / parts[1].data})
        if term not in self.index:
            self.index[term] = len(self.numbers)
            self.numbers.append(term)
        return {(self.index[term],): Fraction(1)}

    def gap(self, literal: Literal) -> tuple[Polynomial, str]:
        """The literal as ``polynomial relation 0`` with ``>=``, ``>``, ``=`` or ``!=``."""
        atom, positive = literal
        left, right = map(self.polynomial, atom.arguments)
        if atom.operator == "=":
            return plus(right, left, Fraction(-1)), "=" if positive else "!="
        if positive:
            return plus(right, left, Fraction(-1)), ">=" if atom.operator == "<=" else ">"
        return plus(left, right, Fraction(-1)), ">" if atom.operator == "<=" else ">="

    def integral(self, monomial: Monomial) -> bool:
        """Whether a monomial has integer atoms only."""
        return all(self.numbers[i].sort == "Int" for i in monomial)

    # The judge.

    def unknown(self, monomial: Monomial, relaxed: bool) -> Any:
        """The judge's unknown for a monomial; relaxed, integers are reals."""
        name = f"m{'_'.join(map(str, monomial))}"
        if relaxed:
            return z3.Real(f"r{name}", self.solver.ctx)
        if self.integral(monomial):
            return z3.Int(name, self.solver.ctx)
        return z3.Real(name, self.solver.ctx)

    def expression(self, p: Polynomial, integer: bool, relaxed: bool) -> Any:
        """A polynomial for the judge."""
        ctx = self.solver.ctx
        total = z3.IntVal(0, ctx) if integer and not relaxed else z3.RealVal(0, ctx)
        for m, c in p.items():
            number = (
                z3.IntVal(int(c), ctx)
                if integer and not relaxed
                else z3.RealVal(f"{c.numerator}/{c.denominator}", ctx)
            )
            x = self.unknown(m, relaxed) if m else None
            if x is not None and z3.is_int(x) and not integer:
                x = z3.ToReal(x)
            total = total + (number if x is None else number * x)
        return total

    def switch(
        self, key: object, p: Polynomial, relation: str, integer: bool, relaxed: bool
    ) -> Any:
        """The judge's switch for ``p relation 0``."""
        if (key, relaxed) not in self.switches:
            p_ = z3.Bool(f"s{len(self.switches)}", self.solver.ctx)
            if integer and relaxed and relation == ">":
                p, relation = plus(p, {(): Fraction(-1)}), ">="
            e = self.expression(p, integer, relaxed)
            said = {">=": e >= 0, ">": e > 0, "=": e == 0, "!=": e != 0}[relation]
            self.solver.add(z3.Implies(p_, said))
            self.switches[key, relaxed] = p_
        return self.switches[key, relaxed]

    def literal_switch(self, literal: Literal, relaxed: bool = False) -> Any:
        """The judge's switch for a literal."""
        p, relation = self.gap(literal)
        return self.switch(literal, p, relation, literal[0].arguments[0].sort == "Int", relaxed)

    def refute(self, switches: dict[Any, Any]) -> tuple[Any, ...] | None:
        """The keys of switches that contradict each other, or None with ``model`` set."""
        back = {str(s): key for key, s in switches.items()}
        answer = self.solver.check(*switches.values())
        if answer == z3.unsat:
            return tuple(back[str(s)] for s in self.solver.unsat_core())
        self.model = self.solver.model() if answer == z3.sat else None
        return None

    def value(self, p: Polynomial, relaxed: bool = False) -> Fraction | None:
        """A polynomial in the judge's last model."""
        if self.model is None:
            return None
        total = Fraction(0)
        for m, c in p.items():
            found = self.model.eval(self.unknown(m, relaxed), model_completion=True) if m else 1
            total += c * (Fraction(1) if found == 1 and not m else Fraction(str(found)))
        return total


def casts(term: Term) -> bool:
    """Whether an integer is cast somewhere in a formula of numbers, or is compared there."""
    if term.operator in ("variable", "apply", "symbol", "number"):
        return False
    if term.operator == "to_real" or (term.sort == "Bool" and term.arguments[0].sort == "Int"):
        return True
    return any(map(casts, term.arguments))


def literals_of(given: Assignment) -> list[Literal]:
    """The comparisons assigned."""
    return [(a, v) for a, v in given.items() if comparison(a)]


def factors_of(arithmetic: Arithmetic, literals: Iterable[Literal]) -> tuple[Monomial, ...]:
    """Proper parts of the nonlinear monomials: what equations are worth multiplying by."""
    found: dict[Monomial, None] = {}
    for literal in literals:
        p, _ = arithmetic.gap(literal)
        for m in p:
            for size in range(1, len(m)):
                found.update(dict.fromkeys(combinations(m, size)))
    return tuple(found)


class Judge:
    """z3 on whole formulas: products are products and functions are functions."""

    def __init__(self) -> None:
        self.ctx = z3.Context()
        self.solver = z3.SimpleSolver(ctx=self.ctx)
        self.solver.set("core.minimize", True)
        self.solver.set("rlimit", RESOURCE_LIMIT)
        self.done: dict[Term, Any] = {}
        self.functions: dict[object, Any] = {}

    def needed(self, formulas: Sequence[Term], goal: Term | None) -> tuple[int, ...] | None:
        """Which formulas refute each other and the negated goal, if there is one; or None."""
        switches = {}
        for i, formula in enumerate(formulas):
            s = z3.Bool(f"use{i}", self.ctx)
            self.solver.add(z3.Implies(s, self.read(formula)))
            switches[f"use{i}"] = (s, i)
        if goal is not None:
            self.solver.add(z3.Not(self.read(goal)))
        if self.solver.check(*(s for s, _ in switches.values())) != z3.unsat:
            return None
        names = {str(s) for s in self.solver.unsat_core()}
        return tuple(i for name, (_, i) in switches.items() if name in names)

    def nonlinear(self, literals: list[Literal]) -> list[Literal]:
        """The comparisons that refute each other in nonlinear arithmetic.

        Raises
        ------
        NoProofFound
            If they have a model, or the solver stops at its limit.
        """
        switches = {}
        for i, (atom, positive) in enumerate(literals):
            s = z3.Bool(f"use{i}", self.ctx)
            said = self.read(atom)
            self.solver.add(z3.Implies(s, said if positive else z3.Not(said)))
            switches[f"use{i}"] = (s, (atom, positive))
        answer = self.solver.check(*(s for s, _ in switches.values()))
        if answer == z3.sat:
            raise NoProofFound("the leaf is false: one case of it has a model", refuted=True)
        if answer != z3.unsat:
            raise NoProofFound("one case is out of reach of the search")
        names = {str(s) for s in self.solver.unsat_core()}
        return [literal for name, (_, literal) in switches.items() if name in names]

    def read(self, term: Term) -> Any:
        """A term for z3; opaque ones are constants."""
        if term not in self.done:
            self.done[term] = self._read(term)
        return self.done[term]

    def _read(self, term: Term) -> Any:
        head = term.operator
        if head == "number":
            if term.sort == "Int":
                return z3.IntVal(int(term.data), self.ctx)
            return z3.RealVal(f"{term.data.numerator}/{term.data.denominator}", self.ctx)
        if head in ("true", "false"):
            return z3.BoolVal(head == "true", self.ctx)
        literal_quotient = head == "/" and term.arguments[1].operator == "number"
        if head in ("forall", "exists", "variable", "ite", "div", "mod") or (
            head == "/" and not literal_quotient
        ):
            return self._constant(term)
        if head in ("apply", "symbol"):
            return self._applied(term)
        a = [self.read(x) for x in term.arguments]
        if head in ("and", "or"):
            return (z3.And if head == "and" else z3.Or)(*a)
        if head == "not":
            return z3.Not(a[0])
        if head == "=>":
            return z3.Implies(*a)
        if head == "to_real":
            return z3.ToReal(a[0])
        total = a[0]
        for x in a[1:]:
            total = {
                "+": lambda p, q: p + q,
                "-": lambda p, q: p - q,
                "*": lambda p, q: p * q,
                "/": lambda p, q: p / q,
                "=": lambda p, q: p == q,
                "<=": lambda p, q: p <= q,
                "<": lambda p, q: p < q,
            }[head](total, x)
        return total

    def _sort(self, sort: str) -> Any:
        return {"Int": z3.IntSort, "Real": z3.RealSort, "Bool": z3.BoolSort}[sort](self.ctx)

    def _constant(self, term: Term) -> Any:
        return z3.Const(f"c{len(self.done)}_{id(term)}", self._sort(str(term.sort)))

    def _applied(self, term: Term) -> Any:
        numeric = [a for a in term.arguments if isinstance(a.sort, str)]
        if not numeric:
            return self._constant(term)
        functions = tuple(id(a) for a in term.arguments if not isinstance(a.sort, str))
        key = (term.operator, term.data, functions)
        if key not in self.functions:
            sorts = [self._sort(str(a.sort)) for a in (*numeric, term)]
            self.functions[key] = z3.Function(f"f{len(self.functions)}", *sorts)
        return self.functions[key](*(self.read(a) for a in numeric))
