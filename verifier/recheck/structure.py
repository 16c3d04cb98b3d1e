"""The structural checker: every step but the leaves, validated from the format's description.

Each function of this module computes the sequent its rule gives; the step must claim exactly
that one.  A leaf's premises and goal are only collected here; whether the premises force the
goal is for the other checkers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from verifier.recheck.document import RESULT, Definition, Document, Step
from verifier.recheck.errors import Conflict, IllFormed, WrongStep
from verifier.recheck.terms import (
    Term,
    bind,
    decidable,
    make,
    number,
    opened,
    require,
    substitute,
)

Sequent = tuple[frozenset[Term], Term]
NONE: Final[frozenset[Term]] = frozenset()
ZERO: Final = number(0, "Int")
ONE: Final = number(1, "Int")


@dataclass(frozen=True)
class Leaf:
    """An obligation: the premises force the goal.

    Attributes
    ----------
    name, step:
        Where it stands.
    """

    name: str
    step: int
    premises: tuple[Term, ...]
    goal: Term


def leaves(document: Document) -> list[Leaf]:
    """The leaves of a document."""
    return [
        Leaf(
            document.name, i, tuple(document.steps[p].conclusion for p in s.premises), s.conclusion
        )
        for i, s in enumerate(document.steps)
        if s.rule == "leaf"
    ]


def check_document(document: Document) -> None:
    """Validate every step of a document; citations are for :func:`check_library`.

    Raises
    ------
    WrongStep
        With the first step that is not an instance of its rule.
    """
    last = len(document.steps) - 1
    if last < 0 or document.steps[last].rule != "named":
        raise WrongStep(document.name, None, "the last step does not name the result")
    for i, step in enumerate(document.steps):
        try:
            if step.rule == "named":
                require(i == last, "named before the last step")
                require(step.parameters["name"] == document.name, "another result's name")
            if step.rule == "cite":
                require(not step.premises and not step.hypotheses, "a citation with premises")
                continue
            hypotheses, conclusion = expected(step, document)
            require(step.conclusion is conclusion, f"{step.rule} gives {conclusion}")
            require(step.hypotheses == hypotheses, f"{step.rule} gives other hypotheses")
        except IllFormed as error:
            raise WrongStep(document.name, i, str(error)) from None


def check_library(documents: Mapping[str, Document]) -> None:
    """Check that documents fit together.

    Raises
    ------
    Conflict
        If a citation is missing, circular or misquoted, or a symbol means two things.
    """
    meaning: dict[str, tuple[str, Definition]] = {}
    for name, document in documents.items():
        if document.name != name:
            raise Conflict(name, None, f"the file is about {document.name}")
        for symbol, definition in document.definitions.items():
            first, known = meaning.setdefault(symbol, (name, definition))
            if known != definition:
                raise Conflict(name, None, f"{symbol} means something else in {first}")
        for i, step in enumerate(document.steps):
            if step.rule == "cite":
                cited = documents.get(step.parameters["name"])
                if cited is None:
                    raise Conflict(name, i, f"cites {step.parameters['name']}, which is missing")
                if not cited.steps or cited.steps[-1].conclusion is not step.conclusion:
                    raise Conflict(name, i, f"{cited.name} states something else")
    _check_acyclic(documents)


def _check_acyclic(documents: Mapping[str, Document]) -> None:
    settled: set[str] = set()
    todo = dict(documents)
    while todo:
        ready = [name for name, document in todo.items() if document.cited <= settled]
        if not ready:
            raise Conflict(min(todo), None, f"circular citations among {', '.join(sorted(todo))}")
        settled.update(ready)
        for name in ready:
            del todo[name]


def expected(step: Step, document: Document) -> Sequent:
    """The sequent a step's rule gives.

    Raises
    ------
    IllFormed
        If a side condition fails.
    """
    premises = [(document.steps[p].hypotheses, document.steps[p].conclusion) for p in step.premises]
    size = SIZES.get(step.rule)
    require(size is None or len(premises) == size, f"{step.rule} with {len(premises)} premises")
    if step.rule == "definition":
        return NONE, equation(document, step.parameters["symbol"], step.parameters["equation"])
    return RULES[step.rule](step, premises)


def _assume(step: Step, _: list[Sequent]) -> Sequent:
    formula = step.parameters["formula"]
    return frozenset({formula}), formula


def _discharge(step: Step, premises: list[Sequent]) -> Sequent:
    ((gamma, c),) = premises
    formula = step.parameters["formula"]
    return gamma - {formula}, make("=>", (formula, c))


def _modus_ponens(_: Step, premises: list[Sequent]) -> Sequent:
    (gamma, implication), (delta, a) = premises
    require(implication.operator == "=>", "the first premise is no implication")
    require(implication.arguments[0] is a, "the second premise is not what the first asks for")
    return gamma | delta, implication.arguments[1]


def _conjoin(_: Step, premises: list[Sequent]) -> Sequent:
    require(len(premises) >= 2, "a conjunction of fewer than two")
    return _union(premises), make("and", tuple(c for _, c in premises))


def _conjunct(step: Step, premises: list[Sequent]) -> Sequent:
    ((gamma, whole),) = premises
    require(whole.operator == "and", "not a conjunction")
    i = step.parameters["index"]
    require(0 <= i < len(whole.arguments), f"no part {i}")
    return gamma, whole.arguments[i]


def _generalise(step: Step, premises: list[Sequent]) -> Sequent:
    ((gamma, c),) = premises
    x = step.parameters["variable"]
    require(all(x not in h.free for h in gamma), f"{x} is free in a hypothesis")
    return gamma, bind("forall", x, c)


def _instantiate(step: Step, premises: list[Sequent]) -> Sequent:
    ((gamma, whole),) = premises
    require(whole.operator == "forall", "not universal")
    return gamma, opened(whole, step.parameters["value"])


def _exhibit(step: Step, premises: list[Sequent]) -> Sequent:
    ((gamma, c),) = premises
    claim = step.parameters["claim"]
    require(claim.operator == "exists", "not existential")
    require(
        c is opened(claim, step.parameters["witness"]),
        "the premise is not the claim at the witness",
    )
    return gamma, claim


def _obtain(step: Step, premises: list[Sequent]) -> Sequent:
    (gamma, existence), (delta, c) = premises
    v = step.parameters["witness"]
    require(existence.operator == "exists", "not existential")
    rest = delta - {opened(existence, v)}
    outside = (existence, c, *gamma, *rest)
    require(all(v not in f.free for f in outside), f"the witness {v} occurs outside")
    return gamma | rest, c


def _cases(step: Step, premises: list[Sequent]) -> Sequent:
    (gamma, c), (delta, d) = premises
    formula = step.parameters["formula"]
    require(decidable(formula), "a case split on no comparison of numbers")
    require(c is d, "the cases prove different things")
    return (gamma - {formula}) | (delta - {make("not", (formula,))}), c


def _induction(step: Step, premises: list[Sequent]) -> Sequent:
    (gamma, base), (delta, inductive) = premises
    claim = step.parameters["claim"]
    require(claim.operator == "forall" and claim.data == ("Int",), "not about every integer")
    # The name is one no file can give, so that it is fresh.
    n = make("variable", (), ("fresh",), "Int")
    guarded = opened(claim, n)
    natural = make("<=", (ZERO, n))
    require(guarded.operator == "=>" and guarded.arguments[0] is natural, "no 0 ≤ n in front")
    p = guarded.arguments[1]
    require(base is substitute(p, n, ZERO), "the first premise is not the claim at 0")
    above = substitute(p, n, make("+", (n, ONE)))
    wanted = bind("forall", n, make("=>", (natural, make("=>", (p, above)))))
    require(inductive is wanted, "the second premise is not the step of the claim")
    return gamma | delta, claim


def _rewrite(step: Step, premises: list[Sequent]) -> Sequent:
    (gamma, equality), (delta, a) = premises
    template, z = step.parameters["template"], step.parameters["at"]
    require(equality.operator == "=", "the first premise is no equation")
    s, t = equality.arguments
    require(
        s.sort == z.sort and z.sort in ("Int", "Real"), "not an equation of the variable's sort"
    )
    require(
        a is substitute(template, z, s), "the second premise is not the template at the left side"
    )
    return gamma | delta, substitute(template, z, t)


def _transport(_: Step, premises: list[Sequent]) -> Sequent:
    (gamma, equivalence), (delta, c) = premises
    both = equivalence.operator == "=" and equivalence.arguments[0].sort == "Bool"
    require(both, "the first premise is no equivalence")
    left, right = equivalence.arguments
    require(c is left or c is right, "the second premise is neither side")
    return gamma | delta, right if c is left else left


def _quotient(_: Step, __: list[Sequent]) -> Sequent:
    a, b = make("variable", (), "a", "Real"), make("variable", (), "b", "Real")
    nonzero = make("not", (make("=", (b, number(0, "Real"))),))
    law = make("=", (make("*", (make("/", (a, b)), b)), a))
    return NONE, bind("forall", a, bind("forall", b, make("=>", (nonzero, law))))


def _leaf(step: Step, premises: list[Sequent]) -> Sequent:
    return _union(premises), step.parameters["goal"]


def _axiom(step: Step, _: list[Sequent]) -> Sequent:
    formula = step.parameters["formula"]
    require(RESULT.fullmatch(step.parameters["name"]) is not None, "not an axiom's name")
    require(not formula.free, "an axiom with free variables")
    return NONE, formula


def _named(_: Step, premises: list[Sequent]) -> Sequent:
    ((gamma, c),) = premises
    require(not gamma and not c.free, "a result with hypotheses or free variables")
    return NONE, c


def equation(document: Document, symbol: str, which: int) -> Term:
    """A defining equation, all its parameters universal."""
    require(symbol in document.definitions, f"{symbol} is not defined")
    d = document.definitions[symbol]
    n = d.measure

    def call(at: Term | None) -> Term:
        places = tuple(at if p is n and at is not None else p for p in d.parameters)
        return make("symbol", places, d.signature)

    if n is None or d.successor is None:
        require(which == 0, "an explicit definition has one equation")
        body, over = make("=", (call(None), d.body)), d.parameters
    elif which == 0:
        body = make("=", (call(ZERO), d.body))
        over = tuple(p for p in d.parameters if p is not n)
    else:
        require(which == 1, "a recursion has two equations")
        step = make("=", (call(make("+", (n, ONE))), d.successor))
        body, over = make("=>", (make("<=", (ZERO, n)), step)), d.parameters
    for parameter in reversed(over):
        body = bind("forall", parameter, body)
    return body


def _union(premises: Iterable[Sequent]) -> frozenset[Term]:
    return NONE.union(*(gamma for gamma, _ in premises))


Rule = Callable[[Step, list[Sequent]], Sequent]
RULES: Final[dict[str, Rule]] = {
    "assume": _assume,
    "discharge": _discharge,
    "modus_ponens": _modus_ponens,
    "conjoin": _conjoin,
    "conjunct": _conjunct,
    "generalise": _generalise,
    "instantiate": _instantiate,
    "exhibit": _exhibit,
    "obtain": _obtain,
    "cases": _cases,
    "induction": _induction,
    "rewrite": _rewrite,
    "transport": _transport,
    "quotient": _quotient,
    "leaf": _leaf,
    "axiom": _axiom,
    "named": _named,
}
# How many premises each rule has; conjoin and leaf take any number.
SIZES: Final[dict[str, int]] = {
    "assume": 0, "discharge": 1, "modus_ponens": 2, "conjunct": 1, "generalise": 1,
    "instantiate": 1, "exhibit": 1, "obtain": 2, "cases": 2, "induction": 2, "rewrite": 2,
    "transport": 2, "quotient": 0, "definition": 0, "axiom": 0, "named": 1,
}  # fmt: skip
