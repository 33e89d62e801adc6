"""URLs that begin like what is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.editing.suggestions import complete_url, url_ghost
from mixtui.mixpanel.apis import Api
from mixtui.mixpanel.catalogue import operations
from mixtui.model.draft import Method


def urls(typed: str, method: str = "GET", api: str = "query") -> list[str]:
    made = complete_url(typed, Method(method), Api(api), operations())
    return [each.value for each in made]


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
def test_paths_of_the_api(
    typed: str, method: str, api: str, expected: list[str]
) -> None:
    assert urls(typed, method, api) == expected


def test_an_id_in_the_position_of_a_placeholder_stays() -> None:
    suggestions = urls("/projects/77/annot", "GET", "app")
    assert suggestions
    assert all(url.startswith("/projects/77/annotations") for url in suggestions)


def test_the_method_comes_first_and_other_apis_only_where_there_is_nothing() -> None:
    made = complete_url("/query/", Method.POST, Api.QUERY, operations())
    methods = [each.operation.method for each in made if each.operation]
    assert methods == sorted(methods, key=lambda method: method != "POST")
    assert {each.operation.api for each in made if each.operation} == {Api.QUERY}
    other = complete_url("/impo", Method.GET, Api.QUERY, operations())
    assert [each.operation.api for each in other if each.operation] == [Api.INGESTION]


@pytest.mark.parametrize(
    ("typed", "method", "dim"),
    [
        ("/query/seg", "GET", "/query/segmentation"),
        ("/query/jq", "GET", ""),
        ("/query/jq", "POST", "/query/jql"),
        ("/impo", "GET", ""),
        ("", "GET", ""),
    ],
)
def test_dim_text_changes_neither_method_nor_api(
    typed: str, method: str, dim: str
) -> None:
    made = complete_url(typed, Method(method), Api.QUERY, operations())
    assert url_ghost(made, typed, Method(method), Api.QUERY) == dim


@given(st.text(max_size=30))
def test_nothing_that_is_typed_fails(typed: str) -> None:
    for each in complete_url(typed, Method.GET, Api.APP, operations()):
        assert each.operation is not None
