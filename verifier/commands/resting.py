"""What an answer about networks rests on: a theorem of the kernel, a certificate, a witness."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from verifier.errors import Contradiction, LimitReached, VerifierError
from verifier.networks.model import Network
from verifier.networks.pieces.answers import PiecesAnswer
from verifier.networks.pieces.equality import Equality
from verifier.theory import MOST_LEAVES
from verifier.theory.recognise import tent_iteration

if TYPE_CHECKING:
    from verifier.networks.boxes.verify import Outcome
    from verifier.networks.property import Property
    from verifier.networks.regions.equality import EqualityOnBox
    from verifier.theory.concrete import Proved

Command = TypeVar("Command", bound=Callable[..., Any])
# Leaves of a kernel proof that nobody asked for: about a second.
CHEAP: Final = 200

THEOREM: Final = "kernel theorem"
CERTIFICATE: Final = "checked certificate"
COMPUTATION: Final = "exact computation"
WITNESS: Final = "exact witness"


@dataclass(frozen=True)
class Support:
    """What an answer rests on.

    Attributes
    ----------
    kind:
        ``kernel theorem``, ``checked certificate`` (a separate function checked it), ``exact
        computation`` (nothing checked it apart) or ``exact witness`` (values anyone can recompute).
    note:
        What the theorem leaves open, or why there is none.
    """

    kind: str
    note: str
    proved: Proved | None = None


def proof_options(command: Command) -> Command:
    """``--prove/--no-prove`` and ``--derivation``."""
    for option in (
        click.option(
            "--derivation",
            type=click.Path(file_okay=False, path_type=Path),
            metavar="DIR",
            help="Write the theorem's derivation and all it rests on here, as NAME.json.",
        ),
        click.option(
            "--prove/--no-prove",
            "prove",
            default=None,
            help="Prove the answer in the kernel; default: where that is quick.",
        ),
    ):
        command = option(command)
    return command


def pieces_rest_on(
    network: Network,
    low: Fraction | None,
    high: Fraction | None,
    answer: PiecesAnswer,
    prove: bool | None,
) -> Support:
    """Return what a count of pieces rests on."""
    kind = COMPUTATION if answer.certificate is None else CERTIFICATE
    only = "" if answer.checked or kind == COMPUTATION else "; the list itself was not checked"
    without = Support(kind, answer.method + only)
    if prove is False:
        return without
    if network.outputs != 1:
        return Support(kind, f"{without.note}; theorems are about one output")
    tents = of_tents(network, low, high, answer.count)
    if tents is not None:
        return tents
    limit = leaves(prove)
    if (needed := 5 * answer.count) > limit:
        return too_long(without, needed)

    def theorem() -> Proved:
        from verifier.theory.concrete import pieces_theorem

        return pieces_theorem(network, low, high, limit)

    return attempt(theorem, without)


def of_tents(
    network: Network, low: Fraction | None, high: Fraction | None, count: int
) -> Support | None:
    """Return the theorem about iterates of the tent, if the network is one."""
    ends = (low, high)
    if ends not in ((None, None), (Fraction(0), Fraction(1))) or tent_iteration(network) is None:
        return None
    from verifier.theory.tents import tent_pieces

    found = tent_pieces(network, low, high)
    if found is None:
        return None
    proved, exactly = found
    if count != exactly:
        raise VerifierError(f"{proved.name} is about {exactly} pieces, counted are {count}")
    return Support(THEOREM, "", proved)


def equality_rests_on(
    left: Network,
    right: Network,
    low: Fraction | None,
    high: Fraction | None,
    result: Equality,
    prove: bool | None,
) -> Support:
    """Return what equality or difference of two networks rests on."""
    if not result.equal:
        return Support(WITNESS, "both networks evaluated exactly at one point")
    without = Support(COMPUTATION, result.method)
    if prove is False:
        return without
    one, other = tent_iteration(left), tent_iteration(right)
    limit = leaves(prove)
    if one is not None and other is not None and one[0].times == other[0].times:
        from verifier.theory.tents import tent_equal

        found = tent_equal(left, right)
        if found is not None:
            return Support(THEOREM, "on the whole line", found)
    pieces = 1 if result.certificate is None else result.certificate.count
    if (needed := left.parameters + right.parameters + 5 * pieces) > limit:
        return too_long(without, needed)

    def theorem() -> Proved:
        from verifier.theory.concrete import equal_theorem

        return equal_theorem(left, right, low, high, limit)

    return attempt(theorem, without)


def equality_on_box_rests_on(result: EqualityOnBox, prove: bool | None) -> Support:
    """Return what equality or difference of two networks of several inputs rests on."""
    if not result.equal:
        return Support(WITNESS, "both networks evaluated exactly at one point")
    question, tree, limit = result.question, result.tree, leaves(prove)
    without = Support(CERTIFICATE if tree else COMPUTATION, result.method)
    if prove is False:
        return without
    if tree is None:
        left, right = question.networks
        if (needed := left.parameters + right.parameters) > limit:
            return too_long(without, needed)
        from verifier.theory.normal_form import equal_by_form_theorem

        low, high = question.low, question.high
        return attempt(lambda: equal_by_form_theorem(left, right, low, high, limit), without)
    if tree.regions > limit:
        return too_long(without, tree.regions)
    from verifier.theory.regions import Plan, equal_on_box_theorem

    if (needed := Plan(question, tree).leaves) > limit:
        return too_long(without, needed)
    return attempt(lambda: equal_on_box_theorem(question, tree, limit), without)


def safety_rests_on(
    network: Network, prop: Property, outcome: Outcome, prove: bool | None
) -> Support:
    """Return what the answer about a property rests on."""
    if outcome.status == "refuted":
        return Support(WITNESS, "the network evaluated exactly at an unsafe input")
    boxes = "boxes, each closed by bounds that a separate function checks"
    regions = "; the rest by affine regions, whose tree another checks" if outcome.regions else ""
    without = Support(CERTIFICATE, boxes + regions)
    if prove is False or outcome.status != "proved":
        return without
    limit = leaves(prove)
    if network.parameters > limit:
        return too_long(without, network.parameters)

    def theorem() -> Proved:
        if network.inputs > 1:
            from verifier.theory.regions import UnsafeInput, safe_on_box_theorem

            try:
                return safe_on_box_theorem(network, prop, limit)
            except UnsafeInput as error:
                raise Contradiction(f"a checked certificate says safe, but {error}") from error
        from verifier.theory.safety import safety_theorem

        return safety_theorem(network, prop, limit)

    return attempt(theorem, without)


def leaves(prove: bool | None) -> int:
    """How many leaves a proof may take."""
    return MOST_LEAVES if prove else CHEAP


def attempt(theorem: Callable[[], Proved], without: Support) -> Support:
    """Return the theorem, or what there is without it and why."""
    from verifier.proving import ProofFailed

    try:
        return Support(THEOREM, "", theorem())
    except LimitReached as error:
        return Support(without.kind, f"{without.note}; no kernel theorem: {error}")
    except ProofFailed as error:
        # A leaf may pass the solver's limit; the answer itself does not depend on it.
        return Support(without.kind, f"{without.note}; the kernel proof failed: {error.message}")


def too_long(without: Support, needed: int) -> Support:
    """Return what there is without a theorem, and that a proof would need so many leaves."""
    why = "a kernel proof would be long; --prove asks for it"
    if needed > MOST_LEAVES:
        why = "too large for a kernel proof"
    return Support(without.kind, f"{without.note}; {why}")


def support_data(support: Support, derivation: Path | None) -> dict[str, Any]:
    """Return what an answer rests on as JSON."""
    proved = support.proved
    data: dict[str, Any] = {
        "kind": support.kind,
        "note": support.note,
        "theorem": None,
        "statement": None,
        "uses": [],
        "assumptions": [],
        "leaves": 0,
        "derivation": None
        if derivation is None or proved is None
        else str(derivation / f"{proved.name}.json"),
    }
    if proved is not None:
        data |= {
            "theorem": proved.name,
            "statement": proved.statement,
            "uses": proved.uses,
            "assumptions": proved.assumptions,
            "leaves": proved.leaves,
        }
    return data


def support_line(support: Support) -> str:
    """Return what an answer rests on in one line."""
    note = f" ({support.note})" if support.note else ""
    if support.proved is None:
        return f"rests on: {support.kind}{note}"
    uses = ", ".join(support.proved.uses) or "definitions alone"
    return f"rests on: {support.kind} {support.proved.name}, from {uses}{note}"


def write_derivation(support: Support, path: Path | None) -> None:
    """Write the derivations of the theorem and of all results it rests on into a folder.

    Raises
    ------
    LimitReached
        If there is no theorem though the answer could have one.
    BadInput
        If a file cannot be written.
    """
    if path is None or support.kind == WITNESS:
        return
    if support.proved is None:
        raise LimitReached(f"{path}: nothing to write: {support.note}")
    from verifier.library.derivations import derivation, to_json
    from verifier.output import write_output
    from verifier.theory.concrete import cited_below

    theorems = {support.proved.name: support.proved.theorem, **cited_below(support.proved)}
    for name, theorem in theorems.items():
        file = path / f"{name}.json"
        write_output(file, to_json(derivation(theorem)) + "\n", make_folder=True)
