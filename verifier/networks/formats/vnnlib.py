"""VNN-LIB 1.x properties, every decimal read exactly.

A property file describes the *unsafe* set: inputs in a box (or in one of several), with
outputs that satisfy linear constraints. A network is safe when no input reaches that set.

Format: the VNN-LIB standard (vnnlib.org), version 1: SMT-LIB 2 declarations of real constants
``X_0, X_1, …`` and ``Y_0, Y_1, …`` and assertions over them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain, pairwise, product
from pathlib import Path
from typing import Final, NamedTuple

from verifier.errors import BadInput
from verifier.networks.formats.files import read_text
from verifier.networks.property import Case, Conjunction, Constraint, Property

Vector = tuple[Fraction, ...]

MAX_DISJUNCTS: Final = 100_000
MAX_DEPTH: Final = 200
MAX_EXPONENT: Final = 10_000


# ---------------------------------------------------------------- expressions


class Token(NamedTuple):
    text: str
    line: int


class Linear(NamedTuple):
    """A linear form over named variables."""

    terms: dict[str, Fraction]
    constant: Fraction


class Atom(NamedTuple):
    """``form >= 0``, or ``form > 0`` if strict."""

    form: Linear
    strict: bool


# A formula in disjunctive normal form: a list of conjunctions of atoms.
Formula = list[list[Atom]]
Expression = Token | list["Expression"]

TOKEN: Final = re.compile(r';[^\n]*|\|[^|]*\||"[^"]*"|[()]|[^\s();"|]+|\n|"|\|')
VARIABLE: Final = re.compile(r"([XY])_(0|[1-9][0-9]{0,8})")
DECIMAL: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE]([+-]?[0-9]+))?")
IGNORED: Final = {"set-logic", "set-info", "set-option", "check-sat", "get-model", "exit"}
COMPARISONS: Final = {"<=", ">=", "<", ">", "="}


def read_vnnlib(path: str | Path) -> Property:
    """Read a VNN-LIB 1.x property file, also one compressed with gzip.

    Raises
    ------
    BadInput
        With the line, if the file is not a property of this form: syntax, an undeclared
        variable, a gap in the numbering, a product of variables, an input without bounds,
        an empty box.
    """
    path = Path(path)
    return parse_vnnlib(read_text(path), str(path))


def parse_vnnlib(text: str, where: str = "property") -> Property:
    """Parse the text of a VNN-LIB 1.x property.

    Examples
    --------
    >>> spec = parse_vnnlib('''
    ...     (declare-const X_0 Real) (declare-const Y_0 Real)
    ...     (assert (<= X_0 0.1)) (assert (>= X_0 -1e-1)) (assert (> Y_0 2))''')
    >>> spec.cases[0].upper
    (Fraction(1, 10),)
    >>> spec.holds([Fraction(0)], [Fraction(2)])
    False
    """
    return Parser(where).parse(text)


class Parser:
    """Reads one property; ``where`` names the file in errors."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.declared: dict[str, int] = {}
        self.leaves: dict[str, Linear] = {}

    def fail(self, line: int, expected: str) -> BadInput:
        return BadInput(self.where, expected, f"line {line}" if line else "")

    # ---- text to expressions

    def tokens(self, source: str) -> Iterator[Token]:
        line = 1
        for match in TOKEN.finditer(source):
            text = match.group()
            if text == "\n":
                line += 1
            elif not text.startswith(";"):
                if text in ('"', "|"):
                    raise self.fail(line, f"found {text} that is never closed")
                yield Token(text, line)
                line += text.count("\n")

    def expressions(self, text: str) -> Iterator[tuple[int, list[Expression]]]:
        stack: list[list[Expression]] = []
        start = 0
        for token in self.tokens(text):
            if token.text == "(":
                if not stack:
                    start = token.line
                if len(stack) >= MAX_DEPTH:
                    raise self.fail(token.line, f"expected nesting of at most {MAX_DEPTH}")
                stack.append([])
            elif token.text == ")":
                if not stack:
                    raise self.fail(token.line, "found ) without its (")
                done = stack.pop()
                if stack:
                    stack[-1].append(done)
                else:
                    yield start, done
            elif not stack:
                raise self.fail(token.line, f"expected a command in ( ), found {token.text}")
            else:
                stack[-1].append(token)
        if stack:
            raise self.fail(start, "found ( that is never closed: the file may be truncated")

    # ---- commands

    def parse(self, text: str) -> Property:
        assertions: list[tuple[int, Formula]] = []
        for line, command in self.expressions(text):
            match command:
                case [Token("declare-const" | "declare-fun"), *rest]:
                    self.declare(line, rest)
                case [Token("assert"), formula]:
                    assertions.append((line, self.formula(formula, line, True)))
                case [Token(name), *_] if name in IGNORED:
                    pass
                case [Token("vnnlib-version" | "declare-network"), *_]:
                    raise self.fail(line, "expected VNN-LIB 1.x, found version 2")
                case [Token(name), *_]:
                    raise self.fail(
                        line, f"expected declare-const or assert with one formula, found {name}"
                    )
                case _:
                    raise self.fail(line, "expected a command")
        inputs, outputs = self.count("X"), self.count("Y")
        conjunctions = self.conjoin(assertions)
        return Property(inputs, outputs, self.cases(conjunctions, inputs, outputs))

    def declare(self, line: int, rest: list[Expression]) -> None:
        match rest:
            case [Token(name), Token("Real")] | [Token(name), [], Token("Real")]:
                pass
            case [Token(name), *_]:
                raise self.fail(line, f"expected {name} of sort Real")
            case _:
                raise self.fail(line, "expected a name and the sort Real")
        if not VARIABLE.fullmatch(name):
            raise self.fail(line, f"expected X_i or Y_j, found {name}")
        if name in self.declared:
            raise self.fail(line, f"{name} is declared twice")
        self.declared[name] = line

    def count(self, kind: str) -> int:
        names = [name for name in self.declared if name.startswith(kind)]
        for i in range(len(names)):
            if f"{kind}_{i}" not in self.declared:
                raise self.fail(0, f"declares {len(names)} variables {kind} but not {kind}_{i}")
        if not names:
            raise self.fail(0, f"declares no variable {kind}_0")
        return len(names)

    # ---- formulas

    def formula(self, expression: Expression, line: int, positive: bool) -> Formula:
        """Return the formula, or its negation, in disjunctive normal form."""
        if isinstance(expression, Token):
            if expression.text in ("true", "false"):
                return [[]] if (expression.text == "true") == positive else []
            raise self.fail(expression.line, f"expected a formula, found {expression.text}")
        if not expression or not isinstance(expression[0], Token):
            raise self.fail(line, "expected an operator after (")
        head, arguments = expression[0], expression[1:]
        match head.text:
            case "and" | "or":
                parts = [self.formula(part, head.line, positive) for part in arguments]
                if (head.text == "and") == positive:
                    return self.both(parts, head.line)
                return [conjunction for part in parts for conjunction in part]
            case "not" if len(arguments) == 1:
                return self.formula(arguments[0], head.line, not positive)
            case "=>" if len(arguments) == 2:
                negated: Expression = [Token("not", head.line), arguments[0]]
                return self.formula(
                    [Token("or", head.line), negated, arguments[1]], head.line, positive
                )
            case operator if operator in COMPARISONS and len(arguments) >= 2:
                sides = [self.linear(part, head.line) for part in arguments]
                pairs = pairwise(sides)
                parts = [compare(operator, left, right, positive) for left, right in pairs]
                return self.both(parts, head.line) if positive else list(chain(*parts))
        raise self.fail(
            head.line,
            f"expected and, or, not, =>, <=, >=, <, > or = with its arguments, found {head.text}",
        )

    def both(self, parts: list[Formula], line: int) -> Formula:
        size = 1
        for part in parts:
            size *= len(part)
            if size > MAX_DISJUNCTS:
                raise self.fail(line, f"expected at most {MAX_DISJUNCTS} alternatives")
        return [list(chain(*choice)) for choice in product(*parts)]

    def conjoin(self, assertions: list[tuple[int, Formula]]) -> Formula:
        if not assertions:
            raise self.fail(0, "expected at least one assertion")
        single = list(chain(*(part[0] for _, part in assertions if len(part) == 1)))
        several = [part for _, part in assertions if len(part) != 1]
        return self.both([[single], *several], assertions[-1][0])

    def linear(self, expression: Expression, line: int) -> Linear:
        if isinstance(expression, Token):
            return self.leaf(expression)
        if len(expression) < 2 or not isinstance(expression[0], Token):
            raise self.fail(line, "expected an arithmetic operator and its arguments")
        head = expression[0]
        parts = [self.linear(part, head.line) for part in expression[1:]]
        total = parts[0]
        match head.text:
            case "+":
                for part in parts[1:]:
                    total = add(total, part)
            case "-" if len(parts) == 1:
                total = scale(total, Fraction(-1))
            case "-":
                for part in parts[1:]:
                    total = subtract(total, part)
            case "*":
                for part in parts[1:]:
                    if total.terms and part.terms:
                        raise self.fail(head.line, "expected no product of variables")
                    varying, factor = (total, part) if total.terms else (part, total)
                    total = scale(varying, factor.constant)
            case "/":
                for part in parts[1:]:
                    if part.terms or part.constant == 0:
                        raise self.fail(head.line, "expected a constant divisor that is not 0")
                    total = scale(total, 1 / part.constant)
            case name:
                raise self.fail(head.line, f"expected +, -, * or /, found {name}")
        return total

    def leaf(self, token: Token) -> Linear:
        if token.text not in self.leaves:
            self.leaves[token.text] = self.read_leaf(token)
        return self.leaves[token.text]

    def read_leaf(self, token: Token) -> Linear:
        if token.text in self.declared:
            return Linear({token.text: Fraction(1)}, Fraction(0))
        match = DECIMAL.fullmatch(token.text)
        if match is None:
            if VARIABLE.fullmatch(token.text):
                raise self.fail(token.line, f"{token.text} is used but not declared")
            raise self.fail(token.line, f"expected a number or a variable, found {token.text}")
        if len(token.text) > MAX_EXPONENT or abs(int(match.group(3) or 0)) > MAX_EXPONENT:
            raise self.fail(token.line, f"expected an exponent of at most {MAX_EXPONENT}")
        return Linear({}, Fraction(token.text))

    # ---- boxes

    def cases(self, formula: Formula, inputs: int, outputs: int) -> tuple[Case, ...]:
        """Group conjunctions by the box they bound their inputs by."""
        boxes: dict[tuple[Vector, Vector], list[Conjunction]] = {}
        empty: BadInput | None = None
        for conjunction in formula:
            try:
                lower, upper, rest = self.box(conjunction, inputs, outputs)
            except EmptyBox as error:
                empty = self.fail(0, str(error))
                continue
            boxes.setdefault((lower, upper), []).append(rest)
        if not boxes:
            raise empty or self.fail(0, "the assertions are false whatever the input")
        return tuple(Case(*box, tuple(unsafe)) for box, unsafe in boxes.items())

    def box(
        self, conjunction: list[Atom], inputs: int, outputs: int
    ) -> tuple[Vector, Vector, Conjunction]:
        # A bound is (value, strict); strict bounds stay in the conjunction as well.
        lower: dict[str, tuple[Fraction, bool]] = {}
        upper: dict[str, tuple[Fraction, bool]] = {}
        rest = []
        for atom in conjunction:
            match list(atom.form.terms.items()):
                case []:
                    if atom.form.constant < 0 or (atom.strict and atom.form.constant == 0):
                        raise EmptyBox("the assertions are false whatever the input")
                case [(name, slope)] if name.startswith("X"):
                    constant = atom.form.constant
                    bound = (constant if slope == -1 else -constant / slope, atom.strict)
                    if slope > 0:
                        lower[name] = max(lower.get(name, bound), bound)
                    else:
                        value, strict = bound
                        old, was_strict = upper.get(name, bound)
                        upper[name] = min((old, not was_strict), (value, not strict))
                        upper[name] = (upper[name][0], not upper[name][1])
                    if atom.strict:
                        rest.append(constraint(atom, inputs, outputs))
                case _:
                    rest.append(constraint(atom, inputs, outputs))
        names = [f"X_{i}" for i in range(inputs)]
        for name in names:
            for side, bounds in (("lower", lower), ("upper", upper)):
                if name not in bounds:
                    raise self.fail(self.declared[name], f"{name} has no {side} bound")
            (low, open_low), (high, open_high) = lower[name], upper[name]
            if low > high or (low == high and (open_low or open_high)):
                raise EmptyBox(f"the bounds of {name} leave no value: from {low} to {high}")
        return (
            tuple(lower[name][0] for name in names),
            tuple(upper[name][0] for name in names),
            tuple(rest),
        )


