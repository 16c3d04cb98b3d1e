"""The networks of the depth-separation lecture: tents, their iterates, and shallow rivals.

Source: M. Telgarsky, *Representation benefits of deep feedforward networks*, arXiv 1509.08101.
``h(x) = 2 relu(x) - 4 relu(x - 1/2)`` and ``tent(x) = relu(h(x))``.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from verifier.errors import BadInput
from verifier.networks.activations import RELU
from verifier.networks.model import Layer, Network, iterate

HALF: Final = Fraction(1, 2)
LARGEST_SHALLOW: Final = 20


def skewed_tent(peak: Fraction) -> Network:
    """Return the tent with value 1 at ``peak``, 0 at 0 and 1, and 0 outside [0, 1].

    Two relu layers of widths 2 and 1, on all of the real line.

    Raises
    ------
    BadInput
        If the peak is not strictly between 0 and 1.

    Examples
    --------
    >>> [skewed_tent(Fraction(1, 3)).evaluate([Fraction(x, 6)])[0] for x in (-1, 1, 2, 4, 9)]
    [Fraction(0, 1), Fraction(1, 2), Fraction(1, 1), Fraction(1, 2), Fraction(0, 1)]
    """
    if not 0 < peak < 1:
        raise BadInput("peak", f"expected a number strictly between 0 and 1, found {peak}")
    up, down = 1 / peak, 1 / (1 - peak)
    one = Fraction(1)
    ramps = Layer(((one,), (one,)), (Fraction(0), -peak), RELU)
    return Network(1, (ramps, Layer(((up, -up - down),), (Fraction(0),), RELU)))


def tent() -> Network:
    """Return ``tent``: 2x on [0, 1/2], 2 - 2x on [1/2, 1], and 0 elsewhere.

    >>> tent().widths, tent().evaluate([Fraction(1, 3)])
    ((2, 1), (Fraction(2, 3),))
    """
    return skewed_tent(HALF)


def tent_iterate(k: int) -> Network:
    """Return ``tent^k``: 2k relu layers of widths 2, 1, 2, 1, ..., for k >= 1.

    >>> tent_iterate(60).evaluate([1 - Fraction(1, 2**60)])
    (Fraction(1, 1),)
    """
    return iterate(tent(), positive(k))


def merged(k: int) -> Network:
    """Return ``tent^k`` as k relu layers of width 2 and an affine read-out, for k >= 2.

    The relu layer of width 1 between two tents merges into the next layer, because
    relu(relu(y) - 1/2) = relu(y - 1/2). For k = 1 that would lose the last relu and with it
    the value 0 outside [0, 1], hence k >= 2.

    >>> merged(3).widths
    (2, 2, 2, 1)
    """
    if k < 2:
        raise BadInput("k", f"expected at least 2 for the merged form, found {k}")
    cell = tent()
    ramps, height = cell.layers
    (rise,) = height.weights
    inner = Layer((rise, rise), ramps.bias, RELU)
    return Network(1, (ramps, *([inner] * (k - 1)), Layer((rise,), height.bias)))


def shallow_sawtooth(k: int) -> Network:
    """Return one relu layer of 2^k units and a read-out, equal to ``tent^k`` on [0, 1].

    Unit i is relu(x - i/2^k); beyond 1 the last slope goes on, so equality ends there.

    >>> shallow_sawtooth(3).widths, shallow_sawtooth(3).evaluate([Fraction(3, 8)])
    ((8, 1), (Fraction(1, 1),))
    """
    if not 1 <= k <= LARGEST_SHALLOW:
        raise BadInput("k", f"expected 1 to {LARGEST_SHALLOW} for 2^k units, found {k}")
    units = 2**k
    ramps = Layer(((Fraction(1),),) * units, tuple(Fraction(-i, units) for i in range(units)), RELU)
    up, down = Fraction(2 * units), Fraction(-2 * units)
    slopes = (Fraction(units), *(down if i % 2 else up for i in range(1, units)))
    return Network(1, (ramps, Layer((slopes,), (Fraction(0),))))


def positive(k: int) -> int:
    """Return k if it is at least 1."""
    if k < 1:
        raise BadInput("k", f"expected at least 1, found {k}")
    return k
