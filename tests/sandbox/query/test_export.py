from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

import httpx
import pytest

from mixtui.sandbox.server import RunningSandbox
from tests.fixtures_sandbox import PLENTY
from tests.sandbox.conftest import NOW, Connect

EXPORT = "/api/2.0/export"
MONTH = {"from_date": "2026-02-05", "to_date": "2026-03-18"}
TODAY = {"from_date": "2026-03-18", "to_date": "2026-03-18"}


@pytest.fixture(scope="module")
def still_sandbox(copied_sample: None) -> Iterator[RunningSandbox]:
    """A sandbox at `NOW` that all tests of this module only read."""
    with RunningSandbox(clock=lambda: NOW, queries_per_hour=PLENTY) as running:
        yield running


@pytest.fixture
def frozen_client(still_sandbox: RunningSandbox, connect: Connect) -> httpx.Client:
    return connect(still_sandbox)


def read_lines(response: httpx.Response) -> list[dict[str, object]]:
    assert response.status_code == 200
    return [json.loads(line) for line in response.text.split("\n") if line]


def test_every_event_is_a_line_of_its_own(frozen_client: httpx.Client) -> None:
    response = frozen_client.get(EXPORT, params=MONTH)
    assert response.headers["content-type"].startswith("text/plain")
    assert response.text.endswith("}\n")
    events = read_lines(response)
    assert len(events) > 5000
    assert {line["event"] for line in events} >= {"Sign up", "Purchase"}
    assert all(set(line) == {"event", "properties"} for line in events)


def test_a_long_response_is_compressed_if_the_client_accepts_that(
    frozen_client: httpx.Client,
) -> None:
    with frozen_client.stream("GET", EXPORT, params=MONTH) as response:
        assert response.headers["content-encoding"] == "gzip"
        compressed = b"".join(response.iter_raw())
    plain = frozen_client.get(
        EXPORT, params=MONTH, headers={"Accept-Encoding": "identity"}
    )
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(compressed) == plain.content
    refused = frozen_client.get(
        EXPORT, params=MONTH, headers={"Accept-Encoding": "gzip;q=0"}
    )
    assert "content-encoding" not in refused.headers


def test_a_short_response_is_not_compressed(frozen_client: httpx.Client) -> None:
    response = frozen_client.get(EXPORT, params={**MONTH, "limit": 1})
    assert len(response.content) < 1400
    assert "content-encoding" not in response.headers


def test_no_events_are_an_empty_body(frozen_client: httpx.Client) -> None:
    days = {"from_date": "2020-01-01", "to_date": "2020-01-02"}
    assert frozen_client.get(EXPORT, params=days).content == b""


def test_events_are_chosen_by_name_expression_and_number(
    frozen_client: httpx.Client,
) -> None:
    chosen = read_lines(
        frozen_client.get(
            EXPORT,
            params={
                **MONTH,
                "event": '["Purchase"]',
                "where": 'properties["plan"] == "pro"',
                "limit": 3,
            },
        )
    )
    assert len(chosen) == 3
    for line in chosen:
        properties = line["properties"]
        assert isinstance(properties, dict)
        assert (line["event"], properties["plan"]) == ("Purchase", "pro")


def test_times_are_in_seconds_or_on_request_in_milliseconds(
    frozen_client: httpx.Client,
) -> None:
    def first(**more: object) -> int:
        (line,) = read_lines(
            frozen_client.get(EXPORT, params={**TODAY, "limit": 1, **more})
        )
        properties = line["properties"]
        assert isinstance(properties, dict)
        return int(properties["time"])

    assert first(time_in_ms="true") == first() * 1000


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({**TODAY, "to_date": "2026-03-19"}, "to_date cannot be later than today"),
        ({**TODAY, "limit": 100_001}, "limit must be between 1 and 100000"),
        ({**TODAY, "event": "Purchase"}, "Invalid JSON Format: event"),
        ({"from_date": "2026-03-18"}, "Missing required parameter: to_date"),
    ],
    ids=lambda item: str(item)[:30],
)
def test_an_invalid_parameter_is_named(
    frozen_client: httpx.Client, parameters: dict[str, object], error: str
) -> None:
    response = frozen_client.get(EXPORT, params=parameters)
    assert (response.status_code, response.json()["error"]) == (400, error)
