"""ONNX operators that make constants and move entries about."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from onnx import numpy_helper

from verifier.networks.formats import windows
from verifier.networks.formats.tensors import (
    MAX_FORMS,
    MAX_SIZE,
    Array,
    Refused,
    fits,
    forms_of,
    is_form,
    take,
)

Attributes = dict[str, Any]


class Shapes:
    """Operators that make, move or repeat entries, and those that only say how many there are."""

    # ---- constants

    def op_constant(self, known: Attributes) -> Array:
        if "value" in known:
            return array_of(known["value"])
        for name in ("value_float", "value_floats", "value_int", "value_ints"):
            if name in known:
                return np.array(known[name], dtype=np.float32 if "float" in name else np.int64)
        raise Refused("a constant of this kind is not supported")

    def op_constantofshape(self, known: Attributes, shape: Array) -> Array:
        sizes = integers(shape)
        fits(sizes)
        return np.full(sizes, array_of(known["value"]).ravel()[0] if "value" in known else 0.0)

    def op_shape(self, known: Attributes, x: Array) -> Array:
        return np.array(x.shape[known.get("start", 0) : known.get("end")], dtype=np.int64)

    def op_size(self, known: Attributes, x: Array) -> Array:
        return np.array(x.size, dtype=np.int64)

    # ---- shapes

    def op_flatten(self, known: Attributes, x: Array) -> Array:
        axis = known.get("axis", 1)
        axis = axis + x.ndim if axis < 0 else axis
        return x.reshape(prod(x.shape[:axis]), prod(x.shape[axis:]))

    def op_reshape(self, known: Attributes, x: Array, target: Array | None = None) -> Array:
        sizes = known["shape"] if target is None else integers(target)
        if not known.get("allowzero", 0):
            sizes = [x.shape[i] if size == 0 else size for i, size in enumerate(sizes)]
        return x.reshape(sizes)

    def op_squeeze(self, known: Attributes, x: Array, axes: Array | None = None) -> Array:
        chosen = known.get("axes", None if axes is None else integers(axes))
        return x.squeeze(None if chosen is None else tuple(chosen))

    def op_unsqueeze(self, known: Attributes, x: Array, axes: Array | None = None) -> Array:
        return np.expand_dims(x, tuple(known["axes"] if axes is None else integers(axes)))

    def op_transpose(self, known: Attributes, x: Array) -> Array:
        return x.transpose(known.get("perm"))

    def op_concat(self, known: Attributes, *parts: Array) -> Array:
        moving = any(map(is_form, parts))
        fits((sum(part.size for part in parts),), MAX_FORMS if moving else MAX_SIZE)
        if moving:
            parts = tuple(map(forms_of, parts))
        return np.concatenate(parts, axis=known.get("axis", 1))

    def op_expand(self, known: Attributes, x: Array, target: Array) -> Array:
        shape = np.broadcast_shapes(x.shape, tuple(integers(target)))
        fits(shape)
        return np.broadcast_to(x, shape)

    def op_tile(self, known: Attributes, x: Array, repeats: Array) -> Array:
        times = integers(repeats)
        fits((x.size, *times))
        return np.tile(x, times)

    def op_gather(self, known: Attributes, x: Array, indices: Array) -> Array:
        axis = known.get("axis", 0)
        fits((x.size // x.shape[axis], indices.size), MAX_FORMS if is_form(x) else MAX_SIZE)
        chosen = np.array(integers(indices), dtype=np.int64).reshape(indices.shape)
        return np.take(x, chosen, axis=axis)

    def op_slice(self, known: Attributes, x: Array, *bounds: Array | None) -> Array:
        names = ("starts", "ends", "axes", "steps")
        given = {
            name: integers(bound)
            for name, bound in zip(names, bounds, strict=False)
            if bound is not None
        }
        starts, ends = (known.get(name) or given[name] for name in ("starts", "ends"))
        axes = known.get("axes") or given.get("axes") or range(len(starts))
        steps = given.get("steps") or [1] * len(starts)
        chosen = [slice(None)] * x.ndim
        for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
            # Backwards, an end before the first entry has no number of its own in Python.
            past = step < 0 and end < -x.shape[axis]
            chosen[axis] = slice(start, None if past else end, step)
        out = x[tuple(chosen)]
        fits(out.shape, MAX_SIZE)
        return out

    def op_split(self, known: Attributes, x: Array, split: Array | None = None) -> Any:
        axis, parts = known.get("axis", 0), known["outputs"]
        sizes = known.get("split", None if split is None else integers(split))
        if sizes is None:
            size = -(-x.shape[axis] // parts)
            sizes = [size] * (parts - 1) + [x.shape[axis] - size * (parts - 1)]
        if sum(sizes) != x.shape[axis] or len(sizes) != parts or min(sizes) < 1:
            raise Refused(f"cannot split {x.shape[axis]} into {sizes}")
        return tuple(np.split(x, np.cumsum(sizes)[:-1].tolist(), axis=axis))

    def op_pad(
        self, known: Attributes, x: Array, pads: Array | None = None, fill: Array | None = None,
        axes: Array | None = None,
    ) -> Array:  # fmt: skip
        widths = known.get("pads", known.get("paddings"))
        widths = integers(pads) if widths is None and pads is not None else widths or []
        chosen = list(range(x.ndim)) if axes is None else [a % x.ndim for a in integers(axes)]
        pairs = [(0, 0)] * x.ndim
        for axis, before, after in zip(
            chosen, widths[: len(chosen)], widths[len(chosen) :], strict=True
        ):
            pairs[axis] = (before, after)
        fits([size + before + after for size, (before, after) in zip(x.shape, pairs, strict=True)])
        mode = known.get("mode", b"constant").decode()
        places = windows.numbered(x.shape)
        if mode == "constant":
            places = np.pad(places, pairs, constant_values=-1)
        elif mode in ("reflect", "edge", "wrap"):
            places = np.pad(places, pairs, mode=mode)
        else:
            raise Refused(f"padding of kind {mode} is not supported")
        value = known.get("value", 0.0) if fill is None else fill
        return take(forms_of(x), places, forms_of(np.array(value)).item())


def array_of(tensor: Any) -> Array:
    """Return a tensor of the file as numbers.

    Raises
    ------
    Refused
        If it is too large, damaged, or holds no real numbers.
    """
    if any(size < 0 for size in tensor.dims) or prod(tensor.dims) > MAX_SIZE:
        raise Refused(f"expected at most {MAX_SIZE} entries, found {list(tensor.dims)}")
    try:
        found = np.asarray(numpy_helper.to_array(tensor))
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise Refused(f"damaged tensor ({error})") from error
    if found.dtype.name == "bfloat16":
        found = found.astype(np.float32)
    if found.dtype.kind not in "fiub":
        raise Refused(f"expected real numbers, found {found.dtype}")
    return found


def integers(x: Array) -> list[int]:
    """Return a constant tensor of integers."""
    if not whole(x):
        raise Refused("expected constant integers")
    return [int(entry) for entry in x.ravel().tolist()]


def whole(*arrays: Array) -> bool:
    """Whether all are constants of integers."""
    return all(x.dtype.kind in "iu" for x in arrays)
