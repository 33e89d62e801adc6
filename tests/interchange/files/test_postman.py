"""Postman collections: folders, URLs, bodies, authentication, variables."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixtui.interchange.files.postman import import_postman
from mixtui.interchange.model import (
    ExtractedCredential,
    ImportedFile,
    ImportedRequest,
    Value,
    compact_json,
)
from mixtui.mixpanel.apis import Api, CredentialKind, Region
from mixtui.model.draft import AuthChoice, Body, BodyType, Method, Pair
from mixtui.model.errors import InterchangeError
from mixtui.model.secrets import Secret

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
QUERY = "https://mixpanel.com/api/query"


def collection(*items: Any, **more: Any) -> ImportedFile:
    """What a collection of these items becomes."""
    info = {"name": "Team", "schema": SCHEMA}
    source = json.dumps({"info": info, "item": items, **more})
    return import_postman(source, "team.json")


def request(url: Any = f"{QUERY}/events", **more: Any) -> dict[str, Any]:
    return {"name": "One", "request": {"method": "GET", "url": url, **more}}


def one(url: Any = f"{QUERY}/events", **more: Any) -> ImportedRequest:
    """The only request of a collection."""
    inside = {k: more.pop(k) for k in ("variable", "auth") if k in more}
    (placed,) = collection(request(url, **more), **inside).requests
    return placed.imported


def variables(**values: str) -> list[dict[str, str]]:
    return [{"key": name, "value": value} for name, value in values.items()]


def test_folders_stay_folders() -> None:
    inner = {"name": "Inner", "item": [request()]}
    found = collection({"name": "Outer", "item": [inner, request()]}, request())
    assert found.title == "Team"
    assert [placed.folder for placed in found.requests] == [
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
    draft = one(url, variable=values).draft
    assert (draft.api, draft.url, list(draft.query)) == (api, relative, query)


def test_the_region_is_that_of_the_host() -> None:
    assert one("https://eu.mixpanel.com/api/query/x").region is Region.EU
    assert one("{{unknown}}/api/2.0/export").region is None


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (request("https://example.com/x"), "example.com is not a host"),
        (request("{{unknown}}/x"), "{{unknown}} is a variable that has no value"),
        (request(method="HEAD"), "no HEAD"),
        (request(None), "left out"),
    ],
)
def test_what_cannot_be_called_is_left_out_and_named(item: Any, words: str) -> None:
    told = " ".join(collection(request(), item).all_notes())
    assert "One is left out" in told
    assert words in told
    with pytest.raises(InterchangeError, match="holds no request that mixtui can send"):
        collection(item)


@pytest.mark.parametrize(
    ("given", "body", "words"),
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
            "switched off in Postman are left out: off",
        ),
        ({"mode": "formdata", "formdata": []}, None, ""),
        ({"mode": "urlencoded", "urlencoded": []}, None, ""),
        ({"mode": "formdata", "formdata": variables(a="1")}, None, "in parts (a)"),
        ({"mode": "graphql", "graphql": {"query": "{a}"}}, None, "GraphQL"),
        (
            {"mode": "file", "file": {"src": "e.csv"}},
            Body(BodyType.FILE, path="e.csv"),
            "e.csv",
        ),
        ({"mode": "new"}, None, "mode new"),
        ({"mode": "raw", "raw": "x", "disabled": True}, None, "switched off"),
    ],
)
def test_a_body_of_every_mode(given: Any, body: Body | None, words: str) -> None:
    found = one(method="POST", body=given)
    assert found.draft.body == body
    assert words in " ".join(found.notes)


def test_a_content_type_says_what_a_body_is() -> None:
    raw = {"mode": "raw", "raw": '{"a":1}\n{"a":2}'}
    headers = [{"key": "content-type", "value": "application/x-ndjson"}]
    draft = one(method="POST", body=raw, header=headers).draft
    assert draft.body == Body(BodyType.NDJSON, raw["raw"])
    assert draft.headers == ()
    draft = one(method="POST", body=raw, header="Content-Type: application/xml").draft
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
def test_authentication_is_found_and_never_written(
    auth: Any, choice: AuthChoice, credentials: tuple[ExtractedCredential, ...]
) -> None:
    values = variables(user="ci.mp", pw="hush")
    for found in (
        one(auth=auth, variable=values),
        collection(request(auth=auth), variable=values).requests[0].imported,
    ):
        assert found.draft.options.auth is choice
        assert found.credentials == credentials
        assert "hush" not in repr(found)


def test_the_nearest_authentication_counts() -> None:
    outer, inner = basic_auth("outer", "s"), basic_auth("inner", "s")
    found = collection(
        {
            "name": "a",
            "auth": inner,
            "item": [request(), request(auth={"type": "noauth"})],
        },
        {"name": "b", "auth": {"type": "inherit"}, "item": [request()]},
        auth=outer,
    )
    users = [
        [c.username for c in placed.imported.credentials] for placed in found.requests
    ]
    assert users == [["inner"], [], ["outer"]]


def test_a_token_leaves_the_records_wherever_it_stood() -> None:
    record = '[{"event": "x", "properties": {"token": "{{mp_token}}", "n": %s}}]'
    values = variables(mp_token="abc123")
    for number, expected in (
        ("1", '[{"event": "x", "properties": {"n": 1}}]'),
        ("{{$timestamp}}", record.replace("mp_token", "project_token") % "{{now}}"),
    ):
        found = one(
            "https://api.mixpanel.com/track",
            method="POST",
            body={"mode": "raw", "raw": record % number},
            variable=values,
        )
        assert found.draft.body == Body(BodyType.JSON, expected)
        assert found.credentials == (
            ExtractedCredential(CredentialKind.PROJECT_TOKEN, Secret("abc123")),
        )


def test_variables_stay_templates_and_their_values_are_offered() -> None:
    found = collection(
        request(
            f"{QUERY}/x?a={{{{event name}}}}&b={{{{$guid}}}}&c={{{{$randomCity}}}}"
        ),
        variable=variables(
            **{"event name": "{{part}} up", "part": "Sign", "unused": "1"}
        ),
    )
    draft = found.requests[0].imported.draft
    assert [row.value for row in draft.query] == [
        "{{event_name}}",
        "{{uuid}}",
        "{{randomCity}}",
    ]
    assert found.variables == (("event_name", "Sign up"),)
    told = " ".join(found.all_notes())
    assert "{{event name}} is called {{event_name}}" in told
    assert "{{$randomCity}} which Postman makes up, has no counterpart" in told


def test_no_secret_is_offered_or_written() -> None:
    found = collection(
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
    assert found.variables == ()
    assert "hush" not in repr(found)
    assert len(found.all_notes()) == 5
    assert found.requests[0].imported.draft.headers == (
        Pair("X-Api-Key", "", enabled=False),
    )


def test_a_variable_of_this_machine_is_never_read() -> None:
    found = one(f"{QUERY}/x?a={{{{env:HOME}}}}")
    assert found.draft.query == (Pair("a", "{{env_HOME}}"),)
    assert found.notes


def test_a_cookie_becomes_a_variable_of_this_machine() -> None:
    found = one(header="Cookie: session=hush")
    assert found.draft.headers == (
        Pair("Cookie", "{{env:MIXPANEL_COOKIE}}", enabled=False),
    )
    assert "hush" not in repr(found)


def test_what_is_not_sent_is_told() -> None:
    scripts = [{"listen": "test", "script": {"exec": ["pm.test()"]}}]
    found = collection(
        {**request(), "event": scripts, "response": [{}, {}]}, event=scripts
    )
    assert found.all_notes() == (
        "2 scripts left out: mixtui runs none.",
        "2 example answers left out.",
    )


def test_headers_and_descriptions_are_kept() -> None:
    draft = one(
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
    assert one(method="DELETE", body=body).draft.options.delete_body
    assert one(method="delete").draft.method is Method.DELETE


def test_a_wrapped_collection_and_a_bare_url_are_read() -> None:
    inside = {"info": {"name": "W"}, "item": [{"request": f"{QUERY}/events"}]}
    found = import_postman(json.dumps({"collection": inside}), "f")
    assert (found.title, len(found.requests)) == ("W", 1)
    assert found.requests[0].imported.draft.name == f"GET {QUERY}/events"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("{}", "no Postman collection"),
        ('{"item": []}', "holds no request"),
        ('{"requests": [], "order": []}', "version 1"),
        ('{"_postman_variable_scope": "environment", "values": []}', "no requests"),
        ("[1]", "no Postman collection"),
    ],
)
def test_what_is_no_collection_is_refused(source: str, words: str) -> None:
    with pytest.raises(InterchangeError) as refused:
        import_postman(source, "f")
    assert words in str(refused.value)


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


@settings(deadline=None)
@given(anything, anything)
def test_any_file_gives_requests_or_a_sentence(item: Value, more: Value) -> None:
    sources: list[dict[str, Value]] = [
        {"item": [item, {"request": item, "variable": more}], "variable": more},
        {"item": [{"request": {"url": f"{QUERY}/x", "body": item, "auth": more}}]},
    ]
    for source in sources:
        try:
            found = import_postman(compact_json(source), "f")
        except InterchangeError as error:
            assert str(error)
        else:
            assert found.requests


def test_a_secret_inside_a_json_body_is_told() -> None:
    raw = '{"snowflake_password": "hush", "other_secret": "{{env}}"}'
    found = one(method="POST", body={"mode": "raw", "raw": raw})
    (told,) = found.notes
    assert told.startswith("The body holds snowflake_password")
