"""The app without a folder that it can write to."""

from __future__ import annotations

from pathlib import Path

import pytest

from mixtui.model.draft import Draft
from mixtui.ui.response.state import Received
from tests.ui.app import main, make_app, settled
from tests.ui.driver import screen_text, wait_until

DRAFT = Draft(url="/query/events/names?type=general")


@pytest.mark.parametrize("name", ["CONFIG", "DATA", "STATE", "CACHE"])
async def test_the_app_sends_without_a_folder_and_loses_nothing_typed(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x")
    monkeypatch.setenv(f"XDG_{name}_HOME", str(file / "folder"))
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        screen = main(pilot)
        screen.draft = DRAFT
        await pilot.press("f5")
        await settled(pilot)
        await wait_until(pilot, lambda: isinstance(screen.response, Received))
        assert screen.draft == DRAFT
        assert "Internal error" not in screen_text(pilot.app)
        await pilot.press("ctrl+l", "end", "x")
        assert screen.draft.url.endswith("x")
    assert file.read_bytes() == b"x"


async def test_a_collection_that_cannot_be_written_keeps_what_was_typed(
    tmp_path: Path,
) -> None:
    (tmp_path / "requests").write_bytes(b"x")
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        screen = main(pilot)
        screen.draft = DRAFT
        await pilot.press("ctrl+s")
        await pilot.pause()
        await pilot.press("A", "enter")
        await wait_until(pilot, lambda: "requests" in screen_text(pilot.app))
        await settled(pilot)
        await pilot.press("escape")
        assert screen.draft.url == DRAFT.url
        assert "Internal error" not in screen_text(pilot.app)
    assert (tmp_path / "requests").read_bytes() == b"x"
