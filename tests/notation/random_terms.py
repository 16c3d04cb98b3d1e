"""Random terms of every kind, and a count of what kinds there were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from random import Random
from typing import Any

from verifier.logic import (
    BOOL,
    FALSE,
    INT,
    REAL,
    TRUE,
    AnySort,
    FunctionSort,
    Sort,
    Symbol,
    Term,
    conjunction,
    disjunction,
    if_then_else,
    implies,
    negation,
    number,
    real,
    variable,
)
from verifier.logic.terms import BINDERS, apply, arithmetic, bound, compare, rebind

FUNCTIONS = [
    FunctionSort((REAL,), REAL),
    FunctionSort((INT,), INT),
    FunctionSort((INT, REAL), REAL),
    FunctionSort((REAL,), INT),
]
# Few names, so that they meet; some are those of symbols, or what a careless reader trips over.
NAMES = ["x", "y", "x'", "n", "relu", "power", "i", "F", "for", "ℓ", "a_b", "Real", "x_"]
WHOLE = [0, 1, 2, 3, -1, -2, 7, 10**25]
PARTS = [Fraction(1, 2), Fraction(-1, 2), Fraction(7, 3), Fraction(-10, 9)]


class Grower:
    """Grows terms, the same for the same seed."""

    def __init__(self, seed: int, symbols: list[Symbol]) -> None:
        self.random = Random(seed)
        self.symbols = symbols
        self.scope: list[AnySort] = []
        self.names: list[str] = []

    def name(self) -> str:
        return self.random.choice(NAMES)

    def term(self, size: int) -> Term:
        """A term of a random sort."""
        kind = self.random.random()
        if kind < 0.6:
            return self.formula(size)
        if kind < 0.8:
            return self.number(self.random.choice([INT, REAL]), size)
        return self.function(self.random.choice(FUNCTIONS), size)

    def variable(self, sort: AnySort) -> Term:
        """A variable of a sort, bound more often than free."""
        places = [i for i, s in enumerate(reversed(self.scope)) if s == sort]
        if places and self.random.random() < 0.85:
            return bound(self.random.choice(places), sort)
        return variable(self.name(), sort)

    def formula(self, size: int, decidable: bool = False) -> Term:
        pick = self.random.randrange
        if size <= 1 and not pick(4):
            return self.random.choice([TRUE, FALSE])
        if size <= 2:
            return self.comparison(size)
        kind = pick(7 if decidable else 10)
        if kind in (0, 1):
            return self.comparison(size)
        if kind == 2:
            return negation(self.formula(size - 1, decidable))
        if kind == 3:
            return implies(self.formula(size // 2, decidable), self.formula(size // 2, decidable))
        if kind == 4:
            return compare(
                "=", self.formula(size // 2, decidable), self.formula(size // 2, decidable)
            )
        if kind in (5, 6):
            count = 2 + pick(2)
            parts = [self.formula(size // count, decidable) for _ in range(count)]
            return (conjunction if kind == 5 else disjunction)(*parts)
        if kind == 7:
            predicates = [s for s in self.symbols if s.sort == BOOL]
            return self.symbol(self.random.choice(predicates), size)
        sort = self.random.choice([INT, INT, REAL, *FUNCTIONS])
        return self.bind("forall" if kind == 8 else "exists", (sort,), BOOL, size)

    def bind(self, binder: str, sorts: tuple[AnySort, ...], body: Sort, size: int) -> Term:
        names: list[str] = []
        while len(names) < len(sorts):
            # Often a name that is bound already.
            again = self.names and self.random.random() < 0.3
            name = self.random.choice(self.names) if again else self.name()
            names += [name] if name not in names else []
        self.scope += sorts
        self.names += names
        inner = self.formula(size - 1) if body == BOOL else self.number(body, size - 1)
        del self.scope[-len(sorts) :], self.names[-len(sorts) :]
        return rebind(binder, (tuple(names), sorts), inner)

    def comparison(self, size: int) -> Term:
        sort = self.random.choice([INT, REAL])
        operator = self.random.choice(["=", "<=", "<"])
        return compare(operator, self.number(sort, size // 2), self.number(sort, size // 2))

    def number(self, sort: Sort, size: int) -> Term:
        pick = self.random.randrange
        if size <= 1:
            if pick(3):
                return self.variable(sort)
            values = WHOLE if sort == INT or pick(2) else PARTS
            return number(self.random.choice(values), sort)
        kind = pick(12 if sort == REAL else 10)
        half = size // 2
        if kind in (0, 1, 2):
            operator = "+-*"[kind]
            return arithmetic(operator, self.number(sort, half), self.number(sort, half))
        if kind == 3:
            return -self.number(sort, size - 1)
        if kind == 4:
            condition = self.formula(size // 3, decidable=True)
            return if_then_else(condition, self.number(sort, half), self.number(sort, half))
        if kind == 5:
            head = self.variable(self.random.choice([f for f in FUNCTIONS if f.range == sort]))
            return apply(head, tuple(self.number(s, size // 2) for s in head.sort.domain))
        if kind in (6, 7):
            fit = [s for s in self.symbols if s.sort == sort]
            return self.symbol(self.random.choice(fit), size)
        if sort == REAL and kind == 8:
            below = self.number(REAL, half)
            zero = below.operator == "number" and below.data == 0
            return self.number(REAL, half) / (1 if zero else below)
        if sort == REAL:
            return real(self.number(INT, self.random.choice([1, size - 1])))
        literal = self.random.choice([1, 2, 5, 10**12])
        whole = self.number(INT, size - 1)
        return whole // literal if kind == 8 else whole % literal

    def function(self, sort: FunctionSort, size: int) -> Term:
        fit = [s for s in self.symbols if s.parameters == sort.domain and s.sort == sort.range]
        kind = self.random.random()
        if fit and kind < 0.2:
            own = [bound(len(sort.domain) - 1 - i, s) for i, s in enumerate(sort.domain)]
            names = tuple(NAMES[: len(own)])
            return rebind("lambda", (names, sort.domain), self.random.choice(fit)(*own))
        if size <= 1 or kind < 0.3:
            return self.variable(sort)
        return self.bind("lambda", sort.domain, sort.range, size)

    def symbol(self, symbol: Symbol, size: int) -> Term:
        share = size // max(1, len(symbol.parameters))
        arguments = [
            self.function(s, share) if isinstance(s, FunctionSort) else self.number(s, share)
            for s in symbol.parameters
        ]
        if symbol.name == "network" and self.random.random() < 0.8:
            # All widths alike; they may speak of what is bound outside, and of the layer seldom.
            self.scope.append(self.random.choice([BOOL, BOOL, INT]))
            m = self.number(INT, share)
            self.scope.pop()
            layer = compare("<=", bound(0, INT), number(0, INT))
            body = if_then_else(layer, number(1, INT), m)
            arguments[2] = rebind("lambda", ((self.name(),), (INT,)), body)
        return symbol(*arguments)


def features(term: Term) -> Iterator[Any]:
    """What occurs in a term: operators at sorts, and what makes writing them hard."""
    names: list[str] = []
    # A walk that knows the names bound above each node; terms here are small.
    todo: list[tuple[Term, tuple[str, ...]]] = [(term, ())]
    free = Counter(v.data for v in term.free)
    if any(times > 1 for times in free.values()):
        yield "one name, two sorts"
    if any(v.data == s.name for v in term.free for s in term.symbols):
        yield "a variable called like a symbol"
    while todo:
        node, above = todo.pop()
        operator, sort = node.operator, node.sort
        yield operator, str(sort) if not isinstance(sort, FunctionSort) else "function"
        if operator == "symbol":
            yield "symbol", node.data.name
        if operator == "number":
            whole = node.data.denominator == 1
            yield "literal", str(sort), whole, (node.data > 0) - (node.data < 0)
        if operator == "-" and node.arguments[0].operator == "number":
            yield "minus" if node.arguments[0].data == 0 else "number less"
        if operator == "to_real":
            yield "cast of", node.arguments[0].operator
        if operator == "bound":
            yield "bound", str(sort)
        names = []
        if operator in BINDERS:
            names = list(node.data[0])
            for name in names:
                if name in above:
                    yield "a bound name bound again"
                    place = len(above) - 1 - above[::-1].index(name)
                    if used(node.arguments[0], len(names) + len(above) - 1 - place):
                        yield "a bound name hides another that is used"
                if name in {v.data for v in node.free}:
                    yield "a bound name hides a free one that is used"
                if name in {s.name for s in node.symbols}:
                    yield "a bound name hides a symbol that is used"
        todo += [(a, (*above, *names)) for a in node.arguments]


def used(term: Term, index: int) -> bool:
    """Whether a bound variable occurs, said the slow way."""
    if term.operator == "bound":
        return bool(term.data == index)
    below = index + len(term.data[0]) if term.operator in BINDERS else index
    return any(used(a, below) for a in term.arguments)
