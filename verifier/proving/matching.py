"""First-order matching: the values at which a theorem says what is wanted of it.

An unknown of a pattern stands for a term; applied to distinct bound variables it stands for a
function of them.  What matching finds is only a proposal: the kernel instantiates the theorem,
and a wrong proposal is a premise that does not follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count

from verifier.logic import FunctionSort, Term, bind, same, substitute, variable
from verifier.logic.substitution import instantiate
from verifier.logic.terms import BINDERS, rebind

Found = dict[Term, Term]


@dataclass
class _Match:
    """One attempt; bound variables of both sides become locals that no value may mention."""

    unknown: frozenset[Term]
    found: Found
    # Each with the name its binder has.
    locals: dict[Term, str] = field(default_factory=dict)
    later: list[tuple[Term, Term]] = field(default_factory=list)
    serial: count[int] = field(default_factory=count)

    def match(self, pattern: Term, target: Term) -> bool:
        if pattern.sort != target.sort:
            return False
        if pattern.free.isdisjoint(self.unknown):
            return same(pattern, target)
        if pattern in self.unknown:
            return self.take(pattern, target)
        if pattern.operator == "apply" and pattern.arguments[0] in self.unknown:
            return self.applied(pattern, target)
        if pattern.operator == "lambda" or target.operator == "lambda":
            return self.functions(pattern, target)
        if pattern.operator != target.operator:
            return False
        if pattern.operator in BINDERS:
            return pattern.data[1] == target.data[1] and self.functions(pattern, target)
        if pattern.data != target.data or len(pattern.arguments) != len(target.arguments):
            return False
        return all(
            self.match(a, b) for a, b in zip(pattern.arguments, target.arguments, strict=True)
        )

    def functions(self, pattern: Term, target: Term) -> bool:
        """The bodies of two binders; a function that is no lambda is applied."""
        sort = pattern.sort
        sorts = sort.domain if isinstance(sort, FunctionSort) else pattern.data[1]
        inner = tuple(variable(f"bound!{next(self.serial)}", s) for s in sorts)
        binder = target if target.operator in BINDERS else pattern
        self.locals.update(zip(inner, binder.data[0], strict=True))
        bodies = [
            instantiate(side.arguments[0], inner) if side.operator in BINDERS else side(*inner)
            for side in (pattern, target)
        ]
        return self.match(*bodies)

    def take(self, unknown: Term, target: Term) -> bool:
        if unknown in self.found:
            return same(self.found[unknown], target)
        if not target.free.isdisjoint(self.locals.keys()):
            return False
        self.found[unknown] = target
        return True

    def applied(self, pattern: Term, target: Term) -> bool:
        head, *places = pattern.arguments
        if head in self.found:
            return self.match(self.found[head](*places), target)
        if len(set(places)) == len(places) and all(v in self.locals for v in places):
            names = tuple(self.locals[v] for v in places)
            bare = bind("lambda", tuple(places), target)
            if bare.operator == "lambda":
                bare = rebind("lambda", (names, bare.data[1]), bare.arguments[0])
            return self.take(head, bare)
        # f(t) says what f is at t alone: wait until another place says what f is.
        self.later.append((pattern, target))
        return True

    def settle(self) -> None:
        """What waited, once the functions in it are known; a clash is left to the proof."""
        waiting, self.later = self.later, []
        for pattern, target in waiting:
            self.match(substitute(pattern, self.found), target)


def match(
    pattern: Term, target: Term, unknown: frozenset[Term], found: Mapping[Term, Term]
) -> Found:
    """``found``, and the values of the other unknowns that make ``pattern`` the ``target``.

    If there are none it is ``found`` as it was.

    Examples
    --------
    >>> from verifier.proving import reals
    >>> x, y, a = reals("x y a")
    >>> match(x <= y + x, a <= 1 + a, frozenset({x, y}), {})
    {x: a, y: 1}
    """
    attempt = _Match(unknown, dict(found))
    if not attempt.match(substitute(pattern, found), target):
        return dict(found)
    attempt.settle()
    return attempt.found
