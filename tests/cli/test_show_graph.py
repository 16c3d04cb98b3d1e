"""``verifier show`` and ``verifier graph``."""

from __future__ import annotations

import json
import shutil
from functools import partial
from xml.etree import ElementTree

import networkx
import pytest

from tests.cli.conftest import BROKEN

SVG = "{http://www.w3.org/2000/svg}"
FALSE = {
    "format": "verifier-derivation/2",
    "name": "one-is-less-than-none",
    "symbols": [],
    "terms": [["number", "1", "Int"], ["number", "0", "Int"], ["<=", 0, 1]],
    "steps": [
        {"rule": "leaf", "premises": [], "hypotheses": [], "conclusion": 2,
         "parameters": {"goal": 2, "certificate": {"polynomials": [], "tree": 0}}},
        {"rule": "named", "premises": [0], "parameters": {"name": "one-is-less-than-none"},
         "hypotheses": [], "conclusion": 2},
    ],
}  # fmt: skip


@pytest.fixture
def verifier(verifier, shared_cache):
    """The command with the library proved before, for every command here runs all of it."""
    return partial(verifier, proved=True, VERIFIER_CACHE=str(shared_cache))


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


NESTED = '''
"""Definitions made of definitions."""
from proofs.sawtooth import relu
from verifier.proving import Proof, Real, Theorem, definition, theorem


@definition
def nested_larger(x: Real, y: Real):
    return x + relu(y - x)


@definition
def nested_clipped(x: Real):
    return nested_larger(x, 0) - nested_larger(x, 1)


@theorem("clipped-is-clipped")
def same(p: Proof, x: Real) -> Theorem:
    p.show(nested_clipped(x) == nested_clipped(x))
    return p.have(p.goal)
'''


def test_show_explains_a_statement_down_to_arithmetic(verifier, user_file) -> None:
    done = verifier("show", "clipped-is-clipped", "--package", user_file(NESTED), "--json")
    assert json.loads(done.stdout)["meanings"] == [
        "∀ x:Real. relu(x) = (if 0 ≤ x then x else 0)",
        "∀ x y:Real. nested_larger(x, y) = x + relu(y − x)",
        "∀ x:Real. nested_clipped(x) = nested_larger(x, 0) − nested_larger(x, 1)",
    ]


@pytest.mark.parametrize("name", ["telgarsky-1.1", "telgarsky-1.2", "layer-step"])
def test_show_explains_each_symbol_before_it_is_used(verifier, name: str) -> None:
    from verifier.kernel import DEFINED
    from verifier.notation import parse

    document = json.loads(verifier("show", name, "--json").stdout)
    explained: set[str] = set()
    for line in document["meanings"]:
        equation = parse(line)
        for symbol in equation.symbols:
            # A symbol is explained by its own lines, and those use nothing else that is new.
            below = {s.name for s in DEFINED[symbol.name].body.symbols}
            assert below <= explained | {symbol.name}
        explained |= {s.name for s in equation.symbols}
    statement = parse(document["statement"])
    assert {s.name for s in statement.symbols} <= explained
    assert {"sawtooth_structure", "total"} < explained or name == "telgarsky-1.1"


def test_show_of_a_symbol(verifier) -> None:
    done = verifier("show", "relu")
    assert done.returncode == 0
    assert "∀ x:Real. relu(x) = (if 0 ≤ x then x else 0)" in done.stdout
    assert "relu-sawtooth, proved" in done.stdout
    document = json.loads(verifier("show", "tent", "--json").stdout)
    assert document["definition"] == ["∀ x:Real. tent(x) = relu(hat(x))"]
    assert len(document["meanings"]) == 2
    assert {"name": "tent-closed-form", "status": "proved"} in document["results"]


