"""Users' files of results, and what reports of two runs have in common."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

BROKEN = '''
"""A user's package: one constant of a theorem changed."""
from proofs.sawtooth import Structure, construct, sawtooth
from verifier.proving import Integer, Proof, RealMap, Theorem, theorem


@theorem("my-sum", source="Mine, 1")
def my_sum(p: Proof, f: RealMap, g: RealMap, k: Integer, l: Integer) -> Theorem:
    """k + l - 2 pieces: one too few."""
    a, b = p.given(sawtooth(f, k), sawtooth(g, l))
    p.show(sawtooth(lambda x: f(x) + g(x), k + l - 2))
    F, G = Structure.of(p, a), Structure.of(p, b)
    return construct(
        p, p.goal,
        label=lambda x: F.label(x) + G.label(x) - 1,
        slope=lambda x: F.slope(x) + G.slope(x),
        intercept=lambda x: F.intercept(x) + G.intercept(x),
        because=lambda x, y: [F.at(x, y), F.at(y, x), G.at(x, y), G.at(y, x)],
    )


@theorem("my-double")
def my_double(p: Proof, f: RealMap, k: Integer) -> Theorem:
    a = p.given(sawtooth(f, k))
    p.show(sawtooth(lambda x: f(x) + f(x), k + k - 2))
    return my_sum(p, f, f, k, k, given=[a, a])
'''

LIMIT = '''
"""A true statement that is beyond the solver's limit."""
from verifier.proving import Integer, Proof, Theorem, theorem


@theorem("fermat-three")
def fermat_three(p: Proof, x: Integer, y: Integer, z: Integer) -> Theorem:
    given = p.given(x >= 1, y >= 1, z >= 1)
    p.show(x * x * x + y * y * y != z * z * z)
    return p.have(p.goal, given)
'''


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory):
    """One cache for tests that need no fresh one, in all processes of the run."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared-cache"


@pytest.fixture
def user_file(tmp_path):
    """Write a user's Python file; gives its name."""

    def write(source: str, name: str = "mine.py") -> str:
        (tmp_path / name).write_text(source)
        return name

    return write


def without_times(text: str) -> dict:
    """A report as JSON, without what differs from run to run."""
    document = json.loads(text)
    document.pop("seconds", None)
    for theorem in document["theorems"]:
        theorem.pop("seconds")
    return document


def derivations(folder: Path) -> dict[str, bytes]:
    """The derivation files of a folder."""
    return {p.name: p.read_bytes() for p in folder.iterdir()}
