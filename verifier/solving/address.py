"""Where a certificate is kept: an address of the obligation with all premises that were offered.

What is under an address is checked before it counts, so an address carries no authority.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from verifier.logic import Term
from verifier.logic.terms import BINDERS


def address(premises: Iterable[Term], goal: Term) -> str:
    """SHA-256 of a leaf's content; the names of variables do not matter.

    Examples
    --------
    >>> from verifier.logic import REAL, variable
    >>> x, y = variable("x", REAL), variable("y", REAL)
    >>> address([], x <= x) == address([], y <= y)
    True
    >>> address([], x <= x) == address([], x <= y)
    False
    """
    numbers: dict[Term, int] = {}
    lines: list[str] = []
    variables: dict[Term, int] = {}

    def line(term: Term) -> str:
        below = ",".join([str(numbers[a]) for a in term.arguments])
        data = term.data
        if term.operator == "variable":
            data = (variables.setdefault(term, len(variables)), str(term.sort))
        elif term.operator in ("bound", "number"):
            data = (str(data), str(term.sort))
        elif term.operator == "symbol":
            data = data.name
        elif term.operator in BINDERS:
            data = [str(s) for s in data[1]]
        return f"{term.operator}({below}){data}"

    def write(root: Term) -> int:
        todo = [(root, False)]
        while todo:
            term, ready = todo.pop()
            if term in numbers:
                continue
            if ready:
                lines.append(line(term))
                numbers[term] = len(numbers)
            else:
                todo.append((term, True))
                todo.extend([(a, False) for a in reversed(term.arguments)])
        return numbers[root]

    roots = [write(t.canonical) for t in (*premises, goal)]
    return hashlib.sha256("\n".join([str(roots), *lines]).encode()).hexdigest()
