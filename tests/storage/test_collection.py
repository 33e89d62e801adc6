from __future__ import annotations

import errno
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Body, Draft, Method, Pair
from mixtui.model.errors import BrokenFile, ChangedOutside, NameTaken, StorageError
from mixtui.storage import files
from mixtui.storage.collection import RequestHead
from mixtui.storage.location import Location, parse_location

DRAFT = Draft(
    name="Weekly sign-ups", method=Method.POST, url="/x", body=Body(text="{}")
)


def at(text):
    return parse_location(text, Path())


def folder_at(text):
    return parse_location(text, Path(), is_folder=True)


@pytest.fixture
def root(collection):
    collection.root.mkdir()
    return collection.root


@pytest.fixture
def weekly(collection, root):
    path = root / "weekly.toml"
    path.write_text('# hands off\nname = "Weekly"\nowner = "ann"\n')
    return path


def test_reading_creates_nothing_and_the_first_write_creates_the_root(collection):
    assert collection.scan().requests == ()
    assert not collection.root.exists()
    saved = collection.save_as(collection.root, DRAFT)
    assert saved.path == collection.root / "weekly-sign-ups.toml"
    assert (collection.root / "mixtui.toml").read_text().startswith("# This folder")
    assert [entry.path for entry in collection.scan().requests] == [saved.path]


def test_no_marker_is_added_to_an_existing_folder(collection, root):
    collection.save_as(root, DRAFT)
    assert os.listdir(root) == ["weekly-sign-ups.toml"]


def test_a_saved_request_is_opened_unchanged(collection):
    saved = collection.save_as(collection.root, DRAFT)
    assert saved.draft == DRAFT
    assert collection.open(saved.path) == saved


def test_the_umask_decides_who_may_read_a_request(collection):
    umask = os.umask(0o022)
    try:
        saved = collection.save_as(collection.root, DRAFT)
    finally:
        os.umask(umask)
    assert stat.S_IMODE(saved.path.stat().st_mode) == 0o644


def test_the_head_of_a_file_has_what_lists_show(collection, root):
    weekly = root / "weekly.toml"
    weekly.write_text('name = "Weekly"\nurl = "/x"\ndescription = "For Monday"\n')
    (root / "unnamed.toml").write_text("method = 'PUT'")
    (root / "evil.toml").write_text('name = "a\\u001b[31m"')
    assert collection.head(weekly) == RequestHead(
        "Weekly", Method.GET, Api.QUERY, "/x", "For Monday"
    )
    assert collection.head(root / "unnamed.toml").name == "unnamed"
    assert collection.head(root / "evil.toml").name == "a�[31m"


@pytest.mark.parametrize(
    ("content", "message"),
    [("name =", "line 1: it is not valid TOML"), (None, "does not exist")],
)
def test_a_broken_file_is_listed_with_its_reason(content, message, collection, root):
    path = root / "broken.toml"
    if content is not None:
        path.write_text(content)
        assert [entry.stem for entry in collection.scan().requests] == ["broken"]
    head = collection.head(path)
    assert isinstance(head, BrokenFile)
    assert message in str(head)


def test_a_save_keeps_comments_and_unknown_keys(collection, weekly):
    request = collection.open(weekly)
    assert "owner" in request.warnings[0]
    saved = collection.save(request, replace(request.draft, url="/events"))
    assert weekly.read_text() == (
        '# hands off\nname = "Weekly"\nowner = "ann"\nurl = "/events"\n'
    )
    assert saved.draft.url == "/events"
    assert collection.save(saved, saved.draft) == saved


def test_a_save_follows_a_link(collection, root, tmp_path):
    shared = tmp_path / "shared.toml"
    shared.write_text("name = 'x'\n")
    (root / "link.toml").symlink_to(shared)
    request = collection.open(root / "link.toml")
    collection.save(request, replace(request.draft, name="y"))
    assert (root / "link.toml").is_symlink()
    assert 'name = "y"' in shared.read_text()


