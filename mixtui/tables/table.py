"""A table: its records, their reader and its columns."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from itertools import islice

from msgspec import Struct

from mixtui.document.json_path import jq_path
from mixtui.jsonbytes import split_member
from mixtui.system import CancelToken
from mixtui.tables.cells import KEY, Cell, Reader, Values
from mixtui.tables.columns import SAMPLE_SIZE, Column, ColumnFinder
from mixtui.tables.line_records import Records

_CACHED_ROWS = 512
"""Rows."""
_CHECKPOINT_RECORDS = 512


class Row(Struct, frozen=True):
    """A record that is displayed."""

    number: int
    """Its index in the body."""
    raw: bytes
    """The source bytes, without the key of the record."""
    _values: Values
    _reader: Reader

    def cell(self, column: Column) -> Cell | None:
        """Return the cell in a column; None = the record has no such value."""
        raw = self._values.get(column.path)
        return None if raw is None else self._reader.cell(raw)


class Table:
    """Records as rows. Read from any thread; rows are added while the body arrives.

    Args:
        title: The path of the list in jq notation.
        records: The records.
        reader: Reads them.
        columns: The columns if they are known, or their finder.
    """

    def __init__(
        self,
        title: str,
        records: Records,
        reader: Reader,
        columns: tuple[Column, ...] | ColumnFinder | None = None,
    ) -> None:
        self.title = title
        self.records = records
        self.reader = reader
        self.columns: tuple[Column, ...] = ()
        """The columns found so far; new ones are appended."""
        self._finder: ColumnFinder | None = None
        if isinstance(columns, tuple):
            self.columns = columns
        else:
            self._finder = columns or ColumnFinder(reader)
        self._rows: OrderedDict[int, Row] = OrderedDict()

    @property
    def row_count(self) -> int:
        """The number of rows so far."""
        return self.records.count

    def row(self, number: int) -> Row:
        """Return a row. The most recent ones are cached.

        Raises:
            IndexError: There is no such row.
            OSError: The body cannot be read.
        """
        row = self._rows.get(number)
        if row is None:
            row = self.read(number, self.records.text(number))
            self._rows[number] = row
            while len(self._rows) > _CACHED_ROWS:
                self._rows.popitem(last=False)
        return row

    def rows(self, numbers: Iterable[int]) -> Iterator[Row]:
        """Yield many rows without caching them: neighbours are read together."""
        expected = -1
        texts: Iterator[bytes] = iter(())
        for number in numbers:
            if number != expected:
                texts = self.records.texts(number)
            yield self.read(number, next(texts))
            expected = number + 1

    def read(self, number: int, record: bytes) -> Row:
        """Return the row of a record."""
        values = self.reader.values(record)
        raw = split_member(record)[1] if KEY in values else record
        return Row(number, raw, values, self.reader)

    def path(self, number: int, column: Column | None = None) -> str:
        """Return the path of a record or of a value in it, in jq notation."""
        return jq_path(self.records.path(number, column.path if column else ()))

    def find_columns(self, token: CancelToken, max_records: int | None = None) -> bool:
        """Find columns in records that were not scanned yet; return whether more are left.

        Args:
            token: Cancels the scan and reports its progress.
            max_records: How many to scan; None = all that have arrived.

        Raises:
            Cancelled: The token was cancelled; the next call resumes.
            OSError: The body cannot be read.
        """
        finder = self._finder
        if finder is None:
            return False
        start = finder.record_count
        end = (
            self.row_count
            if max_records is None
            else min(self.row_count, start + max_records)
        )
        values, has_new = self.reader.values, False
        for number, record in enumerate(islice(self.records.texts(start), end - start)):
            if number % _CHECKPOINT_RECORDS == 0:
                token.checkpoint(start + number, end)
            has_new = finder.add_record(values(record)) or has_new
        if has_new or start < SAMPLE_SIZE:
            self.columns = finder.columns(self.columns)
        return finder.record_count < self.row_count

    def column(self, name: str) -> Column | None:
        """Return the column with a title or label; an exact match wins over case."""
        for normalise in (str, str.casefold):
            for column in self.columns:
                if normalise(name) in (
                    normalise(column.title),
                    normalise(column.label),
                ):
                    return column
        return None
