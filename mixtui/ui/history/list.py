"""The calls of the history: drawn by the line, read by the page while one scrolls."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.worker import Worker

from mixtui.actions import HISTORY_MOVES, Scope
from mixtui.history.history import Entry, History, HistoryQuery
from mixtui.model.errors import StorageError
from mixtui.storage.settings import HistorySettings
from mixtui.text import duration, pluralise, sanitize, size
from mixtui.ui.keys.keymap import bindings
from mixtui.ui.keys.order import OrderedBindings
from mixtui.ui.widgets.cells import truncate_end
from mixtui.ui.widgets.repaint import MinimalRepaint
from mixtui.ui.widgets.screen import CancelsWorkersOnPrune
from mixtui.ui.widgets.text_page import CursorMovement

PAGE = 200
"""Exchanges that are read at once."""
_PAGES = 25
"""Pages that are remembered."""


class Pages:
    """The exchanges that match, newest first."""

    def __init__(self, history: History | None, query: HistoryQuery) -> None:
        """Nothing is read yet.

        Args:
            history: Where they are; None = nowhere, so there are none.
            query: Which.
        """
        self._history = history
        self.query = query
        self.count = 0
        """How many match; see `open`."""
        self.warning = ""
        """What happened to the history, in a sentence; see `open`."""
        self._known: dict[int, list[Entry]] = {}
        self._lock = threading.Lock()

    def open(self) -> Pages:
        """Count them, and read the first page. Blocks.

        Raises:
            StorageError: The history cannot be read.
        """
        if self._history is not None and self._history.exists:
            self.count = self._history.measure(self.query).count
            if self.count:
                self.read(0)
            self.warning = self._history.take_warning()
        return self

    def read(self, page: int) -> None:
        """Read a page, unless it is known. Blocks.

        Raises:
            StorageError: The history cannot be read.
        """
        with self._lock:
            if self._history is None or page in self._known:
                return
            found = self._history.search(self.query, PAGE, page * PAGE)
            while len(self._known) >= _PAGES:
                del self._known[max(self._known, key=lambda known: abs(known - page))]
            self._known[page] = found

    def entry(self, index: int) -> Entry | None:
        """One of them; None = its page is not read, or it is gone meanwhile."""
        entries = self._known.get(index // PAGE, [])
        return entries[index % PAGE] if index % PAGE < len(entries) else None

    def unread(self, first: int, end: int) -> int | None:
        """A page that is needed to show some of them; None = all are read."""
        end = min(end, self.count)
        for page in range(max(0, first) // PAGE, (end - 1) // PAGE + 1):
            if page not in self._known:
                return page
        return None


SWITCHED_OFF = (
    "The history is switched off: nothing more is kept.",
    "To switch it on, write keep = true under [history] in config.toml.",
)
_FILLS = (
    "Nothing is in the history yet.",
    "It fills by itself: every call that you send is kept here with its answer, by "
    "this program and by «mixtui send». Open old answers, compare them, or send a "
    "request again, without asking the server what it has already told you.",
)
_SAFE = (
    "Secrets are masked before anything is kept, and nobody else can read it. An "
    "environment or a request with history = false is left out."
)


def entry_time(moment: datetime, now: datetime) -> str:
    """A moment as the clock here shows it: ``today 14:02:11``, ``yesterday 14:02``.

    Args:
        moment: With its time zone.
        now: Without one: what the clock here shows.
    """
    here = moment.astimezone().replace(tzinfo=None)
    days = (now.date() - here.date()).days
    if days == 0:
        return f"today {here:%H:%M:%S}"
    return f"yesterday {here:%H:%M}" if days == 1 else f"{here:%Y-%m-%d %H:%M}"


def status(entry: Entry) -> str:
    """The status; a dash where no answer came."""
    return f"{entry.status:>3}" if entry.status else "  —"


def colour(entry: Entry) -> str:
    """success, warning or error: the theme's colour for how it ended."""
    if entry.exit_status == 0:
        return "success"
    return "warning" if entry.exit_status in (4, 6) else "error"


def title(entry: Entry) -> str:
    """What to call it: its name, or the path of its URL."""
    return entry.name or entry.path or entry.url


def facts(entry: Entry) -> str:
    """What else is known about it."""
    return " · ".join(
        filter(
            None,
            (
                entry.environment or "no environment",
                duration(entry.seconds),
                size(entry.body_bytes) if entry.status else "",
                "body not kept" if entry.body_bytes and not entry.has_body else "",
                "a secret is masked" if entry.incomplete_draft else "",
            ),
        )
    )


