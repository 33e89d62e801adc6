"""Matching a draft to its operation."""

from __future__ import annotations

import pytest

from mixtui.mixpanel.apis import Api
from mixtui.mixpanel.catalogue import Operation, ParameterLocation, operations
from mixtui.model.draft import Body, BodyType, Draft, Method
from mixtui.model.environment import Environment
from mixtui.request.from_operation import draft_from_operation
from mixtui.request.operation_match import match_operation
from mixtui.request.templates import Values
from mixtui.request.urls import resolve

ENVIRONMENT = Environment("prod", project_id="1", workspace_id="2", organization_id="3")


def matched_id(draft: Draft) -> str:
    target = resolve(draft, Values(ENVIRONMENT))
    operation = match_operation(draft, target)
    return operation.id if operation else ""


def filled_draft(operation: Operation) -> Draft:
    draft = draft_from_operation(operation)
    url = draft.url
    for parameter in operation.parameters:
        if parameter.location is ParameterLocation.PATH and not parameter.generated:
            url = url.replace(f"{{{parameter.name}}}", "1")
    return Draft(
        method=draft.method, api=draft.api, url=url, query=draft.query, body=draft.body
    )


@pytest.mark.parametrize("operation", operations(), ids=lambda o: o.id)
def test_the_draft_of_an_operation_is_recognised_as_it(operation: Operation) -> None:
    draft = filled_draft(operation)
    if operation.id == "identity.identity-merge":
        draft = Draft(
            method=Method.POST,
            api=Api.INGESTION,
            url="/import",
            body=Body(text='[{"event": "$merge", "properties": {}}]'),
        )
    assert matched_id(draft) == operation.id


def draft(method: str, api: str, url: str, body: str = "", kind: str = "json") -> Draft:
    content = Body(BodyType(kind), body) if body else None
    return Draft(method=Method(method), api=Api(api), url=url, body=content)


@pytest.mark.parametrize(
    ("typed", "id"),
    [
        (draft("POST", "query", "/2.0/jql"), "query.query-jql"),
        (draft("GET", "query", "/2.0/engage"), "query.engage-query"),
        (draft("GET", "query", "/query/events/"), "query.list-recent-events"),
        (
            draft("GET", "query", "/app/projects/1/annotations/tags"),
            "annotations.get-annotation-tags",
        ),
        (draft("GET", "lexicon", "/1/annotations/7"), "annotations.get-annotation"),
        (draft("GET", "export", "?limit=1"), "export.raw-event-export"),
        (
            draft("POST", "ingestion", "/engage", '{"$add": {"n": 1}}'),
            "ingestion.profile-numerical-add",
        ),
        (
            draft("POST", "ingestion", "/groups", '[{"$union": {}}]'),
            "ingestion.group-union",
        ),
        (
            draft("POST", "ingestion", "/engage", '[{"$set": {}}, {"$add": {}}]'),
            "ingestion.profile-batch-update",
        ),
        (
            draft("POST", "ingestion", "/engage", '{"$set": {}, "$add": {}}'),
            "ingestion.profile-batch-update",
        ),
        (
            draft("POST", "ingestion", "/engage", '[{"$set": {}}, {"$set": {}}]'),
            "ingestion.profile-set",
        ),
        (
            draft("POST", "ingestion", "/groups", '[{"$set": {}}, {"$unset": []}]'),
            "ingestion.group-batch-update",
        ),
        (draft("POST", "ingestion", "/engage", '[{"$sett": {}}]'), ""),
        (
            draft("POST", "ingestion", "/import", '{"event": "$merge"}\n', "ndjson"),
            "identity.identity-merge",
        ),
        (
            draft("POST", "ingestion", "/import", '[{"event": "a"}]'),
            "ingestion.import-events",
        ),
        (draft("POST", "ingestion", "/import"), "ingestion.import-events"),
        (draft("POST", "query", "/engage#profile-set"), "ingestion.profile-set"),
        (draft("POST", "ingestion", "/engage#profile-sat"), ""),
        (draft("DELETE", "query", "/query/events"), ""),
        (draft("GET", "app", "/me"), ""),
        (draft("GET", "ingestion", "/nothing"), ""),
    ],
)
def test_a_typed_draft_is_matched_to_its_operation(typed: Draft, id: str) -> None:
    assert matched_id(typed) == id
