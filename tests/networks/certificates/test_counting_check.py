"""The check of counts accepts what is found, and refuses every way of spoiling it."""

from __future__ import annotations

import ast
import copy
import inspect
import json
import random
from dataclasses import replace
from fractions import Fraction as F

import pytest

import verifier.networks.certificates.counting_check
from tests.networks import reference
from tests.networks.pieces.test_counting import cell_of, random_cell
from tests.networks.pieces.test_partition import network
from tests.seeds import seeds
from verifier.errors import BadInput, LimitReached
from verifier.networks.activations import RELU, Cut
from verifier.networks.certificates.counting_check import Between, Joint, Place, Split, check_count
from verifier.networks.certificates.pieces_check import CertificateError
from verifier.networks.certificates.pieces_file import certificate_text, check_pieces_certificate
from verifier.networks.examples import merged, skewed_tent, tent, tent_iterate
from verifier.networks.model import Layer, Network, compose, iterate
from verifier.networks.pieces.answers import answer_pieces
from verifier.networks.pieces.counting import count_iterate
from verifier.networks.pieces.partition import pieces_of

ZERO, ONE = F(0), F(1)


def listed(cell, times, low, high, limit=1500):
    """The number of pieces by listing, None if they are too many."""
    try:
        return pieces_of(iterate(cell, times), low, high, limit).function.count
    except LimitReached:
        return None


def accepted(cell, times, low, high):
    """Count, check the certificate, also after a file, and return it."""
    found = count_iterate(cell, times, low, high)
    net = iterate(cell, times)
    check_count(net, low, high, found)
    assert check_pieces_certificate(net, certificate_text(found, low, high)) == found.count
    return found


def coarse(rng):
    """A number from a small grid, so that places and values often coincide."""
    return F(rng.randint(-4, 4), rng.choice([1, 1, 2]))


SLOPES = [F(0), F(1), F(-1), F(2), F(-2), F(1, 2), F(-1, 2), F(4), F(3), F(-2, 3)]


def jumping_cell(rng):
    """A cell with jumps, isolated points, constant pieces, and slopes whose products agree."""
    cuts = sorted({Cut(F(rng.randint(-3, 3)), rng.random() < 0.5) for _ in range(4)})
    pieces = []
    for i in range(len(cuts) + 1):
        slope = rng.choice(SLOPES)
        before = cuts[i - 1] if i else None
        if before is not None and rng.random() < 0.5:
            # Continuous where the piece begins.
            last = pieces[-1]
            pieces.append((slope, last[0] * before.at + last[1] - slope * before.at))
        else:
            pieces.append((slope, coarse(rng)))
    ends = [(cut.at, cut.closed) for cut in cuts] + [(None, None)]
    return cell_of(*((*piece, *end) for piece, end in zip(pieces, ends, strict=True)))


def random_domain(rng):
    low, high = sorted([coarse(rng), coarse(rng)])
    return rng.choice([(None, None), (low, high), (low, high), (None, high), (low, None)])


@pytest.mark.parametrize("block", seeds(3, 8))
def test_random_jumping_cells_agree_with_listing_and_pass(block):
    rng = random.Random(f"jumps {block}")
    compared = 0
    for _ in range(50):
        cell, (low, high) = jumping_cell(rng), random_domain(rng)
        for times in (1, 2, 3, rng.randint(4, 8)):
            count = listed(cell, times, low, high)
            if count is not None:
                assert accepted(cell, times, low, high).count == count
                compared += 1
    assert compared > 120


@pytest.mark.parametrize("block", seeds(2, 4))
def test_random_networks_as_cells_agree_with_listing_and_pass(block):
    compared = 0
    for seed in range(1000 + 50 * block, 1050 + 50 * block):
        cell, rng = random_cell(seed)
        low, high = reference.random_interval(rng)
        for times in (1, 2, rng.randint(3, 8)):
            count = listed(network(cell), times, low, high)
            if count is not None:
                assert accepted(network(cell), times, low, high).count == count
                compared += 1
    assert compared > 120


def test_large_iterates_pass():
    for cell, times, ends in (
        (tent(), 1000, (ZERO, ONE)),
        (skewed_tent(F(1, 3)), 10_000, (ZERO, ONE)),
        (skewed_tent(F(1, 10)), 10_000, (None, None)),
    ):
        answer = answer_pieces(iterate(cell, times), *ends, listed=False)
        assert answer.count == 2**times + (2 if ends == (None, None) else 0)
        assert answer.checked
        assert answer.certificate.count == answer.count


def test_the_check_shares_no_code_with_the_search():
    tree = ast.parse(inspect.getsource(verifier.networks.certificates.counting_check))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name for name in imported if name.startswith("verifier")} == {
        "verifier.networks.activations",
        "verifier.networks.certificates.pieces_check",
        "verifier.networks.model",
        "verifier.networks.piecewise",
    }


