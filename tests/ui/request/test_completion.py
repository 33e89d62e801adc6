"""Completion in the URL and in the rows: it helps, and never gets in the way."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
from msgspec.structs import replace
from textual import events
from textual.pilot import Pilot

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Draft, Method, Pair
from mixtui.model.environment import NO_ENVIRONMENT
from mixtui.request.preview import preview
from mixtui.ui.request.completers import HeaderCompleter, QueryCompleter
from mixtui.ui.request.url import UrlField
from mixtui.ui.rows.row_edit import RowHelp, RowInput
from mixtui.ui.widgets.completing_field import CompletingField
from mixtui.ui.widgets.suggestion_list import SuggestionList
from tests.ui.app import PROD
from tests.ui.driver import (
    post_keys,
    type_text,
    wait_for_workers,
    wait_until,
    widget_lines,
)
from tests.ui.main.controllers import controllers
from tests.ui.request.host import open_draft, shown

SIZES = [(120, 40), (60, 16)]
SEGMENTATION = Draft(url="/query/segmentation")


def field(pilot: Pilot[Any]) -> CompletingField:
    focused = pilot.app.focused
    assert isinstance(focused, CompletingField)
    return focused


async def typed(pilot: Pilot[Any], text: str) -> CompletingField:
    """Type into the field in focus, and wait for what completes it."""
    await type_text(pilot, text)
    await wait_for_workers(pilot)
    return field(pilot)


async def pressed(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys, and wait for what they look up."""
    await pilot.press(*keys)
    await wait_for_workers(pilot)


def listed(pilot: Pilot[Any]) -> list[str]:
    """What the list shows; nothing if there is none."""
    shown = [each for each in pilot.app.screen.query(SuggestionList) if each.display]
    return [row.label for row in shown[0].rows] if shown else []


# The URL


async def test_the_rest_of_a_path_stands_dim_and_right_accepts_it() -> None:
    async with shown(Draft(), "") as (pilot, pane):
        url = await typed(pilot, "/query/ret")
        assert url._suggestion == "/query/retention"
        assert pane.draft.url == "/query/ret"
        assert listed(pilot) == []
        await pilot.press("right")
        assert pane.draft.url == "/query/retention"


async def test_enter_sends_what_is_typed_and_not_what_stands_dim() -> None:
    async with shown(Draft(), "") as (pilot, pane):
        url = await typed(pilot, "/query/ret")
        assert url._suggestion
        await pilot.press("enter")
        await wait_until(pilot, lambda: pane.screen.send_requests == 1)
        assert pane.draft.url == "/query/ret"


async def test_down_lists_paths_and_enter_accepts_one() -> None:
    async with shown(Draft(), "") as (pilot, pane):
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await open_draft(pilot, pane, Draft(), "")
            await typed(pilot, "/query/seg")
            await pilot.press("down", "down")
            paths = [row.split() for row in listed(pilot)]
            assert paths[1] == ["GET", "/query/segmentation/numeric"], size
            await pilot.press("enter")
            await pilot.pause()
            assert pane.draft.url == "/query/segmentation/numeric", size
            assert listed(pilot) == [], size
            assert isinstance(pilot.app.focused, UrlField), size


async def test_variables_are_listed_while_a_reference_is_typed() -> None:
    async with shown(Draft(), "") as (pilot, pane):
        field = await typed(pilot, "/x/{{tod")
        assert listed(pilot) == ["{{today}}", "{{today-7d}}"]
        assert field._suggestion == "/x/{{today}}"
        await pilot.press("down", "down", "enter")
        await pilot.pause()
        assert pane.draft.url == "/x/{{today-7d}}"
        assert listed(pilot) == []
        assert field.has_focus


async def test_a_path_of_another_method_or_api_selects_both() -> None:
    async with shown(Draft(), "") as (pilot, pane):
        url = await typed(pilot, "/impo")
        assert url._suggestion == ""
        await pilot.press("down", "tab")
        await pilot.pause()
        assert (pane.draft.method, pane.draft.api) == (Method.POST, Api.INGESTION)
        assert pane.draft.url == "/import"


