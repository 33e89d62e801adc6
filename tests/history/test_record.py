"""The stored record of an exchange shows everything but secrets."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from mixtui.history.record import identity, record_failure, record_response
from mixtui.mixpanel.endpoints import Safety
from mixtui.model.draft import AuthChoice, Body, Draft, Pair
from mixtui.model.errors import SendError
from mixtui.model.exchange import SentRequest, Timing
from mixtui.model.secrets import REDACTED, Secret
from mixtui.outcome.outcome import judge_response, no_response_outcome
from tests.exchanges import exchange, prepared

TYPED = "typed-value/9"


def test_a_record_has_the_response_without_its_body() -> None:
    exchanged = exchange(
        200, b"[1, 2]", headers=(("Content-Type", "application/json"),)
    )
    record = record_response(
        exchanged, judge_response(exchanged), Draft(name="x"), file=Path("/x")
    )
    assert record.response is not None
    assert record.response.body == b""
    assert record.response.body_bytes == 6
    assert record.body_bytes == 6
    assert record.response.media_type == "application/json"
    assert (record.name, record.file) == ("x", Path("/x"))
    assert record.timing == exchanged.timing
    assert record.outcome.exit_status == 0
    assert not record.incomplete_draft


@pytest.mark.parametrize("safety", Safety)
def test_the_record_of_a_failure_has_the_prepared_request(safety: Safety) -> None:
    request = prepared(auth=AuthChoice.SERVICE_ACCOUNT, safety=safety)
    outcome = no_response_outcome(SendError("Nothing came.", maybe_done=True))
    timing = Timing(datetime(2026, 1, 2, tzinfo=UTC), 3.0, 3.0)
    record = record_failure(request, outcome, Draft(), timing, request.redactor)
    assert record.response is None
    assert record.body_bytes == 0
    assert record.outcome.detail == "Nothing came."
    assert record.sent.url == request.url
    assert ("Authorization", f"Basic {REDACTED}") in record.sent.headers
    assert record.writes == safety.writes


def test_a_secret_typed_into_a_draft_is_masked_wherever_it_stands() -> None:
    draft = Draft(
        name=f"a {TYPED}",
        tags=(TYPED,),
        url=f"/query/x?k={TYPED}",
        query=(Pair("key", TYPED), Pair(TYPED, "plain")),
        headers=(Pair("X-Key", TYPED), Pair("authorization", "Bearer something")),
        body=Body(text=f'{{"k": "{TYPED}"}}'),
    )
    exchanged = exchange(sensitive=(Secret(TYPED),))
    record = record_response(exchanged, judge_response(exchanged), draft)
    assert TYPED not in repr(record)
    assert "something" not in repr(record)
    assert record.incomplete_draft
    assert record.draft.headers[1].value == f"Bearer {REDACTED}"
    assert record.draft.query[1].value == "plain"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Basic {{env:CI}}", "Basic {{env:CI}}"),
        ("{{ header }}", "{{ header }}"),
        ("Basic abc{{x}}", f"Basic {REDACTED}{{{{x}}}}"),
        ("just-a-token", REDACTED),
        ("", ""),
    ],
)
def test_a_template_in_a_header_is_stored_and_a_literal_is_masked(
    typed: str, stored: str
) -> None:
    draft = Draft(
        headers=(Pair("Authorization", typed),), query=(Pair("q", "{{env:CI}}"),)
    )
    exchanged = exchange(sensitive=(Secret("CI"),))
    record = record_response(exchanged, judge_response(exchanged), draft)
    assert record.draft.headers[0].value == stored
    assert record.draft.query[0].value == "{{env:CI}}"
    assert record.incomplete_draft == (REDACTED in stored)


def test_a_credential_typed_into_a_header_is_masked_everywhere() -> None:
    request = prepared(
        headers=[("Authorization", f"Bearer {TYPED}")], query=[("k", TYPED)]
    )
    exchanged = exchange(request=request, headers=(("X-Echo", TYPED),))
    record = record_response(exchanged, judge_response(exchanged), Draft())
    assert "typed-value" not in repr(record)


def test_a_cookie_in_the_response_is_masked() -> None:
    exchanged = exchange(headers=(("Set-Cookie", "session=abc"), ("X", "y")))
    record = record_response(exchanged, judge_response(exchanged), Draft())
    assert record.response is not None
    assert record.response.headers == (("Set-Cookie", REDACTED), ("X", "y"))


def test_a_secret_in_a_compressed_body_is_masked() -> None:
    exchanged = exchange(sensitive=(Secret(TYPED),))
    body = gzip.compress(TYPED.encode())
    headers = (("Content-Encoding", "gzip"),)
    sent = SentRequest("POST", "https://x", "HTTP/1.1", headers, body)
    record = record_response(
        replace(exchanged, sent=sent), judge_response(exchanged), Draft()
    )
    assert gzip.decompress(record.sent.body) == REDACTED.encode()


def test_a_short_secret_in_a_body_that_was_sent_is_masked_as_a_word() -> None:
    exchanged = exchange(sensitive=(Secret("4711"),))
    body = b'{"pin": "4711", "count": 147110}'
    sent = SentRequest("POST", "https://x?pin=4711", "HTTP/1.1", (), body)
    record = record_response(
        replace(exchanged, sent=sent), judge_response(exchanged), Draft()
    )
    assert record.sent.body == body.replace(b"4711", REDACTED.encode(), 1)
    assert record.sent.url == f"https://x?pin={REDACTED}"


def test_a_lone_surrogate_in_a_draft_is_replaced() -> None:
    exchanged = exchange()
    record = record_response(
        exchanged, judge_response(exchanged), Draft(name="a\ud800b")
    )
    assert record.draft.name == "a?b"


def test_the_identity_is_the_saved_request_or_method_and_path() -> None:
    unsaved = identity(None, "GET", "https://mixpanel.com/api/query/events?a=1#b")
    assert (unsaved.file, unsaved.method, unsaved.path) == (
        None,
        "GET",
        "/api/query/events",
    )
    assert identity(Path("/x"), "GET", "https://[").path == "https://["


def test_a_literal_in_braces_that_is_a_secret_is_masked() -> None:
    # “my secret” is not the name of a template: its braces are literal text.
    request = replace(
        prepared(), sensitive=(Secret("{{my secret}}"), Secret("s3cret ü"))
    )
    draft = Draft(
        url="/query/{{my secret}}",
        query=(Pair("a", "{{s3cret ü}}"), Pair("b", "{{plan}}")),
        headers=(Pair("Authorization", "Bearer {{my secret}}"),),
        body=Body(text='{"k": "{{my secret}}"}'),
    )
    outcome = no_response_outcome(SendError("Nothing came.", maybe_done=False))
    timing = Timing(datetime(2026, 1, 2, tzinfo=UTC), 3.0, 3.0)
    record = record_failure(request, outcome, draft, timing, request.redactor)
    assert record.incomplete_draft
    assert record.draft.url == f"/query/{REDACTED}"
    assert [pair.value for pair in record.draft.query] == [
        f"{{{{{REDACTED}}}}}",
        "{{plan}}",
    ]
    assert record.draft.headers == (Pair("Authorization", f"Bearer {REDACTED}"),)
    assert record.draft.body == Body(text=f'{{"k": "{REDACTED}"}}')
