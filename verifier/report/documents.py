"""Results as JSON: the same keys in every command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from verifier.library.entries import Entry
from verifier.library.session import Report
from verifier.library.stability import Steadiness


def of_entry(entry: Entry) -> dict[str, Any]:
    """One result."""
    document: dict[str, Any] = {
        "name": entry.name,
        "kind": entry.kind,
        "status": str(entry.status),
        "source": entry.source,
        "statement": entry.statement,
        "uses": list(entry.uses),
        "assumptions": list(entry.assumptions),
        "leaves": entry.leaves,
        "oracles": entry.oracles,
        "seconds": round(entry.seconds, 4),
        "unused": list(entry.unused),
    }
    if entry.unproved:
        document["unproved"] = list(entry.unproved)
    if entry.failure:
        document["failure"] = {
            "place": entry.failure.place,
            "path": list(entry.failure.path),
            "message": entry.failure.message,
            "limit": entry.failure.limit,
        }
    return document


def of_report(report: Report) -> dict[str, Any]:
    """A whole run."""
    return {
        "ok": report.ok,
        "seconds": round(report.seconds, 3),
        "theorems": [of_entry(e) for e in report.entries.values()],
        "obsolete": list(report.others),
        "assumptions": report.assumptions,
        "definitions": report.definitions,
        "leaves": report.leaves,
        "oracles": report.oracles,
    }


def of_steadiness(steady: Sequence[Steadiness], seeds: int) -> dict[str, Any]:
    """How every leaf fared under many seeds."""
    return {
        "seeds": seeds,
        "leaves": len(steady),
        "least_proved": min((s.proved for s in steady), default=seeds),
        "slowest_seconds": round(max((s.slowest for s in steady), default=0.0), 4),
        "unsteady": [
            {
                "result": s.obligation.result,
                "proved": s.proved,
                "script": s.obligation.script.benchmark,
            }
            for s in steady
            if s.proved < seeds
        ],
    }
