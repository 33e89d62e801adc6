"""Export rows as TSV or CSV in chunks, so that a million rows need little memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence

from mixtui.patterns import compile_late
from mixtui.tables.cells import Cell
from mixtui.tables.columns import Column
from mixtui.tables.table import Row, Table

_BATCH_ROWS = 5_000
"""Read together in body order, whatever their order in the export."""
_SEPARATORS = compile_late(r"\r\n|[\t\r\n]")

_Write = Callable[[Sequence[str]], None]


def export_tsv(
    table: Table, columns: Sequence[Column], numbers: Sequence[int]
) -> Iterator[str]:
    """Yield a header and the rows as TSV; tabs and line breaks in cells become spaces.

    Raises:
        OSError: The body cannot be read.
    """
    buffer = io.StringIO()

    def write(fields: Sequence[str]) -> None:
        buffer.write("\t".join(_SEPARATORS.sub(" ", f) for f in fields) + "\n")

    return _chunks(table, columns, numbers, buffer, write)


def export_csv(
    table: Table, columns: Sequence[Column], numbers: Sequence[int]
) -> Iterator[str]:
    """Yield a header and the rows as CSV.

    Raises:
        OSError: The body cannot be read.
    """
    buffer = io.StringIO(newline="")
    return _chunks(table, columns, numbers, buffer, csv.writer(buffer).writerow)


def clipboard_text(cell: Cell | None) -> str:
    """Return the text of a cell to copy: complete, and empty for null, as in jq's @csv."""
    return "" if cell is None or cell.is_null else cell.full_text


def _chunks(
    table: Table,
    columns: Sequence[Column],
    numbers: Sequence[int],
    buffer: io.StringIO,
    write: _Write,
) -> Iterator[str]:
    write([column.title for column in columns])
    for start in range(0, len(numbers), _BATCH_ROWS):
        for row in _read_rows(table, numbers[start : start + _BATCH_ROWS]):
            write([clipboard_text(row.cell(column)) for column in columns])
        yield _drain(buffer)
    if rest := _drain(buffer):
        yield rest


def _read_rows(table: Table, numbers: Sequence[int]) -> Iterator[Row]:
    if isinstance(numbers, range):
        return table.rows(numbers)
    rows = {row.number: row for row in table.rows(sorted(numbers))}
    return (rows[number] for number in numbers)


def _drain(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
