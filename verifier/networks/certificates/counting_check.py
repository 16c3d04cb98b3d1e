"""Checks a count by images of intervals, without the search that found it.

What is counted. f is the cell, a function of the line with finitely many affine pieces. N(n, I)
is the least number of affine pieces of f^n on an interval I; N(0, I) = 1.

Theorem. Let the cuts of f split I into consecutive parts J. Then N(n, I) is the sum over the
parts of N(n, J), less the number of joints of neighbouring parts that merge, where

1. N(n, J) = 1 if J is a point or f is constant on it, and N(n - 1, f(J)) otherwise;
2. at the joint at v, let l and r be the limits of f^n at v from the left and the right, and w
   its value at v. Let L be all of I left of the cut and R the part right of it; one of them
   owns v. If that one is {v} alone, or its limit is not w, the joint merges just when the
   other's limit is w. Otherwise it merges just when l = r and both slopes at v agree.

Proof. (1) On J, f is then an affine bijection onto f(J), and f^n is f^(n - 1) after it: pieces
correspond to pieces. (2) A least partition of L and R together, cut at v, gives partitions of
both with at most one piece more in all. So N(n, L u R) is N(n, L) + N(n, R), or one less; and it
is one less just when least partitions of L and of R exist whose pieces beside the cut fit one
affine function. Say L owns v; the other case is its mirror image. R is open at v and not empty,
so its first piece contains an interval (v, v + e), and its form has limit r and the slope at v
from the right. If L = {v}, its piece fits every form whose value at v is w. If l is not w, no
piece contains v and points left of it, so {v} is a piece, and the same holds. If l = w, the last
piece of a least partition of L is not {v}, for the piece before it would fit v as well; so its
form is that of f^n just left of v. Adding the parts one by one from the left gives the sum.

Limits, slopes and values follow orbits. Just beside a place x, f is affine; it sends what is just
left or right of x to what is just left or right of its limit there, turned round if the slope is
negative, or, if the slope is 0, to that one point. The slope of f^n is the product of the slopes
passed; both sides' products have the same sign just when they end on opposite sides. Absolute
values are products of powers of pairwise coprime integers > 1, so that they are equal just when
the exponents are.

So a certificate is a finite table of how f acts on intervals and on places, checked row by row.
The recurrences are then unrolled; the work is linear in the table and in the number of iterates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import gcd, prod
from typing import NamedTuple, TypeVar

from verifier.networks.activations import Affine, Cut
from verifier.networks.certificates.pieces_check import CertificateError, check
from verifier.networks.model import Layer, Network
from verifier.networks.piecewise import Sawtooth

Entry = TypeVar("Entry")
# A cut at which parts of an interval meet, and whether its owner is a single point.
Meeting = tuple[int, bool]


class Between(NamedTuple):
    """All points between two cuts; None is infinite. [a, b) lies between two cuts not closed."""

    low: Cut | None
    high: Cut | None


class Split(NamedTuple):
    """How an interval splits: its part on piece ``first + j`` of the cell has image ``images[j]``.

    An image is the number of an interval, or None if every iterate has one piece on that part:
    it is a single point, or the cell is constant there.
    """

    first: int
    images: tuple[int | None, ...]


class Place(NamedTuple):
    """A point (``side`` 0), or what is just left (-1) or right (1) of it."""

    at: Fraction
    side: int


class Step(NamedTuple):
    """Which piece of the cell a place lies on, and the number of the place it is sent to."""

    piece: int
    to: int


class Joint(NamedTuple):
    """Whether parts of an interval merge at a cut of the cell, for each number of iterates.

    Attributes
    ----------
    cut:
        The number of the cut, which says that pieces ``cut`` and ``cut + 1`` meet there.
    alone:
        Whether the side that owns the breakpoint is that point alone: if the cut is closed, all
        of the interval left of it; if not, the part right of it.
    orbit:
        The numbers of the places just left of the cut, just right of it, and at it.
    switches:
        The numbers of iterates at which the answer changes, beginning with "no" at 0 iterates:
        (1,) says that they always merge, (2, 5) that they do for 2, 3 and 4 iterates.
    """

    cut: int
    alone: bool
    orbit: tuple[int, int, int]
    switches: tuple[int, ...]


@dataclass(frozen=True)
class CountCertificate:
    """All that is needed to see how many pieces an iterated cell has on an interval.

    Attributes
    ----------
    cell:
        The network of one input and one output that is iterated.
    times:
        How often.
    refinement, function:
        The cell's pieces on the whole line, as :func:`pieces_check.check` takes them;
        pieces and cuts below are numbered as in ``function``.
    intervals, splits:
        Intervals, interval 0 the domain, and how each splits; None if that is not needed.
    places, steps:
        Places, and where the cell sends each; None if that is not needed.
    factors:
        Pairwise coprime integers > 1.
    exponents:
        For each piece of the cell the exponents of the factors in its slope's absolute value; 0
        if the slope is.
    joints:
        For each way in which intervals split at a cut, whether the parts merge there.
    count:
        The least number of pieces.
    """

    cell: Network
    times: int
    refinement: Sawtooth
    function: Sawtooth
    intervals: tuple[Between, ...]
    splits: tuple[Split | None, ...]
    places: tuple[Place, ...]
    steps: tuple[Step | None, ...]
    factors: tuple[int, ...]
    exponents: tuple[tuple[int, ...], ...]
    joints: tuple[Joint, ...]
    count: int


@dataclass(frozen=True)
class Cell:
    """The cell's pieces, once they are seen to be the cell's."""

    pieces: tuple[Between, ...]
    forms: tuple[Affine, ...]


class Row(NamedTuple):
    """A recurrence: intervals whose counts are added, parts with one piece, joints."""

    images: list[int]
    single: int
    meetings: list[Meeting]


def check_count(
    network: Network, low: Fraction | None, high: Fraction | None, certificate: CountCertificate
) -> None:
    """Check that a network has ``certificate.count`` pieces on [low, high], and no fewer.

    Examples
    --------
    >>> from verifier.networks.pieces.counting import count_iterate
    >>> from verifier.networks.examples import tent, tent_iterate
    >>> found = count_iterate(tent(), 3, Fraction(0), Fraction(1))
    >>> check_count(tent_iterate(3), Fraction(0), Fraction(1), found)
    >>> check_count(
    ...     tent_iterate(4), Fraction(0), Fraction(1), found
    ... )  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    verifier.networks.certificates.pieces_check.CertificateError: the network is not ...

    Raises
    ------
    CertificateError
        Naming the first place that fails, if the certificate does not show that.
    """
    check_copies(network, certificate.cell, certificate.times)
    cell = checked_cell(certificate)
    domain = Between(
        None if low is None else Cut(low, False), None if high is None else Cut(high, True)
    )
    if certificate.intervals[:1] != (domain,) or is_empty(domain):
        raise CertificateError("intervals[0] is not the domain")
    rows = checked_splits(cell, certificate)
    check_places(cell, certificate)
    check_factors(cell, certificate)
    merging = {
        (joint.cut, joint.alone): checked_joint(f"joints[{i}]", joint, certificate)
        for i, joint in enumerate(certificate.joints)
    }
    found = unrolled(rows, merging, certificate.times)
    if found != certificate.count:
        raise CertificateError(f"the count is {found}, not {certificate.count}")


def check_copies(network: Network, cell: Network, times: int) -> None:
    """Check that a network is so many copies of a cell, perhaps before an injective read-out.

    Or that it is the merged form of a cell of two layers, whose second layer and the first of
    the next copy are one.
    """
    if (cell.inputs, cell.outputs) != (1, 1) or times < 1:
        raise CertificateError("cell: expected one input, one output and at least one copy")
    layers = network.layers
    # Compared first, so that an absurd number of copies is never made.
    copies = cell.layers * min(times, len(layers) + 1)
    if layers[: len(copies)] == copies:
        rest = layers[len(copies) :]
        if not rest or (len(rest) == 1 and is_injective(rest[0])):
            return
    elif len(cell.layers) == 2 and cell.layers[1].activation is None:
        first, last = cell.layers
        (row,), (shift,) = last.weights, last.bias
        inner = Layer(
            tuple(tuple(factor * entry for entry in row) for (factor,) in first.weights),
            tuple(w[0] * shift + bias for w, bias in zip(first.weights, first.bias, strict=True)),
            first.activation,
        )
        if len(layers) == times + 1 and layers == (first, *(inner,) * (times - 1), last):
            return
    raise CertificateError(f"the network is not {times} copies of the cell")


def is_injective(layer: Layer) -> bool:
    """Say whether a layer of one input sends different numbers to different numbers."""
    return layer.activation is None and layer.outputs == 1 and layer.weights[0][0] != 0


def checked_cell(certificate: CountCertificate) -> Cell:
    """Return the cell's pieces, once the list of them is seen to be right."""
    function = certificate.function
    check(certificate.cell, certificate.refinement, function)
    if function.low is not None or function.high is not None:
        raise CertificateError("function: expected the pieces on the whole line")
    ends = (None, *function.cuts, None)
    pieces = tuple(map(Between, ends[:-1], ends[1:]))
    return Cell(pieces, tuple(function.forms(i)[0] for i in range(function.count)))


