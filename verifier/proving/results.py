"""Named results: a statement, a proof, and where both come from."""

from __future__ import annotations

import inspect
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from traceback import extract_tb
from typing import Any, Final

from verifier import kernel
from verifier.kernel import Theorem
from verifier.logic import NoTruthValue, Term
from verifier.proving.errors import (
    CircularProof,
    DependencyFailed,
    DuplicateName,
    ProofFailed,
    UnknownResult,
)
from verifier.proving.language import holding_nothing, parameters_of
from verifier.proving.proof import Premise, Proof

ProofFunction = Callable[..., Theorem]

# The language itself: a failure is shown where a proof used it.
_OWN: Final = str(Path(__file__).parents[1]) + os.sep


def _short(file: str) -> str:
    """A file's name from its package on."""
    path = Path(file)
    return f"{path.parent.name}/{path.name}" if path.parent.name else file


_NO_TRUTH: Final = (
    ".  0 <= x <= 1 is conjunction(0 <= x, x <= 1); conjunction stands for and, disjunction for "
    "or, negation for not, implies and if_then_else for if"
)


@dataclass(eq=False)
class Outcome:
    """What became of one proof.

    Attributes
    ----------
    theorem:
        The named theorem, or None if the proof failed or rests on results that did.
    statement:
        What was to be proved, if the proof came as far as stating it.
    error:
        Why it failed.
    conditional:
        The theorem under the hypothesis of results that failed, if there are such.
    unused:
        Hypotheses the proof did not need.
    missing:
        Names of the results it uses that are not proved.
    seconds:
        Time of this proof without the proofs of what it uses.
    """

    statement: Term | None = None
    theorem: Theorem | None = None
    error: ProofFailed | None = None
    conditional: Theorem | None = None
    unused: tuple[Term, ...] = ()
    missing: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(eq=False)
class Result:
    """A named result; call it inside a proof to use it.

    Attributes
    ----------
    name, kind, source:
        ``lemma`` or ``theorem``, and where the statement is from.
    prove:
        The function that states and proves it.
    """

    name: str
    kind: str
    source: str
    prove: ProofFunction
    doc: str = ""
    outcome: Outcome | None = None
    _running: bool = field(default=False, repr=False)

    @property
    def module(self) -> str:
        """The module the result is stated in."""
        return self.prove.__module__

    @property
    def line(self) -> int:
        """The line its proof starts at."""
        return self.prove.__code__.co_firstlineno

    def run(self) -> Outcome:
        """Prove it, once.

        Raises
        ------
        CircularProof
            If its proof uses the result itself.
        """
        if self.outcome is None:
            if self._running:
                raise CircularProof("its proof uses the result itself", self.name)
            self._running = True
            try:
                self.outcome = self._run()
            finally:
                self._running = False
        return self.outcome

    def _run(self) -> Outcome:
        outcome = Outcome()
        parameters = parameters_of(self.prove, skip=1)
        proof = Proof(self.name, parameters)
        clock = _Clock(self.name)
        _clocks.append(clock)
        try:
            with holding_nothing():
                closed = proof.close(self.prove(proof, *parameters))
            needed = {h.canonical for h in proof.needed}
            outcome.unused = tuple(h for h in proof.hypotheses if h.canonical not in needed)
            if closed.hypotheses:
                outcome.conditional = closed
            else:
                outcome.theorem = kernel.named(self.name, closed)
        except CircularProof:
            raise
        except ProofFailed as error:
            outcome.error = error
            error.places = self._places(error)
        except Exception as error:  # noqa: BLE001 - one broken proof must not stop the library
            hint = _NO_TRUTH * isinstance(error, NoTruthValue)
            outcome.error = ProofFailed(f"{type(error).__name__}: {error}{hint}", self.name)
            outcome.error.__cause__ = error
            outcome.error.places = self._places(error)
        finally:
            _clocks.pop()
            outcome.seconds = clock.stop()
            outcome.missing = tuple(dict.fromkeys(clock.missing))
            if _clocks:
                _clocks[-1].pause(clock.total)
        outcome.statement = proof.statement if proof.stated else None
        return outcome

    def _places(self, error: Exception) -> tuple[str, ...]:
        """Where in the files of proofs it failed, and the line of this proof that led there."""
        frames = [f for f in extract_tb(error.__traceback__) if not f.filename.startswith(_OWN)]
        own = [f for f in frames if f.filename == self.prove.__code__.co_filename]
        shown = list(dict.fromkeys((f.filename, f.lineno) for f in (*frames[-1:], *own[-1:])))
        return tuple(f"{_short(file)}:{line}" for file, line in shown)

    @property
    def fact(self) -> Theorem:
        """The result for use in a proof.

        A result that failed stands as a hypothesis, so that what uses it is proved only under
        that hypothesis, and says so.
        """
        outcome = self.run()
        if outcome.theorem is not None:
            return outcome.theorem
        if _clocks:
            _clocks[-1].missing.append(self.name)
        if outcome.statement is None:
            raise DependencyFailed(f"uses {self.name}, which could not be stated", self.name)
        return kernel.assume(outcome.statement)

    def __call__(
        self,
        proof: Proof,
        *values: Any,
        given: Sequence[Premise] = (),
        to: Term | None = None,
        **named: Any,
    ) -> Theorem:
        """The result at given values, its premises proved from facts, one fact a premise.

        Values that are not given are read off from the facts, from what the result is wanted to
        say, ``to``, and from what is being proved; see :meth:`Proof.apply`.
        """
        with proof.step(self.name):
            most = len(inspect.signature(self.prove).parameters) - 1
            return proof.apply(self.fact, *values, given=given, to=to, most=most, **named)


