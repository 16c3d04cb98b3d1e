"""B. Networks: how many affine pieces a network of given widths can have.

A network has ``depth`` activation layers, layer i of width w(i), w(0) = 1, and an affine read-out.
A whole layer gets one label, not one for each unit: that is what sharpens the bound.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from proofs.arithmetic import (
    below,
    count,
    count_between,
    count_equal,
    count_monotone,
    digits_increase,
    j,
    power,
    power_monotone,
    product,
    product_congruence,
    product_constant,
    total,
    total_affine,
    total_congruence,
    total_pick,
)
from proofs.sawtooth import (
    Structure,
    construct,
    relu,
    relu_sawtooth,
    sawtooth,
    sawtooth_compose,
    sawtooth_congruence,
    sawtooth_positive,
    sawtooth_weaken,
)
from verifier.proving import (
    Fact,
    Formula,
    Integer,
    IntegerSequence,
    Labelling,
    Premise,
    Proof,
    Real,
    RealMap,
    RealMapSequence,
    RealMatrix,
    RealSequence,
    RealTensor,
    Term,
    Theorem,
    conjunction,
    definition,
    disjunction,
    exists,
    forall,
    function,
    if_then_else,
    implies,
    integer,
    lemma,
    real,
    reals,
    recursion,
    theorem,
    variables,
)

LEMMA_2_1 = "Telgarsky 2015, Lemma 2.1"

x, y = reals("x y")
(label,) = variables("label", Labelling)
slope, intercept = variables("slope intercept", RealMapSequence)
(i,) = variables("i", Integer)


# What a network computes.


@recursion("i", zero=lambda weight, bias, φ, w, unit, x: x)
def value(
    value: Callable[..., Term],
    weight: RealTensor,
    bias: RealMatrix,
    φ: RealMap,
    w: IntegerSequence,
    i: Integer,
    unit: Integer,
    x: Real,
) -> Term:
    """The value of a unit of layer i at input x; layer 0 is the input.

    ``weight(i, unit, l)`` leads from unit l of layer i − 1 to a unit of layer i.
    """
    inputs = total(lambda l: weight(i + 1, unit, l) * value(weight, bias, φ, w, i, l, x), w(i))
    return φ(inputs + bias(i + 1, unit))


@definition
def output(
    weight: RealTensor,
    bias: RealMatrix,
    φ: RealMap,
    w: IntegerSequence,
    depth: Integer,
    readout: RealSequence,
    offset: Real,
    x: Real,
) -> Term:
    """The network's output: an affine read-out of its last layer."""
    return total(lambda l: readout(l) * value(weight, bias, φ, w, depth, l, x), w(depth)) + offset


@definition
def layered(w: IntegerSequence, depth: Integer) -> Formula:
    """w are the widths of a network of ``depth`` layers with one input."""
    widths = forall(i, implies(conjunction(1 <= i, i <= depth), 1 <= w(i)))
    return conjunction(0 <= depth, w(0) == 1, widths)


weight = variables("weight", RealTensor)[0]
bias = variables("bias", RealMatrix)[0]
readout = variables("readout", RealSequence)[0]
offset = reals("offset")[0]


@definition
def network(g: RealMap, φ: RealMap, w: IntegerSequence, depth: Integer) -> Formula:
    """g is computed by a network with activation φ, ``depth`` layers and widths w."""
    computed = forall(x, g(x) == output(weight, bias, φ, w, depth, readout, offset, x))
    return conjunction(layered(w, depth), exists(weight, bias, readout, offset, computed))


def compute(
    p: Proof,
    claim: Formula,
    widths: Theorem,
    weights: tuple[Any, ...],
    computed: Premise,
) -> Theorem:
    """A network computes a function, by its weights, biases, read-out and offset.

    Parameters
    ----------
    computed:
        That the function is the output everywhere, or of a point facts from which it follows.
    """
    *_, some_weights = p.clauses(claim)
    return p.fold(claim, p.both(widths, p.exhibit(some_weights, *weights, fact=computed)))


