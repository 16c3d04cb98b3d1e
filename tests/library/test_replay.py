"""Derivation files made theorems again: what is replayed, and what is turned down, and where."""

from __future__ import annotations

import copy
import json
import random
import re
from fractions import Fraction

import pytest

from tests.seeds import seeds
from verifier.errors import BadInput
from verifier.kernel import genuine
from verifier.library import replay as replaying
from verifier.library.derivations import derivation, to_json
from verifier.library.entries import State
from verifier.library.entries import entries as entries_of
from verifier.library.replay import CONCRETE, read_files, replay
from verifier.library.session import check
from verifier.networks.examples import tent, tent_iterate
from verifier.notation import text
from verifier.proving import REGISTRY, Result, integer
from verifier.theory.concrete import cited_below, equal_theorem, pieces_theorem
from verifier.theory.tents import tent_pieces

ZERO, ONE = Fraction(0), Fraction(1)


@pytest.fixture(scope="module")
def entries():
    """The library as it stands."""
    return check().entries


@pytest.fixture(scope="module")
def small():
    """A theorem about the tent on [0, 1], and its document."""
    found = pieces_theorem(tent(), ZERO, ONE)
    return found, derivation(found.theorem)


@pytest.fixture
def write(tmp_path):
    """Write documents as NAME.json; gives their folder."""

    def write(*documents, folder="given"):
        (tmp_path / folder).mkdir(exist_ok=True)
        for document in documents:
            (tmp_path / folder / f"{document['name']}.json").write_text(to_json(document))
        return tmp_path / folder

    return write


def leaf(name, *terms, goal, symbols=()):
    """A document of one leaf without premises."""
    shown = {"polynomials": [], "tree": 0}
    proved = step("leaf", {"goal": goal, "certificate": shown}, goal)
    steps = [proved, step("named", {"name": name}, goal, [0])]
    return whole(name, list(terms), steps, symbols)


def step(rule, parameters, conclusion, premises=(), hypotheses=()):
    return {
        "rule": rule,
        "premises": list(premises),
        "parameters": parameters,
        "hypotheses": list(hypotheses),
        "conclusion": conclusion,
    }


def whole(name, terms, steps, symbols=()):
    return {
        "format": "verifier-derivation/2",
        "name": name,
        "symbols": list(symbols),
        "terms": terms,
        "steps": steps,
    }


ONE_TERM, ZERO_TERM = ["number", "1", "Int"], ["number", "0", "Int"]
TRUE_LEAF = leaf("given-true", ZERO_TERM, ONE_TERM, ["<=", 0, 1], goal=2)
FALSE_LEAF = leaf("given-false", ONE_TERM, ZERO_TERM, ["<=", 0, 1], goal=2)


def cites(name, cited, document):
    """A document that proves what another proves, by citing it."""
    goal = document["steps"][-1]["conclusion"]
    steps = [step("cite", {"name": cited}, goal), step("named", {"name": name}, goal, [0])]
    return whole(name, document["terms"], steps)


def test_a_theorem_about_a_network_is_proved_again(write, entries, small) -> None:
    found, document = small
    derived = replay(read_files([write(document)]), entries)[found.name]
    entry, theorem = derived.entry, derived.theorem
    assert (entry.kind, entry.status) == (CONCRETE, State.PROVED)
    assert list(entry.uses) == found.uses
    assert entry.leaves == found.leaves
    assert entry.statement == found.statement == text(theorem.conclusion)
    assert genuine(theorem) is theorem
    assert theorem is not found.theorem
    assert to_json(derivation(theorem)) == to_json(document)


@pytest.mark.parametrize(
    "prove",
    [
        lambda: tent_pieces(tent_iterate(300))[0],
        lambda: equal_theorem(tent(), tent_iterate(1), None, ONE),
    ],
    ids=["recursion", "half-line"],
)
def test_with_all_it_rests_on_the_folder_may_be_given_whole(write, entries, prove) -> None:
    found = prove()
    below = [derivation(theorem) for theorem in cited_below(found).values()]
    folder = write(derivation(found.theorem), *below)
    derived = replay(read_files([folder, folder]), entries)
    assert list(derived) == [found.name]
    assert derived[found.name].entry.proved


