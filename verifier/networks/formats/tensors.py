"""Tensors of affine forms: what a reader computes with instead of numbers.

A reader runs a file's graph once, on arrays whose entries are affine forms in the network's
units. Reshaping, slicing and joining are then those of numpy; an activation makes new units.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any, Final, TypeAlias

import numpy as np

from verifier.networks.activations import NAMED, RELU, SAME, Activation, Affine, Cut, leaky_relu

MAX_SIZE: Final = 10_000_000
MAX_FORMS: Final = 1_000_000
MAX_WIDTH: Final = 100_000

NOTHING: Final = Fraction(0)
ONE: Final = Fraction(1)

# What no exact network of pieces computes, by the names of ONNX and of PyTorch.
CURVED: Final = "not piecewise affine"
_SMOOTH: Final = {
    "acos", "acosh", "asin", "asinh", "atan", "atanh", "celu", "cos", "cosh", "elu", "erf", "exp",
    "gelu", "gru", "instancenorm", "layernormalization", "layernorm", "log", "logsigmoid",
    "logsoftmax", "lstm", "mish", "multiheadattention", "reciprocal", "selu", "sigmoid", "silu",
    "sin", "sinh", "softmax", "softmin", "softplus", "softsign", "sqrt", "swish", "tan", "tanh",
    "tanhshrink",
}  # fmt: skip

# Entries are numbers (a constant), or Forms, or Fractions.
Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
Shape = tuple[int, ...]


class Refused(ValueError):
    """An operation that cannot be read exactly, with the reason."""


def curved(name: str) -> bool:
    """Whether an operator or a layer of this name is not piecewise affine.

    >>> curved("Tanh"), curved("GELU"), curved("Hardtanh"), curved("Frobnicate")
    (True, True, False, False)
    """
    return name.lower() in _SMOOTH


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """The number ``sum of terms[u] * unit u, plus constant``; no coefficient is 0."""

    terms: Mapping[int, Fraction]
    constant: Fraction

    def __add__(self, other: Form) -> Form:
        more, fewer = self.terms, other.terms
        if len(more) < len(fewer):
            more, fewer = fewer, more
        if fewer:
            total = dict(more)
            for unit, factor in fewer.items():
                total[unit] = total.get(unit, NOTHING) + factor
                if not total[unit]:
                    del total[unit]
            more = total
        return Form(more, self.constant + other.constant)

    def __mul__(self, factor: Fraction) -> Form:
        if not factor:
            return Form({}, NOTHING)
        return Form(
            {unit: factor * old for unit, old in self.terms.items()}, factor * self.constant
        )

    __rmul__ = __mul__

    def __neg__(self) -> Form:
        return self * -ONE

    def __sub__(self, other: Form) -> Form:
        return self + -other


@dataclass(frozen=True)
class Block:
    """Units made together: unit ``first + i`` is ``activation(forms[i])``."""

    first: int
    forms: tuple[Form, ...]
    activation: Activation | None


class Units:
    """The units made so far; numbers 0 to ``inputs - 1`` are the network's inputs."""

    def __init__(self, inputs: int) -> None:
        self.inputs = inputs
        self.blocks: list[Block] = []
        # The least number of layers a unit comes after.
        self.heights = [0] * inputs
        self.settled: dict[int, tuple[Form, Form]] = {}

    def input(self, shape: Shape) -> Array:
        """Return the inputs as a tensor."""
        return array([Form({unit: ONE}, NOTHING) for unit in range(self.inputs)], shape)

    def height(self, form: Form) -> int:
        """Return how many layers a form's units come after."""
        return max((self.heights[unit] for unit in form.terms), default=0)

    def bend(self, x: Array, activation: Activation | None) -> Array:
        """Apply an activation to every entry."""
        x = forms_of(x)
        fits(x.shape, MAX_WIDTH)
        if activation is not None:
            x = self.even(x)
        forms = tuple(x.ravel().tolist())
        first, height = len(self.heights), 1 + max(map(self.height, forms))
        self.blocks.append(Block(first, forms, activation))
        self.heights += [height] * len(forms)
        return array([Form({first + i: ONE}, NOTHING) for i in range(len(forms))], x.shape)

    def settle(self, forms: Sequence[Form]) -> None:
        """Give forms units of their own, which ``current`` then puts in their place."""
        rest = list({id(form): form for form in forms if id(form) not in self.settled}.values())
        if rest:
            fresh = self.bend(array(rest, (len(rest),)), None)
            self.settled |= {
                id(form): (form, unit) for form, unit in zip(rest, fresh.tolist(), strict=True)
            }

    def current(self, x: Array) -> Array:
        """Put the units of settled forms in their place."""
        entries = [self.settled.get(id(form), (form, form))[1] for form in x.ravel().tolist()]
        return array(entries, x.shape)

    def simple(self, x: Array) -> Array:
        """Give every sum units of its own: two matrices in a row stay two layers.

        Their product may be dear, and is not needed.
        """
        self.settle([form for form in x.ravel().tolist() if len(form.terms) > 1])
        return self.current(x)

    def even(self, x: Array) -> Array:
        """Give sums that others outrun units of their own, where these are fewer to carry on."""
        entries = x.ravel().tolist()
        heights = [self.height(form) for form in entries]
        top = max(heights)
        low = [
            form
            for form, height in zip(entries, heights, strict=True)
            if height < top and len(form.terms) > 1
        ]
        if not low or len(low) >= len({unit for form in low for unit in form.terms}):
            return x
        self.settle(low)
        return self.current(x)

    def total(self, a: Array, b: Array, factor: Fraction = ONE) -> Array:
        """Return ``a + factor * b``, broadcast."""
        fits(np.broadcast_shapes(a.shape, b.shape))
        a, b = forms_of(a), forms_of(b)
        both = self.even(np.concatenate([a.ravel(), b.ravel()]))
        a, b = both[: a.size].reshape(a.shape), both[a.size :].reshape(b.shape)
        return np.asarray(a + (b if factor == 1 else scaled(b, factor)), dtype=object)

    def product(self, x: Array, matrix: Array) -> Array:
        """Return rows of forms (n x k) times a matrix of fractions (k x m)."""
        (count, inner), outer = x.shape, matrix.shape[1]
        if inner != matrix.shape[0]:
            raise Refused(f"shapes {x.shape} and {matrix.shape} do not match")
        fits((count, outer))
        if count * inner * outer > MAX_SIZE:
            raise Refused(f"expected at most {MAX_SIZE} products, found {count * inner * outer}")
        rows, columns = self.simple(x).tolist(), matrix.T.tolist()
        return array([entry for row in rows for entry in combine(columns, row)], (count, outer))

    def maximum(self, a: Array, b: Array) -> Array:
        """Return the greater of two, as b + relu(a - b)."""
        if not any(form.terms for form in forms_of(a).flat):
            a, b = b, a
        return self.total(b, self.bend(self.total(a, b, -ONE), RELU))

    def normalised(self, x: Array, mean: Array, root: Array, scale: Array, shift: Array) -> Array:
        """Return ``(x - mean) / root * scale + shift``, by channels; these are the second axis."""
        if x.ndim < 2 or any(part.shape != (x.shape[1],) for part in (mean, root, scale, shift)):
            raise Refused("expected one mean, variance, scale and bias a channel")
        roots = fractions_of(root)
        if not all(roots.flat):
            raise Refused("expected a positive variance")
        shape = (1, -1, *(1,) * (x.ndim - 2))
        centred = self.total(x, mean.reshape(shape), -ONE)
        factors = (fractions_of(scale) / roots).reshape(shape)
        return self.total(scaled(centred, factors), shift.reshape(shape))

    def parametric(self, x: Array, slopes: Array) -> Array:
        """Return relu(x) - slope * relu(-x), with slopes broadcast."""
        slopes = np.broadcast_to(fractions_of(slopes), x.shape)
        if len(set(slopes.flat)) == 1:
            return self.bend(x, leaky(slopes.flat[0]))
        both = np.stack([forms_of(x), scaled(x, -ONE)])
        positive, negative = self.bend(both, RELU)
        return self.total(positive, scaled(negative, slopes), -ONE)

    def greatest(self, x: Array) -> Array:
        """Return the greatest along the last axis, by a tournament."""
        while x.shape[-1] > 1:
            half = x.shape[-1] // 2
            best = self.maximum(x[..., :half], x[..., half : 2 * half])
            x = np.concatenate([best, x[..., 2 * half :]], axis=-1)
        return x[..., 0]


