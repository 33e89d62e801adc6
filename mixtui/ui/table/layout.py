"""Lay out the columns of a table, and draw its header and rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct
from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from mixtui.charts.model import Unit
from mixtui.charts.summary import format_figure
from mixtui.tables.cells import Cell, CellKind, Path
from mixtui.tables.columns import Column, ColumnKind
from mixtui.tables.table import Row
from mixtui.tables.view import View
from mixtui.text import sanitize

MIN_WIDTH = 3
MAX_FITTED_WIDTH = 32
"""Cells that a column takes by itself; people may make it wider."""
COLUMN_GAP = 2
_MAX_CELL_CHARACTERS = 400
"""Characters of a cell that are drawn at most."""
_ELLIPSIS = "…"
_MIN_GROUPED = 4
"""Digits of a number whose thousands are grouped."""


class ColumnSlot(NamedTuple):
    """A column on the screen."""

    number: int
    """Its index among the columns that are not hidden."""
    column: Column
    width: int


class ColumnLayout(Struct, frozen=True):
    """The columns that fit, the first one always among them."""

    slots: tuple[ColumnSlot, ...]
    first: int
    """The first column after the pinned one."""
    has_more: bool
    """Whether there are more to the right."""


def lay_out_columns(
    columns: Sequence[Column], widths: Mapping[Path, int], first: int, available: int
) -> ColumnLayout:
    """Return the columns that fit, starting at one of them.

    Args:
        columns: Those that are not hidden.
        widths: Cells that each takes.
        first: The first one to show after the pinned one.
        available: Cells that there are.
    """
    first = max(1, min(first, len(columns) - 1))
    slots: list[ColumnSlot] = []
    for index in (0, *range(first, len(columns))):
        if index >= len(columns):
            break
        width = min(widths.get(columns[index].path, MIN_WIDTH), available)
        if width < MIN_WIDTH:
            return ColumnLayout(tuple(slots), first, True)
        slots.append(ColumnSlot(index, columns[index], width))
        available -= width + COLUMN_GAP
    # The last one is cut when it does not fit.
    return ColumnLayout(tuple(slots), first, available < -COLUMN_GAP)


def first_visible_column(
    columns: Sequence[Column],
    widths: Mapping[Path, int],
    first: int,
    cursor: int,
    available: int,
) -> int:
    """Return the first column after the pinned one that shows the cursor's in full.

    Args:
        columns: Those that are not hidden.
        widths: Cells that each takes.
        first: The first column now; it moves no further than needed.
        cursor: The cursor's column.
        available: Cells that there are.
    """
    if cursor == 0:
        return first

    def used(index: int) -> int:
        return widths.get(columns[index].path, MIN_WIDTH) + COLUMN_GAP

    # Backwards from the cursor: there may be thousands of columns.
    start, available = cursor, available - used(0) - used(cursor) + COLUMN_GAP
    while start - 1 >= max(1, first) and used(start - 1) <= available:
        start -= 1
        available -= used(start)
    return start


def cell_text(cell: Cell | None, unit: Unit | None = None) -> str:
    """Return the text of a cell on one line, sanitized for the terminal.

    Args:
        cell: None = the record has no such value.
        unit: How a number is shown; None = as it is written.
    """
    if cell is None:
        return ""
    if unit is not None and _is_number(cell):
        return _figure_text(cell.text, unit)
    return sanitize(cell.text[:_MAX_CELL_CHARACTERS])


def _figure_text(text: str, unit: Unit) -> str:
    """Return a number with its thousands grouped, or in its unit."""
    if unit is not Unit.NUMBER:
        return format_figure(float(text), unit)
    whole = text.partition(".")[0].partition("e")[0].partition("E")[0]
    if len(whole) < _MIN_GROUPED or len(whole) > _MAX_CELL_CHARACTERS:
        return text[:_MAX_CELL_CHARACTERS]
    return f"{int(whole):,}" + text[len(whole) :]


def fit(text: str, width: int, *, right: bool = False) -> str:
    """Return the text padded to a width, or truncated with ``…``."""
    length = cell_len(text)
    if length > width:
        return set_cell_size(set_cell_size(text, width - 1).rstrip() + _ELLIPSIS, width)
    space = " " * (width - length)
    return space + text if right else text + space


def is_right_aligned(column: Column, cell: Cell | None) -> bool:
    """Return whether a cell is right-aligned: numbers are, where they are compared."""
    if column.kind is ColumnKind.NUMBER:
        return True
    return column.kind is ColumnKind.MIXED and cell is not None and _is_number(cell)


def _is_number(cell: Cell) -> bool:
    return cell.kind is CellKind.NUMBER


def component_class(cell: Cell | None) -> str:
    """Return the component class of a cell."""
    if cell is None or cell.is_null:
        return "table--nothing"
    return {
        CellKind.NUMBER: "table--number",
        CellKind.TEXT: "table--text",
        CellKind.WORD: "table--word",
        CellKind.NESTED: "table--nested",
    }[cell.kind]


class TableStyles(Struct, frozen=True):
    """The styles of a table."""

    base: Style
    _parts: Mapping[str, Style]

    def style(self, name: str) -> Style:
        """Return the full style of a component class."""
        return self.base + self._parts[name]

    def on_row(self) -> TableStyles:
        """Return the styles of the cursor's row."""
        return TableStyles(self.style("table--row"), self._parts)


