"""The check accepts what is true and refuses every way of spoiling it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F

import pytest

from tests.networks import reference
from tests.networks.pieces.test_partition import network, wide_network
from verifier.networks.certificates.pieces_check import CertificateError, check
from verifier.networks.examples import skewed_tent, tent_iterate
from verifier.networks.model import iterate
from verifier.networks.pieces.partition import pieces_of


@pytest.mark.parametrize("seed", range(150))
def test_found_pieces_pass(seed):
    net, rng = reference.random_network(seed)
    found = pieces_of(network(net), *reference.random_interval(rng))
    check(network(net), found.refinement, found.function)


def test_wide_and_skewed_networks_pass():
    for net in (wide_network(2, 10, 3), iterate(skewed_tent(F(3, 7)), 7)):
        found = pieces_of(net)
        check(net, found.refinement, found.function)


NET = tent_iterate(3)
FOUND = pieces_of(NET, F(0), F(1))


def changed(values, at, by):
    return (*values[:at], values[at] + by, *values[at + 1 :])


@pytest.mark.parametrize(
    ("spoilt", "message"),
    [
        (replace(FOUND.refinement, slopes=(changed(FOUND.refinement.slopes[0], 2, 1),)), "slope"),
        (
            replace(FOUND.refinement, intercepts=(changed(FOUND.refinement.intercepts[0], 2, 1),)),
            "intercept",
        ),
        (
            replace(
                FOUND.refinement,
                numerators=changed(FOUND.refinement.numerators, 3, 8),
                denominators=changed(FOUND.refinement.denominators, 3, 18),
            ),
            "not affine there",
        ),
        (
            replace(FOUND.refinement, numerators=changed(FOUND.refinement.numerators, 3, 9)),
            "empty",
        ),
        (replace(FOUND.refinement, denominators=(0,) * 7), "positive denominators"),
        (
            replace(
                FOUND.refinement,
                slopes=FOUND.refinement.slopes * 2,
                intercepts=FOUND.refinement.intercepts * 2,
            ),
            "number of outputs",
        ),
        (replace(FOUND.refinement, low=F(-1)), "not affine there"),
    ],
)
def test_spoilt_refinements_are_refused(spoilt, message):
    check(NET, FOUND.refinement)
    with pytest.raises(CertificateError, match=message):
        check(NET, spoilt)


def without_cut(function, cut, keep_left=True):
    def drop(values, at):
        return values[:at] + values[at + 1 :]

    piece = cut + 1 if keep_left else cut
    return replace(
        function,
        numerators=drop(function.numerators, cut),
        denominators=drop(function.denominators, cut),
        closed=drop(function.closed, cut),
        slopes=tuple(drop(column, piece) for column in function.slopes),
        intercepts=tuple(drop(column, piece) for column in function.intercepts),
    )


def test_missing_cuts_are_refused():
    for cut in range(FOUND.refinement.count - 1):
        with pytest.raises(CertificateError, match="not affine"):
            check(NET, without_cut(FOUND.refinement, cut))
        with pytest.raises(CertificateError, match="does not fit"):
            check(NET, FOUND.refinement, without_cut(FOUND.function, cut))


def test_superfluous_pieces_are_refused():
    twins = network(
        [
            ([[F(1)], [F(1)]], [F(0), F(0)], reference.RELU),
            ([[F(1), F(-1)]], [F(0)], reference.IDENTITY),
        ]
    )
    found = pieces_of(twins)
    assert (found.refinement.count, found.function.count) == (2, 1)
    check(twins, found.refinement, found.function)
    with pytest.raises(CertificateError, match="fit one affine function"):
        check(twins, found.refinement, found.refinement)


def test_invented_pieces_are_refused():
    line = network([([[F(1)]], [F(0)], reference.IDENTITY)])
    found = pieces_of(line).refinement
    invented = replace(
        found,
        numerators=(1,),
        denominators=(2,),
        closed=(False,),
        slopes=((1, 1),),
        intercepts=((0, 1),),
    )
    with pytest.raises(CertificateError, match="does not end where a cell ends"):
        check(line, found, invented)


def test_wrong_owner_of_a_jump_is_refused():
    step = network([([[F(1)]], [F(0)], reference.STEP)])
    found = pieces_of(step).refinement
    check(step, found)
    with pytest.raises(CertificateError, match="unit 0 is not affine"):
        check(step, replace(found, closed=(True,)))


def test_pieces_of_another_domain_are_refused():
    with pytest.raises(CertificateError, match="domains differ"):
        check(NET, FOUND.refinement, replace(FOUND.function, low=None))


def test_pieces_with_another_number_of_outputs_are_refused():
    doubled = replace(
        FOUND.function,
        slopes=FOUND.function.slopes * 2,
        intercepts=FOUND.function.intercepts * 2,
    )
    with pytest.raises(CertificateError, match="numbers of outputs differ"):
        check(NET, FOUND.refinement, doubled)


def test_pieces_over_no_scale_are_refused():
    """Over the scale 0 any one form would fit all pieces."""
    nothing = replace(
        FOUND.function,
        numerators=(),
        denominators=(),
        closed=(),
        scale=0,
        slopes=((0,),),
        intercepts=((0,),),
    )
    with pytest.raises(CertificateError, match="positive scale"):
        check(NET, FOUND.refinement, nothing)
