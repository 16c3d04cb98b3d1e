"""The exact last resort: a network on a small box, one affine region at a time."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from verifier.networks.certificates.regions_check import check_splits
from verifier.networks.certificates.regions_tree import Question, Tree
from verifier.networks.model import Network
from verifier.networks.property import Conjunction
from verifier.networks.regions.search import settle

Vector = tuple[Fraction, ...]


def find_unsafe(
    network: Network,
    low: Sequence[Fraction],
    high: Sequence[Fraction],
    unsafe: Sequence[Conjunction],
    *,
    limit: int,
    seconds: float = 60.0,
) -> Vector | Tree:
    """Return an input of the box that is unsafe, or a checked tree that shows there is none.

    Parameters
    ----------
    limit:
        How many questions z3 may be asked.
    seconds:
        How long all of them may take.

    Raises
    ------
    LimitReached
        If the limit is hit, or z3 gives up.

    Examples
    --------
    >>> from verifier.networks.activations import ABS
    >>> from verifier.networks.model import Layer
    >>> from verifier.networks.property import Constraint
    >>> one = Fraction(1)
    >>> size = Network(1, (Layer(((one,),), (Fraction(0),), ABS),))
    >>> above = lambda strict: [(Constraint((Fraction(0),), (one,), -one, strict),)]
    >>> find_unsafe(size, [-one], [one], above(True), limit=20).regions
    2
    >>> find_unsafe(size, [-one], [one / 2], above(False), limit=20)
    (Fraction(-1, 1),)
    """
    question = Question((network,), tuple(low), tuple(high), tuple(unsafe))
    middle = tuple((a + b) / 2 for a, b in zip(low, high, strict=True))
    found = settle(question, [middle], limit=limit, seconds=seconds)
    if isinstance(found, Tree):
        check_splits(question, found)
    return found
