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
def still_sandbox() -> Iterator[RunningSandbox]:
    """Read only, so one is enough."""
    with RunningSandbox(clock=lambda: NOW, queries_per_hour=PLENTY) as running:
        yield running


@pytest.fixture
def still(still_sandbox: RunningSandbox, connect: Connect) -> httpx.Client:
    return connect(still_sandbox)


def lines(answer: httpx.Response) -> list[dict[str, object]]:
    assert answer.status_code == 200
    return [json.loads(line) for line in answer.text.split("\n") if line]


def test_every_event_is_a_line_of_its_own(still: httpx.Client) -> None:
    answer = still.get(EXPORT, params=MONTH)
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.endswith("}\n")
    found = lines(answer)
    assert len(found) > 5000
    assert {line["event"] for line in found} >= {"Sign up", "Purchase"}
    assert all(set(line) == {"event", "properties"} for line in found)


def test_long_answers_are_compressed_when_that_is_accepted(still: httpx.Client) -> None:
    with still.stream("GET", EXPORT, params=MONTH) as answer:
        assert answer.headers["content-encoding"] == "gzip"
        packed = b"".join(answer.iter_raw())
    plain = still.get(EXPORT, params=MONTH, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(packed) == plain.content
    refused = still.get(EXPORT, params=MONTH, headers={"Accept-Encoding": "gzip;q=0"})
    assert "content-encoding" not in refused.headers


def test_short_answers_are_not_compressed(still: httpx.Client) -> None:
    answer = still.get(EXPORT, params={**MONTH, "limit": 1})
    assert len(answer.content) < 1400
    assert "content-encoding" not in answer.headers


def test_no_events_are_an_empty_body(still: httpx.Client) -> None:
    days = {"from_date": "2020-01-01", "to_date": "2020-01-02"}
    assert still.get(EXPORT, params=days).content == b""


def test_events_are_chosen_by_name_expression_and_number(still: httpx.Client) -> None:
    chosen = lines(
        still.get(
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
    still: httpx.Client,
) -> None:
    def first(**more: object) -> int:
        (line,) = lines(still.get(EXPORT, params={**TODAY, "limit": 1, **more}))
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
def test_a_wrong_parameter_is_named(
    still: httpx.Client, parameters: dict[str, object], error: str
) -> None:
    answer = still.get(EXPORT, params=parameters)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_the_address_of_an_older_article_works(still: httpx.Client) -> None:
    assert still.get(f"{EXPORT}/", params=TODAY).status_code == 200