def checked_splits(cell: Cell, certificate: CountCertificate) -> dict[int, Row]:
    """Return the recurrence of every interval that splits, once the splits are seen to be right."""
    check_rows("splits", certificate.splits, len(certificate.intervals))
    rows = {}
    for i, split in enumerate(certificate.splits):
        if split is not None:
            meetings = checked_split(f"splits[{i}]", i, split, cell, certificate)
            images = [image for image in split.images if image is not None]
            rows[i] = Row(images, len(split.images) - len(images), meetings)
    return rows


def checked_split(
    name: str, number: int, split: Split, cell: Cell, certificate: CountCertificate
) -> list[Meeting]:
    """Return the joints of a split, once its parts cover the interval and their images are right.

    The parts are what the interval has in common with consecutive pieces of the cell.
    """
    interval = certificate.intervals[number]
    parts = []
    for piece, image in enumerate(split.images, split.first):
        part = common(interval, entry(cell.pieces, piece, f"{name}: piece"))
        if is_empty(part):
            raise CertificateError(f"{name}: nothing of the interval is on piece {piece}")
        parts.append(part)
        form = cell.forms[piece]
        if is_point(part) or not form.slope:
            if image is not None:
                raise CertificateError(f"{name}: expected no image from piece {piece}")
        elif image is None:
            raise CertificateError(f"{name}: expected an image from piece {piece}")
        elif entry(certificate.intervals, image, f"{name}: interval") != image_of(part, form):
            raise CertificateError(f"{name}: interval {image} is not the image from piece {piece}")
    if not parts or (parts[0].low, parts[-1].high) != interval:
        raise CertificateError(f"{name}: the parts do not cover the interval")
    meetings = []
    for cut, right in enumerate(parts[1:], split.first):
        at, closed = certificate.function.cuts[cut]
        meetings.append((cut, interval.low == Cut(at, False) if closed else is_point(right)))
    return meetings


