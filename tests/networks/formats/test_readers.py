"""Networks written by other tools are read exactly."""

import contextlib
import gzip
import json
import random
from fractions import Fraction
from itertools import pairwise

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.command_line import run_here
from tests.networks.helpers import DATA
from verifier.errors import BadInput
from verifier.networks import load_network
from verifier.networks.formats.nnet_reader import read_contents, read_nnet
from verifier.networks.formats.onnx_reader import read_onnx

GENERATOR = np.random.default_rng(7)


def model(nodes, tensors, shape, out_shape):
    tensors = {name: np.asarray(array) for name, array in tensors.items()}
    graph = helper.make_graph(
        nodes, "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, out_shape)],
        [numpy_helper.from_array(array, name) for name, array in tensors.items()],
    )  # fmt: skip
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def saved(tmp_path, *parts):
    path = tmp_path / "net.onnx"
    onnx.save(model(*parts), path)
    return path


def floats(*shape):
    return GENERATOR.normal(size=shape).astype(np.float32)


def agree(path, shape, count=20):
    """The exact network and onnxruntime agree up to float32 rounding."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    network = read_onnx(path)
    for _ in range(count):
        x = floats(*shape)
        expected = session.run(None, {session.get_inputs()[0].name: x})[0].ravel()
        found = network.evaluate([Fraction(float(v)) for v in x.ravel()])
        assert len(found) == len(expected)
        np.testing.assert_allclose([float(v) for v in found], expected, rtol=2e-4, atol=2e-5)


node = helper.make_node


def test_scores_agree_with_onnxruntime():
    agree(DATA / "scores.onnx", (1, 1, 1, 4))


def test_weights_are_the_dyadic_rationals_they_are():
    network = load_network(DATA / "scores.onnx")
    entry = network.layers[0].weights[0][0]
    assert entry.denominator & (entry.denominator - 1) == 0
    assert Fraction(float(np.float32(float(entry)))) == entry


@pytest.mark.parametrize("flags", range(4))
def test_gemm_with_every_attribute(tmp_path, flags):
    turned = flags % 2
    weights = floats(3, 4) if turned else floats(4, 3)
    gemm = node("Gemm", ["x", "w", "b"], ["h"], alpha=0.5, beta=2.0 + flags, transB=turned)
    nodes = [gemm, node("LeakyRelu", ["h"], ["y"], alpha=0.125)]
    bias = floats(3) if flags < 2 else floats(1, 3)
    agree(saved(tmp_path, nodes, {"w": weights, "b": bias}, [1, 4], [1, 3]), (1, 4))


def test_gemm_with_a_turned_input(tmp_path):
    nodes = [node("Gemm", ["x", "w"], ["y"], transA=1)]
    agree(saved(tmp_path, nodes, {"w": floats(4, 3)}, [4, 1], [1, 3]), (4, 1))


def test_normalisation_shapes_and_constants(tmp_path):
    constant = numpy_helper.from_array(np.array([1, 6], np.int64))
    nodes = [
        node("Sub", ["x", "mean"], ["a"]),
        node("Div", ["a", "std"], ["b"]),
        node("Transpose", ["b"], ["c"], perm=[0, 2, 1]),
        node("Constant", [], ["shape"], value=constant),
        node("Reshape", ["c", "shape"], ["d"]),
        node("Dropout", ["d"], ["d2"]),
        node("MatMul", ["d2", "w"], ["e"]),
        node("BatchNormalization", ["e", "s", "t", "m", "v"], ["f"]),
        node("Relu", ["f"], ["g"]),
        node("Mul", ["g", "two"], ["h"]),
        node("Neg", ["h"], ["i"]),
        node("Sub", ["one", "i"], ["j"]),
        node("Identity", ["j"], ["y"]),
    ]
    tensors = {
        "mean": floats(1, 2, 3), "std": np.abs(floats(1, 1, 3)) + 1, "w": floats(6, 5),
        "s": floats(5), "t": floats(5), "m": floats(5), "v": np.abs(floats(5)) + 0.5,
        "two": np.float32(2), "one": floats(1, 5),
    }  # fmt: skip
    agree(saved(tmp_path, nodes, tensors, [1, 2, 3], [1, 5]), (1, 2, 3))


def test_branches_between_activations(tmp_path):
    nodes = [
        node("Gemm", ["x", "w"], ["a"]),
        node("Gemm", ["x", "v"], ["b"]),
        node("Add", ["a", "b"], ["c"]),
        node("Concat", ["c", "a", "x"], ["d"], axis=1),
        node("Clip", ["d", "low", "high"], ["e"]),
        node("Abs", ["e"], ["f"]),
        node("MatMul", ["f", "u"], ["y"]),
    ]
    tensors = {"w": floats(3, 2), "v": floats(3, 2), "u": floats(7, 1),
               "low": np.float32(-0.5), "high": np.float32(1.5)}  # fmt: skip
    agree(saved(tmp_path, nodes, tensors, [1, 3], [1, 1]), (1, 3))


def test_a_column_vector_from_the_right_and_a_dynamic_batch(tmp_path):
    nodes = [node("MatMul", ["w", "x"], ["a"]), node("Relu", ["a"], ["y"])]
    agree(saved(tmp_path, nodes, {"w": floats(2, 3)}, [3, 1], [2, 1]), (3, 1))
    nodes = [node("Flatten", ["x"], ["a"]), node("MatMul", ["a", "w"], ["y"])]
    path = saved(tmp_path, nodes, {"w": floats(3, 2)}, ["batch", 3], ["batch", 2])
    agree(path, (1, 3))


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_every_float_width_is_exact(tmp_path, kind):
    value = kind(0.1)
    nodes = [node("Cast", ["x"], ["c"], to=helper.np_dtype_to_tensor_dtype(np.dtype(kind))),
             node("MatMul", ["c", "w"], ["y"])]  # fmt: skip
    path = saved(tmp_path, nodes, {"w": np.array([[value]])}, [1, 1], [1, 1])
    assert read_onnx(path).evaluate([Fraction(1)]) == (Fraction(float(value)),)


W = np.ones((3, 2), np.float32)
BAD_GRAPHS = {
    "unknown operator": ([node("NonZero", ["x"], ["y"])], {}, "NonZero is not supported"),
    "no pieces": ([node("Softmax", ["x"], ["y"])], {}, "supported, for it is not piecewise affine"),
    "foreign domain": ([node("Relu", ["x"], ["y"], domain="ai.acme")], {}, "not supported"),
    "convolution": ([node("Conv", ["x", "w"], ["y"])], {"w": W}, "expected kernel, strides"),
    "nan": ([node("MatMul", ["x", "w"], ["y"])], {"w": W * np.nan}, "found nan"),
    "infinity": ([node("MatMul", ["x", "w"], ["y"])], {"w": W * np.inf}, "found inf"),
    "wrong shape": ([node("MatMul", ["x", "w"], ["y"])], {"w": W.T}, "do not match"),
    "bad bias": ([node("Gemm", ["x", "w", "b"], ["y"])], {"w": W, "b": W}, "does not fit"),
    "cycle": ([node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"]),
               node("Relu", ["b"], ["y"])], {}, "a cycle"),
    "missing": ([node("Add", ["x", "nothing"], ["y"])], {}, "reads nothing"),
    "left out": ([node("Dropout", ["", "x"], ["y"])], {}, "first input is left out"),
    "no output": ([node("Relu", ["x"], ["z"])], {}, "depends on the input"),
    "constant output": ([node("Identity", ["w"], ["y"])], {"w": W}, "depends on the input"),
    "product": ([node("Mul", ["x", "x"], ["y"])], {}, "one constant"),
    "division": ([node("Div", ["x", "z"], ["y"])], {"z": np.float32(0)}, "not 0"),
    "complex": ([node("Add", ["x", "w"], ["y"])], {"w": np.ones(3, complex)}, "real numbers"),
    "text": ([node("Add", ["x", "w"], ["y"])], {"w": np.array(["a"])}, "real numbers"),
    "reshape": ([node("Reshape", ["x", "s"], ["y"])], {"s": np.array([2, 2])}, "reshape"),
    "negative variance": ([node("BatchNormalization", ["x", "o", "o", "o", "v"], ["y"])],
                          {"o": np.ones(3, np.float32), "v": -W[:, 0]}, "nan"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize("name", BAD_GRAPHS)
def test_bad_graphs_are_refused_with_their_place(tmp_path, name):
    nodes, tensors, says = BAD_GRAPHS[name]
    path = saved(tmp_path, nodes, tensors, [1, 3], [1, 2])
    with pytest.raises(BadInput) as refusal:
        read_onnx(path)
    assert says in str(refusal.value)
    assert str(refusal.value).startswith(f"{path}: ")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("shape", [[1, 10**9], [1, -3], [1, 0], [1, "n"]])
def test_absurd_input_sizes(tmp_path, shape):
    with pytest.raises(BadInput, match="input x"):
        read_onnx(saved(tmp_path, [node("Relu", ["x"], ["y"])], {}, shape, [1, 1]))


@pytest.mark.parametrize("suffix", [".onnx", ".nnet", ".pt"])
def test_damaged_files_are_refused_wherever_they_are_cut(tmp_path, suffix):
    if suffix == ".pt":
        pytest.importorskip("torch")
    source = DATA / ("hill.pt" if suffix == ".pt" else f"scores{suffix}")
    content, found = source.read_bytes(), random.Random(5)
    for size in [0, 1, 10, *(found.randrange(20, len(content) - 20) for _ in range(25))]:
        path = tmp_path / f"cut{suffix}"
        path.write_bytes(content[:size])
        with pytest.raises(BadInput):
            load_network(path)
    with pytest.raises(BadInput, match="cannot be read"):
        load_network(tmp_path / f"missing{suffix}")


@pytest.mark.parametrize("suffix", [".onnx", ".nnet", ".pt"])
def test_damaged_bytes_never_crash_a_reader(tmp_path, suffix):
    if suffix == ".pt":
        pytest.importorskip("torch")
    source = DATA / ("hill.pt" if suffix == ".pt" else f"scores{suffix}")
    content, found = source.read_bytes(), random.Random(6)
    for _ in range(60):
        damaged = bytearray(content)
        for _ in range(found.choice([1, 3, 20])):
            damaged[found.randrange(len(damaged))] = found.randrange(256)
        path = tmp_path / f"damaged{suffix}"
        path.write_bytes(damaged)
        # Anything but a refusal in one line, or a network, fails the test.
        with contextlib.suppress(BadInput):
            load_network(path)


# ---------------------------------------------------------------- NNet


def reference_nnet(path, point):
    """The format's own recipe, in floats."""
    rows = [line.strip().rstrip(",").split(",") for line in path.read_text().splitlines()
            if not line.startswith("//")]  # fmt: skip
    sizes = [int(size) for size in rows[1]]
    means, ranges = ([float(v) for v in rows[i]] for i in (5, 6))
    x = (np.array(point) - means[:-1]) / ranges[:-1]
    at = 7
    for i, (before, after) in enumerate(pairwise(sizes)):
        weights = np.array([[float(v) for v in row] for row in rows[at : at + after]])
        bias = np.array([float(row[0]) for row in rows[at + after : at + 2 * after]])
        assert weights.shape == (after, before)
        at += 2 * after
        x = weights @ x + bias
        x = np.maximum(x, 0) if i + 2 < len(sizes) else x
    return x * ranges[-1] + means[-1]


