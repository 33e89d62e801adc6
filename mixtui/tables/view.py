"""A view of a table: sorted, filtered, with hidden columns."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from mixtui.system import CancelToken
from mixtui.tables.cells import Cell, Kind, Path, Pick, Reader
from mixtui.tables.columns import Column
from mixtui.tables.table import Table
from mixtui.text import pluralise

_FILTER_STEP = 1024
_WORD = re.compile(
    r'(?:(?P<column>"[^"]+"|[^\s":][^\s:]*):)?(?P<word>"[^"]*"?|[^\s"]\S*)'
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word that a row has to hold."""

    text: str
    """In lower case."""
    column: Column | None = None
    """Where; None = anywhere."""


def parse_filter(text: str, table: Table) -> tuple[Word, ...]:
    """Return the words of a filter.

    What stands before a colon is a column if the table has one of that name; otherwise
    it is part of the word, as in ``https://example.com``.
    """
    results = []
    for match in _WORD.finditer(text):
        name, word = match["column"], match["word"]
        column = table.column(name.strip('"')) if name else None
        plain = word.strip('"') if column or not name else match[0]
        if plain:
            results.append(Word(plain.lower(), column))
    return tuple(results)


def matching_rows(
    table: Table, wanted: tuple[Word, ...], token: CancelToken
) -> bytearray:
    """Return a byte for each row: 1 where all words are found, whatever their case.

    Raises:
        Cancelled: The token was cancelled.
        OSError: The body cannot be read.
    """
    count = table.row_count
    matches = bytearray(count)
    tests = [_Test(table.reader, word) for word in wanted]
    records = zip(range(count), table.records.texts(), strict=False)
    for row, record in records:
        if row % _FILTER_STEP == 0:
            token.checkpoint(row, count)
        # Most rows need not be taken apart, unless an escape may hide a character.
        if b"\\" not in record:
            lowered = record.decode("utf-8", "replace").lower()
            if not all(test.may_be_in(lowered) for test in tests):
                continue
        matches[row] = all(test.holds(record) for test in tests)
    return matches


def shown_rows(
    order: array[int] | None, matches: bytearray, token: CancelToken
) -> array[int]:
    """Return the rows that were found, in the order given; None = that of the body.

    Raises:
        Cancelled: The token was cancelled.
    """
    rows = range(len(matches)) if order is None else order
    result = array("I")
    for start in range(0, len(rows), _FILTER_STEP * 8):
        token.checkpoint(start, len(rows))
        part = rows[start : start + _FILTER_STEP * 8]
        # More rows may have been sorted than were looked through.
        result.extend([row for row in part if row < len(matches) and matches[row]])
    return result


class _Test:
    """Whether a record holds a word."""

    def __init__(self, reader: Reader, word: Word) -> None:
        self._reader = reader
        self._word = word.text
        # A nested value is searched without the spaces that it came with, and the lower
        # case of a sigma depends on what follows it.
        self._can_skip = not any(sign in word.text for sign in '",:[]{}σς')
        self._pick: Pick | None = None
        if word.column is not None:
            self._pick = reader.pick(word.column.path)

    def may_be_in(self, lowered: str) -> bool:
        return self._word in lowered or not self._can_skip

    def holds(self, record: bytes) -> bool:
        if self._pick is not None:
            raw = self._pick(record)
            return raw is not None and self._is_in(raw)
        return any(map(self._is_in, self._reader.values(record).values()))

    def _is_in(self, raw: bytes) -> bool:
        return self._word in searched(self._reader.cell(raw))


def searched(cell: Cell) -> str:
    """Return what a filter looks at: of a nested value all that it holds."""
    return (cell.full_text if cell.kind is Kind.NESTED else cell.text).lower()


_STEP = 2048
_BUCKET = 16_384
"""Rows that are sorted at once: nothing else of the program runs meanwhile."""
_LONGEST_INTEGER = 4000
"""Digits; Python reads no more without being asked to."""
_SHARED = 50_000
"""Different values that are kept once each: names and dates repeat."""


@dataclass(frozen=True, slots=True)
class Sort:
    """By which column, and in which direction."""

    path: Path
    descending: bool = False


Key = Any
"""A number, or what else compares with its like."""


def sorted_rows(table: Table, sort: Sort, token: CancelToken) -> array[int]:
    """The rows in order: numbers, then texts, words, nested values by their length.

    Rows that are equal stay in the order of the body. Those with null or nothing come
    last, in both directions.

    Raises:
        Cancelled: The token was cancelled.
        OSError: The body cannot be read.
    """
    groups, nothing = _groups(table, sort.path, token)
    order = array("I")
    for group in reversed(groups) if sort.descending else groups:
        for part in _in_order(*group, sort.descending):
            order.extend(part)
            token.checkpoint(table.row_count + len(order), 2 * table.row_count)
    order.extend(nothing)
    return order


def sort_key(reader: Reader, raw: bytes) -> tuple[int, Key] | None:
    """The group that a value is sorted in, and its place there; None = the end."""
    cell = reader.cell(raw)
    if cell.kind is Kind.NUMBER:
        return 0, number(cell.text)
    if cell.kind is Kind.TEXT:
        return 1, cell.text
    if cell.kind is Kind.NESTED:
        return 3, len(cell.full_text)
    return None if cell.is_null else (2, cell.text)


