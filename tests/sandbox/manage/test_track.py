from __future__ import annotations

import json

import httpx
import pytest

from mixtui.sandbox.data.json_text import Json
from tests.sandbox.helpers import (
    SECONDS,
    TOKEN,
    count_events,
    event,
    export_events,
    track_record,
)

ANONYMOUS_ID = "f4d2c1b0-9a3e-4c5d-8b7a-6e5f4d3c2b1a"


@pytest.mark.parametrize(
    ("record", "status", "error"),
    [
        (track_record("Verbose"), 1, None),
        ({"event": "Verbose", "properties": {}}, 0, "token, missing or empty"),
        (
            {"properties": {"token": TOKEN}},
            0,
            "'event' is invalid: must not be missing or blank",
        ),
        ([], 0, "data, missing or empty"),
        ("text", 0, "the record must be an object"),
    ],
    ids=["good", "no token", "no name", "nothing", "text"],
)
def test_verbose_returns_the_reason(
    client: httpx.Client, record: Json, status: int, error: str | None
) -> None:
    response = client.post("/track?verbose=1", json=record)
    assert response.status_code == 200
    assert response.json() == {"status": status, "error": error}
    assert client.post("/track", json=record).text == str(status)


def test_track_returns_1_for_a_wrong_token_and_stores_nothing(
    empty_client: httpx.Client,
) -> None:
    record = track_record("Lost", token="0" * 32)
    assert empty_client.post("/track", json=[record]).text == "1"
    assert export_events(empty_client, "Lost") == []


def test_track_drops_events_older_than_five_days_silently(
    empty_client: httpx.Client,
) -> None:
    day = 86_400
    batch = [
        track_record("Old", time=SECONDS - 5 * day - 1),
        track_record("Old", time=SECONDS - 5 * day + 1),
        track_record("Old", time=SECONDS + day),
    ]
    assert empty_client.post("/track", json=batch).text == "1"
    times = [line["properties"]["time"] for line in export_events(empty_client, "Old")]
    assert times == [SECONDS - 5 * day + 1, SECONDS]


@pytest.mark.parametrize(
    "link",
    [
        pytest.param(
            (
                "/track",
                track_record(
                    "$identify", **{"$identified_id": "eve", "$anon_id": ANONYMOUS_ID}
                ),
            ),
            id="identify",
        ),
        pytest.param(
            (
                "/track",
                track_record("$identify", **{"$anon_distinct_id": ANONYMOUS_ID}),
            ),
            id="identify of a client library",
        ),
        pytest.param(
            ("/track", track_record("$create_alias", alias=ANONYMOUS_ID)), id="alias"
        ),
        pytest.param(
            (
                "/import",
                {
                    "event": "$merge",
                    "properties": {
                        "token": TOKEN,
                        "$distinct_ids": ["eve", ANONYMOUS_ID],
                    },
                },
            ),
            id="merge",
        ),
    ],
)
def test_linked_ids_count_as_one_user_before_and_after(
    empty_client: httpx.Client, link: tuple[str, Json]
) -> None:
    path, record = link
    empty_client.post(
        "/import", json=[event(), event(insert_id="a-2", distinct_id=ANONYMOUS_ID)]
    )
    assert empty_client.post(path, json=[record]).status_code == 200
    empty_client.post(
        "/import", json=[event(insert_id="a-3", distinct_id=ANONYMOUS_ID)]
    )
    users = {line["properties"]["distinct_id"] for line in export_events(empty_client)}
    assert users == {"eve"}
    assert count_events(empty_client) == 3


def test_a_link_without_both_ids_is_refused(client: httpx.Client) -> None:
    response = client.post("/track?verbose=1", json=[track_record("$create_alias")])
    assert response.json() == {"status": 0, "error": "alias, missing or empty"}
    for properties, field in (
        ({"token": TOKEN, "$distinct_ids": ["one"]}, "properties.$distinct_ids"),
        ({"$distinct_ids": ["one", "two"]}, "properties.token"),
    ):
        merge = {"event": "$merge", "properties": properties}
        response = client.post("/import?strict=1", json=[merge])
        assert response.json()["failed_records"][0]["field"] == field
    assert client.post("/import", data={"data": json.dumps(merge)}).text == "1"


@pytest.mark.parametrize(
    "anonymous_id",
    ["anon7", ANONYMOUS_ID.replace("-4c5d-", "-1c5d-"), f"{ANONYMOUS_ID}0"],
)
def test_an_anonymous_id_must_be_a_uuid_4(
    client: httpx.Client, anonymous_id: str
) -> None:
    link = {"$identified_id": "eve", "$anon_id": anonymous_id}
    record = track_record("$identify", **link)
    response = client.post("/track?verbose=1", json=[record])
    assert response.json() == {"status": 0, "error": "$anon_id, must be a UUID v4"}
