"""The form tests what was typed, and fills in what Mixpanel knows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from textual.app import App
from textual.pilot import Pilot

from mixtui.mixpanel.apis import Region
from mixtui.model.secrets import Secret
from mixtui.storage.environment_store import FileEnvironmentStore
from mixtui.ui.dialogs.dialogs import FilterDialog
from mixtui.ui.environments.draft import EnvironmentDraft, SecretDraft, SecretKind
from mixtui.ui.environments.form import EnvironmentForm
from tests.region_tests import ONE, TWO, Respond, in_eu, new_tester, reject
from tests.ui.driver import press, static_text, wait_for_screen

TYPED = SecretDraft(SecretKind.TYPED, typed=Secret("s3cret"))
DRAFT = EnvironmentDraft(username="ci", service_account=TYPED)


@asynccontextmanager
async def opened(
    folder: Path,
    respond: Respond,
    draft: EnvironmentDraft = DRAFT,
) -> AsyncIterator[Pilot[None]]:
    async with new_tester(folder, respond) as tester:
        store = FileEnvironmentStore(folder, folder, {}, ())
        form = EnvironmentForm(store, draft, old=None, used_names=(), tester=tester)
        app: App[None] = App()
        async with app.run_test(size=(100, 40)) as pilot:
            app.push_screen(form)
            await pilot.pause()
            yield pilot


def form(pilot: Pilot[None]) -> EnvironmentForm:
    screen = next(s for s in pilot.app.screen_stack if isinstance(s, EnvironmentForm))
    return screen


def note(pilot: Pilot[None]) -> str:
    return " ".join(static_text(pilot, "#say").split())


async def test_region_and_the_only_project_are_filled_in(tmp_path: Path) -> None:
    async with opened(tmp_path, in_eu(ONE)) as pilot:
        await press(pilot, "f5")
        draft = form(pilot).fields.draft
        assert (draft.region, draft.project_id) == (Region.EU, "8")
        assert (draft.name, draft.organization_id) == ("shop", "5")
        assert note(pilot).startswith("The service account ci works in eu (us 401")
        assert note(pilot).endswith("The region is now eu.")
        assert not form(pilot).note.has_class("-error")


async def test_one_of_several_projects_is_chosen_by_typing(tmp_path: Path) -> None:
    async with opened(tmp_path, in_eu(TWO)) as pilot:
        await pilot.press("f5")
        await wait_for_screen(pilot, FilterDialog)
        await pilot.press(*"dev")
        await press(pilot, "enter")
        draft = form(pilot).fields.draft
        assert (draft.project_id, draft.name) == ("9", "shop-dev")
        assert draft.region is Region.EU


async def test_a_project_that_the_account_cannot_access_is_kept_and_reported(
    tmp_path: Path,
) -> None:
    draft = EnvironmentDraft(
        "mine", project_id="7", username="ci", service_account=TYPED
    )
    async with opened(tmp_path, in_eu(TWO), draft) as pilot:
        await press(pilot, "f5")
        assert form(pilot).fields.draft.project_id == "7"
        assert form(pilot).note.has_class("-error")
        assert "cannot access the project 7, but Shop (8), Shop (dev) (9)." in note(
            pilot
        )


async def test_rejected_credentials_change_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path, reject) as pilot:
        before = form(pilot).fields.draft
        await press(pilot, "f5")
        assert form(pilot).fields.draft == before
        assert note(pilot).startswith("Mixpanel rejected the service account ci")
        assert form(pilot).note.has_class("-error")


@pytest.mark.parametrize(
    ("draft", "sentence"),
    [
        (EnvironmentDraft(), "Nothing to test yet"),
        (EnvironmentDraft(project_token="t"), "Mixpanel accepts any project token"),
        (EnvironmentDraft(username="ci"), "Enter the secret"),
    ],
)
async def test_nothing_is_sent_where_nothing_can_be_tested(
    draft: EnvironmentDraft, sentence: str, tmp_path: Path
) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        pytest.fail("sent")

    async with opened(tmp_path, refuse, draft) as pilot:
        await press(pilot, "f5")
        assert note(pilot).startswith(sentence)


async def test_a_secret_that_cannot_be_read_is_reported_with_its_source(
    tmp_path: Path,
) -> None:
    draft = EnvironmentDraft(
        username="ci",
        service_account=TYPED,
        oauth_token=SecretDraft(SecretKind.VARIABLE, "NOT_THERE"),
    )
    async with opened(tmp_path, in_eu(ONE), draft) as pilot:
        await press(pilot, "f5")
        assert "The environment variable NOT_THERE is not set" in note(pilot)
        assert form(pilot).fields.draft.project_id == "8"
