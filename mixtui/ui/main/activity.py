"""The list of requests in flight and of the responses of this session."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import ClassVar, Protocol

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.timer import Timer
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from mixtui.key_names import key_of
from mixtui.model.quota import wait_label
from mixtui.text import duration, pluralise, sanitize_excerpt, size
from mixtui.ui.dialogs.dialogs import Dialog
from mixtui.ui.response.state import (
    Cancelled,
    Failed,
    Queued,
    Received,
    Receiving,
    RequestRun,
    Sending,
)
from mixtui.ui.widgets.option_list import MotionList

_UPDATE_PERIOD = 0.5
"""Seconds between two updates while something is in flight."""
_NAME_WIDTH = 36
_OTHER_COLUMNS = 62
"""Cells that a line takes beside the name."""


def _nothing_sent() -> str:
    return f"No requests sent yet. Go back and press {key_of('send')} to send one."


class Runs(Protocol):
    """The runs that are listed: those in flight first, then the newest."""

    def __iter__(self) -> Iterator[RequestRun]: ...

    @property
    def running(self) -> int:
        """How many are in flight."""

    def cancel(self, run: RequestRun, /) -> None:
        """Stop a run."""


class ActivityDialog(Dialog[RequestRun | None]):
    """Lists the runs of this session; returns the one to open."""

    DEFAULT_CSS = """
    ActivityDialog > #box { width: 100; }
    ActivityDialog OptionList { max-height: 20; }
    ActivityDialog.-short OptionList { max-height: 9; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "stop", "Stop", show=False),
    ]

    _clock: Timer | None = None

    def __init__(self, runs: Runs) -> None:
        super().__init__("Activity", None)
        self._runs = runs
        self._listed: list[RequestRun] = []

    def compose_box(self) -> ComposeResult:
        yield MotionList()
        yield Static("enter Open · x Stop · esc Close", classes="hints")

    def on_mount(self) -> None:
        """List the runs, again and again while one is in flight."""
        self._fill()
        self.query_one(OptionList).focus()
        if self._runs.running:
            self._clock = self.set_interval(_UPDATE_PERIOD, self._tick)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        if self._listed:
            self.finish(self._listed[event.option_index])

    def action_stop(self) -> None:
        """Stop the run under the cursor."""
        index = self.query_one(OptionList).highlighted
        if self._listed and index is not None:
            self._runs.cancel(self._listed[index])
            self._fill()

    def _tick(self) -> None:
        self._fill()
        if self._clock is not None and not self._runs.running:
            self._clock.stop()

    def _fill(self) -> None:
        runs, options = list(self._runs), self.query_one(OptionList)
        if runs == self._listed and runs:
            for index, run in enumerate(runs):
                line = self._line(run)
                if options.get_option_at_index(index).prompt != line:
                    options.replace_option_prompt_at_index(index, line)
            return
        highlighted = options.highlighted
        under_cursor = (
            self._listed[highlighted]
            if self._listed and highlighted is not None
            else None
        )
        self._listed = runs
        options.clear_options()
        options.add_options([Option(self._line(run)) for run in runs])
        if not runs:
            options.add_option(Option(_nothing_sent(), disabled=True))
        elif under_cursor in runs:
            options.highlighted = runs.index(under_cursor)
        else:
            options.highlighted = 0

    def _line(self, run: RequestRun) -> Content:
        request = run.request
        width = max(12, min(_NAME_WIDTH, self.app.size.width - _OTHER_COLUMNS))
        # Of a new request: where on the host, as the host would fill a narrow screen.
        path = request.shown_url.partition("://")[2].partition("/")[2]
        name = sanitize_excerpt(run.name or f"/{path}", width)
        colour, text = _state_label(run)
        return Content.assemble(
            (f"{request.method:<6} ", "bold"),
            f"{name:<{width}}  ",
            (text, f"$text-{colour}"),
        )


def _state_label(run: RequestRun) -> tuple[str, str]:
    """Return a colour of the theme, and how far the run is."""
    match run.state:
        case Queued(until=until):
            return "accent", f"waiting for quota: {wait_label(until - time.time())}"
        case Sending() | Received() if run.progress:
            waits = isinstance(run.state, Sending)
            return "accent" if waits else "muted", run.progress
        case Sending(started=started):
            return "accent", f"sending… {duration(time.monotonic() - started)}"
        case Receiving(started=started, document=document):
            lines = pluralise(document.line_count, "line") if document else ""
            parts = [size(run.received), lines, duration(time.monotonic() - started)]
            return "accent", "receiving… " + " · ".join(filter(None, parts))
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
