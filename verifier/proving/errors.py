"""How a proof can fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.errors import VerifierError

if TYPE_CHECKING:
    from verifier.kernel import LeafRefused
    from verifier.proving.counterexample import Counterexample


class ProofFailed(VerifierError):
    """A proof that did not reach its goal.

    Attributes
    ----------
    result:
        The name of the result.
    path:
        The names of the steps, from the outermost inwards.
    """

    def __init__(self, message: str, result: str = "", path: tuple[str, ...] = ()) -> None:
        self.result, self.path, self.message = result, path, message
        place = " / ".join((result, *path)) if result else ""
        super().__init__(f"{place}: {message}" if place else message)


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
        shown = [f"cannot prove {refusal.goal}"]
        if refusal.premises:
            shown.append("  from")
            shown.extend(f"    {premise}" for premise in refusal.premises)
        if counterexample is not None:
            shown.append(str(counterexample))
        else:
            shown.append(f"  the solver gave up: {refusal.reason or refusal.status}")
        super().__init__("\n".join(shown), result, path)


class DependencyFailed(ProofFailed):
    """A result whose proof uses one that is not proved and could not even be stated."""


class CircularProof(ProofFailed):
    """A result whose proof uses itself."""


class UnknownResult(VerifierError):
    """A name that no result carries."""


class DuplicateName(VerifierError):
    """Two results with one name."""
