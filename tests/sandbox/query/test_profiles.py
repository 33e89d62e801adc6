from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from mixtui.sandbox.data import identity

ENGAGE = "/api/query/engage"


def ask(client: httpx.Client, **form: object) -> Any:
    answer = client.post(ENGAGE, data=form)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(answer: Any) -> list[str]:
    return [row["$distinct_id"] for row in answer["results"]]


def test_the_first_page_tells_how_to_go_on(client: httpx.Client) -> None:
    answer = ask(client)
    assert (answer["page"], answer["page_size"], answer["status"]) == (0, 1000, "ok")
    assert answer["total"] == len(answer["results"]) > 300
    assert answer["session_id"]
    ada = answer["results"][0]
    assert ada["$distinct_id"] == identity.USER
    assert ada["$properties"]["$name"] == "Ada Lovelace"


def test_pages_make_up_the_whole_without_gaps_or_repetitions(
    client: httpx.Client,
) -> None:
    whole = ids(ask(client))
    first = ask(client, page_size=100)
    session = first["session_id"]
    found = ids(first)
    page = 0
    while len(found) < first["total"]:
        page += 1
        answer = ask(client, page_size=100, page=page, session_id=session)
        assert (answer["page"], answer["total"]) == (page, len(whole))
        found += ids(answer)
    assert found == whole
    beyond = ask(client, page_size=100, page=page + 1, session_id=session)
    assert beyond["results"] == []


def test_a_session_keeps_its_results_while_profiles_change(
    still: httpx.Client,
) -> None:
    first = ask(still, page_size=10)
    record = {
        "$token": identity.PROJECT_TOKEN,
        "$distinct_id": "aaa",
        "$set": {"new": 1},
    }
    still.post("/engage", json=[record])
    second = ask(still, page_size=10, page=1, session_id=first["session_id"])
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
def test_a_wrong_parameter_is_named(
    client: httpx.Client, form: dict[str, object], error: str
) -> None:
    answer = client.post(ENGAGE, data=form)
    assert answer.status_code == 400
    assert answer.json()["error"] == error


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


def test_only_the_properties_asked_for_are_shown(client: httpx.Client) -> None:
    answer = ask(
        client, distinct_id=identity.USER, output_properties='["plan", "nothing"]'
    )
    assert answer["results"][0]["$properties"] == {"plan": "pro"}


def test_the_question_may_stand_in_a_form_json_or_the_query(
    client: httpx.Client,
) -> None:
    question = {"distinct_id": identity.USER, "output_properties": ["plan"]}
    text = {**question, "output_properties": '["plan"]'}
    answers = [
        client.post(ENGAGE, data=text),
        client.post(ENGAGE, json=question),
        client.get(ENGAGE, params=text),
        client.post("/api/2.0/engage", params=text),
    ]
    results = [answer.json()["results"] for answer in answers]
    assert results == [results[0]] * 4
    assert results[0][0]["$properties"] == {"plan": "pro"}
    assert client.post(ENGAGE, json=[1]).status_code == 400


def test_groups_have_their_own_profiles(client: httpx.Client) -> None:
    answer = ask(client, data_group_id=identity.COMPANY_GROUP_ID)
    assert answer["total"] == 12
    assert answer["results"][0]["$properties"]["$name"] == "Birch Labs"


def test_cohorts_are_listed_with_their_size_of_now(client: httpx.Client) -> None:
    answer = client.post("/api/query/cohorts/list")
    cohort = answer.json()[0]
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
