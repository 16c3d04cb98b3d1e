"""``verifier bound``: what the theorems say at given numbers, or of given points."""

from __future__ import annotations

import json
import sys
from decimal import Context, Decimal
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from verifier.cli import DONE
from verifier.errors import BadInput

if TYPE_CHECKING:
    from verifier.networks.labelled import Answer
    from verifier.theory.bounds import Bound

DIGITS: Final = Context(prec=10, Emax=10**12, Emin=-(10**12))
# A number of more digits than this is shown by its decimal alone.
LONGEST: Final = 40
THEOREM: Final = "network-errors-fewest"


@click.command()
@click.option("--k", type=int, help="The iterate of the tent; 2^k grid points.")
@click.option("--width", type=int, help="Units of every layer.")
@click.option("--depth", type=int, help="Layers.")
@click.option("--widths", help="Units of each layer instead, as 3,5,2.")
@click.option("--activation-pieces", "t", type=int, default=2, show_default=True, help="relu: 2.")
@click.option("--points", type=int, help="Number of points.  [default: 2^k and 2^k + 1]")
@click.option(
    "--csv", "labelled", type=click.Path(path_type=Path), help="Labelled points x,label instead."
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="With --csv: write the network found."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    k: int | None,
    width: int | None,
    depth: int | None,
    widths: str | None,
    t: int,
    points: int | None,
    labelled: Path | None,
    output: Path | None,
    as_json: bool,
) -> int:
    """Say what each theorem gives at these numbers, exactly, strongest first.

    With --csv: the fewest errors that any network of these widths makes on the points, and a
    network that makes few.
    """
    sys.set_int_max_str_digits(0)
    layers = read_widths(width, depth, widths)
    if t < 1:
        raise BadInput("--activation-pieces", f"expected at least 1, found {t}")
    if labelled is not None:
        if k is not None or points is not None:
            raise BadInput("--csv", "expected without --k and --points")
        return of_points(labelled, layers, t, output, as_json)
    if k is None:
        raise BadInput("--k", "expected --k, or --csv with labelled points")
    if output is not None:
        raise BadInput("-o", "expected with --csv only")
    return of_numbers(k, layers, t, points, as_json)


def read_widths(width: int | None, depth: int | None, widths: str | None) -> tuple[int, ...]:
    """Return one width a layer.

    Raises
    ------
    BadInput
        If the options contradict each other, or a width is not positive.
    """
    from verifier.theory.bounds import MOST

    if widths is not None:
        if width is not None or depth is not None:
            raise BadInput("--widths", "expected without --width and --depth")
        try:
            found = tuple(int(part) for part in widths.split(","))
        except ValueError:
            raise BadInput("--widths", f"expected numbers as 3,5,2, found {widths!r}") from None
        if min(found) < 1:
            raise BadInput("--widths", f"expected at least 1, found {min(found)}")
        return found
    if width is None or depth is None:
        raise BadInput("--width", "expected --width and --depth, or --widths")
    for option, value in (("--width", width), ("--depth", depth)):
        if value < 1:
            raise BadInput(option, f"expected at least 1, found {value}")
    if depth > MOST:
        raise BadInput("--depth", f"expected at most {MOST}, found {depth}")
    return (width,) * depth


def of_numbers(k: int, widths: tuple[int, ...], t: int, points: int | None, as_json: bool) -> int:
    """Print every bound at these numbers."""
    from verifier.library.catalogue import load
    from verifier.theory.bounds import MOST, POINTWISE, Shape, bounds

    if not 0 <= k <= MOST:
        raise BadInput("--k", f"expected 0 to {MOST}, found {k}")
    load()
    counts = [points] if points is not None else [2**k, 2**k + 1]
    found = {n: bounds(Shape(k, widths, t, n)) for n in counts}
    rows = []
    for number, (n, listed) in enumerate(found.items()):
        # What does not speak of points is the same for both.
        kept = [b for b in listed if b.quantity in POINTWISE or not number]
        rows += [(n if b.quantity in POINTWISE else None, b) for b in kept]
    if as_json:
        data = {
            "k": k,
            "widths": list(widths),
            "activation_pieces": t,
            "points": counts,
            "bounds": [bound_data(bound, n) for n, bound in rows],
        }
        click.echo(json.dumps(data, ensure_ascii=False))
        return DONE
    heading = None
    for n, bound in rows:
        title = bound.quantity + ("" if n is None else f", {short(Fraction(n))} points")
        if title != heading:
            click.echo(f"{title}:")
            heading = title
        click.echo(f"  {line(bound)}")
    return DONE