def common(one: Between, other: Between) -> Between:
    """Return what two intervals have in common, which may be nothing."""
    lows = [low for low in (one.low, other.low) if low is not None]
    highs = [high for high in (one.high, other.high) if high is not None]
    return Between(max(lows, default=None), min(highs, default=None))


def is_empty(interval: Between) -> bool:
    """Say whether an interval has no point."""
    low, high = interval
    return low is not None and high is not None and low >= high


def is_point(interval: Between) -> bool:
    """Say whether an interval that is not empty is a single point."""
    low, high = interval
    return low is not None and high is not None and low.at == high.at


def image_of(interval: Between, form: Affine) -> Between:
    """Return the image under an affine function that is not constant."""
    rises = form.slope > 0
    # Turned round, what belonged to the left of a cut belongs to its right.
    low, high = (
        None if end is None else Cut(form(end.at), end.closed == rises) for end in interval
    )
    return Between(low, high) if rises else Between(high, low)


def check_places(cell: Cell, certificate: CountCertificate) -> None:
    """Check that every step is the cell's."""
    check_rows("steps", certificate.steps, len(certificate.places))
    for i, (place, step) in enumerate(zip(certificate.places, certificate.steps, strict=True)):
        if step is None:
            continue
        low, high = entry(cell.pieces, step.piece, f"steps[{i}]: piece")
        # Going right one meets: just left of x, an open cut at x, x, a closed cut, just right.
        if place.side > 0:
            cut = Cut(place.at, True)
            inside = (low is None or low <= cut) and (high is None or cut < high)
        else:
            cut = Cut(place.at, place.side == 0)
            inside = (low is None or low < cut) and (high is None or cut <= high)
        if not inside:
            raise CertificateError(f"steps[{i}]: the place is not on piece {step.piece}")
        form = cell.forms[step.piece]
        turn = (form.slope > 0) - (form.slope < 0)
        image = Place(form(place.at), place.side * turn)
        if entry(certificate.places, step.to, f"steps[{i}]: place") != image:
            raise CertificateError(f"steps[{i}]: place {step.to} is not the image")


