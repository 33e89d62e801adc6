"""New and echoed secrets are in no stored body."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mixtui.document.source import Spool
from mixtui.history.bodies import (
    BodyFolder,
    creates_service_account,
    prepare_body,
    redact_new_token,
)
from mixtui.history.record import record_response
from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Draft, Method
from mixtui.model.redaction import Redactor
from mixtui.model.secrets import REDACTED, Secret
from mixtui.outcome.outcome import judge_response
from tests.exchanges import exchange, prepared

TOKEN = 'n3w/s3cret"token'


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"status": "ok", "results": {"id": 1, "token": TOKEN}}),
        json.dumps({"username": "u", "token": TOKEN}, indent=2),
        json.dumps({"results": [{"token": TOKEN}, {"token": "other"}], "x": TOKEN}),
        json.dumps({"token": TOKEN}).replace("/", "\\/"),
        json.dumps({"token": TOKEN, "note": f"it is {TOKEN}!"}),
    ],
)
def test_the_token_of_a_new_service_account_is_masked(body: str) -> None:
    masked = redact_new_token(body.encode())
    assert masked is not None
    assert "n3w" not in masked.decode()
    shape = json.loads(body.replace("n3w", "same"))
    assert json.loads(masked).keys() == shape.keys()
    assert REDACTED in masked.decode()


@pytest.mark.parametrize(
    "body",
    [
        b'{"results": {"token": "n3w',
        b"\x1f\x8b\x08 compressed",
        b'{"token": 12345}',
        b'{"token": "n3w", "again": "\\u006e3w"}',
        b"token=n3w",
    ],
)
def test_a_body_that_cannot_be_redacted_safely_is_not_stored(body: bytes) -> None:
    assert redact_new_token(body) is None


@pytest.mark.parametrize("body", [b"{}", b'{"error": "no", "token": null}', b"[1.50]"])
def test_a_body_without_a_token_stays_as_received(body: bytes) -> None:
    assert redact_new_token(body) == body


@given(token=st.text(min_size=8), ascii_only=st.booleans())
def test_any_token_is_masked_or_the_body_is_not_stored(
    token: str, ascii_only: bool
) -> None:
    body = json.dumps({"results": {"token": token}}, ensure_ascii=ascii_only).encode()
    masked = redact_new_token(body)
    if masked is not None:
        assert json.loads(masked)["results"]["token"] == REDACTED


@pytest.mark.parametrize(
    ("method", "url", "expected"),
    [
        (Method.POST, "/organizations/1/service-accounts", True),
        (Method.POST, "/organizations/1/service-accounts/?a=b", True),
        (Method.GET, "/organizations/1/service-accounts", False),
        (Method.POST, "/organizations/1/service-accounts/5/add-to-projects", False),
    ],
)
def test_only_a_post_to_service_accounts_creates_one(
    method: Method, url: str, expected: bool
) -> None:
    exchanged = exchange(201, b"{}", request=prepared(method, url, api=Api.APP))
    record = record_response(exchanged, judge_response(exchanged), Draft())
    assert creates_service_account(record) == expected
    put = replace(record, sent=replace(record.sent, method="PUT"))
    assert not creates_service_account(put)


def test_a_body_in_memory_is_stored_without_a_second_copy_of_it(tmp_path: Path) -> None:
    rows = b'{"id": "a7f3c9d2e1b4f6a8", "name": "Sign up"},\n' * 100_000
    spool = Spool(tmp_path, in_memory=2 * len(rows))
    spool.write(rows)
    record = record_response(exchange(), judge_response(exchange()), Draft())
    redactor = Redactor([Secret("never-in-this-body")])
    folder = BodyFolder(tmp_path / "bodies")
    tracemalloc.start()
    try:
        stored = prepare_body(record, spool, redactor, folder, 2 * len(rows))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert stored.file is not None
    assert stored.file.read_bytes() == rows
    assert peak < len(rows) / 2
