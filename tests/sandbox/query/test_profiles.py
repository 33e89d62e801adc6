from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from mixtui.sandbox.data import identity

ENGAGE = "/api/query/engage"


def ask(client: httpx.Client, **form: object) -> Any:
    response = client.post(ENGAGE, data=form)
    assert response.status_code == 200, response.text
    return response.json()


def ids(response: Any) -> list[str]:
    return [row["$distinct_id"] for row in response["results"]]


def test_the_first_page_has_the_session_id(client: httpx.Client) -> None:
    response = ask(client)
    assert (response["page"], response["page_size"], response["status"]) == (
        0,
        1000,
        "ok",
    )
    assert response["total"] == len(response["results"]) > 300
    assert response["session_id"]
    ada = response["results"][0]
    assert ada["$distinct_id"] == identity.USER
    assert ada["$properties"]["$name"] == "Ada Lovelace"


def test_pages_have_no_gaps_or_repetitions(
    client: httpx.Client,
) -> None:
    all_ids = ids(ask(client))
    first = ask(client, page_size=100)
    session = first["session_id"]
    page_ids = ids(first)
    page = 0
    while len(page_ids) < first["total"]:
        page += 1
        page_body = ask(client, page_size=100, page=page, session_id=session)
        assert (page_body["page"], page_body["total"]) == (page, len(all_ids))
        page_ids += ids(page_body)
    assert page_ids == all_ids
    beyond = ask(client, page_size=100, page=page + 1, session_id=session)
    assert beyond["results"] == []


def test_a_session_keeps_its_results_while_profiles_change(
    frozen_client: httpx.Client,
) -> None:
    first = ask(frozen_client, page_size=10)
    record = {
        "$token": identity.PROJECT_TOKEN,
        "$distinct_id": "aaa",
        "$set": {"new": 1},
    }
    frozen_client.post("/engage", json=[record])
    second = ask(frozen_client, page_size=10, page=1, session_id=first["session_id"])
    assert not set(ids(first)) & set(ids(second))
    assert second["total"] == first["total"]


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"page": 1}, "page requires the session_id of the first page"),
        (
            {"page": 1, "session_id": "gone"},
            "request for page in uncached query for params",
        ),
        ({"page": -1}, "page must be between 0 and 1000000000"),
        ({"output_properties": "$name"}, "Invalid JSON Format: output_properties"),
        ({"filter_by_cohort": '{"id":1}'}, "Invalid cohort id: 1"),
        ({"data_group_id": "1"}, "Invalid data_group_id: 1"),
        ({"as_of_timestamp": "x"}, "as_of_timestamp must be an integer, not 'x'"),
        (
            {"include_all_users": "x"},
            "include_all_users must be true or false, not 'x'",
        ),
        ({"behaviors": "[]"}, "The sandbox does not select profiles by behaviors"),
        ({"where": "x"}, "Unable to parse expression for where: unknown name 'x' at 0"),
    ],
    ids=lambda item: str(item)[:25],
)
def test_an_invalid_parameter_is_named(
    client: httpx.Client, form: dict[str, object], error: str
) -> None:
    response = client.post(ENGAGE, data=form)
    assert response.status_code == 400
    assert response.json()["error"] == error


def test_profiles_are_chosen_by_id_expression_and_cohort(client: httpx.Client) -> None:
    assert ids(ask(client, distinct_id=identity.USER)) == [identity.USER]
    two = ids(ask(client))[:2]
    assert ids(ask(client, distinct_ids=json.dumps(two))) == two
    where = 'properties["plan"] == "pro" and user["country"] == "GB"'
    chosen = ask(client, where=where)
    for row in chosen["results"]:
        assert row["$properties"]["plan"] == "pro"
        assert row["$properties"]["country"] == "GB"
    cohort = ask(client, filter_by_cohort=json.dumps({"id": identity.COHORT_ID}))
    assert set(ids(chosen)) < set(ids(cohort))


def test_only_the_requested_properties_are_returned(client: httpx.Client) -> None:
    response = ask(
        client, distinct_id=identity.USER, output_properties='["plan", "nothing"]'
    )
    assert response["results"][0]["$properties"] == {"plan": "pro"}


def test_parameters_may_be_in_a_form_json_or_the_query(
    client: httpx.Client,
) -> None:
    parameters = {"distinct_id": identity.USER, "output_properties": ["plan"]}
    text = {**parameters, "output_properties": '["plan"]'}
    responses = [
        client.post(ENGAGE, data=text),
        client.post(ENGAGE, json=parameters),
        client.get(ENGAGE, params=text),
        client.post("/api/2.0/engage", params=text),
    ]
    results = [response.json()["results"] for response in responses]
    assert results == [results[0]] * 4
    assert results[0][0]["$properties"] == {"plan": "pro"}
    assert client.post(ENGAGE, json=[1]).status_code == 400


def test_groups_have_their_own_profiles(client: httpx.Client) -> None:
    response = ask(client, data_group_id=identity.COMPANY_GROUP_ID)
    assert response["total"] == 12
    assert response["results"][0]["$properties"]["$name"] == "Birch Labs"


def test_cohorts_are_listed_with_their_current_size(client: httpx.Client) -> None:
    response = client.post("/api/query/cohorts/list")
    cohort = response.json()[0]
    assert set(cohort) == {
        "count",
        "is_visible",
        "description",
        "created",
        "project_id",
        "id",
        "name",
    }
    members = ask(client, filter_by_cohort=json.dumps({"id": cohort["id"]}))
    assert cohort["count"] == members["total"]