# Cells that exercise every part of a certificate: (cell, times, low, high).
CASES = {
    "tent": (tent(), 6, ZERO, ONE),
    "skewed tent on the line": (skewed_tent(F(1, 3)), 5, None, None),
    "doubling": (cell_of((2, 0, F(1, 2), False), (2, -1)), 5, ZERO, ONE),
    "point": (
        cell_of((1, 1, 0, False), (0, 5, 0, True), (-2, 1, 4, False), (0, -1)),
        4,
        None,
        None,
    ),
    "owner on the left": (
        cell_of((1, 1, 0, True), (2, 3, 1, False), (1, 5, 3, False), (1, 3)),
        4,
        F(-1, 2),
        F(1, 4),
    ),
    # Slopes 2 · 2 and 4 · 1 meet, and 2 · 1/2 and 1.
    "products": (
        cell_of((2, 0, 1, False), (4, -2, 3, False), (1, 1, 5, True), (F(1, 2), 8)),
        5,
        F(0),
        F(6),
    ),
    "start of the domain": (cell_of((1, 0, 0, True), (1, 1)), 4, ZERO, F(3)),
}
# On a single point another slope is another true form: both take the same value there.
FREE = {"point": [("images", "function", "slopes", 0, 1)]}
FOUND = {name: count_iterate(*case) for name, case in CASES.items()}


def refused(name, certificate, match=None):
    cell, times, low, high = CASES[name]
    with pytest.raises(CertificateError, match=match):
        check_count(iterate(cell, times), low, high, certificate)


def at(items, number, value):
    return (*items[:number], value, *items[number + 1 :])


@pytest.mark.parametrize("name", CASES)
def test_cases_pass_and_agree_with_listing(name):
    assert accepted(*CASES[name]).count == listed(*CASES[name])


def changes(value):
    """Other values for a number, a text, a flag or null."""
    match value:
        case bool():
            return [not value]
        case int():
            return [value + 1, value - 1, -1, None] if value + 1 else [0, None]
        case None:
            return [0]
        case str() if value[:1] in "([":
            turned = value.translate(str.maketrans("[(])", "([)]"))
            return [turned[0] + value[1:], value[:-1] + turned[-1], value.replace(", ", ", 7")]
        case str():
            return [f"{value}1", f"-{value}" if value != "0" else "1/2"]
    return []


def mutants(value, path=()):
    """Yield (path, changed copy of the value), each with one thing altered, dropped or doubled."""
    if isinstance(value, dict | list):
        keys = value if isinstance(value, dict) else range(len(value))
        for key in keys:
            for where, other in mutants(value[key], (*path, key)):
                copied = copy.copy(value)
                copied[key] = other
                yield where, copied
        if isinstance(value, list):
            for i in range(len(value)):
                yield (*path, f"without {i}"), value[:i] + value[i + 1 :]
    else:
        yield from ((path, other) for other in changes(value))


@pytest.mark.parametrize("name", CASES)
def test_every_altered_entry_is_refused(name):
    """Every number, flag, index and interval changed, every row and every part dropped."""
    cell, times, low, high = CASES[name]
    net = iterate(cell, times)
    content = json.loads(certificate_text(FOUND[name], low, high))
    del content["network"], content["line"]
    tried, survivors = 0, []
    for path, changed in mutants(content):
        tried += 1
        text = json.dumps(changed | {"network": "", "line": None})
        try:
            check_pieces_certificate(net, text)
        except (CertificateError, BadInput):
            continue
        survivors.append(path)
    assert survivors == FREE.get(name, [])
    assert tried > 150


def test_altered_entries_that_are_accepted_leave_the_count_true():
    """Two random changes at once, on random cells: whatever passes has the right count."""
    rng = random.Random("two changes")
    passed = tried = 0
    for _ in range(60):
        cell, (low, high) = jumping_cell(rng), random_domain(rng)
        times = rng.randint(1, 3)
        count = listed(cell, times, low, high)
        if count is None:
            continue
        content = json.loads(certificate_text(count_iterate(cell, times, low, high), low, high))
        once = [changed for _, changed in mutants(content["images"])]
        for chosen in rng.sample(once, min(len(once), 6)):
            for _, images in rng.sample(list(mutants(chosen)), 4):
                wrong = rng.choice([-2, -1, 1, 2])
                for claim in (count, count + wrong):
                    text = json.dumps(content | {"images": images, "pieces": str(claim)})
                    tried += 1
                    try:
                        check_pieces_certificate(iterate(cell, times), text)
                    except (CertificateError, BadInput):
                        continue
                    passed += 1
                    assert claim == count
    assert tried > 2000
    assert passed < tried / 10


