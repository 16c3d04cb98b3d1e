"""Where certificates are kept: one compressed file beside the proofs, by content of the leaf."""

from __future__ import annotations

import json
import lzma
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from verifier.errors import BadInput
from verifier.output import write_output

FORMAT: Final = "verifier-certificates/1"


def load(path: Path) -> dict[str, Any]:
    """Certificates by address; none if there is no file.

    Raises
    ------
    BadInput
        If the file is not one of certificates.
    """
    try:
        content = json.loads(lzma.decompress(path.read_bytes()))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise BadInput.unreadable(path, error) from error
    except (lzma.LZMAError, ValueError, RecursionError) as error:
        raise BadInput(str(path), f"not a file of certificates: {error}") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise BadInput(str(path), f"the format is not {FORMAT}")
    certificates = content.get("certificates")
    if not isinstance(certificates, dict):
        raise BadInput(str(path), "no certificates in it")
    return certificates


def save(path: Path, certificates: Mapping[str, Any]) -> None:
    """Write certificates; equal certificates make an equal file.

    Raises
    ------
    BadInput
        If the file cannot be written.
    """
    content = {"format": FORMAT, "certificates": dict(certificates)}
    text = json.dumps(content, separators=(",", ":"), sort_keys=True)
    write_output(path, lzma.compress(text.encode(), preset=9))
