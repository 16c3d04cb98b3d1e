"""Fewest errors on labelled points: the dynamic programme, the network found, the reader."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise
from itertools import product as every

import pytest

from proofs.counting import fewest_errors as kernel_fewest
from verifier.errors import BadInput, LimitReached
from verifier.networks.examples import HALF
from verifier.networks.labelled import (
    Labelling,
    Points,
    affine_pieces,
    best_labelling,
    errors,
    fewest_errors,
    fewest_of_networks,
    most_folds,
    read_points,
)
from verifier.proving import if_then_else, integer
from verifier.theory.values import number_of


def best_by_hand(labels, runs, last=None):
    """The fewest errors of classes with few runs, by trying all of them."""
    return min(
        sum(a != b for a, b in zip(classes, labels, strict=True))
        for classes in every((0, 1), repeat=len(labels))
        if last in (None, classes[-1]) and 1 + sum(a != b for a, b in pairwise(classes)) <= runs
    )


def as_term(labels):
    def at(i):
        term = integer(labels[-1])
        for j, label in enumerate(labels[:-1]):
            term = if_then_else(i == j, integer(label), term)
        return term

    return at


@pytest.mark.parametrize("n", range(1, 8))
def test_the_programme_is_the_best_of_all_labellings(n):
    for labels, runs in every(every((0, 1), repeat=n), range(1, 6)):
        for last in (0, 1):
            assert fewest_errors(labels, runs, last) == best_by_hand(labels, runs, last)


@pytest.mark.parametrize("seed", range(25))
def test_the_programme_is_the_function_of_the_theorem(seed):
    r = random.Random(seed)
    labels = [r.randrange(2) for _ in range(r.randrange(1, 13))]
    runs, last = r.randrange(-1, 8), r.randrange(2)
    unrolled = number_of(kernel_fewest(as_term(labels), runs, last, len(labels)))
    assert fewest_errors(labels, runs, last) == unrolled


def test_no_points_and_too_many():
    assert fewest_errors([], 3, 0) == 0
    with pytest.raises(LimitReached):
        fewest_errors([0, 1] * 500_000, 10**6, 0)


def test_a_long_programme_is_quick():
    r = random.Random(1)
    labels = [r.randrange(2) for _ in range(20_000)]
    few, more = (min(fewest_errors(labels, runs, c) for c in (0, 1)) for runs in (50, 51))
    assert few >= more


@pytest.mark.parametrize("seed", range(30))
def test_the_best_labelling_makes_as_few_errors(seed):
    r = random.Random(seed)
    points = Points.of(
        [(Fraction(r.randrange(8)), r.randrange(2)) for _ in range(r.randrange(1, 14))]
    )
    runs = r.randrange(1, 6)
    classes = best_labelling(points, runs)
    made = sum(p.zeros if classes(p.at) else p.ones for p in points.places)
    best = best_by_hand(points.labels, runs) if points.labels else 0
    assert made == points.forced + best
    assert len(classes.switches) < runs
    assert list(classes.switches) == sorted(set(classes.switches))


@pytest.mark.parametrize("seed", range(40))
def test_the_network_found_has_the_widths_asked_for_and_the_errors_counted(seed):
    r = random.Random(seed)
    points = Points.of(
        [
            (Fraction(r.randrange(-9, 20), r.choice([1, 3])), r.randrange(2))
            for _ in range(r.randrange(1, 30))
        ]
    )
    widths = [r.randrange(1, 5) for _ in range(r.randrange(1, 5))]
    t = r.choice([1, 2, 2, 3])
    answer = fewest_of_networks(points, widths, t)
    network = answer.found.network
    assert network.widths == (*widths, 1)
    assert answer.found.checked
    made = sum(p.zeros if network.evaluate([p.at])[0] >= HALF else p.ones for p in points.places)
    assert made == answer.found.errors == errors(points, network)
    assert answer.at_least <= made
    assert answer.at_least >= points.forced
    for layer in network.layers[:-1]:
        assert len(layer.activation.pieces) <= t
    if t == 1:
        assert answer.at_least == made


def test_the_bound_is_that_of_all_labellings_with_the_theorem_s_runs():
    r = random.Random(5)
    for _ in range(20):
        labels = [r.randrange(2) for _ in range(12)]
        points = Points.of([(Fraction(i), label) for i, label in enumerate(labels)])
        answer = fewest_of_networks(points, (1,), 2)
        assert answer.runs == 4
        assert answer.at_least == best_by_hand(labels, 4)


@pytest.mark.parametrize("k", range(1, 8))
@pytest.mark.parametrize("extra", [0, 1])
def test_a_deep_network_makes_no_error_on_the_alternating_grid(k, extra):
    points = Points.of([(Fraction(i, 2**k), i % 2) for i in range(2**k + extra)])
    deep = fewest_of_networks(points, (2, 1) * k, 2)
    assert deep.found.errors == 0
    assert deep.found.network.widths == (2, 1) * k + (1,)
    if k > 1:
        assert fewest_of_networks(points, (2,) * k, 2).found.errors == 0


def test_pieces_of_a_zigzag():
    assert affine_pieces((5,)) == (5, 1)
    assert affine_pieces((3, 4)) == (6, 2)
    assert affine_pieces((3, 4, 4)) == (8, 3)
    assert affine_pieces((3, 1, 9)) == (3, 1)
    assert affine_pieces((1, 5)) == (5, 2)


def test_room_for_folds():
    assert [most_folds(w) for w in ((2,), (2, 1), (2, 2), (2, 2, 2), (1, 2), (2, 1, 2, 1))] == [
        0, 1, 2, 3, 0, 2,
    ]  # fmt: skip


def test_contradictory_labels_force_errors_whatever_the_network():
    points = Points.of([(Fraction(0), 0), (Fraction(0), 1), (Fraction(0), 1), (Fraction(1), 0)])
    assert points.forced == 1
    assert points.labels == (1, 0)
    answer = fewest_of_networks(points, (3,), 2)
    assert answer.at_least == answer.found.errors == 1


def test_only_contradictory_labels():
    points = Points.of([(Fraction(2), 0), (Fraction(2), 1)])
    answer = fewest_of_networks(points, (1,), 2)
    assert answer.at_least == answer.found.errors == 1


def test_a_labelling_changes_class_at_each_switch():
    classes = Labelling(1, (Fraction(0), Fraction(2)))
    assert [classes(Fraction(x)) for x in (-1, 1, 3)] == [1, 0, 1]


def test_order_and_notation_do_not_matter(tmp_path):
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    one.write_text("0.1,1\n1/3,0\n2e-1,1\n", encoding="utf-8")
    other.write_text("x,label\n 1/3 , 0\n\n0.2,1\n1/10,1\n", encoding="utf-8")
    assert read_points(one) == read_points(other)
    assert [place.at for place in read_points(one).places] == [
        Fraction(1, 10), Fraction(1, 5), Fraction(1, 3),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "at least one row"),
        ("x,label\n", "at least one row"),
        ("1,2\n", "label 0 or 1"),
        ("1,0\nx,label\n", "row 2"),
        ("1\n", "found 1 cells"),
        ("1,0,0\n", "found 3 cells"),
        ("nan,0\n", "row 1"),
        ("inf,0\n", "row 1"),
        ("1/0,0\n", "row 1"),
        (",0\n", "row 1"),
        ("1,1.0\n", "label 0 or 1"),
        ('"1,0\n', "x,label"),
    ],
)
def test_rows_that_are_no_labelled_points_are_refused(tmp_path, text, message):
    path = tmp_path / "points.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=message):
        read_points(path)


def test_files_that_cannot_be_read_are_refused(tmp_path):
    with pytest.raises(BadInput, match="cannot be read"):
        read_points(tmp_path / "none.csv")
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe1,0\n")
    with pytest.raises(BadInput, match="UTF-8"):
        read_points(tmp_path / "bytes.csv")
