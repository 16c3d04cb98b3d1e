"""Second opinions on derivation files.  Nothing here imports the kernel, the logic or the proofs.

A derivation file (``docs/derivations.md``) is read into terms of this package's own
(:mod:`~verifier.recheck.document`), every step but the leaves is validated again
(:mod:`~verifier.recheck.structure`), and the leaves are decided by cvc5
(:mod:`~verifier.recheck.cvc5_check`) and by certificates that need no solver
(:mod:`~verifier.recheck.certificates`).
"""
