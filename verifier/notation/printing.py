"""Terms as text and as LaTeX, so that the text can be read one way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from verifier.logic import BOOL, INT, REAL, AnySort, FunctionSort, Term
from verifier.logic.terms import WORDS, prefix
from verifier.notation.grammar import (
    ARROW,
    ATOM,
    COMPARISON,
    FIELD,
    INFIX,
    NEGATED,
    NOT,
    OPEN,
    OR,
    POWER,
    RATIONAL,
    SUM,
    branches,
    is_leaf,
    is_minus,
    understood,
)
from verifier.notation.plain import LARGEST, magnitude, size
from verifier.notation.styles import LATEX, TEXT, Style, sort_name, symbol_name, variable_name
from verifier.notation.symbols import CLASS, class_symbol, power_symbol, uses, width


def text(term: Term, wanted: AnySort | None = None) -> str:
    """A term in the notation of a textbook, on one line; only its start if it is enormous.

    Parameters
    ----------
    wanted:
        The sort that the reader knows the term to have, if he does.

    Examples
    --------
    >>> from verifier.logic import INT, forall, variable
    >>> n = variable("n", INT)
    >>> print(text(forall(n, n + 1 > n)))
    ∀ n:Int. n < n + 1
    """
    if size(term, LARGEST) >= LARGEST:
        return prefix(term)
    return _Printer(term, TEXT).written(wanted)


def latex(term: Term, wanted: AnySort | None = None) -> str:
    r"""A term in LaTeX, bracketed as in text.

    Examples
    --------
    >>> from verifier.logic import REAL, variable
    >>> print(latex(variable("x", REAL) / 2 <= 1))
    \frac{x}{2} \le 1
    """
    if size(term, LARGEST) >= LARGEST:
        return r"\ldots"
    return _Printer(term, LATEX).written(wanted)


def groups(variables: Sequence[tuple[str, AnySort]], style: Style = TEXT) -> str:
    """Names and their sorts, as after ∀."""
    runs: list[tuple[list[str], AnySort]] = []
    for name, sort in variables:
        if runs and runs[-1][1] == sort:
            runs[-1][0].append(name)
        else:
            runs.append(([name], sort))
    shown = []
    for names, sort in runs:
        if style is LATEX:
            joined = ", ".join(variable_name(n, style) for n in names)
            shown.append(f"{joined} : {sort_name(sort, style)}")
        elif isinstance(sort, FunctionSort):
            shown.append(f"({' '.join(names)} : {sort})")
        else:
            shown.append(f"{' '.join(names)}:{sort}")
    return style.words["gap"].join(shown)


@dataclass(frozen=True)
class _Part:
    """A term still to be written.

    Attributes
    ----------
    asked:
        How tightly it must bind to stand without brackets.
    bare:
        Whether casts of leaves are left out in its tree.
    telling:
        Whether its first numeral tells its sort.
    """

    term: Term
    asked: int = OPEN
    bare: bool = True
    telling: bool = False


@dataclass(frozen=True)
class _Enter:
    """From here on these names are bound."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class _Leave:
    """The innermost names are bound no longer."""

    count: int


# What is to be written, in order.
Item = str | _Part | _Enter | _Leave


