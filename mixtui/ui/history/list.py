"""The list of history entries, read page by page while it is scrolled."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import work
from textual.message import Message
from textual.reactive import reactive

from mixtui.actions import HISTORY_MOVES, Scope
from mixtui.history.history import Entry, History, HistoryQuery
from mixtui.model.errors import StorageError
from mixtui.system import CancelToken
from mixtui.text import duration, sanitize, size
from mixtui.ui.history.labels import colour, entry_time, status, title
from mixtui.ui.keys.input_queue import InputGate
from mixtui.ui.keys.keymap import bindings
from mixtui.ui.widgets.cells import truncate_end
from mixtui.ui.widgets.row_list import RowList
from mixtui.ui.widgets.screen import CancelsWorkersOnPrune

PAGE = 200
"""Entries that are read at once."""
_MAX_CACHED_PAGES = 25
"""Pages that are cached."""


class Pages:
    """The entries that match a query, newest first; read in pages."""

    def __init__(self, history: History | None, query: HistoryQuery) -> None:
        """Prepare a query; `open` runs it.

        Args:
            history: None = an empty history.
            query: Which entries to list.
        """
        self._history = history
        self.query = query
        self.count = 0
        """How many match; see `open`."""
        self.warning = ""
        """A sentence on what happened to the history; see `open`."""
        self._cache: dict[int, list[Entry]] = {}
        self._lock = threading.Lock()

    def open(self, cancel: CancelToken | None = None) -> Pages:
        """Read the first page, and count the entries if there are more. Blocks.

        Args:
            cancel: Ends it.

        Raises:
            Cancelled: The token was cancelled.
            StorageError: The history cannot be read.
        """
        if self._history is not None and self._history.exists:
            first = self._history.search(self.query, PAGE, cancel=cancel)
            self.count = len(first)
            if self.count == PAGE:
                # In another transaction: there may be fewer by now.
                measured = self._history.measure_purge(self.query, cancel=cancel)
                self.count = measured.count
            if self.count:
                self._cache[0] = first
            self.warning = self._history.take_warning()
        return self

    def read(self, page: int) -> None:
        """Read a page, unless it is cached. Blocks.

        Raises:
            StorageError: The history cannot be read.
        """
        with self._lock:
            if self._history is None or page in self._cache:
                return
            entries = self._history.search(self.query, PAGE, page * PAGE)
            while len(self._cache) >= _MAX_CACHED_PAGES:
                farthest = max(self._cache, key=lambda cached: abs(cached - page))
                del self._cache[farthest]
            self._cache[page] = entries

    def entry(self, index: int) -> Entry | None:
        """Return an entry; None = its page is not read, or it was deleted since."""
        entries = self._cache.get(index // PAGE, [])
        return entries[index % PAGE] if index % PAGE < len(entries) else None

    def unread(self, first: int, end: int) -> int | None:
        """Return a page that entries are missing from; None = all are read."""
        end = min(end, self.count)
        for page in range(max(0, first) // PAGE, (end - 1) // PAGE + 1):
            if page not in self._cache:
                return page
        return None


_LEFT_MARGIN = 4
"""Cells of the cursor, the mark and the space behind each."""
_GAP = 2
"""Cells between columns."""
_MIN_NAME = 22
"""Cells of a name, before columns that matter less get room."""
_MIN_OUTCOME = 12
"""Cells of an outcome that distinguish it from others."""
_WIDE_NAME = 40
"""Cells of a name that leave room for the path behind it."""
_MAX_WIDTHS = {"when": 16, "method": 7, "outcome": 26, "environment": 16}
_OPTIONAL = ("environment", "size", "duration")
"""Columns that are dropped where there is no room; the most important first."""
_RIGHT_ALIGNED = ("duration", "size")
_MUTED_COLUMNS = ("when", "path", "duration", "size")
"""Columns in a muted colour."""


class Cell(Struct, frozen=True):
    """A column's text in a row."""

    kind: str
    """when, method, outcome, name, path, environment, duration or size."""
    text: str
    """Sanitized, as wide as its column."""


