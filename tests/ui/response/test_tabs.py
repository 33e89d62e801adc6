"""Which tab of a response is shown."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mixtui.model.errors import SendError
from mixtui.ui.response.state import (
    Cancelled,
    Failed,
    Idle,
    Receiving,
    ResponseState,
    Sending,
    TabChoice,
)
from mixtui.ui.response.tabs import sent_request, shown_tab
from tests.exchanges import prepared
from tests.ui.driver import wait_until
from tests.ui.response.host import received, shown
from tests.ui.response.test_pane import CHART

OK = received("{}")
REFUSED = replace(OK, outcome=replace(OK.outcome, exit_status=1))
SENDING = Sending(prepared(), 0.0)
FAILED = Failed(prepared(), SendError("No route."), None)
ROWS: list[tuple[str, str, ResponseState, bool | None, bool | None, str]] = [
    ("nothing was sent", "chart", Idle(), None, None, "body"),
    ("it is in flight", "chart", SENDING, None, None, "chart"),
    ("no response came", "headers", FAILED, None, None, "body"),
    ("it was cancelled", "request", Cancelled(prepared(), 1.0), None, None, "body"),
    ("charts are looked for", "chart", OK, None, None, "chart"),
    ("there is a chart", "chart", OK, None, True, "chart"),
    ("there is no chart", "chart", OK, None, False, "body"),
    ("there is a table", "table", OK, True, None, "table"),
    ("there is no table", "table", OK, False, None, "body"),
    ("it was accepted", "timing", OK, None, None, "timing"),
    ("it failed", "timing", REFUSED, None, None, "body"),
    ("it failed with a chart", "chart", REFUSED, None, True, "body"),
    ("it failed with rejected records", "table", REFUSED, True, None, "table"),
]


@pytest.mark.parametrize(
    ("choice", "state", "tables", "charts", "tab"),
    [row[1:] for row in ROWS],
    ids=[row[0] for row in ROWS],
)
def test_the_chosen_tab_is_shown_where_it_has_content_and_else_the_body(
    choice: str,
    state: ResponseState,
    tables: bool | None,
    charts: bool | None,
    tab: str,
) -> None:
    found = {"has_tables": tables, "has_charts": charts}
    assert shown_tab(TabChoice(choice), state, **found) == tab


@pytest.mark.parametrize("state", [REFUSED, OK, FAILED, SENDING])
@pytest.mark.parametrize("tab", ["table", "chart", "timing"])
def test_a_tab_chosen_for_this_response_is_shown_whatever_it_has(
    state: ResponseState, tab: str
) -> None:
    choice = TabChoice(tab, sent_request(state))
    assert shown_tab(choice, state, has_tables=False, has_charts=False) == tab


def test_what_was_sent_stays_the_same_while_it_is_received() -> None:
    request = OK.exchange.request
    receiving = Receiving(request, 0.0, OK.exchange, None)
    states = [Sending(request, 0.0), receiving, OK]
    assert {id(sent_request(state)) for state in states} == {id(request)}


@pytest.mark.parametrize(
    ("tab", "content"), [("chart", CHART), ("table", '[{"a": 1}, {"a": 2}]')]
)
async def test_a_choice_falls_back_to_the_body_and_comes_back_with_its_content(
    tab: str, content: str
) -> None:
    async with shown(received(content)) as (pilot, pane):
        pane.tabs.active = tab
        await pilot.pause()

        def visible() -> str | None:
            return pane.query_one(".content.-shown").id

        await wait_until(pilot, lambda: visible() == f"response-{tab}")
        for state in (received('"text"'), FAILED, REFUSED):
            pane.state = state
            await wait_until(pilot, lambda: visible() == "response-body")
            assert pane.tabs.active == "body"
            pane.state = received(content)
            await wait_until(pilot, lambda: visible() == f"response-{tab}")
            assert pane.tabs.active == tab
            assert pilot.app.focused is pane.view
