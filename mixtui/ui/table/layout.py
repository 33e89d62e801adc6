"""Where the columns of a table stand on the screen, and how a cell is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from mixtui.tables.cells import Cell, CellKind, Path
from mixtui.tables.columns import Column, ColumnKind
from mixtui.tables.table import Row
from mixtui.tables.view import View
from mixtui.text import sanitize

NARROWEST = 3
WIDEST = 32
"""Cells that a column takes by itself; people may make it wider."""
GAP = 2
_LONGEST = 400
"""Characters of a cell that are looked at."""
_CUT = "…"


class ColumnSlot(NamedTuple):
    """A column on the screen."""

    number: int
    """Which of the columns shown."""
    column: Column
    width: int


@dataclass(frozen=True, slots=True)
class ColumnLayout:
    """The columns that fit, the first one always among them."""

    shown: tuple[ColumnSlot, ...]
    left: int
    """The first column behind the pinned one."""
    more: bool
    """Whether there are more to the right."""


def places(
    columns: Sequence[Column], widths: Mapping[Path, int], left: int, room: int
) -> ColumnLayout:
    """What fits, from a column on.

    Args:
        columns: Those that are not hidden.
        widths: Cells that each takes.
        left: The first one to show behind the pinned one.
        room: Cells that there are.
    """
    left = max(1, min(left, len(columns) - 1))
    shown: list[ColumnSlot] = []
    for index in (0, *range(left, len(columns))):
        if index >= len(columns):
            break
        width = min(widths.get(columns[index].path, NARROWEST), room)
        if width < NARROWEST:
            return ColumnLayout(tuple(shown), left, True)
        shown.append(ColumnSlot(index, columns[index], width))
        room -= width + GAP
    # The last one is cut when it does not fit.
    return ColumnLayout(tuple(shown), left, room < -GAP)


def first_to_show(
    columns: Sequence[Column],
    widths: Mapping[Path, int],
    left: int,
    cursor: int,
    room: int,
) -> int:
    """The first column behind the pinned one, so that the cursor's shows whole."""
    if cursor == 0:
        return left

    def used(index: int) -> int:
        return widths.get(columns[index].path, NARROWEST) + GAP

    # Backwards from the cursor: there may be thousands of columns.
    first, room = cursor, room - used(0) - used(cursor) + GAP
    while first - 1 >= max(1, left) and used(first - 1) <= room:
        first -= 1
        room -= used(first)
    return first


def shown_text(cell: Cell | None) -> str:
    """What a cell shows, on one line and fit for the terminal."""
    if cell is None:
        return ""
    return sanitize(cell.text[:_LONGEST])


def fitted(text: str, width: int, *, right: bool = False) -> str:
    """The text in just so many cells; what does not fit ends in ``…``."""
    length = cell_len(text)
    if length > width:
        return set_cell_size(set_cell_size(text, width - 1).rstrip() + _CUT, width)
    space = " " * (width - length)
    return space + text if right else text + space


def is_right(column: Column, cell: Cell | None) -> bool:
    """Whether a cell stands at the right: numbers do, where they are compared."""
    if column.kind is ColumnKind.NUMBER:
        return True
    return column.kind is ColumnKind.MIXED and cell is not None and _is_number(cell)


def _is_number(cell: Cell) -> bool:
    return cell.kind is CellKind.NUMBER


def style_name(cell: Cell | None) -> str:
    """The component class of a cell."""
    if cell is None or cell.is_null:
        return "table--nothing"
    return {
        CellKind.NUMBER: "table--number",
        CellKind.TEXT: "table--text",
        CellKind.WORD: "table--word",
        CellKind.NESTED: "table--nested",
    }[cell.kind]


@dataclass(frozen=True, slots=True)
class TableStyles:
    """The styles of a table."""

    ground: Style
    _parts: Mapping[str, Style]

    def style(self, name: str) -> Style:
        """The whole style of a component class."""
        return self.ground + self._parts[name]

    def on_row(self) -> TableStyles:
        """The styles where the cursor's row is."""
        return TableStyles(self.style("table--row"), self._parts)


@dataclass(frozen=True, slots=True)
class Page:
    """Where things stand."""

    places: ColumnLayout
    gutter: int
    """Cells of the row numbers, and of the gap behind them."""
    width: int
    """Cells of all."""
    looks: TableStyles


@dataclass(frozen=True, slots=True)
class Cursor:
    """The cursor in its row."""

    column: int
    has_focus: bool


def header(view: View, page: Page, cursor_column: int) -> Strip:
    """The labels of the columns; an arrow where the rows are sorted."""
    looks = page.looks
    style, dim = looks.style("table--header"), looks.style("table--gutter")
    segments = [Segment(" " * page.gutter, looks.ground)]
    for column_slot in page.places.shown:
        column, label, arrow = (
            column_slot.column,
            sanitize(column_slot.column.label),
            "",
        )
        if view.sort is not None and view.sort.path == column.path:
            arrow = " ↓" if view.sort.descending else " ↑"
        room = max(1, min(column_slot.width - len(arrow), cell_len(label)))
        right = column.kind is ColumnKind.NUMBER
        text = fitted(fitted(label, room) + arrow, column_slot.width, right=right)
        cursor_style = (
            Style(underline=True) if column_slot.number == cursor_column else Style()
        )
        segments += [
            Segment(text, style + cursor_style),
            _gap(page, column_slot.number, dim),
        ]
    strip = Strip(segments).adjust_cell_length(page.width, looks.ground)
    if page.places.more:
        end = Strip([Segment("›", dim)], 1)
        strip = Strip.join([strip.crop(0, page.width - 1), end])
    return strip


def drawn(row: Row, page: Page, cursor: Cursor | None) -> Strip:
    """A row behind its number.

    Args:
        row: What it shows.
        page: Where.
        cursor: If it is in this row.
    """
    looks = page.looks if cursor is None else page.looks.on_row()
    dim = looks.style("table--gutter") + Style(bold=cursor is not None)
    number = f"{row.number + 1:>{page.gutter - GAP}}"
    segments = [Segment(number + ("  " if cursor is None else "▸ "), dim)]
    for column_slot in page.places.shown:
        cell = row.cell(column_slot.column)
        right = is_right(column_slot.column, cell)
        text = fitted(shown_text(cell), column_slot.width, right=right)
        name = style_name(cell)
        if cursor is not None and column_slot.number == cursor.column:
            name = "table--cursor" if cursor.has_focus else "table--blurred-cursor"
        segments += [
            Segment(text, looks.style(name)),
            _gap(page, column_slot.number, dim),
        ]
    return Strip(segments).adjust_cell_length(page.width, looks.ground)


def _gap(page: Page, number: int, style: Style) -> Segment:
    """What stands behind a column: a mark where columns are scrolled away."""
    is_scrolled = number == 0 and page.places.left > 1
    return Segment("‹ " if is_scrolled else " " * GAP, style)
