"""The tabs of a response, and which of them is shown."""

from __future__ import annotations

from mixtui.ui.response.state import (
    Cancelled,
    Failed,
    FromHistory,
    Idle,
    Received,
    ResponseState,
    TabChoice,
)
from mixtui.ui.widgets.tabs import Tab

TABS = (
    Tab("body", "Body"),
    Tab("table", "Table"),
    Tab("chart", "Chart"),
    Tab("headers", "Headers"),
    Tab("request", "Request"),
    Tab("timing", "Timing"),
)


def sent_request(state: ResponseState) -> object:
    """Return what was sent: the same object from `Sending` to `Received`; None = nothing."""
    match state:
        case Idle():
            return None
        case Received(exchange=exchange):
            return exchange.request
        case FromHistory(record=record):
            return record
        case _:
            return state.request


def shown_tab(
    choice: TabChoice,
    state: ResponseState,
    *,
    has_tables: bool | None,
    has_charts: bool | None,
) -> str:
    """Return the tab to show of a response.

    It is the one chosen for this request, now or with an earlier response, if that has
    content; else the body. Of a failure, the body says why, and the table which records
    were rejected.

    Args:
        choice: What was chosen last.
        state: What there is to show.
        has_tables: None = not known yet.
        has_charts: None = not known yet.
    """
    if choice.made_for is not None and choice.made_for is sent_request(state):
        return choice.tab
    match state:
        case Idle() | Failed() | Cancelled():
            return "body"
        case Received(outcome=outcome):
            failed = bool(outcome.exit_status)
        case FromHistory(record=record):
            failed = bool(record.outcome.exit_status)
        case _:
            return choice.tab
    if choice.tab == "table":
        has_content = has_tables is not False
    elif choice.tab == "chart":
        has_content = not failed and has_charts is not False
    else:
        has_content = not failed
    return choice.tab if has_content else "body"
