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
        # The name may be a stranger's file's: it must not change what a terminal shows.
        plain = name.isascii() and name.isprintable() and len(name) <= 200
        super().__init__(f"{name if plain else ascii(name)[:200]}: {place}{cause}")


class IllFormedFile(Rejected):
    """A file that is not in the format."""


class WrongStep(Rejected):
    """A step that is not an instance of its rule."""


class Conflict(Rejected):
    """Files that do not fit together: a citation, a name, an axiom or a symbol's meaning.

    Parameters
    ----------
    other:
        The result whose file says it otherwise, if there is one: which of the two is at fault
        nobody can say.
    """

    def __init__(self, name: str, step: int | None, cause: str, other: str | None = None) -> None:
        super().__init__(name, step, cause)
        self.concerned = frozenset({name} if other is None else {name, other})


class TooLarge(VerifierError):
    """A leaf or a certificate that asks for more work than a checker does for one leaf."""


class BadCertificate(VerifierError):
    """A certificate that does not refute the negation of its leaf."""