class _Clock:
    """Seconds of one proof, the proofs it sets off left out."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.missing: list[str] = []
        self.start = time.perf_counter()
        self.paused = 0.0
        self.total = 0.0

    def pause(self, seconds: float) -> None:
        self.paused += seconds

    def stop(self) -> float:
        self.total = time.perf_counter() - self.start
        return self.total - self.paused


_clocks: Final[list[_Clock]] = []
REGISTRY: Final[dict[str, Result]] = {}


def running() -> str:
    """The name of the result whose proof is running, the innermost one; empty outside proofs."""
    return _clocks[-1].name if _clocks else ""


def result(name: str) -> Result:
    """The result of a name.

    Raises
    ------
    UnknownResult
        If no result carries it.
    """
    if name not in REGISTRY:
        raise UnknownResult(f"no result is named {name}")
    return REGISTRY[name]


def theorem(
    name: str, source: str = "", kind: str = "theorem"
) -> Callable[[ProofFunction], Result]:
    """State and prove a named result.

    The decorated function takes the :class:`~verifier.proving.Proof` and one parameter for each
    outer universal variable, annotated with its sort.  It states the hypotheses with ``given``
    and the goal with ``show``, and returns a theorem of the goal.

    Raises
    ------
    DuplicateName
        If another result has the name.

    Examples
    --------
    >>> from verifier.proving import Integer, Proof
    >>> @theorem("doc-successor-is-larger")
    ... def successor_is_larger(p: Proof, n: Integer) -> Theorem:
    ...     '''n < n + 1.'''
    ...     p.show(n < n + 1)
    ...     return p.have(p.goal)
    >>> successor_is_larger.fact
    ⊢ ∀ n:Int. n < n + 1
    >>> del REGISTRY["doc-successor-is-larger"]
    """

    def decorate(prove: ProofFunction) -> Result:
        known = REGISTRY.get(name)
        if known is not None and known.prove.__code__.co_filename != prove.__code__.co_filename:
            raise DuplicateName(f"{name} is stated in {known.module} and in {prove.__module__}")
        if known is not None and known.prove.__qualname__ != prove.__qualname__:
            raise DuplicateName(f"{name} is stated twice in {prove.__module__}")
        made = Result(name, kind, source, prove, inspect.getdoc(prove) or "")
        REGISTRY[name] = made
        return made

    return decorate


def lemma(name: str, source: str = "") -> Callable[[ProofFunction], Result]:
    """Like :func:`theorem`, for a result that serves others."""
    return theorem(name, source, kind="lemma")
