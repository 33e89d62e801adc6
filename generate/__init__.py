"""Generate the files of the documentation that follow from the code: ``scripts/generate``.

`schemas` writes the JSON Schemas; `pictures` records the program (``scripts/pictures``).
"""