class EmptyBox(ValueError):
    """A conjunction no input satisfies; the property may have others."""


def compare(operator: str, left: Linear, right: Linear, positive: bool) -> Formula:
    """Return ``left operator right``, or its negation, as atoms."""
    if not positive:
        flipped = {"<=": ">", ">=": "<", "<": ">=", ">": "<="}
        if operator == "=":
            return compare("<", left, right, True) + compare(">", left, right, True)
        return compare(flipped[operator], left, right, True)
    match operator:
        case "=":
            return [
                [Atom(subtract(right, left), False), Atom(subtract(left, right), False)],
            ]
        case "<=" | "<":
            return [[Atom(subtract(right, left), operator == "<")]]
        case _:
            return [[Atom(subtract(left, right), operator == ">")]]


def add(left: Linear, right: Linear) -> Linear:
    """Return ``left + right``."""
    constant = left.constant + right.constant if right.constant else left.constant
    if not right.terms:
        return Linear(left.terms, constant)
    terms = dict(left.terms)
    for name, slope in right.terms.items():
        terms[name] = terms[name] + slope if name in terms else slope
        if not terms[name]:
            del terms[name]
    return Linear(terms, constant)


def subtract(left: Linear, right: Linear) -> Linear:
    """Return ``left - right``."""
    # Nearly every comparison is of one variable with a number: no product is worth its time.
    negative = {name: -slope for name, slope in right.terms.items()}
    return add(left, Linear(negative, -right.constant if right.constant else right.constant))


def scale(form: Linear, factor: Fraction) -> Linear:
    """Return ``factor * form``."""
    if not factor:
        return Linear({}, factor)
    return Linear(
        {name: factor * slope for name, slope in form.terms.items()}, factor * form.constant
    )


def constraint(atom: Atom, inputs: int, outputs: int) -> Constraint:
    """Return an atom as rows over inputs and outputs."""
    terms = atom.form.terms
    return Constraint(
        tuple(terms.get(f"X_{i}", Fraction(0)) for i in range(inputs)),
        tuple(terms.get(f"Y_{i}", Fraction(0)) for i in range(outputs)),
        atom.form.constant,
        atom.strict,
    )
