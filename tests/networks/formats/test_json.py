"""Network files are read exactly; whatever is wrong with one is named with its place."""

from __future__ import annotations

import json
import string
from fractions import Fraction as F
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import verifier.networks
from tests.networks import reference
from tests.networks.pieces.test_partition import network
from verifier.errors import BadInput
from verifier.networks import load_network
from verifier.networks.examples import merged, shallow_sawtooth, skewed_tent, tent_iterate
from verifier.networks.formats.json_format import (
    network_data,
    network_text,
    parse_network,
    parse_number,
    write_json,
)
from verifier.networks.model import Network

SCHEMA = json.loads(
    (Path(verifier.networks.__file__).parent / "formats/network.schema.json").read_text("utf-8")
)
GOOD = {
    "format": "verifier-network/1",
    "inputs": 2,
    "layers": [
        {"weights": [["1", 0.1], ["-1/2", 3]], "bias": ["0", "1e-2"], "activation": "relu"},
        {
            "weights": [[1, -1]],
            "bias": [0],
            "activation": {
                "pieces": [
                    {"to": "0", "closed": True, "slope": 0, "intercept": 0},
                    {"to": "3/2", "slope": 1, "intercept": 0},
                    {"slope": 0, "intercept": "1.5"},
                ]
            },
        },
    ],
}


def edited(path, value):
    """The good file with one entry replaced; DROP removes it."""
    data = json.loads(json.dumps(GOOD))
    here = data
    for key in path[:-1]:
        here = here[key]
    if value is DROP:
        del here[path[-1]]
    else:
        here[path[-1]] = value
    return json.dumps(data)


DROP = object()
FIRST = ("layers", 0)
PIECES = ("layers", 1, "activation", "pieces")
MALFORMED = [
    ("", "line 1 column 1: expected JSON"),
    ("{", "expected JSON"),
    (json.dumps(GOOD)[:-40], "expected JSON"),
    ("[1, 2]", "expected an object, found a list"),
    ("3", "expected an object, found 3"),
    ("[" * 100_000, "nested less deeply"),
    ('{"format": 1, "format": 2}', "'format' twice"),
    (edited(["format"], "verifier-network/2"), "format: expected 'verifier-network/1'"),
    (edited(["format"], DROP), "expected the key 'format'"),
    (edited(["inputs"], -1), "inputs: expected a positive integer, found -1"),
    (edited(["inputs"], 0), "inputs: expected a positive integer"),
    (edited(["inputs"], 1.5), "inputs: expected a positive integer, found 3/2"),
    (edited(["inputs"], 10**30), "layers[0].weights: expected 1000000000000000000000000000000"),
    (edited(["inputs"], True), "inputs: expected a number"),
    (edited(["inputs"], None), "inputs: expected a number"),
    (edited(["layers"], []), "layers: expected at least one layer"),
    (edited(["layers"], {}), "layers: expected a list"),
    (edited(["layers", 0], 5), "layers[0]: expected an object, found 5"),
    (edited(["layers", 0, "widht"], 5), "layers[0]: expected no key 'widht'"),
    (edited([*FIRST, "weights"], []), "layers[0].weights: expected at least one unit"),
    (edited([*FIRST, "weights"], [[], []]), "layers[0].weights: expected at least one unit"),
    (edited([*FIRST, "weights", 1], [1]), "layers[0].weights[1]: expected 2 numbers"),
    (edited([*FIRST, "weights", 1], "12"), "layers[0].weights[1]: expected a list"),
    (edited([*FIRST, "weights"], [[1, 2], [3, 4], [5, 6]]), "layers[0].bias: expected 3 numbers"),
    (edited([*FIRST, "weights"], [[1], [3]]), "layers[0].weights: expected 2 columns, found 1"),
    (edited([*FIRST, "weights", 0, 1], float("nan")), "expected finite numbers, found NaN"),
    (edited([*FIRST, "weights", 0, 1], float("inf")), "found Infinity"),
    (edited([*FIRST, "weights", 0, 1], "NaN"), "layers[0].weights[0][1]: expected a number"),
    (edited([*FIRST, "weights", 0, 1], "1/0"), "layers[0].weights[0][1]: expected a denominator"),
    (edited([*FIRST, "weights", 0, 1], "1/-2"), "layers[0].weights[0][1]: expected a number"),
    (edited([*FIRST, "weights", 0, 1], "0x10"), "layers[0].weights[0][1]: expected a number"),
    (edited([*FIRST, "weights", 0, 1], "\u0661"), "layers[0].weights[0][1]: expected a number"),
    (edited([*FIRST, "weights", 0, 1], ""), "layers[0].weights[0][1]: expected a number"),
    (edited([*FIRST, "weights", 0, 1], "1e999999999"), "exponent up to 5000"),
    (edited([*FIRST, "weights", 0, 1], "9" * 20_000), "at most 10000 characters"),
    (edited([*FIRST, "weights", 0, 1], [1]), "layers[0].weights[0][1]: expected a number"),
    (edited([*FIRST, "bias"], [1]), "layers[0].bias: expected 2 numbers, one a unit, found 1"),
    (edited([*FIRST, "bias"], DROP), "layers[0]: expected the key 'bias'"),
    (edited([*FIRST, "bias", 1], False), "layers[0].bias[1]: expected a number"),
    (edited([*FIRST, "activation"], "tanh"), "layers[0].activation: expected relu, abs"),
    (edited([*FIRST, "activation"], 3), "layers[0].activation: expected relu, abs"),
    (edited([*FIRST, "activation"], "leaky_relu:x"), "layers[0].activation: expected a number"),
    (edited([*FIRST, "activation"], {}), "expected the key 'pieces'"),
    (edited(PIECES, []), "activation.pieces: expected at least one piece"),
    (edited([*PIECES, 0, "to"], DROP), "activation.pieces[0]: expected the key 'to'"),
    (edited([*PIECES, 2, "to"], 7), "activation.pieces[2]: expected no key 'to'"),
    (edited([*PIECES, 1, "to"], "-1"), "pieces[1].to: expected a piece that is not empty"),
    (edited([*PIECES, 0, "closed"], 1), "pieces[0].closed: expected true or false"),
    (edited([*PIECES, 1, "slope"], None), "pieces[1].slope: expected a number"),
]


