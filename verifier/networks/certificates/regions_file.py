"""Trees of splits as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from verifier.errors import BadInput
from verifier.networks.certificates.regions_tree import Closed, Node, Place, Settled, Split, Tree
from verifier.networks.numbers.inequalities import Multipliers
from verifier.output import write_output

FORMAT: Final = "verifier-splits/1"


def write_tree(path: Path, tree: Tree) -> None:
    """Write a tree.

    Raises
    ------
    BadInput
        If the file cannot be written.
    """
    content = {"format": FORMAT, "tree": [node_data(node) for node in tree.nodes]}
    write_output(path, json.dumps(content) + "\n")


def read_tree(path: Path) -> Tree:
    """Read a tree, which is then still to be checked.

    Raises
    ------
    BadInput
        If the file cannot be read or holds no tree.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise ValueError(f"expected format {FORMAT}")
        return Tree(tuple(node_of(data) for data in content["tree"]))
    except OSError as error:
        raise BadInput.unreadable(path, error) from error
    except (ValueError, TypeError, KeyError, ArithmeticError, RecursionError) as error:
        raise BadInput(str(path), f"expected a tree of splits: {error}") from error


def node_data(node: Node) -> list[Any]:
    """Return a node as JSON: its kind, then its fields."""
    match node:
        case Split(at, cut, closed):
            return ["split", list(at), cut, closed]
        case Settled(at, cut, closed, above, why):
            return ["settled", list(at), cut, closed, above, multipliers_data(why)]
        case Closed(why):
            return ["closed", [multipliers_data(each) for each in why]]


def multipliers_data(why: Multipliers) -> list[list[Any]]:
    """Return multipliers as JSON."""
    return [[number, str(factor)] for number, factor in why.parts]


def node_of(data: Sequence[Any]) -> Node:
    """Return the node that JSON describes."""
    match data:
        case ["split", [int(), int(), int()] as at, int(cut), bool(closed)]:
            return Split(Place(*at), cut, closed)
        case ["settled", [int(), int(), int()] as at, int(cut), bool(closed), bool(above), why]:
            return Settled(Place(*at), cut, closed, above, multipliers_of(why))
        case ["closed", list(whys)]:
            return Closed(tuple(multipliers_of(why) for why in whys))
    raise ValueError(f"{str(data)[:80]} is no node")


def multipliers_of(data: Sequence[Any]) -> Multipliers:
    """Return the multipliers that JSON describes."""
    return Multipliers(tuple((int(number), Fraction(factor)) for number, factor in data))
