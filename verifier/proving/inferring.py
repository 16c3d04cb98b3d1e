"""Values of a theorem's variables, read off from what it is given and what it is wanted to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from verifier.logic import Term, opened, variable
from verifier.logic.terms import argument_of
from verifier.proving.errors import ProofFailed
from verifier.proving.matching import Found, match


def inferred(
    formula: Term,
    values: Sequence[Any],
    named: Mapping[str, Any],
    given: Sequence[Sequence[Term]],
    wanted: Sequence[Term],
    most: int | None = None,
) -> list[Term]:
    """A value for each of the first ``most`` outer universal variables of a formula.

    Parameters
    ----------
    values, named:
        Values that are given, in order or by name; Python numbers and functions are read.
    given:
        For each premise what its facts say; nothing where that is not known before.
    wanted:
        What the formula may be wanted to say, the likeliest first.

    Raises
    ------
    ProofFailed
        If a value is neither given nor to be read off, or a name is not one of the formula's.
    """
    found: Found = {}
    unknown: list[Term] = []
    names: list[str] = []
    while formula.operator == "forall" and (most is None or len(unknown) < most):
        (name,), (sort,) = formula.data
        v = variable(f"{name}!{len(unknown)}", sort)
        if len(unknown) < len(values):
            found[v] = argument_of(values[len(unknown)], sort, name)
        elif name in named:
            found[v] = argument_of(named[name], sort, name)
        unknown.append(v)
        names.append(name)
        formula = opened(formula, v)
    strangers = [name for name in named if name not in names[len(values) :]]
    if strangers:
        raise ProofFailed(f"no value is wanted for {', '.join(strangers)}")
    if len(found) < len(unknown):
        found = _matched(formula, frozenset(unknown), found, given, wanted)
    missing = [name for name, v in zip(names, unknown, strict=True) if v not in found]
    if missing:
        raise ProofFailed(
            f"cannot read off {', '.join(missing)}: say {missing[0]}=…, or give a fact that says "
            "what a premise says"
        )
    return [found[v] for v in unknown] + list(values[len(unknown) :])


def _matched(
    formula: Term,
    unknown: frozenset[Term],
    found: Found,
    given: Sequence[Sequence[Term]],
    wanted: Sequence[Term],
) -> Found:
    premises = []
    for facts in given:
        if formula.operator != "=>":
            break
        premises.append((formula.arguments[0], facts))
        formula = formula.arguments[1]
    for claim in wanted[:-1]:
        found = match(formula, claim, unknown, found)
    # What is said of functions tells more than what is said of numbers.
    premises.sort(key=lambda pair: pair[0].operator not in ("symbol", "forall", "exists"))
    for premise, facts in premises:
        if len(facts) == 1:
            found = match(premise, facts[0], unknown, found)
    for claim in wanted[-1:]:
        found = match(formula, claim, unknown, found)
    for premise, facts in premises:
        if premise.free <= unknown and premise.free <= found.keys():
            continue
        proposals = [match(premise, part, unknown, found) for f in facts for part in _parts(f)]
        new = {tuple(sorted((v.serial, t.serial) for v, t in n.items())): n for n in proposals}
        new.pop(tuple(sorted((v.serial, t.serial) for v, t in found.items())), None)
        if len(new) == 1:
            (found,) = new.values()
    return found


def _parts(formula: Term) -> list[Term]:
    if formula.operator != "and":
        return [formula]
    return [part for a in formula.arguments for part in _parts(a)]
