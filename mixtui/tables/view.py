"""Sort and filter the rows of a table, and hide its columns."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from mixtui.patterns import compile_late
from mixtui.system import CancelToken
from mixtui.tables.cells import Cell, CellKind, Path, Reader, ValueExtractor
from mixtui.tables.columns import Column
from mixtui.tables.table import Table
from mixtui.text import pluralise

_FILTER_BATCH = 1024
_TERM = compile_late(
    r'(?:(?P<column>"[^"]+"|[^\s":][^\s:]*):)?(?P<word>"[^"]*"?|[^\s"]\S*)'
)


class FilterTerm(Struct, frozen=True):
    """A text that a row must contain."""

    text: str
    """The lower-case text."""
    column: Column | None = None
    """The column to search; None = all."""


def parse_filter(text: str, table: Table) -> tuple[FilterTerm, ...]:
    """Parse a filter into terms.

    Text before a colon names a column if the table has it; otherwise it is part of the
    term, as in ``https://example.com``.
    """
    terms = []
    for match in _TERM.finditer(text):
        name, word = match["column"], match["word"]
        column = table.column(name.strip('"')) if name else None
        text_of_term = word.strip('"') if column or not name else match[0]
        if text_of_term:
            terms.append(FilterTerm(text_of_term.lower(), column))
    return tuple(terms)


def matching_rows(
    table: Table, terms: tuple[FilterTerm, ...], token: CancelToken
) -> bytearray:
    """Return a byte for each row: 1 where all terms match, ignoring case.

    Raises:
        Cancelled: The token was cancelled.
        OSError: The body cannot be read.
    """
    count = table.row_count
    matches = bytearray(count)
    tests = [_TermTest(table.reader, word) for word in terms]
    records = zip(range(count), table.records.texts(), strict=False)
    for row, record in records:
        if row % _FILTER_BATCH == 0:
            token.checkpoint(row, count)
        # A row without an escape that lacks a term needs no parsing.
        if b"\\" not in record:
            lowered = record.decode("utf-8", "replace").lower()
            if not all(test.may_match(lowered) for test in tests):
                continue
        matches[row] = all(test.matches(record) for test in tests)
    return matches


def filter_order(
    order: array[int] | None, matches: bytearray, token: CancelToken
) -> array[int]:
    """Return the matching rows in the given order; None = body order.

    Raises:
        Cancelled: The token was cancelled.
    """
    rows = range(len(matches)) if order is None else order
    result = array("I")
    for start in range(0, len(rows), _FILTER_BATCH * 8):
        token.checkpoint(start, len(rows))
        batch = rows[start : start + _FILTER_BATCH * 8]
        # More rows may have been sorted than filtered.
        result.extend([row for row in batch if row < len(matches) and matches[row]])
    return result


class _TermTest:
    """Tests whether a record contains the text of a term."""

    def __init__(self, reader: Reader, term: FilterTerm) -> None:
        self._reader = reader
        self._text = term.text
        # These are not in the raw text as they are searched: a nested value loses its white
        # space, and the lower case of a sigma depends on the character after it.
        self._can_skip = not any(sign in term.text for sign in '",:[]{}σς')
        self._extract: ValueExtractor | None = None
        if term.column is not None:
            self._extract = reader.extractor(term.column.path)

    def may_match(self, lowered: str) -> bool:
        return self._text in lowered or not self._can_skip

    def matches(self, record: bytes) -> bool:
        if self._extract is not None:
            raw = self._extract(record)
            return raw is not None and self._occurs_in(raw)
        return any(map(self._occurs_in, self._reader.values(record).values()))

    def _occurs_in(self, raw: bytes) -> bool:
        return self._text in searchable_text(self._reader.cell(raw))


def searchable_text(cell: Cell) -> str:
    """Return the text that a filter searches: of a nested value, all of it."""
    return (cell.full_text if cell.kind is CellKind.NESTED else cell.text).lower()


_SORT_BATCH = 2048
_BUCKET_ROWS = 16_384
"""Sorted at once, while the GIL blocks every other thread."""
_MAX_INTEGER_DIGITS = 4000
"""Python converts no more by default."""
_MAX_CACHED_KEYS = 50_000
"""Sort keys of distinct values: names and dates repeat."""


class Sort(Struct, frozen=True):
    """The column and direction of a sort."""

    path: Path
    descending: bool = False


Key = Any
"""A number, or anything else comparable within its group."""


def sorted_rows(table: Table, sort: Sort, token: CancelToken) -> array[int]:
    """Return the sorted rows: numbers, then texts, words, and nested values by length.

    Equal rows stay in body order. Rows with null or no value come last in both
    directions.

    Raises:
        Cancelled: The token was cancelled.
        OSError: The body cannot be read.
    """
    groups, without_value = _group_rows(table, sort.path, token)
    order = array("I")
    for group in reversed(groups) if sort.descending else groups:
        for part in _sort_in_buckets(*group, sort.descending):
            order.extend(part)
            token.checkpoint(table.row_count + len(order), 2 * table.row_count)
    order.extend(without_value)
    return order


def sort_key(reader: Reader, raw: bytes) -> tuple[int, Key] | None:
    """Return a value's group and its key within the group; None = sorted last."""
    cell = reader.cell(raw)
    if cell.kind is CellKind.NUMBER:
        return 0, parse_number(cell.text)
    if cell.kind is CellKind.TEXT:
        return 1, cell.text
    if cell.kind is CellKind.NESTED:
        return 3, len(cell.full_text)
    return None if cell.is_null else (2, cell.text)


