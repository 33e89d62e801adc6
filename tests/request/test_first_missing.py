"""What only the person can fill in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mixtui.mixpanel.catalogue import find_operation, operations
from mixtui.model.environment import NO_ENVIRONMENT, Environment
from mixtui.request.from_operation import (
    MissingRow,
    MissingUrlPart,
    draft_from_operation,
    find_first_missing,
)

ENVIRONMENT = Environment("e", project_id="1", workspace_id="2", organization_id="3")


def placeholder(id: str, environment: Environment) -> str | int | None:
    each = find_operation(id)
    assert each is not None
    draft = draft_from_operation(each)
    match find_first_missing(draft, each, environment):
        case MissingUrlPart(start, end):
            return draft.url[start:end]
        case MissingRow(index):
            return draft.query[index].name
        case None:
            return None


@pytest.mark.parametrize(
    ("id", "environment", "expected"),
    [
        ("query.list-recent-events", ENVIRONMENT, None),
        ("warehouse.get-warehouse-import", ENVIRONMENT, "{importId}"),
        ("warehouse.get-warehouse-import", NO_ENVIRONMENT, "{projectId}"),
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
def test_the_first_gap(id: str, environment: Environment, expected: object) -> None:
    assert placeholder(id, environment) == expected


def test_a_required_row_without_a_value_is_a_gap() -> None:
    each = find_operation("query.insights-query")
    assert each is not None
    rows = tuple(replace(row, example="") for row in each.parameters)
    bare = replace(each, parameters=rows)
    assert find_first_missing(
        draft_from_operation(bare), bare, ENVIRONMENT
    ) == MissingRow(0)


def test_every_operation_can_be_asked() -> None:
    for each in operations():
        find_first_missing(draft_from_operation(each), each, ENVIRONMENT)
