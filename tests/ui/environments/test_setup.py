"""A first environment is set up from credentials alone."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from textual import events
from textual.app import App
from textual.pilot import Pilot

from mixtui.mixpanel.apis import CredentialKind
from mixtui.model.secrets import Secret
from mixtui.storage.environment_store import FileEnvironmentStore
from mixtui.ui.dialogs.dialogs import FilterDialog
from mixtui.ui.environments.form import EnvironmentForm
from mixtui.ui.environments.setup import SetupScreen, SetupState
from mixtui.ui.widgets.choice import CompactSelect
from tests.region_tests import (
    ONE,
    TWO,
    Respond,
    in_eu,
    new_tester,
    reject,
)
from tests.ui.driver import press, screen_text, type_text, wait_for_screen

SIZES = [(80, 24), (40, 12)]


class Host(App[None]):
    """Opens the form, and keeps what it leaves."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.store = FileEnvironmentStore(folder, folder, {}, ())
        self.state: SetupState | None = None
        self.results: list[str | None] = []

    def open(self, tester: Any, used: tuple[str, ...] = ()) -> None:
        screen = SetupScreen(
            self.store, self.state, keep=self.keep, used_names=used, tester=tester
        )
        self.push_screen(screen, self.results.append)

    def keep(self, state: SetupState) -> None:
        self.state = state


@asynccontextmanager
async def opened(
    folder: Path,
    respond: Respond,
    *,
    size: tuple[int, int] = (80, 24),
    used: tuple[str, ...] = (),
) -> AsyncIterator[Pilot[None]]:
    async with new_tester(folder, respond) as tester:
        app = Host(folder)
        async with app.run_test(size=size) as pilot:
            app.open(tester, used)
            await pilot.pause()
            yield pilot


def host(pilot: Pilot[None]) -> Host:
    assert isinstance(pilot.app, Host)
    return pilot.app


def setup(pilot: Pilot[None]) -> SetupScreen:
    return next(s for s in pilot.app.screen_stack if isinstance(s, SetupScreen))


def written(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "environments.toml").read_text())["environments"]


async def sign_in(pilot: Pilot[None]) -> None:
    await type_text(pilot, "ci")
    await pilot.press("enter")
    await type_text(pilot, "s3cret")
    await press(pilot, "enter")


def refuse(request: httpx.Request) -> httpx.Response:
    pytest.fail("sent")


@pytest.mark.parametrize("size", SIZES)
async def test_username_secret_and_three_times_enter_make_an_environment(
    size: tuple[int, int], tmp_path: Path
) -> None:
    async with opened(tmp_path, in_eu(ONE), size=size) as pilot:
        await sign_in(pilot)
        assert "2 of 3" in screen_text(pilot.app)
        assert setup(pilot).state.found.startswith("The service account ci works in eu")
        await press(pilot, "enter")
        assert host(pilot).results == ["shop"]
    assert written(tmp_path) == {
        "shop": {
            "region": "eu",
            "project_id": "8",
            "organization_id": "5",
            "confirm_writes": True,
            "credentials": {"service_account": {"username": "ci"}},
        }
    }
    assert "s3cret" in (tmp_path / "credentials.toml").read_text()


async def test_a_project_in_production_is_proposed_as_read_only(
    tmp_path: Path,
) -> None:
    live = {"8": {"id": 8, "name": "Shop LIVE"}}
    async with opened(tmp_path, in_eu(live)) as pilot:
        await sign_in(pilot)
        await press(pilot, "enter")
    assert written(tmp_path)["shop-live"]["read_only"] is True


async def test_one_of_many_projects_is_found_by_typing(tmp_path: Path) -> None:
    many = {str(n): {"id": n, "name": f"Team {n:03}"} for n in range(1, 400)}
    async with opened(tmp_path, in_eu(many), size=(40, 12)) as pilot:
        await type_text(pilot, "ci")
        await pilot.press("enter")
        await type_text(pilot, "s3cret")
        await pilot.press("enter")
        await wait_for_screen(pilot, FilterDialog)
        assert "Choose a project (399)" in screen_text(pilot.app)
        await type_text(pilot, "team 321")
        await press(pilot, "enter")
        await press(pilot, "enter")
    assert written(tmp_path)["team-321"]["project_id"] == "321"


async def test_a_name_that_is_taken_is_not_proposed(tmp_path: Path) -> None:
    async with opened(tmp_path, in_eu(ONE), used=("shop",)) as pilot:
        await sign_in(pilot)
        await press(pilot, "enter")
        assert host(pilot).results == ["shop-2"]


async def test_rejected_credentials_are_reported_and_can_be_corrected(
    tmp_path: Path,
) -> None:
    asked: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["authorization"])
        return reject(request) if len(asked) <= 3 else in_eu(ONE)(request)

    async with opened(tmp_path, respond) as pilot:
        await sign_in(pilot)
        text = " ".join(screen_text(pilot.app).split())
        assert "Mixpanel rejected the service account ci (us 401, eu 401, in" in text
        assert "1 of 3" in text
        await type_text(pilot, "2")
        await press(pilot, "enter")
        assert "2 of 3" in screen_text(pilot.app)
    assert len(asked) == 6


