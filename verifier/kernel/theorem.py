"""Theorems: sealed sequents that remember how they were made.

Python cannot seal an object against its own interpreter.  What holds: no accident makes a
theorem, a forged or changed one is refused by every rule, and the proof is the derivation file,
which other programs check.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NoReturn
from weakref import WeakKeyDictionary

from verifier.kernel.errors import ForgedTheorem, MutatedTheorem
from verifier.logic import Term


class Theorem:
    """``hypotheses ⊢ conclusion``, with the rule, premises and parameters that made it.

    Free variables stand for every value of their sort.  Only the rules of
    :mod:`verifier.kernel` make theorems.
    """

    __slots__ = ("__weakref__", "conclusion", "hypotheses", "parameters", "premises", "rule")

    hypotheses: tuple[Term, ...]
    conclusion: Term
    rule: str
    premises: tuple[Theorem, ...]
    parameters: tuple[Any, ...]

    def __new__(cls, *_: object, **__: object) -> Theorem:
        raise ForgedTheorem("a theorem is made by a rule of the kernel, not with Theorem()")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise MutatedTheorem(f"a theorem cannot be changed ({name})")

    def __delattr__(self, name: str) -> NoReturn:
        raise MutatedTheorem(f"a theorem cannot be changed ({name})")

    def __init_subclass__(cls) -> NoReturn:
        raise ForgedTheorem("Theorem has no subclasses")

    def __reduce__(self) -> NoReturn:
        raise ForgedTheorem("a theorem is not copied or pickled; write its derivation to a file")

    def __repr__(self) -> str:
        return f"{', '.join(map(str, self.hypotheses))} ⊢ {self.conclusion}".lstrip()


def _unchangeable(_: Theorem, __: object) -> NoReturn:
    raise MutatedTheorem("a theorem cannot be changed")


# The slots can be written here alone: object.__setattr__ finds properties in their place.
_SLOTS: Final = {name: Theorem.__dict__[name] for name in Theorem.__slots__ if name[0] != "_"}
for _name, _slot in _SLOTS.items():
    setattr(Theorem, _name, property(_slot.__get__, _unchangeable))

_SEALS: Final[WeakKeyDictionary[Theorem, tuple[Any, ...]]] = WeakKeyDictionary()


def _fingerprint(theorem: Theorem) -> tuple[Any, ...]:
    try:
        return (
            theorem.hypotheses, theorem.conclusion, theorem.rule, theorem.premises,
            theorem.parameters,
        )  # fmt: skip
    except AttributeError:
        raise ForgedTheorem("an object that no rule of the kernel made") from None


def conclude(
    hypotheses: Iterable[Term],
    conclusion: Term,
    rule: str,
    premises: tuple[Theorem, ...] = (),
    parameters: tuple[Any, ...] = (),
) -> Theorem:
    """Make a theorem.  For the rules of this package alone."""
    theorem = object.__new__(Theorem)

    def put(name: str, value: object) -> None:
        _SLOTS[name].__set__(theorem, value)

    put("hypotheses", tuple({h.canonical: h for h in hypotheses}.values()))
    put("conclusion", conclusion)
    put("rule", rule)
    put("premises", premises)
    put("parameters", parameters)
    _SEALS[theorem] = _fingerprint(theorem)
    return theorem


def genuine(theorem: Theorem) -> Theorem:
    """The theorem itself, once it is known to be one.

    Raises
    ------
    ForgedTheorem
        If no rule made it.
    MutatedTheorem
        If it is not as the rule made it.
    """
    if type(theorem) is not Theorem or theorem not in _SEALS:
        raise ForgedTheorem(f"not made by a rule of the kernel: {type(theorem).__name__}")
    sealed, present = _SEALS[theorem], _fingerprint(theorem)
    if any(a is not b for a, b in zip(sealed, present, strict=True)):
        raise MutatedTheorem("a theorem was changed after a rule made it")
    return theorem
