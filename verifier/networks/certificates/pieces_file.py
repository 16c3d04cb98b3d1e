"""Certificates of pieces as files, format ``verifier-pieces/1``, and their check.

A file holds either the list of pieces with its refinement, or, for an iterated cell, the tables
from which the count follows. Numbers that may be long or no integers are text, all exact.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from typing import Any, Final

from verifier.networks.activations import Cut
from verifier.networks.certificates.counting_check import (
    Between,
    CountCertificate,
    Joint,
    Place,
    Split,
    Step,
    check_count,
)
from verifier.networks.certificates.pieces_check import CertificateError, check
from verifier.networks.formats.json_format import Reader, brief, integer, network_data, parse_json
from verifier.networks.model import Network, on_segment
from verifier.networks.piecewise import Pieces, Sawtooth

FORMAT: Final = "verifier-pieces/1"
RATIO: Final = re.compile(r"(-?)(\d+)(?:/(\d+))?", re.ASCII)
INTERVAL: Final = re.compile(r"(?:\(-oo|([\[(])([^,]+)), (?:oo\)|([^,]+)([\])]))")


def certificate_text(
    certificate: Pieces | CountCertificate,
    low: Fraction | None,
    high: Fraction | None,
    network: str = "",
    line: tuple[Sequence[Fraction], Sequence[Fraction]] | None = None,
) -> str:
    """Return the file of a certificate for the pieces on [low, high].

    Integers of more than 4,300 digits are written only after ``sys.set_int_max_str_digits(0)``.

    Parameters
    ----------
    network:
        The network's file, for whoever reads the certificate.
    line:
        The ends of the segment of the input space, if the pieces are those along one.
    """
    if isinstance(certificate, Pieces):
        count, data = certificate.function.count, {"list": pieces_data(certificate)}
    else:
        count, data = certificate.count, {"images": count_data(certificate)}
    ends = None if line is None else [[str(entry) for entry in end] for end in line]
    content = {
        "format": FORMAT,
        "network": network,
        "line": None if ends is None else {"from": ends[0], "to": ends[1]},
        "from": None if low is None else str(low),
        "to": None if high is None else str(high),
        "pieces": str(count),
    }
    return json.dumps(content | data) + "\n"


def pieces_data(pieces: Pieces | CountCertificate) -> dict[str, Any]:
    """Return a list of pieces with its refinement as JSON."""
    return {
        "refinement": sawtooth_data(pieces.refinement),
        "function": sawtooth_data(pieces.function),
    }


def sawtooth_data(function: Sawtooth) -> dict[str, Any]:
    """Return pieces as columns; slopes and intercepts have one column an output."""
    places = map(Fraction, function.numerators, function.denominators)
    return {
        "breakpoints": [str(place) for place in places],
        "closed": list(function.closed),
    } | {
        name: [[str(Fraction(entry, function.scale)) for entry in column] for column in columns]
        for name, columns in (("slopes", function.slopes), ("intercepts", function.intercepts))
    }


def count_data(certificate: CountCertificate) -> dict[str, Any]:
    """Return the tables of a count by images of intervals as JSON."""
    return {
        "cell": network_data(certificate.cell),
        "times": certificate.times,
        **pieces_data(certificate),
        "intervals": [
            {
                "interval": interval_text(interval),
                "first": None if split is None else split.first,
                "images": None if split is None else list(split.images),
            }
            for interval, split in zip(certificate.intervals, certificate.splits, strict=True)
        ],
        "places": [
            {
                "at": str(place.at),
                "side": place.side,
                "piece": None if step is None else step.piece,
                "to": None if step is None else step.to,
            }
            for place, step in zip(certificate.places, certificate.steps, strict=True)
        ],
        "factors": [str(factor) for factor in certificate.factors],
        "exponents": [list(powers) for powers in certificate.exponents],
        "joints": [
            joint._asdict() | {"orbit": list(joint.orbit), "switches": list(joint.switches)}
            for joint in certificate.joints
        ],
    }


def interval_text(interval: Between) -> str:
    """Return an interval in the usual notation.

    >>> interval_text(Between(Cut(Fraction(1, 2), True), None))
    '(1/2, oo)'
    """
    low, high = interval
    start = "(-oo" if low is None else f"{'(' if low.closed else '['}{low.at}"
    end = "oo)" if high is None else f"{high.at}{']' if high.closed else ')'}"
    return f"{start}, {end}"


def check_pieces_certificate(network: Network, text: str, where: str = "certificate") -> int:
    """Check a file against the network; return the number of pieces that it shows.

    Examples
    --------
    >>> from verifier.networks.pieces.answers import answer_pieces
    >>> from verifier.networks.examples import tent_iterate
    >>> zero, one = Fraction(0), Fraction(1)
    >>> answer = answer_pieces(tent_iterate(40), zero, one)
    >>> file = certificate_text(answer.certificate, zero, one)
    >>> check_pieces_certificate(tent_iterate(40), file) == 2**40
    True

    Raises
    ------
    BadInput
        If the text is no such file; says where.
    CertificateError
        If it is, but does not show the number of pieces that it claims.
    """
    reader = CertificateReader(where)
    fields = reader.fields(
        parse_json(text, where),
        "",
        ("format", "network", "line", "from", "to", "pieces"),
        ("list", "images"),
    )
    if fields["format"] != FORMAT:
        raise reader.error("format", f"expected {FORMAT!r}, found {brief(fields['format'])}")
    if ("list" in fields) == ("images" in fields):
        raise reader.error("", "expected one of the keys 'list' and 'images'")
    if fields["line"] is not None:
        ends = reader.fields(fields["line"], "line", ("from", "to"))
        start, end = (list(reader.numbers(ends[key], f"line.{key}")) for key in ("from", "to"))
        network = on_segment(network, start, end)
    if network.inputs != 1:
        raise CertificateError(f"the network has {network.inputs} inputs, and no line is given")
    low, high = (
        None if fields[key] is None else reader.number(fields[key], key) for key in ("from", "to")
    )
    count = reader.whole(fields["pieces"], "pieces")
    if "images" in fields:
        check_count(network, low, high, reader.count_certificate(fields["images"], count))
        return count
    found = reader.pieces(fields["list"], "list", low, high)
    check(network, found.refinement, found.function)
    if found.function.count != count:
        raise CertificateError(f"the list has {found.function.count} pieces, not {count}")
    return count


class CertificateReader(Reader):
    """Turns the JSON of a certificate into exact tables; every error names file and place."""

    def read(self, data: Any) -> Fraction:
        """Return an exact number of any length."""
        match = RATIO.fullmatch(data) if isinstance(data, str) else None
        if match is None:
            raise ValueError(f"expected a number such as 3 or -1/2, found {brief(data)}")
        sign, numerator, denominator = match.groups()
        below = integer(denominator or "1")
        if not below:
            raise ValueError("expected a denominator other than 0")
        value = self.known[data] = Fraction(integer(numerator) * (-1 if sign else 1), below)
        return value

    def whole(self, data: Any, place: str) -> int:
        """Return an integer."""
        value = self.number(data, place)
        if value.denominator != 1:
            raise self.error(place, f"expected an integer, found {brief(data)}")
        return value.numerator

    def wholes(self, data: Any, place: str) -> tuple[int, ...]:
        """Return a list of integers."""
        return tuple(
            self.whole(item, f"{place}[{i}]") for i, item in enumerate(self.items(data, place))
        )

    def flag(self, data: Any, place: str) -> bool:
        """Return true or false."""
        if not isinstance(data, bool):
            raise self.error(place, f"expected true or false, found {brief(data)}")
        return data

    def pieces(
        self, data: Any, place: str, low: Fraction | None = None, high: Fraction | None = None
    ) -> Pieces:
        """Return a list of pieces with its refinement."""
        fields = self.fields(data, place, ("refinement", "function"))
        return Pieces(
            self.sawtooth(fields["refinement"], f"{place}.refinement", low, high),
            self.sawtooth(fields["function"], f"{place}.function", low, high),
        )

    def sawtooth(
        self, data: Any, place: str, low: Fraction | None, high: Fraction | None
    ) -> Sawtooth:
        """Return pieces whose columns fit together."""
        fields = self.fields(data, place, ("breakpoints", "closed", "slopes", "intercepts"))
        cuts = self.numbers(fields["breakpoints"], f"{place}.breakpoints")
        closed = [
            self.flag(item, f"{place}.closed[{i}]")
            for i, item in enumerate(self.items(fields["closed"], f"{place}.closed"))
        ]
        if len(closed) != len(cuts):
            raise self.error(f"{place}.closed", f"expected {len(cuts)} entries")
        columns = {}
        for name in ("slopes", "intercepts"):
            columns[name] = [
                self.numbers(column, f"{place}.{name}[{i}]")
                for i, column in enumerate(self.items(fields[name], f"{place}.{name}"))
            ]
            if any(len(column) != len(cuts) + 1 for column in columns[name]):
                raise self.error(f"{place}.{name}", f"expected {len(cuts) + 1} entries each")
        if not columns["slopes"] or len(columns["slopes"]) != len(columns["intercepts"]):
            raise self.error(place, "expected one column of slopes and of intercepts an output")
        entries = (entry for name in columns for column in columns[name] for entry in column)
        scale = lcm(*{entry.denominator for entry in entries})
        slopes, intercepts = (
            tuple(
                tuple(entry.numerator * (scale // entry.denominator) for entry in column)
                for column in columns[name]
            )
            for name in ("slopes", "intercepts")
        )
        return Sawtooth(
            low,
            high,
            tuple(cut.numerator for cut in cuts),
            tuple(cut.denominator for cut in cuts),
            tuple(closed),
            scale,
            slopes,
            intercepts,
        )

    def between(self, data: Any, place: str) -> Between:
        """Return an interval from the usual notation."""
        match = INTERVAL.fullmatch(data) if isinstance(data, str) else None
        if match is None:
            raise self.error(place, f"expected an interval such as [0, 1/2), found {brief(data)}")
        before, low, high, after = match.groups()
        return Between(
            None if low is None else Cut(self.number(low, place), before == "("),
            None if high is None else Cut(self.number(high, place), after == "]"),
        )

    def count_certificate(self, data: Any, count: int) -> CountCertificate:
        """Return the tables of a count."""
        keys = ("refinement", "function")
        own = ("cell", "times", "intervals", "places", "factors", "exponents", "joints")
        fields = self.fields(data, "images", (*own, *keys))
        pieces = self.pieces({key: fields[key] for key in keys}, "images")
        intervals, splits = self.splits(fields["intervals"], "images.intervals")
        places, steps = self.steps(fields["places"], "images.places")
        exponents = self.items(fields["exponents"], "images.exponents")
        return CountCertificate(
            Reader(f"{self.where}: images.cell").network(fields["cell"]),
            self.whole(fields["times"], "images.times"),
            pieces.refinement,
            pieces.function,
            intervals,
            splits,
            places,
            steps,
            self.wholes(fields["factors"], "images.factors"),
            tuple(self.wholes(item, f"images.exponents[{i}]") for i, item in enumerate(exponents)),
            self.joints(fields["joints"], "images.joints"),
            count,
        )

    def splits(self, data: Any, place: str) -> tuple[tuple[Between, ...], tuple[Split | None, ...]]:
        """Return the intervals and how they split."""
        intervals: list[Between] = []
        splits: list[Split | None] = []
        for i, item in enumerate(self.items(data, place)):
            here = f"{place}[{i}]"
            fields = self.fields(item, here, ("interval", "first", "images"))
            intervals.append(self.between(fields["interval"], f"{here}.interval"))
            if fields["first"] is None and fields["images"] is None:
                splits.append(None)
                continue
            images = self.items(fields["images"], f"{here}.images")
            splits.append(
                Split(
                    self.whole(fields["first"], f"{here}.first"),
                    tuple(
                        None if image is None else self.whole(image, f"{here}.images[{j}]")
                        for j, image in enumerate(images)
                    ),
                )
            )
        return tuple(intervals), tuple(splits)

    def steps(self, data: Any, place: str) -> tuple[tuple[Place, ...], tuple[Step | None, ...]]:
        """Return the places and where they are sent."""
        places: list[Place] = []
        steps: list[Step | None] = []
        for i, item in enumerate(self.items(data, place)):
            here = f"{place}[{i}]"
            fields = self.fields(item, here, ("at", "side", "piece", "to"))
            at = self.number(fields["at"], f"{here}.at")
            places.append(Place(at, self.whole(fields["side"], f"{here}.side")))
            if fields["piece"] is None and fields["to"] is None:
                steps.append(None)
                continue
            piece = self.whole(fields["piece"], f"{here}.piece")
            steps.append(Step(piece, self.whole(fields["to"], f"{here}.to")))
        return tuple(places), tuple(steps)

    def joints(self, data: Any, place: str) -> tuple[Joint, ...]:
        """Return the joints."""
        joints = []
        for i, item in enumerate(self.items(data, place)):
            here = f"{place}[{i}]"
            fields = self.fields(item, here, Joint._fields)
            orbit = self.wholes(fields["orbit"], f"{here}.orbit")
            if len(orbit) != 3:
                raise self.error(f"{here}.orbit", "expected three places")
            joints.append(
                Joint(
                    self.whole(fields["cut"], f"{here}.cut"),
                    self.flag(fields["alone"], f"{here}.alone"),
                    (orbit[0], orbit[1], orbit[2]),
                    self.wholes(fields["switches"], f"{here}.switches"),
                )
            )
        return tuple(joints)
