"""The events that importers are measured with are what Mixpanel takes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from benchmarks.bulk import BareLoop, event_lines
from benchmarks.server import Server
from mixtui.jobs.event_check import EventChecker


def test_the_events_are_valid_distinct_and_of_the_stated_size() -> None:
    lines = list(event_lines(2_000))
    checker = EventChecker()
    assert [checker.complete(line.rstrip()) for line in lines] == [
        line.rstrip() for line in lines
    ]
    ids = {json.loads(line)["properties"]["$insert_id"] for line in lines}
    assert len(ids) == 2_000
    assert {len(line) for line in lines} == {290}


def test_the_server_counts_what_the_bare_loop_sends(tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    with Server() as server:
        file.write_bytes(b"".join(event_lines(2_500)))
        subprocess.run(BareLoop().importing(file, server.base), check=True)
        assert server.records() == 2_500