@pytest.mark.parametrize(("text", "message"), MALFORMED)
def test_malformed_files_are_refused_with_their_place(text, message, tmp_path):
    file = tmp_path / "net.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as refusal:
        load_network(file)
    assert str(refusal.value).startswith(f"{file}: ")
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < len(str(file)) + 160


def test_the_good_file_is_read_exactly():
    net = parse_network(json.dumps(GOOD))
    assert net.layers[0].weights == ((F(1), F(1, 10)), (F(-1, 2), F(3)))
    assert net.layers[0].bias == (F(0), F(1, 100))
    assert net.evaluate([F(1), F(0)]) == (F(1),)
    assert net.evaluate([F(9), F(0)]) == (F(3, 2),)
    jsonschema.validate(GOOD, SCHEMA)


def test_files_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(BadInput, match=r"missing\.json: cannot be read: no such file"):
        load_network(tmp_path / "missing.json")
    folder = tmp_path / "folder.json"
    folder.mkdir()
    with pytest.raises(BadInput, match="cannot be read"):
        load_network(folder)
    binary = tmp_path / "binary.json"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="expected UTF-8"):
        load_network(binary)
    with pytest.raises(BadInput, match=r"expected \.json"):
        load_network(tmp_path / "net.yaml")
    with pytest.raises(BadInput, match="cannot be written"):
        write_json(tent_iterate(1), tmp_path / "no" / "such.json")


@pytest.mark.parametrize(
    "net", [tent_iterate(3), merged(3), shallow_sawtooth(3), skewed_tent(F(3, 7))]
)
def test_what_is_written_is_read_back_and_fits_the_schema(net, tmp_path):
    write_json(net, tmp_path / "net.json")
    assert load_network(tmp_path / "net.json") == net
    jsonschema.validate(network_data(net), SCHEMA)


@pytest.mark.parametrize("seed", range(60))
def test_random_networks_are_read_back(seed):
    net = network(reference.random_network(seed)[0])
    assert parse_network(network_text(net)) == net
    jsonschema.validate(network_data(net), SCHEMA)


def test_repeated_layers_become_one_object():
    net = parse_network(network_text(tent_iterate(4)))
    assert len({id(layer) for layer in net.layers}) == 2


def test_long_numbers_are_exact():
    assert parse_number("1" + "0" * 9_000) == 10**9_000
    assert parse_number("-0.1e-4") == F(-1, 100_000)
    assert parse_number("+007/0021") == F(1, 3)


NUMBERS = st.one_of(
    st.integers(-(10**30), 10**30),
    st.floats(),
    st.text(string.digits + "+-./eE", max_size=8),
    st.sampled_from(["1/2", "-3", "0.1", "1/0", "NaN"]),
)
LEAVES = st.one_of(st.none(), st.booleans(), NUMBERS, st.sampled_from(["relu", "abs", "pieces"]))
KEYS = st.sampled_from(
    ["format", "inputs", "layers", "weights", "bias", "activation", "pieces", "to", "slope"]
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4)
)
LAYERS = st.fixed_dictionaries(
    {"weights": st.lists(st.lists(NUMBERS, max_size=2), max_size=2), "bias": st.lists(NUMBERS)},
    optional={"activation": VALUES},
)
FILES = st.fixed_dictionaries(
    {
        "format": st.just("verifier-network/1"),
        "inputs": st.integers(-1, 3) | LEAVES,
        "layers": st.lists(LAYERS | VALUES, max_size=3),
    }
)


def read_or_refuse(text):
    """The network, or the error's one line."""
    try:
        return parse_network(text, "file")
    except BadInput as error:
        return str(error)


def is_network_or_line(answer):
    if isinstance(answer, str):
        return answer.startswith("file: ") and "\n" not in answer
    return isinstance(answer, Network)


@settings(max_examples=300, deadline=None)
@given(FILES | VALUES)
def test_any_json_is_read_or_refused_in_one_line(data):
    assert is_network_or_line(read_or_refuse(json.dumps(data)))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_damaged_text_is_read_or_refused_in_one_line(data):
    text = json.dumps(GOOD)
    at = data.draw(st.integers(0, len(text)))
    width = data.draw(st.integers(0, 12))
    damaged = text[:at] + data.draw(st.text(max_size=5)) + text[at + width :]
    assert is_network_or_line(read_or_refuse(damaged))


@settings(max_examples=200, deadline=None)
@given(st.fractions() | st.integers().map(F))
def test_numbers_survive_writing(number):
    assert parse_number(str(number)) == number
