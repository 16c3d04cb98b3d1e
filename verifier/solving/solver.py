"""z3 on leaves, within a resource limit.  It proposes: it says whether to look for a certificate.

Each leaf has a solver context of its own, so that no object of a user and no earlier leaf reaches
it; parameters set for all of z3 still do, and can cost answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from verifier.errors import VerifierError
from verifier.solving.smt import Script, script

if TYPE_CHECKING:
    import z3

    from verifier.logic import Term

# Work, not seconds: the same on every machine.  About half a second at the most.
RESOURCE_LIMIT: Final = 2_000_000


@dataclass(frozen=True)
class Verdict:
    """What the solver said: ``proved``, ``refuted`` or ``unknown``.

    Attributes
    ----------
    needed:
        Indices of the premises the refutation used, if it proved the obligation.
    reason:
        The solver's words where it gave up.
    """

    status: str
    needed: tuple[int, ...] = ()
    reason: str = ""

    @property
    def proved(self) -> bool:
        """Whether the solver says that the obligation holds."""
        return self.status == "proved"


class LeafRefused(VerifierError):
    """A leaf the solver does not prove.

    Attributes
    ----------
    premises, goal:
        The obligation.
    status:
        ``refuted`` if the solver found a model, ``unknown`` if it hit a limit.
    reason:
        The solver's words for the limit.
    """

    def __init__(self, premises: tuple[Term, ...], goal: Term, verdict: Verdict) -> None:
        self.premises, self.goal = premises, goal
        self.status, self.reason = verdict.status, verdict.reason
        super().__init__(f"leaf {self.status}{f' ({self.reason})' if self.reason else ''}")

    def __str__(self) -> str:
        return f"{super().__str__()}: {self.goal}"

    @property
    def script(self) -> Script:
        """The obligation in SMT-LIB 2."""
        return script(self.premises, self.goal)

    @property
    def limit(self) -> str:
        """What was hit, where nothing was refuted."""
        return f"the solver gave up: {self.reason or self.status}"


class NoCertificate(LeafRefused):
    """A leaf that the solver proves, which is not enough."""

    @property
    def limit(self) -> str:
        """What was hit."""
        return "the solver proves it, but no certificate was found within the limit"


@cache
def solver_version() -> str:
    """Name and version of the solver."""
    return f"z3 {version('z3-solver')}"


def solve(obligation: Script, seed: int = 0) -> Verdict:
    """Ask z3, in a context made for this leaf."""
    import z3

    return _ask(obligation, z3.Context(), seed)


def _ask(obligation: Script, context: z3.Context, seed: int) -> Verdict:
    import z3

    solver = z3.SimpleSolver(ctx=context)
    solver.set(rlimit=RESOURCE_LIMIT, random_seed=seed, timeout=4294967295)
    solver.set("core.minimize", True)
    solver.from_string(obligation.text)
    answer = solver.check(*(z3.Bool(p, ctx=context) for p in obligation.premises))
    if answer == z3.unsat:
        # Names, not str(): what that gives depends on how the user prints.
        used = {p.decl().name() for p in solver.unsat_core()}
        needed = tuple(i for i, p in enumerate(obligation.premises) if p in used)
        return Verdict("proved", needed)
    if answer == z3.sat:
        return Verdict("refuted", (), "")
    reason = solver.reason_unknown()
    # No clock is set, so that only the resource limit cancels.
    stopped = reason == "canceled"
    return Verdict("unknown", (), f"resource limit {RESOURCE_LIMIT} reached" if stopped else reason)
