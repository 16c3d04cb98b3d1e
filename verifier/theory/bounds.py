"""What the library's theorems say at given numbers.

Each bound is a theorem of the kernel at literals; its value is that of the closed term in the
theorem's own conclusion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final

from proofs.arithmetic import power
from proofs.counting import increasing
from proofs.networks import network, pieces, uniform
from proofs.sawtooth import sawtooth
from proofs.telgarsky import alternating
from verifier import kernel
from verifier.errors import BadInput, VerifierError
from verifier.kernel import Theorem
from verifier.library.catalogue import load
from verifier.logic import REAL, Sort, Term, number, substitute, variable
from verifier.notation import shown, text
from verifier.proving import (
    REGISTRY,
    IntegerSequence,
    Proof,
    RealMap,
    RealSequence,
    function,
    if_then_else,
    integer,
    result,
    variables,
)
from verifier.theory.values import NotClosed, number_of, value_of

MOST: Final = 20_000
# Points up to which the dynamic programme is unrolled, which takes their square of steps.
MOST_UNROLLED: Final = 64

RATE: Final = "error rate on the alternating grid"
ERRORS: Final = "errors on the alternating grid"
PIECES: Final = "affine pieces of the network"
UNIT_PIECES: Final = "affine pieces of each unit of the last layer"
RUNS: Final = "runs of the network's classifier"
TENT_PIECES: Final = "affine pieces of tent^k on [0, 1]"
TENT_LINE: Final = "affine pieces of tent^k on the line"
WIDTH: Final = "uniform width that computes tent^k on [0, 1] at this depth"
SHALLOW_WIDTH: Final = "units that compute tent^k on [0, 1] in one relu layer"
LAYERS: Final = "relu layers that compute tent^k"
DEEP_PARAMETERS: Final = "parameters of the 2k-layer network"
SHALLOW_PARAMETERS: Final = "parameters of 2^k units in one layer"
# In this order bounds are listed.
QUANTITIES: Final = (
    RATE, ERRORS, PIECES, UNIT_PIECES, RUNS, WIDTH, SHALLOW_WIDTH, LAYERS,
    TENT_PIECES, TENT_LINE, DEEP_PARAMETERS, SHALLOW_PARAMETERS,
)  # fmt: skip
# These speak of a number of points.
POINTWISE: Final = frozenset({RATE, ERRORS})
AT_LEAST, AT_MOST, EXACTLY, ENOUGH = "at least", "at most", "exactly", "enough"


@dataclass(frozen=True)
class Shape:
    """The numbers a bound is asked at.

    Parameters
    ----------
    k:
        The iterate of the tent, so that there are 2^k grid points or about as many.
    widths:
        One width a layer.
    t:
        The pieces of the activation.
    points:
        How many labelled points.

    Raises
    ------
    BadInput
        If a number is out of range.
    """

    k: int
    widths: tuple[int, ...]
    t: int
    points: int

    def __post_init__(self) -> None:
        for option, value, least in (
            ("--k", self.k, 0),
            ("--depth", len(self.widths), 1),
            ("--activation-pieces", self.t, 1),
            ("--points", self.points, 1),
            *(("--width", width, 1) for width in self.widths),
        ):
            if value < least:
                raise BadInput(option, f"expected at least {least}, found {value}")
        for option, value in (("--k", self.k), ("--depth", len(self.widths))):
            if value > MOST:
                raise BadInput(option, f"expected at most {MOST}, found {value}")

    @property
    def depth(self) -> int:
        """The number of layers."""
        return len(self.widths)

    @property
    def width(self) -> int | None:
        """The width of every layer, None if they differ."""
        return self.widths[0] if len(set(self.widths)) == 1 else None

    @property
    def sequence(self) -> Term:
        """The widths as the library writes them."""
        if self.width is not None:
            return uniform(integer(self.width))

        def of_layer(i: Term) -> Term:
            width = integer(self.widths[-1])
            for layer in range(self.depth - 1, 0, -1):
                width = if_then_else(i <= layer, integer(self.widths[layer - 1]), width)
            return if_then_else(i <= 0, integer(1), width)

        return function(of_layer, IntegerSequence)


@dataclass(frozen=True)
class Bound:
    """One theorem at given numbers.

    Attributes
    ----------
    theorem:
        Its name in the library.
    relation:
        ``at least``, ``at most``, ``exactly``, or ``enough`` for a construction.
    value:
        The closed bound in its conclusion; None if the theorem does not apply.
    applies, why_not:
        Whether its closed hypotheses hold at these numbers, and which one fails.
    conditions:
        The other hypotheses: on which networks, activations, points the bound holds.
    statement:
        The theorem at these numbers.
    note:
        What the value means here, where that is not plain.
    """

    theorem: str
    quantity: str
    relation: str
    value: Fraction | None
    applies: bool
    why_not: str = ""
    conditions: tuple[str, ...] = ()
    statement: str = ""
    note: str = ""
    at: Theorem | None = None


@dataclass(frozen=True)
class Instance:
    """A theorem at some values: its hypotheses, its conclusion, and the theorem of the kernel."""

    theorem: Theorem
    hypotheses: tuple[Term, ...]
    conclusion: Term

    @classmethod
    def of(cls, theorem: Theorem) -> Instance:
        """Split what a theorem says into hypotheses and conclusion."""
        hypotheses, formula = [], theorem.conclusion
        while formula.operator == "=>":
            hypothesis, formula = formula.arguments
            hypotheses.append(hypothesis)
        return cls(theorem, tuple(hypotheses), formula)

    def open(self) -> tuple[str, tuple[str, ...]]:
        """The first closed hypothesis that is false, if any, and the ones that are not closed."""
        conditions = []
        for hypothesis in self.hypotheses:
            try:
                holds = value_of(hypothesis)
            except NotClosed:
                conditions.append(text(hypothesis))
                continue
            if not holds:
                return f"needs {text(hypothesis)}", ()
        return "", tuple(conditions)


def instance(name: str, **values: Any) -> Instance:
    """Return a named result with some of its outer variables put at values.

    Examples
    --------
    >>> print(instance("sawtooth-affine", a=2).conclusion)
    sawtooth(x ↦ 2·x + b, 1)

    Raises
    ------
    VerifierError
        If the result is not proved.
    """
    if name not in REGISTRY:
        load()
    theorem = result(name).run().theorem
    if theorem is None:
        raise VerifierError(f"{name} is not proved")
    while theorem.conclusion.operator == "forall":
        ((own,), (sort,)) = theorem.conclusion.data
        value = values.pop(own) if own in values else variable(own, sort)
        if not isinstance(value, Term) and isinstance(sort, Sort):
            value = number(value, sort)
        theorem = kernel.instantiate(theorem, value)
    if values:
        raise VerifierError(f"{name} has no variable {', '.join(values)}")
    return Instance.of(theorem)


def read(
    name: str,
    quantity: str,
    relation: str,
    found: Instance,
    pick: Callable[[Term], Term],
    note: str = "",
) -> Bound:
    """Return the bound in a theorem's conclusion, if its closed hypotheses hold."""
    failed, conditions = found.open()
    statement = shown(found.theorem.conclusion)
    if failed:
        return Bound(
            name, quantity, relation, None, False, failed, (), statement, "", found.theorem
        )
    value = number_of(pick(found.conclusion))
    return Bound(
        name, quantity, relation, value, True, "", conditions, statement, note, found.theorem
    )


