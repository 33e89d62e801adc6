"""OpenAPI request bodies: examples, schemas, variants and media types."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mixtui.model.draft import Body, BodyType, Pair
from tests.interchange.specifications import body, import_drafts, import_operation

TEXT = {"type": "string"}


def sample(schema: Any, **more: Any) -> Any:
    """Import a body with a schema; return its JSON value."""
    (draft,) = import_drafts(body(schema), method="post", **more)
    assert draft.body is not None
    assert draft.body.type is BodyType.JSON
    return json.loads(draft.body.text)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"example": {"a": 1}, "properties": {"b": TEXT}}, {"a": 1}),
        ({"examples": [{"a": 2}]}, {"a": 2}),
        ({"properties": {"a": TEXT}, "required": ["a"]}, {"a": ""}),
        ({"required": ["a"], "properties": {"b": TEXT, "a": TEXT}}, {"a": ""}),
        (
            {"required": ["a"], "properties": {"a": TEXT, "b": {"default": 5}}},
            {"a": "", "b": 5},
        ),
        ({"properties": {"a": TEXT, "b": {"type": "boolean"}}}, {"a": "", "b": False}),
        ({"required": ["x"]}, {"x": ""}),
        ({"type": "array", "items": {"type": "integer"}}, [0]),
        (
            {"type": "array", "minItems": 2, "items": {"minimum": 3, "type": "number"}},
            [3, 3],
        ),
        ({"properties": {"id": {"readOnly": True}, "a": TEXT}}, {"a": ""}),
        ({"properties": {"t": {"type": ["null", "integer"]}}}, {"t": 0}),
        (
            {
                "properties": {
                    "t": {"type": "integer", "nullable": True, "default": None}
                }
            },
            {"t": 0} | {"t": None},
        ),
        (
            {"properties": {"d": {"type": "string", "format": "date"}}},
            {"d": "{{today}}"},
        ),
        ({"properties": {"$token": TEXT}}, {"$token": "{{project_token}}"}),
        (
            {"allOf": [{"required": ["a"]}, {"properties": {"a": {"const": 1}}}]},
            {"a": 1},
        ),
        (
            {
                "allOf": [
                    {"properties": {"a": TEXT}, "required": ["a"]},
                    {
                        "properties": {"a": {"default": "z"}, "b": TEXT},
                        "required": ["b"],
                    },
                ]
            },
            {"a": "z", "b": ""},
        ),
        ({"properties": {"a": {"enum": ["x", "y"]}}, "required": ["a"]}, {"a": "x"}),
        ({"type": "object", "additionalProperties": {"type": "number"}}, {}),
        ({"type": "string", "default": '[{"a": 1}]'}, [{"a": 1}]),
    ],
)
def test_a_body_is_made_from_its_schema(schema: Any, value: Any) -> None:
    assert sample(schema) == value


def test_numbers_and_order_of_an_example_stay() -> None:
    source = """
openapi: 3.1.0
servers: [{url: "https://mixpanel.com/api/query"}]
paths:
  /x:
    post:
      requestBody:
        content:
          application/json:
            example: {z: 1.10, a: 12345678901234567890, m: 1e400}
