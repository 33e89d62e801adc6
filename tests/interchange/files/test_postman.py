"""Postman collections: folders, URLs, bodies, authentication, variables."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.interchange.files.postman.collection import import_postman
from mixtui.interchange.json_values import Value, compact_json
from mixtui.interchange.model import ExtractedCredential, ImportedFile, ImportedRequest
from mixtui.mixpanel.apis import Api, CredentialKind, Region
from mixtui.model.draft import AuthChoice, Body, BodyType, Method, Pair
from mixtui.model.environment import Environment
from mixtui.model.errors import Field, InterchangeError
from mixtui.model.secrets import Secret
from mixtui.request.templates import Values, expand_text

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
QUERY = "https://mixpanel.com/api/query"


def collection(*items: Any, **more: Any) -> ImportedFile:
    """Import a collection of items."""
    info = {"name": "Team", "schema": SCHEMA}
    source = json.dumps({"info": info, "item": items, **more})
    return import_postman(source, "team.json")


def request(url: Any = f"{QUERY}/events", **more: Any) -> dict[str, Any]:
    return {"name": "One", "request": {"method": "GET", "url": url, **more}}


def import_one(url: Any = f"{QUERY}/events", **more: Any) -> ImportedRequest:
    """Import a collection with one request."""
    settings = {k: more.pop(k) for k in ("variable", "auth") if k in more}
    (file_request,) = collection(request(url, **more), **settings).requests
    return file_request.imported


def variables(**values: str) -> list[dict[str, str]]:
    return [{"key": name, "value": value} for name, value in values.items()]


def test_folders_stay_folders() -> None:
    inner = {"name": "Inner", "item": [request()]}
    imported = collection({"name": "Outer", "item": [inner, request()]}, request())
    assert imported.title == "Team"
    assert [file_request.folder for file_request in imported.requests] == [
        ("Outer", "Inner"),
        ("Outer",),
        (),
    ]


@pytest.mark.parametrize(
    ("url", "api", "relative", "query"),
    [
        (
            f"{QUERY}/events?event=a%20b&on",
            Api.QUERY,
            "/query/events",
            [Pair("event", "a b"), Pair("on", "")],
        ),
        (
            {
                "raw": "ignored",
                "protocol": "https",
                "host": ["eu", "mixpanel", "com"],
                "path": ["api", "app", "projects", ":id", {"value": "annotations"}],
                "variable": [{"key": "id", "value": "12"}],
            },
            Api.APP,
            "/projects/12/annotations",
            [],
        ),
        (
            {"raw": f"{QUERY}/a/:name/b", "variable": [{"key": "name", "value": ""}]},
            Api.QUERY,
            "/query/a/{name}/b",
            [],
        ),
        (
            {
                "raw": f"{QUERY}/x",
                "query": [
                    {"key": "a", "value": "1"},
                    {"key": "b", "value": "{{v}}", "disabled": True},
                    {"key": "c", "value": None},
                ],
            },
            Api.QUERY,
            "/query/x",
            [Pair("a", "1"), Pair("b", "{{v}}", enabled=False), Pair("c", "")],
        ),
        (
            "api.mixpanel.com/engage#profile-set",
            Api.INGESTION,
            "/engage#profile-set",
            [],
        ),
        ({"host": "{{base}}", "path": "/events"}, Api.QUERY, "/query/events", []),
        ("{{base}}/events", Api.QUERY, "/query/events", []),
        ("https://{{region}}mixpanel.com/api/query/x", Api.QUERY, "/query/x", []),
        ("{{unknown}}/api/2.0/export", Api.EXPORT, "", []),
    ],
)
def test_a_url_becomes_api_relative_url_and_rows(
    url: Any, api: Api, relative: str, query: list[Pair]
) -> None:
    values = variables(base="https://{{region}}mixpanel.com/api/query", region="eu.")
    draft = import_one(url, variable=values).draft
    assert (draft.api, draft.url, list(draft.query)) == (api, relative, query)


def test_the_region_is_that_of_the_host() -> None:
    assert import_one("https://eu.mixpanel.com/api/query/x").region is Region.EU
    assert import_one("{{unknown}}/api/2.0/export").region is None


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (request("https://example.com/x"), "example.com is not a Mixpanel host"),
        (request("{{unknown}}/x"), "The host of the URL is a placeholder"),
        (request(method="HEAD"), "not HEAD"),
        (request(None), "It has no URL"),
    ],
)
def test_a_request_of_another_host_or_method_is_skipped_and_named(
    item: Any, message: str
) -> None:
    notes = " ".join(collection(request(), item).all_notes())
    assert "One was skipped" in notes
    assert message in notes
    with pytest.raises(
        InterchangeError, match="does not contain a request that mixtui"
    ):
        collection(item)


@pytest.mark.parametrize(
    ("node", "body", "message"),
    [
        ({"mode": "raw", "raw": '{"a": 1.0}'}, Body(BodyType.JSON, '{"a": 1.0}'), ""),
        (
            {"mode": "raw", "raw": "a,b", "options": {"raw": {"language": "text"}}},
            Body(BodyType.TEXT, "a,b"),
            "",
        ),
        ({"mode": "raw", "raw": ""}, None, ""),
        (
            {
                "mode": "urlencoded",
                "urlencoded": [
                    {"key": "script", "value": "a\nb"},
                    {"key": "off", "value": "1", "disabled": True},
                ],
            },
            Body(BodyType.FORM, 'script="""\na\nb\n"""'),
            "disabled in Postman were skipped: off",
        ),
        ({"mode": "formdata", "formdata": []}, None, ""),
        ({"mode": "urlencoded", "urlencoded": []}, None, ""),
        (
            {"mode": "formdata", "formdata": variables(a="1")},
            None,
            "multipart form-data (a)",
        ),
        ({"mode": "graphql", "graphql": {"query": "{a}"}}, None, "GraphQL"),
        (
            {"mode": "file", "file": {"src": "e.csv"}},
            Body(BodyType.FILE, path="e.csv"),
            "",
        ),
        (
            {"mode": "file", "file": {}},
            Body(BodyType.FILE),
            "a file that the collection does not name",
        ),
        ({"mode": "new"}, None, "mode new"),
        (
            {"mode": "raw", "raw": "x", "disabled": True},
            None,
            "it is disabled in Postman",
        ),
    ],
)
def test_a_body_of_every_mode(node: Any, body: Body | None, message: str) -> None:
    imported = import_one(method="POST", body=node)
    assert imported.draft.body == body
    assert message in " ".join(imported.notes)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ('{"a": 1, // one\n "b": "//x"}', '{"a": 1,\n "b": "//x"}'),
        ('/* all */{"a": "/*b*/"}', '{"a": "/*b*/"}'),
        ('{"a": {{n}}} // {{x}}', '{"a": {{n}}}'),
    ],
)
def test_comments_in_json_are_removed_and_reported(raw: str, text: str) -> None:
    imported = import_one(method="POST", body={"mode": "raw", "raw": raw})
    assert imported.draft.body == Body(BodyType.JSON, text)
    assert "Comments in its JSON body" in " ".join(imported.notes)


@pytest.mark.parametrize(
    ("value", "expected", "is_told"),
    [
        ('x == "a+b@c.d"', 'x == "a+b@c.d"', True),
        ("%5B%22Sign+up%22%5D", '["Sign up"]', False),
        ("a%2Bb", "a+b", False),
        ("{{a}}+1", "{{a}}+1", True),
        ("%7B%7Bx%7D%7D", r"\{{x}}", False),
    ],
)
@pytest.mark.parametrize("as_text", [False, True])
def test_a_plus_in_a_query_is_what_was_typed(
    value: str, expected: str, is_told: bool, as_text: bool
) -> None:
    raw = f"{QUERY}/x?a={value}"
    url = raw if as_text else {"raw": raw, "query": variables(a=value)}
    imported = import_one(url)
    assert imported.draft.query == (Pair("a", expected),)
    assert ("+ in a" in " ".join(imported.notes)) is is_told


@pytest.mark.parametrize("url", [None, "", {"raw": ""}, {}, " "])
def test_a_request_without_a_url_is_skipped_for_that(url: Any) -> None:
    imported = collection(request(url), request())
    assert "One was skipped: It has no URL." in imported.notes
    item = {"name": "None", "request": {"method": "GET"}}
    assert "None was skipped: It has no URL." in collection(item, request()).notes


def test_what_mixtui_does_not_send_is_reported() -> None:
    body = {"mode": "raw", "raw": "[1]"}
    certificate = {"cert": {"src": "c.pem"}, "key": {"src": "k.pem"}}
    imported = import_one(body=body, certificate=certificate, proxy={"host": "p"})
    assert imported.draft.body == Body(BodyType.JSON, "[1]")
    assert imported.notes == (
        "Its certificate was skipped: set it in an environment.",
        "Its proxy was skipped: set it in an environment.",
        "mixtui does not send a body with GET; it is kept, but not sent.",
    )


def test_a_header_that_is_switched_off_in_a_text_stays_off() -> None:
    draft = import_one(header="X-A: 1\n//X-B: 2\n").draft
    assert draft.headers == (Pair("X-A", "1"), Pair("X-B", "2", enabled=False))


def test_what_is_known_of_headers_and_fields_is_in_the_description() -> None:
    rows = [{"key": "a", "value": "1", "description": "What a is."}]
    body = {"mode": "urlencoded", "urlencoded": [{**rows[0], "key": "b"}]}
    draft = import_one(method="POST", header=rows, body=body).draft
    assert draft.description == "a: What a is.\nb: What a is."


@pytest.mark.parametrize(
    ("item", "note"),
    [
        (
            request(header=5),
            "item[0].request.header was ignored: expected a list or text",
        ),
        (
            request(body=[]),
            "item[0].request.body was ignored: expected an object, found a list",
        ),
        (
            request({"raw": f"{QUERY}/x", "host": {}}),
            "request.url.host was ignored: expected a list or text, found an object",
        ),
        (
            request(body={"mode": "file", "file": {"src": ["a"]}}),
            "item[0].request.body.file.src was ignored: expected text, found a list",
        ),
        (
            {"name": 7, **request()["request"]},
            "item[0].name was ignored: expected text",
        ),
        ({"name": "x", "request": None}, "item[0].request is empty."),
    ],
)
def test_another_type_than_documented_is_named_with_its_place(
    item: Any, note: str
) -> None:
    notes = collection(item, request()).notes
    assert any(note in each for each in notes), notes


def test_braces_mean_what_they_mean_in_postman() -> None:
    body = {"mode": "raw", "raw": r'{"a": "\\{{x}}", "b": "{{y"}'}
    draft = import_one(method="POST", body=body).draft
    assert draft.body is not None
    assert draft.body.text == r'{"a": "\\\\{{x}}", "b": "{{y"}'
    environment = Environment("e", variables={"x": "1"})
    filled = expand_text(draft.body.text, Values(environment), Field.BODY)
    assert filled.text == r'{"a": "\\1", "b": "{{y"}'


def test_a_content_type_says_what_a_body_is() -> None:
    raw = {"mode": "raw", "raw": '{"a":1}\n{"a":2}'}
    headers = [{"key": "content-type", "value": "application/x-ndjson"}]
    draft = import_one(method="POST", body=raw, header=headers).draft
    assert draft.body == Body(BodyType.NDJSON, raw["raw"])
    assert draft.headers == ()
    draft = import_one(
        method="POST", body=raw, header="Content-Type: application/xml"
    ).draft
    assert draft.headers == (Pair("Content-Type", "application/xml"),)


def basic_auth(user: str, password: str) -> dict[str, Any]:
    rows = variables(username=user, password=password)
    return {"type": "basic", "basic": rows}


ACCOUNT = ExtractedCredential(CredentialKind.SERVICE_ACCOUNT, Secret("hush"), "ci.mp")


@pytest.mark.parametrize(
    ("auth", "choice", "credentials"),
    [
        (basic_auth("ci.mp", "hush"), AuthChoice.AUTO, (ACCOUNT,)),
        (basic_auth("{{user}}", "{{pw}}"), AuthChoice.AUTO, (ACCOUNT,)),
        (basic_auth("{{none}}", "{{none}}"), AuthChoice.AUTO, ()),
        ({"type": "noauth"}, AuthChoice.NONE, ()),
        (
            {"type": "bearer", "bearer": variables(token="hush")},
            AuthChoice.OAUTH,
            (ExtractedCredential(CredentialKind.OAUTH, Secret("hush")),),
        ),
        # Version 2.0 writes an object.
        ({"type": "bearer", "bearer": {"token": "{{none}}"}}, AuthChoice.OAUTH, ()),
        ({"type": "awsv4", "awsv4": variables(secretKey="hush")}, AuthChoice.AUTO, ()),
        (
            {"type": "apikey", "apikey": variables(key="X-Key", value="hush")},
            AuthChoice.AUTO,
            (),
        ),
    ],
)
def test_authentication_becomes_credentials_and_never_part_of_the_draft(
    auth: Any, choice: AuthChoice, credentials: tuple[ExtractedCredential, ...]
) -> None:
    values = variables(user="ci.mp", pw="hush")
    for imported in (
        import_one(auth=auth, variable=values),
        collection(request(auth=auth), variable=values).requests[0].imported,
    ):
        assert imported.draft.options.auth is choice
        assert imported.credentials == credentials
        assert "hush" not in repr(imported)


def test_the_innermost_authentication_wins() -> None:
    outer, inner = basic_auth("outer", "s"), basic_auth("inner", "s")
    imported = collection(
        {
            "name": "a",
            "auth": inner,
            "item": [request(), request(auth={"type": "noauth"})],
        },
        {"name": "b", "auth": {"type": "inherit"}, "item": [request()]},
        auth=outer,
    )
    users = [
        [c.username for c in file_request.imported.credentials]
        for file_request in imported.requests
    ]
    assert users == [["inner"], [], ["outer"]]


def test_a_token_is_removed_from_records() -> None:
    record = '[{"event": "x", "properties": {"token": "{{mp_token}}", "n": %s}}]'
    values = variables(mp_token="abc123")
    for number, expected in (
        ("1", '[{"event": "x", "properties": {"n": 1}}]'),
        (
            "{{$timestamp}}",
            '[{"event": "x", "properties": {"n": {{now}}}}]',
        ),
    ):
        imported = import_one(
            "https://api.mixpanel.com/track",
            method="POST",
            body={"mode": "raw", "raw": record % number},
            variable=values,
        )
        assert imported.draft.body == Body(BodyType.JSON, expected)
        assert imported.credentials == (
            ExtractedCredential(CredentialKind.PROJECT_TOKEN, Secret("abc123")),
        )


def test_variables_stay_templates_and_their_values_are_offered() -> None:
    imported = collection(
        request(
            f"{QUERY}/x?a={{{{event name}}}}&b={{{{$guid}}}}&c={{{{$randomCity}}}}"
        ),
        variable=variables(
            **{"event name": "{{part}} up", "part": "Sign", "unused": "1"}
        ),
    )
    draft = imported.requests[0].imported.draft
    assert [row.value for row in draft.query] == [
        "{{event_name}}",
        "{{uuid}}",
        "{{randomCity}}",
    ]
    assert imported.variables == (("event_name", "Sign up"),)
    notes = " ".join(imported.all_notes())
    assert "{{event name}} was renamed to {{event_name}}" in notes
    assert "{{$randomCity}} is generated by Postman but not by mixtui" in notes


def test_no_secret_is_offered_or_written() -> None:
    imported = collection(
        request(
            f"{QUERY}/x?a={{{{db_password}}}}&b={{{{hidden}}}}&d={{{{inside}}}}",
            header=variables(**{"X-Api-Key": "hush1"}),
            method="POST",
            body={"mode": "urlencoded", "urlencoded": variables(client_secret="hush2")},
        ),
        variable=[
            *variables(db_password="hush3", inside="x{{db_password}}"),
            {"key": "hidden", "value": "hush4", "type": "secret"},
        ],
    )
    assert imported.variables == ()
    assert "hush" not in repr(imported)
    assert len(imported.all_notes()) == 5
    assert imported.requests[0].imported.draft.headers == (
        Pair("X-Api-Key", "", enabled=False),
    )


def test_a_variable_of_this_machine_is_never_read() -> None:
    imported = import_one(f"{QUERY}/x?a={{{{env:HOME}}}}")
    assert imported.draft.query == (Pair("a", "{{env_HOME}}"),)
    assert imported.notes


def test_a_cookie_becomes_a_variable_of_this_machine() -> None:
    imported = import_one(header="Cookie: session=hush")
    assert imported.draft.headers == (
        Pair("Cookie", "{{env:MIXPANEL_COOKIE}}", enabled=False),
    )
    assert "hush" not in repr(imported)


def test_scripts_and_example_responses_are_reported() -> None:
    scripts = [{"listen": "test", "script": {"exec": ["pm.test()"]}}]
    imported = collection(
        {**request(), "event": scripts, "response": [{}, {}]}, event=scripts
    )
    assert imported.all_notes() == (
        "2 scripts skipped: mixtui does not run scripts.",
        "2 example responses skipped.",
    )


def test_headers_and_descriptions_are_kept() -> None:
    draft = import_one(
        {
            "raw": f"{QUERY}/x",
            "query": [{"key": "a", "description": {"content": "An a."}}],
        },
        header=[
            {"key": "X-A", "value": "1"},
            {"key": "X-B", "value": "2", "disabled": True},
            {"key": "Host", "value": "x"},
        ],
        description="What it does.",
    ).draft
    assert draft.headers == (Pair("X-A", "1"), Pair("X-B", "2", enabled=False))
    assert draft.description == "What it does.\na: An a."


def test_a_delete_with_a_body_sends_it() -> None:
    body = {"mode": "raw", "raw": "{}"}
    assert import_one(method="DELETE", body=body).draft.options.delete_body
    assert import_one(method="delete").draft.method is Method.DELETE


def test_a_wrapped_collection_and_a_bare_url_are_read() -> None:
    settings = {"info": {"name": "W"}, "item": [{"request": f"{QUERY}/events"}]}
    imported = import_postman(json.dumps({"collection": settings}), "f")
    assert (imported.title, len(imported.requests)) == ("W", 1)
    assert imported.requests[0].imported.draft.name == f"GET {QUERY}/events"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{}", "not a Postman collection"),
        ('{"item": []}', "does not contain any requests"),
        ('{"requests": [], "order": []}', "a Postman v1 collection"),
        (
            '{"_postman_variable_scope": "environment", "values": []}',
            "a Postman environment",
        ),
        ("[1]", "not a Postman collection"),
    ],
)
def test_a_file_that_is_not_a_collection_is_rejected(source: str, message: str) -> None:
    with pytest.raises(InterchangeError) as error:
        import_postman(source, "f")
    assert message in str(error.value)


keys = st.sampled_from(
    [
        *("info", "item", "name", "request", "url", "raw", "host", "path", "query"),
        *("method", "header", "body", "mode", "urlencoded", "key", "value", "auth"),
        *("type", "basic", "bearer", "variable", "disabled", "event", "script", "exec"),
        *("response", "description", "file", "src", "protocol", "port", "hash"),
    ]
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(
        ["GET", "POST", "raw", "urlencoded", "basic", "{{a}}", "{{a}}{{a}}", ":x", "a"]
    )
    | st.sampled_from([f"{QUERY}/x", "https://api.mixpanel.com/track?x=%7B%7Ba%7D%7D"])
    | st.text(max_size=5)
)
anything = st.recursive(
    scalars,
    lambda v: st.lists(v, max_size=4) | st.dictionaries(keys, v, max_size=6),
    max_leaves=40,
)


@given(anything, anything)
def test_any_file_is_imported_or_rejected_with_a_message(
    item: Value, more: Value
) -> None:
    sources: list[dict[str, Value]] = [
        {"item": [item, {"request": item, "variable": more}], "variable": more},
        {"item": [{"request": {"url": f"{QUERY}/x", "body": item, "auth": more}}]},
    ]
    for source in sources:
        try:
            imported = import_postman(compact_json(source), "f")
        except InterchangeError as error:
            assert str(error)
        else:
            assert imported.requests


def test_a_secret_inside_a_json_body_is_emptied_and_reported() -> None:
    raw = '{"snowflake_password": "hush", "other_secret": "{{env}}"}'
    imported = import_one(method="POST", body={"mode": "raw", "raw": raw})
    (notes,) = imported.notes
    assert notes.startswith("The value of snowflake_password was removed")
    assert imported.draft.body is not None
    assert imported.draft.body.text == raw.replace("hush", "")


def test_a_path_variable_becomes_a_path_row_except_the_id_of_the_project() -> None:
    url = {
        "raw": "https://mixpanel.com/api/app/projects/:project/annotations/:id",
        "host": ["mixpanel", "com"],
        "path": ["api", "app", "projects", ":project", "annotations", ":id"],
        "variable": [
            {"key": "project", "value": "12"},
            {"key": "id", "value": "a/{{x}}"},
        ],
    }
    draft = import_one(url).draft
    assert draft.url == "/projects/12/annotations/{id}"
    assert draft.path == (Pair("id", "a/{{x}}"),)