async def test_escape_and_up_leave_the_list() -> None:
    async with shown(Draft(), "") as (pilot, pane):
        await typed(pilot, "/query/seg")
        await pilot.press("down", "escape")
        assert listed(pilot) == []
        await pilot.press("down", "up")
        assert pane.draft.url == "/query/seg"
        await pilot.press("tab")
        await pilot.pause()
        assert listed(pilot) == []
        assert not isinstance(pilot.app.focused, UrlField)


async def test_what_is_pasted_or_opened_needs_no_help() -> None:
    async with shown(Draft(), "") as (pilot, pane):
        url = await typed(pilot, "/")
        await pilot.press("backspace")
        pilot.app.post_message(events.Paste("/query/ret"))
        await wait_for_workers(pilot)
        assert pane.draft.url == "/query/ret"
        assert url._suggestion == ""
        assert listed(pilot) == []


async def test_the_line_below_names_the_operation() -> None:
    async with shown(Draft(method=Method.POST, url="/query/jql"), "") as (_, pane):
        assert pane.operation is not None
        line = pane.query_one("ResolvedLine")
        assert pane.operation.title in "\n".join(widget_lines(line))


# Rows


async def test_a_new_row_lists_the_parameters_that_are_missing() -> None:
    async with shown(SEGMENTATION) as (pilot, pane):
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await open_draft(pilot, pane, SEGMENTATION)
            await pressed(pilot, "a")
            assert listed(pilot)[:3] == ["event", "from_date", "to_date"], size
            await pilot.press("down", "down", "enter")
            assert field(pilot).value == "from_date", size
            await pilot.press("enter")
            await pilot.pause()
            assert "{{today-7d}}" in listed(pilot), size
            await type_text(pilot, "{{mo")
            assert field(pilot)._suggestion == "{{month_start}}", size
            await pilot.press("right", "enter")
            await pilot.pause()
            assert pane.draft.query[0] == Pair("from_date", "{{month_start}}"), size


async def test_enumerations_are_listed_before_anything_is_typed() -> None:
    async with shown(SEGMENTATION) as (pilot, pane):
        await pressed(pilot, "a")
        await type_text(pilot, "unit")
        await pilot.press("enter")
        await pilot.pause()
        assert listed(pilot) == ["minute", "hour", "day", "month"]
        await pilot.press("d", "right", "enter", "escape")
        await pilot.pause()
        assert pane.draft.query == (Pair("unit", "day"),)
        await pressed(pilot, "enter")
        assert listed(pilot) == ["minute", "hour", "day", "month"]


async def test_an_accepted_suggestion_enables_a_disabled_row() -> None:
    row = Pair("unit", "minute", enabled=False)
    for keys, value in (
        ("enter down down enter enter", "hour"),
        ("enter down enter enter", "minute"),
    ):
        async with shown(replace(SEGMENTATION, query=(row,))) as (pilot, pane):
            await pressed(pilot, *keys.split())
            assert pane.draft.query == (Pair("unit", value),)
            await pressed(pilot, "u")
            assert pane.draft.query == (row,)


async def test_a_list_handles_no_key_before_it_is_entered() -> None:
    async with shown(SEGMENTATION) as (pilot, pane):
        await pressed(pilot, "a")
        await type_text(pilot, "mine")
        await pilot.press("enter", "1", "enter", "escape")
        await pilot.pause()
        assert pane.draft.query == (Pair("mine", "1"),)
        assert listed(pilot) == []


async def test_header_rows_are_completed() -> None:
    async with shown(Draft(), "headers") as (pilot, _):
        await pressed(pilot, "a")
        await type_text(pilot, "Accept-E")
        await pilot.press("right", "enter")
        await pilot.pause()
        assert listed(pilot) == ["gzip", "identity"]


async def test_without_an_operation_nothing_is_offered() -> None:
    async with shown(Draft(url="/nothing/like/it")) as (pilot, pane):
        await pressed(pilot, "a")
        assert listed(pilot) == []
        assert not pane.query_one(RowHelp).display


async def test_a_line_says_what_the_row_under_the_cursor_is() -> None:
    async with shown(Draft(url="/query/segmentation?unit=day")) as (pilot, pane):
        await pressed(pilot, "a")
        help_line = pane.query_one(RowHelp)
        await type_text(pilot, "limit")
        await pilot.pause()
        assert help_line.display
        assert "1 to 10,000" in str(help_line.render())
        await pilot.press("x")
        await pilot.pause()
        assert help_line.display
        assert not str(help_line.render()).strip(), "a hint tells of it"
        pane.url_field.focus()
        await pilot.pause()
        assert not help_line.display


