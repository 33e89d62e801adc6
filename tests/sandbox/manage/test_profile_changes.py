from __future__ import annotations

import gzip
import json

import httpx
import pytest

from mixtui.sandbox.data import identity
from mixtui.sandbox.data.json_text import Json
from tests.sandbox.asking import TOKEN, profile


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
