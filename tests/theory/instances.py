"""A concrete instance of every result that has hypotheses: exact numbers, explicit functions.

Where a bound can be attained, the instance attains it, so that a constant sharper by one is false.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

from tests.theory.meaning import Decided, Model, Network, Number, fewest_affine_runs

HALF, EIGHTH = Fraction(1, 2), Fraction(1, 8)


def grid(low: Number, high: Number, step: Fraction) -> tuple[Fraction, ...]:
    """low, low + step, …, high."""
    count = (high - low) / step
    return tuple(low + i * step for i in range(int(count) + 1))


# Every piece of every function below has an end at a multiple of 1/4 or is at least as long.
POINTS = grid(-2, 4, Fraction(1, 16))
FEW_POINTS = grid(-1, 2, Fraction(1, 4))
INTEGERS = tuple(range(-2, 19))


def instance(
    points: Iterable[Number] = POINTS,
    integers: Iterable[int] = INTEGERS,
    witnesses: dict[str, Any] | None = None,
    networks: Iterable[Network] = (),
    below: dict[str, Any] | None = None,
    **values: Any,
) -> Model:
    """A model of these values; samples as above unless given."""
    exact = tuple(sorted(Fraction(x) for x in points))
    return Model(values, exact, tuple(integers), witnesses or {}, tuple(networks), below or {})


# Functions, written independently of the library's definitions.


def relu(x: Number) -> Fraction:
    return Fraction(max(x, 0))


def step(x: Number) -> Number:
    return int(x >= 0)


def hat(x: Number) -> Number:
    return 2 * relu(x) - 4 * relu(x - HALF)


def tent(x: Number) -> Number:
    return max(Fraction(0), 1 - abs(2 * Fraction(x) - 1))


def iterated(f: Callable[[Number], Number], k: int) -> Callable[[Number], Number]:
    """f^k."""

    def power(x: Number) -> Number:
        for _ in range(k):
            x = f(x)
        return x

    return power


def constant(value: Number) -> Callable[..., Number]:
    """The function that is ``value`` everywhere."""
    return lambda *_: value


def identity(x: Number) -> Number:
    return x


def square(x: Number) -> Number:
    """No finite number of affine pieces."""
    return x * x


def half_step(x: Number) -> Number:
    """1 from 1/2 on, by the identity's class."""
    return int(x >= HALF)


def listed(*values: Number) -> Callable[[int], Number]:
    """The sequence that starts with these values and is 0 beyond."""
    return lambda i: values[i] if 0 <= i < len(values) else 0


def parity(i: int) -> int:
    return i % 2


def two_hinges(x: Number) -> Number:
    """Three pieces: bends at 0 and 1."""
    return relu(x) + relu(x - 1)


def pair(j: int, x: Number) -> Number:
    """relu(x) + relu(x − 1) and relu(x): affine on three common pieces."""
    return two_hinges(x) if j == 0 else relu(x)


def lines(j: int, x: Number) -> Number:
    """x − j."""
    return x - j


def odd_wide(i: int) -> int:
    """Widths 1, 2, 1, 2, …"""
    return 1 + i % 2


def uniform(m: int) -> Callable[[int], int]:
    """Width m after one input."""
    return lambda i: 1 if i <= 0 else m


# Networks.

HINGES = Network(constant(1), lambda i, u: -u, constant(1))
"""One layer of m units: relu(x) + relu(x − 1) + … + relu(x − m + 1)."""


def deep_weight(i: int, u: int, l: int) -> int:
    if i % 2:
        return int(l == 0)
    return (2, -4)[l] if u == 0 and l < 2 else 0


DEEP = Network(deep_weight, lambda i, u: -HALF if i % 2 and u == 1 else 0, lambda l: int(l == 0))
"""tent^k in 2k layers."""

MERGED = Network(
    lambda i, u, l: 1 if i == 1 else (2, -4)[l],
    lambda i, u: -HALF if u == 1 else 0,
    lambda l: (2, -4)[l],
)
"""hat^k in k layers of two units."""


def zigzag_network(k: int) -> Network:
    """tent^k on [0, 1] in one layer of 2^k units."""
    return Network(
        constant(2**k), lambda i, u: -u, lambda l: 1 if l == 0 else 2 if l % 2 == 0 else -2
    )


def zigzag(k: int) -> Callable[[Number], Number]:
    """tent^k on [0, 1], and on from there."""
    network = zigzag_network(k)
    return lambda x: network.output(relu, constant(2**k), 1, Fraction(x))


