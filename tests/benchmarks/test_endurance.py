from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.endurance import POOL, Plan, endure, table
from benchmarks.server import Server

CONNECTIONS, TIMERS = 1, 2
"""What comes and goes: one connection is kept open, a draft is stored a while later."""


async def test_a_short_day_leaves_no_file_task_or_thread(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = Plan(sends=5, cancels=5, large=3, idle=0, few=1)
    with Server() as server:
        record = await endure(plan, tmp_path, server.base, patience=0.1, letters=2)
    first, *others = record
    assert first.threads > POOL
    for each in others:
        assert each.files <= first.files + CONNECTIONS
        assert each.tasks <= first.tasks + TIMERS
        assert each.threads <= first.threads
    *lines, _, setting = table(record).splitlines()
    assert {line.count("|") for line in lines} == {9}
    assert [line.split(" | ")[0].removeprefix("| ") for line in lines[2:]] == [
        "start, 1 sends",
        "5 sends",
        "5 cancels",
        "3 responses of 10 MB",
        "1 sends",
        "0 s without a key",
    ]
    assert setting.startswith("Python ")
