"""Where certificates are kept: a compressed file beside a package's proofs, and a user's cache.

A certificate is kept with the places of the premises it used, counted among those offered.
Nothing here is believed: a certificate that does not check is found anew.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from verifier.errors import BadInput
from verifier.output import write_output, write_whole

FORMAT: Final = "verifier-certificates/2"
FILE: Final = "certificates.json.xz"
# A file that unpacks to more is not one of certificates.
MOST_BYTES: Final = 1 << 30


class Kept(NamedTuple):
    """What is known of a leaf.

    Attributes
    ----------
    needed:
        The places of the premises that are needed.
    certificate:
        The pair the kernel takes; None where one was looked for and not found.
    """

    needed: tuple[int, ...]
    certificate: Any


def decode(value: Any) -> Kept | None:
    """What a file says of a leaf, or None if it is damaged."""
    if type(value) is not list or len(value) != 2 or type(value[0]) is not list:
        return None
    needed, certificate = value
    if any(type(i) is not int or i < 0 for i in needed):
        return None
    return Kept(tuple(needed), certificate)


def load(path: Path) -> dict[str, Any]:
    """What a package's file keeps, by address, not yet decoded; nothing if there is no file.

    Raises
    ------
    BadInput
        If the file is not one of certificates.
    """
    try:
        with lzma.open(path) as file:
            packed = file.read(MOST_BYTES)
        content = json.loads(packed)
    except FileNotFoundError:
        return {}
    except (OSError, lzma.LZMAError, ValueError, RecursionError, EOFError) as error:
        raise BadInput(str(path), f"not a file of certificates: {error}") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise BadInput(
            str(path), f"the format is not {FORMAT}; verifier check --write-certificates makes it"
        )
    certificates = content.get("certificates")
    if not isinstance(certificates, dict):
        raise BadInput(str(path), "no certificates in it")
    return certificates


def save(path: Path, certificates: Mapping[str, Kept]) -> None:
    """Write a package's file; equal certificates make an equal file.

    Raises
    ------
    BadInput
        If the file cannot be written.
    """
    content = {"format": FORMAT, "certificates": dict(certificates)}
    text = json.dumps(content, separators=(",", ":"), sort_keys=True)
    write_output(path, lzma.compress(text.encode(), preset=9))


class Folder:
    """Certificates in a user's cache: one small file each; several processes may share it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __getitem__(self, key: str) -> Any:
        try:
            return json.loads(self._path(key).read_bytes())
        except (OSError, ValueError, RecursionError):
            raise KeyError(key) from None

    def write(self, key: str, kept: Kept) -> None:
        """Keep what is known of a leaf, whole or not at all."""
        write_whole(self._path(key), json.dumps(kept, separators=(",", ":")))

    def _path(self, key: str) -> Path:
        return self.folder / "certificates" / key[:2] / f"{key[2:]}.json"