def check_factors(cell: Cell, certificate: CountCertificate) -> None:
    """Check that slopes are the products of powers that they are said to be."""
    factors = certificate.factors
    if any(factor < 2 for factor in factors):
        raise CertificateError("factors: expected integers > 1")
    if any(gcd(a, b) > 1 for a, b in combinations(factors, 2)):
        raise CertificateError("factors: expected pairwise coprime integers")
    check_rows("exponents", certificate.exponents, len(cell.forms))
    for i, (form, powers) in enumerate(zip(cell.forms, certificate.exponents, strict=True)):
        check_rows(f"exponents[{i}]", powers, len(factors))
        # Coprime factors cannot cancel, so that no power exceeds the length of the slope; and
        # only exponents 0 have the product 1.
        most = max(form.slope.numerator.bit_length(), form.slope.denominator.bit_length())
        if any(abs(power) > most for power in powers) or (abs(form.slope) or 1) != prod(
            Fraction(factor) ** power for factor, power in zip(factors, powers, strict=True)
        ):
            raise CertificateError(f"exponents[{i}]: the slope of piece {i} is {form.slope}")


def checked_joint(name: str, joint: Joint, certificate: CountCertificate) -> list[bool]:
    """Return whether parts merge at a joint, for 0, 1, ... iterates, once that is seen to be so."""
    cut = entry(certificate.function.cuts, joint.cut, f"{name}: cut")
    places, steps, exponents = certificate.places, certificate.steps, certificate.exponents
    for number, side in zip(joint.orbit, (-1, 1, 0), strict=True):
        if entry(places, number, f"{name}: place") != Place(cut.at, side):
            raise CertificateError(f"{name}: place {number} is not where an orbit starts")
    switches = set(joint.switches)
    if list(joint.switches) != sorted(n for n in switches if 1 <= n <= certificate.times):
        raise CertificateError(f"{name}: expected increasing numbers of iterates as switches")
    left, right, value = joint.orbit
    # The exponents of the quotient of the slopes from both sides.
    quotient = [0] * len(certificate.factors)
    claimed, answers = False, [False]
    for n in range(1, certificate.times + 1):
        taken = steps[left], steps[right], steps[value]
        if taken[0] is None or taken[1] is None or taken[2] is None:
            raise CertificateError(f"{name}: an orbit ends before {n} iterates")
        rise, fall = exponents[taken[0].piece], exponents[taken[1].piece]
        quotient = [a + b - c for a, b, c in zip(quotient, rise, fall, strict=True)]
        left, right, value = taken[0].to, taken[1].to, taken[2].to
        owner, other = (left, right) if cut.closed else (right, left)
        limit = places[value].at
        side = places[left].side
        # On side 0 the function is constant; then so it must be on the other side.
        slopes_agree = side == -places[right].side and not (side and any(quotient))
        free = joint.alone or places[owner].at != limit
        merges = places[other].at == limit and (free or slopes_agree)
        claimed ^= n in switches
        if merges != claimed:
            raise CertificateError(f"{name}: wrong for {n} iterates")
        answers.append(merges)
    return answers


def unrolled(rows: Mapping[int, Row], merging: Mapping[Meeting, list[bool]], times: int) -> int:
    """Return the count that follows from the recurrences."""
    # Level t holds the intervals that are met after t steps.
    levels = [{0}]
    for _ in range(times):
        level: set[int] = set()
        for i in levels[-1]:
            if i not in rows:
                raise CertificateError(f"splits[{i}] is missing")
            for cut, alone in rows[i].meetings:
                if (cut, alone) not in merging:
                    raise CertificateError(f"splits[{i}]: no joint for cut {cut}, alone: {alone}")
            level.update(rows[i].images)
        levels.append(level)
    counts = dict.fromkeys(levels[times], 1)
    for n in range(1, times + 1):
        counts = {
            i: rows[i].single
            + sum(counts[image] for image in rows[i].images)
            - sum(merging[meeting][n] for meeting in rows[i].meetings)
            for i in levels[times - n]
        }
    return counts[0]


def check_rows(name: str, rows: Sequence[object], expected: int) -> None:
    """Check the length of a table."""
    if len(rows) != expected:
        raise CertificateError(f"{name}: expected {expected} entries, found {len(rows)}")


def entry(items: Sequence[Entry], number: int, name: str) -> Entry:
    """Return an entry of a table; negative numbers count as outside."""
    if not 0 <= number < len(items):
        raise CertificateError(f"{name} {number} does not exist")
    return items[number]
