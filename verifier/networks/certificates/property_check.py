"""Check a certificate of ``verifier verify``, in whole numbers and without any search.

A tree covers a case's box by construction: each node parts what is above it, across an input or
by the piece of its activation that a unit lies on. So only the leaves are checked: on each, for
every conjunction, a sum of its constraints is bounded below zero (``bounds_check``), or a tree of
affine regions refutes it (``regions_check``). ``docs/certificates.md`` says what is computed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Final

import numpy as np

from verifier.errors import BadInput
from verifier.networks.certificates.bounds_check import (
    Parts,
    Ranges,
    Side,
    Sums,
    TooLarge,
    bound_units,
    upper_bounds,
)
from verifier.networks.certificates.pieces_check import CertificateError
from verifier.networks.certificates.regions_check import check_splits
from verifier.networks.certificates.regions_file import node_of
from verifier.networks.certificates.regions_tree import Question, Tree
from verifier.networks.certificates.segments_check import check_segment
from verifier.networks.certificates.whole_numbers import (
    Whole,
    WholeConstraint,
    WholeNetwork,
    ceil_over,
    floor_over,
    longs,
    whole,
    whole_conjunctions,
)
from verifier.networks.model import Network
from verifier.networks.property import Case, Property

Vector = tuple[Fraction, ...]
# What is multiplied by what: pairs of a number, of a constraint or a split, and a multiplier.
Shares = tuple[tuple[int, int], ...]

# Parts that are bounded together.
BATCH: Final = 64
# Larger scales are of no use, and only cost time.
MOST_SCALE: Final = 5_000


@dataclass(frozen=True)
class Checked:
    """How many parts bounds closed, how many affine regions, and cells of segments."""

    bounds: int
    regions: int
    cells: int


@dataclass(frozen=True)
class Leaf:
    """A part of the box that a sum of each conjunction's constraints closes.

    Attributes
    ----------
    number:
        Its place among the tree's nodes.
    low, high:
        Its corners, exact.
    sides:
        What the splits above say.
    marker:
        The number of the nearest node above with bounds, -1 if there is none.
    """

    number: int
    low: Vector
    high: Vector
    sides: tuple[Side, ...] = ()
    marker: int = -1
    scale: int = 0
    shares: tuple[Shares, ...] = ()
    pushes: tuple[Shares, ...] = ()


@dataclass
class ReadTree:
    """The leaves of a tree, the parts whose bounds are inherited, and trees of regions."""

    leaves: list[Leaf] = field(default_factory=list)
    markers: list[Leaf] = field(default_factory=list)
    regions: list[tuple[Leaf, Tree]] = field(default_factory=list)


def check_certificate(network: Network, prop: Property, content: Mapping[str, Any]) -> Checked:
    """Check that a certificate proves a property of a network.

    Raises
    ------
    BadInput
        With the case and the leaf that do not hold, if it does not.
    """
    cases = content.get("cases")
    if not isinstance(cases, list) or len(cases) != len(prop.cases):
        raise BadInput("certificate", f"expected {len(prop.cases)} cases")
    if (prop.inputs, prop.outputs) != (network.inputs, network.outputs):
        raise BadInput("certificate", "the property speaks of other inputs or outputs")
    counts = [0, 0, 0]
    made: dict[int, WholeNetwork] = {}
    for i, (case, entry) in enumerate(zip(prop.cases, cases, strict=True)):
        try:
            if entry["method"] == "segment":
                counts[2] += check_segment(network, case, entry["stages"])
            else:
                found = CaseCheck(network, case, entry["scale"], made)
                tree = read_tree(network, case, entry["tree"], found.scale)
                found.check(tree)
                counts[0] += len(tree.leaves)
                counts[1] += len(tree.regions)
        except (
            CertificateError, KeyError, TypeError, ValueError, IndexError, ArithmeticError,
        ) as error:  # fmt: skip
            place = f"cases[{i}]"
            raise BadInput("certificate", f"is damaged or does not hold: {error}", place) from error
    return Checked(*counts)


def check_counterexample(network: Network, prop: Property, content: Mapping[str, Any]) -> Vector:
    """Return the unsafe input of a certificate, if it is one.

    Raises
    ------
    BadInput
        If it is not, or has other outputs than the certificate says.
    """
    try:
        found = content["counterexample"]
        inputs, outputs = (
            tuple(Fraction(entry) for entry in found[key]) for key in ("inputs", "outputs")
        )
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise BadInput("certificate", f"has no counterexample that can be read: {error}") from error
    if len(inputs) != network.inputs or prop.inputs != network.inputs:
        raise BadInput("certificate", f"its counterexample has {len(inputs)} inputs")
    if network.evaluate(inputs) != outputs:
        raise BadInput("certificate", "the counterexample has other outputs")
    if not prop.holds(inputs, outputs):
        raise BadInput("certificate", "the counterexample is not unsafe")
    return inputs


def read_tree(
    network: Network, case: Case, nodes: Sequence[Sequence[Any]], scale: int
) -> ReadTree:
    """Return the leaves of a tree, given root first and first parts before second ones.

    Raises
    ------
    CertificateError
        If the nodes are not one whole tree.
    """
    tree = ReadTree()
    stack = [Leaf(0, case.lower, case.upper, scale=scale)]
    for number, (kind, *rest) in enumerate(nodes):
        if not stack:
            raise CertificateError(f"node {number} lies outside the tree")
        part = replace(stack.pop(), number=number)
        match kind, rest:
            case "cut", [int(axis), at] if type(axis) is int and 0 <= axis < network.inputs:
                stack += reversed(cut(part, axis, exact(at)))
            case "split", [layer, unit, piece]:
                check_breakpoint(network, layer, unit, piece)
                for above in (True, False):
                    side = Side(layer, unit, piece, above)
                    stack.append(replace(part, sides=(*part.sides, side)))
            case "bounds", []:
                tree.markers.append(part)
                stack.append(replace(part, marker=len(tree.markers) - 1))
            case "closed", [shares, *more] if len(more) <= 2:
                tree.leaves.append(closed(case, part, shares, more))
            case "regions", [found]:
                tree.regions.append((part, Tree(tuple(node_of(data) for data in found))))
            case _:
                raise CertificateError(f"node {number} is {str(kind)[:40]}")
    if stack:
        raise CertificateError("the tree is cut short")
    return tree


def cut(part: Leaf, axis: int, at: Fraction) -> tuple[Leaf, Leaf]:
    """Return the parts where an input is at most a number, and where it is at least that."""
    low, high = list(part.low), list(part.high)
    high[axis], low[axis] = min(at, high[axis]), max(at, low[axis])
    return replace(part, high=tuple(high)), replace(part, low=tuple(low))


def exact(entry: Any) -> Fraction:
    """Return a number that a file gives as text, or as an integer."""
    if not isinstance(entry, str | int):
        raise CertificateError(f"expected a number as text, found {str(entry)[:40]}")
    return Fraction(entry)


def closed(case: Case, part: Leaf, shares: Any, more: Sequence[Any]) -> Leaf:
    """Return a leaf with its multipliers, these seen to be whole, and of its own constraints."""
    pushes, scale = (more[0] if more else []) or [[]] * len(case.unsafe), part.scale
    if len(more) > 1:
        scale = scale_of(more[1])
    if len(shares) != len(case.unsafe) or len(pushes) != len(case.unsafe):
        raise CertificateError("a leaf does not name constraints for each conjunction")
    parts = []
    for entry, conjunction in zip(shares, case.unsafe, strict=True):
        pairs = [[entry, 2**scale]] if isinstance(entry, int) else entry
        parts.append(pairs_of(pairs, len(conjunction)))
        if not parts[-1]:
            raise CertificateError("all multipliers of a conjunction are zero")
    held = tuple(pairs_of(entry, len(part.sides)) for entry in pushes)
    # At another scale nothing is inherited.
    marker = part.marker if scale == part.scale else -1
    return replace(part, scale=scale, shares=tuple(parts), pushes=held, marker=marker)


def pairs_of(pairs: Sequence[Sequence[Any]], count: int) -> Shares:
    """Return pairs of numbers below ``count`` and positive multipliers."""
    for number, share in pairs:
        if type(number) is not int or type(share) is not int:
            raise CertificateError("a multiplier is not a whole number")
        if not 0 <= number < count or share <= 0:
            raise CertificateError("a multiplier is not positive, or of nothing that is here")
    return tuple((number, share) for number, share in pairs)


def scale_of(scale: Any) -> int:
    """Return a scale, seen to be one."""
    if type(scale) is not int or not 0 <= scale <= MOST_SCALE:
        raise CertificateError(f"expected a scale from 0 to {MOST_SCALE}, found {str(scale)[:40]}")
    return scale


def check_breakpoint(network: Network, layer: Any, unit: Any, piece: Any) -> None:
    """Check that a unit and its breakpoint exist."""
    if any(type(number) is not int or number < 0 for number in (layer, unit, piece)):
        raise CertificateError("a split does not name a unit and a breakpoint")
    if layer >= len(network.layers) or unit >= network.layers[layer].outputs:
        raise CertificateError(f"there is no unit {unit} in layer {layer}")
    activation = network.layers[layer].activation
    if activation is None or piece >= len(activation.cuts):
        raise CertificateError(f"there is no breakpoint {piece} of unit {unit} in layer {layer}")


class CaseCheck:
    """The check of one case's leaves.

    Parameters
    ----------
    made:
        The network as whole numbers by scale, shared between cases.
    """

    def __init__(
        self, network: Network, case: Case, scale: Any, made: dict[int, WholeNetwork] | None = None
    ) -> None:
        self.network, self.case, self.scale = network, case, scale_of(scale)
        self.made = {} if made is None else made
        self.here: dict[int, WholeNetwork] = {}
        self.conjunctions = whole_conjunctions(case)

    def check(self, tree: ReadTree) -> None:
        """Refuse a tree with a leaf that does not close.

        Raises
        ------
        CertificateError
            With the leaf's place in the tree.
        """
        for leaf in self.open_leaves(tree):
            where = ", ".join(map(str, leaf.low)), ", ".join(map(str, leaf.high))
            raise CertificateError(f"node {leaf.number}, from {where[0]} to {where[1]}, stays open")
        for part, found in tree.regions:
            if all(a <= b for a, b in zip(part.low, part.high, strict=True)):
                question = Question((self.network,), part.low, part.high, self.case.unsafe)
                check_splits(question, found)

    def open_leaves(self, tree: ReadTree) -> Iterator[Leaf]:
        """Yield the leaves whose multipliers do not close them."""
        known: list[Ranges] = []
        # A part's bounds come after those it inherits, so markers are done generation by
        # generation, each at once.
        age: list[int] = []
        for part in tree.markers:
            age.append(0 if part.marker < 0 else age[part.marker] + 1)
            known.append(Ranges((), ()))
        for generation in range(max(age, default=-1) + 1):
            numbers = [i for i, years in enumerate(age) if years == generation]
            for first in range(0, len(numbers), BATCH):
                chosen = numbers[first : first + BATCH]
                found = self.units([tree.markers[i] for i in chosen], known)
                for i, ranges in zip(chosen, found, strict=True):
                    known[i] = ranges
        kinds = sorted({(leaf.scale, leaf.marker >= 0) for leaf in tree.leaves})
        for kind in kinds:
            leaves = [leaf for leaf in tree.leaves if (leaf.scale, leaf.marker >= 0) == kind]
            for first in range(0, len(leaves), BATCH):
                some = leaves[first : first + BATCH]
                for leaf, done in zip(some, self.closes(some, known), strict=True):
                    if not done:
                        yield leaf

    def whole(self, scale: int) -> WholeNetwork:
        """Return the network as whole numbers, its inputs counted from the case's corner."""
        if scale not in self.here:
            if scale not in self.made:
                self.made[scale] = WholeNetwork.of(self.network, self.case.lower, scale)
            self.here[scale] = self.made[scale].from_corner(self.case.lower)
        return self.here[scale]

    def units(self, parts: Sequence[Leaf], known: Sequence[Ranges]) -> list[Ranges]:
        """Return the bounds of units on parts."""
        scale = self.whole(parts[0].scale)
        try:
            if not scale.fits_words:
                raise TooLarge
            found = bound_units(scale, self.parts(parts, known))
        except TooLarge:
            if len(parts) > 1:
                half = len(parts) // 2
                return [*self.units(parts[:half], known), *self.units(parts[half:], known)]
            found = bound_units(scale, self.parts(parts, known).as_longs())
        return [
            Ranges(tuple(x[i] for x in found.low), tuple(x[i] for x in found.high))
            for i in range(len(parts))
        ]

    def closes_all(self, leaves: Sequence[Leaf]) -> list[bool]:
        """Say which leaves, of the case's scale and without inherited bounds, close."""
        out = []
        for first in range(0, len(leaves), BATCH):
            out += self.closes(leaves[first : first + BATCH], [])
        return out

    def closes(self, leaves: Sequence[Leaf], known: Sequence[Ranges]) -> list[bool]:
        """Say which leaves close."""
        scale = self.whole(leaves[0].scale)
        parts, sums = self.parts(leaves, known), self.sums(leaves)
        try:
            if not scale.fits_words or "O" in (sums.rows.dtype.kind, parts.low.dtype.kind):
                raise TooLarge
            bounds, empty = upper_bounds(scale, parts, sums)
        except TooLarge:
            if len(leaves) > 1:
                half = len(leaves) // 2
                return [*self.closes(leaves[:half], known), *self.closes(leaves[half:], known)]
            bounds, empty = upper_bounds(scale, parts.as_longs(), sums.as_longs())
        return [
            bool(nothing) or all(
                bound < 0 or (bound == 0 and self.has_strict(number, shares))
                for number, (bound, shares) in enumerate(zip(row, leaf.shares, strict=True))
            )
            for leaf, row, nothing in zip(leaves, bounds.tolist(), empty.tolist(), strict=True)
        ]  # fmt: skip

    def has_strict(self, number: int, shares: Shares) -> bool:
        """Whether a sum has a constraint that must be more than zero."""
        return any(self.conjunctions[number][k].strict for k, _ in shares)

    def parts(self, leaves: Sequence[Leaf], known: Sequence[Ranges]) -> Parts:
        """Return leaves as whole numbers."""
        scale, corner = leaves[0].scale, self.case.lower
        low, high = (
            whole(
                [
                    [rounded(a - b, scale) for a, b in zip(end, corner, strict=True)]
                    for end in ends
                ]
            )
            for rounded, ends in (
                (floor_over, [leaf.low for leaf in leaves]),
                (ceil_over, [leaf.high for leaf in leaves]),
            )
        )
        if low.dtype != high.dtype:
            low, high = (longs(end.tolist()) for end in (low, high))
        inherited = None
        if leaves[0].marker >= 0:
            ranges = [known[leaf.marker] for leaf in leaves]
            inherited = Ranges(
                tuple(stacked(layer) for layer in zip(*(r.low for r in ranges), strict=True)),
                tuple(stacked(layer) for layer in zip(*(r.high for r in ranges), strict=True)),
            )
            if any(x.dtype == object for x in (*inherited.low, *inherited.high)):
                low, high = (longs(end.tolist()) for end in (low, high))
        return Parts(low, high, tuple(leaf.sides for leaf in leaves), inherited)

    def sums(self, leaves: Sequence[Leaf]) -> Sums:
        """Return leaves' sums of constraints as forms of the outputs and inputs."""
        scale = self.whole(leaves[0].scale)
        rows, inputs, constants, held = [], [], [], []
        width, count = self.network.outputs, len(self.conjunctions)
        pushed: dict[int, Whole] = {}
        for i, leaf in enumerate(leaves):
            for c, (conjunction, shares) in enumerate(
                zip(self.conjunctions, leaf.shares, strict=True)
            ):
                chosen = [(conjunction[k], share) for k, share in shares]
                rows.append([sum(m * part.outputs[j] for part, m in chosen) for j in range(width)])
                inputs.append(self.of_inputs(chosen))
                total = sum((m * part.constant for part, m in chosen), Fraction(0))
                constants.append(ceil_over(total, scale.scale))
                off = 0
                for n, share in leaf.pushes[c]:
                    layer, unit, piece, above = leaf.sides[n]
                    bends = scale.layers[layer].activation
                    if layer not in pushed:
                        shape = len(leaves), count, self.network.widths[layer]
                        pushed[layer] = np.zeros(shape, dtype=object)
                    pushed[layer][i, c, unit] += share if above else -share
                    off += share * (bends.lefts[piece] if above else -bends.rights[piece])
                held.append(off)
        size = len(leaves), count
        flat = whole(rows), whole(inputs), whole([constants]), whole([held])
        pushes = [pushed.get(layer) for layer in range(len(self.network.layers))]
        small = all(x.dtype != object for x in flat) and all(
            abs(share) < 2**60 for leaf in leaves for entry in leaf.pushes for _, share in entry
        )
        made = Sums(
            flat[0].reshape(*size, width),
            flat[1].reshape(*size, self.network.inputs),
            flat[2].reshape(size),
            tuple(pushes),
            flat[3].reshape(size),
        )
        return made.as_words() if small else made.as_longs()

    def of_inputs(self, chosen: Sequence[tuple[WholeConstraint, int]]) -> list[int]:
        """Return a sum's factors of inputs, rounded up."""
        totals = [Fraction(0)] * self.network.inputs
        for part, share in chosen:
            if any(part.inputs):
                totals = [t + share * a for t, a in zip(totals, part.inputs, strict=True)]
        return [ceil_over(total, 0) for total in totals]


def stacked(rows: Sequence[Whole]) -> Whole:
    """Return rows as one array, of Python's integers if some are."""
    if any(row.dtype == object for row in rows):
        return longs([row.tolist() for row in rows])
    return np.stack(rows)
