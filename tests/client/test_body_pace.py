"""The timeout of a body while it is received."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator

import pytest

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
