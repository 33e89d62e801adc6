"""The quota on the command line."""

from __future__ import annotations

import json
import time
from functools import partial
from types import SimpleNamespace

import pytest

from mixtui.mixpanel.limits import Bucket
from mixtui.model.quota import Account
from mixtui.storage.paths import state_dir
from mixtui.storage.quota import QuotaStore
from tests.cli.conftest import CommandLine, environments_toml
from tests.cli.server import free_port, http_response, serve_response

NAMES = ("send", "GET", "/query/events/names", "--api", "query")
REFUSED = json.dumps(
    {
        "error": "Query rate limit exceeded for project_id: 1234567. 1/5 queries "
        "running concurrently and 61/60 queries running in the last hour."
    }
).encode()


def query_of(origin: str) -> Account:
    host = origin.removeprefix("http://")
    return Account(f"project 1234567 at {host}", Bucket.QUERY)


def used(origin: str, calls: int, *, ago: float) -> None:
    book = QuotaStore(state_dir(), lambda: time.time() - ago)
    for _ in range(calls):
        book.count([query_of(origin)])
    book.close()


@pytest.fixture
def quick_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a waiting ``send`` move its clock instead of sleeping."""
    slept = 0.0

    def now() -> float:
        return time.time() + slept

    def sleep(seconds: float) -> None:
        nonlocal slept
        slept += seconds

    send = "mixtui.cli.send.send"
    monkeypatch.setattr(f"{send}.time", SimpleNamespace(time=now, sleep=sleep))
    monkeypatch.setattr(f"{send}.QuotaStore", partial(QuotaStore, clock=now))


def test_what_is_sent_is_counted(mixtui: CommandLine) -> None:
    mixtui.variables["MP_SECRET"] = "x"
    with serve_response(http_response(b"[]")) as server:
        mixtui.write_environments(environments_toml(server.origin))
        for _ in range(2):
            assert mixtui(*NAMES).status == 0
        assert "query           2/60 · next slot 60 min" in mixtui("quota").text
        rows = json.loads(mixtui("quota", "--json").text)
    (query,) = [row for row in rows if row["bucket"] == "query"]
    assert (query["used"], query["limit"], query["wait"]) == (2, 60, 0.0)
    assert query["owner"].startswith("project 1234567 at 127.0.0.1:")


def test_a_429_is_believed(mixtui: CommandLine) -> None:
    mixtui.variables["MP_SECRET"] = "x"
    with serve_response(
        http_response(REFUSED, status="429 Too Many Requests")
    ) as server:
        mixtui.write_environments(environments_toml(server.origin))
        assert mixtui(*NAMES).status == 4
    assert QuotaStore(state_dir()).status(query_of(server.origin)).used == 60


def test_a_call_that_found_no_server_is_not_counted(mixtui: CommandLine) -> None:
    mixtui.variables["MP_SECRET"] = "x"
    origin = f"http://127.0.0.1:{free_port()}"
    mixtui.write_environments(environments_toml(origin))
    assert mixtui(*NAMES).status == 5
    assert QuotaStore(state_dir()).status(query_of(origin)).used == 0


@pytest.mark.usefixtures("quick_sleep")
def test_a_read_waits_for_a_slot_when_it_is_told_to(mixtui: CommandLine) -> None:
    mixtui.variables["MP_SECRET"] = "x"
    with serve_response(http_response(b"[]")) as server:
        used(server.origin, 60, ago=3570)
        mixtui.write_environments(environments_toml(server.origin))
        ended = mixtui(*NAMES, "--wait")
    assert ended.status == 0
    assert "The quota is used up (60/60" in ended.stderr


@pytest.mark.usefixtures("quick_sleep")
def test_a_terminal_sees_the_seconds_count_down(mixtui: CommandLine) -> None:
    mixtui.variables["MP_SECRET"] = "x"
    with serve_response(http_response(b"[]")) as server:
        used(server.origin, 60, ago=3570)
        mixtui.write_environments(environments_toml(server.origin))
        ended = mixtui(*NAMES, "--wait", terminal=True)
    assert "sends in 0:29" in ended.stderr
    assert "sends in 0:01" in ended.stderr
    assert "ctrl+c sends nothing" in ended.stderr


def test_what_writes_does_not_wait(mixtui: CommandLine) -> None:
    mixtui.variables["MP_SECRET"] = "x"
    with serve_response(http_response(b'{"code": 200}')) as server:
        mixtui.write_environments(environments_toml(server.origin))
        line = ("send", "POST", "/import", "--api", "ingestion", "-d", "[]", "--wait")
        ended = mixtui(*line)
    assert ended.status == 0
    assert "Nothing that writes waits" in ended.stderr
