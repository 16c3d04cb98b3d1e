"""Exact equality of two networks of several inputs, on a box or everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from time import monotonic
from typing import Final

from verifier.errors import BadInput, LimitReached, VerifierError
from verifier.networks.certificates.regions_check import check_splits
from verifier.networks.certificates.regions_tree import Question, Tree
from verifier.networks.model import Network
from verifier.networks.numbers.inequalities import ZERO, Vector
from verifier.networks.property import Constraint
from verifier.networks.regions.normal_form import same_form
from verifier.networks.regions.points import points
from verifier.networks.regions.search import settle

# Systems of linear inequalities that z3 may be asked about.
QUESTIONS: Final = 1_000_000


@dataclass(frozen=True)
class EqualityOnBox:
    """Whether two networks are equal, and why.

    Parameters
    ----------
    equal:
        True if both agree at every point of the box.
    method:
        How that was settled.
    question:
        Whether the networks differ, as a question about both.
    at, left, right:
        If not equal, a point and the different values of both networks there, re-evaluated.
    tree:
        If equal, the checked tree of splits, where it took one.
    """

    equal: bool
    method: str
    question: Question
    at: Vector | None = None
    left: Vector | None = None
    right: Vector | None = None
    tree: Tree | None = None

    @property
    def regions(self) -> int | None:
        """On how many regions they were compared, if on some."""
        return None if self.tree is None else self.tree.regions


def equal_on_box(
    left: Network,
    right: Network,
    low: Sequence[Fraction | None] | None = None,
    high: Sequence[Fraction | None] | None = None,
    *,
    seconds: float | None = None,
    tree: bool = False,
) -> EqualityOnBox:
    """Prove two networks equal on a box, or return a point where they differ.

    Parameters
    ----------
    low, high:
        The corners, one number an input; None where the box is unbounded.
    seconds:
        How long it may take; None for no limit.
    tree:
        Whether equality is to be shown by a tree of splits, even where it takes none.

    Examples
    --------
    >>> from verifier.networks.activations import RELU
    >>> from verifier.networks.model import Layer
    >>> row = lambda *entries: tuple(map(Fraction, entries))
    >>> maximum = Network(2, (
    ...     Layer((row(1, -1), row(0, 1), row(0, -1)), row(0, 0, 0), RELU),
    ...     Layer((row(1, 1, -1),), row(0)),
    ... ))
    >>> first = Network(2, (Layer((row(1, 0),), row(0)),))
    >>> found = equal_on_box(maximum, first)
    >>> found.equal, found.left > found.right
    (False, True)
    >>> equal_on_box(maximum, first, row(1, 0), row(2, 1)).equal
    True

    Raises
    ------
    BadInput
        If the numbers of inputs or outputs differ, or the corners are not those of a box.
    LimitReached
        If there are too many affine regions.
    """
    start = monotonic()
    question = difference(left, right, low, high)
    samples = []
    for point in points(question):
        if question.is_unsafe(point):
            return witness(question, point, "a point where they differ")
        samples.append(point)
        if seconds is not None and monotonic() - start > seconds:
            raise LimitReached("the time limit was hit before the networks were compared")
    if not tree and same_form(left, right, question.low, question.high):
        return EqualityOnBox(True, "both are the same sum of ramps and steps", question)
    remaining = None if seconds is None else seconds - (monotonic() - start)
    found = settle(question, samples, limit=QUESTIONS, seconds=remaining)
    if not isinstance(found, Tree):
        return witness(question, found, "a region where they differ, values re-evaluated")
    regions = check_splits(question, found)
    method = f"compared on {regions} affine regions, by a tree of splits checked apart"
    return EqualityOnBox(True, method, question, tree=found)


def witness(question: Question, at: Vector, method: str) -> EqualityOnBox:
    """Return that two networks differ at a point, evaluated once more."""
    left, right = (network.evaluate(at) for network in question.networks)
    if left == right or not question.contains(at):
        raise VerifierError(f"the networks do not differ at {at}")
    return EqualityOnBox(False, method, question, at, left, right)


def difference(
    left: Network,
    right: Network,
    low: Sequence[Fraction | None] | None = None,
    high: Sequence[Fraction | None] | None = None,
) -> Question:
    """Return the question whether two networks differ somewhere: an output is less or more.

    Raises
    ------
    BadInput
        As :func:`equal_on_box`.
    """
    for what in ("inputs", "outputs"):
        one, other = (getattr(network, what) for network in (left, right))
        if one != other:
            raise BadInput("network", f"expected equal numbers of {what}, found {one}, {other}")
    corners = []
    for name, corner in (("lower corner", low), ("upper corner", high)):
        corner = (None,) * left.inputs if corner is None else tuple(corner)
        if len(corner) != left.inputs:
            raise BadInput(name, f"expected {left.inputs} numbers, found {len(corner)}")
        corners.append(corner)
    for i, (a, b) in enumerate(zip(*corners, strict=True)):
        if a is not None and b is not None and a > b:
            raise BadInput("box", f"expected A <= B, found {a} > {b}", f"input {i}")
    unsafe = []
    for j in range(left.outputs):
        for sign in (Fraction(1), Fraction(-1)):
            weights = [ZERO] * (2 * left.outputs)
            weights[j], weights[left.outputs + j] = sign, -sign
            nothing = (ZERO,) * left.inputs
            unsafe.append((Constraint(nothing, tuple(weights), ZERO, strict=True),))
    return Question((left, right), corners[0], corners[1], tuple(unsafe))
