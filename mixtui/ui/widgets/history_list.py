"""The exchanges of the history: drawn by the line, however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from mixtui.core.words import duration, size
from mixtui.storage.history_rows import Entry
from mixtui.ui.action import Scope
from mixtui.ui.history_actions import HISTORY_MOVES
from mixtui.ui.keymap import bindings
from mixtui.ui.widgets.fitting import fit_start
from mixtui.ui.widgets.frugal import Frugal
from mixtui.ui.widgets.moving import Moving

_WIDE = 100
"""Cells from which there is room for all of the time and the outcome."""


class _Widths(NamedTuple):
    time: int
    outcome: int


_COLUMNS = {False: _Widths(11, 12), True: _Widths(19, 24)}
_METHOD = 6
_STATUS = 3
_DURATION = 10
_SIZE = 7


class HistoryList(Moving, Frugal, ScrollView, can_focus=True, inherit_bindings=False):
    """Shows entries, one of them under the cursor, and one of them maybe marked."""

    DEFAULT_CSS = """
    HistoryList {
        background: transparent; color: $foreground; height: 1fr;
        scrollbar-size: 1 1; scrollbar-gutter: stable; overflow-x: hidden;
    }
    HistoryList > .history--good { color: $text-success; }
    HistoryList > .history--bad { color: $text-error; }
    HistoryList > .history--aside { color: $text-muted; }
    HistoryList > .history--cursor { background: $panel; }
    HistoryList:focus > .history--cursor { background: $primary-muted; }
    HistoryList:ansi > .history--cursor { background: transparent; text-style: reverse; }
    """
    COMPONENT_CLASSES = {
        "history--good",
        "history--bad",
        "history--aside",
        "history--cursor",
    }
    BINDINGS = bindings(Scope.HISTORY, HISTORY_MOVES)

    class Moved(Message):
        """Another entry is under the cursor, or none."""

    class Chosen(Message):
        """The entry under the cursor was clicked again."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: Sequence[Entry] = ()
        self._cursor = 0
        self._marked: int | None = None

    @property
    def entries(self) -> Sequence[Entry]:
        """What is listed."""
        return self._entries

    @property
    def chosen(self) -> Entry | None:
        """The one under the cursor."""
        return self._entries[self._cursor] if self._entries else None

    def show(self, entries: Sequence[Entry]) -> None:
        """List these; the cursor stays on its entry, or at its place."""
        before = self.chosen
        self._entries = entries
        at = self._cursor
        if before is not None:
            same = (i for i, entry in enumerate(entries) if entry.id == before.id)
            at = next(same, at)
        self.virtual_size = Size(0, len(entries))
        self.go(at)

    def mark(self, number: int | None) -> None:
        """Mark the entry of a number; None = none."""
        self._marked = number
        self.refresh()

    def go(self, row: int) -> None:
        """Put the cursor on a row, and bring it into view."""
        self._cursor = max(0, min(row, len(self._entries) - 1))
        self.scroll_to_region(Region(0, self._cursor, 1, 1), animate=False, force=True)
        self.refresh()
        self.post_message(self.Moved())

    def move(self, rows: int) -> None:
        """Move the cursor by some rows."""
        self.go(self._cursor + rows)

    @property
    def page(self) -> int:
        """The rows of a page, less one to go on reading from."""
        return max(1, self.scrollable_content_region.height - 1)

    def to_end(self) -> None:
        """Go to the last row."""
        self.go(len(self._entries) - 1)

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
        """Go to the row under the mouse; a second click chooses it."""
        event.stop()
        row = event.y + round(self.scroll_y)
        if row >= len(self._entries):
            return
        if row == self._cursor:
            self.post_message(self.Chosen())
        self.go(row)

    # Drawing

    def draw_line(self, y: int) -> Strip:
        """One row of the screen."""
        width = self.scrollable_content_region.width
        at = y + round(self.scroll_y)
        if at >= len(self._entries):
            return Strip.blank(width, self.rich_style)
        here = at == self._cursor
        strip = self._strip(self._entries[at], width, here=here)
        return self._lit(strip) if here else strip

    def _strip(self, entry: Entry, width: int, *, here: bool) -> Strip:
        plain, aside = self.rich_style, self._style("history--aside")
        wide = width >= _WIDE
        time, outcome = _COLUMNS[wide]
        good = entry.exit_status == 0
        ended = self._style("history--good" if good else "history--bad")
        mark = "*" if entry.id == self._marked else " "
        left = [
            Segment(f"{'›' if here else ' '}{mark} ", plain + Style(bold=True)),
            Segment(f"{_time(entry.started.astimezone(), wide=wide):<{time}} ", aside),
            Segment(f"{entry.status or '—':>{_STATUS}} ", ended),
            Segment(f"{fit_start(entry.outcome, outcome)} ", ended),
            Segment(f"{fit_start(entry.method, _METHOD)} ", plain),
        ]
        taken = duration(entry.seconds)
        came = size(entry.body_bytes) if entry.status else ""
        right = f" {taken:>{_DURATION}} {came:>{_SIZE}}"
        room = max(0, width - sum(s.cell_length for s in left) - len(right))
        name = entry.name or _target(entry.url)
        segments = [*left, Segment(fit_start(name, room), plain), Segment(right, aside)]
        return Strip(segments).adjust_cell_length(width, plain)

    def _style(self, name: str) -> Style:
        # Only the colour: the ground is that of the list, or of the cursor.
        whole = self.get_component_rich_style(name)
        return self.rich_style + Style(color=whole.color, dim=whole.dim)

    def _lit(self, strip: Strip) -> Strip:
        cursor = self.get_component_rich_style("history--cursor")
        if cursor.reverse:  # One colour for all: the terminal has few.
            plain = Strip([Segment(s.text, self.rich_style + cursor) for s in strip])
            return plain.simplify()
        light = Style(bgcolor=cursor.bgcolor)
        return Strip([Segment(s.text, (s.style or Style()) + light) for s in strip])


def _time(moment: datetime, *, wide: bool) -> str:
    if wide:
        return f"{moment:%Y-%m-%d %H:%M:%S}"
    # Of an old one, the year says more than the minute.
    recent = abs(datetime.now().astimezone() - moment).days < 300
    return f"{moment:%m-%d %H:%M}" if recent else f"{moment:%Y-%m-%d}"


def _target(url: str) -> str:
    """Path and query: the host is the same for most."""
    rest = url.partition("://")[2] or url
    return rest[rest.find("/") :] if "/" in rest else rest
