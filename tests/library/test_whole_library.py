"""The library as it stands: one run, looked at from several sides."""

from __future__ import annotations

import re
from pathlib import Path

import networkx
import pytest

from verifier.library.catalogue import load
from verifier.library.derivations import assumptions, cited, walk
from verifier.library.graph import dag
from verifier.library.schedule import expected_uses, plan
from verifier.library.session import Obligation, check
from verifier.library.stability import steadiness
from verifier.logic import INT, variable
from verifier.proving import REGISTRY
from verifier.report.outline import outline
from verifier.solving.smt import children, opaque, script
from verifier.solving.solver import RESOURCE_LIMIT


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """A cold run, whatever other tests ran before in this process."""
    load()
    kept = {r.name: r.outcome for r in REGISTRY.values()}
    for result in REGISTRY.values():
        result.outcome = None
    yield check(folder=tmp_path_factory.mktemp("cache"))
    for result in REGISTRY.values():
        result.outcome = kept.get(result.name, result.outcome)


def test_everything_is_proved_without_axioms(report) -> None:
    assert [e.name for e in report.entries.values() if not e.proved] == []
    assert report.assumptions == []
    assert report.ok
    assert not report.others


def test_every_source_file_of_the_theory_states_results(report) -> None:
    modules = {REGISTRY[name].module for name in report.entries}
    files = {
        f"proofs.{p.stem}" for p in Path(load.__code__.co_filename).parents[2].glob("proofs/*.py")
    }
    assert files - {"proofs.__init__"} == modules


def test_entries_agree_with_the_derivations(report) -> None:
    for name, entry in report.entries.items():
        theorem = REGISTRY[name].run().theorem
        assert list(entry.uses) == list(dict.fromkeys(cited(theorem)))
        assert list(entry.assumptions) == assumptions(theorem)
        assert not theorem.hypotheses


def test_no_quantifier_reaches_a_solver(report) -> None:
    leaves = 0
    for name in report.entries:
        for step in walk(REGISTRY[name].run().theorem):
            if step.rule != "leaf":
                continue
            leaves += 1
            formulas = [p.conclusion for p in step.premises] + [step.conclusion]
            text = script(formulas[:-1], formulas[-1]).text
            assert not re.search(r"\((forall|exists|lambda)\b", text)
            todo = list(formulas)
            while todo:
                term = todo.pop()
                assert opaque(term) or term.operator not in ("forall", "exists", "lambda")
                todo.extend(children(term))
    assert leaves == report.leaves
    for obligation in report.obligations.values():
        assert not re.search(r"\((forall|exists|lambda)\b", obligation.script.text)


def test_the_graph_has_no_cycle_and_the_headline_rests_on_the_calculus(report) -> None:
    graph = dag(report.entries)
    assert networkx.is_directed_acyclic_graph(graph)
    below = networkx.ancestors(graph, "telgarsky-1.1")
    assert {"layer-step", "runs-general", "errors-alternating"} <= below


def test_the_plan_puts_what_is_used_first(report) -> None:
    """Planned by what proofs mention, without records; the derivations say what is true."""
    generation = {
        name: i
        for i, names in enumerate(plan([REGISTRY[n] for n in report.entries], None))
        for name in names
    }
    for name, entry in report.entries.items():
        late = [used for used in entry.uses if generation[used] >= generation[name]]
        assert late == [], name
        assert set(entry.uses) <= set(expected_uses(REGISTRY[name])), name


def test_every_proof_has_an_outline_that_tells_all_it_cites(report) -> None:
    for name, entry in report.entries.items():
        told = "\n".join(map(str, outline(REGISTRY[name].run().theorem)))
        assert all(used in told for used in entry.uses), name
        assert "#" not in told


def test_a_second_run_remembers_every_leaf(report, tmp_path) -> None:
    for _ in range(2):
        for result in REGISTRY.values():
            result.outcome = None
        again = check(["sawtooth-compose"], folder=tmp_path)
    assert again.found == 0 < len(again.obligations)
    assert again.entries["sawtooth-compose"].digest == report.entries["sawtooth-compose"].digest


def test_some_leaves_are_steady_under_other_seeds(report) -> None:
    some = tuple(report.obligations.values())[::40]
    for jobs in (1, 2):
        assert all(s.proved == 3 for s in steadiness(some, range(3), jobs))


def test_stability_counts_what_is_not_proved() -> None:
    n = variable("n", INT)
    false = Obligation("nothing", (), n < n)
    hard = Obligation("nothing", (n * n * n == 3 * n * n + 5, n > 2), n == 7)
    counts = steadiness([false, hard], range(2))
    assert counts[0].proved == 0
    assert counts[1].slowest > 0
    assert RESOURCE_LIMIT > 0
