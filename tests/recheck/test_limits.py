"""What is limited by work decides; what is limited by a clock decides nothing."""

import json
import os
import signal
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from tests.recheck.small import stating, write
from verifier.cli import UNKNOWN, cli
from verifier.library.opinions import marks
from verifier.recheck import checkers, cvc5_check
from verifier.recheck.certificates import check
from verifier.recheck.checkers import Settings, admit
from verifier.recheck.cvc5_check import Cvc5, decide
from verifier.recheck.document import read
from verifier.recheck.errors import BadCertificate, IllFormed, Rejected, TooLarge
from verifier.recheck.outside.processes import CLOCK, Ended, Worker, run
from verifier.recheck.outside.smtlib import Script
from verifier.recheck.polynomials import Problem
from verifier.recheck.reports.printing import text
from verifier.recheck.structure import check_document
from verifier.recheck.terms import allowance, bind, make, number, opened

x, y, z = (make("variable", (), name, "Real") for name in "xyz")
ONE = number(1, "Real")


def op(operator, *parts):
    return make(operator, parts)


def doubled(term, operator, times):
    """A term that is written in ``times`` lines, and has two to the ``times`` nodes."""
    for _ in range(times):
        term = op(operator, term, term)
    return term


# Shared terms: a thousand bytes that would be 2^200 nodes.

BIG = doubled(op("<=", x, y), "and", 200)


def test_messages_about_shared_terms_are_short():
    assert len(str(BIG)) < 400
    assert str(BIG).endswith("…")
    assert len(text(BIG, parts=100)) < 4000
    assert BIG.size > 2**200


def test_a_small_file_of_shared_terms_is_refused_at_once(tmp_path):
    terms = [["variable", "x", "Real"], ["<=", 0, 0]]
    terms += [["and", i, i] for i in range(1, 200)]
    document = stating("shared", terms, 200)
    # The claim is not what the rule gives, so that both would be shown.
    document["steps"][0] = {
        "rule": "axiom", "premises": [], "parameters": {"name": "a", "formula": 199},
        "hypotheses": [], "conclusion": 200,
    }  # fmt: skip
    with pytest.raises(Rejected) as caught:
        check_document(read("shared", document))
    assert len(str(caught.value)) < 600
    contents = {"shared": stating("shared", terms, 200)}
    for name in ("structure", "certificates", "cvc5"):
        report = checkers.run(name, contents, Settings(tmp_path, seconds=30))
        assert all(len(message) < 4000 for message in report.messages)


def test_conditions_that_are_shared_are_read_once():
    condition = doubled(op("<=", x, y), "=>", 200)
    assert condition.decidable
    assert op("ite", condition, x, y).sort == "Real"


def test_formulas_that_are_shared_are_decided_once():
    problem = Problem([op("<=", x, y), op("not", BIG)], op("<", y, x))
    with pytest.raises(BadCertificate, match="not closed"):
        check(problem, {"polynomials": [], "tree": 0})
    order = next(i for i, p in enumerate(problem.polynomials) if p)
    # x ≤ y makes every conjunction of it true.
    certificate = {"polynomials": [], "tree": ["sign", order, 1, 0, 2, 0, 4, 0]}
    check(problem, certificate)


def test_if_then_else_of_shared_conditions_is_one_atom():
    chosen = op("ite", BIG, x, y)
    again = op("ite", doubled(op("<=", x, y), "and", 200), x, y)
    assert len(Problem([], op("=", chosen, again)).atoms) == 3


def test_a_step_that_multiplies_terms_is_stopped():
    """Each step puts h(g(t), g(t + 1)) for f(t): twice as many terms, from a few more bytes."""
    functions = [make("variable", (), f"f{i}", (("Real",), "Real")) for i in range(60)]
    h = make("variable", (), "h", (("Real", "Real"), "Real"))
    t = make("bound", (), 0, "Real")

    def grown():
        at = make("apply", (functions[0], x))
        formula = op("<=", at, at)
        for f, g in pairwise(functions):
            both = make("apply", (h, make("apply", (g, t)), make("apply", (g, op("+", t, ONE)))))
            value = make("lambda", (both,), ("Real",))
            formula = opened(bind("forall", f, formula), value)

    with pytest.raises(IllFormed, match="makes more terms"), allowance(200_000):
        grown()


