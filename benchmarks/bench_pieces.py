"""Times exact pieces and equality, whole processes, beside floats and beside z3 alone.

Run ``python benchmarks/bench_pieces.py [--quick]``. Each row of the first table is a run of the
command line, start to exit, with its largest memory; beside it a plain float64 propagation of
breakpoints in numpy, in the same run, with the number of pieces it reports. The second table
gives deep = shallow to z3 as one formula.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import z3

from verifier.networks.activations import RELU
from verifier.networks.examples import merged, shallow_sawtooth, skewed_tent, tent_iterate
from verifier.networks.formats.json_format import write_json
from verifier.networks.model import Layer, Network, iterate

UNIT = ("--from", "0", "--to", "1")
Z3_SECONDS = 60
# The command line, which then reports its peak memory in kB (Linux).
LAUNCH = """
from verifier.cli import main
try:
    main()
finally:
    import sys
    status = open("/proc/self/status").read()
    print(status.split("VmHWM:")[1].split()[0], file=sys.stderr)
"""


def run(*arguments: str) -> tuple[float, int, dict]:
    """Run the command line; return seconds, peak memory in MB, and its JSON answer."""
    with tempfile.TemporaryFile() as out:
        start = time.perf_counter()
        command = [sys.executable, "-c", LAUNCH, *arguments, "--json"]
        process = subprocess.run(command, stdout=out, stderr=subprocess.PIPE, text=True)
        seconds = time.perf_counter() - start
        if process.returncode not in (0, 1):
            raise SystemExit(f"failed: {' '.join(arguments)}: {process.stderr}")
        out.seek(0)
        return seconds, int(process.stderr.split()[-1]) // 1024, json.load(out)


def float_pieces(network: Network, low: float, high: float) -> int:
    """Count pieces in plain float64: cut where signs change, merge where slopes look equal."""
    xs = np.array([low, high])
    values = xs[:, None]
    for layer in network.layers:
        weights = np.array([[float(w) for w in row] for row in layer.weights])
        values = values @ weights.T + np.array([float(b) for b in layer.bias])
        if layer.activation is None:
            continue
        cell, unit = np.nonzero(values[:-1] * values[1:] < 0)
        left, right = values[cell, unit], values[cell + 1, unit]
        share = left / (left - right)
        grown = np.concatenate([xs, xs[cell] + share * (xs[cell + 1] - xs[cell])])
        rows = values[cell] + share[:, None] * (values[cell + 1] - values[cell])
        xs, order = np.unique(grown, return_index=True)
        values = np.maximum(np.concatenate([values, rows])[order], 0)
    slopes = np.diff(values[:, 0]) / np.diff(xs)
    changed = np.abs(np.diff(slopes)) > 1e-9 * (1 + np.abs(slopes[1:]))
    return int(changed.sum()) + 1


def random_network(width: int, depth: int, seed: int) -> Network:
    """Relu layers with Gaussian float64 weights, taken exactly."""
    rng = random.Random(seed)
    layers, before = [], 1
    for units in [width] * depth + [1]:
        spread = (2 / before) ** 0.5
        rows = tuple(
            tuple(Fraction(rng.gauss(0, spread)) for _ in range(before)) for _ in range(units)
        )
        bias = tuple(Fraction(rng.gauss(0, 0.5)) for _ in range(units))
        layers.append(Layer(rows, bias, RELU if units > 1 else None))
        before = units
    return Network(1, tuple(layers))


def z3_alone(k: int) -> tuple[str, float]:
    """Ask z3 for a point of [0, 1] where deep and shallow differ."""

    def value(network: Network, x: z3.ArithRef) -> z3.ArithRef:
        values = [x]
        for layer in network.layers:
            sums = [
                z3.Sum(
                    [z3.Q(w.numerator, w.denominator) * v for w, v in zip(row, values, strict=True)]
                )
                + z3.Q(b.numerator, b.denominator)
                for row, b in zip(layer.weights, layer.bias, strict=True)
            ]
            active = layer.activation is not None
            values = [z3.If(s > 0, s, 0) for s in sums] if active else sums
        return values[0]

    x = z3.Real("x")
    solver = z3.Solver()
    solver.set("timeout", Z3_SECONDS * 1000)
    solver.add(0 <= x, x <= 1, value(tent_iterate(k), x) != value(shallow_sawtooth(k), x))
    start = time.perf_counter()
    return str(solver.check()), time.perf_counter() - start


def pieces_table(folder: Path, quick: bool) -> None:
    """Print exact pieces beside float pieces."""
    cases = [(f"tent^{k}", tent_iterate(k), UNIT) for k in (10, 16, 20)]
    for peak in ("1/3", "3/7", "1/10"):
        net = iterate(skewed_tent(Fraction(peak)), 16)
        cases.append((f"skewed tent at {peak}, ^16", net, UNIT))
    for width, depth in ((32, 6), (128, 6)):
        bounds = ("--from", "-3", "--to", "3")
        cases.append((f"random {depth} x {width}", random_network(width, depth, 1), bounds))
    cases.append(("tent^1000", tent_iterate(1000), UNIT))
    cases.append(("skewed tent at 1/3, ^10000", iterate(skewed_tent(Fraction(1, 3)), 10_000), UNIT))
    print(f"{'pieces of':28}{'seconds':>9}{'MB':>7}{'exact':>12}{'float':>10}{'float s':>9}")
    for name, network, bounds in cases:
        if quick and name == "tent^20":
            continue
        file = folder / "net.json"
        write_json(network, file)
        seconds, memory, data = run("pieces", str(file), *bounds)
        count = data["pieces"]
        exact = str(count) if count < 10**9 else f"~2^{count.bit_length() - 1}"
        floats, float_seconds = "", ""
        if count < 10**9:
            start = time.perf_counter()
            floats = str(float_pieces(network, float(bounds[1]), float(bounds[3])))
            float_seconds = f"{time.perf_counter() - start:.2f}"
        print(f"{name:28}{seconds:9.2f}{memory:7}{exact:>12}{floats:>10}{float_seconds:>9}")


def equality_table(folder: Path, quick: bool) -> None:
    """Print deep = shallow, and z3 alone on the same question."""
    print(f"\n{'equal on [0, 1]':28}{'seconds':>9}{'MB':>7}{'answer':>12}{'z3 alone':>20}")
    deep, other = folder / "deep.json", folder / "other.json"
    for k in (3, 4, 5, 6, 9, 12, 16):
        write_json(tent_iterate(k), deep)
        write_json(shallow_sawtooth(k), other)
        seconds, memory, data = run("equal", str(deep), str(other), *UNIT)
        solo = ""
        if k <= (6 if quick else 9):
            verdict, spent = z3_alone(k)
            solo = f"{verdict} {spent:.2f}"
        row = f"deep = shallow, k = {k}"
        print(f"{row:28}{seconds:9.2f}{memory:7}{data['equal']!s:>12}{solo:>20}")
    write_json(tent_iterate(1000), deep)
    write_json(merged(1000), other)
    seconds, memory, data = run("equal", str(deep), str(other), *UNIT)
    print(f"{'tent^1000 = merged form':28}{seconds:9.2f}{memory:7}{data['equal']!s:>12}")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out the longest rows")
    quick = parser.parse_args().quick
    # Counts with thousands of digits come back as JSON integers.
    sys.set_int_max_str_digits(0)
    with tempfile.TemporaryDirectory() as folder:
        pieces_table(Path(folder), quick)
        equality_table(Path(folder), quick)


if __name__ == "__main__":
    main()
