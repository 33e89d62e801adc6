from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from mixtui.app import MixtuiApp
from mixtui.ui.themes import DEFAULT
from tests.ui.app import make_app

GOOD = 'primary = "red"\n[variables]\nborder = "#ff0000"\n'
BETTER = 'primary = "red"\n[variables]\nborder = "#00ff00"\n'
BROKEN = 'primary = "orangee"\n'


def save(root: Path, text: str, name: str = "mine") -> None:
    path = root / "config" / "themes" / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture(autouse=True)
def no_settling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mixtui.ui.theme_files.SETTLING", 0)


async def look(pilot: Pilot[int]) -> str:
    """Let the app load the themes again; return the color that it shows."""
    assert isinstance(pilot.app, MixtuiApp)
    await pilot.app.theme_files.load()
    await pilot.pause()
    return pilot.app.theme_variables["border"]


def notices(pilot: Pilot[int]) -> list[str]:
    return [each.message for each in pilot.app._notifications]


async def test_a_theme_is_shown_anew_when_it_is_saved(tmp_path: Path) -> None:
    save(tmp_path, GOOD)
    async with make_app(tmp_path, theme="mine").run_test() as pilot:
        assert await look(pilot) == "#ff0000"
        save(tmp_path, BETTER)
        assert await look(pilot) == "#00ff00"
        assert notices(pilot) == []


async def test_a_broken_theme_is_reported_once_and_the_last_one_stays(
    tmp_path: Path,
) -> None:
    save(tmp_path, GOOD)
    async with make_app(tmp_path, theme="mine").run_test() as pilot:
        save(tmp_path, BROKEN)
        for _ in range(3):
            assert await look(pilot) == "#ff0000"
        (notice,) = notices(pilot)
        assert "mine.toml, line 1: primary = 'orangee' is not a color" in notice
        assert "Did you mean orange?" in notice
        save(tmp_path, BETTER)
        assert await look(pilot) == "#00ff00"


async def test_a_theme_broken_at_the_start_is_shown_when_it_is_corrected(
    tmp_path: Path,
) -> None:
    save(tmp_path, BROKEN)
    async with make_app(tmp_path, theme="mine").run_test() as pilot:
        await look(pilot)
        assert pilot.app.theme == DEFAULT
        assert len(notices(pilot)) == 1
        save(tmp_path, GOOD)
        assert await look(pilot) == "#ff0000"
        assert pilot.app.theme == "mine"


async def test_a_new_theme_can_be_chosen_and_is_followed(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        save(tmp_path, GOOD)
        await look(pilot)
        assert pilot.app.theme == DEFAULT
        pilot.app.theme = "mine"
        save(tmp_path, BETTER)
        assert await look(pilot) == "#00ff00"


async def test_a_theme_that_is_half_written_is_read_again_before_it_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path, GOOD)

    async def finish(seconds: float) -> None:
        save(tmp_path, BETTER)

    async with make_app(tmp_path, theme="mine").run_test() as pilot:
        save(tmp_path, BETTER[:20])
        monkeypatch.setattr("mixtui.ui.theme_files.asyncio.sleep", finish)
        await pilot.app.theme_files.load()  # type: ignore[attr-defined]
        monkeypatch.undo()
        await pilot.pause()
        assert pilot.app.theme_variables["border"] == "#00ff00"
        assert notices(pilot) == []
