"""A body that is being received and read into lines at the same time."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from mixtui.core.steps import run_for

if TYPE_CHECKING:
    from mixtui.core.document import Document, DocumentLoader
    from mixtui.core.spool import Spool

_LOOK_EVERY = 0.1
"""Seconds between two looks at what has come."""
_BATCH = 0.05
"""Seconds of reading in a thread before the screen hears of it."""


class StreamingBody:
    """Reads a body as far as it has come, in a thread; takes the place of a file.

    Args:
        spool: Where the bytes go.
        grown: Called when there is more to show.
    """

    def __init__(self, spool: Spool, grown: Callable[[], None]) -> None:
        self._spool, self._grown = spool, grown
        self._reading: DocumentLoader | None = None
        self._news = asyncio.Event()
        """Bytes have come since the last look."""
        self._ended = asyncio.Event()
        """All have come."""
        self._begun = asyncio.Event()
        """There is a document, or there never will be one."""
        self._task: asyncio.Task[None] | None = None

    @property
    def document(self) -> Document | None:
        """What there is to show; None = too little has come."""
        return self._reading.document if self._reading is not None else None

    def write(self, piece: bytes, /) -> int:
        """Add a piece; raises OSError as the spool does."""
        length = self._spool.write(piece)
        self._news.set()
        return length

    def started(self, media_type: str) -> None:
        """The head has come: read what comes from now on."""
        from mixtui.core.document import DocumentLoader

        self._reading = DocumentLoader(self._spool, media_type)
        self._task = asyncio.create_task(self._read(self._reading))

    async def finished(self) -> Document:
        """All has come: the document, whose lines may still be counted.

        Raises:
            OSError: The disk failed.
        """
        assert self._task is not None
        self._ended.set()
        self._news.set()
        await self._begun.wait()
        if self.document is None:
            await self._task  # Raises what kept it from being read.
        assert self.document is not None
        return self.document

    async def read_to_the_end(self) -> None:
        """Until every line is counted.

        Raises:
            OSError: The disk failed.
        """
        assert self._task is not None
        await self._task

    def cancel(self) -> None:
        """Nobody wants to read it any more."""
        if self._task is not None:
            self._task.cancel()

    async def _read(self, reading: DocumentLoader) -> None:
        looked, whole = 0.0, False
        try:
            while not whole:
                await self._wait(looked)
                looked, whole = time.monotonic(), self._ended.is_set()
                steps = reading.advance(final=whole)
                while not await asyncio.to_thread(run_for, steps, _BATCH):
                    self._tell()
                self._tell()
        finally:
            self._begun.set()  # Also where the disk failed: nobody waits for ever.

    async def _wait(self, since: float) -> None:
        """Until there is something to look at, but not at once after the last look."""
        await self._news.wait()
        pause = since + _LOOK_EVERY - time.monotonic()
        if pause > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), pause)
        self._news.clear()

    def _tell(self) -> None:
        if self.document is not None:
            self._begun.set()
        self._grown()
