"""The ``verifier`` command.

Exit codes: 0 proved or done, 1 refuted or failed, 2 bad input or usage, 3 a limit was hit, 4 two
checkers contradict each other.
"""

from __future__ import annotations

import difflib
import importlib
import sys
import traceback
from pathlib import Path
from typing import Final

import click

from verifier import __version__
from verifier.errors import BadInput, Contradiction, LimitReached
from verifier.output import steady_streams

DONE: Final = 0
REFUTED: Final = 1
BAD_INPUT: Final = 2
UNKNOWN: Final = 3
CONTRADICTION: Final = 4
INTERRUPTED: Final = 130

# Help lines live here so that `verifier --help` imports no command.
COMMANDS: Final[dict[str, str]] = {
    "check": "Prove the library, or the named results and what they need.",
    "show": "Show a result: statement, source, what it rests on, proof outline.",
    "graph": "Draw which results feed which.",
    "recheck": "Check every derivation again with independent programs.",
    "network": "Write one of the lecture's networks.",
    "compile": "Write a network as SMT-LIB 2.",
    "eval": "Evaluate a network exactly.",
    "pieces": "Count and list the exact affine pieces of a network.",
    "equal": "Prove two networks equal, or show where they differ.",
    "verify": "Prove a VNN-LIB property of a network, or refute it.",
    "certificate": "Check a certificate that pieces or verify wrote.",
    "bound": "Say what the theorems give at given numbers.",
    "cache": "Say how much is remembered, and forget what is old.",
    "plot": "Draw a network's function and its breakpoints.",
}


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is called, not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"verifier.commands.{cmd_name}").command
        if not isinstance(command, click.Command):
            raise TypeError(f"verifier.commands.{cmd_name}.command is not a click command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; of one that is not there the nearest is named."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], COMMANDS, 1, 0.5)
            hint = f"did you mean {near[0]}?" if near else "verifier --help lists the commands"
            raise click.UsageError(f"no command is called {args[0]!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="verifier")
def cli() -> None:
    """Theorems about deep networks, machine-checked for all parameters and all weights."""


def main() -> None:
    """Run the command line and exit with the documented code."""
    code = DONE
    try:
        with steady_streams():
            code = run(sys.argv[1:] or ["--help"])
    except BadInput as error:
        # An answer that nobody could be given is none; other faults are told before this one.
        with steady_streams():
            code = code if code > REFUTED else fail(str(error), BAD_INPUT)
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run a command; gives its exit code, what went wrong told in one line."""
    try:
        status = cli.main(arguments, prog_name="verifier", standalone_mode=False)
    except BadInput as error:
        return fail(str(error), BAD_INPUT)
    except LimitReached as error:
        return fail(str(error), UNKNOWN)
    except Contradiction as error:
        return fail(f"{error}; {reported(error, arguments)}", CONTRADICTION)
    except click.ClickException as error:
        return fail(error.format_message(), BAD_INPUT)
    except (KeyboardInterrupt, click.Abort):
        return fail("interrupted", INTERRUPTED)
    except MemoryError:
        return fail("the memory of this machine does not suffice", UNKNOWN)
    except OSError as error:
        # What a file system refuses says nothing about the question asked.
        return fail(str(BadInput.unwritable(error.filename or "a file", error)), BAD_INPUT)
    return status if isinstance(status, int) else DONE


def reported(error: Contradiction, arguments: list[str]) -> str:
    """Write down what disagrees, for whoever mends it; gives where."""
    path = Path("verifier-contradiction.txt")
    text = "".join([f"verifier {' '.join(arguments)}\n", *traceback.format_exception(error)])
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as problem:
        return f"no report was written: {problem.strerror}"
    return f"please report it: {path}"


def fail(message: str, code: int) -> int:
    """Print one line on standard error; gives the exit code."""
    print(f"verifier: {' '.join(message.split())}", file=sys.stderr)
    return code
