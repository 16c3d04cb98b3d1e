"""Derivation files as Coq files: one theorem a result, one lemma a leaf, one definition a step.

A step ``Γ ⊢ C`` becomes a term of type ``forall x …, Γ -> C`` over the free variables of the
sequent, built from the terms of its premises; Coq checks each against its type.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from verifier.errors import BadInput
from verifier.recheck.coq.arithmetic import NoProofFound
from verifier.recheck.coq.gallina import Printer, sort_type
from verifier.recheck.coq.leaf import prove_leaf
from verifier.recheck.coq.names import equation_name, result_name, symbol_name
from verifier.recheck.coq.terms import Document, Meaning, Step, Term, Terms

HEADER: Final = "From Derivations Require Import Prelude"


@dataclass(frozen=True)
class Part:
    """A part of a Coq file that proves one step.

    Attributes
    ----------
    step:
        The step's number.
    text:
        Its sentences.
    problem:
        Why a leaf has no proof, if it has none; it then stands admitted.
    refuted:
        Whether the search saw a model of the leaf's negation.
    """

    step: int
    text: str
    problem: str = ""
    refuted: bool = False


@dataclass(frozen=True)
class CoqFile:
    """One result's file: ``head``, then the parts, then ``tail``; ``fault`` if it has none."""

    name: str
    head: str
    parts: tuple[Part, ...]
    tail: str
    leaves: int
    fault: str = ""
    axioms: tuple[str, ...] = ()

    def text(self, admitted: Iterable[int] = ()) -> str:
        """The whole file; the leaves of ``admitted`` steps are assumed, to see what else fails."""
        out = set(admitted)
        parts = [admit(p.text) if p.step in out else p.text for p in self.parts]
        return "\n".join([self.head, *parts, self.tail])


def admit(text: str) -> str:
    """A leaf's lemma without its proof."""
    head, proof, rest = text.partition("\nProof.")
    if not proof:
        return text
    _, _, after = rest.partition("\nQed.")
    return f"{head}\nAdmitted.{after}"


# Definitions.


def collect(documents: Iterable[Document]) -> tuple[Meaning, ...]:
    """The symbols of all documents, each once, in order of dependence.

    Raises
    ------
    BadInput
        If two documents mean different things by one name.
    """
    found: dict[str, Meaning] = {}
    for document in documents:
        for symbol in document.symbols:
            if found.setdefault(symbol.name, symbol) != symbol:
                raise BadInput(document.name, f"{symbol.name} is defined otherwise in another file")
    return tuple(found.values())


def definitions_file(symbols: Sequence[Meaning]) -> str:
    """``Definitions.v``: each symbol with its equations, proved."""
    parts = [f"{HEADER}.", "Open Scope R_scope.", ""]
    parts += [definition(symbol) for symbol in symbols]
    return "\n".join(parts) + "\n"


def definition(symbol: Meaning) -> str:
    """A symbol's definition and equations."""
    printer = Printer()
    name = symbol_name(symbol.name)
    binders = " ".join(map(printer.binder, symbol.parameters))
    # A constant has no parameters, and then no binders.
    head = f"Definition {name} {binders}".rstrip()
    result = sort_type(symbol.sort)
    joint = "<->" if symbol.sort == "Bool" else "="
    scope = {"Int": "%Z", "Real": "%R"}.get(str(symbol.sort), "")
    arguments = " ".join(printer.name(p) for p in symbol.parameters)
    call = f"({name} {arguments})" if arguments else name
    if symbol.measure is None or symbol.successor is None:
        body = printer.term(symbol.body)
        every = f"forall {binders}, " if binders else ""
        reflexive = "iff_refl _" if symbol.sort == "Bool" else "eq_refl"
        proof = f"fun {binders} => {reflexive}" if binders else reflexive
        equation = equation_name(symbol.name, 0)
        return (
            f"{head} : {result} :=\n  {body}.\n"
            f"Definition {equation} : {every}({call} {joint} {body}){scope} :=\n"
            f"  {proof}.\n"
        )
    n = printer.name(symbol.measure)
    others = [p for p in symbol.parameters if p is not symbol.measure]
    other_binders = " ".join(map(printer.binder, others))
    function = f"fun {other_binders} => " if others else ""
    zero = printer.term(symbol.body)
    above = printer.term(symbol.successor)
    inner = _recursive_call(printer, symbol, name)
    rest = " ".join(printer.name(p) for p in others)
    types = " -> ".join([*(f"({sort_type(p.sort)})" for p in others), result])
    at_zero = call_at(printer, symbol, name, "0%Z")
    at_next = call_at(printer, symbol, name, f"({n} + 1)%Z")
    every_other = f"forall {other_binders}, " if others else ""
    return (
        f"{head} : {result} :=\n"
        f"  recursion (A := {types}) ({function}{zero})\n"
        f"    (fun ({n} : Z) (before_ : {types}) => {function}{inner}) {n} {rest}.\n"
        f"Lemma {equation_name(symbol.name, 0)} : {every_other}({at_zero} {joint} {zero}){scope}.\n"
        f"Proof. intros; reflexivity. Qed.\n"
        f"Lemma {equation_name(symbol.name, 1)} : forall {binders},\n"
        f"  (0 <= {n})%Z -> ({at_next} {joint} {above}){scope}.\n"
        f"Proof.\n"
        f"  intros {arguments} natural_; unfold {name} at 1.\n"
        f"  rewrite (recursion_next _ _ {n} natural_); reflexivity.\n"
        f"Qed.\n"
    )


