"""Network files in JSON, format ``verifier-network/1``; every number is read exactly.

The schema is ``network.schema.json`` beside this module; ``docs/networks.md`` explains it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, NoReturn

from verifier.errors import BadInput
from verifier.networks.activations import NAMED, Activation, Affine, Cut, leaky_relu
from verifier.networks.model import Layer, Network, NetworkError
from verifier.output import write_output

FORMAT: Final = "verifier-network/1"
LONGEST_NUMBER: Final = 10_000
LARGEST_EXPONENT: Final = 5_000
DIGITS_AT_ONCE: Final = 4_000
NUMBER: Final = re.compile(r"([+-]?)(\d+)(?:/(\d+)|(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?)", re.ASCII)


class Literal(str):
    """The text of a number that stood unquoted in JSON, kept so that 0.1 stays 1/10."""

    __slots__ = ()


def read_json(path: Path) -> Network:
    """Read a network file.

    Raises
    ------
    BadInput
        If the file cannot be read, is no JSON, or is not a network; says where in the file.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadInput.unreadable(path, error) from error
    except UnicodeDecodeError as error:
        raise BadInput(str(path), f"expected UTF-8 text: {error.reason}") from error
    return parse_network(text, str(path))


def parse_network(text: str, where: str = "network") -> Network:
    """Read a network from JSON text; ``where`` names it in errors.

    Examples
    --------
    >>> net = parse_network('''{"format": "verifier-network/1", "inputs": 1,
    ...     "layers": [{"weights": [[0.1]], "bias": ["-1/3"], "activation": "abs"}]}''')
    >>> net.evaluate([Fraction(0)])
    (Fraction(1, 3),)

    Raises
    ------
    BadInput
        If the text is no JSON or not a network; says where in the text.
    """
    return Reader(where).network(parse_json(text, where))


