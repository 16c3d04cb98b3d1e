"""How a proof can fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from verifier.errors import VerifierError

if TYPE_CHECKING:
    from verifier.proving.counterexample import Counterexample
    from verifier.solving.solver import LeafRefused


class ProofFailed(VerifierError):
    """A proof that did not reach its goal.

    Attributes
    ----------
    result:
        The name of the result.
    path:
        The names of the steps, from the outermost inwards.
    places:
        File and line of the step that failed, and of what called it, in the files of proofs.
    """

    def __init__(self, message: str, result: str = "", path: tuple[str, ...] = ()) -> None:
        self.result, self.path, self.message = result, path, message
        self.places: tuple[str, ...] = ()
        place = " / ".join((result, *path)) if result else ""
        super().__init__(f"{place}: {message}" if place else message)

    def __str__(self) -> str:
        at = ", from ".join(self.places)
        return f"{super().__str__()}\n  at {at}" if at else super().__str__()


# A longer formula is cut in its middle where it is shown.
LONGEST: Final = 400


def shown_formula(formula: object) -> str:
    """A formula for a message, no longer than can be read."""
    whole = str(formula)
    if len(whole) <= LONGEST:
        return whole
    half = LONGEST // 2
    return f"{whole[:half]} … {whole[-half:]}"


class StepFailed(ProofFailed):
    """A step that does not follow from the facts it was given.

    Attributes
    ----------
    refusal:
        The leaf the solver did not prove.
    counterexample:
        Values that break it, if the solver found some.
    """

    def __init__(
        self,
        refusal: LeafRefused,
        counterexample: Counterexample | None,
        result: str = "",
        path: tuple[str, ...] = (),
    ) -> None:
        self.refusal, self.counterexample = refusal, counterexample
        shown = [f"cannot prove {shown_formula(refusal.goal)}"]
        if refusal.premises:
            shown.append("  from")
            shown.extend(f"    {shown_formula(premise)}" for premise in refusal.premises)
        if counterexample is not None:
            shown.append(str(counterexample))
        else:
            shown.append(f"  {refusal.limit}")
        super().__init__("\n".join(shown), result, path)


class NameClash(ProofFailed):
    """A binder of a name that a witness or variable of the running proof has: it would bind it."""


class DependencyFailed(ProofFailed):
    """A result whose proof uses one that is not proved and could not even be stated."""


class CircularProof(ProofFailed):
    """A result whose proof uses itself."""


class UnknownResult(VerifierError):
    """A name that no result carries."""


class DuplicateName(VerifierError):
    """Two results with one name."""
