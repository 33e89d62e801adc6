"""Targets: what other programs wrote, and what we write for them."""

from __future__ import annotations

import json
import shlex
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from mixtui.interchange.bodies import import_body
from mixtui.interchange.credentials import header_credential
from mixtui.interchange.curl.command import import_curl
from mixtui.interchange.curl.pipeline import read_pipeline
from mixtui.interchange.curl.shell import split_command
from mixtui.interchange.export.programs import Program, export
from mixtui.interchange.files.detect import detect_format, import_file
from mixtui.interchange.files.openapi.document import import_openapi
from mixtui.interchange.files.postman.collection import import_postman
from mixtui.interchange.json_values import ParsedFile
from mixtui.interchange.model import ImportedFile, ImportedRequest
from mixtui.interchange.paths import locate_path
from mixtui.interchange.placeholders import env_variable, is_placeholder
from mixtui.interchange.reader import decode, parse, read_yaml, replace_surrogates
from mixtui.interchange.record_tokens import strip_tokens
from mixtui.interchange.shell_quoting import quote_argument
from mixtui.mixpanel.apis import Api
from mixtui.mixpanel.endpoints import TokenPlace
from mixtui.model.draft import AuthChoice, Body, BodyType, Draft, Method, Options, Pair
from mixtui.model.prepared import PreparedRequest
from mixtui.request.prepare import prepare
from tests.exchanges import ENVIRONMENT
from tests.fuzz.target import SECRET, Target, check_sentence, refused
from tests.fuzz.texts import AWKWARD, encoded, mutated, near, seeds

_NOWHERE = Path("/nonexistent")
_URL = "https://mixpanel.com/api/query/events"
_CURL_TOKENS = (
    *(
        "curl ",
        "-X POST ",
        "-d ",
        "--data-raw ",
        "-H ",
        "-u ",
        "-b ",
        "-G ",
        "-F ",
        "-T ",
    ),
    *(
        "--json ",
        "--data-urlencode ",
        "--url ",
        "--url-query ",
        "--compressed",
        "-s",
        "--",
    ),
    *(
        "-XPOST ",
        "-sSL ",
        "--request=PUT ",
        "-o x ",
        "-k ",
        "--cert a:b ",
        "-A x ",
        "-e ",
    ),
    *("'", '"', "$'", '$"', "\\'", "\\\n", "$(x)", "${X}", "$X", "`x`", "&&", "|", ";"),
    *(
        "<<EOF\n",
        "EOF\n",
        "@-",
        "@file",
        "^",
        "^\n",
        "#",
        "'a=b'",
        "{{x}}",
        "\\x41",
        "\\u00",
    ),
    *(_URL, "'https://api.mixpanel.com/track?ip=1'", "Content-Type: application/json"),
    *(
        "Authorization: Basic YTpi",
        "Cookie: a=b; c=d",
        "\\U0001F600",
        "\\777",
        "\\c",
        "%22",
    ),
)
_CURL_SEEDS = (
    *seeds("interchange/curl", "curl"),
    *seeds("cli/test_interchange.py", "curl"),
    f"curl '{_URL}' -H 'Cookie: a=b; c=\"d e\"' -b 'x=y' --compressed",
    'printf %s \'[{"event":"a"}]\' | gzip -c | curl -X POST https://api.mixpanel.com/import '
    "-H 'Content-Encoding: gzip' --data-binary @-",
)
_COMMANDS = mutated(_CURL_SEEDS, (*_CURL_TOKENS, *AWKWARD)) | near(
    _CURL_SEEDS, _CURL_TOKENS
)


def _check_imported(imported: ImportedRequest) -> None:
    for note in imported.notes:
        check_sentence(note)
    for credential in imported.credentials:
        assert str(credential.secret) not in ("", "None")
    refused(lambda: prepare(imported.draft, ENVIRONMENT))


