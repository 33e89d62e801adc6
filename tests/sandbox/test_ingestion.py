from __future__ import annotations

import base64
import gzip
import json
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mixtui.sandbox import identity
from mixtui.sandbox.json_text import Json
from tests.sandbox.conftest import NOW

SECONDS = int(NOW.timestamp())
TODAY = "2026-03-18"
TOKEN = identity.PROJECT_TOKEN


def event(name: str = "Visit", insert_id: str = "a-1", **properties: Json) -> Json:
    return {
        "event": name,
        "properties": {
            "time": SECONDS - 60,
            "distinct_id": "eve",
            "$insert_id": insert_id,
            **properties,
        },
    }


def count(client: httpx.Client, name: str = "Visit") -> int:
    """How many events of that name queries see today."""
    answer = client.get(
        "/api/query/events",
        params={"event": json.dumps([name]), "from_date": TODAY, "to_date": TODAY},
    )
    return sum(answer.json()["data"]["values"][name].values())


def exported(client: httpx.Client, name: str = "Visit") -> list[dict[str, Json]]:
    answer = client.get(
        "/api/2.0/export",
        params={
            "event": json.dumps([name]),
            "from_date": "2020-01-01",
            "to_date": TODAY,
        },
    )
    assert answer.status_code == 200
    return [json.loads(line) for line in answer.text.splitlines()]


def profile(client: httpx.Client, user: str) -> dict[str, Json] | None:
    answer = client.post("/api/query/engage", data={"distinct_id": user})
    results = answer.json()["results"]
    return results[0]["$properties"] if results else None


def test_imported_events_appear_in_queries_and_export(empty: httpx.Client) -> None:
    answer = empty.post("/import?strict=1", json=[event(), event(insert_id="a-2", n=1)])
    assert answer.json() == {"code": 200, "num_records_imported": 2, "status": "OK"}
    assert count(empty) == 2
    assert exported(empty)[1] == {
        "event": "Visit",
        "properties": {
            "time": SECONDS - 60,
            "distinct_id": "eve",
            "$insert_id": "a-2",
            "mp_processing_time_ms": SECONDS * 1000,
            "n": 1,
        },
    }


def test_import_stores_the_good_records_beside_the_refused(empty: httpx.Client) -> None:
    batch = [event(), event(insert_id="a:b"), event(insert_id="a-3", time="now")]
    answer = empty.post("/import?strict=1", json=batch)
    assert answer.status_code == 400
    body = answer.json()
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
    assert count(empty) == 1


def test_without_strict_refused_records_are_dropped_in_silence(
    empty: httpx.Client,
) -> None:
    answer = empty.post("/import?strict=0", json=[event(), event(insert_id="")])
    assert answer.json() == {"code": 200, "num_records_imported": 1, "status": "OK"}


def test_queries_count_a_repeated_event_once_and_export_shows_it_twice(
    empty: httpx.Client,
) -> None:
    empty.post("/import", json=[event(n=1), event(n=2)])
    empty.post("/import", json=[event(n=3)])
    assert count(empty) == 1
    assert [line["properties"]["n"] for line in exported(empty)] == [1, 2, 3]
    latest = empty.get(
        "/api/query/events/properties/values", params={"event": "Visit", "name": "n"}
    )
    assert latest.json() == ["3"]


@pytest.mark.parametrize(
    "changed",
    [{"distinct_id": "bob"}, {"time": SECONDS - 61}, {"$insert_id": "a-9"}],
    ids=["user", "time", "insert id"],
)
def test_events_that_differ_in_their_identity_all_count(
    empty: httpx.Client, changed: dict[str, Json]
) -> None:
    empty.post("/import", json=[event(), event(**changed)])
    assert count(empty) == 2


@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("lines", [False, True], ids=["list", "lines"])
def test_import_takes_lists_and_lines_compressed_or_not(
    empty: httpx.Client, compressed: bool, lines: bool
) -> None:
    batch = [event(), event(insert_id="a-2", text="line\u2028break")]
    text = (
        "\n".join(json.dumps(e) for e in batch) + "\n" if lines else json.dumps(batch)
    )
    content = text.encode()
    headers = {"Content-Type": "application/x-ndjson" if lines else "application/json"}
    if compressed:
        headers["Content-Encoding"] = "gzip"
        content = gzip.compress(content)
    answer = empty.post("/import", content=content, headers=headers)
    assert answer.json()["num_records_imported"] == 2
    assert count(empty) == 2


@pytest.mark.parametrize(
    ("content", "headers", "status", "words"),
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
    words: str,
) -> None:
    answer = client.post("/import", content=content, headers=headers)
    assert answer.status_code == status
    assert answer.json()["code"] == status
    assert words in answer.json()["error"]


def tracked(name: str, **properties: Json) -> Json:
    return {
        "event": name,
        "properties": {"token": TOKEN, "distinct_id": "eve", **properties},
    }


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


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
                {"event": "$merge", "properties": {"$distinct_ids": ["eve", "anon7"]}},
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
    merge = {"event": "$merge", "properties": {"$distinct_ids": ["one"]}}
    answer = client.post("/import", json=[merge])
    assert answer.json()["failed_records"][0]["field"] == "properties.$distinct_ids"


