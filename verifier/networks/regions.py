"""The exact last resort: a network on a small box, one affine region at a time.

Where every unit keeps to one piece of its activation the network is affine, and whether some
input is unsafe is a question of linear arithmetic in the few inputs, which z3 answers exactly,
strictness included. Units that may change piece in the box are split on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from time import monotonic

import z3

from verifier.errors import LimitReached
from verifier.networks.activations import Activation, Affine
from verifier.networks.model import Layer, Network
from verifier.networks.vnnlib import Conjunction, Constraint

Vector = tuple[Fraction, ...]
# An affine form of the inputs: coefficients, then the constant.
Form = tuple[Fraction, ...]


@dataclass
class Region:
    """A part of the box: conditions on the inputs, and the units computed so far on it."""

    layer: int
    before: list[Form]
    after: list[Form]
    conditions: list[z3.BoolRef] = field(default_factory=list)


def find_unsafe(
    network: Network,
    low: Sequence[Fraction],
    high: Sequence[Fraction],
    unsafe: Sequence[Conjunction],
    *,
    limit: int,
    seconds: float = 60.0,
) -> Vector | None:
    """Return an input of the box that is unsafe, or None when there is none.

    Parameters
    ----------
    limit:
        How many questions z3 may be asked.
    seconds:
        How long all of them may take.

    Raises
    ------
    LimitReached
        If the limit is hit, or z3 gives up.

    Examples
    --------
    >>> from verifier.networks.activations import ABS
    >>> one = Fraction(1)
    >>> size = Network(1, (Layer(((one,),), (Fraction(0),), ABS),))
    >>> above = lambda strict: [(Constraint((Fraction(0),), (one,), -one, strict),)]
    >>> find_unsafe(size, [-one], [one], above(True), limit=20) is None
    True
    >>> find_unsafe(size, [-one], [one / 2], above(False), limit=20)
    (Fraction(-1, 1),)
    """
    return Search(network, low, high, unsafe, limit, seconds).run()


class Search:
    """One depth-first walk over the affine regions of a box."""

    def __init__(
        self,
        network: Network,
        low: Sequence[Fraction],
        high: Sequence[Fraction],
        unsafe: Sequence[Conjunction],
        limit: int,
        seconds: float,
    ) -> None:
        self.deadline = monotonic() + seconds
        self.network, self.unsafe, self.left = network, unsafe, limit
        self.low, self.high = low, high
        self.context = z3.Context()
        self.names = [z3.Real(f"x{i}", self.context) for i in range(network.inputs)]
        self.box = [
            part
            for name, a, b in zip(self.names, low, high, strict=True)
            for part in (name >= self.number(a), name <= self.number(b))
        ]

    def number(self, value: Fraction) -> z3.RatNumRef:
        return z3.RealVal(str(value), self.context)

    def run(self) -> Vector | None:
        size = self.network.inputs
        identity = [tuple(Fraction(i == j) for j in range(size + 1)) for i in range(size)]
        stack = [Region(0, affine(self.network.layers[0], identity), [])]
        while stack:
            region = stack.pop()
            if self.advance(region, stack):
                found = self.decide(region)
                if found is not None:
                    return found
        return None

    def advance(self, region: Region, stack: list[Region]) -> bool:
        """Compute units until the outputs (True), or until the region is split (False)."""
        layers = self.network.layers
        while True:
            layer = layers[region.layer]
            while len(region.after) < layer.outputs:
                form = region.before[len(region.after)]
                pieces = self.pieces(layer.activation, form)
                if len(pieces) > 1:
                    options = [(piece, self.holds(layer, form, piece)) for piece in pieces]
                    kept = [
                        (piece, conditions)
                        for piece, conditions in options
                        if self.model(region.conditions + conditions) is not None
                    ]
                    for piece, conditions in kept:
                        after = [*region.after, bend(form, piece_of(layer, piece))]
                        stack.append(
                            Region(
                                region.layer,
                                region.before,
                                after,
                                region.conditions + conditions,
                            )
                        )
                    return False
                region.after.append(bend(form, piece_of(layer, pieces[0])))
            if region.layer + 1 == len(layers):
                return True
            region.layer += 1
            region.before = affine(layers[region.layer], region.after)
            region.after = []

    def pieces(self, activation: Activation | None, form: Form) -> list[int]:
        """Return the pieces that the form's range over the box meets."""
        if activation is None:
            return [0]
        ends = list(zip(form, self.low, self.high, strict=False))
        least = form[-1] + sum((c * (a if c > 0 else b) for c, a, b in ends), Fraction(0))
        most = form[-1] + sum((c * (b if c > 0 else a) for c, a, b in ends), Fraction(0))
        return list(range(activation.index(least), activation.index(most) + 1))

    def holds(self, layer: Layer, form: Form, piece: int) -> list[z3.BoolRef]:
        """Return the conditions for the form's value to lie on a piece."""
        cuts = layer.activation.cuts if layer.activation else ()
        value = self.term(form)
        conditions = []
        if piece > 0:
            cut = cuts[piece - 1]
            at = self.number(cut.at)
            conditions.append(value > at if cut.closed else value >= at)
        if piece < len(cuts):
            cut = cuts[piece]
            at = self.number(cut.at)
            conditions.append(value <= at if cut.closed else value < at)
        return conditions

    def decide(self, region: Region) -> Vector | None:
        for conjunction in self.unsafe:
            wanted = []
            for part in conjunction:
                value = self.term(pull_back(part, region.after))
                wanted.append(value > 0 if part.strict else value >= 0)
            found = self.model(region.conditions + wanted)
            if found is not None:
                return found
        return None

    def term(self, form: Form) -> z3.ArithRef:
        parts = [
            self.number(c) * name for c, name in zip(form[:-1], self.names, strict=True) if c != 0
        ]
        return z3.Sum(*parts, self.number(form[-1])) if parts else self.number(form[-1])

    def model(self, conditions: Sequence[z3.BoolRef]) -> Vector | None:
        """Return an input of the box that meets the conditions, or None."""
        remaining = self.deadline - monotonic()
        if self.left <= 0 or remaining <= 0:
            raise LimitReached("the limit on affine regions was hit")
        self.left -= 1
        solver = z3.SolverFor("QF_LRA", ctx=self.context)
        # Left to z3, an interrupt would only make it answer unknown.
        solver.set(ctrl_c=False, timeout=max(1, int(1000 * remaining)))
        solver.add(*self.box, *conditions)
        answer = solver.check()
        if answer == z3.unsat:
            return None
        if answer != z3.sat:
            raise LimitReached(f"z3 gave up: {solver.reason_unknown()}")
        model = solver.model()
        values = (model.eval(name, model_completion=True) for name in self.names)
        return tuple(Fraction(v.numerator_as_long(), v.denominator_as_long()) for v in values)


