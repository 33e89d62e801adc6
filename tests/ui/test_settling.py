"""What the app does once its first screen is shown."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import AsyncMock, Mock

import pytest

from tests.ui.app import make_app


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