async def test_tab_and_what_is_typed_behind_it_act_in_their_order() -> None:
    async with shown(Draft(), "") as (pilot, pane):
        post_keys(pilot.app, "tab", "tab", "a", *"limit")
        await wait_until(pilot, lambda: pane.query(RowInput))
        await pilot.pause()
        assert pane.url_field.value == ""
        assert isinstance(pilot.app.focused, RowInput)
        assert pilot.app.focused.value == "limit"


def test_variables_of_the_environment_complete_any_value() -> None:
    environment = replace(PROD, variables={"plan": "pro"})
    context = SimpleNamespace(
        draft=SEGMENTATION,
        environment=environment,
        names=None,
        operation=preview(SEGMENTATION, environment).operation,
    )
    for completer in (QueryCompleter(context), HeaderCompleter(context)):
        values = [each.value for each in completer.values("unit", "{{pl")]
        assert values == ["{{plan}}"]


# Names of the project


class Project:
    """Knows two events, and refuses to name properties."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.paths.append(request.url.path)
        if request.url.path.endswith("/events/names"):
            return httpx.Response(200, json=["Sign up", "Purchase"])
        if request.url.path.endswith("/properties/top"):
            return httpx.Response(402, json={"error": "not in your plan"})
        return httpx.Response(429, json={"error": "slow down"})


def notices(pilot: Pilot[Any]) -> str:
    return " ".join(notice.message for notice in pilot.app._notifications)


async def fill_in(pilot: Pilot[Any], name: str, value: str = "") -> None:
    """Type a new row, and look at what its value is completed with."""
    await type_text(pilot, name)
    await pressed(pilot, "enter")
    if value:
        await type_text(pilot, value)
        await pressed(pilot, "enter")


async def test_names_are_asked_for_only_when_asked_and_then_known(
    tmp_path: Path,
) -> None:
    project = Project()
    names = ["Sign up", "Purchase", "Look up event names again"]
    async with controllers(tmp_path, project) as host:
        look_up = host.runs.send_quietly
        async with shown(SEGMENTATION, look_up=look_up) as (pilot, pane):
            await pressed(pilot, "a")
            await fill_in(pilot, "event")
            assert listed(pilot) == ["Look up event names"]
            assert not project.paths
            await pressed(pilot, "down", "enter")
            assert project.paths == ["/api/query/events/names"]
            assert listed(pilot) == names
            assert field(pilot).value == ""
            await pressed(pilot, "down", "enter", "enter", "escape")
            assert pane.draft.query == (Pair("event", "Sign up"),)
            assert host.runs.running == 0
        async with shown(SEGMENTATION, look_up=look_up) as (pilot, _):
            await pressed(pilot, "a")
            await fill_in(pilot, "event")
            assert listed(pilot) == names
            assert len(project.paths) == 1


async def test_a_rejected_lookup_becomes_a_sentence(tmp_path: Path) -> None:
    async with (
        controllers(tmp_path, Project()) as host,
        shown(SEGMENTATION, look_up=host.runs.send_quietly) as (pilot, _),
    ):
        await pressed(pilot, "a")
        await fill_in(pilot, "where")
        await pressed(pilot, "down", "enter")
        assert "fill it in first" in notices(pilot)
        assert isinstance(pilot.app.focused, RowInput)
        await pressed(pilot, "escape", "a")
        await fill_in(pilot, "event", "Sign up")
        await fill_in(pilot, "on")
        await pressed(pilot, "down", "enter")
        assert "not included in plan" in notices(pilot)
        assert isinstance(pilot.app.focused, RowInput)


async def test_without_credentials_nothing_is_asked(tmp_path: Path) -> None:
    project = Project()
    async with (
        controllers(tmp_path, project) as host,
        shown(
            SEGMENTATION,
            environment=NO_ENVIRONMENT,
            look_up=host.runs.send_quietly,
        ) as (pilot, _),
    ):
        await pressed(pilot, "a")
        await fill_in(pilot, "event")
        await pressed(pilot, "down", "enter")
        assert not project.paths
        assert "service account" in notices(pilot)
