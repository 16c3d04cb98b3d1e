"""Read PyTorch networks; parameters are the dyadic rationals their floats are."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import inf, prod
from pathlib import Path
from typing import Any

import numpy as np

from verifier.errors import BadInput, VerifierError
from verifier.networks.activations import RELU, Activation
from verifier.networks.formats import windows
from verifier.networks.formats.layering import network
from verifier.networks.formats.tensors import (
    CURVED,
    MAX_WIDTH,
    Array,
    Refused,
    Units,
    clip,
    curved,
    fractions_of,
    leaky,
    scaled,
)
from verifier.networks.model import Network


def read_torch(path: str | Path) -> Network:
    """Read a file that ``torch.save(module, path)`` wrote.

    Nothing in the file is executed: it is loaded with ``weights_only``, and only PyTorch's own
    layers are admitted.

    Raises
    ------
    BadInput
        If the torch package is missing, the file is damaged, or the module is not a chain of
        the layers ``from_torch`` knows.
    """
    where = str(path)
    torch = load_torch(where)
    try:
        with torch.serialization.safe_globals(admitted(torch)):
            module = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise BadInput.unreadable(where, error) from error
    except pickle.UnpicklingError as error:
        raise BadInput(where, not_admitted(str(error))) from error
    except (
        RuntimeError,
        ValueError,
        EOFError,
        KeyError,
        AttributeError,
        TypeError,
        IndexError,
        AssertionError,
        OverflowError,
        MemoryError,
        NotImplementedError,
        ImportError,
        LookupError,
    ) as error:
        raise BadInput(where, f"is no PyTorch file, or a damaged one ({error})") from error
    if not isinstance(module, torch.nn.Module):
        raise BadInput(
            where, f"expected a whole module (torch.save(module, …)), found {type(module).__name__}"
        )
    try:
        return from_torch(module, where)
    except (AttributeError, KeyError, TypeError, RuntimeError) as error:
        raise BadInput(where, f"holds a damaged module ({error})") from error


def not_admitted(message: str) -> str:
    """What to say of a file that PyTorch refuses to unpickle.

    >>> not_admitted("Unsupported global: GLOBAL torch.nn.modules.activation.Tanh was not ...")
    "Tanh is not piecewise affine; expected PyTorch's own piecewise-affine layers"
    >>> not_admitted("Unsupported global: GLOBAL mine.Net was not an allowed global")
    "mine.Net is not known; expected PyTorch's own piecewise-affine layers"
    >>> not_admitted("pickle data was truncated")
    'is damaged: pickle data was truncated'
    """
    name = re.search(r"GLOBAL ([\w.]+)", message)
    if name is None:
        return f"is damaged: {' '.join(message.split())[:160]}"
    kind = name.group(1).rpartition(".")[2]
    fault = f"{kind} is {CURVED}" if curved(kind) else f"{name.group(1)} is not known"
    return f"{fault}; expected PyTorch's own piecewise-affine layers"


def from_torch(module: Any, where: str = "module") -> Network:
    """Return a PyTorch module as an exact network, as ``module.eval()`` computes it.

    Knows Linear, Conv1d to Conv3d, BatchNorm (folded), ReLU, ReLU6, LeakyReLU, PReLU, Hardtanh,
    Hardsigmoid, AvgPool, MaxPool, Flatten, Unflatten, Identity and Dropout, alone or in (nested)
    Sequential. A module that begins with a convolution does not say how large its input is: put
    ``Unflatten(1, (channels, height, width))`` first.

    Raises
    ------
    BadInput
        If a layer is none of these, a parameter is infinite or not a number, or shapes differ.
    """
    torch = load_torch(where)
    parts = list(leaves(torch, module, ""))
    units = Units(width(torch.nn, parts, where))
    x = units.input((1, units.inputs))
    for name, part in parts:
        place = f"{name or 'module'} ({type(part).__name__})"
        try:
            x = step(torch, units, units.current(x), part)
        except (Refused, VerifierError, ValueError, IndexError, TypeError, OverflowError) as error:
            raise BadInput(where, " ".join(str(error).split()), place) from error
    try:
        return network(units, units.current(x).ravel().tolist())
    except (Refused, VerifierError) as error:
        raise BadInput(where, str(error)) from error


def load_torch(where: str) -> Any:
    """Import PyTorch, or say which extra has it."""
    try:
        import torch
    except ImportError as error:
        raise BadInput(
            where, "needs the torch package: pip install 'depth-verifier[torch]'"
        ) from error
    return torch


def admitted(torch: Any) -> list[Any]:
    """Return the classes a file may name."""
    nn = torch.nn
    return [
        nn.Sequential, nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.BatchNorm1d, nn.BatchNorm2d,
        nn.BatchNorm3d, nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.PReLU, nn.Hardtanh, nn.Hardsigmoid,
        nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d, nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d,
        nn.Flatten, nn.Unflatten, nn.Identity, nn.Dropout, nn.Dropout1d, nn.Dropout2d, set,
    ]  # fmt: skip


def leaves(torch: Any, module: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Go through the layers in order, out of every Sequential."""
    stack = [(name, module)]
    while stack:
        name, part = stack.pop()
        if isinstance(part, torch.nn.Sequential):
            children = [
                (f"{name}.{key}".lstrip("."), child) for key, child in part.named_children()
            ]
            stack += reversed(children)
        else:
            yield name, part


