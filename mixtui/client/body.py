"""Receive and decode the body of a response, into memory or a file."""

from __future__ import annotations

import asyncio
import io
import math
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Protocol, runtime_checkable

from msgspec import Struct

from mixtui.client.decoding import Decoder, DecodingError
from mixtui.system import CancelToken
from mixtui.text import size

MEMORY_LIMIT = 256_000_000
"""Decoded bytes held of a body that is not written to a file."""
MAX_IN_MEMORY = 1_000_000
"""Decoded bytes of a body that is held although it is also written to a file.

A response may list 2,000 rejected records.
"""
TAIL_BYTES = 1 << 16
"""Decoded bytes held of the end of a longer body."""
_REPORT_INTERVAL = 0.1
_MAX_TURN = 0.005
"""Seconds after which a body lets the keys and everything else have their turns."""
_TURNS = 16
"""Of the event loop, at most; a key takes some ten, one after the other."""
_IDLE_TURN = 40e-6
"""Seconds; a turn in which nothing has to be done takes half of it."""


class Progress(Struct, frozen=True):
    """How much of a response has been received."""

    bytes: int
    """Bytes of the body on the wire."""
    elapsed: float
    """Seconds since the request was sent."""
    total: int | None = None
    """The final value of `bytes`, if the server announced it."""


class ProgressReporter(Struct):
    """Reports progress a few times a second."""

    on_progress: Callable[[Progress], None] | None
    started: float
    """By `time.perf_counter`."""
    total: int | None = None
    _last_report: float = -math.inf

    def report(self, received: int) -> None:
        """Report the bytes received, at most once in `_REPORT_INTERVAL` seconds."""
        now = time.perf_counter()
        if self.on_progress is None or now - self._last_report < _REPORT_INTERVAL:
            return
        self._last_report = now
        self.on_progress(Progress(received, now - self.started, self.total))


class ReceivedBody(Struct, frozen=True):
    """A body, or as much of it as was received."""

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
    """A destination of a body, such as a file."""

    def write(self, piece: bytes, /) -> int:
        """Write one piece.

        Raises:
            OSError: There is no space, or nobody reads it.
        """
        ...


@runtime_checkable
class ReadableSink(BodySink, Protocol):
    """A destination that the body can be read from again, so that it is held once."""

    def tail(self, size: int, /) -> bytes:
        """Return the last bytes that were written, or all.

        Raises:
            OSError: They cannot be read.
        """
        ...


NO_BODY = ReceivedBody(b"", 0, "", None)
"""The state before the first byte."""


async def _give_way() -> None:
    """Let everything else act until the event loop has nothing to do.

    With a single turn between two pieces of a body, a key would wait for ten pieces.
    """
    loop = asyncio.get_running_loop()
    for _ in range(_TURNS):
        start = loop.time()
        await asyncio.sleep(0)
        if loop.time() - start < _IDLE_TURN:
            return


class BodyReader:
    """Collects one body."""

    def __init__(self, decoder: Decoder, sink: BodySink | None) -> None:
        self._decoder = decoder
        self._sink = sink
        self._readable = sink if isinstance(sink, ReadableSink) else None
        self._held = io.BytesIO()
        """The body, or its end; empty if the sink can be read."""
        self._piece = b""
        """A large piece before what is in `_held`, not copied."""
        self._decoded_bytes = 0
        self.wire_bytes = 0
        self.cut_short = ""
        """Why the body is incomplete; empty = it is complete."""

    async def read(
        self,
        chunks: AsyncIterator[bytes],
        idle_timeout: float,
        reporter: ProgressReporter,
    ) -> None:
        """Read to the end, or until the body itself turns out to be invalid.

        Errors of the connection are raised as they come.

        Args:
            chunks: The body as it is on the wire.
            idle_timeout: Seconds without a single byte after which to give up.
            reporter: Called with every chunk.

        Raises:
            TimeoutError: Nothing came for so long.
        """
        loop = asyncio.get_running_loop()
        yielded = loop.time()
        async with asyncio.timeout(idle_timeout) as deadline:
            async for chunk in chunks:
                came = loop.time()
                deadline.reschedule(came + idle_timeout)
                self.wire_bytes += len(chunk)
                reporter.report(self.wire_bytes)
                await self._decode(chunk)
                if loop.time() - yielded > _MAX_TURN:
                    # What has come already is read without waiting for anything.
                    await _give_way()
                    yielded = loop.time()
                if loop.time() - came > _MAX_TURN:
                    # A slow disk or reader is not a slow server.
                    deadline.reschedule(loop.time() + idle_timeout)
                if self.cut_short:
                    return
        self._finish()

    def mark_cancelled(self) -> None:
        """Record that the user ended the body."""
        self.cut_short = f"Cancelled after {size(self._decoded_bytes)}."

    def result(self) -> ReceivedBody:
        """Return what was received."""
        written = None if self._sink is None else self._decoded_bytes
        return ReceivedBody(self._body(), self.wire_bytes, self.cut_short, written)

    def _body(self) -> bytes:
        """Return the body, or the end of a long one that is written elsewhere."""
        if self._sink is None or self._decoded_bytes <= MAX_IN_MEMORY:
            size = self._decoded_bytes
        else:
            size = TAIL_BYTES
        if self._readable is None:
            return self._end(size)
        try:
            return self._readable.tail(size)
        except OSError as error:
            self.cut_short = self._incomplete_message(
                f"reading it back failed ({error.strerror})"
            )
            return b""

    async def _decode(self, chunk: bytes) -> None:
        try:
            for number, piece in enumerate(self._decoder.feed(chunk)):
                if number:
                    await _give_way()
                self._retain(piece)
                if self.cut_short:
                    return
        except DecodingError as problem:
            self.cut_short = self._incomplete_message(f"{problem}")

    def _retain(self, piece: bytes) -> None:
        if self._sink is None:
            room = MEMORY_LIMIT - self._decoded_bytes
            if len(piece) > room:
                self.cut_short = (
                    f"Only the first {size(MEMORY_LIMIT)} were read: “mixtui send … "
                    "-o FILE” writes a body of any size to a file."
                )
            self._held.write(piece[:room])
            self._decoded_bytes += len(piece[:room])
            return
        try:
            self._sink.write(piece)
        except OSError as error:
            self.cut_short = self._incomplete_message(
                f"writing to the file failed ({error.strerror})"
            )
            return
        self._decoded_bytes += len(piece)
        if self._readable is None:
            self._hold_end(piece)

    def _hold_end(self, piece: bytes) -> None:
        """Hold a piece, and let go of what is too much to be returned."""
        if len(piece) >= TAIL_BYTES and self._decoded_bytes > MAX_IN_MEMORY:
            self._piece = piece
            if self._held.tell():
                self._held = io.BytesIO()
            return
        self._held.write(piece)
        if self._held.tell() > 2 * MAX_IN_MEMORY:
            end, self._piece = self._end(TAIL_BYTES), b""
            self._held = io.BytesIO()
            self._held.write(end)

    def _end(self, size: int) -> bytes:
        """Return the last bytes of what is held, or all."""
        held = b"".join((self._piece, self._held.getvalue()))
        return held if len(held) <= size else held[-size:]

    def _finish(self) -> None:
        try:
            self._decoder.finish()
        except DecodingError as problem:
            self.cut_short = self._incomplete_message(f"{problem}")

    def _incomplete_message(self, reason: str) -> str:
        return f"The body is incomplete after {size(self._decoded_bytes)}: {reason}."
