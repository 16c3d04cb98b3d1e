"""Labelled points on a line: the fewest errors a network must make, and a network that makes few.

The lower bound is that of the theorem ``network-errors-fewest``; the dynamic programme here
computes the function ``fewest_errors`` that the theorem speaks of.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby, pairwise
from math import prod
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from verifier.errors import BadInput, LimitReached, VerifierError
from verifier.networks.activations import IDENTITY, RELU, Activation
from verifier.networks.examples import merged, tent_iterate
from verifier.networks.formats.json_format import parse_number
from verifier.networks.model import Layer, Network

HALF: Final = Fraction(1, 2)
MOST_POINTS: Final = 1_000_000
# Cells of the dynamic programme's table.
MOST_CELLS: Final = 2_000_000_000
# Cells of the table of choices, one byte each, kept to recover the best classes.
MOST_CHOICES: Final = 200_000_000
# Weights of a network that is written out.
MOST_WEIGHTS: Final = 2_000_000
# Points times weights up to which every output is evaluated again.
MOST_CHECKED: Final = 20_000_000

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Place:
    """A distinct point with the number of its labels 0 and 1."""

    at: Fraction
    zeros: int
    ones: int

    @property
    def forced(self) -> int:
        """Errors every classifier makes here: it gives all copies one class."""
        return min(self.zeros, self.ones)

    @property
    def weight(self) -> int:
        """How many more ones than zeros."""
        return self.ones - self.zeros


@dataclass(frozen=True)
class Points:
    """Labelled points on a line, distinct places in increasing order."""

    places: tuple[Place, ...]

    @classmethod
    def of(cls, pairs: Sequence[tuple[Fraction, int]]) -> Points:
        """Sort pairs of a point and its label 0 or 1; equal points are counted together.

        >>> Points.of([(Fraction(1), 0), (Fraction(0), 1), (Fraction(1), 1)]).places[1].forced
        1
        """
        ordered = sorted(pairs)
        places = []
        for at, copies in groupby(ordered, key=lambda pair: pair[0]):
            labels = [label for _, label in copies]
            places.append(Place(at, labels.count(0), labels.count(1)))
        return cls(tuple(places))

    @property
    def count(self) -> int:
        """The number of points, copies included."""
        return sum(place.zeros + place.ones for place in self.places)

    @property
    def forced(self) -> int:
        """Errors that contradictory labels at one place force on every classifier."""
        return sum(place.forced for place in self.places)

    @property
    def labels(self) -> tuple[int, ...]:
        """The labels that are left, in order, once contradictory pairs are set aside."""
        return tuple(
            int(place.weight > 0) for place in self.places for _ in range(abs(place.weight))
        )

    @property
    def runs(self) -> int:
        """How often the remaining label changes, plus one; 0 if none is left."""
        return sum(1 for _ in groupby(self.labels))


def read_points(path: Path) -> Points:
    """Read rows ``x,label``: exact numbers and labels 0 or 1, in any order, a header allowed.

    Raises
    ------
    BadInput
        If the file cannot be read, or a row is not a number and a label.
    """
    where = str(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file, strict=True))
    except OSError as error:
        raise BadInput.unreadable(where, error) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(where, f"expected rows x,label in UTF-8: {error}") from error
    pairs = []
    for line, row in enumerate(rows, 1):
        if not row or (line == 1 and [cell.strip() for cell in row] == ["x", "label"]):
            continue
        pairs.append(read_row(row, where, f"row {line}"))
    if not pairs:
        raise BadInput(where, "expected at least one row x,label")
    if len(pairs) > MOST_POINTS:
        raise BadInput(where, f"expected at most {MOST_POINTS} rows, found {len(pairs)}")
    return Points.of(pairs)


def read_row(row: list[str], where: str, place: str) -> tuple[Fraction, int]:
    """Return the point and the label of a row."""
    if len(row) != 2:
        raise BadInput(where, f"expected x,label, found {len(row)} cells", place)
    label = row[1].strip()
    if label not in ("0", "1"):
        raise BadInput(where, f"expected the label 0 or 1, found {label[:20]!r}", place)
    try:
        return parse_number(row[0].strip()), int(label)
    except ValueError as error:
        raise BadInput(where, str(error), place) from error


@dataclass(frozen=True)
class Labelling:
    """The best classes with few runs: ``first`` left of all ``switches``, then alternating."""

    first: int
    switches: tuple[Fraction, ...]

    def __call__(self, x: Fraction) -> int:
        """Return the class of a point that is no switch."""
        return (self.first + bisect_right(self.switches, x)) % 2


def fewest_errors(labels: Sequence[int], runs: int, last: int) -> int:
    """Return the kernel's ``fewest_errors(labels, runs, last, n)``, fast.

    The least number of errors of classes with at most ``runs`` runs, the last of class ``last``.

    Examples
    --------
    >>> fewest_errors([0, 1, 0, 1], 2, 1)
    1

    Raises
    ------
    LimitReached
        If the table has more than ``MOST_CELLS`` cells.
    """
    weights = [sum(1 if y else -1 for y in run) for _, run in groupby(labels)]
    if weights and abs(weights[-1]) > 1:
        # The last point may be put in the other class alone.
        single = 1 if weights[-1] > 0 else -1
        weights[-1:] = [weights[-1] - single, single]
    return table(weights, runs)[last]


def table(weights: Sequence[int], runs: int) -> tuple[int, int]:
    """The fewest errors on groups of equal labels, each in one class, for last class 0 and 1.

    One class a group costs nothing, the last point aside: a change of class inside a group moves
    to an end of it without more errors or runs.
    """
    depth = max(1, min(runs, len(weights) + 1))
    if depth * len(weights) > MOST_CELLS:
        raise LimitReached(
            f"the dynamic programme has {depth} by {len(weights)} cells, more than {MOST_CELLS}"
        )
    least = np.zeros((2, depth), dtype=np.int64)
    for weight in weights:
        least = advance(least, weight)
    return int(least[0, -1]), int(least[1, -1])


def advance(least: Counts, weight: int) -> Counts:
    """One more group: ``least[c, r]`` is for at most r + 1 runs, the last of class c."""
    after = least.copy()
    np.minimum(least[:, 1:], least[::-1, :-1], out=after[:, 1:])
    # Class 0 errs on the ones, class 1 on the zeros.
    after[0 if weight > 0 else 1] += abs(weight)
    return after


def best_labelling(points: Points, runs: int) -> Labelling:
    """Return classes with at most ``runs`` runs that make the fewest errors.

    Raises
    ------
    LimitReached
        If too many choices would have to be kept.
    """
    groups = [
        list(group)
        for _, group in groupby(
            (p for p in points.places if p.weight), key=lambda place: place.weight > 0
        )
    ]
    if len(groups) <= runs:
        switches = [(a[-1].at + b[0].at) / 2 for a, b in pairwise(groups)]
        return Labelling(int(bool(groups) and groups[0][0].weight > 0), tuple(switches))
    depth = max(1, runs)
    if 2 * depth * len(groups) > MOST_CHOICES:
        raise LimitReached(f"{depth} runs over {len(groups)} groups are too many choices to keep")
    least = np.zeros((2, depth), dtype=np.int64)
    switched = []
    for group in groups:
        change = np.zeros((2, depth), dtype=bool)
        change[:, 1:] = least[::-1, :-1] < least[:, 1:]
        switched.append(change)
        least = advance(least, sum(place.weight for place in group))
    current, row = int(least[1, -1] < least[0, -1]), depth - 1
    switches = []
    for i in range(len(groups) - 1, 0, -1):
        if switched[i][current, row]:
            current, row = 1 - current, row - 1
            switches.append((groups[i - 1][-1].at + groups[i][0].at) / 2)
    return Labelling(current, tuple(reversed(switches)))


def errors(points: Points, network: Network) -> int:
    """Count the errors of a network's classifier, every output evaluated exactly."""
    made = 0
    for place in points.places:
        high = network.evaluate([place.at])[0] >= HALF
        made += place.zeros if high else place.ones
    return made


