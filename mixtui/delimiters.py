"""Find what delimits the cells of a table in a text: CSV, TSV and their kin."""

from __future__ import annotations

from mixtui.patterns import compile_late

_DELIMITERS = (b",", b";", b"\t", b"|")
"""Spreadsheets write semicolons where a comma is the decimal sign."""
_QUOTED = compile_late(rb'"[^"]*+"')


def find_delimiter(start: bytes) -> str:
    """Return the delimiter that the first line has most of; empty = it has none."""
    line = _QUOTED.sub(b"", start.partition(b"\n")[0])
    found = max(_DELIMITERS, key=line.count)
    return found.decode() if found in line else ""