def turn(l: int) -> int:
    """The read-out of a zigzag: it bends down and up in turn."""
    return 1 if l == 0 else 2 if l % 2 == 0 else -2


BLOCKS = Network(lambda i, u, l: 2 if i <= 1 else 2 * turn(l), lambda i, u: -u, turn)
"""tent^k on [0, 1] in k layers of two units."""

FOLDS = Network(constant(2), constant(-1), constant(-1), 1)
"""tent^k on [0, 1] in k layers of one unit, with activation |x|."""


def folds(k: int) -> Callable[[Number], Number]:
    """1 − |2·… |2x − 1| … − 1|: tent^k on [0, 1], and on from there."""
    return lambda x: FOLDS.output(abs, uniform(1), k, Fraction(x))


TOOTH = grid(-1, 2, Fraction(1, 64))
ONE_LAYER: dict[str, Any] = {"weight": HINGES.weight, "bias": HINGES.bias, "φ": relu, "t": 2}
# 16 points, one hinge: the lecture's bound is 1/6.
SEPARATION: dict[str, Any] = {"k": 4, "n": 16, "g": relu, "m": 1, "depth": 1}
SEPARATED: dict[str, Any] = {"witnesses": {"deep": iterated(tent, 4)}, "networks": (HINGES, DEEP)}
# The class of x/2 changes between 0 and 1: two runs, one error on the labels 0, 1, 0, 1.
FOUR_POINTS: dict[str, Any] = {"points": identity, "labels": parity, "n": 4}


def with_points(model: Model, points: Callable[[int], Number], **values: Any) -> Model:
    """A model with a variable called ``points``, the name of the sample too."""
    return model.with_values(points=points, **values)


