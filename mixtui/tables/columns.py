"""Find the columns of a table from its records."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from mixtui.charts.model import Unit
from mixtui.patterns import compile_late
from mixtui.tables.cells import KEY, VALUE, CellKind, Path, Reader, Values

SAMPLE_SIZE = 1000
"""Records that determine the kinds of columns."""
MAX_COLUMNS = 1000
"""A record with more can be opened as a whole."""
_LEADING_NAMES = ("$distinct_id", "event", "time", "distinct_id")
_DATE = compile_late(r"\d{4}-\d{2}-\d{2}(?:[T ]\S*)?", re.ASCII)


class ColumnKind(StrEnum):
    """The kind of a column's values."""

    NUMBER = "number"
    DATE = "date"
    TEXT = "text"
    MIXED = "mixed"
    NESTED = "nested"


class Column(Struct, frozen=True):
    """A column of a table."""

    path: Path
    """The path of its values in a record."""
    title: str
    """``properties.$city``."""
    label: str
    """The title, or its last part where that is unique."""
    kind: ColumnKind
    unit: Unit | None = None
    """How its numbers are shown; None = as they are written, as ids and times are."""


class ColumnFinder:
    """Collects columns from records in order.

    Args:
        reader: Reads the records.
        key_title: The title of the key column, if records have keys.
        first: Columns that always exist, in order.
        unit: How the numbers are shown, if all of them are figures.
    """

    def __init__(
        self,
        reader: Reader,
        key_title: str = "key",
        first: Iterable[Path] = (),
        unit: Unit | None = None,
    ) -> None:
        self._reader = reader
        self._unit = unit
        self._key_title = key_title
        self._fixed = tuple(first)
        self._kinds: dict[Path, set[ColumnKind | None]] = {
            p: set() for p in self._fixed
        }
        self.record_count = 0
        """Records added so far."""

    def add_record(self, values: Values) -> bool:
        """Add the columns of a record; returns whether any is new."""
        self.record_count += 1
        kinds = self._kinds
        if self.record_count > SAMPLE_SIZE:
            if kinds.keys() >= values.keys():
                return False
            new_paths = [path for path in values if path not in kinds]
            for path in new_paths[: max(0, MAX_COLUMNS - len(kinds))]:
                kinds[path] = {_kind(self._reader, values[path])}
            return len(kinds) < MAX_COLUMNS
        previous_count = len(kinds)
        for path, raw in values.items():
            if path in kinds:
                kinds[path].add(_kind(self._reader, raw))
            elif previous_count < MAX_COLUMNS:
                kinds[path] = {_kind(self._reader, raw)}
        return len(kinds) > previous_count

    def columns(self, previous: tuple[Column, ...] = ()) -> tuple[Column, ...]:
        """Return all columns: previous ones keep their position, new ones follow."""
        paths = {column.path: None for column in previous}
        if self._fixed:
            paths |= dict.fromkeys(self._fixed)
        elif any(len(path) > 1 for path in self._kinds):
            # An event or a profile; the columns of flat records are in an order of their own.
            paths |= dict.fromkeys(sorted(self._kinds, key=_leading_rank))
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
                self._unit,
            )
            for path, title, label in zip(paths, titles, labels, strict=True)
        )


def series_columns(names: list[str], key_title: str) -> tuple[Column, ...]:
    """Return the columns of a series: the dates, and a number for each name."""
    key = Column(KEY, key_title, key_title, ColumnKind.DATE)
    numbers = (Column((n,), n, n, ColumnKind.NUMBER, Unit.NUMBER) for n in names)
    return (key, *numbers)


def _leading_rank(path: Path) -> int:
    """Return the sort key that moves the columns people look for to the front."""
    if path == KEY:
        return -1
    is_top_level = len(path) == 1 or path[:1] == ("properties",)
    if is_top_level and path[-1] in _LEADING_NAMES:
        return _LEADING_NAMES.index(str(path[-1]))
    return len(_LEADING_NAMES)


def _title(path: Path, key_title: str) -> str:
    if path == KEY:
        return key_title
    if path == VALUE:
        return "value"
    return ".".join(f"[{p}]" if isinstance(p, int) else p for p in path)


def _kind(reader: Reader, raw: bytes) -> ColumnKind | None:
    """Return the kind of a value; None = null, which any kind may have."""
    cell = reader.cell(raw)
    if cell.kind is CellKind.NUMBER:
        return ColumnKind.NUMBER
    if cell.kind is CellKind.NESTED:
        return ColumnKind.NESTED
    if cell.kind is CellKind.WORD:
        return None if cell.is_null else ColumnKind.TEXT
    return ColumnKind.DATE if _DATE.fullmatch(cell.text) else ColumnKind.TEXT


def _common_kind(kinds: set[ColumnKind | None]) -> ColumnKind:
    """Combine the kinds of a column's values into one."""
    known_kinds = kinds - {None}
    if len(known_kinds) == 1 and (kind := known_kinds.pop()) is not None:
        return kind
    if known_kinds <= {ColumnKind.DATE, ColumnKind.TEXT}:
        return ColumnKind.TEXT
    return ColumnKind.MIXED
