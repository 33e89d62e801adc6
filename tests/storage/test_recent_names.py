"""Names of a project, stored with the time of the request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mixtui.mixpanel.catalogue import NameKind
from mixtui.model.errors import StorageError
from mixtui.model.known_names import KnownName, KnownNames, NameQuery
from mixtui.storage.recent import NameStore

REQUESTED = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
EVENTS, FUNNELS = NameQuery(NameKind.EVENT), NameQuery(NameKind.FUNNEL)


def names(*values: str, requested: datetime = REQUESTED) -> KnownNames:
    return KnownNames(tuple(KnownName(value) for value in values), requested)


def test_stored_names_are_loaded_for_their_project_only(tmp_path: Path) -> None:
    store = NameStore(tmp_path / "names")
    assert store.load("eu 1") == {}
    store.store("eu 1", EVENTS, names("Sign up", "Größe"))
    funnels = KnownNames((KnownName("7", "Sign-up"),), REQUESTED)
    assert store.store("eu 1", FUNNELS, funnels)[EVENTS] == names("Sign up", "Größe")
    reopened = NameStore(tmp_path / "names")
    assert reopened.load("eu 1") == {
        EVENTS: names("Sign up", "Größe"),
        FUNNELS: funnels,
    }
    assert reopened.load("us 1") == {}


def test_the_files_are_private(tmp_path: Path) -> None:
    folder = tmp_path / "names"
    NameStore(folder).store("p", EVENTS, names("A"))
    assert folder.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())


@pytest.mark.parametrize(
    "text", ["", "nonsense", "[]", '{"names": 3}', '{"names": [{}, 1, {"kind": "x"}]}']
)
def test_a_file_of_another_format_is_ignored(tmp_path: Path, text: str) -> None:
    store = NameStore(tmp_path)
    store.store("p", EVENTS, names("A"))
    (file,) = tmp_path.glob("*.json")
    file.write_text(text)
    assert store.load("p") == {}
    store.store("p", EVENTS, names("B"))
    assert store.load("p") == {EVENTS: names("B")}


def test_the_oldest_names_are_deleted_when_there_are_too_many(tmp_path: Path) -> None:
    store = NameStore(tmp_path)
    for number in range(203):
        requested = REQUESTED + timedelta(minutes=number)
        query = NameQuery(NameKind.PROPERTY, f"Event {number}")
        stored = store.store("p", query, names("a", requested=requested))
    assert len(stored) == len(store.load("p")) == 200
    assert NameQuery(NameKind.PROPERTY, "Event 0") not in stored


def test_a_folder_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "names").write_text("")
    with pytest.raises(StorageError):
        NameStore(tmp_path / "names").store("p", EVENTS, names("A"))
