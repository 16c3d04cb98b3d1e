"""Derivations as Coq files, and what Coq says of them.

Imports the readers and certificates of :mod:`verifier.recheck`; nothing of the kernel.
"""
