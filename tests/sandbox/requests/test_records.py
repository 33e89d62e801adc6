"""Records arrive whichever way a client sends them, and each client is answered."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from mixtui.sandbox.data.json_text import Json
from tests.sandbox.helpers import (
    FORM,
    SECONDS,
    TOKEN,
    event,
    export_events,
    get_profile,
    track_record,
)

JSON = {"Content-Type": "application/json"}
LINES = {"Content-Type": "application/x-ndjson"}
GZIP = {"Content-Encoding": "gzip"}
TEXT = {"Content-Type": "text/plain;charset=UTF-8"}
NOTE = "?~> \u00e9 + \u2028"
"""Its Base64 has a plus sign, and it needs escaping in every form."""


def encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def post(content: str | bytes, **headers: str) -> Callable[..., httpx.Response]:
    def send(client: httpx.Client, path: str, **query: str) -> httpx.Response:
        return client.post(path, params=query, content=content, headers=headers)

    return send


def get(data: str) -> Callable[..., httpx.Response]:
    def send(client: httpx.Client, path: str, **query: str) -> httpx.Response:
        return client.get(path, params={"data": data, **query})

    return send


def form(data: str) -> str:
    return urlencode({"data": data})


WAYS: dict[str, Callable[[str], Callable[..., httpx.Response]]] = {
    "json": lambda text: post(text, **JSON),
    "json without a type": lambda text: post(text),
    "json that curl calls a form": lambda text: post(text, **FORM),
    "lines": lambda text: post(text[1:-1] + "\n\n", **LINES),
    "form": lambda text: post(form(text), **FORM),
    "form in base64": lambda text: post(form(encode(text)), **FORM),
    "base64 not escaped": lambda text: post(f"data={encode(text)}", **FORM),
    "base64 in lines": lambda text: post(
        form(base64.encodebytes(text.encode()).decode()), **FORM
    ),
    "beacon": lambda text: post(form(encode(text)), **TEXT),
    "query": get,
    "query in base64": lambda text: get(encode(text)),
    "one record in a form": lambda text: post(form(text[1:-1]), **FORM),
    "one record in the query": lambda text: get(encode(text[1:-1])),
}
COMPRESSED: list[tuple[Callable[[str], Callable[..., httpx.Response]], str]] = [
    (lambda text: post(gzip.compress(text.encode()), **JSON, **GZIP), "0"),
    (lambda text: post(gzip.compress(form(text).encode()), **FORM, **GZIP), "1"),
]


def event_record() -> Json:
    return track_record("Sent", note=NOTE, time=SECONDS)


def user_record() -> Json:
    return {"$token": TOKEN, "$distinct_id": "eve", "$set": {"note": NOTE}}


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_records_are_stored_however_they_are_sent(
    empty_client: httpx.Client,
    way: Callable[[str], Callable[..., httpx.Response]],
    slash: str,
) -> None:
    for path in ("/track", "/import"):
        response = way(json.dumps([event_record()]))(empty_client, path + slash)
        assert response.status_code == 200, response.text
    sent = export_events(empty_client, "Sent")
    assert [line["properties"]["note"] for line in sent] == [NOTE, NOTE]
    user = way(json.dumps([user_record()]))(empty_client, f"/engage{slash}")
    assert user.text == "1"
    profile = get_profile(empty_client, "eve")
    assert profile is not None
    assert profile["note"] == NOTE
    group = {"$token": TOKEN, "$group_key": "company", "$group_id": "acme", "$set": {}}
    assert way(json.dumps([group]))(empty_client, f"/groups{slash}").text == "1"


@pytest.mark.parametrize(("way", "profiles"), COMPRESSED, ids=["json", "form"])
def test_events_may_be_compressed_and_profiles_in_forms(
    empty_client: httpx.Client,
    way: Callable[[str], Callable[..., httpx.Response]],
    profiles: str,
) -> None:
    for path in ("/track", "/import"):
        response = way(json.dumps([event_record()]))(empty_client, path)
        assert response.status_code == 200
    assert len(export_events(empty_client, "Sent")) == 2
    assert way(json.dumps([user_record()]))(empty_client, "/engage").text == profiles
    assert (get_profile(empty_client, "eve") is not None) is (profiles == "1")


FORMATS: list[tuple[dict[str, str], int, str, str]] = [
    ({}, 200, "text/plain; charset=utf-8", "1"),
    ({"verbose": "0", "ip": "1", "_": "17"}, 200, "text/plain; charset=utf-8", "1"),
    ({"verbose": "1"}, 200, "application/json", '{"status":1,"error":null}'),
    ({"callback": "done"}, 200, "text/javascript; charset=utf-8", "done(1);"),
    (
        {"callback": "done", "verbose": "1"},
        200,
        "text/javascript; charset=utf-8",
        'done({"status":1,"error":null});',
    ),
    ({"img": "1"}, 200, "image/gif", "GIF89a"),
    ({"redirect": "https://example.com/a?b=c"}, 302, "", ""),
]
RECORDS: dict[str, Any] = {
    "/track": event_record(),
    "/import": event_record(),
    "/engage": user_record(),
    "/groups": {"$token": TOKEN, "$group_key": "k", "$group_id": "g", "$set": {}},
}


@pytest.mark.parametrize("path", RECORDS)
@pytest.mark.parametrize(("options", "status", "media_type", "text"), FORMATS)
def test_the_sender_of_data_chooses_the_response(
    client: httpx.Client,
    path: str,
    options: dict[str, str],
    status: int,
    media_type: str,
    text: str,
) -> None:
    fields = {"data": json.dumps(RECORDS[path]), **options}
    for response in (
        client.get(path, params=fields),
        client.post(path, data=fields),
        client.post(path, params=options, data={"data": fields["data"]}),
    ):
        assert response.status_code == status
        assert response.headers.get("content-type", "") == media_type
        assert response.text.startswith(text)
        assert response.headers.get("location") == options.get("redirect")


def test_a_rejected_record_gets_the_response_that_its_sender_expects(
    client: httpx.Client,
) -> None:
    without_time = {"data": json.dumps(event(time=None))}
    assert client.post("/import", data=without_time).text == "0"
    told = client.get("/import", params={**without_time, "verbose": 1}).json()
    assert (told["status"], "'properties.time' is invalid" in told["error"]) == (
        0,
        True,
    )
    strict = client.post("/import", data={**without_time, "strict": 1})
    assert strict.status_code == 400
    assert strict.json()["failed_records"][0]["field"] == "properties.time"


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("data=", "data, missing or empty"),
        ("name=value", "data, missing or empty"),
        ("", "data, missing or empty"),
        ("data=a", "data, neither JSON nor base64"),
        ("data=YWI=", "data, invalid JSON"),
        ("data=[", "data, invalid JSON"),
    ],
)
def test_a_form_without_records_is_rejected_with_a_sentence(
    client: httpx.Client, content: str, error: str
) -> None:
    told = client.post("/track?verbose=1", content=content, headers=FORM).json()
    assert told["status"] == 0
    assert told["error"].startswith(error)
    refused = client.post("/import", content=content, headers=FORM)
    assert refused.status_code == 400
    assert refused.json()["error"].startswith(error)


def test_a_request_without_a_body_or_data_stores_nothing(client: httpx.Client) -> None:
    assert client.get("/track").text == "0"
    assert client.get("/import").status_code == 400


def test_the_api_key_of_old_clients_is_the_project_token(
    empty_client: httpx.Client,
) -> None:
    query = {"data": encode(json.dumps(event_record())), "api_key": TOKEN}
    assert empty_client.get("/import", params=query, auth=None).text == "1"
    query["api_key"] = "0" * 32
    assert empty_client.get("/import", params=query, auth=None).status_code == 401
    assert len(export_events(empty_client, "Sent")) == 1
