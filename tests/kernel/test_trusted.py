"""What is trusted: how much it is, and what it imports."""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path

import pytest

import verifier

HOME = Path(verifier.__file__).parent
TRUSTED = sorted([*HOME.glob("kernel/*.py"), *HOME.glob("logic/*.py")])
# Fewer is better; a change that needs more says why.
MOST_LINES = 1470
NO_CODE = {
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
    tokenize.ENDMARKER,
}  # fmt: skip


def lines_of_code(source: str) -> int:
    """Lines that are no docstring, no comment and not blank."""
    words: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if text and isinstance(node.value.value, str):  # type: ignore[attr-defined]
            words.update(range(node.lineno, (node.end_lineno or 0) + 1))  # type: ignore[attr-defined]
    code: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in NO_CODE:
            code.update(range(token.start[0], token.end[0] + 1))
    return len(code - words)


def test_lines_are_counted_as_said() -> None:
    assert lines_of_code('"""Words."""\n\n# why\nx = (\n    1,\n)\n') == 3


def test_the_trusted_base_is_small() -> None:
    count = sum(lines_of_code(path.read_text(encoding="utf-8")) for path in TRUSTED)
    assert 0 < count <= MOST_LINES


@pytest.mark.parametrize("path", TRUSTED, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_it_imports_nothing_of_the_project_but_itself(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names = [str(node.module)]
        for name in names:
            assert name.split(".")[0] not in ("z3", "cvc5", "proofs")
            own = ("verifier.kernel", "verifier.logic", "verifier.errors")
            assert name == "verifier" or not name.startswith("verifier.") or name.startswith(own)
