"""The theme that the settings or a person choose."""

from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from tests.ui.app import main, make_app, settled
from tests.ui.driver import type_text


async def test_a_misspelt_theme_is_reported_with_the_right_name(tmp_path: Path) -> None:
    app = make_app(tmp_path, theme="mixtui-ligth")
    async with app.run_test() as pilot:
        await pilot.pause()
        (notice,) = app._notifications
        assert notice.message.endswith("Did you mean mixtui-light?")


async def test_an_unknown_theme_is_reported_and_one_that_is_chosen_is_stored(
    tmp_path: Path,
) -> None:
    app = make_app(tmp_path, theme="nope")
    async with app.run_test() as pilot:
        await pilot.pause()
        (notice,) = app._notifications
        assert "No theme is named “nope”" in notice.message
        assert app.theme == "mixtui-dark", "the usual one is used"
        config = tmp_path / "config" / "config.toml"
        assert not config.exists(), "nobody has chosen it"
        await choose_light_theme(pilot)
    assert 'theme = "mixtui-light"' in config.read_text()


async def choose_light_theme(pilot: Pilot[int]) -> None:
    main(pilot).action_choose_theme()
    await settled(pilot)
    await type_text(pilot, "mixtui-light")
    await pilot.press("enter")
    await settled(pilot)