class _Printer:
    """One walk over one term, without recursion; each method gives what one node is made of."""

    def __init__(self, term: Term, style: Style) -> None:
        self.term, self.style, self.words = term, style, style.words
        symbols = {s.name for s in term.symbols}
        names = Counter(v.data for v in term.free)
        # Free variables that only their sort tells from something else of that name.
        self.ambiguous = {n for n, times in names.items() if times > 1 or n in symbols}
        self.taken = Counter({*symbols, *names})
        self.scope: list[str] = []

    def written(self, wanted: AnySort | None) -> str:
        out: list[str] = []
        todo: list[Item] = list(self.top(wanted))[::-1]
        while todo:
            item = todo.pop()
            if isinstance(item, str):
                out.append(item)
            elif isinstance(item, _Part):
                todo.extend(reversed(self.part(item)))
            elif isinstance(item, _Enter):
                self.scope.extend(item.names)
                self.taken.update(item.names)
            else:
                self.taken.subtract(self.scope[-item.count :])
                del self.scope[-item.count :]
        return "".join(out)

    def top(self, wanted: AnySort | None) -> Iterator[Item]:
        term = self.term
        if term.sort == BOOL:
            yield _Part(term)
        elif isinstance(term.sort, FunctionSort):
            yield from self.function(term, term.sort, known=wanted is not None)
        else:
            yield from self.number([term], wanted)

    def number(
        self, roots: Sequence[Term], wanted: AnySort | None, asked: int = OPEN
    ) -> list[_Part]:
        """The root of an arithmetic tree, or the two sides of a comparison."""
        bare, telling = understood(roots, wanted == REAL)
        first, *rest = roots
        return [
            _Part(first, asked, bare, telling),
            *(_Part(other, asked, bare) for other in rest),
        ]

    def part(self, part: _Part) -> list[Item]:
        mine, items = self.node(part)
        if mine < part.asked:
            return [self.style.opening, *items, self.style.closing]
        return items

    def node(self, part: _Part) -> tuple[int, list[Item]]:
        term, operator = part.term, part.term.operator
        if operator == "variable":
            return ATOM, [self.free(term)]
        if operator == "bound":
            return ATOM, [self.bound(term)]
        if operator == "number":
            return self.numeral(part)
        if operator in ("true", "false"):
            return ATOM, [self.words[operator]]
        if operator in ("apply", "symbol"):
            return self.application(term)
        if operator in ("forall", "exists"):
            return OPEN, self.quantified(term)
        if operator == "to_real":
            return self.cast(part)
        if operator in ("div", "mod"):
            return self.infix(operator, [*self.sides(term.arguments, INT, operator)])
        if operator in FIELD:
            return self.field(part)
        return self.formula(term)

    # Names.

    def free(self, term: Term) -> str:
        shown = variable_name(term.data, self.style)
        if term.data not in self.ambiguous:
            return shown
        return f"({shown} : {sort_name(term.sort, self.style)})"

    def bound(self, term: Term) -> str:
        depth = len(self.scope)
        if term.data >= depth:
            return f"#{term.data - depth}"
        return variable_name(self.scope[-1 - term.data], self.style)

    def fresh(
        self, hints: Sequence[str], body: Term, below: int, block: Sequence[str]
    ) -> list[str]:
        """Names for bound variables: their own, unless something in the body is called so.

        Parameters
        ----------
        below:
            How many binders stand between the scope and the body.
        block:
            Names that the same block binds before.
        """
        names: list[str] = []
        for hint in hints:
            name, i = hint, 0
            while name in names or name in block or name in WORDS or self.meant(name, body, below):
                i += 1
                name = f"{hint}{i}" if i > 1 else f"{hint}'"
            names.append(name)
        return names

    def meant(self, name: str, body: Term, below: int) -> bool:
        """Whether a name, of something outside a binder, is needed in its body."""
        if self.taken[name] <= 0:
            return False
        if any(v.data == name for v in body.free) or any(s.name == name for s in body.symbols):
            return True
        deepest = len(self.scope) - 1
        return any(
            uses(body, deepest - place + below)
            for place, bound in enumerate(self.scope)
            if bound == name
        )

    # Numbers.

    def numeral(self, part: _Part) -> tuple[int, list[Item]]:
        value = part.term.data
        size = magnitude(value)
        if self.style.raised and value.denominator != 1:
            above, below = size.split("/")
            size = rf"\frac{{{above}}}{{{below}}}"
        shown = f"{self.words['minus']}{size}" if value < 0 else size
        if part.telling:
            return ATOM, [f"({shown} : {sort_name(part.term.sort, self.style)})"]
        if value < 0:
            return SUM, [shown]
        return (ATOM if value.denominator == 1 else RATIONAL), [shown]

    def cast(self, part: _Part) -> tuple[int, list[Item]]:
        (inner,) = part.term.arguments
        if is_leaf(inner) and part.bare:
            return self.node(_Part(inner))
        return POWER, [self.words["to_real"], _Part(inner, ATOM)]

    def field(self, part: _Part) -> tuple[int, list[Item]]:
        term, operator = part.term, part.term.operator
        if operator == "ite":
            return OPEN, self.choice(part)
        if is_minus(term):
            inner = term.arguments[1]
            # A minus sign before a numeral alone is part of the numeral.
            asked = ATOM + 1 if inner.operator == "number" and not part.telling else NEGATED
            return SUM, [self.words["minus"], _Part(inner, asked, part.bare, part.telling)]
        if operator == "/" and self.style.raised:
            above, below = (_Part(a, OPEN, part.bare) for a in term.arguments)
            return ATOM, [r"\frac{", above, "}{", below, "}"]
        _, left, right = INFIX[operator]
        first, second = branches(term)
        return self.infix(
            operator,
            [_Part(first, left, part.bare, part.telling), _Part(second, right, part.bare)],
        )

    def choice(self, part: _Part) -> list[Item]:
        condition, then, otherwise = part.term.arguments
        inner = OPEN if self.style.raised else ARROW
        first = _Part(then, inner, part.bare, part.telling)
        words, second = self.words, _Part(otherwise, inner, part.bare)
        if self.style.raised:
            return [
                words["if"], first, words["then"], _Part(condition), words["else"], second,
                words["fi"],
            ]  # fmt: skip
        return [words["if"], _Part(condition), words["then"], first, words["else"], second]

    def infix(self, operator: str, parts: Sequence[Item]) -> tuple[int, list[Item]]:
        items: list[Item] = []
        for part in parts:
            items += [self.words[operator], part] if items else [part]
        return INFIX[operator][0], items

    # Applications.

    def application(self, term: Term) -> tuple[int, list[Item]]:
        if term.operator == "apply":
            head, *arguments = term.arguments
            if not isinstance(head.sort, FunctionSort):
                raise TypeError("only functions are applied")
            sorts: tuple[AnySort, ...] = head.sort.domain
            shown = self.free(head) if head.operator == "variable" else self.bound(head)
            return ATOM, [shown, *self.listed(arguments, sorts)]
        if term.data.name == CLASS:
            m = width(term.arguments[2])
            if m is not None and term.data is class_symbol():
                return COMPARISON, self.member(term, m)
        if len(term.arguments) == 2 and term.sort in (INT, REAL) and (
            term.data is power_symbol(term.sort)
        ):  # fmt: skip
            return POWER, self.power(*term.arguments)
        shown = symbol_name(term.data.name, self.style)
        if not term.arguments:
            return ATOM, [shown]
        return ATOM, [shown, *self.listed(term.arguments, term.data.parameters)]

    def listed(self, arguments: Sequence[Term], sorts: Sequence[AnySort]) -> Iterator[Item]:
        yield "("
        for place, (argument, sort) in enumerate(zip(arguments, sorts, strict=True)):
            if place:
                yield ", "
            yield from self.argument(argument, sort)
        yield ")"

    def argument(self, term: Term, sort: AnySort) -> Iterator[Item]:
        if isinstance(sort, FunctionSort):
            yield from self.function(term, sort, known=True)
        else:
            yield from self.number([term], sort)

    def power(self, base: Term, exponent: Term) -> list[Item]:
        (below,) = self.number([base], None, ATOM)
        if self.style.raised:
            return [below, "^{", *self.number([exponent], INT), "}"]
        return [below, "^", *self.number([exponent], INT, ATOM)]

    def member(self, term: Term, m: Term) -> list[Item]:
        g, activation, _, depth = term.arguments
        bracketed = g.operator == "lambda" and self.named(g) is None
        inside = list(self.argument(g, g.sort))
        return [
            *([self.style.opening, *inside, self.style.closing] if bracketed else inside),
            self.words["in"], *self.argument(activation, activation.sort), "; ",
            # The width stands below the binder that the notation leaves out.
            _Enter((" ",)), *self.number([m], INT), _Leave(1),
            ", ", *self.number([depth], INT), ")",
        ]  # fmt: skip

    def named(self, term: Term) -> str | None:
        """The symbol's name, of a function that only applies a symbol to its own variables."""
        body = term.arguments[0]
        if body.operator != "symbol" or len(body.arguments) != len(term.data[0]):
            return None
        own = range(len(body.arguments))[::-1]
        plain = all(
            a.operator == "bound" and a.data == i for a, i in zip(body.arguments, own, strict=True)
        )
        return str(body.data.name) if plain else None

    def function(self, term: Term, sort: AnySort, known: bool) -> Iterator[Item]:
        """A function; its parameters tell their sorts where its place does not."""
        if term.operator != "lambda" or not isinstance(sort, FunctionSort):
            yield _Part(term)
            return
        name = self.named(term)
        if name is not None:
            yield symbol_name(name, self.style)
            return
        names = tuple(self.fresh(term.data[0], term.arguments[0], len(term.data[0]), ()))
        shown = [variable_name(n, self.style) for n in names]
        if not known:
            shown = [
                f"{n} : {sort_name(s, self.style)}"
                for n, s in zip(shown, term.data[1], strict=True)
            ]
        joined = ", ".join(shown)
        yield joined if known and len(names) == 1 else f"({joined})"
        yield self.words["lambda"]
        yield _Enter(names)
        yield from self.number(term.arguments, sort.range if known else None)
        yield _Leave(len(names))

    # Formulas.

    def formula(self, term: Term) -> tuple[int, list[Item]]:
        operator = term.operator
        if operator == "not":
            (inner,) = term.arguments
            if inner.operator == "=" and inner.arguments[0].sort != BOOL:
                return self.infix("≠", self.sides(inner.arguments, None, "≠"))
            return NOT, [self.words["not"], _Part(inner, ATOM)]
        if operator in ("and", "or"):
            asked = INFIX[operator][1]
            return self.infix(operator, [_Part(a, asked) for a in term.arguments])
        if operator == "=>":
            left, right = term.arguments
            # An arrow may follow an arrow, but nothing else that is as loose.
            asked = ARROW if right.operator == "=>" else OR
            return self.infix(operator, [_Part(left, OR), _Part(right, asked)])
        if term.arguments[0].sort == BOOL:
            return self.infix("iff", [_Part(a, OR) for a in term.arguments])
        return self.infix(operator, self.sides(term.arguments, None, operator))

    def sides(self, roots: Sequence[Term], wanted: AnySort | None, operator: str) -> list[_Part]:
        return self.number(roots, wanted, INFIX[operator][1])

    def quantified(self, term: Term) -> list[Item]:
        body, variables = term, list[tuple[str, AnySort]]()
        names: list[str] = []
        while body.operator == term.operator:
            (hint,), (sort,) = body.data
            (body,) = body.arguments
            names += self.fresh((hint,), body, len(names) + 1, names)
            variables.append((names[-1], sort))
        return [
            self.words[term.operator], groups(variables, self.style), self.words["stop"],
            _Enter(tuple(names)), _Part(body), _Leave(len(names)),
        ]  # fmt: skip
