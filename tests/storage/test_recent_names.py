"""Names of projects, kept with their dates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mixtui.mixpanel.catalogue import NameKind
from mixtui.model.errors import StorageError
from mixtui.model.known_names import KnownName, KnownNames, NameQuery
from mixtui.storage.recent import NameStore

ASKED = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
EVENTS, FUNNELS = NameQuery(NameKind.EVENT), NameQuery(NameKind.FUNNEL)


def names(*values: str, requested: datetime = ASKED) -> KnownNames:
    return KnownNames(tuple(KnownName(value) for value in values), requested)


def test_what_is_kept_comes_back_for_that_project_alone(tmp_path: Path) -> None:
    store = NameStore(tmp_path / "names")
    assert store.load("eu 1") == {}
    store.store("eu 1", EVENTS, names("Sign up", "Größe"))
    funnels = KnownNames((KnownName("7", "Sign-up"),), ASKED)
    assert store.store("eu 1", FUNNELS, funnels)[EVENTS] == names("Sign up", "Größe")
    again = NameStore(tmp_path / "names")
    assert again.load("eu 1") == {
        EVENTS: names("Sign up", "Größe"),
        FUNNELS: funnels,
    }
    assert again.load("us 1") == {}


def test_the_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "names"
    NameStore(folder).store("p", EVENTS, names("A"))
    assert folder.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())


@pytest.mark.parametrize(
    "text", ["", "nonsense", "[]", '{"names": 3}', '{"names": [{}, 1, {"kind": "x"}]}']
)
def test_a_file_that_is_not_ours_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    store = NameStore(tmp_path)
    store.store("p", EVENTS, names("A"))
    (file,) = tmp_path.glob("*.json")
    file.write_text(text)
    assert store.load("p") == {}
    store.store("p", EVENTS, names("B"))
    assert store.load("p") == {EVENTS: names("B")}


def test_the_oldest_go_when_there_are_too_many(tmp_path: Path) -> None:
    store = NameStore(tmp_path)
    for number in range(203):
        asked = ASKED + timedelta(minutes=number)
        lookup = NameQuery(NameKind.PROPERTY, f"Event {number}")
        kept = store.store("p", lookup, names("a", requested=asked))
    assert len(kept) == len(store.load("p")) == 200
    assert NameQuery(NameKind.PROPERTY, "Event 0") not in kept


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "names").write_text("")
    with pytest.raises(StorageError):
        NameStore(tmp_path / "names").store("p", EVENTS, names("A"))
