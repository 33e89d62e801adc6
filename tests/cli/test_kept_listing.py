"""What a list prints is kept between runs, and never wrong."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mixtui.storage.collection import Collection
from mixtui.storage.heads import FEWEST
from mixtui.storage.paths import state_dir
from tests.cli.conftest import CommandLine


@pytest.fixture(autouse=True)
def scans(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The collections that were listed the long way; all were changed long ago."""
    found: list[Path] = []
    scan, time_ns = Collection.scan, time.time_ns

    def note(collection: Collection) -> object:
        found.append(collection.root)
        return scan(collection)

    monkeypatch.setattr(Collection, "scan", note)
    monkeypatch.setattr(time, "time_ns", lambda: time_ns() + 10**10)
    return found


@pytest.fixture
def root(mixtui: CommandLine) -> Path:
    """A collection whose list is kept."""
    for number in range(FEWEST):
        mixtui.write_request(f"{number:03}", f'name = "Name {number:03}"')
    for name in ("inner/a", "inner/b", "inner/deep/c"):
        mixtui.write_request(name, "favorite = true")
    mixtui("list")
    return mixtui.folder


def kept() -> list[Path]:
    return list((state_dir() / "listings").glob("*"))


def test_the_second_list_is_that_of_the_first(
    mixtui: CommandLine, root: Path, scans: list[Path]
) -> None:
    text = mixtui("list", "--json").text  # Is made anew each time.
    assert len(scans) == 2
    first = mixtui("list").text
    assert len(scans) == 2
    assert first.count("\n") == text.count('"path"')
    for file in kept():
        assert file.stat().st_mode & 0o777 == 0o600
        file.unlink()
    assert mixtui("list").text == first
    assert len(scans) == 3


def _edit(root: Path) -> None:
    (root / "005.toml").write_text('name = "Another"')


def _replace(root: Path) -> None:
    (root / "new").write_text('name = "Name 999"')
    os.replace(root / "new", root / "inner" / "b.toml")


def _edit_without_a_trace(root: Path) -> None:
    path = root / "005.toml"
    before = path.stat()
    path.write_text('name = "Name 00x"')
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size


def _add(root: Path) -> None:
    (root / "inner" / "deep" / "d.toml").touch()


def _delete(root: Path) -> None:
    (root / "inner" / "a.toml").unlink()


def _rename(root: Path) -> None:
    (root / "007.toml").rename(root / "inner" / "007.toml")


def _rename_folder(root: Path) -> None:
    (root / "inner").rename(root / "other")


def _exchange_folders(root: Path) -> None:
    (root / "inner" / "deep").rename(root / "deep")
    (root / "inner").rename(root / "deep" / "inner")


def _break(root: Path) -> None:
    (root / "050.toml").write_text("name = 1")


def _lock(root: Path) -> None:
    (root / "050.toml").chmod(0)


def _order(root: Path) -> None:
    (root / "mixtui.toml").write_text('[order]\n"." = ["099", "050"]\n')


def _link(root: Path) -> None:
    (root / "linked.toml").symlink_to(root / "nowhere.toml")


def _remove_all(root: Path) -> None:
    for path in root.glob("*.toml"):
        path.unlink()


CHANGES = [
    *(_edit, _replace, _edit_without_a_trace, _add, _delete, _rename, _rename_folder),
    *(_exchange_folders, _break, _lock, _order, _link, _remove_all),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_every_change_is_listed(
    mixtui: CommandLine, root: Path, change: Callable[[Path], None], scans: list[Path]
) -> None:
    mixtui("list")
    assert len(scans) == 1
    change(root)
    first = mixtui("list")
    assert len(scans) == 2
    for file in kept():
        file.unlink()
    assert mixtui("list") == first


def test_an_order_that_changes_is_followed(mixtui: CommandLine, root: Path) -> None:
    _order(root)
    assert mixtui("list").text.split("\n")[3].startswith("Name 099")
    (root / "mixtui.toml").write_text('[order]\n"." = ["042"]\n')
    assert mixtui("list").text.split("\n")[3].startswith("Name 042")


def test_what_a_link_leads_to_is_listed_as_it_is(
    mixtui: CommandLine, root: Path
) -> None:
    _link(root)
    mixtui("list")
    (root / "nowhere").mkdir()
    assert "linked" not in mixtui("list").text
    (root / "nowhere.toml").touch()
    assert "linked" in mixtui("list").text


def test_a_list_of_what_was_just_changed_is_not_kept(
    mixtui: CommandLine, root: Path, monkeypatch: pytest.MonkeyPatch, scans: list[Path]
) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: int(time.time() * 1e9))
    _edit(root)
    mixtui("list")
    mixtui("list")
    assert len(scans) == 3


def test_a_list_of_another_collection_is_not_taken(
    mixtui: CommandLine, root: Path, scans: list[Path]
) -> None:
    other = root.with_name("other")
    root.rename(other)
    mixtui("list", "--collection", str(other))
    assert len(scans) == 2
    (file,) = (each for each in kept() if str(other).encode() in each.read_bytes())
    for each in kept():
        if each != file:
            file.replace(each)  # As two paths with one checksum.
    root.mkdir()
    assert mixtui("list", "--collection", str(root)).text == ""


@pytest.mark.parametrize("cut", [0, 1, 30, 500, 10_000, -5])
def test_a_damaged_file_is_ignored(
    mixtui: CommandLine, root: Path, cut: int, scans: list[Path]
) -> None:
    first = mixtui("list")
    (file,) = kept()
    file.write_bytes(file.read_bytes()[:cut])
    assert mixtui("list") == first
    assert len(scans) == 2