def test_show_of_a_statement_says_who_states_it(verifier) -> None:
    def stated(text: str) -> dict:
        done = verifier("show", "--json", "--statement", text)
        assert done.returncode == 0
        return json.loads(done.stdout)

    known = stated("∀ (h : Real → Real) a n:Int. sawtooth(h, a) -> a <= n -> sawtooth(h, n)")
    assert known["statement"] == (
        "∀ (h : Real → Real) a n:Int. sawtooth(h, a) → a ≤ n → sawtooth(h, n)"
    )
    assert known["stated_by"] == [{"name": "sawtooth-weaken", "status": "proved"}]
    assert known["meanings"][0].startswith("∀ (f : Real → Real) t:Int (label : Real → Int)")
    other = stated("∀ (h : Real → Real) a n:Int. sawtooth(h, a) → a < n → sawtooth(h, n)")
    assert other["stated_by"] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--statement", "−7 mod 2 = −1"), "what stands before mod needs brackets"),
        (("--statement", "∀ x:Real. x ≤ z"), "neither bound, declared nor defined"),
        ((), "give the NAME of a result or symbol, or a --statement"),
        (("relu", "--statement", "true"), "give the NAME of a result or symbol, or a --statement"),
        (("rellu",), "no result has this name"),
    ],
)
def test_show_of_what_cannot_be_shown(verifier, arguments, words: str) -> None:
    done = verifier("show", *arguments)
    assert done.returncode == 2
    assert words in done.stderr


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
    assert nodes("--up", "--down") == up | down
    assert "telgarsky-1.2" in up
    assert "runs-general" in down


