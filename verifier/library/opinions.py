"""Which second opinions accepted which derivations: for display, and never trusted.

An opinion is kept under the checker's name and the derivation's digest, so that it speaks of
exactly the derivation that was checked, and is forgotten when that changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from verifier.output import write_whole

# The checkers in the order their marks are shown, and the heads of the columns.
COLUMNS: Final = {"structure": "structure", "cvc5": "cvc5", "certificates": "cert.", "coq": "Coq"}
MARK: Final = "✓"


def remember(
    folder: Path, checker: str, accepted: Iterable[str], refused: Iterable[str] = ()
) -> None:
    """Keep that a checker accepted derivations, by digest, and forget it of those it refused."""
    for digest in accepted:
        path = _path(folder, checker, digest)
        if digest and not path.exists():
            write_whole(path, "")
    for digest in refused:
        if digest:
            _path(folder, checker, digest).unlink(missing_ok=True)


def marks(folder: Path | None, digests: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """A column of marks for each checker that accepted some of the results.

    Parameters
    ----------
    digests:
        The digest of each result's derivation, by name; empty where there is none.
    """
    if folder is None:
        return {}
    columns = {}
    for checker, title in COLUMNS.items():
        accepted = {
            name: MARK
            for name, digest in digests.items()
            if digest and _path(folder, checker, digest).exists()
        }
        if accepted:
            columns[title] = accepted
    return columns


def _path(folder: Path, checker: str, digest: str) -> Path:
    return folder / "opinions" / checker / digest
