"""``verifier check``: what it prints, and its exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial

import pytest

from tests.cli.conftest import BROKEN, LIMIT, derivations, without_times

FIELDS = {
    "name", "kind", "status", "source", "statement", "uses", "assumptions", "leaves", "seconds",
}  # fmt: skip


def test_json_has_the_documented_keys_and_nothing_else_is_printed(verifier_process) -> None:
    done = verifier_process("check", "rate", "--json")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    document = json.loads(done.stdout)
    assert {"ok", "seconds", "theorems"} <= set(document)
    assert document["ok"] is True
    assert all(set(t) >= FIELDS for t in document["theorems"])
    names = {t["name"] for t in document["theorems"]}
    assert {"rate", "rate-sharp", "runs-general"} <= names
    assert "layer-step" not in names


def test_the_table_ends_with_what_everything_rests_on(verifier) -> None:
    done = verifier("check", "rate")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["name", "status", "source", "leaves", "time"]
    start = lines.index("They rest on")
    assert lines[start + 1].split() == ["axioms", "none"]
    assert "checked by its certificate" in lines[-1]
    assert "\x1b" not in done.stdout


def test_a_changed_constant_is_reported_with_step_values_and_what_falls(
    verifier, user_file
) -> None:
    done = verifier("check", "--package", user_file(BROKEN))
    assert done.returncode == 1
    out = done.stdout
    line = BROKEN.splitlines().index("    return construct(") + 1
    assert f"my-sum is not proved  (mine.py:{line})" in out
    assert "step: labels in range" in out
    assert "counterexample:" in out
    assert "with it falls: my-double" in out
    values = dict(line.split(" = ") for line in out.splitlines() if line.startswith("        "))
    values = {name.strip(): int(value) for name, value in values.items()}
    x, total = values["x"], values["k"] + values["l"]
    label = values[f"label({x})"] + values[f"label_1({x})"] - 1
    assert not 1 <= label <= total - 2


def test_the_failure_in_json(verifier, user_file) -> None:
    done = verifier("check", "--package", user_file(BROKEN), "--json")
    assert done.returncode == 1
    document = json.loads(done.stdout)
    first, second = document["theorems"]
    assert document["ok"] is False
    assert (first["status"], second["status"]) == ("failed", "conditional")
    assert first["failure"]["path"] == ["labels in range"]
    assert first["failure"]["limit"] is False
    assert second["unproved"] == ["my-sum"]


def test_a_limit_of_the_solver_is_exit_code_3(verifier, user_file) -> None:
    done = verifier("check", "--package", user_file(LIMIT))
    assert done.returncode == 3
    assert "the solver gave up" in done.stdout


# True, proved by the solver, and out of the reach of the finder of certificates.
ASSUMED = """
from verifier.proving import Proof, Real, Theorem, theorem


@theorem("product-below-squares")
def product_below_squares(p: Proof, x: Real, y: Real) -> Theorem:
    p.show(2 * (x * y) <= x * x + y * y)
    return p.have(p.goal)
