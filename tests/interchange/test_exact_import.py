"""Foreign text is data: what a command would send goes out as exactly that text."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.interchange.curl.command import import_curl
from mixtui.interchange.files.openapi.document import import_openapi
from mixtui.interchange.urls import import_url
from mixtui.model.draft import Draft
from mixtui.model.environment import Credentials, Environment
from mixtui.model.prepared import PreparedRequest
from mixtui.model.secrets import FromVariable
from mixtui.request.prepare import prepare
from mixtui.request.templates import Values

ENVIRONMENT = Environment(
    "any",
    project_id="1",
    credentials=Credentials(project_secret=FromVariable("SECRET")),
    variables={"name": "FILLED", "plan": "FILLED"},
)
VALUES = Values(ENVIRONMENT, process={"HOME": "FILLED"})
URL = "https://mixpanel.com/api/query/x"
PIECES = (
    *("{{name}}", "{{ plan }}", "{{env:HOME}}", "{{today}}", "{{my id}}", "{{name"),
    *("{{", "}}", "{", "}", "{plan}", "\\", "\\\\", "$HOME", "%7B", "%", "+", "&", "="),
    *("x", " ", "'", '"', "`", "#", "<y>", "“", "–", "é"),
)
texts = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join)
any_texts = st.one_of(texts, st.text(st.characters(exclude_categories=("Cs",))))
header_texts = texts.filter(str.isascii).map(str.strip).filter(bool)


def send(draft: Draft) -> PreparedRequest:
    return prepare(draft, ENVIRONMENT, values=VALUES)


def sent_by_curl(*arguments: str) -> PreparedRequest:
    return send(import_curl(shlex.join(["curl", *arguments])).draft)


def body_of(request: PreparedRequest) -> str:
    assert request.content is None or isinstance(request.content, bytes)
    return (request.content or b"").decode()


def query_of(request: PreparedRequest) -> list[tuple[str, str]]:
    query = urlsplit(request.url).query
    return parse_qsl(query, keep_blank_values=True, errors="strict")


def header_of(request: PreparedRequest, name: str) -> list[str]:
    return [value for header, value in request.headers if header == name]


def in_header(text: str) -> str:
    return "".join(header_of(sent_by_curl(URL, "-H", f"X-Text: {text}"), "X-Text"))


def in_agent(text: str) -> str:
    return "".join(header_of(sent_by_curl(URL, "-A", text), "User-Agent"))


def in_referer(text: str) -> str:
    return "".join(header_of(sent_by_curl(URL, "-e", text), "Referer"))


@pytest.mark.parametrize("place", [in_header, in_agent, in_referer])
@given(header_texts)
def test_a_header_of_a_command_is_sent_exactly(
    place: Callable[[str], str], text: str
) -> None:
    assert place(text) == text


def in_text_body(text: str) -> str:
    # A body of blanks alone is not sent.
    request = sent_by_curl(
        URL, "-H", "Content-Type: text/plain", "--data-raw", f"x{text}"
    )
    return body_of(request).removeprefix("x")


def in_binary(text: str) -> str:
    request = sent_by_curl(
        URL, "-H", "Content-Type: text/csv", "--data-binary", f"x{text}"
    )
    return body_of(request).removeprefix("x")


def in_json(text: str) -> str:
    body = body_of(sent_by_curl(URL, "--json", json.dumps({"a": [{"b": text}]})))
    return str(json.loads(body)["a"][0]["b"])


def in_json_key(text: str) -> str:
    body = body_of(
        sent_by_curl(URL, "--json", json.dumps({f"k{text}": 1}, ensure_ascii=False))
    )
    return "".join(json.loads(body)).removeprefix("k")


def in_json_lines(text: str) -> str:
    lines = "\n".join([json.dumps({"a": 1}), json.dumps({"a": text})])
    body = body_of(
        sent_by_curl(URL, "-H", "Content-Type: application/x-ndjson", "-d", lines)
    )
    return str(json.loads(body.split("\n")[1])["a"])


def in_form(text: str) -> str:
    body = body_of(sent_by_curl(URL, "--data-urlencode", f"a={text}", "-d", "b=1"))
    return dict(parse_qsl(body, keep_blank_values=True))["a"]


def in_form_name(text: str) -> str:
    body = body_of(sent_by_curl(URL, "-d", f"k{quote(text, safe='')}=1"))
    return parse_qsl(body)[0][0].removeprefix("k")


def in_printf(text: str) -> str:
    feed = shlex.join(["printf", "%s", f"x{text}"])
    command = f"{feed} | curl {URL} -H 'Content-Type: text/plain' --data-binary @-"
    return body_of(send(import_curl(command).draft)).removeprefix("x")


def in_query(text: str) -> str:
    return dict(query_of(sent_by_curl(f"{URL}?a={quote(text, safe='')}&b=1")))["a"]


def in_query_name(text: str) -> str:
    query = query_of(sent_by_curl(f"{URL}?k{quote(text, safe='')}=1"))
    return query[0][0].removeprefix("k")


def in_query_without_rows(text: str) -> str:
    query = query_of(sent_by_curl(f"{URL}?flag&a={quote(text, safe='')}"))
    return dict(query)["a"]


def in_get_data(text: str) -> str:
    return dict(query_of(sent_by_curl(URL, "-G", "--data-urlencode", f"a={text}")))["a"]


def in_pasted_url(text: str) -> str:
    imported = import_url(f"{URL}?a={quote(text, safe='')}", Draft())
    return dict(query_of(send(imported.draft)))["a"]


def in_specification(text: str) -> str:
    # An example that is percent-encoded as a whole is decoded, with a note.
    example = f"- {text}"
    operation = {
        "parameters": [
            {"name": "a", "in": "query", "required": True, "example": example}
        ],
        "responses": {},
    }
    document = {
        "openapi": "3.0.3",
        "servers": [{"url": "https://mixpanel.com/api/query"}],
        "paths": {"/x": {"get": operation}},
    }
    (imported,) = import_openapi(json.dumps(document), "f").requests
    return dict(query_of(send(imported.imported.draft)))["a"].removeprefix("- ")


def in_specified_body(text: str) -> str:
    content = {"application/json": {"example": {"a": text}}}
    document = {
        "openapi": "3.0.3",
        "servers": [{"url": "https://mixpanel.com/api/query"}],
        "paths": {"/x": {"post": {"requestBody": {"content": content}}}},
    }
    (imported,) = import_openapi(json.dumps(document), "f").requests
    return str(json.loads(body_of(send(imported.imported.draft)))["a"])


BODIES = [
    *(in_text_body, in_binary, in_json, in_json_key, in_json_lines, in_form),
    *(in_form_name, in_printf, in_query, in_query_name, in_query_without_rows),
    *(in_get_data, in_pasted_url, in_specification, in_specified_body),
]


@pytest.mark.parametrize("place", BODIES)
@given(text=any_texts)
def test_any_text_is_sent_exactly(place: Callable[[str], str], text: str) -> None:
    assert place(text) == text
