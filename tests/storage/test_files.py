from __future__ import annotations

import errno
import os
import stat

import pytest

from mixtui.model.errors import NameTaken, StorageError
from mixtui.storage import files
from mixtui.storage.files import Fingerprint, PartFile

posix = pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")


def permissions(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_writing_creates_missing_folders_and_leaves_no_other_file(tmp_path):
    path = tmp_path / "a" / "b" / "request.toml"
    files.write(path, b"one")
    files.write(path, b"two")
    assert path.read_bytes() == b"two"
    assert os.listdir(path.parent) == ["request.toml"]


@posix
@pytest.mark.parametrize(
    ("before", "mode", "expected"),
    [
        pytest.param(None, None, 0o640, id="new: what the umask leaves"),
        pytest.param(None, 0o600, 0o600, id="new and private"),
        pytest.param(0o604, None, 0o604, id="keeps what it has"),
        pytest.param(0o644, 0o600, 0o600, id="made private"),
    ],
)
def test_the_permissions_of_a_file_are_kept_or_set(before, mode, expected, tmp_path):
    path = tmp_path / "file"
    if before is not None:
        path.touch()
        path.chmod(before)
    umask = os.umask(0o027)
    try:
        files.write(path, b"text", mode=mode)
    finally:
        os.umask(umask)
    assert permissions(path) == expected


@posix
def test_a_private_file_is_private_before_it_is_written(tmp_path, monkeypatch):
    modes = []
    write = os.write

    def write_and_record(file, data):
        modes.append(stat.S_IMODE(os.fstat(file).st_mode))
        return write(file, data)

    monkeypatch.setattr(os, "write", write_and_record)
    files.write(tmp_path / "secret", b"text", mode=0o600)
    assert modes == [0o600]


def test_a_link_stays_a_link(tmp_path):
    target = tmp_path / "real" / "request.toml"
    target.parent.mkdir()
    target.write_bytes(b"old")
    link = tmp_path / "link.toml"
    link.symlink_to(target)
    files.write(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert os.listdir(target.parent) == ["request.toml"]


@pytest.mark.parametrize("function", ["write", "fsync", "replace"])
@pytest.mark.parametrize(
    ("number", "message"),
    [
        (errno.ENOSPC, "The disk is full: .* was not changed"),
        (errno.EACCES, "was not written: .*change its permissions"),
        (errno.EIO, "was not written"),
    ],
)
def test_a_failure_leaves_the_old_content(
    function, number, message, tmp_path, monkeypatch
):
    path = tmp_path / "request.toml"
    path.write_bytes(b"old")

    def fail(*_args, **_kwargs):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, function, fail)
    with pytest.raises(StorageError, match=message) as caught:
        files.write(path, b"new")
    assert caught.value.path == path
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["request.toml"]


def test_a_partial_write_is_continued(tmp_path, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, bytes(data[:3])))
    files.write(tmp_path / "file", b"0123456789")
    assert (tmp_path / "file").read_bytes() == b"0123456789"


def test_a_write_protected_file_is_not_replaced(tmp_path, monkeypatch):
    path = tmp_path / "request.toml"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(StorageError, match="read-only"):
        files.write(path, b"new")
    assert path.read_bytes() == b"old"


def test_a_folder_that_cannot_be_synced_is_ignored(tmp_path, monkeypatch):
    fsync = os.fsync

    def only_files(file):
        if stat.S_ISDIR(os.fstat(file).st_mode):
            raise OSError(errno.EINVAL, "no folders")
        fsync(file)

    monkeypatch.setattr(os, "fsync", only_files)
    files.write(tmp_path / "file", b"text")
    assert (tmp_path / "file").read_bytes() == b"text"


def test_a_new_file_never_replaces_another(tmp_path):
    path = tmp_path / "request.toml"
    files.create(path, b"first")
    with pytest.raises(NameTaken, match=r"request\.toml already"):
        files.create(path, b"second")
    assert path.read_bytes() == b"first"
    assert os.listdir(tmp_path) == ["request.toml"]


def test_a_new_file_never_replaces_another_without_hard_links(tmp_path, monkeypatch):
    def no_links(*_args, **_kwargs):
        raise PermissionError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", no_links)
    path = tmp_path / "request.toml"
    files.create(path, b"first")
    with pytest.raises(NameTaken):
        files.create(path, b"second")
    assert path.read_bytes() == b"first"


def test_a_too_long_name_is_reported(tmp_path):
    with pytest.raises(StorageError, match="the name is too long"):
        files.create(tmp_path / ("x" * 300), b"")


