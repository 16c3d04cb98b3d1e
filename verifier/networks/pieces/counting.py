"""Counting the pieces of an iterated map without listing them.

For a piecewise-affine map f of the line, cut an interval I at the breakpoints of f into parts
J. On a part where f is constant f^n is constant; on any other, f is an affine bijection onto the
image f(J), so that f^n has as many pieces on J as f^(n-1) has on f(J). Only few intervals come up
as images, so all counts follow from a small system of recurrences.

Where two parts meet, one affine function may fit both neighbours. Whether it does follows from
the limits and slopes of f^n at that breakpoint from both sides, and its value there, all of
which come from following three orbits. Hence the count is the least possible one, exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain, pairwise
from math import gcd
from typing import Final, NamedTuple

from verifier.errors import BadInput, LimitReached
from verifier.networks.activations import Affine, Cut
from verifier.networks.certificates.counting_check import (
    Between,
    CountCertificate,
    Joint,
    Place,
    Split,
    Step,
)
from verifier.networks.model import Layer, Network
from verifier.networks.pieces.partition import pieces_of
from verifier.networks.piecewise import Sawtooth

WORK_LIMIT: Final = 2_000_000
# The number of a cut at which parts meet, and whether its owner is a single point.
Meeting = tuple[int, bool]


@dataclass(frozen=True)
class Iteration:
    """A network that is ``cell`` iterated ``times`` times, then an injective affine read-out.

    ``read_out`` is None if there is none.
    """

    cell: Network
    times: int
    read_out: Layer | None = None


class Interval(NamedTuple):
    """An interval; an end that is None is infinite, ``owns_low`` and so on say what is closed."""

    low: Fraction | None
    high: Fraction | None
    owns_low: bool
    owns_high: bool

    @property
    def is_point(self) -> bool:
        """Whether the interval is a single point."""
        return self.low is not None and self.low == self.high

    def image(self, form: Affine) -> Interval:
        """Return the image under an affine function that is not constant."""
        low = None if self.low is None else form(self.low)
        high = None if self.high is None else form(self.high)
        if form.slope > 0:
            return Interval(low, high, self.owns_low, self.owns_high)
        return Interval(high, low, self.owns_high, self.owns_low)

    @property
    def between(self) -> Between:
        """The cuts between which the interval lies."""
        return Between(
            None if self.low is None else Cut(self.low, not self.owns_low),
            None if self.high is None else Cut(self.high, self.owns_high),
        )


def count_iterate(
    cell: Network, times: int, low: Fraction | None = None, high: Fraction | None = None
) -> CountCertificate:
    """Count the pieces, as few as possible, of ``cell`` iterated ``times`` times on [low, high].

    Examples
    --------
    >>> from verifier.networks.examples import skewed_tent
    >>> count = count_iterate(skewed_tent(Fraction(1, 3)), 1000, Fraction(0), Fraction(1)).count
    >>> count == 2**1000
    True

    Raises
    ------
    BadInput
        If the cell does not map one number to one number, or low > high, or times < 1.
    LimitReached
        If too many different intervals come up as images.
    """
    if (cell.inputs, cell.outputs) != (1, 1):
        raise BadInput("cell", "expected one input and one output")
    if times < 1:
        raise BadInput("iteration", f"expected at least 1 copy, found {times}")
    if low is not None and high is not None and low > high:
        raise BadInput("interval", f"expected A <= B, found {low} > {high}")
    pieces = pieces_of(cell)
    domain = Interval(low, high, low is not None, high is not None)
    found = explore(pieces.function, times, domain)
    orbits = Orbits(pieces.function)
    joints = {
        meeting: orbits.joint(*meeting, times)
        for meeting in dict.fromkeys(chain.from_iterable(found.meetings.values()))
    }
    merging = {meeting: answers for meeting, (_, answers) in joints.items()}
    counts = dict.fromkeys(found.levels[times], 1)
    for n in range(1, times + 1):
        counts = {
            i: sum(1 if image is None else counts[image] for image in found.splits[i].images)
            - sum(merging[meeting][n] for meeting in found.meetings[i])
            for i in found.levels[times - n]
        }
    return CountCertificate(
        cell,
        times,
        pieces.refinement,
        pieces.function,
        tuple(interval.between for interval in found.intervals),
        tuple(found.splits.get(i) for i in range(len(found.intervals))),
        tuple(orbits.places),
        tuple(orbits.steps),
        tuple(orbits.base),
        tuple(orbits.exponents),
        tuple(joint for joint, _ in joints.values()),
        counts[0],
    )


@dataclass(frozen=True)
class Explored:
    """All intervals that are images of the domain, interval 0, and how they split.

    Attributes
    ----------
    splits, meetings:
        For each interval that is met before the last step, its parts' images, and the cuts at
        which parts meet.
    levels:
        Level t lists the intervals met after exactly t steps.
    """

    intervals: list[Interval]
    splits: dict[int, Split]
    meetings: dict[int, list[Meeting]]
    levels: list[list[int]]


def explore(function: Sawtooth, times: int, domain: Interval) -> Explored:
    """Return all intervals that are images of the domain in at most so many steps.

    Raises
    ------
    LimitReached
        If there are too many.
    """
    numbers = {domain: 0}
    found = Explored([domain], {}, {}, [[0]])
    forms = [function.forms(piece)[0] for piece in range(function.count)]
    work = 0
    for _ in range(times):
        level: dict[int, None] = {}
        for i in found.levels[-1]:
            if i not in found.splits:
                first, parts, found.meetings[i] = split(function, found.intervals[i])
                images: list[int | None] = []
                for piece, part in enumerate(parts, first):
                    if part.is_point or not forms[piece].slope:
                        images.append(None)
                        continue
                    image = part.image(forms[piece])
                    if numbers.setdefault(image, len(numbers)) == len(found.intervals):
                        found.intervals.append(image)
                    images.append(numbers[image])
                found.splits[i] = Split(first, tuple(images))
            images_of = found.splits[i].images
            level |= dict.fromkeys(image for image in images_of if image is not None)
        work += len(level)
        if work > WORK_LIMIT:
            raise LimitReached("too many different intervals come up; lower the iterate")
        found.levels.append(list(level))
    return found


def split(function: Sawtooth, interval: Interval) -> tuple[int, list[Interval], list[Meeting]]:
    """Cut an interval at the breakpoints.

    Returns the piece of the first part, all parts, and the cuts at which they meet.
    """
    cuts = function.cuts
    low, high = interval.low, interval.high
    first = 0 if low is None else sum(cut <= Cut(low, not interval.owns_low) for cut in cuts)
    last = len(cuts)
    if high is not None:
        last = sum(cut < Cut(high, interval.owns_high) for cut in cuts)
    parts, left, owns_left = [], low, interval.owns_low
    for cut in cuts[first:last]:
        parts.append(Interval(left, cut.at, owns_left, cut.closed))
        left, owns_left = cut.at, not cut.closed
    parts.append(Interval(left, high, owns_left, interval.owns_high))
    meetings = [
        # All that is left of a cut is a point only if that is the first part.
        (cut, (cut == first and here.is_point) if cuts[cut].closed else after.is_point)
        for cut, (here, after) in enumerate(pairwise(parts), first)
    ]
    return first, parts, meetings


class Germ(NamedTuple):
    """What f^n does just beside a breakpoint: the place it is sent to, and the slope.

    The slope is given by the exponents of its absolute value; its sign shows in the place.
    """

    place: int
    slope: tuple[int, ...]


class Orbits:
    """Follows f from beside its breakpoints; every place met has a number."""

    def __init__(self, function: Sawtooth) -> None:
        self.function = function
        self.forms = [function.forms(piece)[0] for piece in range(function.count)]
        self.base = coprime_base([form.slope for form in self.forms if form.slope])
        self.exponents = [exponents(form.slope, self.base) for form in self.forms]
        self.numbers: dict[Place, int] = {}
        self.places: list[Place] = []
        self.steps: list[Step | None] = []

    def number(self, place: Place) -> int:
        """Return the number of a place."""
        number = self.numbers.setdefault(place, len(self.places))
        if number == len(self.places):
            self.places.append(place)
            self.steps.append(None)
        return number

    def step(self, number: int) -> Step:
        """Return the step from a place."""
        step = self.steps[number]
        if step is None:
            at, side = self.places[number]
            piece = self.function.index_of(Cut(at, side >= 0), after=side > 0)
            form = self.forms[piece]
            turn = (form.slope > 0) - (form.slope < 0)
            step = Step(piece, self.number(Place(form(at), side * turn)))
            self.steps[number] = step
        return step

    def advance(self, germ: Germ) -> Germ:
        """Go from f^n to f^(n+1)."""
        piece, to = self.step(germ.place)
        factors = self.exponents[piece]
        return Germ(to, tuple(a + b for a, b in zip(germ.slope, factors, strict=True)))

    def joint(self, cut: int, alone: bool, times: int) -> tuple[Joint, list[bool]]:
        """Return the joint, and whether parts merge there for 0, 1, ... iterates."""
        at, closed = self.function.cuts[cut]
        orbit = tuple(self.number(Place(at, side)) for side in (-1, 1, 0))
        start = (0,) * len(self.base)
        left, right, value = Germ(orbit[0], start), Germ(orbit[1], start), orbit[2]
        merging = [False]
        for _ in range(times):
            left, right, value = self.advance(left), self.advance(right), self.step(value).to
            owner, other = (left, right) if closed else (right, left)
            merging.append(self.merge(owner, other, self.places[value].at, alone))
        switches = (n for n in range(1, times + 1) if merging[n] != merging[n - 1])
        return Joint(cut, alone, (orbit[0], orbit[1], orbit[2]), tuple(switches)), merging

    def merge(self, owner: Germ, other: Germ, value: Fraction, alone: bool) -> bool:
        """Say whether one affine function fits the last piece on the left and the first right.

        The part that owns the breakpoint ends in a piece that is a single point if it is one, or
        if its limit is not its value there; any affine function through the value fits that.
        """
        here, there = self.places[owner.place], self.places[other.place]
        if there.at != value:
            return False
        if alone or here.at != value:
            return True
        if here.side == 0 == there.side:
            return True
        return here.side == -there.side and owner.slope == other.slope


def coprime_base(numbers: list[Fraction]) -> list[int]:
    """Return pairwise coprime integers > 1 of whose powers all the numbers are products.

    >>> coprime_base([Fraction(12, 5), Fraction(2)])
    [2, 3, 5]
    """
    pending = [part for number in numbers for part in (abs(number.numerator), number.denominator)]
    base: list[int] = []
    while pending:
        entry = pending.pop()
        for i, known in enumerate(base):
            common = gcd(entry, known)
            if common > 1:
                del base[i]
                pending += [common, known // common, entry // common]
                break
        else:
            if entry > 1:
                base.append(entry)
    return sorted(base)


def exponents(number: Fraction, base: list[int]) -> tuple[int, ...]:
    """Return the exponents of a number's absolute value over a coprime base; 0 for 0.

    Products of such numbers are equal just when the sums of their exponents are.

    >>> exponents(Fraction(-12, 5), [2, 3, 5])
    (2, 1, -1)
    """
    powers = []
    for prime in base:
        power, top, bottom = 0, number.numerator, number.denominator
        while top and top % prime == 0:
            power, top = power + 1, top // prime
        while bottom % prime == 0:
            power, bottom = power - 1, bottom // prime
        powers.append(power)
    return tuple(powers)


def find_iteration(network: Network) -> Iteration | None:
    """Return the cell that the network iterates at least twice, or None.

    Found are repeated blocks of layers from one number to one number, possibly before an affine
    read-out that is not constant; and blocks whose read-out is merged into the next block's first
    layer, as in the merged form of the tent iterates.

    >>> from verifier.networks.examples import merged, tent_iterate
    >>> find_iteration(tent_iterate(1000)).times, find_iteration(merged(500)).times
    (1000, 500)
    """
    if network.inputs != 1 or network.outputs != 1:
        return None
    last = network.layers[-1]
    found = repeated(network.layers) or merged_blocks(network.layers)
    if found is None and len(network.layers) > 1 and is_injective(last):
        found = repeated(network.layers[:-1])
        return found and replace(found, read_out=last)
    return found


def is_injective(layer: Layer) -> bool:
    """Say whether a layer is an affine map of the line that is not constant."""
    if layer.activation is not None or layer.inputs != 1 or layer.outputs != 1:
        return False
    return layer.weights[0][0] != 0


def repeated(layers: tuple[Layer, ...]) -> Iteration | None:
    """Return the shortest block whose repetition gives all layers."""
    numbers: dict[Layer, int] = {}
    by_identity: dict[int, int] = {}
    for layer in layers:
        if id(layer) not in by_identity:
            by_identity[id(layer)] = numbers.setdefault(layer, len(numbers))
    word = [by_identity[id(layer)] for layer in layers]
    for period in range(1, len(word) // 2 + 1):
        ends = (layers[0].inputs, layers[period - 1].outputs)
        if len(word) % period == 0 and ends == (1, 1) and word[period:] == word[:-period]:
            return Iteration(Network(1, layers[:period]), len(word) // period)
    return None


def merged_blocks(layers: tuple[Layer, ...]) -> Iteration | None:
    """Return the cell if every inner layer is the first one after the read-out."""
    if len(layers) < 3:
        return None
    first, *inner, last = layers
    if last.activation is not None or last.inputs != first.outputs:
        return None
    joined = Layer(
        tuple(tuple(a * b for b in last.weights[0]) for (a,) in first.weights),
        tuple(a * last.bias[0] + b for (a,), b in zip(first.weights, first.bias, strict=True)),
        first.activation,
    )
    if any(layer is not inner[0] and layer != inner[0] for layer in inner) or inner[0] != joined:
        return None
    return Iteration(Network(1, (first, last)), len(inner) + 1)