class Columns:
    """Column widths; they grow with the entries that are shown, and never shrink."""

    def __init__(self) -> None:
        self._widths: dict[str, int] = {}

    def measure(self, entries: Iterable[Entry], now: datetime) -> None:
        """Widen the columns to hold some entries."""
        for entry in entries:
            for kind, text in _texts(entry, now).items():
                width = max(self._widths.get(kind, 0), cell_len(sanitize(text)))
                self._widths[kind] = min(width, _MAX_WIDTHS.get(kind, width))

    def cells(self, entry: Entry, now: datetime, width: int) -> list[Cell]:
        """Lay out an entry as cells of a row of `width` cells."""
        widths, room = self._fit(width)
        texts = _texts(entry, now)
        cells = [
            Cell(kind, truncate_end(texts[kind], widths[kind]))
            for kind in ("when", "method", "outcome")
        ]
        cells += _name_cells(entry, room)
        for kind in ("environment", "duration", "size"):
            if kind in widths:
                fitted = truncate_end(texts[kind], widths[kind])
                if kind in _RIGHT_ALIGNED:
                    fitted = f"{fitted.rstrip():>{widths[kind]}}"
                cells.append(Cell(kind, fitted))
        return cells

    def _fit(self, width: int) -> tuple[dict[str, int], int]:
        """Return the columns that fit with their widths, and the room for the name."""
        widths = self._widths
        shown = {kind: widths.get(kind, 0) for kind in ("when", "method", "outcome")}
        room = width - _LEFT_MARGIN - sum(shown.values()) - _GAP * len(shown) - 1
        if room < _MIN_NAME:
            outcome = max(_MIN_OUTCOME, shown["outcome"] + room - _MIN_NAME)
            room += shown["outcome"] - outcome
            shown["outcome"] = outcome
        for kind in _OPTIONAL:
            needed = widths.get(kind, 0) + _GAP
            if needed > _GAP and room - needed >= _MIN_NAME:
                shown[kind] = widths[kind]
                room -= needed
        return shown, max(1, room)


def _name_cells(entry: Entry, room: int) -> list[Cell]:
    """Return the name, and the path behind it where there is room."""
    name = title(entry)
    kind = "name" if entry.name else "path"
    length = cell_len(sanitize(name[:room]))
    if kind == "path" or room < _WIDE_NAME or room - length < _WIDE_NAME // 2:
        return [Cell(kind, truncate_end(name, room))]
    rest = truncate_end(entry.path, room - length - _GAP)
    return [Cell("name", truncate_end(name, length)), Cell("path", rest)]


def _texts(entry: Entry, now: datetime) -> dict[str, str]:
    return {
        "when": entry_time(entry.started, now),
        "method": entry.method,
        "outcome": f"{status(entry)} {entry.outcome}",
        "environment": entry.environment,
        "duration": duration(entry.seconds),
        "size": size(entry.body_bytes) if entry.status else "",
    }


