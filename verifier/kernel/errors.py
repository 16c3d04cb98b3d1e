"""What the kernel refuses, one class a side condition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.errors import VerifierError

if TYPE_CHECKING:
    from verifier.logic import Term
    from verifier.logic.smt import Script


class Refused(VerifierError):
    """A rule whose side condition does not hold."""


class ForgedTheorem(Refused):
    """An object that no rule of the kernel made."""


class MutatedTheorem(Refused):
    """A theorem that was changed after a rule made it."""


class ForgedVerdicts(Refused):
    """A store of verdicts other than the kernel's own."""


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


class LeafRefused(Refused):
    """A leaf the solver did not prove.

    Attributes
    ----------
    premises, goal:
        The obligation.
    script:
        The same in SMT-LIB 2.
    status:
        ``refuted`` if the solver found a model, ``unknown`` if it hit a limit.
    reason:
        The solver's words for the limit.
    """

    def __init__(
        self, premises: tuple[Term, ...], goal: Term, script: Script, status: str, reason: str
    ) -> None:
        self.premises, self.goal, self.script = premises, goal, script
        self.status, self.reason = status, reason
        super().__init__(f"leaf {status}{f' ({reason})' if reason else ''}: {goal}")