def test_a_file_changed_outside_is_not_overwritten_without_asking(collection, weekly):
    request = collection.open(weekly)
    weekly.write_text('name = "Theirs"\n# new\n')
    with pytest.raises(ChangedOutside, match=r"weekly\.toml was changed on disk"):
        collection.save(request, replace(request.draft, name="Mine"))
    assert "Theirs" in weekly.read_text()
    collection.save(request, replace(request.draft, name="Mine"), overwrite=True)
    assert weekly.read_text() == 'name = "Mine"\n# new\n'


def test_a_touched_file_with_the_same_content_is_not_a_change(collection, weekly):
    request = collection.open(weekly)
    weekly.write_text(weekly.read_text())
    os.utime(weekly, (1, 1))
    assert collection.save(request, replace(request.draft, name="Mine")).draft.name


def test_a_file_that_vanished_is_written_again_only_on_request(collection, weekly):
    request = collection.open(weekly)
    weekly.unlink()
    with pytest.raises(ChangedOutside, match="deleted or moved since you opened it"):
        collection.save(request, request.draft)
    assert not weekly.exists()
    collection.save(request, replace(request.draft, url="/y"), overwrite=True)
    assert weekly.read_text().startswith("# hands off")


def test_a_file_that_became_invalid_is_never_overwritten(collection, weekly):
    request = collection.open(weekly)
    weekly.write_text("name = ")
    with pytest.raises(BrokenFile):
        collection.save(request, DRAFT, overwrite=True)
    assert weekly.read_text() == "name = "
    with pytest.raises(BrokenFile):
        collection.open(weekly)


def test_a_full_disk_leaves_the_request_as_it_was(collection, weekly, monkeypatch):
    request = collection.open(weekly)

    def fail(_file):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StorageError, match="The disk is full"):
        collection.save(request, DRAFT)
    with pytest.raises(StorageError, match="The disk is full"):
        collection.save_as(weekly.parent, DRAFT)
    assert os.listdir(weekly.parent) == ["weekly.toml"]
    assert collection.open(weekly) == request


def test_a_lone_surrogate_is_refused(collection, weekly):
    request = collection.open(weekly)
    with pytest.raises(StorageError, match="half a surrogate pair"):
        collection.save(request, replace(request.draft, url="/\ud83d"))


def test_a_new_request_gets_a_unique_file_name(collection):
    stems = [collection.save_as(collection.root, DRAFT).path.stem for _ in range(3)]
    assert stems == ["weekly-sign-ups", "weekly-sign-ups-2", "weekly-sign-ups-3"]


def test_a_chosen_file_name_is_not_changed(collection, weekly):
    saved = collection.save_as(weekly.parent, DRAFT, stem="Mine")
    assert saved.path.name == "Mine.toml"
    for stem in ("weekly", "WEEKLY"):
        with pytest.raises(NameTaken, match=r"(?i)weekly\.toml already exists"):
            collection.save_as(weekly.parent, DRAFT, stem=stem)
    assert "hands off" in weekly.read_text()


@pytest.mark.parametrize("stem", ["../x", "a/b", "", ".x"])
def test_a_file_name_cannot_leave_the_collection(stem, collection, tmp_path):
    with pytest.raises(StorageError, match="is not a valid name"):
        collection.save_as(collection.root, DRAFT, stem=stem)
    assert not (tmp_path / "x.toml").exists()


def test_a_duplicate_keeps_comments_and_is_named_a_copy(collection, weekly):
    first, second = collection.duplicate(weekly), collection.duplicate(weekly)
    assert first.path.name == "weekly-copy.toml"
    assert second.path.name == "weekly-copy-2.toml"
    assert first.source == '# hands off\nname = "Weekly copy"\nowner = "ann"\n'


def test_a_duplicate_of_a_request_without_a_name_has_none(collection, root):
    (root / "plain.toml").write_text("url = '/x'\n")
    copy = collection.duplicate(root / "plain.toml")
    assert copy.path.name == "plain-copy.toml"
    assert copy.draft == Draft(url="/x")