def test_a_picture_that_cannot_be_written_is_one_line(verifier) -> None:
    assert "/dev/null/graph.svg" in refused(verifier("graph", "rate", "-o", "/dev/null/graph.svg"))


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


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The theorem that tent^50 has 2^50 + 2 pieces, its folder, and all it rests on."""
    from verifier.commands.resting import Support, write_derivation
    from verifier.networks.examples import tent_iterate
    from verifier.theory.tents import tent_pieces

    found = tent_pieces(tent_iterate(50))
    assert found is not None
    folder = tmp_path_factory.mktemp("written")
    write_derivation(Support("kernel theorem", "", found[0]), folder)
    return found[0], folder


@pytest.fixture
def proof(written, tmp_path):
    """A copy of it to spoil: the theorem and the folder."""
    shutil.copytree(written[1], tmp_path / "proof")
    return written[0], tmp_path / "proof"


def ids(done) -> set[str]:
    """The nodes a graph names."""
    return {node["id"] for node in json.loads(done.stdout)["nodes"]}


def refused(done) -> str:
    """The one line a command that refuses its input says."""
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    return line


def test_a_theorem_about_a_network_stands_above_what_it_cites(verifier, proof) -> None:
    found, _ = proof
    done = verifier("graph", "--derivation", "proof", "--format", "json")
    graph = networkx.node_link_graph(json.loads(done.stdout), edges="edges")
    library = json.loads(verifier("graph", "--format", "json").stdout)["nodes"]
    assert set(graph) == {node["id"] for node in library} | {found.name}
    node = graph.nodes[found.name]
    assert (node["kind"], node["status"]) == ("concrete theorem", "proved")
    assert node["statement"] == found.statement
    assert node["source"] == f"proof/{found.name}.json"
    assert set(graph.predecessors(found.name)) == {"sawtooth-congruence", "iterate-pieces-line"}
    assert not list(graph.successors(found.name))


def test_a_file_alone_is_enough_and_may_be_named_twice(verifier, proof) -> None:
    found, _ = proof
    twice = ("--derivation", f"proof/{found.name}.json", "--derivation", "proof")
    nodes = ids(verifier("graph", found.name, "--down", "--json", *twice[:2]))
    assert nodes == ids(verifier("graph", found.name, "--down", "--json", *twice))
    assert {found.name, "iterate-pieces-line", "tent-closed-form"} <= nodes
    assert "rate-sharp" not in nodes
    up = verifier("graph", "iterate-pieces-line", "--up", "--json", *twice)
    assert ids(up) == {"iterate-pieces-line", found.name}
    unknown = verifier("graph", found.name)
    assert "no result has this name" in refused(unknown)


def test_theorems_about_networks_have_a_shape_and_a_place_in_the_legend(verifier, proof) -> None:
    found, _ = proof
    picture = verifier("graph", "--derivation", "proof", "--format", "svg").stdout
    (group,) = [
        g for g in ElementTree.fromstring(picture).iter(f"{SVG}g")
        if g.find(f"{SVG}title").text.startswith(found.name)
    ]  # fmt: skip
    assert group.find(f"{SVG}title").text.splitlines()[0].endswith("(concrete theorem, proved)")
    assert group.find(f"{SVG}path") is not None
    assert group.find(f"{SVG}rect") is None
    assert ">theorem about given networks<" in picture
    assert ">theorem about given networks<" not in verifier("graph", "--format", "svg").stdout
    dot = verifier("graph", "--derivation", "proof").stdout
    (line,) = [one for one in dot.splitlines() if "hexagon" in one]
    assert f'"{found.name}" [' in line


def test_a_file_is_not_believed(verifier, proof, tmp_path) -> None:
    """A leaf that is false, with every step in order: failed, and nothing else changes."""
    (tmp_path / "proof" / "false.json").write_text(json.dumps(FALSE))
    done = verifier("graph", "--derivation", "proof", "--json")
    status = {n["id"]: n["status"] for n in json.loads(done.stdout)["nodes"]}
    assert status.pop(FALSE["name"]) == "failed"
    assert set(status.values()) == {"proved"}
    picture = verifier("graph", "--derivation", "proof/false.json", "--format", "svg").stdout
    assert f"{FALSE['name']} (concrete theorem, failed)" in picture


def test_a_damaged_file_is_named_with_its_place(verifier, proof) -> None:
    found, folder = proof
    file = folder / f"{found.name}.json"
    whole = json.loads(file.read_text())
    at = next(i for i, s in enumerate(whole["steps"]) if s["rule"] == "leaf")
    whole["steps"][at]["conclusion"] = whole["steps"][-1]["conclusion"]
    file.write_text(json.dumps(whole))
    line = refused(verifier("graph", "--derivation", "proof"))
    assert f"proof/{found.name}.json: steps[{at}]: claims" in line
    file.write_text("{")
    line = refused(verifier("show", found.name, "--derivation", f"proof/{found.name}.json"))
    assert f"proof/{found.name}.json: not a JSON file" in line
    assert "no such file" in refused(verifier("graph", "--derivation", "nowhere.json"))


def test_the_library_has_its_own_theorems(verifier, proof) -> None:
    _, folder = proof
    forged = json.loads(json.dumps(FALSE))
    forged["name"] = forged["steps"][-1]["parameters"]["name"] = "sawtooth-congruence"
    (folder / "sawtooth-congruence.json").write_text(json.dumps(forged))
    line = refused(verifier("graph", "--derivation", "proof"))
    assert "proof/sawtooth-congruence.json: sawtooth-congruence says 1 ≤ 0" in line


def test_show_prints_a_theorem_about_a_network(verifier, proof, tmp_path) -> None:
    found, _ = proof
    done = verifier("show", found.name, "--derivation", "proof")
    assert done.returncode == 0
    out = " ".join(done.stdout.split())
    assert f"{found.name} concrete theorem, proved proof/{found.name}.json" in out
    assert "Uses sawtooth-congruence, iterate-pieces-line" in out
    assert "no axiom; results: 16" in out
    assert "induction on k" in out
    document = json.loads(verifier("show", found.name, "--derivation", "proof", "--json").stdout)
    assert "iterate-on-cell" in document["rests_on"]
    assert any(line.startswith("∀ x:Real. iterate_unit_") for line in document["meanings"])
    below = verifier("show", "iterate-pieces-line", "--derivation", "proof", "--json")
    assert found.name in json.loads(below.stdout)["used_by"]
    (tmp_path / "false.json").write_text(json.dumps(FALSE))
    done = verifier("show", FALSE["name"], "--derivation", "false.json")
    assert done.returncode == 1
    assert "cannot prove 1 ≤ 0" in done.stdout
