"""Time property checks: ``python benchmarks/bench_verify.py``.

Prints, for a network the size of ACAS Xu's (5 inputs, six layers of 50 ReLUs, seeded and fitted
to a smooth function by least squares on its last layer), boxes bounded and checked a second at
several widths, whole answers with boxes a second, and z3 alone on the same question.
"""

from __future__ import annotations

import os
import time
from fractions import Fraction

# As the command does: one thread for each product, cores for processes.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import z3

from verifier.networks.activations import RELU
from verifier.networks.boxes.bounds import FloatNetwork
from verifier.networks.boxes.branch_and_bound import SCALE
from verifier.networks.boxes.verify import verify
from verifier.networks.certificates.property_check import CaseCheck, Leaf
from verifier.networks.formats.smtlib import to_smtlib, to_z3
from verifier.networks.formats.vnnlib import parse_vnnlib
from verifier.networks.model import Layer, Network
from verifier.networks.property import Case, Constraint

INPUTS, WIDTH, DEPTH = 5, 50, 6


def network() -> Network:
    generator = np.random.default_rng(0)
    points = generator.uniform(-0.5, 0.5, (20_000, INPUTS))
    values, layers, before = points, [], INPUTS
    for _ in range(DEPTH):
        weights = generator.normal(size=(WIDTH, before)) * np.sqrt(2 / before)
        bias = generator.normal(size=WIDTH) * 0.1
        layers.append((weights, bias, RELU))
        values, before = np.maximum(values @ weights.T + bias, 0), WIDTH
    target = np.sin(4 * points[:, 0]) + np.cos(3 * points[:, 1] + points[:, 2])
    weights = np.linalg.lstsq(values, target, rcond=None)[0][None]
    layers.append((weights, np.zeros(1), None))
    return Network(INPUTS, tuple(layer(*part) for part in layers))


def layer(weights: np.ndarray, bias: np.ndarray, activation: object) -> Layer:
    exact = lambda row: tuple(Fraction(v) for v in row.astype(np.float32).tolist())  # noqa: E731
    return Layer(tuple(exact(row) for row in weights), exact(bias), activation)


def throughput(net: Network) -> None:
    form = Constraint((Fraction(0),) * INPUTS, (Fraction(1),), Fraction(0), strict=False)
    corner = (Fraction(-1, 2),) * INPUTS
    check = CaseCheck(net, Case(corner, (Fraction(1),) * INPUTS, ((form,),)), SCALE)

    def checked(low: np.ndarray, high: np.ndarray) -> list[bool]:
        exact = lambda row: tuple(map(Fraction, row.tolist()))  # noqa: E731
        shares = (((0, 2**SCALE),),)
        return check.closes_all(
            [
                Leaf(0, exact(a), exact(b), (), -1, SCALE, shares, ((),))
                for a, b in zip(low, high, strict=True)
            ]
        )

    judges = (FloatNetwork(net, [form]).bounds, checked)
    generator = np.random.default_rng(1)
    print("box width   bends/box   proposed/s   checked/s")
    for width in (0.2, 0.05, 0.01, 0.001):
        low = generator.uniform(-0.25, 0.25, INPUTS) + generator.uniform(0, width, (512, INPUTS))
        high = low + width
        rates = []
        for judge in judges:
            start = time.perf_counter()
            for i in range(0, 512, 128):
                result = judge(low[i : i + 128], high[i : i + 128])
            rates.append(512 / (time.perf_counter() - start))
            if judge == judges[0]:
                bends = result.unstable.mean()
        print(f"{width:9g} {bends:11.1f} {rates[0]:12.0f} {rates[1]:11.0f}")


def answers(net: Network) -> None:
    points = np.random.default_rng(2).uniform(-0.05, 0.05, (50_000, INPUTS))
    form = Constraint((Fraction(0),) * INPUTS, (Fraction(1),), Fraction(0), strict=False)
    most = FloatNetwork(net, [form]).forms(points).max()
    names = "".join(f"(declare-const X_{i} Real)" for i in range(INPUTS))
    box = "".join(f"(assert (<= -0.05 X_{i} 0.05))" for i in range(INPUTS))
    for margin in (2.0, 1.0):
        text = f"{names}(declare-const Y_0 Real){box}(assert (>= Y_0 {most + margin}))"
        for jobs in (1, 2):
            found = verify(net, parse_vnnlib(text), timeout=30, jobs=jobs)
            judged = sum(len(record.verdicts) for record in found.records)
            print(f"margin {margin}, {jobs} jobs: {found.status}, {found.boxes} boxes closed,"
                  f" {judged} judged in {found.seconds:.1f} s: {judged / found.seconds:.0f}"
                  " boxes/s")  # fmt: skip
    alone(net, float(most) + 2.0)


def alone(net: Network, threshold: float) -> None:
    """z3 on the easiest of these questions, with bounds propagated first."""
    compiled = to_z3(net, box=[(Fraction(-1, 20), Fraction(1, 20))] * INPUTS)
    solver = z3.Solver()
    solver.set(timeout=20_000)
    solver.add(*compiled.constraints, compiled.outputs[0] >= z3.RealVal(str(Fraction(threshold))))
    start = time.perf_counter()
    answer = solver.check()
    print(f"z3 alone: {answer} after {time.perf_counter() - start:.1f} s (limit 20 s)")


def compilation() -> None:
    half = Fraction(1, 2)
    tent = (Layer(((1,), (1,)), (0, -half), RELU), Layer(((2, -4),), (0,), RELU))
    start = time.perf_counter()
    text = to_smtlib(Network(1, tent * 500))
    print(f"compile 1,000 layers: {time.perf_counter() - start:.2f} s, {len(text)} bytes")


if __name__ == "__main__":
    compilation()
    sized_as_acas = network()
    throughput(sized_as_acas)
    answers(sized_as_acas)