@dataclass(frozen=True)
class Found:
    """A network that makes few errors.

    Attributes
    ----------
    errors:
        How many, contradictory labels included.
    how:
        What it computes.
    network:
        With the widths asked for; None if it is too large to write out.
    checked:
        Whether every output was evaluated again and the errors counted.
    """

    errors: int
    how: str
    network: Network | None
    checked: bool


@dataclass(frozen=True)
class Answer:
    """The fewest errors a network can make, from both sides.

    Attributes
    ----------
    pieces, runs:
        What the theorem allows the network and its classifier.
    at_least:
        Errors that no such network avoids.
    found:
        The best network found.
    """

    pieces: int
    runs: int
    at_least: int
    found: Found


def fewest_of_networks(points: Points, widths: Sequence[int], t: int) -> Answer:
    """Bound the errors of networks of given widths with t-piece activations, from both sides.

    Below by the theorem, at 2·∏ (m_i(t − 1) + 1) runs; above by a relu network of these widths
    (an affine one for t = 1).

    Examples
    --------
    >>> grid = Points.of([(Fraction(i, 8), i % 2) for i in range(8)])
    >>> answer = fewest_of_networks(grid, (1,), 2)
    >>> answer.runs, answer.at_least, answer.found.errors
    (4, 2, 3)

    Raises
    ------
    LimitReached
        If the dynamic programme would be too large.
    """
    pieces = prod(width * (t - 1) + 1 for width in widths)
    runs, labels = 2 * pieces, points.labels
    left = 0 if points.runs <= runs else min(fewest_errors(labels, runs, c) for c in (0, 1))
    return Answer(pieces, runs, points.forced + left, best_network(points, widths, t))


