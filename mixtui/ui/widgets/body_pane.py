"""A body and everything that can be done with it, wherever a body is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message

from mixtui.core.document import Document, read, read_source
from mixtui.core.jq_path import jq_path
from mixtui.core.language import Language
from mixtui.core.values import Value, record_at, too_much
from mixtui.ui.acting_screen import CommandScreen
from mixtui.ui.action import Action, Scope
from mixtui.ui.actions import ACTIONS
from mixtui.ui.dialogs import NameDialog
from mixtui.ui.keymap import bindings
from mixtui.ui.widgets.answer_view import AnswerView
from mixtui.ui.widgets.body_exits import BodyOutputActions

if TYPE_CHECKING:
    from mixtui.ui.body_filter import BodyFilter
    from mixtui.ui.body_search import BodySearch
    from mixtui.ui.widgets.filter_bar import FilterBar
    from mixtui.ui.widgets.search_bar import SearchBar

_OWN = (
    "search",
    "next_match",
    "previous_match",
    "filter",
    "raw",
    "line_numbers",
    "go_to_line",
    "open_record",
)
_OPENING = ("search", "filter", "go_to_line")
_COMING = "The body is still coming: wait for its end, or stop it with escape."


class BodyPane(BodyOutputActions):
    """Shows one document; its screen must be an `ActingScreen`."""

    DEFAULT_CSS = """
    BodyPane > AnswerView { height: 1fr; }
    """
    BINDINGS = [
        *bindings(Scope.RESPONSE, only=_OWN),
        Binding("escape", "close_line", "Close", show=False),
    ]

    class Moved(Message):
        """The cursor is somewhere else."""

        def __init__(self, place: str) -> None:
            """`place` = where it is, in words."""
            super().__init__()
            self.place = place

    _document: Document | None = None
    """What was given to be shown."""
    _raw: Document | None = None
    """The same as it came, while that is shown."""
    _filtered: Document | None = None
    """What a filter gave."""
    _numbered = True
    _search: BodySearch | None = None
    """None = nothing was searched for yet."""
    _filter: BodyFilter | None = None
    """None = nothing was filtered yet."""

    def compose(self) -> ComposeResult:
        """The viewer alone; other things come when they are asked for."""
        self.view.opening_keys = opening_keys(getattr(self.app, "actions", ACTIONS))
        yield self.view

    # What is shown

    def show(self, document: Document | None, *, numbered: bool = True) -> None:
        """Show a document; one that is shown already stays as it is.

        Args:
            document: None = nothing.
            numbered: It is a body, whose lines have numbers and paths.
        """
        if document is not self._document:
            self._document, self._raw, self._filtered = document, None, None
            self._numbered = numbered
            self.view.line_numbers = numbered
            self._look_at(document)
            if self._filter is not None and self._filter.is_open:
                self.acting.run_guarded(self._filter.close())

    def _look_at(self, document: Document | None) -> None:
        """Show the document, or another form of it."""
        self.view.document = document
        if self._search is not None:
            self._search.again()

    def _show_filtered(self, filtered: Document | None) -> None:
        self._filtered = filtered
        self._look_at(filtered or self._raw or self._document)

    @property
    def shown(self) -> Document | None:
        """What is looked at: the result of a filter, or the body."""
        return self._filtered or self._document

    def grown(self) -> None:
        """More lines of the document are known."""
        self.view.grown()
        self.post_message(self.Moved(self.place))

    @on(AnswerView.CursorMoved)
    def _cursor_moved(self, event: AnswerView.CursorMoved) -> None:
        event.stop()
        self.post_message(self.Moved(self.place))

    @property
    def place(self) -> str:
        """Where the cursor is: its path, or its record."""
        view, document = self.view, self.view.document
        if document is None or not self._numbered:
            return ""
        noun = "record" if document.language is Language.JSON_LINES else "line"
        line = f"{noun} {view.cursor_line + 1:,} of {document.line_count:,}"
        steps = view.path
        where = line if steps is None else f"{jq_path(steps)} · {line}"
        return f"filtered · {where}" if self._filtered else where

    # Actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape is the screen's where there is no line to close."""
        return action != "close_line" or self._line is not None

    @property
    def _line(self) -> BodySearch | BodyFilter | None:
        """What escape closes: the search, then the filter."""
        for line in (self._search, self._filter):
            if line is not None and line.is_open:
                return line
        return None

    async def action_close_line(self) -> None:
        """Search or filter no more."""
        if (line := self._line) is not None:
            await self._do(line.close())

    async def action_search(self) -> None:
        """Search the body."""
        await self._do(self._searcher.ask())

    async def action_next_match(self) -> None:
        """Go to the next match."""
        await self._do(self._searcher.step(1))

    async def action_previous_match(self) -> None:
        """Go to the match before."""
        await self._do(self._searcher.step(-1))

    @property
    def _searcher(self) -> BodySearch:
        from mixtui.ui.body_search import BodySearch

        if self._search is None:
            self._search = BodySearch(self, self.view)
        return self._search

    async def action_filter(self) -> None:
        """Filter the body with a jq program."""
        document = self._document
        if document is None or not self._numbered:
            return
        if not document.language.is_json:
            self.acting.notify_text("Only JSON is filtered; this is something else.")
        elif not document.complete:
            self.acting.notify_text(_COMING)
        else:
            from mixtui.ui.body_filter import BodyFilter

            if self._filter is None:
                self._filter = BodyFilter(self, self._show_filtered)
            await self._do(self._filter.ask(document.source))

    def on_search_bar_changed(self, event: SearchBar.Changed) -> None:
        """Look for what is typed."""
        event.stop()
        self._searcher.changed(event)

    async def on_search_bar_closed(self, event: SearchBar.Closed) -> None:
        """Search no more."""
        event.stop()
        await self._searcher.close()

    @on(AnswerView.Searched)
    def _searched(self, event: AnswerView.Searched) -> None:
        event.stop()
        if self._search is not None:
            self._search.tell(event.status)

    def on_filter_bar_applied(self, event: FilterBar.Applied) -> None:
        """Show the result of a filter."""
        event.stop()
        assert self._filter is not None
        self.acting.run_guarded(self._filter.apply(event))
        if not event.live:
            self.view.focus()

    def on_filter_bar_closed(self, event: FilterBar.Closed) -> None:
        """Show the original again."""
        event.stop()
        assert self._filter is not None
        self.acting.run_guarded(self._filter.close())
        self.view.focus()

    def action_line_numbers(self) -> None:
        """Show line numbers, or hide them."""
        self.view.line_numbers = not self.view.line_numbers

    async def action_raw(self) -> None:
        """Show the body as it came, or laid out again."""
        await self.acting.run_command(self._switch_raw())

    async def _switch_raw(self) -> None:
        document = self._document
        if document is None or document.language is not Language.JSON:
            return
        if self._raw is not None:
            self._raw = None
            self._look_at(document)
            return
        if not document.complete:
            self.acting.notify_text(_COMING)
            return
        raw = await asyncio.to_thread(read_source, document.source, raw=True)
        if document is self._document:
            raw.language = document.language
            self._raw = raw
            self._look_at(raw)

    async def action_go_to_line(self) -> None:
        """Ask for the number of a line."""
        await self.acting.run_command(self._go_to_line())

    async def _go_to_line(self) -> None:
        number = await self.app.push_screen_wait(
            NameDialog("Go to line", "", check=_check_number)
        )
        if number is not None:
            self.view.go_to_line(int(number.replace(",", "")) - 1)

    async def action_open_record(self) -> None:
        """Show the value under the cursor alone."""
        await self.acting.run_command(self._open_record())

    async def _open_record(self) -> None:
        value = await self._value(record_at)
        if value is not None:
            await open_value(self.acting, value)

    async def _value(
        self, take: Callable[[Document, int], Value | None]
    ) -> Value | None:
        """The value under the cursor; None was explained."""
        document, line = self.view.document, self.view.cursor_line
        if document is None or not document.line_count:
            return None
        value = await asyncio.to_thread(take, document, line)
        if value is None:
            self.acting.notify_text(too_much(document, line), severity="warning")
        return value


def opening_keys(actions: Iterable[Action]) -> dict[str, str]:
    """The keys after which text is typed, each with its action."""
    opening = [a for a in actions if a.scope is Scope.RESPONSE and a.name in _OPENING]
    return {key: action.name for action in opening for key in action.keys}


async def open_value(screen: CommandScreen, value: Value) -> None:
    """Show a value on a screen of its own.

    A text that holds JSON, as properties often do, is shown as that JSON.
    """
    from mixtui.ui.record_screen import RecordScreen

    data = value.text.encode("utf-8", "surrogatepass") if value.is_json else value.data
    document = await asyncio.to_thread(read, data)
    screen.app.push_screen(RecordScreen(value.name, document))


def _check_number(text: str) -> str | None:
    digits = text.strip().replace(",", "")
    return None if digits.isdecimal() else "Type the number of a line."
