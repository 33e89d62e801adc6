"""A screen with nothing but a request pane, for tests of what the pane does alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from textual import getters, on
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen

from mixtui.model.draft import Draft
from mixtui.model.environment import Environment
from mixtui.ui.keys.input_queue import OrderedInputApp
from mixtui.ui.main.hints import HintController
from mixtui.ui.main.names import ProjectNamesController, Send
from mixtui.ui.request.pane import RequestPane
from mixtui.ui.rows.list import EditableRows
from mixtui.ui.widgets.screen import CommandScreen
from tests.ui.app import PROD


class RequestScreen(CommandScreen):
    """Takes the place of the main screen for the controllers of hints and names."""

    request_pane = getters.query_one(RequestPane)

    def __init__(self, environment: Environment, look_up: Send | None) -> None:
        super().__init__()
        self.environment = environment
        self.hints = HintController(self)
        self.names = look_up and ProjectNamesController(self, look_up)
        self.changes: list[Draft] = []
        """The draft after each change by a key."""
        self.send_requests = 0

    def compose(self) -> ComposeResult:
        yield RequestPane(self.environment, names=self.names)

    @property
    def draft(self) -> Draft:
        return self.request_pane.draft

    @draft.setter
    def draft(self, draft: Draft) -> None:
        self.request_pane.load(draft, Path())

    async def ask(self, dialog: Screen[object], *, unprompted: bool = False) -> object:
        return await self.app.push_screen_wait(dialog)

    @on(EditableRows.CorrectRequested)
    def correct_row(self) -> None:
        self.run_guarded(self.hints.correct_row())

    @on(RequestPane.Changed)
    def record_change(self, event: RequestPane.Changed) -> None:
        self.changes.append(event.draft)

    @on(RequestPane.SendRequested)
    def count_send_request(self) -> None:
        self.send_requests += 1


class Host(OrderedInputApp[None]):
    """Shows a request pane on a screen of its own, without the main screen."""

    def __init__(self, environment: Environment, look_up: Send | None) -> None:
        super().__init__()
        self.request_screen = RequestScreen(environment, look_up)

    def get_default_screen(self) -> RequestScreen:
        return self.request_screen


@asynccontextmanager
async def shown(
    draft: Draft,
    tab: str = "query",
    *,
    environment: Environment = PROD,
    look_up: Send | None = None,
    size: tuple[int, int] = (100, 24),
) -> AsyncIterator[tuple[Pilot[None], RequestPane]]:
    """Run a host whose pane shows a draft and has the focus in one of its tabs.

    Args:
        draft: What is edited.
        tab: Empty for the field of the URL.
        environment: What the draft is resolved with.
        look_up: Asks the project for names; None = there is nobody to ask.
        size: Columns and rows of the terminal.
    """
    host = Host(environment, look_up)
    async with host.run_test(size=size) as pilot:
        await pilot.pause()
        pane = host.request_screen.request_pane
        await open_draft(pilot, pane, draft, tab)
        yield pilot, pane


async def open_draft(
    pilot: Pilot[None], pane: RequestPane, draft: Draft, tab: str = "query"
) -> None:
    """Show another draft, with the focus in one of its tabs."""
    pane.load(draft, Path())
    if tab:
        await pane.focus_tab(tab)
    else:
        pane.url_field.focus()
    await pilot.pause()
