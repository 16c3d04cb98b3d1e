"""Claims one step stronger than a conclusion: false where the instance attains the bound."""

from __future__ import annotations

from verifier.logic import Term
from verifier.logic.terms import conjunction, disjunction, implies, rebind

# Where a predicate's number of pieces stands, and how a sharper one differs.
COUNTS = {
    "sawtooth": (1, -1),
    "sawtooth_on": (1, -1),
    "runs": (1, -1),
    "jointly_sawtooth": (2, -1),
    "needs_pieces": (1, 1),
}


def sharpened(claim: Term) -> list[Term]:
    """Each bound lowered by one, each equation off by one; nothing for claims of another form."""
    if claim.operator == "and":
        return [stronger for part in claim.arguments for stronger in sharpened(part)]
    if claim.operator == "or":
        choices = [sharpened(part) for part in claim.arguments]
        return [disjunction(*(c[0] for c in choices))] if all(choices) else []
    if claim.operator == "=>":
        premise, conclusion = claim.arguments
        return [implies(premise, c) for c in sharpened(conclusion)]
    if claim.operator == "forall":
        return [rebind("forall", claim.data, c) for c in sharpened(claim.arguments[0])]
    if claim.operator == "exists":
        # The parts share their witnesses, so one part is sharpened and the others kept.
        body = claim.arguments[0]
        parts = body.arguments if body.operator == "and" else (body,)
        return [
            rebind("exists", claim.data, conjunction(*parts[:i], s, *parts[i + 1 :]))
            for i, part in enumerate(parts)
            for s in sharpened(part)
        ]
    if claim.operator in ("=", "<=", "<"):
        left, right = claim.arguments
        return [left + 1 <= right if claim.operator == "<=" else _same(claim, left + 1, right)]
    if claim.operator == "symbol":
        return _fewer(claim)
    return []


def _same(claim: Term, left: Term, right: Term) -> Term:
    return left == right if claim.operator == "=" else left < right


def _fewer(claim: Term) -> list[Term]:
    symbol, arguments = claim.data, list(claim.arguments)
    if symbol.name in COUNTS:
        place, change = COUNTS[symbol.name]
        arguments[place] = arguments[place] + change
        return [symbol(*arguments)]
    if symbol.name == "network" and arguments[0].operator == "lambda":
        computed = arguments[0]
        arguments[0] = rebind("lambda", computed.data, computed.arguments[0] + 1)
        return [symbol(*arguments)]
    return []
