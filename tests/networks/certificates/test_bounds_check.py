"""Bounds in whole numbers hold, whatever carries them, and tell large weights from small ones."""

import random
from fractions import Fraction
from math import ceil, lcm
from types import SimpleNamespace

import pytest

from tests.networks.certificates.transcription import Part
from tests.networks.helpers import spec
from verifier.cli import run
from verifier.commands.resting import safety_rests_on
from verifier.errors import Contradiction
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
from verifier.networks.boxes.branch_and_bound import Regions, Worker
from verifier.networks.boxes.verify import verify
from verifier.networks.certificates.bounds_check import Side, TooLarge, upper_bounds
from verifier.networks.certificates.property_check import CaseCheck, Leaf
from verifier.networks.formats.json_format import write_json
from verifier.networks.model import Layer, Network
from verifier.networks.property import Case, Constraint

ZERO, ONE, THIRD = Fraction(0), Fraction(1), Fraction(1, 3)
SPOTS = Activation(
    "pieces",
    (Cut(ZERO, False), Cut(ZERO, True), Cut(THIRD, True)),
    (Affine(ONE, ZERO), Affine(ZERO, 3 * ONE), Affine(-ONE, THIRD), Affine(ZERO, 2 * ONE / 7)),
)
ACTIVATIONS = (RELU, RELU, ABS, STEP, HARDTANH, leaky_relu(ONE / 100), IDENTITY, None, SPOTS)


def random_question(found):
    """A small network with weights of any size, a case, and a leaf with multipliers."""
    inputs = before = found.randint(1, 3)
    base = found.choice([1, 8, 7, 10, 2**24, 2**60])
    factor = found.choice([1, 1, 1, 2**30, 2**300, Fraction(1, 2**300)])
    layers = []
    for number in range(found.randint(2, 4)):
        width, size = found.randint(1, 4), factor if number == 0 else 1
        rows = tuple(
            tuple(Fraction(found.randint(-3 * base, 3 * base), base) * size for _ in range(before))
            for _ in range(width)
        )
        bias = tuple(Fraction(found.randint(-base, base), base) for _ in range(width))
        layers.append(Layer(rows, bias, found.choice(ACTIVATIONS)))
        before = width
    network = Network(inputs, tuple(layers))
    low = tuple(Fraction(found.randint(-10, 10), found.choice([1, 4, 10])) for _ in range(inputs))
    high = tuple(a + Fraction(found.randint(0, 10), 10) for a in low)
    form = Constraint(
        tuple(Fraction(found.choice([0, 0, 1])) for _ in range(inputs)),
        tuple(Fraction(found.randint(-3, 3), found.choice([1, 2])) for _ in range(before)),
        Fraction(found.randint(-3, 3), 10),
        strict=False,
    )
    sides = []
    for _ in range(found.randint(0, 2)):
        layer = found.randrange(len(layers))
        activation = layers[layer].activation
        if activation and activation.cuts:
            unit, cut = found.randrange(layers[layer].outputs), len(activation.cuts)
            sides.append(Side(layer, unit, found.randrange(cut), found.random() < 0.5))
    scale = found.choice([0, 3, 10, 20, 40, 400])
    pushes = tuple((k, found.randint(1, 2**scale)) for k in range(len(sides)))
    share = found.randint(1, 2**scale)
    leaf = Leaf(0, low, high, tuple(sides), -1, scale, (((0, share),),), (pushes,))
    return network, Case(low, high, ((form,),)), leaf


def corners(leaf):
    """A leaf's sides over 2^scale, counted from its lower corner."""
    sizes = [b - a for a, b in zip(leaf.low, leaf.high, strict=True)]
    return [(0, ceil(size * 2**leaf.scale)) for size in sizes]


