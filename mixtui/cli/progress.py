"""One line on the terminal while a request is on its way."""

from __future__ import annotations

import asyncio
import contextlib
import time
from types import TracebackType
from typing import Self

from mixtui.cli.console import Console
from mixtui.client.body import Progress
from mixtui.text import duration, size

_PATIENCE = 0.5
"""Seconds before there is anything to say."""
_ERASE = "\r\x1b[K"


class ProgressLine:
    """Time and bytes, where stderr is a terminal; nothing elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.perf_counter()
        self._received: Progress | None = None
        self._ticker: asyncio.Task[None] | None = None
        self._drawn = False

    def tell(self, progress: Progress) -> None:
        """More of the body came."""
        self._received = progress

    async def __aenter__(self) -> Self:
        if self._console.shows_progress:
            self._ticker = asyncio.create_task(self._tick())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._ticker is None:
            return
        self._ticker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._ticker
        if self._drawn:
            self._write(_ERASE)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_PATIENCE)
            self._write(_ERASE + self._words())
            self._drawn = True

    def _words(self) -> str:
        elapsed = duration(time.perf_counter() - self._started)
        if self._received is None:
            return f"waiting · {elapsed}"
        so_far = size(self._received.bytes)
        if self._received.total:
            so_far += f" of {size(self._received.total)}"
        return f"{so_far} · {elapsed}"

    def _write(self, text: str) -> None:
        self._console.stderr.write(text)
        self._console.stderr.flush()