def best_network(points: Points, widths: Sequence[int], t: int) -> Found:
    """Return the best of a zigzag through the best classes and of the tent's iterates."""
    spare = affine_pieces(widths)[0] if t > 1 else 1
    classes = best_labelling(points, spare + 1)
    made = sum(place.zeros if classes(place.at) else place.ones for place in points.places)
    how = f"{len(classes.switches) + 1} runs, changing class at best places"
    folds = best_fold(points, widths) if t > 1 else None
    weights = sum(a * (b + 1) for a, b in pairwise((*widths, 1))) + widths[0]
    network = None
    if folds is not None and folds[0] < made:
        made, fold = folds
        how = f"tent^{fold.times} of an affine map"
    if weights <= MOST_WEIGHTS:
        if how.startswith("tent"):
            network = folded_network(fold, widths)
        else:
            network = zigzag_network(classes, points.places[0].at, points.places[-1].at, widths, t)
    checked = network is not None and len(points.places) * weights <= MOST_CHECKED
    if network is not None and checked and errors(points, network) != made:
        raise VerifierError("the network found does not make the errors it was built to make")
    return Found(made, how, network, checked)


def affine_pieces(widths: Sequence[int]) -> tuple[int, int]:
    """Return how many pieces a zigzag may have, and the last layer that adds any.

    One unit of each layer up to there hands on x, one the sum so far; the others are hinges.
    """
    best, last = widths[0], 1
    hinges = widths[0] - 1
    for layer, width in enumerate(widths[1:], 2):
        if hinges + width > best:
            best, last = hinges + width, layer
        if width < 2:
            break
        hinges += width - 2
    return best, last


Rows = list[list[Fraction]]


def stacked(
    layers: list[tuple[Rows, list[Fraction]]],
    read_out: tuple[list[Fraction], Fraction],
    widths: Sequence[int],
    activation: Activation,
) -> Network:
    """Return a network of exactly these widths: units of weight 0 fill the layers up.

    Layers that are missing hand the output on, which activation relu does not change where the
    class is 1, nor the class anywhere.
    """
    zero, one = Fraction(0), Fraction(1)
    while len(layers) < len(widths):
        row, offset = read_out
        layers = [*layers, ([row], [offset])]
        read_out = ([one], zero)
    built, before = [], 1
    for (rows, bias), width in zip(layers, widths, strict=True):
        full = [row + [zero] * (before - len(row)) for row in rows]
        full += [[zero] * before] * (width - len(rows))
        offsets = [*bias, *[zero] * (width - len(bias))]
        built.append(Layer(tuple(map(tuple, full)), tuple(offsets), activation))
        before = width
    row, offset = read_out
    built.append(Layer((tuple(row + [zero] * (before - len(row))),), (offset,)))
    return Network(1, tuple(built))


