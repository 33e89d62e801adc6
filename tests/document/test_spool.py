from __future__ import annotations

import errno
import os
import stat
import tracemalloc
from pathlib import Path

import pytest

from mixtui.document import source as spooling
from mixtui.document.source import Spool


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path, in_memory=10)


def test_a_small_body_stays_in_memory(spool: Spool, tmp_path: Path) -> None:
    assert spool.write(b"0123") == 4
    assert spool.write(b"456789") == 6
    assert (spool.size, spool.path) == (10, None)
    assert spool.read(2, 100) == b"23456789"
    assert list(tmp_path.iterdir()) == []


def test_a_longer_body_is_written_to_a_file(spool: Spool, tmp_path: Path) -> None:
    spool.write(b"0123456789")
    spool.write(b"a")
    spool.write(b"bc")
    assert [spool.path] == list(tmp_path.iterdir())
    assert spool.path is not None
    assert spool.path.read_bytes() == spool.read(0, 100) == b"0123456789abc"
    assert spool.size == 13


def test_one_big_piece_is_written_to_a_file(spool: Spool) -> None:
    spool.write(b"x" * 1000)
    assert spool.path is not None
    assert spool.read(999, 2000) == b"x"


def test_the_end_of_a_body_is_read_from_memory_and_from_a_file(tmp_path: Path) -> None:
    for in_memory in (1, 100):
        spool = Spool(tmp_path, in_memory=in_memory)
        assert spool.tail(3) == b""
        spool.write(b"01234")
        assert [spool.tail(size) for size in (0, 2, 5, 9)] == [
            b"",
            b"34",
            b"01234",
            b"01234",
        ]
        spool.write(b"5")
        assert spool.tail(9) == spool.read(0, 9) == b"012345"


def test_a_body_in_memory_is_held_once(tmp_path: Path) -> None:
    spool, piece, pieces = Spool(tmp_path, in_memory=1_000_000), bytes(10_000), 100
    tracemalloc.start()
    try:
        for _ in range(pieces):
            spool.write(piece)
        body = spool.tail(1_000_000)
        assert spool.tail(1_000_000) is body
        spool.read(0, 10)
        assert tracemalloc.get_traced_memory()[1] < 1_300_000
        del body
        tracemalloc.reset_peak()
        spool.write(piece)  # Now it is moved to a file.
        assert tracemalloc.get_traced_memory()[1] < 1_300_000
    finally:
        tracemalloc.stop()
    assert spool.path is not None
    assert spool.path.stat().st_size == spool.size


def test_the_file_is_private(spool: Spool) -> None:
    umask = os.umask(0)
    try:
        spool.write(b"x" * 11)
    finally:
        os.umask(umask)
    assert spool.path is not None
    assert stat.S_IMODE(spool.path.stat().st_mode) == 0o600


def test_a_spool_is_readable_while_it_grows(spool: Spool) -> None:
    for number in range(1, 30):
        spool.write(bytes([number]))
        assert spool.read(number - 1, 1000) == bytes([number])
        assert spool.read(0, number) == bytes(range(1, number + 1))


def test_the_file_is_deleted_with_the_last_reference(tmp_path: Path) -> None:
    spool = Spool(tmp_path, in_memory=1)
    spool.write(b"body")
    assert len(list(tmp_path.iterdir())) == 1
    del spool
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_was_handed_over_is_not_deleted(tmp_path: Path) -> None:
    spool = Spool(tmp_path, in_memory=1)
    spool.write(b"body")
    assert spool.path is not None
    new_path = spool.path.rename(tmp_path / "kept")
    spool.hand_over(new_path)
    assert spool.read(0, 4) == b"body"
    assert spool.path == new_path
    del spool
    assert new_path.read_bytes() == b"body"


def test_handing_over_a_body_in_memory_does_nothing(
    spool: Spool, tmp_path: Path
) -> None:
    spool.write(b"body")
    spool.hand_over(tmp_path / "kept")
    assert spool.path is None


class Disk:
    """A disk with room for a few bytes."""

    def __init__(self, room: int) -> None:
        self.room = room
        self._write = os.write

    def write(self, descriptor: int, data: memoryview) -> int:
        if not self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = self._write(descriptor, data[: self.room])
        self.room -= written
        return written


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    disk = Disk(15)
    monkeypatch.setattr(spooling.os, "write", disk.write)
    return disk


def test_a_full_disk_keeps_what_was_written_before(spool: Spool, disk: Disk) -> None:
    spool.write(b"0123456789")
    spool.write(b"ab")
    with pytest.raises(OSError, match="No space"):
        spool.write(b"cdefgh")
    assert (spool.size, spool.read(0, 100)) == (12, b"0123456789ab")
    assert spool.path is not None
    assert spool.path.read_bytes() == b"0123456789ab"
    disk.room = 100
    spool.write(b"CD")
    assert spool.path.read_bytes() == spool.read(0, 100) == b"0123456789abCD"


def test_a_disk_that_is_full_from_the_start_leaves_the_body_in_memory(
    spool: Spool, disk: Disk, tmp_path: Path
) -> None:
    disk.room = 5
    spool.write(b"0123456789")
    with pytest.raises(OSError, match="No space"):
        spool.write(b"abcdef")
    assert (spool.size, spool.path) == (10, None)
    assert spool.read(0, 100) == b"0123456789"
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_leaves_the_body_in_memory(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "none", in_memory=4)
    spool.write(b"0123")
    with pytest.raises(OSError, match="No such file"):
        spool.write(b"4")
    assert spool.read(0, 10) == b"0123"
