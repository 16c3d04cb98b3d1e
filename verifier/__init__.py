"""A symbolic verifier for the theory of deep networks."""

__version__ = "0.1.0"
