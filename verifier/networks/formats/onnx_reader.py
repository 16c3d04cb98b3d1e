"""Read ONNX networks; floats are the dyadic rationals they are."""

from __future__ import annotations

from io import BytesIO
from math import prod
from pathlib import Path
from typing import Any

from verifier.errors import BadInput, VerifierError
from verifier.networks.formats.files import read_bytes
from verifier.networks.formats.layering import network
from verifier.networks.formats.onnx_operators import Operators
from verifier.networks.formats.onnx_shapes import array_of
from verifier.networks.formats.tensors import MAX_WIDTH, Refused, Shape, Units, is_form
from verifier.networks.model import Network


def read_onnx(path: str | Path) -> Network:
    """Read an ONNX file, also one compressed with gzip.

    Every operator of ``Operators`` is read exactly. A batch dimension counts as 1. Branches
    may have any depth: what skips an activation is carried past it.

    Raises
    ------
    BadInput
        If the onnx package is missing, the file is damaged, an operator is unknown (its name
        and node are in the message), a weight is infinite or not a number, or shapes do not
        fit.
    """
    path = Path(path)
    try:
        import onnx
        import onnx.inliner
        from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
    except ImportError as error:
        raise BadInput(
            str(path), "needs the onnx package: pip install 'depth-verifier[onnx]'"
        ) from error
    try:
        if path.suffix.lower() == ".gz":
            model = onnx.load(BytesIO(read_bytes(path)))
        else:
            model = onnx.load(path)
        if model.functions:
            model = onnx.inliner.inline_local_functions(model)
    except OSError as error:
        raise BadInput.unreadable(path, error) from error
    except (DecodeError, ValueError, RuntimeError, onnx.checker.ValidationError) as error:
        reason = " ".join(str(error).split())
        raise BadInput(str(path), f"is no ONNX file, or a truncated one ({reason})") from error
    if not model.graph.node:
        raise BadInput(str(path), "expected a graph with at least one node")
    return Reader(str(path), model.graph).read()


class Reader:
    """Walks the nodes of one graph."""

    def __init__(self, where: str, graph: Any) -> None:
        self.where, self.graph = where, graph
        # A value is an array of forms (depends on the input) or of numbers (constant).
        self.values: dict[str, Any] = {"": None}

    def fail(self, expected: str, place: str = "") -> BadInput:
        return BadInput(self.where, expected, place)

    def read(self) -> Network:
        for tensor in self.graph.initializer:
            try:
                self.values[tensor.name] = array_of(tensor)
            except Refused as error:
                raise self.fail(str(error), f"initializer {tensor.name}") from error
        inputs = [entry for entry in self.graph.input if entry.name not in self.values]
        if len(inputs) != 1 or len(self.graph.output) != 1:
            raise self.fail(
                f"expected one input and one output, found {len(inputs)} and"
                f" {len(self.graph.output)}"
            )
        shape = self.shape(inputs[0])
        units = Units(prod(shape))
        self.values[inputs[0].name] = units.input(shape)
        operators = Operators(units)
        name = self.graph.output[0].name
        needed = self.needed(name)
        for node in self.graph.node:
            if not needed.isdisjoint(node.output):
                self.step(operators, node)
        output = self.values.get(name)
        if output is None or not is_form(output):
            raise self.fail("expected an output that depends on the input")
        try:
            return network(units, units.current(output).ravel().tolist())
        except (Refused, VerifierError) as error:
            raise self.fail(str(error), "output") from error

    def step(self, operators: Operators, node: Any) -> None:
        """Compute what one node yields."""
        place = f"node {node.name or ', '.join(node.output)} ({node.op_type})"
        for name in node.input:
            if name not in self.values:
                raise self.fail(
                    f"reads {name} before it is computed: a cycle or an unsorted graph", place
                )
        if node.domain not in ("", "ai.onnx"):
            raise self.fail(
                f"operator {node.op_type} of domain {node.domain} is not supported", place
            )
        if node.input and not node.input[0]:
            raise self.fail("its first input is left out", place)
        try:
            results = operators.apply(node, [self.values[name] for name in node.input])
        except (Refused, VerifierError) as error:
            raise self.fail(str(error), place) from error
        except (
            ValueError, TypeError, IndexError, KeyError, AttributeError, OverflowError,
            ZeroDivisionError,
        ) as error:  # fmt: skip
            reason = " ".join(str(error).split())
            raise self.fail(f"does not fit its inputs: {reason}", place) from error
        self.values |= {
            name: value for name, value in zip(node.output, results, strict=False) if name
        }

    def needed(self, output: str) -> set[str]:
        """Return the names of the values the output depends on."""
        makers = {name: node for node in self.graph.node for name in node.output}
        seen, stack = {output}, [output]
        while stack:
            node = makers.get(stack.pop())
            for name in node.input if node is not None else ():
                if name and name not in seen:
                    seen.add(name)
                    stack.append(name)
        return seen

    def shape(self, entry: Any) -> Shape:
        place = f"input {entry.name}"
        tensor = entry.type.tensor_type
        if not tensor.HasField("shape"):
            raise self.fail("expected a shape, found none", place)
        if tensor.elem_type not in (1, 10, 11, 16):
            raise self.fail("expected numbers of type float, double, float16 or bfloat16", place)
        sizes = []
        for i, dim in enumerate(tensor.shape.dim):
            known = dim.WhichOneof("value") == "dim_value"
            if i == 0 and not (known and dim.dim_value > 0):
                # Some exporters write a batch of any size as 0 or -1.
                sizes.append(1)
            elif known:
                sizes.append(dim.dim_value)
            else:
                raise self.fail("expected fixed sizes, but for the batch dimension", place)
        if any(size < 1 for size in sizes) or not 0 < prod(sizes) <= MAX_WIDTH:
            raise self.fail(f"expected sizes from 1 to {MAX_WIDTH}, found {sizes}", place)
        return tuple(sizes)
