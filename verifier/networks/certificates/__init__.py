"""Certificates about networks: their files, and every checker.

What is trusted is here; imports the model, numbers and formats, and nothing of the searches.
"""
