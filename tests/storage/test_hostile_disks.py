"""Every kind of write on a disk that takes nothing, and on one without locks."""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import signal
from pathlib import Path

import pytest

from mixtui.model.errors import MixtuiError
from tests.storage.random_kills import CHANGES, check, prepare
from tests.storage.test_killed_writes import WRITES

REFUSED, DONE, UNEXPECTED = 3, 0, 70
PREPARED = ("a request from another disk", "the trash", "a quota")
"""Changes that write a file of their own first, or leave writing to SQLite."""
SILENT = ("trust", "a filter", "names", "a recent collection")
"""What the user did not ask to be written may be lost without an error."""


def change_on_a_full_disk(name: str, folder: Path) -> int:
    """Make a change in a child that may write no byte; return how it ended."""
    child = os.fork()
    if not child:
        status = UNEXPECTED
        try:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
            CHANGES[name](folder)
            status = DONE
        except MixtuiError:
            status = REFUSED
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("name", [name for name in CHANGES if name not in PREPARED])
def test_a_full_disk_is_reported_and_changes_nothing(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    prepare(name, folder)
    status = change_on_a_full_disk(name, folder)
    assert status == REFUSED or (status == DONE and name in SILENT)
    check(folder)
    if (write := WRITES.get(name)) is not None:
        path = folder / write.file
        assert (path.read_bytes() if path.exists() else None) == write.before
    assert not list(folder.rglob("*.tmp"))


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOTSUP])
@pytest.mark.parametrize("name", CHANGES)
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
