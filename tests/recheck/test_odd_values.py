"""Files and certificates with odd values put anywhere: read, or refused; never anything else."""

import copy
from random import Random

from tests.recheck.small import small, with_terms
from verifier.recheck import checkers
from verifier.recheck.certificates import check
from verifier.recheck.checkers import Settings
from verifier.recheck.errors import BadCertificate, TooLarge
from verifier.recheck.polynomials import Problem
from verifier.recheck.reports.standing import standings
from verifier.recheck.reports.statements import Statements
from verifier.recheck.terms import make, number

SEED = 20151509
FILES = 2000
CERTIFICATES = 3000

VALUES = [
    None, True, False, -1, 0, 1, 2, 7, 8, 10**14, "", "x", "Int", "Real", "Bool", "0", "1/2", "1/0",
    "-1", "9" * 4000, "x\u202e", [], {}, [0], ["x"], [[0]], {"a": 1}, [["Int"], "Real"],
    ["variable", "x", "Int"], ["bound", 0, "Int"], ["forall", [["x", "Int"]], 0], ["+", 0, 0],
    ["/", 0, 1], ["sum", []], ["sum", [[1, [0] * 30, []]]], ["sign", 0], ["truth", 0, 0, 0],
    ["ite", 0, 0], ["div", 0, 0], ["equal", 0, 0, 0], "leaf", "oracle", "axiom", "cite", "named",
    "definition",
]  # fmt: skip


def places(value, way=()):
    """The ways to every value inside."""
    if way:
        yield way
    if isinstance(value, (dict, list)):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(part, (*way, key))


def spoil(random, value):
    """Put odd values into a few places, or take parts away."""
    ways = list(places(value))
    for _ in range(random.choice([1, 1, 2, 4])):
        *way, last = random.choice(ways)
        inside = value
        try:
            for key in way:
                inside = inside[key]
            if random.random() < 0.8:
                inside[last] = copy.deepcopy(random.choice(VALUES))
            else:
                del inside[last]
        except (TypeError, KeyError, IndexError):
            # An earlier change took the place away.
            continue
    return value


def test_files_of_odd_values_are_read_or_refused(tmp_path):
    random, read = Random(SEED), 0
    for _ in range(FILES):
        contents = {"small": spoil(random, small())}
        for name in ("structure", "certificates"):
            report = checkers.run(name, contents, Settings())
            assert report.leaves == report.accepted + report.rejected + report.unknown
            assert all(len(message) < 1000 for message in report.messages)
        documents = checkers.admit(contents).documents
        read += bool(documents)
        standings(documents, Statements())
    # Some changes are none: a bound name, a term that nothing uses.
    assert 0 < read < FILES // 2


def test_certificates_of_odd_values_refute_or_are_refused():
    x, y = (make("variable", (), name, "Real") for name in "xy")
    n = make("variable", (), "n", "Int")
    chosen = make("ite", (make("<=", (x, y)), x, y))
    half = make("to_real", (make("div", (n, number(2, "Int"))),))
    # min(x, y) ≤ x, beside things that certificates may speak of.
    problem = Problem([make("<=", (half, y))], make("<=", (chosen, x)))
    # If y − x is not negative, the minimum is x; else it is y, and x is above it.
    above = ["sum", [["1", [1], []], ["1", [3], []]], 0]
    good = {"polynomials": [[["1", 2], ["-1", 4]]],
            "tree": ["sign", 1, 6, ["ite", 4, 0], 1, ["ite", 4, above]]}  # fmt: skip
    check(problem, good)
    random, refused = Random(SEED), 0
    for _ in range(CERTIFICATES):
        try:
            check(problem, spoil(random, copy.deepcopy(good)))
        except (BadCertificate, TooLarge):
            refused += 1
    assert refused > CERTIFICATES // 2


def test_values_are_put_everywhere():
    document = small()
    with_terms(document, ["true"])
    assert len(list(places(document))) > 150
