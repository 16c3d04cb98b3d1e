"""What the library states, kept as a file beside it, so that no kernel is needed to know it.

The format is ``verifier-statements/1`` (``docs/trust-recheck.md``): for each symbol its definition
and for each result its statement, each with a table of terms of its own as in derivation files,
and each on a line of its own, so that a change shows as what it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from verifier.errors import BadInput
from verifier.output import write_output
from verifier.recheck.document import Definition, Reader, keys, result_name, sequence
from verifier.recheck.errors import IllFormed
from verifier.recheck.strict import load
from verifier.recheck.terms import Signature, Term, allowance, require

FORMAT: Final = "verifier-statements/1"
SYMBOL: Final = ("name", "sort", "parameters", "body", "measure", "successor")


@dataclass(frozen=True)
class Statements:
    """Definitions and statements by name."""

    definitions: Mapping[str, Definition] = field(default_factory=dict)
    results: Mapping[str, Term] = field(default_factory=dict)


def beside_the_proofs() -> Path:
    """The file of the library's statements, where the library is installed."""
    return Path(__file__).resolve().parents[3] / "proofs" / "statements.json"


def read_statements(path: Path) -> Statements:
    """A file of statements.

    Raises
    ------
    BadInput
        If it is not one.
    """
    place = ""
    try:
        content = load(path)
        keys(content, "format", "symbols", "results")
        require(content["format"] == FORMAT, "the format is not {}", FORMAT)
        signatures: dict[str, Signature] = {}
        definitions: dict[str, Definition] = {}
        for i, entry in enumerate(sequence(content["symbols"])):
            place = f"symbols[{i}]"
            keys(entry, "terms", *SYMBOL)
            reader, raw = Reader(), sequence(entry["terms"])
            bare = {key: entry[key] for key in SYMBOL}
            own = reader.signatures([bare], raw)
            require(not own.keys() & signatures.keys(), "{} is defined twice", entry["name"])
            signatures |= own
            with allowance():
                reader.read_terms(raw, signatures)
            definitions[entry["name"]] = reader.definition(bare, signatures, definitions)
        results: dict[str, Term] = {}
        for i, entry in enumerate(sequence(content["results"])):
            place = f"results[{i}]"
            keys(entry, "name", "terms", "statement")
            name = result_name(entry["name"])
            require(name not in results, "{} stands twice", name)
            reader = Reader()
            with allowance():
                reader.read_terms(sequence(entry["terms"]), signatures)
            statement = reader.closed(entry["statement"])
            require(statement.sort == "Bool" and not statement.free, "not a closed formula")
            results[name] = statement
    except IllFormed as error:
        raise BadInput(str(path), str(error), place) from error
    return Statements(definitions, results)


def write_statements(contents: Mapping[str, Mapping[str, Any]], path: Path) -> None:
    """Write what derivation files state; they must be well-formed and fit together.

    Raises
    ------
    BadInput
        If the file cannot be written.
    """
    symbols: dict[str, str] = {}
    results: dict[str, str] = {}
    for name in sorted(contents):
        content = contents[name]
        for entry in content["symbols"]:
            if entry["name"] not in symbols:
                symbols[entry["name"]] = _line(_symbol(entry, content["terms"]))
        terms, (statement,) = _table(content["terms"], [content["steps"][-1]["conclusion"]])
        results[name] = _line({"name": name, "terms": terms, "statement": statement})
    listed = ",\n".join(symbols.values()), ",\n".join(results.values())
    text = (
        f'{{"format": "{FORMAT}",\n"symbols": [\n{listed[0]}\n],\n"results": [\n{listed[1]}\n]}}\n'
    )
    write_output(path, text)


def _symbol(entry: Mapping[str, Any], raw: list[Any]) -> dict[str, Any]:
    wanted = [*entry["parameters"], entry["body"]]
    recursive = entry["measure"] is not None
    wanted += [entry["measure"], entry["successor"]] if recursive else []
    terms, numbers = _table(raw, wanted)
    size = len(entry["parameters"])
    return {
        "name": entry["name"], "sort": entry["sort"], "parameters": numbers[:size],
        "body": numbers[size], "measure": numbers[size + 1] if recursive else None,
        "successor": numbers[size + 2] if recursive else None, "terms": terms,
    }  # fmt: skip


def _table(raw: list[Any], wanted: Iterable[int]) -> tuple[list[Any], list[int]]:
    """The part of a table that some terms need, and the numbers these have in it."""
    wanted = list(wanted)
    needed, todo = set(wanted), list(wanted)
    while todo:
        for child in children(raw[todo.pop()]):
            if child not in needed:
                needed.add(child)
                todo.append(child)
    numbers = {old: new for new, old in enumerate(sorted(needed))}
    table = []
    for old in sorted(needed):
        below = children(raw[old])
        head = raw[old][: len(raw[old]) - len(below)]
        table.append([*head, *(numbers[child] for child in below)])
    return table, [numbers[old] for old in wanted]


def children(entry: list[Any]) -> list[int]:
    """The numbers of a term's children, which stand last in its entry."""
    if entry[0] in ("variable", "bound", "number"):
        return []
    return entry[2:] if entry[0] in ("symbol", "forall", "exists", "lambda") else entry[1:]


def _line(entry: Mapping[str, Any]) -> str:
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
