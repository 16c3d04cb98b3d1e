"""What was proved last time: one small file a result, in the cache folder.

Nothing here is trusted.  A record says which results were proved from what, so that a change
below one shows as *obsolete* until it is proved again, and so that a run can plan ahead.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from verifier.library.entries import Entry, State
from verifier.output import write_whole
from verifier.proving import Result

FORMAT: Final = "verifier-record/1"


@dataclass(frozen=True)
class Record:
    """How a result stood when it was last run.

    Attributes
    ----------
    digest:
        Of its derivation and all below it; empty if it was not proved.
    uses:
        The digest each result it uses had then.
    """

    name: str
    status: State
    statement: str
    digest: str
    uses: dict[str, str]
    assumptions: tuple[str, ...]
    leaves: int


@dataclass(frozen=True)
class Records:
    """The records of one cache folder; several processes may share it."""

    folder: Path

    def read(self, name: str) -> Record | None:
        """The record of a result, or None if there is none or it is damaged."""
        try:
            found = json.loads(self._path(name).read_text(encoding="utf-8"))
            return _decode(name, found)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def write(self, entries: Mapping[str, Entry]) -> None:
        """Record how results stand now."""
        for entry in entries.values():
            record = Record(
                name=entry.name,
                status=entry.status,
                statement=entry.statement,
                digest=entry.digest,
                uses={used: entries[used].digest for used in entry.uses},
                assumptions=entry.assumptions,
                leaves=entry.leaves,
            )
            if self.read(entry.name) != record:
                write_whole(self._path(entry.name), _encode(record))

    def _path(self, name: str) -> Path:
        return self.folder / "records" / f"{name}.json"


def standing(
    results: Iterable[Result], run: Mapping[str, Entry], records: Records
) -> dict[str, Entry]:
    """Entries of results that were not run this time, as the records and what was run tell.

    A result is obsolete if anything below it is not what it was when it was last proved.
    """
    others = {r.name: r for r in results if r.name not in run}
    kept = {name: records.read(name) for name in others}
    obsolete = _obsolete(run, {name: r for name, r in kept.items() if r is not None})
    made = {}
    for name, result in others.items():
        record = kept[name]
        if record is None:
            made[name] = Entry(name, result.kind, State.OPEN, result.source, "")
            continue
        made[name] = Entry(
            name=name,
            kind=result.kind,
            status=State.OBSOLETE if name in obsolete else record.status,
            source=result.source,
            statement=record.statement,
            uses=tuple(record.uses),
            assumptions=record.assumptions,
            leaves=record.leaves,
            digest=record.digest,
        )
    return made


def _obsolete(run: Mapping[str, Entry], kept: Mapping[str, Record]) -> set[str]:
    digests = {name: record.digest for name, record in kept.items()}
    digests.update({name: entry.digest for name, entry in run.items()})
    proved = [r for r in kept.values() if r.status is State.PROVED]
    changed = {r.name for r in proved if any(digests.get(used) != d for used, d in r.uses.items())}
    frontier = set(changed)
    while frontier:
        above = {r.name for r in proved if not frontier.isdisjoint(r.uses)}
        frontier = above - changed
        changed |= frontier
    return changed


def _encode(record: Record) -> str:
    document = {"format": FORMAT, **vars(record)}
    return json.dumps(document, ensure_ascii=False, sort_keys=True) + "\n"


def _decode(name: str, found: dict[str, Any]) -> Record:
    record = Record(
        name=str(found["name"]),
        status=State(found["status"]),
        statement=str(found["statement"]),
        digest=str(found["digest"]),
        uses={str(k): str(v) for k, v in found["uses"].items()},
        assumptions=tuple(str(a) for a in found["assumptions"]),
        leaves=int(found["leaves"]),
    )
    if found["format"] != FORMAT or record.name != name:
        raise ValueError(f"not the record of {name}")
    return record