def call(entry: Entry, now: datetime) -> str:
    """A call in a few words: ``GET Weekly sign-ups, today 14:02:11``."""
    return f"{entry.method} {title(entry)}, {entry_time(entry.started, now)}"


def limits_words(limits: HistorySettings) -> str:
    """How much is kept."""
    exchanges = pluralise(limits.count, "call")
    days = pluralise(limits.days, "day")
    return f"The newest {exchanges} are kept, for {days}, up to {size(limits.bytes)}."


def nothing(
    query: HistoryQuery, limits: HistorySettings, filter_key: str, all_key: str
) -> Content:
    """What to say when no call is listed.

    Args:
        query: What was looked for.
        limits: How much is kept.
        filter_key: Goes to the filter.
        all_key: Lists all requests.
    """
    if replace(query, identity=None) != HistoryQuery():
        return _page(
            "Nothing in the history matches.",
            f"Change the filter: {filter_key} goes there, ctrl+u empties it.",
        )
    if query.identity is not None:
        return _page("This request has no history yet.", f"{all_key} lists all.")
    if not limits.keep:
        return _page(*SWITCHED_OFF)
    return _page(*_FILLS, _SAFE, limits_words(limits))


def _page(head: str, *sentences: str) -> Content:
    return Content("\n\n").join(
        [
            Content.styled(sanitize(head), "bold $text-primary"),
            *(Content(sanitize(sentence)) for sentence in sentences),
        ]
    )


def days_ago(days: int) -> datetime:
    """A moment some days ago, with its time zone."""
    return datetime.now().astimezone() - timedelta(days=days)


LEFT = 4
"""Cells of the cursor, the mark and the space behind each."""
GAP = 2
_NAME = 22
"""Cells that a name should have before there is room for what matters less."""
_STATUS = 12
"""Cells of an outcome that can be told from others."""
_ENOUGH = 40
"""Cells of a name that leave room for the path behind it."""
_WIDEST = {"when": 16, "method": 7, "outcome": 26, "environment": 16}
_OPTIONAL = ("environment", "size", "duration")
"""The most important first."""
_RIGHT = ("duration", "size")


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of a row."""

    kind: str
    """when, method, outcome, name, path, environment, duration or size."""
    text: str
    """Ready for the terminal, as wide as its column."""


class Columns:
    """Widths that grow with what is shown and never shrink by themselves."""

    def __init__(self) -> None:
        self._widths: dict[str, int] = {}

    def measure(self, entries: Iterable[Entry], now: datetime) -> None:
        """Make room for some rows."""
        for entry in entries:
            for kind, text in _texts(entry, now).items():
                width = max(self._widths.get(kind, 0), cell_len(sanitize(text)))
                self._widths[kind] = min(width, _WIDEST.get(kind, width))

    def cells(self, entry: Entry, now: datetime, width: int) -> list[Cell]:
        """A row in so many cells."""
        widths, room = self._fitting(width)
        texts = _texts(entry, now)
        cells = [
            Cell(kind, truncate_end(texts[kind], widths[kind]))
            for kind in ("when", "method", "outcome")
        ]
        cells += _name(entry, room)
        for kind in ("environment", "duration", "size"):
            if kind in widths:
                fitted = truncate_end(texts[kind], widths[kind])
                if kind in _RIGHT:
                    fitted = f"{fitted.rstrip():>{widths[kind]}}"
                cells.append(Cell(kind, fitted))
        return cells

    def _fitting(self, width: int) -> tuple[dict[str, int], int]:
        """The columns there is room for, and how much is left for the name."""
        widths = self._widths
        shown = {kind: widths.get(kind, 0) for kind in ("when", "method", "outcome")}
        room = width - LEFT - sum(shown.values()) - GAP * len(shown) - 1
        if room < _NAME:
            outcome = max(_STATUS, shown["outcome"] + room - _NAME)
            room += shown["outcome"] - outcome
            shown["outcome"] = outcome
        for kind in _OPTIONAL:
            needs = widths.get(kind, 0) + GAP
            if needs > GAP and room - needs >= _NAME:
                shown[kind] = widths[kind]
                room -= needs
        return shown, max(1, room)


def _name(entry: Entry, room: int) -> list[Cell]:
    """What it is called, and the path behind it where there is room."""
    name = title(entry)
    kind = "name" if entry.name else "path"
    length = cell_len(sanitize(name[:room]))
    if kind == "path" or room < _ENOUGH or room - length < _ENOUGH // 2:
        return [Cell(kind, truncate_end(name, room))]
    rest = truncate_end(entry.path, room - length - GAP)
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