def parse_json(text: str, where: str) -> Any:
    """Read JSON with numbers kept as text, duplicate keys and NaN refused.

    >>> parse_json('[0.1, "x"]', "file")
    ['0.1', 'x']
    """

    def constant(name: str) -> NoReturn:
        raise BadInput(where, f"expected finite numbers, found {name}")

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        out = dict(items)
        if len(out) < len(items):
            keys = [key for key, _ in items]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise BadInput(where, f"expected distinct keys, found {twice!r} twice")
        return out

    try:
        return json.loads(
            text,
            parse_int=Literal,
            parse_float=Literal,
            parse_constant=constant,
            object_pairs_hook=pairs,
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        raise BadInput(where, f"expected JSON: {error.msg}", place) from error
    except RecursionError as error:
        raise BadInput(where, "expected JSON nested less deeply") from error


class Reader:
    """Turns JSON values into exact objects; every error names file and place."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.known: dict[str, Fraction] = {}

    def error(self, place: str, expected: str) -> BadInput:
        """Return the error that names the file and the place in it."""
        return BadInput(self.where, expected, place)

    def network(self, data: Any) -> Network:
        """Read the top-level object."""
        fields = self.fields(data, "", required=("format", "inputs", "layers"))
        if fields["format"] != FORMAT or isinstance(fields["format"], Literal):
            raise self.error("format", f"expected {FORMAT!r}, found {brief(fields['format'])}")
        inputs = self.number(fields["inputs"], "inputs")
        if inputs.denominator != 1 or inputs < 1:
            raise self.error("inputs", f"expected a positive integer, found {inputs}")
        layers = self.items(fields["layers"], "layers")
        if not layers:
            raise self.error("layers", "expected at least one layer")
        read = self.layers(layers)
        try:
            return Network(int(inputs), read)
        except NetworkError as error:
            raise self.error(error.place, error.expected) from error

    def layers(self, items: list[Any]) -> tuple[Layer, ...]:
        """Read all layers; equal ones become one object, so that repetition is cheap."""
        seen: dict[Layer, Layer] = {}
        return tuple(
            seen.setdefault(layer, layer)
            for layer in (self.layer(item, f"layers[{i}]") for i, item in enumerate(items))
        )

    def layer(self, data: Any, place: str) -> Layer:
        """Read one layer."""
        fields = self.fields(data, place, ("weights", "bias"), optional=("activation",))
        rows = self.items(fields["weights"], f"{place}.weights")
        weights = tuple(self.numbers(row, f"{place}.weights[{i}]") for i, row in enumerate(rows))
        bias = self.numbers(fields["bias"], f"{place}.bias")
        activation = self.activation(fields.get("activation"), f"{place}.activation")
        try:
            return Layer(weights, bias, activation)
        except NetworkError as error:
            raise self.error(f"{place}.{error.place}", error.expected) from error

    def activation(self, data: Any, place: str) -> Activation | None:
        """Read an activation: null, a name, or its pieces."""
        if data is None:
            return None
        if isinstance(data, dict):
            fields = self.fields(data, place, ("pieces",))
            return self.custom_activation(fields["pieces"], f"{place}.pieces")
        if isinstance(data, str) and not isinstance(data, Literal):
            if data in NAMED:
                return NAMED[data]
            name, colon, slope = data.partition(":")
            if name == "leaky_relu" and colon:
                return leaky_relu(self.number(slope, place))
        names = ", ".join([*NAMED, "leaky_relu:p/q"])
        raise self.error(place, f"expected {names} or pieces, found {brief(data)}")

    def custom_activation(self, data: Any, place: str) -> Activation:
        """Read an activation given by its pieces, from left to right."""
        items = self.items(data, place)
        if not items:
            raise self.error(place, "expected at least one piece")
        cuts, pieces = [], []
        for i, item in enumerate(items):
            here, last = f"{place}[{i}]", i == len(items) - 1
            required = ("slope", "intercept") if last else ("slope", "intercept", "to")
            fields = self.fields(item, here, required, () if last else ("closed",))
            slope = self.number(fields["slope"], f"{here}.slope")
            pieces.append(Affine(slope, self.number(fields["intercept"], f"{here}.intercept")))
            if not last:
                closed = fields.get("closed", False)
                if not isinstance(closed, bool):
                    expected = f"expected true or false, found {brief(closed)}"
                    raise self.error(f"{here}.closed", expected)
                cuts.append(Cut(self.number(fields["to"], f"{here}.to"), closed))
                if i and not cuts[-2] < cuts[-1]:
                    raise self.error(f"{here}.to", "expected a piece that is not empty")
        return Activation("pieces", tuple(cuts), tuple(pieces))

    def fields(
        self, data: Any, place: str, required: tuple[str, ...], optional: tuple[str, ...] = ()
    ) -> Mapping[str, Any]:
        """Return an object that has the required keys and no unknown ones."""
        if not isinstance(data, dict):
            raise self.error(place, f"expected an object, found {brief(data)}")
        for key in required:
            if key not in data:
                raise self.error(place, f"expected the key {key!r}, which is missing")
        for key in data:
            if key not in required and key not in optional:
                raise self.error(place, f"expected no key {brief(key)}")
        return data

    def items(self, data: Any, place: str) -> list[Any]:
        """Return a list."""
        if not isinstance(data, list):
            raise self.error(place, f"expected a list, found {brief(data)}")
        return data

    def numbers(self, data: Any, place: str) -> tuple[Fraction, ...]:
        """Return a list of exact numbers."""
        items = self.items(data, place)
        known = self.known
        # Places are named only on failure: naming each would take longer than reading it.
        try:
            return tuple([known.get(item) or self.read(item) for item in items])
        except (TypeError, ValueError):
            for i, item in enumerate(items):
                self.number(item, f"{place}[{i}]")
            raise

    def number(self, data: Any, place: str) -> Fraction:
        """Return an exact number."""
        try:
            return self.read(data)
        except (TypeError, ValueError) as error:
            raise self.error(place, str(error)) from error

    def read(self, data: Any) -> Fraction:
        """Return an exact number and remember it, since weights repeat."""
        if not isinstance(data, str):
            raise TypeError(f"expected a number or a string such as 1/3, found {brief(data)}")
        value = self.known[data] = parse_number(data)
        return value


def parse_number(text: str) -> Fraction:
    """Read ``p/q``, an integer or a decimal literal exactly.

    >>> parse_number("0.1"), parse_number("-2/6"), parse_number("1e-3")
    (Fraction(1, 10), Fraction(-1, 3), Fraction(1, 1000))

    Raises
    ------
    ValueError
        If the text is no such number, its denominator is zero, or it is absurdly long.
    """
    if len(text) > LONGEST_NUMBER:
        raise ValueError(f"expected at most {LONGEST_NUMBER} characters in a number")
    match = NUMBER.fullmatch(text)
    if match is None:
        raise ValueError(f"expected a number such as 3, -1/2 or 0.25, found {brief(text)}")
    sign, whole, denominator, decimals, exponent = match.groups()
    if denominator is not None:
        if not integer(denominator):
            raise ValueError(f"expected a denominator other than 0, found {brief(text)}")
        value = Fraction(integer(whole), integer(denominator))
    else:
        power = int(exponent or 0)
        if abs(power) > LARGEST_EXPONENT:
            raise ValueError(f"expected an exponent up to {LARGEST_EXPONENT}, found {power}")
        digits = integer(whole + (decimals or ""))
        power -= len(decimals or "")
        value = Fraction(digits * 10**power) if power >= 0 else Fraction(digits, 10**-power)
    return -value if sign == "-" else value


def integer(digits: str) -> int:
    """Read digits in blocks, since Python refuses to convert very long text at once."""
    value = 0
    for i in range(0, len(digits), DIGITS_AT_ONCE):
        block = digits[i : i + DIGITS_AT_ONCE]
        value = value * 10 ** len(block) + int(block)
    return value


def brief(data: Any) -> str:
    """Show a value in at most a few words."""
    match data:
        case dict():
            return "an object"
        case list():
            return "a list"
        case None:
            return "null"
        case bool():
            return str(data).lower()
    text = str(data) if isinstance(data, Literal) else repr(data)
    return text if len(text) <= 40 else f"{text[:37]}..."


def write_json(network: Network, path: Path) -> None:
    """Write a network file that :func:`read_json` reads back as an equal network.

    Raises
    ------
    BadInput
        If the file cannot be written.
    """
    write_output(path, network_text(network))


def network_text(network: Network) -> str:
    """Return the network as JSON text, one line a layer.

    >>> from verifier.networks.examples import tent
    >>> parse_network(network_text(tent())) == tent()
    True
    """
    known: dict[int, str] = {}
    for layer in network.layers:
        if id(layer) not in known:
            known[id(layer)] = json.dumps(layer_data(layer))
    layers = ",\n    ".join(known[id(layer)] for layer in network.layers)
    head = f'{{\n  "format": "{FORMAT}",\n  "inputs": {network.inputs},\n'
    return f'{head}  "layers": [\n    {layers}\n  ]\n}}\n'


def network_data(network: Network) -> dict[str, Any]:
    """Return the network as the JSON object of its file."""
    layers = [layer_data(layer) for layer in network.layers]
    return {"format": FORMAT, "inputs": network.inputs, "layers": layers}


def layer_data(layer: Layer) -> dict[str, Any]:
    """Return a layer as its JSON object."""
    data: dict[str, Any] = {
        "weights": [[str(entry) for entry in row] for row in layer.weights],
        "bias": [str(entry) for entry in layer.bias],
    }
    if layer.activation is not None:
        data["activation"] = activation_data(layer.activation)
    return data


def activation_data(activation: Activation) -> str | dict[str, Any]:
    """Return an activation as its name, or its pieces if it has none."""
    if activation.name != "pieces":
        return activation.name
    pieces: list[dict[str, Any]] = [
        {"slope": str(piece.slope), "intercept": str(piece.intercept)}
        for piece in activation.pieces
    ]
    for piece, cut in zip(pieces, activation.cuts, strict=False):
        piece |= {"to": str(cut.at), "closed": cut.closed}
    return {"pieces": pieces}
