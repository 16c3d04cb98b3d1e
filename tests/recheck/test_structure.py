"""The structural checker: the library passes, and each side condition refuses its twin."""

import copy

import pytest

from tests.recheck.library import contents, documents
from verifier import kernel
from verifier.library.derivations import derivation
from verifier.logic import INT, REAL, FunctionSort, exists, forall, implies, number, variable
from verifier.proving.leaves import leaf
from verifier.recheck.document import read
from verifier.recheck.errors import Conflict, IllFormed, IllFormedFile, Rejected, WrongStep
from verifier.recheck.structure import check_document, check_library, leaves
from verifier.recheck.terms import make, substitute

x, y = variable("x", REAL), variable("y", REAL)
n = variable("n", INT)
f = variable("f", FunctionSort((REAL,), REAL))


def test_the_library_is_accepted():
    for document in documents().values():
        check_document(document)
    check_library(documents())
    assert sum(len(leaves(d)) for d in documents().values()) > 500


def written(theorem, name="small"):
    return derivation(kernel.named(name, theorem))


def refuse(changed, error, words, name="small"):
    with pytest.raises(error) as caught:
        check_document(read(name, changed))
    assert words in str(caught.value)
    assert caught.value.name == name


@pytest.fixture
def small():
    """⊢ ∀x. x ≤ x → ∃y. x ≤ y, with most of the rules."""
    given = kernel.assume(x <= x)
    some = kernel.exhibit(given, exists(y, x <= y), x)
    return written(kernel.generalise(kernel.discharge(some, x <= x), x))


def test_small_is_accepted(small):
    check_document(read("small", small))


def place(document, rule):
    return next(i for i, s in enumerate(document["steps"]) if s["rule"] == rule)


def add_term(document, *term):
    document["terms"].append(list(term))
    return len(document["terms"]) - 1


def test_generalising_a_variable_of_a_hypothesis_is_refused(small):
    document = copy.deepcopy(small)
    steps = document["steps"]
    # The assumption is no longer discharged.
    discharge, generalise = place(document, "discharge"), place(document, "generalise")
    steps[generalise]["premises"] = steps[discharge]["premises"]
    refuse(document, WrongStep, "x is free in a hypothesis")


def test_a_wrong_witness_is_refused(small):
    document = copy.deepcopy(small)
    zero = add_term(document, "number", "0", "Real")
    document["steps"][place(document, "exhibit")]["parameters"]["witness"] = zero
    refuse(document, WrongStep, "not the claim at the witness")


def test_a_witness_of_another_sort_is_refused(small):
    document = copy.deepcopy(small)
    zero = add_term(document, "number", "0", "Int")
    document["steps"][place(document, "exhibit")]["parameters"]["witness"] = zero
    refuse(document, WrongStep, "a Int for a Real")


def test_forgetting_a_hypothesis_is_refused(small):
    document = copy.deepcopy(small)
    document["steps"][place(document, "exhibit")]["hypotheses"] = []
    refuse(document, WrongStep, "other hypotheses")


def test_claiming_another_name_is_refused(small):
    document = copy.deepcopy(small)
    document["steps"][-1]["parameters"]["name"] = "other"
    refuse(document, WrongStep, "another result's name")


def test_a_witness_that_escapes_is_refused():
    """From ∃y. f(y) ≤ 0 one must not conclude f(v) ≤ 0."""
    existence = kernel.assume(exists(y, f(y) <= 0))
    inner = kernel.assume(f(x) <= 0)
    good = kernel.obtain(existence, kernel.exhibit(inner, exists(y, f(y) <= 0), x), x)
    document = written(kernel.generalise(kernel.discharge(good, exists(y, f(y) <= 0)), f))
    check_document(read("small", document))
    steps = document["steps"]
    obtain = place(document, "obtain")
    bare = next(
        i for i, s in enumerate(steps)
        if s["rule"] == "assume" and i != steps[obtain]["premises"][0]
    )  # fmt: skip
    steps[obtain]["premises"][1] = bare
    steps[obtain]["conclusion"] = steps[bare]["conclusion"]
    refuse(document, WrongStep, "occurs outside")


def test_an_induction_with_a_gap_is_refused():
    p = 0 <= n * n
    base = leaf((), number(0, INT) * number(0, INT) >= 0)
    step = forall(n, implies(0 <= n, implies(p, 0 <= (n + 1) * (n + 1))))
    inner = leaf((), implies(0 <= n, implies(p, 0 <= (n + 1) * (n + 1))))
    whole = kernel.induction(forall(n, implies(0 <= n, p)), base, kernel.generalise(inner, n))
    document = written(whole)
    check_document(read("small", document))
    assert step is kernel.generalise(inner, n).conclusion
    two = add_term(document, "number", "2", "Int")
    for term in document["terms"]:
        if term[0] == "+":
            term[2] = two
    # The term stands after its parents, which is refused already; so renumber by moving it.
    refuse(document, IllFormedFile, "not the number of an earlier entry")


CORRUPTIONS = {
    "lambda-applied": (["lambda", [["x", "Real"]], 0], ["apply", 1, 0], "a lambda is applied"),
    "division-by-zero": (["number", "0", "Real"], ["/", 0, 1], "division by the literal 0"),
    "mod-by-a-variable": (["variable", "k", "Int"], ["mod", 1, 1], "not by a positive literal"),
    "ite-on-a-quantifier": (
        ["forall", [["z", "Int"]], 2], ["ite", 3, 0, 0], "ite on no comparison of numbers",
    ),
    "mixed-sorts": (["variable", "k", "Int"], ["+", 0, 1], "+ of"),
    "equal-functions": (
        ["variable", "g", [["Real"], "Real"]], ["=", 1, 1], "= of",
    ),
    "truth-variable": (["true"], ["variable", "p", "Bool"], "no variable ranges over Bool"),
    "half-an-integer": (["true"], ["number", "1/2", "Int"], "not an integer"),
}  # fmt: skip


