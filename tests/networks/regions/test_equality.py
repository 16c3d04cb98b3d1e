"""Networks of several inputs: equality is proved by checked trees, difference by a point."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction as F

import pytest

from tests.networks.several import (
    ABS,
    ACTIVATIONS,
    RELU,
    SPOTS,
    STEP,
    differ_by_z3,
    disguised,
    layer,
    nudged,
    random_network,
    row,
    seeded,
)
from tests.seeds import seeds
from verifier.cli import main
from verifier.errors import BadInput, LimitReached, VerifierError
from verifier.networks.certificates.pieces_check import CertificateError
from verifier.networks.certificates.regions_check import check_splits
from verifier.networks.certificates.regions_file import read_tree, write_tree
from verifier.networks.certificates.regions_tree import Closed, Place, Settled, Split, Tree
from verifier.networks.formats.json_format import write_json
from verifier.networks.model import Network
from verifier.networks.numbers.inequalities import Condition, Multipliers
from verifier.networks.regions.arithmetic import Arithmetic
from verifier.networks.regions.equality import difference, equal_on_box
from verifier.networks.regions.search import settle

SIZES = ((2, (3, 1)), (2, (2, 2, 2)), (3, (3, 1)), (4, (2, 1)), (3, (1, 1, 1)), (2, (4, 2)))


def refuted(left, right, low=None, high=None):
    """Assert that networks are said to differ at a point where they do; return the point."""
    found = equal_on_box(left, right, low, high)
    assert not found.equal
    assert found.tree is None
    assert left.evaluate(found.at) == found.left != found.right == right.evaluate(found.at)
    for x, a, b in zip(found.at, low or found.at, high or found.at, strict=True):
        assert a <= x <= b
    return found.at


def proved(left, right, low=None, high=None):
    """Assert that networks are equal, by regions and as by default."""
    assert equal_on_box(left, right, low, high).equal
    found = equal_on_box(left, right, low, high, tree=True)
    assert found.equal
    assert found.at is None
    return found


@pytest.mark.parametrize("seed", seeds(20, 40))
def test_disguised_copies_are_equal_and_changed_ones_are_not(seed):
    chance = seeded(seed)
    inputs, widths = SIZES[seed % len(SIZES)]
    network = random_network(chance, inputs, widths)
    copy = disguised(chance, network)
    box = ((F(-2),) * inputs, (F(3),) * inputs) if seed % 2 else (None, None)
    proved(network, copy, *box)
    refuted(network, nudged(chance, copy), *box)


@pytest.mark.parametrize("seed", seeds(30, 60))
def test_answers_are_those_of_z3_on_the_whole_pair(seed):
    """The networks share a layer, so that many pairs are equal on some of their regions."""
    chance = seeded(f"pair {seed}")
    left = random_network(chance, 2, (2, 2, 1))
    right = disguised(chance, left)
    if seed % 3:
        k = chance.randrange(len(right.layers))
        part = right.layers[k]
        weights = [list(r) for r in part.weights]
        unit = chance.randrange(part.outputs)
        weights[unit][chance.randrange(part.inputs)] += F(1, 2)
        layers = list(right.layers)
        layers[k] = layer(weights, part.bias, chance.choice((part.activation, *ACTIVATIONS)))
        right = Network(2, tuple(layers))
    box = ((F(-1),) * 2, (F(1), F(2))) if seed % 2 else (None, None)
    found = equal_on_box(left, right, *box)
    assert found.equal == (not differ_by_z3(left, right, *box))


MAXIMUM = Network(
    2, (layer([[1, -1], [0, 1], [0, -1]], [0, 0, 0], RELU), layer([[1, 1, -1]], [0]))
)  # fmt: skip
BY_SIZE = Network(
    2, (layer([[1, 1], [1, -1]], [0, 0], ABS), layer([["1/2", "1/2"]], [0]))
)  # fmt: skip


def test_size_is_written_two_ways():
    size = Network(2, (layer([[1, 2]], [-3], ABS),))
    ramps = Network(2, (layer([[1, 2], [-1, -2]], [-3, 3], RELU), layer([[1, 1]], [0])))
    proved(size, ramps)
    refuted(size, nudged(seeded(0), ramps))


def test_the_maximum_is_written_two_ways():
    sums = Network(
        2,
        (
            layer([[1, 1], [-1, -1], [1, -1], [-1, 1]], [0] * 4, RELU),
            layer([["1/2", "-1/2", "1/2", "1/2"]], [0]),
        ),
    )
    proved(MAXIMUM, sums)
    # (|x + y| + |x - y|) / 2 is max(|x|, |y|).
    at = refuted(MAXIMUM, BY_SIZE)
    assert max(at) != max(map(abs, at))
    proved(MAXIMUM, BY_SIZE, row(0, 0), row(5, 7))
    first = Network(2, (layer([[1, 0]], [0]),))
    proved(MAXIMUM, first, row(1, 0), row(2, 1))
    refuted(MAXIMUM, first, row(1, 0), row(2, "1.000001"))


def test_the_median_of_three_does_not_depend_on_their_order():
    median = by_sorting((0, 1, 2))
    for order in ((1, 2, 0), (2, 1, 0), (0, 2, 1)):
        proved(median, by_sorting(order))
    sum_ = Network(3, (layer([["1/3", "1/3", "1/3"]], [0]),))
    refuted(median, sum_)


def by_sorting(order) -> Network:
    """The median as max(min(a, b), min(max(a, b), c)), of inputs in an order."""
    a, b, c = ([int(i == k) for i in range(3)] for k in order)
    less = [p - q for p, q in zip(a, b, strict=True)]
    pairs = [*(w for v in (a, b, c) for w in (v, [-e for e in v])), less]
    # relu(±a), relu(±b), relu(±c), relu(a - b): then min = a - relu(a - b), max = b + relu(a - b).
    first = layer(pairs, [0] * 7, RELU)
    high_less_c = [0, 0, 1, -1, -1, 1, 1]
    low = [1, -1, 0, 0, 0, 0, -1]
    high = [0, 0, 1, -1, 0, 0, 1]
    second = layer([high_less_c, low, [-e for e in low], high, [-e for e in high]], [0] * 5, RELU)
    # max(low, min(high, c)) with min(high, c) = high - relu(high - c).
    capped = [-1, 0, 0, 1, -1]
    beyond = [p - q for p, q in zip(capped, [0, 1, -1, 0, 0], strict=True)]
    third = layer([beyond, [0, 1, -1, 0, 0], [0, -1, 1, 0, 0]], [0] * 3, RELU)
    return Network(3, (first, second, third, layer([[1, 1, -1]], [0])))


def test_values_at_a_jump_count():
    """Both steps are 1 at 0 in one variable; they differ from each other there alone."""
    upward = Network(2, (layer([[1, 1]], [0], STEP),))
    downward = Network(2, (layer([[-1, -1]], [0], STEP), layer([[-1]], [1])))
    at = refuted(upward, downward)
    assert sum(at) == 0
    proved(upward, downward, row("1/10", 0), row(1, 1))
    refuted(upward, downward, row(0, 0), row(1, 1))


def test_networks_that_differ_at_a_single_point():
    """1 at the origin alone: step(x) + step(-x) + step(y) + step(-y) - 3, cut off at 0."""
    steps = layer([[1, 0], [-1, 0], [0, 1], [0, -1]], [0] * 4, STEP)
    spike = Network(2, (steps, layer([[1, 1, 1, 1]], [-3], RELU)))
    zero = Network(2, (layer([[0, 0]], [0]),))
    assert refuted(spike, zero) == (0, 0)
    moved = Network(
        2, (layer([[1, 0], [-1, 0], [0, 1], [0, -1]], ["-1/3", "1/3", "-1/7", "1/7"], STEP),
            spike.layers[1])
    )  # fmt: skip
    assert refuted(moved, zero) == (F(1, 3), F(1, 7))
    proved(moved, zero, row(0, 0), row(1, "0.1428571"))
    spot = Network(2, (layer([[1, 2]], ["-1/3"], SPOTS),))
    assert differ_by_z3(spot, nudged_at_spot())
    at = refuted(spot, nudged_at_spot())
    assert at[0] + 2 * at[1] == F(1, 3)


def nudged_at_spot() -> Network:
    pieces = list(SPOTS.pieces)
    pieces[1] = pieces[1]._replace(intercept=F(4))
    return Network(2, (layer([[1, 2]], ["-1/3"], replace(SPOTS, pieces=tuple(pieces))),))


def test_a_difference_on_a_sliver_is_found():
    """A bump of width 1e-9 somewhere in the square, on no sample point."""
    bump = layer([[10**9, 0], [10**9, 0], [10**9, 0]],
                 [-314159265, -314159266, -314159267], RELU)  # fmt: skip
    left = Network(2, (bump, layer([[1, -2, 1]], [0])))
    zero = Network(2, (layer([[0, 0]], [0]),))
    at = refuted(left, zero, row(0, 0), row(1, 1))
    assert F(314159265, 10**9) < at[0] < F(314159267, 10**9)


def test_constant_outputs_and_units_that_nothing_reads():
    constant = Network(2, (layer([[0, 0], [1, 1]], [2, 0], RELU), layer([[1, 0]], [1])))
    three = Network(2, (layer([[0, 0]], [3]),))
    found = proved(constant, three)
    assert found.regions == 1
    refuted(constant, Network(2, (layer([[0, 0]], ["3.000001"]),)))
    at_the_jump = Network(2, (layer([[0, 0]], [0], STEP),))
    proved(at_the_jump, Network(2, (layer([[0, 0]], [1]),)))
    refuted(at_the_jump, Network(2, (layer([[0, 0]], [0]),)))


def test_a_box_may_be_flat_or_a_point():
    flat = (row(0, 1), row(5, 1))
    shifted = Network(2, (layer([[1, 0], [1, 0]], [-1, 0], RELU), layer([[1, 0]], [1])))
    proved(MAXIMUM, shifted, *flat)
    refuted(MAXIMUM, nudged(seeded(0), shifted), *flat)
    proved(MAXIMUM, shifted, row(3, 1), row(3, 1))
    assert refuted(MAXIMUM, shifted, row(3, 4), row(3, 4)) == (3, 4)


def test_several_outputs_are_compared_one_by_one():
    both = Network(2, (layer([[1, 1], [1, -1]], [0, 0], RELU),))
    swapped = Network(2, (layer([[1, -1], [1, 1]], [0, 0], RELU),))
    refuted(both, swapped)
    proved(both, Network(2, (*swapped.layers, layer([[0, 1], [1, 0]], [0, 0]))))


def test_half_open_pieces_may_be_split_on_the_other_side_where_they_agree():
    """One tree with a breakpoint's points above, one with these below: relu(-x) = relu(x) - x."""
    one = Network(2, (layer([[-1, 0]], [0], RELU),))
    other = Network(
        2, (layer([[1, 0], [1, 0], [-1, 0]], [0, 1, 1], RELU), layer([[1, -1, 0]], [1]))
    )
    found = proved(one, other, row(-1, -1), row(1, 1))
    assert {node.closed for node in found.tree.nodes if not isinstance(node, Closed)} == {
        True, False
    }  # fmt: skip
    jump = replace(STEP, pieces=(STEP.pieces[0], STEP.pieces[1]))
    question = difference(*(Network(2, (layer([[-1, 0]], [0], jump),)),) * 2)
    tree = settle(question, limit=100)
    flipped = [replace(n, closed=True) if isinstance(n, Split) else n for n in tree.nodes]
    check_splits(question, tree)
    with pytest.raises(CertificateError, match="jumps"):
        check_splits(question, Tree(tuple(flipped)))