@pytest.mark.parametrize(
    ("create", "message"),
    [
        pytest.param(lambda path: None, "does not exist", id="gone"),
        pytest.param(lambda path: path.mkdir(), "is not a file", id="folder"),
        pytest.param(os.mkfifo, "is not a file", id="pipe"),
    ],
)
def test_reading_anything_but_a_file_is_reported(create, message, tmp_path):
    create(tmp_path / "x")
    with pytest.raises(StorageError, match=message):
        files.read(tmp_path / "x")


def test_different_contents_have_different_fingerprints():
    assert Fingerprint.of(b"one") == Fingerprint.of(b"one")
    assert Fingerprint.of(b"one") != Fingerprint.of(b"two")


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_file_in_parts_is_there_once_it_is_complete(tmp_path, overwrite):
    path = tmp_path / "new" / "x.jsonl"
    file = files.PartFile(path, overwrite=overwrite)
    file.write(b"a\n")
    file.write(b"b\n")
    assert not path.exists()
    file.finish()
    assert path.read_bytes() == b"a\nb\n"
    assert file.size == 4
    assert os.listdir(path.parent) == ["x.jsonl"]


def test_a_file_in_parts_replaces_another_only_if_it_may(tmp_path):
    path, part = tmp_path / "answer", tmp_path / "answer.part"
    file = files.PartFile(path)
    file.write(b"new")
    path.write_bytes(b"of another program")
    with pytest.raises(
        NameTaken,
        match=r"was created by another program in the meantime: the received data is in .*answer\.part",
    ):
        file.finish()
    assert (path.read_bytes(), part.read_bytes()) == (b"of another program", b"new")
    with pytest.raises(NameTaken, match="answer already"):
        files.PartFile(path)
    assert part.read_bytes() == b"new"
    file = files.PartFile(path, overwrite=True)
    file.write(b"newer")
    file.finish()
    assert path.read_bytes() == b"newer"
    assert not part.exists()


@posix
def test_a_part_that_another_program_writes_is_left_to_it(tmp_path):
    first = files.PartFile(tmp_path / "answer", overwrite=True)
    first.write(b"one")
    with pytest.raises(StorageError, match=r"another program is writing answer\.part"):
        files.PartFile(tmp_path / "answer", overwrite=True)
    first.write(b"two")
    first.finish()
    assert (tmp_path / "answer").read_bytes() == b"onetwo"
    again = files.PartFile(tmp_path / "answer", overwrite=True)
    again.write(b"three")
    again.close_partial()
    assert (tmp_path / "answer.part").read_bytes() == b"three"


def test_only_a_part_that_holds_something_is_emptied(tmp_path, monkeypatch):
    emptied = []
    empty = os.ftruncate
    monkeypatch.setattr(os, "ftruncate", lambda *of: emptied.append(empty(*of)))
    files.open_part(tmp_path / "new").close()
    assert not emptied
    (tmp_path / "left").write_bytes(b"half of it")
    files.open_part(tmp_path / "left").close()
    assert len(emptied) == 1
    assert (tmp_path / "left").read_bytes() == b""


@posix
@pytest.mark.parametrize("overwrite", [False, True])
def test_a_file_that_is_adopted_is_the_output_under_a_second_name(tmp_path, overwrite):
    path, received = tmp_path / "answer", tmp_path / "received"
    received.write_bytes(b"all")
    part = PartFile(path, overwrite=overwrite)
    assert part.adopt(received)
    identity = part.identity()
    part.finish()
    assert identity == files.FileIdentity.of(path.stat())
    assert path.samefile(received)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["answer", "received"]


def test_an_adopted_part_that_was_left_behind_is_not_emptied(tmp_path):
    """What was received is all there is of it."""
    path, received = tmp_path / "answer", tmp_path / "received"
    received.write_bytes(b"all")
    killed = PartFile(path)
    assert killed.adopt(received)
    killed.close_partial()
    part = PartFile(path)
    assert received.read_bytes() == b"all"
    part.adopt(received)
    part.finish()
    assert path.read_bytes() == b"all"


def test_a_file_of_another_disk_is_not_adopted(tmp_path, monkeypatch):
    def link(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    part = PartFile(tmp_path / "answer")
    monkeypatch.setattr(os, "link", link)
    assert not part.adopt(tmp_path / "received")
    part.close_partial()


def test_a_part_that_was_finished_meanwhile_is_not_emptied(tmp_path, monkeypatch):
    path, target = tmp_path / "answer.part", tmp_path / "answer"
    path.write_bytes(b"whole")
    try_lock = files.try_lock

    def lock_when_it_is_finished(file):
        if not target.exists():
            path.rename(target)
        return try_lock(file)

    monkeypatch.setattr(files, "try_lock", lock_when_it_is_finished)
    files.open_part(path).close()
    assert (target.read_bytes(), path.read_bytes()) == (b"whole", b"")
