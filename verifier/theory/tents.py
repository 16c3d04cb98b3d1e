"""Networks that iterate the tent, for any number of iterates: instances of the library's theorems.

A network is read as so many copies of a cell by comparing its layers.  The cell becomes defined
functions; that it is the tent, and that its iterates are the tent's, the kernel proves, the latter
by induction.  What the library knows of tent^k then holds of the network.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from proofs.arithmetic import power
from proofs.gluing import needs_pieces
from proofs.pieces import iterate_pieces_line, iterate_pieces_lower, sawtooth_on
from proofs.sawtooth import sawtooth, sawtooth_congruence
from proofs.telgarsky import sawtooth_on_congruence
from proofs.tent import (
    exact_representation_merged,
    hat,
    hat_facts,
    hat_iterate,
    iterate,
    tent,
    tent_facts,
)
from verifier import kernel
from verifier.kernel import DEFINED, Theorem
from verifier.logic import INT, Symbol, Term, same, variable
from verifier.networks.model import Network
from verifier.proving import (
    Integer,
    Proof,
    Real,
    conjunction,
    forall,
    function,
    implies,
    integer,
    real,
)
from verifier.theory.concrete import Graph, Proved, X, applied, preactivation, proved
from verifier.theory.recognise import tent_iteration
from verifier.theory.values import number_of

K = variable("k", INT)


@dataclass(frozen=True)
class TentIterate:
    """A network that is its cell iterated ``times`` times; the cell is the tent, or the hat.

    Attributes
    ----------
    symbol:
        The iterates: ``symbol(k, x)``.
    merged:
        Whether the cell is the hat.
    """

    graph: Graph
    symbol: Symbol
    times: int
    merged: bool

    def at(self, x: Term) -> Term:
        """The network's output at x."""
        return self.symbol(self.times, x)

    def output(self) -> Term:
        """The network as a function."""
        return function(lambda x: self.at(x))

    def is_iterate(self, p: Proof) -> Theorem:
        """For all x the network's output is tent^k(x)."""
        rival, facts, iterates = (
            (hat, hat_facts, hat_iterate) if self.merged else (tent, tent_facts, iterate)
        )
        (cell,) = self.graph.outputs
        symbol = self.symbol

        def one_step(x: Term) -> Theorem:
            return p.have(cell(x) == rival(x), meanings(p, self.graph, x), facts(p, x))

        same_cell = p.for_all("x", Real, one_step)

        def claim(k: Term) -> Term:
            return forall(X, symbol(k, X) == iterates(k, X))

        def base() -> Theorem:
            zero = integer(0)
            return p.for_all(
                "x",
                Real,
                lambda x: p.have(
                    symbol(zero, x) == iterates(zero, x),
                    p.meaning(symbol(zero, x)),
                    p.meaning(iterates(zero, x)),
                ),
            )

        def step(k: Term, natural: Theorem, hypothesis: Theorem) -> Theorem:
            def at(x: Term) -> Theorem:
                return p.have(
                    symbol(k + 1, x) == iterates(k + 1, x),
                    p.successor(symbol(k + 1, x), natural),
                    p.successor(iterates(k + 1, x), natural),
                    p.at(hypothesis, cell(x)),
                    p.equal_values(lambda v: iterates(k, v), p.at(same_cell, x)),
                )

            return p.for_all("x", Real, at)

        times = integer(self.times)
        here = p.apply(p.induction("k", claim, base, step), times, given=[[]])
        if not self.merged:
            return here
        return p.for_all(
            "x",
            Real,
            lambda x: p.have(
                symbol(times, x) == iterate(times, x),
                p.at(here, x),
                exact_representation_merged(p, times, x, given=[[]]),
            ),
        )


def meanings(p: Proof, graph: Graph, x: Term) -> list[Theorem]:
    """The definitions of all units at x."""
    found: list[Theorem] = []
    for number, (layer, units) in enumerate(zip(graph.network.layers, graph.layers, strict=True)):
        previous = graph.layers[number - 1] if number else None
        for i, unit in enumerate(units):
            sum_ = preactivation(layer, i, previous, (x,))
            found += [p.meaning(unit.symbol(x)), *applied(p, layer.activation, sum_).meaning]
    return found


def tent_iterate_of(network: Network) -> TentIterate | None:
    """Read a network as iterates of the tent, or return None.

    Examples
    --------
    >>> from verifier.networks.examples import merged, skewed_tent, tent_iterate
    >>> tent_iterate_of(tent_iterate(1000)).times, tent_iterate_of(merged(20)).merged
    (1000, True)
    >>> tent_iterate_of(skewed_tent(Fraction(1, 3)))
    """
    found = tent_iteration(network)
    if found is None:
        return None
    iteration, is_hat = found
    graph = Graph(iteration.cell)
    return TentIterate(graph, iterates_of(graph), iteration.times, is_hat)


