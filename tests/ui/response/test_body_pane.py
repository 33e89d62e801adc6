"""What can be done with a body, key by key."""

from __future__ import annotations

import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event

import pytest
from textual.pilot import Pilot

from mixtui.model.draft import Draft
from mixtui.storage.recent import FilterHistory
from mixtui.ui.dialogs.dialogs import NameDialog
from mixtui.ui.dialogs.saving import SaveDialog
from mixtui.ui.response.body_pane import BodyPane, RecordScreen
from mixtui.ui.response.filter_bar import FilterBar
from mixtui.ui.response.pane import ResponsePane
from mixtui.ui.widgets.field import CommandInput
from mixtui.ui.widgets.search_bar import SearchBar
from tests.ui.app import main, make_app, settled
from tests.ui.driver import document_lines, wait_until, workers_done
from tests.ui.response.host import ResponseScreen, received, shown

EVENTS = [
    {"event": "Sign up", "properties": {"plan": "pro", "$city": "Köln"}},
    {"event": "Purchase", "properties": {"plan": "free", "note": '{"a": [1, 2]}'}},
    {"event": "Sign up", "properties": {"plan": "free", "$city": None}},
]
ANSWER = json.dumps({"status": "ok", "results": EVENTS}, ensure_ascii=False)


@asynccontextmanager
async def body_pane(
    text: str = ANSWER, media_type: str = "application/json"
) -> AsyncIterator[tuple[Pilot[None], BodyPane]]:
    """Run a host whose response pane shows a body that has the focus."""
    async with shown(received(text, media_type)) as (pilot, pane):
        yield pilot, pane.body


async def test_the_place_of_the_cursor_is_always_named() -> None:
    async with body_pane() as (pilot, pane):
        await pilot.press(*["down"] * 6)
        await pilot.pause()
        assert document_lines(pane.view)[6] == '        "plan": "pro",'
        assert pane.location == ".results[0].properties.plan · line 7 of 26"
        subtitle = pilot.app.screen.query_one(ResponsePane).border_subtitle
        assert ".results[0].properties.plan" in str(subtitle)


async def test_a_search_typed_in_one_go_finds_and_counts() -> None:
    async with body_pane() as (pilot, pane):
        await pilot.press("slash", *"sign", "enter", "n")
        bar = pane.query_one(SearchBar)
        await wait_until(
            pilot, lambda: "2 of 2" in str(bar.query_one("#count").content)
        )
        assert pane.location.startswith(".results[2].event")
        assert pilot.app.focused is pane.view
        await pilot.press("escape")
        await pilot.pause()
        assert not pane.query(SearchBar)


async def test_a_filter_without_results_has_no_records() -> None:
    async with body_pane() as (pilot, pane):
        await pilot.press("f", *".results[] | select(.event == 7)", "enter")
        await wait_until(pilot, lambda: pane.location.startswith("Filtered"))
        assert pane.location == "Filtered · no records"


async def test_an_app_that_ends_while_it_filters_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    async with body_pane() as (pilot, pane):
        await pilot.press("f", *".results", "enter")
        await wait_until(pilot, lambda: pane.location.startswith("Filtered"))
        assert any(tmp_path.iterdir())
    assert not any(tmp_path.iterdir())


async def test_a_filter_shows_its_result_and_escape_the_original() -> None:
    async with body_pane() as (pilot, pane):
        complete = document_lines(pane.view)
        await pilot.press("f", *".results[].event", "enter")
        await wait_until(pilot, lambda: document_lines(pane.view) != complete)
        assert document_lines(pane.view) == ['"Sign up"', '"Purchase"', '"Sign up"']
        assert pane.location == "Filtered · record 1 of 3"
        await wait_until(pilot, lambda: pilot.app.focused is pane.view)
        await pilot.press("escape")
        await wait_until(pilot, lambda: document_lines(pane.view) == complete)
        await wait_until(pilot, lambda: not pane.query(FilterBar))


