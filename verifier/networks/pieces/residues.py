"""Affine forms held as residues, for wide layers with long weights.

Products of wide matrices of long integers are slow in Python. Here each form is held modulo
several small coprime moduli, where a product is a floating-point matrix product without any
rounding: every intermediate result is an integer below 2^53. Beside the residues go floating
point approximations with a proved error bound. They only propose: a sign that the bound does
not settle, every root, and the final forms are computed from the integers that the residues
determine, by the Chinese remainder theorem.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import gcd, isqrt
from typing import Final

import numpy as np

from verifier.networks.activations import Activation
from verifier.networks.model import Layer
from verifier.networks.numbers.integers import (
    Array,
    integers,
    largest,
    lowest_terms,
    quotients,
    signs,
)
from verifier.networks.pieces.cells import Cells, Crossings, ExactForms, accumulate

EXACT_FLOAT: Final = 2**51
UNIT_ROUNDOFF: Final = 2.0**-53
# Every product and sum below is rounded at most this often besides the sum over units.
EXTRA_ROUNDINGS: Final = 16
# Nonzero sizes and errors are kept above TINY, weights between SMALL and LARGE in size, so that
# no product of two of them vanishes by underflow.
TINY: Final = 1e-180
SMALL: Final = 1e-100
LARGE: Final = 1e100
BLOCK: Final = 2**21
MOST_MEMORY: Final = 2**27


@dataclass(frozen=True)
class Approximation:
    """Floats near slopes and intercepts (index 0 and 1 of the first axis), and error bounds."""

    values: Array
    errors: Array


@dataclass(frozen=True)
class ResidueForms:
    """Forms of m units on N cells, ``residues[k]`` of shape (2, N, m): slopes, intercepts.

    ``residues[k]`` is congruent to the integer forms modulo ``moduli[k]`` and at most
    (moduli[k] + 1) / 2 in absolute value; the product of the moduli exceeds twice every form of
    this and all later layers.
    """

    moduli: tuple[int, ...]
    residues: Array
    scale: int
    approximation: Approximation

    @staticmethod
    def of(forms: ExactForms, layers: Sequence[tuple[Activation, Layer]]) -> ResidueForms | None:
        """Return the forms as residues that stay right through the given layers.

        None if it would not pay or not be exact: too many moduli, or numbers beyond floats.
        """
        widest = max(layer.inputs for _, layer in layers)
        moduli = coprime_moduli(2 * magnitude(forms, layers), widest)
        units = max(layer.outputs for _, layer in layers)
        if len(moduli) * 2 * len(forms.slopes) * max(units, widest) > MOST_MEMORY:
            return None
        stacked = np.stack([forms.slopes.astype(object), forms.intercepts.astype(object)])
        residues = np.stack([(stacked % p).astype(np.float64) for p in moduli])
        for k, p in enumerate(moduli):
            residues[k] = centred(residues[k], p)
        scales = np.full(stacked.size, forms.scale, dtype=object)
        values = quotients(stacked.ravel(), scales).reshape(stacked.shape)
        errors = np.abs(values) * (2 * UNIT_ROUNDOFF)
        errors[(np.abs(values) < TINY) & (stacked != 0)] = np.inf
        return ResidueForms(moduli, residues, forms.scale, Approximation(values, errors))

    def integers_at(self, cell: Array, unit: Array) -> ExactForms:
        """Return the integer forms of the given units, by the Chinese remainder theorem."""
        picked = self.residues[:, :, cell, unit].astype(np.int64)
        flat = picked.reshape(len(self.moduli), -1).astype(object)
        product = 1
        for p in self.moduli:
            product *= p
        parts = [product // p for p in self.moduli]
        idempotents = np.array(
            [part * pow(part, -1, p) for part, p in zip(parts, self.moduli, strict=True)],
            dtype=object,
        )
        values = idempotents @ flat % product
        values = np.where(values > product // 2, values - product, values)
        slopes, intercepts = values.reshape(2, -1)
        return ExactForms(slopes, intercepts, self.scale)

    def exact(self) -> ExactForms:
        """Return all forms as integers."""
        shape = self.residues.shape[2:]
        cell, unit = np.indices(shape).reshape(2, -1)
        flat = self.integers_at(cell, unit)
        return ExactForms(
            flat.slopes.reshape(shape), flat.intercepts.reshape(shape), self.scale
        ).reduced()

    def roots(self, cell: Array, unit: Array, at: Fraction) -> tuple[Array, Array]:
        """Return where the given units take the value ``at``, as numerators, denominators."""
        slopes, intercepts = self.integers_at(cell, unit).shifted(at)
        return lowest_terms(-intercepts, slopes)

    def signs(self, cells: Cells, at: Fraction) -> tuple[Array, Array]:
        """Return the exact signs of unit minus ``at`` at the left and right end of each cell."""
        return (
            self.signs_at(slice(None, -1), cells, at),
            self.signs_at(slice(1, None), cells, at),
        )

    def signs_at(self, ends: slice, cells: Cells, at: Fraction) -> Array:
        """Return the exact signs of unit minus ``at`` at one end of each cell."""
        x = cells.approximate[ends][:, None]
        finite = (cells.denominators[ends] != 0)[:, None]
        slopes, intercepts = self.approximation.values
        slope_errors, errors = self.approximation.errors
        level = float_of(at)
        with np.errstate(invalid="ignore", over="ignore"):
            place = np.where(finite, x, np.sign(x))
            value = slopes * place + np.where(finite, intercepts - level, 0.0)
            sizes = np.abs(slopes * place)
            sizes += np.where(finite, np.abs(intercepts) + abs(level), 0.0)
            doubt = slope_errors * np.abs(place) + np.where(finite, errors, 0.0)
            doubt = doubt * (1 + 1e-12) + sizes * (EXTRA_ROUNDINGS * UNIT_ROUNDOFF)
            # Also covers what is lost when the place or the level is too small for a float.
            doubt += TINY * (1 + np.abs(slopes))
            zero = (slopes == 0) & (slope_errors == 0) & (intercepts == 0) & (errors == 0)
            settled = (np.abs(value) > doubt) | (zero & finite & (at == 0))
        found = signs(value)
        cell, unit = np.nonzero(~settled)
        if len(cell):
            slopes_exact, intercepts_exact = self.integers_at(cell, unit).shifted(at)
            p = cells.numerators[ends][cell].astype(object)
            q = cells.denominators[ends][cell].astype(object)
            exact = slopes_exact.astype(object) * p + intercepts_exact.astype(object) * q
            far = (q == 0) & (exact == 0)
            found[cell, unit] = signs(np.where(far, intercepts_exact, exact))
        return found

    def advance(self, crossings: Crossings, activation: Activation, layer: Layer) -> ResidueForms:
        """Return the forms of the next layer's units, before activation, on the refined cells."""
        factor, rises, lifts = activation.scaled
        scale_weights, rows, offsets = layer.scaled
        weights, bias = integers(rows).T, integers(offsets)
        owner, cell, unit, piece = crossings.owner, crossings.cell, crossings.unit, crossings.piece
        scale = self.scale * factor
        offset = bias.astype(object) * scale
        slope_of = np.array(rises, dtype=object)
        lift_of = np.array([lift * self.scale for lift in lifts], dtype=object)
        jumps = [np.diff(slope_of), np.diff(lift_of)]
        out = np.empty((len(self.moduli), 2, len(crossings.parent), layer.outputs))
        for k, p in enumerate(self.moduli):
            matrix = reduce_integers(weights, p)
            units = centred(reduce_integers(slope_of, p)[owner] * self.residues[k], p)
            units[1] = centred(units[1] + reduce_integers(lift_of, p)[owner], p)
            base = centred(units @ matrix, p)
            base[1] = centred(base[1] + reduce_integers(offset, p), p)
            step = reduce_integers(jumps[0], p)[piece] * crossings.rise
            steps = step * self.residues[k][:, cell, unit]
            steps[1] += reduce_integers(jumps[1], p)[piece] * crossings.rise
            moves = centred(steps, p)[:, :, None] * matrix[unit]
            for part in (0, 1):
                total = accumulate(base[part], centred(moves[part], p), crossings)
                out[k, part] = centred(total, p)
        approximation = self.approximate(crossings, activation, layer)
        return replace(self, residues=out, scale=scale * scale_weights, approximation=approximation)

    def approximate(
        self, crossings: Crossings, activation: Activation, layer: Layer
    ) -> Approximation:
        """Return the next layer's approximation; rounding errors are bounded as they arise."""
        owner = owners(crossings)
        weights = np.array([[float_of(entry) for entry in row] for row in layer.weights]).T
        bias = np.array([float_of(entry) for entry in layer.bias])
        slope_of = np.array([float_of(piece.slope) for piece in activation.pieces])
        lift_of = np.array([float_of(piece.intercept) for piece in activation.pieces])
        shape = (2, len(owner), layer.outputs)
        values, errors = np.empty(shape), np.empty(shape)
        height = max(1, BLOCK // max(layer.inputs, layer.outputs))
        for start in range(0, len(owner), height):
            rows = slice(start, start + height)
            parent, pieces = crossings.parent[rows], owner[rows]
            values[:, rows], errors[:, rows] = propagate_errors(
                self.approximation.values[:, parent],
                self.approximation.errors[:, parent],
                (slope_of[pieces], lift_of[pieces]),
                (weights, bias),
            )
        if not all(map(representable, (*layer.weights, layer.bias, *activation.pieces))):
            errors[...] = np.inf
        errors[~np.isfinite(values) | ~np.isfinite(errors)] = np.inf
        return Approximation(values, errors)


def propagate_errors(
    values: Array, errors: Array, pieces: tuple[Array, Array], affine: tuple[Array, Array]
) -> tuple[Array, Array]:
    """Return approximate forms after an activation and an affine map, and their error bounds.

    A dot product of n terms, however it is ordered, is off by at most n roundings of the sum of
    absolute values. An error of 0 means that the form is exactly 0, as for dead units.
    """
    (rise, lift), (weights, bias) = pieces, affine
    rounding = (len(weights) + EXTRA_ROUNDINGS) * UNIT_ROUNDOFF
    # Numbers beyond floats make bounds infinite, which leaves the signs to exact integers.
    with np.errstate(invalid="ignore", over="ignore"):
        dead = rise == 0
        units = np.where(dead, 0.0, values * rise)
        doubts = np.where(dead, 0.0, errors * np.abs(rise))
        sizes = np.abs(units)
        units[1] += lift
        sizes[1] += np.abs(lift)
        result = units @ weights
        result[1] += bias
        total = (1 + 1e-12) * above_underflow(doubts) + rounding * above_underflow(sizes)
        spread = total @ np.abs(weights)
        spread[1] += rounding * np.abs(bias)
        return result, np.where(spread == 0, 0.0, spread * (1 + 1e-9) + TINY)


def owners(crossings: Crossings) -> Array:
    """Return the activation piece that owns each unit on each refined cell."""
    base = crossings.owner.astype(np.int64)
    change = np.zeros((len(crossings.parent), base.shape[1]), dtype=np.int64)
    np.add.at(change, (crossings.child, crossings.unit), crossings.rise)
    np.cumsum(change, axis=0, out=change)
    return np.asarray((base - change[crossings.first])[crossings.parent] + change)


def centred(array: Array, p: int) -> Array:
    """Return integers held in floats, below 2^51, modulo p and at most (p + 1) / 2 in size."""
    return np.asarray(array - np.rint(array * (1.0 / p)) * p)


def reduce_integers(array: Array, p: int) -> Array:
    """Return integers modulo p, in floats."""
    return centred((array % p).astype(np.float64), p)


def coprime_moduli(bound: int, terms: int) -> tuple[int, ...]:
    """Return pairwise coprime moduli with product above ``bound``.

    So small that a sum of ``terms`` products of two residues stays an exact float.

    >>> coprime_moduli(2**40, 128)
    (8356028, 8356027)
    """
    p = 2 * isqrt(EXACT_FLOAT // (terms + 1)) - 2
    p = min(p, 2**23 - 1)
    moduli: list[int] = []
    product = 1
    while product <= bound or not moduli:
        if gcd(product, p) == 1:
            moduli.append(p)
            product *= p
        p -= 1
    return tuple(moduli)


def magnitude(forms: ExactForms, layers: Sequence[tuple[Activation, Layer]]) -> int:
    """Return a bound for the integer forms of this and all the given layers."""
    slope, intercept, scale = largest(forms.slopes), largest(forms.intercepts), forms.scale
    most = max(slope, intercept)
    for activation, layer in layers:
        factor, rises, lifts = activation.scaled
        scale_weights, rows, bias = layer.scaled
        rise = max(map(abs, rises))
        total = max(sum(map(abs, row)) for row in rows)
        slope *= rise * total
        intercept = (intercept * rise + max(map(abs, lifts)) * scale) * total
        intercept += max(map(abs, bias)) * scale * factor
        scale *= factor * scale_weights
        most = max(most, slope, intercept)
    return most


def representable(numbers: Sequence[Fraction]) -> bool:
    """Say whether rounding to floats is accurate for these: neither tiny nor huge."""
    return all(not number or SMALL < abs(float_of(number)) < LARGE for number in numbers)


def above_underflow(sizes: Array) -> Array:
    """Return the sizes, the nonzero ones at least TINY."""
    return np.where(sizes == 0, 0.0, np.maximum(sizes, TINY))


def float_of(number: Fraction) -> float:
    """Return the nearest float, infinite if none is near."""
    try:
        return float(number)
    except OverflowError:
        return float("inf")
