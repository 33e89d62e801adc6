"""Content of any size is saved to a file completely or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.document.source import BytesSource, read_chunks
from mixtui.model.errors import NameTaken, StorageError
from mixtui.storage.files import save_chunks
from mixtui.system import Cancelled, CancelToken


@given(st.binary(max_size=40), st.integers(1, 9))
def test_the_saved_bytes_are_those_of_the_body(
    tmp_path_factory: pytest.TempPathFactory, body: bytes, step: int
) -> None:
    path = tmp_path_factory.mktemp("saved") / "body"
    save_chunks(read_chunks(BytesSource(body), step), path)
    assert path.read_bytes() == body


def test_progress_counts_up_to_the_size(tmp_path: Path) -> None:
    reports: list[int] = []
    chunks = read_chunks(BytesSource(b"0123456789"), 4)
    save_chunks(chunks, tmp_path / "body", progress=reports.append)
    assert reports == [4, 8, 10]


def test_an_existing_file_is_replaced_only_on_request(tmp_path: Path) -> None:
    path = tmp_path / "body.json"
    path.write_bytes(b"old")
    with pytest.raises(NameTaken, match=r"body\.json already"):
        save_chunks([b"new"], path)
    assert path.read_bytes() == b"old"
    save_chunks([b"new"], path, overwrite=True)
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["body.json"]


def test_a_file_that_appears_meanwhile_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "body"

    def chunks() -> Iterator[bytes]:
        path.write_bytes(b"someone else's")
        yield b"ours"

    with pytest.raises(NameTaken):
        save_chunks(chunks(), path)
    assert path.read_bytes() == b"someone else's"
    assert os.listdir(tmp_path) == ["body"]


def test_a_dangling_link_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "link"
    path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(NameTaken):
        save_chunks([b"new"], path)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("overwrite", [False, True])
def test_missing_folders_are_created(tmp_path: Path, overwrite: bool) -> None:
    path = tmp_path / "a" / "b" / "body"
    save_chunks([b"x"], path, overwrite=overwrite)
    assert path.read_bytes() == b"x"


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_cancelling_leaves_the_folder_unchanged(
    tmp_path: Path, overwrite: bool, after: int
) -> None:
    path = tmp_path / "body"
    if overwrite:
        path.write_bytes(b"old")
    token = CancelToken()

    def progress(written: int) -> None:
        if written == 5 * after:
            token.cancel()

    progress(0)
    with pytest.raises(Cancelled):
        save_chunks(
            read_chunks(BytesSource(b"0123456789"), 5),
            path,
            overwrite=overwrite,
            progress=progress,
            token=token,
        )
    assert os.listdir(tmp_path) == (["body"] if overwrite else [])
    assert not overwrite or path.read_bytes() == b"old"


class _BrokenSource:
    """A body that cannot be read to its end."""

    size = 10
    path = None

    def __init__(self, problem: OSError | None) -> None:
        self._problem = problem

    def read(self, start: int, end: int) -> bytes:
        if self._problem is not None:
            raise self._problem
        return b"short"


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        (None, "was not written: the body cannot be read completely"),
        (OSError(errno.EIO, "Input/output error"), "was not written: Input/output"),
        (OSError(errno.ENOSPC, "full"), "The disk is full"),
    ],
)
def test_a_failure_is_reported_and_leaves_no_file(
    tmp_path: Path, problem: OSError | None, message: str
) -> None:
    with pytest.raises(StorageError, match=message):
        save_chunks(read_chunks(_BrokenSource(problem)), tmp_path / "body")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("function", ["write", "fsync"])
def test_a_full_disk_is_reported_and_leaves_no_file(
    tmp_path: Path, function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, function, fail)
    with pytest.raises(StorageError, match="The disk is full"):
        save_chunks([b"x" * 100], tmp_path / "body")
    assert os.listdir(tmp_path) == []


def test_a_read_only_folder_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(os, "open", fail)
    with pytest.raises(StorageError, match="save elsewhere"):
        save_chunks([b"x"], tmp_path / "body")


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("folder", "is a folder: add"),
        ("file/body", "file is not a folder|Not a directory"),
        ("file/deeper/body", "Not a directory"),
        ("x" * 300, "the name is too long"),
    ],
)
def test_a_path_that_cannot_be_a_file_is_reported(
    tmp_path: Path, name: str, message: str, overwrite: bool
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"kept")
    with pytest.raises(StorageError, match=message):
        save_chunks([b"x"], tmp_path / name, overwrite=overwrite)
    assert (tmp_path / "file").read_bytes() == b"kept"
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]


def test_only_a_regular_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(StorageError, match="is not a file"):
        save_chunks([b"x"], path, overwrite=True)
    assert path.is_fifo()
