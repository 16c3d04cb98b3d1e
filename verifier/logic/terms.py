"""Terms: immutable, interned, with bound variables by de Bruijn index.

A term is a mirror of a z3 expression (:mod:`verifier.solving.smt` goes both ways), kept in Python
so that a rule may walk it without a solver.  Two terms that are built alike are the same object.
``term.canonical`` is the term with the names of its bound variables erased: two formulas are
equal up to renaming exactly when their canonical terms are one object.

``==``, ``<=`` and the arithmetic operators build terms; they never compare.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable
from contextvars import ContextVar
from fractions import Fraction
from inspect import signature
from threading import RLock
from typing import Any, Final, NoReturn

from verifier.logic.errors import (
    DivisionByZero,
    IllFormed,
    NotAPositiveModulus,
    NotDecidable,
    NoTruthValue,
    SortMismatch,
)
from verifier.logic.sealed import seal
from verifier.logic.sorts import (
    BOOL,
    INT,
    NUMBERS,
    REAL,
    AnySort,
    FunctionSort,
    Sort,
    is_base,
    is_number,
    is_ranged_over,
)

COMPARISONS: Final = frozenset({"=", "<=", "<"})
CONNECTIVES: Final = frozenset({"and", "or", "not", "=>"})
BINDERS: Final = frozenset({"forall", "exists", "lambda"})

# What the printed notation spells with letters; no name may read like it.
WORDS: Final = frozenset({"true", "false", "if", "then", "else", "div", "mod"})

Number = int | Fraction
Operand = "Term | int | Fraction"

# Latin letters, and Greek ones but those drawn like Latin ones, so that no two names look alike.
LETTERS: Final = r"A-Za-zα-νξπ-ωΓΔΘΛΞΠΣΦΨΩℓ"
NAME: Final = re.compile(rf"[{LETTERS}_][{LETTERS}0-9_'!]*")

_depth: Final = ContextVar("depth", default=0)
_making: Final = RLock()
_interned: Final[dict[Hashable, Term]] = {}
# Every term, at the place its serial number says.
_made: Final[list[Term]] = []


class Symbol:
    """The name of a defined function or predicate; the kernel gives it its meaning.

    Attributes
    ----------
    name:
        Unique among all defined symbols.
    parameters:
        Sorts of the arguments; functions are allowed here.
    sort:
        What it gives: a number, or ``BOOL`` for a predicate.
    """

    __slots__ = ("name", "parameters", "sort")

    name: str
    parameters: tuple[AnySort, ...]
    sort: Sort

    def __repr__(self) -> str:
        return self.name

    def __call__(self, *arguments: Any) -> Term:
        if len(arguments) != len(self.parameters):
            raise SortMismatch(
                f"{self.name} takes {len(self.parameters)} arguments, not {len(arguments)}"
            )
        fitted = [
            argument_of(a, s, self.name) for a, s in zip(arguments, self.parameters, strict=True)
        ]
        return make("symbol", tuple(fitted), self, self.sort)


_SYMBOL: Final = seal(Symbol, IllFormed)


def symbol(name: str, parameters: Iterable[AnySort], sort: Sort) -> Symbol:
    """A new symbol.

    Raises
    ------
    IllFormed
        If the name or a sort is none.
    """
    domain = tuple(parameters)
    if not is_name(name) or not name.isascii() or not name.replace("_", "a").isalnum():
        raise IllFormed(f"a symbol's name is letters, digits and _, not {name!r}")
    if not all(map(is_ranged_over, domain)) or not is_base(sort):
        raise SortMismatch(f"{name}: no symbol goes from {domain} to {sort}")
    made: Symbol = object.__new__(Symbol)
    for field, value in (("name", name), ("parameters", domain), ("sort", sort)):
        _SYMBOL[field](made, value)
    return made


class Term:
    """A node of a term.  Build terms with the functions of this module, never by hand.

    Attributes
    ----------
    operator:
        ``variable``, ``bound``, ``number``, ``true``, ``false``, ``apply`` (of a function
        variable), ``symbol`` (application of a defined symbol), ``to_real``, ``ite``, an
        arithmetic operator, a comparison, a connective or a binder.
    arguments:
        The children.
    data:
        Name, value, index, symbol, or the bound variables' names and sorts.
    sort:
        The sort of the term.
    free:
        Its free variables.
    dangling:
        The de Bruijn indices that point outside, with their sorts.
    loose:
        One more than the largest de Bruijn index that points outside; 0 if it is closed.
    binds:
        Whether a binder occurs in it.
    symbols:
        The defined symbols that occur in it.
    """

    __slots__ = (
        "__weakref__", "arguments", "binds", "canonical", "dangling", "data", "free", "loose",
        "operator", "serial", "sort", "symbols",
    )  # fmt: skip

    operator: str
    arguments: tuple[Term, ...]
    data: Any
    sort: AnySort
    free: frozenset[Term]
    dangling: frozenset[tuple[int, AnySort]]
    loose: int
    binds: bool
    symbols: frozenset[Symbol]
    canonical: Term
    serial: int

    def __hash__(self) -> int:
        # Serial numbers are unique, so sets and dictionaries never need to call ==.
        return self.serial

    def __bool__(self) -> NoReturn:
        raise NoTruthValue(f"a term has no truth value: {self}")

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        return _reading(self)

    def __call__(self, *arguments: Any) -> Term:
        if not isinstance(self.sort, FunctionSort):
            raise SortMismatch(f"{self} is not a function")
        if len(arguments) != len(self.sort.domain):
            raise SortMismatch(f"{self} takes {len(self.sort.domain)} arguments")
        fitted = [
            argument_of(a, s, self) for a, s in zip(arguments, self.sort.domain, strict=True)
        ]
        return apply(self, tuple(fitted))

    def __add__(self, other: Any) -> Term:
        return arithmetic("+", self, other)

    def __radd__(self, other: Any) -> Term:
        return arithmetic("+", other, self)

    def __sub__(self, other: Any) -> Term:
        return arithmetic("-", self, other)

    def __rsub__(self, other: Any) -> Term:
        return arithmetic("-", other, self)

    def __mul__(self, other: Any) -> Term:
        return arithmetic("*", self, other)

    def __rmul__(self, other: Any) -> Term:
        return arithmetic("*", other, self)

    def __neg__(self) -> Term:
        return arithmetic("-", 0, self)

    def __truediv__(self, other: Any) -> Term:
        return divide(self, other)

    def __rtruediv__(self, other: Any) -> Term:
        return divide(number(other, REAL), self)

    def __floordiv__(self, other: Any) -> Term:
        return integer_division("div", self, other)

    def __mod__(self, other: Any) -> Term:
        return integer_division("mod", self, other)

    def __le__(self, other: Any) -> Term:
        return compare("<=", self, other)

    def __lt__(self, other: Any) -> Term:
        return compare("<", self, other)

    def __ge__(self, other: Any) -> Term:
        return compare("<=", other, self)

    def __gt__(self, other: Any) -> Term:
        return compare("<", other, self)

    def __eq__(self, other: Any) -> Term:  # type: ignore[override]
        return compare("=", self, other)

    def __ne__(self, other: Any) -> Term:  # type: ignore[override]
        return negation(compare("=", self, other))


def prefix(term: Term) -> str:
    """The start of a term, operators first: for messages, so it is short whatever the term is."""
    words: list[str] = []
    todo: list[Term | str] = [term]
    while todo and len(words) < 60:
        node = todo.pop()
        if isinstance(node, str):
            words.append(node)
            continue
        operator, data = node.operator, node.data
        if operator == "number":
            # Python refuses to write numbers that are very long.
            long = max(abs(data.numerator), data.denominator) >= 10**40
            head = "a long number" if long else str(data)
        elif operator in ("variable", "bound"):
            head = f"#{data}" if operator == "bound" else data
        else:
            head = data.name if operator == "symbol" else operator
        words.append(f"({head}" if node.arguments else head)
        todo += [")"] * bool(node.arguments) + [*reversed(node.arguments)]
    return " ".join([*words, *(["…"] if todo else [])]).replace(" )", ")")


_reading: Callable[[Term], str] = prefix


def write_by(reading: Callable[[Term], str]) -> None:
    """Have messages write terms so.  No rule looks at what is written."""
    global _reading
    _reading = reading


_PUT: Final = seal(Term, IllFormed)


def make(operator: str, arguments: tuple[Term, ...], data: Hashable, sort: AnySort) -> Term:
    """Intern one node.

    Raises
    ------
    IllFormed
        If the node is not well sorted: whoever makes a term, every term of the logic is.
    """
    # Arguments by identity: those of a term that is kept are kept with it.
    key = (operator, tuple(map(id, arguments)), data, sort)
    found = _interned.get(key)
    if found is not None:
        return found
    # One thread at a time: a term is whole before another thread can see it.
    with _making:
        found = _interned.get(key)
        return _make(key, operator, arguments, data, sort) if found is None else found


def _make(
    key: Hashable, operator: str, arguments: tuple[Term, ...], data: Any, sort: AnySort
) -> Term:
    if type(arguments) is not tuple or type(operator) is not str:
        raise IllFormed("a node is an operator and a tuple of terms")
    for a in arguments:
        known(a)
    if not _well_sorted(operator, arguments, data, sort):
        # Shown without the terms below: they may be as large as one likes.
        raise SortMismatch(
            f"not a node of the logic: {operator} of {[str(a.sort) for a in arguments]}"
            f"{'' if data is None else f' with {data!r}'}, {sort}"
        )
    term: Term = object.__new__(Term)
    serial = len(_made)
    binds = operator in BINDERS or any(a.binds for a in arguments)
    dangling = _dangling(operator, arguments, data, sort)
    canonical = term
    if binds:
        bare = tuple([a.canonical for a in arguments])
        erased = (("_",) * len(data[0]), data[1]) if operator in BINDERS else data
        if erased != data or any(a is not b for a, b in zip(bare, arguments, strict=True)):
            canonical = make(operator, bare, erased, sort)
            serial = len(_made)
    if operator == "number":
        # A copy that nobody else holds.
        data = Fraction(data)
    # First of all, for its hash.
    _PUT["serial"](term, serial)
    for name, value in (
        ("operator", operator),
        ("arguments", arguments),
        ("data", data),
        ("sort", sort),
        ("free", _union([a.free for a in arguments], term if operator == "variable" else None)),
        ("symbols", _union([a.symbols for a in arguments], data if operator == "symbol" else None)),
        ("dangling", dangling),
        ("loose", max([i + 1 for i, _ in dangling], default=0)),
        ("binds", binds),
        ("canonical", canonical),
    ):
        _PUT[name](term, value)
    _made.append(term)
    _interned[key] = term
    return term


def _well_sorted(operator: str, arguments: tuple[Term, ...], data: Any, sort: Any) -> bool:
    """Whether a node is one of the logic, given that its arguments are."""
    sorts = [a.sort for a in arguments]
    if operator in ("variable", "bound"):
        index = type(data) is int and data >= 0
        return not arguments and is_ranged_over(sort) and (
            is_name(data) if operator == "variable" else index
        )
    if operator == "number":
        whole = type(data) is Fraction and type(data.numerator) is type(data.denominator) is int
        return not arguments and whole and is_number(sort) and (
            sort == REAL or data.denominator == 1
        )
    if operator == "apply":
        head = arguments[0] if arguments else None
        if head is None or head.operator == "lambda" or not isinstance(head.sort, FunctionSort):
            return False
        return (*sorts[1:],) == head.sort.domain and sort == head.sort.range
    if operator == "symbol":
        return type(data) is Symbol and (*sorts,) == data.parameters and sort == data.sort
    if operator in BINDERS:
        return _well_bound(operator, arguments, data, sort)
    if data is not None or not is_base(sort):
        return False
    if operator in ("+", "-", "*"):
        return sort != BOOL and sorts == [sort, sort]
    if operator == "/":
        folds = sorts == [REAL, REAL] and arguments[1].operator == "number" and (
            arguments[1].data == 0 or arguments[0].operator == "number"
        )
        return sort == REAL and sorts == [REAL, REAL] and not folds
    if operator in ("div", "mod"):
        literal = len(arguments) == 2 and arguments[1].operator == "number"
        return sort == INT and sorts == [INT, INT] and literal and arguments[1].data > 0
    if operator == "to_real":
        return sort == REAL and sorts == [INT]
    if operator == "ite":
        return sort != BOOL and sorts == [BOOL, sort, sort] and decidable(arguments[0])
    if sort != BOOL:
        return False
    if operator in COMPARISONS:
        pair = len(sorts) == 2 and sorts[0] == sorts[1]
        return pair and (is_number(sorts[0]) or (operator == "=" and sorts[0] == BOOL))
    least, most = {"true": (0, 0), "false": (0, 0), "not": (1, 1), "=>": (2, 2)}.get(
        operator, (2, len(sorts))
    )
    known_operator = operator in CONNECTIVES or operator in ("true", "false")
    return known_operator and least <= len(sorts) <= most and all(s == BOOL for s in sorts)


def _well_bound(operator: str, arguments: tuple[Term, ...], data: Any, sort: Any) -> bool:
    if type(data) is not tuple or [type(part) for part in data] != [tuple, tuple]:
        return False
    names, bound_sorts = data
    if len(arguments) != 1 or len(names) != len(bound_sorts) or not names:
        return False
    if not all(map(is_name, names)):
        return False
    body = arguments[0].sort
    if operator != "lambda":
        return len(names) == 1 and is_ranged_over(bound_sorts[0]) and body == BOOL == sort
    function_sort = FunctionSort(bound_sorts, body)  # type: ignore[arg-type]
    if not is_ranged_over(function_sort) or sort != function_sort:
        return False
    return eta_reduct(arguments[0], function_sort) is None


def _dangling(
    operator: str, arguments: tuple[Term, ...], data: Any, sort: AnySort
) -> frozenset[tuple[int, AnySort]]:
    """The indices that point outside a node, with the sorts they are used at.

    Raises
    ------
    SortMismatch
        If one points to a binder of another sort.
    """
    if operator == "bound":
        return frozenset(((data, sort),))
    below: frozenset[tuple[int, AnySort]] = _union([a.dangling for a in arguments], None)
    if operator not in BINDERS or not below:
        return below
    size = len(data[1])
    for index, used in below:
        if index < size and data[1][size - 1 - index] != used:
            raise SortMismatch(f"a bound variable of sort {data[1][size - 1 - index]} as a {used}")
    return frozenset([(index - size, used) for index, used in below if index >= size])


def _union(parts: list[frozenset[Any]], own: object) -> frozenset[Any]:
    union: frozenset[Any] = frozenset() if own is None else frozenset((own,))
    for part in parts:
        # Sharing the sets of the children keeps large terms small.
        if not part <= union:
            union = part if union <= part else union | part
    return union


def known(term: Term) -> Term:
    """The term itself, once it is known to be made by this module.

    Raises
    ------
    IllFormed
        If it was not.
    """
    # An object without fields is one that somebody made past the maker.
    serial = getattr(term, "serial", len(_made)) if type(term) is Term else len(_made)
    if serial >= len(_made) or _made[serial] is not term:
        raise IllFormed("a term that no function of verifier.logic made")
    return term


def is_name(name: Any) -> bool:
    """Whether a variable, free or bound, a parameter or a symbol may be called so.

    Letters are Latin ones, and Greek ones that do not look like those; then digits, ``_``, ``'``
    and ``!``; no word of the notation.
    """
    return type(name) is str and NAME.fullmatch(name) is not None and name not in WORDS


def same(left: Term, right: Term) -> bool:
    """Whether two terms are equal up to the names of bound variables."""
    return left.canonical is right.canonical


def variable(name: str, sort: AnySort) -> Term:
    """A free variable; a variable is its name and its sort together.

    Raises
    ------
    IllFormed
        If the name is not one by :func:`is_name`.

    Examples
    --------
    >>> same(variable("x", INT), variable("x", REAL))
    False
    """
    if not is_name(name):
        raise IllFormed(f"not a variable's name: {name!r}")
    _check_variable_sort(sort)
    return make("variable", (), name, sort)


def _check_variable_sort(sort: AnySort) -> None:
    if not is_ranged_over(sort):
        raise SortMismatch(f"no variable ranges over {sort}")


def bound(index: int, sort: AnySort) -> Term:
    """The variable bound ``index`` binders further out; used by substitution only."""
    return make("bound", (), index, sort)


def number(value: Any, sort: Sort) -> Term:
    """A literal.

    Raises
    ------
    SortMismatch
        If ``value`` is no exact number, or a fraction where an integer is wanted.
    """
    # Exact types: a subclass may compute as it likes.
    if type(value) is not int and type(value) is not Fraction:
        raise SortMismatch(f"expected a term, an int or a Fraction, found {type(value).__name__}")
    exact = Fraction(value)
    if sort == INT and exact.denominator != 1:
        raise SortMismatch("a fraction where an integer is wanted")
    return make("number", (), exact, sort)


TRUE: Final = make("true", (), None, BOOL)
FALSE: Final = make("false", (), None, BOOL)


def argument_of(value: Any, sort: AnySort, owner: object) -> Term:
    """Fit an argument to its sort: terms as they are, Python numbers and functions read."""
    if isinstance(sort, FunctionSort) and not isinstance(value, Term) and callable(value):
        value = function(value, sort)
    if not isinstance(value, Term):
        if not isinstance(sort, Sort):
            raise SortMismatch(f"{owner} wants {sort}, found {value!r}")
        value = number(value, sort)
    if value.sort != sort:
        raise SortMismatch(f"{owner} wants {sort}, found {value} of sort {value.sort}")
    term: Term = value
    return term


def apply(head: Term, arguments: tuple[Term, ...]) -> Term:
    """A function applied to numbers; a lambda applied is reduced at once."""
    if head.operator == "lambda":
        from verifier.logic.substitution import instantiate

        return instantiate(head.arguments[0], arguments)
    if not isinstance(head.sort, FunctionSort):
        raise SortMismatch(f"{head} is not a function")
    return make("apply", (head, *arguments), None, head.sort.range)


def _pair(left: Any, right: Any, what: str) -> tuple[Term, Term]:
    if not isinstance(left, Term):
        left = number(left, right.sort)
    if not isinstance(right, Term):
        right = number(right, left.sort)
    if left.sort != right.sort:
        raise SortMismatch(
            f"{what} joins {left} of sort {left.sort} and {right} of sort {right.sort}; "
            "cast the integer with real(...)"
        )
    return left, right


def arithmetic(operator: str, left: Any, right: Any) -> Term:
    """``left + right``, ``left - right`` or ``left * right``, both Int or both Real."""
    left, right = _pair(left, right, operator)
    if left.sort not in NUMBERS:
        raise SortMismatch(f"{operator} joins numbers, not {left.sort}")
    return make(operator, (left, right), None, left.sort)


def divide(numerator: Term, denominator: Any) -> Term:
    """Real division.

    Nothing is known of ``a / b`` until ``b ≠ 0`` is proved, unless ``b`` is a literal.
    """
    if not isinstance(denominator, Term):
        denominator = number(denominator, REAL)
    if numerator.sort != REAL or denominator.sort != REAL:
        raise SortMismatch(f"/ joins reals, not {numerator.sort} and {denominator.sort}")
    if denominator.operator == "number":
        if denominator.data == 0:
            raise DivisionByZero(f"{numerator} / 0")
        if numerator.operator == "number":
            return number(numerator.data / denominator.data, REAL)
    return make("/", (numerator, denominator), None, REAL)


def integer_division(operator: str, left: Term, right: Any) -> Term:
    """Euclidean quotient ``div`` or remainder ``mod`` by a positive literal."""
    if not isinstance(right, Term):
        right = number(right, INT)
    if left.sort != INT or right.sort != INT:
        raise SortMismatch(f"{operator} joins integers, not {left.sort} and {right.sort}")
    if right.operator != "number" or right.data <= 0:
        raise NotAPositiveModulus(f"{operator} by {right}: only positive literals are admitted")
    return make(operator, (left, right), None, INT)


def real(term: Any) -> Term:
    """The cast from integers to reals, always written out.

    Examples
    --------
    >>> real(variable("n", INT)).sort.name
    'Real'
    """
    if not isinstance(term, Term):
        return number(term, REAL)
    if term.sort != INT:
        raise SortMismatch(f"real(...) casts integers, found {term} of sort {term.sort}")
    return make("to_real", (term,), None, REAL)


def compare(operator: str, left: Any, right: Any) -> Term:
    """``=``, ``<=`` or ``<``; equality also joins formulas, never functions."""
    left, right = _pair(left, right, operator)
    if left.sort not in NUMBERS and (operator != "=" or left.sort != BOOL):
        raise SortMismatch(f"{operator} does not join terms of sort {left.sort}")
    return make(operator, (left, right), None, BOOL)


def _formula(term: Any) -> Term:
    if not isinstance(term, Term) or term.sort != BOOL:
        raise SortMismatch(f"expected a formula, found {term!r}")
    formula: Term = term
    return formula


def conjunction(*parts: Term) -> Term:
    """All of ``parts``; of one part, that part."""
    if len(parts) == 1:
        return _formula(parts[0])
    return make("and", tuple(map(_formula, parts)), None, BOOL) if parts else TRUE


def disjunction(*parts: Term) -> Term:
    """One of ``parts``; of one part, that part."""
    if len(parts) == 1:
        return _formula(parts[0])
    return make("or", tuple(map(_formula, parts)), None, BOOL) if parts else FALSE


def negation(part: Term) -> Term:
    """Not ``part``."""
    return make("not", (_formula(part),), None, BOOL)


def implies(premise: Term, conclusion: Term) -> Term:
    """If ``premise`` then ``conclusion``."""
    return make("=>", (_formula(premise), _formula(conclusion)), None, BOOL)


def decidable(formula: Term) -> bool:
    """Whether a formula is built by connectives from comparisons of numbers alone.

    A number has no quantifier in it, though it may be a sum over a function.
    """
    todo = [formula]
    while todo:
        term = todo.pop()
        if term.operator in CONNECTIVES or (
            term.operator == "=" and term.arguments[0].sort == BOOL
        ):
            todo.extend(term.arguments)
        elif term.operator not in COMPARISONS and term.operator not in ("true", "false"):
            return False
    return True


def if_then_else(condition: Term, then: Any, otherwise: Any) -> Term:
    """``then`` where ``condition`` holds, else ``otherwise``; the condition is decidable."""
    if not isinstance(then, Term) and not isinstance(otherwise, Term):
        raise SortMismatch("one branch of if_then_else must be a term")
    then, otherwise = _pair(then, otherwise, "if_then_else")
    if then.sort not in NUMBERS:
        raise SortMismatch(f"if_then_else gives a number, not {then.sort}")
    if not decidable(_formula(condition)):
        raise NotDecidable(f"not a comparison of numbers: {condition}")
    return make("ite", (condition, then, otherwise), None, then.sort)


def bind(binder: str, variables: tuple[Term, ...], body: Term) -> Term:
    """``forall``, ``exists`` (one variable) or ``lambda`` (any) over ``variables``."""
    from verifier.logic.substitution import abstract

    if len(set(variables)) != len(variables) or any(v.operator != "variable" for v in variables):
        raise IllFormed("a binder takes distinct variables")
    names, sorts = tuple(v.data for v in variables), tuple(v.sort for v in variables)
    return rebind(binder, (names, sorts), abstract(body, variables))


def eta_reduct(body: Term, sort: FunctionSort) -> Term | None:
    """For the body of a lambda of this sort that is ``x ↦ f(x)``, the function f; else None.

    Such a lambda and f are one function, and the logic has one term for it: f.
    """
    if body.operator != "apply" or body.arguments[0].sort != sort:
        return None
    head, *rest = body.arguments
    size = len(rest)
    if any(a.operator != "bound" or a.data != size - 1 - i for i, a in enumerate(rest)):
        return None
    # The head is a name of function sort, so none of the lambda's own variables.
    if head.operator == "variable":
        return head
    return bound(head.data - size, head.sort) if head.data >= size else None


def rebind(binder: str, data: tuple[tuple[str, ...], tuple[AnySort, ...]], body: Term) -> Term:
    """A binder over a body whose variables are de Bruijn indices already.

    A lambda ``x ↦ f(x)`` is f, wherever it is made: by binding, or by putting a value in a body.
    """
    if binder not in BINDERS:
        raise IllFormed(f"{binder!r} binds nothing")
    for sort in data[1]:
        _check_variable_sort(sort)
    if binder == "lambda":
        domain = tuple(s for s in data[1] if isinstance(s, Sort))
        if len(domain) != len(data[1]) or not domain or body.sort not in NUMBERS:
            raise SortMismatch("a function goes from numbers to a number")
        sort = FunctionSort(domain, body.sort)
        reduct = eta_reduct(body, sort)
        return make(binder, (body,), data, sort) if reduct is None else reduct
    if len(data[1]) != 1:
        raise IllFormed(f"{binder} binds one variable at a time")
    return make(binder, (_formula(body),), data, BOOL)


def forall(*parts: Term) -> Term:
    """``forall(x, y, body)``: for all x and y, body."""
    *variables, body = parts
    for v in reversed(variables):
        body = bind("forall", (v,), body)
    return body


def exists(*parts: Term) -> Term:
    """``exists(x, y, body)``: for some x and y, body."""
    *variables, body = parts
    for v in reversed(variables):
        body = bind("exists", (v,), body)
    return body


def function(body: Callable[..., Any], sort: FunctionSort) -> Term:
    """The function of sort ``sort`` that a Python function of terms computes.

    Its bound variables are named after the Python parameters.

    Examples
    --------
    >>> function(lambda x: 2 * x + 1, FunctionSort((REAL,), REAL))(1).operator
    '+'
    """
    names = tuple(signature(body).parameters)
    if len(names) != len(sort.domain):
        raise SortMismatch(f"a function of {len(names)} arguments where {sort} is wanted")
    # A name no user can give keeps the parameters apart from free variables, and the depth of the
    # call from the parameters of functions that call this one with their own.
    depth = _depth.get()
    inner = tuple(
        make("variable", (), f"{n}!bound{depth}", s)
        for n, s in zip(names, sort.domain, strict=True)
    )
    outer = _depth.set(depth + 1)
    try:
        value = body(*inner)
    finally:
        _depth.reset(outer)
    if not isinstance(value, Term):
        value = number(value, sort.range)
    if value.sort != sort.range:
        raise SortMismatch(f"a function into {sort.range}, found {value} of sort {value.sort}")
    from verifier.logic.substitution import abstract

    return rebind("lambda", (names, sort.domain), abstract(value, inner))
