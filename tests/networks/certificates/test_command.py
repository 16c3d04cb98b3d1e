"""``verifier certificate`` accepts what ``verify`` proves, and refuses what does not show it."""

import json
import sys
from fractions import Fraction as F

import pytest

from verifier.cli import main
from verifier.networks.activations import RELU
from verifier.networks.formats.json_format import write_json
from verifier.networks.model import Layer, Network

PROPERTY = """(declare-const X_0 Real) (declare-const X_1 Real) (declare-const Y_0 Real)
(assert (<= -1 X_0 1)) (assert (<= -1 X_1 1)) (assert (>= Y_0 {bound}))
"""


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Write |x| + |y| and two properties; return a function that runs the command line there."""
    monkeypatch.chdir(tmp_path)
    signs = tuple((F(a), F(b)) for a, b in ((1, 0), (-1, 0), (0, 1), (0, -1)))
    layers = (Layer(signs, (F(0),) * 4, RELU), Layer(((F(1),) * 4,), (F(0),)))
    write_json(Network(2, layers), tmp_path / "sum.json")
    doubled = (layers[0], Layer(((F(2),) * 4,), (F(0),)))
    write_json(Network(2, doubled), tmp_path / "double.json")
    for bound in (2, 3):
        (tmp_path / f"{bound}.vnnlib").write_text(PROPERTY.format(bound=bound))

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["verifier", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        return stop.value.code or 0, capsys.readouterr().out

    return call


def test_a_proof_is_accepted_and_its_twins_are_refused(run, tmp_path):
    assert run("verify", "sum.json", "3.vnnlib", "--certificate", "proof.json")[0] == 0
    code, out = run("certificate", "proof.json")
    assert code == 0
    assert out.startswith("accepted: no input of 3.vnnlib is unsafe for sum.json: ")
    for other in (("--property", "2.vnnlib"), ("--net", "double.json")):
        code, out = run("certificate", "proof.json", *other)
        assert (code, out[:9]) == (1, "refused: ")
    proof = json.loads((tmp_path / "proof.json").read_text())
    (tmp_path / "proof.json").write_text(json.dumps(proof | {"cases": []}))
    code, out = run("certificate", "proof.json")
    assert (code, out) == (1, "refused: certificate: expected 1 cases\n")


def test_an_answer_that_proves_nothing_is_refused(run, tmp_path):
    assert run("verify", "sum.json", "3.vnnlib", "--certificate", "proof.json")[0] == 0
    proof = json.loads((tmp_path / "proof.json").read_text())
    (tmp_path / "proof.json").write_text(json.dumps(proof | {"status": "unknown"}))
    code, out = run("certificate", "proof.json")
    answer = "it is of an answer that is unknown, neither proved nor refuted"
    assert (code, out) == (1, f"refused: {answer}\n")


def test_a_counterexample_is_evaluated_again(run, tmp_path):
    path = tmp_path / "proof.json"
    assert run("verify", "sum.json", "2.vnnlib", "--certificate", "proof.json")[0] == 1
    code, out = run("certificate", "proof.json")
    assert code == 0
    assert out.startswith("accepted: unsafe for sum.json by 2.vnnlib: ")
    code, out = run("certificate", "proof.json", "--property", "3.vnnlib")
    assert (code, out) == (1, "refused: certificate: the counterexample is not unsafe\n")
    code, out = run("certificate", "proof.json", "--net", "double.json")
    assert (code, out) == (1, "refused: certificate: the counterexample has other outputs\n")
    proof = json.loads(path.read_text())
    for forged in (None, {}, {"inputs": ["1"], "outputs": ["1"]}, {"inputs": 3, "outputs": []},
                   {"inputs": ["0", "1/0"], "outputs": ["1"]}):  # fmt: skip
        path.write_text(json.dumps(proof | {"counterexample": forged}))
        code, out = run("certificate", "proof.json")
        assert (code, out[:9]) == (1, "refused: ")


def test_a_search_cut_short_leaves_its_open_boxes(run, tmp_path):
    path = tmp_path / "proof.json"
    code, _ = run("verify", "sum.json", "3.vnnlib", "--certificate", "proof.json", "--timeout", "0")
    assert code == 3
    (case,) = json.loads(path.read_text())["cases"]
    assert case["tree"] == [["open"]]
    assert run("certificate", "proof.json")[0] == 1
