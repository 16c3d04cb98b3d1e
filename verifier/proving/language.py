"""The words statements are written in: sorts to annotate with, and definitions.

A definition is a Python function whose annotations are the sorts of its parameters.

Examples
--------
>>> @definition
... def doc_double(x: Real) -> Term:
...     '''Twice x.'''
...     return 2 * x
>>> print(doc_double.equations[0])
⊢ ∀ x:Real. doc_double(x) = 2·x
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, Final, get_type_hints

from verifier.errors import VerifierError
from verifier.kernel import Theorem, define, define_recursive
from verifier.kernel import definition as defining_equations
from verifier.logic import INT, REAL, AnySort, FunctionSort, Sort, Symbol, Term, number
from verifier.logic import exists as _plain_exists
from verifier.logic import forall as _plain_forall
from verifier.logic import variable as _variable
from verifier.logic.terms import argument_of
from verifier.proving.errors import NameClash

Integer = Annotated[Term, INT]
Real = Annotated[Term, REAL]
RealMap = Annotated[Term, FunctionSort((REAL,), REAL)]
Labelling = Annotated[Term, FunctionSort((REAL,), INT)]
IntegerSequence = Annotated[Term, FunctionSort((INT,), INT)]
RealSequence = Annotated[Term, FunctionSort((INT,), REAL)]
RealMatrix = Annotated[Term, FunctionSort((INT, INT), REAL)]
RealTensor = Annotated[Term, FunctionSort((INT, INT, INT), REAL)]
RealMapSequence = Annotated[Term, FunctionSort((INT, REAL), REAL)]
Formula = Term


class NotAnnotated(VerifierError):
    """A parameter without the sort it ranges over."""


def sort_of(annotation: Any, owner: str) -> AnySort:
    """The sort an annotation such as ``Real`` stands for."""
    for extra in getattr(annotation, "__metadata__", ()):
        if isinstance(extra, Sort | FunctionSort):
            return extra
    raise NotAnnotated(f"{owner}: annotate it with a sort such as Integer, Real or RealMap")


def parameters_of(definer: Callable[..., Any], skip: int = 0) -> tuple[Term, ...]:
    """One variable for each parameter after the first ``skip``."""
    names = list(inspect.signature(definer).parameters)[skip:]
    return tuple(
        _variable(n, sort_of(_annotation(definer, n), f"{definer.__name__}, parameter {n}"))
        for n in names
    )


def _annotation(definer: Callable[..., Any], name: str) -> Any:
    written = getattr(definer, "__annotations__", {}).get(name)
    # Most are one global name, and looking it up is far cheaper than evaluating it.
    if isinstance(written, str) and written in definer.__globals__:
        return definer.__globals__[written]
    return get_type_hints(definer, include_extras=True).get(name)


def variables(names: str, annotation: Any) -> tuple[Term, ...]:
    """Variables of one sort.

    Examples
    --------
    >>> x, y = variables("x y", Real)
    >>> print(x + y)
    x + y
    """
    sort = sort_of(annotation, names)
    return tuple(_variable(name, sort) for name in names.split())


@dataclass
class _Held:
    """The variables that stand for something in the proof that is running: no binder takes one."""

    variables: list[Term] = field(default_factory=list)


_held: Final = [_Held()]


@contextmanager
def holding(*variables: Term) -> Iterator[None]:
    """Variables no binder may take while this lasts, and those that :func:`hold` adds."""
    held = _held[-1].variables
    before = len(held)
    held.extend(variables)
    try:
        yield
    finally:
        del held[before:]


def hold(variable: Term) -> None:
    """Keep a variable from binders until what holds variables outside ends."""
    _held[-1].variables.append(variable)


@contextmanager
def holding_nothing() -> Iterator[None]:
    """Inside, the variables of a proof outside are none of this one's."""
    _held.append(_Held())
    try:
        yield
    finally:
        _held.pop()


def forall(*parts: Term) -> Term:
    """``forall(x, y, body)``: for all x and y, body.

    Raises
    ------
    NameClash
        If x or y is a variable of the proof that is running.
    """
    return _plain_forall(*_no_clash(parts))


