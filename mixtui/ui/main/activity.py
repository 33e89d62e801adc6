"""What is on its way and what was answered in this run: open it, or stop it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.timer import Timer
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from mixtui.outcome.quota import wait_label
from mixtui.text import duration, pluralise, sanitize_excerpt, size
from mixtui.ui.dialogs.dialogs import Dialog
from mixtui.ui.main.calls import RequestRuns
from mixtui.ui.response.state import (
    Cancelled,
    Failed,
    Queued,
    Received,
    Receiving,
    RequestRun,
    Sending,
)

_STEP = 0.5
"""Seconds between two looks while something is on its way."""
_NAME = 36
_REST = 62
"""Cells that a line takes beside the name."""


@dataclass(frozen=True, slots=True)
class OpenCall:
    """Show this call where it was sent from."""

    call: RequestRun


class ActivityDialog(Dialog[OpenCall | None]):
    """A list of calls, those on their way first."""

    DEFAULT_CSS = """
    ActivityDialog > #box { width: 100; }
    ActivityDialog OptionList { max-height: 20; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "stop", "Stop", show=False),
    ]

    _clock: Timer | None = None

    def __init__(self, calls: RequestRuns) -> None:
        super().__init__("Activity", None)
        self._calls = calls
        self._listed: list[RequestRun] = []

    def compose_box(self) -> ComposeResult:
        """The list, or a word that there is nothing in it."""
        yield OptionList()
        yield Static("enter opens · x stops · esc closes", classes="hints")

    def on_mount(self) -> None:
        """Look again while something is on its way."""
        self._fill()
        self.query_one(OptionList).focus()
        if self._calls.running:
            self._clock = self.set_interval(_STEP, self._tick)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        if self._listed:
            self.finish(OpenCall(self._listed[event.option_index]))

    def action_stop(self) -> None:
        """Stop the call under the cursor."""
        index = self.query_one(OptionList).highlighted
        if self._listed and index is not None:
            self._calls.cancel(self._listed[index])
            self._fill()

    def _tick(self) -> None:
        self._fill()
        if self._clock is not None and not self._calls.running:
            self._clock.stop()

    def _fill(self) -> None:
        calls, options = list(self._calls), self.query_one(OptionList)
        if calls == self._listed and calls:
            for index, call in enumerate(calls):
                line = self._line(call)
                if options.get_option_at_index(index).prompt != line:
                    options.replace_option_prompt_at_index(index, line)
            return
        at = options.highlighted
        under = self._listed[at] if self._listed and at is not None else None
        self._listed = calls
        options.clear_options()
        options.add_options([Option(self._line(call)) for call in calls])
        if not calls:
            options.add_option(Option("Nothing was sent yet.", disabled=True))
        elif under in calls:
            options.highlighted = calls.index(under)
        else:
            options.highlighted = 0

    def _line(self, call: RequestRun) -> Content:
        request = call.request
        width = max(12, min(_NAME, self.app.size.width - _REST))
        # Of a new request: where on the host, as the host would fill a narrow screen.
        path = request.url.partition("://")[2].partition("/")[2]
        name = sanitize_excerpt(call.name or f"/{path}", width)
        colour, text = _state(call)
        return Content.assemble(
            (f"{request.method:<6} ", "bold"),
            f"{name:<{width}}  ",
            (text, f"$text-{colour}"),
        )


def _state(call: RequestRun) -> tuple[str, str]:
    """A colour of the theme, and how far the call is."""
    match call.state:
        case Queued(until=until):
            return "accent", f"waits for a slot: {wait_label(until - time.time())}"
        case Sending() | Received() if call.progress:
            waits = isinstance(call.state, Sending)
            return "accent" if waits else "muted", call.progress
        case Sending(started=started):
            return "accent", f"on its way: {duration(time.monotonic() - started)}"
        case Receiving(started=started, document=document):
            lines = pluralise(document.line_count, "line") if document else ""
            parts = [size(call.received), lines, duration(time.monotonic() - started)]
            return "accent", "receiving: " + " · ".join(filter(None, parts))
        case Received(exchange=exchange, outcome=outcome):
            length = size(exchange.response.body_bytes)
            text = f"{exchange.response.status} {outcome.label} · {length}"
            return "muted", text
        case Failed(outcome=outcome):
            return "error", outcome.label if outcome else "not sent"
        case Cancelled(seconds=seconds):
            return "warning", f"cancelled after {duration(seconds)}"
        case _:
            return "muted", "not sent"
