"""One rule for secrets: each importer, place and name, and identifiers that stay."""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Callable
from urllib.parse import quote, urlencode

import pytest

from mixtui.hints import find_hints
from mixtui.interchange.curl.command import import_curl
from mixtui.interchange.files.openapi.document import import_openapi
from mixtui.interchange.files.postman.collection import import_postman
from mixtui.interchange.model import ImportedRequest
from mixtui.interchange.urls import import_url
from mixtui.model.draft import Body, BodyType, Draft, Method, Pair
from mixtui.model.environment import Environment
from mixtui.model.errors import InterchangeError
from mixtui.request.secret_names import is_secret_name
from mixtui.request.secret_values import typed_secrets
from mixtui.request.templates import plain_text

HUSH = "hush-7f3a9"
URL = "https://mixpanel.com/api/query/things"
NAMES = (
    "X-Api-Key",
    "X-Auth-Token",
    "password",
    "client_secret",
    "clientSecret",
    "access_token",
    "refreshToken",
    "apikey",
    "private_key",
    "db_pass",
    "passwd",
    "snowflake_password",
    "credentials",
    "X-Amz-Signature",
)
IDENTIFIERS = (
    "distinct_id",
    "$insert_id",
    "project_id",
    "next_page_token",
    "token_type",
)


def in_header(name: str, value: str) -> Draft:
    return Draft(headers=(Pair(name, value),))


def in_cookie(name: str, value: str) -> Draft:
    return Draft(headers=(Pair("Cookie", f"{name}={value}"),))


def in_referer(name: str, value: str) -> Draft:
    return Draft(headers=(Pair("Referer", f"https://x.example/?{name}={value}"),))


def in_query(name: str, value: str) -> Draft:
    return Draft(query=(Pair(name, value),))


def in_json_parameter(name: str, value: str) -> Draft:
    return Draft(query=(Pair("params", json.dumps({"deep": {name: value}})),))


def in_form(name: str, value: str) -> Draft:
    return _with_body(BodyType.FORM, f"a=1\n{name}={value}")


def in_form_json(name: str, value: str) -> Draft:
    return _with_body(BodyType.FORM, f"params={json.dumps([{name: value}])}")


def in_form_base64(name: str, value: str) -> Draft:
    text = json.dumps({"event": "e", "properties": {name: value}})
    return _with_body(BodyType.FORM, f"data={base64.b64encode(text.encode()).decode()}")


def in_json(name: str, value: str) -> Draft:
    return _with_body(BodyType.JSON, json.dumps({"a": 1, name: value}))


def in_nested_json(name: str, value: str) -> Draft:
    return _with_body(BodyType.JSON, json.dumps([{"a": {"b": [{name: value}]}}]))


def in_named_value(name: str, value: str) -> Draft:
    rows = [{"name": "a", "value": 1}, {"value": value, "key": name}]
    return _with_body(BodyType.JSON, json.dumps({"headers": rows}))


def in_pairs_of_a_value(name: str, value: str) -> Draft:
    return Draft(query=(Pair("filter", f"a=1;{name}={value}"),))


def in_list_of_json(name: str, value: str) -> Draft:
    return _with_body(BodyType.JSON, json.dumps({name: [{"inner": value}]}))


def in_json_within_json(name: str, value: str) -> Draft:
    return _with_body(BodyType.JSON, json.dumps({"a": json.dumps({name: value})}))


def in_broken_json(name: str, value: str) -> Draft:
    return _with_body(BodyType.JSON, f'{{"a": ?, "{name}": "{value}"}}')


def in_lines(name: str, value: str) -> Draft:
    return _with_body(BodyType.NDJSON, f'{{"a": 1}}\n{{"{name}": "{value}"}}')


def in_csv(name: str, value: str) -> Draft:
    return _with_body(BodyType.CSV, f"id,{name}\n1,{value}\n")


def in_text(name: str, value: str) -> Draft:
    return _with_body(BodyType.TEXT, f"a&{name}={value}")


def in_xml(name: str, value: str) -> Draft:
    return _with_body(BodyType.TEXT, f"<a><{name}>{value}</{name}></a>")


def in_yaml(name: str, value: str) -> Draft:
    return _with_body(BodyType.TEXT, f"a: 1\n{name}: {value}")


def _pairs(rows: tuple[Pair, ...]) -> list[tuple[str, str]]:
    return [(row.name, row.value) for row in rows]


def _with_body(type_: BodyType, text: str) -> Draft:
    return Draft(method=Method.POST, body=Body(type_, text))


