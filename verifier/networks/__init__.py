"""Exact networks, file formats, and exact piecewise-affine functions."""

from __future__ import annotations

from pathlib import Path

from verifier.errors import BadInput
from verifier.networks.model import Network

__all__ = ["Network", "load_network"]


def load_network(path: str | Path) -> Network:
    """Read a network file; the suffix says which format: .json, .onnx, .nnet, .pt or .pth.

    An ONNX or NNet file may be compressed, as .onnx.gz and .nnet.gz.

    Raises
    ------
    BadInput
        If the suffix is none of these, or the file is not a network the reader accepts.
    """
    path = Path(path)
    # Readers are imported on demand: each format's library is an optional extra.
    match format_of(path):
        case ".json":
            from verifier.networks.formats.json_format import read_json

            return read_json(path)
        case ".onnx":
            from verifier.networks.formats.onnx_reader import read_onnx

            return read_onnx(path)
        case ".nnet":
            from verifier.networks.formats.nnet_reader import read_nnet

            return read_nnet(path)
        case ".pt" | ".pth":
            from verifier.networks.formats.torch_reader import read_torch

            return read_torch(path)
    raise BadInput(str(path), f"expected .json, .onnx, .nnet, .pt or .pth, found {path.suffix!r}")


def format_of(path: Path) -> str:
    """Return the suffix that says the format, without .gz where the reader can unpack.

    >>> format_of(Path("net.ONNX.gz")), format_of(Path("net.json.gz"))
    ('.onnx', '.gz')
    """
    suffix, inner = path.suffix.lower(), Path(path.stem).suffix.lower()
    return inner if suffix == ".gz" and inner in (".onnx", ".nnet") else suffix
