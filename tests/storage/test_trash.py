from __future__ import annotations

import errno
import os
import stat
import time

import pytest

from mixtui.model.draft import Draft
from mixtui.model.errors import StorageError
from mixtui.storage.collection import Collection


@pytest.fixture
def weekly(collection):
    return collection.save_as(collection.root, Draft(name="Weekly")).path


@pytest.fixture
def reports(collection, weekly):
    folder = collection.new_folder(collection.root, "Reports")
    collection.save_as(folder, Draft(name="Inner"))
    (folder / "notes.md").write_text("not ours")
    (folder / "link.toml").symlink_to("nowhere")
    return folder


def all_paths(path):
    return sorted(str(paths.relative_to(path)) for paths in path.rglob("*"))


@pytest.fixture(params=["same disk", "another disk"])
def disks(request, monkeypatch):
    if request.param == "another disk":
        rename = os.rename

        def across(source, target):
            if ("state" in str(source)) != ("state" in str(target)):
                raise OSError(errno.EXDEV, "Invalid cross-device link")
            rename(source, target)

        monkeypatch.setattr(os, "rename", across)


@pytest.mark.usefixtures("disks")
def test_a_request_is_deleted_and_comes_back(collection, weekly):
    content = weekly.read_bytes()
    deleted = collection.delete(weekly)
    assert not weekly.exists()
    assert deleted.path == weekly
    assert collection.restore(deleted) == weekly
    assert weekly.read_bytes() == content
    assert collection.restorable() == ()


@pytest.mark.usefixtures("disks")
def test_a_folder_is_deleted_with_all_that_is_in_it(collection, reports):
    before = all_paths(reports)
    deleted = collection.delete(reports)
    assert not reports.exists()
    assert collection.restore(deleted) == reports
    assert all_paths(reports) == before


def test_the_trash_is_private(collection, weekly):
    kept = collection.delete(weekly).trash_path
    for folder in (kept.parent, kept.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_undo_puts_nothing_in_the_place_of_another(collection, weekly, reports):
    request, folder = collection.delete(weekly), collection.delete(reports)
    collection.save_as(collection.root, Draft(name="Weekly"))
    collection.new_folder(collection.root, "Reports")
    assert collection.restore(request).name == "weekly-2.toml"
    assert collection.restore(folder).name == "Reports-2"


def test_undo_makes_the_folder_that_went_meanwhile(collection, reports):
    deleted = collection.delete(reports / "inner.toml")
    collection.delete(reports)
    assert collection.restore(deleted) == reports / "inner.toml"


def test_the_trash_outlives_the_program(collection, weekly, reports, tmp_path):
    collection.delete(weekly)
    collection.delete(reports)
    again = Collection(collection.root, trash=tmp_path / "state" / "trash")
    assert [deleted.path for deleted in again.restorable()] == [reports, weekly]
    other = Collection(tmp_path / "other", trash=tmp_path / "state" / "trash")
    assert other.restorable() == ()
    assert again.restore(again.restorable()[0]) == reports


def test_a_crash_in_between_is_no_deletion(collection, weekly, tmp_path):
    slot = tmp_path / "state" / "trash" / f"{time.time_ns():020}-0000"
    slot.mkdir(parents=True)
    (slot / "deleted-from.toml").write_text(f"path = '{weekly}'\n")
    (slot.parent / "not ours").mkdir()
    assert collection.restorable() == ()


def test_what_was_deleted_long_ago_goes(collection, weekly, reports, monkeypatch):
    collection.delete(weekly)
    later = time.time_ns() + 31 * 86400 * 10**9
    monkeypatch.setattr(time, "time_ns", lambda: later)
    collection.delete(reports)
    assert [deleted.path for deleted in collection.restorable()] == [reports]


def test_what_is_not_in_the_trash_any_more_is_a_sentence(collection, weekly):
    deleted = collection.delete(weekly)
    deleted.trash_path.unlink()
    with pytest.raises(
        StorageError, match=r"weekly\.toml is not in the trash any more"
    ):
        collection.restore(deleted)


def refused(*_args, **_kwargs):
    raise PermissionError(errno.EACCES, "Permission denied")


def test_a_deletion_that_fails_leaves_all_as_it_was(collection, weekly, monkeypatch):
    monkeypatch.setattr(os, "rename", refused)
    with pytest.raises(StorageError, match=r"weekly\.toml was not deleted: Permission"):
        collection.delete(weekly)
    assert weekly.exists()
    assert collection.restorable() == ()


def test_an_undo_that_fails_says_where_the_file_is(collection, weekly, monkeypatch):
    deleted = collection.delete(weekly)
    monkeypatch.setattr(os, "rename", refused)
    with pytest.raises(StorageError, match="was not restored: Permission") as caught:
        collection.restore(deleted)
    assert str(deleted.trash_path.parent) in str(caught.value)


@pytest.mark.usefixtures("disks")
def test_a_copy_that_fails_halfway_leaves_the_folder(collection, reports, monkeypatch):
    before = all_paths(reports)
    monkeypatch.setattr(os, "rename", cross_device)
    monkeypatch.setattr("shutil.copytree", refused)
    with pytest.raises(StorageError, match="was not deleted"):
        collection.delete(reports)
    assert all_paths(reports) == before


def cross_device(*_args):
    raise OSError(errno.EXDEV, "Invalid cross-device link")
