"""Read PyTorch networks; parameters are the dyadic rationals their floats are."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from verifier.errors import BadInput, VerifierError
from verifier.networks.activations import HARDTANH, RELU, Activation, leaky_relu
from verifier.networks.affine_chain import Chain, Refused, Row, Signal, exact, rows_of
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
        raise BadInput(where, f"cannot be read ({error.strerror or error})") from error
    except pickle.UnpicklingError as error:
        message = " ".join(str(error).split())
        found = message[message.find("Unsupported") :][:160] if "Unsupported" in message else ""
        raise BadInput(
            where, f"expected a module of PyTorch's own layers, or the file is damaged {found}"
        ) from error
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


def from_torch(module: Any, where: str = "module") -> Network:
    """Return a PyTorch module as an exact network.

    Knows Linear, BatchNorm1d (folded), ReLU, LeakyReLU, Hardtanh on [-1, 1], Identity, Dropout
    and Flatten, alone or in (nested) Sequential.

    Raises
    ------
    BadInput
        If a layer is none of these, a parameter is infinite or not a number, or shapes differ.
    """
    torch = load_torch(where)
    parts = list(leaves(torch, module, ""))
    first = next((part for _, part in parts if isinstance(part, torch.nn.Linear)), None)
    if first is None:
        raise BadInput(where, "expected at least one Linear layer")
    chain = Chain((first.weight.shape[1],))
    signal = chain.input
    for name, part in parts:
        place = f"{name or 'module'} ({type(part).__name__})"
        try:
            signal = step(torch, chain, signal, part, where, place)
        except BadInput:
            raise
        except (Refused, VerifierError, ValueError) as error:
            raise BadInput(where, str(error), place) from error
    return chain.network(signal)


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
        nn.Sequential, nn.Linear, nn.ReLU, nn.LeakyReLU, nn.Hardtanh, nn.Identity, nn.Dropout,
        nn.Flatten, nn.BatchNorm1d, set,
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


def step(torch: Any, chain: Chain, signal: Signal, part: Any, where: str, place: str) -> Signal:
    """Put one layer on top of a signal."""
    nn = torch.nn

    def numbers(tensor: Any, what: str) -> Row:
        if not tensor.is_floating_point():
            raise BadInput(where, f"expected floats, found {tensor.dtype}", f"{place}.{what}")
        flat = tensor.detach().to("cpu", torch.float64).reshape(-1).tolist()
        return exact(flat, where, f"{place}.{what}")

    match part:
        case nn.Linear():
            outputs, inputs = part.weight.shape
            if inputs != signal.size:
                raise Refused(f"expected {signal.size} columns, found {inputs}")
            rows = rows_of(numbers(part.weight, "weight"), inputs)
            after = chain.linear(signal, rows, (outputs,))
            return after if part.bias is None else chain.move(after, numbers(part.bias, "bias"))
        case nn.BatchNorm1d():
            if part.running_mean is None:
                raise Refused("expected running statistics")
            root = numbers(torch.sqrt(part.running_var + part.eps), "running_var")
            centre = tuple(-entry for entry in numbers(part.running_mean, "running_mean"))
            signal = chain.stretch(chain.move(signal, centre), tuple(1 / r for r in root))
            if part.affine:
                signal = chain.stretch(signal, numbers(part.weight, "weight"))
                signal = chain.move(signal, numbers(part.bias, "bias"))
            return signal
        case nn.Identity() | nn.Dropout() | nn.Flatten():
            return signal
    return chain.close(signal, activation(nn, part))


def activation(nn: Any, part: Any) -> Activation:
    """Return a module's activation."""
    match part:
        case nn.ReLU():
            return RELU
        case nn.LeakyReLU():
            return leaky_relu(Fraction(part.negative_slope))
        case nn.Hardtanh() if (part.min_val, part.max_val) == (-1, 1):
            return HARDTANH
    raise Refused(f"layer {type(part).__name__} is not supported")
