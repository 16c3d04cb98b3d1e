"""Kernel theorems about given networks, most of them of one input.

A network becomes defined functions, one a unit, named after the hash of what they compute, so
that terms stay as small as the network.  That it is what its pieces say is proved by a case split
over the partition, one leaf for each unit on each part of the line where it is affine; how many
pieces that makes is then a matter of the library's lemmas.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from proofs.gluing import (
    bend_adds_a_piece,
    needs_one_piece,
    needs_pieces,
    needs_pieces_on_line,
    sawtooth_glue_before,
    sawtooth_glue_upto,
)
from proofs.pieces import bends, sawtooth_restrict
from proofs.sawtooth import (
    absolute,
    hard_tanh,
    leaky_relu,
    relu,
    sawtooth,
    sawtooth_affine,
    sawtooth_congruence,
    step,
)
from proofs.telgarsky import sawtooth_on_congruence
from verifier import kernel
from verifier.errors import BadInput, LimitReached, VerifierError
from verifier.kernel import DEFINED, Theorem
from verifier.library.derivations import assumptions, cited, walk
from verifier.logic import REAL, Symbol, Term, number, same, variable
from verifier.networks.activations import (
    ABS,
    HARDTANH,
    IDENTITY,
    RELU,
    STEP,
    Activation,
    Affine,
    Cut,
)
from verifier.networks.activations import leaky_relu as named_leaky_relu
from verifier.networks.model import Layer, Network
from verifier.networks.pieces.partition import pieces_of
from verifier.networks.piecewise import Sawtooth, inside
from verifier.notation import shown
from verifier.notation.plain import plain
from verifier.proving import (
    Fact,
    Integer,
    Proof,
    Real,
    conjunction,
    function,
    if_then_else,
    implies,
    integer,
)
from verifier.proving.leaves import room_to_recurse
from verifier.theory import MOST_LEAVES

UNITS_A_LEAF: Final = 4
FRAMES_A_CELL: Final = 10
# Affine forms computed to plan a proof, for each leaf allowed.
FORMS_A_LEAF: Final = 100
# Facts that bound x: at most one from below and one from above.
Ends = tuple[Theorem, ...]
X: Final = variable("x", REAL)


class TooManyLeaves(LimitReached):
    """A kernel proof would take more leaves than allowed."""


def rational(value: Fraction) -> Term:
    """A real literal."""
    return number(value, REAL)


def defined(prefix: str, content: str, parameters: Sequence[Term], body: Term) -> Symbol:
    """Define a function of reals under a name that says what it is, unless it is defined."""
    name = f"{prefix}_{hashlib.sha256(content.encode()).hexdigest()[:24]}"
    if name in DEFINED:
        known = DEFINED[name]
        if not same(known.body, body):
            raise kernel.errors.Redefinition(f"{name} is already defined as something else")
        return known.symbol
    return kernel.define(name, tuple(parameters), body)


@dataclass(frozen=True)
class Applied:
    """An activation at a point: the term, and the equations a solver needs to know its value."""

    term: Term
    meaning: tuple[Theorem, ...]


def applied(p: Proof, activation: Activation | None, at: Term) -> Applied:
    """Return the activation of a term."""
    if activation is None or activation == IDENTITY:
        return Applied(at, ())
    for known, function_ in ((RELU, relu), (ABS, absolute), (STEP, step), (HARDTANH, hard_tanh)):
        if activation == known:
            return Applied(function_(at), tuple(p.meanings(function_, at)))
    slope = activation.pieces[0].slope
    if activation == named_leaky_relu(slope):
        term = leaky_relu(rational(slope), at)
        return Applied(term, (p.meaning(term),))
    symbol = defined("activation", repr(activation), (X,), by_pieces(activation, X))
    return Applied(symbol(at), (p.meaning(symbol(at)),))


def by_pieces(activation: Activation, x: Term) -> Term:
    """An activation by cases."""
    term = line(activation.pieces[-1], x)
    for cut, piece in reversed(list(zip(activation.cuts, activation.pieces, strict=False))):
        term = if_then_else(before(cut, x), line(piece, x), term)
    return term


def before(cut: Cut, x: Term) -> Term:
    """That x lies before a cut."""
    return x <= rational(cut.at) if cut.closed else x < rational(cut.at)


def line(form: Affine, x: Term) -> Term:
    """slope · x + intercept."""
    return rational(form.slope) * x + rational(form.intercept)


@dataclass(frozen=True)
class Unit:
    """A unit as a function of the inputs: its symbol and the units it reads, by their index."""

    symbol: Symbol
    reads: tuple[int, ...]
    content: str


class Graph:
    """A network as defined functions of its inputs, layer by layer.

    Attributes
    ----------
    inputs:
        The variables of the definitions.
    layers:
        The units of each layer.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        count = network.inputs
        several = tuple(variable(f"x{j + 1}", REAL) for j in range(count))
        self.inputs: tuple[Term, ...] = (X,) if count == 1 else several
        self.layers: list[list[Unit]] = []
        for layer in network.layers:
            previous = self.layers[-1] if self.layers else None
            self.layers.append([self.unit(layer, i, previous) for i in range(layer.outputs)])

    def unit(self, layer: Layer, i: int, previous: list[Unit] | None) -> Unit:
        reads = tuple(j for j, weight in enumerate(layer.weights[i]) if weight)
        names = [str(x.data) for x in self.inputs]
        below = [previous[j].content if previous else names[j] for j in reads]
        weights = [str(layer.weights[i][j]) for j in reads]
        shape = repr(layer.activation and (layer.activation.cuts, layer.activation.pieces))
        name = layer.activation.name if layer.activation else ""
        # A unit that reads nothing is a function of all inputs too.
        arity = [] if len(names) == 1 else [str(len(names))]
        written = "|".join([name, shape, str(layer.bias[i]), *weights, *below, *arity])
        content = hashlib.sha256(written.encode()).hexdigest()
        sum_ = preactivation(layer, i, previous, self.inputs)
        body = applied(Proof("unit"), layer.activation, sum_).term
        return Unit(defined("unit", content, self.inputs, body), reads, content)

    @property
    def outputs(self) -> list[Symbol]:
        """The network's outputs, as functions of its input."""
        return [unit.symbol for unit in self.layers[-1]]

    def output(self, i: int = 0) -> Term:
        """One output of a network of one input, as a function term."""
        symbol = self.outputs[i]
        return function(lambda x: symbol(x))

    def layer_forms(self, at: Fraction) -> list[tuple[Affine, ...]]:
        """The affine form of every unit around a point of a cell where all are affine."""
        forms: list[tuple[Affine, ...]] = []
        inputs: tuple[Affine, ...] = (Affine(Fraction(1), Fraction(0)),)
        for layer in self.network.layers:
            inputs = tuple(form_of(layer, i, inputs, at) for i in range(layer.outputs))
            forms.append(inputs)
        return forms


