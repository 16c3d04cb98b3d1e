"""What the tests of real networks share."""

from fractions import Fraction
from pathlib import Path

from verifier.networks.activations import RELU
from verifier.networks.formats.vnnlib import parse_vnnlib
from verifier.networks.model import Layer, Network
from verifier.networks.property import Property

DATA = Path(__file__).parents[1] / "data"


def tent_iterate(k: int) -> Network:
    """k tents, each relu(2 relu(x) - 4 relu(x - 1/2)); written out here, not shared."""
    one, half = Fraction(1), Fraction(1, 2)
    kinks = Layer(((one,), (one,)), (Fraction(0), -half), RELU)
    return Network(1, (kinks, Layer(((2 * one, -4 * one),), (Fraction(0),), RELU)) * k)


def spec(inputs: int, outputs: int, *assertions: str) -> Property:
    names = [f"X_{i}" for i in range(inputs)] + [f"Y_{j}" for j in range(outputs)]
    text = [f"(declare-const {name} Real)" for name in names]
    return parse_vnnlib("\n".join([*text, *(f"(assert {part})" for part in assertions)]))


def random_network(random, inputs, widths, activation=RELU, bits=3) -> Network:
    """Weights are small dyadics, zeros among them."""
    layers, before = [], inputs
    for i, width in enumerate(widths):
        rows = tuple(
            tuple(Fraction(random.randint(-6, 6), 2**bits) for _ in range(before))
            for _ in range(width)
        )
        bias = tuple(Fraction(random.randint(-4, 4), 2**bits) for _ in range(width))
        layers.append(Layer(rows, bias, activation if i + 1 < len(widths) else None))
        before = width
    return Network(inputs, tuple(layers))
