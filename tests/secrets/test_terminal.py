"""The real program writes no secret to its terminal, on any screen, dialog or tab.

Each step presses keys and waits for what they open. All bytes that come are searched, together,
as are all screens that they make: a terminal shows in one piece what was written in several.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec import Struct

from mixtui.model.secrets import REDACTED
from mixtui.storage.first_start import SETUP_OFFERED
from mixtui.storage.paths import state_dir
from tests.cli.server import http_response
from tests.secrets.searcher import find, holds, secret
from tests.secrets.shown import every_screen, every_tab
from tests.secrets.test_commands import POSTMAN
from tests.secrets.world import APIS, Echo, World
from tests.terminal import Terminal

pytestmark = pytest.mark.timeout(300)
ROOT = Path(__file__).parents[2]
EDITED = """
name = "Edited"
method = "GET"
api = "query"
url = "/query/segmentation"
[[query]]
name = "from_date"
value = "2026-11-01"
[[query]]
name = "where"
value = 'properties["a"] == "b"'
[[query]]
name = "event"
value = '["a"]'
[[query]]
name = "note"
value = "{{env:PLANTED}} {{api_key}}"
"""
DELETION = """
name = "Deletion"
method = "POST"
api = "ingestion"
url = "/engage#profile-delete"
[body]
type = "json"
text = '[{"$token": "tok", "$distinct_id": "{{env:PLANTED}}", "$delete": "null"}]'
"""


SIZE = (110, 32)


class Step(Struct, frozen=True):
    """What is pressed, and what comes of it."""

    keys: str
    """Names of keys, separated by spaces."""
    shows: str = ""
    """The screen or tab that it opens; empty = it is not waited for."""
    typed: str = ""
    """What is typed after the keys."""
    then: str = ""
    """Keys after that."""
    says: str = ""
    """What is on the screen then."""
    in_clear: str = ""
    """The secret that may be seen until the next step without one, and in it."""


SHIFT_TAB = "\x1b[Z"
SHIFT_F2 = "\x1b[1;2Q"
SHIFT_F5, SHIFT_F6, SHIFT_F8, SHIFT_F9 = (
    f"\x1b[{number};2~" for number in (15, 17, 19, 20)
)
LEAVE = Step("escape", "MainScreen")


def tabs(first: str, *names: str, key: str = "right") -> tuple[Step, ...]:
    """Go from tab to tab of a bar."""
    return tuple(Step(key, f"{first}…{name}") for name in names)


def jump(letter: str, says: str) -> tuple[Step, ...]:
    """Go somewhere; says = a key in the footer, once it has the focus."""
    return Step("ctrl+o", "JumpOverlay"), Step(letter, says=says)


def opened(name: str) -> tuple[Step, ...]:
    return Step("ctrl+g", "FinderScreen"), Step("", "MainScreen", name, "enter")


def command(label: str, shows: str) -> tuple[Step, ...]:
    return Step("ctrl+p", "EntriesScreen"), Step("", shows, label, "enter")


STEPS: tuple[Step, ...] = (
    Step("", "MainScreen", says="Read report"),
    # A response, and its tabs.
    *opened("Read report"),
    Step("f5", says="200 OK"),
    Step("f5", says="200 OK"),
    *jump("2", "s Sort"),
    Step("enter", "RecordScreen"),
    LEAVE,
    Step("]", "body…chart", says="c Next view"),
    Step("y"),
    *tabs("body", "headers", "request", "timing", "body", key="]"),
    Step("", says="w Wrap"),
    Step("Y p c"),
    Step("s", "SaveDialog"),
    LEAVE,
    Step(":", "NameDialog"),
    LEAVE,
    Step("d", "DiffScreen"),
    LEAVE,
    # A request, its tabs, and what edits its values.
    *opened("Edited"),
    *jump("q", "a Add"),
    Step(SHIFT_TAB),
    *tabs("query", "path", "headers", "body", "auth", "options", "inputs", "docs"),
    *jump("i", "a Add"),
    Step("a", "InputForm"),
    LEAVE,
    *jump("b", ""),
    *tabs("none", "json", "ndjson", "form", "csv", "text", "file", "none"),
    *jump("q", "a Add"),
    Step("g e", "DateDialog"),
    LEAVE,
    Step("j e", "ExpressionDialog"),
    LEAVE,
    Step("j e", "JsonValueDialog"),
    LEAVE,
    Step(SHIFT_F5, "PreviewScreen"),
    LEAVE,
    Step(SHIFT_F6, "HintsDialog"),
    LEAVE,
    Step("ctrl+\\", "ChoiceDialog"),
    Step("enter", "MainScreen"),
    *command("Save as", "LocationDialog"),
    LEAVE,
    # What is asked before a request is sent.
    *opened("Echo"),
    Step("f5", "InputsDialog"),
    Step("", "MainScreen", secret("entered"), "enter", says="200 OK"),
    *opened("Deletion"),
    Step("f5", "ConfirmDialog"),
    LEAVE,
    # The saved requests.
    *jump("s", "d Duplicate"),
    Step("t", "TagsDialog"),
    LEAVE,
    Step("m", "FolderDialog"),
    LEAVE,
    Step("r", "LocationDialog"),
    LEAVE,
    Step("n", "LocationDialog"),
    LEAVE,
    *command("Import file", "ImportPathDialog"),
    Step("", "ImportReviewDialog", "{vault}/postman.json", "enter"),
    LEAVE,
    # Environments.
    Step("f9", "EnvironmentsScreen"),
    Step("G e", "EnvironmentForm", in_clear="template"),
    Step("f5", "FilterDialog", in_clear="template"),
    Step("escape", "EnvironmentForm", in_clear="template"),
    Step("escape", "EnvironmentsScreen", says="D Set default", in_clear="template"),
    LEAVE,
    *command("Set up an", "SetupScreen"),
    LEAVE,
    Step("f9", "EnvironmentsScreen"),
    Step("G enter", "MainScreen"),
    Step("f5", "TypeToConfirmDialog"),
    LEAVE,
    # All else.
    Step("f3", "HistoryScreen"),
    LEAVE,
    Step("ctrl+t", "OperationsScreen"),
    LEAVE,
    Step("ctrl+b", "ActivityDialog"),
    LEAVE,
    Step("f1", "HelpScreen"),
    LEAVE,
    Step(SHIFT_F8, "ResizeOverlay"),
    LEAVE,
    Step(SHIFT_F9, "CollectionsScreen"),
    LEAVE,
    Step(SHIFT_F2, "JobsScreen"),
    Step("a", "StartJobDialog"),
    Step("escape", "JobsScreen"),
    LEAVE,
    *command("Query file", "QueryPathDialog"),
    Step("", "SqlScreen", "{vault}/postman.json", "enter", says="Columns of events"),
    Step("f5", says="1 row in"),
    Step("ctrl+i"),
    *tabs("table", "chart", "json", "table"),
    LEAVE,
)


def respond(echo: Echo) -> Callable[[bytes], bytes]:
    """Respond as the echo does, and with several projects to an account."""
    projects = {number: {"name": f"Project {number}"} for number in "12"}
    me = json.dumps({"status": "ok", "results": {"projects": projects}}).encode()
    return lambda data: http_response(me) if b"/me" in data[:60] else echo(data)


class Searched:
    """A terminal whose bytes and screens are searched as they come."""

    def __init__(self, terminal: Terminal, log: Path) -> None:
        self._terminal = terminal
        self._log = log
        self._read = 0
        self.written = b""
        """What was written while no secret may be shown."""
        self.screens: set[str] = set()
        self._screen = ""
        self.shown: list[str] = []
        """The screens and tabs, in order."""

    def take(self, step: Step) -> None:
        """Do a step, and search what comes of it."""
        terminal = self._terminal
        before = len(self.shown)
        terminal.press(*step.keys.split())
        terminal.type(step.typed.replace("{vault}", str(self._log.parent)))
        terminal.press(*step.then.split())

        def is_there() -> bool:
            self._look(step)
            new = self.shown[before:]
            return (not step.shows or step.shows in new) and step.says in self._screen

        terminal.wait_until(is_there, f"{step}, but {self.shown[before:]}")
        self._look(step)

    def _look(self, step: Step) -> None:
        """Search what is new."""
        self.shown = self._log.read_text("utf-8").splitlines()
        data = self._terminal.bytes[self._read :]
        if not data:
            return
        self._read += len(data)
        self.written += b"" if step.in_clear else data
        self._screen = self._terminal.text
        if self._screen not in self.screens:
            self.screens.add(self._screen)
            hits = [hit for hit in find(self._screen) if not _is_allowed(hit, step)]
            assert not hits, f"{step}: {hits}\n{self._screen}"


def _is_allowed(hit: str, step: Step) -> bool:
    return bool(step.in_clear) and secret(step.in_clear) in hit


def test_no_screen_of_the_real_program_writes_a_secret(
    world: World,
) -> None:
    prepare(world)
    log = world.vault / "shown"
    log.touch()
    argv = [sys.executable, "-m", "tests.secrets.shown", str(log)]
    sizes = {"COLUMNS", "LINES"}  # Those of the terminal of pytest.
    env = {name: value for name, value in os.environ.items() if name not in sizes}
    env["PYTHONPATH"] = str(ROOT)
    with Terminal(argv, env, world.mixtui.folder, SIZE) as terminal:
        searched = Searched(terminal, log)
        for step in STEPS:
            searched.take(step)
        terminal.press("ctrl+q")
        terminal.wait_for_exit()
        searched.take(Step(""))
    assert not find(searched.written)
    assert every_screen() | every_tab() <= {*searched.shown}, "add a step to STEPS"
    assert b"]52;" in searched.written, "something was copied"
    assert any(REDACTED in each for each in searched.screens)
    assert any(holds(each, secret("entered")) for each in world.server.received)
    world.assert_clean()


def prepare(world: World) -> None:
    """Add what the steps need to the world."""
    assert isinstance(world.server.respond, Echo)
    world.server.respond.is_silent = True
    world.server.respond = respond(world.server.respond)
    (state_dir() / SETUP_OFFERED).touch()
    world.mixtui.write_request("edited", EDITED)
    world.mixtui.write_request("deletion", DELETION)
    (world.vault / "postman.json").write_text(json.dumps(POSTMAN))
    hosts = "\n".join(f'hosts.{api} = "{world.server.origin}"' for api in APIS)
    with (world.mixtui.config / "environments.toml").open("a") as file:
        file.write(
            f"[environments.zero]\nconfirm_writes = true\n{hosts}\n"
            f'variables.api_key = "{secret("template")}"\n'
            "credentials.service_account = "
            '{ username = "ci", secret = { env = "ACCOUNT_SECRET" } }\n'
        )
