"""Secrets that were typed into a request: what is taken out, and what is masked."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.model.draft import Body, BodyType
from mixtui.request.secret_values import clear_body, typed_secrets


@given(st.sampled_from(BodyType), st.text("ab,;=\"'{}[]:\n\r\x00\\ \u2028"))
def test_a_text_without_secrets_stays_as_it_is(kind: BodyType, text: str) -> None:
    assert clear_body(Body(kind, text)).text == text


@pytest.mark.parametrize(
    "text",
    [
        "id,password\r1,hush\r",
        "id,password\r\n1,hush\r\n",
        f"id,password\n{'x' * 200_000},hush\n",
    ],
    ids=["CR", "CRLF", "a field over the limit of the csv module"],
)
def test_a_table_loses_its_secrets_however_it_is_written(text: str) -> None:
    cleared = clear_body(Body(BodyType.CSV, text))
    assert "password" in cleared.names
    assert "hush" not in cleared.text


BASIC = base64.b64encode(b"ci:pass/word").decode()


@pytest.mark.parametrize(
    ("name", "value", "secrets"),
    [
        ("Authorization", "Bearer abc.def", {"abc.def"}),
        ("Authorization", f"Basic {BASIC}", {BASIC, "pass/word"}),
        ("authorization", f"basic {BASIC}", {BASIC, "pass/word"}),
        ("Authorization", "ci:pass/word", {"ci:pass/word", "pass/word"}),
        ("Authorization", "Token abc.def", {"abc.def"}),
        ("Authorization", "ci.sa abc.def", {"ci.sa abc.def"}),
        ("X-Authorization", "Bearer abc.def", {"abc.def"}),
        ("X-Api-Key", "Bearer abc.def", {"abc.def"}),
        ("X-Api-Key", "abc def ghi", {"abc def ghi"}),
        ("Proxy-Authorization", f"Basic {BASIC}", {BASIC, "pass/word"}),
        ("X-Api-Key", "abc-def", {"abc-def"}),
        ("X-Session-Id", "abc-def", {"abc-def"}),
        ("Cookie", "a=b; sid=abc=", {"abc="}),
        ("X-Api-Key", "abc", set()),
        ("X-Api-Key", "<your api key>", set()),
        ("X-Request-Id", "abc-def", set()),
        ("Idempotency-Key", "abc-def", set()),
        (
            "Referer",
            "https://u:pass%2Fword@h.example/?token_type=x",
            {"u:pass%2Fword", "pass/word"},
        ),
        ("X-Data", '{"client_secret": "abc-def"}', {"abc-def"}),
    ],
)
def test_a_header_is_known_by_its_name(
    name: str, value: str, secrets: set[str]
) -> None:
    found = typed_secrets("https://h.example/", [(name, value)], None)
    assert {secret.reveal() for secret in found} == secrets


@pytest.mark.parametrize(
    ("url", "secrets"),
    [
        ("https://h.example/x?api_secret=a%2Fbc&token=public", {"a/bc"}),
        ("https://h.example/x?q=%7B%22password%22%3A%22abcd%22%7D", {"abcd"}),
        (
            "https://h.example/x?to=https%3A%2F%2Fu%3Aab%252Fcd%40e%2F",
            {"u:ab%2Fcd", "ab/cd"},
        ),
        ("https://h.example/x?event=Sign+up#api_secret", set()),
    ],
)
def test_a_url_is_looked_through_by_its_parameters(url: str, secrets: set[str]) -> None:
    assert {secret.reveal() for secret in typed_secrets(url, (), None)} == secrets


@pytest.mark.parametrize(
    ("body", "secrets"),
    [
        (Body(text='[{"password": "abcd", "token": "public"}]'), {"abcd"}),
        (Body(text='{"password": "a\\"b\\u0063d"}'), {'a"bcd'}),
        (Body(BodyType.NDJSON, '{"a": 1}\n{"api_key": "abcd"}'), {"abcd"}),
        (Body(BodyType.FORM, "a=b\nclient_secret=abcd"), {"abcd"}),
        (Body(BodyType.CSV, "id,password\n1,abcd"), {"abcd"}),
        (Body(BodyType.FILE, path="secret.json"), set()),
    ],
)
def test_a_body_is_looked_through_by_its_members(body: Body, secrets: set[str]) -> None:
    found = typed_secrets("https://h.example/", (), body)
    assert {secret.reveal() for secret in found} == secrets
