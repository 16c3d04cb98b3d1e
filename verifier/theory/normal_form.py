"""Kernel theorems of equality from normal forms: one leaf for a few units, and no case split.

Each ramp and each step becomes a defined function of the inputs. A unit is a sum of these by one
leaf: its definition, theirs, and the sums that the units below it are. If the outputs of two
networks are the same sums they are equal, however many affine regions there are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from proofs.sawtooth import relu, step
from verifier.kernel import Theorem
from verifier.logic import Symbol, Term
from verifier.networks.model import Network
from verifier.networks.regions.normal_form import NormalForms, Sum, Value
from verifier.proving import Proof, ProofFailed, Real, conjunction
from verifier.theory import MOST_LEAVES
from verifier.theory.concrete import (
    FORMS_A_LEAF,
    Graph,
    Proved,
    TooManyLeaves,
    applied,
    defined,
    preactivation,
    proved,
    rational,
)

FUNCTIONS: Final = {"ramp": relu, "step": step}
Corner = Sequence[Fraction | None]


class Atoms:
    """Ramps and steps as defined functions of the inputs."""

    def __init__(self, forms: NormalForms, inputs: Sequence[Term]) -> None:
        self.forms = forms
        self.symbols: list[Symbol] = []
        contents = [str(x.data) for x in inputs]
        for atom in forms.atoms:
            parts = [f"{factor}*{contents[number]}" for number, factor in atom.of.terms]
            written = "|".join([atom.kind, str(len(inputs)), str(atom.of.constant), *parts])
            contents.append(hashlib.sha256(written.encode()).hexdigest())
            body = FUNCTIONS[atom.kind](self.sum(atom.of, inputs))
            self.symbols.append(defined(atom.kind, contents[-1], inputs, body))

    def at(self, number: int, x: Sequence[Term]) -> Term:
        """An input or an atom at x."""
        count = self.forms.inputs
        return x[number] if number < count else self.symbols[number - count](*x)

    def sum(self, sum_: Sum, x: Sequence[Term]) -> Term:
        """A sum at x."""
        whole = rational(sum_.constant)
        for number, factor in sum_.terms:
            whole = whole + rational(factor) * self.at(number, x)
        return whole


@dataclass
class Point:
    """What is known at an arbitrary point of the box.

    Attributes
    ----------
    sides:
        The facts that bound each input.
    bounds:
        The facts that bound each atom, proved when they are first asked for.
    """

    p: Proof
    atoms: Atoms
    x: Sequence[Term]
    sides: Sequence[list[Theorem]]
    bounds: dict[int, list[Theorem]] = field(default_factory=dict)

    def meanings(self, number: int) -> list[Theorem]:
        """The definitions of an atom."""
        forms = self.atoms.forms
        atom = forms.atoms[number - forms.inputs]
        inside = self.atoms.sum(atom.of, self.x)
        return [
            self.p.meaning(self.atoms.at(number, self.x)),
            *self.p.meanings(FUNCTIONS[atom.kind], inside),
        ]

    def bounded(self, sum_: Sum) -> list[Theorem]:
        """Facts that bound the atoms of a sum."""
        return [fact for number, _ in sum_.terms for fact in self.bound(number)]

    def bound(self, number: int) -> list[Theorem]:
        """Facts that bound an input or an atom, by a leaf."""
        forms = self.atoms.forms
        if number < forms.inputs:
            return self.sides[number]
        if number not in self.bounds:
            low, high = forms.ranges[number]
            value = self.atoms.at(number, self.x)
            claims = [] if low is None else [rational(low) <= value]
            claims += [] if high is None else [value <= rational(high)]
            # Ramps of what is unbounded need nothing from what is below them.
            inside = forms.atoms[number - forms.inputs].of
            below = self.bounded(inside) if high is not None else []
            fact = self.p.have(conjunction(*claims), self.meanings(number), below)
            self.bounds[number] = self.p.parts(fact)
        return self.bounds[number]

    def layers(self, graph: Graph, values: Sequence[Sequence[Value]]) -> list[Theorem]:
        """The outputs of a network are sums at the point, unit by unit."""
        known: list[Theorem] = []
        for number, (layer, row) in enumerate(zip(graph.network.layers, values, strict=True)):
            previous = graph.layers[number - 1] if number else None
            found = []
            for i, (unit, value) in enumerate(zip(graph.layers[number], row, strict=True)):
                sum_ = preactivation(layer, i, previous, self.x)
                whole = unit.symbol(*self.x)
                facts = [self.p.meaning(whole), *applied(self.p, layer.activation, sum_).meaning]
                facts += [known[j] for j in unit.reads if previous]
                before = {term for term, _ in value.before.terms}
                for term, _ in value.after.terms:
                    if term not in before:
                        facts += self.meanings(term)
                cuts = layer.activation.cuts if layer.activation else ()
                if value.pieces != (0, len(cuts)):
                    facts += self.bounded(value.before)
                claim = whole == self.atoms.sum(value.after, self.x)
                found.append(self.p.have(claim, facts))
            known = found
        return known


def equal_by_form_theorem(
    left: Network, right: Network, low: Corner, high: Corner, limit: int = MOST_LEAVES
) -> Proved:
    """Prove that two networks with the same normal form are equal on a box.

    Raises
    ------
    TooManyLeaves
        If that takes more than ``limit`` leaves.
    ProofFailed
        If the normal forms differ.

    Examples
    --------
    >>> from verifier.networks.activations import RELU
    >>> from verifier.networks.model import Layer
    >>> row = lambda *entries: tuple(map(Fraction, entries))
    >>> read_out = Layer((row(1, 1),), row(0))
    >>> one = Network(2, (Layer((row(1, 2), row(2, 1)), row(0, 3), RELU), read_out))
    >>> other = Network(2, (Layer((row(2, 1), row(1, 2)), row(3, 0), RELU), read_out))
    >>> found = equal_by_form_theorem(one, other, (None, None), (None, None))
    >>> found.statement.startswith("∀ x1 x2:Real. unit"), found.leaves
    (True, 7)
    """
    forms = NormalForms(low, high)
    values = [forms.layers(network) for network in (left, right)]
    if [v.after for v in values[0][-1]] != [v.after for v in values[1][-1]]:
        raise ProofFailed("the normal forms differ", "equal")
    leaves = sum(left.widths) + sum(right.widths) + len(forms.atoms) + 1
    if leaves > limit or left.parameters + right.parameters > FORMS_A_LEAF * limit:
        raise TooManyLeaves(f"up to {leaves} leaves are more than {limit}")
    graphs = [Graph(left), Graph(right)]
    atoms = Atoms(forms, graphs[0].inputs)

    def prove(p: Proof) -> Theorem:
        def at(*x: Term) -> Theorem:
            sides = [
                ([] if a is None else [rational(a) <= entry])
                + ([] if b is None else [entry <= rational(b)])
                for entry, a, b in zip(x, low, high, strict=True)
            ]
            claims = [side for pair in sides for side in pair]

            def inside(facts: list[Theorem]) -> Theorem:
                rest = iter(facts)
                point = Point(p, atoms, x, [[next(rest) for _ in pair] for pair in sides])
                outputs = [
                    point.layers(graph, row) for graph, row in zip(graphs, values, strict=True)
                ]
                pairs = zip(*(graph.outputs for graph in graphs), strict=True)
                return p.have(conjunction(*(f(*x) == g(*x) for f, g in pairs)), outputs)

            if not claims:
                return inside([])
            return p.suppose(conjunction(*claims), lambda here: inside(p.parts(here)))

        return p.for_all(" ".join(str(x.data) for x in graphs[0].inputs), Real, at)

    return proved("equal", prove)
