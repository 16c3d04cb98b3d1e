"""Files made to be read two ways, to be believed for what they are not, or to run for ever.

Each row of the table names the guard that refuses it.
"""

import json
import os

import pytest

from tests.recheck.small import SMALL, small, with_terms
from verifier.errors import BadInput
from verifier.recheck import checkers, strict
from verifier.recheck.checkers import Settings, load_folder

# What each attack does to the small file: (the guard, the words of its refusal, the change).
# A change gives the file's text, or changes the document in place.
ATTACKS = {}


def attack(guard, words):
    def keep(change):
        ATTACKS[change.__name__.replace("_", "-")] = (guard, words, change)
        return change

    return keep


def text_of(document):
    return json.dumps(document, ensure_ascii=False)


# The text, before it is JSON: verifier/recheck/strict.py.


@attack("strict._object", "stands twice")
def a_key_twice(d):
    return text_of(d).replace('"steps":', '"steps": [], "steps":', 1)


@attack("strict._object", "stands twice")
def a_key_twice_deep_inside(d):
    return text_of(d).replace('{"goal": 1,', '{"goal": 4, "goal": 1,')


@attack("strict._object", "stands twice")
def a_key_twice_spelled_two_ways(d):
    return text_of(d).replace('{"goal": 1,', '{"g\\u006fal": 4, "goal": 1,')


@attack("strict._no_float", "not whole")
def an_index_with_a_point(d):
    return text_of(d).replace('["<=", 0, 0]', '["<=", 0.0, 0]')


@attack("strict._no_float", "not whole")
def an_index_with_an_exponent(d):
    return text_of(d).replace('["<=", 0, 0]', '["<=", 0e5, 0]')


@attack("strict._no_float", "not whole")
def not_a_number(d):
    return text_of(d).replace('"measure": null', '"measure": NaN', 1)


@attack("strict._no_float", "not whole")
def infinity(d):
    return text_of(d).replace('"index": 0', '"index": Infinity')


@attack("strict._whole", "5000 digits")
def an_index_of_5000_digits(d):
    return text_of(d).replace('"index": 0', '"index": ' + "9" * 5000)


@attack("strict._check_nesting", "nested more than")
def lists_in_lists(d):
    return text_of(d).replace('"index": 0', '"index": ' + "[" * 600 + "]" * 600)


@attack("strict._check_nesting", "nested more than")
def lists_without_end(d):
    return text_of(d).replace('"index": 0', '"index": ' + "[" * 100_000)


# Shapes: verifier/recheck/document.py.


@attack("document.keys", "a key note")
def an_extra_key(d):
    d["note"] = "believe me"


@attack("document.keys", "a key comment")
def an_extra_key_of_a_step(d):
    d["steps"][0]["comment"] = 1


@attack("document.keys", "a key premises")
def an_extra_parameter(d):
    d["steps"][0]["parameters"]["premises"] = [0]


@attack("document.keys", "a key equation")
def an_extra_key_of_a_symbol(d):
    d["symbols"][0]["equation"] = 1


@attack("document.keys", "no key hypotheses")
def a_missing_key(d):
    del d["steps"][0]["hypotheses"]


@attack("document.keys", "expected an object")
def parameters_in_a_list(d):
    d["steps"][0]["parameters"] = [1]


@attack("document.sequence", "expected a list")
def terms_by_name(d):
    d["terms"] = dict(enumerate(d["terms"]))


@attack("document.sequence", "expected a list")
def premises_as_text(d):
    d["steps"][1]["premises"] = "0"


@attack("document.sequence", "expected 2 entries")
def a_binder_of_three(d):
    d["terms"][4] = ["forall", [["x", "Real", "Real"]], 3]


@attack("document.index", "not the number of an earlier entry")
def a_negative_premise(d):
    d["steps"][1]["premises"] = [-1]


@attack("document.index", "not the number of an earlier entry")
def a_later_premise(d):
    d["steps"][1]["premises"] = [4]


@attack("document.index", "not the number of an earlier entry")
def a_truth_value_for_a_premise(d):
    d["steps"][4]["premises"] = [True]


@attack("document.index", "not the number of an earlier entry")
def a_truth_value_for_a_term(d):
    d["terms"][1] = ["<=", False, 0]