PLACES = (
    in_header,
    in_cookie,
    in_referer,
    in_query,
    in_json_parameter,
    in_form,
    in_form_json,
    in_form_base64,
    in_json,
    in_nested_json,
    in_named_value,
    in_pairs_of_a_value,
    in_list_of_json,
    in_json_within_json,
    in_broken_json,
    in_lines,
    in_csv,
    in_text,
    in_xml,
    in_yaml,
)
MEDIA_TYPES = {
    BodyType.JSON: "application/json",
    BodyType.NDJSON: "application/x-ndjson",
    BodyType.FORM: "application/x-www-form-urlencoded",
    BodyType.CSV: "text/csv",
    BodyType.TEXT: "text/plain",
}


def by_curl(draft: Draft) -> ImportedRequest:
    arguments = ["curl", _url(draft)]
    for row in draft.headers:
        arguments += ["-H", f"{row.name}: {row.value}"]
    if draft.body:
        arguments += ["-H", f"Content-Type: {MEDIA_TYPES[draft.body.type]}"]
        arguments += ["--data-binary", _wire_text(draft.body)]
    return import_curl(" ".join(map(shlex.quote, arguments)))


def by_postman(draft: Draft) -> ImportedRequest:
    headers = [{"key": row.name, "value": row.value} for row in draft.headers]
    request = {"url": _url(draft), "method": draft.method, "header": headers}
    if draft.body and draft.body.type is BodyType.FORM:
        fields = [line.split("=", 1) for line in draft.body.text.split("\n")]
        rows = [{"key": name, "value": value} for name, value in fields]
        request["body"] = {"mode": "urlencoded", "urlencoded": rows}
    elif draft.body:
        media_type = MEDIA_TYPES[draft.body.type]
        headers.append({"key": "Content-Type", "value": media_type})
        request["body"] = {"mode": "raw", "raw": draft.body.text}
    schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
    item = {"name": "one", "request": request}
    source = json.dumps({"info": {"name": "c", "schema": schema}, "item": [item]})
    return import_postman(source, "f").requests[0].imported


def by_openapi(draft: Draft) -> ImportedRequest:
    parameters = [
        {
            "name": row.name,
            "in": place,
            "required": True,
            "example": row.value,
            "schema": {"type": "string", "default": row.value},
        }
        for place, rows in (("query", draft.query), ("header", draft.headers))
        for row in rows
    ]
    operation: dict[str, object] = {"parameters": parameters}
    if draft.body:
        example: object = draft.body.text
        if draft.body.type is BodyType.FORM:
            lines = draft.body.text.split("\n")
            example = dict(line.split("=", 1) for line in lines)
        media = {MEDIA_TYPES[draft.body.type]: {"example": example}}
        operation["requestBody"] = {"content": media}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "servers": [{"url": "https://mixpanel.com/api/query"}],
        "paths": {"/things": {draft.method.lower(): operation}},
    }
    return import_openapi(json.dumps(document), "f").requests[0].imported


def _url(draft: Draft) -> str:
    query = urlencode([(row.name, row.value) for row in draft.query])
    return f"{URL}?{query}" if query else URL


def _wire_text(body: Body) -> str:
    if body.type is not BodyType.FORM:
        return body.text
    return urlencode([line.partition("=")[::2] for line in body.text.split("\n")])


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("importer", [by_curl, by_postman, by_openapi])
def test_a_secret_is_taken_out_and_named(
    importer: Callable[[Draft], ImportedRequest], place: Callable[[str, str], Draft]
) -> None:
    for name in NAMES:
        imported = importer(place(name, HUSH))
        assert HUSH not in _all_texts(imported), name
        label = "cookie" if place is in_cookie else name
        assert label in " ".join(imported.notes), name


@pytest.mark.parametrize("place", [p for p in PLACES if p is not in_cookie])
@pytest.mark.parametrize("importer", [by_curl, by_postman, by_openapi])
def test_what_is_not_a_secret_stays(
    importer: Callable[[Draft], ImportedRequest], place: Callable[[str, str], Draft]
) -> None:
    for name in IDENTIFIERS:
        imported = importer(place(name, "12345"))
        assert "looks like a secret" not in " ".join(imported.notes), name
        assert "12345" in _all_texts(imported), name


@pytest.mark.parametrize(
    "tail", ["?{}={}", "?flag&{}={}", "#{}={}", "?data=%7B%22{}%22%3A%22{}%22%7D"]
)
def test_a_secret_is_taken_out_of_a_pasted_url(tail: str) -> None:
    for name in NAMES:
        imported = import_url(URL + tail.format(quote(name), HUSH), Draft())
        assert HUSH not in _all_texts(imported), name
        assert name in " ".join(imported.notes), name


