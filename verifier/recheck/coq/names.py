"""Names in Coq: an injective spelling of the files' names, so that none meets another or Coq's.

Each kind of name has a prefix of its own that no name of the standard library, of ``Prelude.v``
or of the export's own sentences has, and no keyword: a variable may be called ``S``, ``nat``,
``fun`` or ``IZR``.  Bound variables are numbered; their names never reach Coq.

=============================  ==========================  =================================
a symbol                       ``s_sawtooth``              its equations ``e0_``, ``e1_``
a result, and its file         ``t_telgarsky_1'2e'1``      ``telgarsky-1.1``
a free variable, by its sort   ``vR_x``, ``vZ_n``          a function of two numbers ``vZRR_f``
a bound variable               ``x0``, ``n1``, ``f2``      real, integer, function
=============================  ==========================  =================================
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from verifier.recheck.terms import Sort

LETTERS: Final[Mapping[str, str]] = {"Int": "Z", "Real": "R"}


def spelled(name: str) -> str:
    """A name in ASCII letters, digits, underscores and primes; two names are never spelled alike.

    Examples
    --------
    >>> spelled("g_1"), spelled("x'"), spelled("φ")
    ('g_1', "x'27'", "'3c6'")
    """
    return re.sub(r"[^A-Za-z0-9_]", lambda found: f"'{ord(found.group()):x}'", name)


def symbol_name(name: str) -> str:
    """The Coq name of a defined symbol."""
    return f"s_{spelled(name)}"


def equation_name(name: str, which: int) -> str:
    """The Coq name of a symbol's equation."""
    return f"e{which}_{spelled(name)}"


def result_name(name: str) -> str:
    """The Coq name of a result, of its module and of its file; ``-`` and ``_`` change places.

    Examples
    --------
    >>> result_name("sawtooth-sum"), result_name("telgarsky-1.1"), result_name("a_b")
    ('t_sawtooth_sum', "t_telgarsky_1'2e'1", "t_a'2d'b")
    """
    return f"t_{spelled(name.translate(_SWAPPED))}"


_SWAPPED: Final = str.maketrans("-_", "_-")


def variable_name(name: str, sort: Sort) -> str:
    """The Coq name of a free variable, which is its name and its sort together.

    Examples
    --------
    >>> variable_name("x", "Real"), variable_name("p", (("Int", "Int"), "Real"))
    ('vR_x', 'vZZR_p')
    """
    kinds = (sort,) if isinstance(sort, str) else (*sort[0], sort[1])
    return f"v{''.join(LETTERS[kind] for kind in kinds)}_{spelled(name)}"


def bound_name(depth: int, sort: Sort) -> str:
    """The name of the variable of a binder with ``depth`` bound variables outside."""
    letter = {"Int": "n", "Real": "x"}.get(sort, "f") if isinstance(sort, str) else "f"
    return f"{letter}{depth}"
