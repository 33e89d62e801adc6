"""A screen whose actions take their turn among the keys, and whose errors are words."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Literal, TypeVar

from textual.screen import Screen
from textual.worker import Worker

from mixtui.model.errors import MixtuiError
from mixtui.system import CancelToken
from mixtui.text import sanitize

if TYPE_CHECKING:
    from textual.messages import Prune
    from textual.widget import Widget

    _Base = Widget
else:
    # Textual takes a widget's CSS from its first base that is a DOM node. That must be
    # the widget this is mixed into.
    _Base = object


class CancelsWorkersOnPrune(_Base):
    """Mix into a widget: its workers stop as soon as it is being removed.

    Textual takes a widget's children down first and stops its workers last: one that
    goes on in between would find the widgets gone that it wants to fill.
    """

    async def on_prune(self, event: Prune) -> None:
        """Being removed, the children next."""
        self.workers.cancel_node(self)


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


T = TypeVar("T")

_TICK = 0.1
"""Seconds between two calls of ``on_tick``."""


async def run_in_thread(
    work: Callable[[], T],
    token: CancelToken,
    on_tick: Callable[[], None] = lambda: None,
) -> T:
    """Run blocking work in a thread; return its result, or raise what it raises.

    Args:
        work: What takes long.
        token: The work's; cancelled when the caller is.
        on_tick: Called now and then until the work ends.
    """
    task = asyncio.ensure_future(asyncio.to_thread(work))
    # Take its error out, so that asyncio reports none after the caller was cancelled.
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    try:
        while not (await asyncio.wait({task}, timeout=_TICK))[0]:
            on_tick()
        return task.result()
    except asyncio.CancelledError:
        token.cancel()
        raise