def preactivation(
    layer: Layer, i: int, previous: list[Unit] | None, inputs: Sequence[Term]
) -> Term:
    """The weighted sum of what a unit reads."""
    parts = [
        rational(weight) * (previous[j].symbol(*inputs) if previous else inputs[j])
        for j, weight in enumerate(layer.weights[i])
        if weight
    ]
    whole = rational(layer.bias[i])
    for part in parts:
        whole = whole + part
    return whole


def form_of(layer: Layer, i: int, inputs: Sequence[Affine], at: Fraction) -> Affine:
    """A unit's affine form, from the forms of the layer below and a point of the cell."""
    slope = sum((w * f.slope for w, f in zip(layer.weights[i], inputs, strict=True)), Fraction(0))
    lift = sum(
        (w * f.intercept for w, f in zip(layer.weights[i], inputs, strict=True)), Fraction(0)
    )
    sum_ = Affine(slope, lift + layer.bias[i])
    if layer.activation is None:
        return sum_
    outer = layer.activation.pieces[layer.activation.index(sum_(at))]
    return Affine(outer.slope * sum_.slope, outer.slope * sum_.intercept + outer.intercept)


class Piecewise:
    """A function by cases, defined as a balanced tree of choices, one symbol a choice.

    Attributes
    ----------
    count:
        Its pieces; the leaves of the tree.
    """

    def __init__(self, cuts: Sequence[Cut], forms: Sequence[Affine]) -> None:
        self.count, self.form = len(forms), forms[0]
        self.cut: Cut | None = None
        if self.count == 1:
            self.content = f"{self.form.slope}x+{self.form.intercept}"
            return
        middle = self.count // 2
        self.cut = cuts[middle - 1]
        self.left = Piecewise(cuts[: middle - 1], forms[:middle])
        self.right = Piecewise(cuts[middle:], forms[middle:])
        self.content = f"({self.left.content}){self.cut}({self.right.content})"
        self.content = hashlib.sha256(self.content.encode()).hexdigest()
        body = if_then_else(before(self.cut, X), self.left(X), self.right(X))
        self.symbol = defined("piecewise", self.content, (X,), body)

    def __call__(self, x: Term) -> Term:
        return line(self.form, x) if self.cut is None else self.symbol(x)

    @property
    def function(self) -> Term:
        """The function as a term."""
        return function(lambda x: self(x))

    def equations(self, p: Proof, x: Term, piece: int) -> list[Theorem]:
        """The definitions that lead from the function to one of its pieces, at x."""
        if self.cut is None:
            return []
        here = p.meaning(self(x))
        if piece < self.left.count:
            return [here, *self.left.equations(p, x, piece)]
        return [here, *self.right.equations(p, x, piece - self.left.count)]

    def is_sawtooth(self, p: Proof) -> Theorem:
        """That the function has at most ``count`` pieces."""
        if self.cut is None:
            return sawtooth_affine(p, rational(self.form.slope), rational(self.form.intercept))
        glue = sawtooth_glue_upto if self.cut.closed else sawtooth_glue_before
        whole = glue(
            p,
            self.function,
            self.left.function,
            self.right.function,
            integer(self.left.count),
            integer(self.right.count),
            rational(self.cut.at),
            given=[
                self.left.is_sawtooth(p),
                self.right.is_sawtooth(p),
                kernel.definition(self.symbol)[0],
            ],
        )
        return p.have(sawtooth(self.function, self.count), whole)