async def test_an_environment_can_be_saved_without_a_test(tmp_path: Path) -> None:
    def offline(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no network")

    async with opened(tmp_path, offline) as pilot:
        await sign_in(pilot)
        assert "1 of 3" in screen_text(pilot.app)
        await press(pilot, "ctrl+s")
        assert "2 of 3" in screen_text(pilot.app)
        await type_text(pilot, "7")
        await press(pilot, "ctrl+s")
        assert "Choose the project's region" in screen_text(pilot.app)
        setup(pilot).fields.select("region").focus()
        await press(pilot, "i")
        await press(pilot, "ctrl+s")
        assert host(pilot).results == ["mixpanel"]
    assert written(tmp_path)["mixpanel"]["region"] == "in"


async def test_a_project_token_needs_a_region_and_is_not_tested(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path, refuse) as pilot:
        setup(pilot).fields.select("kind").choose(CredentialKind.PROJECT_TOKEN)
        await pilot.pause()
        setup(pilot).fields.go_to("project_token")
        await type_text(pilot, "t0ken")
        await press(pilot, "enter")
        assert "Mixpanel accepts any project token" in screen_text(pilot.app)
        assert isinstance(pilot.app.focused, CompactSelect)
        await pilot.press("e")
        await press(pilot, "enter")
    assert written(tmp_path)["mixpanel"] == {
        "region": "eu",
        "confirm_writes": True,
        "credentials": {"project_token": "t0ken"},
    }


@pytest.mark.parametrize("size", SIZES)
async def test_nothing_typed_is_lost_when_it_is_left(
    size: tuple[int, int], tmp_path: Path
) -> None:
    async with new_tester(tmp_path, in_eu(TWO)) as tester:
        app = Host(tmp_path)
        async with app.run_test(size=size) as pilot:
            app.open(tester)
            await pilot.pause()
            await type_text(pilot, "ci")
            await pilot.press("enter")
            await type_text(pilot, "s3cret")
            await pilot.press("enter")
            await wait_for_screen(pilot, FilterDialog)
            await pilot.press("escape")
            await pilot.pause()
            await press(pilot, "escape")
            assert app.results == [None]
            app.open(tester)
            await pilot.pause()
            draft = setup(pilot).state.draft
            assert draft.username == "ci"
            assert draft.service_account.typed == Secret("s3cret")
            assert "2 of 3" in screen_text(app), "it was tested already"
            setup(pilot).fields.text("project_id").value = "9"
            await press(pilot, "ctrl+s")
            assert app.results == [None, "mixpanel"]
            assert app.state == SetupState(), "a secret that was saved is not kept"
    assert not list(tmp_path.glob("*.tmp"))


async def test_all_fields_go_on_with_what_was_typed(tmp_path: Path) -> None:
    async with opened(tmp_path, in_eu(ONE)) as pilot:
        await sign_in(pilot)
        await press(pilot, "f2")
        form = pilot.app.screen
        assert isinstance(form, EnvironmentForm)
        assert form.fields.draft.project_id == "8"
        await press(pilot, "ctrl+s")
        assert host(pilot).results == ["shop"]
    assert "s3cret" in (tmp_path / "credentials.toml").read_text()


async def test_an_account_without_projects_is_tested_again_by_a_key(
    tmp_path: Path,
) -> None:
    projects: dict[str, object] = {}

    def respond(request: httpx.Request) -> httpx.Response:
        return in_eu(projects)(request)

    async with opened(tmp_path, respond) as pilot:
        await sign_in(pilot)
        assert "It has no project yet" in screen_text(pilot.app)
        assert pilot.app.focused is setup(pilot).fields.text("project_id")
        projects |= ONE
        await press(pilot, "f5")
        assert setup(pilot).state.draft.project_id == "8"
        assert setup(pilot).state.draft.name == "shop"


@pytest.mark.parametrize("size", SIZES)
async def test_the_secret_is_never_shown(size: tuple[int, int], tmp_path: Path) -> None:
    async with opened(tmp_path, reject, size=size) as pilot:
        await sign_in(pilot)
        assert "s3cret" not in screen_text(pilot.app)
        assert "s3cret" not in repr(setup(pilot).state)


async def test_username_and_secret_are_pasted_at_once(tmp_path: Path) -> None:
    async with opened(tmp_path, in_eu(ONE)) as pilot:
        pilot.app.post_message(events.Paste("ci.mp-service-account\ns3cret\n"))
        await pilot.pause()
        draft = setup(pilot).state.draft
        assert draft.username == "ci.mp-service-account"
        assert draft.service_account.typed == Secret("s3cret")
        assert "s3cret" not in screen_text(pilot.app)
        await press(pilot, "enter")
        assert "2 of 3" in screen_text(pilot.app)
