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
            help="Folder of certificates found. [default: $VERIFIER_CACHE or the user's cache]",
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

    Where the user's own cannot be written to, a warning says so, and nothing is remembered.

    Raises
    ------
    BadInput
        If the folder that ``--cache`` names cannot be made or written to.
    """
    from verifier.errors import BadInput
    from verifier.output import write_whole

    if no_cache:
        return None
    try:
        folder = cache or default_folder()
    except RuntimeError:
        warn("no home folder is known: nothing is remembered; VERIFIER_CACHE names a folder")
        return None
    try:
        # More than a few bytes: on a full disk an empty file can still be made.
        write_whole(folder / ".probe", "." * 8192)
        (folder / ".probe").unlink(missing_ok=True)
    except OSError as error:
        refusal = BadInput.unwritable(folder, error)
        if cache is not None:
            raise refusal from error
        warn(f"{refusal}: nothing is remembered")
        return None
    return folder


def warn(message: str) -> None:
    """One line on standard error."""
    click.echo(f"verifier: warning: {message}", err=True)


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