@dataclass(frozen=True)
class Network:
    """The network inside a proof that computes a function.

    Attributes
    ----------
    widths, natural:
        That it is layered, and that its depth is no negative number.
    equal:
        That the function is the network's output everywhere.
    """

    weight: RealTensor
    bias: RealMatrix
    readout: RealSequence
    offset: Real
    widths: Theorem
    natural: Theorem
    equal: Theorem

    @classmethod
    def of(cls, p: Proof, computed: Theorem) -> Network:
        """The network behind the fact that one computes a function."""
        widths, some_weights = p.open(computed)
        weight, bias, readout, offset, equal = p.obtain(
            some_weights, "weight", "bias", "readout", "offset"
        )
        return cls(weight, bias, readout, offset, widths, p.open(widths)[0], equal)


def network_depth(p: Proof, computed: Theorem) -> Theorem:
    """The depth of a network is no negative number."""
    return p.open(p.open(computed)[0])[0]


def uniform(m: Integer) -> IntegerSequence:
    """Every layer of width m, one input."""
    return function(lambda i: if_then_else(i <= 0, integer(1), m), IntegerSequence)


def pieces(w: IntegerSequence, t: Integer, depth: Integer) -> Integer:
    """The product of m_i·(t − 1) + 1 over the layers i = 1, …, depth."""
    return product(lambda i: w(i + 1) * (t - 1) + 1, depth)


# One labelling for a whole layer.


@definition
def joint_structure(
    v: RealMapSequence,
    m: Integer,
    pieces: Integer,
    label: Labelling,
    slope: RealMapSequence,
    intercept: RealMapSequence,
) -> Formula:
    """One labelling makes v(0, ·), …, v(m − 1, ·) affine on at most ``pieces`` common pieces."""
    in_range = conjunction(1 <= label(x), label(x) <= pieces)
    monotone = implies(x <= y, label(x) <= label(y))
    constant = implies(
        conjunction(below(j, m), label(x) == label(y)),
        conjunction(slope(j, x) == slope(j, y), intercept(j, x) == intercept(j, y)),
    )
    affine = implies(below(j, m), v(j, x) == slope(j, x) * x + intercept(j, x))
    return forall(x, y, j, conjunction(in_range, monotone, constant, affine))


@definition
def jointly_sawtooth(v: RealMapSequence, m: Integer, pieces: Integer) -> Formula:
    """v(0, ·), …, v(m − 1, ·) are affine on the same at most ``pieces`` intervals."""
    return exists(label, slope, intercept, joint_structure(v, m, pieces, label, slope, intercept))


@lemma("jointly-congruence")
def jointly_congruence(
    p: Proof, v: RealMapSequence, u: RealMapSequence, m: Integer, pieces: Integer
) -> Theorem:
    """Functions equal to jointly sawtooth ones are jointly sawtooth."""
    jointly, equal = p.given(
        jointly_sawtooth(v, m, pieces), forall(j, x, implies(below(j, m), v(j, x) == u(j, x)))
    )
    p.show(jointly_sawtooth(u, m, pieces))
    V = Structure.of(p, jointly)
    return construct(
        p,
        p.goal,
        label=V.label,
        slope=V.slope,
        intercept=V.intercept,
        because=lambda x, y, unit: [V.at(x, y, unit), p.at(equal, unit, x)],
    )


@lemma("jointly-sawtooth-unit")
def jointly_sawtooth_unit(
    p: Proof, v: RealMapSequence, m: Integer, pieces: Integer, unit: Integer
) -> Theorem:
    """Each one of jointly sawtooth functions is sawtooth with as many pieces."""
    jointly, inside = p.given(jointly_sawtooth(v, m, pieces), below(unit, m))
    p.show(sawtooth(lambda x: v(unit, x), pieces))
    V = Structure.of(p, jointly)
    return construct(
        p,
        p.goal,
        label=V.label,
        slope=lambda x: V.slope(unit, x),
        intercept=lambda x: V.intercept(unit, x),
        because=lambda x, y: [V.at(x, y, unit), inside],
    )


