"""Answers about the pieces of a network file, as the command line gives them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import gcd
from pathlib import Path
from typing import Any, Final

from verifier.errors import BadInput, LimitReached, VerifierError
from verifier.networks.certificates.counting_check import CountCertificate, check_count
from verifier.networks.certificates.pieces_check import check
from verifier.networks.formats.json_format import Reader, parse_json, parse_number
from verifier.networks.model import Network, on_segment
from verifier.networks.pieces.counting import count_iterate, find_iteration
from verifier.networks.pieces.partition import CELL_LIMIT, pieces_of
from verifier.networks.piecewise import Pieces, Sawtooth

LIST_LIMIT: Final = 2**21
# Cells times parameters up to which checking a list takes at most about a second.
CHECK_LIMIT: Final = 4_000_000


@dataclass(frozen=True)
class PiecesAnswer:
    """How many pieces a network has, and the list of them if it was asked for.

    Attributes
    ----------
    method:
        How the count was obtained.
    checked:
        Whether what is answered was checked apart: the list, or without a list the count.
    certificate:
        What a separate function accepted, if anything: the list, or else the certificate of the
        count, which may have been checked though the list was not.
    """

    count: int
    method: str
    function: Sawtooth | None
    checked: bool
    certificate: Pieces | CountCertificate | None


def answer_pieces(
    network: Network,
    low: Fraction | None = None,
    high: Fraction | None = None,
    *,
    listed: bool | None = None,
    checked: bool | None = None,
) -> PiecesAnswer:
    """Count, list and check the pieces of a network of one input on [low, high].

    Parameters
    ----------
    listed:
        Whether to list the pieces; None means: if there are at most ``LIST_LIMIT``.
    checked:
        Whether to check the list and the count apart; None means: the count if it is by images
        of intervals, and the list if that is cheap.

    Examples
    --------
    >>> from verifier.networks.examples import tent_iterate
    >>> answer = answer_pieces(tent_iterate(1000), Fraction(0), Fraction(1))
    >>> answer.count == 2**1000, answer.checked
    (True, True)

    Raises
    ------
    BadInput
        If the network has several inputs, or low > high.
    LimitReached
        If there are too many pieces to list, and they cannot be counted otherwise.
    CertificateError
        If the list or the count does not pass the check.
    """
    counted = count_by_images(network, low, high)
    method = "listed layer by layer"
    certificate: Pieces | CountCertificate | None = None
    if counted is not None:
        images = (
            f"iterate {counted.times} of a cell with {counted.function.count} pieces, "
            f"counted by images of {len(counted.intervals)} intervals"
        )
        if checked is not False:
            check_count(network, low, high, counted)
            certificate = counted
        if listed is False or (listed is None and counted.count > LIST_LIMIT):
            done = certificate is not None
            return PiecesAnswer(counted.count, images, None, done, certificate)
        if counted.count > CELL_LIMIT:
            raise LimitReached(f"more than {CELL_LIMIT} pieces to list; count them with --no-list")
        method = f"{method}; {images}"
    found = pieces_of(network, low, high)
    count = found.function.count
    if counted is not None and count != counted.count:
        raise VerifierError(f"listing gives {count} pieces, images give {counted.count}")
    if checked is None:
        checked = found.refinement.count * network.parameters <= CHECK_LIMIT
    if checked:
        check(network, found.refinement, found.function)
        certificate = found
    return PiecesAnswer(
        count, method, None if listed is False else found.function, checked, certificate
    )


def count_by_images(
    network: Network, low: Fraction | None, high: Fraction | None
) -> CountCertificate | None:
    """Return the count by images of intervals if the network is an iterate and they are few."""
    iteration = find_iteration(network)
    if iteration is None:
        return None
    try:
        return count_iterate(iteration.cell, iteration.times, low, high)
    except LimitReached:
        return None


def read_line(path: Path) -> tuple[list[Fraction], list[Fraction]]:
    """Read a segment ``{"from": [...], "to": [...]}`` of the input space, exactly.

    Raises
    ------
    BadInput
        If the file cannot be read or is no such object.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadInput.unreadable(path, error) from error
    except UnicodeDecodeError as error:
        raise BadInput(str(path), f"expected UTF-8 text: {error.reason}") from error
    reader = Reader(str(path))
    fields = reader.fields(parse_json(text, str(path)), "", ("from", "to"))
    start, end = (list(reader.numbers(fields[key], key)) for key in ("from", "to"))
    return start, end


def along_line(network: Network, path: Path) -> Network:
    """Return the network along the segment in a file.

    Raises
    ------
    BadInput
        If the file is no segment of the network's input space.
    """
    start, end = read_line(path)
    for key, point in (("from", start), ("to", end)):
        if len(point) != network.inputs:
            expected = f"expected {network.inputs} numbers, one an input, found {len(point)}"
            raise BadInput(str(path), expected, key)
    return on_segment(network, start, end)


def exact(text: str, option: str) -> Fraction:
    """Read an exact number from the command line.

    >>> exact("0.1", "--from")
    Fraction(1, 10)

    Raises
    ------
    BadInput
        If the text is no number.
    """
    try:
        return parse_number(text.strip())
    except ValueError as error:
        raise BadInput(option, str(error)) from error


def function_data(function: Sawtooth) -> dict[str, Any]:
    """Return the pieces as lists of exact numbers in text, columns of one table.

    With one output, slopes and so on are texts; with several, each is a list of texts.
    """
    text = lru_cache(maxsize=2**16)(ratio_text)
    scale, cuts = function.scale, range(function.count - 1)
    p, q, closed = function.numerators, function.denominators, function.closed
    columns = list(zip(function.slopes, function.intercepts, strict=True))
    # The value at a breakpoint is that of the piece that owns it.
    values = [
        [
            ratio_text(slope[i + 1 - c] * a + intercept[i + 1 - c] * b, scale * b)
            for i, a, b, c in zip(cuts, p, q, closed, strict=True)
        ]
        for slope, intercept in columns
    ]
    return {
        "breakpoints": [str(a) if b == 1 else f"{a}/{b}" for a, b in zip(p, q, strict=True)],
        "closed": list(closed),
        "values": rows(values),
        "slopes": rows([[text(n, scale) for n in slope] for slope, _ in columns]),
        "intercepts": rows([[text(n, scale) for n in intercept] for _, intercept in columns]),
        "jumps": [
            {
                "at": str(jump.at),
                "left": vector_text(jump.left),
                "value": vector_text(jump.value),
                "right": vector_text(jump.right),
            }
            for jump in function.jumps()
        ],
    }


def rows(columns: list[list[str]]) -> list[Any]:
    """Return the only column, or the rows of several."""
    return columns[0] if len(columns) == 1 else [list(row) for row in zip(*columns, strict=True)]


def vector_text(vector: tuple[Fraction, ...] | None) -> Any:
    """Return the only entry as text, or the list of several; None stays."""
    if vector is None:
        return None
    return str(vector[0]) if len(vector) == 1 else [str(entry) for entry in vector]


def ratio_text(numerator: int, denominator: int) -> str:
    """Return a fraction in lowest terms as text; the denominator is positive.

    >>> ratio_text(-6, 4), ratio_text(8, 4)
    ('-3/2', '2')
    """
    common = gcd(numerator, denominator)
    if common == denominator:
        return str(numerator // denominator)
    return f"{numerator // common}/{denominator // common}"
