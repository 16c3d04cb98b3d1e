"""``verifier recheck`` on the command line."""

import copy
import json

import pytest

from tests.recheck.library import contents
from verifier.cli import BAD_INPUT, DONE, REFUTED, UNKNOWN, cli
from verifier.errors import BadInput
from verifier.library.derivations import to_json
from verifier.recheck import checkers
from verifier.recheck.checkers import closure

NAME = "sawtooth-sum-sharp"


@pytest.fixture
def folder(tmp_path):
    for name, content in closure(contents(), [NAME, "sawtooth-weaken"]).items():
        (tmp_path / f"{name}.json").write_text(to_json(content), encoding="utf-8")
    return tmp_path


def run(capsys, *arguments):
    status = cli.main(["recheck", *map(str, arguments)], standalone_mode=False)
    return status, capsys.readouterr().out


def test_all_accept(capsys, folder):
    status, out = run(capsys, "--derivations", folder, "--json")
    found = json.loads(out)
    assert status == DONE
    assert found["ok"]
    assert found["axioms"] == []
    assert set(found["checkers"]) == {"structure", "cvc5", "certificates"}
    for report in found["checkers"].values():
        assert report["leaves"] == report["accepted"] > 0
        assert report["rejected"] == report["unknown"] == 0


def test_the_table_names_each_checker(capsys, folder):
    status, out = run(capsys, "--derivations", folder, "--with", "structure,certificates")
    assert status == DONE
    assert "structure" in out
    assert "certificates" in out


def test_names_bring_what_they_cite(capsys, folder):
    status, out = run(capsys, NAME, "--derivations", folder, "--with", "structure", "--json")
    assert status == DONE
    assert json.loads(out)["results"] == len(closure(contents(), [NAME]))


def test_a_false_leaf_is_rejected_with_both_sides(capsys, folder):
    content = copy.deepcopy(contents()[NAME])
    leaf = next(s for s in content["steps"] if s["rule"] == "leaf" and s["premises"])
    leaf["premises"] = []
    leaf["hypotheses"] = []
    (folder / f"{NAME}.json").write_text(to_json(content), encoding="utf-8")
    status, out = run(capsys, "--derivations", folder, "--json")
    found = json.loads(out)
    assert status == REFUTED
    assert not found["ok"]
    assert found["checkers"]["cvc5"]["rejected"] == 1
    (message,) = found["checkers"]["cvc5"]["messages"]
    assert "⊢" in message
    assert "cvc5 says not" in message


def test_files_are_kept(capsys, folder, tmp_path_factory):
    target = tmp_path_factory.mktemp("written") / "new"
    run(capsys, "--derivations", folder, "--with", "structure", "--write", target)
    assert {p.name for p in target.iterdir()} == {p.name for p in folder.glob("*.json")}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--with", "oracle"], "no checker is called"),
        (["--with", ","], "names no checker"),
        (["no-such-result"], "no derivation of this name"),
    ],
)
def test_bad_input(folder, arguments, words):
    with pytest.raises(BadInput, match=words):
        cli.main(["recheck", "--derivations", str(folder), *arguments], standalone_mode=False)


def test_damaged_files_are_named(folder):
    (folder / "broken.json").write_text("{", encoding="utf-8")
    with pytest.raises(BadInput, match=r"broken\.json"):
        cli.main(["recheck", "--derivations", str(folder)], standalone_mode=False)
    assert BAD_INPUT == 2


def test_a_document_that_is_no_object_is_rejected(capsys, folder):
    (folder / "listed.json").write_text("[]", encoding="utf-8")
    status, _ = run(capsys, "--derivations", folder, "--with", "structure", "--json")
    assert status == REFUTED


def test_without_cvc5_everything_is_unknown(monkeypatch, capsys, folder):
    monkeypatch.setattr(checkers.importlib.util, "find_spec", lambda _: None)
    status, out = run(capsys, "--derivations", folder, "--with", "cvc5", "--json")
    report = json.loads(out)["checkers"]["cvc5"]
    assert status == UNKNOWN
    assert report["unknown"] == report["leaves"] > 0
    assert report["messages"] == [checkers.NO_CVC5]
