"""The structural checker: every step but the leaves, validated from the format's description.

Each function of this module computes the sequent its rule gives; the step must claim exactly
that one.  A leaf's premises and goal are only collected here; whether the premises force the
goal is for the other checkers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from verifier.recheck.document import Definition, Document, Step
from verifier.recheck.errors import Conflict, IllFormed, WrongStep
from verifier.recheck.terms import (
    Term,
    allowance,
    bind,
    make,
    number,
    opened,
    require,
    substitute,
)

# The rules whose premises must force their goal, which no rule of logic shows.
LEAVES: Final = frozenset({"leaf", "oracle"})
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
    assumed:
        Whether the file assumes it, as an oracle's word, and nothing shows it.
    certificate:
        What shows it, not yet checked; None if the file has nothing that does.
    """

    name: str
    step: int
    premises: tuple[Term, ...]
    goal: Term
    assumed: bool = False
    certificate: Any = None


def leaves(document: Document) -> list[Leaf]:
    """The leaves of a document, those included that it assumes."""
    return [
        Leaf(
            document.name,
            number,
            tuple(document.steps[p].conclusion for p in step.premises),
            step.conclusion,
            step.rule == "oracle",
            step.parameters.get("certificate"),
        )
        for number, step in enumerate(document.steps)
        if step.rule in LEAVES
    ]


def check_document(document: Document) -> None:
    """Validate every step of a document; citations are for :func:`check_library`.

    Raises
    ------
    WrongStep
        With the first step that is not an instance of its rule.
    """
    check_ending(document)
    with allowance():
        for i, step in enumerate(document.steps):
            try:
                _check_step(i, step, document)
            except IllFormed as error:
                raise WrongStep(document.name, i, str(error)) from None


def check_ending(document: Document) -> None:
    """That a document has steps, and that the last names what it is about.

    Raises
    ------
    WrongStep
        Otherwise: such a document proves nothing.
    """
    last = document.steps[-1] if document.steps else None
    if last is None or last.rule != "named":
        raise WrongStep(document.name, None, "the last step does not name the result")
    if last.parameters["name"] != document.name:
        raise WrongStep(document.name, len(document.steps) - 1, "another result's name")


def _check_step(number: int, step: Step, document: Document) -> None:
    if step.rule == "named":
        require(number == len(document.steps) - 1, "named before the last step")
    if step.rule == "cite":
        require(not step.premises and not step.hypotheses, "a citation with premises")
        require(not step.conclusion.free, "a citation with free variables")
        return
    hypotheses, conclusion = expected(step, document)
    require(step.conclusion is conclusion, "{} gives {}", step.rule, conclusion)
    require(step.hypotheses == hypotheses, "{} gives other hypotheses", step.rule)


def check_library(documents: Mapping[str, Document]) -> None:
    """Check that documents fit together.

    Raises
    ------
    Conflict
        The first of :func:`conflicts`.
    """
    for conflict in conflicts(documents):
        raise conflict


def conflicts(documents: Mapping[str, Document]) -> list[Conflict]:
    """Where documents do not fit together, each named with every document it concerns.

    A citation is missing, circular or misquoted, or a symbol or an axiom means two things.
    """
    found: list[Conflict] = []
    meanings: dict[str, tuple[str, Definition]] = {}
    assumed: dict[str, tuple[str, Term]] = {}
    for name, document in documents.items():
        if document.name != name:
            found.append(Conflict(name, None, f"the file is about {document.name}"))
        for symbol, definition in document.definitions.items():
            first, known = meanings.setdefault(symbol, (name, definition))
            if known != definition:
                cause = f"{symbol} means something else in {first}"
                found.append(Conflict(name, None, cause, first))
        for i, step in enumerate(document.steps):
            if step.rule == "axiom":
                axiom = step.parameters["name"]
                first, formula = assumed.setdefault(axiom, (name, step.conclusion))
                if formula is not step.conclusion:
                    cause = f"the axiom {axiom} says something else in {first}"
                    found.append(Conflict(name, i, cause, first))
            if step.rule == "cite":
                cited = documents.get(step.parameters["name"])
                if cited is None:
                    cause = f"cites {step.parameters['name']}, which is missing"
                    found.append(Conflict(name, i, cause))
                elif not cited.steps or cited.steps[-1].conclusion is not step.conclusion:
                    found.append(Conflict(name, i, f"{cited.name} states something else"))
    return found + _circles(documents)


