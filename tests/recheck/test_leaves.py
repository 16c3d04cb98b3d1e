"""Leaves: by certificates without a solver, by cvc5, and what both refuse."""

import json

import pytest

from tests.false_neighbours import FALSE_NEIGHBOURS
from tests.recheck.library import certificates, documents
from verifier.kernel import DEFINED
from verifier.library.derivations import derivation
from verifier.logic import BOOL, INT, REAL, FunctionSort, terms
from verifier.proving import leaves as proving_leaves
from verifier.recheck import cvc5_check
from verifier.recheck.certificates import check
from verifier.recheck.document import read
from verifier.recheck.errors import BadCertificate
from verifier.recheck.polynomials import NEGATIVE, POSITIVE, ZERO, Problem, address
from verifier.recheck.structure import check_document, leaves
from verifier.recheck.terms import make, number
from verifier.solving.finder import NotFound, find

x, y, z = (make("variable", (), name, "Real") for name in "xyz")
n, m = (make("variable", (), name, "Int") for name in "nm")
f = make("variable", (), "f", (("Real",), "Real"))


def op(operator, *parts):
    return make(operator, parts)


def of(t):
    return make("apply", (f, t))


def real(value):
    return number(value, "Real")


def whole(value):
    return number(value, "Int")


def in_the_kernel(t):
    """The kernel's term of one of a derivation file."""
    parts = tuple(map(in_the_kernel, t.arguments))
    sorts = {"Int": INT, "Real": REAL, "Bool": BOOL}
    if isinstance(t.sort, tuple):
        sort = FunctionSort(tuple(sorts[s] for s in t.sort[0]), sorts[t.sort[1]])
    else:
        sort = sorts[t.sort]
    data = t.data
    if t.operator == "symbol":
        data = DEFINED[data.name].symbol
    elif t.operator in ("forall", "exists", "lambda"):
        of_binder = [FunctionSort(tuple(sorts[d] for d in s[0]), sorts[s[1]])
                     if isinstance(s, tuple) else sorts[s] for s in data]  # fmt: skip
        data = (("v",) * len(data), tuple(of_binder))
    return terms.make(t.operator, parts, data, sort)


def found(premises, goal):
    """A certificate as a file has it."""
    polynomials, tree = find([in_the_kernel(p) for p in premises], in_the_kernel(goal))
    return json.loads(json.dumps({"polynomials": polynomials, "tree": tree}))


TRUE = {
    "if-then-else": ([], op("<=", op("ite", op("<=", x, y), x, y), y)),
    "trichotomy": ([op("not", op("=", x, y)), op("<=", x, y)], op("<", x, y)),
    "congruence": ([op("=", x, y)], op("=", of(op("+", x, real(1))), of(op("+", real(1), y)))),
    "integer-cut": ([op("<", n, m)], op("<=", op("+", n, whole(1)), m)),
    "parity": ([op("=", op("mod", n, whole(2)), whole(0))],
               op("=", op("mod", op("+", n, whole(1)), whole(2)), whole(1))),
    "division": ([op("<=", whole(0), n)], op("<=", whole(0), op("div", n, whole(3)))),
    "product": ([op("<=", real(0), x), op("<=", real(0), y)], op("<=", real(0), op("*", x, y))),
    "square": ([], op("<=", real(0), op("*", x, x))),
    "cast": ([op("<", n, m)], op("<=", op("+", op("to_real", n), real(1)), op("to_real", m))),
}  # fmt: skip

FALSE = {
    "if-then-else": ([], op("<=", op("ite", op("<=", x, y), y, x), y)),
    "trichotomy": ([op("<=", x, y)], op("<", x, y)),
    "congruence": ([op("=", of(x), of(y))], op("=", x, y)),
    "integer-cut": ([op("<", x, y)], op("<=", op("+", x, real(1)), y)),
    "parity": ([op("=", op("mod", n, whole(3)), whole(0))],
               op("=", op("mod", op("+", n, whole(1)), whole(2)), whole(1))),
    "division": ([], op("<=", whole(0), op("div", n, whole(3)))),
    "product": ([op("<=", real(0), x)], op("<=", real(0), op("*", x, y))),
    "square": ([], op("<", real(0), op("*", x, x))),
    "quotient": ([op("=", y, op("/", x, z))], op("=", op("*", y, z), x)),
}  # fmt: skip


@pytest.mark.parametrize("case", TRUE)
def test_true_leaves_have_certificates_and_cvc5_agrees(case):
    premises, goal = TRUE[case]
    check(Problem(premises, goal), found(premises, goal))
    assert cvc5_check.decide(premises, goal).status == "proved"


@pytest.mark.parametrize("case", FALSE)
def test_false_leaves_have_none_and_cvc5_says_where(case):
    premises, goal = FALSE[case]
    with pytest.raises(NotFound):
        found(premises, goal)
    verdict = cvc5_check.decide(premises, goal)
    assert verdict.status == "refuted"
    assert verdict.detail


def test_every_leaf_of_the_library_has_a_certificate():
    missing = []
    for document in documents().values():
        for leaf in leaves(document):
            key = address(leaf.premises, leaf.goal)
            if key not in certificates():
                missing.append(f"{leaf.name} step {leaf.step}")
            else:
                check(Problem(leaf.premises, leaf.goal), certificates()[key])
    assert not missing, "run `verifier check --write-certificates`"