def test_messages_are_not_without_number(tmp_path):
    many = stating("many", [["false"]], 0)
    leaf, last = many["steps"]
    assumed = {**leaf, "rule": "oracle", "parameters": {"goal": 0}}
    many["steps"] = [assumed] * 1000 + [last]
    report = checkers.run("certificates", {"many": many}, Settings())
    assert report.unknown == 1000
    assert len(report.messages) == 201
    assert report.messages[-1] == "and 800 more like these"


# Polynomials.


def test_powers_of_powers_are_too_large_for_certificates():
    power = doubled(op("+", x, y), "*", 40)
    with pytest.raises(TooLarge):
        Problem([], op("<=", power, power))


def test_numbers_of_powers_are_too_large_for_certificates():
    power = doubled(number(10**100, "Int"), "*", 40)
    with pytest.raises(TooLarge):
        Problem([], op("<=", power, power))


def test_a_certificate_of_many_products_is_too_large():
    problem = Problem([op("<=", op("+", x, op("+", y, z)), ONE)], op("<=", x, y))
    product = ["sum", [["1", [0] * 200, []]]]
    certificate = {"polynomials": [], "tree": ["sign", 0, 1, product, 2, product, 4, product]}
    with pytest.raises(TooLarge):
        check(problem, certificate)


def test_a_certificate_of_many_branches_over_many_formulas_is_too_large():
    """Each is small: looked through once for each branch, they would take hours."""
    variables = [make("variable", (), f"v{i}", "Real") for i in range(1500)]
    many = op("or", *(op("<=", v, x) for v in variables))
    problem = Problem([many, make("false")], op("<", y, x))
    check(problem, {"polynomials": [], "tree": ["sign", 0, 7, 0]})
    branches = ["sign", 0, *([7, 0] * 3000)]
    with pytest.raises(TooLarge):
        check(problem, {"polynomials": [], "tree": branches})


def test_one_polynomial_in_many_formulas_is_too_large():
    long = x
    for i in range(200):
        long = op("+", long, op("*", make("variable", (), f"v{i}", "Real"), y))
    many = op("or", *(op("<=", long, real) for real in (number(i, "Real") for i in range(4000))))
    with pytest.raises(TooLarge):
        Problem([many], op("<=", x, y))


def test_a_leaf_that_is_too_large_is_unknown_and_never_accepted(tmp_path):
    terms = [["variable", "x", "Real"], ["number", "1", "Real"], ["+", 0, 1]]
    terms += [["*", i, i] for i in range(2, 42)]
    terms += [["<=", 0, 42]]
    contents = {"large": stating("large", terms, 43)}
    # A solver is not even asked: it would multiply until the clock ends it.
    for name in ("certificates", "cvc5"):
        report = checkers.run(name, contents, Settings())
        assert (report.accepted, report.rejected, report.unknown) == (0, 0, 1)
        assert report.unfinished == 0
        assert "too large to check" in report.messages[0]


# The clock.

EASY = ([op("<=", x, y)], op("<", x, op("+", y, ONE)))
FALSE = ([op("<", x, y)], op("<", y, x))


class Stopped(Cvc5):
    """A cvc5 from which the processor is taken away."""

    def _started(self):
        process = super()._started()
        os.kill(process.pid, signal.SIGSTOP)
        return process


@pytest.mark.parametrize("leaf", [EASY, FALSE], ids=["true", "false"])
def test_without_the_processor_there_is_no_verdict(leaf):
    with Stopped() as solver:
        found = decide(*leaf, seconds=0.2, solver=solver)
    assert found.status == "unfinished"


