"""States are read off derivations: what fails, what falls with it, what is out of date."""

from __future__ import annotations

import json

import networkx
import pytest

from verifier import kernel
from verifier.errors import BadInput
from verifier.library import catalogue
from verifier.library.entries import State, entries
from verifier.library.graph import above, below, dag, part
from verifier.library.record import Records, standing
from verifier.library.schedule import prove
from verifier.proving import REGISTRY, Integer, Proof, Theorem, forall, theorem


def run(*results):
    for result in results:
        prove(result)
    return entries(results)


def states(found):
    return {name: str(entry.status) for name, entry in found.items()}


def test_what_is_used_comes_from_the_derivation(family) -> None:
    found = run(*family(1))
    assert states(found) == dict.fromkeys(("base", "middle", "top", "apart"), "proved")
    assert found["top"].uses == ("middle",)
    assert found["base"].uses == found["apart"].uses == ()
    assert above(found, "base") == ["middle", "top"]
    assert below(found, "top") == ["base", "middle"]
    assert found["top"].leaves == 1
    assert found["top"].source == "A Paper, 1"


def test_a_citation_the_proof_does_not_need_is_no_edge(own_registry, family) -> None:
    base, *_ = family(1)

    @theorem("idle-citation")
    def idle(p: Proof, n: Integer) -> Theorem:
        p.show(n <= n + 1)
        base(p, n)
        return p.have(p.goal)

    assert run(idle)["idle-citation"].uses == ()


def test_a_failure_makes_what_is_above_it_conditional(family) -> None:
    found = run(*family(0))
    assert states(found) == {
        "base": "failed", "middle": "conditional", "top": "conditional", "apart": "proved",
    }  # fmt: skip
    assert found["middle"].unproved == ("base",)
    assert found["top"].unproved == ("middle",)
    assert above(found, "base") == ["middle", "top"]
    assert found["middle"].digest == found["base"].digest == ""
    assert "cannot prove count(a, 0) < 0" in found["base"].failure.message
    assert not found["base"].failure.limit


def test_equal_statements_of_results_that_fail_are_told_apart(own_registry) -> None:
    """A conditional result whose hypothesis has its own statement must not use itself."""

    def false(p: Proof, n: Integer) -> Theorem:
        p.show(n < n)
        return p.have(p.goal)

    first = theorem("twin-first")(false)

    @theorem("twin-second")
    def second(p: Proof, n: Integer) -> Theorem:
        p.show(n < n)
        return first(p, n)

    found = run(first, second)
    assert found["twin-second"].uses == ("twin-first",)
    assert states(found) == {"twin-first": "failed", "twin-second": "conditional"}


def test_a_proof_that_uses_itself_fails(own_registry) -> None:
    @theorem("ring-one")
    def one(p: Proof, n: Integer) -> Theorem:
        p.show(n <= n)
        return two(p, n)

    @theorem("ring-two")
    def two(p: Proof, n: Integer) -> Theorem:
        p.show(n <= n)
        return one(p, n)

    found = run(one, two)
    assert {e.status for e in found.values()} == {State.FAILED}
    assert "uses the result itself" in found["ring-one"].failure.message


def test_an_exception_in_a_proof_is_placed(own_registry) -> None:
    @theorem("stumbles")
    def stumbles(p: Proof, n: Integer) -> Theorem:
        p.show(n <= n)
        return p.have(p.gaol)

    failed = run(stumbles)["stumbles"].failure
    assert "gaol" in failed.message
    line = stumbles.line + 3
    assert failed.place.endswith(f"test_states.py:{line}")


def test_axioms_are_passed_on_by_name(own_registry) -> None:
    @theorem("leans")
    def leans(p: Proof, n: Integer) -> Theorem:
        p.show(n < n + 1)
        return p.at(kernel.axiom("a-test-axiom", forall(n, n < n + 1)), n)

    @theorem("leans-below")
    def leans_below(p: Proof, n: Integer) -> Theorem:
        p.show(n < n + 1)
        return leans(p, n)

    found = run(leans, leans_below)
    assert found["leans-below"].assumptions == ("a-test-axiom",)


