"""The heads of requests are kept between runs, and never wrong."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mixtui.model.errors import BrokenFile
from mixtui.storage import heads
from mixtui.storage.heads import RequestHead, read_heads
from mixtui.storage.paths import state_dir

COUNT = 100
"""As many as are worth it."""

Read = Callable[[], dict[str, str]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A collection that was written long ago."""
    folder = tmp_path / "requests"
    folder.mkdir()
    for number in range(COUNT):
        write(folder / f"{number:03}.toml", f"Name {number:03}")
    return folder


def write(path: Path, name: str) -> None:
    path.write_text(
        f'name = "{name}"\nmethod = "GET"\napi = "query"\nurl = "/query/events"\n'
    )


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were opened; all were changed long ago."""
    names: list[str] = []
    read_head, time_ns = heads.read_head, time.time_ns

    def count(path: Path) -> RequestHead | BrokenFile:
        names.append(path.name)
        return read_head(path)

    monkeypatch.setattr(heads, "read_head", count)
    monkeypatch.setattr(heads.time, "time_ns", lambda: time_ns() + 10**10)
    return names


@pytest.fixture
def read(root: Path, opened: list[str]) -> Read:
    """Read all heads, as a new run would; return the names in them."""

    def read_all() -> dict[str, str]:
        opened.clear()
        found = read_heads(root, sorted(root.iterdir()))
        return {
            path.name: head.name if isinstance(head, RequestHead) else "broken"
            for path, head in found.items()
        }

    return read_all


def test_what_has_not_changed_is_not_opened(read: Read, opened: list[str]) -> None:
    first = read()
    assert len(opened) == COUNT
    assert read() == first
    assert opened == []
    assert first["007.toml"] == "Name 007"


def rewritten(path: Path) -> None:
    status = path.stat()
    write(path, "Same 007")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def replaced(path: Path) -> None:
    other = path.with_suffix(".new")
    write(other, "Same 007")
    status = path.stat()
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(path)


@pytest.mark.parametrize("change", [rewritten, replaced])
def test_a_change_of_equal_size_and_time_is_seen(
    root: Path, read: Read, opened: list[str], change: Callable[[Path], None]
) -> None:
    read()
    change(root / "007.toml")
    assert read()["007.toml"] == "Same 007"
    assert opened == ["007.toml"]
    read()
    assert opened == []


def test_what_was_changed_just_now_is_read_again(
    monkeypatch: pytest.MonkeyPatch, root: Path, read: Read, opened: list[str]
) -> None:
    """It could be changed again without getting another time."""
    read()
    write(root / "007.toml", "New")
    changed = (root / "007.toml").stat().st_ctime_ns
    monkeypatch.setattr(heads.time, "time_ns", lambda: changed + 10**9)
    assert read()["007.toml"] == "New"
    assert read()["007.toml"] == "New"
    assert opened == ["007.toml"]


def test_what_is_broken_is_read_again(
    root: Path, read: Read, opened: list[str]
) -> None:
    (root / "broken.toml").write_text("name = ")
    assert read()["broken.toml"] == "broken"
    assert read()["broken.toml"] == "broken"
    assert opened == ["broken.toml"]


def test_a_file_that_was_moved_is_read_again_and_a_deleted_one_is_forgotten(
    root: Path, read: Read, opened: list[str]
) -> None:
    read()
    (root / "007.toml").rename(root / "moved.toml")
    (root / "008.toml").unlink()
    assert "007.toml" not in read()
    assert opened == ["moved.toml"]
    write(root / "008.toml", "Back")
    assert read()["008.toml"] == "Back"


def stored() -> list[Path]:
    return list((state_dir() / "heads").glob("*"))


@pytest.mark.parametrize(
    "data", [b"", b"\xc1", b"\x80", b"\x82\xaawritten_by\xa3old\xa7entries\x80"]
)
def test_what_another_version_or_a_crash_left_is_not_used(
    read: Read, opened: list[str], data: bytes
) -> None:
    first = read()
    (file,) = stored()
    file.write_bytes(data)
    assert read() == first
    assert len(opened) == COUNT
    read()
    assert opened == []


def test_heads_are_private_and_few_are_not_kept(root: Path, read: Read) -> None:
    (root / "000.toml").unlink()
    read()
    assert stored() == []
    write(root / "000.toml", "Name 000")
    read()
    (file,) = stored()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_the_heads_of_the_collections_used_last_are_kept(
    root: Path, read: Read
) -> None:
    for number in range(10):
        read_heads(root / str(number), sorted(root.iterdir()))
    read()
    assert len(stored()) == 8


def test_a_state_folder_that_cannot_be_written_does_not_matter(read: Read) -> None:
    state_dir().mkdir(parents=True)
    (state_dir() / "heads").write_text("")
    assert len(read()) == COUNT
