"""The commands: exact numbers as JSON, what an answer rests on, bad input."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from verifier.networks import load_network
from verifier.recheck.document import read
from verifier.recheck.structure import check_library

SPEC = """(declare-const X_0 Real) (declare-const Y_0 Real)
(assert (<= 0 X_0 1)) (assert (> Y_0 {}))"""


@pytest.fixture
def networks(run, tmp_path, monkeypatch):
    """tent^3, the merged and the shallow form, tent^800 and a skewed tent, as files here."""
    monkeypatch.chdir(tmp_path)
    for name, *arguments in (
        ("deep.json", "tent", "--k", "3"),
        ("merged.json", "merged", "--k", "3"),
        ("shallow.json", "shallow", "--k", "3"),
        ("high.json", "tent", "--k", "800"),
        ("flat.json", "merged", "--k", "800"),
        ("skewed.json", "skewed", "--k", "40", "--peak", "1/3"),
    ):
        assert run("network", *arguments, "-o", name)[0] == 0
    return tmp_path


def test_bounds_are_exact_fractions_for_both_numbers_of_points(run):
    code, data, _ = run("bound", "--k", "10", "--width", "3", "--depth", "2")
    assert code == 0
    assert data["points"] == [1024, 1025]
    sharp = {b["points"]: b for b in data["bounds"] if b["theorem"] == "depth-separation-sharp"}
    assert sharp["1024"]["value"] == "31/64"
    assert sharp["1025"]["value"] == str(Fraction(1, 2) - Fraction(16, 1025))
    assert sharp["1024"]["decimal"] == "0.484375"
    assert sharp["1024"]["errors"] == "496"
    assert "rate(" in sharp["1024"]["statement"]
    assert all(b["applies"] or b["why_not"] for b in data["bounds"])


def test_widths_that_differ(run):
    code, data, _ = run("bound", "--k", "5", "--widths", "3,5,2", "--points", "32")
    assert code == 0
    values = {b["theorem"]: b["value"] for b in data["bounds"] if b["applies"]}
    assert values["network-pieces-sharp"] == "72"
    assert "telgarsky-1.2" not in values


def test_large_numbers_stay_exact(run):
    code, data, _ = run("bound", "--k", "3000", "--width", "2", "--depth", "1", "--points", "9")
    assert code == 0
    (tent,) = [b for b in data["bounds"] if b["quantity"].endswith("tent^k on [0, 1]")][:1]
    assert int(tent["value"]) >= 2**1500


@pytest.mark.parametrize(
    "arguments",
    [
        ["--width", "3", "--depth", "2"],
        ["--k", "3"],
        ["--k", "3", "--width", "2"],
        ["--k", "-1", "--width", "2", "--depth", "1"],
        ["--k", "3", "--width", "0", "--depth", "1"],
        ["--k", "3", "--width", "2", "--depth", "0"],
        ["--k", "3", "--width", "2", "--depth", "99999999"],
        ["--k", "99999999", "--width", "2", "--depth", "1"],
        ["--k", "3", "--width", "2", "--depth", "1", "--activation-pieces", "0"],
        ["--k", "3", "--width", "2", "--depth", "1", "--points", "0"],
        ["--k", "3", "--widths", "2,x"],
        ["--k", "3", "--widths", "2,0"],
        ["--k", "3", "--widths", ""],
        ["--k", "3", "--widths", "2", "--depth", "1"],
        ["--k", "3", "--widths", "2", "-o", "n.json"],
        ["--k", "3", "--widths", "2", "--csv", "p.csv"],
        ["--widths", "2", "--csv", "none.csv"],
        ["--k", "three", "--widths", "2"],
    ],
)
def test_bad_numbers_are_one_line_and_exit_2(run, arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, data, err = run("bound", *arguments)
    assert (code, data) == (2, None)
    assert err.count("\n") == 1


def test_errors_on_points_from_both_sides(run, tmp_path):
    points, out = tmp_path / "points.csv", tmp_path / "found.json"
    rows = [f"{Fraction(i, 8)},{i % 2}" for i in range(8)]
    points.write_text("x,label\n" + "\n".join(rows), encoding="utf-8")
    code, data, _ = run("bound", "--csv", points, "--widths", "2,1,2,1,2,1", "-o", out)
    assert code == 0
    assert (data["at_least"], data["found"]["errors"], data["optimal"]) == (0, 0, True)
    assert load_network(out).widths == (2, 1, 2, 1, 2, 1, 1)
    code, data, _ = run("bound", "--csv", points, "--width", "1", "--depth", "1")
    assert (data["runs"], data["at_least"], data["found"]["errors"]) == ("4", 2, 3)
    assert data["statement"].split("\n")[1].startswith("g ∈ F(φ; 1, 1) →")


def test_pieces_of_a_thousand_layers_rest_on_the_theorem(run, networks):
    code, data, _ = run("pieces", "high.json", "--from", "0", "--to", "1")
    assert code == 0
    assert data["pieces"] == 2**800
    rests = data["rests_on"]
    assert rests["kind"] == "kernel theorem"
    assert "iterate-pieces-lower" in rests["uses"]
    assert "800" in rests["statement"]
    assert rests["assumptions"] == []


def test_small_networks_rest_on_a_theorem_of_their_own(run, networks):
    _, data, _ = run("pieces", "shallow.json")
    assert data["rests_on"]["kind"] == "kernel theorem"
    assert "9" in data["rests_on"]["statement"]


def test_without_a_theorem_the_answer_says_what_it_rests_on(run, networks):
    for options, kind in (((), "checked certificate"), (("--no-check",), "exact computation")):
        _, data, _ = run("pieces", "skewed.json", "--from", "0", "--to", "1", "--no-list", *options)
        assert data["rests_on"]["kind"] == kind
        assert "too large" in data["rests_on"]["note"]
    _, data, _ = run("pieces", "shallow.json", "--no-prove")
    assert data["rests_on"]["kind"] == "checked certificate"
    assert data["rests_on"]["theorem"] is None


def test_equality_rests_on_a_theorem_and_difference_on_a_witness(run, networks):
    inside = ("--from", "0", "--to", "1")
    for left, right, ends in (
        ("deep.json", "shallow.json", inside),
        ("deep.json", "merged.json", ()),
        ("high.json", "flat.json", ()),
    ):
        code, data, _ = run("equal", left, right, *ends)
        assert (code, data["rests_on"]["kind"]) == (0, "kernel theorem")
    code, data, _ = run("equal", "deep.json", "shallow.json")
    assert (code, data["rests_on"]["kind"]) == (1, "exact witness")


def test_properties_rest_on_a_theorem_or_a_witness(run, networks):
    for bound, status, kind in (
        ("1", "proved", "kernel theorem"), ("0.9", "refuted", "exact witness"),
    ):  # fmt: skip
        (networks / "spec.vnnlib").write_text(SPEC.format(bound), encoding="utf-8")
        _, data, _ = run("verify", "deep.json", "spec.vnnlib")
        assert (data["status"], data["rests_on"]["kind"]) == (status, kind)
    _, data, _ = run("verify", "deep.json", "spec.vnnlib", "--no-prove")
    assert data["rests_on"]["theorem"] is None


@pytest.mark.parametrize(
    "command",
    [
        ("pieces", "deep.json", "--from", "0", "--to", "1"),
        ("pieces", "high.json"),
        ("equal", "deep.json", "merged.json"),
        ("verify", "deep.json", "spec.vnnlib"),
    ],
)
def test_derivations_are_whole_and_pass_the_independent_checker(run, networks, command):
    (networks / "spec.vnnlib").write_text(SPEC.format(1), encoding="utf-8")
    path = networks / "out"
    code, data, _ = run(*command, "--derivation", path)
    assert code == 0
    name = data["rests_on"]["theorem"]
    documents = {}
    for file in path.iterdir():
        content = json.loads(file.read_text(encoding="utf-8"))
        assert file.stem == content["name"]
        documents[content["name"]] = read(content["name"], content)
    assert name in documents
    check_library(documents)


def test_no_derivation_of_what_is_no_theorem(run, networks):
    path = networks / "none"
    code, data, err = run("pieces", "skewed.json", "--derivation", path, "--no-list")
    assert (code, data) == (3, None)
    assert "nothing to write" in err
    assert not path.exists()