def exists(*parts: Term) -> Term:
    """``exists(x, y, body)``: for some x and y, body.

    Raises
    ------
    NameClash
        If x or y is a variable of the proof that is running.
    """
    return _plain_exists(*_no_clash(parts))


def _no_clash(parts: tuple[Term, ...]) -> tuple[Term, ...]:
    held = frozenset(_held[-1].variables)
    for v in parts[:-1]:
        if v in held and v in parts[-1].free:
            raise NameClash(
                f"{v} stands for something in this proof, and a binder of {v} would bind it too: "
                "obtain it, or bind, under another name"
            )
    return parts


def integers(names: str) -> tuple[Term, ...]:
    """Integer variables."""
    return variables(names, Integer)


def integer(value: int) -> Term:
    """An integer literal; :func:`real` makes real ones."""
    return number(value, INT)


def reals(names: str) -> tuple[Term, ...]:
    """Real variables."""
    return variables(names, Real)


def function(body: Callable[..., Any] | Term, annotation: Any = RealMap) -> Term:
    """The function a Python function of terms computes; a term stays as it is.

    Examples
    --------
    >>> function(lambda x: 2 * x)
    x ↦ 2·x
    """
    sort = sort_of(annotation, "function")
    if not isinstance(sort, FunctionSort):
        raise NotAnnotated(f"{sort} is not the sort of a function")
    return argument_of(body, sort, "function")


@dataclass(frozen=True, eq=False)
class Defined:
    """A defined function or predicate: call it to apply it.

    Attributes
    ----------
    symbol:
        The kernel's symbol.
    parameters:
        The variables of the defining equation.
    """

    symbol: Symbol
    parameters: tuple[Term, ...]
    doc: str = ""

    def __call__(self, *arguments: Any) -> Term:
        return self.symbol(*arguments)

    @property
    def __signature__(self) -> inspect.Signature:
        # So that a defined function can stand wherever a Python function of terms can.
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        return inspect.Signature([inspect.Parameter(str(p.data), kind) for p in self.parameters])

    @property
    def name(self) -> str:
        """The symbol's name."""
        return self.symbol.name

    @cached_property
    def equations(self) -> tuple[Theorem, ...]:
        """The defining equations, as theorems of the kernel."""
        return defining_equations(self.symbol)


def definition(definer: Callable[..., Any]) -> Defined:
    """Define a function or, where the body is a formula, a predicate."""
    parameters = parameters_of(definer)
    body = definer(*parameters)
    symbol = define(definer.__name__, parameters, body)
    return Defined(symbol, parameters, inspect.getdoc(definer) or "")


def recursion(on: str, zero: Callable[..., Any]) -> Callable[[Callable[..., Any]], Defined]:
    """Define a function by recursion over the natural numbers.

    The decorated function gives the value at ``n + 1``; its first parameter stands for the
    function itself, which may be called at ``n`` only.

    Parameters
    ----------
    on:
        The name of the parameter the recursion runs on.
    zero:
        The value at 0, from the other parameters.

    Examples
    --------
    >>> from verifier.logic import number
    >>> one = number(1, INT)
    >>> @recursion("n", zero=lambda b: one)
    ... def doc_power(power, b: Integer, n: Integer) -> Term:
    ...     return power(b, n) * b
    >>> for equation in doc_power.equations:
    ...     print(equation)
    ⊢ ∀ b:Int. doc_power(b, 0) = 1
    ⊢ ∀ b n:Int. 0 ≤ n → doc_power(b, n + 1) = doc_power(b, n)·b
    """

    def decorate(definer: Callable[..., Any]) -> Defined:
        parameters = parameters_of(definer, skip=1)
        measure = next(p for p in parameters if p.data == on)
        at_zero = zero(*(p for p in parameters if p is not measure))
        symbol = define_recursive(
            definer.__name__,
            parameters,
            measure,
            at_zero,
            lambda itself: definer(itself, *parameters),
        )
        return Defined(symbol, parameters, inspect.getdoc(definer) or "")

    return decorate
