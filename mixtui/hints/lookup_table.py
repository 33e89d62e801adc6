"""Hints about lookup tables: CSV with a header and a unique key."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice

from mixtui.hints.model import Hint
from mixtui.jsontext import first_character
from mixtui.model.errors import Field
from mixtui.patterns import compile_late

_MAX_CHECKED_ROWS = 5000
"""Rows; the others are not read."""


_DATA_CELL = compile_late(
    r"[-+]?[0-9][0-9.,eE+-]*|[0-9]{4}-[0-9]{2}-[0-9]{2}.*|[0-9a-fA-F-]{36}"
)


def check_lookup_table(text: str) -> Iterator[Hint]:
    """Check the header, the row lengths and the keys of a table."""
    if first_character(text) in ("{", "["):
        yield Hint(
            Field.BODY,
            "This looks like JSON, but a lookup table must be CSV: a header row with "
            "the key column first, then one row per key.",
        )
        return
    reader = csv.reader(text.split("\n"))
    try:
        rows = [
            (row, reader.line_num) for row in islice(reader, _MAX_CHECKED_ROWS) if row
        ]
    except csv.Error:
        return
    if not rows:
        return
    header, line = rows[0]
    if any(_DATA_CELL.fullmatch(cell.strip()) for cell in header):
        yield Hint(
            Field.BODY,
            "The first row contains values instead of column names: start with a "
            "header row, the key column first.",
            line=line,
        )
        return
    if "" in [cell.strip() for cell in header]:
        yield Hint(Field.BODY, "A column has no name: add one.", line=line)
    if len({cell.strip() for cell in header}) < len(header):
        yield Hint(Field.BODY, "Two columns have the same name: rename one.", line=line)
    yield from _check_rows(rows[1:], len(header))


def _check_rows(rows: list[tuple[list[str], int]], columns: int) -> Iterator[Hint]:
    first_lines: dict[str, int] = {}
    length_differs = key_repeated = False
    for row, line in rows:
        if len(row) != columns and not length_differs:
            length_differs = True
            yield Hint(
                Field.BODY,
                f"This row has {len(row)} cells, but the header row has {columns}.",
                line=line,
            )
        first_line = first_lines.setdefault(row[0], line)
        if first_line != line and not key_repeated:
            key_repeated = True
            yield Hint(
                Field.BODY,
                f"The key of this row is also in line {first_line}: the first column "
                "must be unique.",
                line=line,
            )
