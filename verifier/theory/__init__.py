"""Theorems of the library at given numbers, and kernel theorems about given networks.

This is where ``proofs`` meets ``verifier.networks``; only commands stand above it.
"""

from typing import Final

# Leaves of one kernel proof about a given network; a leaf takes a few milliseconds.
MOST_LEAVES: Final = 20_000
