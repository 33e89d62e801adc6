"""Find the tables in a body."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import IntEnum
from typing import Protocol

from msgspec import Struct

from mixtui.charts.model import Unit
from mixtui.delimiters import find_delimiter
from mixtui.document.document import Language
from mixtui.document.json_path import jq_path
from mixtui.document.layout import Layout
from mixtui.document.source import ByteSource
from mixtui.jsonbytes import split_member
from mixtui.system import CancelToken
from mixtui.tables.cells import (
    KEY,
    CsvReader,
    JsonReader,
    MemberReader,
    Path,
    string_text,
)
from mixtui.tables.columns import SAMPLE_SIZE, ColumnFinder, series_columns
from mixtui.tables.json_records import (
    MAX_EXAMINED_ITEMS,
    Container,
    FormattedRecords,
    Outline,
)
from mixtui.tables.line_records import ByteRangeRecords, csv_scanner, scan_lines
from mixtui.tables.reports import Report, read_report
from mixtui.tables.table import Table

MAX_SERIES_LINES = 300_000
"""A longer series is not transposed, and stays a table of its names."""


class Series:
    """Records by date, sorted; a date that a name lacks counts as 0.

    Args:
        names: The series by name.
        base: The path of the object that contains them.
    """

    def __init__(self, members: FormattedRecords, base: Path) -> None:
        read_values = JsonReader().values
        self._base = base
        self._values: dict[str, dict[str, bytes]] = {}
        for member in members.texts():
            name, value = split_member(member)
            numbers = {str(p[-1]): raw for p, raw in read_values(value).items() if p}
            self._values[string_text(name)] = numbers
        dates = {date for numbers in self._values.values() for date in numbers}
        self._dates = sorted(dates)
        self._keys = [json.dumps(name, ensure_ascii=False) for name in self._values]

    @property
    def names(self) -> list[str]:
        """The names in document order."""
        return list(self._values)

    @property
    def count(self) -> int:
        """How many dates there are."""
        return len(self._dates)

    def text(self, number: int) -> bytes:
        """Return the source text for a date, as a member of an object.

        Raises:
            IndexError: No such date.
        """
        if not 0 <= number < len(self._dates):
            raise IndexError(f"No date {number}.")
        date = self._dates[number]
        items = zip(self._keys, self._values.values(), strict=True)
        parts = [f"{k}:".encode() + numbers.get(date, b"0") for k, numbers in items]
        return json.dumps(date).encode() + b": {" + b",".join(parts) + b"}"

    def texts(self, start: int = 0) -> Iterator[bytes]:
        """Yield the records from `start` on."""
        return map(self.text, range(start, len(self._dates)))

    def path(self, number: int, column: Path) -> Path:
        """Return the path of a number; a date itself is in every series."""
        if column == KEY:
            return self._base
        return (*self._base, *column, self._dates[number])


MAX_TABLES = 30
"""Tables offered for one body."""
_MAX_HEADER_BYTES = 1 << 16


class Body(Protocol):
    """The part of a document that finding tables needs."""

    @property
    def source(self) -> ByteSource:
        """The body as received."""
        ...

    @property
    def language(self) -> Language:
        """The language of the body."""
        ...

    @property
    def layout(self) -> Layout:
        """Its lines; JSON is indented."""
        ...

    @property
    def complete(self) -> bool:
        """Whether it is complete."""
        ...


class TableFinder:
    """Finds tables while a body arrives; one thread calls `advance` at a time."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self.tables: tuple[Table, ...] = ()
        """The tables found so far, the most useful first."""
        self._finder: _Finder | None = None
        match body.language:
            case Language.JSON:
                self._finder = _JsonFinder(body.layout, body.source)
            case Language.JSON_LINES:
                self._finder = _JsonLinesFinder(body.source)
            case Language.CSV:
                self._finder = _CsvFinder(body.source)
            case _:
                pass

    @property
    def is_complete(self) -> bool:
        """Whether all of the body has arrived."""
        return self._body.complete

    def advance(self, token: CancelToken) -> tuple[Table, ...]:
        """Scan what has arrived since the last call; return the tables found so far.

        Raises:
            Cancelled: The token was cancelled; the next call resumes.
            OSError: The body cannot be read.
        """
        if self._finder is None:
            return ()
        has_more = True
        while has_more:
            complete = self._body.complete
            has_more = self._finder.advance(complete, token)
            self.tables = self._finder.tables()
            for table in self.tables:
                if not table.columns or table.row_count <= SAMPLE_SIZE:
                    table.find_columns(CancelToken(), SAMPLE_SIZE)
        return self.tables


class _Finder(Protocol):
    def advance(self, complete: bool, token: CancelToken) -> bool:
        """Scan the next part; return whether there is more."""
        ...

    def tables(self) -> tuple[Table, ...]:
        """Return the tables found so far."""
        ...


class _JsonLinesFinder:
    def __init__(self, source: ByteSource) -> None:
        self._records = ByteRangeRecords(source, scan_lines)
        self._table = Table(".", self._records, JsonReader())
        self.advance = self._records.advance

    def tables(self) -> tuple[Table, ...]:
        return (self._table,) if self._table.row_count else ()


