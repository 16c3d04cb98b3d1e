"""Terms, sorts and substitution: the language theorems are written in."""

from verifier.logic.errors import (
    DivisionByZero,
    IllFormed,
    NotAPositiveModulus,
    NotDecidable,
    NoTruthValue,
    SortMismatch,
)
from verifier.logic.sorts import BOOL, INT, REAL, AnySort, FunctionSort, Sort
from verifier.logic.substitution import instantiate, opened, substitute
from verifier.logic.terms import (
    FALSE,
    TRUE,
    Symbol,
    Term,
    bind,
    conjunction,
    decidable,
    disjunction,
    exists,
    forall,
    function,
    if_then_else,
    implies,
    negation,
    number,
    real,
    same,
    symbol,
    variable,
)

__all__ = [
    "BOOL", "FALSE", "INT", "REAL", "TRUE", "AnySort", "DivisionByZero", "FunctionSort",
    "IllFormed", "NoTruthValue", "NotAPositiveModulus", "NotDecidable", "Sort", "SortMismatch",
    "Symbol", "Term", "bind", "conjunction", "decidable", "disjunction", "exists", "forall",
    "function", "if_then_else", "implies", "instantiate", "negation", "number", "opened",
    "real", "same", "substitute", "symbol", "variable",
]  # fmt: skip
