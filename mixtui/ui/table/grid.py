"""The rows of a table: only those on the screen are read and drawn."""

from __future__ import annotations

from functools import cached_property

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.cache import LRUCache
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from mixtui.actions import Scope
from mixtui.tables.cells import Path
from mixtui.tables.columns import Column
from mixtui.tables.table import Row
from mixtui.tables.view import View
from mixtui.text import sanitize
from mixtui.ui.keys.keymap import bindings
from mixtui.ui.keys.motions import Motions
from mixtui.ui.table.layout import (
    COLUMN_GAP,
    MAX_FITTED_WIDTH,
    MIN_WIDTH,
    ColumnLayout,
    Cursor,
    RowLayout,
    TableStyles,
    cell_text,
    draw_header,
    draw_row,
    first_visible_column,
    fit,
    lay_out_columns,
)

_LAST = 1 << 40
"""Beyond any row or column."""
_WIDTH_STEP = 4
"""Cells that a key makes a column wider or narrower."""
_MAX_WIDTH = 400
_MEASURED_COLUMNS = 40
"""Columns on either side that might be on the screen."""
_ACTIONS = (
    "narrower",
    "wider",
    "cursor_up",
    "cursor_down",
    "cursor_left",
    "cursor_right",
    "page_up",
    "page_down",
    "first_column",
    "last_column",
    "first_row",
    "last_row",
)
_CELL_CLASSES = ("header", "gutter", "number", "text", "word", "nested", "nothing")