def test_the_library_replays_to_the_byte_from_its_files_alone(
    write, entries, monkeypatch, tmp_path
) -> None:
    theorems = {name: REGISTRY[name].run().theorem for name in entries}
    folder = write(*map(derivation, theorems.values()))
    monkeypatch.setattr(replaying, "REGISTRY", {})
    derived = replay(read_files([folder]), {})
    assert {n: d.entry.digest for n, d in derived.items()} == {
        n: e.digest for n, e in entries.items()
    }
    assert all(d.entry.proved for d in derived.values())


def test_a_leaf_that_is_not_true_is_not_believed(write, entries) -> None:
    above = cites("given-above", "given-false", FALSE_LEAF)
    top = cites("given-top", "given-above", FALSE_LEAF)
    derived = replay(read_files([write(TRUE_LEAF, FALSE_LEAF, above, top)]), entries)
    status = {name: d.entry.status for name, d in derived.items()}
    assert status == {
        "given-true": State.PROVED,
        "given-false": State.FAILED,
        "given-above": State.CONDITIONAL,
        "given-top": State.CONDITIONAL,
    }
    failure = derived["given-false"].entry.failure
    assert failure is not None
    assert failure.path == ("steps[0]",)
    assert "1 ≤ 0" in failure.message
    assert not failure.limit
    assert derived["given-above"].entry.unproved == ("given-false",)
    conditional = derived["given-above"].theorem
    assert conditional.rule != "named"
    assert list(conditional.hypotheses) == [conditional.conclusion]


def test_what_rests_on_a_result_that_is_not_proved_is_conditional(
    write, entries, monkeypatch
) -> None:
    def absurd(p):
        p.show(integer(1) <= 0)
        return p.have(p.goal)

    broken = Result("given-broken", "theorem", "", absurd)
    monkeypatch.setitem(REGISTRY, "given-broken", broken)
    broken.run()
    document = cites("given-upon", "given-broken", FALSE_LEAF)
    known = {**entries, **entries_of([broken])}
    entry = replay(read_files([write(document)]), known)["given-upon"].entry
    assert entry.status is State.CONDITIONAL
    assert entry.unproved == ("given-broken",)
    assert entry.digest == ""


def test_an_axiom_makes_a_theorem_conditional_and_so_all_above_it(write, entries) -> None:
    terms = [ONE_TERM, ZERO_TERM, ["<=", 0, 1]]
    assumed = whole(
        "given-axiom", terms,
        [
            step("axiom", {"name": "absurd", "formula": 2}, 2),
            step("named", {"name": "given-axiom"}, 2, [0]),
        ],
    )  # fmt: skip
    above = cites("given-above", "given-axiom", assumed)
    derived = replay(read_files([write(assumed, above)]), entries)
    for name in ("given-axiom", "given-above"):
        assert derived[name].entry.status is State.CONDITIONAL
        assert derived[name].entry.assumptions == ("absurd",)
    assert derived["given-axiom"].entry.unproved == ("the axiom absurd",)


def refused(files, entries, folder=None):
    """The message a folder or file is turned down with."""
    with pytest.raises(BadInput) as caught:
        replay(read_files([files]), entries)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_false_statement_under_a_name_of_the_library(write, entries) -> None:
    forged = copy.deepcopy(FALSE_LEAF)
    forged["name"] = forged["steps"][-1]["parameters"]["name"] = "rate-sharp"
    message = refused(write(forged), entries)
    assert message.startswith(str(write(forged) / "rate-sharp.json"))
    assert "in the library it says" in message


def test_a_citation_of_the_library_says_what_the_library_says(write, entries) -> None:
    message = refused(write(cites("given-quote", "rate-sharp", FALSE_LEAF)), entries)
    assert "given-quote.json: steps[0]: claims 1 ≤ 0, where cite gives" in message


