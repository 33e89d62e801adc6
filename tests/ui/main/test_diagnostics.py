"""The log and crash reports are found from the app."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mixtui import log
from mixtui.model.errors import SettingsError
from mixtui.storage.crash_report import write_crash_report
from mixtui.storage.log_file import Log, log_path
from mixtui.storage.paths import state_dir
from mixtui.ui.dialogs import external
from mixtui.ui.main.commands import Commands


class Host:
    """A screen whose terminal is free for other programs."""

    def __init__(self) -> None:
        self.app = SimpleNamespace()
        self.messages: list[str] = []

    def notify_text(self, text: str, **_: object) -> None:
        self.messages.append(text)


@pytest.fixture
def host() -> Host:
    return Host()


@pytest.fixture
def commands(host: Host) -> Commands:
    return Commands(cast(Any, host), *[cast(Any, None)] * 5)


@pytest.fixture(autouse=True)
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """A pager that keeps its arguments and the text; returns both."""
    note = tmp_path / "note"
    script = tmp_path / "pager"
    script.write_text(f'#!/bin/sh\necho "$1" > {note}\ncat "$1" >> {note}\n')
    script.chmod(0o755)
    monkeypatch.setenv("PAGER", str(script))

    async def in_terminal(app: object, work: Callable[[], Any]) -> Any:
        return work()

    monkeypatch.setattr(external, "in_terminal", in_terminal)
    return lambda: note.read_text() if note.exists() else ""


async def test_a_log_that_is_off_says_how_to_turn_it_on(commands: Commands) -> None:
    with pytest.raises(SettingsError, match=r"off.*start mixtui with MIXTUI_LOG=info"):
        await commands.open_log()


async def test_a_level_that_does_not_exist_is_explained(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIXTUI_LOG", "verbose")
    with pytest.raises(SettingsError, match="must be one of error, info, debug"):
        await commands.open_log()


async def test_the_pager_shows_all_that_was_logged_until_now(
    commands: Commands,
    host: Host,
    pages: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MIXTUI_LOG", "info")
    logged = Log(log.INFO, state_dir())
    for number in range(200):
        log.info("record %d", number)
    await commands.open_log()
    assert pages().startswith(str(log_path(state_dir())))
    assert pages().endswith("record 199\n")
    assert host.messages == []
    logged.close()


async def test_an_older_log_is_shown_and_named_as_such(
    commands: Commands, host: Host, pages: Callable[[], str]
) -> None:
    Log(log.INFO, state_dir()).close()
    await commands.open_log()
    assert str(log_path(state_dir())) in pages()
    (message,) = host.messages
    assert message.startswith("This was an older log. The log is off.")


async def test_the_usual_pager_begins_at_the_end_of_the_log(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    commands: list[list[str]] = []

    def run(command: list[str], *_: object) -> external.Ended:
        commands.append(command)
        return external.Ended(0, 1.0)

    monkeypatch.delenv("PAGER")
    monkeypatch.setattr(external, "run", run)
    await external.page_file(cast(Any, None), tmp_path, at_end=True)
    await external.page_file(cast(Any, None), tmp_path)
    assert ["+G" in command for command in commands] == [True, False]


async def test_the_newest_crash_report_is_shown(
    commands: Commands, host: Host, pages: Callable[[], str]
) -> None:
    await commands.open_crash_report()
    assert host.messages == ["No crash reports."]
    now = datetime(2026, 1, 1)
    for days in (0, 2, 1):
        write_crash_report(ValueError(), state_dir(), now + timedelta(days=days))
    await commands.open_crash_report()
    assert "2026-01-03" in pages()
    assert "builtins.ValueError" in pages()