@pytest.mark.parametrize("name", CASES)
def test_every_flipped_decision_is_refused(name):
    """Whatever count is claimed, and for whichever number of iterates."""
    found, times = FOUND[name], CASES[name][1]
    for i, joint in enumerate(found.joints):
        for n in range(1, times + 1):
            flipped = {n, n + 1} - {times + 1}
            switches = tuple(sorted(flipped ^ set(joint.switches)))
            joints = at(found.joints, i, joint._replace(switches=switches))
            refused(name, replace(found, joints=joints), f"joints.{i}.: wrong for {n} iterates")
        for switches in ((0,), (times + 1,), (2, 1), (1, 1)):
            joints = at(found.joints, i, joint._replace(switches=switches))
            refused(name, replace(found, joints=joints), f"joints.{i}.")


def test_decisions_of_all_kinds_occur():
    joints = [joint for found in FOUND.values() for joint in found.joints]
    assert {joint.alone for joint in joints} == {False, True}
    assert any(len(joint.switches) > 1 for joint in joints)
    assert any(not joint.switches for joint in joints)


@pytest.mark.parametrize("name", CASES)
def test_steps_of_another_piece_are_refused(name):
    """Also if the image is the right one for that piece."""
    found = FOUND[name]
    for i, step in enumerate(found.steps):
        for piece in range(found.function.count):
            if step is None or piece == step.piece:
                continue
            form = found.function.forms(piece)[0]
            place = found.places[i]
            turn = (form.slope > 0) - (form.slope < 0)
            image = Place(form(place.at), place.side * turn)
            spoilt = replace(
                found,
                places=(*found.places, image),
                steps=(*at(found.steps, i, step._replace(piece=piece, to=len(found.places))), None),
            )
            refused(name, spoilt, f"steps.{i}.: the place is not on piece {piece}")


@pytest.mark.parametrize("name", CASES)
def test_parts_that_do_not_fit_are_refused(name):
    found = FOUND[name]
    for i, (interval, split) in enumerate(zip(found.intervals, found.splits, strict=True)):
        if split is None:
            continue
        for wrong in (
            Split(split.first, split.images[:-1]),
            Split(split.first + 1, split.images[1:]),
            Split(split.first, (*split.images, None)),
            Split(split.first - 1, (None, *split.images)),
            Split(split.first, ()),
            Split(found.function.count, (None,)),
        ):
            refused(name, replace(found, splits=at(found.splits, i, wrong)), f"splits.{i}.")
        refused(name, replace(found, splits=at(found.splits, i, None)), "missing")
        for low in (None, Cut(F(-100), False), Cut(F(-100), True)):
            wider = at(found.intervals, i, Between(low, interval.high))
            if interval.low != low:
                refused(name, replace(found, intervals=wider))


def test_slopes_that_only_look_different_are_refused():
    """Over 2 and 4 the number 4 has two names, so that equal slopes would seem to differ."""
    found = FOUND["products"]
    assert found.factors == (2,)
    two_names = tuple((0, 1) if power == (2,) else (*power, 0) for power in found.exponents)
    spoilt = replace(found, factors=(2, 4), exponents=two_names)
    refused("products", spoilt, "pairwise coprime")
    for factors in ((2, 1), (2, 0), (2, -3)):
        padded = tuple((*power, 0) for power in found.exponents)
        refused("products", replace(found, factors=factors, exponents=padded), "> 1")
    padded = tuple((*power, 0) for power in found.exponents)
    check_count(
        iterate(CASES["products"][0], 5),
        F(0),
        F(6),
        replace(found, factors=(2, 3), exponents=padded),
    )
    refused("products", replace(found, factors=(2, 3)), "exponents.0.: expected 2 entries")


def test_tables_that_are_cut_short_are_refused():
    for name, found in FOUND.items():
        for field in ("splits", "steps", "exponents", "joints", "intervals", "places"):
            rows = getattr(found, field)
            refused(name, replace(found, **{field: rows[:-1]}))
            refused(name, replace(found, **{field: ()}))
        joint = found.joints[0]
        for orbit in ((1, 0, 2), (0, 1, 99), (-1, 1, 2), (0, 0, 0)):
            spoilt = at(found.joints, 0, joint._replace(orbit=orbit))
            refused(name, replace(found, joints=spoilt), "joints.0.: place")
        refused(name, replace(found, joints=(Joint(-1, False, joint.orbit, ()),)), "cut -1")


