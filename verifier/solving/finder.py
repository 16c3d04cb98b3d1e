"""Finding certificates.  Nothing here is trusted: what it finds, the kernel checks.

z3 says which lemma instances refute the leaf when polynomials are linear in their monomials.
A tree over the signs those instances speak of is then built by propagation and case splits; a
branch whose facts are inconsistent is closed by the one combination that its minimal
inconsistent set admits, found by exact elimination.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from verifier.kernel.certificates import State, check, frozen
from verifier.kernel.errors import BadCertificate
from verifier.kernel.polynomials import (
    ANY,
    NEGATIVE,
    POSITIVE,
    ZERO,
    Formula,
    Monomial,
    Normal,
    Number,
    Polynomial,
    Problem,
    add,
    multiply,
    scale,
    turn,
)
from verifier.logic import Term

Node = Any

# Which facts a step of a branch rests on, by the number of the step that learned them.
Reasons = frozenset[int]
Found = tuple[Node, Reasons]

MOST_PRODUCTS: Final = 4000
DEEPEST_BRANCHING: Final = 14
UPWARD: Final = (ZERO, POSITIVE, POSITIVE | ZERO)


# Work of z3, in its own units and so the same on every machine: of one question, of one leaf.
QUESTION_LIMIT: Final = 20_000_000
LEAF_LIMIT: Final = 60_000_000
MOST_STEPS: Final = 3000


class NotFound(Exception):
    """No certificate within the limits."""


@dataclass
class Effort:
    """What may still be spent on a leaf.

    Attributes
    ----------
    left:
        Units of z3's work.
    """

    left: int = LEAF_LIMIT

    def ask(self, solver: Any, *assumptions: Any) -> Any:
        """z3's answer, its work taken from what is left."""
        if self.left <= 0:
            raise NotFound("the search is too long")
        before = _work(solver)
        solver.set("rlimit", min(QUESTION_LIMIT, self.left))
        answer = solver.check(*assumptions)
        # Even an easy question costs something, so that their number is limited too.
        self.left -= max(_work(solver) - before, 1000)
        return answer


def _work(solver: Any) -> int:
    statistics = solver.statistics()
    # Before the first question there is nothing to count.
    known = "rlimit count" in statistics.keys()  # noqa: SIM118 - not a mapping
    return int(statistics.get_key_value("rlimit count")) if known else 0


@dataclass(frozen=True)
class Instance:
    """A lemma at given terms: where ``condition`` holds, ``p`` has a sign in ``mask``.

    Attributes
    ----------
    how:
        The certificate's node, without what follows; references are normal forms.
    """

    condition: Formula
    p: Polynomial
    mask: int
    how: tuple[Any, ...]

    @property
    def conclusion(self) -> Formula:
        return literal(self.p, self.mask)


def literal(p: Polynomial, mask: int) -> Formula:
    """The formula that ``p`` has a sign in ``mask``."""
    if not any(p):
        c = p.get((), Fraction(0))
        return ("constant", bool(mask & (NEGATIVE if c < 0 else POSITIVE if c > 0 else ZERO)))
    normal, turned = scale(p)
    return ("sign", normal, turn(mask) if turned else mask)


def find(premises: Sequence[Term], goal: Term, limit: int = LEAF_LIMIT) -> Any:
    """A certificate of a leaf, checked, as the kernel takes it.

    Parameters
    ----------
    limit:
        Of z3's work.

    Raises
    ------
    NotFound
        If none was found.
    """
    problem, effort = Problem(premises, goal), Effort(limit)
    tried = -1
    for instances in _levels(problem):
        if len(instances) == tried:
            continue
        tried = len(instances)
        for integers in (False, True):
            try:
                core = _core(problem, instances, integers, effort)
                if core is None:
                    continue
                certificate = frozen(_Search(problem, *core, effort).certificate())
                check(problem, certificate)
            except (NotFound, BadCertificate, RecursionError):
                if effort.left <= 0:
                    break
                continue
            return certificate
    raise NotFound("no lemma instances suffice")


