"""No home folder, or one that cannot be used: commands work, or say in a sentence why not."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from mixtui.storage.paths import NO_HOME, config_dir, data_dir, short_path, state_dir
from tests.cli.conftest import CommandLine

XDG = [f"XDG_{name}_HOME" for name in ("CONFIG", "DATA", "STATE", "CACHE")]
WORKS = ["list", "env list", "history list", "quota", "help files", "doctor --json"]
REFUSES = ["env add x --token t", "env default x"]
OPTIONS = ("--api", "query", "-q", "type=general")


def unset(patch: pytest.MonkeyPatch, folder: Path) -> None:
    def no_such_user(*_: object) -> NoReturn:
        raise KeyError

    patch.delenv("HOME")
    patch.setattr(pwd, "getpwuid", no_such_user)  # As that of a container.


def relative(patch: pytest.MonkeyPatch, folder: Path) -> None:
    unset(patch, folder)
    patch.setenv("HOME", "somewhere")


def not_creatable(patch: pytest.MonkeyPatch, folder: Path) -> None:
    patch.setenv("HOME", "/proc/nowhere/home")


def a_file(patch: pytest.MonkeyPatch, folder: Path) -> None:
    (folder / "file").write_bytes(b"")
    patch.setenv("HOME", str(folder / "file"))


@pytest.fixture(params=[unset, relative, not_creatable, a_file])
def homeless(
    request: pytest.FixtureRequest,
    online: CommandLine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> CommandLine:
    """A command line that can reach the sandbox, and has no folder of its own."""
    for name in XDG:
        monkeypatch.delenv(name)
    lose_home: Callable[[pytest.MonkeyPatch, Path], None] = request.param
    lose_home(monkeypatch, tmp_path)
    return online


@pytest.mark.parametrize("command", WORKS)
def test_what_needs_no_file_works_without_a_home(
    homeless: CommandLine, command: str
) -> None:
    before = list(homeless.folder.rglob("*"))
    result = homeless(*command.split())
    assert "Internal error" not in result.stderr
    assert result.status == 0 or command.startswith("doctor")
    assert list(homeless.folder.rglob("*")) == before


def test_a_request_is_sent_without_a_home(homeless: CommandLine) -> None:
    result = homeless("send", "GET", "/query/events/names", *OPTIONS)
    assert result.status == 0
    assert result.stdout.startswith(b"[")
    assert "Internal error" not in result.stderr


@pytest.mark.parametrize("command", REFUSES)
def test_what_needs_a_file_says_so_without_a_home(
    homeless: CommandLine, command: str
) -> None:
    result = homeless(*command.split())
    assert result.status != 0
    assert result.stderr.startswith("mixtui: ")
    assert result.stderr.endswith(".\n")
    assert "Internal error" not in result.stderr


def test_without_a_home_no_folder_can_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in XDG:
        monkeypatch.delenv(name)
    unset(monkeypatch, Path())
    folders = (config_dir(), data_dir(), state_dir())
    assert folders == (NO_HOME / "config", NO_HOME / "data", NO_HOME / "state")
    for folder in folders:
        with pytest.raises(NotADirectoryError):
            os.makedirs(folder)
    assert short_path(Path("/a")) == "/a"