@lemma("layer-preactivation")
def layer_preactivation(
    p: Proof,
    v: RealMapSequence,
    n: Integer,
    pieces: Integer,
    weight: RealMatrix,
    bias: RealSequence,
    m: Integer,
) -> Theorem:
    """Affine combinations of jointly sawtooth functions are affine on the same pieces."""
    natural, jointly = p.given(0 <= n, jointly_sawtooth(v, n, pieces))
    V = Structure.of(p, jointly)

    def combined(u: Callable[[Integer, Real], Real]) -> Callable[[Integer, Real], Real]:
        return lambda unit, x: total(lambda l: weight(unit, l) * u(l, x), n)

    def shifted(u: Callable[[Integer, Real], Real]) -> Callable[[Integer, Real], Real]:
        return lambda unit, x: combined(u)(unit, x) + bias(unit)

    goal = function(shifted(v), RealMapSequence)
    p.show(jointly_sawtooth(goal, m, pieces))

    def constant(x: Real, y: Real, unit: Integer) -> Fact:
        """Equal labels make equal sums, term by term."""

        def equal_sums(u: RealMapSequence) -> Theorem:
            def one(l: Integer, same: Theorem) -> Theorem:
                return p.suppose(
                    below(l, n),
                    lambda inside: p.equal_values(
                        lambda s: weight(unit, l) * s,
                        p.have(u(l, x) == u(l, y), V.at(x, y, l), inside, same),
                    ),
                )

            return p.suppose(
                V.label(x) == V.label(y),
                lambda same: total_congruence(
                    p, given=[natural, p.for_all("l", Integer, lambda l: one(l, same))]
                ),
            )

        return [equal_sums(V.slope), equal_sums(V.intercept)]

    def affine(x: Real, unit: Integer) -> Fact:
        def line(l: Integer) -> Real:
            return weight(unit, l) * V.slope(l, x) * x + weight(unit, l) * V.intercept(l, x)

        def one(l: Integer) -> Theorem:
            def inside(within: Theorem) -> Theorem:
                on_piece = p.have(
                    v(l, x) == V.slope(l, x) * x + V.intercept(l, x), V.at(x, x, l), within
                )
                scaled = p.equal_values(lambda s: weight(unit, l) * s, on_piece)
                return p.have(weight(unit, l) * v(l, x) == line(l), scaled)

            return p.suppose(below(l, n), inside)

        pointwise = total_congruence(p, given=[natural, p.for_all("l", Integer, one)])
        linear = total_affine(
            p,
            lambda l: weight(unit, l) * V.slope(l, x),
            lambda l: weight(unit, l) * V.intercept(l, x),
            x,
            given=[natural],
        )
        return [pointwise, linear]

    return construct(
        p,
        p.goal,
        label=V.label,
        slope=combined(V.slope),
        intercept=shifted(V.intercept),
        because=lambda x, y, unit: V.at(x, y, unit),
        constant=constant,
        affine=affine,
    )


