"""The catalogue on the screen: find an operation, begin a request with it."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from mixtui.mixpanel.apis import Api
from mixtui.mixpanel.catalogue import find_operation, operations
from mixtui.model.draft import Draft, Method
from mixtui.ui.catalogue.list import OperationList
from mixtui.ui.catalogue.screen import OperationsScreen
from mixtui.ui.dialogs.dialogs import ChoiceDialog
from mixtui.ui.request.url import UrlField
from mixtui.ui.response.state import Received
from mixtui.ui.rows.editor import RowsEditor
from mixtui.ui.rows.row_edit import RowInput
from mixtui.ui.widgets.text_page import TextPage
from tests.ui.app import main, make_app
from tests.ui.driver import (
    post_keys,
    type_text,
    wait_for_screen,
    wait_for_workers,
    widget_lines,
)

SIZES = [(120, 40), (80, 24)]


async def opened(pilot: Pilot[int], text: str = "") -> OperationsScreen:
    await pilot.pause()
    await pilot.press("ctrl+t")
    await wait_for_workers(pilot, "default")
    screen = pilot.app.screen
    assert isinstance(screen, OperationsScreen)
    if text:
        await type_text(pilot, text)
        await pilot.pause()
    return screen


def chosen(screen: OperationsScreen) -> str:
    operation = screen.query_one(OperationList).selected_operation
    return operation.id if operation else ""


@pytest.mark.parametrize("size", SIZES)
async def test_three_keys_make_a_request(tmp_path: Path, size: tuple[int, int]) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=size) as pilot:
        await opened(pilot, "num seg")
        await pilot.press("enter")
        await wait_for_workers(pilot, "default")
        draft = main(pilot).draft
        assert (draft.method, draft.api) == (Method.GET, Api.QUERY)
        assert draft.url == "/query/segmentation/numeric"
        assert [p.name for p in draft.query if p.enabled][:2] == ["event", "from_date"]
        assert any(not pair.enabled for pair in draft.query)
        assert main(pilot).collection.unsaved
        # Nothing is missing: enter would send it.
        assert isinstance(app.focused, UrlField)


async def test_keys_that_arrive_in_one_piece_do_the_same(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test() as pilot:
        await pilot.pause()
        post_keys(app, "ctrl+t", *"jql", "enter")
        await wait_for_workers(pilot, "default")
        await wait_for_workers(pilot, "default")
        assert main(pilot).draft.url == "/query/jql"
        assert isinstance(app.focused, UrlField)


async def test_keys_behind_enter_are_for_the_new_request_though_nothing_is_read_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = threading.Event()
    monkeypatch.setattr("mixtui.ui.catalogue.screen.operations", read.wait)
    app = make_app(tmp_path)
    async with app.run_test() as pilot:
        await pilot.pause()
        keys = ("ctrl+t", *"event names", "enter", "question_mark", "x", "f5")
        post_keys(app, *keys)
        for _ in keys:
            await pilot.pause()
        read.set()
        while not isinstance(main(pilot).response, Received):
            await pilot.pause(0.01)
        assert main(pilot).draft.url == "/query/events/names?x"


@pytest.mark.parametrize("size", SIZES)
async def test_with_nothing_typed_all_are_there_by_family(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=size) as pilot:
        screen = await opened(pilot)
        assert (
            widget_lines(screen.query_one(OperationList))[0]
            == operations()[0].family_title
        )
        assert chosen(screen) == operations()[0].id
        await pilot.press("tab")
        assert chosen(screen).startswith("identity.")
        await pilot.press("tab")
        assert chosen(screen).startswith("query.")
        await pilot.press("shift+tab", "shift+tab", "shift+tab")
        assert chosen(screen).startswith("experiments.")
        await pilot.press("end")
        assert chosen(screen) == operations()[-1].id
        await pilot.press("home")
        assert chosen(screen) == operations()[0].id
        await pilot.press("down", "down", "up")
        assert chosen(screen) == operations()[1].id
        await pilot.press("pagedown")
        ids = [each.id for each in operations()]
        assert ids.index(chosen(screen)) > 4
        await pilot.press("pageup")
        assert chosen(screen) == operations()[1].id
        assert isinstance(app.focused, Input)


async def test_a_row_says_what_it_is(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot, "delete profile")
        assert "POST" in widget_lines(screen.query_one(OperationList))[0]
        assert "deletes" in widget_lines(screen.query_one(OperationList))[0]
        await pilot.press(*["backspace"] * 14)
        await type_text(pilot, "segmentation numeric")
        assert "reads" in widget_lines(screen.query_one(OperationList))[0]
        assert "maintenance" in widget_lines(screen.query_one(OperationList))[0]


async def test_the_page_explains_the_one_under_the_cursor(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot, "segmentation numeric")
        page = screen.query_one(TextPage)
        assert "60 queries an hour" in page.text
        assert "Use instead" in page.text
        await pilot.press("down")
        assert screen.query_one(OperationList).selected_operation is not None
        assert "GET /api/query/segmentation/sum" in page.text
        before = page.scroll_y
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        await pilot.press("shift+down")
        assert page.scroll_y > before


async def test_without_matches_a_message_says_so_and_enter_stays(
    tmp_path: Path,
) -> None:
    app = make_app(tmp_path)
    async with app.run_test() as pilot:
        screen = await opened(pilot, "zzzz qqqq")
        assert "Nothing is called like that" in screen.query_one(TextPage).text
        await pilot.press("enter", "down", "tab", "end")
        await pilot.pause()
        assert app.screen is screen
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen is main(pilot)


@pytest.mark.parametrize("key", ["escape", "ctrl+t"])
async def test_leaving_changes_nothing(tmp_path: Path, key: str) -> None:
    app = make_app(tmp_path)
    async with app.run_test() as pilot:
        await opened(pilot, "jql")
        await pilot.press(key)
        await pilot.pause()
        assert app.screen is main(pilot)
        assert main(pilot).draft == Draft()


@pytest.mark.parametrize(("answer", "url"), [("d", "/query/jql"), ("c", "/mine")])
async def test_unsaved_work_is_asked_about_after_the_choice(
    tmp_path: Path, answer: str, url: str
) -> None:
    app = make_app(tmp_path)
    async with app.run_test() as pilot:
        await pilot.pause()
        await type_text(pilot, "/mine")
        await opened(pilot, "jql")
        await pilot.press("enter")
        await wait_for_screen(pilot, ChoiceDialog)
        await pilot.press(answer)
        await wait_for_workers(pilot, "default")
        assert main(pilot).draft.url == url


async def test_what_the_catalogue_made_can_be_left_unasked_while_untouched(
    tmp_path: Path,
) -> None:
    app = make_app(tmp_path)
    async with app.run_test() as pilot:
        for words, url in (("jql", "/query/jql"), ("top events", "/query/events/top")):
            await opened(pilot, words)
            await pilot.press("enter")
            await wait_for_workers(pilot, "default")
            assert main(pilot).draft.url == url


async def test_a_placeholder_is_replaced_by_typing(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test() as pilot:
        await opened(pilot, "get a warehouse import")
        await pilot.press("enter")
        await wait_for_workers(pilot, "default")
        field = app.focused
        assert isinstance(field, UrlField)
        assert field.selected_text == "{importId}"
        await type_text(pilot, "42")
        assert main(pilot).draft.url.endswith("/imports/42")


async def test_an_editor_shows_the_new_rows(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test() as pilot:
        await opened(pilot, "top events")
        await pilot.press("enter")
        await wait_for_workers(pilot, "default")
        editor = main(pilot).request_pane.query_one(RowsEditor)
        assert [pair.name for pair in editor.rows][:1] == ["type"]


async def test_a_key_that_changes_nothing_repaints_nothing(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot, "jql")
        page = screen.query_one(TextPage)
        lines_before = page._lines
        await pilot.press("down", "up", "space")
        assert page._lines is lines_before


@pytest.mark.parametrize("size", [*SIZES, (80, 16)])
async def test_a_required_row_without_a_value_is_open_for_typing(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    each = find_operation("query.insights-query")
    assert each is not None
    rows = tuple(replace(row, example="") for row in each.parameters)
    app = make_app(tmp_path)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        bare = replace(each, parameters=rows)
        main(pilot).run_guarded(main(pilot).commands.start_from_operation(bare))
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert isinstance(app.focused, RowInput)
        await type_text(pilot, "12")
        assert main(pilot).draft.query[0].value == "12"


async def test_a_click_goes_to_the_operation_under_the_mouse(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot, "profile")
        first = chosen(screen)
        await pilot.press("down")
        assert chosen(screen) != first
        # The first line of the list is its border.
        await pilot.click(OperationList, offset=(9, 1))
        assert chosen(screen) == first
