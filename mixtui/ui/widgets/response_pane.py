"""The answer: status, then tabs for body, headers and what was sent."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from mixtui.core.document import Document, read
from mixtui.core.exchange import Headers
from mixtui.core.visible import visible
from mixtui.ui.action import Scope
from mixtui.ui.answer_texts import answer_head, request_text, timing_text
from mixtui.ui.keymap import bindings
from mixtui.ui.state import (
    Cancelled,
    Failed,
    Idle,
    Received,
    Receiving,
    ResponseState,
    Sending,
)
from mixtui.ui.widgets.answer_view import AnswerView
from mixtui.ui.widgets.body_pane import BodyPane
from mixtui.ui.widgets.status_line import StatusLine
from mixtui.ui.widgets.tab_bar import Tab, TabBar

_TABS = (
    Tab("body", "Body"),
    Tab("headers", "Headers"),
    Tab("request", "Request"),
    Tab("timing", "Timing"),
)
_TEXTS = {"headers": answer_head, "request": request_text, "timing": timing_text}
_WELCOME = """\
f5 sends the request; the answer appears here.

Nothing leaves this machine before that. The lines
under the URL say where the request will go, and
with which credential.

ctrl+g  finds a saved request
f9      switches and adds environments
f1      shows every key"""


class ResponsePane(Vertical):
    """Shows one `ResponseState`; everything of it stays until the next send."""

    DEFAULT_CSS = """
    ResponsePane { border: round $border-blurred; height: 1fr; }
    ResponsePane:focus-within { border: round $border; }
    ResponsePane > BodyPane { height: 1fr; margin: 0 0 0 1; }
    """

    BINDINGS = bindings(Scope.RESPONSE, only=("next_tab", "previous_tab"))

    _state: ResponseState = Idle()

    def compose(self) -> ComposeResult:
        """One viewer serves all three tabs."""
        yield StatusLine()
        yield TabBar(_TABS, id="response-tabs")
        yield BodyPane(id="response-body")

    def on_mount(self) -> None:
        """Start with a word of welcome."""
        self.border_title = "Response"
        self.state = Idle()

    @property
    def state(self) -> ResponseState:
        """What is shown."""
        return self._state

    @state.setter
    def state(self, state: ResponseState) -> None:
        self._state = state
        self.query_one(StatusLine).show(state)
        headers: Headers = ()
        if isinstance(state, Receiving | Received):
            headers = state.exchange.response.headers
        tabs = self.query_one(TabBar)
        tabs.note("headers", str(len(headers)) if headers else "")
        self._show()

    def grown(self, received: int) -> None:
        """So many bytes of the body have come, and more lines of it are known."""
        self.query_one(StatusLine).progress(received)
        self.query_one(BodyPane).grown()

    @on(TabBar.Activated)
    def _tab_activated(self, event: TabBar.Activated) -> None:
        event.stop()
        self._show()

    @property
    def view(self) -> AnswerView:
        """The viewer that has the focus in this pane."""
        return self.query_one(BodyPane).view

    @on(BodyPane.Moved)
    def _moved(self, event: BodyPane.Moved) -> None:
        event.stop()
        self.border_subtitle = Content(visible(event.place)).markup

    def action_next_tab(self) -> None:
        """Show the next tab."""
        self.query_one(TabBar).action_step(1)

    def action_previous_tab(self) -> None:
        """Show the tab before."""
        self.query_one(TabBar).action_step(-1)

    def _show(self) -> None:
        tab = self.query_one(TabBar).active
        body = self.query_one(BodyPane)
        numbered = tab == "body" and not isinstance(self._state, Idle)
        body.show(self._document(tab), numbered=numbered)

    def _document(self, tab: str) -> Document | None:
        match self._state, tab:
            case ((Received(document=document) | Receiving(document=document)), "body"):
                return document
            case ((Received(exchange=exchange) | Receiving(exchange=exchange)), _):
                return _text(_TEXTS[tab](exchange))
            case Idle(), "body":
                return _text(_WELCOME)
            case Sending() as state, "request":
                return _text(f"{state.request.method} {state.request.url}")
            case ((Failed(request) | Cancelled(request)), "request"):
                lines = [f"{request.method} {request.url}", "", *request.notices]
                return _text("\n".join(lines))
            case _:
                return None


def _text(text: str) -> Document:
    return read(text.encode("utf-8", "replace"), "text/plain")