def test_profiles_are_made_changed_and_deleted(empty: httpx.Client) -> None:
    def send(**operation: Json) -> httpx.Response:
        names = {f"${name}": value for name, value in operation.items()}
        record = {"$token": TOKEN, "$distinct_id": "eve", **names}
        return empty.post("/engage?verbose=1", json=[record], auth=None)

    assert send(set={"plan": "free", "visits": 1}).json() == {
        "status": 1,
        "error": None,
    }
    send(set_once={"plan": "pro", "first": "x"})
    send(add={"visits": 2}, append={"tags": "a"})
    send(union={"tags": ["a", "b"]}, unset=["first"])
    send(remove={"tags": "a"})
    assert profile(empty, "eve") == {
        "plan": "free",
        "visits": 3,
        "tags": ["b"],
        "$last_seen": "2026-03-18T15:30:00",
    }
    send(delete="")
    assert profile(empty, "eve") is None


@pytest.mark.parametrize(
    ("record", "error"),
    [
        ({"$distinct_id": "x", "$set": {}}, "token, missing or empty"),
        ({"$token": TOKEN, "$set": {}}, "$distinct_id, missing or empty"),
        (
            {"$token": TOKEN, "$distinct_id": "x"},
            "no operation such as $set in the record",
        ),
        ({"$token": TOKEN, "$distinct_id": "x", "$set": 1}, "$set must be an object"),
        (
            {"$token": TOKEN, "$distinct_id": "x", "$add": {"n": "1"}},
            "$add: the value of n must be a number",
        ),
    ],
    ids=["token", "user", "operation", "object", "number"],
)
def test_a_wrong_profile_record_answers_0(
    client: httpx.Client, record: Json, error: str
) -> None:
    assert client.post("/engage", json=[record]).text == "0"
    answer = client.post("/engage?verbose=1", json=[record])
    assert answer.json() == {"status": 0, "error": error}


def test_one_good_record_of_several_answers_1(empty: httpx.Client) -> None:
    good = {"$token": TOKEN, "$distinct_id": "eve", "$set": {"n": 1}}
    assert empty.post("/engage", json=[{}, good]).text == "1"
    found = profile(empty, "eve")
    assert found is not None
    assert found["n"] == 1


def test_profiles_cannot_be_sent_compressed(client: httpx.Client) -> None:
    record = {"$token": TOKEN, "$distinct_id": "eve", "$set": {"n": 1}}
    answer = client.post(
        "/engage",
        content=gzip.compress(json.dumps([record]).encode()),
        headers={"Content-Encoding": "gzip"},
    )
    assert answer.text == "0"


def test_groups_have_profiles_of_their_own(still: httpx.Client) -> None:
    record = {
        "$token": TOKEN,
        "$group_key": "company",
        "$group_id": "Acme",
        "$set": {"n": 1},
    }
    assert still.post("/groups", json=[record]).text == "1"
    answer = still.post(
        "/api/query/engage",
        data={
            "data_group_id": identity.COMPANY_GROUP_ID,
            "where": 'properties["n"] == 1',
        },
    )
    assert answer.json()["results"] == [
        {"$distinct_id": "Acme", "$properties": {"n": 1}}
    ]
    wrong = still.post("/groups?verbose=1", json=[{**record, "$group_key": ""}])
    assert wrong.json() == {"status": 0, "error": "$group_key, missing or empty"}


TABLE = f"/lookup-tables/{identity.LOOKUP_TABLE_ID}"


def test_a_lookup_table_is_replaced_from_csv(still: httpx.Client) -> None:
    listed = still.get("/lookup-tables").json()
    assert listed == {
        "code": 200,
        "status": "OK",
        "results": [{"id": identity.LOOKUP_TABLE_ID, "name": "Products"}],
    }
    csv = 'id,name\n1,"A, quoted"\n2,B\n'
    answer = still.put(TABLE, content=csv, headers={"Content-Type": "text/csv"})
    assert answer.json() == {"code": 200, "status": "OK"}


def test_bad_rows_of_a_lookup_table_are_reported_and_nothing_is_replaced(
    still: httpx.Client,
) -> None:
    answer = still.put(TABLE, content="id,name\n1,A\n,B\n3\n1,C\n" + ",\n" * 20)
    assert answer.status_code == 400
    failed = answer.json()["failed_records"]
    assert failed[:3] == [
        {"index": 2, "message": "primary key is required and cannot be blank"},
        {"index": 3, "message": "invalid row: wrong number of fields"},
        {"index": 4, "message": "primary key must be unique: 1"},
    ]
    assert len(failed) == 10
    empty = still.put(TABLE, content="")
    assert empty.json()["failed_records"] == [
        {"index": 0, "message": "a header row is required"}
    ]


def test_an_unknown_lookup_table_is_a_404_that_says_200(client: httpx.Client) -> None:
    answer = client.put("/lookup-tables/none", content="id\n1\n")
    assert answer.status_code == 404
    assert answer.json() == {
        "code": 200,
        "error": "Lookup table with id 'none' was not found.",
        "status": "Not Found",
    }


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=8,
)
FIELDS = (
    "event properties token $token $distinct_id $set $add $union $unset $delete "
    "$group_key $group_id time"
)
fields = st.sampled_from(FIELDS.split())
records = st.dictionaries(
    fields,
    json_values | st.just(TOKEN) | st.dictionaries(fields, json_values),
    max_size=5,
)
bodies = st.binary(max_size=50) | (json_values | st.lists(records, max_size=3)).map(
    lambda value: json.dumps(value).encode()
)


@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.sampled_from(["/import", "/track", "/engage", "/groups"]),
    bodies,
    st.sampled_from(["application/json", "application/x-ndjson", FORM["Content-Type"]]),
)
def test_any_body_is_answered_on_purpose(
    client: httpx.Client, path: str, content: bytes, media_type: str
) -> None:
    answer = client.post(path, content=content, headers={"Content-Type": media_type})
    assert answer.status_code in (200, 400)
