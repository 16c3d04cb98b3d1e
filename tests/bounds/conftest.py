"""Random networks of one input, and the command line run in this process."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from itertools import pairwise

import pytest

from verifier.cli import main
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
)  # fmt: skip
from verifier.networks.model import Layer, Network

SPOTS = Activation(
    "pieces",
    (Cut(Fraction(0), False), Cut(Fraction(0), True), Cut(Fraction(1), True)),
    (
        Affine(Fraction(1), Fraction(0)),
        Affine(Fraction(0), Fraction(3)),
        Affine(Fraction(-1), Fraction(1)),
        Affine(Fraction(0), Fraction(2)),
    ),
)
ACTIVATIONS = (RELU, ABS, STEP, HARDTANH, leaky_relu(Fraction(1, 10)), IDENTITY, None, SPOTS)


@pytest.fixture
def random_network():
    """Of a seed: a small network, discontinuous ones and single points among them."""

    def make(seed: int, activations=ACTIVATIONS, outputs=1) -> Network:
        r = random.Random(seed)
        widths = [1, *(r.randrange(1, 4) for _ in range(r.randrange(1, 4))), outputs]
        layers = []
        for a, b in pairwise(widths):
            rows = tuple(
                tuple(Fraction(r.randrange(-3, 4), r.choice([1, 1, 2])) for _ in range(a))
                for _ in range(b)
            )
            bias = tuple(Fraction(r.randrange(-3, 4), r.choice([1, 2])) for _ in range(b))
            layers.append(Layer(rows, bias, r.choice(activations)))
        return Network(1, tuple(layers))

    return make


@pytest.fixture
def run(capsys, monkeypatch):
    """Run a command with --json; gives the exit code, the object and standard error."""

    def call(*arguments: str):
        monkeypatch.setattr("sys.argv", ["verifier", *map(str, arguments), "--json"])
        with pytest.raises(SystemExit) as exit_:
            main()
        out, err = capsys.readouterr()
        return exit_.value.code, json.loads(out) if out else None, err

    return call
