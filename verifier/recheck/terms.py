"""Terms of derivation files: interned, well-sorted by construction, without bound names.

Bound variables are de Bruijn indices and binders carry no names, so that two formulas are equal
up to renaming exactly when they are one object, and no substitution can capture.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from verifier.recheck.errors import IllFormed

# A sort is "Int", "Real", "Bool", or (domain, range) for functions of numbers.
Sort = str | tuple[tuple[str, ...], str]

NUMBERS: Final = ("Int", "Real")
CONNECTIVES: Final = ("and", "or", "not", "=>")
# Terms are walked by recursion; no mathematics nests deeper than this.
DEEPEST: Final = 250


@dataclass(frozen=True, eq=False, slots=True)
class Term:
    """A node of a term; ``make`` is the only maker.

    Attributes
    ----------
    operator, arguments, data:
        As in the file; ``data`` is a variable's name, a bound index, a value, a signature, or a
        binder's sorts.
    free:
        The free variables.
    loose:
        The indices that point outside, with the sorts they claim.
    """

    operator: str
    arguments: tuple[Term, ...]
    data: Any
    sort: Sort
    free: frozenset[Term]
    loose: frozenset[tuple[int, Sort]]
    depth: int

    def __str__(self) -> str:
        if self.operator in ("variable", "number"):
            return str(self.data)
        if self.operator == "bound":
            return f"#{self.data}"
        head = self.data.name if self.operator == "symbol" else self.operator
        return f"({' '.join([head, *map(str, self.arguments)])})" if self.arguments else head


@dataclass(frozen=True)
class Signature:
    """A defined symbol's name and sorts."""

    name: str
    parameters: tuple[Sort, ...]
    sort: str


_interned: dict[Hashable, Term] = {}


def make(
    operator: str, arguments: tuple[Term, ...] = (), data: Any = None, sort: Sort = ""
) -> Term:
    """The term with these parts.

    Parameters
    ----------
    sort:
        Of a variable, a bound variable or a number; every other sort follows.

    Raises
    ------
    IllFormed
        If the parts do not fit.
    """
    key = (operator, arguments, data, sort)
    if key in _interned:
        return _interned[key]
    if operator == "/" and all(a.operator == "number" for a in arguments) and len(arguments) == 2:
        if arguments[1].data == 0:
            raise IllFormed("division by the literal 0")
        return number(arguments[0].data / arguments[1].data, "Real")
    result = _sort(operator, arguments, data, sort)
    if operator == "lambda":
        reduct = _eta_reduct(arguments[0], result)
        if reduct is not None:
            return reduct
    free = frozenset[Term]().union(*(a.free for a in arguments))
    loose = frozenset[tuple[int, Sort]]().union(*(a.loose for a in arguments))
    if operator == "bound":
        loose = frozenset({(data, sort)})
    elif operator in ("forall", "exists", "lambda"):
        size = len(data)
        for index, claimed in loose:
            if index < size and data[size - 1 - index] != claimed:
                raise IllFormed(
                    f"a variable bound at sort {data[size - 1 - index]} used at {claimed}"
                )
        loose = frozenset((i - size, s) for i, s in loose if i >= size)
    depth = 1 + max((a.depth for a in arguments), default=0)
    if depth > DEEPEST:
        raise IllFormed(f"a term nested more than {DEEPEST} deep")
    term = Term(operator, arguments, data, result, free, loose, depth)
    if operator == "variable":
        object.__setattr__(term, "free", frozenset({term}))
    _interned[key] = term
    return term


def _eta_reduct(body: Term, sort: Sort) -> Term | None:
    """The function f where a lambda over ``body`` is x ↦ f(x): the kernel writes f for it."""
    if body.operator != "apply" or body.arguments[0].sort != sort:
        return None
    head, *values = body.arguments
    own = [("bound", i) for i in reversed(range(len(values)))]
    if [(v.operator, v.data) for v in values] != own:
        return None
    if head.operator == "variable":
        return head
    below = head.data - len(values)
    return make("bound", (), below, head.sort) if below >= 0 else None


def _sort(operator: str, arguments: tuple[Term, ...], data: Any, sort: Sort) -> Sort:
    """The sort of a term with these parts, if they fit."""
    sorts = tuple(a.sort for a in arguments)
    if operator in ("variable", "bound"):
        require(variable_sort(sort), f"no variable ranges over {sort}")
        return sort
    if operator == "number":
        require(sort in NUMBERS, f"no literal is of sort {sort}")
        require(sort == "Real" or data.denominator == 1, f"{data} is not an integer")
        return sort
    if operator == "apply":
        head = sorts[0] if sorts else ""
        require(isinstance(head, tuple), "only functions are applied")
        require(arguments[0].operator in ("variable", "bound"), "a lambda is applied")
        require(sorts[1:] == head[0], f"a function of {head[0]} applied to {sorts[1:]}")
        return head[1]
    if operator == "symbol":
        require(sorts == data.parameters, f"{data.name} takes {data.parameters}, not {sorts}")
        return str(data.sort)
    if operator in ("forall", "exists"):
        require(len(data) == 1 and variable_sort(data[0]), f"{operator} over {data}")
        require(sorts == ("Bool",), f"{operator} of no formula")
    elif operator == "lambda":
        require(bool(data) and all(s in NUMBERS for s in data), f"lambda over {data}")
        require(len(sorts) == 1 and sorts[0] in NUMBERS, "a lambda gives a number")
        return (tuple(data), str(sorts[0]))
    elif operator in ("+", "-", "*"):
        require(sorts in (("Int", "Int"), ("Real", "Real")), f"{operator} of {sorts}")
        return sorts[0]
    elif operator == "/":
        require(sorts == ("Real", "Real"), f"/ of {sorts}")
        divisor = arguments[1]
        require(divisor.operator != "number" or divisor.data != 0, "division by the literal 0")
        return "Real"
    elif operator in ("div", "mod"):
        require(sorts == ("Int", "Int"), f"{operator} of {sorts}")
        divisor = arguments[1]
        positive = divisor.operator == "number" and divisor.data > 0
        require(positive, f"{operator} by {divisor}, not by a positive literal")
        return "Int"
    elif operator == "to_real":
        require(sorts == ("Int",), f"to_real of {sorts}")
        return "Real"
    elif operator == "ite":
        require(len(sorts) == 3 and decidable(arguments[0]), "ite on no comparison of numbers")
        require(sorts[1] == sorts[2] and sorts[1] in NUMBERS, f"ite of {sorts}")
        return sorts[1]
    elif operator in ("=", "<=", "<"):
        joined = ("Int", "Real", "Bool") if operator == "=" else NUMBERS
        require(len(sorts) == 2 and sorts[0] == sorts[1] and sorts[0] in joined,
                f"{operator} of {sorts}")  # fmt: skip
    elif operator in CONNECTIVES or operator in ("true", "false"):
        least, most = {"and": (2, None), "or": (2, None), "not": (1, 1), "=>": (2, 2)}.get(
            operator, (0, 0)
        )
        enough = len(sorts) >= least and (most is None or len(sorts) <= most)
        require(enough and all(s == "Bool" for s in sorts), f"{operator} of {sorts}")
    else:
        raise IllFormed(f"no operator is called {operator!r}")
    return "Bool"