def combine(rows: Sequence[Sequence[Fraction]], forms: Sequence[Form]) -> Iterator[Form]:
    """Yield, for each row of factors, the sum of factor times form."""
    units = [unit for form in forms for unit in form.terms]
    plain = len(set(units)) == len(forms) and all(
        len(form.terms) == 1 and not form.constant and ONE in form.terms.values() for form in forms
    )
    for row in rows:
        if plain:
            yield Form({u: w for u, w in zip(units, row, strict=True) if w}, NOTHING)
            continue
        terms: dict[int, Fraction] = {}
        constant = NOTHING
        for factor, form in zip(row, forms, strict=True):
            if factor:
                for unit, old in form.terms.items():
                    part = factor if old is ONE else factor * old
                    terms[unit] = terms[unit] + part if unit in terms else part
                if form.constant:
                    constant += factor * form.constant
        yield Form({unit: factor for unit, factor in terms.items() if factor}, constant)


# ---- activations


def leaky(slope: Fraction) -> Activation | None:
    """Return the leaky relu, by its simplest name."""
    return RELU if not slope else None if slope == 1 else leaky_relu(slope)


def clip(low: Fraction | None, high: Fraction | None) -> Activation:
    """Return the function that cuts values off below and above."""
    if low is not None and high is not None and low >= high:
        raise Refused(f"expected min below max, found {low} and {high}")
    cuts = tuple(Cut(end, False) for end in (low, high) if end is not None)
    lower, upper = (() if end is None else (Affine(NOTHING, end),) for end in (low, high))
    pieces = (*lower, SAME, *upper)
    for named in NAMED.values():
        if (named.cuts, named.pieces) == (cuts, pieces):
            return named
    return Activation("pieces", cuts, pieces)


