"""The filter above the list of history entries, and the selected entry explained."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import var

from mixtui.history.history import Entry
from mixtui.history.query import QUERY_SYNTAX
from mixtui.text import sanitize
from mixtui.ui.history.labels import colour, facts
from mixtui.ui.widgets.field import TextInput
from mixtui.ui.widgets.fitted import FittedText

_LIST_KEYS = ("enter", "escape", "tab", "shift+tab", "up", "down", "pageup", "pagedown")


class HistoryQueryInput(TextInput):
    """Takes a filter; some keys go back to the list."""

    def __init__(self, leave: Callable[[str], None]) -> None:
        """Create an empty line.

        Args:
            leave: Called with the key that goes to the list.
        """
        super().__init__(placeholder=QUERY_SYNTAX, compact=True, select_on_focus=False)
        self._leave = leave

    async def _on_key(self, event: events.Key) -> None:
        if event.key in _LIST_KEYS:
            event.stop()
            event.prevent_default()
            self._leave(event.key)
        else:
            await super()._on_key(event)


class HistoryDetails(Vertical):
    """Explains one entry in two lines, or in more on a tall screen."""

    DEFAULT_CSS = """
    HistoryDetails { height: 2; padding: 0 1; }
    HistoryDetails FittedText { height: 1; }
    HistoryDetails.-roomy { height: 5; }
    HistoryDetails.-roomy #url { height: auto; max-height: 2; }
    HistoryDetails.-roomy #what { height: 1fr; }
    """

    roomy = var(False, init=False, toggle_class="-roomy")
    """Whether there is room for several lines."""
    _entry: Entry | None = None
    _detail = ""
    _trend = ""

    def __init__(self) -> None:
        """Create an empty widget."""
        super().__init__()
        self._url, self._what = FittedText(id="url"), FittedText(id="what")

    def compose(self) -> ComposeResult:
        yield self._url
        yield self._what

    def watch_roomy(self) -> None:
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def show(self, entry: Entry | None, detail: str, trend: str = "") -> None:
        """Explain a history entry.

        Args:
            entry: Which; None = nothing.
            detail: What its outcome means; empty = that is not known, or clear.
            trend: The report in its response as one line, where there is room.
        """
        if (entry, detail, trend) != (self._entry, self._detail, self._trend):
            self._entry, self._detail, self._trend = entry, detail, trend
            self._draw()

    def _draw(self) -> None:
        entry = self._entry
        if entry is None:
            self._url.show(Content(""))
            self._what.show(Content(""))
            return
        head = Content.styled(entry.method, "bold $text-primary")
        self._url.show(head + Content(self._wrap_url(f" {sanitize(entry.url)}")))
        text = Content.styled(sanitize(facts(entry)), "$text-muted")
        if self._detail:
            text += Content("\n" if self.roomy else " · ")
            text += Content.styled(sanitize(self._detail), f"$text-{colour(entry)}")
        if self._trend and self.roomy:
            text += Content(f"\n{self._trend}")
        self._what.show(text)

    def _wrap_url(self, url: str) -> str:
        """Break a URL into two lines if needed, at any character."""
        entry, width = self._entry, self.scrollable_content_region.width
        room = width - len(entry.method) if entry else width
        if not self.roomy or len(url) <= room:
            return url
        return f"{url[:room]}\n{url[room:]}"
