"""Nothing that the app writes holds a secret."""

from __future__ import annotations

import base64
from pathlib import Path

from textual.pilot import Pilot

from mixtui.model.draft import Draft, Pair
from tests.ui.app import SECRET, main, make_app, settled
from tests.ui.driver import type_text


async def test_no_file_that_the_app_writes_holds_a_secret(tmp_path: Path) -> None:
    pair = f"ci.mp-service-account:{SECRET}".encode()
    hidden = (SECRET.encode(), base64.b64encode(pair))
    async with make_app(tmp_path).run_test() as pilot:
        screen = main(pilot)
        screen.draft = Draft(url="/query/events", query=(Pair("a", "{{today}}"),))
        await pilot.press("f5")
        await settled(pilot)
        await screen.autosave.store()
        await pilot.press("ctrl+s")
        await pilot.pause()
        await type_text(pilot, "Saved")
        await pilot.press("enter")
        await pilot.pause()
        await choose_light_theme(pilot)
        picture = pilot.app.export_screenshot()
        assert "Saved" in picture
        assert SECRET not in picture
        assert SECRET not in repr(screen.response)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    written = {path.name for path in files}
    assert {"config.toml"} <= written
    assert any(name.endswith(".toml") for name in written - {"config.toml"})
    for path in files:
        content = path.read_bytes()
        assert not any(secret in content for secret in hidden), path


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
