"""A screen whose actions take their turn among the keys, and whose errors are words."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from typing import Literal

from textual.screen import Screen
from textual.worker import Worker

from mixtui.core.errors import MixtuiError
from mixtui.core.visible import sanitize
from mixtui.ui.ending import CancelsWorkersOnPrune

_ACTION_SECONDS = 0.25
"""So long at most do keys wait for an action that neither ends nor asks."""


class CommandScreen(CancelsWorkersOnPrune, Screen[None]):
    """Runs actions in the order typed, and tells what went wrong in a sentence."""

    def notify_text(
        self,
        sentence: str,
        *,
        severity: Literal["information", "warning", "error"] = "information",
    ) -> None:
        """A sentence for the person; never markup."""
        self.notify(sanitize(sentence), severity=severity, markup=False)

    async def action_command(self, name: str) -> None:
        """Run an action in its place among the keys.

        Keys that arrive together are still on their way to a field when Textual gets
        to this one: wait until all that was typed before has had its effect.
        """
        if self.check_action(name, ()) is True:
            await self._drain_keys()
            result = getattr(self, f"action_{name}")()
            if result is not None:
                await result

    async def _drain_keys(self) -> None:
        focused = self.focused
        for node in focused.ancestors_with_self if focused is not None else ():
            done = asyncio.Event()
            node.call_later(done.set)
            try:
                await asyncio.wait_for(done.wait(), _ACTION_SECONDS)
            except TimeoutError:
                return
            if node is self:
                return

    def run_guarded(self, work: Awaitable[object]) -> Worker[None]:
        """Run something that may ask or fail; an error becomes a sentence."""

        async def run() -> None:
            try:
                await work
            except MixtuiError as error:
                self.notify_text(str(error), severity="error")

        return self.run_worker(run, group="actions")

    async def run_command(self, work: Awaitable[object]) -> None:
        """The same for an action: returns when it is done, or asks something.

        The next key then finds the question, not the field that was in use before.
        """
        worker = self.run_guarded(work)
        end = time.monotonic() + _ACTION_SECONDS
        while not worker.is_finished and not self._dialog_is_open():
            if time.monotonic() > end:
                return
            await asyncio.sleep(0)

    def _dialog_is_open(self) -> bool:
        """Whether a dialog is there and ready for keys."""
        screen = self.app.screen
        return screen is not self and screen.focused is not None