class RowLayout(Struct, frozen=True):
    """The geometry and styles of a row."""

    columns: ColumnLayout
    gutter: int
    """Cells of the row numbers and the gap after them."""
    width: int
    """Cells of the entire row."""
    styles: TableStyles


class Cursor(Struct, frozen=True):
    """The cursor in its row."""

    column: int
    has_focus: bool


def draw_header(view: View, layout: RowLayout, cursor_column: int) -> Strip:
    """Draw the labels of the columns, with an arrow at the one that sorts."""
    styles = layout.styles
    style, dim = styles.style("table--header"), styles.style("table--gutter")
    segments = [Segment(" " * layout.gutter, styles.base)]
    for slot in layout.columns.slots:
        column, label, arrow = slot.column, sanitize(slot.column.label), ""
        if view.sort is not None and view.sort.path == column.path:
            arrow = " ↓" if view.sort.descending else " ↑"
        available = max(1, min(slot.width - len(arrow), cell_len(label)))
        right = column.kind is ColumnKind.NUMBER
        text = fit(fit(label, available) + arrow, slot.width, right=right)
        cursor_style = (
            Style(underline=True) if slot.number == cursor_column else Style()
        )
        segments += [
            Segment(text, style + cursor_style),
            _gap(layout, slot.number, dim),
        ]
    strip = Strip(segments).adjust_cell_length(layout.width, styles.base)
    if layout.columns.has_more:
        end = Strip([Segment("›", dim)], 1)
        strip = Strip.join([strip.crop(0, layout.width - 1), end])
    return strip


def draw_row(row: Row, layout: RowLayout, cursor: Cursor | None) -> Strip:
    """Draw a row after its number.

    Args:
        row: The cells.
        layout: Where.
        cursor: None = it is in another row.
    """
    styles = layout.styles if cursor is None else layout.styles.on_row()
    dim = styles.style("table--gutter") + Style(bold=cursor is not None)
    number = f"{row.number + 1:>{layout.gutter - COLUMN_GAP}}"
    segments = [Segment(number + ("  " if cursor is None else "▸ "), dim)]
    for slot in layout.columns.slots:
        cell = row.cell(slot.column)
        right = is_right_aligned(slot.column, cell)
        text = fit(cell_text(cell, slot.column.unit), slot.width, right=right)
        name = component_class(cell)
        if cursor is not None and slot.number == cursor.column:
            name = "table--cursor" if cursor.has_focus else "table--blurred-cursor"
        segments += [
            Segment(text, styles.style(name)),
            _gap(layout, slot.number, dim),
        ]
    return Strip(segments).adjust_cell_length(layout.width, styles.base)


def _gap(layout: RowLayout, number: int, style: Style) -> Segment:
    """Return the gap after a column, marked where columns are scrolled away."""
    is_scrolled = number == 0 and layout.columns.first > 1
    return Segment("‹ " if is_scrolled else " " * COLUMN_GAP, style)
