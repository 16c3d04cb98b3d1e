"""What the second opinion refuses."""

from __future__ import annotations

from verifier.errors import VerifierError


class IllFormed(VerifierError):
    """A term or a definition that is not one; the reader adds where it stands."""


class Rejected(VerifierError):
    """A derivation that does not prove what it claims.

    Parameters
    ----------
    name:
        The result whose file it is.
    step:
        The number of the step, or None where the fault is not in a step.
    cause:
        Which condition failed.

    Examples
    --------
    >>> print(Rejected("sawtooth-sum", 7, "x is free in a hypothesis"))
    sawtooth-sum: step 7: x is free in a hypothesis
    """

    def __init__(self, name: str, step: int | None, cause: str) -> None:
        self.name, self.step, self.cause = name, step, cause
        place = "" if step is None else f"step {step}: "
        super().__init__(f"{name}: {place}{cause}")


class IllFormedFile(Rejected):
    """A file that is not in the format."""


class WrongStep(Rejected):
    """A step that is not an instance of its rule."""


class Conflict(Rejected):
    """Files that do not fit together: a citation, a name or a symbol's meaning."""


class BadCertificate(VerifierError):
    """A certificate that does not refute the negation of its leaf."""
