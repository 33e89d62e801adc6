"""The draft that an operation begins with."""

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


def draft(id: str) -> Draft:
    operation = find_operation(id)
    assert operation is not None
    return draft_from_operation(operation)


def test_required_parameters_are_first_and_on() -> None:
    assert draft("query.query-event-properties").query[:4] == (
        Pair("event", "Purchase"),
        Pair("name", "plan"),
        Pair("type", "general"),
        Pair("unit", "day"),
    )
    rows = draft("query.query-top-events").query
    assert rows == (Pair("type", "general"), Pair("limit", "10", enabled=False))


def test_what_is_required_unless_something_is_changed_is_on() -> None:
    on = [row.name for row in draft("query.retention-query").query if row.enabled]
    assert on == ["from_date", "to_date", "born_event"]


def test_what_the_app_adds_is_left_out() -> None:
    assert draft("query.cohorts-list").query == ()
    body = draft("ingestion.profile-set").body
    assert body is not None
    assert "$token" not in body.text


def test_placeholders_stay() -> None:
    url = draft("annotations.get-annotation").url
    assert url == "/projects/{projectId}/annotations/{annotationId}"


def test_a_body_that_may_be_left_out_is_not_sent_with_delete() -> None:
    made = draft("warehouse.delete-warehouse-import")
    assert made.body is not None
    assert made.body.type is BodyType.JSON
    assert not made.sends_body


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.id)
def test_every_row_can_be_switched_on_as_it_is(operation: Operation) -> None:
    made = draft_from_operation(operation)
    assert all(row.value for row in made.query)
    names = {
        p.name for p in operation.parameters if p.location is ParameterLocation.QUERY
    }
    assert {row.name for row in made.query} <= names
