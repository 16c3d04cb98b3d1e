"""Checks a list of pieces against the network it is said to describe.

Nothing here searches or sorts: the certificate is a partition, and checking it is a walk through
the layers on every cell at once, in integers. It shares no step with how pieces are found.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from verifier.errors import VerifierError
from verifier.networks.activations import IDENTITY, Activation
from verifier.networks.model import Layer, Network
from verifier.networks.numbers.integers import Array, integers, largest, narrow, signs, within
from verifier.networks.piecewise import Sawtooth


class CertificateError(VerifierError):
    """A certificate does not show what it claims; the message says where it fails."""


class Ends(NamedTuple):
    """The two ends of every cell: numerator, denominator (0 at infinity), owned by the cell."""

    numerators: tuple[Array, Array]
    denominators: tuple[Array, Array]
    owned: tuple[Array, Array]


def check(network: Network, refinement: Sawtooth, function: Sawtooth | None = None) -> None:
    """Check that ``refinement`` is the network's function, and ``function`` its fewest pieces.

    On each cell of the refinement every unit must be affine, which holds if its value before the
    activation stays on one piece of the activation; the outputs' affine forms must be those
    claimed. The pieces of ``function`` must be unions of cells, and no two neighbours may fit one
    affine function.

    Raises
    ------
    CertificateError
        If any of this fails.
    """
    ends = partition(refinement)
    slopes = np.ones((refinement.count, 1), dtype=np.int64)
    intercepts, scale = np.zeros_like(slopes), 1
    for number, layer in enumerate(network.layers):
        slopes, intercepts, scale = affine_part(layer, slopes, intercepts, scale)
        slopes, intercepts, scale = activated(
            layer.activation or IDENTITY, slopes, intercepts, scale, ends, f"layers[{number}]"
        )
    for name, found, claimed in (
        ("slope", slopes, integers(refinement.slopes).T),
        ("intercept", intercepts, integers(refinement.intercepts).T),
    ):
        bound = max(largest(found) * refinement.scale, largest(claimed) * scale)
        found, claimed = within(max(bound, refinement.scale, scale), found, claimed)
        if found.shape != claimed.shape:
            raise CertificateError("the number of outputs is not the network's")
        wrong = np.flatnonzero((found * refinement.scale != claimed * scale).any(axis=1))
        if len(wrong):
            raise CertificateError(f"cell {wrong[0]}: the {name} is not the network's")
    if function is not None:
        check_fewest(refinement, function)


def partition(refinement: Sawtooth) -> Ends:
    """Return the ends of all cells, once the cuts are seen to increase inside the domain."""
    low, high = refinement.low, refinement.high
    first, last = low is None or low.as_integer_ratio(), high is None or high.as_integer_ratio()
    ends = [(-1, 0) if first is True else first, (1, 0) if last is True else last]
    p = integers([ends[0][0], *refinement.numerators, ends[1][0]])
    q = integers([ends[0][1], *refinement.denominators, ends[1][1]])
    closed = np.array([False, *refinement.closed, True])
    if (q[1:-1] <= 0).any() or refinement.scale <= 0:
        raise CertificateError("expected positive denominators")
    left, right = within(2 * largest(p) * largest(q), p, q)
    order = left[:-1] * right[1:] - left[1:] * right[:-1]
    wrong = np.flatnonzero((order > 0) | ((order == 0) & (closed[:-1] | ~closed[1:])))
    if len(wrong):
        raise CertificateError(f"cell {wrong[0]} is empty")
    return Ends((p[:-1], p[1:]), (q[:-1], q[1:]), (~closed[:-1], closed[1:]))


def affine_part(
    layer: Layer, slopes: Array, intercepts: Array, scale: int
) -> tuple[Array, Array, int]:
    """Return the forms of a layer's units before activation."""
    factor, rows, offsets = layer.scaled
    weights, bias = integers(rows).T, integers(offsets)
    bound = max(largest(slopes), largest(intercepts)) * largest(weights) * len(weights)
    bound = max(bound + largest(bias) * scale, scale)
    slopes, intercepts, weights, bias = within(bound, slopes, intercepts, weights, bias)
    return slopes @ weights, intercepts @ weights + bias * scale, scale * factor


