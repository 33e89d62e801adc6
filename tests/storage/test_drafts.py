"""Drafts that are recovered after a crash."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mixtui.model.draft import Body, Draft, Method, Pair
from mixtui.storage.drafts import DraftStore

ENDED_PID = 2**22 + 1
"""No process has this id: it is above Linux's highest."""
DRAFT = Draft(
    name='A "draft"',
    method=Method.POST,
    url="/import",
    query=(Pair("a", "1"),),
    body=Body(text='[{"$token": "x"}]\n'),
)


def test_a_draft_of_an_ended_run_is_recoverable(tmp_path: Path) -> None:
    origin = tmp_path / 'od"d' / "request.toml"
    DraftStore(tmp_path / "drafts", ENDED_PID).store(DRAFT, origin)
    (stored,) = DraftStore(tmp_path / "drafts").recoverable()
    assert (stored.draft, stored.opened_from) == (DRAFT, origin)


def test_a_draft_of_a_new_request_has_no_origin(tmp_path: Path) -> None:
    DraftStore(tmp_path, ENDED_PID).store(DRAFT, None)
    (stored,) = DraftStore(tmp_path).recoverable()
    assert stored.opened_from is None


def test_a_draft_of_a_running_program_is_not_recoverable(tmp_path: Path) -> None:
    DraftStore(tmp_path, os.getppid()).store(DRAFT, None)
    assert DraftStore(tmp_path).recoverable() == ()


def test_a_discarded_draft_is_not_recoverable(tmp_path: Path) -> None:
    store = DraftStore(tmp_path, ENDED_PID)
    store.store(DRAFT, None)
    store.discard()
    store.discard()
    assert DraftStore(tmp_path).recoverable() == ()


def test_drafts_are_private(tmp_path: Path) -> None:
    DraftStore(tmp_path / "drafts", ENDED_PID).store(DRAFT, None)
    (stored,) = DraftStore(tmp_path / "drafts").recoverable()
    assert stored.stored_path.stat().st_mode & 0o777 == 0o600
    assert stored.stored_path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("text", ["", "not toml", "# x\nmethod = 5", "\udcff"])
def test_a_damaged_draft_is_skipped(tmp_path: Path, text: str) -> None:
    path = tmp_path / f"{ENDED_PID}.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert DraftStore(tmp_path).recoverable() == ()


def test_a_missing_folder_holds_no_drafts(tmp_path: Path) -> None:
    assert DraftStore(tmp_path / "none").recoverable() == ()
