"""Hold the requests of a job back to what the server allows, before they are sent.

To be refused costs time, and the refused window is fetched again: so a request waits until
the quota that is counted here has room, and requests start at an even pace.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from mixtui.dispatch.dispatch import Dispatched
from mixtui.jobs.sending import Sending, Wait

if TYPE_CHECKING:
    from mixtui.dispatch.dispatch import ResponseSink
    from mixtui.model.prepared import PreparedRequest

FreeIn = Callable[["PreparedRequest"], Awaitable[float]]
"""Returns in how many seconds the quota of a request has room for it."""
_MARGIN = 1.0
"""Seconds that the server's clock may be behind."""


class QuotaGate:
    """Sends requests, each when it may be sent. A `sending.Send`."""

    def __init__(
        self,
        sending: Sending,
        free_in: FreeIn,
        *,
        a_second: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Send nothing yet.

        Args:
            sending: What sends, and waits.
            free_in: Looks a quota up.
            a_second: How many requests may start in a second.
            clock: Returns seconds.
        """
        self._sending, self._free_in, self._clock = sending, free_in, clock
        self._interval = 1 / a_second
        self._free_at = 0.0
        self._turn = asyncio.Lock()
        self.is_waiting = False
        """Whether something waits for the quota now."""

    async def __call__(
        self, request: PreparedRequest, *, sink: ResponseSink | None = None
    ) -> Dispatched:
        """Send a request.

        Raises:
            Stopped: The job was stopped while this waited.
            MixtuiError: As `dispatch`.
        """
        async with self._turn:
            while (seconds := await self._free_in(request)) > 0:
                await self._wait_for_quota(seconds + _MARGIN)
            await self._wait(max(0.0, self._free_at - self._clock()))
            self._free_at = self._clock() + self._interval
        return await self._sending.send(request, sink=sink)

    async def _wait_for_quota(self, seconds: float) -> None:
        if not self._sending.stop.is_set:
            self._sending.on_wait(Wait(seconds, "The quota is used up."))
        self.is_waiting = True
        try:
            await self._wait(seconds)
        finally:
            self.is_waiting = False

    async def _wait(self, seconds: float) -> None:
        await self._sending.stop.interrupt(self._sending.sleep(seconds))