@pytest.mark.parametrize(
    "text",
    [
        '{"properties": {"token": "abc", "distinct_id": "d", "$insert_id": "i"}}',
        '[{"$token": "abc", "$distinct_id": "d", "$set": {"tokens_used": 12}}]',
        '{"token": "abc", "context": {"distinct_id": "d"}}',
        '{"password": "{{env:PW}}", "secret": null, "password_reset": true}',
        '{"api_key": "YOUR_API_KEY", "password": "<password>"}',
    ],
)
def test_identifiers_templates_and_placeholders_stay_in_a_body(text: str) -> None:
    draft = _with_body(BodyType.JSON, text)
    imported = by_curl(draft)
    assert imported.draft.body is not None
    assert plain_text(imported.draft.body.text) == text
    assert not [hint for hint in _hints(draft) if "secret in plain text" in hint]


@pytest.mark.parametrize("place", [in_header, in_cookie, in_query, in_form, in_json])
def test_a_typed_secret_is_named_by_a_hint_and_not_shown(
    place: Callable[[str, str], Draft],
) -> None:
    for name in NAMES:
        label = "Cookie" if place is in_cookie else name
        messages = _hints(place(name, HUSH))
        assert any(
            m.startswith(f"{label} contains a secret in plain text") for m in messages
        )
        assert HUSH not in " ".join(messages), name
        template = place(name, "{{env:NAME}}")
        if place is not in_cookie:
            assert not [m for m in _hints(template) if "secret in plain text" in m], (
                name
            )


@pytest.mark.parametrize(
    ("value", "is_credential"),
    [
        ("Bearer hush-7f3a9-abcdef", True),
        (f"basic {base64.b64encode(b'ci:hush-7f3a9').decode()}", True),
        ("eyJhbGciOiJub25lIn0.eyJzdWIiOiJodXNoIn0.", True),
        ("Basic subscription", False),
        ("Bearer authentication", False),
        ("bearer of 12 standards", False),
        ("aPwd4==", False),
    ],
)
@pytest.mark.parametrize(
    "place", [in_header, in_query, in_form, in_json, in_nested_json, in_lines]
)
def test_a_credential_is_known_by_its_form_under_any_name(
    place: Callable[[str, str], Draft], value: str, is_credential: bool
) -> None:
    draft = place("X-Custom", value)
    for importer in (by_curl, by_postman, by_openapi):
        texts = _all_texts(importer(draft))
        assert (value.split()[-1] in texts) != is_credential
    hints = [hint for hint in _hints(draft) if "secret in plain text" in hint]
    assert bool(hints) == is_credential
    url = f"{URL}?{urlencode(_pairs(draft.query))}"
    assert bool(typed_secrets(url, _pairs(draft.headers), draft.body)) == is_credential


@pytest.mark.parametrize(
    "command",
    [
        f"curl ci.user:{HUSH}",
        f"curl ci.user:{HUSH} {URL}",
        f"curl {HUSH}",
        f"curl https://ci:{HUSH}/x@mixpanel.com/api",
        f"curl https://ci:{HUSH}@example.com/api",
        f"curl -X {HUSH} {URL}",
        f"curl --{HUSH}=1 {URL} --password={HUSH}",
        f"curl --data-urlencode p@{HUSH} {URL}",
        f"curl {URL} --token:{HUSH}",
        f"curl {HUSH}://x",
    ],
)
def test_no_error_repeats_what_may_be_a_secret(command: str) -> None:
    with pytest.raises(InterchangeError) as raised:
        import_curl(command)
    assert "7f3a9" not in str(raised.value)


@pytest.mark.parametrize(
    "name", ["X-Key", "key", "Token", "X-Session-Id", "Authentication", "X-Auth"]
)
@pytest.mark.parametrize("importer", [by_curl, by_postman, by_openapi])
def test_a_header_is_secret_by_more_names(
    importer: Callable[[Draft], ImportedRequest], name: str
) -> None:
    imported = importer(in_header(name, HUSH))
    assert HUSH not in _all_texts(imported)
    assert name in " ".join(imported.notes)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *[(name, True) for name in NAMES],
        *[(name, False) for name in IDENTIFIERS],
        ("secretary", False),
        ("passport", False),
        ("author", False),
        ("tokenizer", False),
        ("access_key_id", False),
        ("secret_id", True),
        ("Ocp-Apim-Subscription-Key", True),
        ("key", False),
    ],
)
def test_a_name_tells_whether_it_holds_a_secret(name: str, expected: bool) -> None:
    assert is_secret_name(name) is expected


def _hints(draft: Draft) -> list[str]:
    return [hint.message for hint in find_hints(draft, Environment("e"))]


def _all_texts(imported: ImportedRequest) -> str:
    draft = imported.draft
    rows = [*draft.query, *draft.headers]
    text = draft.body.text if draft.body else ""
    decoded = ""
    if text.startswith("data="):
        decoded = base64.b64decode(text.removeprefix("data=")).decode()
    return repr((draft, rows, imported.notes, imported.credentials, text, decoded))
