from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from benchmarks import ssh
from benchmarks.drivers import Driver, Mixtui
from benchmarks.peers import programs
from benchmarks.ssh import SshServer
from benchmarks.terminal import Missed

TOURED = [p for p in programs().values() if isinstance(p, Driver) and p.dialogs]


@pytest.mark.parametrize("driver", TOURED, ids=lambda driver: driver.name)
def test_every_program_finds_the_same_saved_requests(
    driver: Driver, tmp_path: Path
) -> None:
    driver.write_workspace(tmp_path, "http://127.0.0.1:1")
    names = [path.name.split(".")[0] for path in tmp_path.rglob("*.*")]
    assert len(names) == 18
    assert "1 Counts of events by day" in names


def test_the_first_saved_request_asks_for_the_counts_by_day(tmp_path: Path) -> None:
    Mixtui().write_workspace(tmp_path, "http://127.0.0.1:1")
    (file,) = tmp_path.glob("1 Query/1 *.toml")
    request = tomllib.loads(file.read_text())
    assert request["url"] == "/query/events"
    query = {row["name"]: row["value"] for row in request["query"]}
    assert query["event"] == '["Sign Up", "App Open", "Purchase"]'
    assert query["from_date"] == "2026-11-01"


def test_a_slow_line_is_skipped_without_an_ssh_server(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(ssh, "_SERVER", None)
    with pytest.raises(Missed, match="skipped: ssh or sshd is not installed"):
        SshServer(tmp_path)
