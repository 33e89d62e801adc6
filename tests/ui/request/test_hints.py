"""Hints in the request pane: quiet, in their place, and corrected by a key."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Body, Draft, Method, Options, Pair
from mixtui.ui.dialogs.hints import HintsDialog
from mixtui.ui.request import hint_line
from mixtui.ui.request.body_editor import BodyEditor
from mixtui.ui.request.hint_line import HintLine
from mixtui.ui.rows.editor import RowsEditor
from mixtui.ui.rows.list import EditableRows
from mixtui.ui.widgets.tabs import TabBar
from tests.ui.app import main, make_app, show_draft

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


async def shown(pilot: Pilot[int], draft: Draft, tab: str = "query") -> HintLine:
    """Open a draft and go into one of its tabs."""
    await show_draft(pilot, draft, tab)
    hint_line = main(pilot).request_pane.hint_line
    await hint_line.settled()
    await pilot.pause()
    return hint_line


async def checked(pilot: Pilot[int]) -> HintLine:
    """Wait until what was typed is checked."""
    await pilot.pause()
    line = main(pilot).request_pane.hint_line
    await line.settled()
    await pilot.pause()
    return line


def hint_text(line: HintLine) -> str:
    return line.content.plain if line.display else ""


def tabs(pilot: Pilot[int]) -> str:
    return main(pilot).request_pane.query_one(TabBar).render_line(0).text


def rows(pilot: Pilot[int]) -> list[str]:
    row_list = main(pilot).request_pane.query_one(EditableRows)
    return [row_list.render_line(y).text.rstrip() for y in range(3)]


async def test_a_row_is_marked_and_its_sentence_shown(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        line = await shown(pilot, NAMES)
        assert "Query 3 !2" in tabs(pilot)
        assert [row[:5] for row in rows(pilot)] == ["  ✓  ", "! ✓  ", "! ✓  "]
        await pilot.press("down")
        await pilot.pause()
        assert hint_text(line).startswith(
            "! Hint: limt is no parameter of this operation"
        )
        assert "c corrects" in hint_text(line)
        await pilot.press("down")
        await pilot.pause()
        assert hint_text(line).startswith("! Hint: event is no documented parameter")


async def test_c_corrects_the_row_and_u_takes_it_back(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        await shown(pilot, NAMES)
        await pilot.press("down", "c")
        await checked(pilot)
        screen = main(pilot)
        assert screen.draft.query[1] == Pair("limit", "5")
        assert "Query 3 !1" in tabs(pilot)
        await pilot.press("u")
        await checked(pilot)
        assert screen.draft == NAMES
        assert "Query 3 !2" in tabs(pilot)


async def test_c_leaves_other_rows_alone(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        line = await shown(pilot, NAMES)
        assert hint_text(line).startswith("! Hint: limt")
        assert "c corrects" not in hint_text(line)
        await pilot.press("c")
        await checked(pilot)
        assert main(pilot).draft == NAMES


async def test_what_cannot_be_sent_is_not_said_twice(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        url = "/projects/{projectId}/annotations/{annotationId}"
        line = await shown(pilot, Draft(api=Api.APP, url=url))
        assert line.hints == ()


async def test_what_is_not_certain_is_not_corrected(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        await shown(pilot, NAMES)
        await pilot.press("down", "down", "c")
        await checked(pilot)
        assert main(pilot).draft == NAMES


async def test_the_row_that_is_edited_waits_until_the_edit_ends(
    tmp_path: Path,
) -> None:
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        fine = Draft(api=Api.QUERY, url=NAMES.url, query=NAMES.query[:1])
        line = await shown(pilot, fine)
        assert hint_text(line) == ""
        await pilot.press("enter", "x")
        line = await checked(pilot)
        assert main(pilot).draft.query[0].value == "generalx"
        assert (hint_text(line), "!" in tabs(pilot)) == ("", False)
        await pilot.press("enter")
        await pilot.pause()
        assert "type is generalx" in hint_text(line)
        assert "Query 1 !1" in tabs(pilot)


async def test_nothing_is_said_of_an_empty_request(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        line = await checked(pilot)
        assert not line.display


async def test_another_request_brings_its_own_hints(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        line = await shown(pilot, NAMES)
        main(pilot).draft = Draft(api=Api.APP, url="/me")
        await pilot.pause()
        assert line.hints == ()
        assert "!" not in tabs(pilot)


async def test_f12_leads_to_the_line_of_the_body(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        line = await shown(pilot, EVENTS, "body")
        assert hint_text(line).startswith("! Hint: line 2: time is no number")
        assert "Body json !1" in tabs(pilot)
        await pilot.press("f12")
        await pilot.pause()
        area = main(pilot).request_pane.query_one(BodyEditor).area
        assert area is not None
        assert area.cursor_location[0] == 1


async def test_the_list_leads_to_each_place(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        await shown(pilot, NAMES)
        main(pilot).action_hints()
        await pilot.pause()
        assert isinstance(pilot.app.screen, HintsDialog)
        listed = pilot.app.screen.query_one(OptionList)
        assert listed.option_count == 2
        await pilot.press("down", "enter")
        await pilot.pause()
        editor = main(pilot).request_pane.query_one(RowsEditor)
        assert (editor.cursor, pilot.app.focused) == (2, editor.query_one(EditableRows))


async def test_the_list_corrects(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(80, 24)) as pilot:
        await shown(pilot, NAMES)
        main(pilot).action_hints()
        await pilot.pause()
        await pilot.press("c")
        await checked(pilot)
        assert main(pilot).draft.query[1].name == "limit"


async def test_a_list_without_hints_says_so(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(80, 24)) as pilot:
        main(pilot).action_hints()
        await pilot.pause()
        await pilot.press("enter", "c", "escape")
        await pilot.pause()
        assert pilot.app.screen is main(pilot)


async def test_the_url_is_corrected_and_taken_back(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        await shown(pilot, SET)
        screen = main(pilot)
        screen.action_correct()
        await pilot.pause()
        await checked(pilot)
        assert screen.draft.url == "/engage#profile-set"
        screen.action_undo_correction()
        await pilot.pause()
        await checked(pilot)
        assert screen.draft == SET
        screen.action_undo_correction()
        await pilot.pause()
        assert screen.draft == SET


async def test_a_key_of_the_body_is_corrected_in_its_editor(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        body = Body(text='{"$distinctid": "u", "$set": {}}')
        draft = Draft(
            method=Method.POST,
            api=Api.INGESTION,
            url="/engage#profile-set",
            query=SET.query,
            body=body,
        )
        await shown(pilot, draft, "body")
        screen = main(pilot)
        screen.action_correct()
        await pilot.pause()
        await checked(pilot)
        assert screen.draft.body == Body(text='{"$distinct_id": "u", "$set": {}}')
        await pilot.press("ctrl+z")
        await checked(pilot)
        assert screen.draft.body == body


async def test_a_correction_keeps_what_was_typed_since(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        line = await shown(pilot, SET)
        old = line.hints[0]
        screen = main(pilot)
        await pilot.press("space")
        await checked(pilot)
        await screen.hints._correct(old)
        await checked(pilot)
        assert screen.draft.query == (Pair("ip", "0", enabled=False),)
        assert screen.draft.url == "/engage#profile-set"


async def test_a_large_body_is_looked_at_in_a_thread(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        event = '{"event": "a", "properties": {"time": 1, "distinct_id": "u"}}'
        text = "[" + ",\n".join([event] * 2500) + "]"
        large = Draft(
            method=Method.POST,
            api=Api.INGESTION,
            url="/import",
            query=EVENTS.query,
            body=Body(text=text),
            options=Options(),
        )
        line = await shown(pilot, large)
        messages = [each.message for each in line.hints]
        assert any("2,500 records" in each for each in messages)
        assert any("the first 2,000 were checked" in each for each in messages)


async def test_the_line_is_whole_in_a_small_terminal_while_rows_are_edited(
    tmp_path: Path,
) -> None:
    async with make_app(tmp_path).run_test(size=(80, 24)) as pilot:
        line = await shown(pilot, NAMES)
        await pilot.press("down")
        await pilot.pause()
        assert line.region.height == 2
        assert main(pilot).request_pane.region.contains_region(line.region)
        main(pilot).focus_request()
        await pilot.pause()
        assert line.region.height == 1


async def test_a_hint_of_another_tab_says_which(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        line = await shown(pilot, NAMES, "headers")
        assert hint_text(line).startswith("! Hint: query: limt is no parameter")
