"""What the app does once its first screen is shown."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

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
