"""The draft made from an operation."""

from __future__ import annotations

import pytest

from mixtui.mixpanel.catalogue import (
    Operation,
    ParameterLocation,
    find_operation,
    operations,
)
from mixtui.model.draft import BodyType, Draft, Pair
from mixtui.request.from_operation import draft_from_operation


def draft_of(id: str) -> Draft:
    operation = find_operation(id)
    assert operation is not None
    return draft_from_operation(operation)


def test_required_parameters_are_first_and_enabled() -> None:
    assert draft_of("query.query-event-properties").query[:4] == (
        Pair("event", "Purchase"),
        Pair("name", "plan"),
        Pair("type", "general"),
        Pair("unit", "day"),
    )
    rows = draft_of("query.query-top-events").query
    assert rows == (Pair("type", "general"), Pair("limit", "10", enabled=False))


def test_conditionally_required_parameters_are_enabled() -> None:
    enabled = [
        row.name for row in draft_of("query.retention-query").query if row.enabled
    ]
    assert enabled == ["from_date", "to_date", "born_event"]


def test_parameters_the_app_generates_are_not_in_the_draft() -> None:
    assert draft_of("query.cohorts-list").query == ()
    body = draft_of("ingestion.profile-set").body
    assert body is not None
    assert "$token" not in body.text


def test_placeholders_stay_in_the_url() -> None:
    url = draft_of("annotations.get-annotation").url
    assert url == "/projects/{projectId}/annotations/{annotationId}"


def test_an_optional_body_is_not_sent_with_delete() -> None:
    draft_of_operation = draft_of("warehouse.delete-warehouse-import")
    assert draft_of_operation.body is not None
    assert draft_of_operation.body.type is BodyType.JSON
    assert not draft_of_operation.sends_body


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.id)
def test_every_row_has_a_value_to_enable_it_with(operation: Operation) -> None:
    draft_of_operation = draft_from_operation(operation)
    assert all(row.value for row in draft_of_operation.query)
    names = {
        p.name for p in operation.parameters if p.location is ParameterLocation.QUERY
    }
    # Official clients send verbose=1 to /track; the pages of identity do not list it.
    undocumented = {"verbose"} if operation.url.startswith("/track#") else set()
    assert {row.name for row in draft_of_operation.query} <= names | undocumented
