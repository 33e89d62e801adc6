"""URLs that complete the typed text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.editing.suggestions import complete_url, url_ghost
from mixtui.mixpanel.apis import Api
from mixtui.mixpanel.catalogue import operations
from mixtui.model.draft import Method


def suggested_urls(typed: str, method: str = "GET", api: str = "query") -> list[str]:
    suggestions = complete_url(typed, Method(method), Api(api), operations())
    return [suggestion.value for suggestion in suggestions]


@pytest.mark.parametrize(
    ("typed", "method", "api", "expected"),
    [
        (
            "/query/ret",
            "GET",
            "query",
            ["/query/retention", "/query/retention/addiction"],
        ),
        ("/query/retention", "GET", "query", ["/query/retention/addiction"]),
        ("/query/segmentation/n", "GET", "query", ["/query/segmentation/numeric"]),
        ("/query/j", "POST", "query", ["/query/jql"]),
        ("/query/nothing", "GET", "query", []),
        ("/query/retention?a=1", "GET", "query", []),
        ("/engage#profile-del", "POST", "ingestion", ["/engage#profile-delete"]),
    ],
)
def test_paths_of_the_api_are_suggested(
    typed: str, method: str, api: str, expected: list[str]
) -> None:
    assert suggested_urls(typed, method, api) == expected


def test_an_id_in_place_of_a_placeholder_stays() -> None:
    suggestions = suggested_urls("/projects/77/annot", "GET", "app")
    assert suggestions
    assert all(url.startswith("/projects/77/annotations") for url in suggestions)


def test_the_method_comes_first_and_other_apis_only_without_a_match() -> None:
    suggestions = complete_url("/query/", Method.POST, Api.QUERY, operations())
    methods = [
        suggestion.operation.method
        for suggestion in suggestions
        if suggestion.operation
    ]
    assert methods == sorted(methods, key=lambda method: method != "POST")
    assert {
        suggestion.operation.api for suggestion in suggestions if suggestion.operation
    } == {Api.QUERY}
    other_suggestions = complete_url("/impo", Method.GET, Api.QUERY, operations())
    assert [
        suggestion.operation.api
        for suggestion in other_suggestions
        if suggestion.operation
    ] == [Api.INGESTION]


@pytest.mark.parametrize(
    ("typed", "method", "ghost"),
    [
        ("/query/seg", "GET", "/query/segmentation"),
        ("/query/jq", "GET", ""),
        ("/query/jq", "POST", "/query/jql"),
        ("/impo", "GET", ""),
        ("", "GET", ""),
    ],
)
def test_dim_text_changes_neither_method_nor_api(
    typed: str, method: str, ghost: str
) -> None:
    suggestions = complete_url(typed, Method(method), Api.QUERY, operations())
    assert url_ghost(suggestions, typed, Method(method), Api.QUERY) == ghost


@given(st.text(max_size=30))
def test_any_text_can_be_completed(typed: str) -> None:
    for suggestion in complete_url(typed, Method.GET, Api.APP, operations()):
        assert suggestion.operation is not None
