"""Hints about undocumented paths that resemble a documented one."""

from __future__ import annotations

import pytest

from mixtui.hints import Hint
from mixtui.model.draft import Draft
from mixtui.model.errors import Field
from tests.hints.samples import hints_of, make_draft

MISSPELT = [
    (make_draft("GET", "query", "/query/segmentaton"), "/query/segmentation"),
    (make_draft("GET", "query", "/query/Events"), "/query/events"),
    (make_draft("GET", "query", "/segmentation"), "/query/segmentation"),
    (
        make_draft("GET", "query", "/qery/events/top?type=general"),
        "/query/events/top?type=general",
    ),
    (make_draft("POST", "ingestion", "/imprt"), "/import"),
    (make_draft("POST", "ingestion", "/engag#profile-set"), "/engage#profile-set"),
    (make_draft("GET", "pipelines", "/pipeline/job"), "/pipeline/jobs"),
    (
        make_draft("GET", "app", "/project/{{project_id}}/annotations/7"),
        "/projects/{{project_id}}/annotations/7",
    ),
    (make_draft("GET", "lexicon", "/{projectId}/schema"), "/{projectId}/schemas"),
]
NOT_SIMILAR = [
    make_draft("GET", "query", "/query/segmentation"),
    make_draft("POST", "query", "/query/segmentation"),
    make_draft("GET", "query", "/query/engage"),
    make_draft("GET", "query", "/query/something/of/my/own"),
    make_draft("GET", "query", "/"),
    make_draft("GET", "query", ""),
    make_draft("GET", "export", ""),
    make_draft("GET", "app", "/me"),
    make_draft("GET", "query", "/query/{{report}}"),
    make_draft("GET", "query", "/" + "x" * 5000),
]


def path_hints(draft: Draft) -> list[Hint]:
    return [each for each in hints_of(draft) if "Undocumented path" in each.message]


@pytest.mark.parametrize(("draft", "url"), MISSPELT)
def test_a_misspelt_path_is_corrected(draft: Draft, url: str) -> None:
    (hints,) = path_hints(draft)
    assert hints.field is Field.URL
    assert hints.severe
    assert hints.suggestion is not None
    assert hints.suggestion.url == url
    assert not path_hints(hints.suggestion)


@pytest.mark.parametrize("draft", NOT_SIMILAR)
def test_a_path_that_resembles_none_has_no_hint(draft: Draft) -> None:
    assert not path_hints(draft)


def test_the_message_is_the_same_while_a_path_is_typed() -> None:
    for typed in ("/query/segmentaton?unit=day", "/query/segmentationk"):
        (hint,) = path_hints(make_draft("GET", "query", typed))
        assert hint.message == "Undocumented path. Did you mean /query/segmentation?"


def test_a_url_of_another_server_is_left_alone() -> None:
    assert not path_hints(
        make_draft("GET", "query", "https://example.com/query/segmentaton")
    )