"""
    from mixtui.interchange.files.openapi.document import import_openapi

    (file_request,) = import_openapi(source, "f").requests
    filled = file_request.imported.draft.body
    assert filled is not None
    assert filled.text.split() == [
        *("{", '"z":', "1.10,", '"a":', "12345678901234567890,", '"m":', "1E+400", "}")
    ]


def test_a_recursive_schema_ends() -> None:
    node = {
        "required": ["name"],
        "properties": {
            "name": TEXT,
            "inner": {"$ref": "#/components/schemas/Node"},
            "list": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}},
        },
    }
    components = {"schemas": {"Node": node}}
    reference = {"$ref": "#/components/schemas/Node"}
    assert sample(reference, components=components) == {"name": ""}
    node["required"] = ["name", "inner", "list"]
    assert sample(reference, components=components) == {
        "name": "",
        "inner": None,
        "list": [],
    }
    itself = {"schemas": {"A": {"allOf": [{"$ref": "#/components/schemas/A"}]}}}
    (draft,) = import_drafts(
        body({"$ref": "#/components/schemas/A"}), method="post", components=itself
    )
    assert draft.body is not None


def test_a_schema_that_grows_without_end_is_cut() -> None:
    schemas = {
        f"S{n}": {
            "required": list("abcdefgh"),
            "properties": {
                name: {"$ref": f"#/components/schemas/S{n + 1}"} for name in "abcdefgh"
            },
        }
        for n in range(11)
    }
    drafts = import_operation(
        body({"$ref": "#/components/schemas/S0"}),
        method="post",
        components={"schemas": schemas},
    )
    assert "too large" in " ".join(drafts.all_notes())


def test_each_variant_becomes_a_request() -> None:
    schemas = {
        "Red": {"title": "Red one", "required": ["r"], "properties": {"r": TEXT}},
        "Blue": {"required": ["b"], "properties": {"b": TEXT, "kind": TEXT}},
    }
    drafts = import_drafts(
        {
            "summary": "Paint",
            **body(
                {
                    "oneOf": [
                        {"$ref": "#/components/schemas/Red"},
                        {"$ref": "#/components/schemas/Blue"},
                        {"type": "null"},
                    ],
                    "discriminator": {
                        "propertyName": "kind",
                        "mapping": {"azure": "#/components/schemas/Blue"},
                    },
                    "required": ["x"],
                }
            ),
        },
        method="post",
        components={"schemas": schemas},
    )
    assert [draft.name for draft in drafts] == ["Paint (Red one)", "Paint (Blue)"]
    texts = [json.loads(draft.body.text) for draft in drafts if draft.body]
    assert texts == [
        {"r": "", "kind": "Red", "x": ""},
        {"kind": "azure", "b": "", "x": ""},
    ] or [dict(sorted(one.items())) for one in texts] == [
        {"kind": "Red", "r": "", "x": ""},
        {"b": "", "kind": "azure", "x": ""},
    ]


def test_a_list_has_a_variant_for_each_variant_of_its_items() -> None:
    forms = [
        {"title": "A", "properties": {"a": TEXT}},
        {"title": "B", "properties": {"b": TEXT}},
    ]
    drafts = import_drafts(
        body({"type": "array", "items": {"anyOf": forms}}), method="post"
    )
    assert [json.loads(d.body.text) for d in drafts if d.body] == [
        [{"a": ""}],
        [{"b": ""}],
    ]


def test_alternatives_inside_a_body_are_reported() -> None:
    inner = {"oneOf": [{"title": "A", **TEXT}, {"title": "B", "type": "integer"}]}
    drafts = import_operation(body({"properties": {"v": inner}}), method="post")
    assert "v has two variants: A is used" in " ".join(drafts.all_notes())


def test_named_examples_become_requests_too() -> None:
    media = {
        "examples": {
            "small": {"value": {"n": 1}},
            "large": {"summary": "A large one", "value": {"n": 2}},
            "far": {"externalValue": "https://example.com/x.json"},
        }
    }
    drafts = import_operation(body({}, **media), method="post")
    names = [one.imported.draft.name for one in drafts.requests]
    assert names == ["POST /things (small)", "POST /things (A large one)"]
    assert "far is in another file" in " ".join(drafts.all_notes())


def test_each_media_type_becomes_a_request() -> None:
    content = {
        "application/json": {"example": [{"a": 1}, {"a": 2}]},
        "application/x-ndjson": {"example": [{"a": 1}, {"a": 2}]},
        "text/csv": {"example": "a,b\n1,2"},
        "application/vnd.x+json": {"example": {}},
        "application/octet-stream": {},
        "multipart/form-data": {},
    }
    drafts = import_operation({"requestBody": {"content": content}}, method="post")
    bodies = [one.imported.draft.body for one in drafts.requests]
    assert bodies[1:] == [
        Body(BodyType.NDJSON, '{"a": 1}\n{"a": 2}'),
        Body(BodyType.CSV, "a,b\n1,2"),
        Body(BodyType.JSON, "{}"),
        Body(BodyType.FILE),
    ]
    assert [one.imported.draft.name for one in drafts.requests][1] == (
        "POST /things (ndjson)"
    )
    assert drafts.requests[3].imported.draft.headers == (
        Pair("Content-Type", "application/vnd.x+json"),
    )
    assert "multipart/form-data body was skipped" in " ".join(drafts.all_notes())


def test_a_form_is_written_line_by_line() -> None:
    schema = {
        "required": ["name", "tags", "more", "script"],
        "properties": {
            "name": {"example": "x y"},
            "tags": {"type": "array", "items": {"example": "t"}, "minItems": 2},
            "more": {"required": ["k"], "properties": {"k": {"default": 1}}},
            "script": {"default": "a\nb"},
            "later": TEXT,
        },
    }
    (draft,) = import_drafts(
        body(schema, "application/x-www-form-urlencoded"), method="post"
    )
    assert draft.body == Body(
        BodyType.FORM,
        'name=x y\ntags=t\ntags=t\nmore={"k": 1}\nscript="""\na\nb\n"""',
    )
    assert draft.description == "Optional body fields: later."


def test_a_form_without_a_required_field_stays_empty() -> None:
    (draft,) = import_drafts(
        body({"properties": {"a": TEXT}}, "application/x-www-form-urlencoded"),
        method="post",
    )
    assert draft.body == Body(BodyType.FORM)
    assert draft.description == "Optional body fields: a."


def test_placeholders_of_the_official_pages_become_templates() -> None:
    example = {"$token": "YOUR_PROJECT_TOKEN", "p": "<YOUR_PROJECT_ID>"}
    assert sample({"example": example}) == {
        "$token": "{{project_token}}",
        "p": "{{project_id}}",
    }


def test_a_reusable_body_is_found() -> None:
    shared = {"content": {"application/json": {"example": {"a": 1}}}}
    (draft,) = import_drafts(
        {"requestBody": {"$ref": "#/components/requestBodies/B"}},
        method="post",
        components={"requestBodies": {"B": shared}},
    )
    assert draft.body is not None
    assert json.loads(draft.body.text) == {"a": 1}