def not_uniform(name: str, quantity: str, relation: str) -> Bound:
    """Return what a theorem about uniform widths says of others."""
    return Bound(name, quantity, relation, None, False, "needs layers of one width")


def last(formula: Term) -> Term:
    """The last part of a conjunction."""
    return formula.arguments[-1] if formula.operator == "and" else formula


def below(formula: Term) -> Term:
    """The left side of the inequality a conclusion ends with."""
    return last(formula).arguments[0]


def count_of(formula: Term) -> Term:
    """The number of pieces in ``sawtooth(f, t)``."""
    return last(formula).arguments[1]


def bounds(shape: Shape) -> list[Bound]:
    """Return what every theorem that bounds something says, by quantity, strongest first.

    Examples
    --------
    >>> best = bounds(Shape(10, (3, 3), 2, 1024))[0]
    >>> best.theorem, str(best.value)
    ('depth-separation-nonuniform', '31/64')
    """
    found = [
        *rates(shape),
        *error_counts(shape),
        *piece_counts(shape),
        *tent_counts(shape),
        *exact_widths(shape),
        *parameter_counts(shape),
    ]
    return sorted(found, key=strength)


def strength(bound: Bound) -> tuple[int, bool, Fraction]:
    """The order bounds are listed in: by quantity, those that apply first, strongest first."""
    value = Fraction(0) if bound.value is None else bound.value
    sign = -1 if bound.relation == AT_LEAST else 1
    return QUANTITIES.index(bound.quantity), not bound.applies, sign * value


