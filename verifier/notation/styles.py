"""The words of the two notations, text and LaTeX."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from verifier.logic import AnySort, FunctionSort


@dataclass(frozen=True)
class Style:
    """How one notation writes each word.

    Attributes
    ----------
    words:
        Operators, with the blanks around them.
    opening, closing:
        Brackets.
    raised:
        Whether exponents are raised and quotients stacked, so that braces part what is in them.
    """

    words: dict[str, str]
    opening: str
    closing: str
    raised: bool


TEXT: Final = Style(
    {
        "and": " ∧ ", "or": " ∨ ", "=>": " → ", "iff": " ↔ ", "=": " = ", "<=": " ≤ ", "<": " < ",
        "+": " + ", "-": " − ", "minus": "−", "*": "·", "/": " / ", "div": " div ",
        "mod": " mod ", "not": "¬", "≠": " ≠ ", "forall": "∀ ", "exists": "∃ ", "true": "true",
        "false": "false", "to_real": "↑", "lambda": " ↦ ", "of": ":", "in": " ∈ F(",
        "stop": ". ", "gap": " ", "if": "if ", "then": " then ", "else": " else ", "fi": "",
    },
    "(", ")", raised=False,
)  # fmt: skip
LATEX: Final = Style(
    {
        "and": r" \land ", "or": r" \lor ", "=>": r" \Rightarrow ", "iff": r" \Leftrightarrow ",
        "=": " = ", "<=": r" \le ", "<": " < ", "+": " + ", "-": " - ", "minus": "-",
        "*": r" \cdot ", "/": "/", "div": r" \mathbin{\mathrm{div}} ", "mod": r" \bmod ",
        "not": r"\lnot ", "≠": r" \ne ", "forall": r"\forall ", "exists": r"\exists ",
        "true": r"\top", "false": r"\bot", "to_real": r"{\uparrow}", "lambda": r" \mapsto ",
        "of": r" : ", "in": r" \in \mathcal{F}(", "stop": r".\; ", "gap": r",\; ",
        "if": r"\begin{cases}", "then": r" & \text{if } ", "else": r"\\ ",
        "fi": r" & \text{otherwise}\end{cases}",
    },
    r"\left(", r"\right)", raised=True,
)  # fmt: skip

_GREEK: Final = {"α": r"\alpha", "β": r"\beta", "φ": r"\varphi", "ℓ": r"\ell"}
_SORTS: Final = {"Int": r"\mathbb{Z}", "Real": r"\mathbb{R}", "Bool": r"\mathbb{B}"}


def variable_name(name: str, style: Style) -> str:
    """A variable's name; different names stay different."""
    if style is TEXT:
        return name
    letters, _, index = name.partition("_")
    if "_" in name and not (letters and index.isalnum() and index.isascii()):
        escaped = name.replace("_", r"\_")
        return rf"\mathit{{{escaped}}}"
    base = _GREEK.get(letters, letters if len(letters) == 1 else rf"\mathit{{{letters}}}")
    return rf"{base}_{{{index}}}" if index else base


def symbol_name(name: str, style: Style) -> str:
    """A defined symbol's name, upright in LaTeX."""
    if style is TEXT:
        return name
    # No symbol's name has a hyphen.
    upright = name.replace("_", "-")
    return rf"\mathrm{{{upright}}}"


def sort_name(sort: AnySort, style: Style) -> str:
    """A sort."""
    if style is TEXT:
        return str(sort)
    if isinstance(sort, FunctionSort):
        domain = r" \times ".join(_SORTS[s.name] for s in sort.domain)
        return rf"{domain} \to {_SORTS[sort.range.name]}"
    return _SORTS[sort.name]