@lemma("layer-activation")
def layer_activation(
    p: Proof, u: RealMapSequence, m: Integer, pieces: Integer, φ: RealMap, t: Integer
) -> Theorem:
    """A t-sawtooth activation cuts each common piece of m functions into m(t − 1) + 1.

    On a common piece each unit moves one way, so the label of φ at the unit, counted from the
    matching end, never decreases; the sum over the units is the last digit of the new label.
    """
    natural, jointly, activation = p.given(0 <= m, jointly_sawtooth(u, m, pieces), sawtooth(φ, t))
    base = m * (t - 1) + 1
    activated = function(lambda j, x: φ(u(j, x)), RealMapSequence)
    p.show(jointly_sawtooth(activated, m, pieces * base))
    U, Φ = Structure.of(p, jointly), Structure.of(p, activation)

    def rank(j: Integer, x: Real) -> Integer:
        inner = Φ.label(u(j, x))
        return if_then_else(U.slope(j, x) >= 0, inner - 1, t - inner)

    def ranks(x: Real) -> Integer:
        return count(lambda j: rank(j, x), m)

    def digit(x: Real) -> Integer:
        return ranks(x) + 1

    def in_range(x: Real) -> Theorem:
        within = p.for_all(
            "j",
            Integer,
            lambda j: p.have(
                implies(below(j, m), conjunction(0 <= rank(j, x), rank(j, x) <= t - 1)),
                Φ.at(u(j, x), u(j, x)),
            ),
        )
        between = count_between(p, given=[natural, within])
        return p.have(conjunction(1 <= digit(x), digit(x) <= base), between)

    def no_smaller(x: Real, y: Real, same: Theorem, ordered: Theorem) -> Theorem:
        """On one piece of the layer no unit's rank decreases."""

        def one(j: Integer) -> Theorem:
            return p.have(
                implies(below(j, m), rank(j, x) <= rank(j, y)),
                same,
                p.have(
                    implies(
                        below(j, m),
                        conjunction(
                            U.slope(j, x) == U.slope(j, y),
                            disjunction(
                                conjunction(U.slope(j, x) >= 0, u(j, x) <= u(j, y)),
                                conjunction(U.slope(j, x) < 0, u(j, y) <= u(j, x)),
                            ),
                        ),
                    ),
                    same,
                    ordered,
                    U.at(x, y, j),
                    U.at(y, x, j),
                    name="each unit moves one way",
                ),
                Φ.at(u(j, x), u(j, y)),
                Φ.at(u(j, y), u(j, x)),
            )

        return p.for_all("j", Integer, one)

    def larger(x: Real, y: Real) -> Theorem:
        """A larger label of the layer makes a larger new label."""
        return p.suppose(
            U.label(x) < U.label(y),
            lambda less: digits_increase(p, given=[less, in_range(x), in_range(x), in_range(y)]),
        )

    def because(x: Real, y: Real, unit: Integer) -> Fact:
        same_piece = conjunction(U.label(x) == U.label(y), x <= y)
        monotone = p.suppose(
            same_piece,
            lambda both: count_monotone(p, given=[natural, no_smaller(x, y, both, both)]),
        )
        positive = p.have(1 <= base, in_range(x))
        lower = p.have(0 <= (U.label(x) - 1) * base, positive, U.at(x, y, unit))
        upper = p.have((U.label(x) - 1) * base + base <= pieces * base, positive, U.at(x, y, unit))
        return [in_range(x), lower, upper, U.at(x, y, unit), monotone, larger(x, y)]

    def constant(x: Real, y: Real, unit: Integer) -> Fact:
        """Equal new labels make equal layer labels and equal ranks of every unit."""
        new_label = [(U.label(z) - 1) * base + digit(z) for z in (x, y)]

        def equal_ranks(inside: Theorem) -> Theorem:
            same = p.have(U.label(x) == U.label(y), inside, larger(x, y), larger(y, x))
            heads = p.equal_values(lambda s: (s - 1) * base, same)
            sums = p.have(ranks(x) == ranks(y), inside, heads)

            def compare(a: Real, b: Real, order: Theorem) -> Theorem:
                equal = count_equal(p, i=unit, given=[inside, no_smaller(a, b, same, order), sums])
                return p.both(p.have(rank(unit, x) == rank(unit, y), equal), same)

            return p.cases(
                x <= y,
                lambda order: compare(x, y, order),
                lambda order: compare(y, x, p.have(y <= x, order)),
            )

        same_label = conjunction(below(unit, m), new_label[0] == new_label[1])

        def equal_lines(inside: Theorem) -> Theorem:
            ranks_and_pieces = equal_ranks(inside)
            layer = p.have(
                conjunction(
                    U.slope(unit, x) == U.slope(unit, y),
                    U.intercept(unit, x) == U.intercept(unit, y),
                ),
                inside,
                ranks_and_pieces,
                U.at(x, y, unit),
            )
            outer = p.have(
                conjunction(
                    Φ.slope(u(unit, x)) == Φ.slope(u(unit, y)),
                    Φ.intercept(u(unit, x)) == Φ.intercept(u(unit, y)),
                ),
                layer,
                ranks_and_pieces,
                Φ.at(u(unit, x), u(unit, y)),
            )
            return p.have(
                conjunction(
                    Φ.slope(u(unit, x)) * U.slope(unit, x)
                    == Φ.slope(u(unit, y)) * U.slope(unit, y),
                    Φ.slope(u(unit, x)) * U.intercept(unit, x) + Φ.intercept(u(unit, x))
                    == Φ.slope(u(unit, y)) * U.intercept(unit, y) + Φ.intercept(u(unit, y)),
                ),
                layer,
                outer,
            )

        return p.suppose(same_label, equal_lines)

    def affine(x: Real, unit: Integer) -> Fact:
        outer = p.have(
            φ(u(unit, x)) == Φ.slope(u(unit, x)) * u(unit, x) + Φ.intercept(u(unit, x)),
            Φ.at(u(unit, x), u(unit, x)),
        )

        def inside(within: Theorem) -> Theorem:
            inner = p.have(
                u(unit, x) == U.slope(unit, x) * x + U.intercept(unit, x), U.at(x, x, unit), within
            )
            scaled = p.equal_values(lambda s: Φ.slope(u(unit, x)) * s, inner)
            return p.have(
                φ(u(unit, x))
                == Φ.slope(u(unit, x)) * U.slope(unit, x) * x
                + (Φ.slope(u(unit, x)) * U.intercept(unit, x) + Φ.intercept(u(unit, x))),
                outer,
                scaled,
            )

        return p.suppose(below(unit, m), inside)

    return construct(
        p,
        p.goal,
        label=lambda x: (U.label(x) - 1) * base + digit(x),
        slope=lambda j, x: Φ.slope(u(j, x)) * U.slope(j, x),
        intercept=lambda j, x: Φ.slope(u(j, x)) * U.intercept(j, x) + Φ.intercept(u(j, x)),
        because=because,
        constant=constant,
        affine=affine,
    )


