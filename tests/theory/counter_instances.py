"""Each hypothesis is needed: values for which the others hold and the conclusion fails.

Where there are none the reason stands in their place.  A recursion may take any value below zero,
for its equations say nothing there; an instance that uses this gives the value.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from tests.theory.instances import (
    EIGHTH,
    HALF,
    HINGES,
    INSTANCES,
    MERGED,
    constant,
    folds,
    half_step,
    iterated,
    listed,
    odd_wide,
    pair,
    square,
    tent,
    uniform,
    zigzag,
    zigzag_network,
)
from tests.theory.meaning import Model, Network, Number


def squares(j: int, x: Number) -> Number:
    return x * x


def wave(x: Number) -> int:
    """0 on [0, 1), 1 on [1, 2), 0 on [2, 3), …: the alternating labels, at every integer."""
    return int(x // 1) % 2


deep = iterated(tent, 4)
"""tent^4, which errs on none of the points i/16."""


def change(
    name: str,
    below: dict[str, Any] | None = None,
    networks: tuple[Network, ...] | None = None,
    **values: Any,
) -> Model:
    """The instance of a result with some values changed."""
    model = INSTANCES[name].with_values(**values)
    changed = model.networks if networks is None else networks
    return replace(model, below=below or {}, networks=changed)


ONE_HINGE = "a network of at least one layer has m ≥ 1; one of no layer is affine, and (tm)^0 = 1"
NO_HINGE = "a network of at least one layer has m ≥ 1; one of no layer is affine, and (m + 1)^0 = 1"
BACK_AND_FORTH = listed(0, 1, 0, 1, 0, 1)
LATE = listed(0, 1, 1, 1, 1, 1)
NO_POWER = {"power": constant(0)}
NEGATIVE = {"power": constant(-16), "errors": constant(0)}
NO_SUM = {"square_sum": constant(5), "real_power": constant(0), "iterate": constant(0)}
NO_ERROR = {"errors": constant(0)}

THIRD = Fraction(1, 3)
SMALL_TENT = {"power": constant(4), "iterate": constant(HALF)}


def in_three_pieces(x: Number) -> Number:
    """Three pieces with two jumps, within 1/3 of tent^2 on [0, 1]."""
    return THIRD if THIRD < x < 2 * THIRD else THIRD + 2 * (x if x < HALF else 1 - x)


def triangle(x: Number) -> Number:
    """0, 1, 0, 1, … at 0, 1, 2, 3, …, and affine in between."""
    return 1 - abs(Fraction(x) % 2 - 1)


def but_at(place: Number, value: Number) -> Any:
    """The square, with another value at one place."""
    return lambda x: value if x == place else square(x)


COUNTER_INSTANCES: dict[str, tuple[Model | str, ...]] = {
    # Uniform distance.
    "some-error": (
        change("some-error", n=-1, below={"errors": constant(1)}),
        change("some-error", guess=constant(0)),
    ),
    "runs-gap": (
        change("runs-gap", k=-1, below=SMALL_TENT),
        change("runs-gap", g=iterated(tent, 2)),
        change("runs-gap", g=iterated(tent, 2), r=5),
    ),
    "sup-gap": (
        change("sup-gap", k=-1, below=SMALL_TENT),
        change("sup-gap", g=tent),
        change("sup-gap", g=tent, t=4),
    ),
    "sup-gap-network": (
        change(
            "sup-gap-network", k=-1, below={"power": constant(4), "iterate": lambda k, x: max(x, 0)}
        ),
        change("sup-gap-network", g=iterated(tent, 2)),
        change("sup-gap-network", g=iterated(tent, 2), φ=iterated(tent, 2), t=1),
        change("sup-gap-network", g=iterated(tent, 2), φ=iterated(tent, 2), t=6),
    ),
    "runs-continuous": (
        change("runs-continuous", g=iterated(tent, 2)),
        change("runs-continuous", g=lambda x: x + (x < 0), t=2),
    ),
    "errors-continuous": (
        change("errors-continuous", g=triangle),
        change("errors-continuous", g=lambda x: x if x < HALF * 3 else x - 2, t=2),
        change("errors-continuous", points=BACK_AND_FORTH),
        change("errors-continuous", labels=LATE),
        change("errors-continuous", n=-1, below={"errors": constant(-9)}),
    ),
    "sup-gap-continuous": (
        change("sup-gap-continuous", k=-1, below=SMALL_TENT),
        change("sup-gap-continuous", g=tent),
        change("sup-gap-continuous", g=in_three_pieces, k=2, t=3),
        change("sup-gap-continuous", g=tent, t=4),
    ),
    # Continuity.
    "polygonal-through": (
        change("polygonal-through", v=squares, u=squares),
        change("polygonal-through", u=squares),
    ),
    "polygonal-combined": (
        change(
            "polygonal-combined", a=-1, v=squares, u=squares, bias=constant(0),
            below={"total": lambda a, n: a(0)},
        ),
        change("polygonal-combined", a=1, v=squares, u=squares, bias=constant(0)),
        change("polygonal-combined", u=squares),
    ),
    "polygonal-congruence": (
        change("polygonal-congruence", v=squares, u=squares),
        change("polygonal-congruence", u=squares),
    ),
    "polygonal-relu-one": (
        change("polygonal-relu-one", v=squares, u=squares),
        change("polygonal-relu-one", u=squares),
    ),
    "polygonal-relu": (
        "where there is no function everything said of each is true",
        change("polygonal-relu", v=squares, u=squares),
        change("polygonal-relu", u=squares),
    ),
    "layers-polygonal": (
        change(
            "layers-polygonal", w=lambda i: -1 if i == 0 else 1,
            below={"total": lambda a, n: a(0) ** 2},
        ),
        change("layers-polygonal", i=-1, below={"value": lambda *known: square(known[-1])}),
    ),
    "polygonal-intermediate": (change("polygonal-intermediate", v=lambda j, x: int(x >= 0)),),
    "network-continuous": (change("network-continuous", g=lambda x: int(x >= 0)),),
    "sup-gap-relu": (
        change(
            "sup-gap-relu", k=-1, below={"power": constant(4), "iterate": lambda k, x: max(x, 0)}
        ),
        change("sup-gap-relu", g=iterated(tent, 2)),
        change("sup-gap-relu", g=zigzag(1), k=1, w=uniform(2), networks=(zigzag_network(1),)),
    ),
    "depth-separation-relu": (
        change("depth-separation-relu", k=-1, n=-16, below=NEGATIVE),
        change("depth-separation-relu", n=-1, below=NO_ERROR),
        change("depth-separation-relu", g=deep),
    ),
    "telgarsky-1.1-sharp": (
        change("telgarsky-1.1-sharp", k=-1, below={"power": constant(16)}),
        change("telgarsky-1.1-sharp", n=-1, below=NO_ERROR),
        change("telgarsky-1.1-sharp", g=deep),
        NO_HINGE,
        change("telgarsky-1.1-sharp", g=zigzag(4), m=16, r=50, networks=(zigzag_network(4),)),
        change("telgarsky-1.1-sharp", g=zigzag(4), m=16, networks=(zigzag_network(4),)),
    ),
    # A hierarchy of depths.
    "power-of-sum": (
        change("power-of-sum", k=-1, below=NO_POWER),
        change("power-of-sum", l=-1, below=NO_POWER),
    ),
    "power-of-power": (
        change("power-of-power", k=-1, below={"power": constant(2)}),
        change("power-of-power", k=2, l=-1, below={"power": lambda b, n: b}),
    ),
    "iterate-stays": (
        change("iterate-stays", k=-1, below={"iterate": constant(2)}),
        change("iterate-stays", k=0, x=2),
    ),
    "iterate-add": (
        change("iterate-add", a=-1, below={"iterate": constant(5)}),
        change("iterate-add", b=-1, below={"iterate": constant(5)}),
    ),
    "block-values": (
        change("block-values", s=-1, below={"power": constant(0), "iterate": constant(5)}),
        change("block-values", i=-1),
        change("block-values", i=0, x=2),
    ),
    "depth-width-trade": (
        change("depth-width-trade", s=-1, below={"power": constant(0)}),
        change("depth-width-trade", depth=-1),
    ),
    "depth-hierarchy": (
        change("depth-hierarchy", k=0, g=lambda x: x, depth=0),
        change("depth-hierarchy", g=iterated(tent, 2)),
        change(
            "depth-hierarchy", g=zigzag(2), w=uniform(4), networks=(zigzag_network(2), MERGED)
        ),
    ),
    "depth-hierarchy-uniform": (
        change("depth-hierarchy-uniform", k=0, g=lambda x: x, m=0, depth=0),
        change("depth-hierarchy-uniform", g=iterated(tent, 2)),
        "a network of at least one layer has m ≥ 1; one of no layer is affine",
        change(
            "depth-hierarchy-uniform", g=zigzag(2), m=4, networks=(zigzag_network(2), MERGED)
        ),
        change("depth-hierarchy-uniform", k=2, g=iterated(tent, 5), m=2, depth=5),
    ),
    # The square.
    "tent-bump": (change("tent-bump", x=2),),
    "quarter-power-positive": (
        change("quarter-power-positive", k=-1, below={"real_power": constant(-1)}),
    ),
    "square-approximation": (
        change("square-approximation", k=-1, below=NO_SUM),
        change("square-approximation", x=2),
    ),
    "square-approximation-error": (
        change("square-approximation-error", k=-1, below=NO_SUM),
        change("square-approximation-error", x=2),
    ),
    "square-bends": (
        change("square-bends", t=-1, m=-HALF, r=-1),
        change("square-bends", g=lambda x: x - EIGHTH, ε=EIGHTH),
        change("square-bends", m=HALF / 2, r=3 * HALF / 2),
        change("square-bends", r=3 * HALF / 2),
        change("square-bends", g=but_at(0, -HALF)),
        change("square-bends", g=but_at(HALF, HALF)),
        change("square-bends", g=but_at(1, HALF)),
    ),
    "square-needs-pieces": (
        change("square-needs-pieces", g=square, ε=0),
        change("square-needs-pieces", ε=0),
    ),
    "square-needs-units": (
        change("square-needs-units", g=square, ε=0),
        change("square-needs-units", ε=0),
    ),
    # Arithmetic.
    "digits-increase": (
        change("digits-increase", a=2),
        change("digits-increase", b=5, s=-1, base=-1),
        change("digits-increase", s=5),
        change("digits-increase", r=0),
    ),
    "total-congruence": (
        change("total-congruence", n=-1, below={"total": lambda a, n: a(2)}),
        change("total-congruence", a=listed(0, -3)),
    ),
    "total-affine": (change("total-affine", n=-1, below={"total": constant(1)}),),
    "count-between": (
        change("count-between", n=-1, below={"count": constant(0)}),
        change("count-between", a=constant(0)),
    ),
    "count-monotone": (
        change("count-monotone", n=-1, below={"count": lambda a, n: a(2)}),
        change("count-monotone", a=listed(5, 2)),
    ),
    "count-equal": (
        change("count-equal", i=2),
        change("count-equal", a=listed(2, 1), b=listed(1, 2)),
        change("count-equal", b=listed(1, 3)),
    ),
    "product-congruence": (
        change("product-congruence", n=-1, below={"product": lambda a, n: a(2)}),
        change("product-congruence", a=listed(3, 3)),
    ),
    "product-monotone": (
        change("product-monotone", n=-1, below={"product": constant(-1)}),
        change("product-monotone", a=listed(5, 5)),
    ),
    "product-constant": (
        change("product-constant", n=-1, below={"product": constant(1), "power": constant(0)}),
    ),
    "power-monotone": (
        change("power-monotone", a=-1),
        change("power-monotone", a=3),
        change("power-monotone", n=-1, below={"power": constant(-1)}),
    ),
    "power-of-product": (change("power-of-product", n=-1, below={"power": constant(2)}),),
    "power-positive": (
        change("power-positive", b=0),
        change("power-positive", n=-1, below=NO_POWER),
    ),
    "total-pick": (change("total-pick", a=listed(0, 0, 0, 1), i=3),),
    "division": (change("division", n=-1), change("division", base=-1)),
    # Sawtooth functions.
    "sawtooth-weaken": (change("sawtooth-weaken", f=square), change("sawtooth-weaken", bound=1)),
    "sawtooth-positive": (change("sawtooth-positive", t=0),),
    "sawtooth-congruence": (
        change("sawtooth-congruence", f=square, g=square),
        change("sawtooth-congruence", g=square),
    ),
    "sawtooth-scale": (change("sawtooth-scale", f=square),),
    "sawtooth-sum-sharp": (
        change("sawtooth-sum-sharp", f=square),
        change("sawtooth-sum-sharp", g=square),
    ),
    "sawtooth-sum": (change("sawtooth-sum", f=square), change("sawtooth-sum", g=square)),
    "sawtooth-compose": (
        change("sawtooth-compose", f=square),
        change("sawtooth-compose", g=square),
    ),
    "sawtooth-sum-finite": (
        change("sawtooth-sum-finite", m=-1, below={"total": constant(0)}),
        change("sawtooth-sum-finite", f=squares),
    ),
    # Errors.
    "runs-general": (change("runs-general", g=wave),),
    "errors-alternating": (
        change("errors-alternating", guess=wave),
        change("errors-alternating", guess=half_step, r=2, points=BACK_AND_FORTH),
        change("errors-alternating", labels=constant(0)),
        change("errors-alternating", n=-1, below={"errors": constant(-7)}),
    ),
    "fewest-errors-monotone": (
        change("fewest-errors-monotone", n=-1, below={"fewest_errors": lambda y, r, c, n: r}),
    ),
    "errors-fewest": (
        change("errors-fewest", guess=wave),
        change("errors-fewest", guess=constant(-1), labels=constant(-1)),
        change("errors-fewest", points=BACK_AND_FORTH),
        change("errors-fewest", n=-1, below={"fewest_errors": constant(1), **NO_ERROR}),
    ),
    "rate-sharp": (
        change("rate-sharp", g=wave),
        change("rate-sharp", points=BACK_AND_FORTH),
        change("rate-sharp", labels=LATE),
        change("rate-sharp", n=-1, below=NO_ERROR),
    ),
    "rate": (
        change("rate", g=wave, n=6),
        change("rate", points=BACK_AND_FORTH, n=6),
        change("rate", labels=LATE, n=6),
        change("rate", n=-1, below=NO_ERROR),
    ),
    "lecture-bound": (change("lecture-bound", t=-1, n=1), change("lecture-bound", n=-1)),
    # Layers and networks.
    "jointly-congruence": (
        change("jointly-congruence", v=squares, u=squares),
        change("jointly-congruence", u=squares),
    ),
    "jointly-sawtooth-unit": (
        change("jointly-sawtooth-unit", v=squares),
        change(
            "jointly-sawtooth-unit", unit=5, v=lambda j, x: x * x if j == 5 else pair(j, x)
        ),
    ),
    "layer-preactivation": (
        change("layer-preactivation", n=-1, below={"total": lambda a, n: a(0) ** 2}),
        change("layer-preactivation", v=squares),
    ),
    "layer-activation": (
        change("layer-activation", m=-1),
        change("layer-activation", u=squares),
        change("layer-activation", φ=square),
    ),
    "layer-step": (
        change("layer-step", n=-1, below={"total": lambda a, n: a(0) ** 2}),
        change("layer-step", m=-1),
        change("layer-step", v=squares),
        change("layer-step", φ=square),
    ),
    "layered-width": (
        change("layered-width", w=constant(0)),
        change("layered-width", i=3, w=lambda i: 0 if i == 3 else odd_wide(i)),
    ),
    "layers-jointly-sawtooth": (
        change("layers-jointly-sawtooth", w=constant(-1)),
        change("layers-jointly-sawtooth", φ=square),
        change(
            "layers-jointly-sawtooth",
            i=-1,
            below={"value": lambda *call: call[-1] ** 2, "product": constant(1)},
        ),
    ),
    "network-pieces-sharp": (
        change("network-pieces-sharp", g=square),
        change("network-pieces-sharp", φ=square, g=lambda x: x**2 + (x - 1) ** 2),
    ),
    "pieces-uniform": (
        change("pieces-uniform", depth=-1, below={"product": constant(1), **NO_POWER}),
    ),
    "network-pieces-uniform": (
        change("network-pieces-uniform", g=square),
        change("network-pieces-uniform", φ=square, g=lambda x: x**2 + (x - 1) ** 2),
    ),
    "network-pieces-relu": (change("network-pieces-relu", g=square),),
    "pieces-below-lecture": (
        change("pieces-below-lecture", m=-1, depth=1),
        change("pieces-below-lecture", m=2, t=0, depth=2),
        change("pieces-below-lecture", m=2, depth=-1, below={"power": lambda b, n: -b}),
    ),
    "network-pieces": (
        change("network-pieces", g=square),
        change("network-pieces", φ=square, g=square),
        ONE_HINGE,
    ),
    "unit-pieces": (
        "0 ≤ unit < m and 1 ≤ i ≤ depth make uniform widths those of a network",
        change("unit-pieces", φ=square),
        change(
            "unit-pieces",
            i=-1,
            below={"value": lambda *call: call[-1] ** 2, "power": constant(2)},
        ),
        "any affine combination of the layer before has as few pieces, whatever its index",
        change("unit-pieces", bound=1),
    ),
    "network-node-output": (
        change("network-node-output", w=constant(2)),
        "a network with its weights numbered otherwise computes the unit of any index",
    ),
    # The tent map and its networks.
    "iterate-outer": (change("iterate-outer", k=-1, below={"iterate": constant(0)}),),
    "iterate-on-cell": (
        change("iterate-on-cell", k=-1, below={"iterate": constant(7), "power": constant(1)}),
    ),
    "iterate-at-zero": (change("iterate-at-zero", k=-1, below={"iterate": constant(1)}),),
    "iterate-outside": (
        change("iterate-outside", k=0),
        change("iterate-outside", x=Fraction(1, 3)),
    ),
    "iterate-closed-form": (
        change("iterate-closed-form", k=-1, below={"iterate": constant(7), "power": constant(4)}),
    ),
    "iterate-grid-point": (
        change("iterate-grid-point", k=-1, below={"iterate": constant(7), "power": constant(4)}),
        change("iterate-grid-point", i=5, x=Fraction(5, 4)),
        change("iterate-grid-point", x=Fraction(1, 2)),
    ),
    "iterate-grid": (
        change("iterate-grid", k=-1, below={"iterate": constant(7), "power": constant(4)}),
        change("iterate-grid", i=5),
    ),
    "iterate-self-similar": (
        change("iterate-self-similar", k=0, z=Fraction(1, 3), below={"power": constant(4)}),
        change("iterate-self-similar", i=5),
        change("iterate-self-similar", z=Fraction(4, 3)),
    ),
    "deep-network-values": (
        change(
            "deep-network-values", k=-1, below={"value": constant(1), "iterate": constant(0)}
        ),
        change("deep-network-values", w=constant(1)),
        change("deep-network-values", w=lambda i: 2 * (i % 2)),
    ),
    "deep-network-output": (
        change("deep-network-output", k=-1, below={"value": constant(0), "iterate": constant(7)}),
        change("deep-network-output", w=constant(1)),
        change("deep-network-output", w=lambda i: 2 * (i % 2)),
    ),
    "exact-representation": (
        change(
            "exact-representation", k=-1, below={"iterate": constant(7), "value": constant(0)}
        ),
    ),
    "exact-representation-uniform": (change("exact-representation-uniform", k=-1),),
    "exact-representation-recurrent": (
        change(
            "exact-representation-recurrent",
            k=-1,
            below={"recurrent": constant(1), "iterate": constant(0)},
        ),
    ),
    "hat-iterate-inside": (
        change(
            "hat-iterate-inside",
            k=-1,
            below={"hat_iterate": constant(1), "iterate": constant(0)},
        ),
    ),
    "hat-iterate-below": (change("hat-iterate-below", k=-1),),
    "exact-representation-merged": (change("exact-representation-merged", k=1),),
    "hat-iterate-outer": (
        change("hat-iterate-outer", k=-1, below={"hat_iterate": constant(0)}),
    ),
    "merged-network-values": (
        change("merged-network-values", k=-1, below={"hat_iterate": constant(0)}),
    ),
    "exact-representation-half": (change("exact-representation-half", k=-1),),
    # Pieces of the tent.
    "sawtooth-restrict": (change("sawtooth-restrict", f=square),),
    "pieces-at-bends": (
        change("pieces-at-bends", t=2),
        change("pieces-at-bends", a=1, b=0, t=-5, n=0),
        change("pieces-at-bends", b=Fraction(1, 4), t=2),
        change("pieces-at-bends", n=4),
    ),
    "bends-midway": (
        change("bends-midway", left=1, right=-1),
        change("bends-midway", f=lambda x: x, right=3),
        change("bends-midway", f=lambda x: x),
    ),
    "iterate-pieces-at-least": (
        change(
            "iterate-pieces-at-least",
            k=-1,
            below={"power": constant(9), "iterate": lambda k, x: x},
        ),
        change("iterate-pieces-at-least", t=7),
    ),
    "iterate-pieces-at-most": (
        change(
            "iterate-pieces-at-most",
            k=-1,
            below={"power": constant(1), "iterate": lambda k, x: x * x},
        ),
    ),
    "iterate-pieces-on-line": (
        change(
            "iterate-pieces-on-line",
            k=-1,
            below={"power": constant(1), "iterate": lambda k, x: x * x},
        ),
    ),
    "iterate-pieces-lower": (
        change(
            "iterate-pieces-lower",
            k=-1,
            below={"power": constant(1), "iterate": lambda k, x: x * x},
        ),
    ),
    # tent^0 is the identity: one piece.
    "iterate-pieces-line-at-least": (
        change("iterate-pieces-line-at-least", k=0, t=1),
        change("iterate-pieces-line-at-least", t=9),
    ),
    "iterate-pieces-line": (change("iterate-pieces-line", k=0),),
    "sawtooth-on-congruence": (
        change("sawtooth-on-congruence", f=square, g=square),
        change("sawtooth-on-congruence", g=square),
    ),
    # Gluing and bends.
    "sawtooth-glue-before": (
        change("sawtooth-glue-before", left=square, f=lambda x: x * x if x < 1 else abs(x - 2)),
        change("sawtooth-glue-before", right=square, f=lambda x: -1 if x < 1 else x * x),
        change("sawtooth-glue-before", f=square),
    ),
    "sawtooth-glue-upto": (
        change("sawtooth-glue-upto", left=square, f=lambda x: x * x if x <= 1 else abs(x - 2)),
        change("sawtooth-glue-upto", right=square, f=lambda x: -1 if x <= 1 else x * x),
        change("sawtooth-glue-upto", f=square),
    ),
    "needs-one-piece": (change("needs-one-piece", b=-1),),
    "bend-adds-a-piece": (
        change("bend-adds-a-piece", n=3),
        "on an empty interval a function has t pieces for every t, and so needs no number of them",
        change("bend-adds-a-piece", r=1),
    ),
    "needs-pieces-on-line": (
        change("needs-pieces-on-line", n=4),
        change("needs-pieces-on-line", t=2),
    ),
    # One wide layer.
    "zigzag-on-cell": (
        change("zigzag-on-cell", i=-1, x=Fraction(-1, 8)),
        change("zigzag-on-cell", i=5, x=Fraction(11, 8)),
        change("zigzag-on-cell", x=Fraction(1, 4)),
        change("zigzag-on-cell", x=1),
    ),
    "unit-interval-cell": (
        change("unit-interval-cell", n=0, u=0),
        change("unit-interval-cell", u=5),
    ),
    "zigzag-is-iterate": (
        change("zigzag-is-iterate", k=-1, below={"power": constant(1), "iterate": constant(7)}),
        change("zigzag-is-iterate", x=Fraction(3, 2)),
    ),
    "shallow-representation": (change("shallow-representation", k=-1, below=NO_POWER),),
    "deep-equals-shallow": (change("deep-equals-shallow", k=-1, below=NO_POWER),),
    # The theorems.
    "grid-increasing": (change("grid-increasing", k=-1, below={"power": constant(-1)}),),
    "grid-nonempty": (
        change("grid-nonempty", k=-1, n=-5, below={"power": constant(-5)}),
        change("grid-nonempty", n=0),
    ),
    "iterate-has-no-errors": (
        change(
            "iterate-has-no-errors",
            k=-1,
            n=1,
            below={"power": constant(1), "iterate": constant(1)},
        ),
        change("iterate-has-no-errors", n=10),
    ),
    "alternating-labels": ("the labels i mod 2 are i mod 2 at every i",),
    "depth-separation-nonuniform": (
        change("depth-separation-nonuniform", k=-1, n=-16, below=NEGATIVE),
        change("depth-separation-nonuniform", n=-1, below=NO_ERROR),
        change("depth-separation-nonuniform", g=deep),
        change("depth-separation-nonuniform", g=deep, φ=deep, w=uniform(1)),
    ),
    "depth-separation-sharp": (
        change("depth-separation-sharp", k=-1, n=-16, below=NEGATIVE),
        change("depth-separation-sharp", n=-1, below=NO_ERROR),
        change("depth-separation-sharp", g=deep),
        change("depth-separation-sharp", g=deep, φ=deep),
    ),
    "shallow-rate": (
        change("shallow-rate", k=-1, n=-16, below=NEGATIVE),
        change("shallow-rate", n=-1, below=NO_ERROR),
        change("shallow-rate", g=deep),
        change("shallow-rate", g=deep, φ=deep),
        ONE_HINGE,
    ),
    "telgarsky-1.2": (
        change("telgarsky-1.2", k=-1, below={"power": constant(16)}),
        change("telgarsky-1.2", n=-1, below=NO_ERROR),
        change("telgarsky-1.2", g=deep),
        change("telgarsky-1.2", g=deep, φ=deep),
        ONE_HINGE,
    ),
    "deep-is-perfect": (
        change("deep-is-perfect", k=-1, below={"power": constant(16)}),
        change("deep-is-perfect", n=-1, below={"errors": constant(1)}),
    ),
    "power-below-root": (
        change("power-below-root", b=-1),
        change("power-below-root", r=1),
        change("power-below-root", n=-1, below={"power": constant(-1)}),
    ),
    "telgarsky-1.1": (
        change("telgarsky-1.1", k=-1, below={"power": constant(16)}),
        change("telgarsky-1.1", n=-1, below=NO_ERROR),
        change("telgarsky-1.1", g=deep),
        ONE_HINGE,
        "2m ≤ r and m ≥ 1 imply it",
        change("telgarsky-1.1", g=zigzag(4), m=16, r=50, networks=(zigzag_network(4),)),
        change("telgarsky-1.1", g=zigzag(4), m=16, networks=(zigzag_network(4),)),
    ),
    "exact-width-lower": (
        change(
            "exact-width-lower",
            k=-1,
            below={"power": constant(100), "iterate": lambda k, x: folds(2)(x)},
        ),
        change("exact-width-lower", depth=1),
        change(
            "exact-width-lower", g=deep, φ=deep, k=4, depth=1, networks=(HINGES,)
        ),
        change("exact-width-lower", k=3),
    ),
    "exact-width-lower-shallow": (
        change(
            "exact-width-lower-shallow",
            k=-1,
            below={"power": constant(100), "iterate": lambda k, x: zigzag(2)(x)},
        ),
        change("exact-width-lower-shallow", m=1),
        change("exact-width-lower-shallow", k=3),
    ),
    "network-errors-fewest": (
        change("network-errors-fewest", g=wave),
        change("network-errors-fewest", g=wave, φ=wave),
        change("network-errors-fewest", points=BACK_AND_FORTH),
        change("network-errors-fewest", n=-1, below={"fewest_errors": constant(1), **NO_ERROR}),
    ),
    "deep-parameters": (change("deep-parameters", k=-1, below={"count": constant(7)}),),
    "linear-below-power": ("each part of the conclusion supposes a k ≥ 0 of its own",),
    "parameter-gap": (change("parameter-gap", k=-1, below={"count": constant(7)}),),
    # Bounds that are attained.
    "hinges-bend": (change("hinges-bend", n=-1, below={"total": lambda a, n: a(1)}),),
    "sawtooth-sum-tight": (change("sawtooth-sum-tight", k=0), change("sawtooth-sum-tight", l=0)),
    "steps-count": (
        "j·spacing ≤ x < (j + 1)·spacing implies it",
        change("steps-count", j=5, x=11),
        change("steps-count", x=1),
        change("steps-count", x=100),
    ),
    "staircase-of-teeth": (
        change("staircase-of-teeth", j=5, x=Fraction(35, 2)),
        change("staircase-of-teeth", x=0),
        change("staircase-of-teeth", i=1, x=5),
    ),
    "sawtooth-compose-tight": (
        change("sawtooth-compose-tight", k=0),
        change("sawtooth-compose-tight", l=0),
    ),
}  # fmt: skip
