"""Remembered verdicts: content-addressed files, sealed with a key of the user's own.

A verdict's address is the SHA-256 of the obligation's SMT-LIB text, the solver, its version and
its limit.  The file carries a keyed hash of all of it, made by the kernel when the solver had
answered; an entry that was truncated, edited, moved or written by another program does not match
and counts as absent, so the leaf is proved again.  The key lies apart from the verdicts, in the
user's state folder, so that a cache that was copied, shared or restored carries no authority.
Whoever can read or replace the key can also edit this program: the seal guards against accidents
and strangers, not against the user.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

KEY_BYTES: Final = 32
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Verdict:
    """What the solver said: ``proved``, ``refuted`` or ``unknown``.

    Attributes
    ----------
    needed:
        Indices of the premises the refutation used, if it proved the obligation.
    reason:
        The solver's words where it gave up.
    """

    status: str
    needed: tuple[int, ...] = ()
    reason: str = ""

    @property
    def proved(self) -> bool:
        """Whether the obligation holds."""
        return self.status == "proved"


def key_folder() -> Path:
    """Where the user's key lies: ``verifier`` in ``$XDG_STATE_HOME`` or ``~/.local/state``."""
    state = os.environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "verifier"


@dataclass(frozen=True)
class Verdicts:
    """Verdicts kept in a folder; several processes may share it, and any may be killed.

    Attributes
    ----------
    folder:
        Where the verdicts are.
    keys:
        Where the key is; by default :func:`key_folder`.
    """

    folder: Path
    keys: Path | None = None

    @cached_property
    def _secret(self) -> bytes:
        folder = self.keys or key_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / "key"
        fresh = secrets.token_bytes(KEY_BYTES)
        if not path.exists():
            # Linking a finished file is atomic: of two first runs one wins and both read its key.
            draft = _draft(folder, fresh)
            with suppress(FileExistsError):
                os.link(draft, path)
            os.unlink(draft)
        secret = path.read_bytes()
        if len(secret) == KEY_BYTES:
            return secret
        # A damaged key, even an empty one, must not become one that anybody knows.
        os.replace(_draft(folder, fresh), path)
        return fresh

    def _recall(self, key: Key, premises: int) -> Verdict | None:
        """The verdict kept for ``key``, or None if there is none that is whole and sealed.

        For :func:`verifier.kernel.leaves.decide` alone.
        """
        address = _address(key)
        try:
            entry = json.loads(self._path(address).read_bytes())
            needed, seal = entry["needed"], entry["seal"]
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None
        if not isinstance(seal, str) or not seal.isascii() or not isinstance(needed, list):
            return None
        if not all(type(i) is int and 0 <= i < premises for i in needed):
            return None
        if not hmac.compare_digest(seal, self._seal(address, needed)):
            return None
        return Verdict("proved", tuple(needed))

    def _remember(self, key: Key, verdict: Verdict) -> None:
        """Keep a proved verdict.  For :func:`verifier.kernel.leaves.decide` alone."""
        address, needed = _address(key), list(verdict.needed)
        path = self._path(address)
        entry = {"needed": needed, "seal": self._seal(address, needed)}
        path.parent.mkdir(parents=True, exist_ok=True)
        os.replace(_draft(path.parent, json.dumps(entry).encode()), path)

    def _path(self, address: str) -> Path:
        return self.folder / address[:2] / f"{address[2:]}.json"

    def _seal(self, address: str, needed: list[int]) -> str:
        message = json.dumps([address, needed]).encode()
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()


def _address(key: Key) -> str:
    return hashlib.sha256("\0".join(key).encode()).hexdigest()


def _draft(folder: Path, content: bytes) -> str:
    handle, name = tempfile.mkstemp(dir=folder, prefix=".draft-")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    return name
