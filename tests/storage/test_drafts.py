"""Drafts that are recovered after a crash."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mixtui.model.draft import Body, Draft, Method, Pair
from mixtui.storage.drafts import DraftStore
from mixtui.system import Lock
from tests.storage.left_drafts import COLLECTION, end_run, leave_behind

DRAFT = Draft(
    name='A "draft"',
    method=Method.POST,
    url="/import",
    query=(Pair("a", "1"),),
    body=Body(text='[{"$token": "x"}]\n'),
)


def test_a_draft_of_an_ended_run_is_recoverable(tmp_path: Path) -> None:
    origin = tmp_path / 'od"d' / "request.toml"
    leave_behind(tmp_path / "drafts", DRAFT, origin)
    (stored,) = DraftStore(tmp_path / "drafts").recoverable(COLLECTION)
    assert (stored.draft, stored.opened_from) == (DRAFT, origin)


def test_a_draft_of_a_new_request_has_no_origin(tmp_path: Path) -> None:
    leave_behind(tmp_path, DRAFT, None)
    (stored,) = DraftStore(tmp_path).recoverable(COLLECTION)
    assert stored.opened_from is None


def test_a_draft_of_a_running_program_is_not_recoverable(tmp_path: Path) -> None:
    running = DraftStore(tmp_path)
    running.store(DRAFT, None, COLLECTION)
    assert DraftStore(tmp_path).recoverable(COLLECTION) == ()
    assert running.recoverable(COLLECTION) == ()
    end_run(running)
    assert len(DraftStore(tmp_path).recoverable(COLLECTION)) == 1


def test_a_run_with_the_number_of_an_ended_one_does_not_take_its_draft(
    tmp_path: Path,
) -> None:
    leave_behind(tmp_path, DRAFT, None)
    store = DraftStore(tmp_path)
    store.store(Draft(url="/other"), None, COLLECTION)
    (left,) = store.recoverable(COLLECTION)
    assert left.draft == DRAFT
    left.discard()
    assert store.recoverable(COLLECTION) == ()
    assert len(list(tmp_path.glob("*/*.toml"))) == 1


@pytest.mark.parametrize(("run", "is_left"), [(1, False), (2**22 + 1, True)])
def test_without_locks_the_number_of_the_process_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: int, is_left: bool
) -> None:
    monkeypatch.setattr("mixtui.storage.drafts.lock_on", lambda path: Lock.NONE)
    monkeypatch.setattr(os, "getpid", lambda: run)
    DraftStore(tmp_path).store(DRAFT, None, COLLECTION)
    assert bool(DraftStore(tmp_path).recoverable(COLLECTION)) is is_left


def test_a_discarded_draft_is_not_recoverable(tmp_path: Path) -> None:
    store = DraftStore(tmp_path)
    store.store(DRAFT, None, COLLECTION)
    store.discard()
    store.discard()
    assert list(tmp_path.iterdir()) == []


def test_drafts_are_private(tmp_path: Path) -> None:
    leave_behind(tmp_path / "drafts", DRAFT, None)
    (stored,) = DraftStore(tmp_path / "drafts").recoverable(COLLECTION)
    assert stored.stored_path.stat().st_mode & 0o777 == 0o600
    assert stored.stored_path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("text", ["", "not toml", "# x\nmethod = 5", "\udcff"])
def test_a_damaged_draft_is_skipped(tmp_path: Path, text: str) -> None:
    path = tmp_path / "1-a" / "draft.toml"
    path.parent.mkdir()
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert DraftStore(tmp_path).recoverable(COLLECTION) == ()


@pytest.mark.parametrize("value", ["5", "[1]", "[" * 9_000])
def test_a_draft_with_a_damaged_origin_is_recovered_or_skipped(
    tmp_path: Path, value: str
) -> None:
    path = tmp_path / "1-a" / "draft.toml"
    path.parent.mkdir()
    path.write_text(f'# mixtui-opened-from = {value}\nname = "x"\n')
    for stored in DraftStore(tmp_path).recoverable(COLLECTION):
        assert (stored.draft.name, stored.opened_from) == ("x", None)


def test_a_missing_folder_holds_no_drafts(tmp_path: Path) -> None:
    assert DraftStore(tmp_path / "none").recoverable(COLLECTION) == ()


def test_a_draft_is_offered_in_its_own_collection(tmp_path: Path) -> None:
    ours, theirs, gone = tmp_path / "ours", tmp_path / "theirs", tmp_path / "gone"
    ours.mkdir()
    theirs.mkdir()
    folder = tmp_path / "drafts"
    for root in (ours, theirs, gone):
        leave_behind(folder, Draft(url=f"/{root.name}"), None, root)
    left = DraftStore(folder).recoverable(ours)
    assert {draft.draft.url for draft in left} == {"/ours", "/gone"}


def test_a_draft_of_an_earlier_version_is_offered_anywhere(tmp_path: Path) -> None:
    path = tmp_path / "1-a" / "draft.toml"
    path.parent.mkdir()
    path.write_text('# mixtui-opened-from = "/c/a.toml"\nurl = "/x"\n')
    (left,) = DraftStore(tmp_path).recoverable(COLLECTION)
    assert (left.opened_from, left.collection) == (Path("/c/a.toml"), None)


def test_a_draft_that_is_left_is_recoverable_while_the_run_goes_on(
    tmp_path: Path,
) -> None:
    store = DraftStore(tmp_path)
    store.store(DRAFT, None, COLLECTION)
    store.leave()
    store.store(Draft(url="/next"), None, COLLECTION)
    (left,) = store.recoverable(COLLECTION)
    assert left.draft == DRAFT
