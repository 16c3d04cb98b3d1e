"""What Coq is asked about the whole: axioms, textbook statements, and what it did not finish."""

import pytest

from tests.recheck.small import small, stating
from verifier.errors import BadInput
from verifier.recheck import checkers
from verifier.recheck.checkers import Settings
from verifier.recheck.coq import run as coq
from verifier.recheck.coq.names import result_name
from verifier.recheck.outside import processes

needs_coq = pytest.mark.skipif(not coq.present(), reason=coq.INSTALL)

STATEMENTS = (
    "Definition first : Prop := forall n : nat, n = n.\nDefinition second : Prop := False.\n"
)


def compiled(folder, **modules):
    for name, text in modules.items():
        (folder / f"{name}.v").write_text(text, encoding="utf-8")
        code, _, errors = coq.coqc(name, folder, 300)
        assert code == 0, errors


@needs_coq
def test_coq_checks_that_each_theorem_has_its_statement(tmp_path):
    right = (
        "Require Import Derivations.Statements.\nTheorem first : first. Proof. red; auto. Qed.\n"
    )
    compiled(tmp_path, Statements=STATEMENTS, Bridge=right)
    assert coq.textbook_audit(["first"], tmp_path) == []
    # It reads like a proof of the second statement, and proves something else.
    wrong = f"{right}Module S. Definition second := True. End S.\nTheorem second : S.second.\n"
    compiled(tmp_path, Bridge=f"{wrong}Proof. exact I. Qed.\n")
    (fault,) = coq.textbook_audit(["first", "second"], tmp_path)
    assert 'has type "S.second"' in fault or "expected to have type" in fault


@needs_coq
def test_textbook_statements_rest_on_the_reals_alone(tmp_path):
    """An axiom that derivation files may state by name is none for a textbook statement."""
    bridge = (
        "Require Import Derivations.Statements Derivations.t_small.\n"
        "Theorem second : second. Proof. exact t_small.axiom_0. Qed.\n"
    )
    small_file = "Axiom axiom_0 : False.\nTheorem t_small : False. Proof. exact axiom_0. Qed.\n"
    compiled(tmp_path, Statements=STATEMENTS, t_small=small_file, Bridge=bridge)
    stated = frozenset({"t_small.axiom_0"})
    assert coq.audit([("t_small", "t_small")], tmp_path, coq.ALLOWED_AXIOMS | stated) == []
    assert coq.textbook_audit(["second"], tmp_path) == [
        "the textbook statement second rests on t_small.axiom_0"
    ]


@needs_coq
def test_what_is_left_out_is_said(tmp_path):
    report = checkers.run("coq", {"small": small()}, Settings(tmp_path))
    assert (report.rejected, report.unknown) == (0, 0)
    assert report.statements == ()
    assert "theorem_1_1" in report.left_out
    assert "telgarsky-1.1" in report.left_out
    assert "sawtooth-sum" in report.left_out


@pytest.mark.parametrize("name", ["telgarsky-1.1", "a-b", "a.b", "a--b", "A1"])
def test_names_of_results_are_read_back(name):
    assert coq._result_of(result_name(name)) == name


@needs_coq
def test_a_clock_that_runs_out_is_no_verdict(tmp_path):
    report = coq.check({"small": small()}, tmp_path, seconds=0.01)
    assert (report.accepted, report.rejected) == (0, 0)
    assert report.unfinished == report.unknown > 0
    assert "did not finish on this machine" in report.messages[-1]
    assert not report.finished
    found = checkers.run(
        "coq", {"small": small()},
        Settings(tmp_path, seconds=0.01 * processes.CLOCK / processes.FILE_CLOCK),
    )  # fmt: skip
    assert found.refused == found.pending == {"small"}
    assert (found.accepted, found.rejected) == (0, 0)


@needs_coq
def test_a_file_that_is_ended_is_no_verdict(tmp_path, monkeypatch):
    """The processor is taken away while a result is compiled, and no sooner."""
    original = coq.coqc

    def slow(name, folder, seconds):
        return original(name, folder, 0.01 if name.startswith("t_") else seconds)

    monkeypatch.setattr(coq, "coqc", slow)
    report = coq.check({"small": small()}, tmp_path)
    assert report.results == {"small": "unfinished"}
    assert (report.accepted, report.rejected) == (0, 0)


@pytest.mark.parametrize("said", ["Error: Stack overflow.", "Fatal error: out of memory"])
def test_the_machine_s_end_is_no_verdict(said, monkeypatch, tmp_path):
    monkeypatch.setattr(processes, "run", lambda *_: processes.Ended(1, "", said))
    with pytest.raises(coq.Unfinished, match="did not finish on this machine"):
        coq._run(["coqc"], tmp_path, 1)


@needs_coq
def test_what_rests_on_an_admitted_leaf_is_not_accepted(tmp_path):
    """The leaf below is false: what cites it is no fault of its own, and is not proved."""
    below = stating("below", [["false"]], 0)
    above = stating("above", [["false"]], 0)
    above["steps"][0] = {
        "rule": "cite", "premises": [], "parameters": {"name": "below"}, "hypotheses": [],
        "conclusion": 0,
    }  # fmt: skip
    report = checkers.run("coq", {"below": below, "above": above}, Settings(tmp_path))
    assert report.refused == {"below", "above"}
    assert report.accepted == 0
    assert any("it rests on below" in message for message in report.messages)


@needs_coq
def test_what_an_earlier_run_left_proves_nothing(tmp_path):
    compiled(tmp_path, t_small="Theorem t_small : True. Proof. exact I. Qed.\n")
    assert (tmp_path / "t_small.vo").exists()
    (tmp_path / "t_small.v").write_text("Theorem t_small : False. Proof. exact I. Qed.\n")
    code, _, _ = coq.coqc("t_small", tmp_path, 300)
    assert code != 0
    assert not (tmp_path / "t_small.vo").exists()


@needs_coq
def test_a_folder_that_cannot_be_written_is_bad_input(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(BadInput, match="cannot be written"):
        checkers.run("coq", {"small": small()}, Settings(tmp_path / "taken"))


def test_a_long_literal_is_not_written_out(tmp_path):
    terms = [["number", "9" * 3990, "Int"], ["<=", 0, 0]]
    contents = {"long": stating("long", terms, 1)}
    report = checkers.run("coq", contents, Settings(tmp_path / "none", tmp_path))
    assert (report.accepted, report.rejected, report.unknown) == (0, 0, 1)
    assert report.messages == ("long: too large to be written for Coq",)


def test_a_file_of_shared_terms_is_not_written_out(tmp_path):
    terms = [["true"], *(["and", i, i] for i in range(100))]
    contents = {"shared": stating("shared", terms, 100)}
    report = checkers.run("coq", contents, Settings(tmp_path))
    assert (report.accepted, report.rejected, report.unknown) == (0, 0, 1)
    assert report.messages == ("shared: too large to be written for Coq",)
    assert not list(tmp_path.glob("*.v"))