# Lemma instances.


def _levels(problem: Problem) -> Iterator[list[Instance]]:
    """Growing sets of lemma instances."""
    base = [*_cases(problem), *_quotients(problem), *_congruences(problem)]
    yield base
    first = _monomials(problem.polynomials) | _monomials(scale(i.p)[0] for i in base if any(i.p))
    wanted = set(first)
    # Equations alone come first: they are many fewer than products of inequalities.
    degree = max(map(len, first), default=0)
    for _ in range(6):
        more = list(_multiples(problem, base, wanted, degree))
        yield base + more
        wanted |= _monomials(scale(i.p)[0] for i in more if any(i.p))
    wanted = first
    for _ in range(3):
        wanted |= _monomials(scale(i.p)[0] for i in base if any(i.p))
        more = [*_multiples(problem, base, wanted), *_products(problem, base, wanted)]
        yield base + more
        # Products bring monomials of their own, which other products may cancel.
        wanted |= _monomials(scale(i.p)[0] for i in more if any(i.p))
    squares = [*_products(problem, base, None)]
    yield [*base, *_multiples(problem, base, wanted), *squares]


def _monomials(polynomials: Iterable[Normal]) -> set[Monomial]:
    return {m for p in polynomials for m, _ in p if len(m) > 1}


def _cases(problem: Problem) -> Iterator[Instance]:
    for number, atom in enumerate(problem.atoms):
        if atom.cases:
            condition, then, otherwise = atom.cases
            this: Polynomial = {(number,): Fraction(1)}
            yield Instance(condition, add(this, then, -1), ZERO, ("ite", number))
            yield Instance(("not", condition), add(this, otherwise, -1), ZERO, ("ite", number))


def _quotients(problem: Problem) -> Iterator[Instance]:
    for number, atom in enumerate(problem.atoms):
        if atom.quotient:
            dividend, n = atom.quotient
            rest = add(dividend, {(number,): Fraction(n)}, -1)
            always: Formula = ("constant", True)
            yield Instance(always, rest, POSITIVE | ZERO, ("div", number))
            above = add(rest, {(): Fraction(1 - n)})
            yield Instance(always, above, NEGATIVE | ZERO, ("div", number))


def _congruences(problem: Problem) -> Iterator[Instance]:
    for b, right in enumerate(problem.atoms):
        for a, left in enumerate(problem.atoms[:b]):
            if left.head != right.head or not left.arguments:
                continue
            if len(left.arguments) != len(right.arguments):
                continue
            pairs = zip(left.arguments, right.arguments, strict=True)
            equal = [literal(add(p, q, -1), ZERO) for p, q in pairs]
            if ("constant", False) in equal:
                continue
            condition: Formula = ("and", *equal)
            if left.predicate:
                for x, y in ((a, b), (b, a)):
                    yield Instance(("and", condition, ("truth", x)), {}, y, ("equal", x, y))
            else:
                difference: Polynomial = {(a,): Fraction(1), (b,): Fraction(-1)}
                yield Instance(condition, difference, ZERO, ("equal", a, b))


def _equations(problem: Problem, base: list[Instance]) -> set[Normal]:
    found = {scale(i.p)[0] for i in base if i.mask == ZERO and any(i.p)}
    todo: list[Formula] = list(problem.formulas) + [i.condition for i in base]
    while todo:
        f = todo.pop()
        if f[0] == "sign" and f[2] in (ZERO, NEGATIVE | POSITIVE):
            found.add(f[1])
        elif f[0] in ("and", "or", "not", "=>", "iff"):
            todo.extend(f[1:])
    return found


