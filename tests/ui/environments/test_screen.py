from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input, Static, TextArea

from mixtui.model.environment import Environment
from mixtui.model.errors import StorageError
from mixtui.model.secrets import REDACTED, Secret
from mixtui.storage.credentials import StoredCredentials
from mixtui.storage.environment_store import FileEnvironmentStore
from mixtui.ui.dialogs.dialogs import ChoiceDialog, ConfirmDialog
from mixtui.ui.diff.text_diff import TextDiffView
from mixtui.ui.environments.form import EnvironmentForm
from mixtui.ui.environments.screen import EnvironmentList, EnvironmentsScreen, SetUp
from mixtui.ui.environments.setup import SetupScreen
from mixtui.ui.widgets.choice import CompactSelect
from tests.ui.driver import type_text, wait_until, widget_lines

NOTHING = object()
FILE = """\
default = "prod-eu"
# mine
[environments.prod-eu]
region = "eu"
project_id = "1234567"
confirm_writes = true
[environments.prod-eu.credentials]
project_token = "abc"
service_account = { username = "ci", secret = { env = "CI_SECRET" } }
[environments.prod-eu.hosts]
ingestion = "https://events.example.com"
[environments.staging]
project_id = "7"
read_only = true
[environments.staging.credentials]
service_account = { username = "stage" }
"""
SECRET = "s3cret of staging"


class Full(FileEnvironmentStore):
    """A store on a full disk."""

    def save(
        self,
        environment: Environment,
        old: Environment | None,
        secrets: Mapping[str, Secret],
        *,
        overwrite: bool = False,
    ) -> None:
        raise StorageError(Path(), "The disk is full: free some space and save again.")


class Host(App[None]):
    """Opens the screen and keeps its result."""

    def __init__(self, store: FileEnvironmentStore, current: str) -> None:
        super().__init__()
        self.store = store
        self.current = current
        self.result: object = NOTHING

    def on_mount(self) -> None:
        self.push_screen(EnvironmentsScreen(self.store, self.current), self.done)

    def done(self, result: object) -> None:
        self.result = result


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "environments.toml").write_text(FILE)
    StoredCredentials(tmp_path / "credentials.toml").set(
        "staging", "service_account", Secret(SECRET)
    )
    collection = tmp_path / "collection"
    collection.mkdir()
    (collection / "mixtui.toml").write_text('[environments.shared]\nregion = "in"\n')
    return tmp_path


@asynccontextmanager
async def opened(
    folder: Path,
    current: str = "prod-eu",
    *,
    size: tuple[int, int] = (120, 40),
    kind: type[FileEnvironmentStore] = FileEnvironmentStore,
) -> AsyncIterator[Pilot[None]]:
    extra = (Environment("sandbox", origin="the sandbox"),)
    store = kind(folder, folder / "collection", {"MIXPANEL_TOKEN": "t"}, extra)
    app = Host(store, current)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield pilot


def host(pilot: Pilot[None]) -> Host:
    assert isinstance(pilot.app, Host)
    return pilot.app


def screen_text(pilot: Pilot[None]) -> str:
    texts = pilot.app.screen.query(Static)
    return "\n".join(str(each.render()) for each in texts if each.display)


def note(pilot: Pilot[None]) -> str:
    return str(pilot.app.screen.query_one("#say", Static).render())


def written(folder: Path) -> str:
    return (folder / "environments.toml").read_text()


async def test_enter_switches_to_the_one_under_the_cursor(folder: Path) -> None:
    async with opened(folder) as pilot:
        await pilot.press("down", "enter")
        await pilot.pause()
        assert host(pilot).result == "staging"


@pytest.mark.parametrize("key", ["escape", "f9"])
async def test_going_back_changes_nothing(folder: Path, key: str) -> None:
    async with opened(folder) as pilot:
        await pilot.press("down", key)
        await pilot.pause()
        assert host(pilot).result is None
    assert written(folder) == FILE


async def test_the_details_show_everything_but_secrets(folder: Path) -> None:
    async with opened(folder) as pilot:
        text = screen_text(pilot)
        for text_part in (
            "European Union",
            "1234567",
            "confirms writes",
            f"{REDACTED} from the environment variable CI_SECRET",
            "not set",
            "ingestion → https://events.example.com",
            "environments.toml",
        ):
            assert text_part in text
        await pilot.press("down")
        await pilot.pause()
        assert f"{REDACTED} in credentials.toml" in screen_text(pilot)
        assert "read-only" in screen_text(pilot)
        assert SECRET not in pilot.app.export_screenshot()