def test_bad_questions_are_named():
    line = Network(1, (layer([[1]], [0]),))
    two = Network(2, (layer([[1, 0], [0, 1]], [0, 0]),))
    for call, message in (
        (lambda: equal_on_box(MAXIMUM, line), "numbers of inputs"),
        (lambda: equal_on_box(MAXIMUM, two), "numbers of outputs"),
        (lambda: equal_on_box(MAXIMUM, MAXIMUM, row(0), row(1)), "lower corner: expected 2"),
        (lambda: equal_on_box(MAXIMUM, MAXIMUM, row(0, 0), row(1, 1, 1)), "upper corner"),
        (lambda: equal_on_box(MAXIMUM, MAXIMUM, row(0, 1), row(1, 0)), "input 1: expected A <= B"),
    ):
        with pytest.raises(BadInput, match=message):
            call()


def test_limits_are_reached_and_said():
    chance = seeded("limit")
    network = random_network(chance, 3, (8, 8, 1), activations=(RELU,))
    copy = disguised(chance, network)
    with pytest.raises(LimitReached):
        equal_on_box(network, copy, seconds=0.01, tree=True)
    with pytest.raises(LimitReached):
        settle(difference(network, copy), limit=3)


# Certificates.


def questions():
    chance = seeded("certificates")
    for inputs, widths in SIZES:
        network = random_network(chance, inputs, widths)
        copy = disguised(chance, network)
        yield difference(network, copy, (F(-2),) * inputs, (F(3),) * inputs)
    yield difference(MAXIMUM, BY_SIZE, row(0, 0), row(5, 7))


