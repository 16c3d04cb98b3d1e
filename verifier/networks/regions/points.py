"""Points of a box at which networks that differ are likely to differ."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

from verifier.networks.certificates.regions_tree import Question
from verifier.networks.numbers.inequalities import ZERO, Form, Vector, value_at
from verifier.networks.regions.search import bend, preactivation, root

# Random points, and how many of these lead to points at breakpoints.
POINTS: Final = 48
CENTRES: Final = 3
# Magnitudes of coordinates where the box is unbounded.
SCALES: Final = (1, 1, 8, 1000)
STEPS: Final = 2**10


def points(question: Question, seed: int = 0) -> Iterator[Vector]:
    """Yield corners, random points, and points where units meet breakpoints.

    Examples
    --------
    >>> from verifier.networks.examples import tent
    >>> box = Question((tent(),), (ZERO,), (Fraction(1),), ())
    >>> all(0 <= x <= 1 for x, in points(box))
    True
    """
    chance = random.Random(seed)  # noqa: S311 - nothing here is secret
    inner = [random_point(question, chance) for _ in range(POINTS)]
    yield corner(question.low, question.high)
    yield corner(question.high, question.low)
    yield from inner
    for centre in inner[:CENTRES]:
        yield from filter(question.contains, at_breakpoints(question, centre))


def corner(ends: Sequence[Fraction | None], others: Sequence[Fraction | None]) -> Vector:
    """Return a corner of a box; where it is unbounded, the other end or 0."""
    pairs = zip(ends, others, strict=True)
    return tuple(next((e for e in pair if e is not None), ZERO) for pair in pairs)


def random_point(question: Question, chance: random.Random) -> Vector:
    """Return a point of the box."""
    scale = chance.choice(SCALES)
    point = []
    for low, high in zip(question.low, question.high, strict=True):
        part = Fraction(chance.randint(0, STEPS), STEPS)
        if low is not None and high is not None:
            point.append(low + part * (high - low))
        elif low is not None:
            point.append(low + scale * part)
        elif high is not None:
            point.append(high - scale * part)
        else:
            point.append(scale * (2 * part - 1))
    return tuple(point)


def at_breakpoints(question: Question, centre: Vector) -> Iterator[Vector]:
    """Yield, for each unit and breakpoint, the nearest point where they meet.

    Nearest as if the networks were affine everywhere as they are around the centre.
    """
    values: list[Form] = list(root(question).values)
    for unit in question.units:
        form = preactivation(unit, values)
        value = value_at(form, centre)
        size = sum((c * c for c in form[:-1]), ZERO)
        if size:
            for cut in unit.cuts:
                step = (cut.at - value) / size
                yield tuple(x + step * c for x, c in zip(centre, form, strict=False))
        piece = unit.activation.index(value) if unit.activation else 0
        values.append(bend(form, unit.activation, piece))