def rates(shape: Shape) -> Iterator[Bound]:
    """Lower bounds on the error rate."""
    numbers = {"k": shape.k, "n": shape.points}
    found = instance(
        "depth-separation-nonuniform", **numbers, t=shape.t, w=shape.sequence, depth=shape.depth
    )
    yield read("depth-separation-nonuniform", RATE, AT_LEAST, found, below)
    for name in ("depth-separation-sharp", "telgarsky-1.2"):
        if shape.width is None:
            yield not_uniform(name, RATE, AT_LEAST)
            continue
        found = instance(name, **numbers, t=shape.t, m=shape.width, depth=shape.depth)
        yield read(name, RATE, AT_LEAST, found, below)
    yield relu_rate(shape)
    for name in ("rate-sharp", "rate"):
        note = "for any increasing points with alternating labels"
        yield read(name, RATE, AT_LEAST, rate_of_network(name, shape), below, note)


def relu_rate(shape: Shape) -> Bound:
    """Theorem 1.1, whose hypotheses speak of a real root: r ≥ 0, r^ℓ = 2^k/8, 2m ≤ r.

    For ℓ ≥ 1 there is such an r exactly if (2m)^ℓ ≤ 2^k/8.
    """
    name = "telgarsky-1.1"
    if shape.width is None:
        return not_uniform(name, RATE, AT_LEAST)
    if shape.t != 2:
        return Bound(name, RATE, AT_LEAST, None, False, "is about relu, which has 2 pieces")
    found = instance(name, k=shape.k, n=shape.points, m=shape.width, depth=shape.depth)
    root = variable("r", REAL)
    about_root = [h for h in found.hypotheses if root in h.free]
    *_, equation, narrow = about_root
    least = substitute(equation.arguments[0], {root: narrow.arguments[0]})
    wide_enough = least <= equation.arguments[1]
    if not value_of(wide_enough):
        why = f"needs {text(wide_enough)}"
        return Bound(name, RATE, AT_LEAST, None, False, why, (), shown(found.theorem.conclusion))
    bound = read(name, RATE, AT_LEAST, found, below)
    others = tuple(c for c in bound.conditions if c not in {text(h) for h in about_root})
    note = f"such an r exists, for {text(wide_enough)}"
    return replace(bound, conditions=others, note=note if bound.applies else "")


