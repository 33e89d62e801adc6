from __future__ import annotations

import base64
import gzip
import json
from urllib.parse import quote

import httpx
import pytest

from mixtui.sandbox.data.json_text import Json
from tests.sandbox.asking import FORM, SECONDS, TOKEN, count, event, exported, tracked


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (json.dumps([tracked("Track")]).encode(), {}),
        (json.dumps(tracked("Track")).encode(), {}),
        (f"data={quote(json.dumps([tracked('Track')]))}&verbose=0".encode(), FORM),
        (
            b"data="
            + quote(base64.b64encode(json.dumps(tracked("Track")).encode())).encode(),
            FORM,
        ),
        (
            gzip.compress(json.dumps([tracked("Track")]).encode()),
            {"Content-Encoding": "gzip"},
        ),
    ],
    ids=["list", "object", "form", "base64", "gzip"],
)
def test_track_takes_json_and_forms(
    empty: httpx.Client, content: bytes, headers: dict[str, str]
) -> None:
    answer = empty.post("/track", content=content, headers=headers, auth=None)
    assert (answer.status_code, answer.text) == (200, "1")
    assert answer.headers["content-type"].startswith("text/plain")
    (line,) = exported(empty, "Track")
    assert line["properties"]["time"] == SECONDS
    assert "token" not in line["properties"]


@pytest.mark.parametrize(
    ("record", "status", "error"),
    [
        (tracked("Verbose"), 1, None),
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
def test_verbose_says_why(
    client: httpx.Client, record: Json, status: int, error: str | None
) -> None:
    answer = client.post("/track?verbose=1", json=record)
    assert answer.status_code == 200
    assert answer.json() == {"status": status, "error": error}
    assert client.post("/track", json=record).text == str(status)


def test_track_answers_1_to_a_wrong_token_and_stores_nothing(
    empty: httpx.Client,
) -> None:
    record = tracked("Lost", token="0" * 32)
    assert empty.post("/track", json=[record]).text == "1"
    assert exported(empty, "Lost") == []


def test_track_drops_events_older_than_five_days_in_silence(
    empty: httpx.Client,
) -> None:
    day = 86_400
    batch = [
        tracked("Old", time=SECONDS - 5 * day - 1),
        tracked("Old", time=SECONDS - 5 * day + 1),
        tracked("Old", time=SECONDS + day),
    ]
    assert empty.post("/track", json=batch).text == "1"
    times = [line["properties"]["time"] for line in exported(empty, "Old")]
    assert times == [SECONDS - 5 * day + 1, SECONDS]


def test_track_can_answer_a_picture_or_javascript(client: httpx.Client) -> None:
    picture = client.post("/track?img=1", json=[tracked("Visit")])
    assert picture.headers["content-type"] == "image/gif"
    assert picture.content.startswith(b"GIF89a")
    script = client.post("/track?callback=done&verbose=1", json=[tracked("Visit")])
    assert script.text == 'done({"status":1,"error":null});'


@pytest.mark.parametrize(
    "link",
    [
        pytest.param(
            (
                "/track",
                tracked("$identify", **{"$identified_id": "eve", "$anon_id": "anon7"}),
            ),
            id="identify",
        ),
        pytest.param(("/track", tracked("$create_alias", alias="anon7")), id="alias"),
        pytest.param(
            (
                "/import",
                {
                    "event": "$merge",
                    "properties": {"token": TOKEN, "$distinct_ids": ["eve", "anon7"]},
                },
            ),
            id="merge",
        ),
    ],
)
def test_linked_ids_count_as_one_user_before_and_after(
    empty: httpx.Client, link: tuple[str, Json]
) -> None:
    path, record = link
    empty.post("/import", json=[event(), event(insert_id="a-2", distinct_id="anon7")])
    assert empty.post(path, json=[record]).status_code == 200
    empty.post("/import", json=[event(insert_id="a-3", distinct_id="anon7")])
    users = {line["properties"]["distinct_id"] for line in exported(empty)}
    assert users == {"eve"}
    assert count(empty) == 3


def test_a_link_without_both_ids_is_refused(client: httpx.Client) -> None:
    answer = client.post("/track?verbose=1", json=[tracked("$create_alias")])
    assert answer.json() == {"status": 0, "error": "alias, missing or empty"}
    for properties, field in (
        ({"token": TOKEN, "$distinct_ids": ["one"]}, "properties.$distinct_ids"),
        ({"$distinct_ids": ["one", "two"]}, "properties.token"),
    ):
        merge = {"event": "$merge", "properties": properties}
        answer = client.post("/import", json=[merge])
        assert answer.json()["failed_records"][0]["field"] == field
