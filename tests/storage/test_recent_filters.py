"""The history of filters, shared by several programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from mixtui.model.errors import StorageError
from mixtui.storage.paths import state_dir
from mixtui.storage.recent import MAX_FILTERS, FilterHistory


def test_the_last_used_program_comes_first_and_once(tmp_path: Path) -> None:
    history = FilterHistory(tmp_path)
    for program in (".a", ".b", " .a\n", "", "  "):
        history.add(program)
    assert FilterHistory(tmp_path).load() == (".a", ".b")


def test_a_multi_line_program_is_stored_unchanged(tmp_path: Path) -> None:
    program = '.é\n| "\u2028\ud800"'
    assert FilterHistory(tmp_path).add(program) == (program,)
    assert FilterHistory(tmp_path).load() == (program,)


def test_only_the_last_hundred_programs_are_stored(tmp_path: Path) -> None:
    history = FilterHistory(tmp_path)
    for number in range(MAX_FILTERS + 5):
        history.add(f".[{number}]")
    programs = history.load()
    assert (len(programs), programs[0], programs[-1]) == (MAX_FILTERS, ".[104]", ".[5]")


def test_a_huge_program_is_not_stored(tmp_path: Path) -> None:
    assert FilterHistory(tmp_path).add("." * 20_000) == ()


def test_the_file_is_private_and_in_the_state_folder() -> None:
    history = FilterHistory()
    assert history.load() == ()
    history.add(".")
    (file,) = state_dir().glob("*.jsonl")
    assert file.stat().st_mode & 0o777 == 0o600
    assert state_dir().stat().st_mode & 0o777 == 0o700


def test_only_damaged_lines_are_lost(tmp_path: Path) -> None:
    deep = b"[" * 100_000 + b"\n"
    (tmp_path / "filters.jsonl").write_bytes(deep + b'".a"\n{"x\n5\n\xff\n".b"\n".a"\n')
    assert FilterHistory(tmp_path).load() == (".a", ".b")
    assert FilterHistory(tmp_path).add(".c") == (".c", ".a", ".b")


def test_a_folder_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError):
        FilterHistory(tmp_path / "file").add(".")
