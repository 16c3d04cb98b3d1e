"""Theorems about given networks beside the library's results: ``--derivation``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from verifier.library.replay import Derived, File
    from verifier.library.session import Report

Command = TypeVar("Command", bound=Callable[..., Any])


def derived_option(command: Command) -> Command:
    """``--derivation PATH``, repeatable."""
    return click.option(
        "--derivation",
        "paths",
        type=click.Path(path_type=Path),
        multiple=True,
        metavar="PATH",
        help="Add the theorem of this derivation file, or all of a folder; repeatable.",
    )(command)


def with_derived(
    report: Report, files: Mapping[str, File], packages: Sequence[str], folder: Path | None
) -> tuple[Report, dict[str, Derived]]:
    """A run of the library and the theorems of files, replayed on top of it.

    Raises
    ------
    BadInput
        If a file is damaged or does not fit the library.
    """
    from verifier.library.replay import replay
    from verifier.library.session import check
    from verifier.proving import REGISTRY

    named = (name for file in files.values() for name in (file.name, *file.cited))
    missing = [n for n in dict.fromkeys(named) if n in REGISTRY and n not in report.entries]
    entries = report.entries
    if missing:
        entries = entries | check(missing, packages, folder).entries
    derived = replay(files, entries)
    shown = entries | {name: found.entry for name, found in derived.items()}
    return replace(report, entries=shown), derived
