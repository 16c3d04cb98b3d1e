"""Whatever is in a file, a reader returns a network or a property, or refuses in one line."""

import contextlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import helper

from tests.networks.formats.test_onnx_forms import save
from tests.networks.helpers import DATA
from verifier.errors import BadInput
from verifier.networks.formats.nnet_reader import read_nnet
from verifier.networks.formats.onnx_operators import Operators
from verifier.networks.formats.onnx_reader import read_onnx
from verifier.networks.formats.torch_reader import read_torch
from verifier.networks.formats.vnnlib import parse_vnnlib

FEW = settings(
    max_examples=60, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
MARKS = [*'()()();|"+-*/01', "\n", "<=", ">=", "<", ">", "=", "=>"]
NAMES = ["assert", "declare-const", "X_0", "Y_0", "X_1", "Real", "and", "or", "not", "true"]
WORDS = st.sampled_from([*MARKS, *NAMES, "false", "-2.5", "1e3", "1e-400", ".5"])


def refuses_or_reads(read, *arguments):
    with contextlib.suppress(BadInput):
        try:
            read(*arguments)
        except BadInput as refusal:
            if "\n" in str(refusal):
                pytest.fail(f"more than one line: {refusal}")
            raise


@settings(max_examples=300, deadline=1000)
@given(st.lists(WORDS, max_size=60), st.booleans())
def test_words_of_the_property_language(words, declared):
    head = "(declare-const X_0 Real)(declare-const Y_0 Real)(assert (<= 0 X_0 1))"
    refuses_or_reads(parse_vnnlib, (head if declared else "") + " ".join(words))


TERM = st.recursive(
    st.sampled_from(["X_0", "Y_0", "0", "1.5", "-2"]),
    lambda inner: st.builds("({} {} {})".format, st.sampled_from("+-*/"), inner, inner),
    max_leaves=8,
)
FORMULA = st.recursive(
    st.builds("({} {} {})".format, st.sampled_from(["<=", "<", ">", ">=", "="]), TERM, TERM),
    lambda inner: (
        st.builds("({} {} {})".format, st.sampled_from(["and", "or", "=>"]), inner, inner)
        | st.builds("(not {})".format, inner)
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=1000)
@given(FORMULA)
def test_well_formed_formulas(formula):
    head = "(declare-const X_0 Real)(declare-const Y_0 Real)(assert (<= 0 X_0 1))"
    refuses_or_reads(parse_vnnlib, f"{head}(assert {formula})")


NUMBERS = st.sampled_from(["0", "1", "2", "-1", "3", "1e3", "nan", "inf", "", "x", "999999", "."])


@FEW
@given(st.lists(st.lists(NUMBERS, max_size=6), max_size=14))
def test_lines_of_an_nnet_file(tmp_path, lines):
    path = tmp_path / "n.nnet"
    path.write_text("\n".join(",".join(line) for line in lines))
    refuses_or_reads(read_nnet, path)


# Convolutions, a pool, a skip connection, shapes computed on the way.
IMAGE = (
    [helper.make_node("Conv", ["x", "w"], ["a"], pads=[1, 1, 0, 0], strides=[1, 1]),
     helper.make_node("Relu", ["a"], ["b"]), helper.make_node("Add", ["b", "x"], ["c"]),
     helper.make_node("MaxPool", ["c"], ["d"], kernel_shape=[2, 2]),
     helper.make_node("Shape", ["d"], ["e"]), helper.make_node("Gather", ["e", "zero"], ["f"]),
     helper.make_node("Concat", ["f", "rest"], ["g"], axis=0),
     helper.make_node("Reshape", ["d", "g"], ["h"]), helper.make_node("MatMul", ["h", "v"], ["y"])],
    {"w": np.ones((1, 1, 2, 2), "f4"), "zero": np.array([0]), "rest": np.array([-1]),
     "v": np.ones((4, 2), "f4")},
    [1, 1, 3, 3],
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("scores.onnx", read_onnx),
        ("image.onnx", read_onnx),
        ("scores.nnet", read_nnet),
        ("hill.pt", read_torch),
    ],
)
@FEW
@given(data=st.data())
def test_damaged_files(tmp_path, name, read, data):
    if name == "hill.pt":
        pytest.importorskip("torch")
    path = tmp_path / name
    if name == "image.onnx":
        save(path, *IMAGE)
    content = bytearray((path if name == "image.onnx" else DATA / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        match data.draw(st.sampled_from(["change", "cut", "insert"])):
            case "change":
                content[at] = data.draw(st.integers(0, 255))
            case "cut":
                del content[at : at + data.draw(st.integers(1, 50))]
            case _:
                content[at:at] = data.draw(st.binary(max_size=8))
        if not content:
            break
    path.write_bytes(content)
    refuses_or_reads(read, path)


OPERATORS = [name[3:] for name in dir(Operators) if name.startswith("op_")]
ATTRIBUTES = {
    "axis": [-3, -1, 0, 1, 2, 9, 10**12], "axes": [[0], [1, -1], [7]],
    "alpha": [0.0, -1.0, 0.5],
    "kernel_shape": [[2, 2], [1], [0, 1], [10**9, 1]], "pads": [[0, 1, 0, 1], [1], [-1] * 4],
    "strides": [[1, 1], [0, 1], [10**12, 2]], "dilations": [[2, 2], [10**9, 1]],
    "group": [0, 2, -1],
    "auto_pad": ["SAME_UPPER", "VALID", "x"], "perm": [[1, 0], [0, 0], [3, 1, 0, 2]],
    "mode": ["reflect", "wrap", "x"], "split": [[1, 1], [-1, 5]], "keepdims": [0], "to": [1, 7, 99],
    "min": [0.0, float("nan")], "max": [1.0, -1.0], "shape": [[-1], [0, 0]], "allowzero": [1],
    "starts": [[0], [-9]], "ends": [[1], [10**18]], "output_padding": [[1, 1], [10**9, 0]],
    "value_ints": [[1, 2]], "value_float": [2.5], "training_mode": [1], "ceil_mode": [1],
}  # fmt: skip
TENSORS = {
    "floats": np.float32([[1, -2], [0.5, 0]]), "scalar": np.float32(0.25), "ones": np.ones(4, "f4"),
    "kernel": np.ones((1, 1, 2, 2), "f4"), "sizes": np.array([2, -1]), "one": np.array([1]),
    "many": np.array([10**9, 10**9]), "bad": np.float32([np.nan, np.inf]), "truth": np.array(True),
    "none": np.zeros((0, 2), "f4"), "index": np.array(3),
}  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_nodes_of_any_kind(tmp_path, data):
    """Every operator on tensors and attributes that mostly do not fit it."""
    names, nodes = ["x", "x", *TENSORS], []
    for i in range(data.draw(st.integers(1, 4))):
        kind = data.draw(st.sampled_from(OPERATORS))
        inputs = data.draw(st.lists(st.sampled_from([*names, ""]), max_size=4))
        chosen = data.draw(st.lists(st.sampled_from(list(ATTRIBUTES)), max_size=3))
        attributes = {name: data.draw(st.sampled_from(ATTRIBUTES[name])) for name in chosen}
        outputs = [f"v{i}", f"u{i}"][: data.draw(st.integers(1, 2))]
        # Names of operators are read in any case, so that lower case reaches them all.
        nodes.append(helper.make_node(kind, inputs, outputs, **attributes))
        names += outputs * 3
    nodes.append(helper.make_node("Identity", [data.draw(st.sampled_from(names))], ["y"]))
    shape = data.draw(st.sampled_from([[1, 4], [4], [1, 1, 4, 4], [1, 2, 2]]))
    path = tmp_path / "net.onnx"
    save(path, nodes, TENSORS, shape)
    refuses_or_reads(read_onnx, path)
