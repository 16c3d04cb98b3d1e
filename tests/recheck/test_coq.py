"""The Coq export: what it accepts, what Coq refuses, and what it says where Coq is absent."""

import copy
import json
import re

import pytest

from tests.false_neighbours import FALSE_NEIGHBOURS
from verifier import kernel
from verifier.errors import BadInput
from verifier.kernel.definitions import _DEFINED
from verifier.library import catalogue
from verifier.library.derivations import cited, derivation, to_json
from verifier.logic import INT, REAL, FunctionSort, forall, if_then_else, implies, real, variable
from verifier.proving import leaves
from verifier.proving.leaves import leaf
from verifier.recheck.coq import export as coq_export
from verifier.recheck.coq import leaf as coq_leaf
from verifier.recheck.coq import run as coq
from verifier.recheck.coq.names import variable_name
from verifier.recheck.coq.terms import Terms, read

needs_coq = pytest.mark.skipif(not coq.present(), reason=coq.INSTALL)

x, y = variable("x", REAL), variable("y", REAL)
n, m = variable("n", INT), variable("m", INT)
f = variable("f", FunctionSort((REAL,), REAL))
p = variable("p", FunctionSort((INT, INT), REAL))


@pytest.fixture(autouse=True)
def own_definitions():
    # The library's stay, whichever test is first to load it.
    catalogue.load()
    before = dict(_DEFINED)
    yield
    _DEFINED.clear()
    _DEFINED.update(before)


def as_document(theorem):
    return json.loads(to_json(derivation(theorem)))


def documents(*names):
    """Derivation files of library results and of all they rest on."""
    library = catalogue.load()
    found, todo = {}, list(names)
    while todo:
        name = todo.pop()
        if name not in found:
            theorem = library[name].run().theorem
            found[name] = as_document(theorem)
            todo += cited(theorem)
    return found


def on_trust(*names):
    """Files that take library results for axioms: what cites them can be checked alone."""
    library = catalogue.load()
    statements = {name: library[name].run().theorem.conclusion for name in names}
    return {
        name: as_document(kernel.named(name, kernel.axiom(f"trusted-{name}", statement)))
        for name, statement in statements.items()
    }


def leaf_document(name, *formulas):
    """A result that rests on one leaf: the last formula from the others."""
    return {name: as_document(kernel.named(name, closed_leaf(*formulas)))}


def closed_leaf(*formulas):
    """A leaf, its premises discharged and its variables generalised."""
    *premises, goal = formulas
    theorem = leaf(tuple(kernel.assume(a) for a in premises), goal)
    for premise in reversed(premises):
        theorem = kernel.discharge(theorem, premise)
    for v in sorted(theorem.conclusion.free, key=str):
        theorem = kernel.generalise(theorem, v)
    return theorem


@pytest.fixture
def credulous(monkeypatch):
    """Leaves that stand assumed, true ones and false ones."""
    monkeypatch.setattr(leaves, "_needed", lambda offered, _: tuple(range(len(offered))))
    monkeypatch.setattr(leaves.KEEPER, "quick", True)


# Accepted.

