"""Convolutions and pools on tensors of forms: matrices, written window by window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

import numpy as np

from verifier.networks.formats.tensors import (
    MAX_SIZE,
    ONE,
    Array,
    Refused,
    Shape,
    Units,
    array,
    fits,
    forms_of,
    fractions_of,
    take,
    weighted,
)


@dataclass(frozen=True)
class Windows:
    """How a kernel slides over the last axes: one entry an axis, ``pads`` (before, after)."""

    kernel: Shape
    strides: Shape
    dilations: Shape
    pads: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        parts = (self.kernel, self.strides, self.dilations, self.pads)
        positive = (*self.kernel, *self.strides, *self.dilations)
        if len({len(part) for part in parts}) != 1 or min(positive, default=0) < 1:
            raise Refused(f"expected kernel, strides, dilations and pads that fit, found {parts}")
        if min(min(pair) for pair in self.pads) < 0:
            raise Refused("expected pads of at least 0")

    @property
    def reach(self) -> Shape:
        """How far a window reaches along each axis."""
        return tuple((k - 1) * d + 1 for k, d in zip(self.kernel, self.dilations, strict=True))

    def places(self, places: Array) -> Array:
        """Return, for each window, the places it covers, -1 for padding: (*windows, kernel)."""
        if places.ndim != len(self.kernel):
            raise Refused(f"expected {len(self.kernel)} axes for the kernel, found {places.ndim}")
        fits([size + sum(pads) for size, pads in zip(places.shape, self.pads, strict=True)])
        padded = np.pad(places, self.pads, constant_values=-1)
        view = np.lib.stride_tricks.sliding_window_view(padded, self.reach)
        steps = [slice(None, None, step) for step in (*self.strides, *self.dilations)]
        found = view[tuple(steps)]
        fits(found.shape, MAX_SIZE)
        return found.reshape(*found.shape[: places.ndim], prod(self.kernel))


def numbered(sizes: Sequence[int]) -> Array:
    """Return the places of a tensor, in row-major order."""
    return np.arange(prod(sizes)).reshape(sizes)


def convolve(units: Units, x: Array, weights: Array, groups: int, windows: Windows) -> Array:
    """Return the convolution of x (batch, channels, …) with weights (outputs, channels, …)."""
    return gathered(units, x, weights, groups, windows.places(numbered(x.shape[2:])))


def convolve_back(
    units: Units, x: Array, weights: Array, groups: int, windows: Windows, more: Sequence[int]
) -> Array:
    """Return the transposed convolution; weights are (channels, outputs, …).

    It is the convolution by the turned kernel of x with zeros between its entries. ``more``
    lines are added after the last.
    """
    sizes = x.shape[2:]
    if not len(sizes) == len(windows.kernel) == len(more):
        raise Refused(f"expected {len(windows.kernel)} axes for the kernel, found {len(sizes)}")
    spread = tuple((s - 1) * step + 1 for s, step in zip(sizes, windows.strides, strict=True))
    fits(spread)
    places = np.full(spread, -1)
    places[tuple(slice(None, None, step) for step in windows.strides)] = numbered(sizes)
    pads = tuple(
        (reach - 1 - before, reach - 1 - after + extra)
        for reach, (before, after), extra in zip(windows.reach, windows.pads, more, strict=True)
    )
    ones = (1,) * len(sizes)
    turned = Windows(windows.kernel, ones, windows.dilations, pads)
    count = weights.shape[0] // groups
    kernel = weights.reshape(groups, count, *weights.shape[1:])
    kernel = np.flip(np.moveaxis(kernel, 2, 1), axis=tuple(range(3, kernel.ndim)))
    kernel = kernel.reshape(-1, count, *weights.shape[2:])
    return gathered(units, x, kernel, groups, turned.places(places))


def gathered(units: Units, x: Array, weights: Array, groups: int, places: Array) -> Array:
    """Multiply what each window covers by the weights (outputs, channels in a group, …)."""
    outputs, channels, *_ = weights.shape
    if groups < 1 or outputs % groups or x.shape[1] != channels * groups:
        raise Refused(f"{x.shape[1]} channels do not fit weights of shape {weights.shape}")
    *positions, kernel = places.shape
    rows = fractions_of(weights).reshape(groups, outputs // groups, channels * kernel)
    plane = prod(x.shape[2:])
    # Places in a group's channels, one after the other.
    shifts = np.arange(channels)[:, None] * plane
    flat = places.reshape(-1, kernel)
    fits((len(flat), channels, kernel), MAX_SIZE)
    inside = np.where(flat[:, None] < 0, -1, flat[:, None] + shifts).reshape(len(flat), -1)
    x = units.simple(forms_of(x)).reshape(x.shape[0], groups, channels * plane)
    out = [
        units.product(take(part, inside), matrix.T).T
        for entry in x
        for part, matrix in zip(entry, rows, strict=True)
    ]
    return np.concatenate(out).reshape(x.shape[0], outputs, *positions)


def covered(x: Array, windows: Windows) -> tuple[Array, Array]:
    """Return what each window covers (batch, channels, *windows, kernel), and its places."""
    places = windows.places(numbered(x.shape[2:]))
    planes = forms_of(x).reshape(-1, prod(x.shape[2:]))
    fits((len(planes), places.size), MAX_SIZE)
    parts = np.stack([take(plane, places) for plane in planes])
    return parts.reshape(*x.shape[:2], *places.shape), places


def average(units: Units, x: Array, windows: Windows, count_padding: bool) -> Array:
    """Return the mean of each window; padding counts as zeros, or not at all."""
    parts, places = covered(units.even(forms_of(x)), windows)
    inside = np.full(places.shape, True) if count_padding else places >= 0
    counts = inside.sum(axis=-1, keepdims=True).tolist()
    flat = np.ravel(counts).tolist()
    if 0 in flat:
        raise Refused("a window covers nothing but padding")
    shares = array([Fraction(1, count) for count in flat], (*places.shape[:-1], 1))
    return weighted(parts, np.broadcast_to(shares, parts.shape))


def greatest(units: Units, x: Array, windows: Windows) -> Array:
    """Return the greatest entry of each window; padding never is."""
    places = windows.places(numbered(x.shape[2:]))
    first = places.max(axis=-1, keepdims=True)
    if first.min() < 0:
        raise Refused("a window covers nothing but padding")
    # An entry that comes twice changes no maximum, and stands for the padding.
    places = np.where(places < 0, first, places)
    planes = forms_of(x).reshape(-1, prod(x.shape[2:]))
    fits((len(planes), places.size), MAX_SIZE)
    parts = np.stack([take(plane, places) for plane in planes])
    return units.greatest(parts.reshape(*x.shape[:2], *places.shape))


def mean(units: Units, x: Array, share: Fraction = ONE) -> Array:
    """Return the sums along the last axis, times ``share``."""
    x = units.even(forms_of(x))
    return weighted(x, np.broadcast_to(array([share], (1,)), x.shape))