@theorem("layer-step", source=f"{LEMMA_2_1}, one layer, sharpened")
def layer_step(
    p: Proof,
    v: RealMapSequence,
    n: Integer,
    pieces: Integer,
    weight: RealMatrix,
    bias: RealSequence,
    m: Integer,
    φ: RealMap,
    t: Integer,
) -> Theorem:
    """From n inputs affine on N common pieces, m units with a t-sawtooth activation make
    outputs affine on N·(m(t − 1) + 1) common pieces."""
    inputs, units, jointly, activation = p.given(
        0 <= n, 0 <= m, jointly_sawtooth(v, n, pieces), sawtooth(φ, t)
    )

    def preactivation(j: Integer, x: Real) -> Real:
        return total(lambda l: weight(j, l) * v(l, x), n) + bias(j)

    p.show(jointly_sawtooth(lambda j, x: φ(preactivation(j, x)), m, pieces * (m * (t - 1) + 1)))
    before = layer_preactivation(p, weight=weight, bias=bias, m=m, given=[inputs, jointly])
    return layer_activation(p, given=[units, before, activation])


@lemma("layered-width")
def layered_width(p: Proof, w: IntegerSequence, depth: Integer, i: Integer) -> Theorem:
    """Every layer from 0 to the depth has at least one unit."""
    network_widths, inside = p.given(layered(w, depth), conjunction(0 <= i, i <= depth))
    p.show(1 <= w(i))
    _, first, widths = p.parts(p.unfold(network_widths))
    return p.cases(
        i == 0,
        lambda zero: p.have(1 <= w(i), first, p.equal_values(lambda s: w(s), zero)),
        lambda other: p.have(1 <= w(i), p.at(widths, i), inside, other),
    )


