"""The forms exporters give one and the same layer are all read, and agree with onnxruntime."""

import gzip
import re
import sys
import zlib
from fractions import Fraction
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from verifier.errors import BadInput
from verifier.networks import load_network
from verifier.networks.formats.onnx_operators import Operators
from verifier.networks.formats.onnx_reader import read_onnx

GENERATOR = np.random.default_rng(11)
node = helper.make_node


@pytest.fixture(autouse=True)
def seeded(request, monkeypatch):
    """The same numbers in a test whichever ran before it."""
    seed = zlib.crc32(request.node.name.encode())
    monkeypatch.setattr(sys.modules[__name__], "GENERATOR", np.random.default_rng(seed))


def floats(*shape):
    return GENERATOR.normal(size=shape).astype(np.float32)


def save(path, nodes, tensors, shape, opset=13, listed=False, kind=TensorProto.FLOAT):
    """Write a model whose output is y; with ``listed``, tensors are inputs as well."""
    tensors = {name: np.asarray(array) for name, array in tensors.items()}
    extra = [
        helper.make_tensor_value_info(
            name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape
        )
        for name, array in tensors.items()
        if listed
    ]
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("x", kind, shape), *extra],
        [helper.make_tensor_value_info("y", kind, None)],
        [numpy_helper.from_array(array, name) for name, array in tensors.items()],
    )  # fmt: skip
    ir_version = 3 if listed else 8
    onnx.save(
        helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=ir_version
        ),
        path,
    )


