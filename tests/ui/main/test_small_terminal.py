"""The smallest terminal shows rows of every list, and nothing is lost in a smaller one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from textual.content import Content
from textual.pilot import Pilot
from textual.widget import Widget

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Body, Draft, Method, Pair
from mixtui.ui.main.layout import MIN_SIZE
from mixtui.ui.response.state import Received
from tests.ui.app import main, make_app, settled, show_draft, write_request
from tests.ui.driver import press, screen_lines, wait_for_workers, wait_until

_ROWS = 3
"""Rows of content that a list shows at least."""
RECORDS = {"results": [{"name": f"n{i}", "value": i} for i in range(20)]}
DRAFT = Draft(url="/query/events", query=tuple(Pair(f"p{i}", str(i)) for i in range(8)))
IMPORT = Draft(
    method=Method.POST,
    api=Api.INGESTION,
    url="/import",
    body=Body(text="[\n{\n}\n,\n{\n}\n]"),
)
ENVIRONMENTS = "".join(
    f'[environments.e{i}]\nproject_id = "{i}"\n' for i in range(1, 5)
)
Open = Callable[[Pilot[int]], Awaitable[object]]


def by_keys(*keys: str) -> Open:
    return lambda pilot: press_each(pilot, *keys)


async def press_each(pilot: Pilot[int], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await pilot.pause()


def by_action(name: str) -> Open:
    async def run(pilot: Pilot[int]) -> None:
        getattr(main(pilot), f"action_{name}")()
        await pilot.pause()

    return run


async def table(pilot: Pilot[int]) -> None:
    await main(pilot).response_pane.focus_tab("table")
    await wait_until(pilot, lambda: "n1" in "".join(screen_lines(pilot.app)))


async def body(pilot: Pilot[int]) -> None:
    main(pilot).focus_request()
    await show_draft(pilot, IMPORT, "body")


async def options(pilot: Pilot[int]) -> None:
    main(pilot).focus_request()
    await show_draft(pilot, DRAFT, "options")


async def diff(pilot: Pilot[int]) -> None:
    await press_each(pilot, "d")
    await wait_for_workers(pilot, "compare")


LISTS: dict[str, tuple[Open, str]] = {
    "catalogue": (by_keys("ctrl+t"), "OperationList"),
    "finder": (by_keys("ctrl+g"), "FinderList"),
    "palette": (by_keys("ctrl+p"), "RowList"),
    "history": (by_keys("f3"), "HistoryList"),
    "environments": (by_keys("f9"), "EnvironmentList"),
    "environment form": (by_keys("f9", "a", "f2"), "EnvironmentFields"),
    "setup": (by_keys("f9", "a"), "SetupFields"),
    "in flight": (by_keys("ctrl+b"), "OptionList"),
    "help": (by_keys("f1"), "TextPage, .page, VerticalScroll, RowView"),
    "hints": (by_action("hints"), "OptionList"),
    "a question": (by_keys("ctrl+n"), "OptionList"),
    "switch environment": (by_action("choose_environment"), "OptionList"),
    "copy as": (by_action("copy_as"), "OptionList"),
    "saved requests": (by_keys("f2"), "CollectionTree"),
    "query rows": (by_keys("ctrl+l", "ctrl+o", "q"), "DraftRows"),
    "options": (options, "#edit-options"),
    "body": (body, "CodeArea"),
    "response": (by_keys(), "ResponseView"),
    "table": (table, "TableGrid"),
    "diff": (diff, "RowView"),
}


@asynccontextmanager
async def opened(
    tmp_path: Path, size: tuple[int, int] = MIN_SIZE
) -> AsyncIterator[Pilot[int]]:
    """The app, by default in the smallest terminal, with a response of 20 records."""
    for i in range(6):
        write_request(tmp_path, f"f{i}/r{i}.toml", f'name = "Request {i}"\n')
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "environments.toml").write_text(ENVIRONMENTS)
    answers = count()

    def respond(request: httpx.Request) -> httpx.Response:
        number = next(answers)
        changed = [{"name": f"n{i}", "value": i * number} for i in range(20)]
        return httpx.Response(200, json={"results": changed})

    app = make_app(tmp_path, respond)
    async with app.run_test(size=size) as pilot:
        await wait_for_workers(pilot)
        await show_draft(pilot, DRAFT)
        for _ in range(3):
            await press(pilot, "f5")
            await settled(pilot)
        yield pilot


@pytest.mark.parametrize("name", LISTS)
async def test_the_smallest_terminal_shows_rows_and_the_focus(
    name: str, tmp_path: Path
) -> None:
    open_list, selector = LISTS[name]
    async with opened(tmp_path) as pilot:
        await open_list(pilot)
        await pilot.pause()
        screen = pilot.app.screen
        seen = [widget for widget in screen.query(selector) if visible_area(widget)]
        shown = "\n".join(screen_lines(pilot.app))
        assert max(written_rows(pilot, each) for each in seen) >= _ROWS, shown
        assert screen.focused is not None
        assert visible_area(screen.focused), shown


@pytest.mark.parametrize("name", LISTS)
async def test_no_text_is_wrapped_before_its_width_is_known(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path, (120, 40)) as pilot:
        wrapped: list[tuple[int, str]] = []
        wrap = Content.wrap

        def noted(content: Content, width: int, **options: Any) -> list[Content]:
            wrapped.append((width, content.plain))
            return wrap(content, width, **options)

        monkeypatch.setattr(Content, "wrap", noted)
        await LISTS[name][0](pilot)
        await pilot.pause()
        assert not [text for width, text in wrapped if width < min(5, len(text))]


@pytest.mark.parametrize("name", LISTS)
async def test_every_screen_outlives_a_terminal_of_one_cell(
    name: str, tmp_path: Path
) -> None:
    async with opened(tmp_path, (120, 40)) as pilot:
        await LISTS[name][0](pilot)
        await pilot.pause()
        screen = pilot.app.screen
        await pilot.resize_terminal(1, 1)
        await pilot.pause()
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        assert pilot.app.screen is screen
        assert screen.focused is not None
        assert visible_area(screen.focused)
        assert sum(bool(line.strip()) for line in screen_lines(pilot.app)) > _ROWS


def visible_area(widget: Widget) -> int:
    """Cells of a widget that are seen."""
    if not widget.is_on_screen:
        return 0
    return widget.screen.find_widget(widget).visible_region.area


def written_rows(pilot: Pilot[Any], widget: Widget) -> int:
    """Lines on the terminal that hold something of a widget."""
    region = widget.screen.find_widget(widget).visible_region
    lines = screen_lines(pilot.app)[region.y : region.bottom]
    parts = [line.ljust(region.right)[region.x : region.right] for line in lines]
    return sum(any(char.isalnum() or char in "[]{}" for char in part) for part in parts)


async def test_the_smallest_terminal_says_that_writes_are_real(tmp_path: Path) -> None:
    async with opened(tmp_path) as pilot:
        assert "LIVE: writes are real" in screen_lines(pilot.app)[0]


@pytest.mark.parametrize("size", [(1, 1), (39, 11), (200, 1), (1, 60)])
async def test_nothing_is_lost_in_a_terminal_that_is_too_small_for_a_while(
    size: tuple[int, int], tmp_path: Path
) -> None:
    may_answer = asyncio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        await may_answer.wait()
        return httpx.Response(200, json=RECORDS)

    app = make_app(tmp_path, answer)  # type: ignore[arg-type]
    async with app.run_test(size=(120, 40)) as pilot:
        screen = main(pilot)
        await show_draft(pilot, DRAFT)
        await pilot.press("a", "n", "e", "w")  # A row that is being typed.
        focused = screen.focused
        screen.action_send()
        await wait_until(pilot, lambda: screen.slot.run is not None)
        await pilot.resize_terminal(*size)
        await pilot.pause()
        may_answer.set()
        await settled(pilot)
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        assert screen.focused is focused
        assert isinstance(screen.response, Received)
        assert screen.draft.url == DRAFT.url
        assert {*DRAFT.query, Pair("new")} == set(screen.draft.query)
        text = "\n".join(screen_lines(pilot.app))
        assert "200 OK" in text
        assert "new" in text
