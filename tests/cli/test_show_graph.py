"""``verifier show`` and ``verifier graph``."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import networkx
import pytest

from tests.cli.conftest import BROKEN


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """One cache for all of this file, for every command here runs the whole library."""
    return tmp_path_factory.mktemp("cache")


def test_show_tells_statement_source_use_and_proof(verifier) -> None:
    done = verifier("show", "sawtooth-sum", "--latex")
    assert done.returncode == 0
    out = " ".join(done.stdout.split())
    assert "sawtooth-sum theorem, proved" in out
    assert "Telgarsky 2015, Lemma 2.3" in out
    assert r"\Rightarrow" in out
    assert "Uses sawtooth-weaken, sawtooth-sum-sharp" in out
    assert "no axiom" in out
    assert "the claim, by sawtooth-weaken" in out


def test_show_json_has_the_fields_of_check_and_more(verifier) -> None:
    done = verifier("show", "layer-step", "--json")
    document = json.loads(done.stdout)
    assert document["latex"].startswith(r"\forall")
    assert "layers-jointly-sawtooth" in document["used_by"]
    assert "layer-activation" in document["rests_on"]
    assert document["place"].endswith(".py:" + document["place"].rpartition(":")[2])
    assert document["proof"]


def test_show_of_what_is_not_proved(verifier, user_file) -> None:
    done = verifier("show", "my-double", "--package", user_file(BROKEN))
    assert done.returncode == 1
    assert "my-sum, not proved" in done.stdout
    done = verifier("show", "my-sum", "--package", "mine.py")
    assert done.returncode == 1
    assert "labels in range" in done.stdout
    assert "my-double" in done.stdout


def test_graph_as_node_link_data(verifier) -> None:
    done = verifier("graph", "telgarsky-1.1", "--down", "--format", "json")
    graph = networkx.node_link_graph(json.loads(done.stdout), edges="edges")
    assert isinstance(graph, networkx.DiGraph)
    assert networkx.is_directed_acyclic_graph(graph)
    assert [n for n in graph if not graph.out_degree(n)] == ["telgarsky-1.1"]
    assert set(graph.nodes["telgarsky-1.1"]) == {"kind", "status", "source", "statement", "seconds"}


def test_up_and_down_are_the_two_halves(verifier) -> None:
    def nodes(*options: str) -> set[str]:
        done = verifier("graph", "rate-sharp", "--json", *options)
        return {n["id"] for n in json.loads(done.stdout)["nodes"]}

    up, down = nodes("--up"), nodes("--down")
    assert up & down == {"rate-sharp"}
    assert nodes() == nodes("--up", "--down") == up | down
    assert "telgarsky-1.2" in up
    assert "runs-general" in down


@pytest.mark.parametrize("form", ["svg", "dot", "json"])
def test_the_ending_of_the_file_chooses_the_format(verifier, tmp_path, form) -> None:
    done = verifier("graph", "rate", "-o", f"out.{form}")
    assert (done.returncode, done.stdout) == (0, "")
    text = (tmp_path / f"out.{form}").read_text()
    if form == "svg":
        assert ElementTree.fromstring(text).tag.endswith("svg")
    elif form == "dot":
        assert text.startswith("digraph")
        assert '"rate-sharp" -> "rate";' in text
    else:
        assert json.loads(text)["directed"] is True


def test_every_failure_has_its_colour(verifier, user_file) -> None:
    done = verifier("graph", "--package", user_file(BROKEN), "--format", "svg")
    svg = ElementTree.fromstring(done.stdout)
    titles = [t.text for t in svg.iter("{http://www.w3.org/2000/svg}title")]
    assert any("my-sum (theorem, failed)" in t for t in titles)
    assert any("my-double (theorem, conditional)" in t for t in titles)
