"""Text read back as a term: the grammar of ``docs/notation.md``.

Two passes without recursion: first a tree of words, by how tightly each binds, then terms, by
their sorts (:mod:`verifier.notation.meaning`).
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from verifier.logic import BOOL, INT, REAL, AnySort, FunctionSort, Sort, Symbol, Term
from verifier.logic.terms import WORDS
from verifier.notation.errors import NotNotation
from verifier.notation.grammar import (
    ARROW,
    ATOM,
    COMPARISON,
    INFIX,
    NEGATED,
    NOT,
    OPEN,
    POWER,
    RATIONAL,
    SUM,
)
from verifier.notation.plain import integer
from verifier.notation.tokens import Token, tokens
from verifier.notation.trees import Tree, run

# Marks between two parts, the operator each stands for, and whether it is turned around.
BETWEEN: Final[dict[str, tuple[str, bool]]] = {
    "→": ("=>", False), "↔": ("iff", False), "∨": ("or", False), "∧": ("and", False),
    "=": ("=", False), "≠": ("≠", False), "≤": ("<=", False), "<": ("<", False),
    "≥": ("<=", True), ">": ("<", True), "+": ("+", False), "−": ("-", False),
    "·": ("*", False), "/": ("/", False), "div": ("div", False), "mod": ("mod", False),
}  # fmt: skip
_SORTS: Final = {"Int": INT, "ℤ": INT, "Real": REAL, "ℝ": REAL, "Bool": BOOL}

# A step of the parser: asks for parts of the text, and gives how tightly what it read binds.
Reading = Generator[Any, Any, Any]


def parse(
    text: str,
    free: Mapping[str, AnySort] | None = None,
    symbols: Mapping[str, Symbol] | None = None,
) -> Term:
    """The term that a text says.

    Parameters
    ----------
    free:
        Sorts of its free variables, beside those declared in its first line.
    symbols:
        The defined symbols; those of the kernel if not given.

    Raises
    ------
    NotNotation
        If it says nothing, or could be read in two ways.

    Examples
    --------
    >>> from verifier.logic import REAL
    >>> print(parse("∀ n:Int. n < n + 1"))
    ∀ n:Int. n < n + 1
    >>> parse("x / 2·3 ≤ x", {"x": REAL})
    Traceback (most recent call last):
    verifier.notation.errors.NotNotation: statement: column 6, at '·3 ≤ x': \
