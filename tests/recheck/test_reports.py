"""What `recheck` says: whose statement it confirmed, by which definitions, from which axioms."""

import json
from functools import cache

import pytest

from tests.recheck.library import contents
from tests.recheck.small import small, stating, with_terms, write
from verifier.cli import CONTRADICTION, DONE, REFUTED, UNKNOWN, cli
from verifier.commands import recheck
from verifier.errors import BadInput
from verifier.library.opinions import marks, remember
from verifier.recheck import checkers
from verifier.recheck.checkers import Report, admit, closure, contradictions
from verifier.recheck.document import read
from verifier.recheck.reports.printing import definition_text, text
from verifier.recheck.reports.standing import standings
from verifier.recheck.reports.statements import (
    beside_the_proofs,
    read_statements,
    write_statements,
)
from verifier.recheck.structure import conflicts
from verifier.report.tables import explained

FALSE = stating("telgarsky-1.1", [["false"]], 0, axiom="propext")


@cache
def library():
    return read_statements(beside_the_proofs())


def run(capsys, folder, *arguments):
    given = ["recheck", "--derivations", str(folder), "--with", "structure", *arguments]
    status = cli.main([*given, "--json"], standalone_mode=False)
    return status, json.loads(capsys.readouterr().out)


# The file of the library's statements.


def test_the_statements_beside_the_proofs_are_the_library_s():
    """After a change of a statement or definition: `make statements`."""
    admitted = admit(contents())
    kept = library()
    assert kept.results == {n: d.steps[-1].conclusion for n, d in admitted.documents.items()}
    assert kept.definitions == {
        name: meaning
        for document in admitted.documents.values()
        for name, meaning in document.definitions.items()
    }
    assert {s.library for s in standings(admitted.documents, kept).values()} == {"same"}


def test_statements_are_read_as_they_were_written(tmp_path):
    chosen = closure(contents(), ["telgarsky-1.2"])
    path = tmp_path / "statements.json"
    write_statements(chosen, path)
    found = read_statements(path)
    assert found.results == {n: library().results[n] for n in chosen}
    assert found.definitions.items() <= dict(library().definitions).items()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"format": "verifier-statements/9"}, "the format is not"),
        ({"symbols": {}}, "expected a list"),
        ({"results": [{"name": "a b", "terms": [["true"]], "statement": 0}]}, "not a name"),
        ({"results": [{"name": "a", "terms": [["number", "1", "Int"]], "statement": 0}]}, "closed"),
        ({"results": [{"name": "a", "terms": [["true"]], "statement": 0}] * 2}, "stands twice"),
        ({"more": 1}, "a key more"),
    ],
)
def test_bad_statements_are_named(changed, words, tmp_path):
    path = tmp_path / "statements.json"
    path.write_text(
        json.dumps({"format": "verifier-statements/1", "symbols": [], "results": [], **changed})
    )
    with pytest.raises(BadInput, match=words):
        read_statements(path)


# Same, different, unknown; axioms.


def test_a_result_of_the_library_is_recognised(capsys, tmp_path):
    chosen = closure(contents(), ["relu-sawtooth"])
    status, found = run(capsys, write(tmp_path, *chosen.values()))
    assert status == DONE
    by_name = {entry["name"]: entry for entry in found["files"]}
    entry = by_name["relu-sawtooth"]
    assert entry["library"] == "same"
    assert entry["statement"] == "sawtooth((x: ℝ) ↦ relu(x), 2)"
    assert sorted(d["name"] for d in entry["definitions"]) == [
        "relu", "sawtooth", "sawtooth_structure",
    ]  # fmt: skip
    assert {d["library"] for d in entry["definitions"]} == {"same"}
    assert entry["axioms"] == []
    assert entry["accepted_by"] == ["structure"]
    # Nobody looked at its leaves.
    assert not entry["confirmed"]


def test_a_false_statement_under_the_library_s_name_is_refused(capsys, tmp_path):
    status, found = run(capsys, write(tmp_path, FALSE), "--allow-axiom", "propext")
    assert status == REFUTED
    assert not found["ok"]
    assert found["files"][0]["library"] == "differs"
    assert found["files"][0]["statement"] == "false"
    assert found["faults"] == ["telgarsky-1.1: the library states something else under this name"]


