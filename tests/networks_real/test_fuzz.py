"""Whatever is in a file, a reader returns a network or a property, or refuses in one line."""

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.networks_real.helpers import DATA
from verifier.errors import BadInput
from verifier.networks.nnet_reader import read_nnet
from verifier.networks.onnx_reader import read_onnx
from verifier.networks.torch_reader import read_torch
from verifier.networks.vnnlib import parse_vnnlib

FEW = settings(
    max_examples=60, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
MARKS = [*'()()();|"+-*/01', "\n", "<=", ">=", "<", ">", "=", "=>"]
NAMES = ["assert", "declare-const", "X_0", "Y_0", "X_1", "Real", "and", "or", "not", "true"]
WORDS = st.sampled_from([*MARKS, *NAMES, "false", "-2.5", "1e3", "1e-400", ".5"])


def refuses_or_reads(read, *arguments):
    with contextlib.suppress(BadInput):
        try:
            read(*arguments)
        except BadInput as refusal:
            if "\n" in str(refusal):
                pytest.fail(f"more than one line: {refusal}")
            raise


@settings(max_examples=300, deadline=1000)
@given(st.lists(WORDS, max_size=60), st.booleans())
def test_words_of_the_property_language(words, declared):
    head = "(declare-const X_0 Real)(declare-const Y_0 Real)(assert (<= 0 X_0 1))"
    refuses_or_reads(parse_vnnlib, (head if declared else "") + " ".join(words))


TERM = st.recursive(
    st.sampled_from(["X_0", "Y_0", "0", "1.5", "-2"]),
    lambda inner: st.builds("({} {} {})".format, st.sampled_from("+-*/"), inner, inner),
    max_leaves=8,
)
FORMULA = st.recursive(
    st.builds("({} {} {})".format, st.sampled_from(["<=", "<", ">", ">=", "="]), TERM, TERM),
    lambda inner: (
        st.builds("({} {} {})".format, st.sampled_from(["and", "or", "=>"]), inner, inner)
        | st.builds("(not {})".format, inner)
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=1000)
@given(FORMULA)
def test_well_formed_formulas(formula):
    head = "(declare-const X_0 Real)(declare-const Y_0 Real)(assert (<= 0 X_0 1))"
    refuses_or_reads(parse_vnnlib, f"{head}(assert {formula})")


NUMBERS = st.sampled_from(["0", "1", "2", "-1", "3", "1e3", "nan", "inf", "", "x", "999999", "."])


@FEW
@given(st.lists(st.lists(NUMBERS, max_size=6), max_size=14))
def test_lines_of_an_nnet_file(tmp_path, lines):
    path = tmp_path / "n.nnet"
    path.write_text("\n".join(",".join(line) for line in lines))
    refuses_or_reads(read_nnet, path)


@pytest.mark.parametrize(
    ("name", "read"),
    [("scores.onnx", read_onnx), ("scores.nnet", read_nnet), ("hill.pt", read_torch)],
)
@FEW
@given(data=st.data())
def test_damaged_files(tmp_path, name, read, data):
    if name == "hill.pt":
        pytest.importorskip("torch")
    content = bytearray((DATA / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        match data.draw(st.sampled_from(["change", "cut", "insert"])):
            case "change":
                content[at] = data.draw(st.integers(0, 255))
            case "cut":
                del content[at : at + data.draw(st.integers(1, 50))]
            case _:
                content[at:at] = data.draw(st.binary(max_size=8))
        if not content:
            break
    path = tmp_path / name
    path.write_bytes(content)
    refuses_or_reads(read, path)
