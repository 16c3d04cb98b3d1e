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
from verifier.kernel.errors import LeafRefused, Refused
from verifier.kernel.leaves import (
    RESOURCE_LIMIT,
    keep_verdicts,
    leaf,
    listen,
    set_seed,
    solve,
    solver_version,
)
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
from verifier.kernel.verdicts import Verdict, Verdicts

__all__ = [
    "DEFINED", "RESOURCE_LIMIT", "Definition", "LeafRefused", "Refused", "Theorem", "Verdict",
    "Verdicts", "assume", "axiom", "cases", "conjoin", "conjunct", "define", "define_recursive",
    "definition", "discharge", "errors", "exhibit", "formula_of", "generalise", "genuine",
    "induction", "instantiate", "keep_verdicts", "leaf", "listen", "modus_ponens", "named",
    "obtain", "quotient", "rewrite", "set_seed", "solve", "solver_version", "term_of",
    "transport",
]  # fmt: skip
