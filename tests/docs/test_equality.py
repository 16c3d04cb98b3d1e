"""The commands of docs/equality.md answer as printed, and its tree passes the check."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest

from verifier.cli import main

PAGE = (Path(__file__).parents[2] / "docs" / "equality.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"`(\w+\.json)`:\n\n```json\n(.*?)```", PAGE, re.DOTALL))
(CONSOLE,) = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
(PROGRAM,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert len(FILES) == 3
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_commands_answer_as_printed(folder, monkeypatch, capsys):
    codes = []
    for entry in CONSOLE.split("$ ")[1:]:
        command, _, printed = entry.partition("\n")
        monkeypatch.setattr(sys, "argv", shlex.split(command))
        with pytest.raises(SystemExit) as stop:
            main()
        codes.append(stop.value.code or 0)
        out, err = capsys.readouterr()
        answer, *rest = out.splitlines(keepends=True)
        assert (answer, err) == (printed, "")
        assert len(rest) == (codes[-1] == 0)
        assert all(line.startswith("rests on: kernel theorem equal-") for line in rest)
    assert codes == [0, 1, 0]
    exec(PROGRAM, {})
    wrong = PROGRAM.replace("(1, 1)", "(1, None)").replace("(0, 0)", "(None, 0)")
    assert wrong != PROGRAM
    with pytest.raises(Exception, match="node"):
        exec(wrong, {})