def test_a_rename_changes_name_and_file(collection, weekly):
    renamed = collection.rename(weekly, at("  Monthly\nreport "))
    assert renamed.draft.name == "Monthly report"
    assert renamed.path.name == "monthly-report.toml"
    assert "# hands off" in renamed.path.read_text()
    assert not weekly.exists()
    assert collection.rename(renamed.path, at("Monthly: Report")).path == renamed.path


def test_a_rename_to_another_folder_moves_and_creates_it(collection, weekly):
    renamed = collection.rename(weekly, at(r"Team/Old/A\/B"))
    assert renamed.path == collection.root / "Team" / "Old" / "a-b.toml"
    assert renamed.draft.name == "A/B"
    assert collection.rename(renamed.path, at("A/B")).path.parent.name == "A"
    assert not renamed.path.exists()


@pytest.mark.parametrize("name", ["Team/Other", "team/OTHER", "TEAM/Other"])
def test_a_name_that_is_taken_is_refused_and_nothing_is_changed(
    name, collection, weekly
):
    other = collection.save_at(at("Team/Other"), DRAFT)
    before = weekly.read_bytes()
    for action in (
        lambda: collection.rename(weekly, at(name)),
        lambda: collection.save_at(at(name), DRAFT),
    ):
        with pytest.raises(NameTaken, match="choose another name") as caught:
            action()
        assert caught.value.path == other.path
    assert weekly.read_bytes() == before
    assert collection.rename(other.path, at("Team/OTHER")).draft.name == "OTHER"


def test_a_folder_that_differs_in_case_only_is_the_one_that_exists(collection):
    collection.new_folder(folder_at("Team/Über"))
    saved = collection.save_at(at("tEAM/u\u0308BER/x"), DRAFT)
    assert saved.path == collection.root / "Team" / "Über" / "x.toml"
    with pytest.raises(NameTaken):
        collection.new_folder(folder_at("team"))
    (collection.root / "team").mkdir()
    assert collection.save_at(at("team/y"), DRAFT).path.parent.name == "team"
    assert collection.save_at(at("Team/y"), DRAFT).path.parent.name == "Team"


def test_the_location_of_a_request_leads_back_to_it(collection, weekly):
    for text in ("Team/Weekly", r"Team/a\/b \\ c", "plain"):
        saved = collection.save_at(at(text), DRAFT)
        location = collection.location(saved.path)
        assert str(location) == text
        assert collection.request_at(location) == saved.path
        assert collection.find(text) == saved.path


def test_requests_and_folders_are_moved(collection, weekly):
    reports = collection.new_folder(folder_at("Reports"))
    old = collection.new_folder(folder_at("Old"))
    moved = collection.move(weekly, reports)
    assert moved == reports / "weekly.toml"
    assert collection.move(moved, reports) == moved
    inner = collection.move(reports, old)
    assert (inner / "weekly.toml").exists()
    with pytest.raises(StorageError, match="cannot be moved into itself"):
        collection.move(old, inner)
    with pytest.raises(StorageError, match="was not moved: No such file"):
        collection.move(weekly, old)


def test_a_move_never_overwrites(collection, weekly):
    folder = collection.new_folder(folder_at("folder"))
    collection.save_as(folder, DRAFT, stem="weekly")
    (folder / "folder").mkdir()
    inner = collection.new_folder(folder_at("other"))
    (inner / "folder").mkdir()
    with pytest.raises(NameTaken, match=r"weekly\.toml already"):
        collection.move(weekly, folder)
    with pytest.raises(NameTaken, match="folder already"):
        collection.move(inner / "folder", folder)
    assert weekly.exists()


