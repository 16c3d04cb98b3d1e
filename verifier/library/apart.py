"""Derivations of packages, made by a process of its own.

A package is somebody's program, and can do anything to the process that imports it.  Here that
process does nothing but write derivation files; whoever reads them has not imported the package.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, Final

from verifier.errors import BadInput, LimitReached
from verifier.library.derivations import derivation, to_json
from verifier.output import write_output

BAD_INPUT: Final = 2
LIMIT: Final = 3


def derive_apart(
    names: Sequence[str], packages: Sequence[str], cache: Path | None, folder: Path
) -> None:
    """Let another process prove results and write their derivation files.

    Parameters
    ----------
    names, packages:
        The results, all if there are no names, and where they are stated.
    cache:
        Where certificates are kept; None for nowhere.
    folder:
        Where the files go.

    Raises
    ------
    BadInput
        If the process says so, or ends in any other way than by writing files.
    LimitReached
        If a limit was hit.
    """
    request = {
        "names": list(names), "packages": list(packages), "folder": str(folder),
        "cache": None if cache is None else str(cache),
    }  # fmt: skip
    # The module is found wherever this one was; -P keeps the working folder from hiding it.
    paths = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(  # noqa: S603 - this interpreter, this module
        [sys.executable, "-P", "-m", "verifier.library.apart", json.dumps(request)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in paths if p)},
    )  # fmt: skip
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    last = "".join(c if c.isprintable() else " " for c in said[-1])[:500] if said else ""
    where = ", ".join(packages)
    if done.returncode == LIMIT:
        raise LimitReached(last or f"{where}: a limit was hit")
    if done.returncode == BAD_INPUT and last:
        raise BadInput(*last.split(": ", 1)) if ": " in last else BadInput(where, last)
    if done.returncode or not any(folder.iterdir()):
        ended = f"exit code {done.returncode}" + (f": {last}" if last else "")
        raise BadInput(where, f"the process that imports it ended before its results: {ended}")


def digests(contents: Mapping[str, Any]) -> dict[str, str]:
    """The digest of each derivation and all it rests on, as the library has it; by name.

    A file whose form is wrong, or that cites what is not there, has none.
    """
    uses: dict[str, set[str]] = {}
    for name, content in contents.items():
        try:
            steps = [s for s in content["steps"] if s["rule"] == "cite"]
            uses[name] = {str(s["parameters"]["name"]) for s in steps}
        except (KeyError, TypeError):
            continue
    try:
        order = list(TopologicalSorter(uses).static_order())
    except CycleError:
        return {}
    found: dict[str, str] = {}
    for name in order:
        if name in uses and uses[name] <= found.keys():
            own = hashlib.sha256(to_json(contents[name]).encode()).hexdigest()
            parts = [own, *(found[used] for used in sorted(uses[name]))]
            found[name] = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return found


def main() -> None:
    """Prove what is asked for, and write its derivations."""
    from verifier.library.session import check
    from verifier.proving import REGISTRY

    request = json.loads(sys.argv[1])
    try:
        cache = None if request["cache"] is None else Path(request["cache"])
        report = check(tuple(request["names"]), tuple(request["packages"]), cache, 1, None)
        for name in report.entries:
            theorem = REGISTRY[name].run().theorem
            if theorem is None:
                raise BadInput(name, "is not proved, so there is no derivation to check again")
            path = Path(request["folder"]) / f"{name}.json"
            write_output(path, to_json(derivation(theorem)) + "\n")
    except BadInput as error:
        sys.stderr.write(f"\n{error}\n")
        sys.exit(BAD_INPUT)
    except LimitReached as error:
        sys.stderr.write(f"\n{error}\n")
        sys.exit(LIMIT)


if __name__ == "__main__":
    main()
