"""Terms as SMT-LIB 2 and as z3 expressions, and back.

What a solver is not to look into becomes an atom: a quantified subformula a truth value, a term
under a functional such as a finite sum an uninterpreted function of its plain arguments, a
quotient by anything but a literal a real number.  So no quantifier ever reaches a solver, and
the solver can only know less than the logic does, never more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from verifier.logic.errors import IllFormed
from verifier.logic.printing import smt_number
from verifier.logic.sorts import BOOL, INT, REAL, AnySort, FunctionSort, Sort
from verifier.logic.terms import (
    FALSE,
    TRUE,
    Term,
    arithmetic,
    bind,
    compare,
    conjunction,
    disjunction,
    divide,
    if_then_else,
    implies,
    integer_division,
    negation,
    number,
    real,
    variable,
)

if TYPE_CHECKING:
    import z3

# Longer shared subterms are written once, with define-fun.
SHARE_FROM: Final = 40

INTERPRETED: Final = frozenset(
    {"+", "-", "*", "/", "div", "mod", "to_real", "ite", "=", "<=", "<", "and", "or", "not", "=>"}
)


@dataclass(frozen=True)
class Atom:
    """What one declared SMT name stands for.

    Attributes
    ----------
    name:
        The declared name, without quotes.
    domain, range:
        Its signature.
    term:
        The variable, or one term that was abstracted to an application of this name.
    """

    name: str
    domain: tuple[Sort, ...]
    range: Sort
    term: Term


@dataclass(frozen=True)
class Script:
    """An obligation as SMT-LIB 2: satisfiable exactly if the premises do not force the goal.

    Attributes
    ----------
    text:
        Declarations and assertions, without the final ``check-sat-assuming``.
    premises:
        The names of the Boolean constants that switch each premise on.
    atoms:
        What each declared name stands for, by name.
    """

    text: str
    premises: tuple[str, ...]
    atoms: dict[str, Atom]

    @property
    def benchmark(self) -> str:
        """The whole problem as a benchmark any SMT-LIB 2 solver reads."""
        return f"(set-logic ALL)\n{self.text}(check-sat-assuming ({' '.join(self.premises)}))\n"


def plain_arguments(term: Term) -> tuple[Term, ...]:
    """The arguments of an application that are numbers."""
    rest = term.arguments[1:] if term.operator == "apply" else term.arguments
    return tuple(a for a in rest if isinstance(a.sort, Sort))


def opaque(term: Term) -> bool:
    """Whether a solver sees the term only as an atom."""
    if term.operator in ("forall", "exists"):
        return True
    return term.operator == "/" and not (
        term.arguments[1].operator == "number" and term.arguments[1].data != 0
    )


class _Writer:
    def __init__(self) -> None:
        self.atoms: dict[tuple[object, ...], Atom] = {}
        self.names: set[str] = set()
        self.shown: dict[Term, str] = {}
        self.lines: list[str] = []
        self.uses: dict[Term, int] = {}

    def count(self, formulas: Iterable[Term]) -> None:
        todo, seen = list(formulas), set()
        while todo:
            term = todo.pop()
            self.uses[term] = self.uses.get(term, 0) + 1
            if term not in seen:
                seen.add(term)
                todo.extend(children(term))

    def atom(self, term: Term) -> Atom:
        """The declared name for a variable, an application or an opaque term."""
        if term.operator == "apply":
            head: Term = term.arguments[0]
            key: tuple[object, ...] = ("variable", head)
            wanted, shown = str(head.data), head
        elif term.operator == "symbol":
            functions = tuple(a.canonical for a in term.arguments if not isinstance(a.sort, Sort))
            key = ("symbol", term.data, functions)
            wanted, shown = term.data.name, term
        elif term.operator == "variable":
            key, wanted, shown = ("variable", term), str(term.data), term
        else:
            key, wanted, shown = ("opaque", term.canonical), "atom", term
        if key not in self.atoms:
            name, i = wanted, 1
            while name in self.names:
                i += 1
                name = f"{wanted}!{i}"
            self.names.add(name)
            applied = term.operator in ("apply", "symbol")
            domain = tuple(a.sort for a in plain_arguments(term)) if applied else ()
            if not isinstance(term.sort, Sort):
                raise IllFormed(f"{term} is a function, not a number or a formula")
            atom = Atom(name, domain, term.sort, shown)  # type: ignore[arg-type]
            self.atoms[key] = atom
            self.lines.append(f"(declare-fun |{name}| ({' '.join(map(str, domain))}) {term.sort})")
        return self.atoms[key]

    def write(self, formula: Term) -> str:
        todo = [(formula, False)]
        while todo:
            term, ready = todo.pop()
            if term in self.shown:
                continue
            if not ready:
                todo.append((term, True))
                todo.extend((a, False) for a in reversed(children(term)))
                continue
            line = self.line(term)
            if len(line) > SHARE_FROM and self.uses.get(term, 0) > 1:
                name = f"shared!{len(self.lines)}"
                self.lines.append(f"(define-fun {name} () {term.sort} {line})")
                line = name
            self.shown[term] = line
        return self.shown[formula]

    def line(self, term: Term) -> str:
        if term.operator == "number":
            return smt_number(term.data, term.sort == REAL)
        if term.operator in ("true", "false"):
            return term.operator
        if term.operator in INTERPRETED and not opaque(term):
            parts = [self.shown[a] for a in term.arguments]
            return f"({term.operator} {' '.join(parts)})"
        atom = self.atom(term)
        parts = [self.shown[a] for a in children(term)]
        return f"(|{atom.name}| {' '.join(parts)})" if parts else f"|{atom.name}|"


def children(term: Term) -> tuple[Term, ...]:
    """The subterms a solver sees below a term."""
    if opaque(term):
        return ()
    if term.operator in ("apply", "symbol"):
        return plain_arguments(term)
    return term.arguments


def script(premises: Sequence[Term], goal: Term) -> Script:
    """The obligation that ``premises`` force ``goal``.

    Raises
    ------
    IllFormed
        If a formula has loose bound variables, or is not a formula.
    """
    formulas = (*premises, negation(goal))
    for formula in formulas:
        if formula.loose or formula.sort != BOOL:
            raise IllFormed(f"not a closed formula: {formula}")
    writer = _Writer()
    writer.count(formulas)
    switches = tuple(f"premise!{i}" for i in range(len(premises)))
    writer.names.update(switches)
    asserted: list[str] = []
    for switch, premise in zip(switches, premises, strict=True):
        asserted.append(f"(assert (=> {switch} {writer.write(premise)}))")
    asserted.append(f"(assert {writer.write(formulas[-1])})")
    declared = [f"(declare-const {switch} Bool)" for switch in switches]
    lines = (*declared, *writer.lines, *asserted)
    return Script(
        "".join(f"{line}\n" for line in lines), switches, {a.name: a for a in writer.atoms.values()}
    )


def from_z3(expression: Any) -> Term:
    """Read a z3 expression; the kernel takes z3 expressions wherever it takes terms.

    Raises
    ------
    IllFormed
        For operators outside the logic, such as powers, ``to_int``, bit vectors or arrays.

    Examples
    --------
    >>> import z3
    >>> x = z3.Real("x")
    >>> print(from_z3(z3.ForAll([x], x * x >= 0)))
    ∀ x:Real. 0 ≤ x·x
    """
    import z3

    if z3.is_quantifier(expression):
        if expression.is_lambda():
            raise IllFormed("z3 lambdas are arrays; write functions with function(...)")
        names = [expression.var_name(i) for i in range(expression.num_vars())]
        fresh = [z3.Const(name, expression.var_sort(i)) for i, name in enumerate(names)]
        body = from_z3(z3.substitute_vars(expression.body(), *reversed(fresh)))
        binder = "forall" if expression.is_forall() else "exists"
        for constant in reversed(fresh):
            body = bind(binder, (from_z3(constant),), body)
        return body
    if z3.is_int_value(expression):
        return number(expression.as_long(), INT)
    if z3.is_rational_value(expression):
        return number(
            Fraction(expression.numerator_as_long(), expression.denominator_as_long()), REAL
        )
    if not z3.is_app(expression):
        raise IllFormed(f"outside the logic: {expression}")
    parts = [from_z3(child) for child in expression.children()]
    return _from_application(expression, parts)


def _from_application(expression: Any, parts: list[Term]) -> Term:
    import z3

    kind = expression.decl().kind()
    chains = {z3.Z3_OP_ADD: "+", z3.Z3_OP_SUB: "-", z3.Z3_OP_MUL: "*"}
    if kind == z3.Z3_OP_UNINTERPRETED:
        declaration = expression.decl()
        domain = tuple(_from_sort(declaration.domain(i)) for i in range(declaration.arity()))
        range_ = _from_sort(declaration.range())
        sort: AnySort = FunctionSort(domain, range_) if domain else range_
        head = variable(declaration.name(), sort)
        return head(*parts) if domain else head
    if kind in chains:
        total = parts[0]
        for part in parts[1:]:
            total = arithmetic(chains[kind], total, part)
        return total
    simple: dict[int, Any] = {
        z3.Z3_OP_TRUE: lambda: TRUE,
        z3.Z3_OP_FALSE: lambda: FALSE,
        z3.Z3_OP_UMINUS: lambda a: -a,
        z3.Z3_OP_DIV: divide,
        z3.Z3_OP_IDIV: lambda a, b: integer_division("div", a, b),
        z3.Z3_OP_MOD: lambda a, b: integer_division("mod", a, b),
        z3.Z3_OP_TO_REAL: real,
        z3.Z3_OP_ITE: if_then_else,
        z3.Z3_OP_EQ: lambda a, b: compare("=", a, b),
        z3.Z3_OP_DISTINCT: _distinct,
        z3.Z3_OP_LE: lambda a, b: compare("<=", a, b),
        z3.Z3_OP_LT: lambda a, b: compare("<", a, b),
        z3.Z3_OP_GE: lambda a, b: compare("<=", b, a),
        z3.Z3_OP_GT: lambda a, b: compare("<", b, a),
        z3.Z3_OP_AND: conjunction,
        z3.Z3_OP_OR: disjunction,
        z3.Z3_OP_NOT: negation,
        z3.Z3_OP_IMPLIES: implies,
    }
    if kind not in simple:
        raise IllFormed(f"outside the logic: {expression.decl().name()} in {expression}")
    built: Term = simple[kind](*parts)
    return built


def _distinct(*parts: Term) -> Term:
    pairs = [(a, b) for i, a in enumerate(parts) for b in parts[i + 1 :]]
    return conjunction(*(negation(compare("=", a, b)) for a, b in pairs))


def _from_sort(sort: Any) -> Sort:
    known = {"Int": INT, "Real": REAL}
    if sort.name() not in known:
        raise IllFormed(f"no variable ranges over {sort}")
    return known[sort.name()]


def to_z3(formula: Term, context: z3.Context | None = None) -> Any:
    """A quantifier-free formula as a z3 expression, read from its SMT-LIB text.

    Examples
    --------
    >>> to_z3(variable("n", INT) % 2 <= 1)
    n%2 <= 1
    """
    import z3

    text = script([], negation(formula)).text
    (asserted,) = z3.parse_smt2_string(text, ctx=context)
    return asserted.arg(0).arg(0)
