from __future__ import annotations

import gzip
import json

import httpx
import pytest

from mixtui.sandbox.data import identity
from mixtui.sandbox.data.json_text import Json
from tests.sandbox.helpers import TOKEN, get_profile


def test_profiles_are_created_changed_and_deleted(empty_client: httpx.Client) -> None:
    def import_rows(**operation: Json) -> httpx.Response:
        names = {f"${name}": value for name, value in operation.items()}
        record = {"$token": TOKEN, "$distinct_id": "eve", **names}
        return empty_client.post("/engage?verbose=1", json=[record], auth=None)

    assert import_rows(set={"plan": "free", "visits": 1}).json() == {
        "status": 1,
        "error": None,
    }
    import_rows(set_once={"plan": "pro", "first": "x"})
    import_rows(add={"visits": 2}, append={"tags": "a"})
    import_rows(union={"tags": ["a", "b"]}, unset=["first"])
    import_rows(remove={"tags": "a"})
    assert get_profile(empty_client, "eve") == {
        "plan": "free",
        "visits": 3,
        "tags": ["b"],
        "$last_seen": "2026-03-18T15:30:00",
    }
    import_rows(delete="")
    assert get_profile(empty_client, "eve") is None


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
def test_an_invalid_profile_record_returns_0(
    client: httpx.Client, record: Json, error: str
) -> None:
    assert client.post("/engage", json=[record]).text == "0"
    response = client.post("/engage?verbose=1", json=[record])
    assert response.json() == {"status": 0, "error": error}


def test_one_valid_record_of_several_returns_1(empty_client: httpx.Client) -> None:
    valid = {"$token": TOKEN, "$distinct_id": "eve", "$set": {"n": 1}}
    assert empty_client.post("/engage", json=[{}, valid]).text == "1"
    properties = get_profile(empty_client, "eve")
    assert properties is not None
    assert properties["n"] == 1


def test_profiles_cannot_be_sent_compressed(client: httpx.Client) -> None:
    record = {"$token": TOKEN, "$distinct_id": "eve", "$set": {"n": 1}}
    response = client.post(
        "/engage",
        content=gzip.compress(json.dumps([record]).encode()),
        headers={"Content-Encoding": "gzip"},
    )
    assert response.text == "0"


def test_groups_have_profiles_of_their_own(frozen_client: httpx.Client) -> None:
    record = {
        "$token": TOKEN,
        "$group_key": "company",
        "$group_id": "Acme",
        "$set": {"n": 1},
    }
    assert frozen_client.post("/groups", json=[record]).text == "1"
    response = frozen_client.post(
        "/api/query/engage",
        data={
            "data_group_id": identity.COMPANY_GROUP_ID,
            "where": 'properties["n"] == 1',
        },
    )
    assert response.json()["results"] == [
        {"$distinct_id": "Acme", "$properties": {"n": 1}}
    ]
    invalid = frozen_client.post(
        "/groups?verbose=1", json=[{**record, "$group_key": ""}]
    )
    assert invalid.json() == {"status": 0, "error": "$group_key, missing or empty"}