def iterates_of(graph: Graph) -> Symbol:
    """Define the iterates of a cell: x, and cell by cell."""
    (cell,) = graph.outputs
    name = f"iterate_{cell.name}"
    if name in DEFINED:
        known = DEFINED[name]
        if known.successor is None or not same(known.successor, known.symbol(K, cell(X))):
            raise kernel.errors.Redefinition(f"{name} is already defined as something else")
        return known.symbol
    return kernel.define_recursive(name, (K, X), K, X, lambda itself: itself(K, cell(X)))


def tent_pieces(
    network: Network, low: Fraction | None = None, high: Fraction | None = None
) -> tuple[Proved, int] | None:
    """Prove how many pieces a network that iterates the tent has on [0, 1] or on the line.

    Returns
    -------
    The theorem with the number of pieces: 2^k on [0, 1], 2^k + 2 on the line.  None if the network
    or the interval is another.

    Examples
    --------
    >>> from verifier.networks.examples import tent_iterate
    >>> found, count = tent_pieces(tent_iterate(3000))
    >>> count == 2**3000 + 2
    True
    """
    unit = (low, high) == (Fraction(0), Fraction(1))
    if not unit and (low, high) != (None, None):
        return None
    found = tent_iterate_of(network)
    if found is None:
        return None
    count = pieces_of_tent(found.times, unit)
    return proved("pieces", lambda p: count_pieces(p, found, unit)), int(number_of(count))


def pieces_of_tent(times: int, unit: bool) -> Term:
    """The number of pieces of an iterate of the tent, on [0, 1] or on the line."""
    on_unit = power(2, integer(times))
    return on_unit if unit else on_unit + 2


def count_pieces(p: Proof, found: TentIterate, unit: bool) -> Theorem:
    """At most so many pieces, and no fewer, on [0, 1] or on the line."""
    k, g, count = integer(found.times), found.output(), pieces_of_tent(found.times, unit)
    zero, one = real(0), real(1)
    tent_k = function(lambda x: iterate(k, x))
    equal = found.is_iterate(p)
    back = p.for_all("x", Real, lambda x: p.have(iterate(k, x) == found.at(x), p.at(equal, x)))

    def no_fewer(predicate: Callable[[Term], Term], swapped: Callable[..., Theorem]) -> Theorem:
        """From the library's bound for tent^k, for every t."""

        def at(t: Term) -> Theorem:
            return p.suppose(
                predicate(t), lambda here: p.apply(fewest, t, given=[swapped(t, here)])
            )

        return p.for_all("t", Integer, at)

    if not unit:
        on_line, fewest = p.parts(iterate_pieces_line(p, k, given=[[]]))
        most = sawtooth_congruence(p, tent_k, g, count, given=[on_line, back])
        least = no_fewer(
            lambda t: sawtooth(g, t),
            lambda t, here: sawtooth_congruence(p, g, tent_k, t, given=[here, equal]),
        )
        return p.both(most, least)

    def inside(fact: Theorem) -> Theorem:
        def at(x: Term) -> Theorem:
            here = conjunction(zero <= x, x <= one)
            return p.have(implies(here, p.at(fact, x).conclusion), p.at(fact, x))

        return p.for_all("x", Real, at)

    fewest, on_unit, _ = p.parts(iterate_pieces_lower(p, k, given=[[]]))
    forward, backward = inside(equal), inside(back)
    most = sawtooth_on_congruence(p, tent_k, g, count, zero, one, given=[on_unit, backward])
    least = no_fewer(
        lambda t: sawtooth_on(g, t, zero, one),
        lambda t, here: sawtooth_on_congruence(p, g, tent_k, t, zero, one, given=[here, forward]),
    )
    return p.both(most, p.fold(needs_pieces(g, count, zero, one), least))


def tent_equal(left: Network, right: Network) -> Proved | None:
    """Prove that two networks that iterate the tent equally often are equal on the line, or None.

    Examples
    --------
    >>> from verifier.networks.examples import merged, tent_iterate
    >>> tent_equal(tent_iterate(2000), merged(2000)).statement.startswith("∀ x")
    True
    """
    one, other = tent_iterate_of(left), tent_iterate_of(right)
    if one is None or other is None or one.times != other.times:
        return None

    def prove(p: Proof) -> Theorem:
        first, second = one.is_iterate(p), other.is_iterate(p)
        return p.for_all(
            "x",
            Real,
            lambda x: p.have(one.at(x) == other.at(x), p.at(first, x), p.at(second, x)),
        )

    return proved("equal", prove)
