"""What the logic refuses, one class a cause."""

from __future__ import annotations

from verifier.errors import VerifierError


class IllFormed(VerifierError):
    """A term that the logic does not admit."""


class SortMismatch(IllFormed):
    """An argument of another sort than expected; nothing is coerced from Int to Real silently."""


class DivisionByZero(IllFormed):
    """A division by the literal zero."""


class NotAPositiveModulus(IllFormed):
    """Integer ``div`` or ``mod`` by anything but a positive literal."""


class NotDecidable(IllFormed):
    """A condition that is not built from comparisons of numbers."""


class NoTruthValue(IllFormed):
    """A formula used where Python wants True or False; ``==`` builds an equation."""
