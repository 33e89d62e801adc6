"""Each kind of write killed at two random points; `random_kills` kills as many as one likes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.storage.random_kills import CHANGES, kill

COUNT, SEED = 2 * len(CHANGES), 12


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_what_was_killed_anywhere_leaves_nothing_half_written(tmp_path: Path) -> None:
    killed = kill(COUNT, SEED, tmp_path)
    assert all(killed[name] for name in CHANGES), killed