@lemma("layers-jointly-sawtooth")
def layers_jointly_sawtooth(
    p: Proof,
    weight: RealTensor,
    bias: RealMatrix,
    φ: RealMap,
    t: Integer,
    w: IntegerSequence,
    depth: Integer,
    i: Integer,
) -> Theorem:
    """The units of layer i are affine on ∏ (m_h(t − 1) + 1) common pieces, h = 1, …, i."""
    widths, activation, inside = p.given(
        layered(w, depth), sawtooth(φ, t), conjunction(0 <= i, i <= depth)
    )

    def layer(i: Integer) -> RealMapSequence:
        return function(lambda unit, x: value(weight, bias, φ, w, i, unit, x), RealMapSequence)

    def claim(i: Integer) -> Formula:
        return implies(i <= depth, jointly_sawtooth(layer(i), w(i), pieces(w, t, i)))

    p.show(jointly_sawtooth(layer(i), w(i), pieces(w, t, i)))
    zero = integer(0)

    def base() -> Theorem:
        one_piece = construct(
            p,
            jointly_sawtooth(layer(zero), w(zero), integer(1)),
            label=lambda x: integer(1),
            slope=lambda j, x: real(1),
            intercept=lambda j, x: real(0),
            because=lambda x, y, unit: p.meaning(layer(zero)(unit, x)),
        )
        return p.have(claim(zero), one_piece, p.meaning(pieces(w, t, zero)))

    def step(i: Integer, natural: Theorem, hypothesis: Theorem) -> Theorem:
        def within(bound: Theorem) -> Theorem:
            before = p.have(jointly_sawtooth(layer(i), w(i), pieces(w, t, i)), hypothesis, bound)
            here = layered_width(p, i=i, given=[widths, [natural, bound]])
            above = layered_width(p, i=i + 1, given=[widths, [natural, bound]])
            stepped = layer_step(
                p,
                weight=lambda unit, l: weight(i + 1, unit, l),
                bias=lambda unit: bias(i + 1, unit),
                m=w(i + 1),
                given=[here, above, before, activation],
            )
            equal = p.for_all_sorted(
                [("unit", Integer), ("x", Real)],
                lambda unit, x: p.have(
                    implies(
                        below(unit, w(i + 1)),
                        φ(
                            total(lambda l: weight(i + 1, unit, l) * layer(i)(l, x), w(i))
                            + bias(i + 1, unit)
                        )
                        == layer(i + 1)(unit, x),
                    ),
                    p.successor(layer(i + 1)(unit, x), natural),
                ),
            )
            grown = jointly_congruence(p, given=[stepped, equal])
            return p.have(
                jointly_sawtooth(layer(i + 1), w(i + 1), pieces(w, t, i + 1)),
                grown,
                p.successor(pieces(w, t, i + 1), natural),
            )

        return p.suppose(i + 1 <= depth, within)

    reached = p.by_induction(i, inside, claim, base, step)
    return p.have(p.goal, reached, inside)


@theorem("network-pieces-sharp", source=f"{LEMMA_2_1}, sharpened, for every width")
def network_pieces_sharp(
    p: Proof, g: RealMap, φ: RealMap, t: Integer, w: IntegerSequence, depth: Integer
) -> Theorem:
    """A network of widths m_i with a t-sawtooth activation is ∏ (m_i(t − 1) + 1)-sawtooth."""
    computed, activation = p.given(network(g, φ, w, depth), sawtooth(φ, t))
    p.show(sawtooth(g, pieces(w, t, depth)))
    net = Network.of(p, computed)
    weight, bias, readout, offset = net.weight, net.bias, net.readout, net.offset
    widths, natural, equal = net.widths, net.natural, net.equal
    last = layers_jointly_sawtooth(p, weight, bias, i=depth, given=[widths, activation, natural])
    positive = layered_width(p, i=depth, given=[widths, natural])

    def outputs(x: Real) -> Real:
        return output(weight, bias, φ, w, depth, readout, offset, x)

    read = layer_preactivation(
        p,
        weight=lambda unit, l: readout(l),
        bias=lambda unit: offset,
        m=integer(1),
        given=[positive, last],
    )
    read_out = function(
        lambda unit, x: (
            total(lambda l: readout(l) * value(weight, bias, φ, w, depth, l, x), w(depth)) + offset
        ),
        RealMapSequence,
    )
    single = jointly_sawtooth_unit(p, unit=integer(0), given=[read, []])
    same = p.for_all(
        "x",
        Real,
        lambda x: p.have(read_out(integer(0), x) == g(x), p.meaning(outputs(x)), p.at(equal, x)),
    )
    return sawtooth_congruence(p, g=g, given=[single, same])


