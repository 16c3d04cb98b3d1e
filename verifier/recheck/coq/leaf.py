"""Coq proofs of leaves.

A leaf is proved in two layers.  *Theory lemmas* say that a few comparisons contradict each other;
``lia`` and ``lra`` prove them, with the products they need written out.  A *tree* of case splits
on comparisons then refutes the leaf: in each of its ends a formula is false, or a theory lemma
applies.  z3 and this search only propose; what they propose is text that Coq checks.

If-then-else, division, and equal arguments of a function enter as facts, each proved by one lemma
of ``Prelude.v``, so that what remains to prove has variables in place of all such terms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, combinations_with_replacement
from typing import Any, Final, TypeAlias

from verifier.recheck.coq.arithmetic import (
    Arithmetic,
    Judge,
    Literal,
    Monomial,
    NoProofFound,
    Polynomial,
    casts,
    factors_of,
    literals_of,
    plus,
    times,
)
from verifier.recheck.coq.formulas import (
    Assignment,
    Witness,
    atoms_of,
    comparison,
    projection,
    structured,
    value_of,
)
from verifier.recheck.coq.gallina import Printer, sort_type
from verifier.recheck.coq.names import symbol_name
from verifier.recheck.coq.terms import Term, Terms

MOST_NODES: Final = 4_000


@dataclass(frozen=True)
class LeafProof:
    """A leaf as a lemma of its own and how it applies.

    Attributes
    ----------
    statement:
        The lemma, over fresh variables.
    script:
        Its proof, tactics one a line.
    arguments:
        What the lemma is applied to, but for the premises, which come last.
    """

    statement: str
    script: tuple[str, ...]
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Fact:
    """A formula with the Gallina term that proves it inside the lemma."""

    formula: Term
    proof: str


@dataclass(frozen=True)
class Product:
    """A product of two literals' gaps, or of an equation's gap and a factor."""

    left: Literal
    right: Literal | Term


@dataclass(frozen=True)
class Lemma:
    """Literals that contradict each other.

    Attributes
    ----------
    products:
        The products of literals that linear arithmetic needs besides.
    domain:
        ``Z`` if only integers are compared, else ``R``.
    tactic:
        What closes it.
    """

    name: str
    literals: tuple[Literal, ...]
    products: tuple[Product, ...]
    domain: str
    tactic: str


# A tree's ends and forks.


@dataclass(frozen=True)
class End:
    """A contradiction (or the goal) from the assignment."""

    script: str
    uses: frozenset[Term]


@dataclass(frozen=True)
class Fork:
    """A case split on an atom."""

    atom: Term
    when: Tree
    otherwise: Tree
    uses: frozenset[Term]


@dataclass(frozen=True)
class Derived:
    """An opaque atom's value, derived from a fact."""

    atom: Term
    script: str
    rest: Tree
    uses: frozenset[Term]


Tree: TypeAlias = End | Fork | Derived