def test_nnet_follows_the_format():
    path = DATA / "scores.nnet"
    network, found = read_nnet(path), random.Random(1)
    for _ in range(10):
        point = [found.uniform(0, 60760), found.uniform(-3, 3), found.uniform(-3, 3),
                 found.uniform(100, 1200)]  # fmt: skip
        values = network.evaluate([Fraction(v) for v in point])
        np.testing.assert_allclose([float(v) for v in values], reference_nnet(path, point))


def test_nnet_decimals_are_exact_and_the_bare_network_is_available():
    path = DATA / "scores.nnet"
    first = path.read_text().splitlines()[8].split(",")[0]
    bare = read_nnet(path, normalised=True)
    assert bare.layers[0].weights[0][0] == Fraction(first)
    assert read_contents(path).physical() == read_nnet(path)


SMALL = ["// note", "1,2,1,2,", "2,1,", "0,", "0,0,", "1,1,", "0,0,0,", "1,1,1,", "1.5,-2,", "0.5,"]


def write(tmp_path, lines):
    path = tmp_path / "n.nnet"
    path.write_text("\n".join(lines))
    return path


def test_the_small_nnet_is_good(tmp_path):
    network = read_nnet(write(tmp_path, SMALL))
    assert network.evaluate([Fraction(1), Fraction(1)]) == (0,)


