"""Values edited from their rows, each in the dialog that suits it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, unquote

import httpx
import pytest
from msgspec.structs import replace
from textual import events
from textual.pilot import Pilot
from textual.widgets import Static

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Body, BodyType, Draft, Method, Pair
from mixtui.request.prepare import prepare
from mixtui.ui.keys.hints import KeyHints
from mixtui.ui.request.body_editor import BodyEditor
from mixtui.ui.request.date_dialog import DateDialog
from mixtui.ui.request.expression_dialog import ExpressionArea, ExpressionDialog
from mixtui.ui.request.value_dialogs import JsonValueDialog
from tests.ui.app import PROD, main, make_app, show_draft
from tests.ui.driver import post_keys, type_text, wait_for_screen, wait_until
from tests.ui.request.host import open_draft, shown

EVENTS = Draft(
    url="/query/events",
    query=(Pair("event", '["a"]'), Pair("type", "general"), Pair("unit", "day")),
)
SEGMENTATION = Draft(
    url="/query/segmentation",
    query=(
        Pair("from_date", "2026-01-01"),
        Pair("to_date", "2026-01-07"),
        Pair("on", "plan"),
        Pair("where", 'properties["tier"] == 1'),
    ),
)
NASTY = [
    '["a b","c&d=e","%41","é","😀","\\"q\\"","+","#?/"]',
    '{"a":"b%20c","{{":1}',
    '["{ {today}","$set"]',
]


def hinted(pilot: Pilot[int]) -> str:
    return main(pilot).query_one(KeyHints).render_line(0).text


async def test_the_last_line_offers_the_editor_where_it_suits(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test() as pilot:
        for size in ((80, 24), (120, 40)):
            await pilot.resize_terminal(*size)
            await show_draft(pilot, SEGMENTATION)
            assert "e Edit date" in hinted(pilot), size
            await pilot.press("down", "down")
            await pilot.pause()
            assert "e Edit expression" in hinted(pilot), size
            await pilot.press("home")
            await show_draft(pilot, EVENTS)
            assert "e Edit list" in hinted(pilot), size
            await pilot.press("down")
            await pilot.pause()
            assert "e Edit" not in hinted(pilot), size
            await pilot.press("up")
            await main(pilot).request_pane.focus_tab("headers")
            await pilot.pause()
            assert "e Edit" not in hinted(pilot), size


async def test_a_list_is_edited_and_undone() -> None:
    async with shown(EVENTS) as (pilot, pane):
        await pilot.press("e")
        await pilot.pause()
        assert isinstance(pilot.app.screen, JsonValueDialog)
        await pilot.press("f2", "enter", "b", "ctrl+s")
        await pilot.pause()
        assert pane.draft.query[0] == Pair("event", '["a","b"]')
        await pilot.press("u")
        await pilot.pause()
        assert pane.draft == EVENTS
        await pilot.press("e", "x", "escape")
        await pilot.pause()
        assert pane.draft == EVENTS


async def test_both_dates_change_at_once_and_are_undone_at_once() -> None:
    async with shown(SEGMENTATION) as (pilot, pane):
        await pilot.press("down", "e")
        await pilot.pause()
        assert isinstance(pilot.app.screen, DateDialog)
        await pilot.press("w", "down", "enter")
        await pilot.pause()
        values = [row.value for row in pane.draft.query[:2]]
        assert values == ["2026-01-08", "2026-01-14"]
        await pilot.press("u")
        await pilot.pause()
        assert pane.draft == SEGMENTATION


@pytest.mark.parametrize("keys", ["e right enter", "e enter"])
async def test_a_date_that_is_chosen_enables_its_row(keys: str) -> None:
    row = Pair("date", "2026-01-01", enabled=False)
    async with shown(Draft(url="/query/x", query=(row,))) as (pilot, pane):
        await pilot.press(*keys.split())
        await pilot.pause()
        (chosen,) = pane.draft.query
        assert chosen.enabled
        await pilot.press("u")
        await pilot.pause()
        assert pane.draft.query == (row,)


async def test_a_value_that_is_not_a_date_starts_at_today() -> None:
    rows = (Pair("from_date", "soon"), Pair("to_date", "{{end}}"))
    async with shown(replace(SEGMENTATION, query=rows)) as (pilot, pane):
        await pilot.press("e", "left", "enter")
        await pilot.pause()
        yesterday = (date.today() - timedelta(1)).isoformat()
        assert pane.draft.query == (Pair("from_date", yesterday), rows[1])


async def test_an_expression_completes_the_names_of_the_draft_and_known_ones() -> None:
    async with shown(SEGMENTATION) as (pilot, pane):
        pane.known_properties = lambda: frozenset({"theme"})
        await pilot.press("down", "down", "e")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ExpressionDialog)
        await pilot.press("f3")
        await type_text(pilot, " == ti")
        await pilot.press("tab")
        await type_text(pilot, " or them")
        await pilot.press("tab", "enter")
        await pilot.pause()
        assert pane.draft.query[2].value == (
            'properties["plan"] == properties["tier"] or properties["theme"]'
        )


async def test_keys_typed_behind_the_key_reach_the_editor() -> None:
    async with shown(SEGMENTATION) as (pilot, _):
        post_keys(pilot.app, *"Gkexxu")
        await wait_for_screen(pilot, ExpressionDialog)
        area = pilot.app.screen.query_one(ExpressionArea)
        await wait_until(pilot, lambda: area.text.endswith("xxu"))
        assert area.text == 'properties["tier"] == 1xxu'


async def test_f12_opens_it_while_a_row_is_typed_in() -> None:
    async with shown(EVENTS) as (pilot, pane):
        await pilot.press("enter", "backspace", "f12")
        await pilot.pause()
        assert isinstance(pilot.app.screen, JsonValueDialog)
        await type_text(pilot, ', "b"]')
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert pane.draft.query[0] == Pair("event", '["a","b"]')
        await pilot.press("u", "u")
        await pilot.pause()
        assert pane.draft == EVENTS


async def test_a_header_is_edited_in_its_row() -> None:
    async with shown(Draft(headers=(Pair("X-A", "1"),)), "headers") as (pilot, pane):
        await pilot.press("e", "2", "enter")
        await pilot.pause()
        assert pane.draft.headers == (Pair("X-A", "12"),)


async def test_the_line_of_a_form_has_an_editor_too() -> None:
    form = 'where=user["a"] = 1\ndistinct_ids=["x"]'
    draft = Draft(
        method=Method.POST, url="/query/engage", body=Body(BodyType.FORM, form)
    )
    async with shown(draft, "body") as (pilot, pane):
        await pilot.press("f12")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ExpressionDialog)
        await pilot.press("f3", "enter")
        await pilot.pause()
        await pilot.press("down", "f12")
        await pilot.pause()
        assert isinstance(pilot.app.screen, JsonValueDialog)
        await pilot.press("f2", "enter", "y", "ctrl+s")
        await pilot.pause()
        assert pane.draft.body is not None
        assert pane.draft.body.text == 'where=user["a"] == 1\ndistinct_ids=["x","y"]'
        area = pane.query_one(BodyEditor).area
        assert area is not None
        area.undo()
        area.undo()
        await pilot.pause()
        assert pane.draft == draft


async def test_the_server_gets_what_was_typed_encoded_once() -> None:
    async with shown(Draft(url="/query/x", query=(Pair("event", ""),))) as (
        pilot,
        pane,
    ):
        for value in NASTY:
            await open_draft(
                pilot, pane, Draft(url="/query/x", query=(Pair("event", ""),))
            )
            await pilot.press("f12")
            await pilot.pause()
            dialog = pilot.app.screen
            assert isinstance(dialog, JsonValueDialog)
            pilot.app.post_message(events.Paste(value))
            await pilot.pause()
            sent = str(dialog.query_one("#sent", Static).render())
            await pilot.press("ctrl+s")
            await pilot.pause()
            request = prepare(pane.draft, PROD)
            query = httpx.URL(request.url).query.decode()
            assert dict(parse_qsl(query))["event"] == value
            assert sent.removeprefix("Sent as ") in query
            assert json.loads(unquote(query.split("&")[0].partition("=")[2]))


async def test_the_last_line_offers_no_letter_where_letters_are_text(
    tmp_path: Path,
) -> None:
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        await show_draft(pilot, EVENTS)
        hints = main(pilot).query_one(KeyHints)

        def letters() -> list[str]:
            keys = [key for action in hints.actions for key in action.keys[:1]]
            return [key for key in keys if len(key) == 1]

        assert letters()
        for keys in (["enter"], ["escape", "b"], ["escape", "a"]):
            await pilot.press(*keys)
            await pilot.pause()
            assert not letters(), keys
        await pilot.press("escape")
        await pilot.pause()
        assert letters()


@pytest.mark.parametrize(
    ("kind", "is_offered"), [(BodyType.JSON, True), (BodyType.FORM, False)]
)
async def test_the_last_line_offers_to_format_only_what_can_be_formatted(
    kind: BodyType, is_offered: bool, tmp_path: Path
) -> None:
    body = Body(kind, "{}")
    draft = Draft(method=Method.POST, api=Api.INGESTION, url="/track", body=body)
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        await show_draft(pilot, draft, "body")
        actions = main(pilot).query_one(KeyHints).actions
        assert "body.search" in {action.id for action in actions}
        assert ("body.format" in {action.id for action in actions}) is is_offered