class _CsvFinder:
    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self._records: ByteRangeRecords | None = None
        self._delimiter = ","
        self._table: Table | None = None

    def advance(self, complete: bool, token: CancelToken) -> bool:
        if self._records is None:
            start = self._source.read(0, _MAX_HEADER_BYTES)
            if not (complete or b"\n" in start):
                return False
            self._delimiter = find_delimiter(start) or ","
            self._records = ByteRangeRecords(
                self._source, csv_scanner(self._delimiter), 1
            )
        has_more = self._records.advance(complete, token)
        if self._table is None and (header := self._records.header) is not None:
            reader = CsvReader(header, self._delimiter)
            finder = ColumnFinder(reader, first=reader.columns)
            self._table = Table(".", self._records, reader, finder)
        return has_more

    def tables(self) -> tuple[Table, ...]:
        return (self._table,) if self._table is not None else ()


class _JsonFinder:
    def __init__(self, layout: Layout, source: ByteSource) -> None:
        self._layout = layout
        self._source = source
        self._has_ended = False
        self._report: Report | None = None
        self._outline = Outline(layout)
        self._candidates: dict[Path, _Candidate] = {}

    def advance(self, complete: bool, token: CancelToken) -> bool:
        has_more = self._outline.advance(complete, token)
        for container in self._outline.ended:
            self._consider(container)
        self._outline.ended.clear()
        for container in self._outline.open:
            self._consider(container)
        if complete and not has_more and not self._has_ended:
            self._has_ended = True
            self._report = read_report(self._source)
        return has_more

    def tables(self) -> tuple[Table, ...]:
        best = sorted(self._candidates.values(), key=_Candidate.rank)[:MAX_TABLES]
        self._candidates = {candidate.container.path: candidate for candidate in best}
        paths = list(self._candidates)
        report = self._report
        grids = report.tables if report is not None else ()
        return grids + tuple(
            tables.table
            for tables in best
            if tables.table.row_count
            and not (report is not None and report.shows(tables.container.path))
            and not (
                _may_be_envelope(tables.container, tables.use)
                and any(_is_below(p, tables.container.path) for p in paths)
            )
        )

    def _consider(self, container: Container) -> None:
        use = use_of(container)
        existing = self._candidates.get(container.path)
        if use is None:
            self._candidates.pop(container.path, None)
        elif (
            existing is None
            or existing.container is not container
            or existing.use is not use
        ):
            table = _make_table(self._layout, container, use)
            self._candidates[container.path] = _Candidate(use, container, table)
        if (
            use is not None
            and container.end is not None
            and _hides_contents(container, use)
        ):
            self._drop_nested(container.path)

    def _drop_nested(self, path: Path) -> None:
        """Drop candidates of numbers and plain lists inside the rows of another table."""
        for inner in [p for p in self._candidates if _is_below(p, path)]:
            if self._candidates[inner].use > Use.OBJECTS_BY_NAME:
                del self._candidates[inner]


class Use(IntEnum):
    """The use of a list or object as a table, most useful first."""

    OBJECTS = 0
    SERIES = 1
    OBJECTS_BY_NAME = 2
    LISTS_BY_NAME = 3
    NUMBERS_BY_NAME = 4
    LISTS = 5
    VALUES = 6


def use_of(container: Container) -> Use | None:
    """Return the use of a container as a table; None = none."""
    count = len(container.starts)
    if not count:
        return None
    if container.is_list:
        examined = min(count, MAX_EXAMINED_ITEMS)
        if container.object_count * 2 >= examined:
            return Use.OBJECTS
        return Use.LISTS if container.list_count * 2 >= examined else Use.VALUES
    if container.object_count == count:
        return Use.SERIES if _is_series(container) else Use.OBJECTS_BY_NAME
    if count > 1 and container.list_count == count:
        return Use.LISTS_BY_NAME
    return (
        Use.NUMBERS_BY_NAME if count > 1 and container.number_count == count else None
    )


def _is_series(container: Container) -> bool:
    end, count = container.end, len(container.starts)
    if end is None or container.series_count < count:
        return False
    return end - container.starts[0] <= MAX_SERIES_LINES


def _make_table(layout: Layout, container: Container, use: Use) -> Table:
    records = FormattedRecords(layout, container)
    title = jq_path(container.path)
    if use is Use.SERIES:
        series = Series(records, container.path)
        return Table(
            title, series, MemberReader(), series_columns(series.names, "date")
        )
    if container.is_list:
        return Table(title, records, JsonReader())
    reader = MemberReader()
    key_title = "date" if container.by_date else "key"
    # Of numbers by name, some may be ids; numbers by date are figures.
    unit = Unit.NUMBER if container.by_date and use is Use.NUMBERS_BY_NAME else None
    return Table(title, records, reader, ColumnFinder(reader, key_title, unit=unit))


class _Candidate(Struct, frozen=True):
    use: Use
    container: Container
    table: Table

    def rank(self) -> tuple[int, int, int]:
        """Return the sort key: most useful first, then longest, then innermost."""
        path = self.container.path
        return self.use, -len(self.container.starts), -len(path)


def _may_be_envelope(container: Container, use: Use) -> bool:
    """Return whether a container is an object with a single member, as in ``{"data": …}``."""
    if use is Use.SERIES or container.is_list:
        return False
    return len(container.starts) == 1 and not container.by_date


def _hides_contents(container: Container, use: Use) -> bool:
    """Return whether tables inside a container are better seen in its own rows."""
    if use is Use.LISTS_BY_NAME:
        return container.by_date
    by_name = use in (Use.SERIES, Use.OBJECTS_BY_NAME)
    return by_name and not _may_be_envelope(container, use)


def _is_below(path: Path, base: Path) -> bool:
    return len(path) > len(base) and path[: len(base)] == base