def number(text: str) -> int | float | Decimal:
    """Return a number of JSON, exact enough to be compared with any other."""
    if text.lstrip("-").isdigit() and len(text) < _LONGEST_INTEGER:
        return int(text)
    if len(text) < 17 and abs(value := float(text)) < 1e300:
        return value
    try:
        return Decimal(text)
    except InvalidOperation:
        return float(text)  # Beyond all bounds: infinite, or nothing.


_Group = tuple["array[int]", list[Key]]


def _groups(
    table: Table, path: Path, token: CancelToken
) -> tuple[list[_Group], array[int]]:
    """Return the rows of each group with their keys; those that come last."""
    groups: list[_Group] = [(array("I"), []) for _ in range(4)]
    nothing = array("I")
    reader, pick, count = table.reader, table.reader.pick(path), table.row_count
    known: dict[bytes, tuple[int, Key] | None] = {}
    for row, record in enumerate(_first(table.records.texts(), count)):
        if row % _STEP == 0:
            token.checkpoint(row, 2 * count)
        raw = pick(record)
        if raw is None:
            nothing.append(row)
            continue
        if raw in known:
            key = known[raw]
        else:
            key = sort_key(reader, raw)
            if len(known) < _SHARED:
                known[raw] = key
        if key is None:
            nothing.append(row)
        else:
            rows, keys = groups[key[0]]
            rows.append(row)
            keys.append(key[1])
    return groups, nothing


def _first(records: Iterator[bytes], count: int) -> Iterator[bytes]:
    return (record for record, _ in zip(records, range(count), strict=False))


def _in_order(
    rows: Sequence[int], keys: list[Key], descending: bool
) -> Iterator[list[int]]:
    """Yield the rows by their keys, stable, a few thousand at a time.

    Python lets nothing else run while it sorts a list, so a long one is dealt into
    buckets first: a sample of the keys says where one ends.
    """
    count = len(keys) // _BUCKET
    sample = sorted(keys[:: max(1, len(keys) // (count * 16))]) if count else []
    edges = sample[16::16]
    buckets = [array("I") for _ in range(len(edges) + 1)]
    for position, key in enumerate(keys):
        buckets[bisect_right(edges, key)].append(position)
    for bucket in reversed(buckets) if descending else buckets:
        ordered = sorted(bucket, key=keys.__getitem__, reverse=descending)
        yield [rows[index] for index in ordered]


@dataclass(frozen=True, slots=True)
class View:
    """What of a table is shown, and in which order."""

    table: Table
    sort: Sort | None = None
    text: str = ""
    """The filter as it was typed."""
    hidden: frozenset[Path] = frozenset()
    _sorted: array[int] | None = field(default=None, repr=False, compare=False)
    _found: bytearray | None = field(default=None, repr=False, compare=False)
    _order: array[int] | None = field(default=None, repr=False, compare=False)
    """What the two make together; None = all rows in the order of the body."""

    @property
    def numbers(self) -> Sequence[int]:
        """The rows shown, by their place in the body."""
        return range(self.table.row_count) if self._order is None else self._order

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns shown."""
        return tuple(c for c in self.table.columns if c.path not in self.hidden)

    @property
    def is_behind(self) -> bool:
        """Whether rows have come since it was sorted or filtered."""
        known = self._sorted if self._found is None else self._found
        return known is not None and len(known) < self.table.row_count

    @property
    def filter_text(self) -> str:
        """What is shown: ``1,204 of 653,000 rows · sorted by time ↓ · .results``."""
        count, shown = self.table.row_count, len(self.numbers)
        rows = pluralise(count, "row")
        parts = [f"{shown:,} of {rows} with {self.text}" if self.text else rows]
        if self.sort is not None:
            arrow = "↓" if self.sort.descending else "↑"
            parts.append(f"sorted by {self._name(self.sort.path)} {arrow}")
        if hidden := len(self.hidden):
            parts.append(f"{pluralise(hidden, 'column')} hidden")
        return " · ".join([*parts, self.table.title])

    def hiding(self, path: Path) -> View:
        """Return the same without a column."""
        return replace(self, hidden=self.hidden | {path})

    def showing_all(self) -> View:
        """Return the same with all columns."""
        return replace(self, hidden=frozenset())

    def arranged(self, sort: Sort | None, text: str, token: CancelToken) -> View:
        """Return the rows there are now that hold the words of a filter, in an order.

        For a thread, as it may take seconds. What is known already is not done again.

        Raises:
            Cancelled: The token was cancelled.
            OSError: The body cannot be read.
        """
        view, is_behind = self, self.is_behind
        if sort != view.sort or is_behind:
            rows = sorted_rows(view.table, sort, token) if sort else None
            view = replace(view, sort=sort, _sorted=rows)
        if text != view.text or is_behind:
            wanted = parse_filter(text, view.table)
            matches = matching_rows(view.table, wanted, token) if wanted else None
            view = replace(view, text=text if wanted else "", _found=matches)
        return view._combined(token)

    def _combined(self, token: CancelToken) -> View:
        order = self._sorted
        if self._found is not None:
            order = shown_rows(order, self._found, token)
        return replace(self, _order=order)

    def _name(self, path: Path) -> str:
        return next((c.label for c in self.table.columns if c.path == path), "?")


def next_sort(sort: Sort | None, path: Path) -> Sort | None:
    """Return the next sort of a column: ascending, descending, original order."""
    if sort is None or sort.path != path:
        return Sort(path)
    return None if sort.descending else Sort(path, descending=True)