def call_at(printer: Printer, symbol: Meaning, name: str, measure: str) -> str:
    """A call of a symbol at its parameters, with ``measure`` in its place."""
    words = [measure if p is symbol.measure else printer.name(p) for p in symbol.parameters]
    return f"({' '.join([name, *words])})"


def _recursive_call(printer: Printer, symbol: Meaning, name: str) -> str:
    """The successor with ``before_`` for the calls of the symbol itself."""
    if symbol.successor is None:
        raise ValueError(f"{name} is not recursive")
    place = symbol.parameters.index(symbol.measure) if symbol.measure in symbol.parameters else 0
    inner = _Recursive(dict(printer.known), symbol.name, place)
    return inner.term(symbol.successor)


@dataclass
class _Recursive(Printer):
    """Prints calls of one symbol as calls of ``before_``, without the measure."""

    itself: str = ""
    place: int = 0

    def _application(self, term: Term, bound: tuple[str, ...], scope: str) -> str:
        if term.operator != "symbol" or term.data != self.itself:
            return super()._application(term, bound, scope)
        others = [a for i, a in enumerate(term.arguments) if i != self.place]
        words = ["before_", *(self.term(a, bound, scope) for a in others)]
        return f"({' '.join(words)})" if others else "before_"


# Steps.


class _Exporter:
    def __init__(self, terms: Terms, document: Document) -> None:
        self.terms, self.document = terms, document
        self.printer = Printer()
        self.hypotheses: dict[Term, str] = {}

    def hypothesis(self, formula: Term) -> str:
        """The name of an assumed formula."""
        return self.hypotheses.setdefault(formula, f"H_{len(self.hypotheses)}")

    def type(self, step: Step) -> str:
        """The type of a step's term."""
        binders = " ".join(map(self.printer.binder, step.free))
        body = " -> ".join(self.printer.term(f) for f in (*step.hypotheses, step.conclusion))
        return f"forall {binders}, {body}" if binders else body

    def use(self, number: int) -> str:
        """A step's term at its variables and hypotheses, which stand in scope by their names."""
        step = self.document.steps[number]
        if step.rule == "assume":
            return self.hypothesis(step.conclusion)
        words = [f"step_{number}", *(self.printer.name(v) for v in step.free)]
        words += [self.hypothesis(h) for h in step.hypotheses]
        return f"({' '.join(words)})" if len(words) > 1 else words[0]

    def part(self, number: int) -> Part | None:
        """The Coq text of a step; assumptions need none."""
        step = self.document.steps[number]
        if step.rule == "assume":
            return None
        if step.rule in ("leaf", "oracle"):
            return self.leaf(number, step)
        if step.rule == "axiom":
            # Coq lists it among the assumptions of whatever rests on it.
            stated = f"Axiom axiom_{number} : {self.type(step)}."
            return Part(number, f"{stated}\n{self.definition(number, step, f'axiom_{number}')}")
        return Part(number, self.definition(number, step, self.proof(step)))

    def definition(self, number: int, step: Step, proof: str) -> str:
        """``step_n`` as the term of a proof."""
        binders = [self.printer.binder(v) for v in step.free]
        binders += [f"({self.hypothesis(h)} : {self.printer.term(h)})" for h in step.hypotheses]
        # A premise may speak of variables that the sequent no longer has: any value serves.
        present = set(step.free)
        bound_here = {v for v in (step.parameters.get("variable"), step.parameters.get("witness"))
                      if isinstance(v, Term)}  # fmt: skip
        idle = [
            v
            for p in step.premises
            for v in self.document.steps[p].free
            if v not in present and (v not in bound_here or step.rule == "exhibit")
        ]
        lets = "".join(
            f"let {self.printer.name(v)} : {sort_type(v.sort)} := {inhabitant(v)} in\n  "
            for v in dict.fromkeys(idle)
        )
        head = f"Definition step_{number} {' '.join(binders)}".rstrip()
        return f"{head} : {self.printer.term(step.conclusion)} :=\n  {lets}{proof}."

    def proof(self, step: Step) -> str:
        """The term of a step from its premises' terms."""
        show, given = self.printer.term, step.parameters
        used = [self.use(p) for p in step.premises]
        before = [self.document.steps[p] for p in step.premises]
        rule = step.rule
        if rule == "discharge":
            formula = given["formula"]
            return f"(fun ({self.hypothesis(formula)} : {show(formula)}) => {used[0]})"
        if rule == "modus_ponens":
            return f"({used[0]} {used[1]})"
        if rule == "conjoin":
            text = used[-1]
            for one in reversed(used[:-1]):
                text = f"(conj {one} {text})"
            return text
        if rule == "conjunct":
            width = len(before[0].conclusion.arguments)
            text = used[0]
            for _ in range(given["index"]):
                text = f"(proj2 {text})"
            return f"(proj1 {text})" if given["index"] < width - 1 else text
        if rule == "generalise":
            return f"(fun {self.printer.binder(given['variable'])} => {used[0]})"
        if rule == "instantiate":
            return f"({used[0]} {show(given['value'])})"
        if rule == "exhibit":
            claim = given["claim"]
            return f"(ex_intro {self.predicate(claim)} {show(given['witness'])} {used[0]})"
        if rule == "obtain":
            witness = given["witness"]
            opened = self.terms.opened(before[0].conclusion, witness)
            v, h = self.printer.name(witness), self.hypothesis(opened)
            return f"match {used[0]} with ex_intro _ {v} {h} => {used[1]} end"
        if rule == "cases":
            split = given["formula"]
            yes, no = self.hypothesis(split), self.hypothesis(self.terms.negation(split))
            decided = self.printer.decision(split)
            return f"match {decided} with left {yes} => {used[0]} | right {no} => {used[1]} end"
        if rule == "induction":
            claim = given["claim"]
            return f"(natural_induction {self.induction_predicate(claim)} {' '.join(used)})"
        if rule == "rewrite":
            z = given["at"]
            left, right = before[0].conclusion.arguments
            motive = f"(fun {self.printer.binder(z)} => {show(given['template'])})"
            return f"(eq_ind {show(left)} {motive} {used[1]} {show(right)} {used[0]})"
        if rule == "transport":
            forward = before[1].conclusion is before[0].conclusion.arguments[0]
            return f"({'proj1' if forward else 'proj2'} {' '.join(used)})"
        if rule == "quotient":
            return "quotient_law"
        if rule == "definition":
            return equation_name(given["symbol"], given["equation"])
        if rule == "cite":
            name = result_name(given["name"])
            return f"{name}.{name}"
        if rule == "named":
            return used[0]
        raise BadInput(self.document.name, f"no rule is called {rule}")

    def predicate(self, claim: Term) -> str:
        """The body of ``exists`` as a function."""
        text = self.printer.term(claim)
        prefix = "(exists "
        if not text.startswith(prefix):
            raise BadInput(self.document.name, "a witness is given for what is not existential")
        return f"(fun {text[len(prefix) :].replace(', ', ' => ', 1)}"

    def induction_predicate(self, claim: Term) -> str:
        """The property of ``forall n, 0 <= n -> property``."""
        guarded = claim.arguments[0]
        property_ = self.terms.make("forall", (guarded.arguments[1],), claim.data, "Bool",
                                    claim.names)  # fmt: skip
        text = self.printer.term(property_)
        return f"(fun {text[len('(forall ') :].replace(', ', ' => ', 1)}"

    def leaf(self, number: int, step: Step) -> Part:
        """A leaf as a lemma and its application."""
        premises = [self.document.steps[p].conclusion for p in step.premises]
        uses = [self.use(p) for p in step.premises]
        try:
            found = prove_leaf(self.terms, premises, step.conclusion, self.printer)
        except NoProofFound as error:
            text = f"Lemma step_{number} : {self.type(step)}.\nAdmitted."
            return Part(number, text, str(error), error.refuted)
        words = [f"leaf_{number}", *found.arguments, *uses]
        proof = f"({' '.join(words)})" if len(words) > 1 else words[0]
        script = "\n".join(found.script)
        lemma = f"Lemma leaf_{number} : {found.statement}.\nProof.\n{script}\nQed."
        return Part(number, f"{lemma}\n{self.definition(number, step, proof)}")


def inhabitant(variable: Term) -> str:
    """Some value of a variable's sort."""
    if isinstance(variable.sort, str):
        return "0%Z" if variable.sort == "Int" else "0%R"
    binders = " ".join("_" for _ in variable.sort[0])
    return f"(fun {binders} => {'0%Z' if variable.sort[1] == 'Int' else '0%R'})"


def export(terms: Terms, document: Document) -> CoqFile:
    """The Coq file of a result."""
    exporter = _Exporter(terms, document)
    head = [f"{HEADER} Definitions."]
    head += [f"From Derivations Require {result_name(n)}." for n in document.cited]
    head += ["Open Scope R_scope.", ""]
    parts = [exporter.part(i) for i in range(len(document.steps))]
    last = document.steps[-1]
    name = result_name(document.name)
    tail = (
        f"\nTheorem {name} : {exporter.printer.term(last.conclusion)}.\n"
        f"Proof. exact step_{len(document.steps) - 1}. Qed.\n"
    )
    kept = tuple(p for p in parts if p is not None)
    axioms = tuple(f"axiom_{i}" for i, s in enumerate(document.steps) if s.rule == "axiom")
    head_text = "\n".join(head)
    return CoqFile(name, head_text, kept, tail, document.leaves, axioms=axioms)