# x <= y |- x <= y: polynomial 0 is x - y.
ORDER = ([op("<=", x, y)], op("<=", x, y))
GOOD = {"polynomials": [], "tree": ["sign", 0, POSITIVE, 0, NEGATIVE | ZERO, 0]}


def test_a_certificate_by_hand():
    check(Problem(*ORDER), GOOD)


# 0 <= x, 0 <= y |- 0 <= x + y: polynomials x, y, x + y.
SUM = (
    [op("<=", real(0), x), op("<=", real(0), y)],
    op("<=", real(0), op("+", x, y)),
)


def sums(*summands):
    closing = ["sum", [list(s) for s in summands]]
    inner = ["sign", 2, ZERO | POSITIVE, 0, NEGATIVE, closing]
    middle = ["sign", 1, NEGATIVE, 0, ZERO | POSITIVE, inner]
    return {"polynomials": [], "tree": ["sign", 0, NEGATIVE, 0, ZERO | POSITIVE, middle]}


def test_a_combination_by_hand():
    check(Problem(*SUM), sums((1, [0], []), (1, [1], []), (1, [2], [])))


@pytest.mark.parametrize(
    ("leaf", "certificate", "words"),
    [
        (ORDER, {"polynomials": [], "tree": 0}, "not closed"),
        (ORDER, {"polynomials": [], "tree": ["sign", 0, POSITIVE, 0]}, "left out"),
        (ORDER, {"polynomials": [], "tree": ["sign", 0, NEGATIVE, 0, ZERO, 0]}, "left out"),
        (ORDER, {"polynomials": [], "tree": ["sign", -1, 7, 0]}, "nothing has number"),
        (ORDER, {"polynomials": [], "tree": ["sum", [[1, [0], []]]]}, "unknown sign"),
        (ORDER, {"polynomials": [], "tree": ["admit"]}, "no node"),
        (ORDER, {"tree": 0}, "not a certificate"),
        (ORDER, None, "not a certificate"),
        (SUM, sums((1, [0], [])), "not absurd"),
        (SUM, sums((2, [0], []), (1, [1], []), (1, [2], [])), "not absurd"),
        (SUM, sums((-1, [0], []), (1, [1], []), (1, [2], [])), "not positive"),
        (SUM, sums((1, [0], [1]), (1, [1], []), (1, [2], [])), "a factor of unknown sign"),
        (SUM, sums((1.0, [0], []), (1, [1], []), (1, [2], [])), "not an exact number"),
        (SUM, sums(), "not absurd"),
    ],
)  # fmt: skip
def test_bad_certificates_are_refused(leaf, certificate, words):
    with pytest.raises(BadCertificate, match=words):
        check(Problem(*leaf), certificate)


def test_reals_are_not_rounded():
    """0 < x < 1 is absurd for integers alone."""
    for variable, good in ((n, True), (x, False)):
        zero, one = number(0, variable.sort), number(1, variable.sort)
        leaf = ([op("<", zero, variable), op("<", variable, one)], make("false"))
        tree = [
            "sign",
            0,
            NEGATIVE | ZERO,
            0,
            POSITIVE,
            ["sign", 1, NEGATIVE, 0, ZERO | POSITIVE, 0],
        ]
        if good:
            check(Problem(*leaf), {"polynomials": [], "tree": tree})
        else:
            with pytest.raises(BadCertificate):
                check(Problem(*leaf), {"polynomials": [], "tree": tree})


def test_unequal_arguments_are_not_congruent():
    leaf = ([], op("=", of(x), of(y)))
    problem = Problem(*leaf)
    a, b = (i for i, atom in enumerate(problem.atoms) if atom.shown)
    with pytest.raises(BadCertificate, match="not known to be equal"):
        check(problem, {"polynomials": [], "tree": ["equal", a, b, 0]})


def test_an_open_condition_decides_nothing():
    problem = Problem(*FALSE["if-then-else"])
    (a,) = (i for i, atom in enumerate(problem.atoms) if atom.cases)
    with pytest.raises(BadCertificate, match="condition is open"):
        check(problem, {"polynomials": [], "tree": ["ite", a, 0]})


def test_false_neighbours_forced_through_the_kernel_are_refused(monkeypatch):
    """Files that assume what is false: cvc5 refuses it, and no certificate is found."""

    monkeypatch.setattr(proving_leaves, "_needed", lambda offered, _: tuple(range(len(offered))))
    monkeypatch.setattr(proving_leaves.KEEPER, "quick", True)
    for neighbour in FALSE_NEIGHBOURS:
        neighbour.result.outcome = None
        theorem = neighbour.result.run().theorem
        neighbour.result.outcome = None
        assert theorem is not None, neighbour.name
        document = read(neighbour.name, derivation(theorem))
        check_document(document)
        new = [
            leaf for leaf in leaves(document)
            if address(leaf.premises, leaf.goal) not in certificates()
        ]  # fmt: skip
        broken = [
            leaf for leaf in new
            if cvc5_check.decide(leaf.premises, leaf.goal).status == "refuted"
        ]  # fmt: skip
        assert broken, neighbour.name
        with pytest.raises(NotFound):
            found(broken[0].premises, broken[0].goal)
