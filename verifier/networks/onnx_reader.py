"""Read fully connected ONNX networks; floats are the dyadic rationals they are."""

from __future__ import annotations

from fractions import Fraction
from math import prod
from pathlib import Path
from typing import Any, Final

from verifier.errors import BadInput, VerifierError
from verifier.networks.activations import ABS, RELU, ZERO, Activation, Affine, Cut, leaky_relu
from verifier.networks.affine_chain import Chain, Refused, Row, Signal, exact, rows_of
from verifier.networks.model import Network

MAX_SIZE: Final = 20_000_000
MAX_WIDTH: Final = 100_000


def read_onnx(path: str | Path) -> Network:
    """Read an ONNX file.

    Operators: Gemm, MatMul, Add, Sub, Mul, Div, Neg, Relu, LeakyRelu, Abs, Clip, Flatten,
    Reshape, Squeeze, Unsqueeze, Transpose, Concat, Constant, Identity, Cast between floats,
    Dropout (as at inference) and BatchNormalization (folded). A batch dimension counts as 1.

    Raises
    ------
    BadInput
        If the onnx package is missing, the file is damaged, an operator is not among these
        (its name and node are in the message), a weight is infinite or not a number, shapes do
        not fit, or the graph is not a chain of layers.
    """
    path = Path(path)
    try:
        import onnx
        from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
    except ImportError as error:
        raise BadInput(
            str(path), "needs the onnx package: pip install 'depth-verifier[onnx]'"
        ) from error
    try:
        model = onnx.load(path)
    except OSError as error:
        raise BadInput(str(path), f"cannot be read ({error.strerror or error})") from error
    except (DecodeError, ValueError, onnx.checker.ValidationError) as error:
        raise BadInput(str(path), f"is no ONNX file, or a truncated one ({error})") from error
    if not model.graph.node:
        raise BadInput(str(path), "expected a graph with at least one node")
    return Reader(str(path), model.graph).read()


