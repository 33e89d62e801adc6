"""«Copy as…»."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from mixtui.model.draft import Draft, Method, Pair
from mixtui.ui.dialogs.dialogs import ChoiceDialog
from tests.ui.app import SECRET, main, make_app
from tests.ui.main.test_paste_import import said, toasts

EVENTS = Draft(url="/query/events", query=(Pair("event", "it's"),))


async def copied(pilot: Pilot[int], draft: Draft, *keys: str) -> str:
    main(pilot).draft = draft
    await pilot.press("ctrl+backslash")
    await said(pilot)
    for key in keys:
        await pilot.press(key)
        await said(pilot)
    return pilot.app.clipboard


@pytest.mark.parametrize(
    ("key", "begins"),
    [("c", "curl 'https://"), ("h", "http GET 'https://"), ("p", "# Set S: ")],
)
async def test_the_request_is_copied_for_a_program(
    tmp_path: Path, key: str, begins: str
) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        text = await copied(pilot, EVENTS, key)
        assert text.startswith(begins)
        assert "project_id=1234567" in text
        assert SECRET not in text
        assert "was copied" in toasts(pilot)
        assert "Set S: the secret of the service account" in toasts(pilot)


async def test_secrets_are_copied_only_when_asked_for(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        text = await copied(pilot, EVENTS, "s", "c")
        assert f"ci.mp-service-account:{SECRET}" in text
        assert SECRET not in toasts(pilot)


async def test_escape_copies_nothing(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        assert await copied(pilot, EVENTS, "escape") == ""
        assert await copied(pilot, EVENTS, "s", "escape") == ""


async def test_what_cannot_be_sent_is_not_copied(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        assert await copied(pilot, Draft(url="/x/{{nothing}}")) == ""
        assert not isinstance(pilot.app.screen, ChoiceDialog)
        assert "{{nothing}}" in toasts(pilot)


async def test_a_read_only_environment_does_not_stop_it(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        screen = main(pilot)
        screen.switch_environment(screen.session.environments.all[1])
        draft = Draft(method=Method.POST, url="/app/projects/1/annotations")
        assert (await copied(pilot, draft, "c")).startswith("curl -X POST")