def test_an_axiom_is_refused_unless_allowed_by_name(capsys, tmp_path):
    write(tmp_path, {**FALSE, "name": "mine", "steps": [
        FALSE["steps"][0],
        {**FALSE["steps"][1], "parameters": {"name": "mine"}},
    ]})  # fmt: skip
    status, found = run(capsys, tmp_path)
    assert status == REFUTED
    assert found["axioms"] == ["propext"]
    assert found["faults"] == ["mine: assumes the axiom propext (false)"]
    assert run(capsys, tmp_path, "--allow-axiom", "other")[0] == REFUTED
    status, found = run(capsys, tmp_path, "--allow-axiom", "propext")
    assert status == DONE
    assert found["files"][0]["axioms"] == [
        {"name": "propext", "formula": "false", "stated_in": "mine"}
    ]


def test_an_axiom_far_below_is_found(capsys, tmp_path):
    below = stating("below", [["false"]], 0, axiom="propext")
    chain = [below]
    for i in range(3):
        above = stating(f"above-{i}", [["false"]], 0, axiom="x")
        above["steps"][0] = {
            "rule": "cite", "premises": [], "parameters": {"name": chain[-1]["name"]},
            "hypotheses": [], "conclusion": 0,
        }  # fmt: skip
        chain.append(above)
    status, found = run(capsys, write(tmp_path, *chain))
    assert status == REFUTED
    assert "above-2: assumes the axiom propext (false), in below" in found["faults"]


def test_a_symbol_of_the_library_defined_otherwise_is_refused(capsys, tmp_path):
    document = small()
    document["symbols"][0]["name"] = document["terms"][15][1] = "relu"
    document["steps"][2]["parameters"]["symbol"] = "relu"
    # It does not even occur in the statement.
    status, found = run(capsys, write(tmp_path, document))
    assert status == REFUTED
    assert found["faults"][0] == "small: relu is defined otherwise in the library"
    assert found["files"][0]["definitions"][0]["definition"] == "relu(x: ℝ) := x + x"


def test_a_statement_with_a_symbol_of_another_meaning_is_not_the_library_s(tmp_path):
    """The same formula, over a definition that makes it trivial."""
    document = json.loads(json.dumps(contents()["relu-sawtooth"]))
    entry = next(s for s in document["symbols"] if s["name"] == "sawtooth")
    entry["body"] = with_terms(document, ["true"])
    changed = {"relu-sawtooth": read("relu-sawtooth", document)}
    standing = standings(changed, library())["relu-sawtooth"]
    assert standing.library == "differs"
    assert any("sawtooth is defined otherwise" in f for f in standing.faults([]))


def test_a_result_of_ones_own_is_shown_and_counts(capsys, tmp_path):
    status, found = run(capsys, write(tmp_path, small()))
    assert status == DONE
    assert found["files"][0]["library"] == "not in the library"
    assert found["files"][0]["statement"] == "∀x: ℝ. x ≤ x"


def test_the_page_shows_statement_definitions_and_axioms(capsys, tmp_path):
    write(tmp_path, FALSE)
    cli.main(
        ["recheck", "--derivations", str(tmp_path), "--with", "structure"], standalone_mode=False
    )
    page = capsys.readouterr().out
    assert "DIFFERS" in page
    assert "axioms: propext: false (in telgarsky-1.1)" in page


# Oracles.


def assuming(document):
    """The document with its first step, a leaf, assumed."""
    del document["steps"][0]["parameters"]["certificate"]
    document["steps"][0]["rule"] = "oracle"
    return document


def test_an_oracle_is_counted_and_unknown_unless_allowed(capsys, tmp_path):
    citing = stating("citing", [["true"]], 0)
    citing["steps"] = [citing["steps"][0], {
        "rule": "cite", "premises": [], "parameters": {"name": "small"}, "hypotheses": [],
        "conclusion": 3,
    }, citing["steps"][1]]  # fmt: skip
    citing["terms"] += [["bound", 0, "Real"], ["<=", 1, 1], ["forall", [["x", "Real"]], 2]]
    citing["steps"][2] |= {"premises": [1], "conclusion": 3}
    write(tmp_path, assuming(small()), citing)
    status, found = run(capsys, tmp_path)
    assert status == UNKNOWN
    assert not found["ok"]
    assert found["oracles"] == 1
    assert {entry["name"]: entry["oracles"] for entry in found["files"]} == {
        "small": 1, "citing": 1
    }  # fmt: skip
    status, found = run(capsys, tmp_path, "--allow-oracle")
    assert status == DONE
    assert found["oracles"] == 1


