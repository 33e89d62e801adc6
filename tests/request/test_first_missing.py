"""The first value that only the person can fill in."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mixtui.mixpanel.catalogue import find_operation, operations
from mixtui.model.environment import NO_ENVIRONMENT, Environment
from mixtui.request.from_operation import (
    MissingPathValue,
    MissingRow,
    draft_from_operation,
    find_first_missing,
)

ENVIRONMENT = Environment("e", project_id="1", workspace_id="2", organization_id="3")


def first_missing_name(id: str, environment: Environment) -> str | int | None:
    operation = find_operation(id)
    assert operation is not None
    draft = draft_from_operation(operation)
    match find_first_missing(draft, operation, environment):
        case MissingPathValue(name):
            return name
        case MissingRow(index):
            return draft.query[index].name
        case None:
            return None


@pytest.mark.parametrize(
    ("id", "environment", "expected"),
    [
        ("query.list-recent-events", ENVIRONMENT, None),
        ("warehouse.get-warehouse-import", ENVIRONMENT, "importId"),
        ("warehouse.get-warehouse-import", NO_ENVIRONMENT, "projectId"),
        (
            "warehouse.get-warehouse-import",
            ENVIRONMENT.with_variables({"importId": "9"}),
            None,
        ),
        ("warehouse.list-warehouse-imports", ENVIRONMENT, None),
        ("query.insights-query", ENVIRONMENT, "bookmark_id"),
        ("query.funnels-query", ENVIRONMENT, "funnel_id"),
        ("query.segmentation-query", ENVIRONMENT, None),
    ],
)
def test_the_first_missing_value_is_found(
    id: str, environment: Environment, expected: object
) -> None:
    assert first_missing_name(id, environment) == expected


def test_a_required_row_without_a_value_is_missing() -> None:
    operation = find_operation("query.insights-query")
    assert operation is not None
    rows = tuple(replace(row, example="") for row in operation.parameters)
    bare = replace(operation, parameters=rows)
    assert find_first_missing(
        draft_from_operation(bare), bare, ENVIRONMENT
    ) == MissingRow(0)


def test_every_operation_can_be_checked_for_missing_values() -> None:
    for operation in operations():
        find_first_missing(draft_from_operation(operation), operation, ENVIRONMENT)