async def test_adding_one_asks_only_for_what_is_needed(folder: Path) -> None:
    async with opened(folder) as pilot:
        await pilot.press("a", "f2", *"qa", "tab", "e", "tab", *"42")
        await pilot.press("ctrl+s")
        await pilot.pause()
        stored = host(pilot).store.load().get("qa")
        assert stored is not None
        assert (stored.region, stored.project_id) == ("eu", "42")
        assert stored.confirm_writes
        assert stored.history
        assert host(pilot).result == SetUp("qa")
    assert written(folder).startswith(FILE.rstrip("\n"))


async def test_a_typed_secret_is_masked_and_kept_for_its_owner(folder: Path) -> None:
    typed = "hush-hush-1"
    async with opened(folder, "staging") as pilot:
        await pilot.press("e")
        await pilot.pause()
        form = pilot.app.screen
        form.query_one("#service_account SecretField").focus()
        await type_text(pilot, typed)
        assert "•" * len(typed) in pilot.app.export_screenshot()
        assert typed not in pilot.app.export_screenshot()
        await pilot.press("shift+home", "ctrl+c", "ctrl+x")
        assert pilot.app.clipboard == ""
        await type_text(pilot, typed)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert note(pilot) == "Saved staging."
    stored = StoredCredentials(folder / "credentials.toml")
    assert stored.get("staging", "service_account") == typed
    assert written(folder) == FILE


async def test_no_message_carries_a_typed_secret(folder: Path) -> None:
    messages: list[str] = []
    app = Host(FileEnvironmentStore(folder, None, {}), "staging")
    hook = messages.append
    async with app.run_test(message_hook=lambda m: hook(repr(m))) as pilot:
        await pilot.press("e")
        await pilot.pause()
        app.screen.query_one("#service_account SecretField").focus()
        await pilot.press(*"hush", "enter", "tab", "ctrl+s")
        await pilot.pause()
    assert messages
    assert not [message for message in messages if "hush" in message]


async def test_a_kept_secret_stays_when_nothing_is_typed(folder: Path) -> None:
    async with opened(folder, "staging") as pilot:
        await pilot.press("e", "end", "2", "ctrl+s")
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        # The one in use got another name: that is what to use now.
        assert host(pilot).result == "staging2"
    stored = StoredCredentials(folder / "credentials.toml")
    assert stored.get("staging2", "service_account") == SECRET
    assert stored.get("staging", "service_account") is None


async def test_nothing_typed_is_lost_when_it_cannot_be_saved(folder: Path) -> None:
    async with opened(folder, kind=Full) as pilot:
        await pilot.press("a", "f2", *"qa", "ctrl+s")
        await pilot.pause()
        assert note(pilot).startswith("The disk is full")
        assert pilot.app.screen.query_one("#name", Input).value == "qa"


@pytest.mark.parametrize(
    ("answer", "project", "is_left"),
    [("m", "12345679", True), ("f", "5", True), ("c", "5", False)],
)
async def test_a_change_made_elsewhere_is_asked_about_when_the_form_is_saved(
    folder: Path, answer: str, project: str, is_left: bool
) -> None:
    async with opened(folder) as pilot:
        await pilot.press("e")
        await pilot.pause()
        other = FileEnvironmentStore(folder, None, {})
        old = other.load().get("prod-eu")
        assert old is not None
        other.save(replace(old, project_id="5"), old, {})
        await pilot.press("tab", "tab", "end", "9", "ctrl+s")
        await pilot.pause()
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ChoiceDialog))
        await pilot.pause()
        assert "prod-eu was changed on disk" in screen_text(pilot)
        difference = pilot.app.screen.query_one(TextDiffView)
        lines = [line.split()[-3:] for line in widget_lines(difference)]
        assert ["-project_id", "=", '"5"'] in lines
        assert ["+project_id", "=", '"12345679"'] in lines
        await pilot.press(answer)
        await pilot.pause()
        assert isinstance(pilot.app.screen, EnvironmentsScreen) is is_left
        saved = other.load().get("prod-eu")
        assert saved is not None
        assert saved.project_id == project


