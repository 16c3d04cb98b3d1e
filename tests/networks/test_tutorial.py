"""Every command of the PyTorch tutorial runs, and answers what the tutorial says."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.networks.helpers import DATA

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial-pytorch.md"


def test_every_command_runs(tmp_path):
    pytest.importorskip("torch")
    text = TUTORIAL.read_text()
    shutil.copy(DATA / "hill.pt", tmp_path)
    files = re.findall(r"`(\w+\.vnnlib)`:\n\n```lisp\n(.*?)```", text, re.DOTALL)
    assert [name for name, _ in files] == ["low.vnnlib", "negative.vnnlib"]
    for name, content in files:
        (tmp_path / name).write_text(content)
    # The interpreter's own commands come first, and the project is found from anywhere.
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(TUTORIAL.parents[1]),
    }
    commands = re.findall(r"```console\n\$ (.*?)```", text, re.DOTALL)
    outputs = {}
    for command in commands:
        if command.startswith("pip "):
            continue
        done = subprocess.run(
            command, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip
        outputs[command.strip()] = done
        assert "Traceback" not in done.stderr
    by_file = {
        name: next(done for command, done in outputs.items() if f"{name}.vnnlib" in command)
        for name in ("low", "negative")
    }
    assert by_file["low"].returncode == 0
    assert by_file["low"].stdout.startswith("proved")
    assert by_file["negative"].returncode == 1
    assert by_file["negative"].stdout.startswith("refuted")
    others = [done for done in outputs.values() if done is not by_file["negative"]]
    assert all(done.returncode == 0 for done in others)
    assert any("Checked(" in done.stdout for done in others)
    assert (tmp_path / "hill.smt2").stat().st_size > 0
