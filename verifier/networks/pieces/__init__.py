"""Networks of one input: their exact pieces, how many there are, and whether two agree.

Imports the model, numbers and the checkers in certificates.
"""
