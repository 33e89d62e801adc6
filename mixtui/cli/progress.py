"""Progress of a request in flight, on one line of the terminal."""

from __future__ import annotations

import asyncio
import contextlib
import time
from types import TracebackType
from typing import Self

from mixtui.cli.console import Console
from mixtui.client.body import Progress
from mixtui.text import duration, size

_ERASE_LINE = "\r\x1b[K"
_PROGRESS_INTERVAL = 0.5
"""Seconds before a progress line is worth showing, and between two of them."""


class ProgressLine:
    """Shows time and bytes of a request in flight, where stderr is a terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.perf_counter()
        self._received: Progress | None = None
        self._ticker: asyncio.Task[None] | None = None
        self._drawn = False

    def update(self, progress: Progress) -> None:
        """Set what the next line shows."""
        self._received = progress

    async def __aenter__(self) -> Self:
        if self._console.stderr_is_terminal:
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
            draw_line(self._console)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_PROGRESS_INTERVAL)
            draw_line(self._console, self._text())
            self._drawn = True

    def _text(self) -> str:
        elapsed = duration(time.perf_counter() - self._started)
        if self._received is None:
            return f"waiting · {elapsed}"
        received = size(self._received.bytes)
        if self._received.total:
            received += f" of {size(self._received.total)}"
        return f"{received} · {elapsed}"


def draw_line(console: Console, line: str = "") -> None:
    """Replace the line of the terminal that the cursor is on."""
    console.stderr.write(f"{_ERASE_LINE}{line}")
    console.stderr.flush()
