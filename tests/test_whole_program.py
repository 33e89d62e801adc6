"""The installed program in a real terminal, against the sandbox, over real sockets."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from mixtui.storage.first_start import SETUP_OFFERED
from tests.terminal import Terminal, clean_environment, mixtui_command


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    return home


def start(home: Path, *arguments: str, size: tuple[int, int] = (120, 40)) -> Terminal:
    argv = [*mixtui_command(), *arguments]
    return Terminal(argv, clean_environment(home), home, size)


def test_a_newcomer_sends_saves_and_quits_however_fast_the_keys_arrive(
    home: Path,
) -> None:
    collection = home / "requests"
    collection.mkdir()
    with start(home, "--sandbox", "--collection", str(collection)) as terminal:
        terminal.wait_for("sandbox", "project 3000001", "New request")
        # Pick an API: the field before the URL, by its first letter.
        terminal.press("ctrl+o", "a")
        terminal.press("e")
        terminal.wait_for("Raw Data Export")
        terminal.press("q")
        terminal.wait_for("Query ▾")
        # In one read: ctrl+l, the URL, f5.
        terminal.type("\x0c/query/events/names?type=general&limit=3\x1b[15~")
        terminal.wait_for("?type=general&limit=3&")
        terminal.wait_for("200 OK", "accepted", '"View product"')
        terminal.press("ctrl+s")
        terminal.wait_for("Save request")
        terminal.press("escape")
        terminal.wait_until(lambda: "Save request" not in terminal.text)
        # In one read: ctrl+s, ctrl+u, the name, enter.
        terminal.type("\x13\x15Event names\r")
        terminal.wait_for("Saved Event names")
        terminal.press("ctrl+q")
        assert terminal.wait_for_exit() == 0
        assert b"\x1b[?1049l" in terminal.bytes, "the alternate screen is left"
        assert b"\x1b[?25h" in terminal.bytes, "the cursor is shown again"
    saved = tomllib.loads((collection / "event-names.toml").read_text())
    assert saved["name"] == "Event names"
    assert saved["url"] == "/query/events/names?type=general&limit=3"
    assert saved["api"] == "query"


def test_a_first_start_asks_for_credentials_and_can_be_left(home: Path) -> None:
    env = clean_environment(home)
    (home / "state" / "mixtui" / SETUP_OFFERED).unlink()
    with Terminal(mixtui_command(), env, home, (80, 24)) as terminal:
        terminal.wait_for("1 of 3", "Sign in to your Mixpanel project")
        terminal.press("escape")
        terminal.wait_for("No request sent yet")
        terminal.press("ctrl+q")
        assert terminal.wait_for_exit() == 0
    with start(home, size=(80, 24)) as terminal:
        terminal.wait_for("no environment")
        terminal.press("f9")
        terminal.wait_for("No environments yet")


def test_a_tiny_terminal_can_grow_and_unsaved_work_is_asked_about_before_quitting(
    home: Path,
) -> None:
    with start(home, "--sandbox", size=(30, 8)) as terminal:
        terminal.wait_for("needs at least 40×12")
        terminal.resize((120, 40))
        terminal.wait_for("Events, last 7 days", "/api/query/events")
        terminal.type("/top")
        terminal.wait_for("Events, last 7 days ●", "/api/query/events/top")
        terminal.press("ctrl+q")
        terminal.wait_for("unsaved changes")
        terminal.press("escape")
        terminal.wait_until(lambda: "unsaved changes" not in terminal.text)
        terminal.press("ctrl+q")
        terminal.wait_for("unsaved changes")
        terminal.press("d")
        assert terminal.wait_for_exit() == 0
