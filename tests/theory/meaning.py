"""What a formula says of concrete functions and numbers, computed exactly.

Numbers are integers and fractions, functions are Python callables on them.  Defined functions are
computed from their definitions, recursions by recursion.  Quantified numbers range over a finite
sample.  That a function is sawtooth, a classifier has few runs, or a network computes a function
is decided on the sample by procedures that share no code with the proofs.

What the sample can say: a universal statement or a bound on pieces that fails on a sample fails.
A function of known breakpoints has as many pieces on a sample as on the line once each of its
pieces holds three points: a run of the sample then cannot step over a piece.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from verifier.kernel import DEFINED, Definition
from verifier.logic import INT, FunctionSort, Term, opened, variable

Number = int | Fraction
Function = Callable[..., Number]
Value = Number | Function | bool


class Undecided(Exception):
    """The model does not say: no witness for a function, no value below zero of a recursion."""


@dataclass(frozen=True)
class Network:
    """Weights as the proofs index them: ``weight(layer, unit, input)`` from layer 1 on."""

    weight: Function
    bias: Function
    readout: Function
    offset: Number = 0

    def input(self, i: int, unit: int, layer: list[Fraction]) -> Fraction:
        """What a unit of layer i is given by the layer before."""
        return Fraction(sum(self.weight(i, unit, l) * v for l, v in enumerate(layer))) + self.bias(
            i, unit
        )

    def output(self, φ: Function, widths: Function, depth: int, x: Fraction) -> Fraction:
        """The forward pass, layer by layer."""
        layer = [x]
        for i in range(1, depth + 1):
            layer = [Fraction(φ(self.input(i, u, layer))) for u in range(int(widths(i)))]
        return Fraction(sum(self.readout(l) * v for l, v in enumerate(layer)) + self.offset)


@dataclass(frozen=True)
class Model:
    """Values for free variables, samples for bound ones, witnesses for what is claimed to exist.

    Attributes
    ----------
    values:
        By name: an ``int``, a ``Fraction`` or a function of such numbers.
    points, integers:
        What quantified reals and integers range over.
    witnesses:
        By the name of an existential function: the function, or :func:`decided` by a procedure.
    networks:
        Networks that may compute a function said to be one.
    below:
        By the name of a recursion: its values below zero, where its equations say nothing.
    """

    values: Mapping[str, Any]
    points: tuple[Fraction, ...]
    integers: tuple[int, ...]
    witnesses: Mapping[str, Any] = field(default_factory=dict)
    networks: tuple[Network, ...] = ()
    below: Mapping[str, Function] = field(default_factory=dict)

    def with_values(self, **values: Any) -> Model:
        """The model with some values changed."""
        return replace(self, values={**self.values, **values})

    def refined(self) -> Model:
        """The model with every gap of the sample halved."""
        middles = [(a + b) / 2 for a, b in pairwise(self.points)]
        return replace(self, points=tuple(sorted({*self.points, *middles})))

    def holds(self, formula: Term) -> bool:
        """Whether a formula whose free variables have values is true."""
        frame = {v: _fit(self.values[str(v.data)], v.sort) for v in formula.free}
        return bool(_Evaluation(self).value(formula, _Frame(frame), ()))


@dataclass(frozen=True)
class Decided:
    """A procedure that decides whether a function with the claimed property exists."""

    procedure: Callable[[], bool]


@dataclass(frozen=True)
class Statement:
    """A statement taken apart: outer variables, hypotheses, conclusion."""

    variables: tuple[Term, ...]
    hypotheses: tuple[Term, ...]
    conclusion: Term


def take_apart(statement: Term) -> Statement:
    """Open the outer quantifiers and split off the premises.

    Raises
    ------
    ValueError
        If two outer variables share a name.
    """
    variables: list[Term] = []
    hypotheses: list[Term] = []
    while statement.operator == "forall":
        names, sorts = statement.data
        variables.append(variable(names[0], sorts[0]))
        statement = opened(statement, variables[-1])
    while statement.operator == "=>":
        premise, statement = statement.arguments
        hypotheses.append(premise)
    if len({str(v.data) for v in variables}) != len(variables):
        raise ValueError(f"two outer variables share a name in {statement}")
    return Statement(tuple(variables), tuple(hypotheses), statement)


def fewest_affine_runs(points: Iterable[Fraction], functions: Iterable[Function]) -> int:
    """The fewest groups of neighbouring points on each of which every function is affine.

    Taking each group as long as it can be is optimal, since part of an affine group is affine.
    """
    functions = tuple(functions)
    rows = [(x, [Fraction(f(x)) for f in functions]) for x in points]
    groups, start = 0, 0
    while start < len(rows):
        groups, end = groups + 1, start + 2
        while end < len(rows) and _on_line(rows[start], rows[start + 1], rows[end]):
            end += 1
        start = end
    return groups


def _on_line(
    first: tuple[Fraction, list[Fraction]],
    second: tuple[Fraction, list[Fraction]],
    third: tuple[Fraction, list[Fraction]],
) -> bool:
    (x, u), (y, v), (z, w) = first, second, third
    return all((c - a) * (y - x) == (b - a) * (z - x) for a, b, c in zip(u, v, w, strict=True))


# Of a jump nothing is lost when an interval is halved this often; of a slope almost all is.
HALVINGS = 24


def _jumps(f: Function, a: Fraction, b: Fraction) -> bool:
    """Whether f, of few pieces on [a, b], has a jump there: the side that changes more goes on."""
    rise = abs(Fraction(f(b)) - f(a))
    for _ in range(HALVINGS):
        middle = (a + b) / 2
        left, right = abs(Fraction(f(middle)) - f(a)), abs(Fraction(f(b)) - f(middle))
        a, b = (a, middle) if left > right else (middle, b)
    return abs(Fraction(f(b)) - f(a)) * 2**8 > rise > 0


def constant_runs(points: Iterable[Fraction], function: Function) -> int:
    """The number of groups of neighbouring points on which the function is constant."""
    values = [function(x) for x in points]
    return bool(values) + sum(a != b for a, b in pairwise(values))


class _Frame:
    """The values of a definition's parameters, or of a statement's variables."""

    def __init__(self, values: Mapping[Term, Value]) -> None:
        self.values = values


def _fit(value: Any, sort: Any) -> Any:
    if isinstance(sort, FunctionSort):
        if not callable(value):
            raise TypeError(f"{value!r} is no function")
        return value
    if isinstance(value, bool) or not isinstance(value, int | Fraction):
        raise TypeError(f"{value!r} is no exact number")
    if sort == INT and Fraction(value).denominator != 1:
        raise TypeError(f"{value!r} is no integer")
    return int(value) if sort == INT else Fraction(value)


class _Evaluation:
    def __init__(self, model: Model) -> None:
        self.model = model
        self.calls: dict[tuple[Any, ...], Any] = {}
        self.closures: dict[tuple[Any, ...], Function] = {}

    def value(self, term: Term, frame: _Frame, bound: tuple[Any, ...]) -> Any:
        operator = term.operator
        if operator == "number":
            return _fit(term.data, term.sort)
        if operator in ("true", "false"):
            return operator == "true"
        if operator == "variable":
            return frame.values[term]
        if operator == "bound":
            return bound[-1 - term.data]
        if operator in ("forall", "exists"):
            return self.quantified(term, frame, bound)
        if operator == "lambda":
            return self.closure(term, frame, bound)
        if operator in _LAZY:
            return _LAZY[operator](lambda t: self.value(t, frame, bound), term.arguments)
        values = [self.value(a, frame, bound) for a in term.arguments]
        if operator == "symbol":
            return self.call(term.data, tuple(values))
        if operator == "apply":
            return _fit(values[0](*values[1:]), term.sort)
        return _EAGER[operator](*values)

    def quantified(self, term: Term, frame: _Frame, bound: tuple[Any, ...]) -> bool:
        (name,), (sort,) = term.data
        body = term.arguments[0]

        def holds(value: Any) -> bool:
            return bool(self.value(body, frame, (*bound, value)))

        if isinstance(sort, FunctionSort):
            return self.witnessed(term, name, holds)
        sample: Iterable[Number] = self.model.integers if sort == INT else self.model.points
        return (all if term.operator == "forall" else any)(holds(v) for v in sample)

    def witnessed(self, term: Term, name: str, holds: Callable[[Any], bool]) -> bool:
        witness = self.model.witnesses.get(name)
        if term.operator == "forall" or witness is None:
            raise Undecided(f"no witness for the function {name} in {term}")
        return witness.procedure() if isinstance(witness, Decided) else holds(witness)

    def closure(self, term: Term, frame: _Frame, bound: tuple[Any, ...]) -> Function:
        key = (term, frame, bound)
        if key not in self.closures:
            sorts = term.data[1]

            def function(*values: Number) -> Number:
                fitted = [_fit(v, s) for v, s in zip(values, sorts, strict=True)]
                found: Number = self.value(term.arguments[0], frame, (*bound, *fitted))
                return found

            self.closures[key] = function
        return self.closures[key]

    def call(self, symbol: Any, values: tuple[Any, ...]) -> Any:
        key = (symbol, *values)
        if key not in self.calls:
            procedure = PROCEDURES.get(symbol.name)
            if procedure is not None:
                self.calls[key] = procedure(self, *values)
            else:
                self.calls[key] = self.unfolded(DEFINED[symbol.name], values)
        return self.calls[key]

    def unfolded(self, meaning: Definition, values: tuple[Any, ...]) -> Any:
        arguments = dict(zip(meaning.parameters, values, strict=True))
        body = meaning.body
        if meaning.measure is not None and meaning.successor is not None:
            n = arguments[meaning.measure]
            if n < 0:
                return self.below_zero(meaning, values)
            if n > 0:
                arguments[meaning.measure], body = n - 1, meaning.successor
        return self.value(body, _Frame(arguments), ())

    def below_zero(self, meaning: Definition, values: tuple[Any, ...]) -> Any:
        known = self.model.below.get(meaning.symbol.name)
        if known is None:
            raise Undecided(f"{meaning.symbol.name} has no known value below zero")
        return _fit(known(*values), meaning.symbol.sort)

    # The procedures.

    def sawtooth(self, f: Function, t: int) -> bool:
        return fewest_affine_runs(self.model.points, [f]) <= t

    def between(self, a: Fraction, b: Fraction) -> list[Fraction]:
        return sorted({x for x in (*self.model.points, a, b) if a <= x <= b})

    @staticmethod
    def units(v: Function, m: int) -> list[Function]:
        return [lambda x, j=j: v(j, x) for j in range(m)]

    def sawtooth_on(self, f: Function, t: int, a: Fraction, b: Fraction) -> bool:
        inside = self.between(a, b)
        return not inside or fewest_affine_runs(inside, [f]) <= t

    def jointly_sawtooth(self, v: Function, m: int, pieces: int) -> bool:
        return fewest_affine_runs(self.model.points, self.units(v, m)) <= pieces

    def runs(self, guess: Function, r: int) -> bool:
        return constant_runs(self.model.points, guess) <= r

    def affine_on(self, v: Function, m: int, a: Fraction, b: Fraction) -> bool:
        return fewest_affine_runs(self.between(a, b), self.units(v, m)) <= 1

    def polygonal(self, v: Function, m: int) -> bool:
        """Continuous, and of pieces of three points each: what bends more often is no polygon."""
        units, points = self.units(v, m), self.model.points
        pieces = fewest_affine_runs(points, units)
        return 3 * pieces <= len(points) and all(self.intermediate(u) for u in units)

    def intermediate(self, f: Function) -> bool:
        return all(not _jumps(f, a, b) for a, b in pairwise(self.model.points))

    def network(self, g: Function, φ: Function, w: Function, depth: int) -> bool:
        if depth < 0 or w(0) != 1 or any(w(i) < 1 for i in range(1, depth + 1)):
            return False
        return any(
            all(g(x) == n.output(φ, w, depth, x) for x in self.model.points)
            for n in self.model.networks
        )


PROCEDURES: Mapping[str, Callable[..., bool]] = {
    "sawtooth": _Evaluation.sawtooth,
    "sawtooth_on": _Evaluation.sawtooth_on,
    "jointly_sawtooth": _Evaluation.jointly_sawtooth,
    "runs": _Evaluation.runs,
    "intermediate": _Evaluation.intermediate,
    "affine_on": _Evaluation.affine_on,
    "polygonal": _Evaluation.polygonal,
    "network": _Evaluation.network,
}

_LAZY: Mapping[str, Callable[..., Any]] = {
    "and": lambda value, parts: all(value(p) for p in parts),
    "or": lambda value, parts: any(value(p) for p in parts),
    "=>": lambda value, parts: not value(parts[0]) or value(parts[1]),
    "ite": lambda value, parts: value(parts[1]) if value(parts[0]) else value(parts[2]),
}

_EAGER: Mapping[str, Callable[..., Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "div": lambda a, b: a // b,
    "mod": lambda a, b: a % b,
    "to_real": Fraction,
    "=": lambda a, b: a == b,
    "<=": lambda a, b: a <= b,
    "<": lambda a, b: a < b,
    "not": lambda a: not a,
}