@dataclass(frozen=True)
class Partition:
    """Consecutive cells of [low, high]; an end that is None is infinite."""

    low: Fraction | None
    high: Fraction | None
    cuts: tuple[Cut, ...]

    @property
    def count(self) -> int:
        """The number of cells."""
        return len(self.cuts) + 1

    def inner_point(self, cell: int) -> Fraction:
        """A point inside a cell, or its only one."""
        left = self.cuts[cell - 1].at if cell else self.low
        right = self.cuts[cell].at if cell < len(self.cuts) else self.high
        return inside(left, right, Fraction(1, 2))

    def contains(self, x: Term) -> Term | None:
        """That x lies in [low, high], if that says anything."""
        ends = [] if self.low is None else [rational(self.low) <= x]
        ends += [] if self.high is None else [x <= rational(self.high)]
        return conjunction(*ends) if ends else None


class Description:
    """That the outputs of a network are given functions by cases, on a partition of [low, high].

    On each cell every unit of the network is affine, and each function is one of its pieces.
    """

    def __init__(
        self,
        graph: Graph,
        partition: Partition,
        functions: Sequence[Piecewise],
        owners: Sequence[int],
    ) -> None:
        self.graph, self.partition, self.functions, self.owners = (
            graph, partition, functions, owners,
        )  # fmt: skip
        cells = range(partition.count)
        # The forms of each layer on each cell; last, which piece of the functions it lies in.
        self.columns: list[Sequence[Any]] = [
            *zip(*(graph.layer_forms(partition.inner_point(i)) for i in cells), strict=True),
            owners,
        ]

    def changes(self, layer: int, first: int, last: int) -> list[int]:
        """Cells of [first, last) at whose left end some unit of the layer changes form."""
        column = self.columns[layer]
        return [i for i in range(first + 1, last) if column[i - 1] != column[i]]

    def leaves(self) -> int:
        """How many leaves the proof takes, the case split apart."""
        total, depth = 0, len(self.graph.layers)
        todo = [(0, self.partition.count, 0)]
        while todo:
            first, last, layer = todo.pop()
            while layer <= depth and not self.changes(layer, first, last):
                units = len(self.graph.layers[layer]) if layer < depth else 0
                total += -(-units // UNITS_A_LEAF) if units else max(1, len(self.functions))
                layer += 1
            if layer <= depth:
                split = nearest(self.changes(layer, first, last), (first + last) // 2)
                todo += [(first, split, layer), (split, last, layer)]
        return total

    def within(self, limit: int) -> None:
        """Refuse a proof of more than ``limit`` leaves.

        Raises
        ------
        TooManyLeaves
            If there are more.
        """
        if (leaves := self.leaves()) > limit:
            raise TooManyLeaves(f"{leaves} leaves are more than {limit}")

    def claim(self, x: Term) -> Term:
        """The outputs at x are the functions there."""
        pairs = zip(self.graph.outputs, self.functions, strict=True)
        return conjunction(*(output(x) == f(x) for output, f in pairs))

    def prove(self, p: Proof) -> Theorem:
        """For all x in the interval, the claim."""

        def at(x: Term) -> Theorem:
            domain = self.partition.contains(x)
            if domain is None:
                return self.on(p, x, (), 0, self.partition.count, 0, [])
            return p.suppose(
                domain,
                lambda here: self.on(p, x, tuple(p.parts(here)), 0, self.partition.count, 0, []),
            )

        with room_to_recurse(FRAMES_A_CELL * self.partition.count):
            return p.for_all("x", Real, at)

    def on(
        self,
        p: Proof,
        x: Term,
        ends: Ends,
        first: int,
        last: int,
        layer: int,
        below: Sequence[Theorem],
    ) -> Theorem:
        """The claim at x in cells [first, last), the layer below known to be affine there."""
        while not (changes := self.changes(layer, first, last)):
            if layer == len(self.graph.layers):
                return self.conclude(p, x, ends, first, below)
            below = self.layer(p, x, ends, first, layer, below)
            layer += 1
        split = nearest(changes, (first + last) // 2)
        low, high = self.ends(x, ends)
        return p.cases(
            before(self.partition.cuts[split - 1], x),
            lambda here: self.on(p, x, (*low, here), first, split, layer, below),
            lambda here: self.on(p, x, (here, *high), split, last, layer, below),
        )

    @staticmethod
    def ends(x: Term, ends: Ends) -> tuple[Ends, Ends]:
        """The facts that bound x from below and from above: at most one each."""
        low = tuple(e for e in ends if bounds_below(e.conclusion, x))
        return low, tuple(e for e in ends if e not in low)

    def layer(
        self, p: Proof, x: Term, ends: Ends, cell: int, layer: int, below: Sequence[Theorem]
    ) -> list[Theorem]:
        """Each unit of a layer is affine on a cell, by one leaf for a few units."""
        previous = self.graph.layers[layer - 1] if layer else None
        weights, units = self.graph.network.layers[layer], self.graph.layers[layer]
        found: list[Theorem] = []
        for start in range(0, len(units), UNITS_A_LEAF):
            claims, facts = [], list(ends)
            for i, unit in enumerate(units[start : start + UNITS_A_LEAF], start):
                sum_ = preactivation(weights, i, previous, (x,))
                claims.append(unit.symbol(x) == line(self.columns[layer][cell][i], x))
                facts += [p.meaning(unit.symbol(x)), *applied(p, weights.activation, sum_).meaning]
                facts += [below[j] for j in unit.reads if previous]
            found += p.parts(p.have(conjunction(*claims), facts))
        return found

    def conclude(
        self, p: Proof, x: Term, ends: Ends, cell: int, outputs: Sequence[Theorem]
    ) -> Theorem:
        """The outputs are the functions, both known to be affine on a cell."""
        piece = self.owners[cell]
        claims = [
            p.have(out.conclusion.arguments[0] == f(x), out, *ends, f.equations(p, x, piece))
            for out, f in zip(outputs, self.functions, strict=True)
        ]
        return p.both(*claims)


def bounds_below(formula: Term, x: Term) -> bool:
    """Whether a bound is one from below: c ≤ x, or not x < c."""
    if formula.operator == "not":
        return formula.arguments[0].arguments[0] is x
    return formula.arguments[1] is x


def nearest(places: Sequence[int], to: int) -> int:
    """The place nearest to another."""
    return min(places, key=lambda place: abs(place - to))


def affordable(network: Network, cells: int, limit: int) -> None:
    """Refuse a proof that is too long before anything is built.

    Raises
    ------
    TooManyLeaves
        If the cells alone, or the forms of all units on them, are too many.
    """
    if cells > limit or cells * network.parameters > FORMS_A_LEAF * limit:
        raise TooManyLeaves(
            f"{cells} cells of a network of {network.parameters} parameters are too many"
            f" for {limit} leaves"
        )


def describe(
    network: Network, function_: Sawtooth, refinement: Sawtooth, limit: int = MOST_LEAVES
) -> Description:
    """Return the task of proving that a network is a function, over a partition fine enough.

    Raises
    ------
    TooManyLeaves
        If it takes more than ``limit`` leaves.
    """
    cuts = tuple(sorted({*refinement.cuts, *function_.cuts}))
    partition = Partition(refinement.low, refinement.high, cuts)
    affordable(network, partition.count, limit)
    owners = [function_.index(partition.inner_point(i)) for i in range(partition.count)]
    forms = list(zip(*(function_.forms(i) for i in range(function_.count)), strict=True))
    functions = [Piecewise(function_.cuts, column) for column in forms]
    task = Description(Graph(network), partition, functions, owners)
    task.within(limit)
    return task


@dataclass(frozen=True)
class Proved:
    """A named theorem of the kernel about given networks, and the seconds its proof took."""

    theorem: Theorem
    seconds: float

    @property
    def name(self) -> str:
        """Its name, as in its derivation file."""
        return str(self.theorem.parameters[0])

    @property
    def statement(self) -> str:
        """What it says."""
        return shown(self.theorem.conclusion)

    @property
    def uses(self) -> list[str]:
        """The library's results its derivation cites."""
        return list(dict.fromkeys(cited(self.theorem)))

    @property
    def leaves(self) -> int:
        """Obligations its own derivation gave to the solver."""
        return sum(step.rule == "leaf" for step in walk(self.theorem))

    @property
    def assumptions(self) -> list[str]:
        """Axioms it rests on, however far below."""
        return assumptions(self.theorem)


def cited_below(found: Proved) -> dict[str, Theorem]:
    """Return the results a theorem rests on, however far below, by name."""
    steps = walk(found.theorem, through_names=True)
    return {s.parameters[0]: s for s in steps if s.rule == "named" and s is not found.theorem}


def proved(kind: str, prove: Callable[[Proof], Theorem]) -> Proved:
    """Run a proof and name its theorem after what it says."""
    start = time.perf_counter()
    found = prove(Proof(kind))
    digest = hashlib.sha256(plain(found.conclusion.canonical).encode()).hexdigest()[:12]
    return Proved(kernel.named(f"{kind}-{digest}", found), time.perf_counter() - start)


def pieces_theorem(
    network: Network,
    low: Fraction | None = None,
    high: Fraction | None = None,
    limit: int = MOST_LEAVES,
) -> Proved:
    """Prove how many pieces a network of one input and one output has, from both sides.

    On the line: it is N-sawtooth, and t-sawtooth only for t ≥ N.  On [low, high] the same with
    ``sawtooth_on``.  On a half-line: it agrees there with a function that is N-sawtooth, and has
    no fewer pieces on some interval of it.

    Raises
    ------
    TooManyLeaves
        If that takes more than ``limit`` leaves.

    Examples
    --------
    >>> from verifier.networks.examples import tent
    >>> found = pieces_theorem(tent(), Fraction(0), Fraction(1))
    >>> found.statement.endswith("0, 1)")
    True
    """
    found = pieces_of(network, low, high)
    if network.outputs != 1:
        raise BadInput("network", f"expected 1 output, found {network.outputs}")
    # Each piece but the first also takes two values and a bend.
    task = describe(network, found.function, found.refinement, limit - 4 * found.function.count)
    return proved("pieces", lambda p: count_pieces(p, task, found.function))


def count_pieces(p: Proof, task: Description, function_: Sawtooth) -> Theorem:
    """The number of pieces of a network's only output, as :func:`pieces_theorem` states it."""
    g, count = task.graph.output(), function_.count
    low, high = function_.low, function_.high
    (given,) = task.functions
    same_function = task.prove(p)
    bounded = given.is_sawtooth(p)
    points = samples(function_)
    needed = bends_at(p, task, same_function, function_, points)
    if low is None and high is None:
        swapped = p.for_all(
            "x",
            Real,
            lambda x: p.have(given(x) == task.graph.outputs[0](x), p.at(same_function, x)),
        )
        most = sawtooth_congruence(p, given.function, g, integer(count), given=[bounded, swapped])
        ends = rational(points[0]), rational(points[-1])

        def fewest(t: Term) -> Theorem:
            return p.suppose(
                sawtooth(g, t),
                lambda here: needs_pieces_on_line(
                    p, g, integer(count), *ends, t, given=[needed, here]
                ),
            )

        return p.both(most, p.for_all("t", Integer, fewest))
    if low is None or high is None:
        return p.both(same_function, bounded, needed)
    a, b = rational(low), rational(high)
    here = sawtooth_restrict(p, given.function, integer(count), a, b, given=[bounded])
    swapped = p.for_all(
        "x",
        Real,
        lambda x: p.have(
            implies(conjunction(a <= x, x <= b), given(x) == task.graph.outputs[0](x)),
            p.at(same_function, x),
        ),
    )
    most = sawtooth_on_congruence(p, given.function, g, integer(count), a, b, given=[here, swapped])
    return p.both(most, needed)


def samples(function_: Sawtooth) -> list[Fraction]:
    """One point of each piece, the ends of the domain among them."""
    points = [function_.inner_point(i) for i in range(function_.count)]
    if function_.low is not None:
        points[0] = function_.low
    if function_.high is not None:
        points[-1] = function_.high
    if function_.count == 1 and function_.low is not None:
        points = [function_.low]
    return points


def between(function_: Sawtooth, left: Fraction, right: Fraction, cut: Cut) -> Fraction:
    """A point between two of neighbouring pieces that is on no line with them."""
    (a,), (b,) = function_(left), function_(right)
    for middle in ((left + cut.at) / 2, (cut.at + right) / 2, cut.at):
        (v,) = function_(middle)
        if (v - a) * (right - middle) != (b - v) * (middle - left):
            return middle
    raise VerifierError(f"the pieces left and right of {cut.at} are one")


def bends_at(
    p: Proof,
    task: Description,
    same_function: Theorem,
    function_: Sawtooth,
    points: Sequence[Fraction],
) -> Theorem:
    """The network needs a piece for each sample point, for it bends between neighbours."""
    symbol, g = task.graph.outputs[0], task.graph.output()
    (given,) = task.functions

    def value(at: Fraction) -> Theorem:
        (v,) = function_(at)
        x = rational(at)
        facts: Fact = [p.at(same_function, x), *given.equations(p, x, function_.index(at))]
        return p.have(symbol(x) == rational(v), facts)

    start = rational(points[0])
    last = points[-1] if function_.high is None else function_.high
    if len(points) == 1:
        last = points[0] if function_.high is None or function_.low is None else last
        return needs_one_piece(p, g, start, rational(last), given=[[]])
    needed = needs_one_piece(p, g, start, start, given=[[]])
    known = value(points[0])
    for i, cut in enumerate(function_.cuts):
        left, right = points[i], points[i + 1]
        middle = between(function_, left, right, cut)
        after = value(right)
        at = [rational(point) for point in (left, middle, right)]
        bend = bends(g, *at)
        meaning = p.meaning(bend).conclusion.arguments[1]
        bent = p.fold(bend, p.have(meaning, known, value(middle), after))
        more = bend_adds_a_piece(p, g, integer(i + 1), start, *at, given=[needed, [], bent])
        needed = p.have(needs_pieces(g, integer(i + 2), start, at[-1]), more)
        known = after
    return needed


def equal_theorem(
    left: Network,
    right: Network,
    low: Fraction | None = None,
    high: Fraction | None = None,
    limit: int = MOST_LEAVES,
) -> Proved:
    """Prove that two equal networks of one input are equal at every point of [low, high].

    Raises
    ------
    TooManyLeaves
        If that takes more than ``limit`` leaves.
    """
    found = [pieces_of(network, low, high) for network in (left, right)]
    common = found[0].function
    tasks = [
        describe(network, common, pieces.refinement, limit)
        for network, pieces in zip((left, right), found, strict=True)
    ]

    def prove(p: Proof) -> Theorem:
        one, other = (task.prove(p) for task in tasks)

        def at(x: Term) -> Theorem:
            outputs = zip(tasks[0].graph.outputs, tasks[1].graph.outputs, strict=True)
            claim = conjunction(*(f(x) == g(x) for f, g in outputs))
            domain = tasks[0].partition.contains(x)
            whole = claim if domain is None else implies(domain, claim)
            return p.have(whole, p.at(one, x), p.at(other, x))

        return p.for_all("x", Real, at)

    return proved("equal", prove)
