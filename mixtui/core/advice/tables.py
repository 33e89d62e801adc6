"""The CSV of a lookup table: names in the first row, a key of its own in each other.

https://developer.mixpanel.com/reference/replace-lookup-table
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import islice

from mixtui.core.advice.model import Hint
from mixtui.core.errors import Field

_ROWS = 5000
"""Looked at."""
_NO_NAME = re.compile(
    r"[-+]?[0-9][0-9.,eE+-]*|[0-9]{4}-[0-9]{2}-[0-9]{2}.*|[0-9a-fA-F-]{36}"
)


def table(text: str) -> Iterator[Hint]:
    """What is wrong with the table."""
    reader = csv.reader(text.split("\n"))
    try:
        rows = [(row, reader.line_num) for row in islice(reader, _ROWS) if row]
    except csv.Error:
        return
    if not rows:
        return
    header, line = rows[0]
    if any(_NO_NAME.fullmatch(cell.strip()) for cell in header):
        yield Hint(
            Field.BODY,
            "The first row holds values and no names: begin with a row that names the "
            "columns, the key first.",
            line=line,
        )
        return
    if "" in [cell.strip() for cell in header]:
        yield Hint(Field.BODY, "A column has no name: name it.", line=line)
    if len({cell.strip() for cell in header}) < len(header):
        yield Hint(Field.BODY, "Two columns have the same name: rename one.", line=line)
    yield from _rows(rows[1:], len(header))


def _rows(rows: list[tuple[list[str], int]], columns: int) -> Iterator[Hint]:
    seen: dict[str, int] = {}
    uneven = twice = False
    for row, line in rows:
        if len(row) != columns and not uneven:
            uneven = True
            yield Hint(
                Field.BODY,
                f"This row has {len(row)} cells, and the first row names {columns}.",
                line=line,
            )
        first = seen.setdefault(row[0], line)
        if first != line and not twice:
            twice = True
            yield Hint(
                Field.BODY,
                f"The key of this row stands in line {first} as well: the first "
                "column must be unique.",
                line=line,
            )
