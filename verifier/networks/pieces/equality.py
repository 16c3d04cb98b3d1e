"""Exact equality of two networks of one input, on an interval or the whole line."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from verifier.errors import BadInput, VerifierError
from verifier.networks.model import Network, Vector, iterate
from verifier.networks.pieces.counting import find_iteration
from verifier.networks.pieces.partition import pieces_of
from verifier.networks.piecewise import Sawtooth, first_difference

# Below this, listing pieces is quick and gives a certificate of its own.
FEWEST_COPIES: Final = 12
LATEST_START: Final = 3


@dataclass(frozen=True)
class Equality:
    """Whether two networks are equal, and why.

    Parameters
    ----------
    equal:
        True if both agree at every point of the domain.
    method:
        How that was settled.
    at, left, right:
        If not equal, a point and the different values of both networks there, re-evaluated.
    certificate:
        If equal, the common function, or, for iterates, that of the cell on what it maps into.
    """

    equal: bool
    method: str
    at: Fraction | None = None
    left: Vector | None = None
    right: Vector | None = None
    certificate: Sawtooth | None = None


def equal_networks(
    left: Network, right: Network, low: Fraction | None = None, high: Fraction | None = None
) -> Equality:
    """Prove two networks equal on [low, high], or return a point where they differ.

    Examples
    --------
    >>> from verifier.networks.examples import shallow_sawtooth, tent_iterate
    >>> equal_networks(tent_iterate(3), shallow_sawtooth(3), Fraction(0), Fraction(1)).equal
    True
    >>> equal_networks(tent_iterate(3), shallow_sawtooth(3)).equal
    False

    Raises
    ------
    BadInput
        If a network has several inputs, the numbers of outputs differ, or low > high.
    LimitReached
        If there are too many pieces to list.
    """
    for network in (left, right):
        if network.inputs != 1:
            raise BadInput(
                "network",
                f"expected 1 input, found {network.inputs}; equal_on_box compares on boxes",
            )
    if left.outputs != right.outputs:
        raise BadInput(
            "network", f"expected equal numbers of outputs, found {left.outputs}, {right.outputs}"
        )
    through_cells = equal_iterates(left, right, low, high)
    if through_cells is not None:
        return through_cells
    one, other = (pieces_of(network, low, high).function for network in (left, right))
    at = first_difference(one, other)
    if at is None:
        return Equality(True, "both listed piece by piece", certificate=one)
    values = left.evaluate([at]), right.evaluate([at])
    if values[0] == values[1]:
        raise VerifierError(f"pieces differ at {at}, but the values there do not")
    return Equality(False, "pieces differ, values re-evaluated", at, *values)


def equal_iterates(
    left: Network, right: Network, low: Fraction | None, high: Fraction | None
) -> Equality | None:
    """Prove many iterates of two cells equal by way of the cells, or return None.

    If f^p = g^p on the domain, with values in an interval J, and f = g on J with values in J,
    then f^k = g^k on the domain for all k >= p, by induction.
    """
    one, other = find_iteration(left), find_iteration(right)
    if one is None or other is None or one.times != other.times or one.times < FEWEST_COPIES:
        return None
    if one.read_out != other.read_out:
        return None
    for start in range(1, LATEST_START + 1):
        head, rival = (
            pieces_of(iterate(cell, start), low, high).function for cell in (one.cell, other.cell)
        )
        if first_difference(head, rival) is not None:
            continue
        inner = head.image_hull()
        cell, rival = (pieces_of(cell, *inner).function for cell in (one.cell, other.cell))
        if first_difference(cell, rival) is None and contains(inner, cell.image_hull()):
            method = f"cells agree from copy {start} on, so all further iterates do, by induction"
            return Equality(True, method, certificate=cell)
    return None


def contains(
    outer: tuple[Fraction | None, Fraction | None], inner: tuple[Fraction | None, Fraction | None]
) -> bool:
    """Say whether one closed interval contains another; None is infinite."""
    below = outer[0] is None or (inner[0] is not None and outer[0] <= inner[0])
    above = outer[1] is None or (inner[1] is not None and inner[1] <= outer[1])
    return below and above
