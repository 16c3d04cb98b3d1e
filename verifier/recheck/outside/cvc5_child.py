"""The program that asks cvc5: a question a line, an answer a line.

It imports nothing of this package, and ends itself should nobody be left to end it.
"""

from __future__ import annotations

import json
import signal
import sys
from contextlib import suppress
from typing import Any, Final

# Memory it may take, where the system can limit it: a machine that swaps helps nobody.
BYTES: Final = 4 << 30


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """What cvc5 says of a script within a limit on its resources, and the values of its model."""
    import cvc5

    terms = cvc5.TermManager()
    solver = cvc5.Solver(terms)
    symbols = cvc5.SymbolManager(terms)
    for key, value in {"produce-models": "true", **question["options"]}.items():
        solver.setOption(key, value)
    solver.setOption("rlimit-per", str(question["resources"]))
    said = _invoke(cvc5, solver, symbols, question["script"])
    values = {}
    if said == "sat":
        for name in question["values"]:
            text = _invoke(cvc5, solver, symbols, f"(get-value ({name}))")
            values[name] = text.removeprefix(f"(({name} ").removesuffix("))")
    return {"said": said, "values": values}


def _invoke(cvc5: Any, solver: Any, symbols: Any, script: str) -> str:
    """The last thing that was said."""
    parser = cvc5.InputParser(solver, symbols)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, script, "leaf")
    said = ""
    while True:
        command = parser.nextCommand()
        if command.isNull():
            return said
        said = str(command.invoke(solver, symbols)).strip() or said


def main() -> None:
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in sys.stdin:
        question = json.loads(line)
        # Kills this process even inside cvc5; whoever asked kills it before, if still there.
        signal.setitimer(signal.ITIMER_REAL, question["seconds"] + 5)
        print(json.dumps(answer(question)), flush=True)  # noqa: T201 - this is the answer
        signal.setitimer(signal.ITIMER_REAL, 0)


if __name__ == "__main__":
    main()