LEAVES = {
    "if-then-else": (x <= y, if_then_else(x <= y, x, y) <= y),
    "nested": (if_then_else(if_then_else(x <= 0, real(1), x) <= 0, real(1), real(0)) <= 0,),
    "congruence": (x + 1 == y, f(1 + x) == f(y)),
    "congruence-of-two": (n == m, p(n, m + 0) == p(m, n)),
    "casts": (n < m, real(n) + 1 <= real(m)),
    "whole-numbers": (real(2) * real(n) < 3, 0 < real(n), n == 1),
    "parity": (n == 2 * m, n % 2 == 0),
    "division": (0 <= n, 3 * (n // 3) <= n),
    "not-one-half": (implies(real(n % 2) < real(1) / 2, n % 2 == 0),),
    "product": (0 <= x, x <= y, x * x <= x * y),
    "equivalence": (x <= y, (x <= y) == (0 <= y - x)),
    "disequality": (f(x) < f(y), implies(x == y, x < x)),
    "degree-three": (n <= m, m <= n, n * (n * n + 1) == m * (n * n + 1)),
    "opaque": (forall(x, f(x) <= y), implies(n <= n, forall(x, f(x) <= y))),
}


@needs_coq
def test_every_kind_of_leaf_is_accepted(monkeypatch, tmp_path):
    # Coq proves them itself, also one that no certificate is found for.
    monkeypatch.setattr(leaves.KEEPER, "counted", True)
    # One file for all: starting Coq takes longer than any of them.
    together = kernel.conjoin(*(closed_leaf(*formulas) for formulas in LEAVES.values()))
    found = {"every-kind": as_document(kernel.named("every-kind", together))}
    report = coq.check(found, tmp_path)
    assert report.messages == ()
    assert report.ok
    assert (report.leaves, report.accepted) == (len(LEAVES), len(LEAVES))


@needs_coq
def test_results_are_accepted_with_their_citations(tmp_path):
    found = documents("relu-sawtooth", "power-monotone")
    assert {"product-constant", "product-monotone"} < set(found)
    report = coq.check(found, tmp_path, jobs=2)
    assert report.messages == ()
    assert report.ok
    assert set(report.results.values()) == {"accepted"}
    assert len(report.timings) == report.leaves > 0
    text = (tmp_path / "t_relu_sawtooth.v").read_text()
    stated = r"Theorem t_relu_sawtooth : \(s_sawtooth \(fun .* => \(s_relu .*\)\) 2%Z\)\."
    assert re.search(stated, text)
    assert "Admitted" not in text


@needs_coq
def test_names_meet_nothing_of_coq(tmp_path):
    words = ("S", "O", "nat", "R", "Z", "Type", "fun", "match", "IZR", "le", "Prelude", "step_0")
    shown, variables = [], []
    for word in words:
        number, map_ = variable(word, INT), variable(word, FunctionSort((REAL,), REAL))
        value = if_then_else(number <= 0, real(0), real(number))
        symbol = kernel.define(word, (number,), value)
        meaning = kernel.instantiate(*kernel.definition(symbol), number)
        goal = implies(map_(0) <= real(number), implies(0 < number, map_(0) <= symbol(number)))
        shown.append(leaf((meaning,), goal))
        variables += [number, map_]
    theorem = kernel.conjoin(*shown)
    for v in variables:
        theorem = kernel.generalise(theorem, v)
    report = coq.check({"Type": as_document(kernel.named("Type", theorem))}, tmp_path)
    assert report.messages == ()
    assert report.ok


# Refused.


@needs_coq
def test_false_neighbours_forced_through_the_kernel_are_refused(credulous, tmp_path):
    library = catalogue.load()
    found, forced = {}, []
    for neighbour in FALSE_NEIGHBOURS:
        neighbour.result.outcome = None
        theorem = neighbour.result.run().theorem
        neighbour.result.outcome = None
        assert theorem is not None, neighbour.name
        forced.append(neighbour.name)
        found[neighbour.name] = as_document(theorem)
        found |= on_trust(*(c for c in cited(theorem) if c in library))
    report = coq.check(found, tmp_path, jobs=2)
    assert not report.ok
    assert {report.results[name] for name in forced} <= {"rejected", "unknown"}
    assert {report.results[name] for name in set(found) - set(forced)} == {"accepted"}


@needs_coq
def test_coq_itself_refuses_a_false_leaf(credulous, monkeypatch, tmp_path):
    found, claims = {}, []
    for name in ("lra", "nra", "tauto"):
        found |= leaf_document(f"all-numbers-in-order-by-{name}", x <= y)
        script = ("intros;", f"{name}.")
        names = tuple(variable_name(v, "Real") for v in "xy")
        claims.append(coq_leaf.LeafProof("forall (a b : R), a <= b", script, names))
    monkeypatch.setattr(coq_export, "prove_leaf", lambda *_: claims.pop())
    report = coq.check(found, tmp_path, jobs=2)
    assert (report.accepted, report.unknown) == (0, 3)
    assert sum("Coq does not accept the leaf" in line for line in report.messages) == 3


@needs_coq
def test_a_refuted_leaf_is_rejected(credulous, tmp_path):
    report = coq.check(leaf_document("too-small", 0 <= x, x * x <= x), tmp_path)
    assert (report.accepted, report.rejected) == (0, 1)
    assert "the leaf is false" in report.messages[0]


@needs_coq
def test_steps_that_do_not_follow_are_refused(tmp_path):
    document = documents("sawtooth-sum")["sawtooth-sum"]
    mutants = {}
    rules = ("instantiate", "discharge", "modus_ponens", "generalise", "cite", "named")
    for number, step in enumerate(document["steps"]):
        if step["rule"] in rules and number:
            mutant = copy.deepcopy(document)
            # The rule stays, but claims what the step before it showed.
            mutant["steps"][number]["conclusion"] = document["steps"][number - 1]["conclusion"]
            if mutant["steps"][number]["conclusion"] != step["conclusion"]:
                mutants[step["rule"]] = mutant
    assert {"instantiate", "discharge", "modus_ponens", "generalise"} <= set(mutants)
    for count, mutant in enumerate(mutants.values()):
        mutant["name"] = mutant["steps"][-1]["parameters"]["name"] = f"mutant-{count}"
    changed = {mutant["name"]: mutant for mutant in mutants.values()}
    trusted = on_trust(*cited(catalogue.load()["sawtooth-sum"].run().theorem))
    report = coq.check(changed | trusted, tmp_path, jobs=2)
    assert {report.results[name] for name in changed} == {"rejected"}
    assert {report.results[name] for name in trusted} == {"accepted"}


@needs_coq
def test_what_rests_on_an_axiom_is_told(tmp_path):
    claim = forall(x, x <= 0)
    theorem = kernel.named("all-nonpositive", kernel.axiom("convenient", claim))
    found = {"all-nonpositive": as_document(theorem)}
    report = coq.check(found, tmp_path)
    assert report.ok
    assert report.axioms == ("convenient",)
    # What Coq lists and no file states is refused.
    assert coq.audit([("t_all_nonpositive", "t_all_nonpositive")], tmp_path) == [
        "t_all_nonpositive rests on t_all_nonpositive.axiom_0"
    ]


@needs_coq
def test_a_bad_file_without_leaves_is_not_accepted(tmp_path):
    theorem = kernel.discharge(kernel.assume(x <= y), x <= y)
    document = as_document(
        kernel.named("nothing-new", kernel.generalise(kernel.generalise(theorem, x), y))
    )
    document["steps"][-1]["conclusion"] = document["steps"][0]["conclusion"]
    report = coq.check({"nothing-new": document}, tmp_path)
    assert not report.ok
    assert (report.accepted, report.rejected) == (0, 1)


def test_bad_files_are_named():
    whole = documents("sawtooth-sum")
    alone = {"sawtooth-sum": whole["sawtooth-sum"]}
    with pytest.raises(BadInput, match=r"cites sawtooth-[a-z]+, which is not among the files"):
        coq.in_order({name: read(d, Terms()) for name, d in alone.items()})
    broken = copy.deepcopy(whole["sawtooth-sum"])
    broken["steps"][3]["premises"] = [400]
    with pytest.raises(BadInput, match="step 3 rests on a later step"):
        read(broken, Terms())
    terms = Terms()
    other = copy.deepcopy(whole["sawtooth-sum"])
    other["symbols"][0]["body"] = other["steps"][-1]["conclusion"]
    with pytest.raises(BadInput, match="is defined otherwise in another file"):
        coq_export.collect([read(whole["sawtooth-sum"], terms), read(other, terms)])


# Without Coq.


def test_without_coq_everything_is_unknown(monkeypatch, tmp_path):
    monkeypatch.setattr(coq, "present", lambda: False)
    report = coq.check(documents("relu-sawtooth"), tmp_path)
    assert not report.ok
    assert (report.accepted, report.rejected, report.unknown) == (0, 0, report.leaves)
    assert report.messages == (coq.INSTALL,)


def test_axioms_are_compared_by_name():
    standard = "Axioms:\nClassicalDedekindReals.sig_forall_dec\n  : forall P : nat -> Prop,\n  x\n"
    assert coq.axioms_in(standard) <= coq.ALLOWED_AXIOMS
    assert coq.axioms_in(
        f"{standard}Classical_Prop.classic : forall P, P\n"
    ) - coq.ALLOWED_AXIOMS == {"Classical_Prop.classic"}
    assert coq.axioms_in("Closed under the global context\n") == frozenset()


def test_the_bridge_names_results_of_the_library():
    from verifier.recheck.coq.names import result_name

    assert coq.textbook_needs() <= set(map(result_name, catalogue.load()))


def test_statements_assume_and_prove_nothing():
    text = coq.by_hand("Statements")
    sentence = re.compile(r"^(Axiom|Parameter|Hypothesis|Theorem|Lemma|Admitted)", re.M)
    assert not sentence.search(text)
    assert "Derivations" not in text
    stated = re.findall(r"^Definition (\w+) : Prop := ", text, re.M)
    assert tuple(stated) == coq.TEXTBOOK_THEOREMS
    bridge = coq.by_hand("Bridge")
    for name in coq.TEXTBOOK_THEOREMS:
        assert f"Theorem {name} : S.{name}." in bridge
    assert not re.search(r"\b(Axiom|Parameter|Admitted|admit)\b", bridge)
