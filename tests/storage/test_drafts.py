"""Drafts that are recovered after a crash."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mixtui.model.draft import Body, Draft, Method, Pair
from mixtui.storage.drafts import DraftStore
from mixtui.system import Lock
from tests.storage.left_drafts import end_run, leave_behind

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
    (stored,) = DraftStore(tmp_path / "drafts").recoverable()
    assert (stored.draft, stored.opened_from) == (DRAFT, origin)


def test_a_draft_of_a_new_request_has_no_origin(tmp_path: Path) -> None:
    leave_behind(tmp_path, DRAFT, None)
    (stored,) = DraftStore(tmp_path).recoverable()
    assert stored.opened_from is None


def test_a_draft_of_a_running_program_is_not_recoverable(tmp_path: Path) -> None:
    running = DraftStore(tmp_path)
    running.store(DRAFT, None)
    assert DraftStore(tmp_path).recoverable() == ()
    assert running.recoverable() == ()
    end_run(running)
    assert len(DraftStore(tmp_path).recoverable()) == 1


def test_a_run_with_the_number_of_an_ended_one_does_not_take_its_draft(
    tmp_path: Path,
) -> None:
    leave_behind(tmp_path, DRAFT, None)
    store = DraftStore(tmp_path)
    store.store(Draft(url="/other"), None)
    (left,) = store.recoverable()
    assert left.draft == DRAFT
    left.discard()
    assert store.recoverable() == ()
    assert len(list(tmp_path.glob("*/*.toml"))) == 1


@pytest.mark.parametrize(("run", "is_left"), [(1, False), (2**22 + 1, True)])
def test_without_locks_the_number_of_the_process_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: int, is_left: bool
) -> None:
    monkeypatch.setattr("mixtui.storage.drafts.lock_on", lambda path: Lock.NONE)
    monkeypatch.setattr(os, "getpid", lambda: run)
    DraftStore(tmp_path).store(DRAFT, None)
    assert bool(DraftStore(tmp_path).recoverable()) is is_left


def test_a_discarded_draft_is_not_recoverable(tmp_path: Path) -> None:
    store = DraftStore(tmp_path)
    store.store(DRAFT, None)
    store.discard()
    store.discard()
    assert list(tmp_path.iterdir()) == []


def test_drafts_are_private(tmp_path: Path) -> None:
    leave_behind(tmp_path / "drafts", DRAFT, None)
    (stored,) = DraftStore(tmp_path / "drafts").recoverable()
    assert stored.stored_path.stat().st_mode & 0o777 == 0o600
    assert stored.stored_path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("text", ["", "not toml", "# x\nmethod = 5", "\udcff"])
def test_a_damaged_draft_is_skipped(tmp_path: Path, text: str) -> None:
    path = tmp_path / "1-a" / "draft.toml"
    path.parent.mkdir()
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert DraftStore(tmp_path).recoverable() == ()


def test_a_missing_folder_holds_no_drafts(tmp_path: Path) -> None:
    assert DraftStore(tmp_path / "none").recoverable() == ()