@pytest.mark.parametrize("number", range(len(SIZES) + 1))
def test_a_tree_proves_its_own_question_only(number):
    question = list(questions())[number]
    tree = settle(question, limit=10_000)
    assert check_splits(question, tree) == tree.regions
    left, right = question.networks
    changed = difference(left, nudged(seeded(0), right), question.low, question.high)
    with pytest.raises(CertificateError):
        check_splits(changed, tree)
    wider = replace(question, networks=(left, nudged(seeded(1), right, F(-1))))
    with pytest.raises(CertificateError):
        check_splits(wider, tree)


@pytest.mark.parametrize("number", range(len(SIZES) + 1))
def test_a_damaged_tree_proves_nothing(number):
    question = list(questions())[number]
    nodes = settle(question, limit=10_000).nodes
    for i, node in enumerate(nodes[:40]):
        for worse in damaged(node):
            with pytest.raises(CertificateError):
                check_splits(question, Tree((*nodes[:i], *worse, *nodes[i + 1 :])))
    for cut_short in (nodes[:-1], nodes + nodes[-1:]):
        with pytest.raises(CertificateError):
            check_splits(question, Tree(cut_short))


def damaged(node):
    """Each is refused whatever the question: nothing is refuted, or the shape is wrong."""
    match node:
        case Split():
            yield ()
            yield (replace(node, at=Place(9, 0, 0)),)
            yield (replace(node, cut=node.cut + 9),)
            yield (Closed(()),)
        case Settled():
            yield (replace(node, why=Multipliers(())),)
            yield (replace(node, why=Multipliers(node.why.parts[:-1])),)
            yield (replace(node, why=Multipliers(((0, F(-1)), *node.why.parts))),)
            yield (replace(node, why=Multipliers((*node.why.parts, (10**6, F(1))))),)
            yield (replace(node, above=not node.above),)
        case Closed():
            yield ()
            yield (Closed(node.why[:-1]),)
            yield (Closed((*node.why[:-1], Multipliers(()))),)
            yield (Closed(tuple(Multipliers(w.parts[:-1]) for w in node.why)),)


