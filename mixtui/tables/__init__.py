"""Lists of records in a body, as tables of any length.

Only positions are kept: a record is read and parsed when its row is shown.
"""
