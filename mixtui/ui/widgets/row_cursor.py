"""Moving about in the rows of a document: the cursor, and what is on the screen.

Rows are counted where lines are not broken. Where they are, a place is an `Anchor`, and
moving looks at a screen's worth of lines, whatever the size of the document.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView

from mixtui.core.folding import FoldedView
from mixtui.ui.action import Scope
from mixtui.ui.keymap import bindings
from mixtui.ui.widgets.frugal import MinimalRepaint
from mixtui.ui.widgets.wrapping import Anchor, Wrapping

TOP = Anchor(0, 0)
_COLUMNS = 8
"""Cells that one key scrolls sideways."""
_WHEEL = 3
"""Rows that one notch of the wheel scrolls."""
_OWN = (
    "scroll_up",
    "scroll_down",
    "scroll_left",
    "scroll_right",
    "page_up",
    "page_down",
    "line_start",
    "line_end",
    "top",
    "bottom",
)


class LineCursorView(MinimalRepaint, ScrollView, inherit_bindings=False):
    """Rows that a cursor moves in; draws nothing itself."""

    BINDINGS = bindings(Scope.RESPONSE, only=_OWN)

    class CursorMoved(Message):
        """The cursor is in another line, or the document is another one."""

    view: FoldedView | None = None
    """The rows of what is shown; None = nothing is."""
    _cursor = TOP
    _top = TOP
    """What is at the top while lines are broken."""
    _wrapped: Wrapping | None = None
    """The rows of broken lines; None = lines are not broken."""
    _rows: Sequence[Anchor] = ()
    _rows_of: tuple[Anchor, int] | None = None
    """The top and the height that the rows belong to."""
    _following = False
    """The scroll bar is being moved to where the text is, not by a person."""
    _known = 0
    """Rows that there were when it was laid out last; a thread may know more."""

    @property
    def cursor_line(self) -> int:
        """The line of the document that the cursor is in."""
        return 0 if self.view is None else self.view.line_of(self._cursor.line)

    def grown(self) -> None:
        """There may be more rows than are known."""

    @property
    def _page(self) -> Size:
        return self.scrollable_content_region.size

    # Where things are

    def _at(self, y: int) -> Anchor | None:
        """What stands in a row of the screen; None = nothing does."""
        if self._wrapped is None:
            row = y + round(self.scroll_y)
            return Anchor(row, 0) if row < self._known else None
        wanted = (self._top, self._page.height)
        if wanted != self._rows_of:
            # Worked out once for all rows of the screen.
            self._rows, self._rows_of = self._wrapped.visible(*wanted), wanted
        return self._rows[y] if y < len(self._rows) else None

    def _on_screen(self, cursor: Anchor, height: int) -> bool:
        """Whether it is in the rows of a screen."""
        if self._wrapped is None:
            top = round(self.scroll_y)
            return top <= cursor.line < top + height
        return self._top <= cursor <= self._wrapped.moved(self._top, height - 1)

    def _rows_above(self) -> int:
        """Rows of the screen above the cursor; 0 = it is not on the screen."""
        height = self._page.height
        if not self._on_screen(self._cursor, height):
            return 0
        if self._wrapped is None:
            return self._cursor.line - round(self.scroll_y)
        return self._wrapped.visible(self._top, height).index(self._cursor)

    def _moved(self, anchor: Anchor, rows: int) -> Anchor:
        if self._wrapped is not None:
            return self._wrapped.moved(anchor, rows)
        last = max(0, self._known - 1)
        return Anchor(max(0, min(anchor.line + rows, last)), 0)

    # Moving the text

    def _show_from(self, top: Anchor) -> None:
        """Put a row at the top, but nothing beyond the end at the bottom."""
        if self._wrapped is None:
            self.scroll_to(y=top.line, animate=False, force=True)
            return
        self._top = min(top, self._wrapped.last(self._page.height))
        self._following = True
        y = min(self._wrapped.to_scroll(self._top), self.max_scroll_y)
        self.scroll_to(0, y, animate=False, force=True)
        self._following = False
        self.refresh()

    def _scroll(self, rows: int) -> None:
        """Move the text under the cursor's place on the screen."""
        if self._wrapped is None:
            self.scroll_relative(y=rows, animate=False, force=True)
        else:
            self._show_from(self._wrapped.moved(self._top, rows))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow the scroll bar when a person drags it."""
        super().watch_scroll_y(old_value, new_value)
        if self._wrapped is not None and not self._following:
            at_end = new_value >= self.max_scroll_y
            last = self._wrapped.last(self._page.height)
            top = last if at_end else self._wrapped.from_scroll(round(new_value))
            self._top = min(top, last)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves by rows, also within a long line."""
        self._wheel(event, _WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel moves by rows, also within a long line."""
        self._wheel(event, -_WHEEL)

    def _wheel(self, event: events.MouseEvent, rows: int) -> None:
        if self._wrapped is not None and not (event.ctrl or event.shift):
            event.stop()
            event.prevent_default()
            self._scroll(rows)

    # Moving the cursor

    def _place(self, cursor: Anchor) -> None:
        """Put the cursor somewhere, and the text where the cursor is seen."""
        if self.view is None:
            return
        moved, self._cursor = cursor.line != self._cursor.line, cursor
        height = self._page.height
        if self._wrapped is None:
            top = round(self.scroll_y)
            top = max(min(top, cursor.line), cursor.line - height + 1)
            self.scroll_to(y=top, animate=False, force=True)
        elif cursor < self._top:
            self._show_from(cursor)
        elif cursor > self._wrapped.moved(self._top, height - 1):
            self._show_from(self._wrapped.moved(cursor, 1 - height))
        self.refresh()
        if moved:
            self.post_message(self.CursorMoved())

    def _move(self, rows: int) -> None:
        """Move the cursor, and the text as far as needed to see it."""
        self._place(self._moved(self._cursor, rows))

    def _page_by(self, rows: int) -> None:
        if not self._on_screen(self._cursor, self._page.height):
            self._place(self._cursor)
        self._scroll(rows)
        self._move(rows)

    def go_to_line(self, line: int, character: int = 0) -> None:
        """Put the cursor in a line of the document; a third of the screen above it.

        Args:
            line: From 0; one that is folded away is where its fold is.
            character: Of the line; says which of its rows, where lines are broken.
        """
        view = self.view
        if view is None or not view.row_count:
            return
        row = view.row_of(max(0, min(line, view.document.line_count - 1)))
        if row >= self._known:
            self.grown()
        cursor = Anchor(row, 0)
        if self._wrapped is not None:
            cursor = self._wrapped.row_with(row, character)
        height = self._page.height
        if not self._on_screen(cursor, height):
            self._show_from(self._moved(cursor, -(height // 3)))
        self._place(cursor)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is."""
        at = self._at(event.y)
        if at is not None:
            self._place(at)

    def action_scroll_up(self) -> None:
        """One row up."""
        self._move(-1)

    def action_scroll_down(self) -> None:
        """One row down."""
        self._move(1)

    def action_page_up(self) -> None:
        """A screen up, less one row."""
        self._page_by(1 - self._page.height)

    def action_page_down(self) -> None:
        """A screen down, less one row."""
        self._page_by(self._page.height - 1)

    def action_scroll_left(self) -> None:
        """A few columns to the left."""
        self.scroll_relative(x=-_COLUMNS, animate=False, force=True)

    def action_scroll_right(self) -> None:
        """A few columns to the right."""
        self.scroll_relative(x=_COLUMNS, animate=False, force=True)

    def action_line_start(self) -> None:
        """The first column."""
        self.scroll_to(x=0, animate=False, force=True)

    def action_line_end(self) -> None:
        """The last column of the widest line."""
        self.scroll_to(x=self.max_scroll_x, animate=False, force=True)

    def action_top(self) -> None:
        """The first line."""
        self._place(TOP)

    def action_bottom(self) -> None:
        """The last line."""
        if self._wrapped is None:
            self._place(Anchor(max(0, self._known - 1), 0))
        else:
            self._place(self._wrapped.last(1))
