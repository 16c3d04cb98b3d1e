"""Terms as text and as LaTeX, and text read back as terms: ``docs/notation.md``.

Nothing here is trusted, and neither the logic nor the kernel imports it.
"""

from verifier.logic.terms import write_by
from verifier.notation.errors import NotNotation
from verifier.notation.printing import latex, text
from verifier.notation.reading import parse
from verifier.notation.statements import (
    declared,
    displayed,
    meanings,
    message,
    reads_back,
    shown,
)
from verifier.notation.symbols import needed

__all__ = [
    "NotNotation", "declared", "displayed", "latex", "meanings", "needed", "parse",
    "reads_back", "shown", "text",
]  # fmt: skip

# Messages of the logic and the kernel say terms as people read them; no rule looks at a message.
write_by(message)
