"""Networks of several inputs, one affine region at a time: search, equality, normal forms.

Imports the model, numbers and the checkers in certificates.
"""
