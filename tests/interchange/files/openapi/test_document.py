"""OpenAPI files: versions, servers, references, security, names and notes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.interchange.files.openapi.document import import_openapi
from mixtui.interchange.json_values import Value, compact_json
from mixtui.mixpanel.apis import Api, Region
from mixtui.model.draft import AuthChoice, BodyType, Method, Pair
from mixtui.model.errors import InterchangeError
from tests.interchange.specifications import (
    body,
    document,
    import_drafts,
    import_operation,
    parameter,
)

YAML = """\
openapi: 3.0.3
info: {title: Reports, version: 1.0.0}
servers:
- url: https://{host}.com/api/query
  variables:
    host: {default: mixpanel, enum: [mixpanel, eu.mixpanel]}
security:
- account: []
paths:
  /counts:
    parameters:
    - $ref: '#/components/parameters/Project'
    get:
      summary: Count events
      description: Counts [events](https://example.com). See `unit`.
      tags: [Counting]
      parameters:
      - {name: on, in: query, description: How to split, schema: {type: string}}
      - {name: unit, in: query, required: true, schema: {type: string, enum: [day, no]}}
      responses: {200: {description: fine}}
components:
  parameters:
    Project:
      name: project_id
      in: query
      required: true
      schema: {type: integer}
  securitySchemes:
    account: {type: http, scheme: basic, description: Service Account}
"""


def test_an_operation_becomes_a_request() -> None:
    imported = import_openapi(YAML, "reports.yaml")
    (file_request,) = imported.requests
    draft = file_request.imported.draft
    assert imported.title == "Reports"
    assert file_request.folder == ("Counting",)
    assert (draft.name, draft.method) == ("Count events", Method.GET)
    assert (draft.api, draft.url) == (Api.QUERY, "/query/counts")
    assert draft.query == (
        Pair("project_id", "{{project_id}}"),
        Pair("unit", "day"),
        Pair("on", "", enabled=False),
    )
    assert draft.options.auth is AuthChoice.SERVICE_ACCOUNT
    assert draft.description.split("\n") == [
        "Counts events. See unit.",
        "project_id (required, integer)",
        "unit (required, string, one of day, no)",
        "on (string): How to split",
    ]
    assert imported.all_notes() == ()


def test_a_server_with_a_choice_names_no_region() -> None:
    assert import_openapi(YAML, "f").region is None
    imported = import_operation(
        {}, servers=[{"url": "https://eu.mixpanel.com/api/query"}]
    )
    assert imported.region is Region.EU


@pytest.mark.parametrize(
    ("servers", "path", "api", "url"),
    [
        (
            ["https://mixpanel.com/api/app/"],
            "/projects/{p}/x",
            Api.APP,
            "/projects/{p}/x",
        ),
        (["https://data.mixpanel.com/api/2.0"], "/export", Api.EXPORT, ""),
        (["https://api.mixpanel.com"], "/engage#profile-set", Api.INGESTION, None),
        (["https://example.com", "https://mixpanel.com/api"], "/x", Api.QUERY, "/x"),
        (["/api/query"], "/segmentation", Api.QUERY, "/query/segmentation"),
        ([], "/api/2.0/export", Api.EXPORT, ""),
        (["//mixpanel.com/api/query"], "/x", Api.QUERY, "/query/x"),
    ],
)
def test_servers_lead_to_an_api(
    servers: list[str], path: str, api: Api, url: str | None
) -> None:
    (draft,) = import_drafts({}, path=path, servers=[{"url": url} for url in servers])
    assert (draft.api, draft.url) == (api, path if url is None else url)


def test_the_innermost_servers_win() -> None:
    override = {"servers": [{"url": "https://api.mixpanel.com"}]}
    assert import_drafts(override)[0].api is Api.INGESTION
    assert import_drafts({}, item=override)[0].api is Api.INGESTION


def test_another_host_is_rejected_and_named() -> None:
    with pytest.raises(InterchangeError, match=r"example\.com is not a Mixpanel host"):
        import_operation({}, servers=[{"url": "https://example.com"}])


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('{"swagger": "2.0"}', "Swagger 2.0 file. Convert it"),
        ('{"info": {}}', "not an OpenAPI file"),
        ("just text", "not an OpenAPI file"),
        ("openapi: 2.1", "only 3.0 and 3.1 are supported"),
        ('{"openapi": "3.1.0", "paths": {}}', "does not describe any operations"),
        (
            '{"openapi": "3.1.0", "paths": {"/x": {"trace": {}}}}',
            "TRACE /x was skipped",
        ),
    ],
)
def test_a_file_of_another_format_is_rejected(source: str, message: str) -> None:
    with pytest.raises(InterchangeError) as error:
        import_openapi(source, "spec")
    assert message in str(error.value)


def test_references_are_followed_wherever_they_lead() -> None:
    imported = import_operation(
        {"parameters": [{"$ref": "#/components/x~1y/a%20b~01/0"}]},
        components={
            "x/y": {"a b~1": [{"$ref": "#/components/p"}]},
            "p": parameter("q"),
        },
    )
    assert imported.requests[0].imported.draft.query == (Pair("q", "", enabled=False),)
    assert imported.all_notes() == ()


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("other.yaml#/x", "another file, which is not read"),
        ("#/nowhere", "#/nowhere is not in the file"),
        ("#/components/circle", "refers to itself"),
        ("#/components/9999999999999", "is not in the file"),
        ("#anchor", "is not in the file"),
    ],
)
def test_a_reference_that_leads_nowhere_is_reported(
    reference: str, message: str
) -> None:
    imported = import_operation(
        {"parameters": [{"$ref": reference}]},
        components={"circle": {"$ref": "#/components/circle"}},
    )
    assert message in " ".join(imported.all_notes())


@pytest.mark.parametrize(
    ("security", "choice"),
    [
        (None, AuthChoice.AUTO),
        ([], AuthChoice.NONE),
        ([{}], AuthChoice.NONE),
        ([{"account": []}], AuthChoice.SERVICE_ACCOUNT),
        ([{"account": []}, {"secret": []}], AuthChoice.AUTO),
        ([{"account": []}, {}], AuthChoice.AUTO),
        ([{"secret": []}], AuthChoice.AUTO),
        ([{"bearer": []}], AuthChoice.OAUTH),
        ([{"oauth": ["read"]}], AuthChoice.OAUTH),
        ([{"token": []}], AuthChoice.PROJECT_TOKEN),
        ([{"cookie": []}], AuthChoice.AUTO),
        ([{"unknown": []}], AuthChoice.AUTO),
    ],
)
def test_security_chooses_the_credential(security: Any, choice: AuthChoice) -> None:
    schemes = {
        "account": {
            "type": "http",
            "scheme": "basic",
            "description": "Service Account",
        },
        "secret": {"type": "http", "scheme": "Basic", "description": "Project Secret"},
        "bearer": {"type": "http", "scheme": "bearer"},
        "oauth": {"type": "oauth2"},
        "token": {"type": "apiKey", "in": "query", "name": "token"},
        "cookie": {"type": "apiKey", "in": "cookie", "name": "session"},
    }
    operation = {} if security is None else {"security": security}
    (draft,) = import_drafts(operation, components={"securitySchemes": schemes})
    assert draft.options.auth is choice


def test_ingestion_without_a_scheme_still_gets_its_token() -> None:
    (draft,) = import_drafts(
        {"security": [{}]},
        path="/track",
        method="post",
        servers=[{"url": "https://api.mixpanel.com"}],
    )
    assert draft.options.auth is AuthChoice.AUTO


def test_what_is_skipped_is_reported() -> None:
    imported = import_operation(
        {"callbacks": {"done": {}}},
        item={"head": {}, "options": {}},
        webhooks={"a": {}, "b": {}},
    )
    notes = " ".join(imported.all_notes())
    assert "2 webhooks skipped" in notes
    assert "HEAD /things, OPTIONS /things were skipped" in notes
    assert "Its callbacks were skipped" in notes


def test_a_placeholder_that_cannot_be_filled_gets_another_name() -> None:
    imported = import_operation({}, path="/a/{pipeline.name}/{1st}")
    assert imported.requests[0].imported.draft.url == "/query/a/{pipeline_name}/{p1st}"
    assert len(imported.all_notes()) == 2


def test_braces_of_the_file_are_data() -> None:
    imported = import_operation(
        {
            "parameters": [parameter("q", example="{{env:AWS_SECRET}}")],
            **body({"example": {"a": "{{ env:HOME }}"}}),
        },
        method="post",
    )
    draft = imported.requests[0].imported.draft
    assert draft.query[0].value == r"\{{env:AWS_SECRET}}"
    assert draft.body is not None
    assert draft.body.text == '{\n  "a": "\\{{ env:HOME }}"\n}'
    assert imported.all_notes() == (
        r"POST /things: Sent as text, without the backslash: \{{env:AWS_SECRET}}, "
        r"\{{ env:HOME }}.",
    )


def test_what_its_schema_calls_a_password_is_removed() -> None:
    password = {"type": "string", "format": "password", "example": "hush-7f3a9"}
    schema = {"type": "object", "required": ["x"], "properties": {"x": password}}
    imported = import_operation(
        {
            "parameters": [
                parameter("p", schema=password, example="hush-7f3a9"),
                parameter("q", "header", schema={**password, "default": "hush"}),
            ],
            **body(schema),
        },
        method="post",
    )
    assert "hush" not in repr(imported)
    for name in ("p", "q", "x"):
        assert f"The value of {name} was removed" in " ".join(imported.all_notes())


def test_a_long_description_is_cut_at_a_sentence() -> None:
    (draft,) = import_drafts(
        {"description": "One <b>word</b>. " + "More words here. " * 60}
    )
    assert draft.description.startswith("One word . More words here.")
    assert len(draft.description) < 410
    assert draft.description.endswith(".")


def test_a_name_comes_from_whatever_there_is() -> None:
    assert import_drafts({"summary": " Sum ", "operationId": "id"})[0].name == "Sum"
    assert import_drafts({"operationId": "id"})[0].name == "id"
    assert import_drafts({})[0].name == "GET /things"


def test_a_body_with_delete_is_sent_only_if_it_must_be() -> None:
    operation = body({"properties": {"a": {"type": "boolean"}}})
    (draft,) = import_drafts(operation, method="delete")
    assert draft.body is not None
    assert not draft.options.delete_body
    operation["requestBody"]["required"] = True
    (draft,) = import_drafts(operation, method="delete")
    assert draft.options.delete_body


keys = st.sampled_from(
    [
        *("openapi", "paths", "/x", "get", "post", "parameters", "requestBody"),
        *("content", "application/json", "application/x-www-form-urlencoded", "schema"),
        *("$ref", "allOf", "oneOf", "anyOf", "properties", "items", "type", "required"),
        *("example", "examples", "enum", "default", "name", "in", "style", "explode"),
        *("servers", "url", "variables", "security", "tags", "summary", "components"),
        *("discriminator", "propertyName", "mapping", "value", "encoding", "minItems"),
    ]
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-3, 300)
    | st.sampled_from(
        [
            *("query", "object", "array", "string", "form", "deepObject", "3.1.0"),
            *("#", "#/paths", "#/paths/~1x", "#/components", "{x}"),
            "https://mixpanel.com/api",
        ]
    )
    | st.text(max_size=5)
)
anything = st.recursive(
    scalars,
    lambda v: st.lists(v, max_size=4) | st.dictionaries(keys, v, max_size=6),
    max_leaves=40,
)


@given(anything, st.dictionaries(keys, anything, max_size=6))
def test_any_file_is_imported_or_rejected_with_a_message(
    operation: Value, components: Value
) -> None:
    node: dict[str, Value] = {
        "openapi": "3.0.0",
        "servers": [{"url": "https://mixpanel.com/api"}],
        "paths": {"/x": {"post": operation, "parameters": components}},
        "components": components,
    }
    for value in (node, operation):
        try:
            imported = import_openapi(compact_json(value), "f")
        except InterchangeError as error:
            assert str(error)
        else:
            assert imported.requests


def test_yaml_and_json_are_imported_the_same() -> None:
    source = document({"summary": "Same", "tags": ["a"]})
    assert import_openapi(source, "f") == import_openapi(f"# YAML\n{source}", "f")


def test_a_body_type_of_its_own_is_kept_as_a_header() -> None:
    (draft,) = import_drafts(
        {
            "parameters": [parameter("content-type", "header")],
            **body({"type": "string"}, "application/xml"),
        },
        method="post",
    )
    assert draft.body is not None
    assert draft.body.type is BodyType.TEXT
    assert draft.headers == (Pair("Content-Type", "application/xml"),)


def test_omissions_for_the_same_reason_share_a_note() -> None:
    paths = {f"/p{n}": {"get": {}} for n in range(5)}
    override = {"servers": [{"url": "https://mixpanel.com/api/query"}], "get": {}}
    imported = import_operation(
        {}, servers=[{"url": "https://example.com"}], item=override
    )
    assert imported.all_notes() == ()
    source = document({}, item=override, servers=[{"url": "https://example.com"}])
    node = json.loads(source)
    node["paths"].update(paths)
    (notes,) = import_openapi(json.dumps(node), "f").all_notes()
    assert notes.startswith(
        "GET /p0, GET /p1, GET /p2 and 2 more were skipped: example"
    )


@pytest.mark.parametrize(
    ("operation", "note"),
    [
        (
            {"parameters": [{"$ref": {}}]},
            "get.parameters[0].$ref was ignored: expected text, found an object",
        ),
        ({"parameters": [{"$ref": None}]}, "get.parameters[0].$ref is empty."),
        (
            {"parameters": {}},
            "get.parameters was ignored: expected a list, found an object",
        ),
        (
            {"parameters": ["a"]},
            "get.parameters[0] was ignored: expected an object, found text",
        ),
        ({"tags": "a"}, "get.tags was ignored: expected a list, found text"),
        ({"summary": 5}, "get.summary was ignored: expected text, found a number"),
        (
            {"requestBody": []},
            "get.requestBody was ignored: expected an object, found a list",
        ),
        (
            {"parameters": [{"name": "a", "in": "query", "schema": {"type": 1}}]},
            "get.parameters[0].schema.type was ignored: expected text or a list, found a number",
        ),
    ],
)
def test_another_type_than_documented_is_named_with_its_place(
    operation: dict[str, Any], note: str
) -> None:
    notes = import_operation(operation).notes
    assert any(note in each for each in notes), notes
    assert len(notes) == 1


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("openapi:\npaths: {}", "the key openapi is empty"),
        ("[1]", "expected an object, found a list"),
        ("5", "expected an object, found a number"),
        ("openapi: 3.0.0\npaths:", "paths is empty"),
        ("openapi: 3.0.0\npaths: {/x: }", r"paths\[/x\] is empty"),
        ("openapi: 3.0.0\npaths: {/x: {get: }}", r"paths\[/x\].get is empty"),
        (
            "openapi: 3.0.0\npaths: []",
            "paths was ignored: expected an object, found a list",
        ),
    ],
)
def test_a_file_of_another_shape_is_rejected_for_what_it_is(
    source: str, reason: str
) -> None:
    with pytest.raises(InterchangeError, match=reason):
        import_openapi(source, "f")


def test_many_places_of_another_type_are_counted() -> None:
    parameters = [{"$ref": 1}] * 30
    notes = import_operation({"parameters": parameters}).notes
    assert notes[-1].startswith("10 more values have an undocumented type")