INSTANCES: dict[str, Model] = {
    # Arithmetic.
    "digits-increase": instance(a=1, b=2, s=3, r=1, base=3),
    "total-congruence": instance(a=listed(HALF, -3, 7), b=listed(HALF, -3, 1), n=2),
    "total-affine": instance(a=listed(HALF, -3), b=listed(2, 5), x=Fraction(2, 3), n=2),
    "count-between": instance(a=constant(2), n=3, low=2, high=2),
    "count-monotone": instance(a=listed(1, 2, 9), b=listed(1, 2, 0), n=2),
    "count-equal": instance(a=listed(1, 2, 9), b=listed(1, 2, 0), n=2, i=1),
    "product-congruence": instance(a=listed(3, -3, 7), b=listed(3, -3, 1), n=2),
    "product-monotone": instance(a=listed(1, 2, 9), b=listed(1, 2, 0), n=2),
    "product-constant": instance(b=-3, n=3),
    "power-monotone": instance(a=2, b=2, n=3),
    "power-of-product": instance(a=2, b=-3, n=3),
    "power-positive": instance(b=1, n=3),
    "total-pick": instance(a=listed(HALF, -3, 7), i=1, n=3),
    "division": instance(n=7, base=3),
    # Sawtooth functions.
    "sawtooth-weaken": instance(f=abs, t=2, bound=2),
    "sawtooth-positive": instance(f=identity, t=1),
    "sawtooth-congruence": instance(f=abs, g=lambda x: max(x, -x), t=2),
    "sawtooth-scale": instance(f=abs, t=2, α=Fraction(-2, 3), β=HALF),
    "sawtooth-sum-sharp": instance(f=relu, g=lambda x: relu(x - 1), k=2, l=2),
    "sawtooth-sum": instance(f=relu, g=lambda x: relu(x - 1), k=2, l=2),
    "sawtooth-compose": instance(f=lambda y: abs(y - 1), g=abs, k=2, l=2),
    "sawtooth-sum-finite": instance(f=lambda j, x: relu(x - j), t=2, m=3),
    # Errors.
    "runs-general": instance(g=lambda x: x + (x < 0), t=2),
    "errors-alternating": with_points(
        instance(), identity, guess=constant(0), labels=parity, n=5, r=1
    ),
    "fewest-errors-monotone": instance(integers=range(-1, 5), labels=parity, n=3),
    "errors-fewest": with_points(
        instance(), identity, guess=half_step, labels=parity, n=4, r=2
    ),
    "rate-sharp": instance(g=lambda x: Fraction(x) / 2, t=1).with_values(**FOUR_POINTS),
    "rate": instance(g=lambda x: Fraction(x) / 2, t=1).with_values(**FOUR_POINTS),
    "lecture-bound": instance(t=1, n=4),
    # Layers and networks.
    "jointly-congruence": instance(
        v=pair, u=lambda j, x: pair(j, x) if j < 2 else 0, m=2, pieces=3
    ),
    "jointly-sawtooth-unit": instance(v=pair, m=2, pieces=3, unit=0),
    "layer-preactivation": instance(
        v=pair, n=2, pieces=3, weight=lambda u, l: u - l, bias=constant(HALF), m=2
    ),
    "layer-activation": instance(u=lines, m=2, pieces=1, φ=relu, t=2),
    "layer-step": instance(
        v=lambda l, x: x, n=1, pieces=1, weight=constant(1), bias=lambda j: -j, m=2, φ=relu, t=2
    ),
    "layered-width": instance(w=odd_wide, depth=2, i=2),
    "layers-jointly-sawtooth": instance(w=uniform(2), depth=1, i=1, **ONE_LAYER),
    "network-pieces-sharp": instance(
        networks=[HINGES], g=two_hinges, φ=relu, t=2, w=uniform(2), depth=1
    ),
    "pieces-uniform": instance(m=2, t=2, depth=3),
    "network-pieces-uniform": instance(
        networks=[HINGES], g=two_hinges, φ=relu, t=2, m=2, depth=1
    ),
    "network-pieces-relu": instance(networks=[HINGES], g=two_hinges, m=2, depth=1),
    "pieces-below-lecture": instance(m=1, t=2, depth=0),
    "network-pieces": instance(networks=[HINGES], g=relu, φ=relu, t=2, m=1, depth=1),
    "unit-pieces": instance(m=1, depth=1, i=1, unit=0, bound=2, **ONE_LAYER),
    "network-node-output": instance(
        networks=[Network(DEEP.weight, DEEP.bias, lambda l: int(l == 0))],
        weight=DEEP.weight, bias=DEEP.bias, φ=relu, w=odd_wide, depth=2, unit=0,
    ),
    # The tent map and its networks.
    "iterate-outer": instance(k=2),
    "iterate-on-cell": instance(k=2),
    "iterate-at-zero": instance(k=3),
    "iterate-outside": instance(k=1, x=Fraction(3, 2)),
    "iterate-closed-form": instance(k=2, i=3, x=Fraction(7, 8)),
    "iterate-grid-point": instance(k=2, i=3, x=Fraction(3, 4)),
    "iterate-grid": instance(k=2, i=3),
    "iterate-self-similar": instance(k=3, i=2, z=Fraction(2, 3)),
    "deep-network-values": instance(w=odd_wide, k=2, x=Fraction(2, 7)),
    "deep-network-output": instance(networks=[DEEP], w=odd_wide, k=2),
    "exact-representation": instance(networks=[DEEP], k=2),
    "exact-representation-uniform": instance(networks=[DEEP], k=2),
    "exact-representation-recurrent": instance(k=2, x=Fraction(2, 7)),
    "hat-iterate-inside": instance(k=2),
    "hat-iterate-below": instance(k=1),
    "exact-representation-merged": instance(k=2, x=Fraction(5, 3)),
    "hat-iterate-outer": instance(k=2),
    "merged-network-values": instance(k=1, x=Fraction(2, 7)),
    "exact-representation-half": instance(networks=[MERGED], k=2),
    # Pieces of the tent.
    "sawtooth-restrict": instance(f=abs, t=2, a=-1, b=1),
    "pieces-at-bends": with_points(
        instance(f=two_hinges, t=3, a=-1, b=3), lambda i: i - HALF, middles=identity, n=3
    ),
    "bends-midway": instance(f=abs, left=-1, middle=0, right=1),
    "iterate-pieces-at-least": instance(points=TOOTH, k=3, t=8),
    "iterate-pieces-at-most": instance(points=TOOTH, k=3),
    "iterate-pieces-on-line": instance(points=TOOTH, k=3),
    "iterate-pieces-lower": instance(points=TOOTH, k=3),
    "iterate-pieces-line-at-least": instance(points=TOOTH, k=3, t=10),
    "iterate-pieces-line": instance(points=TOOTH, k=3),
    "sawtooth-on-congruence": instance(f=tent, g=hat, t=2, a=0, b=1),
    # Gluing and bends.
    "sawtooth-glue-before": instance(
        f=lambda x: -1 if x < 1 else abs(x - 2), left=constant(-1), right=lambda x: abs(x - 2),
        s=1, t=2, c=1,
    ),
    "sawtooth-glue-upto": instance(
        f=lambda x: -1 if x <= 1 else abs(x - 2), left=constant(-1), right=lambda x: abs(x - 2),
        s=1, t=2, c=1,
    ),
    "needs-one-piece": instance(f=identity, a=0, b=0),
    "bend-adds-a-piece": instance(f=two_hinges, n=2, a=-1, l=HALF, m=1, r=2),
    "needs-pieces-on-line": instance(f=two_hinges, n=3, a=-1, b=2, t=3),
    # One wide layer.
    "zigzag-on-cell": instance(k=2, i=2, n=4, x=Fraction(2, 3)),
    "unit-interval-cell": instance(n=3, u=Fraction(5, 2)),
    "zigzag-is-iterate": instance(k=2, x=Fraction(5, 7)),
    "shallow-representation": instance(networks=[zigzag_network(2)], k=2),
    "deep-equals-shallow": instance(
        networks=[zigzag_network(2)], witnesses={"shallow": zigzag(2)}, k=2
    ),
    # The theorems.
    "grid-increasing": instance(k=2, n=5),
    "grid-nonempty": instance(k=0, n=1),
    "iterate-has-no-errors": instance(k=3, n=9),
    "alternating-labels": instance(n=3, i=2),
    "depth-separation-nonuniform": instance(
        networks=[HINGES], k=4, n=17, g=two_hinges, φ=relu, t=2, w=uniform(2), depth=1
    ),
    "depth-separation-sharp": instance(**SEPARATED, **SEPARATION, φ=relu, t=2),
    "shallow-rate": instance(**SEPARATED, **SEPARATION, φ=relu, t=2),
    "telgarsky-1.2": instance(**SEPARATED, **SEPARATION, φ=relu, t=2),
    "deep-is-perfect": instance(**SEPARATED, k=4, n=17),
    "power-below-root": instance(b=2, r=2, n=3),
    "telgarsky-1.1": instance(**SEPARATED, **SEPARATION, r=2),
    "exact-width-lower": instance(
        networks=[FOLDS], k=2, g=folds(2), φ=abs, t=2, w=uniform(1), depth=2
    ),
    "exact-width-lower-shallow": instance(networks=[zigzag_network(2)], k=2, g=zigzag(2), m=4),
    "network-errors-fewest": with_points(
        instance(networks=[HINGES], g=relu, φ=relu, t=2, w=uniform(1), depth=1),
        identity, labels=parity, n=6,
    ),
    "deep-parameters": instance(k=3),
    "linear-below-power": instance(k=2),
    "parameter-gap": instance(k=3),
    # Uniform distance.
    "some-error": with_points(instance(), identity, guess=constant(1), labels=parity, n=1),
    "runs-gap": instance(g=constant(HALF), k=2, r=1),
    "sup-gap": instance(g=constant(HALF), k=1, t=1),
    "sup-gap-network": instance(
        networks=[HINGES], g=relu, k=2, φ=relu, t=2, w=uniform(1), depth=1
    ),
    "runs-continuous": instance(g=identity, t=1),
    "errors-continuous": instance(g=identity, t=1).with_values(**FOUR_POINTS),
    "sup-gap-continuous": instance(g=constant(HALF), k=1, t=1),
    # Continuity.
    "polygonal-through": instance(
        points=FEW_POINTS, v=lambda j, x: x, a=1, u=lambda j, x: relu(x), b=1
    ),
    "polygonal-combined": instance(
        points=FEW_POINTS, v=pair, a=2, u=lambda j, x: pair(0, x) + pair(1, x) + j, b=1,
        weight=constant(1), bias=identity,
    ),
    "polygonal-congruence": instance(points=FEW_POINTS, v=pair, m=1, u=pair),
    "polygonal-relu-one": instance(
        points=FEW_POINTS, v=lines, m=2, u=lambda j, x: relu(x) if j == 0 else x - j, unit=0
    ),
    "polygonal-relu": instance(points=FEW_POINTS, v=lines, m=2, u=lambda j, x: relu(x - j)),
    "layers-polygonal": instance(
        points=FEW_POINTS, weight=HINGES.weight, bias=HINGES.bias, w=uniform(2), depth=1, i=1
    ),
    "polygonal-intermediate": instance(points=FEW_POINTS, v=pair),
    "network-continuous": instance(networks=[HINGES], g=two_hinges, w=uniform(2), depth=1),
    "sup-gap-relu": instance(networks=[HINGES], g=relu, k=2, w=uniform(1), depth=1),
    "depth-separation-relu": instance(**SEPARATED, **SEPARATION),
    "telgarsky-1.1-sharp": instance(**SEPARATED, **SEPARATION, r=2),
    # A hierarchy of depths.
    "power-of-sum": instance(b=-3, k=1, l=2),
    "power-of-power": instance(b=-3, k=1, l=2),
    "iterate-stays": instance(k=2, x=Fraction(1, 3)),
    "iterate-add": instance(a=1, b=2, x=Fraction(2, 7)),
    "block-values": instance(s=1, i=1, x=Fraction(2, 7)),
    "depth-width-trade": instance(
        networks=[BLOCKS], witnesses={"deep": lambda x: BLOCKS.output(relu, uniform(2), 2, x)},
        s=1, depth=2,
    ),
    "depth-hierarchy": instance(networks=[HINGES, MERGED], k=1, g=relu, w=uniform(1), depth=1),
    "depth-hierarchy-uniform": instance(networks=[HINGES, MERGED], k=1, g=relu, m=1, depth=1),
    # The square.
    "tent-bump": instance(x=Fraction(1, 3)),
    "quarter-power-positive": instance(k=1),
    "square-approximation": instance(k=2, x=Fraction(1, 3)),
    "square-approximation-error": instance(k=1, x=Fraction(1, 4)),
    "square-bends": instance(g=square, t=1, ε=Fraction(1, 16), l=0, m=HALF, r=1),
    "square-needs-pieces": instance(g=lambda x: x - EIGHTH, t=1, ε=EIGHTH),
    "square-needs-units": instance(
        networks=[Network(constant(0), constant(0), constant(1), -EIGHTH)],
        g=lambda x: x - EIGHTH, m=1, depth=0, ε=EIGHTH,
    ),
    # Bounds that are attained.
    "hinges-bend": instance(start=1, n=3, i=2),
    "sawtooth-sum-tight": instance(
        witnesses={"f": relu, "g": lambda x: relu(x - 1)}, k=2, l=2
    ),
    "steps-count": instance(spacing=2, j=2, n=3, x=5),
    "staircase-of-teeth": instance(k=3, l=2, j=1, i=2, x=Fraction(11, 2)),
    "sawtooth-compose-tight": instance(
        witnesses={"f": lambda y: y + step(y - 1), "g": lambda x: x - 2 * step(x - 2)}, k=2, l=2
    ),
}  # fmt: skip


