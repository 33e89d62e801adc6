"""The line of a search in a text: its field, its options and the number of matches."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Checkbox, Input, Static

from mixtui.document.search import Pattern, SearchQuery
from mixtui.model.errors import SearchError
from mixtui.text import sanitize
from mixtui.ui.widgets.choice import TextCheckbox
from mixtui.ui.widgets.field import CommandInput

_COUNT_STEP = 8
"""Cells by which the count grows."""


class SearchBar(Vertical):
    """Asks what to search for; searches nothing itself."""

    DEFAULT_CSS = """
    SearchBar { height: auto; background: $background; }
    SearchBar > Horizontal { height: 1; }
    SearchBar #label { width: 2; color: $text-primary; text-style: bold; }
    SearchBar #text { width: 1fr; min-width: 4; }
    SearchBar TextCheckbox { width: auto; margin: 0 0 0 1; }
    SearchBar #count { width: auto; margin: 0 0 0 1; color: $text-muted; }
    SearchBar #mistake { display: none; height: auto; max-height: 2; color: $text-error; }
    SearchBar.-mistaken #mistake { display: block; }
    """

    @dataclass
    class Changed(Message):
        """Something else is searched for."""

        bar: SearchBar
        query: SearchQuery
        pattern: Pattern | None
        """What finds it; None = nothing does: it is empty, or a mistake."""

    @dataclass
    class Submitted(Message):
        """On to the next match, and back to the view."""

        bar: SearchBar
        query: SearchQuery
        pattern: Pattern | None

    @dataclass
    class Stepped(Message):
        """Posted to go to another match, and stay in the line."""

        bar: SearchBar
        by: int
        """1 = the next match, -1 = the previous one."""

    @dataclass
    class Closed(Message):
        """Posted when the search is closed."""

        bar: SearchBar

    def __init__(
        self,
        query: SearchQuery | None = None,
        *,
        view: Widget | None = None,
        id: str | None = None,
    ) -> None:
        """Create a bar.

        Args:
            query: What was searched for before.
            view: What gets the focus by enter, before the next key is looked at.
            id: Of the widget.
        """
        super().__init__(id=id)
        self._view = view
        query = query or SearchQuery("")
        self.query_asked = query
        """What is searched for."""
        self._pattern = _compiled(query)[0]
        self._count_width = 0
        self._field = CommandInput(
            query.text, self._key, placeholder="Search", id="text"
        )
        self._case = TextCheckbox("Aa", query.case, id="case")
        self._regex = TextCheckbox(".*", query.regex, id="regex")
        self._case.tooltip = (
            "Match case (off: only if the search has upper-case letters)"
        )
        self._regex.tooltip = "Regular expression"

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static("/", id="label")
            yield self._field
            yield self._case
            yield self._regex
            yield Static("", id="count")
        yield Static("", id="mistake")

    @property
    def pattern(self) -> Pattern | None:
        """The compiled query; None = it is empty or wrong."""
        return self._pattern

    def take_focus(self) -> None:
        """Focus the line, and select its text."""
        self.screen.set_focus(self._field)
        self._field.action_select_all()

    def show_matches(
        self, number: int, total: int, *, complete: bool = True, wrapped: bool = False
    ) -> None:
        """Show the number of the current match, and of all.

        Args:
            number: Which match is under the cursor, from 1; 0 = none.
            total: How many were found so far.
            complete: The whole body was searched.
            wrapped: The search went on at the other end.
        """
        more = "" if complete else "…"
        if not total:
            text = "searching…" if more else "no matches"
        else:
            text = f"{number:,} of {total:,}{more}" if number else f"{total:,}{more}"
        self._count(f"{text} wrapped" if wrapped else text)

    def _key(self, key: str) -> bool:
        """Handle a key of the bar; return whether it was one."""
        parts: tuple[Widget, ...] = (self._field, self._case, self._regex)
        match key:
            case "enter":
                message = self.Submitted(self, self.query_asked, self._pattern)
                self.post_message(message)
                if self._view is not None and self._pattern is not None:
                    self.screen.set_focus(self._view)
            case "down" | "up":
                self.post_message(self.Stepped(self, 1 if key == "down" else -1))
            case "escape":
                self.post_message(self.Closed(self))
            case "tab" | "shift+tab":
                focused = self.screen.focused
                index = parts.index(focused) if focused in parts else 0
                by = 1 if key == "tab" else -1
                self.screen.set_focus(parts[(index + by) % len(parts)])
            case _:
                return False
        return True

    def on_key(self, event: events.Key) -> None:
        if self._key(event.key):
            event.stop()
            event.prevent_default()

    @on(Input.Changed)
    @on(Checkbox.Changed)
    def _changed(self, event: Message) -> None:
        event.stop()
        query = SearchQuery(self._field.value, self._case.value, self._regex.value)
        if query == self.query_asked:
            return
        self.query_asked = query
        self._pattern, mistake = _compiled(query)
        if mistake or self.has_class("-mistaken"):
            self.query_one("#mistake", Static).update(Content(sanitize(mistake)))
            self.set_class(bool(mistake), "-mistaken")
        self._count("")
        self.post_message(self.Changed(self, query, self._pattern))

    def _count(self, text: str) -> None:
        label = self.query_one("#count", Static)
        label.update(Content(text), layout=False)
        # It changes with each key: as its width grows in steps, few lay the screen out.
        width = -(-len(text) // _COUNT_STEP) * _COUNT_STEP
        if width > self._count_width:
            self._count_width = width
            label.styles.width = width


def _compiled(query: SearchQuery) -> tuple[Pattern | None, str]:
    """Compile a query; return the pattern, or what is wrong with it."""
    if not query.text:
        return None, ""
    try:
        return query.pattern(), ""
    except SearchError as error:
        return None, str(error)