@attack("document.index", "not the number of an earlier entry")
def a_negative_conclusion(d):
    d["steps"][0]["conclusion"] = -19


@attack("document.index", "not the number of an earlier entry")
def a_list_for_a_formula(d):
    d["steps"][0]["parameters"]["goal"] = [1]


@attack("document.index", "not the number of an earlier entry")
def a_text_for_a_formula(d):
    d["steps"][0]["parameters"]["goal"] = "1"


@attack("document.index", "not the number of an earlier entry")
def a_term_below_itself(d):
    d["terms"][19] = ["and", 4, 19]


@attack("Reader.term", "no index")
def a_negative_bound_index(d):
    d["terms"][2] = ["bound", -1, "Real"]


@attack("Reader.term", "no index")
def a_truth_value_for_a_bound_index(d):
    d["terms"][2] = ["bound", False, "Real"]


@attack("Reader.term", "has a value and a sort")
def a_variable_with_a_comment(d):
    d["terms"][13] = ["variable", "f", [["Real"], "Real"], "positive"]


@attack("terms._sort", "forall over")
def two_variables_at_once(d):
    d["terms"][4] = ["forall", [["x", "Real"], ["y", "Real"]], 3]


@attack("terms._sort", "no operator is called")
def an_operator_of_ones_own(d):
    d["terms"][1] = ["≤", 0, 0]


@attack("document.read_sort", "no sort is called")
def a_sort_of_ones_own(d):
    d["terms"][0] = ["variable", "x", "real"]


@attack("document.read_sort", "not a sort")
def a_function_of_functions(d):
    d["terms"][13] = ["variable", "f", [[[["Real"], "Real"]], "Real"]]


@attack("document.read_sort", "not a sort")
def a_function_to_truth_values(d):
    d["terms"][13] = ["variable", "f", [["Real"], "Bool"]]


@attack("terms._sort", "no variable ranges over")
def a_function_of_nothing(d):
    d["terms"][13] = ["variable", "f", [[], "Real"]]


@attack("terms._sort", "no variable ranges over")
def a_variable_truth_value(d):
    d["terms"][0] = ["variable", "x", "Bool"]


@attack("Reader.document", "the format is not")
def a_format_of_the_future(d):
    d["format"] = "verifier-derivation/99"


@attack("Reader.document", "the file is about")
def the_name_of_another(d):
    d["name"] = "other"


@attack("Reader.parameter", "not a number from 0 on")
def a_negative_part(d):
    d["steps"][4]["parameters"]["index"] = -2


@attack("Reader.parameter", "not a number from 0 on")
def a_truth_value_for_a_part(d):
    d["steps"][4]["parameters"]["index"] = False


@attack("Reader.parameter", "not a number from 0 on")
def a_text_for_a_part(d):
    d["steps"][4]["parameters"]["index"] = "0"


@attack("Reader.parameter", "not a number from 0 on")
def a_truth_value_for_an_equation(d):
    d["steps"][2]["parameters"]["equation"] = False


@attack("Reader.parameter", "not a variable")
def a_number_generalised(d):
    d["steps"][1]["parameters"]["variable"] = 10


@attack("Reader.parameter", "not a formula")
def a_number_for_a_goal(d):
    d["steps"][0]["parameters"]["goal"] = 10


@attack("Reader.read_step", "a sequent of formulas")
def a_number_for_a_conclusion(d):
    d["steps"][0]["conclusion"] = 10


@attack("Reader.closed", "without its binder")
def a_loose_variable(d):
    d["steps"][0]["parameters"]["goal"] = 3


@attack("Reader.read_step", "no rule is called")
def a_rule_of_ones_own(d):
    d["steps"][0]["rule"] = "admit"


@attack("strict.shown", "no rule is called")
def a_rule_of_a_million_characters(d):
    d["steps"][0]["rule"] = "\u202e" * 1_000_000


@attack("strict.shown", "the file is about")
def a_name_of_a_million_characters(d):
    d["name"] = "\u202e" * 1_000_000


@attack("strict.shown", "a key")
def a_key_of_a_million_characters(d):
    d["\u202e" * 1_000_000] = 1


