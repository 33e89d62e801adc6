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
from mixtui.ui.table.layout import (
    GAP,
    NARROWEST,
    WIDEST,
    ColumnLayout,
    Cursor,
    Page,
    TableStyles,
    drawn,
    first_to_show,
    fitted,
    header,
    places,
    shown_text,
)
from mixtui.ui.widgets.repaint import MinimalRepaint

_FAR = 1 << 40
"""Beyond any row or column."""


_STEP = 4
"""Cells that a key makes a column wider or narrower."""
_MOST = 400
_NEAR = 40
"""Columns on either side that might be on the screen."""
_OWN = (
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
_STYLES = ("header", "gutter", "number", "text", "word", "nested", "nothing")


class TableGrid(MinimalRepaint, ScrollView, inherit_bindings=False):
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
    TableGrid > .table--gutter { color: $text-disabled; }
    TableGrid > .table--number { color: $text-secondary; }
    TableGrid > .table--text { color: $foreground; }
    TableGrid > .table--word { color: $text-accent; }
    TableGrid > .table--nested { color: $text-muted; text-style: italic; }
    TableGrid > .table--nothing { color: $text-disabled; }
    TableGrid > .table--row { background: $primary-muted; }
    TableGrid > .table--cursor {
        background: $block-cursor-background; color: $block-cursor-foreground;
        text-style: bold;
    }
    TableGrid > .table--blurred-cursor {
        background: $block-cursor-blurred-background;
        color: $block-cursor-blurred-foreground; text-style: underline;
    }
    """
    COMPONENT_CLASSES = {
        *(f"table--{name}" for name in _STYLES),
        "table--row",
        "table--cursor",
        "table--blurred-cursor",
    }
    BINDINGS = bindings(Scope.TABLE, only=_OWN)
    view: View | None = None
    """What is shown; see `show`."""
    sentence = ""
    """What is said where there are no rows."""
    _left = 1
    _places = ColumnLayout((), 1, False)
    _version = 0
    _known_looks: TableStyles | None = None

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
    def _measured(self) -> dict[Path, int]:
        return {}

    @cached_property
    def _chosen_widths(self) -> dict[Path, int]:
        return {}

    # What is shown

    def show(
        self, view: View | None, sentence: str = "", *, to_top: bool = False
    ) -> None:
        """Show a view; start at the first cell of another table.

        Args:
            view: None = nothing.
            sentence: What is said if there are no rows.
            to_top: Go to the first row: the order is another.
        """
        if view is None or self.view is None or view.table is not self.view.table:
            self.column, self._left, to_top = 0, 1, True
            self._measured.clear()
            self._chosen_widths.clear()
        if to_top:
            self.row = 0
            self.scroll_to(y=0, animate=False, immediate=True, force=True)
        self.view, self.sentence = view, sentence
        self._strips.clear()
        self.grown()

    def grown(self) -> None:
        """Take in new rows and columns."""
        height = self.row_count + 1 if self.view is not None else 0
        self.virtual_size = Size(0, height)
        self.move_to(self.row, self.column)
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
        self._known_looks = None
        super().notify_style_update()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Widen columns for the rows that come into view."""
        super().watch_scroll_y(old_value, new_value)
        self._lay_out()

    # Moving

    def move_to(self, row: int, column: int) -> None:
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
        self.move_to(self.row + rows, self.column)

    def action_narrower(self) -> None:
        self._widen(-_STEP)

    def action_wider(self) -> None:
        self._widen(_STEP)

    def _widen(self, cells: int) -> None:
        if self.view is None or not self.view.columns:
            return
        path = self.view.columns[self.column].path
        width = self._widths.get(path, NARROWEST) + cells
        self._chosen_widths[path] = max(NARROWEST, min(width, _MOST))
        self._lay_out()

    def on_click(self, event: events.Click) -> None:
        index = self._column_at(event.x)
        if event.y == 0 and index is not None:
            self.move_to(self.row, index)
            self.post_message(self.HeaderClicked())
        elif 0 < event.y <= self.row_count - round(self.scroll_y):
            row = round(self.scroll_y) + event.y - 1
            self.move_to(row, self.column if index is None else index)
            if event.chain == 2:
                self.post_message(self.Chosen())

    def _column_at(self, x: int) -> int | None:
        index = self._gutter_width
        for column_slot in self._places.shown:
            if index <= x < index + column_slot.width + GAP:
                return column_slot.number
            index += column_slot.width + GAP
        return None

    # Laying out

    @property
    def _gutter_width(self) -> int:
        if self.view is None:
            return 0
        return len(str(max(1, self.view.table.row_count))) + GAP

    @property
    def _widths(self) -> dict[Path, int]:
        return self._measured | self._chosen_widths

    def _lay_out(self) -> None:
        """Choose the columns that fit, as wide as the visible rows need."""
        view = self.view
        if view is not None and self.is_mounted:
            columns, room = view.columns, self.size.width - self._gutter_width
            room -= self.scrollbar_size_vertical
            self._measure(view, columns)
            self._left = first_to_show(
                columns, self._widths, self._left, self.column, room
            )
            column_layout = places(columns, self._widths, self._left, room)
            if column_layout != self._places:
                self._places = column_layout
                self._version += 1
        self.refresh()

    def _measure(self, view: View, columns: tuple[Column, ...]) -> None:
        """Widen columns to their contents; they never shrink by themselves."""
        spans = (
            (0, 1),
            (self.column - _NEAR, self.column + 1),
            (self._left, self._left + _NEAR),
        )
        near = [c for start, end in spans for c in columns[max(0, start) : end]]
        top = round(self.scroll_y)
        rows = [view.table.row(n) for n in view.numbers[top : top + self.page_rows]]
        for column in near:
            width = self._measured.get(column.path, 0)
            if width >= WIDEST or column.path in self._chosen_widths:
                continue
            # Room for the arrow of a sort.
            texts = (cell_len(shown_text(row.cell(column))) for row in rows)
            widest = max(cell_len(sanitize(column.label)) + 2, *texts, 0)
            self._measured[column.path] = max(width, NARROWEST, min(widest, WIDEST))

    # Drawing

    def draw_line(self, y: int) -> Strip:
        """Draw the header, or a row."""
        width, view = self.scrollable_content_region.width, self.view
        if y == 0 and view is not None and view.columns:
            page = Page(self._places, self._gutter_width, width, self._looks())
            return header(view, page, self.column)
        index = round(self.scroll_y) + y - 1
        if view is not None and 0 <= index < self.row_count:
            return self._row(view, index, width)
        text = self.sentence if y == 1 and not self.row_count else ""
        style = self._looks().style("table--gutter")
        return Strip([Segment(fitted(f" {text}", width), style)], width)

    def _looks(self) -> TableStyles:
        """Return the styles of all parts."""
        if self._known_looks is None:
            names = sorted(self.COMPONENT_CLASSES)
            styles = {n: self.get_component_rich_style(n, partial=True) for n in names}
            self._known_looks = TableStyles(self.rich_style, styles)
        return self._known_looks

    def _row(self, view: View, index: int, width: int) -> Strip:
        number = view.numbers[index]
        page = Page(self._places, self._gutter_width, width, self._looks())
        if index == self.row:
            cursor = Cursor(self.column, self.has_focus)
            return drawn(view.table.row(number), page, cursor)
        key = (number, self._version)
        strip = self._strips.get(key)
        if strip is None or strip.cell_length != width:
            strip = drawn(view.table.row(number), page, None)
            self._strips[key] = strip
        return strip

    def action_cursor_up(self) -> None:
        self.move_to(self.row - 1, self.column)

    def action_cursor_down(self) -> None:
        self.move_to(self.row + 1, self.column)

    def action_cursor_left(self) -> None:
        self.move_to(self.row, self.column - 1)

    def action_cursor_right(self) -> None:
        self.move_to(self.row, self.column + 1)

    def action_page_up(self) -> None:
        self.page(-self.page_rows)

    def action_page_down(self) -> None:
        self.page(self.page_rows)

    def action_first_column(self) -> None:
        self.move_to(self.row, 0)

    def action_last_column(self) -> None:
        """The last column."""
        self.move_to(self.row, _FAR)

    def action_first_row(self) -> None:
        self.move_to(0, self.column)

    def action_last_row(self) -> None:
        self.move_to(_FAR, self.column)