def require(condition: bool, otherwise: str) -> None:
    """Raise IllFormed unless ``condition``."""
    if not condition:
        raise IllFormed(otherwise)


def variable_sort(sort: Sort) -> bool:
    """Whether variables may range over a sort: numbers, and functions of numbers."""
    if isinstance(sort, tuple):
        return bool(sort[0]) and all(s in NUMBERS for s in (*sort[0], sort[1]))
    return sort in NUMBERS


def number(value: Fraction | int, sort: str) -> Term:
    """A literal."""
    return make("number", (), Fraction(value), sort)


def decidable(formula: Term) -> bool:
    """Whether a formula is built by connectives from comparisons of numbers."""
    if formula.operator in CONNECTIVES or (
        formula.operator == "=" and formula.arguments[0].sort == "Bool"
    ):
        return all(map(decidable, formula.arguments))
    return formula.operator in ("=", "<=", "<", "true", "false")


def subterms(*terms: Term) -> set[Term]:
    """All subterms, themselves included."""
    seen: set[Term] = set()
    todo = list(terms)
    while todo:
        term = todo.pop()
        if term not in seen:
            seen.add(term)
            todo.extend(term.arguments)
    return seen


def _rebuild(term: Term, depth: int, change: Callable[[Term, int], Term]) -> Term:
    """A copy in which ``change(leaf, binders above it)`` stands for each variable; β-reduces."""
    memo: dict[tuple[Term, int], Term] = {}

    def walk(node: Term, below: int) -> Term:
        if node.operator in ("variable", "bound"):
            return change(node, below)
        if (node, below) not in memo:
            inner = below + (
                len(node.data) if node.operator in ("forall", "exists", "lambda") else 0
            )
            parts = tuple(walk(a, inner) for a in node.arguments)
            if node.operator == "apply" and parts[0].operator == "lambda":
                memo[node, below] = instantiate(parts[0].arguments[0], parts[1:])
            else:
                sort = node.sort if node.operator == "number" else ""
                memo[node, below] = make(node.operator, parts, node.data, sort)
        return memo[node, below]

    return walk(term, depth)


def shift(term: Term, by: int) -> Term:
    """A term moved below ``by`` more binders."""

    def change(leaf: Term, below: int) -> Term:
        outside = leaf.operator == "bound" and leaf.data >= below
        return make("bound", (), leaf.data + by, leaf.sort) if outside else leaf

    return _rebuild(term, 0, change) if by and term.loose else term


def instantiate(body: Term, values: tuple[Term, ...]) -> Term:
    """The body of a binder at values for its variables, the outermost first."""
    size = len(values)

    def change(leaf: Term, below: int) -> Term:
        if leaf.operator == "variable" or leaf.data < below:
            return leaf
        if leaf.data >= below + size:
            return make("bound", (), leaf.data - size, leaf.sort)
        value = values[size - 1 - (leaf.data - below)]
        require(value.sort == leaf.sort, f"a {value.sort} for a {leaf.sort}")
        return shift(value, below)

    return _rebuild(body, 0, change)


def substitute(term: Term, variable: Term, value: Term) -> Term:
    """A closed value for a free variable of its sort."""
    require(value.sort == variable.sort, f"a {value.sort} for a {variable.sort}")
    require(not value.loose, "a bound variable outside its binder")
    return _rebuild(term, 0, lambda leaf, _: value if leaf is variable else leaf)


def bind(binder: str, variable: Term, body: Term) -> Term:
    """``forall`` or ``exists`` over a free variable of ``body``, which has no loose indices."""

    def change(leaf: Term, below: int) -> Term:
        return make("bound", (), below, leaf.sort) if leaf is variable else leaf

    return make(binder, (_rebuild(body, 0, change),), (variable.sort,))


def opened(quantified: Term, value: Term) -> Term:
    """The body of a quantified formula at a closed value."""
    require(value.sort == quantified.data[0], f"a {value.sort} for a {quantified.data[0]}")
    require(not value.loose, "a bound variable outside its binder")
    return instantiate(quantified.arguments[0], (value,))
