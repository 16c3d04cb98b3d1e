"""The commands about networks: answers, JSON, exit codes, one line for bad input."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from fractions import Fraction as F

import pytest

from verifier.cli import main
from verifier.networks import load_network
from verifier.networks.examples import tent_iterate


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Run the command line in an empty folder; return exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["verifier", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capsys.readouterr()
        return stop.value.code or 0, out, err

    return call


def answer(result):
    code, out, err = result
    assert err == ""
    assert out.count("\n") == 1
    return code, json.loads(out)


def test_network_writes_what_the_lecture_says(run):
    code, out, err = run("network", "tent", "--k", 3)
    assert (code, err) == (0, "")
    assert json.loads(out)["format"] == "verifier-network/1"
    assert run("network", "tent", "--k", 3, "-o", "t.json")[0] == 0
    assert load_network("t.json") == tent_iterate(3)
    code, facts = answer(run("network", "skewed", "--k", 2, "--peak", "0.1", "-o", "s", "--json"))
    assert (code, facts) == (0, {"file": "s", "layers": 4, "parameters": 14})


def test_eval_is_exact(run):
    run("network", "tent", "--k", 60, "-o", "t.json")
    assert answer(run("eval", "t.json", "--at", "1/3", "--json"))[1]["value"] == "2/3"
    assert run("eval", "t.json", "--at", "0.1")[1] == "2/5\n"
    assert run("eval", "t.json", "--at", "-1")[1] == "0\n"


def test_eval_prints_very_long_numbers(run):
    run("network", "skewed", "--k", 9000, "--peak", "1/3", "-o", "s.json")
    code, out, _ = run("eval", "s.json", "--at", "1/7")
    assert code == 0
    assert 0 <= F(out) <= 1


def test_pieces_lists_exactly(run):
    run("network", "tent", "--k", 2, "-o", "t.json")
    code, data = answer(run("pieces", "t.json", "--from", 0, "--to", 1, "--json"))
    assert code == 0
    assert data["pieces"] == 4
    assert data["breakpoints"] == ["1/4", "1/2", "3/4"]
    assert data["slopes"] == ["4", "-4", "4", "-4"]
    assert data["intercepts"] == ["0", "2", "-2", "4"]
    assert data["values"] == ["1", "0", "1"]
    assert data["jumps"] == []
    assert data["checked"] is True
    text = run("pieces", "t.json", "--from", 0, "--to", 1)[1]
    assert "[0, 1/4)  slope 4  intercept 0" in text
    assert "[3/4, 1]  slope -4  intercept 4" in text
    assert answer(run("pieces", "t.json", "--json"))[1]["pieces"] == 6


def test_pieces_counts_what_is_too_long_to_list(run):
    run("network", "tent", "--k", 1000, "-o", "t.json")
    code, data = answer(run("pieces", "t.json", "--from", 0, "--to", 1, "--json"))
    assert (code, data["pieces"], data["breakpoints"]) == (0, 2**1000, None)
    assert "iterate 1000" in data["method"]
    code, _, err = run("pieces", "t.json", "--list", "--from", 0, "--to", 1)
    assert code == 3
    assert "more than" in err


def test_pieces_only_counts_when_told(run):
    run("network", "shallow", "--k", 3, "-o", "s.json")
    data = answer(run("pieces", "s.json", "--no-list", "--no-check", "--json"))[1]
    assert (data["pieces"], data["breakpoints"], data["checked"]) == (9, None, False)


def test_certificates_of_pieces_are_written_and_checked(run, tmp_path):
    run("network", "skewed", "--k", 50, "--peak", "1/3", "-o", "s.json")
    run("network", "skewed", "--k", 50, "--peak", "1/4", "-o", "other.json")
    file = tmp_path / "proof.json"
    options = ("--from", 0, "--to", 1, "--certificate", file)
    data = answer(run("pieces", "s.json", *options, "--json"))[1]
    assert (data["checked"], data["rests_on"]["kind"]) == (True, "checked certificate")
    accepted = f"s.json has {2**50} pieces from 0 to 1, and no fewer do"
    assert run("certificate", file) == (0, f"accepted: {accepted}\n", "")
    assert answer(run("certificate", file, "--json")) == (
        0,
        {"accepted": True, "shown": accepted, "failure": ""},
    )
    assert run("certificate", file, "--net", "s.json")[0] == 0
    code, out, _ = run("certificate", file, "--net", "other.json")
    assert (code, out) == (1, "refused: the network is not 50 copies of the cell\n")
    file.write_text(file.read_text().replace(str(2**50), str(2**50 + 1)))
    code, out, _ = run("certificate", file)
    assert (code, out) == (1, f"refused: the count is {2**50}, not {2**50 + 1}\n")


def test_certificates_of_lists_are_written_and_checked(run, tmp_path):
    (tmp_path / "n.json").write_text(
        '{"format": "verifier-network/1", "inputs": 2, "layers": ['
        '{"weights": [[1, 1], [1, -1]], "bias": [-1, 0], "activation": "step"}]}'
    )
    (tmp_path / "line.json").write_text('{"from": [0, 1], "to": [1, "1/2"]}')
    file = tmp_path / "proof.json"
    run("pieces", "n.json", "--line", "line.json", "--certificate", file)
    accepted = "accepted: n.json has 2 pieces from 0 to 1 along the line, and no fewer do\n"
    assert run("certificate", file) == (0, accepted, "")
    text = file.read_text()
    for old, new, refusal in (
        ('"pieces": "2"', '"pieces": "3"', "the list has 2 pieces, not 3"),
        ('"from": ["0", "1"]', '"from": ["0", "2"]', "is not affine there"),
        ('"closed": [false]', '"closed": [true]', "is not affine there"),
        ('"from": "0"', '"from": null', "is not affine there"),
        ('"line": {"from": ["0", "1"], "to": ["1", "1/2"]}', '"line": null', "has 2 inputs"),
    ):
        assert old in text
        file.write_text(text.replace(old, new))
        code, out, _ = run("certificate", file)
        assert (code, out[:9]) == (1, "refused: ")
        assert refusal in out


def test_what_is_no_certificate_is_bad_input(run, tmp_path):
    run("network", "tent", "--k", 30, "-o", "t.json")
    file = tmp_path / "proof.json"
    run("pieces", "t.json", "--no-list", "--certificate", file)
    text = file.read_text()
    for old, new, message in (
        ('"format": "verifier-pieces/1"', '"format": "verifier-pieces/2"', "expected the format"),
        ('"images": {', '"list": {', "list"),
        ('"network": "t.json"', '"network": "none.json"', "none.json: cannot be read"),
        ('"interval": "(-oo, oo)"', '"interval": "(-oo, 1/0)"', "[0].interval: expected"),
        ('"interval": "(-oo, oo)"', '"interval": "0, 1"', "expected an interval such as"),
        ('"side": -1', '"side": "1/2"', "places[0].side: expected an integer"),
        ('"closed": [false', '"closed": [0', "closed[0]: expected true or false"),
        ('"slopes": [["0", ', '"slopes": [[', "expected 4 entries"),
        ('"alone": false', '"alone": false, "extra": 1', "expected no key"),
    ):
        assert old in text
        file.write_text(text.replace(old, new, 1))
        code, out, err = run("certificate", file)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert message in err
    assert run("certificate", "t.json")[0] == run("certificate", "none.json")[0] == 2
    code, _, err = run("pieces", "t.json", "--certificate", file, "--no-check")
    assert (code, "--no-check" in err) == (2, True)
    assert run("pieces", "t.json", "--no-list", "--certificate", tmp_path)[0] == 2


def test_pieces_with_jumps_and_several_outputs(run, tmp_path):
    (tmp_path / "n.json").write_text(
        '{"format": "verifier-network/1", "inputs": 1, "layers": ['
        '{"weights": [[-2], [1]], "bias": [1, 0], "activation": "step"}]}'
    )
    data = answer(run("pieces", "n.json", "--json"))[1]
    assert data["breakpoints"] == ["0", "1/2"]
    assert data["closed"] == [False, True]
    assert data["intercepts"] == [["1", "0"], ["1", "1"], ["0", "1"]]
    assert data["values"] == [["1", "1"], ["1", "1"]]
    assert data["jumps"][1] == {
        "at": "1/2",
        "left": ["1", "1"],
        "value": ["1", "1"],
        "right": ["0", "1"],
    }


def test_pieces_along_a_line(run, tmp_path):
    (tmp_path / "n.json").write_text(
        '{"format": "verifier-network/1", "inputs": 2, "layers": ['
        '{"weights": [[1, 1]], "bias": [-1], "activation": "relu"}]}'
    )
    (tmp_path / "line.json").write_text('{"from": [0, 0], "to": [1, "1/2"]}')
    data = answer(run("pieces", "n.json", "--line", "line.json", "--json"))[1]
    assert (data["from"], data["to"]) == ("0", "1")
    assert data["breakpoints"] == ["2/3"]
    assert data["slopes"] == ["0", "3/2"]
    for text, message in (
        ('{"from": [0], "to": [1, 1]}', "from: expected 2 numbers"),
        ('{"from": [0, 0]}', "'to'"),
        ('{"from": [0, 0], "to": [0, "x"]}', "to[1]: expected a number"),
        ("[", "expected JSON"),
    ):
        (tmp_path / "line.json").write_text(text)
        code, out, err = run("pieces", "n.json", "--line", "line.json")
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert "line.json" in err
        assert message in err
    assert run("pieces", "n.json")[0] == 2


def test_equal_proves_or_shows_a_point(run):
    run("network", "tent", "--k", 4, "-o", "deep.json")
    run("network", "shallow", "--k", 4, "-o", "shallow.json")
    code, data = answer(run("equal", "deep.json", "shallow.json", "--from", 0, "--to", 1, "--json"))
    assert (code, data["equal"], data["at"], data["pieces"]) == (0, True, None, 16)
    code, data = answer(run("equal", "deep.json", "shallow.json", "--json"))
    assert (code, data["equal"]) == (1, False)
    at = data["at"]
    assert run("eval", "deep.json", "--at", at)[1].strip() == data["left"]
    assert run("eval", "shallow.json", "--at", at)[1].strip() == data["right"]
    assert data["left"] != data["right"]
    code, out, _ = run("equal", "deep.json", "shallow.json")
    assert code == 1
    assert out.startswith(f"not equal: at {at} ")


def test_equal_reaches_thousands_of_layers(run):
    run("network", "tent", "--k", 1000, "-o", "deep.json")
    run("network", "merged", "--k", 1000, "-o", "merged.json")
    code, out, _ = run("equal", "deep.json", "merged.json")
    assert code == 0
    assert "by induction" in out


def test_plot_draws_every_network(run, tmp_path):
    run("network", "tent", "--k", 3, "-o", "deep.json")
    run("network", "shallow", "--k", 3, "-o", "shallow.json")
    arguments = ("plot", "deep.json", "shallow.json", "--from", 0, "--to", 1)
    code, data = answer(run(*arguments, "-o", "out.svg", "--json"))
    assert (code, data["pieces"]) == (0, [8, 8])
    root = ET.parse(tmp_path / "out.svg").getroot()
    paths = [
        node.get("d")
        for node in root.iter("{http://www.w3.org/2000/svg}path")
        if node.get("clip-path")
    ]
    # Each function is one polyline through its two ends and seven breakpoints.
    assert sum(path.count("L") == 8 for path in paths) == 2
    assert run(*arguments, "-o", "out.png")[0] == 0
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")
    first = (tmp_path / "out.svg").read_bytes()
    run(*arguments, "-o", "out.svg")
    assert (tmp_path / "out.svg").read_bytes() == first


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("eval", "t.json", "--at", "1,2"), "--at: expected 1 numbers, found 2"),
        (("eval", "t.json", "--at", "x"), "--at: expected a number"),
        (("eval", "t.json", "--at", "nan"), "--at: expected a number"),
        (("eval", "no.json", "--at", "1"), "no.json: cannot be read"),
        (("pieces", "t.json", "--from", "1", "--to", "0"), "expected A <= B"),
        (("pieces", "t.json", "--from", "1/0"), "--from: expected a denominator"),
        (("pieces", "t.txt"), "expected .json"),
        (("equal", "t.json", "t.json", "--from", "2", "--to", "1"), "expected A <= B"),
        (("equal", "t.json", "bad.json"), "bad.json: line 1"),
        (("network", "tent", "--k", "0"), "--k: expected 1 to"),
        (("network", "tent", "--k", "-5"), "--k: expected 1 to"),
        (("network", "shallow", "--k", "60"), "2^k units"),
        (("network", "merged", "--k", "1"), "at least 2"),
        (("network", "skewed", "--k", "2"), "--peak: expected"),
        (("network", "skewed", "--k", "2", "--peak", "1"), "strictly between 0 and 1"),
        (("network", "tent", "--k", "2", "--peak", "1/3"), "--peak: expected"),
        (("network", "tent", "--k", "2", "-o", "no/such.json"), "cannot be written"),
        (("network", "cube", "--k", "2"), "cube"),
        (("plot", "t.json", "-o", "x.pdf"), "x.pdf: expected a name ending in .svg or .png"),
        (("plot", "t.json", "-o", "no/x.svg"), "cannot be written"),
        (("plot", "t.json", "--from", "1", "--to", "1", "-o", "x.svg"), "expected A < B"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(run, tmp_path, arguments, message):
    run("network", "tent", "--k", 2, "-o", "t.json")
    (tmp_path / "bad.json").write_text("{")
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("verifier: ")
    assert err.count("\n") == 1
    assert message in err


def test_whole_process_answers_and_exits(tmp_path):
    def verifier(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "verifier", *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    assert verifier("network", "tent", "--k", "5", "-o", "t.json").returncode == 0
    assert json.loads(verifier("pieces", "t.json", "--json").stdout)["pieces"] == 34
    refused = verifier("pieces", "t.json", "--from", "2", "--to", "1")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "Traceback" not in refused.stderr