def test_a_tree_for_a_box_proves_nothing_beyond_it():
    question = difference(MAXIMUM, BY_SIZE, row(0, 0), row(5, 7))
    tree = settle(question, limit=1000)
    for wider in (
        replace(question, low=row(0, "-1e-9")),
        replace(question, low=(None, F(0))),
        replace(question, low=(None, None), high=(None, None)),
    ):
        with pytest.raises(CertificateError):
            check_splits(wider, tree)


def test_a_tree_is_written_and_read(tmp_path):
    question = difference(MAXIMUM, BY_SIZE, row(0, 0), row(5, 7))
    tree = settle(question, limit=1000)
    path = tmp_path / "tree.json"
    write_tree(path, tree)
    assert read_tree(path) == tree
    content = json.loads(path.read_text())
    for broken in (
        [],
        {"format": "other", "tree": []},
        {**content, "tree": [["split", [0, 0], 0, True]]},
        {**content, "tree": [["closed", [[[0, "1/0"]]]]]},
        {**content, "tree": [["closed", [[[0]]]]]},
        {**content, "tree": 3},
    ):
        path.write_text(json.dumps(broken))
        with pytest.raises(BadInput, match="tree of splits"):
            read_tree(path)
    with pytest.raises(BadInput, match="cannot be read"):
        read_tree(tmp_path / "nothing.json")