def parse_number(text: str) -> int | float | Decimal:
    """Convert a JSON number to a type that compares exactly with the others."""
    if text.lstrip("-").isdigit() and len(text) < _MAX_INTEGER_DIGITS:
        return int(text)
    if len(text) < 17 and abs(value := float(text)) < 1e300:
        return value
    try:
        return Decimal(text)
    except InvalidOperation:
        return float(text)  # Out of range: infinite, or zero.


_Group = tuple["array[int]", list[Key]]


def _group_rows(
    table: Table, path: Path, token: CancelToken
) -> tuple[list[_Group], array[int]]:
    """Return the rows of each group with their keys, and the rows without a value."""
    groups: list[_Group] = [(array("I"), []) for _ in range(4)]
    without_value = array("I")
    reader, extract, count = table.reader, table.reader.extractor(path), table.row_count
    cached_keys: dict[bytes, tuple[int, Key] | None] = {}
    for row, record in enumerate(_take(table.records.texts(), count)):
        if row % _SORT_BATCH == 0:
            token.checkpoint(row, 2 * count)
        raw = extract(record)
        if raw is None:
            without_value.append(row)
            continue
        if raw in cached_keys:
            key = cached_keys[raw]
        else:
            key = sort_key(reader, raw)
            if len(cached_keys) < _MAX_CACHED_KEYS:
                cached_keys[raw] = key
        if key is None:
            without_value.append(row)
        else:
            rows, keys = groups[key[0]]
            rows.append(row)
            keys.append(key[1])
    return groups, without_value


def _take(records: Iterator[bytes], count: int) -> Iterator[bytes]:
    return (record for record, _ in zip(records, range(count), strict=False))


def _sort_in_buckets(
    rows: Sequence[int], keys: list[Key], descending: bool
) -> Iterator[list[int]]:
    """Yield the rows sorted by their keys, stably, a few thousand at a time.

    Python blocks all other threads while it sorts a list, so a long one is split into
    buckets first, with boundaries taken from a sample of the keys.
    """
    count = len(keys) // _BUCKET_ROWS
    sample = sorted(keys[:: max(1, len(keys) // (count * 16))]) if count else []
    edges = sample[16::16]
    buckets = [array("I") for _ in range(len(edges) + 1)]
    for position, key in enumerate(keys):
        buckets[bisect_right(edges, key)].append(position)
    for bucket in reversed(buckets) if descending else buckets:
        ordered = sorted(bucket, key=keys.__getitem__, reverse=descending)
        yield [rows[index] for index in ordered]


class View(Struct, frozen=True):
    """The visible rows and columns of a table, and their order."""

    table: Table
    sort: Sort | None = None
    text: str = ""
    """The filter as typed."""
    hidden: frozenset[Path] = frozenset()
    _sorted: array[int] | None = None
    _matches: bytearray | None = None
    _order: array[int] | None = None
    """Sort and filter combined; None = all rows in body order."""

    @property
    def numbers(self) -> Sequence[int]:
        """The visible rows in order, by their index in the body."""
        return range(self.table.row_count) if self._order is None else self._order

    @property
    def columns(self) -> tuple[Column, ...]:
        """The visible columns."""
        return tuple(c for c in self.table.columns if c.path not in self.hidden)

    @property
    def is_behind(self) -> bool:
        """Whether rows have arrived since it was sorted or filtered."""
        arranged = self._sorted if self._matches is None else self._matches
        return arranged is not None and len(arranged) < self.table.row_count

    @property
    def summary(self) -> str:
        """Describes the view: ``1,204 of 653,000 rows · sorted by time ↓ · .results``."""
        count, shown = self.table.row_count, len(self.numbers)
        rows = pluralise(count, "row")
        parts = [f"{shown:,} of {rows} match {self.text}" if self.text else rows]
        if self.sort is not None:
            arrow = "↓" if self.sort.descending else "↑"
            parts.append(f"sorted by {self._column_label(self.sort.path)} {arrow}")
        if hidden := len(self.hidden):
            parts.append(f"{pluralise(hidden, 'column')} hidden")
        return " · ".join([*parts, self.table.title])

    def with_hidden(self, path: Path) -> View:
        """Return the view with a column hidden."""
        return replace(self, hidden=self.hidden | {path})

    def with_all_columns(self) -> View:
        """Return the view with all columns shown."""
        return replace(self, hidden=frozenset())

    def arrange(self, sort: Sort | None, text: str, token: CancelToken) -> View:
        """Return a view of the current rows, filtered and sorted.

        May take seconds: call it in a thread. Earlier results are reused.

        Raises:
            Cancelled: The token was cancelled.
            OSError: The body cannot be read.
        """
        view, is_behind = self, self.is_behind
        if sort != view.sort or is_behind:
            rows = sorted_rows(view.table, sort, token) if sort else None
            view = replace(view, sort=sort, _sorted=rows)
        if text != view.text or is_behind:
            terms = parse_filter(text, view.table)
            matches = matching_rows(view.table, terms, token) if terms else None
            view = replace(view, text=text if terms else "", _matches=matches)
        return view._combine(token)

    def _combine(self, token: CancelToken) -> View:
        order = self._sorted
        if self._matches is not None:
            order = filter_order(order, self._matches, token)
        return replace(self, _order=order)

    def _column_label(self, path: Path) -> str:
        return next((c.label for c in self.table.columns if c.path == path), "?")


def next_sort(sort: Sort | None, path: Path) -> Sort | None:
    """Return the next sort of a column: ascending, descending, original order."""
    if sort is None or sort.path != path:
        return Sort(path)
    return None if sort.descending else Sort(path, descending=True)
