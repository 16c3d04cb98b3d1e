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
from verifier.logic.sorts import BOOL, INT, REAL, AnySort, FunctionSort, Sort
from verifier.logic.terms import (
    FALSE,
    TRUE,
    Term,
    apply,
    arithmetic,
    bound,
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
    rebind,
    variable,
)

if TYPE_CHECKING:
    import z3

# Longer shared subterms are written once, with define-fun.
SHARE_FROM: Final = 40

# Solvers see neutral names, ``a0``, ``a1``, …: nothing a user calls something reaches them.
OWN: Final = "a"

INTERPRETED: Final = frozenset(
    {"+", "-", "*", "/", "div", "mod", "to_real", "ite", "=", "<=", "<", "and", "or", "not", "=>"}
)


@dataclass(frozen=True)
class Atom:
    """What one declared SMT name stands for.

    Attributes
    ----------
    name:
        The declared name, a neutral one.
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


def smt_number(value: Fraction, real: bool) -> str:
    """A literal in SMT-LIB 2."""
    dot = ".0" if real else ""
    size = f"{abs(value.numerator)}{dot}"
    if value.denominator != 1:
        size = f"(/ {size} {value.denominator}{dot})"
    return f"(- {size})" if value < 0 else size


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
            shown = head
        elif term.operator == "symbol":
            functions = tuple(a.canonical for a in term.arguments if not isinstance(a.sort, Sort))
            key = ("symbol", term.data, functions)
            shown = term
        elif term.operator == "variable":
            key, shown = ("variable", term), term
        else:
            key, shown = ("opaque", term.canonical), term
        if key not in self.atoms:
            name = f"{OWN}{len(self.atoms)}"
            applied = term.operator in ("apply", "symbol")
            domain = tuple(a.sort for a in plain_arguments(term)) if applied else ()
            if not isinstance(term.sort, Sort):
                raise IllFormed(f"{term} is a function, not a number or a formula")
            atom = Atom(name, domain, term.sort, shown)  # type: ignore[arg-type]
            self.atoms[key] = atom
            self.lines.append(f"(declare-fun {name} ({' '.join(map(str, domain))}) {term.sort})")
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
        return f"({atom.name} {' '.join(parts)})" if parts else atom.name


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
        For operators outside the logic, such as powers, ``to_int``, bit vectors or arrays, and
        where two declarations of z3 would become one variable.

    Examples
    --------
    >>> import z3
    >>> x = z3.Real("x")
    >>> print(from_z3(z3.ForAll([x], x * x >= 0)))
    ∀ x:Real. 0 ≤ x·x
    """
    import z3

    if not z3.is_expr(expression):
        raise IllFormed(f"neither a term nor a z3 expression: {expression!r}")
    done: dict[int, Term] = {}
    names: dict[tuple[str, AnySort], int] = {}
    todo = [(expression, False)]
    while todo:
        node, ready = todo.pop()
        key = node.get_id()
        if key in done:
            continue
        if not ready:
            todo.append((node, True))
            todo.extend((child, False) for child in node.children())
        elif z3.is_quantifier(node):
            done[key] = _from_quantifier(node, done[node.body().get_id()])
        elif z3.is_var(node):
            # z3 counts the binders between as this logic does.
            done[key] = bound(z3.get_var_index(node), _from_sort(node.sort()))
        elif z3.is_int_value(node):
            done[key] = number(node.as_long(), INT)
        elif z3.is_rational_value(node):
            value = Fraction(node.numerator_as_long(), node.denominator_as_long())
            done[key] = number(value, REAL)
        else:
            parts = [done[child.get_id()] for child in node.children()]
            done[key] = _from_application(node, parts, names)
    return done[expression.get_id()]


def _from_quantifier(expression: Any, body: Term) -> Term:
    if expression.is_lambda():
        raise IllFormed("z3 lambdas are arrays; write functions with function(...)")
    binder = "forall" if expression.is_forall() else "exists"
    for i in reversed(range(expression.num_vars())):
        v = variable(expression.var_name(i), _from_sort(expression.var_sort(i)))
        body = rebind(binder, ((v.data,), (v.sort,)), body)
    return body


def _from_declaration(declaration: Any, names: dict[tuple[str, AnySort], int]) -> Term:
    domain = tuple(_from_sort(declaration.domain(i)) for i in range(declaration.arity()))
    range_ = _from_sort(declaration.range())
    sort: AnySort = FunctionSort(domain, range_) if domain else range_
    # z3 tells apart fresh constants and numbered symbols from plain ones of the same name.
    if names.setdefault((declaration.name(), sort), declaration.get_id()) != declaration.get_id():
        raise IllFormed(f"two z3 declarations are both named {declaration.name()}")
    return variable(declaration.name(), sort)


def _from_application(
    expression: Any, parts: list[Term], names: dict[tuple[str, AnySort], int]
) -> Term:
    import z3

    kind = expression.decl().kind()
    chains = {z3.Z3_OP_ADD: "+", z3.Z3_OP_SUB: "-", z3.Z3_OP_MUL: "*"}
    if kind == z3.Z3_OP_UNINTERPRETED:
        head = _from_declaration(expression.decl(), names)
        return apply(head, tuple(parts)) if parts else head
    if kind in chains:
        total = parts[0]
        for part in parts[1:]:
            total = arithmetic(chains[kind], total, part)
        return total
    simple: dict[int, Any] = {
        z3.Z3_OP_TRUE: lambda: TRUE,
        z3.Z3_OP_FALSE: lambda: FALSE,
        z3.Z3_OP_UMINUS: lambda a: number(-a.data, a.sort) if a.operator == "number" else -a,
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
    import z3

    # By kind, not by name: a user may declare a sort named Int.
    known = {z3.Z3_INT_SORT: INT, z3.Z3_REAL_SORT: REAL}
    if sort.kind() not in known:
        raise IllFormed(f"no variable ranges over {sort}")
    return known[sort.kind()]


def to_z3(formula: Term, context: z3.Context | None = None) -> Any:
    """A quantifier-free formula as a z3 expression over constants of the same names.

    Examples
    --------
    >>> to_z3(variable("n", INT) % 2 <= 1)
    n%2 <= 1
    """
    import z3

    writer = _Writer()
    writer.count((formula,))
    written = writer.write(formula)
    sorts = {INT: z3.IntSort(context), REAL: z3.RealSort(context), BOOL: z3.BoolSort(context)}
    declarations: dict[str, Any] = {}
    taken: set[str] = set()
    for atom in writer.atoms.values():
        name = _shown_name(atom, taken)
        taken.add(name)
        signature = [sorts[s] for s in (*atom.domain, atom.range)]
        declarations[atom.name] = z3.Function(name, *signature)
    shared = "".join(f"{line}\n" for line in writer.lines if line.startswith("(define-fun"))
    text = f"{shared}(assert (and {written}))\n"
    (asserted,) = z3.parse_smt2_string(text, decls=declarations, ctx=context)
    return asserted.arg(0)


def _shown_name(atom: Atom, taken: set[str]) -> str:
    """The user's name for an atom, told apart from those that are taken."""
    data = atom.term.data if atom.term.operator in ("variable", "symbol") else "atom"
    wanted = str(getattr(data, "name", data))
    name, i = wanted, 1
    while name in taken:
        i += 1
        name = f"{wanted}!{i}"
    return name
