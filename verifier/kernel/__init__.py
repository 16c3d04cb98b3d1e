"""The kernel: theorems, and one function a rule of inference.  Nothing else makes a theorem.

Read :mod:`verifier.kernel.rules` first, then :mod:`~verifier.kernel.leaves` and
:mod:`~verifier.kernel.definitions`.
"""

from verifier.kernel import errors
from verifier.kernel.definitions import (
    DEFINED,
    Definition,
    define,
    define_recursive,
    definition,
    formula_of,
    term_of,
)
from verifier.kernel.errors import BadCertificate, Refused
from verifier.kernel.leaves import leaf, oracle
from verifier.kernel.rules import (
    assume,
    axiom,
    cases,
    conjoin,
    conjunct,
    discharge,
    exhibit,
    generalise,
    induction,
    instantiate,
    modus_ponens,
    named,
    obtain,
    quotient,
    rewrite,
    transport,
)
from verifier.kernel.theorem import Theorem, genuine

__all__ = [
    "DEFINED", "BadCertificate", "Definition", "Refused", "Theorem", "assume", "axiom", "cases",
    "conjoin", "conjunct", "define", "define_recursive", "definition", "discharge", "errors",
    "exhibit", "formula_of", "generalise", "genuine", "induction", "instantiate", "leaf",
    "modus_ponens", "named", "obtain", "oracle", "quotient", "rewrite", "term_of", "transport",
]  # fmt: skip
