"""The second opinion shares no code with what it judges."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import verifier.recheck

FOLDER = Path(verifier.recheck.__path__[0])
FORBIDDEN = ("verifier.kernel", "verifier.logic", "verifier.proving", "verifier.library")


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.py")), ids=lambda p: p.stem)
def test_no_module_imports_what_it_judges(path):
    for name in imported(path):
        assert not name.startswith((*FORBIDDEN, "proofs")), f"{path.name} imports {name}"
        if name.startswith("verifier."):
            assert name.startswith(("verifier.recheck", "verifier.errors", "verifier.output"))


def test_checking_certificates_loads_no_solver():
    names = ("structure", "certificates", "checkers")
    program = "".join(f"import verifier.recheck.{name}\n" for name in names)
    program += "import sys; print([m for m in sys.modules if m.split('.')[0] in ('z3', 'cvc5')]"
    program += " + [m for m in sys.modules if m.startswith(('verifier.kernel', 'verifier.logic'))])"
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"
