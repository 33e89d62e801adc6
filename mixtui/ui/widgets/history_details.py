"""The call under the cursor: where it went, and what became of it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from mixtui.core.visible import sanitize
from mixtui.storage.history import Entry
from mixtui.ui.history_words import colour, facts


class HistoryDetails(Vertical):
    """Explains one call in two lines, or in more where there are many."""

    DEFAULT_CSS = """
    HistoryDetails { height: 2; padding: 0 1; }
    HistoryDetails Static {
        height: 1; text-wrap: nowrap; text-overflow: ellipsis;
    }
    HistoryDetails.-roomy { height: 5; }
    HistoryDetails.-roomy #url { height: auto; max-height: 2; }
    HistoryDetails.-roomy #what { height: 1fr; text-wrap: wrap; }
    """

    _entry: Entry | None = None
    _detail = ""

    def __init__(self) -> None:
        """Nothing is explained yet."""
        super().__init__()
        self._url, self._what = Static(id="url"), Static(id="what")

    def compose(self) -> ComposeResult:
        """The URL above what is known."""
        yield self._url
        yield self._what

    @property
    def roomy(self) -> bool:
        """Whether there are many lines."""
        return self.has_class("-roomy")

    @roomy.setter
    def roomy(self, roomy: bool) -> None:
        self.set_class(roomy, "-roomy")
        self._draw()

    def on_resize(self) -> None:
        """A URL is broken at the new width."""
        self._draw()

    def show(self, entry: Entry | None, detail: str) -> None:
        """Explain a call.

        Args:
            entry: Which; None = nothing.
            detail: What its outcome means; empty = that is not known, or clear.
        """
        if (entry, detail) != (self._entry, self._detail):
            self._entry, self._detail = entry, detail
            self._draw()

    def _draw(self) -> None:
        entry = self._entry
        if entry is None:
            self._url.update("")
            self._what.update("")
            return
        head = Content.styled(entry.method, "bold $text-primary")
        self._url.update(head + Content(self._broken(f" {sanitize(entry.url)}")))
        text = Content.styled(sanitize(facts(entry)), "$text-muted")
        if self._detail:
            text += Content("\n" if self.roomy else " · ")
            text += Content.styled(sanitize(self._detail), f"$text-{colour(entry)}")
        self._what.update(text)

    def _broken(self, url: str) -> str:
        """In two lines where it needs them: anywhere, for it is no prose."""
        entry, width = self._entry, self.scrollable_content_region.width
        room = width - len(entry.method) if entry else width
        if not self.roomy or len(url) <= room:
            return url
        return f"{url[:room]}\n{url[room:]}"
