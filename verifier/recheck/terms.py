"""Terms of derivation files: interned, well-sorted by construction, without bound names.

Bound variables are de Bruijn indices and binders carry no names, so that two formulas are equal
up to renaming exactly when they are one object, and no substitution can capture.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, TypeVar

from verifier.recheck.errors import IllFormed
from verifier.recheck.strict import shown

# A sort is "Int", "Real", "Bool", or (domain, range) for functions of numbers.
Sort = str | tuple[tuple[str, ...], str]

NUMBERS: Final = ("Int", "Real")
CONNECTIVES: Final = ("and", "or", "not", "=>")
# Terms are walked by recursion; no mathematics nests deeper than this.
DEEPEST: Final = 250
# Numerator and denominator of a literal; more digits are refused, also where literals are divided.
DIGITS: Final = 4000
_BOUND: Final = 10**DIGITS
# How many characters of a term a message shows.
LONGEST: Final = 240
# What reading or checking one file may spend on making terms; the library needs 13,000.
ALLOWANCE: Final = 1_500_000


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
    size:
        How many nodes it has when written out; one that is shared counts each time.
    decidable:
        Whether it is a formula built by connectives from comparisons of numbers.
    """

    operator: str
    arguments: tuple[Term, ...]
    data: Any
    sort: Sort
    free: frozenset[Term]
    loose: frozenset[tuple[int, Sort]]
    depth: int
    size: int
    decidable: bool

    def __str__(self) -> str:
        # Written out, a term of a thousand bytes may have more nodes than there is time for.
        words: list[str] = []
        room, pending = LONGEST, list[Term | str]([self])
        while pending and room > 0:
            part = pending.pop()
            word = part if isinstance(part, str) else part._head()
            if isinstance(part, Term) and part.arguments:
                pending.append(")")
                pending.extend(reversed(part.arguments[:LONGEST]))
                word = f"({word}"
            words.append(word)
            room -= len(word) + 1
        return " ".join(words).replace(" )", ")") + (" …" if pending else "")

    def _head(self) -> str:
        if self.operator == "variable":
            return str(self.data)
        if self.operator == "number":
            return literal(self.data)
        if self.operator == "bound":
            return f"#{self.data}"
        return str(self.data.name) if self.operator == "symbol" else self.operator


@dataclass(frozen=True)
class Signature:
    """A defined symbol's name and sorts."""

    name: str
    parameters: tuple[Sort, ...]
    sort: str


_interned: dict[Hashable, Term] = {}
# What is left of the allowance in force; None where none is.
_left: list[int | None] = [None]


@contextmanager
def allowance(amount: int = ALLOWANCE) -> Iterator[None]:
    """Terms may be made to a limit; it counts work, not time, and so is the same everywhere."""
    before, _left[0] = _left[0], amount
    try:
        yield
    finally:
        _left[0] = before


def _spend(amount: int) -> None:
    if _left[0] is not None:
        _left[0] -= amount
        if _left[0] < 0:
            raise IllFormed("too large: it makes more terms than a file may")


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
        found = _interned[key]
        # As much as for a new one, so that no file's fate depends on those read before it.
        _spend(1 + len(arguments) + len(found.free) + len(found.loose))
        return found
    result = _sort(operator, arguments, data, sort)
    if operator == "lambda":
        reduct = _eta_reduct(arguments[0], result)
        if reduct is not None:
            return reduct
    if operator == "/" and all(a.operator == "number" for a in arguments):
        return number(arguments[0].data / arguments[1].data, "Real")
    free = _union([a.free for a in arguments])
    loose = _union([a.loose for a in arguments])
    if operator == "bound":
        loose = frozenset({(data, sort)})
    elif operator in ("forall", "exists", "lambda"):
        size = len(data)
        for index, claimed in loose:
            if index < size:
                require(data[size - 1 - index] == claimed, "a variable bound at sort {} used at {}",
                        data[size - 1 - index], claimed)  # fmt: skip
        loose = frozenset((i - size, s) for i, s in loose if i >= size)
    _spend(1 + len(arguments) + len(free) + len(loose))
    depth = 1 + max((a.depth for a in arguments), default=0)
    require(depth <= DEEPEST, "a term nested more than {} deep", DEEPEST)
    term = Term(
        operator, arguments, data, result, free, loose, depth,
        1 + sum(a.size for a in arguments), _decidable(operator, arguments),
    )  # fmt: skip
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


