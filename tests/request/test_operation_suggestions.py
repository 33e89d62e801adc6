"""What an unknown draft may have been meant to be."""

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
def test_the_nearest_ones(api: Api, url: str, expected: str) -> None:
    found = suggest_operations(Draft(api=api, url=url))
    assert found
    assert found[0].url.startswith(expected)
    assert len(found) <= 5


@pytest.mark.parametrize("url", ["", "/", "/?x=1"])
def test_nothing_is_near_nothing(url: str) -> None:
    assert suggest_operations(Draft(url=url)) == ()


def test_the_words_of_a_path() -> None:
    draft = Draft(url="/projects/{projectId}/schemas/event/A?x=y")
    assert path_terms(draft) == "schemas event"
