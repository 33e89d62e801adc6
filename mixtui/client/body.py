"""The body of an answer: read as it comes, decoded, and kept or written to a file."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from typing import Protocol

from mixtui.client.decoding import BadEncoding, Decoder
from mixtui.system import CancelToken
from mixtui.text import size

MEMORY_LIMIT = 256_000_000
"""Decoded bytes kept of a body that does not go into a file."""
WHOLE = 1_000_000
"""Decoded bytes up to which a body is kept beside the file it goes into: what refuses
2,000 records names each of them."""
TAIL = 1 << 16
"""Decoded bytes kept of the end of a longer one."""
_PROGRESS_EVERY = 0.1


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an answer has come."""

    bytes: int
    """Of the body, as they come on the wire."""
    elapsed: float
    """Seconds since the request was sent."""
    total: int | None = None
    """What `bytes` will be at the end, if the server said so."""


@dataclass(slots=True)
class Reporter:
    """Tells about progress, a few times a second."""

    on_progress: Callable[[Progress], None] | None
    started: float
    """By `time.perf_counter`."""
    total: int | None = None
    _told: float = -math.inf

    def report(self, received: int) -> None:
        """Tell that so many bytes have come, unless it was told just now."""
        now = time.perf_counter()
        if self.on_progress is None or now - self._told < _PROGRESS_EVERY:
            return
        self._told = now
        self.on_progress(Progress(received, now - self.started, self.total))


@dataclass(frozen=True, slots=True)
class ReceivedBody:
    """A body, or as much of it as could be had."""

    body: bytes
    wire_bytes: int
    cut_short: str
    written: int | None


async def read_until_cancelled(
    reading: Coroutine[None, None, None], token: CancelToken
) -> bool:
    """Read a body to its end; return False if the token was cancelled before that.

    Raises:
        asyncio.CancelledError: The caller was cancelled, which is something else.
    """
    caller, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert caller is not None
    cancelling = caller.cancelling()
    task = asyncio.ensure_future(reading)
    with token.on_cancel(lambda: loop.call_soon_threadsafe(task.cancel)):
        try:
            await task
        except asyncio.CancelledError:
            if not token.cancelled or caller.cancelling() > cancelling:
                raise
            return False
    return True


class BodySink(Protocol):
    """Where a body is written to: a file, or what takes the place of one."""

    def write(self, piece: bytes, /) -> int:
        """Take one piece.

        Raises:
            OSError: It has no room, or nobody reads it.
        """
        ...


NO_BODY = ReceivedBody(b"", 0, "", None)
"""Before the first byte has come."""


class BodyReader:
    """Collects one body."""

    def __init__(self, decoder: Decoder, sink: BodySink | None) -> None:
        self._decoder = decoder
        self._sink = sink
        self._kept = bytearray()
        self._decoded = 0
        self.wire_bytes = 0
        self.cut_short = ""
        """Why it ended early, in a sentence."""

    async def read(
        self, chunks: AsyncIterator[bytes], patience: float, reporter: Reporter
    ) -> None:
        """Read to the end, or until something is wrong with the body itself.

        Errors of the connection are raised as they come.

        Args:
            chunks: The body as it is on the wire.
            patience: Seconds without a single byte.
            reporter: Told about every chunk.

        Raises:
            TimeoutError: Nothing came for so long.
        """
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(patience) as deadline:
            async for chunk in chunks:
                deadline.reschedule(loop.time() + patience)
                self.wire_bytes += len(chunk)
                reporter.report(self.wire_bytes)
                await self._take(chunk)
                # A slow disk or reader is not a slow server.
                deadline.reschedule(loop.time() + patience)
                if self.cut_short:
                    return
        self._finish()

    def stopped(self) -> None:
        """The person has seen enough."""
        self.cut_short = f"Stopped by you after {size(self._decoded)}."

    def result(self) -> ReceivedBody:
        """What came."""
        if self._sink is not None and self._decoded > WHOLE:
            del self._kept[:-TAIL]
        written = None if self._sink is None else self._decoded
        return ReceivedBody(bytes(self._kept), self.wire_bytes, self.cut_short, written)

    async def _take(self, chunk: bytes) -> None:
        try:
            for number, piece in enumerate(self._decoder.feed(chunk)):
                if number:
                    await asyncio.sleep(0)  # Others may run between big pieces.
                self._retain(piece)
                if self.cut_short:
                    return
        except BadEncoding as problem:
            self.cut_short = self._incomplete(f"{problem}")

    def _retain(self, piece: bytes) -> None:
        if self._sink is None:
            room = MEMORY_LIMIT - self._decoded
            if len(piece) > room:
                self.cut_short = (
                    f"Only the first {size(MEMORY_LIMIT)} were read: "
                    "«mixtui send … -o FILE» writes a body of any size to a file."
                )
            self._kept += piece[:room]
            self._decoded += len(piece[:room])
            return
        try:
            self._sink.write(piece)
        except OSError as error:
            self.cut_short = self._incomplete(
                f"it could not be written ({error.strerror})"
            )
            return
        self._decoded += len(piece)
        self._kept += piece
        if len(self._kept) > 2 * WHOLE:
            del self._kept[:-TAIL]

    def _finish(self) -> None:
        try:
            self._decoder.finish()
        except BadEncoding as problem:
            self.cut_short = self._incomplete(f"{problem}")

    def _incomplete(self, reason: str) -> str:
        return f"The body is incomplete after {size(self._decoded)}: {reason}."