def test_hypotheses_a_proof_did_not_need_are_listed(own_registry) -> None:
    @theorem("idle-hypothesis")
    def idle(p: Proof, n: Integer) -> Theorem:
        needed, _ = p.given(0 <= n, n <= 7)
        p.show(0 <= n + 1)
        return p.have(p.goal, needed)

    assert run(idle)["idle-hypothesis"].unused == ("n ≤ 7",)


# Records.


@pytest.fixture
def records(tmp_path):
    return Records(tmp_path)


def test_a_change_below_makes_the_rest_obsolete_until_it_is_proved_again(family, records) -> None:
    family(1)
    everything = [REGISTRY[n] for n in ("base", "middle", "top", "apart")]
    first = run(*everything)
    records.write(first)

    base, middle, top, apart = family(1, roundabout=True)  # the same statement, another proof
    again = run(base)
    assert again["base"].statement == first["base"].statement
    records.write(again)
    others = standing([base, middle, top, apart], again, records)
    assert states(others) == {"middle": "obsolete", "top": "obsolete", "apart": "proved"}

    again = run(base, middle)
    records.write(again)
    others = standing([base, middle, top, apart], again, records)
    assert states(others) == {"top": "obsolete", "apart": "proved"}

    again = run(base, middle, top, apart)
    records.write(again)
    assert standing([base, middle, top, apart], again, records) == {}


def test_without_a_change_nothing_is_obsolete(family, records) -> None:
    records.write(run(*family(1)))
    base, middle, top, apart = family(1)
    again = run(base)
    others = standing([base, middle, top, apart], again, records)
    assert set(states(others).values()) == {"proved"}
    assert others["top"].uses == ("middle",)


def test_what_was_never_proved_is_open(family, records) -> None:
    *_, apart = family(1)
    assert states(standing([apart], {}, records)) == {"apart": "open"}


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: "[1, 2]",
        lambda text: text.replace("verifier-record/1", "verifier-record/0"),
        lambda text: text.replace('"apart"', '"other"'),
        lambda text: json.dumps({**json.loads(text), "uses": ["apart"]}),
        lambda text: json.dumps({**json.loads(text), "status": "splendid"}),
        lambda text: "\udcff",
    ],
)
def test_a_damaged_record_counts_as_absent(family, records, damage) -> None:
    *_, apart = family(1)
    records.write(run(apart))
    assert records.read("apart") is not None
    path = records.folder / "records" / "apart.json"
    path.write_bytes(damage(path.read_text()).encode(errors="surrogateescape"))
    assert records.read("apart") is None


def test_records_that_cite_each_other_do_not_hang(family, records) -> None:
    base, middle, top, apart = family(1)
    records.write(run(base, middle, top, apart))
    path = records.folder / "records" / "base.json"
    looped = json.loads(path.read_text())
    looped["uses"] = {"top": "not what it was"}
    path.write_text(json.dumps(looped))
    others = standing([base, middle, top, apart], {}, records)
    assert {n for n, e in others.items() if e.status is State.OBSOLETE} == {"base", "middle", "top"}


# The graph and the catalogue.


def test_the_graph_is_a_dag_with_the_promised_attributes(family) -> None:
    graph = dag(run(*family(1)))
    assert isinstance(graph, networkx.DiGraph)
    assert list(graph.edges) == [("base", "middle"), ("middle", "top")]
    assert set(graph.nodes["top"]) == {"kind", "status", "source", "statement", "seconds"}
    assert set(part(graph, ["middle"], up=False)) == {"base", "middle"}
    assert set(part(graph, ["middle"], down=False)) == {"middle", "top"}


def test_an_unknown_name_gets_a_hint(family) -> None:
    family(1)
    with pytest.raises(BadInput, match="did you mean middle"):
        catalogue.find(["midle"])


@pytest.mark.parametrize("package", ["no_such_package_anywhere", "no/such/file.py"])
def test_a_package_that_is_not_there_is_bad_input(package) -> None:
    with pytest.raises(BadInput, match="cannot be imported"):
        catalogue.load([package])
