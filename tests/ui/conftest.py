"""What every test of the screen needs."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from textual.pilot import Pilot

from mixtui.ui.keys.input_queue import OrderedInputApp


@pytest.fixture(autouse=True)
def _pilot_waits_for_the_input_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count keys that are still in the queue as messages of the screen."""
    wait_for_messages = Pilot._wait_for_screen

    async def wait(pilot: Pilot[Any]) -> bool:
        app = pilot.app
        # No event of the queue says that it is done: it has no other user than Pilot.
        while isinstance(app, OrderedInputApp) and app.input.is_busy:  # noqa: ASYNC110
            await asyncio.sleep(0)
        return await wait_for_messages(pilot)

    monkeypatch.setattr(Pilot, "_wait_for_screen", wait)