async def test_errors_are_reported_while_typing_and_prevent_saving(
    folder: Path,
) -> None:
    async with opened(folder) as pilot:
        await pilot.press("a", "f2")
        await pilot.pause()
        assert "Enter a name" not in screen_text(pilot)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "Enter a name" in screen_text(pilot)
        await type_text(pilot, "staging")
        assert "The environment staging already exists" in screen_text(pilot)
        await pilot.press("2")
        assert "already" not in screen_text(pilot)
        await pilot.press("tab", "tab", "x", "ctrl+s")
        await pilot.pause()
        assert note(pilot).startswith("1 field to fix")
        assert pilot.app.focused is pilot.app.screen.query_one("#project_id")
    assert written(folder) == FILE


@pytest.mark.parametrize(
    ("answer", "saved", "open_still"),
    [("s", True, False), ("d", False, False), ("c", False, True)],
)
async def test_a_changed_form_is_not_left_without_a_question(
    folder: Path, answer: str, saved: bool, open_still: bool
) -> None:
    async with opened(folder) as pilot:
        await pilot.press("e", "end", *"9", "escape", answer)
        await pilot.pause()
        assert isinstance(pilot.app.screen, EnvironmentForm) is open_still
    assert ("prod-eu9" in written(folder)) is saved


async def test_an_unchanged_form_is_left_at_once(folder: Path) -> None:
    async with opened(folder) as pilot:
        await pilot.press("e", "escape")
        await pilot.pause()
        assert isinstance(pilot.app.screen, EnvironmentsScreen)


async def test_the_source_of_a_secret_can_be_changed_and_back(folder: Path) -> None:
    async with opened(folder) as pilot:
        await pilot.press("e")
        await pilot.pause()
        form = pilot.app.screen
        choice = form.query_one("#service_account CompactSelect", CompactSelect)
        choice.focus()
        await pilot.press("c", "tab", *"pass show x", "shift+tab", "v")
        await pilot.pause()
        assert form.query_one("#service_account .location", Input).value == "CI_SECRET"
        await pilot.press("c")
        await pilot.pause()
        assert (
            form.query_one("#service_account .location", Input).value == "pass show x"
        )
        await pilot.press("ctrl+s")
        await pilot.pause()
    assert 'secret = { command = "pass show x" }' in written(folder)


async def test_a_duplicate_starts_as_a_copy_with_a_free_name(folder: Path) -> None:
    async with opened(folder, "staging") as pilot:
        await pilot.press("d", "ctrl+s")
        await pilot.pause()
        copy = host(pilot).store.load().get("staging-2")
        assert copy is not None
        assert copy.read_only
    stored = StoredCredentials(folder / "credentials.toml")
    assert stored.get("staging-2", "service_account") == SECRET


async def test_deleting_asks_and_enter_keeps(folder: Path) -> None:
    async with opened(folder, "staging") as pilot:
        await pilot.press("x", "enter")
        await pilot.pause()
        assert written(folder) == FILE
        await pilot.press("x", "y")
        await pilot.pause()
        assert note(pilot) == "Deleted staging."
        await pilot.press("escape")
        await pilot.pause()
        # The one in use is gone: go on with the one to start with.
        assert host(pilot).result == "prod-eu"
    assert "staging" not in written(folder)
    stored = StoredCredentials(folder / "credentials.toml")
    assert stored.get("staging", "service_account") is None


async def test_another_one_can_be_the_default(folder: Path) -> None:
    async with opened(folder, "staging") as pilot:
        await pilot.press("D")
        await pilot.pause()
        assert note(pilot) == "staging is now the default."
    assert 'default = "staging"' in written(folder)


@pytest.mark.parametrize("name", ["sandbox", "shared"])
async def test_others_environments_are_left_alone(folder: Path, name: str) -> None:
    async with opened(folder, name) as pilot:
        for key in ("x", "D"):
            await pilot.press(key)
            await pilot.pause()
            assert note(pilot).startswith(f"{name} is defined in")
            await pilot.press("r")
            await pilot.pause()
            assert note(pilot) == "Reloaded."
    assert written(folder) == FILE


@pytest.mark.parametrize(
    ("name", "copy"), [("sandbox", "sandbox-2"), ("shared", "shared")]
)
async def test_others_environments_are_copied_before_they_are_edited(
    folder: Path, name: str, copy: str
) -> None:
    async with opened(folder, name) as pilot:
        await pilot.press("e")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ConfirmDialog)
        await pilot.press("y")
        await pilot.pause()
        await pilot.press("ctrl+s")
        await pilot.pause()
        stored = host(pilot).store.load().get(copy)
        assert stored is not None
        assert host(pilot).store.editable(stored)