def _multiples(
    problem: Problem, base: list[Instance], wanted: set[Monomial], degree: int | None = None
) -> Iterator[Instance]:
    """Equations times monomials, where the product has a monomial that is wanted."""
    for e in sorted(_equations(problem, base)):
        factors: set[Monomial] = set()
        for m, _ in e:
            for target in wanted:
                rest = _quotient(target, m)
                if rest:
                    factors.add(rest)
        for factor in sorted(factors):
            p = multiply(dict(e), {factor: Fraction(1)})
            if degree is not None and max(map(len, p)) > degree:
                continue
            how = ("sum", ((1, (e,), factor),))
            yield Instance(("sign", e, ZERO), p, ZERO, how)


def _quotient(target: Monomial, m: Monomial) -> Monomial | None:
    rest = list(target)
    for atom in m:
        if atom not in rest:
            return None
        rest.remove(atom)
    return tuple(rest)


def _products(
    problem: Problem, base: list[Instance], wanted: set[Monomial] | None
) -> Iterator[Instance]:
    """Products of two polynomials of known signs, where a monomial of theirs is wanted."""
    pool = list(dict.fromkeys([*_sharpened(problem), *_signs(base), *_squared(wanted)]))
    made = 0
    for i, p in enumerate(pool):
        for q in pool[: i + 1]:
            product = multiply(dict(p), dict(q))
            tops = {tuple(sorted(m + n)) for m, _ in p for n, _ in q if m and n}
            if len(max(tops, key=len)) > 3 or (wanted is not None and not tops & wanted):
                continue
            made += 1
            if made > MOST_PRODUCTS:
                return
            for one, two in itertools.product((POSITIVE, NEGATIVE), repeat=2):
                if p == q and one != two:
                    continue
                mask = POSITIVE if one == two else NEGATIVE
                for more in (ZERO, 0):
                    condition = ("and", ("sign", p, one | more), ("sign", q, two | more))
                    how = ("sum", ((1, (p, q), ()),))
                    yield Instance(condition, product, mask | more, how)


def _sharpened(problem: Problem) -> Iterator[Normal]:
    """The polynomials of the formulas, and what rounding makes of them."""
    todo: list[Formula] = list(problem.formulas)
    masks: dict[Normal, set[int]] = {p: set() for p in problem.polynomials}
    while todo:
        f = todo.pop()
        if f[0] == "sign":
            masks[f[1]] |= {f[2], ANY & ~f[2]}
        elif f[0] in ("and", "or", "not", "=>", "iff"):
            todo.extend(f[1:])
    for p, seen in masks.items():
        yield p
        strict = {NEGATIVE, POSITIVE} if ZERO in seen else seen & {NEGATIVE, POSITIVE}
        for mask in sorted(strict):
            if problem.integral(p):
                state = State(problem, {}, {})
                state.learn(dict(p), mask)
                yield from state.signs


def _squared(wanted: set[Monomial] | None) -> Iterator[Normal]:
    """Atoms whose squares occur."""
    for m in sorted(wanted or ()):
        if len(m) == 2 and m[0] == m[1]:
            yield ((m[:1], Fraction(1)),)


def _signs(base: list[Instance]) -> Iterator[Normal]:
    for i in base:
        if any(i.p) and i.how[0] != "equal":
            yield scale(i.p)[0]


# z3 as an oracle.


