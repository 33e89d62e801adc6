"""Commands of the main screen that open a dialog."""

from __future__ import annotations

from pathlib import Path

import pytest

from mixtui.ui.dialogs.dialogs import ChoiceDialog
from tests.ui.app import main, make_app
from tests.ui.driver import press, screen_text, wait_for_screen


@pytest.mark.parametrize(
    ("keys", "name"),
    [(["2"], "careful"), (["down", "enter"], "careful"), (["escape"], "prod")],
)
async def test_an_environment_is_chosen_by_its_number(
    keys: list[str], name: str, tmp_path: Path
) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        await pilot.pause()
        main(pilot).action_choose_environment()
        await wait_for_screen(pilot, ChoiceDialog)
        text = screen_text(pilot.app)
        assert "1  prod  us · project 1234567 · LIVE: writes are real" in text
        assert "2  careful  us · project 1234567 · read-only" in text
        await press(pilot, *keys)
        assert main(pilot).environment.name == name
