"""How a body was looked at is found again when its request is opened again."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from mixtui.ui.chart.view import ChartView
from mixtui.ui.response.body_pane import BodyPane
from mixtui.ui.response.filter_bar import FilterBar
from mixtui.ui.response.pane import ResponsePane
from mixtui.ui.response.state import ResponseLook
from mixtui.ui.widgets.search_bar import SearchBar
from tests.ui.driver import document_lines, wait_until, widget_lines, workers_done
from tests.ui.response.host import received, shown
from tests.ui.response.test_pane import CHART

ANSWER = json.dumps([{"number": n, "text": "word " * 40} for n in range(60)])
OTHER = json.dumps({"word": [1, 2, 3]})


@asynccontextmanager
async def body() -> AsyncIterator[tuple[Pilot[None], ResponsePane]]:
    async with shown(received(ANSWER)) as (pilot, pane):
        yield pilot, pane


async def there_and_back(pilot: Pilot[None], pane: ResponsePane) -> None:
    """Open another request, which has nothing of the first, and come back."""
    state, look = pane.state, pane.look
    pane.restore(ResponseLook())
    pane.state = received(OTHER)
    await pilot.pause()
    await wait_until(pilot, lambda: not pane.query(FilterBar))
    view = pane.body.view
    assert not pane.query(SearchBar)
    assert document_lines(view)[:2] == ["{", '  "word": [']
    assert (view.cursor_line, view.scroll_y, view.wrap) == (0, 0, False)
    assert view.line_numbers
    pane.restore(look)
    pane.state = state
    await pilot.pause()


KEYS = {
    "a place": ["pagedown", "pagedown", "up"],
    "a place at the right": ["down", "right", "right"],
    "folds": ["down", "down", "space", "down", "space", "down"],
    "wrapped lines": ["w", "pagedown", "down"],
    "no line numbers": ["number_sign", "pagedown"],
    "the raw body": ["r"],
    "the end of the body": ["G"],
}


@pytest.mark.parametrize("keys", KEYS.values(), ids=KEYS)
async def test_a_body_is_found_as_it_was_left(keys: list[str]) -> None:
    async with body() as (pilot, pane):
        view = pane.body.view
        untouched = widget_lines(view)
        await pilot.press(*keys)
        await pilot.pause()
        await workers_done(pilot.app)
        await pilot.pause()
        left, location = widget_lines(view), pane.body.location
        assert (left, location) != (untouched, ". · line 1 of 242")
        await there_and_back(pilot, pane)
        assert (widget_lines(view), pane.body.location) == (left, location)


async def test_a_filter_is_found_with_its_result() -> None:
    async with body() as (pilot, pane):
        view = pane.body.view
        complete = document_lines(view)
        await pilot.press("f", *".[7].number", "enter")
        await wait_until(pilot, lambda: document_lines(view) == ["7"])
        await there_and_back(pilot, pane)
        assert document_lines(view) == ["7"]
        await wait_until(pilot, lambda: pane.query(FilterBar))
        assert pane.query_one(FilterBar).program == ".[7].number"
        assert pilot.app.focused is view
        await pilot.press("escape")
        await wait_until(pilot, lambda: document_lines(view) == complete)


async def test_a_search_is_found_with_its_matches() -> None:
    async with body() as (pilot, pane):
        await pilot.press("slash", *"number", "enter", "n")

        def count() -> str:
            return str(pane.query_one("#count").content)

        await wait_until(pilot, lambda: count() == "2 of 60")
        line = pane.body.view.cursor_line
        await there_and_back(pilot, pane)
        assert pane.body.view.cursor_line == line
        await wait_until(pilot, lambda: count() == "60")
        await pilot.press("n", "n")
        await wait_until(pilot, lambda: pane.body.view.cursor_line == line + 4)
        assert pilot.app.focused is pane.body.view


async def test_another_response_of_the_same_request_starts_at_its_top() -> None:
    async with body() as (pilot, pane):
        await pilot.press("w", "number_sign", "pagedown", "down")
        pane.state = received(ANSWER)
        await pilot.pause()
        assert pane.body.location == ". · line 1 of 242"
        assert pane.body.view.wrap
        assert not pane.body.view.line_numbers


async def test_the_chart_that_was_chosen_belongs_to_the_request() -> None:
    async with shown(received(CHART)) as (pilot, pane):
        pane.tabs.active = "chart"
        await wait_until(pilot, lambda: pane.query(ChartView))
        chart = pane.query_one(ChartView)
        await wait_until(pilot, lambda: chart.charts)
        pilot.app.screen.set_focus(chart)
        await pilot.press("t")
        assert chart.figures_only
        look, state = pane.look, pane.state
        pane.restore(ResponseLook())
        pane.state = received(CHART)
        await pilot.pause()
        assert not chart.figures_only
        pane.restore(look)
        pane.state = state
        await wait_until(pilot, lambda: chart.charts)
        assert chart.figures_only


async def test_wrapped_headers_belong_to_the_request() -> None:
    async with shown(received(ANSWER)) as (pilot, pane):
        pane.tabs.active = "headers"
        await wait_until(pilot, lambda: pane.query("#response-text"))
        view = pane.query_one("#response-text", BodyPane).view
        pilot.app.screen.set_focus(view)
        await pilot.press("w")
        look = pane.look
        pane.restore(ResponseLook())
        assert not view.wrap
        pane.restore(look)
        assert view.wrap
