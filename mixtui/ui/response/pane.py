"""The response pane: the status line and a tab for each part of a response."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import getters, on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.widget import Widget

from mixtui.actions import NEXT_ACTIONS, Scope
from mixtui.document.document import Document, read
from mixtui.key_names import key_of
from mixtui.model.draft import Headers
from mixtui.patterns import compile_late
from mixtui.text import sanitize
from mixtui.ui.keys.keymap import bindings
from mixtui.ui.response.body_pane import BodyPane
from mixtui.ui.response.copies import CopiesContent
from mixtui.ui.response.state import (
    Cancelled,
    Failed,
    FromHistory,
    Idle,
    InFlight,
    Queued,
    Received,
    Receiving,
    ResponseLook,
    ResponseState,
    Sending,
    TabChoice,
    shown_redactor,
)
from mixtui.ui.response.status_line import StatusLine, outcome_colour
from mixtui.ui.response.tabs import TABS, sent_request, shown_tab
from mixtui.ui.response.texts import (
    ResponseTexts,
    request_text,
    response_head,
    response_texts,
    texts_from_history,
    timing_text,
)
from mixtui.ui.widgets.border import set_border_subtitle
from mixtui.ui.widgets.screen import CancelsWorkersOnPrune
from mixtui.ui.widgets.tabs import TabBar

if TYPE_CHECKING:
    from mixtui.charts.model import Chart
    from mixtui.ui.chart.view import ChartView
    from mixtui.ui.table.view import TableView


_REFUSED = compile_late(r"\.failed_records\[(\d+)\]")


_TEXTS = {"headers": response_head, "request": request_text, "timing": timing_text}
_IDS = {"body": "response-body", "table": "response-table", "chart": "response-chart"}
"""What shows a tab; all others are texts."""
_TEXT = "response-text"
_QUICKLY_CHARTED = 100_000
"""Bytes; in a smaller body charts are looked for before they are asked for."""


def _welcome() -> tuple[str, ...]:
    """Return what the pane says before anything is sent."""
    names = ("send", "find", "operations", "environments", "help")
    send, *others = map(key_of, names)
    labels = (
        "Find a saved request",
        "Search all Mixpanel operations",
        "Set up and switch environments",
        "Show help and all keys",
    )
    width = max(map(len, others)) + 2
    return (
        f"Press {send} to send the request. The response appears here.",
        "",
        "Nothing is sent before that. The lines under the URL show where the request "
        "goes and which credential it uses.",
        "",
        *(f"{key:<{width}}{label}" for key, label in zip(others, labels, strict=True)),
    )


def _not_sent() -> str:
    """Return what the other tabs say before anything is sent."""
    return (
        f"No request sent yet. {key_of('send')} sends it, "
        f"{key_of('preview')} previews it."
    )


class ResponsePane(CopiesContent, CancelsWorkersOnPrune, Vertical):
    """Shows one `ResponseState`, all of which stays until the next send."""

    _rejected_document: Document | None = None
    """Whose refused records are gone through."""
    _next_rejected = 0
    DEFAULT_CSS = """
    ResponsePane { border: round $border-blurred; height: 1fr; }
    ResponsePane:focus-within { border-top: round $border; }
    ResponsePane > .content { height: 1fr; margin: 0 0 0 1; display: none; }
    ResponsePane > .content.-shown { display: block; }
    """
    BINDINGS = bindings(
        Scope.RESPONSE, only=("next_tab", "previous_tab", "diff", *NEXT_ACTIONS)
    )
    # Compared by value, two states would compare their bodies.
    state: var[ResponseState] = var(Idle(), always_update=True)
    received = var(0)
    """Bytes of the body received so far."""
    tabs = getters.query_one(TabBar)
    body = getters.query_one("#response-body", BodyPane)
    """The body, whether its tab is active or not."""
    _text_width = 0
    """Cells for a text of our own; 0 = nothing is laid out yet."""
    _text_of: tuple[ResponseState, str] | None = None
    """The state and the tab whose text is shown."""
    _charted: Document | None = None
    """The document whose charts were looked for last."""
    _has_charts: bool | None = None
    """Whether it has any; None = not known yet."""
    _choice = TabChoice()
    """The tab that was chosen for the request."""
    # Set again for each document, as each begins without a mark on the tab.
    charts: var[tuple[Chart, ...]] = var((), init=False, always_update=True)
    _table: TableView | None = None
    _chart: ChartView | None = None
    _texts_pane: BodyPane | None = None

    class CompareRequested(Message):
        """Posted to compare the response with the previous one."""

    @dataclass
    class FollowUpRequested(Message):
        """Posted to run a next action on the response."""

        action: str
        """One of `FOLLOW_UPS`."""
        index: int | None = None
        """Of a refused record."""

    def compose(self) -> ComposeResult:
        """Mount the body; other tabs are mounted when first opened."""
        yield StatusLine().data_bind(ResponsePane.state, ResponsePane.received)
        yield TabBar(TABS, id="response-tabs")
        yield BodyPane(id="response-body", classes="content -shown")

    def on_mount(self) -> None:
        self.border_title = "Response"

    def on_resize(self) -> None:
        """Fit the text that stands for a response to the width."""
        width = self.body.view.scrollable_content_region.width
        if width != self._text_width:
            self._text_width = width
            if isinstance(self.state, Idle):
                self.body.show(self._body(), numbered=False)
                self._text_of = None
                self._fill()

    def watch_state(self, state: ResponseState) -> None:
        if isinstance(state, Sending):
            self.received = 0
        headers: Headers = ()
        if (texts := self._texts()) is not None and texts.response is not None:
            headers = texts.response.headers
        self.tabs.note("headers", str(len(headers)) if headers else "")
        self.body.show(self._body(), numbered=not isinstance(state, Idle))
        self.body.view.redactor = shown_redactor(state)
        self._mark_outcome(state)
        self._look_for_charts()
        self._fill()
        self._settle()

    @property
    def look(self) -> ResponseLook:
        """How the responses of the request are looked at."""
        return ResponseLook(
            self._choice,
            wrap=self.body.view.wrap,
            wrap_texts=self._texts_pane is not None and self._texts_pane.view.wrap,
            line_numbers=self.body.line_numbers,
            chart=None if self._chart is None else self._chart.selection,
        )

    def restore(self, look: ResponseLook) -> None:
        """Show another request as it was looked at before; set its state next."""
        self._choice = look.choice
        self.body.leave()
        self.body.view.wrap = look.wrap
        self.body.line_numbers = look.line_numbers
        if self._texts_pane is not None:
            self._texts_pane.view.wrap = look.wrap_texts
        if self._chart is not None:
            from mixtui.ui.chart.view import ChartSelection

            self._chart.selection = look.chart or ChartSelection()

    def _mark_outcome(self, state: ResponseState) -> None:
        """Colour the border by the outcome."""
        colour = None
        if isinstance(state, Received):
            colour = outcome_colour(state.outcome)
        elif isinstance(state, FromHistory):
            colour = outcome_colour(state.record.outcome)
        for name in ("success", "warning", "error"):
            self.set_class(name == colour, f"-{name}", update=False)
        # By itself, Textual would style all within the pane again, for each class.
        self.app.stylesheet.apply(self)

    @property
    def view(self) -> Widget:
        """The widget of the active tab that takes the focus."""
        shown = self.query_one(".content.-shown")
        if isinstance(shown, BodyPane):
            return shown.view
        return self._table.grid if shown is self._table else shown

    def grown(self, received: int) -> None:
        """Take in the bytes received so far."""
        self.received = received
        self.body.grown()
        if self._table is not None and self._table.body is self.body.shown:
            self._table.follow()

    # Tabs

    @on(TabBar.Activated)
    async def _tab_activated(self, event: TabBar.Activated) -> None:
        """Show what a person chose, for now and for the next response."""
        event.stop()
        self._choice = TabChoice(event.tab, sent_request(self.state))
        await self._show_tab(event.tab)

    def _settle(self) -> None:
        """Show the tab that was chosen for the request, if it has content."""
        table, document = self._table, self._document
        searched = table is not None and table.search is None
        tab = shown_tab(
            self._choice,
            self.state,
            has_tables=bool(table.tables)
            if table is not None and searched and table.body is document
            else None,
            has_charts=self._has_charts if self._charted is document else None,
        )
        if tab != self.tabs.active:
            with self.prevent(TabBar.Activated):
                self.tabs.active = tab
            self._switch(tab)

    @work(group="tab", exclusive=True, description="")
    async def _switch(self, tab: str) -> None:
        await self._show_tab(tab)

    async def _show_tab(self, tab: str) -> None:
        if tab != self.tabs.active:
            return  # It was left before it could be shown.
        follows = self.has_focus_within and not self.tabs.has_focus
        content = await self._content(tab)
        for other in self.query(".content"):
            other.set_class(other is content, "-shown")
        self._fill()
        if follows:
            self.screen.set_focus(self.view)

    async def focus_tab(self, tab: str) -> None:
        """Show a tab that a person chose, and put the focus into it."""
        self._choice = TabChoice(tab, sent_request(self.state))
        with self.prevent(TabBar.Activated):
            self.tabs.active = tab
        await self._show_tab(tab)
        self.screen.set_focus(self.view)

    def action_next_tab(self) -> None:
        self.tabs.action_step(1)

    def action_previous_tab(self) -> None:
        self.tabs.action_step(-1)

    def action_diff(self) -> None:
        self.post_message(self.CompareRequested())

    def _fill(self) -> None:
        """Fill the active tab."""
        tab, shown = self.tabs.active, self.query_one(".content.-shown")
        nothing = _not_sent() if isinstance(self.state, Idle) else ""
        if shown is self._table:
            self._table.show_body(self._document, nothing)
        elif shown is self._chart:
            is_waiting = isinstance(self.state, Idle | InFlight)
            self._chart.empty_text = nothing if is_waiting else None
            self._show_charts()
        elif isinstance(shown, BodyPane) and shown is not self.body:
            self._show_text(shown, tab)
        self._show_location(self.body.location if tab == "body" else "")

    async def _content(self, tab: str) -> Widget:
        """Return the widget of a tab, mounted on first use."""
        widgets = self.query(f"#{_IDS.get(tab, _TEXT)}")
        if widgets:
            return widgets.first()
        content = self._make(tab)
        content.add_class("content")
        await self.mount(content)
        return content

    def _make(self, tab: str) -> Widget:
        if tab == "table":
            from mixtui.ui.table.view import TableView

            self._table = TableView(id=_IDS[tab])
            self.watch(self._table, "search", self._settle, init=False)
            return self._table
        if tab == "chart":
            from mixtui.ui.chart.view import ChartView

            self._chart = ChartView(id=_IDS[tab])
            self._chart.charts = self.charts
            return self._chart
        self._texts_pane = BodyPane(id=_TEXT)
        return self._texts_pane

    # Table and chart

    @property
    def _document(self) -> Document | None:
        """The body of the response, as far as it has come."""
        has_body = isinstance(self.state, Receiving | Received | FromHistory)
        return self.body.shown if has_body else None

    def _look_for_charts(self) -> None:
        """Mark the tab if its content is already known."""
        document = self._document
        if document is None or not document.complete:
            self.tabs.note("chart", "")
        elif document.source.size <= _QUICKLY_CHARTED and document.language.is_json:
            self._show_charts()

    def _show_charts(self) -> None:
        document = self._document
        if document is self._charted:
            return
        self._charted, self._has_charts = document, None
        self._find_charts(document)

    @work(group="chart", exclusive=True, description="")
    async def _find_charts(self, document: Document | None) -> None:
        from mixtui.charts.recognise import MAX_BODY_BYTES, read_chart

        charts: tuple[Chart, ...] = ()
        if document is not None and document.source.size <= MAX_BODY_BYTES:
            source = document.source
            with contextlib.suppress(OSError):  # The body itself shows that, too.
                body = await asyncio.to_thread(source.read, 0, source.size)
                charts = await asyncio.to_thread(read_chart, body)
        if document is self._charted:
            self.charts, self._has_charts = charts, bool(charts)
            self._settle()

    def watch_charts(self, charts: tuple[Chart, ...]) -> None:
        self.tabs.note("chart", str(len(charts)) if charts else "")
        if self._chart is not None:
            self._chart.charts = charts

    def opens_elsewhere(self, path: str) -> bool:
        """Go to a rejected record in the request."""
        return self.open_rejected_record(path)

    @on(BodyPane.Moved)
    def _moved(self, event: BodyPane.Moved) -> None:
        event.stop()
        if self.tabs.active == "body":
            self._show_location(event.location)

    def _show_location(self, location: str) -> None:
        set_border_subtitle(self, Content(sanitize(location)).markup)

    # Texts

    def _body(self) -> Document | None:
        match self.state:
            case (
                Received(document=document)
                | Receiving(document=document)
                | FromHistory(document=document)
            ):
                return document
            case Idle() if self._text_width:
                return _text(_wrapped(_welcome(), self._text_width))
            case _:
                return None

    def _show_text(self, pane: BodyPane, tab: str) -> None:
        if self._text_of != (self.state, tab):
            self._text_of = (self.state, tab)
            pane.show(self._text(tab), numbered=False)
            pane.view.redactor = shown_redactor(self.state)

    def _texts(self) -> ResponseTexts | None:
        match self.state:
            case Received(exchange=exchange) | Receiving(exchange=exchange):
                return response_texts(exchange)
            case FromHistory(record=record):
                return texts_from_history(record)
            case _:
                return None

    def _text(self, tab: str) -> Document | None:
        if (texts := self._texts()) is not None:
            return _text(_TEXTS[tab](texts))
        match self.state, tab:
            case Idle(), _:
                width = self._text_width
                return _text(_wrapped([_not_sent()], width)) if width else None
            case ((Queued(request) | Sending(request)), "request"):
                return _text(f"{request.method} {request.shown_url}")
            case ((Failed(request) | Cancelled(request)), "request"):
                notices = map(request.redactor.redact, request.notices)
                lines = [f"{request.method} {request.shown_url}", "", *notices]
                return _text("\n".join(lines))
            case _:
                return None

    def choose_rejected(self, document: Document, count: int, index: int | None) -> int:
        """Return the index in ``failed_records`` of the requested record, or of the next.

        Args:
            document: The answer.
            count: How many it names.
            index: None = the next one.
        """
        if document is not self._rejected_document:
            self._rejected_document, self._next_rejected = document, 0
        chosen = (self._next_rejected if index is None else index) % count
        self._next_rejected = chosen + 1
        return chosen

    def action_refused_record(self) -> None:
        self.post_message(self.FollowUpRequested("refused_record"))

    def action_keep_rejected(self) -> None:
        self.post_message(self.FollowUpRequested("keep_rejected"))

    def action_other_region(self) -> None:
        self.post_message(self.FollowUpRequested("other_region"))

    def action_next_page(self) -> None:
        self.post_message(self.FollowUpRequested("next_page"))

    def action_all_pages(self) -> None:
        self.post_message(self.FollowUpRequested("all_pages"))

    def open_rejected_record(self, path: str) -> bool:
        """Go to a rejected record, if a path of the response leads to one."""
        match = _REFUSED.fullmatch(path)
        if match is not None:
            number = int(match[1])
            self.post_message(self.FollowUpRequested("refused_record", number))
        return match is not None


def _wrapped(lines: Iterable[str], width: int) -> str:
    from textwrap import wrap

    return "\n".join("\n".join(wrap(line, max(width, 20)) or [""]) for line in lines)


def _text(text: str) -> Document:
    return read(text.encode("utf-8", "replace"), "text/plain")
