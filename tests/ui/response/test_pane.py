"""The tabs of a response, and old responses From history."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec.structs import replace
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.pilot import Pilot
from textual.selection import Selection

from mixtui.model.draft import Draft
from mixtui.model.redaction import Redactor
from mixtui.model.secrets import REDACTED, Secret
from mixtui.ui.chart.view import ChartView
from mixtui.ui.diff.screen import DiffScreen
from mixtui.ui.history.screen import HistoryScreen
from mixtui.ui.response.body_pane import BodyPane
from mixtui.ui.response.pane import ResponsePane
from mixtui.ui.response.state import Cancelled, FromHistory, Idle, Received, Sending
from mixtui.ui.response.status_line import StatusLine
from mixtui.ui.response.view import ResponseView
from mixtui.ui.table.view import TableView
from tests.exchanges import prepared
from tests.ui.app import main, make_app, settled
from tests.ui.driver import screen_text, wait_until
from tests.ui.response.host import received, shown

SEGMENTATION = {
    "legend_size": 1,
    "data": {
        "series": ["2026-11-02", "2026-11-01"],
        "values": {"Sign up": {"2026-11-01": 3, "2026-11-02": 5}},
    },
}
CHART = json.dumps(SEGMENTATION)
EVENTS = Draft(url="/query/segmentation")


def numbered_answers(root: Path) -> Pilot[int]:
    """An app whose server counts its answers."""
    count = 0

    def handler(request: httpx.Request) -> httpx.Response:
        nonlocal count
        count += 1
        return httpx.Response(200, json={**SEGMENTATION, "legend_size": count})

    return make_app(root, handler).run_test(size=(120, 40))


async def send(pilot: Pilot[int], draft: Draft = EVENTS) -> None:
    main(pilot).draft = draft
    await pilot.press("f5")
    await settled(pilot)


def status(pilot: Pilot[int]) -> str:
    return str(main(pilot).query_one(StatusLine).content)


async def test_the_tabs_show_table_chart_and_texts() -> None:
    async with shown(received(CHART)) as (pilot, pane):
        await pilot.press("right_square_bracket")
        await wait_until(pilot, lambda: pane.query(TableView))
        table = pane.query_one(TableView)
        await wait_until(pilot, lambda: table.view is not None)
        assert pilot.app.focused is table.grid
        await pilot.press("right_square_bracket")
        await wait_until(pilot, lambda: isinstance(pilot.app.focused, ChartView))
        await wait_until(pilot, lambda: pane.query_one(ChartView).charts)
        await wait_until(pilot, lambda: "Chart 1" in pane.tabs.render_line(0).text)
        await pilot.press("right_square_bracket")
        await wait_until(pilot, lambda: isinstance(pilot.app.focused, ResponseView))
        view = pilot.app.focused
        assert isinstance(view, ResponseView)
        await wait_until(pilot, lambda: view.document is not None)
        await pilot.press("right_square_bracket", "right_square_bracket")
        await wait_until(
            pilot,
            lambda: (
                view.document is not None
                and any("Total" in view.document.line(i) for i in range(8))
            ),
        )


async def test_an_outcome_colours_the_border_and_styles_nothing_else_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with shown(Idle()) as (_, pane):
        styled = []
        apply = Stylesheet.apply

        def count(self: Stylesheet, node: DOMNode, **options: Any) -> None:
            styled.append(node)
            apply(self, node, **options)

        pane.set_reactive(ResponsePane.state, received(CHART))
        monkeypatch.setattr(Stylesheet, "apply", count)
        pane._mark_outcome(pane.state)
        assert pane.has_class("-success")
        assert styled == [pane]


@pytest.mark.parametrize("make", [Sending, Cancelled])
async def test_a_request_without_a_response_is_shown_without_its_secrets(
    make: type[Sending] | type[Cancelled],
) -> None:
    request = prepared(query=[("k", "kq7-secret"), ("api_secret", "typed-one")])
    request = replace(request, sensitive=(Secret("kq7-secret"),))
    async with shown(make(request, 0.0)) as (pilot, pane):
        await pilot.press(*["right_square_bracket"] * 4)
        await pilot.pause()
        assert pane.tabs.active == "request"
        document = pane.query_one("#response-text", BodyPane).shown
        assert document is not None
        assert document.line(0).endswith(f"?k={REDACTED}&api_secret={REDACTED}")


async def test_what_the_mouse_selects_is_masked_and_what_is_shown_is_not() -> None:
    state = received('{"a": "kq7-secret"}')
    exchange = replace(state.exchange, redactor=Redactor([Secret("kq7-secret")]))
    async with shown(replace(state, exchange=exchange)) as (_, pane):
        view = pane.body.view
        selection = view.get_selection(Selection(None, None))
        assert selection is not None
        assert f'"a": "{REDACTED}"' in selection[0]
        assert view.document is not None
        assert view.document.line(1).endswith('"kq7-secret"')


async def test_a_body_keeps_its_place_while_other_tabs_are_looked_at() -> None:
    async with shown(received(CHART)) as (pilot, pane):
        await pilot.press("down", "down", "down")
        await pilot.press("left_square_bracket", "right_square_bracket")
        await pilot.pause()
        assert pane.body.view.cursor_line == 3


async def test_a_disk_that_fails_later_shows_no_chart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with shown(received(CHART)) as (pilot, pane):
        state = pane.state
        assert isinstance(state, Received)

        def fails(start: int, end: int) -> bytes:
            raise OSError(5, "disk error")

        monkeypatch.setattr(state.document.source, "read", fails)
        pane._charted = None
        pane._show_charts()
        await pilot.pause()
        assert pane.charts == ()


async def test_an_old_response_is_compared_opened_and_closed(tmp_path: Path) -> None:
    async with numbered_answers(tmp_path) as pilot:
        await send(pilot)
        await pilot.press("ctrl+o", "r", "d")
        await pilot.pause()
        assert pilot.app.screen is main(pilot), "there is none before it"
        await send(pilot)
        await pilot.press("ctrl+o", "r", "d")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, DiffScreen))
        summary = pilot.app.screen.query_one("#summary")
        await wait_until(
            pilot, lambda: "1 changed" in str(getattr(summary, "content", ""))
        )
        await pilot.press("escape")
        await pilot.press("f3")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, HistoryScreen))
        await pilot.pause(0.05)
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: isinstance(main(pilot).response, FromHistory))
        assert "From history" in status(pilot)
        view = main(pilot).response_pane.body.view
        assert view.document is not None
        assert view.document.line(1) == '  "legend_size": 1,'
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(main(pilot).response, Received)
        assert view.document.line(1) == '  "legend_size": 2,'


@pytest.mark.parametrize("tab", ["table", "chart", "headers", "request", "timing"])
async def test_every_tab_says_how_to_send_where_nothing_was_sent(tab: str) -> None:
    async with shown(Idle()) as (pilot, pane):
        await pane.focus_tab(tab)
        await pilot.pause()
        assert "No request sent yet. f5 sends it" in screen_text(pilot.app)
