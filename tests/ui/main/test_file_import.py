"""Importing a file on the screen."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input, Static

from mixtui.model.environment import Environments
from mixtui.storage.credentials import StoredCredentials
from mixtui.storage.environments import load_environments
from mixtui.ui.dialogs.dialogs import ChoiceDialog, NameDialog
from mixtui.ui.dialogs.imports import ImportPathDialog, ImportReviewDialog, complete
from mixtui.ui.main.imports import FileImport
from tests.ui.app import main, make_app
from tests.ui.driver import wait_for_screen, wait_until

SPEC = """\
openapi: 3.1.0
info: {title: Reports}
servers: [{url: https://mixpanel.com/api/query}]
paths:
  /events:
    get: {summary: Count events, tags: [Events]}
    head: {}
"""


@asynccontextmanager
async def importing(root: Path, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Any]:
    """The app with the first question on the screen."""
    async with make_app(root).run_test(size=size) as pilot:
        await pilot.pause()
        main(pilot).action_import_file()
        await pilot.pause()
        await wait_for_screen(pilot, ImportPathDialog)
        yield pilot


async def submit(pilot: Pilot[int], text: str) -> None:
    """Type into the field of the dialog, and press enter."""
    pilot.app.screen.query_one(Input).value = text
    await pilot.press("enter")


def note(pilot: Pilot[int]) -> str:
    return str(pilot.app.screen.query_one(".note", Static).render())


async def test_a_file_is_read_shown_and_written(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(SPEC)
    async with importing(tmp_path) as pilot:
        await submit(pilot, str(tmp_path / "spec.yaml"))
        await wait_for_screen(pilot, ImportReviewDialog)
        shown = [str(s.render()) for s in pilot.app.screen.query(Static)]
        assert "1 request in 1 folder. Import into folder:" in shown
        assert any("HEAD /events was skipped" in text for text in shown)
        await pilot.press("down", "up", "pagedown", "enter")
        await wait_for_screen(pilot, type(main(pilot)))
        assert (tmp_path / "requests/Reports/Events/count-events.toml").is_file()
        assert main(pilot).focused is main(pilot).saved_requests
        assert main(pilot).query_one("#sidebar").display


async def test_another_folder_may_be_named_but_not_outside(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(SPEC)
    async with importing(tmp_path) as pilot:
        await submit(pilot, str(tmp_path / "spec.yaml"))
        await wait_for_screen(pilot, ImportReviewDialog)
        await submit(pilot, "../x")
        await pilot.pause()
        problem = pilot.app.screen.query_one(".problem", Static)
        assert "would refer to another folder" in str(problem.render())
        await submit(pilot, "a/b")
        await wait_for_screen(pilot, type(main(pilot)))
        assert (tmp_path / "requests/a/b/Events/count-events.toml").is_file()


@pytest.mark.parametrize("dialog", [ImportPathDialog, ImportReviewDialog])
async def test_escape_gives_up_and_nothing_is_written(
    tmp_path: Path, dialog: type
) -> None:
    (tmp_path / "spec.yaml").write_text(SPEC)
    async with importing(tmp_path) as pilot:
        if dialog is ImportReviewDialog:
            await submit(pilot, str(tmp_path / "spec.yaml"))
            await wait_for_screen(pilot, dialog)
        await pilot.press("escape")
        await wait_for_screen(pilot, type(main(pilot)))
        assert not (tmp_path / "requests").exists()


class PathHost(App[None]):
    """Asks for a file, without the main screen."""

    def on_mount(self) -> None:
        session = SimpleNamespace(environments=Environments(()))
        file_import = FileImport(SimpleNamespace(session=session), None, None)
        self.push_screen(ImportPathDialog(file_import._read))


@pytest.mark.parametrize(
    ("content", "typed", "message"),
    [
        ("hello", "", "is not an OpenAPI file, a Postman"),
        ("openapi: [", "", "invalid YAML"),
        (None, "", "Cannot read"),
        (None, "https://example.com/spec.yaml", "does not download files"),
        (None, " ", "Enter the path"),
    ],
)
async def test_an_error_is_reported_where_it_is_typed(
    tmp_path: Path, content: str | None, typed: str, message: str
) -> None:
    path = tmp_path / "file"
    if content is not None:
        path.write_text(content)
    async with PathHost().run_test() as pilot:
        await submit(pilot, typed or str(path))
        await wait_until(pilot, lambda: message in note(pilot))
        assert isinstance(pilot.app.screen, ImportPathDialog)


async def test_a_curl_command_in_a_file_becomes_the_draft(tmp_path: Path) -> None:
    path = tmp_path / "command.sh"
    path.write_text("curl 'https://mixpanel.com/api/query/events?unit=day' -d @e.json")
    async with importing(tmp_path) as pilot:
        await submit(pilot, str(path))
        await wait_until(pilot, lambda: main(pilot).draft.url == "/query/events")
        body = main(pilot).draft.body
        assert body is not None
        assert body.path == str(tmp_path / "e.json")


def collection(path: Path) -> Path:
    """A Postman collection with a credential and a variable."""
    rows = [{"key": "username", "value": "ci"}, {"key": "password", "value": "hush"}]
    url = "https://eu.mixpanel.com/api/query/events?e={{event}}"
    node = {
        "info": {"name": "Team"},
        "auth": {"type": "basic", "basic": rows},
        "variable": [{"key": "event", "value": "Sign up"}],
        "item": [{"name": "One", "request": url}],
    }
    path.write_text(json.dumps(node))
    return path


async def test_credentials_go_into_an_environment_after_a_question(
    tmp_path: Path,
) -> None:
    path = collection(tmp_path / "team.json")
    async with importing(tmp_path) as pilot:
        await submit(pilot, str(path))
        await wait_for_screen(pilot, ImportReviewDialog)
        await pilot.press("enter")
        await wait_for_screen(pilot, ChoiceDialog)
        question = str(pilot.app.screen.query_one("#question Static", Static).render())
        assert "the service account ci" in question
        assert "the variables event" in question
        assert "hush" not in question
        await pilot.press("n")
        await wait_for_screen(pilot, NameDialog)
        await submit(pilot, "team-eu")
        await wait_for_screen(pilot, type(main(pilot)))
        # What is on the screen is another request: it stays where it is sent.
        assert main(pilot).environment.name != "team-eu"
    config = tmp_path / "config"
    stored = StoredCredentials(config / "credentials.toml")
    environment = load_environments(config, None, stored, {}).get("team-eu")
    assert environment is not None
    assert environment.region == "eu"
    assert environment.variables == {"event": "Sign up"}
    assert environment.credentials.service_account is not None
    assert environment.credentials.service_account.username == "ci"
    saved = tmp_path / "requests/Team/one.toml"
    assert "hush" not in saved.read_text()


async def test_the_credentials_of_a_file_can_be_skipped(tmp_path: Path) -> None:
    path = collection(tmp_path / "team.json")
    async with importing(tmp_path) as pilot:
        await submit(pilot, str(path))
        await wait_for_screen(pilot, ImportReviewDialog)
        await pilot.press("enter")
        await wait_for_screen(pilot, ChoiceDialog)
        await pilot.press("l")
        await wait_for_screen(pilot, type(main(pilot)))
    assert not (tmp_path / "config").exists()
    assert (tmp_path / "requests/Team/one.toml").is_file()


def test_files_and_folders_are_completed(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").touch()
    (tmp_path / "specs").mkdir()
    (tmp_path / ".spec").touch()
    base = f"{tmp_path}/"
    assert complete(f"{base}s") == (f"{base}spec", ["spec.yaml", "specs/"])
    assert complete(f"{base}spec.") == (f"{base}spec.yaml", ["spec.yaml"])
    assert complete(f"{base}gone") == (f"{base}gone", [])