def test_pieces_of_another_function_are_refused():
    for name, found in FOUND.items():
        cell, times, low, high = CASES[name]
        part = pieces_of(cell, F(-50), F(50))
        refused(
            name, replace(found, refinement=part.refinement, function=part.function), "whole line"
        )
        doubled = Network(1, (*cell.layers, Layer(((F(2),),), (ZERO,))))
        other = count_iterate(doubled, times, low, high)
        refused(name, other, "not . copies")
        # The tables of the other cell are refused for this one.
        refused(name, replace(other, cell=cell))


def test_other_domains_are_refused():
    found = count_iterate(tent(), 3, ZERO, ONE)
    net = tent_iterate(3)
    check_count(net, ZERO, ONE, found)
    for low, high in ((None, ONE), (ZERO, None), (ZERO, F(2)), (F(-1), ONE), (ONE, ZERO)):
        with pytest.raises(CertificateError, match="domain"):
            check_count(net, low, high, found)
    # A domain without points has no pieces to count.
    hollow = Between(Cut(ONE, False), Cut(ZERO, True))
    with pytest.raises(CertificateError, match="domain"):
        check_count(net, ONE, ZERO, replace(found, intervals=at(found.intervals, 0, hollow)))


def layer(weight, activation=None):
    return Layer(((F(weight),),), (F(1),), activation)


def test_only_copies_of_the_cell_pass():
    found = count_iterate(tent(), 4, ZERO, ONE)
    read_out = Network(1, (layer(-2),))
    good = (tent_iterate(4), compose(read_out, tent_iterate(4)))
    for net in good:
        check_count(net, ZERO, ONE, found)
    two = Network(1, (Layer(((F(1),), (F(2),)), (ZERO, ZERO)),))
    for net in (
        tent_iterate(3),
        tent_iterate(5),
        iterate(skewed_tent(F(1, 3)), 4),
        compose(Network(1, (layer(0),)), tent_iterate(4)),
        compose(Network(1, (layer(2, RELU),)), tent_iterate(4)),
        compose(Network(1, (layer(2), layer(2))), tent_iterate(4)),
        compose(two, tent_iterate(4)),
        compose(tent_iterate(4), read_out),
        merged(4),
    ):
        with pytest.raises(CertificateError, match="not 4 copies"):
            check_count(net, ZERO, ONE, found)
    for cell, times in ((tent(), 0), (compose(two, tent()), 4)):
        with pytest.raises(CertificateError, match="one input, one output"):
            check_count(tent_iterate(4), ZERO, ONE, replace(found, cell=cell, times=times))


def test_the_merged_form_passes_only_as_it_is():
    net = merged(5)
    answer = answer_pieces(net, ZERO, ONE, listed=False)
    found = answer.certificate
    assert (found.times, found.count, answer.checked) == (5, 32, True)
    check_count(net, ZERO, ONE, found)
    layers = net.layers
    for spoilt in (
        (*layers[:2], Layer(layers[2].weights, (ZERO, F(-1, 3)), RELU), *layers[3:]),
        (*layers[:2], Layer(layers[2].weights, layers[2].bias), *layers[3:]),
        (*layers[:-1], Layer(((F(2), F(-5)),), (ZERO,))),
        layers[:1] + layers[2:],
        layers[:2] + layers[1:],
    ):
        with pytest.raises(CertificateError, match="not 5 copies"):
            check_count(Network(1, spoilt), ZERO, ONE, found)


def test_absurd_numbers_are_refused_at_once():
    """Nothing of the size that a certificate names is made before it is known to be true."""
    found = FOUND["tent"]
    refused("tent", replace(found, times=10**15), "copies")
    refused("tent", replace(found, cell=merged(2), times=10**15), "copies")
    powers = at(found.exponents, 1, (10**15,))
    refused("tent", replace(found, exponents=powers), "exponents.1.: the slope")
    joints = at(found.joints, 0, found.joints[0]._replace(switches=(10**15,)))
    refused("tent", replace(found, joints=joints), "joints.0.: expected increasing")


def test_an_answer_is_checked_unless_that_is_refused():
    net = tent_iterate(40)
    assert answer_pieces(net, ZERO, ONE).checked
    unchecked = answer_pieces(net, ZERO, ONE, checked=False)
    assert (unchecked.count, unchecked.checked, unchecked.certificate) == (2**40, False, None)
    # The list is long to check, its length is not.
    half = answer_pieces(tent_iterate(16), ZERO, ONE)
    assert (half.count, half.checked) == (2**16, False)
    assert half.certificate.count == 2**16


def test_a_wrong_count_is_not_answered(monkeypatch):
    def wrong(*arguments):
        found = count_iterate(*arguments)
        return replace(found, count=found.count + 1)

    monkeypatch.setattr("verifier.networks.pieces.answers.count_iterate", wrong)
    with pytest.raises(CertificateError, match="the count is 1099511627776"):
        answer_pieces(tent_iterate(40), ZERO, ONE)
