"""Trees of words given their sorts: names looked up, casts found again, terms built."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any, Final

from verifier.kernel import DEFINED
from verifier.logic import (
    BOOL,
    FALSE,
    INT,
    REAL,
    TRUE,
    AnySort,
    FunctionSort,
    IllFormed,
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
from verifier.logic.terms import (
    apply,
    arithmetic,
    bound,
    compare,
    divide,
    integer_division,
    rebind,
)
from verifier.notation.errors import NotNotation
from verifier.notation.symbols import class_symbol, power_symbol, widths
from verifier.notation.trees import Tree, run

_FORMULAS: Final = frozenset(
    {"forall", "exists", "=>", "iff", "or", "and", "not", "=", "≠", "<=", "<", "true", "false",
     "member"}
)  # fmt: skip
_FIELD: Final = frozenset({"+", "-", "*", "/", "minus", "ite", "number"})

# A step that asks for the meaning of parts and gives a term.
Step = Generator[Any, Any, Any]


class Meaning:
    """The terms of one text's trees."""

    def __init__(
        self, text: str, free: Mapping[str, AnySort], symbols: Mapping[str, Symbol] | None
    ) -> None:
        self.text, self.free, self.symbols = text, free, symbols
        # Depths and sorts of bound variables, the innermost of a name last.
        self.bound: dict[str, list[tuple[int, AnySort]]] = {}
        self.depth = 0

    def term(self, tree: Tree) -> Term:
        """The term of a whole text."""
        found: Term = run(self.any(tree))
        return found

    def error(self, tree: Tree, expected: str) -> NotNotation:
        return NotNotation(self.text, tree.place, expected)

    def any(self, tree: Tree) -> Step:
        """A term whose place says nothing of its sort."""
        if tree.operator in _FORMULAS:
            return (yield self.formula(tree))
        if tree.operator == "lambda":
            return (yield self.function(tree, None))
        if tree.operator in ("name", "typed"):
            found = self.named(tree)
            if isinstance(found, Symbol):
                return (yield self.symbol_alone(tree, found))
            if isinstance(found.sort, FunctionSort):
                return found
        if tree.operator == "apply":
            head = self.named(tree.parts[0])
            if head.sort == BOOL:
                return (yield self.formula(tree))
        (only,) = yield self.numbers([tree], None)
        return only

    # Names.

    def named(self, tree: Tree) -> Term | Symbol:
        """A variable, or a defined symbol: the innermost thing of that name."""
        if tree.operator == "typed":
            name, sort = tree.data
            if name in self.bound:
                raise self.error(tree, f"{name} is bound here; only a free variable tells its sort")
            return self.variable(tree, name, sort)
        name = tree.data
        if self.bound.get(name):
            depth, sort = self.bound[name][-1]
            return bound(self.depth - 1 - depth, sort)
        if name in self.free:
            return self.variable(tree, name, self.free[name])
        found = self.symbol(name)
        if found is None:
            raise self.error(tree, f"{name} is neither bound, declared nor defined")
        return found

    def variable(self, tree: Tree, name: str, sort: AnySort) -> Term:
        try:
            return variable(name, sort)
        except IllFormed as error:
            raise self.error(tree, str(error)) from None

    def symbol(self, name: str) -> Symbol | None:
        if self.symbols is not None:
            return self.symbols.get(name)
        found = DEFINED.get(name)
        return None if found is None else found.symbol

    def symbol_alone(self, tree: Tree, symbol: Symbol) -> Step:
        """A symbol without arguments: a constant, or the function it computes."""
        if not symbol.parameters:
            return symbol()
        return (yield self.function(tree, None))

    # Formulas.

    def formula(self, tree: Tree) -> Step:
        operator, parts = tree.operator, tree.parts
        if operator in ("true", "false"):
            return TRUE if operator == "true" else FALSE
        if operator in ("forall", "exists"):
            return (yield self.quantified(tree))
        if operator in ("=", "≠", "<=", "<"):
            left, right = yield self.numbers(parts, None)
            found = compare("=" if operator == "≠" else operator, left, right)
            return negation(found) if operator == "≠" else found
        if operator == "member":
            return (yield self.member(tree))
        if operator in ("name", "typed", "apply"):
            return (yield self.predicate(tree))
        if operator not in _FORMULAS:
            raise self.error(tree, "expected a formula, found a number")
        below = []
        for part in parts:
            formula = yield self.formula(part)
            below.append(formula)
        if operator == "=>":
            return implies(*below)
        if operator == "iff":
            return compare("=", *below)
        if operator == "not":
            return negation(*below)
        return (conjunction if operator == "and" else disjunction)(*below)

    def predicate(self, tree: Tree) -> Step:
        head = self.named(tree.parts[0] if tree.operator == "apply" else tree)
        if not isinstance(head, Symbol) or head.sort != BOOL:
            raise self.error(tree, "expected a formula")
        return (yield self.applied(tree, head))

    def quantified(self, tree: Tree) -> Step:
        self.enter(tree.data)
        body = yield self.formula(tree.parts[0])
        self.leave(tree.data)
        for name, sort in reversed(tree.data):
            body = self.binder(tree, tree.operator, ((name,), (sort,)), body)
        return body

    def binder(
        self, tree: Tree, operator: str, data: tuple[tuple[str, ...], tuple[AnySort, ...]],
        body: Term,
    ) -> Term:  # fmt: skip
        for name, sort in zip(*data, strict=True):
            # Whatever may be free may be bound, and nothing else.
            self.variable(tree, name, sort)
        return rebind(operator, data, body)

    def enter(self, names: Sequence[tuple[str, AnySort]]) -> None:
        for name, sort in names:
            self.bound.setdefault(name, []).append((self.depth, sort))
            self.depth += 1

    def leave(self, names: Sequence[tuple[str, AnySort]]) -> None:
        for name, _ in names:
            self.bound[name].pop()
            if not self.bound[name]:
                del self.bound[name]
        self.depth -= len(names)

    def member(self, tree: Tree) -> Step:
        symbol = class_symbol()
        if symbol is None:
            raise self.error(tree, "no class of networks is defined")
        g, activation, m, depth = tree.parts
        of, by, _, layers = symbol.parameters
        computed = yield self.function(g, of)
        used = yield self.function(activation, by)
        # The width stands below the binder of the layers, which the notation leaves out.
        self.enter([(" ", INT)])
        (one,) = yield self.numbers([m], INT)
        self.leave([(" ", INT)])
        (many,) = yield self.numbers([depth], layers)
        return symbol(computed, used, widths(one), many)

    # Functions.

    def function(self, tree: Tree, wanted: AnySort | None) -> Step:
        if tree.operator == "lambda":
            return (yield self.abstraction(tree, wanted))
        if tree.operator not in ("name", "typed"):
            raise self.error(tree, "expected a function: a name, or x ↦ …")
        found = self.named(tree)
        if isinstance(found, Symbol):
            found = self.computed(tree, found)
        if not isinstance(found.sort, FunctionSort):
            raise self.error(tree, f"expected a function, found one of {found.sort}")
        if wanted is not None and found.sort != wanted:
            raise self.error(tree, f"expected a function of sort {wanted}, found {found.sort}")
        return found

    def computed(self, tree: Tree, symbol: Symbol) -> Term:
        """The function that a symbol computes."""
        sorts = symbol.parameters
        meaning = DEFINED.get(symbol.name)
        hints = [f"x{i}" for i in range(len(sorts))]
        if meaning is not None and meaning.symbol is symbol:
            hints = [p.data for p in meaning.parameters]
        if not sorts or symbol.sort == BOOL or any(isinstance(s, FunctionSort) for s in sorts):
            raise self.error(tree, f"{symbol.name} is no function of numbers")
        own = [bound(len(sorts) - 1 - i, s) for i, s in enumerate(sorts)]
        return rebind("lambda", (tuple(hints), sorts), symbol(*own))

    def abstraction(self, tree: Tree, wanted: AnySort | None) -> Step:
        if wanted is not None and not isinstance(wanted, FunctionSort):
            raise self.error(tree, f"expected one of {wanted}, found a function")
        domain: Sequence[AnySort | None] = [s for _, s in tree.data]
        if wanted is not None:
            if len(domain) != len(wanted.domain):
                raise self.error(tree, f"expected a function of {len(wanted.domain)} arguments")
            fits = all(a in (None, b) for a, b in zip(domain, wanted.domain, strict=True))
            if not fits:
                raise self.error(tree, f"expected a function of sort {wanted}")
            domain = wanted.domain
        names = [name for name, _ in tree.data]
        if None in domain:
            raise self.error(tree, "expected the sorts of these, as in (x : Real) ↦ …")
        if len(set(names)) != len(names):
            raise self.error(tree, "expected parameters of different names")
        pairs = [(n, s) for n, s in zip(names, domain, strict=True) if s is not None]
        self.enter(pairs)
        (body,) = yield self.numbers(tree.parts, None if wanted is None else wanted.range)
        self.leave(pairs)
        return self.binder(tree, "lambda", (tuple(names), tuple(s for _, s in pairs)), body)

    # Numbers.

    def numbers(self, roots: Sequence[Tree], wanted: AnySort | None) -> Step:
        """The terms of an arithmetic tree, or of both sides of a comparison, casts put in."""
        # From the roots down, so that the parts of a node come after it.
        order: list[Tree] = []
        todo = list(roots)
        while todo:
            tree = todo.pop()
            order.append(tree)
            if tree.operator in _FIELD:
                todo.extend(tree.parts[1:] if tree.operator == "ite" else tree.parts)
        known: dict[int, Term] = {}
        conditions: dict[int, Term] = {}
        of_reals = wanted == REAL
        for tree in order:
            if tree.operator == "ite":
                conditions[id(tree)] = yield self.formula(tree.parts[0])
            elif tree.operator == "number":
                of_reals = of_reals or tree.data.denominator != 1
            elif tree.operator not in _FIELD:
                leaf = known[id(tree)] = yield self.leaf(tree)
                of_reals = of_reals or leaf.sort == REAL
            of_reals = of_reals or tree.operator == "/"
        if wanted == INT and of_reals:
            raise self.error(roots[0], "expected an integer, found a real")
        sort = REAL if of_reals else INT
        for tree in reversed(order):
            below = [known[id(p)] for p in tree.parts if id(p) in known]
            if tree.operator == "number":
                found = number(tree.data, sort)
            elif tree.operator == "minus":
                found = arithmetic("-", 0, *below)
            elif tree.operator == "ite":
                found = self.choice(tree, conditions[id(tree)], below)
            elif tree.operator == "/":
                found = self.quotient(tree, *below)
            elif tree.operator in _FIELD:
                found = arithmetic(tree.operator, *below)
            else:
                found = known[id(tree)]
                found = real(found) if of_reals and found.sort == INT else found
            known[id(tree)] = found
        return [known[id(root)] for root in roots]

    def quotient(self, tree: Tree, above: Term, below: Term) -> Term:
        try:
            return divide(above, below)
        except IllFormed as error:
            raise self.error(tree, str(error)) from None

    def choice(self, tree: Tree, condition: Term, below: Sequence[Term]) -> Term:
        try:
            return if_then_else(condition, *below[-2:])
        except IllFormed as error:
            raise self.error(tree, str(error)) from None

    def leaf(self, tree: Tree) -> Step:
        """A number whose sort its place cannot change."""
        operator, parts = tree.operator, tree.parts
        if operator == "literal":
            value, sort = tree.data
            if sort == INT and value.denominator != 1:
                raise self.error(tree, "not an integer")
            return number(value, sort)
        if operator == "cast":
            (inner,) = yield self.numbers(parts, INT)
            return real(inner)
        if operator in ("div", "mod"):
            left, right = yield self.numbers(parts, INT)
            if right.operator != "number" or right.data <= 0:
                raise self.error(tree, f"expected a positive numeral after {operator}")
            return integer_division(operator, left, right)
        if operator == "power":
            return (yield self.power(tree))
        if operator not in ("name", "typed", "apply"):
            raise self.error(tree, "expected a number")
        head = self.named(parts[0] if operator == "apply" else tree)
        if operator != "apply" and not isinstance(head, Symbol):
            if isinstance(head.sort, FunctionSort):
                raise self.error(tree, "expected a number, found a function")
            return head
        if head.sort == BOOL:
            raise self.error(tree, "expected a number, found a formula")
        return (yield self.applied(tree, head))

    def power(self, tree: Tree) -> Step:
        below, above = tree.parts
        (base,) = yield self.numbers([below], None)
        (exponent,) = yield self.numbers([above], INT)
        symbol = power_symbol(base.sort)
        if symbol is None:
            raise self.error(tree, f"no power of {base.sort} is defined")
        return symbol(base, exponent)

    def applied(self, tree: Tree, head: Term | Symbol) -> Step:
        parts = tree.parts[1:]
        if isinstance(head, Symbol):
            sorts: tuple[AnySort, ...] = head.parameters
        else:
            if not isinstance(head.sort, FunctionSort):
                raise self.error(tree, "expected a function before the bracket")
            sorts = head.sort.domain
        if len(parts) != len(sorts):
            raise self.error(tree, f"expected {len(sorts)} arguments, found {len(parts)}")
        arguments = []
        for part, sort in zip(parts, sorts, strict=True):
            if isinstance(sort, FunctionSort):
                arguments.append((yield self.function(part, sort)))
            else:
                arguments += yield self.numbers([part], sort)
        if isinstance(head, Symbol):
            return head(*arguments)
        return apply(head, tuple(arguments))
