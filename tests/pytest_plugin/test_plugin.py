"""The pytest plugin, in runs of pytest of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import BROKEN
from tests.cli.test_check import ASSUMED

pytest_plugins = ["pytester"]

GOOD = """
from verifier.proving import Integer, Proof, Theorem, lemma, theorem


@lemma("small-step")
def small_step(p: Proof, n: Integer) -> Theorem:
    p.show(n < n + 1)
    return p.have(p.goal)


@theorem("two-steps")
def two_steps(p: Proof, n: Integer) -> Theorem:
    p.show(n < n + 1 + 1)
    return p.have(p.goal, small_step(p, n), small_step(p, n + 1))
"""


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("VERIFIER_CACHE", str(tmp_path / "cache"))


@pytest.fixture(autouse=True)
def no_other_plugin(monkeypatch) -> None:
    """Importing those that happen to be installed costs more than the runs themselves."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "verifier.pytest_plugin")


def write(pytester: pytest.Pytester, **files: str) -> Path:
    folder = pytester.mkdir("mylemmas")
    (folder / "__init__.py").write_text("")
    for name, source in files.items():
        (folder / f"{name}.py").write_text(source)
    return folder


def test_a_leaf_without_a_certificate_fails_its_item(pytester: pytest.Pytester) -> None:
    """An item says passed or failed, and has no word for what is only assumed."""
    write(pytester, assumed=ASSUMED)
    run = pytester.runpytest_subprocess("mylemmas")
    run.assert_outcomes(failed=1)
    run.stdout.fnmatch_lines(["*no certificate was found within the limit"])


def test_each_result_is_an_item_of_its_name(pytester: pytest.Pytester) -> None:
    write(pytester, steps=GOOD)
    collected = pytester.runpytest_subprocess("--collect-only", "-q", "mylemmas")
    collected.stdout.fnmatch_lines(
        ["mylemmas/steps.py::small-step", "mylemmas/steps.py::two-steps"]
    )
    pytester.runpytest_subprocess("mylemmas").assert_outcomes(passed=2)
    one = pytester.runpytest_subprocess("mylemmas/steps.py::two-steps")
    one.assert_outcomes(passed=1)


def test_a_failure_shows_obligation_and_values_not_a_traceback(pytester: pytest.Pytester) -> None:
    write(pytester, sums=BROKEN)
    ran = pytester.runpytest_subprocess("mylemmas")
    ran.assert_outcomes(failed=2)
    ran.stdout.fnmatch_lines(
        ["*my-sum is not proved*", "step: labels in range", "cannot prove*", "*counterexample:"]
    )
    ran.stdout.fnmatch_lines(["my-double is proved only from my-sum, not proved"])
    ran.stdout.no_fnmatch_line("*Traceback*")
    ran.stdout.no_fnmatch_line("*raise NotProved*")


def test_a_file_that_does_not_import_is_an_error_of_collection(pytester: pytest.Pytester) -> None:
    write(pytester, typo=GOOD.replace("import Integer", "import Integre"))
    ran = pytester.runpytest_subprocess("mylemmas")
    ran.assert_outcomes(errors=1)
    assert ran.ret == pytest.ExitCode.INTERRUPTED


def test_other_files_are_left_alone(pytester: pytest.Pytester) -> None:
    """Neither a script that only mentions the language nor one that merely uses it is run."""
    script = "from verifier.proving import REGISTRY\nraise SystemExit('was run')\n"
    mention = "'''@theorem( of verifier.proving'''\nraise SystemExit('was run')\n"
    write(pytester, script=script, mention=mention, steps=GOOD)
    pytester.runpytest_subprocess().assert_outcomes(passed=2)


def test_a_test_file_keeps_its_tests(pytester: pytest.Pytester) -> None:
    source = GOOD + (
        "\n\ndef test_plain():\n    assert two_steps.fact\n"
        "\n\nclass TestMore:\n    def test_inside(self):\n        assert small_step.name\n"
    )
    pytester.makepyfile(test_steps=source)
    pytester.runpytest_subprocess().assert_outcomes(passed=4)


def test_an_imported_result_is_an_item_of_its_own_file_only(pytester: pytest.Pytester) -> None:
    more = (
        "from mylemmas.steps import small_step\n"
        "from verifier.proving import Integer, Proof, Theorem, theorem\n"
        "@theorem('one-step')\n"
        "def one_step(p: Proof, n: Integer) -> Theorem:\n"
        "    p.show(n < n + 1)\n"
        "    return small_step(p, n)\n"
    )
    write(pytester, steps=GOOD, uses=more)
    collected = pytester.runpytest_subprocess("--collect-only", "-q", "mylemmas/uses.py")
    collected.stdout.fnmatch_lines(["mylemmas/uses.py::one-step"])
    collected.stdout.no_fnmatch_line("*::small-step")


def test_the_cache_can_be_left_out(pytester: pytest.Pytester, tmp_path) -> None:
    write(pytester, steps=GOOD)
    pytester.runpytest_subprocess("--verifier-no-cache", "mylemmas").assert_outcomes(passed=2)
    assert not (tmp_path / "cache").exists()


def test_the_library_is_collected_by_its_package_name(
    pytester: pytest.Pytester, monkeypatch
) -> None:
    """Here pytest finds the plugin by itself."""
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    monkeypatch.delenv("PYTEST_PLUGINS")
    collected = pytester.runpytest_subprocess("--collect-only", "-q", "--pyargs", "proofs")
    collected.stdout.fnmatch_lines(["*sawtooth.py::sawtooth-sum-sharp", "*tent.py::iterate-grid"])


def test_importing_the_plugin_imports_nothing_of_the_verifier() -> None:
    probe = (
        "import sys, pytest, verifier.pytest_plugin\n"
        "print(sorted(m for m in sys.modules if m.split('.')[0] in"
        " ('z3', 'sympy', 'networkx', 'proofs') or m.startswith('verifier.')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )  # fmt: skip
    assert done.stdout.strip() == "['verifier.pytest_plugin']"
