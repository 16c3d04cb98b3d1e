"""A, continued: functions given piece by piece.

A function that is p up to a place and q from there on has the pieces of both; and a structure
needs a new label wherever the function bends.  With these two steps the pieces of any one
network can be counted, from above and from below.
"""

from __future__ import annotations

from collections.abc import Callable

from proofs.pieces import bends, sawtooth_on, sawtooth_restrict
from proofs.sawtooth import Structure, construct, sawtooth
from verifier.proving import (
    Formula,
    Integer,
    Labelling,
    Proof,
    Real,
    RealMap,
    Theorem,
    conjunction,
    definition,
    forall,
    if_then_else,
    implies,
    integer,
    integers,
    lemma,
    reals,
)

(x,) = reals("x")
(t,) = integers("t")


def side_by_side(
    p: Proof,
    f: RealMap,
    pieces: tuple[Integer, Integer],
    sides: tuple[Theorem, Theorem],
    here: Callable[[Real], Formula],
    glued: Theorem,
) -> Theorem:
    """f, one sawtooth function where ``here`` holds and another beyond, has the pieces of both."""
    left, right = (Structure.of(p, side) for side in sides)
    return construct(
        p,
        p.goal,
        label=lambda x: if_then_else(here(x), left.label(x), pieces[0] + right.label(x)),
        slope=lambda x: if_then_else(here(x), left.slope(x), right.slope(x)),
        intercept=lambda x: if_then_else(here(x), left.intercept(x), right.intercept(x)),
        because=lambda x, y: [
            *(side.at(u, v) for side in (left, right) for u, v in ((x, y), (x, x), (y, y))),
            p.at(glued, x),
        ],
    )


@lemma("sawtooth-glue-before")
def sawtooth_glue_before(
    p: Proof, f: RealMap, left: RealMap, right: RealMap, s: Integer, t: Integer, c: Real
) -> Theorem:
    """A function s-sawtooth before c and t-sawtooth from c on is (s + t)-sawtooth."""
    before, after, glued = p.given(
        sawtooth(left, s),
        sawtooth(right, t),
        forall(x, f(x) == if_then_else(x < c, left(x), right(x))),
    )
    p.show(sawtooth(f, s + t))
    return side_by_side(p, f, (s, t), (before, after), lambda x: x < c, glued)


@lemma("sawtooth-glue-upto")
def sawtooth_glue_upto(
    p: Proof, f: RealMap, left: RealMap, right: RealMap, s: Integer, t: Integer, c: Real
) -> Theorem:
    """A function s-sawtooth up to c, c included, and t-sawtooth beyond is (s + t)-sawtooth."""
    before, after, glued = p.given(
        sawtooth(left, s),
        sawtooth(right, t),
        forall(x, f(x) == if_then_else(x <= c, left(x), right(x))),
    )
    p.show(sawtooth(f, s + t))
    return side_by_side(p, f, (s, t), (before, after), lambda x: x <= c, glued)


@definition
def needs_pieces(f: RealMap, n: Integer, a: Real, b: Real) -> Formula:
    """f has no fewer than n pieces on [a, b]."""
    return forall(t, implies(sawtooth_on(f, t, a, b), n <= t))


@lemma("needs-one-piece")
def needs_one_piece(p: Proof, f: RealMap, a: Real, b: Real) -> Theorem:
    """On an interval that is not empty every function has a piece."""
    some = p.given(a <= b)
    p.show(needs_pieces(f, 1, a, b))

    def at(t: Integer) -> Theorem:
        def counted(here: Theorem) -> Theorem:
            *_, clauses = p.obtain(p.unfold(here), "label", "slope", "intercept")
            return p.have(1 <= t, p.at(clauses, a, a), some)

        return p.suppose(sawtooth_on(f, t, a, b), counted)

    return p.fold(p.goal, p.for_all("t", Integer, at))


@lemma("bend-adds-a-piece")
def bend_adds_a_piece(
    p: Proof, f: RealMap, n: Integer, a: Real, l: Real, m: Real, r: Real
) -> Theorem:
    """If f needs n pieces on [a, l] and bends between l and r, it needs n + 1 on [a, r]."""
    needed, order, bending = p.given(needs_pieces(f, n, a, l), a <= l, bends(f, l, m, r))
    p.show(needs_pieces(f, n + 1, a, r))
    *ends, bend = p.parts(p.unfold(bending))

    def at(t: Integer) -> Theorem:
        return p.suppose(sawtooth_on(f, t, a, r), lambda here: counted(t, here))

    def counted(t: Integer, here: Theorem) -> Theorem:
        L, S, C, clauses = p.obtain(p.unfold(here), "label", "slope", "intercept")
        between = [
            p.apply(clauses, u, v, given=[[order, *ends]])
            for u, v in ((l, m), (m, r), (l, r), (r, r))
        ]

        def on_one_line(same: Theorem) -> Theorem:
            """One label at both ends would put all three points on one line."""
            s, c = S(l), C(l)
            lines = [conjunction(S(v) == s, C(v) == c) for v in (m, r)]
            one = p.have(conjunction(L(m) == L(l), *lines), same, between, ends)
            scaled = [
                p.equal_values(lambda w, v=v: w * v, p.have(S(v) == s, one))  # type: ignore[misc]
                for v in (m, r)
            ]
            rises = p.have(
                conjunction(f(m) - f(l) == s * (m - l), f(r) - f(m) == s * (r - m)),
                between,
                one,
                scaled,
            )
            first, second = p.parts(rises)
            straight = p.have(
                (f(m) - f(l)) * (r - m) == (f(r) - f(m)) * (m - l),
                p.equal_values(lambda v: v * (r - m), first),
                p.equal_values(lambda v: v * (m - l), second),
            )
            return p.have(integer(1) <= 0, straight, bend)

        distinct = p.suppose(L(l) == L(r), on_one_line)
        rises = p.have(L(l) + 1 <= L(r), distinct, between, ends)
        before = p.apply(p.unfold(needed), given=[up_to(L, S, C, clauses)])
        return p.have(n + 1 <= t, rises, before, between)

    def up_to(L: Labelling, S: RealMap, C: RealMap, clauses: Theorem) -> Theorem:
        """The same structure shows that f has at most L(l) pieces on [a, l]."""
        return p.exhibit(
            sawtooth_on(f, L(l), a, l),
            L,
            S,
            C,
            fact=lambda x, y: [p.at(clauses, x, y), p.at(clauses, x, l), order, ends],
        )

    return p.fold(p.goal, p.for_all("t", Integer, at))


@lemma("needs-pieces-on-line")
def needs_pieces_on_line(p: Proof, f: RealMap, n: Integer, a: Real, b: Real, t: Integer) -> Theorem:
    """What needs n pieces on an interval needs as many on the line."""
    needed, everywhere = p.given(needs_pieces(f, n, a, b), sawtooth(f, t))
    p.show(n <= t)
    here = sawtooth_restrict(p, a=a, b=b, given=[everywhere])
    return p.apply(p.unfold(needed), given=[here])
