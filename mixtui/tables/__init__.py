"""Show the records of a body as tables of any length.

Only positions are stored: a record is read and parsed when its row is shown.
"""