def _check_curl(text: str) -> None:
    imported = refused(lambda: import_curl(text, folder=_NOWHERE))
    if imported is not None:
        _check_imported(imported)
    refused(lambda: read_pipeline(text))
    line = refused(lambda: split_command(text))
    if line is not None:
        for note in line.notes:
            check_sentence(note)


_PLAIN = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0{}`$\\\ufeff"),
    max_size=12,
)


def _check_words(words: list[str]) -> None:
    """Words that a POSIX shell quotes come back whole, as shlex reads them."""
    command = shlex.join(["curl", *words])
    line = refused(lambda: split_command(command))
    assert line is not None, command
    assert list(line.arguments) == shlex.split(command)
    ours = " ".join(["curl", *map(quote_argument, words)])
    line = refused(lambda: split_command(ours))
    assert line is not None and list(line.arguments) == ["curl", *words], ours


def _check_secret_command(parts: tuple[str, str, str]) -> None:
    """A secret where one belongs is in no error, no note and no draft."""
    before, option, after = parts
    text = f"{before}{option}{after}"
    imported = refused(lambda: import_curl(text, folder=_NOWHERE), secret=SECRET)
    if imported is None:
        return
    for note in imported.notes:
        check_sentence(note, SECRET)
    assert SECRET not in repr(imported.draft), text
    assert SECRET not in repr(imported.credentials)


_SECRET_COMMANDS = st.tuples(
    st.sampled_from(
        ["curl ", "curl -s ", "$ curl -X POST ", "X=1 curl -G ", "curl -k "]
    ),
    st.sampled_from(
        [
            f"-u ci.1.mp-service-account:{SECRET} ",
            f"-u {SECRET}: ",
            f"-uci:{SECRET} ",
            f"--user 'ci:{SECRET}' ",
            f"-H 'Authorization: Bearer {SECRET}' ",
            f"-H 'authorization:   Bearer {SECRET}' ",
            f"--oauth2-bearer {SECRET} ",
        ]
    ),
    st.sampled_from(
        [
            *(_URL, f"'{_URL}?a=b'", f"{_URL} -d 'a=b'", f"{_URL} --fail-with-body"),
            *(
                "https://evil.example/",
                "nowhere",
                "",
                f"{_URL} {_URL}",
                "'",
                f"{_URL} -x",
            ),
            *(
                f"{_URL} --what",
                f"{_URL} -X PROPFIND",
                f"{_URL} | jq .",
                f"{_URL} $(x)",
            ),
        ]
    ),
)

_TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=15
).map(lambda text: text.replace("{{", "{ {").replace("}}", "} }"))
_NAMES = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
_PAIRS = st.lists(st.builds(Pair, _NAMES, _TEXTS), max_size=3).map(tuple)
_HEADER_TEXTS = st.from_regex(r"[!-~]([ -~]{0,12}[!-~])?", fullmatch=True).map(
    lambda text: text.replace("{{", "{ {").replace("\\", "/")
)
_EXPORTED = st.builds(
    Draft,
    method=st.sampled_from([Method.GET, Method.POST, Method.PUT, Method.PATCH]),
    api=st.sampled_from([Api.QUERY, Api.APP]),
    url=st.sampled_from(["/events", "/x/y%20z", "/jql"]),
    query=_PAIRS,
    headers=st.lists(
        st.builds(Pair, _NAMES.map(lambda name: f"X-{name}"), _HEADER_TEXTS), max_size=2
    ).map(tuple),
    body=st.none()
    | st.builds(
        Body,
        st.just(BodyType.JSON),
        st.dictionaries(_TEXTS, _TEXTS | st.integers(), min_size=1, max_size=3).map(
            json.dumps
        ),
    )
    | st.builds(Body, st.just(BodyType.TEXT), _TEXTS.filter(lambda text: text.strip())),
    options=st.builds(Options, auth=st.just(AuthChoice.NONE)),
)


def _parts_of(request: PreparedRequest) -> tuple[Any, ...]:
    headers = sorted((n.lower(), v) for n, v in request.headers)
    return request.method, request.url, headers, request.content


def _check_export(draft: Draft) -> None:
    """A curl command that we export is imported as the same request."""
    if draft.method is Method.GET:
        draft = Draft(
            method=draft.method,
            api=draft.api,
            url=draft.url,
            query=draft.query,
            headers=draft.headers,
            options=draft.options,
        )
    request = refused(lambda: prepare(draft, ENVIRONMENT))
    if request is None:
        return
    for program in Program:
        exported = refused(partial(export, request, draft, program))
        if exported is None or program is not Program.CURL:
            continue
        imported = refused(partial(import_curl, exported.text))
        assert imported is not None, exported.text
        if any("looks like a secret" in note for note in imported.notes):
            continue
        again = prepare(
            Draft(
                method=imported.draft.method,
                api=imported.draft.api,
                url=imported.draft.url,
                query=imported.draft.query,
                headers=imported.draft.headers,
                body=imported.draft.body,
                options=Options(
                    auth=AuthChoice.NONE, leave_out=imported.draft.options.leave_out
                ),
            ),
            ENVIRONMENT,
        )
        assert _parts_of(again) == _parts_of(request), exported.text


_OPENAPI_KEYS = (
    *(
        "openapi",
        "info",
        "title",
        "servers",
        "url",
        "variables",
        "default",
        "enum",
        "paths",
    ),
    *("get", "post", "parameters", "name", "in", "required", "schema", "type", "items"),
    *("properties", "$ref", "allOf", "oneOf", "anyOf", "example", "examples", "value"),
    *(
        "requestBody",
        "content",
        "application/json",
        "security",
        "components",
        "schemas",
    ),
    *(
        "securitySchemes",
        "scheme",
        "operationId",
        "summary",
        "description",
        "tags",
        "format",
    ),
    *("additionalProperties", "nullable", "minimum", "style", "explode", "deprecated"),
)
_OPENAPI_VALUES = (
    *(
        "3.1.0",
        "2.0",
        "https://mixpanel.com/api/query",
        "/events",
        "/{x}",
        "query",
        "path",
    ),
    *(
        "string",
        "object",
        "array",
        "integer",
        "#/components/schemas/A",
        "#/x",
        "#/a/b~1c",
    ),
    *(
        "http",
        "basic",
        "bearer",
        "apiKey",
        "date",
        "password",
        "https://{region}.x/{{",
        "",
    ),
)
_POSTMAN_KEYS = (
    *("info", "name", "schema", "item", "request", "method", "header", "key", "value"),
    *(
        "disabled",
        "url",
        "raw",
        "protocol",
        "host",
        "path",
        "query",
        "variable",
        "body",
    ),
    *("mode", "urlencoded", "formdata", "options", "language", "auth", "type", "basic"),
    *(
        "bearer",
        "username",
        "password",
        "token",
        "event",
        "description",
        "response",
        "src",
    ),
)
_POSTMAN_VALUES = (
    *(
        "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
        _URL,
        "GET",
    ),
    *(
        "{{host}}/events",
        "{{token}}",
        "raw",
        "urlencoded",
        "basic",
        "noauth",
        "inherit",
        ":x",
    ),
    *("json", "a=b", "\\u0000", "{{", "", "mixpanel", "com", "text"),
)


def _values(keys: tuple[str, ...], texts: tuple[str, ...]) -> st.SearchStrategy[Any]:
    scalars = (
        st.sampled_from(texts)
        | st.none()
        | st.booleans()
        | st.integers(-9, 99)
        | st.floats(allow_nan=False)
        | st.sampled_from(AWKWARD[:-20])
    )
    return st.recursive(
        scalars,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(keys), inner, max_size=4)
        ),
        max_leaves=12,
    )


@st.composite
def _grafted(draw: st.DrawFn, whole: Any, parts: st.SearchStrategy[Any]) -> Any:
    """A valid file in which some values are others."""
    value = json.loads(json.dumps(whole))
    for _ in range(draw(st.integers(0, 3))):
        node = value
        for _ in range(draw(st.integers(1, 8))):
            if not node:
                break
            step = (
                draw(st.sampled_from(sorted(node)))
                if isinstance(node, dict)
                else draw(st.integers(0, len(node) - 1))
            )
            if not isinstance(node[step], dict | list) or draw(st.integers(0, 3)) == 0:
                node[step] = draw(parts)
                break
            node = node[step]
    return value


_OPENAPI_FILE = {
    "openapi": "3.1.0",
    "info": {"title": "Things", "version": "1", "description": "d"},
    "servers": [
        {
            "url": "https://{r}.mixpanel.com/api/query",
            "variables": {"r": {"default": "eu"}},
        },
        {"url": "https://mixpanel.com/api/query"},
    ],
    "security": [{"basic": []}],
    "paths": {
        "/events/{id}": {
            "parameters": [{"$ref": "#/components/parameters/P"}],
            "post": {
                "operationId": "a",
                "summary": "s",
                "tags": ["t"],
                "parameters": [
                    {
                        "name": "id",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "integer", "minimum": 3},
                    },
                    {
                        "name": "event",
                        "in": "query",
                        "style": "form",
                        "explode": False,
                        "schema": {"type": "array", "items": {"enum": ["a", "b"]}},
                        "examples": {"x": {"value": ["a"]}},
                    },
                ],
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/A"},
                            "examples": {"one": {"value": {"a": 1}}},
                        },
                        "application/x-www-form-urlencoded": {
                            "schema": {
                                "oneOf": [{"type": "object"}, {"type": "string"}]
                            }
                        },
                    }
                },
            },
        }
    },
    "components": {
        "parameters": {
            "P": {"name": "p", "in": "header", "schema": {"type": "string"}}
        },
        "schemas": {
            "A": {
                "allOf": [{"$ref": "#/components/schemas/B"}],
                "type": "object",
                "required": ["a"],
                "properties": {
                    "a": {"type": ["string", "null"], "format": "date"},
                    "b": {"type": "array", "items": {"$ref": "#/components/schemas/A"}},
                },
                "additionalProperties": {"type": "number"},
            },
            "B": {"properties": {"p": {"type": "string", "format": "password"}}},
        },
        "securitySchemes": {"basic": {"type": "http", "scheme": "basic"}},
    },
}
_POSTMAN_FILE = {
    "info": {"_postman_id": "1", "name": "c", "schema": _POSTMAN_VALUES[0]},
    "auth": {"type": "basic", "basic": [{"key": "username", "value": "{{u}}"}]},
    "variable": [{"key": "host", "value": "https://mixpanel.com"}],
    "item": [
        {
            "name": "f",
            "item": [
                {
                    "name": "r",
                    "event": [{"listen": "test", "script": {"exec": ["x"]}}],
                    "request": {
                        "method": "POST",
                        "description": {"content": "d"},
                        "header": [
                            {"key": "Content-Type", "value": "application/json"}
                        ],
                        "body": {
                            "mode": "raw",
                            "raw": '{"a": {{x}}}',
                            "options": {"raw": {"language": "json"}},
                        },
                        "url": {
                            "raw": "{{host}}/api/query/events/:id?a=b",
                            "host": ["{{host}}"],
                            "path": ["api", "query", "events", ":id"],
                            "query": [{"key": "a", "value": "b", "disabled": True}],
                            "variable": [{"key": "id", "value": "1"}],
                        },
                    },
                },
            ],
        },
        {"name": "s", "request": _URL},
        {
            "name": "u",
            "request": {
                "method": "POST",
                "url": _URL,
                "auth": {"type": "bearer", "bearer": {"token": "t"}},
                "body": {
                    "mode": "urlencoded",
                    "urlencoded": [{"key": "a", "value": "b"}],
                },
            },
        },
    ],
}


def _as_text(value: Any, style: str) -> str:
    if style == "yaml":
        return str(yaml.safe_dump(value, allow_unicode=True))
    return json.dumps(value, indent=1 if style == "indented" else None)


_STYLES = st.sampled_from(["json", "indented", "yaml"])


def _check_file(imported: ImportedFile | None) -> None:
    if imported is None:
        return
    for note in imported.all_notes():
        check_sentence(note)
    for request in imported.requests[:5]:
        refused(partial(prepare, request.imported.draft, ENVIRONMENT))


def _check_openapi(example: tuple[Any, str]) -> None:
    source = _as_text(*example)
    detect_format(source)
    _check_file(refused(lambda: import_openapi(source, "f.json")))


def _check_postman(example: tuple[Any, str]) -> None:
    source = _as_text(*example)
    detect_format(source)
    _check_file(refused(lambda: import_postman(source, "f.json")))


_FILE_SEEDS = (
    json.dumps(_POSTMAN_FILE),
    _as_text(_OPENAPI_FILE, "yaml")[:1500],
    "openapi: 3.0.0\npaths:\n  /x:\n    get: {}\n",
    *seeds("interchange/test_reader.py"),
)
_YAML_TOKENS = (
    *(
        "a: ",
        "- ",
        "&x ",
        "*x",
        "<<: *x",
        "!!int ",
        "!!float ",
        "!x ",
        "|\n",
        ">\n",
        "? ",
    ),
    *(
        "---\n",
        "...\n",
        "%YAML 1.1\n",
        "  ",
        "\t",
        "0o17",
        "0x1F",
        ".inf",
        "~",
        "'",
        '"',
    ),
    *(
        "{a: b}",
        "[a, b]",
        "1e3",
        "+1",
        "-",
        ": ",
        "# c\n",
        "\\u0041",
        "1_000",
        "0b1",
        "y",
    ),
)


def _check_any_file(data: bytes) -> None:
    text = refused(lambda: decode(data, "f"))
    if text is None:
        return
    parsed = refused(lambda: parse(text, "f"))
    assert parsed is None or isinstance(parsed, ParsedFile)
    _check_file(refused(lambda: import_file(text, "f")))
    refused(lambda: read_yaml(replace_surrogates(text), "f"))
    try:
        value = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return
    # What a strict parser accepts is read, unless it is nested too deeply.
    assert parsed is not None or text.count("[") + text.count("{") > 50, text[:200]
    if parsed is not None and isinstance(value, dict) and not parsed.notes:
        assert isinstance(parsed.value, dict)
        assert len(parsed.value) == len(value)


def _check_pieces(text: str) -> None:
    headers = (Pair("Content-Type", text), Pair(text, text))
    result = import_body(text, headers)
    for note in result.notes:
        check_sentence(note)
    refused(lambda: locate_path(text, _NOWHERE))
    is_placeholder(text)
    env_variable(text)
    endpoint = prepare(Draft(url="/events"), ENVIRONMENT).endpoint
    header_credential(text, endpoint)
    for place in TokenPlace:
        for lines in (False, True):
            strip_tokens(text, place, lines=lines)


TARGETS = (
    Target("curl command", _COMMANDS, _check_curl, 80),
    Target("shell words", st.lists(_PLAIN, max_size=4), _check_words, 40),
    Target("secret in a command", _SECRET_COMMANDS, _check_secret_command, 60),
    Target("export to curl and back", _EXPORTED, _check_export, 40),
    Target(
        "OpenAPI",
        st.tuples(
            _grafted(_OPENAPI_FILE, _values(_OPENAPI_KEYS, _OPENAPI_VALUES)), _STYLES
        ),
        _check_openapi,
        40,
    ),
    Target(
        "Postman",
        st.tuples(
            _grafted(_POSTMAN_FILE, _values(_POSTMAN_KEYS, _POSTMAN_VALUES)), _STYLES
        ),
        _check_postman,
        40,
    ),
    Target("any file", encoded(near(_FILE_SEEDS, _YAML_TOKENS)), _check_any_file, 60),
    Target("parts of a request", near(_CURL_SEEDS, _CURL_TOKENS), _check_pieces, 40),
)
