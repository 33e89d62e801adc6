"""A screen with nothing but a response pane, for tests of what the pane does alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.app import ComposeResult
from textual.pilot import Pilot

from mixtui.document.document import read
from mixtui.outcome.outcome import judge_response
from mixtui.ui.keys.input_queue import OrderedInputApp
from mixtui.ui.response.pane import ResponsePane
from mixtui.ui.response.state import Received, ResponseState
from mixtui.ui.widgets.screen import CommandScreen
from tests.exchanges import exchange


class ResponseScreen(CommandScreen):
    def compose(self) -> ComposeResult:
        yield ResponsePane()


class Host(OrderedInputApp[None]):
    """Shows a response pane on a screen of its own, without the main screen."""

    def get_default_screen(self) -> ResponseScreen:
        return ResponseScreen()


def received(text: str, media_type: str = "application/json") -> Received:
    """Return the state of a response with status 200 and this body."""
    body = text.encode()
    received = exchange(body=body, headers=(("content-type", media_type),))
    return Received(received, judge_response(received), read(body, media_type))


@asynccontextmanager
async def shown(
    state: ResponseState,
) -> AsyncIterator[tuple[Pilot[None], ResponsePane]]:
    """Run a host whose pane shows a state and has the focus."""
    async with Host().run_test(size=(100, 50)) as pilot:
        await pilot.pause()
        pane = pilot.app.screen.query_one(ResponsePane)
        pane.state = state
        pane.screen.set_focus(pane.view)
        await pilot.pause()
        yield pilot, pane