def test_after_a_program_was_ended_the_next_question_is_answered():
    with Cvc5() as solver:
        assert decide(*EASY, solver=solver).status == "proved"
        first = solver.process.pid
        os.kill(first, signal.SIGSTOP)
        stopped = decide(*EASY, seconds=0.2, solver=solver)
        # The configurations after the one that was ended had a cvc5 of their own.
        assert stopped.status in ("proved", "unfinished")
        assert decide(*FALSE, solver=solver).status == "refuted"
        assert solver.process.pid != first
        with pytest.raises(ProcessLookupError):
            os.kill(first, 0)


def test_a_program_that_dies_is_no_verdict():
    with Worker([sys.executable, "-c", "import sys; sys.stdin.readline()"]) as worker:
        assert worker.ask({}, 30) == Ended(None, cause="it broke off")
    with Worker([sys.executable, "-c", "import os; os.abort()"]) as worker:
        assert worker.ask({}, 30).cause == "ended by signal 6"


def test_a_program_that_does_not_read_is_ended():
    with Worker([sys.executable, "-c", "import time; time.sleep(600)"]) as worker:
        found = worker.ask({"long": "x" * 10_000_000}, 0.3)
    assert found.cause == "ended after 0.3 s"


def test_a_command_is_ended_with_all_it_started(tmp_path):
    found = run(["sh", "-c", "sleep 600 & echo $! > pid; wait"], tmp_path, 2)
    assert found.code is None
    child = int((tmp_path / "pid").read_text())
    until = time.monotonic() + 20
    while _running(child) and time.monotonic() < until:
        time.sleep(0.01)
    assert not _running(child)


def _running(pid):
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().split(")")[-1].split()[0] != "Z"


def test_what_was_not_finished_is_unknown_said_and_not_remembered(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(cvc5_check, "Cvc5", Stopped)
    document = stating("easy", [["variable", "x", "Int"], ["<=", 0, 0]], 1)
    document["steps"].insert(
        1,
        {"rule": "generalise", "premises": [0], "parameters": {"variable": 0}, "hypotheses": [],
         "conclusion": 4},
    )  # fmt: skip
    document["terms"] += [["bound", 0, "Int"], ["<=", 2, 2], ["forall", [["x", "Int"]], 3]]
    document["steps"][2] |= {"premises": [1], "conclusion": 4}
    write(tmp_path, document)
    status = cli.main(
        ["recheck", "--derivations", str(tmp_path), "--with", "cvc5", "--clock", "0.2", "--json"],
        standalone_mode=False,
    )
    found = json.loads(capsys.readouterr().out)
    assert status == UNKNOWN
    assert found["checkers"]["cvc5"]["unfinished"] == found["checkers"]["cvc5"]["unknown"] == 1
    assert found["checkers"]["cvc5"]["accepted"] == found["checkers"]["cvc5"]["rejected"] == 0
    assert "not finished on this machine" in found["checkers"]["cvc5"]["messages"][0]
    assert found["files"][0]["accepted_by"] == []
    assert marks(tmp_path, {"easy": "digest"}) == {}


def test_resources_decide_and_give_up():
    """A hard question ends by a limit on work: the same answer, however slow the machine is."""
    cubes = [op("*", v, op("*", v, v)) for v in (x, y, z)]
    wanted = op("not", op("=", cubes[2], op("*", x, op("*", y, ONE))))
    script = Script([op("=", cubes[0], op("+", cubes[1], ONE))], wanted)
    question = {"script": script.text(), "values": [], "options": {},
                "seconds": CLOCK}  # fmt: skip
    with Cvc5() as solver:
        answers = {solver.ask({**question, "resources": 20_000}, CLOCK)["said"] for _ in range(3)}
    assert answers == {"unknown (RESOURCEOUT)"}


def test_no_name_of_a_file_reaches_the_solver():
    odd = make("variable", (), "x!1'", "Real")
    script = Script([], op("<=", odd, odd)).text()
    assert "x!1" not in script
    assert decide([], op("<=", odd, odd)).status == "proved"
    assert "x!1' = " in decide([], op("<", odd, x)).detail


def test_every_file_is_read_in_front():
    assert admit({"listed": []}).faults
