"""Completion in the URL and in the rows: it helps, and never gets in the way."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from textual import events
from textual.pilot import Pilot

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Method, Pair
from mixtui.model.environment import NO_ENVIRONMENT
from mixtui.ui.request.url import UrlField
from mixtui.ui.rows.row_edit import RowHelp, RowInput
from mixtui.ui.widgets.completing_field import CompletingField
from mixtui.ui.widgets.suggestion_list import SuggestionList
from tests.ui.app import main, make_app, settled
from tests.ui.driver import post_keys, type_text, wait_for_workers

SIZES = [(120, 40), (80, 24)]


async def typed(pilot: Pilot[int], text: str) -> CompletingField:
    await pilot.pause()
    await type_text(pilot, text)
    await wait_for_workers(pilot)
    return field(pilot)


def field(pilot: Pilot[int]) -> CompletingField:
    focused = pilot.app.focused
    assert isinstance(focused, CompletingField)
    return focused


def listed(pilot: Pilot[int]) -> list[str]:
    """What the list shows; nothing if there is none."""
    shown = [each for each in pilot.app.screen.query(SuggestionList) if each.display]
    return [row.label for row in shown[0].rows] if shown else []


async def row_of(pilot: Pilot[int], url: str, *keys: str) -> None:
    """Go to the rows of an operation, and press keys there."""
    await typed(pilot, url)
    await pilot.press("ctrl+o", "q", *keys)
    await wait_for_workers(pilot)


# The URL


async def test_the_rest_of_a_path_stands_dim_and_right_takes_it(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test() as pilot:
        url = await typed(pilot, "/query/ret")
        assert url._suggestion == "/query/retention"
        assert main(pilot).draft.url == "/query/ret"
        assert listed(pilot) == []
        await pilot.press("right")
        assert main(pilot).draft.url == "/query/retention"


async def test_enter_sends_what_is_typed_and_not_what_stands_dim(
    tmp_path: Path,
) -> None:
    seen: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.path)
        return httpx.Response(200, json={})

    app = make_app(tmp_path, handler)
    async with app.run_test() as pilot:
        await typed(pilot, "/query/events")
        await pilot.press("enter")
        await pilot.pause(0.05)
        await settled(pilot)
        assert seen == ["/api/query/events"]


@pytest.mark.parametrize("size", SIZES)
async def test_down_lists_paths_and_enter_takes_one(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=size) as pilot:
        await typed(pilot, "/query/seg")
        await pilot.press("down", "down")
        assert listed(pilot)[1].split() == ["GET", "/query/segmentation/numeric"]
        await pilot.press("enter")
        await pilot.pause()
        assert main(pilot).draft.url == "/query/segmentation/numeric"
        assert listed(pilot) == []
        assert isinstance(app.focused, UrlField)


async def test_a_path_of_another_method_or_api_brings_those(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test() as pilot:
        url = await typed(pilot, "/impo")
        assert url._suggestion == ""
        await pilot.press("down", "tab")
        await pilot.pause()
        draft = main(pilot).draft
        assert (draft.method, draft.api) == (Method.POST, Api.INGESTION)
        assert draft.url == "/import"


async def test_escape_and_up_leave_the_list(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test() as pilot:
        await typed(pilot, "/query/seg")
        await pilot.press("down", "escape")
        assert listed(pilot) == []
        await pilot.press("down", "up")
        assert main(pilot).draft.url == "/query/seg"
        await pilot.press("tab")
        await pilot.pause()
        assert listed(pilot) == []
        assert not isinstance(app.focused, UrlField)


async def test_what_is_pasted_or_opened_needs_no_help(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test() as pilot:
        url = await typed(pilot, "/")
        await pilot.press("backspace")
        app.post_message(events.Paste("/query/ret"))
        await wait_for_workers(pilot)
        assert main(pilot).draft.url == "/query/ret"
        assert url._suggestion == ""
        assert listed(pilot) == []


async def test_the_line_below_names_the_operation(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await typed(pilot, "/query/jql")
        await pilot.press("ctrl+o", "m", "P")
        await pilot.pause()
        line = main(pilot).query_one("ResolvedLine")
        shown = "\n".join(line.render_line(y).text for y in range(line.size.height))
        assert main(pilot).request_pane.operation is not None
        assert main(pilot).request_pane.operation.title in shown


# Rows


@pytest.mark.parametrize("size", SIZES)
async def test_a_new_row_lists_the_parameters_that_are_missing(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=size) as pilot:
        await row_of(pilot, "/query/segmentation", "a")
        assert listed(pilot)[:3] == ["event", "from_date", "to_date"]
        await pilot.press("down", "down", "enter")
        assert field(pilot).value == "from_date"
        await pilot.press("enter")
        await pilot.pause()
        assert "{{today-7d}}" in listed(pilot)
        await type_text(pilot, "{{mo")
        assert field(pilot)._suggestion == "{{month_start}}"
        await pilot.press("right", "enter")
        await pilot.pause()
        expected = Pair("from_date", "{{month_start}}")
        assert main(pilot).draft.query[0] == expected


async def test_enumerations_are_listed_before_anything_is_typed(
    tmp_path: Path,
) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await row_of(pilot, "/query/segmentation", "a")
        await type_text(pilot, "unit")
        await pilot.press("enter")
        await pilot.pause()
        assert listed(pilot) == ["minute", "hour", "day", "month"]
        await pilot.press("d", "right", "enter", "escape")
        await pilot.pause()
        assert main(pilot).draft.query == (Pair("unit", "day"),)
        await pilot.press("enter")
        await wait_for_workers(pilot)
        assert listed(pilot) == ["minute", "hour", "day", "month"]


async def test_a_list_that_nobody_went_into_takes_no_key(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await row_of(pilot, "/query/segmentation", "a")
        await type_text(pilot, "mine")
        await pilot.press("enter", "1", "enter", "escape")
        await pilot.pause()
        assert main(pilot).draft.query == (Pair("mine", "1"),)
        assert listed(pilot) == []


async def test_header_rows_are_completed(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("ctrl+o", "h", "a")
        await wait_for_workers(pilot)
        await type_text(pilot, "Accept-E")
        await pilot.press("right", "enter")
        await pilot.pause()
        assert listed(pilot) == ["gzip", "identity"]


async def test_without_an_operation_nothing_is_offered(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await row_of(pilot, "/nothing/like/it", "a")
        assert listed(pilot) == []
        assert not main(pilot).query_one(RowHelp).display


async def test_a_line_says_what_the_row_under_the_cursor_is(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await row_of(pilot, "/query/segmentation?unit=day", "a")
        help_line = main(pilot).query_one(RowHelp)
        await type_text(pilot, "limit")
        await pilot.pause()
        assert help_line.display
        assert "1 to 10,000" in str(help_line.render())
        await pilot.press("x")
        await pilot.pause()
        assert help_line.display
        assert not str(help_line.render()).strip(), "a hint tells of it"
        await pilot.press("ctrl+l")
        await pilot.pause()
        assert not help_line.display


# Names of the project


def project(request: httpx.Request) -> httpx.Response:
    if request.url.path.endswith("/events/names"):
        return httpx.Response(200, json=["Sign up", "Purchase"])
    if request.url.path.endswith("/properties/top"):
        return httpx.Response(402, json={"error": "not in your plan"})
    return httpx.Response(429, json={"error": "slow down"})


async def test_names_are_asked_for_only_when_asked_and_then_known(
    tmp_path: Path,
) -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return project(request)

    app = make_app(tmp_path, handler)
    async with app.run_test(size=(120, 40)) as pilot:
        await row_of(pilot, "/query/segmentation", "a")
        await type_text(pilot, "event")
        await pilot.press("enter")
        await wait_for_workers(pilot)
        assert listed(pilot) == ["Look up event names"]
        assert not seen
        await pilot.press("down", "enter")
        await wait_for_workers(pilot)
        assert [r.url.path for r in seen] == ["/api/query/events/names"]
        names = ["Sign up", "Purchase", "Look up event names again"]
        assert listed(pilot) == names
        assert field(pilot).value == ""
        await pilot.press("down", "enter", "enter", "escape")
        await wait_for_workers(pilot)
        assert main(pilot).draft.query == (Pair("event", "Sign up"),)
        assert main(pilot).runs.running == 0
    again = make_app(tmp_path, handler)
    async with again.run_test(size=(120, 40)) as pilot:
        await row_of(pilot, "/query/segmentation", "a")
        await type_text(pilot, "event")
        await pilot.press("enter")
        await wait_for_workers(pilot)
        assert listed(pilot) == names
        assert len(seen) == 1


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("on", "plan does not allow"), ("where", "fill in the event first")],
)
async def test_a_refusal_is_said_in_words(
    tmp_path: Path, name: str, sentence: str
) -> None:
    app = make_app(tmp_path, project)
    async with app.run_test(size=(120, 40)) as pilot:
        await row_of(pilot, "/query/segmentation", "a")
        if name == "on":
            await type_text(pilot, "event")
            await pilot.press("enter")
            await type_text(pilot, "Sign up")
            await pilot.press("enter")
            await wait_for_workers(pilot)
        await type_text(pilot, name)
        await pilot.press("enter")
        await wait_for_workers(pilot)
        await pilot.press("down", "enter")
        await wait_for_workers(pilot)
        assert sentence in " ".join(n.message for n in app._notifications)
        assert isinstance(app.focused, RowInput)


async def test_without_credentials_nothing_is_asked(tmp_path: Path) -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return project(request)

    app = make_app(tmp_path, handler, environments=(NO_ENVIRONMENT,))
    async with app.run_test(size=(120, 40)) as pilot:
        await row_of(pilot, "/query/segmentation", "a")
        await type_text(pilot, "event")
        await pilot.press("enter")
        await wait_for_workers(pilot)
        await pilot.press("down", "enter")
        await wait_for_workers(pilot)
        assert not seen
        assert any(
            "credential" in n.message or "account" in n.message
            for n in app._notifications
        )


async def test_tab_and_what_is_typed_behind_it_act_in_their_order(
    tmp_path: Path,
) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        post_keys(app, "tab", "tab", "a")
        await type_text(pilot, "limit")
        await settled(pilot)
        assert main(pilot).query_one(UrlField).value == ""
        assert isinstance(app.focused, RowInput)
        assert app.focused.value == "limit"