"""


def test_a_leaf_without_a_certificate_is_counted_and_exit_code_3(verifier, user_file) -> None:
    package = ("--package", user_file(ASSUMED))
    done = verifier("check", *package, "--json")
    document = json.loads(done.stdout)
    assert (done.returncode, document["ok"], document["oracles"]) == (3, False, 1)
    assert [t["status"] for t in document["theorems"]] == ["conditional"]
    allowed = verifier("check", *package, "--allow-oracle")
    assert allowed.returncode == 0
    assert "0 of 1 results proved" in allowed.stdout
    assert "1 assumed" in allowed.stdout


def test_a_limit_beside_a_refutation_is_exit_code_1(verifier, user_file) -> None:
    both = ("--package", user_file(LIMIT, "hard.py"), "--package", user_file(BROKEN))
    assert verifier("check", *both).returncode == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "no-such-result"),
        ("check", "--package", "no_such_package"),
        ("check", "--package", "missing.py"),
        ("check", "--jobs", "0"),
        ("check", "--no-such-option"),
        ("check", "rate", "--cache", "/dev/null/cache"),
        ("check", "rate", "--derivations", "/dev/null/files"),
        ("show", "no-such-result"),
        ("show",),
        ("graph", "no-such-result"),
        ("graph", "--format", "png"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(verifier, arguments) -> None:
    done = verifier(*arguments)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stderr.startswith("verifier: ")
    assert done.stdout == ""


def test_a_user_file_with_a_syntax_error_is_bad_input(verifier, user_file) -> None:
    done = verifier("check", "--package", user_file("def broken(:\n"))
    assert done.returncode == 2
    assert "mine.py" in done.stderr


def test_any_way_of_running_gives_the_same_derivations(
    verifier, verifier_process, tmp_path
) -> None:
    """Cold or warm, one process or two, optimised or not, all or in part."""
    ways = {
        "cold": (verifier, "--no-cache"),
        "cached": (verifier,),
        "warm": (verifier,),
        "two": (verifier_process, "--no-cache", "--jobs", "2"),
        "optimised": (partial(verifier_process, flags=("-O",)), "--no-cache"),
    }
    reports, files = [], []
    for way, (run, *arguments) in ways.items():
        folder = tmp_path / way
        done = run("check", "network-pieces", *arguments, "--json", "--derivations", folder)
        assert done.returncode == 0, done.stderr
        reports.append(without_times(done.stdout))
        files.append(derivations(folder))
    assert all(r == reports[0] for r in reports)
    assert all(f == files[0] for f in files)
    alone = tmp_path / "alone"
    verifier("check", "layer-step", "--no-cache", "--derivations", alone)
    assert derivations(alone).items() <= files[0].items()


def test_a_warm_run_does_not_load_the_solver(verifier, tmp_path) -> None:
    probe = (
        "import sys, verifier.cli\n"
        "sys.argv = ['verifier', 'check', 'sawtooth-compose', '--json']\n"
        "try:\n    verifier.cli.main()\n"
        "finally:\n    print(sorted({'z3', 'sympy', 'networkx', 'rich'} & set(sys.modules)))\n"
    )
    verifier("check", "sawtooth-compose")
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True,
        env={**os.environ, "VERIFIER_CACHE": str(tmp_path / "cache")}, cwd=tmp_path,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "[]"


def test_stability_counts_seeds(verifier) -> None:
    done = verifier("check", "sawtooth-sum", "--stability", "3", "--jobs", "1", "--json")
    assert done.returncode == 0
    stability = json.loads(done.stdout)["stability"]
    assert stability["seeds"] == stability["least_proved"] == 3
    assert stability["leaves"] >= 9
    assert stability["unsteady"] == []


def test_a_change_below_is_reported_as_obsolete(verifier, user_file) -> None:
    source = (
        "from verifier.proving import Integer, Proof, Theorem, theorem\n"
        "from verifier import kernel\n"
        "@theorem('lower')\n"
        "def lower(p: Proof, n: Integer) -> Theorem:\n"
        "    p.show(n * n * n < n * n * n + 1)\n"
        "    return p.have(p.goal)\n"
        "@theorem('upper')\n"
        "def upper(p: Proof, n: Integer) -> Theorem:\n"
        "    p.show(n * n * n < n * n * n + 1)\n"
        "    return lower(p, n)\n"
    )
    assert verifier("check", "--package", user_file(source)).returncode == 0
    fact = "fact = p.have(p.goal)\n    return kernel.conjunct(kernel.conjoin(fact, fact), 1)"
    user_file(source.replace("return p.have(p.goal)", fact))
    changed = verifier("check", "lower", "--package", "mine.py", "--json")
    assert json.loads(changed.stdout)["obsolete"] == ["upper"]
    whole = verifier("check", "--package", "mine.py", "--json")
    assert json.loads(whole.stdout)["obsolete"] == []