async def test_a_filter_may_be_closed_while_its_program_is_being_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, may_end = Event(), Event()

    def add(history: FilterHistory, program: str) -> tuple[str, ...]:
        begun.set()
        may_end.wait(20)
        return (program,)

    monkeypatch.setattr(FilterHistory, "add", add)
    async with body_pane() as (pilot, pane):
        await pilot.press("f", *".results", "enter")
        await wait_until(pilot, begun.is_set)
        await pilot.press("escape")
        await wait_until(pilot, lambda: not pane.query(FilterBar))
        may_end.set()
        await workers_done(pilot.app)


@pytest.mark.parametrize("key", ["f", "slash"])
async def test_text_typed_behind_the_key_is_not_a_command(key: str) -> None:
    async with body_pane() as (pilot, pane):
        await pilot.press(key, *"sdvw")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ResponseScreen)
        assert pane.query_one(CommandInput).value == "sdvw"
        assert not pane.view.wrap


async def test_only_json_is_filtered() -> None:
    async with body_pane("a,b\n1,2\n", "text/csv") as (pilot, pane):
        await pilot.press("f")
        await pilot.pause()
        assert not pane.query(FilterBar)


async def test_raw_shows_the_body_as_received_and_back() -> None:
    async with body_pane() as (pilot, pane):
        formatted = document_lines(pane.view)
        await pilot.press("r")
        await wait_until(pilot, lambda: document_lines(pane.view) == [ANSWER])
        await pilot.press("r")
        await wait_until(pilot, lambda: document_lines(pane.view) == formatted)


async def test_a_line_is_gone_to_by_its_number_typed_at_once() -> None:
    async with body_pane() as (pilot, pane):
        await pilot.press("colon")
        assert isinstance(pilot.app.screen, NameDialog)
        await pilot.press(*"12", "enter")
        await wait_until(pilot, lambda: pane.view.cursor_line == 11)


@pytest.mark.parametrize(
    ("line", "title", "shown"),
    [
        pytest.param(
            6, ".results[0].properties", ["{", '  "plan": "pro",'], id="short"
        ),
        pytest.param(3, ".results[0]", ["{", '  "event": "Sign up",'], id="an object"),
    ],
)
async def test_enter_opens_the_record_alone(
    line: int, title: str, shown: list[str]
) -> None:
    async with body_pane() as (pilot, pane):
        await pilot.press(*["down"] * line, "enter")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, RecordScreen))
        alone = pilot.app.screen.query_one(BodyPane)
        await wait_until(pilot, lambda: document_lines(alone.view)[:2] == shown)
        assert title in str(alone.border_title)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ResponseScreen)
        assert pane.view.cursor_line == line


async def test_a_text_that_holds_json_is_opened_as_that() -> None:
    inner = json.dumps({"numbers": list(range(40))})
    async with body_pane(json.dumps({"note": inner})) as (pilot, _):
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, RecordScreen))
        alone = pilot.app.screen.query_one(BodyPane)
        await wait_until(
            pilot, lambda: document_lines(alone.view)[:2] == ["{", '  "numbers": [']
        )


async def test_the_value_and_its_path_are_copied() -> None:
    async with body_pane() as (pilot, _):
        await pilot.press(*["down"] * 7, "y")
        await wait_until(pilot, lambda: pilot.app.clipboard == "Köln")
        await pilot.press("p")
        path = '.results[0].properties["$city"]'
        await wait_until(pilot, lambda: pilot.app.clipboard == path)
        await pilot.press("c")
        line = '        "$city": "Köln"'
        await wait_until(pilot, lambda: pilot.app.clipboard == line)
        await pilot.press("Y")
        await wait_until(pilot, lambda: pilot.app.clipboard == ANSWER)


async def test_save_asks_for_a_name_made_from_the_request(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(100, 50)) as pilot:
        main(pilot).draft = Draft(url="/query/events/names")
        await pilot.press("f5")
        await settled(pilot)
        await pilot.press("ctrl+o", "r")
        await pilot.pause()
        await pilot.press("s")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, SaveDialog))
        field = pilot.app.screen.query_one("Input")
        assert str(getattr(field, "value", "")).endswith("names.json")
