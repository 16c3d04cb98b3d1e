"""What is asked about boxes: sums of constraints, on which sides of breakpoints units lie.

The search and the checks of its answers both speak of these; neither is believed about them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from verifier.networks.boxes.rounding import round_down, round_up
from verifier.networks.model import Network

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Sums:
    """For each conjunction of constraints (row) the sum of its forms, times multipliers.

    If a sum with non-negative multipliers is negative, not all forms are non-negative; a sum of
    zero is enough if it has a form that must be positive. Rows are filled up with form 0; what
    stands there must have multiplier 0.
    """

    members: npt.NDArray[np.int64]
    strict: npt.NDArray[np.bool_]

    @staticmethod
    def of(conjunctions: Sequence[Iterable[int]], strict: Sequence[bool]) -> Sums:
        """Return the sums for conjunctions given by the numbers of their forms."""
        rows = list(zip_longest(*conjunctions, fillvalue=0))
        members = np.array(rows, dtype=np.int64).T
        return Sums(members, np.array(strict)[members])

    def close(self, values: Array, weights: Array) -> npt.NDArray[np.bool_]:
        """Whether such values show that no conjunction holds anywhere on a box."""
        return np.asarray(self.fail(values, weights).all(axis=1))

    def fail(self, values: Array, weights: Array) -> npt.NDArray[np.bool_]:
        """Whether such values of the sums show that their conjunctions hold nowhere."""
        strict = ((weights > 0) & self.strict).any(axis=2)
        return np.asarray((values < 0) | ((values == 0) & strict))


class Phase(NamedTuple):
    """Where a unit lies before its activation: at most at a breakpoint, or at least there."""

    layer: int
    unit: int
    cut: int
    above: bool


@dataclass(frozen=True)
class Sides:
    """What phases say of each unit: a least and a greatest value, shapes (boxes, units).

    Numbers are rounded outward, and infinite where nothing is known.
    """

    floors: tuple[Array, ...]
    ceilings: tuple[Array, ...]

    @staticmethod
    def of(network: Network, phases: Sequence[Sequence[Phase]]) -> Sides | None:
        """Return what each box's phases say; None if there are none."""
        if not any(phases):
            return None
        floors = tuple(np.full((len(phases), width), -np.inf) for width in network.widths)
        ceilings = tuple(np.full((len(phases), width), np.inf) for width in network.widths)
        for box, known in enumerate(phases):
            for layer, unit, cut, above in known:
                activation = network.layers[layer].activation
                if activation is None:
                    raise ValueError(f"layer {layer} has no activation")
                at = activation.cuts[cut].at
                if above:
                    floors[layer][box, unit] = max(floors[layer][box, unit], round_down(at))
                else:
                    ceilings[layer][box, unit] = min(ceilings[layer][box, unit], round_up(at))
        return Sides(floors, ceilings)

    def part(self, chosen: slice | npt.NDArray[np.int64]) -> Sides:
        """Return what is said of some boxes."""
        return Sides(
            tuple(floor[chosen] for floor in self.floors),
            tuple(ceiling[chosen] for ceiling in self.ceilings),
        )


# For each layer signed multipliers (boxes, sums, units). A positive one, times what the unit
# exceeds its floor by, is added to the sum; a negative one, times what it exceeds its ceiling by.
Pushes = tuple[Array, ...]


def part_of(pushes: Pushes | None, chosen: slice | npt.NDArray[np.int64]) -> Pushes | None:
    """Return the multipliers for some boxes."""
    return None if pushes is None else tuple(push[chosen] for push in pushes)
