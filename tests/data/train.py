"""Train the small networks of the tests: ``python tests/data/train.py``.

``scores``: which of three turns keeps a moving point clear of an obstacle, as .onnx and .nnet.
``hill``: a smooth bump of two variables, as .pt. Seeds are fixed; the weights are committed.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

HERE = Path(__file__).parent


def train(net: nn.Module, inputs: torch.Tensor, targets: torch.Tensor, steps: int) -> None:
    optimiser = torch.optim.Adam(net.parameters(), 5e-3)
    for step in range(steps):
        batch = torch.randint(0, len(inputs), (512,))
        loss = ((net(inputs[batch]) - targets[batch]) ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if step == steps * 3 // 4:
            optimiser.param_groups[0]["lr"] = 1e-3


def scores() -> nn.Sequential:
    """Four inputs: distance, bearing, heading, speed, each in [-1/2, 1/2]; three scores."""
    torch.manual_seed(1)
    inputs = torch.rand(20_000, 4) - 0.5
    distance, bearing, heading, speed = inputs.T
    side, ahead = torch.sin(3 * bearing) * (distance + 0.6), torch.cos(3 * bearing)
    drift = torch.sin(3 * heading) * (speed + 0.6)
    targets = torch.stack(
        [(side + drift + turn).abs() - 0.2 * abs(turn) + ahead for turn in (-0.5, 0, 0.5)], 1
    )
    sizes = [4, 20, 20, 20]
    layers: list[nn.Module] = []
    for before, after in pairwise(sizes):
        layers += [nn.Linear(before, after), nn.ReLU()]
    net = nn.Sequential(*layers, nn.Linear(20, 3))
    train(net, inputs, targets, 3000)
    return net


def hill() -> nn.Sequential:
    """The bump exp(-4 (x² + y²)) on [-1, 1]²."""
    torch.manual_seed(2)
    inputs = torch.rand(20_000, 2) * 2 - 1
    targets = torch.exp(-4 * (inputs**2).sum(1, keepdim=True))
    net = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))
    train(net, inputs, targets, 3000)
    return net


def write_onnx(net: nn.Sequential, path: Path) -> None:
    """The form ACAS Xu networks come in: a mean, Flatten, then MatMul, Add, Relu."""
    tensors = {"mean": np.zeros((1, 1, 1, 4), np.float32)}
    nodes = [
        helper.make_node("Sub", ["input", "mean"], ["centred"]),
        helper.make_node("Flatten", ["centred"], ["h0"], axis=1),
    ]
    linear = [part for part in net if isinstance(part, nn.Linear)]
    for i, part in enumerate(linear):
        tensors[f"W{i}"] = part.weight.detach().numpy().T.copy()
        tensors[f"b{i}"] = part.bias.detach().numpy()
        out = f"h{i + 1}" if i + 1 < len(linear) else "output"
        nodes.append(helper.make_node("MatMul", [f"h{i}", f"W{i}"], [f"m{i}"]))
        added = f"a{i}" if i + 1 < len(linear) else out
        nodes.append(helper.make_node("Add", [f"m{i}", f"b{i}"], [added]))
        if added != out:
            nodes.append(helper.make_node("Relu", [added], [out]))
    graph = helper.make_graph(
        nodes,
        "scores",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 1, 1, 4])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 3])],
        [numpy_helper.from_array(array, name) for name, array in tensors.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def write_nnet(net: nn.Sequential, path: Path) -> None:
    linear = [part for part in net if isinstance(part, nn.Linear)]
    sizes = [linear[0].in_features, *(part.out_features for part in linear)]
    lines = [
        "// Scores of three turns; physical units: metres, radians, radians, metres per second",
        f"{len(linear)},{sizes[0]},{sizes[-1]},{max(sizes)},",
        ",".join(map(str, sizes)) + ",",
        "0,",
        "0.0,-3.141593,-3.141593,100.0,",
        "60760.0,3.141593,3.141593,1200.0,",
        "30380.0,0.0,0.0,650.0,7.5,",
        "60760.0,6.283186,6.283186,1100.0,373.95,",
    ]
    for part in linear:
        lines += [",".join(f"{w:.6e}" for w in row) + "," for row in part.weight.tolist()]
        lines += [f"{b:.6e}," for b in part.bias.tolist()]
    path.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    trained = scores()
    write_onnx(trained, HERE / "scores.onnx")
    write_nnet(trained, HERE / "scores.nnet")
    torch.save(hill(), HERE / "hill.pt")
