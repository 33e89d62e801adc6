"""Every kind of write on a disk that takes nothing, and on one without locks."""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import signal
from pathlib import Path

import pytest

from tests.permissions import make_read_only, make_writable, obey_permissions
from tests.storage.children import is_sentence, start_change
from tests.storage.random_kills import CHANGES, check, prepare

SILENT = (
    "trust",
    "a filter",
    "names",
    "a recent collection",
    "heads",
    "the log",
    "that the setup was offered",
)
"""What the user did not ask to be written may be lost without an error."""
NEEDS_NO_SPACE = (
    "the trash",
    "a deleted request",
    "a new folder",
    "a renamed request",
    "a moved request",
    "a moved folder",
    "an export that is what was received",
)
"""What only gives a file another name, or makes a folder, may succeed."""
NEEDS_LOCKS = ("a stop of a job",)
"""A job that runs is known by its lock."""
KINDS = [name for name in CHANGES if name != "a request from another disk"]
"""Without the inner half of a deletion, whose errors the trash explains."""
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


def write_no_byte() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))


def content(folder: Path) -> dict[str, bytes]:
    """Return what each file holds that has anything in it.

    Not the index that SQLite makes anew for each reader.
    """
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.stat().st_size and not path.name.endswith("-shm")
    }


def test_the_disk_of_a_test_refuses_to_be_written(tmp_path: Path) -> None:
    def write() -> None:
        obey_permissions()
        (tmp_path / "new").write_bytes(b"")

    make_read_only(tmp_path)
    child = os.fork()
    if not child:
        try:
            write()
        except PermissionError:
            os._exit(3)
        finally:
            os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    make_writable(tmp_path)
    assert status == 3


@pytest.mark.parametrize("name", KINDS)
def test_a_full_disk_is_reported_and_changes_nothing(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    prepare(name, folder)
    before = content(folder)
    is_done, problem = start_change(name, folder, write_no_byte).result()
    assert is_done or is_sentence(problem), problem
    assert not is_done or name in (*SILENT, *NEEDS_NO_SPACE)
    check(folder)
    assert content(folder) == before or name in NEEDS_NO_SPACE
    assert not list(folder.rglob("*.tmp"))


@pytest.mark.parametrize("name", KINDS)
def test_a_read_only_folder_is_reported_and_changes_nothing(
    name: str, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    prepare(name, folder)
    before = content(folder)
    make_read_only(folder)
    try:
        is_done, problem = start_change(name, folder, obey_permissions).result()
    finally:
        make_writable(folder)
    assert is_done or is_sentence(problem), problem
    assert not is_done or name in SILENT
    assert content(folder) == before
    assert not list(folder.rglob("*.tmp"))


@pytest.mark.parametrize("name", KINDS)
def test_a_folder_that_cannot_be_created_is_reported(name: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x")
    is_done, problem = start_change(name, file / "folder", lambda: None).result()
    assert is_done or is_sentence(problem), problem
    assert not is_done or name in SILENT
    assert content(tmp_path) == {"file": b"x"}


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOTSUP])
@pytest.mark.parametrize("name", [name for name in CHANGES if name not in NEEDS_LOCKS])
def test_a_disk_without_locks_is_still_written(
    name: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flock(file: int, operation: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", flock)
    folder = tmp_path / "folder"
    prepare(name, folder)
    CHANGES[name](folder)
    check(folder)
