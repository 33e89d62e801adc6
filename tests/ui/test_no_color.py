from __future__ import annotations

from pathlib import Path

import pytest

from mixtui.ui.themes import NO_COLORS
from tests.ui import screens
from tests.ui.app import make_app
from tests.ui.no_color import segments


async def test_no_color_selects_the_theme_without_colors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with make_app(tmp_path, theme="fjord").run_test() as pilot:
        assert pilot.app.theme == NO_COLORS
        assert list(pilot.app.available_themes) == [NO_COLORS]


async def test_the_theme_without_colors_looks_as_with_no_color(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []
    for variable in ("NO_COLOR", "ANOTHER"):
        monkeypatch.setenv(variable, "1")
        app = make_app(tmp_path, theme=NO_COLORS)
        async with app.run_test(size=screens.SIZE) as pilot:
            await pilot.pause()
            looks.append(
                [
                    (text, style.reverse, style.bold, style.underline)
                    for text, style in segments(app)
                ]
            )
            assert not any(s.color and not s.color.is_default for _, s in segments(app))
        monkeypatch.delenv(variable, raising=False)
    assert looks[0] == looks[1]