@attack("strict.shown", "stands twice")
def a_key_of_a_million_characters_twice(d):
    return text_of(d).replace("{", f'{{"{"x" * 1_000_000}": 1, "{"x" * 1_000_000}": 1, ', 1)


@attack("strict.shown", "not whole")
def a_number_of_a_million_digits(d):
    return text_of(d).replace('"index": 0', '"index": 0.' + "1" * 1_000_000)


@attack("Reader.read_step", "no rule is called")
def a_list_for_a_rule(d):
    d["steps"][0]["rule"] = ["leaf"]


# Leaves: their certificates, and the word of an oracle.


@attack("document.keys", "no key certificate")
def a_leaf_without_a_certificate(d):
    del d["steps"][0]["parameters"]["certificate"]


@attack("document.keys", "expected an object, found list")
def a_certificate_that_is_a_list(d):
    d["steps"][0]["parameters"]["certificate"] = [[], 0]


@attack("document.keys", "a key formulas")
def a_certificate_with_formulas_of_its_own(d):
    d["steps"][0]["parameters"]["certificate"]["formulas"] = []


@attack("strict._check_nesting", "nested more than")
def a_certificate_without_end(d):
    tree = 0
    for _ in range(450):
        tree = ["sum", [], tree]
    d["steps"][0]["parameters"]["certificate"]["tree"] = tree


@attack("document.keys", "a key certificate")
def an_oracle_with_a_certificate(d):
    d["steps"][0]["rule"] = "oracle"


# Names: document.variable_name and document.result_name.

NAMES = {
    "right-to-left": "x\u202ey",
    "left-to-right-mark": "x\u200e",
    "nothing-between": "x\u200by",
    "joiner": "x\u200d",
    "accent-that-combines": "x\u0301",
    "cyrillic": "\u0430",
    "greek-that-looks-latin": "\u03bf",
    "full-width": "\uff58",
    "superscript": "x\u00b2",
    "another-digit": "x\u0663",
    "nul": "x\x00",
    "newline": "x\ny",
    "end-of-line": "x\n",
    "space": "x y",
    "bracket": "x)",
    "bar": "|x|",
    "quote": 'x"',
    "star-comment": "x(*",
    "nothing": "",
    "digit-first": "1x",
    "true": "true",
    "if": "if",
    "too-long": "x" * 201,
    "half-a-pair": "\ud800",
}


def a_name_of(place):
    def change(d, name):
        place(d, name)

    return change


def of_a_variable(d, name):
    d["terms"][0][1] = name


def of_a_bound_variable(d, name):
    d["terms"][4][1][0][0] = name


def of_a_parameter(d, name):
    d["terms"][12][1][0][0] = name


def of_a_symbol(d, name):
    # No step speaks of it: whoever reads it reads it as a definition.
    d["symbols"][1]["name"] = d["terms"][8][1] = name


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("place", [of_a_variable, of_a_bound_variable, of_a_parameter, of_a_symbol])
def test_names_that_are_none_are_refused_everywhere(place, name, tmp_path):
    document = small()
    place(document, NAMES[name])
    refused(tmp_path, json.dumps(document), "not a name of a variable or symbol")


@pytest.mark.parametrize("name", ["x", "x_1", "x'", "x!7", "φ", "ℓ", "_", "S", "nat", "forall"])
@pytest.mark.parametrize("place", [of_a_variable, of_a_bound_variable, of_a_parameter, of_a_symbol])
def test_names_that_are_some_are_read_everywhere(place, name):
    document = small()
    place(document, name)
    assert not checkers.admit({"small": document}).faults


@attack("document.result_name", "not a name of a result")
def an_axiom_of_an_odd_name(d):
    d["steps"][0] = {
        "rule": "axiom", "premises": [], "parameters": {"name": "x\u202e", "formula": 4},
        "hypotheses": [], "conclusion": 4,
    }  # fmt: skip


@attack("document.result_name", "not a name of a result")
def a_citation_of_a_path(d):
    d["steps"][0] = {
        "rule": "cite", "premises": [], "parameters": {"name": "../secret"}, "hypotheses": [],
        "conclusion": 4,
    }  # fmt: skip


