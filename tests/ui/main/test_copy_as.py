"""“Copy as…”."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot
from textual.screen import Screen

from mixtui.model.draft import Draft, Method, Pair
from mixtui.model.environment import Environment
from mixtui.model.redaction import REDACTED, Redactor
from mixtui.model.secrets import SecretReader
from mixtui.model.trust import TYPED
from mixtui.storage.request_file import parse
from mixtui.ui.dialogs.clipboard import copy_pieces
from mixtui.ui.dialogs.dialogs import ChoiceDialog
from mixtui.ui.keys.input_queue import OrderedInputApp
from mixtui.ui.main.copy_as import copy_as
from mixtui.ui.widgets.screen import CommandScreen
from tests.ui.app import PROD, READ_ONLY, SECRET, main, make_app
from tests.ui.driver import wait_for_screen, wait_until
from tests.ui.main.test_paste_import import toasts

EVENTS = Draft(url="/query/events", query=(Pair("event", "it's"),))


class CopyScreen(CommandScreen):
    """Takes the place of the main screen: a draft, an environment and a clipboard."""

    def __init__(self, draft: Draft, environment: Environment) -> None:
        super().__init__()
        self.draft, self.environment = draft, environment
        self.source: str | None = None
        self.session = SimpleNamespace(secrets=SecretReader(variables={"S": SECRET}))

    async def ask(self, dialog: Screen[object], *, unprompted: bool = False) -> object:
        return await self.app.push_screen_wait(dialog)

    async def copy_text(self, pieces: Iterable[str], what: str, file: str) -> None:
        await copy_pieces(self, pieces, what, file, Redactor())

    def copy_as(self) -> None:
        self.run_guarded(copy_as(self, self.draft, TYPED, self.copy_text, self.source))


class Host(OrderedInputApp[None]):
    def __init__(self, draft: Draft, environment: Environment = PROD) -> None:
        super().__init__()
        self.copy_screen = CopyScreen(draft, environment)

    def on_mount(self) -> None:
        self.push_screen(self.copy_screen)


async def copied(pilot: Pilot[None], *keys: str) -> str:
    """Ask for the copy, press keys in the dialogs, and return the clipboard."""
    host = pilot.app
    assert isinstance(host, Host)
    host.copy_screen.copy_as()
    await pilot.pause()
    for key in keys:
        await pilot.press(key)
        await pilot.pause()
    await wait_until(
        pilot,
        lambda: not list(host.workers) or isinstance(host.screen, ChoiceDialog),
    )
    return host.clipboard


@pytest.mark.parametrize(
    ("key", "begins"),
    [("c", "curl 'https://"), ("h", "http GET 'https://"), ("p", "# Set S: ")],
)
async def test_the_request_is_copied_for_a_program(key: str, begins: str) -> None:
    async with Host(EVENTS).run_test() as pilot:
        text = await copied(pilot, key)
        assert text.startswith(begins)
        assert "project_id=1234567" in text
        assert SECRET not in text
        assert "copied (" in toasts(pilot)
        assert "Set S: the secret of the service account" in toasts(pilot)


async def test_secrets_are_copied_only_when_asked_for() -> None:
    async with Host(EVENTS).run_test() as pilot:
        text = await copied(pilot, "s", "c")
        assert f"ci.mp-service-account:{SECRET}" in text
        assert SECRET not in toasts(pilot)


async def test_escape_copies_nothing() -> None:
    async with Host(EVENTS).run_test() as pilot:
        assert await copied(pilot, "escape") == ""
        assert await copied(pilot, "s", "escape") == ""


async def test_what_cannot_be_sent_is_not_copied() -> None:
    async with Host(Draft(url="/x/{{nothing}}")).run_test() as pilot:
        assert await copied(pilot, "c") == ""
        assert "{{nothing}}" in toasts(pilot)


SOURCE = """\
# ask Ann
name = "Weekly"
url = "/query/events"   # counts

[[headers]]
name = "authorization"
value = "Bearer typed-secret-1"
"""


@pytest.mark.parametrize(
    ("keys", "secret"),
    [(("t",), f"Bearer {REDACTED}"), (("s", "t"), "Bearer typed-secret-1")],
)
async def test_a_draft_is_copied_as_toml_with_its_comments(
    keys: tuple[str, ...], secret: str
) -> None:
    draft = replace(parse(SOURCE, Path("a"))[0], url="/{{nothing}}")
    host = Host(draft)
    host.copy_screen.source = SOURCE
    async with host.run_test() as pilot:
        text = await copied(pilot, *keys)
        source = SOURCE.replace("/query/events", "/{{nothing}}")
        assert text == source.replace("Bearer typed-secret-1", secret)
        assert "Weekly as TOML copied" in toasts(pilot)
        assert ("is masked" in toasts(pilot)) is (keys == ("t",))


async def test_a_new_draft_is_copied_as_toml_that_says_what_it_is() -> None:
    async with Host(EVENTS).run_test() as pilot:
        text = await copied(pilot, "t")
        assert parse(text, Path("a"))[0] == EVENTS
        assert text.startswith('method = "GET"\napi = "query"\n')


async def test_a_read_only_environment_does_not_stop_it() -> None:
    draft = Draft(method=Method.POST, url="/app/projects/1/annotations")
    async with Host(draft, READ_ONLY).run_test() as pilot:
        assert (await copied(pilot, "c")).startswith("curl -X POST")


async def test_the_key_copies_the_draft_on_the_screen(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        main(pilot).draft = EVENTS
        await pilot.press("ctrl+backslash")
        await wait_for_screen(pilot, ChoiceDialog)
        await pilot.press("c")
        await wait_until(pilot, lambda: "event=it" in pilot.app.clipboard)
