"""Hints in the request pane: quiet, in their place, and corrected by a key."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widgets import OptionList

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Body, Draft, Method, Pair
from mixtui.ui.dialogs.hints import HintsDialog
from mixtui.ui.request import hint_line
from mixtui.ui.request.body_editor import BodyEditor
from mixtui.ui.request.hint_line import HintLine
from mixtui.ui.rows.editor import RowsEditor
from mixtui.ui.rows.list import EditableRows
from mixtui.ui.widgets.tabs import TabBar
from tests.ui.app import main, make_app, show_draft
from tests.ui.driver import (
    OutputMeter,
    screen_text,
    wait_for_screen,
    wait_until,
    widget_lines,
)
from tests.ui.request.host import Host, RequestScreen, shown

NAMES = Draft(
    api=Api.QUERY,
    url="/query/events/names",
    query=(Pair("type", "general"), Pair("limt", "5"), Pair("event", "a")),
)
EVENTS = Draft(
    method=Method.POST,
    api=Api.INGESTION,
    url="/import",
    query=(Pair("strict", "1"),),
    body=Body(
        text='[\n{"event": "a", "properties": {"time": "x", "distinct_id": "u"}}\n]'
    ),
)
SET = Draft(
    method=Method.POST,
    api=Api.INGESTION,
    url="/engage#profile-unset",
    query=(Pair("ip", "0"),),
    body=Body(text='{"$distinct_id": "u", "$set": {}}'),
)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hint_line, "CHECK_DELAY", 0.02)


@asynccontextmanager
async def hinted(
    draft: Draft, tab: str = "query", size: tuple[int, int] = (100, 24)
) -> AsyncIterator[tuple[Pilot[None], HintLine]]:
    """Run a host whose pane shows a draft and what is probably wrong with it."""
    async with shown(draft, tab, size=size) as (pilot, pane):
        await checked(pilot)
        yield pilot, pane.hint_line


async def checked(pilot: Pilot[None]) -> HintLine:
    """Wait until what was typed is checked."""
    await pilot.pause()
    line = screen(pilot).request_pane.hint_line
    await line.check_now()
    await pilot.pause()
    return line


def screen(pilot: Pilot[None]) -> RequestScreen:
    host = pilot.app
    assert isinstance(host, Host)
    return host.request_screen


async def run(pilot: Pilot[None], action: Awaitable[object]) -> None:
    """Run what an action of the main screen starts, to its end or its dialog."""
    screen(pilot).run_guarded(action)
    await checked(pilot)


def hint_text(line: HintLine) -> str:
    return line.content.plain if line.display else ""


def tabs(pilot: Pilot[None]) -> str:
    return screen(pilot).request_pane.query_one(TabBar).render_line(0).text


def marks(pilot: Pilot[None]) -> list[str]:
    """The first cells of each row: its mark, and whether it is on."""
    rows = screen(pilot).request_pane.query_one(EditableRows)
    return [rows.render_line(y).text[:5] for y in range(3)]


async def test_a_row_is_marked_and_its_sentence_shown() -> None:
    async with hinted(NAMES) as (pilot, line):
        assert "Query 3 !2" in tabs(pilot)
        assert marks(pilot) == [" [x] ", "![x] ", "![x] "]
        await pilot.press("down")
        assert hint_text(line).startswith(
            "! Hint 1 of 2 (c fixes it): limt is not a parameter of this"
        )
        assert "c fixes it" in hint_text(line)
        await pilot.press("down")
        assert hint_text(line).startswith("! Hint 1 of 2: event is not a documented")


@pytest.mark.parametrize("width", [60, 74, 80, 100, 120, 160, 200])
@pytest.mark.parametrize("draft", [NAMES, EVENTS, SET])
async def test_a_hint_is_whole_or_names_the_key_that_shows_it_all(
    width: int, draft: Draft
) -> None:
    async with hinted(draft, size=(width, 24)) as (pilot, line):
        shown = " ".join(" ".join(widget_lines(line)).split())
        assert line.shown is not None
        if line.shown.message not in shown:
            assert "(shift+f6 shows it all)" in shown
            assert shown.endswith("…")
            await run(pilot, screen(pilot).hints.browse())
            listed = screen_text(pilot.app).replace("│", " ")
            assert line.shown.message in " ".join(listed.split())


async def test_c_corrects_the_row_under_the_cursor_and_u_undoes_it() -> None:
    async with hinted(NAMES) as (pilot, line):
        assert hint_text(line).startswith("! Hint 1 of 2: limt")
        assert "c fixes it" not in hint_text(line)
        await pilot.press("c")
        await checked(pilot)
        assert screen(pilot).draft == NAMES, "the cursor is on another row"
        await pilot.press("down", "down", "c")
        await checked(pilot)
        assert screen(pilot).draft == NAMES, "what is meant is not certain"
        await pilot.press("up", "c")
        await checked(pilot)
        assert screen(pilot).draft.query[1] == Pair("limit", "5")
        assert "Query 3 !1" in tabs(pilot)
        await pilot.press("u")
        await checked(pilot)
        assert screen(pilot).draft == NAMES
        assert "Query 3 !2" in tabs(pilot)


async def test_without_hints_the_list_says_so_and_handles_no_key() -> None:
    url = "/projects/{projectId}/annotations/{annotationId}"
    async with hinted(Draft(api=Api.APP, url=url)) as (pilot, line):
        assert line.hints == (), "what cannot be sent is said elsewhere"
        screen(pilot).draft = Draft()
        await checked(pilot)
        assert hint_text(line) == ""
        await run(pilot, screen(pilot).hints.browse())
        assert isinstance(pilot.app.screen, HintsDialog)
        await pilot.press("enter", "c", "escape")
        await pilot.pause()
        assert pilot.app.screen is screen(pilot)


async def test_the_row_that_is_edited_waits_until_the_edit_ends() -> None:
    fine = Draft(api=Api.QUERY, url=NAMES.url, query=NAMES.query[:1])
    async with hinted(fine) as (pilot, line):
        assert hint_text(line) == ""
        await pilot.press("enter", "x")
        await checked(pilot)
        assert screen(pilot).draft.query[0].value == "generalx"
        assert (hint_text(line), "!" in tabs(pilot)) == ("", False)
        await pilot.press("enter")
        await pilot.pause()
        assert "type is generalx" in hint_text(line)
        assert "Query 1 !1" in tabs(pilot)


async def test_another_request_brings_its_own_hints() -> None:
    async with hinted(NAMES) as (pilot, line):
        screen(pilot).draft = Draft(api=Api.APP, url="/me")
        await pilot.pause()
        assert line.hints == ()
        assert "!" not in tabs(pilot)


async def test_f12_leads_to_the_line_of_the_body() -> None:
    async with hinted(EVENTS, "body") as (pilot, line):
        assert hint_text(line).startswith(
            "! Hint (f12 jumps to it): line 2: time must be a number"
        )
        assert "Body json !1" in tabs(pilot)
        await pilot.press("f12")
        await pilot.pause()
        area = screen(pilot).request_pane.query_one(BodyEditor).area
        assert area is not None
        assert area.cursor_location[0] == 1


async def test_the_list_leads_to_each_place_and_corrects() -> None:
    async with hinted(NAMES) as (pilot, _):
        await run(pilot, screen(pilot).hints.browse())
        assert isinstance(pilot.app.screen, HintsDialog)
        assert pilot.app.screen.query_one(OptionList).option_count == 2
        await pilot.press("down", "enter")
        await pilot.pause()
        editor = screen(pilot).request_pane.query_one(RowsEditor)
        assert (editor.cursor, pilot.app.focused) == (2, editor.query_one(EditableRows))
        assert screen(pilot).draft == NAMES
        await run(pilot, screen(pilot).hints.browse())
        await pilot.press("c")
        await checked(pilot)
        assert screen(pilot).draft.query[1].name == "limit"


async def test_the_url_is_corrected_and_that_is_undone_once() -> None:
    async with hinted(SET) as (pilot, _):
        hints = screen(pilot).hints
        await run(pilot, hints.correct())
        assert screen(pilot).draft.url == "/engage#profile-set"
        await run(pilot, hints.undo())
        assert screen(pilot).draft == SET
        await run(pilot, hints.undo())
        assert screen(pilot).draft == SET


async def test_a_key_of_the_body_is_corrected_in_its_editor() -> None:
    body = Body(text='{"$distinctid": "u", "$set": {}}')
    draft = replace(SET, url="/engage#profile-set", body=body)
    async with hinted(draft, "body") as (pilot, _):
        await run(pilot, screen(pilot).hints.correct())
        corrected = Body(text='{"$distinct_id": "u", "$set": {}}')
        assert screen(pilot).draft.body == corrected
        await pilot.press("ctrl+z")
        await checked(pilot)
        assert screen(pilot).draft.body == body


async def test_a_correction_keeps_what_was_typed_since() -> None:
    async with hinted(SET) as (pilot, line):
        old = line.hints[0]
        await pilot.press("space")
        await checked(pilot)
        await run(pilot, screen(pilot).hints._correct(old))
        assert screen(pilot).draft.query == (Pair("ip", "0", enabled=False),)
        assert screen(pilot).draft.url == "/engage#profile-set"


async def test_a_large_body_is_looked_at_in_a_thread() -> None:
    event = '{"event": "a", "properties": {"time": 1, "distinct_id": "u"}}'
    text = "[" + ",\n".join([event] * 2001) + "]"
    async with hinted(replace(EVENTS, body=Body(text=text))) as (_, line):
        messages = [each.message for each in line.hints]
        assert any("2,001 records" in each for each in messages)
        assert any("the first 2,000 were checked" in each for each in messages)


async def test_a_hint_of_another_tab_says_which() -> None:
    async with hinted(NAMES, "headers") as (_, line):
        assert hint_text(line).startswith(
            "! Hint 1 of 2: query: limt is not a parameter"
        )


async def test_the_main_screen_shows_all_of_the_line_and_lists_corrects_and_undoes(
    tmp_path: Path,
) -> None:
    async with make_app(tmp_path).run_test(size=(80, 24)) as pilot:
        await show_draft(pilot, NAMES)
        line = main(pilot).request_pane.hint_line
        await line.check_now()
        await pilot.press("down")
        assert line.region.height == 2
        assert main(pilot).request_pane.region.contains_region(line.region)
        main(pilot).action_hints()
        await wait_for_screen(pilot, HintsDialog)
        await pilot.press("escape", "c")
        await wait_until(pilot, lambda: main(pilot).draft.query[1].name == "limit")
        main(pilot).action_undo_correction()
        await wait_until(pilot, lambda: main(pilot).draft == NAMES)
        main(pilot).action_correct()
        await wait_until(pilot, lambda: main(pilot).draft.query[1].name == "limit")
        main(pilot).focus_request()
        await pilot.pause()
        assert line.region.height == 1, "no row is edited"


LONG_QUERY = Draft(
    api=Api.QUERY,
    url="/query/events",
    query=(Pair("event", json.dumps([f"Event {n}" for n in range(20)])),),
)


async def test_a_letter_in_the_path_moves_nothing_else() -> None:
    async with hinted(LONG_QUERY, "", (120, 40)) as (pilot, line):
        pane = screen(pilot).request_pane
        await pilot.press("end")
        resolved = pane.resolved_line
        path, query, _ = widget_lines(resolved)
        assert path.endswith("/query/events")
        assert query.strip().startswith("?event=")
        before = [widget.region for widget in pane.query("*")]
        meter = OutputMeter(pilot.app)
        await pilot.press("x")
        await checked(pilot)
        assert "Did you mean /query/events?" in hint_text(line)
        assert [widget.region for widget in pane.query("*")] == before
        assert meter.rows <= {
            pane.url_field.region.y,
            resolved.region.y,
            resolved.region.y + 2,  # There is no operation to name,
            pane.tab_bar.region.y,  # and no documentation.
            line.region.y,
        }
        meter = OutputMeter(pilot.app)
        await pilot.press("y")
        await checked(pilot)
        assert meter.rows == {pane.url_field.region.y, resolved.region.y}
        assert meter.characters <= 3, "the letter twice, and the cursor"


@pytest.mark.parametrize("width", [100, 110, 116, 120])
async def test_a_part_of_the_credential_line_is_readable_or_left_out(
    width: int,
) -> None:
    async with shown(LONG_QUERY, "", size=(width, 40)) as (_, pane):
        status = widget_lines(pane.resolved_line)[2].strip()
        assert not status.endswith(("·…", "· …", "·"))