class _Linear:
    """Formulas as z3 expressions, linear in the monomials."""

    def __init__(self, problem: Problem, integers: bool) -> None:
        import z3

        self.z3, self.problem, self.integers = z3, problem, integers
        self.context = z3.Context()
        self.solver = z3.Solver(ctx=self.context)
        self.solver.set("random_seed", 0)
        self.solver.set("core.minimize", True)
        self.variables: dict[Monomial, Any] = {}
        self.literals: dict[tuple[Normal, int], Any] = {}
        self.switches: dict[Any, str] = {}
        self.facts: dict[str, tuple[Normal, int]] = {}

    def variable(self, m: Monomial) -> Any:
        if m not in self.variables:
            whole = self.integers and all(self.problem.atoms[a].integer for a in m)
            make = self.z3.Int if whole else self.z3.Real
            self.variables[m] = make(f"m{len(self.variables)}", self.context)
        return self.variables[m]

    def literal(self, p: Normal, mask: int) -> Any:
        if (p, mask) not in self.literals:
            self.literals[p, mask] = self._literal(p, mask)
        return self.literals[p, mask]

    def _literal(self, p: Normal, mask: int) -> Any:
        if mask == ANY:
            return self.z3.BoolVal(True, self.context)
        if mask & NEGATIVE and mask & POSITIVE:
            return self.z3.Not(self.literal(p, ZERO))
        k = dict(p).get((), Fraction(0))
        left = self.z3.Sum([self.real(c) * self.variable(m) for m, c in p if m])
        if mask == ZERO:
            return left == self.real(-k)
        whole = self.problem.integral(p)
        if mask & NEGATIVE:
            if whole:
                return left <= self.real(
                    Fraction(-k if mask & ZERO and k.denominator == 1 else -(math.floor(k) + 1))
                )
            return left <= self.real(-k) if mask & ZERO else left < self.real(-k)
        if whole:
            return left >= self.real(
                Fraction(-k if mask & ZERO and k.denominator == 1 else 1 - math.ceil(k))
            )
        return left >= self.real(-k) if mask & ZERO else left > self.real(-k)

    def real(self, c: Number) -> Any:
        if self.integers and c.denominator == 1:
            return self.z3.IntVal(c.numerator, self.context)
        return self.z3.RealVal(str(c), self.context)

    def formula(self, f: Formula) -> Any:
        kind, z3 = f[0], self.z3
        if kind == "sign":
            return self.literal(f[1], f[2])
        if kind == "truth":
            return z3.Bool(f"t{f[1]}", self.context)
        if kind == "constant":
            return z3.BoolVal(f[1], self.context)
        parts = [self.formula(g) for g in f[1:]]
        if kind == "not":
            return z3.Not(parts[0])
        if kind == "=>":
            return z3.Implies(*parts)
        if kind == "iff":
            return parts[0] == parts[1]
        return (z3.And if kind == "and" else z3.Or)(
            *parts, *([] if len(parts) > 1 else [z3.BoolVal(kind == "and", self.context)])
        )

    def value(self, model: Any, m: Monomial) -> Fraction:
        """A monomial's value in a model."""
        value = model.eval(self.variable(m), model_completion=True)
        return Fraction(value.numerator_as_long(), value.denominator_as_long())

    def switch(self, name: str, expression: Any) -> Any:
        """A constant that switches an expression on."""
        constant = self.z3.Bool(name, self.context)
        self.solver.add(self.z3.Implies(constant, expression))
        return constant

    def fact(self, p: Normal, mask: int) -> Any:
        if (p, mask) not in self.switches:
            name = f"fact{len(self.switches)}"
            self.switches[p, mask] = self.switch(name, self.literal(p, mask))
            self.facts[name] = (p, mask)
        return self.switches[p, mask]


def _core(
    problem: Problem, instances: list[Instance], integers: bool, effort: Effort
) -> tuple[list[Formula], list[Instance]] | None:
    """Formulas and instances that are inconsistent when polynomials are linear, a few of them."""
    linear = _Linear(problem, integers)
    parts: dict[str, Formula | Instance] = {}
    switches = []
    for number, f in enumerate(problem.formulas):
        parts[f"f{number}"] = f
        switches.append(linear.switch(f"f{number}", linear.formula(f)))
    for number, i in enumerate(instances):
        condition = linear.formula(i.condition)
        if i.p == {} and i.how[0] == "equal":
            conclusion = linear.formula(("truth", i.mask))
        else:
            conclusion = linear.formula(i.conclusion)
        parts[f"i{number}"] = i
        switches.append(linear.switch(f"i{number}", linear.z3.Implies(condition, conclusion)))
    if effort.ask(linear.solver, *switches) != linear.z3.unsat:
        return None
    used = [parts[c.decl().name()] for c in linear.solver.unsat_core()]
    return (
        [f for f in used if isinstance(f, tuple)],
        [i for i in used if isinstance(i, Instance)],
    )


# The tree.