VARIANTS = {
    "no comment": SMALL[1:],
    "many comments": ["// a", "//b,1,2", "", *SMALL, "// the end"],
    "no commas at the ends": [line.rstrip(",") for line in SMALL],
    "spaces": [line.replace(",", " , ") for line in SMALL],
    "a last line end": [*SMALL, ""],
    "no flag worth reading": [*SMALL[:3], "-1,0,", *SMALL[4:]],
    "exponents": [*SMALL[:8], "+15e-1,-.2E+1,", "5.0000e-01,"],
    "line ends of another system": ["\r\n".join(SMALL)],
}


@pytest.mark.parametrize("name", VARIANTS)
def test_variants_of_nnet_files(tmp_path, name):
    path = write(tmp_path, VARIANTS[name])
    found = read_contents(path)
    assert found == read_contents(write(tmp_path, SMALL))


def test_normalisation_has_one_entry_more_for_the_outputs(tmp_path):
    lines = [*SMALL[:6], "1,2,3,", "2,4,5,", *SMALL[8:]]
    network = read_nnet(write(tmp_path, lines))
    # ((3 - 1) / 2 * 1.5 - (10 - 2) / 4 * 2 + 0.5) * 5 + 3
    assert network.evaluate([Fraction(3), Fraction(10)]) == (-7,)
    assert read_nnet(write(tmp_path, lines), normalised=True) == read_nnet(write(tmp_path, SMALL))


