"""Nothing lays the screen out again while every widget keeps its size."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from textual._compositor import Compositor

from mixtui.model.draft import Draft
from mixtui.ui.response.state import Receiving, Sending
from mixtui.ui.response.status_line import StatusLine
from tests.ui.app import main, make_app, settled, show_draft
from tests.ui.driver import wait_until

DRAFT = Draft(name="Slow", url="/slow")


class Layouts:
    """Counts how often a screen is laid out."""

    def __init__(self) -> None:
        self.count = 0


@pytest.fixture
def layouts(monkeypatch: pytest.MonkeyPatch) -> Layouts:
    counter, reflow = Layouts(), Compositor.reflow

    def counted(self: Compositor, *arguments: Any) -> Any:
        counter.count += 1
        return reflow(self, *arguments)

    monkeypatch.setattr(Compositor, "reflow", counted)
    return counter


class Pieces(httpx.AsyncByteStream):
    """A body whose pieces come when a test says so."""

    def __init__(self) -> None:
        self.queue = asyncio.Queue[bytes]()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while piece := await self.queue.get():
            yield piece


async def test_letters_do_not_lay_out_the_screen(
    tmp_path: Path, layouts: Layouts
) -> None:
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+l", *"/abc")
        await pilot.pause()
        before = layouts.count
        for letter in "defghijk":
            await pilot.press(letter)
            await pilot.pause()
        shown = main(pilot).request_pane.resolved_line.render()
        assert "/abcdefghijk" in str(shown)
        assert layouts.count == before


async def test_the_clock_of_a_request_does_not_lay_out_the_screen(
    tmp_path: Path, layouts: Layouts, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = asyncio.Event()

    async def respond(_: httpx.Request) -> httpx.Response:
        await head.wait()
        return httpx.Response(200)

    async with make_app(tmp_path, respond).run_test(size=(120, 40)) as pilot:
        screen = main(pilot)
        await show_draft(pilot, DRAFT)
        await pilot.press("f5")
        await wait_until(pilot, lambda: isinstance(screen.response, Sending))
        await pilot.pause()
        line, before, shown = (
            screen.response_pane.query_one(StatusLine),
            layouts.count,
            set(),
        )
        for seconds in ("1.0 s", "2.0 s", "3.0 s"):
            monkeypatch.setattr(
                "mixtui.ui.response.status_line.duration", lambda _, text=seconds: text
            )
            line._tick()
            await pilot.pause()
            shown.add(str(line.render()))
        assert len(shown) == 3
        assert layouts.count == before
        head.set()
        await settled(pilot)


async def test_lines_that_arrive_do_not_lay_out_the_screen(
    tmp_path: Path, layouts: Layouts
) -> None:
    body = Pieces()

    def respond(_: httpx.Request) -> httpx.Response:
        plain = {"content-type": "text/plain"}
        return httpx.Response(200, stream=body, headers=plain)

    async with make_app(tmp_path, respond).run_test(size=(120, 40)) as pilot:
        screen = main(pilot)
        await show_draft(pilot, DRAFT)
        await pilot.press("f5")
        body.queue.put_nowait(b"line\n" * 100)
        await wait_until(pilot, lambda: isinstance(screen.response, Receiving))
        view = screen.response_pane.view
        await wait_until(pilot, lambda: view.virtual_size.height >= 100)
        await pilot.pause()
        before = layouts.count
        for number in range(1, 9):
            body.queue.put_nowait(b"line\n" * 100)
            lines = 100 + 100 * number
            await wait_until(pilot, lambda: view.virtual_size.height >= lines)  # noqa: B023
            screen.response_pane.query_one(StatusLine)._tick()
            await pilot.pause()
        assert layouts.count == before
        body.queue.put_nowait(b"")
        await settled(pilot)