def test_folders_are_created_and_renamed(collection, weekly):
    folder = collection.new_folder(folder_at(" Reports 2024 "))
    assert folder.name == "Reports 2024"
    with pytest.raises(NameTaken):
        collection.new_folder(folder_at("Reports 2024"))
    moved = collection.move(weekly, folder)
    renamed = collection.rename_folder(folder, folder_at("Ünder"))
    assert renamed == collection.root / "Ünder"
    assert (renamed / moved.name).exists()
    assert collection.rename_folder(renamed, folder_at("Ünder")) == renamed
    collection.new_folder(folder_at("taken"))
    with pytest.raises(NameTaken):
        collection.rename_folder(renamed, folder_at("taken"))


def test_the_first_folder_creates_the_root(collection):
    folder = collection.new_folder(folder_at("a"))
    assert folder.is_dir()
    assert (collection.root / "mixtui.toml").exists()


@pytest.mark.parametrize("name", ["..", "a/b", "../x", "", "con"])
def test_a_folder_name_cannot_leave_the_collection(name, collection, root):
    with pytest.raises(StorageError, match="is not a valid name"):
        collection.new_folder(Location((), name))
    folder = collection.new_folder(folder_at("good"))
    with pytest.raises(StorageError, match="is not a valid name"):
        collection.rename_folder(folder, Location((), name))


OUTSIDE = Location(("..", "elsewhere"), "x")


def outside(collection):
    return collection.root / ".." / "elsewhere"


@pytest.mark.parametrize(
    "action",
    [
        pytest.param(lambda c: c.open(outside(c)), id="open"),
        pytest.param(lambda c: c.save_as(outside(c), DRAFT), id="save as"),
        pytest.param(lambda c: c.duplicate(outside(c)), id="duplicate"),
        pytest.param(lambda c: c.rename(outside(c), at("x")), id="rename"),
        pytest.param(lambda c: c.move(outside(c), c.root), id="move from"),
        pytest.param(
            lambda c: c.move(c.root / "weekly.toml", outside(c)), id="move to"
        ),
        pytest.param(lambda c: c.new_folder(OUTSIDE), id="new folder"),
        pytest.param(lambda c: c.save_at(OUTSIDE, DRAFT), id="save at"),
        pytest.param(
            lambda c: c.rename(c.root / "weekly.toml", OUTSIDE), id="rename to"
        ),
        pytest.param(
            lambda c: c.rename_folder(outside(c), at("x")), id="rename folder"
        ),
        pytest.param(lambda c: c.delete(outside(c)), id="delete"),
    ],
)
def test_nothing_outside_the_collection_is_touched(action, collection, weekly):
    (collection.root.parent / "elsewhere").mkdir()
    with pytest.raises(StorageError, match="is outside the collection"):
        action(collection)
    assert weekly.exists()
    assert os.listdir(collection.root.parent / "elsewhere") == []


@pytest.mark.parametrize(
    "action",
    [
        pytest.param(lambda c: c.delete(c.root), id="delete"),
        pytest.param(lambda c: c.move(c.root, c.root), id="move"),
        pytest.param(lambda c: c.rename_folder(c.root, at("x")), id="rename"),
    ],
)
def test_the_folder_of_the_collection_cannot_be_moved_or_deleted(
    action, collection, weekly
):
    with pytest.raises(
        StorageError, match="root folder of the collection cannot be changed"
    ):
        action(collection)
    assert weekly.exists()


def test_a_new_file_does_not_overwrite_that_of_another_program(
    collection, root, monkeypatch
):
    """Another program creates the file between the check and the write."""
    create = files.create
    other_files = []

    def create_after_another(path, data):
        if not other_files:
            other_files.append(path)
            path.write_text("theirs")
        create(path, data)

    monkeypatch.setattr(files, "create", create_after_another)
    saved = collection.save_as(root, DRAFT)
    assert saved.path.name == "weekly-sign-ups-2.toml"
    assert other_files[0].read_text() == "theirs"


def test_a_row_without_a_name_is_saved(collection):
    draft = Draft(query=(Pair("", "x"), Pair("")))
    assert collection.save_as(collection.root, draft).draft == draft
