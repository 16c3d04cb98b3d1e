"""The language proofs are written in.  It is untrusted: every word only calls kernel rules."""

from verifier.kernel import Theorem
from verifier.logic import (
    Term,
    conjunction,
    disjunction,
    if_then_else,
    implies,
    negation,
    number,
    real,
)
from verifier.proving.counterexample import Counterexample
from verifier.proving.errors import (
    CircularProof,
    DependencyFailed,
    DuplicateName,
    NameClash,
    ProofFailed,
    StepFailed,
    UnknownResult,
)
from verifier.proving.language import (
    Defined,
    Formula,
    Integer,
    IntegerSequence,
    Labelling,
    Real,
    RealMap,
    RealMapSequence,
    RealMatrix,
    RealSequence,
    RealTensor,
    definition,
    exists,
    forall,
    function,
    integer,
    integers,
    reals,
    recursion,
    variables,
)
from verifier.proving.proof import Fact, Local, Premise, Proof
from verifier.proving.results import REGISTRY, Outcome, Result, lemma, result, theorem

__all__ = [
    "REGISTRY", "CircularProof", "Counterexample", "Defined", "DependencyFailed",
    "DuplicateName", "Fact", "Formula", "Integer", "IntegerSequence", "Labelling", "Local",
    "NameClash", "Outcome", "Premise", "Proof", "ProofFailed", "Real", "RealMap",
    "RealMapSequence", "RealMatrix", "RealSequence", "RealTensor", "Result", "StepFailed",
    "Term", "Theorem", "UnknownResult", "conjunction", "definition", "disjunction", "exists",
    "forall", "function", "if_then_else", "implies", "integer", "integers", "lemma", "negation",
    "number", "real", "reals", "recursion", "result", "theorem", "variables",
]  # fmt: skip