def bound_data(bound: Bound, n: int | None) -> dict[str, Any]:
    """Return a bound as JSON."""
    return {
        "theorem": bound.theorem,
        "quantity": bound.quantity,
        "relation": bound.relation,
        "value": None if bound.value is None else str(bound.value),
        "decimal": None if bound.value is None else decimal(bound.value),
        "points": None if n is None else str(n),
        "errors": errors_of(bound, n),
        "applies": bound.applies,
        "why_not": bound.why_not,
        "conditions": list(bound.conditions),
        "note": bound.note,
        "statement": bound.statement,
    }


def errors_of(bound: Bound, n: int | None) -> str | None:
    """Return the least number of errors a rate or a half number comes to."""
    from verifier.theory.bounds import ERRORS, RATE

    if bound.value is None or n is None or bound.quantity not in (RATE, ERRORS):
        return None
    least = bound.value * n if bound.quantity == RATE else bound.value
    return str(max(0, ceil(least)))


def line(bound: Bound) -> str:
    """Return a bound in one line."""
    if bound.value is None:
        return f"{bound.theorem}: does not apply: {bound.why_not}"
    note = f" ({bound.note})" if bound.note else ""
    empty = "; says nothing" if bound.relation == "at least" and bound.value <= 0 else ""
    return f"{bound.theorem}: {bound.relation} {short(bound.value)}{empty}{note}"


def short(value: Fraction) -> str:
    """Return a number in full if that is not too long, and its decimal."""
    whole, rounded = str(value), decimal(value)
    if len(whole) > LONGEST:
        return f"about {rounded}"
    return whole if value.denominator == 1 else f"{whole} = {rounded}"


def decimal(value: Fraction) -> str:
    """Return ten digits of a number.

    >>> decimal(Fraction(1, 3))
    '0.3333333333'
    """
    return str(
        DIGITS.divide(Decimal(value.numerator), Decimal(value.denominator)).normalize(DIGITS)
    )


def of_points(
    path: Path, widths: tuple[int, ...], t: int, output: Path | None, as_json: bool
) -> int:
    """Print the fewest errors on labelled points, from below and from above."""
    from verifier.networks.formats.json_format import write_json
    from verifier.networks.labelled import fewest_of_networks, read_points

    points = read_points(path)
    answer = fewest_of_networks(points, widths, t)
    statement = theorem_at(len(points.labels), widths, t, answer.runs)
    if output is not None:
        if answer.found.network is None:
            raise BadInput(str(output), "the network found is too large to write")
        write_json(answer.found.network, output)
    data = {
        "points": points.count,
        "places": len(points.places),
        "contradictory": points.forced,
        "label_runs": points.runs,
        "widths": list(widths),
        "activation_pieces": t,
        **answer_data(answer),
        "statement": statement,
        "file": None if output is None else str(output),
    }
    if as_json:
        click.echo(json.dumps(data, ensure_ascii=False))
        return DONE
    click.echo(
        f"{points.count} points at {len(points.places)} places, {points.runs} runs of labels"
    )
    if points.forced:
        forced = plural(points.forced)
        click.echo(f"contradictory labels at one place cost every classifier {forced}")
    click.echo(
        f"every such network makes at least {plural(answer.at_least)}: "
        f"{THEOREM}, at {short(Fraction(answer.runs))} runs"
    )
    checked = "counted on the network" if answer.found.checked else "not counted on a network"
    click.echo(f"one makes {answer.found.errors}: {answer.found.how}; {checked}")
    return DONE


def plural(errors: int) -> str:
    """Return a number of errors in words.

    >>> plural(1)
    '1 error'
    """
    return f"{errors} error" if errors == 1 else f"{errors} errors"


def theorem_at(n: int, widths: tuple[int, ...], t: int, runs: int) -> str | None:
    """Return the theorem at these numbers, its runs seen to be those of the dynamic programme.

    None if no label is left, so that nothing is asked of it.
    """
    from verifier.errors import VerifierError
    from verifier.library.catalogue import load
    from verifier.notation import shown
    from verifier.theory.bounds import Shape, instance
    from verifier.theory.values import number_of

    if n == 0:
        return None
    load()
    shape = Shape(0, widths, t, n)
    found = instance(THEOREM, n=n, t=t, w=shape.sequence, depth=shape.depth)
    for part in found.conclusion.arguments:
        if number_of(part.arguments[0].arguments[1]) != runs:
            raise VerifierError(f"{THEOREM} is about another number of runs than {runs}")
    return shown(found.theorem.conclusion)


def answer_data(answer: Answer) -> dict[str, Any]:
    """Return both bounds as JSON."""
    return {
        "pieces": str(answer.pieces),
        "runs": str(answer.runs),
        "at_least": answer.at_least,
        "theorem": THEOREM,
        "found": {
            "errors": answer.found.errors,
            "how": answer.found.how,
            "activation": None
            if answer.found.network is None
            else getattr(answer.found.network.layers[0].activation, "name", None),
            "counted_on_network": answer.found.checked,
        },
        "optimal": answer.found.errors == answer.at_least,
    }
