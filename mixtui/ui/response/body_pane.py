"""A body with its actions: search, filter, copy, save, open; and a record alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, ClassVar
from weakref import WeakKeyDictionary

from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from mixtui.actions import Scope
from mixtui.document.document import Document, Language, read, read_source
from mixtui.document.json_path import Value, jq_path, no_value_reason, record_at
from mixtui.key_names import key_of
from mixtui.model.redaction import Redactor
from mixtui.text import sanitize
from mixtui.ui.keys.keymap import bindings
from mixtui.ui.response.document_view import START, Place
from mixtui.ui.response.view import ResponseView
from mixtui.ui.widgets.screen import CommandScreen

if TYPE_CHECKING:
    from mixtui.document.search import SearchQuery
    from mixtui.ui.response.body_search import BodySearch
    from mixtui.ui.response.filter_bar import BodyFilter, FilterBar
    from mixtui.ui.widgets.search_bar import SearchBar


_OUTPUT_ACTIONS = (
    "copy",
    "copy_path",
    "copy_line",
    "copy_body",
    "save",
    "pager",
    "editor",
)


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


class BodyLook(Struct, frozen=True):
    """How a document was looked at when another took its place: it is found so again."""

    place: Place = START
    raw: Document | None = None
    """Its raw form, if that was shown."""
    filtered: Document | None = None
    """The result of the filter, if that was shown."""
    program: str | None = None
    """The filter in its line; None = the line was closed."""
    search: SearchQuery | None = None
    """What was searched for; None = the line was closed."""


class BodyPane(Vertical):
    """Shows one document; its screen must be an `CommandScreen`."""

    suggestion = ""
    """What the body is called, for the name of a file."""
    DEFAULT_CSS = """
    BodyPane > ResponseView { height: 1fr; }
    """
    BINDINGS = [
        *bindings(Scope.RESPONSE, only=_OUTPUT_ACTIONS),
        *bindings(Scope.RESPONSE, only=_OWN),
        Binding("escape", "close_line", "Close", show=False),
    ]
    _document: Document | None = None
    """The document that was set."""
    _raw: Document | None = None
    """The raw form of it, while that is shown."""
    _filtered: Document | None = None
    """The result of the filter, while that is shown."""
    _numbered = True
    line_numbers = True
    """Whether bodies get line numbers."""
    _search: BodySearch | None = None
    """None = no search was opened yet."""
    _filter: BodyFilter | None = None
    """None = no filter was opened yet."""

    class Moved(Message):
        """Posted when the cursor has moved."""

        def __init__(self, location: str) -> None:
            """`location` = the position of the cursor, for people."""
            super().__init__()
            self.location = location

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.view = ResponseView()
        """The viewer."""
        self._looks: WeakKeyDictionary[Document, BodyLook] = WeakKeyDictionary()

    def compose(self) -> ComposeResult:
        """Mount the viewer; search and filter are mounted on demand."""
        yield self.view

    # What is shown

    def show(self, document: Document | None, *, numbered: bool = True) -> None:
        """Show a document, unless it is the one shown.

        Args:
            document: None = nothing.
            numbered: It is a body, whose lines have numbers and paths.
        """
        if document is self._document:
            return
        self._remember()
        look = BodyLook() if document is None else self._looks.get(document, BodyLook())
        self._document, self._numbered = document, numbered
        self._raw, self._filtered = look.raw, look.filtered
        self.view.line_numbers = numbered and self.line_numbers
        self._look_at(look.filtered or look.raw or document)
        self.view.place = look.place
        if self._filter is not None and self._filter.is_open:
            self.acting.run_guarded(self._filter.leave())
        if document is not None and look.program is not None:
            applied = look.filtered is not None
            reopened = self._filterer.reopen(
                document.source, look.program, applied=applied
            )
            self.acting.run_guarded(reopened)
        if look.search is not None:
            self._searcher.reopen(look.search)

    def leave(self) -> None:
        """Show nothing, and close the lines: another request comes."""
        self.show(None)
        if self._search is not None:
            self._search.leave()

    def _remember(self) -> None:
        """Remember how the document is looked at, while there is one."""
        if self._document is not None:
            search, body_filter = self._search, self._filter
            self._looks[self._document] = BodyLook(
                self.view.place,
                self._raw,
                self._filtered,
                None if body_filter is None else body_filter.program,
                None if search is None else search.query,
            )

    def _look_at(self, document: Document | None) -> None:
        """Show the document in one of its forms."""
        self.view.document = document
        if self._search is not None:
            self._search.again()

    def _show_filtered(self, filtered: Document | None) -> None:
        self._filtered = filtered
        self._look_at(filtered or self._raw or self._document)

    @property
    def shown(self) -> Document | None:
        """The document shown: the result of a filter, or the body."""
        return self._filtered or self._document

    def grown(self) -> None:
        """Take in lines that have arrived."""
        self.view.grown()
        self.post_message(self.Moved(self.location))

    @on(ResponseView.CursorMoved)
    def _cursor_moved(self, event: ResponseView.CursorMoved) -> None:
        event.stop()
        self.post_message(self.Moved(self.location))

    @property
    def location(self) -> str:
        """The position of the cursor: its path and line, or its record."""
        view, document = self.view, self.view.document
        if document is None or not self._numbered:
            return ""
        noun = "record" if document.language is Language.JSON_LINES else "line"
        count = document.line_count
        line = (
            f"{noun} {view.cursor_line + 1:,} of {count:,}" if count else f"no {noun}s"
        )
        steps = view.path if count else None
        where = line if steps is None else f"{jq_path(steps)} · {line}"
        return f"Filtered · {where}" if self._filtered else where

    # Actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave escape to the screen where there is no line to close."""
        return action != "close_line" or self._line is not None

    @property
    def _line(self) -> BodySearch | BodyFilter | None:
        """The line that escape closes: the search, then the filter."""
        for line in (self._search, self._filter):
            if line is not None and line.is_open:
                return line
        return None

    def action_close_line(self) -> None:
        if (line := self._line) is not None:
            self._do(line.close())

    def action_search(self) -> None:
        self._do(self._searcher.ask())

    def action_next_match(self) -> None:
        self._do(self._searcher.step(self.view.take_count() or 1))

    def action_previous_match(self) -> None:
        self._do(self._searcher.step(-(self.view.take_count() or 1)))

    @property
    def _searcher(self) -> BodySearch:
        if self._search is None:
            from mixtui.ui.response.body_search import BodySearch

            self._search = BodySearch(self, self.view)
        return self._search

    def action_filter(self) -> None:
        document = self._document
        if document is None or not self._numbered:
            return
        if not document.language.is_json:
            self.acting.notify_text("Only JSON bodies can be filtered.")
        elif not document.complete:
            self.acting.notify_text(_incomplete())
        else:
            self._do(self._filterer.ask(document.source))

    @property
    def _filterer(self) -> BodyFilter:
        if self._filter is None:
            from mixtui.ui.response.filter_bar import BodyFilter

            self._filter = BodyFilter(self, self._show_filtered)
        return self._filter

    def on_search_bar_changed(self, event: SearchBar.Changed) -> None:
        event.stop()
        self._searcher.changed(event)

    def on_search_bar_stepped(self, event: SearchBar.Stepped) -> None:
        event.stop()
        self.view.find(event.by)

    async def on_search_bar_closed(self, event: SearchBar.Closed) -> None:
        """Close the line and forget the matches."""
        event.stop()
        await self._searcher.close()

    @on(ResponseView.Searched)
    def _searched(self, event: ResponseView.Searched) -> None:
        event.stop()
        if self._search is not None:
            self._search.show_status(event.status)

    def on_filter_bar_applied(self, event: FilterBar.Applied) -> None:
        event.stop()
        assert self._filter is not None
        self.acting.run_guarded(self._filter.apply(event))
        if not event.live:
            self.view.focus()

    def on_filter_bar_closed(self, event: FilterBar.Closed) -> None:
        """Close the line and show the original."""
        event.stop()
        assert self._filter is not None
        self.acting.run_guarded(self._filter.close())
        self.view.focus()

    async def on_unmount(self) -> None:
        """Leave nothing behind when the app ends while the line is open."""
        if self._filter is not None:
            await self._filter.end()

    def action_line_numbers(self) -> None:
        self.view.line_numbers = self.line_numbers = not self.view.line_numbers

    def action_raw(self) -> None:
        """Toggle between the raw and the formatted body."""
        self.acting.run_guarded(self._switch_raw())

    async def _switch_raw(self) -> None:
        document = self._document
        if document is None or document.language is not Language.JSON:
            return
        if self._raw is not None:
            self._raw = None
            self._look_at(document)
            return
        if not document.complete:
            self.acting.notify_text(_incomplete())
            return
        raw = await asyncio.to_thread(read_source, document.source, raw=True)
        if document is self._document:
            raw.language = document.language
            self._raw = raw
            self._look_at(raw)

    def action_go_to_line(self) -> None:
        self.acting.run_guarded(self._go_to_line())

    async def _go_to_line(self) -> None:
        from mixtui.ui.dialogs.dialogs import NameDialog

        number = await self.app.push_screen_wait(
            NameDialog("Go to line", "", check=_check_number)
        )
        if number is not None:
            self.view.go_to_line(int(number.replace(",", "")) - 1)

    def action_open_record(self) -> None:
        """Open the value under the cursor on a screen of its own."""
        self.acting.run_guarded(self._open_record())

    async def _open_record(self) -> None:
        value = await self._value(record_at)
        if value is not None:
            await open_value(self.acting, value, self.view.redactor)

    async def _value(
        self, take: Callable[[Document, int], Value | None]
    ) -> Value | None:
        """Return the value under the cursor; None = a message says why not."""
        document, line = self.view.document, self.view.cursor_line
        if document is None or not document.line_count:
            return None
        value = await asyncio.to_thread(take, document, line)
        if value is None:
            self.acting.notify_text(no_value_reason(document, line), severity="warning")
        return value

    @property
    def acting(self) -> CommandScreen:
        """The screen of the pane, which runs its actions."""
        screen = self.screen
        assert isinstance(screen, CommandScreen)
        return screen

    @property
    def _named(self) -> tuple[str, Redactor]:
        return self.suggestion, self.view.redactor

    def action_copy(self) -> None:
        from mixtui.ui.dialogs.clipboard import copy_value

        if (document := self.view.document) is not None and document.line_count:
            line = self.view.cursor_line
            self._do(copy_value(self.acting, document, line, *self._named))

    def action_copy_path(self) -> None:
        from mixtui.ui.dialogs.clipboard import copy_path

        steps = self.view.path
        if steps is None:
            self.acting.notify_text("Paths are available only in formatted JSON.")
        else:
            self._do(copy_path(self.acting, steps, self.view.redactor))

    def action_copy_line(self) -> None:
        from mixtui.ui.dialogs.clipboard import copy_line

        if (document := self.view.document) is not None and document.line_count:
            line = self.view.cursor_line
            self._do(copy_line(self.acting, document, line, *self._named))

    def action_copy_body(self) -> None:
        """Copy the whole document."""
        from mixtui.ui.dialogs.clipboard import copy_body

        if (document := self.view.document) is not None:
            self._do(copy_body(self.acting, document, *self._named))

    def action_save(self) -> None:
        from mixtui.ui.dialogs.saving import save

        if (document := self.view.document) is not None:
            self._do(save(self.acting, document, self.suggestion))

    def action_pager(self) -> None:
        from mixtui.ui.dialogs.external import page

        if (document := self.view.document) is not None:
            self._do(page(self.acting, document))

    def action_editor(self) -> None:
        from mixtui.ui.dialogs.external import open_copy

        if (document := self.view.document) is not None:
            self._do(open_copy(self.acting, document))

    def _do(self, work: Coroutine[None, None, None]) -> None:
        self.acting.run_guarded(work)