def test_inputs_beyond_the_limits_are_not_clipped(tmp_path):
    network = read_nnet(write(tmp_path, SMALL))
    assert network.evaluate([Fraction(7), Fraction(0)]) == (11,)


def test_compressed_nnet_files(tmp_path):
    path = tmp_path / "n.nnet.gz"
    path.write_bytes(gzip.compress((DATA / "scores.nnet").read_bytes()))
    assert load_network(path) == load_network(DATA / "scores.nnet")
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(BadInput, match="no gzip file, or a damaged one"):
        load_network(path)


@pytest.mark.parametrize(
    ("line", "text", "says"),
    [
        (1, "1,2,1", "expected 4 numbers"),
        (1, "one,2,1,2", "expected integers"),
        (1, "0,2,1,2", "expected 1 to"),
        (1, "999999999,2,1,2", "expected 1 to"),
        (1, "1,3,1,2", "expected sizes from 3 to 1"),
        (2, "-2,1", "from 1 to 100000"),
        (2, "2,999999999", "from 1 to 100000"),
        (2, "2,1,1", "expected 2 numbers"),
        (4, "2,0", "no minimum above its maximum"),
        (6, "0,0", "expected 3 numbers for means"),
        (7, "1,0,1", "ranges that are not 0"),
        (8, "1.5", "expected 2 numbers for weights"),
        (8, "1.5,nan", "found nan"),
        (8, "1.5,inf", "found inf"),
        (8, "1.5,0x10", "found 0x10"),
        (8, "1.5,1e99999999", "exponent"),
        (9, "0.5,1", "expected 1 numbers for biases"),
        (9, "0.5\n3", "expected the end of the file"),
        (9, "", "truncated"),
    ],
)
def test_bad_nnet_files_name_the_line(tmp_path, line, text, says):
    lines = [*SMALL]
    lines[line] = text
    with pytest.raises(BadInput) as refusal:
        read_nnet(write(tmp_path, lines))
    assert says in str(refusal.value)
    assert "n.nnet: " in str(refusal.value)


# ---------------------------------------------------------------- PyTorch


