"""The tree of a collection is changed, and every change is undone and done again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from mixtui.model.draft import Draft
from mixtui.model.errors import NameTaken, StorageError
from mixtui.storage.answers import AnswerStore
from mixtui.storage.collection import Collection
from mixtui.storage.location import Location, parse_location
from mixtui.storage.tree_changes import Change, Labels
from mixtui.storage.tree_editor import ChangedSince, TreeEditor

WEEKLY = '# hands off\nname = "Weekly"\nowner = "ann"\n'


def at(text: str) -> Location:
    return parse_location(text, Path())


def folder_at(text: str) -> Location:
    return parse_location(text, Path(), is_folder=True)


@pytest.fixture
def root(collection: Collection) -> Path:
    collection.root.mkdir()
    return collection.root


@pytest.fixture
def editor(collection: Collection) -> TreeEditor:
    return TreeEditor(collection)


@pytest.fixture
def weekly(root: Path) -> Path:
    path = root / "weekly.toml"
    path.write_text(WEEKLY)
    return path


def write(root: Path, *names: str) -> None:
    for name in names:
        path = root / f"{name}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'name = "{path.stem.upper()}"\n')


def files_in(root: Path) -> dict[str, str | None]:
    """Every file with its content, and every folder."""
    return {
        path.relative_to(root).as_posix(): path.read_text() if path.is_file() else None
        for path in root.rglob("*")
    }


def listed(collection: Collection) -> list[str]:
    """The requests in the order of the tree."""
    return [
        entry.path.relative_to(collection.root).as_posix().removesuffix(".toml")
        for entry in collection.scan().all_requests()
    ]


# Changes


def test_a_copy_keeps_comments_and_is_named_a_copy(
    editor: TreeEditor, root: Path, weekly: Path
) -> None:
    first = editor.copy(weekly, root).place
    second = editor.copy(weekly, root).place
    assert first.path.name == "weekly-copy.toml"
    assert first.path.read_text() == WEEKLY.replace("Weekly", "Weekly copy")
    assert second.path.name == "weekly-copy-2.toml"
    assert second.name == "Weekly copy 2"


def test_a_copy_of_a_request_without_a_name_has_none(
    editor: TreeEditor, root: Path
) -> None:
    (root / "plain.toml").write_text("url = '/x'\n")
    copy = editor.copy(root / "plain.toml", root).place
    assert copy.path.name == "plain-copy.toml"
    assert copy.path.read_text() == "url = '/x'\n"


def test_a_copy_in_another_folder_keeps_its_name_if_that_is_free(
    editor: TreeEditor, root: Path, weekly: Path
) -> None:
    (root / "Team").mkdir()
    (root / "Team" / "mine.toml").write_text("name = 'Mine'")
    first = editor.copy(weekly, root / "Team").place
    assert (first.name, first.path.name) == ("Weekly", "weekly.toml")
    assert editor.copy(weekly, root / "Team").place.name == "Weekly copy"


def test_a_folder_is_copied_with_all_that_is_in_it(
    editor: TreeEditor, root: Path
) -> None:
    write(root, "Team/a", "Team/Inner/b")
    (root / "Team" / "events.ndjson").write_text("{}")
    before = files_in(root / "Team")
    assert editor.copy(root / "Team", root).place.path == root / "Team copy"
    assert files_in(root / "Team copy") == before
    inner = editor.copy(root / "Team" / "Inner", root).place.path
    assert files_in(inner) == files_in(root / "Team" / "Inner")
    with pytest.raises(StorageError, match="cannot be copied into itself"):
        editor.copy(root / "Team", root / "Team" / "Inner")


def test_a_folder_that_cannot_be_copied_whole_leaves_nothing_behind(
    editor: TreeEditor, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root, "Team/a")
    before = files_in(root)

    def fail(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("shutil.copytree", fail)
    with pytest.raises(StorageError, match="Team was not copied: Permission denied"):
        editor.copy(root / "Team", root)
    assert files_in(root) == before


def test_a_rename_changes_name_and_file(editor: TreeEditor, weekly: Path) -> None:
    renamed = editor.rename(weekly, at("  Monthly\nreport ")).place
    assert renamed.name == "Monthly report"
    assert renamed.path.name == "monthly-report.toml"
    assert "# hands off" in renamed.path.read_text()
    assert not weekly.exists()
    same = editor.rename(renamed.path, at("Monthly: Report")).place
    assert same.path == renamed.path


def test_a_rename_to_another_folder_moves_and_creates_it(
    editor: TreeEditor, root: Path, weekly: Path
) -> None:
    renamed = editor.rename(weekly, at(r"Team/Old/A\/B")).place
    assert renamed.path == root / "Team" / "Old" / "a-b.toml"
    assert renamed.name == "A/B"
    assert editor.rename(renamed.path, at("A/B")).place.path.parent.name == "A"
    assert not renamed.path.exists()


@pytest.mark.parametrize("name", ["Team/Other", "team/OTHER", "TEAM/Other"])
def test_a_name_in_use_is_rejected_and_nothing_is_changed(
    name: str, editor: TreeEditor, collection: Collection, weekly: Path
) -> None:
    other = collection.save_at(at("Team/Other"), Draft(url="/x"))
    before = files_in(collection.root)
    for action in (
        lambda: editor.rename(weekly, at(name)),
        lambda: collection.save_at(at(name), Draft()),
    ):
        with pytest.raises(NameTaken, match="choose another name") as caught:
            action()
        assert caught.value.path == other.path
    assert files_in(collection.root) == before
    assert editor.rename(other.path, at("Team/OTHER")).place.name == "OTHER"


def test_requests_and_folders_are_moved(
    editor: TreeEditor, root: Path, weekly: Path
) -> None:
    reports = editor.new_folder(folder_at("Reports")).place.path
    old = editor.new_folder(folder_at("Old")).place.path
    moved = editor.move(weekly, reports).place.path
    assert moved == reports / "weekly.toml"
    assert editor.move(moved, reports).place.path == moved
    inner = editor.move(reports, old).place.path
    assert (inner / "weekly.toml").exists()
    with pytest.raises(StorageError, match="cannot be moved into itself"):
        editor.move(old, inner)
    with pytest.raises(StorageError, match="was not moved: No such file"):
        editor.move(weekly, old)


SENDS = 'url = "/import"\n[body]\ntype = "file"\npath = "{}"\n'


@pytest.mark.parametrize(
    ("path", "moved"),
    [
        ("events.json", "../events.json"),
        ("./data/more.json", "../data/more.json"),
        ("gone.json", "gone.json"),
        ("/abs.json", "/abs.json"),
        ("{{name}}.json", "{{name}}.json"),
        ("", ""),
    ],
)
def test_a_request_that_is_moved_or_copied_sends_the_same_file(
    path: str, moved: str, editor: TreeEditor, collection: Collection, root: Path
) -> None:
    (root / "events.json").touch()
    (root / "data").mkdir()
    (root / "data" / "more.json").touch()
    (root / "Team").mkdir()
    request = root / "send.toml"
    request.write_text(SENDS.format(path))
    before = files_in(root)

    def sent(path: Path) -> str:
        body = collection.open(path).draft.body
        return body.path if body is not None else ""

    copy = editor.copy(request, root / "Team").place.path
    assert sent(copy) == moved
    editor.undo()
    assert sent(editor.move(request, root / "Team").place.path) == moved
    assert editor.undo() is not None
    assert sent(editor.rename(request, at("Team/Other")).place.path) == moved
    assert editor.undo() is not None
    assert files_in(root) == before


def test_a_move_never_overwrites(
    editor: TreeEditor, collection: Collection, root: Path, weekly: Path
) -> None:
    write(root, "folder/weekly", "folder/folder/x", "other/folder/x")
    with pytest.raises(NameTaken, match=r"weekly\.toml already"):
        editor.move(weekly, root / "folder")
    with pytest.raises(NameTaken, match="folder already"):
        editor.move(root / "other" / "folder", root / "folder")
    assert weekly.exists()


def test_folders_are_created_and_renamed(editor: TreeEditor, weekly: Path) -> None:
    folder = editor.new_folder(folder_at(" Reports 2024 ")).place.path
    assert folder.name == "Reports 2024"
    for name in ("Reports 2024", "reports 2024"):
        with pytest.raises(NameTaken):
            editor.new_folder(folder_at(name))
    moved = editor.move(weekly, folder).place.path
    renamed = editor.rename(folder, folder_at("Ünder")).place.path
    assert renamed == folder.parent / "Ünder"
    assert (renamed / moved.name).exists()
    assert editor.rename(renamed, folder_at("Ünder")).place.path == renamed
    editor.new_folder(folder_at("taken"))
    with pytest.raises(NameTaken):
        editor.rename(renamed, folder_at("taken"))


def test_the_first_folder_creates_the_root(
    editor: TreeEditor, collection: Collection
) -> None:
    assert editor.new_folder(folder_at("a")).place.path.is_dir()
    assert (collection.root / "mixtui.toml").exists()


@pytest.mark.parametrize("name", ["..", "a/b", "../x", "", "con"])
def test_a_folder_name_cannot_leave_the_collection(
    name: str, editor: TreeEditor, root: Path
) -> None:
    with pytest.raises(StorageError, match="is not a valid name"):
        editor.new_folder(Location((), name))
    folder = editor.new_folder(folder_at("good")).place.path
    with pytest.raises(StorageError, match="is not a valid name"):
        editor.rename(folder, Location((), name))


OUTSIDE = Location(("..", "elsewhere"), "x")


@pytest.mark.parametrize(
    "action",
    [
        pytest.param(lambda e, own, other: e.copy(other, own), id="copy from"),
        pytest.param(lambda e, own, other: e.copy(own, other), id="copy to"),
        pytest.param(lambda e, own, other: e.rename(other, at("x")), id="rename"),
        pytest.param(lambda e, own, other: e.rename(own, OUTSIDE), id="rename to"),
        pytest.param(lambda e, own, other: e.move(other, own), id="move from"),
        pytest.param(lambda e, own, other: e.move(own, other), id="move to"),
        pytest.param(lambda e, own, other: e.new_folder(OUTSIDE), id="new folder"),
        pytest.param(lambda e, own, other: e.delete(other), id="delete"),
        pytest.param(lambda e, own, other: e.reorder(other, 1), id="reorder"),
        pytest.param(
            lambda e, own, other: e.label(other, Labels(True, ())), id="label"
        ),
    ],
)
def test_nothing_outside_the_collection_is_touched(
    action, editor: TreeEditor, root: Path, weekly: Path
) -> None:
    elsewhere = root.parent / "elsewhere"
    elsewhere.mkdir()
    with pytest.raises(StorageError, match="is outside the collection"):
        action(editor, weekly, root / ".." / "elsewhere")
    assert weekly.read_text() == WEEKLY
    assert os.listdir(elsewhere) == []


@pytest.mark.parametrize(
    "action",
    [
        pytest.param(lambda e, root: e.delete(root), id="delete"),
        pytest.param(lambda e, root: e.move(root, root), id="move"),
        pytest.param(lambda e, root: e.copy(root, root), id="copy"),
        pytest.param(lambda e, root: e.rename(root, at("x")), id="rename"),
        pytest.param(lambda e, root: e.reorder(root, 1), id="reorder"),
    ],
)
def test_the_folder_of_the_collection_cannot_be_moved_or_deleted(
    action, editor: TreeEditor, root: Path, weekly: Path
) -> None:
    with pytest.raises(
        StorageError, match="root folder of the collection cannot be changed"
    ):
        action(editor, root)
    assert weekly.exists()


# The order


def test_what_is_moved_up_and_down_stays_there(
    editor: TreeEditor, collection: Collection, root: Path
) -> None:
    write(root, "a", "b", "c", "T/x", "U/y")
    editor.reorder(root / "c.toml", -1)
    assert listed(collection) == ["T/x", "U/y", "a", "c", "b"]
    editor.reorder(root / "T", 1)
    editor.reorder(root / "a.toml", 7)
    assert listed(collection) == ["U/y", "T/x", "c", "b", "a"]
    assert (root / "mixtui.toml").read_text() == (
        "# This folder is a mixtui collection: a saved request in each .toml file.\n"
        '\n[order]\n"." = [\n    "U/",\n    "T/",\n    "c",\n    "b",\n    "a",\n]\n'
    )


def test_new_files_come_last_and_missing_ones_keep_their_place(
    editor: TreeEditor, collection: Collection, root: Path
) -> None:
    write(root, "a", "b", "c")
    editor.reorder(root / "c.toml", -2)
    write(root, "0", "d")
    (root / "a.toml").unlink()
    assert listed(collection) == ["c", "b", "0", "d"]
    write(root, "a")
    assert listed(collection) == ["c", "a", "b", "0", "d"]


def test_an_order_that_is_that_of_the_names_is_not_kept(
    editor: TreeEditor, collection: Collection, root: Path
) -> None:
    write(root, "a", "b")
    (root / "mixtui.toml").write_text("default = 'x'  # mine\n")
    editor.reorder(root / "a.toml", 1)
    editor.reorder(root / "a.toml", -1)
    assert (root / "mixtui.toml").read_text() == "default = 'x'  # mine\n"


def test_the_first_and_the_last_stay(editor: TreeEditor, root: Path) -> None:
    write(root, "a", "b")
    assert editor.reorder(root / "a.toml", -1) is None
    assert editor.reorder(root / "b.toml", 1) is None
    assert not (root / "mixtui.toml").exists()


def test_only_what_is_shown_is_passed(
    editor: TreeEditor, collection: Collection, root: Path
) -> None:
    write(root, "a", "b", "c", "d")
    shown = {root / "a.toml", root / "d.toml"}
    editor.reorder(root / "d.toml", -1, shown)
    assert listed(collection) == ["d", "a", "b", "c"]


def test_what_is_renamed_keeps_its_place_and_a_copy_comes_after_it(
    editor: TreeEditor, collection: Collection, root: Path
) -> None:
    write(root, "a", "b", "c", "T/x", "T/y", "T/In/1", "T/In/2")
    editor.reorder(root / "c.toml", -2)
    editor.reorder(root / "T" / "y.toml", -1)
    editor.reorder(root / "T" / "In" / "2.toml", -1)
    editor.rename(root / "c.toml", at("z"))
    editor.copy(root / "z.toml", root)
    editor.rename(root / "T", folder_at("Z/U"))
    assert listed(collection) == [
        "Z/U/In/2", "Z/U/In/1", "Z/U/y", "Z/U/x", "z", "z-copy", "a", "b",
    ]  # fmt: skip


def test_an_order_in_a_broken_file_is_not_overwritten(
    editor: TreeEditor, collection: Collection, root: Path
) -> None:
    write(root, "a", "b")
    (root / "mixtui.toml").write_text("[order\n")
    with pytest.raises(Exception, match=r"mixtui\.toml, line 1"):
        editor.reorder(root / "a.toml", 1)
    assert listed(collection) == ["a", "b"]
    assert (root / "mixtui.toml").read_text() == "[order\n"
    assert editor.rename(root / "a.toml", at("z")).place.path == root / "z.toml"


# Undo

CHANGES = {
    "rename": lambda e, root: e.rename(root / "weekly.toml", at("Monthly")),
    "rename into": lambda e, root: e.rename(root / "weekly.toml", at("New/In/Monthly")),
    "rename folder": lambda e, root: e.rename(root / "Team", folder_at("Crew/Team")),
    "move": lambda e, root: e.move(root / "weekly.toml", root / "Team"),
    "move folder": lambda e, root: e.move(root / "Team", root / "Other"),
    "move broken": lambda e, root: e.move(root / "broken.toml", root / "Team"),
    "copy": lambda e, root: e.copy(root / "weekly.toml", root),
    "copy folder": lambda e, root: e.copy(root / "Team", root / "Other"),
    "new folder": lambda e, root: e.new_folder(folder_at("New/In/Folder")),
    "delete": lambda e, root: e.delete(root / "weekly.toml"),
    "delete folder": lambda e, root: e.delete(root / "Team"),
    "reorder": lambda e, root: e.reorder(root / "weekly.toml", -1),
    "label": lambda e, root: e.label(root / "weekly.toml", Labels(True, ("a", "b"))),
}


@pytest.fixture
def full(root: Path, weekly: Path) -> Path:
    """A collection with a bit of everything, and an order."""
    write(root, "a", "Team/x", "Team/y", "Other/z")
    (root / "broken.toml").write_text("=")
    (root / "mixtui.toml").write_text('[order]\nTeam = [\n    "y",\n    "x",\n]\n')
    return root


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_is_undone_and_done_again(
    name: str, editor: TreeEditor, full: Path
) -> None:
    before = files_in(full)
    change = CHANGES[name](editor, full)
    after = files_in(full)
    assert after != before
    for _ in range(2):
        undone = editor.undo()
        assert undone is not None
        assert files_in(full) == before
        redone = editor.redo()
        assert redone is not None
        assert redone.done.place == change.place
        assert files_in(full) == after
    assert editor.redo() is None


def test_changes_are_undone_one_after_the_other(
    editor: TreeEditor, full: Path, weekly: Path
) -> None:
    before = files_in(full)
    path: Path = editor.copy(weekly, full).place.path
    path = editor.rename(path, at("New/Copy")).place.path
    editor.label(path, Labels(True, ("x",)))
    path = editor.move(path, full / "Team").place.path
    editor.rename(full / "Team", folder_at("Crew"))
    editor.delete(full / "Crew")
    for _ in range(6):
        assert editor.undo() is not None
    assert files_in(full) == before
    assert editor.undo() is None
    for _ in range(6):
        assert editor.redo() is not None
    assert not (full / "Team").exists()


def test_a_new_change_forgets_what_was_undone(
    editor: TreeEditor, root: Path, weekly: Path
) -> None:
    editor.rename(weekly, at("Monthly"))
    editor.undo()
    editor.label(weekly, Labels(True, ()))
    assert editor.redo() is None


def test_what_an_earlier_run_deleted_is_restored_after_the_changes_of_this_one(
    editor: TreeEditor, collection: Collection, full: Path, weekly: Path
) -> None:
    TreeEditor(collection).delete(weekly)
    TreeEditor(collection).delete(full / "a.toml")
    editor.new_folder(folder_at("New"))
    for _ in range(3):
        assert editor.undo() is not None
    assert weekly.read_text() == WEEKLY
    assert (full / "a.toml").exists()
    assert editor.undo() is None


def test_an_undone_copy_is_not_offered_as_deleted(
    editor: TreeEditor, root: Path, weekly: Path
) -> None:
    editor.copy(weekly, root)
    assert editor.undo() is not None
    assert editor.undo() is None


def taken_path(root: Path, change: Change) -> None:
    (root / "weekly.toml").write_text("url = '/theirs'\n")


def taken_name(root: Path, change: Change) -> None:
    (root / "theirs.toml").write_text("name = 'WEEKLY'\n")


@pytest.mark.parametrize("take", [taken_path, taken_name])
@pytest.mark.parametrize("name", ["rename", "move"])
def test_what_cannot_go_back_is_refused_until_its_place_is_free(
    name: str, take, editor: TreeEditor, full: Path
) -> None:
    change = CHANGES[name](editor, full)
    take(full, change)
    before = files_in(full)
    with pytest.raises(NameTaken, match="Weekly exists again") as caught:
        editor.undo()
    assert files_in(full) == before
    caught.value.path.unlink()
    assert editor.undo() is not None
    assert (full / "weekly.toml").read_text() == WEEKLY


def gone(change: Change) -> None:
    change.place.path.unlink()


def edited(change: Change) -> None:
    with change.place.path.open("a") as file:
        file.write("favorite = true\ntags = ['theirs']\n")


def filled(change: Change) -> None:
    (change.place.path / "x.toml").touch()


def ordered(change: Change) -> None:
    file = change.place.path.parent / "mixtui.toml"
    file.write_text("[order]\n'.' = ['weekly']\n")


@pytest.mark.parametrize(
    ("name", "interfere"),
    [
        ("rename", gone),
        ("move", gone),
        ("copy", gone),
        ("copy", edited),
        ("new folder", filled),
        ("reorder", ordered),
        ("label", gone),
    ],
)
def test_what_has_changed_since_is_left_alone_and_the_change_before_is_undone_next(
    name: str, interfere, editor: TreeEditor, full: Path
) -> None:
    editor.new_folder(folder_at("Before"))
    interfere(CHANGES[name](editor, full))
    before = files_in(full)
    with pytest.raises(ChangedSince, match="it was changed since"):
        editor.undo()
    assert files_in(full) == before
    assert editor.undo() is not None
    assert not (full / "Before").exists()


def test_other_labels_than_those_that_were_set_are_not_undone(
    editor: TreeEditor, collection: Collection, weekly: Path
) -> None:
    editor.label(weekly, Labels(True, ()))
    collection.edit(weekly, lambda draft: replace(draft, tags=("theirs",)))
    with pytest.raises(ChangedSince):
        editor.undo()
    assert collection.open(weekly).draft.tags == ("theirs",)


def test_a_rename_is_undone_whatever_else_the_file_says_by_now(
    editor: TreeEditor, collection: Collection, weekly: Path
) -> None:
    renamed = editor.rename(weekly, at("Monthly")).place.path
    collection.edit(renamed, lambda draft: replace(draft, url="/new"))
    editor.undo()
    assert collection.open(weekly).draft == Draft(name="Weekly", url="/new")


def test_the_last_values_of_inputs_follow_a_request_wherever_it_goes(
    editor: TreeEditor, weekly: Path, root: Path
) -> None:
    answers = AnswerStore()
    answers.store(weekly, {"city": "Oslo"})
    moved = editor.rename(weekly, at("Team/Monthly"))
    assert answers.load(moved.new.path) == {"city": "Oslo"}
    folder = editor.rename(root / "Team", folder_at("Squad"))
    assert answers.load(folder.new.path / moved.new.path.name) == {"city": "Oslo"}
    editor.undo()
    editor.undo()
    assert answers.load(weekly) == {"city": "Oslo"}
    assert answers.load(moved.new.path) == {}
