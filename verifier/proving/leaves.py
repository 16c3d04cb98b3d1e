"""Leaves of proofs: a certificate kept or found for each, which the kernel then checks.

A certificate is looked for beside the proofs and in the user's cache.  Where there is none, z3
says whether the leaf holds and which premises matter, and the finder makes a certificate.  Where
that fails within its limit the leaf is refused, except in a run whose report counts what it
assumes: there it stands as an oracle.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from verifier import kernel
from verifier.errors import BadInput, VerifierError
from verifier.kernel import Theorem
from verifier.kernel.errors import BadCertificate
from verifier.logic import Term
from verifier.solving.address import address
from verifier.solving.store import Folder, Kept, decode, load

if TYPE_CHECKING:
    from verifier.solving.smt import Script


# More calls than any certificate in use nests.
FRAMES: Final = 2000


@dataclass(frozen=True)
class Obligation:
    """A leaf as it was asked for.

    Attributes
    ----------
    result:
        The result whose proof asked first.
    premises:
        All that were offered.
    """

    result: str
    premises: tuple[Term, ...]
    goal: Term

    @property
    def script(self) -> Script:
        """The obligation as SMT-LIB 2."""
        from verifier.solving.smt import script

        return script(self.premises, self.goal)


@dataclass
class Keeper:
    """Where certificates come from and go to, and what was asked.

    Attributes
    ----------
    known:
        Those of the packages' files, by address, not yet decoded.
    folder:
        The user's cache, or None to keep nothing.
    counted:
        Whether whoever reports on this run counts oracles; only then a leaf may stand as one.
    quick:
        Whether to leave finding for later: leaves that z3 proves stand as oracles.
    asked:
        Every distinct leaf, by address.
    used:
        The certificates that were accepted, by address.
    found:
        How many of them were found now.
    damaged:
        What is wrong with packages' files.
    """

    known: dict[str, Any] = field(default_factory=dict)
    folder: Folder | None = None
    counted: bool = False
    quick: bool = False
    asked: dict[str, Obligation] = field(default_factory=dict)
    used: dict[str, Kept] = field(default_factory=dict)
    found: int = 0
    damaged: list[str] = field(default_factory=list)
    _files: set[Path] = field(default_factory=set)

    def use(self, path: Path) -> None:
        """Take what a package's file keeps; one that is damaged keeps nothing, and is named."""
        if path not in self._files:
            self._files.add(path)
            try:
                self.known.update(load(path))
            except BadInput as error:
                self.damaged.append(str(error))

    def begin(self, folder: Path | None, counted: bool = False, quick: bool = False) -> None:
        """Start a run, with a cache or none."""
        self.folder = None if folder is None else Folder(folder)
        self.counted, self.quick = counted, quick
        self.asked, self.used, self.found = {}, {}, 0

    def recall(self, key: str) -> Iterable[Kept]:
        """What is kept for a leaf, the package's file first."""
        for source in (self.known, self.folder):
            if source is not None:
                with suppress(KeyError):
                    kept = decode(source[key])
                    if kept is not None:
                        yield kept

    def keep(self, key: str, kept: Kept) -> None:
        """Remember a leaf; what cannot be written is no failure of a proof."""
        if self.folder is not None:
            with suppress(OSError, ValueError):
                self.folder.write(key, kept)


KEEPER: Final = Keeper()


def leaf(premises: Iterable[Theorem], goal: Term, result: str = "") -> Theorem:
    """A quantifier-free consequence of the premises; those it does not need are left out.

    Raises
    ------
    LeafRefused
        If z3 finds a model (``refuted``) or stops at its limit (``unknown``).
    NoCertificate
        If none was found, and this run does not count what it assumes.
    """
    facts, goal = tuple(map(kernel.genuine, premises)), kernel.formula_of(goal)
    offered = tuple(f.conclusion for f in facts)
    key = address(offered, goal)
    KEEPER.asked.setdefault(key, Obligation(result, offered, goal))
    resists: Kept | None = None
    for kept in KEEPER.recall(key):
        if any(i >= len(facts) for i in kept.needed):
            continue
        if kept.certificate is None:
            resists = kept
            continue
        with suppress(BadCertificate):
            return _certified(facts, goal, key, kept)
    needed = _needed(offered, goal)
    if not KEEPER.quick and resists is None:
        kept = _found(offered, goal, needed)
        KEEPER.keep(key, kept)
        if kept.certificate is not None:
            KEEPER.found += 1
            return _certified(facts, goal, key, kept)
    if KEEPER.counted or KEEPER.quick:
        return kernel.oracle([facts[i] for i in needed], goal)
    from verifier.solving.solver import NoCertificate, Verdict

    raise NoCertificate(offered, goal, Verdict("unknown", needed))


@contextmanager
def room_to_recurse(frames: int) -> Iterator[None]:
    """Let certificates and case splits nest as deep wherever a proof has come to."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(before + frames)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _certified(facts: tuple[Theorem, ...], goal: Term, key: str, kept: Kept) -> Theorem:
    with room_to_recurse(FRAMES):
        made = kernel.leaf([facts[i] for i in kept.needed], goal, kept.certificate)
    KEEPER.used[key] = Kept(kept.needed, made.parameters[1])
    return made


def _needed(offered: tuple[Term, ...], goal: Term) -> tuple[int, ...]:
    """The premises z3 needs."""
    from verifier.solving.smt import script
    from verifier.solving.solver import LeafRefused, solve

    verdict = solve(script(offered, goal))
    if not verdict.proved:
        raise LeafRefused(offered, goal, verdict)
    return verdict.needed


def _found(offered: tuple[Term, ...], goal: Term, needed: tuple[int, ...]) -> Kept:
    """A certificate from the premises z3 needs, or else from all of them, or that there is none."""
    from verifier.solving.finder import NotFound, find

    # z3 may do without a premise by reasoning that the finder cannot follow.
    everything = tuple(range(len(offered)))
    for places in dict.fromkeys((needed, everything)):
        with suppress(NotFound, VerifierError), room_to_recurse(FRAMES):
            return Kept(places, find([offered[i] for i in places], goal))
    return Kept(needed, None)


__all__ = ["KEEPER", "Keeper", "Obligation", "leaf", "room_to_recurse"]