# ---- arrays


def array(entries: Sequence[Any], shape: Shape) -> Array:
    """Return an array of objects."""
    out = np.empty(len(entries), dtype=object)
    out[:] = entries
    return out.reshape(shape)


def fits(shape: Sequence[int], limit: int = MAX_FORMS) -> None:
    """Refuse a tensor that is empty or too large, before it is made."""
    if any(size < 1 for size in shape) or prod(shape) > limit:
        raise Refused(f"expected from 1 to {limit} numbers, found shape {tuple(shape)}")


def is_form(x: Array) -> bool:
    """Whether entries are forms, not numbers."""
    return bool(x.dtype == object)


def forms_of(x: Array) -> Array:
    """Return an array as one of forms."""
    if is_form(x):
        return x
    fits(x.shape)
    constants = fractions_of(x)
    return array([Form({}, entry) for entry in constants.ravel().tolist()], x.shape)


def fractions_of(x: Array) -> Array:
    """Return a constant array as the rationals it holds.

    Raises
    ------
    Refused
        If a number is infinite or none, or the array depends on the input.
    """
    if is_form(x):
        if any(form.terms for form in x.flat):
            raise Refused("expected a constant argument, found one that depends on the input")
        return array([form.constant for form in x.flat], x.shape)
    finite = np.isfinite(x)
    if not finite.all():
        at = int(np.argmin(finite.ravel()))
        raise Refused(f"expected a finite number, found {x.ravel()[at]} at [{at}]")
    return array([Fraction(entry) if entry else NOTHING for entry in x.ravel().tolist()], x.shape)


def scaled(x: Array, factors: Array | Fraction) -> Array:
    """Return an array of forms times fractions; numpy unwraps what has no axes, this does not."""
    return np.asarray(forms_of(x) * factors, dtype=object)


def depends(x: Array) -> bool:
    """Whether an entry depends on the input."""
    return is_form(x) and any(form.terms for form in x.flat)


def take(x: Array, places: Array, fill: Form = Form({}, NOTHING)) -> Array:
    """Return the entries at flat places; place -1 stands for ``fill``."""
    fits(places.shape, MAX_SIZE)
    pool = array([*x.ravel().tolist(), fill], (x.size + 1,))
    return np.asarray(pool[places], dtype=object)


def weighted(x: Array, factors: Array) -> Array:
    """Return the sums along the last axis, with factors of the same shape."""
    entries = [
        next(combine([row], forms))
        for row, forms in zip(
            factors.reshape(-1, x.shape[-1]).tolist(),
            x.reshape(-1, x.shape[-1]).tolist(),
            strict=True,
        )
    ]
    return array(entries, x.shape[:-1])