class HistoryList(CancelsWorkersOnPrune, InputGate, RowList):
    """Lists entries, one of them under the cursor; another may be marked."""

    DEFAULT_CSS = """
    HistoryList { width: 100%; }
    HistoryList > .history--success { color: $text-success; }
    HistoryList > .history--warning { color: $text-warning; }
    HistoryList > .history--error { color: $text-error; }
    HistoryList > .history--quiet { color: $text-muted; }
    HistoryList > .history--method { color: $text-primary; }
    HistoryList > .history--environment { color: $text-secondary; }
    HistoryList > .history--mark { color: $text-accent; }
    """
    COMPONENT_CLASSES = {
        "history--success",
        "history--warning",
        "history--error",
        "history--quiet",
        "history--method",
        "history--environment",
        "history--mark",
    }
    BINDINGS = bindings(Scope.HISTORY, HISTORY_MOVES)

    marked_id: reactive[int | None] = reactive[int | None](None)
    """The number of the marked entry; None = none is."""

    @dataclass
    class Failed(Message):
        """Posted when the history cannot be read."""

        error: StorageError

    def __init__(self, wait_until_listed: Callable[[], Awaitable[object]]) -> None:
        """Create an empty list.

        Args:
            caught_up: Waits until what was requested before is listed.
        """
        super().__init__()
        self._wait_until_listed = wait_until_listed
        self._pages = Pages(None, HistoryQuery())
        self._columns = Columns()
        self._now = datetime.now()
        self._reading = False

    @property
    def pages(self) -> Pages:
        """The entries that are listed."""
        return self._pages

    @property
    def row_count(self) -> int:
        return self._pages.count

    @property
    def selected_entry(self) -> Entry | None:
        """The entry under the cursor; None = there is none, or it is not read yet."""
        return None if self.cursor is None else self._pages.entry(self.cursor)

    async def read_selected(self) -> Entry | None:
        """Return the entry under the cursor, read from the disk if need be.

        Raises:
            StorageError: It cannot be read.
        """
        if self.cursor is not None:
            page = self._pages.unread(self.cursor, self.cursor + 1)
            if page is not None:
                await asyncio.to_thread(self._pages.read, page)
        return self.selected_entry

    def show(self, pages: Pages, now: datetime, *, cursor: int = 0) -> None:
        """List entries.

        Args:
            pages: The entries; their first page is read.
            now: The local time, to tell today from yesterday.
            cursor: The row to put the cursor on.
        """
        self._pages, self._now = pages, now
        self._measure(0)
        self.show_rows(cursor)

    async def wait_until_ready(self) -> None:
        """Wait for the requested list: the next key means that one."""
        await self._wait_until_listed()

    # Reading pages, in a thread

    def watch_cursor(self) -> None:
        super().watch_cursor()
        self._read_missing_pages()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._read_missing_pages()

    def _unread(self) -> int | None:
        """Return a page that the cursor or the screen and its surroundings lack."""
        cursor = self.cursor or 0
        if (page := self._pages.unread(cursor, cursor + 1)) is not None:
            return page
        top, height = round(self.scroll_y), self.size.height
        return self._pages.unread(top - height, top + 2 * height)

    def _read_missing_pages(self) -> None:
        if self.is_mounted and not self._reading and self._unread() is not None:
            self._reading = True
            self._read_pages()

    @work(group="history-pages")
    async def _read_pages(self) -> None:
        try:
            while (page := self._unread()) is not None:
                pages = self._pages
                await asyncio.to_thread(pages.read, page)
                if pages is self._pages:
                    self._measure(page)
                    self.refresh()
                    self.post_message(self.CursorMoved())
        except StorageError as error:
            self.post_message(self.Failed(error))
        finally:
            self._reading = False

    def _measure(self, page: int) -> None:
        entries = (self._pages.entry(page * PAGE + i) for i in range(PAGE))
        self._columns.measure(filter(None, entries), self._now)

    # Drawing

    def row_segments(
        self, index: int, width: int, *, selected: bool
    ) -> Iterable[Segment]:
        plain = self.rich_style
        yield Segment("› " if selected else "  ", plain + Style(bold=True))
        entry = self._pages.entry(index)
        if entry is None:
            yield Segment("  …", plain)
            return
        mark = "● " if entry.id == self.marked_id else "  "
        yield Segment(mark, self.foreground_style("history--mark"))
        bold = Style(bold=selected and self.has_focus)
        for number, cell in enumerate(self._columns.cells(entry, self._now, width)):
            if number:
                yield Segment(" " * _GAP, plain)
            yield Segment(cell.text, self._cell_style(cell, entry) + bold)

    def _cell_style(self, cell: Cell, entry: Entry) -> Style:
        if cell.kind == "name":
            return self.rich_style
        name = colour(entry) if cell.kind == "outcome" else cell.kind
        return self.foreground_style(
            f"history--{'quiet' if name in _MUTED_COLUMNS else name}"
        )
