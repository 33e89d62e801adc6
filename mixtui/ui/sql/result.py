"""The rows of a query as a table, as charts and as JSON lines."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import getters, on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from mixtui.actions import Scope
from mixtui.charts.records import MAX_BYTES, read_record_charts
from mixtui.ui.chart.view import ChartView
from mixtui.ui.keys.keymap import bindings
from mixtui.ui.response.body_pane import BodyPane
from mixtui.ui.response.copies import CopiesContent
from mixtui.ui.table.view import TableView
from mixtui.ui.widgets.screen import CancelsWorkersOnPrune
from mixtui.ui.widgets.tabs import Tab, TabBar

if TYPE_CHECKING:
    from mixtui.charts.model import Chart
    from mixtui.document.document import Document

RESULT_TABS = (Tab("table", "Table"), Tab("chart", "Chart"), Tab("json", "JSON"))
_SCOPES = {"table": Scope.TABLE, "chart": Scope.CHART, "json": Scope.RESPONSE}
_NO_CHART = "A chart needs a column of names or dates, and one of numbers."


class SqlResult(CopiesContent, CancelsWorkersOnPrune, Vertical):
    """Shows the rows of a query with the widgets of a response."""

    DEFAULT_CSS = """
    SqlResult {
        border: round $border-blurred; border-title-color: $text-primary; height: 1fr;
    }
    SqlResult:focus-within { border-top: round $border; }
    SqlResult > .content { height: 1fr; margin: 0 0 0 1; display: none; }
    SqlResult > .content.-shown { display: block; }
    """
    BINDINGS = bindings(Scope.RESPONSE, only=("next_tab", "previous_tab"))
    tabs = getters.query_one(TabBar)
    table = getters.query_one(TableView)
    chart = getters.query_one(ChartView)
    body = getters.query_one(BodyPane)
    _document: Document | None = None

    def __init__(self, suggestion: str) -> None:
        """`suggestion` = what a file of the rows would be called."""
        super().__init__()
        self.border_title = "Result"
        self._suggestion = suggestion

    def compose(self) -> ComposeResult:
        yield TabBar(RESULT_TABS, id="result-tabs")
        yield TableView(id="result-table", classes="content -shown")
        yield ChartView(id="result-chart", classes="content")
        yield BodyPane(id="result-json", classes="content")

    def on_mount(self) -> None:
        self.body.suggestion = self._suggestion
        self.chart.empty_text = _NO_CHART

    def show(self, document: Document | None, otherwise: str) -> None:
        """Show the rows of a query; without any, a sentence."""
        self._document = document
        self.table.show_body(document, otherwise)
        self.body.show(document)
        self._show_charts(())
        if document is not None and document.source.size <= MAX_BYTES:
            self._find_charts(document)

    @work(group="chart", exclusive=True, description="")
    async def _find_charts(self, document: Document) -> None:
        source = document.source
        try:
            body = await asyncio.to_thread(source.read, 0, source.size)
        except OSError:
            return  # The rows show that, too.
        charts = await asyncio.to_thread(read_record_charts, body)
        if document is self._document:
            self._show_charts(charts)

    def _show_charts(self, charts: tuple[Chart, ...]) -> None:
        self.chart.charts = charts
        self.tabs.note("chart", str(len(charts)) if charts else "")

    @property
    def scope(self) -> Scope:
        """Whose keys act in the active tab."""
        return _SCOPES[self.tabs.active]

    @property
    def view(self) -> Widget:
        """The widget of the active tab that takes the focus."""
        views = {"table": self.table.grid, "chart": self.chart, "json": self.body.view}
        return views[self.tabs.active]

    @on(TabBar.Activated)
    def _activated(self, event: TabBar.Activated) -> None:
        follows = self.has_focus_within and not self.tabs.has_focus
        for content in self.query(".content"):
            content.set_class(content.id == f"result-{event.tab}", "-shown")
        if follows:
            self.screen.set_focus(self.view)

    def action_next_tab(self) -> None:
        self.tabs.action_step(1)

    def action_previous_tab(self) -> None:
        self.tabs.action_step(-1)

    @on(BodyPane.Moved)
    def _moved(self, event: BodyPane.Moved) -> None:
        event.stop()
