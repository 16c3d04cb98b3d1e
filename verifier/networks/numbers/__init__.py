"""Exact numbers: arrays of integers, and linear inequalities over the rationals.

Imports nothing of the other rooms.
"""