@attack("document.result_name", "not a name of a result")
def a_number_for_a_name(d):
    d["steps"][5]["parameters"]["name"] = 5


# Literals: document.read_number, terms._sort.


@attack("document.read_number", "4000 digits")
def a_literal_of_5000_digits(d):
    d["terms"][10][1] = "9" * 5000


@attack("document.read_number", "4000 digits")
def a_denominator_of_5000_digits(d):
    d["terms"][10][1] = "1/" + "9" * 5000


@attack("document.read_number", "4000 digits")
def a_literal_of_a_million_digits(d):
    d["terms"][10][1] = "9" * 1_000_000


@attack("document.read_number", "not p/q")
def a_literal_as_a_number(d):
    d["terms"][10][1] = 1


@attack("document.read_number", "not p/q")
def a_literal_with_an_exponent(d):
    d["terms"][10][1] = "1e9"


@attack("document.read_number", "not p/q")
def a_literal_with_underscores(d):
    d["terms"][10][1] = "1_000"


@attack("document.read_number", "not p/q")
def a_literal_in_other_digits(d):
    d["terms"][10][1] = "\u0661"


@attack("document.read_number", "not p/q")
def a_literal_over_zero(d):
    d["terms"][10][1] = "1/0"


@attack("terms._sort", "is not an integer")
def half_an_integer(d):
    d["terms"][10] = ["number", "1/2", "Int"]


@attack("terms._sort", "no literal is of sort Bool")
def a_literal_truth_value(d):
    d["terms"][10] = ["number", "1", "Bool"]


@attack("terms.make, sorts before folding", "/ of")
def a_quotient_of_integers(d):
    with_terms(d, ["number", "1", "Int"], ["number", "2", "Int"], ["/", 20, 21])


@attack("terms.make, sorts before folding", "/ of")
def a_quotient_of_three(d):
    with_terms(d, ["number", "1", "Real"], ["/", 20, 20, 20])


@attack("terms.make, sorts before folding", "/ of")
def a_quotient_of_one(d):
    with_terms(d, ["number", "1", "Real"], ["/", 20])


@attack("terms._sort", "division by the literal 0")
def a_quotient_by_a_quotient_that_is_zero(d):
    with_terms(d, ["number", "0", "Real"], ["number", "3", "Real"], ["/", 20, 21], ["/", 21, 22])


@attack("terms._sort", "4000 digits")
def quotients_that_grow(d):
    # Each is the square of the one before: the tenth alone would fill the memory.
    n = with_terms(d, ["number", "1", "Real"], ["number", "9" * 3000, "Real"])
    for _ in range(40):
        one = with_terms(d, ["/", 20, n])
        n = with_terms(d, ["/", n, one])


# Depth and size: terms.make.


@attack("terms.make", "nested more than 250 deep")
def sums_in_sums(d):
    n = 0
    for _ in range(300):
        n = with_terms(d, ["+", n, n])


@attack("terms.allowance", "makes more terms than a file may")
def many_variables_in_many_terms(d):
    variables = [with_terms(d, ["variable", f"v{i}", "Real"]) for i in range(2500)]
    tests = [with_terms(d, ["<=", v, v]) for v in variables]
    everything = with_terms(d, ["and", *tests])
    for test in tests:
        with_terms(d, ["or", everything, test])


# Definitions: Reader.definition.


@attack("Reader.definition", "parameters are not distinct")
def a_parameter_twice(d):
    d["symbols"][1]["parameters"] = [6, 6]
    d["symbols"][1]["measure"] = 6


@attack("Reader.signatures", "is defined twice")
def a_symbol_twice(d):
    d["symbols"].append(d["symbols"][0])


@attack("Reader.signatures", "parameters are variables")
def a_parameter_that_is_a_number(d):
    d["symbols"][0]["parameters"] = [10]


@attack("document._check_value", "also mentions")
def a_body_about_something_else(d):
    d["symbols"][0]["parameters"] = []
    d["terms"][15] = ["symbol", "twice"]


@attack("document._check_value", "not defined before")
def a_symbol_that_is_itself(d):
    d["symbols"][0]["body"] = with_terms(d, ["symbol", "twice", 0])


