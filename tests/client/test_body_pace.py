"""The timeout of a body while it is received, and the turn of everything else."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator

import pytest

from mixtui.client import body
from mixtui.client.body import BodyReader, ProgressReporter
from mixtui.client.decoding import IdentityDecoder


async def test_time_spent_writing_is_not_time_spent_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A reader of stdout may pause for longer than the server may.
    loop = asyncio.get_running_loop()
    paused = 0

    class Slow(io.BytesIO):
        def write(self, piece: object) -> int:
            nonlocal paused
            paused += 1000
            return super().write(piece)

    clock = loop.time
    monkeypatch.setattr(loop, "time", lambda: clock() + paused)

    async def chunks() -> AsyncIterator[bytes]:
        for chunk in (b"a", b"b"):
            await asyncio.sleep(0)
            yield chunk
            await asyncio.sleep(0)

    sink = Slow()
    reader = BodyReader(IdentityDecoder(), sink)
    await reader.read(chunks(), 100, ProgressReporter(None, 0))
    assert (sink.getvalue(), reader.cut_short) == (b"ab", "")


async def test_a_body_that_has_come_already_lets_others_have_their_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(body, "_MAX_TURN", -1.0)
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x"  # Without waiting for anything.

    counting = asyncio.create_task(count_turns())
    await BodyReader(IdentityDecoder(), None).read(
        chunks(), 100, ProgressReporter(None, 0)
    )
    counting.cancel()
    assert turns >= 100


@pytest.mark.parametrize(("idle_turn", "is_done"), [(-1.0, True), (1000.0, False)])
async def test_a_key_is_done_between_two_pieces_unless_the_loop_is_idle(
    idle_turn: float, is_done: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "_MAX_TURN", -1.0)
    monkeypatch.setattr(body, "_IDLE_TURN", idle_turn)
    seen: list[bool] = []

    async def act() -> None:
        for _ in range(10):
            await asyncio.sleep(0)

    async def chunks() -> AsyncIterator[bytes]:
        key = asyncio.create_task(act())
        yield b"x"
        seen.append(key.done())
        yield b"y"
        await key

    await BodyReader(IdentityDecoder(), None).read(
        chunks(), 100, ProgressReporter(None, 0)
    )
    assert seen == [is_done]