def test_an_oracle_has_no_certificate_and_cvc5_decides_it_afresh(capsys, tmp_path):
    write(tmp_path, assuming(small()))
    status, found = run(capsys, tmp_path, "--with", "structure,certificates,cvc5", "--jobs", "1")
    assert status == UNKNOWN
    assert found["checkers"]["certificates"]["unknown"] == 1
    assert found["checkers"]["cvc5"]["accepted"] == 1
    assert found["files"][0]["accepted_by"] == ["structure", "cvc5"]
    assert found["files"][0]["confirmed"]
    again = ["--with", "structure,certificates,cvc5", "--jobs", "1", "--allow-oracle"]
    assert run(capsys, tmp_path, *again)[0] == DONE
    false = assuming(stating("lie", [["false"]], 0))
    write(tmp_path, false)
    assert run(capsys, tmp_path, *again)[0] == REFUTED


def test_a_certificate_of_another_leaf_is_refused(capsys, tmp_path):
    """Two leaves of equal content, one with a certificate that closes nothing."""
    first, second = small(), small()
    second["name"] = second["steps"][-1]["parameters"]["name"] = "second"
    tree = ["sum", [[1, [0], []]], 0]
    second["steps"][0]["parameters"]["certificate"]["tree"] = tree
    write(tmp_path, first, second)
    status, found = run(capsys, tmp_path, "--with", "certificates")
    assert status == REFUTED
    counts = found["checkers"]["certificates"]
    assert (counts["accepted"], counts["rejected"]) == (1, 1)


# Files that do not fit together.


def axiom_named(name, formula):
    return stating(name, [[formula]], 0, axiom="choice")


def test_one_axiom_s_name_says_one_thing(capsys, tmp_path):
    write(tmp_path, axiom_named("a", "true"), axiom_named("b", "false"))
    status, found = run(capsys, tmp_path, "--allow-axiom", "choice")
    assert status == REFUTED
    assert "says something else in a" in found["checkers"]["structure"]["messages"][0]
    assert [entry["accepted_by"] for entry in found["files"]] == [[], []]


def test_every_conflict_is_told_and_nobody_concerned_is_accepted():
    def about(name, body):
        document = small()
        document["name"] = document["steps"][-1]["parameters"]["name"] = name
        document["symbols"][0]["body"] = body
        return document

    files = {"a": about("a", 5), "b": about("b", 0), "c": about("c", 0), "d": about("d", 5)}
    admitted = admit(files)
    found = conflicts(admitted.documents)
    assert [c.name for c in found] == ["b", "c"]
    report = checkers.structure(admitted, checkers.Settings())
    # The first of them may be the one at fault: whoever is concerned is not accepted.
    assert report.refused == {"a", "b", "c"}
    assert report.rejected == sum(len(admitted.documents[n].steps) - 1 for n in "abc")


def test_what_rests_on_a_refused_file_is_not_accepted(capsys, tmp_path):
    chosen = closure(contents(), ["telgarsky-1.2"])
    victim = sorted(read("telgarsky-1.2", chosen["telgarsky-1.2"]).cited)[0]
    broken = json.loads(json.dumps(chosen[victim]))
    broken["steps"][-1]["hypotheses"] = [broken["steps"][-1]["conclusion"]]
    status, found = run(capsys, write(tmp_path, *{**chosen, victim: broken}.values()))
    assert status == REFUTED
    by_name = {entry["name"]: entry["accepted_by"] for entry in found["files"]}
    assert by_name[victim] == by_name["telgarsky-1.2"] == []
    assert ["structure"] in by_name.values()


# Marks.


def report(**changes):
    return Report(**{
        "leaves": 1, "accepted": 1, "rejected": 0, "unknown": 0, "seconds": 0.0, **changes
    })  # fmt: skip


DIGESTS = {"a": "digest-a", "b": "digest-b"}


def marked(home):
    return {title: set(column) for title, column in marks(home, DIGESTS).items()}


def test_marks_are_for_what_was_accepted(tmp_path):
    recheck.mark(tmp_path, {"structure": report(refused=frozenset("b"))}, DIGESTS, False)
    assert marked(tmp_path) == {"structure": {"a"}}


def test_an_absent_checker_marks_nothing(tmp_path):
    recheck.mark(tmp_path, {"cvc5": report(leaves=0, present=False)}, DIGESTS, False)
    assert marked(tmp_path) == {}


def test_a_failed_audit_takes_marks_away(tmp_path):
    remember(tmp_path, "coq", DIGESTS.values())
    assert marked(tmp_path) == {"Coq": {"a", "b"}}
    recheck.mark(tmp_path, {"coq": report(sound=False)}, DIGESTS, False)
    assert marked(tmp_path) == {}


def test_a_later_refusal_takes_a_mark_away(tmp_path):
    remember(tmp_path, "cvc5", DIGESTS.values())
    recheck.mark(tmp_path, {"cvc5": report(refused=frozenset("a"))}, DIGESTS, False)
    assert marked(tmp_path) == {"cvc5": {"b"}}


