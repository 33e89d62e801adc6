"""OpenAPI parameters of every location and style."""

from __future__ import annotations

from typing import Any

import pytest

from mixtui.model.draft import Pair
from tests.interchange.specifications import import_drafts, import_operation, parameter

LIST = {"type": "array", "items": {"type": "string"}}
OBJECT = {"type": "object", "properties": {"a": {"example": 1}, "b": {"example": "x"}}}


@pytest.mark.parametrize(
    ("definition", "rows"),
    [
        ({"schema": LIST, "example": ["a", "b"]}, [("q", "a"), ("q", "b")]),
        ({"schema": LIST, "example": ["a", "b"], "explode": False}, [("q", "a,b")]),
        (
            {"schema": LIST, "example": ["a", "b"], "style": "spaceDelimited"},
            [("q", "a b")],
        ),
        (
            {"schema": LIST, "example": ["a", "b"], "style": "pipeDelimited"},
            [("q", "a|b")],
        ),
        ({"schema": LIST}, [("q", "")]),
        ({"schema": OBJECT}, [("a", "1"), ("b", "x")]),
        ({"schema": OBJECT, "explode": False}, [("q", "a,1,b,x")]),
        ({"schema": OBJECT, "style": "deepObject"}, [("q[a]", "1"), ("q[b]", "x")]),
        (
            {"example": {"a": {"b": [1, 2]}}, "style": "deepObject"},
            [("q[a][b]", "1"), ("q[a][b]", "2")],
        ),
        ({"schema": {"type": "string", "default": "d"}}, [("q", "d")]),
        ({"schema": {"enum": [None, "e"]}}, [("q", "e")]),
        ({"schema": {"type": ["null", "boolean"]}}, [("q", "false")]),
        ({"schema": {"type": "integer"}}, [("q", "")]),
        ({"schema": {"type": "integer", "minimum": 5}}, [("q", "5")]),
        ({"schema": {"type": "number", "example": 0.10}}, [("q", "0.1")]),
        ({"schema": {"const": 7}}, [("q", "7")]),
        ({"schema": {"type": "string", "format": "date"}}, [("q", "{{today}}")]),
        ({"schema": {"type": "string", "format": "uuid"}}, [("q", "{{uuid}}")]),
        ({"schema": {"anyOf": [{"type": "null"}, {"enum": ["v"]}]}}, [("q", "v")]),
        ({"schema": {"allOf": [{"type": "string"}, {"default": "m"}]}}, [("q", "m")]),
        ({"examples": {"one": {"value": "x"}, "two": {"value": "y"}}}, [("q", "x")]),
        ({"schema": True}, [("q", "")]),
        ({}, [("q", "")]),
    ],
)
def test_a_query_parameter_becomes_rows(
    definition: dict[str, Any], rows: list[tuple[str, str]]
) -> None:
    node = {"name": "q", "in": "query", "required": True, **definition}
    (draft,) = import_drafts({"parameters": [node]})
    assert [(row.name, row.value) for row in draft.query] == rows
    assert all(row.enabled for row in draft.query)


def test_a_parameter_that_is_json_is_one_text() -> None:
    content = {"application/json": {"schema": OBJECT}}
    (draft,) = import_drafts(
        {"parameters": [{"name": "q", "in": "query", "content": content}]}
    )
    assert draft.query == (Pair("q", '{"a": 1, "b": "x"}', enabled=False),)


def test_required_parameters_come_first_and_optional_ones_are_disabled() -> None:
    (draft,) = import_drafts(
        {
            "parameters": [
                parameter("a"),
                parameter("b", required=True),
                parameter("c", schema={"type": "boolean"}),
            ]
        }
    )
    assert draft.query == (
        Pair("b", ""),
        Pair("a", "", enabled=False),
        Pair("c", "true", enabled=False),
    )


def test_an_operation_overrides_the_parameters_of_its_path() -> None:
    (draft,) = import_drafts(
        {"parameters": [parameter("a", example="own")]},
        item={"parameters": [parameter("a", example="path"), parameter("b")]},
    )
    assert [(row.name, row.value) for row in draft.query] == [("a", "own"), ("b", "")]


def test_headers_and_cookies_become_header_rows() -> None:
    (draft,) = import_drafts(
        {
            "parameters": [
                parameter("X-Ids", "header", schema=LIST, example=["a", "b"]),
                parameter("s", "cookie", required=True, example="1"),
                parameter("t", "cookie", required=True, example="2"),
                parameter("u", "cookie"),
            ]
        }
    )
    assert draft.headers == (
        Pair("X-Ids", "a,b", enabled=False),
        Pair("Cookie", "{{env:MIXPANEL_COOKIE}}", enabled=False),
        Pair("Cookie", "{{env:MIXPANEL_COOKIE}}", enabled=False),
    )


def test_names_that_mixpanel_knows_become_templates() -> None:
    names = ("project_id", "workspace_id", "token", "from_date", "to_date", "fromDate")
    (draft,) = import_drafts({"parameters": [parameter(name) for name in names]})
    assert [row.value for row in draft.query] == [
        "{{project_id}}",
        "{{workspace_id}}",
        "{{project_token}}",
        "{{today-7d}}",
        "{{today}}",
        "{{today-7d}}",
    ]


def test_a_path_keeps_its_placeholder_and_the_description_explains_it() -> None:
    (draft,) = import_drafts(
        {
            "parameters": [
                parameter(
                    "kind", "path", schema={"enum": ["a", "b"]}, description="It."
                )
            ]
        },
        path="/x/{kind}",
    )
    assert draft.url == "/query/x/{kind}"
    assert draft.description == "kind (path, one of a, b, e.g. a): It."
    assert draft.path == (Pair("kind", "a"),)


def test_a_path_parameter_has_the_value_of_its_default_but_not_of_an_example() -> None:
    (draft,) = import_drafts(
        {
            "parameters": [
                parameter("b", "path", schema={"type": "string", "default": "{{x}}"}),
                parameter("a-b", "path", example="7"),
            ]
        },
        path="/x/{a-b}/{b}",
    )
    assert draft.path == (Pair("b", r"\{{x}}"),)


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        (parameter("a", "body"), "its location (body) is unknown"),
        ({"in": "query"}, "A parameter (unnamed) was skipped"),
        (parameter("Authorization", "header"), "the environment's credential"),
        (parameter("gone", "path"), "does not contain its parameter gone"),
        (parameter("a", allowReserved=True), "allowReserved"),
        (parameter("a", example="%7B%22x%22%3A1%7D"), "percent-encoded"),
    ],
)
def test_what_cannot_be_imported_is_reported(
    definition: dict[str, Any], message: str
) -> None:
    assert message in " ".join(
        import_operation({"parameters": [definition]}).all_notes()
    )


def test_an_example_that_is_encoded_already_is_decoded() -> None:
    (draft,) = import_drafts(
        {"parameters": [parameter("a", example="%7B%22x%22%3A+1%7D")]}
    )
    assert draft.query[0].value == '{"x": 1}'
