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
    folder = collection.root / "Reports"
    folder.mkdir()
    collection.save_as(folder, Draft(name="Inner"))
    (folder / "notes.md").write_text("not ours")
    (folder / "link.toml").symlink_to("nowhere")
    return folder


def all_paths(path):
    return sorted(str(paths.relative_to(path)) for paths in path.rglob("*"))


@pytest.fixture(params=["same disk", "another disk"])
def disk_layout(request, monkeypatch):
    if request.param == "another disk":
        rename = os.rename

        def rename_across(source, target):
            if ("state" in str(source)) != ("state" in str(target)):
                raise OSError(errno.EXDEV, "Invalid cross-device link")
            rename(source, target)

        monkeypatch.setattr(os, "rename", rename_across)


@pytest.mark.usefixtures("disk_layout")
def test_a_deleted_request_is_restored(collection, weekly):
    content = weekly.read_bytes()
    deleted = collection.trash.add(weekly)
    assert not weekly.exists()
    assert deleted.path == weekly
    assert collection.trash.restore(deleted) == weekly
    assert weekly.read_bytes() == content
    assert collection.trash.deleted_under(collection.root) == ()


@pytest.mark.usefixtures("disk_layout")
def test_a_deleted_folder_is_restored_with_its_content(collection, reports):
    before = all_paths(reports)
    deleted = collection.trash.add(reports)
    assert not reports.exists()
    assert collection.trash.restore(deleted) == reports
    assert all_paths(reports) == before


def test_the_trash_is_private(collection, weekly):
    trash_path = collection.trash.add(weekly).trash_path
    for folder in (trash_path.parent, trash_path.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_restoring_never_replaces_another_request(collection, weekly, reports):
    request, folder = collection.trash.add(weekly), collection.trash.add(reports)
    collection.save_as(collection.root, Draft(name="Weekly"))
    reports.mkdir()
    assert collection.trash.restore(request).name == "weekly-2.toml"
    assert collection.trash.restore(folder).name == "Reports-2"


def test_restoring_recreates_a_deleted_folder(collection, reports):
    deleted = collection.trash.add(reports / "inner.toml")
    collection.trash.add(reports)
    assert collection.trash.restore(deleted) == reports / "inner.toml"


def test_the_trash_is_readable_after_a_restart(collection, weekly, reports, tmp_path):
    collection.trash.add(weekly)
    collection.trash.add(reports)
    reopened = Collection(collection.root, trash=tmp_path / "state" / "trash")
    assert [
        deleted.path for deleted in reopened.trash.deleted_under(reopened.root)
    ] == [reports, weekly]
    other = Collection(tmp_path / "other", trash=tmp_path / "state" / "trash")
    assert other.trash.deleted_under(other.root) == ()
    assert (
        reopened.trash.restore(reopened.trash.deleted_under(reopened.root)[0])
        == reports
    )


def test_an_interrupted_deletion_is_not_restorable(collection, weekly, tmp_path):
    slot = tmp_path / "state" / "trash" / f"{time.time_ns():020}-0000"
    slot.mkdir(parents=True)
    (slot / "deleted-from.toml").write_text(f"path = '{weekly}'\n")
    (slot.parent / "not ours").mkdir()
    assert collection.trash.deleted_under(collection.root) == ()


def test_old_deletions_are_removed(collection, weekly, reports, monkeypatch):
    collection.trash.add(weekly)
    later = time.time_ns() + 31 * 86400 * 10**9
    monkeypatch.setattr(time, "time_ns", lambda: later)
    collection.trash.add(reports)
    assert [
        deleted.path for deleted in collection.trash.deleted_under(collection.root)
    ] == [reports]


def test_restoring_what_left_the_trash_is_reported(collection, weekly):
    deleted = collection.trash.add(weekly)
    deleted.trash_path.unlink()
    with pytest.raises(StorageError, match=r"weekly\.toml is no longer in the trash"):
        collection.trash.restore(deleted)


def fail_with_permission_error(*_args, **_kwargs):
    raise PermissionError(errno.EACCES, "Permission denied")


def test_a_failed_deletion_changes_nothing(collection, weekly, monkeypatch):
    monkeypatch.setattr(os, "rename", fail_with_permission_error)
    with pytest.raises(StorageError, match=r"weekly\.toml was not deleted: Permission"):
        collection.trash.add(weekly)
    assert weekly.exists()
    assert collection.trash.deleted_under(collection.root) == ()


def test_a_failed_restore_names_the_file_in_the_trash(collection, weekly, monkeypatch):
    deleted = collection.trash.add(weekly)
    monkeypatch.setattr(os, "rename", fail_with_permission_error)
    with pytest.raises(StorageError, match="was not restored: Permission") as caught:
        collection.trash.restore(deleted)
    assert str(deleted.trash_path.parent) in str(caught.value)


@pytest.mark.usefixtures("disk_layout")
def test_a_copy_that_fails_halfway_keeps_the_folder(collection, reports, monkeypatch):
    before = all_paths(reports)
    monkeypatch.setattr(os, "rename", fail_across_devices)
    monkeypatch.setattr("shutil.copytree", fail_with_permission_error)
    with pytest.raises(StorageError, match="was not deleted"):
        collection.trash.add(reports)
    assert all_paths(reports) == before


def fail_across_devices(*_args):
    raise OSError(errno.EXDEV, "Invalid cross-device link")


def test_what_is_removed_by_undo_was_not_deleted(collection, weekly):
    removed = collection.trash.add(weekly, undone=True)
    assert collection.trash.deleted_under(collection.root) == ()
    assert collection.trash.restore(removed) == weekly
