from __future__ import annotations

import gzip
import json

import httpx
import pytest

from mixtui.sandbox.data.json_text import Json
from tests.sandbox.helpers import SECONDS, count_events, event, export_events


def test_imported_events_appear_in_queries_and_export(
    empty_client: httpx.Client,
) -> None:
    response = empty_client.post(
        "/import?strict=1", json=[event(), event(insert_id="a-2", n=1)]
    )
    assert response.json() == {"code": 200, "num_records_imported": 2, "status": "OK"}
    assert count_events(empty_client) == 2
    assert export_events(empty_client)[1] == {
        "event": "Visit",
        "properties": {
            "time": SECONDS - 60,
            "distinct_id": "eve",
            "$insert_id": "a-2",
            "mp_processing_time_ms": SECONDS * 1000,
            "n": 1,
        },
    }


def test_import_stores_the_valid_records_of_a_batch(empty_client: httpx.Client) -> None:
    batch = [event(), event(insert_id="a:b"), event(insert_id="a-3", time="now")]
    response = empty_client.post("/import?strict=1", json=batch)
    assert response.status_code == 400
    body = response.json()
    assert (body["code"], body["status"]) == (400, "Bad Request")
    assert body["error"] == "some data points in the request failed validation"
    assert body["num_records_imported"] == 1
    assert body["failed_records"] == [
        {
            "index": 1,
            "insert_id": "a:b",
            "field": "$insert_id",
            "message": "'$insert_id' is invalid: must only contain alphanumeric "
            "or hyphen '-' characters",
        },
        {
            "index": 2,
            "insert_id": "a-3",
            "field": "properties.time",
            "message": "'properties.time' is invalid: "
            "must be specified as seconds since epoch",
        },
    ]
    assert count_events(empty_client) == 1


def test_without_strict_rejected_records_are_dropped_silently(
    empty_client: httpx.Client,
) -> None:
    response = empty_client.post(
        "/import?strict=0", json=[event(), event(insert_id="a:b")]
    )
    assert response.json() == {"code": 200, "num_records_imported": 1, "status": "OK"}


@pytest.mark.parametrize(
    ("query", "status", "stored"),
    [("", 200, 2), ("?strict=0", 200, 2), ("?strict=1", 400, 0)],
)
def test_only_a_strict_import_requires_an_insert_id(
    empty_client: httpx.Client, query: str, status: int, stored: int
) -> None:
    without = event()
    del without["properties"]["$insert_id"]
    response = empty_client.post(f"/import{query}", json=[without, event(insert_id="")])
    assert response.status_code == status
    assert response.json()["num_records_imported"] == stored
    lines = export_events(empty_client)
    assert len({line["properties"]["$insert_id"] for line in lines}) == stored


def test_queries_count_a_repeated_event_once_and_export_shows_it_twice(
    empty_client: httpx.Client,
) -> None:
    empty_client.post("/import", json=[event(n=1), event(n=2)])
    empty_client.post("/import", json=[event(n=3)])
    assert count_events(empty_client) == 1
    assert [line["properties"]["n"] for line in export_events(empty_client)] == [
        1,
        2,
        3,
    ]
    latest = empty_client.get(
        "/api/query/events/properties/values", params={"event": "Visit", "name": "n"}
    )
    assert latest.json() == ["3"]


@pytest.mark.parametrize(
    "changed",
    [{"distinct_id": "bob"}, {"time": SECONDS - 61}, {"$insert_id": "a-9"}],
    ids=["user", "time", "insert id"],
)
def test_events_that_differ_in_their_identity_all_count(
    empty_client: httpx.Client, changed: dict[str, Json]
) -> None:
    empty_client.post("/import", json=[event(), event(**changed)])
    assert count_events(empty_client) == 2


@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("lines", [False, True], ids=["list", "lines"])
def test_import_accepts_lists_and_lines_compressed_or_not(
    empty_client: httpx.Client, compressed: bool, lines: bool
) -> None:
    batch = [event(), event(insert_id="a-2", text="line\u2028break")]
    text = (
        "\n".join(json.dumps(record) for record in batch) + "\n"
        if lines
        else json.dumps(batch)
    )
    content = text.encode()
    headers = {"Content-Type": "application/x-ndjson" if lines else "application/json"}
    if compressed:
        headers["Content-Encoding"] = "gzip"
        content = gzip.compress(content)
    response = empty_client.post("/import", content=content, headers=headers)
    assert response.json()["num_records_imported"] == 2
    assert count_events(empty_client) == 2


@pytest.mark.parametrize(
    ("content", "headers", "status", "message"),
    [
        (b"", {}, 400, "missing or empty"),
        (b"{", {}, 400, "invalid JSON"),
        (b'{"event": "x"}', {}, 400, "must be a JSON list"),
        (b"[NaN]", {}, 400, "NaN is not JSON"),
        (b"\xff", {}, 400, "invalid JSON"),
        (b"[" * 100_000, {}, 400, "nested too deeply"),
        (b"[]", {"Content-Encoding": "gzip"}, 400, "cannot decompress"),
        (b"[" + b" " * (10 * 1024 * 1024), {}, 413, "max limit of 10485760 bytes"),
        (gzip.compress(bytes(11_000_000)), {"Content-Encoding": "gzip"}, 413, "limit"),
        (json.dumps([{}] * 2001).encode(), {}, 413, "max limit of 2000 events"),
    ],
    ids=[
        "empty",
        "broken",
        "object",
        "nan",
        "bytes",
        "deep",
        "not gzip",
        "large",
        "bomb",
        "many",
    ],
)
def test_a_body_that_cannot_be_imported_is_refused(
    client: httpx.Client,
    content: bytes,
    headers: dict[str, str],
    status: int,
    message: str,
) -> None:
    response = client.post("/import", content=content, headers=headers)
    assert response.status_code == status
    assert response.json()["code"] == status
    assert message in response.json()["error"]


def test_strict_is_0_or_1(client: httpx.Client) -> None:
    response = client.post("/import?strict=2", json=[event()])
    assert (response.status_code, response.json()["error"]) == (
        400,
        "strict must be 0 or 1, not '2'",
    )