def test_citations_of_what_is_not_there_and_in_a_circle(write, entries) -> None:
    message = refused(write(cites("given-lost", "nowhere", FALSE_LEAF)), entries)
    assert "steps[0]: cites nowhere, which is neither in the library nor among" in message
    itself = cites("given-self", "given-self", FALSE_LEAF)
    assert "circular" in refused(write(itself, folder="one"), entries)
    pair = cites("given-a", "given-b", FALSE_LEAF), cites("given-b", "given-a", FALSE_LEAF)
    assert "circular" in refused(write(*pair, folder="two"), entries)


def test_two_derivations_of_one_name(write, entries) -> None:
    other = copy.deepcopy(TRUE_LEAF)
    other["terms"].append(ONE_TERM)
    paths = [write(TRUE_LEAF), write(other, folder="other")]
    with pytest.raises(BadInput, match="another derivation of given-true"):
        read_files(paths)
    assert list(read_files([paths[0], paths[0] / "given-true.json"])) == ["given-true"]


def test_a_symbol_means_the_same_in_every_file(write, entries) -> None:
    def says(value, name="given-symbol"):
        terms = [
            ["variable", "x", "Real"], ["number", value, "Real"], ["symbol", "given_height", 0],
            ["=", 2, 1], ["forall", [["x", "Real"]], 7], ["bound", 0, "Real"],
            ["symbol", "given_height", 5], ["=", 6, 1],
        ]  # fmt: skip
        order = [0, 1, 2, 5, 6, 7, 4]
        number = {old: new for new, old in enumerate(order)}
        terms[2] = ["symbol", "given_height", number[0]]
        terms[6] = ["symbol", "given_height", number[5]]
        terms[7] = ["=", number[6], number[1]]
        terms[4] = ["forall", [["x", "Real"]], number[7]]
        symbol = {
            "name": "given_height", "sort": "Real", "parameters": [0], "body": 1,
            "measure": None, "successor": None,
        }  # fmt: skip
        goal = number[4]
        steps = [
            step("definition", {"symbol": "given_height", "equation": 0}, goal),
            step("named", {"name": name}, goal, [0]),
        ]
        return whole(name, [terms[i] for i in order], steps, [symbol])

    one = replay(read_files([write(says("1"))]), entries)["given-symbol"]
    assert one.entry.proved
    assert one.entry.definitions == ("given_height",)
    message = refused(write(says("2", "given-other"), folder="other"), entries)
    assert "given-other.json: symbols[0]: given_height is defined as something else" in message
    twice = says("1")
    twice["symbols"] *= 2
    message = refused(write(twice, folder="twice"), entries)
    assert "symbols[1]: given_height is defined twice" in message


def change(path, value):
    """A way to damage a document: the entry at a path, replaced."""

    def damage(document):
        *outer, last = path
        for key in outer:
            document = document[key]
        document[last] = value

    return damage


