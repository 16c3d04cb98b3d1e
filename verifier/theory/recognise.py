"""Networks that are instances of the library's theorems; nothing here needs a solver."""

from __future__ import annotations

from fractions import Fraction

from verifier.networks.activations import RELU
from verifier.networks.examples import HALF, tent
from verifier.networks.model import Layer, Network
from verifier.networks.pieces.counting import Iteration, find_iteration
from verifier.networks.pieces.partition import pieces_of
from verifier.networks.piecewise import first_difference

# A cell with more parameters than this is not compared with the tent.
LARGEST_CELL = 100


def hat() -> Network:
    """Return the hat, 2 relu(x) − 4 relu(x − 1/2): the tent without its last relu.

    >>> hat().evaluate([Fraction(2)])
    (Fraction(-2, 1),)
    """
    one = Fraction(1)
    ramps = Layer(((one,), (one,)), (Fraction(0), -HALF), RELU)
    return Network(1, (ramps, Layer(((2 * one, -4 * one),), (Fraction(0),))))


def tent_iteration(network: Network) -> tuple[Iteration, bool] | None:
    """Return a network as copies of one cell that computes the tent, or (True) the hat, or None.

    Examples
    --------
    >>> from verifier.networks.examples import merged, skewed_tent, tent_iterate
    >>> tent_iteration(tent_iterate(1000))[0].times, tent_iteration(merged(20))[1]
    (1000, True)
    >>> tent_iteration(skewed_tent(Fraction(1, 3)))
    """
    iteration = find_iteration(network)
    if iteration is None or iteration.read_out is not None:
        return None
    if iteration.cell.parameters > LARGEST_CELL:
        return None
    cell = pieces_of(iteration.cell).function
    for rival, is_hat in ((tent(), False), (hat(), True)):
        if first_difference(cell, pieces_of(rival).function) is None:
            return iteration, is_hat
    return None
