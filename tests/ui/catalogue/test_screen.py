"""The catalogue on the screen: find an operation, begin a request with it."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widgets import Input

from mixtui.mixpanel.apis import Api
from mixtui.mixpanel.catalogue import find_operation, operations
from mixtui.mixpanel.operation import Operation
from mixtui.model.draft import Draft, Method, Pair
from mixtui.ui.catalogue.list import OperationList
from mixtui.ui.catalogue.screen import OperationsScreen
from mixtui.ui.dialogs.dialogs import ChoiceDialog
from mixtui.ui.keys.input_queue import OrderedInputApp
from mixtui.ui.request.url import UrlField
from mixtui.ui.response.state import Received
from mixtui.ui.rows.editor import RowsEditor
from mixtui.ui.rows.list import EditableRows
from mixtui.ui.rows.row_edit import RowInput
from mixtui.ui.widgets.text_page import TextPage
from tests.ui.app import main, make_app
from tests.ui.driver import (
    post_keys,
    type_text,
    wait_for_screen,
    wait_for_workers,
    wait_until,
    widget_lines,
    workers_done,
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


class Host(OrderedInputApp[None]):
    """Opens the catalogue without the main screen, and keeps what is chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.results: list[Operation | None] = []

    def on_mount(self) -> None:
        self.push_screen(OperationsScreen(), self.results.append)


@asynccontextmanager
async def catalogue(
    text: str = "", *, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[Pilot[None], OperationsScreen]]:
    """Run a host whose catalogue lists the matches of a text."""
    app = Host()
    async with app.run_test(size=size) as pilot:
        await wait_for_workers(pilot)
        screen = app.screen
        assert isinstance(screen, OperationsScreen)
        if text:
            await type_text(pilot, text)
        yield pilot, screen


def results(pilot: Pilot[None]) -> list[Operation | None]:
    assert isinstance(pilot.app, Host)
    return pilot.app.results


def first_row(screen: OperationsScreen) -> str:
    return widget_lines(screen.query_one(OperationList))[0]


def chosen(screen: OperationsScreen) -> str:
    operation = screen.query_one(OperationList).selected_operation
    return operation.id if operation else ""


async def test_three_keys_make_a_request_that_the_editor_shows(
    tmp_path: Path,
) -> None:
    app = make_app(tmp_path)
    async with app.run_test() as pilot:
        await opened(pilot, "num seg")
        await pilot.press("enter")
        await wait_for_workers(pilot, "default")
        draft = main(pilot).draft
        assert (draft.method, draft.api) == (Method.GET, Api.QUERY)
        assert draft.url == "/query/segmentation/numeric"
        assert [p.name for p in draft.query if p.enabled][:2] == ["event", "from_date"]
        assert any(not pair.enabled for pair in draft.query)
        editor = main(pilot).request_pane.query_one(RowsEditor)
        assert [pair.name for pair in editor.rows] == [p.name for p in draft.query]
        assert main(pilot).collection.unsaved
        assert app.focused is editor.query_one(EditableRows)


@pytest.mark.parametrize("before", ["list schemas", "jql"], ids=["url", "body"])
async def test_keys_behind_enter_are_for_the_new_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    read = threading.Event()
    app = make_app(tmp_path)
    async with app.run_test() as pilot:
        await pilot.pause()
        post_keys(app, "ctrl+t", *before, "enter")
        await wait_for_workers(pilot, "default")
        await wait_for_workers(pilot, "default")
        assert isinstance(app.focused, UrlField) is (before == "list schemas")
        # Also where the catalogue is still being read.
        monkeypatch.setattr("mixtui.ui.catalogue.screen.operations", read.wait)
        keys = ("ctrl+t", *"list pipelines", "enter", "question_mark", "x", "f5")
        post_keys(app, *keys)
        await wait_for_screen(pilot, OperationsScreen)
        catalogue = app.screen
        assert isinstance(catalogue, OperationsScreen)
        await wait_until(pilot, lambda: not catalogue._ready.is_set())
        read.set()
        while not isinstance(main(pilot).response, Received):
            await pilot.pause(0.01)
        assert main(pilot).draft.url.endswith("?x")


@pytest.mark.parametrize("size", SIZES)
async def test_with_nothing_typed_all_are_there_by_group(size: tuple[int, int]) -> None:
    async with catalogue(size=size) as (pilot, screen):
        assert first_row(screen) == operations()[0].family_title
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
        assert isinstance(pilot.app.focused, Input)


