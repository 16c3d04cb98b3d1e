"""What the pages show is true: every command runs, and excerpts of proofs are the proofs."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.command_line import Done

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# Their own tests run these, output included.
TESTED_APART = {
    "equality.md": "tests/docs/test_equality.py",
    "networks.md": "tests/networks/test_documentation.py",
    "tutorial-pytorch.md": "tests/networks/test_tutorial.py",
}
# What `make check` does not install: no page may need it but those tested apart.
NOT_INSTALLED = ("onnx", "onnxruntime", "torch", "flint", "hypothesis", "jsonschema")
BLOCK = re.compile(r"```(?:console|sh)\n(.*?)```", re.DOTALL)


def commands(page: Path) -> list[str]:
    """The lines after ``$`` in a page's console blocks."""
    blocks = BLOCK.findall(page.read_text())
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def redirected(arguments: list[str]) -> tuple[list[str], str | None]:
    """Arguments, and the file that ``>`` at their end names."""
    return (arguments[:-2], arguments[-1]) if arguments[-2:-1] == [">"] else (arguments, None)


@contextmanager
def not_installed() -> Iterator[None]:
    """Nothing but what `make check` installs; other modules that are imported here stay."""
    before = {name: sys.modules.pop(name) for name in NOT_INSTALLED if name in sys.modules}
    sys.modules.update(dict.fromkeys(NOT_INSTALLED))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in NOT_INSTALLED:
            del sys.modules[name]
        sys.modules.update(before)


@pytest.mark.parametrize(
    "page", [p for p in PAGES if commands(p) and p.name not in TESTED_APART], ids=lambda p: p.name
)
def test_every_command_of_the_page_runs(page, tmp_path, shared_cache, verifier) -> None:
    """In order, in one folder; a comment such as ``# exit code 1`` says what to expect."""
    scripts = Path(sys.executable).parent
    cache = {"VERIFIER_CACHE": str(shared_cache)}
    environment = {
        **os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}", **cache,
    }  # fmt: skip
    for command in commands(page):
        expected = re.search(r"# exit code (\d)", command)
        program, *arguments = shlex.split(command, comments=True)
        done: Done | subprocess.CompletedProcess[str]
        if program == "verifier" and "|" not in arguments:
            # What a command costs is mostly the library, proved here before.
            arguments, output = redirected(arguments)
            with not_installed():
                done = verifier(*arguments, proved=True, **cache)
            if output:
                (tmp_path / output).write_text(done.stdout)
        else:
            done = subprocess.run(
                ["/bin/sh", "-c", command], cwd=tmp_path, env=environment, check=False,
                capture_output=True, text=True, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        wanted = int(expected[1]) if expected else 0
        assert done.returncode == wanted, f"{command}\n{done.stdout[-2000:]}\n{done.stderr}"


def test_make_check_installs_what_the_pages_need_and_names_commands_that_run(
    tmp_path, verifier, shared_cache
) -> None:
    makefile = (ROOT / "Makefile").read_text()
    base = r"^\$\(VENV\)/\.base:.*\n\t\$\(call install,\.\[(.*)\]\)"
    (extras,) = re.findall(base, makefile, re.M)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    chosen = [project["optional-dependencies"][e] for e in extras.replace("$(,)", ",").split(",")]
    needed = " ".join([*project["dependencies"], *(one for extra in chosen for one in extra)])
    assert {"matplotlib", "cvc5"} <= set(re.findall(r"[a-z][\w-]+", needed))
    assert not set(NOT_INSTALLED) & set(re.findall(r"[a-z][\w-]+", needed))
    told = re.findall(r'^\t@echo "  \$\(BIN\)/verifier (.*)"$', makefile, re.M)
    assert len(told) == 3
    for command in told:
        done = verifier(*command.split(), proved=True, VERIFIER_CACHE=str(shared_cache))
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "library.svg").exists()


def test_pages_left_out_are_tested_apart() -> None:
    for page, test in TESTED_APART.items():
        assert page in (ROOT / test).read_text()


def test_pages_name_commands() -> None:
    told = [shlex.split(c.partition("#")[0])[:2] for p in PAGES for c in commands(p) if c[0] == "v"]
    assert {"check", "show", "graph"} <= {second for first, second in told if first == "verifier"}


def test_links_between_pages_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_proof_in_the_readme_is_the_proof() -> None:
    (excerpt,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert excerpt in (ROOT / "proofs" / "sawtooth.py").read_text()


def test_the_readme_names_results_that_exist() -> None:
    from verifier.library.catalogue import load

    rows = [line for line in (ROOT / "README.md").read_text().splitlines() if line[:2] == "| "]
    names = {n for row in rows for n in re.findall(r"`([a-z0-9.-]+)`", row)}
    assert len(names) > 10
    assert names <= set(load())
