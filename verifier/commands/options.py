"""Options that commands about the library share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from verifier.library.cache import default_folder

Command = TypeVar("Command", bound=Callable[..., Any])


def library_options(command: Command) -> Command:
    """``--package``, ``--cache`` and ``--no-cache``."""
    for option in (
        click.option("--no-cache", is_flag=True, help="Remember nothing, recall nothing."),
        click.option(
            "--cache",
            type=click.Path(file_okay=False, path_type=Path),
            help="Folder of remembered verdicts. [default: $VERIFIER_CACHE or the user's cache]",
        ),
        click.option(
            "--package", "packages", multiple=True, default=("proofs",), show_default=True,
            metavar="P", help="Python package, module or file that states results; repeatable.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def cache_folder(cache: Path | None, no_cache: bool) -> Path | None:
    """The folder to remember in, made if need be; None for nowhere.

    Raises
    ------
    BadInput
        If the folder cannot be made or written to.
    """
    from verifier.errors import BadInput

    if no_cache:
        return None
    folder = cache or default_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / "key"
        if not probe.exists():
            (folder / ".probe").write_bytes(b"")
            (folder / ".probe").unlink(missing_ok=True)
    except OSError as error:
        raise BadInput(str(folder), f"cannot keep verdicts here: {error.strerror}") from error
    return folder


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[str, int, int], None] | None]:
    """A bar on standard error, if that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    current = TextColumn("{task.fields[now]}")
    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), current)
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None, now="")

        def advance(name: str, done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, now=name)

        yield advance
