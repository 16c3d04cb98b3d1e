"""Branch and bound in floats: where a property may hold, and what may prove it.

Nothing here is believed. Imports the model, regions and certificates.
"""
