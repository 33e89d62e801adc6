"""Writing imported requests to files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.model.draft import Draft
from mixtui.model.errors import StorageError
from mixtui.storage import paths
from mixtui.storage.collection import Collection
from mixtui.storage.imported_requests import folder_name, target_folder, write_requests


def list_request_files(root: Path) -> list[str]:
    return sorted(
        path.relative_to(root).as_posix()
        for path in root.rglob("*.toml")
        if path.name != "mixtui.toml"
    )


def test_each_request_is_written_to_its_folder(tmp_path: Path) -> None:
    collection = Collection(tmp_path / "c")
    folder = target_folder(collection, "Vendor / Query".replace(" / ", "/"))
    requests = [
        ((), Draft(name="One")),
        (("A/B", "c"), Draft(name="Two")),
        (("a b", "C"), Draft(name="Two")),
    ]
    written = list(write_requests(collection, folder, requests))
    assert list_request_files(collection.root) == [
        "Vendor/Query/A B/c/two-2.toml",
        "Vendor/Query/A B/c/two.toml",
        "Vendor/Query/one.toml",
    ]
    assert [request.draft.name for request in written] == ["One", "Two", "Two"]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    collection = Collection(tmp_path / "c")
    for _ in range(2):
        list(write_requests(collection, collection.root, [((), Draft(name="One"))]))
    edited = collection.root / "one.toml"
    edited.write_text("# mine\n")
    list(write_requests(collection, collection.root, [((), Draft(name="One"))]))
    assert list_request_files(collection.root) == [
        "one-2.toml",
        "one-3.toml",
        "one.toml",
    ]
    assert edited.read_text() == "# mine\n"


def test_a_folder_is_never_outside_of_the_collection(tmp_path: Path) -> None:
    collection = Collection(tmp_path / "c")
    assert target_folder(collection, " / ./") == collection.root
    assert target_folder(collection, "/etc") == collection.root / "etc"
    for path in ("../x", "a/../../x", "a\\..\\b", "con"):
        with pytest.raises(StorageError):
            target_folder(collection, path)


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("User Profiles", "User Profiles"),
        ("a/b: c?", "a b c"),
        ("..", "requests"),
        (".hidden.", "hidden"),
        ("con", "con requests"),
        ("mixtui", "mixtui requests"),
        ("x" * 90, "x" * 60),
        ("", "requests"),
        ("日本", "日本"),
    ],
)
def test_a_name_becomes_a_folder_name(name: str, folder: str) -> None:
    assert folder_name(name) == folder


@given(st.text())
def test_any_name_becomes_a_valid_folder_name(name: str) -> None:
    assert paths.validate_name(folder_name(name), Path()) == folder_name(name)
