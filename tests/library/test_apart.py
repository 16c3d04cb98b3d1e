"""Packages are imported by a process of their own, and their files alone are believed."""

import json

import pytest

from tests.recheck.library import contents
from verifier.cli import DONE, REFUTED, cli
from verifier.errors import BadInput
from verifier.library import catalogue
from verifier.library.apart import derive_apart, digests
from verifier.library.entries import entries

HONEST = """
from verifier.proving import Proof, Real, Theorem, lemma


@lemma("below-its-next")
def below_its_next(p: Proof, x: Real) -> Theorem:
    p.show(x <= x + 1)
    return p.have(p.goal)
"""


def test_digests_of_files_are_those_of_the_library():
    found = digests(contents())
    known = {name: entry.digest for name, entry in entries(catalogue.load().values()).items()}
    assert found == {name: known[name] for name in contents()}
    changed = json.loads(json.dumps(contents()))
    name = "digits-increase"
    changed[name]["terms"].append(["true"])
    other = digests(changed)
    assert other[name] != found[name]
    # Whatever rests on it has another digest too.
    assert sum(other[n] != found[n] for n in found) > 1


def test_files_without_form_have_no_digest():
    assert digests({"a": [], "b": {"steps": 3}, "c": {"steps": [{"rule": "cite"}]}}) == {}
    cites = {"steps": [{"rule": "cite", "parameters": {"name": "d"}}]}
    assert digests({"d": cites}) == {}


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("import sys\nsys.exit(0)\n", "ended before its results"),
        ("import os\nos._exit(0)\n", "ended before its results"),
        ("import os\nos._exit(7)\n", "exit code 7"),
        ("import os\nos.abort()\n", "exit code -6"),
        ("raise ValueError('\\x1b[31m no')\n", "no"),
        ("import nothing_of_this_name\n", "nothing_of_this_name"),
    ],
)
def test_a_package_that_ends_the_process_is_bad_input(program, words, tmp_path):
    path = tmp_path / "package.py"
    path.write_text(program)
    folder = tmp_path / "files"
    folder.mkdir()
    with pytest.raises(BadInput, match=words) as caught:
        derive_apart((), (str(path),), None, folder)
    assert str(caught.value).isprintable()


def test_what_a_package_does_to_its_process_changes_no_verdict(capsys, tmp_path):
    """It makes the checkers say yes, in the process that imports it, and writes a false file."""
    path = tmp_path / "package.py"
    false = {
        "format": "verifier-derivation/2", "name": "zero-is-one", "symbols": [],
        "terms": [["false"]],
        "steps": [
            {"rule": "leaf", "premises": [], "parameters": {
                "goal": 0, "certificate": {"polynomials": [], "tree": 0}},
             "hypotheses": [], "conclusion": 0},
            {"rule": "named", "premises": [0], "parameters": {"name": "zero-is-one"},
             "hypotheses": [], "conclusion": 0},
        ],
    }  # fmt: skip
    path.write_text(
        "import json, os, sys\n"
        "from verifier.commands import recheck\n"
        "from verifier.recheck import checkers\n"
        "checkers.run = recheck.run_all = lambda *_: None\n"
        "recheck.command.callback = lambda **_: 0\n"
        "folder = json.loads(sys.argv[1])['folder']\n"
        f"open(folder + '/zero-is-one.json', 'w').write({json.dumps(false)!r})\n"
        "print('{\"ok\": true}')\n"
        "os._exit(0)\n"
    )
    status = cli.main(
        ["recheck", "--package", str(path), "--with", "certificates", "--no-cache", "--json"],
        standalone_mode=False,
    )
    found = json.loads(capsys.readouterr().out)
    assert status == REFUTED
    assert not found["ok"]
    assert found["files"][0]["statement"] == "false"
    assert found["files"][0]["accepted_by"] == []


def test_an_honest_package_is_checked(capsys, tmp_path):
    path = tmp_path / "package.py"
    path.write_text(HONEST)
    status = cli.main(
        ["recheck", "--package", str(path), "--with", "structure,cvc5", "--jobs", "1",
         "--no-cache", "--json"],
        standalone_mode=False,
    )  # fmt: skip
    found = json.loads(capsys.readouterr().out)
    assert status == DONE
    assert [entry["name"] for entry in found["files"]] == ["below-its-next"]
    assert found["files"][0]["confirmed"]