# Instances of the false neighbours: their hypotheses hold and their conclusions do not.


def zero_at_three(x: Number) -> Number:
    """On the line through 0, 1, 2, 4, and off it at 3."""
    return 0 if x == 3 else x


def spike(x: Number) -> Number:
    """0, 1, 0 at 0, 1, 2."""
    return max(Fraction(0), 1 - abs(Fraction(x) - 1))


def one_layer_is_too_narrow(k: int, units: int) -> Decided:
    """Whether ``units`` relus in one layer can be tent^k on [0, 1].

    A unit bends the output at one point at the most, so ``units`` bends must be enough.
    """
    sample = grid(0, 1, Fraction(1, 2 ** (k + 3)))
    bends = fewest_affine_runs(sample, [iterated(tent, k)]) - 1
    return Decided(lambda: bends <= units)


FALSE_INSTANCES: dict[str, Model] = {
    "false-sup-gap-doubled": instance(k=0, t=1, g=identity),
    "false-square-rate-doubled": INSTANCES["square-needs-pieces"],
    "false-sum-one-less": INSTANCES["sawtooth-sum-sharp"],
    "false-compose-additive": INSTANCES["sawtooth-compose"],
    "false-rate-doubled": INSTANCES["rate-sharp"],
    # The identity has one piece and two classes.
    "false-runs-halved": instance(g=identity, t=1),
    "false-unit-pieces-index": INSTANCES["unit-pieces"].with_values(bound=1),
    "false-grid-parity": instance(k=2, i=3),
    "false-merged-once": instance(x=2),
    "false-line-one-less": INSTANCES["iterate-pieces-line"],
    "false-fewer-parameters-at-2": instance(k=2),
    "false-narrow-layer": instance(k=2, witnesses={"g": one_layer_is_too_narrow(2, 2)}),
    # Where labels need not be monotone the points on the line share one.
    "false-order-dropped": instance(
        f=zero_at_three,
        t=2,
        witnesses={
            "label": lambda x: 2 if x == 3 else 1,
            "slope": lambda x: 0 if x == 3 else 1,
            "intercept": constant(0),
        },
    ),
    # Where slope and intercept may vary on a piece every function has one piece.
    "false-constancy-dropped": instance(
        f=spike,
        t=1,
        witnesses={"label": constant(1), "slope": constant(0), "intercept": spike},
    ),
}
