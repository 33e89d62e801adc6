"""The calls of the history: drawn by the line, read by the page while one scrolls."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.worker import Worker

from mixtui.core.errors import StorageError
from mixtui.storage.history import Entry, HistoryQuery
from mixtui.ui.action import Scope
from mixtui.ui.ending import CancelsWorkersOnPrune
from mixtui.ui.history_actions import HISTORY_MOVES
from mixtui.ui.history_pages import PAGE, Pages
from mixtui.ui.history_words import colour
from mixtui.ui.keymap import bindings
from mixtui.ui.widgets.frugal import MinimalRepaint
from mixtui.ui.widgets.history_columns import GAP, Cell, Columns
from mixtui.ui.widgets.keys_in_turn import OrderedBindings
from mixtui.ui.widgets.moving import CursorMovement

_QUIET = ("when", "path", "duration", "size")


class HistoryList(
    CancelsWorkersOnPrune,
    OrderedBindings,
    CursorMovement,
    MinimalRepaint,
    ScrollView,
    inherit_bindings=False,
):
    """Shows calls, one of them under the cursor; another may be marked."""

    DEFAULT_CSS = """
    HistoryList {
        background: transparent; color: $foreground; width: 100%; height: 1fr;
        scrollbar-size: 1 1; scrollbar-gutter: stable; overflow-x: hidden;
    }
    HistoryList > .history--success { color: $text-success; }
    HistoryList > .history--warning { color: $text-warning; }
    HistoryList > .history--error { color: $text-error; }
    HistoryList > .history--quiet { color: $text-muted; }
    HistoryList > .history--method { color: $text-primary; }
    HistoryList > .history--environment { color: $text-secondary; }
    HistoryList > .history--mark { color: $text-accent; }
    HistoryList > .history--cursor { background: $primary-muted; }
    HistoryList:ansi > .history--cursor {
        background: transparent; text-style: reverse;
    }
    """
    COMPONENT_CLASSES = {
        "history--success",
        "history--warning",
        "history--error",
        "history--quiet",
        "history--method",
        "history--environment",
        "history--mark",
        "history--cursor",
    }
    BINDINGS = bindings(Scope.HISTORY, HISTORY_MOVES)

    class Moved(Message):
        """Another call is under the cursor, or none."""

    class Chosen(Message):
        """A call was clicked twice."""

    @dataclass
    class Failed(Message):
        """The history could not be read."""

        error: StorageError

    def __init__(self, caught_up: Callable[[], Awaitable[object]]) -> None:
        """Nothing is listed yet.

        Args:
            caught_up: Waits until what was asked for is listed.
        """
        super().__init__()
        self._wait = caught_up
        self._pages = Pages(None, HistoryQuery())
        self._columns = Columns()
        self._now = datetime.now()
        self._cursor = 0
        self._marked: int | None = None
        self._reading = False

    # What is listed

    @property
    def cursor(self) -> int:
        """Which row is under the cursor, from 0."""
        return self._cursor

    @property
    def pages(self) -> Pages:
        """What is listed."""
        return self._pages

    @property
    def chosen(self) -> Entry | None:
        """The call under the cursor; None = there is none, or it is not read yet."""
        return self._pages.entry(self._cursor)

    async def read_chosen(self) -> Entry | None:
        """The call under the cursor, read if need be.

        Raises:
            StorageError: It cannot be read.
        """
        page = self._pages.unread(self._cursor, self._cursor + 1)
        if page is not None:
            await asyncio.to_thread(self._pages.read, page)
        return self.chosen

    def show(self, pages: Pages, now: datetime, *, cursor: int = 0) -> None:
        """List some calls.

        Args:
            pages: Which; its first page is read.
            now: What the clock here shows.
            cursor: The row to be under the cursor.
        """
        self._pages, self._now = pages, now
        self._measure(0)
        self.virtual_size = Size(0, pages.count)
        self.go(cursor)

    def mark(self, number: int | None) -> None:
        """Mark the call of a number; None = none."""
        self._marked = number
        self.refresh()

    # Moving

    async def drain(self) -> None:
        """Keys mean the list that was asked for before them."""
        await self._wait()

    def go(self, row: int) -> None:
        """Put the cursor on a row, and bring it into view."""
        self._cursor = max(0, min(row, self._pages.count - 1))
        self.scroll_to_region(Region(0, self._cursor, 1, 1), animate=False, force=True)
        self.refresh()
        self._read()
        self.post_message(self.Moved())

    def move(self, rows: int) -> None:
        """Move the cursor by some rows."""
        self.go(self._cursor + rows)

    @property
    def page(self) -> int:
        """The rows of a page, less one to go on reading from."""
        return max(1, self.scrollable_content_region.height - 1)

    def to_end(self) -> None:
        """Go to the oldest one."""
        self.go(self._pages.count - 1)

    def on_resize(self) -> None:
        """Keep the cursor in view."""
        self.go(self._cursor)

    def on_focus(self) -> None:
        """The cursor looks different."""
        self.refresh()

    def on_blur(self) -> None:
        """The cursor looks different."""
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Go to the row under the mouse; open it at the second click."""
        event.stop()
        offset = event.get_content_offset(self)
        if offset is None:
            return
        row = offset.y + round(self.scroll_y)
        if row < self._pages.count:
            self.go(row)
            if event.chain == 2:
                self.post_message(self.Chosen())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Other rows are on the screen."""
        super().watch_scroll_y(old_value, new_value)
        self._read()

    # Reading, in a thread

    def _unread(self) -> int | None:
        if (here := self._pages.unread(self._cursor, self._cursor + 1)) is not None:
            return here
        top, height = round(self.scroll_y), self.size.height
        return self._pages.unread(top - height, top + 2 * height)

    def _read(self) -> None:
        """Read what is on the screen, and a page around it, unless that goes on."""
        if self.is_mounted and not self._reading and self._unread() is not None:
            self._reading = True
            # The function itself: a coroutine that is cancelled too soon is warned of.
            _: Worker[None] = self.run_worker(self._read_pages)

    async def _read_pages(self) -> None:
        try:
            while (page := self._unread()) is not None:
                pages = self._pages
                await asyncio.to_thread(pages.read, page)
                if pages is self._pages:
                    self._measure(page)
                    self.refresh()
                    self.post_message(self.Moved())
        except StorageError as error:
            self.post_message(self.Failed(error))
        finally:
            self._reading = False

    def _measure(self, page: int) -> None:
        found = (self._pages.entry(page * PAGE + i) for i in range(PAGE))
        self._columns.measure(filter(None, found), self._now)

    # Drawing

    def draw_line(self, y: int) -> Strip:
        """One row of the screen."""
        width = self.scrollable_content_region.width
        at = y + round(self.scroll_y)
        if at >= self._pages.count:
            return Strip.blank(width, self.rich_style)
        here = at == self._cursor
        strip = self._strip(self._pages.entry(at), width, here=here)
        return self._lit(strip) if here else strip

    def _strip(self, entry: Entry | None, width: int, *, here: bool) -> Strip:
        plain = self.rich_style
        bold = Style(bold=here and self.has_focus)
        left = Segment("› " if here else "  ", plain + Style(bold=True))
        if entry is None:
            return Strip([left, Segment("  …", plain)]).adjust_cell_length(width, plain)
        marked = "● " if entry.id == self._marked else "  "
        segments = [left, Segment(marked, self._style("mark"))]
        for cell in self._columns.cells(entry, self._now, width):
            segments.append(Segment(cell.text, self._cell_style(cell, entry) + bold))
            segments.append(Segment(" " * GAP, plain))
        return Strip(segments[:-1]).adjust_cell_length(width, plain)

    def _cell_style(self, cell: Cell, entry: Entry) -> Style:
        if cell.kind == "outcome":
            return self._style(colour(entry))
        if cell.kind in _QUIET:
            return self._style("quiet")
        return self.rich_style if cell.kind == "name" else self._style(cell.kind)

    def _style(self, name: str) -> Style:
        # Only the colour: the ground is that of the list, or of the cursor.
        whole = self.get_component_rich_style(f"history--{name}")
        return self.rich_style + Style(color=whole.color, dim=whole.dim)

    def _lit(self, strip: Strip) -> Strip:
        cursor = self.get_component_rich_style("history--cursor")
        if cursor.reverse:  # One colour for all: the terminal has few.
            plain = Strip([Segment(s.text, self.rich_style + cursor) for s in strip])
            return plain.simplify()
        light = Style(bgcolor=cursor.bgcolor)
        return Strip([Segment(s.text, (s.style or Style()) + light) for s in strip])