@dataclass
class _Branch:
    """A state, and for each thing known the steps that it rests on."""

    state: State
    why: dict[Any, Reasons]

    def copy(self) -> _Branch:
        return _Branch(self.state.copy(), dict(self.why))

    def learn(self, p: Polynomial, mask: int, reasons: Reasons) -> Reasons | None:
        """Learn a fact; gives what an absurdity rests on, or None if there is none."""
        before = dict(self.state.signs)
        fine = self.state.learn(p, mask)
        changed = [n for n, known in self.state.signs.items() if before.get(n, ANY) != known]
        # Rounding goes on from one fact to the next, so each rests on all of them.
        total = reasons.union(*(self.why.get(n, frozenset()) for n in changed))
        for normal in changed:
            self.why[normal] = total
        return None if fine else total


class _Search:
    def __init__(
        self, problem: Problem, formulas: list[Formula], instances: list[Instance], effort: Effort
    ) -> None:
        self.problem, self.formulas, self.instances = problem, formulas, instances
        self.effort = effort
        self.linear = _Linear(problem, False)
        self.steps = 0
        self.extra: dict[Normal, int] = {}

    def certificate(self) -> Any:
        node, _ = self.search(_Branch(State(self.problem, {}, {}), {}), 0)
        tree = self.numbered(node)
        extras = [[[_text(c), *m] for m, c in p] for p in self.extra]
        return [extras, tree]

    def numbered(self, node: Node) -> Node:
        """The tree with numbers for polynomials."""
        if node == 0:
            return 0
        kind, *rest = node
        if kind == "sign":
            parts = [x if i % 2 == 0 else self.numbered(x) for i, x in enumerate(rest[1:])]
            return [kind, self.number(rest[0]), *parts]
        if kind == "truth":
            return [kind, rest[0], *(self.numbered(b) for b in rest[1:])]
        if kind == "sum":
            summands = [[c, [self.number(r) for r in rs], list(fs)] for c, rs, fs in rest[0]]
            return [kind, summands, *(self.numbered(b) for b in rest[1:])]
        return [kind, *rest[:-1], self.numbered(rest[-1])]

    def number(self, p: Normal) -> int:
        if p in self.problem.polynomials:
            return self.problem.polynomials.index(p)
        return self.extra.setdefault(p, len(self.problem.polynomials) + len(self.extra))

    def step(self) -> int:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise NotFound("the search is too long")
        return self.steps

    def search(self, branch: _Branch, cuts: int) -> Found:
        """A closed tree for a branch, and what it rests on."""
        closed = self.falsified(branch)
        if closed is not None:
            return 0, closed
        absurd = self.absurd(branch)
        if absurd is not None:
            return absurd
        for instance in self.instances:
            if self.useful(instance, branch):
                return self.derive(instance, branch, cuts)
        forced = self.forced(branch)
        if forced is not None:
            return self.split(forced, branch, cuts)
        options = self.open_literals(branch)
        options += [
            ("sign", p, NEGATIVE)
            for p, mask in branch.state.signs.items()
            if mask == NEGATIVE | POSITIVE
        ]
        if options:
            # A literal whose denial is absurd costs no second branch.
            for option in options:
                if option[0] == "sign":
                    for mask in (option[2], ANY & ~option[2]):
                        below = branch.copy()
                        lost = below.learn(dict(option[1]), mask, frozenset()) is not None
                        if lost or self.clash(below):
                            return self.split(("sign", option[1], mask), branch, cuts)
            return self.split(options[0], branch, cuts)
        return self.cut(branch, cuts)

    def falsified(self, branch: _Branch) -> Reasons | None:
        best: Reasons | None = None
        for f in self.formulas:
            if branch.state.holds(f) is False:
                why = self.explain(f, branch)
                if best is None or len(why) < len(best):
                    best = why
        return best

    def explain(self, f: Formula, branch: _Branch) -> Reasons:
        """What a decided formula's truth value rests on."""
        kind = f[0]
        if kind in ("sign", "truth"):
            return branch.why.get(f[1], frozenset())
        if kind == "constant":
            return frozenset()
        value = branch.state.holds(f)
        parts = f[1:]
        if kind == "=>":
            parts = (("not", f[1]), f[2])
        if (kind == "and" and value is False) or (kind in ("or", "=>") and value is True):
            decisive = [g for g in parts if branch.state.holds(g) is value]
            return min((self.explain(g, branch) for g in decisive), key=len)
        return frozenset().union(*(self.explain(g, branch) for g in parts))

    def facts(self, branch: _Branch) -> list[Any]:
        """What is linear in what is known; a fact that was rounded stands rounded only."""
        return [
            self.linear.fact(p, mask)
            for p, mask in branch.state.signs.items()
            if mask not in (0, ANY, NEGATIVE | POSITIVE)
            and not (mask != ZERO and _rounded(self.problem, p, mask))
        ]

    def clash(self, branch: _Branch) -> list[tuple[Normal, int]] | None:
        """A minimal inconsistent set of facts."""
        facts = {s.decl().name(): s for s in self.facts(branch)}
        solver, unsat = self.linear.solver, self.linear.z3.unsat
        if self.effort.ask(solver, *facts.values()) != unsat:
            return None
        names = sorted((c.decl().name() for c in solver.unsat_core()), key=lambda n: int(n[4:]))
        for name in list(names):
            rest = [facts[n] for n in names if n != name]
            if len(rest) < len(names) and self.effort.ask(solver, *rest) == unsat:
                names.remove(name)
        return [self.linear.facts[n] for n in names]

    def absurd(self, branch: _Branch) -> Found | None:
        facts = self.clash(branch)
        if facts is None:
            return None
        summands = _farkas(facts)
        if summands is None:
            raise NotFound("no combination of an inconsistent set")
        why = frozenset[int]().union(*(branch.why[p] for p, _ in facts))
        return ("sum", summands), why

    def useful(self, instance: Instance, branch: _Branch) -> bool:
        if branch.state.holds(instance.condition) is not True:
            return False
        if instance.how[0] == "equal" and instance.p == {}:
            return branch.state.truth.get(instance.mask) is not True
        conclusion = instance.conclusion
        return branch.state.holds(conclusion) is not True

    def derive(self, instance: Instance, branch: _Branch, cuts: int) -> Found:
        step = self.step()
        condition = self.explain(instance.condition, branch)
        node = instance.how
        below = branch.copy()
        if node[0] == "equal" and instance.p == {}:
            if instance.mask in branch.state.truth:
                return (*node, 0), condition | branch.why[instance.mask]
            below.state.truth[instance.mask] = True
            below.why[instance.mask] = frozenset({step})
            tree, why = self.search(below, cuts)
        elif node[0] == "div":
            dividend, n = self.problem.atoms[node[1]].quotient or ({}, 1)
            rest = add(dividend, {(node[1],): Fraction(n)}, -1)
            lost = below.learn(rest, POSITIVE | ZERO, frozenset({step}))
            if lost is None:
                above = add(rest, {(): Fraction(1 - n)})
                lost = below.learn(above, NEGATIVE | ZERO, frozenset({step}))
            tree, why = self.search(below, cuts) if lost is None else (0, lost)
        else:
            lost = below.learn(instance.p, instance.mask, frozenset({step}))
            if lost is not None:
                # The fact clashes with what is known of the same polynomial.
                return (*node, 0), condition | (lost - {step})
            tree, why = self.search(below, cuts)
        if step not in why:
            return tree, why
        return (*node, tree), condition | (why - {step})

    def forced(self, branch: _Branch) -> Formula | None:
        """A literal that a formula forces."""
        for f in self.formulas:
            if branch.state.holds(f) is None:
                for option in self.literals(f, branch):
                    for wanted in (option, self.denied(option)):
                        if self.assumed(self.denied(wanted), branch).holds(f) is False:
                            return wanted
        return None

    def assumed(self, option: Formula, branch: _Branch) -> State:
        state = branch.state.copy()
        if option[0] == "sign":
            state.signs[option[1]] = state.signs.get(option[1], ANY) & option[2]
        else:
            state.truth[option[1]] = option[0] == "truth"
        return state

    def denied(self, option: Formula) -> Formula:
        if option[0] == "sign":
            return ("sign", option[1], ANY & ~option[2])
        return ("untruth" if option[0] == "truth" else "truth", option[1])

    def literals(self, f: Formula, branch: _Branch) -> list[Formula]:
        """The open literals of a formula."""
        if branch.state.holds(f) is not None:
            return []
        if f[0] == "sign" or f[0] == "truth":
            return [f]
        return list(dict.fromkeys(g for part in f[1:] for g in self.literals(part, branch)))

    def open_literals(self, branch: _Branch) -> list[Formula]:
        """Literals worth a split, those of the shortest formulas first."""
        groups = [self.literals(f, branch) for f in self.formulas]
        for i in self.instances:
            concluded = i.how[0] != "equal" or i.p != {}
            if not concluded or branch.state.holds(i.conclusion) is not True:
                groups.append(self.literals(i.condition, branch))
        return list(dict.fromkeys(g for group in sorted(groups, key=len) for g in group))

    def split(self, option: Formula, branch: _Branch, cuts: int) -> Found:
        """Both cases of a literal, the denied one first, in the hope that it needs no split."""
        step = self.step()
        total: Reasons = frozenset()
        known = branch.state.signs.get(option[1], ANY) if option[0] == "sign" else ANY
        parts: list[Any] = []
        for case in (self.denied(option), option):
            below = branch.copy()
            if case[0] == "sign":
                mask = case[2] & known
                if not mask:
                    continue
                lost = below.learn(dict(option[1]), mask, frozenset({step}))
                if lost is not None:
                    # Rounding alone refutes it; the checker sees that too.
                    parts += [mask, 0]
                    total |= lost - {step}
                    continue
            else:
                below.state.truth[option[1]] = case[0] == "truth"
                below.why[option[1]] = frozenset({step})
            tree, why = self.search(below, cuts)
            if step not in why:
                return tree, why
            total |= why - {step}
            parts += [case[2] & known, tree] if case[0] == "sign" else [case[0] == "truth", tree]
        if option[0] == "sign":
            if known != ANY:
                total |= branch.why.get(option[1], frozenset())
            return ("sign", option[1], *parts), total
        ordered = parts[1::2] if parts[0] else parts[1::2][::-1]
        return ("truth", option[1], *ordered), total

    def cut(self, branch: _Branch, cuts: int) -> Found:
        """Integer reasoning: equations without integer solutions, then branching."""
        equations = [
            p for p, m in branch.state.signs.items() if m == ZERO and self.problem.integral(p)
        ]
        combination = _no_integers(equations)
        if combination is not None:
            summands = tuple((_text(c), (p,), ()) for p, c in combination)
            why = frozenset[int]().union(*(branch.why[p] for p, _ in combination))
            return ("sum", summands), why
        if cuts >= DEEPEST_BRANCHING:
            raise NotFound("too many cuts")
        self.effort.ask(self.linear.solver, *self.facts(branch))
        model = self.linear.solver.model()
        for p in self.integers(branch):
            value = sum((c * self.linear.value(model, m) for m, c in p if m), Fraction(0))
            if value.denominator != 1:
                below = add({m: c for m, c in p if m}, {(): Fraction(1)}, -math.floor(value))
                normal, turned = scale({m: c for m, c in below.items() if c})
                mask = POSITIVE | ZERO if turned else NEGATIVE | ZERO
                return self.split(("sign", normal, mask), branch, cuts + 1)
        raise NotFound("the branch is consistent")

    def integers(self, branch: _Branch) -> Iterator[Normal]:
        """Integer polynomials to branch on: those bounded on both sides, then others."""
        known = [p for p in branch.state.signs if self.problem.integral(p)]
        forms = [frozenset((m, c) for m, c in p if m) for p in known]
        bounded = [p for p, form in zip(known, forms, strict=True) if forms.count(form) > 1]
        yield from bounded
        yield from known
        for m in list(self.linear.variables):
            if all(self.problem.atoms[a].integer for a in m):
                yield ((m, Fraction(1)),)