def test_bounds_hold_and_do_not_depend_on_what_carries_them():
    in_words = compared = transcribed = 0
    for seed in range(250):
        found = random.Random(seed)
        network, case, leaf = random_question(found)
        check = CaseCheck(network, case, leaf.scale)
        whole = check.whole(leaf.scale)
        parts, sums = check.parts([leaf], []), check.sums([leaf])
        bound, empty = upper_bounds(whole, parts.as_longs(), sums.as_longs())
        try:
            if whole.fits_words and "O" not in (parts.low.dtype.kind, sums.rows.dtype.kind):
                quick, nothing = upper_bounds(whole, parts, sums)
                assert (quick.tolist(), nothing.tolist()) == (bound.tolist(), empty.tolist())
                in_words += 1
        except TooLarge:
            pass
        form = case.unsafe[0][0]
        part = Part(network, leaf.low, leaf.scale, corners(leaf), leaf.sides)
        if not part.torn:
            assert part.empty == empty[0]
        if not part.torn and not part.empty:
            row, inputs = sums.rows[0, 0].tolist(), sums.inputs[0, 0].tolist()
            pushes = [(leaf.sides[k], m) for k, m in leaf.pushes[0]]
            start = int(sums.constants[0, 0])
            assert part.back(len(network.layers), row, start, pushes, inputs) == bound[0, 0]
            transcribed += 1
        factor = lcm(*(a.denominator for a in form.outputs)) * leaf.shares[0][0][1] * 2**leaf.scale
        for _ in range(5):
            point = tuple(
                a + (b - a) * Fraction(found.randint(0, 8), 8)
                for a, b in zip(leaf.low, leaf.high, strict=True)
            )
            before = network.trace(point)
            if any(
                (network.layers[s.layer].activation.index(before[s.layer][0][s.unit]) > s.cut)
                != s.above
                for s in leaf.sides
            ):
                continue
            assert not empty[0]
            assert factor * form.value(point, network.evaluate(point)) <= bound[0, 0]
            compared += 1
    assert in_words > 60
    assert transcribed > 150
    assert compared > 400


def chain(exponents, bias=ZERO):
    """One input times 2^e for each exponent, with relu units beside so that it is no segment."""
    rows = tuple((ONE, ONE) for _ in range(14))
    first = Layer(((Fraction(2) ** exponents[0], ZERO), *rows), (bias,) + (ZERO,) * 14, RELU)
    layers = [first]
    before = 15
    for e in exponents[1:]:
        layers.append(Layer(((Fraction(2) ** e,) + (ZERO,) * (before - 1),), (ZERO,), None))
        before = 1
    return Network(2, tuple(layers))


FAMILY = [
    (exponents, ulps)
    for exponents in (
        (700, -700, -700), (1000, -1000, -1000), (-700, 700), (-1000, 1000), (-700, -300, 1000),
        (1000, -1000), (-1074, 1074), (-1050, 50), (537, -1074, 537), (-537, -537),
    )
    for ulps in (-4, -1, 0, 1, 4, 2**30)
]  # fmt: skip


@pytest.mark.parametrize(("exponents", "ulps"), FAMILY)
def test_weights_that_floats_lose(exponents, ulps):
    network = chain(exponents)
    # The greatest output on the box is attained at its corner; the bound is some ulps above it.
    most = network.evaluate((ONE, ZERO))[0]
    bound = most * (1 + Fraction(ulps, 2**52))
    box = ("(<= 0 X_0 1)", "(<= 0 X_1 1)")
    text = f"(/ {bound.numerator} {bound.denominator})"
    prop = spec(2, 1, *box, f"(>= Y_0 {text})")
    found = verify(network, prop, timeout=60)
    assert found.status == ("proved" if bound > most else "refuted")
    strict = verify(network, spec(2, 1, *box, f"(> Y_0 {text})"), timeout=60)
    assert strict.status == ("proved" if bound >= most else "refuted")


def test_a_search_that_is_wrong_ends_in_a_contradiction(monkeypatch, tmp_path, capsys):
    network = Network(2, (Layer(((ONE, ONE),), (ZERO,), RELU), Layer(((ONE,),), (ZERO,))))
    write_json(network, tmp_path / "net.json")
    (tmp_path / "p.vnnlib").write_text(
        "(declare-const X_0 Real)(declare-const X_1 Real)(declare-const Y_0 Real)"
        "(assert (<= 0 X_0 1))(assert (<= 0 X_1 1))(assert (>= Y_0 1.5))"
    )
    monkeypatch.chdir(tmp_path)
    proved = Regions(None)
    monkeypatch.setattr(Worker, "regions", lambda *_, **__: proved)
    assert run(["verify", "net.json", "p.vnnlib"]) == 4
    assert "search proved what its check refuses" in capsys.readouterr().err
    assert "Contradiction" in (tmp_path / "verifier-contradiction.txt").read_text()


def test_a_kernel_proof_that_finds_an_unsafe_input_is_a_contradiction():
    network = Network(2, (Layer(((ONE, ONE),), (ZERO,), RELU), Layer(((ONE,),), (ZERO,))))
    prop = spec(2, 1, "(<= 0 X_0 1)", "(<= 0 X_1 1)", "(>= Y_0 1.5)")
    wrong = SimpleNamespace(status="proved", regions=0)
    with pytest.raises(Contradiction, match="is unsafe"):
        safety_rests_on(network, prop, wrong, None)