def test_torch_modules_agree_with_torch():
    torch = pytest.importorskip("torch")
    from verifier.networks.formats.torch_reader import from_torch

    nn = torch.nn
    torch.manual_seed(3)
    norm = nn.BatchNorm1d(6)
    norm.running_mean.normal_()
    norm.running_var.uniform_(0.5, 2)
    module = nn.Sequential(
        nn.Flatten(), nn.Sequential(nn.Linear(3, 6), norm, nn.ReLU(), nn.Dropout()),
        nn.Linear(6, 4, bias=False), nn.LeakyReLU(0.1), nn.Linear(4, 4), nn.Hardtanh(),
        nn.Identity(), nn.Linear(4, 2),
    ).eval()  # fmt: skip
    network = from_torch(module)
    for _ in range(10):
        x = torch.randn(1, 3)
        found = [float(v) for v in network.evaluate([Fraction(v) for v in x[0].tolist()])]
        np.testing.assert_allclose(found, module(x)[0].detach().numpy(), rtol=1e-4, atol=1e-5)


def torch_modules(nn):
    return {
        "activations": (5, nn.Sequential(
            nn.Linear(5, 8), nn.ReLU6(), nn.Hardtanh(0.25, float("inf")),
            nn.Linear(8, 8, bias=False), nn.Hardtanh(-0.5, 2.0),
            nn.Linear(8, 8), nn.PReLU(), nn.Linear(8, 8), nn.PReLU(8), nn.Hardsigmoid(),
            nn.Sequential(nn.Sequential(nn.Dropout(), nn.Identity()), nn.Linear(8, 2)),
        )),
        "norm first": (4, nn.Sequential(nn.BatchNorm1d(4, affine=False), nn.Linear(4, 3))),
        "affine throughout": (3, nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))),
        "images": (2 * 6 * 5, nn.Sequential(
            nn.Unflatten(1, (2, 6, 5)), nn.Conv2d(2, 4, (3, 2), padding=1, stride=(2, 1)),
            nn.BatchNorm2d(4), nn.PReLU(4), nn.MaxPool2d(2, stride=1), nn.Conv2d(4, 2, 2, groups=2),
            nn.LeakyReLU(), nn.AvgPool2d((1, 2), padding=(0, 1)), nn.Flatten(), nn.LazyLinear(3),
        )),
        "same padding": (7, nn.Sequential(
            nn.Unflatten(1, (1, 7)), nn.Conv1d(1, 3, 4, padding="same", dilation=2, bias=False),
            nn.ReLU(), nn.AvgPool1d(3, padding=1, count_include_pad=False), nn.Flatten(),
        )),
    }  # fmt: skip


@pytest.mark.parametrize("saved_first", [False, True])
@pytest.mark.parametrize(
    "name", ["activations", "norm first", "affine throughout", "images", "same padding"]
)
def test_torch_layers_agree_with_torch(tmp_path, name, saved_first):
    torch = pytest.importorskip("torch")
    from verifier.networks.formats.torch_reader import from_torch

    torch.manual_seed(4)
    inputs, module = torch_modules(torch.nn)[name]
    module = module.eval()
    module(torch.randn(1, inputs))
    for part in module.modules():
        if getattr(part, "running_var", None) is not None:
            part.running_mean.normal_()
            part.running_var.uniform_(0.5, 2)
        if isinstance(part, torch.nn.PReLU):
            part.weight.data.normal_()
    if saved_first:
        path = tmp_path / "m.pt"
        torch.save(module, path)
        network = load_network(path)
    else:
        network = from_torch(module)
    for _ in range(5):
        x = 2 * torch.randn(1, inputs)
        found = [float(v) for v in network.evaluate([Fraction(v) for v in x[0].tolist()])]
        expected = module(x).detach().numpy().ravel()
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_the_torch_file_agrees_with_torch():
    torch = pytest.importorskip("torch")
    module = torch.load(DATA / "hill.pt", weights_only=False)
    (value,) = load_network(DATA / "hill.pt").evaluate([Fraction(1, 4), Fraction(-1, 8)])
    assert abs(float(value) - module(torch.tensor([[0.25, -0.125]])).item()) < 1e-6


