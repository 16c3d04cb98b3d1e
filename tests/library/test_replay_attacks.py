"""What the reader of the second opinions refuses is refused before the kernel sees it."""

import json

import pytest

from tests.recheck.small import small
from tests.recheck.test_attacks import ATTACKS
from verifier.errors import BadInput
from verifier.library import replay
from verifier.library.derivations import FORMAT

# What is cut out of the small file for the format before.
OLD = FORMAT.endswith("/1")


def document():
    made = small() | {"format": FORMAT}
    if OLD:
        del made["steps"][0]["parameters"]["certificate"]
    return made


@pytest.mark.parametrize("case", [c for c in ATTACKS if not (OLD and "certificate" in c)])
def test_attacks_are_bad_input(case, monkeypatch, tmp_path):
    _, _, attack = ATTACKS[case]
    made = document()
    text = attack(made)
    text = text if isinstance(text, str) else json.dumps(made)
    if OLD and case in ("a-key-twice-deep-inside", "a-key-twice-spelled-two-ways"):
        pytest.skip("written for the format with certificates")
    (tmp_path / "small.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    # Nothing of the file may get as far as the kernel.
    monkeypatch.setattr(replay, "replay", None)
    with pytest.raises(BadInput) as caught:
        replay.read_files([tmp_path / "small.json"])
    assert len(str(caught.value)) < 1000 + len(str(tmp_path))
    assert str(caught.value).isprintable()


def test_the_small_file_is_read(tmp_path):
    (tmp_path / "small.json").write_text(json.dumps(document()))
    assert set(replay.read_files([tmp_path])) == {"small"}
