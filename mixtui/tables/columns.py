"""Find the columns of a table from its records."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from mixtui.tables.cells import KEY, VALUE, Kind, Path, Reader, Values

SAMPLE = 1000
"""Records that determine the kind of a column."""
MOST = 1000
"""The maximum number of columns; a record with more can be opened in full."""
_FIRST = ("$distinct_id", "event", "time", "distinct_id")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\S*)?", re.ASCII)


class ColumnKind(StrEnum):
    """The kind of a column's values."""

    NUMBER = "number"
    DATE = "date"
    TEXT = "text"
    MIXED = "mixed"
    NESTED = "nested"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    path: Path
    """The path of its values in a record."""
    title: str
    """``properties.$city``."""
    label: str
    """The title, or its last part where that is unique."""
    kind: ColumnKind


class ColumnFinder:
    """Collects columns from records in order.

    Args:
        reader: Reads the records.
        key_title: The title of the key column, if records have keys.
        first: Columns that always exist, in order.
    """

    def __init__(
        self, reader: Reader, key_title: str = "key", first: Iterable[Path] = ()
    ) -> None:
        self._reader = reader
        self._key_title = key_title
        self._given = tuple(first)
        self._kinds: dict[Path, set[ColumnKind | None]] = {
            p: set() for p in self._given
        }
        self.seen = 0
        """Records that it knows."""

    def add_record(self, values: Values) -> bool:
        """Add the columns of a record; returns whether any is new."""
        self.seen += 1
        kinds = self._kinds
        if self.seen > SAMPLE:
            if kinds.keys() >= values.keys():
                return False
            new = [path for path in values if path not in kinds]
            for path in new[: max(0, MOST - len(kinds))]:
                kinds[path] = {_kind(self._reader, values[path])}
            return len(kinds) < MOST
        before = len(kinds)
        for path, raw in values.items():
            if path in kinds:
                kinds[path].add(_kind(self._reader, raw))
            elif before < MOST:
                kinds[path] = {_kind(self._reader, raw)}
        return len(kinds) > before

    def columns(self, previous: tuple[Column, ...] = ()) -> tuple[Column, ...]:
        """Return all columns: known ones keep their position, new ones follow."""
        paths = {column.path: None for column in previous}
        paths |= dict.fromkeys(self._given or sorted(self._kinds, key=_rank))
        paths |= dict.fromkeys(self._kinds)
        labels = [_title(path[-1:], self._key_title) for path in paths]
        duplicates = Counter(labels)
        titles = [_title(path, self._key_title) for path in paths]
        return tuple(
            Column(
                path,
                title,
                label if duplicates[label] == 1 else title,
                _common_kind(self._kinds.get(path, set())),
            )
            for path, title, label in zip(paths, titles, labels, strict=True)
        )


def series_columns(names: list[str], key_title: str) -> tuple[Column, ...]:
    """Return the columns of a series: the dates, and a number for each name."""
    key = Column(KEY, key_title, key_title, ColumnKind.DATE)
    numbers = (Column((n,), n, n, ColumnKind.NUMBER) for n in names)
    return (key, *numbers)


def _rank(path: Path) -> int:
    """Rank the columns that are looked for first at the front; for a stable sort."""
    if path == KEY:
        return -1
    is_near = len(path) == 1 or path[:1] == ("properties",)
    if is_near and path[-1] in _FIRST:
        return _FIRST.index(str(path[-1]))
    return len(_FIRST)


def _title(path: Path, key_title: str) -> str:
    if path == KEY:
        return key_title
    if path == VALUE:
        return "value"
    return ".".join(f"[{p}]" if isinstance(p, int) else p for p in path)


def _kind(reader: Reader, raw: bytes) -> ColumnKind | None:
    """Return the kind of a value; None = null, which fits any kind."""
    cell = reader.cell(raw)
    if cell.kind is Kind.NUMBER:
        return ColumnKind.NUMBER
    if cell.kind is Kind.NESTED:
        return ColumnKind.NESTED
    if cell.kind is Kind.WORD:
        return None if cell.is_null else ColumnKind.TEXT
    return ColumnKind.DATE if _DATE.fullmatch(cell.text) else ColumnKind.TEXT


def _common_kind(kinds: set[ColumnKind | None]) -> ColumnKind:
    """Combine the kinds of a column's values into one."""
    known = kinds - {None}
    if len(known) == 1 and (kind := known.pop()) is not None:
        return kind
    if known <= {ColumnKind.DATE, ColumnKind.TEXT}:
        return ColumnKind.TEXT
    return ColumnKind.MIXED
