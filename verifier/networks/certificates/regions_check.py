"""Check a tree of splits without the search that found it, and without a solver.

Each split covers the region above it by construction. So what is checked is that each part left
out is empty, that each unit is on the piece the splits say, and that no conjunction of the unsafe
set can hold at a leaf: by multipliers under which linear inequalities add up to a contradiction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from verifier.networks.activations import Activation
from verifier.networks.certificates.pieces_check import CertificateError
from verifier.networks.certificates.regions_tree import (
    Closed,
    Place,
    Question,
    Settled,
    Split,
    Tree,
)
from verifier.networks.numbers.inequalities import Multipliers
from verifier.networks.property import Constraint

# Coefficients of the inputs, then the constant.
Row = tuple[Fraction, ...]
# A row that is at least zero; more than zero if the second entry is true.
Inequality = tuple[Row, bool]


def check_splits(question: Question, tree: Tree) -> int:
    """Check that a tree shows that no input is unsafe, and return its number of regions.

    Raises
    ------
    CertificateError
        With the node that does not hold, if it does not.

    Examples
    --------
    >>> from verifier.networks.activations import ABS
    >>> from verifier.networks.model import Layer, Network
    >>> from verifier.networks.regions.search import settle
    >>> zero, one = Fraction(0), Fraction(1)
    >>> size = Network(1, (Layer(((one,),), (zero,), ABS),))
    >>> below = Constraint((zero,), (-one,), zero, strict=True)
    >>> question = Question((size,), (None,), (None,), ((below,),))
    >>> check_splits(question, settle(question, limit=20))
    2
    """
    stack = [Part(question, list(box(question)), {})]
    regions = 0
    for i, node in enumerate(tree.nodes):
        if not stack:
            raise CertificateError(f"node {i}: the tree has ended before")
        part = stack.pop()
        try:
            match node:
                case Split():
                    lower, upper = part.halves(node)
                    stack += [upper, lower]
                case Settled():
                    halves = part.halves(node)
                    refuted(halves[not node.above].conditions, node.why)
                    half = halves[node.above]
                    # The condition follows from the others, which alone are numbered.
                    half.conditions.pop()
                    stack.append(half)
                case Closed():
                    regions += 1
                    part.close(node)
        except (CertificateError, IndexError, KeyError) as error:
            raise CertificateError(f"node {i}: {error}") from error
    if stack:
        raise CertificateError("the tree is cut short")
    return regions


def box(question: Question) -> list[Inequality]:
    """Return the sides of the box: for each input the lower one, then the upper one."""
    sides = []
    for i, (low, high) in enumerate(zip(question.low, question.high, strict=True)):
        unit = tuple(Fraction(i == j) for j in range(len(question.low)))
        if low is not None:
            sides.append(((*unit, -low), False))
        if high is not None:
            sides.append(((*(-entry for entry in unit), high), False))
    return sides


def refuted(conditions: Sequence[Inequality], why: Multipliers) -> None:
    """Refuse multipliers that do not show that conditions contradict each other.

    Raises
    ------
    CertificateError
        If a multiplier is negative, or the sum is not 0 ≥ c > 0, nor 0 > 0.
    """
    if any(factor < 0 or number < 0 for number, factor in why.parts):
        raise CertificateError("a multiplier is negative")
    chosen = [(*conditions[number], factor) for number, factor in why.parts]
    sums = [
        sum((factor * row[j] for row, _, factor in chosen), Fraction(0))
        for j in range(len(conditions[0][0]) if conditions else 0)
    ]
    strict = any(is_strict and factor for _, is_strict, factor in chosen)
    if not chosen or any(sums[:-1]) or sums[-1] > 0 or (sums[-1] == 0 and not strict):
        raise CertificateError("inequalities do not add up to a contradiction")


@dataclass
class Part:
    """A part of the box.

    Attributes
    ----------
    conditions:
        What cuts it out.
    pieces:
        The first and the last piece that each unit asked about may lie on.
    rows:
        The values of units that are known, as rows.
    """

    question: Question
    conditions: list[Inequality]
    pieces: dict[Place, tuple[int, int]]
    rows: dict[Place, Row] = field(default_factory=dict)

    def halves(self, node: Split | Settled) -> list[Part]:
        """Return the parts below and above a breakpoint of a unit.

        Raises
        ------
        CertificateError
            If the breakpoint belongs to another side than the activation says, or the unit is
            known to lie on one side of it.
        """
        activation, sum_ = self.activation(node.at), self.sum(node.at)
        if activation is None:
            raise CertificateError(f"{node.at} has no breakpoint")
        first, last = self.pieces.get(node.at, (0, len(activation.pieces) - 1))
        if not first <= node.cut < last:
            raise CertificateError(f"{node.at} is not met on both sides of breakpoint {node.cut}")
        at, closed = activation.cuts[node.cut]
        left, right = activation.pieces[node.cut], activation.pieces[node.cut + 1]
        if node.closed != closed and left(at) != right(at):
            raise CertificateError(f"{node.at} jumps at breakpoint {node.cut}")
        above = (*sum_[:-1], sum_[-1] - at)
        below = tuple(-entry for entry in above)
        return [
            Part(
                self.question,
                [*self.conditions, condition],
                {**self.pieces, node.at: pieces},
                dict(self.rows),
            )
            for condition, pieces in (
                ((below, not node.closed), (first, node.cut)),
                ((above, node.closed), (node.cut + 1, last)),
            )
        ]

    def activation(self, at: Place) -> Activation | None:
        """Return the activation of a unit."""
        return self.question.networks[at.network].layers[at.layer].activation

    def sum(self, at: Place) -> Row:
        """Return a unit before its activation, as a row."""
        layer = self.question.networks[at.network].layers[at.layer]
        size = len(self.question.low)
        total = [Fraction(0)] * size + [layer.bias[at.unit]]
        for j, weight in enumerate(layer.weights[at.unit]):
            if weight and at.layer == 0:
                total[j] += weight
            elif weight:
                below = self.row(Place(at.network, at.layer - 1, j))
                total = [a + weight * b for a, b in zip(total, below, strict=True)]
        return tuple(total)

    def row(self, at: Place) -> Row:
        """Return a unit as a row.

        Raises
        ------
        CertificateError
            If the unit may lie on several pieces.
        """
        if at not in self.rows:
            sum_, activation = self.sum(at), self.activation(at)
            if activation is not None:
                if any(sum_[:-1]):
                    first, last = self.pieces.get(at, (0, len(activation.pieces) - 1))
                else:
                    first = last = activation.index(sum_[-1])
                if first != last:
                    raise CertificateError(f"{at} may lie on pieces {first} to {last}")
                slope, intercept = activation.pieces[first]
                sum_ = tuple(slope * entry for entry in sum_)
                sum_ = (*sum_[:-1], sum_[-1] + intercept)
            self.rows[at] = sum_
        return self.rows[at]

    def close(self, node: Closed) -> None:
        """Refuse a leaf where some conjunction is not refuted.

        Raises
        ------
        CertificateError
            If there is one.
        """
        unsafe = self.question.unsafe
        if len(node.why) != len(unsafe):
            raise CertificateError(f"{len(unsafe)} conjunctions, {len(node.why)} refuted")
        for parts, why in zip(unsafe, node.why, strict=True):
            refuted([*self.conditions, *((self.left(p), p.strict) for p in parts)], why)

    def left(self, part: Constraint) -> Row:
        """Return the left-hand side of a constraint as a row."""
        total = [*part.inputs, part.constant]
        weights = iter(part.outputs)
        for k, network in enumerate(self.question.networks):
            for j in range(network.outputs):
                if weight := next(weights):
                    row = self.row(Place(k, len(network.layers) - 1, j))
                    total = [a + weight * b for a, b in zip(total, row, strict=True)]
        return tuple(total)