def rate_of_network(name: str, shape: Shape) -> Instance:
    """A rate for t-sawtooth functions, at the pieces a network of this shape can have."""
    g, φ = variables("g φ", RealMap)
    (points,) = variables("points", RealSequence)
    w, t, depth, n = shape.sequence, *map(integer, (shape.t, shape.depth, shape.points))
    p = Proof(name)
    premises = (network(g, φ, w, depth), sawtooth(φ, t), increasing(points, n))
    computed, activation, ordered = p.given(*premises)
    few = result("network-pieces-sharp")(p, g, φ, t, w, depth, given=[computed, activation])
    labels = result("alternating-labels")(p, n)
    found = result(name)(
        p, g, pieces(w, t, depth), points, alternating(), n, given=[few, ordered, labels, []]
    )
    for premise in reversed(premises):
        found = kernel.discharge(found, premise)
    return Instance.of(found)


def error_counts(shape: Shape) -> Iterator[Bound]:
    """Lower bounds on the number of errors, of any classifier with as many runs."""
    runs = 2 * pieces(shape.sequence, integer(shape.t), integer(shape.depth))
    found = instance("errors-alternating", n=shape.points, r=runs)
    bound = read("errors-alternating", ERRORS, AT_LEAST, found, below)
    if bound.value is not None:
        # The theorem bounds 2·errors.
        bound = replace(bound, value=bound.value / 2, note="half of n − r, for r = 2·pieces")
    yield bound
    name = "network-errors-fewest"
    found = instance(
        name, n=shape.points, t=shape.t, w=shape.sequence, depth=shape.depth, labels=alternating()
    )
    if shape.points > MOST_UNROLLED:
        why = "has a dynamic programme of more steps than are unrolled here; see --csv"
        yield Bound(name, ERRORS, AT_LEAST, None, False, why)
        return
    bound = read(name, ERRORS, AT_LEAST, found, lambda c: c.arguments[0].arguments[0])
    other = number_of(found.conclusion.arguments[1].arguments[0])
    if bound.value is not None:
        # One of two classes comes last; the theorem leaves open which.
        bound = replace(bound, value=min(bound.value, other))
    yield bound


def piece_counts(shape: Shape) -> Iterator[Bound]:
    """Upper bounds on pieces and runs."""
    t, depth, width = shape.t, shape.depth, shape.width
    name = "network-pieces-sharp"
    found = instance(name, t=t, w=shape.sequence, depth=depth)
    yield read(name, PIECES, AT_MOST, found, count_of)
    for name in ("network-pieces-uniform", "network-pieces"):
        if width is None:
            yield not_uniform(name, PIECES, AT_MOST)
        else:
            found = instance(name, t=t, m=width, depth=depth)
            yield read(name, PIECES, AT_MOST, found, count_of)
    name = "network-pieces-relu"
    if width is None:
        yield not_uniform(name, PIECES, AT_MOST)
    elif t != 2:
        yield Bound(name, PIECES, AT_MOST, None, False, "is about relu, which has 2 pieces")
    else:
        yield read(name, PIECES, AT_MOST, instance(name, m=width, depth=depth), count_of)
    yield unit_pieces(shape)
    found = instance("runs-general", t=pieces(shape.sequence, integer(t), integer(depth)))
    yield read("runs-general", RUNS, AT_MOST, found, count_of, "g with the pieces of a network")


