"""From a first start to a first request, with the project of somebody who reads nothing."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from mixtui.app import MixtuiApp
from mixtui.client.client import Client
from mixtui.model.environment import NO_ENVIRONMENT
from mixtui.model.secrets import Secret
from mixtui.sandbox.data import identity
from mixtui.sandbox.server import RunningSandbox
from mixtui.session import open_session
from mixtui.storage.collection import Collection
from mixtui.storage.starter_collection import starter_requests
from mixtui.ui.dialogs.dialogs import ChoiceDialog, ConfirmDialog, FilterDialog
from mixtui.ui.environments.setup import SetupScreen
from mixtui.ui.response.state import Received
from tests.as_mixpanel import SandboxAsMixpanel
from tests.ui.app import main, settled
from tests.ui.driver import (
    post_keys,
    screen_text,
    type_text,
    wait_for_screen,
    wait_for_workers,
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folders of somebody new."""
    for name in [n for n in os.environ if n.startswith(("MP_", "MIX"))]:
        monkeypatch.delenv(name)
    for name in ("CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@asynccontextmanager
async def started(
    origin: str = "http://127.0.0.1:1",
    size: tuple[int, int] = (80, 24),
    sandbox: str = "",
) -> AsyncIterator[Pilot[int]]:
    session = open_session(variables={}, lenient=True, sandbox=sandbox)
    transport = SandboxAsMixpanel(origin)
    app = MixtuiApp(session, lambda: Client(session.secrets, transport=transport))
    async with app.run_test(size=size) as pilot:
        yield pilot


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_a_first_start_leads_to_a_response_of_ones_own_project(
    home: Path, sandbox: RunningSandbox, size: tuple[int, int]
) -> None:
    async with started(sandbox.origin, size) as pilot:
        await wait_for_screen(pilot, SetupScreen)
        await type_text(pilot, identity.SERVICE_ACCOUNT)
        await pilot.press("enter")
        await type_text(pilot, identity.SECRET)
        await pilot.press("enter")
        await wait_for_screen(pilot, FilterDialog)
        await pilot.press("enter")
        await wait_for_screen(pilot, SetupScreen)
        await pilot.press("enter")
        await wait_for_screen(pilot, ChoiceDialog)
        assert main(pilot).environment.name == "sandbox-shop"
        await pilot.press("enter")
        await wait_for_workers(pilot)
        assert main(pilot).draft.name == "Event names"
        assert not main(pilot).collection.unsaved
        await pilot.press("f5")
        await settled(pilot)
        state = main(pilot).slot.state
        assert isinstance(state, Received)
        assert state.exchange.response.status == 200
    requests = Collection(home / "data" / "mixtui" / "collection").scan()
    assert len(requests.all_requests()) == len(starter_requests())


async def test_leaving_it_says_nothing_again_and_keeps_what_was_typed(
    home: Path,
) -> None:
    async with started() as pilot:
        await wait_for_screen(pilot, SetupScreen)
        await type_text(pilot, "ci")
        await pilot.press("escape")
        await pilot.pause()
        assert len(pilot.app.screen_stack) == 1
        assert main(pilot).environment is NO_ENVIRONMENT
        main(pilot).action_set_up()
        await wait_for_screen(pilot, SetupScreen)
        screen = pilot.app.screen
        assert isinstance(screen, SetupScreen)
        assert screen.state.draft.username == "ci"
    async with started() as pilot:
        await wait_for_workers(pilot)
        assert len(pilot.app.screen_stack) == 1


async def test_what_is_typed_before_the_form_is_open_is_typed_into_it(
    home: Path,
) -> None:
    async with started() as pilot:
        post_keys(pilot.app, *"ci", "enter", *"s3")
        await wait_for_screen(pilot, SetupScreen)
        await pilot.pause()
        screen = pilot.app.screen
        assert isinstance(screen, SetupScreen)
        assert screen.state.draft.username == "ci"
        assert screen.state.draft.service_account.typed == Secret("s3")
        assert main(pilot).draft.url == ""


async def test_nobody_is_asked_who_uses_the_sandbox_or_has_an_environment(
    home: Path, sandbox: RunningSandbox
) -> None:
    async with started(sandbox=sandbox.origin) as pilot:
        await wait_for_workers(pilot)
        assert len(pilot.app.screen_stack) == 1
    config = home / "config" / "mixtui"
    config.mkdir(parents=True, exist_ok=True)
    (config / "environments.toml").write_text("[environments.a\n")
    async with started() as pilot:
        await wait_for_workers(pilot)
        assert len(pilot.app.screen_stack) == 1, "a broken file is reported instead"


async def test_a_collection_with_requests_gets_none_and_a_token_sends_an_event(
    home: Path,
) -> None:
    (home / "mixtui.toml").touch()
    (home / "mine.toml").write_text('name = "Mine"\n')
    async with started() as pilot:
        await wait_for_screen(pilot, SetupScreen)
        screen = pilot.app.screen
        assert isinstance(screen, SetupScreen)
        screen.fields.select("kind").choose("project_token")
        await pilot.pause()
        screen.fields.go_to("project_token")
        await type_text(pilot, "t0ken")
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("e")
        await pilot.pause()
        await pilot.press("enter")
        await wait_for_screen(pilot, ChoiceDialog)
        assert "starter" not in screen_text(pilot.app)
        await pilot.press("enter")
        await wait_for_workers(pilot)
        assert main(pilot).draft.name == "Track a test event"
    assert sorted(path.name for path in home.glob("*.toml")) == [
        "mine.toml",
        "mixtui.toml",
    ]


async def test_an_environment_of_the_f9_screen_is_used_at_once(
    home: Path, sandbox: RunningSandbox
) -> None:
    async with started(sandbox.origin) as pilot:
        await wait_for_screen(pilot, SetupScreen)
        await pilot.press("escape", "f9")
        await pilot.pause()
        await pilot.press("a")
        await wait_for_screen(pilot, SetupScreen)
        await pilot.press("f2")
        await pilot.pause()
        await pilot.press(*"mine", "ctrl+s")
        await wait_for_screen(pilot, ChoiceDialog)
        assert main(pilot).environment.name == "mine"
        await pilot.press("escape")
        await wait_for_workers(pilot)
        assert len(pilot.app.screen_stack) == 1
        assert not (home / "data" / "mixtui" / "collection").exists()


async def test_starter_requests_are_added_from_the_palette_and_never_twice(
    home: Path,
) -> None:
    async with started() as pilot:
        await wait_for_screen(pilot, SetupScreen)
        await pilot.press("escape")
        await pilot.pause()
        for _ in range(2):
            main(pilot).action_add_starters()
            await wait_for_screen(pilot, ConfirmDialog)
            await pilot.press("enter")
            await wait_for_workers(pilot)
        notices = [notice.message for notice in pilot.app._notifications]
        count = len(starter_requests())
        assert any(f"Added {count} starter requests" in each for each in notices)
        assert any("Nothing was added." in each for each in notices)
        titles = dict(main(pilot).saved_requests.titles())
        assert len(titles) == count
