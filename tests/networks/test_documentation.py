"""Every command printed in docs/networks.md answers as printed."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path

import pytest

import verifier.networks
from verifier.cli import main
from verifier.networks.formats.json_format import Reader, parse_json, parse_network

PAGE = Path(__file__).parents[2] / "docs" / "networks.md"
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def console():
    """Yield each printed command with the output printed after it."""
    for kind, block in BLOCKS:
        if kind == "console":
            for entry in block.split("$ ")[1:]:
                command, _, output = entry.partition("\n")
                yield shlex.split(command)[1:], output


def test_commands_answer_as_printed(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    seen = 0
    for arguments, printed in console():
        monkeypatch.setattr(sys, "argv", ["verifier", *arguments])
        with pytest.raises(SystemExit):
            main()
        assert capsys.readouterr() == (printed, "")
        seen += 1
    assert seen == 14
    (example,) = (block for kind, block in BLOCKS if kind == "python")
    exec(example)


def test_examples_of_the_format_are_read():
    network, activation = (block for kind, block in BLOCKS if kind == "json")
    assert parse_network(network).widths == (2, 1)
    assert len(Reader("docs").activation(parse_json(activation, "docs"), "").pieces) == 3


def test_schema_is_installed_where_the_page_says():
    schema = Path(verifier.networks.__file__).parent / "formats/network.schema.json"
    assert json.loads(schema.read_text(encoding="utf-8"))["title"] == "verifier-network/1"
