"""What the reader of text refuses."""

from __future__ import annotations

from verifier.errors import BadInput


class NotNotation(BadInput):
    """A text that is no term in the notation, or could be read in two ways.

    Parameters
    ----------
    text:
        The whole text.
    place:
        Where in it the trouble is, counted in characters from 0.
    expected:
        What was found and what was expected instead.
    """

    def __init__(self, text: str, place: int, expected: str) -> None:
        line = text.count("\n", 0, place) + 1
        column = place - text.rfind("\n", 0, place)
        near = text[place : place + 20].split("\n")[0].strip()
        at = f"line {line}, column {column}" if "\n" in text else f"column {column}"
        super().__init__("statement", expected, f"{at}, at {near!r}" if near else f"{at}, the end")