async def test_a_row_says_what_it_is() -> None:
    async with catalogue("delete profile") as (pilot, screen):
        assert "POST" in first_row(screen)
        assert "deletes" in first_row(screen)
        await pilot.press(*["backspace"] * 14)
        await type_text(pilot, "segmentation numeric")
        assert "reads" in first_row(screen)
        assert "maintenance" in first_row(screen)


async def test_the_page_explains_the_one_under_the_cursor() -> None:
    async with catalogue("segmentation numeric") as (pilot, screen):
        page = screen.query_one(TextPage)
        assert "60 queries per hour" in page.text
        assert "Use instead" in page.text
        await pilot.press("down")
        assert screen.query_one(OperationList).selected_operation is not None
        assert "GET /api/query/segmentation/sum" in page.text
        before = page.scroll_y
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        await pilot.press("shift+down")
        assert page.scroll_y > before


async def test_without_matches_a_message_says_so_and_enter_stays() -> None:
    async with catalogue("zzzz qqqq", size=(80, 24)) as (pilot, screen):
        assert "No matching operations" in screen.query_one(TextPage).text
        await pilot.press("enter", "down", "tab", "end")
        await pilot.pause()
        assert pilot.app.screen is screen
        await pilot.press("escape")
        await pilot.pause()
        assert results(pilot) == [None]


async def test_leaving_changes_nothing(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test() as pilot:
        for key in ("escape", "ctrl+t"):
            await opened(pilot, "jql")
            await pilot.press(key)
            await pilot.pause()
            assert app.screen is main(pilot), key
            assert main(pilot).draft == Draft(), key


async def test_only_work_of_ones_own_is_asked_about_and_after_the_choice(
    tmp_path: Path,
) -> None:
    app = make_app(tmp_path)
    async with app.run_test() as pilot:
        await pilot.pause()
        await type_text(pilot, "/mine")
        for key, url in (("c", "/mine"), ("d", "/query/jql")):
            await opened(pilot, "jql")
            await pilot.press("enter")
            await wait_for_screen(pilot, ChoiceDialog)
            await pilot.press(key)
            await wait_for_workers(pilot, "default")
            assert main(pilot).draft.url == url
        await opened(pilot, "top events")
        await pilot.press("enter")
        await wait_for_workers(pilot, "default")
        assert main(pilot).draft.url == "/query/events/top", "jql was untouched"


async def test_a_key_that_changes_nothing_repaints_nothing() -> None:
    async with catalogue("jql") as (pilot, screen):
        page = screen.query_one(TextPage)
        lines_before = page._lines
        await pilot.press("down", "up", "space")
        assert page._lines is lines_before


async def test_what_is_missing_first_is_typed_at_once(tmp_path: Path) -> None:
    each = find_operation("query.insights-query")
    assert each is not None
    rows = tuple(replace(row, example="") for row in each.parameters)
    bare = replace(each, parameters=rows)
    app = make_app(tmp_path)
    async with app.run_test() as pilot:
        await opened(pilot, "get a warehouse import")
        await pilot.press("enter")
        await wait_for_workers(pilot, "default")
        assert isinstance(app.focused, RowInput), "a path parameter"
        await type_text(pilot, "42")
        assert main(pilot).draft.path[-1] == Pair("importId", "42")
        for size in (*SIZES, (80, 16)):
            await pilot.resize_terminal(*size)
            main(pilot).pane_layout.show_response()
            await pilot.pause()
            main(pilot).run_guarded(main(pilot).commands.start_from_operation(bare))
            await workers_done(app)
            await pilot.pause()
            assert isinstance(app.focused, RowInput), ("a required row", size)
            assert main(pilot).request_pane.display, size
            await type_text(pilot, "12")
            assert main(pilot).draft.query[0].value == "12", size


@pytest.mark.parametrize(
    ("words", "widget"),
    [
        ("event counts over time", "RowsEditor"),
        ("set profile properties", "BodyEditor"),
        ("list schemas", "UrlField"),
    ],
)
async def test_a_new_request_takes_keys_where_its_values_are(
    tmp_path: Path, words: str, widget: str
) -> None:
    app = make_app(tmp_path)
    async with app.run_test() as pilot:
        await opened(pilot, words)
        await pilot.press("enter")
        await wait_for_workers(pilot, "default")
        await pilot.pause()
        assert app.focused is not None
        names = {
            base.__name__
            for each in app.focused.ancestors_with_self
            for base in type(each).__mro__
        }
        assert widget in names, app.focused


async def test_a_click_goes_to_the_operation_under_the_mouse() -> None:
    async with catalogue("profile") as (pilot, screen):
        first = chosen(screen)
        await pilot.press("down")
        assert chosen(screen) != first
        await pilot.click(OperationList, offset=(9, 0))
        assert chosen(screen) == first