def affine(layer: Layer, forms: Sequence[Form]) -> list[Form]:
    """Return the forms of a layer's units before its activation."""
    columns = list(zip(*forms, strict=True))
    return [
        (*(inner(row, column) for column in columns[:-1]), inner(row, columns[-1]) + constant)
        for row, constant in zip(layer.weights, layer.bias, strict=True)
    ]


def inner(row: Sequence[Fraction], column: Sequence[Fraction]) -> Fraction:
    """Return the inner product, zeros skipped."""
    return sum((a * b for a, b in zip(row, column, strict=True) if a and b), Fraction(0))


def piece_of(layer: Layer, piece: int) -> Affine:
    """Return one piece of a layer's activation."""
    if layer.activation is None:
        return Affine(Fraction(1), Fraction(0))
    return layer.activation.pieces[piece]


def bend(form: Form, piece: Affine) -> Form:
    """Return the form after one piece of an activation."""
    scaled = tuple(piece.slope * c for c in form)
    return (*scaled[:-1], scaled[-1] + piece.intercept)


def pull_back(constraint: Constraint, outputs: Sequence[Form]) -> Form:
    """Return a constraint's left-hand side as a form of the inputs."""
    total = [*constraint.inputs, constraint.constant]
    for weight, form in zip(constraint.outputs, outputs, strict=True):
        if weight:
            total = [a + weight * b for a, b in zip(total, form, strict=True)]
    return tuple(total)
