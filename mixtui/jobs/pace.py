"""Hold sending back to a number of bytes in a minute."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

MIXPANEL_PACE = 2_000_000_000
"""Uncompressed bytes a minute, of a project
(https://developer.mixpanel.com/reference/rate-limits)."""
_MINUTE = 60.0
_BURST = 2.0
"""Seconds that may be sent at once."""


class Pace:
    """Lets bytes through at an even pace."""

    def __init__(
        self,
        bytes_a_minute: int | None,
        *,
        clock: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Begin with what may be sent at once.

        Args:
            bytes_a_minute: None = no limit.
            clock: Returns seconds; None = that of the event loop.
            sleep: Waits.
        """
        self._rate = None if bytes_a_minute is None else bytes_a_minute / _MINUTE
        self._clock, self._sleep = clock, sleep
        self._free_at = 0.0
        self._waiting = 0

    @property
    def is_waiting(self) -> bool:
        """Whether something is held back now."""
        return self._waiting > 0

    async def take(self, count: int) -> None:
        """Wait until so many bytes may be sent."""
        if self._rate is None:
            return
        now = (self._clock or asyncio.get_running_loop().time)()
        self._free_at = max(self._free_at, now - _BURST) + count / self._rate
        seconds = self._free_at - now
        if seconds <= 0:
            return
        self._waiting += 1
        try:
            await self._sleep(seconds)
        finally:
            self._waiting -= 1
