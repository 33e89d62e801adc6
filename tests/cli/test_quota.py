"""The quota on the command line."""

from __future__ import annotations

import json
import time
from contextlib import closing
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


def query_account(origin: str) -> Account:
    host = origin.removeprefix("http://")
    return Account(f"project 1234567 at {host}", Bucket.QUERY)


def count_requests(origin: str, count: int, *, ago: float) -> None:
    quota_store = QuotaStore(state_dir(), lambda: time.time() - ago)
    for _ in range(count):
        quota_store.count([query_account(origin)])
    quota_store.close()


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


def test_a_sent_request_is_counted(mixtui: CommandLine) -> None:
    mixtui.variables["MP_SECRET"] = "x"
    with serve_response(http_response(b"[]")) as server:
        mixtui.write_environments(environments_toml(server.origin))
        for _ in range(2):
            assert mixtui(*NAMES).status == 0
        assert (
            "query           58 of 60 queries left (resets in 60 min)"
            in mixtui("quota").text
        )
        rows = json.loads(mixtui("quota", "--json").text)
    (query,) = [row for row in rows if row["bucket"] == "query"]
    assert (query["used"], query["limit"], query["wait"]) == (2, 60, 0.0)
    assert query["owner"].startswith("project 1234567 at 127.0.0.1:")


def test_a_429_corrects_the_count(mixtui: CommandLine) -> None:
    mixtui.variables["MP_SECRET"] = "x"
    with serve_response(
        http_response(REFUSED, status="429 Too Many Requests")
    ) as server:
        mixtui.write_environments(environments_toml(server.origin))
        assert mixtui(*NAMES).status == 4
    with closing(QuotaStore(state_dir())) as store:
        assert store.status(query_account(server.origin)).used == 60


def test_a_request_that_reached_no_server_is_not_counted(mixtui: CommandLine) -> None:
    mixtui.variables["MP_SECRET"] = "x"
    origin = f"http://127.0.0.1:{free_port()}"
    mixtui.write_environments(environments_toml(origin))
    assert mixtui(*NAMES).status == 5
    with closing(QuotaStore(state_dir())) as store:
        assert store.status(query_account(origin)).used == 0


@pytest.mark.usefixtures("quick_sleep")
def test_a_read_waits_for_a_slot_on_request(mixtui: CommandLine) -> None:
    mixtui.variables["MP_SECRET"] = "x"
    with serve_response(http_response(b"[]")) as server:
        count_requests(server.origin, 60, ago=3570)
        mixtui.write_environments(environments_toml(server.origin))
        result = mixtui(*NAMES, "--wait")
    assert result.status == 0
    assert "Waiting: 0 of 60 queries left" in result.stderr


@pytest.mark.usefixtures("quick_sleep")
def test_a_countdown_is_shown_on_a_terminal(mixtui: CommandLine) -> None:
    mixtui.variables["MP_SECRET"] = "x"
    with serve_response(http_response(b"[]")) as server:
        count_requests(server.origin, 60, ago=3570)
        mixtui.write_environments(environments_toml(server.origin))
        result = mixtui(*NAMES, "--wait", terminal=True)
    assert "Sending in 0:29" in result.stderr
    assert "Sending in 0:01" in result.stderr
    assert "ctrl+c cancels" in result.stderr


def test_a_write_does_not_wait(mixtui: CommandLine) -> None:
    mixtui.variables["MP_SECRET"] = "x"
    with serve_response(http_response(b'{"code": 200}')) as server:
        mixtui.write_environments(environments_toml(server.origin))
        command = (
            "send",
            "POST",
            "/import",
            "--api",
            "ingestion",
            "-d",
            "[]",
            "--wait",
        )
        result = mixtui(*command)
    assert result.status == 0
    assert "--wait only applies to reads" in result.stderr
