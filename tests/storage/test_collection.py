from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest
from msgspec.structs import replace

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Body, Draft, Method, Pair
from mixtui.model.errors import BrokenFile, ChangedOutside, NameTaken, StorageError
from mixtui.storage import files
from mixtui.storage.heads import RequestHead
from mixtui.storage.location import Location, parse_location

DRAFT = Draft(
    name="Weekly sign-ups", method=Method.POST, url="/x", body=Body(text="{}")
)


def at(text):
    return parse_location(text, Path())


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
    assert collection.head(root / "evil.toml").name == "a␛[31m"


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


def test_a_folder_that_differs_in_case_only_is_the_one_that_exists(collection):
    (collection.root / "Team" / "Über").mkdir(parents=True)
    saved = collection.save_at(at("tEAM/u\u0308BER/x"), DRAFT)
    assert saved.path == collection.root / "Team" / "Über" / "x.toml"
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


OUTSIDE = Location(("..", "elsewhere"), "x")


def outside(collection):
    return collection.root / ".." / "elsewhere"


@pytest.mark.parametrize(
    "action",
    [
        pytest.param(lambda c: c.open(outside(c)), id="open"),
        pytest.param(lambda c: c.save_as(outside(c), DRAFT), id="save as"),
        pytest.param(lambda c: c.save_at(OUTSIDE, DRAFT), id="save at"),
    ],
)
def test_nothing_outside_the_collection_is_touched(action, collection, weekly):
    (collection.root.parent / "elsewhere").mkdir()
    with pytest.raises(StorageError, match="is outside the collection"):
        action(collection)
    assert weekly.exists()
    assert os.listdir(collection.root.parent / "elsewhere") == []


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