def agree(path, shape, count=8, integers=False):
    """The exact network and onnxruntime agree up to float32 rounding; return the network."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    (entry, *_) = session.get_inputs()
    network = read_onnx(path)
    seen = set()
    for _ in range(count):
        x = floats(*shape)
        x = np.round(2 * x) if integers else x
        (expected,) = session.run(None, {entry.name: x})
        found = network.evaluate([Fraction(float(v)) for v in x.ravel()])
        assert len(found) == expected.size
        np.testing.assert_allclose(
            [float(v) for v in found], expected.ravel(), rtol=2e-4, atol=2e-5
        )
        seen.add(expected.tobytes())
    # A network that is constant here would agree with anything of that value.
    assert len(seen) > 1
    return network


# Each takes ["x"] to ["y"]: nodes, tensors, shape.
W, B = floats(5, 4), floats(4)
SHAPES = np.array([1, -1])
LINEAR = {
    "plain": ([node("MatMul", ["x", "w"], ["a"]), node("Add", ["a", "b"], ["y"])], {}, [1, 5]),
    "bias of rank 2": ([node("MatMul", ["x", "w"], ["a"]), node("Add", ["c", "a"], ["y"])],
                       {"c": B[None]}, [1, 5]),
    "bias of rank 4": ([node("MatMul", ["x", "w"], ["a"]), node("Add", ["a", "c"], ["y"])],
                       {"c": B[None, None, None]}, [1, 1, 1, 5]),
    "bias of higher rank": ([node("MatMul", ["x", "w"], ["a"]), node("Add", ["a", "c"], ["y"])],
                            {"c": B[None, None, None]}, [1, 5]),
    "scalar bias": ([node("MatMul", ["x", "w"], ["a"]), node("Add", ["a", "c"], ["y"])],
                    {"c": np.float32(0.3)}, [1, 5]),
    "vector": ([node("MatMul", ["x", "w"], ["y"])], {}, [5]),
    "vector from the right": ([node("MatMul", ["v", "x"], ["y"])], {"v": W.T}, [5]),
    "column": ([node("MatMul", ["v", "x"], ["y"])], {"v": W.T}, [5, 1]),
    "matrix times vector": ([node("MatMul", ["x", "v"], ["y"])], {"v": W[:, 0]}, [1, 5]),
    "a batch of matrices": ([node("MatMul", ["x", "v"], ["y"])], {"v": floats(3, 5, 2)}, [2, 5]),
    "a batch of inputs": ([node("MatMul", ["x", "w"], ["y"])], {}, [3, 2, 5]),
    "transposed around": ([node("Transpose", ["x"], ["a"], perm=[1, 0]),
                           node("MatMul", ["v", "a"], ["c"]), node("Transpose", ["c"], ["y"])],
                          {"v": W.T}, [1, 5]),
    "image": ([node("Sub", ["x", "c"], ["a"]), node("Flatten", ["a"], ["d"]),
               node("MatMul", ["d", "w"], ["e"]), node("Add", ["e", "b"], ["y"])],
              {"c": floats(1, 1, 1, 5)}, [1, 1, 1, 5]),
    "mean first": ([node("Sub", ["c", "x"], ["a"]), node("MatMul", ["a", "w"], ["y"])],
                   {"c": floats(5)}, [1, 5]),
    "flatten 0": ([node("Flatten", ["x"], ["a"], axis=0), node("MatMul", ["a", "w"], ["y"])],
                  {}, [1, 5, 1]),
    "flatten -1": ([node("Flatten", ["x"], ["a"], axis=-1), node("MatMul", ["a", "w"], ["y"])],
                   {}, [1, 1, 5]),
    "reshape -1": ([node("Reshape", ["x", "s"], ["a"]), node("MatMul", ["a", "w"], ["y"])],
                   {"s": SHAPES}, [1, 1, 5]),
    "reshape 0": ([node("Reshape", ["x", "s"], ["a"]), node("MatMul", ["a", "w"], ["y"])],
                  {"s": np.array([0, -1])}, [1, 1, 5]),
    "scaled": ([node("Mul", ["c", "x"], ["a"]), node("Div", ["a", "e"], ["d"]),
                node("Neg", ["d"], ["f"]), node("MatMul", ["f", "w"], ["y"])],
               {"c": floats(5), "e": np.float32(1.7)}, [1, 5]),
    "squeezed": ([node("Squeeze", ["x", "s"], ["a"]), node("Unsqueeze", ["a", "t"], ["d"]),
                  node("MatMul", ["d", "w"], ["y"])],
                 {"s": np.array([0, -1]), "t": np.array([0])}, [1, 5, 1]),
    "squeezed all": ([node("Squeeze", ["x"], ["a"]), node("MatMul", ["a", "w"], ["y"])],
                     {}, [1, 5, 1]),
    "sliced": ([node("Slice", ["x", "s", "e", "a"], ["c"]), node("MatMul", ["c", "w"], ["y"])],
               {"s": np.array([1]), "e": np.array([2**62]), "a": np.array([-1])}, [1, 6]),
    "sliced backwards": ([node("Slice", ["x", "s", "e", "a", "p"], ["c"]),
                          node("MatMul", ["c", "w"], ["y"])],
                         {"s": np.array([-1]), "e": np.array([-(2**62)]), "a": np.array([1]),
                          "p": np.array([-2])}, [1, 9]),
    "gathered": ([node("Gather", ["x", "i"], ["a"], axis=1), node("MatMul", ["a", "w"], ["y"])],
                 {"i": np.array([3, 0, 0, -1, 2])}, [1, 4]),
    "gathered one": ([node("Gather", ["x", "i"], ["a"], axis=1), node("MatMul", ["a", "w"], ["y"])],
                     {"i": np.array(1)}, [1, 2, 5]),
    "split": ([node("Split", ["x", "s"], ["a", "c"], axis=1), node("Concat", ["c", "a"], ["d"],
               axis=1), node("MatMul", ["d", "w"], ["y"])], {"s": np.array([2, 3])}, [1, 5]),
    "split evenly": ([node("Split", ["x"], ["a", "c"], axis=1), node("Sub", ["c", "a"], ["d"]),
                      node("MatMul", ["d", "w"], ["y"])], {}, [1, 10]),
    "concatenated with a constant": ([node("Concat", ["x", "c"], ["a"], axis=-1),
                                      node("MatMul", ["a", "w"], ["y"])],
                                     {"c": floats(1, 2)}, [1, 3]),
    "padded": ([node("Pad", ["x", "p", "c"], ["a"]), node("MatMul", ["a", "w"], ["y"])],
               {"p": np.array([0, 1, 0, 2]), "c": np.float32(0.5)}, [1, 2]),
    "reflected": ([node("Pad", ["x", "p"], ["a"], mode="reflect"),
                   node("MatMul", ["a", "w"], ["y"])], {"p": np.array([0, 1, 0, 1])}, [1, 3]),
    "tiled": ([node("Tile", ["x", "r"], ["a"]), node("Expand", ["a", "s"], ["c"]),
               node("MatMul", ["c", "w"], ["y"])],
              {"r": np.array([1, 5]), "s": np.array([2, 1, 5])}, [1, 1]),
    "summed": ([node("Sum", ["x", "x", "c"], ["a"]), node("Mean", ["a", "x"], ["d"]),
                node("MatMul", ["d", "w"], ["y"])], {"c": floats(5)}, [1, 5]),
    "reduced": ([node("ReduceSum", ["x", "s"], ["a"], keepdims=0),
                 node("ReduceMean", ["x"], ["c"], axes=[2], keepdims=0),
                 node("Concat", ["a", "c"], ["y"], axis=1)], {"s": np.array([1])}, [1, 3, 4]),
    "reduced to one": ([node("ReduceMean", ["x"], ["y"])], {}, [1, 3, 4]),
    "two matrices": ([node("MatMul", ["x", "w"], ["a"]), node("Gemm", ["a", "v", "b"], ["y"])],
                     {"v": floats(4, 4)}, [1, 5]),
    "folded constants": ([node("Mul", ["w", "c"], ["v"]), node("Transpose", ["v"], ["t"]),
                          node("Gemm", ["x", "t", "b"], ["y"], transB=1)],
                         {"c": np.float32(0.1)}, [1, 5]),
    "norm by hand": ([node("Sub", ["x", "m"], ["a"]), node("Add", ["v", "e"], ["c"]),
                      node("Sqrt", ["c"], ["d"]), node("Div", ["a", "d"], ["f"]),
                      node("MatMul", ["f", "w"], ["y"])],
                     {"m": floats(5), "v": np.abs(floats(5)), "e": np.float32(1e-5)}, [1, 5]),
    "shape of the input": ([node("Shape", ["x"], ["s"]), node("Gather", ["s", "zero"], ["n"]),
                            node("Unsqueeze", ["n", "first"], ["m"]),
                            node("Concat", ["m", "rest"], ["t"], axis=0),
                            node("Reshape", ["x", "t"], ["a"]), node("MatMul", ["a", "w"], ["y"])],
                           {"zero": np.array(0), "first": np.array([0]), "rest": np.array([-1])},
                           [1, 1, 5]),
    "constant nodes": ([node("Constant", [], ["c"], value_floats=[0.5, 0.25, 1.0, 2.0, 3.0]),
                        node("ConstantOfShape", ["s"], ["d"],
                             value=numpy_helper.from_array(np.array([2], np.float32))),
                        node("Mul", ["x", "c"], ["a"]), node("Add", ["a", "d"], ["e"]),
                        node("MatMul", ["e", "w"], ["y"])], {"s": np.array([1, 5])}, [1, 5]),
    "cast and dropped": ([node("Cast", ["x"], ["a"], to=TensorProto.DOUBLE),
                          node("Cast", ["a"], ["c"], to=TensorProto.FLOAT),
                          node("Dropout", ["c"], ["d", "mask"]), node("Identity", ["d"], ["e"]),
                          node("MatMul", ["e", "w"], ["y"])], {}, [1, 5]),
}  # fmt: skip


@pytest.mark.parametrize("name", LINEAR)
def test_forms_of_affine_layers(tmp_path, name):
    nodes, tensors, shape = LINEAR[name]
    path = tmp_path / "net.onnx"
    save(path, nodes, {"w": W, "b": B} | tensors, shape)
    network = agree(path, shape)
    assert all(layer.activation is None for layer in network.layers)
    # An affine layer, or one for each of two matrices in a row.
    assert len(network.layers) <= 2


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("a", [0, 1])
@pytest.mark.parametrize("b", [0, 1])
@pytest.mark.parametrize("right", [False, True])
@pytest.mark.parametrize("bias", [None, (), (4,), (1, 4), (2, 1), (2, 4)])
def test_every_gemm(tmp_path, kind, a, b, right, bias):
    path, turned = tmp_path / "net.onnx", (a, b) if not right else (b, a)
    shape, other = ([2, 5], [5, 4]) if not right else ([5, 4], [2, 5])
    shape = shape[::-1] if turned[0] else shape
    other = other[::-1] if turned[1] else other
    names = ["w", "x"] if right else ["x", "w"]
    sides = {"transA": turned[1], "transB": turned[0]} if right else {"transA": a, "transB": b}
    tensors = {"w": floats(*other)} | ({} if bias is None else {"c": floats(*bias)})
    if kind is np.float64:
        tensors = {name: array / np.float32(3) for name, array in tensors.items()}
    nodes = [node("Gemm", [*names, *(["c"] if bias is not None else [])], ["y"],
                  alpha=0.3, beta=-1.7, **sides)]  # fmt: skip
    save(path, nodes, tensors, shape, opset=13)
    agree(path, shape, count=2)


LAYER = [node("MatMul", ["x", "w"], ["h"]), node("Add", ["h", "b"], ["z"])]
LAST = node("MatMul", ["r", "o"], ["y"])
BENT = {
    "relu": [node("Relu", ["z"], ["r"])],
    "leaky by default": [node("LeakyRelu", ["z"], ["r"])],
    "leaky": [node("LeakyRelu", ["z"], ["r"], alpha=-1.0)],
    "leaky 0 and 1": [node("LeakyRelu", ["z"], ["a"], alpha=0.0),
                      node("LeakyRelu", ["a"], ["r"], alpha=1.0)],
    "prelu of one slope": [node("PRelu", ["z", "half"], ["r"])],
    "prelu of many": [node("PRelu", ["z", "slopes"], ["r"])],
    "abs": [node("Abs", ["z"], ["r"])],
    "sign": [node("Sign", ["z"], ["r"])],
    "thresholded": [node("ThresholdedRelu", ["z"], ["r"], alpha=0.5)],
    "hard sigmoid": [node("HardSigmoid", ["z"], ["r"])],
    "hard sigmoid with slope": [node("HardSigmoid", ["z"], ["r"], alpha=-0.5, beta=0.25)],
    "clip": [node("Clip", ["z", "low", "half"], ["r"])],
    "clip below": [node("Clip", ["z", "low"], ["r"])],
    "clip above": [node("Clip", ["z", "", "half"], ["r"])],
    "clip at infinity": [node("Clip", ["z", "low", "endless"], ["r"])],
    "clip nowhere": [node("Clip", ["z"], ["r"])],
    "hardtanh by max and min": [node("Max", ["z", "low"], ["a"]),
                                node("Min", ["half", "a"], ["r"])],
    "relu by max": [node("Max", ["zero", "z"], ["r"])],
    "max of a vector": [node("Max", ["z", "slopes"], ["r"])],
    "max of three": [node("Neg", ["z"], ["a"]), node("Max", ["z", "slopes", "a"], ["r"])],
    "min of two": [node("Neg", ["z"], ["a"]), node("Min", ["z", "a"], ["r"])],
    "minimum": [node("ReduceMin", ["z"], ["r"], axes=[1])],
    "maximum": [node("ReduceMax", ["z"], ["r"], axes=[1])],
    "minus relu": [node("Neg", ["z"], ["a"]), node("Relu", ["a"], ["c"]),
                   node("Sub", ["half", "c"], ["r"])],
}  # fmt: skip


@pytest.mark.parametrize("name", BENT)
def test_forms_of_activations(tmp_path, name):
    path = tmp_path / "net.onnx"
    one = name in ("minimum", "maximum")
    tensors = {
        "w": W, "b": B, "o": floats(1 if one else 4, 2), "half": np.float32(0.5),
        "low": np.float32(-0.25), "zero": np.float32(0), "endless": np.float32(np.inf),
        "slopes": np.array([0, 1, -1, 0.5], "f4"),
    }  # fmt: skip
    save(path, [*LAYER, *BENT[name], LAST], tensors, [1, 5])
    agree(path, [1, 5], count=40)


def test_sign_is_exact_at_its_jump(tmp_path):
    path = tmp_path / "net.onnx"
    save(path, [node("Sign", ["x"], ["y"])], {}, [1, 1])
    network = read_onnx(path)
    tiny = Fraction(1, 10**30)
    assert [network.evaluate([x])[0] for x in (-tiny, Fraction(0), tiny)] == [-1, 0, 1]


@pytest.mark.parametrize("opset", [7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 20, 21])
def test_opsets(tmp_path, opset):
    """Where limits, axes and sizes stand has changed between versions."""
    path = tmp_path / "net.onnx"
    tensors = {"w": W, "b": B, "s": floats(4), "m": floats(4), "v": np.abs(floats(4)) + 1}

    def given(name, values, since):
        """As an input since one version, as an attribute before."""
        if opset < since:
            return [], {name: values}
        tensors[name] = np.array(values)
        return [name], {}

    def op(kind, source, target, *parts, **attributes):
        for _, more in parts:
            attributes |= more
        inputs = [*source, *(name for names, _ in parts for name in names)]
        return node(kind, inputs, target, **attributes)

    low = given("min", -0.5, 11)
    high = given("max", 1.5, 11)
    for name, value in (("min", -0.5), ("max", 1.5)):
        if opset >= 11:
            tensors[name] = np.float32(value)
    nodes = [
        op("Unsqueeze", ["x"], ["a"], given("axes", [1], 13)),
        op("Squeeze", ["a"], ["c"], given("axes", [1], 13)),
        node("Gemm", ["c", "w", "b"], ["d"]),
        node("BatchNormalization", ["d", "s", "b", "m", "v"], ["e"], epsilon=0.01),
        op("Clip", ["e"], ["f"], low, high),
        op("Split", ["f"], ["g", "h"], given("split", [1, 3], 13), axis=1),
        op("ReduceSum", ["h"], ["i"], given("total", [1], 13) if opset >= 13
           else ([], {"axes": [1]})),
        op("ReduceMean", ["h"], ["j"], given("middle", [1], 18) if opset >= 18
           else ([], {"axes": [1]})),
        op("Slice", ["h"], ["k"], given("starts", [1], 10), given("ends", [3], 10),
           *([given("axes", [1], 10)] if opset >= 10 else [([], {"axes": [1]})])),
        op("Pad", ["k"], ["l"], given("pads", [0, 1, 0, 0], 11)),
        node("Dropout", ["l"], ["n"]),
        node("Flatten", ["n"], ["p"]),
        node("Concat", ["g", "i", "j", "p"], ["q"], axis=1),
        node("Relu", ["q"], ["y"]),
    ]  # fmt: skip
    save(path, nodes, tensors, ["batch", 5], opset=opset)
    agree(path, [1, 5])


def test_opset_6_broadcasts_along_an_axis(tmp_path):
    path = tmp_path / "net.onnx"
    nodes = [node("Add", ["x", "c"], ["y"], broadcast=1, axis=1)]
    save(path, nodes, {"c": np.array([1, 2, 3], "f4")}, [1, 3, 2], opset=6)
    assert read_onnx(path).evaluate([Fraction(0)] * 6) == (1, 1, 2, 2, 3, 3)


@pytest.mark.parametrize("shape", [[1, 1, 1, 5], [1, 5], [5], ["batch", 5], [None, 5], [0, 5],
                                   [-1, 5], [None, 1, 5]])  # fmt: skip
def test_shapes_of_inputs(tmp_path, shape):
    path, weights, bias = tmp_path / "net.onnx", floats(5, 3), floats(3)
    nodes = [node("MatMul", ["x", "w"], ["a"]), node("Add", ["a", "b"], ["c"]),
             node("Relu", ["c"], ["y"])]  # fmt: skip
    save(path, nodes, {"w": weights, "b": bias}, shape)
    network = read_onnx(path)
    assert network.layers[0].weights == tuple(
        tuple(Fraction(float(entry)) for entry in row) for row in weights.T
    )
    assert network.layers[0].bias == tuple(Fraction(float(entry)) for entry in bias)
    assert len(network.layers) == 1


def test_tensors_listed_as_inputs(tmp_path):
    path = tmp_path / "net.onnx"
    save(path, [*LAYER, node("Relu", ["z"], ["y"])], {"w": W, "b": B}, [1, 5], opset=9, listed=True)
    agree(path, [1, 5])


@pytest.mark.parametrize("raw", [True, False])
@pytest.mark.parametrize("kind", ["FLOAT", "DOUBLE", "FLOAT16", "BFLOAT16"])
def test_ways_to_store_a_tensor(tmp_path, kind, raw):
    """The value is the exact rational of the stored float, whatever its width."""
    path, number = tmp_path / "net.onnx", getattr(TensorProto, kind)
    stored = {"FLOAT": Fraction(13421773, 2**27), "FLOAT16": Fraction(819, 2**13),
              "DOUBLE": Fraction(0.1), "BFLOAT16": Fraction(205, 2**11)}[kind]  # fmt: skip
    tensor = helper.make_tensor("w", number, [1, 2], [0.1, -2.0])
    if raw:
        array = numpy_helper.to_array(tensor)
        bits = array.view(np.uint16).tobytes() if kind == "BFLOAT16" else array.tobytes()
        tensor = helper.make_tensor("w", number, [1, 2], bits, raw=True)
    graph = helper.make_graph(
        [node("MatMul", ["x", "w"], ["y"])], "g",
        [helper.make_tensor_value_info("x", number, [1, 1])],
        [helper.make_tensor_value_info("y", number, None)], [tensor],
    )  # fmt: skip
    onnx.save(helper.make_model(graph), path)
    assert read_onnx(path).evaluate([Fraction(1)]) == (stored, -2)


# ---------------------------------------------------------------- convolutions


CONVOLUTIONS = {
    "plain": ([1, 2, 5, 6], floats(3, 2, 3, 2), {}),
    "padded, in steps": ([1, 2, 5, 6], floats(4, 2, 3, 3), {"pads": [1, 0, 2, 1],
                                                           "strides": [2, 3]}),
    "dilated, in groups": ([1, 4, 7, 6], floats(6, 2, 2, 2), {"dilations": [3, 2], "group": 2}),
    "upper": ([1, 1, 5, 5], floats(2, 1, 2, 4), {"auto_pad": "SAME_UPPER", "strides": [2, 2]}),
    "lower": ([1, 1, 5, 5], floats(2, 1, 2, 4), {"auto_pad": "SAME_LOWER"}),
    "valid": ([1, 1, 5, 5], floats(2, 1, 2, 4), {"auto_pad": "VALID"}),
    "one axis": ([2, 2, 7], floats(3, 2, 3), {"strides": [2]}),
    "three axes": ([1, 1, 3, 4, 3], floats(2, 1, 2, 2, 2), {}),
}  # fmt: skip


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_convolutions(tmp_path, name, bias):
    shape, weights, attributes = CONVOLUTIONS[name]
    path = tmp_path / "net.onnx"
    tensors = {"w": weights} | ({"b": floats(len(weights))} if bias else {})
    nodes = [node("Conv", ["x", *tensors], ["a"], **attributes), node("Relu", ["a"], ["y"])]
    save(path, nodes, tensors, shape)
    network = agree(path, shape, count=3)
    assert len(network.layers) == 1


@pytest.mark.parametrize(
    "attributes",
    [{}, {"strides": [2, 3]}, {"strides": [3, 2], "pads": [1, 0, 2, 1], "output_padding": [1, 0]},
     {"dilations": [2, 1], "group": 2, "strides": [1, 2]}],
)  # fmt: skip
def test_transposed_convolutions(tmp_path, attributes):
    path, groups = tmp_path / "net.onnx", attributes.get("group", 1)
    tensors = {"w": floats(4, 3, 3, 2), "b": floats(3 * groups)}
    nodes = [node("ConvTranspose", ["x", "w", "b"], ["a"], **attributes),
             node("Relu", ["a"], ["y"])]  # fmt: skip
    save(path, nodes, tensors, [1, 4, 3, 3])
    agree(path, [1, 4, 3, 3], count=3)


POOLS = {
    "average": node("AveragePool", ["x"], ["y"], kernel_shape=[2, 2], strides=[2, 1]),
    "average, padding left out": node("AveragePool", ["x"], ["y"], kernel_shape=[3, 2],
                                      pads=[1, 1, 1, 0]),
    "average, padding counted": node("AveragePool", ["x"], ["y"], kernel_shape=[3, 2],
                                     pads=[1, 1, 1, 0], count_include_pad=1),
    "global average": node("GlobalAveragePool", ["x"], ["y"]),
    "maximum": node("MaxPool", ["x"], ["y"], kernel_shape=[2, 2], strides=[2, 2]),
    "maximum of three": node("MaxPool", ["x"], ["y"], kernel_shape=[1, 3], pads=[0, 1, 0, 1]),
    "maximum, rounded up": node("MaxPool", ["x"], ["y"], kernel_shape=[2, 2], strides=[2, 2],
                                ceil_mode=1),
    "global maximum": node("GlobalMaxPool", ["x"], ["y"]),
}  # fmt: skip


@pytest.mark.parametrize("name", POOLS)
def test_pools(tmp_path, name):
    path = tmp_path / "net.onnx"
    save(path, [POOLS[name]], {}, [1, 2, 4, 6])
    agree(path, [1, 2, 4, 6], count=5)


def test_a_small_convolutional_network(tmp_path):
    path = tmp_path / "net.onnx"
    tensors = {"u": floats(3, 1, 3, 3), "c": floats(3), "s": floats(3), "m": floats(3),
               "v": np.abs(floats(3)) + 1, "w": floats(12, 4), "b": floats(4)}  # fmt: skip
    nodes = [
        node("Conv", ["x", "u", "c"], ["d"], pads=[1, 1, 1, 1], strides=[2, 2]),
        node("BatchNormalization", ["d", "s", "c", "m", "v"], ["e"]), node("Relu", ["e"], ["f"]),
        node("MaxPool", ["f"], ["g"], kernel_shape=[2, 2], strides=[1, 1]),
        node("Flatten", ["g"], ["i"]), node("Gemm", ["i", "w", "b"], ["y"]),
    ]  # fmt: skip
    save(path, nodes, tensors, [1, 1, 6, 6])
    agree(path, [1, 1, 6, 6], count=5)


# ---------------------------------------------------------------- refusals


HUGE = 10**9
POOL = {"kernel_shape": [2, 2]}
REFUSED = {
    # From x (1 x 1 x 4 x 4) to y: nodes, tensors, and what the message says.
    "sigmoid": ([node("Sigmoid", ["x"], ["y"], name="last")], {},
                "node last (Sigmoid): operator Sigmoid is not supported"),
    "elu": ([node("Elu", ["x"], ["y"])], {}, "operator Elu is not supported"),
    "foreign": ([node("Gelu", ["x"], ["y"], domain="com.microsoft")], {}, "com.microsoft"),
    "reshaped to nothing": ([node("Reshape", ["x", "s"], ["y"], allowzero=1)],
                            {"s": np.array([0, 16])}, "does not fit"),
    "two unknown sizes": ([node("Reshape", ["x", "s"], ["y"])], {"s": np.array([-1, -1])},
                          "does not fit"),
    "a shape that depends on the input": ([node("Reshape", ["x", "x"], ["y"])], {},
                                          "constant integers"),
    "tiled": ([node("Tile", ["x", "s"], ["y"])], {"s": np.full(4, HUGE)}, "numbers"),
    "expanded": ([node("Expand", ["x", "s"], ["y"])], {"s": np.array([HUGE, 1, 1, 1])}, "numbers"),
    "filled": ([node("ConstantOfShape", ["s"], ["a"]), node("Add", ["x", "a"], ["y"])],
               {"s": np.array([HUGE])}, "numbers"),
    "padded": ([node("Pad", ["x", "s"], ["y"])], {"s": np.full(8, HUGE)}, "numbers"),
    "cut": ([node("Pad", ["x", "s"], ["y"])], {"s": np.array([0] * 7 + [-1])}, "negative"),
    "broadcast": ([node("Add", ["x", "c"], ["y"])], {"c": np.ones((10**5, 1, 1, 1, 1), "f4")},
                  "numbers"),
    "wide kernel": ([node("Conv", ["x", "w"], ["y"], pads=[HUGE] * 4)], {"w": floats(1, 1, 2, 2)},
                    "numbers"),
    "kernel beyond the image": ([node("Conv", ["x", "w"], ["y"])], {"w": floats(1, 1, 5, 5)},
                                "does not fit"),
    "kernel of another size": ([node("Conv", ["x", "w"], ["y"], kernel_shape=[3, 3])],
                               {"w": floats(1, 1, 2, 2)}, "does not fit"),
    "channels": ([node("Conv", ["x", "w"], ["y"])], {"w": floats(1, 2, 2, 2)}, "1 channels"),
    "strides": ([node("Conv", ["x", "w"], ["y"], strides=[0, 1])], {"w": floats(1, 1, 2, 2)},
                "kernel, strides"),
    "biases": ([node("Conv", ["x", "w", "b"], ["y"])], {"w": floats(1, 1, 2, 2), "b": floats(3)},
               "expected 1 biases"),
    "kernel from the input": ([node("Conv", ["x", "x"], ["y"])], {}, "constant argument"),
    "padding of a name unknown": ([node("MaxPool", ["x"], ["y"], auto_pad="SAME", **POOL)], {},
                                  "padding of kind SAME"),
    "rounded up": ([node("AveragePool", ["x"], ["y"], ceil_mode=1, kernel_shape=[3, 3],
                         strides=[2, 2])], {}, "ceil_mode"),
    "padding alone": ([node("MaxPool", ["x"], ["y"], pads=[3, 3, 3, 3], **POOL)], {},
                      "nothing but padding"),
    "pool without kernel": ([node("MaxPool", ["x"], ["y"])], {}, "kernel_shape"),
    "gather": ([node("Gather", ["x", "i"], ["y"])], {"i": np.array([1])}, "does not fit"),
    "split": ([node("Split", ["x", "i"], ["y", "z"], axis=3)], {"i": np.array([1, 2])},
              "cannot split 4 into [1, 2]"),
    "clip upside down": ([node("Clip", ["x", "a", "b"], ["y"])],
                         {"a": np.float32(1), "b": np.float32(0)}, "min below max"),
    "clip at nan": ([node("Clip", ["x", "a"], ["y"])], {"a": np.float32(np.nan)}, "found nan"),
    "rounded": ([node("Cast", ["x"], ["y"], to=TensorProto.INT32)], {}, "int32 rounds"),
    "divided by the input": ([node("Div", ["a", "x"], ["y"])], {"a": np.float32(1)},
                             "division by a constant"),
    "squared": ([node("MatMul", ["x", "x"], ["y"])], {}, "one constant argument"),
    "slopes from the input": ([node("PRelu", ["x", "x"], ["y"])], {}, "constant argument"),
    "training": ([node("BatchNormalization", ["x", "o", "o", "o", "o"], ["y"], training_mode=1)],
                 {"o": np.ones(1, "f4")}, "training"),
    "random": ([node("Dropout", ["x", "p", "t"], ["y"])],
               {"p": np.float32(0.5), "t": np.array(True)}, "random"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_with_its_node(tmp_path, name):
    nodes, tensors, says = REFUSED[name]
    path = tmp_path / "net.onnx"
    save(path, nodes, tensors, [1, 1, 4, 4])
    with pytest.raises(BadInput) as refusal:
        read_onnx(path)
    message = str(refusal.value)
    assert says in message
    assert message.startswith(f"{path}: node ")
    assert "\n" not in message


def test_values_do_not_double_without_end(tmp_path):
    path = tmp_path / "net.onnx"
    nodes = [node("Concat", [f"v{i}"] * 2, [f"v{i + 1}"], axis=0) for i in range(60)]
    save(path, [node("Relu", ["x"], ["v0"]), *nodes, node("Relu", ["v60"], ["y"])], {}, [4])
    with pytest.raises(BadInput, match="numbers, found shape"):
        read_onnx(path)


def test_integers_are_no_real_inputs(tmp_path):
    path = tmp_path / "net.onnx"
    save(path, [node("Relu", ["x"], ["y"])], {}, [1, 4], kind=TensorProto.INT64)
    with pytest.raises(BadInput, match="input x: expected numbers of type float"):
        read_onnx(path)


def test_an_input_without_a_shape(tmp_path):
    path = tmp_path / "net.onnx"
    save(path, [node("Relu", ["x"], ["y"])], {}, None)
    with pytest.raises(BadInput, match="input x: expected a shape"):
        read_onnx(path)


def test_the_documented_operators_are_those_that_are_read():
    text = (Path(__file__).parents[3] / "docs" / "properties.md").read_text()
    table = text.split("| ONNX operators | |")[1].split("\n\n")[0]
    named = {name.lower() for name in re.findall(r"\b[A-Z]\w+", table)}
    assert named == {name[3:] for name in dir(Operators) if name.startswith("op_")}


# ---------------------------------------------------------------- compressed files


def test_compressed_files(tmp_path):
    plain, packed = tmp_path / "net.onnx", tmp_path / "net.onnx.gz"
    save(plain, [*LAYER, node("Relu", ["z"], ["y"])], {"w": W, "b": B}, [1, 5])
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert load_network(packed) == load_network(plain)
    for content in (b"", b"no gzip", packed.read_bytes()[:40], gzip.compress(b"no network")):
        packed.write_bytes(content)
        with pytest.raises(BadInput) as refusal:
            load_network(packed)
        assert "\n" not in str(refusal.value)


def test_a_small_file_that_unpacks_to_a_huge_one(tmp_path, monkeypatch):
    monkeypatch.setattr("verifier.networks.formats.files.MAX_BYTES", 10**6)
    path = tmp_path / "net.onnx.gz"
    path.write_bytes(gzip.compress(bytes(10**7)))
    with pytest.raises(BadInput, match="expected at most 1000000 bytes"):
        load_network(path)