Part = TypeVar("Part", bound=Hashable)


def _union(sets: list[frozenset[Part]]) -> frozenset[Part]:
    """The union, which is one of the sets themselves where that holds the others."""
    whole: frozenset[Part] = max(sets, key=len, default=frozenset())
    if all(s <= whole for s in sets):
        return whole
    return whole.union(*sets)


def _sort(operator: str, arguments: tuple[Term, ...], data: Any, sort: Sort) -> Sort:
    """The sort of a term with these parts, if they fit."""
    sorts = tuple(a.sort for a in arguments)
    if operator in ("variable", "bound"):
        require(variable_sort(sort), "no variable ranges over {}", sort)
        return sort
    if operator == "number":
        require(sort in NUMBERS, "no literal is of sort {}", sort)
        require(sort == "Real" or data.denominator == 1, "{} is not an integer", data)
        require(max(abs(data.numerator), data.denominator) < _BOUND,
                "a literal of more than {} digits", DIGITS)  # fmt: skip
        return sort
    if operator == "apply":
        head = sorts[0] if sorts else ""
        require(isinstance(head, tuple), "only functions are applied")
        require(arguments[0].operator in ("variable", "bound"), "a lambda is applied")
        require(sorts[1:] == head[0], "a function of {} applied to {}", head[0], sorts[1:])
        return head[1]
    if operator == "symbol":
        require(sorts == data.parameters, "{} takes {}, not {}", data.name, data.parameters, sorts)
        return str(data.sort)
    if operator in ("forall", "exists"):
        require(len(data) == 1 and variable_sort(data[0]), "{} over {}", operator, data)
        require(sorts == ("Bool",), "{} of no formula", operator)
    elif operator == "lambda":
        require(bool(data) and all(s in NUMBERS for s in data), "lambda over {}", data)
        require(len(sorts) == 1 and sorts[0] in NUMBERS, "a lambda gives a number")
        return (tuple(data), str(sorts[0]))
    elif operator in ("+", "-", "*"):
        require(sorts in (("Int", "Int"), ("Real", "Real")), "{} of {}", operator, sorts)
        return sorts[0]
    elif operator == "/":
        require(sorts == ("Real", "Real"), "/ of {}", sorts)
        divisor = arguments[1]
        require(divisor.operator != "number" or divisor.data != 0, "division by the literal 0")
        return "Real"
    elif operator in ("div", "mod"):
        require(sorts == ("Int", "Int"), "{} of {}", operator, sorts)
        divisor = arguments[1]
        positive = divisor.operator == "number" and divisor.data > 0
        require(positive, "{} by {}, not by a positive literal", operator, divisor)
        return "Int"
    elif operator == "to_real":
        require(sorts == ("Int",), "to_real of {}", sorts)
        return "Real"
    elif operator == "ite":
        require(len(sorts) == 3 and arguments[0].decidable, "ite on no comparison of numbers")
        require(sorts[1] == sorts[2] and sorts[1] in NUMBERS, "ite of {}", sorts)
        return sorts[1]
    elif operator in ("=", "<=", "<"):
        joined = ("Int", "Real", "Bool") if operator == "=" else NUMBERS
        require(len(sorts) == 2 and sorts[0] == sorts[1] and sorts[0] in joined,
                "{} of {}", operator, sorts)  # fmt: skip
    elif operator in CONNECTIVES or operator in ("true", "false"):
        least, most = {"and": (2, None), "or": (2, None), "not": (1, 1), "=>": (2, 2)}.get(
            operator, (0, 0)
        )
        enough = len(sorts) >= least and (most is None or len(sorts) <= most)
        require(enough and all(s == "Bool" for s in sorts), "{} of {}", operator, sorts)
    else:
        raise IllFormed(f"no operator is called {shown(operator)}")
    return "Bool"


