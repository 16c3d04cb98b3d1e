"""The one root of every error the verifier raises on purpose.

The command line turns a :class:`BadInput` into one line on standard error and exit code 2.
"""

from __future__ import annotations


class VerifierError(Exception):
    """Base class of every error the verifier raises on purpose."""


class BadInput(VerifierError):
    """A file, a number or an option is not what was expected.

    Parameters
    ----------
    where:
        The file or option, for example ``net.json``.
    expected:
        What was found and what was expected instead, in one sentence.
    place:
        Where inside the file, for example ``layers[2].bias``.

    Examples
    --------
    >>> print(BadInput("net.json", "expected 2 numbers, found 3", place="layers[0].bias"))
    net.json: layers[0].bias: expected 2 numbers, found 3
    """

    def __init__(self, where: str, expected: str, place: str = "") -> None:
        self.where, self.expected, self.place = where, expected, place
        parts = [part for part in (where, place, expected) if part]
        super().__init__(": ".join(" ".join(part.split()) for part in parts))

    @classmethod
    def unreadable(cls, where: object, error: OSError) -> BadInput:
        """A file that cannot be read, and why.

        >>> print(BadInput.unreadable("net.json", FileNotFoundError(2, "No such file")))
        net.json: cannot be read: no such file
        """
        return cls(str(where), f"cannot be read: {_why(error)}")

    @classmethod
    def unwritable(cls, where: object, error: OSError) -> BadInput:
        """A file that cannot be written, and why.

        >>> print(BadInput.unwritable("net.json", OSError(28, "No space left on device")))
        net.json: cannot be written: no space left on device
        """
        return cls(str(where), f"cannot be written: {_why(error, 'no such folder')}")


def _why(error: OSError, missing: str = "no such file") -> str:
    if isinstance(error, FileNotFoundError):
        return missing
    if isinstance(error, FileExistsError):
        return "a file is in the place of its folder"
    reason = error.strerror or str(error) or type(error).__name__
    return reason[:1].lower() + reason[1:]


class LimitReached(VerifierError):
    """A time, resource or size limit was hit before the question was settled."""


class Contradiction(VerifierError):
    """Two parts of the verifier disagree: one of them is wrong, and no answer can be given."""
