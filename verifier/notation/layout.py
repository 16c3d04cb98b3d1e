"""Long statements on several lines."""

from __future__ import annotations

from itertools import pairwise
from textwrap import wrap
from typing import Final

from verifier.notation.tokens import Token, tokens

# Where a line is broken: before loose marks first.
_AFTER: Final = tuple(map(frozenset, (".", "→↔", "∧∨", "=≠≤<∈", ",")))
# Cut after one of these, the last piece is what the others lead to.
_LEADING: Final = 3
# Brackets within brackets that lines are broken in; deeper ones are broken at any blank.
DEEPEST: Final = 6


def lines(statement: str, width: int) -> list[str]:
    """A statement broken into lines of about ``width`` characters.

    After the names that the whole of it binds, it is broken after the loosest marks that stand in
    no bracket; a piece that is still too long is broken inside its brackets.
    """
    if len(statement) <= width and "\n" not in statement:
        return [statement]
    first, _, rest = statement.partition("\n")
    if rest and first.startswith("for ") and first.endswith(":"):
        return [first, *lines(rest, width)]
    marks = tokens(statement)
    start = _block(marks)
    if start == 0:
        return _filled(statement, marks, 0, width, "")
    head = statement[: marks[start].place].rstrip()
    return [*_wrapped(head, width), *_filled(statement, marks, start, width, "  ")]


def _wrapped(piece: str, width: int) -> list[str]:
    """A piece broken at any blank."""
    return wrap(
        piece, width, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )


def _block(marks: list[Token]) -> int:
    """Where the body of a statement starts, after the names it binds."""
    at = 0
    while marks[at].word in ("∀", "∃") and marks[at].kind == "mark":
        while marks[at].word != ".":
            at += 1
        at += 1
    return at


def _in_sort(marks: list[Token], at: int) -> bool:
    """Whether an arrow belongs to a sort."""
    return marks[at].word == "→" and marks[at + 1].word in ("Int", "Real")


def _filled(statement: str, marks: list[Token], start: int, width: int, indent: str) -> list[str]:
    """The text from a token on: pieces that fit share lines, others have lines of their own."""
    found: list[str] = []
    line = ""
    for piece, alone in _pieces(statement, marks, start, width - len(indent)):
        if line and (alone or len(indent) + len(line) + 1 + len(piece) > width):
            found.append(indent + line)
            line = ""
        line = f"{line} {piece}" if line else piece
    found.append(indent + line)
    return [part for line in found for part in _wrapped(line, width)]


def _pieces(statement: str, marks: list[Token], start: int, width: int) -> list[tuple[str, bool]]:
    """The text cut after marks of the outermost level, as deep as its length asks for.

    Beside each piece, whether a line starts with it: the last of some cut apart, for it is what
    the others lead to, what follows a long one, and the first of one that is cut further.
    """
    depths, depth = [], 0
    for token in marks:
        depth -= token.kind == "mark" and token.word in (")", "]")
        depths.append(depth)
        depth += token.kind == "mark" and token.word in ("(", "[")
    deepest = min(max(depths), DEEPEST)
    found: list[tuple[str, bool]] = []
    todo = [(start, len(marks) - 1, 0, 0, True)]
    while todo:
        begin, end, level, rank, alone = todo.pop()
        whole = statement[marks[begin].place : marks[end].place].strip()
        if len(whole) <= width or level > deepest:
            found.append((whole, alone))
            continue
        cuts = [
            i + 1
            for i in range(begin, end - 1)
            if depths[i] == level and marks[i].word in _AFTER[rank] and not _in_sort(marks, i)
        ]
        edges = [begin, *cuts, end]
        deeper = (level, rank + 1) if rank + 1 < len(_AFTER) else (level + 1, 0)
        parts = list(pairwise(edges))
        lengths = [marks[b].place - marks[a].place for a, b in parts]
        for i in reversed(range(len(parts))):
            starts = i == 0 and alone
            if len(parts) > 1:
                last = i == len(parts) - 1 and rank < _LEADING
                starts = starts or last or max(lengths[max(i - 1, 0) : i + 1]) > width
            todo.append((*parts[i], *deeper, starts))
    return found
