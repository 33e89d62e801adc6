"""The files that follow from the code are those in the repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from generate.__main__ import ROOT, generated_files

FILES = generated_files()


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_generated_file_is_current(path: Path) -> None:
    assert (ROOT / path).read_text("utf-8") == FILES[path], "run scripts/generate"


def test_no_generated_file_is_left_behind() -> None:
    folders = {path.parent for path in FILES}
    assert {p.relative_to(ROOT) for f in folders for p in (ROOT / f).iterdir()} == set(
        FILES
    )