def unit_pieces(shape: Shape) -> Bound:
    """m⁻¹(tm)^i, which the theorem writes as the number P with m·P = (tm)^i."""
    name, m, depth = "unit-pieces", shape.width, shape.depth
    if m is None:
        return not_uniform(name, UNIT_PIECES, AT_MOST)
    whole = int(number_of(power(shape.t * m, depth)))
    found = instance(name, t=shape.t, m=m, depth=depth, i=depth, bound=whole // m)
    return read(name, UNIT_PIECES, AT_MOST, found, count_of)


def tent_counts(shape: Shape) -> Iterator[Bound]:
    """What tent^k has, and what computes it."""
    name = "iterate-pieces-lower"
    found = instance(name, k=shape.k)
    yield read(name, TENT_PIECES, EXACTLY, found, lambda c: c.arguments[1].arguments[1])
    yield read(name, TENT_LINE, AT_MOST, found, count_of)
    name = "iterate-pieces-line"
    found = instance(name, k=shape.k)
    yield read(name, TENT_LINE, EXACTLY, found, lambda c: c.arguments[0].arguments[1])
    for name, widths in (
        ("exact-representation", "widths 2, 1, 2, 1, …"),
        ("exact-representation-uniform", "width 2"),
        ("exact-representation-half", "width 2"),
    ):
        yield read(name, LAYERS, ENOUGH, instance(name, k=shape.k), depth_of, widths)


def depth_of(conclusion: Term) -> Term:
    """The depth in ``network(g, φ, w, depth)``."""
    return last(conclusion).arguments[3]


def exact_widths(shape: Shape) -> Iterator[Bound]:
    """Which widths compute tent^k on [0, 1], and which are excluded."""
    name = "exact-width-lower"

    def at(widths: Shape) -> Instance:
        return instance(name, k=widths.k, t=widths.t, w=widths.sequence, depth=widths.depth)

    found = at(shape)
    excluded = not value_of(found.conclusion)
    asked = "this shape is excluded" if excluded else "this shape is not excluded"
    least = least_width(shape, lambda widths: bool(value_of(at(widths).conclusion)))
    if least is None:
        why = "no width does: the activation has one piece"
        yield Bound(name, WIDTH, AT_LEAST, None, False, why, (), shown(found.theorem.conclusion))
    else:
        conditions, statement = found.open()[1], shown(found.theorem.conclusion)
        yield Bound(
            name, WIDTH, AT_LEAST, Fraction(least), True, "", conditions, statement, asked,
            found.theorem,
        )  # fmt: skip
    found = instance("exact-width-lower-shallow", k=shape.k)
    yield read("exact-width-lower-shallow", SHALLOW_WIDTH, AT_LEAST, found, below)
    name = "shallow-representation"
    yield read(name, SHALLOW_WIDTH, ENOUGH, instance(name, k=shape.k), first_width)


def first_width(conclusion: Term) -> Term:
    """The width of the first layer in ``network(g, φ, w, depth)``, the first part."""
    return conclusion.arguments[0].arguments[2](integer(1))


def uniform_shape(shape: Shape, width: int) -> Shape:
    """The same shape with all layers of one width."""
    return replace(shape, widths=(width,) * shape.depth)


def least_width(shape: Shape, possible: Callable[[Shape], bool]) -> int | None:
    """The least uniform width that the theorem does not exclude, None if it excludes all.

    Raises
    ------
    VerifierError
        If the theorem excludes that width, or not the one below it.
    """
    if shape.t == 1:
        return None if shape.k else 1
    base = ceiling_root(2**shape.k, shape.depth)
    width = max(1, -(-(base - 1) // (shape.t - 1)))
    narrower = width > 1 and possible(uniform_shape(shape, width - 1))
    if narrower or not possible(uniform_shape(shape, width)):
        raise VerifierError(f"exact-width-lower does not say that {width} is the least width")
    return width


def ceiling_root(value: int, degree: int) -> int:
    """Return the least b ≥ 1 with b^degree ≥ value.

    >>> ceiling_root(1000, 3), ceiling_root(1001, 3)
    (10, 11)
    """
    low, high = 0, 1 << (value.bit_length() // degree + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if middle**degree >= value else (middle, high)
    return high


def parameter_counts(shape: Shape) -> Iterator[Bound]:
    """The deep network's parameters against the shallow one's."""
    name = "parameter-gap"
    found = instance(name, k=shape.k)
    yield read(name, DEEP_PARAMETERS, EXACTLY, found, lambda c: c.arguments[0].arguments[1])
    yield read(
        name, SHALLOW_PARAMETERS, EXACTLY, found, lambda c: last(c).arguments[1].arguments[1]
    )
