"""A table as it is looked at: sorted, filtered, some columns hidden."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from mixtui.core.records.cells import Path
from mixtui.core.records.columns import Column
from mixtui.core.records.filtering import kept, matching_rows, words
from mixtui.core.records.sorting import Sort, sorted_rows
from mixtui.core.records.table import Table
from mixtui.core.records.watch import Watch
from mixtui.core.words import pluralise


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
    def words(self) -> str:
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
        """The same without a column."""
        return replace(self, hidden=self.hidden | {path})

    def showing_all(self) -> View:
        """The same with all columns."""
        return replace(self, hidden=frozenset())

    def arranged(self, sort: Sort | None, text: str, watch: Watch) -> View:
        """The rows there are now that hold the words of a filter, in an order.

        For a thread, as it may take seconds. What is known already is not done again.

        Raises:
            Stopped: As wanted.
            OSError: The body cannot be read.
        """
        view, is_behind = self, self.is_behind
        if sort != view.sort or is_behind:
            rows = sorted_rows(view.table, sort, watch) if sort else None
            view = replace(view, sort=sort, _sorted=rows)
        if text != view.text or is_behind:
            wanted = words(text, view.table)
            found = matching_rows(view.table, wanted, watch) if wanted else None
            view = replace(view, text=text if wanted else "", _found=found)
        return view._combined(watch)

    def _combined(self, watch: Watch) -> View:
        order = self._sorted
        if self._found is not None:
            order = kept(order, self._found, watch)
        return replace(self, _order=order)

    def _name(self, path: Path) -> str:
        return next((c.label for c in self.table.columns if c.path == path), "?")


def next_sort(sort: Sort | None, path: Path) -> Sort | None:
    """The sort that follows for a column: rising, falling, none."""
    if sort is None or sort.path != path:
        return Sort(path)
    return None if sort.descending else Sort(path, descending=True)
