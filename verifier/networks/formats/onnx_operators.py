"""ONNX operators on tensors of affine forms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, Final

import numpy as np
from onnx import helper

from verifier.networks.activations import (
    ABS,
    AT_ZERO,
    RELU,
    SAME,
    ZERO,
    Activation,
    Affine,
    Cut,
)
from verifier.networks.formats import windows
from verifier.networks.formats.onnx_shapes import Attributes, Shapes, integers, whole
from verifier.networks.formats.tensors import (
    CURVED,
    NOTHING,
    ONE,
    Array,
    Refused,
    Units,
    clip,
    curved,
    depends,
    fits,
    forms_of,
    fractions_of,
    is_form,
    leaky,
    scaled,
)

SIGN: Final = Activation(
    "pieces",
    (AT_ZERO, Cut(NOTHING, True)),
    (Affine(NOTHING, -ONE), ZERO, Affine(NOTHING, ONE)),
)


class Operators(Shapes):
    """Applies nodes; constants that meet no input stay numbers where they are integers."""

    def __init__(self, units: Units) -> None:
        self.units = units

    def apply(self, node: Any, arguments: Sequence[Any]) -> tuple[Any, ...]:
        """Return a node's outputs; None for one that inference does not compute."""
        method = getattr(self, f"op_{node.op_type.lower()}", None)
        if method is None:
            why = f", for it is {CURVED}" if curved(node.op_type) else ""
            raise Refused(f"operator {node.op_type} is not supported{why}")
        known = {entry.name: helper.get_attribute_value(entry) for entry in node.attribute}
        known["outputs"] = len(node.output)
        arguments = [
            self.units.current(x) if x is not None and is_form(x) else x for x in arguments
        ]
        out = method(known, *arguments)
        results = out if isinstance(out, tuple) else (out,)
        return tuple(np.asarray(result) for result in results)

    # ---- as it is

    def op_identity(self, known: Attributes, x: Array) -> Array:
        return x

    def op_dropout(self, known: Attributes, x: Array, *rest: Any) -> Array:
        if len(rest) > 1 and rest[1] is not None and bool(rest[1]):
            raise Refused("dropout in training mode is random")
        return x

    def op_cast(self, known: Attributes, x: Array) -> Array:
        target = helper.tensor_dtype_to_np_dtype(known["to"])
        if not is_form(x):
            return x.astype(target)
        # bfloat16 is an extension, of kind V.
        if target.kind not in "fV":
            raise Refused(f"a cast to {target} rounds")
        return x

    # ---- arithmetic

    def op_add(self, known: Attributes, a: Array, b: Array) -> Array:
        a, b = aligned(known, a, b)
        return np.add(a, b) if whole(a, b) else self.units.total(a, b)

    def op_sub(self, known: Attributes, a: Array, b: Array) -> Array:
        a, b = aligned(known, a, b)
        return np.subtract(a, b) if whole(a, b) else self.units.total(a, b, -ONE)

    def op_neg(self, known: Attributes, x: Array) -> Array:
        return -x if whole(x) else scaled(x, -ONE)

    def op_mul(self, known: Attributes, a: Array, b: Array) -> Array:
        a, b = aligned(known, a, b)
        fits(np.broadcast_shapes(a.shape, b.shape))
        if whole(a, b):
            return np.multiply(a, b)
        if depends(b):
            a, b = b, a
        if depends(b):
            raise Refused("expected one constant argument")
        return scaled(a, fractions_of(b))

    def op_div(self, known: Attributes, a: Array, b: Array) -> Array:
        a, b = aligned(known, a, b)
        fits(np.broadcast_shapes(a.shape, b.shape))
        if depends(b):
            raise Refused("expected a division by a constant")
        divisors = fractions_of(b)
        if not all(divisors.flat):
            raise Refused("expected a divisor that is not 0")
        if whole(a, b):
            if a.min() < 0 or b.min() < 0:
                raise Refused("expected a division of integers that are not negative")
            return np.floor_divide(a, b)
        return scaled(a, ONE / divisors)

    def op_sum(self, known: Attributes, *parts: Array) -> Array:
        first, *rest = parts
        for part in rest:
            first = self.op_add({}, first, part)
        return first

    def op_mean(self, known: Attributes, *parts: Array) -> Array:
        return scaled(self.op_sum(known, *parts), Fraction(1, len(parts)))

    def op_matmul(self, known: Attributes, a: Array, b: Array) -> Array:
        if depends(a) and depends(b):
            raise Refused("expected one constant argument")
        if not a.ndim or not b.ndim:
            raise Refused("expected vectors or matrices")
        if a.ndim == 1:
            return self.op_matmul(known, a[None, :], b).squeeze(-2 if b.ndim > 1 else 0)
        if b.ndim == 1:
            return self.op_matmul(known, a, b[:, None]).squeeze(-1)
        if depends(b):
            return self.op_matmul(known, b.swapaxes(-1, -2), a.swapaxes(-1, -2)).swapaxes(-1, -2)
        a, b = forms_of(a), fractions_of(b)
        if b.ndim == 2:
            rows = self.units.product(a.reshape(-1, a.shape[-1]), b)
            return rows.reshape(*a.shape[:-1], b.shape[1])
        batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        fits((*batch, a.shape[-2], b.shape[-1]))
        a = np.broadcast_to(a, (*batch, *a.shape[-2:])).reshape(-1, *a.shape[-2:])
        b = np.broadcast_to(b, (*batch, *b.shape[-2:])).reshape(-1, *b.shape[-2:])
        parts = [self.units.product(x, y) for x, y in zip(a, b, strict=True)]
        return np.stack(parts).reshape(*batch, *parts[0].shape)

    def op_gemm(self, known: Attributes, a: Array, b: Array, c: Array | None = None) -> Array:
        if a.ndim != 2 or b.ndim != 2:
            raise Refused("expected matrices")
        a, b = a.T if known.get("transA", 0) else a, b.T if known.get("transB", 0) else b
        out = self.op_matmul(known, a, b)
        alpha, beta = Fraction(known.get("alpha", 1.0)), Fraction(known.get("beta", 1.0))
        out = out if alpha == 1 else scaled(out, alpha)
        if c is None or not beta:
            return out
        if np.broadcast_shapes(out.shape, c.shape) != out.shape:
            raise Refused(f"shape {c.shape} does not fit {out.shape}")
        return self.units.total(out, c, beta)

    def op_batchnormalization(
        self, known: Attributes, x: Array, scale: Array, bias: Array, mean: Array, variance: Array
    ) -> Array:
        """Fold: the square root is taken in the weights' own precision, as at inference."""
        if known.get("training_mode", 0) or not known.get("spatial", 1):
            raise Refused("batch normalization in training mode depends on the batch")
        if not is_form(variance):
            variance = variance + np.asarray(known.get("epsilon", 1e-5), dtype=variance.dtype)
        return self.units.normalised(x, mean, self.op_sqrt({}, variance), scale, bias)

    def op_sqrt(self, known: Attributes, x: Array) -> Array:
        """In the constant's own precision, as at inference; computed ones in float64."""
        if is_form(x):
            x = fractions_of(x).astype(np.float64)
        with np.errstate(invalid="ignore"):
            return np.asarray(np.sqrt(x))

    def op_reciprocal(self, known: Attributes, x: Array) -> Array:
        return self.op_div(known, np.array(1.0), x)

    # ---- activations

    def op_relu(self, known: Attributes, x: Array) -> Array:
        return self.units.bend(x, RELU)

    def op_abs(self, known: Attributes, x: Array) -> Array:
        return self.units.bend(x, ABS)

    def op_sign(self, known: Attributes, x: Array) -> Array:
        return self.units.bend(x, SIGN)

    def op_leakyrelu(self, known: Attributes, x: Array) -> Array:
        return self.units.bend(x, leaky(number(known.get("alpha", np.float32(0.01)))))

    def op_thresholdedrelu(self, known: Attributes, x: Array) -> Array:
        cut = Cut(number(known.get("alpha", 1.0)), True)
        return self.units.bend(x, Activation("pieces", (cut,), (ZERO, SAME)))

    def op_prelu(self, known: Attributes, x: Array, slope: Array) -> Array:
        return self.units.parametric(x, slope)

    def op_clip(
        self, known: Attributes, x: Array, low: Array | None = None, high: Array | None = None
    ) -> Array:
        low, high = known.get("min", low), known.get("max", high)
        ends = [
            None if end is None or end == none else number(end)
            for end, none in ((low, -np.inf), (high, np.inf))
        ]
        return self.units.bend(x, clip(*ends))

    def op_hardsigmoid(self, known: Attributes, x: Array) -> Array:
        slope = number(known.get("alpha", np.float32(0.2)))
        moved = self.units.total(scaled(x, slope), np.array(known.get("beta", 0.5)))
        return self.units.bend(moved, clip(NOTHING, ONE))

    def op_max(self, known: Attributes, *parts: Array) -> Array:
        first, *rest = parts
        for part in rest:
            both = whole(first, part)
            first = np.maximum(first, part) if both else self.units.maximum(first, part)
        return first

    def op_min(self, known: Attributes, *parts: Array) -> Array:
        if whole(*parts):
            return -self.op_max(known, *(-part for part in parts))
        return scaled(self.op_max(known, *(scaled(part, -ONE) for part in parts)), -ONE)

    # ---- reductions, convolutions

    def op_reducesum(self, known: Attributes, x: Array, axes: Array | None = None) -> Array:
        return self.reduced(known, x, axes, lambda part: windows.mean(self.units, part))

    def op_reducemean(self, known: Attributes, x: Array, axes: Array | None = None) -> Array:
        return self.reduced(
            known, x, axes,
            lambda part: windows.mean(self.units, part, Fraction(1, part.shape[-1])),
        )  # fmt: skip

    def op_reducemax(self, known: Attributes, x: Array, axes: Array | None = None) -> Array:
        return self.reduced(known, x, axes, self.units.greatest)

    def op_reducemin(self, known: Attributes, x: Array, axes: Array | None = None) -> Array:
        return self.reduced(
            known, x, axes, lambda part: scaled(self.units.greatest(scaled(part, -ONE)), -ONE)
        )

    def reduced(
        self, known: Attributes, x: Array, axes: Array | None, fold: Callable[[Array], Array]
    ) -> Array:
        """Fold some axes of a tensor into one value each."""
        chosen = known.get("axes", [] if axes is None else integers(axes))
        if not chosen and known.get("noop_with_empty_axes", 0):
            return x
        gone = {axis % x.ndim for axis in chosen} if chosen else set(range(x.ndim))
        kept = [axis for axis in range(x.ndim) if axis not in gone]
        shape = [x.shape[axis] for axis in kept]
        out = fold(forms_of(x).transpose(*kept, *sorted(gone)).reshape(*shape, -1))
        if known.get("keepdims", 1):
            shape = [1 if axis in gone else size for axis, size in enumerate(x.shape)]
        return out.reshape(shape)

    def op_globalaveragepool(self, known: Attributes, x: Array) -> Array:
        return self.op_reducemean({"axes": list(range(2, x.ndim))}, x)

    def op_globalmaxpool(self, known: Attributes, x: Array) -> Array:
        return self.op_reducemax({"axes": list(range(2, x.ndim))}, x)

    def op_averagepool(self, known: Attributes, x: Array) -> Array:
        sliding = pooling(known, x)
        return windows.average(self.units, x, sliding, bool(known.get("count_include_pad", 0)))

    def op_maxpool(self, known: Attributes, x: Array) -> Array:
        return windows.greatest(self.units, x, pooling(known, x))

    def op_conv(
        self, known: Attributes, x: Array, weights: Array, bias: Array | None = None
    ) -> Array:
        sliding = windows_of(known, x, weights.shape[2:])
        out = windows.convolve(self.units, x, weights, known.get("group", 1), sliding)
        return self.biased(out, bias)

    def op_convtranspose(
        self, known: Attributes, x: Array, weights: Array, bias: Array | None = None
    ) -> Array:
        if "output_shape" in known or known.get("auto_pad", b"NOTSET") != b"NOTSET":
            raise Refused("expected explicit pads")
        sliding = windows_of(known, x, weights.shape[2:])
        more = known.get("output_padding", [0] * (x.ndim - 2))
        groups = known.get("group", 1)
        out = windows.convolve_back(self.units, x, weights, groups, sliding, more)
        return self.biased(out, bias)

    def biased(self, x: Array, bias: Array | None) -> Array:
        if bias is None:
            return x
        if bias.shape != (x.shape[1],):
            raise Refused(f"expected {x.shape[1]} biases, found shape {bias.shape}")
        return self.units.total(x, bias.reshape(1, -1, *(1,) * (x.ndim - 2)))


