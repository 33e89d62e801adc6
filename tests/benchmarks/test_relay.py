from __future__ import annotations

import asyncio
import heapq
import socket
from collections.abc import Sequence

import pytest

from benchmarks.relay import Clock, Line, Relay, carry


class FakeTime:
    """A time that passes only once everybody waits for it."""

    def __init__(self) -> None:
        self._now = 0.0
        self._waiting: list[tuple[float, int, asyncio.Event]] = []
        self.clock = Clock(lambda: self._now, self._sleep_until)

    async def _sleep_until(self, moment: float) -> None:
        awake = asyncio.Event()
        heapq.heappush(self._waiting, (moment, len(self._waiting), awake))
        await awake.wait()

    async def run(self, task: asyncio.Task[None]) -> None:
        while not task.done():
            for _ in range(20):
                await asyncio.sleep(0)
            if self._waiting:
                moment, _, awake = heapq.heappop(self._waiting)
                self._now = max(self._now, moment)
                awake.set()


def carried(line: Line, pieces: Sequence[bytes]) -> list[tuple[float, bytes]]:
    """What arrives at the other end, and when."""
    time, arrived, left = FakeTime(), list[tuple[float, bytes]](), list(pieces)

    async def read(size: int) -> bytes:
        return left.pop(0) if left else b""

    async def write(data: bytes) -> None:
        arrived.append((time.clock.now(), data))

    async def main() -> None:
        await time.run(asyncio.create_task(carry(read, write, line, time.clock)))

    asyncio.run(main())
    return arrived


@pytest.mark.parametrize(
    ("sent", "arrive"),
    [
        ([(0.0, 100)], [1.5]),
        ([(0.0, 100), (0.0, 200)], [1.5, 3.5]),  # behind one another
        ([(0.0, 100), (0.5, 100)], [1.5, 2.5]),  # while the line is taken
        ([(0.0, 100), (9.0, 100)], [1.5, 10.5]),  # silence is not saved up
    ],
)
def test_bytes_go_one_after_the_other_and_each_arrives_after_the_delay(
    sent: list[tuple[float, int]], arrive: list[float]
) -> None:
    line = Line(rate=100, delay=0.5)
    assert [line.send(size, now)[1] for now, size in sent] == arrive
    assert line.sent == sum(size for _, size in sent)


def test_what_enters_a_line_leaves_it_in_order_and_at_its_speed() -> None:
    line = Line(rate=10, delay=5)
    found = carried(line, [b"0123456789", b"abcde", b"xyzuv"])
    end = (7.0, b"")
    assert found == [(6.0, b"0123456789"), (6.5, b"abcde"), (7.0, b"xyzuv"), end]
    assert (line.sent, line.arrived) == (20, 20)


def test_a_line_takes_more_only_when_it_is_free() -> None:
    line = Line(rate=10, delay=100)
    asked: list[float] = []
    time, left = FakeTime(), [b"0123456789", b"0123456789"]

    async def read(size: int) -> bytes:
        asked.append(time.clock.now())
        return left.pop(0) if left else b""

    async def write(data: bytes) -> None:
        pass

    async def main() -> None:
        await time.run(asyncio.create_task(carry(read, write, line, time.clock)))

    asyncio.run(main())
    assert asked == [0.0, 1.0, 2.0]


def test_a_relay_passes_on_both_directions_and_the_end() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(30)
        with Relay(server.getsockname()[1]) as relay:
            with socket.create_connection(("127.0.0.1", relay.port), 30) as near:
                far, _ = server.accept()
                with far:
                    far.settimeout(30)
                    near.sendall(b"question")
                    assert far.recv(100) == b"question"
                    far.sendall(b"answer")
                    assert near.recv(100) == b"answer"
                    near.shutdown(socket.SHUT_WR)
                    assert far.recv(100) == b""
            assert (relay.up.sent, relay.down.sent) == (8, 6)
