"""``verifier cache``: how much is kept, and forgetting what is old."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import click

from verifier.cli import DONE
from verifier.errors import BadInput
from verifier.library.cache import default_folder

DAY: Final = 24 * 60 * 60
UNITS: Final = ((2**30, "GB"), (2**20, "MB"), (2**10, "kB"))


@dataclass
class Kept:
    """What a cache folder holds.

    Attributes
    ----------
    files, sizes:
        How many files of each kind, and their bytes.
    removed, freed:
        How many were removed, and their bytes.
    """

    files: Counter[str] = field(default_factory=Counter)
    sizes: Counter[str] = field(default_factory=Counter)
    removed: int = 0
    freed: int = 0


@click.command()
@click.option("--prune", is_flag=True, help="Remove what was written more than DAYS days ago.")
@click.option("--days", type=click.IntRange(0), default=30, show_default=True, metavar="DAYS")
@click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder. [default: $VERIFIER_CACHE or the user's cache]",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(prune: bool, days: int, cache: Path | None, as_json: bool) -> int:
    """Say how much is remembered of earlier runs, and with --prune forget what is old.

    Nothing that is kept is needed: what was removed is found again when it is asked for.
    """
    try:
        folder = cache or default_folder()
    except RuntimeError as error:
        raise BadInput("VERIFIER_CACHE", "not set, and no home folder is known") from error
    if cache is not None and not folder.is_dir():
        raise BadInput.unreadable(folder, FileNotFoundError())
    try:
        kept = survey(folder, time.time() - days * DAY if prune else None)
    except OSError as error:
        raise BadInput.unwritable(error.filename or folder, error) from error
    if as_json:
        kinds = {k: {"files": kept.files[k], "bytes": kept.sizes[k]} for k in sorted(kept.files)}
        facts = {
            "folder": str(folder), "files": kept.files.total(), "bytes": kept.sizes.total(),
            "kinds": kinds, "removed": kept.removed, "freed": kept.freed,
        }  # fmt: skip
        click.echo(json.dumps(facts, ensure_ascii=False))
        return DONE
    click.echo(f"{folder}: {kept.files.total()} files, {size(kept.sizes.total())}")
    for kind in sorted(kept.files):
        click.echo(f"  {kind}: {kept.files[kind]} files, {size(kept.sizes[kind])}")
    if prune:
        click.echo(f"removed: {kept.removed} files, {size(kept.freed)}")
    return DONE


def survey(folder: Path, before: float | None = None) -> Kept:
    """Count the files of a cache folder; with a time, remove those written before it first.

    Links are not followed, so that nothing outside the folder is counted or removed.
    """
    kept = Kept()
    for place, folders, files in os.walk(folder):
        folders.sort()
        for name in files:
            path = Path(place, name)
            # Other runs share the folder: a file may go at any time.
            with suppress(FileNotFoundError):
                facts = path.lstat()
                if before is not None and facts.st_mtime < before:
                    path.unlink()
                    kept.removed += 1
                    kept.freed += facts.st_size
                else:
                    kind = kind_of(path.relative_to(folder))
                    kept.files[kind] += 1
                    kept.sizes[kind] += facts.st_size
    return kept


def kind_of(path: Path) -> str:
    """What a file is, by its place in the folder.

    >>> kind_of(Path("ab/12.json")), kind_of(Path("records/rate.json")), kind_of(Path(".draft-1"))
    ('verdicts', 'records', 'unfinished')
    """
    first = path.parts[0]
    if path.name.startswith(".draft-"):
        return "unfinished"
    if len(path.parts) == 1:
        return "others"
    return "verdicts" if len(first) == 2 else first


def size(count: int) -> str:
    """Bytes in a unit that is read easily.

    >>> size(0), size(1023), size(1536), size(5 * 2**20)
    ('0 bytes', '1023 bytes', '1.5 kB', '5.0 MB')
    """
    for unit, name in UNITS:
        if count >= unit:
            return f"{count / unit:.1f} {name}"
    return f"{count} bytes"
