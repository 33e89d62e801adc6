"""Rows drawn by the line: a view that scrolls them, and a list with a cursor."""

from __future__ import annotations

from collections.abc import Iterable

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from mixtui.ui.keys.motions import Motions


class RowView(Motions, ScrollView, can_focus=False, inherit_bindings=False):
    """Draws rows by the line, and scrolls them; only what changed is repainted.

    A subclass overrides `row_count` and `draw_row`, and calls `show_rows` when it has
    other rows. It binds the keys that it wants to the actions of `Motions`. What it must override
    raises NotImplementedError: the metaclass of Textual's widgets excludes ABC.
    """

    DEFAULT_CSS = """
    RowView {
        background: transparent; color: $foreground; width: 1fr; height: 1fr;
        scrollbar-size: 1 1; scrollbar-gutter: stable; overflow-x: hidden;
    }
    """

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    @property
    def row_width(self) -> int:
        """Cells of the widest row, if rows scroll sideways."""
        return 0

    def draw_row(self, index: int, width: int) -> Strip:
        """Draw a row in exactly `width` cells."""
        raise NotImplementedError

    def show_rows(self) -> None:
        """Draw other rows from now on."""
        self.virtual_size = Size(self.row_width, self.row_count)
        self.refresh()

    def row_at(self, event: events.MouseEvent) -> int | None:
        """Return the index of the row under the mouse, if there is one."""
        offset = event.get_content_offset(self)
        if offset is None:
            return None
        index = offset.y + round(self.scroll_y)
        return index if index < self.row_count else None

    def foreground_style(self, component_class: str) -> Style:
        """Return the style of a component's text, without its background.

        The background is that of the view, or of the cursor.
        """
        style = self.get_component_rich_style(component_class)
        return self.rich_style + Style(color=style.color, dim=style.dim)

    # Movement

    def move_by(self, rows: int) -> None:
        """Scroll by some rows."""
        self.scroll_relative(y=rows, animate=False, force=True)

    def move_to(self, row: int) -> None:
        """Scroll a row to the top."""
        self.scroll_to(y=row, animate=False, force=True)

    def move_to_end(self) -> None:
        """Scroll the last row into view."""
        self.move_to(self.max_scroll_y)

    # Drawing

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        index = y + round(self.scroll_y)
        if index >= self.row_count:
            return Strip.blank(width, self.rich_style)
        return self.draw_row(index, width)


class RowList(RowView, can_focus=True):
    """A view of rows with a cursor on one of them.

    A subclass overrides `row_count` and `row_segments`.
    """

    DEFAULT_CSS = """
    RowList > .row--cursor { background: $primary-muted; }
    RowList:ansi > .row--cursor { background: transparent; text-style: reverse; }
    """
    COMPONENT_CLASSES = {"row--cursor"}

    cursor: reactive[int | None] = reactive[int | None](None, init=False)
    """Index of the row under the cursor; None = there is no such row."""

    class CursorMoved(Message):
        """Another row is under the cursor, or none."""

    class Selected(Message):
        """The row under the cursor was clicked twice."""

    def is_selectable(self, index: int) -> bool:
        """Whether the cursor can stand on a row: not on headings, for instance."""
        return True

    def row_segments(
        self, index: int, width: int, *, selected: bool
    ) -> Iterable[Segment]:
        """Draw a row in up to `width` cells; whether the cursor stands on it."""
        raise NotImplementedError

    def show_rows(self, cursor: int | None = 0) -> None:
        """Draw other rows from now on.

        Args:
            cursor: The row to put the cursor on, or near; None = on no row.
        """
        super().show_rows()
        if cursor is not None:
            cursor = self._nearest_selectable(cursor, 1)
        # Another row even where its index is that of the row before.
        self.set_reactive(RowList.cursor, cursor)
        self.watch_cursor()

    def watch_cursor(self) -> None:
        self.scroll_to_cursor()
        self.post_message(self.CursorMoved())

    # Movement

    def move_by(self, rows: int) -> None:
        """Move the cursor by some rows."""
        self.move_to((self.cursor or 0) + rows, 1 if rows > 0 else -1)

    def move_to(self, row: int, direction: int = 1) -> None:
        """Move the cursor to a row, or the nearest one it can stand on.

        Args:
            row: An index; one out of range means the first row, or the last.
            direction: Where to look first if it cannot stand there: 1 or -1.
        """
        index = self._nearest_selectable(row, direction)
        self.cursor = self.cursor if index is None else index

    def move_to_end(self) -> None:
        """Move the cursor to the last row."""
        self.move_to(self.row_count - 1, -1)

    def scroll_to_cursor(self) -> None:
        """Bring the row under the cursor into view."""
        row = Region(0, self.cursor or 0, 1, 1)
        self.scroll_to_region(row, animate=False, force=True)

    def _nearest_selectable(self, row: int, direction: int) -> int | None:
        row = max(0, min(row, self.row_count - 1))
        for step in (direction, -direction):
            index = row
            while 0 <= index < self.row_count:
                if self.is_selectable(index):
                    return index
                index += step
        return None

    def on_resize(self) -> None:
        self.scroll_to_cursor()

    def on_click(self, event: events.Click) -> None:
        event.stop()
        row = self.row_at(event)
        if row is not None and self.is_selectable(row):
            self.move_to(row)
            if event.chain == 2:
                self.post_message(self.Selected())

    # Drawing

    def draw_row(self, index: int, width: int) -> Strip:
        selected = index == self.cursor
        strip = Strip(self.row_segments(index, width, selected=selected))
        strip = strip.adjust_cell_length(width, self.rich_style)
        return self._highlight(strip) if selected else strip

    def _highlight(self, strip: Strip) -> Strip:
        cursor = self.get_component_rich_style("row--cursor")
        if cursor.reverse:  # One colour for all: the terminal has few.
            plain = Strip([Segment(s.text, self.rich_style + cursor) for s in strip])
            return plain.simplify()
        background = Style(bgcolor=cursor.bgcolor)
        return Strip(
            [Segment(s.text, (s.style or Style()) + background) for s in strip]
        )
