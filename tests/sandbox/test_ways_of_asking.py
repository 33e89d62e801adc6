"""A question is answered alike by GET and POST, and with a slash at the end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mixtui.sandbox.data import identity
from mixtui.sandbox.server import RunningSandbox
from tests.fixtures_sandbox import PLENTY
from tests.sandbox.conftest import NOW, Connect
from tests.sandbox.every_operation import ALL_OPERATIONS, PIPELINE, OperationRequest
from tests.sandbox.helpers import SCHEMAS, ok

QUESTIONS = [
    operation
    for operation in ALL_OPERATIONS
    if operation.path.startswith(("/api/query/", "/api/2.0/export"))
    or (operation.path.startswith(PIPELINE) and operation.method == "GET")
]
OTHER_READS = [
    operation
    for operation in ALL_OPERATIONS
    if operation.method == "GET" and operation not in QUESTIONS
]
PROJECT = {"project_id": identity.PROJECT_ID}


@pytest.fixture(scope="module")
def running(copied_sample: None) -> Iterator[RunningSandbox]:
    with RunningSandbox(clock=lambda: NOW, queries_per_hour=PLENTY) as started:
        yield started


@pytest.fixture
def bare(running: RunningSandbox, connect: Connect) -> httpx.Client:
    """A client that adds no project id."""
    return connect(running, project_id="")


def comparable(response: httpx.Response) -> object:
    """Return status and body, without what differs at each call."""
    assert response.status_code == 200, response.text
    if "json" not in response.headers["content-type"]:
        return response.text
    body = response.json()
    return (
        {k: v for k, v in body.items() if k != "session_id"}
        if isinstance(body, dict)
        else body
    )


@pytest.mark.parametrize("operation", OTHER_READS, ids=lambda operation: operation.id)
def test_a_slash_at_the_end_changes_nothing(
    bare: httpx.Client, operation: OperationRequest
) -> None:
    options: dict[str, Any] = {
        "params": {**PROJECT, **operation.query},
        "headers": dict(operation.headers),
    }
    if operation.headers:
        options["auth"] = None
    for end in ("/", "//"):
        assert bare.get(operation.path + end, **options).status_code == 200


@pytest.mark.parametrize("operation", QUESTIONS, ids=lambda operation: operation.id)
def test_get_form_and_json_queries_get_the_same_response(
    bare: httpx.Client, operation: OperationRequest
) -> None:
    fields = {
        name: str(value)
        for name, value in {
            **PROJECT,
            **operation.query,
            **(operation.form or {}),
        }.items()
    }
    asked = comparable(bare.get(operation.path, params=fields))
    assert comparable(bare.post(operation.path, data=fields)) == asked
    in_both = bare.post(f"{operation.path}/", params=PROJECT, data=fields)
    assert comparable(in_both) == asked
    if not operation.path.startswith(PIPELINE):
        assert comparable(bare.post(operation.path, json=fields)) == asked


def test_an_encoded_slash_at_the_end_belongs_to_the_name(client: httpx.Client) -> None:
    url = f"{SCHEMAS}/event/a%2F"
    ok(client.post(f"{url}/", json={"description": "ends in a slash"}))
    schemas = ok(client.get(f"{SCHEMAS}/event"))["results"]
    assert "a/" in [schema["name"] for schema in schemas]


def test_the_top_properties_of_all_events_need_no_event(client: httpx.Client) -> None:
    url = "/api/query/events/properties/top"
    of_all = ok(client.get(url, params={"limit": 255}))
    of_one = ok(client.get(url, params={"limit": 255, "event": "Purchase"}))
    assert of_one.keys() < of_all.keys()
    assert all(of_all[name]["count"] >= of_one[name]["count"] for name in of_one)


def test_a_body_that_is_not_an_object_is_rejected(client: httpx.Client) -> None:
    for content in ("[", "[]", "1"):
        response = client.post(
            "/api/query/events/names",
            content=content,
            headers={"Content-Type": "application/json"},
        )
        assert response.status_code == 400
        assert response.json()["error"] == "Invalid JSON Format: body"


def test_a_list_in_json_is_a_list(client: httpx.Client) -> None:
    body = {"distinct_ids": [identity.USER], "output_properties": ["plan"]}
    (found,) = ok(client.post("/api/query/engage", json=body))["results"]
    assert json.dumps(found["$properties"]).startswith('{"plan"')