class Reader:
    """Walks the nodes of one graph."""

    def __init__(self, where: str, graph: Any) -> None:
        self.where, self.graph = where, graph
        # A value is a Signal (depends on the input) or a numpy array (constant).
        self.values: dict[str, Any] = {"": None}

    def fail(self, expected: str, place: str = "") -> BadInput:
        return BadInput(self.where, expected, place)

    def read(self) -> Network:
        for tensor in self.graph.initializer:
            self.values[tensor.name] = self.array(tensor, f"initializer {tensor.name}")
        inputs = [entry for entry in self.graph.input if entry.name not in self.values]
        if len(inputs) != 1 or len(self.graph.output) != 1:
            raise self.fail(
                f"expected one input and one output, found {len(inputs)} and"
                f" {len(self.graph.output)}"
            )
        self.chain = Chain(self.shape(inputs[0]))
        self.values[inputs[0].name] = self.chain.input
        needed = self.needed(self.graph.output[0].name)
        for node in self.graph.node:
            if needed.isdisjoint(node.output):
                continue
            place = f"node {node.name or ', '.join(node.output)} ({node.op_type})"
            for name in node.input:
                if name not in self.values:
                    raise self.fail(
                        f"reads {name} before it is computed: a cycle or an unsorted graph", place
                    )
            try:
                result = self.apply(node, place)
            except VerifierError as error:
                if isinstance(error, BadInput) and error.where == self.where:
                    raise
                raise self.fail(str(error), place) from error
            except (Refused, ValueError, TypeError, IndexError, KeyError) as error:
                raise self.fail(f"does not fit its inputs: {error}", place) from error
            self.values[node.output[0]] = result
        output = self.values.get(self.graph.output[0].name)
        if not isinstance(output, Signal):
            raise self.fail("expected an output that depends on the input")
        try:
            return self.chain.network(output)
        except (Refused, VerifierError) as error:
            raise self.fail(str(error), "output") from error

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

    def shape(self, entry: Any) -> tuple[int, ...]:
        place = f"input {entry.name}"
        sizes = []
        for i, dim in enumerate(entry.type.tensor_type.shape.dim):
            if dim.WhichOneof("value") == "dim_value":
                sizes.append(dim.dim_value if dim.dim_value or i else 1)
            elif i == 0:
                sizes.append(1)
            else:
                raise self.fail("expected fixed sizes, but for the batch dimension", place)
        size = prod(sizes)
        if any(entry < 1 for entry in sizes) or not 0 < size <= MAX_WIDTH:
            raise self.fail(f"expected sizes from 1 to {MAX_WIDTH}, found {sizes}", place)
        return tuple(sizes)

    def array(self, tensor: Any, place: str) -> Any:
        from onnx import numpy_helper

        if any(size < 0 for size in tensor.dims) or prod(tensor.dims) > MAX_SIZE:
            raise self.fail(
                f"expected at most {MAX_SIZE} entries, found {list(tensor.dims)}", place
            )
        try:
            array = numpy_helper.to_array(tensor)
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            raise self.fail(f"damaged tensor ({error})", place) from error
        if array.dtype.kind not in "fiub":
            raise self.fail(f"expected real numbers, found {array.dtype}", place)
        return array

    # ---- operators

    def apply(self, node: Any, place: str) -> Any:
        from onnx import helper

        known = {entry.name: helper.get_attribute_value(entry) for entry in node.attribute}
        arguments = [self.values[name] for name in node.input]
        method = getattr(self, f"op_{node.op_type.lower()}", None)
        if method is None or node.domain not in ("", "ai.onnx"):
            raise self.fail(f"operator {node.op_type} is not supported", place)
        self.place = place
        return method(known, *arguments)

    def numbers(self, array: Any) -> Row:
        return exact(array.ravel().tolist(), self.where, self.place)

    def spread(self, signal: Signal, array: Any) -> Row:
        """Return a constant broadcast to a signal's shape."""
        import numpy as np

        shape = np.broadcast_shapes(signal.shape, array.shape)
        if prod(shape) != signal.size:
            raise Refused(f"shapes {signal.shape} and {array.shape} make a larger one")
        return self.numbers(np.broadcast_to(array, shape))

    def ranked(self, signal: Signal, array: Any) -> Signal:
        """Give a signal the rank broadcasting gives it; its size stays."""
        missing = array.ndim - len(signal.shape)
        return self.chain.reorder(signal, range(signal.size), (1,) * max(0, missing) + signal.shape)

    def op_constant(self, known: dict[str, Any]) -> Any:
        import numpy as np

        if "value" in known:
            return self.array(known["value"], self.place)
        for name in ("value_float", "value_floats", "value_int", "value_ints"):
            if name in known:
                kind = np.float32 if "float" in name else np.int64
                return np.array(known[name], dtype=kind)
        raise Refused("a constant of this kind is not supported")

    def op_identity(self, known: dict[str, Any], x: Any) -> Any:
        return x

    def op_dropout(self, known: dict[str, Any], x: Any, *rest: Any) -> Any:
        if len(rest) > 1 and rest[1] is not None and bool(rest[1]):
            raise Refused("dropout in training mode is random")
        return x

    def op_cast(self, known: dict[str, Any], x: Any) -> Any:
        from onnx import helper

        target = helper.tensor_dtype_to_np_dtype(known["to"])
        if isinstance(x, Signal):
            if target.kind != "f":
                raise Refused(f"a cast to {target} rounds")
            return x
        return x.astype(target)

    def op_add(self, known: dict[str, Any], a: Any, b: Any) -> Any:
        if isinstance(a, Signal) and isinstance(b, Signal):
            return self.chain.total(a, b)
        signal, array = self.sides(a, b)
        return self.ranked(self.chain.move(signal, self.spread(signal, array)), array)

    def op_sub(self, known: dict[str, Any], a: Any, b: Any) -> Any:
        if isinstance(b, Signal):
            return self.op_add(known, a, self.op_neg(known, b))
        signal, array = self.sides(a, b)
        offsets = tuple(-entry for entry in self.spread(signal, array))
        return self.ranked(self.chain.move(signal, offsets), array)

    def op_neg(self, known: dict[str, Any], a: Any) -> Any:
        if not isinstance(a, Signal):
            return -a
        return self.chain.stretch(a, (Fraction(-1),) * a.size)

    def op_mul(self, known: dict[str, Any], a: Any, b: Any) -> Any:
        signal, array = self.sides(a, b)
        return self.ranked(self.chain.stretch(signal, self.spread(signal, array)), array)

    def op_div(self, known: dict[str, Any], a: Any, b: Any) -> Any:
        if not isinstance(a, Signal) or isinstance(b, Signal):
            raise Refused("expected a division by a constant")
        factors = self.spread(a, b)
        if not all(factors):
            raise Refused("expected a divisor that is not 0")
        return self.ranked(self.chain.stretch(a, tuple(1 / entry for entry in factors)), b)

    def sides(self, a: Any, b: Any) -> tuple[Signal, Any]:
        if isinstance(a, Signal) and not isinstance(b, Signal):
            return a, b
        if isinstance(b, Signal) and not isinstance(a, Signal):
            return b, a
        raise Refused("expected one constant argument")

    def op_matmul(self, known: dict[str, Any], a: Any, b: Any) -> Any:
        signal, array = self.sides(a, b)
        if array.ndim != 2:
            raise Refused(f"expected a constant matrix, found shape {array.shape}")
        if signal is a:
            return self.times(signal, array.T, row=True)
        return self.times(signal, array, row=False)

    def times(self, signal: Signal, matrix: Any, row: bool) -> Signal:
        """Multiply by a matrix: a row vector from the right (transposed here), or a column."""
        axis = -1 if row or len(signal.shape) == 1 else -2
        if matrix.shape[1] != signal.size or signal.shape[axis] != signal.size:
            raise Refused(
                f"expected one vector of {matrix.shape[1]} numbers, found shape {signal.shape}"
            )
        shape = list(signal.shape)
        shape[axis] = matrix.shape[0]
        rows = rows_of(self.numbers(matrix), matrix.shape[1])
        return self.chain.linear(signal, rows, tuple(shape))

    def op_gemm(self, known: dict[str, Any], a: Any, b: Any, c: Any = None) -> Any:
        alpha, beta = Fraction(known.get("alpha", 1.0)), Fraction(known.get("beta", 1.0))
        signal, array = self.sides(a, b)
        if array.ndim != 2 or len(signal.shape) != 2:
            raise Refused("expected matrices")
        matrix_turned = known.get("transB" if signal is a else "transA", 0)
        signal_turned = known.get("transA" if signal is a else "transB", 0)
        matrix = array.T if matrix_turned else array
        if signal_turned:
            turned = (signal.shape[1], signal.shape[0])
            signal = self.op_transpose({}, signal) if signal.size > 1 else signal
            signal = self.chain.reorder(signal, range(signal.size), turned)
        row = isinstance(a, Signal)
        out = self.times(signal, matrix.T if row else matrix, row=row)
        out = self.chain.stretch(out, (alpha,) * out.size) if alpha != 1 else out
        if c is None:
            return out
        if isinstance(c, Signal):
            raise Refused("expected a constant third argument")
        return self.chain.move(out, tuple(beta * entry for entry in self.spread(out, c)))

    def op_relu(self, known: dict[str, Any], x: Any) -> Any:
        return self.bend(x, RELU)

    def op_abs(self, known: dict[str, Any], x: Any) -> Any:
        return self.bend(x, ABS)

    def op_leakyrelu(self, known: dict[str, Any], x: Any) -> Any:
        import numpy as np

        (slope,) = self.numbers(np.array([known.get("alpha", np.float32(0.01))]))
        return self.bend(x, leaky_relu(slope))

    def op_clip(self, known: dict[str, Any], x: Any, low: Any = None, high: Any = None) -> Any:
        import numpy as np

        low, high = known.get("min", low), known.get("max", high)
        cuts, pieces = [], [Affine(Fraction(1), Fraction(0))]
        if low is not None:
            (at,) = self.numbers(np.array(low))
            cuts, pieces = [Cut(at, False)], [ZERO._replace(intercept=at), *pieces]
        if high is not None:
            (at,) = self.numbers(np.array(high))
            cuts, pieces = [*cuts, Cut(at, False)], [*pieces, ZERO._replace(intercept=at)]
        return self.bend(x, Activation("pieces", tuple(cuts), tuple(pieces)))

    def bend(self, x: Any, activation: Activation) -> Signal:
        if not isinstance(x, Signal):
            raise Refused("expected an argument that depends on the input")
        return self.chain.close(x, activation)

    def op_batchnormalization(
        self, known: dict[str, Any], x: Any, scale: Any, bias: Any, mean: Any, variance: Any
    ) -> Any:
        """Fold: the square root is taken in the weights' own precision, as at inference."""
        import numpy as np

        if known.get("training_mode", 0):
            raise Refused("batch normalization in training mode depends on the batch")
        if not isinstance(x, Signal) or len(x.shape) != 2:
            raise Refused("expected a vector of features")
        epsilon = np.asarray(known.get("epsilon", 1e-5), dtype=variance.dtype)
        root = self.numbers(np.sqrt(variance + epsilon))
        if not all(root):
            raise Refused("expected a positive variance")
        factors = tuple(a / b for a, b in zip(self.numbers(scale), root, strict=True))
        mean_shift = tuple(-entry for entry in self.numbers(mean))
        centred = self.chain.move(x, mean_shift)
        return self.chain.move(self.chain.stretch(centred, factors), self.numbers(bias))

    # ---- shapes

    def op_flatten(self, known: dict[str, Any], x: Any) -> Any:
        axis = known.get("axis", 1)
        shape = tuple(x.shape)
        axis = axis + len(shape) if axis < 0 else axis
        return self.reshaped(x, (prod(shape[:axis]), prod(shape[axis:])))

    def op_reshape(self, known: dict[str, Any], x: Any, target: Any) -> Any:
        old = tuple(x.shape)
        sizes = [int(size) for size in target.ravel().tolist()]
        sizes = [old[i] if size == 0 else size for i, size in enumerate(sizes)]
        if sizes.count(-1) == 1:
            rest = prod(size for size in sizes if size != -1)
            sizes[sizes.index(-1)] = prod(old) // rest if rest else 0
        return self.reshaped(x, tuple(sizes))

    def reshaped(self, x: Any, shape: tuple[int, ...]) -> Any:
        if prod(shape) != prod(x.shape) or any(size < 1 for size in shape):
            raise Refused(f"cannot reshape {tuple(x.shape)} to {shape}")
        if isinstance(x, Signal):
            return self.chain.reorder(x, range(x.size), shape)
        return x.reshape(shape)

    def op_squeeze(self, known: dict[str, Any], x: Any, axes: Any = None) -> Any:
        axes = known.get("axes", None if axes is None else axes.ravel().tolist())
        shape = tuple(x.shape)
        gone = {a % len(shape) for a in axes} if axes is not None else set(range(len(shape)))
        kept = (size for i, size in enumerate(shape) if i not in gone or size != 1)
        return self.reshaped(x, tuple(kept))

    def op_unsqueeze(self, known: dict[str, Any], x: Any, axes: Any = None) -> Any:
        axes = known.get("axes", None if axes is None else axes.ravel().tolist())
        rank = len(x.shape) + len(axes)
        places = {axis % rank for axis in axes}
        rest = iter(x.shape)
        return self.reshaped(x, tuple(1 if i in places else next(rest) for i in range(rank)))

    def op_transpose(self, known: dict[str, Any], x: Any) -> Any:
        import numpy as np

        order = known.get("perm", list(range(len(x.shape)))[::-1])
        if not isinstance(x, Signal):
            return x.transpose(order)
        places = np.arange(x.size).reshape(x.shape).transpose(order)
        return self.chain.reorder(x, places.ravel().tolist(), places.shape)

    def op_concat(self, known: dict[str, Any], *parts: Any) -> Any:
        import numpy as np

        if not all(isinstance(part, Signal) for part in parts):
            raise Refused("expected arguments that depend on the input")
        starts = np.cumsum([0] + [part.size for part in parts])
        places = np.concatenate(
            [
                np.arange(start, start + part.size).reshape(part.shape)
                for start, part in zip(starts, parts, strict=False)
            ],
            axis=known["axis"],
        )
        joined = self.chain.join(parts, (int(starts[-1]),))
        return self.chain.reorder(joined, places.ravel().tolist(), places.shape)
