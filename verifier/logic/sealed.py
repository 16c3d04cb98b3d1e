"""Objects that cannot be changed, not even through ``object.__setattr__``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NoReturn

from verifier.errors import VerifierError


def seal(kind: type, refusal: type[VerifierError]) -> Mapping[str, Callable[[Any, Any], None]]:
    """Make the slots of a class readable only; gives what writes them, for their maker alone.

    Parameters
    ----------
    refusal:
        What is raised when a field is written or deleted, or the class called or inherited from.
    """

    def refuse(what: str) -> Callable[..., NoReturn]:
        def refused(*_: object, **__: object) -> NoReturn:
            raise refusal(f"{kind.__name__}: {what}")

        return refused

    unchangeable = refuse("it cannot be changed")
    slots = {name: kind.__dict__[name] for name in kind.__slots__ if name != "__weakref__"}  # type: ignore[attr-defined]
    for name, slot in slots.items():
        # object.__setattr__ finds this property in the slot's place.
        setattr(kind, name, property(slot.__get__, unchangeable))
    for name, what in (
        ("__new__", "it is made by the functions of its module"),
        ("__init_subclass__", "it has no subclasses"),
        ("__reduce__", "it is not copied or pickled; write a derivation file"),
    ):
        setattr(kind, name, refuse(what))
    setattr(kind, "__setattr__", unchangeable)  # noqa: B010 - mypy takes no assignment to it
    setattr(kind, "__delattr__", unchangeable)  # noqa: B010
    return MappingProxyType({name: slot.__set__ for name, slot in slots.items()})
