"""A slow line between two programs on this machine: a relay for one TCP connection."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType

RATE, DELAY = 8_000.0, 0.15
"""Bytes a second (64 kbit/s) and seconds of delay, each way: a round trip of 300 ms."""

_PACKET = 1_400
"""Bytes that enter the line at once."""
_BUFFER = 16_384
"""Bytes that wait before the line; then the sender has to."""


@dataclass(slots=True)
class Line:
    """One direction: sends so many bytes a second, and each arrives after a delay."""

    rate: float
    delay: float
    sent: int = 0
    """Bytes that entered it."""
    arrived: int = 0
    """Bytes that left it."""
    _free: float = 0.0

    def send(self, size: int, now: float) -> tuple[float, float]:
        """Send bytes; returns when the line is free again, and when they arrive."""
        self.sent += size
        self._free = max(self._free, now) + size / self.rate
        return self._free, self._free + self.delay


@dataclass(frozen=True, slots=True)
class Clock:
    """The time, and how to wait for one."""

    now: Callable[[], float]
    sleep_until: Callable[[float], Awaitable[None]]


async def carry(
    read: Callable[[int], Awaitable[bytes]],
    write: Callable[[bytes], Awaitable[None]],
    line: Line,
    clock: Clock,
) -> None:
    """Carry bytes over a line, in order, until there are no more.

    Args:
        read: Returns at most so many bytes; none = the end.
        write: Takes what has arrived; nothing = the end.
        line: The line.
        clock: The clock.
    """
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def deliver() -> None:
        while True:
            arrival, data = await under_way.get()
            await clock.sleep_until(arrival)
            await write(data)
            line.arrived += len(data)
            if not data:
                return

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(deliver())
        data = b"start"
        while data:
            data = await read(_PACKET)
            free, arrival = line.send(len(data), clock.now())
            under_way.put_nowait((arrival, data))
            await clock.sleep_until(free)


class Relay:
    """A running relay to a port of this machine; stopped at the end of the block.

    Args:
        target: The port that connections are passed on to.
    """

    def __init__(self, target: int) -> None:
        self.up, self.down = Line(RATE, DELAY), Line(RATE, DELAY)
        self.port = 0
        self._target = target
        self._started = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Relay:
        self._thread.start()
        self._started.wait(5)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def is_idle(self) -> bool:
        """Return whether nothing is under way."""
        return all(line.sent == line.arrived for line in (self.up, self.down))

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        listener = _small(socket.create_server(("127.0.0.1", 0)))
        self.port = listener.getsockname()[1]
        starting = asyncio.start_server(self._accept, sock=listener, limit=_BUFFER)
        server = self._loop.run_until_complete(starting)
        self._started.set()
        self._loop.run_forever()
        server.close()
        for task in (tasks := asyncio.all_tasks(self._loop)):
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    async def _accept(
        self, near: asyncio.StreamReader, to_near: asyncio.StreamWriter
    ) -> None:
        far, to_far = await asyncio.open_connection(
            sock=_small(socket.create_connection(("127.0.0.1", self._target))),
            limit=_BUFFER,
        )
        clock = Clock(time.monotonic, _sleep_until)
        with contextlib.suppress(OSError, ExceptionGroup, asyncio.CancelledError):
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(carry(near.read, _writer(to_far), self.up, clock))
                tasks.create_task(carry(far.read, _writer(to_near), self.down, clock))
        to_near.close()
        to_far.close()


def _small(connection: socket.socket) -> socket.socket:
    """Return a socket that does not take more than a real line would."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
    return connection


def _writer(stream: asyncio.StreamWriter) -> Callable[[bytes], Awaitable[None]]:
    async def write(data: bytes) -> None:
        if not data:
            stream.write_eof()
            return
        stream.write(data)
        await stream.drain()

    return write


async def _sleep_until(moment: float) -> None:
    await asyncio.sleep(moment - time.monotonic())
