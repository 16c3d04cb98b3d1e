"""Branches of different depth and activation: carried past layers, to the last digit."""

import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.networks.formats.test_onnx_forms import agree, floats, node, save
from verifier.networks.activations import (
    ABS,
    HARDTANH,
    IDENTITY,
    RELU,
    STEP,
    Activation,
    Affine,
    Cut,
    leaky_relu,
)
from verifier.networks.formats.layering import decompose, least, network
from verifier.networks.formats.onnx_reader import read_onnx
from verifier.networks.formats.tensors import NOTHING, ONE, Form, Units, clip

HIDDEN = [node("MatMul", ["x", "w"], ["a"]), node("Add", ["a", "b"], ["z"])]
GRAPHS = {
    # A graph from x (1 x 4) to y, and the widths of the layers it is read as.
    "around one layer": (
        [*HIDDEN, node("Relu", ["z"], ["r"]), node("Add", ["r", "x"], ["y"])], (12, 4),
    ),
    "residual blocks": (
        [*HIDDEN, node("Relu", ["z"], ["r"]), node("MatMul", ["r", "v"], ["s"]),
         node("Relu", ["s"], ["t"]), node("MatMul", ["t", "w"], ["u"]),
         node("Add", ["u", "r"], ["c"]), node("Relu", ["c"], ["y"])],
        # Past the second layer the first one's relus need one unit each.
        (4, 8, 4),
    ),
    "from before the activation": (
        [*HIDDEN, node("Relu", ["z"], ["r"]), node("MatMul", ["r", "v"], ["s"]),
         node("Sub", ["s", "z"], ["y"])], (12, 4),
    ),
    "narrow, from before the activation": (
        [node("MatMul", ["x", "one"], ["z"]), node("Relu", ["z"], ["r"]),
         # relu(z) is shared: z takes one unit more, not two for each input.
         node("Add", ["r", "z"], ["y"])], (2, 1),
    ),
    "around two layers": (
        [*HIDDEN, node("LeakyRelu", ["z"], ["r"], alpha=0.25), node("MatMul", ["r", "v"], ["s"]),
         node("LeakyRelu", ["s"], ["t"], alpha=0.25), node("Concat", ["x", "t"], ["y"], axis=1)],
        (12, 12, 8),
    ),
    "different activations": (
        [*HIDDEN, node("Relu", ["z"], ["r"]), node("Abs", ["z"], ["s"]),
         node("Clip", ["z", "low", "high"], ["t"]), node("Sum", ["r", "s", "t"], ["y"])],
        # relu(z), relu(-z), and two for the clip.
        (16, 4),
    ),
    "a jump beside a relu": (
        [*HIDDEN, node("Sign", ["z"], ["s"]), node("Relu", ["z"], ["r"]),
         node("Add", ["s", "r"], ["t"]), node("Concat", ["t", "x"], ["y"], axis=1)], None,
    ),
    "different depths": (
        [*HIDDEN, node("Relu", ["z"], ["r"]), node("MatMul", ["r", "v"], ["s"]),
         node("Abs", ["s"], ["t"]), node("MatMul", ["x", "v"], ["c"]),
         node("Max", ["c", "t"], ["y"])],
        None,
    ),
    "before each activation": (
        [*HIDDEN, node("Relu", ["z"], ["r"]), node("MatMul", ["r", "v"], ["s"]),
         node("Add", ["z", "s"], ["c"]), node("Relu", ["c"], ["d"]),
         node("MatMul", ["d", "w"], ["e"]), node("Add", ["c", "e"], ["f"]),
         node("Relu", ["f"], ["g"]), node("MatMul", ["g", "v"], ["h"]),
         node("Add", ["f", "h"], ["y"])],
        None,
    ),
    "dense": (
        [node("MatMul", ["x", "w"], ["a"]), node("Relu", ["a"], ["c"]),
         node("Concat", ["x", "c"], ["d"], axis=1), node("MatMul", ["d", "wide"], ["e"]),
         node("Relu", ["e"], ["f"]), node("Concat", ["d", "f"], ["g"], axis=1),
         node("ReduceMean", ["g"], ["h"], axes=[1]), node("MatMul", ["g", "widest"], ["i"]),
         node("Add", ["h", "i"], ["y"])],
        None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GRAPHS)
def test_skips_agree_with_onnxruntime(tmp_path, name):
    nodes, widths = GRAPHS[name]
    tensors = {"w": floats(4, 4), "b": floats(4), "v": floats(4, 4), "one": floats(4, 1),
               "wide": floats(8, 3), "widest": floats(11, 2),
               "low": np.float32(-0.5), "high": np.float32(0.75)}  # fmt: skip
    path = tmp_path / "net.onnx"
    save(path, nodes, tensors, [1, 4])
    found = agree(path, [1, 4], count=30)
    if widths is not None:
        assert found.widths == widths


def test_depth_does_not_pile_up_what_is_carried(tmp_path):
    """A sum that skips on takes its own units, not those of all it was added from."""
    nodes, last = [], "x"
    for i in range(12):
        nodes += [node("Relu", [last], [f"r{i}"]), node("MatMul", [f"r{i}", "w"], [f"s{i}"]),
                  node("Add", [last, f"s{i}"], [f"t{i}"])]  # fmt: skip
        last = f"t{i}"
    nodes.append(node("Identity", [last], ["y"]))
    path = tmp_path / "net.onnx"
    save(path, nodes, {"w": floats(4, 4) / 4}, [1, 4])
    assert max(agree(path, [1, 4]).widths) == 8


# ---------------------------------------------------------------- an exact reference


def leaky(x):
    return x if x > 0 else x * Fraction(1, 4)


def exactly(nodes, tensors, x):
    """Run a graph in fractions; written apart from the reader."""
    values = {name: np.vectorize(Fraction, otypes=[object])(array.astype(float))
              for name, array in tensors.items()}  # fmt: skip
    values["x"] = np.array([[Fraction(v) for v in x]], dtype=object)
    entrywise = {
        "Relu": lambda v: max(v, 0), "Abs": abs, "LeakyRelu": leaky,
        "Sign": lambda v: (v > 0) - (v < 0),
        "Clip": lambda v: min(max(v, Fraction(-1, 2)), Fraction(3, 4)),
    }  # fmt: skip
    for entry in nodes:
        (*arguments,) = (values[name] for name in entry.input)
        match entry.op_type:
            case "MatMul":
                out = arguments[0].dot(arguments[1])
            case "Add":
                out = arguments[0] + arguments[1]
            case "Sub":
                out = arguments[0] - arguments[1]
            case "Max":
                out = np.maximum(*arguments)
            case "Concat":
                out = np.concatenate(arguments, axis=1)
            case kind:
                out = np.vectorize(entrywise[kind], otypes=[object])(arguments[0])
        values[entry.output[0]] = out
    return tuple(values["y"].ravel())


KINDS = [
    "MatMul",
    "Add",
    "Sub",
    "Max",
    "Concat",
    "Relu",
    "Relu",
    "Abs",
    "LeakyRelu",
    "Sign",
    "Clip",
]


@pytest.mark.parametrize("seed", range(120))
def test_random_graphs_are_exact(tmp_path, seed):
    """Operators in any order, on values from any depth, with zero weights and equal breakpoints."""
    found = random.Random(seed)
    widths, nodes, tensors = {"x": 2}, [], {}
    for i in range(found.randint(2, 9)):
        kind, name = found.choice(KINDS), f"v{i}"
        first = found.choice(list(widths))
        equal = [other for other, width in widths.items() if width == widths[first]]
        inputs, more, width = [first], {}, widths[first]
        match kind:
            case "MatMul":
                width = found.randint(1, 3)
                entries = [found.choice([-1.5, -1, 0, 0, 0.5, 1, 2])
                           for _ in range(widths[first] * width)]  # fmt: skip
                tensors[f"w{i}"] = np.array(entries, "f4").reshape(-1, width)
                inputs.append(f"w{i}")
            case "Concat":
                inputs.append(found.choice(list(widths)))
                width += widths[inputs[1]]
                more = {"axis": 1}
            case "Add" | "Sub" | "Max":
                inputs.append(found.choice(equal))
                if found.random() < 0.3:
                    tensors[f"c{i}"] = np.array([[found.choice([-0.5, 0, 1])] * width], "f4")
                    inputs[1] = f"c{i}"
            case "LeakyRelu":
                more = {"alpha": 0.25}
        if width > 6:
            continue
        if kind == "Clip":
            tensors |= {"low": np.float32(-0.5), "high": np.float32(0.75)}
            inputs += ["low", "high"]
        nodes.append(node(kind, inputs, [name], **more))
        widths[name] = width
    nodes.append(node("Add", [nodes[-1].output[0], "nought"], ["y"]))
    tensors["nought"] = np.zeros(1, "f4")
    path = tmp_path / "net.onnx"
    save(path, nodes, tensors, [1, 2])
    read = read_onnx(path)
    ends = [Fraction(0), Fraction(-1, 2), Fraction(3, 4), Fraction(1), Fraction(1, 3)]
    for _ in range(20):
        x = [found.choice([*ends, Fraction(found.randint(-40, 40), 7)]) for _ in range(2)]
        assert read.evaluate(x) == exactly(nodes, tensors, x)


# ---------------------------------------------------------------- parts of a function


SMALL = st.fractions(min_value=-3, max_value=3, max_denominator=4)


@st.composite
def functions(draw):
    """Piecewise-affine functions with jumps, shared breakpoints and single points."""
    cuts = sorted(draw(st.sets(st.tuples(st.sampled_from([-1, 0, Fraction(1, 2)]),
                                         st.booleans()), max_size=5)))  # fmt: skip
    pieces = [Affine(draw(SMALL), draw(SMALL)) for _ in range(len(cuts) + 1)]
    return Activation("pieces", tuple(Cut(Fraction(at), end) for at, end in cuts), tuple(pieces))


@given(functions() | st.sampled_from([RELU, ABS, STEP, IDENTITY, HARDTANH]), SMALL)
def test_functions_are_the_sum_of_their_parts(function, x):
    tiny = Fraction(1, 1000)
    total, bends, steps = decompose(function)
    ends = [cut.at + by for cut in function.cuts for by in (-tiny, 0, tiny)]
    for point in [x, *ends]:
        parts = sum(by * RELU(sign * (point - at)) for (sign, at), by in bends.items())
        jumps = sum(by * STEP(sign * (point - at)) for (sign, at), by in steps.items())
        assert total + parts + jumps == function(point)


@given(functions() | st.sampled_from([RELU, ABS, STEP, IDENTITY, HARDTANH]), SMALL)
def test_the_least_value_is_a_lower_bound(function, x):
    low, tiny = least(function), Fraction(1, 1000)
    points = [x, Fraction(-(10**6)), Fraction(10**6)]
    points += [cut.at + by for cut in function.cuts for by in (-tiny, 0, tiny)]
    if low is not None:
        assert all(function(point) >= low for point in points)
    else:
        first, last = function.pieces[0], function.pieces[-1]
        assert first.slope > 0 or last.slope < 0


@given(functions(), functions(), st.lists(SMALL, min_size=1, max_size=5))
def test_two_functions_beside_what_passes(left, right, points):
    """One layer of f(x), g(2x - 1) and x itself, whatever f and g do."""
    units = Units(1)
    x = units.input((1,))
    (a,) = units.bend(x, left)
    (b,) = units.bend(np.array([x[0] * Fraction(2) + Form({}, -ONE)]), right)
    found = network(units, [a, b + x[0]])
    assert len(found.layers) <= 2
    tiny = Fraction(1, 1000)
    ends = [cut.at + by for cut in left.cuts for by in (-tiny, 0, tiny)]
    ends += [(cut.at + 1) / 2 + by for cut in right.cuts for by in (-tiny, 0, tiny)]
    for point in [*points, *ends]:
        assert found.evaluate([point]) == (left(point), right(2 * point - 1) + point)


BENT_ELSEWHERE = Activation(
    "pieces", (Cut(-ONE, False),), (Affine(Fraction(2), ONE), Affine(ONE, NOTHING))
)


KINDS_TO_PASS = [
    clip(ONE, None), clip(-ONE, None), BENT_ELSEWHERE, RELU, ABS, HARDTANH, STEP,
    leaky_relu(Fraction(-1)), leaky_relu(Fraction(-3)), leaky_relu(Fraction(1, 7)),
]  # fmt: skip


@given(st.sampled_from(KINDS_TO_PASS), SMALL)
def test_any_value_passes_any_layer(function, point):
    """Also past the leaky relu of slope -1, which is abs, and values known to be positive."""
    units = Units(1)
    x = units.input((1,))
    first = units.bend(x, RELU)
    (second,) = units.bend(first * Fraction(3), function)
    found = network(units, [second + x[0], first[0]])
    expected = function(3 * RELU(point))
    assert found.evaluate([point]) == (expected + point, RELU(point))
    # Without x, only a value that is not negative passes.
    found = network(units, [second, first[0]])
    assert found.evaluate([point]) == (expected, RELU(point))


def test_outputs_may_come_straight_from_the_input():
    units = Units(2)
    x = units.input((2,))
    units.bend(x, RELU)
    found = network(units, [x[1], Form({}, ONE)])
    assert found.evaluate([Fraction(4), Fraction(-5)]) == (-5, 1)
    # The relu layer is needed by nothing.
    assert len(found.layers) == 1


def test_the_order_of_outputs_is_kept():
    units = Units(2)
    a, b = units.bend(units.input((2,)), RELU)
    point = [Fraction(1), Fraction(2)]
    assert network(units, [a, b]).widths == (2,)
    assert network(units, [b, a]).evaluate(point) == (2, 1)
    assert network(units, [a, a]).evaluate(point) == (1, 1)
    assert network(units, [a]).evaluate(point) == (1,)
    assert network(units, [a, b + Form({}, ONE)]).evaluate(point) == (1, 3)
    assert network(units, [a, b * Fraction(2)]).evaluate(point) == (1, 4)
