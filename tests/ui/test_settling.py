"""What the app does once its first screen is shown."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import AsyncMock, Mock

import httpx
import pytest

from mixtui.app import MixtuiApp, run
from mixtui.model.draft import Draft
from tests.ui.app import main, make_app, settled, show_draft


@pytest.fixture(autouse=True)
def _unfreeze() -> Iterator[None]:
    yield
    gc.unfreeze()


async def test_what_the_start_created_is_left_out_of_garbage_collections(
    tmp_path: Path,
) -> None:
    app = make_app(tmp_path)
    async with app.run_test():
        await app.settle()
        kept = gc.get_freeze_count()
        assert kept > 50_000
        assert kept > 10 * len(gc.get_objects())


async def test_python_looks_for_no_garbage_until_the_start_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    thresholds: list[int] = []

    def start(app: MixtuiApp, *, mouse: bool) -> None:
        thresholds.append(gc.get_threshold()[0])

    monkeypatch.setattr(MixtuiApp, "run", start)
    usual = gc.get_threshold()
    try:
        run(tmp_path)
        app = make_app(tmp_path)
        async with app.run_test():
            await app.settle()
            thresholds.append(gc.get_threshold()[0])
    finally:
        gc.set_threshold(*usual)
    while_starting, afterwards = thresholds
    # A start creates between 100,000 and 200,000 objects that Python counts.
    assert while_starting > 500_000 > 100_000 > afterwards


def test_a_thread_that_computes_hands_over_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    intervals: list[float] = []

    def start(app: MixtuiApp, *, mouse: bool) -> None:
        intervals.append(sys.getswitchinterval())

    monkeypatch.setattr(MixtuiApp, "run", start)
    usual = sys.getswitchinterval()
    sys.setswitchinterval(0.005)
    try:
        run(tmp_path)
    finally:
        sys.setswitchinterval(usual)
    assert intervals[0] < 0.002


async def test_what_can_wait_is_done_in_the_first_pause_of_typing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(tmp_path)
    settle, set_timer = AsyncMock(), Mock()
    monkeypatch.setattr(app, "settle", settle)
    monkeypatch.setattr("mixtui.app._SETTLE_AFTER", 3600.0)
    async with app.run_test() as pilot:
        await pilot.press("a")
        with monkeypatch.context() as patch:
            patch.setattr(app, "set_timer", set_timer)
            await app._settle_in_pause()
        settle.assert_not_called()
        assert 0 < set_timer.call_args.args[0] <= 3600
        monkeypatch.setattr("mixtui.app._SETTLE_AFTER", 0.0)
        await app._settle_in_pause()
        settle.assert_awaited_once()


async def test_a_body_leaves_the_garbage_collector_nothing_to_look_for(
    tmp_path: Path,
) -> None:
    rows = b",\n".join(b'{"id": %d, "tags": ["a", "b"]}' % n for n in range(150_000))
    body = b'{"results": [\n' + rows + b"]}"

    def respond(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=body)

    generations: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            generations.append(info["generation"])

    threshold = gc.get_threshold()
    app = make_app(tmp_path, respond)
    async with app.run_test(size=(120, 40)) as pilot:
        await app.settle()
        gc.callbacks.append(note)
        try:
            await show_draft(pilot, Draft(url="/events"))
            await pilot.press("f5")
            await settled(pilot)
        finally:
            gc.callbacks.remove(note)
            gc.set_threshold(*threshold)
        document = main(pilot).response_pane.view.document
        assert document is not None
        assert document.line_count > 150_000
        # A list of the rows would make 300,000 objects: the middle generation, too.
        assert not {1, 2}.intersection(generations)
