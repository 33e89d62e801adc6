from __future__ import annotations

import os
from pathlib import Path

import pytest

from mixtui.document import source as byte_source
from mixtui.document.source import ByteSource, BytesSource, FileSource, read_at

DATA = bytes(range(100))


def sources(folder: Path) -> list[ByteSource]:
    path = folder / "body"
    path.write_bytes(DATA)
    return [BytesSource(DATA), FileSource(path)]


@pytest.mark.parametrize(
    ("start", "end"), [(0, 100), (10, 20), (90, 1000), (100, 200), (500, 600), (7, 7)]
)
def test_bytes_are_read_by_position(tmp_path: Path, start: int, end: int) -> None:
    for source in sources(tmp_path):
        assert source.size == 100
        assert source.read(start, end) == DATA[start:end]


def test_a_file_keeps_the_size_it_had_when_opened(tmp_path: Path) -> None:
    _, source = sources(tmp_path)
    with (tmp_path / "body").open("ab") as file:
        file.write(b"more")
    assert (source.size, source.read(90, 200)) == (100, DATA[90:])


def test_a_file_that_became_shorter_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    _, source = sources(tmp_path)
    os.truncate(tmp_path / "body", 10)
    assert source.read(5, 50) == DATA[5:10]


def test_a_deleted_file_stays_readable(tmp_path: Path) -> None:
    _, source = sources(tmp_path)
    (tmp_path / "body").unlink()
    assert source.read(0, 3) == DATA[:3]


def test_a_closed_file_is_an_error(tmp_path: Path) -> None:
    source = FileSource(Path(__file__))
    source.close()
    with pytest.raises((OSError, ValueError)):
        source.read(0, 1)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        FileSource(tmp_path / "none")


def test_short_reads_are_continued(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "body"
    path.write_bytes(DATA)
    pread = os.pread
    monkeypatch.setattr(
        byte_source.os,
        "pread",
        lambda file, size, offset: pread(file, min(size, 7), offset),
    )
    with path.open("rb") as file:
        assert read_at(file.fileno(), 3, 90) == DATA[3:90]
        assert read_at(file.fileno(), 95, 900) == DATA[95:]
