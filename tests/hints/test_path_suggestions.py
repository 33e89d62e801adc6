"""A path that is documented nowhere: what it was probably meant to be."""

from __future__ import annotations

import pytest

from mixtui.hints import Hint
from mixtui.model.draft import Draft
from mixtui.model.errors import Field
from tests.hints.samples import draft, hints_of

SLIPS = [
    (draft("GET", "query", "/query/segmentaton"), "/query/segmentation"),
    (draft("GET", "query", "/query/Events"), "/query/events"),
    (draft("GET", "query", "/segmentation"), "/query/segmentation"),
    (
        draft("GET", "query", "/qery/events/top?type=general"),
        "/query/events/top?type=general",
    ),
    (draft("POST", "ingestion", "/imprt"), "/import"),
    (draft("POST", "ingestion", "/engag#profile-set"), "/engage#profile-set"),
    (draft("GET", "pipelines", "/pipeline/job"), "/pipeline/jobs"),
    (
        draft("GET", "app", "/project/{{project_id}}/annotations/7"),
        "/projects/{{project_id}}/annotations/7",
    ),
    (draft("GET", "lexicon", "/{projectId}/schema"), "/{projectId}/schemas"),
]
NOTHING_NEAR = [
    draft("GET", "query", "/query/segmentation"),
    draft("POST", "query", "/query/segmentation"),
    draft("GET", "query", "/query/engage"),
    draft("GET", "query", "/query/something/of/my/own"),
    draft("GET", "query", "/"),
    draft("GET", "query", ""),
    draft("GET", "export", ""),
    draft("GET", "app", "/me"),
    draft("GET", "query", "/query/{{report}}"),
    draft("GET", "query", "/" + "x" * 5000),
]


def misspelt(given: Draft) -> list[Hint]:
    return [each for each in hints_of(given) if "Mixpanel documents no" in each.message]


@pytest.mark.parametrize(("given", "url"), SLIPS)
def test_a_slip_in_the_path_is_known_and_put_right(given: Draft, url: str) -> None:
    (hints,) = misspelt(given)
    assert hints.field is Field.URL
    assert hints.severe
    assert hints.suggestion is not None
    assert hints.suggestion.url == url
    assert not misspelt(hints.suggestion)


@pytest.mark.parametrize("given", NOTHING_NEAR)
def test_nothing_is_said_where_nothing_is_near(given: Draft) -> None:
    assert not misspelt(given)


def test_the_sentence_names_both() -> None:
    (hints,) = misspelt(draft("GET", "query", "/query/segmentaton?unit=day"))
    assert hints.message == (
        "Mixpanel documents no /query/segmentaton: did you mean /query/segmentation?"
    )


def test_a_url_of_another_server_is_left_alone() -> None:
    assert not misspelt(draft("GET", "query", "https://example.com/query/segmentaton"))