# Linear arithmetic.


@pytest.mark.parametrize("seed", range(20))
def test_systems_have_a_point_or_multipliers(seed):
    chance = seeded(seed)
    inputs = chance.randint(1, 4)
    arithmetic = Arithmetic(inputs, limit=100)
    conditions = []
    for _ in range(25):
        form = tuple(F(chance.randint(-5, 5), chance.choice((1, 3))) for _ in range(inputs + 1))
        wider = [*conditions, Condition(form, chance.random() < 0.5)]
        found = arithmetic.decide(wider)
        if isinstance(found, Multipliers):
            assert found.refute(wider)
            assert not Multipliers(found.parts[:-1]).refute(wider)
        else:
            assert all(condition.holds(found) for condition in wider)
            conditions = wider


def test_a_core_that_is_too_large_is_shrunk():
    at_most, at_least, other = (
        Condition(row(*form), False) for form in ((-1, 0, 0), (1, 0, -1), (0, 1, 0))
    )
    conditions = [other, at_most, other, at_least]
    found = Arithmetic(2, limit=10).shrunk(conditions, range(4))
    assert found == Multipliers(((1, F(1)), (3, F(1))))
    with pytest.raises(VerifierError, match="no combination"):
        Arithmetic(2, limit=10).shrunk([other, at_most], range(2))


def test_touching_half_spaces_contradict_each_other_only_if_one_is_strict():
    above, below = (Condition(row(sign, 0), False) for sign in (1, -1))
    both = Multipliers(((0, F(1)), (1, F(1))))
    assert not both.refute([above, below])
    assert both.refute([above, below._replace(strict=True)])
    assert not Multipliers(((0, F(1)), (1, F(2)))).refute([above, below._replace(strict=True)])
    assert Arithmetic(1, limit=1).decide([above, below]) == (0,)


# The command.


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Run ``verifier equal`` on named networks; return exit code, object, standard error."""
    monkeypatch.chdir(tmp_path)
    for name, network in (("max", MAXIMUM), ("size", BY_SIZE), ("line", by_sorting((0, 1, 2)))):
        write_json(network, tmp_path / f"{name}.json")

    def call(*arguments):
        monkeypatch.setattr("sys.argv", ["verifier", "equal", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capsys.readouterr()
        return stop.value.code or 0, out, err

    return call


def test_the_command_proves_refutes_and_writes_its_tree(run, tmp_path):
    box = ("--from", "0,0", "--to", "1/2,7")
    code, out, _ = run("max.json", "size.json", *box, "--json", "--certificate", "tree.json")
    data = json.loads(out)
    assert (code, data["equal"], data["at"]) == (0, True, None)
    tree = read_tree(tmp_path / "tree.json")
    assert check_splits(difference(MAXIMUM, BY_SIZE, row(0, 0), row("1/2", 7)), tree)
    assert data["regions"] == tree.regions
    code, out, _ = run("max.json", "size.json", "--json")
    data = json.loads(out)
    assert (code, data["equal"], data["rests_on"]["kind"]) == (1, False, "exact witness")
    at = [F(entry) for entry in data["at"]]
    assert MAXIMUM.evaluate(at) == (F(data["left"]),)
    assert BY_SIZE.evaluate(at) == (F(data["right"]),)
    code, out, _ = run("max.json", "size.json")
    assert out.startswith(f"not equal: at {data['at'][0]},{data['at'][1]} the first is ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--from", "0"), "--from: expected 2 numbers, found 1"),
        (("--to", "0,1,2"), "--to: expected 2 numbers, found 3"),
        (("--from", "0,x"), "--from: expected a number"),
        (("--from", "0,1", "--to", "1,0"), "input 1: expected A <= B"),
    ],
)
def test_a_bad_box_is_one_line_and_exit_code_2(run, arguments, message):
    code, out, err = run("max.json", "size.json", *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert message in err


def test_networks_of_different_shape_are_bad_input_and_no_time_is_unknown(run):
    code, _, err = run("max.json", "line.json")
    assert (code, "numbers of inputs" in err) == (2, True)
    code, _, err = run("line.json", "line.json", "--timeout", "0")
    assert (code, "time limit" in err) == (3, True)
