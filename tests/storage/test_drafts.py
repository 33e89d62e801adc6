"""Drafts that outlive the program."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mixtui.model.draft import Body, Draft, Method, Pair
from mixtui.storage.drafts import DraftStore

ENDED = 2**22 + 1
"""No process has this id: it is above Linux's highest."""
DRAFT = Draft(
    name='A "draft"',
    method=Method.POST,
    url="/import",
    query=(Pair("a", "1"),),
    body=Body(text='[{"$token": "x"}]\n'),
)


def test_a_draft_of_a_run_that_ended_is_found(tmp_path: Path) -> None:
    origin = tmp_path / 'od"d' / "request.toml"
    DraftStore(tmp_path / "drafts", ENDED).store(DRAFT, origin)
    (left,) = DraftStore(tmp_path / "drafts").recoverable()
    assert (left.draft, left.opened_from) == (DRAFT, origin)


def test_a_draft_of_a_new_request_has_no_origin(tmp_path: Path) -> None:
    DraftStore(tmp_path, ENDED).store(DRAFT, None)
    (left,) = DraftStore(tmp_path).recoverable()
    assert left.opened_from is None


def test_a_draft_of_a_run_that_still_goes_on_is_left_alone(tmp_path: Path) -> None:
    DraftStore(tmp_path, os.getppid()).store(DRAFT, None)
    assert DraftStore(tmp_path).recoverable() == ()


def test_a_saved_draft_is_forgotten(tmp_path: Path) -> None:
    keeper = DraftStore(tmp_path, ENDED)
    keeper.store(DRAFT, None)
    keeper.discard()
    keeper.discard()
    assert DraftStore(tmp_path).recoverable() == ()


def test_drafts_are_private(tmp_path: Path) -> None:
    DraftStore(tmp_path / "drafts", ENDED).store(DRAFT, None)
    (left,) = DraftStore(tmp_path / "drafts").recoverable()
    assert left.stored_path.stat().st_mode & 0o777 == 0o600
    assert left.stored_path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("text", ["", "not toml", "# x\nmethod = 5", "\udcff"])
def test_a_damaged_draft_is_passed_over(tmp_path: Path, text: str) -> None:
    path = tmp_path / f"{ENDED}.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert DraftStore(tmp_path).recoverable() == ()


def test_no_folder_means_no_drafts(tmp_path: Path) -> None:
    assert DraftStore(tmp_path / "none").recoverable() == ()