# ---- arguments


def number(value: Any) -> Fraction:
    """Return a scalar attribute or argument as the rational it is."""
    (entry,) = fractions_of(np.asarray(value)).ravel().tolist()
    return Fraction(entry)


def aligned(known: Attributes, a: Array, b: Array) -> tuple[Array, Array]:
    """Broadcast as before opset 7, where an axis says which sizes b has."""
    if "axis" in known:
        b = b.reshape(*b.shape, *(1,) * (a.ndim - known["axis"] - b.ndim))
    return a, b


def windows_of(known: Attributes, x: Array, kernel: Sequence[int]) -> windows.Windows:
    """Return how a kernel slides over a tensor (batch, channels, …)."""
    sizes = x.shape[2:]
    kernel = tuple(known.get("kernel_shape", kernel))
    strides = tuple(known.get("strides", [1] * len(kernel)))
    dilations = tuple(known.get("dilations", [1] * len(kernel)))
    pads = known.get("pads", [0] * 2 * len(kernel))
    pairs = tuple(zip(pads[: len(kernel)], pads[len(kernel) :], strict=True))
    kind = known.get("auto_pad", b"NOTSET").decode()
    if kind not in ("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"):
        raise Refused(f"padding of kind {kind} is not supported")
    if kind.startswith("SAME"):
        pairs = tuple(
            same_padding(*axis, lower=kind == "SAME_LOWER")
            for axis in zip(sizes, kernel, strides, dilations, strict=True)
        )
    return windows.Windows(kernel, strides, dilations, pairs)


def same_padding(
    size: int, kernel: int, stride: int, dilation: int, *, lower: bool
) -> tuple[int, int]:
    """Return the padding that gives one window a stride."""
    reach = (kernel - 1) * dilation + 1
    total = max(0, (-(-size // stride) - 1) * stride + reach - size)
    return (total - total // 2, total // 2) if lower else (total // 2, total - total // 2)


def pooling(known: Attributes, x: Array) -> windows.Windows:
    """Return a pool's windows; rounding their number up is not supported where it matters."""
    if "kernel_shape" not in known:
        raise Refused("expected a kernel_shape")
    sliding = windows_of(known, x, ())
    if known.get("ceil_mode", 0) and any(
        (size + sum(pads) - reach) % stride
        for size, pads, reach, stride in zip(
            x.shape[2:], sliding.pads, sliding.reach, sliding.strides, strict=True
        )
    ):
        raise Refused("ceil_mode is not supported where it adds a window")
    return sliding
