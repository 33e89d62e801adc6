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
from tests.sandbox.conftest import NOW, Connect
from tests.sandbox.helpers import count_events, event, ok

QUERY = "/api/query/funnels/list"
WITHOUT_DELAY = Slow(wait=0, pause=0)


@pytest.fixture
def failing(new_sandbox: NewSandbox, connect: Connect) -> Any:
    """Start clients of sandboxes with simulated failures."""

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
        ("402:/track/", SimulatedFailure(Status(402), "/track")),
    ],
)
def test_a_failure_is_parsed_from_a_kind_and_a_path(
    text: str, failure: SimulatedFailure
) -> None:
    assert parse_failure(text) == failure


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("teapot", "must be one of 401, .*, slow, drop, not “teapot”"),
        ("418", "not “418”"),
        ("", "not “”"),
        ("429:api", "must start with /"),
        ("429:", "must start with /"),
    ],
)
def test_an_invalid_failure_is_reported(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_failure(text)


def test_the_longest_matching_path_applies() -> None:
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
def test_a_429_has_the_body_of_its_family_and_retry_after(
    new_sandbox: NewSandbox, connect: Connect, path: str, body: object
) -> None:
    running = new_sandbox(with_sample=False, failures=[parse_failure("429")])
    client = connect(running, project_id="")
    method = "POST" if path == "/import" else "GET"
    response = client.request(method, path)
    assert (response.status_code, response.json()) == (429, body)
    assert response.headers["retry-after"] == "60"


@pytest.mark.parametrize("code", [401, 402, 403, 500, 502, 503, 504])
def test_other_statuses_have_no_retry_after(failing: Any, code: int) -> None:
    response = failing(SimulatedFailure(Status(code))).get(QUERY)
    assert response.status_code == code
    assert set(response.json()) == {"request", "error"}
    assert "retry-after" not in response.headers


def test_only_the_listed_paths_fail_and_nothing_is_stored(failing: Any) -> None:
    client = failing(parse_failure("503:/import"))
    response = client.post("/import", json=[event()])
    assert response.status_code == 503
    assert count_events(client) == 0


def test_the_prefix_of_a_region_is_not_part_of_the_path(failing: Any) -> None:
    client = failing(parse_failure("500:/import"))
    assert client.post("/eu/import", json=[event()]).status_code == 500


@pytest.mark.parametrize("path", [QUERY, "/api/2.0/export", "/track"])
def test_slow_is_the_same_response_in_pieces(
    failing: Any, frozen_client: httpx.Client, path: str
) -> None:
    parameters = {"from_date": "2026-03-17", "to_date": "2026-03-18"}
    method = "POST" if path == "/track" else "GET"
    expected = frozen_client.request(method, path, params=parameters)
    client = failing(SimulatedFailure(WITHOUT_DELAY))
    response = client.request(method, path, params=parameters)
    assert (response.status_code, response.content) == (
        expected.status_code,
        expected.content,
    )
    assert response.headers["content-type"] == expected.headers["content-type"]


@pytest.mark.parametrize(
    "path", [QUERY, "/api/2.0/export?from_date=2026-03-17&to_date=2026-03-18", "/track"]
)
def test_drop_cuts_the_response_in_the_middle(
    failing: Any, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = failing(parse_failure("drop"))
    method = "POST" if path == "/track" else "GET"
    with pytest.raises(httpx.RemoteProtocolError, match="closed connection"):
        client.request(method, path)
    assert not [
        record for record in caplog.records if record.levelno >= logging.WARNING
    ]


def test_a_write_whose_response_is_cut_is_stored(failing: Any) -> None:
    client = failing(parse_failure("drop:/import"))
    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/import", json=[event()])
    assert count_events(client) == 1


def test_a_response_without_a_body_is_cut_too(failing: Any) -> None:
    client = failing(parse_failure("drop:/api/app/data-deletions"))
    token = {"Authorization": f"Bearer {identity.OAUTH_TOKEN}"}
    url = f"/api/app/data-deletions/v3.0/{identity.DELETION_ID}"
    with pytest.raises(httpx.RemoteProtocolError):
        client.delete(
            url, params={"token": identity.PROJECT_TOKEN}, headers=token, auth=None
        )
    assert ok(client.get(QUERY))
