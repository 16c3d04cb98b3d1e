"""Terms as text and as LaTeX."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from verifier.logic.sorts import AnySort, FunctionSort
from verifier.logic.substitution import instantiate
from verifier.logic.terms import Term, make

# Tightness of each operator; a child printed in a tighter place gets brackets.
TIGHTNESS: Final = {
    "forall": 0, "exists": 0, "lambda": 0, "=>": 1, "iff": 1, "or": 2, "and": 3, "not": 4,
    "=": 5, "<=": 5, "<": 5, "ite": 5, "+": 6, "-": 6, "*": 7, "/": 7, "div": 7, "mod": 7,
    "to_real": 9,
}  # fmt: skip
ATOM: Final = 10


@dataclass(frozen=True)
class Style:
    """The words one notation uses."""

    words: dict[str, str]
    opening: str
    closing: str


TEXT: Final = Style(
    {
        "and": " ∧ ", "or": " ∨ ", "=>": " → ", "iff": " ↔ ", "=": " = ", "<=": " ≤ ", "<": " < ",
        "+": " + ", "-": " − ", "*": "·", "/": " / ", "div": " div ", "mod": " mod ",
        "not": "¬", "≠": " ≠ ", "forall": "∀", "exists": "∃", "true": "true", "false": "false",
    },
    "(", ")",
)  # fmt: skip
LATEX: Final = Style(
    {
        "and": r" \land ", "or": r" \lor ", "=>": r" \Rightarrow ", "iff": r" \Leftrightarrow ",
        "=": " = ", "<=": r" \le ", "<": " < ", "+": " + ", "-": " - ", "*": r" \cdot ",
        "/": "/", "div": r" \mathbin{\mathrm{div}} ", "mod": r" \bmod ", "not": r"\lnot ",
        "≠": r" \ne ", "forall": r"\forall ", "exists": r"\exists ", "true": r"\top",
        "false": r"\bot",
    },
    r"\left(", r"\right)",
)  # fmt: skip


def text(term: Term) -> str:
    """A term in the notation of a textbook.

    Examples
    --------
    >>> from verifier.logic import INT, forall, variable
    >>> n = variable("n", INT)
    >>> print(text(forall(n, n + 1 > n)))
    ∀ n:Int. n < n + 1
    """
    return _show(term, 0, TEXT)


def latex(term: Term) -> str:
    r"""A term in LaTeX.

    Examples
    --------
    >>> from verifier.logic import REAL, variable
    >>> print(latex(variable("x", REAL) / 2 <= 1))
    \frac{x}{2} \le 1
    """
    return _show(term, 0, LATEX)


def sort_name(sort: AnySort, style: Style = TEXT) -> str:
    """A sort in one notation."""
    if style is TEXT:
        return str(sort)
    names = {"Int": r"\mathbb{Z}", "Real": r"\mathbb{R}", "Bool": r"\mathbb{B}"}
    if isinstance(sort, FunctionSort):
        domain = r" \times ".join(names[s.name] for s in sort.domain)
        return rf"{domain} \to {names[sort.range.name]}"
    return names[sort.name]


def _show(term: Term, tightness: int, style: Style) -> str:
    mine, shown = _render(term, style)
    return f"{style.opening}{shown}{style.closing}" if mine < tightness else shown


def _render(term: Term, style: Style) -> tuple[int, str]:
    operator, words = term.operator, style.words
    if operator == "variable":
        return ATOM, _name(term.data, style)
    if operator == "bound":
        return ATOM, f"#{term.data}"
    if operator == "number":
        return (ATOM if term.data >= 0 and term.data.denominator == 1 else 6), _number(
            term.data, style
        )
    if operator in ("true", "false"):
        return ATOM, words[operator]
    if operator in ("apply", "symbol"):
        return ATOM, _application(term, style)
    if operator in ("forall", "exists", "lambda"):
        return _binder(term, style)
    if operator == "to_real":
        inner = _show(term.arguments[0], ATOM, style)
        return ATOM, inner if style is LATEX else f"↑{inner}"
    if operator == "ite":
        # The text brings its own brackets.
        return (ATOM if style is TEXT else TIGHTNESS["ite"]), _choice(term, style)
    if operator == "not":
        (inner_term,) = term.arguments
        if inner_term.operator == "=":
            return TIGHTNESS["="], _infix(inner_term, "=", words["≠"], style)
        return TIGHTNESS["not"], words["not"] + _show(inner_term, ATOM, style)
    if operator == "/" and style is LATEX:
        above, below = (_show(a, 0, style) for a in term.arguments)
        return ATOM, rf"\frac{{{above}}}{{{below}}}"
    if operator == "-" and _is_zero(term.arguments[0]):
        return TIGHTNESS["-"], words["-"].strip() + _show(term.arguments[1], 7, style)
    if operator == "=" and term.arguments[0].sort.name == "Bool":  # type: ignore[union-attr]
        return TIGHTNESS["iff"], _infix(term, "iff", words["iff"], style)
    return TIGHTNESS[operator], _infix(term, operator, words[operator], style)


def _is_zero(term: Term) -> bool:
    return term.operator == "number" and term.data == 0


def _infix(term: Term, operator: str, word: str, style: Style) -> str:
    mine = TIGHTNESS[operator]
    left_tight = mine + 1 if operator in ("=>", "iff", "=", "<=", "<") else mine
    right_tight = mine if operator in ("=>", "and", "or", "+") else mine + 1
    first, *rest = term.arguments
    return word.join(
        [_show(first, left_tight, style), *(_show(a, right_tight, style) for a in rest)]
    )


def _number(value: Fraction, style: Style) -> str:
    if style is LATEX and value.denominator != 1:
        sign = "-" if value < 0 else ""
        return rf"{sign}\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"
    return str(value).replace("-", "−" if style is TEXT else "-")


def _name(name: str, style: Style) -> str:
    if style is TEXT:
        return name
    letters, _, index = name.partition("_")
    greek = {"α": r"\alpha", "β": r"\beta", "φ": r"\varphi", "ℓ": r"\ell"}
    base = greek.get(letters, letters if len(letters) == 1 else rf"\mathit{{{letters}}}")
    return rf"{base}_{{{index}}}" if index else base


def _application(term: Term, style: Style) -> str:
    if term.operator == "apply":
        head, *rest = term.arguments
        shown = _show(head, ATOM, style)
    else:
        rest = list(term.arguments)
        shown = term.data.name
        if style is LATEX:
            shown = term.data.latex or rf"\mathrm{{{shown.replace('_', '-')}}}"
    separator = ", "
    return f"{shown}({separator.join(_show(a, 0, style) for a in rest)})" if rest else shown


def _choice(term: Term, style: Style) -> str:
    condition, then, otherwise = (_show(a, 0, style) for a in term.arguments)
    if style is LATEX:
        return (
            rf"\begin{{cases}}{then} & \text{{if }} {condition}\\"
            rf"{otherwise} & \text{{otherwise}}\end{{cases}}"
        )
    return f"(if {condition} then {then} else {otherwise})"


def _binder(term: Term, style: Style) -> tuple[int, str]:
    operator, body = term.operator, term
    taken = {v.data for v in term.free} | {s.name for s in term.symbols}
    names: list[tuple[str, AnySort]] = []
    while body.operator == operator:
        fresh = []
        for hint, sort in zip(*body.data, strict=True):
            name = _unused(hint, taken)
            taken.add(name)
            names.append((name, sort))
            fresh.append(make("variable", (), name, sort))
        body = instantiate(body.arguments[0], tuple(fresh))
        if operator == "lambda":
            break
    inside = _show(body, 0, style)
    if operator == "lambda":
        arrow = r" \mapsto " if style is LATEX else " ↦ "
        shown = ", ".join(_name(n, style) for n, _ in names)
        shown = shown if len(names) == 1 else f"({shown})"
        return ATOM, f"({shown}{arrow}{inside})"
    groups: list[tuple[list[str], AnySort]] = []
    for name, sort in names:
        if groups and groups[-1][1] == sort:
            groups[-1][0].append(_name(name, style))
        else:
            groups.append(([_name(name, style)], sort))
    colon, comma = (r" : ", r",\ ") if style is LATEX else (":", " ")
    block = comma.join(
        f"{(' ' if style is TEXT else ', ').join(ns)}{colon}{sort_name(s, style)}"
        if not (style is TEXT and isinstance(s, FunctionSort))
        else f"({' '.join(ns)} : {s})"
        for ns, s in groups
    )
    gap, stop = (" ", ".") if style is TEXT else ("", r".\\")
    return 0, f"{style.words[operator]}{gap}{block}{stop} {inside}"


def _unused(name: str, taken: set[str]) -> str:
    fresh, i = name, 0
    while fresh in taken:
        i += 1
        fresh = f"{name}{i}" if i > 1 else f"{name}'"
    return fresh


def smt_number(value: Fraction, real: bool) -> str:
    """A literal in SMT-LIB 2."""
    dot = ".0" if real else ""
    size = f"{abs(value.numerator)}{dot}"
    if value.denominator != 1:
        size = f"(/ {size} {value.denominator}{dot})"
    return f"(- {size})" if value < 0 else size