class Search:
    """The search for one leaf's lemma and tree."""

    def __init__(self, terms: Terms, premises: Sequence[Term], goal: Term) -> None:
        self.terms, self.premises, self.goal = terms, tuple(premises), goal
        self.arithmetic = Arithmetic()
        self.printer = Printer()
        # Facts the lemma takes before its premises, with proofs where it is applied.
        self.extra: set[Term] = set()
        self.applications: dict[object, list[Term]] = {}
        self.paired: set[tuple[int, int]] = set()
        self.supplied: list[tuple[Term, Any]] = []
        self.facts: list[Fact] = []
        self.lemmas: list[Lemma] = []
        self.nodes = 0
        self.seen: set[Term] = set()
        self.opaque: list[Term] = []
        self.numbers: list[Term] = []
        for formula in (*self.premises, goal):
            self.enter(formula)
        self.printer.known.update({t: f"v_{i}" for i, t in enumerate(self.numbers)})
        self.printer.known.update({t: f"q_{i}" for i, t in enumerate(self.opaque)})

    # Atoms.

    def enter(self, term: Term) -> None:
        """Find the atoms of a formula; if-then-else and division bring their facts."""
        todo = [term]
        while todo:
            node = todo.pop()
            if node in self.seen:
                continue
            self.seen.add(node)
            if node.sort == "Bool":
                if structured(node) or comparison(node):
                    todo.extend(node.arguments)
                else:
                    self.opaque.append(node)
                    self._application(node, todo)
            elif node.operator in ("number", "+", "-", "*", "to_real") or (
                node.operator == "/" and node.arguments[1].operator == "number"
            ):
                todo.extend(node.arguments)
            else:
                self.numbers.append(node)
                self._number(node, todo)

    def _number(self, node: Term, todo: list[Term]) -> None:
        if node.operator == "ite":
            condition, then, otherwise = node.arguments
            make = self.terms.make
            for guard, value, name in (
                (condition, then, "if_true"),
                (self.terms.negation(condition), otherwise, "if_false"),
            ):
                fact = make("=>", (guard, make("=", (node, value))))
                self.supply(fact, ("ite", name, node))
                todo.append(fact)
        elif node.operator in ("div", "mod"):
            self._division(node, todo)
        elif node.operator in ("apply", "symbol"):
            self._application(node, todo)

    def _division(self, node: Term, todo: list[Term]) -> None:
        a, b = node.arguments
        make = self.terms.make
        quotient = make("div", (a, b), None, "Int")
        rest = make("mod", (a, b), None, "Int")
        zero = make("number", (), Fraction(0), "Int")
        whole = make("+", (make("*", (b, quotient), None, "Int"), rest), None, "Int")
        in_range = (make("<=", (zero, rest)), make("<", (rest, b)))
        fact = make("and", (make("=", (a, whole)), *in_range))
        if fact not in self.extra:
            self.supply(fact, ("division", "", node))
            todo.append(fact)

    def _application(self, node: Term, todo: list[Term]) -> None:
        if node.operator not in ("apply", "symbol"):
            return
        numeric = [a for a in node.arguments if isinstance(a.sort, str)]
        functions = tuple(id(a) for a in node.arguments if not isinstance(a.sort, str))
        if numeric:
            key = (node.operator, node.data, functions)
            self.applications.setdefault(key, []).append(node)
        todo.extend(numeric)

    def supply(self, formula: Term, how: Any) -> None:
        """Let the lemma take a fact, proved where the lemma is applied."""
        if formula not in self.extra:
            self.extra.add(formula)
            self.supplied.append((formula, how))

    # The lemma.

    def run(self) -> tuple[str, tuple[str, ...]]:
        """Find a proof; gives the lemma's statement and its tactics.

        Raises
        ------
        NoProofFound
            If there is none to be found.
        """
        decided = not any(not comparison(a) for a in atoms_of(self.goal))
        intros: list[str] = []
        goal = self.goal
        given: list[Fact] = [Fact(f, f"P_{i}") for i, f in enumerate(self.premises)]
        if not decided:
            while goal.operator == "=>":
                intros.append(f"G_{len(intros)}")
                given.append(Fact(goal.arguments[0], intros[-1]))
                goal = goal.arguments[1]
            decided = not any(not comparison(a) for a in atoms_of(goal))
        self.target = None if decided else goal
        if decided:
            given.append(Fact(self.terms.negation(goal), "N_"))
        pieces = [piece for fact in given for piece in split(fact)]
        pieces += [p for i, (f, _) in enumerate(self.supplied) for p in split(Fact(f, f"E_{i}"))]
        self.spare = list(pieces)
        needed = Judge().needed([f.formula for f in pieces], self.target)
        self.facts = pieces if needed is None else [pieces[i] for i in needed]
        self.hypothesis: dict[Term, str] = {}
        tree = self.search({})
        return self.write(tree, goal, decided, intros)

    def name(self, atom: Term) -> str:
        """The name of the hypothesis that an atom holds, or not."""
        if atom not in self.hypothesis:
            self.hypothesis[atom] = f"L_{len(self.hypothesis)}"
        return self.hypothesis[atom]

    def search(self, given: Assignment) -> Tree:
        """A tree that refutes the facts under what is assigned."""
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise NoProofFound(f"more than {MOST_NODES} case splits")
        ended = self.end(given)
        if ended is not None:
            return ended
        forced = self.forced(given)
        if forced is not None:
            return self.fork(*forced, given)
        found = self.contradiction(given)
        if isinstance(found, Lemma):
            return self.apply(found, given)
        atom = found or self.open_atom(given) or self.refine(given)
        return self.search(given) if atom is None else self.fork(atom, True, given)

    def end(self, given: Assignment) -> End | None:
        """The end of a branch, if a formula is false, a lemma applies, or the goal holds."""
        for fact in self.facts:
            if value_of(fact.formula, given) is False:
                witness = Witness(given, self.hypothesis)
                proof = witness.fails(fact.formula, fact.proof)
                return End(f"destruct ({proof}).", frozenset(witness.used))
        for lemma in self.lemmas:
            if all(given.get(a) is v for a, v in lemma.literals):
                return self.apply(lemma, given)
        if self.target is not None and value_of(self.target, given):
            witness = Witness(given, self.hypothesis)
            proof = witness.holds(self.target)
            return End(f"exact {proof}.", frozenset(witness.used))
        return None

    def apply(self, lemma: Lemma, given: Assignment) -> End:
        """The end of a branch by a lemma."""
        names = " ".join(self.hypothesis[a] for a, _ in lemma.literals)
        return End(f"destruct ({lemma.name} {names}).", frozenset(a for a, _ in lemma.literals))

    def forced(self, given: Assignment) -> Literal | None:
        """An atom and the value that ends its branch at once."""
        for lemma in self.lemmas:
            left = [(a, v) for a, v in lemma.literals if given.get(a) is not v]
            if len(left) == 1 and left[0][0] not in given:
                return left[0]
        for fact in self.facts:
            if value_of(fact.formula, given) is not None:
                continue
            for atom in atoms_of(fact.formula):
                if atom not in given:
                    for v in (True, False):
                        if value_of(fact.formula, {**given, atom: v}) is False:
                            return atom, v
        return None

    def open_atom(self, given: Assignment) -> Term | None:
        """An atom that an unsettled fact, or the goal, waits for; the shortest fact first."""
        best: tuple[int, Term] | None = None
        for fact in self.facts:
            if value_of(fact.formula, given) is None:
                waiting = [
                    a
                    for a in atoms_of(fact.formula)
                    if a not in given and (self.target is None or comparison(a))
                ]
                if waiting and (best is None or len(waiting) < best[0]):
                    best = len(waiting), waiting[0]
        if best is None and self.target is not None:
            for atom in atoms_of(self.target):
                if atom not in given and comparison(atom):
                    return atom
        return best[1] if best else None

    def fork(self, atom: Term, first: bool, given: Assignment) -> Tree:
        """A split on an atom, or one side of it where that does not need the atom."""
        self.name(atom)
        one = self.search({**given, atom: first})
        if atom not in one.uses:
            return one
        if self.target is not None and not comparison(atom):
            return self.derive(atom, first, one, given)
        two = self.search({**given, atom: not first})
        if atom not in two.uses:
            return two
        when, otherwise = (one, two) if first else (two, one)
        return Fork(atom, when, otherwise, (one.uses | two.uses) - {atom})

    def derive(self, atom: Term, first: bool, one: Tree, given: Assignment) -> Tree:
        """An opaque atom's value where the goal is opaque too, so that no split is allowed."""
        rest = self.search({**given, atom: not first})
        if atom not in rest.uses:
            return rest
        name = self.hypothesis[atom]
        if first:
            if not isinstance(one, End) or "exact" in one.script:
                raise NoProofFound(f"an opaque proposition would have to be decided: {atom}")
            script = f"assert ({name} : ~ {self.shown(atom)}) by (intro {name}; {one.script[:-1]})."
            uses = one.uses - {atom}
        else:
            facts = [f for f in self.facts if value_of(f.formula, {**given, atom: False}) is False]
            if not facts:
                raise NoProofFound(f"an opaque proposition would have to be decided: {atom}")
            uses = frozenset(a for a in atoms_of(facts[0].formula) if a in given)
            kept = " ".join(self.hypothesis[a] for a in uses)
            script = (
                f"assert ({name} : {self.shown(atom)}) by "
                f"(generalize {facts[0].proof}; clear - {kept}; tauto)."
                if kept
                else f"assert ({name} : {self.shown(atom)}) by "
                f"(generalize {facts[0].proof}; clear; tauto)."
            )
        return Derived(atom, script, rest, (uses | rest.uses) - {atom})

    # Theory.

    def contradiction(self, given: Assignment) -> Lemma | Term | None:
        """A lemma that the comparisons assigned contradict, by linear arithmetic.

        Where integers and reals contradict each other only because integers are whole, a
        comparison to split on instead: on each side real arithmetic comes closer.
        """
        literals = literals_of(given)
        arithmetic = self.arithmetic
        core = arithmetic.refute({x: arithmetic.literal_switch(x) for x in literals})
        if core is None:
            return None
        if len({a.arguments[0].sort for a, _ in core}) == 1 and not any(map(self.cast, core)):
            return self.learn(core, ())
        if all(a.arguments[0].sort == "Int" for a, _ in core):
            return self.learn(core, ())
        relaxed = arithmetic.refute({x: arithmetic.literal_switch(x, True) for x in literals})
        if relaxed is not None:
            return self.learn(relaxed, ())
        for atom in self.whole_number_splits(core):
            if atom not in given:
                return atom
        raise NoProofFound("integers and reals contradict each other in a way that is not known")

    def whole_number_splits(self, core: Sequence[Literal]) -> Iterator[Term]:
        """Comparisons worth splitting on where real arithmetic alone does not refute the core."""
        make = self.terms.make
        for atom, positive in core:
            if atom.operator == "=" and not positive and atom.arguments[0].sort == "Int":
                yield make("<=", atom.arguments)
        seen = {i for x in core for m in self.arithmetic.gap(x)[0] for i in m}
        numbers = [self.arithmetic.numbers[i] for i in sorted(seen)]
        for term in numbers:
            if term.operator == "mod":
                for k in range(int(term.arguments[1].data) - 1):
                    yield make("<=", (term, make("number", (), Fraction(k), "Int")))
        for literal in core:
            yield from self.tightened(literal)
        for atom, positive in core:
            if atom.operator == "=" and not positive:
                yield make("<=", atom.arguments)
        if self.arithmetic.model is None:
            return
        for term in numbers:
            value = self.arithmetic.value(self.arithmetic.polynomial(term), relaxed=True)
            if term.sort == "Int" and value is not None and value.denominator > 1:
                floor = Fraction(value.numerator // value.denominator)
                yield make("<=", (term, make("number", (), floor, "Int")))

    def tightened(self, literal: Literal) -> Iterator[Term]:
        """For a comparison of reals that are cast integers, the one of integers it amounts to."""
        p, relation = self.arithmetic.gap(literal)
        constant = p.get((), Fraction(0))
        rest = {m: c for m, c in p.items() if m}
        whole = all(self.arithmetic.integral(m) and c.denominator == 1 for m, c in rest.items())
        if rest and whole and constant.denominator > 1 and relation in (">=", ">"):
            least = Fraction(-(constant.numerator // constant.denominator))
            make = self.terms.make
            total = make("number", (), Fraction(0), "Int")
            for m, c in rest.items():
                scaled = (make("number", (), c, "Int"), self.monomial(m, "Int"))
                total = make("+", (total, make("*", scaled, None, "Int")), None, "Int")
            yield make("<=", (make("number", (), least, "Int"), total))

    def monomial(self, monomial: Monomial, sort: str) -> Term:
        """A monomial as a term of a sort."""
        make = self.terms.make
        factors = [self.arithmetic.numbers[i] for i in monomial]
        if sort == "Real":
            factors = [
                f if f.sort == "Real" else make("to_real", (f,), None, "Real") for f in factors
            ]
        total = factors[0]
        for factor in factors[1:]:
            total = make("*", (total, factor), None, sort)
        return total

    def learn(
        self, literals: Sequence[Literal], products: Sequence[Product], tactic: str = ""
    ) -> Lemma:
        """Note a lemma."""
        sorts = {a.arguments[0].sort for a, _ in literals}
        domain = "Z" if sorts == {"Int"} else "R"
        lemma = Lemma(
            f"T_{len(self.lemmas)}",
            tuple(literals),
            tuple(products),
            domain,
            tactic or ("lia" if domain == "Z" else "lra"),
        )
        self.lemmas.append(lemma)
        return lemma

    def refine(self, given: Assignment) -> Term | None:
        """Every fact holds, and linear arithmetic sees no contradiction: look further.

        Gives a comparison to split on, or None after noting a new fact or lemma.

        Raises
        ------
        NoProofFound
            If nothing further is known.
        """
        literals = literals_of(given)
        violated = list(self.violated(given))
        implied = [pair for pair in violated if self.implied(pair, literals)]
        if implied:
            for pair in implied:
                self.congruence(*pair)
            return None
        if self.multiply(literals):
            return None
        squeezed = self.squeezed(given, literals)
        if squeezed is not None:
            return squeezed
        if violated:
            self.congruence(*violated[0])
            return None
        missing = [f for f in self.spare if f not in self.facts]
        if missing:
            self.facts.extend(missing)
            return None
        core = Judge().nonlinear(literals)
        sorts = {a.arguments[0].sort for a, _ in core}
        self.learn(core, (), "nia" if sorts == {"Int"} else "nra")
        return None

    def squeezed(self, given: Assignment, literals: list[Literal]) -> Term | None:
        """An equation that two opposite comparisons give, for products need equations."""
        gaps = [(x, *self.arithmetic.gap(x)) for x in literals]
        for (x, p, one), (_, q, other) in combinations(gaps, 2):
            if one == other == ">=" and not plus(p, q):
                equation = self.terms.make("=", x[0].arguments)
                if equation not in given:
                    return equation
        return None

    def violated(self, given: Assignment) -> Iterator[tuple[Term, Term]]:
        """Pairs of applications with equal arguments and different values in the last model."""
        value, polynomial = self.arithmetic.value, self.arithmetic.polynomial
        for group in self.applications.values():
            for a, b in combinations(group, 2):
                if (id(a), id(b)) in self.paired:
                    continue
                pairs = list(argument_pairs(a, b))
                if any(value(polynomial(x)) != value(polynomial(y)) for x, y in pairs):
                    continue
                if a.sort == "Bool":
                    different = None not in (given.get(a), given.get(b)) and given[a] != given[b]
                    # The atom of an opaque goal is never assigned: it may be what is lacking.
                    open_ = self.target is not None and (given.get(a) is None) != (
                        given.get(b) is None
                    )
                    if different or open_:
                        yield a, b
                elif value(polynomial(a)) != value(polynomial(b)):
                    yield a, b

    def implied(self, pair: tuple[Term, Term], literals: list[Literal]) -> bool:
        """Whether the arguments are equal by the comparisons."""
        arithmetic = self.arithmetic
        model = arithmetic.model
        switches = {x: arithmetic.literal_switch(x) for x in literals}
        equal = True
        for x, y in argument_pairs(*pair):
            other = (self.terms.make("=", (x, y)), False)
            equal = (
                equal
                and arithmetic.refute({**switches, other: arithmetic.literal_switch(other)})
                is not None
            )
        arithmetic.model = model
        return equal

    def congruence(self, a: Term, b: Term) -> None:
        """Let the lemma take the fact that equal arguments give equal values."""
        self.paired.add((id(a), id(b)))
        fact = self.terms.make("=", (a, b))
        for x, y in reversed([p for p in argument_pairs(a, b) if p[0] is not p[1]]):
            fact = self.terms.make("=>", (self.terms.make("=", (x, y)), fact))
        self.supply(fact, ("congruence", a, b))
        self.enter(fact)
        self.facts.append(Fact(fact, f"E_{len(self.supplied) - 1}"))

    def multiply(self, literals: list[Literal]) -> bool:
        """Look for products of comparisons that contradict them."""
        arithmetic = self.arithmetic
        interesting = {m for x in literals for m in arithmetic.gap(x)[0] if len(m) > 1}
        if not interesting:
            return False
        # Which literals matter is not known yet; products that bring no new monomial come first.
        for allowed in (interesting, None):
            switches: dict[Any, Any] = {x: arithmetic.literal_switch(x) for x in literals}
            for product in self.products(literals):
                p, relation, integer = self.expanded(product)
                fresh = {m for m in p if len(m) > 1}
                if allowed is None or fresh <= allowed:
                    switches[product] = arithmetic.switch(product, p, relation, integer, False)
            core = arithmetic.refute(switches)
            if core is not None:
                used = [c for c in core if isinstance(c, Product)]
                plain = [c for c in core if not isinstance(c, Product)]
                for product in used:
                    plain.append(product.left)
                    if not isinstance(product.right, Term):
                        plain.append(product.right)
                self.learn(tuple(dict.fromkeys(plain)), used)
                return True
        return False

    def products(self, literals: list[Literal]) -> Iterator[Product]:
        """Products worth trying."""
        gap = self.arithmetic.gap
        signed = [x for x in literals if gap(x)[1] in (">=", ">") and len(gap(x)[0]) > 0]
        equations = [x for x in literals if gap(x)[1] == "="]
        for a, b in combinations_with_replacement(signed, 2):
            if a[0].arguments[0].sort == b[0].arguments[0].sort:
                yield Product(a, b)
        for equation in equations:
            sort = str(equation[0].arguments[0].sort)
            for m in factors_of(self.arithmetic, literals):
                if sort == "Real" or self.arithmetic.integral(m):
                    yield Product(equation, self.monomial(m, sort))

    def expanded(self, product: Product) -> tuple[Polynomial, str, bool]:
        """A product multiplied out."""
        p, relation = self.arithmetic.gap(product.left)
        integer = product.left[0].arguments[0].sort == "Int"
        if isinstance(product.right, Term):
            return times(p, self.arithmetic.polynomial(product.right)), "=", integer
        q, other = self.arithmetic.gap(product.right)
        if integer:
            # Integers: a strict gap is at least one.
            p, q = (
                plus(e, {(): Fraction(-1)}) if r == ">" else e
                for e, r in ((p, relation), (q, other))
            )
            return times(p, q), ">=", True
        return times(p, q), ">" if relation == other == ">" else ">=", False

    # Text.

    def shown(self, term: Term) -> str:
        """A term over the lemma's variables."""
        return self.printer.term(term)

    def write(
        self, tree: Tree, goal: Term, decided: bool, intros: list[str]
    ) -> tuple[str, tuple[str, ...]]:
        """The lemma and its proof."""
        names = {t: self.printer.known[t] for t in (*self.numbers, *self.opaque)}
        binders = " ".join(f"({n} : {sort_type(t.sort)})" for t, n in names.items())
        facts = [self.shown(f) for f, _ in self.supplied] + [self.shown(p) for p in self.premises]
        body = " -> ".join([*facts, self.shown(self.goal)])
        statement = f"forall {binders}, {body}" if names else body
        script: list[str] = []
        heads = [f"E_{i}" for i in range(len(self.supplied))]
        heads += [f"P_{i}" for i in range(len(self.premises))]
        introduced = " ".join([*names.values(), *heads, *intros])
        if introduced:
            script.append(f"intros {introduced}.")
        text = "\n".join(self.tree_lines(tree))
        for lemma in self.lemmas:
            if f"({lemma.name} " in text:
                script.extend(self.lemma_lines(lemma))
        if decided:
            script.append(f"destruct {self.printer.decision(goal)} as [h_0 | N_].")
            script.append("exact h_0.")
            script.append("exfalso.")
        script.append(text)
        return statement, tuple(script)

    def tree_lines(self, tree: Tree) -> Iterator[str]:
        """The tactics of a tree."""
        if isinstance(tree, End):
            yield tree.script
        elif isinstance(tree, Derived):
            yield tree.script
            yield from self.tree_lines(tree.rest)
        else:
            name = self.hypothesis[tree.atom]
            if comparison(tree.atom):
                yield f"destruct {self.printer.decision(tree.atom)} as [{name} | {name}]."
            else:
                yield f"apply (absurd_by_cases {self.shown(tree.atom)}); intro {name}."
            for branch in (tree.when, tree.otherwise):
                yield "{"
                yield from self.tree_lines(branch)
                yield "}"

    def literal(self, literal: Literal) -> str:
        """A literal as a proposition."""
        atom, positive = literal
        return self.shown(atom) if positive else f"(~ {self.shown(atom)})"

    def lemma_lines(self, lemma: Lemma) -> Iterator[str]:
        """The statement and proof of a theory lemma."""
        said = " -> ".join([*(self.literal(x) for x in lemma.literals), "False"])
        names = [f"l_{i}" for i in range(len(lemma.literals))]
        yield f"assert ({lemma.name} : {said})."
        yield "{ clear."
        yield f"intros {' '.join(names)}."
        products = [
            (p, f"p_{i}", p.left[0].arguments[0].sort == "Int")
            for i, p in enumerate(lemma.products)
        ]
        yield from (self.product_line(p, n) for p, n, integer in products if integer)
        if lemma.domain == "R":
            compared = [
                *((literal, n) for literal, n in zip(lemma.literals, names, strict=True)),
                *((p.left, n) for p, n, _ in products),
            ]
            for literal, name in compared:
                if literal[0].arguments[0].sort == "Int":
                    yield f"lift {name}."
            if any(map(casts, (a for a, _ in lemma.literals))):
                yield "push_casts."
            yield from (self.product_line(p, n) for p, n, integer in products if not integer)
        yield f"{lemma.tactic}. }}"

    def cast(self, literal: Literal) -> bool:
        """Whether integers occur in a literal, cast or not."""
        p, _ = self.arithmetic.gap(literal)
        return literal[0].arguments[0].sort == "Int" or any(
            self.numbers_sort(i) == "Int" for m in p for i in m
        )

    def numbers_sort(self, index: int) -> str:
        """The sort of a numbered atom."""
        return str(self.arithmetic.numbers[index].sort)

    def product_line(self, product: Product, name: str) -> str:
        """A product as a proved hypothesis."""
        integer = product.left[0].arguments[0].sort == "Int"
        left = self.gap_text(product.left)
        if isinstance(product.right, Term):
            rule = "Z_zero_times" if integer else "R_zero_times"
            right = self.shown(product.right)
        elif integer:
            rule, right = "Z.mul_nonneg_nonneg", self.gap_text(product.right)
        else:
            strict = all(self.arithmetic.gap(x)[1] == ">" for x in (product.left, product.right))
            rule, right = (
                "Rmult_lt_0_compat" if strict else "Rmult_le_pos",
                self.gap_text(product.right),
            )
        solve = "lia" if integer else "(push_casts; lra)"
        premises = f"ltac:({solve})"
        if not isinstance(product.right, Term):
            premises += f" ltac:({solve})"
        pushed = "" if integer else " push_casts."
        return f"pose proof ({rule} {left} {right} {premises}) as {name}.{pushed}"

    def gap_text(self, literal: Literal) -> str:
        """A literal's gap, larger side first."""
        atom, positive = literal
        sort = str(atom.arguments[0].sort)
        left, right = (self.printer.term(a, (), sort) for a in atom.arguments)
        if not positive:
            left, right = right, left
        one = " - 1" if sort == "Int" and self.arithmetic.gap(literal)[1] == ">" else ""
        return f"({right} - {left}{one})%{'Z' if sort == 'Int' else 'R'}"


def argument_pairs(a: Term, b: Term) -> Iterator[tuple[Term, Term]]:
    """The numeric arguments of two applications of one function, side by side."""
    for x, y in zip(a.arguments, b.arguments, strict=True):
        if isinstance(x.sort, str):
            yield x, y


def split(fact: Fact) -> Iterator[Fact]:
    """The parts of a conjunction, each with its proof."""
    if fact.formula.operator == "and":
        width = len(fact.formula.arguments)
        for i, part in enumerate(fact.formula.arguments):
            yield from split(Fact(part, projection(fact.proof, i, width)))
    else:
        yield fact


def prove_leaf(terms: Terms, premises: Sequence[Term], goal: Term, printer: Printer) -> LeafProof:
    """A Coq lemma for a leaf, its proof, and what to apply it to.

    Parameters
    ----------
    printer:
        Prints the leaf's own variables where the lemma is applied.

    Raises
    ------
    NoProofFound
        If the search ends without one.
    """
    search = Search(terms, premises, goal)
    statement, script = search.run()
    arguments = [printer.term(t) for t in (*search.numbers, *search.opaque)]
    arguments += [supplied_proof(how, printer) for _, how in search.supplied]
    return LeafProof(statement, script, tuple(arguments))


def supplied_proof(how: Any, printer: Printer) -> str:
    """The proof of a fact where a leaf's lemma is applied."""
    kind, one, two = how
    if kind == "ite":
        condition, then, otherwise = two.arguments
        decided = printer.decision(condition)
        values = " ".join(printer.term(v) for v in (then, otherwise))
        return f"({one} {decided} {values})"
    if kind == "division":
        a, b = (printer.term(v) for v in two.arguments)
        return f"(division {a} {b} eq_refl)"
    return congruence_proof(one, two, printer)


def congruence_proof(a: Term, b: Term, printer: Printer) -> str:
    """A proof that two applications agree where their arguments do, one argument at a time."""
    lemma, joint, unit = (
        ("congruent_predicate", "iff_trans", "(iff_refl _)")
        if a.sort == "Bool"
        else ("congruent_function", "eq_trans", "eq_refl")
    )
    now = [printer.term(x) for x in a.arguments]
    goal = [printer.term(x) for x in b.arguments]
    head = [symbol_name(a.data)] if a.operator == "symbol" else []
    names: list[str] = []
    steps: list[str] = []
    for i, (x, y) in enumerate(zip(a.arguments, b.arguments, strict=True)):
        if x is y:
            continue
        names.append(f"e_{i}")
        hole = " ".join([*head, *now[:i], "z_", *now[i + 1 :]])
        f = f"(fun z_ : {sort_type(x.sort)} => {hole})"
        steps.append(f"({lemma} {f} {now[i]} {goal[i]} e_{i})")
        now[i] = goal[i]
    if not steps:
        return unit
    text = steps[-1]
    for one in reversed(steps[:-1]):
        text = f"({joint} {one} {text})"
    return f"(fun {' '.join(names)} => {text})"