@lemma("pieces-uniform")
def pieces_uniform(p: Proof, m: Integer, t: Integer, depth: Integer) -> Theorem:
    """For uniform width the product of m(t − 1) + 1 over the layers is its power."""
    natural = p.given(0 <= depth)
    base = m * (t - 1) + 1
    p.show(pieces(uniform(m), t, depth) == power(base, depth))
    equal = p.for_all(
        "j",
        Integer,
        lambda j: p.have(
            implies(below(j, depth), uniform(m)(j + 1) * (t - 1) + 1 == base),
            p.suppose(
                0 <= j,
                lambda nonnegative: p.equal_values(
                    lambda s: s * (t - 1) + 1, p.have(uniform(m)(j + 1) == m, nonnegative)
                ),
            ),
        ),
    )
    same = product_congruence(p, given=[natural, equal])
    return p.have(p.goal, same, product_constant(p, base, given=[natural]))


@theorem("network-pieces-uniform", source=f"{LEMMA_2_1}, sharpened")
def network_pieces_uniform(
    p: Proof, g: RealMap, φ: RealMap, t: Integer, m: Integer, depth: Integer
) -> Theorem:
    """A network of depth ℓ and uniform width m is (m(t − 1) + 1)^ℓ-sawtooth."""
    computed, activation = p.given(network(g, φ, uniform(m), depth), sawtooth(φ, t))
    p.show(sawtooth(g, power(m * (t - 1) + 1, depth)))
    sharp = network_pieces_sharp(p, given=[computed, activation])
    natural = network_depth(p, computed)
    return p.have(p.goal, sharp, pieces_uniform(p, m, t, given=[natural]))


@theorem("network-pieces-relu", source=f"{LEMMA_2_1}, sharpened, for relu")
def network_pieces_relu(p: Proof, g: RealMap, m: Integer, depth: Integer) -> Theorem:
    """A relu network of depth ℓ and uniform width m is (m + 1)^ℓ-sawtooth."""
    computed = p.given(network(g, lambda x: relu(x), uniform(m), depth))
    p.show(sawtooth(g, power(m + 1, depth)))
    sharp = network_pieces_uniform(p, given=[computed, relu_sawtooth(p)])
    base = p.have(m * (integer(2) - 1) + 1 == m + 1)
    return p.have(p.goal, sharp, p.equal_values(lambda b: power(b, depth), base))


@lemma("pieces-below-lecture")
def pieces_below_lecture(p: Proof, m: Integer, t: Integer, depth: Integer) -> Theorem:
    """(m(t − 1) + 1)^ℓ ≤ (tm)^ℓ for m ≥ 1 and t ≥ 1."""
    units, cuts, natural = p.given(1 <= m, 1 <= t, 0 <= depth)
    base = m * (t - 1) + 1
    p.show(power(base, depth) <= power(t * m, depth))
    larger = p.have(base <= t * m, units)
    positive = p.have(0 <= base, p.have(0 <= m * (t - 1), units, cuts))
    return p.have(p.goal, power_monotone(p, given=[positive, larger, natural]))


@theorem("network-pieces", source=LEMMA_2_1)
def network_pieces(
    p: Proof, g: RealMap, φ: RealMap, t: Integer, m: Integer, depth: Integer
) -> Theorem:
    """A network of depth ℓ and uniform width m ≥ 1 is (tm)^ℓ-sawtooth."""
    computed, activation, units = p.given(network(g, φ, uniform(m), depth), sawtooth(φ, t), 1 <= m)
    p.show(sawtooth(g, power(t * m, depth)))
    sharp = network_pieces_uniform(p, given=[computed, activation])
    natural = network_depth(p, computed)
    cuts = sawtooth_positive(p, given=[activation])
    fewer = pieces_below_lecture(p, given=[units, cuts, natural])
    return sawtooth_weaken(p, given=[sharp, fewer])


