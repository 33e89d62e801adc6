from __future__ import annotations

import logging
from typing import Any

import httpx
import pytest

from mixtui.sandbox.data import identity
from mixtui.sandbox.failures import (
    Drop,
    SimulatedFailure,
    Slow,
    Status,
    failure_of,
    parse_failure,
)
from tests.fixtures_sandbox import NewSandbox
from tests.sandbox.asking import count, event, ok
from tests.sandbox.conftest import NOW, Connect

QUERY = "/api/query/funnels/list"
AT_ONCE = Slow(wait=0, pause=0)


@pytest.fixture
def failing(new_sandbox: NewSandbox, connect: Connect) -> Any:
    """Clients of sandboxes with these failures."""

    def start(*failures: SimulatedFailure) -> httpx.Client:
        return connect(new_sandbox(clock=lambda: NOW, failures=failures))

    return start


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        ("429", SimulatedFailure(Status(429))),
        ("429:/api/query", SimulatedFailure(Status(429), "/api/query")),
        ("slow", SimulatedFailure(Slow())),
        ("drop:/import", SimulatedFailure(Drop(), "/import")),
    ],
)
def test_a_failure_is_a_word_and_perhaps_a_path(
    text: str, failure: SimulatedFailure
) -> None:
    assert parse_failure(text) == failure


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("teapot", "«teapot» is none of 401"),
        ("418", "«418» is none of"),
        ("", "«» is none of"),
        ("429:api", "must begin with /"),
        ("429:", "must begin with /"),
    ],
)
def test_anything_else_is_a_sentence(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_failure(text)


def test_the_longest_path_holds() -> None:
    failures = (
        parse_failure("slow"),
        parse_failure("429:/api/query"),
        parse_failure("drop:/api"),
    )
    assert failure_of(failures, "/api/query/events") == Status(429)
    assert failure_of(failures, "/api/app/me") == Drop()
    assert failure_of(failures, "/import") == Slow()
    assert failure_of(failures[1:], "/import") is None


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (
            "/import",
            {
                "code": 429,
                "error": "Project exceeded rate limits. Please retry the request with "
                "exponential backoff.",
                "status": "Too Many Requests",
            },
        ),
        (
            f"{QUERY}?project_id={identity.PROJECT_ID}",
            {
                "request": f"{QUERY}?project_id={identity.PROJECT_ID}",
                "error": "Query rate limit exceeded for project_id: 3000001. 1/5 "
                "queries running concurrently and 61/60 queries running in the last "
                "hour.",
            },
        ),
        ("/api/app/me", {"status": "error", "error": "Too Many Requests"}),
    ],
)
def test_429_has_the_body_of_its_family_and_says_when(
    new_sandbox: NewSandbox, connect: Connect, path: str, body: object
) -> None:
    running = new_sandbox(with_sample=False, failures=[parse_failure("429")])
    client = connect(running, project_id="")
    method = "POST" if path == "/import" else "GET"
    answer = client.request(method, path)
    assert (answer.status_code, answer.json()) == (429, body)
    assert answer.headers["retry-after"] == "60"


@pytest.mark.parametrize("code", [401, 402, 403, 500, 502, 503, 504])
def test_other_statuses_come_without_a_time(failing: Any, code: int) -> None:
    answer = failing(SimulatedFailure(Status(code))).get(QUERY)
    assert answer.status_code == code
    assert set(answer.json()) == {"request", "error"}
    assert "retry-after" not in answer.headers


def test_only_the_paths_asked_for_fail_and_nothing_is_done(failing: Any) -> None:
    client = failing(parse_failure("503:/import"))
    refused = client.post("/import", json=[event()])
    assert refused.status_code == 503
    assert count(client) == 0


def test_the_regions_prefix_is_no_part_of_the_path(failing: Any) -> None:
    client = failing(parse_failure("500:/import"))
    assert client.post("/eu/import", json=[event()]).status_code == 500


@pytest.mark.parametrize("path", [QUERY, "/api/2.0/export", "/track"])
def test_slow_is_the_same_answer_in_pieces(
    failing: Any, still: httpx.Client, path: str
) -> None:
    parameters = {"from_date": "2026-03-17", "to_date": "2026-03-18"}
    method = "POST" if path == "/track" else "GET"
    true = still.request(method, path, params=parameters)
    client = failing(SimulatedFailure(AT_ONCE))
    slow = client.request(method, path, params=parameters)
    assert (slow.status_code, slow.content) == (true.status_code, true.content)
    assert slow.headers["content-type"] == true.headers["content-type"]


@pytest.mark.parametrize(
    "path", [QUERY, "/api/2.0/export?from_date=2026-03-17&to_date=2026-03-18", "/track"]
)
def test_drop_cuts_the_answer_in_the_middle(
    failing: Any, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = failing(parse_failure("drop"))
    method = "POST" if path == "/track" else "GET"
    with pytest.raises(httpx.RemoteProtocolError, match="closed connection"):
        client.request(method, path)
    assert not [r for r in caplog.records if r.levelno >= logging.WARNING]


def test_a_write_whose_answer_is_cut_has_happened(failing: Any) -> None:
    client = failing(parse_failure("drop:/import"))
    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/import", json=[event()])
    assert count(client) == 1


def test_an_answer_without_a_body_is_cut_as_well(failing: Any) -> None:
    client = failing(parse_failure("drop:/api/app/data-deletions"))
    token = {"Authorization": f"Bearer {identity.OAUTH_TOKEN}"}
    url = f"/api/app/data-deletions/v3.0/{identity.DELETION_ID}"
    with pytest.raises(httpx.RemoteProtocolError):
        client.delete(
            url, params={"token": identity.PROJECT_TOKEN}, headers=token, auth=None
        )
    assert ok(client.get(QUERY))
