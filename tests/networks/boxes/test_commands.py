"""The commands: exit codes, JSON, one clear line for bad input, interrupts."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import pytest

from tests.command_line import run_here
from tests.networks.helpers import DATA, random_network
from verifier.networks import load_network
from verifier.networks.certificates.property_check import check_certificate
from verifier.networks.formats.json_format import write_json
from verifier.networks.formats.vnnlib import read_vnnlib

EASY = "(assert (<= 0 X_0 0.1)) (assert (<= 0 X_1 0.1))"


def write(tmp_path, text, inputs=2, outputs=1):
    names = [f"X_{i}" for i in range(inputs)] + [f"Y_{j}" for j in range(outputs)]
    path = tmp_path / "p.vnnlib"
    path.write_text("".join(f"(declare-const {name} Real)\n" for name in names) + text)
    return path


@pytest.fixture
def net():
    return DATA / "scores.onnx"


def scores_box(radius):
    return "".join(f"(assert (<= -{radius} X_{i} {radius}))" for i in range(4))


def test_proved(tmp_path, net):
    path = write(tmp_path, scores_box(0.2) + "(assert (>= Y_0 3))", 4, 3)
    proof = tmp_path / "proof.json"
    done = run_here("verify", net, path, "--json", "--certificate", proof)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["status"] == "proved"
    assert answer["counterexample"] is None
    assert answer["boxes"] >= 1
    assert answer["remaining"] == []
    check_certificate(load_network(net), read_vnnlib(path), json.loads(proof.read_text()))


def test_refuted(tmp_path, net):
    path = write(tmp_path, scores_box(0.2) + "(assert (>= Y_0 0))", 4, 3)
    done = run_here("verify", net, path, "--json")
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)["counterexample"]
    inputs = [Fraction(x) for x in found["inputs"]]
    assert load_network(net).evaluate(inputs) == tuple(Fraction(y) for y in found["outputs"])
    assert all(abs(x) <= Fraction(1, 5) for x in inputs)
    assert Fraction(found["outputs"][0]) >= 0


def long(tmp_path, width, limit):
    """A network and a property that take minutes, or hours if the network is wide."""
    path = tmp_path / "wide.json"
    write_json(random_network(random.Random(0), 10, [*[width] * 4, 1]), path)
    box = "".join(f"(assert (<= -1 X_{i} 1))" for i in range(10))
    return path, write(tmp_path, box + f"(assert (>= Y_0 {limit}))", 10, 1)


def test_timeout(tmp_path):
    done = run_here("verify", *long(tmp_path, 40, 100), "--timeout", "0.5", "--json")
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["status"]) == (3, "unknown")
    assert answer["remaining"]
    assert "time limit" in answer["reason"]


def processor_seconds(group):
    """What the living processes of a group have used: how far they are on a busy machine too."""
    used = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[2]) == group:
                used += int(fields[11]) + int(fields[12])
    return used / os.sysconf("SC_CLK_TCK")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc")
@pytest.mark.parametrize(("number", "jobs"), [(signal.SIGINT, 1), (signal.SIGTERM, 2)])
def test_an_interrupt_prints_what_was_settled(tmp_path, number, jobs):
    command = ["verify", *long(tmp_path, 20, 60), "--json", "--jobs", jobs]
    process = subprocess.Popen(
        [sys.executable, "-m", "verifier", *map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A group of its own: its processor time is that of all its processes.
        start_new_session=True,
    )
    while process.poll() is None and processor_seconds(process.pid) < 2.5:
        time.sleep(0.05)
    process.send_signal(number)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 3, err
    answer = json.loads(out)
    assert (answer["status"], answer["reason"]) == ("unknown", "interrupted")
    assert answer["remaining"]
    assert answer["boxes"] > 0
    assert "Traceback" not in err


def test_units_of_an_nnet_file(tmp_path):
    path = write(tmp_path, scores_box(0.1) + "(assert (>= Y_0 3))", 4, 3)
    answer = json.loads(run_here("verify", DATA / "scores.nnet", path, "--json").stdout)
    assert answer["units"] == "normalised"
    text = ("(assert (<= 30000 X_0 30001))(assert (<= 0 X_1 0.01))(assert (<= 0 X_2 0.01))"
            "(assert (<= 500 X_3 501))(assert (>= Y_0 100000))")  # fmt: skip
    answer = json.loads(run_here("verify", DATA / "scores.nnet", write(tmp_path, text, 4, 3),
                            "--json").stdout)  # fmt: skip
    assert (answer["units"], answer["status"]) == ("physical", "proved")
    text = text.replace("500", "-500")
    done = run_here("verify", DATA / "scores.nnet", write(tmp_path, text, 4, 3))
    assert done.returncode == 2
    assert "--units" in done.stderr


@pytest.mark.parametrize(
    ("name", "content", "property_text"),
    [
        ("net.onnx", b"\x08\x07garbage", None),
        ("net.nnet", b"// only a comment\n", None),
        ("net.nnet", b"\xff\xfe\x00", None),
        ("net.pt", b"PK\x03\x04", None),
        ("net.json", b"{", None),
        ("net.txt", b"", None),
        (None, b"", "(assert (<= X_0"),
        (None, b"", "(assert (<= X_0 1))"),
        (None, b"", "(assert (<= 1 X_0 0))(assert (<= 0 X_1 1))(assert (<= Y_0 1))"),
        (None, b"", EASY + "(assert (<= Y_7 1))"),
        (None, b"", "(declare-const Y_1 Real)" + EASY + "(assert (<= Y_1 1))"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(tmp_path, name, content, property_text):
    network = DATA / "scores.onnx" if name is None else tmp_path / name
    if name is not None:
        network.write_bytes(content)
    path = write(tmp_path, property_text or EASY + "(assert (<= Y_0 1))")
    done = run_here("verify", network, path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert (path.name if name is None else name) in done.stderr


def test_compile(tmp_path, net):
    out = tmp_path / "net.smt2"
    box = "0:0.1,0:1/3,0:1,0:1"
    done = run_here("compile", net, "-o", out, "--encoding", "phase", "--box", box)
    assert done.returncode == 0, done.stderr
    assert out.read_text().startswith("(set-logic QF_LRA)")
    assert "(/ 1 3)" in out.read_text()
    done = run_here("compile", net, "--box", "0:1")
    assert done.returncode == 2
    assert "expected 4 intervals" in done.stderr
    assert json.loads(run_here("compile", net, "--json").stdout)["encoding"] == "ite"