def require(condition: bool, otherwise: str, *parts: object) -> None:
    """Raise IllFormed unless ``condition``; only then is the message made, and it stays short."""
    if not condition:
        raise IllFormed(otherwise.format(*map(shown, parts)))


def literal(value: Fraction) -> str:
    """A literal's value for a reader.

    Examples
    --------
    >>> literal(Fraction(-1, 2)), literal(Fraction(10) ** 3999)
    ('-1/2', 'a number of about 4000 digits')
    """
    over = shown(value.numerator)
    return over if value.denominator == 1 else f"{over}/{shown(value.denominator)}"


def variable_sort(sort: Sort) -> bool:
    """Whether variables may range over a sort: numbers, and functions of numbers."""
    if isinstance(sort, tuple):
        return bool(sort[0]) and all(s in NUMBERS for s in (*sort[0], sort[1]))
    return sort in NUMBERS


def number(value: Fraction | int, sort: str) -> Term:
    """A literal."""
    return make("number", (), Fraction(value), sort)


def _decidable(operator: str, arguments: tuple[Term, ...]) -> bool:
    """Whether a formula is built by connectives from comparisons of numbers."""
    if operator in CONNECTIVES or (operator == "=" and arguments[0].sort == "Bool"):
        return all(a.decidable for a in arguments)
    return operator in ("=", "<=", "<", "true", "false")


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
    made: dict[tuple[Term, int], Term] = {}
    todo = [(term, depth)]
    while todo:
        node, below = place = todo[-1]
        if place not in made:
            if node.operator in ("variable", "bound"):
                made[place] = change(node, below)
            elif not node.free and not node.loose:
                made[place] = node
            else:
                binder = node.operator in ("forall", "exists", "lambda")
                inner = below + (len(node.data) if binder else 0)
                missing = [(a, inner) for a in node.arguments if (a, inner) not in made]
                if missing:
                    todo += missing
                    continue
                parts = tuple(made[a, inner] for a in node.arguments)
                if node.operator == "apply" and parts[0].operator == "lambda":
                    made[place] = instantiate(parts[0].arguments[0], parts[1:])
                else:
                    # Only variables and numbers have a sort of their own, and these are closed.
                    made[place] = make(node.operator, parts, node.data)
        todo.pop()
    return made[term, depth]


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
        require(value.sort == leaf.sort, "a {} for a {}", value.sort, leaf.sort)
        return shift(value, below)

    return _rebuild(body, 0, change)


def substitute(term: Term, variable: Term, value: Term) -> Term:
    """A closed value for a free variable of its sort."""
    require(value.sort == variable.sort, "a {} for a {}", value.sort, variable.sort)
    require(not value.loose, "a bound variable outside its binder")
    return _rebuild(term, 0, lambda leaf, _: value if leaf is variable else leaf)


def bind(binder: str, variable: Term, body: Term) -> Term:
    """``forall`` or ``exists`` over a free variable of ``body``, which has no loose indices."""

    def change(leaf: Term, below: int) -> Term:
        return make("bound", (), below, leaf.sort) if leaf is variable else leaf

    return make(binder, (_rebuild(body, 0, change),), (variable.sort,))


def opened(quantified: Term, value: Term) -> Term:
    """The body of a quantified formula at a closed value."""
    require(value.sort == quantified.data[0], "a {} for a {}", value.sort, quantified.data[0])
    require(not value.loose, "a bound variable outside its binder")
    return instantiate(quantified.arguments[0], (value,))
