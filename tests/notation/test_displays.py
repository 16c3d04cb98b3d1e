"""Statements that a careless notation prints as something else."""

from __future__ import annotations

from typing import Any

import pytest

from verifier.logic import (
    FALSE,
    INT,
    REAL,
    TRUE,
    FunctionSort,
    Term,
    conjunction,
    exists,
    forall,
    implies,
    negation,
    number,
    real,
    variable,
)
from verifier.notation import NotNotation, latex, parse, text

n, m = variable("n", INT), variable("m", INT)
x, y = variable("x", REAL), variable("y", REAL)
f = variable("f", FunctionSort((REAL,), REAL))
two, three, five, seven = (number(i, INT) for i in (2, 3, 5, 7))
FREE: dict[str, Any] = {"n": INT, "m": INT, "x": REAL, "y": REAL, "f": f.sort}
P, Q, R = x <= 0, y <= 0, x < y

DISPLAYS = {
    "a minus before mod": (-(seven % 2) == -1, "−(7 mod 2) = −1", r"-\left(7 \bmod 2\right) = -1"),
    "a minus before div": (
        -(seven // 2) == -3,
        "−(7 div 2) = −3",
        r"-\left(7 \mathbin{\mathrm{div}} 2\right) = -3",
    ),
    "a sum beside mod": (
        n + three % 2 == n + 1,
        "n + (3 mod 2) = n + 1",
        r"n + \left(3 \bmod 2\right) = n + 1",
    ),
    "an arrow beside an equivalence": (
        implies(P, Q == R),
        "x ≤ 0 → (y ≤ 0 ↔ x < y)",
        r"x \le 0 \Rightarrow \left(y \le 0 \Leftrightarrow x < y\right)",
    ),
    "an equivalence beside an arrow": (
        implies(P, Q) == R,
        "(x ≤ 0 → y ≤ 0) ↔ x < y",
        r"\left(x \le 0 \Rightarrow y \le 0\right) \Leftrightarrow x < y",
    ),
    "two equivalences": (
        (P == Q) == R,
        "(x ≤ 0 ↔ y ≤ 0) ↔ x < y",
        r"\left(x \le 0 \Leftrightarrow y \le 0\right) \Leftrightarrow x < y",
    ),
    "a half times three": (
        (x / 2) * 3 == x + x / 2,
        "(x / 2)·3 = x + (x / 2)",
        r"\frac{x}{2} \cdot 3 = x + \frac{x}{2}",
    ),
    "div times": (
        (n // 2) * 2 <= n,
        "(n div 2)·2 ≤ n",
        r"\left(n \mathbin{\mathrm{div}} 2\right) \cdot 2 \le n",
    ),
    "mod times": (
        (five % 2) * 3 == 3,
        "(5 mod 2)·3 = 3",
        r"\left(5 \bmod 2\right) \cdot 3 = 3",
    ),
    "a minus before a variable's mod": (
        -(n % 2) <= 0,
        "−(n mod 2) ≤ 0",
        r"-\left(n \bmod 2\right) \le 0",
    ),
    "zero minus mod": (number(0, INT) - number(1, INT) % 3 == -1, "−(1 mod 3) = −1",
                       r"-\left(1 \bmod 3\right) = -1"),
    "the mod of a sum": ((n + 3) % 2 == 1, "(n + 3) mod 2 = 1", r"\left(n + 3\right) \bmod 2 = 1"),
    "the mod of a minus": (
        (-seven) % 2 == 1,
        "(−(7)) mod 2 = 1",
        r"\left(-\left(7\right)\right) \bmod 2 = 1",
    ),
    "the mod of a literal below zero": (
        number(-7, INT) % 2 == 1,
        "(−7) mod 2 = 1",
        r"\left(-7\right) \bmod 2 = 1",
    ),
    "mod of mod": ((n % 5) % 2 == 1, "(n mod 5) mod 2 = 1", r"\left(n \bmod 5\right) \bmod 2 = 1"),
    "a product divided": ((x * 2) / y == 1, "(x·2) / y = 1", r"\frac{x \cdot 2}{y} = 1"),
    "divided by a product": (x / (2 * y) == 1, "x / (2·y) = 1", r"\frac{x}{2 \cdot y} = 1"),
    "a minus before a quotient": (-(x / y) == 1, "−(x / y) = 1", r"-\frac{x}{y} = 1"),
    "a minus above a quotient": ((-x) / y == 1, "(−x) / y = 1", r"\frac{-x}{y} = 1"),
    "a binder before an arrow": (
        implies(forall(x, P), Q),
        "(∀ x:Real. x ≤ 0) → y ≤ 0",
        r"\left(\forall x : \mathbb{R}.\; x \le 0\right) \Rightarrow y \le 0",
    ),
    "a binder after an arrow": (
        implies(Q, forall(x, P)),
        "y ≤ 0 → (∀ x:Real. x ≤ 0)",
        r"y \le 0 \Rightarrow \left(\forall x : \mathbb{R}.\; x \le 0\right)",
    ),
    "a binder after and": (
        conjunction(Q, exists(x, P)),
        "y ≤ 0 ∧ (∃ x:Real. x ≤ 0)",
        r"y \le 0 \land \left(\exists x : \mathbb{R}.\; x \le 0\right)",
    ),
    "not before and": (
        conjunction(negation(P), Q),
        "¬(x ≤ 0) ∧ y ≤ 0",
        r"\lnot \left(x \le 0\right) \land y \le 0",
    ),
    "not an equivalence": (
        negation(P == Q),
        "¬(x ≤ 0 ↔ y ≤ 0)",
        r"\lnot \left(x \le 0 \Leftrightarrow y \le 0\right)",
    ),
    "the cast of a sum": (real(n + m) <= x, "↑(n + m) ≤ x", r"{\uparrow}\left(n + m\right) \le x"),
    "a sum of casts": (real(n) + real(m) <= x, "n + m ≤ x", r"n + m \le x"),
    "casts alone": (real(n) <= real(m), "↑n ≤ ↑m", r"{\uparrow}n \le {\uparrow}m"),
    "integers": (n <= m, "n ≤ m", r"n \le m"),
    "numerals of reals": (
        number(1, REAL) <= number(2, REAL),
        "(1 : Real) ≤ 2",
        r"(1 : \mathbb{R}) \le 2",
    ),
    "numerals of integers": (number(1, INT) <= number(2, INT), "1 ≤ 2", r"1 \le 2"),
    "a cast in a function": (f(real(n)) <= real(m), "f(n) ≤ m", r"f(n) \le m"),
    "a cast of a mod": (f(x) == real(n % 2), "f(x) = n mod 2", r"f(x) = n \bmod 2"),
    "three facts": (
        conjunction(P, Q, R),
        "x ≤ 0 ∧ y ≤ 0 ∧ x < y",
        r"x \le 0 \land y \le 0 \land x < y",
    ),
    "two facts, and a third": (
        conjunction(conjunction(P, Q), R),
        "(x ≤ 0 ∧ y ≤ 0) ∧ x < y",
        r"\left(x \le 0 \land y \le 0\right) \land x < y",
    ),
    "a fact, and two more": (
        conjunction(P, conjunction(Q, R)),
        "x ≤ 0 ∧ (y ≤ 0 ∧ x < y)",
        r"x \le 0 \land \left(y \le 0 \land x < y\right)",
    ),
    "signs": (
        implies(P, x * -3 <= -(x * y) + 1),
        "x ≤ 0 → x·(−3) ≤ −x·y + 1",
        r"x \le 0 \Rightarrow x \cdot \left(-3\right) \le -x \cdot y + 1",
    ),
    "truth": (implies(TRUE, FALSE), "true → false", r"\top \Rightarrow \bot"),
}  # fmt: skip


@pytest.mark.parametrize("case", DISPLAYS)
def test_the_text_reads_as_the_term(case: str) -> None:
    term, written, tex = DISPLAYS[case]
    assert text(term) == written
    assert latex(term) == tex
    assert parse(written, FREE) is term


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("−7 mod 2 = −1", "what stands before mod needs brackets"),
        ("n + 3 mod 2 = n + 1", "what stands before mod needs brackets"),
        ("n div 2·2 ≤ n", "what stands before · needs brackets"),
        ("x / 2·3 ≤ x", "what stands before · needs brackets"),
        ("x·2 / 3 ≤ x", "what stands before / needs brackets"),
        ("x / y / 2 ≤ x", "what stands before / needs brackets"),
        ("x + y / 2 ≤ x", "what stands before / needs brackets"),
        ("−x / 2 ≤ x", "what stands before / needs brackets"),
        ("x·1/2 ≤ x", "this needs brackets here"),
        ("1/2·x ≤ x", "what stands before · needs brackets"),
        ("x ≤ 0 → y ≤ 0 ↔ x < y", "→ beside ↔ needs brackets"),
        ("x ≤ 0 ↔ y ≤ 0 → x < y", "what stands before → needs brackets"),
        ("x ≤ 0 ↔ y ≤ 0 ↔ x < y", "what stands before ↔ needs brackets"),
        ("x ≤ 0 ∧ ∀ x:Real. x ≤ 0 → y ≤ 0", "this needs brackets here"),
        ("y ≤ 0 → ∀ x:Real. x ≤ 0", "this needs brackets here"),
        ("x ≤ y ≤ 0", "what stands before ≤ needs brackets"),
        ("¬x ≤ y", "what stands before ≤ needs brackets"),
        ("¬x", "expected a formula"),
        ("x − −1 ≤ y", "this needs brackets here"),
        ("2^n^2 ≤ m", "what stands before ^ needs brackets"),
        ("x ≤", "expected more"),
        ("x ≤ y)", "expected the end"),
        ("z ≤ y", "neither bound, declared nor defined"),
        ("f ≤ y", "found a function"),
        ("f(x, y) ≤ y", "expected 1 arguments, found 2"),
        ("n mod m = 0", "expected a positive numeral"),
        ("n mod x = 0", "expected an integer, found a real"),
        ("x / 0 ≤ 1", "/ 0"),
        ("1/0 ≤ x", "a denominator of zero"),
        ("x $ y", "stands for nothing"),
        ("∀ x:Bool. x ≤ x", "expected Int or Real"),
        ("∀ x. x ≤ x", "expected :"),
        ("(if (∀ x:Real. x ≤ 0) then 1 else 2) ≤ y", "not a comparison of numbers"),
    ],
)  # fmt: skip
def test_what_could_be_read_in_two_ways_or_none(written: str, expected: str) -> None:
    with pytest.raises(NotNotation) as refused:
        parse(written, FREE)
    assert expected in str(refused.value)


@pytest.mark.parametrize(
    ("written", "term"),
    [
        ("n*m >= 2", number(2, INT) <= n * m),
        ("x > y", y < x),
        ("x <= 0 /\\ y <= 0 -> ~(x < y)", implies(conjunction(P, Q), negation(R))),
        ("x <= 0 <-> y <= 0", P == Q),
        ("∀ x:ℝ. x - 1 <= x", forall(x, x - 1 <= x)),
        ("((x)) ≤ ((0))", P),
        ("2/4 ≤ x", number(1, REAL) / 2 <= x),
        ("for z:Real:\nz ≤ x", variable("z", REAL) <= x),
    ],
)
def test_what_a_keyboard_has(written: str, term: Term) -> None:
    assert parse(written, FREE) is term