def test_a_contradiction_marks_nothing_and_takes_marks_away(tmp_path):
    remember(tmp_path, "structure", DIGESTS.values())
    recheck.mark(tmp_path, {"structure": report(), "cvc5": report()}, DIGESTS, True)
    assert marked(tmp_path) == {}


def test_checkers_that_contradict_each_other_are_told(capsys, monkeypatch, tmp_path):
    proves = report(proved=frozenset({("small", 0)}))
    refutes = report(accepted=0, rejected=1, refuted=frozenset({("small", 0)}))
    reports = {"certificates": proves, "cvc5": refutes}
    assert contradictions({"certificates": proves, "cvc5": proves}) == []
    assert contradictions(reports) == [
        "small: step 0: certificates accepts the leaf, cvc5 shows that it is false"
    ]
    monkeypatch.setattr(recheck, "run_all", lambda *_: reports)
    status, found = run(capsys, write(tmp_path, small()))
    assert status == CONTRADICTION
    assert not found["ok"]
    assert len(found["contradictions"]) == 1


# Printing.


def term_of(*entries):
    document = stating("shown", [list(e) for e in entries], len(entries) - 1)
    found = read("shown", document)
    return text(found.steps[0].conclusion, found.bound_names)


N, TWO = ["variable", "n", "Int"], ["number", "2", "Int"]


@pytest.mark.parametrize(
    ("entries", "shown"),
    [
        ([N, TWO, ["div", 0, 1], ["*", 2, 1], ["<=", 3, 0]], "(n div 2) · 2 ≤ n"),
        ([N, TWO, ["*", 0, 1], ["div", 2, 1], ["<=", 3, 0]], "(n · 2) div 2 ≤ n"),
        ([N, TWO, ["-", 0, 1], ["-", 0, 2], ["<=", 3, 0]], "n − (n − 2) ≤ n"),
        ([N, TWO, ["-", 0, 1], ["-", 2, 0], ["<=", 3, 0]], "n − 2 − n ≤ n"),
        ([["number", "-7", "Int"], TWO, ["mod", 0, 1], ["=", 2, 1]], "(-7) mod 2 = 2"),
        ([["true"], ["=>", 0, 0], ["=", 1, 0]], "(true → true) ↔ true"),
        ([["true"], ["=", 0, 0], ["=>", 0, 1]], "true → (true ↔ true)"),
        ([["true"], ["or", 0, 0], ["and", 1, 0]], "(true ∨ true) ∧ true"),
        ([["true"], ["and", 0, 0], ["and", 1, 0]], "(true ∧ true) ∧ true"),
        ([["true"], ["and", 0, 0, 0]], "true ∧ true ∧ true"),
        ([["true"], ["not", 0], ["not", 1]], "¬(¬true)"),
        (
            [["bound", 0, "Int"], ["<=", 0, 0], ["exists", [["n", "Int"]], 1], ["true"],
             ["and", 2, 3]],
            "(∃n: ℤ. n ≤ n) ∧ true",
        ),
        (
            [["bound", 0, "Int"], ["bound", 1, "Int"], ["<", 1, 0], ["forall", [["n", "Int"]], 2],
             ["exists", [["n", "Int"]], 3]],
            "∃n: ℤ. ∀n_1: ℤ. n < n_1",
        ),
        ([N, ["to_real", 0], ["number", "1/2", "Real"], ["*", 2, 1], ["<=", 3, 1]],
         "(1/2) · (n : ℝ) ≤ (n : ℝ)"),
    ],
)  # fmt: skip
def test_formulas_are_shown_so_that_they_read_one_way(entries, shown):
    assert term_of(*entries) == shown


def test_a_bound_variable_has_no_name_of_a_symbol():
    document = small()
    document["terms"][18][1][0][0] = "twice"
    document["steps"] = [document["steps"][2], document["steps"][5]]
    document["steps"][1] |= {"premises": [0], "conclusion": 18}
    found = read("small", document)
    shown = text(found.steps[-1].conclusion, found.bound_names)
    assert shown == "∀twice_1: ℝ. twice(twice_1) = twice_1 + twice_1"
    meanings = [definition_text(d, found.bound_names) for d in found.definitions.values()]
    assert meanings == [
        "twice(x: ℝ) := x + x",
        "power(b: ℤ, n: ℤ), where power(b, 0) := 1 and, for 0 ≤ n, "
        "power(b, n + 1) := power(b, n) · b",
    ]


def test_columns_of_marks_are_explained():
    assert str(explained({})) == ""
    said = str(explained({"cvc5": {"easy": "✓"}, "Coq": {}}))
    assert "✓ under cvc5, Coq: verifier recheck accepted" in said
