"""Systems of linear inequalities, decided: a point, or multipliers that refute them.

z3 says which few inequalities contradict each other; the multipliers are then the only solution
of a system of equations, found here by elimination.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from time import monotonic

import z3

from verifier.errors import LimitReached, VerifierError
from verifier.networks.numbers.inequalities import (
    ONE,
    ZERO,
    Condition,
    Multipliers,
    Vector,
)


class Arithmetic:
    """z3 on systems that share their first inequalities with the system before.

    Parameters
    ----------
    inputs:
        The number of unknowns.
    limit:
        How many systems may be decided.
    seconds:
        How long all of them may take; None for no limit.

    Examples
    --------
    >>> below, above = Condition((ONE, -ONE), False), Condition((-ONE, -ONE), False)
    >>> solver = Arithmetic(1, limit=10)
    >>> solver.decide([below])
    (Fraction(1, 1),)
    >>> solver.decide([below, above])
    Multipliers(parts=((0, Fraction(1, 1)), (1, Fraction(1, 1))))
    """

    def __init__(self, inputs: int, limit: int, seconds: float | None = None) -> None:
        self.left = limit
        self.deadline = None if seconds is None else monotonic() + seconds
        self.context = z3.Context()
        self.names = [z3.Real(f"x{i}", self.context) for i in range(inputs)]
        self.solver = z3.SimpleSolver(ctx=self.context)
        # Left to z3, an interrupt would only make it answer unknown.
        self.solver.set(ctrl_c=False)
        self.solver.set("core.minimize", True)
        self.stated: list[Condition] = []
        # The names of conditions, by which z3 says what it used.
        self.flags: list[z3.BoolRef] = []

    def decide(self, conditions: Sequence[Condition]) -> Vector | Multipliers:
        """Return a point that meets all conditions, or multipliers that refute them.

        Raises
        ------
        LimitReached
            If a limit is hit, or z3 gives up.
        """
        if self.left <= 0:
            raise LimitReached("the limit on questions of linear arithmetic was hit")
        self.left -= 1
        answer = self.check(conditions)
        if answer == z3.sat:
            model = self.solver.model()
            values = (model.eval(name, model_completion=True) for name in self.names)
            return tuple(Fraction(v.numerator_as_long(), v.denominator_as_long()) for v in values)
        core = sorted(int(flag.decl().name()[1:]) for flag in self.solver.unsat_core())
        return multipliers(conditions, core) or self.shrunk(conditions, core)

    def shrunk(self, conditions: Sequence[Condition], core: Sequence[int]) -> Multipliers:
        """Return multipliers where z3 named more conditions than it takes.

        Raises
        ------
        VerifierError
            If the conditions do not contradict each other.
        """
        core = list(core)
        for i in tuple(core):
            rest = [j for j in core if j != i]
            if self.check([conditions[j] for j in rest]) == z3.unsat:
                core = rest
        found = multipliers(conditions, core)
        if found is None:
            raise VerifierError(f"no combination of {len(core)} inequalities refutes them")
        return found

    def check(self, conditions: Sequence[Condition]) -> z3.CheckSatResult:
        """State what is not stated yet, and ask z3."""
        kept = 0
        for old, new in zip(self.stated, conditions, strict=False):
            if old is not new:
                break
            kept += 1
        self.solver.pop(len(self.stated) - kept)
        del self.stated[kept:]
        for condition in conditions[kept:]:
            self.solver.push()
            number = len(self.stated)
            if number == len(self.flags):
                self.flags.append(z3.Bool(f"c{number}", self.context))
            self.solver.add(z3.Implies(self.flags[number], self.formula(condition), self.context))
            self.stated.append(condition)
        self.solver.set("timeout", self.milliseconds())
        answer = self.solver.check(*self.flags[: len(conditions)])
        if answer == z3.unknown:
            raise LimitReached(f"z3 gave up: {self.solver.reason_unknown()}")
        return answer

    def milliseconds(self) -> int:
        """Return how long z3 may take.

        Raises
        ------
        LimitReached
            If there is no time left.
        """
        if self.deadline is None:
            return 2**32 - 1
        if (remaining := self.deadline - monotonic()) <= 0:
            raise LimitReached("the time limit was hit")
        return max(1, int(1000 * remaining))

    def formula(self, condition: Condition) -> z3.BoolRef:
        """Return a condition as a term of z3, its coefficients made integers."""
        scale = lcm(*(c.denominator for c in condition.form))
        *coefficients, constant = (int(c * scale) for c in condition.form)
        parts = [c * name for c, name in zip(coefficients, self.names, strict=True) if c]
        whole = z3.Sum(*parts) if parts else z3.RealVal(0, self.context)
        bound = z3.RealVal(-constant, self.context)
        return whole > bound if condition.strict else whole >= bound


def multipliers(conditions: Sequence[Condition], core: Sequence[int]) -> Multipliers | None:
    """Return multipliers that refute conditions, if none of these can be left out.

    Then all multipliers are positive, and unique up to a common factor: of two solutions that
    are not proportional, some combination would be zero at one condition.
    """
    solution = only_relation([conditions[i].form[:-1] for i in core])
    if solution is None:
        return None
    found = Multipliers(tuple(zip(core, solution, strict=True)))
    return found if found.refute(conditions) else None


def only_relation(rows: Sequence[Sequence[Fraction]]) -> list[Fraction] | None:
    """Return the linear relation between rows, first entry 1, if they have only one.

    >>> only_relation([(ONE, ZERO), (ZERO, ONE), (-ONE, -2 * ONE)])
    [Fraction(1, 1), Fraction(2, 1), Fraction(1, 1)]
    >>> only_relation([(ONE, ZERO), (ZERO, ONE)]) is None
    True
    """
    # Gauss-Jordan elimination of the equations Σ relation[i] · rows[i][j] = 0, one a column j.
    equations = [list(column) for column in zip(*rows, strict=True)]
    pivots: list[int] = []
    for i in range(len(rows)):
        rest = range(len(pivots), len(equations))
        chosen = next((k for k in rest if equations[k][i]), None)
        if chosen is None:
            continue
        row = len(pivots)
        equations[row], equations[chosen] = equations[chosen], equations[row]
        pivot = equations[row][i]
        equations[row] = [entry / pivot for entry in equations[row]]
        for k, other in enumerate(equations):
            if k != row and (factor := other[i]):
                equations[k] = [a - factor * b for a, b in zip(other, equations[row], strict=True)]
        pivots.append(i)
    if len(pivots) != len(rows) - 1:
        return None
    (free,) = set(range(len(rows))) - set(pivots)
    relation = [ZERO] * len(rows)
    relation[free] = ONE
    for row, i in enumerate(pivots):
        relation[i] = -equations[row][free]
    if not relation[0]:
        return None
    return [entry / relation[0] for entry in relation]
