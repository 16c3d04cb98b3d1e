"""What happens where output goes nowhere: no traceback, no half a file, the right exit code."""

from __future__ import annotations

import codecs
import json
import os
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import BROKEN
from verifier.commands.options import cache_folder
from verifier.errors import BadInput
from verifier.output import write_output, write_whole

NETWORK = ("network", "tent", "--k", "400")


@pytest.fixture
def process(tmp_path, cache):
    """Start the command line with streams of its own."""

    def start(*arguments: str, variables: dict[str, str] | None = None, **streams):
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
        environment = {**os.environ, "VERIFIER_CACHE": str(cache), **(variables or {})}
        command = [sys.executable, "-m", "verifier", *arguments]
        return subprocess.Popen(command, cwd=tmp_path, env=environment, text=True, **streams)

    return start


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_standard_output_is_one_line_and_exit_code_2(process) -> None:
    with open("/dev/full", "wb") as full:
        running = process(*NETWORK, stdout=full)
        err = running.communicate()[1]
    assert err == "verifier: standard output: cannot be written: no space left on device\n"
    assert running.returncode == 2
    with open("/dev/full", "wb") as full:
        refused = process("pieces", "none.json", stderr=full)
        assert (refused.communicate()[0], refused.returncode) == ("", 2)


def test_a_reader_that_leaves_changes_no_verdict(process, user_file) -> None:
    """A failure stays one, and what is done stays done."""
    name = user_file(BROKEN)
    for arguments, code in ((("check", "--package", name), 1), (NETWORK, 0)):
        reader, writer = os.pipe()
        os.close(reader)
        running = process(*arguments, stdout=writer)
        os.close(writer)
        assert running.communicate()[1] == ""
        assert running.returncode == code


def test_a_closed_standard_output_is_told(process) -> None:
    running = process(*NETWORK, preexec_fn=lambda: os.close(1), stdout=None)
    assert running.communicate()[1].startswith("verifier: standard output: cannot be written")
    assert running.returncode == 2


def test_a_terminal_of_ascii_shows_words(process) -> None:
    ascii_only = {"PYTHONIOENCODING": "ascii"}
    running = process("show", "sawtooth-affine", "--no-cache", variables=ascii_only)
    out, err = running.communicate()
    assert (running.returncode, err) == (0, "")
    assert out.isascii()
    assert "for all" in out
    assert "?" not in out


def test_characters_that_a_stream_does_not_know() -> None:
    statement = json.dumps({"says": "∀ 𝔸 ≤ x"}, ensure_ascii=False)
    written = statement.encode("ascii", "verifier.plain").decode()
    assert json.loads(written) == json.loads(statement)
    assert "<text>≤</text>".encode("ascii", "verifier.plain") == b"<text>&#8804;</text>"
    assert "x ≤ 𝔸".encode("ascii", "verifier.plain") == b"x <= ?"
    with pytest.raises(UnicodeDecodeError):
        codecs.decode(b"\xff", "ascii", "verifier.plain")


def small_files() -> None:
    """What a full disk does to a process: no file grows beyond 4 kB."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


def test_a_disk_that_fills_leaves_the_old_file_or_none(process, tmp_path) -> None:
    (tmp_path / "old.json").write_text("old")
    for name in ("old.json", "new.json"):
        running = process(*NETWORK, "-o", name, preexec_fn=small_files)
        err = running.communicate()[1]
        assert running.returncode == 2
        assert err == f"verifier: {name}: cannot be written: file too large\n"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["old.json"]
    assert (tmp_path / "old.json").read_text() == "old"


def test_a_written_file_has_the_users_usual_permissions(tmp_path) -> None:
    before = os.umask(0o027)
    try:
        write_output(tmp_path / "new", "1")
        (tmp_path / "old").write_text("0")
        (tmp_path / "old").chmod(0o604)
        write_output(tmp_path / "old", b"1")
    finally:
        os.umask(before)
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in tmp_path.iterdir()}
    assert modes == {"new": 0o640, "old": 0o604}


def test_links_and_devices_are_written_through(tmp_path) -> None:
    (tmp_path / "link").symlink_to("target")
    write_output(tmp_path / "link", "1")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "1"
    write_output(Path(os.devnull), "nothing")
    with pytest.raises(BadInput, match="no such folder"):
        write_output(tmp_path / "no" / "file", "1")
    with pytest.raises(BadInput, match="in the place of its folder"):
        write_output(Path(os.devnull) / "file", "1", make_folder=True)


def test_a_writer_that_is_stopped_leaves_nothing(tmp_path, monkeypatch) -> None:
    def stopped(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "write", stopped)
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "file", "1")
    assert list(tmp_path.iterdir()) == []


def test_a_cache_that_cannot_be_written_is_a_warning(verifier, monkeypatch, capsys) -> None:
    done = verifier("check", "sawtooth-affine", VERIFIER_CACHE="/dev/null/cache")
    assert done.returncode == 0
    (line,) = done.stderr.splitlines()
    assert line.startswith("verifier: warning: /dev/null/cache: cannot be written: ")
    assert line.endswith("nothing is remembered")
    assert "sawtooth-affine  proved" in done.stdout

    def unknown() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", unknown)
    for variable in ("VERIFIER_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    assert cache_folder(None, False) is None
    assert "no home folder is known" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("chek",), "no command is called 'chek'; did you mean check?"),
        (("xyzzy",), "no command is called 'xyzzy'; verifier --help lists the commands"),
        (("graph", "--formt", "svg"), "No such option '--formt'. Did you mean '--format'?"),
        (("network", "skewed", "--k", "2"), "--peak: expected with skewed: where it is 1"),
        (("network", "tent", "--k", "2", "--peak", "1/3"), "--peak: expected with skewed only"),
        (("eval", "none.json", "--at", "1"), "none.json: cannot be read: no such file"),
        (("eval", "none.onnx", "--at", "1"), "none.onnx: cannot be read: no such file"),
        (("eval", "none.nnet", "--at", "1"), "none.nnet: cannot be read: no such file"),
        (("certificate", "none.json"), "none.json: cannot be read: no such file"),
        (("bound", "--csv", "none.csv", "--widths", "2"), "none.csv: cannot be read: no such file"),
        (("graph", "--derivation", "none.json"), "none.json: cannot be read: no such file"),
    ],
)
def test_a_slip_is_answered_with_its_mend(verifier, arguments, says) -> None:
    done = verifier(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(f"verifier: {says}")


def test_without_a_command_the_help_is_printed(verifier) -> None:
    done = verifier()
    assert (done.returncode, done.stderr) == (0, "")
    assert done == verifier("--help")
    assert "Commands:" in done.stdout
