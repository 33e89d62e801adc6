from __future__ import annotations

import os
from pathlib import Path

import pytest

from mixtui.storage import tree
from mixtui.storage.tree import Folder, TreeScanner, scan_folders


def tree_of(folder: Folder) -> dict:
    return {
        **{f"{inner.name}/": tree_of(inner) for inner in folder.folders},
        **{entry.stem: None for entry in folder.requests},
    }


def create_files(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_only_requests_and_folders_are_listed(tmp_path):
    create_files(
        tmp_path,
        "mixtui.toml",
        "a.toml",
        ".hidden.toml",
        ".git/config.toml",
        "notes.md",
        "events.ndjson",
        "sub/b.toml",
        "sub/mixtui.toml",
        "sub/deep/c.toml",
    )
    (tmp_path / "empty").mkdir()
    (tmp_path / "folder.toml").mkdir()
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "nowhere.toml").symlink_to(tmp_path / "gone")
    assert tree_of(scan_folders(tmp_path)) == {
        "empty/": {},
        "folder.toml/": {},
        "sub/": {"deep/": {"c": None}, "b": None},
        "a": None,
    }


def test_names_are_sorted_naturally(tmp_path):
    create_files(
        tmp_path, *(f"{n}.toml" for n in ("b10", "B2", "a", "10", "9", "é", "b"))
    )
    stems = [entry.stem for entry in scan_folders(tmp_path).requests]
    assert stems == ["9", "10", "a", "b", "B2", "b10", "é"]


def test_all_requests_come_in_the_order_of_the_tree(tmp_path):
    create_files(tmp_path, "z.toml", "f/b.toml", "f/g/a.toml")
    assert [e.stem for e in scan_folders(tmp_path).all_requests()] == ["a", "b", "z"]


def test_a_missing_root_is_empty(tmp_path):
    assert scan_folders(tmp_path / "gone") == Folder(tmp_path / "gone", "gone")


def test_cyclic_links_are_not_followed_for_ever(tmp_path):
    create_files(tmp_path, "c/a/x.toml", "c/b/y.toml")
    root = tmp_path / "c"
    (root / "a" / "up").symlink_to(root)
    (root / "a" / "self").symlink_to(root / "a")
    (root / "a" / "to-b").symlink_to(root / "b")
    (root / "b" / "to-a").symlink_to(root / "a")
    (root / "everything").symlink_to("/")
    tree = tree_of(scan_folders(root))
    assert "up/" not in tree["a/"]
    assert "self/" not in tree["a/"]
    assert "everything/" not in tree
    assert tree["a/"]["to-b/"]["y"] is None
    assert str(tree).count("'x'") <= 3


def test_a_link_to_a_folder_elsewhere_is_followed(tmp_path):
    create_files(tmp_path, "shared/x.toml", "c/y.toml")
    (tmp_path / "c" / "team").symlink_to(tmp_path / "shared")
    assert tree_of(scan_folders(tmp_path / "c")) == {"team/": {"x": None}, "y": None}


def test_a_folder_that_cannot_be_listed_has_a_problem(tmp_path, monkeypatch):
    create_files(tmp_path, "closed/x.toml", "open/y.toml")
    scandir = os.scandir

    def refusing(path):
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    closed, opened = scan_folders(tmp_path).folders
    assert closed.problem == "The folder closed cannot be listed: Permission denied."
    assert tree_of(opened) == {"y": None}


def test_five_thousand_files_are_listed_without_opening_one(tmp_path, monkeypatch):
    for folder in range(50):
        (tmp_path / f"folder {folder}").mkdir()
        for number in range(100):
            (tmp_path / f"folder {folder}" / f"{number}.toml").touch()

    def refusing(*_args, **_kwargs):
        raise AssertionError("a file was opened")

    for opening in ("builtins.open", "io.open", "os.open"):
        monkeypatch.setattr(opening, refusing)
    tree = scan_folders(tmp_path)
    assert len(tree.all_requests()) == 5000
    assert [folder.name for folder in tree.folders[:3]] == [
        "folder 0",
        "folder 1",
        "folder 2",
    ]


@pytest.mark.skipif(os.name != "posix", reason="names of POSIX are bytes")
def test_names_are_shown_without_control_characters(tmp_path):
    (tmp_path / "a\x1b[31m.toml").touch()
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff")).mkdir()
    tree = scan_folders(tmp_path)
    assert tree.requests[0].stem == "a␛[31m"
    assert tree.folders[0].name == "␦"
    assert tree.requests[0].path.exists()


def test_what_has_not_changed_stays_the_same_object(tmp_path, monkeypatch):
    create_files(tmp_path, "a/x/1.toml", "a/y/2.toml", "b/3.toml", "c.toml")
    scanner = TreeScanner(tmp_path)
    before = scanner.scan()
    assert scanner.scan() is before
    sort_key, sorted_names = tree._sort_key, []

    def watched(name):
        sorted_names.append(name)
        return sort_key(name)

    monkeypatch.setattr(tree, "_sort_key", watched)
    create_files(tmp_path, "a/y/4.toml")
    after = scanner.scan()
    assert after == scan_folders(tmp_path) != before
    assert sorted_names.count("1") == sorted_names.count("3") == 1, "by scan_folders"
    assert sorted_names.count("4") == 2
    (a, b), (old_a, old_b) = after.folders, before.folders
    assert b is old_b
    assert a.folders[0] is old_a.folders[0]
    assert a.folders[1] is not old_a.folders[1]


def test_a_tree_that_is_listed_again_is_as_if_it_were_listed_anew(tmp_path):
    create_files(tmp_path, "a/1.toml", "a/2.toml", "b/3.toml")
    scanner = TreeScanner(tmp_path)
    for change in (
        lambda: (tmp_path / "mixtui.toml").write_text('[order]\na = [\n"2",\n]\n'),
        lambda: (tmp_path / "a/2.toml").rename(tmp_path / "b/2.toml"),
        lambda: (tmp_path / "link").symlink_to(tmp_path / "a"),
        lambda: (tmp_path / "b/3.toml").unlink(),
        lambda: (tmp_path / "b/3.toml").mkdir(),
        lambda: (tmp_path / "a").rename(tmp_path / "c"),
        lambda: (tmp_path / "mixtui.toml").unlink(),
    ):
        scanner.scan()
        change()
        assert scanner.scan() == scan_folders(tmp_path)
