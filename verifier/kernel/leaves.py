"""Leaves: quantifier-free obligations, decided by z3 within a resource limit.

Each leaf has a solver context of its own, so that no object of a user and no earlier leaf reaches
it; parameters set for all of z3 still do, and can cost answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from verifier.kernel.definitions import formula_of
from verifier.kernel.errors import ForgedVerdicts, LeafRefused
from verifier.kernel.theorem import Theorem, conclude, genuine
from verifier.kernel.verdicts import Verdict, Verdicts
from verifier.logic.smt import Script, script

if TYPE_CHECKING:
    import z3

# Work, not seconds: the same on every machine.  About half a second at the most.
RESOURCE_LIMIT: Final = 2_000_000


@dataclass
class _Setting:
    """Where verdicts are kept, and who is told of each leaf that is asked for."""

    verdicts: Verdicts | None = None
    listener: Callable[[Script, Verdict, bool], None] | None = None
    seed: int = 0


_setting: Final = _Setting()


def keep_verdicts(verdicts: Verdicts | None) -> None:
    """Remember verdicts in ``verdicts``, or nowhere.

    Raises
    ------
    ForgedVerdicts
        If it is not the kernel's own store, which alone seals what it keeps.
    """
    if verdicts is not None and type(verdicts) is not Verdicts:
        raise ForgedVerdicts(f"not the kernel's store of verdicts: {type(verdicts).__name__}")
    _setting.verdicts = verdicts


def listen(listener: Callable[[Script, Verdict, bool], None] | None) -> None:
    """Tell ``listener`` of each leaf: its script, the verdict, and whether it was remembered."""
    _setting.listener = listener


def set_seed(seed: int) -> None:
    """Seed of the solver's random choices."""
    _setting.seed = seed


@cache
def solver_version() -> str:
    """Name and version of the solver, part of the key a verdict is kept under."""
    return f"z3 {version('z3-solver')}"


def leaf(premises: tuple[Theorem, ...], goal: Any) -> Theorem:
    """A quantifier-free consequence, decided by z3.

    ::

        Γ₁ ⊢ A₁   …   Γₙ ⊢ Aₙ        A₁ ∧ … ∧ Aₙ ∧ ¬C unsatisfiable
        ─────────────────────────────────────────────────────────────
                        Γ ⊢ C

    Quantified subformulas, terms under functionals and quotients by anything but a literal are
    opaque atoms.  The premises that the refutation did not need are left out, and with them
    their hypotheses.

    Raises
    ------
    LeafRefused
        If the solver finds a model (``refuted``) or stops at the limit (``unknown``).
    """
    facts = tuple(genuine(p) for p in premises)
    conclusion = formula_of(goal)
    obligation = script([f.conclusion for f in facts], conclusion)
    verdict = decide(obligation)
    if not verdict.proved:
        raise LeafRefused(
            tuple(f.conclusion for f in facts), conclusion, obligation, verdict.status,
            verdict.reason,
        )  # fmt: skip
    needed = tuple(facts[i] for i in verdict.needed)
    hypotheses = [h for f in needed for h in f.hypotheses]
    return conclude(hypotheses, conclusion, "leaf", needed, (conclusion,))


def decide(obligation: Script) -> Verdict:
    """The verdict on an obligation, remembered or found."""
    store = _setting.verdicts
    key = (obligation.text, solver_version(), str(RESOURCE_LIMIT))
    verdict = store._recall(key, len(obligation.premises)) if store else None
    remembered = verdict is not None
    if verdict is None:
        verdict = solve(obligation, seed=_setting.seed)
        if store and verdict.proved:
            store._remember(key, verdict)
    if _setting.listener:
        _setting.listener(obligation, verdict, remembered)
    return verdict


def solve(obligation: Script, seed: int = 0) -> Verdict:
    """Ask z3, in a context made for this leaf.

    What a leaf needs then depends on the leaf alone, not on what was asked before: every run
    writes the same derivations, whatever it proves and in whatever order.
    """
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