def zigzag_network(
    classes: Labelling, low: Fraction, high: Fraction, widths: Sequence[int], t: int
) -> Network:
    """Return a network that crosses 1/2 with slope 1 or −1 at each switch, on [low, high]."""
    one, zero = Fraction(1), Fraction(0)
    switches = classes.switches
    if not switches:
        return stacked([([[zero]], [zero])], ([zero], Fraction(classes.first)), widths, IDENTITY)
    rise = one if classes.first == 0 else -one
    start = HALF + rise * (low - switches[0])
    if t == 1:
        return stacked([([[one]], [-low])], ([rise], start), widths, IDENTITY)
    # Hinges between neighbouring switches turn the slope round, in terms of x − low.
    turns = [(a + b) / 2 - low for a, b in pairwise(switches)]
    steps = [2 * rise * (1 if i % 2 else -1) for i in range(len(turns))]
    _, last = affine_pieces(widths)
    shift = 2 * (high - low) * (len(turns) + 1) + abs(start)
    layers: list[tuple[Rows, list[Fraction]]] = []
    waiting: list[Fraction] = []
    for number, width in enumerate(widths[:last], 1):
        first, final = number == 1, number == last
        rows: Rows = []
        bias: list[Fraction] = []
        if not final or first:
            rows.append([one])
            bias.append(-low if first else zero)
        if not first:
            # The sum so far, shifted so that relu leaves it alone; x − low joins it at the end.
            carried = [] if number == 2 else [one]
            rows.append([rise if final else zero, *carried, *waiting])
            bias.append(shift + start if number == 2 else zero)
        room = width - len(rows)
        here, turns = turns[:room], turns[room:]
        waiting, steps = steps[:room], steps[room:]
        rows += [[one] for _ in here]
        bias += [-low - turn if first else -turn for turn in here]
        layers.append((rows, bias))
    if last == 1:
        return stacked(layers, ([rise, *waiting], start), widths, RELU)
    return stacked(layers, ([one, *waiting], -shift), widths, RELU)


@dataclass(frozen=True)
class Fold:
    """tent^times of slope·x + shift, its classes exchanged if ``flipped``."""

    times: int
    slope: Fraction
    shift: Fraction
    flipped: bool

    def high(self, x: Fraction) -> bool:
        """Say whether the class is 1."""
        place = self.slope * x + self.shift
        folded = place * 2**self.times % 2 if 0 <= place <= 1 else Fraction(0)
        value = min(folded, 2 - folded)
        return (1 - value if self.flipped else value) >= HALF


def best_fold(points: Points, widths: Sequence[int]) -> tuple[int, Fold] | None:
    """Return the iterate of the tent, stretched over the points, with the fewest errors."""
    low, high = points.places[0].at, points.places[-1].at
    if low == high:
        return None
    gap = (high - low) / (len(points.places) - 1)
    best = None
    for times in range(1, min(most_folds(widths), points.runs.bit_length() + 1) + 1):
        for length in (high - low, high - low + gap):
            for flipped in (False, True):
                fold = Fold(times, 1 / length, -low / length, flipped)
                made = sum(p.zeros if fold.high(p.at) else p.ones for p in points.places)
                if best is None or made < best[0]:
                    best = made, fold
    return best


def most_folds(widths: Sequence[int]) -> int:
    """Return the largest iterate of the tent that a network of these widths computes."""
    twos = next((i for i, width in enumerate(widths) if width < 2), len(widths))
    others = next((i for i, width in enumerate(widths) if width < 2 - i % 2), len(widths)) // 2
    return max(twos if twos > 1 else 0, others)


def folded_network(fold: Fold, widths: Sequence[int]) -> Network:
    """Return the network of a fold, in the form the widths have room for."""
    short = fold.times > 1 and all(width > 1 for width in widths[: fold.times])
    whole = merged(fold.times) if short and len(widths) >= fold.times else tent_iterate(fold.times)
    layers: list[tuple[Rows, list[Fraction]]] = [
        ([list(row) for row in layer.weights], list(layer.bias)) for layer in whole.layers
    ]
    rows, bias = layers[0]
    layers[0] = (
        [[entry * fold.slope for entry in row] for row in rows],
        [row[0] * fold.shift + entry for row, entry in zip(rows, bias, strict=True)],
    )
    weights, offset = [Fraction(1)], Fraction(0)
    if whole.layers[-1].activation is None:
        (weights,), (offset,) = layers.pop()
    if fold.flipped:
        weights, offset = [-entry for entry in weights], 1 - offset
    return stacked(layers, (weights, offset), widths, RELU)
