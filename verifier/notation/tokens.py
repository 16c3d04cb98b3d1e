"""Text cut into tokens."""

from __future__ import annotations

from typing import Final, NamedTuple

from verifier.notation.errors import NotNotation

# What a keyboard has for what the notation writes; the longest are tried first.
SPELLED: Final = {
    "<->": "↔", "|->": "↦", "->": "→", "<=": "≤", ">=": "≥", "/\\": "∧", "\\/": "∨", "*": "·",
    "-": "−", "~": "¬",
}  # fmt: skip
MARKS: Final = frozenset("()[],;:.^=≠≤<≥>+−·/∧∨¬→↔∀∃↑↦∈×")
DIGITS: Final = frozenset("0123456789")
# Python counts the two middle dots, which print as products, as letters.
_DOTS: Final = frozenset("\u00b7\u0387")


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
    at, end = 0, len(text)
    while at < end:
        start, here = at, text[at]
        if here.isspace():
            at += 1
        elif here in DIGITS:
            at = _numeral(text, at)
            found.append(Token("numeral", text[start:at], start))
        elif starts_name(here):
            while at < end and continues_name(text[at]):
                at += 1
            found.append(Token("name", text[start:at], start))
        else:
            spelled = next((s for s in SPELLED if text.startswith(s, at)), here)
            mark = SPELLED.get(spelled, spelled)
            if mark not in MARKS:
                raise NotNotation(text, at, "this character stands for nothing")
            at += len(spelled)
            found.append(Token("mark", mark, start))
    return [*found, Token("end", "", end)]


def _numeral(text: str, at: int) -> int:
    """The end of a numeral ``p`` or ``p/q``, which has no blank in it."""
    end = len(text)
    while at < end and text[at] in DIGITS:
        at += 1
    if at + 1 < end and text[at] == "/" and text[at + 1] in DIGITS:
        at += 1
        while at < end and text[at] in DIGITS:
            at += 1
    return at


def starts_name(character: str) -> bool:
    """Whether a name may start so."""
    return (character.isidentifier() or character in "'!") and character not in _DOTS


def continues_name(character: str) -> bool:
    """Whether a name may go on so."""
    plain = f"a{character}".isidentifier() or character in "'!"
    return plain and character not in _DOTS