def _circles(documents: Mapping[str, Document]) -> list[Conflict]:
    """The documents that cite themselves through others, or cite what does."""
    uses = {name: set(d.cited & documents.keys()) for name, d in documents.items()}
    users: dict[str, list[str]] = {name: [] for name in uses}
    for name, cited in uses.items():
        for other in cited:
            users[other].append(name)
    ready = [name for name, cited in uses.items() if not cited]
    for name in ready:
        for user in users[name]:
            uses[user].discard(name)
            if not uses[user]:
                ready.append(user)
    stuck = sorted(uses.keys() - set(ready))
    named = ", ".join(stuck[:5]) + (", …" if len(stuck) > 5 else "")
    return [Conflict(name, None, f"circular citations among {named}") for name in stuck]


def resting_on(documents: Mapping[str, Document], names: Iterable[str]) -> frozenset[str]:
    """The named documents, and all that cite them, however far above."""
    users: dict[str, list[str]] = {}
    for name, document in documents.items():
        for cited in document.cited:
            users.setdefault(cited, []).append(name)
    found, todo = set(names), list(names)
    while todo:
        for user in users.get(todo.pop(), ()):
            if user not in found:
                found.add(user)
                todo.append(user)
    return frozenset(found)


def expected(step: Step, document: Document) -> Sequent:
    """The sequent a step's rule gives.

    Raises
    ------
    IllFormed
        If a side condition fails.
    """
    premises = [(document.steps[p].hypotheses, document.steps[p].conclusion) for p in step.premises]
    size = SIZES.get(step.rule)
    require(size is None or len(premises) == size, "{} with {} premises", step.rule, len(premises))
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
    require(0 <= i < len(whole.arguments), "no part {}", i)
    return gamma, whole.arguments[i]


def _generalise(step: Step, premises: list[Sequent]) -> Sequent:
    ((gamma, c),) = premises
    x = step.parameters["variable"]
    require(all(x not in h.free for h in gamma), "{} is free in a hypothesis", x)
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
    require(all(v not in f.free for f in outside), "the witness {} occurs outside", v)
    return gamma | rest, c


def _cases(step: Step, premises: list[Sequent]) -> Sequent:
    (gamma, c), (delta, d) = premises
    formula = step.parameters["formula"]
    require(formula.decidable, "a case split on no comparison of numbers")
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
    require(not formula.free, "an axiom with free variables")
    return NONE, formula


def _named(_: Step, premises: list[Sequent]) -> Sequent:
    ((gamma, c),) = premises
    require(not gamma and not c.free, "a result with hypotheses or free variables")
    return NONE, c


def equation(document: Document, symbol: str, which: int) -> Term:
    """A defining equation, all its parameters universal."""
    require(symbol in document.definitions, "{} is not defined", symbol)
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
    "oracle": _leaf,
    "axiom": _axiom,
    "named": _named,
}
# How many premises each rule has; conjoin, leaf and oracle take any number.
SIZES: Final[dict[str, int]] = {
    "assume": 0, "discharge": 1, "modus_ponens": 2, "conjunct": 1, "generalise": 1,
    "instantiate": 1, "exhibit": 1, "obtain": 2, "cases": 2, "induction": 2, "rewrite": 2,
    "transport": 2, "quotient": 0, "definition": 0, "axiom": 0, "named": 1,
}  # fmt: skip
