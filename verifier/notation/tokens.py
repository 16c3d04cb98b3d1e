"""Text cut into tokens."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from verifier.notation.errors import NotNotation

# What a keyboard has for what the notation writes; the longest are tried first.
SPELLED: Final = {
    "<->": "↔", "|->": "↦", "->": "→", "<=": "≤", ">=": "≥", "/\\": "∧", "\\/": "∨", "*": "·",
    "-": "−", "~": "¬",
}  # fmt: skip
_MARK: Final = "|".join([*map(re.escape, SPELLED), "[()\\[\\],;:.^=≠≤<≥>+−·/∧∨¬→↔∀∃↑↦∈×]"])
_TOKEN: Final = re.compile(
    rf"\s*(?:(?P<numeral>[0-9]+(?:/[0-9]+)?)|(?P<name>(?:[^\W0-9]|['!])[\w'!]*)|(?P<mark>{_MARK}))"
)


class Token(NamedTuple):
    """A numeral, a name or a mark.

    Attributes
    ----------
    kind:
        ``numeral``, ``name``, ``mark`` or ``end``.
    place:
        Its first character.
    """

    kind: str
    word: str
    place: int


def tokens(text: str) -> list[Token]:
    """The tokens of a text, and one for its end.

    Raises
    ------
    NotNotation
        If a character stands in no word of the notation.
    """
    found: list[Token] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            raise NotNotation(text, at, "this character stands for nothing")
        kind = str(match.lastgroup)
        word = match[kind]
        found.append(Token(kind, SPELLED.get(word, word), match.start(kind)))
        at = match.end()
    return [*found, Token("end", "", len(text))]
