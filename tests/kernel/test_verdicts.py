"""Remembered verdicts: damaged, edited, moved or foreign entries count as absent."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from verifier import kernel
from verifier.kernel import LeafRefused, Verdict, Verdicts
from verifier.kernel.verdicts import KEY_BYTES, _address
from verifier.logic import FALSE, REAL, Term, variable
from verifier.logic.smt import script

x = variable("x", REAL)
FACTS = (x >= 1, x >= 2)
TRUE_GOAL, FALSE_GOAL = x >= 0, x >= 3


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    kernel.keep_verdicts(Verdicts(tmp_path, tmp_path))
    yield tmp_path
    kernel.keep_verdicts(None)


def ask(goal: Term, *facts: Term) -> bool:
    """Prove a goal; whether its verdict was remembered."""
    heard: list[bool] = []
    kernel.listen(lambda _, __, remembered: heard.append(remembered))
    try:
        kernel.leaf(tuple(map(kernel.assume, facts)), goal)
    finally:
        kernel.listen(None)
    return heard[0]


def entry(folder: Path, goal: Term, *facts: Term) -> Path:
    """Where the verdict on an obligation is kept."""
    text = script(facts, goal).text
    address = _address((text, kernel.solver_version(), str(kernel.RESOURCE_LIMIT)))
    return folder / address[:2] / f"{address[2:]}.json"


def test_a_verdict_is_remembered_across_runs(folder: Path) -> None:
    assert not ask(TRUE_GOAL, *FACTS)
    kernel.keep_verdicts(Verdicts(folder, folder))
    assert ask(TRUE_GOAL, *FACTS)


def test_what_was_needed_is_remembered(folder: Path) -> None:
    y = variable("y", REAL)
    for _ in range(2):
        theorem = kernel.leaf((kernel.assume(y >= 1), kernel.assume(x >= 1)), x >= 0)
        assert theorem.hypotheses == (x >= 1,)


def test_only_proofs_are_kept(folder: Path) -> None:
    with pytest.raises(LeafRefused):
        ask(FALSE_GOAL, *FACTS)
    assert list(folder.rglob("*.json")) == []


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "truncated": lambda whole: whole[: len(whole) // 2],
    "not UTF-8": lambda _: b"\xff\xfe",
    "a number": lambda _: b"7",
    "a list": lambda _: b"[]",
    "no seal": lambda _: b'{"needed": []}',
    "a seal that is no text": lambda _: b'{"needed": [], "seal": 5}',
    "a seal of lone surrogates": lambda _: b'{"needed": [], "seal": "\\ud800"}',
    "nested too deeply": lambda _: b"[" * 100_000,
    "a fewer premise": lambda whole: whole.replace(b"[0]", b"[]").replace(b"[1]", b"[]"),
    "a premise out of range": lambda whole: whole.replace(b"[0]", b"[9]").replace(b"[1]", b"[9]"),
    "truth values for numbers": lambda w: w.replace(b"[0]", b"[false]").replace(b"[1]", b"[true]"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_entry_is_proved_again(folder: Path, kind: str) -> None:
    ask(TRUE_GOAL, *FACTS)
    path = entry(folder, TRUE_GOAL, *FACTS)
    damaged = DAMAGE[kind](path.read_bytes())
    assert damaged != path.read_bytes()
    path.write_bytes(damaged)
    assert not ask(TRUE_GOAL, *FACTS)
    assert ask(TRUE_GOAL, *FACTS), "the damage is mended"


def plant(folder: Path, content: bytes, *facts: Term) -> None:
    path = entry(folder, FALSE_GOAL, *facts)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_an_entry_moved_to_another_obligation_proves_nothing(folder: Path) -> None:
    ask(TRUE_GOAL, *FACTS)
    plant(folder, entry(folder, TRUE_GOAL, *FACTS).read_bytes(), *FACTS)
    with pytest.raises(LeafRefused):
        ask(FALSE_GOAL, *FACTS)


def test_an_entry_linked_to_another_obligation_proves_nothing(folder: Path) -> None:
    ask(TRUE_GOAL, *FACTS)
    path = entry(folder, FALSE_GOAL, *FACTS)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(entry(folder, TRUE_GOAL, *FACTS))
    with pytest.raises(LeafRefused):
        ask(FALSE_GOAL, *FACTS)


def sealed_with(secret: bytes, folder: Path) -> bytes:
    path = entry(folder, FALSE_GOAL)
    address = path.parent.name + path.stem
    message = json.dumps([address, []]).encode()
    return json.dumps(
        {"needed": [], "seal": hmac.new(secret, message, hashlib.sha256).hexdigest()}
    ).encode()


@pytest.mark.parametrize("known_key", [b"", b"0" * KEY_BYTES])
def test_a_lying_entry_sealed_with_another_key_proves_nothing(
    folder: Path, known_key: bytes
) -> None:
    ask(TRUE_GOAL, *FACTS)
    plant(folder, sealed_with(known_key, folder))
    with pytest.raises(LeafRefused):
        ask(FALSE_GOAL)


@pytest.mark.parametrize("damaged", [b"", b"short", b"x" * 99])
def test_a_damaged_key_is_replaced_not_used(folder: Path, damaged: bytes) -> None:
    (folder / "key").write_bytes(damaged)
    plant(folder, sealed_with(damaged, folder))
    with pytest.raises(LeafRefused):
        ask(FALSE_GOAL)
    assert len((folder / "key").read_bytes()) == KEY_BYTES


def test_the_key_is_for_the_user_alone(folder: Path) -> None:
    ask(TRUE_GOAL, *FACTS)
    assert (folder / "key").stat().st_mode & 0o077 == 0


def test_first_runs_at_once_agree_on_a_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: Verdicts(tmp_path, tmp_path)._secret, range(16)))
    assert len(keys) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["key"]


def test_nobody_but_the_kernel_keeps_a_verdict(tmp_path: Path) -> None:
    public = [
        name for name in vars(Verdicts(tmp_path, tmp_path)) | vars(Verdicts) if name[0] != "_"
    ]
    assert public == ["folder", "keys"]
    assert Verdict("refuted").proved is False


def test_false_stays_false_with_a_store(folder: Path) -> None:
    for _ in range(2):
        with pytest.raises(LeafRefused):
            ask(FALSE)
