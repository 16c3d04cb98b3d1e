"""Names in Coq: no two are spelled alike, and none meets a word of Coq's or of the export's."""

import re

from hypothesis import given
from hypothesis import strategies as st

from verifier.recheck.coq.names import (
    bound_name,
    equation_name,
    result_name,
    spelled,
    symbol_name,
    variable_name,
)

SORTS = ("Int", "Real", (("Int",), "Real"), (("Real", "Int"), "Int"), (("Real",), "Int"))
# Spellings that a careless replacement of characters confuses.
HOSTILE = (
    "x", "X", "x'", "x''", "x'27'", "x_", "_x", "x_1", "x-1", "x.1", "x1", "ξ", "é", "e\u0301",
    "S", "O", "nat", "R", "Z", "Type", "fun", "match", "IZR", "le", "step_0", "leaf_0", "s_x",
    "before_", "Definitions", "Prelude", "Bridge", "",
)  # fmt: skip
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_']*")


def every_name(name):
    yield symbol_name(name)
    yield equation_name(name, 0)
    yield equation_name(name, 1)
    yield result_name(name)
    yield from (variable_name(name, sort) for sort in SORTS)


def test_no_two_names_are_spelled_alike():
    found = [coq for name in HOSTILE for coq in every_name(name)]
    found += [bound_name(depth, sort) for depth in range(12) for sort in SORTS[:3]]
    assert len(set(found)) == len(found)
    assert all(IDENTIFIER.fullmatch(coq) for coq in found)
    own = re.compile(r"(step|leaf|axiom|recursion|natural|before|[PHEN])_.*|\w+_(dec|law)|[^_]+")
    assert not [coq for coq in found if own.fullmatch(coq) and not re.fullmatch(r"[xnf]\d+", coq)]


@given(st.text(max_size=6), st.text(max_size=6))
def test_spelling_is_injective(one, other):
    assert IDENTIFIER.fullmatch(f"s_{spelled(one)}")
    assert (spelled(one) == spelled(other)) == (one == other)
    assert (result_name(one) == result_name(other)) == (one == other)