def test_bad_torch_modules(tmp_path):
    torch = pytest.importorskip("torch")
    nn = torch.nn
    infinite = nn.Linear(2, 1)
    infinite.weight.data[0, 1] = float("inf")
    # PyTorch itself refuses to make one.
    one_value = nn.Hardtanh()
    one_value.max_val = -1
    cases = {
        "layer GELU is not piecewise affine": nn.Sequential(nn.Linear(2, 2), nn.GELU()),
        "found inf": infinite,
        r"shapes \(1, 3\) and \(2, 1\) do not": nn.Sequential(nn.Linear(2, 3), nn.Linear(2, 1)),
        "at least one Linear": nn.ReLU(),
        "0 .Conv2d.: does not say how large": nn.Sequential(nn.Conv2d(1, 1, 2), nn.Flatten()),
        "padding of kind circular": nn.Sequential(
            nn.Unflatten(1, (1, 3, 3)), nn.Conv2d(1, 1, 3, padding=1, padding_mode="circular")
        ),
        "ceil_mode": nn.Sequential(nn.Unflatten(1, (1, 3, 3)), nn.MaxPool2d(2, ceil_mode=True)),
        "expected min below max": nn.Sequential(nn.Linear(1, 1), one_value),
        "running statistics": nn.Sequential(
            nn.Linear(2, 2), nn.BatchNorm1d(2, track_running_stats=False)
        ),
    }
    from verifier.networks.formats.torch_reader import from_torch

    for says, module in cases.items():
        with pytest.raises(BadInput, match=says):
            from_torch(module, "m.pt")
    path = tmp_path / "m.pt"
    torch.save(nn.Linear(2, 1).state_dict(), path)
    with pytest.raises(BadInput, match="expected a whole module"):
        load_network(path)
    for smooth in (nn.GELU(), nn.Tanh()):
        torch.save(nn.Sequential(nn.Linear(2, 2), smooth), path)
        with pytest.raises(BadInput, match=f"{type(smooth).__name__} is not piecewise affine"):
            load_network(path)


# ---------------------------------------------------------------- through the command


def test_compressed_files_through_the_command(tmp_path):
    """As competitions ship them: proved, refuted, and refused in one line."""
    nodes = [node("Relu", ["x"], ["a"]), node("Add", ["a", "x"], ["y"])]
    plain = saved(tmp_path, nodes, {}, [1, 1], [1, 1])
    net, prop = tmp_path / "net.onnx.gz", tmp_path / "p.vnnlib.gz"
    net.write_bytes(gzip.compress(plain.read_bytes()))
    text = "(declare-const X_0 Real)(declare-const Y_0 Real)(assert (<= -1 X_0 3))"
    for limit, code in (("6.01", 0), ("6", 1)):
        prop.write_bytes(gzip.compress(f"{text}(assert (>= Y_0 {limit}))".encode()))
        done = run_here("verify", net, prop, "--json")
        assert done.returncode == code, done.stderr
    assert json.loads(done.stdout)["counterexample"] == {"inputs": ["3"], "outputs": ["6"]}
    nodes[0] = node("Sigmoid", ["x"], ["a"], name="squash")
    net.write_bytes(gzip.compress(saved(tmp_path, nodes, {}, [1, 1], [1, 1]).read_bytes()))
    done = run_here("verify", net, prop)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "node squash (Sigmoid): operator Sigmoid is not supported" in done.stderr


def test_a_compressed_nnet_file_is_read_in_the_units_of_the_property(tmp_path):
    net, prop = tmp_path / "net.nnet.gz", tmp_path / "p.vnnlib"
    lines = [*SMALL[:4], "0,0,", "10,10,", "5,5,0,", "10,10,1,", *SMALL[8:]]
    net.write_bytes(gzip.compress("\n".join(lines).encode()))
    names = "".join(f"(declare-const {name} Real)" for name in ("X_0", "X_1", "Y_0"))
    for low, high, units in ((-0.5, 0.5, "normalised"), (4, 6, "physical")):
        box = "".join(f"(assert (<= {low} X_{i} {high}))" for i in range(2))
        prop.write_text(f"{names}{box}(assert (>= Y_0 99))")
        done = run_here("verify", net, prop, "--json")
        assert (done.returncode, json.loads(done.stdout)["units"]) == (0, units)
