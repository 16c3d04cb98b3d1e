"""``verifier cache``: what it counts, what it removes, and what it leaves alone."""

from __future__ import annotations

import json
import os
import time

import pytest

FILES = {
    "ab/12.json": 10, "ab/34.json": 20, "records/rate.json": 30, "opinions/coq/1": 0, "key": 40,
    "records/.draft-1": 50,
}  # fmt: skip


@pytest.fixture
def kept(tmp_path):
    """A folder with files of every kind, half of them 40 days old, and a link out of it."""
    folder = tmp_path / "kept"
    old = time.time() - 40 * 86400
    for i, (name, size) in enumerate(FILES.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
        if i % 2:
            os.utime(path, (old, old))
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x")
    os.utime(outside / "precious", (old, old))
    (folder / "link").symlink_to(outside)
    return folder


def test_it_says_how_much_is_kept(verifier, kept) -> None:
    done = verifier("cache", "--cache", kept, "--json")
    document = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert document["kinds"]["verdicts"] == {"files": 2, "bytes": 30}
    assert document["kinds"]["records"] == {"files": 1, "bytes": 30}
    assert (document["files"], document["bytes"]) == (6, 150)
    assert document["removed"] == 0
    said = verifier("cache", VERIFIER_CACHE=str(kept)).stdout
    assert said.splitlines()[0] == f"{kept}: 6 files, 150 bytes"
    assert "  verdicts: 2 files, 30 bytes" in said


def test_only_what_is_old_is_removed_and_nothing_outside(verifier, kept) -> None:
    document = json.loads(verifier("cache", "--cache", kept, "--prune", "--json").stdout)
    left = {str(p.relative_to(kept)) for p in kept.rglob("*") if p.is_file()}
    assert left == {"ab/12.json", "records/rate.json", "key"}
    assert (document["removed"], document["freed"]) == (3, 70)
    again = verifier("cache", "--cache", kept, "--prune")
    assert again.stdout.endswith("removed: 0 files, 0 bytes\n")
    done = verifier("cache", "--cache", kept, "--prune", "--days", "0")
    assert "removed: 3 files, 80 bytes" in done.stdout
    assert (kept.parent / "outside" / "precious").exists()


def test_what_was_removed_is_found_again(verifier, cache) -> None:
    first = verifier("check", "sawtooth-affine", "--json")
    before = json.loads(verifier("cache", "--json").stdout)
    assert before["files"] > 0
    assert json.loads(verifier("cache", "--prune", "--days", "0", "--json").stdout)["files"] == 0
    again = verifier("check", "sawtooth-affine", "--json")
    assert json.loads(again.stdout)["ok"] == json.loads(first.stdout)["ok"] is True
    assert json.loads(verifier("cache", "--json").stdout)["files"] == before["files"]


def test_a_folder_that_is_not_there(verifier, tmp_path) -> None:
    done = verifier("cache", "--cache", tmp_path / "none")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"verifier: {tmp_path}/none: cannot be read: no such file\n"
    assert json.loads(verifier("cache", "--json").stdout)["files"] == 0
