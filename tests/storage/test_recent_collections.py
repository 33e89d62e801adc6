"""The recent collections, and the folders that a typed path leads to."""

from __future__ import annotations

from pathlib import Path

import pytest

from mixtui.storage.collection_folders import (
    CollectionFolder,
    FolderKind,
    Listing,
    inspect,
    list_folder,
    matching_folders,
)
from mixtui.storage.recent import RecentCollections


def test_the_collection_that_was_opened_last_comes_first(tmp_path: Path) -> None:
    store = RecentCollections(tmp_path)
    assert store.load() == ()
    for name in ("a", "b", "a", "\udce9"):
        store.add(Path("/c") / name)
    assert store.load() == (Path("/c/\udce9"), Path("/c/a"), Path("/c/b"))
    for number in range(30):
        store.add(Path(f"/{number}"))
    assert len(store.load()) == 20
    assert store.load()[0] == Path("/29")


def test_folders_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "mixtui.toml").touch()
    (tmp_path / "file").touch()
    kinds = {
        name: inspect(tmp_path / name).kind for name in ("plain", "ours", "file", "no")
    }
    assert kinds == {
        "plain": FolderKind.PLAIN,
        "ours": FolderKind.COLLECTION,
        "file": FolderKind.MISSING,
        "no": FolderKind.MISSING,
    }
    listing = list_folder(tmp_path)
    assert [(f.path.name, f.kind) for f in listing.folders] == [
        ("ours", FolderKind.COLLECTION),
        ("plain", FolderKind.PLAIN),
    ]
    assert not list_folder(tmp_path / "no").exists


@pytest.mark.parametrize(
    ("start", "matches"),
    [
        ("", [". folder", "app folder", "Apple folder"]),
        ("app", ["app folder", "Apple folder"]),
        ("ap", ["app folder", "Apple folder", "ap create"]),
        ("Apple", ["Apple folder"]),
        ("new", ["new create"]),
        ("file", []),
        (".", [".git folder"]),
    ],
)
def test_a_typed_path_leads_to_folders_that_exist_or_to_a_new_one(
    start: str, matches: list[str], tmp_path: Path
) -> None:
    for name in ("app", "Apple", ".git"):
        (tmp_path / name).mkdir()
    (tmp_path / "file").touch()
    folders = matching_folders(list_folder(tmp_path), start)
    shown = [f"{f.path.relative_to(tmp_path)} {f.kind.value}" for f in folders]
    assert shown == matches


def test_a_folder_that_does_not_exist_can_be_created(tmp_path: Path) -> None:
    gone = tmp_path / "a" / "b"
    assert matching_folders(list_folder(gone), "") == [
        CollectionFolder(gone, FolderKind.NEW)
    ]
    assert matching_folders(Listing(gone, False), "c") == [
        CollectionFolder(gone / "c", FolderKind.NEW)
    ]