def _rounded(problem: Problem, p: Normal, mask: int) -> bool:
    """Whether a fact about an integer is learned in a sharper form too."""
    fraction = dict(p).get((), Fraction(0)).denominator != 1
    return problem.integral(p) and (fraction or mask in (NEGATIVE, POSITIVE))


def _text(c: Fraction | int) -> int | str:
    exact = Fraction(c)
    return int(exact) if exact.denominator == 1 else str(exact)


def _farkas(facts: list[tuple[Normal, int]]) -> Any:
    """The one combination of a minimal inconsistent set that is absurd."""
    rows = [dict(p) if mask in UPWARD else add({}, dict(p), -1) for p, mask in facts]
    monomials = sorted({m for row in rows for m in row if m})
    columns = [[Fraction(row.get(m, 0)) for row in rows] for m in monomials]
    kernel = _kernel(columns, len(rows))
    if len(kernel) != 1:
        return None
    weights = kernel[0]
    inequalities = [w for w, (_, mask) in zip(weights, facts, strict=True) if mask != ZERO]
    if any(w < 0 for w in inequalities) or (
        not inequalities and sum(w * r.get((), 0) for w, r in zip(weights, rows, strict=True)) > 0
    ):
        weights = [-w for w in weights]
    size = math.lcm(*(w.denominator for w in weights))
    return tuple((_text(w * size), (p,), ()) for w, (p, _) in zip(weights, facts, strict=True) if w)


