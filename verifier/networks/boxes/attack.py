"""Points of a box that look unsafe in floats: the best of many, improved step by step.

How much all constraints of a conjunction hold at a point, their *score*, is the smallest of
their left-hand sides. From the best points of a sample it is climbed by two kinds of steps: along
gradients, weighted so that constraints near the smallest count most, and to random neighbours;
where the gradient is zero or leads into a ridge, the other still gains. Nothing is trusted here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from verifier.networks.boxes.bounds import FloatNetwork

Array = npt.NDArray[np.float64]
Group = npt.NDArray[np.int64]

# Multiplications that a sample may cost.
WORK: Final = 10**9
# Points of a sample, those evaluated at a time, and numbers held at a time.
SAMPLE: Final = (1024, 2**16)
CHUNK: Final = 4096
NUMBERS: Final = 2**25
# Points that climb, their steps, and how far a step leads, in widths of the box.
CLIMBERS: Final = (16, 64)
STEPS: Final = (40, 200)
FIRST_STEP: Final = 0.1
STEP_RANGE: Final = (1e-7, 0.5)
# Conjunctions climbed for, and how often points are offered for one of them.
GROUPS: Final = 16
OFFERS: Final = 16
# Constraints within this part of the mean distance from the smallest share the gradient.
SOFTNESS: Final = 0.2


def promising(
    floats: FloatNetwork,
    groups: Sequence[Group],
    low: Array,
    high: Array,
    work: int = WORK,
    seed: int = 0,
) -> Iterator[Array]:
    """Yield points of the box, shape (points, inputs), that deserve an exact look.

    Parameters
    ----------
    groups:
        For each conjunction the numbers of its forms; a point is unsafe if all forms of one
        are non-negative.
    work:
        About how many multiplications the sample may cost, and each climb a few times that.
    """
    random = np.random.default_rng(seed)
    size = sum(layer.weights.size for layer in floats.layers) + floats.rows.size
    room = NUMBERS // (len(low) + len(floats.rows))
    climbers = within(CLIMBERS, work // size // 256)
    steps = within(STEPS, work // (climbers * size))
    count = within(SAMPLE, min(work // size, room)) // climbers * climbers
    points = low + random.random((count, len(low))) * (high - low)
    parts = [points[i : i + CHUNK] for i in range(0, count, CHUNK)]
    with np.errstate(all="ignore"):
        values = np.concatenate([floats.forms(part) for part in parts])
        scores = np.stack([values[:, group].min(axis=1) for group in groups])
        scores = np.where(np.isfinite(scores), scores, -np.inf)
        yield points[scores.argmax(axis=1)]
        for i in np.argsort(-scores.max(axis=1))[:GROUPS]:
            # The best of each part of the sample: good, and apart from each other.
            first = scores[i].reshape(climbers, -1).argmax(axis=1)
            start = points[first + np.arange(climbers) * (count // climbers)]
            yield from climb(floats, groups[i], start, low, high, steps, random)


def within(ends: tuple[int, int], number: int) -> int:
    """Return the number, or the end it lies beyond."""
    return max(ends[0], min(ends[1], number))


def climb(
    floats: FloatNetwork,
    group: Group,
    points: Array,
    low: Array,
    high: Array,
    steps: int,
    random: np.random.Generator,
) -> Iterator[Array]:
    """Improve points step by step; yield those that look unsafe, and in the end all."""
    here, width = points.copy(), high - low
    values = floats.forms(here)[:, group]
    step = np.full(len(here), FIRST_STEP)
    offers = 0
    for _ in range(steps):
        slope = floats.gradients(here, weights(values, group, len(floats.rows))) * width
        slope /= np.abs(slope).max(axis=1, keepdims=True) + 1e-300
        noise = random.normal(size=here.shape) * (random.random(here.shape) < 0.5)
        moved = np.zeros(len(here), dtype=bool)
        for direction in (slope, noise):
            tried = np.clip(here + direction * width * step[:, None], low, high)
            reached = floats.forms(tried)[:, group]
            better = reached.min(axis=1) > values.min(axis=1)
            here[better], values[better] = tried[better], reached[better]
            moved |= better
        step = np.clip(np.where(moved, step * 1.5, step * 0.8), *STEP_RANGE)
        unsafe = moved & (values.min(axis=1) >= 0)
        if unsafe.any() and offers < OFFERS:
            offers += 1
            yield here[unsafe]
    yield here


def weights(values: Array, group: Group, forms: int) -> Array:
    """Return what each form counts at each point, most where the conjunction's forms are least."""
    above = values - values.min(axis=1, keepdims=True)
    share = np.exp(-above / (SOFTNESS * above.mean(axis=1, keepdims=True) + 1e-300))
    out = np.zeros((len(values), forms))
    out[:, group] = share / share.sum(axis=1, keepdims=True)
    return out
