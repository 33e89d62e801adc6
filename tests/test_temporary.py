"""Temporary files and folders: which are swept, and which are left alone."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from mixtui import system, temporary
from mixtui.temporary import TemporaryFolder, sweep, temporary_name

LEFT = ".mixtui-0a1b2c.tmp"


@pytest.fixture(autouse=True)
def nothing_is_swept_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(temporary, "_swept", set())


def age(path: Path, seconds: float = 1e9) -> None:
    modified = path.stat().st_mtime - seconds
    os.utime(path, (modified, modified))


def left_file(folder: Path, name: str = LEFT) -> Path:
    path = folder / name
    path.write_bytes(b"secret")
    age(path)
    return path


def test_an_old_file_of_a_program_that_has_ended_is_removed(tmp_path: Path) -> None:
    path = left_file(tmp_path)
    sweep(tmp_path)
    assert not path.exists()


def test_an_old_folder_is_removed_with_what_is_in_it(tmp_path: Path) -> None:
    folder = tmp_path / LEFT
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "body").write_bytes(b"x")
    age(folder)
    sweep(tmp_path)
    assert not folder.exists()


@pytest.mark.parametrize(
    "name", ["mixtui-abcdefgh", ".mixtui-a.tmp.toml", "x.mixtui-a.tmp", ".mixtui-é.tmp"]
)
def test_another_name_is_left_alone(tmp_path: Path, name: str) -> None:
    path = left_file(tmp_path, name)
    sweep(tmp_path)
    assert path.exists()


def test_a_link_is_left_alone_with_what_it_leads_to(tmp_path: Path) -> None:
    target = left_file(tmp_path, "target")
    (tmp_path / LEFT).symlink_to(target)
    sweep(tmp_path)
    assert (tmp_path / LEFT).is_symlink()
    assert target.exists()


def test_what_is_new_may_be_about_to_be_locked(tmp_path: Path) -> None:
    path = tmp_path / LEFT
    path.touch()
    sweep(tmp_path)
    assert path.exists()


@pytest.mark.parametrize(("days", "is_there"), [(6, True), (8, False)])
def test_without_locks_a_week_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, is_there: bool
) -> None:
    monkeypatch.setattr(temporary, "try_lock", lambda file: system.Lock.NONE)
    path = tmp_path / LEFT
    path.touch()
    age(path, days * 86400)
    sweep(tmp_path)
    assert path.exists() is is_there


def test_each_folder_is_looked_through_once_in_a_run(tmp_path: Path) -> None:
    sweep(tmp_path)
    path = left_file(tmp_path)
    sweep(tmp_path)
    assert path.exists()


def test_a_folder_is_private_and_kept_while_it_is_used(tmp_path: Path) -> None:
    folder = TemporaryFolder(tmp_path)
    (folder.path / "body").write_bytes(b"x")
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    age(folder.path)
    temporary.remove_abandoned(folder.path)
    assert (folder.path / "body").exists()
    folder.remove()
    folder.remove()
    assert os.listdir(tmp_path) == []


def test_a_folder_that_is_missing_is_not_an_error(tmp_path: Path) -> None:
    sweep(tmp_path / "none")
    temporary.remove_abandoned(tmp_path / temporary_name())


def test_making_a_folder_sweeps_the_place_where_it_is_made(tmp_path: Path) -> None:
    path = left_file(tmp_path)
    TemporaryFolder(tmp_path).remove()
    assert not path.exists()
