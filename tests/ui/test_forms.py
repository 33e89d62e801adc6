"""What every form owes: arrows lead through all its fields, and none of them holds them."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Body, BodyType, Draft, Method
from mixtui.storage.environment_store import FileEnvironmentStore
from mixtui.ui.dialogs.dialogs import NameDialog, TypeToConfirmDialog
from mixtui.ui.dialogs.imports import ImportPathDialog
from mixtui.ui.dialogs.saving import SaveDialog
from mixtui.ui.environments import draft as draft_module
from mixtui.ui.environments.draft import EnvironmentDraft, parse_lines
from mixtui.ui.environments.form import EnvironmentForm
from mixtui.ui.environments.setup import SetupScreen, SetupState
from mixtui.ui.keys.input_queue import OrderedInputApp
from mixtui.ui.widgets.choice import CompactSelect
from mixtui.ui.widgets.field import TextInput
from mixtui.ui.widgets.form import FormTextArea
from tests.ui.request.host import shown


def environment_form(folder: Path) -> EnvironmentForm:
    store = FileEnvironmentStore(folder, folder, {}, ())
    draft = EnvironmentDraft(variables="a = 1\nb = 2")
    return EnvironmentForm(store, draft, old=None, used_names=())


def setup_form(folder: Path) -> SetupScreen:
    store = FileEnvironmentStore(folder, folder, {}, ())
    return SetupScreen(store, SetupState(region="eu", found="It works."))


SCREENS: dict[str, Callable[[Path], Screen[Any]]] = {
    "environment": environment_form,
    "setup": setup_form,
    "save a body": lambda folder: SaveDialog("a.json", shown="indented"),
    "import": lambda folder: ImportPathDialog(lambda path: pytest.fail("read")),
    "name": lambda folder: NameDialog("Name"),
    "type to confirm": lambda folder: TypeToConfirmDialog("Sure?", "word"),
}


class Host(OrderedInputApp[None]):
    """Shows one form."""

    def __init__(self, form: Screen[Any]) -> None:
        super().__init__()
        self.form = form

    def on_mount(self) -> None:
        self.push_screen(self.form)


@asynccontextmanager
async def opened(
    form: Screen[Any], size: tuple[int, int]
) -> AsyncIterator[Pilot[None]]:
    app = Host(form)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield pilot


async def visited(pilot: Pilot[Any], key: str, presses: int) -> set[Widget | None]:
    """Press an arrow, and return what had the focus."""
    screen, fields = pilot.app.screen, {pilot.app.focused}
    for _ in range(presses):
        await pilot.press(key)
        fields.add(pilot.app.focused)
        assert pilot.app.screen is screen, "an arrow opens nothing"
        assert not any(select.is_open for select in screen.query(CompactSelect))
    return fields


@pytest.mark.parametrize("size", [(120, 40), (40, 12)])
@pytest.mark.parametrize("name", SCREENS)
async def test_arrows_lead_through_every_field_of_a_form(
    name: str, size: tuple[int, int], tmp_path: Path
) -> None:
    async with opened(SCREENS[name](tmp_path), size) as pilot:
        fields = set(pilot.app.screen.focus_chain)
        assert fields
        for key in ("down", "up"):
            assert await visited(pilot, key, len(fields) + 6) == fields, key


@pytest.mark.parametrize("size", [(100, 24), (60, 8)])
@pytest.mark.parametrize(
    "draft, tab, first",
    [
        (Draft(), "options", "#description"),
        (Draft(method=Method.POST, body=Body(BodyType.FILE)), "body", "TabBar"),
    ],
    ids=["options", "body"],
)
async def test_arrows_lead_through_the_parts_of_a_request(
    draft: Draft, tab: str, first: str, size: tuple[int, int]
) -> None:
    async with shown(draft, tab, size=size) as (pilot, pane):
        part = await pane.show_tab(tab)
        fields = {each for each in pane.screen.focus_chain if part in each.ancestors}
        pane.screen.set_focus(part.query(first).first())
        assert await visited(pilot, "down", len(fields) - 1) == fields
        assert await visited(pilot, "up", len(fields) - 1) == fields


async def test_a_long_text_costs_a_form_what_a_short_one_does(tmp_path: Path) -> None:
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    def calls_to_make(lines: int) -> int:
        nonlocal calls
        text, calls, before = "\n".join(["a = 1"] * lines), 0, sys.getprofile()
        sys.setprofile(count)
        try:
            FormTextArea(text, id="variables", placeholder="")
        finally:
            sys.setprofile(before)
        return calls

    async with opened(environment_form(tmp_path), (120, 40)):
        calls_to_make(10)  # What is made once.
        # A few calls more or less are those of a cache that is full.
        assert abs(calls_to_make(10_000) - calls_to_make(10)) < 100


async def test_variables_are_read_only_when_they_are_edited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts: list[str] = []

    def parse(text: str) -> list[tuple[str, str]]:
        texts.append(text)
        return parse_lines(text)

    monkeypatch.setattr(draft_module, "parse_lines", parse)
    async with opened(environment_form(tmp_path), (120, 40)) as pilot:
        pilot.app.screen.query_one("#variables").focus()
        await pilot.press("home", "x")
        assert "xa = 1\nb = 2" in texts
        texts.clear()
        pilot.app.screen.query_one("#name").focus()
        await pilot.press("x", "y")
        assert pilot.app.screen.query_one("#name", TextInput).value == "xy"
        assert not any("a = 1" in text for text in texts)


async def test_an_arrow_goes_on_from_the_method_and_the_api() -> None:
    async with shown(Draft(api=Api.QUERY), "") as (pilot, pane):
        pane.screen.set_focus(pane.method_choice)
        assert pane.url_field in await visited(pilot, "down", 2)
        assert pane.method_choice in await visited(pilot, "up", 2)