def width(nn: Any, parts: Sequence[tuple[str, Any]], where: str) -> int:
    """Return how many inputs the first layer that says so reads."""
    for name, part in parts:
        match part:
            case nn.Linear():
                return int(part.weight.shape[1])
            case nn.BatchNorm1d():
                return int(part.num_features)
            case nn.Unflatten():
                sizes = tuple(part.unflattened_size)
                if all(isinstance(size, int) and 0 < size <= MAX_WIDTH for size in sizes):
                    return prod(sizes)
        if isinstance(part, (nn.Conv1d, nn.Conv2d, nn.Conv3d)) or "Pool" in type(part).__name__:
            raise BadInput(
                where,
                "does not say how large its input is; put Unflatten(1, (channels, …)) before",
                f"{name or 'module'} ({type(part).__name__})",
            )
    raise BadInput(where, "expected at least one Linear layer")


def numbers(tensor: Any) -> Array:
    """Return a parameter as an array of the same values."""
    if not tensor.is_floating_point():
        raise Refused(f"expected floats, found {tensor.dtype}")
    import torch

    return np.asarray(tensor.detach().to("cpu", torch.float64).numpy())


def step(torch: Any, units: Units, x: Array, part: Any) -> Array:
    """Put one layer on top of a tensor, its first axis a batch of one."""
    nn = torch.nn
    match part:
        case nn.Linear():
            matrix = fractions_of(numbers(part.weight)).T
            rows = units.product(x.reshape(-1, x.shape[-1]), matrix)
            out = rows.reshape(*x.shape[:-1], matrix.shape[1])
            return out if part.bias is None else units.total(out, numbers(part.bias))
        case nn.Conv1d() | nn.Conv2d() | nn.Conv3d():
            if part.padding_mode != "zeros":
                raise Refused(f"padding of kind {part.padding_mode} is not supported")
            out = windows.convolve(
                units, x, numbers(part.weight), part.groups, sliding(part, part.dilation)
            )
            if part.bias is None:
                return out
            return units.total(out, numbers(part.bias).reshape(1, -1, *(1,) * (x.ndim - 2)))
        case nn.BatchNorm1d() | nn.BatchNorm2d() | nn.BatchNorm3d():
            if part.running_mean is None:
                raise Refused("expected running statistics")
            root = numbers(torch.sqrt(part.running_var + part.eps))
            ones, noughts = np.ones(len(root)), np.zeros(len(root))
            scale, shift = (
                (numbers(part.weight), numbers(part.bias)) if part.affine else (ones, noughts)
            )
            return units.normalised(x, numbers(part.running_mean), root, scale, shift)
        case nn.AvgPool1d() | nn.AvgPool2d() | nn.AvgPool3d():
            if part.ceil_mode or getattr(part, "divisor_override", None):
                raise Refused("ceil_mode and divisor_override are not supported")
            return windows.average(
                units, x, sliding(part, each(1, x.ndim - 2)), part.count_include_pad
            )
        case nn.MaxPool1d() | nn.MaxPool2d() | nn.MaxPool3d():
            if part.ceil_mode or part.return_indices:
                raise Refused("ceil_mode and return_indices are not supported")
            return windows.greatest(units, x, sliding(part, each(part.dilation, x.ndim - 2)))
        case nn.Flatten():
            start, end = part.start_dim % x.ndim, part.end_dim % x.ndim
            sizes = (*x.shape[:start], prod(x.shape[start : end + 1]), *x.shape[end + 1 :])
            return x.reshape(sizes)
        case nn.Unflatten():
            at = part.dim % x.ndim
            return x.reshape(*x.shape[:at], *part.unflattened_size, *x.shape[at + 1 :])
        case nn.Identity() | nn.Dropout() | nn.Dropout1d() | nn.Dropout2d():
            return x
        case nn.PReLU():
            slopes = numbers(part.weight)
            return units.parametric(x, slopes.reshape(-1, *(1,) * max(0, x.ndim - 2)))
        case nn.Hardsigmoid():
            moved = units.total(scaled(x, Fraction(1, 6)), np.array(0.5))
            return units.bend(moved, clip(Fraction(0), Fraction(1)))
    return units.bend(x, activation(nn, part))


def sliding(part: Any, dilation: Sequence[int]) -> windows.Windows:
    """Return a convolution's or pool's windows."""
    axes = len(dilation)
    kernel = each(part.kernel_size, axes)
    if part.padding == "same":
        pads = tuple(
            ((k - 1) * d // 2, (k - 1) * d - (k - 1) * d // 2)
            for k, d in zip(kernel, dilation, strict=True)
        )
    else:
        padding = each(0 if part.padding == "valid" else part.padding, axes)
        pads = tuple((size, size) for size in padding)
    return windows.Windows(kernel, each(part.stride, axes), tuple(dilation), pads)


def each(sizes: Any, axes: int) -> tuple[int, ...]:
    """Return one size an axis; PyTorch admits one for all."""
    return (sizes,) * axes if isinstance(sizes, int) else tuple(sizes)


def activation(nn: Any, part: Any) -> Activation | None:
    """Return a module's activation."""
    match part:
        case nn.ReLU():
            return RELU
        case nn.LeakyReLU():
            return leaky(Fraction(part.negative_slope))
        # ReLU6 is a Hardtanh.
        case nn.Hardtanh():
            low, high = part.min_val, part.max_val
            return clip(
                None if low == -inf else Fraction(low), None if high == inf else Fraction(high)
            )
    kind = type(part).__name__
    raise Refused(f"layer {kind} is {CURVED if curved(kind) else 'not supported'}")