@theorem("unit-pieces", source=f"{LEMMA_2_1}, for the units, index repaired")
def unit_pieces(
    p: Proof,
    weight: RealTensor,
    bias: RealMatrix,
    φ: RealMap,
    t: Integer,
    m: Integer,
    depth: Integer,
    i: Integer,
    unit: Integer,
    bound: Integer,
) -> Theorem:
    """Each unit of layer i ≥ 1 of a network of uniform width m is m⁻¹(tm)^i-sawtooth.

    The bound P is that number: m·P = (tm)^i.
    """
    widths, activation, layer, inside, bounded = p.given(
        layered(uniform(m), depth),
        sawtooth(φ, t),
        conjunction(1 <= i, i <= depth),
        below(unit, m),
        m * bound == power(t * m, i),
    )
    w = uniform(m)
    p.show(sawtooth(lambda x: value(weight, bias, φ, w, i, unit, x), bound))
    before = layers_jointly_sawtooth(p, weight, bias, i=i - 1, given=[widths, activation, layer])
    inputs = w(i - 1)
    common = power(m * (t - 1) + 1, i - 1)
    wide = p.have(
        jointly_sawtooth(lambda unit, x: value(weight, bias, φ, w, i - 1, unit, x), inputs, common),
        before,
        pieces_uniform(p, m, t, i - 1, given=[layer]),
    )

    def preactivation(unit: Integer, x: Real) -> Real:
        return total(
            lambda l: weight(i, unit, l) * value(weight, bias, φ, w, i - 1, l, x), inputs
        ) + bias(i, unit)

    positive = layered_width(p, i=i - 1, given=[widths, layer])
    combined = layer_preactivation(
        p,
        weight=lambda unit, l: weight(i, unit, l),
        bias=lambda unit: bias(i, unit),
        m=m,
        given=[positive, wide],
    )
    single = jointly_sawtooth_unit(p, given=[combined, inside])
    composed = sawtooth_compose(p, given=[activation, single])
    one_more = p.have(i - 1 + 1 == i)
    equal = p.for_all(
        "x",
        Real,
        lambda x: p.have(
            φ(preactivation(unit, x)) == value(weight, bias, φ, w, i, unit, x),
            p.rewrite(
                p.successor(
                    value(weight, bias, φ, w, i - 1 + 1, unit, x), p.have(0 <= i - 1, layer)
                ),
                one_more,
            ),
        ),
    )
    here = sawtooth_congruence(p, given=[composed, equal])
    cuts = sawtooth_positive(p, given=[activation])
    units = p.have(1 <= m, inside)
    fewer = pieces_below_lecture(p, depth=i - 1, given=[units, cuts, layer])
    lecture = power(t * m, i - 1)
    unrolled = p.rewrite(p.successor(power(t * m, i - 1 + 1), p.have(0 <= i - 1, layer)), one_more)
    scaled = p.have(m * (t * common) <= m * (t * lecture), fewer, p.have(0 <= m * t, units, cuts))
    enough = p.have(t * common <= bound, scaled, unrolled, bounded, units)
    return sawtooth_weaken(p, given=[here, enough])


@theorem("network-node-output", source="Telgarsky's own convention")
def network_node_output(
    p: Proof,
    weight: RealTensor,
    bias: RealMatrix,
    φ: RealMap,
    w: IntegerSequence,
    depth: Integer,
    unit: Integer,
) -> Theorem:
    """A node of the last layer is the output of a network: the read-out picks that node."""
    widths, inside = p.given(layered(w, depth), below(unit, w(depth)))
    p.show(network(lambda x: value(weight, bias, φ, w, depth, unit, x), φ, w, depth))

    def pick(l: Integer) -> Real:
        return if_then_else(l == unit, real(1), real(0))

    def computed(x: Real) -> Theorem:
        node = value(weight, bias, φ, w, depth, unit, x)
        out = output(weight, bias, φ, w, depth, pick, real(0), x)
        picked = total_pick(p, lambda l: value(weight, bias, φ, w, depth, l, x), given=[inside])
        return p.have(node == out, p.meaning(out), picked)

    return compute(p, p.goal, widths, (weight, bias, pick, real(0)), computed)