class TableGrid(Motions, ScrollView, inherit_bindings=False):
    """Shows a view of a table, with a cursor on one cell."""

    row = 0
    """The cursor's row, from 0, in the order shown."""
    column = 0
    """The cursor's column, among those not hidden."""
    DEFAULT_CSS = """
    TableGrid {
        height: 1fr; background: transparent; color: $foreground;
        overflow-x: hidden; scrollbar-size: 1 1; scrollbar-gutter: stable;
    }
    TableGrid > .table--header { color: $text-primary; text-style: bold; }
    TableGrid > .table--gutter { color: $text-muted; }
    TableGrid > .table--number { color: $text-secondary; }
    TableGrid > .table--text { color: $foreground; }
    TableGrid > .table--word { color: $text-accent; }
    TableGrid > .table--nested { color: $text-muted; text-style: italic; }
    TableGrid > .table--nothing { color: $text-muted; }
    TableGrid > .table--row { background: $primary-muted; }
    TableGrid > .table--cursor {
        background: $block-cursor-background; color: $block-cursor-foreground;
        text-style: $block-cursor-text-style;
    }
    TableGrid > .table--blurred-cursor {
        background: $block-cursor-blurred-background;
        color: $block-cursor-blurred-foreground; text-style: underline;
    }
    """
    COMPONENT_CLASSES = {
        *(f"table--{name}" for name in _CELL_CLASSES),
        "table--row",
        "table--cursor",
        "table--blurred-cursor",
    }
    BINDINGS = bindings(Scope.TABLE, only=_ACTIONS)
    view: View | None = None
    """What is displayed; see `show`."""
    empty_text = ""
    """Displayed if there are no rows."""
    _first_column = 1
    _columns = ColumnLayout((), 1, False)
    _version = 0
    _cached_styles: TableStyles | None = None

    class Changed(Message):
        """Posted when other rows or columns are shown, or more of them."""

    class Moved(Message):
        """Posted when the cursor is on another cell."""

    class Chosen(Message):
        """Posted when a cell is clicked twice."""

    class HeaderClicked(Message):
        """Posted when a column's header is clicked."""

    @cached_property
    def _strips(self) -> LRUCache[tuple[int, int], Strip]:
        return LRUCache(512)

    @cached_property
    def _fitted_widths(self) -> dict[Path, int]:
        return {}

    @cached_property
    def _chosen_widths(self) -> dict[Path, int]:
        return {}

    # What is shown

    def show(
        self, view: View | None, empty_text: str = "", *, to_top: bool = False
    ) -> None:
        """Show a view; start at the first cell of another table.

        Args:
            view: None = nothing.
            empty_text: Displayed if there are no rows.
            to_top: Go to the first row, as the order has changed.
        """
        if view is None or self.view is None or view.table is not self.view.table:
            self.column, self._first_column, to_top = 0, 1, True
            self._fitted_widths.clear()
            self._chosen_widths.clear()
        if to_top:
            self.row = 0
            self.scroll_to(y=0, animate=False, immediate=True, force=True)
        self.view, self.empty_text = view, empty_text
        self._strips.clear()
        self.update_extent()

    def update_extent(self) -> None:
        """Take in rows and columns that were added to the table."""
        height = self.row_count + 1 if self.view is not None else 0
        self.virtual_size = Size(0, height)
        self.go_to(self.row, self.column)
        self.post_message(self.Changed())

    @property
    def row_count(self) -> int:
        return 0 if self.view is None else len(self.view.numbers)

    @property
    def current(self) -> tuple[Row, Column] | None:
        """The row and the column under the cursor; None = there is none."""
        if self.view is None or not self.row_count or not self.view.columns:
            return None
        number = self.view.numbers[self.row]
        return self.view.table.row(number), self.view.columns[self.column]

    def on_resize(self) -> None:
        self._lay_out()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def notify_style_update(self) -> None:
        """Discard what was drawn in the old colours."""
        self._strips.clear()
        self._cached_styles = None
        super().notify_style_update()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Widen columns for the rows that come into view."""
        super().watch_scroll_y(old_value, new_value)
        self._lay_out()

    # Moving

    def go_to(self, row: int, column: int) -> None:
        """Move the cursor to a cell, or to the nearest."""
        columns = len(self.view.columns) if self.view is not None else 0
        moved = (
            max(0, min(row, self.row_count - 1)),
            max(0, min(column, columns - 1)),
        )
        changed = moved != (self.row, self.column)
        self.row, self.column = moved
        top, page = round(self.scroll_y), self.page_rows
        if self.row < top:
            top = self.row
        elif self.row >= top + page:
            top = self.row - page + 1
        self.scroll_to(y=top, animate=False, immediate=True, force=True)
        self._lay_out()
        if changed:
            self.post_message(self.Moved())

    @property
    def page_rows(self) -> int:
        """The rows that fit on the screen."""
        return max(1, self.scrollable_content_region.height - 1)

    def page(self, rows: int) -> None:
        """Move the cursor and the screen by rows."""
        y = round(self.scroll_y) + rows
        self.scroll_to(y=y, animate=False, immediate=True, force=True)
        self.go_to(self.row + rows, self.column)

    def action_narrower(self) -> None:
        self._widen(-_WIDTH_STEP)

    def action_wider(self) -> None:
        self._widen(_WIDTH_STEP)

    def _widen(self, cells: int) -> None:
        if self.view is None or not self.view.columns:
            return
        path = self.view.columns[self.column].path
        width = self._widths.get(path, MIN_WIDTH) + cells
        self._chosen_widths[path] = max(MIN_WIDTH, min(width, _MAX_WIDTH))
        self._lay_out()

    def on_click(self, event: events.Click) -> None:
        index = self._column_at(event.x)
        if event.y == 0 and index is not None:
            self.go_to(self.row, index)
            self.post_message(self.HeaderClicked())
        elif 0 < event.y <= self.row_count - round(self.scroll_y):
            row = round(self.scroll_y) + event.y - 1
            self.go_to(row, self.column if index is None else index)
            if event.chain == 2:
                self.post_message(self.Chosen())

    def _column_at(self, x: int) -> int | None:
        index = self._gutter_width
        for slot in self._columns.slots:
            if index <= x < index + slot.width + COLUMN_GAP:
                return slot.number
            index += slot.width + COLUMN_GAP
        return None

    # Laying out

    @property
    def _gutter_width(self) -> int:
        if self.view is None:
            return 0
        return len(str(max(1, self.view.table.row_count))) + COLUMN_GAP

    @property
    def _widths(self) -> dict[Path, int]:
        return self._fitted_widths | self._chosen_widths

    def _lay_out(self) -> None:
        """Choose the columns that fit, as wide as the visible rows need."""
        view = self.view
        if view is not None and self.is_mounted:
            columns, available = view.columns, self.size.width - self._gutter_width
            available -= self.scrollbar_size_vertical
            self._measure(view, columns)
            self._first_column = first_visible_column(
                columns, self._widths, self._first_column, self.column, available
            )
            column_layout = lay_out_columns(
                columns, self._widths, self._first_column, available
            )
            if column_layout != self._columns:
                self._columns = column_layout
                self._version += 1
        self.refresh()

    def _measure(self, view: View, columns: tuple[Column, ...]) -> None:
        """Widen columns to their contents; they never shrink by themselves."""
        spans = (
            (0, 1),
            (self.column - _MEASURED_COLUMNS, self.column + 1),
            (self._first_column, self._first_column + _MEASURED_COLUMNS),
        )
        near = [c for start, end in spans for c in columns[max(0, start) : end]]
        top = round(self.scroll_y)
        rows = [view.table.row(n) for n in view.numbers[top : top + self.page_rows]]
        for column in near:
            width = self._fitted_widths.get(column.path, 0)
            if width >= MAX_FITTED_WIDTH or column.path in self._chosen_widths:
                continue
            # Room for the arrow of a sort.
            texts = (cell_len(cell_text(row.cell(column), column.unit)) for row in rows)
            widest = max(cell_len(sanitize(column.label)) + 2, *texts, 0)
            self._fitted_widths[column.path] = max(
                width, MIN_WIDTH, min(widest, MAX_FITTED_WIDTH)
            )

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Draw the header, or a row."""
        width, view = self.scrollable_content_region.width, self.view
        if y == 0 and view is not None and view.columns:
            page = RowLayout(
                self._columns, self._gutter_width, width, self._table_styles()
            )
            return draw_header(view, page, self.column)
        index = round(self.scroll_y) + y - 1
        if view is not None and 0 <= index < self.row_count:
            return self._row(view, index, width)
        text = self.empty_text if y == 1 and not self.row_count else ""
        style = self._table_styles().style("table--gutter")
        return Strip([Segment(fit(f" {text}", width), style)], width)

    def _table_styles(self) -> TableStyles:
        """Return the styles of all parts."""
        if self._cached_styles is None:
            names = sorted(self.COMPONENT_CLASSES)
            styles = {n: self.get_component_rich_style(n, partial=True) for n in names}
            self._cached_styles = TableStyles(self.rich_style, styles)
        return self._cached_styles

    def _row(self, view: View, index: int, width: int) -> Strip:
        number = view.numbers[index]
        page = RowLayout(self._columns, self._gutter_width, width, self._table_styles())
        if index == self.row:
            cursor = Cursor(self.column, self.has_focus)
            return draw_row(view.table.row(number), page, cursor)
        key = (number, self._version)
        strip = self._strips.get(key)
        if strip is None or strip.cell_length != width:
            strip = draw_row(view.table.row(number), page, None)
            self._strips[key] = strip
        return strip

    def move_by(self, rows: int) -> None:
        self.go_to(self.row + rows, self.column)

    def move_to(self, row: int) -> None:
        self.go_to(row, self.column)

    def move_to_end(self) -> None:
        self.go_to(_LAST, self.column)

    def move_sideways(self, columns: int) -> None:
        self.go_to(self.row, self.column + columns)

    action_cursor_up, action_cursor_down = Motions.action_up, Motions.action_down
    action_cursor_left, action_cursor_right = Motions.action_left, Motions.action_right
    action_first_row, action_last_row = Motions.action_top, Motions.action_bottom

    def action_page_up(self) -> None:
        self.page(-self.page_rows * (self.take_count() or 1))

    def action_page_down(self) -> None:
        self.page(self.page_rows * (self.take_count() or 1))

    def action_first_column(self) -> None:
        self.go_to(self.row, 0)

    def action_last_column(self) -> None:
        """The last column."""
        self.go_to(self.row, _LAST)