what stands before · needs brackets
    """
    from verifier.notation.meaning import Meaning

    reader = _Reader(text)
    declared = dict(free or {}) | reader.declarations()
    _, tree = run(reader.expression(OPEN))
    reader.end()
    return Meaning(text, declared, symbols).term(tree)


@dataclass
class _Reader:
    """Tokens, and how far they are read."""

    text: str

    def __post_init__(self) -> None:
        self.tokens = tokens(self.text)
        self.at = 0

    # Tokens.

    @property
    def next(self) -> Token:
        """The token that is not read yet."""
        return self.tokens[self.at]

    def is_mark(self, mark: str, ahead: int = 0) -> bool:
        place = self.at + ahead
        return place < len(self.tokens) and self.tokens[place][:2] == ("mark", mark)

    def is_name(self, ahead: int = 0) -> bool:
        place = self.at + ahead
        found = self.tokens[min(place, len(self.tokens) - 1)]
        return found.kind == "name" and found.word not in WORDS

    def take(self) -> Token:
        token = self.next
        self.at += 1
        return token

    def expect(self, mark: str) -> None:
        if not self.is_mark(mark):
            raise self.error(f"expected {mark}")
        self.at += 1

    def word(self, word: str) -> None:
        if self.next.word != word or self.next.kind != "name":
            raise self.error(f"expected {word}")
        self.at += 1

    def name(self) -> str:
        if not self.is_name():
            raise self.error("expected a name")
        return self.take().word

    def error(self, expected: str, place: int | None = None) -> NotNotation:
        return NotNotation(self.text, self.next.place if place is None else place, expected)

    def end(self) -> None:
        if self.next.kind != "end":
            raise self.error("expected the end, or something between this and what is before it")

    # Names and sorts.

    def declarations(self) -> dict[str, AnySort]:
        """The line that declares the free variables, if there is one: ``for n:Int …:``."""
        first, newline, _ = self.text.partition("\n")
        if not newline or not first.startswith("for ") or not first.rstrip().endswith(":"):
            return {}
        self.at += 1
        found: dict[str, AnySort] = {}
        while not self.is_mark(":"):
            place = self.next.place
            for name, sort in self.group():
                if name in found:
                    raise self.error(f"{name} is declared twice", place)
                found[name] = sort
        self.at += 1
        return found

    def group(self) -> list[tuple[str, AnySort]]:
        """``x y:Real`` or ``(f g : Real → Real)``."""
        bracketed = self.is_mark("(")
        if bracketed:
            self.at += 1
        names = [self.name()]
        while self.is_name():
            names.append(self.name())
        self.expect(":")
        sort: AnySort = self.sort() if bracketed else self.base_sort()
        if bracketed:
            self.expect(")")
        return [(n, sort) for n in names]

    def sort(self) -> AnySort:
        """``Int``, ``Real``, or ``Int × Real → Real``."""
        domain = [self.base_sort()]
        while self.is_mark("×"):
            self.at += 1
            domain.append(self.base_sort())
        if len(domain) == 1 and not self.is_mark("→"):
            return domain[0]
        self.expect("→")
        return FunctionSort(tuple(domain), self.base_sort())

    def base_sort(self) -> Sort:
        found = _SORTS.get(self.next.word)
        if found is None or found is BOOL:
            raise self.error("expected Int or Real")
        self.at += 1
        return found

    # Expressions.

    def expression(self, asked: int) -> Reading:
        """What binds at least as tightly as ``asked``."""
        start = self.next.place
        mine, tree = yield self.first()
        if mine < asked:
            raise self.error("this needs brackets here", start)
        while True:
            token = self.next
            if token.kind == "mark" and token.word == "^":
                if asked > POWER:
                    return mine, tree
                mine, tree = yield self.power(mine, tree)
                continue
            if token.kind == "mark" and token.word == "∈":
                if asked > COMPARISON:
                    return mine, tree
                mine, tree = yield self.member(mine, tree)
                continue
            between = BETWEEN.get(token.word)
            if between is None:
                return mine, tree
            operator, turned = between
            level, left, right = INFIX[operator]
            if level < asked:
                return mine, tree
            flat = operator in ("and", "or") and tree.operator == operator and mine == level
            if mine < left and not flat:
                raise self.error(f"what stands before {token.word} needs brackets")
            self.at += 1
            place = self.next.place
            tightness, other = yield self.expression(right)
            if operator == "=>" and tightness == ARROW and other.operator == "iff":
                raise self.error("→ beside ↔ needs brackets", place)
            if flat:
                tree.parts.append(other)
            else:
                parts = [other, tree] if turned else [tree, other]
                tree = Tree(operator, parts, None, token.place)
            mine = level

    def first(self) -> Reading:
        """A part without anything between two parts, but with its own sign or binder."""
        token = self.next
        if token.kind == "numeral":
            self.at += 1
            value = self.numeral(token)
            tightness = ATOM if value.denominator == 1 and "/" not in token.word else RATIONAL
            return tightness, Tree("number", [], value, token.place)
        if token.kind == "name":
            return (yield self.word_or_name())
        if token.kind == "end":
            raise self.error("expected more")
        if token.word in ("∀", "∃"):
            return (yield self.quantified())
        if token.word == "(":
            return (yield self.bracketed())
        self.at += 1
        if token.word == "−":
            _, inner = yield self.expression(NEGATED if self.next.kind != "numeral" else RATIONAL)
            if inner.operator == "number" and self.tokens[self.at - 1].kind == "numeral":
                return SUM, Tree("number", [], -inner.data, token.place)
            return SUM, Tree("minus", [inner], None, token.place)
        if token.word == "¬":
            _, inner = yield self.expression(ATOM)
            return NOT, Tree("not", [inner], None, token.place)
        if token.word == "↑":
            _, inner = yield self.expression(ATOM)
            return POWER, Tree("cast", [inner], None, token.place)
        self.at -= 1
        raise self.error("expected a term")

    def numeral(self, token: Token) -> Fraction:
        above, _, below = token.word.partition("/")
        denominator = integer(below) if below else 1
        if denominator == 0:
            raise self.error("a denominator of zero", token.place)
        return Fraction(integer(above), denominator)

    def word_or_name(self) -> Reading:
        token = self.take()
        if token.word in ("true", "false"):
            return ATOM, Tree(token.word, [], None, token.place)
        if token.word == "if":
            _, condition = yield self.expression(OPEN)
            self.word("then")
            _, then = yield self.expression(ARROW)
            self.word("else")
            _, otherwise = yield self.expression(ARROW)
            return OPEN, Tree("ite", [condition, then, otherwise], None, token.place)
        if token.word in WORDS:
            self.at -= 1
            raise self.error("expected a term")
        if self.is_mark("↦"):
            return (yield self.function([(token.word, None)], token.place))
        return (yield self.applied(Tree("name", [], token.word, token.place)))

    def applied(self, head: Tree) -> Reading:
        """A name, and what it is applied to."""
        if not self.is_mark("("):
            return ATOM, head
        parts = [head]
        while not self.is_mark(")"):
            self.expect("(" if len(parts) == 1 else ",")
            _, part = yield self.expression(OPEN)
            parts.append(part)
        self.at += 1
        return ATOM, Tree("apply", parts, None, head.place)

    def quantified(self) -> Reading:
        token = self.take()
        bound = [(name, sort, self.next.place) for name, sort in self.group()]
        while not self.is_mark("."):
            bound += [(name, sort, self.next.place) for name, sort in self.group()]
        self.at += 1
        _, body = yield self.expression(OPEN)
        operator = "forall" if token.word == "∀" else "exists"
        return OPEN, Tree(operator, [body], [(n, s) for n, s, _ in bound], token.place)

    def bracketed(self) -> Reading:
        place = self.next.place
        parameters = self.parameters()
        if parameters is not None:
            return (yield self.function(parameters, place))
        self.at += 1
        if self.is_name() and self.is_mark(":", 1):
            name = self.name()
            self.at += 1
            head = Tree("typed", [], (name, self.sort()), place)
            self.expect(")")
            return (yield self.applied(head))
        _, inner = yield self.expression(OPEN)
        if self.is_mark(":") and inner.operator == "number":
            self.at += 1
            inner = Tree("literal", [], (inner.data, self.base_sort()), place)
        self.expect(")")
        return ATOM, inner

    def parameters(self) -> list[tuple[str, AnySort | None]] | None:
        """Parameters of a function, if a bracket opens some: ``(x, y) ↦`` or ``(x : Real) ↦``."""
        start, found = self.at, list[tuple[str, AnySort | None]]()
        while self.is_mark("(" if not found else ",") and self.is_name(1):
            self.at += 1
            name, sort = self.name(), None
            if self.is_mark(":") and self.tokens[self.at + 1].word in _SORTS:
                self.at += 1
                sort = self.base_sort()
            found.append((name, sort))
        if found and self.is_mark(")") and self.is_mark("↦", 1):
            self.at += 1
            return found
        self.at = start
        return None

    def function(self, parameters: list[tuple[str, AnySort | None]], place: int) -> Reading:
        self.expect("↦")
        _, body = yield self.expression(OPEN)
        return OPEN, Tree("lambda", [body], parameters, place)

    def power(self, tightness: int, base: Tree) -> Reading:
        if tightness < ATOM:
            raise self.error("what stands before ^ needs brackets")
        place = self.take().place
        _, exponent = yield self.expression(ATOM)
        return POWER, Tree("power", [base, exponent], None, place)

    def member(self, tightness: int, g: Tree) -> Reading:
        if tightness < ATOM:
            raise self.error("what stands before ∈ needs brackets")
        place = self.take().place
        self.word("F")
        self.expect("(")
        _, activation = yield self.expression(OPEN)
        self.expect(";")
        _, m = yield self.expression(OPEN)
        self.expect(",")
        _, depth = yield self.expression(OPEN)
        self.expect(")")
        return COMPARISON, Tree("member", [g, activation, m, depth], None, place)
