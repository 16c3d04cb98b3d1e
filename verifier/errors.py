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


class LimitReached(VerifierError):
    """A time, resource or size limit was hit before the question was settled."""
