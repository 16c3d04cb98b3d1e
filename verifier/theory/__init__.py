"""Theorems of the library at given numbers, and kernel theorems about given networks.

This is where ``proofs`` meets ``verifier.networks``; only commands stand above it.
"""