async def open_value(screen: CommandScreen, value: Value, redactor: Redactor) -> None:
    """Show a value on a screen of its own.

    A text that holds JSON, as properties often do, is shown as that JSON.
    """

    data = value.text.encode("utf-8", "surrogatepass") if value.is_json else value.data
    document = await asyncio.to_thread(read, data)
    screen.app.push_screen(RecordScreen(value.name, document, redactor))


def _check_number(text: str) -> str | None:
    digits = text.strip().replace(",", "")
    return None if digits.isdecimal() else "Enter a line number."


class RecordScreen(CommandScreen):
    """Shows a document; escape goes back."""

    DEFAULT_CSS = """
    RecordScreen > BodyPane {
        border: round $border; border-title-color: $text-primary; height: 1fr;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Back", show=False)
    ]

    def __init__(self, title: str, document: Document, redactor: Redactor) -> None:
        """Prepare the screen.

        Args:
            title: What it is, such as its path.
            document: The value.
            redactor: Masks secrets in what is copied.
        """
        super().__init__()
        self._redactor = redactor
        self._heading = title
        self._document = document

    def compose(self) -> ComposeResult:
        pane = BodyPane()
        pane.border_title = Content(sanitize(f"{self._heading} · esc Back")).markup
        yield pane

    def on_mount(self) -> None:
        pane = self.query_one(BodyPane)
        pane.show(self._document)
        pane.view.redactor = self._redactor
        pane.view.focus()

    @on(BodyPane.Moved)
    def _moved(self, event: BodyPane.Moved) -> None:
        self.query_one(BodyPane).border_subtitle = Content(
            sanitize(event.location)
        ).markup

    def action_close(self) -> None:
        self.dismiss()


def _incomplete() -> str:
    return (
        "The body is still being received. Wait for it to finish, or press "
        f"{key_of('cancel')} to stop."
    )
