"""A new secret, and one that is echoed, is in no body that is kept."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.history.bodies import (
    BodyRedactor,
    creates_service_account,
    redact_new_token,
)
from mixtui.history.record import record_response
from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Draft, Method
from mixtui.model.secrets import REDACTED, Redactor, Secret
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
def test_a_body_that_cannot_be_made_sure_of_is_not_kept(body: bytes) -> None:
    assert redact_new_token(body) is None


@pytest.mark.parametrize("body", [b"{}", b'{"error": "no", "token": null}', b"[1.50]"])
def test_a_body_without_a_token_stays_as_it_came(body: bytes) -> None:
    assert redact_new_token(body) == body


@given(token=st.text(min_size=8), ascii_=st.booleans())
def test_any_token_is_masked_or_nothing_is_kept(token: str, ascii_: bool) -> None:
    body = json.dumps({"results": {"token": token}}, ensure_ascii=ascii_).encode()
    masked = redact_new_token(body)
    if masked is not None:
        assert json.loads(masked)["results"]["token"] == REDACTED


@pytest.mark.parametrize(
    ("method", "url", "makes"),
    [
        (Method.POST, "/organizations/1/service-accounts", True),
        (Method.POST, "/organizations/1/service-accounts/?a=b", True),
        (Method.GET, "/organizations/1/service-accounts", False),
        (Method.POST, "/organizations/1/service-accounts/5/add-to-projects", False),
    ],
)
def test_what_makes_a_service_account(method: Method, url: str, makes: bool) -> None:
    answered = exchange(201, b"{}", request=prepared(method, url, api=Api.APP))
    record = record_response(answered, judge_response(answered), Draft())
    assert creates_service_account(record) == makes
    lower = replace(record, sent=replace(record.sent, method="PUT"))
    assert not creates_service_account(lower)


SECRETS = ("abcdefgh", "abcdefghij", "hijklmno", 'a/b c"dé-long')


@given(
    parts=st.lists(st.sampled_from([*SECRETS, "abcdefg", "x", "hij", "\n"])),
    cuts=st.lists(st.integers(1, 12), min_size=1),
)
def test_a_secret_is_masked_wherever_the_chunks_end(
    parts: list[str], cuts: list[int]
) -> None:
    masker = Redactor(map(Secret, SECRETS))
    body = "".join(parts).encode()
    chunks, at = [], 0
    while at < len(body):
        step = cuts[len(chunks) % len(cuts)]
        chunks.append(body[at : at + step])
        at += step
    hiding = BodyRedactor(masker)
    masked = b"".join(hiding.redact(chunks))
    assert hiding.has_match(chunks) == any(s.encode() in body for s in SECRETS)
    assert masked == b"".join(hiding.redact([body]))
    # Longest first, at each place: what is left holds none that stood whole.
    assert not any(s.encode() in masked for s in SECRETS)


def test_a_short_secret_is_left_in_a_body() -> None:
    hiding = BodyRedactor(Redactor([Secret("10")]))
    assert not hiding.has_match([b"2010"])
    assert b"".join(hiding.redact([b"20", b"10"])) == b"2010"