def activated(
    activation: Activation, slopes: Array, intercepts: Array, scale: int, ends: Ends, place: str
) -> tuple[Array, Array, int]:
    """Return the forms after the activation, each unit seen to stay on one of its pieces."""
    owner = np.zeros(slopes.shape, dtype=np.int64)
    for piece, cut in enumerate(activation.cuts):
        below, above = activation.pieces[piece], activation.pieces[piece + 1]
        left, right = (
            sign_at(slopes, intercepts, scale, cut.at.as_integer_ratio(), p[:, None], q[:, None])
            for p, q in zip(ends.numerators, ends.denominators, strict=True)
        )
        inside = np.where(left != 0, left, right)
        side = np.where(inside != 0, inside > 0, not cut.closed)
        wrong = left * right < 0
        if below(cut.at) != above(cut.at):
            for sign, owned in zip((left, right), ends.owned, strict=True):
                wrong |= (sign == 0) & owned[:, None] & (side == cut.closed)
        if wrong.any():
            cell, unit = np.argwhere(wrong)[0]
            raise CertificateError(f"cell {cell}: {place}: unit {unit} is not affine there")
        owner += side
    factor, rises, lifts = activation.scaled
    rise, lift = integers(rises), integers([entry * scale for entry in lifts])
    bound = largest(rise) * max(largest(slopes), largest(intercepts)) + largest(lift)
    slopes, intercepts, rise, lift = within(bound, slopes, intercepts, rise, lift)
    slopes, intercepts = rise[owner] * slopes, rise[owner] * intercepts + lift[owner]
    return (*smaller(slopes, intercepts, scale * factor),)


def sign_at(
    slopes: Array, intercepts: Array, scale: int, at: tuple[int, int], p: Array, q: Array
) -> Array:
    """Return the sign of each unit minus ``at`` at p / q, or far out where q = 0."""
    shift, factor = at[0] * scale, at[1]
    bound = largest(slopes) * factor * largest(p)
    bound += (largest(intercepts) * factor + abs(shift)) * max(1, largest(q))
    slopes, intercepts, p, q = within(bound, slopes, intercepts, p, q)
    if factor != 1 or shift:
        slopes, intercepts = slopes * factor, intercepts * factor - shift
    found = signs(slopes * p + intercepts * q)
    if (q == 0).any():
        return np.where((q == 0) & (slopes == 0), signs(intercepts), found)
    return found


def smaller(slopes: Array, intercepts: Array, scale: int) -> tuple[Array, Array, int]:
    """Cancel powers of two that scale, slopes and intercepts share."""
    spare = scale & -scale
    for array in (slopes, intercepts):
        bits = int(np.bitwise_or.reduce(array, axis=None))
        spare = min(spare, bits & -bits) if bits else spare
    return narrow(slopes // spare), narrow(intercepts // spare), scale // spare


def check_fewest(refinement: Sawtooth, function: Sawtooth) -> None:
    """Check that ``function`` is ``refinement`` with as few pieces as possible.

    If no two neighbouring pieces fit one affine function, every partition has a cut at every
    place where they meet, and two at a place whose value differs from both limits.
    """
    if (function.low, function.high) != (refinement.low, refinement.high):
        raise CertificateError("the domains differ")
    if function.outputs != refinement.outputs:
        raise CertificateError("the numbers of outputs differ")
    if function.scale <= 0:
        raise CertificateError("expected a positive scale")
    cuts = list(zip(function.numerators, function.denominators, function.closed, strict=True))
    piece, ends = 0, iter([*cuts, None])
    end = next(ends)
    fine = [*zip(refinement.numerators, refinement.denominators, refinement.closed, strict=True)]
    for cell, cut in enumerate([*fine, None]):
        if not fits(refinement, cell, function, piece):
            raise CertificateError(f"cell {cell} does not fit piece {piece}")
        if cut == end:
            piece, end = piece + 1, next(ends, None)
    if piece != function.count:
        raise CertificateError(f"piece {piece} does not end where a cell ends")
    for left in range(function.count - 1):
        if fits(function, left, function, left + 1):
            raise CertificateError(f"pieces {left} and {left + 1} fit one affine function")


def fits(one: Sawtooth, i: int, other: Sawtooth, j: int) -> bool:
    """Say whether one affine function fits piece i of one and piece j of the other."""
    if not (one.has_points or other.has_points):
        left, right = one.slopes + one.intercepts, other.slopes + other.intercepts
        return all(a[i] * other.scale == b[j] * one.scale for a, b in zip(left, right, strict=True))
    for function, piece in ((one, i), (other, j)):
        if function.is_point(piece):
            x = function.inner_point(piece)
            values = [
                [form(x) for form in which.forms(number)]
                for which, number in ((one, i), (other, j))
            ]
            return values[0] == values[1]
    return one.forms(i) == other.forms(j)