async def test_the_variables_environment_is_shown_as_such(tmp_path: Path) -> None:
    store = FileEnvironmentStore(tmp_path, None, {"MIXPANEL_TOKEN": "t"})
    app = Host(store, "default")
    async with app.run_test() as pilot:
        await pilot.pause()
        assert "MP_* variables" in screen_text(pilot)


async def test_a_newcomer_learns_what_is_needed(tmp_path: Path) -> None:
    app = Host(FileEnvironmentStore(tmp_path, None, {}), "")
    async with app.run_test() as pilot:
        await pilot.pause()
        assert "No environments yet" in screen_text(pilot)
        assert "service account" in screen_text(pilot)
        await pilot.press("e", "d", "x", "D")
        await pilot.press("a")
        await pilot.pause()
        assert isinstance(app.screen, SetupScreen)
        await pilot.press("f2", *"first", "ctrl+s")
        await pilot.pause()
        assert app.result == SetUp("first")


async def test_a_broken_file_is_reported_and_reloaded_when_it_is_fixed(
    folder: Path,
) -> None:
    path = folder / "environments.toml"
    path.write_text("[environments.prod")
    async with opened(folder) as pilot:
        assert "environments.toml, line 1" in note(pilot)
        path.write_text(FILE)
        await pilot.press("r")
        await pilot.pause()
        assert note(pilot) == "Reloaded."
        await pilot.press("enter")
        await pilot.pause()
        assert host(pilot).result == "prod-eu"


async def test_names_from_files_are_never_markup(folder: Path) -> None:
    (folder / "environments.toml").write_text(
        '[environments."[/b]x"]\nproject_id = "[red]"\n'
    )
    async with opened(folder, "[/b]x") as pilot:
        assert "[red]" in screen_text(pilot)
        await pilot.press("e")
        await pilot.pause()
        assert isinstance(pilot.app.screen, EnvironmentForm)


async def test_keys_that_are_commands_elsewhere_type(folder: Path) -> None:
    keys = "aedxDrhjkq?/[]{}#~1"
    async with opened(folder) as pilot:
        await pilot.press("a", "f2")
        await pilot.pause()
        for selector in ("#name", "#service_account SecretField", "#variables"):
            field = pilot.app.screen.query_one(selector)
            field.focus()
            await pilot.press(*keys)
            assert isinstance(field, Input | TextArea)
            text = field.value if isinstance(field, Input) else field.text
            assert text == keys, selector


async def test_no_cursor_blinks(folder: Path) -> None:
    async with opened(folder) as pilot:
        await pilot.press("a", "f2")
        await pilot.pause()
        fields = [*pilot.app.screen.query(Input), *pilot.app.screen.query(TextArea)]
        assert len(fields) == 17
        assert not any(field.cursor_blink for field in fields)


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_the_field_in_use_is_always_to_be_seen(
    folder: Path, size: tuple[int, int]
) -> None:
    async with opened(folder, size=size) as pilot:
        await pilot.press("e")
        await pilot.pause()
        form = pilot.app.screen
        seen = set()
        for _ in range(25):
            focused = pilot.app.focused
            assert focused is not None
            assert form.find_widget(focused).visible_region, focused
            seen.add(focused.id)
            await pilot.press("tab")
        assert {"name", "region", "project_id", "hosts", "client_key"} <= seen
        assert form.query_one(".hints").region.height == 1


@pytest.mark.parametrize(("digit", "name"), [("2", "prod-eu"), ("3", "staging")])
async def test_a_digit_uses_the_environment_of_its_number(
    digit: str, name: str, folder: Path
) -> None:
    async with opened(folder) as pilot:
        assert f"{digit} " in screen_rows(pilot)
        await pilot.press(digit)
        await pilot.pause()
        assert host(pilot).result == name


async def test_a_digit_without_an_environment_does_nothing(folder: Path) -> None:
    async with opened(folder) as pilot:
        await pilot.press("0", "9")
        await pilot.pause()
        assert host(pilot).result is NOTHING


async def test_each_row_says_region_project_and_what_a_write_does(
    folder: Path,
) -> None:
    async with opened(folder) as pilot:
        rows = screen_rows(pilot)
    assert "eu · project 1234567 · LIVE: confirms writes" in rows
    assert "us · project 7 · read-only" in rows
    assert "in · no project · LIVE: writes are real · collection" in rows
    assert "us · no project · sandbox" in rows


def screen_rows(pilot: Pilot[None]) -> str:
    options = pilot.app.screen.query_one(EnvironmentList).options
    return "\n".join(str(option.prompt) for option in options)
