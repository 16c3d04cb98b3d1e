"""What the kernel refuses, one class a side condition."""

from __future__ import annotations

from typing import Any

from verifier.errors import VerifierError


class Refused(VerifierError):
    """A rule whose side condition does not hold.

    Parameters
    ----------
    message:
        What is wrong, with ``{}`` where a term belongs.
    terms:
        Those terms.  They are written out when somebody reads the message, not before.
    """

    def __init__(self, message: str, *terms: Any) -> None:
        self.message, self.terms = message, terms
        super().__init__(message, *terms)

    def __str__(self) -> str:
        return self.message.format(*self.terms) if self.terms else self.message


class ForgedTheorem(Refused):
    """An object that no rule of the kernel made, or a theorem somebody tries to change."""


class NotAFormula(Refused):
    """A term that is no closed formula where one is wanted."""


class WrongShape(Refused):
    """A premise that is not of the form the rule asks for."""


class Mismatch(Refused):
    """Two formulas that should be equal up to bound names, and are not."""


class VariableInHypotheses(Refused):
    """Generalising a variable that a hypothesis mentions."""


class WitnessEscapes(Refused):
    """A witness that occurs outside the part of the proof it was obtained for."""


class NotDecided(Refused):
    """A case split on a formula that is not built from comparisons of numbers."""


class InductionRefused(Refused):
    """A base or step that is not the one the induction asks for."""


class DefinitionRefused(Refused):
    """A definition that could be inconsistent or meaningless."""


class Redefinition(DefinitionRefused):
    """A second definition of a name."""


class CircularDefinition(DefinitionRefused):
    """A definition whose body uses the symbol itself, or one that is not defined."""


class NoDecreasingMeasure(DefinitionRefused):
    """A recursive call at anything but the predecessor."""


class FreeVariables(DefinitionRefused):
    """A body that mentions variables other than the parameters."""


class NotClosed(Refused):
    """A named result with hypotheses or free variables left."""


class NotPrintable(Refused):
    """A name that files and other programs could not carry."""


class BadCertificate(Refused):
    """A certificate that does not refute the negation of its leaf."""