@attack("document._check_value", "also mentions n")
def a_base_case_with_the_measure(d):
    d["symbols"][1]["body"] = 7


@attack("Reader.definition", "called at")
def a_recursion_that_does_not_descend(d):
    d["symbols"][1]["successor"] = with_terms(d, ["+", 7, 9], ["symbol", "power", 6, 20])


@attack("Reader.definition", "a successor without a measure")
def a_successor_alone(d):
    d["symbols"][1]["measure"] = None


@attack("Reader.definition", "the measure is no Int parameter")
def a_measure_that_is_no_parameter(d):
    d["symbols"][1]["measure"] = with_terms(d, ["variable", "k", "Int"])


# Endings: structure.check_ending.


@attack("structure.check_ending", "does not name the result")
def no_steps(d):
    d["steps"] = []


@attack("structure.check_ending", "does not name the result")
def no_last_step(d):
    d["steps"].pop()


@attack("structure.check_ending", "another result's name")
def another_name_at_the_end(d):
    d["steps"][5]["parameters"]["name"] = "other"


def refused(folder, text, words):
    """Every checker refuses the file, in one short line, and nothing else happens."""
    (folder / "small.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    contents = load_folder(folder)
    for name in ("structure", "certificates", "cvc5", "coq"):
        report = checkers.run(name, contents, Settings(folder))
        assert report.rejected >= 1, name
        assert report.accepted == 0, name
        assert report.refused == {"small"}
        (message,) = report.messages
        assert words in message
        assert len(message) < 600
        assert message.isprintable()


@pytest.mark.parametrize("case", ATTACKS)
def test_attacks_are_refused_by_every_checker(case, tmp_path):
    _, words, change = ATTACKS[case]
    document = small()
    changed = change(document)
    refused(tmp_path, changed if isinstance(changed, str) else json.dumps(document), words)


def test_the_small_file_is_accepted(tmp_path):
    """The attacks fail for what they change, not for what they start from."""
    contents = {"small": SMALL}
    assert checkers.run("structure", contents, Settings()).accepted == 5
    assert checkers.run("certificates", contents, Settings()).accepted == 1
    assert checkers.run("cvc5", contents, Settings()).accepted == 1


# Folders.


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.mkdir(), "not a file at all"),
        (os.mkfifo, "not a file at all"),
        (lambda path: path.symlink_to("nowhere.json"), "no such file"),
        (lambda path: path.write_bytes(b"\xff\xfe{}"), "not a JSON file"),
        (lambda path: path.write_bytes(b"\xef\xbb\xbf{}"), "not a JSON file"),
        (lambda path: path.write_bytes(b""), "not a JSON file"),
        (lambda path: path.write_bytes(b"{} {}"), "not a JSON file"),
        (lambda path: path.write_bytes(b"{'name': 1}"), "not a JSON file"),
    ],
    ids=["folder", "pipe", "broken-link", "utf-16", "mark", "empty", "two-values", "quotes"],
)
def test_what_is_no_json_file_is_bad_input(make, words, tmp_path):
    make(tmp_path / "odd.json")
    with pytest.raises(BadInput, match=words):
        load_folder(tmp_path)


@pytest.mark.parametrize("stem", ["a b", "x\u202e", "a\nb", "\x1b[31mred", "-", "x" * 240])
def test_a_file_of_an_odd_name_is_refused_in_plain_words(stem, tmp_path):
    document = small() | {"name": stem}
    document["steps"][-1]["parameters"]["name"] = stem
    (tmp_path / f"{stem}.json").write_text(json.dumps(document), encoding="utf-8")
    report = checkers.run("structure", load_folder(tmp_path), Settings())
    assert (report.accepted, report.rejected) == (0, 1)
    assert "not a name of a result" in report.messages[0]
    assert report.messages[0].isprintable()
    assert len(report.messages[0]) < 600


def test_a_file_too_long_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(strict, "BYTES", 100)
    refused(tmp_path, text_of(small()), "longer than 100 bytes")


def test_there_are_enough_attacks():
    assert len(ATTACKS) + len(NAMES) >= 100
    assert len({guard for guard, _, _ in ATTACKS.values()}) >= 18
