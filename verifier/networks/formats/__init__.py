"""Files of networks and properties, read exactly; networks written as JSON and SMT-LIB.

Imports the model and nothing of the other rooms.
"""
