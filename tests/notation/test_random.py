"""Random terms of every kind: what is printed reads back, and different terms look different."""

from __future__ import annotations

import re
from collections import Counter
from random import Random
from typing import Any

import pytest

import proofs.telgarsky  # noqa: F401
from tests.notation.random_terms import Grower, features
from verifier.kernel import DEFINED
from verifier.logic import INT, REAL, Term, same
from verifier.notation import NotNotation, declared, latex, parse
from verifier.notation.styles import LATEX, variable_name
from verifier.notation.tokens import tokens

COUNT = 20_000
SYMBOLS = ["relu", "power", "real_power", "total", "network", "sawtooth", "errors", "leaky_relu"]


@pytest.fixture(scope="module")
def terms() -> list[Term]:
    grower = Grower(1, [DEFINED[name].symbol for name in SYMBOLS])
    return [grower.term(grower.random.choice([1, 3, 8, 20])) for _ in range(COUNT)]


def test_the_terms_are_of_every_kind(terms: list[Term]) -> None:
    """Each at least a hundred times: operators, sorts, literals, casts, names that meet."""
    found = Counter(feature for term in terms for feature in features(term))
    numbers = ["Int", "Real"]
    wanted = [
        *((o, s) for o in ("+", "-", "*", "ite", "variable", "bound", "number", "apply")
          for s in numbers),
        *((o, "Int") for o in ("div", "mod")), ("/", "Real"), ("to_real", "Real"),
        *((o, "Bool") for o in ("true", "false", "not", "and", "or", "=>", "=", "<=", "<",
                                "forall", "exists", "symbol")),
        *((o, "function") for o in ("variable", "lambda", "bound")),
        *(("symbol", name) for name in SYMBOLS),
        *(("literal", "Int", True, sign) for sign in (-1, 0, 1)),
        *(("literal", "Real", True, sign) for sign in (-1, 0, 1)),
        *(("literal", "Real", False, sign) for sign in (-1, 1)),
        *(("cast of", o) for o in ("variable", "bound", "number", "+", "-", "*", "ite", "apply",
                                   "symbol", "div", "mod")),
        "minus", "number less", "one name, two sorts", "a variable called like a symbol",
        "a bound name bound again", "a bound name hides another that is used",
        "a bound name hides a free one that is used", "a bound name hides a symbol that is used",
    ]  # fmt: skip
    assert {w: found[w] for w in wanted if found[w] < 100} == {}
    assert len(terms) == COUNT
    assert len({t.canonical for t in terms}) > 12_000


def test_what_is_printed_reads_back(terms: list[Term]) -> None:
    seen: dict[str, Term] = {}
    for term in terms:
        written = declared(term)
        back = parse(written)
        assert same(back, term), written
        # Two terms that print alike are one.
        assert seen.setdefault(written, term.canonical) is term.canonical
        # What was read prints as what was read.
        assert back is term or declared(back) == written


def test_latex_keeps_terms_apart(terms: list[Term]) -> None:
    seen: dict[Any, Term] = {}
    for term in terms:
        # The free variables are declared beside a formula.
        key = latex(term), frozenset((variable_name(v.data, LATEX), v.sort) for v in term.free)
        assert seen.setdefault(key, term.canonical) is term.canonical, key
        depths = [0]
        for mark in re.findall(r"(?<!\\)[{}]|\\left\(|\\right\)", key[0]):
            depths.append(depths[-1] + (1 if mark in ("{", "\\left(") else -1))
        assert min(depths) == depths[-1] == 0, key


def test_whatever_is_typed_is_read_or_refused(terms: list[Term]) -> None:
    """Texts with words lost, doubled or swapped: a clear refusal, or a term that prints back."""
    random = Random(2)
    read = 0
    for term in random.sample(terms, 4_000):
        first, newline, body = declared(term).partition("\n")
        first, body = (first, body) if newline else ("", first)
        words = [token.word for token in tokens(body)]
        for _ in range(random.choice([1, 1, 2, 3])):
            at, other = random.randrange(len(words)), random.randrange(len(words))
            kind = random.randrange(4)
            if kind == 0:
                del words[at]
            elif kind == 1:
                words.insert(at, words[other])
            elif kind == 2:
                words[at], words[other] = words[other], words[at]
            else:
                words[at] = random.choice(["x", "∀", "(", ")", "−", "1/2", "3", ":", "if", "Int"])
            words = words or ["x"]
        text = first + newline + " ".join(words)
        try:
            found = parse(text, {"x": REAL, "n": INT})
        except NotNotation:
            continue
        read += 1
        assert same(parse(declared(found)), found), text
    assert read > 400