@pytest.mark.parametrize(
    ("damage", "place"),
    [
        (change(["format"], "verifier-derivation/9"), "format: expected"),
        (change(["terms"], {}), "terms: expected a list"),
        (change(["steps"], []), "steps: the last step does not name"),
        (change(["name"], "another"), "steps: the last step does not name"),
        (change(["steps", -1, "rule"], "cite"), "steps[{last}]: the last step, and no other"),
        (change(["steps", 0, "rule"], "believe"), "steps[0]: no rule is called 'believe'"),
        (change(["steps", 0, "parameters"], {}), "steps[0].parameters: expected the keys"),
        (change(["steps", -1, "premises"], []), "steps[{last}]: "),
        (change(["steps", -1, "premises"], [-1]), "steps[{last}]: -1 is not the number"),
        (change(["steps", -1, "premises"], [True]), "steps[{last}]: True is not the number"),
        (change(["steps", -1, "premises"], [9999]), "steps[{last}]: 9999 is not the number"),
        (change(["steps", -1, "hypotheses"], None), "steps[{last}]: "),
        (change(["terms", 0], ["number", "1e9", "Real"]), "terms[0]: not p/q"),
        (change(["terms", 0], ["number", "1", "Complex"]), "terms[0]: no sort is called"),
        (change(["terms", 0], ["variable", "x = 0 ∧ y", "Real"]), "terms[0]: not a name of"),
        (change(["terms", 0], ["conjure"]), "terms[0]: "),
        (change(["terms", 0], []), "terms[0]: a term is a list"),
        (change(["terms", 0], ["not", 0]), "terms[0]: 0 is not the number"),
        (change(["symbols", 0, "body"], 99999), "symbols[0]: 99999 is not the number"),
        (change(["symbols", 0, "sort"], "Int"), "terms["),
        (change(["symbols", 0, "name"], "a b"), "symbols[0]: "),
    ],
)
def test_damage_is_named_with_its_place(write, entries, small, damage, place) -> None:
    document = copy.deepcopy(small[1])
    damage(document)
    (folder,) = {write()}
    file = folder / "damaged.json"
    file.write_text(json.dumps(document))
    message = refused(file, entries)
    last = len(small[1]["steps"]) - 1
    assert message.startswith(f"{file}: {place.format(last=last)}")


def test_what_is_no_derivation_file(tmp_path, entries) -> None:
    for content in ("", "{", "[]", '{"format": 1}', "nul", "[" * 100000):
        (tmp_path / "broken.json").write_text(content)
        assert str(tmp_path / "broken.json") in refused(tmp_path, entries)
    assert "no such file" in refused(tmp_path / "missing.json", entries)
    (tmp_path / "empty").mkdir()
    assert "no derivation files" in refused(tmp_path / "empty", entries)


def test_a_step_claims_no_more_than_its_rule_gives(write, entries, small, tmp_path) -> None:
    """Each claim exchanged for that of another step, each hypothesis left out."""
    document = small[1]
    steps = document["steps"]
    tried = 0
    for i, one in enumerate(steps[:-1]):
        others = [s["conclusion"] for s in steps if s["conclusion"] != one["conclusion"]]
        for key, value in (("conclusion", others[i % len(others)]), ("hypotheses", [])):
            if one[key] == value:
                continue
            forged = copy.deepcopy(document)
            forged["steps"][i][key] = value
            message = refused(write(forged), entries)
            assert re.search(rf": steps\[{i}\]: (claims|does not say that it needs)", message)
            tried += 1
    assert tried > len(steps)


def test_no_mutation_proves_another_statement_unseen(write, entries, small, tmp_path) -> None:
    """Damage at random is turned down with a line, fails, or leaves a proof that is one."""
    found, document = small
    chance = random.Random(11)
    fates = {"refused": 0, "not proved": 0, "proved": 0}
    tries = len(seeds(80, 200))
    for _ in range(tries):
        forged = copy.deepcopy(document)
        kind = chance.choice(["terms", "steps"])
        place = chance.randrange(len(forged[kind]))
        if kind == "terms":
            entry = forged["terms"][place]
            spot = chance.randrange(len(entry))
            entry[spot] = chance.choice(
                [place - 1, place, "+", "<", "0", None, [], *forged["terms"][place - 1]]
            )
        else:
            entry = forged["steps"][place]
            key = chance.choice(sorted(entry))
            entry[key] = chance.choice(forged["steps"])[key]
        try:
            derived = replay(read_files([write(forged)]), entries)
        except BadInput as error:
            fates["refused"] += f"{found.name}.json" in str(error)
            continue
        for one in derived.values():
            fates["proved" if one.entry.proved else "not proved"] += 1
            if one.entry.proved:
                assert genuine(one.theorem).conclusion.canonical is one.statement.canonical
    assert sum(fates.values()) == tries
    assert fates["refused"] > tries // 2