@pytest.mark.parametrize("case", CORRUPTIONS)
def test_ill_sorted_terms_are_refused(case):
    first, second, words = CORRUPTIONS[case]
    terms = [["variable", "x", "Real"], first, second]
    if case == "ite-on-a-quantifier":
        terms = [["variable", "x", "Real"], ["bound", 0, "Int"], ["=", 1, 1], first, second]
    content = {
        "format": "verifier-derivation/2", "name": "small", "symbols": [], "terms": terms,
        "steps": [],
    }  # fmt: skip
    refuse(content, IllFormedFile, words)


def test_a_bound_variable_at_another_sort_is_refused():
    terms = [["bound", 0, "Real"], ["<=", 0, 0], ["forall", [["n", "Int"]], 1]]
    content = {
        "format": "verifier-derivation/2", "name": "small", "symbols": [], "terms": terms,
        "steps": [],
    }  # fmt: skip
    refuse(content, IllFormedFile, "bound at sort Int used at Real")


def symbol(**changes):
    entry = {
        "name": "s", "sort": "Int", "parameters": [0], "body": 1, "measure": 0, "successor": 2,
        **changes,
    }  # fmt: skip
    terms = [
        ["variable", "n", "Int"], ["number", "0", "Int"], ["symbol", "s", 0],
        ["number", "1", "Int"], ["+", 0, 3], ["symbol", "s", 4], ["variable", "m", "Int"],
    ]  # fmt: skip
    return {
        "format": "verifier-derivation/2", "name": "small", "symbols": [entry], "terms": terms,
        "steps": [],
    }  # fmt: skip


def test_a_recursion_is_read():
    assert read("small", symbol()).definitions["s"].measure is not None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"successor": 5}, "called at"),
        ({"body": 2}, "the definition also mentions n"),
        ({"successor": 6}, "the definition also mentions m"),
        ({"measure": None, "successor": None, "body": 2}, "uses s, not defined before"),
        ({"measure": 6}, "the measure is no Int parameter"),
        ({"parameters": [0, 0]}, "takes"),
        ({"sort": "Real", "body": 1}, "Int where Real is declared"),
    ],
)
def test_definitions_that_could_be_inconsistent_are_refused(changes, words):
    refuse(symbol(**changes), IllFormedFile, words)


def test_files_must_fit_together():
    found = dict(documents())
    name, cited = next((d.name, min(d.cited)) for d in found.values() if d.cited)
    without = {k: d for k, d in found.items() if k != cited}
    with pytest.raises(Conflict, match="missing"):
        check_library(without)
    other = copy.deepcopy(contents()[name])
    symbols = {s["name"] for s in other["symbols"]}
    assert symbols
    for d in found.values():
        if d.name != name and symbols & set(d.definitions):
            shared = min(symbols & set(d.definitions))
            break
    entry = next(s for s in other["symbols"] if s["name"] == shared)
    entry["parameters"] = list(reversed(entry["parameters"]))
    with pytest.raises(Rejected):
        check_library({**found, name: read(name, other)})


def test_circular_citations_are_refused():
    statement = [["number", "0", "Int"], ["<=", 0, 0]]

    def citing(name, other):
        steps = [
            {"rule": "cite", "premises": [], "parameters": {"name": other}, "hypotheses": [],
             "conclusion": 1},
            {"rule": "named", "premises": [0], "parameters": {"name": name}, "hypotheses": [],
             "conclusion": 1},
        ]  # fmt: skip
        return read(
            name,
            {"format": "verifier-derivation/2", "name": name, "symbols": [], "terms": statement,
             "steps": steps},
        )  # fmt: skip

    with pytest.raises(Conflict, match="circular"):
        check_library({"a": citing("a", "b"), "b": citing("b", "a")})


def test_a_function_of_its_own_variables_is_the_function():
    real, two = (("Real",), "Real"), (("Real", "Real"), "Real")
    head = make("variable", (), "f", real)
    zero, one = (make("bound", (), i, "Real") for i in (0, 1))
    assert make("lambda", (make("apply", (head, zero)),), ("Real",)) is head
    pair = make("variable", (), "p", two)
    assert make("lambda", (make("apply", (pair, one, zero)),), ("Real", "Real")) is pair
    turned = make("lambda", (make("apply", (pair, zero, one)),), ("Real", "Real"))
    assert turned.operator == "lambda"
    # A function bound outside moves out by the lambda's own variables.
    outer = make("apply", (make("bound", (), 1, real), zero))
    assert make("lambda", (outer,), ("Real",)) is make("bound", (), 0, real)
    strange = make("apply", (make("bound", (), 0, real), zero))
    assert make_refused(strange)


def make_refused(body):
    """Whether a lambda over a body is refused: its variable is no function."""
    with pytest.raises(IllFormed):
        make("lambda", (body,), ("Real",))
    return True


def test_substitution_reduces_functions_as_the_kernel_does():
    real = (("Real",), "Real")
    f, g = (make("variable", (), name, real) for name in "fg")
    zero = make("bound", (), 0, "Real")
    composed = make("lambda", (make("apply", (f, make("apply", (g, zero)))),), ("Real",))
    identity = make("lambda", (zero,), ("Real",))
    assert substitute(composed, f, identity) is g
    assert substitute(composed, g, identity) is f