def _kernel(matrix: list[list[Fraction]], width: int) -> list[list[Fraction]]:
    """A basis of the vectors that the matrix sends to 0."""
    pivots: list[int] = []
    rows = [list(r) for r in matrix]
    top = 0
    for column in range(width):
        found = next((r for r in range(top, len(rows)) if rows[r][column]), None)
        if found is None:
            continue
        rows[top], rows[found] = rows[found], rows[top]
        lead = rows[top][column]
        rows[top] = [x / lead for x in rows[top]]
        for r in range(len(rows)):
            if r != top and rows[r][column]:
                factor = rows[r][column]
                rows[r] = [x - factor * y for x, y in zip(rows[r], rows[top], strict=True)]
        pivots.append(column)
        top += 1
    basis = []
    for free in (c for c in range(width) if c not in pivots):
        vector = [Fraction(0)] * width
        vector[free] = Fraction(1)
        for r, pivot in enumerate(pivots):
            vector[pivot] = -rows[r][free]
        basis.append(vector)
    return basis


def _no_integers(equations: list[Normal]) -> list[tuple[Normal, Fraction]] | None:
    """Integer multiples of equations whose sum has no integer solution, by elimination."""
    rows: list[tuple[Polynomial, dict[int, Fraction]]] = [
        (dict(p), {i: Fraction(1)}) for i, p in enumerate(equations)
    ]
    for i in range(len(rows) + 1):
        for p, weights in rows:
            size = math.gcd(*(int(c) for m, c in p.items() if m))
            if size and Fraction(p.get((), 0), size).denominator != 1:
                return [(equations[j], w) for j, w in sorted(weights.items()) if w]
        if i == len(rows):
            break
        pivot, used = rows[i]
        unit = next((m for m, c in sorted(pivot.items()) if m and abs(c) == 1), None)
        if unit is None:
            continue
        for j, (p, weights) in enumerate(rows):
            if j != i and p.get(unit):
                factor = Fraction(-p[unit]) / pivot[unit]
                more = {k: weights.get(k, Fraction(0)) + factor * w for k, w in used.items()}
                rows[j] = (add(p, pivot, factor), {**weights, **more})
    return None
