"""Operations suggested for a draft that matches none."""

from __future__ import annotations

import pytest

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Draft
from mixtui.request.operation_match import path_terms, suggest_operations


@pytest.mark.parametrize(
    ("api", "url", "expected"),
    [
        (Api.QUERY, "/query/segmentation/avg", "/query/segmentation"),
        (Api.QUERY, "/query/retentoin", "/query/retention"),
        (Api.APP, "/projects/1/annotation", "/projects/{projectId}/annotations"),
    ],
)
def test_the_nearest_operations_are_suggested(
    api: Api, url: str, expected: str
) -> None:
    suggestions = suggest_operations(Draft(api=api, url=url))
    assert suggestions
    assert suggestions[0].url.startswith(expected)
    assert len(suggestions) <= 5


@pytest.mark.parametrize("url", ["", "/", "/?x=1"])
def test_nothing_is_suggested_for_an_empty_path(url: str) -> None:
    assert suggest_operations(Draft(url=url)) == ()


def test_the_terms_of_a_path_leave_out_placeholders_and_names() -> None:
    draft = Draft(url="/projects/{projectId}/schemas/event/A?x=y")
    assert path_terms(draft) == "schemas event"
